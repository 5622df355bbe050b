/* SPDX-License-Identifier: MIT */
#include "library_winsys.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/uio.h>

#include "virglrenderer.h"

struct library_winsys {
    struct vgpu_winsys base;
    uint32_t context_id;
    uint32_t last_resource_id;
};

static struct library_winsys *library_of(struct vgpu_winsys *winsys)
{
    return (struct library_winsys *)winsys;
}

static void library_destroy(struct vgpu_winsys *winsys)
{
    virgl_renderer_context_destroy(library_of(winsys)->context_id);
    g_free(winsys);
}

static int library_get_capset(struct vgpu_winsys *winsys, uint32_t id, uint32_t version,
                              void *data, size_t capacity_bytes)
{
    uint32_t max_version = 0, size_bytes = 0;

    virgl_renderer_get_cap_set(id, &max_version, &size_bytes);
    if (size_bytes == 0)
        return -ENOENT;
    void *caps = g_malloc0(size_bytes);
    size_t kept = MIN(capacity_bytes, size_bytes);

    virgl_renderer_fill_caps(id, version, caps);
    memcpy(data, caps, kept);
    g_free(caps);
    return (int)kept;
}

static int library_resource_create(struct vgpu_winsys *winsys, struct vgpu_resource *resource)
{
    struct library_winsys *library = library_of(winsys);
    const struct vgpu_resource_desc *desc = &resource->desc;
    struct virgl_renderer_resource_create_args args = {
        .handle = library->last_resource_id + 1,
        .target = desc->target,
        .format = desc->format,
        .bind = desc->bind,
        .width = desc->width,
        .height = desc->height,
        .depth = desc->depth,
        .array_size = desc->array_size,
        .last_level = desc->last_level,
        .nr_samples = desc->samples,
        .flags = desc->flags,
    };

    if (virgl_renderer_resource_create(&args, NULL, 0) != 0)
        return -EINVAL;
    resource->id = ++library->last_resource_id;
    if (resource->layout.total_bytes > 0) {
        struct iovec *pages = g_new(struct iovec, 1);

        resource->memory = g_malloc0(resource->layout.total_bytes);
        *pages = (struct iovec){resource->memory, resource->layout.total_bytes};
        virgl_renderer_resource_attach_iov((int)resource->id, pages, 1);
    }
    virgl_renderer_ctx_attach_resource((int)library->context_id, (int)resource->id);
    return 0;
}

static void library_resource_destroy(struct vgpu_winsys *winsys, struct vgpu_resource *resource)
{
    struct iovec *pages = NULL;
    int count = 0;

    virgl_renderer_ctx_detach_resource((int)library_of(winsys)->context_id, (int)resource->id);
    virgl_renderer_resource_detach_iov((int)resource->id, &pages, &count);
    virgl_renderer_resource_unref(resource->id);
    g_free(pages);
    g_free(resource->memory);
}

static int library_transfer_to_host(struct vgpu_winsys *winsys, struct vgpu_resource *resource,
                                    const struct vgpu_transfer *transfer)
{
    struct vgpu_box box = transfer->box;

    return -virgl_renderer_transfer_write_iov(resource->id, library_of(winsys)->context_id,
                                              (int)transfer->level, transfer->stride_bytes,
                                              transfer->layer_stride_bytes,
                                              (struct virgl_box *)&box, transfer->offset_bytes,
                                              NULL, 0);
}

static int library_transfer_from_host(struct vgpu_winsys *winsys, struct vgpu_resource *resource,
                                      const struct vgpu_transfer *transfer)
{
    struct vgpu_box box = transfer->box;

    return -virgl_renderer_transfer_read_iov(resource->id, library_of(winsys)->context_id,
                                             transfer->level, transfer->stride_bytes,
                                             transfer->layer_stride_bytes,
                                             (struct virgl_box *)&box, transfer->offset_bytes,
                                             NULL, 0);
}

static int library_submit(struct vgpu_winsys *winsys, const uint32_t *dwords, size_t count_dwords,
                          vgpu_os_handle in_fence, vgpu_os_handle *out_fence)
{
    if (in_fence != VGPU_NO_HANDLE || out_fence)
        return -ENOTSUP;
    return -virgl_renderer_submit_cmd((void *)dwords, (int)library_of(winsys)->context_id,
                                      (int)count_dwords);
}

/* Reads wait for the work before them. */
static int library_wait(struct vgpu_winsys *winsys, struct vgpu_resource *resource)
{
    virgl_renderer_poll();
    return 0;
}

static const struct vgpu_winsys_ops library_ops = {
    .name = "library",
    .destroy = library_destroy,
    .get_capset = library_get_capset,
    .resource_create = library_resource_create,
    .resource_destroy = library_resource_destroy,
    .transfer_to_host = library_transfer_to_host,
    .transfer_from_host = library_transfer_from_host,
    .submit = library_submit,
    .wait = library_wait,
};

struct vgpu_winsys *library_winsys_open(uint32_t context_id)
{
    static const char name[] = "shader test";

    if (virgl_renderer_context_create(context_id, sizeof(name) - 1, name) != 0)
        return NULL;
    struct library_winsys *library = g_new0(struct library_winsys, 1);

    library->base.ops = &library_ops;
    library->context_id = context_id;
    return &library->base;
}
