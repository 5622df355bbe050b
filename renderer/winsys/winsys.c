/* SPDX-License-Identifier: MIT */
#include "winsys_internal.h"

#include <string.h>

#include "core/log.h"

static const struct winsys_version desktop_versions[] = {
    {4, 6}, {4, 5}, {4, 4}, {4, 3}, {4, 2}, {4, 1}, {4, 0}, {3, 3}, {3, 2}, {3, 1},
};

static const struct winsys_version gles_versions[] = {{3, 2}, {3, 1}, {3, 0}};

bool winsys_has_extension(const char *list, const char *name)
{
    size_t length = strlen(name);

    while (list != NULL && *list != '\0') {
        size_t word = strcspn(list, " ");

        if (word == length && memcmp(list, name, length) == 0) {
            return true;
        }
        list += word;
        list += strspn(list, " ");
    }
    return false;
}

static struct winsys_context *try_versions(struct winsys *ws, bool gles)
{
    const struct winsys_version *list = gles ? gles_versions : desktop_versions;
    size_t count = gles ? sizeof gles_versions / sizeof *list
                        : sizeof desktop_versions / sizeof *list;

    for (size_t i = 0; i < count; i++) {
        struct winsys_version version = list[i];

        version.gles = gles;
        version.compat = !gles && ws->want_compat;
        struct winsys_context *ctx = ws->ops->create(ws, &version, NULL);
        if (ctx != NULL) {
            /* The embedder's contexts may turn out to be of another kind than asked for. */
            if (ws->version.major == 0) {
                ws->version = version;
            }
            ws->requested = version;
            return ctx;
        }
    }
    return NULL;
}

static struct winsys_context *create_first(struct winsys *ws)
{
    struct winsys_context *ctx = try_versions(ws, ws->want_gles);

    if (ctx == NULL && !ws->want_gles) {
        ctx = try_versions(ws, true);
        if (ctx != NULL && ws->version.gles) {
            log_message(ws->log, LOG_LEVEL_WARNING,
                        "no OpenGL 3.1 on this host: drawing with OpenGL ES %d.%d",
                        ws->version.major, ws->version.minor);
        }
    }
    if (ctx == NULL) {
        log_message(ws->log, LOG_LEVEL_ERROR,
                    "no GL context: the host must offer %sOpenGL ES 3.0 (2.0 is not enough). "
                    "Check the GL driver with `eglinfo` or `glxinfo -B`",
                    ws->want_gles ? "" : "OpenGL 3.1 or ");
    }
    return ctx;
}

struct winsys_context *winsys_context_create(struct winsys *ws)
{
    struct winsys_context *ctx;

    if (ws->first == NULL) {
        ws->first = create_first(ws);
        return ws->first;
    }
    ctx = ws->ops->create(ws, &ws->requested, ws->first);
    if (ctx == NULL) {
        log_guest_error(ws->log, "the host's GL driver refuses another context");
    }
    return ctx;
}

void winsys_context_destroy(struct winsys_context *ctx)
{
    if (ctx == NULL) {
        return;
    }
    if (ctx->ws->first == ctx) {
        ctx->ws->first = NULL;
    }
    ctx->ws->ops->destroy_context(ctx);
}

void winsys_destroy(struct winsys *ws)
{
    if (ws != NULL) {
        ws->ops->destroy(ws);
    }
}

bool winsys_is_current(const struct winsys_context *ctx)
{
    if (ctx->egl != EGL_NO_CONTEXT) {
        return eglGetCurrentContext() == ctx->egl;
    }
    return ctx->glx != NULL && winsys_current_glx() == ctx->glx;
}

bool winsys_make_current(struct winsys *ws, struct winsys_context *ctx)
{
    if (ctx != NULL && winsys_is_current(ctx)) {
        return true;
    }
    return ws->ops->make_current(ws, ctx);
}

const struct winsys_version *winsys_get_version(const struct winsys *ws)
{
    return &ws->version;
}

void *winsys_egl_display(const struct winsys *ws)
{
    return ws->display;
}

void *winsys_egl_context(const struct winsys_context *ctx)
{
    return ctx->egl;
}

int winsys_drm_fd(const struct winsys *ws)
{
    return ws->drm_fd;
}
