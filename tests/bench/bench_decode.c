/* SPDX-License-Identifier: MIT */
/*
 * What the command loop and the front cost without any GPU behind them: nanoseconds per draw, and
 * per draw with one state change before it, on the null back end.
 *
 *     bench-decode [ROUNDS]
 */
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/log.h"
#include "core/renderer.h"
#include "core/resource.h"
#include "null/null.h"
#include "virgl_encode.h"

enum {
    CTX = 1,
    DRAWS = 1000, /* in one submission */
    STREAM_DWORDS = 1 << 20,
    CONSTANT_DWORDS = 64,
    /* objects; each comes in two */
    VERTEX_SHADER = 1,
    FRAGMENT_SHADER = 2,
    BLEND = 20000, /* a guest that has run for a while: beyond the direct part of the table */
    VIEW = 10,
    ELEMENTS = 12,
    /* resources */
    VERTICES = 1,
    TEXTURE = 3,
    UNIFORMS = 5,
    INDICES = 7,
};

static uint32_t dwords[STREAM_DWORDS];
static struct virgl_encoder enc;

/* ---- one change each; n is even or odd ---- */

static void change_nothing(uint32_t n)
{
}

static void change_vertex_buffer(uint32_t n)
{
    const struct virgl_set_vertex_buffers_buffer buffer = { 32, 0, VERTICES + (n & 1) };

    virgl_encode_cmd_set_vertex_buffers(
        &enc, &(struct virgl_cmd_set_vertex_buffers){ .buffer = &buffer, .buffer_count = 1 });
}

static void change_constants(uint32_t n)
{
    uint32_t values[CONSTANT_DWORDS] = { n };

    virgl_encode_cmd_set_constant_buffer(
        &enc,
        &(struct virgl_cmd_set_constant_buffer){ .data = values, .data_count = CONSTANT_DWORDS });
}

static void change_uniform_buffer(uint32_t n)
{
    virgl_encode_cmd_set_uniform_buffer(
        &enc, &(struct virgl_cmd_set_uniform_buffer){
                  .index = 1, .size = 256, .resource = UNIFORMS + (n & 1) });
}

static void change_texture(uint32_t n)
{
    const uint32_t view = VIEW + (n & 1);

    virgl_encode_cmd_set_sampler_views(&enc, &(struct virgl_cmd_set_sampler_views){
                                                 .stage = 1, .view = &view, .view_count = 1 });
}

static void change_blend(uint32_t n)
{
    virgl_encode_cmd_bind_object(&enc,
                                 &(struct virgl_cmd_bind_object){ .handle = BLEND + (n & 1) },
                                 VIRGL_OBJECT_TYPE_BLEND);
}

static void change_viewport(uint32_t n)
{
    struct virgl_cmd_set_viewport_state cmd = { .viewport_count = 1 };

    cmd.viewport[0].scale_x = (float)n;
    virgl_encode_cmd_set_viewport_state(&enc, &cmd);
}

static void set_same_viewport(uint32_t n)
{
    change_viewport(1);
}

static const struct {
    const char *name;
    void (*change)(uint32_t n);
} cases[] = {
    { "draw, nothing changed", change_nothing },
    { "draw, one vertex buffer changed", change_vertex_buffer },
    { "draw, 16 vec4 constants changed", change_constants },
    { "draw, one uniform buffer changed", change_uniform_buffer },
    { "draw, one texture changed", change_texture },
    { "draw, blend object changed", change_blend },
    { "draw, viewport changed", change_viewport },
    { "draw, viewport set to what it is", set_same_viewport },
};

/* ---- the scene ---- */

static void make_shader(uint32_t handle, uint32_t stage, const char *text)
{
    const uint32_t bytes = (uint32_t)strlen(text) + 1;
    uint32_t words[64] = { 0 };

    memcpy(words, text, bytes);
    virgl_encode_obj_shader(&enc, &(struct virgl_obj_shader){ .handle = handle,
                                                              .stage = stage,
                                                              .offlen_value = bytes,
                                                              .text = words,
                                                              .text_dwords = (bytes + 3) / 4 });
    virgl_encode_cmd_bind_shader(&enc, &(struct virgl_cmd_bind_shader){ handle, handle, stage });
}

static void make_resource(struct renderer *renderer, uint32_t id, uint32_t target, uint32_t bind,
                          uint32_t width, uint32_t height)
{
    const struct resource_desc desc = {
        .target = target,
        .format = VIRGL_FORMAT_R8G8B8A8_UNORM,
        .bind = bind,
        .width = width,
        .height = height,
        .depth = 1,
        .array_size = 1,
    };
    struct resource *res;

    if (renderer_resource_create(renderer, id, &desc, &res) != 0)
        exit(1);
    renderer_context_attach(renderer, CTX, id);
}

