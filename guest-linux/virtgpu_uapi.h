/* SPDX-License-Identifier: MIT */
#ifndef VIRTGPU_UAPI_H
#define VIRTGPU_UAPI_H

/* The kernel's virtio_gpu interface as it is now. Distributions ship headers of very different age,
 * while the kernel accepts structs of any size: members that it does not know yet are ignored, ones
 * that the program does not know read as zero. */

#include <errno.h>
#include <stdint.h>
#include <xf86drm.h>

enum virtgpu_ioctl {
    VIRTGPU_MAP = 0x01,
    VIRTGPU_EXECBUFFER = 0x02,
    VIRTGPU_GETPARAM = 0x03,
    VIRTGPU_RESOURCE_CREATE = 0x04,
    VIRTGPU_RESOURCE_INFO = 0x05,
    VIRTGPU_TRANSFER_FROM_HOST = 0x06,
    VIRTGPU_TRANSFER_TO_HOST = 0x07,
    VIRTGPU_WAIT = 0x08,
    VIRTGPU_GET_CAPS = 0x09,
    VIRTGPU_RESOURCE_CREATE_BLOB = 0x0a,
    VIRTGPU_CONTEXT_INIT = 0x0b,
};

enum virtgpu_param {
    VIRTGPU_PARAM_3D_FEATURES = 1,
    VIRTGPU_PARAM_CAPSET_QUERY_FIX = 2,
    VIRTGPU_PARAM_RESOURCE_BLOB = 3,
    VIRTGPU_PARAM_HOST_VISIBLE = 4,
    VIRTGPU_PARAM_CROSS_DEVICE = 5,
    VIRTGPU_PARAM_CONTEXT_INIT = 6,
    VIRTGPU_PARAM_SUPPORTED_CAPSET_IDS = 7,
};

enum virtgpu_execbuffer_flag {
    VIRTGPU_EXECBUFFER_FENCE_FD_IN = 0x1,
    VIRTGPU_EXECBUFFER_FENCE_FD_OUT = 0x2,
    VIRTGPU_EXECBUFFER_RING_IDX = 0x4,
};

enum virtgpu_context_param {
    VIRTGPU_CONTEXT_PARAM_CAPSET_ID = 1,
    VIRTGPU_CONTEXT_PARAM_NUM_RINGS = 2,
    VIRTGPU_CONTEXT_PARAM_POLL_RINGS_MASK = 3,
};

struct virtgpu_map {
    uint64_t offset; /* for mmap on the node */
    uint32_t handle;
    uint32_t pad;
};

struct virtgpu_syncobj {
    uint32_t handle;
    uint32_t flags; /* 1: reset after the wait */
    uint64_t point;
};

struct virtgpu_execbuffer {
    uint32_t flags;
    uint32_t size_bytes;
    uint64_t commands;
    uint64_t handles;
    uint32_t handle_count;
    int32_t fence_fd;
    uint32_t ring_idx;
    uint32_t syncobj_stride;
    uint32_t in_syncobj_count;
    uint32_t out_syncobj_count;
    uint64_t in_syncobjs;
    uint64_t out_syncobjs;
};

struct virtgpu_getparam {
    uint64_t param;
    uint64_t value; /* where to write it: a pointer to an int */
};

struct virtgpu_resource_create {
    uint32_t target;
    uint32_t format;
    uint32_t bind;
    uint32_t width;
    uint32_t height;
    uint32_t depth;
    uint32_t array_size;
    uint32_t last_level;
    uint32_t samples;
    uint32_t flags;
    uint32_t handle;      /* out */
    uint32_t resource_id; /* out */
    uint32_t size_bytes;
    uint32_t stride_bytes;
};

struct virtgpu_resource_info {
    uint32_t handle;
    uint32_t resource_id;
    uint32_t size_bytes;
    uint32_t blob_memory;
};

struct virtgpu_box {
    uint32_t x, y, z, width, height, depth;
};

struct virtgpu_transfer {
    uint32_t handle;
    struct virtgpu_box box;
    uint32_t level;
    uint32_t offset_bytes;
    uint32_t stride_bytes;
    uint32_t layer_stride_bytes;
};

struct virtgpu_wait {
    uint32_t handle;
    uint32_t flags; /* 1: do not block */
};

struct virtgpu_get_caps {
    uint32_t capset_id;
    uint32_t capset_version;
    uint64_t address;
    uint32_t size_bytes;
    uint32_t pad;
};

struct virtgpu_resource_create_blob {
    uint32_t memory;
    uint32_t flags;
    uint32_t handle;      /* out */
    uint32_t resource_id; /* out */
    uint64_t size_bytes;
    uint32_t pad;
    uint32_t command_bytes;
    uint64_t commands;
    uint64_t blob_id;
};

struct virtgpu_context_set_param {
    uint64_t param;
    uint64_t value;
};

struct virtgpu_context_init {
    uint32_t param_count;
    uint32_t pad;
    uint64_t params;
};

_Static_assert(sizeof(struct virtgpu_execbuffer) == 64, "kernel layout");
_Static_assert(sizeof(struct virtgpu_resource_create) == 56, "kernel layout");
_Static_assert(sizeof(struct virtgpu_transfer) == 44, "kernel layout");
_Static_assert(sizeof(struct virtgpu_resource_create_blob) == 48, "kernel layout");

/* 0 or a negative errno value. */
static inline int virtgpu_ioctl(int fd, enum virtgpu_ioctl number, void *argument, size_t bytes)
{
    unsigned long request = DRM_IOC(DRM_IOC_READWRITE, DRM_IOCTL_BASE,
                                    DRM_COMMAND_BASE + (unsigned long)number, bytes);

    return drmIoctl(fd, request, argument) == 0 ? 0 : -errno;
}

#endif /* VIRTGPU_UAPI_H */
