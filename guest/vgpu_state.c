/* SPDX-License-Identifier: MIT */
#include "vgpu_state.h"

#include <errno.h>

#define QUERY_TRIES 1000

void vgpu_set_framebuffer(struct vgpu_context *context, const uint32_t *color_surfaces,
                          unsigned count, uint32_t depth_surface)
{
    const struct virgl_cmd_set_framebuffer_state command = {
        .nr_cbufs = count,
        .zsurf = depth_surface,
        .cbuf = color_surfaces,
        .cbuf_count = count,
    };

    VGPU_ENCODE(context, virgl_encode_cmd_set_framebuffer_state(&context->encoder, &command));
}

struct virgl_set_viewport_state_viewport vgpu_viewport(float x_px, float y_px, float width_px,
                                                       float height_px)
{
    return (struct virgl_set_viewport_state_viewport){
        .scale_x = width_px / 2,
        .scale_y = height_px / 2,
        .scale_z = 0.5f,
        .translate_x = x_px + width_px / 2,
        .translate_y = y_px + height_px / 2,
        .translate_z = 0.5f,
    };
}

void vgpu_set_viewports(struct vgpu_context *context, unsigned first,
                        const struct virgl_set_viewport_state_viewport *viewports, unsigned count)
{
    struct virgl_cmd_set_viewport_state command = {.start_slot = first};

    if (first > VIRGL_MAX_VIEWPORTS || count > VIRGL_MAX_VIEWPORTS - first) {
        vgpu_context_fail(context, -EINVAL);
        return;
    }
    memcpy(command.viewport, viewports, count * sizeof(*viewports));
    command.viewport_count = count;
    VGPU_ENCODE(context, virgl_encode_cmd_set_viewport_state(&context->encoder, &command));
}

void vgpu_set_viewport(struct vgpu_context *context, float x_px, float y_px, float width_px,
                       float height_px)
{
    const struct virgl_set_viewport_state_viewport viewport =
        vgpu_viewport(x_px, y_px, width_px, height_px);

    vgpu_set_viewports(context, 0, &viewport, 1);
}

void vgpu_set_scissor(struct vgpu_context *context, uint32_t x_px, uint32_t y_px,
                      uint32_t width_px, uint32_t height_px)
{
    const struct virgl_cmd_set_scissor_state command = {
        .scissor = {{
            .minx = x_px, .miny = y_px, .maxx = x_px + width_px, .maxy = y_px + height_px,
        }},
        .scissor_count = 1,
    };

    VGPU_ENCODE(context, virgl_encode_cmd_set_scissor_state(&context->encoder, &command));
}

void vgpu_set_vertex_buffers(struct vgpu_context *context,
                             const struct virgl_set_vertex_buffers_buffer *buffers,
                             unsigned count)
{
    const struct virgl_cmd_set_vertex_buffers command = {.buffer = buffers, .buffer_count = count};

    VGPU_ENCODE(context, virgl_encode_cmd_set_vertex_buffers(&context->encoder, &command));
}

void vgpu_set_index_buffer(struct vgpu_context *context, const struct vgpu_resource *buffer,
                           uint32_t index_bytes, uint32_t offset_bytes)
{
    struct virgl_cmd_set_index_buffer command = {0};

    if (buffer) {
        command.length_dwords = 3;
        command.resource = buffer->id;
        command.index_size = index_bytes;
        command.offset = offset_bytes;
    }
    VGPU_ENCODE(context, virgl_encode_cmd_set_index_buffer(&context->encoder, &command));
}

void vgpu_set_constants(struct vgpu_context *context, uint32_t stage, const void *dwords,
                        uint32_t count_dwords)
{
    const struct virgl_cmd_set_constant_buffer command = {
        .stage = stage, .data = dwords, .data_count = count_dwords,
    };

    VGPU_ENCODE(context, virgl_encode_cmd_set_constant_buffer(&context->encoder, &command));
}

void vgpu_set_uniform_buffer(struct vgpu_context *context, uint32_t stage, uint32_t index,
                             const struct vgpu_resource *buffer, uint32_t offset_bytes,
                             uint32_t size_bytes)
{
    const struct virgl_cmd_set_uniform_buffer command = {
        .stage = stage,
        .index = index,
        .offset = offset_bytes,
        .size = size_bytes,
        .resource = buffer ? buffer->id : 0,
    };

    VGPU_ENCODE(context, virgl_encode_cmd_set_uniform_buffer(&context->encoder, &command));
}

