/* SPDX-License-Identifier: MIT */
/* Textures, samplers, uniform and storage buffers, images and atomic counters of one stage: only
 * slots that are dirty and that the pipeline's shaders use. Dirty slots that no shader uses stay
 * dirty until one does. */
#include <string.h>

#include "draw_context.h"
#include "virgl_formats.h"

static inline struct gl_sampler_view *view_get(struct gl_context *ctx,
                                               struct front_sampler_view *view)
{
    if (!view || view->base.back)
        return view ? view->base.back : NULL;
    return gl_sampler_view_get(ctx, view);
}

static bool has_sampler(GLenum target)
{
    return target != GL_TEXTURE_BUFFER && target != GL_TEXTURE_2D_MULTISAMPLE &&
           target != GL_TEXTURE_2D_MULTISAMPLE_ARRAY;
}

static void emit_texture(struct gl_context *ctx, unsigned stage, unsigned slot,
                         const struct gl_stage_use *use, bool view_dirty, bool sampler_dirty)
{
    struct state_stage *st = &ctx->base.state->stage[stage];
    unsigned unit = ctx->dev->shader_host.sampler_base[stage] + slot;
    struct front_sampler_view *view = st->views[slot];
    struct gl_sampler_view *gv = view_get(ctx, view);
    GLuint sampler;

    if (view_dirty) {
        if (gv) {
            gl_state_bind_texture(&ctx->state, unit, gv->target, gv->name);
            if (gv->needs_params)
                gl_sampler_view_apply(ctx, view, unit);
        } else {
            gl_state_bind_texture(&ctx->state, unit, GL_TEXTURE_2D, 0);
        }
    }
    if (!ctx->dev->feat.sampler_objects || (gv && !has_sampler(gv->target)))
        return;
    if (st->samplers[slot])
        sampler = gl_sampler_name(ctx, st->samplers[slot], view,
                                  use->shadow_samplers >> slot & 1);
    else
        sampler = gl_default_sampler(ctx);
    gl_state_bind_sampler(&ctx->state, unit, sampler);
}

static void emit_textures(struct gl_context *ctx, unsigned stage, const struct gl_stage_use *use)
{
    struct state_stage *st = &ctx->base.state->stage[stage];
    uint32_t views = ctx->draw->views_pending[stage] & use->samplers;
    uint32_t samplers = st->samplers_dirty & use->samplers;
    uint32_t shadow = (ctx->draw->shadow_emitted[stage] ^ use->shadow_samplers) & use->samplers;
    uint32_t both = views | samplers | shadow;

    if (!both)
        return;
    ctx->draw->views_pending[stage] &= ~views;
    st->samplers_dirty &= ~(samplers | views);
    ctx->draw->shadow_emitted[stage] ^= shadow;
    while (both) {
        unsigned slot = (unsigned)__builtin_ctz(both);

        both &= both - 1;
        emit_texture(ctx, stage, slot, use, views >> slot & 1, (samplers | shadow) >> slot & 1);
    }
}

/* A range that GL would refuse, or that is not there, reads as zeros. */
static void emit_ubo(struct gl_context *ctx, unsigned stage, unsigned slot)
{
    const struct shader_host *host = &ctx->dev->shader_host;
    const struct state_buffer_range *r = &ctx->base.state->stage[stage].ubos[slot];
    unsigned binding = slot ? host->ubo_base[stage] + slot - 1u : host->const0_binding[stage];
    uint32_t align = (uint32_t)ctx->dev->feat.ubo_alignment_bytes;

    if (r->res && r->res->back && gl_resource(r->res)->is_buffer && r->size_bytes &&
        r->offset_bytes < r->res->desc.width && (!align || r->offset_bytes % align == 0)) {
        uint32_t size = r->size_bytes;

        if (size > r->res->desc.width - r->offset_bytes)
            size = r->res->desc.width - r->offset_bytes;
        if ((int64_t)size > ctx->dev->feat.max_ubo_bytes && ctx->dev->feat.max_ubo_bytes > 0)
            size = (uint32_t)ctx->dev->feat.max_ubo_bytes;
        gl_state_bind_buffer_range(&ctx->state, GL_UNIFORM_BUFFER, binding,
                                   gl_resource(r->res)->name, r->offset_bytes, size);
        return;
    }
    gl_state_bind_buffer_range(&ctx->state, GL_UNIFORM_BUFFER, binding, gl_zero_buffer(ctx), 0, 0);
}

static void emit_ssbo(struct gl_context *ctx, unsigned stage, unsigned slot)
{
    const struct state_buffer_range *r = &ctx->base.state->stage[stage].ssbos[slot];
    unsigned binding = ctx->dev->shader_host.ssbo_base[stage] + slot;
    uint32_t align = (uint32_t)ctx->dev->feat.ssbo_alignment_bytes;

    if (r->res && r->res->back && gl_resource(r->res)->is_buffer && r->size_bytes &&
        r->offset_bytes < r->res->desc.width && (!align || r->offset_bytes % align == 0)) {
        uint32_t size = r->size_bytes;

        if (size > r->res->desc.width - r->offset_bytes)
            size = r->res->desc.width - r->offset_bytes;
        gl_state_bind_buffer_range(&ctx->state, GL_SHADER_STORAGE_BUFFER, binding,
                                   gl_resource(r->res)->name, r->offset_bytes, size);
    } else {
        gl_state_bind_buffer_range(&ctx->state, GL_SHADER_STORAGE_BUFFER, binding, 0, 0, 0);
    }
}

