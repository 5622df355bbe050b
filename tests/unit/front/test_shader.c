/* SPDX-License-Identifier: MIT */
/* Shader objects: text in one or several packets, binding, linking. */
#include "decode/decode.h"
#include "fixture.h"

static void test_bind(struct fixture *f, gconstpointer data)
{
    bind_shaders(f);
    SUBMIT_OK(f);
    g_assert_cmpuint(current_state(f)->shader[0]->base.handle, ==, 101);
    g_assert_nonnull(current_state(f)->shader[0]->ir);
    /* Wrong stage, unknown handle, unknown stage: nothing happens. */
    EMIT(f, bind_shader, .shader = 101, .stage = VIRGL_SHADER_STAGE_FRAGMENT);
    EMIT(f, bind_shader, .shader = 999, .stage = VIRGL_SHADER_STAGE_VERTEX);
    EMIT(f, bind_shader, .shader = 101, .stage = 6);
    EMIT(f, bind_shader, .shader = 101, .stage = UINT32_MAX);
    SUBMIT_OK(f);
    g_assert_cmpuint(current_state(f)->shader[1]->base.handle, ==, 102);
    EMIT_DESTROY(f, 101);
    SUBMIT_OK(f);
    g_assert_nonnull(current_state(f)->shader[0]);
    EMIT(f, bind_shader, .shader = 0, .stage = VIRGL_SHADER_STAGE_VERTEX);
    SUBMIT_OK(f);
    g_assert_null(current_state(f)->shader[0]);
    g_assert_cmpuint(f->rec.objects_destroyed, ==, 1);
}

static void test_link(struct fixture *f, gconstpointer data)
{
    bind_shaders(f);
    EMIT(f, link_shader, .vertex = 101, .fragment = 102, .geometry = 101, .compute = 7);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.links, ==, 1);
    g_assert_nonnull(f->rec.linked[0]);
    g_assert_nonnull(f->rec.linked[1]);
    g_assert_null(f->rec.linked[2]);
    g_assert_null(f->rec.linked[5]);
}

/* A packet with the given part of a text. */
static void emit_part(struct fixture *f, uint32_t handle, const uint32_t *words, uint32_t offset,
                      uint32_t dwords, uint32_t offlen)
{
    EMIT_OBJECT(f, shader, .handle = handle, .stage = VIRGL_SHADER_STAGE_VERTEX,
                .offlen_value = offlen & 0x7fffffff, .offlen_continuation = offlen >> 31,
                .num_tokens = 1, .text = words + offset, .text_dwords = dwords);
}

static uint32_t *text_words(uint32_t *dwords, uint32_t *bytes)
{
    uint32_t *words;

    *bytes = (uint32_t)strlen(vertex_text) + 1;
    *dwords = (*bytes + 3) / 4;
    words = g_new0(uint32_t, *dwords);
    memcpy(words, vertex_text, *bytes);
    return words;
}

static void test_long(struct fixture *f, gconstpointer data)
{
    uint32_t dwords, bytes;
    g_autofree uint32_t *words = text_words(&dwords, &bytes);

    emit_part(f, 1, words, 0, 5, bytes);
    EMIT(f, bind_shader, .shader = 1, .stage = 0); /* not there yet: ignored */
    SUBMIT_OK(f);
    g_assert_null(current_state(f)->shader[0]);
    emit_part(f, 1, words, 5, 1, 1u << 31 | 20);
    emit_part(f, 1, words, 6, 0, 1u << 31 | 24);
    emit_part(f, 1, words, 6, dwords - 6, 1u << 31 | 24);
    EMIT(f, bind_shader, .shader = 1, .stage = 0);
    SUBMIT_OK(f);
    g_assert_nonnull(current_state(f)->shader[0]);
    g_assert_nonnull(current_state(f)->shader[0]->ir);
}

static void test_bad_long(struct fixture *f, gconstpointer data)
{
    uint32_t dwords, bytes;
    g_autofree uint32_t *words = text_words(&dwords, &bytes);

    /* Nothing open; another handle. */
    emit_part(f, 1, words, 5, 1, 1u << 31 | 20);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "handle");
    emit_part(f, 1, words, 0, 5, bytes);
    emit_part(f, 2, words, 5, 1, 1u << 31 | 20);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "handle");
    /* A gap, a step back, one word too many. */
    emit_part(f, 1, words, 0, 5, bytes);
    emit_part(f, 1, words, 6, 1, 1u << 31 | 24);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "offlen");
    emit_part(f, 1, words, 0, 5, bytes);
    emit_part(f, 1, words, 4, 1, 1u << 31 | 16);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "offlen");
    emit_part(f, 1, words, 0, 5, bytes);
    emit_part(f, 1, words, 0, dwords - 4, 1u << 31 | 20);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "offlen");
    /* Lengths that lie. */
    emit_part(f, 1, words, 0, dwords, bytes - 4);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "offlen");
    emit_part(f, 1, words, 0, dwords, 0);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "offlen");
    emit_part(f, 1, words, 0, dwords, 0x7fffffff);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "offlen");
    /* No NUL at the end. */
    emit_part(f, 1, words, 0, 5, 20);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "text");
}

/* One unfinished shader per stage; a new first packet takes its place. */
static void test_long_replaced(struct fixture *f, gconstpointer data)
{
    uint32_t dwords, bytes;
    g_autofree uint32_t *words = text_words(&dwords, &bytes);

    emit_part(f, 1, words, 0, 5, bytes);
    emit_part(f, 2, words, 0, 7, bytes);
    emit_part(f, 2, words, 7, dwords - 7, 1u << 31 | 28);
    EMIT(f, bind_shader, .shader = 2, .stage = 0);
    SUBMIT_OK(f);
    g_assert_cmpuint(current_state(f)->shader[0]->base.handle, ==, 2);
    emit_part(f, 1, words, 5, 1, 1u << 31 | 20);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "handle");
}

