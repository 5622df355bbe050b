/* SPDX-License-Identifier: MIT */
#include "tgsi_gen.h"

#include <string.h>

static const char *const headers[SHADER_STAGES] = {"VERT", "FRAG", "GEOM", "TESS_CTRL",
                                                   "TESS_EVAL", "COMP"};

/* What each stage declares, an input to read, and how a result leaves. */
static const struct {
    const char *declarations, *input, *finish;
} stages[SHADER_STAGES] = {
    [SHADER_VERTEX] = {"DCL IN[0]\nDCL IN[1]\nDCL OUT[0], POSITION\nDCL OUT[1], GENERIC[3]\n",
                       "IN[1]", "MOV OUT[0], TEMP[0]\nMOV OUT[1], TEMP[1]\n"},
    [SHADER_FRAGMENT] = {"DCL IN[0], GENERIC[3], PERSPECTIVE\nDCL IN[1], GENERIC[4], CONSTANT\n"
                         "DCL OUT[0], COLOR\n", "IN[0]", "MOV OUT[0], TEMP[0]\n"},
    [SHADER_GEOMETRY] = {"PROPERTY GS_INPUT_PRIMITIVE TRIANGLES\n"
                         "PROPERTY GS_OUTPUT_PRIMITIVE TRIANGLE_STRIP\n"
                         "PROPERTY GS_MAX_OUTPUT_VERTICES 3\n"
                         "DCL IN[][0], POSITION\nDCL IN[][1], GENERIC[3]\n"
                         "DCL OUT[0], POSITION\nDCL OUT[1], GENERIC[3]\n",
                         "IN[2][1]", "MOV OUT[0], TEMP[0]\nMOV OUT[1], IN[0][0]\n"
                                     "EMIT IMM[3].xxxx\nENDPRIM IMM[3].xxxx\n"},
    [SHADER_TESS_CTRL] = {"PROPERTY TCS_VERTICES_OUT 3\nDCL IN[][0], POSITION\n"
                          "DCL IN[][1], GENERIC[3]\nDCL OUT[][0], POSITION\n"
                          "DCL OUT[][1], GENERIC[3]\nDCL OUT[2], PATCH[1]\nDCL OUT[3], TESSOUTER\n"
                          "DCL SV[0], INVOCATIONID\n",
                          "IN[1][1]", "UARL ADDR[1].x, SV[0].xxxx\n"
                                      "MOV OUT[ADDR[1].x][0], TEMP[0]\n"
                                      "MOV OUT[ADDR[1].x][1], TEMP[1]\nBARRIER\n"
                                      "MOV OUT[2], OUT[1][1]\nMOV OUT[3].xyz, TEMP[0]\n"},
    [SHADER_TESS_EVAL] = {"PROPERTY TES_PRIM_MODE 4\nPROPERTY TES_SPACING 2\n"
                          "DCL IN[][0], POSITION\nDCL IN[][1], GENERIC[3]\nDCL IN[2], PATCH[1]\n"
                          "DCL OUT[0], POSITION\nDCL OUT[1], GENERIC[3]\n",
                          "IN[1][1]", "MOV OUT[0], TEMP[0]\nADD OUT[1], IN[2], TEMP[1]\n"},
    [SHADER_COMPUTE] = {"PROPERTY CS_FIXED_BLOCK_WIDTH 4\nPROPERTY CS_FIXED_BLOCK_HEIGHT 2\n"
                        "DCL SV[0], THREAD_ID\nDCL BUFFER[7]\n",
                        "SV[0]", "STORE BUFFER[7], IMM[3].yyyy, TEMP[0]\n"},
};

