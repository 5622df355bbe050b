/* SPDX-License-Identifier: MIT */
#include "device.h"

#include "edid.h"

uint32_t vgpu_get_display_info(struct vgpu_device *device, struct vgpu_job *job)
{
    struct vgpu_wire_resp_display_info *response = vgpu_job_response(job, sizeof(*response));
    if (!response)
        return VGPU_RESP_ERR_OUT_OF_MEMORY;
    pthread_mutex_lock(&device->lock);
    for (uint32_t i = 0; i < device->config.num_scanouts; i++) {
        const struct vgpu_output *output = &device->outputs[i];
        if (!output->width || !output->height)
            continue;
        struct vgpu_wire_display_one *mode = &response->pmodes[i];
        mode->enabled = 1;
        mode->r.x = output->x;
        mode->r.y = output->y;
        mode->r.width = output->width;
        mode->r.height = output->height;
    }
    pthread_mutex_unlock(&device->lock);
    return VGPU_RESP_OK_DISPLAY_INFO;
}

uint32_t vgpu_get_edid(struct vgpu_device *device, struct vgpu_job *job)
{
    uint32_t scanout = vgpu_request(job, vgpu_wire_cmd_get_edid)->scanout;
    if (scanout >= device->config.num_scanouts) {
        vgpu_guest_error(device, job, "scanout %u of %u", scanout, device->config.num_scanouts);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    struct vgpu_wire_resp_edid *response = vgpu_job_response(job, sizeof(*response));
    if (!response)
        return VGPU_RESP_ERR_OUT_OF_MEMORY;
    pthread_mutex_lock(&device->lock);
    struct vgpu_output output = device->outputs[scanout];
    pthread_mutex_unlock(&device->lock);
    response->size = (uint32_t)vgpu_edid_write(response->edid, &output, scanout);
    return VGPU_RESP_OK_EDID;
}
