/* SPDX-License-Identifier: MIT */
/*
 * 64-bit arithmetic: doubles and integers in component pairs xy and zw, low word first. In the
 * patterns $0.. are the sources of the pair at work.
 */
#include <string.h>

#include "emit.h"

/* Types of pairs: 'd' double, 'L' signed, 'M' unsigned 64-bit. Of components: 'f', 'i', 'u'. */
struct wide {
    char result;         /* a pair type, a component type, or 'b' for a mask */
    const char *sources;
    const char *pattern;
};

#define OP(name) [SHADER_OP_##name]
static const struct wide patterns[SHADER_OP_COUNT] = {
    OP(DABS) = {'d', "d", "abs($0)"},
    OP(DNEG) = {'d', "d", "-($0)"},
    OP(DADD) = {'d', "dd", "$0 + $1"},
    OP(DMUL) = {'d', "dd", "$0 * $1"},
    OP(DDIV) = {'d', "dd", "$0 / $1"},
    OP(DMAX) = {'d', "dd", "max($0, $1)"},
    OP(DMIN) = {'d', "dd", "min($0, $1)"},
    OP(DMAD) = {'d', "ddd", "$0 * $1 + $2"},
    OP(DFMA) = {'d', "ddd", "fma($0, $1, $2)"},
    OP(DRCP) = {'d', "d", "1.0LF / $0"},
    OP(DSQRT) = {'d', "d", "sqrt($0)"},
    OP(DRSQ) = {'d', "d", "inversesqrt($0)"},
    OP(DFRAC) = {'d', "d", "fract($0)"},
    OP(DTRUNC) = {'d', "d", "trunc($0)"},
    OP(DCEIL) = {'d', "d", "ceil($0)"},
    OP(DFLR) = {'d', "d", "floor($0)"},
    OP(DROUND) = {'d', "d", "roundEven($0)"},
    OP(DSSG) = {'d', "d", "sign($0)"},
    OP(DLDEXP) = {'d', "di", "ldexp($0, $1)"},
    OP(DSLT) = {'b', "dd", "$0 < $1"},
    OP(DSGE) = {'b', "dd", "$0 >= $1"},
    OP(DSEQ) = {'b', "dd", "$0 == $1"},
    OP(DSNE) = {'b', "dd", "$0 != $1"},
    OP(D2F) = {'f', "d", "float($0)"},
    OP(D2I) = {'i', "d", "int($0)"},
    OP(D2U) = {'u', "d", "uint($0)"},
    OP(F2D) = {'d', "f", "double($0)"},
    OP(I2D) = {'d', "i", "double($0)"},
    OP(U2D) = {'d', "u", "double($0)"},
    OP(F2U64) = {'M', "f", "uint64_t($0)"},
    OP(F2I64) = {'L', "f", "int64_t($0)"},
    OP(U2I64) = {'L', "u", "int64_t($0)"},
    OP(I2I64) = {'L', "i", "int64_t($0)"},
    OP(D2U64) = {'M', "d", "uint64_t($0)"},
    OP(D2I64) = {'L', "d", "int64_t($0)"},
    OP(U642D) = {'d', "M", "double($0)"},
    OP(I642D) = {'d', "L", "double($0)"},
    OP(U642F) = {'f', "M", "float($0)"},
    OP(I642F) = {'f', "L", "float($0)"},
    OP(U64SEQ) = {'b', "MM", "$0 == $1"},
    OP(U64SNE) = {'b', "MM", "$0 != $1"},
    OP(U64SLT) = {'b', "MM", "$0 < $1"},
    OP(U64SGE) = {'b', "MM", "$0 >= $1"},
    OP(I64SLT) = {'b', "LL", "$0 < $1"},
    OP(I64SGE) = {'b', "LL", "$0 >= $1"},
    OP(U64MIN) = {'M', "MM", "min($0, $1)"},
    OP(U64MAX) = {'M', "MM", "max($0, $1)"},
    OP(I64MIN) = {'L', "LL", "min($0, $1)"},
    OP(I64MAX) = {'L', "LL", "max($0, $1)"},
    OP(I64ABS) = {'L', "L", "abs($0)"},
    OP(I64SSG) = {'L', "L", "sign($0)"},
    OP(I64NEG) = {'L', "L", "-($0)"},
    OP(U64ADD) = {'M', "MM", "$0 + $1"},
    OP(U64MUL) = {'M', "MM", "$0 * $1"},
    OP(U64SHL) = {'M', "Mi", "$0 << ($1 & 63)"},
    OP(U64SHR) = {'M', "Mi", "$0 >> ($1 & 63)"},
    OP(I64SHR) = {'L', "Li", "$0 >> ($1 & 63)"},
    /* As with 32 bits, zero divisors are kept away. */
    OP(U64DIV) = {'M', "MM", "($1 == 0ul ? ~0ul : $0 / max($1, 1ul))"},
    OP(U64MOD) = {'M', "MM", "($1 == 0ul ? ~0ul : $0 % max($1, 1ul))"},
    OP(I64DIV) = {'L', "LL", "$0 / ($1 == 0l ? 1l : $1)"},
    OP(I64MOD) = {'L', "LL", "$0 - ($1 == 0l ? 1l : $1) * ($0 / ($1 == 0l ? 1l : $1))"},
};

static bool is_pair(char type)
{
    return type == 'd' || type == 'L' || type == 'M';
}

