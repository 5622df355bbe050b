/* SPDX-License-Identifier: MIT */
/* Contexts of our own, without any surface. */
#include "winsys_internal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_GBM
#include <gbm.h>
#endif

#include "core/log.h"

struct winsys_egl {
    struct winsys base;
    struct gbm_device *gbm;
    bool debug;
    bool no_config, surfaceless, robustness, egl15, priority;
    bool robust; /* how the first context was made: all that share must agree */
    EGLConfig config;
    EGLSurface pbuffer; /* hosts without surfaceless contexts */
};

static struct winsys_egl *winsys_egl(struct winsys *ws)
{
    return (struct winsys_egl *)ws;
}

static EGLint priority_from_environment(void)
{
    const char *text = getenv("MANTUA_CONTEXT_PRIORITY");

    if (text != NULL && strcmp(text, "low") == 0) {
        return EGL_CONTEXT_PRIORITY_LOW_IMG;
    }
    if (text != NULL && strcmp(text, "high") == 0) {
        return EGL_CONTEXT_PRIORITY_HIGH_IMG;
    }
    return EGL_CONTEXT_PRIORITY_MEDIUM_IMG;
}

static EGLContext create_context(struct winsys_egl *we, const struct winsys_version *version,
                                 EGLContext share, bool robust)
{
    EGLint attribs[24];
    int n = 0;

    attribs[n++] = EGL_CONTEXT_MAJOR_VERSION_KHR;
    attribs[n++] = version->major;
    attribs[n++] = EGL_CONTEXT_MINOR_VERSION_KHR;
    attribs[n++] = version->minor;
    if (!version->gles && (version->major > 3 || version->minor >= 2)) {
        attribs[n++] = EGL_CONTEXT_OPENGL_PROFILE_MASK_KHR;
        attribs[n++] = version->compat ? EGL_CONTEXT_OPENGL_COMPATIBILITY_PROFILE_BIT_KHR
                                       : EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT_KHR;
    }
    if (we->debug) {
        if (we->egl15) {
            attribs[n++] = EGL_CONTEXT_OPENGL_DEBUG;
            attribs[n++] = EGL_TRUE;
        } else {
            attribs[n++] = EGL_CONTEXT_FLAGS_KHR;
            attribs[n++] = EGL_CONTEXT_OPENGL_DEBUG_BIT_KHR;
        }
    }
    /* Buffer accesses beyond the end must not read what is not the guest's. */
    if (robust) {
        bool plain = we->egl15 && !version->gles;

        attribs[n++] = plain ? EGL_CONTEXT_OPENGL_ROBUST_ACCESS
                             : EGL_CONTEXT_OPENGL_ROBUST_ACCESS_EXT;
        attribs[n++] = EGL_TRUE;
        attribs[n++] = plain ? EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY
                             : EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY_EXT;
        attribs[n++] = EGL_LOSE_CONTEXT_ON_RESET_EXT;
    }
    if (we->priority) {
        attribs[n++] = EGL_CONTEXT_PRIORITY_LEVEL_IMG;
        attribs[n++] = priority_from_environment();
    }
    attribs[n] = EGL_NONE;

    /* The bound API belongs to the embedder's thread: leave it as it was. */
    EGLenum api = eglQueryAPI();
    eglBindAPI(version->gles ? EGL_OPENGL_ES_API : EGL_OPENGL_API);
    EGLContext context = eglCreateContext(we->base.display, we->config, share, attribs);
    eglBindAPI(api);
    return context;
}

static bool choose_config(struct winsys_egl *we, bool gles)
{
    EGLint attribs[] = {
        EGL_SURFACE_TYPE, we->surfaceless ? 0 : EGL_PBUFFER_BIT,
        EGL_RENDERABLE_TYPE, gles ? EGL_OPENGL_ES3_BIT_KHR : EGL_OPENGL_BIT,
        EGL_NONE,
    };
    EGLint count = 0;

    if (we->no_config) {
        we->config = EGL_NO_CONFIG_KHR;
        return true;
    }
    return eglChooseConfig(we->base.display, attribs, &we->config, 1, &count) && count == 1;
}

static bool make_pbuffer(struct winsys_egl *we)
{
    static const EGLint attribs[] = {EGL_WIDTH, 1, EGL_HEIGHT, 1, EGL_NONE};

    if (we->surfaceless || we->pbuffer != EGL_NO_SURFACE) {
        return true;
    }
    we->pbuffer = eglCreatePbufferSurface(we->base.display, we->config, attribs);
    return we->pbuffer != EGL_NO_SURFACE;
}

