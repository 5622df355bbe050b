/* SPDX-License-Identifier: MIT */
/*
 * Shader translation: the TGSI text of a guest becomes GLSL for the host.
 *
 *   shader_parse()   text -> validated IR; once per shader object. Rejects every bad text.
 *   shader_info()    what the shader declares and uses; read by the GL back end for bindings.
 *   shader_key_*()   collects the few facts of the pipeline state that change the GLSL text.
 *   shader_emit()    IR + key + host -> GLSL text, names and bindings.
 *
 * Nothing here calls GL or keeps process-wide state. An IR is immutable after shader_parse(), so
 * any number of threads may emit from it. Every function that can run out of memory reports so as
 * an ordinary error. Text comes from an untrusted guest: memory and output length are bounded by a
 * constant factor of the text length plus `struct shader_limits`.
 */
#ifndef MANTUA_SHADER_H
#define MANTUA_SHADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shader_tables.h"

/* Numbers as on the wire (stage word of the shader object). */
enum shader_stage {
    SHADER_VERTEX = 0,
    SHADER_FRAGMENT = 1,
    SHADER_GEOMETRY = 2,
    SHADER_TESS_CTRL = 3,
    SHADER_TESS_EVAL = 4,
    SHADER_COMPUTE = 5,
    SHADER_STAGES = 6,
};

#define SHADER_MAX_INPUTS 80
#define SHADER_MAX_OUTPUTS 80
#define SHADER_MAX_SAMPLERS 32
#define SHADER_MAX_IMAGES 32
#define SHADER_MAX_SSBOS 32
#define SHADER_MAX_UBOS 32
#define SHADER_MAX_ATOMIC_BUFFERS 32
#define SHADER_MAX_ATOMIC_RANGES 32
#define SHADER_MAX_CBUFS 8
#define SHADER_MAX_SO_OUTPUTS 64
#define SHADER_MAX_SO_BUFFERS 4

struct shader_ir;

/* Where and why a text was refused; line counts from 1, 0 when no line is to blame. */
struct shader_error {
    uint32_t line;
    char message[200];
};

/* Bounds on what one text may ask for. shader_default_limits is what shader_parse() uses. */
struct shader_limits {
    size_t max_text_bytes;
    uint32_t max_temps;        /* temporaries, arrays included */
    uint32_t max_immediates;
    uint32_t max_instructions; /* also bounds a call tree when subroutines are expanded */
    uint32_t max_constants;    /* vec4 registers per constant buffer */
    uint32_t max_nesting;      /* IF, loop and SWITCH depth */
    uint32_t max_shared_bytes;
};
extern const struct shader_limits shader_default_limits;

/* Stream output part of the shader object. */
struct shader_so_output {
    uint8_t register_index; /* OUT register */
    uint8_t start_component;
    uint8_t num_components;
    uint8_t buffer;
    uint8_t stream;
    uint16_t dst_offset_dwords;
};

struct shader_stream_output {
    uint32_t num_outputs;
    uint16_t stride_dwords[SHADER_MAX_SO_BUFFERS];
    struct shader_so_output outputs[SHADER_MAX_SO_OUTPUTS];
};

/*
 * Varyings between two stages as a bit set: GENERIC 0..63 are bits 0..63; the rest follows.
 * Only what needs a GLSL variable is in it (no POSITION, PSIZE, CLIPDIST, ...).
 */
struct shader_slots {
    uint64_t bits[2];
};
enum {
    SHADER_SLOT_GENERIC0 = 0,
    SHADER_SLOT_TEXCOORD0 = 64,
    SHADER_SLOT_COLOR0 = 72,
    SHADER_SLOT_BCOLOR0 = 80,
    SHADER_SLOT_FOG = 88,
    SHADER_SLOT_NORMAL = 89,
    SHADER_SLOT_CLIPVERTEX = 90,
    SHADER_SLOT_PATCH0 = 96,
    SHADER_SLOTS = 128,
    SHADER_SLOT_NONE = 255,
};

