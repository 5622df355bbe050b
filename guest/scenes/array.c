/* SPDX-License-Identifier: MIT */
#include "../scene_kit.h"

/* A 2D array texture: layers uploaded alone, one rendered to, one copied from another. */

static const char frag_array[] =
    "FRAG\n"
    "DCL IN[0], GENERIC[0], PERSPECTIVE\n"
    "DCL OUT[0], COLOR\n"
    "DCL SAMP[0]\n"
    "DCL SVIEW[0], 2D_ARRAY, FLOAT\n"
    "  0: TEX OUT[0], IN[0], SAMP[0], 2D_ARRAY\n"
    "  1: END\n";

static bool supported(const struct virgl_caps_v2 *caps)
{
    return caps->v1.max_texture_array_layers >= SCENE_LAYERS;
}

static void draw(struct scene *scene)
{
    const struct vgpu_resource_desc desc = {
        .target = VIRGL_TEXTURE_TARGET_2D_ARRAY,
        .format = VIRGL_FORMAT_R8G8B8A8_UNORM,
        .bind = VIRGL_BIND_SAMPLER_VIEW | VIRGL_BIND_RENDER_TARGET,
        .width = SCENE_LAYER_PX,
        .height = SCENE_LAYER_PX,
        .depth = 1,
        .array_size = SCENE_LAYERS,
    };
    static const float background[4] = {1, 1, 1, 1}, layer_color[4] = {0.2f, 0.9f, 0.3f, 1};
    static const uint32_t last_layer[3] = {0, 0, SCENE_LAYERS - 1};
    const struct vgpu_box first_layer = {0, 0, 0, SCENE_LAYER_PX, SCENE_LAYER_PX, 1};
    const struct virgl_obj_sampler_state sampler = vgpu_sampler_default();
    uint8_t texels[SCENE_LAYER_PX * SCENE_LAYER_PX * 4];
    struct vgpu_resource *array = scene_resource(scene);
    struct vgpu_context *context = scene->context;

    vgpu_resource_init(context, array, &desc);
    for (uint32_t layer = 0; layer < SCENE_LAYERS; layer++) {
        const struct vgpu_box box = {0, 0, layer, SCENE_LAYER_PX, SCENE_LAYER_PX, 1};

        scene_checker(texels, SCENE_LAYER_PX, SCENE_LAYER_PX, layer);
        scene_fill_layer(array, 0, layer, texels);
        vgpu_upload(context, array, 0, &box);
    }
    uint32_t surface = vgpu_create_surface(context, array, 0, 2, 2);

    vgpu_set_framebuffer(context, &surface, 1, 0);
    vgpu_clear(context, VIRGL_CLEAR_COLOR0, layer_color, 0, 0);
    vgpu_copy(context, array, 0, last_layer, array, 0, &first_layer);

    scene_bind_target(scene, 0);
    vgpu_clear(context, VIRGL_CLEAR_COLOR0, background, 0, 0);
    scene_shader(scene, VIRGL_SHADER_STAGE_VERTEX, scene_vert_plain);
    scene_shader(scene, VIRGL_SHADER_STAGE_FRAGMENT, frag_array);
    scene_bind_texture(scene, 0, array, &sampler);
    for (unsigned i = 0; i < SCENE_LAYERS; i++)
        scene_quad(scene, 4 + 84.0f * (float)(i % 3), 40 + 92.0f * (float)(i / 3), 80, 80,
                   (float)i, 1);
}

const struct vgpu_scene scene_array = {
    .name = "array",
    .summary = "an array texture whose layers are uploaded, rendered and copied",
    .supported = supported,
    .needs = "array textures",
    .draw = draw,
};
