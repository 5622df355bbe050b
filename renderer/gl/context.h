/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_GL_CONTEXT_H
#define MANTUA_GL_CONTEXT_H

/*
 * One sub-context: a GL context of its own, the tracker of its GL state, and caches of the objects
 * that GL does not share (vertex arrays, framebuffers, transform feedback objects).
 */

#include "device.h"
#include "state.h"

struct gl_draw;        /* draw.c's part: programs, vertex arrays, bindings, streams */
struct gl_framebuffers; /* framebuffer.c's part */

struct gl_context {
    struct backend_context base;
    struct gl_device *dev;
    struct winsys_context *ws;
    struct gl_state state;
    struct gl_framebuffers *framebuffers;
    struct gl_draw *draw; /* NULL in the root context */
    struct gl_context *next;
    GLuint blit_vao; /* empty: blits have no vertex data; 0 until the first one */
};

static inline struct gl_context *gl_context(struct backend_context *ctx)
{
    return (struct gl_context *)ctx;
}

/* device.c: winsys context, state tracker, framebuffers; then gl_draw_init() when state != NULL. */
struct gl_context *gl_context_new(struct gl_device *dev, struct draw_state *state);
void gl_context_free(struct gl_context *ctx);

/* draw.c: the drawing half of a context. gl_draw_init() returns false when out of memory. */
bool gl_draw_init(struct gl_context *ctx);
void gl_draw_finish(struct gl_context *ctx);

/* Told by whoever deletes an object, for every live context of the device, so that no cache or
 * tracker keeps a dead name. */
void gl_draw_forget_resource(struct gl_context *ctx, struct back_resource *back);
void gl_draw_forget_view(struct gl_context *ctx, struct front_object *object);

/* Work outside draws (blits, clears, transfers) leaves its GL state with the tracker, which makes
 * it right again at the next draw by comparing. These push what has no comparison: */

/* Suspends the active render condition, transform feedback and queries of kinds that would count
 * helper draws; gl_draw_resume() takes it up again. Cheap when nothing is active. */
void gl_draw_suspend(struct gl_context *ctx);
void gl_draw_resume(struct gl_context *ctx);

#endif
