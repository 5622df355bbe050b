/* SPDX-License-Identifier: MIT */
/* State setters: what changes is stored and marked, what does not change marks nothing, and every
 * bad index, count and handle is refused. */
#include "fixture.h"

#include <math.h>

/* Submits the same commands twice: the first time the mark must appear, the second time not. */
static void expect_dirty_once(struct fixture *f, uint32_t dirty)
{
    const size_t used = f->enc.used_dwords;

    /* The first submission makes the back-end context, which starts with everything marked. */
    g_assert_cmpint(renderer_submit(f->renderer, CTX, f->dwords, 0), ==, 0);
    if (front_context_backend(f->ctx))
        current_state(f)->dirty = 0;
    SUBMIT_OK(f);
    g_assert_cmphex(current_state(f)->dirty & dirty, ==, dirty);
    current_state(f)->dirty = 0;
    f->enc.used_dwords = used;
    SUBMIT_OK(f);
    g_assert_cmphex(current_state(f)->dirty, ==, 0);
}

static void test_parameters(struct fixture *f, gconstpointer data)
{
    static const float color[4] = { 1, 2, 3, 4 }, levels[6] = { 1, 2, 3, 4, 5, 6 };
    static const struct virgl_set_clip_state_plane planes[8] = { { 1, 2, 3, 4 } };
    static const uint32_t rows[32] = { 1, 2, 3 };
    const struct draw_state *state;

    EMIT(f, set_blend_color, .color = color, .color_count = 4);
    expect_dirty_once(f, DIRTY_BLEND_COLOR);
    EMIT(f, set_stencil_ref, .front = 1, .back = 255);
    expect_dirty_once(f, DIRTY_STENCIL_REF);
    EMIT(f, set_polygon_stipple, .row = rows, .row_count = 32);
    expect_dirty_once(f, DIRTY_POLYGON_STIPPLE);
    EMIT(f, set_clip_state, .plane = planes, .plane_count = 8);
    expect_dirty_once(f, DIRTY_CLIP_STATE);
    EMIT(f, set_sample_mask, .mask = 7);
    expect_dirty_once(f, DIRTY_SAMPLE_MASK);
    EMIT(f, set_min_samples, .min_samples = 4);
    expect_dirty_once(f, DIRTY_MIN_SAMPLES);
    EMIT(f, set_tess_state, .level = levels, .level_count = 6);
    expect_dirty_once(f, DIRTY_TESS_STATE);
    state = current_state(f);
    g_assert_cmpfloat(state->blend_color[3], ==, 4.0f);
    g_assert_cmpuint(state->stencil_ref[1], ==, 255);
    g_assert_cmpuint(state->polygon_stipple[2], ==, 3);
    g_assert_cmpfloat(state->clip_planes[0][3], ==, 4.0f);
    g_assert_cmpuint(state->sample_mask, ==, 7);
    g_assert_cmpuint(state->min_samples, ==, 4);
    g_assert_cmpfloat(state->tess_levels[5], ==, 6.0f);
}

static void test_viewports(struct fixture *f, gconstpointer data)
{
    struct virgl_cmd_set_viewport_state cmd = { .start_slot = 14, .viewport_count = 2 };

    cmd.viewport[0] = (struct virgl_set_viewport_state_viewport){ 1, 2, 3, 4, 5, 6 };
    cmd.viewport[1].scale_x = NAN;
    cmd.viewport[1].scale_y = -INFINITY;
    cmd.viewport[1].translate_x = 1e30f;
    g_assert_true(virgl_encode_cmd_set_viewport_state(&f->enc, &cmd));
    expect_dirty_once(f, DIRTY_VIEWPORTS);
    g_assert_cmpfloat(current_state(f)->viewports[14].translate[2], ==, 6.0f);
    g_assert_cmpfloat(current_state(f)->viewports[15].scale[0], ==, 0.0f);
    g_assert_cmpfloat(current_state(f)->viewports[15].scale[1], ==, -1e7f);
    g_assert_cmpfloat(current_state(f)->viewports[15].translate[0], ==, 1e7f);

    EMIT_RAW(f, VIRGL_COMMAND_SET_VIEWPORT_STATE, 0, 16, 0, 0, 0, 0, 0, 0);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "start_slot");
    EMIT_RAW(f, VIRGL_COMMAND_SET_VIEWPORT_STATE, 0, UINT32_MAX, 0, 0, 0, 0, 0, 0);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "start_slot");
    EMIT_RAW(f, VIRGL_COMMAND_SET_VIEWPORT_STATE, 0, 0, 0, 0, 0, 0, 0);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "length");
}

