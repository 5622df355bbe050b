/* SPDX-License-Identifier: MIT */
#include "../scene_kit.h"

/* Slices through a volume, straight and slanted, filtered in three dimensions. */

static const char frag_3d[] =
    "FRAG\n"
    "DCL IN[0], GENERIC[0], PERSPECTIVE\n"
    "DCL OUT[0], COLOR\n"
    "DCL SAMP[0]\n"
    "DCL SVIEW[0], 3D, FLOAT\n"
    "  0: TEX OUT[0], IN[0], SAMP[0], 3D\n"
    "  1: END\n";

static void draw(struct scene *scene)
{
    const struct vgpu_resource_desc desc = {
        .target = VIRGL_TEXTURE_TARGET_3D,
        .format = VIRGL_FORMAT_R8G8B8A8_UNORM,
        .bind = VIRGL_BIND_SAMPLER_VIEW,
        .width = SCENE_VOLUME_PX,
        .height = SCENE_VOLUME_PX,
        .depth = SCENE_VOLUME_PX,
        .array_size = 1,
    };
    static const float background[4] = {0, 0, 0, 1};
    struct virgl_obj_sampler_state sampler = vgpu_sampler_default();
    struct vgpu_resource *volume = scene_resource(scene);
    struct vgpu_context *context = scene->context;
    struct scene_vertex slanted[4];

    vgpu_resource_init(context, volume, &desc);
    if (volume->memory)
        scene_volume(volume->memory);
    vgpu_upload(context, volume, 0, NULL);
    sampler.min_img_filter = sampler.mag_img_filter = VIRGL_TEX_FILTER_LINEAR;

    vgpu_clear(context, VIRGL_CLEAR_COLOR0, background, 0, 0);
    scene_shader(scene, VIRGL_SHADER_STAGE_VERTEX, scene_vert_plain);
    scene_shader(scene, VIRGL_SHADER_STAGE_FRAGMENT, frag_3d);
    scene_bind_texture(scene, 0, volume, &sampler);
    for (unsigned i = 0; i < 3; i++)
        scene_quad(scene, 4 + 84.0f * (float)i, 4, 80, 80, 0.2f + 0.25f * (float)i, 1);
    scene_quad_vertices(slanted, 8, 96, 240, 152, 0, 1);
    slanted[1].attribute[2] = slanted[2].attribute[2] = 0.5f;
    slanted[3].attribute[2] = 1;
    scene_vertices(scene, slanted, 4);
    vgpu_draw_arrays(context, VIRGL_PRIM_TRIANGLE_STRIP, 0, 4);
}

const struct vgpu_scene scene_texture3d = {
    .name = "texture3d",
    .summary = "slices of a 3D texture",
    .draw = draw,
};
