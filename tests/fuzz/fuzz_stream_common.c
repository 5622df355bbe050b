/* SPDX-License-Identifier: MIT */
#include "fuzz_stream_common.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"
#include "core/renderer.h"
#include "core/resource.h"
#include "front/backend.h"
#include "front/context.h"
#include "virgl_protocol.h"
#include "virgl_random.h"

enum {
    CONTEXTS = 2,
    MAX_STREAM_DWORDS = 1 << 16,
    MAX_TEXTURE_PX = 128,
    MEMORY_LIMIT_BYTES = 256 << 20,
    IDS = 32, /* resource numbers that inputs can reach */
    MAX_FAILURES = 24, /* an input ends when so many of its submissions have failed */
    PIECES = 3,
};

struct input {
    const uint8_t *data;
    size_t left;
};

struct pages {
    struct iovec iov[PIECES];
    uint8_t *memory;
};

static struct log quiet_log;
static struct renderer *renderer;
static struct pages pages[IDS];
static struct virgl_encoder stream;
static uint32_t stream_dwords[MAX_STREAM_DWORDS];
static uint32_t failures;

static const char *const texts[] = {
    "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\n  0: MOV OUT[0], IN[0]\n  1: END\n",
    "FRAG\nDCL OUT[0], COLOR\nIMM[0] FLT32 {0.0, 1.0, 0.0, 1.0}\n"
    "  0: MOV OUT[0], IMM[0]\n  1: END\n",
    "GEOM\nPROPERTY GS_INPUT_PRIMITIVE TRIANGLES\nPROPERTY GS_OUTPUT_PRIMITIVE TRIANGLE_STRIP\n"
    "PROPERTY GS_MAX_OUTPUT_VERTICES 3\nDCL IN[][0], POSITION\nDCL OUT[0], POSITION\n"
    "IMM[0] UINT32 {0, 0, 0, 0}\n  0: MOV OUT[0], IN[0][0]\n  1: EMIT IMM[0].xxxx\n  2: END\n",
    "TESS_CTRL\nPROPERTY TCS_VERTICES_OUT 3\nDCL IN[][0], POSITION\nDCL OUT[][0], POSITION\n"
    "DCL SV[0], INVOCATIONID\nDCL ADDR[0]\n  0: UARL ADDR[0].x, SV[0].xxxx\n"
    "  1: MOV OUT[ADDR[0].x][0], IN[ADDR[0].x][0]\n  2: END\n",
    "TESS_EVAL\nPROPERTY TES_PRIM_MODE 4\nDCL IN[][0], POSITION\nDCL OUT[0], POSITION\n"
    "  0: MOV OUT[0], IN[0][0]\n  1: END\n",
    "COMP\nPROPERTY CS_FIXED_BLOCK_WIDTH 1\nPROPERTY CS_FIXED_BLOCK_HEIGHT 1\n"
    "PROPERTY CS_FIXED_BLOCK_DEPTH 1\n  0: END\n",
    "FRAG\nDCL IN[0], GENERIC[0], PERSPECTIVE\nDCL OUT[0], COLOR\nDCL SAMP[0]\n"
    "DCL SVIEW[0], 2D, FLOAT\nDCL CONST[0..3]\nDCL TEMP[0]\n"
    "  0: TEX TEMP[0], IN[0], SAMP[0], 2D\n  1: MUL OUT[0], TEMP[0], CONST[2]\n  2: END\n",
    "VERT\nDCL IN[0]\nDCL IN[1]\nDCL OUT[0], POSITION\nDCL OUT[1], GENERIC[0]\n"
    "DCL CONST[1][0..3]\n  0: MAD OUT[0], IN[0], CONST[1][0], CONST[1][3]\n"
    "  1: MOV OUT[1], IN[1]\n  2: END\n",
};
static const uint8_t text_stages[] = { 0, 1, 2, 3, 4, 5, 1, 0 };

/* ---- reading the input ---- */

static uint8_t byte(struct input *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->data++;
}

static uint32_t half(struct input *in)
{
    const uint32_t low = byte(in);

    return low | (uint32_t)byte(in) << 8;
}

static uint32_t dword(struct input *in)
{
    const uint32_t low = half(in);

    return low | half(in) << 16;
}

