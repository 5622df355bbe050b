/* SPDX-License-Identifier: MIT */
/* Resources that are born without a type or without a number: blobs and imports. */
#include "internal.h"

#include <unistd.h>

int front_pipe_resource_create(struct front_context *ctx,
                               const struct virgl_cmd_pipe_resource_create *cmd)
{
    const struct resource_desc desc = {
        .target = cmd->target,
        .format = cmd->format,
        .bind = cmd->bind,
        .width = cmd->width,
        .height = cmd->height,
        .depth = cmd->depth,
        .array_size = cmd->array_size,
        .last_level = cmd->last_level,
        .nr_samples = cmd->nr_samples,
        .flags = cmd->flags,
    };
    const char *why = "";
    struct front_blob *blob;

    if (!ctx->host->resource_create)
        return front_fail_unsupported(ctx, "blob_id");
    if (resource_desc_check(&desc, &ctx->backend->limits, &why) != 0)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "resource", cmd->blob_id, 0,
                          why);
    for (blob = ctx->blobs; blob; blob = blob->next) {
        if (blob->id == cmd->blob_id)
            return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "blob_id", cmd->blob_id, 0,
                              "already in use");
    }
    if (ctx->blob_count >= ctx->host->limits.unclaimed_blobs)
        return front_fail(ctx, VIRGL_CTX_ERROR_UNKNOWN, "blob_id", ctx->blob_count + 1ull,
                          ctx->host->limits.unclaimed_blobs, "too many unclaimed blobs");
    blob = calloc(1, sizeof(*blob));
    if (!blob)
        return front_fail_memory(ctx, "blob_id", sizeof(*blob));
    blob->id = cmd->blob_id;
    blob->res = ctx->host->resource_create(ctx->host->user, &desc);
    if (!blob->res) {
        free(blob);
        return front_fail(ctx, VIRGL_CTX_ERROR_UNKNOWN, "blob_id", cmd->blob_id, 0,
                          "the host cannot create the resource");
    }
    blob->next = ctx->blobs;
    ctx->blobs = blob;
    ctx->blob_count++;
    return 0;
}

struct resource *front_context_take_blob(struct front_context *ctx, uint64_t blob_id)
{
    for (struct front_blob **link = &ctx->blobs; *link; link = &(*link)->next) {
        struct front_blob *blob = *link;

        if (blob->id == blob_id) {
            struct resource *res = blob->res;

            *link = blob->next;
            ctx->blob_count--;
            free(blob);
            return res;
        }
    }
    return NULL;
}

int front_pipe_resource_set_type(struct front_context *ctx,
                                 const struct virgl_cmd_pipe_resource_set_type *cmd)
{
    struct resource *res = front_resource(ctx, cmd->resource);
    const struct resource_desc desc = {
        .target = VIRGL_TEXTURE_TARGET_2D,
        .format = cmd->format,
        .bind = cmd->bind,
        .width = cmd->width,
        .height = cmd->height,
        .depth = 1,
        .array_size = 1,
    };
    const char *why = "";
    int error;

    if (!res)
        return front_fail_resource(ctx, "resource", cmd->resource, "");
    if (res->storage != RESOURCE_STORAGE_UNTYPED) {
        /* Two guest processes that import one image both say what it is. */
        if (res->desc.format == cmd->format && res->desc.width == cmd->width &&
            res->desc.height == cmd->height)
            return 0;
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "resource", cmd->resource, 0,
                          "has another type already");
    }
    if (resource_desc_check(&desc, &ctx->backend->limits, &why) != 0)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "format", cmd->format, 0, why);
    if (!ctx->host->resource_set_type)
        return front_fail_unsupported(ctx, "resource");
    error = ctx->host->resource_set_type(ctx->host->user, res, &desc, cmd);
    if (error == EINVAL)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_RESOURCE, "plane", cmd->plane_count, 0,
                          "planes do not fit the memory");
    return error ? front_fail_backend(ctx, error) : 0;
}

int front_get_pipe_resource_layout(struct front_context *ctx,
                                   const struct virgl_cmd_get_pipe_resource_layout *cmd)
{
    struct resource *out = front_resource(ctx, cmd->out_buffer);
    struct resource *res = front_resource(ctx, cmd->resource);
    struct virgl_resource_layout layout = { .num_planes = 1 };
    uint32_t stride_bytes = 0, offset_bytes = 0;
    int fd = -1, fourcc = 0, error;

    if (!out || !front_has_guest_memory(out, sizeof(layout)))
        return front_fail_resource(ctx, "out_buffer", cmd->out_buffer,
                                   "not host memory, or too small");
    if (!res)
        return front_fail_resource(ctx, "resource", cmd->resource, "");
    error = res->storage == RESOURCE_STORAGE_TEXTURE
                ? ctx->ops->resource_export_dmabuf(ctx->backend, res, &fd, &fourcc, &stride_bytes,
                                                   &offset_bytes, &layout.modifier)
                : ENOTSUP;
    if (error)
        return front_fail(ctx, VIRGL_CTX_ERROR_UNKNOWN, "resource", cmd->resource, 0,
                          "layout is not available");
    close(fd);
    layout.planes[0].offset = offset_bytes;
    layout.planes[0].stride = stride_bytes;
    layout.planes[0].size = stride_bytes * res->desc.height;
    front_write_guest_memory(out, 0, &layout, sizeof(layout));
    return 0;
}
