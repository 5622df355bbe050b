/* SPDX-License-Identifier: MIT */
/* The tracker's fixed-function half: viewports, blending, depth and stencil, rasterization, and
 * pixel store. */
#include <string.h>

#include "device.h"
#include "state.h"

void gl_state_viewport(struct gl_state *st, unsigned index, const float xywh[4])
{
    if (index >= GL_STATE_MAX_VIEWPORTS)
        return;
    if (!memcmp(st->viewports[index], xywh, sizeof(st->viewports[index])) && !st->always_send)
        return;
    if (st->feat->viewport_array)
        glViewportIndexedfv(index, xywh);
    else if (index == 0)
        glViewport((GLint)xywh[0], (GLint)xywh[1], (GLsizei)xywh[2], (GLsizei)xywh[3]);
    memcpy(st->viewports[index], xywh, sizeof(st->viewports[index]));
    st->touched |= GL_TOUCHED_VIEWPORT;
}

void gl_state_depth_range(struct gl_state *st, unsigned index, double near, double far)
{
    if (index >= GL_STATE_MAX_VIEWPORTS)
        return;
    if (st->depth_ranges[index][0] == near && st->depth_ranges[index][1] == far &&
        !st->always_send)
        return;
    if (st->feat->viewport_array && st->feat->gles)
        glDepthRangeIndexedfOES(index, (GLfloat)near, (GLfloat)far);
    else if (st->feat->viewport_array)
        glDepthRangeIndexed(index, near, far);
    else if (index == 0 && st->feat->gles)
        glDepthRangef((GLfloat)near, (GLfloat)far);
    else if (index == 0)
        glDepthRange(near, far);
    st->depth_ranges[index][0] = near;
    st->depth_ranges[index][1] = far;
    st->touched |= GL_TOUCHED_VIEWPORT;
}

void gl_state_scissor(struct gl_state *st, unsigned index, bool enabled, const int32_t xywh[4])
{
    uint32_t bit = 1u << index;

    if (index >= GL_STATE_MAX_VIEWPORTS || (index > 0 && !st->feat->viewport_array))
        return;
    if (!!(st->scissor_enabled & bit) != enabled || st->always_send) {
        if (st->feat->viewport_array) {
            if (enabled)
                glEnablei(GL_SCISSOR_TEST, index);
            else
                glDisablei(GL_SCISSOR_TEST, index);
        } else if (enabled) {
            glEnable(GL_SCISSOR_TEST);
        } else {
            glDisable(GL_SCISSOR_TEST);
        }
        st->scissor_enabled ^= (st->scissor_enabled & bit) ^ (enabled ? bit : 0);
        st->touched |= GL_TOUCHED_SCISSOR;
    }
    if (!enabled || !xywh ||
        (!memcmp(st->scissors[index], xywh, sizeof(st->scissors[index])) && !st->always_send))
        return;
    if (st->feat->viewport_array)
        glScissorIndexed(index, xywh[0], xywh[1], xywh[2], xywh[3]);
    else
        glScissor(xywh[0], xywh[1], xywh[2], xywh[3]);
    memcpy(st->scissors[index], xywh, sizeof(st->scissors[index]));
    st->touched |= GL_TOUCHED_SCISSOR;
}

void gl_state_scissor_enable_all(struct gl_state *st)
{
    uint32_t all = st->feat->viewport_array ? (1u << GL_STATE_MAX_VIEWPORTS) - 1 : 1u;

    if (st->scissor_enabled == all && !st->always_send)
        return;
    glEnable(GL_SCISSOR_TEST);
    st->scissor_enabled = all;
    st->touched |= GL_TOUCHED_SCISSOR;
}

void gl_state_scissor_disable_all(struct gl_state *st)
{
    if (!st->scissor_enabled && !st->always_send)
        return;
    glDisable(GL_SCISSOR_TEST);
    st->scissor_enabled = 0;
    st->touched |= GL_TOUCHED_SCISSOR;
}

static void color_mask_i(struct gl_state *st, unsigned index, uint8_t rgba)
{
    if (st->color_masks[index] == rgba && !st->always_send)
        return;
    glColorMaski(index, rgba & 1, rgba >> 1 & 1, rgba >> 2 & 1, rgba >> 3 & 1);
    st->color_masks[index] = rgba;
    st->touched |= GL_TOUCHED_BLEND;
}

void gl_state_color_mask(struct gl_state *st, unsigned index, uint8_t rgba)
{
    if (index >= GL_STATE_MAX_DRAW_BUFFERS)
        return;
    if (st->indexed_masks) {
        if ((int)index < st->feat->max_draw_buffers)
            color_mask_i(st, index, rgba);
    } else if (index == 0) {
        gl_state_color_mask_all(st, rgba);
    }
}

