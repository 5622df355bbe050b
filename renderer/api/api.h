/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_API_H
#define MANTUA_API_H

/*
 * The public interface is global by nature; this is the one place with process-wide state. The
 * functions of virglrenderer.h only translate: arguments to the core's, errors to the signs that
 * programs expect.
 */

#include "core/log.h"
#include "core/renderer.h"
#include "virglrenderer.h"

struct winsys;

struct api {
    struct renderer *renderer; /* NULL before init and after cleanup */
    struct log log;
    struct winsys *winsys; /* the back end's, NULL without GL */
    bool no_virgl;         /* VIRGL_RENDERER_NO_VIRGL */
    void *cookie;
    int flags;
    struct virgl_renderer_callbacks *callbacks;
};

extern struct api api;

/* The log as the embedder wants it; can be called at any time, is called by init. */
void api_log_init(void);

/* The renderer, ready for work: its GL context is current. NULL before init, and when the context
 * cannot be had any more. Begins every function that may reach the back end. */
struct renderer *api_enter(void);

/* The same for a resource: NULL for unknown handles too. */
struct resource *api_resource(uint32_t handle);

/* Without a thought for the back end: for functions that do not reach it. */
static inline struct resource *api_find_resource(uint32_t handle)
{
    return api.renderer != NULL ? renderer_resource(api.renderer, handle) : NULL;
}

#endif
