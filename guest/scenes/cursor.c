/* SPDX-License-Identifier: MIT */
#include "../scene_kit.h"

/* A cursor image over a background the way a display engine shows it: premultiplied, with its hot
 * spot in the first texel. */

static void draw(struct scene *scene)
{
    const struct virgl_obj_sampler_state sampler = vgpu_sampler_default();
    struct virgl_obj_blend blend = vgpu_blend_default();
    uint8_t image[SCENE_CURSOR_PX * SCENE_CURSOR_PX * 4];
    struct vgpu_context *context = scene->context;

    scene_cursor_image(image);
    struct vgpu_resource *cursor = scene_texture(scene, VIRGL_FORMAT_R8G8B8A8_UNORM,
                                                 VIRGL_BIND_SAMPLER_VIEW | VIRGL_BIND_CURSOR,
                                                 SCENE_CURSOR_PX, SCENE_CURSOR_PX, image);

    scene_draw_colored(scene, VIRGL_PRIM_TRIANGLE_STRIP, scene_gradient_vertices, 4);
    blend.rt[0].blend_enable = true;
    blend.rt[0].rgb_src_factor = blend.rt[0].alpha_src_factor = VIRGL_BLEND_FACTOR_ONE;
    blend.rt[0].rgb_dst_factor = VIRGL_BLEND_FACTOR_INV_SRC_ALPHA;
    blend.rt[0].alpha_dst_factor = VIRGL_BLEND_FACTOR_INV_SRC_ALPHA;
    vgpu_bind(context, VIRGL_OBJECT_TYPE_BLEND, vgpu_create_blend(context, &blend));
    scene_shader(scene, VIRGL_SHADER_STAGE_FRAGMENT, scene_frag_texture_2d);
    scene_bind_texture(scene, 0, cursor, &sampler);
    for (unsigned i = 0; i < SCENE_CURSOR_COUNT; i++)
        scene_quad(scene, scene_cursor_positions[i][0], scene_cursor_positions[i][1],
                   SCENE_CURSOR_PX, SCENE_CURSOR_PX, 0, 1);
}

const struct vgpu_scene scene_cursor = {
    .name = "cursor",
    .summary = "a premultiplied cursor image blended over a gradient",
    .draw = draw,
};
