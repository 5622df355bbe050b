/* SPDX-License-Identifier: MIT */
/*
 * Everything that the emitter relies on: operands name declared registers, files suit their place,
 * opcodes suit the stage. Run on every guest text, and again behind the passes in debug builds.
 */
#include <string.h>

#include "ir.h"

struct validator {
    const struct shader_ir *ir;
    const struct ir_insn *insn;
    struct shader_error *err;
    bool by_pass; /* instructions that a pass made: outputs may be read back */
};

static bool fail(struct validator *v, const char *what, unsigned file, int index)
{
    sh_error(v->err, v->insn->line, "%s: %s %s[%d]", ir_op_name(v->insn->op), what,
             file < SHADER_FILE_COUNT ? shader_file_names[file] : "AUX", index);
    return false;
}

static bool fail_op(struct validator *v, const char *what)
{
    sh_error(v->err, v->insn->line, "%s: %s", ir_op_name(v->insn->op), what);
    return false;
}

static bool temp_declared(const struct validator *v, int reg)
{
    const struct shader_ir *ir = v->ir;

    if (reg < 0 || (uint32_t)reg >= ir->num_temps)
        return false;
    if (v->by_pass)
        return true;
    return ir->temps_declared && (ir->temps_declared[reg / 64] >> (reg % 64) & 1);
}

static bool check_index(struct validator *v, const struct ir_index *index)
{
    if (!ir_indirect(index))
        return true;
    if (index->file == SHADER_FILE_ADDR && (uint32_t)index->reg < v->ir->num_addrs)
        return true;
    if (index->file == SHADER_FILE_TEMP && temp_declared(v, index->reg))
        return true;
    return fail(v, "undeclared index register", index->file, index->reg);
}

static bool check_array_id(struct validator *v, const struct ir_reg *reg,
                           const struct shader_io *ios, uint32_t count)
{
    if (!reg->array_id || !ir_indirect(&reg->index))
        return true;
    for (uint32_t i = 0; i < count; i++) {
        if (ios[i].array_id == reg->array_id)
            return true;
    }
    return fail(v, "unknown array id in", reg->file, reg->array_id);
}

static int gs_input_vertices(unsigned primitive)
{
    switch (primitive) {
    case SHADER_PRIM_POINTS:
        return 1;
    case SHADER_PRIM_LINES:
        return 2;
    case SHADER_PRIM_LINES_ADJACENCY:
        return 4;
    case SHADER_PRIM_TRIANGLES:
        return 3;
    case SHADER_PRIM_TRIANGLES_ADJACENCY:
        return 6;
    default:
        return 0;
    }
}

static bool check_io(struct validator *v, const struct ir_reg *reg, const struct shader_io *ios,
                     uint32_t count)
{
    const struct shader_info *info = &v->ir->info;
    const struct shader_io *io = ir_operand_io(ios, count, reg);
    int offset = reg->index.offset;

    if (!check_array_id(v, reg, ios, count))
        return false;
    if (!io)
        return fail(v, "undeclared", reg->file, offset);
    /* Control shaders of some guests leave out that they mean their own vertex. */
    if (io->per_vertex && !reg->has_dim && reg->file == SHADER_FILE_OUT)
        return true;
    /* The primitive's number is no vertex's own, even where it is declared like those. */
    if (io->semantic == SHADER_SEM_PRIM_ID && reg->file == SHADER_FILE_IN && !reg->has_dim)
        return true;
    if (io->per_vertex != reg->has_dim)
        return fail(v, reg->has_dim ? "vertex index on" : "missing vertex index on", reg->file,
                    offset);
    if (reg->has_dim && !ir_indirect(&reg->dim)) {
        int limit = info->stage == SHADER_GEOMETRY ? gs_input_vertices(info->gs_input_primitive)
                                                   : 32;

        if (reg->dim.offset >= limit)
            return fail(v, "vertex index too large on", reg->file, offset);
    }
    return true;
}

static bool check_const(struct validator *v, const struct ir_reg *reg)
{
    const struct shader_info *info = &v->ir->info;
    int offset = reg->index.offset;
    uint32_t size = info->const0_vec4s;

    if (reg->has_dim && ir_indirect(&reg->dim)) {
        size = 0;
        for (unsigned i = 1; i < SHADER_MAX_UBOS; i++) {
            if (info->ubos[i].size_vec4s > size)
                size = info->ubos[i].size_vec4s;
        }
    } else if (reg->has_dim) {
        if (reg->dim.offset < 0 || reg->dim.offset >= SHADER_MAX_UBOS ||
            !(info->ubos_used >> reg->dim.offset & 1))
            return fail(v, "undeclared constant buffer", reg->file, reg->dim.offset);
        size = info->ubos[reg->dim.offset].size_vec4s;
    }
    if (!size || (!ir_indirect(&reg->index) && (offset < 0 || (uint32_t)offset >= size)))
        return fail(v, "undeclared", reg->file, offset);
    return true;
}