/* Numbers that tend to matter. */
static uint32_t value(uint8_t choice)
{
    static const uint32_t special[] = { 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe,
                                        0xffff,     0x10000,    0xfff0,     0x3f800000,
                                        0x7fc00000, 0x7f800000, 0x01000001, 0x00100010 };

    if (choice < 160)
        return choice;
    if (choice < 192)
        return 1u << (choice - 160);
    if (choice < 224)
        return ~(1u << (choice - 192));
    return special[choice % G_N_ELEMENTS(special)];
}

/* ---- the host side ---- */

static void discard_line(void *user, enum log_level level, const char *line)
{
}

static void give_pages(uint32_t id, uint32_t bytes)
{
    struct resource *res = renderer_resource(renderer, id);
    struct pages *p = &pages[id];
    const uint32_t piece_bytes = bytes / PIECES;

    if (!res || p->memory || res->iov)
        return;
    /* One allocation per piece, so that a sanitizer sees where each ends. */
    for (uint32_t i = 0; i < PIECES; i++) {
        p->iov[i].iov_len = i == PIECES - 1 ? bytes - 2 * piece_bytes : piece_bytes;
        p->iov[i].iov_base = calloc(1, p->iov[i].iov_len ? p->iov[i].iov_len : 1);
        if (!p->iov[i].iov_base)
            abort();
    }
    p->memory = p->iov[0].iov_base;
    if (resource_attach_iov(res, p->iov, PIECES) != 0)
        abort();
}

static void take_pages(uint32_t id)
{
    struct resource *res = renderer_resource(renderer, id);
    uint32_t count;

    if (!pages[id].memory)
        return;
    if (res && res->iov == pages[id].iov)
        resource_detach_iov(res, &count);
    for (uint32_t i = 0; i < PIECES; i++)
        free(pages[id].iov[i].iov_base);
    memset(&pages[id], 0, sizeof(pages[id]));
}

static void make_resource(uint32_t id, const struct resource_desc *desc, uint32_t page_bytes)
{
    struct resource *res;

    if (renderer_resource_create(renderer, id, desc, &res) != 0)
        return;
    if (page_bytes)
        give_pages(id, page_bytes);
    for (uint32_t ctx = 1; ctx <= CONTEXTS; ctx++)
        renderer_context_attach(renderer, ctx, id);
}

static void make_standard_resources(void)
{
    const uint32_t sampled = VIRGL_BIND_SAMPLER_VIEW | VIRGL_BIND_RENDER_TARGET;
    const uint32_t rgba = VIRGL_FORMAT_R8G8B8A8_UNORM;
    static const struct {
        uint32_t bind, bytes, page_bytes;
    } buffers[] = {
        { VIRGL_BIND_VERTEX_BUFFER, 4096, 4096 }, { VIRGL_BIND_INDEX_BUFFER, 512, 500 },
        { VIRGL_BIND_CONSTANT_BUFFER, 1024, 0 },  { VIRGL_BIND_CUSTOM, 64, 64 },
        { VIRGL_BIND_CUSTOM, 80, 0 },             { VIRGL_BIND_STAGING, 65536, 65536 },
        { VIRGL_BIND_STAGING, 64, 0 },            { VIRGL_BIND_SHADER_BUFFER, 256, 256 },
        { VIRGL_BIND_COMMAND_ARGS, 64, 64 },      { VIRGL_BIND_STREAM_OUTPUT, 256, 0 },
        { VIRGL_BIND_QUERY_BUFFER, 64, 64 },
    };
    const struct resource_desc textures[] = {
        { VIRGL_TEXTURE_TARGET_2D, rgba, sampled, 64, 32, 1, 1, 0, 0, 0 },
        { VIRGL_TEXTURE_TARGET_2D, VIRGL_FORMAT_S8_UINT_Z24_UNORM, VIRGL_BIND_DEPTH_STENCIL, 64,
          32, 1, 1, 0, 0, 0 },
        { VIRGL_TEXTURE_TARGET_CUBE, rgba, sampled, 16, 16, 1, 6, 4, 0, 0 },
        { VIRGL_TEXTURE_TARGET_3D, rgba, sampled, 8, 4, 6, 1, 3, 0, 0 },
        { VIRGL_TEXTURE_TARGET_2D_ARRAY, rgba, sampled, 17, 9, 1, 5, 4, 0, 0 },
        { VIRGL_TEXTURE_TARGET_2D, VIRGL_FORMAT_DXT5_RGBA, VIRGL_BIND_SAMPLER_VIEW, 10, 10, 1, 1,
          3, 0, 0 },
        { VIRGL_TEXTURE_TARGET_2D, rgba, sampled, 16, 16, 1, 1, 0, 4, 0 },
        { VIRGL_TEXTURE_TARGET_1D, rgba, sampled, 32, 1, 1, 1, 0, 0, 0 },
        { VIRGL_TEXTURE_TARGET_2D, rgba, sampled, 64, 32, 1, 1, 0, 0,
          VIRGL_RESOURCE_FLAG_Y_0_TOP },
    };
    uint32_t id = 1;

    for (size_t i = 0; i < G_N_ELEMENTS(textures); i++)
        make_resource(id++, &textures[i], i % 2 ? 0 : 8192);
    for (size_t i = 0; i < G_N_ELEMENTS(buffers); i++)
        make_resource(id++,
                      &(struct resource_desc){ VIRGL_TEXTURE_TARGET_BUFFER, VIRGL_FORMAT_R8_UNORM,
                                               buffers[i].bind, buffers[i].bytes, 1, 1, 1, 0, 0,
                                               0 },
                      buffers[i].page_bytes);
}

