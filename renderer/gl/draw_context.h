/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_GL_DRAW_CONTEXT_H
#define MANTUA_GL_DRAW_CONTEXT_H

/*
 * What the drawing half keeps per context, and what its files share. A draw costs what changed:
 * draw.c maps dirty bits to the emit functions below, each of which turns one part of the guest's
 * draw_state into calls of the state tracker.
 */

#include <glib.h>

#include "draw.h"
#include "program.h"
#include "resource.h"

/* Beside the front's dirty bits, in the bits that those leave free. */
enum {
    EMIT_PROGRAM_BINDING = 1 << 20,
    EMIT_FRAMEBUFFER_BINDING = 1 << 21,
    EMIT_STAGES = 0x3f << 24,
};
_Static_assert((EMIT_STAGES & DIRTY_STAGE_0) != 0, "stage bits start at 24");

/* Plain constants of more vec4s than this go through upload memory. */
enum { GL_CONST0_UNIFORM_VEC4S = 32 };

enum {
    GL_DRAW_MAX_TEXTURES = SHADER_MAX_SAMPLERS, /* slots per stage that a shader can name */
    GL_LOOKUP_ENTRIES = 256,                    /* a power of two */
    GL_MAX_KEY_STATES = 256,
};

/* Points, lines or triangles: what rasterization sees, as far as the draw mode tells. */
enum gl_prim_class {
    GL_PRIM_CLASS_POINTS,
    GL_PRIM_CLASS_LINES,
    GL_PRIM_CLASS_TRIANGLES,
    GL_PRIM_CLASS_PATCHES,
};

/* ---- objects (base.back of the front's) ---- */

struct gl_blend {
    struct gl_blend_target targets[GL_STATE_MAX_DRAW_BUFFERS];
    uint8_t color_masks[GL_STATE_MAX_DRAW_BUFFERS];
    bool independent;
    bool dual_source;
    GLenum logic_op;
    uint32_t advanced_mode; /* enum virgl_advanced_blend_mode, should the shader ask for it */
};

struct gl_rasterizer {
    uint64_t key_bits; /* all that the shader key looks at, to see at once whether it changed */
    uint64_t caps;     /* bit per enum gl_cap; those that hang on nothing else */
};

struct gl_dsa {
    bool depth_test, depth_write, stencil_test, two_sided;
    GLenum depth_func;
    struct gl_stencil_face faces[2]; /* without reference values */
};

enum {
    GL_SAMPLER_INTEGER = 1 << 0,     /* the border colour is integers */
    GL_SAMPLER_COMPARE = 1 << 1,     /* the shader compares */
    GL_SAMPLER_SKIP_DECODE = 1 << 2, /* sRGB texture read as linear */
    GL_SAMPLER_VARIANTS = 1 << 3,
};

struct gl_sampler {
    GLuint names[GL_SAMPLER_VARIANTS]; /* made on demand */
    bool compare, has_border;
    uint8_t clamp; /* s, t, r: GL_CLAMP of linear filters, which shaders help with */
};

/* One vertex array object per vertex elements object. */
struct gl_vertex_binding {
    /* what the elements ask for */
    uint8_t buffer_index; /* of draw_state.vertex_buffers */
    uint32_t divisor;
    uint32_t base_bytes; /* added to the buffer's offset */
    /* what the vertex array has */
    GLuint buffer;
    GLintptr offset;
    GLsizei stride;
};

struct gl_vertex_attribute {
    uint8_t binding;
    bool integer, normalized;
    GLint size;
    GLenum type;
    uint32_t relative_bytes;
};

