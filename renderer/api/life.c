/* SPDX-License-Identifier: MIT */
/* virgl_renderer_init to cleanup, polling, capability sets */
#include "api.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/debug.h"
#include "core/fence.h"
#include "front/backend.h"
#include "gl/device.h"
#include "null/null.h"
#include "winsys/winsys.h"

struct api api;

struct renderer *api_enter(void)
{
    if (api.renderer == NULL) {
        return NULL;
    }
    struct backend *backend = api.renderer->backend;
    if (backend->ops->enter != NULL && backend->ops->enter(backend) != 0) {
        return NULL;
    }
    return api.renderer;
}

struct resource *api_resource(uint32_t handle)
{
    return api_find_resource(handle) != NULL && api_enter() != NULL ? api_find_resource(handle)
                                                                     : NULL;
}

static void api_fence(void *user, uint32_t fence_id)
{
    if (api.callbacks->write_fence != NULL) {
        api.callbacks->write_fence(api.cookie, fence_id);
    }
}

static void api_context_fence(void *user, uint32_t ctx_id, uint32_t ring_idx, uint64_t fence_id)
{
    if (api.callbacks->version >= 3 && api.callbacks->write_context_fence != NULL) {
        api.callbacks->write_context_fence(api.cookie, ctx_id, ring_idx, fence_id);
    }
}

/* ------------------------------------------------------------------ contexts from the embedder */

static void *embedder_create_context(void *user, bool shared, const struct winsys_version *version)
{
    struct virgl_renderer_gl_ctx_param param = {
        .version = 2,
        .shared = shared,
        .major_ver = version->major,
        .minor_ver = version->minor,
        .compat_ctx = version->compat,
    };

    return api.callbacks->create_gl_context(api.cookie, 0, &param);
}

static void embedder_destroy_context(void *user, void *context)
{
    api.callbacks->destroy_gl_context(api.cookie, context);
}

static int embedder_make_current(void *user, void *context)
{
    return api.callbacks->make_current(api.cookie, 0, context);
}

static bool has_context_callbacks(const struct virgl_renderer_callbacks *cb)
{
    return cb->create_gl_context != NULL && cb->destroy_gl_context != NULL &&
           cb->make_current != NULL;
}

static struct winsys *create_winsys(uint32_t debug)
{
    const struct virgl_renderer_callbacks *cb = api.callbacks;
    bool own_contexts = api.flags & (VIRGL_RENDERER_USE_EGL | VIRGL_RENDERER_USE_GLX);
    bool surfaceless = api.flags & VIRGL_RENDERER_USE_SURFACELESS;
    bool gles = api.flags & VIRGL_RENDERER_USE_GLES;
    bool compat = api.flags & VIRGL_RENDERER_COMPAT_PROFILE;
    void *display = NULL;

    if (cb->version >= 4 && cb->get_egl_display != NULL) {
        display = cb->get_egl_display(api.cookie);
    }
    if (!own_contexts || (display != NULL && has_context_callbacks(cb))) {
        struct winsys_callbacks callbacks = {
            .gles = gles,
            .compat = compat,
            .egl_display = display,
        };
        if (has_context_callbacks(cb)) {
            callbacks.create_context = embedder_create_context;
            callbacks.destroy_context = embedder_destroy_context;
            callbacks.make_current = embedder_make_current;
        }
        return winsys_create_callbacks(&callbacks, &api.log);
    }
    struct winsys_egl_options options = {
        .platform = surfaceless ? WINSYS_PLATFORM_SURFACELESS : WINSYS_PLATFORM_AUTO,
        .drm_fd = -1,
        .gles = gles,
        .compat = compat,
        .debug = debug & DEBUG_GL,
        .egl_display = display,
    };
    if (!surfaceless && cb->version >= 2 && cb->get_drm_fd != NULL) {
        options.drm_fd = cb->get_drm_fd(api.cookie);
    }
    return winsys_create_egl(&options, &api.log);
}

static struct backend *create_backend(uint32_t debug)
{
    const char *name = getenv("MANTUA_BACKEND");

    api.winsys = NULL;
    if (api.no_virgl || (name != NULL && strcmp(name, "null") == 0)) {
        return null_backend_create(&api.log, debug);
    }
    struct winsys *ws = create_winsys(debug);
    if (ws == NULL) {
        return NULL;
    }
    struct backend *backend = gl_backend_create(ws, &api.log, debug);
    if (backend != NULL) {
        api.winsys = ws;
    }
    return backend;
}

/* ------------------------------------------------------------------ life */

