/* SPDX-License-Identifier: MIT */
#ifndef VGPU_STRESS_H
#define VGPU_STRESS_H

/* Streams that nobody would write but that every device has to draw: random resources, state and
 * work, all of it valid. The same seed on a device of the same capabilities makes the same stream,
 * step by step. */

#include "vgpu_resource.h"

#define VGPU_STRESS_TEXTURES 12
#define VGPU_STRESS_BUFFERS 6
#define VGPU_STRESS_QUERIES 3

struct vgpu_stress_texture {
    struct vgpu_resource resource;
    uint32_t surface; /* of one level and layer, 0: not renderable */
    uint32_t view;
    uint32_t level;   /* that the surface is of */
    bool depth;
};

struct vgpu_stress {
    struct vgpu_context *context;
    uint64_t random;
    uint64_t steps;
    struct vgpu_stress_texture textures[VGPU_STRESS_TEXTURES];
    struct vgpu_resource buffers[VGPU_STRESS_BUFFERS];
    struct vgpu_resource query_results[VGPU_STRESS_QUERIES];
    uint32_t queries[VGPU_STRESS_QUERIES];
    uint32_t active_query; /* index + 1, 0: none */
    uint32_t target_px[2]; /* size of the current framebuffer, 0: none */
    uint32_t fragment_shaders[4], vertex_shader, samplers[3];
    /* Objects that later steps replace, bound or not. */
    uint32_t blend, dsa, rasterizer;
};

/* The context must live longer; its sub-context 9 is used. */
void vgpu_stress_init(struct vgpu_stress *stress, struct vgpu_context *context, uint64_t seed);
/* One random thing. Failures stay in context->error. */
void vgpu_stress_step(struct vgpu_stress *stress);
void vgpu_stress_finish(struct vgpu_stress *stress);

#endif /* VGPU_STRESS_H */
