/* SPDX-License-Identifier: MIT */
/*
 * Draws. When nothing changed since the last one, a draw is a few comparisons and the GL call;
 * otherwise prepare() emits the parts that are dirty, or that work outside draws has touched.
 */
#include "draw.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "core/debug.h"
#include "core/log.h"
#include "draw_context.h"

/* Looked at by every draw (index buffer) or by dispatches alone. */
#define NOT_FOR_DRAWS (DIRTY_INDEX_BUFFER | DIRTY_STAGE(SHADER_COMPUTE))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define DIRTY_FIXED_FUNCTION                                                                       \
    (DIRTY_BLEND | DIRTY_BLEND_COLOR | DIRTY_DSA | DIRTY_STENCIL_REF | DIRTY_RASTERIZER |          \
     DIRTY_VIEWPORTS | DIRTY_SCISSORS | DIRTY_SAMPLE_MASK | DIRTY_MIN_SAMPLES)
#define DIRTY_AUX (DIRTY_DSA | DIRTY_CLIP_STATE | DIRTY_POLYGON_STIPPLE | DIRTY_TESS_STATE)

bool gl_draw_init(struct gl_context *ctx)
{
    struct gl_draw *d = calloc(1, sizeof(*d));

    if (!d)
        return false;
    d->key_states = calloc(GL_MAX_KEY_STATES, sizeof(*d->key_states));
    if (!d->key_states) {
        free(d);
        return false;
    }
    d->aux.y_flip = 1;
    d->aux.point_size = 1;
    d->aux_dirty = true;
    d->prim_class = GL_PRIM_CLASS_TRIANGLES;
    d->patch_vertices = 3;
    d->tweak_samples_passed = 1024;
    ctx->draw = d;
    /* Everything is to be looked at once, whatever the front says. */
    gl_bindings_invalidate(ctx, true, true);
    for (unsigned s = 0; s < STAGE_COUNT; s++) {
        d->views_pending[s] = ~0u;
        ctx->base.state->stage[s].samplers_dirty = ~0u;
        ctx->base.state->stage[s].constants_dirty = true;
    }
    ctx->base.state->viewports_dirty = ~0u;
    ctx->base.state->scissors_dirty = ~0u;
    ctx->base.state->dirty = DIRTY_ALL;
    return true;
}

void gl_draw_finish(struct gl_context *ctx)
{
    struct gl_draw *d = ctx->draw;

    if (!d)
        return;
    gl_condition_off(ctx);
    gl_streamout_finish(ctx);
    gl_queries_finish(ctx);
    gl_pipelines_finish(ctx);
    if (d->no_elements.vao)
        glDeleteVertexArrays(1, &d->no_elements.vao);
    if (d->default_sampler)
        glDeleteSamplers(1, &d->default_sampler);
    gl_index_finish(ctx);
    gl_upload_finish(ctx);
    free(d->key_states);
    free(d);
    ctx->draw = NULL;
}

void gl_draw_forget_resource(struct gl_context *ctx, struct back_resource *back)
{
    if (!ctx->draw || !back->is_buffer)
        return;
    gl_vertex_forget_buffer(ctx, back->name);
}

void gl_draw_forget_view(struct gl_context *ctx, struct front_object *object)
{
    struct draw_state *state = ctx->base.state;

    if (!ctx->draw || !state)
        return;
    for (unsigned s = 0; s < STAGE_COUNT; s++) {
        for (unsigned i = 0; i < GL_DRAW_MAX_TEXTURES; i++) {
            if ((struct front_object *)state->stage[s].views[i] == object) {
                state->stage[s].views_dirty[0] |= 1ull << i;
                state->dirty |= DIRTY_STAGE(s);
            }
        }
    }
}

