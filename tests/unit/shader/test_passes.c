/* SPDX-License-Identifier: MIT */
/*
 * Each pass: the same shader with and without it. `has` lines are in the text with the key only,
 * `lacks` lines without it only. Also interface matching, stream output, and failing allocations.
 */
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "shader.h"

static bool everything(void *opaque, const char *name)
{
    return true;
}

static bool nothing(void *opaque, const char *name)
{
    return false;
}

static struct shader_ir *parse(const char *text, const struct shader_stream_output *so)
{
    static const char *const headers[] = {"VERT", "FRAG", "GEOM", "TESS_CTRL", "TESS_EVAL",
                                          "COMP"};
    struct shader_error err;
    struct shader_ir *ir = NULL;

    for (unsigned i = 0; i < SHADER_STAGES; i++) {
        if (g_str_has_prefix(text, headers[i]))
            ir = shader_parse(text, strlen(text), i, so, 0, &err);
    }
    if (!ir)
        g_error("line %u: %s\n%s", err.line, err.message, text);
    return ir;
}

static char *translate(const char *text, const struct shader_key *key, bool gles,
                       unsigned version)
{
    struct shader_ir *ir = parse(text, NULL);
    struct shader_error err;
    struct shader_host host;
    struct shader_glsl glsl;
    char *result;

    shader_host_init(&host, gles, version, everything, NULL);
    if (shader_emit(ir, key, &host, &glsl, &err) < 0)
        result = g_strdup_printf("error: %s", err.message);
    else
        result = g_strdup(glsl.text);
    if (!g_str_has_prefix(result, "error"))
        shader_glsl_finish(&glsl);
    shader_ir_destroy(ir);
    return result;
}

#define FS \
    "FRAG\nDCL IN[0], COLOR, COLOR\nDCL IN[1], GENERIC[3], PERSPECTIVE\nDCL OUT[0], COLOR\n" \
    "DCL TEMP[0]\nADD OUT[0], IN[0], IN[1]\nEND\n"
#define FS_ALL "FRAG\nPROPERTY FS_COLOR0_WRITES_ALL_CBUFS 1\nDCL IN[0], GENERIC[0]\n" \
               "DCL OUT[0], COLOR\nMOV OUT[0], IN[0]\nEND\n"
#define FS_TWO "FRAG\nDCL IN[0], GENERIC[0]\nDCL OUT[0], COLOR\nDCL OUT[1], COLOR[1]\n" \
               "MOV OUT[0], IN[0]\nMOV OUT[1], IN[0]\nEND\n"
#define FS_COORD "FRAG\nPROPERTY FS_COORD_ORIGIN LOWER_LEFT\nDCL IN[0], POSITION, LINEAR\n" \
                 "DCL OUT[0], COLOR\nMOV OUT[0], IN[0]\nEND\n"
#define FS_PCOORD "FRAG\nDCL IN[0], PCOORD\nDCL IN[1], TEXCOORD[2], PERSPECTIVE\n" \
                  "DCL OUT[0], COLOR\nADD OUT[0], IN[0], IN[1]\nEND\n"
#define FS_BUFFER "FRAG\nDCL OUT[0], COLOR\nDCL SAMP[2]\nDCL SVIEW[2], BUFFER, UINT\n" \
                  "DCL TEMP[0]\nIMM[0] UINT32 {0, 0, 0, 0}\n" \
                  "TXF OUT[0], IMM[0], SAMP[2], BUFFER\nEND\n"
#define FS_SHADOW "FRAG\nDCL IN[0], GENERIC[0]\nDCL OUT[0], COLOR\nDCL SAMP[0]\n" \
                  "DCL SVIEW[0], SHADOW2D, FLOAT\nTEX OUT[0], IN[0], SAMP[0], SHADOW2D\nEND\n"
#define FS_RECT "FRAG\nDCL IN[0], GENERIC[0]\nDCL OUT[0], COLOR\nDCL SAMP[0]\n" \
                "DCL SVIEW[0], RECT, FLOAT\nTXP OUT[0], IN[0], SAMP[0], RECT\nEND\n"
