/* SPDX-License-Identifier: MIT */
/* The command loop: headers, lengths, order, where it stops, and the trace. */
#include "../front/fixture.h"
#include "decode/decode.h"
#include "virgl_random.h"

static void test_empty(struct fixture *f, gconstpointer data)
{
    SUBMIT_OK(f);
    g_assert_cmpuint(f->line_count, ==, 0);
}

static void test_unknown_commands(struct fixture *f, gconstpointer data)
{
    for (uint32_t command = VIRGL_COMMAND_COUNT; command < 256; command++) {
        emit_raw(f, command, 0, NULL, 0);
        EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "command");
    }
}

static void test_runs_past_the_end(struct fixture *f, gconstpointer data)
{
    static const uint32_t lengths[] = { 1, 2, 255, 65535 };

    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
        emit_raw(f, VIRGL_COMMAND_NOP, 0, NULL, 0);
        f->dwords[0] |= lengths[i] << 16;
        EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "length");
    }
}

/* What follows the submission in memory is not looked at, however plausible it is. */
static void test_nothing_behind_the_end(struct fixture *f, gconstpointer data)
{
    const uint32_t words[] = {
        virgl_header(VIRGL_COMMAND_NOP, 0, 1),
        virgl_header(VIRGL_COMMAND_NOP, 0, 0),
        virgl_header(VIRGL_COMMAND_SET_SAMPLE_MASK, 0, 1),
        77,
        virgl_header(VIRGL_COMMAND_NOP, 0, 65535),
    };

    g_assert_cmpint(renderer_submit(f->renderer, CTX, words, 1), ==, EINVAL);
    g_assert_null(front_context_backend(f->ctx));
    g_assert_nonnull(strstr(f->lines->str, "(value 1, limit 0;"));
    renew_context(f);
    g_assert_cmpint(renderer_submit(f->renderer, CTX, words + 1, 2), ==, EINVAL);
    g_assert_null(front_context_backend(f->ctx));
}

static void test_stops_at_the_first_mistake(struct fixture *f, gconstpointer data)
{
    EMIT(f, set_sample_mask, .mask = 1);
    EMIT_RAW(f, VIRGL_COMMAND_SET_SAMPLE_MASK, 0, 2, 2);
    EMIT(f, set_sample_mask, .mask = 3);
    g_assert_cmpint(submit(f), ==, EINVAL);
    g_assert_cmpuint(current_state(f)->sample_mask, ==, 1);
    g_assert_cmpuint(f->line_count, ==, 1);
    g_assert_nonnull(strstr(f->lines->str, "SET_SAMPLE_MASK: length: wrong payload length "
                                           "(value 2, limit 1; header 0x00020018): "
                                           "ILLEGAL_CMD_BUFFER"));
}

static void test_skipped_payloads(struct fixture *f, gconstpointer data)
{
    static const uint32_t rubbish[100] = { 0xffffffff };

    emit_raw(f, VIRGL_COMMAND_NOP, 0, rubbish, 100);
    emit_raw(f, VIRGL_COMMAND_END_TRANSFERS, 0, rubbish, 100);
    emit_raw(f, VIRGL_COMMAND_DECODE_MACROBLOCK, 0, rubbish, 100);
    EMIT(f, set_sample_mask, .mask = 3);
    SUBMIT_OK(f);
    g_assert_cmpuint(current_state(f)->sample_mask, ==, 3);
}

static void test_flush_once(struct fixture *f, gconstpointer data)
{
    EMIT(f, set_sample_mask, .mask = 1);
    EMIT(f, set_sample_mask, .mask = 2);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.flushes, ==, 1);
    EMIT(f, set_sample_mask, .mask = 2);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.flushes, ==, 2);
    g_assert_cmpuint(f->rec.make_currents, ==, 2);
}

/* Every command and object with every length from 0 to beyond its own: the unpackers' rules, through
 * the loop, on buffers that end with the command. */
static void test_every_length(struct fixture *f, gconstpointer data)
{
    static struct virgl_random random;
    static uint8_t out[1 << 16];
    static const uint32_t zeros[1024];

    virgl_random_init(&random, 7);
    for (size_t i = 0; i < virgl_random_case_count; i++) {
        const struct virgl_random_case *c = &virgl_random_cases[i];

        for (uint32_t length = 0; length < 64; length++) {
            struct virgl_unpack_error err;
            g_autofree uint32_t *payload = g_memdup2(zeros, 4 * (length ? length : 1));
            const bool good = c->unpack(payload, length, out, &err);

            emit_raw(f, c->command, c->object_type, payload, length);
            f->log.window_count = 0;
            if (!good)
                g_assert_cmpint(submit(f), ==, EINVAL);
            else
                submit(f); /* zeros may still name nothing */
            if (front_context_error(f->ctx))
                renew_context(f);
        }
    }
}

/* Random commands that every unpacker accepts: whatever they name does not exist, or does. */
static void test_random_commands(struct fixture *f, gconstpointer data)
{
    static struct virgl_random random;
    static uint8_t in[1 << 16];

    make_texture(f, 1, 64, 64);
    make_buffer(f, 2, VIRGL_BIND_VERTEX_BUFFER, 256);
    make_buffer(f, 3, VIRGL_BIND_CUSTOM, 256);
    give_pages(f, 1, 64 * 64 * 4, 1000);
    virgl_random_init(&random, 1);
    for (uint32_t n = 0; n < 20000; n++) {
        const struct virgl_random_case *c =
            &virgl_random_cases[virgl_random_below(&random, (uint32_t)virgl_random_case_count)];

        c->fill(&random, in);
        g_assert_true(c->encode(&f->enc, in));
        f->log.window_count = 0;
        submit(f);
        if (front_context_error(f->ctx))
            renew_context(f);
        g_string_truncate(f->lines, 0);
    }
}

static void test_dump(struct fixture *f, gconstpointer data)
{
    struct front_host host;
    struct front_context *ctx;

    front_host_init(&host, f->backend, &f->log, DEBUG_CMD);
    g_assert_cmpint(front_context_create(&host, 3, NULL, &ctx), ==, 0);
    EMIT(f, set_sample_mask, .mask = 0x1234);
    emit_raw(f, VIRGL_COMMAND_NOP, 0, NULL, 0);
    f->dwords[2] |= 9 << 16;
    g_assert_cmpint(decode_submit(ctx, f->dwords, 3), ==, EINVAL);
    g_assert_nonnull(strstr(f->lines->str, "SET_SAMPLE_MASK"));
    g_assert_nonnull(strstr(f->lines->str, "4660"));
    front_context_destroy(ctx);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    FRONT_TEST("/decode/empty", test_empty);
    FRONT_TEST("/decode/unknown", test_unknown_commands);
    FRONT_TEST("/decode/past-the-end", test_runs_past_the_end);
    FRONT_TEST("/decode/behind-the-end", test_nothing_behind_the_end);
    FRONT_TEST("/decode/stops", test_stops_at_the_first_mistake);
    FRONT_TEST("/decode/skipped", test_skipped_payloads);
    FRONT_TEST("/decode/flush", test_flush_once);
    FRONT_TEST("/decode/every-length", test_every_length);
    FRONT_TEST("/decode/random", test_random_commands);
    FRONT_TEST("/decode/dump", test_dump);
    return g_test_run();
}
