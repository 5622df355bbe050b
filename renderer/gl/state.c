/* SPDX-License-Identifier: MIT */
#include "state.h"

#include <math.h>
#include <string.h>

#include "device.h"

/* A name that GL never gives out: the binding is not known. */
#define UNKNOWN 0xffffffffu

static const struct {
    GLenum gl;
    uint32_t touched;
} cap_table[GL_CAP_COUNT] = {
    [GL_CAP_DEPTH_TEST] = {GL_DEPTH_TEST, GL_TOUCHED_DEPTH_STENCIL},
    [GL_CAP_STENCIL_TEST] = {GL_STENCIL_TEST, GL_TOUCHED_DEPTH_STENCIL},
    [GL_CAP_CULL_FACE] = {GL_CULL_FACE, GL_TOUCHED_RASTER},
    [GL_CAP_RASTERIZER_DISCARD] = {GL_RASTERIZER_DISCARD, GL_TOUCHED_RASTER},
    [GL_CAP_DEPTH_CLAMP] = {GL_DEPTH_CLAMP, GL_TOUCHED_RASTER},
    [GL_CAP_POLYGON_OFFSET_FILL] = {GL_POLYGON_OFFSET_FILL, GL_TOUCHED_RASTER},
    [GL_CAP_POLYGON_OFFSET_LINE] = {GL_POLYGON_OFFSET_LINE, GL_TOUCHED_RASTER},
    [GL_CAP_POLYGON_OFFSET_POINT] = {GL_POLYGON_OFFSET_POINT, GL_TOUCHED_RASTER},
    [GL_CAP_POLYGON_SMOOTH] = {GL_POLYGON_SMOOTH, GL_TOUCHED_RASTER},
    [GL_CAP_LINE_SMOOTH] = {GL_LINE_SMOOTH, GL_TOUCHED_RASTER},
    [GL_CAP_PROGRAM_POINT_SIZE] = {GL_PROGRAM_POINT_SIZE, GL_TOUCHED_RASTER},
    [GL_CAP_MULTISAMPLE] = {GL_MULTISAMPLE, GL_TOUCHED_RASTER},
    [GL_CAP_SAMPLE_MASK] = {GL_SAMPLE_MASK, GL_TOUCHED_SAMPLES},
    [GL_CAP_SAMPLE_SHADING] = {GL_SAMPLE_SHADING, GL_TOUCHED_SAMPLES},
    [GL_CAP_SAMPLE_ALPHA_TO_COVERAGE] = {GL_SAMPLE_ALPHA_TO_COVERAGE, GL_TOUCHED_BLEND},
    [GL_CAP_SAMPLE_ALPHA_TO_ONE] = {GL_SAMPLE_ALPHA_TO_ONE, GL_TOUCHED_BLEND},
    [GL_CAP_COLOR_LOGIC_OP] = {GL_COLOR_LOGIC_OP, GL_TOUCHED_BLEND},
    [GL_CAP_DITHER] = {GL_DITHER, GL_TOUCHED_BLEND},
    /* Set anew by every draw: nothing above caches them. */
    [GL_CAP_PRIMITIVE_RESTART] = {GL_PRIMITIVE_RESTART, 0},
    [GL_CAP_PRIMITIVE_RESTART_FIXED_INDEX] = {GL_PRIMITIVE_RESTART_FIXED_INDEX, 0},
    [GL_CAP_FRAMEBUFFER_SRGB] = {GL_FRAMEBUFFER_SRGB, GL_TOUCHED_FRAMEBUFFER},
    [GL_CAP_TEXTURE_CUBE_MAP_SEAMLESS] = {GL_TEXTURE_CUBE_MAP_SEAMLESS, GL_TOUCHED_TEXTURES},
    [GL_CAP_BLEND_ADVANCED_COHERENT] = {GL_BLEND_ADVANCED_COHERENT_KHR, GL_TOUCHED_BLEND},
    [GL_CAP_CLIP_DISTANCE0] = {GL_CLIP_DISTANCE0, GL_TOUCHED_RASTER},
    [GL_CAP_CLIP_DISTANCE0 + 1] = {GL_CLIP_DISTANCE0 + 1, GL_TOUCHED_RASTER},
    [GL_CAP_CLIP_DISTANCE0 + 2] = {GL_CLIP_DISTANCE0 + 2, GL_TOUCHED_RASTER},
    [GL_CAP_CLIP_DISTANCE0 + 3] = {GL_CLIP_DISTANCE0 + 3, GL_TOUCHED_RASTER},
    [GL_CAP_CLIP_DISTANCE0 + 4] = {GL_CLIP_DISTANCE0 + 4, GL_TOUCHED_RASTER},
    [GL_CAP_CLIP_DISTANCE0 + 5] = {GL_CLIP_DISTANCE0 + 5, GL_TOUCHED_RASTER},
    [GL_CAP_CLIP_DISTANCE0 + 6] = {GL_CLIP_DISTANCE0 + 6, GL_TOUCHED_RASTER},
    [GL_CAP_CLIP_DISTANCE0 + 7] = {GL_CLIP_DISTANCE0 + 7, GL_TOUCHED_RASTER},
};