void gl_state_color_mask_all(struct gl_state *st, uint8_t rgba)
{
    bool same = !st->always_send;

    for (unsigned i = 0; i < GL_STATE_MAX_DRAW_BUFFERS; i++)
        same = same && st->color_masks[i] == rgba;
    if (same)
        return;
    glColorMask(rgba & 1, rgba >> 1 & 1, rgba >> 2 & 1, rgba >> 3 & 1);
    memset(st->color_masks, rgba, sizeof(st->color_masks));
    st->touched |= GL_TOUCHED_BLEND;
}

static bool blend_functions_equal(const struct gl_blend_target *a, const struct gl_blend_target *b)
{
    return a->rgb_func == b->rgb_func && a->alpha_func == b->alpha_func &&
           a->rgb_src == b->rgb_src && a->rgb_dst == b->rgb_dst && a->alpha_src == b->alpha_src &&
           a->alpha_dst == b->alpha_dst;
}

/* The advanced equations take colour and alpha together, and ignore the factors. */
static bool is_advanced(GLenum func)
{
    return func >= GL_MULTIPLY_KHR && func <= GL_HSL_LUMINOSITY_KHR;
}

static void blend_one_for_all(struct gl_state *st, const struct gl_blend_target *t)
{
    bool enables_differ = st->always_send, functions_differ = st->always_send;

    for (unsigned i = 0; i < GL_STATE_MAX_DRAW_BUFFERS; i++) {
        enables_differ = enables_differ || st->blend[i].enabled != t->enabled;
        functions_differ = functions_differ || !blend_functions_equal(&st->blend[i], t);
    }
    if (enables_differ) {
        if (t->enabled)
            glEnable(GL_BLEND);
        else
            glDisable(GL_BLEND);
        st->touched |= GL_TOUCHED_BLEND;
    }
    if (t->enabled && functions_differ) {
        if (is_advanced(t->rgb_func)) {
            glBlendEquation(t->rgb_func);
        } else {
            glBlendEquationSeparate(t->rgb_func, t->alpha_func);
            glBlendFuncSeparate(t->rgb_src, t->rgb_dst, t->alpha_src, t->alpha_dst);
        }
        st->touched |= GL_TOUCHED_BLEND;
    }
    for (unsigned i = 0; i < GL_STATE_MAX_DRAW_BUFFERS; i++) {
        if (t->enabled)
            st->blend[i] = *t;
        else
            st->blend[i].enabled = false;
    }
}

static void blend_target_i(struct gl_state *st, unsigned i, const struct gl_blend_target *t)
{
    if (st->blend[i].enabled != t->enabled || st->always_send) {
        if (t->enabled)
            glEnablei(GL_BLEND, i);
        else
            glDisablei(GL_BLEND, i);
        st->blend[i].enabled = t->enabled;
        st->touched |= GL_TOUCHED_BLEND;
    }
    if (!t->enabled || !st->feat->blend_func_separate_i ||
        (blend_functions_equal(&st->blend[i], t) && !st->always_send))
        return;
    if (is_advanced(t->rgb_func)) {
        glBlendEquationi(i, t->rgb_func);
    } else {
        glBlendEquationSeparatei(i, t->rgb_func, t->alpha_func);
        glBlendFuncSeparatei(i, t->rgb_src, t->rgb_dst, t->alpha_src, t->alpha_dst);
    }
    st->blend[i] = *t;
    st->touched |= GL_TOUCHED_BLEND;
}

void gl_state_blend(struct gl_state *st, const struct gl_blend_target *targets, bool independent)
{
    if (!independent || !st->indexed_masks) {
        blend_one_for_all(st, &targets[0]);
        return;
    }
    if (!st->feat->blend_func_separate_i) {
        /* Only the enables are per buffer: the first one that blends gives the functions. */
        struct gl_blend_target common = targets[0];

        for (unsigned i = 0; i < GL_STATE_MAX_DRAW_BUFFERS && !common.enabled; i++)
            common = targets[i];
        if (common.enabled)
            blend_one_for_all(st, &common);
    }
    for (unsigned i = 0; i < GL_STATE_MAX_DRAW_BUFFERS; i++) {
        if ((int)i < st->feat->max_draw_buffers)
            blend_target_i(st, i, &targets[i]);
    }
}

void gl_state_blend_color(struct gl_state *st, const float rgba[4])
{
    if (!memcmp(st->blend_color, rgba, sizeof(st->blend_color)) && !st->always_send)
        return;
    glBlendColor(rgba[0], rgba[1], rgba[2], rgba[3]);
    memcpy(st->blend_color, rgba, sizeof(st->blend_color));
    st->touched |= GL_TOUCHED_BLEND_COLOR;
}

