/* SPDX-License-Identifier: MIT */
/*
 * Stream output. The same ordered list of targets, bound again, goes on where it was left; a new
 * list starts from the front. GL ties a running capture to one program and one primitive type:
 * when either changes, the capture is ended and begun anew behind what the draws so far wrote.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "draw_context.h"

/* Lists of targets that are remembered at once. A guest that goes through more of them finds the
 * oldest starting from the front again. */
enum { MAX_STREAMOUTS = 256 };

int gl_streamout_target_create(struct gl_context *ctx, struct front_streamout_target *target)
{
    target->base.back = calloc(1, sizeof(struct gl_streamout_target));
    return target->base.back ? 0 : ENOMEM;
}

static void streamout_free(struct gl_context *ctx, struct gl_streamout *so)
{
    struct gl_draw *d = ctx->draw;

    gl_streamout_stop(ctx, so);
    for (uint32_t i = 0; i < so->count; i++) {
        struct gl_streamout_target *t = so->targets[i] ? so->targets[i]->base.back : NULL;

        if (t && t->last == so)
            t->last = NULL;
    }
    if (so->xfb) {
        if (ctx->state.xfb == so->xfb)
            gl_state_bind_transform_feedback(&ctx->state, 0);
        glDeleteTransformFeedbacks(1, &so->xfb);
    }
    if (so->prev)
        so->prev->next = so->next;
    else
        d->streamouts = so->next;
    if (so->next)
        so->next->prev = so->prev;
    d->streamout_count--;
    if (d->streamout == so) {
        d->streamout = NULL;
        d->ready = false;
    }
    free(so);
}

void gl_streamout_target_destroy(struct gl_context *ctx, struct front_streamout_target *target)
{
    struct gl_streamout *next;

    for (struct gl_streamout *so = ctx->draw->streamouts; so; so = next) {
        bool uses = false;

        next = so->next;
        for (uint32_t i = 0; i < so->count; i++)
            uses = uses || so->targets[i] == target;
        if (uses)
            streamout_free(ctx, so);
    }
    free(target->base.back);
    target->base.back = NULL;
}

static struct gl_streamout *find(struct gl_context *ctx)
{
    const struct draw_state *state = ctx->base.state;

    for (struct gl_streamout *so = ctx->draw->streamouts; so; so = so->next) {
        bool same = so->count == state->streamout_count;

        for (uint32_t i = 0; same && i < so->count; i++)
            same = so->serials[i] == (state->streamout[i] ? state->streamout[i]->base.serial : 0);
        if (same)
            return so;
    }
    return NULL;
}

static void drop_oldest(struct gl_context *ctx)
{
    struct gl_streamout *oldest = ctx->draw->streamouts;

    while (oldest->next)
        oldest = oldest->next;
    streamout_free(ctx, oldest);
}

void gl_streamout_update(struct gl_context *ctx)
{
    const struct draw_state *state = ctx->base.state;
    struct gl_draw *d = ctx->draw;
    struct gl_streamout *so = NULL;
    bool any = false;

    gl_streamout_pause(ctx);
    for (uint32_t i = 0; i < state->streamout_count; i++)
        any = any || state->streamout[i];
    if (any) {
        so = find(ctx);
        if (!so)
            so = calloc(1, sizeof(*so));
        else if (so == d->streamout)
            return;
    }
    d->streamout = so;
    if (!so || so->count)
        return;
    so->count = state->streamout_count;
    for (uint32_t i = 0; i < so->count; i++) {
        so->targets[i] = state->streamout[i];
        so->serials[i] = state->streamout[i] ? state->streamout[i]->base.serial : 0;
    }
    if (ctx->dev->feat.transform_feedback2)
        glGenTransformFeedbacks(1, &so->xfb);
    if (d->streamout_count == MAX_STREAMOUTS)
        drop_oldest(ctx);
    so->next = d->streamouts;
    if (so->next)
        so->next->prev = so;
    d->streamouts = so;
    d->streamout_count++;
}

static void bind_targets(struct gl_context *ctx, const struct gl_streamout *so)
{
    const struct draw_state *state = ctx->base.state;
    const struct front_shader *last = state->shader[SHADER_GEOMETRY]
                                          ? state->shader[SHADER_GEOMETRY]
                                      : state->shader[SHADER_TESS_EVAL]
                                          ? state->shader[SHADER_TESS_EVAL]
                                          : state->shader[SHADER_VERTEX];

    for (uint32_t i = 0; i < so->count; i++) {
        const struct front_streamout_target *t = so->targets[i];
        struct back_resource *back = t && t->res ? t->res->back : NULL;
        uint64_t offset, size;

        if (!back || !back->is_buffer) {
            glBindBufferBase(GL_TRANSFORM_FEEDBACK_BUFFER, i, 0);
            continue;
        }
        offset = t->desc.buffer_offset;
        size = t->desc.buffer_size;
        if (last && so->vertices) {
            uint64_t skip = so->vertices * last->so_stride_dwords[i] * 4;

            offset += skip;
            size = size > skip ? size - skip : 0;
        }
        if (offset < back->res->desc.width && size > back->res->desc.width - offset)
            size = back->res->desc.width - offset;
        size &= ~3ull;
        if (offset % 4 || offset >= back->res->desc.width || !size)
            glBindBufferBase(GL_TRANSFORM_FEEDBACK_BUFFER, i, 0);
        else
            glBindBufferRange(GL_TRANSFORM_FEEDBACK_BUFFER, i, back->name, (GLintptr)offset,
                              (GLsizeiptr)size);
    }
}

