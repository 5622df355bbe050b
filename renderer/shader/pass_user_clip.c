/* SPDX-License-Identifier: MIT */
/* User clip planes as clip distances, for shaders that write none of their own. */
#include "emit.h"

void pass_user_clip(struct emitter *e)
{
    struct shader_info *info = e->info;
    unsigned planes = e->key->ucp_enable;
    int vertex = pass_find_output(e, SHADER_SEM_CLIPVERTEX, 0);
    int distance[2] = {-1, -1};

    if (!planes || info->clipdist_mask || info->prohibit_ucps)
        return;
    if (vertex < 0)
        vertex = pass_find_output(e, SHADER_SEM_POSITION, 0);
    if (vertex < 0)
        return;
    for (unsigned i = 0; i < 8; i++) {
        struct ir_src src[2] = {
            ir_src(SHADER_FILE_OUT, vertex, "xyzw"),
            ir_src(IR_FILE_AUX, IR_AUX_CLIP_PLANES + (int)i, "xyzw"),
        };

        if (!(planes >> i & 1))
            continue;
        if (distance[i / 4] < 0)
            distance[i / 4] = pass_add_output(e, SHADER_SEM_CLIPDIST, i / 4, 15);
        if (distance[i / 4] < 0)
            return;
        ir_op(e->ir, &e->ir->epilogue, SHADER_OP_DP4,
              ir_dst(SHADER_FILE_OUT, distance[i / 4], 1u << (i % 4)), 2, src);
        info->num_clip = (uint8_t)(i + 1);
    }
}
