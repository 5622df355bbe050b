/* SPDX-License-Identifier: MIT */
#include "scene_kit.h"

#include <errno.h>

#define SCENE_SUB_CONTEXT 7

const char scene_vert_plain[] =
    "VERT\n"
    "DCL IN[0]\n"
    "DCL IN[1]\n"
    "DCL OUT[0], POSITION\n"
    "DCL OUT[1], GENERIC[0]\n"
    "  0: MOV OUT[0], IN[0]\n"
    "  1: MOV OUT[1], IN[1]\n"
    "  2: END\n";

const char scene_frag_color[] =
    "FRAG\n"
    "DCL IN[0], GENERIC[0], PERSPECTIVE\n"
    "DCL OUT[0], COLOR\n"
    "  0: MOV OUT[0], IN[0]\n"
    "  1: END\n";

const char scene_frag_texture_2d[] =
    "FRAG\n"
    "DCL IN[0], GENERIC[0], PERSPECTIVE\n"
    "DCL OUT[0], COLOR\n"
    "DCL SAMP[0]\n"
    "DCL SVIEW[0], 2D, FLOAT\n"
    "  0: TEX OUT[0], IN[0], SAMP[0], 2D\n"
    "  1: END\n";

struct vgpu_resource *scene_resource(struct scene *scene)
{
    if (scene->resource_count == SCENE_MAX_RESOURCES) {
        vgpu_context_fail(scene->context, -ENOMEM);
        return &scene->resources[SCENE_MAX_RESOURCES - 1];
    }
    return &scene->resources[scene->resource_count++];
}

struct vgpu_resource *scene_buffer(struct scene *scene, uint32_t bind, const void *data,
                                   uint32_t size_bytes)
{
    struct vgpu_resource *buffer = scene_resource(scene);

    vgpu_buffer_init(scene->context, buffer, bind, size_bytes);
    if (data)
        vgpu_write(scene->context, buffer, 0, NULL, data, 0, 0);
    return buffer;
}

uint32_t scene_depth_format(const struct virgl_caps_v2 *caps)
{
    return vgpu_can_sample(caps, VIRGL_FORMAT_Z24_UNORM_S8_UINT) ? VIRGL_FORMAT_Z24_UNORM_S8_UINT
                                                                 : VIRGL_FORMAT_S8_UINT_Z24_UNORM;
}

void scene_fill_layer(struct vgpu_resource *texture, uint32_t level, uint32_t layer,
                      const void *texels)
{
    void *memory = vgpu_texel(texture, level, 0, 0, layer);

    if (memory)
        memcpy(memory, texels, texture->layout.layer_stride_bytes[level]);
}

struct vgpu_resource *scene_texture(struct scene *scene, uint32_t format, uint32_t bind,
                                    uint32_t width_px, uint32_t height_px, const void *texels)
{
    struct vgpu_resource *texture = scene_resource(scene);

    vgpu_texture_init(scene->context, texture, format, bind, width_px, height_px);
    if (texels) {
        scene_fill_layer(texture, 0, 0, texels);
        vgpu_upload(scene->context, texture, 0, NULL);
    }
    return texture;
}

uint32_t scene_shader(struct scene *scene, uint32_t stage, const char *text)
{
    uint32_t handle = stage == VIRGL_SHADER_STAGE_COMPUTE
        ? vgpu_create_compute_shader(scene->context, text, 0)
        : vgpu_create_shader(scene->context, stage, text, NULL);

    vgpu_bind_shader(scene->context, stage, handle);
    return handle;
}

void scene_vertex_layout(struct scene *scene)
{
    static const struct virgl_vertex_elements_element elements[2] = {
        {.src_offset = offsetof(struct scene_vertex, position),
         .src_format = VIRGL_FORMAT_R32G32B32A32_FLOAT},
        {.src_offset = offsetof(struct scene_vertex, attribute),
         .src_format = VIRGL_FORMAT_R32G32B32A32_FLOAT},
    };

    vgpu_bind(scene->context, VIRGL_OBJECT_TYPE_VERTEX_ELEMENTS,
              vgpu_create_vertex_elements(scene->context, elements, 2));
}

struct vgpu_resource *scene_vertices(struct scene *scene, const struct scene_vertex *vertices,
                                     unsigned count)
{
    struct vgpu_resource *buffer = scene_buffer(scene, VIRGL_BIND_VERTEX_BUFFER, vertices,
                                                count * (uint32_t)sizeof(*vertices));
    const struct virgl_set_vertex_buffers_buffer binding = {
        .stride = sizeof(*vertices), .resource = buffer->id,
    };

    vgpu_set_vertex_buffers(scene->context, &binding, 1);
    return buffer;
}

void scene_draw_colored(struct scene *scene, uint32_t mode, const struct scene_vertex *vertices,
                        unsigned count)
{
    scene_vertex_layout(scene);
    scene_vertices(scene, vertices, count);
    scene_shader(scene, VIRGL_SHADER_STAGE_VERTEX, scene_vert_plain);
    scene_shader(scene, VIRGL_SHADER_STAGE_FRAGMENT, scene_frag_color);
    vgpu_draw_arrays(scene->context, mode, 0, count);
}

