/* SPDX-License-Identifier: MIT */
/* Source operands as GLSL expressions. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"

static const char letters[] = "xyzw";

bool emit_const0_uniform(const struct emitter *e)
{
    return e->info->const0_vec4s && e->info->const0_vec4s <= e->host->const0_uniform_vec4s &&
           !(e->key && e->key->const0_block);
}

bool emit_aux_uniforms(const struct emitter *e)
{
    return e->host->aux_uniforms && e->aux == EMIT_AUX_SCALARS && emit_block_instances(e);
}

void emit_aux(struct emitter *e, enum emit_aux_level level)
{
    if (level > e->aux)
        e->aux = level;
}

/* "a + b" clamped to first..last, relative to first. */
void emit_index(struct emitter *e, const struct ir_index *index, int first, int last)
{
    struct ir_reg reg = {.file = index->file, .index = {.offset = index->reg}};
    int offset = index->offset - first;

    if (!ir_indirect(index)) {
        emit(e, "%d", index->offset - first);
        return;
    }
    emit(e, "clamp(");
    if (emit_reg_type(e, &reg) == 'f')
        emit(e, "floatBitsToInt(");
    else if (emit_reg_type(e, &reg) == 'u')
        emit(e, "int(");
    else
        emit(e, "(");
    emit_reg(e, &reg);
    emit(e, ".%c)", letters[index->comp]);
    if (offset)
        emit(e, " %c %d", offset < 0 ? '-' : '+', offset < 0 ? -offset : offset);
    emit(e, ", 0, %d)", last - first);
}

/* Nine significant digits name every float; the locale must not put a comma in. */
static void emit_decimal(struct emitter *e, float value)
{
    char text[40];

    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, (double)value);
        if (strtof(text, NULL) == value)
            break;
    }
    for (char *c = text; *c; c++) {
        if (*c == ',')
            *c = '.';
    }
    emit(e, "%s%s", text, strpbrk(text, ".e") ? "" : ".0");
}

void emit_literal(struct emitter *e, emit_type type, uint32_t bits)
{
    float value;

    if (type == 'u') {
        emit(e, bits > 65535 ? "0x%xu" : "%uu", bits);
        return;
    }
    if (type == 'i') {
        if (bits == 0x80000000u)
            emit(e, "int(0x80000000u)");
        else
            emit(e, "%d", (int32_t)bits);
        return;
    }
    memcpy(&value, &bits, sizeof(value));
    if (bits != 0 && !isnormal(value)) {
        emit(e, "uintBitsToFloat(0x%xu)", bits); /* NaN, infinity, denormal, -0.0 */
        e->features |= SHADER_HOST(BIT_ENCODING);
        return;
    }
    if (value == floorf(value) && fabsf(value) < 1e6f) {
        emit(e, "%d.0", (int)value);
        return;
    }
    emit_decimal(e, value);
}

static const char *cast_name(emit_type to, emit_type from, unsigned n)
{
    if (to == from)
        return NULL;
    if (to == 'f')
        return from == 'i' ? "intBitsToFloat" : "uintBitsToFloat";
    if (from == 'f')
        return to == 'i' ? "floatBitsToInt" : "floatBitsToUint";
    return emit_vector(to, n);
}

void emit_cast_open(struct emitter *e, emit_type to, emit_type from, unsigned n)
{
    const char *name = cast_name(to, from, n);

    if (name)
        emit(e, "%s(", name);
    if (name && (to == 'f' || from == 'f'))
        e->features |= SHADER_HOST(BIT_ENCODING);
}

void emit_cast_close(struct emitter *e, emit_type to, emit_type from)
{
    if (to != from)
        emit(e, ")");
}

static emit_type sv_type(unsigned semantic)
{
    switch (semantic) {
    case SHADER_SEM_SAMPLEPOS:
    case SHADER_SEM_TESSCOORD:
    case SHADER_SEM_TESSOUTER:
    case SHADER_SEM_TESSINNER:
    case SHADER_SEM_POSITION:
    case SHADER_SEM_PCOORD:
        return 'f';
    default:
        return 'u';
    }
}

