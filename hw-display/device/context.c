/* SPDX-License-Identifier: MIT */
#include "device.h"

struct vgpu_context *vgpu_context_find(struct vgpu_device *device, uint32_t id)
{
    return id ? g_hash_table_lookup(device->contexts, GUINT_TO_POINTER(id)) : NULL;
}

static void count_contexts(struct vgpu_device *device)
{
    __atomic_store_n(&device->stats.contexts, g_hash_table_size(device->contexts),
                     __ATOMIC_RELAXED);
}

static int create_in_renderer(struct vgpu_device *device, uint32_t id, uint32_t capset_id,
                              const char *name, uint32_t nlen)
{
    if (capset_id == 0)
        return device->renderer->context_create(id, nlen, name);
    return device->renderer->context_create_with_flags(id, capset_id, nlen, name);
}

uint32_t vgpu_ctx_create(struct vgpu_device *device, struct vgpu_job *job)
{
    const struct vgpu_wire_ctx_create *r = vgpu_request(job, vgpu_wire_ctx_create);
    uint32_t id = job->header.ctx_id;
    if (id == 0 || vgpu_context_find(device, id)) {
        vgpu_guest_error(device, job, "the id is 0 or in use");
        return VGPU_RESP_ERR_INVALID_CONTEXT_ID;
    }
    uint32_t context_init = 0;
    if (device->accepted_features & VGPU_F_CONTEXT_INIT)
        context_init = r->context_init;
    uint32_t capset_id = context_init & VGPU_CONTEXT_INIT_CAPSET_ID_MASK;
    if (r->nlen > sizeof(r->debug_name) || context_init != capset_id ||
        (capset_id && !vgpu_capset_known(device, capset_id))) {
        vgpu_guest_error(device, job, "nlen %u, context_init 0x%x", r->nlen, r->context_init);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    if (!vgpu_charge(device, VGPU_CONTEXT_COST_BYTES)) {
        vgpu_guest_error(device, job, "%u contexts exceed max_hostmem",
                         g_hash_table_size(device->contexts));
        return VGPU_RESP_ERR_OUT_OF_MEMORY;
    }
    char name[sizeof(r->debug_name) + 1] = "";
    memcpy(name, r->debug_name, r->nlen);
    int err = create_in_renderer(device, id, capset_id, name, r->nlen);
    if (err) {
        vgpu_uncharge(device, VGPU_CONTEXT_COST_BYTES);
        vgpu_guest_error(device, job, "refused by the renderer (error %d)", err);
        return vgpu_renderer_error(err);
    }
    struct vgpu_context *context = g_new0(struct vgpu_context, 1);
    context->id = id;
    context->capset_id = capset_id;
    g_hash_table_insert(device->contexts, GUINT_TO_POINTER(id), context);
    count_contexts(device);
    return VGPU_RESP_OK_NODATA;
}

static void destroy(struct vgpu_device *device, uint32_t id)
{
    device->renderer->context_destroy(id);
    vgpu_fence_context_gone(device, id);
    vgpu_uncharge(device, VGPU_CONTEXT_COST_BYTES);
}

uint32_t vgpu_ctx_destroy(struct vgpu_device *device, struct vgpu_job *job)
{
    uint32_t id = job->header.ctx_id;
    if (!vgpu_context_find(device, id)) {
        vgpu_guest_error(device, job, "unknown context");
        return VGPU_RESP_ERR_INVALID_CONTEXT_ID;
    }
    destroy(device, id);
    g_hash_table_remove(device->contexts, GUINT_TO_POINTER(id));
    count_contexts(device);
    return VGPU_RESP_OK_NODATA;
}

void vgpu_contexts_destroy_all(struct vgpu_device *device)
{
    GHashTableIter iter;
    void *context;
    g_hash_table_iter_init(&iter, device->contexts);
    while (g_hash_table_iter_next(&iter, NULL, &context)) {
        destroy(device, ((struct vgpu_context *)context)->id);
        g_hash_table_iter_remove(&iter);
    }
    count_contexts(device);
}

/* Returns 0 when both exist. */
static uint32_t check_pair(struct vgpu_device *device, struct vgpu_job *job,
                           struct vgpu_resource **resource)
{
    uint32_t id = vgpu_request(job, vgpu_wire_ctx_resource)->resource_id;
    if (!vgpu_context_find(device, job->header.ctx_id)) {
        vgpu_guest_error(device, job, "unknown context");
        return VGPU_RESP_ERR_INVALID_CONTEXT_ID;
    }
    *resource = vgpu_resource_find(device, id);
    if (!*resource) {
        vgpu_guest_error(device, job, "unknown resource %u", id);
        return VGPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    return 0;
}

uint32_t vgpu_ctx_attach_resource(struct vgpu_device *device, struct vgpu_job *job)
{
    struct vgpu_resource *resource;
    uint32_t error = check_pair(device, job, &resource);
    if (!error && resource->kind == VGPU_RESOURCE_2D && !resource->in_renderer)
        error = vgpu_resource_promote_2d(resource);
    if (error)
        return error;
    if (resource->in_renderer)
        device->renderer->ctx_attach_resource((int)job->header.ctx_id, (int)resource->id);
    return VGPU_RESP_OK_NODATA;
}

uint32_t vgpu_ctx_detach_resource(struct vgpu_device *device, struct vgpu_job *job)
{
    struct vgpu_resource *resource;
    uint32_t error = check_pair(device, job, &resource);
    if (error)
        return error;
    if (resource->in_renderer)
        device->renderer->ctx_detach_resource((int)job->header.ctx_id, (int)resource->id);
    return VGPU_RESP_OK_NODATA;
}

uint32_t vgpu_submit_3d(struct vgpu_device *device, struct vgpu_job *job)
{
    const struct vgpu_wire_cmd_submit *r = vgpu_request(job, vgpu_wire_cmd_submit);
    if (!vgpu_context_find(device, job->header.ctx_id)) {
        vgpu_guest_error(device, job, "unknown context");
        return VGPU_RESP_ERR_INVALID_CONTEXT_ID;
    }
    if (r->size > job->request_bytes - sizeof(*r) || r->size % 4) {
        vgpu_guest_error(device, job, "size %u, but %zu bytes of commands", r->size,
                         job->request_bytes - sizeof(*r));
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    __atomic_fetch_add(&device->stats.submits_3d, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&device->stats.submit_bytes, r->size, __ATOMIC_RELAXED);
    int err = device->renderer->submit_cmd(job->request + sizeof(*r), (int)job->header.ctx_id,
                                           (int)(r->size / 4));
    /* No guest looks at the response: the error stays with the context, in the renderer. */
    if (err)
        vgpu_guest_error(device, job, "the renderer stopped in the stream (error %d)", err);
    /* Drivers fence a ring's earlier work with an empty submission to it. */
    job->draws = r->size > 0 || (job->header.flags & VGPU_HDR_FLAG_INFO_RING_IDX);
    return VGPU_RESP_OK_NODATA;
}
