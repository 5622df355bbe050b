/* SPDX-License-Identifier: MIT */
#ifndef SCENE_KIT_H
#define SCENE_KIT_H

/* What the scenes have in common. A scene starts with the target bound, the default state objects
 * bound and a viewport of the whole target; resources made here are destroyed at its end. */

#include "scene_data.h"
#include "vgpu_object.h"
#include "vgpu_resource.h"
#include "vgpu_scene.h"
#include "vgpu_state.h"

#define SCENE_MAX_RESOURCES 24

struct scene {
    struct vgpu_context *context;
    struct vgpu_resource *target;
    uint32_t target_surface;
    struct vgpu_resource resources[SCENE_MAX_RESOURCES];
    unsigned resource_count;
};

/* A slot for one more resource, to be initialised by the caller. */
struct vgpu_resource *scene_resource(struct scene *scene);

struct vgpu_resource *scene_buffer(struct scene *scene, uint32_t bind, const void *data,
                                   uint32_t size_bytes);

/* `texels` (tight, may be NULL) fill level 0. */
struct vgpu_resource *scene_texture(struct scene *scene, uint32_t format, uint32_t bind,
                                    uint32_t width_px, uint32_t height_px, const void *texels);

/* The first 24-bit depth format with stencil that the device has. */
uint32_t scene_depth_format(const struct virgl_caps_v2 *caps);

/* Copies tight texels of one layer into guest memory; the caller uploads. */
void scene_fill_layer(struct vgpu_resource *texture, uint32_t level, uint32_t layer,
                      const void *texels);

/* Makes a shader and binds it. */
uint32_t scene_shader(struct scene *scene, uint32_t stage, const char *text);

/* Shaders that most scenes use. VERT: position and attribute go through. FRAG: the attribute is the
 * colour, or the coordinate of a 2D texture in slot 0. */
extern const char scene_vert_plain[];
extern const char scene_frag_color[];
extern const char scene_frag_texture_2d[];

/* Binds the attribute layout of struct scene_vertex. */
void scene_vertex_layout(struct scene *scene);

/* Makes `vertices` vertex buffer 0. */
struct vgpu_resource *scene_vertices(struct scene *scene, const struct scene_vertex *vertices,
                                     unsigned count);

/* Vertex buffer, layout, plain shaders and one draw: coloured geometry at once. */
void scene_draw_colored(struct scene *scene, uint32_t mode, const struct scene_vertex *vertices,
                        unsigned count);

/* A rectangle of pixels in one colour. */
void scene_rect(struct scene *scene, float x_px, float y_px, float width_px, float height_px,
                const float color[4]);

/* A rectangle of pixels whose attribute goes from (0,0) to (1,1); z and w are given. The current
 * shaders draw it. */
void scene_quad(struct scene *scene, float x_px, float y_px, float width_px, float height_px,
                float attribute_z, float attribute_w);

/* Binds a view of the whole texture and a sampler for fragment slot `slot`. */
void scene_bind_texture(struct scene *scene, unsigned slot, const struct vgpu_resource *texture,
                        const struct virgl_obj_sampler_state *sampler);

/* The target as the only colour buffer, with an optional depth surface. */
void scene_bind_target(struct scene *scene, uint32_t depth_surface);

#endif /* SCENE_KIT_H */
