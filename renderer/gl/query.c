/* SPDX-License-Identifier: MIT */
/*
 * Queries. Draws that the guest did not ask for (blits, clears by drawing) must not count, so a
 * query that is active while they run is ended for GL and begun anew behind them: its result is
 * put together from the parts.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "draw_context.h"

enum { MAX_PARTS = 64 };

static GLenum pipeline_statistic(uint32_t index)
{
    static const GLenum table[VIRGL_PIPELINE_STATISTIC_COUNT] = {
        [VIRGL_PIPELINE_STATISTIC_IA_VERTICES] = GL_VERTICES_SUBMITTED_ARB,
        [VIRGL_PIPELINE_STATISTIC_IA_PRIMITIVES] = GL_PRIMITIVES_SUBMITTED_ARB,
        [VIRGL_PIPELINE_STATISTIC_VS_INVOCATIONS] = GL_VERTEX_SHADER_INVOCATIONS_ARB,
        [VIRGL_PIPELINE_STATISTIC_GS_INVOCATIONS] = GL_GEOMETRY_SHADER_INVOCATIONS,
        [VIRGL_PIPELINE_STATISTIC_GS_PRIMITIVES] = GL_GEOMETRY_SHADER_PRIMITIVES_EMITTED_ARB,
        [VIRGL_PIPELINE_STATISTIC_C_INVOCATIONS] = GL_CLIPPING_INPUT_PRIMITIVES_ARB,
        [VIRGL_PIPELINE_STATISTIC_C_PRIMITIVES] = GL_CLIPPING_OUTPUT_PRIMITIVES_ARB,
        [VIRGL_PIPELINE_STATISTIC_PS_INVOCATIONS] = GL_FRAGMENT_SHADER_INVOCATIONS_ARB,
        [VIRGL_PIPELINE_STATISTIC_HS_INVOCATIONS] = GL_TESS_CONTROL_SHADER_PATCHES_ARB,
        [VIRGL_PIPELINE_STATISTIC_DS_INVOCATIONS] = GL_TESS_EVALUATION_SHADER_INVOCATIONS_ARB,
        [VIRGL_PIPELINE_STATISTIC_CS_INVOCATIONS] = GL_COMPUTE_SHADER_INVOCATIONS_ARB,
    };

    return index < VIRGL_PIPELINE_STATISTIC_COUNT ? table[index] : 0;
}

/* 0: the host has no such query. */
static GLenum query_target(const struct gl_features *feat, const struct virgl_obj_query *desc)
{
    switch (desc->query_type) {
    case VIRGL_QUERY_TYPE_OCCLUSION_COUNTER:
        if (!feat->gles)
            return GL_SAMPLES_PASSED;
        return feat->occlusion_query_boolean ? GL_ANY_SAMPLES_PASSED : 0;
    case VIRGL_QUERY_TYPE_OCCLUSION_PREDICATE:
        if (feat->occlusion_query_boolean)
            return GL_ANY_SAMPLES_PASSED;
        return feat->gles ? 0 : GL_SAMPLES_PASSED;
    case VIRGL_QUERY_TYPE_OCCLUSION_PREDICATE_CONSERVATIVE:
        if (feat->occlusion_query_boolean)
            return feat->gles || feat->version >= 43 ? GL_ANY_SAMPLES_PASSED_CONSERVATIVE
                                                     : GL_ANY_SAMPLES_PASSED;
        return feat->gles ? 0 : GL_SAMPLES_PASSED;
    case VIRGL_QUERY_TYPE_TIMESTAMP:
        return feat->timer_query ? GL_TIMESTAMP : 0;
    case VIRGL_QUERY_TYPE_TIME_ELAPSED:
        return feat->timer_query ? GL_TIME_ELAPSED : 0;
    case VIRGL_QUERY_TYPE_PRIMITIVES_GENERATED:
        return !feat->gles || feat->geometry_shader ? GL_PRIMITIVES_GENERATED : 0;
    case VIRGL_QUERY_TYPE_PRIMITIVES_EMITTED:
        return feat->transform_feedback ? GL_TRANSFORM_FEEDBACK_PRIMITIVES_WRITTEN : 0;
    case VIRGL_QUERY_TYPE_SO_OVERFLOW_PREDICATE:
        return feat->transform_feedback_overflow_query ? GL_TRANSFORM_FEEDBACK_STREAM_OVERFLOW : 0;
    case VIRGL_QUERY_TYPE_SO_OVERFLOW_ANY_PREDICATE:
        return feat->transform_feedback_overflow_query ? GL_TRANSFORM_FEEDBACK_OVERFLOW : 0;
    case VIRGL_QUERY_TYPE_PIPELINE_STATISTICS:
        return feat->pipeline_statistics ? pipeline_statistic(desc->index) : 0;
    default:
        return 0;
    }
}

