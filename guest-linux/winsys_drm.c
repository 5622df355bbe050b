/* SPDX-License-Identifier: MIT */
#include "winsys_drm.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "virtgpu_uapi.h"

#define CAPSET_VIRGL2 2
#define MAX_NODES 16

/* Members of vgpu_resource.winsys_data. */
enum { DATA_HANDLE, DATA_MAPPED_BYTES };

struct winsys_drm {
    struct vgpu_winsys base;
    int fd;
    char path[64];
    struct winsys_drm_params params;
    /* Every submission names all resources, so that the kernel's fences cover what the stream may
     * use: a scene has few, and nobody has to keep lists in step with the commands. */
    uint32_t *handles;
    unsigned handle_count, handle_capacity;
};

static const struct vgpu_winsys_ops drm_ops;

static struct winsys_drm *drm_of(struct vgpu_winsys *winsys)
{
    return (struct winsys_drm *)winsys;
}

static void drm_destroy(struct vgpu_winsys *winsys)
{
    struct winsys_drm *drm = drm_of(winsys);

    close(drm->fd);
    free(drm->handles);
    free(drm);
}

static int drm_get_capset(struct vgpu_winsys *winsys, uint32_t id, uint32_t version, void *data,
                          size_t capacity_bytes)
{
    struct virtgpu_get_caps caps = {
        .capset_id = id,
        .capset_version = version,
        .address = (uintptr_t)data,
        .size_bytes = (uint32_t)capacity_bytes,
    };
    int result = virtgpu_ioctl(drm_of(winsys)->fd, VIRTGPU_GET_CAPS, &caps, sizeof(caps));

    /* The kernel says EINVAL for a set that the device does not have. It does not tell the size:
     * what the host did not send is left as it was. */
    if (result == -EINVAL)
        return -ENOENT;
    return result < 0 ? result : (int)capacity_bytes;
}

static int remember(struct winsys_drm *drm, uint32_t handle)
{
    if (drm->handle_count == drm->handle_capacity) {
        unsigned capacity = drm->handle_capacity ? 2 * drm->handle_capacity : 32;
        uint32_t *handles = realloc(drm->handles, capacity * sizeof(*handles));

        if (!handles)
            return -ENOMEM;
        drm->handles = handles;
        drm->handle_capacity = capacity;
    }
    drm->handles[drm->handle_count++] = handle;
    return 0;
}

static void forget(struct winsys_drm *drm, uint32_t handle)
{
    for (unsigned i = 0; i < drm->handle_count; i++) {
        if (drm->handles[i] == handle) {
            drm->handles[i] = drm->handles[--drm->handle_count];
            return;
        }
    }
}

static void close_handle(struct winsys_drm *drm, uint32_t handle)
{
    struct drm_gem_close request = {.handle = handle};

    drmIoctl(drm->fd, DRM_IOCTL_GEM_CLOSE, &request);
}

static int map_handle(struct winsys_drm *drm, struct vgpu_resource *resource, size_t bytes)
{
    struct virtgpu_map map = {.handle = (uint32_t)resource->winsys_data[DATA_HANDLE]};
    int result = virtgpu_ioctl(drm->fd, VIRTGPU_MAP, &map, sizeof(map));

    if (result < 0)
        return result;
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, drm->fd,
                        (off_t)map.offset);

    if (memory == MAP_FAILED)
        return -errno;
    resource->memory = memory;
    resource->winsys_data[DATA_MAPPED_BYTES] = bytes;
    return 0;
}

static void drm_resource_destroy(struct vgpu_winsys *winsys, struct vgpu_resource *resource)
{
    struct winsys_drm *drm = drm_of(winsys);
    uint32_t handle = (uint32_t)resource->winsys_data[DATA_HANDLE];

    if (resource->memory)
        munmap(resource->memory, resource->winsys_data[DATA_MAPPED_BYTES]);
    resource->memory = NULL;
    forget(drm, handle);
    close_handle(drm, handle);
}

/* Takes over a handle that the kernel just made. */
static int adopt(struct winsys_drm *drm, struct vgpu_resource *resource, uint32_t handle,
                 size_t mapped_bytes)
{
    int result;

    resource->winsys_data[DATA_HANDLE] = handle;
    result = remember(drm, handle);
    if (result == 0 && mapped_bytes > 0)
        result = map_handle(drm, resource, mapped_bytes);
    if (result < 0)
        drm_resource_destroy(&drm->base, resource);
    return result;
}

