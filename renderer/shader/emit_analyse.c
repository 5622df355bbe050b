/* SPDX-License-Identifier: MIT */
/*
 * Chooses GLSL types: TGSI registers have none, so each temporary gets the type that most of its
 * uses want, and bit casts go where a use differs. Also finds what is addressed indirectly.
 */
#include <stdlib.h>
#include <string.h>

#include "emit.h"

static emit_type table_type(unsigned type)
{
    switch (type) {
    case SHADER_TYPE_INT:
        return 'i';
    case SHADER_TYPE_UINT:
    case SHADER_TYPE_MASK:
        return 'u';
    case SHADER_TYPE_DOUBLE:
        return 'd';
    case SHADER_TYPE_INT64:
    case SHADER_TYPE_UINT64:
        return 'l';
    case SHADER_TYPE_FLOAT:
        return 'f';
    default:
        return 'a';
    }
}

emit_type emit_src_type(const struct ir_insn *insn, unsigned n)
{
    switch (insn->op) {
    case SHADER_OP_MOV:
    case SHADER_OP_READ_FIRST:
        return insn->src[0].negate || insn->src[0].absolute || insn->saturate ? 'f' : 'a';
    case SHADER_OP_UCMP:
        return n == 0 ? 'u' : 'a';
    case SHADER_OP_READ_INVOC:
        return n == 0 ? 'a' : 'u';
    case SHADER_OP_TXF:
    case SHADER_OP_TXQ:
        return 'i';
    case SHADER_OP_LDEXP:
    case SHADER_OP_DLDEXP:
    case SHADER_OP_INTERP_SAMPLE:
        return n == 1 ? 'i' : table_type(ir_op_info(insn->op)->src_type);
    case SHADER_OP_U64SHL:
    case SHADER_OP_I64SHR:
    case SHADER_OP_U64SHR:
        return n == 1 ? 'u' : 'l';
    case SHADER_OP_LOAD:
        return 'u';
    case SHADER_OP_UP2H:
    case SHADER_OP_UP2US:
    case SHADER_OP_UP4B:
    case SHADER_OP_UP4UB:
    case SHADER_OP_BALLOT:
        return 'u';
    case SHADER_OP_STORE:
        return n == 0 ? 'u' : 'a';
    case SHADER_OP_EMIT:
    case SHADER_OP_ENDPRIM:
        return 'a';
    default:
        if (!strncmp(ir_op_name(insn->op), "ATOM", 4))
            return n <= 1 ? 'u' : 'a';
        return table_type(ir_op_info(insn->op)->src_type);
    }
}

static emit_type dst_type(struct emitter *e, const struct ir_insn *insn)
{
    int operand = ir_sampler_operand(insn);

    if (operand >= 0 && insn->op != SHADER_OP_TXQ && insn->op != SHADER_OP_TXQS &&
        insn->op != SHADER_OP_LODQ) {
        unsigned slot = (unsigned)insn->src[operand].reg.index.offset;

        switch (e->info->samplers[slot].return_type) {
        case SHADER_RET_SINT:
            return 'i';
        case SHADER_RET_UINT:
            return 'u';
        default:
            return 'f';
        }
    }
    return table_type(ir_op_info(insn->op)->dst_type);
}

struct votes {
    uint32_t *integer, *floating; /* per temporary */
    uint32_t const_integer[SHADER_MAX_UBOS], const_floating[SHADER_MAX_UBOS];
};

static void vote_temps(struct emitter *e, struct votes *v, const struct ir_reg *reg, emit_type t)
{
    int first = reg->index.offset, last = first;

    if (ir_indirect(&reg->index)) {
        first = 0;
        last = -1;
        for (uint32_t i = 0; i < e->num_temp_arrays; i++) {
            if (e->temp_arrays[i].id == reg->array_id) {
                first = e->temp_arrays[i].first;
                last = first; /* one vote; elements share their type */
            }
        }
    }
    for (int r = first; r <= last && (uint32_t)r < e->num_temps; r++) {
        if (!e->temp_type[r])
            e->temp_type[r] = 'f';
        if (t == 'f')
            v->floating[r]++;
        else if (t == 'i' || t == 'u' || t == 'd' || t == 'l')
            v->integer[r]++;
    }
}

