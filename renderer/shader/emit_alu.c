/* SPDX-License-Identifier: MIT */
/*
 * Arithmetic. A row per opcode: how its sources are read and the GLSL for one component and for
 * several. In the patterns $0..$3 are the sources, $0x one component of them, $F $I $U $B the
 * vector types of the width at work.
 */
#include <string.h>

#include "emit.h"

enum shape {
    COMPONENTS = 1, /* each component by itself */
    SCALAR,         /* x components only, result replicated */
    DOT2, DOT3, DOT4,
    WHOLE,          /* pattern gives a vec4 */
    EACH,           /* pattern is scalar; one copy per component */
};

struct pattern {
    uint8_t shape;
    emit_type result;
    const char *sources; /* types, one letter per operand */
    const char *one;
    const char *many;    /* NULL: as one */
    uint8_t feature;     /* 1 + SHADER_HOST_INDEX_x */
};

#define NEED(name) (SHADER_HOST_INDEX_##name + 1)
#define COMPARE(operator, function) \
    "($0 " operator " $1 ? 0xffffffffu : 0u)", "$U(-$I(" function "($0, $1)))", 0
#define SET_ON(operator, function) \
    "($0 " operator " $1 ? 1.0 : 0.0)", "$F(" function "($0, $1))", 0
#define OP(name) [SHADER_OP_##name]

