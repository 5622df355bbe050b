/* SPDX-License-Identifier: MIT */
/* Moves data between guest memory, or the stream itself, and resources. */
#include "internal.h"

/* ---- every kind of storage ---- */

/* Copies between two scatter lists through a small buffer. False when either is too short. */
static bool copy_iov(const struct iovec *src, uint32_t src_count, uint64_t src_offset_bytes,
                     const struct iovec *dst, uint32_t dst_count, uint64_t dst_offset_bytes,
                     uint64_t bytes)
{
    uint8_t chunk[4096];

    while (bytes > 0) {
        const size_t step = bytes < sizeof(chunk) ? (size_t)bytes : sizeof(chunk);

        if (iov_read(src, src_count, src_offset_bytes, chunk, step) != step ||
            iov_write(dst, dst_count, dst_offset_bytes, chunk, step) != step)
            return false;
        src_offset_bytes += step;
        dst_offset_bytes += step;
        bytes -= step;
    }
    return true;
}

int front_transfer_write(struct backend *backend, struct resource *res,
                         const struct transfer *transfer)
{
    const size_t bytes = (uint32_t)transfer->box.width;

    switch (res->storage) {
    case RESOURCE_STORAGE_BUFFER:
    case RESOURCE_STORAGE_TEXTURE:
        return backend->ops->transfer_write(backend, res, transfer);
    case RESOURCE_STORAGE_HOST_MEMORY:
        return iov_read(transfer->iov, transfer->iov_count, transfer->offset_bytes,
                        res->host_memory + transfer->box.x, bytes) == bytes
                   ? 0
                   : EINVAL;
    case RESOURCE_STORAGE_GUEST:
        if (transfer->iov == res->iov)
            return 0;
        return res->iov && copy_iov(transfer->iov, transfer->iov_count, transfer->offset_bytes,
                                    res->iov, res->iov_count, (uint32_t)transfer->box.x, bytes)
                   ? 0
                   : EINVAL;
    default:
        return EINVAL;
    }
}

int front_transfer_read(struct backend *backend, struct resource *res,
                        const struct transfer *transfer)
{
    const size_t bytes = (uint32_t)transfer->box.width;

    switch (res->storage) {
    case RESOURCE_STORAGE_BUFFER:
    case RESOURCE_STORAGE_TEXTURE:
        return backend->ops->transfer_read(backend, res, transfer);
    case RESOURCE_STORAGE_HOST_MEMORY:
        return iov_write(transfer->iov, transfer->iov_count, transfer->offset_bytes,
                         res->host_memory + transfer->box.x, bytes) == bytes
                   ? 0
                   : EINVAL;
    case RESOURCE_STORAGE_GUEST:
        if (transfer->iov == res->iov)
            return 0;
        return res->iov && copy_iov(res->iov, res->iov_count, (uint32_t)transfer->box.x,
                                    transfer->iov, transfer->iov_count, transfer->offset_bytes,
                                    bytes)
                   ? 0
                   : EINVAL;
    default:
        return EINVAL;
    }
}

bool front_has_guest_memory(const struct resource *res, uint64_t bytes)
{
    if (res->storage == RESOURCE_STORAGE_HOST_MEMORY)
        return res->desc.width >= bytes;
    return res->iov && res->backing_bytes >= bytes;
}

bool front_write_guest_memory(struct resource *res, uint64_t offset_bytes, const void *data,
                              size_t bytes)
{
    bool written = false;

    if (res->storage == RESOURCE_STORAGE_HOST_MEMORY &&
        front_range_inside(offset_bytes, bytes, res->desc.width)) {
        memcpy(res->host_memory + offset_bytes, data, bytes);
        written = true;
    }
    /* Guests whose pages are attached look there. */
    if (res->iov && iov_write(res->iov, res->iov_count, offset_bytes, data, bytes) == bytes)
        written = true;
    return written;
}

/* ---- commands ---- */

static bool is_empty(const struct box *box)
{
    return box->width == 0 || box->height == 0 || box->depth == 0;
}

static int fail_transfer(struct front_context *ctx, const struct transfer *transfer,
                         enum virgl_ctx_error error, const struct resource *res, const char *why)
{
    if (front_unlikely(ctx->host->debug & DEBUG_TRANSFER) && ctx->host->log)
        log_message(ctx->host->log, LOG_LEVEL_INFO,
                    "resource %u: level %u box %d,%d,%d %dx%dx%d offset %llu stride %u",
                    res->id, transfer->level, transfer->box.x, transfer->box.y, transfer->box.z,
                    transfer->box.width, transfer->box.height, transfer->box.depth,
                    (unsigned long long)transfer->offset_bytes, transfer->stride_bytes);
    return front_fail(ctx, error, "box", transfer->offset_bytes, res->backing_bytes, why);
}

