/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_CORE_BLOB_H
#define MANTUA_CORE_BLOB_H

/*
 * Blob resources: memory first, meaning later. Guest blobs are the guest's pages; host blobs are
 * buffers that a context made with PIPE_RESOURCE_CREATE, or memory imported by descriptor.
 *
 * Functions return 0 or a positive errno value.
 */

#include <stdint.h>
#include <sys/uio.h>

struct renderer;
struct resource;
struct resource_desc;

/* The numbers are the public interface's. */
enum blob_mem {
    BLOB_MEM_GUEST = 1,
    BLOB_MEM_HOST3D = 2,
    BLOB_MEM_HOST3D_GUEST = 3,
    BLOB_MEM_GUEST_VRAM = 4,
};

enum blob_flag {
    BLOB_FLAG_MAPPABLE = 1 << 0,
    BLOB_FLAG_SHAREABLE = 1 << 1,
    BLOB_FLAG_CROSS_DEVICE = 1 << 2,
};

enum blob_map_cache {
    BLOB_MAP_CACHE_NONE = 0,
    BLOB_MAP_CACHE_CACHED = 1,
    BLOB_MAP_CACHE_UNCACHED = 2,
    BLOB_MAP_CACHE_WC = 3,
};

struct blob_args {
    uint32_t res_id, ctx_id;
    uint32_t mem;   /* enum blob_mem */
    uint32_t flags; /* enum blob_flag */
    uint64_t blob_id, size_bytes;
    struct iovec *iov; /* borrowed */
    uint32_t iov_count;
};

int blob_create(struct renderer *renderer, const struct blob_args *args);

/* fd becomes the resource's on success. */
int blob_import(struct renderer *renderer, uint32_t res_id, uint32_t mem, uint32_t fd_type, int fd,
                uint64_t size_bytes);

/* One mapping at a time; EINVAL for a second, and for memory that cannot be mapped. */
int blob_map(struct resource *res, void **map, uint64_t *size_bytes);
/* EINVAL when there is no mapping. */
int blob_unmap(struct resource *res);
/* EOPNOTSUPP without a descriptor. The mapping is the caller's. */
int blob_map_fixed(struct resource *res, void *address);
int blob_map_info(const struct resource *res, uint32_t *map_info);
/* *fd is the caller's; *fd_type is enum resource_fd_type. */
int blob_export(struct resource *res, uint32_t *fd_type, int *fd);

/* What the memory of an untyped resource means: desc is filled and has passed
 * resource_desc_check(). EINVAL when the resource has a type or no memory that the host can use. */
struct blob_plane {
    uint32_t stride_bytes, offset_bytes;
};
int blob_set_type(struct resource *res, const struct resource_desc *desc, uint64_t modifier,
                  const struct blob_plane *planes, uint32_t plane_count);

/* Shared memory of whole pages as res->host_memory with its descriptor in res->blob_fd. Leaves the
 * resource as it was when the host has none to give. */
int blob_memory_create(struct resource *res, uint64_t bytes);
void blob_memory_destroy(struct resource *res);

#endif
