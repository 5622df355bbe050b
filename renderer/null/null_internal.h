/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_NULL_INTERNAL_H
#define MANTUA_NULL_INTERNAL_H

#include "front/backend.h"
#include "null.h"

struct null_backend {
    struct backend base;
    struct null_counts counts;
};

static inline struct null_counts *null_counts(struct backend *backend)
{
    return &((struct null_backend *)backend)->counts;
}

/* null_resource.c */
int null_resource_create(struct backend *backend, struct resource *res);
void null_resource_destroy(struct backend *backend, struct resource *res);
int null_transfer_write(struct backend *backend, struct resource *res,
                        const struct transfer *transfer);
int null_transfer_read(struct backend *backend, struct resource *res,
                       const struct transfer *transfer);
int null_resource_map(struct backend *backend, struct resource *res, void **map,
                      uint64_t *size_bytes, uint32_t *map_info);
int null_resource_unmap(struct backend *backend, struct resource *res);
void null_clear_texture(struct backend_context *ctx, struct resource *res, uint32_t level,
                        const struct box *box, const uint32_t data[4]);
void null_resource_copy_region(struct backend_context *ctx, struct resource *dst,
                               uint32_t dst_level, uint32_t dst_x, uint32_t dst_y, uint32_t dst_z,
                               struct resource *src, uint32_t src_level,
                               const struct box *src_box);
/* Writes into a buffer; the range has been checked. */
void null_buffer_write(struct resource *res, uint32_t offset_bytes, const void *data,
                       uint32_t bytes);

/* null_caps.c */
void null_limits_init(struct backend_limits *limits);
void null_fill_caps(struct backend *backend, uint32_t capset_id, union virgl_caps *caps);

#endif
