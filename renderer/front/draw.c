/* SPDX-License-Identifier: MIT */
/* Draws, dispatches, barriers. Whatever a draw reads is checked here, so that the back end can go
 * straight to the host. */
#include "internal.h"

enum {
    DRAW_ARRAYS_INDIRECT_BYTES = 16,
    DRAW_ELEMENTS_INDIRECT_BYTES = 20,
    DISPATCH_INDIRECT_BYTES = 12,
    DRAW_COUNT_BYTES = 4,
    MAX_PATCH_VERTICES = 32,
};

/* What GL would refuse: a draw like that is dropped, and the guest may go on. */
static FRONT_COLD bool check_patches(struct front_context *ctx,
                                     const struct virgl_cmd_draw_vbo *cmd)
{
    const struct draw_state *state = &ctx->sub->state;

    if (cmd->mode != VIRGL_PRIM_PATCHES)
        front_skip(ctx, "mode", cmd->mode, VIRGL_PRIM_PATCHES,
                   "tessellation shaders need patches");
    else if (!state->shader[VIRGL_SHADER_STAGE_TESS_EVAL])
        front_skip(ctx, "mode", cmd->mode, 0, "patches without an evaluation shader");
    else if (cmd->vertices_per_patch < 1 || cmd->vertices_per_patch > MAX_PATCH_VERTICES)
        front_skip(ctx, "vertices_per_patch", cmd->vertices_per_patch, MAX_PATCH_VERTICES,
                   "patch size out of range");
    else
        return true;
    return false;
}

static FRONT_COLD int check_indirect(struct front_context *ctx,
                                     const struct virgl_cmd_draw_vbo *cmd,
                                     struct draw_indirect *indirect)
{
    const struct backend_limits *limits = &ctx->backend->limits;
    const uint32_t command_bytes = cmd->indexed ? DRAW_ELEMENTS_INDIRECT_BYTES
                                                : DRAW_ARRAYS_INDIRECT_BYTES;
    const uint32_t stride_bytes = cmd->indirect_stride ? cmd->indirect_stride : command_bytes;
    const uint32_t draws = cmd->indirect_draw_count ? cmd->indirect_draw_count : 1;
    struct resource *buffer, *count = NULL;
    uint64_t bytes;

    if (!limits->has_indirect_draw)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "indirect_buffer",
                          cmd->indirect_buffer, 0, "the host has no indirect draws");
    if (draws > 1 && !limits->has_multi_draw_indirect)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "indirect_draw_count", draws, 1,
                          "the host has no multiple indirect draws");
    buffer = front_buffer(ctx, cmd->indirect_buffer);
    if (!buffer)
        return front_fail_resource(ctx, "indirect_buffer", cmd->indirect_buffer,
                                   "not a buffer of the host");
    if (cmd->indirect_offset % 4 || stride_bytes % 4 || (draws > 1 && stride_bytes < command_bytes))
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_RESOURCE, "indirect_stride", stride_bytes,
                          command_bytes, "offset or stride is not aligned, or too small");
    bytes = (uint64_t)(draws - 1) * stride_bytes + command_bytes;
    if (!front_range_inside(cmd->indirect_offset, bytes, buffer->desc.width))
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_RESOURCE, "indirect_offset",
                          cmd->indirect_offset + bytes, buffer->desc.width,
                          "arguments outside the buffer");
    if (cmd->indirect_count_buffer) {
        if (!limits->has_indirect_count)
            return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "indirect_count_buffer",
                              cmd->indirect_count_buffer, 0, "the host has no indirect counts");
        count = front_buffer(ctx, cmd->indirect_count_buffer);
        if (!count)
            return front_fail_resource(ctx, "indirect_count_buffer", cmd->indirect_count_buffer,
                                       "not a buffer of the host");
        if (cmd->indirect_count_offset % 4 ||
            !front_range_inside(cmd->indirect_count_offset, DRAW_COUNT_BYTES, count->desc.width))
            return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_RESOURCE, "indirect_count_offset",
                              cmd->indirect_count_offset, count->desc.width,
                              "outside the buffer or not aligned");
    }
    *indirect = (struct draw_indirect){
        .buffer = buffer,
        .offset_bytes = cmd->indirect_offset,
        .stride_bytes = stride_bytes,
        .draw_count = draws,
        .count_buffer = count,
        .count_offset_bytes = cmd->indirect_count_offset,
    };
    return 0;
}

struct target_search {
    const struct draw_state *state;
    uint32_t size_bytes;
    struct front_streamout_target *found;
};

static void match_target(void *value, void *user)
{
    struct front_streamout_target *target = value;
    struct target_search *search = user;

    if (target->base.type != VIRGL_OBJECT_TYPE_STREAMOUT_TARGET ||
        target->desc.buffer_size != search->size_bytes)
        return;
    for (uint32_t i = 0; i < search->state->vertex_buffer_count; i++) {
        if (search->state->vertex_buffers[i].res == target->res &&
            (!search->found || target->base.serial > search->found->base.serial))
            search->found = target;
    }
}

/* The stream names only the size of the target whose vertices are to be drawn: it is the newest one
 * of that size that also is a vertex buffer. */
static FRONT_COLD struct front_streamout_target *find_target(struct front_context *ctx,
                                                             uint32_t size_bytes)
{
    struct target_search search = { &ctx->sub->state, size_bytes, NULL };

    handle_table_each(&ctx->sub->objects, match_target, &search);
    return search.found;
}

