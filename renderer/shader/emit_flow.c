/* SPDX-License-Identifier: MIT */
/* Control flow, calls, geometry emission, barriers. */
#include "emit.h"

static void open_brace(struct emitter *e)
{
    emit(e, " {\n");
    e->indent++;
}

static void close_brace(struct emitter *e)
{
    e->indent--;
    emit_line(e, "}");
}

static uint32_t immediate_value(struct emitter *e, const struct ir_src *src)
{
    return e->ir->imms[src->reg.index.offset].bits[src->swizzle[0]];
}

static void emit_branch(struct emitter *e, const struct ir_insn *insn)
{
    emit_begin(e);
    emit(e, "if (");
    if (insn->op == SHADER_OP_IF) {
        emit_src_scalar(e, &insn->src[0], 'f', 0);
        emit(e, " != 0.0)");
    } else {
        emit_src_scalar(e, &insn->src[0], 'u', 0);
        emit(e, " != 0u)");
    }
    open_brace(e);
}

static void emit_stream(struct emitter *e, const struct ir_insn *insn)
{
    uint32_t stream = immediate_value(e, &insn->src[0]) & 3;
    bool vertex = insn->op == SHADER_OP_EMIT;

    if (vertex)
        emit_line(e, "finish_vertex();");
    /* One stream: the plain form, which also works where streams do not exist. */
    if (stream == 0) {
        emit_line(e, vertex ? "EmitVertex();" : "EndPrimitive();");
        return;
    }
    emit_need(e, SHADER_HOST_INDEX_GEOMETRY_STREAMS, "vertex streams");
    emit_line(e, "%s(%u);", vertex ? "EmitStreamVertex" : "EndStreamPrimitive", stream);
}

static void emit_membar(struct emitter *e, const struct ir_insn *insn)
{
    uint32_t bits = immediate_value(e, &insn->src[0]);

    if (bits & 16) {
        emit_line(e, e->info->stage == SHADER_COMPUTE ? "groupMemoryBarrier();"
                                                      : "memoryBarrier();");
        return;
    }
    if ((bits & 15) == 15 || e->info->stage != SHADER_COMPUTE) {
        emit_line(e, "memoryBarrier();");
        return;
    }
    if (bits & 1)
        emit_line(e, "memoryBarrierBuffer();");
    if (bits & 2)
        emit_line(e, "memoryBarrierAtomicCounter();");
    if (bits & 4)
        emit_line(e, "memoryBarrierImage();");
    if (bits & 8)
        emit_line(e, "memoryBarrierShared();");
}

static bool emit_switch(struct emitter *e, const struct ir_insn *insn)
{
    switch (insn->op) {
    case SHADER_OP_SWITCH:
        emit_begin(e);
        emit(e, "switch (");
        emit_src_scalar(e, &insn->src[0], 'i', 0);
        emit(e, ")");
        open_brace(e);
        return true;
    case SHADER_OP_CASE:
        emit_line(e, "case %d:", (int32_t)immediate_value(e, &insn->src[0]));
        return true;
    case SHADER_OP_DEFAULT:
        emit_line(e, "default:");
        return true;
    case SHADER_OP_ENDSWITCH:
        emit_line(e, "break;");
        close_brace(e);
        return true;
    default:
        return false;
    }
}

bool emit_flow(struct emitter *e, const struct ir_insn *insn)
{
    switch (insn->op) {
    case SHADER_OP_NOP:
    case SHADER_OP_END:
        return true;
    case SHADER_OP_IF:
    case SHADER_OP_UIF:
        emit_branch(e, insn);
        return true;
    case SHADER_OP_ELSE:
        e->indent--;
        emit_begin(e);
        emit(e, "} else");
        open_brace(e);
        return true;
    case SHADER_OP_BGNLOOP:
        emit_begin(e);
        emit(e, "for (;;)");
        open_brace(e);
        return true;
    case SHADER_OP_ENDIF:
    case SHADER_OP_ENDLOOP:
        close_brace(e);
        return true;
    case SHADER_OP_BRK:
        emit_line(e, "break;");
        return true;
    case SHADER_OP_CONT:
        emit_line(e, "continue;");
        return true;
    case SHADER_OP_RET:
        emit_line(e, "return;");
        return true;
    case SHADER_OP_CAL:
        emit_line(e, "sub%u();", insn->label);
        return true;
    case SHADER_OP_EMIT:
    case SHADER_OP_ENDPRIM:
        emit_stream(e, insn);
        return true;
    case SHADER_OP_BARRIER:
        emit_line(e, "barrier();");
        return true;
    case SHADER_OP_MEMBAR:
        emit_membar(e, insn);
        return true;
    default:
        return emit_switch(e, insn);
    }
}
