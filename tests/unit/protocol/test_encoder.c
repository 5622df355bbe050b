/* SPDX-License-Identifier: MIT */
/* Failures of the encoder and the splitting of long shaders and uploads. */

#include <glib.h>
#include <string.h>

#include "virgl_encode.h"
#include "virgl_unpack.h"

static void test_words(void)
{
    uint32_t words[32];
    struct virgl_encoder encoder;
    struct virgl_cmd_draw_vbo draw = {.count = 3, .mode = VIRGL_PRIM_TRIANGLES,
                                      .instance_count = 1};
    struct virgl_cmd_bind_object bind = {.handle = 5};

    virgl_encoder_init(&encoder, words, G_N_ELEMENTS(words));
    g_assert_true(virgl_encode_cmd_draw_vbo(&encoder, &draw));
    g_assert_cmphex(words[0], ==, 0x000c0008);
    g_assert_cmpuint(words[2], ==, 3);
    g_assert_cmpuint(words[3], ==, 4);
    g_assert_true(virgl_encode_cmd_bind_object(&encoder, &bind, VIRGL_OBJECT_TYPE_RASTERIZER));
    g_assert_cmphex(words[13], ==, 0x00010202);
    g_assert_cmpuint(words[14], ==, 5);

    /* A field of a longer form makes the command longer. */
    draw.drawid = 1;
    virgl_encoder_reset(&encoder);
    g_assert_true(virgl_encode_cmd_draw_vbo(&encoder, &draw));
    g_assert_cmpuint(virgl_header_length_dwords(words[0]), ==, 14);
    draw.indirect_buffer = 1;
    virgl_encoder_reset(&encoder);
    g_assert_true(virgl_encode_cmd_draw_vbo(&encoder, &draw));
    g_assert_cmpuint(virgl_header_length_dwords(words[0]), ==, 20);
}

static void test_overflow(void)
{
    uint32_t words[16];
    struct virgl_encoder encoder;
    struct virgl_cmd_draw_vbo draw = {.count = 3};
    struct virgl_cmd_set_sample_mask mask = {.mask = 1};

    memset(words, 0xee, sizeof(words));
    virgl_encoder_init(&encoder, words, 12); /* one dword short */
    g_assert_false(virgl_encode_cmd_draw_vbo(&encoder, &draw));
    g_assert_true(encoder.overflow);
    g_assert_cmpuint(encoder.used_dwords, ==, 0);
    g_assert_cmphex(words[0], ==, 0xeeeeeeee);
    /* Sticky, even for what would fit. */
    g_assert_false(virgl_encode_cmd_set_sample_mask(&encoder, &mask));
    g_assert_cmpuint(encoder.used_dwords, ==, 0);
    virgl_encoder_reset(&encoder);
    g_assert_true(virgl_encode_cmd_set_sample_mask(&encoder, &mask));
    g_assert_cmpuint(encoder.used_dwords, ==, 2);
    virgl_encoder_init(&encoder, words, 0);
    g_assert_false(virgl_encode_cmd_set_sample_mask(&encoder, &mask));
}

static void test_invalid(void)
{
    uint32_t words[256];
    struct virgl_encoder encoder;
    uint32_t handles[9] = {0};
    struct virgl_cmd_set_framebuffer_state state = {.nr_cbufs = 9, .cbuf = handles,
                                                    .cbuf_count = 9};
    struct virgl_cmd_set_sampler_views views = {.view = NULL, .view_count = 1};
    struct virgl_cmd_set_constant_buffer constants = {.data = words, .data_count = 65534};

    virgl_encoder_init(&encoder, words, G_N_ELEMENTS(words));
    g_assert_false(virgl_encode_cmd_set_framebuffer_state(&encoder, &state));
    g_assert_true(encoder.invalid);
    state.cbuf_count = 8; /* differs from nr_cbufs */
    virgl_encoder_reset(&encoder);
    g_assert_false(virgl_encode_cmd_set_framebuffer_state(&encoder, &state));
    virgl_encoder_reset(&encoder);
    g_assert_false(virgl_encode_cmd_set_sampler_views(&encoder, &views));
    g_assert_true(encoder.invalid);
    virgl_encoder_reset(&encoder);
    g_assert_false(virgl_encode_cmd_set_constant_buffer(&encoder, &constants));
    g_assert_true(encoder.invalid);
}

