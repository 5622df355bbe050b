/* SPDX-License-Identifier: MIT */
/* Nesting of control flow, END, and calls. */
#include <stdlib.h>
#include <string.h>

#include "ir.h"

struct flow {
    const struct shader_ir *ir;
    struct shader_error *err;
    uint16_t *stack;      /* opcode that opened each level */
    uint32_t depth, loops, switches;
    bool in_subroutine, ended;
    bool case_seen;       /* the innermost SWITCH has had a CASE or DEFAULT */
};

static int fail(struct flow *f, const struct ir_insn *insn, const char *what)
{
    sh_error(f->err, insn->line, "%s %s", ir_op_name(insn->op), what);
    return -1;
}

static int push(struct flow *f, const struct ir_insn *insn)
{
    if (f->depth == shader_default_limits.max_nesting)
        return fail(f, insn, "nested too deeply");
    f->stack[f->depth++] = insn->op;
    return 0;
}

static unsigned top(const struct flow *f)
{
    return f->depth ? f->stack[f->depth - 1] : SHADER_OP_NOP;
}

static int subroutine_edge(struct flow *f, const struct ir_insn *insn)
{
    if (f->depth)
        return fail(f, insn, "inside a block");
    if (insn->op == SHADER_OP_BGNSUB) {
        if (f->in_subroutine)
            return fail(f, insn, "inside a subroutine");
        f->in_subroutine = true;
    } else {
        if (!f->in_subroutine)
            return fail(f, insn, "without BGNSUB");
        f->in_subroutine = false;
    }
    return 0;
}

static int block_edge(struct flow *f, const struct ir_insn *insn)
{
    switch (insn->op) {
    case SHADER_OP_IF:
    case SHADER_OP_UIF:
        return push(f, insn);
    case SHADER_OP_ELSE:
        if (top(f) != SHADER_OP_IF && top(f) != SHADER_OP_UIF)
            return fail(f, insn, "without IF");
        f->stack[f->depth - 1] = SHADER_OP_ELSE;
        return 0;
    case SHADER_OP_ENDIF:
        if (top(f) != SHADER_OP_IF && top(f) != SHADER_OP_UIF && top(f) != SHADER_OP_ELSE)
            return fail(f, insn, "without IF");
        f->depth--;
        return 0;
    case SHADER_OP_BGNLOOP:
        f->loops++;
        return push(f, insn);
    case SHADER_OP_ENDLOOP:
        if (top(f) != SHADER_OP_BGNLOOP)
            return fail(f, insn, "without BGNLOOP");
        f->loops--;
        f->depth--;
        return 0;
    default:
        return 0;
    }
}

static int switch_edge(struct flow *f, const struct ir_insn *insn)
{
    switch (insn->op) {
    case SHADER_OP_SWITCH:
        f->switches++;
        return push(f, insn);
    case SHADER_OP_CASE:
    case SHADER_OP_DEFAULT:
        if (top(f) != SHADER_OP_SWITCH && top(f) != SHADER_OP_CASE)
            return fail(f, insn, "outside SWITCH");
        f->stack[f->depth - 1] = SHADER_OP_CASE;
        return 0;
    default:
        if (top(f) != SHADER_OP_SWITCH && top(f) != SHADER_OP_CASE)
            return fail(f, insn, "without SWITCH");
        f->switches--;
        f->depth--;
        return 0;
    }
}