static bool check_slot(struct validator *v, const struct ir_reg *reg, uint32_t declared)
{
    int offset = reg->index.offset;

    if (reg->has_dim)
        return fail(v, "two indices on", reg->file, offset);
    if (offset < 0 || offset >= 32 || !(declared >> offset & 1))
        return fail(v, "undeclared", reg->file, offset);
    return true;
}

static bool check_atomic(struct validator *v, const struct ir_reg *reg)
{
    const struct shader_info *info = &v->ir->info;
    int buffer = reg->has_dim ? reg->dim.offset : 0;

    if (reg->has_dim && ir_indirect(&reg->dim))
        return fail(v, "indirect buffer of", reg->file, buffer);
    for (uint32_t i = 0; i < info->num_atomic_ranges; i++) {
        const struct shader_atomic_range *r = &info->atomic_ranges[i];

        if (r->buffer == buffer && reg->index.offset >= r->first && reg->index.offset <= r->last)
            return true;
    }
    return fail(v, "undeclared", reg->file, reg->index.offset);
}

static bool check_temp(struct validator *v, const struct ir_reg *reg)
{
    if (reg->has_dim)
        return fail(v, "two indices on", reg->file, reg->index.offset);
    if (!ir_indirect(&reg->index)) {
        if (!temp_declared(v, reg->index.offset))
            return fail(v, "undeclared", reg->file, reg->index.offset);
        return true;
    }
    for (uint32_t i = 0; i < v->ir->num_temp_arrays; i++) {
        if (v->ir->temp_arrays[i].id == reg->array_id)
            return true;
    }
    if (reg->array_id || !v->ir->num_temps)
        return fail(v, "unknown array id in", reg->file, reg->array_id);
    return true;
}

/* Register files whose values may be read as vectors. */
static bool check_value(struct validator *v, const struct ir_reg *reg)
{
    const struct shader_ir *ir = v->ir;
    int offset = reg->index.offset;

    if (!check_index(v, &reg->index) || (reg->has_dim && !check_index(v, &reg->dim)))
        return false;
    switch (reg->file) {
    case SHADER_FILE_TEMP:
        return check_temp(v, reg);
    case SHADER_FILE_IN:
        return check_io(v, reg, ir->info.inputs, ir->info.num_inputs);
    case SHADER_FILE_OUT:
        return check_io(v, reg, ir->info.outputs, ir->info.num_outputs);
    case SHADER_FILE_CONST:
        return check_const(v, reg);
    case SHADER_FILE_IMM:
        if (reg->has_dim || (!ir_indirect(&reg->index) && (uint32_t)offset >= ir->num_imms) ||
            !ir->num_imms)
            return fail(v, "undeclared", reg->file, offset);
        return true;
    case SHADER_FILE_SV:
        if (reg->has_dim || ir_indirect(&reg->index) || offset >= IR_MAX_SV ||
            ir->sv_semantic[offset] == SHADER_SEM_NONE)
            return fail(v, "undeclared", reg->file, offset);
        return true;
    case SHADER_FILE_ADDR:
        if (reg->has_dim || ir_indirect(&reg->index) || (uint32_t)offset >= ir->num_addrs)
            return fail(v, "undeclared", reg->file, offset);
        return true;
    case IR_FILE_AUX:
        return true;
    default:
        return fail(v, "value read from", reg->file, offset);
    }
}

static bool check_resource(struct validator *v, const struct ir_reg *reg)
{
    const struct shader_ir *ir = v->ir;

    if (!check_index(v, &reg->index) || (reg->has_dim && !check_index(v, &reg->dim)))
        return false;
    switch (reg->file) {
    case SHADER_FILE_SAMP:
        return check_slot(v, reg, ir->samplers_declared);
    case SHADER_FILE_IMAGE:
        return check_slot(v, reg, ir->info.images_used);
    case SHADER_FILE_BUFFER:
        return check_slot(v, reg, ir->info.ssbos_used);
    case SHADER_FILE_HWATOMIC:
        return check_atomic(v, reg);
    case SHADER_FILE_MEMORY:
        if (ir->info.stage != SHADER_COMPUTE || !ir->memory_declared)
            return fail(v, "undeclared", reg->file, reg->index.offset);
        return true;
    default:
        return fail(v, "not a resource:", reg->file, reg->index.offset);
    }
}