static void vote(struct emitter *e, struct votes *v, const struct ir_reg *reg, emit_type t)
{
    unsigned buffer;

    switch (reg->file) {
    case SHADER_FILE_TEMP:
        vote_temps(e, v, reg, t);
        break;
    case SHADER_FILE_CONST:
        buffer = reg->has_dim && !ir_indirect(&reg->dim) ? (unsigned)reg->dim.offset : 0;
        if (t == 'f')
            v->const_floating[buffer]++;
        else if (t != 'a')
            v->const_integer[buffer]++;
        break;
    default:
        break;
    }
}

static void use_index(struct emitter *e, struct votes *v, const struct ir_index *index)
{
    struct ir_reg reg = {.file = index->file, .index = {.offset = index->reg}};

    if (!ir_indirect(index))
        return;
    if (index->file == SHADER_FILE_ADDR)
        e->addr_used |= 1u << index->reg;
    else
        vote(e, v, &reg, 'i');
}

static void add_io_array(struct emit_array *arrays, uint32_t *count, const struct ir_reg *reg,
                         const struct shader_io *ios, uint32_t num_ios)
{
    const struct shader_io *base = ir_operand_io(ios, num_ios, reg);
    int first = EMIT_REGS, last = -1;

    for (uint32_t i = 0; i < *count; i++) {
        if (arrays[i].id == reg->array_id && ir_same_io_array(base, arrays[i].base, reg))
            return;
    }
    if (*count == EMIT_MAX_IO_ARRAYS)
        return;
    for (uint32_t i = 0; i < num_ios; i++) {
        if (!ir_same_io_array(base, &ios[i], reg))
            continue;
        if (ios[i].first < first)
            first = ios[i].first;
        if (ios[i].last > last)
            last = ios[i].last;
    }
    arrays[(*count)++] = (struct emit_array){reg->array_id, (uint16_t)first,
                                             (uint16_t)(last < first ? first : last), 'f', base};
}

static void use_reg(struct emitter *e, struct votes *v, const struct ir_reg *reg)
{
    bool indirect = ir_indirect(&reg->index);

    use_index(e, v, &reg->index);
    if (reg->has_dim)
        use_index(e, v, &reg->dim);
    switch (reg->file) {
    case SHADER_FILE_IN:
        if (indirect) {
            add_io_array(e->in_arrays, &e->num_in_arrays, reg, e->info->inputs,
                         e->info->num_inputs);
            const struct shader_io *base = ir_operand_io(e->info->inputs, e->info->num_inputs,
                                                         reg);

            for (uint32_t i = 0; i < e->info->num_inputs; i++) {
                const struct shader_io *io = &e->info->inputs[i];

                if (ir_same_io_array(base, io, reg))
                    memset(e->in_used + io->first, 1, (size_t)(io->last - io->first) + 1);
            }
        } else {
            e->in_used[reg->index.offset] = 1;
        }
        break;
    case SHADER_FILE_OUT:
        if (indirect)
            add_io_array(e->out_arrays, &e->num_out_arrays, reg, e->info->outputs,
                         e->info->num_outputs);
        break;
    case SHADER_FILE_SV:
        e->sv_used |= 1ull << reg->index.offset;
        break;
    case SHADER_FILE_ADDR:
        e->addr_used |= 1u << reg->index.offset;
        break;
    case SHADER_FILE_IMM:
        e->imm_indirect |= indirect;
        break;
    default:
        break;
    }
}