/* What other work has left in the way, as parts to emit again. */
static uint32_t take_touched(struct gl_context *ctx)
{
    static const struct {
        uint32_t touched, emit;
    } table[] = {
        {GL_TOUCHED_FRAMEBUFFER, EMIT_FRAMEBUFFER_BINDING},
        {GL_TOUCHED_PROGRAM, EMIT_PROGRAM_BINDING},
        {GL_TOUCHED_VERTEX_ARRAY, DIRTY_VERTEX_BUFFERS},
        {GL_TOUCHED_VIEWPORT, DIRTY_VIEWPORTS},
        {GL_TOUCHED_SCISSOR, DIRTY_SCISSORS},
        {GL_TOUCHED_BLEND, DIRTY_BLEND},
        {GL_TOUCHED_BLEND_COLOR, DIRTY_BLEND_COLOR},
        {GL_TOUCHED_DEPTH_STENCIL, DIRTY_DSA},
        {GL_TOUCHED_RASTER, DIRTY_RASTERIZER},
        {GL_TOUCHED_SAMPLES, DIRTY_SAMPLE_MASK},
    };
    uint32_t touched = ctx->state.touched;
    uint32_t emit = 0;

    for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (touched & table[i].touched)
            emit |= table[i].emit;
    }
    if (touched & GL_TOUCHED_VIEWPORT)
        ctx->base.state->viewports_dirty = ~0u;
    if (touched & GL_TOUCHED_SCISSOR)
        ctx->base.state->scissors_dirty = ~0u;
    if (touched & GL_TOUCHED_TEXTURES)
        gl_bindings_untouch(ctx);
    memset(ctx->state.units_touched, 0, sizeof(ctx->state.units_touched));
    if (touched & (GL_TOUCHED_BUFFERS | GL_TOUCHED_IMAGES))
        gl_bindings_invalidate(ctx, touched & GL_TOUCHED_BUFFERS, touched & GL_TOUCHED_IMAGES);
    return emit;
}

static bool emit_framebuffer(struct gl_context *ctx, uint32_t *dirty)
{
    struct gl_draw *d = ctx->draw;

    if (*dirty & DIRTY_FRAMEBUFFER) {
        gl_emit_framebuffer_info(ctx);
        *dirty |= DIRTY_BLEND | DIRTY_BLEND_COLOR | DIRTY_RASTERIZER | DIRTY_SAMPLE_MASK;
    }
    d->framebuffer.complete = gl_framebuffer_bind_state(ctx);
    gl_state_set_cap(&ctx->state, GL_CAP_FRAMEBUFFER_SRGB, d->framebuffer.any_srgb);
    return d->framebuffer.complete;
}

static bool pipelines_differ_in_raster(const struct gl_pipeline *a, const struct gl_pipeline *b)
{
    return !a || a->writes_psize != b->writes_psize || a->clip_distances != b->clip_distances;
}

static bool select_pipeline(struct gl_context *ctx, uint32_t *dirty)
{
    struct gl_draw *d = ctx->draw;
    struct gl_pipeline *old = d->pipeline;
    struct gl_pipeline *p = gl_pipeline_select(ctx);

    if (!p)
        return false;
    if (p == old)
        return true;
    if (pipelines_differ_in_raster(old, p))
        *dirty |= DIRTY_RASTERIZER;
    if (!old || old->blend_advanced != p->blend_advanced)
        *dirty |= DIRTY_BLEND;
    *dirty |= EMIT_STAGES | EMIT_PROGRAM_BINDING | DIRTY_ATOMIC_BUFFERS;
    d->pipeline = p;
    ctx->dev->stats.program_switches++;
    return true;
}

