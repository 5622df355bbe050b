/* SPDX-License-Identifier: MIT */
#include "../scene_kit.h"

/* One cell of the picture for each piece of fixed-function state, with everything else as usual. */

static const char frag_uniform[] =
    "FRAG\n"
    "DCL IN[0], GENERIC[0], PERSPECTIVE\n"
    "DCL OUT[0], COLOR\n"
    "DCL CONST[1][0..1]\n"
    "  0: MUL OUT[0], IN[0], CONST[1][1]\n"
    "  1: END\n";

static const char frag_white[] =
    "FRAG\n"
    "DCL OUT[0], COLOR\n"
    "IMM[0] FLT32 {0x3f800000, 0x3f800000, 0x3f800000, 0x3f800000}\n"
    "  0: MOV OUT[0], IMM[0]\n"
    "  1: END\n";

/* Each instance is smaller than the one before and further to the right. */
static const char vert_instances[] =
    "VERT\n"
    "DCL IN[0]\n"
    "DCL IN[1]\n"
    "DCL SV[0], INSTANCEID\n"
    "DCL OUT[0], POSITION\n"
    "DCL OUT[1], GENERIC[0]\n"
    "DCL TEMP[0..1]\n"
    "IMM[0] FLT32 {0x3e800000, 0x3f000000, 0x3f800000, 0x00000000}\n" /* 0.25 0.5 1 */
    "  0: U2F TEMP[0].x, SV[0].xxxx\n"
    "  1: MAD TEMP[0].y, TEMP[0].xxxx, -IMM[0].xxxx, IMM[0].zzzz\n"
    "  2: MOV TEMP[1], IN[0]\n"
    "  3: MUL TEMP[1].xy, IN[0].xyyy, TEMP[0].yyyy\n"
    "  4: MAD TEMP[1].x, TEMP[0].xxxx, IMM[0].xxxx, TEMP[1].xxxx\n"
    "  5: MOV OUT[0], TEMP[1]\n"
    "  6: MUL OUT[1], IN[1], TEMP[0].yyyy\n"
    "  7: END\n";

static const char vert_color[] =
    "VERT\n"
    "DCL IN[0]\n"
    "DCL IN[1]\n"
    "DCL OUT[0], POSITION\n"
    "DCL OUT[1], COLOR\n"
    "  0: MOV OUT[0], IN[0]\n"
    "  1: MOV OUT[1], IN[1]\n"
    "  2: END\n";

static const char frag_color_varying[] =
    "FRAG\n"
    "DCL IN[0], COLOR, COLOR\n"
    "DCL OUT[0], COLOR\n"
    "  0: MOV OUT[0], IN[0]\n"
    "  1: END\n";

static bool supported(const struct virgl_caps_v2 *caps)
{
    return !(caps->capability_bits & VIRGL_CAP_HOST_IS_GLES);
}

static void begin_cell(struct scene *scene, unsigned cell)
{
    vgpu_set_viewport(scene->context, (float)(SCENE_CELL_PX * (cell % 4)),
                      (float)(SCENE_CELL_PX * (cell / 4)), SCENE_CELL_PX, SCENE_CELL_PX);
}

static void bind_blend(struct scene *scene, const struct virgl_obj_blend *blend)
{
    vgpu_bind(scene->context, VIRGL_OBJECT_TYPE_BLEND, vgpu_create_blend(scene->context, blend));
}

static void bind_dsa(struct scene *scene, const struct virgl_obj_dsa *dsa)
{
    vgpu_bind(scene->context, VIRGL_OBJECT_TYPE_DSA, vgpu_create_dsa(scene->context, dsa));
}

static void bind_rasterizer(struct scene *scene, const struct virgl_obj_rasterizer *rasterizer)
{
    vgpu_bind(scene->context, VIRGL_OBJECT_TYPE_RASTERIZER,
              vgpu_create_rasterizer(scene->context, rasterizer));
}

