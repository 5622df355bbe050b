/* SPDX-License-Identifier: MIT */
#include "../scene_kit.h"

static const char frag_cube[] =
    "FRAG\n"
    "DCL IN[0], GENERIC[0], PERSPECTIVE\n"
    "DCL OUT[0], COLOR\n"
    "DCL SAMP[0]\n"
    "DCL SVIEW[0], CUBE, FLOAT\n"
    "  0: TEX OUT[0], IN[0], SAMP[0], CUBE\n"
    "  1: END\n";

static void draw(struct scene *scene)
{
    const struct vgpu_resource_desc desc = {
        .target = VIRGL_TEXTURE_TARGET_CUBE,
        .format = VIRGL_FORMAT_R8G8B8A8_UNORM,
        .bind = VIRGL_BIND_SAMPLER_VIEW,
        .width = SCENE_LAYER_PX,
        .height = SCENE_LAYER_PX,
        .depth = 1,
        .array_size = 6,
    };
    static const float background[4] = {0, 0, 0, 1};
    struct virgl_obj_sampler_state sampler = vgpu_sampler_default();
    uint8_t texels[SCENE_LAYER_PX * SCENE_LAYER_PX * 4];
    struct vgpu_resource *cube = scene_resource(scene);
    struct vgpu_context *context = scene->context;

    vgpu_resource_init(context, cube, &desc);
    for (uint32_t face = 0; face < 6; face++) {
        const struct vgpu_box box = {0, 0, face, SCENE_LAYER_PX, SCENE_LAYER_PX, 1};

        scene_checker(texels, SCENE_LAYER_PX, SCENE_LAYER_PX, face);
        scene_fill_layer(cube, 0, face, texels);
        vgpu_upload(context, cube, 0, &box);
    }
    sampler.seamless_cube_map = true;
    sampler.min_img_filter = sampler.mag_img_filter = VIRGL_TEX_FILTER_LINEAR;
    vgpu_clear(context, VIRGL_CLEAR_COLOR0, background, 0, 0);
    scene_shader(scene, VIRGL_SHADER_STAGE_VERTEX, scene_vert_plain);
    scene_shader(scene, VIRGL_SHADER_STAGE_FRAGMENT, frag_cube);
    scene_bind_texture(scene, 0, cube, &sampler);
    scene_vertex_layout(scene);
    for (unsigned face = 0; face < 6; face++) {
        struct scene_vertex vertices[4];

        scene_cubemap_cell(vertices, face);
        scene_vertices(scene, vertices, 4);
        vgpu_draw_arrays(context, VIRGL_PRIM_TRIANGLE_STRIP, 0, 4);
    }
}

const struct vgpu_scene scene_cubemap = {
    .name = "cubemap",
    .summary = "a cube map looked at face by face and over its edges",
    .draw = draw,
};
