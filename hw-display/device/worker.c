/* SPDX-License-Identifier: MIT */
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#define FENCE_PROBE_US (200 * G_TIME_SPAN_MILLISECOND)
#define FENCE_POLL_US 500
#define PROBE_SEQUENCE 1

struct task_list {
    struct vgpu_task *head;
    struct vgpu_task **tail;
};

struct vgpu_worker {
    struct vgpu_worker *next; /* in parked_workers */
    const struct vgpu_renderer_ops *renderer;
    const struct vgpu_renderer_ops *requested_renderer;
    bool venus;
    char *render_node;
    pthread_t thread;
    bool has_thread;

    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_cond_t done;
    struct task_list urgent;
    struct task_list tasks;
    bool held;
    bool quit;
    bool started;
    int start_error;
    bool skip_cleanup;
    bool polls_fences;
    bool fences_outstanding;
    const struct vgpu_task *awaited;

    /* Apart from lock, so that a fence callback never waits for a task list operation. */
    pthread_mutex_t client_lock;
    const struct vgpu_worker_client *client;
    void *client_opaque;
    bool probe_passed;
};

/*
 * Process-wide because the renderer's interface is: which instance is taken must be known to all
 * devices.
 */
static pthread_mutex_t parked_lock = PTHREAD_MUTEX_INITIALIZER;
static struct vgpu_worker *parked_workers;
static bool linked_renderer_taken;
static unsigned int worker_count; /* parked or not */

static void task_list_init(struct task_list *list)
{
    list->head = NULL;
    list->tail = &list->head;
}

static void task_list_append(struct task_list *list, struct vgpu_task *task)
{
    task->next = NULL;
    *list->tail = task;
    list->tail = &task->next;
}

static struct vgpu_task *task_list_pop(struct task_list *list)
{
    struct vgpu_task *task = list->head;
    if (task) {
        list->head = task->next;
        if (!list->head)
            list->tail = &list->head;
    }
    return task;
}

static void deliver_fence(struct vgpu_worker *worker, uint32_t ctx_id, uint32_t ring_idx,
                          uint32_t sequence)
{
    pthread_mutex_lock(&worker->client_lock);
    if (worker->client)
        worker->client->fence_passed(worker->client_opaque, ctx_id, ring_idx, sequence);
    else
        worker->probe_passed = true;
    pthread_mutex_unlock(&worker->client_lock);
}

static void write_fence(void *cookie, uint32_t fence)
{
    deliver_fence(cookie, 0, 0, fence);
}

static void write_context_fence(void *cookie, uint32_t ctx_id, uint32_t ring_idx,
                                uint64_t fence_id)
{
    deliver_fence(cookie, ctx_id, ring_idx, (uint32_t)fence_id);
}

static int get_drm_fd(void *cookie)
{
    struct vgpu_worker *worker = cookie;
    return worker->render_node ? open(worker->render_node, O_RDWR | O_CLOEXEC) : -1;
}

static struct virgl_renderer_callbacks callbacks = {
    .version = 3,
    .write_fence = write_fence,
    .get_drm_fd = get_drm_fd,
    .write_context_fence = write_context_fence,
};

/* Whether fences arrive on their own. Renderers differ in what their flags promise. */
static bool fences_arrive_unasked(struct vgpu_worker *worker)
{
    if (worker->renderer->create_fence(PROBE_SEQUENCE, 0) != 0)
        return false;
    gint64 deadline = g_get_monotonic_time() + FENCE_PROBE_US;
    bool passed = false;
    while (!passed && g_get_monotonic_time() < deadline) {
        g_usleep(100);
        pthread_mutex_lock(&worker->client_lock);
        passed = worker->probe_passed;
        pthread_mutex_unlock(&worker->client_lock);
    }
    if (!passed)
        worker->renderer->poll();
    return passed;
}

static int start_renderer(struct vgpu_worker *worker)
{
    int flags = VIRGL_RENDERER_USE_EGL | VIRGL_RENDERER_THREAD_SYNC | VIRGL_RENDERER_ASYNC_FENCE_CB;
    if (!worker->render_node)
        flags |= VIRGL_RENDERER_USE_SURFACELESS;
    int err = -1;
    if (worker->venus)
        err = worker->renderer->init(worker, flags | VIRGL_RENDERER_VENUS, &callbacks);
    if (err)
        err = worker->renderer->init(worker, flags, &callbacks);
    if (!err)
        worker->polls_fences = !fences_arrive_unasked(worker);
    return err;
}

