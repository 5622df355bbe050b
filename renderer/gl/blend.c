/* SPDX-License-Identifier: MIT */
/* Blending: translated once per object; rewritten at emission where the bound targets keep alpha
 * in another channel, or have one that the guest does not know of. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "draw_context.h"

static GLenum blend_factor(uint32_t f)
{
    static const GLenum table[VIRGL_BLEND_FACTOR_COUNT] = {
        [VIRGL_BLEND_FACTOR_ONE] = GL_ONE,
        [VIRGL_BLEND_FACTOR_SRC_COLOR] = GL_SRC_COLOR,
        [VIRGL_BLEND_FACTOR_SRC_ALPHA] = GL_SRC_ALPHA,
        [VIRGL_BLEND_FACTOR_DST_ALPHA] = GL_DST_ALPHA,
        [VIRGL_BLEND_FACTOR_DST_COLOR] = GL_DST_COLOR,
        [VIRGL_BLEND_FACTOR_SRC_ALPHA_SATURATE] = GL_SRC_ALPHA_SATURATE,
        [VIRGL_BLEND_FACTOR_CONST_COLOR] = GL_CONSTANT_COLOR,
        [VIRGL_BLEND_FACTOR_CONST_ALPHA] = GL_CONSTANT_ALPHA,
        [VIRGL_BLEND_FACTOR_SRC1_COLOR] = GL_SRC1_COLOR,
        [VIRGL_BLEND_FACTOR_SRC1_ALPHA] = GL_SRC1_ALPHA,
        [VIRGL_BLEND_FACTOR_ZERO] = GL_ZERO,
        [VIRGL_BLEND_FACTOR_INV_SRC_COLOR] = GL_ONE_MINUS_SRC_COLOR,
        [VIRGL_BLEND_FACTOR_INV_SRC_ALPHA] = GL_ONE_MINUS_SRC_ALPHA,
        [VIRGL_BLEND_FACTOR_INV_DST_ALPHA] = GL_ONE_MINUS_DST_ALPHA,
        [VIRGL_BLEND_FACTOR_INV_DST_COLOR] = GL_ONE_MINUS_DST_COLOR,
        [VIRGL_BLEND_FACTOR_INV_CONST_COLOR] = GL_ONE_MINUS_CONSTANT_COLOR,
        [VIRGL_BLEND_FACTOR_INV_CONST_ALPHA] = GL_ONE_MINUS_CONSTANT_ALPHA,
        [VIRGL_BLEND_FACTOR_INV_SRC1_COLOR] = GL_ONE_MINUS_SRC1_COLOR,
        [VIRGL_BLEND_FACTOR_INV_SRC1_ALPHA] = GL_ONE_MINUS_SRC1_ALPHA,
    };

    return f < VIRGL_BLEND_FACTOR_COUNT ? table[f] : GL_ZERO;
}

static GLenum blend_func(uint32_t f)
{
    static const GLenum table[VIRGL_BLEND_FUNC_COUNT] = {
        [VIRGL_BLEND_FUNC_ADD] = GL_FUNC_ADD,
        [VIRGL_BLEND_FUNC_SUBTRACT] = GL_FUNC_SUBTRACT,
        [VIRGL_BLEND_FUNC_REVERSE_SUBTRACT] = GL_FUNC_REVERSE_SUBTRACT,
        [VIRGL_BLEND_FUNC_MIN] = GL_MIN,
        [VIRGL_BLEND_FUNC_MAX] = GL_MAX,
    };

    return f < VIRGL_BLEND_FUNC_COUNT ? table[f] : GL_FUNC_ADD;
}

static GLenum logic_op(uint32_t op)
{
    static const GLenum table[VIRGL_LOGICOP_COUNT] = {
        [VIRGL_LOGICOP_CLEAR] = GL_CLEAR,
        [VIRGL_LOGICOP_NOR] = GL_NOR,
        [VIRGL_LOGICOP_AND_INVERTED] = GL_AND_INVERTED,
        [VIRGL_LOGICOP_COPY_INVERTED] = GL_COPY_INVERTED,
        [VIRGL_LOGICOP_AND_REVERSE] = GL_AND_REVERSE,
        [VIRGL_LOGICOP_INVERT] = GL_INVERT,
        [VIRGL_LOGICOP_XOR] = GL_XOR,
        [VIRGL_LOGICOP_NAND] = GL_NAND,
        [VIRGL_LOGICOP_AND] = GL_AND,
        [VIRGL_LOGICOP_EQUIV] = GL_EQUIV,
        [VIRGL_LOGICOP_NOOP] = GL_NOOP,
        [VIRGL_LOGICOP_OR_INVERTED] = GL_OR_INVERTED,
        [VIRGL_LOGICOP_COPY] = GL_COPY,
        [VIRGL_LOGICOP_OR_REVERSE] = GL_OR_REVERSE,
        [VIRGL_LOGICOP_OR] = GL_OR,
        [VIRGL_LOGICOP_SET] = GL_SET,
    };

    return op < VIRGL_LOGICOP_COUNT ? table[op] : GL_COPY;
}

static GLenum advanced_equation(uint32_t mode)
{
    static const GLenum table[] = {
        [VIRGL_ADVANCED_BLEND_MODE_NONE] = 0,
        [VIRGL_ADVANCED_BLEND_MODE_MULTIPLY] = GL_MULTIPLY_KHR,
        [VIRGL_ADVANCED_BLEND_MODE_SCREEN] = GL_SCREEN_KHR,
        [VIRGL_ADVANCED_BLEND_MODE_OVERLAY] = GL_OVERLAY_KHR,
        [VIRGL_ADVANCED_BLEND_MODE_DARKEN] = GL_DARKEN_KHR,
        [VIRGL_ADVANCED_BLEND_MODE_LIGHTEN] = GL_LIGHTEN_KHR,
        [VIRGL_ADVANCED_BLEND_MODE_COLORDODGE] = GL_COLORDODGE_KHR,
        [VIRGL_ADVANCED_BLEND_MODE_COLORBURN] = GL_COLORBURN_KHR,
        [VIRGL_ADVANCED_BLEND_MODE_HARDLIGHT] = GL_HARDLIGHT_KHR,
        [VIRGL_ADVANCED_BLEND_MODE_SOFTLIGHT] = GL_SOFTLIGHT_KHR,
        [VIRGL_ADVANCED_BLEND_MODE_DIFFERENCE] = GL_DIFFERENCE_KHR,
        [VIRGL_ADVANCED_BLEND_MODE_EXCLUSION] = GL_EXCLUSION_KHR,
        [VIRGL_ADVANCED_BLEND_MODE_HSL_HUE] = GL_HSL_HUE_KHR,
        [VIRGL_ADVANCED_BLEND_MODE_HSL_SATURATION] = GL_HSL_SATURATION_KHR,
        [VIRGL_ADVANCED_BLEND_MODE_HSL_COLOR] = GL_HSL_COLOR_KHR,
        [VIRGL_ADVANCED_BLEND_MODE_HSL_LUMINOSITY] = GL_HSL_LUMINOSITY_KHR,
    };

    return mode < sizeof(table) / sizeof(table[0]) ? table[mode] : 0;
}

static bool is_src1(uint32_t f)
{
    return f == VIRGL_BLEND_FACTOR_SRC1_COLOR || f == VIRGL_BLEND_FACTOR_SRC1_ALPHA ||
           f == VIRGL_BLEND_FACTOR_INV_SRC1_COLOR || f == VIRGL_BLEND_FACTOR_INV_SRC1_ALPHA;
}

/* Blending that leaves the source as it is costs hosts as much as any other. */
static bool is_no_op(const struct gl_blend_target *t)
{
    return t->rgb_func == GL_FUNC_ADD && t->alpha_func == GL_FUNC_ADD && t->rgb_src == GL_ONE &&
           t->alpha_src == GL_ONE && t->rgb_dst == GL_ZERO && t->alpha_dst == GL_ZERO;
}