static void make_scene(struct renderer *renderer)
{
    struct virgl_obj_blend blend = { .rt_count = 8 };
    struct virgl_obj_vertex_elements elements = { .handle = ELEMENTS, .element_count = 1 };

    for (uint32_t i = 0; i < 2; i++) {
        make_resource(renderer, VERTICES + i, VIRGL_TEXTURE_TARGET_BUFFER,
                      VIRGL_BIND_VERTEX_BUFFER, 4096, 1);
        make_resource(renderer, UNIFORMS + i, VIRGL_TEXTURE_TARGET_BUFFER,
                      VIRGL_BIND_CONSTANT_BUFFER, 4096, 1);
        make_resource(renderer, TEXTURE + i, VIRGL_TEXTURE_TARGET_2D, VIRGL_BIND_SAMPLER_VIEW, 64,
                      64);
    }
    make_resource(renderer, INDICES, VIRGL_TEXTURE_TARGET_BUFFER, VIRGL_BIND_INDEX_BUFFER, 4096,
                  1);
    virgl_encoder_init(&enc, dwords, STREAM_DWORDS);
    virgl_encode_cmd_create_sub_ctx(&enc, &(struct virgl_cmd_create_sub_ctx){ .sub_ctx_id = 1 });
    make_shader(VERTEX_SHADER, 0,
                "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\n  0: MOV OUT[0], IN[0]\n  1: END\n");
    make_shader(FRAGMENT_SHADER, 1,
                "FRAG\nDCL OUT[0], COLOR\nIMM[0] FLT32 {0.0, 1.0, 0.0, 1.0}\n"
                "  0: MOV OUT[0], IMM[0]\n  1: END\n");
    elements.element[0].src_format = VIRGL_FORMAT_R32G32B32A32_FLOAT;
    virgl_encode_obj_vertex_elements(&enc, &elements);
    virgl_encode_cmd_bind_object(&enc, &(struct virgl_cmd_bind_object){ .handle = ELEMENTS },
                                 VIRGL_OBJECT_TYPE_VERTEX_ELEMENTS);
    for (uint32_t i = 0; i < 2; i++) {
        blend.handle = BLEND + i;
        virgl_encode_obj_blend(&enc, &blend);
        virgl_encode_obj_sampler_view(&enc, &(struct virgl_obj_sampler_view){
                                                .handle = VIEW + i,
                                                .resource = TEXTURE + i,
                                                .format = VIRGL_FORMAT_R8G8B8A8_UNORM,
                                                .target = VIRGL_TEXTURE_TARGET_2D });
    }
    change_vertex_buffer(0);
    virgl_encode_cmd_set_index_buffer(
        &enc, &(struct virgl_cmd_set_index_buffer){ .length_dwords = 3, .resource = INDICES,
                                                    .index_size = 2 });
    if (!virgl_encoder_ok(&enc) ||
        renderer_submit(renderer, CTX, dwords, (uint32_t)enc.used_dwords) != 0)
        exit(1);
}

/* ---- measuring ---- */

static double now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return 1e9 * (double)ts.tv_sec + (double)ts.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* The median over the rounds of the time per draw. */
static double measure(struct renderer *renderer, void (*change)(uint32_t n), uint32_t rounds)
{
    g_autofree double *ns = g_new(double, rounds);

    virgl_encoder_reset(&enc);
    for (uint32_t n = 0; n < DRAWS; n++) {
        change(n);
        virgl_encode_cmd_draw_vbo(&enc, &(struct virgl_cmd_draw_vbo){
                                            .count = 300, .mode = VIRGL_PRIM_TRIANGLES,
                                            .indexed = true, .instance_count = 1,
                                            .max_index = UINT32_MAX });
    }
    if (!virgl_encoder_ok(&enc))
        exit(1);
    for (uint32_t i = 0; i < rounds; i++) {
        const double start = now_ns();

        if (renderer_submit(renderer, CTX, dwords, (uint32_t)enc.used_dwords) != 0)
            exit(1);
        ns[i] = (now_ns() - start) / DRAWS;
    }
    qsort(ns, rounds, sizeof(*ns), compare);
    return ns[rounds / 2];
}

int main(int argc, char **argv)
{
    const uint32_t rounds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1001;
    struct renderer *renderer;
    struct log log;

    log_init(&log);
    renderer = renderer_create(&(struct renderer_options){
        .backend = null_backend_create(&log, 0),
        .log = &log,
    });
    if (!renderer || rounds == 0 || renderer_context_create(renderer, CTX, 2, "bench", 5) != 0)
        return 1;
    make_scene(renderer);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        printf("%-36s %6.1f ns\n", cases[i].name, measure(renderer, cases[i].change, rounds));
    renderer_destroy(renderer);
    return 0;
}
