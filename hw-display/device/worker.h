/* SPDX-License-Identifier: MIT */
#ifndef VGPU_WORKER_H
#define VGPU_WORKER_H

/*
 * A render thread with its renderer. Tasks run one after the other in the order they were posted;
 * urgent tasks run before all others. A renderer instance can start only once in a process, so a
 * worker that its device gives back is parked and serves the next device.
 */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "renderer_ops.h"

struct vgpu_worker;

struct vgpu_task {
    struct vgpu_task *next;
    void (*run)(struct vgpu_task *task);
};

/* Called from the renderer: any thread, and with no lock of the worker held. */
struct vgpu_worker_client {
    /* ctx_id 0, ring_idx 0: the global fences, of which sequence and all before it have passed. */
    void (*fence_passed)(void *opaque, uint32_t ctx_id, uint32_t ring_idx, uint32_t sequence);
};

/*
 * Take a worker with a started renderer. Blocks until the renderer is up. renderer NULL: the linked
 * library, or a copy of it when that is in use. On failure returns NULL and a message for g_free.
 */
struct vgpu_worker *vgpu_worker_acquire(const struct vgpu_renderer_ops *renderer, bool venus,
                                        const char *render_node,
                                        const struct vgpu_worker_client *client, void *opaque,
                                        char **error);
/* Any thread. No callback reaches the client any more after it returns. */
void vgpu_worker_release(struct vgpu_worker *worker);

/* End all parked workers and their renderers. */
void vgpu_worker_shutdown(void);

const struct vgpu_renderer_ops *vgpu_worker_renderer(const struct vgpu_worker *worker);

/* Any thread. The task stays the poster's memory; run may free it. */
void vgpu_worker_post(struct vgpu_worker *worker, struct vgpu_task *task, bool urgent);

/* Any thread. While held, only urgent tasks run. */
void vgpu_worker_hold(struct vgpu_worker *worker, bool held);

/* Remove and return the tasks that wait, not the one that runs nor urgent ones, in order. */
struct vgpu_task *vgpu_worker_cancel(struct vgpu_worker *worker);

/* Run task urgently and wait for its end. Not from the worker's own thread. */
void vgpu_worker_run(struct vgpu_worker *worker, struct vgpu_task *task);

/*
 * Any thread: tell whether fences are outstanding. When the renderer does not report
 * fences by itself, the worker asks it meanwhile.
 */
void vgpu_worker_expect_fences(struct vgpu_worker *worker, bool outstanding);

#endif
