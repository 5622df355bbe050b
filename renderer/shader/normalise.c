/* SPDX-License-Identifier: MIT */
/*
 * Brings the forms that drivers use for one thing into one.
 *
 * Direct3D 10 style sampling names view and sampler apart. GL has them in one, so only equal
 * numbers can be translated; then these opcodes are the combined ones with other operand orders.
 */
#include <string.h>

#include "ir.h"

static unsigned shadow_target(unsigned target)
{
    switch (target) {
    case SHADER_TEX_1D:
        return SHADER_TEX_SHADOW1D;
    case SHADER_TEX_2D:
        return SHADER_TEX_SHADOW2D;
    case SHADER_TEX_RECT:
        return SHADER_TEX_SHADOWRECT;
    case SHADER_TEX_CUBE:
        return SHADER_TEX_SHADOWCUBE;
    case SHADER_TEX_1D_ARRAY:
        return SHADER_TEX_SHADOW1D_ARRAY;
    case SHADER_TEX_2D_ARRAY:
        return SHADER_TEX_SHADOW2D_ARRAY;
    case SHADER_TEX_CUBEARRAY:
        return SHADER_TEX_SHADOWCUBEARRAY;
    default:
        return target;
    }
}

/* Operand numbers of the view and the sampler (-1: none), and the opcode that replaces it. */
static bool separate_form(unsigned op, int *view, int *sampler, unsigned *replacement)
{
    static const struct {
        uint16_t op, replacement;
        int8_t view, sampler;
    } forms[] = {
        {SHADER_OP_SAMPLE, SHADER_OP_TEX, 1, 2},
        {SHADER_OP_SAMPLE_I, SHADER_OP_TXF, 1, -1},
        {SHADER_OP_SAMPLE_I_MS, SHADER_OP_TXF, 1, -1},
        {SHADER_OP_SAMPLE_B, SHADER_OP_TXB2, 1, 2},
        {SHADER_OP_SAMPLE_C, SHADER_OP_TEX2, 1, 2},
        {SHADER_OP_SAMPLE_C_LZ, SHADER_OP_TEX2, 1, 2},
        {SHADER_OP_SAMPLE_D, SHADER_OP_TXD, 1, 2},
        {SHADER_OP_SAMPLE_L, SHADER_OP_TXL2, 1, 2},
        {SHADER_OP_GATHER4, SHADER_OP_TG4, 1, 2},
        {SHADER_OP_SVIEWINFO, SHADER_OP_TXQ, 1, -1},
        {SHADER_OP_SAMPLE_INFO, SHADER_OP_TXQS, 0, -1},
        {SHADER_OP_LOD, SHADER_OP_LODQ, 1, 2},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (forms[i].op == op) {
            *view = forms[i].view;
            *sampler = forms[i].sampler;
            *replacement = forms[i].replacement;
            return true;
        }
    }
    return false;
}

static void rewrite(struct shader_ir *ir, struct ir_insn *insn, unsigned replacement, int view)
{
    struct ir_insn old = *insn;
    struct ir_src samp = old.src[view];
    unsigned slot = (unsigned)samp.reg.index.offset;

    memcpy(insn->result_swizzle, samp.swizzle, 4);
    insn->swizzled = memcmp(samp.swizzle, (uint8_t[]){0, 1, 2, 3}, 4) != 0;
    samp.reg.file = SHADER_FILE_SAMP;
    samp = (struct ir_src){.reg = samp.reg, .swizzle = {0, 1, 2, 3}};
    insn->op = (uint16_t)replacement;
    insn->num_src = shader_opcodes[replacement].num_src;
    insn->has_target = true;
    insn->target = ir->views[slot].target;
    switch (old.op) {
    case SHADER_OP_SAMPLE_C_LZ:
        insn->lod_zero = true;
        /* fall through */
    case SHADER_OP_SAMPLE_C:
        insn->target = (uint8_t)shadow_target(insn->target);
        insn->src[1] = old.src[3];
        break;
    case SHADER_OP_SAMPLE_B:
    case SHADER_OP_SAMPLE_L:
        insn->src[1] = old.src[3];
        break;
    case SHADER_OP_SAMPLE_D:
        insn->src[1] = old.src[3];
        insn->src[2] = old.src[4];
        break;
    case SHADER_OP_GATHER4:
        insn->src[1] = ir_src(SHADER_FILE_IMM, ir_new_immediate(ir, old.src[2].swizzle[0], 0, 0, 0),
                              "xxxx");
        break;
    default:
        break;
    }
    insn->src[ir_sampler_operand(insn)] = samp;
    ir->samplers_declared |= 1u << slot;
}

