/* SPDX-License-Identifier: MIT */
#include "device.h"

void vgpu_capsets_probe(struct vgpu_device *device)
{
    /* Drivers rely on this order of the first two. */
    static const uint32_t ids[VGPU_MAX_CAPSETS] = {
        VGPU_CAPSET_VIRGL, VGPU_CAPSET_VIRGL2, VGPU_CAPSET_VENUS,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        uint32_t max_version = 0;
        uint32_t size_bytes = 0;
        /* Some renderers describe what they were not asked to offer. */
        if (ids[i] == VGPU_CAPSET_VENUS && !device->config.venus)
            continue;
        device->renderer->get_cap_set(ids[i], &max_version, &size_bytes);
        if (!size_bytes || size_bytes > VGPU_MAX_CAPSET_BYTES)
            continue;
        device->capsets[device->capset_count++] = (struct vgpu_capset){
            .id = ids[i], .max_version = max_version, .size_bytes = size_bytes,
        };
    }
}

static const struct vgpu_capset *capset_find(const struct vgpu_device *device, uint32_t id)
{
    for (uint32_t i = 0; i < device->capset_count; i++) {
        if (device->capsets[i].id == id)
            return &device->capsets[i];
    }
    return NULL;
}

bool vgpu_capset_known(const struct vgpu_device *device, uint32_t id)
{
    return capset_find(device, id) != NULL;
}

uint32_t vgpu_get_capset_info(struct vgpu_device *device, struct vgpu_job *job)
{
    uint32_t index = vgpu_request(job, vgpu_wire_get_capset_info)->capset_index;
    if (index >= device->capset_count) {
        vgpu_guest_error(device, job, "capset_index %u of %u", index, device->capset_count);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    struct vgpu_wire_resp_capset_info *response = vgpu_job_response(job, sizeof(*response));
    response->capset_id = device->capsets[index].id;
    response->capset_max_version = device->capsets[index].max_version;
    response->capset_max_size = device->capsets[index].size_bytes;
    return VGPU_RESP_OK_CAPSET_INFO;
}

uint32_t vgpu_get_capset(struct vgpu_device *device, struct vgpu_job *job)
{
    const struct vgpu_wire_get_capset *r = vgpu_request(job, vgpu_wire_get_capset);
    const struct vgpu_capset *capset = capset_find(device, r->capset_id);
    if (!capset || r->capset_version > capset->max_version) {
        vgpu_guest_error(device, job, "capset %u version %u", r->capset_id, r->capset_version);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    struct vgpu_wire_resp_capset *response =
        vgpu_job_response(job, sizeof(*response) + capset->size_bytes);
    if (!response)
        return VGPU_RESP_ERR_OUT_OF_MEMORY;
    device->renderer->fill_caps(capset->id, r->capset_version, response->capset_data);
    return VGPU_RESP_OK_CAPSET;
}