static bool is_atomic(unsigned op)
{
    switch (op) {
    case SHADER_OP_ATOMUADD:
    case SHADER_OP_ATOMXCHG:
    case SHADER_OP_ATOMCAS:
    case SHADER_OP_ATOMAND:
    case SHADER_OP_ATOMOR:
    case SHADER_OP_ATOMXOR:
    case SHADER_OP_ATOMUMIN:
    case SHADER_OP_ATOMUMAX:
    case SHADER_OP_ATOMIMIN:
    case SHADER_OP_ATOMIMAX:
    case SHADER_OP_ATOMFADD:
    case SHADER_OP_ATOMINC_WRAP:
    case SHADER_OP_ATOMDEC_WRAP:
        return true;
    default:
        return false;
    }
}

static bool check_src(struct validator *v, unsigned n)
{
    const struct ir_insn *insn = v->insn;
    const struct ir_reg *reg = &insn->src[n].reg;
    bool resource = (int)n == ir_sampler_operand(insn) ||
                    (n == 0 && (insn->op == SHADER_OP_LOAD || insn->op == SHADER_OP_RESQ ||
                                is_atomic(insn->op)));

    if (resource) {
        if (ir_op_info(insn->op)->texture != (reg->file == SHADER_FILE_SAMP))
            return fail(v, "wrong resource", reg->file, reg->index.offset);
        if (insn->op == SHADER_OP_RESQ && reg->file != SHADER_FILE_IMAGE &&
            reg->file != SHADER_FILE_BUFFER)
            return fail(v, "no size of", reg->file, reg->index.offset);
        return check_resource(v, reg);
    }
    switch (insn->op) {
    case SHADER_OP_FBFETCH:
        if (reg->file != SHADER_FILE_OUT)
            return fail(v, "needs an output, not", reg->file, reg->index.offset);
        return check_value(v, reg);
    case SHADER_OP_INTERP_CENTROID:
    case SHADER_OP_INTERP_SAMPLE:
    case SHADER_OP_INTERP_OFFSET:
        if (n == 0 && reg->file != SHADER_FILE_IN)
            return fail(v, "needs an input, not", reg->file, reg->index.offset);
        break;
    case SHADER_OP_EMIT:
    case SHADER_OP_ENDPRIM:
    case SHADER_OP_MEMBAR:
    case SHADER_OP_CASE:
        if (reg->file != SHADER_FILE_IMM || ir_indirect(&reg->index))
            return fail(v, "needs an immediate, not", reg->file, reg->index.offset);
        break;
    default:
        break;
    }
    if (reg->file == SHADER_FILE_OUT && v->ir->info.stage != SHADER_TESS_CTRL && !v->by_pass)
        return fail(v, "reads", reg->file, reg->index.offset);
    return check_value(v, reg);
}

static bool check_dst(struct validator *v, unsigned n)
{
    const struct ir_reg *reg = &v->insn->dst[n].reg;

    if (v->insn->op == SHADER_OP_STORE) {
        if (reg->file != SHADER_FILE_IMAGE && reg->file != SHADER_FILE_BUFFER &&
            reg->file != SHADER_FILE_MEMORY)
            return fail(v, "cannot store to", reg->file, reg->index.offset);
        return check_resource(v, reg);
    }
    switch (reg->file) {
    case SHADER_FILE_NULL:
        return true;
    case SHADER_FILE_TEMP:
    case SHADER_FILE_OUT:
        return check_value(v, reg);
    case SHADER_FILE_ADDR:
        if (v->insn->op != SHADER_OP_ARL && v->insn->op != SHADER_OP_ARR &&
            v->insn->op != SHADER_OP_UARL)
            return fail(v, "writes", reg->file, reg->index.offset);
        return check_value(v, reg);
    default:
        return fail(v, "writes", reg->file, reg->index.offset);
    }
}

static bool check_stage(struct validator *v)
{
    unsigned stage = v->ir->info.stage;

    switch (v->insn->op) {
    case SHADER_OP_KILL:
    case SHADER_OP_KILL_IF:
    case SHADER_OP_DDX:
    case SHADER_OP_DDY:
    case SHADER_OP_DDX_FINE:
    case SHADER_OP_DDY_FINE:
    case SHADER_OP_LODQ:
    case SHADER_OP_FBFETCH:
    case SHADER_OP_INTERP_CENTROID:
    case SHADER_OP_INTERP_SAMPLE:
    case SHADER_OP_INTERP_OFFSET:
    case SHADER_OP_DEMOTE:
    case SHADER_OP_READ_HELPER:
        return stage == SHADER_FRAGMENT || fail_op(v, "only in fragment shaders");
    case SHADER_OP_EMIT:
    case SHADER_OP_ENDPRIM:
        return stage == SHADER_GEOMETRY || fail_op(v, "only in geometry shaders");
    case SHADER_OP_BARRIER:
        return stage == SHADER_COMPUTE || stage == SHADER_TESS_CTRL ||
               fail_op(v, "only in compute and tessellation control shaders");
    case SHADER_OP_IMG2HND:
    case SHADER_OP_SAMP2HND:
    case SHADER_OP_SAMPLE_POS:
    case SHADER_OP_SAMPLE_I_MS:
        return fail_op(v, "not supported");
    default:
        return true;
    }
}