static void update_aux(struct gl_context *ctx, uint32_t dirty)
{
    const struct draw_state *state = ctx->base.state;
    struct shader_aux *aux = &ctx->draw->aux;

    if ((dirty & DIRTY_DSA) && state->dsa && aux->alpha_ref != state->dsa->desc.alpha_ref) {
        aux->alpha_ref = state->dsa->desc.alpha_ref;
        ctx->draw->aux_dirty = true;
    }
    if (dirty & DIRTY_CLIP_STATE) {
        memcpy(aux->clip_planes, state->clip_planes, sizeof(aux->clip_planes));
        ctx->draw->aux_dirty = true;
    }
    if (dirty & DIRTY_POLYGON_STIPPLE) {
        memcpy(aux->stipple, state->polygon_stipple, sizeof(aux->stipple));
        ctx->draw->aux_dirty = true;
    }
    if (dirty & DIRTY_TESS_STATE) {
        memcpy(aux->tess_outer, state->tess_levels, sizeof(aux->tess_outer));
        memcpy(aux->tess_inner, state->tess_levels + 4, 2 * sizeof(float));
        ctx->draw->aux_dirty = true;
    }
}

/* Level counts, for shaders that ask on hosts whose GLSL does not know. */
static void update_texture_levels(struct gl_context *ctx, const struct gl_pipeline *p)
{
    struct shader_aux *aux = &ctx->draw->aux;

    if (p->aux_bytes <= offsetof(struct shader_aux, texture_levels))
        return;
    for (unsigned s = 0; s < SHADER_COMPUTE; s++) {
        for (uint32_t slots = p->use[s].samplers; slots; slots &= slots - 1) {
            unsigned i = (unsigned)__builtin_ctz(slots);
            const struct front_sampler_view *view = ctx->base.state->stage[s].views[i];
            uint32_t levels = 1;

            if (view && view->desc.target != VIRGL_TEXTURE_TARGET_BUFFER)
                levels = view->desc.last_level - view->desc.first_level + 1;
            if (aux->texture_levels[s][i] != levels) {
                aux->texture_levels[s][i] = levels;
                ctx->draw->aux_dirty = true;
            }
        }
    }
}

/* What hangs on single flags of the rasterizer object. */
static uint32_t rasterizer_flags(struct gl_context *ctx)
{
    const struct draw_state *state = ctx->base.state;
    const struct virgl_obj_rasterizer *rs = state->rasterizer ? &state->rasterizer->desc : NULL;
    bool half_z = rs && rs->clip_halfz, scissor = rs && rs->scissor;
    bool per_sample = rs && rs->force_persample_interp;
    struct gl_draw *d = ctx->draw;
    uint32_t dirty = 0;

    if (d->half_z != half_z) {
        d->half_z = half_z;
        ctx->base.state->viewports_dirty = ~0u;
        dirty |= DIRTY_VIEWPORTS;
    }
    if (d->scissor != scissor) {
        d->scissor = scissor;
        dirty |= DIRTY_SCISSORS;
    }
    if (d->per_sample != per_sample) {
        d->per_sample = per_sample;
        dirty |= DIRTY_SAMPLE_MASK;
    }
    return dirty;
}

static void emit_fixed_function(struct gl_context *ctx, uint32_t dirty)
{
    if (dirty & DIRTY_RASTERIZER)
        dirty |= rasterizer_flags(ctx);
    if ((dirty & DIRTY_VIEWPORTS) && gl_update_y_flip(ctx))
        dirty |= DIRTY_RASTERIZER;
    if (dirty & DIRTY_BLEND)
        gl_emit_blend(ctx);
    if (dirty & DIRTY_BLEND_COLOR)
        gl_emit_blend_color(ctx);
    if (dirty & (DIRTY_DSA | DIRTY_STENCIL_REF))
        gl_emit_dsa(ctx);
    if (dirty & DIRTY_RASTERIZER)
        gl_emit_rasterizer(ctx);
    if (dirty & DIRTY_VIEWPORTS)
        gl_emit_viewports(ctx);
    if (dirty & DIRTY_SCISSORS)
        gl_emit_scissors(ctx);
    if (dirty & (DIRTY_SAMPLE_MASK | DIRTY_MIN_SAMPLES))
        gl_emit_samples(ctx);
}

