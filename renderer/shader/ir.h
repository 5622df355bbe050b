/* SPDX-License-Identifier: MIT */
/*
 * Intermediate representation: TGSI instructions with decoded operands, and the declarations.
 * The parser builds one per shader object; the emitter works on a copy that passes may change.
 */
#ifndef MANTUA_SHADER_IR_H
#define MANTUA_SHADER_IR_H

#include "util.h"

/* Register files beyond TGSI's, only in working copies. */
enum {
    IR_FILE_AUX = SHADER_FILE_COUNT, /* 16-byte slots of struct shader_aux */
    IR_FILES,
};

enum ir_aux_slot {
    IR_AUX_SCALARS,       /* y_flip, point_size, alpha_ref, fb_height_px */
    IR_AUX_DRAW,          /* base_vertex, base_instance, draw_id, patch_vertices (ints) */
    IR_AUX_TESS_OUTER,
    IR_AUX_TESS_INNER,
    IR_AUX_CLIP_PLANES,   /* 8 */
    IR_AUX_STIPPLE = IR_AUX_CLIP_PLANES + 8, /* 8 x uvec4 */
    IR_AUX_LEVELS = IR_AUX_STIPPLE + 8,      /* 8 x uvec4 per stage */
    IR_AUX_SLOTS = IR_AUX_LEVELS + 8 * SHADER_STAGES,
};

/* Opcodes beyond TGSI's, only in working copies. */
enum {
    IR_OP_POLY_STIPPLE = SHADER_OP_COUNT, /* discard by the stipple pattern */
    IR_OPS,
};

/* One bracket of an operand: offset, plus a register component when indirect. */
struct ir_index {
    int32_t offset;
    int16_t reg;   /* of `file` */
    uint8_t file;  /* SHADER_FILE_NULL: direct */
    uint8_t comp;
};

struct ir_reg {
    struct ir_index dim; /* first of two brackets */
    struct ir_index index;
    uint16_t array_id;
    uint8_t file;        /* enum shader_file or IR_FILE_* */
    bool has_dim;
};

struct ir_dst {
    struct ir_reg reg;
    uint8_t mask;
};

struct ir_src {
    struct ir_reg reg;
    uint8_t swizzle[4];
    bool negate, absolute;
};

enum {
    IR_COHERENT = 1,
    IR_RESTRICT = 2,
    IR_VOLATILE = 4,
};

#define IR_MAX_DST 2
#define IR_MAX_SRC 5
#define IR_MAX_OFFSETS 4

struct ir_insn {
    uint16_t op; /* enum shader_opcode or IR_OP_* */
    uint8_t num_dst, num_src, num_offsets;
    bool saturate, precise;
    bool has_target;
    uint8_t target;     /* enum shader_texture */
    uint8_t qualifiers; /* IR_COHERENT ... */
    uint8_t format;     /* index of image_format, 0 none */
    uint32_t label;
    uint32_t line;
    struct ir_dst dst[IR_MAX_DST];
    struct ir_src src[IR_MAX_SRC];
    struct ir_src *offsets; /* num_offsets texel offsets */
    bool lod_zero;          /* sample at level 0 (TEX_LZ and the like) */
    bool swizzled;          /* result_swizzle counts */
    uint8_t result_swizzle[4];
};

struct ir_block {
    struct ir_insn *insns;
    uint32_t count, capacity;
};

struct ir_imm {
    uint32_t bits[4];
};

struct ir_array {
    uint16_t id;
    uint16_t first, last;
};

#define IR_MAX_SV 64
#define IR_MAX_ADDRS 16
#define IR_MAX_ARRAYS 250

struct ir_range {
    uint8_t first, last;
};

/* What a fragment shader's input slot is read from; passes change it. */
enum ir_input_source {
    IR_INPUT_VARYING,
    IR_INPUT_MISSING,     /* the constant (0, 0, 0, 1), zeros for COLOR and the like */
    IR_INPUT_POINT_COORD,
    IR_INPUT_TWO_SIDED,   /* colour chosen by facing */
};