static void test_scissors(struct fixture *f, gconstpointer data)
{
    struct virgl_cmd_set_scissor_state cmd = { .start_slot = 0, .scissor_count = 2 };

    cmd.scissor[0] = (struct virgl_set_scissor_state_scissor){ 1, 2, 30, 40 };
    cmd.scissor[1] = (struct virgl_set_scissor_state_scissor){ 50, 60, 3, 4 };
    g_assert_true(virgl_encode_cmd_set_scissor_state(&f->enc, &cmd));
    expect_dirty_once(f, DIRTY_SCISSORS);
    g_assert_cmpuint(current_state(f)->scissors[0].maxy, ==, 40);
    /* Never of negative size. */
    g_assert_cmpuint(current_state(f)->scissors[1].maxx, ==, 50);
    EMIT_RAW(f, VIRGL_COMMAND_SET_SCISSOR_STATE, 0, 16, 0, 0);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "start_slot");
}

static void test_vertex_buffers(struct fixture *f, gconstpointer data)
{
    struct virgl_set_vertex_buffers_buffer buffers[3] = {
        { 16, 0, 7 }, { 8, 32, 7 }, { 8, 65, 7 }
    };
    struct virgl_set_vertex_buffers_buffer many[33] = { { 0, 0, 0 } };
    struct resource *res = make_buffer(f, 7, VIRGL_BIND_VERTEX_BUFFER, 64);
    const struct draw_state *state;

    make_buffer(f, 8, VIRGL_BIND_CUSTOM, 64);
    make_texture(f, 9, 4, 4);
    EMIT(f, set_vertex_buffers, .buffer = buffers, .buffer_count = 3);
    expect_dirty_once(f, DIRTY_VERTEX_BUFFERS);
    state = current_state(f);
    g_assert_true(state->vertex_buffers[1].res == res);
    g_assert_cmpuint(state->vertex_buffers[1].offset_bytes, ==, 32);
    g_assert_null(state->vertex_buffers[2].res); /* starts behind the end */
    g_assert_cmpuint(res->refcount, ==, 4);

    EMIT(f, set_vertex_buffers, .buffer = buffers, .buffer_count = 1);
    expect_dirty_once(f, DIRTY_VERTEX_BUFFERS);
    g_assert_null(state->vertex_buffers[1].res);
    g_assert_cmpuint(res->refcount, ==, 3);

    buffers[0].offset = 4;
    EMIT(f, set_vertex_buffers, .buffer = buffers, .buffer_count = 1);
    expect_dirty_once(f, DIRTY_VERTEX_BUFFERS);
    g_assert_cmpuint(state->vertex_buffers[0].offset_bytes, ==, 4);
    buffers[0].stride = 12;
    EMIT(f, set_vertex_buffers, .buffer = buffers, .buffer_count = 1);
    expect_dirty_once(f, DIRTY_VERTEX_BUFFERS);
    g_assert_cmpuint(state->vertex_buffers[0].stride_bytes, ==, 12);

    for (uint32_t bad = 8; bad <= 10; bad++) {
        buffers[0].resource = bad;
        EMIT(f, set_vertex_buffers, .buffer = buffers, .buffer_count = 1);
        EXPECT_ERROR(f, ILLEGAL_RESOURCE, "resource");
    }
    emit_raw(f, VIRGL_COMMAND_SET_VERTEX_BUFFERS, 0, (const uint32_t *)many, 99);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "buffer");
    emit_raw(f, VIRGL_COMMAND_SET_VERTEX_BUFFERS, 0, (const uint32_t *)many, 4);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "length");
}

