/* SPDX-License-Identifier: MIT */
/* Plain constants, which travel in the stream, and uniform buffers. */
#include "internal.h"

static int reserve(struct front_context *ctx, struct state_stage *stage, uint32_t dwords)
{
    uint32_t capacity_dwords = stage->constants_capacity_dwords ? stage->constants_capacity_dwords
                                                                : 64;
    uint64_t more_bytes;
    uint32_t *constants;

    while (capacity_dwords < dwords)
        capacity_dwords *= 2;
    more_bytes = 4ull * (capacity_dwords - stage->constants_capacity_dwords);
    if (!front_charge(ctx, more_bytes))
        return front_fail_memory(ctx, "data", more_bytes);
    constants = realloc(stage->constants, 4ull * capacity_dwords);
    if (!constants) {
        front_uncharge(ctx, more_bytes);
        return front_fail_memory(ctx, "data", more_bytes);
    }
    stage->constants = constants;
    stage->constants_capacity_dwords = capacity_dwords;
    return 0;
}

/* The index is not looked at: these are always the plain constants. */
int front_set_constant_buffer(struct front_context *ctx,
                              const struct virgl_cmd_set_constant_buffer *cmd)
{
    struct draw_state *state = &ctx->sub->state;
    struct state_stage *stage = &state->stage[cmd->stage];
    const size_t bytes = 4ull * cmd->data_count;
    int error;

    if (stage->constants_dwords == cmd->data_count &&
        (bytes == 0 || memcmp(stage->constants, cmd->data, bytes) == 0))
        return 0;
    /* A packet bounds them. Guests send constants of their own behind the program's, beyond what
     * the host's block holds: shaders read what they declare, and that has been checked. */
    if (cmd->data_count > stage->constants_capacity_dwords) {
        error = reserve(ctx, stage, cmd->data_count);
        if (error)
            return error;
    }
    if (bytes)
        memcpy(stage->constants, cmd->data, bytes);
    stage->constants_dwords = cmd->data_count;
    stage->constants_dirty = true;
    state->dirty |= DIRTY_STAGE(cmd->stage);
    return 0;
}

int front_set_uniform_buffer(struct front_context *ctx,
                             const struct virgl_cmd_set_uniform_buffer *cmd)
{
    const uint32_t alignment_bytes = ctx->backend->limits.ubo_offset_alignment_bytes;
    struct draw_state *state = &ctx->sub->state;
    struct state_stage *stage = &state->stage[cmd->stage];
    struct state_buffer_range *range = &stage->ubos[cmd->index];
    uint32_t offset_bytes = cmd->offset, size_bytes = cmd->size;
    struct resource *res = NULL;

    if (cmd->resource) {
        res = front_buffer(ctx, cmd->resource);
        if (front_unlikely(!res))
            return front_fail_resource(ctx, "resource", cmd->resource,
                                       "not a buffer of the host");
        if (front_unlikely(alignment_bytes > 1 && offset_bytes % alignment_bytes))
            return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "offset", offset_bytes,
                              alignment_bytes, "offset is not aligned");
        /* A guest program may shrink a buffer that it has bound: what is beyond the end is not
         * there, which is no error in GL. */
        if (offset_bytes >= res->desc.width)
            res = NULL;
        else if (size_bytes > res->desc.width - offset_bytes)
            size_bytes = res->desc.width - offset_bytes;
    }
    if (!res || size_bytes == 0) {
        res = NULL;
        offset_bytes = size_bytes = 0;
    }
    if (range->res == res && range->offset_bytes == offset_bytes &&
        range->size_bytes == size_bytes)
        return 0;
    if (range->res != res)
        resource_assign(&range->res, res);
    range->offset_bytes = offset_bytes;
    range->size_bytes = size_bytes;
    stage->ubos_dirty |= 1u << cmd->index;
    state->dirty |= DIRTY_STAGE(cmd->stage);
    return 0;
}