static unsigned const_buffer(const struct ir_reg *reg)
{
    return reg->has_dim && !ir_indirect(&reg->dim) ? (unsigned)reg->dim.offset
                                                   : reg->has_dim ? 1 : 0;
}

const struct emit_array *emit_in_array(struct emitter *e, const struct ir_reg *reg)
{
    const struct shader_io *base = ir_operand_io(e->info->inputs, e->info->num_inputs, reg);

    for (uint32_t i = 0; i < e->num_in_arrays; i++) {
        if (e->in_arrays[i].id == reg->array_id &&
            ir_same_io_array(base, e->in_arrays[i].base, reg))
            return &e->in_arrays[i];
    }
    return NULL;
}

const struct emit_array *emit_out_array(struct emitter *e, const struct ir_reg *reg)
{
    unsigned r = (unsigned)reg->index.offset;
    const struct shader_io *base;

    if (!ir_indirect(&reg->index))
        return r < EMIT_REGS && e->out_array[r] ? &e->out_arrays[e->out_array[r] - 1] : NULL;
    base = ir_operand_io(e->info->outputs, e->info->num_outputs, reg);
    for (uint32_t i = 0; i < e->num_out_arrays; i++) {
        if (e->out_arrays[i].id == reg->array_id &&
            ir_same_io_array(base, e->out_arrays[i].base, reg))
            return &e->out_arrays[i];
    }
    return NULL;
}

emit_type emit_reg_type(struct emitter *e, const struct ir_reg *reg)
{
    bool indirect = ir_indirect(&reg->index);
    const struct shader_io *io;

    switch (reg->file) {
    case SHADER_FILE_TEMP:
        if (indirect) {
            for (uint32_t i = 0; i < e->num_temp_arrays; i++) {
                if (e->temp_arrays[i].id == reg->array_id)
                    return e->temp_arrays[i].type;
            }
            return 'f';
        }
        if (e->temp_array[reg->index.offset])
            return e->temp_arrays[e->temp_array[reg->index.offset] - 1].type;
        return e->temp_type[reg->index.offset] ? (emit_type)e->temp_type[reg->index.offset] : 'f';
    case SHADER_FILE_ADDR:
        return 'i';
    case SHADER_FILE_CONST:
        return e->const_type[const_buffer(reg)];
    case SHADER_FILE_SV:
        return sv_type(e->ir->sv_semantic[reg->index.offset]);
    case SHADER_FILE_IMM:
        return 'u'; /* indirect ones; the others are literals */
    case SHADER_FILE_IN:
        io = indirect ? NULL : ir_find_io(e->info->inputs, e->info->num_inputs,
                                          (unsigned)reg->index.offset);
        return io ? emit_in_type(e, io, (unsigned)reg->index.offset) : 'f';
    case SHADER_FILE_OUT:
        if (emit_out_array(e, reg))
            return 'f';
        io = indirect ? NULL : ir_find_io(e->info->outputs, e->info->num_outputs,
                                          (unsigned)reg->index.offset);
        return io ? emit_out_type(e, io, (unsigned)reg->index.offset) : 'f';
    case IR_FILE_AUX:
        return reg->index.offset == IR_AUX_DRAW ? 'i'
               : reg->index.offset >= IR_AUX_STIPPLE ? 'u' : 'f';
    default:
        return 'f';
    }
}