static bool copies_first_pair(const struct ir_insn *insn, const struct ir_src *src)
{
    return insn->op == SHADER_OP_MOV && insn->dst[0].mask == 3 &&
           insn->dst[0].reg.file == SHADER_FILE_TEMP && !ir_indirect(&insn->dst[0].reg.index) &&
           insn->dst[0].reg.index.offset == src->reg.index.offset;
}

/*
 * Mesa's driver copies every double operand into .xy of a temporary of its own right before the
 * instruction, and then names that temporary also where .zw is written and so would be read.
 */
static void read_copied_pair(const struct shader_ir *ir, uint32_t at, struct ir_insn *insn)
{
    static const uint8_t identity[4] = {0, 1, 2, 3}, first[4] = {0, 1, 0, 1};

    for (unsigned s = 0; s < insn->num_src; s++) {
        struct ir_src *src = &insn->src[s];

        if (src->reg.file != SHADER_FILE_TEMP || ir_indirect(&src->reg.index) ||
            memcmp(src->swizzle, identity, 4) != 0)
            continue;
        for (uint32_t back = 1; back <= insn->num_src && back <= at; back++) {
            if (copies_first_pair(&ir->body.insns[at - back], src)) {
                memcpy(src->swizzle, first, 4);
                break;
            }
        }
    }
}

int ir_normalise(struct shader_ir *ir, struct shader_error *err)
{
    for (uint32_t i = 0; i < ir->body.count; i++) {
        struct ir_insn *insn = &ir->body.insns[i];
        unsigned replacement;
        int view, sampler;
        uint32_t slot;

        if (insn->op < SHADER_OP_COUNT && insn->num_dst == 1 && insn->dst[0].mask == 12 &&
            shader_opcodes[insn->op].src_type == SHADER_TYPE_DOUBLE)
            read_copied_pair(ir, i, insn);
        if (insn->op == SHADER_OP_TEX_LZ || insn->op == SHADER_OP_TXF_LZ) {
            insn->lod_zero = true;
            insn->op = insn->op == SHADER_OP_TEX_LZ ? SHADER_OP_TEX : SHADER_OP_TXF;
            continue;
        }
        if (!separate_form(insn->op, &view, &sampler, &replacement))
            continue;
        slot = (uint32_t)insn->src[view].reg.index.offset;
        if (insn->src[view].reg.file != SHADER_FILE_SVIEW ||
            ir_indirect(&insn->src[view].reg.index) || slot >= SHADER_MAX_SAMPLERS ||
            !(ir->views_declared >> slot & 1)) {
            sh_error(err, insn->line, "%s needs a declared sampler view", ir_op_name(insn->op));
            return -1;
        }
        if (sampler >= 0 && (insn->src[sampler].reg.file != SHADER_FILE_SAMP ||
                             ir_indirect(&insn->src[sampler].reg.index) ||
                             (uint32_t)insn->src[sampler].reg.index.offset != slot)) {
            sh_error(err, insn->line, "%s with view and sampler of different numbers",
                     ir_op_name(insn->op));
            return -1;
        }
        if (insn->op == SHADER_OP_SAMPLE_I_MS) {
            sh_error(err, insn->line, "%s is not supported", ir_op_name(insn->op));
            return -1;
        }
        rewrite(ir, insn, replacement, view);
    }
    if (ir->arena.failed) {
        sh_error(err, 0, "out of memory");
        return -1;
    }
    return 0;
}