static const struct pattern patterns[SHADER_OP_COUNT] = {
    OP(ARL) = {COMPONENTS, 'i', "f", "$I(floor($0))", NULL, 0},
    OP(ARR) = {COMPONENTS, 'i', "f", "$I(roundEven($0))", NULL, 0},
    OP(UARL) = {COMPONENTS, 'i', "i", "$0", NULL, 0},
    OP(LIT) = {WHOLE, 'f', "f",
               "vec4(1.0, max($0x, 0.0), $0x > 0.0 ? ($0w == 0.0 ? 1.0 : "
               "pow(max($0y, 0.0), clamp($0w, -128.0, 128.0))) : 0.0, 1.0)", NULL, 0},
    OP(RCP) = {SCALAR, 'f', "f", "1.0 / $0", NULL, 0},
    OP(RSQ) = {SCALAR, 'f', "f", "inversesqrt($0)", NULL, 0},
    OP(SQRT) = {SCALAR, 'f', "f", "sqrt($0)", NULL, 0},
    OP(EX2) = {SCALAR, 'f', "f", "exp2($0)", NULL, 0},
    OP(LG2) = {SCALAR, 'f', "f", "log2($0)", NULL, 0},
    OP(POW) = {SCALAR, 'f', "ff", "pow($0, $1)", NULL, 0},
    OP(SIN) = {SCALAR, 'f', "f", "sin($0)", NULL, 0},
    OP(COS) = {SCALAR, 'f', "f", "cos($0)", NULL, 0},
    OP(EXP) = {WHOLE, 'f', "f", "vec4(exp2(floor($0x)), fract($0x), exp2($0x), 1.0)", NULL, 0},
    OP(LOG) = {WHOLE, 'f', "f",
               "vec4(floor(log2(abs($0x))), abs($0x) / exp2(floor(log2(abs($0x)))), "
               "log2(abs($0x)), 1.0)", NULL, 0},
    OP(DST) = {WHOLE, 'f', "ff", "vec4(1.0, $0y * $1y, $0z, $1w)", NULL, 0},
    OP(SCS) = {WHOLE, 'f', "f", "vec4(cos($0x), sin($0x), 0.0, 1.0)", NULL, 0},
    OP(XPD) = {WHOLE, 'f', "ff",
               "vec4($0y * $1z - $0z * $1y, $0z * $1x - $0x * $1z, $0x * $1y - $0y * $1x, 1.0)",
               NULL, 0},
    OP(MUL) = {COMPONENTS, 'f', "ff", "$0 * $1", NULL, 0},
    OP(ADD) = {COMPONENTS, 'f', "ff", "$0 + $1", NULL, 0},
    OP(SUB) = {COMPONENTS, 'f', "ff", "$0 - $1", NULL, 0},
    OP(DIV) = {COMPONENTS, 'f', "ff", "$0 / $1", NULL, 0},
    OP(MIN) = {COMPONENTS, 'f', "ff", "min($0, $1)", NULL, 0},
    OP(MAX) = {COMPONENTS, 'f', "ff", "max($0, $1)", NULL, 0},
    OP(MAD) = {COMPONENTS, 'f', "fff", "$0 * $1 + $2", NULL, 0},
    OP(LRP) = {COMPONENTS, 'f', "fff", "mix($2, $1, $0)", NULL, 0},
    OP(ABS) = {COMPONENTS, 'f', "f", "abs($0)", NULL, 0},
    OP(FRC) = {COMPONENTS, 'f', "f", "fract($0)", NULL, 0},
    OP(FLR) = {COMPONENTS, 'f', "f", "floor($0)", NULL, 0},
    OP(CEIL) = {COMPONENTS, 'f', "f", "ceil($0)", NULL, 0},
    OP(ROUND) = {COMPONENTS, 'f', "f", "roundEven($0)", NULL, 0},
    OP(TRUNC) = {COMPONENTS, 'f', "f", "trunc($0)", NULL, 0},
    OP(SSG) = {COMPONENTS, 'f', "f", "sign($0)", NULL, 0},
    OP(CMP) = {COMPONENTS, 'f', "fff", "($0 < 0.0 ? $1 : $2)",
               "mix($2, $1, lessThan($0, $F(0.0)))", 0},
    OP(DP2) = {DOT2, 'f', "ff", "dot($0, $1)", NULL, 0},
    OP(DP3) = {DOT3, 'f', "ff", "dot($0, $1)", NULL, 0},
    OP(DP4) = {DOT4, 'f', "ff", "dot($0, $1)", NULL, 0},
    OP(DPH) = {SCALAR, 'f', "ff", "$0x * $1x + $0y * $1y + $0z * $1z + $1w", NULL, 0},
    OP(SLT) = {COMPONENTS, 'f', "ff", SET_ON("<", "lessThan")},
    OP(SGE) = {COMPONENTS, 'f', "ff", SET_ON(">=", "greaterThanEqual")},
    OP(SEQ) = {COMPONENTS, 'f', "ff", SET_ON("==", "equal")},
    OP(SNE) = {COMPONENTS, 'f', "ff", SET_ON("!=", "notEqual")},
    OP(SGT) = {COMPONENTS, 'f', "ff", SET_ON(">", "greaterThan")},
    OP(SLE) = {COMPONENTS, 'f', "ff", SET_ON("<=", "lessThanEqual")},
    OP(FSLT) = {COMPONENTS, 'u', "ff", COMPARE("<", "lessThan")},
    OP(FSGE) = {COMPONENTS, 'u', "ff", COMPARE(">=", "greaterThanEqual")},
    OP(FSEQ) = {COMPONENTS, 'u', "ff", COMPARE("==", "equal")},
    OP(FSNE) = {COMPONENTS, 'u', "ff", COMPARE("!=", "notEqual")},
    OP(ISLT) = {COMPONENTS, 'u', "ii", COMPARE("<", "lessThan")},
    OP(ISGE) = {COMPONENTS, 'u', "ii", COMPARE(">=", "greaterThanEqual")},
    OP(USLT) = {COMPONENTS, 'u', "uu", COMPARE("<", "lessThan")},
    OP(USGE) = {COMPONENTS, 'u', "uu", COMPARE(">=", "greaterThanEqual")},
    OP(USEQ) = {COMPONENTS, 'u', "uu", COMPARE("==", "equal")},
    OP(USNE) = {COMPONENTS, 'u', "uu", COMPARE("!=", "notEqual")},
    OP(F2I) = {COMPONENTS, 'i', "f", "$I($0)", NULL, 0},
    OP(F2U) = {COMPONENTS, 'u', "f", "$U($0)", NULL, 0},
    OP(I2F) = {COMPONENTS, 'f', "i", "$F($0)", NULL, 0},
    OP(U2F) = {COMPONENTS, 'f', "u", "$F($0)", NULL, 0},
    OP(NOT) = {COMPONENTS, 'u', "u", "~$0", NULL, 0},
    OP(AND) = {COMPONENTS, 'u', "uu", "$0 & $1", NULL, 0},
    OP(OR) = {COMPONENTS, 'u', "uu", "$0 | $1", NULL, 0},
    OP(XOR) = {COMPONENTS, 'u', "uu", "$0 ^ $1", NULL, 0},
    OP(SHL) = {COMPONENTS, 'u', "uu", "$0 << ($1 & 31u)", NULL, 0},
    OP(USHR) = {COMPONENTS, 'u', "uu", "$0 >> ($1 & 31u)", NULL, 0},
    OP(ISHR) = {COMPONENTS, 'i', "ii", "$0 >> ($1 & 31)", NULL, 0},
    OP(UADD) = {COMPONENTS, 'u', "uu", "$0 + $1", NULL, 0},
    OP(UMUL) = {COMPONENTS, 'u', "uu", "$0 * $1", NULL, 0},
    OP(UMAD) = {COMPONENTS, 'u', "uuu", "$0 * $1 + $2", NULL, 0},
    OP(UMAX) = {COMPONENTS, 'u', "uu", "max($0, $1)", NULL, 0},
    OP(UMIN) = {COMPONENTS, 'u', "uu", "min($0, $1)", NULL, 0},
    OP(IMAX) = {COMPONENTS, 'i', "ii", "max($0, $1)", NULL, 0},
    OP(IMIN) = {COMPONENTS, 'i', "ii", "min($0, $1)", NULL, 0},
    OP(INEG) = {COMPONENTS, 'i', "i", "-($0)", NULL, 0},
    OP(IABS) = {COMPONENTS, 'i', "i", "abs($0)", NULL, 0},
    OP(ISSG) = {COMPONENTS, 'i', "i", "sign($0)", NULL, 0},
    /* Division by zero is undefined in GLSL and may even trap: keep zero away. */
    OP(UDIV) = {COMPONENTS, 'u', "uu", "($1 == 0u ? 0xffffffffu : $0 / max($1, 1u))",
                "$0 / max($1, $U(1u)) | $U(-$I(equal($1, $U(0u))))", 0},
    OP(UMOD) = {COMPONENTS, 'u', "uu", "($1 == 0u ? 0xffffffffu : $0 % max($1, 1u))",
                "$0 % max($1, $U(1u)) | $U(-$I(equal($1, $U(0u))))", 0},
    OP(IDIV) = {COMPONENTS, 'i', "ii", "$0 / ($1 + int($1 == 0))",
                "$0 / ($1 + $I(equal($1, $I(0))))", 0},
    OP(MOD) = {COMPONENTS, 'i', "ii",
               "$0 - ($1 + int($1 == 0)) * ($0 / ($1 + int($1 == 0)))",
               "$0 - ($1 + $I(equal($1, $I(0)))) * ($0 / ($1 + $I(equal($1, $I(0)))))", 0},
    OP(IBFE) = {EACH, 'i', "iii", "bitfieldExtract($0, $1, $2)", NULL, NEED(GPU_SHADER5)},
    OP(UBFE) = {EACH, 'u', "uii", "bitfieldExtract($0, $1, $2)", NULL, NEED(GPU_SHADER5)},
    OP(BFI) = {EACH, 'u', "uuii", "bitfieldInsert($0, $1, $2, $3)", NULL, NEED(GPU_SHADER5)},
    OP(BREV) = {COMPONENTS, 'u', "u", "bitfieldReverse($0)", NULL, NEED(GPU_SHADER5)},
    OP(POPC) = {COMPONENTS, 'i', "u", "bitCount($0)", NULL, NEED(GPU_SHADER5)},
    OP(LSB) = {COMPONENTS, 'i', "u", "findLSB($0)", NULL, NEED(GPU_SHADER5)},
    OP(IMSB) = {COMPONENTS, 'i', "i", "findMSB($0)", NULL, NEED(GPU_SHADER5)},
    OP(UMSB) = {COMPONENTS, 'i', "u", "findMSB($0)", NULL, NEED(GPU_SHADER5)},
    OP(PK2H) = {SCALAR, 'u', "f", "packHalf2x16(vec2($0x, $0y))", NULL, NEED(PACKING)},
    OP(PK2US) = {SCALAR, 'u', "f", "packUnorm2x16(vec2($0x, $0y))", NULL, NEED(PACKING)},
    OP(PK4B) = {SCALAR, 'u', "f", "packSnorm4x8(vec4($0x, $0y, $0z, $0w))", NULL, NEED(PACKING)},
    OP(PK4UB) = {SCALAR, 'u', "f", "packUnorm4x8(vec4($0x, $0y, $0z, $0w))", NULL,
                 NEED(PACKING)},
    OP(UP2H) = {WHOLE, 'f', "u", "unpackHalf2x16($0x).xyxy", NULL, NEED(PACKING)},
    OP(UP2US) = {WHOLE, 'f', "u", "unpackUnorm2x16($0x).xyxy", NULL, NEED(PACKING)},
    OP(UP4B) = {WHOLE, 'f', "u", "unpackSnorm4x8($0x)", NULL, NEED(PACKING)},
    OP(UP4UB) = {WHOLE, 'f', "u", "unpackUnorm4x8($0x)", NULL, NEED(PACKING)},
    OP(DDX) = {COMPONENTS, 'f', "f", "dFdx($0)", NULL, 0},
    OP(DDY) = {COMPONENTS, 'f', "f", "dFdy($0)", NULL, 0},
    OP(READ_INVOC) = {COMPONENTS, 'f', "fu", "readInvocationARB($0, $1x)", NULL, NEED(BALLOT)},
    OP(READ_FIRST) = {COMPONENTS, 'f', "f", "readFirstInvocationARB($0)", NULL, NEED(BALLOT)},
};

