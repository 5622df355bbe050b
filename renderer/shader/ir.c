/* SPDX-License-Identifier: MIT */
#include "ir.h"

#include <stdlib.h>
#include <string.h>

unsigned ir_slot(unsigned semantic, unsigned semantic_index)
{
    switch (semantic) {
    case SHADER_SEM_GENERIC:
        return semantic_index < 64 ? SHADER_SLOT_GENERIC0 + semantic_index : SHADER_SLOT_NONE;
    case SHADER_SEM_TEXCOORD:
        return semantic_index < 8 ? SHADER_SLOT_TEXCOORD0 + semantic_index : SHADER_SLOT_NONE;
    case SHADER_SEM_COLOR:
        return semantic_index < 8 ? SHADER_SLOT_COLOR0 + semantic_index : SHADER_SLOT_NONE;
    case SHADER_SEM_BCOLOR:
        return semantic_index < 8 ? SHADER_SLOT_BCOLOR0 + semantic_index : SHADER_SLOT_NONE;
    case SHADER_SEM_FOG:
        return SHADER_SLOT_FOG;
    case SHADER_SEM_NORMAL:
        return SHADER_SLOT_NORMAL;
    case SHADER_SEM_CLIPVERTEX:
        return SHADER_SLOT_CLIPVERTEX;
    case SHADER_SEM_PATCH:
        return semantic_index < 32 ? SHADER_SLOT_PATCH0 + semantic_index : SHADER_SLOT_NONE;
    default:
        return SHADER_SLOT_NONE;
    }
}

unsigned ir_io_slot(const struct shader_io *io, unsigned reg)
{
    return ir_slot(io->semantic, io->semantic_index + (reg - io->first));
}

const struct shader_io *ir_find_io(const struct shader_io *ios, uint32_t count, unsigned reg)
{
    for (uint32_t i = 0; i < count; i++) {
        if (reg >= ios[i].first && reg <= ios[i].last)
            return &ios[i];
    }
    return NULL;
}

const struct shader_io *ir_operand_io(const struct shader_io *ios, uint32_t count,
                                      const struct ir_reg *reg)
{
    const struct shader_io *io = NULL;

    if (ir_indirect(&reg->index) && reg->array_id) {
        for (uint32_t i = 0; i < count; i++) {
            if (ios[i].array_id == reg->array_id)
                return &ios[i];
        }
        return NULL;
    }
    if (reg->index.offset >= 0)
        io = ir_find_io(ios, count, (unsigned)reg->index.offset);
    return io || !ir_indirect(&reg->index) || !count ? io : &ios[0];
}

bool ir_same_io_array(const struct shader_io *base, const struct shader_io *io,
                      const struct ir_reg *reg)
{
    if (reg->array_id)
        return io->array_id == reg->array_id;
    return io->per_vertex == base->per_vertex && io->semantic == base->semantic;
}

const struct ir_array *ir_find_temp_array(const struct shader_ir *ir, unsigned reg)
{
    for (uint32_t i = 0; i < ir->num_temp_arrays; i++) {
        if (reg >= ir->temp_arrays[i].first && reg <= ir->temp_arrays[i].last)
            return &ir->temp_arrays[i];
    }
    return NULL;
}

const struct shader_opcode_info *ir_op_info(unsigned op)
{
    static const struct shader_opcode_info internal = {0};

    return op < SHADER_OP_COUNT ? &shader_opcodes[op] : &internal;
}

const char *ir_op_name(unsigned op)
{
    return op < SHADER_OP_COUNT ? shader_opcode_names[op] : "POLY_STIPPLE";
}

int ir_sampler_operand(const struct ir_insn *insn)
{
    switch (insn->op) {
    case SHADER_OP_TXQS:
        return 0;
    case SHADER_OP_SAMP2HND:
        return -1;
    default:
        return ir_op_info(insn->op)->texture ? insn->num_src - 1 : -1;
    }
}

struct shader_ir *ir_clone(const struct shader_ir *ir)
{
    struct shader_ir *copy = malloc(sizeof(*copy));
    uint32_t count = ir->body.count;

    if (!copy)
        return NULL;
    *copy = *ir;
    memset(&copy->arena, 0, sizeof(copy->arena));
    copy->body.insns = sh_arena_copy(&copy->arena, ir->body.insns,
                                     count * sizeof(*ir->body.insns));
    copy->body.capacity = count;
    /* Immediates grow by copying, so the original's array is never written. */
    copy->imm_capacity = copy->num_imms;
    if (copy->arena.failed) {
        shader_ir_destroy(copy);
        return NULL;
    }
    return copy;
}

