/* SPDX-License-Identifier: MIT */
#include "gpu_requests.h"

#include <string.h>

#define HEADER_BYTES ((uint32_t)sizeof(struct vgpu_wire_ctrl_hdr))

uint32_t gpu_answer_type(uint32_t request_type)
{
    switch (request_type) {
    case VGPU_CMD_GET_DISPLAY_INFO: return VGPU_RESP_OK_DISPLAY_INFO;
    case VGPU_CMD_GET_EDID: return VGPU_RESP_OK_EDID;
    case VGPU_CMD_GET_CAPSET_INFO: return VGPU_RESP_OK_CAPSET_INFO;
    case VGPU_CMD_GET_CAPSET: return VGPU_RESP_OK_CAPSET;
    default: return VGPU_RESP_OK_NODATA;
    }
}

/* A command whose request has the size of its type and `tail_bytes` more, and starts with `fixed`
 * of that size; its header.type is filled in, the rest of the header is the caller's. */
static struct gpu_command *make(struct gpu_queue *queue, uint32_t type, const void *fixed,
                                uint32_t tail_bytes, uint32_t response_bytes)
{
    uint32_t fixed_bytes = vgpu_wire_request_bytes(type);
    struct gpu_command *command =
        gpu_command_new(queue, type, fixed_bytes + tail_bytes, response_bytes);

    if (command) {
        memcpy(gpu_command_request(command), fixed, fixed_bytes);
        ((struct vgpu_wire_ctrl_hdr *)gpu_command_request(command))->type = type;
    }
    return command;
}

struct gpu_command *gpu_get_display_info(struct gpu_queue *queue)
{
    const struct vgpu_wire_ctrl_hdr r = {0};
    return make(queue, VGPU_CMD_GET_DISPLAY_INFO, &r, 0,
                sizeof(struct vgpu_wire_resp_display_info));
}

struct gpu_command *gpu_get_edid(struct gpu_queue *queue, uint32_t scanout)
{
    const struct vgpu_wire_cmd_get_edid r = {.scanout = scanout};
    return make(queue, VGPU_CMD_GET_EDID, &r, 0, sizeof(struct vgpu_wire_resp_edid));
}

struct gpu_command *gpu_get_capset_info(struct gpu_queue *queue, uint32_t index)
{
    const struct vgpu_wire_get_capset_info r = {.capset_index = index};
    return make(queue, VGPU_CMD_GET_CAPSET_INFO, &r, 0, sizeof(struct vgpu_wire_resp_capset_info));
}

struct gpu_command *gpu_get_capset(struct gpu_queue *queue, uint32_t capset_id, uint32_t version,
                                   uint32_t bytes)
{
    const struct vgpu_wire_get_capset r = {.capset_id = capset_id, .capset_version = version};

    if (bytes > GPU_MAX_CAPSET_BYTES)
        return NULL;
    return make(queue, VGPU_CMD_GET_CAPSET, &r, 0, HEADER_BYTES + bytes);
}

struct gpu_command *gpu_create_2d(struct gpu_queue *queue, uint32_t resource_id,
                                  enum vgpu_wire_format format, uint32_t width_px,
                                  uint32_t height_px)
{
    const struct vgpu_wire_resource_create_2d r = {
        .resource_id = resource_id, .format = format, .width = width_px, .height = height_px};
    return make(queue, VGPU_CMD_RESOURCE_CREATE_2D, &r, 0, HEADER_BYTES);
}

struct gpu_command *gpu_create_3d(struct gpu_queue *queue, uint32_t resource_id,
                                  const struct mantua_escape_resource_create *in)
{
    const struct vgpu_wire_resource_create_3d r = {
        .resource_id = resource_id,
        .target = in->target,
        .format = in->format,
        .bind = in->bind,
        .width = in->width,
        .height = in->height,
        .depth = in->depth,
        .array_size = in->array_size,
        .last_level = in->last_level,
        .nr_samples = in->nr_samples,
        .flags = in->flags,
    };
    return make(queue, VGPU_CMD_RESOURCE_CREATE_3D, &r, 0, HEADER_BYTES);
}

struct gpu_command *gpu_unref(struct gpu_queue *queue, uint32_t resource_id)
{
    const struct vgpu_wire_resource_unref r = {.resource_id = resource_id};
    return make(queue, VGPU_CMD_RESOURCE_UNREF, &r, 0, HEADER_BYTES);
}

struct gpu_command *gpu_attach_backing(struct gpu_queue *queue, uint32_t resource_id,
                                       const struct vgpu_wire_mem_entry *entries,
                                       uint32_t num_entries)
{
    const struct vgpu_wire_resource_attach_backing r = {.resource_id = resource_id,
                                                        .nr_entries = num_entries};

    if (num_entries == 0 || num_entries > GPU_MAX_BACKING_ENTRIES)
        return NULL;
    uint32_t tail_bytes = num_entries * (uint32_t)sizeof(*entries);
    struct gpu_command *command =
        make(queue, VGPU_CMD_RESOURCE_ATTACH_BACKING, &r, tail_bytes, HEADER_BYTES);
    if (command)
        memcpy((uint8_t *)gpu_command_request(command) + sizeof(r), entries, tail_bytes);
    return command;
}

