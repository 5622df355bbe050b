/* SPDX-License-Identifier: MIT */
/* Parser, validator and scan: round trips, refusals with their line, hostile and cut texts. */
#include <string.h>

#include "shader.h"
#include "tgsi_gen.h"

static unsigned stage_of(const char *text)
{
    static const char *const headers[] = {"VERT", "FRAG", "GEOM", "TESS_CTRL", "TESS_EVAL",
                                          "COMP"};

    for (unsigned i = 0; i < SHADER_STAGES; i++) {
        if (g_str_has_prefix(text, headers[i]))
            return i;
    }
    return SHADER_VERTEX;
}

static struct shader_ir *parse(const char *text, struct shader_error *err)
{
    return shader_parse(text, strlen(text), stage_of(text), NULL, 0, err);
}

/* The dump of a parsed dump is the dump. */
static void check_round_trip(const char *name, const char *text)
{
    struct shader_error err;
    struct shader_ir *ir = parse(text, &err), *again;
    char *first, *second;

    if (!ir)
        return;
    first = shader_ir_dump(ir);
    again = parse(first, &err);
    if (!again) {
        g_test_message("%s: line %u: %s\n%s", name, err.line, err.message, first);
        g_test_fail();
    } else {
        second = shader_ir_dump(again);
        g_assert_cmpstr(first, ==, second);
        free(second);
    }
    free(first);
    shader_ir_destroy(again);
    shader_ir_destroy(ir);
}

static void test_round_trip_generated(void)
{
    GPtrArray *samples = tgsi_generate();

    for (guint i = 0; i < samples->len; i++) {
        const struct tgsi_sample *s = samples->pdata[i];

        check_round_trip(s->name, s->text);
    }
    g_ptr_array_unref(samples);
}

static GPtrArray *corpus; /* of char * */

static void test_round_trip_corpus(void)
{
    g_assert_cmpuint(corpus->len, >, 5);
    for (guint i = 0; i < corpus->len; i++) {
        struct shader_error err;
        struct shader_ir *ir = parse(corpus->pdata[i], &err);

        if (!ir)
            g_test_message("line %u: %s\n%s", err.line, err.message,
                           (const char *)corpus->pdata[i]);
        g_assert_nonnull(ir);
        shader_ir_destroy(ir);
        check_round_trip("corpus", corpus->pdata[i]);
    }
}

static void test_dump(void)
{
    static const char text[] =
        "frag\n\tPROPERTY FS_COORD_ORIGIN LOWER_LEFT dcl in[0].xy, generic[2], Linear, centroid\n"
        "PROPERTY SOME_NEW_PROPERTY 7\n"
        "DCL OUT[0], COLOR\nDCL SAMP[0]\nDCL SVIEW[0], 2D, FLOAT\nDCL CONST[0][0..3]\n"
        "DCL TEMP[0..1] DCL TEMP[4..6], ARRAY(2), LOCAL\nDCL ADDR[0]\n"
        "IMM[0] FLT32 {1.5, -2, 0x7fc00000, 1e3}\nIMM[1] INT32 {-1, 2, 3, 4}\n"
        "0: UARL ADDR[0].x, IMM[1].yyyy\n"
        "1: TEX TEMP[0], IN[0], SAMP[0], 2D, IMM[1].xyz\n"
        "2: MOV_SAT TEMP[ADDR[0].x+4](2).xw, -|CONST[0][2].wzyx|\n"
        "3: IF TEMP[0].x :5\n4: MAD_SAT_PRECISE TEMP[1], TEMP[0], TEMP[ADDR[0].x](2), TEMP[0]\n"
        "5: ENDIF\n6: MOV OUT[0], TEMP[1]\n7: END\n";
    static const char expected[] =
        "FRAG\nPROPERTY FS_COORD_ORIGIN LOWER_LEFT\n"
        "DCL IN[0].xy, GENERIC[2], LINEAR, CENTROID\nDCL OUT[0], COLOR\nDCL SAMP[0]\n"
        "DCL SVIEW[0], 2D, FLOAT\nDCL CONST[0..3]\nDCL TEMP[0..1]\nDCL TEMP[4..6], ARRAY(2)\n"
        "DCL ADDR[0..0]\nIMM[0] UINT32 {1069547520, 3221225472, 2143289344, 1148846080}\n"
        "IMM[1] UINT32 {4294967295, 2, 3, 4}\n"
        "  0: UARL ADDR[0].x, IMM[1].yyyy\n"
        "  1: TEX TEMP[0], IN[0], SAMP[0], 2D, IMM[1].xyz\n"
        "  2: MOV_SAT TEMP[ADDR[0].x+4](2).xw, -|CONST[2].wzyx|\n"
        "  3: IF TEMP[0].xxxx\n"
        "  4:   MAD_SAT_PRECISE TEMP[1], TEMP[0], TEMP[ADDR[0].x](2), TEMP[0]\n"
        "  5: ENDIF\n  6: MOV OUT[0], TEMP[1]\n  7: END\n";
    struct shader_error err;
    struct shader_ir *ir = shader_parse(text, strlen(text), SHADER_FRAGMENT, NULL, 0, &err);
    char *dump;

    g_assert_cmpstr(err.message, ==, "");
    g_assert_nonnull(ir);
    dump = shader_ir_dump(ir);
    g_assert_cmpstr(dump, ==, expected);
    free(dump);
    shader_ir_destroy(ir);
}

