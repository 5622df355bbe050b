/* SPDX-License-Identifier: MIT */
/* From the guest's state to shader keys: first the few facts that may matter at all, then, per
 * shader, only those that it looks at, so that no needless variants arise. */
#include <string.h>

#include "draw_context.h"
#include "virgl_formats.h"

static void key_state_rasterizer(struct gl_context *ctx, struct gl_key_state *ks)
{
    const struct draw_state *state = ctx->base.state;
    const struct virgl_obj_rasterizer *rs = state->rasterizer ? &state->rasterizer->desc : NULL;
    enum gl_prim_class class = ctx->draw->prim_class;
    bool by_class = ctx->dev->feat.gles && class == GL_PRIM_CLASS_POINTS;

    if (!rs)
        return;
    ks->flatshade = rs->flatshade;
    ks->two_sided = rs->light_twoside;
    ks->clamp_vertex_color = rs->clamp_vertex_color;
    ks->clip_plane_enable = (uint8_t)rs->clip_plane_enable;
    ks->point_size_per_vertex = rs->point_size_per_vertex;
    if (rs->point_quad_rasterization && rs->sprite_coord_enable) {
        ks->sprite_coord_enable = rs->sprite_coord_enable;
        by_class = true;
    }
    ks->sprite_origin_upper = rs->sprite_coord_mode == VIRGL_SPRITE_COORD_MODE_UPPER_LEFT;
    if (rs->poly_stipple_enable) {
        ks->poly_stipple = 1;
        by_class = true;
    }
    if (by_class)
        ks->prim_class = (uint8_t)(class + 1);
}

static void key_state_framebuffer(struct gl_context *ctx, struct gl_key_state *ks)
{
    const struct gl_framebuffer_info *fb = &ctx->draw->framebuffer;
    const struct draw_state *state = ctx->base.state;
    bool clamp = state->rasterizer && state->rasterizer->desc.clamp_fragment_color;

    ks->cbuf_count = (uint8_t)fb->cbuf_count;
    ks->target_y0_top = fb->y0_top;
    for (unsigned i = 0; i < fb->cbuf_count; i++) {
        ks->cbufs[i] = fb->targets[i].key;
        ks->cbufs[i].clamp = clamp && fb->targets[i].clampable;
    }
}

/* What the control shader that the guest does not have is made for; 0: not needed. */
static uint8_t passthrough_vertices(const struct gl_context *ctx)
{
    const struct draw_state *state = ctx->base.state;

    if (!state->shader[SHADER_TESS_EVAL] || state->shader[SHADER_TESS_CTRL])
        return 0;
    return (uint8_t)ctx->draw->patch_vertices;
}

static void key_state_build(struct gl_context *ctx, struct gl_key_state *ks)
{
    const struct draw_state *state = ctx->base.state;
    const struct gl_blend *blend = gl_blend_of(state);
    uint64_t h = 0;

    memset(ks, 0, sizeof(*ks));
    ks->alpha_func = SHADER_FUNC_ALWAYS;
    key_state_rasterizer(ctx, ks);
    key_state_framebuffer(ctx, ks);
    if (state->dsa && state->dsa->desc.alpha_enabled)
        ks->alpha_func = (uint8_t)state->dsa->desc.alpha_func;
    if (blend) {
        ks->dual_source = blend->dual_source;
        if (!ctx->dev->feat.logic_op && state->blend->desc.logicop_enable &&
            state->blend->desc.logicop_func != VIRGL_LOGICOP_COPY) {
            ks->logic_op_enabled = 1;
            ks->logic_op = (uint8_t)state->blend->desc.logicop_func;
        }
    }
    if (state->vertex_elements && state->vertex_elements->base.back) {
        const struct gl_vertex_elements *ve = state->vertex_elements->base.back;

        ks->attribute_int = ve->attribute_int;
        ks->attribute_uint = ve->attribute_uint;
        ks->attribute_bgra = ve->attribute_bgra;
    }
    ks->const0_blocks = ctx->draw->const0_blocks & ((1u << SHADER_COMPUTE) - 1);
    ks->patch_vertices = passthrough_vertices(ctx);
    for (unsigned s = 0; s < SHADER_COMPUTE; s++) {
        const struct gl_swizzles *sw = &ctx->draw->swizzles[s];

        for (unsigned i = 0; (sw->mask | sw->depth) >> i; i++) {
            if ((sw->mask | sw->depth) >> i & 1)
                h = (h ^ (sw->swizzle[i] | (uint64_t)(s * 32 + i + 1) << 16)) *
                    0x100000001b3ull;
        }
        for (unsigned c = 0; c < 3; c++)
            h = (h ^ sw->clamp[c]) * 0x100000001b3ull + (sw->clamp[c] ? 1 : 0);
    }
    ks->swizzle_hash = h;
}

static uint64_t rasterizer_bits(const struct draw_state *state)
{
    const struct gl_rasterizer *r = state->rasterizer ? state->rasterizer->base.back : NULL;

    return r ? r->key_bits : 0;
}

