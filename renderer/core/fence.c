/* SPDX-License-Identifier: MIT */
#include "fence.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "front/backend.h"
#include "log.h"

enum {
    MAX_PENDING = 1 << 16,
    /* How far ahead a report looks for a fence that stands for this one. */
    MERGE_WINDOW = 32,
    MAX_BLOCKED = 64,
};

/* The thread looks for an order to stop this often, should the GPU hang. */
#define STOP_CHECK_NS UINT64_C(200000000)
/* How long a fence may be held back for query results that only this thread can write. */
#define QUERY_WAIT_NS UINT64_C(1000000000)

struct fence {
    struct fence *next;
    struct fence_id id;
    bool mergeable;
    struct backend_fence *back; /* NULL: nothing to wait for */
};

struct fence_list {
    struct fence *first, **last;
};

struct fence_queue {
    struct backend *backend;
    struct log *log;
    struct renderer_callbacks callbacks;
    bool (*flush_queries)(void *user);
    void *flush_user;

    bool threaded, async;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t changed;
    bool stop;
    bool calling;            /* the thread is inside a callback */
    struct fence *waiting;   /* the thread waits for it; in no list */
    bool waiting_cancelled;
    struct fence_list pending; /* in the order of creation */
    struct fence_list passed;  /* to be reported by fence_queue_poll() */
    struct fence_list dead;    /* reported by the thread; back-end fences go on the renderer's */
    uint32_t count;
    int event_fd;
    bool event_set;
};

static void list_init(struct fence_list *list)
{
    list->first = NULL;
    list->last = &list->first;
}

static void list_append(struct fence_list *list, struct fence *fence)
{
    fence->next = NULL;
    *list->last = fence;
    list->last = &fence->next;
}

static struct fence *list_take_first(struct fence_list *list)
{
    struct fence *fence = list->first;

    if (fence != NULL) {
        list->first = fence->next;
        if (list->first == NULL) {
            list->last = &list->first;
        }
    }
    return fence;
}

static struct fence_list list_take_all(struct fence_list *list)
{
    struct fence_list taken = *list;

    if (taken.first == NULL) {
        list_init(&taken);
    }
    list_init(list);
    return taken;
}

static void destroy_back(struct fence_queue *queue, struct fence *fence)
{
    if (fence->back != NULL) {
        queue->backend->ops->fence_destroy(queue->backend, fence->back);
        fence->back = NULL;
    }
}

static void free_all(struct fence_queue *queue, struct fence *first)
{
    while (first != NULL) {
        struct fence *next = first->next;

        destroy_back(queue, first);
        free(first);
        first = next;
    }
}

static bool same_timeline(const struct fence_id *a, const struct fence_id *b)
{
    return a->global == b->global &&
           (a->global || (a->ctx_id == b->ctx_id && a->ring_idx == b->ring_idx));
}

static void report(const struct fence_queue *queue, const struct fence *fence)
{
    const struct fence_id *id = &fence->id;

    if (id->global) {
        if (queue->callbacks.fence != NULL) {
            queue->callbacks.fence(queue->callbacks.user, (uint32_t)id->id);
        }
    } else if (queue->callbacks.context_fence != NULL) {
        queue->callbacks.context_fence(queue->callbacks.user, id->ctx_id, id->ring_idx, id->id);
    }
}

/* Does a later fence of the list speak for this one? */
static bool superseded(const struct fence *fence)
{
    const struct fence *later = fence->next;

    if (!fence->id.global && !fence->mergeable) {
        return false;
    }
    for (int i = 0; later != NULL && i < MERGE_WINDOW; i++, later = later->next) {
        if (same_timeline(&fence->id, &later->id)) {
            return true;
        }
    }
    return false;
}

static void report_all(struct fence_queue *queue, struct fence *first)
{
    if (first == NULL) {
        return;
    }
    if (queue->flush_queries != NULL) {
        queue->flush_queries(queue->flush_user);
    }
    /* Before the callbacks, which may leave another GL context current. */
    for (struct fence *fence = first; fence != NULL; fence = fence->next) {
        destroy_back(queue, fence);
    }
    for (struct fence *fence = first; fence != NULL; fence = fence->next) {
        if (!superseded(fence)) {
            report(queue, fence);
        }
    }
    free_all(queue, first);
}