static void mark_range(uint8_t *array, uint8_t bits, const struct ir_reg *reg,
                       const struct ir_range *ranges)
{
    unsigned first = (unsigned)reg->index.offset, last = first;

    if (ir_indirect(&reg->index)) {
        last = ranges[first].last;
        first = ranges[first].first;
    }
    for (unsigned i = first; i <= last; i++)
        array[i] |= bits;
}

static void use_memory(struct emitter *e, const struct ir_insn *insn, uint32_t *unsigned_minmax)
{
    const struct ir_reg *reg = insn->op == SHADER_OP_STORE ? &insn->dst[0].reg : &insn->src[0].reg;
    bool is_signed = insn->op == SHADER_OP_ATOMIMIN || insn->op == SHADER_OP_ATOMIMAX;
    bool is_unsigned = insn->op == SHADER_OP_ATOMUMIN || insn->op == SHADER_OP_ATOMUMAX;

    if (reg->file == SHADER_FILE_IMAGE) {
        mark_range(e->image_qualifiers, insn->qualifiers, reg, e->ir->image_range);
    } else if (reg->file == SHADER_FILE_BUFFER) {
        mark_range(e->ssbo_qualifiers, insn->qualifiers, reg, e->ir->buffer_range);
        for (unsigned i = 0; i < SHADER_MAX_SSBOS; i++) {
            if (ir_indirect(&reg->index)
                    ? i < e->ir->buffer_range[reg->index.offset].first ||
                          i > e->ir->buffer_range[reg->index.offset].last
                    : (int)i != reg->index.offset)
                continue;
            e->ssbo_signed |= is_signed ? 1u << i : 0;
            *unsigned_minmax |= is_unsigned ? 1u << i : 0;
        }
    }
}

static void analyse_block(struct emitter *e, struct votes *v, const struct ir_block *block,
                          uint32_t *unsigned_minmax)
{
    for (uint32_t i = 0; i < block->count; i++) {
        const struct ir_insn *insn = &block->insns[i];
        bool to_out = insn->num_dst && insn->dst[0].reg.file == SHADER_FILE_OUT;

        for (unsigned d = 0; d < insn->num_dst; d++) {
            const struct ir_reg *reg = &insn->dst[d].reg;

            vote(e, v, reg, d == 1 ? 'i' : dst_type(e, insn));
            use_reg(e, v, reg);
            if (insn->precise && reg->file == SHADER_FILE_TEMP && !ir_indirect(&reg->index))
                e->temp_precise[reg->index.offset] = 1;
            if (insn->precise && reg->file == SHADER_FILE_OUT && !ir_indirect(&reg->index))
                e->out_precise[reg->index.offset] = 1;
        }
        for (unsigned s = 0; s < insn->num_src; s++) {
            emit_type t = emit_src_type(insn, s);

            vote(e, v, &insn->src[s].reg, t == 'a' && to_out ? 'f' : t);
            use_reg(e, v, &insn->src[s].reg);
        }
        for (unsigned s = 0; s < insn->num_offsets; s++) {
            vote(e, v, &insn->offsets[s].reg, 'i');
            use_reg(e, v, &insn->offsets[s].reg);
        }
        if (insn->op == SHADER_OP_STORE || insn->op == SHADER_OP_LOAD ||
            (insn->num_src >= 3 && !strncmp(ir_op_name(insn->op), "ATOM", 4)))
            use_memory(e, insn, unsigned_minmax);
        e->returns |= insn->op == SHADER_OP_RET;
    }
}

