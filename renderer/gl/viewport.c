/* SPDX-License-Identifier: MIT */
/* Viewports, depth ranges and scissors. GL takes no negative heights: the sign of the first
 * viewport's y scale goes to clip control or, without it, to the last vertex stage. */
#include <math.h>

#include "draw_context.h"

static float or_zero(float v)
{
    return isfinite(v) ? v : 0;
}

static void emit_viewport(struct gl_context *ctx, unsigned i, bool half_z)
{
    const struct state_viewport *vp = &ctx->base.state->viewports[i];
    float half_w = fabsf(or_zero(vp->scale[0])), half_h = fabsf(or_zero(vp->scale[1]));
    float xywh[4] = {
        or_zero(vp->translate[0]) - half_w,
        or_zero(vp->translate[1]) - half_h,
        2 * half_w,
        2 * half_h,
    };
    double near = or_zero(vp->translate[2]), far = near + or_zero(vp->scale[2]);

    if (!half_z)
        near -= or_zero(vp->scale[2]);
    gl_state_viewport(&ctx->state, i, xywh);
    gl_state_depth_range(&ctx->state, i, near, far);
}

void gl_emit_viewports(struct gl_context *ctx)
{
    struct draw_state *state = ctx->base.state;
    bool half_z = state->rasterizer && state->rasterizer->desc.clip_halfz;
    unsigned count = ctx->dev->feat.viewport_array ? (unsigned)ctx->dev->feat.max_viewports : 1;
    uint32_t slots = state->viewports_dirty;

    state->viewports_dirty = 0;
    for (; slots; slots &= slots - 1) {
        unsigned i = (unsigned)__builtin_ctz(slots);

        if (i < count && i < VIRGL_MAX_VIEWPORTS)
            emit_viewport(ctx, i, half_z);
    }
}

bool gl_update_y_flip(struct gl_context *ctx)
{
    struct gl_draw *d = ctx->draw;
    bool flip = ctx->base.state->viewports[0].scale[1] < 0;

    if (d->flip_y == flip)
        return false;
    d->flip_y = flip;
    if (ctx->dev->feat.clip_control)
        return true;
    d->aux.y_flip = flip ? -1.0f : 1.0f;
    d->aux_dirty = true;
    return false;
}

void gl_emit_scissors(struct gl_context *ctx)
{
    struct draw_state *state = ctx->base.state;
    bool enabled = state->rasterizer && state->rasterizer->desc.scissor;
    unsigned count = ctx->dev->feat.viewport_array ? (unsigned)ctx->dev->feat.max_viewports : 1;
    uint32_t slots;

    if (!enabled) {
        gl_state_scissor_disable_all(&ctx->state);
        return;
    }
    gl_state_scissor_enable_all(&ctx->state);
    slots = state->scissors_dirty;
    state->scissors_dirty = 0;
    for (; slots; slots &= slots - 1) {
        unsigned i = (unsigned)__builtin_ctz(slots);
        const struct state_scissor *s = &state->scissors[i % VIRGL_MAX_VIEWPORTS];
        int32_t xywh[4] = {
            (int32_t)s->minx,
            (int32_t)s->miny,
            s->maxx > s->minx ? (int32_t)(s->maxx - s->minx) : 0,
            s->maxy > s->miny ? (int32_t)(s->maxy - s->miny) : 0,
        };

        if (i < count && i < VIRGL_MAX_VIEWPORTS)
            gl_state_scissor(&ctx->state, i, true, xywh);
    }
}