int gl_blend_create(struct gl_context *ctx, struct front_blend *front)
{
    const struct virgl_obj_blend *desc = &front->desc;
    struct gl_blend *b = calloc(1, sizeof(*b));

    if (!b)
        return ENOMEM;
    b->independent = desc->independent_blend_enable;
    b->logic_op = logic_op(desc->logicop_func);
    for (unsigned i = 0; i < GL_STATE_MAX_DRAW_BUFFERS; i++) {
        const struct virgl_blend_rt *rt = &desc->rt[b->independent ? i : 0];
        struct gl_blend_target *t = &b->targets[i];

        b->color_masks[i] = (uint8_t)(rt->colormask & 0xf);
        if (!rt->blend_enable || desc->logicop_enable)
            continue;
        t->enabled = true;
        t->rgb_func = blend_func(rt->rgb_func);
        t->alpha_func = blend_func(rt->alpha_func);
        t->rgb_src = blend_factor(rt->rgb_src_factor);
        t->rgb_dst = blend_factor(rt->rgb_dst_factor);
        t->alpha_src = blend_factor(rt->alpha_src_factor);
        t->alpha_dst = blend_factor(rt->alpha_dst_factor);
        if (is_src1(rt->rgb_src_factor) || is_src1(rt->rgb_dst_factor) ||
            is_src1(rt->alpha_src_factor) || is_src1(rt->alpha_dst_factor))
            b->dual_source = true;
    }
    if (desc->rt[0].blend_enable && !desc->rt[0].alpha_dst_factor &&
        advanced_equation(desc->rt[0].alpha_src_factor))
        b->advanced_mode = desc->rt[0].alpha_src_factor;
    for (unsigned i = 0; i < GL_STATE_MAX_DRAW_BUFFERS && !b->advanced_mode; i++) {
        if (is_no_op(&b->targets[i]))
            b->targets[i].enabled = false;
    }
    front->base.back = b;
    return 0;
}

/* The target has no alpha for the guest: it reads as one, whatever the storage holds. */
static GLenum without_alpha(GLenum f)
{
    switch (f) {
    case GL_DST_ALPHA:
        return GL_ONE;
    case GL_ONE_MINUS_DST_ALPHA:
        return GL_ZERO;
    default:
        return f;
    }
}