static inline bool shader_slots_test(const struct shader_slots *s, unsigned slot)
{
    return slot < SHADER_SLOTS && (s->bits[slot / 64] >> (slot % 64) & 1);
}

static inline void shader_slots_set(struct shader_slots *s, unsigned slot)
{
    if (slot < SHADER_SLOTS)
        s->bits[slot / 64] |= 1ull << (slot % 64);
}

/* One declaration of inputs or outputs; a range has consecutive semantic indices. */
struct shader_io {
    uint8_t first, last;     /* registers */
    uint8_t semantic;        /* enum shader_semantic; SHADER_SEM_NONE for vertex attributes */
    uint8_t semantic_index;  /* of register `first` */
    uint8_t usage_mask;
    uint8_t interpolate;     /* enum shader_interpolate */
    uint8_t location;        /* enum shader_interpolate_location */
    uint8_t streams[4];      /* geometry outputs: vertex stream per component */
    uint16_t array_id;       /* 0: none */
    bool per_vertex;         /* declared with [] (GEOM and TESS inputs, TESS_CTRL outputs) */
    bool invariant;
};

struct shader_sampler_info {
    uint8_t target;      /* enum shader_texture: what the instructions use, else the SVIEW */
    uint8_t return_type; /* enum shader_return_type */
    bool shadow;         /* sampled with comparison: set GL_TEXTURE_COMPARE_MODE */
    bool gathered;       /* used by TG4 */
    uint8_t array_first, array_count; /* declared range when indexed indirectly, else slot, 1 */
};

struct shader_image_info {
    uint8_t target;           /* enum shader_texture */
    char glsl_format[16];     /* layout qualifier, "" when none */
    bool written, read, atomic;
};

/* Counters first..last (dwords) of atomic buffer `buffer`. */
struct shader_atomic_range {
    uint8_t buffer;
    uint16_t first, last;
};

struct shader_ubo_info {
    uint32_t size_vec4s; /* declared size: the bound range should have this many times 16 bytes */
    bool indirect;       /* registers addressed with a variable index */
};

/* Everything the GL back end and neighbouring stages need to know. Owned by the IR. */
struct shader_info {
    uint8_t stage; /* enum shader_stage */

    uint32_t num_inputs, num_outputs; /* declarations */
    struct shader_io inputs[SHADER_MAX_INPUTS];
    struct shader_io outputs[SHADER_MAX_OUTPUTS];
    uint32_t attributes_used; /* vertex stage: bit per vertex element (0..31) read */
    struct shader_slots slots_read, slots_written;
    /* Slots of fragment inputs by their qualifier (the rest is smooth and centre). */
    struct shader_slots slots_flat, slots_noperspective, slots_centroid, slots_sample;
    uint64_t system_values; /* bit per enum shader_semantic */

    uint32_t samplers_used;
    struct shader_sampler_info samplers[SHADER_MAX_SAMPLERS];
    uint32_t const0_vec4s; /* plain constants: size of the block, 0 when not declared */
    bool const0_indirect;
    uint32_t ubos_used;    /* bit n: constant buffer n (1..31) */
    bool ubos_indirect;    /* a constant buffer is chosen by a variable index */
    struct shader_ubo_info ubos[SHADER_MAX_UBOS];
    uint32_t images_used;
    struct shader_image_info images[SHADER_MAX_IMAGES];
    uint32_t ssbos_used, ssbos_written; /* BUFFER declarations, ATOMIC ones included */
    uint32_t ssbos_atomic;              /* those declared ATOMIC */
    uint32_t num_atomic_ranges;
    struct shader_atomic_range atomic_ranges[SHADER_MAX_ATOMIC_RANGES];
    uint32_t shared_bytes;