#define VS "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\nDCL TEMP[0..1]\n"
#define FS "FRAG\nDCL IN[0], GENERIC[0], PERSPECTIVE\nDCL OUT[0], COLOR\nDCL TEMP[0..1]\n" \
           "DCL SAMP[0]\nDCL SVIEW[0], 2D, FLOAT\nIMM[0] UINT32 {0, 1, 2, 3}\n"
#define GS "GEOM\nPROPERTY GS_INPUT_PRIMITIVE LINES\nPROPERTY GS_OUTPUT_PRIMITIVE POINTS\n" \
           "PROPERTY GS_MAX_OUTPUT_VERTICES 2\nDCL IN[][0], POSITION\nDCL OUT[0], POSITION\n"

static const struct {
    const char *text;
    unsigned line;
    const char *message;
} refused[] = {
    {"", 1, "header word"},
    {"FOO\nEND\n", 1, "header word"},
    {"VERT\n", 2, "no instructions"},
    {VS "MOV OUT[0], IN[0]\n", 5, "END is missing"},
    {VS "END\nMOV OUT[0], IN[0]\n", 6, "behind END"},
    {VS "BOGUS OUT[0], IN[0]\nEND\n", 5, "unknown opcode"},
    {VS "MOV OUT[0]\nEND\n", 6, "expected ','"},
    {VS "MOV OUT[0], IN[0], IN[0]\nEND\n", 5, "unexpected"},
    {VS "MOV OUT[0], IN[1]\nEND\n", 5, "undeclared IN[1]"},
    {VS "MOV OUT[1], IN[0]\nEND\n", 5, "undeclared OUT[1]"},
    {VS "MOV OUT[0], TEMP[2]\nEND\n", 5, "undeclared TEMP[2]"},
    {VS "MOV OUT[0], CONST[0]\nEND\n", 5, "undeclared CONST[0]"},
    {VS "MOV OUT[0], CONST[1][0]\nEND\n", 5, "undeclared constant buffer"},
    {VS "MOV OUT[0], IMM[0]\nEND\n", 5, "undeclared IMM[0]"},
    {VS "MOV OUT[0], SV[0]\nEND\n", 5, "undeclared SV[0]"},
    {VS "MOV OUT[0], TEMP[ADDR[0].x]\nEND\n", 5, "undeclared index register"},
    {VS "MOV OUT[0], IN[0].xyzq\nEND\n", 5, "bad swizzle"},
    {VS "MOV OUT[0], IN[0].xy\nEND\n", 5, "swizzle needs 4"},
    {VS "MOV OUT[0].yx, IN[0]\nEND\n", 5, "bad write mask"},
    {VS "MOV OUT[0].xx, IN[0]\nEND\n", 5, "bad write mask"},
    {VS "MOV IN[0], IN[0]\nEND\n", 5, "writes IN[0]"},
    {VS "MOV IMM[0], IN[0]\nEND\n", 5, "writes IMM"},
    {VS "MOV TEMP[0], OUT[0]\nEND\n", 5, "reads OUT[0]"},
    {VS "MOV OUT[0], SAMP[0]\nEND\n", 5, "value read from SAMP"},
    {VS "MOV OUT[0], IN[4294967296]\nEND\n", 5, "exceeds"},
    {VS "MOV OUT[0], -|IN[0]\nEND\n", 6, "expected '|'"},
    {VS "UADD_SAT TEMP[0], IN[0], IN[0]\nEND\n", 5, "saturates no float"},
    {VS "KILL\nEND\n", 5, "only in fragment"},
    {VS "EMIT IN[0]\nEND\n", 5, "only in geometry"},
    {VS "BARRIER\nEND\n", 5, "only in compute"},
    {VS "IF IN[0].xxxx\nEND\n", 6, "inside a block"},
    {VS "ELSE\nEND\n", 5, "without IF"},
    {VS "ENDIF\nEND\n", 5, "without IF"},
    {VS "IF IN[0].xxxx\nELSE\nELSE\nENDIF\nEND\n", 7, "without IF"},
    {VS "BGNLOOP\nENDIF\nEND\n", 6, "without IF"},
    {VS "BRK\nEND\n", 5, "outside a loop"},
    {VS "ENDLOOP\nEND\n", 5, "without BGNLOOP"},
    {VS "SWITCH IN[0].xxxx\nMOV OUT[0], IN[0]\nENDSWITCH\nEND\n", 6, "between SWITCH"},
    {VS "CAL :0\nEND\n", 5, "to no subroutine"},
    {VS "CAL :2\nEND\nBGNSUB\nCAL :2\nENDSUB\n", 5, "recursive"},
    {VS "END\nBGNSUB\nNOP\n", 7, "without ENDSUB"},
    {"VERT\nDCL OUT[0], POSITION\nDCL OUT[0], COLOR\nEND\n", 3, "declared twice"},
    {"VERT\nDCL OUT[80], POSITION\nEND\n", 2, "exceeds 79"},
    {"VERT\nDCL OUT[5..2], GENERIC[0]\nEND\n", 2, "reversed"},
    {"VERT\nDCL OUT[0], GENERIC[64]\nEND\n", 2, "semantic GENERIC[64]"},
    {"VERT\nDCL OUT[0..3], GENERIC[62]\nEND\n", 2, "semantic GENERIC[65]"},
    {"VERT\nDCL OUT[0], TEXCOORD[8]\nEND\n", 2, "semantic TEXCOORD[8]"},
    {"VERT\nDCL OUT[0], CLIPDIST[2]\nEND\n", 2, "semantic CLIPDIST[2]"},
    {"VERT\nDCL OUT[0], PATCH[32]\nEND\n", 2, "semantic PATCH[32]"},
    {"VERT\nDCL OUT[0], NOTHING\nEND\n", 2, "unknown declaration attribute"},
    {"VERT\nDCL OUT[0]\nEND\n", 2, "without semantic"},
    {"VERT\nDCL FOO[0]\nEND\n", 2, "unknown register file"},
    {"VERT\nDCL TEMP[0..4096]\nEND\n", 2, "exceeds 4095"},
    {"VERT\nDCL CONST[0..70000]\nEND\n", 2, "exceeds"},
    {"VERT\nDCL CONST[32][0]\nEND\n", 2, "exceeds 31"},
    {"VERT\nDCL SAMP[32]\nEND\n", 2, "exceeds 31"},
    {"VERT\nDCL SVIEW[0], 2D\nEND\n", 2, "needs a target and a type"},
    {"VERT\nDCL IMAGE[0], WR\nEND\n", 2, "without target"},
    {"VERT\nDCL ADDR[16]\nEND\n", 2, "exceeds 15"},
    {"VERT\nDCL TEMP[0], ARRAY(1)\nDCL TEMP[1], ARRAY(1)\nEND\n", 3, "ARRAY(1) declared twice"},
    {"VERT\nDCL SV[0], VERTEXID\nDCL SV[0], VERTEXID\nEND\n", 3, "declared twice"},
    {"VERT\nDCL HWATOMIC[0][0..3]\nDCL HWATOMIC[0][3]\nEND\n", 3, "declared twice"},
    {"VERT\nIMM[1] UINT32 {0, 0, 0, 0}\nEND\n", 2, "out of order"},
    {"VERT\nIMM[0] UINT8 {0, 0, 0, 0}\nEND\n", 2, "unknown immediate type"},
    {"VERT\nIMM[0] UINT32 {0, 0, 0, 0, 0}\nEND\n", 2, "too many values"},
    {"VERT\nIMM[0] UINT32 {-1, 0, 0, 0}\nEND\n", 2, "bad number"},
    {"VERT\nIMM[0] UINT32 {4294967296, 0, 0, 0}\nEND\n", 2, "bad number"},
    {"VERT\nIMM[0] FLT32 {0x123456789, 0, 0, 0}\nEND\n", 2, "bad number"},
    {"VERT\nIMM[0] FLT32 {1.5.5, 0, 0, 0}\nEND\n", 2, "bad number"},
    {"VERT\nPROPERTY NUM_CLIPDIST_ENABLED 9\nEND\n", 2, "exceeds 8"},
    {"VERT\nPROPERTY NUM_CLIPDIST_ENABLED 8\nPROPERTY NUM_CULLDIST_ENABLED 1\nEND\n", 0,
     "exceed 8"},
    {"FRAG\nPROPERTY FS_COORD_ORIGIN MIDDLE\nEND\n", 2, "expected UPPER_LEFT"},
    {"GEOM\nPROPERTY GS_OUTPUT_PRIMITIVE POINTS\nEND\n", 0, "GS_INPUT_PRIMITIVE"},
    {"GEOM\nPROPERTY GS_INPUT_PRIMITIVE QUADS\nPROPERTY GS_OUTPUT_PRIMITIVE POINTS\nEND\n", 0,
     "GS_INPUT_PRIMITIVE"},
    {"GEOM\nPROPERTY GS_INPUT_PRIMITIVE CIRCLES\nEND\n", 2, "unknown primitive"},
    {"GEOM\nPROPERTY GS_MAX_OUTPUT_VERTICES 1025\nEND\n", 2, "exceeds 1024"},
    {"GEOM\nPROPERTY GS_INVOCATIONS 0\nEND\n", 2, "below 1"},
    {"TESS_CTRL\nEND\n", 0, "TCS_VERTICES_OUT"},
    {"TESS_CTRL\nPROPERTY TCS_VERTICES_OUT 33\nEND\n", 2, "exceeds 32"},
    {"TESS_EVAL\nEND\n", 0, "TES_PRIM_MODE"},
    {"TESS_EVAL\nPROPERTY TES_PRIM_MODE 2\nEND\n", 0, "TES_PRIM_MODE"},
    {"COMP\nPROPERTY CS_FIXED_BLOCK_WIDTH 0\nEND\n", 2, "below 1"},
    {"COMP\nPROPERTY CS_FIXED_BLOCK_WIDTH 65536\nPROPERTY CS_FIXED_BLOCK_HEIGHT 65536\nEND\n", 0,
     "work group"},
    {"COMP\nDCL IN[0], GENERIC[0]\nEND\n", 2, "in a compute shader"},
    {GS "MOV OUT[0], IN[0]\nEND\n", 7, "missing vertex index"},
    {GS "MOV OUT[0], IN[2][0]\nEND\n", 7, "vertex index too large"},
    {GS "EMIT IN[0][0]\nEND\n", 7, "needs an immediate"},
    {FS "TEX TEMP[0], IN[0], SAMP[0]\nEND\n", 8, "target missing"},
    {FS "TEX TEMP[0], IN[0], SAMP[1], 2D\nEND\n", 8, "undeclared SAMP[1]"},
    {FS "TEX TEMP[0], IN[0], TEMP[0], 2D\nEND\n", 8, "wrong resource"},
    {FS "TEX TEMP[0], IN[0], SAMP[0], 2DX\nEND\n", 8, "unexpected '2DX'"},
    {FS "TEX TEMP[0], IN[0], SAMP[0], BUFFER\nEND\n", 8, "only be fetched"},
    {FS "TEX TEMP[0], IN[0], SAMP[0], 2D_MSAA\nEND\n", 8, "only be fetched"},
    {FS "TXF TEMP[0], IN[0], SAMP[0], CUBE\nEND\n", 8, "no texel fetch"},
    {FS "TXP TEMP[0], IN[0], SAMP[0], 2D_ARRAY\nEND\n", 8, "no projection"},
    {FS "TG4 TEMP[0], IN[0], IMM[0].xxxx, SAMP[0], 3D\nEND\n", 8, "no gather"},
    {FS "TG4 TEMP[0], IN[0], TEMP[0].xxxx, SAMP[0], 2D\nEND\n", 8, "must be an immediate"},
    {FS "TEX TEMP[0], IN[0], SAMP[0], CUBE, IMM[0].xyz\nEND\n", 8, "no texel offset"},
    {FS "TEX TEMP[0], IN[0], SAMP[0], 2D, IMM[0].xyz, IMM[0].xyz\nEND\n", 8,
     "number of texel offsets"},
    {FS "TEX TEMP[0], IN[0], SAMP[0], 2D\nTEX TEMP[0], IN[0], SAMP[0], 3D\nEND\n", 9,
     "used as 2D and as 3D"},
    {FS "SAMPLE TEMP[0], IN[0], SVIEW[0], SAMP[1]\nEND\n", 8, "different numbers"},
    {FS "INTERP_CENTROID TEMP[0], TEMP[1]\nEND\n", 8, "needs an input"},
    {FS "FBFETCH TEMP[0], IN[0]\nEND\n", 8, "needs an output"},
    {FS "LOAD TEMP[0], BUFFER[0], IN[0]\nEND\n", 8, "undeclared BUFFER[0]"},
    {FS "LOAD TEMP[0], MEMORY[0], IN[0]\nEND\n", 8, "undeclared MEMORY[0]"},
    {FS "STORE TEMP[0], IN[0], IN[0]\nEND\n", 8, "cannot store to"},
    {FS "ATOMUADD TEMP[0], HWATOMIC[0][0], IN[0], IN[0]\nEND\n", 8, "undeclared HWATOMIC"},
    {FS "MOV \x01\xff\nEND\n", 8, "expected a register"},
};

