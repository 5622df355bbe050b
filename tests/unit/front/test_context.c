/* SPDX-License-Identifier: MIT */
/* Contexts, sub-contexts, attached resources, limits, and the error state. */
#include "decode/decode.h"
#include "fixture.h"

static void test_guilty_context_alone(struct fixture *f, gconstpointer data)
{
    const uint32_t bad[] = { virgl_header(VIRGL_COMMAND_SET_SAMPLE_MASK, 0, 2), 0, 0 };
    const uint32_t good[] = { virgl_header(VIRGL_COMMAND_SET_SAMPLE_MASK, 0, 1), 3 };
    struct front_context *other;

    g_assert_cmpint(renderer_context_create(f->renderer, 2, 2, "other", 5), ==, 0);
    other = renderer_context(f->renderer, 2);
    g_assert_cmpint(renderer_submit(f->renderer, CTX, bad, 3), ==, EINVAL);
    g_assert_cmpint(renderer_submit(f->renderer, CTX, good, 2), ==, EINVAL);
    g_assert_cmpint(renderer_submit(f->renderer, 2, good, 2), ==, 0);
    g_assert_cmpuint(front_context_error(f->ctx), ==, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER);
    g_assert_cmpuint(front_context_error(other), ==, VIRGL_CTX_ERROR_NONE);
    g_assert_cmpuint(front_context_backend(other)->state->sample_mask, ==, 3);
}

/* Context 0 belongs to the host itself: its mistakes are reported, but it is never shut out. */
static void test_context_zero(struct fixture *f, gconstpointer data)
{
    struct front_context *zero;
    struct front_host host;

    front_host_init(&host, f->backend, &f->log, 0);
    g_assert_cmpint(front_context_create(&host, 0, NULL, &zero), ==, 0);
    for (int i = 0; i < 2; i++) {
        const uint32_t bad[] = { virgl_header(99, 0, 0) };

        g_assert_cmpint(decode_submit(zero, bad, 1), ==, EINVAL);
        g_assert_cmpuint(front_context_error(zero), ==, VIRGL_CTX_ERROR_NONE);
    }
    front_context_destroy(zero);
}

static void test_sub_context_zero_is_lazy(struct fixture *f, gconstpointer data)
{
    EMIT(f, nop, 0);
    EMIT(f, end_transfers, 0);
    SUBMIT_OK(f);
    g_assert_null(front_context_backend(f->ctx));
    EMIT(f, set_sample_mask, .mask = 1);
    SUBMIT_OK(f);
    g_assert_nonnull(front_context_backend(f->ctx));
    g_assert_cmpuint(null_backend_counts(f->backend)->contexts, ==, 1);
}

static void test_sub_contexts(struct fixture *f, gconstpointer data)
{
    EMIT(f, set_sample_mask, .mask = 1);
    EMIT(f, create_sub_ctx, .sub_ctx_id = 5); /* becomes current */
    EMIT(f, set_sample_mask, .mask = 2);
    EMIT(f, create_sub_ctx, .sub_ctx_id = 5); /* exists: nothing happens */
    EMIT(f, set_sub_ctx, .sub_ctx_id = 77);   /* unknown: nothing happens */
    SUBMIT_OK(f);
    g_assert_cmpuint(front_context_backend(f->ctx)->sub_ctx_id, ==, 5);
    g_assert_cmpuint(current_state(f)->sample_mask, ==, 2);

    EMIT(f, set_sub_ctx, .sub_ctx_id = 0);
    SUBMIT_OK(f);
    g_assert_cmpuint(front_context_backend(f->ctx)->sub_ctx_id, ==, 0);
    g_assert_cmpuint(current_state(f)->sample_mask, ==, 1);

    EMIT(f, destroy_sub_ctx, .sub_ctx_id = 0);  /* cannot go */
    EMIT(f, destroy_sub_ctx, .sub_ctx_id = 77); /* unknown */
    EMIT(f, destroy_sub_ctx, .sub_ctx_id = 5);
    SUBMIT_OK(f);
    g_assert_cmpuint(null_backend_counts(f->backend)->contexts, ==, 1);
    g_assert_cmpuint(current_state(f)->sample_mask, ==, 1);
}

