/* SPDX-License-Identifier: MIT */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <virglrenderer.h>

#include "log.h"
#include "protocol.h"

struct ring_fence {
    struct ring_fence *next; /* in host.ring_fences */
    uint32_t ctx_id;
    uint32_t ring_idx;
    uint64_t fence_id;
    void (*passed)(void *data);
    void (*drop)(void *data);
    void *data;
};

struct host {
    const struct options *options;
    struct virgl_renderer_callbacks callbacks;
    int poll_fd;
    uint32_t next_ctx_id;
    uint32_t next_resource_id;

    /* Fence numbers count up and wrap: compare them by their difference. */
    uint32_t fence_created;
    uint32_t fence_passed;
    bool unfenced_work;

    uint64_t next_ring_fence_id;
    struct ring_fence *ring_fences;      /* oldest first */
    struct ring_fence **ring_fences_end; /* where the next one is linked */
};

static void write_fence(void *cookie, uint32_t fence)
{
    struct host *host = cookie;

    if ((int32_t) (fence - host->fence_passed) > 0) {
        host->fence_passed = fence;
    }
}

/* Take out the fences that `wanted` accepts and tell their owners. */
static void finish_ring_fences(struct host *host, uint32_t ctx_id, uint32_t ring_idx,
                               uint64_t last_id, bool passed)
{
    struct ring_fence **link = &host->ring_fences;

    while (*link) {
        struct ring_fence *fence = *link;

        if (fence->ctx_id != ctx_id || fence->fence_id > last_id ||
            (passed && fence->ring_idx != ring_idx)) {
            link = &fence->next;
            continue;
        }
        *link = fence->next;
        if (passed) {
            fence->passed(fence->data);
        }
        fence->drop(fence->data);
        free(fence);
    }
    host->ring_fences_end = link;
}

static void write_context_fence(void *cookie, uint32_t ctx_id, uint32_t ring_idx, uint64_t fence_id)
{
    finish_ring_fences(cookie, ctx_id, ring_idx, fence_id, true);
}

static int get_drm_fd(void *cookie)
{
    struct host *host = cookie;
    const char *path = host->options->rendernode;
    int fd;

    if (!path) {
        return -1;
    }
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        log_message(LOG_ERROR, "--rendernode %s: %s", path, strerror(errno));
    }
    return fd;
}

static bool have_render_node(const struct options *options)
{
    glob_t found;
    bool any;

    if (options->rendernode) {
        return true;
    }
    any = glob("/dev/dri/renderD*", GLOB_NOSORT, NULL, &found) == 0;
    globfree(&found);
    return any;
}

static int init_flags(const struct options *options)
{
    int flags = options->no_fence_thread ? 0 : VIRGL_RENDERER_THREAD_SYNC;

    if (options->window_system == WINSYS_GLX) {
        flags |= VIRGL_RENDERER_USE_GLX;
    } else {
        flags |= VIRGL_RENDERER_USE_EGL;
        if (options->window_system == WINSYS_EGL_SURFACELESS || !have_render_node(options)) {
            flags |= VIRGL_RENDERER_USE_SURFACELESS;
        }
    }
    flags |= options->use_gles ? VIRGL_RENDERER_USE_GLES : 0;
    flags |= options->compat_profile ? VIRGL_RENDERER_COMPAT_PROFILE : 0;
    flags |= options->venus ? VIRGL_RENDERER_VENUS : 0;
    flags |= options->drm ? VIRGL_RENDERER_DRM : 0;
    flags |= options->no_virgl ? VIRGL_RENDERER_NO_VIRGL : 0;
    return flags;
}

/* The renderer's messages belong in the server's log. May come from the renderer's threads. */
static void log_renderer(enum virgl_log_level_flags level, const char *message, void *data)
{
    static const enum log_level levels[] = {
        [VIRGL_LOG_LEVEL_DEBUG] = LOG_DEBUG,
        [VIRGL_LOG_LEVEL_INFO] = LOG_INFO,
        [VIRGL_LOG_LEVEL_WARNING] = LOG_WARNING,
        [VIRGL_LOG_LEVEL_ERROR] = LOG_ERROR,
    };

    if ((unsigned) level < VIRGL_LOG_LEVEL_SILENT) {
        log_message(levels[level], "renderer: %s", message);
    }
}

struct host *host_create(const struct options *options)
{
    struct host *host = calloc(1, sizeof(*host));
    int flags = init_flags(options);
    int error;

