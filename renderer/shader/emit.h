/* SPDX-License-Identifier: MIT */
/* Shared by the emitter's files. Text goes to e->out; failures are sticky in e->failed. */
#ifndef MANTUA_SHADER_EMIT_H
#define MANTUA_SHADER_EMIT_H

#include "host.h"
#include "ir.h"
#include "target.h"

/* GLSL type of a register or an expression: 'f', 'i', 'u'. Results also know 'b': a bool. */
typedef char emit_type;

enum emit_aux_level { /* how much of struct shader_aux is declared */
    EMIT_AUX_NONE,
    EMIT_AUX_SCALARS,
    EMIT_AUX_DRAW,
    EMIT_AUX_TESS_OUTER,
    EMIT_AUX_TESS_INNER,
    EMIT_AUX_CLIP_PLANES,
    EMIT_AUX_STIPPLE,
    EMIT_AUX_LEVELS,
};

struct emit_array {
    uint16_t id;    /* of the text, 0: none; GLSL names are made of it or of the position */
    uint16_t first, last;
    emit_type type;
    const struct shader_io *base; /* inputs and outputs */
};

#define EMIT_MAX_IO_ARRAYS 16
#define EMIT_REGS 256 /* IN and OUT register numbers, those of passes included */

struct emitter {
    struct shader_ir *ir; /* working copy */
    struct shader_info *info;
    const struct shader_key *key;
    const struct shader_host *host;
    struct shader_error *err;
    bool failed;
    struct sh_arena *arena; /* of the result */
    uint64_t features;      /* used: extensions to enable */

    struct sh_text decls, functions, body;
    struct sh_text *out;
    unsigned indent;
    uint32_t line;          /* of the instruction at work */

    /* Analysis. */
    uint32_t num_temps;
    uint8_t *temp_type;     /* emit_type per temporary, 0: unused */
    uint8_t *temp_precise;
    uint8_t *temp_array;    /* 1 + index into temp_arrays when indirectly addressed */
    struct emit_array temp_arrays[IR_MAX_ARRAYS + 1];
    uint32_t num_temp_arrays;
    struct emit_array in_arrays[EMIT_MAX_IO_ARRAYS], out_arrays[EMIT_MAX_IO_ARRAYS];
    uint32_t num_in_arrays, num_out_arrays;
    uint8_t in_used[EMIT_REGS], out_precise[EMIT_REGS];
    uint8_t out_array[EMIT_REGS]; /* 1 + index into out_arrays */
    uint64_t sv_used;
    uint32_t addr_used;
    emit_type const_type[SHADER_MAX_UBOS];
    bool imm_indirect, returns, fetched_outputs;
    uint32_t ssbo_signed, ssbo_cas_signed; /* bit masks */
    bool shared_signed;
    uint8_t image_qualifiers[SHADER_MAX_IMAGES], ssbo_qualifiers[SHADER_MAX_SSBOS];

    bool cube_step; /* helper function in use */
    enum emit_aux_level aux;
    uint32_t out_from_body; /* colours really declared as outputs, bit mask */

    struct shader_resource *resources;
    uint32_t num_resources, resource_capacity;
};

extern const char *const emit_stage_prefix[SHADER_STAGES]; /* "vs", "fs", ... */

/* ir NULL: an empty one. The finish call frees the emitter; 0 or a negative errno. */
struct emitter *emitter_create(const struct shader_ir *ir, const struct shader_key *key,
                               const struct shader_host *host, struct shader_error *err);
int emitter_finish(struct emitter *e, struct shader_glsl *out);

