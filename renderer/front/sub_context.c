/* SPDX-License-Identifier: MIT */
/* Sub-contexts: one per GL context of the guest, with objects and state of its own. */
#include "internal.h"

static void state_init(struct draw_state *state)
{
    state->dirty = DIRTY_ALL;
    state->sample_mask = ~0u;
    memset(state->polygon_stipple, 0xff, sizeof(state->polygon_stipple));
    state->viewports_dirty = (1u << VIRGL_MAX_VIEWPORTS) - 1;
    state->scissors_dirty = (1u << VIRGL_MAX_VIEWPORTS) - 1;
    for (int i = 0; i < 6; i++)
        state->tess_levels[i] = 1.0f;
    for (int s = 0; s < STAGE_COUNT; s++)
        state->stage[s].constants_dirty = true;
}

struct front_sub_context *front_sub_context_new(struct front_context *ctx, uint32_t id)
{
    struct front_sub_context *sub;

    if (!front_charge(ctx, sizeof(*sub)))
        return NULL;
    sub = calloc(1, sizeof(*sub));
    if (!sub) {
        front_uncharge(ctx, sizeof(*sub));
        return NULL;
    }
    sub->id = id;
    state_init(&sub->state);
    sub->next = ctx->subs;
    ctx->subs = sub;
    ctx->sub_count++;
    return sub;
}

int front_sub_context_activate(struct front_context *ctx, struct front_sub_context *sub)
{
    int error;

    if (!sub->back) {
        if (!front_charge(ctx, FRONT_BACK_CONTEXT_BYTES))
            return ENOMEM;
        error = ctx->ops->context_create(ctx->backend, &sub->state, ctx->id, sub->id, &sub->back);
        if (error) {
            front_uncharge(ctx, FRONT_BACK_CONTEXT_BYTES);
            sub->back = NULL;
            return error;
        }
    }
    return ctx->ops->context_make_current(ctx->backend, sub->back);
}

static void release_stage(struct front_context *ctx, struct state_stage *stage)
{
    for (int i = 0; i < STATE_MAX_VIEWS; i++)
        front_assign(ctx, FRONT_SLOT(&stage->views[i]), NULL);
    for (int i = 0; i < VIRGL_MAX_SAMPLERS; i++)
        front_assign(ctx, FRONT_SLOT(&stage->samplers[i]), NULL);
    for (int i = 0; i < VIRGL_MAX_CONSTANT_BUFFERS; i++)
        resource_assign(&stage->ubos[i].res, NULL);
    for (int i = 0; i < VIRGL_MAX_SHADER_BUFFERS; i++)
        resource_assign(&stage->ssbos[i].res, NULL);
    for (int i = 0; i < VIRGL_MAX_SHADER_IMAGES; i++)
        resource_assign(&stage->images[i].res, NULL);
    front_uncharge(ctx, 4ull * stage->constants_capacity_dwords);
    free(stage->constants);
    stage->constants = NULL;
    stage->constants_dwords = stage->constants_capacity_dwords = 0;
}

static void release_state(struct front_context *ctx, struct draw_state *state)
{
    front_assign(ctx, FRONT_SLOT(&state->blend), NULL);
    front_assign(ctx, FRONT_SLOT(&state->rasterizer), NULL);
    front_assign(ctx, FRONT_SLOT(&state->dsa), NULL);
    front_assign(ctx, FRONT_SLOT(&state->vertex_elements), NULL);
    front_assign(ctx, FRONT_SLOT(&state->framebuffer.zsurf), NULL);
    front_assign(ctx, FRONT_SLOT(&state->render_condition.query), NULL);
    for (int i = 0; i < VIRGL_MAX_COLOR_BUFFERS; i++)
        front_assign(ctx, FRONT_SLOT(&state->framebuffer.cbufs[i]), NULL);
    for (int i = 0; i < VIRGL_MAX_STREAM_OUTPUT_BUFFERS; i++)
        front_assign(ctx, FRONT_SLOT(&state->streamout[i]), NULL);
    for (int i = 0; i < STAGE_COUNT; i++) {
        front_assign(ctx, FRONT_SLOT(&state->shader[i]), NULL);
        release_stage(ctx, &state->stage[i]);
    }
    for (int i = 0; i < VIRGL_MAX_VERTEX_BUFFERS; i++)
        resource_assign(&state->vertex_buffers[i].res, NULL);
    for (int i = 0; i < VIRGL_MAX_HW_ATOMIC_BUFFERS; i++)
        resource_assign(&state->atomic_buffers[i].res, NULL);
    resource_assign(&state->index.res, NULL);
    state->dirty = DIRTY_ALL;
}

