/* SPDX-License-Identifier: MIT */
/* Queries: results now and later, where they are written, conditions. */
#include "decode/decode.h"
#include "fixture.h"

static struct virgl_host_query_state answer(struct fixture *f, uint32_t res_id)
{
    struct virgl_host_query_state state;

    memcpy(&state, renderer_resource(f->renderer, res_id)->host_memory, sizeof(state));
    return state;
}

static void make_query(struct fixture *f, uint32_t handle, uint32_t type)
{
    if (!renderer_resource(f->renderer, 7))
        make_buffer(f, 7, VIRGL_BIND_CUSTOM, 16);
    EMIT_OBJECT(f, query, .handle = handle, .query_type = type, .resource = 7);
}

static void test_ready(struct fixture *f, gconstpointer data)
{
    uint8_t *pages;
    struct virgl_host_query_state seen;

    f->rec.query_ready = true;
    f->rec.query_result = 42;
    make_query(f, 1, VIRGL_QUERY_TYPE_OCCLUSION_COUNTER);
    pages = give_pages(f, 7, 16, 16);
    EMIT(f, begin_query, .query = 1);
    EMIT(f, begin_query, .query = 1); /* again: ignored */
    EMIT(f, end_query, .query = 1);
    EMIT(f, end_query, .query = 1);
    EMIT(f, get_query_result, .query = 1);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.queries_begun, ==, 1);
    g_assert_cmpuint(f->rec.queries_ended, ==, 1);
    g_assert_cmpuint(answer(f, 7).query_state, ==, VIRGL_QUERY_STATE_DONE);
    g_assert_cmpuint(answer(f, 7).result_size, ==, 4);
    memcpy(&seen, pages, sizeof(seen));
    g_assert_cmpuint(seen.query_state, ==, VIRGL_QUERY_STATE_DONE);
    g_assert_cmpuint(seen.result, ==, 42);
}

static void test_pending(struct fixture *f, gconstpointer data)
{
    make_query(f, 1, VIRGL_QUERY_TYPE_TIME_ELAPSED);
    EMIT(f, begin_query, .query = 1);
    EMIT(f, end_query, .query = 1);
    EMIT(f, get_query_result, .query = 1);
    EMIT(f, get_query_result, .query = 1);
    SUBMIT_OK(f);
    g_assert_cmpuint(front_context_poll_queries(f->ctx), ==, 1);
    g_assert_cmpuint(answer(f, 7).query_state, ==, VIRGL_QUERY_STATE_NEW);
    f->rec.query_ready = true;
    f->rec.query_result = UINT64_C(5000000000);
    g_assert_cmpuint(front_context_poll_queries(f->ctx), ==, 0);
    g_assert_cmpuint(answer(f, 7).query_state, ==, VIRGL_QUERY_STATE_DONE);
    g_assert_cmpuint(answer(f, 7).result_size, ==, 8);
    g_assert_cmpuint(answer(f, 7).result, ==, UINT64_C(5000000000));
}

static void test_wait(struct fixture *f, gconstpointer data)
{
    make_query(f, 1, VIRGL_QUERY_TYPE_OCCLUSION_PREDICATE);
    EMIT(f, begin_query, .query = 1);
    EMIT(f, end_query, .query = 1);
    EMIT(f, get_query_result, .query = 1, .wait = true);
    SUBMIT_OK(f);
    g_assert_cmpuint(answer(f, 7).query_state, ==, VIRGL_QUERY_STATE_DONE);
}

/* Destroyed while its result is awaited: the guest still gets it. */
static void test_destroy_pending(struct fixture *f, gconstpointer data)
{
    make_query(f, 1, VIRGL_QUERY_TYPE_OCCLUSION_COUNTER);
    EMIT(f, begin_query, .query = 1);
    EMIT(f, end_query, .query = 1);
    EMIT(f, get_query_result, .query = 1);
    EMIT_DESTROY(f, 1);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.objects_destroyed, ==, 0);
    f->rec.query_ready = true;
    g_assert_cmpuint(front_context_poll_queries(f->ctx), ==, 0);
    g_assert_cmpuint(answer(f, 7).query_state, ==, VIRGL_QUERY_STATE_DONE);
    g_assert_cmpuint(f->rec.objects_destroyed, ==, 1);
}

