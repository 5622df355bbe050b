/* SPDX-License-Identifier: MIT */
/* The rasterizer object, sample state, and what the rest must know of the framebuffer. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "draw_context.h"
#include "virgl_formats.h"

static GLenum fill_mode(uint32_t mode)
{
    static const GLenum table[VIRGL_POLYGON_MODE_COUNT] = {
        [VIRGL_POLYGON_MODE_FILL] = GL_FILL,
        [VIRGL_POLYGON_MODE_LINE] = GL_LINE,
        [VIRGL_POLYGON_MODE_POINT] = GL_POINT,
    };

    return mode < VIRGL_POLYGON_MODE_COUNT ? table[mode] : GL_FILL;
}

#define CAP(name) (1ull << GL_CAP_##name)

/* Capabilities that follow from the object alone. */
#define OBJECT_CAPS                                                                                \
    (CAP(POLYGON_OFFSET_FILL) | CAP(POLYGON_OFFSET_LINE) | CAP(POLYGON_OFFSET_POINT) |             \
     CAP(POLYGON_SMOOTH) | CAP(LINE_SMOOTH) | CAP(DEPTH_CLAMP) | CAP(RASTERIZER_DISCARD) |         \
     CAP(MULTISAMPLE))

static uint64_t object_caps(const struct virgl_obj_rasterizer *rs)
{
    return (rs->offset_tri ? CAP(POLYGON_OFFSET_FILL) : 0) |
           (rs->offset_line ? CAP(POLYGON_OFFSET_LINE) : 0) |
           (rs->offset_point ? CAP(POLYGON_OFFSET_POINT) : 0) |
           (rs->poly_smooth ? CAP(POLYGON_SMOOTH) : 0) | (rs->line_smooth ? CAP(LINE_SMOOTH) : 0) |
           (rs->depth_clip ? 0 : CAP(DEPTH_CLAMP)) |
           (rs->rasterizer_discard ? CAP(RASTERIZER_DISCARD) : 0) |
           (rs->multisample ? CAP(MULTISAMPLE) : 0);
}

int gl_rasterizer_create(struct gl_context *ctx, struct front_rasterizer *front)
{
    const struct virgl_obj_rasterizer *rs = &front->desc;
    struct gl_rasterizer *r = calloc(1, sizeof(*r));

    if (!r)
        return ENOMEM;
    r->caps = object_caps(rs);
    /* see key_state_rasterizer() */
    r->key_bits = 1u | (uint64_t)rs->flatshade << 1 | (uint64_t)rs->light_twoside << 2 |
                  (uint64_t)rs->clamp_vertex_color << 3 | (uint64_t)rs->clamp_fragment_color << 4 |
                  (uint64_t)rs->point_size_per_vertex << 5 |
                  (uint64_t)(rs->sprite_coord_mode & 1) << 6 |
                  (uint64_t)rs->poly_stipple_enable << 7 |
                  (uint64_t)(rs->clip_plane_enable & 0xff) << 8;
    if (rs->point_quad_rasterization)
        r->key_bits |= (uint64_t)rs->sprite_coord_enable << 16;
    front->base.back = r;
    return 0;
}

static void emit_polygons(struct gl_context *ctx, const struct virgl_obj_rasterizer *rs)
{
    static const GLenum faces[] = {GL_BACK, GL_FRONT, GL_BACK, GL_FRONT_AND_BACK};
    struct gl_state *gst = &ctx->state;
    GLenum front = fill_mode(rs->fill_front), back = fill_mode(rs->fill_back);
    bool ccw = rs->front_ccw == ctx->draw->framebuffer.y0_top;

    /* GL looks at the sense before clip control turns it over, shaders at the one behind it. */
    if (ctx->draw->flip_y && ctx->dev->feat.clip_control)
        ccw = !ccw;

    gl_state_cull_face(gst, rs->cull_face != VIRGL_CULL_FACE_NONE, faces[rs->cull_face & 3]);
    gl_state_front_face(gst, ccw ? GL_CCW : GL_CW);
    /* Hosts with one mode for both faces get that of the face that is seen. */
    if (rs->cull_face == VIRGL_CULL_FACE_FRONT)
        front = back;
    else if (rs->cull_face == VIRGL_CULL_FACE_BACK)
        back = front;
    gl_state_polygon_mode(gst, front, back);

    if (rs->offset_tri || rs->offset_line || rs->offset_point)
        gl_state_polygon_offset(gst, rs->offset_scale, rs->offset_units, rs->offset_clamp);
}

static void emit_points_and_lines(struct gl_context *ctx, const struct virgl_obj_rasterizer *rs)
{
    const struct gl_pipeline *p = ctx->draw->pipeline;
    struct gl_state *gst = &ctx->state;
    bool from_shader = rs->point_size_per_vertex && p && p->writes_psize;

    if (!!(gst->caps & 1ull << GL_CAP_PROGRAM_POINT_SIZE) != from_shader || gst->always_send)
        gl_state_set_cap(gst, GL_CAP_PROGRAM_POINT_SIZE, from_shader);
    if (!from_shader)
        gl_state_point_size(gst, rs->point_size);
    gl_state_point_sprite_origin(gst, rs->sprite_coord_mode == VIRGL_SPRITE_COORD_MODE_UPPER_LEFT
                                          ? GL_LOWER_LEFT
                                          : GL_UPPER_LEFT);
    gl_state_line_width(gst, rs->line_width);
}

