/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_WINSYS_H
#define MANTUA_WINSYS_H

/*
 * Where GL contexts come from: our own EGL display (surfaceless, device or GBM platform), or the
 * embedder's callbacks. A winsys belongs to one renderer. Contexts of one winsys share objects.
 */

#include <stdbool.h>
#include <stdint.h>

struct log;
struct winsys;
struct winsys_context;

struct winsys_version {
    int major, minor;
    bool gles;
    bool compat; /* compatibility profile */
};

enum winsys_platform {
    WINSYS_PLATFORM_AUTO, /* GBM on the render node when there is one, else surfaceless, device */
    WINSYS_PLATFORM_SURFACELESS,
    WINSYS_PLATFORM_DEVICE,
    WINSYS_PLATFORM_GBM,
};

struct winsys_egl_options {
    enum winsys_platform platform;
    int drm_fd; /* -1: none; ownership passes to the winsys */
    bool gles;
    bool compat;
    void *egl_display; /* an EGLDisplay that the embedder wants used, or NULL */
};

/* The embedder's context functions, with its cookie already bound. */
struct winsys_callbacks {
    void *user;
    void *(*create_context)(void *user, bool shared, const struct winsys_version *version);
    void (*destroy_context)(void *user, void *context);
    int (*make_current)(void *user, void *context); /* 0 on success */
    bool gles;
    bool compat;
};

/* NULL with the reason logged. Neither makes a context current. */
struct winsys *winsys_create_egl(const struct winsys_egl_options *options, struct log *log);
struct winsys *winsys_create_callbacks(const struct winsys_callbacks *callbacks, struct log *log);
void winsys_destroy(struct winsys *ws);

/* The first context made is the one that all later ones share with. Tries the newest GL version
 * first for that one and keeps to it. NULL on failure. */
struct winsys_context *winsys_context_create(struct winsys *ws);
void winsys_context_destroy(struct winsys_context *ctx);

/* Makes ctx current on this thread unless it is already (the embedder may have changed the current
 * context behind our back: this asks EGL). NULL releases. */
bool winsys_make_current(struct winsys *ws, struct winsys_context *ctx);
const struct winsys_version *winsys_get_version(const struct winsys *ws);

/* EGLDisplay or NULL when contexts come from callbacks without EGL. */
void *winsys_egl_display(const struct winsys *ws);
/* EGLContext of ctx or EGL_NO_CONTEXT. */
void *winsys_egl_context(const struct winsys_context *ctx);
int winsys_drm_fd(const struct winsys *ws); /* -1 when none; stays the winsys's */

#endif
