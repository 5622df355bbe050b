/* SPDX-License-Identifier: MIT */
#include "device.h"

static const struct vgpu_worker_client worker_client = {
    .fence_passed = vgpu_fence_passed,
};

struct call {
    struct vgpu_task task;
    struct vgpu_device *device;
    uint32_t scanout;
    GPtrArray *mapped; /* resources that outlive the reset and are in the guest's view */
    GPtrArray *unseen; /* those that were about to be */
};

static void run_probe(struct vgpu_task *task)
{
    vgpu_capsets_probe(((struct call *)task)->device);
}

struct vgpu_device *vgpu_device_new(const struct vgpu_device_config *config,
                                    const struct vgpu_host_ops *ops, void *host, char **error)
{
    struct vgpu_device *device = g_new0(struct vgpu_device, 1);
    device->config = *config;
    device->config.num_scanouts = CLAMP(config->num_scanouts, 1, VGPU_MAX_SCANOUTS);
    device->config.render_node = NULL;
    device->ops = ops;
    device->host = host;
    pthread_mutex_init(&device->lock, NULL);
    device->events_tail = &device->events;
    device->fences_tail = &device->fences;
    device->fence_sequence = 1; /* the worker's probe was the first */
    device->worker = vgpu_worker_acquire(config->renderer, config->venus, config->render_node,
                                         &worker_client, device, error);
    if (!device->worker) {
        pthread_mutex_destroy(&device->lock);
        g_free(device);
        return NULL;
    }
    device->renderer = vgpu_worker_renderer(device->worker);
    device->resources = g_hash_table_new(NULL, NULL);
    device->contexts = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    struct call probe = {.task.run = run_probe, .device = device};
    vgpu_worker_run(device->worker, &probe.task);
    device->features = config->features;
    if (!device->capset_count)
        device->features &= ~(VGPU_F_VIRGL | VGPU_F_CONTEXT_INIT);
    return device;
}

uint64_t vgpu_get_features(const struct vgpu_device *device)
{
    return device->features;
}

void vgpu_set_features(struct vgpu_device *device, uint64_t features)
{
    __atomic_store_n(&device->accepted_features, features & device->features, __ATOMIC_RELEASE);
}

void vgpu_read_config(struct vgpu_device *device, uint8_t config[VGPU_CONFIG_BYTES])
{
    struct vgpu_wire_config values = {
        .events_read = device->config_events,
        .num_scanouts = device->config.num_scanouts,
        .num_capsets = device->features & VGPU_F_VIRGL ? device->capset_count : 0,
    };
    _Static_assert(sizeof(values) == VGPU_CONFIG_BYTES, "configuration space");
    memcpy(config, &values, sizeof(values));
}

void vgpu_write_config(struct vgpu_device *device, const uint8_t config[VGPU_CONFIG_BYTES])
{
    struct vgpu_wire_config values;
    memcpy(&values, config, sizeof(values));
    device->config_events &= ~values.events_clear;
}

void vgpu_set_output(struct vgpu_device *device, uint32_t scanout,
                     const struct vgpu_output *output, bool notify)
{
    if (scanout >= device->config.num_scanouts)
        return;
    pthread_mutex_lock(&device->lock);
    device->outputs[scanout] = *output;
    pthread_mutex_unlock(&device->lock);
    if (!notify)
        return;
    device->config_events |= VGPU_EVENT_DISPLAY;
    device->ops->config_changed(device->host);
}

bool vgpu_ready(struct vgpu_device *device)
{
    pthread_mutex_lock(&device->lock);
    bool ready = device->queued_bytes < VGPU_MAX_QUEUED_BYTES;
    pthread_mutex_unlock(&device->lock);
    return ready;
}

static size_t iov_bytes(const struct iovec *iov, unsigned int count)
{
    size_t total = 0;
    for (unsigned int i = 0; i < count; i++)
        total += iov[i].iov_len;
    return total;
}

/* Map what the request brings: only the main thread can. It is used on the render thread. */
static void map_backing(struct vgpu_device *device, struct vgpu_job *job)
{
    uint32_t nr_entries;
    if (!job->command || job->request_bytes < job->total_bytes ||
        job->request_bytes < job->command->request_bytes)
        return;
    if (job->command->type == VGPU_CMD_RESOURCE_ATTACH_BACKING)
        nr_entries = vgpu_request(job, vgpu_wire_resource_attach_backing)->nr_entries;
    else if (job->command->type == VGPU_CMD_RESOURCE_CREATE_BLOB &&
             (device->accepted_features & VGPU_F_RESOURCE_BLOB))
        nr_entries = vgpu_request(job, vgpu_wire_resource_create_blob)->nr_entries;
    else
        return;
    if (!nr_entries && job->command->type == VGPU_CMD_RESOURCE_CREATE_BLOB)
        return;
    job->backing = vgpu_backing_map(device, job->request + job->command->request_bytes,
                                    job->request_bytes - job->command->request_bytes, nr_entries);
    job->bad_backing = job->backing == NULL;
}

