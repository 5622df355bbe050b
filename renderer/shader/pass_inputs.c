/* SPDX-License-Identifier: MIT */
/*
 * Fragment inputs: point sprites, missing varyings, two-sided colour and flat shading. The
 * instructions stay as they are; only where an input comes from, and its qualifier, change.
 */
#include "emit.h"

static void point_sprites(struct emitter *e)
{
    for (unsigned n = 0; n < 32; n++) {
        if (!(e->key->sprite_coord_enable >> n & 1))
            continue;
        e->ir->input_source[SHADER_SLOT_GENERIC0 + n] = IR_INPUT_POINT_COORD;
        if (n < 8)
            e->ir->input_source[SHADER_SLOT_TEXCOORD0 + n] = IR_INPUT_POINT_COORD;
    }
    e->ir->invert_point_coord = e->key->point_coord_invert;
}

static void colors(struct emitter *e)
{
    for (uint32_t i = 0; i < e->info->num_inputs; i++) {
        struct shader_io *io = &e->info->inputs[i];

        if (io->semantic != SHADER_SEM_COLOR && io->semantic != SHADER_SEM_BCOLOR)
            continue;
        if (io->interpolate == SHADER_INTERP_COLOR && e->key->flatshade)
            io->interpolate = SHADER_INTERP_CONSTANT;
        for (unsigned reg = io->first; reg <= io->last; reg++) {
            unsigned slot = ir_io_slot(io, reg);

            if (e->key->two_sided && io->semantic == SHADER_SEM_COLOR && slot < SHADER_SLOTS)
                e->ir->input_source[slot] = IR_INPUT_TWO_SIDED;
        }
    }
}

void pass_inputs(struct emitter *e)
{
    for (unsigned slot = 0; slot < SHADER_SLOTS; slot++) {
        if (shader_slots_test(&e->key->missing, slot))
            e->ir->input_source[slot] = IR_INPUT_MISSING;
    }
    point_sprites(e);
    colors(e);
}