#define VS "VERT\nDCL IN[0]\nDCL IN[1]\nDCL OUT[0], POSITION\nDCL OUT[1], COLOR\n" \
           "MOV OUT[0], IN[0]\nMOV OUT[1], IN[1]\nEND\n"
#define VS_CLIPVERTEX "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\nDCL OUT[1], CLIPVERTEX\n" \
                      "MOV OUT[0], IN[0]\nMOV OUT[1], IN[0].wzyx\nEND\n"
#define VS_CLIPDIST "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\nDCL OUT[1], CLIPDIST\n" \
                    "MOV OUT[0], IN[0]\nMOV OUT[1], IN[0]\nEND\n"
#define VS_PROHIBIT "VERT\nPROPERTY VS_PROHIBIT_UCPS 1\nDCL IN[0]\nDCL OUT[0], POSITION\n" \
                    "MOV OUT[0], IN[0]\nEND\n"

#define KEY(name, assignments)                      \
    static void name(struct shader_key *key)        \
    {                                               \
        assignments;                                \
    }
KEY(set_nothing, (void)key)
KEY(alpha_greater, key->alpha_func = SHADER_FUNC_GREATER)
KEY(alpha_lequal, key->alpha_func = SHADER_FUNC_LEQUAL)
KEY(alpha_notequal, key->alpha_func = SHADER_FUNC_NOTEQUAL)
KEY(alpha_never, key->alpha_func = SHADER_FUNC_NEVER)
KEY(alpha_integer, key->alpha_func = SHADER_FUNC_NEVER; key->cbufs[0].type = SHADER_CBUF_INT)
KEY(stipple, key->poly_stipple = 1)
KEY(two_sided, key->two_sided = 1)
KEY(two_sided_missing, key->two_sided = 1; shader_slots_set(&key->missing, SHADER_SLOT_BCOLOR0))
KEY(flat, key->flatshade = 1)
KEY(missing, shader_slots_set(&key->missing, 3))
KEY(after_geometry, key->prev_stage = SHADER_GEOMETRY)
KEY(sprite_generic, key->sprite_coord_enable = 1u << 3)
KEY(sprite_texcoord, key->sprite_coord_enable = 1u << 2; key->point_coord_invert = 1)
KEY(separable, key->separable = 1)
KEY(int_buffer, key->cbufs[0].type = SHADER_CBUF_INT)
KEY(uint_buffer, key->cbufs[0].type = SHADER_CBUF_UINT)
KEY(no_buffer, key->num_cbufs = 0)
KEY(two_buffers, key->num_cbufs = 2)
KEY(three_buffers, key->num_cbufs = 3; key->cbufs[1].type = SHADER_CBUF_NONE;
    key->cbufs[2].swap_rb = 1)
KEY(dual, key->dual_source = 1; key->num_cbufs = 1)
KEY(alpha_red, key->cbufs[0].alpha_in_red = 1)
KEY(swap, key->cbufs[0].swap_rb = 1)
KEY(srgb, key->cbufs[0].srgb_encode = 1)
KEY(clamped, key->cbufs[0].clamp = 1)
KEY(logic_xor, key->cbufs[0].logic_bits = 8; key->logic_op = 6)
KEY(y0_top, key->target_y0_top = 1)
KEY(buffer_swizzle, key->swizzled_samplers = 4;
    key->sampler_swizzle[2] = 2 | 1 << 3 | 0 << 6 | 5 << 9)
KEY(shadow_swizzle, key->swizzled_samplers = 1;
    key->sampler_swizzle[0] = 0 | 0 << 3 | 4 << 6 | 5 << 9)
KEY(clamped_s, key->clamped_samplers[0] = 1)
KEY(clamped_t, key->clamped_samplers[1] = 1)
KEY(clip2, key->ucp_enable = 5)
KEY(not_last, key->last_vertex_stage = 0)
KEY(sized, key->point_size = 1)
KEY(int_attribute, key->attribute_int = 2)
KEY(uint_attribute, key->attribute_uint = 1)
KEY(bgra_attribute, key->attribute_bgra = 2)
KEY(vertex_clamp, key->clamp_vertex_color = 1)
KEY(next_flat, shader_slots_set(&key->next_flat, SHADER_SLOT_COLOR0))

