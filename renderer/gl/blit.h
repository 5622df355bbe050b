/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_GL_BLIT_H
#define MANTUA_GL_BLIT_H

/* One BLIT command, prepared for whoever carries it out. */

#include "resource.h"

struct blit {
    struct resource *dst, *src;
    const struct gl_format *dst_format, *src_format; /* as the command views them */
    uint32_t dst_level, src_level;
    struct box dst_box, src_box; /* sizes may be negative: flipped */
    uint32_t mask;               /* VIRGL_BLIT_MASK_* that both sides have */
    bool linear;
    bool alpha_blend;
    bool scissor_enable;
    int32_t scissor[4]; /* x, y, width, height */
};

/* Draws the blit: whatever glBlitFramebuffer cannot. False when the host cannot either. */
bool gl_blit_by_shader(struct gl_context *ctx, const struct blit *b);
void gl_blit_programs_free(struct gl_device *dev);

/* The source's depth that belongs to layer i of |dst depth| layers, at its centre. */
static inline float blit_source_z(const struct blit *b, int32_t i)
{
    int32_t dst_depth = b->dst_box.depth < 0 ? -b->dst_box.depth : b->dst_box.depth;
    return b->src_box.z + ((float)i + 0.5f) * (float)b->src_box.depth / (float)dst_depth;
}

#endif
