/* SPDX-License-Identifier: MIT */
/* Draws, dispatches and clears: what reaches the back end, what is dropped, what is refused. */
#include "fixture.h"

static void test_missing_shaders(struct fixture *f, gconstpointer data)
{
    EMIT(f, draw_vbo, .count = 3, .mode = VIRGL_PRIM_TRIANGLES);
    SUBMIT_OK(f);
    emit_shader(f, 101, VIRGL_SHADER_STAGE_VERTEX, vertex_text);
    EMIT(f, bind_shader, .shader = 101, .stage = VIRGL_SHADER_STAGE_VERTEX);
    EMIT(f, draw_vbo, .count = 3, .mode = VIRGL_PRIM_TRIANGLES);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.draws, ==, 0);
    bind_shaders(f);
    EMIT(f, draw_vbo, .count = 3, .mode = VIRGL_PRIM_TRIANGLES, .start = 7);
    EMIT(f, draw_vbo, .count = 0, .mode = VIRGL_PRIM_TRIANGLES);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.draws, ==, 1);
    g_assert_cmpuint(f->rec.draw.start, ==, 7);
    g_assert_cmphex(f->rec.dirty & DIRTY_SHADERS, ==, DIRTY_SHADERS);
    EMIT(f, draw_vbo, .count = 3, .mode = VIRGL_PRIM_TRIANGLES);
    SUBMIT_OK(f);
    g_assert_cmphex(f->rec.dirty, ==, 0);
}

static void test_modes(struct fixture *f, gconstpointer data)
{
    bind_shaders(f);
    for (uint32_t mode = 0; mode < VIRGL_PRIM_PATCHES; mode++)
        EMIT(f, draw_vbo, .count = 12, .mode = mode);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.draws, ==, VIRGL_PRIM_PATCHES);
    EMIT(f, draw_vbo, .count = 3, .mode = 15);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "mode");
}

static void test_lengths(struct fixture *f, gconstpointer data)
{
    static const uint32_t zeros[32];

    for (uint32_t length = 0; length <= 24; length++) {
        emit_raw(f, VIRGL_COMMAND_DRAW_VBO, 0, zeros, length);
        if (length == 12 || length == 14 || length == 20)
            SUBMIT_OK(f);
        else
            EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "length");
    }
}

static void test_patches(struct fixture *f, gconstpointer data)
{
    bind_shaders(f);
    EMIT(f, draw_vbo, .count = 3, .mode = VIRGL_PRIM_PATCHES, .vertices_per_patch = 3);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.draws, ==, 0);
    emit_shader(f, 103, VIRGL_SHADER_STAGE_TESS_EVAL, tes_text);
    EMIT(f, bind_shader, .shader = 103, .stage = VIRGL_SHADER_STAGE_TESS_EVAL);
    EMIT(f, draw_vbo, .count = 3, .mode = VIRGL_PRIM_TRIANGLES);
    EMIT(f, draw_vbo, .length_dwords = 14, .count = 3, .mode = VIRGL_PRIM_PATCHES);
    EMIT(f, draw_vbo, .count = 3, .mode = VIRGL_PRIM_PATCHES, .vertices_per_patch = 33);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.draws, ==, 0);
    EMIT(f, draw_vbo, .count = 3, .mode = VIRGL_PRIM_PATCHES, .vertices_per_patch = 32);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.draws, ==, 1);
    g_assert_cmpuint(f->rec.draw.vertices_per_patch, ==, 32);
}

