/* SPDX-License-Identifier: MIT */
#include "../scene_kit.h"

/* Two patches of four corners, bent by the evaluation shader so that the number of steps shows. The
 * left one has a control shader, the right one the default levels. */

static const char ctrl[] =
    "TESS_CTRL\n"
    "PROPERTY TCS_VERTICES_OUT 4\n"
    "DCL IN[][0], POSITION\n"
    "DCL SV[0], INVOCATIONID\n"
    "DCL OUT[][0], POSITION\n"
    "DCL OUT[1], TESSOUTER\n"
    "DCL OUT[2], TESSINNER\n"
    "DCL ADDR[0]\n"
    "IMM[0] FLT32 {0x40400000, 0x40800000, 0x40a00000, 0x40c00000}\n" /* 3 4 5 6 */
    "  0: UARL ADDR[0].x, SV[0].xxxx\n"
    "  1: MOV OUT[ADDR[0].x][0], IN[ADDR[0].x][0]\n"
    "  2: MOV OUT[1].x, IMM[0].xxxx\n"
    "  3: MOV OUT[1].y, IMM[0].yyyy\n"
    "  4: MOV OUT[1].z, IMM[0].zzzz\n"
    "  5: MOV OUT[1].w, IMM[0].wwww\n"
    "  6: MOV OUT[2].x, IMM[0].yyyy\n"
    "  7: MOV OUT[2].y, IMM[0].xxxx\n"
    "  8: END\n";

static const char eval[] =
    "TESS_EVAL\n"
    "PROPERTY TES_PRIM_MODE 7\n"
    "PROPERTY TES_SPACING 2\n"
    "PROPERTY TES_VERTEX_ORDER_CW 0\n"
    "PROPERTY TES_POINT_MODE 0\n"
    "DCL IN[][0], POSITION\n"
    "DCL SV[0], TESSCOORD\n"
    "DCL OUT[0], POSITION\n"
    "DCL OUT[1], GENERIC[0]\n"
    "DCL TEMP[0..2]\n"
    "IMM[0] FLT32 {0x3f000000, 0x3f800000, 0x3f4ccccd, 0x00000000}\n" /* 0.5 1 0.8 */
    "  0: LRP TEMP[0], SV[0].xxxx, IN[1][0], IN[0][0]\n"
    "  1: LRP TEMP[1], SV[0].xxxx, IN[2][0], IN[3][0]\n"
    "  2: LRP TEMP[0], SV[0].yyyy, TEMP[1], TEMP[0]\n"
    "  3: ADD TEMP[2].xy, IMM[0].yyyy, -SV[0].xyyy\n"
    "  4: MUL TEMP[2].xy, TEMP[2], SV[0].xyyy\n"
    "  5: MAD TEMP[0].y, TEMP[2].xxxx, IMM[0].zzzz, TEMP[0]\n"
    "  6: MAD TEMP[0].x, TEMP[2].yyyy, IMM[0].xxxx, TEMP[0]\n"
    "  7: MOV OUT[0], TEMP[0]\n"
    "  8: MOV TEMP[1].xy, SV[0].xyyy\n"
    "  9: MOV TEMP[1].zw, IMM[0].xxxy\n"
    " 10: MOV OUT[1], TEMP[1]\n"
    " 11: END\n";

static bool supported(const struct virgl_caps_v2 *caps)
{
    return caps->v1.bset & VIRGL_BSET_HAS_TESSELLATION_SHADERS;
}

static void draw_patch(struct scene *scene, unsigned patch)
{
    const struct virgl_cmd_draw_vbo draw = {
        .count = 4, .mode = VIRGL_PRIM_PATCHES, .vertices_per_patch = 4,
    };
    struct scene_vertex vertices[4];

    scene_patch_vertices(vertices, patch);
    scene_vertices(scene, vertices, 4);
    vgpu_draw(scene->context, &draw);
}

static void draw(struct scene *scene)
{
    static const float background[4] = {0.1f, 0, 0.1f, 1};
    static const float levels[6] = {
        SCENE_PATCH_DEFAULT_LEVEL, SCENE_PATCH_DEFAULT_LEVEL, SCENE_PATCH_DEFAULT_LEVEL,
        SCENE_PATCH_DEFAULT_LEVEL, SCENE_PATCH_DEFAULT_LEVEL, SCENE_PATCH_DEFAULT_LEVEL,
    };
    const struct virgl_cmd_set_tess_state tess_state = {.level = levels, .level_count = 6};
    struct vgpu_context *context = scene->context;

    vgpu_clear(context, VIRGL_CLEAR_COLOR0, background, 0, 0);
    scene_vertex_layout(scene);
    scene_shader(scene, VIRGL_SHADER_STAGE_VERTEX, scene_vert_plain);
    scene_shader(scene, VIRGL_SHADER_STAGE_TESS_CTRL, ctrl);
    scene_shader(scene, VIRGL_SHADER_STAGE_TESS_EVAL, eval);
    scene_shader(scene, VIRGL_SHADER_STAGE_FRAGMENT, scene_frag_color);
    draw_patch(scene, 0);
    vgpu_bind_shader(context, VIRGL_SHADER_STAGE_TESS_CTRL, 0);
    VGPU_ENCODE(context, virgl_encode_cmd_set_tess_state(&context->encoder, &tess_state));
    draw_patch(scene, 1);
}

const struct vgpu_scene scene_tessellation = {
    .name = "tessellation",
    .summary = "bent patches, with and without a control shader",
    .supported = supported,
    .needs = "tessellation shaders",
    .draw = draw,
};