static void test_index_buffer(struct fixture *f, gconstpointer data)
{
    make_buffer(f, 7, VIRGL_BIND_INDEX_BUFFER, 64);
    make_buffer(f, 8, VIRGL_BIND_CUSTOM, 64);
    EMIT(f, set_index_buffer, .length_dwords = 3, .resource = 7, .index_size = 2, .offset = 4);
    expect_dirty_once(f, DIRTY_INDEX_BUFFER);
    g_assert_cmpuint(current_state(f)->index.size_bytes, ==, 2);
    EMIT_RAW(f, VIRGL_COMMAND_SET_INDEX_BUFFER, 0, 0);
    expect_dirty_once(f, DIRTY_INDEX_BUFFER);
    g_assert_null(current_state(f)->index.res);

    EMIT_RAW(f, VIRGL_COMMAND_SET_INDEX_BUFFER, 0, 7);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "length");
    EMIT_RAW(f, VIRGL_COMMAND_SET_INDEX_BUFFER, 0, 7, 3, 0);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "index_size");
    EMIT_RAW(f, VIRGL_COMMAND_SET_INDEX_BUFFER, 0, 8, 2, 0);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "resource");
    EMIT_RAW(f, VIRGL_COMMAND_SET_INDEX_BUFFER, 0, 80, 2, 0);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "resource");
}

static void test_constants(struct fixture *f, gconstpointer data)
{
    g_autofree uint32_t *values = g_new0(uint32_t, 20000);
    const struct state_stage *stage;

    values[0] = 1;
    EMIT(f, set_constant_buffer, .stage = 1, .data = values, .data_count = 4);
    expect_dirty_once(f, DIRTY_STAGE(1));
    stage = &current_state(f)->stage[1];
    g_assert_true(stage->constants_dirty);
    g_assert_cmpuint(stage->constants_dwords, ==, 4);
    values[3] = 9;
    EMIT(f, set_constant_buffer, .stage = 1, .data = values, .data_count = 4);
    expect_dirty_once(f, DIRTY_STAGE(1));
    /* The index is ignored; a longer buffer of the same beginning is a change. */
    EMIT(f, set_constant_buffer, .stage = 1, .index = 500, .data = values, .data_count = 16384);
    expect_dirty_once(f, DIRTY_STAGE(1));
    g_assert_cmpuint(stage->constants_dwords, ==, 16384);
    g_assert_cmpuint(stage->constants[3], ==, 9);
    EMIT(f, set_constant_buffer, .stage = 1);
    expect_dirty_once(f, DIRTY_STAGE(1));
    g_assert_cmpuint(stage->constants_dwords, ==, 0);

    /* More than a host's block may hold: guests append constants of their own. */
    EMIT(f, set_constant_buffer, .stage = 1, .data = values, .data_count = 16388);
    expect_dirty_once(f, DIRTY_STAGE(1));
    g_assert_cmpuint(stage->constants_dwords, ==, 16388);
    EMIT_RAW(f, VIRGL_COMMAND_SET_CONSTANT_BUFFER, 0, 6, 0, 0);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "stage");
    EMIT_RAW(f, VIRGL_COMMAND_SET_CONSTANT_BUFFER, 0, 1);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "length");
}