    if (!host) {
        return NULL;
    }
    host->options = options;
    host->ring_fences_end = &host->ring_fences;
    host->callbacks = (struct virgl_renderer_callbacks) {
        .version = 3,
        .write_fence = write_fence,
        .get_drm_fd = get_drm_fd,
        .write_context_fence = write_context_fence,
    };
    virgl_set_log_callback(log_renderer, NULL, NULL);
    error = virgl_renderer_init(host, flags, &host->callbacks);
    if (error) {
        log_message(LOG_ERROR, "the renderer cannot start (flags 0x%x, error %d)", flags, error);
        free(host);
        return NULL;
    }
    host->poll_fd = virgl_renderer_get_poll_fd();
    return host;
}

void host_destroy(struct host *host)
{
    if (host) {
        virgl_renderer_cleanup(host);
        virgl_set_log_callback(NULL, NULL, NULL);
        free(host);
    }
}

int host_context_create(struct host *host, uint32_t capset_id, const char *name, uint32_t name_bytes,
                        uint32_t *ctx_id)
{
    uint32_t id = ++host->next_ctx_id;
    int error = virgl_renderer_context_create_with_flags(id, capset_id, name_bytes, name);

    if (error) {
        return -abs(error);
    }
    *ctx_id = id;
    return 0;
}

void host_context_destroy(struct host *host, uint32_t ctx_id)
{
    finish_ring_fences(host, ctx_id, 0, UINT64_MAX, false);
    virgl_renderer_context_destroy(ctx_id);
}

uint32_t host_new_resource_id(struct host *host)
{
    return ++host->next_resource_id;
}

uint32_t host_timeline_count(const struct host *host)
{
    return host->poll_fd >= 0 ? VTEST_LIMIT_MAX_TIMELINES : 0;
}

uint32_t host_work_submitted(struct host *host)
{
    host->unfenced_work = true;
    return host->fence_created + 1;
}

void host_fence_work(struct host *host)
{
    if (!host->unfenced_work) {
        return;
    }
    host->unfenced_work = false;
    host->fence_created++;
    if (virgl_renderer_create_fence((int) host->fence_created, 0)) {
        /* Nothing will tell when the work is done: at least nobody must wait for ever. */
        log_message(LOG_ERROR, "the renderer cannot create a fence");
        host->fence_passed = host->fence_created;
    }
}

bool host_fence_passed(struct host *host, uint32_t number)
{
    return (int32_t) (host->fence_passed - number) >= 0;
}

int host_ring_fence(struct host *host, uint32_t ctx_id, uint32_t ring_idx,
                    void (*passed)(void *data), void (*drop)(void *data), void *data)
{
    struct ring_fence *fence = malloc(sizeof(*fence));
    struct ring_fence **end = host->ring_fences_end;
    int error;

    if (!fence) {
        return -ENOMEM;
    }
    *fence = (struct ring_fence) {
        .ctx_id = ctx_id,
        .ring_idx = ring_idx,
        .fence_id = ++host->next_ring_fence_id,
        .passed = passed,
        .drop = drop,
        .data = data,
    };
    /* Linked first: the renderer may find at once that the work is done. */
    *end = fence;
    host->ring_fences_end = &fence->next;
    error = virgl_renderer_context_create_fence(ctx_id, 0, ring_idx, fence->fence_id);
    if (error) {
        *end = NULL;
        host->ring_fences_end = end;
        free(fence);
        return -abs(error);
    }
    return 0;
}

bool host_has_ring_fences(const struct host *host, uint32_t ctx_id)
{
    for (const struct ring_fence *fence = host->ring_fences; fence; fence = fence->next) {
        if (fence->ctx_id == ctx_id) {
            return true;
        }
    }
    return false;
}

/* The next higher context that a ring fence waits for, 0 after the last. */
static uint32_t next_fenced_context(const struct host *host, uint32_t after)
{
    uint32_t next = 0;

    for (const struct ring_fence *fence = host->ring_fences; fence; fence = fence->next) {
        if (fence->ctx_id > after && (next == 0 || fence->ctx_id < next)) {
            next = fence->ctx_id;
        }
    }
    return next;
}

void host_poll(struct host *host)
{
    uint32_t ctx_id = 0;

    virgl_renderer_poll();
    while ((ctx_id = next_fenced_context(host, ctx_id)) != 0) {
        virgl_renderer_context_poll(ctx_id);
    }
}

int host_poll_fd(const struct host *host)
{
    return host->poll_fd;
}

int host_context_poll_fd(const struct host *host, uint32_t ctx_id)
{
    int fd = virgl_renderer_context_get_poll_fd(ctx_id);

    return fd == host->poll_fd ? -1 : fd;
}
