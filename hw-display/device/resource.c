/* SPDX-License-Identifier: MIT */
#include "device.h"

#include <errno.h>
#include <sys/random.h>

uint32_t vgpu_renderer_error(int error)
{
    switch (ABS(error)) {
    case ENOMEM:
        return VGPU_RESP_ERR_OUT_OF_MEMORY;
    case EINVAL:
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    default:
        return VGPU_RESP_ERR_UNSPEC;
    }
}

bool vgpu_charge(struct vgpu_device *device, uint64_t bytes)
{
    if (bytes > device->config.max_hostmem_bytes - device->hostmem_bytes)
        return false;
    device->hostmem_bytes += bytes;
    __atomic_store_n(&device->stats.hostmem_bytes, device->hostmem_bytes, __ATOMIC_RELAXED);
    return true;
}

void vgpu_uncharge(struct vgpu_device *device, uint64_t bytes)
{
    device->hostmem_bytes -= bytes;
    __atomic_store_n(&device->stats.hostmem_bytes, device->hostmem_bytes, __ATOMIC_RELAXED);
}

struct vgpu_resource *vgpu_resource_find(struct vgpu_device *device, uint32_t id)
{
    struct vgpu_resource *resource = g_hash_table_lookup(device->resources, GUINT_TO_POINTER(id));
    return resource && !resource->unref_job ? resource : NULL;
}

struct vgpu_resource *vgpu_resource_new(struct vgpu_device *device, struct vgpu_job *job,
                                        uint32_t id, enum vgpu_resource_kind kind,
                                        uint64_t charge_bytes, uint32_t *error)
{
    if (id == 0 || g_hash_table_contains(device->resources, GUINT_TO_POINTER(id))) {
        vgpu_guest_error(device, job, "resource_id %u is 0 or in use", id);
        *error = VGPU_RESP_ERR_INVALID_RESOURCE_ID;
        return NULL;
    }
    charge_bytes = MIN(charge_bytes, UINT64_MAX - VGPU_RESOURCE_COST_BYTES);
    charge_bytes += VGPU_RESOURCE_COST_BYTES;
    if (!vgpu_charge(device, charge_bytes)) {
        vgpu_guest_error(device, job,
                         "resource %u of %" G_GUINT64_FORMAT " bytes exceeds max_hostmem (%"
                         G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " in use)", id, charge_bytes,
                         device->hostmem_bytes, device->config.max_hostmem_bytes);
        *error = VGPU_RESP_ERR_OUT_OF_MEMORY;
        return NULL;
    }
    struct vgpu_resource *resource = g_new0(struct vgpu_resource, 1);
    resource->id = id;
    resource->kind = kind;
    resource->device = device;
    resource->charged_bytes = charge_bytes;
    resource->depth = 1;
    resource->array_size = 1;
    g_hash_table_insert(device->resources, GUINT_TO_POINTER(id), resource);
    __atomic_store_n(&device->stats.resources, g_hash_table_size(device->resources),
                     __ATOMIC_RELAXED);
    return resource;
}

void vgpu_resource_drop_backing(struct vgpu_resource *resource)
{
    struct vgpu_device *device = resource->device;
    if (!resource->backing)
        return;
    if (resource->in_renderer) {
        struct iovec *iov = NULL;
        int iov_count = 0;
        device->renderer->resource_detach_iov((int)resource->id, &iov, &iov_count);
    }
    vgpu_uncharge(device, resource->backing->charge_bytes);
    struct vgpu_event *event = vgpu_event_new(VGPU_EVENT_RELEASE_BACKING);
    event->backing = resource->backing;
    resource->backing = NULL;
    vgpu_event_post(device, event);
}

void vgpu_resource_free(struct vgpu_resource *resource)
{
    struct vgpu_device *device = resource->device;
    vgpu_scanout_forget_resource(device, resource);
    vgpu_resource_drop_backing(resource);
    if (resource->in_renderer)
        device->renderer->resource_unref(resource->id);
    vgpu_frame_unref(resource->frame);
    vgpu_uncharge(device, resource->charged_bytes);
    if (!resource->outlived_reset)
        g_hash_table_remove(device->resources, GUINT_TO_POINTER(resource->id));
    __atomic_store_n(&device->stats.resources, g_hash_table_size(device->resources),
                     __ATOMIC_RELAXED);
    g_free(resource);
}