static void emit_const(struct emitter *e, const struct ir_reg *reg)
{
    const char *prefix = emit_stage_prefix[e->info->stage];
    uint32_t size = e->info->const0_vec4s;

    if (reg->has_dim && ir_indirect(&reg->dim)) {
        int last = 31;

        size = 1;
        while (last > 1 && !(e->info->ubos_used >> last & 1))
            last--;
        for (unsigned i = 1; i < SHADER_MAX_UBOS; i++) {
            if (e->info->ubos[i].size_vec4s > size)
                size = e->info->ubos[i].size_vec4s;
        }
        emit(e, "ubo[");
        emit_index(e, &reg->dim, 1, last);
        emit(e, "]");
        emit_need(e, SHADER_HOST_INDEX_GPU_SHADER5, "indirect constant buffers");
    } else if (reg->has_dim) {
        size = e->info->ubos[reg->dim.offset].size_vec4s;
        if (e->info->ubos_indirect)
            emit(e, "ubo[%d]", reg->dim.offset - 1);
        else if (emit_block_instances(e))
            emit(e, "ubo%d", reg->dim.offset);
        else
            emit(e, "%s_ubo%d_", prefix, reg->dim.offset);
    } else if (emit_const0_uniform(e)) {
        emit(e, "%s_const0[", prefix);
        emit_index(e, &reg->index, 0, (int)size - 1);
        emit(e, "]");
        return;
    } else if (emit_block_instances(e)) {
        emit(e, "c0");
    } else {
        emit(e, "%s_const0_", prefix);
    }
    emit(e, emit_block_instances(e) ? ".v[" : "v[");
    emit_index(e, &reg->index, 0, (int)size - 1);
    emit(e, "]");
}

/* The vertex bracket of a per-vertex operand as text. */
static const char *vertex_text(struct emitter *e, const struct ir_index *dim, char text[128])
{
    struct sh_text *out = e->out, scratch = {0};
    int last = 31;

    if (e->info->stage == SHADER_GEOMETRY) {
        static const uint8_t vertices[SHADER_PRIM_COUNT] = {
            [SHADER_PRIM_POINTS] = 1, [SHADER_PRIM_LINES] = 2, [SHADER_PRIM_TRIANGLES] = 3,
            [SHADER_PRIM_LINES_ADJACENCY] = 4, [SHADER_PRIM_TRIANGLES_ADJACENCY] = 6,
        };

        last = vertices[e->info->gs_input_primitive] - 1;
    }
    e->out = &scratch;
    emit_index(e, dim, 0, last);
    e->out = out;
    if (scratch.failed || !scratch.data)
        e->failed = true;
    snprintf(text, 128, "%s", scratch.data ? scratch.data : "0");
    sh_text_finish(&scratch);
    return text;
}

static void emit_in(struct emitter *e, const struct ir_reg *reg)
{
    unsigned r = (unsigned)reg->index.offset;
    bool vertices = e->info->stage != SHADER_VERTEX && e->info->stage != SHADER_FRAGMENT;
    const struct shader_io *io;
    char vertex[128];

    if (ir_indirect(&reg->index)) {
        const struct emit_array *array = emit_in_array(e, reg);

        if (!array) {
            emit_fail(e, "too many input arrays");
            return;
        }
        emit(e, vertices ? "in_array%d(" : "in_array%d[", (int)(array - e->in_arrays));
        if (vertices && reg->has_dim)
            emit(e, "%s, ", vertex_text(e, &reg->dim, vertex));
        else if (vertices)
            emit(e, "0, ");
        emit_index(e, &reg->index, array->first, array->last);
        emit(e, vertices ? ")" : "]");
        return;
    }
    io = ir_find_io(e->info->inputs, e->info->num_inputs, r);
    switch (emit_in_kind(e, io, r)) {
    case EMIT_IN_LOCAL:
        emit(e, "i%u", r);
        break;
    case EMIT_IN_DIRECT:
        emit_in_value(e, io, r, NULL);
        break;
    case EMIT_IN_VERTEX:
        emit_in_value(e, io, r, vertex_text(e, &reg->dim, vertex));
        break;
    }
}