/* A guest that promises much and sends little holds little memory. */
static void test_long_memory(struct fixture *f, gconstpointer data)
{
    const uint32_t word = 0x54524556;
    struct front_host host;
    struct front_context *ctx;

    front_host_init(&host, f->backend, &f->log, 0);
    g_assert_cmpint(front_context_create(&host, 3, NULL, &ctx), ==, 0);
    EMIT(f, set_sample_mask, .mask = 1);
    g_assert_cmpint(decode_submit(ctx, f->dwords, (uint32_t)f->enc.used_dwords), ==, 0);
    virgl_encoder_reset(&f->enc);
    host.limits.memory_bytes = FRONT_BACK_CONTEXT_BYTES + 100000;
    EMIT_OBJECT(f, shader, .handle = 1, .offlen_value = 15 << 20, .text = &word, .text_dwords = 1);
    g_assert_cmpint(decode_submit(ctx, f->dwords, (uint32_t)f->enc.used_dwords), ==, 0);
    front_context_destroy(ctx);
}

static void test_bad_text(struct fixture *f, gconstpointer data)
{
    emit_shader(f, 1, VIRGL_SHADER_STAGE_VERTEX, "this is no shader");
    EXPECT_ERROR(f, ILLEGAL_SHADER, "text");
    emit_shader(f, 1, VIRGL_SHADER_STAGE_FRAGMENT, vertex_text);
    EXPECT_ERROR(f, ILLEGAL_SHADER, "text");
    g_assert_nonnull(strstr(f->lines->str, "fragment shader, line"));
    g_assert_cmpuint(f->rec.objects_created, ==, 0);
}

static void test_missing_stages(struct fixture *f, gconstpointer data)
{
    f->backend->limits.has_geometry = false;
    f->backend->limits.has_tessellation = false;
    f->backend->limits.has_compute = false;
    emit_shader(f, 1, VIRGL_SHADER_STAGE_GEOMETRY, geometry_text);
    EXPECT_ERROR(f, UNSUPPORTED_FUNCTION, "stage");
    emit_shader(f, 1, VIRGL_SHADER_STAGE_TESS_EVAL, tes_text);
    EXPECT_ERROR(f, UNSUPPORTED_FUNCTION, "stage");
    emit_shader(f, 1, VIRGL_SHADER_STAGE_COMPUTE, compute_text);
    EXPECT_ERROR(f, UNSUPPORTED_FUNCTION, "stage");
    emit_shader(f, 1, 6, compute_text);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "stage");
}

static void test_stream_output(struct fixture *f, gconstpointer data)
{
    uint32_t dwords, bytes;
    g_autofree uint32_t *words = text_words(&dwords, &bytes);
    uint32_t strides[4] = { 4, 0, 0, 0 };
    struct virgl_obj_shader desc = {
        .handle = 1,
        .offlen_value = bytes,
        .so_num_outputs = 1,
        .so_stride = strides,
        .so_stride_count = 4,
        .so_output_count = 1,
        .text = words,
        .text_dwords = dwords,
    };

    desc.so_output[0].num_components = 4;
    g_assert_true(virgl_encode_obj_shader(&f->enc, &desc));
    EMIT(f, bind_shader, .shader = 1, .stage = 0);
    SUBMIT_OK(f);
    g_assert_true(current_state(f)->shader[0]->has_stream_output);
    g_assert_cmpuint(current_state(f)->shader[0]->so_stride_dwords[0], ==, 4);
    /* In several packets too. */
    desc.handle = 2;
    desc.text_dwords = 3;
    g_assert_true(virgl_encode_obj_shader(&f->enc, &desc));
    emit_part(f, 2, words, 3, dwords - 3, 1u << 31 | 12);
    EMIT(f, bind_shader, .shader = 2, .stage = 0);
    SUBMIT_OK(f);
    g_assert_true(current_state(f)->shader[0]->has_stream_output);
    g_assert_cmpuint(current_state(f)->shader[0]->so_stride_dwords[0], ==, 4);

    desc.text_dwords = dwords;
    strides[0] = 65536;
    g_assert_true(virgl_encode_obj_shader(&f->enc, &desc));
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "so_stride");
    EMIT_RAW(f, VIRGL_COMMAND_CREATE_OBJECT, VIRGL_OBJECT_TYPE_SHADER, 1, 0, 8, 0, 65, 0, 0);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "so_num_outputs");
    EMIT_RAW(f, VIRGL_COMMAND_CREATE_OBJECT, VIRGL_OBJECT_TYPE_SHADER, 1, 0, 8, 0, 64, 0, 0, 0, 0);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "so_output");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    FRONT_TEST("/shader/bind", test_bind);
    FRONT_TEST("/shader/link", test_link);
    FRONT_TEST("/shader/long", test_long);
    FRONT_TEST("/shader/bad-long", test_bad_long);
    FRONT_TEST("/shader/long-replaced", test_long_replaced);
    FRONT_TEST("/shader/long-memory", test_long_memory);
    FRONT_TEST("/shader/bad-text", test_bad_text);
    FRONT_TEST("/shader/missing-stages", test_missing_stages);
    FRONT_TEST("/shader/stream-output", test_stream_output);
    return g_test_run();
}