static void test_uniform_buffers(struct fixture *f, gconstpointer data)
{
    const struct state_stage *stage;

    make_buffer(f, 7, VIRGL_BIND_CONSTANT_BUFFER, 256);
    make_texture(f, 8, 4, 4);
    EMIT(f, set_uniform_buffer, .stage = 1, .index = 31, .offset = 16, .size = 300, .resource = 7);
    expect_dirty_once(f, DIRTY_STAGE(1));
    stage = &current_state(f)->stage[1];
    g_assert_cmpuint(stage->ubos[31].size_bytes, ==, 240);
    g_assert_cmphex(stage->ubos_dirty, ==, 1u << 31);
    /* Behind the end: as good as unbound. */
    EMIT(f, set_uniform_buffer, .stage = 1, .index = 31, .offset = 256, .size = 16, .resource = 7);
    expect_dirty_once(f, DIRTY_STAGE(1));
    g_assert_null(stage->ubos[31].res);

    EMIT(f, set_uniform_buffer, .stage = 1, .index = 32, .size = 16, .resource = 7);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "index");
    EMIT(f, set_uniform_buffer, .stage = 6, .index = 1, .size = 16, .resource = 7);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "stage");
    EMIT(f, set_uniform_buffer, .stage = 1, .index = 1, .size = 16, .resource = 8);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "resource");
    EMIT(f, set_uniform_buffer, .stage = 1, .index = 1, .size = 16, .resource = 99);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "resource");
    EMIT(f, set_uniform_buffer, .stage = 1, .index = 1, .offset = 8, .size = 16, .resource = 7);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "offset");
}

static void test_sampler_views(struct fixture *f, gconstpointer data)
{
    const uint32_t handles[4] = { 1, 1, 0, 1 }, bad = 2;
    const struct state_stage *stage;

    make_texture(f, 7, 4, 4);
    EMIT_RAW(f, VIRGL_COMMAND_CREATE_OBJECT, VIRGL_OBJECT_TYPE_SAMPLER_VIEW, 1, 7,
             VIRGL_FORMAT_R8G8B8A8_UNORM | VIRGL_TEXTURE_TARGET_2D << 24, 0, 0, 0x688);
    SUBMIT_OK(f);
    EMIT(f, set_sampler_views, .stage = 2, .start_slot = 124, .view = handles, .view_count = 4);
    expect_dirty_once(f, DIRTY_STAGE(2));
    stage = &current_state(f)->stage[2];
    g_assert_nonnull(stage->views[127]);
    g_assert_null(stage->views[126]);
    g_assert_cmphex(stage->views_dirty[1], ==, UINT64_C(0xb) << 60);

    /* Slots behind the last one become empty, those before the first stay. */
    EMIT(f, set_sampler_views, .stage = 2, .start_slot = 125, .view = handles, .view_count = 1);
    expect_dirty_once(f, DIRTY_STAGE(2));
    g_assert_nonnull(stage->views[124]);
    g_assert_nonnull(stage->views[125]);
    g_assert_null(stage->views[127]);
    EMIT(f, set_sampler_views, .stage = 2, .start_slot = 0, .view_count = 0);
    expect_dirty_once(f, DIRTY_STAGE(2));
    g_assert_null(stage->views[124]);

    EMIT(f, set_sampler_views, .stage = 2, .start_slot = 125, .view = handles, .view_count = 4);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "start_slot");
    EMIT(f, set_sampler_views, .stage = 6, .view = handles, .view_count = 1);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "stage");
    EMIT(f, set_sampler_views, .stage = 1, .view = &bad, .view_count = 1);
    EXPECT_ERROR(f, ILLEGAL_HANDLE, "view");
    EMIT_OBJECT(f, dsa, .handle = 2);
    EMIT(f, set_sampler_views, .stage = 1, .view = &bad, .view_count = 1);
    EXPECT_ERROR(f, ILLEGAL_HANDLE, "view");
}