static void test_destroy_current_sub_context(struct fixture *f, gconstpointer data)
{
    EMIT(f, create_sub_ctx, .sub_ctx_id = 5);
    EMIT_OBJECT(f, dsa, .handle = 1);
    EMIT_BIND(f, DSA, 1);
    EMIT(f, destroy_sub_ctx, .sub_ctx_id = 5);
    EMIT(f, set_sample_mask, .mask = 9); /* runs in sub-context 0 */
    SUBMIT_OK(f);
    g_assert_cmpuint(front_context_backend(f->ctx)->sub_ctx_id, ==, 0);
    g_assert_cmpuint(current_state(f)->sample_mask, ==, 9);
    g_assert_cmpuint(null_backend_counts(f->backend)->objects, ==, 0);
}

/* Objects of one sub-context are unknown to the others. */
static void test_handles_are_per_sub_context(struct fixture *f, gconstpointer data)
{
    EMIT_OBJECT(f, dsa, .handle = 1);
    EMIT(f, create_sub_ctx, .sub_ctx_id = 5);
    EMIT_BIND(f, DSA, 1);
    EXPECT_ERROR(f, ILLEGAL_HANDLE, "handle");
}

static void test_sub_context_limit(struct fixture *f, gconstpointer data)
{
    const struct front_limits limits = FRONT_LIMITS_DEFAULT;

    for (uint32_t i = 1; i < limits.sub_contexts; i++)
        EMIT(f, create_sub_ctx, .sub_ctx_id = i);
    SUBMIT_OK(f);
    EMIT(f, create_sub_ctx, .sub_ctx_id = 100000);
    EXPECT_ERROR(f, UNKNOWN, "sub_ctx_id");
}

/* Host contexts are the largest thing that a guest can ask for without making resources. */
static void test_renderer_memory(struct fixture *f, gconstpointer data)
{
    const uint64_t before = f->renderer->memory_used_bytes;

    EMIT(f, create_sub_ctx, .sub_ctx_id = 1);
    SUBMIT_OK(f);
    const uint64_t one = f->renderer->memory_used_bytes - before;
    g_assert_cmpuint(one, >, FRONT_BACK_CONTEXT_BYTES);
    f->renderer->memory_limit_bytes = before + 3 * one;
    EMIT(f, create_sub_ctx, .sub_ctx_id = 2);
    EMIT(f, create_sub_ctx, .sub_ctx_id = 3);
    SUBMIT_OK(f);
    EMIT(f, destroy_sub_ctx, .sub_ctx_id = 2);
    EMIT(f, create_sub_ctx, .sub_ctx_id = 4);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->renderer->memory_used_bytes, ==, before + 3 * one);
    EMIT(f, create_sub_ctx, .sub_ctx_id = 5);
    EXPECT_ERROR(f, UNKNOWN, "sub_ctx_id");

    /* A second context has no more than what is left. */
    f->renderer->memory_limit_bytes = f->renderer->memory_used_bytes;
    g_assert_cmpint(renderer_context_create(f->renderer, 2, 2, "other", 5), ==, ENOMEM);
    f->renderer->memory_limit_bytes = 0;
}

static void test_host_context_fails(struct fixture *f, gconstpointer data)
{
    f->rec.context_error = EIO;
    EMIT(f, create_sub_ctx, .sub_ctx_id = 3);
    g_assert_cmpint(submit(f), ==, EINVAL);
    renew_context(f);
    EMIT(f, set_sample_mask, .mask = 1);
    g_assert_cmpint(submit(f), ==, EINVAL);
    g_assert_cmpuint(front_context_error(f->ctx), ==, VIRGL_CTX_ERROR_UNKNOWN);
    f->rec.context_error = 0;
}

