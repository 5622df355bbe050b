/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MANTUA_GPU_H
#define MANTUA_GPU_H

/*
 * The QOM object "virtio-gpu-gl-device" and what hangs on it. It derives from stock QEMU's
 * virtio-gpu-base and is embedded in stock QEMU's PCI and VGA devices, which have reserved a fixed
 * room for it: all but the properties lives in struct gpu.
 */

#include "compat-qemu.h"

#include "vgpu.h"

struct gpu;

struct MantuaGPU {
    VirtIOGPUBase parent_obj;

    uint64_t max_hostmem_bytes;
    uint64_t hostmem_bytes;
    char *render_node;
    bool venus;
    bool resource_uuid;
    struct gpu *gpu;
};

#define TYPE_MANTUA_GPU "virtio-gpu-gl-device"
OBJECT_DECLARE_SIMPLE_TYPE(MantuaGPU, MANTUA_GPU)

/* One output. */
struct gpu_head {
    struct gpu *gpu;
    uint32_t index;
    struct vgpu_frame *frame; /* shown now, with its area; NULL for none */
    struct vgpu_rect area;
    bool cursor_visible;
    int32_t cursor_x;
    int32_t cursor_y;
    bool refresh_wanted;
    bool refreshing;
    int64_t last_update_ms;
};

struct gpu {
    MantuaGPU *qdev;
    struct vgpu_device *device;
    VirtQueue *control_queue;
    VirtQueue *cursor_queue;
    QEMUBH *queue_bh;
    QEMUBH *dispatch_bh;
    QEMUBH *refresh_bh;
    bool notify_control;
    bool notify_cursor;
    struct gpu_head heads[VIRTIO_GPU_MAX_SCANOUTS];
    MemoryRegion *hostmem; /* the host visible region; NULL for none */
    MemoryRegion own_hostmem;
    QEMUTimer *stats_timer;
    struct vgpu_stats last_stats;
    Notifier exit_notifier;
};

/* A descriptor chain while it is in the device. */
struct gpu_chain {
    VirtQueueElement elem;
    VirtQueue *queue;
};

/* host.c */
extern const struct vgpu_host_ops gpu_host_ops;

/* head.c */
void gpu_heads_refresh_bh(void *opaque);
void gpu_heads_init(struct gpu *gpu);
void gpu_heads_close(struct gpu *gpu);
void gpu_head_show(struct gpu_head *head, struct vgpu_frame *frame, const struct vgpu_rect *area);
void gpu_head_off(struct gpu_head *head);
void gpu_head_updated(struct gpu_head *head, const struct vgpu_rect *rect);
void gpu_head_refreshed(struct gpu_head *head);
void gpu_head_set_cursor(struct gpu_head *head, const struct vgpu_cursor *cursor);
void gpu_head_move_cursor(struct gpu_head *head, int32_t x, int32_t y);

/* hostmem.c */
void gpu_hostmem_register_types(void);
/* Give the guest a host visible region of the size the property says. Before the device is made. */
bool gpu_hostmem_init(struct gpu *gpu, Error **errp);
void *gpu_hostmem_map(struct gpu *gpu, uint64_t offset, void *pointer, uint64_t size_bytes,
                      void *release_token);
void gpu_hostmem_unmap(struct gpu *gpu, void *mapping);

/* trace.c */
void gpu_trace_command(const void *request, size_t size_bytes);
void gpu_trace_fence(uint64_t fence_id);

static inline QemuConsole *gpu_head_console(const struct gpu_head *head)
{
    return head->gpu->qdev->parent_obj.scanout[head->index].con;
}

#endif