static const struct {
    const char *name, *text;
    void (*set)(struct shader_key *key);
    bool gles;
    unsigned version;
    const char *has[4], *lacks[3]; /* with the key; `lacks` must be there without it */
} rows[] = {
    {"alpha-greater", FS, alpha_greater, false, 45,
     {"t1.x = (aux.alpha_ref < fs_color0.w ? 0xffffffffu : 0u);", "discard"}, {NULL}},
    {"alpha-lequal", FS, alpha_lequal, false, 45,
     {"(aux.alpha_ref >= fs_color0.w ? 0xffffffffu : 0u)", "t1.x = ~t1.x"}, {NULL}},
    {"alpha-notequal", FS, alpha_notequal, true, 32,
     {"(fs_color0.w != aux.alpha_ref ? 0xffffffffu : 0u)"}, {NULL}},
    {"alpha-never", FS, alpha_never, false, 45, {"    discard;\n"}, {NULL}},
    {"alpha-integer", FS, alpha_integer, false, 45, {"out ivec4 fs_color0"}, {"out vec4"}},
    {"stipple", FS, stipple, false, 45,
     {"aux.stipple[p.y >> 2u][p.y & 3u] >> (31u - p.x) & 1u) == 0u) discard"}, {NULL}},
    {"two-sided", FS, two_sided, false, 45,
     {"in vec4 vs_c0;", "in vec4 vs_bc0;", "i0 = (gl_FrontFacing ? vs_c0 : vs_bc0);"}, {NULL}},
    {"two-sided-missing", FS, two_sided_missing, false, 45,
     {"(gl_FrontFacing ? vs_c0 : vec4(0.0, 0.0, 0.0, 1.0))"}, {NULL}},
    {"flat", FS, flat, false, 45, {"\nflat in vec4 vs_c0;"}, {"\nin vec4 vs_c0;"}},
    {"missing", FS, missing, false, 45, {"i1 = vec4(0.0, 0.0, 0.0, 1.0);"}, {"in vec4 vs_g3;"}},
    {"after-geometry", FS, after_geometry, false, 45, {"in vec4 gs_g3;"}, {"vs_g3"}},
    {"sprite-generic", FS, sprite_generic, false, 45, {"i1 = vec4(gl_PointCoord, 0.0, 1.0);"},
     {"vs_g3"}},
    {"sprite-texcoord", FS_PCOORD, sprite_texcoord, true, 31,
     {"i0 = vec4(gl_PointCoord.x, 1.0 - gl_PointCoord.y, 0.0, 1.0);",
      "i1 = vec4(gl_PointCoord.x, 1.0 - gl_PointCoord.y, 0.0, 1.0);"}, {"vs_t2"}},
    {"separable-fragment", FS, separable, false, 45,
     {"layout(location = 3) in vec4 vs_g3;", "layout(location = 27) in vec4 vs_c0;"}, {NULL}},
    {"separable-vertex", VS, separable, false, 45,
     {"layout(location = 27) out vec4 vs_c0;", "out gl_PerVertex { vec4 gl_Position; "}, {NULL}},
    {"int-buffer", FS, int_buffer, false, 45, {"out ivec4 fs_color0;", "floatBitsToInt("},
     {"out vec4"}},
    {"uint-buffer", FS, uint_buffer, true, 30, {"out uvec4 fs_color0;", "floatBitsToUint("},
     {"out vec4"}},
    {"no-buffer", FS, no_buffer, false, 45, {"\nvec4 fs_color0 = vec4(0.0);"}, {"out vec4"}},
    {"all-buffers", FS_ALL, two_buffers, false, 45,
     {"layout(location = 1) out vec4 fs_color1;", "fs_color1 = fs_color0;"}, {NULL}},
    {"all-buffers-differ", FS_ALL, three_buffers, false, 45,
     {"fs_color2 = fs_color0;", "fs_color2.xyz = fs_color2.zyx;"}, {NULL}},
    {"dual-source", FS_TWO, dual, false, 45,
     {"layout(location = 0, index = 0) out vec4 fs_color0;",
      "layout(location = 0, index = 1) out vec4 fs_color1;"}, {NULL}},
    {"alpha-in-red", FS, alpha_red, false, 45, {"fs_color0.x = fs_color0.w;"}, {NULL}},
    {"swap", FS, swap, true, 32, {"fs_color0.xyz = fs_color0.zyx;"}, {NULL}},
    {"srgb", FS, srgb, true, 32, {"pow(", "1.055", "12.92"}, {NULL}},
    {"clamp", FS, clamped, false, 45, {"fs_color0 = clamp(fs_color0, 0.0, 1.0);"}, {NULL}},
    {"logic", FS, logic_xor, true, 32, {"inout vec4 fs_color0;", "fs_fetched0 = fs_color0;",
      "GL_EXT_shader_framebuffer_fetch"}, {NULL}},
    {"origin", FS_COORD, y0_top, false, 45, {"i0 = gl_FragCoord;"}, {"origin_upper_left"}},
    {"origin-gles", FS_COORD, y0_top, true, 32, {"i0 = gl_FragCoord;"},
     {"aux.fb_height_px - gl_FragCoord.y"}},
    {"buffer-swizzle", FS_BUFFER, buffer_swizzle, false, 45,
     {"uvec4(texel.z, texel.y, texel.x, 1u)"}, {NULL}},
    {"shadow-swizzle", FS_SHADOW, shadow_swizzle, false, 45,
     {"vec4(texel.x, texel.x, 0.0, 1.0)"}, {NULL}},
    {"wrap-clamp", FS_SHADOW, clamped_s, false, 45,
     {"vec3(clamp(vs_g0.x, 0.0, 1.0), vs_g0.y, vs_g0.z)"}, {NULL}},
    {"wrap-clamp-rect", FS_RECT, clamped_t, false, 45,
     {"vs_g0.x / vs_g0.w, clamp(vs_g0.y / vs_g0.w, 0.0, float(textureSize(fs_samp0).y))"}, {NULL}},
    {"clip-position", VS, clip2, false, 45,
     {"o80.x = dot(o0, aux.clip_planes[0]);", "gl_ClipDistance[2] = o80.z;"}, {NULL}},
    {"clip-vertex", VS_CLIPVERTEX, clip2, false, 45, {"dot(vs_clipvertex, aux.clip_planes[2])"},
     {NULL}},
    {"clip-own", VS_CLIPDIST, clip2, false, 45, {"gl_ClipDistance[3] = o1.w;"}, {NULL}},
    {"clip-prohibited", VS_PROHIBIT, clip2, false, 45, {"gl_Position"}, {NULL}},
    {"not-last", VS, not_last, false, 45, {"gl_Position = o0;"}, {"aux.y_flip"}},
    {"point-size", VS, sized, true, 32, {"gl_PointSize = o80.x;", "o80.x = aux.point_size;"},
     {NULL}},
    {"int-attribute", VS, int_attribute, false, 45, {"in ivec4 in1;", "intBitsToFloat(in1)"},
     {"in vec4 in1;"}},
    {"uint-attribute", VS, uint_attribute, true, 30, {"in uvec4 in0;"}, {"in vec4 in0;"}},
    {"bgra-attribute", VS, bgra_attribute, true, 30, {"i1 = in1.zyxw;"}, {NULL}},
    {"vertex-clamp", VS, vertex_clamp, false, 45, {"vs_c0 = clamp(vs_c0, 0.0, 1.0);"}, {NULL}},
    {"producer-flat", VS, next_flat, false, 33, {"flat out vec4 vs_c0;"}, {"\nout vec4 vs_c0;"}},
};