static void test_attach(struct fixture *f, gconstpointer data)
{
    struct resource *res = make_buffer(f, 7, VIRGL_BIND_VERTEX_BUFFER, 64);

    g_assert_true(front_context_resource(f->ctx, 7) == res);
    g_assert_cmpint(front_context_attach_resource(f->ctx, res), ==, 0);
    g_assert_cmpuint(res->refcount, ==, 2);
    front_context_detach_resource(f->ctx, 7);
    front_context_detach_resource(f->ctx, 7);
    front_context_detach_resource(f->ctx, 4711);
    g_assert_cmpuint(res->refcount, ==, 1);
    g_assert_null(front_context_resource(f->ctx, 7));
}

/* What is bound lives on when the guest drops resource and number. */
static void test_bound_resource_survives(struct fixture *f, gconstpointer data)
{
    const struct virgl_set_vertex_buffers_buffer buffer = { 16, 0, 7 };

    make_buffer(f, 7, VIRGL_BIND_VERTEX_BUFFER, 64);
    EMIT(f, set_vertex_buffers, .buffer = &buffer, .buffer_count = 1);
    SUBMIT_OK(f);
    renderer_resource_unref(f->renderer, 7);
    g_assert_cmpuint(null_backend_counts(f->backend)->resources, ==, 1);
    g_assert_cmpuint(current_state(f)->vertex_buffers[0].res->desc.width, ==, 64);
    EMIT(f, set_vertex_buffers, .buffer_count = 0);
    SUBMIT_OK(f);
    g_assert_cmpuint(null_backend_counts(f->backend)->resources, ==, 0);
}

static void test_large_ids(struct fixture *f, gconstpointer data)
{
    static const uint32_t ids[] = { 1, 63, 64, 16383, 16384, 70000, 1u << 31, UINT32_MAX };

    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        EMIT_OBJECT(f, dsa, .handle = ids[i]);
        EMIT_BIND(f, DSA, ids[i]);
        SUBMIT_OK(f);
        g_assert_cmpuint(current_state(f)->dsa->base.handle, ==, ids[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++)
        EMIT_DESTROY(f, ids[i]);
    SUBMIT_OK(f);
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        EMIT_BIND(f, DSA, ids[i]);
        EXPECT_ERROR(f, ILLEGAL_HANDLE, "handle");
    }
}

/* Many handles above the direct table, half of them removed again: every one is found or not, as it
 * should be. */
static void test_many_large_handles(struct fixture *f, gconstpointer data)
{
    enum { COUNT = 3000 };

    for (uint32_t i = 0; i < COUNT; i++)
        EMIT_OBJECT(f, dsa, .handle = 100000 + 37 * i);
    for (uint32_t i = 0; i < COUNT; i += 2)
        EMIT_DESTROY(f, 100000 + 37 * i);
    SUBMIT_OK(f);
    g_assert_cmpuint(null_backend_counts(f->backend)->objects, ==, COUNT / 2);
    for (uint32_t i = 1; i < COUNT; i += 2)
        EMIT_BIND(f, DSA, 100000 + 37 * i);
    SUBMIT_OK(f);
    EMIT_BIND(f, DSA, 100000 + 37 * 2);
    EXPECT_ERROR(f, ILLEGAL_HANDLE, "handle");
}

