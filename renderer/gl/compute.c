/* SPDX-License-Identifier: MIT */
/* Compute: bindings of its own stage, and the dispatch. */
#include <errno.h>

#include "draw_context.h"

static bool grid_ok(const struct gl_context *ctx, const struct virgl_cmd_launch_grid *grid,
                    const struct resource *indirect)
{
    const uint64_t argument_bytes = 12;

    if (!indirect)
        return grid->grid_x && grid->grid_y && grid->grid_z && grid->grid_x <= 65535 &&
               grid->grid_y <= 65535 && grid->grid_z <= 65535;
    return indirect->back && gl_resource(indirect)->is_buffer && grid->indirect_offset % 4 == 0 &&
           grid->indirect_offset + argument_bytes <= indirect->desc.width;
}

static bool has_own_bindings(const struct shader_host *host)
{
    return host->sampler_base[SHADER_COMPUTE] != host->sampler_base[SHADER_VERTEX] &&
           host->ubo_base[SHADER_COMPUTE] != host->ubo_base[SHADER_VERTEX] &&
           host->ssbo_base[SHADER_COMPUTE] != host->ssbo_base[SHADER_VERTEX] &&
           host->image_base[SHADER_COMPUTE] != host->image_base[SHADER_VERTEX];
}

/* llvmpipe finishes rendering for a dispatch only when textures are bound anew. */
static void finish_rendering(struct gl_context *ctx)
{
    struct gl_draw *d = ctx->draw;

    if (ctx->dev->feat.memory_barrier &&
        (d->cleared || d->draws_at_dispatch != ctx->dev->stats.draws))
        glMemoryBarrier(GL_FRAMEBUFFER_BARRIER_BIT);
    d->cleared = false;
    d->draws_at_dispatch = ctx->dev->stats.draws;
}

int gl_launch_grid(struct backend_context *bctx, const struct virgl_cmd_launch_grid *grid,
                   struct resource *indirect)
{
    struct gl_context *ctx = gl_context(bctx);
    struct draw_state *state = bctx->state;
    struct gl_state *gst = &ctx->state;
    uint32_t touched_before = gst->touched;
    struct gl_pipeline *p;

    if (!ctx->dev->feat.compute || !grid_ok(ctx, grid, indirect))
        return 0;
    if (gst->touched & (GL_TOUCHED_TEXTURES | GL_TOUCHED_BUFFERS | GL_TOUCHED_IMAGES)) {
        gl_bindings_untouch(ctx);
        gl_bindings_invalidate(ctx, gst->touched & GL_TOUCHED_BUFFERS,
                               gst->touched & GL_TOUCHED_IMAGES);
    }
    if (state->dirty & DIRTY_STAGE(SHADER_COMPUTE))
        gl_take_views(ctx, SHADER_COMPUTE);
    p = gl_pipeline_select_compute(ctx);
    if (!p)
        return 0;
    gl_streamout_pause(ctx);
    gl_state_use_program(gst, p->name);
    gl_emit_constants(ctx, SHADER_COMPUTE, &p->use[SHADER_COMPUTE]);
    gl_emit_stage_bindings(ctx, SHADER_COMPUTE, &p->use[SHADER_COMPUTE]);
    if (p->uses_atomics)
        gl_emit_atomic_buffers(ctx);
    gl_emit_aux(ctx, p);
    if (p->program->has_uniforms)
        gl_emit_uniforms(ctx, p->program);
    state->dirty &= ~DIRTY_STAGE(SHADER_COMPUTE);
    finish_rendering(ctx);

    if (indirect) {
        gl_state_bind_buffer(gst, GL_DISPATCH_INDIRECT_BUFFER, gl_resource(indirect)->name);
        glDispatchComputeIndirect((GLintptr)grid->indirect_offset);
    } else {
        glDispatchCompute(grid->grid_x, grid->grid_y, grid->grid_z);
    }
    /* Where the stage has binding points of its own, nothing of the other stages was touched but
     * the program. What was touched before stays so. */
    if (has_own_bindings(&ctx->dev->shader_host))
        gst->touched = touched_before | (gst->touched & GL_TOUCHED_PROGRAM);
    return 0;
}