void gl_state_logic_op(struct gl_state *st, bool enabled, GLenum op)
{
    if (!st->feat->logic_op)
        return;
    gl_state_set_cap(st, GL_CAP_COLOR_LOGIC_OP, enabled);
    if (!enabled || (st->logic_op == op && !st->always_send))
        return;
    glLogicOp(op);
    st->logic_op = op;
    st->touched |= GL_TOUCHED_BLEND;
}

void gl_state_depth_mask(struct gl_state *st, bool write)
{
    if (st->depth_mask == write && !st->always_send)
        return;
    glDepthMask(write);
    st->depth_mask = write;
    st->touched |= GL_TOUCHED_DEPTH_STENCIL;
}

void gl_state_depth(struct gl_state *st, bool test, bool write, GLenum func)
{
    gl_state_set_cap(st, GL_CAP_DEPTH_TEST, test);
    gl_state_depth_mask(st, write);
    if (!test || (st->depth_func == func && !st->always_send))
        return;
    glDepthFunc(func);
    st->depth_func = func;
    st->touched |= GL_TOUCHED_DEPTH_STENCIL;
}

void gl_state_stencil(struct gl_state *st, unsigned face, const struct gl_stencil_face *s)
{
    struct gl_stencil_face *cur = &st->stencil[face];
    GLenum side = face ? GL_BACK : GL_FRONT;

    if (cur->func != s->func || cur->ref != s->ref || cur->value_mask != s->value_mask ||
        st->always_send) {
        glStencilFuncSeparate(side, s->func, s->ref, s->value_mask);
        st->touched |= GL_TOUCHED_DEPTH_STENCIL;
    }
    if (cur->fail_op != s->fail_op || cur->zfail_op != s->zfail_op ||
        cur->zpass_op != s->zpass_op || st->always_send) {
        glStencilOpSeparate(side, s->fail_op, s->zfail_op, s->zpass_op);
        st->touched |= GL_TOUCHED_DEPTH_STENCIL;
    }
    if (cur->write_mask != s->write_mask || st->always_send) {
        glStencilMaskSeparate(side, s->write_mask);
        st->touched |= GL_TOUCHED_DEPTH_STENCIL;
    }
    *cur = *s;
}

void gl_state_stencil_write_mask(struct gl_state *st, GLuint mask)
{
    if (st->stencil[0].write_mask == mask && st->stencil[1].write_mask == mask &&
        !st->always_send)
        return;
    glStencilMask(mask);
    st->stencil[0].write_mask = mask;
    st->stencil[1].write_mask = mask;
    st->touched |= GL_TOUCHED_DEPTH_STENCIL;
}

void gl_state_cull_face(struct gl_state *st, bool enabled, GLenum face)
{
    gl_state_set_cap(st, GL_CAP_CULL_FACE, enabled);
    if (!enabled || (st->cull_face == face && !st->always_send))
        return;
    glCullFace(face);
    st->cull_face = face;
    st->touched |= GL_TOUCHED_RASTER;
}

void gl_state_front_face(struct gl_state *st, GLenum winding)
{
    if (st->front_face == winding && !st->always_send)
        return;
    glFrontFace(winding);
    st->front_face = winding;
    st->touched |= GL_TOUCHED_RASTER;
}

void gl_state_polygon_mode(struct gl_state *st, GLenum front, GLenum back)
{
    if (!st->feat->polygon_mode)
        return;
    /* The core profile knows one mode for both faces. */
    if (!st->feat->compat)
        back = front;
    if (st->polygon_mode[0] == front && st->polygon_mode[1] == back && !st->always_send)
        return;
    if (front == back) {
        glPolygonMode(GL_FRONT_AND_BACK, front);
    } else {
        glPolygonMode(GL_FRONT, front);
        glPolygonMode(GL_BACK, back);
    }
    st->polygon_mode[0] = front;
    st->polygon_mode[1] = back;
    st->touched |= GL_TOUCHED_RASTER;
}

void gl_state_polygon_offset(struct gl_state *st, float factor, float units, float clamp)
{
    if (!st->feat->polygon_offset_clamp)
        clamp = 0;
    if (st->offset_factor == factor && st->offset_units == units && st->offset_clamp == clamp &&
        !st->always_send)
        return;
    if (st->feat->polygon_offset_clamp)
        glPolygonOffsetClamp(factor, units, clamp);
    else
        glPolygonOffset(factor, units);
    st->offset_factor = factor;
    st->offset_units = units;
    st->offset_clamp = clamp;
    st->touched |= GL_TOUCHED_RASTER;
}

void gl_state_provoking_vertex(struct gl_state *st, GLenum mode)
{
    if (!st->feat->provoking_vertex || (st->provoking_vertex == mode && !st->always_send))
        return;
    glProvokingVertex(mode);
    st->provoking_vertex = mode;
    st->touched |= GL_TOUCHED_RASTER;
}

