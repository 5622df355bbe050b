/* SPDX-License-Identifier: MIT */
/* Transfers: every number of the guest's is checked here, once, for all back ends. */
#include "resource.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "debug.h"
#include "front/backend.h"
#include "log.h"
#include "renderer.h"
#include "virgl_formats.h"
#include "virgl_protocol.h"

/* The unit of a resource's memory. Buffers count bytes whatever their format says. */
struct block {
    uint32_t width_px, height_px, bytes;
};

static struct block resource_block(const struct resource *res)
{
    if (res->desc.target == VIRGL_TEXTURE_TARGET_BUFFER || res->format == NULL ||
        res->format->block_bytes == 0) {
        return (struct block){1, 1, 1};
    }
    return (struct block){res->format->block_w_px, res->format->block_h_px,
                          res->format->block_bytes};
}

static uint32_t blocks(uint32_t size_px, uint32_t block_px)
{
    return size_px / block_px + (size_px % block_px != 0);
}

uint32_t resource_level_layers(const struct resource *res, uint32_t level)
{
    switch (res->desc.target) {
    case VIRGL_TEXTURE_TARGET_3D:
        return minify_px(res->desc.depth, level);
    case VIRGL_TEXTURE_TARGET_CUBE:
    case VIRGL_TEXTURE_TARGET_CUBE_ARRAY:
    case VIRGL_TEXTURE_TARGET_1D_ARRAY:
    case VIRGL_TEXTURE_TARGET_2D_ARRAY:
        return res->desc.array_size;
    default:
        return 1;
    }
}

void resource_level_layout(const struct resource *res, uint32_t level,
                           struct level_layout *layout)
{
    struct block block = resource_block(res);

    layout->block_rows = blocks(minify_px(res->desc.height, level), block.height_px);
    layout->stride_bytes =
        (uint64_t)blocks(minify_px(res->desc.width, level), block.width_px) * block.bytes;
    /* Below 2^64: resource_desc_check() has bounded both sizes. */
    layout->layer_stride_bytes = layout->stride_bytes * layout->block_rows;
}

/* 0 <= start, 0 <= size, start + size <= limit */
static bool range_inside(int32_t start, int32_t size, uint32_t limit)
{
    return start >= 0 && size >= 0 && (uint64_t)start + (uint64_t)size <= limit;
}

static bool box_within(const struct resource *res, uint32_t level, const struct box *box)
{
    return level <= res->desc.last_level &&
           range_inside(box->x, box->width, minify_px(res->desc.width, level)) &&
           range_inside(box->y, box->height, minify_px(res->desc.height, level)) &&
           range_inside(box->z, box->depth, resource_level_layers(res, level));
}

static bool box_empty(const struct box *box)
{
    return box->width == 0 || box->height == 0 || box->depth == 0;
}

bool resource_box_inside(const struct resource *res, uint32_t level, const struct box *box)
{
    return res->format != NULL && !box_empty(box) && box_within(res, level, box);
}

/* Compressed blocks move whole: a box starts at a block and ends at one or at the level's edge. */
static bool aligned(int32_t start, int32_t size, uint32_t block_px, uint32_t level_px)
{
    return (uint32_t)start % block_px == 0 &&
           ((uint32_t)size % block_px == 0 || (uint32_t)start + (uint32_t)size == level_px);
}

