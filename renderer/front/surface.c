/* SPDX-License-Identifier: MIT */
/* Surfaces: one level and a range of layers of a texture, as a framebuffer attachment. */
#include "internal.h"

static int create(struct front_context *ctx, const struct virgl_obj_surface *desc,
                  uint32_t sample_count)
{
    const struct backend_limits *limits = &ctx->backend->limits;
    struct resource *res = front_resource(ctx, desc->resource);
    struct front_surface *surface;
    uint32_t layers;

    if (!res || res->storage != RESOURCE_STORAGE_TEXTURE)
        return front_fail_resource(ctx, "resource", desc->resource, "cannot be rendered to");
    if (!front_format_in(limits->format_supported, desc->format))
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_FORMAT, "format", desc->format,
                          VIRGL_FORMAT_COUNT - 1, "the host has no such format");
    if (desc->level > res->desc.last_level)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "level", desc->level,
                          res->desc.last_level, "level outside the texture");
    layers = resource_level_layers(res, desc->level);
    if (desc->last_layer < desc->first_layer || desc->last_layer >= layers)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "last_layer", desc->last_layer,
                          layers - 1, "layers outside the level");
    if (sample_count > limits->max_samples && sample_count > 1)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "sample_count", sample_count,
                          limits->max_samples, "more samples than the host has");

    surface = front_object_new(ctx, VIRGL_OBJECT_TYPE_SURFACE, desc->handle, sizeof(*surface), 0);
    if (!surface)
        return EINVAL;
    surface->desc = *desc;
    surface->sample_count = sample_count;
    surface->res = resource_ref(res);
    return front_object_publish(ctx, &surface->base);
}

int front_create_surface(struct front_context *ctx, const struct virgl_obj_surface *desc)
{
    return create(ctx, desc, 0);
}

int front_create_msaa_surface(struct front_context *ctx, const struct virgl_obj_msaa_surface *desc)
{
    const struct virgl_obj_surface plain = {
        .length_dwords = desc->length_dwords,
        .handle = desc->handle,
        .resource = desc->resource,
        .format = desc->format,
        .level = desc->level,
        .first_element = desc->level,
        .first_layer = desc->first_layer,
        .last_layer = desc->last_layer,
        .last_element = desc->first_layer | desc->last_layer << 16,
    };

    return create(ctx, &plain, desc->sample_count);
}
