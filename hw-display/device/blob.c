/* SPDX-License-Identifier: MIT */
#include "device.h"

#define PAGE_MASK 4095u

static bool is_host_blob(uint32_t blob_mem)
{
    return blob_mem == VGPU_BLOB_MEM_HOST3D || blob_mem == VGPU_BLOB_MEM_HOST3D_GUEST;
}

/* Returns 0 when the arguments make sense together. */
static uint32_t check_create(struct vgpu_device *device, struct vgpu_job *job,
                             const struct vgpu_wire_resource_create_blob *r)
{
    const uint32_t all_flags = VGPU_BLOB_FLAG_USE_MAPPABLE | VGPU_BLOB_FLAG_USE_SHAREABLE |
                               VGPU_BLOB_FLAG_USE_CROSS_DEVICE;
    bool host = is_host_blob(r->blob_mem);
    if ((!host && r->blob_mem != VGPU_BLOB_MEM_GUEST) || (r->blob_flags & ~all_flags) ||
        !r->size || (host && !(device->accepted_features & VGPU_F_VIRGL))) {
        vgpu_guest_error(device, job, "blob %u: blob_mem %u, blob_flags 0x%x, size %"
                         G_GUINT64_FORMAT, r->resource_id, r->blob_mem, r->blob_flags,
                         (uint64_t)r->size);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    if (host && !vgpu_context_find(device, job->header.ctx_id)) {
        vgpu_guest_error(device, job, "unknown context");
        return VGPU_RESP_ERR_INVALID_CONTEXT_ID;
    }
    bool needs_pages = r->blob_mem != VGPU_BLOB_MEM_HOST3D;
    bool has_pages = job->backing && job->backing->size_bytes >= r->size;
    if (job->bad_backing || (needs_pages && !has_pages)) {
        vgpu_guest_error(device, job, "blob %u: bad list of %u entries for %" G_GUINT64_FORMAT
                         " bytes", r->resource_id, r->nr_entries, (uint64_t)r->size);
        return VGPU_RESP_ERR_UNSPEC;
    }
    return 0;
}

uint32_t vgpu_resource_create_blob(struct vgpu_device *device, struct vgpu_job *job)
{
    const struct vgpu_wire_resource_create_blob *r =
        vgpu_request(job, vgpu_wire_resource_create_blob);
    uint64_t charge_bytes = is_host_blob(r->blob_mem) ? r->size : 0;
    if (job->backing)
        charge_bytes += MIN(job->backing->charge_bytes, UINT64_MAX - charge_bytes);
    uint32_t error;
    struct vgpu_resource *resource = vgpu_resource_new(device, job, r->resource_id,
                                                       VGPU_RESOURCE_BLOB, charge_bytes, &error);
    if (!resource)
        return error;
    error = check_create(device, job, r);
    if (error) {
        vgpu_resource_free(resource);
        return error;
    }
    resource->blob_mem = r->blob_mem;
    resource->blob_flags = r->blob_flags;
    resource->blob_size_bytes = r->size;
    if (device->accepted_features & VGPU_F_VIRGL) {
        struct virgl_renderer_resource_create_blob_args args = {
            .res_handle = r->resource_id,
            .ctx_id = is_host_blob(r->blob_mem) ? job->header.ctx_id : 0,
            .blob_mem = r->blob_mem,
            .blob_flags = r->blob_flags,
            .blob_id = r->blob_id,
            .size = r->size,
            .iovecs = job->backing ? job->backing->iov : NULL,
            .num_iovs = job->backing ? job->backing->iov_count : 0,
        };
        int err = device->renderer->resource_create_blob(&args);
        if (err) {
            vgpu_guest_error(device, job, "blob %u: refused by the renderer (error %d)",
                             r->resource_id, err);
            vgpu_resource_free(resource);
            return vgpu_renderer_error(err);
        }
        resource->in_renderer = true;
    }
    if (job->backing) {
        /* Charged with the resource, so that it is not given back twice. */
        job->backing->charge_bytes = 0;
        resource->backing = job->backing;
        job->backing = NULL;
    }
    return VGPU_RESP_OK_NODATA;
}

static bool overlaps_mapping(struct vgpu_device *device, uint64_t offset, uint64_t size_bytes)
{
    GHashTableIter iter;
    void *value;
    g_hash_table_iter_init(&iter, device->resources);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct vgpu_resource *other = value;
        if (other->mapping_state != VGPU_UNMAPPED &&
            offset < other->mapping_offset + other->mapping_size_bytes &&
            other->mapping_offset < offset + size_bytes)
            return true;
    }
    return false;
}