static void test_indexed(struct fixture *f, gconstpointer data)
{
    make_buffer(f, 7, VIRGL_BIND_INDEX_BUFFER, 64);
    bind_shaders(f);
    EMIT(f, draw_vbo, .count = 3, .mode = 4, .indexed = true);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.draws, ==, 0);
    EMIT(f, set_index_buffer, .length_dwords = 3, .resource = 7, .index_size = 2, .offset = 4);
    /* The offset says where indices begin; start repeats it and is not added. */
    EMIT(f, draw_vbo, .start = UINT32_MAX, .count = 30, .mode = 4, .indexed = true);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.draws, ==, 1);
    g_assert_cmpuint(f->rec.draw.count, ==, 30);
    /* One index too many, and a number that wraps: what is there is drawn. */
    EMIT(f, draw_vbo, .count = 31, .mode = 4, .indexed = true);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.draws, ==, 2);
    g_assert_cmpuint(f->rec.draw.count, ==, 30);
    EMIT(f, draw_vbo, .count = UINT32_MAX, .mode = 4, .indexed = true);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.draw.count, ==, 30);
    EMIT(f, set_index_buffer, .length_dwords = 3, .resource = 7, .index_size = 4, .offset = 64);
    EMIT(f, draw_vbo, .count = 3, .mode = 4, .indexed = true);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.draws, ==, 3);
}

static void test_indirect(struct fixture *f, gconstpointer data)
{
    make_buffer(f, 7, VIRGL_BIND_COMMAND_ARGS, 64);
    make_buffer(f, 8, VIRGL_BIND_CUSTOM, 64);
    bind_shaders(f);
    EMIT(f, draw_vbo, .mode = 4, .indirect_buffer = 7, .indirect_offset = 48);
    SUBMIT_OK(f);
    g_assert_true(f->rec.was_indirect);
    g_assert_cmpuint(f->rec.indirect.draw_count, ==, 1);
    g_assert_cmpuint(f->rec.indirect.stride_bytes, ==, 16);
    bind_shaders(f);
    EMIT(f, draw_vbo, .mode = 4, .indirect_buffer = 7, .indirect_draw_count = 3,
         .indirect_stride = 24, .indirect_count_buffer = 7, .indirect_count_offset = 60);
    SUBMIT_OK(f);
    g_assert_nonnull(f->rec.indirect.count_buffer);

#define BAD(error, field, ...)                                                                     \
    bind_shaders(f);                                                                               \
    EMIT(f, draw_vbo, .length_dwords = 20, .mode = 4, __VA_ARGS__);                                \
    EXPECT_ERROR(f, error, field)
    BAD(ILLEGAL_RESOURCE, "indirect_buffer", .indirect_buffer = 8);
    BAD(ILLEGAL_RESOURCE, "indirect_buffer", .indirect_buffer = 80);
    BAD(ILLEGAL_RESOURCE, "indirect_offset", .indirect_buffer = 7, .indirect_offset = 52);
    BAD(ILLEGAL_RESOURCE, "indirect_offset", .indirect_buffer = 7,
        .indirect_offset = UINT32_MAX - 3);
    BAD(ILLEGAL_RESOURCE, "indirect_stride", .indirect_buffer = 7, .indirect_offset = 2);
    BAD(ILLEGAL_RESOURCE, "indirect_stride", .indirect_buffer = 7, .indirect_draw_count = 2,
        .indirect_stride = 12);
    BAD(ILLEGAL_RESOURCE, "indirect_offset", .indirect_buffer = 7,
        .indirect_draw_count = UINT32_MAX, .indirect_stride = UINT32_MAX - 3);
    BAD(ILLEGAL_RESOURCE, "indirect_count_buffer", .indirect_buffer = 7,
        .indirect_count_buffer = 9);
    BAD(ILLEGAL_RESOURCE, "indirect_count_offset", .indirect_buffer = 7,
        .indirect_count_buffer = 7, .indirect_count_offset = 61);
    BAD(ILLEGAL_RESOURCE, "indirect_count_offset", .indirect_buffer = 7,
        .indirect_count_buffer = 7, .indirect_count_offset = 64);
    f->backend->limits.has_indirect_count = false;
    BAD(ILLEGAL_CMD_BUFFER, "indirect_count_buffer", .indirect_buffer = 7,
        .indirect_count_buffer = 7);
    f->backend->limits.has_multi_draw_indirect = false;
    BAD(ILLEGAL_CMD_BUFFER, "indirect_draw_count", .indirect_buffer = 7,
        .indirect_draw_count = 2);
    f->backend->limits.has_indirect_draw = false;
    BAD(ILLEGAL_CMD_BUFFER, "indirect_buffer", .indirect_buffer = 7);
#undef BAD
}