static FRONT_COLD int draw_failed(struct front_context *ctx, int error)
{
    /* EINVAL of a back end is about the shaders: everything else has been checked. */
    if (error == EINVAL)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_SHADER, "shader", 0, 0,
                          "the host refuses the shaders");
    return front_fail_backend(ctx, error);
}

static FRONT_COLD int draw_unusual(struct front_context *ctx, const struct virgl_cmd_draw_vbo *cmd)
{
    struct front_streamout_target *target = NULL;
    struct virgl_cmd_draw_vbo counted;
    struct draw_indirect indirect;
    int error;

    if (cmd->indirect_buffer) {
        error = check_indirect(ctx, cmd, &indirect);
        if (error)
            return error;
    } else {
        target = find_target(ctx, cmd->count_from_so);
        if (!target) {
            /* The size of a target, not a number of indices: those were counted already. */
            if (cmd->indexed)
                return front_skip(ctx, "count_from_so", cmd->count_from_so, 0,
                                  "no such stream output target");
            counted = *cmd;
            counted.count = cmd->count_from_so;
            cmd = &counted;
        }
    }
    error = ctx->ops->draw(ctx->sub->back, cmd, cmd->indirect_buffer ? &indirect : NULL, target);
    return error ? draw_failed(ctx, error) : 0;
}

/* Guests put the first index of a draw into the index buffer's offset; the start of an indexed draw
 * repeats it and is not added. */
static bool indices_inside(const struct draw_state *state, uint32_t count)
{
    return state->index.offset_bytes + (uint64_t)count * state->index.size_bytes <=
           state->index.res->desc.width;
}

/* Draws the indices that are there, as a host with robust access would. */
static FRONT_COLD int draw_clamped(struct front_context *ctx, const struct virgl_cmd_draw_vbo *cmd)
{
    const struct draw_state *state = &ctx->sub->state;
    const uint32_t buffer_bytes = state->index.res->desc.width;
    struct virgl_cmd_draw_vbo clamped = *cmd;

    clamped.count = 0;
    if (state->index.offset_bytes < buffer_bytes)
        clamped.count = (buffer_bytes - state->index.offset_bytes) / state->index.size_bytes;
    return clamped.count ? front_draw_vbo(ctx, &clamped) : 0;
}

int front_draw_vbo(struct front_context *ctx, const struct virgl_cmd_draw_vbo *cmd)
{
    const struct draw_state *state = &ctx->sub->state;
    int error;

    if (front_unlikely(!state->shader[VIRGL_SHADER_STAGE_VERTEX] ||
                       !state->shader[VIRGL_SHADER_STAGE_FRAGMENT]))
        return 0;
    if (front_unlikely(cmd->mode == VIRGL_PRIM_PATCHES ||
                       state->shader[VIRGL_SHADER_STAGE_TESS_EVAL] ||
                       state->shader[VIRGL_SHADER_STAGE_TESS_CTRL]) &&
        !check_patches(ctx, cmd))
        return 0;
    if (cmd->indexed) {
        if (front_unlikely(!state->index.res))
            return front_skip(ctx, "indexed", 1, 0, "no index buffer");
        if (front_unlikely(!indices_inside(state, cmd->count)) && !cmd->indirect_buffer)
            return draw_clamped(ctx, cmd);
    }
    if (front_unlikely(cmd->indirect_buffer | cmd->count_from_so))
        return draw_unusual(ctx, cmd);
    if (front_unlikely(cmd->count == 0))
        return 0;
    error = ctx->ops->draw(ctx->sub->back, cmd, NULL, NULL);
    return front_unlikely(error) ? draw_failed(ctx, error) : 0;
}

int front_launch_grid(struct front_context *ctx, const struct virgl_cmd_launch_grid *cmd)
{
    struct resource *indirect = NULL;
    int error;

    if (!ctx->backend->limits.has_compute)
        return front_fail_unsupported(ctx, "grid");
    if (cmd->indirect_buffer) {
        indirect = front_buffer(ctx, cmd->indirect_buffer);
        if (!indirect)
            return front_fail_resource(ctx, "indirect_buffer", cmd->indirect_buffer,
                                       "not a buffer of the host");
        if (cmd->indirect_offset % 4 ||
            !front_range_inside(cmd->indirect_offset, DISPATCH_INDIRECT_BYTES,
                                indirect->desc.width))
            return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_RESOURCE, "indirect_offset",
                              cmd->indirect_offset, indirect->desc.width,
                              "outside the buffer or not aligned");
    } else if (!cmd->grid_x || !cmd->grid_y || !cmd->grid_z) {
        return 0;
    }
    if (!ctx->sub->state.shader[VIRGL_SHADER_STAGE_COMPUTE])
        return 0;
    error = ctx->ops->launch_grid(ctx->sub->back, cmd, indirect);
    return error ? draw_failed(ctx, error) : 0;
}

int front_memory_barrier(struct front_context *ctx, const struct virgl_cmd_memory_barrier *cmd)
{
    ctx->ops->memory_barrier(ctx->sub->back, cmd->flags);
    return 0;
}

int front_texture_barrier(struct front_context *ctx, const struct virgl_cmd_texture_barrier *cmd)
{
    ctx->ops->texture_barrier(ctx->sub->back, cmd->flags);
    return 0;
}