static bool is_indexed(GLenum target)
{
    return target == GL_PRIMITIVES_GENERATED ||
           target == GL_TRANSFORM_FEEDBACK_PRIMITIVES_WRITTEN ||
           target == GL_TRANSFORM_FEEDBACK_STREAM_OVERFLOW;
}

static bool is_boolean(uint32_t type)
{
    return type == VIRGL_QUERY_TYPE_OCCLUSION_PREDICATE ||
           type == VIRGL_QUERY_TYPE_OCCLUSION_PREDICATE_CONSERVATIVE ||
           type == VIRGL_QUERY_TYPE_SO_OVERFLOW_PREDICATE ||
           type == VIRGL_QUERY_TYPE_SO_OVERFLOW_ANY_PREDICATE;
}

int gl_query_create(struct gl_context *ctx, struct front_query *front)
{
    const struct gl_features *feat = &ctx->dev->feat;
    struct gl_query *q = calloc(1, sizeof(*q));

    if (!q)
        return ENOMEM;
    q->front = front;
    q->target = query_target(feat, &front->desc);
    q->boolean = is_boolean(front->desc.query_type);
    if (is_indexed(q->target)) {
        q->index = front->desc.index;
        if (q->index >= 4 || (q->index && !feat->transform_feedback3)) {
            free(q);
            return EINVAL;
        }
    }
    front->base.back = q;
    return 0;
}

static void begin_part(struct gl_context *ctx, struct gl_query *q)
{
    if (q->part_count == q->part_capacity) {
        uint32_t capacity = q->part_capacity ? q->part_capacity * 2 : 1;
        GLuint *parts = realloc(q->parts, capacity * sizeof(*parts));

        if (!parts)
            return;
        q->parts = parts;
        q->part_capacity = capacity;
    }
    glGenQueries(1, &q->parts[q->part_count]);
    if (q->index)
        glBeginQueryIndexed(q->target, q->index, q->parts[q->part_count]);
    else
        glBeginQuery(q->target, q->parts[q->part_count]);
    q->part_count++;
    q->running = true;
}

static void end_part(struct gl_query *q)
{
    if (!q->running)
        return;
    if (q->index)
        glEndQueryIndexed(q->target, q->index);
    else
        glEndQuery(q->target);
    q->running = false;
}

static uint64_t part_value(const struct gl_context *ctx, GLuint name)
{
    if (ctx->dev->feat.timer_query) {
        GLuint64 value = 0;

        glGetQueryObjectui64v(name, GL_QUERY_RESULT, &value);
        return value;
    } else {
        GLuint value = 0;

        glGetQueryObjectuiv(name, GL_QUERY_RESULT, &value);
        return value;
    }
}

static void collect_part(const struct gl_context *ctx, struct gl_query *q, GLuint name)
{
    uint64_t value = part_value(ctx, name);

    if (q->boolean)
        q->collected |= value != 0;
    else
        q->collected += value;
    glDeleteQueries(1, &name);
}

static void drop_parts(struct gl_query *q)
{
    if (q->part_count)
        glDeleteQueries((GLsizei)q->part_count, q->parts);
    q->part_count = 0;
    q->collected = 0;
}

static void unlink_active(struct gl_context *ctx, struct gl_query *q)
{
    if (q->prev)
        q->prev->next = q->next;
    else if (ctx->draw->active_queries == q)
        ctx->draw->active_queries = q->next;
    if (q->next)
        q->next->prev = q->prev;
    q->prev = q->next = NULL;
}

