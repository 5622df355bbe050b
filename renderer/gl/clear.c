/* SPDX-License-Identifier: MIT */
#include "resource.h"

#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "draw_context.h"

/* Clears see no masks, scissors or discard; what they open, the next draw closes again. */
static void open_masks(struct gl_context *ctx, bool color, bool depth, bool stencil)
{
    if (color)
        gl_state_color_mask_all(&ctx->state, 0xf);
    if (depth)
        gl_state_depth_mask(&ctx->state, true);
    if (stencil)
        gl_state_stencil_write_mask(&ctx->state, ~0u);
    gl_state_set_cap(&ctx->state, GL_CAP_RASTERIZER_DISCARD, false);
    gl_state_set_cap(&ctx->state, GL_CAP_DITHER, false);
}

/* The value's bits mean what the target's format says. */
static void clear_color(const struct gl_format *f, unsigned index, const uint32_t color[4])
{
    union {
        uint32_t u[4];
        GLint i[4];
        GLfloat f[4];
    } value;

    memcpy(value.u, color, sizeof(value.u));
    /* Kept in red: the format's only channel. */
    if (f->alpha_in_red)
        value.u[0] = value.u[3];
    if (!f->integer)
        glClearBufferfv(GL_COLOR, index, value.f);
    else if (f->info->channels[0].type == VIRGL_CHANNEL_TYPE_UINT)
        glClearBufferuiv(GL_COLOR, index, value.u);
    else
        glClearBufferiv(GL_COLOR, index, value.i);
}

static void clear_depth_stencil(bool depth, bool stencil, double depth_value,
                                uint32_t stencil_value)
{
    GLfloat d = (GLfloat)depth_value;
    GLint s = (GLint)(stencil_value & 0xff);

    if (depth && stencil)
        glClearBufferfi(GL_DEPTH_STENCIL, 0, d, s);
    else if (depth)
        glClearBufferfv(GL_DEPTH, 0, &d);
    else if (stencil)
        glClearBufferiv(GL_STENCIL, 0, &s);
}

void gl_clear(struct backend_context *base, uint32_t buffers, const uint32_t color[4],
              double depth, uint32_t stencil)
{
    struct gl_context *ctx = gl_context(base);
    const struct draw_state *state = base->state;

    gl_debug_group_begin(ctx->dev, "clear");
    ctx->draw->cleared = true;
    if (gl_draw_render_condition(ctx, true) && gl_framebuffer_bind_state(ctx)) {
        const struct front_surface *zsurf = state->framebuffer.zsurf;
        bool clear_z = zsurf && (buffers & VIRGL_CLEAR_DEPTH);
        bool clear_s = zsurf && (buffers & VIRGL_CLEAR_STENCIL);
        if (zsurf && gl_resource(zsurf->res)) {
            const struct gl_format *f = gl_resource(zsurf->res)->format;
            clear_z = clear_z && f && f->depth;
            clear_s = clear_s && f && f->stencil;
        }
        gl_state_scissor_disable_all(&ctx->state);
        open_masks(ctx, buffers & ~(VIRGL_CLEAR_DEPTH | VIRGL_CLEAR_STENCIL), clear_z, clear_s);
        for (unsigned i = 0; i < state->framebuffer.nr_cbufs; i++) {
            const struct front_surface *surface = state->framebuffer.cbufs[i];
            if (!surface || !(buffers & (VIRGL_CLEAR_COLOR0 << i)))
                continue;
            const struct gl_format *f = gl_format(ctx->dev, surface->desc.format);
            if (f->info)
                clear_color(f, i, color);
        }
        clear_depth_stencil(clear_z, clear_s, depth, stencil);
    }
    gl_debug_group_end(ctx->dev);
}

void gl_clear_surface(struct backend_context *base, const struct virgl_cmd_clear_surface *cmd,
                      struct front_surface *surface)
{
    struct gl_context *ctx = gl_context(base);
    struct back_resource *back = surface->res ? gl_resource(surface->res) : NULL;

    if (!back || back->is_buffer || !cmd->width || !cmd->height)
        return;
    ctx->draw->cleared = true;
    const struct gl_format *storage = back->format;
    bool zs = storage->depth || storage->stencil;
    struct gl_framebuffer_key key;
    struct gl_attachment a = {
        .res = surface->res,
        .format = surface->desc.format,
        .level = surface->desc.level,
        .first_layer = surface->desc.first_layer,
        .last_layer = surface->desc.last_layer,
        .sample_count = surface->sample_count,
    };
    memset(&key, 0, sizeof(key));
    if (zs) {
        key.zsurf = a;
    } else {
        key.cbufs[0] = a;
        key.nr_cbufs = 1;
    }

