/* SPDX-License-Identifier: MIT */
#include "device.h"

void vgpu_job_free(struct vgpu_job *job)
{
    g_free(job->large_response);
    g_free(job->request);
    g_free(job);
}

void *vgpu_job_response(struct vgpu_job *job, size_t size_bytes)
{
    if (size_bytes <= sizeof(job->response)) {
        memset(job->response, 0, sizeof(job->response));
        job->response_bytes = size_bytes;
        return job->response;
    }
    g_free(job->large_response);
    job->large_response = g_try_malloc0(size_bytes);
    job->response_bytes = job->large_response ? size_bytes : 0;
    return job->large_response;
}

void vgpu_job_answer(struct vgpu_job *job, uint32_t type)
{
    const uint32_t fence_flags = VGPU_HDR_FLAG_FENCE | VGPU_HDR_FLAG_INFO_RING_IDX;
    bool ok = type < VGPU_RESP_ERR_UNSPEC;
    if (!ok && job->large_response) {
        g_free(job->large_response);
        job->large_response = NULL;
    }
    if (!ok || job->response_bytes < sizeof(struct vgpu_wire_ctrl_hdr)) {
        memset(job->response, 0, sizeof(job->response));
        job->response_bytes = sizeof(struct vgpu_wire_ctrl_hdr);
    }
    struct vgpu_wire_ctrl_hdr *header = &job->response_header;
    if (job->large_response)
        header = (struct vgpu_wire_ctrl_hdr *)(void *)job->large_response;
    header->type = type;
    if (job->header.flags & VGPU_HDR_FLAG_FENCE) {
        header->flags = job->header.flags & fence_flags;
        header->fence_id = job->header.fence_id;
        header->ctx_id = job->header.ctx_id;
        header->ring_idx = job->header.ring_idx;
        vgpu_fence_answer(job->device, job, ok && job->draws);
        return;
    }
    struct vgpu_event *event = vgpu_event_new(VGPU_EVENT_COMPLETE);
    event->job = job;
    vgpu_event_post(job->device, event);
}
