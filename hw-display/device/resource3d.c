/* SPDX-License-Identifier: MIT */
#include "device.h"
#include "virgl_formats.h"
#include "virgl_protocol.h"

static uint64_t multiply(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t add(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static uint32_t minify(uint32_t size, uint32_t level)
{
    return MAX(size >> level, 1u);
}

static uint32_t blocks(uint32_t size_px, uint32_t block_px)
{
    return (size_px + block_px - 1) / block_px;
}

/* What the resource takes in the host, about; saturates. */
static uint64_t estimate_bytes(const struct vgpu_wire_resource_create_3d *r)
{
    if (r->bind == VIRGL_BIND_STAGING)
        return 0;
    if (r->target == VIRGL_TEXTURE_TARGET_BUFFER)
        return r->width;
    const struct virgl_format_info *format = virgl_format_info(r->format);
    uint64_t total = 0;
    for (uint32_t level = 0; level <= r->last_level; level++) {
        uint64_t texels = multiply(blocks(minify(r->width, level), format->block_w_px),
                                   blocks(minify(r->height, level), format->block_h_px));
        texels = multiply(texels, minify(r->depth, level));
        total = add(total, multiply(texels, format->block_bytes ? format->block_bytes : 4));
    }
    return multiply(multiply(total, MAX(r->array_size, 1u)), MAX(r->nr_samples, 1u));
}

/* Bounds that make the estimate meaningful; the finer rules are the renderer's. */
static const char *what_is_wrong(const struct vgpu_wire_resource_create_3d *r)
{
    const struct virgl_format_info *format = virgl_format_info(r->format);
    if (r->target >= VIRGL_TEXTURE_TARGET_COUNT)
        return "target";
    if (!format || !format->block_w_px || !format->block_h_px)
        return "format";
    if (!r->width)
        return "width";
    if (r->target == VIRGL_TEXTURE_TARGET_BUFFER)
        return r->last_level ? "last_level" : NULL;
    if (!r->height || !r->depth || r->width > VGPU_MAX_DIMENSION ||
        r->height > VGPU_MAX_DIMENSION || r->depth > VGPU_MAX_DIMENSION ||
        r->array_size > VGPU_MAX_DIMENSION)
        return "size";
    if (r->last_level > 16)
        return "last_level";
    if (r->nr_samples > 64)
        return "nr_samples";
    return NULL;
}

uint32_t vgpu_resource_create_3d(struct vgpu_device *device, struct vgpu_job *job)
{
    const struct vgpu_wire_resource_create_3d *r = vgpu_request(job, vgpu_wire_resource_create_3d);
    const char *wrong = what_is_wrong(r);
    uint32_t error;
    struct vgpu_resource *resource =
        vgpu_resource_new(device, job, r->resource_id, VGPU_RESOURCE_3D,
                          wrong ? 0 : estimate_bytes(r), &error);
    if (!resource)
        return error;
    if (wrong) {
        vgpu_guest_error(device, job, "resource %u: bad %s", r->resource_id, wrong);
        vgpu_resource_free(resource);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    resource->target = r->target;
    resource->format = r->format;
    resource->bind = r->bind;
    resource->width = r->width;
    resource->height = r->height;
    resource->depth = r->depth;
    resource->array_size = r->array_size;
    resource->last_level = r->last_level;
    resource->nr_samples = r->nr_samples;
    resource->flags = r->flags;
    struct virgl_renderer_resource_create_args args = {
        .handle = r->resource_id,
        .target = r->target,
        .format = r->format,
        .bind = r->bind,
        .width = r->width,
        .height = r->height,
        .depth = r->depth,
        .array_size = r->array_size,
        .last_level = r->last_level,
        .nr_samples = r->nr_samples,
        .flags = r->flags,
    };
    int err = device->renderer->resource_create(&args, NULL, 0);
    if (err) {
        vgpu_guest_error(device, job, "resource %u: refused by the renderer (error %d): target %u, "
                         "format %u (%s), bind 0x%x, %ux%ux%u, array %u, last_level %u, samples %u",
                         r->resource_id, err, r->target, r->format, virgl_format_name(r->format),
                         r->bind, r->width, r->height, r->depth, r->array_size, r->last_level,
                         r->nr_samples);
        vgpu_resource_free(resource);
        return vgpu_renderer_error(err);
    }
    resource->in_renderer = true;
    return VGPU_RESP_OK_NODATA;
}

/* Returns 0, with *resource set, when the transfer may be given to the renderer. */
static uint32_t check_transfer(struct vgpu_device *device, struct vgpu_job *job,
                               struct vgpu_resource **resource)
{
    uint32_t id = vgpu_request(job, vgpu_wire_transfer_host_3d)->resource_id;
    if (job->header.ctx_id && !vgpu_context_find(device, job->header.ctx_id)) {
        vgpu_guest_error(device, job, "unknown context");
        return VGPU_RESP_ERR_INVALID_CONTEXT_ID;
    }
    *resource = vgpu_resource_find(device, id);
    if (!*resource) {
        vgpu_guest_error(device, job, "unknown resource %u", id);
        return VGPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    if ((*resource)->in_renderer)
        return 0;
    if ((*resource)->kind == VGPU_RESOURCE_2D)
        return vgpu_resource_promote_2d(*resource);
    return VGPU_RESP_ERR_INVALID_PARAMETER;
}

static uint32_t transfer(struct vgpu_device *device, struct vgpu_job *job, bool to_host)
{
    const struct vgpu_wire_transfer_host_3d *r = vgpu_request(job, vgpu_wire_transfer_host_3d);
    struct vgpu_resource *resource;
    uint32_t error = check_transfer(device, job, &resource);
    if (error)
        return error;
    struct vgpu_wire_box box = r->box;
    struct virgl_box *renderer_box = (struct virgl_box *)&box;
    int err;
    if (to_host)
        err = device->renderer->transfer_write_iov(resource->id, job->header.ctx_id, (int)r->level,
                                                   r->stride, r->layer_stride, renderer_box,
                                                   r->offset, NULL, 0);
    else
        err = device->renderer->transfer_read_iov(resource->id, job->header.ctx_id, r->level,
                                                  r->stride, r->layer_stride, renderer_box,
                                                  r->offset, NULL, 0);
    if (err) {
        vgpu_guest_error(device, job, "resource %u: refused by the renderer (error %d): level %u, "
                         "box %ux%ux%u+%u+%u+%u, stride %u, layer_stride %u, offset %"
                         G_GUINT64_FORMAT, r->resource_id, err, r->level, box.w, box.h, box.d,
                         box.x, box.y, box.z, r->stride, r->layer_stride, (uint64_t)r->offset);
        return vgpu_renderer_error(err);
    }
    job->draws = true;
    return VGPU_RESP_OK_NODATA;
}

uint32_t vgpu_transfer_to_host_3d(struct vgpu_device *device, struct vgpu_job *job)
{
    return transfer(device, job, true);
}

uint32_t vgpu_transfer_from_host_3d(struct vgpu_device *device, struct vgpu_job *job)
{
    return transfer(device, job, false);
}
