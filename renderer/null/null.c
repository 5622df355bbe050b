/* SPDX-License-Identifier: MIT */
#include "null_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "front/objects.h"
#include "virgl_protocol.h"

struct backend_fence {
    int unused;
};

static void destroy(struct backend *backend)
{
    free(backend);
}

static int context_create(struct backend *backend, struct draw_state *state, uint32_t ctx_id,
                          uint32_t sub_ctx_id, struct backend_context **out)
{
    struct backend_context *ctx = calloc(1, sizeof(*ctx));

    if (!ctx)
        return ENOMEM;
    ctx->backend = backend;
    ctx->state = state;
    ctx->ctx_id = ctx_id;
    ctx->sub_ctx_id = sub_ctx_id;
    null_counts(backend)->contexts++;
    *out = ctx;
    return 0;
}

static void context_destroy(struct backend_context *ctx)
{
    null_counts(ctx->backend)->contexts--;
    free(ctx);
}

static int context_make_current(struct backend *backend, struct backend_context *ctx)
{
    return 0;
}

static void context_flush(struct backend_context *ctx)
{
    null_counts(ctx->backend)->flushes++;
}

static int resource_get_info(struct backend *backend, struct resource *res, uint32_t *tex_id,
                             int *drm_fourcc, uint32_t *stride_bytes)
{
    struct level_layout layout;

    resource_level_layout(res, 0, &layout);
    *tex_id = 0;
    *drm_fourcc = 0;
    *stride_bytes = (uint32_t)layout.stride_bytes;
    return 0;
}

static int resource_export_dmabuf(struct backend *backend, struct resource *res, int *fd,
                                  int *drm_fourcc, uint32_t *stride_bytes, uint32_t *offset_bytes,
                                  uint64_t *modifier)
{
    return ENOTSUP;
}

static int object_create(struct backend_context *ctx, struct front_object *object)
{
    null_counts(ctx->backend)->objects++;
    return 0;
}

static void object_destroy(struct backend_context *ctx, struct front_object *object)
{
    null_counts(ctx->backend)->objects--;
}

/* As a real back end does: takes note of what has changed and clears the marks. */
static void clean(struct draw_state *state)
{
    uint32_t stages = state->dirty / DIRTY_STAGE_0;

    for (uint32_t i = 0; stages && i < STAGE_COUNT; i++, stages >>= 1) {
        struct state_stage *stage = &state->stage[i];

        if (!(stages & 1))
            continue;
        stage->views_dirty[0] = stage->views_dirty[1] = 0;
        stage->samplers_dirty = stage->ubos_dirty = stage->ssbos_dirty = stage->images_dirty = 0;
        stage->constants_dirty = false;
    }
    state->viewports_dirty = state->scissors_dirty = state->atomic_buffers_dirty = 0;
    state->dirty = 0;
}

static int draw(struct backend_context *ctx, const struct virgl_cmd_draw_vbo *cmd,
                const struct draw_indirect *indirect, struct front_streamout_target *count_from)
{
    null_counts(ctx->backend)->draws++;
    if (ctx->state->dirty)
        clean(ctx->state);
    return 0;
}

static int launch_grid(struct backend_context *ctx, const struct virgl_cmd_launch_grid *grid,
                       struct resource *indirect)
{
    null_counts(ctx->backend)->grids++;
    return 0;
}

static void clear(struct backend_context *ctx, uint32_t buffers, const uint32_t color[4],
                  double depth, uint32_t stencil)
{
    null_counts(ctx->backend)->clears++;
}

static void clear_surface(struct backend_context *ctx, const struct virgl_cmd_clear_surface *cmd,
                          struct front_surface *surface)
{
    null_counts(ctx->backend)->clears++;
}

static void blit(struct backend_context *ctx, const struct virgl_cmd_blit *cmd,
                 struct resource *dst, struct resource *src)
{
    null_counts(ctx->backend)->blits++;
}

static void link_shader(struct backend_context *ctx, struct front_shader *shaders[STAGE_COUNT])
{
}

