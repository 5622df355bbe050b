/* SPDX-License-Identifier: MIT */
/* Context objects: each type's rules, counting, replacing, limits. */
#include <math.h>

#include "decode/decode.h"
#include "fixture.h"

static void test_blend(struct fixture *f, gconstpointer data)
{
    struct virgl_obj_blend desc = { .handle = 1, .rt_count = 8 };
    const struct front_blend *blend;

    desc.rt[0] = (struct virgl_blend_rt){ true, VIRGL_BLEND_FUNC_ADD, VIRGL_BLEND_FACTOR_ONE,
                                          VIRGL_BLEND_FACTOR_ZERO, VIRGL_BLEND_FUNC_MAX,
                                          VIRGL_BLEND_FACTOR_ONE, VIRGL_BLEND_FACTOR_ONE, 0xf };
    desc.rt[3] = (struct virgl_blend_rt){ .rgb_func = 7, .rgb_src_factor = 31, .colormask = 5 };
    g_assert_true(virgl_encode_obj_blend(&f->enc, &desc));
    EMIT_BIND(f, BLEND, 1);
    SUBMIT_OK(f);
    /* Without independent blending every entry is the first. */
    blend = current_state(f)->blend;
    g_assert_true(blend->desc.rt[3].blend_enable);
    g_assert_cmpuint(blend->desc.rt[3].colormask, ==, 0xf);

    desc.independent_blend_enable = true;
    g_assert_true(virgl_encode_obj_blend(&f->enc, &desc));
    EMIT_BIND(f, BLEND, 1);
    SUBMIT_OK(f);
    /* Where blending is off, nonsense in the factors does not reach the back end. */
    blend = current_state(f)->blend;
    g_assert_cmpuint(blend->desc.rt[3].rgb_func, ==, 0);
    g_assert_cmpuint(blend->desc.rt[3].rgb_src_factor, ==, 0);
    g_assert_cmpuint(blend->desc.rt[3].colormask, ==, 5);

    desc.rt[3].blend_enable = true;
    g_assert_true(virgl_encode_obj_blend(&f->enc, &desc));
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "rgb_func");
}

static void test_rasterizer(struct fixture *f, gconstpointer data)
{
    EMIT_OBJECT(f, rasterizer, .handle = 1, .line_width = NAN, .point_size = INFINITY,
                .offset_units = 2.0f);
    EMIT_BIND(f, RASTERIZER, 1);
    SUBMIT_OK(f);
    g_assert_cmpfloat(current_state(f)->rasterizer->desc.line_width, ==, 1.0f);
    g_assert_cmpfloat(current_state(f)->rasterizer->desc.point_size, ==, 1.0f);
    g_assert_cmpfloat(current_state(f)->rasterizer->desc.offset_units, ==, 2.0f);
    EMIT_BIND(f, RASTERIZER, 0);
    SUBMIT_OK(f);
    g_assert_null(current_state(f)->rasterizer);
    EMIT_OBJECT(f, rasterizer, .handle = 1, .fill_back = 3);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "fill_back");
}

static void test_vertex_elements(struct fixture *f, gconstpointer data)
{
    struct virgl_obj_vertex_elements desc = { .handle = 1, .element_count = 2 };

    desc.element[0].src_format = desc.element[1].src_format = VIRGL_FORMAT_R32G32B32A32_FLOAT;
    desc.element[1].vertex_buffer_index = 31;
    g_assert_true(virgl_encode_obj_vertex_elements(&f->enc, &desc));
    EMIT_BIND(f, VERTEX_ELEMENTS, 1);
    SUBMIT_OK(f);
    g_assert_cmpuint(current_state(f)->vertex_elements->desc.element_count, ==, 2);
    g_assert_cmpuint(current_state(f)->vertex_elements->desc.element[1].vertex_buffer_index, ==,
                     31);

    desc.element[1].vertex_buffer_index = 32;
    g_assert_true(virgl_encode_obj_vertex_elements(&f->enc, &desc));
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "vertex_buffer_index");
    desc.element[1].vertex_buffer_index = 0;
    desc.element[1].src_format = VIRGL_FORMAT_DXT1_RGB;
    g_assert_true(virgl_encode_obj_vertex_elements(&f->enc, &desc));
    EXPECT_ERROR(f, ILLEGAL_VERTEX_FORMAT, "src_format");
    desc.element[1].src_format = UINT32_MAX;
    g_assert_true(virgl_encode_obj_vertex_elements(&f->enc, &desc));
    EXPECT_ERROR(f, ILLEGAL_VERTEX_FORMAT, "src_format");
    f->backend->limits.max_vertex_attribs = 1;
    desc.element[1].src_format = VIRGL_FORMAT_R32_FLOAT;
    g_assert_true(virgl_encode_obj_vertex_elements(&f->enc, &desc));
    EXPECT_ERROR(f, TOO_MANY_VERTEX_ATTRIBUTES, "element");
}

