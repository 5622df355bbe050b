/* SPDX-License-Identifier: MIT */
#include "vgpu_layout.h"

#include <string.h>

#include "virgl_formats.h"

#define MAX_TOTAL_BYTES 0x7fffffffu

uint32_t vgpu_level_layers(const struct vgpu_resource_desc *desc, uint32_t level)
{
    if (desc->target == VIRGL_TEXTURE_TARGET_3D)
        return vgpu_minify(desc->depth, level);
    return desc->array_size > 0 ? desc->array_size : 1;
}

bool vgpu_layout_init(struct vgpu_layout *layout, const struct vgpu_resource_desc *desc)
{
    const struct virgl_format_info *format = virgl_format_info(desc->format);
    uint64_t total = 0;

    memset(layout, 0, sizeof(*layout));
    if (desc->width == 0 || desc->height == 0 || desc->last_level >= VGPU_MAX_LEVELS)
        return false;
    if (desc->target == VIRGL_TEXTURE_TARGET_BUFFER) {
        layout->stride_bytes[0] = layout->layer_stride_bytes[0] = desc->width;
        layout->total_bytes = desc->width;
        return desc->width <= MAX_TOTAL_BYTES;
    }
    if (!format || format->is_planar || format->block_bytes == 0)
        return false;
    if (desc->samples > 1)
        return true; /* its samples never leave the host */
    for (uint32_t level = 0; level <= desc->last_level; level++) {
        uint64_t width = vgpu_minify(desc->width, level), height = vgpu_minify(desc->height, level);
        uint64_t columns = (width + format->block_w_px - 1) / format->block_w_px;
        uint64_t rows = (height + format->block_h_px - 1) / format->block_h_px;
        uint64_t stride = columns * format->block_bytes, layer_stride = stride * rows;

        if (layer_stride > MAX_TOTAL_BYTES)
            return false;
        layout->offset_bytes[level] = (size_t)total;
        layout->stride_bytes[level] = (uint32_t)stride;
        layout->layer_stride_bytes[level] = (uint32_t)layer_stride;
        total += layer_stride * vgpu_level_layers(desc, level);
        if (total > MAX_TOTAL_BYTES)
            return false;
    }
    layout->total_bytes = (size_t)total;
    return true;
}

struct vgpu_box vgpu_level_box(const struct vgpu_resource_desc *desc, uint32_t level)
{
    bool buffer = desc->target == VIRGL_TEXTURE_TARGET_BUFFER;

    return (struct vgpu_box){
        .width = buffer ? desc->width : vgpu_minify(desc->width, level),
        .height = buffer ? 1 : vgpu_minify(desc->height, level),
        .depth = buffer ? 1 : vgpu_level_layers(desc, level),
    };
}

static bool inside(uint32_t origin, uint32_t size, uint32_t limit)
{
    return size > 0 && size <= limit && origin <= limit - size;
}

bool vgpu_transfer_init(struct vgpu_transfer *transfer, const struct vgpu_resource *resource,
                        uint32_t level, const struct vgpu_box *box)
{
    const struct vgpu_resource_desc *desc = &resource->desc;
    uint32_t block_w = 1, block_h = 1, block_bytes = 1;

    if (level > desc->last_level || resource->layout.total_bytes == 0)
        return false;
    struct vgpu_box whole = vgpu_level_box(desc, level);
    if (!inside(box->x, box->width, whole.width) || !inside(box->y, box->height, whole.height) ||
        !inside(box->z, box->depth, whole.depth))
        return false;
    if (desc->target != VIRGL_TEXTURE_TARGET_BUFFER) {
        const struct virgl_format_info *format = virgl_format_info(desc->format);

        block_w = format->block_w_px;
        block_h = format->block_h_px;
        block_bytes = format->block_bytes;
    }
    if (box->x % block_w || box->y % block_h)
        return false;
    *transfer = (struct vgpu_transfer){
        .level = level,
        .box = *box,
        .offset_bytes = resource->layout.offset_bytes[level] +
                        (size_t)box->z * resource->layout.layer_stride_bytes[level] +
                        (size_t)(box->y / block_h) * resource->layout.stride_bytes[level] +
                        (size_t)(box->x / block_w) * block_bytes,
        .stride_bytes = resource->layout.stride_bytes[level],
        .layer_stride_bytes = resource->layout.layer_stride_bytes[level],
    };
    return true;
}