struct expansion {
    const struct ir_insn *insn;
    const char *sources;
    const uint8_t *comps; /* components of the width at work */
    unsigned n;
};

/* Operators bind tighter than an argument may: casts and modifiers bring their own brackets. */
static void expand(struct emitter *e, const struct expansion *x, const char *pattern)
{
    for (const char *p = pattern; *p; p++) {
        unsigned operand;

        if (*p != '$') {
            sh_text_append(e->out, p, 1);
            continue;
        }
        p++;
        switch (*p) {
        case 'F':
            emit(e, "%s", emit_vector('f', x->n));
            continue;
        case 'I':
            emit(e, "%s", emit_vector('i', x->n));
            continue;
        case 'U':
            emit(e, "%s", emit_vector('u', x->n));
            continue;
        default:
            break;
        }
        operand = (unsigned)(*p - '0');
        if (p[1] && strchr("xyzw", p[1])) {
            emit_src_scalar(e, &x->insn->src[operand], x->sources[operand],
                            p[1] == 'w' ? 3 : (unsigned)(p[1] - 'x'));
            p++;
        } else {
            emit_src(e, &x->insn->src[operand], x->sources[operand], x->comps, x->n);
        }
    }
}

static void emit_pattern(struct emitter *e, const struct ir_insn *insn, const struct pattern *p)
{
    static const uint8_t all[4] = {0, 1, 2, 3};
    struct expansion x = {.insn = insn, .sources = p->sources, .comps = all, .n = 1};
    struct emit_store store;
    uint8_t comps[4];
    unsigned n = 0;

    for (unsigned c = 0; c < 4; c++) {
        if (insn->dst[0].mask >> c & 1)
            comps[n++] = (uint8_t)c;
    }
    emit_store_open(e, insn, 0, p->result,
                    p->shape == SCALAR || (p->shape >= DOT2 && p->shape <= DOT4), &store);
    switch (p->shape) {
    case COMPONENTS:
        x.comps = comps;
        x.n = n;
        expand(e, &x, n > 1 && p->many ? p->many : p->one);
        break;
    case DOT2:
    case DOT3:
    case DOT4:
        x.n = p->shape - DOT2 + 2u;
        /* fall through */
    case SCALAR:
        expand(e, &x, p->one);
        break;
    case WHOLE:
        expand(e, &x, p->one);
        emit_mask(e, insn->dst[0].mask);
        break;
    default: /* EACH */
        if (n > 1)
            emit(e, "%s(", emit_vector(p->result, n));
        for (unsigned i = 0; i < n; i++) {
            x.comps = &comps[i];
            emit(e, "%s", i ? ", " : "");
            expand(e, &x, p->one);
        }
        if (n > 1)
            emit(e, ")");
        break;
    }
    emit_store_close(e, &store);
}

