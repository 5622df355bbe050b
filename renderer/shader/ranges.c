/* SPDX-License-Identifier: MIT */
/*
 * Which samplers, images and buffers form arrays. The text does not say: guests declare each
 * element alone, and an indirect operand names only a base. So a run of declared neighbours of one
 * type is an array when any of them is addressed indirectly.
 */
#include "ir.h"

struct file_ranges {
    uint32_t declared, indirect;
    struct ir_range *ranges;
};

static bool same_type(const struct shader_ir *ir, unsigned file, unsigned a, unsigned b)
{
    switch (file) {
    case SHADER_FILE_SAMP:
        return (ir->views_declared >> a & 1) == (ir->views_declared >> b & 1) &&
               ir->views[a].target == ir->views[b].target &&
               ir->views[a].type == ir->views[b].type;
    case SHADER_FILE_IMAGE:
        return ir->info.images[a].target == ir->info.images[b].target &&
               ir->image_format[a] == ir->image_format[b];
    default:
        return true;
    }
}

static void settle(struct shader_ir *ir, unsigned file, const struct file_ranges *f)
{
    unsigned first = 0;

    while (first < 32) {
        unsigned last = first;
        uint32_t mask;

        if (!(f->declared >> first & 1)) {
            first++;
            continue;
        }
        while (last + 1 < 32 && (f->declared >> (last + 1) & 1) &&
               same_type(ir, file, first, last + 1))
            last++;
        mask = (uint32_t)((2ull << last) - (1ull << first));
        for (unsigned i = first; i <= last; i++) {
            bool array = f->indirect & mask;

            f->ranges[i].first = (uint8_t)(array ? first : i);
            f->ranges[i].last = (uint8_t)(array ? last : i);
        }
        first = last + 1;
    }
}

void ir_settle_ranges(struct shader_ir *ir)
{
    struct file_ranges samp = {.declared = ir->samplers_declared, .ranges = ir->sampler_range};
    struct file_ranges image = {.declared = ir->info.images_used, .ranges = ir->image_range};
    struct file_ranges buffer = {.declared = ir->info.ssbos_used, .ranges = ir->buffer_range};

    for (uint32_t i = 0; i < ir->body.count; i++) {
        const struct ir_insn *insn = &ir->body.insns[i];

        for (unsigned k = 0; k < (unsigned)insn->num_dst + insn->num_src; k++) {
            const struct ir_reg *reg = k < insn->num_dst ? &insn->dst[k].reg
                                                         : &insn->src[k - insn->num_dst].reg;
            struct file_ranges *f = reg->file == SHADER_FILE_SAMP     ? &samp
                                    : reg->file == SHADER_FILE_IMAGE  ? &image
                                    : reg->file == SHADER_FILE_BUFFER ? &buffer : NULL;

            if (f && ir_indirect(&reg->index) && reg->index.offset >= 0 &&
                reg->index.offset < 32)
                f->indirect |= 1u << reg->index.offset;
        }
    }
    settle(ir, SHADER_FILE_SAMP, &samp);
    settle(ir, SHADER_FILE_IMAGE, &image);
    settle(ir, SHADER_FILE_BUFFER, &buffer);
}
