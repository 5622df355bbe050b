/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_WINSYS_INTERNAL_H
#define MANTUA_WINSYS_INTERNAL_H

#include <epoxy/egl.h>

#include "winsys.h"

struct winsys_ops {
    void (*destroy)(struct winsys *ws);
    /* A context of exactly this version that shares with share (NULL: none). */
    struct winsys_context *(*create)(struct winsys *ws, const struct winsys_version *version,
                                     struct winsys_context *share);
    void (*destroy_context)(struct winsys_context *ctx);
    bool (*make_current)(struct winsys *ws, struct winsys_context *ctx);
};

struct winsys {
    const struct winsys_ops *ops;
    struct log *log;
    struct winsys_version version;   /* of the first context; major 0 before */
    struct winsys_version requested; /* what was asked for to get it */
    bool want_gles, want_compat;
    struct winsys_context *first;
    EGLDisplay display; /* EGL_NO_DISPLAY: unknown */
    int drm_fd;
};

struct winsys_context {
    struct winsys *ws;
    EGLContext egl; /* EGL_NO_CONTEXT: unknown, or not of EGL */
    void *glx;      /* GLXContext, NULL likewise */
};

/* The GLX context that is current on this thread, NULL without one and without GLX. */
void *winsys_current_glx(void);

/* Is name a whole word of a list of extensions? */
bool winsys_has_extension(const char *list, const char *name);

/* winsys_platform.c: an initialised display, EGL_NO_DISPLAY with the reason logged.
 *gbm is set when it sits on a buffer manager of its own. */
struct gbm_device;
EGLDisplay winsys_open_display(enum winsys_platform platform, int *drm_fd,
                               struct gbm_device **gbm, struct log *log);

#endif