void vgpu_set_views(struct vgpu_context *context, uint32_t stage, uint32_t first,
                    const uint32_t *views, unsigned count)
{
    const struct virgl_cmd_set_sampler_views command = {
        .stage = stage, .start_slot = first, .view = views, .view_count = count,
    };

    VGPU_ENCODE(context, virgl_encode_cmd_set_sampler_views(&context->encoder, &command));
}

void vgpu_bind_samplers(struct vgpu_context *context, uint32_t stage, uint32_t first,
                        const uint32_t *samplers, unsigned count)
{
    const struct virgl_cmd_bind_sampler_states command = {
        .stage = stage, .start_slot = first, .state = samplers, .state_count = count,
    };

    VGPU_ENCODE(context, virgl_encode_cmd_bind_sampler_states(&context->encoder, &command));
}

void vgpu_set_image(struct vgpu_context *context, uint32_t stage, uint32_t slot,
                    const struct vgpu_resource *texture, uint32_t level, uint32_t access)
{
    const struct virgl_set_shader_images_image image = {
        .format = texture->desc.format,
        .access = access,
        .level_or_size = level,
        .resource = texture->id,
    };
    const struct virgl_cmd_set_shader_images command = {
        .stage = stage, .start_slot = slot, .image = &image, .image_count = 1,
    };

    VGPU_ENCODE(context, virgl_encode_cmd_set_shader_images(&context->encoder, &command));
}

void vgpu_set_shader_buffer(struct vgpu_context *context, uint32_t stage, uint32_t slot,
                            const struct vgpu_resource *buffer)
{
    const struct virgl_set_shader_buffers_buffer binding = {
        .size = buffer->desc.width, .resource = buffer->id,
    };
    const struct virgl_cmd_set_shader_buffers command = {
        .stage = stage, .start_slot = slot, .buffer = &binding, .buffer_count = 1,
    };

    VGPU_ENCODE(context, virgl_encode_cmd_set_shader_buffers(&context->encoder, &command));
}

void vgpu_set_streamout(struct vgpu_context *context, const uint32_t *targets, unsigned count,
                        uint32_t append_mask)
{
    const struct virgl_cmd_set_streamout_targets command = {
        .append_bitmask = append_mask, .target = targets, .target_count = count,
    };

    VGPU_ENCODE(context, virgl_encode_cmd_set_streamout_targets(&context->encoder, &command));
}

void vgpu_bind_shader(struct vgpu_context *context, uint32_t stage, uint32_t handle)
{
    const struct virgl_cmd_bind_shader command = {.shader = handle, .stage = stage};

    VGPU_ENCODE(context, virgl_encode_cmd_bind_shader(&context->encoder, &command));
}

void vgpu_set_sample_mask(struct vgpu_context *context, uint32_t mask)
{
    const struct virgl_cmd_set_sample_mask command = {.mask = mask};

    VGPU_ENCODE(context, virgl_encode_cmd_set_sample_mask(&context->encoder, &command));
}

void vgpu_set_stencil_ref(struct vgpu_context *context, uint32_t front, uint32_t back)
{
    const struct virgl_cmd_set_stencil_ref command = {.front = front, .back = back};

    VGPU_ENCODE(context, virgl_encode_cmd_set_stencil_ref(&context->encoder, &command));
}

void vgpu_set_blend_color(struct vgpu_context *context, const float color[4])
{
    const struct virgl_cmd_set_blend_color command = {.color = color, .color_count = 4};

    VGPU_ENCODE(context, virgl_encode_cmd_set_blend_color(&context->encoder, &command));
}

void vgpu_clear(struct vgpu_context *context, uint32_t buffers, const float color[4],
                double depth, uint32_t stencil)
{
    const struct virgl_cmd_clear command = {
        .buffers = buffers,
        .color_0 = virgl_dword_of_float(color[0]),
        .color_1 = virgl_dword_of_float(color[1]),
        .color_2 = virgl_dword_of_float(color[2]),
        .color_3 = virgl_dword_of_float(color[3]),
        .depth = depth,
        .stencil = stencil,
    };

    VGPU_ENCODE(context, virgl_encode_cmd_clear(&context->encoder, &command));
}

void vgpu_draw(struct vgpu_context *context, const struct virgl_cmd_draw_vbo *draw)
{
    struct virgl_cmd_draw_vbo command = *draw;

    if (command.instance_count == 0)
        command.instance_count = 1;
    if (command.max_index == 0)
        command.max_index = UINT32_MAX;
    VGPU_ENCODE(context, virgl_encode_cmd_draw_vbo(&context->encoder, &command));
}