uint32_t vgpu_resource_unref(struct vgpu_device *device, struct vgpu_job *job)
{
    uint32_t id = vgpu_request(job, vgpu_wire_resource_unref)->resource_id;
    struct vgpu_resource *resource = vgpu_resource_find(device, id);
    if (!resource) {
        vgpu_guest_error(device, job, "unknown resource %u", id);
        return VGPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    if (resource->mapping_state == VGPU_UNMAPPED) {
        vgpu_resource_free(resource);
        return VGPU_RESP_OK_NODATA;
    }
    /* Its memory is in the guest's view: it goes when the embedder has let go of it. */
    vgpu_scanout_forget_resource(device, resource);
    resource->unref_job = job;
    if (resource->mapping_state == VGPU_MAPPED)
        vgpu_blob_start_unmap(resource);
    return VGPU_ANSWER_LATER;
}

uint32_t vgpu_resource_attach_backing(struct vgpu_device *device, struct vgpu_job *job)
{
    const struct vgpu_wire_resource_attach_backing *r =
        vgpu_request(job, vgpu_wire_resource_attach_backing);
    struct vgpu_resource *resource = vgpu_resource_find(device, r->resource_id);
    if (!resource) {
        vgpu_guest_error(device, job, "unknown resource %u", r->resource_id);
        return VGPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    if (resource->backing || resource->kind == VGPU_RESOURCE_BLOB) {
        vgpu_guest_error(device, job, "resource %u has its backing already", r->resource_id);
        return VGPU_RESP_ERR_UNSPEC;
    }
    if (!job->backing) {
        vgpu_guest_error(device, job, "resource %u: bad list of %u entries", r->resource_id,
                         r->nr_entries);
        return VGPU_RESP_ERR_UNSPEC;
    }
    if (!vgpu_charge(device, job->backing->charge_bytes)) {
        vgpu_guest_error(device, job, "resource %u: the list exceeds max_hostmem", r->resource_id);
        return VGPU_RESP_ERR_OUT_OF_MEMORY;
    }
    if (resource->in_renderer) {
        int err = device->renderer->resource_attach_iov((int)resource->id, job->backing->iov,
                                                        (int)job->backing->iov_count);
        if (err) {
            vgpu_uncharge(device, job->backing->charge_bytes);
            vgpu_guest_error(device, job, "resource %u: refused by the renderer (error %d)",
                             r->resource_id, err);
            return vgpu_renderer_error(err);
        }
    }
    resource->backing = job->backing;
    job->backing = NULL;
    return VGPU_RESP_OK_NODATA;
}

uint32_t vgpu_resource_detach_backing(struct vgpu_device *device, struct vgpu_job *job)
{
    uint32_t id = vgpu_request(job, vgpu_wire_resource_detach_backing)->resource_id;
    struct vgpu_resource *resource = vgpu_resource_find(device, id);
    if (!resource) {
        vgpu_guest_error(device, job, "unknown resource %u", id);
        return VGPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    if (!resource->backing || resource->kind == VGPU_RESOURCE_BLOB) {
        vgpu_guest_error(device, job, "resource %u has no backing to detach", id);
        return VGPU_RESP_ERR_UNSPEC;
    }
    vgpu_resource_drop_backing(resource);
    return VGPU_RESP_OK_NODATA;
}

uint32_t vgpu_resource_assign_uuid(struct vgpu_device *device, struct vgpu_job *job)
{
    uint32_t id = vgpu_request(job, vgpu_wire_resource_assign_uuid)->resource_id;
    struct vgpu_resource *resource = vgpu_resource_find(device, id);
    if (!resource) {
        vgpu_guest_error(device, job, "unknown resource %u", id);
        return VGPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    if (resource->kind == VGPU_RESOURCE_BLOB &&
        !(resource->blob_flags & VGPU_BLOB_FLAG_USE_CROSS_DEVICE)) {
        vgpu_guest_error(device, job, "blob %u is not for other devices", id);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    if (!resource->has_uuid) {
        if (getrandom(resource->uuid, sizeof(resource->uuid), 0) != sizeof(resource->uuid))
            return VGPU_RESP_ERR_UNSPEC;
        resource->uuid[6] = (resource->uuid[6] & 0x0f) | 0x40; /* version 4: random */
        resource->uuid[8] = (resource->uuid[8] & 0x3f) | 0x80; /* RFC 4122 variant */
        resource->has_uuid = true;
    }
    struct vgpu_wire_resp_resource_uuid *response = vgpu_job_response(job, sizeof(*response));
    memcpy(response->uuid, resource->uuid, sizeof(response->uuid));
    return VGPU_RESP_OK_RESOURCE_UUID;
}