static void add(GPtrArray *samples, unsigned stage, const char *name, const char *extra,
                const char *body)
{
    struct tgsi_sample *s = g_new0(struct tgsi_sample, 1);

    s->stage = stage;
    s->name = g_strdup_printf("%s %s", headers[stage], name);
    s->text = g_strdup_printf(
        "%s\n%s%s"
        "DCL CONST[0..7]\nDCL CONST[1][0..3]\nDCL TEMP[0..7]\nDCL ADDR[0..2]\n"
        "IMM[0] FLT32 {0x3f800000, 0xbf000000, 0x7fc00000, 0x00000001}\n"
        "IMM[1] UINT32 {1, 4294967295, 31, 1065353216}\n"
        "IMM[2] INT32 {-1, 2, -3, 4}\nIMM[3] UINT32 {0, 16, 1, 2}\n"
        "MOV TEMP[1], CONST[1][2]\nMOV TEMP[2], CONST[3].wzyx\n%s%sEND\n",
        headers[stage], stages[stage].declarations, extra, body, stages[stage].finish);
    g_ptr_array_add(samples, s);
}

static const char *alu_source(unsigned stage, unsigned n, gboolean modify)
{
    static const char *const plain[] = {NULL, "TEMP[1]", "CONST[ADDR[0].x+2]", "IMM[0].wzyx",
                                        "IMM[2]"};
    static const char *const modified[] = {NULL, "-|TEMP[1].yzwx|", "-CONST[2]", "|TEMP[2]|",
                                           "TEMP[1]"};

    return n == 0 ? stages[stage].input : modify ? modified[n] : plain[n];
}

static gboolean special_opcode(unsigned op)
{
    const char *name = shader_opcode_names[op];

    switch (op) {
    case SHADER_OP_IF: case SHADER_OP_UIF: case SHADER_OP_ELSE: case SHADER_OP_ENDIF:
    case SHADER_OP_BGNLOOP: case SHADER_OP_ENDLOOP: case SHADER_OP_BRK: case SHADER_OP_CONT:
    case SHADER_OP_SWITCH: case SHADER_OP_CASE: case SHADER_OP_DEFAULT:
    case SHADER_OP_ENDSWITCH: case SHADER_OP_BGNSUB: case SHADER_OP_ENDSUB: case SHADER_OP_CAL:
    case SHADER_OP_RET: case SHADER_OP_END: case SHADER_OP_LOAD: case SHADER_OP_STORE:
    case SHADER_OP_RESQ: case SHADER_OP_EMIT: case SHADER_OP_ENDPRIM: case SHADER_OP_MEMBAR:
    case SHADER_OP_BARRIER: case SHADER_OP_FBFETCH: case SHADER_OP_LOD:
    case SHADER_OP_IMG2HND: case SHADER_OP_GATHER4: case SHADER_OP_SVIEWINFO:
        return TRUE;
    default:
        return shader_opcodes[op].texture || g_str_has_prefix(name, "ATOM") ||
               g_str_has_prefix(name, "SAMPLE") || g_str_has_prefix(name, "INTERP");
    }
}

static void add_alu(GPtrArray *samples, unsigned stage, unsigned op)
{
    static const char *const masks[] = {"", ".x", ".yz", ".xyw", ".zw", ".xy"};
    const struct shader_opcode_info *info = &shader_opcodes[op];
    gboolean address = op == SHADER_OP_ARL || op == SHADER_OP_ARR || op == SHADER_OP_UARL;
    gboolean floats = info->dst_type == SHADER_TYPE_FLOAT || info->dst_type == SHADER_TYPE_ANY ||
                      info->dst_type == SHADER_TYPE_DOUBLE;
    GString *body = g_string_new("UARL ADDR[0].x, IMM[3].xxxx\n");

    for (unsigned m = 0; m < G_N_ELEMENTS(masks); m++) {
        for (unsigned modify = 0; modify < 2; modify++) {
            g_string_append(body, shader_opcode_names[op]);
            if (m == 5 && floats)
                g_string_append(body, "_SAT");
            if (m == 4)
                g_string_append(body, "_PRECISE");
            for (unsigned d = 0; d < info->num_dst; d++)
                g_string_append_printf(body, "%s%s[%u]%s", d ? ", " : " ",
                                       address ? "ADDR" : "TEMP", address ? 2 : d + modify * 3,
                                       masks[m]);
            for (unsigned s = 0; s < info->num_src; s++)
                g_string_append_printf(body, "%s%s", s || info->num_dst ? ", " : " ",
                                       alu_source(stage, s, modify));
            g_string_append(body, "\n");
        }
    }
    add(samples, stage, shader_opcode_names[op], "", body->str);
    g_string_free(body, TRUE);
}