static bool is_active(const struct gl_context *ctx, const struct gl_query *q)
{
    return q->prev || ctx->draw->active_queries == q;
}

void gl_query_destroy(struct gl_context *ctx, struct front_query *front)
{
    struct gl_query *q = front->base.back;

    if (!q)
        return;
    if (ctx->base.state->render_condition.query == front || ctx->draw->condition.active)
        gl_condition_off(ctx);
    end_part(q);
    unlink_active(ctx, q);
    drop_parts(q);
    free(q->parts);
    free(q);
    front->base.back = NULL;
}

int gl_query_begin(struct backend_context *bctx, struct front_query *front)
{
    struct gl_context *ctx = gl_context(bctx);
    struct gl_query *q = front->base.back;

    if (!q || !q->target || q->target == GL_TIMESTAMP)
        return 0;
    for (struct gl_query *other = ctx->draw->active_queries; other; other = other->next) {
        if (other != q && other->target == q->target && other->index == q->index) {
            log_guest_error(ctx->dev->base.log,
                            "context %u: BEGIN_QUERY: another query of type %u is active",
                            bctx->ctx_id, front->desc.query_type);
            return EINVAL;
        }
    }
    if (ctx->base.state->render_condition.query == front)
        gl_condition_off(ctx);
    if (is_active(ctx, q)) {
        end_part(q);
        unlink_active(ctx, q);
    }
    drop_parts(q);
    q->ended = false;
    q->suspended = ctx->draw->suspended > 0;
    q->next = ctx->draw->active_queries;
    if (q->next)
        q->next->prev = q;
    ctx->draw->active_queries = q;
    if (!q->suspended)
        begin_part(ctx, q);
    return 0;
}

int gl_query_end(struct backend_context *bctx, struct front_query *front)
{
    struct gl_context *ctx = gl_context(bctx);
    struct gl_query *q = front->base.back;

    if (!q || !q->target)
        return 0;
    if (q->target == GL_TIMESTAMP) {
        drop_parts(q);
        if (!q->parts) {
            q->parts = malloc(sizeof(*q->parts));
            if (!q->parts)
                return ENOMEM;
            q->part_capacity = 1;
        }
        glGenQueries(1, &q->parts[0]);
        q->part_count = 1;
        glQueryCounter(q->parts[0], GL_TIMESTAMP);
    } else if (is_active(ctx, q)) {
        end_part(q);
        unlink_active(ctx, q);
    }
    q->ended = true;
    return 0;
}

bool gl_query_result(struct backend_context *bctx, struct front_query *front, bool wait,
                     uint64_t *result)
{
    struct gl_context *ctx = gl_context(bctx);
    struct gl_query *q = front->base.back;

    *result = 0;
    /* Kinds that no host has, and queries that never ran, are done at once. */
    if (!q || !q->target || !q->part_count || q->running) {
        if (q)
            *result = q->collected;
        return true;
    }
    if (!wait) {
        for (uint32_t i = 0; i < q->part_count; i++) {
            GLuint available = 0;

            glGetQueryObjectuiv(q->parts[i], GL_QUERY_RESULT_AVAILABLE, &available);
            if (!available)
                return false;
        }
    }
    *result = q->collected;
    for (uint32_t i = 0; i < q->part_count; i++) {
        uint64_t value = part_value(ctx, q->parts[i]);

        if (q->boolean)
            *result |= value != 0;
        else
            *result += value;
    }
    /* GLES only tells whether there were any. */
    if (ctx->dev->feat.gles && front->desc.query_type == VIRGL_QUERY_TYPE_OCCLUSION_COUNTER &&
        *result)
        *result = ctx->draw->tweak_samples_passed;
    return true;
}

static size_t value_bytes(uint32_t result_type)
{
    return result_type == VIRGL_QUERY_VALUE_I32 || result_type == VIRGL_QUERY_VALUE_U32 ? 4 : 8;
}

