/* SPDX-License-Identifier: MIT */
#include "internal.h"

#include <math.h>

/* NaN from a guest would make host comparisons meaningless; infinities are ordinary LOD limits. */
static float number_or_zero(float value)
{
    return isnan(value) ? 0.0f : value;
}

int front_create_sampler_state(struct front_context *ctx,
                               const struct virgl_obj_sampler_state *desc)
{
    struct front_sampler_state *sampler =
        front_object_new(ctx, VIRGL_OBJECT_TYPE_SAMPLER_STATE, desc->handle, sizeof(*sampler), 0);

    if (!sampler)
        return EINVAL;
    sampler->desc = *desc;
    sampler->desc.lod_bias = number_or_zero(desc->lod_bias);
    sampler->desc.min_lod = number_or_zero(desc->min_lod);
    sampler->desc.max_lod = number_or_zero(desc->max_lod);
    memcpy(sampler->border_color, desc->border_color, sizeof(sampler->border_color));
    sampler->desc.border_color = sampler->border_color;
    return front_object_publish(ctx, &sampler->base);
}

int front_bind_sampler_states(struct front_context *ctx,
                              const struct virgl_cmd_bind_sampler_states *cmd)
{
    struct draw_state *state = &ctx->sub->state;
    struct state_stage *stage = &state->stage[cmd->stage];
    uint32_t changed = 0;

    for (uint32_t i = 0; i < cmd->state_count; i++) {
        const uint32_t slot = cmd->start_slot + i;
        /* An unknown handle binds nothing, as guests have come to rely on. */
        struct front_object *sampler =
            front_lookup(ctx, cmd->state[i], VIRGL_OBJECT_TYPE_SAMPLER_STATE);

        if (front_assign(ctx, FRONT_SLOT(&stage->samplers[slot]), sampler))
            changed |= 1u << slot;
    }
    if (changed) {
        stage->samplers_dirty |= changed;
        state->dirty |= DIRTY_STAGE(cmd->stage);
    }
    return 0;
}
