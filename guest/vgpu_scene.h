/* SPDX-License-Identifier: MIT */
#ifndef VGPU_SCENE_H
#define VGPU_SCENE_H

/* Small pictures, each drawn with one group of the device's features. Every scene draws the same
 * picture everywhere, so that it can be compared with one made by the host's GL alone. */

#include "vgpu_context.h"

struct scene;

struct vgpu_scene {
    const char *name;
    const char *summary;
    /* NULL, or tells whether the device can draw it; `needs` then says what it takes. */
    bool (*supported)(const struct virgl_caps_v2 *caps);
    const char *needs;
    void (*draw)(struct scene *scene);
};

#define VGPU_SCENE_WIDTH_PX 256
#define VGPU_SCENE_HEIGHT_PX 256

extern const struct vgpu_scene *const vgpu_scenes[];
extern const unsigned vgpu_scene_count;

/* NULL when there is none of that name. */
const struct vgpu_scene *vgpu_scene_find(const char *name);

bool vgpu_scene_supported(const struct vgpu_scene *scene, const struct virgl_caps_v2 *caps);

/* Draws into level 0 of `target`, a 2D colour target of the scenes' size whose format has 8 bits
 * of red, green, blue. The scene lives in a sub-context of its own and leaves nothing behind.
 * Returns context->error. */
int vgpu_scene_draw(const struct vgpu_scene *scene, struct vgpu_context *context,
                    struct vgpu_resource *target);

#endif /* VGPU_SCENE_H */
