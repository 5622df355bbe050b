/* SPDX-License-Identifier: MIT */
/* Destination operands: where a result goes, under its mask, in the register's type. */
#include <string.h>

#include "emit.h"

void emit_mask(struct emitter *e, unsigned mask)
{
    static const char *const texts[16] = {
        "", ".x", ".y", ".xy", ".z", ".xz", ".yz", ".xyz",
        ".w", ".xw", ".yw", ".xyw", ".zw", ".xzw", ".yzw", "",
    };

    emit(e, "%s", texts[mask & 15]);
}

unsigned emit_count(unsigned mask)
{
    return (unsigned)__builtin_popcount(mask & 15);
}

static const struct shader_io *out_io(struct emitter *e, const struct ir_reg *reg)
{
    return ir_operand_io(e->info->outputs, e->info->num_outputs, reg);
}

/* Control shader outputs that are no vec4 variables are written through a helper variable. */
static bool is_special(struct emitter *e, const struct ir_reg *reg, const struct shader_io *io)
{
    if (reg->file != SHADER_FILE_OUT || e->info->stage != SHADER_TESS_CTRL)
        return false;
    if (ir_indirect(&reg->index))
        return true;
    return io && emit_out_kind(e, io, (unsigned)reg->index.offset) == EMIT_OUT_COMPONENT;
}

static void emit_lvalue(struct emitter *e, const struct ir_dst *dst)
{
    const struct ir_reg *reg = &dst->reg;
    unsigned r = (unsigned)reg->index.offset;
    const struct emit_array *array;
    const struct shader_io *io;
    char name[96];

    if (reg->file != SHADER_FILE_OUT) {
        emit_reg(e, reg);
        return;
    }
    array = emit_out_array(e, reg);
    if (array && e->info->stage != SHADER_TESS_CTRL) {
        emit_reg(e, reg);
        return;
    }
    io = out_io(e, reg);
    if (!io) {
        emit_fail(e, "OUT[%u] is not declared", r);
        return;
    }
    emit_out_name(e, io, r, io->per_vertex ? "gl_InvocationID" : NULL, name);
    emit(e, "%s", name);
}

void emit_store_open(struct emitter *e, const struct ir_insn *insn, unsigned dst, emit_type type,
                     bool scalar, struct emit_store *store)
{
    const struct ir_dst *d = &insn->dst[dst];
    const struct shader_io *io = d->reg.file == SHADER_FILE_OUT ? out_io(e, &d->reg) : NULL;

    *store = (struct emit_store){
        .dst = d,
        .type = type,
        .n = emit_count(d->mask),
        .scalar = scalar,
        .saturate = insn->saturate && type == 'f',
        .skip = d->reg.file == SHADER_FILE_NULL,
        .special = is_special(e, &d->reg, io),
    };
    emit_begin(e);
    if (store->skip) {
        store->native = type;
        emit(e, "%s unused%u_%u = ", emit_vector(type, store->n), e->line,
             (unsigned)e->out->length);
    } else if (store->special) {
        store->native = 'f';
        emit(e, "{ vec4 r; r");
        emit_mask(e, d->mask);
        emit(e, " = ");
    } else {
        store->native = emit_reg_type(e, &d->reg);
        emit_lvalue(e, d);
        emit_mask(e, d->mask);
        emit(e, " = ");
    }
    store->replicate = scalar && store->n > 1;
    emit_cast_open(e, store->native, type, store->n);
    if (store->replicate)
        emit(e, "%s(", emit_vector(type, store->n));
    if (store->saturate)
        emit(e, "clamp(");
}

static void store_components(struct emitter *e, const struct emit_store *store)
{
    const struct ir_reg *reg = &store->dst->reg;
    const struct shader_io *io = out_io(e, reg);
    const char *vertex = io && io->per_vertex ? "gl_InvocationID" : NULL;
    char name[96];

    if (ir_indirect(&reg->index)) {
        const struct emit_array *array = emit_out_array(e, reg);

        if (!array) {
            emit_fail(e, "too many output arrays");
            return;
        }
        emit(e, " set_out_array%d(", (int)(array - e->out_arrays));
        emit_index(e, &reg->index, array->first, array->last);
        emit(e, ", bvec4(%s, %s, %s, %s), r);", store->dst->mask & 1 ? "true" : "false",
             store->dst->mask & 2 ? "true" : "false", store->dst->mask & 4 ? "true" : "false",
             store->dst->mask & 8 ? "true" : "false");
        return;
    }
    for (unsigned c = 0; io && c < 4; c++) {
        if ((store->dst->mask >> c & 1) &&
            emit_out_component(e, io, (unsigned)reg->index.offset, c, vertex, name))
            emit(e, " %s = r.%c;", name, "xyzw"[c]);
    }
}

void emit_store_close(struct emitter *e, struct emit_store *store)
{
    if (store->saturate)
        emit(e, ", 0.0, 1.0)");
    if (store->replicate)
        emit(e, ")");
    emit_cast_close(e, store->native, store->type);
    emit(e, ";");
    if (store->special) {
        store_components(e, store);
        emit(e, " }");
    }
    emit(e, "\n");
}
