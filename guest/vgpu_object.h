/* SPDX-License-Identifier: MIT */
#ifndef VGPU_OBJECT_H
#define VGPU_OBJECT_H

/*
 * State objects: created once, named by a handle, bound often. The creating functions choose the
 * handle and return it; the `handle` member of a description is ignored. Objects belong to the
 * current sub-context and end with it, or with vgpu_destroy(). After an error the returned handle
 * means nothing and is harmless.
 */

#include "vgpu_context.h"

/* Descriptions to start from: no blending, all channels written; no tests; filled triangles, no
 * culling, half-pixel centres; nearest filter, clamped to the edge, no mipmaps. */
struct virgl_obj_blend vgpu_blend_default(void);
struct virgl_obj_dsa vgpu_dsa_default(void);
struct virgl_obj_rasterizer vgpu_rasterizer_default(void);
struct virgl_obj_sampler_state vgpu_sampler_default(void);

uint32_t vgpu_create_blend(struct vgpu_context *context, const struct virgl_obj_blend *blend);
uint32_t vgpu_create_dsa(struct vgpu_context *context, const struct virgl_obj_dsa *dsa);
uint32_t vgpu_create_rasterizer(struct vgpu_context *context,
                                const struct virgl_obj_rasterizer *rasterizer);
uint32_t vgpu_create_sampler(struct vgpu_context *context,
                             const struct virgl_obj_sampler_state *sampler);

/* Element i feeds IN[i] of the vertex shader. */
uint32_t vgpu_create_vertex_elements(struct vgpu_context *context,
                                     const struct virgl_vertex_elements_element *elements,
                                     unsigned count);

/* A view of all levels and layers, with the resource's target and format. */
struct virgl_obj_sampler_view vgpu_view_default(const struct vgpu_resource *resource);
uint32_t vgpu_create_view(struct vgpu_context *context, const struct virgl_obj_sampler_view *view);

/* A level and a range of layers to render to, in the resource's format. */
uint32_t vgpu_create_surface(struct vgpu_context *context, const struct vgpu_resource *resource,
                             uint32_t level, uint32_t first_layer, uint32_t last_layer);

/* Which outputs of the last vertex stage go to which buffers. */
struct vgpu_stream_output {
    const struct virgl_shader_so_output *outputs;
    unsigned count;
    uint32_t stride_dwords[4]; /* of each buffer */
};

/* `text` is TGSI. stream_output may be NULL. */
uint32_t vgpu_create_shader(struct vgpu_context *context, uint32_t stage, const char *text,
                            const struct vgpu_stream_output *stream_output);
uint32_t vgpu_create_compute_shader(struct vgpu_context *context, const char *text,
                                    uint32_t shared_bytes);

/* `result` is a buffer of 16 bytes or more with bind CUSTOM, see vgpu_query_result(). */
uint32_t vgpu_create_query(struct vgpu_context *context, uint32_t query_type, uint32_t index,
                           const struct vgpu_resource *result);

uint32_t vgpu_create_streamout_target(struct vgpu_context *context,
                                      const struct vgpu_resource *buffer, uint32_t offset_bytes,
                                      uint32_t size_bytes);

/* object_type: BLEND, RASTERIZER, DSA or VERTEX_ELEMENTS of enum virgl_object_type. */
void vgpu_bind(struct vgpu_context *context, uint32_t object_type, uint32_t handle);
void vgpu_destroy(struct vgpu_context *context, uint32_t object_type, uint32_t handle);

/* Sub-contexts: each has its own objects and bindings. Creating one makes it current. */
void vgpu_create_sub_context(struct vgpu_context *context, uint32_t id);
void vgpu_set_sub_context(struct vgpu_context *context, uint32_t id);
void vgpu_destroy_sub_context(struct vgpu_context *context, uint32_t id);

#endif /* VGPU_OBJECT_H */
