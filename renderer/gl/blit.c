/* SPDX-License-Identifier: MIT */
#include "blit.h"

#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "draw.h"

enum { MASK_COLOR = VIRGL_BLIT_MASK_R | VIRGL_BLIT_MASK_G | VIRGL_BLIT_MASK_B | VIRGL_BLIT_MASK_A };

/* The colour components that a format has of its own. */
static uint32_t components(const struct gl_format *f)
{
    uint32_t mask = 0;
    for (unsigned c = 0; c < 4; c++) {
        if (f->info->swizzle[c] <= VIRGL_SWIZZLE_W)
            mask |= VIRGL_BLIT_MASK_R << c;
    }
    return mask;
}

enum numeric { NUMERIC_FLOAT, NUMERIC_INT, NUMERIC_UINT };

static enum numeric numeric(const struct gl_format *f)
{
    if (!f->integer)
        return NUMERIC_FLOAT;
    return f->info->channels[0].type == VIRGL_CHANNEL_TYPE_UINT ? NUMERIC_UINT : NUMERIC_INT;
}

/* Storage channels mean the same on both sides, or the difference does not show. */
static bool same_channels(const struct gl_format *dst, const struct gl_format *src)
{
    if (!memcmp(dst->swizzle, src->swizzle, 4))
        return true;
    return dst->no_alpha && !src->has_swizzle;
}

static int32_t magnitude(int32_t v)
{
    return v < 0 ? -v : v;
}

static bool samples_allow(const struct gl_context *ctx, const struct blit *b)
{
    uint32_t src = b->src->desc.nr_samples > 1 ? b->src->desc.nr_samples : 1;
    uint32_t dst = b->dst->desc.nr_samples > 1 ? b->dst->desc.nr_samples : 1;

    if (src == 1 && dst == 1)
        return true;
    if (b->src_box.width != b->dst_box.width || b->src_box.height != b->dst_box.height ||
        b->src_format->internalformat != b->dst_format->internalformat)
        return false;
    if (src == 1)
        return !ctx->dev->feat.gles;
    if (dst > 1)
        return src == dst;
    return !ctx->dev->feat.gles ||
           (b->src_box.x == b->dst_box.x && b->src_box.y == b->dst_box.y);
}

static bool scaled(const struct blit *b)
{
    return magnitude(b->src_box.width) != magnitude(b->dst_box.width) ||
           magnitude(b->src_box.height) != magnitude(b->dst_box.height);
}

static bool framebuffer_can(const struct gl_context *ctx, const struct blit *b)
{
    const struct gl_format *df = b->dst_format, *sf = b->src_format;
    const struct gl_format *dst_storage = gl_resource(b->dst)->format;
    const struct gl_format *src_storage = gl_resource(b->src)->format;

    if (b->alpha_blend || !samples_allow(ctx, b))
        return false;
    if (!dst_storage->renderable || !src_storage->renderable)
        return false;
    if (b->mask & MASK_COLOR) {
        if ((components(df) & ~b->mask) || !df->renderable || !sf->renderable ||
            numeric(df) != numeric(sf) || !same_channels(df, sf))
            return false;
    } else if (dst_storage->internalformat != src_storage->internalformat) {
        return false;
    }
    /* Mip levels of depth are made with linear filtering, which GL's blit refuses. */
    if ((b->mask & VIRGL_BLIT_MASK_Z) && b->linear && scaled(b))
        return false;
    bool z_scaled = magnitude(b->src_box.depth) != magnitude(b->dst_box.depth);
    return !(z_scaled && b->linear && gl_resource(b->src)->target == GL_TEXTURE_3D);
}

static bool blit_layer(struct gl_context *ctx, const struct blit *b, uint32_t dst_layer,
                       uint32_t src_layer)
{
    const struct box *d = &b->dst_box, *s = &b->src_box;
    GLuint read = gl_framebuffer_single(ctx, b->src, b->src_format->info->number, b->src_level,
                                        src_layer);
    GLuint draw = gl_framebuffer_single(ctx, b->dst, b->dst_format->info->number, b->dst_level,
                                        dst_layer);
    GLbitfield buffers = 0;

    if (!read || !draw)
        return false;
    if (b->mask & MASK_COLOR)
        buffers |= GL_COLOR_BUFFER_BIT;
    if (b->mask & VIRGL_BLIT_MASK_Z)
        buffers |= GL_DEPTH_BUFFER_BIT;
    if (b->mask & VIRGL_BLIT_MASK_S)
        buffers |= GL_STENCIL_BUFFER_BIT;
    bool linear = b->linear && buffers == GL_COLOR_BUFFER_BIT && !b->src_format->integer;
    gl_state_bind_framebuffer(&ctx->state, GL_READ_FRAMEBUFFER, read);
    gl_state_bind_framebuffer(&ctx->state, GL_DRAW_FRAMEBUFFER, draw);
    glBlitFramebuffer(s->x, s->y, s->x + s->width, s->y + s->height, d->x, d->y, d->x + d->width,
                      d->y + d->height, buffers, linear ? GL_LINEAR : GL_NEAREST);
    return true;
}