/* Half of the machine's memory, unless the user says otherwise. */
static uint64_t memory_limit_bytes(void)
{
    const char *text = getenv("MANTUA_MEMORY_LIMIT_MIB");
    char *end;

    if (text != NULL) {
        unsigned long long mib = strtoull(text, &end, 10);

        if (end != text && *end == '\0' && mib < UINT64_MAX >> 20) {
            return (uint64_t)mib << 20;
        }
        log_message(&api.log, LOG_LEVEL_WARNING,
                    "MANTUA_MEMORY_LIMIT_MIB=%s is no number of MiB", text);
    }
    long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
    return pages > 0 && page_bytes > 0 ? (uint64_t)pages * (uint64_t)page_bytes / 2 : 0;
}

static int check_flags(int flags)
{
    if (flags & VIRGL_RENDERER_VENUS) {
        log_message(&api.log, LOG_LEVEL_ERROR,
                    "this library draws OpenGL alone: start without Vulkan (Venus) contexts");
        return -ENOTSUP;
    }
    if (flags & VIRGL_RENDERER_DRM) {
        log_message(&api.log, LOG_LEVEL_ERROR,
                    "this library has no native driver contexts: start without them (DRM)");
        return -ENOTSUP;
    }
    return 0;
}

int virgl_renderer_init(void *cookie, int flags, struct virgl_renderer_callbacks *cb)
{
    /* Programs are used to -1 for these. */
    if (cookie == NULL || cb == NULL || cb->version < 1 ||
        cb->version > VIRGL_RENDERER_CALLBACKS_VERSION) {
        return -1;
    }
    if (api.renderer != NULL) {
        bool same = api.cookie == cookie && api.flags == flags && api.callbacks == cb;

        return same ? 0 : -EBUSY;
    }
    api_log_init();
    int err = check_flags(flags);
    if (err != 0) {
        return err;
    }
    uint32_t debug = debug_flags_from_environment();
    api.cookie = cookie;
    api.flags = flags;
    api.callbacks = cb;
    api.no_virgl = flags & VIRGL_RENDERER_NO_VIRGL;

    struct backend *backend = create_backend(debug);
    if (backend == NULL) {
        api.callbacks = NULL;
        return -ENODEV;
    }
    struct renderer_options options = {
        .backend = backend,
        .log = &api.log,
        .debug = debug,
        .callbacks = {.fence = api_fence, .context_fence = api_context_fence},
        .fence_thread = flags & VIRGL_RENDERER_THREAD_SYNC,
        .fence_async = flags & VIRGL_RENDERER_ASYNC_FENCE_CB,
        .memory_limit_bytes = memory_limit_bytes(),
    };
    api.renderer = renderer_create(&options);
    if (api.renderer == NULL) {
        api.winsys = NULL;
        api.callbacks = NULL;
        return -ENOMEM;
    }
    return 0;
}

void virgl_renderer_cleanup(void *cookie)
{
    api_enter();
    renderer_destroy(api.renderer);
    api.renderer = NULL;
    api.winsys = NULL;
    api.callbacks = NULL;
    api.cookie = NULL;
}

void virgl_renderer_reset(void)
{
    if (api_enter() != NULL) {
        renderer_reset(api.renderer);
    }
}

void virgl_renderer_force_ctx_0(void)
{
    if (api.renderer != NULL) {
        struct backend *backend = api.renderer->backend;

        backend->ops->context_make_current(backend, NULL);
    }
}

void virgl_renderer_poll(void)
{
    if (api.renderer != NULL && fence_queue_busy(api.renderer->fences) && api_enter() != NULL) {
        fence_queue_poll(api.renderer->fences);
    }
}

int virgl_renderer_get_poll_fd(void)
{
    return api.renderer != NULL ? fence_queue_poll_fd(api.renderer->fences) : -1;
}

/* ------------------------------------------------------------------ capability sets */

void virgl_renderer_get_cap_set(uint32_t set, uint32_t *max_ver, uint32_t *max_size)
{
    uint32_t version = 0, size = 0;

    /* Embedders ask before init too, to tell the guest how many sets there are. */
    if (api.renderer == NULL || !api.no_virgl) {
        renderer_capset_info(set, &version, &size);
    }
    if (max_ver != NULL) {
        *max_ver = version;
    }
    if (max_size != NULL) {
        *max_size = size;
    }
}

void virgl_renderer_fill_caps(uint32_t set, uint32_t version, void *caps)
{
    if (caps != NULL && !api.no_virgl && api_enter() != NULL) {
        renderer_fill_caps(api.renderer, set, caps);
    }
}