static int drm_resource_create(struct vgpu_winsys *winsys, struct vgpu_resource *resource)
{
    struct winsys_drm *drm = drm_of(winsys);
    const struct vgpu_resource_desc *desc = &resource->desc;
    size_t bytes = resource->layout.total_bytes;
    struct virtgpu_resource_create request = {
        .target = desc->target,
        .format = desc->format,
        .bind = desc->bind,
        .width = desc->width,
        .height = desc->height,
        .depth = desc->depth,
        .array_size = desc->array_size,
        .last_level = desc->last_level,
        .samples = desc->samples,
        .flags = desc->flags,
        /* The kernel wants some memory behind every resource. */
        .size_bytes = bytes > 0 ? (uint32_t)bytes : 1,
        .stride_bytes = resource->layout.stride_bytes[0],
    };
    int result = virtgpu_ioctl(drm->fd, VIRTGPU_RESOURCE_CREATE, &request, sizeof(request));

    if (result < 0)
        return result;
    resource->id = request.resource_id;
    return adopt(drm, resource, request.handle, bytes);
}

static int drm_blob_create(struct vgpu_winsys *winsys, const struct vgpu_blob_desc *desc,
                           struct vgpu_resource *resource)
{
    struct winsys_drm *drm = drm_of(winsys);
    struct virtgpu_resource_create_blob request = {
        .memory = desc->memory,
        .flags = desc->flags,
        .size_bytes = desc->size_bytes,
        .blob_id = desc->blob_id,
    };

    if (!drm->params.has_blobs)
        return -ENOTSUP;
    int result = virtgpu_ioctl(drm->fd, VIRTGPU_RESOURCE_CREATE_BLOB, &request, sizeof(request));

    if (result < 0)
        return result;
    resource->id = request.resource_id;
    resource->layout.total_bytes = (size_t)desc->size_bytes;
    return adopt(drm, resource, request.handle, desc->flags & 1 ? (size_t)desc->size_bytes : 0);
}

static int transfer_request(struct winsys_drm *drm, enum virtgpu_ioctl number,
                            const struct vgpu_resource *resource,
                            const struct vgpu_transfer *transfer)
{
    struct virtgpu_transfer request = {
        .handle = (uint32_t)resource->winsys_data[DATA_HANDLE],
        .box = {transfer->box.x, transfer->box.y, transfer->box.z, transfer->box.width,
                transfer->box.height, transfer->box.depth},
        .level = transfer->level,
        .offset_bytes = (uint32_t)transfer->offset_bytes,
        /* Strides are for blobs alone; without, the kernel and the host take tight ones, which is
         * how the levels are laid out. */
    };

    return virtgpu_ioctl(drm->fd, number, &request, sizeof(request));
}

static int wait_handle(struct winsys_drm *drm, uint32_t handle)
{
    struct virtgpu_wait wait = {.handle = handle};
    int result;

    /* The kernel gives up after a while, which a busy host may need. */
    do
        result = virtgpu_ioctl(drm->fd, VIRTGPU_WAIT, &wait, sizeof(wait));
    while (result == -EBUSY);
    return result;
}

static int drm_transfer_to_host(struct vgpu_winsys *winsys, struct vgpu_resource *resource,
                                const struct vgpu_transfer *transfer)
{
    struct winsys_drm *drm = drm_of(winsys);
    int result = transfer_request(drm, VIRTGPU_TRANSFER_TO_HOST, resource, transfer);

    /* The caller may write to the memory as soon as this returns. */
    return result < 0 ? result
                      : wait_handle(drm, (uint32_t)resource->winsys_data[DATA_HANDLE]);
}

static int drm_transfer_from_host(struct vgpu_winsys *winsys, struct vgpu_resource *resource,
                                  const struct vgpu_transfer *transfer)
{
    return transfer_request(drm_of(winsys), VIRTGPU_TRANSFER_FROM_HOST, resource, transfer);
}