/* 1D arrays have their layers in z on both sides; everything else too. */
static bool blit_by_framebuffer(struct gl_context *ctx, const struct blit *b)
{
    int32_t layers = magnitude(b->dst_box.depth);
    uint32_t src_layers = resource_level_layers(b->src, b->src_level);

    gl_state_scissor_disable_all(&ctx->state);
    if (b->scissor_enable)
        gl_state_scissor(&ctx->state, 0, true, b->scissor);
    if (ctx->dev->feat.srgb_write_control)
        gl_state_set_cap(&ctx->state, GL_CAP_FRAMEBUFFER_SRGB, true);
    gl_state_set_cap(&ctx->state, GL_CAP_DITHER, false);
    gl_state_color_mask_all(&ctx->state, 0xf);
    gl_state_depth_mask(&ctx->state, true);
    gl_state_stencil_write_mask(&ctx->state, ~0u);
    for (int32_t i = 0; i < layers; i++) {
        int32_t dst_z = b->dst_box.depth < 0 ? b->dst_box.z - 1 - i : b->dst_box.z + i;
        float src_z = blit_source_z(b, i);
        uint32_t src_layer = src_z < 0 ? 0 : (uint32_t)src_z;
        if (src_layer >= src_layers)
            src_layer = src_layers - 1;
        if (!blit_layer(ctx, b, dst_z, src_layer))
            return false;
    }
    return true;
}

static bool prepare(struct gl_context *ctx, struct blit *b, const struct virgl_cmd_blit *cmd,
                    struct resource *dst, struct resource *src)
{
    struct back_resource *d = gl_resource(dst), *s = gl_resource(src);

    if (!d || !s || d->is_buffer || s->is_buffer)
        return false;
    b->dst = dst;
    b->src = src;
    b->dst_format = gl_format(ctx->dev, cmd->dst_format);
    b->src_format = gl_format(ctx->dev, cmd->src_format);
    if (d->format->depth || d->format->stencil)
        b->dst_format = d->format;
    if (s->format->depth || s->format->stencil)
        b->src_format = s->format;
    if (!b->dst_format->internalformat || !b->src_format->internalformat)
        return false;
    b->dst_level = cmd->dst_level;
    b->src_level = cmd->src_level;
    b->dst_box = (struct box){cmd->dst_x,     cmd->dst_y,      cmd->dst_z,
                              cmd->dst_width, cmd->dst_height, cmd->dst_depth};
    b->src_box = (struct box){cmd->src_x,     cmd->src_y,      cmd->src_z,
                              cmd->src_width, cmd->src_height, cmd->src_depth};
    if (!b->dst_box.width || !b->dst_box.height || !b->dst_box.depth || !b->src_box.depth)
        return false;
    b->mask = cmd->mask;
    bool zs_dst = d->format->depth || d->format->stencil;
    bool zs_src = s->format->depth || s->format->stencil;
    if (zs_dst || zs_src)
        b->mask &= ~MASK_COLOR;
    if (!d->format->depth || !s->format->depth)
        b->mask &= ~VIRGL_BLIT_MASK_Z;
    if (!d->format->stencil || !s->format->stencil)
        b->mask &= ~VIRGL_BLIT_MASK_S;
    b->linear = cmd->filter == VIRGL_TEX_FILTER_LINEAR;
    b->alpha_blend = cmd->alpha_blend && !b->dst_format->integer;
    b->scissor_enable = cmd->scissor_enable;
    b->scissor[0] = cmd->scissor_minx;
    b->scissor[1] = cmd->scissor_miny;
    b->scissor[2] = cmd->scissor_maxx > cmd->scissor_minx ? cmd->scissor_maxx - cmd->scissor_minx
                                                          : 0;
    b->scissor[3] = cmd->scissor_maxy > cmd->scissor_miny ? cmd->scissor_maxy - cmd->scissor_miny
                                                          : 0;
    return b->mask != 0;
}

void gl_blit(struct backend_context *base, const struct virgl_cmd_blit *cmd,
             struct resource *dst, struct resource *src)
{
    struct gl_context *ctx = gl_context(base);
    struct blit b;

    if (!prepare(ctx, &b, cmd, dst, src))
        return;
    gl_debug_group_begin(ctx->dev, "blit");
    gl_draw_suspend(ctx);
    bool wanted = !cmd->render_condition_enable || gl_draw_render_condition(ctx, true);
    bool done = !wanted || (framebuffer_can(ctx, &b) && blit_by_framebuffer(ctx, &b));
    if (!done && !gl_blit_by_shader(ctx, &b))
        log_guest_error(ctx->dev->base.log, "ctx %u: BLIT from %s to %s: not possible here",
                        base->ctx_id, b.src_format->info->name, b.dst_format->info->name);
    gl_draw_resume(ctx);
    gl_debug_group_end(ctx->dev);
}