void shader_ir_destroy(struct shader_ir *ir)
{
    if (!ir)
        return;
    sh_arena_finish(&ir->arena);
    free(ir);
}

const struct shader_info *shader_info(const struct shader_ir *ir)
{
    return &ir->info;
}

struct ir_insn *ir_append(struct shader_ir *ir, struct ir_block *block, unsigned op)
{
    struct ir_insn *insn;

    if (!sh_arena_grow(&ir->arena, (void **)&block->insns, block->count, &block->capacity,
                       sizeof(*block->insns))) {
        ir->arena.failed = true;
        return NULL;
    }
    insn = &block->insns[block->count++];
    memset(insn, 0, sizeof(*insn));
    insn->op = (uint16_t)op;
    insn->target = SHADER_TEX_UNKNOWN;
    insn->num_dst = ir_op_info(op)->num_dst;
    insn->num_src = ir_op_info(op)->num_src;
    return insn;
}

int ir_new_temp(struct shader_ir *ir)
{
    return (int)ir->num_temps++;
}

int ir_new_immediate(struct shader_ir *ir, uint32_t x, uint32_t y, uint32_t z, uint32_t w)
{
    if (!sh_arena_grow(&ir->arena, (void **)&ir->imms, ir->num_imms, &ir->imm_capacity,
                       sizeof(*ir->imms))) {
        ir->arena.failed = true;
        return 0;
    }
    ir->imms[ir->num_imms] = (struct ir_imm){{x, y, z, w}};
    return (int)ir->num_imms++;
}

uint32_t ir_float_bits(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

struct ir_dst ir_dst(unsigned file, int index, unsigned mask)
{
    return (struct ir_dst){
        .reg = {.file = (uint8_t)file, .index = {.offset = index}},
        .mask = (uint8_t)mask,
    };
}

struct ir_src ir_src(unsigned file, int index, const char *swizzle)
{
    struct ir_src src = {.reg = {.file = (uint8_t)file, .index = {.offset = index}}};

    for (unsigned i = 0; i < 4; i++)
        src.swizzle[i] = (uint8_t)(swizzle[i] == 'w' ? 3 : swizzle[i] - 'x');
    return src;
}

void ir_op(struct shader_ir *ir, struct ir_block *block, unsigned op, struct ir_dst dst,
           unsigned num_src, const struct ir_src *src)
{
    struct ir_insn *insn = ir_append(ir, block, op);

    if (!insn)
        return;
    insn->dst[0] = dst;
    for (unsigned i = 0; i < num_src && i < IR_MAX_SRC; i++)
        insn->src[i] = src[i];
}

struct shader_ir *shader_parse(const char *text, size_t text_bytes, unsigned stage,
                               const struct shader_stream_output *so,
                               uint32_t compute_shared_bytes, struct shader_error *err)
{
    struct shader_error local;
    struct shader_ir *ir;

    if (!err)
        err = &local;
    memset(err, 0, sizeof(*err));
    if (stage >= SHADER_STAGES) {
        sh_error(err, 0, "stage %u does not exist", stage);
        return NULL;
    }
    if (text_bytes > shader_default_limits.max_text_bytes) {
        sh_error(err, 0, "text of %zu bytes exceeds %zu", text_bytes,
                 shader_default_limits.max_text_bytes);
        return NULL;
    }
    if (compute_shared_bytes > shader_default_limits.max_shared_bytes) {
        sh_error(err, 0, "%u bytes of shared memory exceed %u", compute_shared_bytes,
                 shader_default_limits.max_shared_bytes);
        return NULL;
    }
    ir = calloc(1, sizeof(*ir));
    if (!ir) {
        sh_error(err, 0, "out of memory");
        return NULL;
    }
    if (so && stage != SHADER_FRAGMENT && stage != SHADER_COMPUTE)
        ir->so = *so;
    if (stage == SHADER_COMPUTE)
        ir->info.shared_bytes = compute_shared_bytes;
    if (ir_parse(ir, text, text_bytes, stage, err) < 0 || ir_normalise(ir, err) < 0 ||
        ir_validate(ir, err) < 0) {
        shader_ir_destroy(ir);
        return NULL;
    }
    ir_settle_ranges(ir);
    if (ir_collect_info(ir, err) < 0) {
        shader_ir_destroy(ir);
        return NULL;
    }
    return ir;
}
