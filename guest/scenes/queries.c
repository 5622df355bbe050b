/* SPDX-License-Identifier: MIT */
#include "../scene_kit.h"

/* What queries count shows as the length of bars: samples, primitives, captured primitives, a
 * predicate and time. Two squares at the bottom depend on render conditions. */

#define HIDDEN_PX 64
#define BAR_HEIGHT_PX 24

enum { SAMPLES, GENERATED, EMITTED, NOTHING_PASSED, EARLIER, LATER, QUERIES };

struct queries {
    uint32_t handle[QUERIES];
    struct vgpu_resource *result[QUERIES];
};

static bool supported(const struct virgl_caps_v2 *caps)
{
    return (caps->v1.bset & VIRGL_BSET_OCCLUSION_QUERY) &&
        (caps->v1.bset & VIRGL_BSET_CONDITIONAL_RENDER) && caps->v1.max_streamout_buffers >= 1;
}

static void count_primitives(struct scene *scene, const struct queries *queries)
{
    static const struct virgl_shader_so_output output = {.num_components = 4};
    const struct vgpu_stream_output stream_output = {
        .outputs = &output, .count = 1, .stride_dwords = {4},
    };
    struct vgpu_context *context = scene->context;
    struct vgpu_resource *captured = scene_buffer(scene, VIRGL_BIND_STREAM_OUTPUT, NULL, 1024);
    uint32_t target = vgpu_create_streamout_target(context, captured, 0, 1024);
    struct scene_vertex points[SCENE_GRID * SCENE_GRID];

    scene_grid_points(points);
    vgpu_begin_query(context, queries->handle[GENERATED]);
    scene_draw_colored(scene, VIRGL_PRIM_POINTS, points, SCENE_GRID * SCENE_GRID);
    vgpu_end_query(context, queries->handle[GENERATED]);

    vgpu_bind_shader(context, VIRGL_SHADER_STAGE_VERTEX,
                     vgpu_create_shader(context, VIRGL_SHADER_STAGE_VERTEX, scene_vert_plain,
                                        &stream_output));
    vgpu_set_streamout(context, &target, 1, 0);
    vgpu_begin_query(context, queries->handle[EMITTED]);
    vgpu_draw_arrays(context, VIRGL_PRIM_TRIANGLES, 0, 21);
    vgpu_end_query(context, queries->handle[EMITTED]);
    vgpu_set_streamout(context, NULL, 0, 0);
}

/* Everything that is counted goes to a target that nobody sees. */
static void count(struct scene *scene, const struct queries *queries)
{
    static const float color[4] = {1, 1, 1, 1};
    struct vgpu_context *context = scene->context;
    struct vgpu_resource *hidden = scene_texture(scene, VIRGL_FORMAT_R8G8B8A8_UNORM,
                                                 VIRGL_BIND_RENDER_TARGET, HIDDEN_PX, HIDDEN_PX,
                                                 NULL);
    uint32_t surface = vgpu_create_surface(context, hidden, 0, 0, 0);
    struct virgl_obj_rasterizer rasterizer = vgpu_rasterizer_default();

    vgpu_set_framebuffer(context, &surface, 1, 0);
    vgpu_end_query(context, queries->handle[EARLIER]);
    vgpu_begin_query(context, queries->handle[SAMPLES]);
    scene_rect(scene, 8, 8, 40, 45, color);
    vgpu_end_query(context, queries->handle[SAMPLES]);
    count_primitives(scene, queries);

    vgpu_set_scissor(context, 0, 0, 0, 0);
    rasterizer.scissor = true;
    vgpu_bind(context, VIRGL_OBJECT_TYPE_RASTERIZER,
              vgpu_create_rasterizer(context, &rasterizer));
    vgpu_begin_query(context, queries->handle[NOTHING_PASSED]);
    scene_rect(scene, 8, 8, 40, 40, color);
    vgpu_end_query(context, queries->handle[NOTHING_PASSED]);
    rasterizer.scissor = false;
    vgpu_bind(context, VIRGL_OBJECT_TYPE_RASTERIZER,
              vgpu_create_rasterizer(context, &rasterizer));
    vgpu_end_query(context, queries->handle[LATER]);
    scene_bind_target(scene, 0);
}

static void bar(struct scene *scene, unsigned row, uint64_t length_px)
{
    static const float color[4] = {0.3f, 0.8f, 0.5f, 1};

    if (length_px > 0)
        scene_rect(scene, 10, 10 + 34.0f * (float)row,
                   length_px < 236 ? (float)length_px : 236, BAR_HEIGHT_PX, color);
}

static void draw(struct scene *scene)
{
    static const uint32_t types[QUERIES] = {
        [SAMPLES] = VIRGL_QUERY_TYPE_OCCLUSION_COUNTER,
        [GENERATED] = VIRGL_QUERY_TYPE_PRIMITIVES_GENERATED,
        [EMITTED] = VIRGL_QUERY_TYPE_PRIMITIVES_EMITTED,
        [NOTHING_PASSED] = VIRGL_QUERY_TYPE_OCCLUSION_PREDICATE,
        [EARLIER] = VIRGL_QUERY_TYPE_TIMESTAMP,
        [LATER] = VIRGL_QUERY_TYPE_TIMESTAMP,
    };
    static const float background[4] = {0.12f, 0.12f, 0.12f, 1}, red[4] = {0.9f, 0.1f, 0.1f, 1},
                       blue[4] = {0.2f, 0.3f, 1, 1};
    struct vgpu_context *context = scene->context;
    struct queries queries;
    uint64_t value[QUERIES];

    vgpu_clear(context, VIRGL_CLEAR_COLOR0, background, 0, 0);
    for (unsigned i = 0; i < QUERIES; i++) {
        queries.result[i] = scene_buffer(scene, VIRGL_BIND_CUSTOM, NULL, 16);
        queries.handle[i] = vgpu_create_query(context, types[i], 0, queries.result[i]);
    }
    count(scene, &queries);
    for (unsigned i = 0; i < QUERIES; i++)
        value[i] = vgpu_query_result(context, queries.handle[i], queries.result[i]);
    bar(scene, 0, value[SAMPLES] / 10);
    bar(scene, 1, value[GENERATED] * 8);
    bar(scene, 2, value[EMITTED] * 20);
    bar(scene, 3, value[NOTHING_PASSED] ? 200 : 20);
    bar(scene, 4, value[EARLIER] > 0 && value[LATER] >= value[EARLIER] ? 100 : 0);

    vgpu_set_render_condition(context, queries.handle[NOTHING_PASSED], false);
    scene_rect(scene, 20, 190, 100, 50, red);
    vgpu_set_render_condition(context, 0, false);
    vgpu_set_render_condition(context, queries.handle[SAMPLES], false);
    scene_rect(scene, 136, 190, 100, 50, blue);
    vgpu_set_render_condition(context, 0, false);
}

const struct vgpu_scene scene_queries = {
    .name = "queries",
    .summary = "counters, predicates, timestamps and conditional rendering as a bar chart",
    .supported = supported,
    .needs = "occlusion queries, conditional rendering and stream output",
    .draw = draw,
};