static void test_framebuffer(struct fixture *f, gconstpointer data)
{
    const uint32_t handles[3] = { 1, 0, 1 }, bad = 9;
    const struct draw_state *state;

    make_texture(f, 7, 4, 4);
    EMIT_OBJECT(f, surface, .handle = 1, .resource = 7, .format = VIRGL_FORMAT_R8G8B8A8_UNORM);
    SUBMIT_OK(f);
    EMIT(f, set_framebuffer_state, .nr_cbufs = 3, .zsurf = 1, .cbuf = handles, .cbuf_count = 3);
    expect_dirty_once(f, DIRTY_FRAMEBUFFER);
    state = current_state(f);
    g_assert_nonnull(state->framebuffer.zsurf);
    g_assert_nonnull(state->framebuffer.cbufs[2]);
    g_assert_null(state->framebuffer.cbufs[1]);
    EMIT(f, set_framebuffer_state, .nr_cbufs = 0);
    EMIT(f, set_framebuffer_state_no_attach, .width = 64, .height = 32, .layers = 2, .samples = 4);
    SUBMIT_OK(f);
    g_assert_null(state->framebuffer.cbufs[2]);
    g_assert_cmpuint(state->framebuffer.samples, ==, 4);
    EMIT(f, set_framebuffer_state_no_attach, .width = 65, .height = 32, .layers = 2, .samples = 4);
    expect_dirty_once(f, DIRTY_FRAMEBUFFER);

    EMIT(f, set_framebuffer_state, .nr_cbufs = 1, .cbuf = &bad, .cbuf_count = 1);
    EXPECT_ERROR(f, ILLEGAL_SURFACE, "cbuf");
    EMIT(f, set_framebuffer_state, .nr_cbufs = 0, .zsurf = 9);
    EXPECT_ERROR(f, ILLEGAL_SURFACE, "zsurf");
    EMIT_RAW(f, VIRGL_COMMAND_SET_FRAMEBUFFER_STATE, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "nr_cbufs");
    EMIT_RAW(f, VIRGL_COMMAND_SET_FRAMEBUFFER_STATE, 0, 2, 0, 0);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "length");
    EMIT(f, set_framebuffer_state_no_attach, .width = 65535, .height = 1);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "width");
    f->backend->limits.max_render_targets = 4;
    EMIT_RAW(f, VIRGL_COMMAND_SET_FRAMEBUFFER_STATE, 0, 5, 0, 0, 0, 0, 0, 0);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "nr_cbufs");
}

static void test_shader_buffers(struct fixture *f, gconstpointer data)
{
    struct virgl_set_shader_buffers_buffer buffers[2] = { { 0, 256, 7 }, { 16, 240, 7 } };
    const struct state_stage *stage;

    make_buffer(f, 7, VIRGL_BIND_SHADER_BUFFER, 256);
    make_texture(f, 8, 4, 4);
    EMIT(f, set_shader_buffers, .stage = 5, .start_slot = 30, .buffer = buffers,
         .buffer_count = 2);
    expect_dirty_once(f, DIRTY_STAGE(5));
    stage = &current_state(f)->stage[5];
    g_assert_cmphex(stage->ssbos_bound, ==, 3u << 30);
    g_assert_cmphex(stage->ssbos_dirty, ==, 3u << 30);
    buffers[0].resource = 0;
    EMIT(f, set_shader_buffers, .stage = 5, .start_slot = 30, .buffer = buffers,
         .buffer_count = 1);
    expect_dirty_once(f, DIRTY_STAGE(5));
    g_assert_cmphex(stage->ssbos_bound, ==, 1u << 31);

    buffers[0] = (struct virgl_set_shader_buffers_buffer){ 16, 241, 7 };
    EMIT(f, set_shader_buffers, .stage = 5, .buffer = buffers, .buffer_count = 1);
    EXPECT_ERROR(f, SSBO_BINDING_RANGE, "size");
    buffers[0] = (struct virgl_set_shader_buffers_buffer){ UINT32_MAX & ~15u, 32, 7 };
    EMIT(f, set_shader_buffers, .stage = 5, .buffer = buffers, .buffer_count = 1);
    EXPECT_ERROR(f, SSBO_BINDING_RANGE, "size");
    buffers[0] = (struct virgl_set_shader_buffers_buffer){ 4, 16, 7 };
    EMIT(f, set_shader_buffers, .stage = 5, .buffer = buffers, .buffer_count = 1);
    EXPECT_ERROR(f, SSBO_BINDING_RANGE, "offset");
    buffers[0] = (struct virgl_set_shader_buffers_buffer){ 0, 16, 8 };
    EMIT(f, set_shader_buffers, .stage = 5, .buffer = buffers, .buffer_count = 1);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "resource");
    EMIT(f, set_shader_buffers, .stage = 5, .start_slot = 31, .buffer = buffers,
         .buffer_count = 2);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "start_slot");
    EMIT(f, set_shader_buffers, .stage = 6, .buffer = buffers, .buffer_count = 1);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "stage");
}

