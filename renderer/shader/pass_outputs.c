/* SPDX-License-Identifier: MIT */
/* Helpers of the passes that add or look for outputs. */
#include "emit.h"

int pass_find_output(const struct emitter *e, unsigned semantic, unsigned index)
{
    for (uint32_t i = 0; i < e->info->num_outputs; i++) {
        const struct shader_io *io = &e->info->outputs[i];
        unsigned count = io->last - io->first + 1u;

        if (io->semantic == semantic && index >= io->semantic_index &&
            index < io->semantic_index + count)
            return io->first + (int)(index - io->semantic_index);
    }
    return -1;
}

int pass_add_output(struct emitter *e, unsigned semantic, unsigned index, unsigned mask)
{
    struct shader_info *info = e->info;
    unsigned reg = SHADER_MAX_OUTPUTS; /* registers of guests lie below */

    if (info->num_outputs == SHADER_MAX_OUTPUTS) {
        emit_fail(e, "too many outputs");
        return -1;
    }
    for (uint32_t i = 0; i < info->num_outputs; i++) {
        if (info->outputs[i].last >= reg)
            reg = info->outputs[i].last + 1u;
    }
    info->outputs[info->num_outputs++] = (struct shader_io){
        .first = (uint8_t)reg, .last = (uint8_t)reg, .semantic = (uint8_t)semantic,
        .semantic_index = (uint8_t)index, .usage_mask = (uint8_t)mask,
        .interpolate = SHADER_INTERP_PERSPECTIVE,
    };
    return (int)reg;
}
