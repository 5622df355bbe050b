/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_GL_DRAW_H
#define MANTUA_GL_DRAW_H

/*
 * The drawing half of the back end: entries of the backend_ops table that device.c refers to, and
 * the program cache that a device owns. See front/backend.h for what each entry does.
 *
 * Objects that this half makes: blend, rasterizer, DSA, vertex elements, sampler states, shaders,
 * queries, stream output targets. gl_object_create() and gl_object_destroy() pass sampler views on
 * to view.c and ignore surfaces, which have no GL object of their own.
 */

#include "context.h"

int gl_object_create(struct backend_context *ctx, struct front_object *object);
void gl_object_destroy(struct backend_context *ctx, struct front_object *object);

int gl_draw_vbo(struct backend_context *ctx, const struct virgl_cmd_draw_vbo *draw,
                const struct draw_indirect *indirect, struct front_streamout_target *count_from);
int gl_launch_grid(struct backend_context *ctx, const struct virgl_cmd_launch_grid *grid,
                   struct resource *indirect);
void gl_link_shader(struct backend_context *ctx, struct front_shader *shaders[STAGE_COUNT]);

int gl_query_begin(struct backend_context *ctx, struct front_query *query);
int gl_query_end(struct backend_context *ctx, struct front_query *query);
bool gl_query_result(struct backend_context *ctx, struct front_query *query, bool wait,
                     uint64_t *result);
int gl_query_result_to_buffer(struct backend_context *ctx, struct front_query *query,
                              struct resource *buffer, bool wait, uint32_t result_type,
                              uint32_t offset_bytes, int32_t index);

void gl_memory_barrier(struct backend_context *ctx, uint32_t flags);
void gl_texture_barrier(struct backend_context *ctx, uint32_t flags);
void gl_string_marker(struct backend_context *ctx, const char *text, uint32_t text_bytes);
void gl_set_tweak(struct backend_context *ctx, uint32_t id, uint32_t value);

/* Applies the guest's render condition to what follows (a blit or clear that asks for it), or
 * takes it off. gl_draw_suspend() has it off already. false: nothing is to be drawn. */
bool gl_draw_render_condition(struct gl_context *ctx, bool on);

/* program_cache.c: all compiled shaders and linked programs of a device, in memory and on disk.
 * Called with the root context current. create returns NULL when out of memory. */
struct gl_program_cache *gl_program_cache_create(struct gl_device *dev);
void gl_program_cache_destroy(struct gl_device *dev);

/* Prints dev->stats to the log. */
void gl_device_log_stats(struct gl_device *dev);

#endif
