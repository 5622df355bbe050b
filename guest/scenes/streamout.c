/* SPDX-License-Identifier: MIT */
#include "../scene_kit.h"

/* Two draws with different constants are captured into two buffers, one behind the other; the
 * picture is then drawn from what was captured. */

#define CAPTURED_VERTICES (2 * SCENE_STREAM_VERTICES)

static const char vert_scale[] =
    "VERT\n"
    "DCL IN[0]\n"
    "DCL IN[1]\n"
    "DCL OUT[0], POSITION\n"
    "DCL OUT[1], GENERIC[0]\n"
    "DCL CONST[0]\n"
    "  0: MUL OUT[0], IN[0], CONST[0]\n"
    "  1: MOV OUT[1], IN[1]\n"
    "  2: END\n";

static bool supported(const struct virgl_caps_v2 *caps)
{
    return caps->v1.max_streamout_buffers >= 2;
}

static void capture(struct scene *scene, struct vgpu_resource *positions,
                    struct vgpu_resource *colors)
{
    static const struct virgl_shader_so_output outputs[2] = {
        {.register_index = 0, .num_components = 4, .output_buffer = 0},
        {.register_index = 1, .num_components = 3, .output_buffer = 1, .dst_offset = 1},
    };
    /* The colours lie behind a gap of one dword. */
    const struct vgpu_stream_output stream_output = {
        .outputs = outputs, .count = 2, .stride_dwords = {4, 4},
    };
    struct virgl_obj_rasterizer rasterizer = vgpu_rasterizer_default();
    struct vgpu_context *context = scene->context;
    const uint32_t targets[2] = {
        vgpu_create_streamout_target(context, positions, 0, positions->desc.width),
        vgpu_create_streamout_target(context, colors, 0, colors->desc.width),
    };

    rasterizer.rasterizer_discard = true;
    vgpu_bind(context, VIRGL_OBJECT_TYPE_RASTERIZER,
              vgpu_create_rasterizer(context, &rasterizer));
    scene_vertex_layout(scene);
    scene_vertices(scene, scene_stream_vertices, SCENE_STREAM_VERTICES);
    vgpu_bind_shader(context, VIRGL_SHADER_STAGE_VERTEX,
                     vgpu_create_shader(context, VIRGL_SHADER_STAGE_VERTEX, vert_scale,
                                        &stream_output));
    scene_shader(scene, VIRGL_SHADER_STAGE_FRAGMENT, scene_frag_color);
    vgpu_set_streamout(context, targets, 2, 0);
    for (unsigned i = 0; i < 2; i++) {
        vgpu_set_constants(context, VIRGL_SHADER_STAGE_VERTEX, scene_stream_scale[i], 4);
        vgpu_draw_arrays(context, VIRGL_PRIM_TRIANGLES, 0, SCENE_STREAM_VERTICES);
    }
    vgpu_set_streamout(context, NULL, 0, 0);
}

static void draw(struct scene *scene)
{
    static const float background[4] = {0.9f, 0.9f, 0.85f, 1};
    static const struct virgl_vertex_elements_element elements[2] = {
        {.src_format = VIRGL_FORMAT_R32G32B32A32_FLOAT},
        {.vertex_buffer_index = 1, .src_offset = 4, .src_format = VIRGL_FORMAT_R32G32B32_FLOAT},
    };
    const struct virgl_obj_rasterizer rasterizer = vgpu_rasterizer_default();
    /* One use alone: some hosts refuse buffers that name more. They serve all uses anyway. */
    const uint32_t bind = VIRGL_BIND_STREAM_OUTPUT;
    static const uint8_t zeros[CAPTURED_VERTICES * 16];
    struct vgpu_context *context = scene->context;
    struct vgpu_resource *positions = scene_buffer(scene, bind, zeros, sizeof(zeros));
    struct vgpu_resource *colors = scene_buffer(scene, bind, zeros, sizeof(zeros));
    const struct virgl_set_vertex_buffers_buffer buffers[2] = {
        {.stride = 16, .resource = positions->id}, {.stride = 16, .resource = colors->id},
    };

    vgpu_clear(context, VIRGL_CLEAR_COLOR0, background, 0, 0);
    capture(scene, positions, colors);
    vgpu_bind(context, VIRGL_OBJECT_TYPE_RASTERIZER,
              vgpu_create_rasterizer(context, &rasterizer));
    vgpu_bind(context, VIRGL_OBJECT_TYPE_VERTEX_ELEMENTS,
              vgpu_create_vertex_elements(context, elements, 2));
    vgpu_set_vertex_buffers(context, buffers, 2);
    scene_shader(scene, VIRGL_SHADER_STAGE_VERTEX, scene_vert_plain);
    vgpu_draw_arrays(context, VIRGL_PRIM_TRIANGLES, 0, CAPTURED_VERTICES);
}

const struct vgpu_scene scene_streamout = {
    .name = "streamout",
    .summary = "vertices captured into two buffers and drawn from there",
    .supported = supported,
    .needs = "stream output with two buffers",
    .draw = draw,
};