static void host_transfer(struct input *in, struct resource *res, bool write)
{
    struct transfer transfer = {
        .level = byte(in) % 8,
        .stride_bytes = value(byte(in)),
        .layer_stride_bytes = value(byte(in)),
        .box = { (int32_t)value(byte(in)), (int32_t)value(byte(in)), (int32_t)value(byte(in)),
                 (int32_t)value(byte(in)), (int32_t)value(byte(in)), (int32_t)value(byte(in)) },
        .offset_bytes = value(byte(in)),
    };
    const char *why;

    if (write)
        resource_transfer_write(res, &transfer, &why);
    else
        resource_transfer_read(res, &transfer, &why);
}

static void create_from_input(struct input *in, uint32_t id)
{
    struct resource_desc desc = {
        .target = byte(in) % 10,
        .format = half(in) % 512,
        .bind = value(byte(in)),
        .width = value(byte(in)),
        .height = value(byte(in)),
        .depth = value(byte(in)),
        .array_size = value(byte(in)),
        .last_level = byte(in) % 10,
        .nr_samples = byte(in) % 9,
        .flags = byte(in),
    };

    make_resource(id, &desc, 64u * byte(in));
}

static void host_step(struct input *in)
{
    const uint32_t id = byte(in) % IDS, ctx = 1 + byte(in) % CONTEXTS;
    struct resource *res = renderer_resource(renderer, id);

    switch (byte(in) % 10) {
    case 0:
        create_from_input(in, id);
        break;
    case 1:
        renderer_resource_unref(renderer, id);
        take_pages(id);
        break;
    case 2:
        give_pages(id, 64u * byte(in));
        break;
    case 3:
        take_pages(id);
        break;
    case 4:
        renderer_context_attach(renderer, ctx, id);
        break;
    case 5:
        renderer_context_detach(renderer, ctx, id);
        break;
    case 6:
    case 7:
        if (res)
            host_transfer(in, res, byte(in) & 1);
        break;
    case 8:
        renderer_context_destroy(renderer, ctx);
        break;
    case 9:
        if (renderer_context(renderer, ctx))
            front_context_poll_queries(renderer_context(renderer, ctx));
        break;
    }
}

/* ---- the stream ---- */

static void shader(uint32_t handle, uint32_t which, bool bind);