static void test_count_from_streamout(struct fixture *f, gconstpointer data)
{
    const struct virgl_set_vertex_buffers_buffer buffer = { 16, 0, 7 };

    make_buffer(f, 7, VIRGL_BIND_STREAM_OUTPUT, 64);
    make_buffer(f, 8, VIRGL_BIND_STREAM_OUTPUT, 64);
    bind_shaders(f);
    EMIT_OBJECT(f, streamout_target, .handle = 1, .resource = 7, .buffer_size = 48);
    EMIT_OBJECT(f, streamout_target, .handle = 2, .resource = 8, .buffer_size = 48);
    EMIT(f, set_vertex_buffers, .buffer = &buffer, .buffer_count = 1);
    EMIT(f, draw_vbo, .mode = 4, .count_from_so = 48);
    SUBMIT_OK(f);
    g_assert_nonnull(f->rec.count_from);
    g_assert_cmpuint(f->rec.count_from->base.handle, ==, 1);
    /* Without such a target the number is a vertex count. */
    EMIT(f, draw_vbo, .mode = 4, .count_from_so = 24);
    SUBMIT_OK(f);
    g_assert_null(f->rec.count_from);
    g_assert_cmpuint(f->rec.draw.count, ==, 24);

    /* It must not become a number of indices that nobody has compared with the index buffer. */
    const uint32_t draws = f->rec.draws;
    make_buffer(f, 9, VIRGL_BIND_INDEX_BUFFER, 12);
    EMIT(f, set_index_buffer, .resource = 9, .index_size = 2);
    EMIT(f, draw_vbo, .mode = 4, .count = 3, .indexed = 1, .count_from_so = 1 << 20);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.draws, ==, draws);
}

static void test_back_end_errors(struct fixture *f, gconstpointer data)
{
    f->rec.draw_error = EINVAL;
    bind_shaders(f);
    EMIT(f, draw_vbo, .mode = 4, .count = 3);
    EXPECT_ERROR(f, ILLEGAL_SHADER, "shader");
    f->rec.draw_error = ENOMEM;
    bind_shaders(f);
    EMIT(f, draw_vbo, .mode = 4, .count = 3);
    EXPECT_ERROR(f, UNKNOWN, "host");
}

static void test_grid(struct fixture *f, gconstpointer data)
{
    make_buffer(f, 7, VIRGL_BIND_COMMAND_ARGS, 12);
    EMIT(f, launch_grid, .grid_x = 1, .grid_y = 1, .grid_z = 1);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.grids, ==, 0);
    emit_shader(f, 1, VIRGL_SHADER_STAGE_COMPUTE, compute_text);
    EMIT(f, bind_shader, .shader = 1, .stage = VIRGL_SHADER_STAGE_COMPUTE);
    EMIT(f, launch_grid, .grid_x = 1, .grid_y = 0, .grid_z = 1);
    EMIT(f, launch_grid, .grid_x = 1, .grid_y = 1, .grid_z = 1);
    EMIT(f, launch_grid, .indirect_buffer = 7);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.grids, ==, 2);
    g_assert_true(f->rec.was_indirect);
    EMIT(f, launch_grid, .indirect_buffer = 7, .indirect_offset = 4);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "indirect_offset");
    EMIT(f, launch_grid, .indirect_buffer = 8);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "indirect_buffer");
    f->backend->limits.has_compute = false;
    EMIT(f, launch_grid, .grid_x = 1, .grid_y = 1, .grid_z = 1);
    EXPECT_ERROR(f, UNSUPPORTED_FUNCTION, "grid");
}

