/* SPDX-License-Identifier: MIT */
/* Vertex and index buffers. */
#include "internal.h"

/* Returns whether the slot changed. */
static bool set_slot(struct state_vertex_buffer *slot, struct resource *res, uint32_t stride_bytes,
                     uint32_t offset_bytes)
{
    if (slot->res == res && slot->stride_bytes == stride_bytes &&
        slot->offset_bytes == offset_bytes)
        return false;
    if (slot->res != res)
        resource_assign(&slot->res, res);
    slot->stride_bytes = stride_bytes;
    slot->offset_bytes = offset_bytes;
    return true;
}

int front_set_vertex_buffers(struct front_context *ctx,
                             const struct virgl_cmd_set_vertex_buffers *cmd)
{
    struct draw_state *state = &ctx->sub->state;
    bool changed = false;
    int error = 0;
    uint32_t i;

    for (i = 0; i < cmd->buffer_count; i++) {
        const struct virgl_set_vertex_buffers_buffer *in = &cmd->buffer[i];
        struct resource *res = NULL;

        if (in->resource) {
            res = front_buffer(ctx, in->resource);
            if (front_unlikely(!res)) {
                error = front_fail_resource(ctx, "resource", in->resource,
                                            "not a buffer of the host");
                break;
            }
            /* Nothing can be fetched from there: as good as unbound. */
            if (in->offset > res->desc.width)
                res = NULL;
        }
        changed |= set_slot(&state->vertex_buffers[i], res, res ? in->stride : 0,
                            res ? in->offset : 0);
    }
    for (; i < state->vertex_buffer_count; i++)
        changed |= set_slot(&state->vertex_buffers[i], NULL, 0, 0);
    if (state->vertex_buffer_count != cmd->buffer_count || changed) {
        state->vertex_buffer_count = cmd->buffer_count;
        state->dirty |= DIRTY_VERTEX_BUFFERS;
    }
    return error;
}

int front_set_index_buffer(struct front_context *ctx, const struct virgl_cmd_set_index_buffer *cmd)
{
    struct draw_state *state = &ctx->sub->state;
    struct resource *res = NULL;

    if (cmd->resource) {
        res = front_buffer(ctx, cmd->resource);
        if (front_unlikely(!res))
            return front_fail_resource(ctx, "resource", cmd->resource,
                                       "not a buffer of the host");
        if (front_unlikely(cmd->index_size == 0))
            return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "length",
                              cmd->length_dwords, 3, "index size is missing");
    }
    if (state->index.res == res && state->index.size_bytes == cmd->index_size &&
        state->index.offset_bytes == cmd->offset)
        return 0;
    if (state->index.res != res)
        resource_assign(&state->index.res, res);
    state->index.size_bytes = cmd->index_size;
    state->index.offset_bytes = cmd->offset;
    state->dirty |= DIRTY_INDEX_BUFFER;
    return 0;
}