static int drm_submit(struct vgpu_winsys *winsys, const uint32_t *dwords, size_t count_dwords,
                      vgpu_os_handle in_fence, vgpu_os_handle *out_fence)
{
    struct winsys_drm *drm = drm_of(winsys);
    /* An empty stream cannot be sent; fences without work travel with a command that does
     * nothing. */
    static const uint32_t nothing[1];
    struct virtgpu_execbuffer request = {
        .size_bytes = (uint32_t)(count_dwords > 0 ? 4 * count_dwords : sizeof(nothing)),
        .commands = (uintptr_t)(count_dwords > 0 ? dwords : nothing),
        .handles = (uintptr_t)drm->handles,
        .handle_count = drm->handle_count,
        .fence_fd = -1,
    };

    if (in_fence != VGPU_NO_HANDLE) {
        request.flags |= VIRTGPU_EXECBUFFER_FENCE_FD_IN;
        request.fence_fd = (int)in_fence;
    }
    if (out_fence)
        request.flags |= VIRTGPU_EXECBUFFER_FENCE_FD_OUT;
    int result = virtgpu_ioctl(drm->fd, VIRTGPU_EXECBUFFER, &request, sizeof(request));

    if (result == 0 && out_fence)
        *out_fence = request.fence_fd;
    return result;
}

static int drm_wait(struct vgpu_winsys *winsys, struct vgpu_resource *resource)
{
    struct winsys_drm *drm = drm_of(winsys);
    int result = 0;

    if (resource)
        return wait_handle(drm, (uint32_t)resource->winsys_data[DATA_HANDLE]);
    for (unsigned i = 0; i < drm->handle_count && result == 0; i++)
        result = wait_handle(drm, drm->handles[i]);
    return result;
}

static int drm_resource_export(struct vgpu_winsys *winsys, struct vgpu_resource *resource,
                               vgpu_os_handle *handle)
{
    int fd;

    if (drmPrimeHandleToFD(drm_of(winsys)->fd, (uint32_t)resource->winsys_data[DATA_HANDLE],
                           DRM_CLOEXEC | DRM_RDWR, &fd) != 0)
        return -errno;
    *handle = fd;
    return 0;
}

static int drm_resource_import(struct vgpu_winsys *winsys, vgpu_os_handle dmabuf,
                               struct vgpu_resource *resource)
{
    struct winsys_drm *drm = drm_of(winsys);
    struct virtgpu_resource_info info = {0};

    if (drmPrimeFDToHandle(drm->fd, (int)dmabuf, &info.handle) != 0)
        return -errno;
    int result = virtgpu_ioctl(drm->fd, VIRTGPU_RESOURCE_INFO, &info, sizeof(info));

    if (result < 0) {
        close_handle(drm, info.handle);
        return result;
    }
    resource->id = info.resource_id;
    size_t bytes = resource->layout.total_bytes;

    return adopt(drm, resource, info.handle, bytes <= info.size_bytes ? bytes : 0);
}

/* A sync file becomes readable when its fence has passed. */
static int drm_fence_wait(struct vgpu_winsys *winsys, vgpu_os_handle fence, int64_t timeout_ns)
{
    struct pollfd poll_fd = {.fd = (int)fence, .events = POLLIN};
    const struct timespec timeout = {
        .tv_sec = timeout_ns / 1000000000, .tv_nsec = timeout_ns % 1000000000,
    };
    int ready;

    do
        ready = ppoll(&poll_fd, 1, timeout_ns < 0 ? NULL : &timeout, NULL);
    while (ready < 0 && errno == EINTR);
    if (ready < 0)
        return -errno;
    return ready == 0 ? -ETIMEDOUT : 0;
}

static void drm_handle_close(struct vgpu_winsys *winsys, vgpu_os_handle handle)
{
    close((int)handle);
}

static const struct vgpu_winsys_ops drm_ops = {
    .name = "drm",
    .destroy = drm_destroy,
    .get_capset = drm_get_capset,
    .resource_create = drm_resource_create,
    .resource_destroy = drm_resource_destroy,
    .transfer_to_host = drm_transfer_to_host,
    .transfer_from_host = drm_transfer_from_host,
    .submit = drm_submit,
    .wait = drm_wait,
    .blob_create = drm_blob_create,
    .resource_export = drm_resource_export,
    .resource_import = drm_resource_import,
    .fence_wait = drm_fence_wait,
    .handle_close = drm_handle_close,
};

static uint64_t get_param(int fd, enum virtgpu_param param)
{
    /* The kernel writes an int for most and 64 bits for none so far; room for both. */
    uint64_t value = 0;
    struct virtgpu_getparam request = {.param = param, .value = (uintptr_t)&value};

    return virtgpu_ioctl(fd, VIRTGPU_GETPARAM, &request, sizeof(request)) == 0 ? value : 0;
}