static void emit_adhoc(struct emitter *e, const struct ir_insn *insn, unsigned shape,
                       emit_type result, const char *sources, const char *one, const char *many)
{
    struct pattern p = {(uint8_t)shape, result, sources, one, many, 0};

    emit_pattern(e, insn, &p);
}

static bool has_modifiers(const struct ir_src *src)
{
    return src->negate || src->absolute;
}

static void emit_mov(struct emitter *e, const struct ir_insn *insn)
{
    emit_type type = emit_src_type(insn, 0);

    if (type == 'a' && insn->dst[0].reg.file != SHADER_FILE_NULL) {
        /* A plain copy keeps the type of the source, or of the target for literals. */
        bool literal = insn->src[0].reg.file == SHADER_FILE_IMM;

        type = emit_reg_type(e, literal ? &insn->dst[0].reg : &insn->src[0].reg);
    } else if (type == 'a') {
        type = 'f';
    }
    emit_adhoc(e, insn, COMPONENTS, type,
               type == 'f' ? "f" : type == 'i' ? "i" : "u", "$0", NULL);
}

static void emit_ucmp(struct emitter *e, const struct ir_insn *insn)
{
    bool floats = has_modifiers(&insn->src[1]) || has_modifiers(&insn->src[2]) || insn->saturate ||
                  !emit_has(e, SHADER_HOST_INDEX_INTEGER_MIX) ||
                  insn->dst[0].reg.file == SHADER_FILE_NULL ||
                  emit_reg_type(e, &insn->dst[0].reg) == 'f';

    if (!floats && emit_count(insn->dst[0].mask) > 1)
        e->features |= SHADER_HOST(INTEGER_MIX);
    emit_adhoc(e, insn, COMPONENTS, floats ? 'f' : 'u', floats ? "uff" : "uuu",
               "($0 != 0u ? $1 : $2)", "mix($2, $1, notEqual($0, $U(0u)))");
}

