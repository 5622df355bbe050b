/* SPDX-License-Identifier: MIT */
#include "internal.h"

/* The elements that a view of a buffer shows, cut to the buffer. */
static int check_buffer_range(struct front_context *ctx, const struct resource *res,
                              struct virgl_obj_sampler_view *desc)
{
    const struct virgl_format_info *format = virgl_format_info(desc->format);
    uint32_t elements;

    if (!format || !format->block_bytes || format->is_compressed)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_FORMAT, "format", desc->format, 0,
                          "not a format for buffers");
    elements = res->desc.width / format->block_bytes;
    if (desc->first_element >= elements || desc->last_element < desc->first_element)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "first_element",
                          desc->first_element, elements, "elements outside the buffer");
    if (desc->last_element >= elements)
        desc->last_element = elements - 1;
    return 0;
}

/* Levels and layers, cut to the texture: guests name more than there is for 3D textures. */
static int check_texture_range(struct front_context *ctx, const struct resource *res,
                               struct virgl_obj_sampler_view *desc)
{
    uint32_t layers;

    if (desc->last_level > res->desc.last_level)
        desc->last_level = res->desc.last_level;
    if (desc->first_level > desc->last_level)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "first_level",
                          desc->first_level, desc->last_level, "levels outside the texture");
    layers = resource_level_layers(res, 0);
    if (desc->last_layer >= layers)
        desc->last_layer = layers - 1;
    if (desc->first_layer > desc->last_layer)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "first_layer",
                          desc->first_layer, desc->last_layer, "layers outside the texture");
    return 0;
}

int front_create_sampler_view(struct front_context *ctx,
                              const struct virgl_obj_sampler_view *desc)
{
    struct resource *res = front_resource(ctx, desc->resource);
    struct virgl_obj_sampler_view checked = *desc;
    struct front_sampler_view *view;
    bool is_buffer;
    int error;

    if (!res ||
        (res->storage != RESOURCE_STORAGE_BUFFER && res->storage != RESOURCE_STORAGE_TEXTURE))
        return front_fail_resource(ctx, "resource", desc->resource, "cannot be sampled");
    if (!front_format_in(ctx->backend->limits.format_supported, desc->format))
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_FORMAT, "format", desc->format,
                          VIRGL_FORMAT_COUNT - 1, "the host has no such format");
    is_buffer = res->storage == RESOURCE_STORAGE_BUFFER;
    /* Guests that were not told of texture views leave the target 0: the resource's own. */
    if (!is_buffer && desc->target == VIRGL_TEXTURE_TARGET_BUFFER)
        checked.target = res->desc.target;
    if (is_buffer && desc->target != VIRGL_TEXTURE_TARGET_BUFFER)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_SAMPLER_VIEW_TARGET, "target",
                          desc->target, res->desc.target, "does not fit the resource");
    error = is_buffer ? check_buffer_range(ctx, res, &checked)
                      : check_texture_range(ctx, res, &checked);
    if (error)
        return error;

    view = front_object_new(ctx, VIRGL_OBJECT_TYPE_SAMPLER_VIEW, desc->handle, sizeof(*view), 0);
    if (!view)
        return EINVAL;
    view->desc = checked;
    view->res = resource_ref(res);
    return front_object_publish(ctx, &view->base);
}

int front_set_sampler_views(struct front_context *ctx,
                            const struct virgl_cmd_set_sampler_views *cmd)
{
    struct draw_state *state = &ctx->sub->state;
    struct state_stage *stage = &state->stage[cmd->stage];
    const uint32_t end = cmd->start_slot + cmd->view_count;
    const uint32_t bound = ctx->sub->view_slots[cmd->stage];
    uint64_t changed[2] = { 0, 0 };
    int error = 0;

    for (uint32_t i = 0; i < cmd->view_count; i++) {
        const uint32_t slot = cmd->start_slot + i;
        struct front_object *view = NULL;

        if (cmd->view[i]) {
            view = front_lookup(ctx, cmd->view[i], VIRGL_OBJECT_TYPE_SAMPLER_VIEW);
            if (front_unlikely(!view)) {
                error = front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_HANDLE, "view", cmd->view[i], 0,
                                   "no sampler view");
                break;
            }
        }
        if (front_assign(ctx, FRONT_SLOT(&stage->views[slot]), view))
            changed[slot / 64] |= 1ull << (slot % 64);
    }
    for (uint32_t slot = end; slot < bound && !error; slot++) {
        if (front_assign(ctx, FRONT_SLOT(&stage->views[slot]), NULL))
            changed[slot / 64] |= 1ull << (slot % 64);
    }
    if (changed[0] | changed[1]) {
        uint32_t slots = bound > end ? bound : end;

        while (slots > 0 && !stage->views[slots - 1])
            slots--;
        ctx->sub->view_slots[cmd->stage] = slots;
        stage->views_dirty[0] |= changed[0];
        stage->views_dirty[1] |= changed[1];
        state->dirty |= DIRTY_STAGE(cmd->stage);
    }
    return error;
}