static void test_atomic_buffers(struct fixture *f, gconstpointer data)
{
    struct virgl_set_atomic_buffers_buffer buffer = { 4, 60, 7 };

    make_buffer(f, 7, VIRGL_BIND_SHADER_BUFFER, 64);
    EMIT(f, set_atomic_buffers, .start_slot = 31, .buffer = &buffer, .buffer_count = 1);
    expect_dirty_once(f, DIRTY_ATOMIC_BUFFERS);
    g_assert_cmpuint(current_state(f)->atomic_buffers[31].size_bytes, ==, 60);
    g_assert_cmphex(current_state(f)->atomic_buffers_dirty, ==, 1u << 31);
    buffer.size = 61;
    EMIT(f, set_atomic_buffers, .start_slot = 0, .buffer = &buffer, .buffer_count = 1);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "size");
    buffer = (struct virgl_set_atomic_buffers_buffer){ 2, 4, 7 };
    EMIT(f, set_atomic_buffers, .start_slot = 0, .buffer = &buffer, .buffer_count = 1);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "size");
    buffer.resource = 70;
    EMIT(f, set_atomic_buffers, .start_slot = 0, .buffer = &buffer, .buffer_count = 1);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "resource");
    EMIT(f, set_atomic_buffers, .start_slot = 32, .buffer = &buffer, .buffer_count = 1);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "start_slot");
}

static void emit_image(struct fixture *f, uint32_t format, uint32_t layers, uint32_t level_or_size,
                       uint32_t res)
{
    const struct virgl_set_shader_images_image image = { format, 3, layers, level_or_size, res };

    EMIT(f, set_shader_images, .stage = 1, .start_slot = 31, .image = &image, .image_count = 1);
}

static void test_shader_images(struct fixture *f, gconstpointer data)
{
    const uint32_t rgba = VIRGL_FORMAT_R8G8B8A8_UNORM;
    const struct state_stage *stage;

    make_texture(f, 7, 4, 4);
    make_buffer(f, 8, VIRGL_BIND_SHADER_BUFFER, 64);
    make_buffer(f, 9, VIRGL_BIND_STAGING, 64);
    emit_image(f, rgba, 0, 0, 7);
    expect_dirty_once(f, DIRTY_STAGE(1));
    stage = &current_state(f)->stage[1];
    g_assert_cmphex(stage->images_bound, ==, 1u << 31);
    emit_image(f, rgba, 16, 48, 8);
    expect_dirty_once(f, DIRTY_STAGE(1));
    g_assert_cmpuint(stage->images[31].first_element_bytes, ==, 16);
    g_assert_cmpuint(stage->images[31].size_bytes, ==, 48);
    emit_image(f, 0, 0, 0, 0);
    expect_dirty_once(f, DIRTY_STAGE(1));
    g_assert_null(stage->images[31].res);
    g_assert_cmphex(stage->images_bound, ==, 0);

    emit_image(f, rgba, 0, 1, 7);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "level_or_size");
    emit_image(f, rgba, 1u << 16, 0, 7);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "layers");
    emit_image(f, rgba, 1, 0, 7);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "layers");
    emit_image(f, rgba, 17, 48, 8);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "level_or_size");
    emit_image(f, rgba, UINT32_MAX, UINT32_MAX, 8);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "level_or_size");
    emit_image(f, rgba, 0, 16, 9);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "resource");
    emit_image(f, VIRGL_FORMAT_DXT1_RGB, 0, 0, 7);
    EXPECT_ERROR(f, ILLEGAL_FORMAT, "format");
    emit_image(f, 100000, 0, 0, 7);
    EXPECT_ERROR(f, ILLEGAL_FORMAT, "format");
}

