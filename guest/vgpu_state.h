/* SPDX-License-Identifier: MIT */
#ifndef VGPU_STATE_H
#define VGPU_STATE_H

/* What a draw uses besides objects, and the commands that do work. */

#include "vgpu_context.h"

void vgpu_set_framebuffer(struct vgpu_context *context, const uint32_t *color_surfaces,
                          unsigned count, uint32_t depth_surface);

/* One viewport; y grows with the row index, depth goes to 0..1. */
void vgpu_set_viewport(struct vgpu_context *context, float x_px, float y_px, float width_px,
                       float height_px);
void vgpu_set_viewports(struct vgpu_context *context, unsigned first,
                        const struct virgl_set_viewport_state_viewport *viewports, unsigned count);
struct virgl_set_viewport_state_viewport vgpu_viewport(float x_px, float y_px, float width_px,
                                                       float height_px);
void vgpu_set_scissor(struct vgpu_context *context, uint32_t x_px, uint32_t y_px,
                      uint32_t width_px, uint32_t height_px);

void vgpu_set_vertex_buffers(struct vgpu_context *context,
                             const struct virgl_set_vertex_buffers_buffer *buffers,
                             unsigned count);
void vgpu_set_index_buffer(struct vgpu_context *context, const struct vgpu_resource *buffer,
                           uint32_t index_bytes, uint32_t offset_bytes);

/* Plain constants CONST[0..count/4-1]; count 0 unbinds. */
void vgpu_set_constants(struct vgpu_context *context, uint32_t stage, const void *dwords,
                        uint32_t count_dwords);
/* CONST[index][...] from a buffer. */
void vgpu_set_uniform_buffer(struct vgpu_context *context, uint32_t stage, uint32_t index,
                             const struct vgpu_resource *buffer, uint32_t offset_bytes,
                             uint32_t size_bytes);

void vgpu_set_views(struct vgpu_context *context, uint32_t stage, uint32_t first,
                    const uint32_t *views, unsigned count);
void vgpu_bind_samplers(struct vgpu_context *context, uint32_t stage, uint32_t first,
                        const uint32_t *samplers, unsigned count);
void vgpu_set_image(struct vgpu_context *context, uint32_t stage, uint32_t slot,
                    const struct vgpu_resource *texture, uint32_t level, uint32_t access);
void vgpu_set_shader_buffer(struct vgpu_context *context, uint32_t stage, uint32_t slot,
                            const struct vgpu_resource *buffer);
void vgpu_set_streamout(struct vgpu_context *context, const uint32_t *targets, unsigned count,
                        uint32_t append_mask);

/* handle 0 unbinds. */
void vgpu_bind_shader(struct vgpu_context *context, uint32_t stage, uint32_t handle);

void vgpu_set_sample_mask(struct vgpu_context *context, uint32_t mask);
void vgpu_set_stencil_ref(struct vgpu_context *context, uint32_t front, uint32_t back);
void vgpu_set_blend_color(struct vgpu_context *context, const float color[4]);

/* buffers: bits of enum virgl_clear. */
void vgpu_clear(struct vgpu_context *context, uint32_t buffers, const float color[4],
                double depth, uint32_t stencil);

/* Draws; instance_count 0 means 1, max_index 0 means unknown. */
void vgpu_draw(struct vgpu_context *context, const struct virgl_cmd_draw_vbo *draw);
void vgpu_draw_arrays(struct vgpu_context *context, uint32_t mode, uint32_t start, uint32_t count);

void vgpu_launch_grid(struct vgpu_context *context, const uint32_t block[3],
                      const uint32_t grid[3]);
void vgpu_memory_barrier(struct vgpu_context *context, uint32_t flags);

void vgpu_blit(struct vgpu_context *context, const struct virgl_cmd_blit *blit);
/* The same box at another place; no scaling, no conversion. */
void vgpu_copy(struct vgpu_context *context, const struct vgpu_resource *to, uint32_t to_level,
               const uint32_t to_xyz[3], const struct vgpu_resource *from, uint32_t from_level,
               const struct vgpu_box *box);

void vgpu_begin_query(struct vgpu_context *context, uint32_t query);
void vgpu_end_query(struct vgpu_context *context, uint32_t query);

/* Asks for the result, waits for it and returns it; 0 after an error. -ETIMEDOUT is recorded when
 * the host never answers. */
uint64_t vgpu_query_result(struct vgpu_context *context, uint32_t query,
                           struct vgpu_resource *result);

/* Draws happen only when the query's result is not 0 (or 0, when inverted); query 0: always. */
void vgpu_set_render_condition(struct vgpu_context *context, uint32_t query, bool inverted);

#endif /* VGPU_STATE_H */