static void unref_object(void *value, void *user)
{
    front_object_unref(user, value);
}

void front_sub_context_free(struct front_context *ctx, struct front_sub_context *sub)
{
    struct front_sub_context *previous = ctx->sub;
    struct front_sub_context **link = &ctx->subs;

    /* The back end needs its context current to delete what belongs to it. When it cannot be made
     * current the host context is lost, and so are its objects. */
    ctx->sub = sub;
    if (sub->back)
        ctx->ops->context_make_current(ctx->backend, sub->back);
    front_queries_forget_sub_context(ctx, sub);
    release_state(ctx, &sub->state);
    for (int i = 0; i < STAGE_COUNT; i++)
        front_long_shader_drop(ctx, &sub->long_shaders[i]);
    handle_table_each(&sub->objects, unref_object, ctx);
    handle_table_finish(&sub->objects);
    if (sub->back) {
        ctx->ops->context_destroy(sub->back);
        front_uncharge(ctx, FRONT_BACK_CONTEXT_BYTES);
    }

    while (*link != sub)
        link = &(*link)->next;
    *link = sub->next;
    ctx->sub_count--;
    front_uncharge(ctx, sizeof(*sub));
    free(sub);
    ctx->sub = previous == sub ? NULL : previous;
}

static struct front_sub_context *find(struct front_context *ctx, uint32_t id)
{
    for (struct front_sub_context *sub = ctx->subs; sub; sub = sub->next) {
        if (sub->id == id)
            return sub;
    }
    return NULL;
}

/* Leaving a sub-context: what it drew must be visible to the next one. */
static int switch_to(struct front_context *ctx, struct front_sub_context *sub)
{
    int error;

    if (ctx->sub == sub)
        return 0;
    if (ctx->sub && ctx->sub->back)
        ctx->ops->context_flush(ctx->sub->back);
    ctx->sub = sub;
    if (!sub->back)
        return 0;
    error = ctx->ops->context_make_current(ctx->backend, sub->back);
    return error ? front_fail_backend(ctx, error) : 0;
}

int front_set_sub_ctx(struct front_context *ctx, const struct virgl_cmd_set_sub_ctx *cmd)
{
    struct front_sub_context *sub;

    if (ctx->sub->id == cmd->sub_ctx_id)
        return 0;
    sub = find(ctx, cmd->sub_ctx_id);
    return sub ? switch_to(ctx, sub) : 0;
}

int front_create_sub_ctx(struct front_context *ctx, const struct virgl_cmd_create_sub_ctx *cmd)
{
    struct front_sub_context *sub;
    int error;

    if (find(ctx, cmd->sub_ctx_id))
        return 0;
    if (ctx->sub_count >= ctx->host->limits.sub_contexts)
        return front_fail(ctx, VIRGL_CTX_ERROR_UNKNOWN, "sub_ctx_id", ctx->sub_count + 1ull,
                          ctx->host->limits.sub_contexts, "too many sub-contexts");
    sub = front_sub_context_new(ctx, cmd->sub_ctx_id);
    if (!sub)
        return front_fail_memory(ctx, "sub_ctx_id", sizeof(*sub));
    error = switch_to(ctx, sub);
    if (error)
        return error;
    error = front_sub_context_activate(ctx, sub);
    return error ? front_fail_backend(ctx, error) : 0;
}

int front_destroy_sub_ctx(struct front_context *ctx, const struct virgl_cmd_destroy_sub_ctx *cmd)
{
    struct front_sub_context *sub = cmd->sub_ctx_id ? find(ctx, cmd->sub_ctx_id) : NULL;
    struct front_sub_context *next;
    int error;

    if (!sub)
        return 0;
    next = ctx->sub == sub ? find(ctx, 0) : ctx->sub;
    front_sub_context_free(ctx, sub);
    ctx->sub = next;
    error = ctx->ops->context_make_current(ctx->backend, next->back);
    return error ? front_fail_backend(ctx, error) : 0;
}