/* Puts the text of shader packets together again, checking what a host checks. */
struct assembly {
    char *text;
    uint32_t total_bytes;
    uint32_t received_bytes;
    unsigned packets;
};

static void assemble(struct assembly *assembly, const uint32_t *words, size_t used)
{
    for (size_t at = 0; at < used;) {
        uint32_t length = virgl_header_length_dwords(words[at]);
        struct virgl_obj_shader shader;
        struct virgl_unpack_error err;

        g_assert_cmpuint(virgl_header_command(words[at]), ==, VIRGL_COMMAND_CREATE_OBJECT);
        g_assert_cmpuint(virgl_header_object_type(words[at]), ==, VIRGL_OBJECT_TYPE_SHADER);
        g_assert_cmpuint(length, <=, VIRGL_GUEST_MAX_PACKET_DW);
        g_assert_true(virgl_unpack_obj_shader(words + at + 1, length, &shader, &err));
        g_assert_cmpuint(shader.handle, ==, 77);
        g_assert_cmpuint(shader.num_tokens, ==, 4000);
        if (assembly->packets == 0) {
            g_assert_false(shader.offlen_continuation);
            g_assert_cmpuint(shader.so_output_count, ==, 2);
            assembly->total_bytes = shader.offlen_value;
            assembly->text = g_malloc0(shader.offlen_value + 4);
        } else {
            g_assert_true(shader.offlen_continuation);
            g_assert_cmpuint(shader.offlen_value, ==, assembly->received_bytes);
            g_assert_cmpuint(shader.so_output_count, ==, 0);
        }
        g_assert_cmpuint(assembly->received_bytes + 4 * shader.text_dwords, <=,
                         (assembly->total_bytes + 3) / 4 * 4);
        memcpy(assembly->text + assembly->received_bytes, shader.text, 4 * shader.text_dwords);
        assembly->received_bytes += 4 * shader.text_dwords;
        assembly->packets++;
        at += length + 1;
    }
}

static void check_shader(size_t capacity, uint32_t text_bytes, unsigned least_packets)
{
    uint32_t *words = g_new0(uint32_t, capacity);
    char *text = g_malloc(text_bytes);
    uint32_t strides[4] = {4, 0, 0, 0}, sent = 0;
    struct virgl_encoder encoder;
    struct virgl_obj_shader shader = {.handle = 77, .stage = VIRGL_SHADER_STAGE_VERTEX,
                                      .num_tokens = 4000, .so_num_outputs = 2,
                                      .so_stride = strides, .so_stride_count = 4,
                                      .so_output_count = 2};
    struct assembly assembly = {0};
    enum virgl_upload result;

    for (uint32_t i = 0; i < text_bytes; i++)
        text[i] = (char)('a' + i % 23);
    text[text_bytes - 1] = '\0';
    memset(words, 0xff, 4 * capacity);
    virgl_encoder_init(&encoder, words, capacity);
    do {
        result = virgl_encode_shader_text(&encoder, &shader, text, text_bytes, &sent);
        g_assert_cmpint(result, !=, VIRGL_UPLOAD_INVALID);
        assemble(&assembly, words, encoder.used_dwords);
        virgl_encoder_reset(&encoder);
    } while (result == VIRGL_UPLOAD_FULL);
    g_assert_cmpuint(assembly.total_bytes, ==, text_bytes);
    g_assert_cmpuint(assembly.received_bytes, ==, (text_bytes + 3) / 4 * 4);
    g_assert_cmpuint(assembly.packets, >=, least_packets);
    g_assert_cmpstr(assembly.text, ==, text);
    g_free(assembly.text);
    g_free(text);
    g_free(words);
}

static void test_shader_split(void)
{
    check_shader(66560, 100, 1);
    check_shader(66560, 400001, 2); /* longer than a packet */
    check_shader(64, 1003, 5);      /* longer than the buffer */

    uint32_t words[64], sent = 0;
    struct virgl_encoder encoder;
    struct virgl_obj_shader shader = {.handle = 1};

    virgl_encoder_init(&encoder, words, 64);
    g_assert_cmpint(virgl_encode_shader_text(&encoder, &shader, "abc", 3, &sent), ==,
                    VIRGL_UPLOAD_INVALID); /* no NUL */
    g_assert_true(encoder.invalid);
}

