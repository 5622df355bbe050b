/* SPDX-License-Identifier: MIT */
#ifndef VGPU_WINSYS_H
#define VGPU_WINSYS_H

/*
 * The door between this library and an operating system: how a guest reaches its virtio-gpu. Each
 * way (the Linux DRM device, a vtest socket, virtqueues driven by hand) fills one table of
 * functions; nothing else in guest/ knows the system it runs on.
 *
 * A winsys is one connection with one renderer context. It may be used by one thread at a time.
 * Functions that can fail return 0 (or a count) or a negative errno value. Nothing here needs a
 * particular allocator: structs belong to the caller, the winsys keeps what it needs in
 * `winsys_data`.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virgl_protocol.h"

#define VGPU_MAX_LEVELS 16

struct vgpu_box {
    uint32_t x, y, z;
    uint32_t width, height, depth; /* texels; bytes for buffers; depth also counts layers */
};

/* What a resource is, in the terms of the protocol. For buffers width counts bytes. */
struct vgpu_resource_desc {
    uint32_t target; /* enum virgl_texture_target */
    uint32_t format; /* enum virgl_format */
    uint32_t bind;   /* bits of enum virgl_bind */
    uint32_t width, height, depth;
    uint32_t array_size;
    uint32_t last_level;
    uint32_t samples; /* 0 or 1: single-sampled */
    uint32_t flags;   /* bits of enum virgl_resource_flag */
};

/* Where the texels of each level lie in guest memory: level by level, rows and layers tight. */
struct vgpu_layout {
    size_t offset_bytes[VGPU_MAX_LEVELS];
    uint32_t stride_bytes[VGPU_MAX_LEVELS];       /* between rows of blocks */
    uint32_t layer_stride_bytes[VGPU_MAX_LEVELS]; /* between layers, faces or depth slices */
    size_t total_bytes;                           /* 0 for multisample textures */
};

struct vgpu_resource {
    struct vgpu_resource_desc desc;
    struct vgpu_layout layout;
    uint32_t id;      /* name in the command stream */
    void *memory;     /* guest memory of layout.total_bytes, NULL when there is none */
    uintptr_t winsys_data[3];
};

/* Memory whose contents the device shares with the guest instead of copying. */
struct vgpu_blob_desc {
    uint32_t memory;     /* enum virtio_gpu_blob_mem: GUEST 1, HOST3D 2, HOST3D_GUEST 3 */
    uint32_t flags;      /* MAPPABLE 1, SHAREABLE 2, CROSS_DEVICE 4 */
    uint64_t size_bytes;
    uint64_t blob_id;    /* named before by PIPE_RESOURCE_CREATE; 0 for guest memory */
};

/* One move between the guest memory of a resource and the host's copy. */
struct vgpu_transfer {
    uint32_t level;
    struct vgpu_box box;
    size_t offset_bytes;         /* of the first texel of the box in guest memory */
    uint32_t stride_bytes;       /* of the level */
    uint32_t layer_stride_bytes; /* of the level */
};

/* An operating system's name for something shared: a file descriptor, a HANDLE. */
typedef intptr_t vgpu_os_handle;
#define VGPU_NO_HANDLE ((vgpu_os_handle)-1)

struct vgpu_winsys;

struct vgpu_winsys_ops {
    const char *name;

    void (*destroy)(struct vgpu_winsys *winsys);

    /* Copies a capability set and returns its size in bytes, at most capacity_bytes;
     * -ENOENT when the device does not have it. */
    int (*get_capset)(struct vgpu_winsys *winsys, uint32_t id, uint32_t version, void *data,
                      size_t capacity_bytes);

    /* `desc` and `layout` are filled in; sets id and, when layout.total_bytes is not 0, memory. */
    int (*resource_create)(struct vgpu_winsys *winsys, struct vgpu_resource *resource);
    void (*resource_destroy)(struct vgpu_winsys *winsys, struct vgpu_resource *resource);

    /* Queue a transfer behind everything submitted so far. From the host: the data is there after
     * wait(). */
    int (*transfer_to_host)(struct vgpu_winsys *winsys, struct vgpu_resource *resource,
                            const struct vgpu_transfer *transfer);
    int (*transfer_from_host)(struct vgpu_winsys *winsys, struct vgpu_resource *resource,
                              const struct vgpu_transfer *transfer);

    /* Sends a command stream. in_fence: do not start before it, VGPU_NO_HANDLE for none.
     * out_fence: NULL, or receives a fence that the caller closes. -ENOTSUP when the connection
     * has no fences of this kind. */
    int (*submit)(struct vgpu_winsys *winsys, const uint32_t *dwords, size_t count_dwords,
                  vgpu_os_handle in_fence, vgpu_os_handle *out_fence);

    /* Blocks until the device is done with everything that uses `resource`, or with everything
     * when resource is NULL. */
    int (*wait)(struct vgpu_winsys *winsys, struct vgpu_resource *resource);

    /* From here on: NULL where the connection cannot do it. */

    /* Blob resources: fills *resource (memory is set for MAPPABLE ones). Destroyed with
     * resource_destroy. */
    int (*blob_create)(struct vgpu_winsys *winsys, const struct vgpu_blob_desc *desc,
                       struct vgpu_resource *resource);

    /* A handle for another process or device; the caller closes it. */
    int (*resource_export)(struct vgpu_winsys *winsys, struct vgpu_resource *resource,
                           vgpu_os_handle *handle);
    /* The reverse; `desc` and `layout` are filled in by the caller. */
    int (*resource_import)(struct vgpu_winsys *winsys, vgpu_os_handle handle,
                           struct vgpu_resource *resource);

    /* 0 when the fence has passed, -ETIMEDOUT when not within timeout_ns (-1: no limit). */
    int (*fence_wait)(struct vgpu_winsys *winsys, vgpu_os_handle fence, int64_t timeout_ns);
    void (*handle_close)(struct vgpu_winsys *winsys, vgpu_os_handle handle);
};

/* The base of every winsys; its struct starts with this. */
struct vgpu_winsys {
    const struct vgpu_winsys_ops *ops;
};

#endif /* VGPU_WINSYS_H */