static GLenum mode_class(GLenum mode)
{
    switch (mode) {
    case GL_POINTS:
        return GL_POINTS;
    case GL_LINES:
    case GL_LINE_LOOP:
    case GL_LINE_STRIP:
    case GL_LINES_ADJACENCY:
    case GL_LINE_STRIP_ADJACENCY:
        return GL_LINES;
    default:
        return GL_TRIANGLES;
    }
}

/* All targets that the shader writes must be there, or GL draws nothing at all. */
static bool targets_suffice(const struct gl_context *ctx, const struct gl_streamout *so)
{
    for (uint32_t i = 0; i < so->count; i++) {
        if (so->targets[i] && so->targets[i]->res && so->targets[i]->res->back)
            return true;
    }
    return false;
}

bool gl_streamout_begin_draw(struct gl_context *ctx, const struct gl_pipeline *pipeline,
                             GLenum mode)
{
    struct gl_streamout *so = ctx->draw->streamout;
    GLenum class;

    if (!so || !pipeline->has_stream_output || !targets_suffice(ctx, so)) {
        gl_streamout_pause(ctx);
        return true;
    }
    class = pipeline->capture_mode != GL_MODE_OF_DRAW ? pipeline->capture_mode : mode_class(mode);
    if (so->phase != GL_STREAMOUT_OFF && (so->program != pipeline->name || so->mode != class))
        gl_streamout_stop(ctx, so);
    if (so->phase == GL_STREAMOUT_RUNNING)
        return true;
    if (so->xfb)
        gl_state_bind_transform_feedback(&ctx->state, so->xfb);
    if (so->phase == GL_STREAMOUT_PAUSED) {
        glResumeTransformFeedback();
    } else {
        bind_targets(ctx, so);
        so->program = pipeline->name;
        so->mode = class;
        so->base_vertices = so->vertices;
        glBeginTransformFeedback(class);
    }
    so->phase = GL_STREAMOUT_RUNNING;
    for (uint32_t i = 0; i < so->count; i++) {
        struct gl_streamout_target *t = so->targets[i] ? so->targets[i]->base.back : NULL;

        if (t)
            t->last = so;
    }
    return true;
}

/* Vertices that a draw of so many captures, once strips and loops are taken apart. */
static uint64_t captured_vertices(GLenum mode, uint64_t n)
{
    switch (mode) {
    case GL_POINTS:
        return n;
    case GL_LINES:
        return n / 2 * 2;
    case GL_LINE_STRIP:
        return n >= 2 ? (n - 1) * 2 : 0;
    case GL_LINE_LOOP:
        return n >= 2 ? n * 2 : 0;
    case GL_TRIANGLES:
        return n / 3 * 3;
    case GL_TRIANGLE_STRIP:
    case GL_TRIANGLE_FAN:
    case GL_POLYGON:
        return n >= 3 ? (n - 2) * 3 : 0;
    case GL_QUADS:
        return n / 4 * 6;
    case GL_QUAD_STRIP:
        return n >= 4 ? (n - 2) / 2 * 6 : 0;
    case GL_LINES_ADJACENCY:
        return n / 4 * 2;
    case GL_LINE_STRIP_ADJACENCY:
        return n >= 4 ? (n - 3) * 2 : 0;
    case GL_TRIANGLES_ADJACENCY:
        return n / 6 * 3;
    case GL_TRIANGLE_STRIP_ADJACENCY:
        return n >= 6 ? (n - 4) / 2 * 3 : 0;
    default:
        return 0;
    }
}

void gl_streamout_end_draw(struct gl_context *ctx, GLenum mode, uint64_t vertices,
                           uint64_t instances)
{
    struct gl_streamout *so = ctx->draw->streamout;

    if (!so || so->phase != GL_STREAMOUT_RUNNING)
        return;
    so->vertices += captured_vertices(mode, vertices) * (instances ? instances : 1);
    /* Without objects there is nothing to pause: each draw is a capture of its own. */
    if (!so->xfb)
        gl_streamout_stop(ctx, so);
}

void gl_streamout_pause(struct gl_context *ctx)
{
    struct gl_streamout *so = ctx->draw->streamout;

    if (!so || so->phase != GL_STREAMOUT_RUNNING)
        return;
    if (!so->xfb) {
        gl_streamout_stop(ctx, so);
        return;
    }
    glPauseTransformFeedback();
    so->phase = GL_STREAMOUT_PAUSED;
    ctx->draw->ready = false;
}

void gl_streamout_stop(struct gl_context *ctx, struct gl_streamout *so)
{
    if (so->phase == GL_STREAMOUT_OFF)
        return;
    if (so->phase == GL_STREAMOUT_PAUSED)
        gl_state_bind_transform_feedback(&ctx->state, so->xfb);
    glEndTransformFeedback();
    so->phase = GL_STREAMOUT_OFF;
    so->ended_once = true;
    ctx->draw->ready = false;
}

void gl_streamout_finish(struct gl_context *ctx)
{
    while (ctx->draw->streamouts)
        streamout_free(ctx, ctx->draw->streamouts);
}