struct gl_vertex_elements {
    struct gl_context *ctx;
    struct gl_vertex_elements *prev, *next; /* all of the context */
    GLuint vao;                             /* 0 until first used */
    uint32_t attribute_count, binding_count;
    struct gl_vertex_attribute attributes[VIRGL_MAX_VERTEX_ATTRIBS];
    struct gl_vertex_binding bindings[VIRGL_MAX_VERTEX_ATTRIBS];
    uint32_t buffers_used; /* bit per draw_state.vertex_buffers entry */
    GLuint element_buffer;
    uint64_t names_seen; /* bit name % 64 of all buffers bound here: a quick "not here" */
    bool scrub;          /* holds a deleted buffer that must be let go when current */
    /* for the shader key */
    uint32_t attribute_int, attribute_uint, attribute_bgra;
};

/* A query's result is the sum (or the "any") of its parts: helper draws interrupt it. */
struct gl_query {
    GLenum target;
    unsigned index; /* vertex stream */
    GLuint *parts;
    uint32_t part_count, part_capacity;
    uint64_t collected; /* of parts already given up */
    bool running;       /* the last part is between begin and end */
    bool suspended;     /* active for the guest, ended for GL */
    bool boolean;       /* results combine by "or" */
    bool ended;
    struct front_query *front;
    struct gl_query *prev, *next; /* active ones */
};

/* A stream output binding: the targets in order. */
struct gl_streamout {
    struct gl_streamout *prev, *next;
    GLuint xfb; /* 0 on hosts without transform feedback objects */
    uint32_t count;
    struct front_streamout_target *targets[VIRGL_MAX_STREAM_OUTPUT_BUFFERS]; /* not counted */
    uint64_t serials[VIRGL_MAX_STREAM_OUTPUT_BUFFERS];
    enum {
        GL_STREAMOUT_OFF,
        GL_STREAMOUT_RUNNING,
        GL_STREAMOUT_PAUSED,
    } phase;
    bool ended_once;
    GLuint program;       /* of the begin */
    GLenum mode;          /* of the begin */
    uint64_t vertices;    /* captured so far, as far as the draws tell */
    uint64_t base_vertices; /* captured before the last begin */
};

struct gl_streamout_target {
    struct gl_streamout *last; /* the binding that wrote it last, for draws that ask its count */
};

/* ---- the framebuffer as the other parts see it ---- */

struct gl_target_info {
    bool bound, no_alpha, alpha_in_red, integer, clampable;
    struct shader_cbuf_key key;
};

struct gl_framebuffer_info {
    bool complete;
    bool y0_top;
    bool any_no_alpha, any_alpha_in_red, any_srgb;
    uint32_t height_px, samples, cbuf_count;
    struct gl_target_info targets[VIRGL_MAX_COLOR_BUFFERS];
};

/* ---- upload memory ---- */

enum { GL_UPLOAD_SEGMENTS = 4 };

struct gl_upload {
    GLuint buffer;
    uint8_t *map; /* NULL: written with glBufferSubData */
    uint32_t capacity_bytes, segment_bytes, offset_bytes, segment;
    GLsync fences[GL_UPLOAD_SEGMENTS];
};

struct gl_swizzles {
    uint32_t mask;  /* samplers whose swizzle the shader applies */
    uint32_t depth; /* the same for lookups with comparison alone: GLSL gives them one component */
    uint16_t swizzle[GL_DRAW_MAX_TEXTURES];
    uint32_t clamp[3]; /* samplers whose s, t, r the shader clamps */
};

struct gl_lookup_entry {
    uint64_t serials[5];
    uint32_t key_id; /* 0: empty */
    struct gl_pipeline *pipeline;
};

struct gl_draw {
    /* programs */
    struct gl_pipeline *pipeline, *compute;
    GHashTable *pipelines;
    struct gl_key_state key_state;
    uint64_t key_rasterizer; /* the object's key_bits in key_state */
    uint32_t key_id;
    struct gl_key_state *key_states; /* GL_MAX_KEY_STATES, interned */
    uint32_t key_state_count, key_id_base;
    struct gl_lookup_entry lookup[GL_LOOKUP_ENTRIES];
    struct gl_swizzles swizzles[STAGE_COUNT];
    uint8_t const0_blocks; /* as in the key state; compute included */
    uint32_t views_pending[STAGE_COUNT]; /* taken from the front's dirty masks, not bound yet */
    uint32_t shadow_emitted[STAGE_COUNT]; /* samplers bound with comparison */

