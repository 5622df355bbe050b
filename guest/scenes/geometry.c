/* SPDX-License-Identifier: MIT */
#include "../scene_kit.h"

/* A geometry shader makes a square of every point. */

static const char geom[] =
    "GEOM\n"
    "PROPERTY GS_INPUT_PRIMITIVE POINTS\n"
    "PROPERTY GS_OUTPUT_PRIMITIVE TRIANGLE_STRIP\n"
    "PROPERTY GS_MAX_OUTPUT_VERTICES 4\n"
    "PROPERTY GS_INVOCATIONS 1\n"
    "DCL IN[][0], POSITION\n"
    "DCL IN[][1], GENERIC[0]\n"
    "DCL OUT[0], POSITION\n"
    "DCL OUT[1], GENERIC[0]\n"
    "DCL TEMP[0..1]\n"
    "IMM[0] FLT32 {0xbf800000, 0x3f800000, 0x3f000000, 0x00000000}\n"
    "IMM[1] UINT32 {0, 0, 0, 0}\n"
    "  0: MOV TEMP[0], IN[0][0]\n"
    "  1: MUL TEMP[1].xyz, IN[0][1], IMM[0].zzzz\n"
    "  2: MOV TEMP[1].w, IMM[0].yyyy\n"
    "  3: MAD TEMP[0].xy, IN[0][1].wwww, IMM[0].xxxx, IN[0][0]\n"
    "  4: MOV OUT[0], TEMP[0]\n"
    "  5: MOV OUT[1], TEMP[1]\n"
    "  6: EMIT IMM[1].xxxx\n"
    "  7: MAD TEMP[0].xy, IN[0][1].wwww, IMM[0].yxxx, IN[0][0]\n"
    "  8: MOV OUT[0], TEMP[0]\n"
    "  9: MOV OUT[1], TEMP[1]\n"
    " 10: EMIT IMM[1].xxxx\n"
    " 11: MOV TEMP[1].xyz, IN[0][1]\n"
    " 12: MAD TEMP[0].xy, IN[0][1].wwww, IMM[0].xyyy, IN[0][0]\n"
    " 13: MOV OUT[0], TEMP[0]\n"
    " 14: MOV OUT[1], TEMP[1]\n"
    " 15: EMIT IMM[1].xxxx\n"
    " 16: MAD TEMP[0].xy, IN[0][1].wwww, IMM[0].yyyy, IN[0][0]\n"
    " 17: MOV OUT[0], TEMP[0]\n"
    " 18: MOV OUT[1], TEMP[1]\n"
    " 19: EMIT IMM[1].xxxx\n"
    " 20: ENDPRIM IMM[1].xxxx\n"
    " 21: END\n";

static bool supported(const struct virgl_caps_v2 *caps)
{
    return caps->v1.glsl_level >= 150;
}

static void draw(struct scene *scene)
{
    static const float background[4] = {0.05f, 0.05f, 0.05f, 1};
    struct scene_vertex vertices[SCENE_GRID * SCENE_GRID];

    vgpu_clear(scene->context, VIRGL_CLEAR_COLOR0, background, 0, 0);
    scene_grid_points(vertices);
    scene_shader(scene, VIRGL_SHADER_STAGE_GEOMETRY, geom);
    scene_draw_colored(scene, VIRGL_PRIM_POINTS, vertices, SCENE_GRID * SCENE_GRID);
}

const struct vgpu_scene scene_geometry = {
    .name = "geometry",
    .summary = "a geometry shader that turns points into squares",
    .supported = supported,
    .needs = "geometry shaders",
    .draw = draw,
};