static void test_blobs(struct fixture *f, gconstpointer data)
{
    struct resource *res;

    EMIT(f, pipe_resource_create, .target = VIRGL_TEXTURE_TARGET_BUFFER,
         .format = VIRGL_FORMAT_R8_UNORM, .bind = VIRGL_BIND_VERTEX_BUFFER, .width = 4096,
         .height = 1, .depth = 1, .array_size = 1,
         .flags = VIRGL_RESOURCE_FLAG_MAP_PERSISTENT | VIRGL_RESOURCE_FLAG_MAP_COHERENT,
         .blob_id = 9);
    SUBMIT_OK(f);
    g_assert_null(front_context_take_blob(f->ctx, 8));
    res = front_context_take_blob(f->ctx, 9);
    g_assert_nonnull(res);
    g_assert_cmpuint(res->desc.width, ==, 4096);
    g_assert_null(front_context_take_blob(f->ctx, 9));
    resource_unref(res);

    /* One that nobody takes goes with its context; the same id twice is a mistake. */
    for (int i = 0; i < 2; i++)
        EMIT(f, pipe_resource_create, .format = VIRGL_FORMAT_R8_UNORM,
             .bind = VIRGL_BIND_VERTEX_BUFFER, .width = 64, .height = 1, .depth = 1,
             .array_size = 1, .blob_id = 9);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "blob_id");
    EMIT(f, pipe_resource_create, .format = VIRGL_FORMAT_R8_UNORM, .width = 64, .height = 2,
         .depth = 1, .array_size = 1, .blob_id = 9);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "resource");
}

static void test_set_type_of_typed(struct fixture *f, gconstpointer data)
{
    const struct virgl_pipe_resource_set_type_plane plane = { 64 * 4, 0 };

    make_texture(f, 7, 64, 64);
    EMIT(f, pipe_resource_set_type, .resource = 7, .format = VIRGL_FORMAT_R8G8B8A8_UNORM,
         .bind = VIRGL_BIND_SAMPLER_VIEW, .width = 64, .height = 64, .plane = &plane,
         .plane_count = 1);
    SUBMIT_OK(f);
    EMIT(f, pipe_resource_set_type, .resource = 7, .format = VIRGL_FORMAT_R8G8B8A8_UNORM,
         .bind = VIRGL_BIND_SAMPLER_VIEW, .width = 65, .height = 64, .plane = &plane,
         .plane_count = 1);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "resource");
    EMIT(f, pipe_resource_set_type, .resource = 8, .format = VIRGL_FORMAT_R8G8B8A8_UNORM,
         .plane = &plane, .plane_count = 1);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "resource");
}

static void test_layout(struct fixture *f, gconstpointer data)
{
    make_texture(f, 7, 64, 64);
    make_buffer(f, 8, VIRGL_BIND_CUSTOM, 79);
    make_buffer(f, 9, VIRGL_BIND_CUSTOM, 80);
    EMIT(f, get_pipe_resource_layout, .out_buffer = 9, .resource = 7);
    EXPECT_ERROR(f, UNKNOWN, "resource");
    EMIT(f, get_pipe_resource_layout, .out_buffer = 8, .resource = 7);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "out_buffer");
    EMIT(f, get_pipe_resource_layout, .out_buffer = 9, .resource = 70);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "resource");
}

static void test_memory_info(struct fixture *f, gconstpointer data)
{
    struct virgl_memory_info info;
    uint8_t *pages;

    make_buffer(f, 7, VIRGL_BIND_CUSTOM, 24);
    make_buffer(f, 8, VIRGL_BIND_CUSTOM, 23);
    make_buffer(f, 9, VIRGL_BIND_VERTEX_BUFFER, 24);
    pages = give_pages(f, 7, 24, 24);
    f->rec.has_memory_info = true;
    for (uint32_t i = 0; i < 6; i++)
        f->rec.memory_kib[i] = 10 + i;
    EMIT(f, get_memory_info, .buffer = 7);
    SUBMIT_OK(f);
    memcpy(&info, pages, sizeof(info));
    g_assert_cmpuint(info.total_device_memory, ==, 10);
    g_assert_cmpuint(info.nr_device_memory_evictions, ==, 15);
    for (uint32_t bad = 8; bad <= 10; bad++) {
        EMIT(f, get_memory_info, .buffer = bad);
        EXPECT_ERROR(f, ILLEGAL_RESOURCE, "buffer");
    }
}