static bool check_properties(const struct shader_ir *ir, struct shader_error *err)
{
    const struct shader_info *info = &ir->info;

    switch (info->stage) {
    case SHADER_GEOMETRY:
        if (!gs_input_vertices(info->gs_input_primitive)) {
            sh_error(err, 0, "GS_INPUT_PRIMITIVE is missing or not an input primitive");
            return false;
        }
        if (info->gs_output_primitive != SHADER_PRIM_POINTS &&
            info->gs_output_primitive != SHADER_PRIM_LINE_STRIP &&
            info->gs_output_primitive != SHADER_PRIM_TRIANGLE_STRIP) {
            sh_error(err, 0, "GS_OUTPUT_PRIMITIVE is missing or not an output primitive");
            return false;
        }
        break;
    case SHADER_TESS_CTRL:
        if (!info->tcs_vertices_out) {
            sh_error(err, 0, "TCS_VERTICES_OUT is missing");
            return false;
        }
        break;
    case SHADER_TESS_EVAL:
        if (info->tes_primitive != SHADER_PRIM_LINES &&
            info->tes_primitive != SHADER_PRIM_TRIANGLES &&
            info->tes_primitive != SHADER_PRIM_QUADS) {
            sh_error(err, 0, "TES_PRIM_MODE is missing or not 1, 4 or 7");
            return false;
        }
        break;
    case SHADER_COMPUTE: {
        uint64_t threads = 1;

        for (unsigned i = 0; i < 3; i++)
            threads *= info->block_size[i] ? info->block_size[i] : 1;
        if (threads > 65536) {
            sh_error(err, 0, "work group of %llu threads", (unsigned long long)threads);
            return false;
        }
        break;
    }
    default:
        break;
    }
    if (info->num_clip + info->num_cull > 8) {
        sh_error(err, 0, "%u clip and %u cull distances exceed 8", info->num_clip,
                 info->num_cull);
        return false;
    }
    return true;
}

static bool check_stream_output(const struct shader_ir *ir, struct shader_error *err)
{
    const struct shader_stream_output *so = &ir->so;

    if (so->num_outputs > SHADER_MAX_SO_OUTPUTS) {
        sh_error(err, 0, "%u stream outputs exceed %u", so->num_outputs, SHADER_MAX_SO_OUTPUTS);
        return false;
    }
    for (uint32_t i = 0; i < so->num_outputs; i++) {
        const struct shader_so_output *o = &so->outputs[i];

        if (o->num_components == 0 || o->start_component + o->num_components > 4 ||
            o->buffer >= SHADER_MAX_SO_BUFFERS || o->stream > 3 ||
            !ir_find_io(ir->info.outputs, ir->info.num_outputs, o->register_index)) {
            sh_error(err, 0, "stream output %u: register %u, components %u+%u, buffer %u", i,
                     o->register_index, o->start_component, o->num_components, o->buffer);
            return false;
        }
    }
    return true;
}

static bool check_insn(struct validator *v)
{
    const struct ir_insn *insn = v->insn;
    const struct shader_opcode_info *info = ir_op_info(insn->op);

    if (insn->op >= SHADER_OP_COUNT)
        return true;
    if (!check_stage(v))
        return false;
    if (insn->saturate && info->dst_type != SHADER_TYPE_FLOAT &&
        info->dst_type != SHADER_TYPE_ANY && info->dst_type != SHADER_TYPE_DOUBLE)
        return fail_op(v, "saturates no float");
    for (unsigned i = 0; i < insn->num_dst; i++) {
        if (!check_dst(v, i))
            return false;
    }
    for (unsigned i = 0; i < insn->num_src; i++) {
        if (!check_src(v, i))
            return false;
    }
    for (unsigned i = 0; i < insn->num_offsets; i++) {
        if (!check_value(v, &insn->offsets[i].reg))
            return false;
    }
    return !info->texture || ir_validate_texture(v->ir, insn, v->err) == 0;
}

int ir_validate_epilogue(const struct shader_ir *ir, struct shader_error *err)
{
    struct validator v = {.ir = ir, .err = err, .by_pass = true};

    for (uint32_t i = 0; i < ir->epilogue.count; i++) {
        v.insn = &ir->epilogue.insns[i];
        if (!check_insn(&v))
            return -1;
    }
    return 0;
}

int ir_validate(const struct shader_ir *ir, struct shader_error *err)
{
    struct validator v = {.ir = ir, .err = err};

    if (!check_properties(ir, err) || !check_stream_output(ir, err))
        return -1;
    for (uint32_t i = 0; i < ir->body.count; i++) {
        v.insn = &ir->body.insns[i];
        if (!check_insn(&v))
            return -1;
    }
    return ir_validate_flow(ir, err);
}
