/* SPDX-License-Identifier: MIT */
#include "../scene_kit.h"

/* One picture blitted in many ways: unchanged, scaled with both filters, mirrored, with masked
 * channels, inside a scissor, and from another format. */

#define ALL_CHANNELS                                                                               \
    (VIRGL_BLIT_MASK_R | VIRGL_BLIT_MASK_G | VIRGL_BLIT_MASK_B | VIRGL_BLIT_MASK_A)

static struct virgl_cmd_blit blit_of(const struct scene *scene, const struct vgpu_resource *source,
                                     int32_t x_px, int32_t y_px, int32_t width_px,
                                     int32_t height_px)
{
    return (struct virgl_cmd_blit){
        .mask = ALL_CHANNELS,
        .dst_resource = scene->target->id,
        .dst_format = scene->target->desc.format,
        .dst_x = x_px,
        .dst_y = y_px,
        .dst_width = width_px,
        .dst_height = height_px,
        .dst_depth = 1,
        .src_resource = source->id,
        .src_format = source->desc.format,
        .src_width = SCENE_BLIT_PX,
        .src_height = SCENE_BLIT_PX,
        .src_depth = 1,
    };
}

static void draw(struct scene *scene)
{
    static const float background[4] = {0.5f, 0.5f, 0.5f, 1};
    uint8_t texels[SCENE_BLIT_PX * SCENE_BLIT_PX * 4];
    const uint32_t bind = VIRGL_BIND_SAMPLER_VIEW | VIRGL_BIND_RENDER_TARGET;
    struct vgpu_context *context = scene->context;
    struct virgl_cmd_blit blit;

    scene_checker(texels, SCENE_BLIT_PX, SCENE_BLIT_PX, 3);
    struct vgpu_resource *rgba = scene_texture(scene, VIRGL_FORMAT_R8G8B8A8_UNORM, bind,
                                               SCENE_BLIT_PX, SCENE_BLIT_PX, texels);
    struct vgpu_resource *bgra = scene_texture(scene, VIRGL_FORMAT_B8G8R8A8_UNORM, bind,
                                               SCENE_BLIT_PX, SCENE_BLIT_PX, texels);

    vgpu_clear(context, VIRGL_CLEAR_COLOR0, background, 0, 0);
    blit = blit_of(scene, rgba, 4, 4, SCENE_BLIT_PX, SCENE_BLIT_PX);
    vgpu_blit(context, &blit);
    blit = blit_of(scene, rgba, 76, 4, 112, 96);
    vgpu_blit(context, &blit);
    blit = blit_of(scene, rgba, 4, 108, 120, 72);
    blit.filter = VIRGL_TEX_FILTER_LINEAR;
    vgpu_blit(context, &blit);
    /* Mirrored both ways. */
    blit = blit_of(scene, rgba, 132, 108, 56, 72);
    blit.src_x = blit.src_y = SCENE_BLIT_PX;
    blit.src_width = blit.src_height = -SCENE_BLIT_PX;
    vgpu_blit(context, &blit);
    /* Red and green alone; blue stays as it was. */
    blit = blit_of(scene, rgba, 190, 4, SCENE_BLIT_PX, SCENE_BLIT_PX);
    blit.mask = VIRGL_BLIT_MASK_R | VIRGL_BLIT_MASK_G;
    vgpu_blit(context, &blit);
    blit = blit_of(scene, rgba, 4, 188, 120, 64);
    blit.scissor_enable = true;
    blit.scissor_minx = 20;
    blit.scissor_maxx = 100;
    blit.scissor_miny = 196;
    blit.scissor_maxy = 240;
    vgpu_blit(context, &blit);
    blit = blit_of(scene, bgra, 188, 188, SCENE_BLIT_PX, SCENE_BLIT_PX);
    vgpu_blit(context, &blit);
    /* A part of the source. */
    blit = blit_of(scene, rgba, 132, 188, 48, 48);
    blit.src_x = 16;
    blit.src_y = 24;
    blit.src_width = blit.src_height = 24;
    vgpu_blit(context, &blit);
}

const struct vgpu_scene scene_blits = {
    .name = "blits",
    .summary = "blits that scale, mirror, mask, clip and convert",
    .draw = draw,
};