/* ------------------------------------------------------------------ the thread */

static void set_event(struct fence_queue *queue)
{
    uint64_t one = 1;

    if (!queue->event_set && write(queue->event_fd, &one, sizeof one) == sizeof one) {
        queue->event_set = true;
    }
}

static void clear_event(struct fence_queue *queue)
{
    uint64_t count;

    if (queue->event_set && read(queue->event_fd, &count, sizeof count) == sizeof count) {
        queue->event_set = false;
    }
}

/* Waits without the lock. False: told to stop. */
static bool wait_for(struct fence_queue *queue, struct fence *fence)
{
    bool passed = fence->back == NULL;

    pthread_mutex_unlock(&queue->mutex);
    while (!passed) {
        passed = queue->backend->ops->fence_wait(queue->backend, fence->back, STOP_CHECK_NS);
        if (!passed && __atomic_load_n(&queue->stop, __ATOMIC_RELAXED)) {
            break;
        }
    }
    pthread_mutex_lock(&queue->mutex);
    return passed;
}

static void thread_deliver(struct fence_queue *queue, struct fence *fence)
{
    if (queue->waiting_cancelled) {
        list_append(&queue->dead, fence);
        return;
    }
    if (!queue->async) {
        list_append(&queue->passed, fence);
        set_event(queue);
        return;
    }
    queue->calling = true;
    pthread_mutex_unlock(&queue->mutex);
    report(queue, fence);
    pthread_mutex_lock(&queue->mutex);
    queue->calling = false;
    pthread_cond_broadcast(&queue->changed);
    list_append(&queue->dead, fence);
}

static void *thread_main(void *arg)
{
    struct fence_queue *queue = arg;
    bool begun = queue->backend->ops->fence_thread_begin == NULL ||
                 queue->backend->ops->fence_thread_begin(queue->backend);

    if (!begun) {
        log_message(queue->log, LOG_LEVEL_ERROR,
                    "the fence thread cannot use the GPU: fences will pass early");
    }
    pthread_mutex_lock(&queue->mutex);
    while (!queue->stop) {
        struct fence *fence = list_take_first(&queue->pending);

        if (fence == NULL) {
            pthread_cond_wait(&queue->changed, &queue->mutex);
            continue;
        }
        queue->waiting = fence;
        queue->waiting_cancelled = false;
        bool passed = !begun || wait_for(queue, fence);
        queue->waiting = NULL;
        queue->count--;
        if (passed) {
            thread_deliver(queue, fence);
        } else {
            list_append(&queue->dead, fence);
        }
    }
    pthread_mutex_unlock(&queue->mutex);
    if (begun && queue->backend->ops->fence_thread_end != NULL) {
        queue->backend->ops->fence_thread_end(queue->backend);
    }
    return NULL;
}

static bool start_thread(struct fence_queue *queue)
{
    const struct backend_ops *ops = queue->backend->ops;
    sigset_t all, old;

    if (ops->fence_thread_prepare == NULL || !ops->fence_thread_prepare(queue->backend)) {
        return false;
    }
    /* The embedder's signals are not for this thread. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int err = pthread_create(&queue->thread, NULL, thread_main, queue);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (err == 0) {
        pthread_setname_np(queue->thread, "mantua-fence");
    }
    return err == 0;
}

/* ------------------------------------------------------------------ the renderer's side */

struct fence_queue *fence_queue_create(const struct fence_queue_options *options)
{
    struct fence_queue *queue = calloc(1, sizeof *queue);

    if (queue == NULL) {
        return NULL;
    }
    queue->backend = options->backend;
    queue->log = options->log;
    queue->callbacks = options->callbacks;
    queue->flush_queries = options->flush_queries;
    queue->flush_user = options->flush_user;
    queue->async = options->async;
    queue->event_fd = -1;
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->changed, NULL);
    list_init(&queue->pending);
    list_init(&queue->passed);
    list_init(&queue->dead);
    if (options->thread) {
        if (!options->async) {
            queue->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        }
        queue->threaded = (options->async || queue->event_fd >= 0) && start_thread(queue);
        if (!queue->threaded) {
            log_message(queue->log, LOG_LEVEL_WARNING,
                        "no thread for fences: the embedder has to poll for them");
            if (queue->event_fd >= 0) {
                close(queue->event_fd);
                queue->event_fd = -1;
            }
        }
    }
    queue->async = queue->async && queue->threaded;
    return queue;
}

