/* SPDX-License-Identifier: MIT */
/* Contexts that the embedder makes. */
#include "winsys_internal.h"

#include <dlfcn.h>
#include <epoxy/gl.h>
#include <stdlib.h>

#include "core/log.h"

struct winsys_embedder {
    struct winsys base;
    struct winsys_callbacks callbacks;
};

struct embedder_context {
    struct winsys_context base;
    void *handle;
};

/* Looked up at run time: whoever has a GLX context has loaded the library that it comes from. */
void *winsys_current_glx(void)
{
    static void *(*get_current)(void);
    static bool looked;

    if (!looked) {
        void *library = dlopen("libGLX.so.0", RTLD_LAZY | RTLD_NOLOAD);

        library = library != NULL ? library : dlopen("libGL.so.1", RTLD_LAZY | RTLD_NOLOAD);
        if (library == NULL) {
            return NULL;
        }
        *(void **)&get_current = dlsym(library, "glXGetCurrentContext");
        looked = true;
    }
    return get_current != NULL ? get_current() : NULL;
}

static struct winsys_embedder *winsys_embedder(struct winsys *ws)
{
    return (struct winsys_embedder *)ws;
}

static bool embedder_make_current(struct winsys *ws, struct winsys_context *ctx)
{
    struct winsys_callbacks *callbacks = &winsys_embedder(ws)->callbacks;
    void *handle = ctx != NULL ? ((struct embedder_context *)ctx)->handle : NULL;

    int result = callbacks->make_current(callbacks->user, handle);
    if (ctx == NULL) {
        return result >= 0;
    }
    ctx->egl = eglGetCurrentContext();
    ctx->glx = ctx->egl == EGL_NO_CONTEXT ? winsys_current_glx() : NULL;
    if (result < 0 || (ctx->egl == EGL_NO_CONTEXT && ctx->glx == NULL)) {
        log_guest_error(ws->log, "the embedder cannot make its GL context current");
        return false;
    }
    if (ws->display == EGL_NO_DISPLAY && ctx->egl != EGL_NO_CONTEXT) {
        ws->display = eglGetCurrentDisplay();
    }
    return true;
}

static void embedder_destroy_context(struct winsys_context *ctx)
{
    struct winsys_callbacks *callbacks = &winsys_embedder(ctx->ws)->callbacks;

    callbacks->destroy_context(callbacks->user, ((struct embedder_context *)ctx)->handle);
    free(ctx);
}

/* What the embedder really made: its display decides between GL and GLES, not we. */
static bool learn_version(struct winsys *ws, struct winsys_context *ctx)
{
    if (!embedder_make_current(ws, ctx)) {
        return false;
    }
    int version = epoxy_gl_version();
    bool gles = !epoxy_is_desktop_gl();

    if (version < (gles ? 30 : 31)) {
        log_message(ws->log, LOG_LEVEL_ERROR,
                    "the embedder's context is OpenGL%s %d.%d; OpenGL 3.1 or OpenGL ES 3.0 is needed",
                    gles ? " ES" : "", version / 10, version % 10);
        return false;
    }
    ws->version = (struct winsys_version){
        .major = version / 10,
        .minor = version % 10,
        .gles = gles,
        .compat = !gles && ws->want_compat,
    };
    return true;
}

static struct winsys_context *embedder_create(struct winsys *ws,
                                              const struct winsys_version *version,
                                              struct winsys_context *share)
{
    struct winsys_callbacks *callbacks = &winsys_embedder(ws)->callbacks;
    struct embedder_context *ctx = calloc(1, sizeof *ctx);

    if (ctx == NULL) {
        return NULL;
    }
    ctx->base.ws = ws;
    ctx->base.egl = EGL_NO_CONTEXT;
    /* Embedders share with what is current. */
    if (share != NULL && !winsys_make_current(ws, share)) {
        free(ctx);
        return NULL;
    }
    ctx->handle = callbacks->create_context(callbacks->user, share != NULL, version);
    if (ctx->handle == NULL) {
        free(ctx);
        return NULL;
    }
    if (share == NULL && !learn_version(ws, &ctx->base)) {
        embedder_make_current(ws, NULL);
        embedder_destroy_context(&ctx->base);
        return NULL;
    }
    return &ctx->base;
}

static void embedder_destroy(struct winsys *ws)
{
    free(winsys_embedder(ws));
}

static const struct winsys_ops embedder_ops = {
    .destroy = embedder_destroy,
    .create = embedder_create,
    .destroy_context = embedder_destroy_context,
    .make_current = embedder_make_current,
};

struct winsys *winsys_create_callbacks(const struct winsys_callbacks *callbacks, struct log *log)
{
    if (callbacks->create_context == NULL || callbacks->destroy_context == NULL ||
        callbacks->make_current == NULL) {
        log_message(log, LOG_LEVEL_ERROR,
                    "the embedder asked for GL contexts of its own but gave no functions to make "
                    "them: set VIRGL_RENDERER_USE_EGL or fill in the callbacks");
        return NULL;
    }
    struct winsys_embedder *we = calloc(1, sizeof *we);
    if (we == NULL) {
        return NULL;
    }
    we->base.ops = &embedder_ops;
    we->base.log = log;
    we->base.want_gles = callbacks->gles;
    we->base.want_compat = callbacks->compat;
    we->base.display = callbacks->egl_display;
    we->base.drm_fd = -1;
    we->callbacks = *callbacks;
    return &we->base;
}