/* Text. */
void emit(struct emitter *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
void emit_begin(struct emitter *e);                /* indentation */
void emit_line(struct emitter *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));          /* a whole statement line */
void emit_fail(struct emitter *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
void emit_template(struct emitter *e, const char *text); /* '@' is the prefix of aux fields */
/* GLSL 1.40 has no instance names for blocks: their members are named by stage instead. */
bool emit_block_instances(const struct emitter *e);
bool emit_has(const struct emitter *e, unsigned feature); /* SHADER_HOST_INDEX_x */
bool emit_need(struct emitter *e, unsigned feature, const char *what); /* else fails */
/* GLES: point size is a member of gl_PerVertex by extension, and stages must agree about it. */
void emit_point_size_extension(struct emitter *e);
void emit_resource(struct emitter *e, unsigned kind, const char *name, unsigned slot,
                   unsigned binding, unsigned count, bool needs_binding);
const char *emit_vector(emit_type type, unsigned n); /* "vec3", "int", ... */

/* emit_analyse.c */
void emit_analyse(struct emitter *e);
emit_type emit_src_type(const struct ir_insn *insn, unsigned n); /* 'f','i','u','a' any,'d','l' */

/* emit_operand.c: registers. comps: n components after the swizzle. */
emit_type emit_reg_type(struct emitter *e, const struct ir_reg *reg);
void emit_reg(struct emitter *e, const struct ir_reg *reg); /* vec4-shaped primary expression */
void emit_index(struct emitter *e, const struct ir_index *index, int first, int last);
void emit_src(struct emitter *e, const struct ir_src *src, emit_type type, const uint8_t *comps,
              unsigned n);
void emit_src_scalar(struct emitter *e, const struct ir_src *src, emit_type type, unsigned comp);
void emit_src_mask(struct emitter *e, const struct ir_src *src, emit_type type, unsigned mask);
void emit_literal(struct emitter *e, emit_type type, uint32_t bits);
void emit_cast_open(struct emitter *e, emit_type to, emit_type from, unsigned n);
void emit_cast_close(struct emitter *e, emit_type to, emit_type from);
void emit_aux(struct emitter *e, enum emit_aux_level level);
/* Whether the plain constants, and the fields of struct shader_aux, are ordinary uniforms. The
 * latter is known once all code is out. */
bool emit_const0_uniform(const struct emitter *e);
bool emit_aux_uniforms(const struct emitter *e);

/* emit_dst.c: "lvalue = cast(" ... ");" around an expression of `type` with one component per
 * mask bit, or a scalar to be replicated. */
struct emit_store {
    const struct ir_dst *dst;
    emit_type native, type;
    unsigned n;
    bool saturate, scalar, replicate, special, skip;
};
void emit_store_open(struct emitter *e, const struct ir_insn *insn, unsigned dst, emit_type type,
                     bool scalar, struct emit_store *store);
void emit_store_close(struct emitter *e, struct emit_store *store);
void emit_mask(struct emitter *e, unsigned mask); /* ".xz", nothing for xyzw */
unsigned emit_count(unsigned mask);

/* Instruction groups; false when the opcode is not theirs. */
bool emit_alu(struct emitter *e, const struct ir_insn *insn);
bool emit_wide(struct emitter *e, const struct ir_insn *insn);    /* 64-bit */
bool emit_texture(struct emitter *e, const struct ir_insn *insn);
bool emit_memory(struct emitter *e, const struct ir_insn *insn);
bool emit_flow(struct emitter *e, const struct ir_insn *insn);
bool emit_fragment(struct emitter *e, const struct ir_insn *insn);
void emit_insn(struct emitter *e, const struct ir_insn *insn);
void emit_block(struct emitter *e, const struct ir_block *block);

/* Declarations. */
void emit_slot_name(struct emitter *e, unsigned stage, unsigned slot, char name[32]);
int emit_slot_location(unsigned slot); /* for separable programs, -1: does not fit */
void emit_declare_inputs(struct emitter *e);
void emit_declare_outputs(struct emitter *e);
void emit_declare_resources(struct emitter *e); /* after the body: knows what it used */
void emit_declare_registers(struct emitter *e);
void emit_input_prologue(struct emitter *e);
void emit_output_epilogue(struct emitter *e); /* stream output, passes, built-ins */
void emit_sampler_name(struct emitter *e, unsigned slot, char name[32]);

/* IN register helpers shared by declaration and use. */
enum emit_in_kind {
    EMIT_IN_DIRECT, /* the GLSL variable itself */
    EMIT_IN_LOCAL,  /* copied or computed at the start of main, named i<reg> */
    EMIT_IN_VERTEX, /* per-vertex array or gl_in */
};
enum emit_in_kind emit_in_kind(struct emitter *e, const struct shader_io *io, unsigned reg);
emit_type emit_in_type(struct emitter *e, const struct shader_io *io, unsigned reg);
void emit_in_value(struct emitter *e, const struct shader_io *io, unsigned reg,
                   const char *vertex); /* expression; vertex NULL unless per vertex */

/* OUT register helpers. */
enum emit_out_kind {
    EMIT_OUT_DIRECT,    /* the GLSL variable itself */
    EMIT_OUT_LOCAL,     /* built-in kept in o<reg> until the epilogue */
    EMIT_OUT_COMPONENT, /* control shader: float arrays, written one by one */
};
enum emit_out_kind emit_out_kind(struct emitter *e, const struct shader_io *io, unsigned reg);
emit_type emit_out_type(struct emitter *e, const struct shader_io *io, unsigned reg);
void emit_out_name(struct emitter *e, const struct shader_io *io, unsigned reg,
                   const char *vertex, char name[96]);
/* Name of one component of an EMIT_OUT_COMPONENT register; false when it has none. */
bool emit_out_component(struct emitter *e, const struct shader_io *io, unsigned reg,
                        unsigned comp, const char *vertex, char name[96]);
const struct emit_array *emit_in_array(struct emitter *e, const struct ir_reg *reg);
const struct emit_array *emit_out_array(struct emitter *e, const struct ir_reg *reg);

/* emit_xfb.c */
void emit_xfb_plan(struct emitter *e, struct shader_glsl *out);
void emit_xfb_declare(struct emitter *e);
void emit_xfb_copies(struct emitter *e);

/* Passes over the working copy. */
void pass_inputs(struct emitter *e);        /* missing, point sprite, two-sided, flat */
void pass_alpha_test(struct emitter *e);
void pass_poly_stipple(struct emitter *e);
void pass_user_clip(struct emitter *e);
void pass_y_flip(struct emitter *e);
void pass_point_size(struct emitter *e);
void pass_color_export(struct emitter *e);
void pass_clamp_vertex_color(struct emitter *e);
int pass_add_output(struct emitter *e, unsigned semantic, unsigned index, unsigned mask);
int pass_find_output(const struct emitter *e, unsigned semantic, unsigned index);

#endif