int transfer_check(const struct resource *res, struct transfer *transfer, const char **why)
{
    const struct box *box = &transfer->box;
    struct block block = resource_block(res);
    struct level_layout layout;

    if (res->format == NULL) {
        *why = "resource has no type";
        return EINVAL;
    }
    if (transfer->level > res->desc.last_level) {
        *why = "level";
        return EINVAL;
    }
    if (!box_within(res, transfer->level, box)) {
        *why = "box outside the level";
        return EINVAL;
    }
    if (!aligned(box->x, box->width, block.width_px,
                 minify_px(res->desc.width, transfer->level)) ||
        !aligned(box->y, box->height, block.height_px,
                 minify_px(res->desc.height, transfer->level))) {
        *why = "box cuts compressed blocks";
        return EINVAL;
    }

    uint64_t row_bytes = (uint64_t)blocks(box->width, block.width_px) * block.bytes;
    uint64_t rows = blocks(box->height, block.height_px);
    resource_level_layout(res, transfer->level, &layout);
    if (transfer->stride_bytes == 0) {
        if (layout.stride_bytes > UINT32_MAX) {
            *why = "level too wide";
            return EINVAL;
        }
        transfer->stride_bytes = (uint32_t)layout.stride_bytes;
    } else if (transfer->stride_bytes < row_bytes) {
        *why = "stride shorter than a row of the box";
        return EINVAL;
    }
    /* Rows and stride are below 2^32, so their product fits. */
    if (transfer->layer_stride_bytes == 0) {
        transfer->layer_stride_bytes = (uint64_t)transfer->stride_bytes * layout.block_rows;
    } else if (transfer->layer_stride_bytes < transfer->stride_bytes * rows) {
        *why = "layer stride shorter than the rows of the box";
        return EINVAL;
    }
    if (box_empty(box)) {
        return 0;
    }

    uint64_t end, rows_bytes;
    if (__builtin_mul_overflow((uint64_t)box->depth - 1, transfer->layer_stride_bytes, &end) ||
        __builtin_mul_overflow(rows - 1, (uint64_t)transfer->stride_bytes, &rows_bytes) ||
        __builtin_add_overflow(end, rows_bytes, &end) ||
        __builtin_add_overflow(end, row_bytes, &end) ||
        __builtin_add_overflow(end, transfer->offset_bytes, &end)) {
        *why = "strides and offset leave the address space";
        return EINVAL;
    }
    size_t memory_bytes = transfer->iov == res->iov && transfer->iov_count == res->iov_count
                              ? res->backing_bytes
                              : iov_size(transfer->iov, transfer->iov_count);
    if (end > memory_bytes) {
        *why = transfer->iov_count == 0 ? "no memory attached" : "transfer leaves the memory";
        return EINVAL;
    }
    return 0;
}

static int host_memory_transfer(struct resource *res, const struct transfer *t, bool write)
{
    size_t bytes = (size_t)t->box.width;
    uint8_t *memory = res->host_memory + t->box.x;

    if (write) {
        iov_read(t->iov, t->iov_count, t->offset_bytes, memory, bytes);
    } else {
        iov_write(t->iov, t->iov_count, t->offset_bytes, memory, bytes);
    }
    return 0;
}

/* Guest pages that are the resource: work only when other memory was given. */
static int guest_memory_transfer(struct resource *res, const struct transfer *t, bool write)
{
    uint8_t chunk[4096];
    size_t done = 0, bytes = (size_t)t->box.width, at = (size_t)t->box.x;

    if (t->iov == res->iov) {
        return 0;
    }
    if (at + bytes > res->backing_bytes) {
        return EINVAL;
    }
    while (done < bytes) {
        size_t step = bytes - done < sizeof chunk ? bytes - done : sizeof chunk;

        if (write) {
            iov_read(t->iov, t->iov_count, t->offset_bytes + done, chunk, step);
            iov_write(res->iov, res->iov_count, at + done, chunk, step);
        } else {
            iov_read(res->iov, res->iov_count, at + done, chunk, step);
            iov_write(t->iov, t->iov_count, t->offset_bytes + done, chunk, step);
        }
        done += step;
    }
    return 0;
}

static int transfer(struct resource *res, struct transfer *t, bool write, const char **why)
{
    struct renderer *renderer = res->renderer;
    const struct backend_ops *ops = renderer->backend->ops;

    *why = "";
    if (t->iov == NULL) {
        t->iov = res->iov;
        t->iov_count = res->iov_count;
    }
    int err = transfer_check(res, t, why);
    if (renderer->debug & DEBUG_TRANSFER) {
        log_message(renderer->log, LOG_LEVEL_INFO,
                    "transfer %s resource %u level %u box %d,%d,%d %dx%dx%d offset %llu stride %u"
                    "%s%s",
                    write ? "to" : "from", res->id, t->level, t->box.x, t->box.y, t->box.z,
                    t->box.width, t->box.height, t->box.depth,
                    (unsigned long long)t->offset_bytes, t->stride_bytes, err ? ": " : "",
                    err ? *why : "");
    }
    if (err != 0 || box_empty(&t->box)) {
        return err;
    }
    switch (res->storage) {
    case RESOURCE_STORAGE_GUEST:
        return guest_memory_transfer(res, t, write);
    case RESOURCE_STORAGE_HOST_MEMORY:
        return host_memory_transfer(res, t, write);
    case RESOURCE_STORAGE_BUFFER:
    case RESOURCE_STORAGE_TEXTURE:
        err = write ? ops->transfer_write(renderer->backend, res, t)
                    : ops->transfer_read(renderer->backend, res, t);
        if (err != 0) {
            *why = "the host cannot move these texels";
        }
        return err;
    default:
        *why = "resource has no storage";
        return EINVAL;
    }
}

int resource_transfer_write(struct resource *res, struct transfer *t, const char **why)
{
    return transfer(res, t, true, why);
}

int resource_transfer_read(struct resource *res, struct transfer *t, const char **why)
{
    return transfer(res, t, false, why);
}