/* Objects of every type under small numbers, and enough bound to draw. */
static void emit_standard_objects(void)
{
    const struct virgl_set_vertex_buffers_buffer buffers[2] = { { 32, 0, 10 }, { 16, 64, 10 } };
    struct virgl_obj_vertex_elements elements = { .handle = 4, .element_count = 2 };
    const uint32_t border[4] = { 0 }, surface = 7;

    virgl_encode_obj_blend(&stream, &(struct virgl_obj_blend){ .handle = 1, .rt_count = 8 });
    virgl_encode_obj_rasterizer(&stream, &(struct virgl_obj_rasterizer){ .handle = 2 });
    virgl_encode_obj_dsa(&stream, &(struct virgl_obj_dsa){ .handle = 3 });
    elements.element[0].src_format = VIRGL_FORMAT_R32G32B32A32_FLOAT;
    elements.element[1].src_format = VIRGL_FORMAT_R32G32B32A32_FLOAT;
    elements.element[1].vertex_buffer_index = 1;
    virgl_encode_obj_vertex_elements(&stream, &elements);
    virgl_encode_obj_sampler_state(&stream, &(struct virgl_obj_sampler_state){
                                                .handle = 5, .border_color = border,
                                                .border_color_count = 4 });
    virgl_encode_obj_sampler_view(&stream, &(struct virgl_obj_sampler_view){
                                               .handle = 6, .resource = 1,
                                               .format = VIRGL_FORMAT_R8G8B8A8_UNORM,
                                               .target = VIRGL_TEXTURE_TARGET_2D });
    virgl_encode_obj_surface(&stream, &(struct virgl_obj_surface){
                                          .handle = surface, .resource = 1,
                                          .format = VIRGL_FORMAT_R8G8B8A8_UNORM });
    virgl_encode_obj_query(&stream, &(struct virgl_obj_query){ .handle = 8, .resource = 13 });
    virgl_encode_obj_streamout_target(&stream, &(struct virgl_obj_streamout_target){
                                                   .handle = 9, .resource = 19,
                                                   .buffer_size = 128 });
    shader(10, 0, true);
    shader(11, 1, true);
    virgl_encode_cmd_bind_object(&stream, &(struct virgl_cmd_bind_object){ .handle = 4 },
                                 VIRGL_OBJECT_TYPE_VERTEX_ELEMENTS);
    virgl_encode_cmd_set_vertex_buffers(
        &stream, &(struct virgl_cmd_set_vertex_buffers){ .buffer = buffers, .buffer_count = 2 });
    virgl_encode_cmd_set_index_buffer(
        &stream, &(struct virgl_cmd_set_index_buffer){ .length_dwords = 3, .resource = 11,
                                                       .index_size = 2 });
    virgl_encode_cmd_set_framebuffer_state(
        &stream,
        &(struct virgl_cmd_set_framebuffer_state){ .nr_cbufs = 1, .cbuf = &surface,
                                                   .cbuf_count = 1 });
}

static void renew_context(uint32_t ctx)
{
    static uint32_t saved_dwords[4096];
    static size_t saved;

    if (!saved) {
        virgl_encoder_reset(&stream);
        emit_standard_objects();
        saved = stream.used_dwords;
        if (!virgl_encoder_ok(&stream) || saved > G_N_ELEMENTS(saved_dwords))
            abort();
        memcpy(saved_dwords, stream_dwords, 4 * saved);
        virgl_encoder_reset(&stream);
    }
    renderer_context_destroy(renderer, ctx);
    renderer_context_create(renderer, ctx, 2, "fuzz", 4);
    for (uint32_t i = 1; i < IDS; i++)
        renderer_context_attach(renderer, ctx, i);
    renderer_submit(renderer, ctx, saved_dwords, (uint32_t)saved);
}

static void submit(uint32_t ctx)
{
    /* Of exactly the right size, so that a sanitizer sees reads behind the end. */
    uint32_t *exact = malloc(stream.used_dwords ? 4 * stream.used_dwords : 1);

    if (!exact)
        abort();
    if (stream.used_dwords)
        memcpy(exact, stream_dwords, 4 * stream.used_dwords);
    renderer_submit(renderer, ctx, exact, (uint32_t)stream.used_dwords);
    free(exact);
    virgl_encoder_reset(&stream);
    /* A context that has failed would let nothing more through. */
    if (!renderer_context(renderer, ctx) || front_context_error(renderer_context(renderer, ctx))) {
        failures++;
        renew_context(ctx);
    }
}

static void command_step(struct input *in)
{
    const uint32_t command = byte(in) % (VIRGL_COMMAND_COUNT + 2);
    const uint32_t type = byte(in) % (VIRGL_OBJECT_TYPE_COUNT + 1);
    const uint32_t length = byte(in) % 48;
    uint32_t *payload = virgl_encoder_command(&stream, command, type, length);

    for (uint32_t i = 0; payload && i < length; i++)
        payload[i] = dword(in);
}