    bool writes_position, writes_psize, writes_clipvertex, writes_edgeflag;
    bool writes_layer, writes_viewport;
    uint8_t clipdist_mask;   /* components of CLIPDIST 0 and 1 that are written */
    uint8_t num_clip, num_cull;
    bool prohibit_ucps;
    bool has_stream_output;

    /* Fragment stage. */
    uint8_t writes_colors;   /* bit per COLOR index */
    bool color0_writes_all;
    bool writes_depth, writes_stencil, writes_samplemask;
    bool reads_fragcoord, reads_face, reads_pcoord, reads_clipdist;
    uint8_t clipdist_read_mask;
    bool origin_lower_left, center_integer;
    uint8_t depth_layout;    /* 0 none, 1 any, 2 greater, 3 less, 4 unchanged */
    bool early_tests, post_depth_coverage;
    uint32_t blend_advanced; /* bit per enum advanced_blend_mode */
    bool uses_kill, uses_derivatives, uses_fbfetch;
    bool per_sample;         /* SAMPLEID, SAMPLEPOS or an input interpolated per sample */

    /* Geometry stage; primitives are the wire's primitive numbers. */
    uint8_t gs_input_primitive, gs_output_primitive;
    uint32_t gs_max_vertices, gs_invocations;
    uint8_t gs_streams;      /* bit per vertex stream that is emitted to */

    /* Tessellation. */
    uint32_t tcs_vertices_out;
    uint8_t tes_primitive;   /* 1 isolines, 4 triangles, 7 quads */
    uint8_t tes_spacing;     /* 0 fractional odd, 1 fractional even, 2 equal */
    bool tes_cw, tes_point_mode;

    uint32_t block_size[3];  /* compute; 1 when not declared */

    bool uses_doubles, uses_int64, uses_barrier, uses_membar;
    bool writes_memory;      /* images, storage buffers or atomics */
    bool separable;          /* SEPARABLE_PROGRAM 1 */
};

/*
 * Parse and validate `text`. It need not be NUL terminated; a NUL ends it. `stage` must agree with
 * the header word. `so` may be NULL; `compute_shared_bytes` is 0 but for compute shaders.
 * NULL with *err filled in when the text is refused.
 */
struct shader_ir *shader_parse(const char *text, size_t text_bytes, unsigned stage,
                               const struct shader_stream_output *so,
                               uint32_t compute_shared_bytes, struct shader_error *err);
void shader_ir_destroy(struct shader_ir *ir); /* takes NULL */
const struct shader_info *shader_info(const struct shader_ir *ir);

/* The IR as TGSI text in a normal form, malloc'd and NUL terminated; NULL without memory. */
char *shader_ir_dump(const struct shader_ir *ir);

/* ------------------------------------------------------------------ host */

/* Features of the host's GLSL; the table behind shader_host_init() knows version and extension. */
#define SHADER_HOST_FEATURES(X)                                                                   \
    X(BIT_ENCODING) X(EXPLICIT_ATTRIB_LOCATION) X(GPU_SHADER5) X(FP64) X(INT64)                   \
    X(TEXTURE_BUFFER) X(TEXTURE_MULTISAMPLE) X(TEXTURE_MULTISAMPLE_ARRAY) X(CUBE_ARRAY)           \
    X(TEXTURE_GATHER) X(QUERY_LOD) X(QUERY_LEVELS) X(TEXTURE_SAMPLES) X(SHADOW_LOD)               \
    X(SAMPLE_VARIABLES) X(INTERPOLATE_AT) X(GEOMETRY) X(GEOMETRY_POINT_SIZE) X(GEOMETRY_STREAMS)  \
    X(TESSELLATION) X(TESSELLATION_POINT_SIZE) X(COMPUTE) X(SSBO) X(IMAGES) X(IMAGE_ATOMIC)       \
    X(IMAGE_FORMATS) X(IMAGE_SIZE) X(ATOMIC_COUNTERS) X(ATOMIC_COUNTER_OPS) X(BINDING_LAYOUT)     \
    X(VARYING_LOCATION) X(VIEWPORT_ARRAY) X(VERTEX_LAYER) X(FRAGMENT_LAYER) X(CLIP_DISTANCE)      \
    X(CULL_DISTANCE) X(DERIVATIVE_CONTROL) X(DRAW_PARAMETERS) X(GROUP_VOTE) X(BALLOT) X(CLOCK)    \
    X(FB_FETCH) X(BLEND_ADVANCED) X(STENCIL_EXPORT) X(CONSERVATIVE_DEPTH) X(DUAL_SOURCE)          \
    X(NOPERSPECTIVE) X(INTEGER_MIX) X(DEMOTE) X(ATOMIC_FLOAT) X(HELPER_INVOCATION)                \
    X(POST_DEPTH_COVERAGE) X(MULTISAMPLE_INTERPOLATION) X(PRECISE) X(IO_BLOCKS)                   \
    X(IMPLICIT_FLAT_MATCH) X(PACKING) X(TRANSFORM_FEEDBACK3)

