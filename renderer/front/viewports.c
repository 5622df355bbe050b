/* SPDX-License-Identifier: MIT */
/* Viewports and scissors. */
#include "internal.h"

/* Back ends turn these into integers and window coordinates: no NaN, no overflow there. */
static float coordinate(float value)
{
    const float limit = 1e7f;

    if (!(value > -limit)) /* NaN too */
        return value <= -limit ? -limit : 0.0f;
    return value < limit ? value : limit;
}

int front_set_viewport_state(struct front_context *ctx,
                             const struct virgl_cmd_set_viewport_state *cmd)
{
    struct draw_state *state = &ctx->sub->state;

    for (uint32_t i = 0; i < cmd->viewport_count; i++) {
        const struct virgl_set_viewport_state_viewport *in = &cmd->viewport[i];
        const uint32_t slot = cmd->start_slot + i;
        const struct state_viewport viewport = {
            .scale = { coordinate(in->scale_x), coordinate(in->scale_y), coordinate(in->scale_z) },
            .translate = { coordinate(in->translate_x), coordinate(in->translate_y),
                           coordinate(in->translate_z) },
        };

        if (memcmp(&state->viewports[slot], &viewport, sizeof(viewport)) == 0)
            continue;
        state->viewports[slot] = viewport;
        state->viewports_dirty |= 1u << slot;
        state->dirty |= DIRTY_VIEWPORTS;
    }
    return 0;
}

int front_set_scissor_state(struct front_context *ctx,
                            const struct virgl_cmd_set_scissor_state *cmd)
{
    struct draw_state *state = &ctx->sub->state;

    for (uint32_t i = 0; i < cmd->scissor_count; i++) {
        const struct virgl_set_scissor_state_scissor *in = &cmd->scissor[i];
        const uint32_t slot = cmd->start_slot + i;
        const struct state_scissor scissor = {
            .minx = in->minx,
            .miny = in->miny,
            .maxx = in->maxx > in->minx ? in->maxx : in->minx,
            .maxy = in->maxy > in->miny ? in->maxy : in->miny,
        };

        if (memcmp(&state->scissors[slot], &scissor, sizeof(scissor)) == 0)
            continue;
        state->scissors[slot] = scissor;
        state->scissors_dirty |= 1u << slot;
        state->dirty |= DIRTY_SCISSORS;
    }
    return 0;
}
