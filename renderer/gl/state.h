/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_GL_STATE_H
#define MANTUA_GL_STATE_H

/*
 * The one owner of a GL context's state: compares, sets, remembers. No other file calls a GL entry
 * that sets state which outlives the call. The context is current in every call.
 *
 * Names that GL deletes must be told (gl_state_forget_*), since GL unbinds deleted names from the
 * current context and reuses them. Forgetting makes no GL call, so that it also serves contexts
 * that are not current.
 *
 * Who caches decisions above this level (the draw path skips what the guest did not change) looks
 * at touched: every real change sets the bit of its group, and the draw path clears them when all
 * is as the guest's state wants it.
 */

#include <epoxy/gl.h>
#include <stdbool.h>
#include <stdint.h>

struct gl_features;

enum {
    GL_STATE_MAX_UNITS = 192,
    GL_STATE_MAX_UBOS = 192,
    GL_STATE_MAX_SSBOS = 192,
    GL_STATE_MAX_ATOMICS = 32,
    GL_STATE_MAX_XFB = 4,
    GL_STATE_MAX_IMAGES = 192,
    GL_STATE_MAX_VIEWPORTS = 16,
    GL_STATE_MAX_DRAW_BUFFERS = 8,
    GL_STATE_MAX_CLIP_DISTANCES = 8,
};

/* Capabilities that glEnable knows, as bits. */
enum gl_cap {
    GL_CAP_DEPTH_TEST,
    GL_CAP_STENCIL_TEST,
    GL_CAP_CULL_FACE,
    GL_CAP_RASTERIZER_DISCARD,
    GL_CAP_DEPTH_CLAMP,
    GL_CAP_POLYGON_OFFSET_FILL,
    GL_CAP_POLYGON_OFFSET_LINE,
    GL_CAP_POLYGON_OFFSET_POINT,
    GL_CAP_POLYGON_SMOOTH,
    GL_CAP_LINE_SMOOTH,
    GL_CAP_PROGRAM_POINT_SIZE,
    GL_CAP_MULTISAMPLE,
    GL_CAP_SAMPLE_MASK,
    GL_CAP_SAMPLE_SHADING,
    GL_CAP_SAMPLE_ALPHA_TO_COVERAGE,
    GL_CAP_SAMPLE_ALPHA_TO_ONE,
    GL_CAP_COLOR_LOGIC_OP,
    GL_CAP_DITHER,
    GL_CAP_PRIMITIVE_RESTART,
    GL_CAP_PRIMITIVE_RESTART_FIXED_INDEX,
    GL_CAP_FRAMEBUFFER_SRGB,
    GL_CAP_TEXTURE_CUBE_MAP_SEAMLESS,
    GL_CAP_BLEND_ADVANCED_COHERENT,
    GL_CAP_CLIP_DISTANCE0, /* and the seven after it */
    GL_CAP_COUNT = GL_CAP_CLIP_DISTANCE0 + GL_STATE_MAX_CLIP_DISTANCES,
};

struct gl_stencil_face {
    GLenum func, fail_op, zfail_op, zpass_op;
    GLint ref;
    GLuint value_mask, write_mask;
};

struct gl_blend_target {
    bool enabled;
    GLenum rgb_func, alpha_func;
    GLenum rgb_src, rgb_dst, alpha_src, alpha_dst;
};

struct gl_indexed_buffer {
    GLuint buffer;
    GLintptr offset;
    GLsizeiptr size; /* 0: whole buffer */
};

/* Groups of state, as bits of gl_state.touched. */
enum gl_touched {
    GL_TOUCHED_FRAMEBUFFER = 1 << 0,
    GL_TOUCHED_PROGRAM = 1 << 1,
    GL_TOUCHED_VERTEX_ARRAY = 1 << 2,
    GL_TOUCHED_TEXTURES = 1 << 3, /* which units: units_touched */
    GL_TOUCHED_BUFFERS = 1 << 4,  /* indexed buffer bindings */
    GL_TOUCHED_IMAGES = 1 << 5,
    GL_TOUCHED_VIEWPORT = 1 << 6,
    GL_TOUCHED_SCISSOR = 1 << 7,
    GL_TOUCHED_BLEND = 1 << 8, /* with colour masks, dither and logic op */
    GL_TOUCHED_BLEND_COLOR = 1 << 9,
    GL_TOUCHED_DEPTH_STENCIL = 1 << 10,
    GL_TOUCHED_RASTER = 1 << 11,
    GL_TOUCHED_SAMPLES = 1 << 12,
    GL_TOUCHED_STREAMOUT = 1 << 13,
    GL_TOUCHED_ALL = (1 << 14) - 1,
};

