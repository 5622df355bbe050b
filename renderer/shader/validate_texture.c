/* SPDX-License-Identifier: MIT */
/* Which texture opcode may meet which target. */
#include "ir.h"
#include "target.h"

/* Shadow targets whose reference does not fit the first operand. */
static bool reference_elsewhere(const struct ir_insn *insn, const struct tex_target *t)
{
    return t->reference == 4 && insn->op != SHADER_OP_TEX2 && insn->op != SHADER_OP_TXB2 &&
           insn->op != SHADER_OP_TXL2 && insn->op != SHADER_OP_TG4;
}

static const char *mismatch(const struct ir_insn *insn, const struct tex_target *t)
{
    bool buffer = insn->target == SHADER_TEX_BUFFER;

    switch (insn->op) {
    case SHADER_OP_TXQ:
        return NULL;
    case SHADER_OP_TXQS:
        return t->multisample ? NULL : "needs a multisample target";
    case SHADER_OP_TXF:
        return t->shadow || t->cube ? "no texel fetch from this target" : NULL;
    case SHADER_OP_TG4:
        if (buffer || t->multisample || t->dims != (t->cube ? 3 : 2))
            return "no gather from this target";
        break;
    case SHADER_OP_TXP:
        if (t->array)
            return "no projection with an array target";
        break;
    case SHADER_OP_TXD:
    case SHADER_OP_TEX:
    case SHADER_OP_TXB:
    case SHADER_OP_TXL:
        break;
    case SHADER_OP_LODQ:
        if (insn->target == SHADER_TEX_RECT || insn->target == SHADER_TEX_SHADOWRECT)
            return "no levels in this target";
        break;
    case SHADER_OP_TEX2:
        if (!t->shadow)
            return "needs a shadow target";
        break;
    default:
        break;
    }
    if (buffer || t->multisample)
        return "target can only be fetched from";
    if (reference_elsewhere(insn, t) && insn->op != SHADER_OP_LODQ)
        return "has no room for the reference of this target";
    return NULL;
}

int ir_validate_texture(const struct shader_ir *ir, const struct ir_insn *insn,
                        struct shader_error *err)
{
    const struct tex_target *t = tex_target(insn->target);
    const char *why = t->sampler ? mismatch(insn, t) : "texture target missing";

    if (!why && insn->num_offsets) {
        if (t->cube || t->multisample || insn->target == SHADER_TEX_BUFFER)
            why = "no texel offset with this target";
        else if (insn->num_offsets != 1 && (insn->op != SHADER_OP_TG4 || insn->num_offsets != 4))
            why = "wrong number of texel offsets";
    }
    if (!why && insn->op == SHADER_OP_TG4 && !t->shadow &&
        (insn->src[1].reg.file != SHADER_FILE_IMM || ir_indirect(&insn->src[1].reg.index)))
        why = "component must be an immediate";
    if (!why)
        return 0;
    sh_error(err, insn->line, "%s with %s: %s", ir_op_name(insn->op),
             shader_texture_names[insn->target], why);
    return -1;
}