static void emit_pair(struct emitter *e, const struct ir_src *src, char type, unsigned pair)
{
    struct ir_src bits = *src;

    bits.negate = bits.absolute = false;
    if (src->negate)
        emit(e, "(-");
    if (src->absolute && type == 'M') { /* absolute values are of signed numbers */
        emit(e, "uint64_t(abs(packInt2x32(");
        emit_src_mask(e, &bits, 'i', 3u << (2 * pair));
        emit(e, ")))%s", src->negate ? ")" : "");
        return;
    }
    if (src->absolute)
        emit(e, "abs(");
    emit(e, "%s(", type == 'd' ? "packDouble2x32" : type == 'L' ? "packInt2x32" : "packUint2x32");
    emit_src_mask(e, &bits, type == 'L' ? 'i' : 'u', 3u << (2 * pair));
    emit(e, ")");
    if (src->absolute)
        emit(e, ")");
    if (src->negate)
        emit(e, ")");
}

static void expand(struct emitter *e, const struct ir_insn *insn, const struct wide *w,
                   unsigned pair)
{
    bool from_components = is_pair(w->result) && !is_pair(w->sources[0]);

    for (const char *p = w->pattern; *p; p++) {
        unsigned operand;

        if (*p != '$') {
            sh_text_append(e->out, p, 1);
            continue;
        }
        operand = (unsigned)(*++p - '0');
        if (is_pair(w->sources[operand]))
            emit_pair(e, &insn->src[operand], w->sources[operand], pair);
        else /* conversions read x for the first pair and y for the second; shifts x and z */
            emit_src_scalar(e, &insn->src[operand], w->sources[operand],
                            from_components ? pair : 2 * pair);
    }
}

static void emit_pair_result(struct emitter *e, const struct ir_insn *insn, const struct wide *w,
                             unsigned pair)
{
    const char *unpack = w->result == 'd'   ? "unpackDouble2x32"
                         : w->result == 'L' ? "unpackInt2x32" : "unpackUint2x32";

    emit_begin(e);
    emit(e, "wide.%s = %s(%s(", pair ? "zw" : "xy", w->result == 'L' ? "uvec2" : "", unpack);
    if (insn->saturate && w->result == 'd')
        emit(e, "clamp(");
    expand(e, insn, w, pair);
    if (insn->saturate && w->result == 'd')
        emit(e, ", 0.0LF, 1.0LF)");
    emit(e, "));\n");
}

/* Component results: the lowest component of the mask takes the first pair, the next the other. */
static void emit_component_result(struct emitter *e, const struct ir_insn *insn,
                                  const struct wide *w)
{
    unsigned pair = 0;

    for (unsigned c = 0; c < 4 && pair < 2; c++) {
        if (!(insn->dst[0].mask >> c & 1))
            continue;
        emit_begin(e);
        emit(e, "wide.%c = ", "xyzw"[c]);
        if (w->result == 'f')
            emit(e, "floatBitsToUint(");
        else if (w->result == 'i')
            emit(e, "uint(");
        else
            emit(e, "(");
        expand(e, insn, w, pair++);
        emit(e, ");\n");
    }
}

static void emit_mask_result(struct emitter *e, const struct ir_insn *insn, const struct wide *w)
{
    for (unsigned pair = 0; pair < 2; pair++) {
        unsigned mask = insn->dst[0].mask >> (2 * pair) & 3;

        if (!mask)
            continue;
        emit_begin(e);
        emit(e, "wide.%s = %s((", pair ? "zw" : "xy", "uvec2");
        expand(e, insn, w, pair);
        emit(e, ") ? 0xffffffffu : 0u);\n");
    }
}

static void emit_frexp(struct emitter *e, const struct ir_insn *insn)
{
    struct emit_store store;

    emit_line(e, "{ uvec4 wide = uvec4(0u); int exponent;");
    e->indent++;
    emit_begin(e);
    emit(e, "wide.xy = unpackDouble2x32(frexp(");
    emit_pair(e, &insn->src[0], 'd', 0);
    emit(e, ", exponent));\n");
    emit_store_open(e, insn, 0, 'u', false, &store);
    emit(e, "wide");
    emit_mask(e, insn->dst[0].mask);
    emit_store_close(e, &store);
    emit_store_open(e, insn, 1, 'i', true, &store);
    emit(e, "exponent");
    emit_store_close(e, &store);
    e->indent--;
    emit_line(e, "}");
}

bool emit_wide(struct emitter *e, const struct ir_insn *insn)
{
    const struct wide *w = &patterns[insn->op];
    struct emit_store store;
    struct ir_insn plain = *insn;

    if (insn->op == SHADER_OP_DFRACEXP) {
        if (emit_need(e, SHADER_HOST_INDEX_FP64, "doubles"))
            emit_frexp(e, insn);
        return true;
    }
    if (!w->pattern)
        return false;
    if ((w->result == 'd' || strchr(w->sources, 'd')) &&
        !emit_need(e, SHADER_HOST_INDEX_FP64, "doubles"))
        return true;
    if ((strchr("LM", w->result) || strpbrk(w->sources, "LM")) &&
        !emit_need(e, SHADER_HOST_INDEX_INT64, "64-bit integers"))
        return true;
    emit_line(e, "{ uvec4 wide = uvec4(0u);");
    e->indent++;
    if (is_pair(w->result)) {
        for (unsigned pair = 0; pair < 2; pair++) {
            if (insn->dst[0].mask >> (2 * pair) & 3)
                emit_pair_result(e, insn, w, pair);
        }
    } else if (w->result == 'b') {
        emit_mask_result(e, insn, w);
    } else {
        emit_component_result(e, insn, w);
    }
    plain.saturate = insn->saturate && w->result == 'f';
    emit_store_open(e, &plain, 0, plain.saturate ? 'f' : 'u', false, &store);
    if (plain.saturate)
        emit(e, "uintBitsToFloat(");
    emit(e, "wide");
    emit_mask(e, insn->dst[0].mask);
    if (plain.saturate)
        emit(e, ")");
    emit_store_close(e, &store);
    e->indent--;
    emit_line(e, "}");
    return true;
}
