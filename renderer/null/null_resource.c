/* SPDX-License-Identifier: MIT */
/* Textures and buffers in ordinary memory: levels one after the other, tightly packed. */
#include "null_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "virgl_formats.h"
#include "virgl_protocol.h"

enum {
    MAX_LEVELS = 32,
    MAP_CACHED = 1,
};

struct back_resource {
    uint8_t *data;
    bool owns_data;
    uint64_t level_offset_bytes[MAX_LEVELS];
};

/* The rows of a box in blocks; buffers count bytes. */
struct rows {
    uint8_t *first;
    uint64_t row_bytes, stride_bytes, layer_stride_bytes;
    uint32_t rows, layers;
};

int null_resource_create(struct backend *backend, struct resource *res)
{
    struct back_resource *back;
    uint64_t bytes, offset_bytes = 0;

    if (res->desc.last_level >= MAX_LEVELS || !resource_desc_size(&res->desc, &bytes))
        return EINVAL;
    back = calloc(1, sizeof(*back));
    if (!back)
        return ENOMEM;
    if (res->host_memory) {
        back->data = res->host_memory;
    } else {
        back->data = calloc(1, bytes);
        back->owns_data = true;
        if (!back->data) {
            free(back);
            return ENOMEM;
        }
    }
    for (uint32_t level = 0; level <= res->desc.last_level; level++) {
        struct level_layout layout;

        back->level_offset_bytes[level] = offset_bytes;
        resource_level_layout(res, level, &layout);
        offset_bytes += layout.layer_stride_bytes * resource_level_layers(res, level);
    }
    res->back = back;
    null_counts(backend)->resources++;
    return 0;
}

void null_resource_destroy(struct backend *backend, struct resource *res)
{
    if (res->back->owns_data)
        free(res->back->data);
    free(res->back);
    res->back = NULL;
    null_counts(backend)->resources--;
}

static uint32_t blocks(uint32_t size_px, uint32_t block_px)
{
    return (size_px + block_px - 1) / block_px;
}

static struct rows rows_of(const struct resource *res, uint32_t level, const struct box *box)
{
    struct level_layout layout;
    uint32_t block_w_px = 1, block_h_px = 1, block_bytes = 1;
    struct rows rows;

    resource_level_layout(res, level, &layout);
    if (res->desc.target != VIRGL_TEXTURE_TARGET_BUFFER && res->format->block_bytes) {
        block_w_px = res->format->block_w_px;
        block_h_px = res->format->block_h_px;
        block_bytes = res->format->block_bytes;
    }
    rows.stride_bytes = layout.stride_bytes;
    rows.layer_stride_bytes = layout.layer_stride_bytes;
    rows.row_bytes = (uint64_t)blocks((uint32_t)box->width, block_w_px) * block_bytes;
    rows.rows = blocks((uint32_t)box->height, block_h_px);
    rows.layers = (uint32_t)box->depth;
    rows.first = res->back->data + res->back->level_offset_bytes[level] +
                 (uint64_t)box->z * layout.layer_stride_bytes +
                 (uint64_t)((uint32_t)box->y / block_h_px) * layout.stride_bytes +
                 (uint64_t)((uint32_t)box->x / block_w_px) * block_bytes;
    return rows;
}

static int transfer_rows(struct resource *res, const struct transfer *transfer, bool write)
{
    const struct rows rows = rows_of(res, transfer->level, &transfer->box);

    for (uint32_t z = 0; z < rows.layers; z++) {
        for (uint32_t y = 0; y < rows.rows; y++) {
            uint8_t *row = rows.first + z * rows.layer_stride_bytes + y * rows.stride_bytes;
            const uint64_t offset_bytes = transfer->offset_bytes +
                                          z * transfer->layer_stride_bytes +
                                          (uint64_t)y * transfer->stride_bytes;

            if (write)
                iov_read(transfer->iov, transfer->iov_count, offset_bytes, row, rows.row_bytes);
            else
                iov_write(transfer->iov, transfer->iov_count, offset_bytes, row, rows.row_bytes);
        }
    }
    return 0;
}

int null_transfer_write(struct backend *backend, struct resource *res,
                        const struct transfer *transfer)
{
    return transfer_rows(res, transfer, true);
}

int null_transfer_read(struct backend *backend, struct resource *res,
                       const struct transfer *transfer)
{
    return transfer_rows(res, transfer, false);
}

int null_resource_map(struct backend *backend, struct resource *res, void **map,
                      uint64_t *size_bytes, uint32_t *map_info)
{
    if (res->storage != RESOURCE_STORAGE_BUFFER)
        return EINVAL;
    *map = res->back->data;
    *size_bytes = res->desc.width;
    *map_info = MAP_CACHED;
    return 0;
}

int null_resource_unmap(struct backend *backend, struct resource *res)
{
    return 0;
}

void null_buffer_write(struct resource *res, uint32_t offset_bytes, const void *data,
                       uint32_t bytes)
{
    memcpy(res->back->data + offset_bytes, data, bytes);
}

void null_clear_texture(struct backend_context *ctx, struct resource *res, uint32_t level,
                        const struct box *box, const uint32_t data[4])
{
    const struct rows rows = rows_of(res, level, box);
    const uint32_t texel_bytes = res->format->block_bytes;

    null_counts(ctx->backend)->clears++;
    if (texel_bytes == 0 || texel_bytes > 4 * sizeof(data[0]))
        return;
    for (uint32_t z = 0; z < rows.layers; z++) {
        for (uint32_t y = 0; y < rows.rows; y++) {
            uint8_t *row = rows.first + z * rows.layer_stride_bytes + y * rows.stride_bytes;

            for (uint64_t x = 0; x < rows.row_bytes; x += texel_bytes)
                memcpy(row + x, data, texel_bytes);
        }
    }
}

/* Rows of the destination that really exist: a copy from a compressed texture may end in a block
 * that reaches over the edge of an uncompressed one, never the other way round. */
void null_resource_copy_region(struct backend_context *ctx, struct resource *dst,
                               uint32_t dst_level, uint32_t dst_x, uint32_t dst_y, uint32_t dst_z,
                               struct resource *src, uint32_t src_level,
                               const struct box *src_box)
{
    const struct box dst_origin = { (int32_t)dst_x, (int32_t)dst_y, (int32_t)dst_z, 1, 1, 1 };
    const struct rows from = rows_of(src, src_level, src_box);
    const struct rows to = rows_of(dst, dst_level, &dst_origin);
    /* Overlapping copies within one level go backwards when the destination lies behind. */
    const bool backwards = dst == src && to.first > from.first;

    null_counts(ctx->backend)->copies++;
    for (uint32_t i = 0; i < from.layers * (uint64_t)from.rows; i++) {
        const uint32_t n = backwards ? from.layers * from.rows - 1 - i : i;
        const uint32_t z = n / from.rows, y = n % from.rows;

        memmove(to.first + z * to.layer_stride_bytes + y * to.stride_bytes,
                from.first + z * from.layer_stride_bytes + y * from.stride_bytes, from.row_bytes);
    }
}