static uint32_t graphics_stages(uint32_t dirty)
{
    return dirty / DIRTY_STAGE_0 & ((1u << SHADER_COMPUTE) - 1);
}

static void emit_stages(struct gl_context *ctx, uint32_t dirty)
{
    const struct gl_pipeline *p = ctx->draw->pipeline;

    for (uint32_t m = graphics_stages(dirty) & p->stages; m; m &= m - 1) {
        unsigned s = (unsigned)__builtin_ctz(m);

        gl_emit_constants(ctx, s, &p->use[s]);
        gl_emit_stage_bindings(ctx, s, &p->use[s]);
    }
}

static __attribute__((noinline)) bool prepare(struct gl_context *ctx, enum gl_prim_class class)
{
    struct draw_state *state = ctx->base.state;
    struct gl_draw *d = ctx->draw;
    uint32_t dirty = state->dirty;
    bool rekey = class != d->prim_class || !d->key_id;

    d->ready = false;
    if (ctx->state.touched) {
        dirty |= take_touched(ctx);
        dirty |= state->dirty & (EMIT_STAGES | DIRTY_ATOMIC_BUFFERS);
    }
    d->prim_class = class;

    if (unlikely(dirty & DIRTY_STREAMOUT))
        gl_streamout_update(ctx);
    if ((dirty & (DIRTY_FRAMEBUFFER | EMIT_FRAMEBUFFER_BINDING)) &&
        !emit_framebuffer(ctx, &dirty)) {
        state->dirty = dirty;
        return false;
    }
    for (uint32_t m = graphics_stages(dirty); m; m &= m - 1)
        rekey = gl_take_views(ctx, (unsigned)__builtin_ctz(m)) || rekey;
    if (rekey || ((dirty & GL_KEY_STATE_DIRTY) && gl_key_state_stale(ctx, dirty)))
        rekey = gl_key_state_update(ctx);
    if ((dirty & DIRTY_SHADERS) || rekey || !d->pipeline) {
        if (!select_pipeline(ctx, &dirty)) {
            d->pipeline = NULL;
            state->dirty = dirty;
            return false;
        }
    }
    if (dirty & EMIT_PROGRAM_BINDING) {
        if (d->streamout && ctx->state.program != d->pipeline->name)
            gl_streamout_pause(ctx);
        gl_state_use_program(&ctx->state, d->pipeline->name);
    }
    if (dirty & (DIRTY_VERTEX_ELEMENTS | DIRTY_VERTEX_BUFFERS) || !d->vertex_array || d->scrub)
        gl_emit_vertex_arrays(ctx, dirty & DIRTY_VERTEX_ELEMENTS);
    if (dirty & DIRTY_FIXED_FUNCTION)
        emit_fixed_function(ctx, dirty);
    if (dirty & EMIT_STAGES)
        emit_stages(ctx, dirty);
    if (unlikely((dirty & DIRTY_ATOMIC_BUFFERS) && d->pipeline->uses_atomics))
        gl_emit_atomic_buffers(ctx);
    if (dirty & DIRTY_AUX)
        update_aux(ctx, dirty);
    if (d->pipeline->aux_bytes) {
        update_texture_levels(ctx, d->pipeline);
        gl_emit_aux(ctx, d->pipeline);
    }
    if (d->pipeline->program->has_uniforms)
        gl_emit_uniforms(ctx, d->pipeline->program);
    if ((dirty & DIRTY_RENDER_CONDITION) || d->condition.changed)
        gl_condition_check(ctx);

    state->dirty &= NOT_FOR_DRAWS;
    ctx->state.touched = 0;
    d->simple = !d->condition.skip && !d->streamout && !d->pipeline->has_tessellation &&
                !d->pipeline->draw_parameters;
    d->ready = true;
    return true;
}

