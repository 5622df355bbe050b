/* SPDX-License-Identifier: MIT */
/* What shaders write to: storage buffers, atomic counter buffers, images. */
#include "internal.h"

/* Returns whether the range changed. */
static bool set_range(struct state_buffer_range *range, struct resource *res, uint32_t offset_bytes,
                      uint32_t size_bytes)
{
    if (range->res == res && range->offset_bytes == offset_bytes &&
        range->size_bytes == size_bytes)
        return false;
    resource_assign(&range->res, res);
    range->offset_bytes = offset_bytes;
    range->size_bytes = size_bytes;
    return true;
}

static int check_shader_buffer(struct front_context *ctx,
                               const struct virgl_set_shader_buffers_buffer *in,
                               struct resource **out)
{
    const uint32_t alignment_bytes = ctx->backend->limits.ssbo_offset_alignment_bytes;
    struct resource *res = front_buffer(ctx, in->resource);

    *out = res;
    if (!res)
        return front_fail_resource(ctx, "resource", in->resource, "not a buffer of the host");
    if (!front_range_inside(in->offset, in->size, res->desc.width))
        return front_fail(ctx, VIRGL_CTX_ERROR_SSBO_BINDING_RANGE, "size",
                          (uint64_t)in->offset + in->size, res->desc.width,
                          "range outside the buffer");
    if (alignment_bytes > 1 && in->offset % alignment_bytes)
        return front_fail(ctx, VIRGL_CTX_ERROR_SSBO_BINDING_RANGE, "offset", in->offset,
                          alignment_bytes, "offset is not aligned");
    if (in->size == 0)
        *out = NULL;
    return 0;
}

int front_set_shader_buffers(struct front_context *ctx,
                             const struct virgl_cmd_set_shader_buffers *cmd)
{
    struct draw_state *state = &ctx->sub->state;
    struct state_stage *stage = &state->stage[cmd->stage];

    for (uint32_t i = 0; i < cmd->buffer_count; i++) {
        const struct virgl_set_shader_buffers_buffer *in = &cmd->buffer[i];
        const uint32_t slot = cmd->start_slot + i;
        struct resource *res = NULL;

        if (in->resource) {
            int error = check_shader_buffer(ctx, in, &res);

            if (error)
                return error;
        }
        if (!set_range(&stage->ssbos[slot], res, res ? in->offset : 0, res ? in->size : 0))
            continue;
        if (res)
            stage->ssbos_bound |= 1u << slot;
        else
            stage->ssbos_bound &= ~(1u << slot);
        stage->ssbos_dirty |= 1u << slot;
        state->dirty |= DIRTY_STAGE(cmd->stage);
    }
    return 0;
}

int front_set_atomic_buffers(struct front_context *ctx,
                             const struct virgl_cmd_set_atomic_buffers *cmd)
{
    struct draw_state *state = &ctx->sub->state;

    for (uint32_t i = 0; i < cmd->buffer_count; i++) {
        const struct virgl_set_atomic_buffers_buffer *in = &cmd->buffer[i];
        const uint32_t slot = cmd->start_slot + i;
        struct resource *res = NULL;

        if (in->resource) {
            res = front_buffer(ctx, in->resource);
            if (!res)
                return front_fail_resource(ctx, "resource", in->resource,
                                           "not a buffer of the host");
            if (in->offset % 4 || !front_range_inside(in->offset, in->size, res->desc.width))
                return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_RESOURCE, "size",
                                  (uint64_t)in->offset + in->size, res->desc.width,
                                  "range outside the buffer or not aligned");
            if (in->size == 0)
                res = NULL;
        }
        if (!set_range(&state->atomic_buffers[slot], res, res ? in->offset : 0,
                       res ? in->size : 0))
            continue;
        state->atomic_buffers_dirty |= 1u << slot;
        state->dirty |= DIRTY_ATOMIC_BUFFERS;
    }
    return 0;
}

static int check_image(struct front_context *ctx, const struct virgl_set_shader_images_image *in,
                       struct state_image *out)
{
    struct resource *res = front_resource(ctx, in->resource);

    if (!res ||
        (res->storage != RESOURCE_STORAGE_BUFFER && res->storage != RESOURCE_STORAGE_TEXTURE))
        return front_fail_resource(ctx, "resource", in->resource, "cannot be an image");
    if (!front_format_in(ctx->backend->limits.format_image, in->format))
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_FORMAT, "format", in->format,
                          VIRGL_FORMAT_COUNT - 1, "not an image format of the host");
    out->res = res;
    out->format = in->format;
    out->access = in->access & (VIRGL_IMAGE_ACCESS_READ | VIRGL_IMAGE_ACCESS_WRITE);
    if (res->storage == RESOURCE_STORAGE_BUFFER) {
        if (!front_range_inside(in->layers, in->level_or_size, res->desc.width))
            return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_RESOURCE, "level_or_size",
                              (uint64_t)in->layers + in->level_or_size, res->desc.width,
                              "range outside the buffer");
        out->first_element_bytes = in->layers;
        out->size_bytes = in->level_or_size;
        return 0;
    }
    /* Guests send the bits of a union: what lies above the level means nothing. */
    out->level = in->level_or_size & 0xff;
    if (out->level > res->desc.last_level)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_RESOURCE, "level_or_size", out->level,
                          res->desc.last_level, "level outside the texture");
    out->first_layer = in->layers & 0xffff;
    out->last_layer = in->layers >> 16;
    if (out->last_layer < out->first_layer ||
        out->last_layer >= resource_level_layers(res, out->level))
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_RESOURCE, "layers", out->last_layer,
                          resource_level_layers(res, out->level) - 1, "layers outside the level");
    return 0;
}

int front_set_shader_images(struct front_context *ctx,
                            const struct virgl_cmd_set_shader_images *cmd)
{
    struct draw_state *state = &ctx->sub->state;
    struct state_stage *stage = &state->stage[cmd->stage];

    for (uint32_t i = 0; i < cmd->image_count; i++) {
        const uint32_t slot = cmd->start_slot + i;
        struct state_image *image = &stage->images[slot];
        struct state_image wanted;
        struct resource *old = image->res;

        memset(&wanted, 0, sizeof(wanted));
        if (cmd->image[i].resource) {
            int error = check_image(ctx, &cmd->image[i], &wanted);

            if (error)
                return error;
        }
        if (memcmp(image, &wanted, sizeof(wanted)) == 0)
            continue;
        if (wanted.res) {
            resource_ref(wanted.res);
            stage->images_bound |= 1u << slot;
        } else {
            stage->images_bound &= ~(1u << slot);
        }
        memcpy(image, &wanted, sizeof(wanted)); /* padding too: it is compared */
        resource_unref(old);
        stage->images_dirty |= 1u << slot;
        state->dirty |= DIRTY_STAGE(cmd->stage);
    }
    return 0;
}