void vgpu_submit(struct vgpu_device *device, enum vgpu_queue queue, void *token,
                 const struct iovec *readable, unsigned int readable_count, size_t writable_bytes)
{
    struct vgpu_job *job = g_new0(struct vgpu_job, 1);
    job->task.run = vgpu_job_run;
    job->device = device;
    job->token = token;
    job->queue = queue;
    job->writable_bytes = writable_bytes;
    job->total_bytes = iov_bytes(readable, readable_count);
    job->request_bytes = job->total_bytes;
    if (job->request_bytes > VGPU_MAX_REQUEST_BYTES)
        job->request_bytes = sizeof(job->header);
    /* One copy, the only look at it: the guest may change it at any time. */
    job->request = g_try_malloc(MAX(job->request_bytes, sizeof(job->header)));
    if (!job->request) {
        job->request_bytes = sizeof(job->header);
        job->request = g_malloc(job->request_bytes);
    }
    struct vgpu_iov_reader reader;
    vgpu_iov_reader_init(&reader, readable, readable_count);
    vgpu_iov_read(&reader, 0, job->request, MIN(job->request_bytes, job->total_bytes));
    if (job->total_bytes < sizeof(job->header)) {
        vgpu_guest_error(device, NULL, "request of %zu bytes is shorter than its header",
                         job->total_bytes);
        vgpu_job_free(job);
        device->ops->complete(device->host, token, NULL, 0);
        return;
    }
    memcpy(&job->header, job->request, sizeof(job->header));
    job->command = vgpu_command_find(job->header.type);
    if (device->ops->trace_command && job->command &&
        job->request_bytes >= job->command->request_bytes)
        device->ops->trace_command(device->host, job->request, job->request_bytes);
    map_backing(device, job);
    pthread_mutex_lock(&device->lock);
    device->queued_bytes += job->request_bytes;
    device->stats.commands++;
    device->stats.inflight++;
    pthread_mutex_unlock(&device->lock);
    /* Drivers wait for a cursor's image before they name it, so its commands may overtake. */
    vgpu_worker_post(device->worker, &job->task, queue == VGPU_QUEUE_CURSOR);
}

void vgpu_dispatch(struct vgpu_device *device)
{
    vgpu_events_deliver(device);
}

static void run_refresh(struct vgpu_task *task)
{
    struct call *call = (struct call *)task;
    vgpu_scanout_read_back(call->device, call->scanout);
    g_free(call);
}

bool vgpu_scanout_refresh(struct vgpu_device *device, uint32_t scanout)
{
    if (scanout >= device->config.num_scanouts)
        return false;
    uint32_t bit = 1u << scanout;
    pthread_mutex_lock(&device->lock);
    bool running = device->refreshing_mask & bit;
    bool start = !running && (device->stale_mask & bit);
    if (start)
        device->refreshing_mask |= bit;
    pthread_mutex_unlock(&device->lock);
    if (start) {
        struct call *call = g_new0(struct call, 1);
        call->task.run = run_refresh;
        call->device = device;
        call->scanout = scanout;
        vgpu_worker_post(device->worker, &call->task, true);
    }
    return start || running;
}

static void run_invalidate(struct vgpu_task *task)
{
    struct call *call = (struct call *)task;
    vgpu_scanout_damage_all(call->device, call->scanout);
    g_free(call);
}

void vgpu_scanout_invalidate(struct vgpu_device *device, uint32_t scanout)
{
    if (scanout >= device->config.num_scanouts)
        return;
    struct call *call = g_new0(struct call, 1);
    call->task.run = run_invalidate;
    call->device = device;
    call->scanout = scanout;
    vgpu_worker_post(device->worker, &call->task, true);
}

/* A resource whose memory the embedder may still use leaves the guest's id space. */
static void outlive_reset(struct call *call, struct vgpu_resource *resource)
{
    struct vgpu_device *device = resource->device;
    struct vgpu_job *jobs[] = {resource->unmap_job, resource->unref_job};
    for (size_t i = 0; i < G_N_ELEMENTS(jobs); i++) {
        if (!jobs[i])
            continue;
        /* The events are discarded next, and the chain with them. */
        struct vgpu_event *event = vgpu_event_new(VGPU_EVENT_COMPLETE);
        event->job = jobs[i];
        vgpu_event_post(device, event);
    }
    resource->unmap_job = NULL;
    resource->unref_job = NULL;
    resource->outlived_reset = true;
    device->outlived_reset_count++;
    if (resource->mapping_state == VGPU_MAPPED)
        g_ptr_array_add(call->mapped, resource);
    else if (resource->mapping_state == VGPU_MAPPING)
        g_ptr_array_add(call->unseen, resource);
    resource->mapping_state = VGPU_UNMAPPING;
}