static void emit_out_read(struct emitter *e, const struct ir_reg *reg)
{
    unsigned r = (unsigned)reg->index.offset;
    const struct emit_array *array = emit_out_array(e, reg);
    const struct shader_io *io = ir_find_io(e->info->outputs, e->info->num_outputs, r);
    char vertex[128], name[96];

    if (reg->has_dim)
        vertex_text(e, &reg->dim, vertex);
    if (array && e->info->stage == SHADER_TESS_CTRL) {
        if (!ir_indirect(&reg->index) && io) {
            emit_out_name(e, io, r, reg->has_dim ? vertex : NULL, name);
            emit(e, "%s", name);
            return;
        }
        emit(e, "out_array%d(%s, ", (int)(array - e->out_arrays), reg->has_dim ? vertex : "0");
        emit_index(e, &reg->index, array->first, array->last);
        emit(e, ")");
        return;
    }
    if (array) {
        emit(e, "oa%d[", (int)(array - e->out_arrays));
        emit_index(e, &reg->index, array->first, array->last);
        emit(e, "]");
        return;
    }
    if (!io) {
        emit_fail(e, "OUT[%u] is not declared", r);
        return;
    }
    if (emit_out_kind(e, io, r) == EMIT_OUT_COMPONENT) {
        emit(e, "vec4(");
        for (unsigned c = 0; c < 4; c++) {
            bool has = emit_out_component(e, io, r, c, reg->has_dim ? vertex : NULL, name);

            emit(e, "%s%s", c ? ", " : "", has ? name : "0.0");
        }
        emit(e, ")");
        return;
    }
    emit_out_name(e, io, r, reg->has_dim ? vertex : NULL, name);
    emit(e, "%s", name);
}

static void emit_aux_reg(struct emitter *e, int slot)
{
    if (slot >= IR_AUX_LEVELS) {
        emit_aux(e, EMIT_AUX_LEVELS);
        emit_template(e, "@texture_levels");
        emit(e, "[%d]", slot - IR_AUX_LEVELS);
    } else if (slot >= IR_AUX_STIPPLE) {
        emit_aux(e, EMIT_AUX_STIPPLE);
        emit_template(e, "@stipple");
        emit(e, "[%d]", slot - IR_AUX_STIPPLE);
    } else if (slot >= IR_AUX_CLIP_PLANES) {
        emit_aux(e, EMIT_AUX_CLIP_PLANES);
        emit_template(e, "@clip_planes");
        emit(e, "[%d]", slot - IR_AUX_CLIP_PLANES);
    } else if (slot == IR_AUX_TESS_INNER) {
        emit_aux(e, EMIT_AUX_TESS_INNER);
        emit_template(e, "@tess_inner");
    } else if (slot == IR_AUX_TESS_OUTER) {
        emit_aux(e, EMIT_AUX_TESS_OUTER);
        emit_template(e, "@tess_outer");
    }
}

/* Fields that share a slot are named by the component; they are only read as scalars. */
static bool emit_aux_scalar(struct emitter *e, const struct ir_src *src, const uint8_t *comps,
                            unsigned n)
{
    static const char *const names[2][4] = {
        {"y_flip", "point_size", "alpha_ref", "fb_height_px"},
        {"base_vertex", "base_instance", "draw_id", "patch_vertices"},
    };
    int slot = src->reg.index.offset;

    if (src->reg.file != IR_FILE_AUX || slot > IR_AUX_DRAW)
        return false;
    emit_aux(e, slot == IR_AUX_DRAW ? EMIT_AUX_DRAW : EMIT_AUX_SCALARS);
    if (n > 1)
        emit(e, "%s(", emit_vector(slot == IR_AUX_DRAW ? 'i' : 'f', n));
    emit_template(e, "@");
    emit(e, "%s", names[slot][src->swizzle[comps[0]]]);
    if (n > 1)
        emit(e, ")");
    return true;
}