void fence_queue_destroy(struct fence_queue *queue)
{
    if (queue == NULL) {
        return;
    }
    if (queue->threaded) {
        pthread_mutex_lock(&queue->mutex);
        __atomic_store_n(&queue->stop, true, __ATOMIC_RELAXED);
        queue->waiting_cancelled = true;
        pthread_cond_broadcast(&queue->changed);
        pthread_mutex_unlock(&queue->mutex);
        pthread_join(queue->thread, NULL);
    }
    free_all(queue, queue->pending.first);
    free_all(queue, queue->passed.first);
    free_all(queue, queue->dead.first);
    if (queue->event_fd >= 0) {
        close(queue->event_fd);
    }
    pthread_cond_destroy(&queue->changed);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}

/* The thread cannot write query results: where it will report, they have to be there first. */
static void settle_queries(struct fence_queue *queue, struct fence *fence)
{
    if (!queue->async || queue->flush_queries == NULL ||
        queue->flush_queries(queue->flush_user) || fence->back == NULL) {
        return;
    }
    queue->backend->ops->fence_wait(queue->backend, fence->back, QUERY_WAIT_NS);
    queue->flush_queries(queue->flush_user);
}

int fence_queue_add(struct fence_queue *queue, const struct fence_id *id, bool mergeable,
                    struct backend_context *ctx)
{
    const struct backend_ops *ops = queue->backend->ops;
    struct fence *fence = NULL;

    pthread_mutex_lock(&queue->mutex);
    struct fence *dead = list_take_all(&queue->dead).first;
    bool full = queue->count >= MAX_PENDING;
    pthread_mutex_unlock(&queue->mutex);
    free_all(queue, dead);

    if (full || (fence = calloc(1, sizeof *fence)) == NULL) {
        return ENOMEM;
    }
    fence->id = *id;
    fence->mergeable = mergeable;
    if (ops->fence_create(queue->backend, ctx, &fence->back) != 0) {
        fence->back = NULL;
        log_message(queue->log, LOG_LEVEL_WARNING,
                    "the host gave no fence: fence %llu passes at once",
                    (unsigned long long)id->id);
    }
    settle_queries(queue, fence);

    pthread_mutex_lock(&queue->mutex);
    bool idle = queue->pending.first == NULL && queue->waiting == NULL;
    if (queue->threaded && !queue->async && idle &&
        (fence->back == NULL || ops->fence_wait(queue->backend, fence->back, 0))) {
        list_append(&queue->passed, fence); /* nothing to wait for: spare the thread */
        set_event(queue);
    } else {
        list_append(&queue->pending, fence);
        queue->count++;
        pthread_cond_signal(&queue->changed);
    }
    pthread_mutex_unlock(&queue->mutex);
    return 0;
}

struct blocked_set {
    struct fence_id ids[MAX_BLOCKED];
    uint32_t count;
};

static bool is_blocked(const struct blocked_set *set, const struct fence_id *id)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (same_timeline(&set->ids[i], id)) {
            return true;
        }
    }
    return set->count == MAX_BLOCKED;
}

static bool wanted(const struct fence *fence, const uint32_t *ctx_id)
{
    return ctx_id == NULL || (!fence->id.global && fence->id.ctx_id == *ctx_id);
}

/* No thread: asks the back end for each timeline until one fence of it has not passed. */
static void collect_passed(struct fence_queue *queue, const uint32_t *ctx_id)
{
    struct fence_list rest;
    struct blocked_set blocked = {.count = 0};
    struct fence *fence;

    list_init(&rest);
    while ((fence = list_take_first(&queue->pending)) != NULL) {
        bool look = wanted(fence, ctx_id) && !is_blocked(&blocked, &fence->id);

        if (look && (fence->back == NULL ||
                     queue->backend->ops->fence_wait(queue->backend, fence->back, 0))) {
            list_append(&queue->passed, fence);
            queue->count--;
            continue;
        }
        if (look) {
            blocked.ids[blocked.count++] = fence->id;
        }
        list_append(&rest, fence);
    }
    while ((fence = list_take_first(&rest)) != NULL) {
        list_append(&queue->pending, fence);
    }
}