static GLenum image_access(uint32_t access)
{
    switch (access & (VIRGL_IMAGE_ACCESS_READ | VIRGL_IMAGE_ACCESS_WRITE)) {
    case VIRGL_IMAGE_ACCESS_READ:
        return GL_READ_ONLY;
    case VIRGL_IMAGE_ACCESS_WRITE:
        return GL_WRITE_ONLY;
    default:
        return GL_READ_WRITE;
    }
}

static void emit_buffer_image(struct gl_context *ctx, unsigned unit, const struct state_image *im)
{
    uint32_t width = im->res->desc.width;
    struct gl_view_key key;
    const struct gl_view *view;

    memset(&key, 0, sizeof(key));
    key.format = im->format;
    key.first_element_bytes = im->first_element_bytes < width ? im->first_element_bytes : 0;
    key.size_bytes = im->size_bytes;
    if (key.size_bytes > width - key.first_element_bytes)
        key.size_bytes = width - key.first_element_bytes;
    view = gl_resource_view(ctx, gl_resource(im->res), &key);
    gl_state_bind_image(&ctx->state, unit, view ? view->name : 0, 0, false, 0,
                        image_access(im->access), gl_format(ctx->dev, im->format)->internalformat);
}

static void emit_image(struct gl_context *ctx, unsigned stage, unsigned slot)
{
    const struct state_image *im = &ctx->base.state->stage[stage].images[slot];
    unsigned unit = ctx->dev->shader_host.image_base[stage] + slot;
    struct back_resource *back = im->res ? im->res->back : NULL;
    const struct resource_desc *desc;
    uint32_t layers, count;
    GLuint name;

    if (!back || im->format >= VIRGL_FORMAT_COUNT) {
        gl_state_bind_image(&ctx->state, unit, 0, 0, false, 0, GL_READ_ONLY, GL_R8);
        return;
    }
    if (back->is_buffer) {
        emit_buffer_image(ctx, unit, im);
        return;
    }
    desc = &im->res->desc;
    layers = resource_level_layers(im->res, im->level);
    count = im->last_layer >= im->first_layer ? im->last_layer - im->first_layer + 1 : 1;
    name = back->name;
    if (count > 1 && count < layers && desc->target != VIRGL_TEXTURE_TARGET_3D) {
        /* Some of the layers: only a view of them can be bound. */
        const struct gl_view *view;
        struct gl_view_key key;

        gl_view_key_init(&key, im->res);
        if (desc->target == VIRGL_TEXTURE_TARGET_CUBE ||
            desc->target == VIRGL_TEXTURE_TARGET_CUBE_ARRAY)
            key.target = VIRGL_TEXTURE_TARGET_2D_ARRAY;
        key.first_layer = im->first_layer;
        key.last_layer = im->last_layer;
        view = gl_resource_view(ctx, back, &key);
        if (view)
            name = view->name;
    }
    gl_state_bind_image(&ctx->state, unit, name, (GLint)im->level, count > 1 || layers == 1,
                        count > 1 ? 0 : (GLint)im->first_layer, image_access(im->access),
                        gl_format(ctx->dev, im->format)->internalformat);
}

void gl_emit_stage_bindings(struct gl_context *ctx, unsigned stage,
                            const struct gl_stage_use *use)
{
    struct state_stage *st = &ctx->base.state->stage[stage];
    uint32_t slots;

    emit_textures(ctx, stage, use);

    slots = st->ubos_dirty & (use->ubos | (st->ubos[0].res && use->const0_bytes ? 1u : 0u));
    st->ubos_dirty &= ~slots;
    for (; slots; slots &= slots - 1)
        emit_ubo(ctx, stage, (unsigned)__builtin_ctz(slots));

    slots = st->ssbos_dirty & use->ssbos;
    st->ssbos_dirty &= ~slots;
    for (; slots; slots &= slots - 1)
        emit_ssbo(ctx, stage, (unsigned)__builtin_ctz(slots));

    slots = st->images_dirty & use->images;
    st->images_dirty &= ~slots;
    for (; slots; slots &= slots - 1)
        emit_image(ctx, stage, (unsigned)__builtin_ctz(slots));
}