static void test_pass(gconstpointer data)
{
    unsigned r = GPOINTER_TO_UINT(data);
    struct shader_key key;
    g_autofree char *plain = NULL, *changed = NULL;

    shader_key_init(&key);
    set_nothing(&key);
    plain = translate(rows[r].text, &key, rows[r].gles, rows[r].version);
    rows[r].set(&key);
    changed = translate(rows[r].text, &key, rows[r].gles, rows[r].version);
    for (unsigned i = 0; i < 4 && rows[r].has[i]; i++) {
        if (!strstr(changed, rows[r].has[i])) {
            g_test_message("no '%s' in\n%s", rows[r].has[i], changed);
            g_test_fail();
        }
    }
    for (unsigned i = 0; i < 3 && rows[r].lacks[i]; i++) {
        if (strstr(changed, rows[r].lacks[i]) || !strstr(plain, rows[r].lacks[i])) {
            g_test_message("'%s' must be in the first alone:\n%s\n%s", rows[r].lacks[i], plain,
                           changed);
            g_test_fail();
        }
    }
    if (g_str_has_suffix(rows[r].name, "prohibited") || g_str_has_suffix(rows[r].name, "own"))
        g_assert_cmpstr(plain, ==, changed);
}

static void test_link(void)
{
    static const char fs[] =
        "FRAG\nDCL IN[0], GENERIC[1], CONSTANT\nDCL IN[1], GENERIC[2], LINEAR\n"
        "DCL IN[2], COLOR, COLOR\nDCL IN[3], GENERIC[9]\nDCL OUT[0], COLOR\nDCL TEMP[0]\n"
        "ADD TEMP[0], IN[0], IN[1]\nADD OUT[0], TEMP[0], IN[2]\nEND\n";
    static const char vs[] =
        "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\nDCL OUT[1..2], GENERIC[1]\nDCL OUT[3], COLOR\n"
        "MOV OUT[0], IN[0]\nMOV OUT[1], IN[0]\nMOV OUT[2], IN[0]\nMOV OUT[3], IN[0]\nEND\n";
    struct shader_ir *f = parse(fs, NULL), *v = parse(vs, NULL);
    struct shader_key vkey, fkey;
    struct shader_host new_host, old_host;

    shader_host_init(&new_host, false, 45, everything, NULL);
    shader_host_init(&old_host, false, 33, nothing, NULL);
    shader_key_init(&fkey);
    shader_key_init(&vkey);
    fkey.two_sided = 1;
    fkey.flatshade = 1;
    shader_key_link(&fkey, shader_info(f), shader_info(v), NULL, NULL, &new_host);
    /* GENERIC 9 is declared but not read; the back colour is wanted and not written. */
    g_assert_cmphex(fkey.missing.bits[0], ==, 0);
    g_assert_true(shader_slots_test(&fkey.missing, SHADER_SLOT_BCOLOR0));
    shader_key_link(&vkey, shader_info(v), NULL, shader_info(f), &fkey, &new_host);
    g_assert_cmphex(vkey.next_flat.bits[0] | vkey.next_flat.bits[1], ==, 0);
    g_assert_cmpuint(vkey.last_vertex_stage, ==, 1);
    shader_key_link(&vkey, shader_info(v), NULL, shader_info(f), &fkey, &old_host);
    g_assert_cmphex(vkey.next_flat.bits[0], ==, 2);
    g_assert_true(shader_slots_test(&vkey.next_flat, SHADER_SLOT_COLOR0));
    g_assert_cmphex(vkey.next_noperspective.bits[0], ==, 4);
    shader_ir_destroy(f);
    shader_ir_destroy(v);
}

