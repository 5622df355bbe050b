/* SPDX-License-Identifier: MIT */
#ifndef VGPU_RESOURCE_H
#define VGPU_RESOURCE_H

/*
 * Resources and the ways their contents move. Three ways lead to the host:
 *
 *   vgpu_upload()     the winsys copies from the resource's guest memory (a device request)
 *   vgpu_stream_upload() the same as a command inside the stream (capability TRANSFER)
 *   vgpu_write()      the bytes travel in the stream itself; the guest memory is not touched
 *
 * and one back: vgpu_read(), which blocks until the data is in guest memory.
 */

#include "vgpu_context.h"
#include "vgpu_layout.h"

/* Creates the resource that `desc` describes. On failure resource->id is 0. */
void vgpu_resource_init(struct vgpu_context *context, struct vgpu_resource *resource,
                        const struct vgpu_resource_desc *desc);

/* Submits what is buffered, then destroys; does nothing for a resource whose id is 0. */
void vgpu_resource_finish(struct vgpu_context *context, struct vgpu_resource *resource);

/* A buffer of size_bytes for the given uses (bits of enum virgl_bind). */
void vgpu_buffer_init(struct vgpu_context *context, struct vgpu_resource *buffer, uint32_t bind,
                      uint32_t size_bytes);

/* A 2D texture with one level. */
void vgpu_texture_init(struct vgpu_context *context, struct vgpu_resource *texture,
                       uint32_t format, uint32_t bind, uint32_t width_px, uint32_t height_px);

/* Where a texel lies in guest memory; NULL outside the resource or without guest memory. */
void *vgpu_texel(const struct vgpu_resource *resource, uint32_t level, uint32_t x, uint32_t y,
                 uint32_t z);

/* box NULL: the whole level. */
void vgpu_upload(struct vgpu_context *context, struct vgpu_resource *resource, uint32_t level,
                 const struct vgpu_box *box);
void vgpu_stream_upload(struct vgpu_context *context, struct vgpu_resource *resource,
                        uint32_t level, const struct vgpu_box *box);
void vgpu_read(struct vgpu_context *context, struct vgpu_resource *resource, uint32_t level,
               const struct vgpu_box *box);

/* `data` holds the box with the given strides (0: tight). */
void vgpu_write(struct vgpu_context *context, struct vgpu_resource *resource, uint32_t level,
                const struct vgpu_box *box, const void *data, size_t stride_bytes,
                size_t layer_stride_bytes);

#endif /* VGPU_RESOURCE_H */