static void test_sampler_state(struct fixture *f, gconstpointer data)
{
    static const uint32_t border[4] = { 1, 2, 3, 4 };
    const uint32_t handles[3] = { 1, 99, 1 };
    struct state_stage *stage;

    EMIT_OBJECT(f, sampler_state, .handle = 1, .min_lod = NAN, .max_lod = INFINITY,
                .border_color = border, .border_color_count = 4);
    EMIT(f, bind_sampler_states, .stage = 1, .start_slot = 29, .state = handles, .state_count = 3);
    SUBMIT_OK(f);
    stage = &current_state(f)->stage[1];
    g_assert_nonnull(stage->samplers[29]);
    g_assert_null(stage->samplers[30]); /* unknown handle */
    g_assert_true(stage->samplers[31] == stage->samplers[29]);
    g_assert_cmphex(stage->samplers_dirty, ==, 1u << 29 | 1u << 31);
    /* The stream is gone, the colour is not. */
    g_assert_cmpmem(stage->samplers[29]->desc.border_color, 16, border, 16);
    g_assert_cmpfloat(stage->samplers[29]->desc.min_lod, ==, 0.0f);

    EMIT(f, bind_sampler_states, .stage = 1, .start_slot = 30, .state = handles, .state_count = 3);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "start_slot");
    EMIT(f, bind_sampler_states, .stage = 6, .state = handles, .state_count = 1);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "stage");
}

static void emit_view(struct fixture *f, uint32_t handle, uint32_t res, uint32_t format,
                      uint32_t target, uint32_t layers, uint32_t levels)
{
    EMIT_RAW(f, VIRGL_COMMAND_CREATE_OBJECT, VIRGL_OBJECT_TYPE_SAMPLER_VIEW, handle, res,
             format | target << 24, layers, levels, 0x688);
}