enum shader_host_feature_index {
#define X(name) SHADER_HOST_INDEX_##name,
    SHADER_HOST_FEATURES(X)
#undef X
    SHADER_HOST_NUM_FEATURES
};
#define SHADER_HOST(name) (1ull << SHADER_HOST_INDEX_##name)

struct shader_host {
    bool gles;
    unsigned glsl_version; /* 140 .. 460, or 300, 310, 320 on GLES */
    uint64_t features;     /* SHADER_HOST(x) bits */
    /* GL binding point of slot s in stage n is base[n] + s. */
    uint8_t sampler_base[SHADER_STAGES];
    uint8_t ubo_base[SHADER_STAGES];    /* of constant buffer 1 */
    uint8_t ssbo_base[SHADER_STAGES];
    uint8_t image_base[SHADER_STAGES];
    uint8_t const0_binding[SHADER_STAGES]; /* plain constants */
    uint8_t aux_binding;                   /* struct shader_aux, shared by all stages */
    uint8_t atomic_base;                   /* of atomic buffer 0, shared by all stages */
    /* Ordinary uniforms are cheaper to set than a buffer is to bind, when they are few: plain
     * constants of at most this many vec4s, and the first four fields of struct shader_aux where
     * a shader needs no more. 0 and false: always blocks. */
    uint16_t const0_uniform_vec4s;
    bool aux_uniforms;
    bool flips_itself; /* the host turns y over by state (clip control): shaders need not */
};

/*
 * Fill glsl_version and features from a GL version (10 * major + minor) and the extension list.
 * has_extension() gets names with their GL_ prefix. Bindings are zeroed: set them afterwards.
 */
void shader_host_init(struct shader_host *host, bool gles, unsigned gl_version,
                      bool (*has_extension)(void *opaque, const char *name), void *opaque);
const char *shader_host_feature_name(unsigned index); /* NULL past the last */

/*
 * Values that change too often for a variant live in one std140 block, which the back end uploads
 * and binds at aux_binding for the programs with shader_glsl.uses_aux. Most used first; a shader
 * declares the block only up to the last field that it reads, the binding may always cover all.
 */
struct shader_aux {
    float y_flip;          /* factor of gl_Position.y: 1 or -1 */
    float point_size;
    float alpha_ref;
    float fb_height_px;    /* height of the framebuffer, for gl_FragCoord on GLES */
    int32_t base_vertex;   /* of the draw, 0 for non-indexed draws */
    int32_t base_instance;
    int32_t draw_id;       /* of DRAW_VBO; gl_DrawID is added where the host has it */
    int32_t patch_vertices;
    float tess_outer[4];   /* default levels */
    float tess_inner[4];   /* x and y used */
    float clip_planes[8][4];
    uint32_t stipple[32];
    uint32_t texture_levels[SHADER_STAGES][SHADER_MAX_SAMPLERS]; /* last - first + 1 */
};
_Static_assert(offsetof(struct shader_aux, base_vertex) == 16, "std140");
_Static_assert(offsetof(struct shader_aux, tess_outer) == 32, "std140");
_Static_assert(offsetof(struct shader_aux, clip_planes) == 64, "std140");
_Static_assert(offsetof(struct shader_aux, stipple) == 192, "std140");
_Static_assert(offsetof(struct shader_aux, texture_levels) == 320, "std140");
_Static_assert(sizeof(struct shader_aux) == 1088, "std140");