/* With worker->lock held. NULL: nothing to do now. */
static struct vgpu_task *next_task(struct vgpu_worker *worker)
{
    struct vgpu_task *task = task_list_pop(&worker->urgent);
    if (!task && !worker->held)
        task = task_list_pop(&worker->tasks);
    return task;
}

static void run_task(struct vgpu_worker *worker, struct vgpu_task *task)
{
    bool awaited = worker->awaited == task;
    pthread_mutex_unlock(&worker->lock);
    task->run(task); /* may free it */
    pthread_mutex_lock(&worker->lock);
    if (awaited) {
        worker->awaited = NULL;
        pthread_cond_broadcast(&worker->done);
    }
}

static void *worker_thread(void *opaque)
{
    struct vgpu_worker *worker = opaque;
    int err = start_renderer(worker);
    pthread_mutex_lock(&worker->lock);
    worker->start_error = err;
    worker->started = true;
    pthread_cond_broadcast(&worker->done);
    while (!worker->quit) {
        struct vgpu_task *task = next_task(worker);
        if (task) {
            run_task(worker, task);
        } else if (worker->polls_fences && worker->fences_outstanding) {
            struct timespec until;
            clock_gettime(CLOCK_MONOTONIC, &until);
            until.tv_nsec += FENCE_POLL_US * 1000;
            until.tv_sec += until.tv_nsec / 1000000000;
            until.tv_nsec %= 1000000000;
            pthread_cond_timedwait(&worker->wake, &worker->lock, &until);
            pthread_mutex_unlock(&worker->lock);
            worker->renderer->poll();
            pthread_mutex_lock(&worker->lock);
        } else {
            pthread_cond_wait(&worker->wake, &worker->lock);
        }
    }
    pthread_mutex_unlock(&worker->lock);
    if (!err && !worker->skip_cleanup)
        worker->renderer->cleanup(worker);
    return NULL;
}

static void worker_end(struct vgpu_worker *worker)
{
    /* Those that stay behind uncleaned keep counting: they still use the display. */
    if (!worker->skip_cleanup)
        __atomic_fetch_sub(&worker_count, 1, __ATOMIC_RELEASE);
    pthread_mutex_lock(&worker->lock);
    worker->quit = true;
    pthread_cond_broadcast(&worker->wake);
    pthread_mutex_unlock(&worker->lock);
    if (worker->has_thread)
        pthread_join(worker->thread, NULL);
    pthread_mutex_destroy(&worker->lock);
    pthread_mutex_destroy(&worker->client_lock);
    pthread_cond_destroy(&worker->wake);
    pthread_cond_destroy(&worker->done);
    g_free(worker->render_node);
    g_free(worker);
}

static int await_start(struct vgpu_worker *worker)
{
    pthread_setname_np(worker->thread, "vgpu-render");
    pthread_mutex_lock(&worker->lock);
    while (!worker->started)
        pthread_cond_wait(&worker->done, &worker->lock);
    int err = worker->start_error;
    pthread_mutex_unlock(&worker->lock);
    return err;
}