static void test_forgotten(struct fixture *f, gconstpointer data)
{
    /* Begun anew. */
    make_query(f, 1, VIRGL_QUERY_TYPE_OCCLUSION_COUNTER);
    EMIT(f, begin_query, .query = 1);
    EMIT(f, end_query, .query = 1);
    EMIT(f, get_query_result, .query = 1);
    EMIT(f, begin_query, .query = 1);
    SUBMIT_OK(f);
    g_assert_cmpuint(front_context_poll_queries(f->ctx), ==, 0);
    /* Destroyed while it counts: ended first. */
    EMIT_DESTROY(f, 1);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.queries_ended, ==, 2);
    /* With its sub-context. */
    EMIT(f, create_sub_ctx, .sub_ctx_id = 4);
    make_query(f, 1, VIRGL_QUERY_TYPE_OCCLUSION_COUNTER);
    EMIT(f, begin_query, .query = 1);
    EMIT(f, end_query, .query = 1);
    EMIT(f, get_query_result, .query = 1);
    EMIT(f, set_sub_ctx, .sub_ctx_id = 0);
    EMIT(f, destroy_sub_ctx, .sub_ctx_id = 4);
    SUBMIT_OK(f);
    g_assert_cmpuint(front_context_poll_queries(f->ctx), ==, 0);
    g_assert_cmpuint(answer(f, 7).query_state, ==, VIRGL_QUERY_STATE_NEW);
}

static void test_timestamp(struct fixture *f, gconstpointer data)
{
    f->rec.query_ready = true;
    make_query(f, 1, VIRGL_QUERY_TYPE_TIMESTAMP);
    EMIT(f, begin_query, .query = 1);
    EMIT(f, end_query, .query = 1);
    EMIT(f, get_query_result, .query = 1);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.queries_begun, ==, 0);
    g_assert_cmpuint(f->rec.queries_ended, ==, 1);
    g_assert_cmpuint(answer(f, 7).result_size, ==, 8);
}

/* Kinds without a counterpart, and queries that never ran, answer at once. */
static void test_empty_kinds(struct fixture *f, gconstpointer data)
{
    static const uint32_t types[] = { VIRGL_QUERY_TYPE_TIMESTAMP_DISJOINT,
                                      VIRGL_QUERY_TYPE_SO_STATISTICS,
                                      VIRGL_QUERY_TYPE_GPU_FINISHED,
                                      VIRGL_QUERY_TYPE_OCCLUSION_COUNTER };

    for (uint32_t i = 0; i < G_N_ELEMENTS(types); i++) {
        make_query(f, 1, types[i]);
        memset(renderer_resource(f->renderer, 7)->host_memory, 0, 16);
        if (i < 3) {
            EMIT(f, begin_query, .query = 1);
            EMIT(f, end_query, .query = 1);
        }
        EMIT(f, get_query_result, .query = 1);
        SUBMIT_OK(f);
        g_assert_cmpuint(answer(f, 7).query_state, ==, VIRGL_QUERY_STATE_DONE);
        g_assert_cmpuint(answer(f, 7).result, ==, types[i] == VIRGL_QUERY_TYPE_GPU_FINISHED);
    }
    g_assert_cmpuint(f->rec.queries_begun, ==, 0);
}

static void test_bad_queries(struct fixture *f, gconstpointer data)
{
    make_buffer(f, 7, VIRGL_BIND_CUSTOM, 16);
    make_buffer(f, 8, VIRGL_BIND_CUSTOM, 15);
    make_buffer(f, 9, VIRGL_BIND_VERTEX_BUFFER, 16);
    for (uint32_t bad = 8; bad <= 10; bad++) {
        EMIT_OBJECT(f, query, .handle = 1, .resource = bad);
        EXPECT_ERROR(f, ILLEGAL_RESOURCE, "resource");
    }
    EMIT_OBJECT(f, query, .handle = 1, .resource = 7, .query_type = 13);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "query_type");
    EMIT_OBJECT(f, query, .handle = 1, .resource = 7,
                .query_type = VIRGL_QUERY_TYPE_PRIMITIVES_EMITTED, .index = 4);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "index");
    EMIT_OBJECT(f, query, .handle = 1, .resource = 7,
                .query_type = VIRGL_QUERY_TYPE_PIPELINE_STATISTICS, .index = 11);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "index");
    f->rec.object_error = ENOTSUP;
    EMIT_OBJECT(f, query, .handle = 1, .resource = 7, .query_type = VIRGL_QUERY_TYPE_TIMESTAMP);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "query_type");
    EMIT_OBJECT(f, query, .handle = 1, .resource = 7,
                .query_type = VIRGL_QUERY_TYPE_OCCLUSION_PREDICATE);
    EXPECT_ERROR(f, GL_ANY_SAMPLES_PASSED, "query_type");
    f->rec.object_error = 0;
    EMIT(f, begin_query, .query = 1);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "query");
    EMIT_OBJECT(f, dsa, .handle = 1);
    EMIT(f, end_query, .query = 1);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "query");
    EMIT(f, get_query_result, .query = 1);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "query");
}