static enum gl_prim_class prim_class(uint32_t mode)
{
    static const uint8_t table[VIRGL_PRIM_COUNT] = {
        [VIRGL_PRIM_POINTS] = GL_PRIM_CLASS_POINTS,
        [VIRGL_PRIM_LINES] = GL_PRIM_CLASS_LINES,
        [VIRGL_PRIM_LINE_LOOP] = GL_PRIM_CLASS_LINES,
        [VIRGL_PRIM_LINE_STRIP] = GL_PRIM_CLASS_LINES,
        [VIRGL_PRIM_TRIANGLES] = GL_PRIM_CLASS_TRIANGLES,
        [VIRGL_PRIM_TRIANGLE_STRIP] = GL_PRIM_CLASS_TRIANGLES,
        [VIRGL_PRIM_TRIANGLE_FAN] = GL_PRIM_CLASS_TRIANGLES,
        [VIRGL_PRIM_QUADS] = GL_PRIM_CLASS_TRIANGLES,
        [VIRGL_PRIM_QUAD_STRIP] = GL_PRIM_CLASS_TRIANGLES,
        [VIRGL_PRIM_POLYGON] = GL_PRIM_CLASS_TRIANGLES,
        [VIRGL_PRIM_LINES_ADJACENCY] = GL_PRIM_CLASS_LINES,
        [VIRGL_PRIM_LINE_STRIP_ADJACENCY] = GL_PRIM_CLASS_LINES,
        [VIRGL_PRIM_TRIANGLES_ADJACENCY] = GL_PRIM_CLASS_TRIANGLES,
        [VIRGL_PRIM_TRIANGLE_STRIP_ADJACENCY] = GL_PRIM_CLASS_TRIANGLES,
        [VIRGL_PRIM_PATCHES] = GL_PRIM_CLASS_PATCHES,
    };

    return table[mode];
}

/* The wire's numbers are GL's. What the host does not know becomes what covers the same area. */
static GLenum draw_mode(const struct gl_features *feat, uint32_t mode)
{
    if (feat->compat && !feat->gles)
        return mode;
    if (mode == VIRGL_PRIM_QUAD_STRIP)
        return GL_TRIANGLE_STRIP;
    return mode == VIRGL_PRIM_POLYGON ? GL_TRIANGLE_FAN : mode;
}

static GLenum index_type(unsigned bytes)
{
    switch (bytes) {
    case 1:
        return GL_UNSIGNED_BYTE;
    case 2:
        return GL_UNSIGNED_SHORT;
    default:
        return GL_UNSIGNED_INT;
    }
}

static void set_patch_vertices(struct gl_context *ctx, const struct virgl_cmd_draw_vbo *draw)
{
    uint32_t count = draw->vertices_per_patch;
    uint32_t max = (uint32_t)ctx->dev->feat.max_patch_vertices;
    struct gl_draw *d = ctx->draw;

    if (!count)
        count = 3;
    if (max && count > max)
        count = max;
    gl_state_patch_vertices(&ctx->state, count);
    if (d->patch_vertices != count) {
        d->patch_vertices = count;
        d->aux.patch_vertices = (int32_t)count;
        d->aux_dirty = true;
        ctx->base.state->dirty |= DIRTY_SHADERS;
        d->key_id = 0; /* the passthrough control shader is made for a number of vertices */
    }
}

static void set_draw_parameters(struct gl_context *ctx, const struct virgl_cmd_draw_vbo *draw)
{
    struct gl_draw *d = ctx->draw;
    struct shader_aux *aux = &d->aux;
    int32_t base_vertex = draw->indexed ? draw->index_bias : 0;
    int32_t base_instance = (int32_t)draw->start_instance;
    int32_t draw_id = (int32_t)draw->drawid;

    if (aux->base_vertex != base_vertex || aux->base_instance != base_instance ||
        aux->draw_id != draw_id) {
        aux->base_vertex = base_vertex;
        aux->base_instance = base_instance;
        aux->draw_id = draw_id;
        d->aux_dirty = true;
    }
    gl_emit_aux(ctx, d->pipeline);
}