static void test_refused(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(refused); i++) {
        struct shader_error err;
        struct shader_ir *ir = parse(refused[i].text, &err);

        if (ir || err.line != refused[i].line || !strstr(err.message, refused[i].message)) {
            g_test_message("%s\n%s, line %u: %s; expected line %u: %s", refused[i].text,
                           ir ? "accepted" : "refused", err.line, err.message, refused[i].line,
                           refused[i].message);
            g_test_fail();
        }
        shader_ir_destroy(ir);
    }
}

static void test_arguments(void)
{
    static const char text[] = VS "MOV OUT[0], IN[0]\nEND\n";
    struct shader_stream_output so = {.num_outputs = 1, .outputs = {{.num_components = 4}}};
    struct shader_error err;
    struct shader_ir *ir;

    g_assert_null(shader_parse(text, strlen(text), SHADER_FRAGMENT, NULL, 0, &err));
    g_assert_nonnull(strstr(err.message, "disagrees"));
    g_assert_null(shader_parse(text, strlen(text), SHADER_STAGES, NULL, 0, &err));
    g_assert_null(shader_parse(text, (8u << 20), SHADER_VERTEX, NULL, 0, &err));
    g_assert_nonnull(strstr(err.message, "exceeds"));
    g_assert_null(shader_parse("COMP\nEND\n", 9, SHADER_COMPUTE, NULL, 1u << 30, &err));
    ir = shader_parse(text, strlen(text), SHADER_VERTEX, &so, 0, &err);
    g_assert_nonnull(ir);
    g_assert_true(shader_info(ir)->has_stream_output);
    shader_ir_destroy(ir);
    so.outputs[0].num_components = 0;
    g_assert_null(shader_parse(text, strlen(text), SHADER_VERTEX, &so, 0, &err));
    so.outputs[0] = (struct shader_so_output){.register_index = 3, .num_components = 1};
    g_assert_null(shader_parse(text, strlen(text), SHADER_VERTEX, &so, 0, &err));
    so.outputs[0] = (struct shader_so_output){.start_component = 3, .num_components = 2};
    g_assert_null(shader_parse(text, strlen(text), SHADER_VERTEX, &so, 0, &err));
    so.outputs[0] = (struct shader_so_output){.num_components = 1, .buffer = 4};
    g_assert_null(shader_parse(text, strlen(text), SHADER_VERTEX, &so, 0, &err));
    so.num_outputs = 65;
    g_assert_null(shader_parse(text, strlen(text), SHADER_VERTEX, &so, 0, &err));
}