/* Returns 0 when the resource may be mapped. */
static uint32_t check_map(struct vgpu_device *device, struct vgpu_job *job,
                          const struct vgpu_wire_resource_map_blob *r,
                          struct vgpu_resource **resource)
{
    *resource = vgpu_resource_find(device, r->resource_id);
    if (!*resource || (*resource)->kind != VGPU_RESOURCE_BLOB) {
        vgpu_guest_error(device, job, "resource %u is unknown or no blob", r->resource_id);
        return VGPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    uint64_t size_bytes = ((*resource)->blob_size_bytes + PAGE_MASK) & ~(uint64_t)PAGE_MASK;
    bool host = is_host_blob((*resource)->blob_mem) && (*resource)->in_renderer;
    if (!host || !((*resource)->blob_flags & VGPU_BLOB_FLAG_USE_MAPPABLE) ||
        (*resource)->mapping_state != VGPU_UNMAPPED || (r->offset & PAGE_MASK) ||
        r->offset > device->config.hostmem_bytes ||
        size_bytes > device->config.hostmem_bytes - r->offset ||
        overlaps_mapping(device, r->offset, size_bytes)) {
        vgpu_guest_error(device, job, "blob %u cannot be mapped at %" G_GUINT64_FORMAT,
                         r->resource_id, (uint64_t)r->offset);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    return 0;
}

uint32_t vgpu_resource_map_blob(struct vgpu_device *device, struct vgpu_job *job)
{
    const struct vgpu_wire_resource_map_blob *r = vgpu_request(job, vgpu_wire_resource_map_blob);
    struct vgpu_resource *resource;
    uint32_t error = check_map(device, job, r, &resource);
    if (error)
        return error;
    void *pointer = NULL;
    uint64_t size_bytes = 0;
    int err = device->renderer->resource_map(resource->id, &pointer, &size_bytes);
    if (err || !pointer) {
        vgpu_guest_error(device, job, "blob %u: refused by the renderer (error %d)", resource->id,
                         err);
        return err ? vgpu_renderer_error(err) : VGPU_RESP_ERR_UNSPEC;
    }
    size_bytes = MIN(size_bytes, resource->blob_size_bytes);
    /* A part of a page cannot be shown to a guest without showing what else lies in it. */
    if (((uintptr_t)pointer | size_bytes) & PAGE_MASK || !size_bytes) {
        device->renderer->resource_unmap(resource->id);
        vgpu_guest_error(device, job, "blob %u is not made of whole pages", resource->id);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    uint32_t map_info = 0;
    struct vgpu_wire_resp_map_info *response = vgpu_job_response(job, sizeof(*response));
    if (device->renderer->resource_get_map_info(resource->id, &map_info) == 0)
        response->map_info = map_info & VGPU_MAP_CACHE_MASK;
    resource->mapping_state = VGPU_MAPPING;
    resource->mapping_offset = r->offset;
    resource->mapping_size_bytes = size_bytes;
    /* Later commands may rely on the mapping: they wait until the main thread has made it. */
    vgpu_worker_hold(device->worker, true);
    struct vgpu_event *event = vgpu_event_new(VGPU_EVENT_HOSTMEM_MAP);
    event->resource = resource;
    event->job = job;
    event->pointer = pointer;
    vgpu_event_post(device, event);
    return VGPU_ANSWER_LATER;
}

void vgpu_blob_map_now(struct vgpu_resource *resource, struct vgpu_job *job, void *pointer)
{
    struct vgpu_device *device = resource->device;
    resource->mapping = device->ops->hostmem_map(device->host, resource->mapping_offset, pointer,
                                                 resource->mapping_size_bytes, resource);
    /* The render thread is held: this is the only place that looks at the resource now. */
    if (resource->mapping) {
        resource->mapping_state = VGPU_MAPPED;
        vgpu_job_answer(job, VGPU_RESP_OK_MAP_INFO);
    } else {
        resource->mapping_state = VGPU_UNMAPPING;
        vgpu_job_answer(job, VGPU_RESP_ERR_OUT_OF_MEMORY);
        vgpu_hostmem_released(resource);
    }
    vgpu_worker_hold(device->worker, false);
}

void vgpu_blob_start_unmap(struct vgpu_resource *resource)
{
    resource->mapping_state = VGPU_UNMAPPING;
    struct vgpu_event *event = vgpu_event_new(VGPU_EVENT_HOSTMEM_UNMAP);
    event->resource = resource;
    vgpu_event_post(resource->device, event);
}

uint32_t vgpu_resource_unmap_blob(struct vgpu_device *device, struct vgpu_job *job)
{
    uint32_t id = vgpu_request(job, vgpu_wire_resource_unmap_blob)->resource_id;
    struct vgpu_resource *resource = vgpu_resource_find(device, id);
    if (!resource || resource->kind != VGPU_RESOURCE_BLOB) {
        vgpu_guest_error(device, job, "resource %u is unknown or no blob", id);
        return VGPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    if (resource->mapping_state != VGPU_MAPPED) {
        vgpu_guest_error(device, job, "blob %u is not mapped", id);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    resource->unmap_job = job;
    vgpu_blob_start_unmap(resource);
    return VGPU_ANSWER_LATER;
}

/* Render thread: nobody sees the memory any more. */
static void run_release(struct vgpu_task *task)
{
    size_t offset = offsetof(struct vgpu_resource, release_task);
    struct vgpu_resource *resource = (struct vgpu_resource *)(void *)((char *)task - offset);
    struct vgpu_device *device = resource->device;
    device->renderer->resource_unmap(resource->id);
    resource->mapping_state = VGPU_UNMAPPED;
    struct vgpu_job *unmap_job = resource->unmap_job;
    struct vgpu_job *unref_job = resource->unref_job;
    bool outlived_reset = resource->outlived_reset;
    resource->unmap_job = NULL;
    if (unref_job || outlived_reset)
        vgpu_resource_free(resource);
    if (unmap_job)
        vgpu_job_answer(unmap_job, VGPU_RESP_OK_NODATA);
    if (unref_job)
        vgpu_job_answer(unref_job, VGPU_RESP_OK_NODATA);
    if (outlived_reset)
        vgpu_device_drained(device);
}

void vgpu_hostmem_released(void *release_token)
{
    struct vgpu_resource *resource = release_token;
    resource->release_task.run = run_release;
    vgpu_worker_post(resource->device->worker, &resource->release_task, true);
}
