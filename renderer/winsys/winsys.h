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
    bool debug;        /* GL debug contexts */
    void *egl_display; /* an EGLDisplay that the embedder wants used, or NULL */
};

/* The embedder's context functions, with its cookie already bound. */
struct winsys_callbacks {
    void *user;
    void *(*create_context)(void *user, bool shared, const struct winsys_version *version);
    void (*destroy_context)(void *user, void *context);
    /* Negative: failure. Embedders disagree about success: some hand on EGL's 1. So what is current
     * afterwards counts. */
    int (*make_current)(void *user, void *context);
    bool gles;
    bool compat;
    void *egl_display; /* the EGLDisplay behind the contexts, or NULL: asked when one is current */
};

/* NULL with the reason logged. Neither makes a context current. */
struct winsys *winsys_create_egl(const struct winsys_egl_options *options, struct log *log);
struct winsys *winsys_create_callbacks(const struct winsys_callbacks *callbacks, struct log *log);
void winsys_destroy(struct winsys *ws);

/* The first context made is the one that all later ones share with. Tries the newest GL version
 * first for that one and keeps to it. May change which context is current. NULL on failure. */
struct winsys_context *winsys_context_create(struct winsys *ws);
void winsys_context_destroy(struct winsys_context *ctx);

/* Makes ctx current on this thread unless it is already (the embedder may have changed the current
 * context behind our back: this asks EGL). NULL releases. */
bool winsys_make_current(struct winsys *ws, struct winsys_context *ctx);
/* Is ctx certainly current on this thread? Costs a few ns. */
bool winsys_is_current(const struct winsys_context *ctx);
const struct winsys_version *winsys_get_version(const struct winsys *ws);

/* EGLDisplay or NULL when contexts come from callbacks without EGL. */
void *winsys_egl_display(const struct winsys *ws);
/* EGLContext of ctx or EGL_NO_CONTEXT. */
void *winsys_egl_context(const struct winsys_context *ctx);
int winsys_drm_fd(const struct winsys *ws); /* -1 when none; stays the winsys's */

/* ------------------------------------------------------------------ sharing with others */

enum { WINSYS_MAX_PLANES = 4 };

struct winsys_dmabuf {
    uint32_t width_px, height_px;
    int fourcc;
    uint64_t modifier; /* WINSYS_MODIFIER_NONE: not told */
    int plane_count;
    int fds[WINSYS_MAX_PLANES]; /* -1 where there is none */
    uint32_t strides_bytes[WINSYS_MAX_PLANES], offsets_bytes[WINSYS_MAX_PLANES];
};

#define WINSYS_MODIFIER_NONE UINT64_C(0x00ffffffffffffff)

/* What the following need is current: a context of ws. Return 0 or a positive errno value, ENOTSUP
 * when the host cannot. */

/* The 2D GL texture as dma-bufs; the descriptors are the caller's. Without fds: only the numbers. */
int winsys_export_texture(struct winsys *ws, struct winsys_context *ctx, unsigned texture,
                          bool with_fds, struct winsys_dmabuf *out);

/* An EGLImage of dma-bufs, whose descriptors stay the caller's. */
int winsys_import_dmabuf(struct winsys *ws, const struct winsys_dmabuf *dmabuf, void **image);
void winsys_destroy_image(struct winsys *ws, void *image);

/* Sync files. The first makes one for the work given to GL so far in the current context (which it
 * flushes); the second lets later work of the current context wait on the GPU for one. */
int winsys_sync_file_create(struct winsys *ws, int *fd);
int winsys_sync_file_wait(struct winsys *ws, int fd);

#endif
