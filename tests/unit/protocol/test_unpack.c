/* SPDX-License-Identifier: MIT */
/* Words written by hand against the protocol, and what must or must not be refused. */

#include <glib.h>
#include <string.h>

#include "guard.h"
#include "virgl_unpack.h"

static struct guard guard;

/* Places the words at the guard page, unpacks; refusal must name field and error. */
#define ACCEPT(stem, out, ...)                                                                     \
    do {                                                                                           \
        const uint32_t words_[] = {__VA_ARGS__};                                                   \
        struct virgl_unpack_error err_ = {0};                                                      \
        const uint32_t *payload_ = guard_place(&guard, words_, G_N_ELEMENTS(words_));              \
        if (!virgl_unpack_##stem(payload_, G_N_ELEMENTS(words_), out, &err_))                      \
            g_error(#stem " refused: %s %s", err_.what, err_.field);                               \
    } while (0)

#define REFUSE(stem, out, wrong_field, wrong_value, wrong_error, ...)                              \
    do {                                                                                           \
        const uint32_t words_[] = {__VA_ARGS__};                                                   \
        struct virgl_unpack_error err_ = {0};                                                      \
        const uint32_t *payload_ = guard_place(&guard, words_, G_N_ELEMENTS(words_));              \
        g_assert_false(virgl_unpack_##stem(payload_, G_N_ELEMENTS(words_), out, &err_));           \
        g_assert_cmpstr(err_.field, ==, wrong_field);                                              \
        g_assert_cmpuint(err_.value, ==, wrong_value);                                             \
        g_assert_cmpint(err_.error, ==, VIRGL_CTX_ERROR_##wrong_error);                            \
    } while (0)

static void test_draw(void)
{
    struct virgl_cmd_draw_vbo draw;

    ACCEPT(cmd_draw_vbo, &draw, 3, 6, 4, 1, 2, 0xfffffffe, 5, 1, 0xffff, 7, 8, 0);
    g_assert_cmpuint(draw.start, ==, 3);
    g_assert_cmpuint(draw.count, ==, 6);
    g_assert_cmpuint(draw.mode, ==, VIRGL_PRIM_TRIANGLES);
    g_assert_true(draw.indexed);
    g_assert_cmpuint(draw.instance_count, ==, 2);
    g_assert_cmpint(draw.index_bias, ==, -2);
    g_assert_cmpuint(draw.start_instance, ==, 5);
    g_assert_true(draw.primitive_restart);
    g_assert_cmpuint(draw.restart_index, ==, 0xffff);
    g_assert_cmpuint(draw.max_index, ==, 8);
    g_assert_cmpuint(draw.vertices_per_patch, ==, 0);
    g_assert_cmpuint(draw.indirect_buffer, ==, 0);
    ACCEPT(cmd_draw_vbo, &draw, 0, 6, 14, 0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 9);
    g_assert_cmpuint(draw.vertices_per_patch, ==, 3);
    g_assert_cmpuint(draw.drawid, ==, 9);
    ACCEPT(cmd_draw_vbo, &draw, 0, 6, 4, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 21, 22, 23, 24, 25, 26);
    g_assert_cmpuint(draw.indirect_buffer, ==, 21);
    g_assert_cmpuint(draw.indirect_count_buffer, ==, 26);
    REFUSE(cmd_draw_vbo, &draw, "mode", 15, ILLEGAL_CMD_BUFFER, 0, 3, 15, 0, 1, 0, 0, 0, 0, 0, 0,
           0);
    REFUSE(cmd_draw_vbo, &draw, "length", 13, ILLEGAL_CMD_BUFFER, 0, 3, 4, 0, 1, 0, 0, 0, 0, 0, 0,
           0, 0);
}

static void test_clear(void)
{
    struct virgl_cmd_clear clear;

    /* 0.25 as a double is 0x3fd0000000000000. */
    ACCEPT(cmd_clear, &clear, 5, 0x3f800000, 0, 0x40000000, 1, 0, 0x3fd00000, 0x7f);
    g_assert_cmpuint(clear.buffers, ==, VIRGL_CLEAR_DEPTH | VIRGL_CLEAR_COLOR0);
    g_assert_cmpuint(clear.color_2, ==, 0x40000000);
    g_assert_cmpfloat(clear.depth, ==, 0.25);
    g_assert_cmpuint(clear.stencil, ==, 0x7f);
}

static void test_slots(void)
{
    struct virgl_cmd_set_sampler_views views;
    struct virgl_cmd_set_scissor_state scissor;
    struct virgl_cmd_bind_sampler_states states;

    ACCEPT(cmd_set_sampler_views, &views, 1, 126, 7, 8);
    g_assert_cmpuint(views.view_count, ==, 2);
    g_assert_cmpuint(views.view[1], ==, 8);
    REFUSE(cmd_set_sampler_views, &views, "start_slot", 129, ILLEGAL_CMD_BUFFER, 1, 127, 7, 8);
    REFUSE(cmd_set_sampler_views, &views, "start_slot", UINT64_C(0x100000001), ILLEGAL_CMD_BUFFER,
           1, 0xffffffff, 7, 8);
    REFUSE(cmd_set_sampler_views, &views, "stage", 6, ILLEGAL_CMD_BUFFER, 6, 0, 7, 8);
    REFUSE(cmd_bind_sampler_states, &states, "start_slot", 33, ILLEGAL_CMD_BUFFER, 0, 32, 1);

    ACCEPT(cmd_set_scissor_state, &scissor, 15, 0x00020001, 0xfffe0004);
    g_assert_cmpuint(scissor.scissor[0].minx, ==, 1);
    g_assert_cmpuint(scissor.scissor[0].miny, ==, 2);
    g_assert_cmpuint(scissor.scissor[0].maxx, ==, 4);
    g_assert_cmpuint(scissor.scissor[0].maxy, ==, 0xfffe);
    REFUSE(cmd_set_scissor_state, &scissor, "start_slot", 17, ILLEGAL_CMD_BUFFER, 16, 0, 0);
    REFUSE(cmd_set_scissor_state, &scissor, "length", 2, ILLEGAL_CMD_BUFFER, 0, 0);
}

static void test_framebuffer(void)
{
    struct virgl_cmd_set_framebuffer_state state;

    ACCEPT(cmd_set_framebuffer_state, &state, 2, 9, 4, 5);
    g_assert_cmpuint(state.zsurf, ==, 9);
    g_assert_cmpuint(state.cbuf_count, ==, 2);
    g_assert_cmpuint(state.cbuf[0], ==, 4);
    REFUSE(cmd_set_framebuffer_state, &state, "length", 4, ILLEGAL_CMD_BUFFER, 1, 9, 4, 5);
    REFUSE(cmd_set_framebuffer_state, &state, "length", 4, ILLEGAL_CMD_BUFFER, 3, 9, 4, 5);
    REFUSE(cmd_set_framebuffer_state, &state, "nr_cbufs", 0xffffffff, ILLEGAL_CMD_BUFFER,
           0xffffffff, 9, 4);
    REFUSE(cmd_set_framebuffer_state, &state, "nr_cbufs", 9, ILLEGAL_CMD_BUFFER, 9, 0, 1, 2, 3, 4,
           5, 6, 7, 8, 9);
}

static void test_vertex_buffers(void)
{
    struct virgl_cmd_set_vertex_buffers buffers;
    uint32_t words[3 * 33] = {16, 32, 5, 20, 40, 6};
    struct virgl_unpack_error err;

    g_assert_true(virgl_unpack_cmd_set_vertex_buffers(guard_place(&guard, words, 6), 6, &buffers,
                                                      &err));
    g_assert_cmpuint(buffers.buffer_count, ==, 2);
    g_assert_cmpuint(buffers.buffer[1].stride, ==, 20);
    g_assert_cmpuint(buffers.buffer[1].offset, ==, 40);
    g_assert_cmpuint(buffers.buffer[1].resource, ==, 6);
    g_assert_true(virgl_unpack_cmd_set_vertex_buffers(words, 0, &buffers, &err));
    g_assert_cmpuint(buffers.buffer_count, ==, 0);
    g_assert_true(virgl_unpack_cmd_set_vertex_buffers(words, 96, &buffers, &err));
    g_assert_false(virgl_unpack_cmd_set_vertex_buffers(words, 99, &buffers, &err));
    g_assert_cmpuint(err.value, ==, 33);
}

static void test_blend(void)
{
    struct virgl_obj_blend blend;
    /* Enabled, add, SRC_ALPHA (3), INV_SRC_ALPHA (19), subtract, ONE (1), ZERO (17), RGBA. */
    uint32_t rt = 1 | 0 << 1 | 3 << 4 | 19 << 9 | 1 << 14 | 1 << 17 | 17 << 22 | 0xf << 27;

    ACCEPT(obj_blend, &blend, 4, 0x1f, 12, rt, 0, 0, 0, 0, 0, 0, 0);
    g_assert_true(blend.independent_blend_enable);
    g_assert_true(blend.alpha_to_one);
    g_assert_cmpuint(blend.logicop_func, ==, VIRGL_LOGICOP_COPY);
    g_assert_true(blend.rt[0].blend_enable);
    g_assert_cmpuint(blend.rt[0].rgb_src_factor, ==, VIRGL_BLEND_FACTOR_SRC_ALPHA);
    g_assert_cmpuint(blend.rt[0].rgb_dst_factor, ==, VIRGL_BLEND_FACTOR_INV_SRC_ALPHA);
    g_assert_cmpuint(blend.rt[0].alpha_func, ==, VIRGL_BLEND_FUNC_SUBTRACT);
    g_assert_cmpuint(blend.rt[0].alpha_dst_factor, ==, VIRGL_BLEND_FACTOR_ZERO);
    g_assert_cmpuint(blend.rt[0].colormask, ==, 0xf);
    g_assert_false(blend.rt[1].blend_enable);

    /* Factor 11 is none, but counts only where blending is on and the target is in use. */
    REFUSE(obj_blend, &blend, "rgb_src_factor", 11, ILLEGAL_CMD_BUFFER, 4, 1, 0, 0, 1 | 11 << 4, 0,
           0, 0, 0, 0, 0);
    ACCEPT(obj_blend, &blend, 4, 0, 0, 0, 1 | 11 << 4, 0, 0, 0, 0, 0, 0);
    ACCEPT(obj_blend, &blend, 4, 1, 0, 0, 11 << 4, 0, 0, 0, 0, 0, 0);
    /* Advanced equations travel in the alpha source factor. */
    ACCEPT(obj_blend, &blend, 4, 0, 0, 1 | 15 << 17, 0, 0, 0, 0, 0, 0, 0);
    REFUSE(obj_blend, &blend, "rgb_func", 7, ILLEGAL_CMD_BUFFER, 4, 0, 0, 1 | 7 << 1, 0, 0, 0, 0, 0,
           0, 0);
    REFUSE(obj_blend, &blend, "handle", 0, ILLEGAL_CMD_BUFFER, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

static void test_views(void)
{
    struct virgl_obj_sampler_view view;
    struct virgl_obj_sampler_state state;
    struct virgl_obj_surface surface;
    struct virgl_obj_vertex_elements elements;

    ACCEPT(obj_sampler_view, &view, 3, 8, 67 | 2 << 24, 1 | 4 << 16, 2 | 5 << 8,
           0 | 1 << 3 | 2 << 6 | 5 << 9);
    g_assert_cmpuint(view.format, ==, VIRGL_FORMAT_R8G8B8A8_UNORM);
    g_assert_cmpuint(view.target, ==, VIRGL_TEXTURE_TARGET_2D);
    g_assert_cmpuint(view.last_layer, ==, 4);
    g_assert_cmpuint(view.first_element, ==, 0x40001);
    g_assert_cmpuint(view.last_level, ==, 5);
    g_assert_cmpuint(view.swizzle_a, ==, VIRGL_SWIZZLE_1);
    REFUSE(obj_sampler_view, &view, "format", 0, ILLEGAL_FORMAT, 3, 8, 0, 0, 0, 0);
    REFUSE(obj_sampler_view, &view, "format", 481, ILLEGAL_FORMAT, 3, 8, 481, 0, 0, 0);
    REFUSE(obj_sampler_view, &view, "target", 9, ILLEGAL_SAMPLER_VIEW_TARGET, 3, 8, 67 | 9 << 24, 0,
           0, 0);
    REFUSE(obj_sampler_state, &state, "min_mip_filter", 3, ILLEGAL_CMD_BUFFER, 3, 3 << 11, 0, 0, 0,
           0, 0, 0, 0);
    REFUSE(obj_surface, &surface, "format", 481, ILLEGAL_FORMAT, 3, 8, 481, 0, 0);
    REFUSE(obj_vertex_elements, &elements, "src_format", 5000, ILLEGAL_VERTEX_FORMAT, 1, 0, 0, 0,
           5000);
    REFUSE(obj_vertex_elements, &elements, "vertex_buffer_index", 32, ILLEGAL_CMD_BUFFER, 1, 0, 0,
           32, 67);
}

static void test_shader(void)
{
    struct virgl_obj_shader shader;

    ACCEPT(obj_shader, &shader, 9, 1, 7, 300, 0, 0x47415246, 0);
    g_assert_cmpuint(shader.offlen_value, ==, 7);
    g_assert_false(shader.offlen_continuation);
    g_assert_cmpuint(shader.text_dwords, ==, 2);
    g_assert_cmpint(memcmp(shader.text, "FRAG", 5), ==, 0);
    g_assert_null(shader.so_stride);

    /* One stream output: register 2, from y, 3 components, buffer 1, offset 16, stream 2. */
    ACCEPT(obj_shader, &shader, 9, 0, 4, 300, 1, 10, 11, 12, 13,
           2 | 1 << 8 | 3 << 10 | 1 << 13 | 16 << 16, 2, 0x54524556);
    g_assert_cmpuint(shader.so_stride[3], ==, 13);
    g_assert_cmpuint(shader.so_output_count, ==, 1);
    g_assert_cmpuint(shader.so_output[0].register_index, ==, 2);
    g_assert_cmpuint(shader.so_output[0].start_component, ==, 1);
    g_assert_cmpuint(shader.so_output[0].num_components, ==, 3);
    g_assert_cmpuint(shader.so_output[0].output_buffer, ==, 1);
    g_assert_cmpuint(shader.so_output[0].dst_offset, ==, 16);
    g_assert_cmpuint(shader.so_output[0].stream, ==, 2);
    g_assert_cmpuint(shader.text_dwords, ==, 1);

    /* Compute: the same dword is the size of shared memory and may be large. */
    ACCEPT(obj_shader, &shader, 9, 5, 4, 300, 32768, 0x504d4f43);
    g_assert_cmpuint(shader.so_num_outputs, ==, 32768);
    ACCEPT(obj_shader, &shader, 9, 1, 0x80000010, 300, 0, 0x47415246);
    g_assert_true(shader.offlen_continuation);
    g_assert_cmpuint(shader.offlen_value, ==, 16);

    REFUSE(obj_shader, &shader, "so_num_outputs", 65, ILLEGAL_CMD_BUFFER, 9, 0, 4, 300, 65, 0, 0, 0,
           0, 0);
    REFUSE(obj_shader, &shader, "so_output", 2, ILLEGAL_CMD_BUFFER, 9, 0, 4, 300, 2, 0, 0, 0, 0, 0,
           0, 0);
    REFUSE(obj_shader, &shader, "so_stride", 4, ILLEGAL_CMD_BUFFER, 9, 0, 4, 300, 2, 0, 0, 0);
    REFUSE(obj_shader, &shader, "stage", 6, ILLEGAL_CMD_BUFFER, 9, 6, 4, 300, 0, 0);
}

/* Things that a host must let pass. */
static void test_tolerated(void)
{
    struct virgl_cmd_bind_shader bind;
    struct virgl_cmd_set_tweaks tweaks;
    struct virgl_cmd_set_render_condition condition;
    struct virgl_cmd_end_transfers end;
    struct virgl_cmd_set_index_buffer index;
    struct virgl_cmd_set_debug_flags flags;

    ACCEPT(cmd_bind_shader, &bind, 3, 17);
    ACCEPT(cmd_set_tweaks, &tweaks, 99, 1);
    ACCEPT(cmd_set_render_condition, &condition, 0, 0, 77);
    REFUSE(cmd_set_render_condition, &condition, "mode", 4, ILLEGAL_CMD_BUFFER, 1, 0, 4);
    ACCEPT(cmd_end_transfers, &end, 0xffffffff, 1, 2);
    ACCEPT(cmd_set_index_buffer, &index, 0);
    g_assert_cmpuint(index.index_size, ==, 0);
    REFUSE(cmd_set_index_buffer, &index, "index_size", 3, ILLEGAL_CMD_BUFFER, 7, 3, 0);
    ACCEPT(cmd_set_debug_flags, &flags, 0x6c6c61, 0);
    g_assert_cmpuint(flags.flags_string_dwords, ==, 2);
}

static void test_text(void)
{
    struct virgl_cmd_string_marker marker;

    ACCEPT(cmd_string_marker, &marker, 3, 0x6f6f66);
    g_assert_cmpuint(marker.text_size, ==, 3);
    REFUSE(cmd_string_marker, &marker, "text_size", 5, ILLEGAL_CMD_BUFFER, 5, 0x6f6f66);
    REFUSE(cmd_string_marker, &marker, "length", 1, ILLEGAL_CMD_BUFFER, 0);
}

static void test_types(void)
{
    struct virgl_cmd_transfer3d transfer;
    struct virgl_cmd_pipe_resource_set_type type;
    struct virgl_cmd_set_shader_images images;

    REFUSE(cmd_transfer3d, &transfer, "direction", 3, ILLEGAL_CMD_BUFFER, 1, 0, 0, 0, 0, 0, 0, 0, 4,
           4, 1, 0, 3);
    REFUSE(cmd_transfer3d, &transfer, "direction", 0, ILLEGAL_CMD_BUFFER, 1, 0, 0, 0, 0, 0, 0, 0, 4,
           4, 1, 0, 0);
    ACCEPT(cmd_transfer3d, &transfer, 1, 0, 0, 0, 0, 0xffffffff, 0, 0, 4, 4, 1, 64, 2, 99);
    g_assert_cmpint(transfer.x, ==, -1);
    ACCEPT(cmd_pipe_resource_set_type, &type, 1, 67, 2, 64, 64, 0, 0x89abcdef, 0x01234567, 256,
           4096);
    g_assert_cmphex(type.modifier, ==, UINT64_C(0x0123456789abcdef));
    g_assert_cmpuint(type.plane[0].stride, ==, 256);
    ACCEPT(cmd_set_shader_images, &images, 1, 0, 5000, 0, 0, 0, 0);
    REFUSE(cmd_set_shader_images, &images, "format", 5000, ILLEGAL_FORMAT, 1, 0, 5000, 0, 0, 0, 7);
}

static void test_names(void)
{
    g_assert_cmpstr(virgl_command_name(8), ==, "DRAW_VBO");
    g_assert_cmpstr(virgl_command_name(64), ==, "QUERY_GBM_FORMAT_MODIFIER");
    g_assert_cmpstr(virgl_command_name(65), ==, "?");
    g_assert_cmpstr(virgl_object_type_name(3), ==, "DSA");
    g_assert_cmpstr(virgl_object_type_name(12), ==, "?");
    g_assert_cmpstr(virgl_ctx_error_name(4), ==, "ILLEGAL_RESOURCE");
    g_assert_cmpint(VIRGL_COMMAND_COUNT, ==, 65);
    g_assert_cmpint(VIRGL_OBJECT_TYPE_COUNT, ==, 12);
    g_assert_cmpint(VIRGL_PRIM_COUNT, ==, 15);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    guard_init(&guard, 4096);
    g_test_add_func("/protocol/unpack/draw", test_draw);
    g_test_add_func("/protocol/unpack/clear", test_clear);
    g_test_add_func("/protocol/unpack/slots", test_slots);
    g_test_add_func("/protocol/unpack/framebuffer", test_framebuffer);
    g_test_add_func("/protocol/unpack/vertex-buffers", test_vertex_buffers);
    g_test_add_func("/protocol/unpack/blend", test_blend);
    g_test_add_func("/protocol/unpack/views", test_views);
    g_test_add_func("/protocol/unpack/shader", test_shader);
    g_test_add_func("/protocol/unpack/tolerated", test_tolerated);
    g_test_add_func("/protocol/unpack/text", test_text);
    g_test_add_func("/protocol/unpack/types", test_types);
    g_test_add_func("/protocol/unpack/names", test_names);
    int status = g_test_run();
    guard_finish(&guard);
    return status;
}
