/* SPDX-License-Identifier: MIT */
/* Guests that ask the host's GL for more than is good, or for what is gone: through the public
 * interface, with streams, on the real driver. */
#include <epoxy/gl.h>
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "api_helper.h"
#include "virgl_encode.h"
#include "virgl_formats.h"
#include "virgl_protocol.h"

enum {
    CTX = 1,
    STREAM_DWORDS = 1 << 16,
    SIZE_PX = 16,
    /* Numbers of resources and of objects. */
    TARGET_TEXTURE = 1,
    VERTICES,
    INDICES,
    CONSTANTS,
    SAMPLED,
    CAPTURED,
    RESULT,
    VERTEX_SHADER = 100,
    FRAGMENT_SHADER,
    SURFACE,
    ELEMENTS,
    VIEW,
    QUERY,
    FIRST_STREAMOUT_TARGET = 200,
};

#define EMIT(stem, ...)                                                                            \
    g_assert_true(                                                                                 \
        virgl_encode_cmd_##stem(&encoder, &(const struct virgl_cmd_##stem){__VA_ARGS__}))
#define EMIT_OBJECT(stem, ...)                                                                     \
    g_assert_true(                                                                                 \
        virgl_encode_obj_##stem(&encoder, &(const struct virgl_obj_##stem){__VA_ARGS__}))

static const char vertex_text[] = "VERT\n"
                                  "DCL IN[0]\n"
                                  "DCL OUT[0], POSITION\n"
                                  "DCL CONST[1][0]\n"
                                  "  0: ADD OUT[0], IN[0], CONST[1][0]\n"
                                  "  1: END\n";
static const char fragment_text[] = "FRAG\n"
                                    "DCL OUT[0], COLOR\n"
                                    "DCL SAMP[0]\n"
                                    "DCL SVIEW[0], 2D, FLOAT\n"
                                    "DCL TEMP[0]\n"
                                    "IMM[0] FLT32 {0.5, 1.0, 1.0, 1.0}\n"
                                    "  0: TEX TEMP[0], IMM[0].xxxx, SAMP[0], 2D\n"
                                    "  1: ADD OUT[0], TEMP[0], IMM[0].yyyy\n"
                                    "  2: END\n";

static struct virgl_encoder encoder;
static uint32_t dwords[STREAM_DWORDS];

static int submit(void)
{
    int err = virgl_renderer_submit_cmd(dwords, CTX, (int)encoder.used_dwords);

    virgl_encoder_reset(&encoder);
    return err;
}

static void start(void)
{
    g_assert_cmpint(start_renderer(3, VIRGL_RENDERER_USE_EGL | VIRGL_RENDERER_USE_SURFACELESS), ==,
                    0);
    virgl_encoder_init(&encoder, dwords, STREAM_DWORDS);
    g_assert_cmpint(virgl_renderer_context_create(CTX, 7, "hostile"), ==, 0);
}

static void attach(uint32_t id)
{
    virgl_renderer_ctx_attach_resource(CTX, (int)id);
}

static void make_attached_buffer(uint32_t id, uint32_t bind, uint32_t bytes)
{
    g_assert_cmpint(make_buffer(id, bind, bytes), ==, 0);
    attach(id);
}

static void make_attached_texture(uint32_t id, uint32_t bind)
{
    struct virgl_renderer_resource_create_args args = {
        .handle = id, .target = TARGET_2D, .format = FORMAT_B8G8R8A8, .bind = bind,
        .width = SIZE_PX, .height = SIZE_PX, .depth = 1, .array_size = 1,
    };

    g_assert_cmpint(virgl_renderer_resource_create(&args, NULL, 0), ==, 0);
    attach(id);
}

static void emit_shader(uint32_t handle, uint32_t stage, const char *text, bool captures)
{
    static const uint32_t strides[4] = {4};
    uint32_t words[256] = {0};
    uint32_t bytes = (uint32_t)strlen(text) + 1;

    g_assert_cmpuint(bytes, <=, sizeof words);
    memcpy(words, text, bytes);
    EMIT_OBJECT(shader, .handle = handle, .stage = stage, .offlen_value = bytes, .num_tokens = 300,
                .so_num_outputs = captures, .so_output_count = captures,
                .so_stride = captures ? strides : NULL, .so_stride_count = captures ? 4 : 0,
                .so_output[0] = {.num_components = 4}, .text = words,
                .text_dwords = (bytes + 3) / 4);
    EMIT(bind_shader, .shader = handle, .stage = stage);
}

/* Everything that a draw can read from or write to, bound. */
static void bind_everything(void)
{
    const struct virgl_set_vertex_buffers_buffer buffer = {16, 0, VERTICES};
    const uint32_t surface = SURFACE, view = VIEW, target = FIRST_STREAMOUT_TARGET;

    make_attached_texture(TARGET_TEXTURE, VIRGL_BIND_RENDER_TARGET);
    make_attached_texture(SAMPLED, VIRGL_BIND_SAMPLER_VIEW);
    make_attached_buffer(VERTICES, VIRGL_BIND_VERTEX_BUFFER, 256);
    make_attached_buffer(INDICES, VIRGL_BIND_INDEX_BUFFER, 64);
    make_attached_buffer(CONSTANTS, VIRGL_BIND_CONSTANT_BUFFER, 256);
    make_attached_buffer(CAPTURED, VIRGL_BIND_STREAM_OUTPUT, 1024);
    make_attached_buffer(RESULT, VIRGL_BIND_CUSTOM, 64);
    emit_shader(VERTEX_SHADER, VIRGL_SHADER_STAGE_VERTEX, vertex_text, true);
    emit_shader(FRAGMENT_SHADER, VIRGL_SHADER_STAGE_FRAGMENT, fragment_text, false);
    EMIT_OBJECT(surface, .handle = SURFACE, .resource = TARGET_TEXTURE, .format = FORMAT_B8G8R8A8);
    EMIT(set_framebuffer_state, .nr_cbufs = 1, .cbuf = &surface, .cbuf_count = 1);
    EMIT(set_viewport_state, .viewport_count = 1,
         .viewport[0] = {8, 8, 0.5f, 8, 8, 0.5f});
    EMIT_OBJECT(vertex_elements, .handle = ELEMENTS, .element_count = 1,
                .element[0] = {.src_format = VIRGL_FORMAT_R32G32B32A32_FLOAT});
    g_assert_true(virgl_encode_cmd_bind_object(
        &encoder, &(const struct virgl_cmd_bind_object){.handle = ELEMENTS},
        VIRGL_OBJECT_TYPE_VERTEX_ELEMENTS));
    EMIT(set_vertex_buffers, .buffer = &buffer, .buffer_count = 1);
    EMIT(set_index_buffer, .resource = INDICES, .index_size = 2);
    EMIT(set_uniform_buffer, .stage = VIRGL_SHADER_STAGE_VERTEX, .index = 1, .size = 256,
         .resource = CONSTANTS);
    EMIT_OBJECT(sampler_view, .handle = VIEW, .resource = SAMPLED, .format = FORMAT_B8G8R8A8,
                .target = VIRGL_TEXTURE_TARGET_2D, .swizzle_g = 1, .swizzle_b = 2, .swizzle_a = 3);
    EMIT(set_sampler_views, .stage = VIRGL_SHADER_STAGE_FRAGMENT, .view = &view, .view_count = 1);
    EMIT_OBJECT(streamout_target, .handle = FIRST_STREAMOUT_TARGET, .resource = CAPTURED,
                .buffer_size = 1024);
    EMIT(set_streamout_targets, .target = &target, .target_count = 1);
    EMIT_OBJECT(query, .handle = QUERY, .resource = RESULT,
                .query_type = VIRGL_QUERY_TYPE_OCCLUSION_COUNTER);
    EMIT(begin_query, .query = QUERY);
}

static void draw_both_ways(void)
{
    EMIT(draw_vbo, .mode = VIRGL_PRIM_TRIANGLES, .count = 6, .instance_count = 1);
    EMIT(draw_vbo, .mode = VIRGL_PRIM_TRIANGLES, .count = 6, .indexed = true, .instance_count = 1);
}

/* The guest drops every resource while all of them are bound: draws go on with what is bound, and
 * what comes later under the same numbers, and perhaps GL names, is not touched by them. */
static void test_destroyed_while_bound(void)
{
    uint8_t pixels[SIZE_PX * SIZE_PX * 4];
    struct box6 box = {0, 0, 0, SIZE_PX, SIZE_PX, 1};
    static const uint32_t none = 0;

    start();
    for (int round = 0; round < 3; round++) {
        bind_everything();
        draw_both_ways();
        g_assert_cmpint(submit(), ==, 0);
        for (uint32_t id = TARGET_TEXTURE; id <= RESULT; id++) {
            virgl_renderer_resource_unref(id);
        }
        draw_both_ways();
        EMIT(end_query, .query = QUERY);
        EMIT(get_query_result, .query = QUERY, .wait = 1);
        g_assert_cmpint(submit(), ==, 0);

        make_attached_texture(TARGET_TEXTURE, VIRGL_BIND_RENDER_TARGET);
        EMIT(clear, .buffers = VIRGL_CLEAR_COLOR0, .color_0 = 0x3f800000);
        draw_both_ways();
        /* The old surface lets go of the old texture, while its framebuffer is the bound one. */
        g_assert_true(virgl_encode_cmd_destroy_object(
            &encoder, &(const struct virgl_cmd_destroy_object){.handle = SURFACE}, 0));
        EMIT(set_framebuffer_state, .nr_cbufs = 1, .cbuf = &none, .cbuf_count = 1);
        g_assert_cmpint(submit(), ==, 0);
        make_attached_texture(SAMPLED, VIRGL_BIND_SAMPLER_VIEW);
        EMIT(clear, .buffers = VIRGL_CLEAR_COLOR0, .color_0 = 0x3f800000);
        draw_both_ways();
        g_assert_cmpint(submit(), ==, 0);
        for (uint32_t id = TARGET_TEXTURE; id <= SAMPLED; id += SAMPLED - TARGET_TEXTURE) {
            memset(pixels, 0xcc, sizeof pixels);
            g_assert_cmpint(read_box(id, CTX, 0, box, pixels, sizeof pixels), ==, 0);
            for (size_t i = 0; i < sizeof pixels; i++) {
                g_assert_cmpuint(pixels[i], ==, 0);
            }
            virgl_renderer_resource_unref(id);
        }
    }
    stop_renderer();
}

/* Every list of targets is remembered in a GL object: there must be an end to that. */
static void test_streamout_lists(void)
{
    enum { TARGETS = 24, MAX_OBJECTS = 300, NAMES = 2000 };
    unsigned objects = 0;

    start();
    bind_everything();
    for (uint32_t i = 1; i < TARGETS; i++) {
        EMIT_OBJECT(streamout_target, .handle = FIRST_STREAMOUT_TARGET + i, .resource = CAPTURED,
                    .buffer_offset = 16 * i, .buffer_size = 16);
    }
    for (uint32_t i = 0; i < TARGETS; i++) {
        for (uint32_t j = 0; j < TARGETS; j++) {
            const uint32_t list[2] = {FIRST_STREAMOUT_TARGET + i, FIRST_STREAMOUT_TARGET + j};

            EMIT(set_streamout_targets, .target = list, .target_count = 2);
            EMIT(draw_vbo, .mode = VIRGL_PRIM_POINTS, .count = 1, .instance_count = 1);
        }
        g_assert_cmpint(submit(), ==, 0);
    }
    for (GLuint name = 1; name <= NAMES; name++) {
        objects += glIsTransformFeedback(name);
    }
    g_assert_cmpuint(objects, >, 0);
    g_assert_cmpuint(objects, <, MAX_OBJECTS);
    stop_renderer();
}

/* Host contexts count against the limit of memory, however the guest spreads them. */
static void test_contexts_memory(void)
{
    enum { MANY = 64 };
    uint32_t made;

    g_setenv("MANTUA_MEMORY_LIMIT_MIB", "32", TRUE);
    start();
    for (uint32_t round = 0; round < 2; round++) {
        for (made = 0; made < MANY; made++) {
            if (virgl_renderer_context_create(10 + made, 4, "many") != 0) {
                break;
            }
            EMIT(create_sub_ctx, .sub_ctx_id = 1);
            int err = virgl_renderer_submit_cmd(dwords, (int)(10 + made),
                                                (int)encoder.used_dwords);
            virgl_encoder_reset(&encoder);
            if (err != 0) {
                break;
            }
        }
        g_assert_cmpuint(made, >, 4);
        g_assert_cmpuint(made, <, 17);
        for (uint32_t i = 0; i <= made; i++) {
            virgl_renderer_context_destroy(10 + i);
        }
    }
    stop_renderer();
    g_unsetenv("MANTUA_MEMORY_LIMIT_MIB");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hostile/destroyed-while-bound", test_destroyed_while_bound);
    g_test_add_func("/hostile/streamout-lists", test_streamout_lists);
    g_test_add_func("/hostile/contexts-memory", test_contexts_memory);
    return g_test_run();
}
