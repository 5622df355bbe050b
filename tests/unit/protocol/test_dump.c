/* SPDX-License-Identifier: MIT */
/* The dump against its golden text, and against garbage. */

#include <glib.h>
#include <string.h>

#include "guard.h"
#include "virgl_dump.h"
#include "virgl_encode.h"
#include "virgl_protocol.h"
#include "virgl_random.h"

static void collect(void *user, const char *line)
{
    g_assert_cmpuint(strlen(line), <, 256);
    for (const char *c = line; *c; c++)
        g_assert_true(g_ascii_isprint(*c));
    g_string_append_printf(user, "%s\n", line);
}

static void test_golden(void)
{
    uint32_t words[400];
    struct virgl_encoder encoder;
    struct virgl_cmd_clear clear = {.buffers = VIRGL_CLEAR_DEPTH | VIRGL_CLEAR_COLOR0 | 1u << 20,
                                    .color_0 = 0x3f800000, .depth = 0.5};
    struct virgl_cmd_draw_vbo draw = {.count = 3, .mode = VIRGL_PRIM_TRIANGLE_FAN, .indexed = true,
                                      .index_bias = -4, .max_index = 0xffffffff};
    struct virgl_obj_blend blend = {.handle = 3, .logicop_func = VIRGL_LOGICOP_COPY};
    struct virgl_obj_sampler_view view = {.handle = 6, .resource = 12,
                                          .format = VIRGL_FORMAT_B8G8R8A8_SRGB,
                                          .target = VIRGL_TEXTURE_TARGET_CUBE};
    uint32_t constants[70] = {1, 2, 3};
    struct virgl_cmd_set_constant_buffer buffer = {.stage = VIRGL_SHADER_STAGE_FRAGMENT,
                                                   .data = constants, .data_count = 70};
    struct virgl_cmd_set_viewport_state viewport = {
        .viewport = {{64, -48, 0.5f, 64, 48, 0.5f}}, .viewport_count = 1};
    struct virgl_set_vertex_buffers_buffer vertex[2] = {{16, 0, 5}, {12, 256, 6}};
    struct virgl_cmd_set_vertex_buffers buffers = {.buffer = vertex, .buffer_count = 2};
    struct virgl_obj_shader shader = {.handle = 8, .stage = VIRGL_SHADER_STAGE_VERTEX,
                                      .num_tokens = 20};
    struct virgl_cmd_bind_object bind = {.handle = 3};
    uint32_t sent = 0;
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *path = g_test_build_filename(G_TEST_DIST, "golden", "dump.txt", NULL);
    g_autofree char *expected = NULL;

    blend.rt[0].blend_enable = true;
    blend.rt[0].rgb_src_factor = VIRGL_BLEND_FACTOR_SRC_ALPHA;
    blend.rt[0].colormask = 0xf;
    virgl_encoder_init(&encoder, words, G_N_ELEMENTS(words));
    virgl_encode_obj_blend(&encoder, &blend);
    virgl_encode_cmd_bind_object(&encoder, &bind, VIRGL_OBJECT_TYPE_BLEND);
    virgl_encode_obj_sampler_view(&encoder, &view);
    virgl_encode_shader_text(&encoder, &shader, "VERT\nDCL IN[0]\n\tEND\n",
                             sizeof("VERT\nDCL IN[0]\n\tEND\n"), &sent);
    virgl_encode_cmd_set_viewport_state(&encoder, &viewport);
    virgl_encode_cmd_set_vertex_buffers(&encoder, &buffers);
    virgl_encode_cmd_set_constant_buffer(&encoder, &buffer);
    virgl_encode_cmd_clear(&encoder, &clear);
    virgl_encode_cmd_draw_vbo(&encoder, &draw);
    g_assert_true(virgl_encoder_ok(&encoder));
    g_assert_true(virgl_dump_stream(words, encoder.used_dwords, collect, text));

    virgl_encoder_reset(&encoder);
    words[encoder.used_dwords++] = virgl_header(200, 0, 1); /* no such command */
    words[encoder.used_dwords++] = 5;
    words[encoder.used_dwords++] = virgl_header(VIRGL_COMMAND_SET_SAMPLE_MASK, 0, 2);
    words[encoder.used_dwords++] = 6;
    words[encoder.used_dwords++] = 7;
    words[encoder.used_dwords++] = virgl_header(VIRGL_COMMAND_CLEAR, 0, 8); /* cut off */
    g_string_append(text, "--\n");
    g_assert_false(virgl_dump_stream(words, encoder.used_dwords, collect, text));

    if (g_getenv("UPDATE_GOLDEN"))
        g_assert_true(g_file_set_contents(path, text->str, -1, NULL));
    g_assert_true(g_file_get_contents(path, &expected, NULL, NULL));
    g_assert_cmpstr(text->str, ==, expected);
}

static void ignore(void *user, const char *line)
{
    g_assert_cmpuint(strlen(line), <, 256);
    (*(unsigned *)user)++;
}

static void test_garbage(void)
{
    struct guard guard;
    struct virgl_random *random = g_new(struct virgl_random, 1);
    uint32_t words[256];
    unsigned lines = 0;

    guard_init(&guard, sizeof(words));
    virgl_random_init(random, 5);
    for (int round = 0; round < 2000; round++) {
        size_t dwords = virgl_random_below(random, G_N_ELEMENTS(words) + 1);

        /* Mostly headers of known commands with short payloads. */
        for (size_t i = 0; i < dwords; i++)
            words[i] = virgl_random_below(random, 2)
                ? virgl_header(virgl_random_below(random, 70), virgl_random_below(random, 14),
                               virgl_random_below(random, 24))
                : virgl_random_next(random);
        virgl_dump_stream(guard_place(&guard, words, dwords), dwords, ignore, &lines);
    }
    g_assert_cmpuint(lines, >, 2000);
    g_free(random);
    guard_finish(&guard);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/protocol/dump/golden", test_golden);
    g_test_add_func("/protocol/dump/garbage", test_garbage);
    return g_test_run();
}