static void emit_multiply_high(struct emitter *e, const struct ir_insn *insn)
{
    emit_type type = insn->op == SHADER_OP_IMUL_HI ? 'i' : 'u';
    const char *vector = emit_vector(type, emit_count(insn->dst[0].mask));
    struct emit_store store;

    emit_need(e, SHADER_HOST_INDEX_GPU_SHADER5, "extended multiplication");
    emit_begin(e);
    emit(e, "{ %s high, low; %s(", vector, type == 'i' ? "imulExtended" : "umulExtended");
    emit_src_mask(e, &insn->src[0], type, insn->dst[0].mask);
    emit(e, ", ");
    emit_src_mask(e, &insn->src[1], type, insn->dst[0].mask);
    emit(e, ", high, low);\n");
    e->indent++;
    emit_store_open(e, insn, 0, type, false, &store);
    emit(e, "high");
    emit_store_close(e, &store);
    e->indent--;
    emit_line(e, "}");
}

static void emit_vote(struct emitter *e, const struct ir_insn *insn)
{
    bool core = !e->host->gles && e->host->glsl_version >= 460;
    const char *name = insn->op == SHADER_OP_VOTE_ANY   ? "anyInvocation"
                       : insn->op == SHADER_OP_VOTE_ALL ? "allInvocations"
                                                        : "allInvocationsEqual";
    char pattern[80] = "(";

    if (!emit_need(e, SHADER_HOST_INDEX_GROUP_VOTE, "votes"))
        return;
    strcat(pattern, name);
    strcat(pattern, core ? "" : "ARB");
    strcat(pattern, "($0 != 0u) ? 0xffffffffu : 0u)");
    emit_adhoc(e, insn, EACH, 'u', "u", pattern, NULL);
}