static void test_other_commands(struct fixture *f, gconstpointer data)
{
    static const uint32_t text[] = { 0x6c6c6568, 0x0000006f };

    EMIT(f, string_marker, .text_size = 8, .text = text, .text_dwords = 2);
    EMIT(f, set_tweaks, .id = VIRGL_TWEAK_GLES_TF3_SAMPLES_PASSED_MULTIPLIER, .value = 12);
    EMIT(f, set_tweaks, .id = 99, .value = 13);
    EMIT(f, set_debug_flags, .flags_string = text, .flags_string_dwords = 2);
    EMIT(f, query_gbm_format_modifier, .buffer = 1);
    EMIT(f, decode_macroblock, 0);
    EMIT(f, memory_barrier, .flags = 5);
    SUBMIT_OK(f);
    g_assert_cmpstr(f->rec.marker, ==, "hello");
    g_assert_cmpuint(f->rec.tweaks, ==, 1);
    g_assert_cmpuint(f->rec.tweak_value, ==, 12);
    g_assert_cmpuint(f->rec.barriers, ==, 1);
    g_assert_cmpuint(f->rec.barrier_flags, ==, 5);
    EMIT(f, texture_barrier, .flags = 1);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.texture_barriers, ==, 1);

    EMIT(f, string_marker, .text_size = 8, .text = text, .text_dwords = 2);
    f->dwords[1] = 9;
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "text_size");
}

static void test_video_is_refused(struct fixture *f, gconstpointer data)
{
    static const struct {
        uint32_t command, dwords;
    } video[] = {
        { VIRGL_COMMAND_CREATE_VIDEO_CODEC, 8 },  { VIRGL_COMMAND_DESTROY_VIDEO_CODEC, 1 },
        { VIRGL_COMMAND_CREATE_VIDEO_BUFFER, 5 }, { VIRGL_COMMAND_DESTROY_VIDEO_BUFFER, 1 },
        { VIRGL_COMMAND_BEGIN_FRAME, 2 },         { VIRGL_COMMAND_DECODE_BITSTREAM, 5 },
        { VIRGL_COMMAND_ENCODE_BITSTREAM, 5 },    { VIRGL_COMMAND_END_FRAME, 2 },
    };
    static const uint32_t payload[8] = { 1, 1, 1, 1, 1, 1, 1, 1 };

    for (size_t i = 0; i < G_N_ELEMENTS(video); i++) {
        emit_raw(f, video[i].command, 0, payload, video[i].dwords);
        EXPECT_ERROR(f, UNSUPPORTED_FUNCTION, "video");
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    FRONT_TEST("/context/guilty-alone", test_guilty_context_alone);
    FRONT_TEST("/context/zero", test_context_zero);
    FRONT_TEST("/context/sub-zero-lazy", test_sub_context_zero_is_lazy);
    FRONT_TEST("/context/sub", test_sub_contexts);
    FRONT_TEST("/context/sub-destroy-current", test_destroy_current_sub_context);
    FRONT_TEST("/context/sub-handles", test_handles_are_per_sub_context);
    FRONT_TEST("/context/sub-limit", test_sub_context_limit);
    FRONT_TEST("/context/renderer-memory", test_renderer_memory);
    FRONT_TEST("/context/host-fails", test_host_context_fails);
    FRONT_TEST("/context/attach", test_attach);
    FRONT_TEST("/context/bound-resource-survives", test_bound_resource_survives);
    FRONT_TEST("/context/large-ids", test_large_ids);
    FRONT_TEST("/context/many-large-handles", test_many_large_handles);
    FRONT_TEST("/context/blobs", test_blobs);
    FRONT_TEST("/context/set-type", test_set_type_of_typed);
    FRONT_TEST("/context/layout", test_layout);
    FRONT_TEST("/context/memory-info", test_memory_info);
    FRONT_TEST("/context/other", test_other_commands);
    FRONT_TEST("/context/video", test_video_is_refused);
    return g_test_run();
}