static void add_texture(GPtrArray *samples, unsigned stage, unsigned op, unsigned target,
                        const char *type, gboolean offset)
{
    const struct shader_opcode_info *info = &shader_opcodes[op];
    g_autofree char *name = g_strdup_printf("%s %s %s%s", shader_opcode_names[op],
                                            shader_texture_names[target], type,
                                            offset ? " offset" : "");
    g_autofree char *extra = g_strdup_printf("DCL SAMP[1]\nDCL SVIEW[1], %s, %s\n",
                                             shader_texture_names[target], type);
    GString *body = g_string_new(NULL);

    for (unsigned m = 0; m < 3; m++) {
        g_string_append_printf(body, "%s TEMP[0]%s", shader_opcode_names[op],
                               m == 0 ? "" : m == 1 ? ".x" : ".yw");
        for (unsigned s = 0; s + 1 < info->num_src; s++)
            g_string_append_printf(body, ", %s", op == SHADER_OP_TG4 && s == 1 ? "IMM[3].xxxx"
                                                 : s ? "TEMP[1]" : "TEMP[2]");
        g_string_append_printf(body, ", SAMP[1], %s%s\n", shader_texture_names[target],
                               offset ? ", IMM[2].xyx" : "");
    }
    add(samples, stage, name, extra, body->str);
    g_string_free(body, TRUE);
}

static void add_textures(GPtrArray *samples, unsigned stage)
{
    static const char *const types[] = {"FLOAT", "SINT", "UINT"};

    for (unsigned op = 0; op < SHADER_OP_COUNT; op++) {
        if (!shader_opcodes[op].texture || op == SHADER_OP_SAMP2HND)
            continue;
        for (unsigned target = 0; target < SHADER_TEX_COUNT; target++) {
            for (unsigned t = 0; t < (stage == SHADER_FRAGMENT ? 3u : 1u); t++) {
                if (t && strstr(shader_texture_names[target], "SHADOW"))
                    continue;
                add_texture(samples, stage, op, target, types[t], FALSE);
                add_texture(samples, stage, op, target, types[t], TRUE);
            }
        }
    }
}

static void add_separate_sampling(GPtrArray *samples)
{
    static const char *const lines[] = {
        "SAMPLE TEMP[0], TEMP[2], SVIEW[0].wzyx, SAMP[0]\n",
        "SAMPLE_B TEMP[0], TEMP[2], SVIEW[0], SAMP[0], TEMP[1]\n",
        "SAMPLE_L TEMP[0].xy, TEMP[2], SVIEW[0], SAMP[0], TEMP[1]\n",
        "SAMPLE_D TEMP[0], TEMP[2], SVIEW[0], SAMP[0], TEMP[1], TEMP[1]\n",
        "SAMPLE_I TEMP[0], TEMP[2], SVIEW[0]\n",
        "SVIEWINFO TEMP[0].xyw, TEMP[2], SVIEW[0]\n",
        "GATHER4 TEMP[0], TEMP[2], SVIEW[0], SAMP[0]\n",
        "SAMPLE_C TEMP[0], TEMP[2], SVIEW[0], SAMP[0], TEMP[1].xxxx\n",
        "SAMPLE_C_LZ TEMP[0], TEMP[2], SVIEW[0], SAMP[0], TEMP[1].xxxx\n",
        "LOD TEMP[0], TEMP[2], SVIEW[0], SAMP[0]\n",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(lines); i++)
        add(samples, SHADER_FRAGMENT, lines[i], "DCL SAMP[0]\nDCL SVIEW[0], 2D, FLOAT\n",
            lines[i]);
}