static void test_sampler_view(struct fixture *f, gconstpointer data)
{
    const uint32_t rgba = VIRGL_FORMAT_R8G8B8A8_UNORM, tex_2d = VIRGL_TEXTURE_TARGET_2D;
    const uint32_t one = 1;
    const struct front_sampler_view *view;

    make_texture(f, 7, 64, 64);
    make_buffer(f, 8, VIRGL_BIND_SAMPLER_VIEW, 64);
    make_buffer(f, 9, VIRGL_BIND_CUSTOM, 64);
    make_buffer(f, 10, VIRGL_BIND_STAGING, 64);

    emit_view(f, 1, 7, rgba, tex_2d, 5u << 16, 9u << 8);
    EMIT(f, set_sampler_views, .stage = 1, .view = &one, .view_count = 1);
    SUBMIT_OK(f);
    view = current_state(f)->stage[1].views[0];
    /* Cut to what the texture has. */
    g_assert_cmpuint(view->desc.last_level, ==, 0);
    g_assert_cmpuint(view->desc.last_layer, ==, 0);

    /* Guests without texture views send no target. */
    emit_view(f, 1, 7, rgba, 0, 0, 0);
    EMIT(f, set_sampler_views, .stage = 1, .view = &one, .view_count = 1);
    SUBMIT_OK(f);
    g_assert_cmpuint(current_state(f)->stage[1].views[0]->desc.target, ==, tex_2d);

    emit_view(f, 1, 8, rgba, VIRGL_TEXTURE_TARGET_BUFFER, 1, 100);
    EMIT(f, set_sampler_views, .stage = 1, .view = &one, .view_count = 1);
    SUBMIT_OK(f);
    view = current_state(f)->stage[1].views[0];
    g_assert_cmpuint(view->desc.first_element, ==, 1);
    g_assert_cmpuint(view->desc.last_element, ==, 15);

    emit_view(f, 1, 7, rgba, 9, 0, 0);
    EXPECT_ERROR(f, ILLEGAL_SAMPLER_VIEW_TARGET, "target");
    emit_view(f, 1, 8, rgba, tex_2d, 0, 0);
    EXPECT_ERROR(f, ILLEGAL_SAMPLER_VIEW_TARGET, "target");
    emit_view(f, 1, 7, 0, tex_2d, 0, 0);
    EXPECT_ERROR(f, ILLEGAL_FORMAT, "format");
    emit_view(f, 1, 7, 0xffffff, tex_2d, 0, 0);
    EXPECT_ERROR(f, ILLEGAL_FORMAT, "format");
    emit_view(f, 1, 7, rgba, tex_2d, 0, 1);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "first_level");
    emit_view(f, 1, 7, rgba, tex_2d, 1, 0);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "first_layer");
    emit_view(f, 1, 8, rgba, 0, 16, 16);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "first_element");
    emit_view(f, 1, 8, rgba, 0, 2, 1);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "first_element");
    emit_view(f, 1, 8, VIRGL_FORMAT_DXT1_RGB, 0, 0, 0);
    EXPECT_ERROR(f, ILLEGAL_FORMAT, "format");
    for (uint32_t res = 9; res <= 11; res++) {
        emit_view(f, 1, res, rgba, 0, 0, 0);
        EXPECT_ERROR(f, ILLEGAL_RESOURCE, "resource");
    }
    emit_view(f, 0, 7, rgba, tex_2d, 0, 0);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "handle");
}

static void test_surface(struct fixture *f, gconstpointer data)
{
    const uint32_t rgba = VIRGL_FORMAT_R8G8B8A8_UNORM;

    make_texture(f, 7, 64, 64);
    make_buffer(f, 8, VIRGL_BIND_VERTEX_BUFFER, 64);
    EMIT_OBJECT(f, surface, .handle = 1, .resource = 7, .format = rgba);
    EMIT_OBJECT(f, msaa_surface, .handle = 2, .resource = 7, .format = rgba, .sample_count = 4);
    SUBMIT_OK(f);

    EMIT_OBJECT(f, surface, .handle = 1, .resource = 8, .format = rgba);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "resource");
    EMIT_OBJECT(f, surface, .handle = 1, .resource = 70, .format = rgba);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "resource");
    EMIT_OBJECT(f, surface, .handle = 1, .resource = 7, .format = 5000);
    EXPECT_ERROR(f, ILLEGAL_FORMAT, "format");
    EMIT_OBJECT(f, surface, .handle = 1, .resource = 7, .format = VIRGL_FORMAT_NONE);
    EXPECT_ERROR(f, ILLEGAL_FORMAT, "format");
    EMIT_RAW(f, VIRGL_COMMAND_CREATE_OBJECT, VIRGL_OBJECT_TYPE_SURFACE, 1, 7, rgba, 1, 0);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "level");
    EMIT_RAW(f, VIRGL_COMMAND_CREATE_OBJECT, VIRGL_OBJECT_TYPE_SURFACE, 1, 7, rgba, 0, 1);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "last_layer");
    EMIT_RAW(f, VIRGL_COMMAND_CREATE_OBJECT, VIRGL_OBJECT_TYPE_SURFACE, 1, 7, rgba, 0, 1u << 16);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "last_layer");
    EMIT_OBJECT(f, msaa_surface, .handle = 2, .resource = 7, .format = rgba, .sample_count = 999);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "sample_count");
}