struct gl_state {
    const struct gl_features *feat;
    bool always_send; /* DEBUG_NO_STATE_CACHE */
    bool bind_texture_unit; /* glBindTextureUnit saves selecting the unit */
    bool indexed_masks;     /* colour masks and blend enables per draw buffer */
    unsigned unit_count, scratch_unit;

    uint32_t touched; /* enum gl_touched */
    uint64_t units_touched[GL_STATE_MAX_UNITS / 64];

    uint64_t caps;       /* bit per enum gl_cap */
    uint64_t caps_known, caps_available;

    GLuint draw_framebuffer, read_framebuffer, program, vertex_array, xfb;
    GLuint array_buffer, copy_read_buffer, copy_write_buffer, pixel_pack_buffer,
        pixel_unpack_buffer, draw_indirect_buffer, parameter_buffer, dispatch_indirect_buffer,
        texture_buffer, uniform_buffer, shader_storage_buffer, query_buffer, atomic_buffer;

    unsigned active_unit;
    struct {
        GLenum target;
        GLuint texture; /* last bound, whatever the target */
        GLuint sampler;
    } units[GL_STATE_MAX_UNITS];
    struct gl_indexed_buffer ubos[GL_STATE_MAX_UBOS];
    struct gl_indexed_buffer ssbos[GL_STATE_MAX_SSBOS];
    struct gl_indexed_buffer atomics[GL_STATE_MAX_ATOMICS];
    struct {
        GLuint texture;
        GLint level, layer;
        bool layered;
        GLenum access, format;
    } images[GL_STATE_MAX_IMAGES];

    float viewports[GL_STATE_MAX_VIEWPORTS][4];
    double depth_ranges[GL_STATE_MAX_VIEWPORTS][2];
    int32_t scissors[GL_STATE_MAX_VIEWPORTS][4];
    uint32_t scissor_enabled; /* bit per viewport */

    struct gl_blend_target blend[GL_STATE_MAX_DRAW_BUFFERS];
    bool blend_independent;
    uint8_t color_masks[GL_STATE_MAX_DRAW_BUFFERS];
    float blend_color[4];
    GLenum logic_op;

    GLenum depth_func;
    bool depth_mask;
    struct gl_stencil_face stencil[2];

    GLenum cull_face, front_face, polygon_mode[2], provoking_vertex, clip_origin, clip_depth,
        point_sprite_origin;
    float line_width, point_size, offset_factor, offset_units, offset_clamp, min_sample_shading;
    uint32_t sample_mask, restart_index, patch_vertices;

    GLint unpack_alignment, unpack_row_length, unpack_image_height, pack_alignment,
        pack_row_length, pack_image_height;
};

/* Reads nothing from GL: sets the context to a known state. */
void gl_state_init(struct gl_state *st, const struct gl_features *feat, bool always_send);

void gl_state_set_cap(struct gl_state *st, enum gl_cap cap, bool on);
/* Several at once: those of mask get the value of their bit in caps. */
void gl_state_set_caps(struct gl_state *st, uint64_t mask, uint64_t caps);

/* target: GL_FRAMEBUFFER sets both. */
void gl_state_bind_framebuffer(struct gl_state *st, GLenum target, GLuint fbo);
void gl_state_use_program(struct gl_state *st, GLuint program);
void gl_state_bind_vertex_array(struct gl_state *st, GLuint vao);
void gl_state_bind_transform_feedback(struct gl_state *st, GLuint xfb);
void gl_state_bind_buffer(struct gl_state *st, GLenum target, GLuint buffer);
/* GL_UNIFORM_BUFFER, GL_SHADER_STORAGE_BUFFER, GL_ATOMIC_COUNTER_BUFFER. */
void gl_state_bind_buffer_range(struct gl_state *st, GLenum target, unsigned index, GLuint buffer,
                                GLintptr offset, GLsizeiptr size);