static void run_reset(struct vgpu_task *task)
{
    struct call *call = (struct call *)task;
    struct vgpu_device *device = call->device;
    vgpu_scanouts_clear(device);
    vgpu_contexts_destroy_all(device);
    GHashTableIter iter;
    void *value;
    g_hash_table_iter_init(&iter, device->resources);
    GPtrArray *doomed = g_ptr_array_new();
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct vgpu_resource *resource = value;
        /* Guest memory must not be touched any more, whatever else lives on. */
        vgpu_resource_drop_backing(resource);
        if (resource->mapping_state == VGPU_UNMAPPED)
            g_ptr_array_add(doomed, resource);
        else
            outlive_reset(call, resource);
    }
    for (guint i = 0; i < doomed->len; i++)
        vgpu_resource_free(doomed->pdata[i]);
    g_ptr_array_free(doomed, TRUE);
    g_hash_table_remove_all(device->resources);
    device->renderer_busy = false;
    /* The renderer still knows the ids: new commands wait until they are free. */
    vgpu_worker_hold(device->worker, device->outlived_reset_count > 0);
}

static void discard_queued(struct vgpu_device *device)
{
    struct vgpu_task *task = vgpu_worker_cancel(device->worker);
    while (task) {
        struct vgpu_task *next = task->next;
        struct vgpu_job *job = (struct vgpu_job *)task;
        pthread_mutex_lock(&device->lock);
        device->queued_bytes -= job->request_bytes;
        device->stats.inflight--;
        pthread_mutex_unlock(&device->lock);
        vgpu_backing_unmap(device, job->backing);
        device->ops->discard(device->host, job->token);
        vgpu_job_free(job);
        task = next;
    }
}

void vgpu_reset(struct vgpu_device *device)
{
    discard_queued(device);
    struct call reset = {
        .task.run = run_reset,
        .device = device,
        .mapped = g_ptr_array_new(),
        .unseen = g_ptr_array_new(),
    };
    vgpu_worker_run(device->worker, &reset.task);
    vgpu_fences_discard(device);
    vgpu_events_discard(device);
    for (guint i = 0; i < reset.mapped->len; i++) {
        struct vgpu_resource *resource = reset.mapped->pdata[i];
        device->ops->hostmem_unmap(device->host, resource->mapping);
    }
    for (guint i = 0; i < reset.unseen->len; i++)
        vgpu_hostmem_released(reset.unseen->pdata[i]);
    g_ptr_array_free(reset.mapped, TRUE);
    g_ptr_array_free(reset.unseen, TRUE);
    for (uint32_t i = 0; i < device->config.num_scanouts; i++) {
        device->ops->cursor_set(device->host, i, NULL);
        device->ops->scanout_off(device->host, i);
    }
    vgpu_set_features(device, 0);
}

static void destroy(struct vgpu_device *device)
{
    vgpu_worker_release(device->worker);
    g_hash_table_destroy(device->resources);
    g_hash_table_destroy(device->contexts);
    pthread_mutex_destroy(&device->lock);
    g_free(device);
}

static void run_free(struct vgpu_task *task)
{
    struct call *call = (struct call *)task;
    struct vgpu_device *device = call->device;
    pthread_mutex_lock(&device->lock);
    device->freed = true;
    pthread_mutex_unlock(&device->lock);
    if (!device->outlived_reset_count)
        destroy(device);
}

void vgpu_device_drained(struct vgpu_device *device)
{
    if (--device->outlived_reset_count)
        return;
    if (device->freed)
        destroy(device);
    else
        vgpu_worker_hold(device->worker, false);
}

void vgpu_device_free(struct vgpu_device *device)
{
    if (!device)
        return;
    vgpu_reset(device);
    struct vgpu_worker *worker = device->worker;
    struct call call = {.task.run = run_free, .device = device};
    vgpu_worker_run(worker, &call.task);
}

void vgpu_shutdown(void)
{
    vgpu_worker_shutdown();
}

void vgpu_get_stats(struct vgpu_device *device, struct vgpu_stats *stats)
{
    pthread_mutex_lock(&device->lock);
    *stats = device->stats;
    pthread_mutex_unlock(&device->lock);
}
