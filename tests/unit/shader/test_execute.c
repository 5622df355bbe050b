/* SPDX-License-Identifier: MIT */
/*
 * Runs opcodes on the host: a compute shader per opcode reads operands from one buffer and writes
 * results to another, which are compared with the formula in C.
 */
#include <math.h>
#include <string.h>

#include "gl_host.h"
#include <glib.h>

#define THREADS 64
#define OPERANDS 4 /* vec4 per thread */

typedef uint32_t (*formula)(const uint32_t a[4], const uint32_t b[4], const uint32_t c[4],
                            const uint32_t d[4], unsigned k);

static float f(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

static uint32_t u(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

#define DEFINE(name, expression)                                                              \
    static uint32_t do_##name(const uint32_t a[4], const uint32_t b[4], const uint32_t c[4],  \
                              const uint32_t d[4], unsigned k)                                \
    {                                                                                         \
        return expression;                                                                    \
    }
#define A f(a[k])
#define B f(b[k])
#define C f(c[k])
#define IA ((int32_t)a[k])
#define IB ((int32_t)b[k])
#define BOOL(x) ((x) ? 0xffffffffu : 0u)
#define ONE(x) u((x) ? 1.0f : 0.0f)

static uint32_t field(uint32_t v, uint32_t offset, uint32_t bits)
{
    return bits ? (v >> offset) & (bits == 32 ? ~0u : (1u << bits) - 1) : 0;
}

static uint32_t reverse(uint32_t v)
{
    uint32_t r = 0;

    for (unsigned i = 0; i < 32; i++)
        r |= (v >> i & 1) << (31 - i);
    return r;
}

DEFINE(MOV, a[k])
DEFINE(ADD, u(A + B))
DEFINE(SUB, u(A - B))
DEFINE(MUL, u(A * B))
DEFINE(DIV, u(A / B))
DEFINE(MIN, u(fminf(A, B)))
DEFINE(MAX, u(fmaxf(A, B)))
DEFINE(MAD, u(A * B + C))
DEFINE(LRP, u(A * B + (1 - A) * C))
DEFINE(ABS, u(fabsf(A)))
DEFINE(FRC, u(A - floorf(A)))
DEFINE(FLR, u(floorf(A)))
DEFINE(CEIL, u(ceilf(A)))
DEFINE(TRUNC, u(truncf(A)))
DEFINE(ROUND, u(nearbyintf(A)))
DEFINE(SSG, u(A > 0 ? 1.0f : A < 0 ? -1.0f : 0.0f))
DEFINE(CMP, A < 0 ? b[k] : c[k])
DEFINE(DP2, u(f(a[0]) * f(b[0]) + f(a[1]) * f(b[1])))
DEFINE(DP3, u(f(a[0]) * f(b[0]) + f(a[1]) * f(b[1]) + f(a[2]) * f(b[2])))
DEFINE(DP4, u(f(a[0]) * f(b[0]) + f(a[1]) * f(b[1]) + f(a[2]) * f(b[2]) + f(a[3]) * f(b[3])))
DEFINE(DPH, u(f(a[0]) * f(b[0]) + f(a[1]) * f(b[1]) + f(a[2]) * f(b[2]) + f(b[3])))
DEFINE(DST, k == 0 ? u(1) : k == 1 ? u(A * B) : k == 2 ? a[2] : b[3])
DEFINE(XPD, k == 0   ? u(f(a[1]) * f(b[2]) - f(a[2]) * f(b[1]))
            : k == 1 ? u(f(a[2]) * f(b[0]) - f(a[0]) * f(b[2]))
            : k == 2 ? u(f(a[0]) * f(b[1]) - f(a[1]) * f(b[0])) : u(1))
DEFINE(RCP, u(1 / f(a[0])))
DEFINE(SQRT, u(sqrtf(fabsf(f(a[0])))))
DEFINE(RSQ, u(1 / sqrtf(fabsf(f(a[0])))))
DEFINE(EX2, u(exp2f(f(a[0]))))
DEFINE(LG2, u(log2f(fabsf(f(a[0])))))
DEFINE(POW, u(powf(fabsf(f(a[0])), f(b[0]))))
DEFINE(SIN, u(sinf(f(a[0]))))
DEFINE(COS, u(cosf(f(a[0]))))
DEFINE(SCS, k == 0 ? u(cosf(f(a[0]))) : k == 1 ? u(sinf(f(a[0]))) : k == 2 ? 0 : u(1))
DEFINE(LIT, k == 1   ? u(fmaxf(f(a[0]), 0))
            : k == 2 ? u(f(a[0]) > 0 ? powf(fmaxf(f(a[1]), 0), fminf(fmaxf(f(a[3]), -128), 128))
                                     : 0)
                     : u(1))
DEFINE(EXP, k == 0   ? u(exp2f(floorf(f(a[0]))))
            : k == 1 ? u(f(a[0]) - floorf(f(a[0]))) : k == 2 ? u(exp2f(f(a[0]))) : u(1))
DEFINE(LOG, k == 0   ? u(floorf(log2f(fabsf(f(a[0])))))
            : k == 1 ? u(fabsf(f(a[0])) / exp2f(floorf(log2f(fabsf(f(a[0]))))))
            : k == 2 ? u(log2f(fabsf(f(a[0])))) : u(1))
DEFINE(SLT, ONE(A < B))
DEFINE(SGE, ONE(A >= B))
DEFINE(SEQ, ONE(A == B))
DEFINE(SNE, ONE(A != B))
DEFINE(SGT, ONE(A > B))
DEFINE(SLE, ONE(A <= B))
DEFINE(FSLT, BOOL(A < B))
DEFINE(FSGE, BOOL(A >= B))
DEFINE(FSEQ, BOOL(A == B))
DEFINE(FSNE, BOOL(A != B))
DEFINE(ISLT, BOOL(IA < IB))
DEFINE(ISGE, BOOL(IA >= IB))
DEFINE(USLT, BOOL(a[k] < b[k]))
DEFINE(USGE, BOOL(a[k] >= b[k]))
DEFINE(USEQ, BOOL(a[k] == b[k]))
DEFINE(USNE, BOOL(a[k] != b[k]))
DEFINE(F2I, (uint32_t)(int32_t)A)
DEFINE(F2U, (uint32_t)fabsf(A))
DEFINE(I2F, u((float)IA))
DEFINE(U2F, u((float)a[k]))
DEFINE(NOT, ~a[k])
DEFINE(AND, a[k] & b[k])
DEFINE(OR, a[k] | b[k])
DEFINE(XOR, a[k] ^ b[k])
DEFINE(SHL, a[k] << (b[k] & 31))
DEFINE(USHR, a[k] >> (b[k] & 31))
DEFINE(ISHR, (uint32_t)(IA >> (b[k] & 31)))
DEFINE(UADD, a[k] + b[k])
DEFINE(UMUL, a[k] * b[k])
DEFINE(UMAD, a[k] * b[k] + c[k])
DEFINE(UMAX, MAX(a[k], b[k]))
DEFINE(UMIN, MIN(a[k], b[k]))
DEFINE(IMAX, (uint32_t)MAX(IA, IB))
DEFINE(IMIN, (uint32_t)MIN(IA, IB))
DEFINE(INEG, 0u - a[k])
DEFINE(IABS, IA < 0 ? 0u - a[k] : a[k])
DEFINE(ISSG, IA > 0 ? 1u : IA < 0 ? ~0u : 0u)
DEFINE(UDIV, b[k] ? a[k] / b[k] : ~0u)
DEFINE(UMOD, b[k] ? a[k] % b[k] : ~0u)
DEFINE(IDIV, IB == 0 ? a[k] : IB == -1 ? 0u - a[k] : (uint32_t)(IA / IB))
DEFINE(MOD, IB == 0 || IB == -1 ? 0u : (uint32_t)(IA % IB))
DEFINE(IMUL_HI, (uint32_t)((uint64_t)((int64_t)IA * IB) >> 32))
DEFINE(UMUL_HI, (uint32_t)((uint64_t)a[k] * b[k] >> 32))
DEFINE(UCMP, a[k] ? b[k] : c[k])
DEFINE(UBFE, field(a[k], b[k] & 15, c[k] & 15))
DEFINE(IBFE, (c[k] & 15) ? (uint32_t)((int32_t)(field(a[k], b[k] & 15, c[k] & 15)
                                                << (32 - (c[k] & 15))) >> (32 - (c[k] & 15))) : 0)
DEFINE(BFI, (a[k] & ~(field(~0u, 0, d[k] & 15) << (c[k] & 15))) |
                field(b[k], 0, d[k] & 15) << (c[k] & 15))
DEFINE(BREV, reverse(a[k]))
DEFINE(POPC, (uint32_t)__builtin_popcount(a[k]))
DEFINE(LSB, a[k] ? (uint32_t)__builtin_ctz(a[k]) : ~0u)
DEFINE(UMSB, a[k] ? 31u - (uint32_t)__builtin_clz(a[k]) : ~0u)
DEFINE(IMSB, (IA < 0 ? ~a[k] : a[k]) ? 31u - (uint32_t)__builtin_clz(IA < 0 ? ~a[k] : a[k]) : ~0u)
DEFINE(FMA, u(fmaf(A, B, C)))
DEFINE(LDEXP, u(ldexpf(A, (int)(b[k] & 15))))

enum input { FLOATS, BITS, SHIFTS };

static const struct {
    const char *name;
    unsigned sources;
    formula formula;
    enum input input;
    float tolerance; /* relative; 0: the same bits */
    const char *prefix; /* modifiers that keep the operands in range */
} rows[] = {
#define ROW(name, sources, input, tolerance) {#name, sources, do_##name, input, tolerance, ""}
    ROW(MOV, 1, BITS, 0), ROW(ADD, 2, FLOATS, 0), ROW(SUB, 2, FLOATS, 0), ROW(MUL, 2, FLOATS, 0),
    ROW(DIV, 2, FLOATS, 1e-6f), ROW(MIN, 2, FLOATS, 0), ROW(MAX, 2, FLOATS, 0),
    ROW(MAD, 3, FLOATS, 1e-5f), ROW(LRP, 3, FLOATS, 1e-4f), ROW(ABS, 1, FLOATS, 0),
    ROW(FRC, 1, FLOATS, 1e-6f), ROW(FLR, 1, FLOATS, 0), ROW(CEIL, 1, FLOATS, 0),
    ROW(TRUNC, 1, FLOATS, 0), ROW(ROUND, 1, FLOATS, 0), ROW(SSG, 1, FLOATS, 0),
    ROW(CMP, 3, FLOATS, 0), ROW(DP2, 2, FLOATS, 1e-4f), ROW(DP3, 2, FLOATS, 1e-4f),
    ROW(DP4, 2, FLOATS, 1e-4f), ROW(DPH, 2, FLOATS, 1e-4f), ROW(DST, 2, FLOATS, 1e-6f),
    ROW(XPD, 2, FLOATS, 1e-4f), ROW(RCP, 1, FLOATS, 1e-5f),
    {"SQRT", 1, do_SQRT, FLOATS, 1e-5f, "|"}, {"RSQ", 1, do_RSQ, FLOATS, 1e-4f, "|"},
    ROW(EX2, 1, FLOATS, 1e-4f), {"LG2", 1, do_LG2, FLOATS, 1e-3f, "|"},
    {"POW", 2, do_POW, FLOATS, 2e-3f, "|"}, ROW(SIN, 1, FLOATS, 1e-3f),
    ROW(COS, 1, FLOATS, 1e-3f), ROW(SCS, 1, FLOATS, 1e-3f), ROW(LIT, 1, FLOATS, 2e-3f),
    ROW(EXP, 1, FLOATS, 1e-4f), ROW(LOG, 1, FLOATS, 1e-3f), ROW(SLT, 2, FLOATS, 0),
    ROW(SGE, 2, FLOATS, 0), ROW(SEQ, 2, FLOATS, 0), ROW(SNE, 2, FLOATS, 0),
    ROW(SGT, 2, FLOATS, 0), ROW(SLE, 2, FLOATS, 0), ROW(FSLT, 2, FLOATS, 0),
    ROW(FSGE, 2, FLOATS, 0), ROW(FSEQ, 2, FLOATS, 0), ROW(FSNE, 2, FLOATS, 0),
    ROW(ISLT, 2, BITS, 0), ROW(ISGE, 2, BITS, 0), ROW(USLT, 2, BITS, 0), ROW(USGE, 2, BITS, 0),
    ROW(USEQ, 2, BITS, 0), ROW(USNE, 2, BITS, 0), ROW(F2I, 1, FLOATS, 0),
    {"F2U", 1, do_F2U, FLOATS, 0, "|"}, ROW(I2F, 1, BITS, 0), ROW(U2F, 1, BITS, 0),
    ROW(NOT, 1, BITS, 0), ROW(AND, 2, BITS, 0), ROW(OR, 2, BITS, 0), ROW(XOR, 2, BITS, 0),
    ROW(SHL, 2, BITS, 0), ROW(USHR, 2, BITS, 0), ROW(ISHR, 2, BITS, 0), ROW(UADD, 2, BITS, 0),
    ROW(UMUL, 2, BITS, 0), ROW(UMAD, 3, BITS, 0), ROW(UMAX, 2, BITS, 0), ROW(UMIN, 2, BITS, 0),
    ROW(IMAX, 2, BITS, 0), ROW(IMIN, 2, BITS, 0), ROW(INEG, 1, BITS, 0), ROW(IABS, 1, BITS, 0),
    ROW(ISSG, 1, BITS, 0), ROW(UDIV, 2, BITS, 0), ROW(UMOD, 2, BITS, 0), ROW(IDIV, 2, BITS, 0),
    ROW(MOD, 2, BITS, 0), ROW(IMUL_HI, 2, BITS, 0), ROW(UMUL_HI, 2, BITS, 0),
    ROW(UCMP, 3, BITS, 0), ROW(UBFE, 3, SHIFTS, 0), ROW(IBFE, 3, SHIFTS, 0),
    ROW(BFI, 4, SHIFTS, 0), ROW(BREV, 1, BITS, 0), ROW(POPC, 1, BITS, 0), ROW(LSB, 1, BITS, 0),
    ROW(UMSB, 1, BITS, 0), ROW(IMSB, 1, BITS, 0), ROW(FMA, 3, FLOATS, 1e-5f),
    ROW(LDEXP, 2, SHIFTS, 1e-6f),
};

static struct shader_host host;

static void fill_operands(uint32_t *words, enum input input)
{
    static const uint32_t special[] = {0, 1, 0x80000000u, 0xffffffffu, 0x7fffffffu, 2, 31, 32};
    static const float numbers[] = {0.0f, 1.0f, -1.0f, 0.5f, 2.5f, -2.5f, 3.5f, 1.5f};

    for (unsigned i = 0; i < THREADS * OPERANDS * 4; i++) {
        unsigned operand = i / 4 % OPERANDS, thread = i / 4 / OPERANDS;
        /* The first threads pair all special values with each other. */
        unsigned pick = operand ? thread / 8 % 8 : (thread + i) % 8;

        if (input == FLOATS)
            words[i] = u(thread % 2 ? numbers[pick]
                                    : (float)g_random_double_range(-8, 8));
        else if (input == SHIFTS && operand >= 1 && operand <= 3)
            words[i] = (uint32_t)g_random_int_range(0, 16);
        else if (input == SHIFTS)
            words[i] = u((float)g_random_double_range(-8, 8));
        else
            words[i] = thread < 48 ? special[pick] : g_random_int();
    }
}

/* A program of the text, or 0 after a failure was noted. */
static GLuint build(const char *text)
{
    struct shader_error err;
    struct shader_glsl glsl;
    struct shader_key key;
    struct shader_ir *ir = shader_parse(text, strlen(text), SHADER_COMPUTE, NULL, 0, &err);
    GLuint shader, program;
    char *log = NULL;
    GLint linked = 0;

    if (!ir) {
        g_test_message("line %u: %s\n%s", err.line, err.message, text);
        g_test_fail();
        return 0;
    }
    shader_key_init(&key);
    if (shader_emit(ir, &key, &host, &glsl, &err) < 0) {
        g_test_message("%s\n%s", err.message, text);
        g_test_fail();
        shader_ir_destroy(ir);
        return 0;
    }
    shader = gl_host_compile(SHADER_COMPUTE, glsl.text, &log);
    if (!shader)
        g_test_message("%s\n%s", glsl.text, log);
    free(log);
    program = glCreateProgram();
    glAttachShader(program, shader);
    glLinkProgram(program);
    glGetProgramiv(program, GL_LINK_STATUS, &linked);
    g_assert_true(linked);
    glDeleteShader(shader);
    shader_glsl_finish(&glsl);
    shader_ir_destroy(ir);
    return program;
}

static void run(const char *body, const uint32_t *in, uint32_t *out)
{
    g_autofree char *text = g_strdup_printf(
        "COMP\nPROPERTY CS_FIXED_BLOCK_WIDTH %u\nDCL SV[0], THREAD_ID\nDCL BUFFER[0]\n"
        "DCL BUFFER[1]\nDCL TEMP[0..7]\nIMM[0] UINT32 {%u, 16, 32, 48}\n"
        "UMUL TEMP[0].x, SV[0].xxxx, IMM[0].xxxx\n"
        "UADD TEMP[0].yzw, TEMP[0].xxxx, IMM[0].xyzw\n"
        "LOAD TEMP[1], BUFFER[0], TEMP[0].xxxx\nLOAD TEMP[2], BUFFER[0], TEMP[0].yyyy\n"
        "LOAD TEMP[3], BUFFER[0], TEMP[0].zzzz\nLOAD TEMP[4], BUFFER[0], TEMP[0].wwww\n"
        "%sUMUL TEMP[0].x, SV[0].xxxx, IMM[0].yyyy\nSTORE BUFFER[1], TEMP[0].xxxx, TEMP[5]\nEND\n",
        THREADS, OPERANDS * 16, body);
    GLuint program = build(text), buffers[2];

    memset(out, 0, THREADS * 16);
    if (!program)
        return;
    glGenBuffers(2, buffers);
    glBindBufferBase(GL_SHADER_STORAGE_BUFFER, 0, buffers[0]);
    glBufferData(GL_SHADER_STORAGE_BUFFER, THREADS * OPERANDS * 16, in, GL_STATIC_DRAW);
    glBindBufferBase(GL_SHADER_STORAGE_BUFFER, 1, buffers[1]);
    glBufferData(GL_SHADER_STORAGE_BUFFER, THREADS * 16, out, GL_DYNAMIC_READ);
    glUseProgram(program);
    glDispatchCompute(1, 1, 1);
    glMemoryBarrier(GL_BUFFER_UPDATE_BARRIER_BIT);
    glGetBufferSubData(GL_SHADER_STORAGE_BUFFER, 0, THREADS * 16, out);
    g_assert_cmpint(glGetError(), ==, GL_NO_ERROR);
    glUseProgram(0);
    glDeleteProgram(program);
    glDeleteBuffers(2, buffers);
}

static gboolean close_enough(uint32_t got, uint32_t wanted, float tolerance)
{
    float x = f(got), y = f(wanted);

    if (got == wanted || (isnan(x) && isnan(y)))
        return TRUE;
    if (tolerance == 0) /* only zeros may differ in sign */
        return x == 0 && y == 0 && ((got ^ wanted) == 0x80000000u);
    if (isinf(y) || isinf(x))
        return isinf(y) && fabsf(x) > 1e30f;
    return fabsf(x - y) <= tolerance * MAX(1.0f, fabsf(y));
}

static void test_opcode(gconstpointer data)
{
    unsigned row = GPOINTER_TO_UINT(data);
    uint32_t in[THREADS * OPERANDS * 4], out[THREADS * 4];
    const char *bar = rows[row].prefix;
    GString *body = g_string_new(rows[row].name);
    unsigned errors = 0;

    g_string_append(body, " TEMP[5]");
    for (unsigned s = 0; s < rows[row].sources; s++)
        g_string_append_printf(body, ", %sTEMP[%u]%s", s ? "" : bar, s + 1, s ? "" : bar);
    g_string_append(body, "\n");
    fill_operands(in, rows[row].input);
    run(body->str, in, out);
    for (unsigned i = 0; i < THREADS * 4; i++) {
        const uint32_t *a = in + i / 4 * OPERANDS * 4;
        uint32_t wanted = rows[row].formula(a, a + 4, a + 8, a + 12, i % 4);

        /* GLSL leaves comparisons with 0^0, and 1/0, open enough to skip. */
        if (!close_enough(out[i], wanted, rows[row].tolerance) && !isnan(f(wanted)) &&
            !isinf(f(wanted)) && errors++ < 3) {
            g_test_message("%s: thread %u component %u: 0x%08x, wanted 0x%08x from 0x%08x 0x%08x "
                           "0x%08x", rows[row].name, i / 4, i % 4, out[i], wanted, a[i % 4],
                           a[4 + i % 4], a[8 + i % 4]);
            g_test_fail();
        }
    }
    g_string_free(body, TRUE);
}

/* Masks, swizzles, modifiers, saturation, loops and arrays: one result per register component. */
static void test_programs(void)
{
    static const struct {
        const char *body;
        float wanted[4]; /* for operands (1, -2, 0.25, 4) and (3, 5, 7, 9) */
    } programs[] = {
        {"MOV TEMP[5], TEMP[1].wzyx\n", {4, 0.25f, -2, 1}},
        {"MOV TEMP[5], TEMP[2]\nMOV TEMP[5].yw, TEMP[1].xyzw\n", {3, -2, 7, 4}},
        {"MOV TEMP[5], -TEMP[1]\n", {-1, 2, -0.25f, -4}},
        {"MOV TEMP[5], -|TEMP[1].yxwz|\n", {-2, -1, -4, -0.25f}},
        {"MOV_SAT TEMP[5], TEMP[1]\n", {1, 0, 0.25f, 1}},
        {"ADD_SAT TEMP[5], TEMP[1], TEMP[1].zzzz\n", {1, 0, 0.5f, 1}},
        {"MOV TEMP[5], TEMP[1]\nMOV TEMP[5].xy, TEMP[5].yxzw\n", {-2, 1, 0.25f, 4}},
        {"MOV TEMP[5], TEMP[1]\nIF TEMP[1].xxxx\nMOV TEMP[5].x, TEMP[2].xxxx\nELSE\n"
         "MOV TEMP[5].y, TEMP[2].xxxx\nENDIF\n", {3, -2, 0.25f, 4}},
        {"MOV TEMP[5], TEMP[1]\nMOV TEMP[6].x, IMM[0].yyyy\nBGNLOOP\n"
         "ADD TEMP[5].x, TEMP[5].xxxx, TEMP[2].xxxx\nUADD TEMP[6].x, TEMP[6].xxxx, IMM[0].yyyy\n"
         "USGE TEMP[6].y, TEMP[6].xxxx, IMM[0].xxxx\nUIF TEMP[6].yyyy\nBRK\nENDIF\nENDLOOP\n",
         {10, -2, 0.25f, 4}},
        {"MOV TEMP[5], TEMP[1]\nSWITCH IMM[0].yyyy\nCASE IMM[0].xxxx\nMOV TEMP[5].x, TEMP[2]\nBRK\n"
         "CASE IMM[0].yyyy\nMOV TEMP[5].y, TEMP[2]\nBRK\nDEFAULT\nMOV TEMP[5].z, TEMP[2]\n"
         "ENDSWITCH\n", {1, 5, 0.25f, 4}},
        {"MOV TEMP[5], TEMP[1]\nUIF TEMP[1].xxxx\nMOV TEMP[5].w, TEMP[2].wwww\nENDIF\n",
         {1, -2, 0.25f, 9}},
    };
    static const uint32_t operands[16] = {0x3f800000, 0xc0000000, 0x3e800000, 0x40800000,
                                          0x40400000, 0x40a00000, 0x40e00000, 0x41100000};
    uint32_t in[THREADS * OPERANDS * 4], out[THREADS * 4];

    for (unsigned t = 0; t < THREADS; t++)
        memcpy(in + t * OPERANDS * 4, operands, sizeof(operands));
    for (unsigned i = 0; i < G_N_ELEMENTS(programs); i++) {
        run(programs[i].body, in, out);
        for (unsigned k = 0; k < 4; k++) {
            if (f(out[k]) != programs[i].wanted[k]) {
                g_test_message("%s: component %u is %g, wanted %g", programs[i].body, k,
                               (double)f(out[k]), (double)programs[i].wanted[k]);
                g_test_fail();
            }
        }
    }
}

/* Doubles live in pairs, conversions pick single components. */
static void test_doubles(void)
{
    uint32_t in[THREADS * OPERANDS * 4] = {0}, out[THREADS * 4];
    double a[2] = {1.5, -4.0}, b[2] = {2.25, 8.0}, got[2];
    float x = 3.5f;

    if (!(host.features & SHADER_HOST(FP64))) {
        g_test_skip("no doubles");
        return;
    }
    memcpy(in, a, sizeof(a));
    memcpy(in + 4, b, sizeof(b));
    memcpy(in + 8, &x, sizeof(x));
    run("DADD TEMP[5], TEMP[1], TEMP[2]\n", in, out);
    memcpy(got, out, sizeof(got));
    g_assert_cmpfloat(got[0], ==, 3.75);
    g_assert_cmpfloat(got[1], ==, 4.0);
    run("DMAD TEMP[5].xy, TEMP[1], TEMP[2], -TEMP[2]\n", in, out);
    memcpy(got, out, sizeof(got));
    g_assert_cmpfloat(got[0], ==, 1.5 * 2.25 - 2.25);
    run("MOV TEMP[5], TEMP[3]\nDSLT TEMP[5].y, TEMP[2], TEMP[1]\n"
        "DSLT TEMP[5].z, TEMP[1], TEMP[2]\n", in, out);
    g_assert_cmphex(out[1], ==, 0);
    g_assert_cmphex(out[2], ==, 0xffffffffu);
    run("D2F TEMP[5].yw, TEMP[1]\nF2D TEMP[6].zw, TEMP[3].yxzw\nD2I TEMP[5].x, TEMP[6].zwxy\n", in,
        out);
    g_assert_cmpfloat(f(out[1]), ==, 1.5f);
    g_assert_cmpfloat(f(out[3]), ==, -4.0f);
    g_assert_cmpint((int32_t)out[0], ==, 3);
    run("DSQRT TEMP[5].xy, TEMP[2]\nDFRAC TEMP[5].zw, TEMP[1].zwxy\n", in, out);
    memcpy(got, out, sizeof(got));
    g_assert_cmpfloat(got[0], ==, 1.5);
    g_assert_cmpfloat(got[1], ==, 0.5);
    /* Operands that the guest driver has copied are in .xy, whatever is written. */
    run("MOV TEMP[6], TEMP[3]\nMOV TEMP[7], TEMP[3]\nMOV TEMP[6].xy, TEMP[1].zwzw\n"
        "MOV TEMP[7].xy, TEMP[2].xyxy\nDADD TEMP[5].zw, TEMP[6], TEMP[7]\n", in, out);
    memcpy(got, out, sizeof(got));
    g_assert_cmpfloat(got[1], ==, -1.75);
}

/* Signed and unsigned atomics on one buffer, whose GLSL type can be only one of them. */
static void test_atomics(void)
{
    uint32_t in[THREADS * OPERANDS * 4] = {0}, out[THREADS * 4];

    in[0] = 5;
    run("MOV TEMP[5], TEMP[1]\nMOV TEMP[6].x, IMM[0].zzzz\nUADD TEMP[6].x, TEMP[6], IMM[0].zzzz\n"
        "USEQ TEMP[7].x, SV[0].xxxx, TEMP[5].yyyy\nUIF TEMP[7].xxxx\n"
        "ATOMIMIN TEMP[5].y, BUFFER[0], TEMP[5].wwww, TEMP[7].xxxx\n"
        "ATOMUMAX TEMP[5].z, BUFFER[0], TEMP[5].wwww, IMM[0].yyyy\n"
        "ATOMUADD TEMP[5].w, BUFFER[0], TEMP[1].wwww, IMM[0].yyyy\n"
        "LOAD TEMP[5].x, BUFFER[0], TEMP[1].wwww\nENDIF\n", in, out);
    g_assert_cmphex(out[1], ==, 5);           /* before min(5, -1) */
    g_assert_cmphex(out[2], ==, 0xffffffffu); /* before max(unsigned -1, 16) */
    g_assert_cmphex(out[3], ==, 0xffffffffu); /* before + 16 */
    g_assert_cmphex(out[0], ==, 15);
}

int main(int argc, char **argv)
{
    static const struct gl_dialect dialect = {"GL 4.5", false, 45};
    char reason[100];
    int rc;

    g_test_init(&argc, &argv, NULL);
    if (!gl_host_make(false, reason)) {
        g_print("1..0 # SKIP %s\n", reason);
        return 0;
    }
    gl_host_fill(&dialect, &host);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/shader/execute/%s", rows[i].name);

        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_opcode);
    }
    g_test_add_func("/shader/execute/programs", test_programs);
    g_test_add_func("/shader/execute/doubles", test_doubles);
    g_test_add_func("/shader/execute/atomics", test_atomics);
    rc = g_test_run();
    gl_host_destroy();
    return rc;
}