static void draw_arrays(const struct gl_features *feat, GLenum mode,
                        const struct virgl_cmd_draw_vbo *draw)
{
    GLint first = (GLint)draw->start;
    GLsizei count = (GLsizei)draw->count, instances = (GLsizei)draw->instance_count;

    if (draw->start_instance && feat->base_instance)
        glDrawArraysInstancedBaseInstance(mode, first, count, instances > 1 ? instances : 1,
                                          draw->start_instance);
    else if (instances > 1)
        glDrawArraysInstanced(mode, first, count, instances);
    else
        glDrawArrays(mode, first, count);
}

static void draw_elements(const struct gl_features *feat, const struct gl_index_draw *i,
                          const struct virgl_cmd_draw_vbo *draw)
{
    const void *at = (const void *)i->offset;
    GLsizei count = (GLsizei)i->count, instances = (GLsizei)draw->instance_count;

    if (draw->start_instance && feat->base_instance) {
        if (i->base_vertex)
            glDrawElementsInstancedBaseVertexBaseInstance(i->mode, count, i->type, at,
                                                          instances > 1 ? instances : 1,
                                                          i->base_vertex, draw->start_instance);
        else
            glDrawElementsInstancedBaseInstance(i->mode, count, i->type, at,
                                                instances > 1 ? instances : 1,
                                                draw->start_instance);
    } else if (instances > 1) {
        if (i->base_vertex && feat->base_vertex)
            glDrawElementsInstancedBaseVertex(i->mode, count, i->type, at, instances,
                                              i->base_vertex);
        else
            glDrawElementsInstanced(i->mode, count, i->type, at, instances);
    } else if (i->base_vertex && feat->base_vertex) {
        glDrawElementsBaseVertex(i->mode, count, i->type, at, i->base_vertex);
    } else {
        glDrawElements(i->mode, count, i->type, at);
    }
}

static bool indirect_fits(const struct resource *buffer, uint64_t offset, uint64_t bytes)
{
    return buffer && buffer->back && gl_resource(buffer)->is_buffer && offset % 4 == 0 &&
           offset + bytes <= buffer->desc.width;
}

static int draw_indirect(struct gl_context *ctx, GLenum mode, bool indexed, GLenum type,
                         const struct draw_indirect *in)
{
    const struct gl_features *feat = &ctx->dev->feat;
    uint64_t one = indexed ? 20 : 16;
    uint32_t count = in->draw_count ? in->draw_count : 1;
    uint64_t stride = in->stride_bytes ? in->stride_bytes : one;
    const void *at = (const void *)(uintptr_t)in->offset_bytes;

    if (!feat->draw_indirect || stride % 4 || count > INT_MAX || stride > INT_MAX ||
        !indirect_fits(in->buffer, in->offset_bytes, stride * (count - 1) + one))
        return EINVAL;
    gl_state_bind_buffer(&ctx->state, GL_DRAW_INDIRECT_BUFFER, gl_resource(in->buffer)->name);
    if (in->count_buffer) {
        if (!feat->indirect_parameters ||
            !indirect_fits(in->count_buffer, in->count_offset_bytes, 4))
            return EINVAL;
        gl_state_bind_buffer(&ctx->state, GL_PARAMETER_BUFFER,
                             gl_resource(in->count_buffer)->name);
        if (indexed)
            glMultiDrawElementsIndirectCountARB(mode, type, at, in->count_offset_bytes,
                                                (GLsizei)count, (GLsizei)stride);
        else
            glMultiDrawArraysIndirectCountARB(mode, at, in->count_offset_bytes, (GLsizei)count,
                                              (GLsizei)stride);
    } else if (count > 1 && feat->multi_draw_indirect) {
        if (indexed)
            glMultiDrawElementsIndirect(mode, type, at, (GLsizei)count, (GLsizei)stride);
        else
            glMultiDrawArraysIndirect(mode, at, (GLsizei)count, (GLsizei)stride);
    } else {
        for (uint32_t i = 0; i < count; i++, at = (const uint8_t *)at + stride) {
            if (indexed)
                glDrawElementsIndirect(mode, type, at);
            else
                glDrawArraysIndirect(mode, at);
        }
    }
    return 0;
}