    if (!cmd->render_condition_enable)
        gl_draw_suspend(ctx);
    else if (!gl_draw_render_condition(ctx, true))
        return;
    GLuint fbo = gl_framebuffer_get(ctx, &key);
    if (fbo) {
        int32_t rect[4] = {cmd->x, cmd->y, cmd->width, cmd->height};
        gl_state_bind_framebuffer(&ctx->state, GL_DRAW_FRAMEBUFFER, fbo);
        gl_state_scissor_disable_all(&ctx->state);
        for (unsigned i = 0; i < (unsigned)ctx->dev->feat.max_viewports &&
                             i < GL_STATE_MAX_VIEWPORTS; i++)
            gl_state_scissor(&ctx->state, i, true, rect);
        open_masks(ctx, !zs, storage->depth, storage->stencil);
        if (zs) {
            uint64_t bits = (uint64_t)cmd->color_1 << 32 | cmd->color_0;
            double depth;
            memcpy(&depth, &bits, sizeof(depth));
            clear_depth_stencil(storage->depth && (cmd->buffers & VIRGL_CLEAR_DEPTH),
                                storage->stencil && (cmd->buffers & VIRGL_CLEAR_STENCIL), depth,
                                cmd->color_3);
        } else {
            const uint32_t color[4] = {cmd->color_0, cmd->color_1, cmd->color_2, cmd->color_3};
            const struct gl_format *f = gl_format(ctx->dev, surface->desc.format);
            if (ctx->dev->feat.srgb_write_control)
                gl_state_set_cap(&ctx->state, GL_CAP_FRAMEBUFFER_SRGB, f->srgb);
            if (f->info)
                clear_color(f, 0, color);
        }
    }
    if (!cmd->render_condition_enable)
        gl_draw_resume(ctx);
}

/* For hosts that cannot clear a texture: the same texel over and over, as an upload. */
static void clear_by_upload(struct gl_device *dev, struct resource *res, uint32_t level,
                            const struct box *box, const uint32_t data[4])
{
    size_t texel_bytes = res->format->block_bytes;
    uint32_t columns = (box->width + res->format->block_w_px - 1) / res->format->block_w_px;
    uint32_t rows = (box->height + res->format->block_h_px - 1) / res->format->block_h_px;
    size_t row_bytes = columns * texel_bytes;
    uint8_t *row = malloc(row_bytes);
    /* Every row of the upload is the same memory. */
    struct iovec *iov = calloc(rows, sizeof(*iov));

    if (row && iov) {
        for (uint32_t i = 0; i < columns; i++)
            memcpy(row + i * texel_bytes, data, texel_bytes);
        for (uint32_t i = 0; i < rows; i++)
            iov[i] = (struct iovec){row, row_bytes};
        for (int32_t layer = 0; layer < box->depth; layer++) {
            struct transfer t = {
                .level = level,
                .stride_bytes = row_bytes,
                .layer_stride_bytes = row_bytes * rows,
                .box = {box->x, box->y, box->z + layer, box->width, box->height, 1},
                .iov = iov,
                .iov_count = rows,
            };
            gl_texture_write(dev, res, &t);
        }
    }
    free(row);
    free(iov);
}

void gl_clear_texture(struct backend_context *base, struct resource *res, uint32_t level,
                      const struct box *box, const uint32_t data[4])
{
    struct gl_context *ctx = gl_context(base);
    struct back_resource *back = gl_resource(res);
    uint8_t texel[16] = {0};

    if (!back || back->is_buffer || back->format->info->block_bytes > sizeof(texel))
        return;
    const struct gl_format *f = back->format;
    if (!ctx->dev->feat.clear_texture || f->compressed) {
        clear_by_upload(ctx->dev, res, level, box, data);
        return;
    }
    gl_repack_to_gl(f, texel, data, 1);
    bool rows_are_layers = back->target == GL_TEXTURE_1D_ARRAY;
    GLint y = rows_are_layers ? box->z : box->y, z = rows_are_layers ? 0 : box->z;
    GLsizei height = rows_are_layers ? box->depth : box->height;
    GLsizei depth = rows_are_layers ? 1 : box->depth;
    glClearTexSubImage(back->name, level, box->x, y, z, box->width, height, depth, f->format,
                       f->type, texel);
}