static void test_pending_limit(struct fixture *f, gconstpointer data)
{
    struct front_host host;
    struct front_context *ctx;

    front_host_init(&host, f->backend, &f->log, 0);
    host.limits.pending_queries = 3;
    g_assert_cmpint(front_context_create(&host, 3, NULL, &ctx), ==, 0);
    make_buffer(f, 7, VIRGL_BIND_CUSTOM, 16);
    front_context_attach_resource(ctx, renderer_resource(f->renderer, 7));
    for (uint32_t i = 1; i <= 4; i++) {
        EMIT_OBJECT(f, query, .handle = i, .resource = 7);
        EMIT(f, begin_query, .query = i);
        EMIT(f, end_query, .query = i);
        EMIT(f, get_query_result, .query = i);
    }
    g_assert_cmpint(decode_submit(ctx, f->dwords, (uint32_t)f->enc.used_dwords), ==, EINVAL);
    g_assert_cmpuint(front_context_error(ctx), ==, VIRGL_CTX_ERROR_UNKNOWN);
    g_assert_cmpuint(front_context_poll_queries(ctx), ==, 3);
    front_context_destroy(ctx);
}

static void test_query_buffer(struct fixture *f, gconstpointer data)
{
    make_buffer(f, 8, VIRGL_BIND_QUERY_BUFFER, 16);
#define QUERY()                                                                                    \
    make_query(f, 1, VIRGL_QUERY_TYPE_OCCLUSION_COUNTER);                                          \
    EMIT(f, begin_query, .query = 1);                                                              \
    EMIT(f, end_query, .query = 1)
    QUERY();
    EMIT(f, get_query_result_qbo, .query = 1, .buffer = 8, .result_type = VIRGL_QUERY_VALUE_U64,
         .offset = 8);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.query_buffers, ==, 1);
    QUERY();
    EMIT(f, get_query_result_qbo, .query = 1, .buffer = 8, .result_type = VIRGL_QUERY_VALUE_U64,
         .offset = 12);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "offset");
    QUERY();
    EMIT(f, get_query_result_qbo, .query = 1, .buffer = 8, .offset = 2);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "offset");
    QUERY();
    EMIT(f, get_query_result_qbo, .query = 1, .buffer = 7);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "buffer");
    QUERY();
    EMIT(f, get_query_result_qbo, .query = 1, .buffer = 8, .result_type = 4);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "result_type");
    EMIT(f, get_query_result_qbo, .query = 3, .buffer = 8);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "query");
    f->backend->limits.has_query_buffer = false;
    QUERY();
    EMIT(f, get_query_result_qbo, .query = 1, .buffer = 8);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "query");
#undef QUERY
}

static void test_render_condition(struct fixture *f, gconstpointer data)
{
    make_query(f, 1, VIRGL_QUERY_TYPE_OCCLUSION_PREDICATE);
    EMIT(f, set_render_condition, .query = 1, .condition = true, .mode = 1);
    SUBMIT_OK(f);
    /* Never ended: there is nothing to go by. */
    g_assert_null(current_state(f)->render_condition.query);
    EMIT(f, begin_query, .query = 1);
    EMIT(f, end_query, .query = 1);
    EMIT(f, set_render_condition, .query = 1, .condition = true, .mode = 1);
    EMIT_DESTROY(f, 1);
    SUBMIT_OK(f);
    g_assert_nonnull(current_state(f)->render_condition.query);
    g_assert_cmphex(current_state(f)->dirty & DIRTY_RENDER_CONDITION, !=, 0);
    current_state(f)->dirty = 0;
    EMIT(f, set_render_condition, .query = 0, .mode = 77);
    SUBMIT_OK(f);
    g_assert_null(current_state(f)->render_condition.query);
    g_assert_cmphex(current_state(f)->dirty & DIRTY_RENDER_CONDITION, !=, 0);
    EMIT(f, set_render_condition, .query = 2);
    EXPECT_ERROR(f, ILLEGAL_HANDLE, "query");
    make_query(f, 1, VIRGL_QUERY_TYPE_OCCLUSION_PREDICATE);
    EMIT(f, set_render_condition, .query = 1, .mode = 4);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "mode");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    FRONT_TEST("/query/ready", test_ready);
    FRONT_TEST("/query/pending", test_pending);
    FRONT_TEST("/query/wait", test_wait);
    FRONT_TEST("/query/destroy-pending", test_destroy_pending);
    FRONT_TEST("/query/forgotten", test_forgotten);
    FRONT_TEST("/query/timestamp", test_timestamp);
    FRONT_TEST("/query/empty-kinds", test_empty_kinds);
    FRONT_TEST("/query/bad", test_bad_queries);
    FRONT_TEST("/query/pending-limit", test_pending_limit);
    FRONT_TEST("/query/buffer", test_query_buffer);
    FRONT_TEST("/query/render-condition", test_render_condition);
    return g_test_run();
}