/* Writes the packets into an image as a host would. */
static unsigned store(uint8_t *image, size_t stride, size_t layer_stride, uint32_t block_px,
                      uint32_t block_bytes, const uint32_t *words, size_t used)
{
    unsigned packets = 0;

    for (size_t at = 0; at < used;) {
        uint32_t length = virgl_header_length_dwords(words[at]);
        struct virgl_cmd_resource_inline_write write;
        struct virgl_unpack_error err;

        g_assert_true(virgl_unpack_cmd_resource_inline_write(words + at + 1, length, &write, &err));
        g_assert_cmpuint(write.depth, ==, 1);
        uint32_t rows = ((uint32_t)write.height + block_px - 1) / block_px;
        size_t row_bytes = ((uint32_t)write.width + block_px - 1) / block_px * (size_t)block_bytes;

        g_assert_cmpuint(write.stride * (rows - 1) + row_bytes, <=, 4 * write.data_dwords);
        for (uint32_t row = 0; row < rows; row++)
            memcpy(image + (uint32_t)write.z * layer_stride +
                       ((uint32_t)write.y / block_px + row) * stride +
                       (uint32_t)write.x / block_px * block_bytes,
                   (const uint8_t *)write.data + row * write.stride, row_bytes);
        at += length + 1;
        packets++;
    }
    return packets;
}

/* Returns the number of packets. */
static unsigned check_inline(size_t capacity, uint32_t width, uint32_t height, uint32_t depth,
                             uint32_t block_px, uint32_t block_bytes)
{
    uint32_t columns = (width + block_px - 1) / block_px, rows = (height + block_px - 1) / block_px;
    size_t tight = (size_t)columns * block_bytes, stride = tight + 5;
    size_t layer = stride * rows + 3;
    uint8_t *data = g_malloc(layer * depth), *image = g_malloc0(layer * depth);
    uint32_t *words = g_new(uint32_t, capacity);
    struct virgl_encoder encoder;
    struct virgl_inline_upload upload = {
        .resource = 4, .width = width, .height = height, .depth = depth, .block_w_px = block_px,
        .block_h_px = block_px, .block_bytes = block_bytes, .data = data, .stride_bytes = stride,
        .layer_stride_bytes = layer,
    };
    enum virgl_upload result;
    unsigned packets = 0;

    for (size_t i = 0; i < layer * depth; i++)
        data[i] = (uint8_t)(i * 7 + i / 251);
    virgl_encoder_init(&encoder, words, capacity);
    do {
        result = virgl_encode_inline_upload(&encoder, &upload);
        g_assert_cmpint(result, !=, VIRGL_UPLOAD_INVALID);
        g_assert_cmpuint(encoder.used_dwords, >, 0);
        packets += store(image, stride, layer, block_px, block_bytes, words, encoder.used_dwords);
        virgl_encoder_reset(&encoder);
    } while (result == VIRGL_UPLOAD_FULL);
    for (uint32_t z = 0; z < depth; z++)
        for (uint32_t row = 0; row < rows; row++)
            g_assert_cmpmem(data + z * layer + row * stride, tight,
                            image + z * layer + row * stride, tight);
    g_free(words);
    g_free(image);
    g_free(data);
    return packets;
}

static void test_inline_split(void)
{
    check_inline(66560, 300000, 1, 1, 1, 1); /* a buffer longer than a packet */
    check_inline(64, 1000, 1, 1, 1, 1);      /* a buffer longer than the stream's buffer */
    check_inline(64, 16, 9, 3, 1, 4);        /* rows and layers */
    check_inline(40, 100, 4, 2, 1, 3);       /* rows in parts, odd texel size */
    check_inline(100, 30, 18, 2, 4, 16);     /* compressed, edges inside a block */
    g_assert_cmpuint(check_inline(66560, 64, 64, 2, 1, 4), ==, 2); /* one per layer */
    g_assert_cmpuint(check_inline(66560, 300, 1, 1, 1, 1), ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/protocol/encoder/words", test_words);
    g_test_add_func("/protocol/encoder/overflow", test_overflow);
    g_test_add_func("/protocol/encoder/invalid", test_invalid);
    g_test_add_func("/protocol/encoder/shader-split", test_shader_split);
    g_test_add_func("/protocol/encoder/inline-split", test_inline_split);
    return g_test_run();
}