void gl_state_clip_control(struct gl_state *st, GLenum origin, GLenum depth)
{
    if (!st->feat->clip_control ||
        (st->clip_origin == origin && st->clip_depth == depth && !st->always_send))
        return;
    glClipControl(origin, depth);
    st->clip_origin = origin;
    st->clip_depth = depth;
    st->touched |= GL_TOUCHED_RASTER;
}

void gl_state_point_sprite_origin(struct gl_state *st, GLenum origin)
{
    if (!st->feat->point_sprite_origin || (st->point_sprite_origin == origin && !st->always_send))
        return;
    glPointParameteri(GL_POINT_SPRITE_COORD_ORIGIN, (GLint)origin);
    st->point_sprite_origin = origin;
    st->touched |= GL_TOUCHED_RASTER;
}

void gl_state_line_width(struct gl_state *st, float width_px)
{
    if (!(width_px > 0)) /* GL refuses 0, negative and NaN */
        width_px = 1;
    if (st->line_width == width_px && !st->always_send)
        return;
    glLineWidth(width_px);
    st->line_width = width_px;
    st->touched |= GL_TOUCHED_RASTER;
}

void gl_state_point_size(struct gl_state *st, float size_px)
{
    if (st->feat->gles)
        return;
    if (!(size_px > 0))
        size_px = 1;
    if (st->point_size == size_px && !st->always_send)
        return;
    glPointSize(size_px);
    st->point_size = size_px;
    st->touched |= GL_TOUCHED_RASTER;
}

void gl_state_sample_mask(struct gl_state *st, bool enabled, uint32_t mask)
{
    if (!st->feat->sample_mask)
        return;
    gl_state_set_cap(st, GL_CAP_SAMPLE_MASK, enabled);
    if (!enabled || (st->sample_mask == mask && !st->always_send))
        return;
    glSampleMaski(0, mask);
    st->sample_mask = mask;
    st->touched |= GL_TOUCHED_SAMPLES;
}

void gl_state_min_sample_shading(struct gl_state *st, bool enabled, float value)
{
    if (!st->feat->sample_shading)
        return;
    gl_state_set_cap(st, GL_CAP_SAMPLE_SHADING, enabled);
    if (!enabled || (st->min_sample_shading == value && !st->always_send))
        return;
    glMinSampleShading(value);
    st->min_sample_shading = value;
    st->touched |= GL_TOUCHED_SAMPLES;
}

void gl_state_primitive_restart(struct gl_state *st, bool enabled, uint32_t index,
                                unsigned index_bytes)
{
    uint32_t all_ones = index_bytes >= 4 ? 0xffffffffu : (1u << (8 * index_bytes)) - 1;

    if (!st->feat->primitive_restart) {
        gl_state_set_cap(st, GL_CAP_PRIMITIVE_RESTART_FIXED_INDEX, enabled && index == all_ones);
        return;
    }
    gl_state_set_cap(st, GL_CAP_PRIMITIVE_RESTART, enabled);
    if (!enabled || (st->restart_index == index && !st->always_send))
        return;
    glPrimitiveRestartIndex(index);
    st->restart_index = index;
}

void gl_state_patch_vertices(struct gl_state *st, unsigned count)
{
    if (!st->feat->tessellation || (st->patch_vertices == count && !st->always_send))
        return;
    glPatchParameteri(GL_PATCH_VERTICES, (GLint)count);
    st->patch_vertices = count;
}

void gl_state_unpack(struct gl_state *st, GLint alignment, GLint row_length, GLint image_height)
{
    if (st->unpack_alignment != alignment || st->always_send) {
        glPixelStorei(GL_UNPACK_ALIGNMENT, alignment);
        st->unpack_alignment = alignment;
    }
    if (st->unpack_row_length != row_length || st->always_send) {
        glPixelStorei(GL_UNPACK_ROW_LENGTH, row_length);
        st->unpack_row_length = row_length;
    }
    if (st->unpack_image_height != image_height || st->always_send) {
        glPixelStorei(GL_UNPACK_IMAGE_HEIGHT, image_height);
        st->unpack_image_height = image_height;
    }
}

void gl_state_pack(struct gl_state *st, GLint alignment, GLint row_length, GLint image_height)
{
    if (st->pack_alignment != alignment || st->always_send) {
        glPixelStorei(GL_PACK_ALIGNMENT, alignment);
        st->pack_alignment = alignment;
    }
    if (st->pack_row_length != row_length || st->always_send) {
        glPixelStorei(GL_PACK_ROW_LENGTH, row_length);
        st->pack_row_length = row_length;
    }
    /* GLES packs one image at a time and has no such parameter. */
    if (!st->feat->gles && (st->pack_image_height != image_height || st->always_send)) {
        glPixelStorei(GL_PACK_IMAGE_HEIGHT, image_height);
        st->pack_image_height = image_height;
    }
}
