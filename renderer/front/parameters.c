/* SPDX-License-Identifier: MIT */
/* Small plain values of the state: stored when they differ. */
#include "internal.h"

static int set(struct front_context *ctx, void *where, const void *value, size_t bytes,
               uint32_t dirty)
{
    if (memcmp(where, value, bytes) != 0) {
        memcpy(where, value, bytes);
        ctx->sub->state.dirty |= dirty;
    }
    return 0;
}

int front_set_blend_color(struct front_context *ctx, const struct virgl_cmd_set_blend_color *cmd)
{
    return set(ctx, ctx->sub->state.blend_color, cmd->color, 4 * sizeof(float),
               DIRTY_BLEND_COLOR);
}

int front_set_stencil_ref(struct front_context *ctx, const struct virgl_cmd_set_stencil_ref *cmd)
{
    const uint32_t ref[2] = { cmd->front, cmd->back };

    return set(ctx, ctx->sub->state.stencil_ref, ref, sizeof(ref), DIRTY_STENCIL_REF);
}

int front_set_polygon_stipple(struct front_context *ctx,
                              const struct virgl_cmd_set_polygon_stipple *cmd)
{
    return set(ctx, ctx->sub->state.polygon_stipple, cmd->row, 32 * sizeof(uint32_t),
               DIRTY_POLYGON_STIPPLE);
}

int front_set_clip_state(struct front_context *ctx, const struct virgl_cmd_set_clip_state *cmd)
{
    return set(ctx, ctx->sub->state.clip_planes, cmd->plane,
               sizeof(ctx->sub->state.clip_planes), DIRTY_CLIP_STATE);
}

int front_set_sample_mask(struct front_context *ctx, const struct virgl_cmd_set_sample_mask *cmd)
{
    return set(ctx, &ctx->sub->state.sample_mask, &cmd->mask, sizeof(cmd->mask),
               DIRTY_SAMPLE_MASK);
}

int front_set_min_samples(struct front_context *ctx, const struct virgl_cmd_set_min_samples *cmd)
{
    return set(ctx, &ctx->sub->state.min_samples, &cmd->min_samples, sizeof(cmd->min_samples),
               DIRTY_MIN_SAMPLES);
}

int front_set_tess_state(struct front_context *ctx, const struct virgl_cmd_set_tess_state *cmd)
{
    return set(ctx, ctx->sub->state.tess_levels, cmd->level, 6 * sizeof(float),
               DIRTY_TESS_STATE);
}
