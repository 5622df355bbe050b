/* SPDX-License-Identifier: MIT */
#include "internal.h"

/* Which of the CLEAR bits have something to clear. */
static uint32_t attached_buffers(const struct draw_state *state)
{
    uint32_t attached = 0;

    if (state->framebuffer.zsurf)
        attached |= VIRGL_CLEAR_DEPTH | VIRGL_CLEAR_STENCIL;
    for (uint32_t i = 0; i < state->framebuffer.nr_cbufs; i++) {
        if (state->framebuffer.cbufs[i])
            attached |= (uint32_t)VIRGL_CLEAR_COLOR0 << i;
    }
    return attached;
}

int front_clear(struct front_context *ctx, const struct virgl_cmd_clear *cmd)
{
    const uint32_t color[4] = { cmd->color_0, cmd->color_1, cmd->color_2, cmd->color_3 };
    const uint32_t buffers = cmd->buffers & attached_buffers(&ctx->sub->state);

    if (buffers)
        ctx->ops->clear(ctx->sub->back, buffers, color, cmd->depth, cmd->stencil);
    return 0;
}

int front_clear_surface(struct front_context *ctx, const struct virgl_cmd_clear_surface *cmd)
{
    struct front_surface *surface = front_lookup(ctx, cmd->surface, VIRGL_OBJECT_TYPE_SURFACE);
    struct virgl_cmd_clear_surface clipped = *cmd;
    uint32_t width_px, height_px;

    if (!surface)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_SURFACE, "surface", cmd->surface, 0,
                          "no surface");
    if (!front_format_in(ctx->backend->limits.format_renderable, surface->desc.format))
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_FORMAT, "surface", surface->desc.format, 0,
                          "format cannot be rendered to");
    width_px = minify_px(surface->res->desc.width, surface->desc.level);
    height_px = minify_px(surface->res->desc.height, surface->desc.level);
    if (cmd->x >= width_px || cmd->y >= height_px)
        return 0;
    if (clipped.width > width_px - cmd->x)
        clipped.width = width_px - cmd->x;
    if (clipped.height > height_px - cmd->y)
        clipped.height = height_px - cmd->y;
    if (clipped.width && clipped.height && clipped.buffers)
        ctx->ops->clear_surface(ctx->sub->back, &clipped, surface);
    return 0;
}

int front_clear_texture(struct front_context *ctx, const struct virgl_cmd_clear_texture *cmd)
{
    const uint32_t data[4] = { cmd->data_0, cmd->data_1, cmd->data_2, cmd->data_3 };
    const struct box box = { cmd->x, cmd->y, cmd->z, cmd->width, cmd->height, cmd->depth };
    struct resource *res = front_resource(ctx, cmd->resource);

    if (!res || res->storage != RESOURCE_STORAGE_TEXTURE)
        return front_fail_resource(ctx, "resource", cmd->resource, "not a texture");
    if (cmd->level > res->desc.last_level)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_RESOURCE, "level", cmd->level,
                          res->desc.last_level, "level outside the texture");
    if (!resource_box_inside(res, cmd->level, &box))
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_RESOURCE, "width", (uint32_t)cmd->width,
                          minify_px(res->desc.width, cmd->level), "box outside the level");
    ctx->ops->clear_texture(ctx->sub->back, res, cmd->level, &box, data);
    return 0;
}