static void store_by_gl(struct gl_context *ctx, GLuint name, GLuint buffer, bool wait,
                        uint32_t result_type, uint32_t offset_bytes, int32_t index)
{
    GLenum what = index == -1 ? GL_QUERY_RESULT_AVAILABLE
                  : wait      ? GL_QUERY_RESULT
                              : GL_QUERY_RESULT_NO_WAIT;
    void *at = (void *)(uintptr_t)offset_bytes;

    gl_state_bind_buffer(&ctx->state, GL_QUERY_BUFFER, buffer);
    switch (result_type) {
    case VIRGL_QUERY_VALUE_I32:
        glGetQueryObjectiv(name, what, at);
        break;
    case VIRGL_QUERY_VALUE_U32:
        glGetQueryObjectuiv(name, what, at);
        break;
    case VIRGL_QUERY_VALUE_I64:
        glGetQueryObjecti64v(name, what, at);
        break;
    default:
        glGetQueryObjectui64v(name, what, at);
        break;
    }
    gl_state_bind_buffer(&ctx->state, GL_QUERY_BUFFER, 0);
}

int gl_query_result_to_buffer(struct backend_context *bctx, struct front_query *front,
                              struct resource *res, bool wait, uint32_t result_type,
                              uint32_t offset_bytes, int32_t index)
{
    struct gl_context *ctx = gl_context(bctx);
    struct gl_query *q = front->base.back;
    size_t bytes = value_bytes(result_type);
    uint64_t value;

    if (!res->back || !gl_resource(res)->is_buffer ||
        (uint64_t)offset_bytes + bytes > res->desc.width)
        return EINVAL;
    if (q && q->part_count == 1 && !q->collected && !q->running &&
        ctx->dev->feat.query_buffer && !ctx->dev->feat.gles) {
        store_by_gl(ctx, q->parts[0], gl_resource(res)->name, wait, result_type, offset_bytes,
                    index);
        return 0;
    }
    if (index == -1) {
        value = gl_query_result(bctx, front, false, &value);
    } else {
        if (!gl_query_result(bctx, front, wait, &value))
            return 0;
        if (result_type == VIRGL_QUERY_VALUE_I32 && value > INT32_MAX)
            value = INT32_MAX;
        else if (result_type == VIRGL_QUERY_VALUE_U32 && value > UINT32_MAX)
            value = UINT32_MAX;
    }
    gl_state_bind_buffer(&ctx->state, GL_COPY_WRITE_BUFFER, gl_resource(res)->name);
    glBufferSubData(GL_COPY_WRITE_BUFFER, offset_bytes, (GLsizeiptr)bytes, &value);
    return 0;
}

void gl_queries_suspend(struct gl_context *ctx)
{
    for (struct gl_query *q = ctx->draw->active_queries; q; q = q->next) {
        /* Time passes for helper work too. */
        if (q->target == GL_TIME_ELAPSED || q->suspended)
            continue;
        end_part(q);
        q->suspended = true;
        if (q->part_count >= MAX_PARTS) {
            for (uint32_t i = 0; i < q->part_count; i++)
                collect_part(ctx, q, q->parts[i]);
            q->part_count = 0;
        }
    }
}

void gl_queries_resume(struct gl_context *ctx)
{
    for (struct gl_query *q = ctx->draw->active_queries; q; q = q->next) {
        if (!q->suspended)
            continue;
        q->suspended = false;
        begin_part(ctx, q);
    }
}

void gl_queries_finish(struct gl_context *ctx)
{
    while (ctx->draw->active_queries) {
        end_part(ctx->draw->active_queries);
        unlink_active(ctx, ctx->draw->active_queries);
    }
}

GLuint gl_query_single_name(const struct front_query *front)
{
    const struct gl_query *q = front->base.back;

    if (!q || q->part_count != 1 || q->collected || q->running || !q->ended)
        return 0;
    switch (q->target) {
    case GL_SAMPLES_PASSED:
    case GL_ANY_SAMPLES_PASSED:
    case GL_ANY_SAMPLES_PASSED_CONSERVATIVE:
    case GL_TRANSFORM_FEEDBACK_OVERFLOW:
    case GL_TRANSFORM_FEEDBACK_STREAM_OVERFLOW:
        return q->parts[0];
    default:
        return 0;
    }
}