static void test_clear(struct fixture *f, gconstpointer data)
{
    const uint32_t cbufs[2] = { 0, 1 };

    make_texture(f, 7, 4, 4);
    EMIT(f, clear, .buffers = 0x3ff);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.clears, ==, 0);
    EMIT_OBJECT(f, surface, .handle = 1, .resource = 7, .format = VIRGL_FORMAT_R8G8B8A8_UNORM);
    EMIT(f, set_framebuffer_state, .nr_cbufs = 2, .cbuf = cbufs, .cbuf_count = 2);
    EMIT(f, clear, .buffers = UINT32_MAX);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.clears, ==, 1);
    g_assert_cmphex(f->rec.clear_buffers, ==, VIRGL_CLEAR_COLOR1);
    EMIT_RAW(f, VIRGL_COMMAND_CLEAR, 0, 1, 2, 3, 4, 5, 6, 7);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "length");
}

static void test_clear_surface(struct fixture *f, gconstpointer data)
{
    make_texture(f, 7, 16, 8);
    EMIT_OBJECT(f, surface, .handle = 1, .resource = 7, .format = VIRGL_FORMAT_R8G8B8A8_UNORM);
    EMIT(f, clear_surface, .buffers = 4, .surface = 1, .x = 10, .y = 2, .width = 100,
         .height = UINT32_MAX);
    EMIT(f, clear_surface, .buffers = 4, .surface = 1, .x = 16, .width = 1, .height = 1);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.surface_clears, ==, 1);
    g_assert_cmpuint(f->rec.clear_surface.width, ==, 6);
    g_assert_cmpuint(f->rec.clear_surface.height, ==, 6);
    EMIT(f, clear_surface, .buffers = 4, .surface = 2);
    EXPECT_ERROR(f, ILLEGAL_SURFACE, "surface");
    memset(f->backend->limits.format_renderable, 0, sizeof(f->backend->limits.format_renderable));
    EMIT_OBJECT(f, surface, .handle = 1, .resource = 7, .format = VIRGL_FORMAT_R8G8B8A8_UNORM);
    EMIT(f, clear_surface, .buffers = 4, .surface = 1, .width = 1, .height = 1);
    EXPECT_ERROR(f, ILLEGAL_FORMAT, "surface");
}

static void test_clear_texture(struct fixture *f, gconstpointer data)
{
    make_texture(f, 7, 16, 8);
    make_buffer(f, 8, VIRGL_BIND_VERTEX_BUFFER, 64);
    EMIT(f, clear_texture, .resource = 7, .x = 15, .y = 7, .width = 1, .height = 1, .depth = 1);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.texture_clears, ==, 1);
    EMIT(f, clear_texture, .resource = 7, .x = 15, .y = 7, .width = 2, .height = 1, .depth = 1);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "width");
    EMIT(f, clear_texture, .resource = 7, .x = -1, .width = 2, .height = 1, .depth = 1);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "width");
    EMIT(f, clear_texture, .resource = 7, .level = 1, .width = 1, .height = 1, .depth = 1);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "level");
    EMIT(f, clear_texture, .resource = 8, .width = 1, .height = 1, .depth = 1);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "resource");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    FRONT_TEST("/draw/missing-shaders", test_missing_shaders);
    FRONT_TEST("/draw/modes", test_modes);
    FRONT_TEST("/draw/lengths", test_lengths);
    FRONT_TEST("/draw/patches", test_patches);
    FRONT_TEST("/draw/indexed", test_indexed);
    FRONT_TEST("/draw/indirect", test_indirect);
    FRONT_TEST("/draw/count-from-streamout", test_count_from_streamout);
    FRONT_TEST("/draw/back-end-errors", test_back_end_errors);
    FRONT_TEST("/draw/grid", test_grid);
    FRONT_TEST("/draw/clear", test_clear);
    FRONT_TEST("/draw/clear-surface", test_clear_surface);
    FRONT_TEST("/draw/clear-texture", test_clear_texture);
    return g_test_run();
}
