/* SPDX-License-Identifier: MIT */
#include "device.h"

#define CONTROL(code, type, feature, handler) \
    {VGPU_CMD_##code, sizeof(struct type), feature, handler, #code, VGPU_QUEUE_CONTROL}
#define CURSOR(code, type, handler) \
    {VGPU_CMD_##code, sizeof(struct type), 0, handler, #code, VGPU_QUEUE_CURSOR}

static const struct vgpu_command commands[] = {
    CONTROL(GET_DISPLAY_INFO, vgpu_wire_ctrl_hdr, 0, vgpu_get_display_info),
    CONTROL(RESOURCE_CREATE_2D, vgpu_wire_resource_create_2d, 0, vgpu_resource_create_2d),
    CONTROL(RESOURCE_UNREF, vgpu_wire_resource_unref, 0, vgpu_resource_unref),
    CONTROL(SET_SCANOUT, vgpu_wire_set_scanout, 0, vgpu_set_scanout),
    CONTROL(RESOURCE_FLUSH, vgpu_wire_resource_flush, 0, vgpu_resource_flush),
    CONTROL(TRANSFER_TO_HOST_2D, vgpu_wire_transfer_to_host_2d, 0, vgpu_transfer_to_host_2d),
    CONTROL(RESOURCE_ATTACH_BACKING, vgpu_wire_resource_attach_backing, 0,
            vgpu_resource_attach_backing),
    CONTROL(RESOURCE_DETACH_BACKING, vgpu_wire_resource_detach_backing, 0,
            vgpu_resource_detach_backing),
    CONTROL(GET_CAPSET_INFO, vgpu_wire_get_capset_info, VGPU_F_VIRGL, vgpu_get_capset_info),
    CONTROL(GET_CAPSET, vgpu_wire_get_capset, VGPU_F_VIRGL, vgpu_get_capset),
    CONTROL(GET_EDID, vgpu_wire_cmd_get_edid, VGPU_F_EDID, vgpu_get_edid),
    CONTROL(RESOURCE_ASSIGN_UUID, vgpu_wire_resource_assign_uuid, VGPU_F_RESOURCE_UUID,
            vgpu_resource_assign_uuid),
    CONTROL(RESOURCE_CREATE_BLOB, vgpu_wire_resource_create_blob, VGPU_F_RESOURCE_BLOB,
            vgpu_resource_create_blob),
    CONTROL(SET_SCANOUT_BLOB, vgpu_wire_set_scanout_blob, VGPU_F_RESOURCE_BLOB,
            vgpu_set_scanout_blob),
    CONTROL(CTX_CREATE, vgpu_wire_ctx_create, VGPU_F_VIRGL, vgpu_ctx_create),
    CONTROL(CTX_DESTROY, vgpu_wire_ctx_destroy, VGPU_F_VIRGL, vgpu_ctx_destroy),
    CONTROL(CTX_ATTACH_RESOURCE, vgpu_wire_ctx_resource, VGPU_F_VIRGL, vgpu_ctx_attach_resource),
    CONTROL(CTX_DETACH_RESOURCE, vgpu_wire_ctx_resource, VGPU_F_VIRGL, vgpu_ctx_detach_resource),
    CONTROL(RESOURCE_CREATE_3D, vgpu_wire_resource_create_3d, VGPU_F_VIRGL,
            vgpu_resource_create_3d),
    CONTROL(TRANSFER_TO_HOST_3D, vgpu_wire_transfer_host_3d, VGPU_F_VIRGL,
            vgpu_transfer_to_host_3d),
    CONTROL(TRANSFER_FROM_HOST_3D, vgpu_wire_transfer_host_3d, VGPU_F_VIRGL,
            vgpu_transfer_from_host_3d),
    CONTROL(SUBMIT_3D, vgpu_wire_cmd_submit, VGPU_F_VIRGL, vgpu_submit_3d),
    CONTROL(RESOURCE_MAP_BLOB, vgpu_wire_resource_map_blob, VGPU_F_RESOURCE_BLOB,
            vgpu_resource_map_blob),
    CONTROL(RESOURCE_UNMAP_BLOB, vgpu_wire_resource_unmap_blob, VGPU_F_RESOURCE_BLOB,
            vgpu_resource_unmap_blob),
    CURSOR(UPDATE_CURSOR, vgpu_wire_update_cursor, vgpu_update_cursor),
    CURSOR(MOVE_CURSOR, vgpu_wire_update_cursor, vgpu_move_cursor),
};

const struct vgpu_command *vgpu_command_find(uint32_t type)
{
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (commands[i].type == type)
            return &commands[i];
    }
    return NULL;
}

/* The checks that are the same for all commands. Returns 0 when the handler may run. */
static uint32_t check_request(struct vgpu_device *device, struct vgpu_job *job)
{
    const struct vgpu_command *command = job->command;
    uint64_t features = __atomic_load_n(&device->accepted_features, __ATOMIC_ACQUIRE);
    if (!command || command->queue != job->queue) {
        vgpu_guest_error(device, job, "type 0x%04x is not for this queue", job->header.type);
        return VGPU_RESP_ERR_UNSPEC;
    }
    if (command->feature & ~features) {
        vgpu_guest_error(device, job, "its feature was not negotiated");
        return VGPU_RESP_ERR_UNSPEC;
    }
    if (job->request_bytes < job->total_bytes || job->request_bytes < command->request_bytes) {
        vgpu_guest_error(device, job, "request has %zu bytes, expected %u or more, at most %u",
                         job->total_bytes, command->request_bytes, VGPU_MAX_REQUEST_BYTES);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    if (!(features & VGPU_F_CONTEXT_INIT))
        job->header.flags &= ~VGPU_HDR_FLAG_INFO_RING_IDX;
    if ((job->header.flags & VGPU_HDR_FLAG_INFO_RING_IDX) &&
        job->header.ring_idx >= VGPU_MAX_RINGS) {
        vgpu_guest_error(device, job, "ring_idx %u", job->header.ring_idx);
        job->header.flags &= ~VGPU_HDR_FLAG_INFO_RING_IDX;
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    return 0;
}

static void job_leaves_queue(struct vgpu_device *device, const struct vgpu_job *job)
{
    pthread_mutex_lock(&device->lock);
    device->queued_bytes -= job->request_bytes;
    pthread_mutex_unlock(&device->lock);
}

void vgpu_job_run(struct vgpu_task *task)
{
    struct vgpu_job *job = (struct vgpu_job *)task;
    struct vgpu_device *device = job->device;
    job_leaves_queue(device, job);
    uint32_t answer = check_request(device, job);
    if (!answer) {
        answer = job->command->run(device, job);
        if (answer == VGPU_ANSWER_LATER)
            return;
    }
    if (job->backing) {
        struct vgpu_event *event = vgpu_event_new(VGPU_EVENT_RELEASE_BACKING);
        event->backing = job->backing;
        job->backing = NULL;
        vgpu_event_post(device, event);
    }
    /* Commands without a fence of their own are covered by the next one that has one. */
    device->renderer_busy |= job->draws;
    if (job->header.flags & VGPU_HDR_FLAG_FENCE) {
        job->draws = device->renderer_busy;
        device->renderer_busy = false;
    }
    vgpu_job_answer(job, answer);
}