void scene_rect(struct scene *scene, float x_px, float y_px, float width_px, float height_px,
                const float color[4])
{
    struct scene_vertex vertices[4];

    scene_quad_vertices(vertices, x_px, y_px, width_px, height_px, 0, 0);
    for (unsigned i = 0; i < 4; i++)
        memcpy(vertices[i].attribute, color, sizeof(vertices[i].attribute));
    scene_draw_colored(scene, VIRGL_PRIM_TRIANGLE_STRIP, vertices, 4);
}

void scene_quad(struct scene *scene, float x_px, float y_px, float width_px, float height_px,
                float attribute_z, float attribute_w)
{
    struct scene_vertex vertices[4];

    scene_quad_vertices(vertices, x_px, y_px, width_px, height_px, attribute_z, attribute_w);
    scene_vertex_layout(scene);
    scene_vertices(scene, vertices, 4);
    vgpu_draw_arrays(scene->context, VIRGL_PRIM_TRIANGLE_STRIP, 0, 4);
}

void scene_bind_texture(struct scene *scene, unsigned slot, const struct vgpu_resource *texture,
                        const struct virgl_obj_sampler_state *sampler)
{
    const struct virgl_obj_sampler_view whole = vgpu_view_default(texture);
    uint32_t view = vgpu_create_view(scene->context, &whole);
    uint32_t state = vgpu_create_sampler(scene->context, sampler);

    vgpu_set_views(scene->context, VIRGL_SHADER_STAGE_FRAGMENT, slot, &view, 1);
    vgpu_bind_samplers(scene->context, VIRGL_SHADER_STAGE_FRAGMENT, slot, &state, 1);
}

void scene_bind_target(struct scene *scene, uint32_t depth_surface)
{
    vgpu_set_framebuffer(scene->context, &scene->target_surface, 1, depth_surface);
}

static void scene_begin(struct scene *scene, struct vgpu_context *context,
                        struct vgpu_resource *target)
{
    const struct virgl_obj_blend blend = vgpu_blend_default();
    const struct virgl_obj_dsa dsa = vgpu_dsa_default();
    const struct virgl_obj_rasterizer rasterizer = vgpu_rasterizer_default();

    memset(scene, 0, sizeof(*scene));
    scene->context = context;
    scene->target = target;
    vgpu_create_sub_context(context, SCENE_SUB_CONTEXT);
    vgpu_bind(context, VIRGL_OBJECT_TYPE_BLEND, vgpu_create_blend(context, &blend));
    vgpu_bind(context, VIRGL_OBJECT_TYPE_DSA, vgpu_create_dsa(context, &dsa));
    vgpu_bind(context, VIRGL_OBJECT_TYPE_RASTERIZER,
              vgpu_create_rasterizer(context, &rasterizer));
    scene->target_surface = vgpu_create_surface(context, target, 0, 0, 0);
    scene_bind_target(scene, 0);
    vgpu_set_viewport(context, 0, 0, VGPU_SCENE_WIDTH_PX, VGPU_SCENE_HEIGHT_PX);
    vgpu_set_sample_mask(context, UINT32_MAX);
}

static void scene_end(struct scene *scene)
{
    vgpu_set_sub_context(scene->context, 0);
    vgpu_destroy_sub_context(scene->context, SCENE_SUB_CONTEXT);
    for (unsigned i = scene->resource_count; i-- > 0;)
        vgpu_resource_finish(scene->context, &scene->resources[i]);
    vgpu_context_flush(scene->context);
}

extern const struct vgpu_scene scene_array, scene_blits, scene_clear, scene_compute, scene_cube,
    scene_cubemap, scene_cursor, scene_geometry, scene_mrt, scene_msaa, scene_queries,
    scene_states, scene_streamout, scene_tessellation, scene_texture3d, scene_triangle;

const struct vgpu_scene *const vgpu_scenes[] = {
    &scene_clear, &scene_triangle, &scene_cube, &scene_msaa, &scene_mrt, &scene_geometry,
    &scene_tessellation, &scene_compute, &scene_streamout, &scene_queries, &scene_cursor,
    &scene_blits, &scene_texture3d, &scene_array, &scene_cubemap,
    &scene_states,
};
const unsigned vgpu_scene_count = sizeof(vgpu_scenes) / sizeof(vgpu_scenes[0]);

const struct vgpu_scene *vgpu_scene_find(const char *name)
{
    for (unsigned i = 0; i < vgpu_scene_count; i++) {
        if (strcmp(vgpu_scenes[i]->name, name) == 0)
            return vgpu_scenes[i];
    }
    return NULL;
}

bool vgpu_scene_supported(const struct vgpu_scene *scene, const struct virgl_caps_v2 *caps)
{
    return !scene->supported || scene->supported(caps);
}

int vgpu_scene_draw(const struct vgpu_scene *description, struct vgpu_context *context,
                    struct vgpu_resource *target)
{
    struct scene scene;

    if (target->desc.width != VGPU_SCENE_WIDTH_PX || target->desc.height != VGPU_SCENE_HEIGHT_PX) {
        vgpu_context_fail(context, -EINVAL);
        return context->error;
    }
    scene_begin(&scene, context, target);
    description->draw(&scene);
    scene_end(&scene);
    return context->error;
}