static unsigned unsigned_min(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* What GL defines for a new context. */
static void set_defaults(struct gl_state *st)
{
    st->caps = 1ull << GL_CAP_DITHER | 1ull << GL_CAP_MULTISAMPLE;
    st->caps_known = ~0ull;

    /* The size of the surface that the context was made with is not ours to know. */
    for (unsigned i = 0; i < GL_STATE_MAX_VIEWPORTS; i++) {
        st->viewports[i][0] = NAN;
        st->depth_ranges[i][1] = 1;
        st->scissors[i][2] = -1;
    }
    for (unsigned i = 0; i < GL_STATE_MAX_DRAW_BUFFERS; i++) {
        st->blend[i] = (struct gl_blend_target){
            .rgb_func = GL_FUNC_ADD,
            .alpha_func = GL_FUNC_ADD,
            .rgb_src = GL_ONE,
            .rgb_dst = GL_ZERO,
            .alpha_src = GL_ONE,
            .alpha_dst = GL_ZERO,
        };
        st->color_masks[i] = 0xf;
    }
    st->logic_op = GL_COPY;
    st->depth_func = GL_LESS;
    st->depth_mask = true;
    for (unsigned i = 0; i < 2; i++) {
        st->stencil[i] = (struct gl_stencil_face){
            .func = GL_ALWAYS,
            .fail_op = GL_KEEP,
            .zfail_op = GL_KEEP,
            .zpass_op = GL_KEEP,
            .value_mask = ~0u,
            .write_mask = ~0u,
        };
        st->polygon_mode[i] = GL_FILL;
    }
    st->cull_face = GL_BACK;
    st->front_face = GL_CCW;
    st->provoking_vertex = GL_LAST_VERTEX_CONVENTION;
    st->clip_origin = GL_LOWER_LEFT;
    st->clip_depth = GL_NEGATIVE_ONE_TO_ONE;
    st->point_sprite_origin = GL_UPPER_LEFT;
    st->line_width = 1;
    st->point_size = 1;
    st->sample_mask = ~0u;
    st->patch_vertices = 3;
    st->unpack_alignment = 4;
    st->pack_alignment = 4;
    for (unsigned i = 0; i < GL_STATE_MAX_IMAGES; i++) {
        st->images[i].access = GL_READ_ONLY;
        st->images[i].format = GL_R8;
    }
}

static bool cap_available(const struct gl_features *feat, enum gl_cap cap)
{
    switch (cap) {
    case GL_CAP_DEPTH_CLAMP:
        return feat->depth_clamp;
    case GL_CAP_POLYGON_OFFSET_LINE:
    case GL_CAP_POLYGON_OFFSET_POINT:
        return feat->polygon_mode;
    case GL_CAP_POLYGON_SMOOTH:
    case GL_CAP_LINE_SMOOTH:
        return feat->line_smooth;
    case GL_CAP_PROGRAM_POINT_SIZE:
        return feat->program_point_size;
    case GL_CAP_MULTISAMPLE:
        return !feat->gles;
    case GL_CAP_SAMPLE_MASK:
        return feat->sample_mask;
    case GL_CAP_SAMPLE_SHADING:
        return feat->sample_shading;
    case GL_CAP_SAMPLE_ALPHA_TO_ONE:
        return feat->alpha_to_one;
    case GL_CAP_COLOR_LOGIC_OP:
        return feat->logic_op;
    case GL_CAP_PRIMITIVE_RESTART:
        return feat->primitive_restart;
    case GL_CAP_PRIMITIVE_RESTART_FIXED_INDEX:
        return feat->primitive_restart_fixed_index;
    case GL_CAP_FRAMEBUFFER_SRGB:
        return feat->srgb_write_control;
    case GL_CAP_TEXTURE_CUBE_MAP_SEAMLESS:
        return feat->seamless_cube_map && !feat->gles;
    case GL_CAP_BLEND_ADVANCED_COHERENT:
        return feat->blend_advanced_coherent;
    default:
        if (cap >= GL_CAP_CLIP_DISTANCE0)
            return (int)(cap - GL_CAP_CLIP_DISTANCE0) < feat->max_clip_distances;
        return true;
    }
}

void gl_state_init(struct gl_state *st, const struct gl_features *feat, bool always_send)
{
    memset(st, 0, sizeof(*st));
    st->feat = feat;
    for (unsigned cap = 0; cap < GL_CAP_COUNT; cap++)
        st->caps_available |= (uint64_t)cap_available(feat, cap) << cap;
    st->always_send = always_send;
    st->bind_texture_unit = !feat->gles && feat->version >= 45;
    st->indexed_masks = !feat->gles || feat->blend_func_separate_i;
    st->unit_count = unsigned_min(GL_STATE_MAX_UNITS,
                                  feat->max_combined_samplers > 0 ? feat->max_combined_samplers
                                                                  : 16);
    st->scratch_unit = st->unit_count - 1;
    st->touched = GL_TOUCHED_ALL;
    memset(st->units_touched, 0xff, sizeof(st->units_touched));
    set_defaults(st);

    /* Needed always, and nothing ever turns it off again. */
    if (feat->compat && !feat->gles)
        glEnable(GL_POINT_SPRITE);
    /* Negative values of signed formats are read as they are. */
    if (!feat->gles)
        glClampColor(GL_CLAMP_READ_COLOR, GL_FALSE);
    gl_state_unpack(st, 1, 0, 0);
    gl_state_pack(st, 1, 0, 0);
    if (feat->seamless_cube_map && !feat->gles)
        gl_state_set_cap(st, GL_CAP_TEXTURE_CUBE_MAP_SEAMLESS, !feat->seamless_cube_map_per_texture);
}

void gl_state_set_cap(struct gl_state *st, enum gl_cap cap, bool on)
{
    uint64_t bit = 1ull << cap;

    if (!!(st->caps & bit) == on && (st->caps_known & bit) && !st->always_send)
        return;
    if (!(st->caps_available & bit))
        return;
    if (on) {
        glEnable(cap_table[cap].gl);
        st->caps |= bit;
    } else {
        glDisable(cap_table[cap].gl);
        st->caps &= ~bit;
    }
    st->caps_known |= bit;
    st->touched |= cap_table[cap].touched;
}

void gl_state_set_caps(struct gl_state *st, uint64_t mask, uint64_t caps)
{
    uint64_t differ = st->always_send ? mask : mask & st->caps_available & (st->caps ^ caps);

    for (; differ; differ &= differ - 1) {
        enum gl_cap cap = (enum gl_cap)__builtin_ctzll(differ);

        gl_state_set_cap(st, cap, caps >> cap & 1);
    }
}

void gl_state_bind_framebuffer(struct gl_state *st, GLenum target, GLuint fbo)
{
    bool draw = target == GL_FRAMEBUFFER || target == GL_DRAW_FRAMEBUFFER;
    bool read = target == GL_FRAMEBUFFER || target == GL_READ_FRAMEBUFFER;

    if (!st->always_send && (!draw || st->draw_framebuffer == fbo) &&
        (!read || st->read_framebuffer == fbo))
        return;
    glBindFramebuffer(target, fbo);
    if (draw) {
        st->draw_framebuffer = fbo;
        st->touched |= GL_TOUCHED_FRAMEBUFFER;
    }
    if (read)
        st->read_framebuffer = fbo;
}

void gl_state_use_program(struct gl_state *st, GLuint program)
{
    if (st->program == program && !st->always_send)
        return;
    glUseProgram(program);
    st->program = program;
    st->touched |= GL_TOUCHED_PROGRAM;
}

void gl_state_bind_vertex_array(struct gl_state *st, GLuint vao)
{
    if (st->vertex_array == vao && !st->always_send)
        return;
    glBindVertexArray(vao);
    st->vertex_array = vao;
    st->touched |= GL_TOUCHED_VERTEX_ARRAY;
}

void gl_state_bind_transform_feedback(struct gl_state *st, GLuint xfb)
{
    if (st->xfb == xfb && !st->always_send)
        return;
    glBindTransformFeedback(GL_TRANSFORM_FEEDBACK, xfb);
    st->xfb = xfb;
    st->touched |= GL_TOUCHED_STREAMOUT;
}

static GLuint *buffer_binding(struct gl_state *st, GLenum target)
{
    switch (target) {
    case GL_ARRAY_BUFFER:
        return &st->array_buffer;
    case GL_COPY_READ_BUFFER:
        return &st->copy_read_buffer;
    case GL_COPY_WRITE_BUFFER:
        return &st->copy_write_buffer;
    case GL_PIXEL_PACK_BUFFER:
        return &st->pixel_pack_buffer;
    case GL_PIXEL_UNPACK_BUFFER:
        return &st->pixel_unpack_buffer;
    case GL_DRAW_INDIRECT_BUFFER:
        return &st->draw_indirect_buffer;
    case GL_PARAMETER_BUFFER:
        return &st->parameter_buffer;
    case GL_DISPATCH_INDIRECT_BUFFER:
        return &st->dispatch_indirect_buffer;
    case GL_TEXTURE_BUFFER:
        return &st->texture_buffer;
    case GL_UNIFORM_BUFFER:
        return &st->uniform_buffer;
    case GL_SHADER_STORAGE_BUFFER:
        return &st->shader_storage_buffer;
    case GL_QUERY_BUFFER:
        return &st->query_buffer;
    case GL_ATOMIC_COUNTER_BUFFER:
        return &st->atomic_buffer;
    default:
        return NULL; /* belongs to another object: never remembered */
    }
}

void gl_state_bind_buffer(struct gl_state *st, GLenum target, GLuint buffer)
{
    GLuint *bound = buffer_binding(st, target);

    if (bound && *bound == buffer && !st->always_send)
        return;
    glBindBuffer(target, buffer);
    if (bound)
        *bound = buffer;
}

static struct gl_indexed_buffer *indexed_binding(struct gl_state *st, GLenum target,
                                                 unsigned index)
{
    switch (target) {
    case GL_UNIFORM_BUFFER:
        return index < GL_STATE_MAX_UBOS ? &st->ubos[index] : NULL;
    case GL_SHADER_STORAGE_BUFFER:
        return index < GL_STATE_MAX_SSBOS ? &st->ssbos[index] : NULL;
    case GL_ATOMIC_COUNTER_BUFFER:
        return index < GL_STATE_MAX_ATOMICS ? &st->atomics[index] : NULL;
    default:
        return NULL;
    }
}

void gl_state_bind_buffer_range(struct gl_state *st, GLenum target, unsigned index, GLuint buffer,
                                GLintptr offset, GLsizeiptr size)
{
    struct gl_indexed_buffer *b = indexed_binding(st, target, index);

    if (!b || (b->buffer == buffer && b->offset == offset && b->size == size && !st->always_send))
        return;
    if (buffer && size)
        glBindBufferRange(target, index, buffer, offset, size);
    else
        glBindBufferBase(target, index, buffer);
    b->buffer = buffer;
    b->offset = offset;
    b->size = size;
    *buffer_binding(st, target) = buffer;
    st->touched |= GL_TOUCHED_BUFFERS;
}

static void touch_unit(struct gl_state *st, unsigned unit)
{
    st->units_touched[unit / 64] |= 1ull << (unit % 64);
    st->touched |= GL_TOUCHED_TEXTURES;
}

static void select_unit(struct gl_state *st, unsigned unit)
{
    if (st->active_unit != unit || st->always_send) {
        glActiveTexture(GL_TEXTURE0 + unit);
        st->active_unit = unit;
    }
}

void gl_state_bind_texture(struct gl_state *st, unsigned unit, GLenum target, GLuint texture)
{
    if (unit >= st->unit_count)
        return;
    if (st->units[unit].texture == texture && (st->units[unit].target == target || !texture) &&
        !st->always_send)
        return;
    if (st->bind_texture_unit) {
        glBindTextureUnit(unit, texture);
    } else {
        select_unit(st, unit);
        if (!texture)
            target = st->units[unit].target;
        if (target)
            glBindTexture(target, texture);
    }
    st->units[unit].target = target;
    st->units[unit].texture = texture;
    touch_unit(st, unit);
}

void gl_state_bind_texture_scratch(struct gl_state *st, GLenum target, GLuint texture)
{
    unsigned unit = st->scratch_unit;

    select_unit(st, unit);
    if (st->units[unit].texture == texture && st->units[unit].target == target && !st->always_send)
        return;
    glBindTexture(target, texture);
    st->units[unit].target = target;
    st->units[unit].texture = texture;
    touch_unit(st, unit);
}

void gl_state_bind_sampler(struct gl_state *st, unsigned unit, GLuint sampler)
{
    if (unit >= st->unit_count || (st->units[unit].sampler == sampler && !st->always_send))
        return;
    glBindSampler(unit, sampler);
    st->units[unit].sampler = sampler;
    touch_unit(st, unit);
}

void gl_state_bind_image(struct gl_state *st, unsigned unit, GLuint texture, GLint level,
                         bool layered, GLint layer, GLenum access, GLenum format)
{
    if (unit >= GL_STATE_MAX_IMAGES)
        return;
    if (!texture) {
        if (!st->images[unit].texture && !st->always_send)
            return;
        level = layer = 0;
        layered = false;
        access = GL_READ_ONLY;
        format = st->feat->gles ? GL_RGBA8 : GL_R8;
    } else if (st->images[unit].texture == texture && st->images[unit].level == level &&
               st->images[unit].layered == layered && st->images[unit].layer == layer &&
               st->images[unit].access == access && st->images[unit].format == format &&
               !st->always_send) {
        return;
    }
    glBindImageTexture(unit, texture, level, layered, layer, access, format);
    st->images[unit].texture = texture;
    st->images[unit].level = level;
    st->images[unit].layered = layered;
    st->images[unit].layer = layer;
    st->images[unit].access = access;
    st->images[unit].format = format;
    st->touched |= GL_TOUCHED_IMAGES;
}

void gl_state_forget_texture(struct gl_state *st, GLuint texture)
{
    if (!texture)
        return;
    for (unsigned i = 0; i < st->unit_count; i++) {
        if (st->units[i].texture == texture) {
            st->units[i].texture = UNKNOWN;
            touch_unit(st, i);
        }
    }
    for (unsigned i = 0; i < GL_STATE_MAX_IMAGES; i++) {
        if (st->images[i].texture == texture) {
            st->images[i].texture = UNKNOWN;
            st->touched |= GL_TOUCHED_IMAGES;
        }
    }
}

static void forget_indexed(struct gl_state *st, struct gl_indexed_buffer *bindings, unsigned count,
                           GLuint buffer)
{
    for (unsigned i = 0; i < count; i++) {
        if (bindings[i].buffer == buffer) {
            bindings[i].buffer = UNKNOWN;
            st->touched |= GL_TOUCHED_BUFFERS;
        }
    }
}

void gl_state_forget_buffer(struct gl_state *st, GLuint buffer)
{
    static const GLenum targets[] = {
        GL_ARRAY_BUFFER,          GL_COPY_READ_BUFFER,       GL_COPY_WRITE_BUFFER,
        GL_PIXEL_PACK_BUFFER,     GL_PIXEL_UNPACK_BUFFER,    GL_DRAW_INDIRECT_BUFFER,
        GL_PARAMETER_BUFFER,      GL_DISPATCH_INDIRECT_BUFFER, GL_TEXTURE_BUFFER,
        GL_UNIFORM_BUFFER,        GL_SHADER_STORAGE_BUFFER,  GL_QUERY_BUFFER,
        GL_ATOMIC_COUNTER_BUFFER,
    };

    if (!buffer)
        return;
    for (unsigned i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        GLuint *bound = buffer_binding(st, targets[i]);

        if (*bound == buffer)
            *bound = UNKNOWN;
    }
    forget_indexed(st, st->ubos, GL_STATE_MAX_UBOS, buffer);
    forget_indexed(st, st->ssbos, GL_STATE_MAX_SSBOS, buffer);
    forget_indexed(st, st->atomics, GL_STATE_MAX_ATOMICS, buffer);
}

void gl_state_forget_framebuffer(struct gl_state *st, GLuint fbo)
{
    if (!fbo)
        return;
    if (st->draw_framebuffer == fbo) {
        st->draw_framebuffer = UNKNOWN;
        st->touched |= GL_TOUCHED_FRAMEBUFFER;
    }
    if (st->read_framebuffer == fbo)
        st->read_framebuffer = UNKNOWN;
}

void gl_state_forget_program(struct gl_state *st, GLuint program)
{
    if (program && st->program == program) {
        st->program = UNKNOWN;
        st->touched |= GL_TOUCHED_PROGRAM;
    }
}

void gl_state_forget_sampler(struct gl_state *st, GLuint sampler)
{
    if (!sampler)
        return;
    for (unsigned i = 0; i < st->unit_count; i++) {
        if (st->units[i].sampler == sampler) {
            st->units[i].sampler = UNKNOWN;
            touch_unit(st, i);
        }
    }
}

void gl_state_forget_vertex_array(struct gl_state *st, GLuint vao)
{
    if (vao && st->vertex_array == vao) {
        st->vertex_array = UNKNOWN;
        st->touched |= GL_TOUCHED_VERTEX_ARRAY;
    }
}

void gl_state_forget_transform_feedback(struct gl_state *st, GLuint xfb)
{
    if (xfb && st->xfb == xfb) {
        st->xfb = UNKNOWN;
        st->touched |= GL_TOUCHED_STREAMOUT;
    }
}
