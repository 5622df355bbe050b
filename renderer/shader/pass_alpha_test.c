/* SPDX-License-Identifier: MIT */
/* Alpha test: discard by the alpha of colour 0 against the reference of struct shader_aux. */
#include "emit.h"

void pass_alpha_test(struct emitter *e)
{
    struct ir_block *out = &e->ir->epilogue;
    int color = pass_find_output(e, SHADER_SEM_COLOR, 0);
    unsigned func = e->key->alpha_func, op;
    struct ir_src alpha = ir_src(SHADER_FILE_OUT, color, "wwww");
    struct ir_src ref = ir_src(IR_FILE_AUX, IR_AUX_SCALARS, "zzzz");
    struct ir_src operands[2] = {alpha, ref};
    struct ir_insn *branch;
    int temp;

    if (func == SHADER_FUNC_ALWAYS || color < 0 || e->key->cbufs[0].type == SHADER_CBUF_INT ||
        e->key->cbufs[0].type == SHADER_CBUF_UINT)
        return;
    if (func == SHADER_FUNC_NEVER) {
        ir_append(e->ir, out, SHADER_OP_KILL);
        return;
    }
    switch (func) {
    case SHADER_FUNC_LESS:
    case SHADER_FUNC_GREATER:
        op = SHADER_OP_FSLT;
        break;
    case SHADER_FUNC_EQUAL:
        op = SHADER_OP_FSEQ;
        break;
    case SHADER_FUNC_NOTEQUAL:
        op = SHADER_OP_FSNE;
        break;
    default:
        op = SHADER_OP_FSGE;
        break;
    }
    if (func == SHADER_FUNC_GREATER || func == SHADER_FUNC_LEQUAL) {
        operands[0] = ref;
        operands[1] = alpha;
    }
    temp = ir_new_temp(e->ir);
    ir_op(e->ir, out, op, ir_dst(SHADER_FILE_TEMP, temp, 1), 2, operands);
    operands[0] = ir_src(SHADER_FILE_TEMP, temp, "xxxx");
    /* Not passing, rather than the opposite comparison: NaN fails every test but NOTEQUAL. */
    ir_op(e->ir, out, SHADER_OP_NOT, ir_dst(SHADER_FILE_TEMP, temp, 1), 1, operands);
    branch = ir_append(e->ir, out, SHADER_OP_UIF);
    if (branch)
        branch->src[0] = operands[0];
    ir_append(e->ir, out, SHADER_OP_KILL);
    ir_append(e->ir, out, SHADER_OP_ENDIF);
}
