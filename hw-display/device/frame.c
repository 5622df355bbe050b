/* SPDX-License-Identifier: MIT */
#include "device.h"

struct vgpu_frame *vgpu_frame_new(uint32_t format, uint32_t width, uint32_t height)
{
    uint64_t size_bytes = 4ull * width * height;
    struct vgpu_frame *frame = g_new0(struct vgpu_frame, 1);
    frame->pixels = g_try_malloc0(MAX(size_bytes, 4));
    if (!frame->pixels) {
        g_free(frame);
        return NULL;
    }
    frame->refs = 1;
    frame->format = format;
    frame->width = width;
    frame->height = height;
    frame->stride_bytes = 4 * width;
    return frame;
}

struct vgpu_frame *vgpu_frame_ref(struct vgpu_frame *frame)
{
    g_atomic_int_inc(&frame->refs);
    return frame;
}

void vgpu_frame_unref(struct vgpu_frame *frame)
{
    if (!frame || !g_atomic_int_dec_and_test(&frame->refs))
        return;
    g_free(frame->pixels);
    g_free(frame);
}
