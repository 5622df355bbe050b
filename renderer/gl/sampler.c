/* SPDX-License-Identifier: MIT */
/* Sampler states become GL sampler objects. One state may need several: the border colour is
 * integers or floats by the view's format, comparison is the shader's business, and sRGB decoding
 * may have to be left out for a view. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "draw_context.h"
#include "virgl_formats.h"

static GLint wrap_mode(const struct gl_features *feat, uint32_t wrap, bool linear)
{
    switch (wrap) {
    case VIRGL_TEX_WRAP_CLAMP:
        if (feat->compat && !feat->gles)
            return GL_CLAMP;
        /* With linear filtering the legacy mode blends half of the border in, for which the shader
         * clamps the coordinate; without, it is the edge exactly. */
        return linear && feat->texture_border_clamp ? GL_CLAMP_TO_BORDER : GL_CLAMP_TO_EDGE;
    case VIRGL_TEX_WRAP_CLAMP_TO_EDGE:
        return GL_CLAMP_TO_EDGE;
    case VIRGL_TEX_WRAP_CLAMP_TO_BORDER:
        return feat->texture_border_clamp ? GL_CLAMP_TO_BORDER : GL_CLAMP_TO_EDGE;
    case VIRGL_TEX_WRAP_MIRROR_REPEAT:
        return GL_MIRRORED_REPEAT;
    case VIRGL_TEX_WRAP_MIRROR_CLAMP:
        if (feat->texture_mirror_clamp)
            return GL_MIRROR_CLAMP_EXT;
        return feat->texture_mirror_clamp_to_edge ? GL_MIRROR_CLAMP_TO_EDGE : GL_MIRRORED_REPEAT;
    case VIRGL_TEX_WRAP_MIRROR_CLAMP_TO_EDGE:
        return feat->texture_mirror_clamp_to_edge ? GL_MIRROR_CLAMP_TO_EDGE : GL_MIRRORED_REPEAT;
    case VIRGL_TEX_WRAP_MIRROR_CLAMP_TO_BORDER:
        if (feat->texture_mirror_clamp)
            return GL_MIRROR_CLAMP_TO_BORDER_EXT;
        return feat->texture_mirror_clamp_to_edge ? GL_MIRROR_CLAMP_TO_EDGE : GL_MIRRORED_REPEAT;
    default:
        return GL_REPEAT;
    }
}

static GLint min_filter(const struct virgl_obj_sampler_state *s)
{
    bool linear = s->min_img_filter == VIRGL_TEX_FILTER_LINEAR;

    switch (s->min_mip_filter) {
    case VIRGL_TEX_MIPFILTER_NEAREST:
        return linear ? GL_LINEAR_MIPMAP_NEAREST : GL_NEAREST_MIPMAP_NEAREST;
    case VIRGL_TEX_MIPFILTER_LINEAR:
        return linear ? GL_LINEAR_MIPMAP_LINEAR : GL_NEAREST_MIPMAP_LINEAR;
    default:
        return linear ? GL_LINEAR : GL_NEAREST;
    }
}

static bool uses_border(const struct gl_features *feat, const struct virgl_obj_sampler_state *s)
{
    const uint32_t wraps[3] = {s->wrap_s, s->wrap_t, s->wrap_r};

    if (!feat->texture_border_clamp)
        return false;
    for (unsigned i = 0; i < 3; i++) {
        if (wraps[i] == VIRGL_TEX_WRAP_CLAMP || wraps[i] == VIRGL_TEX_WRAP_CLAMP_TO_BORDER ||
            wraps[i] == VIRGL_TEX_WRAP_MIRROR_CLAMP ||
            wraps[i] == VIRGL_TEX_WRAP_MIRROR_CLAMP_TO_BORDER)
            return true;
    }
    return false;
}

static float finite_or(float v, float fallback)
{
    return isfinite(v) ? v : fallback;
}

