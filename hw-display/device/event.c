/* SPDX-License-Identifier: MIT */
#include "device.h"

struct vgpu_event *vgpu_event_new(enum vgpu_event_kind kind)
{
    struct vgpu_event *event = g_new0(struct vgpu_event, 1);
    event->kind = kind;
    return event;
}

bool vgpu_event_post_locked(struct vgpu_device *device, struct vgpu_event *event)
{
    bool first = device->events == NULL;
    *device->events_tail = event;
    device->events_tail = &event->next;
    return first && !device->freed;
}

void vgpu_event_post(struct vgpu_device *device, struct vgpu_event *event)
{
    pthread_mutex_lock(&device->lock);
    bool wake = vgpu_event_post_locked(device, event);
    pthread_mutex_unlock(&device->lock);
    if (wake)
        device->ops->wake(device->host);
}

static struct vgpu_event *take_events(struct vgpu_device *device)
{
    pthread_mutex_lock(&device->lock);
    struct vgpu_event *list = device->events;
    device->events = NULL;
    device->events_tail = &device->events;
    pthread_mutex_unlock(&device->lock);
    return list;
}

static void event_free(struct vgpu_event *event)
{
    vgpu_frame_unref(event->frame);
    g_free(event->cursor);
    g_free(event);
}

static void complete_job(struct vgpu_device *device, struct vgpu_job *job)
{
    const void *response = job->large_response ? job->large_response : job->response;
    size_t size_bytes = MIN(job->response_bytes, job->writable_bytes);
    pthread_mutex_lock(&device->lock);
    device->stats.inflight--;
    pthread_mutex_unlock(&device->lock);
    if (device->ops->trace_fence && (job->header.flags & VGPU_HDR_FLAG_FENCE))
        device->ops->trace_fence(device->host, job->header.fence_id);
    device->ops->complete(device->host, job->token, response, size_bytes);
    vgpu_job_free(job);
}

static void discard_job(struct vgpu_device *device, struct vgpu_job *job)
{
    pthread_mutex_lock(&device->lock);
    device->stats.inflight--;
    pthread_mutex_unlock(&device->lock);
    device->ops->discard(device->host, job->token);
    vgpu_job_free(job);
}

static void deliver(struct vgpu_device *device, struct vgpu_event *event)
{
    const struct vgpu_host_ops *ops = device->ops;
    switch (event->kind) {
    case VGPU_EVENT_COMPLETE:
        complete_job(device, event->job);
        break;
    case VGPU_EVENT_RELEASE_BACKING:
        vgpu_backing_unmap(device, event->backing);
        break;
    case VGPU_EVENT_SCANOUT_SET:
        ops->scanout_set(device->host, event->scanout, event->frame, &event->rect);
        break;
    case VGPU_EVENT_SCANOUT_OFF:
        ops->scanout_off(device->host, event->scanout);
        break;
    case VGPU_EVENT_SCANOUT_UPDATE:
        ops->scanout_update(device->host, event->scanout, &event->rect);
        break;
    case VGPU_EVENT_SCANOUT_STALE:
        if (ops->scanout_stale)
            ops->scanout_stale(device->host, event->scanout);
        break;
    case VGPU_EVENT_REFRESH_DONE:
        ops->refresh_done(device->host, event->scanout);
        break;
    case VGPU_EVENT_CURSOR_SET:
        ops->cursor_set(device->host, event->scanout, event->cursor);
        ops->cursor_move(device->host, event->scanout, event->cursor_x, event->cursor_y);
        break;
    case VGPU_EVENT_CURSOR_MOVE:
        ops->cursor_move(device->host, event->scanout, event->cursor_x, event->cursor_y);
        break;
    case VGPU_EVENT_HOSTMEM_MAP:
        vgpu_blob_map_now(event->resource, event->job, event->pointer);
        break;
    case VGPU_EVENT_HOSTMEM_UNMAP:
        ops->hostmem_unmap(device->host, event->resource->mapping);
        break;
    }
    event_free(event);
}

void vgpu_events_deliver(struct vgpu_device *device)
{
    struct vgpu_event *list;
    while ((list = take_events(device)) != NULL) {
        while (list) {
            struct vgpu_event *next = list->next;
            deliver(device, list);
            list = next;
        }
    }
}

void vgpu_events_discard(struct vgpu_device *device)
{
    struct vgpu_event *list = take_events(device);
    while (list) {
        struct vgpu_event *next = list->next;
        switch (list->kind) {
        case VGPU_EVENT_RELEASE_BACKING:
            vgpu_backing_unmap(device, list->backing);
            break;
        case VGPU_EVENT_REFRESH_DONE:
            device->ops->refresh_done(device->host, list->scanout);
            break;
        case VGPU_EVENT_HOSTMEM_UNMAP:
            /* The resource outlived the reset and is waiting for this. */
            device->ops->hostmem_unmap(device->host, list->resource->mapping);
            break;
        default:
            break;
        }
        if (list->job)
            discard_job(device, list->job);
        event_free(list);
        list = next;
    }
}
