/* SPDX-License-Identifier: MIT */
/* Last vertex-processing stage: y flip, point size, clamped colours. */
#include "emit.h"

/*
 * GL has no viewports of negative height; the factor 1 or -1 stands for the sign. It lives in
 * struct shader_aux so that the viewport is no reason for a variant. The register itself keeps its
 * value: a geometry shader may emit it again.
 */
void pass_y_flip(struct emitter *e)
{
    e->ir->flip_y = !e->host->flips_itself && pass_find_output(e, SHADER_SEM_POSITION, 0) >= 0;
}

void pass_point_size(struct emitter *e)
{
    int size = pass_find_output(e, SHADER_SEM_PSIZE, 0);
    struct ir_src src = ir_src(IR_FILE_AUX, IR_AUX_SCALARS, "yyyy");

    if (!e->key->point_size)
        return;
    if (size < 0)
        size = pass_add_output(e, SHADER_SEM_PSIZE, 0, 1);
    if (size >= 0)
        ir_op(e->ir, &e->ir->epilogue, SHADER_OP_MOV, ir_dst(SHADER_FILE_OUT, size, 1), 1, &src);
}

void pass_clamp_vertex_color(struct emitter *e)
{
    static const unsigned semantics[] = {SHADER_SEM_COLOR, SHADER_SEM_BCOLOR};

    for (unsigned s = 0; s < 2 && e->key->clamp_vertex_color; s++) {
        for (unsigned i = 0; i < 2; i++) {
            int color = pass_find_output(e, semantics[s], i);
            struct ir_src src = ir_src(SHADER_FILE_OUT, color, "xyzw");

            if (color < 0)
                continue;
            ir_op(e->ir, &e->ir->epilogue, SHADER_OP_MOV, ir_dst(SHADER_FILE_OUT, color, 15), 1,
                  &src);
            if (!e->ir->arena.failed)
                e->ir->epilogue.insns[e->ir->epilogue.count - 1].saturate = true;
        }
    }
}
