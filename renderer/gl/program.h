/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_GL_PROGRAM_H
#define MANTUA_GL_PROGRAM_H

/*
 * From the guest's shaders to a linked GL program.
 *
 *   gl_shader     one guest shader object, with its variants
 *   gl_variant    a shader translated for one key: GLSL text, not yet compiled
 *   gl_program    a linked program; device-wide, one per set of texts
 *   gl_pipeline   a context's choice of variants, their program, and what it uses
 *
 * A draw finds its pipeline by the shaders' serials and the number of the key state; only when
 * that fails are keys built and compared. Text is compiled only when no linked binary is at hand,
 * in memory or on disk.
 */

#include "context.h"

enum { GL_DIGEST_BYTES = 32 };

/* No GLenum: GL_POINTS is 0. */
#define GL_MODE_OF_DRAW 0xffffffffu

/* The pipeline state that may change GLSL text, before it is narrowed to what a shader looks at.
 * Compared with memcmp: zero it first. */
struct gl_key_state {
    uint32_t attribute_int, attribute_uint, attribute_bgra;
    uint32_t sprite_coord_enable;
    uint64_t swizzle_hash;
    uint8_t prim_class; /* 0 when nothing depends on it */
    uint8_t clip_plane_enable;
    uint8_t point_size_per_vertex;
    uint8_t clamp_vertex_color;
    uint8_t flatshade, two_sided, poly_stipple;
    uint8_t alpha_func; /* ALWAYS: off */
    uint8_t sprite_origin_upper;
    uint8_t target_y0_top;
    uint8_t dual_source;
    uint8_t logic_op, logic_op_enabled;
    uint8_t cbuf_count;
    uint8_t const0_blocks;  /* bit per stage: constant buffer 0 is a buffer of the guest's */
    uint8_t patch_vertices; /* only for evaluation shaders without a control shader */
    struct shader_cbuf_key cbufs[SHADER_MAX_CBUFS];
};

struct gl_compiled; /* a GL shader object, shared by equal texts */

struct gl_variant {
    struct gl_variant *next;
    struct shader_key key;
    uint32_t id; /* unique on the device */
    uint8_t stage;
    bool failed; /* the translator refused */
    uint8_t digest[GL_DIGEST_BYTES];
    struct shader_glsl glsl;
    struct gl_compiled *compiled; /* NULL until a program needs it */
};

struct gl_shader {
    const struct shader_ir *ir;
    const struct shader_info *info;
    struct gl_variant *variants;
};

/* Plain constants that are ordinary uniforms: their values live in the program. */
struct gl_const0_uniform {
    GLint location; /* -1: none */
    uint32_t vec4s;
    bool is_float;
    uint64_t serial; /* of the values it has: gl_draw.const0_serial */
};

struct gl_program {
    uint8_t digest[GL_DIGEST_BYTES];
    /* Uniform values were set by this context. Another one must bind the program anew before it
     * sets its own, or it may go on with what it sent to the driver before. */
    const struct gl_context *values_from;
    bool has_uniforms, has_aux_uniforms;
    uint32_t const0_stages; /* bit per stage: const0[] is used */
    struct gl_const0_uniform const0[STAGE_COUNT];
    GLint aux_locations[4];
    float aux_values[4];
    GLuint name; /* 0: compiling or linking failed */
    uint32_t refs;
    struct gl_program *prev, *next; /* unreferenced ones, newest first */
};

/* What one stage of a pipeline reads. */
struct gl_stage_use {
    uint32_t const0_bytes; /* of the block; 0 when there is none */
    uint32_t samplers, shadow_samplers, ubos, ssbos, ssbos_written, images;
    const struct shader_info *info;
};

struct gl_pipeline {
    uint32_t ids[5]; /* of the variants: the key in gl_draw.pipelines */
    struct gl_shader *shaders[5];
    struct gl_program *program; /* NULL: failed */
    struct gl_variant *passthrough_tcs;
    GLuint name;
    uint32_t aux_bytes; /* 0: the aux block is not read */
    uint32_t stages;    /* bit per stage */
    struct gl_stage_use use[STAGE_COUNT];

    bool writes_psize, draw_parameters, has_tessellation, has_geometry, has_stream_output;
    bool writes_memory, uses_atomics;
    uint8_t clip_distances; /* planes that can be enabled */
    uint32_t blend_advanced;
    GLenum capture_mode;    /* primitives after geometry or tessellation, or GL_MODE_OF_DRAW */
};

int gl_shader_create(struct gl_context *ctx, struct front_shader *shader);
void gl_shader_destroy(struct gl_context *ctx, struct front_shader *shader);

/* Takes the state into the key state; true when its number changed. */
bool gl_key_state_update(struct gl_context *ctx);
/* Could these dirty parts of the state have changed the key state? */
#define GL_KEY_STATE_DIRTY                                                                         \
    (DIRTY_VERTEX_ELEMENTS | DIRTY_RASTERIZER | DIRTY_DSA | DIRTY_BLEND | DIRTY_FRAMEBUFFER |      \
     DIRTY_SHADERS)
bool gl_key_state_stale(const struct gl_context *ctx, uint32_t dirty);

/* shader_key.c: the keys of the shaders that are there, in stage order (compute excluded). */
void gl_build_keys(struct gl_context *ctx, struct gl_shader *const shaders[5],
                   struct shader_key keys[5]);
void gl_build_compute_key(struct gl_context *ctx, struct gl_shader *shader,
                          struct shader_key *key);

/* The pipeline for the bound shaders; NULL when there is none that works. */
struct gl_pipeline *gl_pipeline_select(struct gl_context *ctx);
struct gl_pipeline *gl_pipeline_select_compute(struct gl_context *ctx);
void gl_pipelines_finish(struct gl_context *ctx);

/* program_cache.c. The program for these stages (NULL entries are absent), made now if need be;
 * a reference for the caller. Never NULL but without memory; failure has name 0. */
struct gl_program *gl_program_get(struct gl_context *ctx,
                                  struct gl_variant *const variants[STAGE_COUNT]);
void gl_program_unref(struct gl_device *dev, struct gl_program *program);
uint32_t gl_variant_next_id(struct gl_device *dev);
void gl_variant_digest(struct gl_variant *variant);
void gl_variant_free(struct gl_device *dev, struct gl_variant *variant);

/* program_disk.c: linked binaries in a directory that processes may share. */
struct gl_program_disk;
/* NULL: no directory, switched off, or no memory. host identifies driver and version. */
struct gl_program_disk *gl_program_disk_open(const char *host, struct log *log);
void gl_program_disk_close(struct gl_program_disk *disk);
/* The file name's digest covers host and key. Loads into *data (g_free it). */
bool gl_program_disk_load(struct gl_program_disk *disk, const uint8_t key[GL_DIGEST_BYTES],
                          GLenum *format, void **data, size_t *bytes);
/* Removes what the driver would not take. */
void gl_program_disk_discard(struct gl_program_disk *disk, const uint8_t key[GL_DIGEST_BYTES]);
void gl_program_disk_store(struct gl_program_disk *disk, const uint8_t key[GL_DIGEST_BYTES],
                           GLenum format, const void *data, size_t bytes);

#endif