static void add_memory_opcode(GPtrArray *samples, unsigned stage, unsigned op,
                              const char *resource, const char *declaration, const char *trailer)
{
    const struct shader_opcode_info *info = &shader_opcodes[op];
    g_autofree char *name = g_strdup_printf("%s %s%s", shader_opcode_names[op], declaration,
                                            trailer);
    GString *body = g_string_new(NULL);

    if (op == SHADER_OP_STORE) {
        g_string_append_printf(body, "STORE %s, TEMP[2], TEMP[1]%s\nSTORE %s.xz, IMM[3].yyyy, "
                                     "IMM[0]%s\n", resource, trailer, resource, trailer);
    } else {
        for (unsigned m = 0; m < 2; m++) {
            g_string_append_printf(body, "%s TEMP[0]%s, %s", shader_opcode_names[op],
                                   m ? ".x" : "", resource);
            for (unsigned s = 1; s < info->num_src; s++)
                g_string_append_printf(body, ", %s", s == 1 ? "TEMP[2]" : "TEMP[1].xxxx");
            g_string_append_printf(body, "%s\n", trailer);
        }
    }
    add(samples, stage, name, declaration, body->str);
    g_string_free(body, TRUE);
}

static void add_memory(GPtrArray *samples, unsigned stage, unsigned op)
{
    static const char *const targets[] = {"BUFFER", "1D", "2D", "3D", "CUBE", "1D_ARRAY",
                                          "2D_ARRAY", "CUBEARRAY", "2D_MSAA", "2D_ARRAY_MSAA",
                                          "RECT"};
    static const char *const formats[] = {"R32_UINT", "R32_SINT", "R32_FLOAT", "R8G8B8A8_UNORM",
                                          "R32G32B32A32_FLOAT", "R16G16_SINT"};

    add_memory_opcode(samples, stage, op, "BUFFER[1]", "DCL BUFFER[1]\n", "");
    add_memory_opcode(samples, stage, op, "BUFFER[ADDR[0].x+2]", "DCL BUFFER[2..4]\n",
                      ", VOLATILE");
    for (unsigned t = 0; t < G_N_ELEMENTS(targets); t++) {
        for (unsigned f = 0; f < G_N_ELEMENTS(formats); f++) {
            g_autofree char *decl = g_strdup_printf("DCL IMAGE[0], %s, PIPE_FORMAT_%s, WR\n",
                                                    targets[t], formats[f]);
            g_autofree char *trailer = g_strdup_printf(", COHERENT, %s, PIPE_FORMAT_%s",
                                                       targets[t], formats[f]);

            if (t && f > 1 && t != 2)
                continue;
            add_memory_opcode(samples, stage, op, "IMAGE[0]", decl, trailer);
        }
    }
    if (op != SHADER_OP_STORE && op != SHADER_OP_RESQ)
        add_memory_opcode(samples, stage, op, "HWATOMIC[0][1]", "DCL HWATOMIC[0][0..3]\n", "");
    if (stage == SHADER_COMPUTE && op != SHADER_OP_RESQ)
        add_memory_opcode(samples, stage, op, "MEMORY[1]", "DCL MEMORY[1], SHARED\n", "");
}