static void test_streamout_target(struct fixture *f, gconstpointer data)
{
    make_buffer(f, 7, VIRGL_BIND_STREAM_OUTPUT, 64);
    make_texture(f, 8, 4, 4);
    EMIT_OBJECT(f, streamout_target, .handle = 1, .resource = 7, .buffer_offset = 60,
                .buffer_size = 4);
    SUBMIT_OK(f);
    EMIT_OBJECT(f, streamout_target, .handle = 1, .resource = 7, .buffer_offset = 60,
                .buffer_size = 5);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "buffer_size");
    EMIT_OBJECT(f, streamout_target, .handle = 1, .resource = 7, .buffer_offset = UINT32_MAX,
                .buffer_size = 5);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "buffer_size");
    EMIT_OBJECT(f, streamout_target, .handle = 1, .resource = 7, .buffer_offset = 2,
                .buffer_size = 4);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "buffer_size");
    EMIT_OBJECT(f, streamout_target, .handle = 1, .resource = 8, .buffer_size = 4);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "resource");
}

static void test_unknown_types(struct fixture *f, gconstpointer data)
{
    static const uint32_t types[] = { 0, 12, 255 };

    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        EMIT_RAW(f, VIRGL_COMMAND_CREATE_OBJECT, types[i], 1, 0, 0, 0, 0);
        EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "object_type");
        EMIT_RAW(f, VIRGL_COMMAND_BIND_OBJECT, types[i], 1);
        EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "object_type");
    }
    for (uint32_t type = 0; type < VIRGL_OBJECT_TYPE_COUNT; type++) {
        if (type == VIRGL_OBJECT_TYPE_BLEND || type == VIRGL_OBJECT_TYPE_RASTERIZER ||
            type == VIRGL_OBJECT_TYPE_DSA || type == VIRGL_OBJECT_TYPE_VERTEX_ELEMENTS)
            continue;
        EMIT_RAW(f, VIRGL_COMMAND_BIND_OBJECT, type, 0);
        EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "object_type");
    }
}

static void test_bind_wrong_type(struct fixture *f, gconstpointer data)
{
    EMIT_OBJECT(f, dsa, .handle = 1);
    EMIT_BIND(f, BLEND, 1);
    EXPECT_ERROR(f, ILLEGAL_HANDLE, "handle");
    EMIT_BIND(f, DSA, 1);
    EXPECT_ERROR(f, ILLEGAL_HANDLE, "handle");
}

static void test_replace(struct fixture *f, gconstpointer data)
{
    const struct front_object *first;
    uint64_t serial;

    EMIT_OBJECT(f, dsa, .handle = 1, .depth_func = 1);
    EMIT_BIND(f, DSA, 1);
    SUBMIT_OK(f);
    first = &current_state(f)->dsa->base;
    serial = first->serial;
    /* Another type under the same handle; the bound one lives on. */
    EMIT_OBJECT(f, rasterizer, .handle = 1);
    EMIT_BIND(f, RASTERIZER, 1);
    SUBMIT_OK(f);
    g_assert_true(&current_state(f)->dsa->base == first);
    g_assert_cmpuint(null_backend_counts(f->backend)->objects, ==, 2);
    g_assert_cmpuint(current_state(f)->rasterizer->base.serial, !=, serial);
    EMIT_BIND(f, DSA, 0);
    SUBMIT_OK(f);
    g_assert_cmpuint(null_backend_counts(f->backend)->objects, ==, 1);
}

static void test_destroy_while_bound(struct fixture *f, gconstpointer data)
{
    EMIT_OBJECT(f, dsa, .handle = 1);
    EMIT_BIND(f, DSA, 1);
    EMIT_DESTROY(f, 1);
    EMIT_DESTROY(f, 1); /* unknown by now: ignored */
    SUBMIT_OK(f);
    g_assert_nonnull(current_state(f)->dsa);
    g_assert_cmpuint(f->rec.objects_destroyed, ==, 0);
    EMIT_OBJECT(f, dsa, .handle = 1);
    EMIT_BIND(f, DSA, 1);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.objects_destroyed, ==, 1);
}

