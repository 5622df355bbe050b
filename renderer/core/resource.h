/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_CORE_RESOURCE_H
#define MANTUA_CORE_RESOURCE_H

/*
 * A resource: a buffer or texture that a guest names by number, its guest pages, and what a back
 * end keeps for it. Resources belong to the renderer, are shared by contexts, and are counted:
 * views and bindings keep a resource alive after the guest has dropped its number.
 *
 * Everything here runs on the renderer's thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct back_resource;
struct renderer;
struct virgl_format_info;

/* The creation arguments, as checked by resource_desc_check(). Sizes in texels, or in bytes for
 * buffers (width). */
struct resource_desc {
    uint32_t target; /* enum virgl_texture_target */
    uint32_t format; /* enum virgl_format */
    uint32_t bind;   /* VIRGL_BIND_* */
    uint32_t width, height, depth;
    uint32_t array_size; /* layers; 6 for cubes, 6n for cube arrays */
    uint32_t last_level;
    uint32_t nr_samples; /* 0 and 1 both mean single-sampled */
    uint32_t flags;      /* VIRGL_RESOURCE_FLAG_* */
};

enum resource_storage {
    RESOURCE_STORAGE_UNTYPED,     /* blob or import whose type is not yet known */
    RESOURCE_STORAGE_GUEST,       /* guest pages only (bind STAGING) */
    RESOURCE_STORAGE_HOST_MEMORY, /* ordinary memory (buffers with bind CUSTOM) */
    RESOURCE_STORAGE_BUFFER,      /* back end buffer */
    RESOURCE_STORAGE_TEXTURE,     /* back end texture */
};

/* Kinds of descriptors; the numbers are the public interface's. */
enum resource_fd_type {
    RESOURCE_FD_NONE = 0,
    RESOURCE_FD_DMABUF = 1,
    RESOURCE_FD_OPAQUE = 2,
    RESOURCE_FD_SHM = 3,
};

struct resource {
    uint32_t id; /* 0 once the guest has dropped its number */
    uint32_t refcount;
    struct renderer *renderer;
    struct resource_desc desc;
    const struct virgl_format_info *format; /* NULL while untyped */
    enum resource_storage storage;

    /* Guest pages; the array belongs to whoever attached it. NULL when none are attached. */
    struct iovec *iov;
    uint32_t iov_count;
    size_t backing_bytes;

    /* RESOURCE_STORAGE_HOST_MEMORY: width bytes. RESOURCE_STORAGE_BUFFER: page-aligned memory that
     * the back end shall use as the buffer's storage (backend_limits.has_user_memory); else NULL. */
    uint8_t *host_memory;
    uint64_t host_memory_bytes;

    /* Blob resources. */
    uint32_t blob_mem, blob_flags;
    uint64_t blob_id, blob_bytes;
    int blob_fd;        /* of the memory; -1 when none */
    uint32_t blob_fd_type; /* enum resource_fd_type */
    void *blob_mapping; /* NULL while unmapped */
    uint32_t map_info;  /* VIRGL_RENDERER_MAP_CACHE_*; 0 when the blob cannot be mapped */

    uint64_t charged_bytes; /* what the resource counts against the renderer's memory limit */
    void *priv;             /* the library user's pointer */
    struct back_resource *back;
};

/* A resource without a number, with one reference, its storage made and charged. The description is
 * checked. Returns 0, EINVAL with *why, ENOMEM with *why, or what the back end returned. */
int resource_create(struct renderer *renderer, const struct resource_desc *desc,
                    struct resource **out, const char **why);

/* The same without storage and type, for blobs and imports. NULL: out of memory. */
struct resource *resource_create_untyped(struct renderer *renderer);

struct resource *resource_ref(struct resource *res);

/* Drops one reference; the last one destroys back-end storage. NULL is ignored. */
void resource_unref(struct resource *res);

/* *slot = res with the counts kept right; either may be NULL. */
void resource_assign(struct resource **slot, struct resource *res);

/* Checks creation arguments against the protocol's rules and the host's limits.
 * Returns 0, or EINVAL with *why set to a static text. Allocates nothing. */
struct backend_limits;
int resource_desc_check(const struct resource_desc *desc, const struct backend_limits *limits,
                        const char **why);

/* Size of a mip level in texels; never below 1. */
static inline uint32_t minify_px(uint32_t size_px, uint32_t level)
{
    uint32_t s = level < 32 ? size_px >> level : 0;
    return s ? s : 1;
}

/* Bytes that the description's levels, layers and samples need; false when that is no 64-bit
 * number. The description has been checked. */
bool resource_desc_size(const struct resource_desc *desc, uint64_t *bytes);

/* Guest pages: the array is borrowed. EINVAL when there are some already. */
int resource_attach_iov(struct resource *res, struct iovec *iov, uint32_t iov_count);
/* The array that was attached, NULL and 0 without one. */
struct iovec *resource_detach_iov(struct resource *res, uint32_t *iov_count);

/* Depth slices or array layers of a level: the bound of a box in z. */
uint32_t resource_level_layers(const struct resource *res, uint32_t level);

struct box {
    int32_t x, y, z;
    int32_t width, height, depth;
};

/* A transfer between memory rows and one level of a resource. transfer_check() fills stride_bytes
 * and layer_stride_bytes when they were 0; after it the back end may trust every field. */
struct transfer {
    uint32_t level;
    uint32_t stride_bytes;
    uint64_t layer_stride_bytes;
    struct box box;
    uint64_t offset_bytes; /* of the box's first byte in the memory */
    const struct iovec *iov;
    uint32_t iov_count;
};

/* Checks box, strides and memory size (protocol: transfer rules). Returns 0 or EINVAL with *why. */
int transfer_check(const struct resource *res, struct transfer *transfer, const char **why);

/* Checks a transfer and does it, whatever the storage: between the given memory (transfer->iov, or
 * the resource's guest pages when that is NULL) and the resource. Empty boxes need no work,
 * nor do guest pages that are the resource itself. Returns 0, EINVAL with *why, or the back end's errno. */
int resource_transfer_write(struct resource *res, struct transfer *transfer, const char **why);
int resource_transfer_read(struct resource *res, struct transfer *transfer, const char **why);

/* Rows of a level as blocks and bytes; buffers are one row of bytes. */
struct level_layout {
    uint32_t block_rows;
    uint64_t stride_bytes, layer_stride_bytes;
};
void resource_level_layout(const struct resource *res, uint32_t level,
                           struct level_layout *layout);

/* Is the box inside the level? Empty or negative boxes are not. */
bool resource_box_inside(const struct resource *res, uint32_t level, const struct box *box);

/* Scatter-gather copies. offset + bytes must lie within the vector: returns the bytes that were
 * really moved, less than asked only when it does not. */
size_t iov_size(const struct iovec *iov, uint32_t iov_count);
size_t iov_read(const struct iovec *iov, uint32_t iov_count, size_t offset_bytes, void *dst,
                size_t bytes);
size_t iov_write(const struct iovec *iov, uint32_t iov_count, size_t offset_bytes, const void *src,
                 size_t bytes);

/* The address of a range that lies in one piece of the vector, or NULL. */
void *iov_contiguous(const struct iovec *iov, uint32_t iov_count, size_t offset_bytes,
                     size_t bytes);

#endif