bool gl_key_state_stale(const struct gl_context *ctx, uint32_t dirty)
{
    const struct draw_state *state = ctx->base.state;
    const struct gl_key_state *ks = &ctx->draw->key_state;

    if (dirty & DIRTY_FRAMEBUFFER)
        return true;
    if ((dirty & DIRTY_SHADERS) && ks->patch_vertices != passthrough_vertices(ctx))
        return true;
    if ((dirty & DIRTY_RASTERIZER) && rasterizer_bits(state) != ctx->draw->key_rasterizer)
        return true;
    if (dirty & DIRTY_DSA) {
        bool enabled = state->dsa && state->dsa->desc.alpha_enabled;

        if (ks->alpha_func != (enabled ? state->dsa->desc.alpha_func : SHADER_FUNC_ALWAYS))
            return true;
    }
    if (dirty & DIRTY_BLEND) {
        const struct gl_blend *blend = gl_blend_of(state);

        if (!ctx->dev->feat.logic_op || ks->dual_source != (blend && blend->dual_source))
            return true;
    }
    if (dirty & DIRTY_VERTEX_ELEMENTS) {
        const struct gl_vertex_elements *ve =
            state->vertex_elements ? state->vertex_elements->base.back : NULL;

        if (!ve || ks->attribute_int != ve->attribute_int ||
            ks->attribute_uint != ve->attribute_uint || ks->attribute_bgra != ve->attribute_bgra)
            return true;
    }
    return false;
}

bool gl_key_state_update(struct gl_context *ctx)
{
    struct gl_draw *d = ctx->draw;
    struct gl_key_state ks;

    d->key_rasterizer = rasterizer_bits(ctx->base.state);
    key_state_build(ctx, &ks);
    if (d->key_id && !memcmp(&ks, &d->key_state, sizeof(ks)))
        return false;
    d->key_state = ks;
    for (uint32_t i = 0; i < d->key_state_count; i++) {
        if (!memcmp(&d->key_states[i], &ks, sizeof(ks))) {
            d->key_id = d->key_id_base + i + 1;
            return true;
        }
    }
    if (d->key_state_count == GL_MAX_KEY_STATES) {
        /* Old numbers never come back, so lookups made with them just do not match any more. */
        d->key_id_base += GL_MAX_KEY_STATES;
        d->key_state_count = 0;
    }
    d->key_states[d->key_state_count++] = ks;
    d->key_id = d->key_id_base + d->key_state_count;
    return true;
}

static void key_samplers(struct shader_key *key, const struct shader_info *info,
                         const struct gl_swizzles *sw)
{
    uint32_t mask = sw->mask & info->samplers_used;

    for (unsigned i = 0; (sw->depth & info->samplers_used) >> i; i++) {
        if ((sw->depth >> i & 1) && (info->samplers_used >> i & 1) && info->samplers[i].shadow)
            mask |= 1u << i;
    }
    key->swizzled_samplers = mask;
    for (unsigned c = 0; c < 3; c++)
        key->clamped_samplers[c] = sw->clamp[c] & info->samplers_used;
    for (unsigned i = 0; mask >> i; i++) {
        if (mask >> i & 1)
            key->sampler_swizzle[i] = sw->swizzle[i];
    }
}

/* What the rasterizer sees once all stages have run. */
static enum gl_prim_class raster_class(const struct gl_draw *d, const struct shader_info *gs,
                                       const struct shader_info *tes)
{
    if (gs) {
        if (gs->gs_output_primitive == VIRGL_PRIM_POINTS)
            return GL_PRIM_CLASS_POINTS;
        return gs->gs_output_primitive == VIRGL_PRIM_LINE_STRIP ? GL_PRIM_CLASS_LINES
                                                                : GL_PRIM_CLASS_TRIANGLES;
    }
    if (tes) {
        if (tes->tes_point_mode)
            return GL_PRIM_CLASS_POINTS;
        return tes->tes_primitive == VIRGL_PRIM_LINES ? GL_PRIM_CLASS_LINES
                                                      : GL_PRIM_CLASS_TRIANGLES;
    }
    return d->prim_class;
}

static uint32_t sprite_bits(const struct shader_info *fs, uint32_t enable)
{
    uint32_t texcoords = (uint32_t)(fs->slots_read.bits[1] >> (SHADER_SLOT_TEXCOORD0 - 64)) & 0xff;

    return enable & ((uint32_t)fs->slots_read.bits[0] | texcoords);
}

static void key_fragment(const struct gl_context *ctx, const struct gl_key_state *ks,
                         const struct shader_info *info, enum gl_prim_class class,
                         struct shader_key *key)
{
    bool reads_color = shader_slots_test(&info->slots_read, SHADER_SLOT_COLOR0) ||
                       shader_slots_test(&info->slots_read, SHADER_SLOT_COLOR0 + 1);
    unsigned written = info->color0_writes_all ? 0xffu : info->writes_colors;