void gl_state_bind_texture(struct gl_state *st, unsigned unit, GLenum target, GLuint texture);
/* Binds on a unit that no shader uses, for uploads and parameter changes; leaves it active. */
void gl_state_bind_texture_scratch(struct gl_state *st, GLenum target, GLuint texture);
void gl_state_bind_sampler(struct gl_state *st, unsigned unit, GLuint sampler);
void gl_state_bind_image(struct gl_state *st, unsigned unit, GLuint texture, GLint level,
                         bool layered, GLint layer, GLenum access, GLenum format);

void gl_state_viewport(struct gl_state *st, unsigned index, const float xywh[4]);
void gl_state_depth_range(struct gl_state *st, unsigned index, double near, double far);
void gl_state_scissor(struct gl_state *st, unsigned index, bool enabled, const int32_t xywh[4]);
void gl_state_scissor_enable_all(struct gl_state *st);
void gl_state_scissor_disable_all(struct gl_state *st);
void gl_state_color_mask(struct gl_state *st, unsigned index, uint8_t rgba);
void gl_state_color_mask_all(struct gl_state *st, uint8_t rgba);
/* One entry for all draw buffers (independent false), or eight. */
void gl_state_blend(struct gl_state *st, const struct gl_blend_target *targets, bool independent);
void gl_state_blend_color(struct gl_state *st, const float rgba[4]);
void gl_state_logic_op(struct gl_state *st, bool enabled, GLenum op);
void gl_state_depth(struct gl_state *st, bool test, bool write, GLenum func);
void gl_state_depth_mask(struct gl_state *st, bool write);
/* face: 0 front, 1 back */
void gl_state_stencil(struct gl_state *st, unsigned face, const struct gl_stencil_face *s);
void gl_state_stencil_write_mask(struct gl_state *st, GLuint mask); /* both faces */
void gl_state_cull_face(struct gl_state *st, bool enabled, GLenum face);
void gl_state_front_face(struct gl_state *st, GLenum winding);
void gl_state_polygon_mode(struct gl_state *st, GLenum front, GLenum back);
void gl_state_polygon_offset(struct gl_state *st, float factor, float units, float clamp);
void gl_state_provoking_vertex(struct gl_state *st, GLenum mode);
void gl_state_clip_control(struct gl_state *st, GLenum origin, GLenum depth);
void gl_state_point_sprite_origin(struct gl_state *st, GLenum origin);
void gl_state_line_width(struct gl_state *st, float width_px);
void gl_state_point_size(struct gl_state *st, float size_px);
void gl_state_sample_mask(struct gl_state *st, bool enabled, uint32_t mask);
void gl_state_min_sample_shading(struct gl_state *st, bool enabled, float value);
void gl_state_primitive_restart(struct gl_state *st, bool enabled, uint32_t index,
                                unsigned index_bytes);
void gl_state_patch_vertices(struct gl_state *st, unsigned count);
/* Row length and image height in texels, 0 = tight. */
void gl_state_unpack(struct gl_state *st, GLint alignment, GLint row_length, GLint image_height);
void gl_state_pack(struct gl_state *st, GLint alignment, GLint row_length, GLint image_height);

void gl_state_forget_texture(struct gl_state *st, GLuint texture);
void gl_state_forget_buffer(struct gl_state *st, GLuint buffer);
void gl_state_forget_framebuffer(struct gl_state *st, GLuint fbo);
void gl_state_forget_program(struct gl_state *st, GLuint program);
void gl_state_forget_sampler(struct gl_state *st, GLuint sampler);
void gl_state_forget_vertex_array(struct gl_state *st, GLuint vao);
void gl_state_forget_transform_feedback(struct gl_state *st, GLuint xfb);

#endif