static void draw_cell(struct scene *scene)
{
    vgpu_draw_arrays(scene->context, VIRGL_PRIM_TRIANGLE_STRIP, 0, 4);
}

/* Cells 0 to 3: scissor, polygon stipple, a clip plane, outlines. */
static void rasterizer_cells(struct scene *scene)
{
    const struct virgl_obj_rasterizer usual = vgpu_rasterizer_default();
    struct vgpu_context *context = scene->context;
    struct virgl_obj_rasterizer rasterizer = usual;
    uint32_t pattern[32];
    float planes[8][4] = {{SCENE_CLIP_PLANE}};
    const struct virgl_cmd_set_polygon_stipple stipple = {.row = pattern, .row_count = 32};
    const struct virgl_cmd_set_clip_state clip = {.plane = (const void *)planes, .plane_count = 8};

    begin_cell(scene, 0);
    rasterizer.scissor = true;
    vgpu_set_scissor(context, 16, 20, 32, 24);
    bind_rasterizer(scene, &rasterizer);
    draw_cell(scene);

    for (unsigned i = 0; i < 32; i++)
        pattern[i] = scene_stipple_row(i);
    VGPU_ENCODE(context, virgl_encode_cmd_set_polygon_stipple(&context->encoder, &stipple));
    begin_cell(scene, 1);
    rasterizer = usual;
    rasterizer.poly_stipple_enable = true;
    bind_rasterizer(scene, &rasterizer);
    draw_cell(scene);

    VGPU_ENCODE(context, virgl_encode_cmd_set_clip_state(&context->encoder, &clip));
    begin_cell(scene, 2);
    rasterizer = usual;
    rasterizer.clip_plane_enable = 1;
    bind_rasterizer(scene, &rasterizer);
    draw_cell(scene);

    begin_cell(scene, 3);
    rasterizer = usual;
    rasterizer.fill_front = rasterizer.fill_back = VIRGL_POLYGON_MODE_LINE;
    bind_rasterizer(scene, &rasterizer);
    draw_cell(scene);
    bind_rasterizer(scene, &usual);
}

/* Cells 4 to 7: stencil, depth, alpha test, depth and stencil cleared differently. */
static void test_cells(struct scene *scene)
{
    const struct virgl_obj_dsa usual = vgpu_dsa_default();
    static const float any[4] = {0, 0, 0, 0};
    struct vgpu_context *context = scene->context;
    struct virgl_obj_dsa dsa = usual;

    /* The left half of the square leaves 5 in the stencil, the rest shows. */
    begin_cell(scene, 4);
    dsa.stencil0_enabled = true;
    dsa.stencil0_func = VIRGL_COMPARE_FUNC_ALWAYS;
    dsa.stencil0_zpass_op = VIRGL_STENCIL_OP_REPLACE;
    dsa.stencil0_valuemask = dsa.stencil0_writemask = 0xff;
    vgpu_set_stencil_ref(context, 5, 5);
    bind_dsa(scene, &dsa);
    vgpu_draw_arrays(context, VIRGL_PRIM_TRIANGLES, 0, 3);
    dsa.stencil0_func = VIRGL_COMPARE_FUNC_NOTEQUAL;
    dsa.stencil0_zpass_op = VIRGL_STENCIL_OP_KEEP;
    bind_dsa(scene, &dsa);
    scene_shader(scene, VIRGL_SHADER_STAGE_FRAGMENT, frag_white);
    draw_cell(scene);
    scene_shader(scene, VIRGL_SHADER_STAGE_FRAGMENT, scene_frag_color);

    /* A square at depth 0.5 hides all but what is nearer. */
    begin_cell(scene, 5);
    dsa = usual;
    dsa.depth_enabled = dsa.depth_writemask = true;
    dsa.depth_func = VIRGL_COMPARE_FUNC_LESS;
    bind_dsa(scene, &dsa);
    draw_cell(scene);
    vgpu_draw_arrays(context, VIRGL_PRIM_TRIANGLES, 4, 3);

    begin_cell(scene, 6);
    dsa = usual;
    dsa.alpha_enabled = true;
    dsa.alpha_func = VIRGL_COMPARE_FUNC_GREATER;
    dsa.alpha_ref = SCENE_ALPHA_REFERENCE;
    bind_dsa(scene, &dsa);
    draw_cell(scene);

    vgpu_clear(context, VIRGL_CLEAR_DEPTH | VIRGL_CLEAR_STENCIL, any, 0.25, 3);
    begin_cell(scene, 7);
    dsa = usual;
    dsa.stencil0_enabled = true;
    dsa.stencil0_func = VIRGL_COMPARE_FUNC_EQUAL;
    dsa.stencil0_valuemask = 0xff;
    dsa.depth_enabled = true;
    dsa.depth_func = VIRGL_COMPARE_FUNC_GREATER;
    vgpu_set_stencil_ref(context, 3, 3);
    bind_dsa(scene, &dsa);
    draw_cell(scene);
    bind_dsa(scene, &usual);
}

