/* SPDX-License-Identifier: MIT */
/* The guest's render condition, given to GL where it can be, decided here where not; and the
 * interruption of all that must not see draws which the guest did not ask for. */
#include "draw_context.h"

static GLenum gl_mode(uint32_t mode, bool inverted)
{
    static const GLenum plain[VIRGL_RENDER_COND_COUNT] = {
        [VIRGL_RENDER_COND_WAIT] = GL_QUERY_WAIT,
        [VIRGL_RENDER_COND_NO_WAIT] = GL_QUERY_NO_WAIT,
        [VIRGL_RENDER_COND_BY_REGION_WAIT] = GL_QUERY_BY_REGION_WAIT,
        [VIRGL_RENDER_COND_BY_REGION_NO_WAIT] = GL_QUERY_BY_REGION_NO_WAIT,
    };
    static const GLenum inverse[VIRGL_RENDER_COND_COUNT] = {
        [VIRGL_RENDER_COND_WAIT] = GL_QUERY_WAIT_INVERTED,
        [VIRGL_RENDER_COND_NO_WAIT] = GL_QUERY_NO_WAIT_INVERTED,
        [VIRGL_RENDER_COND_BY_REGION_WAIT] = GL_QUERY_BY_REGION_WAIT_INVERTED,
        [VIRGL_RENDER_COND_BY_REGION_NO_WAIT] = GL_QUERY_BY_REGION_NO_WAIT_INVERTED,
    };

    if (mode >= VIRGL_RENDER_COND_COUNT)
        mode = VIRGL_RENDER_COND_WAIT;
    return inverted ? inverse[mode] : plain[mode];
}

void gl_condition_off(struct gl_context *ctx)
{
    struct gl_draw *d = ctx->draw;

    if (d->condition.active)
        glEndConditionalRender();
    if (d->condition.active || d->condition.skip) {
        d->condition.changed = true;
        d->ready = false;
    }
    d->condition.active = false;
    d->condition.skip = false;
}

bool gl_condition_check(struct gl_context *ctx)
{
    const struct draw_state *state = ctx->base.state;
    const struct gl_features *feat = &ctx->dev->feat;
    struct front_query *query = state->render_condition.query;
    struct gl_draw *d = ctx->draw;
    bool inverted = state->render_condition.condition;
    uint32_t mode = state->render_condition.mode;
    uint64_t value;
    GLuint name;

    gl_condition_off(ctx);
    d->condition.changed = false;
    if (!query)
        return true;
    name = gl_query_single_name(query);
    if (name && feat->conditional_render && (!inverted || feat->conditional_render_inverted)) {
        glBeginConditionalRender(name, gl_mode(mode, inverted));
        d->condition.active = true;
        return true;
    }
    if (gl_query_result(&ctx->base, query,
                        mode == VIRGL_RENDER_COND_WAIT || mode == VIRGL_RENDER_COND_BY_REGION_WAIT,
                        &value))
        d->condition.skip = (value != 0) == inverted;
    return !d->condition.skip;
}

bool gl_draw_render_condition(struct gl_context *ctx, bool on)
{
    if (!ctx->draw)
        return true;
    if (on && ctx->base.state->render_condition.query)
        return gl_condition_check(ctx);
    gl_condition_off(ctx);
    return true;
}

void gl_draw_suspend(struct gl_context *ctx)
{
    struct gl_draw *d = ctx->draw;

    if (!d || d->suspended++)
        return;
    gl_condition_off(ctx);
    gl_streamout_pause(ctx);
    gl_queries_suspend(ctx);
}

void gl_draw_resume(struct gl_context *ctx)
{
    struct gl_draw *d = ctx->draw;

    if (!d || !d->suspended || --d->suspended)
        return;
    gl_condition_off(ctx); /* the next draw takes it up */
    gl_queries_resume(ctx);
}