    struct gl_framebuffer_info framebuffer;
    enum gl_prim_class prim_class;
    uint32_t patch_vertices;
    uint64_t draws_at_dispatch; /* the device's count of draws */
    bool cleared;               /* since the last dispatch */
    bool clamps;                /* there has been a sampler with gl_sampler.clamp */
    bool flip_y;             /* the first viewport's height is negative */
    bool half_z, per_sample; /* of the rasterizer object, as last emitted */
    bool scissor;
    bool simple; /* draws need nothing but the call */
    bool ready; /* all was emitted for pipeline and prim_class */

    /* vertex arrays */
    struct gl_vertex_elements *vertex_array, *vertex_arrays;
    struct gl_vertex_elements no_elements;
    bool scrub; /* some vertex array holds a deleted buffer */

    /* constants */
    struct gl_upload upload;
    struct shader_aux aux;
    bool aux_dirty;
    uint32_t aux_bytes;                /* bound for the aux block */
    uint32_t const0_bytes[STAGE_COUNT]; /* bound for the plain constants; 0: nothing */
    /* Numbers of contents, never used twice: what the guest has set, and what the block has. */
    uint64_t const0_serial[STAGE_COUNT], const0_block_serial[STAGE_COUNT];
    GLuint zero_buffer;
    GLuint default_sampler;

    /* stream output */
    struct gl_streamout *streamout, *streamouts; /* newest first */
    uint32_t streamout_count;

    /* queries */
    struct gl_query *active_queries;
    struct {
        bool active;  /* glBeginConditionalRender is in force */
        bool skip;    /* decided here: draws are dropped */
        bool changed;
    } condition;
    uint32_t suspended;

    /* index conversion */
    GLuint converted_indices;
    uint32_t tweak_samples_passed; /* what one "any sample" counts for on GLES */
};

/* object.c's parts */
int gl_blend_create(struct gl_context *ctx, struct front_blend *blend);
int gl_rasterizer_create(struct gl_context *ctx, struct front_rasterizer *rasterizer);
int gl_dsa_create(struct gl_context *ctx, struct front_dsa *dsa);
int gl_sampler_create(struct gl_context *ctx, struct front_sampler_state *sampler);
void gl_sampler_destroy(struct gl_context *ctx, struct front_sampler_state *sampler);
/* For a view (NULL: none) as a shader reads it, comparing or not. */
GLuint gl_sampler_name(struct gl_context *ctx, struct front_sampler_state *sampler,
                       const struct front_sampler_view *view, bool shadow);
GLuint gl_default_sampler(struct gl_context *ctx);
int gl_vertex_elements_create(struct gl_context *ctx, struct front_vertex_elements *ve);
void gl_vertex_elements_destroy(struct gl_context *ctx, struct front_vertex_elements *ve);
int gl_query_create(struct gl_context *ctx, struct front_query *query);
void gl_query_destroy(struct gl_context *ctx, struct front_query *query);
int gl_streamout_target_create(struct gl_context *ctx, struct front_streamout_target *target);
void gl_streamout_target_destroy(struct gl_context *ctx, struct front_streamout_target *target);

