/* SPDX-License-Identifier: MIT */
/* Queries and what waits for them: results for the guest, render conditions. */
#include "internal.h"

/* Kinds that have no counterpart in the host's GL: the object exists and answers at once. */
static bool is_empty_kind(uint32_t query_type)
{
    return query_type == VIRGL_QUERY_TYPE_TIMESTAMP_DISJOINT ||
           query_type == VIRGL_QUERY_TYPE_SO_STATISTICS ||
           query_type == VIRGL_QUERY_TYPE_GPU_FINISHED;
}

static uint32_t index_limit(uint32_t query_type)
{
    switch (query_type) {
    case VIRGL_QUERY_TYPE_PRIMITIVES_GENERATED:
    case VIRGL_QUERY_TYPE_PRIMITIVES_EMITTED:
    case VIRGL_QUERY_TYPE_SO_OVERFLOW_PREDICATE:
        return VIRGL_MAX_STREAM_OUTPUT_BUFFERS - 1;
    case VIRGL_QUERY_TYPE_PIPELINE_STATISTICS:
        return VIRGL_PIPELINE_STATISTIC_COUNT - 1;
    default:
        return UINT16_MAX; /* has no meaning */
    }
}

int front_create_query(struct front_context *ctx, const struct virgl_obj_query *desc)
{
    struct resource *res = front_resource(ctx, desc->resource);
    struct front_query *query;
    int error;

    if (!res || res->storage != RESOURCE_STORAGE_HOST_MEMORY ||
        res->desc.width < sizeof(struct virgl_host_query_state))
        return front_fail_resource(ctx, "resource", desc->resource,
                                   "not host memory, or too small for a result");
    if (desc->index > index_limit(desc->query_type))
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "index", desc->index,
                          index_limit(desc->query_type), "too large");
    query = front_object_new(ctx, VIRGL_OBJECT_TYPE_QUERY, desc->handle, sizeof(*query), 0);
    if (!query)
        return EINVAL;
    query->desc = *desc;
    query->res = resource_ref(res);
    if (is_empty_kind(desc->query_type))
        return front_object_enter(ctx, &query->base);

    error = ctx->ops->object_create(ctx->sub->back, &query->base);
    if (error) {
        const bool boolean = desc->query_type == VIRGL_QUERY_TYPE_OCCLUSION_PREDICATE ||
                             desc->query_type == VIRGL_QUERY_TYPE_OCCLUSION_PREDICATE_CONSERVATIVE;

        front_object_unref(ctx, &query->base);
        if (error != ENOTSUP)
            return front_fail_backend(ctx, error);
        return front_fail(ctx,
                          boolean ? VIRGL_CTX_ERROR_GL_ANY_SAMPLES_PASSED
                                  : VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER,
                          "query_type", desc->query_type, 0, "the host has no such query");
    }
    query->base.published = true;
    return front_object_enter(ctx, &query->base);
}

/* ---- results ---- */

static uint32_t result_bytes(uint32_t query_type)
{
    return query_type == VIRGL_QUERY_TYPE_TIMESTAMP || query_type == VIRGL_QUERY_TYPE_TIME_ELAPSED
               ? 8
               : 4;
}

static void write_result(struct front_query *query, uint64_t result)
{
    const struct virgl_host_query_state answer = {
        .query_state = VIRGL_QUERY_STATE_DONE,
        .result_size = result_bytes(query->desc.query_type),
        .result = result,
    };
    const size_t state_bytes = sizeof(answer.query_state);

    /* The guest may be polling the state word: it must come last. */
    front_write_guest_memory(query->res, state_bytes, (const uint8_t *)&answer + state_bytes,
                             sizeof(answer) - state_bytes);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    front_write_guest_memory(query->res, 0, &answer.query_state, state_bytes);
}

static void forget(struct front_context *ctx, uint32_t i)
{
    struct front_query *query = ctx->pending[i].query;
    struct front_sub_context *current = ctx->sub;

    ctx->sub = ctx->pending[i].sub;
    ctx->pending[i] = ctx->pending[--ctx->pending_count];
    query->result_pending = false;
    front_object_unref(ctx, &query->base);
    ctx->sub = current;
}

void front_query_forget(struct front_context *ctx, const struct front_query *query)
{
    if (!query->result_pending)
        return;
    for (uint32_t i = 0; i < ctx->pending_count; i++) {
        if (ctx->pending[i].query == query) {
            forget(ctx, i);
            return;
        }
    }
}

void front_queries_forget_sub_context(struct front_context *ctx,
                                      const struct front_sub_context *sub)
{
    for (uint32_t i = ctx->pending_count; i-- > 0;) {
        if (ctx->pending[i].sub == sub)
            forget(ctx, i);
    }
}

static int remember(struct front_context *ctx, struct front_query *query)
{
    if (ctx->pending_count >= ctx->host->limits.pending_queries)
        return front_fail(ctx, VIRGL_CTX_ERROR_UNKNOWN, "query", ctx->pending_count + 1ull,
                          ctx->host->limits.pending_queries, "too many results asked for");
    if (ctx->pending_count == ctx->pending_capacity) {
        uint32_t capacity = ctx->pending_capacity ? 2 * ctx->pending_capacity : 16;
        struct front_pending_query *pending;

        pending = realloc(ctx->pending, capacity * sizeof(*pending));
        if (!pending)
            return front_fail_memory(ctx, "query", capacity * sizeof(*pending));
        ctx->pending = pending;
        ctx->pending_capacity = capacity;
    }
    query->base.refcount++;
    query->result_pending = true;
    ctx->pending[ctx->pending_count++] = (struct front_pending_query){ ctx->sub, query };
    return 0;
}