/* Cells 8 to 11: a constant colour, a logic operation, a write mask, the smaller of two colours. */
static void blend_cells(struct scene *scene)
{
    const struct virgl_obj_blend usual = vgpu_blend_default();
    static const float constant[4] = {0.25f, 0.75f, 0.5f, 1};
    struct virgl_obj_blend blend = usual;

    begin_cell(scene, 8);
    blend.rt[0].blend_enable = true;
    blend.rt[0].rgb_src_factor = VIRGL_BLEND_FACTOR_CONST_COLOR;
    blend.rt[0].rgb_dst_factor = VIRGL_BLEND_FACTOR_INV_CONST_COLOR;
    blend.rt[0].alpha_src_factor = VIRGL_BLEND_FACTOR_ZERO;
    blend.rt[0].alpha_dst_factor = VIRGL_BLEND_FACTOR_ONE;
    vgpu_set_blend_color(scene->context, constant);
    bind_blend(scene, &blend);
    draw_cell(scene);

    begin_cell(scene, 9);
    blend = usual;
    blend.logicop_enable = true;
    blend.logicop_func = VIRGL_LOGICOP_INVERT;
    blend.rt[0].colormask &= ~(uint32_t)VIRGL_COLOR_MASK_A;
    bind_blend(scene, &blend);
    draw_cell(scene);

    begin_cell(scene, 10);
    blend = usual;
    blend.rt[0].colormask = VIRGL_COLOR_MASK_G;
    bind_blend(scene, &blend);
    draw_cell(scene);

    begin_cell(scene, 11);
    blend = usual;
    blend.rt[0].blend_enable = true;
    blend.rt[0].rgb_func = VIRGL_BLEND_FUNC_MIN;
    blend.rt[0].alpha_func = VIRGL_BLEND_FUNC_MAX;
    blend.rt[0].rgb_src_factor = blend.rt[0].rgb_dst_factor = VIRGL_BLEND_FACTOR_ONE;
    blend.rt[0].alpha_src_factor = blend.rt[0].alpha_dst_factor = VIRGL_BLEND_FACTOR_ONE;
    bind_blend(scene, &blend);
    draw_cell(scene);
    bind_blend(scene, &usual);
}