bool emit_alu(struct emitter *e, const struct ir_insn *insn)
{
    const struct pattern *p = &patterns[insn->op];

    switch (insn->op) {
    case SHADER_OP_MOV:
        emit_mov(e, insn);
        return true;
    case SHADER_OP_UCMP:
        emit_ucmp(e, insn);
        return true;
    case SHADER_OP_IMUL_HI:
    case SHADER_OP_UMUL_HI:
        emit_multiply_high(e, insn);
        return true;
    case SHADER_OP_VOTE_ANY:
    case SHADER_OP_VOTE_ALL:
    case SHADER_OP_VOTE_EQ:
        emit_vote(e, insn);
        return true;
    case SHADER_OP_FMA:
        if (emit_has(e, SHADER_HOST_INDEX_GPU_SHADER5)) {
            e->features |= SHADER_HOST(GPU_SHADER5);
            emit_adhoc(e, insn, COMPONENTS, 'f', "fff", "fma($0, $1, $2)", NULL);
        } else {
            emit_adhoc(e, insn, COMPONENTS, 'f', "fff", "$0 * $1 + $2", NULL);
        }
        return true;
    case SHADER_OP_LDEXP:
        if (emit_has(e, SHADER_HOST_INDEX_GPU_SHADER5)) {
            e->features |= SHADER_HOST(GPU_SHADER5);
            emit_adhoc(e, insn, COMPONENTS, 'f', "fi", "ldexp($0, $1)", NULL);
        } else {
            emit_adhoc(e, insn, COMPONENTS, 'f', "fi", "$0 * exp2($F($1))", NULL);
        }
        return true;
    case SHADER_OP_DDX_FINE:
    case SHADER_OP_DDY_FINE: {
        bool fine = emit_has(e, SHADER_HOST_INDEX_DERIVATIVE_CONTROL);

        e->features |= fine ? SHADER_HOST(DERIVATIVE_CONTROL) : 0;
        emit_adhoc(e, insn, COMPONENTS, 'f', "f",
                   insn->op == SHADER_OP_DDX_FINE ? (fine ? "dFdxFine($0)" : "dFdx($0)")
                                                  : (fine ? "dFdyFine($0)" : "dFdy($0)"), NULL);
        return true;
    }
    case SHADER_OP_CLOCK:
        if (emit_need(e, SHADER_HOST_INDEX_CLOCK, "shader clock"))
            emit_adhoc(e, insn, WHOLE, 'u', "", "uvec4(clock2x32ARB(), 0u, 0u)", NULL);
        return true;
    case SHADER_OP_BALLOT:
        if (emit_need(e, SHADER_HOST_INDEX_BALLOT, "ballots") &&
            emit_need(e, SHADER_HOST_INDEX_INT64, "ballots"))
            emit_adhoc(e, insn, WHOLE, 'u', "u",
                       "uvec4(unpackUint2x32(ballotARB($0x != 0u)), 0u, 0u)", NULL);
        return true;
    default:
        if (!p->shape)
            return false;
        if (p->feature && !emit_need(e, p->feature - 1u, ir_op_name(insn->op)))
            return true;
        emit_pattern(e, insn, p);
        return true;
    }
}