static struct winsys_context *egl_create(struct winsys *ws, const struct winsys_version *version,
                                         struct winsys_context *share)
{
    struct winsys_egl *we = winsys_egl(ws);
    EGLContext context = EGL_NO_CONTEXT;

    if (share != NULL) {
        context = create_context(we, version, share->egl, we->robust);
    } else {
        if (!choose_config(we, version->gles) || !make_pbuffer(we)) {
            return NULL;
        }
        we->robust = we->robustness;
        if (we->robust) {
            context = create_context(we, version, EGL_NO_CONTEXT, true);
        }
        if (context == EGL_NO_CONTEXT) {
            we->robust = false;
            context = create_context(we, version, EGL_NO_CONTEXT, false);
        }
    }
    if (context == EGL_NO_CONTEXT) {
        return NULL;
    }
    struct winsys_context *ctx = calloc(1, sizeof *ctx);
    if (ctx == NULL) {
        eglDestroyContext(ws->display, context);
        return NULL;
    }
    ctx->ws = ws;
    ctx->egl = context;
    return ctx;
}

static void egl_destroy_context(struct winsys_context *ctx)
{
    eglDestroyContext(ctx->ws->display, ctx->egl);
    free(ctx);
}

static bool egl_make_current(struct winsys *ws, struct winsys_context *ctx)
{
    struct winsys_egl *we = winsys_egl(ws);
    EGLSurface surface = ctx != NULL ? we->pbuffer : EGL_NO_SURFACE;

    if (!eglMakeCurrent(ws->display, surface, surface, ctx != NULL ? ctx->egl : EGL_NO_CONTEXT)) {
        log_guest_error(ws->log, "cannot make a GL context current (EGL error %#x)",
                        eglGetError());
        return false;
    }
    return true;
}

static void egl_destroy(struct winsys *ws)
{
    struct winsys_egl *we = winsys_egl(ws);

    if (we->pbuffer != EGL_NO_SURFACE) {
        eglDestroySurface(ws->display, we->pbuffer);
    }
    /* Other users of this process may have got the very same display, and EGL does not count: only
     * what sits on our own buffer manager can be closed. */
    if (we->gbm != NULL) {
        eglTerminate(ws->display);
#ifdef HAVE_GBM
        gbm_device_destroy(we->gbm);
#endif
    }
    if (ws->drm_fd >= 0) {
        close(ws->drm_fd);
    }
    free(we);
}

static const struct winsys_ops egl_ops = {
    .destroy = egl_destroy,
    .create = egl_create,
    .destroy_context = egl_destroy_context,
    .make_current = egl_make_current,
};

static bool read_extensions(struct winsys_egl *we)
{
    EGLDisplay display = we->base.display;
    const char *extensions = eglQueryString(display, EGL_EXTENSIONS);
    int version = epoxy_egl_version(display);

    we->egl15 = version >= 15;
    we->no_config = winsys_has_extension(extensions, "EGL_KHR_no_config_context") ||
                    winsys_has_extension(extensions, "EGL_MESA_configless_context");
    we->surfaceless = winsys_has_extension(extensions, "EGL_KHR_surfaceless_context");
    /* Without any config there is no pbuffer to be had. */
    we->no_config = we->no_config && we->surfaceless;
    we->robustness = winsys_has_extension(extensions, "EGL_EXT_create_context_robustness");
    we->priority = winsys_has_extension(extensions, "EGL_IMG_context_priority") &&
                   getenv("MANTUA_CONTEXT_PRIORITY") != NULL;
    if (!we->egl15 && !winsys_has_extension(extensions, "EGL_KHR_create_context")) {
        log_message(we->base.log, LOG_LEVEL_ERROR,
                    "EGL is too old: it lacks EGL_KHR_create_context");
        return false;
    }
    return true;
}

struct winsys *winsys_create_egl(const struct winsys_egl_options *options, struct log *log)
{
    struct winsys_egl *we = calloc(1, sizeof *we);

    if (we == NULL) {
        return NULL;
    }
    struct winsys *ws = &we->base;
    ws->ops = &egl_ops;
    ws->log = log;
    ws->want_gles = options->gles;
    ws->want_compat = options->compat;
    ws->drm_fd = options->drm_fd;
    we->debug = options->debug;
    we->pbuffer = EGL_NO_SURFACE;
    if (options->egl_display != NULL) {
        ws->display = options->egl_display;
    } else {
        ws->display = winsys_open_display(options->platform, &ws->drm_fd, &we->gbm, log);
    }
    if (ws->display == EGL_NO_DISPLAY || !read_extensions(we)) {
        egl_destroy(ws);
        return NULL;
    }
    return ws;
}
