/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stock QEMU's trace events of virtio-gpu. They are built into the QEMU binary, so "-trace
 * 'virtio_gpu_*'" works as with the stock device. Their switches are looked up by name: a QEMU
 * built without the log back end has none.
 */
#include "mantua-gpu.h"

/* X(command, event, request struct without virtio_gpu_, its member to tell). */
#define EVENTS(X) \
    X(GET_DISPLAY_INFO, CMD_GET_DISPLAY_INFO, ctrl_hdr, ctx_id) \
    X(GET_EDID, CMD_GET_EDID, cmd_get_edid, scanout) \
    X(RESOURCE_CREATE_2D, CMD_RES_CREATE_2D, resource_create_2d, resource_id) \
    X(RESOURCE_CREATE_3D, CMD_RES_CREATE_3D, resource_create_3d, resource_id) \
    X(RESOURCE_CREATE_BLOB, CMD_RES_CREATE_BLOB, resource_create_blob, resource_id) \
    X(RESOURCE_UNREF, CMD_RES_UNREF, resource_unref, resource_id) \
    X(RESOURCE_ATTACH_BACKING, CMD_RES_BACK_ATTACH, resource_attach_backing, resource_id) \
    X(RESOURCE_DETACH_BACKING, CMD_RES_BACK_DETACH, resource_detach_backing, resource_id) \
    X(TRANSFER_TO_HOST_2D, CMD_RES_XFER_TOH_2D, transfer_to_host_2d, resource_id) \
    X(TRANSFER_TO_HOST_3D, CMD_RES_XFER_TOH_3D, transfer_host_3d, resource_id) \
    X(TRANSFER_FROM_HOST_3D, CMD_RES_XFER_FROMH_3D, transfer_host_3d, resource_id) \
    X(RESOURCE_FLUSH, CMD_RES_FLUSH, resource_flush, resource_id) \
    X(SET_SCANOUT, CMD_SET_SCANOUT, set_scanout, resource_id) \
    X(SET_SCANOUT_BLOB, CMD_SET_SCANOUT_BLOB, set_scanout_blob, resource_id) \
    X(CTX_CREATE, CMD_CTX_CREATE, ctx_create, nlen) \
    X(CTX_DESTROY, CMD_CTX_DESTROY, ctx_destroy, hdr.ctx_id) \
    X(CTX_ATTACH_RESOURCE, CMD_CTX_RES_ATTACH, ctx_resource, resource_id) \
    X(CTX_DETACH_RESOURCE, CMD_CTX_RES_DETACH, ctx_resource, resource_id) \
    X(SUBMIT_3D, CMD_CTX_SUBMIT, cmd_submit, size) \
    X(UPDATE_CURSOR, UPDATE_CURSOR, update_cursor, resource_id)

#define DECLARE(code, event, type, member) \
    extern uint16_t _TRACE_VIRTIO_GPU_##event##_DSTATE __attribute__((weak));
EVENTS(DECLARE)
extern uint16_t _TRACE_VIRTIO_GPU_FENCE_CTRL_DSTATE __attribute__((weak));
extern uint16_t _TRACE_VIRTIO_GPU_FENCE_RESP_DSTATE __attribute__((weak));

static const struct {
    uint32_t type;
    const char *name;
    size_t subject_offset;
    const char *subject;
    const uint16_t *enabled;
} events[] = {
#define ENTRY(code, event, type, member) \
    {VIRTIO_GPU_CMD_##code, #event, offsetof(struct virtio_gpu_##type, member), #member, \
     &_TRACE_VIRTIO_GPU_##event##_DSTATE},
    EVENTS(ENTRY)
};

void gpu_trace_command(const void *request, size_t size_bytes)
{
    if (likely(!qemu_loglevel_mask(LOG_TRACE))) {
        return;
    }
    struct virtio_gpu_ctrl_hdr header;
    memcpy(&header, request, sizeof(header));
    for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
        if (events[i].type != header.type || !events[i].enabled || !*events[i].enabled) {
            continue;
        }
        /* The device has checked that the whole struct is there. */
        uint32_t subject;
        memcpy(&subject, (const char *)request + events[i].subject_offset, sizeof(subject));
        g_autofree char *name = g_ascii_strdown(events[i].name, -1);
        qemu_log("virtio_gpu_%s ctx 0x%x, %s 0x%x, %zu bytes\n", name, header.ctx_id,
                 events[i].subject, subject, size_bytes);
    }
    if ((header.flags & VIRTIO_GPU_FLAG_FENCE) && &_TRACE_VIRTIO_GPU_FENCE_CTRL_DSTATE &&
        _TRACE_VIRTIO_GPU_FENCE_CTRL_DSTATE) {
        qemu_log("virtio_gpu_fence_ctrl fence 0x%" PRIx64 ", type 0x%x\n",
                 (uint64_t)header.fence_id, header.type);
    }
}

void gpu_trace_fence(uint64_t fence_id)
{
    if (unlikely(qemu_loglevel_mask(LOG_TRACE)) && &_TRACE_VIRTIO_GPU_FENCE_RESP_DSTATE &&
        _TRACE_VIRTIO_GPU_FENCE_RESP_DSTATE) {
        qemu_log("virtio_gpu_fence_resp fence 0x%" PRIx64 "\n", fence_id);
    }
}
