/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_GPU_REQUESTS_H
#define MANTUA_GPU_REQUESTS_H

#include "gpu_queue.h"
#include "mantua_escape.h"

/* The requests that the driver sends. Each function gives a command ready for gpu_queue_send(), or
 * NULL when memory is short or a size is beyond the limits named here. IRQL PASSIVE.
 *
 * Ids of resources and contexts are the device's, chosen by the driver and never 0, except where 0
 * is said to mean none. Memory that is passed in is copied. */

/* Most pieces of memory behind one resource. */
#define GPU_MAX_BACKING_ENTRIES ((uint32_t)VGPU_LIMIT_QEMU_MAX_BACKING_ENTRIES)
/* Most bytes of a capability set. */
#define GPU_MAX_CAPSET_BYTES 16384u

/* The type of a good answer to a request of that type. */
uint32_t gpu_answer_type(uint32_t request_type);

struct gpu_command *gpu_get_display_info(struct gpu_queue *queue);
struct gpu_command *gpu_get_edid(struct gpu_queue *queue, uint32_t scanout);
struct gpu_command *gpu_get_capset_info(struct gpu_queue *queue, uint32_t index);
/* `bytes` is the size that the device told, which its answer has to have. */
struct gpu_command *gpu_get_capset(struct gpu_queue *queue, uint32_t capset_id, uint32_t version,
                                   uint32_t bytes);

struct gpu_command *gpu_create_2d(struct gpu_queue *queue, uint32_t resource_id,
                                  enum vgpu_wire_format format, uint32_t width_px,
                                  uint32_t height_px);
/* A resource as a program described it; `in` has passed mantua_escape_check(). */
struct gpu_command *gpu_create_3d(struct gpu_queue *queue, uint32_t resource_id,
                                  const struct mantua_escape_resource_create *in);
struct gpu_command *gpu_unref(struct gpu_queue *queue, uint32_t resource_id);
struct gpu_command *gpu_attach_backing(struct gpu_queue *queue, uint32_t resource_id,
                                       const struct vgpu_wire_mem_entry *entries,
                                       uint32_t num_entries);
struct gpu_command *gpu_detach_backing(struct gpu_queue *queue, uint32_t resource_id);

/* resource_id 0 turns the scanout off. */
struct gpu_command *gpu_set_scanout(struct gpu_queue *queue, uint32_t scanout,
                                    uint32_t resource_id, const struct vgpu_wire_rect *rect);
struct gpu_command *gpu_flush(struct gpu_queue *queue, uint32_t resource_id,
                              const struct vgpu_wire_rect *rect);
/* `offset_bytes` is that of the rectangle's first pixel in the backing. */
struct gpu_command *gpu_transfer_2d(struct gpu_queue *queue, uint32_t resource_id,
                                    const struct vgpu_wire_rect *rect, uint64_t offset_bytes);

/* `capset_id` 0 for devices without CONTEXT_INIT; a longer name is cut. */
struct gpu_command *gpu_context_create(struct gpu_queue *queue, uint32_t context_id,
                                       uint32_t capset_id, const char *name, uint32_t name_bytes);
struct gpu_command *gpu_context_destroy(struct gpu_queue *queue, uint32_t context_id);
/* Attaches, or else detaches. */
struct gpu_command *gpu_context_resource(struct gpu_queue *queue, uint32_t context_id,
                                         uint32_t resource_id, bool attach);
/* A transfer as a program described it, with the ids looked up; `in` has passed
 * mantua_escape_check(). */
struct gpu_command *gpu_transfer_3d(struct gpu_queue *queue, uint32_t context_id,
                                    uint32_t resource_id,
                                    const struct mantua_escape_transfer *in);
/* `bytes` is at most MANTUA_ESCAPE_MAX_BYTES. */
struct gpu_command *gpu_submit(struct gpu_queue *queue, uint32_t context_id, const void *stream,
                               uint32_t bytes);

/* For the cursor queue. resource_id 0 hides the cursor. */
struct gpu_command *gpu_update_cursor(struct gpu_queue *queue,
                                      const struct vgpu_wire_cursor_pos *at,
                                      uint32_t resource_id, uint32_t hot_x, uint32_t hot_y);
struct gpu_command *gpu_move_cursor(struct gpu_queue *queue,
                                    const struct vgpu_wire_cursor_pos *at);

#endif