/* Cells 12 to 15: flat colours, a uniform buffer, instances, an indirect draw. */
static void source_cells(struct scene *scene)
{
    static const float block[8] = {9, 9, 9, 9, 0.5f, 1, 0.25f, 1};
    static const uint32_t arguments[5] = {4, 1, 0, 0, 0};
    struct virgl_obj_rasterizer rasterizer = vgpu_rasterizer_default();
    struct vgpu_context *context = scene->context;
    struct vgpu_resource *uniforms = scene_buffer(scene, VIRGL_BIND_CONSTANT_BUFFER, block,
                                                  sizeof(block));

    begin_cell(scene, 12);
    rasterizer.flatshade = true;
    rasterizer.flatshade_first = true;
    bind_rasterizer(scene, &rasterizer);
    scene_shader(scene, VIRGL_SHADER_STAGE_VERTEX, vert_color);
    scene_shader(scene, VIRGL_SHADER_STAGE_FRAGMENT, frag_color_varying);
    draw_cell(scene);
    rasterizer.flatshade = rasterizer.flatshade_first = false;
    bind_rasterizer(scene, &rasterizer);
    scene_shader(scene, VIRGL_SHADER_STAGE_VERTEX, scene_vert_plain);

    begin_cell(scene, 13);
    vgpu_set_uniform_buffer(context, VIRGL_SHADER_STAGE_FRAGMENT, 1, uniforms, 0, sizeof(block));
    scene_shader(scene, VIRGL_SHADER_STAGE_FRAGMENT, frag_uniform);
    draw_cell(scene);
    scene_shader(scene, VIRGL_SHADER_STAGE_FRAGMENT, scene_frag_color);

    begin_cell(scene, 14);
    scene_shader(scene, VIRGL_SHADER_STAGE_VERTEX, vert_instances);
    const struct virgl_cmd_draw_vbo instances = {
        .count = 4, .mode = VIRGL_PRIM_TRIANGLE_STRIP, .instance_count = 3,
    };

    vgpu_draw(context, &instances);
    scene_shader(scene, VIRGL_SHADER_STAGE_VERTEX, scene_vert_plain);

    begin_cell(scene, 15);
    struct vgpu_resource *indirect = scene_buffer(
        scene, context->caps.capability_bits & VIRGL_CAP_BIND_COMMAND_ARGS
            ? VIRGL_BIND_COMMAND_ARGS : VIRGL_BIND_VERTEX_BUFFER, arguments, sizeof(arguments));
    const struct virgl_cmd_draw_vbo from_buffer = {
        .mode = VIRGL_PRIM_TRIANGLE_STRIP,
        .indirect_buffer = indirect->id,
        .indirect_draw_count = 1,
    };

    if (context->caps.v1.bset & VIRGL_BSET_HAS_INDIRECT_DRAW)
        vgpu_draw(context, &from_buffer);
    else
        draw_cell(scene);
}

static void draw(struct scene *scene)
{
    static const float background[4] = {0.35f, 0.4f, 0.45f, 1};
    struct vgpu_context *context = scene->context;
    struct vgpu_resource *depth = scene_texture(scene, scene_depth_format(&context->caps),
                                                VIRGL_BIND_DEPTH_STENCIL, VGPU_SCENE_WIDTH_PX,
                                                VGPU_SCENE_HEIGHT_PX, NULL);

    scene_bind_target(scene, vgpu_create_surface(context, depth, 0, 0, 0));
    vgpu_clear(context, VIRGL_CLEAR_COLOR0 | VIRGL_CLEAR_DEPTH | VIRGL_CLEAR_STENCIL, background,
               1, 0);
    scene_vertex_layout(scene);
    scene_vertices(scene, scene_cell_vertices, SCENE_CELL_VERTICES);
    scene_shader(scene, VIRGL_SHADER_STAGE_VERTEX, scene_vert_plain);
    scene_shader(scene, VIRGL_SHADER_STAGE_FRAGMENT, scene_frag_color);
    rasterizer_cells(scene);
    test_cells(scene);
    blend_cells(scene);
    source_cells(scene);
    scene_bind_target(scene, 0);
}

const struct vgpu_scene scene_states = {
    .name = "states",
    .summary = "a cell each for tests, blending, rasterizer state and kinds of draws",
    .supported = supported,
    .needs = "desktop GL on the host",
    .draw = draw,
};