/* The guest's alpha lives in red. */
static GLenum alpha_to_red(GLenum f)
{
    switch (f) {
    case GL_DST_ALPHA:
        return GL_DST_COLOR;
    case GL_ONE_MINUS_DST_ALPHA:
        return GL_ONE_MINUS_DST_COLOR;
    case GL_SRC_ALPHA_SATURATE: /* one, for alpha */
        return GL_ONE;
    default:
        return f;
    }
}

static void adapt_target(const struct gl_target_info *info, struct gl_blend_target *t,
                         uint8_t *mask)
{
    if (info->alpha_in_red) {
        *mask = *mask & VIRGL_COLOR_MASK_A ? VIRGL_COLOR_MASK_R : 0;
        t->rgb_func = t->alpha_func;
        t->rgb_src = alpha_to_red(t->alpha_src);
        t->rgb_dst = alpha_to_red(t->alpha_dst);
        t->alpha_src = GL_ZERO;
        t->alpha_dst = GL_ZERO;
        return;
    }
    if (info->no_alpha) {
        t->rgb_src = t->rgb_src == GL_SRC_ALPHA_SATURATE ? GL_ZERO : without_alpha(t->rgb_src);
        t->rgb_dst = t->rgb_dst == GL_SRC_ALPHA_SATURATE ? GL_ZERO : without_alpha(t->rgb_dst);
        t->alpha_src = without_alpha(t->alpha_src);
        t->alpha_dst = without_alpha(t->alpha_dst);
    }
}

static void set_advanced(struct gl_context *ctx, const struct gl_blend *b,
                         struct gl_blend_target *targets)
{
    const struct gl_pipeline *p = ctx->draw->pipeline;

    if (!b->advanced_mode || !p || !(p->blend_advanced >> b->advanced_mode & 1) ||
        !ctx->dev->feat.blend_advanced)
        return;
    for (unsigned i = 0; i < GL_STATE_MAX_DRAW_BUFFERS; i++)
        targets[i].rgb_func = targets[i].alpha_func = advanced_equation(b->advanced_mode);
}

void gl_emit_blend(struct gl_context *ctx)
{
    const struct draw_state *state = ctx->base.state;
    const struct gl_framebuffer_info *fb = &ctx->draw->framebuffer;
    const struct gl_blend *b = gl_blend_of(state);
    struct gl_blend_target targets[GL_STATE_MAX_DRAW_BUFFERS];
    uint8_t masks[GL_STATE_MAX_DRAW_BUFFERS];
    struct gl_state *gst = &ctx->state;
    bool independent;

    if (!b) {
        static const struct gl_blend_target off;

        gl_state_blend(gst, &off, false);
        gl_state_color_mask_all(gst, 0xf);
        gl_state_logic_op(gst, false, GL_COPY);
        gl_state_set_cap(gst, GL_CAP_SAMPLE_ALPHA_TO_COVERAGE, false);
        gl_state_set_cap(gst, GL_CAP_SAMPLE_ALPHA_TO_ONE, false);
        return;
    }
    independent = b->independent;
    gl_state_logic_op(gst, state->blend->desc.logicop_enable, b->logic_op);
    gl_state_set_cap(gst, GL_CAP_DITHER, state->blend->desc.dither);
    gl_state_set_cap(gst, GL_CAP_SAMPLE_ALPHA_TO_COVERAGE, state->blend->desc.alpha_to_coverage);
    gl_state_set_cap(gst, GL_CAP_SAMPLE_ALPHA_TO_ONE, state->blend->desc.alpha_to_one);
    if (!fb->any_no_alpha && !fb->any_alpha_in_red && !b->advanced_mode) {
        gl_state_blend(gst, b->targets, independent);
        if (independent) {
            for (unsigned i = 0; i < GL_STATE_MAX_DRAW_BUFFERS; i++)
                gl_state_color_mask(gst, i, b->color_masks[i]);
        } else {
            gl_state_color_mask_all(gst, b->color_masks[0]);
        }
        return;
    }
    memcpy(targets, b->targets, sizeof(targets));
    memcpy(masks, b->color_masks, sizeof(masks));
    for (unsigned i = 0; i < fb->cbuf_count; i++)
        adapt_target(&fb->targets[i], &targets[i], &masks[i]);
    set_advanced(ctx, b, targets);
    gl_state_blend(gst, targets, independent || fb->cbuf_count > 1);
    if (independent || fb->cbuf_count > 1) {
        for (unsigned i = 0; i < GL_STATE_MAX_DRAW_BUFFERS; i++)
            gl_state_color_mask(gst, i, masks[i]);
    } else {
        gl_state_color_mask_all(gst, masks[0]);
    }
}

void gl_emit_blend_color(struct gl_context *ctx)
{
    const float *color = ctx->base.state->blend_color;

    if (ctx->draw->framebuffer.any_alpha_in_red) {
        const float red[4] = {color[3], 0, 0, 0};

        gl_state_blend_color(&ctx->state, red);
        return;
    }
    gl_state_blend_color(&ctx->state, color);
}
