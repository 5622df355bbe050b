/* SPDX-License-Identifier: MIT */
#include "device.h"
#include "virgl_protocol.h"

#define PIXEL_BYTES 4u

static bool format_known(uint32_t format)
{
    switch (format) {
    case VGPU_FORMAT_B8G8R8A8_UNORM:
    case VGPU_FORMAT_B8G8R8X8_UNORM:
    case VGPU_FORMAT_A8R8G8B8_UNORM:
    case VGPU_FORMAT_X8R8G8B8_UNORM:
    case VGPU_FORMAT_R8G8B8A8_UNORM:
    case VGPU_FORMAT_X8B8G8R8_UNORM:
    case VGPU_FORMAT_A8B8G8R8_UNORM:
    case VGPU_FORMAT_R8G8B8X8_UNORM:
        return true;
    default:
        return false;
    }
}

uint32_t vgpu_resource_create_2d(struct vgpu_device *device, struct vgpu_job *job)
{
    const struct vgpu_wire_resource_create_2d *r =
        vgpu_request(job, vgpu_wire_resource_create_2d);
    if (!format_known(r->format)) {
        vgpu_guest_error(device, job, "resource %u: format %u", r->resource_id, r->format);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    bool sane = r->width && r->height && r->width <= VGPU_MAX_DIMENSION &&
                r->height <= VGPU_MAX_DIMENSION;
    uint64_t size_bytes = sane ? (uint64_t)PIXEL_BYTES * r->width * r->height : UINT64_MAX;
    uint32_t error;
    struct vgpu_resource *resource =
        vgpu_resource_new(device, job, r->resource_id, VGPU_RESOURCE_2D, size_bytes, &error);
    if (!resource)
        return error;
    resource->target = VIRGL_TEXTURE_TARGET_2D;
    resource->bind = VIRGL_BIND_RENDER_TARGET | VIRGL_BIND_SAMPLER_VIEW;
    resource->flags = VGPU_RESOURCE_FLAG_Y_0_TOP;
    resource->format = r->format;
    resource->width = r->width;
    resource->height = r->height;
    resource->frame = vgpu_frame_new(r->format, r->width, r->height);
    if (!resource->frame) {
        vgpu_resource_free(resource);
        return VGPU_RESP_ERR_OUT_OF_MEMORY;
    }
    return VGPU_RESP_OK_NODATA;
}

/* offset is the rectangle's first pixel; rows of the backing are as wide as the resource. */
static bool range_inside(const struct vgpu_resource *resource, const struct vgpu_rect *rect,
                         uint64_t offset)
{
    uint64_t needed = 0;
    if (rect->width && rect->height)
        needed = (uint64_t)PIXEL_BYTES * ((uint64_t)(rect->height - 1) * resource->width +
                                          rect->width);
    return offset <= resource->backing->size_bytes &&
           needed <= resource->backing->size_bytes - offset;
}

static void copy_to_frame(struct vgpu_resource *resource, const struct vgpu_rect *rect,
                          uint64_t offset)
{
    struct vgpu_frame *frame = resource->frame;
    uint64_t pitch = (uint64_t)PIXEL_BYTES * resource->width;
    struct vgpu_iov_reader reader;
    vgpu_iov_reader_init(&reader, resource->backing->iov, resource->backing->iov_count);
    if (rect->width == resource->width) {
        vgpu_iov_read(&reader, offset, frame->pixels + (size_t)rect->y * frame->stride_bytes,
                      (size_t)rect->height * pitch);
        return;
    }
    for (uint32_t row = 0; row < rect->height; row++) {
        uint8_t *to = frame->pixels + (size_t)(rect->y + row) * frame->stride_bytes +
                      (size_t)rect->x * PIXEL_BYTES;
        vgpu_iov_read(&reader, offset + row * pitch, to, (size_t)rect->width * PIXEL_BYTES);
    }
}

static uint32_t transfer_in_renderer(struct vgpu_device *device, struct vgpu_job *job,
                                     struct vgpu_resource *resource, const struct vgpu_rect *rect,
                                     uint64_t offset)
{
    if (resource->target != VIRGL_TEXTURE_TARGET_2D) {
        vgpu_guest_error(device, job, "resource %u is not two-dimensional", resource->id);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    struct vgpu_wire_box box = {
        .x = rect->x, .y = rect->y, .w = rect->width, .h = rect->height, .d = 1,
    };
    int err = device->renderer->transfer_write_iov(resource->id, 0, 0, 0, 0,
                                                   (struct virgl_box *)&box, offset, NULL, 0);
    if (err) {
        vgpu_guest_error(device, job, "resource %u: refused by the renderer (error %d)",
                         resource->id, err);
        return vgpu_renderer_error(err);
    }
    job->draws = true;
    return VGPU_RESP_OK_NODATA;
}

uint32_t vgpu_transfer_to_host_2d(struct vgpu_device *device, struct vgpu_job *job)
{
    const struct vgpu_wire_transfer_to_host_2d *r =
        vgpu_request(job, vgpu_wire_transfer_to_host_2d);
    struct vgpu_resource *resource = vgpu_resource_find(device, r->resource_id);
    if (!resource) {
        vgpu_guest_error(device, job, "unknown resource %u", r->resource_id);
        return VGPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    /* A blob's memory is its content: nothing to move. */
    if (resource->kind == VGPU_RESOURCE_BLOB)
        return VGPU_RESP_OK_NODATA;
    if (!resource->backing) {
        vgpu_guest_error(device, job, "resource %u has no backing", r->resource_id);
        return VGPU_RESP_ERR_UNSPEC;
    }
    struct vgpu_rect rect = {r->r.x, r->r.y, r->r.width, r->r.height};
    if (!vgpu_rect_inside(&rect, resource->width, resource->height)) {
        vgpu_guest_error(device, job, "rectangle %ux%u+%u+%u outside of resource %u (%ux%u)",
                         rect.width, rect.height, rect.x, rect.y, resource->id, resource->width,
                         resource->height);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    if (resource->in_renderer)
        return transfer_in_renderer(device, job, resource, &rect, r->offset);
    if (!range_inside(resource, &rect, r->offset)) {
        vgpu_guest_error(device, job, "resource %u: offset %" G_GUINT64_FORMAT
                         " beyond the backing of %" G_GUINT64_FORMAT " bytes", resource->id,
                         (uint64_t)r->offset, resource->backing->size_bytes);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    if (rect.width && rect.height)
        copy_to_frame(resource, &rect, r->offset);
    return VGPU_RESP_OK_NODATA;
}

uint32_t vgpu_resource_promote_2d(struct vgpu_resource *resource)
{
    const struct vgpu_renderer_ops *renderer = resource->device->renderer;
    struct virgl_renderer_resource_create_args args = {
        .handle = resource->id,
        .target = resource->target,
        .format = resource->format,
        .bind = resource->bind,
        .width = resource->width,
        .height = resource->height,
        .depth = 1,
        .array_size = 1,
        .flags = resource->flags,
    };
    int err = renderer->resource_create(&args, NULL, 0);
    if (err)
        return vgpu_renderer_error(err);
    struct vgpu_wire_box box = {.w = resource->width, .h = resource->height, .d = 1};
    struct iovec pixels = {
        .iov_base = resource->frame->pixels,
        .iov_len = (size_t)resource->frame->stride_bytes * resource->height,
    };
    err = renderer->transfer_write_iov(resource->id, 0, 0, resource->frame->stride_bytes, 0,
                                       (struct virgl_box *)&box, 0, &pixels, 1);
    if (!err && resource->backing)
        err = renderer->resource_attach_iov((int)resource->id, resource->backing->iov,
                                            (int)resource->backing->iov_count);
    if (err) {
        renderer->resource_unref(resource->id);
        return vgpu_renderer_error(err);
    }
    resource->in_renderer = true;
    vgpu_scanout_resource_promoted(resource->device, resource);
    vgpu_frame_unref(resource->frame);
    resource->frame = NULL;
    return 0;
}
