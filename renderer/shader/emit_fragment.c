/* SPDX-License-Identifier: MIT */
/* Opcodes of fragment shaders alone. */
#include <stdio.h>

#include "emit.h"

static void emit_kill_if(struct emitter *e, const struct ir_insn *insn)
{
    const struct ir_src *src = &insn->src[0];
    unsigned components = 0, first = 0;
    uint8_t comps[4];

    /* Test each distinct component once. */
    for (unsigned c = 0; c < 4; c++) {
        bool seen = false;

        for (unsigned k = 0; k < components; k++)
            seen |= src->swizzle[comps[k]] == src->swizzle[c];
        if (!seen)
            comps[components++] = (uint8_t)c;
    }
    emit_begin(e);
    if (components == 1) {
        emit(e, "if (");
        emit_src_scalar(e, src, 'f', first);
        emit(e, " < 0.0) discard;\n");
        return;
    }
    emit(e, "if (any(lessThan(");
    emit_src(e, src, 'f', comps, components);
    emit(e, ", %s(0.0)))) discard;\n", emit_vector('f', components));
}

static void emit_stipple(struct emitter *e)
{
    emit_aux(e, EMIT_AUX_STIPPLE);
    emit_line(e, "{ uvec2 p = uvec2(gl_FragCoord.xy) & 31u;");
    emit_begin(e);
    emit_template(e, "  if ((@stipple[p.y >> 2u][p.y & 3u] >> (31u - p.x) & 1u) == 0u) discard; "
                     "}\n");
}

static void emit_interpolation(struct emitter *e, const struct ir_insn *insn)
{
    const struct ir_reg *reg = &insn->src[0].reg;
    bool have = emit_has(e, SHADER_HOST_INDEX_INTERPOLATE_AT);
    const struct shader_io *io;
    struct emit_store store;

    if (!have) {
        emit_need(e, SHADER_HOST_INDEX_INTERPOLATE_AT, "interpolation functions");
        return;
    }
    io = ir_indirect(&reg->index) ? NULL
                                  : ir_find_io(e->info->inputs, e->info->num_inputs,
                                               (unsigned)reg->index.offset);
    emit_store_open(e, insn, 0, 'f', false, &store);
    if (!io || emit_in_kind(e, io, (unsigned)reg->index.offset) != EMIT_IN_DIRECT ||
        io->interpolate == SHADER_INTERP_CONSTANT) {
        /* Not a plain varying: its value does not depend on the place, or cannot be asked for. */
        emit_src_mask(e, &insn->src[0], 'f', insn->dst[0].mask);
        emit_store_close(e, &store);
        return;
    }
    e->features |= SHADER_HOST(INTERPOLATE_AT);
    if (insn->src[0].negate)
        emit(e, "-");
    if (insn->src[0].absolute)
        emit(e, "abs(");
    emit(e, "%s(", insn->op == SHADER_OP_INTERP_CENTROID ? "interpolateAtCentroid"
                   : insn->op == SHADER_OP_INTERP_SAMPLE ? "interpolateAtSample"
                                                         : "interpolateAtOffset");
    emit_in_value(e, io, (unsigned)reg->index.offset, NULL);
    if (insn->op == SHADER_OP_INTERP_SAMPLE) {
        emit(e, ", ");
        emit_src_scalar(e, &insn->src[1], 'i', 0);
    } else if (insn->op == SHADER_OP_INTERP_OFFSET) {
        emit(e, ", ");
        emit_src_mask(e, &insn->src[1], 'f', 3);
    }
    emit(e, ").");
    for (unsigned c = 0; c < 4; c++) {
        if (insn->dst[0].mask >> c & 1)
            emit(e, "%c", "xyzw"[insn->src[0].swizzle[c]]);
    }
    if (insn->src[0].absolute)
        emit(e, ")");
    emit_store_close(e, &store);
}

static void emit_fbfetch(struct emitter *e, const struct ir_insn *insn)
{
    const struct ir_reg *reg = &insn->src[0].reg;
    const struct shader_io *io = ir_find_io(e->info->outputs, e->info->num_outputs,
                                            (unsigned)reg->index.offset);
    unsigned index = io ? io->semantic_index + (unsigned)reg->index.offset - io->first : 0;
    emit_type type;
    struct emit_store store;

    if (!io || io->semantic != SHADER_SEM_COLOR || ir_indirect(&reg->index)) {
        emit_fail(e, "FBFETCH of an output that is no colour");
        return;
    }
    if (!emit_need(e, SHADER_HOST_INDEX_FB_FETCH, "framebuffer fetch"))
        return;
    type = emit_out_type(e, io, (unsigned)reg->index.offset);
    emit_store_open(e, insn, 0, type, false, &store);
    emit(e, "fs_fetched%u", index);
    emit_mask(e, insn->dst[0].mask);
    emit_store_close(e, &store);
}

bool emit_fragment(struct emitter *e, const struct ir_insn *insn)
{
    struct emit_store store;

    switch (insn->op) {
    case SHADER_OP_KILL:
        emit_line(e, "discard;");
        return true;
    case SHADER_OP_KILL_IF:
        emit_kill_if(e, insn);
        return true;
    case SHADER_OP_DEMOTE:
        if (emit_has(e, SHADER_HOST_INDEX_DEMOTE)) {
            e->features |= SHADER_HOST(DEMOTE);
            emit_line(e, "demote;");
        } else {
            emit_line(e, "discard;");
        }
        return true;
    case SHADER_OP_READ_HELPER:
        emit_store_open(e, insn, 0, 'u', true, &store);
        if (emit_has(e, SHADER_HOST_INDEX_DEMOTE)) {
            e->features |= SHADER_HOST(DEMOTE);
            emit(e, "(helperInvocationEXT() ? 0xffffffffu : 0u)");
        } else if (emit_need(e, SHADER_HOST_INDEX_HELPER_INVOCATION, "helper invocation")) {
            emit(e, "(gl_HelperInvocation ? 0xffffffffu : 0u)");
        }
        emit_store_close(e, &store);
        return true;
    case SHADER_OP_INTERP_CENTROID:
    case SHADER_OP_INTERP_SAMPLE:
    case SHADER_OP_INTERP_OFFSET:
        emit_interpolation(e, insn);
        return true;
    case SHADER_OP_FBFETCH:
        emit_fbfetch(e, insn);
        return true;
    case IR_OP_POLY_STIPPLE:
        emit_stipple(e);
        return true;
    default:
        return false;
    }
}