static void add_flow(GPtrArray *samples, unsigned stage)
{
    add(samples, stage, "branches", "",
        "IF TEMP[1].xxxx :4\nMOV TEMP[0], TEMP[1]\nELSE :5\nUIF TEMP[2].yyyy :4\n"
        "ADD TEMP[0], TEMP[1], TEMP[2]\nENDIF\nENDIF\n");
    add(samples, stage, "loops", "",
        "MOV TEMP[3].x, IMM[3].xxxx\nBGNLOOP :0\nUADD TEMP[3].x, TEMP[3].xxxx, IMM[3].zzzz\n"
        "ISGE TEMP[3].y, TEMP[3].xxxx, IMM[3].yyyy\nUIF TEMP[3].yyyy\nBRK\nENDIF\n"
        "USEQ TEMP[3].y, TEMP[3].xxxx, IMM[3].zzzz\nUIF TEMP[3].yyyy\nCONT\nENDIF\n"
        "ADD TEMP[0], TEMP[1], TEMP[0]\nENDLOOP :0\n");
    add(samples, stage, "switch", "",
        "SWITCH TEMP[1].xxxx\nCASE IMM[2].xxxx\nCASE IMM[2].yyyy\nMOV TEMP[0], TEMP[1]\nBRK\n"
        "DEFAULT\nMOV TEMP[0], TEMP[2]\nENDSWITCH\n");
    if (stage != SHADER_TESS_CTRL)
        add(samples, stage, "return", "",
            "UIF TEMP[2].yyyy :4\nRET\nENDIF\nMOV TEMP[0], TEMP[1]\n");
    add(samples, stage, "arrays",
        "DCL TEMP[8..11], ARRAY(1), LOCAL\nDCL TEMP[12..13], ARRAY(2)\n",
        "UARL ADDR[0].x, IMM[3].zzzz\nMOV TEMP[ADDR[0].x+8](1).xz, TEMP[1]\n"
        "UADD TEMP[ADDR[0].x+11](2), TEMP[9], TEMP[ADDR[0].x+9](1)\n"
        "MOV TEMP[0], IMM[ADDR[0].x+1]\nMOV TEMP[TEMP[9].x+8](1), CONST[1][ADDR[0].x+1]\n"
        "MOV TEMP[0].xy, TEMP[9].zwxx\n");
    add(samples, stage, "indirect buffers", "DCL CONST[2][0..7]\nDCL CONST[4][0]\n",
        "UARL ADDR[2].x, IMM[3].zzzz\nMOV TEMP[0], CONST[ADDR[2].x+1][3]\n"
        "MOV TEMP[1], CONST[ADDR[2].x+1][ADDR[2].x]\nMOV TEMP[1].x, CONST[4][0]\n");
    add(samples, stage, "indirect samplers",
        "DCL SAMP[2..5]\nDCL SVIEW[2], 2D, FLOAT\nDCL SVIEW[3], 2D, FLOAT\n",
        "UARL ADDR[2].x, IMM[3].zzzz\nTXL TEMP[0], TEMP[2], SAMP[ADDR[2].x+2], 2D\n"
        "TXL TEMP[0].x, TEMP[2], SAMP[4], 2D\n");
}

