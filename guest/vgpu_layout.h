/* SPDX-License-Identifier: MIT */
#ifndef VGPU_LAYOUT_H
#define VGPU_LAYOUT_H

#include "vgpu_winsys.h"

/* Size of one dimension at a mip level: halved per level, at least 1. */
static inline uint32_t vgpu_minify(uint32_t size, uint32_t level)
{
    uint32_t minified = level < 32 ? size >> level : 0;

    return minified > 0 ? minified : 1;
}

/* Layers of a level: depth slices for 3D textures, array layers (faces included) otherwise. */
uint32_t vgpu_level_layers(const struct vgpu_resource_desc *desc, uint32_t level);

/* Lays out the levels in guest memory. False when the description makes no sense (no such format,
 * too many levels, more than 2 GiB). */
bool vgpu_layout_init(struct vgpu_layout *layout, const struct vgpu_resource_desc *desc);

/* The whole of a level. */
struct vgpu_box vgpu_level_box(const struct vgpu_resource_desc *desc, uint32_t level);

/* The transfer of a box of a level; false when the box is not inside it. */
bool vgpu_transfer_init(struct vgpu_transfer *transfer, const struct vgpu_resource *resource,
                        uint32_t level, const struct vgpu_box *box);

#endif /* VGPU_LAYOUT_H */