/* Every prefix of a text is refused or parsed, and never read beyond its end. */
static void test_cut(void)
{
    for (guint i = 0; i < corpus->len && i < 12; i++) {
        const char *text = corpus->pdata[i];
        size_t bytes = strlen(text);

        for (size_t n = 0; n < bytes && n < 3000; n++) {
            char *part = g_memdup2(text, n ? n : 1);
            struct shader_error err;

            shader_ir_destroy(shader_parse(part, n, stage_of(text), NULL, 0, &err));
            g_free(part);
        }
    }
}

static void test_limits(void)
{
    GString *s = g_string_new(VS);
    struct shader_error err;
    struct shader_ir *ir;

    for (unsigned i = 0; i < 300; i++)
        g_string_append(s, "IF IN[0].xxxx\n");
    g_string_append(s, "END\n");
    g_assert_null(parse(s->str, &err));
    g_assert_nonnull(strstr(err.message, "nested too deeply"));

    g_string_assign(s, VS);
    for (unsigned i = 0; i < 65537; i++)
        g_string_append(s, "NOP\n");
    g_assert_null(parse(s->str, &err));
    g_assert_nonnull(strstr(err.message, "more than 65536 instructions"));

    /* Subroutines that each call the next one twice: 2^40 instructions when expanded. */
    g_string_assign(s, VS "CAL :2\nEND\n");
    for (unsigned i = 0; i < 40; i++)
        g_string_append_printf(s, "BGNSUB\nCAL :%u\nCAL :%u\nENDSUB\n", 2 + 4 * (i + 1),
                               2 + 4 * (i + 1));
    g_string_append(s, "BGNSUB\nNOP\nENDSUB\n");
    g_assert_null(parse(s->str, &err));
    g_assert_nonnull(strstr(err.message, "expands to too many"));

    g_string_assign(s, VS);
    for (unsigned i = 0; i < 5000; i++)
        g_string_append(s, "MAD TEMP[0], TEMP[1], IN[0], TEMP[0]\n");
    g_string_append(s, "MOV OUT[0], TEMP[0]\nEND\n");
    ir = parse(s->str, &err);
    g_assert_nonnull(ir);
    shader_ir_destroy(ir);
    g_string_free(s, TRUE);
}