struct gpu_command *gpu_detach_backing(struct gpu_queue *queue, uint32_t resource_id)
{
    const struct vgpu_wire_resource_detach_backing r = {.resource_id = resource_id};
    return make(queue, VGPU_CMD_RESOURCE_DETACH_BACKING, &r, 0, HEADER_BYTES);
}

struct gpu_command *gpu_set_scanout(struct gpu_queue *queue, uint32_t scanout,
                                    uint32_t resource_id, const struct vgpu_wire_rect *rect)
{
    const struct vgpu_wire_set_scanout r = {
        .r = *rect, .scanout_id = scanout, .resource_id = resource_id};
    return make(queue, VGPU_CMD_SET_SCANOUT, &r, 0, HEADER_BYTES);
}

struct gpu_command *gpu_flush(struct gpu_queue *queue, uint32_t resource_id,
                              const struct vgpu_wire_rect *rect)
{
    const struct vgpu_wire_resource_flush r = {.r = *rect, .resource_id = resource_id};
    return make(queue, VGPU_CMD_RESOURCE_FLUSH, &r, 0, HEADER_BYTES);
}

struct gpu_command *gpu_transfer_2d(struct gpu_queue *queue, uint32_t resource_id,
                                    const struct vgpu_wire_rect *rect, uint64_t offset_bytes)
{
    const struct vgpu_wire_transfer_to_host_2d r = {
        .r = *rect, .offset = offset_bytes, .resource_id = resource_id};
    return make(queue, VGPU_CMD_TRANSFER_TO_HOST_2D, &r, 0, HEADER_BYTES);
}

struct gpu_command *gpu_context_create(struct gpu_queue *queue, uint32_t context_id,
                                       uint32_t capset_id, const char *name, uint32_t name_bytes)
{
    struct vgpu_wire_ctx_create r = {.hdr = {.ctx_id = context_id}, .context_init = capset_id};

    r.nlen = name_bytes < sizeof(r.debug_name) ? name_bytes : (uint32_t)sizeof(r.debug_name);
    if (r.nlen > 0)
        memcpy(r.debug_name, name, r.nlen);
    return make(queue, VGPU_CMD_CTX_CREATE, &r, 0, HEADER_BYTES);
}

struct gpu_command *gpu_context_destroy(struct gpu_queue *queue, uint32_t context_id)
{
    const struct vgpu_wire_ctx_destroy r = {.hdr = {.ctx_id = context_id}};
    return make(queue, VGPU_CMD_CTX_DESTROY, &r, 0, HEADER_BYTES);
}

struct gpu_command *gpu_context_resource(struct gpu_queue *queue, uint32_t context_id,
                                         uint32_t resource_id, bool attach)
{
    const struct vgpu_wire_ctx_resource r = {.hdr = {.ctx_id = context_id},
                                             .resource_id = resource_id};
    return make(queue, attach ? VGPU_CMD_CTX_ATTACH_RESOURCE : VGPU_CMD_CTX_DETACH_RESOURCE, &r, 0,
                HEADER_BYTES);
}

struct gpu_command *gpu_transfer_3d(struct gpu_queue *queue, uint32_t context_id,
                                    uint32_t resource_id,
                                    const struct mantua_escape_transfer *in)
{
    const struct vgpu_wire_transfer_host_3d r = {
        .hdr = {.ctx_id = context_id},
        .box = {in->x, in->y, in->z, in->width, in->height, in->depth},
        .offset = in->offset_bytes,
        .resource_id = resource_id,
        .level = in->level,
        .stride = in->stride_bytes,
        .layer_stride = in->layer_stride_bytes,
    };
    bool to_host = in->header.op == MANTUA_ESCAPE_TRANSFER_TO_HOST;
    return make(queue, to_host ? VGPU_CMD_TRANSFER_TO_HOST_3D : VGPU_CMD_TRANSFER_FROM_HOST_3D, &r,
                0, HEADER_BYTES);
}

struct gpu_command *gpu_submit(struct gpu_queue *queue, uint32_t context_id, const void *stream,
                               uint32_t bytes)
{
    const struct vgpu_wire_cmd_submit r = {.hdr = {.ctx_id = context_id}, .size = bytes};

    if (bytes == 0 || bytes > MANTUA_ESCAPE_MAX_BYTES)
        return NULL;
    struct gpu_command *command = make(queue, VGPU_CMD_SUBMIT_3D, &r, bytes, HEADER_BYTES);
    if (command)
        memcpy((uint8_t *)gpu_command_request(command) + sizeof(r), stream, bytes);
    return command;
}

struct gpu_command *gpu_update_cursor(struct gpu_queue *queue,
                                      const struct vgpu_wire_cursor_pos *at, uint32_t resource_id,
                                      uint32_t hot_x, uint32_t hot_y)
{
    const struct vgpu_wire_update_cursor r = {
        .pos = *at, .resource_id = resource_id, .hot_x = hot_x, .hot_y = hot_y};
    return make(queue, VGPU_CMD_UPDATE_CURSOR, &r, 0, HEADER_BYTES);
}

struct gpu_command *gpu_move_cursor(struct gpu_queue *queue, const struct vgpu_wire_cursor_pos *at)
{
    const struct vgpu_wire_update_cursor r = {.pos = *at};
    return make(queue, VGPU_CMD_MOVE_CURSOR, &r, 0, HEADER_BYTES);
}
