/* SPDX-License-Identifier: MIT */
/* What a stage must know of its neighbours. */
#include <string.h>

#include "host.h"
#include "ir.h"

void shader_key_init(struct shader_key *key)
{
    memset(key, 0, sizeof(*key));
    key->last_vertex_stage = 1;
    key->alpha_func = SHADER_FUNC_ALWAYS;
    key->num_cbufs = 1;
}

static struct shader_slots slots_and(struct shader_slots a, struct shader_slots b)
{
    return (struct shader_slots){{a.bits[0] & b.bits[0], a.bits[1] & b.bits[1]}};
}

static struct shader_slots slots_without(struct shader_slots a, struct shader_slots b)
{
    return (struct shader_slots){{a.bits[0] & ~b.bits[0], a.bits[1] & ~b.bits[1]}};
}

static void link_previous(struct shader_key *key, const struct shader_info *info,
                          const struct shader_info *prev)
{
    struct shader_slots wanted = info->slots_read;

    if (info->stage == SHADER_FRAGMENT && key->two_sided) {
        for (unsigned i = 0; i < 8; i++) {
            if (shader_slots_test(&wanted, SHADER_SLOT_COLOR0 + i))
                shader_slots_set(&wanted, SHADER_SLOT_BCOLOR0 + i);
        }
    }
    key->missing = slots_without(wanted, prev->slots_written);
    /* An evaluation shader always has a control shader before it, if only the pass-through. */
    key->prev_stage = info->stage == SHADER_TESS_EVAL ? SHADER_TESS_CTRL : prev->stage;
    if (info->reads_clipdist || key->separable) {
        key->prev_num_clip = prev->num_clip;
        key->prev_num_cull = prev->num_cull;
    }
}

/* Old hosts refuse to link when the qualifiers of the two sides differ. */
static void link_next(struct shader_key *key, const struct shader_info *info,
                      const struct shader_info *next, const struct shader_key *fragment)
{
    key->next_flat = slots_and(next->slots_flat, info->slots_written);
    key->next_noperspective = slots_and(next->slots_noperspective, info->slots_written);
    key->next_centroid = slots_and(next->slots_centroid, info->slots_written);
    key->next_sample = slots_and(next->slots_sample, info->slots_written);
    for (uint32_t i = 0; fragment && fragment->flatshade && i < next->num_inputs; i++) {
        const struct shader_io *io = &next->inputs[i];

        if (io->semantic != SHADER_SEM_COLOR || io->interpolate != SHADER_INTERP_COLOR)
            continue;
        for (unsigned n = 0; n <= (unsigned)(io->last - io->first); n++) {
            shader_slots_set(&key->next_flat, ir_slot(SHADER_SEM_COLOR, io->semantic_index + n));
            if (fragment->two_sided)
                shader_slots_set(&key->next_flat,
                                 ir_slot(SHADER_SEM_BCOLOR, io->semantic_index + n));
        }
    }
    /* flat excludes the sampling qualifiers. */
    key->next_centroid = slots_without(key->next_centroid, key->next_flat);
    key->next_sample = slots_without(key->next_sample, key->next_flat);
}

/* Mesa's linker wastes locations on varyings whose sides differ: many of them would not fit. */
static bool many_varyings(const struct shader_info *info)
{
    enum { FEW = 16 };

    return __builtin_popcountll(info->slots_written.bits[0]) +
               __builtin_popcountll(info->slots_written.bits[1]) > FEW;
}

void shader_key_link(struct shader_key *key, const struct shader_info *info,
                     const struct shader_info *prev, const struct shader_info *next,
                     const struct shader_key *fragment, const struct shader_host *host)
{
    const struct shader_slots none = {{0}};

    key->missing = key->next_flat = key->next_noperspective = none;
    key->next_centroid = key->next_sample = none;
    key->prev_stage = SHADER_VERTEX;
    key->prev_num_clip = key->prev_num_cull = 0;
    key->last_vertex_stage = info->stage != SHADER_TESS_CTRL && info->stage != SHADER_COMPUTE &&
                             (!next || next->stage == SHADER_FRAGMENT);
    if (prev)
        link_previous(key, info, prev);
    if (next && next->stage == SHADER_FRAGMENT &&
        (!shader_host_has(host, SHADER_HOST_INDEX_IMPLICIT_FLAT_MATCH) || many_varyings(info)))
        link_next(key, info, next, fragment);
}
