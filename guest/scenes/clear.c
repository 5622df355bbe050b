/* SPDX-License-Identifier: MIT */
#include "../scene_kit.h"

/* Clears of two targets, copies of one into the other, and texels that travel in the stream. */

#define PATCH_PX 48
#define WRITE_PX 32

static void draw(struct scene *scene)
{
    static const float background[4] = {0.2f, 0.4f, 0.6f, 1},
                       patch_color[4] = {0.9f, 0.5f, 0.1f, 1};
    static const uint32_t corners[4][3] = {{16, 16, 0}, {192, 16, 0}, {16, 192, 0}, {192, 192, 0}};
    const struct vgpu_box whole = {0, 0, 0, PATCH_PX, PATCH_PX, 1};
    const struct vgpu_box middle = {112, 112, 0, WRITE_PX, WRITE_PX, 1};
    struct vgpu_context *context = scene->context;
    struct vgpu_resource *patch = scene_texture(scene, scene->target->desc.format,
                                                VIRGL_BIND_RENDER_TARGET, PATCH_PX, PATCH_PX, NULL);
    uint32_t surface = vgpu_create_surface(context, patch, 0, 0, 0);
    uint8_t texels[WRITE_PX * WRITE_PX * 4];

    vgpu_clear(context, VIRGL_CLEAR_COLOR0, background, 0, 0);
    vgpu_set_framebuffer(context, &surface, 1, 0);
    vgpu_clear(context, VIRGL_CLEAR_COLOR0, patch_color, 0, 0);
    for (unsigned i = 0; i < 4; i++)
        vgpu_copy(context, scene->target, 0, corners[i], patch, 0, &whole);
    /* Grey, so that the order of the channels does not matter. */
    for (unsigned i = 0; i < WRITE_PX * WRITE_PX; i++) {
        memset(texels + 4 * i, (int)(8 * (i % WRITE_PX)), 3);
        texels[4 * i + 3] = 255;
    }
    vgpu_write(context, scene->target, 0, &middle, texels, 0, 0);
    scene_bind_target(scene, 0);
}

const struct vgpu_scene scene_clear = {
    .name = "clear",
    .summary = "clears, copies of regions, texels written through the stream",
    .draw = draw,
};
