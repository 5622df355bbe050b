/* SPDX-License-Identifier: MIT */
#include "vgpu_resource.h"

#include <errno.h>

#include "virgl_formats.h"

void vgpu_resource_init(struct vgpu_context *context, struct vgpu_resource *resource,
                        const struct vgpu_resource_desc *desc)
{
    memset(resource, 0, sizeof(*resource));
    if (context->error)
        return;
    resource->desc = *desc;
    if (!vgpu_layout_init(&resource->layout, desc)) {
        vgpu_context_fail(context, -EINVAL);
        return;
    }
    int result = context->winsys->ops->resource_create(context->winsys, resource);

    if (result < 0) {
        resource->id = 0;
        vgpu_context_fail(context, result);
    }
}

void vgpu_resource_finish(struct vgpu_context *context, struct vgpu_resource *resource)
{
    if (resource->id == 0)
        return;
    vgpu_context_flush(context);
    context->winsys->ops->resource_destroy(context->winsys, resource);
    resource->id = 0;
    resource->memory = NULL;
}

void vgpu_buffer_init(struct vgpu_context *context, struct vgpu_resource *buffer, uint32_t bind,
                      uint32_t size_bytes)
{
    const struct vgpu_resource_desc desc = {
        .target = VIRGL_TEXTURE_TARGET_BUFFER,
        .format = VIRGL_FORMAT_R8_UNORM,
        .bind = bind,
        .width = size_bytes,
        .height = 1,
        .depth = 1,
        .array_size = 1,
    };

    vgpu_resource_init(context, buffer, &desc);
}

void vgpu_texture_init(struct vgpu_context *context, struct vgpu_resource *texture,
                       uint32_t format, uint32_t bind, uint32_t width_px, uint32_t height_px)
{
    const struct vgpu_resource_desc desc = {
        .target = VIRGL_TEXTURE_TARGET_2D,
        .format = format,
        .bind = bind,
        .width = width_px,
        .height = height_px,
        .depth = 1,
        .array_size = 1,
    };

    vgpu_resource_init(context, texture, &desc);
}

void *vgpu_texel(const struct vgpu_resource *resource, uint32_t level, uint32_t x, uint32_t y,
                 uint32_t z)
{
    const struct vgpu_box box = {x, y, z, 1, 1, 1};
    struct vgpu_transfer transfer;

    if (!resource->memory || !vgpu_transfer_init(&transfer, resource, level, &box))
        return NULL;
    return (uint8_t *)resource->memory + transfer.offset_bytes;
}

/* False after recording the error. */
static bool transfer_of(struct vgpu_context *context, struct vgpu_transfer *transfer,
                        const struct vgpu_resource *resource, uint32_t level,
                        const struct vgpu_box *box)
{
    if (context->error)
        return false;
    struct vgpu_box whole = vgpu_level_box(&resource->desc, level);

    if (!vgpu_transfer_init(transfer, resource, level, box ? box : &whole)) {
        vgpu_context_fail(context, -EINVAL);
        return false;
    }
    return true;
}

void vgpu_upload(struct vgpu_context *context, struct vgpu_resource *resource, uint32_t level,
                 const struct vgpu_box *box)
{
    struct vgpu_transfer transfer;

    if (!transfer_of(context, &transfer, resource, level, box) || vgpu_context_flush(context))
        return;
    int result = context->winsys->ops->transfer_to_host(context->winsys, resource, &transfer);

    if (result < 0)
        vgpu_context_fail(context, result);
}

void vgpu_stream_upload(struct vgpu_context *context, struct vgpu_resource *resource,
                        uint32_t level, const struct vgpu_box *box)
{
    struct vgpu_transfer transfer;

    if (!transfer_of(context, &transfer, resource, level, box))
        return;
    const struct virgl_cmd_transfer3d command = {
        .resource = resource->id,
        .level = level,
        .usage = VIRGL_TRANSFER_USAGE_WRITE,
        .stride = transfer.stride_bytes,
        .layer_stride = transfer.layer_stride_bytes,
        .x = (int32_t)transfer.box.x,
        .y = (int32_t)transfer.box.y,
        .z = (int32_t)transfer.box.z,
        .width = (int32_t)transfer.box.width,
        .height = (int32_t)transfer.box.height,
        .depth = (int32_t)transfer.box.depth,
        .offset = (uint32_t)transfer.offset_bytes,
        .direction = VIRGL_TRANSFER_DIRECTION_TO_HOST,
    };

    VGPU_ENCODE(context, virgl_encode_cmd_transfer3d(&context->encoder, &command));
}

void vgpu_read(struct vgpu_context *context, struct vgpu_resource *resource, uint32_t level,
               const struct vgpu_box *box)
{
    struct vgpu_winsys *winsys = context->winsys;
    struct vgpu_transfer transfer;

    if (!transfer_of(context, &transfer, resource, level, box) || vgpu_context_flush(context))
        return;
    int result = winsys->ops->transfer_from_host(winsys, resource, &transfer);

    if (result == 0)
        result = winsys->ops->wait(winsys, resource);
    if (result < 0)
        vgpu_context_fail(context, result);
}

void vgpu_write(struct vgpu_context *context, struct vgpu_resource *resource, uint32_t level,
                const struct vgpu_box *box, const void *data, size_t stride_bytes,
                size_t layer_stride_bytes)
{
    bool buffer = resource->desc.target == VIRGL_TEXTURE_TARGET_BUFFER;
    struct vgpu_transfer transfer;
    enum virgl_upload state;

    if (!transfer_of(context, &transfer, resource, level, box))
        return;
    const struct virgl_format_info *format = virgl_format_info(resource->desc.format);
    struct virgl_inline_upload upload = {
        .resource = resource->id,
        .level = level,
        .usage = VIRGL_TRANSFER_USAGE_WRITE,
        .x = transfer.box.x,
        .y = transfer.box.y,
        .z = transfer.box.z,
        .width = transfer.box.width,
        .height = transfer.box.height,
        .depth = transfer.box.depth,
        .block_w_px = buffer ? 1 : format->block_w_px,
        .block_h_px = buffer ? 1 : format->block_h_px,
        .block_bytes = buffer ? 1 : format->block_bytes,
        .data = data,
        .stride_bytes = stride_bytes,
        .layer_stride_bytes = layer_stride_bytes,
    };
    uint32_t columns = (upload.width + upload.block_w_px - 1) / upload.block_w_px;
    uint32_t rows = (upload.height + upload.block_h_px - 1) / upload.block_h_px;

    if (upload.stride_bytes == 0)
        upload.stride_bytes = (size_t)columns * upload.block_bytes;
    if (upload.layer_stride_bytes == 0)
        upload.layer_stride_bytes = upload.stride_bytes * rows;
    do {
        state = virgl_encode_inline_upload(&context->encoder, &upload);
        if (state == VIRGL_UPLOAD_INVALID)
            vgpu_context_fail(context, -EINVAL);
        else if (state == VIRGL_UPLOAD_FULL)
            vgpu_context_flush(context);
    } while (state == VIRGL_UPLOAD_FULL && !context->error);
}