static void emit_clipping(struct gl_context *ctx, const struct virgl_obj_rasterizer *rs)
{
    const struct gl_pipeline *p = ctx->draw->pipeline;
    struct gl_state *gst = &ctx->state;
    /* A distance that no shader writes would clip at random. */
    uint32_t enable = p ? rs->clip_plane_enable & p->clip_distances : 0;
    int count = ctx->dev->feat.max_clip_distances;

    if (count > GL_STATE_MAX_CLIP_DISTANCES)
        count = GL_STATE_MAX_CLIP_DISTANCES;
    if ((gst->caps >> GL_CAP_CLIP_DISTANCE0 & ((1u << count) - 1)) != enable || gst->always_send) {
        for (int i = 0; i < count; i++)
            gl_state_set_cap(gst, GL_CAP_CLIP_DISTANCE0 + i, enable >> i & 1);
    }
    gl_state_clip_control(gst, ctx->draw->flip_y ? GL_UPPER_LEFT : GL_LOWER_LEFT,
                          rs->clip_halfz ? GL_ZERO_TO_ONE : GL_NEGATIVE_ONE_TO_ONE);
}

void gl_emit_rasterizer(struct gl_context *ctx)
{
    const struct draw_state *state = ctx->base.state;
    static const struct virgl_obj_rasterizer plain = {
        .depth_clip = true,
        .point_size = 1,
        .line_width = 1,
        .half_pixel_center = true,
    };
    const struct virgl_obj_rasterizer *rs = state->rasterizer ? &state->rasterizer->desc : &plain;
    const struct gl_rasterizer *r = state->rasterizer ? state->rasterizer->base.back : NULL;
    struct gl_draw *d = ctx->draw;
    struct gl_state *gst = &ctx->state;

    gl_state_set_caps(gst, OBJECT_CAPS, r ? r->caps : 0);
    emit_polygons(ctx, rs);
    emit_points_and_lines(ctx, rs);
    emit_clipping(ctx, rs);
    gl_state_provoking_vertex(gst, rs->flatshade_first ? GL_FIRST_VERTEX_CONVENTION
                                                       : GL_LAST_VERTEX_CONVENTION);
    if (d->aux.point_size != rs->point_size) {
        d->aux.point_size = rs->point_size;
        d->aux_dirty = true;
    }
}

void gl_emit_samples(struct gl_context *ctx)
{
    const struct draw_state *state = ctx->base.state;
    uint32_t samples = ctx->draw->framebuffer.samples;
    bool forced = state->rasterizer && state->rasterizer->desc.force_persample_interp;
    float share = 1;

    if (samples < 1)
        samples = 1;
    gl_state_sample_mask(&ctx->state, state->sample_mask != 0xffffffffu, state->sample_mask);
    if (!forced)
        share = (float)state->min_samples / (float)samples;
    gl_state_min_sample_shading(&ctx->state, forced || state->min_samples > 1,
                                share < 1 ? share : 1);
}

static void describe_target(struct gl_context *ctx, const struct front_surface *surface,
                            struct gl_target_info *t)
{
    const struct virgl_format_info *f = virgl_format_info(surface->desc.format);
    const struct gl_format *format;

    if (!f || surface->desc.format >= VIRGL_FORMAT_COUNT)
        return;
    format = gl_format(ctx->dev, surface->desc.format);
    t->bound = true;
    t->alpha_in_red = format->alpha_in_red;
    t->no_alpha = format->no_alpha;
    t->integer = f->pure_integer;
    t->clampable = !f->pure_integer && f->channels[0].type != VIRGL_CHANNEL_TYPE_UNORM;
    t->key.type = SHADER_CBUF_FLOAT;
    if (f->pure_integer)
        t->key.type = f->channels[0].type == VIRGL_CHANNEL_TYPE_SINT ? SHADER_CBUF_INT
                                                                     : SHADER_CBUF_UINT;
    t->key.alpha_in_red = format->alpha_in_red;
    if (!ctx->dev->feat.logic_op && f->channels[0].type == VIRGL_CHANNEL_TYPE_UNORM)
        t->key.logic_bits = f->channels[0].bits;
}

static bool surface_y0_top(const struct front_surface *surface)
{
    return surface->res && (surface->res->desc.flags & VIRGL_RESOURCE_FLAG_Y_0_TOP);
}

static uint32_t surface_samples(const struct front_surface *surface)
{
    if (surface->sample_count > 1)
        return surface->sample_count;
    return surface->res ? surface->res->desc.nr_samples : 0;
}

void gl_emit_framebuffer_info(struct gl_context *ctx)
{
    const struct draw_state *state = ctx->base.state;
    struct gl_framebuffer_info *fb = &ctx->draw->framebuffer;
    const struct front_surface *first = state->framebuffer.zsurf;

    memset(fb, 0, sizeof(*fb));
    fb->cbuf_count = state->framebuffer.nr_cbufs;
    for (unsigned i = fb->cbuf_count; i-- > 0;) {
        const struct front_surface *surface = state->framebuffer.cbufs[i];
        struct gl_target_info *t = &fb->targets[i];

        t->key.type = SHADER_CBUF_NONE;
        if (!surface)
            continue;
        first = surface;
        describe_target(ctx, surface, t);
        fb->any_no_alpha = fb->any_no_alpha || t->no_alpha;
        fb->any_alpha_in_red = fb->any_alpha_in_red || t->alpha_in_red;
        fb->any_srgb = fb->any_srgb || gl_format(ctx->dev, surface->desc.format)->srgb;
    }
    if (first) {
        fb->y0_top = surface_y0_top(first);
        fb->samples = surface_samples(first);
        fb->height_px = minify_px(first->res ? first->res->desc.height : 1, first->desc.level);
    } else {
        fb->samples = state->framebuffer.samples;
        fb->height_px = state->framebuffer.height_px;
    }
    if (ctx->draw->aux.fb_height_px != (float)fb->height_px) {
        ctx->draw->aux.fb_height_px = (float)fb->height_px;
        ctx->draw->aux_dirty = true;
    }
}