struct shader_ir {
    struct sh_arena arena;
    struct shader_info info;
    struct shader_stream_output so;
    struct ir_block body;
    struct ir_imm *imms;
    uint32_t num_imms, imm_capacity;
    uint32_t num_temps;        /* highest declared + 1 */
    uint64_t *temps_declared;  /* bit set */
    struct ir_array temp_arrays[IR_MAX_ARRAYS];
    uint32_t num_temp_arrays;
    uint32_t num_addrs;
    uint8_t sv_semantic[IR_MAX_SV]; /* SHADER_SEM_NONE: not declared */
    struct ir_range sampler_range[SHADER_MAX_SAMPLERS]; /* array that holds it, or itself */
    struct ir_range image_range[SHADER_MAX_IMAGES];
    struct ir_range buffer_range[SHADER_MAX_SSBOS];
    uint32_t samplers_declared, views_declared;
    struct {
        uint8_t target, type;
    } views[SHADER_MAX_SAMPLERS];
    uint8_t image_format[SHADER_MAX_IMAGES];
    uint32_t hwatomics_declared;
    bool memory_declared;
    uint32_t subroutines;      /* BGNSUB instructions */

    /* Working copies only. */
    struct ir_block epilogue;  /* run before the outputs are final (END, RET, EMIT) */
    uint8_t input_source[SHADER_SLOTS];
    bool invert_point_coord;
    bool flip_y;               /* multiply gl_Position.y by aux.y_flip when it is written */
};

extern const struct shader_limits shader_default_limits;

/* Lexer and parser fill an IR in; info and validator complete it. 0 or -1 with *err. */
int ir_parse(struct shader_ir *ir, const char *text, size_t text_bytes, unsigned stage,
             struct shader_error *err);
int ir_validate(const struct shader_ir *ir, struct shader_error *err);
/* What passes appended; temporaries and outputs of their own are fine there. */
int ir_validate_epilogue(const struct shader_ir *ir, struct shader_error *err);
int ir_validate_flow(const struct shader_ir *ir, struct shader_error *err);
int ir_validate_texture(const struct shader_ir *ir, const struct ir_insn *insn,
                        struct shader_error *err);
int ir_collect_info(struct shader_ir *ir, struct shader_error *err);
/* Turns Direct3D 10 style sampling into the other opcodes; finds the pairs of copied doubles. */
int ir_normalise(struct shader_ir *ir, struct shader_error *err);
void ir_settle_ranges(struct shader_ir *ir);

struct shader_ir *ir_clone(const struct shader_ir *ir);

/* Building: appended instructions are zeroed. NULL without memory. */
struct ir_insn *ir_append(struct shader_ir *ir, struct ir_block *block, unsigned op);
int ir_new_temp(struct shader_ir *ir);
struct ir_dst ir_dst(unsigned file, int index, unsigned mask);
struct ir_src ir_src(unsigned file, int index, const char *swizzle); /* e.g. "xxxx" */
void ir_op(struct shader_ir *ir, struct ir_block *block, unsigned op, struct ir_dst dst,
           unsigned num_src, const struct ir_src *src);
int ir_new_immediate(struct shader_ir *ir, uint32_t x, uint32_t y, uint32_t z, uint32_t w);
uint32_t ir_float_bits(float value);

/* Lookup. */
static inline bool ir_indirect(const struct ir_index *index)
{
    return index->file != SHADER_FILE_NULL;
}
const struct shader_io *ir_find_io(const struct shader_io *ios, uint32_t count, unsigned reg);
const struct ir_array *ir_find_temp_array(const struct shader_ir *ir, unsigned reg);
unsigned ir_slot(unsigned semantic, unsigned semantic_index); /* SHADER_SLOT_NONE: built-in */
unsigned ir_io_slot(const struct shader_io *io, unsigned reg);
/* Declaration that an operand means; indirect ones by array id, else by where the base lies. */
const struct shader_io *ir_operand_io(const struct shader_io *ios, uint32_t count,
                                      const struct ir_reg *reg);
/* True when an indirect operand that means `base` may reach `io`. */
bool ir_same_io_array(const struct shader_io *base, const struct shader_io *io,
                      const struct ir_reg *reg);
const struct shader_opcode_info *ir_op_info(unsigned op);
const char *ir_op_name(unsigned op);

/* True when the instruction samples through its SAMP operand; gives the operand's number. */
int ir_sampler_operand(const struct ir_insn *insn);

#endif