void vgpu_draw_arrays(struct vgpu_context *context, uint32_t mode, uint32_t start, uint32_t count)
{
    const struct virgl_cmd_draw_vbo draw = {.start = start, .count = count, .mode = mode};

    vgpu_draw(context, &draw);
}

void vgpu_launch_grid(struct vgpu_context *context, const uint32_t block[3],
                      const uint32_t grid[3])
{
    const struct virgl_cmd_launch_grid command = {
        .block_x = block[0], .block_y = block[1], .block_z = block[2],
        .grid_x = grid[0], .grid_y = grid[1], .grid_z = grid[2],
    };

    VGPU_ENCODE(context, virgl_encode_cmd_launch_grid(&context->encoder, &command));
}

void vgpu_memory_barrier(struct vgpu_context *context, uint32_t flags)
{
    const struct virgl_cmd_memory_barrier command = {.flags = flags};

    VGPU_ENCODE(context, virgl_encode_cmd_memory_barrier(&context->encoder, &command));
}

void vgpu_blit(struct vgpu_context *context, const struct virgl_cmd_blit *blit)
{
    VGPU_ENCODE(context, virgl_encode_cmd_blit(&context->encoder, blit));
}

void vgpu_copy(struct vgpu_context *context, const struct vgpu_resource *to, uint32_t to_level,
               const uint32_t to_xyz[3], const struct vgpu_resource *from, uint32_t from_level,
               const struct vgpu_box *box)
{
    const struct virgl_cmd_resource_copy_region command = {
        .dst_resource = to->id,
        .dst_level = to_level,
        .dst_x = to_xyz[0],
        .dst_y = to_xyz[1],
        .dst_z = to_xyz[2],
        .src_resource = from->id,
        .src_level = from_level,
        .src_x = (int32_t)box->x,
        .src_y = (int32_t)box->y,
        .src_z = (int32_t)box->z,
        .width = (int32_t)box->width,
        .height = (int32_t)box->height,
        .depth = (int32_t)box->depth,
    };

    VGPU_ENCODE(context, virgl_encode_cmd_resource_copy_region(&context->encoder, &command));
}

void vgpu_begin_query(struct vgpu_context *context, uint32_t query)
{
    const struct virgl_cmd_begin_query command = {.query = query};

    VGPU_ENCODE(context, virgl_encode_cmd_begin_query(&context->encoder, &command));
}

void vgpu_end_query(struct vgpu_context *context, uint32_t query)
{
    const struct virgl_cmd_end_query command = {.query = query};

    VGPU_ENCODE(context, virgl_encode_cmd_end_query(&context->encoder, &command));
}

uint64_t vgpu_query_result(struct vgpu_context *context, uint32_t query,
                           struct vgpu_resource *result)
{
    const struct virgl_cmd_get_query_result command = {.query = query, .wait = true};
    struct virgl_host_query_state state = {.query_state = VIRGL_QUERY_STATE_WAIT_HOST};

    if (context->error || !result->memory)
        return 0;
    memcpy(result->memory, &state, sizeof(state));
    VGPU_ENCODE(context, virgl_encode_cmd_get_query_result(&context->encoder, &command));
    for (unsigned i = 0; i < QUERY_TRIES; i++) {
        if (vgpu_context_flush(context))
            return 0;
        /* The host may write the answer only when later work passes, so each try brings some. */
        const struct virgl_cmd_nop nop = {.length_dwords = 0};

        VGPU_ENCODE(context, virgl_encode_cmd_nop(&context->encoder, &nop));
        if (vgpu_context_finish(context))
            return 0;
        memcpy(&state, result->memory, sizeof(state));
        if (state.query_state == VIRGL_QUERY_STATE_DONE)
            return state.result_size == 8 ? state.result : (uint32_t)state.result;
    }
    vgpu_context_fail(context, -ETIMEDOUT);
    return 0;
}

void vgpu_set_render_condition(struct vgpu_context *context, uint32_t query, bool inverted)
{
    const struct virgl_cmd_set_render_condition command = {
        .query = query, .condition = inverted, .mode = VIRGL_RENDER_COND_WAIT,
    };

    VGPU_ENCODE(context, virgl_encode_cmd_set_render_condition(&context->encoder, &command));
}