/* ------------------------------------------------------------------ variants */

enum shader_cbuf_type {
    SHADER_CBUF_FLOAT = 0, /* float and normalised formats */
    SHADER_CBUF_INT = 1,
    SHADER_CBUF_UINT = 2,
    SHADER_CBUF_NONE = 3,  /* not bound */
};

enum shader_compare {      /* as on the wire */
    SHADER_FUNC_NEVER, SHADER_FUNC_LESS, SHADER_FUNC_EQUAL, SHADER_FUNC_LEQUAL,
    SHADER_FUNC_GREATER, SHADER_FUNC_NOTEQUAL, SHADER_FUNC_GEQUAL, SHADER_FUNC_ALWAYS,
};

/* Per colour buffer. */
struct shader_cbuf_key {
    uint8_t type : 2;         /* enum shader_cbuf_type */
    uint8_t alpha_in_red : 1; /* alpha-only format kept in a red texture */
    uint8_t swap_rb : 1;      /* kept in the other channel order */
    uint8_t srgb_encode : 1;  /* host cannot encode on write */
    uint8_t clamp : 1;        /* clamp to 0..1 (fragment colour clamp) */
    uint8_t spare : 2;
    uint8_t logic_bits;       /* bits per channel for logic op emulation, 0 when off */
};

/*
 * What changes the text. memcmp-able: start from shader_key_init(), which zeroes all of it and
 * gives the plain case (last vertex stage, alpha test off, float buffers). Fields of other stages
 * should stay as they are, or needless variants arise.
 */
struct shader_key {
    /* Neighbours, filled in by shader_key_link(). */
    struct shader_slots missing;  /* inputs that the previous stage does not write */
    struct shader_slots next_flat, next_noperspective, next_centroid, next_sample;
                                  /* qualifiers for outputs; only hosts that need them */
    uint8_t prev_stage;           /* enum shader_stage whose outputs are read */
    uint8_t prev_num_clip, prev_num_cull;
    uint8_t last_vertex_stage;    /* rasterised from here: y flip, clip planes, stream output */
    uint8_t separable;            /* alone in its program: explicit locations, gl_PerVertex */

    uint8_t const0_block;         /* plain constants come from a buffer of the guest's */

    /* Vertex stage: integer attributes by signedness, and attributes in BGRA order. */
    uint32_t attribute_int, attribute_uint, attribute_bgra;

    /* Last vertex stage. */
    uint8_t ucp_enable;           /* clip planes to compute, bit mask */
    uint8_t point_size;           /* 0: as the shader writes it; 1: always from shader_aux */
    uint8_t clamp_vertex_color;

    /* Fragment stage. */
    uint8_t flatshade;
    uint8_t two_sided;
    uint8_t poly_stipple;
    uint8_t alpha_func;           /* enum shader_compare, ALWAYS is off */
    uint8_t point_coord_invert;   /* host cannot set the origin: the shader uses 1 - y */
    uint32_t sprite_coord_enable; /* bit n: GENERIC n or TEXCOORD n; 0 unless points are drawn */
    uint8_t target_y0_top;        /* framebuffer has Y_0_TOP */
    uint8_t dual_source;
    uint8_t logic_op;             /* wire number of the operation, with cbufs[].logic_bits */
    uint8_t num_cbufs;
    struct shader_cbuf_key cbufs[SHADER_MAX_CBUFS];
    uint8_t per_sample;           /* force per-sample shading */

