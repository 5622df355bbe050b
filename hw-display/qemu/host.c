/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the device asks of QEMU. */
#include "mantua-gpu.h"

static void host_wake(void *opaque)
{
    struct gpu *gpu = opaque;
    qemu_bh_schedule(gpu->dispatch_bh);
}

static void *host_map_guest(void *opaque, uint64_t address, uint64_t *length_bytes)
{
    struct gpu *gpu = opaque;
    AddressSpace *as = VIRTIO_DEVICE(gpu->qdev)->dma_as;
    hwaddr length = *length_bytes;
    bool plain;
    /*
     * Anything but memory would be mapped by QEMU's one bounce buffer, which a resource would then
     * keep from everybody else.
     */
    WITH_RCU_READ_LOCK_GUARD() {
        hwaddr offset;
        MemoryRegion *mr = address_space_translate(as, address, &offset, &length, true,
                                                   MEMTXATTRS_UNSPECIFIED);
        plain = compat_is_plain_memory(mr);
    }
    if (!plain || !length) {
        return NULL;
    }
    void *pointer = dma_memory_map(as, address, &length, DMA_DIRECTION_FROM_DEVICE,
                                   MEMTXATTRS_UNSPECIFIED);
    *length_bytes = length;
    return pointer;
}

static void host_unmap_guest(void *opaque, void *pointer, uint64_t length_bytes)
{
    struct gpu *gpu = opaque;
    dma_memory_unmap(VIRTIO_DEVICE(gpu->qdev)->dma_as, pointer, length_bytes,
                     DMA_DIRECTION_FROM_DEVICE, length_bytes);
}

static void host_complete(void *opaque, void *token, const void *response, size_t size_bytes)
{
    struct gpu *gpu = opaque;
    struct gpu_chain *chain = token;
    if (size_bytes) {
        iov_from_buf(chain->elem.in_sg, chain->elem.in_num, 0, response, size_bytes);
    }
    virtqueue_push(chain->queue, &chain->elem, size_bytes);
    if (chain->queue == gpu->control_queue) {
        gpu->notify_control = true;
    } else {
        gpu->notify_cursor = true;
    }
    g_free(chain);
}

static void host_discard(void *opaque, void *token)
{
    struct gpu_chain *chain = token;
    virtqueue_detach_element(chain->queue, &chain->elem, 0);
    g_free(chain);
}

static void host_scanout_set(void *opaque, uint32_t scanout, struct vgpu_frame *frame,
                             const struct vgpu_rect *area)
{
    struct gpu *gpu = opaque;
    /* From now on a VGA device shows what we say. */
    gpu->qdev->parent_obj.enable = 1;
    gpu_head_show(&gpu->heads[scanout], frame, area);
}

static void host_scanout_off(void *opaque, uint32_t scanout)
{
    struct gpu *gpu = opaque;
    gpu_head_off(&gpu->heads[scanout]);
}

static void host_scanout_update(void *opaque, uint32_t scanout, const struct vgpu_rect *rect)
{
    struct gpu *gpu = opaque;
    gpu_head_updated(&gpu->heads[scanout], rect);
}

static void host_refresh_done(void *opaque, uint32_t scanout)
{
    struct gpu *gpu = opaque;
    gpu_head_refreshed(&gpu->heads[scanout]);
}

static void host_cursor_set(void *opaque, uint32_t scanout, const struct vgpu_cursor *cursor)
{
    struct gpu *gpu = opaque;
    gpu_head_set_cursor(&gpu->heads[scanout], cursor);
}

static void host_cursor_move(void *opaque, uint32_t scanout, int32_t x, int32_t y)
{
    struct gpu *gpu = opaque;
    gpu_head_move_cursor(&gpu->heads[scanout], x, y);
}

static void *host_hostmem_map(void *opaque, uint64_t offset, void *pointer, uint64_t size_bytes,
                              void *release_token)
{
    return gpu_hostmem_map(opaque, offset, pointer, size_bytes, release_token);
}

static void host_hostmem_unmap(void *opaque, void *mapping)
{
    gpu_hostmem_unmap(opaque, mapping);
}

static void host_config_changed(void *opaque)
{
    struct gpu *gpu = opaque;
    virtio_notify_config(VIRTIO_DEVICE(gpu->qdev));
}

static void host_guest_error(void *opaque, const char *message)
{
    qemu_log_mask(LOG_GUEST_ERROR, "virtio-gpu: %s\n", message);
}

static void host_trace_command(void *opaque, const void *request, size_t size_bytes)
{
    gpu_trace_command(request, size_bytes);
}

static void host_trace_fence(void *opaque, uint64_t fence_id)
{
    gpu_trace_fence(fence_id);
}

const struct vgpu_host_ops gpu_host_ops = {
    .wake = host_wake,
    .map_guest = host_map_guest,
    .unmap_guest = host_unmap_guest,
    .complete = host_complete,
    .discard = host_discard,
    .scanout_set = host_scanout_set,
    .scanout_off = host_scanout_off,
    .scanout_update = host_scanout_update,
    .refresh_done = host_refresh_done,
    .cursor_set = host_cursor_set,
    .cursor_move = host_cursor_move,
    .hostmem_map = host_hostmem_map,
    .hostmem_unmap = host_hostmem_unmap,
    .config_changed = host_config_changed,
    .guest_error = host_guest_error,
    .trace_command = host_trace_command,
    .trace_fence = host_trace_fence,
};
