/* SPDX-License-Identifier: MIT */
#include "../scene_kit.h"

static void draw(struct scene *scene)
{
    static const float background[4] = {0.1f, 0.1f, 0.15f, 1};

    vgpu_clear(scene->context, VIRGL_CLEAR_COLOR0, background, 0, 0);
    scene_draw_colored(scene, VIRGL_PRIM_TRIANGLES, scene_triangle_vertices, 3);
}

const struct vgpu_scene scene_triangle = {
    .name = "triangle",
    .summary = "one triangle with interpolated colours",
    .draw = draw,
};