static int draw_captured(struct gl_context *ctx, GLenum mode,
                         const struct virgl_cmd_draw_vbo *draw,
                         struct front_streamout_target *from)
{
    const struct gl_streamout_target *t = from->base.back;
    struct gl_streamout *so = t ? t->last : NULL;
    GLsizei instances = (GLsizei)draw->instance_count;

    if (!so)
        return 0; /* nothing was ever captured */
    if (!so->xfb) {
        if (so->vertices <= INT_MAX)
            glDrawArrays(mode, 0, (GLsizei)so->vertices);
        return 0;
    }
    /* GL knows the count only once the capture has ended. */
    if (!so->ended_once || so->phase != GL_STREAMOUT_OFF)
        gl_streamout_stop(ctx, so);
    if (instances > 1 && ctx->dev->feat.version >= 42 && !ctx->dev->feat.gles)
        glDrawTransformFeedbackInstanced(mode, so->xfb, instances);
    else if (ctx->dev->feat.gles)
        glDrawArrays(mode, 0, so->vertices <= INT_MAX ? (GLsizei)so->vertices : 0);
    else
        glDrawTransformFeedback(mode, so->xfb);
    return 0;
}

/* Index buffer; the front has checked that all indices are in it. */
static bool set_indices(struct gl_context *ctx, const struct virgl_cmd_draw_vbo *draw,
                        struct gl_index_draw *i)
{
    const struct draw_state *state = ctx->base.state;
    const struct resource *res = state->index.res;

    if (!res || !res->back)
        return false;
    i->buffer = gl_resource(res)->name;
    i->offset = state->index.offset_bytes; /* draw->start is in it already */
    i->type = index_type(state->index.size_bytes);
    i->index_bytes = state->index.size_bytes;
    i->base_vertex = draw->index_bias;
    i->restart = draw->primitive_restart;
    i->restart_index = draw->restart_index;
    return true;
}

/* The plain case: indices, one instance, no restart, a mode that the host has. */
static bool issue_simple(struct gl_context *ctx, const struct virgl_cmd_draw_vbo *draw)
{
    const struct draw_state *state = ctx->base.state;
    const struct resource *res = state->index.res;

    if (!draw->indexed || draw->instance_count > 1 || draw->start_instance || draw->index_bias ||
        draw->primitive_restart || draw->mode >= VIRGL_PRIM_QUADS || draw->count > INT_MAX ||
        !res || !res->back || ctx->state.always_send)
        return false;
    if (ctx->draw->vertex_array->element_buffer != gl_resource(res)->name)
        gl_emit_element_buffer(ctx, gl_resource(res)->name);
    if (ctx->state.caps & (1ull << GL_CAP_PRIMITIVE_RESTART |
                           1ull << GL_CAP_PRIMITIVE_RESTART_FIXED_INDEX))
        gl_state_primitive_restart(&ctx->state, false, 0, state->index.size_bytes);
    glDrawElements(draw->mode, (GLsizei)draw->count, index_type(state->index.size_bytes),
                   (const void *)(uintptr_t)state->index.offset_bytes);
    return true;
}