static void read_params(int fd, struct winsys_drm_params *params)
{
    uint64_t value;

    params->has_3d = get_param(fd, VIRTGPU_PARAM_3D_FEATURES);
    params->has_blobs = get_param(fd, VIRTGPU_PARAM_RESOURCE_BLOB);
    params->has_host_visible = get_param(fd, VIRTGPU_PARAM_HOST_VISIBLE);
    params->has_cross_device = get_param(fd, VIRTGPU_PARAM_CROSS_DEVICE);
    params->has_context_init = get_param(fd, VIRTGPU_PARAM_CONTEXT_INIT);
    params->capset_mask = get_param(fd, VIRTGPU_PARAM_SUPPORTED_CAPSET_IDS);
    params->has_syncobj = drmGetCap(fd, DRM_CAP_SYNCOBJ, &value) == 0 && value;
    params->has_syncobj_timeline = drmGetCap(fd, DRM_CAP_SYNCOBJ_TIMELINE, &value) == 0 && value;
}

/* Names the kind of context where the kernel lets us; older ones open a virgl context by
 * themselves. */
static int init_context(const struct winsys_drm *drm)
{
    struct virtgpu_context_set_param param = {
        .param = VIRTGPU_CONTEXT_PARAM_CAPSET_ID, .value = CAPSET_VIRGL2,
    };
    struct virtgpu_context_init request = {.param_count = 1, .params = (uintptr_t)&param};

    if (!drm->params.has_context_init || !(drm->params.capset_mask & 1u << CAPSET_VIRGL2))
        return 0;
    return virtgpu_ioctl(drm->fd, VIRTGPU_CONTEXT_INIT, &request, sizeof(request));
}

/* -ENODEV when the node is not a virtio-gpu with 3D. */
static int open_node(const char *path, struct vgpu_winsys **winsys)
{
    int fd = open(path, O_RDWR | O_CLOEXEC), result = 0;
    drmVersionPtr version;

    if (fd < 0)
        return -errno;
    version = drmGetVersion(fd);
    if (!version || strcmp(version->name, "virtio_gpu") != 0)
        result = -ENODEV;
    drmFreeVersion(version);
    struct winsys_drm *drm = result == 0 ? calloc(1, sizeof(*drm)) : NULL;

    if (!drm) {
        close(fd);
        return result < 0 ? result : -ENOMEM;
    }
    drm->base.ops = &drm_ops;
    drm->fd = fd;
    strncpy(drm->path, path, sizeof(drm->path) - 1);
    read_params(fd, &drm->params);
    result = drm->params.has_3d ? init_context(drm) : -ENODEV;
    if (result < 0) {
        drm_destroy(&drm->base);
        return result;
    }
    *winsys = &drm->base;
    return 0;
}

int winsys_drm_open(const char *path, struct vgpu_winsys **winsys)
{
    drmDevicePtr devices[MAX_NODES];
    int denied = 0, result = -ENODEV;

    if (path)
        return open_node(path, winsys);
    int count = drmGetDevices2(0, devices, MAX_NODES);

    if (count < 0)
        return -ENODEV;
    for (int i = 0; i < count && result < 0; i++) {
        static const int kinds[2] = {DRM_NODE_PRIMARY, DRM_NODE_RENDER};

        for (unsigned kind = 0; kind < 2 && result < 0; kind++) {
            if (!(devices[i]->available_nodes & 1 << kinds[kind]))
                continue;
            result = open_node(devices[i]->nodes[kinds[kind]], winsys);
            if (result == -EACCES || result == -EPERM)
                denied = result;
        }
    }
    drmFreeDevices(devices, count);
    return result < 0 && denied ? denied : result;
}

int winsys_drm_fd(const struct vgpu_winsys *winsys)
{
    return winsys->ops == &drm_ops ? ((const struct winsys_drm *)winsys)->fd : -1;
}

const char *winsys_drm_path(const struct vgpu_winsys *winsys)
{
    return winsys->ops == &drm_ops ? ((const struct winsys_drm *)winsys)->path : "";
}

const struct winsys_drm_params *winsys_drm_params(const struct vgpu_winsys *winsys)
{
    return winsys->ops == &drm_ops ? &((const struct winsys_drm *)winsys)->params : NULL;
}

uint32_t winsys_drm_handle(const struct vgpu_resource *resource)
{
    return (uint32_t)resource->winsys_data[DATA_HANDLE];
}