static void test_streamout_targets(struct fixture *f, gconstpointer data)
{
    uint32_t handles[17] = { 1, 0, 1 };
    const struct draw_state *state;

    make_buffer(f, 7, VIRGL_BIND_STREAM_OUTPUT, 64);
    EMIT_OBJECT(f, streamout_target, .handle = 1, .resource = 7, .buffer_size = 64);
    EMIT(f, set_streamout_targets, .append_bitmask = 5, .target = handles, .target_count = 3);
    SUBMIT_OK(f);
    state = current_state(f);
    g_assert_cmpuint(state->streamout_count, ==, 3);
    g_assert_cmpuint(state->streamout_append, ==, 5);
    g_assert_nonnull(state->streamout[2]);
    current_state(f)->dirty = 0;
    /* Again the same: starts over, so it is a change. */
    EMIT(f, set_streamout_targets, .target = handles, .target_count = 3);
    SUBMIT_OK(f);
    g_assert_cmphex(state->dirty, ==, DIRTY_STREAMOUT);
    EMIT(f, set_streamout_targets, .target_count = 0);
    SUBMIT_OK(f);
    g_assert_null(state->streamout[0]);
    EMIT(f, set_streamout_targets, .target_count = 0);
    expect_dirty_once(f, 0);

    handles[1] = 2;
    EMIT(f, set_streamout_targets, .target = handles, .target_count = 3);
    EXPECT_ERROR(f, ILLEGAL_HANDLE, "target");
    emit_raw(f, VIRGL_COMMAND_SET_STREAMOUT_TARGETS, 0, handles, 18 - 1);
    EXPECT_ERROR(f, ILLEGAL_HANDLE, "target");
    {
        const uint32_t seventeen[18] = { 0 };

        emit_raw(f, VIRGL_COMMAND_SET_STREAMOUT_TARGETS, 0, seventeen, 18);
        EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "target");
    }
}

static void test_object_bindings(struct fixture *f, gconstpointer data)
{
    const struct virgl_obj_vertex_elements ve = { .handle = 4 };

    EMIT_OBJECT(f, blend, .handle = 1, .rt_count = 8);
    EMIT_OBJECT(f, rasterizer, .handle = 2);
    EMIT_OBJECT(f, dsa, .handle = 3);
    g_assert_true(virgl_encode_obj_vertex_elements(&f->enc, &ve));
    SUBMIT_OK(f);
    EMIT_BIND(f, BLEND, 1);
    expect_dirty_once(f, DIRTY_BLEND);
    EMIT_BIND(f, RASTERIZER, 2);
    expect_dirty_once(f, DIRTY_RASTERIZER);
    EMIT_BIND(f, DSA, 3);
    expect_dirty_once(f, DIRTY_DSA);
    EMIT_BIND(f, VERTEX_ELEMENTS, 4);
    expect_dirty_once(f, DIRTY_VERTEX_ELEMENTS);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    FRONT_TEST("/state/parameters", test_parameters);
    FRONT_TEST("/state/viewports", test_viewports);
    FRONT_TEST("/state/scissors", test_scissors);
    FRONT_TEST("/state/vertex-buffers", test_vertex_buffers);
    FRONT_TEST("/state/index-buffer", test_index_buffer);
    FRONT_TEST("/state/constants", test_constants);
    FRONT_TEST("/state/uniform-buffers", test_uniform_buffers);
    FRONT_TEST("/state/sampler-views", test_sampler_views);
    FRONT_TEST("/state/framebuffer", test_framebuffer);
    FRONT_TEST("/state/shader-buffers", test_shader_buffers);
    FRONT_TEST("/state/atomic-buffers", test_atomic_buffers);
    FRONT_TEST("/state/shader-images", test_shader_images);
    FRONT_TEST("/state/streamout-targets", test_streamout_targets);
    FRONT_TEST("/state/object-bindings", test_object_bindings);
    return g_test_run();
}