static int issue(struct gl_context *ctx, const struct virgl_cmd_draw_vbo *draw,
                 const struct draw_indirect *indirect, struct front_streamout_target *count_from)
{
    const struct gl_features *feat = &ctx->dev->feat;
    struct gl_index_draw i = {
        .mode = draw_mode(feat, draw->mode),
        .count = draw->count,
        .indexed = draw->indexed,
    };

    if (count_from)
        return draw_captured(ctx, i.mode, draw, count_from);
    if (indirect) {
        unsigned bytes = ctx->base.state->index.size_bytes;

        if (draw->mode == VIRGL_PRIM_QUADS && i.mode == GL_QUADS && !feat->compat)
            return 0; /* counts that only the GPU knows cannot be converted */
        if (draw->indexed) {
            const struct resource *res = ctx->base.state->index.res;

            if (!res || !res->back || !gl_resource(res)->is_buffer || !bytes)
                return 0;
            gl_emit_element_buffer(ctx, gl_resource(res)->name);
            gl_state_primitive_restart(&ctx->state, draw->primitive_restart, draw->restart_index,
                                       bytes);
        }
        return draw_indirect(ctx, i.mode, draw->indexed, index_type(bytes), indirect);
    }
    if (draw->count > INT_MAX || draw->instance_count > INT_MAX ||
        (draw->start > INT_MAX && !draw->indexed))
        return 0;
    if (draw->indexed && !set_indices(ctx, draw, &i))
        return 0;
    if (draw->mode == VIRGL_PRIM_QUADS || (draw->indexed && draw->primitive_restart)) {
        if (gl_needs_index_conversion(ctx, draw) && !gl_convert_indices(ctx, draw, &i))
            return 0;
    }
    if (!i.indexed) {
        draw_arrays(feat, i.mode, draw);
        return 0;
    }
    if (i.buffer)
        gl_emit_element_buffer(ctx, i.buffer);
    gl_state_primitive_restart(&ctx->state, i.restart, i.restart_index, i.index_bytes);
    draw_elements(feat, &i, draw);
    return 0;
}

/* All but the plain case. */
static __attribute__((noinline)) int draw_general(struct gl_context *ctx,
                                                  const struct virgl_cmd_draw_vbo *draw,
                                                  const struct draw_indirect *indirect,
                                                  struct front_streamout_target *count_from,
                                                  enum gl_prim_class class)
{
    struct gl_draw *d = ctx->draw;
    int ret;

    if (d->condition.skip || d->pipeline->has_tessellation != (class == GL_PRIM_CLASS_PATCHES))
        return 0;
    if (d->pipeline->draw_parameters)
        set_draw_parameters(ctx, draw);
    if (d->streamout && !gl_streamout_begin_draw(ctx, d->pipeline, draw->mode))
        return 0;
    ret = issue(ctx, draw, indirect, count_from);
    if (d->streamout)
        gl_streamout_end_draw(ctx, draw->mode, draw->count, draw->instance_count);
    ctx->state.touched = 0;
    return ret;
}

int gl_draw_vbo(struct backend_context *bctx, const struct virgl_cmd_draw_vbo *draw,
                const struct draw_indirect *indirect, struct front_streamout_target *count_from)
{
    struct gl_context *ctx = gl_context(bctx);
    struct gl_draw *d = ctx->draw;
    enum gl_prim_class class;

    if (unlikely(draw->mode >= VIRGL_PRIM_COUNT))
        return EINVAL;
    class = prim_class(draw->mode);
    if (unlikely(class == GL_PRIM_CLASS_PATCHES)) {
        if (!ctx->dev->feat.tessellation)
            return 0;
        set_patch_vertices(ctx, draw);
    }
    if (!d->ready || ctx->state.touched || (bctx->state->dirty & ~NOT_FOR_DRAWS) ||
        class != d->prim_class) {
        if (!prepare(ctx, class))
            return 0;
    }
    ctx->dev->stats.draws++;
    if (likely(d->simple && !indirect && !count_from) && issue_simple(ctx, draw))
        return 0;
    return draw_general(ctx, draw, indirect, count_from, class);
}

void gl_link_shader(struct backend_context *bctx, struct front_shader *shaders[STAGE_COUNT])
{
    /* Only a hint. What the program will be drawn with is not known yet, and a guess that turns
     * out wrong would compile a program twice: draws compile what they really need. */
    (void)bctx;
    (void)shaders;
}