/* emit functions: ctx->base.state to the state tracker */
void gl_emit_framebuffer_info(struct gl_context *ctx);
void gl_emit_blend(struct gl_context *ctx);
void gl_emit_blend_color(struct gl_context *ctx);
void gl_emit_dsa(struct gl_context *ctx);
void gl_emit_rasterizer(struct gl_context *ctx);
void gl_emit_viewports(struct gl_context *ctx);
/* Takes the sign of the first viewport's height; true when rasterizer state depends on it. */
bool gl_update_y_flip(struct gl_context *ctx);
void gl_emit_scissors(struct gl_context *ctx);
void gl_emit_samples(struct gl_context *ctx);
/* Vertex array and its buffers; false: the host cannot (no memory). */
bool gl_emit_vertex_arrays(struct gl_context *ctx, bool elements_changed);
void gl_emit_element_buffer(struct gl_context *ctx, GLuint buffer);
void gl_vertex_forget_buffer(struct gl_context *ctx, GLuint name);
void gl_vertex_scrub(struct gl_context *ctx);

/* constants.c: copies data (bytes, then zeros up to total_bytes) to upload memory. */
bool gl_upload_data(struct gl_context *ctx, const void *data, uint32_t bytes, uint32_t total_bytes,
                    GLuint *buffer, GLintptr *offset);
void gl_upload_finish(struct gl_context *ctx);
void gl_emit_constants(struct gl_context *ctx, unsigned stage, const struct gl_stage_use *use);
void gl_emit_aux(struct gl_context *ctx, const struct gl_pipeline *pipeline);
/* Values that are ordinary uniforms of the program, which is bound. */
void gl_emit_uniforms(struct gl_context *ctx, struct gl_program *program);
GLuint gl_zero_buffer(struct gl_context *ctx);

/* bindings.c: what stage uses of its dirty slots. */
void gl_emit_stage_bindings(struct gl_context *ctx, unsigned stage,
                            const struct gl_stage_use *use);
void gl_emit_atomic_buffers(struct gl_context *ctx);
/* Marks the slots of texture units that other work has touched. */
void gl_bindings_untouch(struct gl_context *ctx);
void gl_bindings_invalidate(struct gl_context *ctx, bool buffers, bool images);
/* Takes the stage's dirty views over into views_pending. True when something has changed that the
 * key depends on: views whose swizzle the shader must apply, the kind of the plain constants. */
bool gl_take_views(struct gl_context *ctx, unsigned stage);

/* streamout.c */
void gl_streamout_update(struct gl_context *ctx); /* targets changed */
bool gl_streamout_begin_draw(struct gl_context *ctx, const struct gl_pipeline *pipeline,
                             GLenum mode);
void gl_streamout_end_draw(struct gl_context *ctx, GLenum mode, uint64_t vertices,
                           uint64_t instances);
void gl_streamout_pause(struct gl_context *ctx);
void gl_streamout_stop(struct gl_context *ctx, struct gl_streamout *so);
void gl_streamout_finish(struct gl_context *ctx);

/* query.c and render_condition.c */
void gl_queries_suspend(struct gl_context *ctx);
void gl_queries_resume(struct gl_context *ctx);
void gl_queries_finish(struct gl_context *ctx);
/* false: the condition says that nothing is to be drawn. */
bool gl_condition_check(struct gl_context *ctx);
void gl_condition_off(struct gl_context *ctx);
/* The GL query to give to conditional rendering; 0 when it must be decided here. */
GLuint gl_query_single_name(const struct front_query *query);

/* index.c: modes and index values that the host does not have. */
struct gl_index_draw {
    GLenum mode;
    uint32_t count;
    GLenum type;
    unsigned index_bytes;
    uintptr_t offset;
    GLuint buffer;
    int32_t base_vertex;
    bool restart;
    uint32_t restart_index;
    bool indexed;
};
bool gl_needs_index_conversion(const struct gl_context *ctx, const struct virgl_cmd_draw_vbo *draw);
/* false: nothing to draw, or no memory. */
bool gl_convert_indices(struct gl_context *ctx, const struct virgl_cmd_draw_vbo *draw,
                        struct gl_index_draw *out);
void gl_index_finish(struct gl_context *ctx);

static inline const struct gl_blend *gl_blend_of(const struct draw_state *state)
{
    return state->blend ? state->blend->base.back : NULL;
}

#endif
