/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stock QEMU's trace events of virtio-gpu. They are built into the QEMU binary, so "-trace
 * 'virtio_gpu_*'" works as with the stock device. Their switches are looked up by name: a QEMU
 * built without the log back end has none.
 */
#include "mantua-gpu.h"

#define EVENTS(X) \
    X(VIRTIO_GPU_CMD_GET_DISPLAY_INFO, VIRTIO_GPU_CMD_GET_DISPLAY_INFO) \
    X(VIRTIO_GPU_CMD_GET_EDID, VIRTIO_GPU_CMD_GET_EDID) \
    X(VIRTIO_GPU_CMD_RESOURCE_CREATE_2D, VIRTIO_GPU_CMD_RES_CREATE_2D) \
    X(VIRTIO_GPU_CMD_RESOURCE_CREATE_3D, VIRTIO_GPU_CMD_RES_CREATE_3D) \
    X(VIRTIO_GPU_CMD_RESOURCE_CREATE_BLOB, VIRTIO_GPU_CMD_RES_CREATE_BLOB) \
    X(VIRTIO_GPU_CMD_RESOURCE_UNREF, VIRTIO_GPU_CMD_RES_UNREF) \
    X(VIRTIO_GPU_CMD_RESOURCE_ATTACH_BACKING, VIRTIO_GPU_CMD_RES_BACK_ATTACH) \
    X(VIRTIO_GPU_CMD_RESOURCE_DETACH_BACKING, VIRTIO_GPU_CMD_RES_BACK_DETACH) \
    X(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_2D, VIRTIO_GPU_CMD_RES_XFER_TOH_2D) \
    X(VIRTIO_GPU_CMD_TRANSFER_TO_HOST_3D, VIRTIO_GPU_CMD_RES_XFER_TOH_3D) \
    X(VIRTIO_GPU_CMD_TRANSFER_FROM_HOST_3D, VIRTIO_GPU_CMD_RES_XFER_FROMH_3D) \
    X(VIRTIO_GPU_CMD_RESOURCE_FLUSH, VIRTIO_GPU_CMD_RES_FLUSH) \
    X(VIRTIO_GPU_CMD_SET_SCANOUT, VIRTIO_GPU_CMD_SET_SCANOUT) \
    X(VIRTIO_GPU_CMD_SET_SCANOUT_BLOB, VIRTIO_GPU_CMD_SET_SCANOUT_BLOB) \
    X(VIRTIO_GPU_CMD_CTX_CREATE, VIRTIO_GPU_CMD_CTX_CREATE) \
    X(VIRTIO_GPU_CMD_CTX_DESTROY, VIRTIO_GPU_CMD_CTX_DESTROY) \
    X(VIRTIO_GPU_CMD_CTX_ATTACH_RESOURCE, VIRTIO_GPU_CMD_CTX_RES_ATTACH) \
    X(VIRTIO_GPU_CMD_CTX_DETACH_RESOURCE, VIRTIO_GPU_CMD_CTX_RES_DETACH) \
    X(VIRTIO_GPU_CMD_SUBMIT_3D, VIRTIO_GPU_CMD_CTX_SUBMIT) \
    X(VIRTIO_GPU_CMD_UPDATE_CURSOR, VIRTIO_GPU_UPDATE_CURSOR)

#define DECLARE(code, event) extern uint16_t _TRACE_##event##_DSTATE __attribute__((weak));
EVENTS(DECLARE)
extern uint16_t _TRACE_VIRTIO_GPU_FENCE_CTRL_DSTATE __attribute__((weak));
extern uint16_t _TRACE_VIRTIO_GPU_FENCE_RESP_DSTATE __attribute__((weak));

static const struct {
    uint32_t type;
    const char *name;
    const uint16_t *enabled;
} events[] = {
#define ENTRY(code, event) {code, #event, &_TRACE_##event##_DSTATE},
    EVENTS(ENTRY)
};

/* The second number of a request is what most commands are about: the resource. */
static uint32_t subject(const void *request, size_t size_bytes)
{
    uint32_t value = 0;
    if (size_bytes >= sizeof(struct virtio_gpu_ctrl_hdr) + sizeof(value)) {
        memcpy(&value, (const char *)request + sizeof(struct virtio_gpu_ctrl_hdr), sizeof(value));
    }
    return value;
}

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
        g_autofree char *name = g_ascii_strdown(events[i].name, -1);
        qemu_log("%s ctx 0x%x, 0x%x, %zu bytes\n", name, header.ctx_id,
                 subject(request, size_bytes), size_bytes);
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
