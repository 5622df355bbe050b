/* SPDX-License-Identifier: MIT */
#include "../scene_kit.h"

#define SAMPLES 4

static bool supported(const struct virgl_caps_v2 *caps)
{
    return vgpu_can_multisample(caps, VIRGL_FORMAT_R8G8B8A8_UNORM, SAMPLES);
}

static void draw(struct scene *scene)
{
    static const float background[4] = {0, 0.1f, 0.2f, 1};
    const struct vgpu_resource_desc desc = {
        .target = VIRGL_TEXTURE_TARGET_2D,
        .format = scene->target->desc.format,
        .bind = VIRGL_BIND_RENDER_TARGET,
        .width = VGPU_SCENE_WIDTH_PX,
        .height = VGPU_SCENE_HEIGHT_PX,
        .depth = 1,
        .array_size = 1,
        .samples = SAMPLES,
    };
    struct virgl_obj_rasterizer rasterizer = vgpu_rasterizer_default();
    struct scene_vertex vertices[3 * SCENE_FAN_TRIANGLES];
    struct vgpu_context *context = scene->context;
    struct vgpu_resource *color = scene_resource(scene);

    vgpu_resource_init(context, color, &desc);
    uint32_t surface = vgpu_create_surface(context, color, 0, 0, 0);

    rasterizer.multisample = true;
    vgpu_bind(context, VIRGL_OBJECT_TYPE_RASTERIZER,
              vgpu_create_rasterizer(context, &rasterizer));
    vgpu_set_framebuffer(context, &surface, 1, 0);
    vgpu_clear(context, VIRGL_CLEAR_COLOR0, background, 0, 0);
    scene_fan_vertices(vertices);
    scene_draw_colored(scene, VIRGL_PRIM_TRIANGLES, vertices, 3 * SCENE_FAN_TRIANGLES);
    scene_bind_target(scene, 0);

    const struct virgl_cmd_blit resolve = {
        .mask = VIRGL_BLIT_MASK_R | VIRGL_BLIT_MASK_G | VIRGL_BLIT_MASK_B | VIRGL_BLIT_MASK_A,
        .dst_resource = scene->target->id,
        .dst_format = scene->target->desc.format,
        .dst_width = VGPU_SCENE_WIDTH_PX,
        .dst_height = VGPU_SCENE_HEIGHT_PX,
        .dst_depth = 1,
        .src_resource = color->id,
        .src_format = color->desc.format,
        .src_width = VGPU_SCENE_WIDTH_PX,
        .src_height = VGPU_SCENE_HEIGHT_PX,
        .src_depth = 1,
    };

    vgpu_blit(context, &resolve);
}

const struct vgpu_scene scene_msaa = {
    .name = "msaa",
    .summary = "four samples per pixel, resolved by a blit",
    .supported = supported,
    .needs = "render targets with 4 samples",
    .draw = draw,
};