void emit_reg(struct emitter *e, const struct ir_reg *reg)
{
    switch (reg->file) {
    case SHADER_FILE_TEMP:
        if (ir_indirect(&reg->index)) {
            for (uint32_t i = 0; i < e->num_temp_arrays; i++) {
                if (e->temp_arrays[i].id != reg->array_id)
                    continue;
                emit(e, "ta%u[", reg->array_id);
                emit_index(e, &reg->index, e->temp_arrays[i].first, e->temp_arrays[i].last);
                emit(e, "]");
            }
        } else if (e->temp_array[reg->index.offset]) {
            const struct emit_array *a =
                &e->temp_arrays[e->temp_array[reg->index.offset] - 1];

            emit(e, "ta%u[%d]", a->id, reg->index.offset - a->first);
        } else {
            emit(e, "t%d", reg->index.offset);
        }
        break;
    case SHADER_FILE_ADDR:
        emit(e, "a%d", reg->index.offset);
        break;
    case SHADER_FILE_CONST:
        emit_const(e, reg);
        break;
    case SHADER_FILE_SV:
        emit(e, "sv%d", reg->index.offset);
        break;
    case SHADER_FILE_IMM:
        emit(e, "imm[");
        emit_index(e, &reg->index, 0, (int)e->ir->num_imms - 1);
        emit(e, "]");
        break;
    case SHADER_FILE_IN:
        emit_in(e, reg);
        break;
    case SHADER_FILE_OUT:
        emit_out_read(e, reg);
        break;
    case IR_FILE_AUX:
        emit_aux_reg(e, reg->index.offset);
        break;
    default:
        emit_fail(e, "register file %u has no value", reg->file);
        break;
    }
}

static void emit_immediate(struct emitter *e, const struct ir_src *src, emit_type type,
                           const uint8_t *comps, unsigned n)
{
    const uint32_t *bits = e->ir->imms[src->reg.index.offset].bits;
    bool same = true;

    for (unsigned i = 1; i < n; i++)
        same &= bits[src->swizzle[comps[i]]] == bits[src->swizzle[comps[0]]];
    if (n > 1)
        emit(e, "%s(", emit_vector(type, n));
    for (unsigned i = 0; i < (same ? 1 : n); i++) {
        if (i)
            emit(e, ", ");
        emit_literal(e, type, bits[src->swizzle[comps[i]]]);
    }
    if (n > 1)
        emit(e, ")");
}

void emit_src(struct emitter *e, const struct ir_src *src, emit_type type, const uint8_t *comps,
              unsigned n)
{
    bool literal = src->reg.file == SHADER_FILE_IMM && !ir_indirect(&src->reg.index);
    emit_type native = literal ? type : emit_reg_type(e, &src->reg);
    emit_type wanted = type;
    bool identity = n == 4;

    /* Absolute values are of signed numbers. */
    if (src->absolute && type == 'u')
        type = 'i';
    if (type != wanted)
        emit_cast_open(e, wanted, type, n);
    if (src->negate)
        emit(e, "(-");
    if (src->absolute)
        emit(e, "abs(");
    if (literal) {
        emit_immediate(e, src, type, comps, n);
    } else {
        emit_cast_open(e, type, native, n);
        if (!emit_aux_scalar(e, src, comps, n)) {
            char swizzle[6] = ".";

            for (unsigned i = 0; i < n; i++) {
                identity &= src->swizzle[comps[i]] == i;
                swizzle[1 + i] = letters[src->swizzle[comps[i]]];
            }
            swizzle[1 + n] = 0;
            emit_reg(e, &src->reg);
            if (!identity)
                emit(e, "%s", swizzle);
        }
        emit_cast_close(e, type, native);
    }
    if (src->absolute)
        emit(e, ")");
    if (src->negate)
        emit(e, ")");
    if (type != wanted)
        emit_cast_close(e, wanted, type);
}

void emit_src_scalar(struct emitter *e, const struct ir_src *src, emit_type type, unsigned comp)
{
    uint8_t c = (uint8_t)comp;

    emit_src(e, src, type, &c, 1);
}

void emit_src_mask(struct emitter *e, const struct ir_src *src, emit_type type, unsigned mask)
{
    uint8_t comps[4];
    unsigned n = 0;

    for (unsigned c = 0; c < 4; c++) {
        if (mask >> c & 1)
            comps[n++] = (uint8_t)c;
    }
    emit_src(e, src, type, comps, n);
}