static void add_semantics(GPtrArray *samples)
{
    static const struct {
        unsigned stage;
        const char *name, *extra, *body;
    } rows[] = {
        {SHADER_VERTEX, "outputs",
         "DCL OUT[2], COLOR\nDCL OUT[3], COLOR[1]\nDCL OUT[4], BCOLOR\nDCL OUT[5], FOG\n"
         "DCL OUT[6], PSIZE\nDCL OUT[7], TEXCOORD[0]\nDCL OUT[8], EDGEFLAG\n"
         "DCL OUT[9], CLIPVERTEX\nDCL OUT[10].xy, GENERIC[5]\nDCL OUT[11].zw, GENERIC[5]\n",
         "MOV OUT[2], TEMP[1]\nMOV OUT[3], TEMP[1]\nMOV OUT[4], TEMP[1]\nMOV OUT[5], TEMP[1]\n"
         "MOV OUT[6].x, TEMP[1].xxxx\nMOV OUT[7], TEMP[1]\nMOV OUT[8].x, TEMP[1]\n"
         "MOV OUT[9], TEMP[1]\nMOV OUT[10].xy, TEMP[1]\nMOV OUT[11].zw, TEMP[1]\n"},
        {SHADER_VERTEX, "clip distances",
         "PROPERTY NUM_CLIPDIST_ENABLED 3\nPROPERTY NUM_CULLDIST_ENABLED 2\n"
         "DCL OUT[2], CLIPDIST\nDCL OUT[3].x, CLIPDIST[1]\n",
         "MOV OUT[2], TEMP[1]\nMOV OUT[3].x, TEMP[1]\n"},
        {SHADER_VERTEX, "clip distances without property", "DCL OUT[2], CLIPDIST\n",
         "MOV OUT[2], TEMP[1]\n"},
        {SHADER_VERTEX, "layer and viewport", "DCL OUT[2].x, LAYER\nDCL OUT[3].x, VIEWPORT_INDEX\n",
         "MOV OUT[2].x, IMM[2].yyyy\nMOV OUT[3].x, IMM[2].yyyy\n"},
        {SHADER_VERTEX, "output array", "DCL OUT[2..5], ARRAY(1), GENERIC[8]\n",
         "UARL ADDR[0].x, IMM[3].zzzz\nMOV OUT[ADDR[0].x+3](1).xy, TEMP[1]\nMOV OUT[2], TEMP[1]\n"},
        {SHADER_VERTEX, "input array", "",
         "UARL ADDR[0].x, IMM[3].zzzz\nMOV TEMP[0], IN[ADDR[0].x]\n"},
        {SHADER_VERTEX, "invariant position", "DCL OUT[2], GENERIC[7], INVARIANT\n",
         "MOV OUT[2], TEMP[1]\n"},
        {SHADER_VERTEX, "precise output", "", "MAD_PRECISE OUT[0], TEMP[1], TEMP[2], TEMP[1]\n"},
        {SHADER_FRAGMENT, "inputs",
         "PROPERTY FS_COORD_ORIGIN LOWER_LEFT\nPROPERTY FS_COORD_PIXEL_CENTER INTEGER\n"
         "DCL IN[2], POSITION, LINEAR\nDCL IN[3], COLOR, COLOR\nDCL IN[4], FACE, CONSTANT\n"
         "DCL IN[5], PCOORD\nDCL IN[6], FOG, LINEAR\n"
         "DCL IN[7], TEXCOORD[2], PERSPECTIVE, CENTROID\n",
         "ADD TEMP[0], IN[2], IN[3]\nADD TEMP[0], TEMP[0], IN[4]\nADD TEMP[0], TEMP[0], IN[5]\n"
         "ADD TEMP[0], TEMP[0], IN[6]\nADD TEMP[0], TEMP[0], IN[7]\n"},
        {SHADER_FRAGMENT, "primitive id", "DCL IN[2], PRIM_ID, CONSTANT\n",
         "I2F TEMP[0], IN[2].xxxx\n"},
        {SHADER_FRAGMENT, "layer", "DCL IN[2], LAYER, CONSTANT\n", "I2F TEMP[0], IN[2].xxxx\n"},
        {SHADER_FRAGMENT, "viewport index", "DCL IN[2], VIEWPORT_INDEX, CONSTANT\n",
         "I2F TEMP[0], IN[2].xxxx\n"},
        {SHADER_FRAGMENT, "sample input", "DCL IN[2], GENERIC[6], PERSPECTIVE, SAMPLE\n",
         "MOV TEMP[0], IN[2]\n"},
        {SHADER_FRAGMENT, "input array", "DCL IN[2..5], ARRAY(1), GENERIC[8], PERSPECTIVE\n",
         "UARL ADDR[0].x, IMM[3].zzzz\nMOV TEMP[0], IN[ADDR[0].x+3](1)\n"},
        {SHADER_FRAGMENT, "depth", "PROPERTY FS_DEPTH_LAYOUT 2\nDCL OUT[1], POSITION\n",
         "MOV OUT[1].z, TEMP[1].xxxx\n"},
        {SHADER_FRAGMENT, "stencil", "DCL OUT[1], STENCIL\n", "MOV OUT[1].y, IMM[2].yyyy\n"},
        {SHADER_FRAGMENT, "sample mask", "DCL OUT[1], SAMPLEMASK\n", "MOV OUT[1].x, IMM[2].yyyy\n"},
        {SHADER_FRAGMENT, "colours", "DCL OUT[1], COLOR[1]\nDCL OUT[2], COLOR[4]\n",
         "MOV OUT[1], TEMP[1]\nMOV OUT[2], TEMP[2]\n"},
        {SHADER_FRAGMENT, "all buffers", "PROPERTY FS_COLOR0_WRITES_ALL_CBUFS 1\n", ""},
        {SHADER_FRAGMENT, "early tests", "PROPERTY FS_EARLY_DEPTH_STENCIL 1\n", ""},
        {SHADER_FRAGMENT, "post depth coverage", "PROPERTY FS_POST_DEPTH_COVERAGE 1\n", ""},
        {SHADER_FRAGMENT, "advanced blending", "PROPERTY FS_BLEND_EQUATION_ADVANCED 65534\n", ""},
        {SHADER_FRAGMENT, "framebuffer fetch", "", "FBFETCH TEMP[0], OUT[0]\n"},
        {SHADER_FRAGMENT, "interpolation",
         "", "INTERP_CENTROID TEMP[0], IN[0]\nINTERP_SAMPLE TEMP[0].xy, -IN[0].zwzw, IMM[3].zzzz\n"
             "INTERP_OFFSET TEMP[0].w, |IN[0]|, IMM[0].xyyy\nINTERP_CENTROID TEMP[0].x, IN[1]\n"},
        {SHADER_GEOMETRY, "outputs",
         "DCL OUT[2].x, LAYER\nDCL OUT[3].x, VIEWPORT_INDEX\nDCL OUT[4].x, PRIM_ID\n"
         "DCL OUT[5].x, PSIZE\nDCL OUT[6], CLIPDIST\nDCL IN[][2], PSIZE\nDCL SV[0], PRIM_ID\n",
         "MOV OUT[2].x, IMM[2].yyyy\nMOV OUT[3].x, IMM[2].yyyy\nMOV OUT[4].x, SV[0].xxxx\n"
         "MOV OUT[5].x, IN[0][2].xxxx\nMOV OUT[6], TEMP[1]\n"},
        {SHADER_GEOMETRY, "invocations", "PROPERTY GS_INVOCATIONS 4\nDCL SV[0], INVOCATIONID\n",
         "I2F TEMP[0], SV[0].xxxx\n"},
        {SHADER_GEOMETRY, "indirect vertices", "",
         "UARL ADDR[0].x, IMM[3].zzzz\nMOV TEMP[0], IN[ADDR[0].x+1][ADDR[0].x]\n"
         "MOV TEMP[1], IN[ADDR[0].x][0]\n"},
        {SHADER_TESS_CTRL, "levels",
         "DCL OUT[4].xy, TESSINNER\nDCL SV[1], VERTICESIN\nDCL SV[2], PRIM_ID\n",
         "U2F OUT[4].xy, SV[1].xxxx\nU2F TEMP[0], SV[2].xxxx\n"},
        {SHADER_TESS_CTRL, "output array", "DCL OUT[][4..6], ARRAY(1), GENERIC[8]\n"
                                           "DCL OUT[7..8], ARRAY(2), PATCH[4]\n",
         "UARL ADDR[0].x, IMM[3].zzzz\nUARL ADDR[2].x, SV[0].xxxx\n"
         "MOV OUT[ADDR[2].x][ADDR[0].x+5](1).xz, TEMP[1]\nMOV OUT[ADDR[0].x+7](2), TEMP[2]\n"
         "MOV OUT[ADDR[2].x][4], TEMP[1]\nMOV TEMP[0], OUT[ADDR[0].x][ADDR[0].x+4](1)\n"},
        {SHADER_TESS_EVAL, "system values",
         "DCL SV[1], TESSCOORD\nDCL SV[2], TESSOUTER\nDCL SV[3], TESSINNER\nDCL SV[4], PRIM_ID\n"
         "DCL SV[5], VERTICESIN\n",
         "ADD TEMP[0], SV[1], SV[2]\nADD TEMP[0], TEMP[0], SV[3]\nU2F TEMP[1], SV[4]\n"
         "U2F TEMP[1].x, SV[5]\n"},
        {SHADER_TESS_EVAL, "quads",
         "PROPERTY TES_PRIM_MODE 7\nPROPERTY TES_SPACING 1\nPROPERTY TES_VERTEX_ORDER_CW 1\n"
         "PROPERTY TES_POINT_MODE 1\n", "MOV TEMP[0], IN[2][1]\n"},
        {SHADER_COMPUTE, "system values",
         "DCL SV[1], BLOCK_ID\nDCL SV[2], GRID_SIZE\nDCL SV[3], BLOCK_SIZE\n",
         "UADD TEMP[0], SV[1], SV[2]\nUMAD TEMP[0], SV[3], SV[0], TEMP[0]\n"},
        {SHADER_COMPUTE, "mixed signed atomics", "DCL MEMORY[1], SHARED\n",
         "ATOMIMIN TEMP[0].x, BUFFER[7], IMM[3].yyyy, IMM[2].xxxx\n"
         "ATOMUMAX TEMP[0].x, BUFFER[7], IMM[3].yyyy, IMM[2].xxxx\n"
         "ATOMIMAX TEMP[0].x, MEMORY[1], IMM[3].yyyy, IMM[2].xxxx\nMEMBAR IMM[2].wwww\n"
         "MEMBAR IMM[3].yyyy\nMEMBAR IMM[1].zzzz\nBARRIER\n"},
    };
    static const unsigned vertex[] = {SHADER_SEM_VERTEXID, SHADER_SEM_INSTANCEID,
                                      SHADER_SEM_VERTEXID_NOBASE, SHADER_SEM_BASEVERTEX,
                                      SHADER_SEM_BASEINSTANCE, SHADER_SEM_DRAWID};
    static const unsigned fragment[] = {SHADER_SEM_FACE, SHADER_SEM_SAMPLEID,
                                        SHADER_SEM_SAMPLEPOS, SHADER_SEM_SAMPLEMASK,
                                        SHADER_SEM_HELPER_INVOCATION, SHADER_SEM_LAYER,
                                        SHADER_SEM_PRIM_ID};

    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++)
        add(samples, rows[i].stage, rows[i].name, rows[i].extra, rows[i].body);
    for (unsigned i = 0; i < G_N_ELEMENTS(vertex) + G_N_ELEMENTS(fragment); i++) {
        gboolean vs = i < G_N_ELEMENTS(vertex);
        unsigned semantic = vs ? vertex[i] : fragment[i - G_N_ELEMENTS(vertex)];
        g_autofree char *extra = g_strdup_printf("DCL SV[3], %s\n",
                                                 shader_semantic_names[semantic]);

        add(samples, vs ? SHADER_VERTEX : SHADER_FRAGMENT, shader_semantic_names[semantic], extra,
            "U2F TEMP[0], SV[3].xxxx\n");
    }
}