    key->flatshade = ks->flatshade && reads_color;
    key->two_sided = ks->two_sided && reads_color;
    key->poly_stipple = ks->poly_stipple && class == GL_PRIM_CLASS_TRIANGLES;
    if (class == GL_PRIM_CLASS_POINTS)
        key->sprite_coord_enable = sprite_bits(info, ks->sprite_coord_enable);
    key->point_coord_invert = !ctx->dev->feat.point_sprite_origin && ks->sprite_origin_upper &&
                              (key->sprite_coord_enable || info->reads_pcoord);
    key->target_y0_top = ks->target_y0_top && info->reads_fragcoord;
    if ((info->writes_colors & 1) && ks->cbufs[0].type == SHADER_CBUF_FLOAT)
        key->alpha_func = ks->alpha_func;
    key->dual_source = ks->dual_source && (info->writes_colors & 2);

    for (unsigned i = 0; i < ks->cbuf_count; i++) {
        /* A target that is not there needs no variant of its own. */
        if (!(written >> i & 1) || ks->cbufs[i].type == SHADER_CBUF_NONE)
            continue;
        key->cbufs[i] = ks->cbufs[i];
        if (!ks->logic_op_enabled)
            key->cbufs[i].logic_bits = 0;
        key->num_cbufs = (uint8_t)(i + 1);
    }
    if (ks->logic_op_enabled)
        key->logic_op = ks->logic_op;
}

static void key_last_vertex_stage(const struct gl_context *ctx, const struct gl_key_state *ks,
                                  const struct shader_info *info, enum gl_prim_class class,
                                  struct shader_key *key)
{
    bool own_distances = info->clipdist_mask || info->num_clip || info->num_cull;

    if (!own_distances && !info->prohibit_ucps)
        key->ucp_enable = ks->clip_plane_enable;
    /* GLES has no fixed point size. */
    if (ctx->dev->feat.gles && class == GL_PRIM_CLASS_POINTS)
        key->point_size = !ks->point_size_per_vertex || !info->writes_psize;
    key->clamp_vertex_color = ks->clamp_vertex_color &&
                              (info->slots_written.bits[1] >> (SHADER_SLOT_COLOR0 - 64) & 0xffff);
}

void gl_build_keys(struct gl_context *ctx, struct gl_shader *const shaders[5],
                   struct shader_key keys[5])
{
    static const uint8_t order[5] = {
        SHADER_VERTEX, SHADER_TESS_CTRL, SHADER_TESS_EVAL, SHADER_GEOMETRY, SHADER_FRAGMENT,
    };
    const struct gl_draw *d = ctx->draw;
    const struct gl_key_state *ks = &d->key_state;
    const struct shader_info *infos[5];
    enum gl_prim_class class;
    unsigned last = SHADER_VERTEX;

    for (unsigned i = 0; i < 5; i++)
        infos[i] = shaders[i] ? shaders[i]->info : NULL;
    if (infos[SHADER_GEOMETRY])
        last = SHADER_GEOMETRY;
    else if (infos[SHADER_TESS_EVAL])
        last = SHADER_TESS_EVAL;
    class = raster_class(d, infos[SHADER_GEOMETRY], infos[SHADER_TESS_EVAL]);

    for (unsigned i = 0; i < 5; i++) {
        shader_key_init(&keys[i]);
        if (!infos[i])
            continue;
        key_samplers(&keys[i], infos[i], &d->swizzles[i]);
        keys[i].const0_block = infos[i]->const0_vec4s && (ks->const0_blocks >> i & 1);
    }
    keys[SHADER_VERTEX].attribute_int = ks->attribute_int & infos[SHADER_VERTEX]->attributes_used;
    keys[SHADER_VERTEX].attribute_uint =
        ks->attribute_uint & infos[SHADER_VERTEX]->attributes_used;
    keys[SHADER_VERTEX].attribute_bgra =
        ks->attribute_bgra & infos[SHADER_VERTEX]->attributes_used;
    key_last_vertex_stage(ctx, ks, infos[last], class, &keys[last]);
    if (infos[SHADER_FRAGMENT])
        key_fragment(ctx, ks, infos[SHADER_FRAGMENT], class, &keys[SHADER_FRAGMENT]);

    for (unsigned i = 0; i < 5; i++) {
        const struct shader_info *prev = NULL, *next = NULL;
        unsigned stage = order[i];

        if (!infos[stage])
            continue;
        for (int j = (int)i - 1; j >= 0 && !prev; j--)
            prev = infos[order[j]];
        for (unsigned j = i + 1; j < 5 && !next; j++)
            next = infos[order[j]];
        shader_key_link(&keys[stage], infos[stage], prev, next,
                        next && next == infos[SHADER_FRAGMENT] ? &keys[SHADER_FRAGMENT] : NULL,
                        &ctx->dev->shader_host);
    }
}

void gl_build_compute_key(struct gl_context *ctx, struct gl_shader *shader,
                          struct shader_key *key)
{
    shader_key_init(key);
    key_samplers(key, shader->info, &ctx->draw->swizzles[SHADER_COMPUTE]);
    key->const0_block =
        shader->info->const0_vec4s && (ctx->draw->const0_blocks >> SHADER_COMPUTE & 1);
    shader_key_link(key, shader->info, NULL, NULL, NULL, &ctx->dev->shader_host);
}