/* Temporaries that are addressed indirectly anywhere live in GLSL arrays. */
static void find_temp_arrays(struct emitter *e, const struct ir_block *block)
{
    for (uint32_t i = 0; i < block->count; i++) {
        const struct ir_insn *insn = &block->insns[i];

        for (unsigned k = 0; k < (unsigned)insn->num_dst + insn->num_src; k++) {
            const struct ir_reg *reg = k < insn->num_dst ? &insn->dst[k].reg
                                                         : &insn->src[k - insn->num_dst].reg;
            bool known = false;

            if (reg->file != SHADER_FILE_TEMP || !ir_indirect(&reg->index))
                continue;
            for (uint32_t a = 0; a < e->num_temp_arrays; a++)
                known |= e->temp_arrays[a].id == reg->array_id;
            if (known)
                continue;
            for (uint32_t a = 0; a < e->ir->num_temp_arrays; a++) {
                const struct ir_array *array = &e->ir->temp_arrays[a];

                if (reg->array_id && array->id == reg->array_id)
                    e->temp_arrays[e->num_temp_arrays++] =
                        (struct emit_array){array->id, array->first, array->last, 'f', NULL};
            }
            if (!reg->array_id)
                e->temp_arrays[e->num_temp_arrays++] =
                    (struct emit_array){0, 0, (uint16_t)(e->num_temps - 1), 'f', NULL};
        }
    }
    for (uint32_t a = 0; a < e->num_temp_arrays; a++) {
        for (uint32_t r = e->temp_arrays[a].first; r <= e->temp_arrays[a].last; r++) {
            /* A range without id may overlap the named ones: those win. */
            if (e->temp_arrays[a].id || !e->temp_array[r])
                e->temp_array[r] = (uint8_t)(a + 1);
        }
    }
}

static void settle_types(struct emitter *e, const struct votes *v)
{
    for (uint32_t r = 0; r < e->num_temps; r++) {
        if (e->temp_type[r] && v->integer[r] > v->floating[r])
            e->temp_type[r] = 'u';
    }
    for (uint32_t a = 0; a < e->num_temp_arrays; a++) {
        struct emit_array *array = &e->temp_arrays[a];
        uint64_t integer = 0, floating = 0;

        for (uint32_t r = array->first; r <= array->last; r++) {
            integer += v->integer[r];
            floating += v->floating[r];
        }
        array->type = integer > floating ? 'u' : 'f';
    }
    for (unsigned b = 0; b < SHADER_MAX_UBOS; b++)
        e->const_type[b] = v->const_integer[b] > v->const_floating[b] ? 'u' : 'f';
    if (e->info->ubos_indirect) {
        for (unsigned b = 1; b < SHADER_MAX_UBOS; b++)
            e->const_type[b] = 'f';
    }
}

void emit_analyse(struct emitter *e)
{
    struct votes v = {0};
    uint32_t unsigned_minmax = 0;

    e->num_temps = e->ir->num_temps;
    e->temp_type = sh_arena_alloc(&e->ir->arena, e->num_temps + 1);
    e->temp_precise = sh_arena_alloc(&e->ir->arena, e->num_temps + 1);
    e->temp_array = sh_arena_alloc(&e->ir->arena, e->num_temps + 1);
    v.integer = sh_arena_alloc(&e->ir->arena, (e->num_temps + 1) * sizeof(uint32_t));
    v.floating = sh_arena_alloc(&e->ir->arena, (e->num_temps + 1) * sizeof(uint32_t));
    if (e->ir->arena.failed) {
        emit_fail(e, "out of memory");
        return;
    }
    find_temp_arrays(e, &e->ir->body);
    analyse_block(e, &v, &e->ir->body, &unsigned_minmax);
    analyse_block(e, &v, &e->ir->epilogue, &unsigned_minmax);
    settle_types(e, &v);
    e->ssbo_cas_signed = e->ssbo_signed & unsigned_minmax;
    e->ssbo_signed &= ~unsigned_minmax;
    for (uint32_t a = 0; a < e->num_out_arrays; a++) {
        for (unsigned r = e->out_arrays[a].first; r <= e->out_arrays[a].last; r++) {
            const struct shader_io *io = ir_find_io(e->info->outputs, e->info->num_outputs, r);
            struct ir_reg reg = {.array_id = e->out_arrays[a].id};

            if (io && ir_same_io_array(e->out_arrays[a].base, io, &reg))
                e->out_array[r] = (uint8_t)(a + 1);
        }
    }
}