    /* Samplers whose view swizzle must be applied here: 4 x 3 bits per entry, x lowest;
     * 0..3 component, 4 zero, 5 one. Entries count only for bits of the mask. */
    uint32_t swizzled_samplers;
    uint16_t sampler_swizzle[SHADER_MAX_SAMPLERS];
    /* Samplers whose s, t and r stay within the texture, so that CLAMP_TO_BORDER is CLAMP. */
    uint32_t clamped_samplers[3];
};

void shader_key_init(struct shader_key *key);

/*
 * Set the neighbour part of `key` for shader `info`. prev: the stage before (NULL for vertex and
 * compute), next: the stage behind (NULL: nothing, or the rasteriser discards). Call after the
 * rest of the key is set, because two_sided and flatshade of the fragment key matter:
 * `fragment` is the key of the fragment stage when `next` is it, else NULL.
 */
void shader_key_link(struct shader_key *key, const struct shader_info *info,
                     const struct shader_info *prev, const struct shader_info *next,
                     const struct shader_key *fragment, const struct shader_host *host);

/* True when all varyings fit fixed locations, so that key.separable may be set. */
bool shader_separable(const struct shader_info *info, const struct shader_host *host);

/* ------------------------------------------------------------------ GLSL */

enum shader_resource_kind {
    SHADER_RES_SAMPLER,       /* glUniform1i, count units from binding on */
    SHADER_RES_UNIFORM_BLOCK, /* glUniformBlockBinding; for arrays name[0]... */
    SHADER_RES_STORAGE_BLOCK,
    SHADER_RES_IMAGE,
    SHADER_RES_ATTRIBUTE,     /* glBindAttribLocation before linking */
    SHADER_RES_FRAG_DATA,     /* glBindFragDataLocationIndexed before linking: binding, index */
};

/* Needed only where needs_binding is set: the text could not carry the binding itself. */
struct shader_resource {
    char name[32];
    uint8_t kind;    /* enum shader_resource_kind */
    uint8_t slot;    /* guest's slot */
    uint8_t binding; /* GL binding, location or colour number */
    uint8_t index;   /* FRAG_DATA: dual-source index */
    uint16_t count;  /* array length, 1 for none */
    bool needs_binding;
};

struct shader_glsl {
    char *text; /* NUL terminated */
    size_t length;
    uint32_t num_resources;
    const struct shader_resource *resources;
    /* For glTransformFeedbackVaryings, gl_SkipComponentsN and gl_NextBuffer included;
     * 0 when this stage captures nothing. */
    uint32_t num_varyings;
    const char *const *varyings;
    bool varyings_separate;  /* GL_SEPARATE_ATTRIBS instead of GL_INTERLEAVED_ATTRIBS */
    /* Values that are ordinary uniforms: an array of vec4 ('f') or uvec4 ('u'), and a struct "aux"
     * with the first four fields of struct shader_aux. "" and false: blocks, or not used. */
    char const0_uniform[16];
    char const0_type;
    bool aux_uniforms;
    bool uses_aux;           /* declares the block of struct shader_aux */
    uint32_t aux_bytes;      /* size of its declaration */
    void *arena;
};

/* 0, or a negative errno with *err filled in: the host lacks something, or no memory. */
int shader_emit(const struct shader_ir *ir, const struct shader_key *key,
                const struct shader_host *host, struct shader_glsl *out,
                struct shader_error *err);
void shader_glsl_finish(struct shader_glsl *glsl); /* takes a zeroed one */

/*
 * The control shader for a pipeline with an evaluation shader alone: copies what `vs` writes and
 * `tes` reads, levels from struct shader_aux.
 */
int shader_emit_passthrough_tcs(const struct shader_info *vs, const struct shader_info *tes,
                                unsigned vertices_per_patch, bool separable,
                                const struct shader_host *host, struct shader_glsl *out,
                                struct shader_error *err);

#endif