static void random_step(struct input *in)
{
    static struct virgl_random random;
    static uint64_t structure[1 << 13];
    const struct virgl_random_case *c = &virgl_random_cases[byte(in) % virgl_random_case_count];
    const size_t start = stream.used_dwords;
    uint32_t patches;

    if (c->struct_bytes > sizeof(structure))
        abort();
    virgl_random_init(&random, half(in));
    c->fill(&random, structure);
    if (!c->encode(&stream, structure))
        return;
    patches = byte(in);
    /* Small numbers everywhere name what exists. */
    for (size_t i = start + 1; (patches & 0x18) && i < stream.used_dwords; i++)
        stream_dwords[i] %= patches & 0x10 ? 20 : 70;
    patches &= 7;
    while (patches--) {
        const uint32_t position = byte(in);
        const uint32_t number = value(byte(in));

        if (start + 1 + position < stream.used_dwords)
            stream_dwords[start + 1 + position] = number;
    }
}

static void raw_step(struct input *in)
{
    uint32_t count = half(in) % 4096;

    while (count-- && in->left && stream.used_dwords < MAX_STREAM_DWORDS)
        stream_dwords[stream.used_dwords++] = dword(in);
}

static void shader(uint32_t handle, uint32_t which, bool bind)
{
    const uint32_t bytes = (uint32_t)strlen(texts[which]) + 1;
    uint32_t words[256] = { 0 };

    memcpy(words, texts[which], bytes);
    virgl_encode_obj_shader(&stream, &(struct virgl_obj_shader){ .handle = handle,
                                                                 .stage = text_stages[which],
                                                                 .offlen_value = bytes,
                                                                 .text = words,
                                                                 .text_dwords = (bytes + 3) / 4 });
    if (bind)
        virgl_encode_cmd_bind_shader(
            &stream,
            &(struct virgl_cmd_bind_shader){ .shader = handle, .stage = text_stages[which] });
}

static void shader_step(struct input *in)
{
    const uint32_t handle = byte(in) % IDS, which = byte(in) % G_N_ELEMENTS(texts);

    shader(handle, which, byte(in) & 1);
}

static void set_up(void)
{
    struct backend *backend;

    log_init(&quiet_log);
    quiet_log.write = discard_line;
    backend = fuzz_backend_create(&quiet_log);
    if (!backend)
        abort();
    backend->limits.max_texture_2d_px = MAX_TEXTURE_PX;
    backend->limits.max_texture_cube_px = MAX_TEXTURE_PX;
    backend->limits.max_texture_3d_px = MAX_TEXTURE_PX / 4;
    backend->limits.max_array_layers = 64;
    backend->limits.max_buffer_bytes = 1 << 20;
    renderer = renderer_create(&(struct renderer_options){
        .backend = backend,
        .log = &quiet_log,
        .memory_limit_bytes = MEMORY_LIMIT_BYTES,
    });
    if (!renderer)
        abort();
    virgl_encoder_init(&stream, stream_dwords, MAX_STREAM_DWORDS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };

    if (!renderer)
        set_up();
    quiet_log.window_count = 0;
    make_standard_resources();
    for (uint32_t ctx = 1; ctx <= CONTEXTS; ctx++)
        renew_context(ctx);
    virgl_encoder_reset(&stream);
    failures = 0;

    while (in.left && failures < MAX_FAILURES) {
        const uint8_t operation = byte(&in);

        switch (operation & 7) {
        case 0:
        case 1:
            command_step(&in);
            break;
        case 2:
        case 3:
            random_step(&in);
            break;
        case 4:
            raw_step(&in);
            break;
        case 5:
            submit(1 + byte(&in) % CONTEXTS);
            break;
        case 6:
            host_step(&in);
            break;
        case 7:
            shader_step(&in);
            break;
        }
        if (!(operation & 8) || stream.used_dwords > MAX_STREAM_DWORDS / 2 ||
            !virgl_encoder_ok(&stream))
            submit(1 + (operation >> 4 & 1));
    }
    submit(1);

    renderer_reset(renderer);
    for (uint32_t id = 0; id < IDS; id++)
        take_pages(id);
    if (renderer->memory_used_bytes != 0)
        abort();
    fuzz_backend_check(renderer->backend);
    return 0;
}