static void check_varyings(const struct shader_stream_output *so, bool gles,
                           const char *expected, const char *in_text)
{
    static const char vs[] =
        "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\nDCL OUT[1], GENERIC[0]\nDCL OUT[2], GENERIC[5]\n"
        "MOV OUT[0], IN[0]\nMOV OUT[1], IN[0]\nMOV OUT[2], IN[0]\nEND\n";
    struct shader_ir *ir = parse(vs, so);
    GString *names = g_string_new(NULL);
    struct shader_error err;
    struct shader_host host;
    struct shader_glsl glsl;
    struct shader_key key;

    shader_host_init(&host, gles, gles ? 32 : 45, everything, NULL);
    shader_key_init(&key);
    if (shader_emit(ir, &key, &host, &glsl, &err) < 0) {
        g_assert_cmpstr(err.message, ==, expected);
    } else {
        for (uint32_t i = 0; i < glsl.num_varyings; i++)
            g_string_append_printf(names, "%s%s", i ? " " : "", glsl.varyings[i]);
        g_assert_cmpstr(names->str, ==, expected);
        g_assert_nonnull(strstr(glsl.text, in_text));
        g_assert_cmpint(glsl.varyings_separate, ==, gles && so->num_outputs == 2);
        shader_glsl_finish(&glsl);
        /* Not the last stage: nothing is captured. */
        key.last_vertex_stage = 0;
        g_assert_cmpint(shader_emit(ir, &key, &host, &glsl, &err), ==, 0);
        g_assert_cmpuint(glsl.num_varyings, ==, 0);
        shader_glsl_finish(&glsl);
    }
    g_string_free(names, TRUE);
    shader_ir_destroy(ir);
}