static void poll_fences(struct fence_queue *queue, const uint32_t *ctx_id)
{
    struct fence_list ready, kept;
    struct fence *fence;

    if (queue->async) {
        return;
    }
    list_init(&ready);
    list_init(&kept);
    pthread_mutex_lock(&queue->mutex);
    if (!queue->threaded) {
        collect_passed(queue, ctx_id);
    }
    while ((fence = list_take_first(&queue->passed)) != NULL) {
        list_append(wanted(fence, ctx_id) ? &ready : &kept, fence);
    }
    while ((fence = list_take_first(&kept)) != NULL) {
        list_append(&queue->passed, fence);
    }
    if (queue->passed.first == NULL) {
        clear_event(queue);
    }
    pthread_mutex_unlock(&queue->mutex);
    report_all(queue, ready.first);
}

void fence_queue_poll(struct fence_queue *queue)
{
    poll_fences(queue, NULL);
}

void fence_queue_poll_context(struct fence_queue *queue, uint32_t ctx_id)
{
    poll_fences(queue, &ctx_id);
}

bool fence_queue_busy(struct fence_queue *queue)
{
    if (queue->async) {
        return false;
    }
    pthread_mutex_lock(&queue->mutex);
    bool busy = queue->passed.first != NULL || (!queue->threaded && queue->pending.first != NULL);
    pthread_mutex_unlock(&queue->mutex);
    return busy;
}

int fence_queue_poll_fd(const struct fence_queue *queue)
{
    return queue->event_fd;
}

void fence_queue_clear(struct fence_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->waiting_cancelled = true;
    while (queue->calling) {
        pthread_cond_wait(&queue->changed, &queue->mutex);
    }
    struct fence *pending = list_take_all(&queue->pending).first;
    struct fence *passed = list_take_all(&queue->passed).first;
    struct fence *dead = list_take_all(&queue->dead).first;
    queue->count = queue->waiting != NULL ? 1 : 0;
    clear_event(queue);
    pthread_mutex_unlock(&queue->mutex);
    free_all(queue, pending);
    free_all(queue, passed);
    free_all(queue, dead);
}

static struct fence *find_pending(struct fence_queue *queue, const bool *global, uint64_t id)
{
    struct fence *waiting = queue->waiting;

    if (waiting != NULL && !queue->waiting_cancelled && waiting->id.id == id &&
        (global == NULL || waiting->id.global == *global)) {
        return waiting;
    }
    for (struct fence *fence = queue->pending.first; fence != NULL; fence = fence->next) {
        if (fence->id.id == id && (global == NULL || fence->id.global == *global)) {
            return fence;
        }
    }
    return NULL;
}

int fence_queue_export(struct fence_queue *queue, bool global, uint64_t id, int *fd)
{
    const struct backend_ops *ops = queue->backend->ops;
    int err = ENOENT;

    pthread_mutex_lock(&queue->mutex);
    struct fence *fence = find_pending(queue, &global, id);
    if (fence != NULL) {
        err = fence->back != NULL && ops->fence_export != NULL
                  ? ops->fence_export(queue->backend, fence->back, fd)
                  : ENOTSUP;
    }
    pthread_mutex_unlock(&queue->mutex);
    return err;
}

int fence_queue_server_wait(struct fence_queue *queue, struct backend_context *ctx, uint64_t id)
{
    const struct backend_ops *ops = queue->backend->ops;
    int err = 0;

    /* The thread may see the fence pass meanwhile, but only this thread frees it. */
    pthread_mutex_lock(&queue->mutex);
    struct fence *fence = find_pending(queue, NULL, id);
    struct backend_fence *back = fence != NULL ? fence->back : NULL;
    pthread_mutex_unlock(&queue->mutex);
    if (back == NULL) {
        return 0;
    }
    if (ctx != NULL && ops->fence_server_wait != NULL) {
        return ops->fence_server_wait(ctx, back);
    }
    while (!ops->fence_wait(queue->backend, back, STOP_CHECK_NS)) {
        /* the GPU is busy with it */
    }
    return err;
}