static void test_info(void)
{
    static const char text[] =
        "FRAG\nPROPERTY FS_COLOR0_WRITES_ALL_CBUFS 1\nPROPERTY FS_COORD_ORIGIN LOWER_LEFT\n"
        "DCL IN[0], POSITION, LINEAR\nDCL IN[1..3], ARRAY(1), GENERIC[4], PERSPECTIVE\n"
        "DCL IN[4], GENERIC[9], CONSTANT\nDCL IN[5], TEXCOORD[1], LINEAR, CENTROID\n"
        "DCL OUT[0], COLOR\nDCL OUT[1], COLOR[2]\nDCL OUT[2], POSITION\n"
        "DCL SAMP[0..3]\nDCL SVIEW[1], 2D, UINT\nDCL SVIEW[2], SHADOW2D, FLOAT\n"
        "DCL CONST[0..9]\nDCL CONST[3][0..4]\nDCL SV[0], SAMPLEID\nDCL BUFFER[2]\n"
        "DCL IMAGE[1], 2D, PIPE_FORMAT_R32_UINT, WR\nDCL TEMP[0]\nDCL ADDR[0]\n"
        "IMM[0] UINT32 {0, 1, 2, 3}\n"
        "UARL ADDR[0].x, SV[0].xxxx\nMOV TEMP[0], IN[ADDR[0].x+1](1)\n"
        "ADD TEMP[0], IN[0], CONST[ADDR[0].x]\nADD TEMP[0], IN[4], CONST[3][1]\n"
        "TXF TEMP[0], TEMP[0], SAMP[1], 2D\nTEX TEMP[0], TEMP[0], SAMP[2], SHADOW2D\n"
        "STORE BUFFER[2].x, IMM[0].xxxx, TEMP[0]\n"
        "ATOMUADD TEMP[0].x, IMAGE[1], IMM[0], IMM[0].yyyy, 2D, PIPE_FORMAT_R32_UINT\n"
        "KILL_IF TEMP[0]\nMOV OUT[0], TEMP[0]\nMOV OUT[1], TEMP[0]\nMOV OUT[2].z, TEMP[0]\nEND\n";
    struct shader_error err;
    struct shader_ir *ir = parse(text, &err);
    const struct shader_info *info;

    g_assert_cmpstr(err.message, ==, "");
    g_assert_nonnull(ir);
    info = shader_info(ir);
    g_assert_true(info->color0_writes_all && info->origin_lower_left && info->reads_fragcoord);
    g_assert_cmpuint(info->slots_read.bits[0], ==, 0x70u | 1u << 9);
    g_assert_cmpuint(info->slots_read.bits[1], ==, 0); /* TEXCOORD is declared, never read */
    g_assert_true(shader_slots_test(&info->slots_flat, 9));
    g_assert_true(shader_slots_test(&info->slots_noperspective, SHADER_SLOT_TEXCOORD0 + 1));
    g_assert_true(shader_slots_test(&info->slots_centroid, SHADER_SLOT_TEXCOORD0 + 1));
    g_assert_cmpuint(info->writes_colors, ==, 5);
    g_assert_true(info->writes_depth && info->uses_kill && info->per_sample);
    g_assert_cmpuint(info->samplers_used, ==, 6);
    g_assert_cmpuint(info->samplers[1].return_type, ==, SHADER_RET_UINT);
    g_assert_true(info->samplers[2].shadow && !info->samplers[1].shadow);
    g_assert_cmpuint(info->const0_vec4s, ==, 10);
    g_assert_true(info->const0_indirect);
    g_assert_cmpuint(info->ubos_used, ==, 8);
    g_assert_cmpuint(info->ubos[3].size_vec4s, ==, 5);
    g_assert_cmpuint(info->ssbos_used, ==, 4);
    g_assert_cmpuint(info->ssbos_written, ==, 4);
    g_assert_cmpuint(info->images_used, ==, 2);
    g_assert_true(info->images[1].written && info->images[1].read && info->images[1].atomic);
    g_assert_cmpstr(info->images[1].glsl_format, ==, "r32ui");
    g_assert_true(info->writes_memory);
    shader_ir_destroy(ir);
}

static void load_corpus(const char *folder)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;
    char *text;

    corpus = g_ptr_array_new_with_free_func(g_free);
    g_assert_nonnull(dir);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);

        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        g_ptr_array_add(corpus, text);
    }
    g_dir_close(dir);
}

int main(int argc, char **argv)
{
    int rc;

    g_test_init(&argc, &argv, NULL);
    load_corpus(argv[1]);
    g_test_add_func("/shader/parse/dump", test_dump);
    g_test_add_func("/shader/parse/round-trip-generated", test_round_trip_generated);
    g_test_add_func("/shader/parse/round-trip-corpus", test_round_trip_corpus);
    g_test_add_func("/shader/parse/refused", test_refused);
    g_test_add_func("/shader/parse/arguments", test_arguments);
    g_test_add_func("/shader/parse/cut", test_cut);
    g_test_add_func("/shader/parse/limits", test_limits);
    g_test_add_func("/shader/parse/info", test_info);
    rc = g_test_run();
    g_ptr_array_unref(corpus);
    return rc;
}
