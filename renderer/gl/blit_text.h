/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_GL_BLIT_TEXT_H
#define MANTUA_GL_BLIT_TEXT_H

/* The GLSL of blits: text for a key, no GL calls. */

#include "device.h"

enum blit_sampler_kind {
    SAMPLER_1D,
    SAMPLER_2D,
    SAMPLER_3D,
    SAMPLER_RECT,
    SAMPLER_1D_ARRAY,
    SAMPLER_2D_ARRAY,
    SAMPLER_CUBE, /* hosts without texture views only */
    SAMPLER_2D_MS,
    SAMPLER_2D_MS_ARRAY,
};

enum blit_value_kind { VALUE_FLOAT, VALUE_INT, VALUE_UINT };

enum blit_output_kind {
    OUTPUT_COLOR,
    OUTPUT_DEPTH,
    OUTPUT_STENCIL,     /* exported by the shader */
    OUTPUT_STENCIL_BIT, /* fragments whose bit is clear are discarded */
};

enum blit_sample_kind { SAMPLE_NONE, SAMPLE_RESOLVE, SAMPLE_EACH };

struct blit_program_key {
    uint8_t sampler, source, target, output, samples, linear;
};

struct blit_text {
    char data[4096];
    size_t length;
};

/* Both add to text, which starts zeroed. */
void gl_blit_vertex_text(struct blit_text *text, const struct gl_features *feat);
void gl_blit_fragment_text(struct blit_text *text, const struct gl_features *feat,
                           const struct blit_program_key *key);

#endif
