/* SPDX-License-Identifier: MIT */
#include "internal.h"

static int lookup(struct front_context *ctx, const char *field, uint32_t handle,
                  struct front_object **out)
{
    *out = NULL;
    if (!handle)
        return 0;
    *out = front_lookup(ctx, handle, VIRGL_OBJECT_TYPE_SURFACE);
    if (front_unlikely(!*out))
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_SURFACE, field, handle, 0, "no surface");
    return 0;
}

int front_set_framebuffer_state(struct front_context *ctx,
                                const struct virgl_cmd_set_framebuffer_state *cmd)
{
    struct draw_state *state = &ctx->sub->state;
    struct front_object *cbufs[VIRGL_MAX_COLOR_BUFFERS] = { NULL }, *zsurf;
    bool changed;
    int error;

    if (cmd->nr_cbufs > ctx->backend->limits.max_render_targets)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "nr_cbufs", cmd->nr_cbufs,
                          ctx->backend->limits.max_render_targets,
                          "more colour buffers than the host has");
    error = lookup(ctx, "zsurf", cmd->zsurf, &zsurf);
    for (uint32_t i = 0; i < cmd->cbuf_count && !error; i++)
        error = lookup(ctx, "cbuf", cmd->cbuf[i], &cbufs[i]);
    if (error)
        return error;

    changed = state->framebuffer.nr_cbufs != cmd->nr_cbufs;
    state->framebuffer.nr_cbufs = cmd->nr_cbufs;
    changed |= front_assign(ctx, FRONT_SLOT(&state->framebuffer.zsurf), zsurf);
    for (uint32_t i = 0; i < VIRGL_MAX_COLOR_BUFFERS; i++)
        changed |= front_assign(ctx, FRONT_SLOT(&state->framebuffer.cbufs[i]), cbufs[i]);
    if (changed)
        state->dirty |= DIRTY_FRAMEBUFFER;
    return 0;
}

int front_set_framebuffer_state_no_attach(
    struct front_context *ctx, const struct virgl_cmd_set_framebuffer_state_no_attach *cmd)
{
    const struct backend_limits *limits = &ctx->backend->limits;
    struct draw_state *state = &ctx->sub->state;

    if (cmd->width > limits->max_texture_2d_px || cmd->height > limits->max_texture_2d_px)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "width",
                          cmd->width > cmd->height ? cmd->width : cmd->height,
                          limits->max_texture_2d_px, "larger than the host can render");
    if (state->framebuffer.width_px == cmd->width && state->framebuffer.height_px == cmd->height &&
        state->framebuffer.layers == cmd->layers && state->framebuffer.samples == cmd->samples)
        return 0;
    state->framebuffer.width_px = cmd->width;
    state->framebuffer.height_px = cmd->height;
    state->framebuffer.layers = cmd->layers;
    state->framebuffer.samples = cmd->samples;
    state->dirty |= DIRTY_FRAMEBUFFER;
    return 0;
}