static void test_stream_output(void)
{
    struct shader_stream_output so = {
        .num_outputs = 3, .stride_dwords = {12, 0, 7},
        .outputs = {
            {.register_index = 2, .num_components = 4, .buffer = 2, .dst_offset_dwords = 2},
            {.register_index = 0, .num_components = 3, .buffer = 0},
            {.register_index = 1, .start_component = 1, .num_components = 2, .buffer = 0,
             .dst_offset_dwords = 9},
        },
    };
    struct shader_stream_output pair = {
        .num_outputs = 2, .stride_dwords = {4, 4},
        .outputs = {{.register_index = 1, .num_components = 4},
                    {.register_index = 0, .num_components = 4, .buffer = 1}},
    };

    check_varyings(&so, false,
                   "so1 gl_SkipComponents4 gl_SkipComponents2 so2 gl_SkipComponents1 "
                   "gl_NextBuffer gl_NextBuffer gl_SkipComponents2 vs_g5 gl_SkipComponents1",
                   "so2 = vs_g0.yz;");
    check_varyings(&pair, false, "vs_g0 gl_NextBuffer so1", "so1 = o0;");
    check_varyings(&pair, true, "vs_g0 so1", "so1 = o0;");
    check_varyings(&so, true,
                   "stream output to several buffers with several values each", "");
    so.outputs[2].dst_offset_dwords = 2;
    check_varyings(&so, false, "stream output 1 overlaps or lies too far away", "");
}

static void test_passthrough(void)
{
    struct shader_ir *v = parse("VERT\nDCL IN[0]\nDCL OUT[0], POSITION\nDCL OUT[1..3], GENERIC[4]\n"
                                "MOV OUT[0], IN[0]\nMOV OUT[1], IN[0]\nEND\n", NULL);
    struct shader_ir *t = parse("TESS_EVAL\nPROPERTY TES_PRIM_MODE 4\nDCL IN[][0], POSITION\n"
                                "DCL IN[][1], GENERIC[5]\nDCL OUT[0], POSITION\n"
                                "ADD OUT[0], IN[0][0], IN[1][1]\nEND\n", NULL);
    struct shader_error err;
    struct shader_host host;
    struct shader_glsl glsl;
    struct shader_key key;

    shader_host_init(&host, false, 45, everything, NULL);
    g_assert_cmpint(shader_emit_passthrough_tcs(shader_info(v), shader_info(t), 3, false, &host,
                                                &glsl, &err), ==, 0);
    g_assert_nonnull(strstr(glsl.text, "layout(vertices = 3) out;"));
    g_assert_nonnull(strstr(glsl.text, "tc_g5[gl_InvocationID] = vs_g5[gl_InvocationID];"));
    g_assert_null(strstr(glsl.text, "vs_g4"));
    g_assert_nonnull(strstr(glsl.text, "gl_TessLevelInner[1] = aux.tess_inner.y;"));
    shader_glsl_finish(&glsl);
    g_assert_cmpint(shader_emit_passthrough_tcs(shader_info(v), shader_info(t), 33, false, &host,
                                                &glsl, &err), <, 0);
    shader_key_init(&key);
    shader_key_link(&key, shader_info(t), shader_info(v), NULL, NULL, &host);
    g_assert_cmpuint(key.prev_stage, ==, SHADER_TESS_CTRL);
    shader_ir_destroy(v);
    shader_ir_destroy(t);
}