static void add_fragment_flow(GPtrArray *samples)
{
    add(samples, SHADER_FRAGMENT, "subroutines", "",
        "KILL_IF TEMP[1].xyzz\nKILL_IF -TEMP[1].xxxx\nIF TEMP[1].xxxx\nKILL\nENDIF\n");
    {
        struct tgsi_sample *s = g_new0(struct tgsi_sample, 1);

        s->stage = SHADER_FRAGMENT;
        s->name = g_strdup("FRAG calls");
        s->text = g_strdup("FRAG\nDCL OUT[0], COLOR\nDCL TEMP[0]\nIMM[0] FLT32 {1, 0.5, 2, 3}\n"
                           "0: CAL :3\n1: MOV OUT[0], TEMP[0]\n2: END\n3: BGNSUB\n"
                           "4: MOV TEMP[0], IMM[0]\n5: CAL :7\n6: ENDSUB\n7: BGNSUB\n"
                           "8: IF TEMP[0].xxxx\n9: RET\n10: ENDIF\n11: MOV TEMP[0].x, IMM[0].yyyy\n"
                           "12: ENDSUB\n");
        g_ptr_array_add(samples, s);
    }
}

static void sample_free(gpointer data)
{
    struct tgsi_sample *s = data;

    g_free(s->name);
    g_free(s->text);
    g_free(s);
}

GPtrArray *tgsi_generate(void)
{
    GPtrArray *samples = g_ptr_array_new_with_free_func(sample_free);

    for (unsigned stage = 0; stage < SHADER_STAGES; stage++) {
        for (unsigned op = 0; op < SHADER_OP_COUNT; op++) {
            if (!special_opcode(op))
                add_alu(samples, stage, op);
            if ((stage == SHADER_FRAGMENT || stage == SHADER_COMPUTE) &&
                (op == SHADER_OP_LOAD || op == SHADER_OP_STORE || op == SHADER_OP_RESQ ||
                 g_str_has_prefix(shader_opcode_names[op], "ATOM")))
                add_memory(samples, stage, op);
        }
        add_flow(samples, stage);
    }
    add_textures(samples, SHADER_FRAGMENT);
    add_textures(samples, SHADER_VERTEX);
    add_separate_sampling(samples);
    add_semantics(samples);
    add_fragment_flow(samples);
    return samples;
}
