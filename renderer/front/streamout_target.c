/* SPDX-License-Identifier: MIT */
#include "internal.h"

int front_create_streamout_target(struct front_context *ctx,
                                  const struct virgl_obj_streamout_target *desc)
{
    struct resource *res = front_buffer(ctx, desc->resource);
    struct front_streamout_target *target;

    if (!res)
        return front_fail_resource(ctx, "resource", desc->resource, "not a buffer of the host");
    if (!front_range_inside(desc->buffer_offset, desc->buffer_size, res->desc.width) ||
        desc->buffer_offset % 4)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_RESOURCE, "buffer_size",
                          (uint64_t)desc->buffer_offset + desc->buffer_size, res->desc.width,
                          "range outside the buffer or not aligned");
    target = front_object_new(ctx, VIRGL_OBJECT_TYPE_STREAMOUT_TARGET, desc->handle,
                              sizeof(*target), 0);
    if (!target)
        return EINVAL;
    target->desc = *desc;
    target->res = resource_ref(res);
    return front_object_publish(ctx, &target->base);
}

int front_set_streamout_targets(struct front_context *ctx,
                                const struct virgl_cmd_set_streamout_targets *cmd)
{
    struct draw_state *state = &ctx->sub->state;
    struct front_object *targets[VIRGL_MAX_STREAM_OUTPUT_TARGETS_IN_COMMAND] = { NULL };
    const uint32_t count = cmd->target_count < VIRGL_MAX_STREAM_OUTPUT_BUFFERS
                               ? cmd->target_count
                               : VIRGL_MAX_STREAM_OUTPUT_BUFFERS;

    for (uint32_t i = 0; i < cmd->target_count; i++) {
        if (!cmd->target[i])
            continue;
        targets[i] = front_lookup(ctx, cmd->target[i], VIRGL_OBJECT_TYPE_STREAMOUT_TARGET);
        if (!targets[i])
            return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_HANDLE, "target", cmd->target[i], 0,
                              "no stream output target");
    }
    if (count == 0 && state->streamout_count == 0)
        return 0;
    /* No comparison with what is bound: binding the same targets again pauses and resumes, or
     * starts over, and the back end must hear of either. */
    for (uint32_t i = 0; i < VIRGL_MAX_STREAM_OUTPUT_BUFFERS; i++)
        front_assign(ctx, FRONT_SLOT(&state->streamout[i]), targets[i]);
    state->streamout_count = count;
    state->streamout_append = cmd->append_bitmask & 0xf;
    state->dirty |= DIRTY_STREAMOUT;
    return 0;
}