uint32_t front_context_poll_queries(struct front_context *ctx)
{
    for (uint32_t i = ctx->pending_count; i-- > 0;) {
        struct front_pending_query *pending = &ctx->pending[i];
        uint64_t result = 0;

        if (ctx->ops->context_make_current(ctx->backend, pending->sub->back) != 0)
            continue;
        if (!ctx->ops->query_result(pending->sub->back, pending->query, false, &result))
            continue;
        write_result(pending->query, result);
        forget(ctx, i);
    }
    return ctx->pending_count;
}

/* ---- commands ---- */

static struct front_query *lookup(struct front_context *ctx, uint32_t handle)
{
    struct front_query *query = front_lookup(ctx, handle, VIRGL_OBJECT_TYPE_QUERY);

    if (front_unlikely(!query))
        front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "query", handle, 0, "no query");
    return query;
}

int front_begin_query(struct front_context *ctx, const struct virgl_cmd_begin_query *cmd)
{
    struct front_query *query = lookup(ctx, cmd->query);
    int error;

    if (!query)
        return EINVAL;
    if (is_empty_kind(query->desc.query_type) ||
        query->desc.query_type == VIRGL_QUERY_TYPE_TIMESTAMP || query->active)
        return 0;
    /* Counting anew: nobody waits for the old result any more. */
    front_query_forget(ctx, query);
    error = ctx->ops->query_begin(ctx->sub->back, query);
    if (error)
        return front_fail_backend(ctx, error);
    query->active = true;
    return 0;
}

int front_end_query(struct front_context *ctx, const struct virgl_cmd_end_query *cmd)
{
    struct front_query *query = lookup(ctx, cmd->query);
    int error;

    if (!query)
        return EINVAL;
    if (is_empty_kind(query->desc.query_type))
        return 0;
    if (query->desc.query_type == VIRGL_QUERY_TYPE_TIMESTAMP)
        front_query_forget(ctx, query);
    else if (!query->active)
        return 0;
    error = ctx->ops->query_end(ctx->sub->back, query);
    query->active = false;
    query->ended = true;
    return error ? front_fail_backend(ctx, error) : 0;
}

int front_get_query_result(struct front_context *ctx, const struct virgl_cmd_get_query_result *cmd)
{
    struct front_query *query = lookup(ctx, cmd->query);
    uint64_t result = 0;

    if (!query)
        return EINVAL;
    /* Neither kind would ever have a result: the guest gets one all the same, so that it does not
     * wait for ever. */
    if (is_empty_kind(query->desc.query_type) || (!query->ended && !query->active)) {
        write_result(query, query->desc.query_type == VIRGL_QUERY_TYPE_GPU_FINISHED);
        return 0;
    }
    if (query->active)
        return front_skip(ctx, "query", cmd->query, 0, "result of a query that has not ended");
    if (query->result_pending)
        return 0;
    if (!ctx->ops->query_result(ctx->sub->back, query, cmd->wait, &result))
        return remember(ctx, query);
    write_result(query, result);
    return 0;
}

int front_get_query_result_qbo(struct front_context *ctx,
                               const struct virgl_cmd_get_query_result_qbo *cmd)
{
    const bool wide = cmd->result_type == VIRGL_QUERY_VALUE_I64 ||
                      cmd->result_type == VIRGL_QUERY_VALUE_U64;
    struct front_query *query = lookup(ctx, cmd->query);
    struct resource *buffer;
    int error;

    if (!query)
        return EINVAL;
    if (!ctx->backend->limits.has_query_buffer)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "query", cmd->query, 0,
                          "the host has no query buffers");
    buffer = front_buffer(ctx, cmd->buffer);
    if (!buffer)
        return front_fail_resource(ctx, "buffer", cmd->buffer, "not a buffer of the host");
    if (cmd->offset % 4 || !front_range_inside(cmd->offset, wide ? 8 : 4, buffer->desc.width))
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_RESOURCE, "offset", cmd->offset,
                          buffer->desc.width, "outside the buffer or not aligned");
    if (!query->base.published || !query->ended || query->active)
        return front_skip(ctx, "query", cmd->query, 0, "result of a query that has not ended");
    error = ctx->ops->query_result_to_buffer(ctx->sub->back, query, buffer, cmd->wait,
                                             cmd->result_type, cmd->offset, cmd->index);
    return error ? front_fail_backend(ctx, error) : 0;
}

int front_set_render_condition(struct front_context *ctx,
                               const struct virgl_cmd_set_render_condition *cmd)
{
    struct draw_state *state = &ctx->sub->state;
    struct front_query *query = NULL;
    bool changed;

    if (cmd->query) {
        query = front_lookup(ctx, cmd->query, VIRGL_OBJECT_TYPE_QUERY);
        if (!query)
            return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_HANDLE, "query", cmd->query, 0,
                              "no query");
        /* Without a result in sight there is no condition. */
        if (!query->base.published || !query->ended || query->active)
            query = NULL;
    }
    changed = front_assign(ctx, FRONT_SLOT(&state->render_condition.query),
                           (struct front_object *)query);
    if (query) {
        changed |= state->render_condition.condition != cmd->condition ||
                   state->render_condition.mode != cmd->mode;
        state->render_condition.condition = cmd->condition;
        state->render_condition.mode = cmd->mode;
    }
    if (changed)
        state->dirty |= DIRTY_RENDER_CONDITION;
    return 0;
}