static struct vgpu_worker *worker_start(const struct vgpu_renderer_ops *requested, bool venus,
                                        const char *render_node, char **error)
{
    const struct vgpu_renderer_ops *renderer = requested;
    bool takes_linked = false;
    if (!renderer) {
        pthread_mutex_lock(&parked_lock);
        takes_linked = !linked_renderer_taken;
        linked_renderer_taken = true;
        pthread_mutex_unlock(&parked_lock);
        renderer = takes_linked ? vgpu_renderer_linked() : vgpu_renderer_load_copy(error);
        if (!renderer)
            return NULL;
    }
    struct vgpu_worker *worker = g_new0(struct vgpu_worker, 1);
    __atomic_fetch_add(&worker_count, 1, __ATOMIC_RELEASE);
    worker->renderer = renderer;
    worker->requested_renderer = requested;
    worker->venus = venus;
    worker->render_node = g_strdup(render_node);
    pthread_mutex_init(&worker->lock, NULL);
    pthread_mutex_init(&worker->client_lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&worker->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_cond_init(&worker->done, NULL);
    task_list_init(&worker->urgent);
    task_list_init(&worker->tasks);
    worker->has_thread = pthread_create(&worker->thread, NULL, worker_thread, worker) == 0;
    int err = worker->has_thread ? await_start(worker) : EAGAIN;
    if (err) {
        worker_end(worker);
        if (takes_linked) {
            pthread_mutex_lock(&parked_lock);
            linked_renderer_taken = false;
            pthread_mutex_unlock(&parked_lock);
        }
        *error = g_strdup_printf("the renderer could not start (error %d): is there an EGL "
                                 "implementation with surfaceless OpenGL?", err);
        return NULL;
    }
    return worker;
}

struct vgpu_worker *vgpu_worker_acquire(const struct vgpu_renderer_ops *renderer, bool venus,
                                        const char *render_node,
                                        const struct vgpu_worker_client *client, void *opaque,
                                        char **error)
{
    struct vgpu_worker *worker = NULL;
    pthread_mutex_lock(&parked_lock);
    for (struct vgpu_worker **p = &parked_workers; *p; p = &(*p)->next) {
        if ((*p)->requested_renderer == renderer && (*p)->venus == venus &&
            g_strcmp0((*p)->render_node, render_node) == 0) {
            worker = *p;
            *p = worker->next;
            break;
        }
    }
    pthread_mutex_unlock(&parked_lock);
    if (!worker)
        worker = worker_start(renderer, venus, render_node, error);
    if (worker) {
        pthread_mutex_lock(&worker->client_lock);
        worker->client = client;
        worker->client_opaque = opaque;
        pthread_mutex_unlock(&worker->client_lock);
    }
    return worker;
}

void vgpu_worker_release(struct vgpu_worker *worker)
{
    pthread_mutex_lock(&worker->client_lock);
    worker->client = NULL;
    worker->client_opaque = NULL;
    pthread_mutex_unlock(&worker->client_lock);
    pthread_mutex_lock(&worker->lock);
    worker->fences_outstanding = false;
    worker->held = false;
    pthread_mutex_unlock(&worker->lock);
    pthread_mutex_lock(&parked_lock);
    worker->next = parked_workers;
    parked_workers = worker;
    pthread_mutex_unlock(&parked_lock);
}

void vgpu_worker_shutdown(void)
{
    pthread_mutex_lock(&parked_lock);
    struct vgpu_worker *list = parked_workers;
    parked_workers = NULL;
    pthread_mutex_unlock(&parked_lock);
    /* Renderers in one process share an EGL display, which the end of the first one closes. */
    while (list) {
        list->skip_cleanup = __atomic_load_n(&worker_count, __ATOMIC_ACQUIRE) > 1;
        struct vgpu_worker *next = list->next;
        bool was_linked = list->renderer == vgpu_renderer_linked();
        worker_end(list);
        if (was_linked) {
            pthread_mutex_lock(&parked_lock);
            linked_renderer_taken = false;
            pthread_mutex_unlock(&parked_lock);
        }
        list = next;
    }
}

const struct vgpu_renderer_ops *vgpu_worker_renderer(const struct vgpu_worker *worker)
{
    return worker->renderer;
}

void vgpu_worker_post(struct vgpu_worker *worker, struct vgpu_task *task, bool urgent)
{
    pthread_mutex_lock(&worker->lock);
    task_list_append(urgent ? &worker->urgent : &worker->tasks, task);
    pthread_cond_signal(&worker->wake);
    pthread_mutex_unlock(&worker->lock);
}

void vgpu_worker_hold(struct vgpu_worker *worker, bool held)
{
    pthread_mutex_lock(&worker->lock);
    worker->held = held;
    pthread_cond_signal(&worker->wake);
    pthread_mutex_unlock(&worker->lock);
}

struct vgpu_task *vgpu_worker_cancel(struct vgpu_worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    struct vgpu_task *list = worker->tasks.head;
    task_list_init(&worker->tasks);
    pthread_mutex_unlock(&worker->lock);
    return list;
}

void vgpu_worker_run(struct vgpu_worker *worker, struct vgpu_task *task)
{
    pthread_mutex_lock(&worker->lock);
    worker->awaited = task;
    task_list_append(&worker->urgent, task);
    pthread_cond_signal(&worker->wake);
    while (worker->awaited == task)
        pthread_cond_wait(&worker->done, &worker->lock);
    pthread_mutex_unlock(&worker->lock);
}

void vgpu_worker_expect_fences(struct vgpu_worker *worker, bool outstanding)
{
    pthread_mutex_lock(&worker->lock);
    worker->fences_outstanding = outstanding;
    pthread_mutex_unlock(&worker->lock);
}