static int transfer_done(struct front_context *ctx, int error)
{
    /* The guest did nothing wrong: its data is lost, its context is not. */
    if (error && ctx->host->log)
        log_guest_error(ctx->host->log, "context %u: transfer failed: %s", ctx->id,
                        strerror(error));
    return 0;
}

int front_transfer3d(struct front_context *ctx, const struct virgl_cmd_transfer3d *cmd)
{
    struct resource *res = front_resource(ctx, cmd->resource);
    struct transfer transfer = {
        .level = cmd->level,
        .stride_bytes = cmd->stride,
        .layer_stride_bytes = cmd->layer_stride,
        .box = { cmd->x, cmd->y, cmd->z, cmd->width, cmd->height, cmd->depth },
        .offset_bytes = cmd->offset,
    };
    const char *why = "";

    if (!res || !res->iov || res->storage == RESOURCE_STORAGE_UNTYPED)
        return front_fail_resource(ctx, "resource", cmd->resource,
                                   "has no type, or no guest pages");
    if (is_empty(&transfer.box))
        return 0;
    transfer.iov = res->iov;
    transfer.iov_count = res->iov_count;
    if (transfer_check(res, &transfer, &why) != 0)
        return fail_transfer(ctx, &transfer, VIRGL_CTX_ERROR_TRANSFER_IOV_BOUNDS, res, why);
    if (cmd->direction == VIRGL_TRANSFER_DIRECTION_TO_HOST)
        return transfer_done(ctx, front_transfer_write(ctx->backend, res, &transfer));
    return transfer_done(ctx, front_transfer_read(ctx->backend, res, &transfer));
}

int front_copy_transfer3d(struct front_context *ctx, const struct virgl_cmd_copy_transfer3d *cmd)
{
    struct resource *res = front_resource(ctx, cmd->resource);
    struct resource *staging = front_resource(ctx, cmd->src_resource);
    struct transfer transfer = {
        .level = cmd->level,
        .stride_bytes = cmd->stride,
        .layer_stride_bytes = cmd->layer_stride,
        .box = { cmd->x, cmd->y, cmd->z, cmd->width, cmd->height, cmd->depth },
        .offset_bytes = cmd->src_offset,
    };
    const char *why = "";

    if (!res || res->storage == RESOURCE_STORAGE_UNTYPED)
        return front_fail_resource(ctx, "resource", cmd->resource, "has no type");
    if (!staging || !staging->iov)
        return front_fail_resource(ctx, "src_resource", cmd->src_resource, "has no guest pages");
    if (is_empty(&transfer.box))
        return 0;
    if (cmd->level > res->desc.last_level || !resource_box_inside(res, cmd->level, &transfer.box))
        return fail_transfer(ctx, &transfer,
                             cmd->read_from_host ? VIRGL_CTX_ERROR_RESOURCE_OUT_OF_RANGE
                                                 : VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER,
                             staging, "box outside the level");
    transfer.iov = staging->iov;
    transfer.iov_count = staging->iov_count;
    if (transfer_check(res, &transfer, &why) != 0)
        return fail_transfer(ctx, &transfer, VIRGL_CTX_ERROR_TRANSFER_IOV_BOUNDS, staging, why);
    if (cmd->read_from_host)
        return transfer_done(ctx, front_transfer_read(ctx->backend, res, &transfer));
    return transfer_done(ctx, front_transfer_write(ctx->backend, res, &transfer));
}

int front_resource_inline_write(struct front_context *ctx,
                                const struct virgl_cmd_resource_inline_write *cmd)
{
    struct resource *res = front_resource(ctx, cmd->resource);
    const struct iovec data = { (void *)(uintptr_t)cmd->data, 4ull * cmd->data_dwords };
    struct transfer transfer = {
        .level = cmd->level,
        .stride_bytes = cmd->stride,
        .layer_stride_bytes = cmd->layer_stride,
        .box = { cmd->x, cmd->y, cmd->z, cmd->width, cmd->height, cmd->depth },
        .iov = &data,
        .iov_count = 1,
    };
    const char *why = "";

    if (!res || res->storage == RESOURCE_STORAGE_UNTYPED)
        return front_fail_resource(ctx, "resource", cmd->resource, "has no type");
    if (is_empty(&transfer.box))
        return 0;
    if (transfer_check(res, &transfer, &why) != 0)
        return fail_transfer(ctx, &transfer, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, res, why);
    return transfer_done(ctx, front_transfer_write(ctx->backend, res, &transfer));
}
