/* SPDX-License-Identifier: MIT */
#include "device.h"

/*
 * Fenced commands are answered in order within their timeline: the global one, or that of a ring of
 * a context. The renderer knows nothing of the guest's numbers; it gets the device's own sequence
 * and reports it per (context, ring) of the renderer, which need not be the guest's timeline.
 */
struct vgpu_fence {
    struct vgpu_fence *next;
    struct vgpu_job *job;
    bool own_timeline; /* of (ctx_id, ring_idx); else the global one */
    uint32_t ctx_id;
    uint32_t ring_idx;
    uint32_t renderer_ctx_id;
    uint32_t renderer_ring_idx;
    uint32_t sequence;
    bool passed;
};

static bool same_timeline(const struct vgpu_fence *a, const struct vgpu_fence *b)
{
    return a->own_timeline == b->own_timeline &&
           (!a->own_timeline || (a->ctx_id == b->ctx_id && a->ring_idx == b->ring_idx));
}

static bool has_earlier(struct vgpu_device *device, const struct vgpu_fence *fence)
{
    for (const struct vgpu_fence *f = device->fences; f && f != fence; f = f->next) {
        if (same_timeline(f, fence))
            return true;
    }
    return false;
}

/* With the lock held: answer what may be answered. Returns whether to wake the main thread. */
static bool sweep(struct vgpu_device *device)
{
    bool wake = false;
    bool global_blocked = false;
    struct vgpu_fence **p = &device->fences;
    while (*p) {
        struct vgpu_fence *fence = *p;
        bool blocked = fence->own_timeline ? has_earlier(device, fence) : global_blocked;
        if (!fence->passed || blocked) {
            global_blocked |= !fence->own_timeline;
            p = &fence->next;
            continue;
        }
        *p = fence->next;
        struct vgpu_event *event = vgpu_event_new(VGPU_EVENT_COMPLETE);
        event->job = fence->job;
        wake |= vgpu_event_post_locked(device, event);
        g_free(fence);
    }
    device->fences_tail = p;
    return wake;
}

/* With the lock held. */
static bool any_unpassed(const struct vgpu_device *device)
{
    for (const struct vgpu_fence *f = device->fences; f; f = f->next) {
        if (!f->passed)
            return true;
    }
    return false;
}

/* Sweep, drop the lock, tell those concerned. */
static void sweep_and_unlock(struct vgpu_device *device)
{
    bool wake = sweep(device);
    bool outstanding = any_unpassed(device);
    pthread_mutex_unlock(&device->lock);
    vgpu_worker_expect_fences(device->worker, outstanding);
    if (wake)
        device->ops->wake(device->host);
}

/* Ask the renderer. On return *fence may be answered and gone. */
static void request_fence(struct vgpu_device *device, uint32_t ctx_id, uint32_t ring_idx,
                          uint32_t sequence)
{
    int err = -1;
    if (ctx_id)
        err = device->renderer->context_create_fence(ctx_id, 0, ring_idx, sequence);
    else
        err = device->renderer->create_fence((int)sequence, 0);
    if (err) {
        vgpu_guest_error(device, NULL, "context %u: the renderer made no fence (error %d)", ctx_id,
                         err);
        vgpu_fence_passed(device, ctx_id, ring_idx, sequence);
    }
}

void vgpu_fence_answer(struct vgpu_device *device, struct vgpu_job *job, bool wait_renderer)
{
    struct vgpu_fence *fence = g_new0(struct vgpu_fence, 1);
    fence->job = job;
    fence->ctx_id = job->header.ctx_id;
    if (job->header.flags & VGPU_HDR_FLAG_INFO_RING_IDX) {
        fence->own_timeline = true;
        fence->ring_idx = job->header.ring_idx;
    }
    /* A context's own fence, where there is a context, covers exactly the work meant. */
    if (wait_renderer && vgpu_context_find(device, fence->ctx_id))
        fence->renderer_ctx_id = fence->ctx_id;
    fence->renderer_ring_idx = fence->renderer_ctx_id ? fence->ring_idx : 0;
    fence->passed = !wait_renderer;
    uint32_t renderer_ctx_id = fence->renderer_ctx_id;
    uint32_t renderer_ring_idx = fence->renderer_ring_idx;

    pthread_mutex_lock(&device->lock);
    uint32_t sequence = ++device->fence_sequence;
    fence->sequence = sequence;
    device->stats.fences++;
    *device->fences_tail = fence;
    device->fences_tail = &fence->next;
    if (wait_renderer) {
        pthread_mutex_unlock(&device->lock);
        vgpu_worker_expect_fences(device->worker, true);
        request_fence(device, renderer_ctx_id, renderer_ring_idx, sequence);
    } else {
        sweep_and_unlock(device);
    }
}

void vgpu_fence_passed(void *opaque, uint32_t ctx_id, uint32_t ring_idx, uint32_t sequence)
{
    struct vgpu_device *device = opaque;
    pthread_mutex_lock(&device->lock);
    for (struct vgpu_fence *f = device->fences; f; f = f->next) {
        if (f->renderer_ctx_id == ctx_id && f->renderer_ring_idx == ring_idx &&
            (int32_t)(f->sequence - sequence) <= 0)
            f->passed = true;
    }
    sweep_and_unlock(device);
}

void vgpu_fence_context_gone(struct vgpu_device *device, uint32_t ctx_id)
{
    pthread_mutex_lock(&device->lock);
    for (struct vgpu_fence *f = device->fences; f; f = f->next) {
        if (f->renderer_ctx_id == ctx_id)
            f->passed = true;
    }
    sweep_and_unlock(device);
}

void vgpu_fences_discard(struct vgpu_device *device)
{
    pthread_mutex_lock(&device->lock);
    for (struct vgpu_fence *f = device->fences; f; f = f->next)
        f->passed = true;
    /* What becomes of it is decided with the events, which are discarded next. */
    while (device->fences) {
        struct vgpu_fence *fence = device->fences;
        device->fences = fence->next;
        struct vgpu_event *event = vgpu_event_new(VGPU_EVENT_COMPLETE);
        event->job = fence->job;
        vgpu_event_post_locked(device, event);
        g_free(fence);
    }
    device->fences_tail = &device->fences;
    pthread_mutex_unlock(&device->lock);
    vgpu_worker_expect_fences(device->worker, false);
}
