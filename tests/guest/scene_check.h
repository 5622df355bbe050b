/* SPDX-License-Identifier: MIT */
#ifndef SCENE_CHECK_H
#define SCENE_CHECK_H

#include <glib.h>

#include "vgpu_scene.h"

/* Registers a test per scene under `prefix`, and one that sees the comparison fail. Each draws
 * through a winsys that `open` makes and its destroy() ends, and compares with the picture of the
 * program that SCENE_REFERENCE names. */
void scene_check_add(const char *prefix, struct vgpu_winsys *(*open)(void));

/* Draws into a picture of 256 x 256 RGBA; false when the device cannot draw the scene. Free with
 * g_free. */
bool scene_check_draw(struct vgpu_winsys *winsys, const struct vgpu_scene *scene, uint8_t **rgba);

/* The reference picture. Free with g_free. */
uint8_t *scene_check_reference(const char *name);

/* How many pixels differ by more than 2 of 255 in a channel. */
unsigned scene_check_difference(const uint8_t *a, const uint8_t *b);

/* 0.1 % of the pixels. */
#define SCENE_CHECK_TOLERATED_PIXELS (VGPU_SCENE_WIDTH_PX * VGPU_SCENE_HEIGHT_PX / 1000)

#endif /* SCENE_CHECK_H */