static GLuint sampler_make(struct gl_context *ctx, const struct virgl_obj_sampler_state *s,
                           const struct gl_sampler *gs, unsigned variant)
{
    const struct gl_features *feat = &ctx->dev->feat;
    bool linear = s->min_img_filter == VIRGL_TEX_FILTER_LINEAR ||
                  s->mag_img_filter == VIRGL_TEX_FILTER_LINEAR;
    GLuint name;

    glGenSamplers(1, &name);
    glSamplerParameteri(name, GL_TEXTURE_WRAP_S, wrap_mode(feat, s->wrap_s, linear));
    glSamplerParameteri(name, GL_TEXTURE_WRAP_T, wrap_mode(feat, s->wrap_t, linear));
    glSamplerParameteri(name, GL_TEXTURE_WRAP_R, wrap_mode(feat, s->wrap_r, linear));
    glSamplerParameteri(name, GL_TEXTURE_MIN_FILTER, min_filter(s));
    glSamplerParameteri(name, GL_TEXTURE_MAG_FILTER,
                        s->mag_img_filter == VIRGL_TEX_FILTER_LINEAR ? GL_LINEAR : GL_NEAREST);
    glSamplerParameterf(name, GL_TEXTURE_MIN_LOD, finite_or(s->min_lod, -1000));
    glSamplerParameterf(name, GL_TEXTURE_MAX_LOD, finite_or(s->max_lod, 1000));
    if (feat->texture_lod_bias && !feat->gles)
        glSamplerParameterf(name, GL_TEXTURE_LOD_BIAS, finite_or(s->lod_bias, 0));
    if (s->compare_mode && (variant & GL_SAMPLER_COMPARE)) {
        glSamplerParameteri(name, GL_TEXTURE_COMPARE_MODE, GL_COMPARE_REF_TO_TEXTURE);
        glSamplerParameteri(name, GL_TEXTURE_COMPARE_FUNC, GL_NEVER + (GLint)s->compare_func);
    }
    if (feat->anisotropy && s->max_anisotropy > 1) {
        float max = (float)feat->max_anisotropy;

        glSamplerParameterf(name, GL_TEXTURE_MAX_ANISOTROPY_EXT,
                            (float)s->max_anisotropy < max ? (float)s->max_anisotropy : max);
    }
    if (feat->seamless_cube_map_per_texture)
        glSamplerParameteri(name, GL_TEXTURE_CUBE_MAP_SEAMLESS, s->seamless_cube_map);
    if (feat->srgb_decode && (variant & GL_SAMPLER_SKIP_DECODE))
        glSamplerParameteri(name, GL_TEXTURE_SRGB_DECODE_EXT, GL_SKIP_DECODE_EXT);
    if (gs->has_border) {
        if (variant & GL_SAMPLER_INTEGER)
            glSamplerParameterIuiv(name, GL_TEXTURE_BORDER_COLOR, s->border_color);
        else
            glSamplerParameterfv(name, GL_TEXTURE_BORDER_COLOR, (const GLfloat *)s->border_color);
    }
    return name;
}

static uint8_t shader_clamps(const struct gl_features *feat,
                             const struct virgl_obj_sampler_state *s)
{
    bool linear = s->min_img_filter == VIRGL_TEX_FILTER_LINEAR ||
                  s->mag_img_filter == VIRGL_TEX_FILTER_LINEAR;

    if (!linear || !feat->texture_border_clamp || (feat->compat && !feat->gles))
        return 0;
    return (uint8_t)((s->wrap_s == VIRGL_TEX_WRAP_CLAMP) | (s->wrap_t == VIRGL_TEX_WRAP_CLAMP) << 1 |
                     (s->wrap_r == VIRGL_TEX_WRAP_CLAMP) << 2);
}

int gl_sampler_create(struct gl_context *ctx, struct front_sampler_state *front)
{
    struct gl_sampler *gs = calloc(1, sizeof(*gs));

    if (!gs)
        return ENOMEM;
    gs->compare = front->desc.compare_mode == VIRGL_TEX_COMPARE_R_TO_TEXTURE;
    gs->has_border = front->desc.border_color && front->desc.border_color_count == 4 &&
                     uses_border(&ctx->dev->feat, &front->desc);
    gs->clamp = shader_clamps(&ctx->dev->feat, &front->desc);
    ctx->draw->clamps |= gs->clamp != 0;
    front->base.back = gs;
    return 0;
}

void gl_sampler_destroy(struct gl_context *ctx, struct front_sampler_state *front)
{
    struct gl_sampler *gs = front->base.back;

    if (!gs)
        return;
    for (unsigned i = 0; i < GL_SAMPLER_VARIANTS; i++) {
        if (gs->names[i]) {
            gl_state_forget_sampler(&ctx->state, gs->names[i]);
            glDeleteSamplers(1, &gs->names[i]);
        }
    }
    free(gs);
    front->base.back = NULL;
}

static bool is_integer_format(uint32_t format)
{
    const struct virgl_format_info *f = virgl_format_info(format);

    return f && f->pure_integer;
}

GLuint gl_sampler_name(struct gl_context *ctx, struct front_sampler_state *front,
                       const struct front_sampler_view *view, bool shadow)
{
    struct gl_sampler *gs = front->base.back;
    const struct gl_sampler_view *gv = view ? view->base.back : NULL;
    unsigned variant = 0;

    if (!gs)
        return gl_default_sampler(ctx);
    if (shadow && gs->compare)
        variant |= GL_SAMPLER_COMPARE;
    if (gs->has_border && view && is_integer_format(view->desc.format))
        variant |= GL_SAMPLER_INTEGER;
    if (gv && gv->srgb_decode_off)
        variant |= GL_SAMPLER_SKIP_DECODE;
    if (!gs->names[variant])
        gs->names[variant] = sampler_make(ctx, &front->desc, gs, variant);
    return gs->names[variant];
}

/* For texels that are fetched without any sampler state: never incomplete for want of levels. */
GLuint gl_default_sampler(struct gl_context *ctx)
{
    struct gl_draw *d = ctx->draw;

    if (!d->default_sampler) {
        glGenSamplers(1, &d->default_sampler);
        glSamplerParameteri(d->default_sampler, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
        glSamplerParameteri(d->default_sampler, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
        glSamplerParameteri(d->default_sampler, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
        glSamplerParameteri(d->default_sampler, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
        glSamplerParameteri(d->default_sampler, GL_TEXTURE_WRAP_R, GL_CLAMP_TO_EDGE);
    }
    return d->default_sampler;
}
