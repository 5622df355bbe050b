/* SPDX-License-Identifier: MIT */
/* Properties of texture targets. */
#ifndef MANTUA_SHADER_TARGET_H
#define MANTUA_SHADER_TARGET_H

#include "shader.h"

struct tex_target {
    const char *sampler; /* suffix of sampler types: "2DArray" */
    const char *image;   /* suffix of image types */
    uint8_t dims;        /* spatial coordinates, 3 for cubes */
    uint8_t coords;      /* with layer, without reference */
    int8_t reference;    /* component with the shadow reference, 4: second operand, -1 none */
    bool array, shadow, multisample, cube;
};

const struct tex_target *tex_target(unsigned target); /* never NULL; sampler NULL for UNKNOWN */

#endif