static int step(struct flow *f, const struct ir_insn *insn)
{
    bool sub = insn->op == SHADER_OP_BGNSUB || insn->op == SHADER_OP_ENDSUB;

    if (f->ended && !f->in_subroutine && insn->op != SHADER_OP_BGNSUB)
        return fail(f, insn, "behind END");
    if (top(f) == SHADER_OP_SWITCH && insn->op != SHADER_OP_CASE &&
        insn->op != SHADER_OP_DEFAULT && insn->op != SHADER_OP_ENDSWITCH)
        return fail(f, insn, "between SWITCH and the first CASE");
    if (sub)
        return subroutine_edge(f, insn);
    switch (insn->op) {
    case SHADER_OP_SWITCH:
    case SHADER_OP_CASE:
    case SHADER_OP_DEFAULT:
    case SHADER_OP_ENDSWITCH:
        return switch_edge(f, insn);
    case SHADER_OP_BRK:
        return f->loops || f->switches ? 0 : fail(f, insn, "outside a loop");
    case SHADER_OP_CONT:
        return f->loops ? 0 : fail(f, insn, "outside a loop");
    case SHADER_OP_END:
        if (f->depth || f->in_subroutine)
            return fail(f, insn, "inside a block");
        f->ended = true;
        return 0;
    default:
        return block_edge(f, insn);
    }
}

/* Index of the instruction behind the subroutine that starts at `start`. */
static uint32_t subroutine_end(const struct shader_ir *ir, uint32_t start)
{
    while (start < ir->body.count && ir->body.insns[start].op != SHADER_OP_ENDSUB)
        start++;
    return start;
}

/*
 * GLSL has no recursion, and host compilers inline calls: bound the expanded size, or a chain of
 * doubling calls would keep them busy for ever. weight[i]: expanded size of the subroutine at i.
 */
static int check_calls(struct flow *f)
{
    const struct shader_ir *ir = f->ir;
    uint32_t count = ir->body.count;
    uint64_t *weight = calloc(count, sizeof(*weight));
    uint64_t main_weight = 0;
    int rc = weight ? 0 : -1;
    bool progress = true;

    if (!weight)
        sh_error(f->err, 0, "out of memory");
    /* Each round settles the subroutines whose callees are settled; recursion never settles. */
    for (uint32_t round = 0; rc == 0 && progress && round <= 64; round++) {
        progress = false;
        for (uint32_t i = 0; i < count; i++) {
            uint64_t total = 1;
            uint32_t end;

            if (ir->body.insns[i].op != SHADER_OP_BGNSUB || weight[i])
                continue;
            end = subroutine_end(ir, i);
            for (uint32_t k = i + 1; k < end && total; k++) {
                const struct ir_insn *insn = &ir->body.insns[k];

                if (insn->op != SHADER_OP_CAL)
                    total++;
                else if (insn->label >= count || !weight[insn->label])
                    total = 0;
                else
                    total += weight[insn->label];
            }
            if (total > shader_default_limits.max_instructions)
                total = (uint64_t)shader_default_limits.max_instructions + 1;
            weight[i] = total;
            progress |= total != 0;
            i = end;
        }
    }
    for (uint32_t i = 0; rc == 0 && i < count; i++) {
        const struct ir_insn *insn = &ir->body.insns[i];

        if (insn->op != SHADER_OP_CAL)
            continue;
        if (insn->label >= count || ir->body.insns[insn->label].op != SHADER_OP_BGNSUB)
            rc = fail(f, insn, "to no subroutine");
        else if (!weight[insn->label])
            rc = fail(f, insn, "is recursive or nested too deeply");
        else
            main_weight += weight[insn->label];
        if (rc == 0 && main_weight > shader_default_limits.max_instructions)
            rc = fail(f, insn, "expands to too many instructions");
    }
    free(weight);
    return rc;
}

int ir_validate_flow(const struct shader_ir *ir, struct shader_error *err)
{
    struct flow f = {.ir = ir, .err = err};
    uint16_t stack[256];
    int rc = 0;

    _Static_assert(sizeof(stack) / sizeof(stack[0]) >= 256, "max_nesting");
    f.stack = stack;
    for (uint32_t i = 0; i < ir->body.count && rc == 0; i++)
        rc = step(&f, &ir->body.insns[i]);
    if (rc == 0 && (!f.ended || f.depth || f.in_subroutine)) {
        sh_error(err, ir->body.insns[ir->body.count - 1].line, "%s",
                 f.ended ? "subroutine without ENDSUB" : "END is missing");
        rc = -1;
    }
    if (rc == 0)
        rc = check_calls(&f);
    return rc;
}