static void test_back_end_refuses(struct fixture *f, gconstpointer data)
{
    f->rec.object_error = ENOMEM;
    EMIT_OBJECT(f, dsa, .handle = 1);
    EXPECT_ERROR(f, UNKNOWN, "host");
    f->rec.object_error = ENOTSUP;
    EMIT_OBJECT(f, blend, .handle = 1, .rt_count = 8);
    EXPECT_ERROR(f, UNSUPPORTED_FUNCTION, "host");
    f->rec.object_error = 0;
    EMIT_BIND(f, DSA, 1);
    EXPECT_ERROR(f, ILLEGAL_HANDLE, "handle");
}

/* A context of its own with small limits. */
static struct front_context *small_context(struct fixture *f, struct front_host *host)
{
    struct front_context *ctx;

    front_host_init(host, f->backend, &f->log, 0);
    host->limits.objects = 10;
    g_assert_cmpint(front_context_create(host, 3, "small", &ctx), ==, 0);
    return ctx;
}

static int submit_to(struct fixture *f, struct front_context *ctx)
{
    int error = decode_submit(ctx, f->dwords, (uint32_t)f->enc.used_dwords);

    virgl_encoder_reset(&f->enc);
    return error;
}

static void test_object_limit(struct fixture *f, gconstpointer data)
{
    struct front_host host;
    struct front_context *ctx = small_context(f, &host);

    for (uint32_t i = 1; i <= 10; i++)
        EMIT_OBJECT(f, dsa, .handle = i);
    EMIT_DESTROY(f, 10);
    EMIT_OBJECT(f, dsa, .handle = 11);
    g_assert_cmpint(submit_to(f, ctx), ==, 0);
    EMIT_OBJECT(f, dsa, .handle = 12);
    g_assert_cmpint(submit_to(f, ctx), ==, EINVAL);
    g_assert_cmpuint(front_context_error(ctx), ==, VIRGL_CTX_ERROR_UNKNOWN);
    front_context_destroy(ctx);
}

static void test_memory_limit(struct fixture *f, gconstpointer data)
{
    struct front_host host;
    struct front_context *ctx = small_context(f, &host);
    g_autofree uint32_t *constants = g_new0(uint32_t, 16384);

    EMIT(f, set_sample_mask, .mask = 1);
    g_assert_cmpint(submit_to(f, ctx), ==, 0);
    host.limits.memory_bytes = FRONT_BACK_CONTEXT_BYTES + 200000;
    for (uint32_t stage = 0; stage < 2; stage++)
        EMIT(f, set_constant_buffer, .stage = stage, .data = constants, .data_count = 4096);
    g_assert_cmpint(submit_to(f, ctx), ==, 0);
    for (uint32_t stage = 0; stage < 4; stage++)
        EMIT(f, set_constant_buffer, .stage = stage, .data = constants, .data_count = 16384);
    g_assert_cmpint(submit_to(f, ctx), ==, EINVAL);
    g_assert_cmpuint(front_context_error(ctx), ==, VIRGL_CTX_ERROR_UNKNOWN);
    front_context_destroy(ctx);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    FRONT_TEST("/objects/blend", test_blend);
    FRONT_TEST("/objects/rasterizer", test_rasterizer);
    FRONT_TEST("/objects/vertex-elements", test_vertex_elements);
    FRONT_TEST("/objects/sampler-state", test_sampler_state);
    FRONT_TEST("/objects/sampler-view", test_sampler_view);
    FRONT_TEST("/objects/surface", test_surface);
    FRONT_TEST("/objects/streamout-target", test_streamout_target);
    FRONT_TEST("/objects/unknown-types", test_unknown_types);
    FRONT_TEST("/objects/wrong-type", test_bind_wrong_type);
    FRONT_TEST("/objects/replace", test_replace);
    FRONT_TEST("/objects/destroy-while-bound", test_destroy_while_bound);
    FRONT_TEST("/objects/back-end-refuses", test_back_end_refuses);
    FRONT_TEST("/objects/object-limit", test_object_limit);
    FRONT_TEST("/objects/memory-limit", test_memory_limit);
    return g_test_run();
}