void gl_emit_atomic_buffers(struct gl_context *ctx)
{
    struct draw_state *state = ctx->base.state;
    uint32_t slots = state->atomic_buffers_dirty;

    state->atomic_buffers_dirty = 0;
    for (; slots; slots &= slots - 1) {
        unsigned slot = (unsigned)__builtin_ctz(slots);
        const struct state_buffer_range *r = &state->atomic_buffers[slot];
        unsigned binding = ctx->dev->shader_host.atomic_base + slot;

        if ((int)slot >= ctx->dev->feat.max_atomic_buffer_bindings)
            continue;
        if (r->res && r->res->back && gl_resource(r->res)->is_buffer && r->size_bytes &&
            r->offset_bytes % 4 == 0 && r->offset_bytes < r->res->desc.width) {
            uint32_t size = r->size_bytes;

            if (size > r->res->desc.width - r->offset_bytes)
                size = r->res->desc.width - r->offset_bytes;
            gl_state_bind_buffer_range(&ctx->state, GL_ATOMIC_COUNTER_BUFFER, binding,
                                       gl_resource(r->res)->name, r->offset_bytes, size);
        } else {
            gl_state_bind_buffer_range(&ctx->state, GL_ATOMIC_COUNTER_BUFFER, binding, 0, 0, 0);
        }
    }
}

void gl_bindings_untouch(struct gl_context *ctx)
{
    struct gl_state *gst = &ctx->state;
    struct draw_state *state = ctx->base.state;

    for (unsigned s = 0; s < STAGE_COUNT; s++) {
        unsigned base = ctx->dev->shader_host.sampler_base[s];
        uint64_t low = gst->units_touched[base / 64] >> (base % 64);
        uint32_t slots;

        if (base % 64 > 32 && base / 64 + 1 < GL_STATE_MAX_UNITS / 64)
            low |= gst->units_touched[base / 64 + 1] << (64 - base % 64);
        slots = (uint32_t)low;
        if (slots) {
            ctx->draw->views_pending[s] |= slots;
            state->stage[s].samplers_dirty |= slots;
            state->dirty |= DIRTY_STAGE(s);
        }
    }
}

void gl_bindings_invalidate(struct gl_context *ctx, bool buffers, bool images)
{
    struct draw_state *state = ctx->base.state;

    for (unsigned s = 0; s < STAGE_COUNT; s++) {
        struct state_stage *st = &state->stage[s];

        if (buffers) {
            st->ubos_dirty = ~0u;
            st->ssbos_dirty = ~0u;
            ctx->draw->const0_bytes[s] = 0;
        }
        if (images)
            st->images_dirty = ~0u;
        state->dirty |= DIRTY_STAGE(s);
    }
    if (buffers) {
        state->atomic_buffers_dirty = ~0u;
        state->dirty |= DIRTY_ATOMIC_BUFFERS;
        ctx->draw->aux_bytes = 0;
    }
}

static bool take_clamps(const struct state_stage *st, struct gl_swizzles *sw)
{
    bool changed = false;

    for (uint32_t slots = st->samplers_dirty; slots; slots &= slots - 1) {
        unsigned i = (unsigned)__builtin_ctz(slots);
        const struct gl_sampler *gs = st->samplers[i] ? st->samplers[i]->base.back : NULL;

        for (unsigned c = 0; c < 3; c++) {
            uint32_t bit = (gs ? gs->clamp >> c & 1u : 0u) << i;

            changed = changed || (sw->clamp[c] & 1u << i) != bit;
            sw->clamp[c] = (sw->clamp[c] & ~(1u << i)) | bit;
        }
    }
    return changed;
}

bool gl_take_views(struct gl_context *ctx, unsigned stage)
{
    struct state_stage *st = &ctx->base.state->stage[stage];
    struct gl_swizzles *sw = &ctx->draw->swizzles[stage];
    uint32_t slots = (uint32_t)st->views_dirty[0];
    bool block = st->ubos[0].res != NULL;
    bool changed = block != (ctx->draw->const0_blocks >> stage & 1);

    ctx->draw->const0_blocks ^= (uint8_t)changed << stage;
    st->views_dirty[0] = st->views_dirty[1] = 0;
    ctx->draw->views_pending[stage] |= slots;

    for (; slots; slots &= slots - 1) {
        unsigned i = (unsigned)__builtin_ctz(slots);
        struct front_sampler_view *view = st->views[i];
        struct gl_sampler_view *gv = view_get(ctx, view);
        uint32_t bit = 1u << i, was = (sw->mask | sw->depth) & bit;
        bool constants = false;
        uint16_t packed = 0;

        if (!was && (!gv || (!gv->shader_swizzle && !gv->depth)))
            continue;
        for (unsigned c = 0; gv && c < 4; c++)
            constants = constants || gv->swizzle[c] > VIRGL_SWIZZLE_W;
        sw->mask = (sw->mask & ~bit) | (gv && gv->shader_swizzle ? bit : 0);
        sw->depth = (sw->depth & ~bit) | (gv && gv->depth && constants ? bit : 0);
        if (!((sw->mask | sw->depth) & bit)) {
            changed = changed || was;
            continue;
        }
        for (unsigned c = 0; c < 4; c++)
            packed |= (uint16_t)((gv->swizzle[c] <= VIRGL_SWIZZLE_1 ? gv->swizzle[c] : 5)
                                 << (3 * c));
        changed = changed || !was || sw->swizzle[i] != packed;
        sw->swizzle[i] = packed;
    }
    if (ctx->draw->clamps)
        changed = take_clamps(st, sw) || changed;
    return changed;
}