static uint64_t result_of(const struct front_query *query)
{
    struct timespec now;

    if (query->desc.query_type != VIRGL_QUERY_TYPE_TIMESTAMP)
        return 0;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int query_begin(struct backend_context *ctx, struct front_query *query)
{
    return 0;
}

static int query_end(struct backend_context *ctx, struct front_query *query)
{
    return 0;
}

static bool query_result(struct backend_context *ctx, struct front_query *query, bool wait,
                         uint64_t *result)
{
    *result = result_of(query);
    return true;
}

static int query_result_to_buffer(struct backend_context *ctx, struct front_query *query,
                                  struct resource *buffer, bool wait, uint32_t result_type,
                                  uint32_t offset_bytes, int32_t index)
{
    const uint64_t value = index == -1 ? 1 : result_of(query);
    const bool wide = result_type == VIRGL_QUERY_VALUE_I64 || result_type == VIRGL_QUERY_VALUE_U64;

    null_buffer_write(buffer, offset_bytes, &value, wide ? 8 : 4);
    return 0;
}

static void barrier(struct backend_context *ctx, uint32_t flags)
{
}

static void string_marker(struct backend_context *ctx, const char *text, uint32_t text_bytes)
{
}

static void set_tweak(struct backend_context *ctx, uint32_t id, uint32_t value)
{
}

static bool memory_info(struct backend *backend, uint32_t info[6])
{
    return false;
}

static bool context_lost(struct backend_context *ctx)
{
    return false;
}

static int fence_create(struct backend *backend, struct backend_context *ctx,
                        struct backend_fence **out)
{
    *out = calloc(1, sizeof(**out));
    return *out ? 0 : ENOMEM;
}

static bool fence_wait(struct backend *backend, struct backend_fence *fence, uint64_t timeout_ns)
{
    return true;
}

static void fence_destroy(struct backend *backend, struct backend_fence *fence)
{
    free(fence);
}

static bool fence_thread_yes(struct backend *backend)
{
    return true;
}

static void fence_thread_end(struct backend *backend)
{
}

static const struct backend_ops ops = {
    .name = "null",
    .destroy = destroy,
    .fill_caps = null_fill_caps,
    .context_create = context_create,
    .context_destroy = context_destroy,
    .context_make_current = context_make_current,
    .context_flush = context_flush,
    .resource_create = null_resource_create,
    .resource_destroy = null_resource_destroy,
    .transfer_write = null_transfer_write,
    .transfer_read = null_transfer_read,
    .resource_get_info = resource_get_info,
    .resource_export_dmabuf = resource_export_dmabuf,
    .resource_map = null_resource_map,
    .resource_unmap = null_resource_unmap,
    .object_create = object_create,
    .object_destroy = object_destroy,
    .draw = draw,
    .launch_grid = launch_grid,
    .clear = clear,
    .clear_surface = clear_surface,
    .clear_texture = null_clear_texture,
    .blit = blit,
    .resource_copy_region = null_resource_copy_region,
    .link_shader = link_shader,
    .query_begin = query_begin,
    .query_end = query_end,
    .query_result = query_result,
    .query_result_to_buffer = query_result_to_buffer,
    .memory_barrier = barrier,
    .texture_barrier = barrier,
    .string_marker = string_marker,
    .set_tweak = set_tweak,
    .memory_info = memory_info,
    .context_lost = context_lost,
    .fence_create = fence_create,
    .fence_wait = fence_wait,
    .fence_destroy = fence_destroy,
    .fence_thread_prepare = fence_thread_yes,
    .fence_thread_begin = fence_thread_yes,
    .fence_thread_end = fence_thread_end,
};

struct backend *null_backend_create(struct log *log, uint32_t debug)
{
    struct null_backend *null = calloc(1, sizeof(*null));

    if (!null)
        return NULL;
    null->base.ops = &ops;
    null->base.log = log;
    null->base.debug = debug;
    null_limits_init(&null->base.limits);
    return &null->base;
}

const struct null_counts *null_backend_counts(const struct backend *backend)
{
    return &((const struct null_backend *)backend)->counts;
}