static void test_separable(void)
{
    struct shader_ir *low = parse("VERT\nDCL OUT[0], GENERIC[18]\nNOP\nEND\n", NULL);
    struct shader_ir *high = parse("VERT\nDCL OUT[0], GENERIC[19]\nNOP\nEND\n", NULL);
    struct shader_host host;

    shader_host_init(&host, false, 45, everything, NULL);
    g_assert_true(shader_separable(shader_info(low), &host));
    g_assert_false(shader_separable(shader_info(high), &host));
    shader_host_init(&host, false, 31, nothing, NULL);
    g_assert_false(shader_separable(shader_info(low), &host));
    shader_ir_destroy(low);
    shader_ir_destroy(high);
}

static void test_host(void)
{
    struct shader_host host;

    shader_host_init(&host, false, 31, nothing, NULL);
    g_assert_cmpuint(host.glsl_version, ==, 140);
    g_assert_false(host.features & SHADER_HOST(GPU_SHADER5));
    shader_host_init(&host, false, 31, everything, NULL);
    g_assert_false(host.features & SHADER_HOST(TESSELLATION)); /* needs GLSL 1.50 */
    shader_host_init(&host, false, 40, nothing, NULL);
    g_assert_cmpuint(host.glsl_version, ==, 400);
    g_assert_true(host.features & SHADER_HOST(TESSELLATION));
    g_assert_false(host.features & SHADER_HOST(SSBO));
    shader_host_init(&host, true, 30, everything, NULL);
    g_assert_cmpuint(host.glsl_version, ==, 300);
    g_assert_false(host.features & SHADER_HOST(FP64));
    shader_host_init(&host, true, 32, nothing, NULL);
    g_assert_true(host.features & SHADER_HOST(GEOMETRY));
    g_assert_false(host.features & SHADER_HOST(GEOMETRY_POINT_SIZE));
}

/* Allocations: the n-th one fails, for every n. Linked with --wrap. */
static unsigned fail_at, allocations;

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *p, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *p, size_t bytes);

static bool fails(void)
{
    return fail_at && ++allocations == fail_at;
}

void *__wrap_malloc(size_t bytes)
{
    return fails() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    return fails() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *p, size_t bytes)
{
    return fails() ? NULL : __real_realloc(p, bytes);
}

static void test_no_memory(void)
{
    unsigned failures = 0;
    bool done = false;

    for (unsigned n = 1; n < 500 && !done; n++) {
        struct shader_error err = {0};
        struct shader_glsl glsl = {0};
        struct shader_host host;
        struct shader_key key;
        struct shader_ir *ir;
        int rc = -1;

        shader_host_init(&host, true, 32, everything, NULL);
        shader_key_init(&key);
        key.cbufs[0].srgb_encode = 1;
        key.alpha_func = SHADER_FUNC_LESS;
        allocations = 0;
        fail_at = n;
        ir = shader_parse(FS, strlen(FS), SHADER_FRAGMENT, NULL, 0, &err);
        if (ir)
            rc = shader_emit(ir, &key, &host, &glsl, &err);
        done = allocations < n;
        fail_at = 0;
        if (done) {
            g_assert_cmpint(rc, ==, 0);
        } else {
            failures++;
            g_assert_cmpint(rc, <, 0);
            g_assert_nonnull(strstr(err.message, "out of memory"));
            g_assert_null(glsl.text);
        }
        shader_glsl_finish(&glsl);
        shader_ir_destroy(ir);
    }
    g_assert_true(done);
    g_assert_cmpuint(failures, >, 5);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/shader/pass/%s", rows[i].name);

        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_pass);
    }
    g_test_add_func("/shader/link", test_link);
    g_test_add_func("/shader/stream-output", test_stream_output);
    g_test_add_func("/shader/passthrough", test_passthrough);
    g_test_add_func("/shader/separable", test_separable);
    g_test_add_func("/shader/host", test_host);
    g_test_add_func("/shader/no-memory", test_no_memory);
    return g_test_run();
}
