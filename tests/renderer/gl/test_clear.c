/* SPDX-License-Identifier: MIT */
/* Clears against what the processor computes. */
#include <stdlib.h>
#include <string.h>

#include "scene.h"

static void expect_all(const uint8_t *data, size_t bytes, const uint8_t *texel, size_t texel_bytes,
                       const char *what)
{
    for (size_t i = 0; i < bytes; i++) {
        if (data[i] != texel[i % texel_bytes])
            g_error("%s: byte %zu is %02x, not %02x", what, i, data[i], texel[i % texel_bytes]);
    }
}

struct color_clear {
    uint32_t format;
    uint32_t color[4];
    uint8_t texel[16];
};

static void test_clear_color(struct fixture *fx)
{
    const uint32_t one = 0x3f800000, half = 0x3f000000, quarter = 0x3e800000;
    const struct color_clear cases[] = {
        {VIRGL_FORMAT_R8G8B8A8_UNORM, {one, 0, one, one}, {0xff, 0, 0xff, 0xff}},
        {VIRGL_FORMAT_B8G8R8A8_UNORM, {one, 0, 0, one}, {0, 0, 0xff, 0xff}},
        {VIRGL_FORMAT_R8_UNORM, {one, 0, 0, 0}, {0xff}},
        {VIRGL_FORMAT_A8_UNORM, {0, 0, 0, one}, {0xff}},
        {VIRGL_FORMAT_L8_UNORM, {one, 0, 0, 0}, {0xff}},
        {VIRGL_FORMAT_R8G8B8A8_UINT, {1, 2, 3, 200}, {1, 2, 3, 200}},
        {VIRGL_FORMAT_R8G8B8A8_SINT, {(uint32_t)-1, 2, (uint32_t)-3, 4}, {0xff, 2, 0xfd, 4}},
        {VIRGL_FORMAT_R16G16_UINT, {0x1234, 0x5678, 0, 0}, {0x34, 0x12, 0x78, 0x56}},
        {VIRGL_FORMAT_R32_FLOAT, {half, 0, 0, 0}, {0, 0, 0, 0x3f}},
        {VIRGL_FORMAT_R32G32B32A32_FLOAT,
         {one, half, quarter, 0},
         {0, 0, 0x80, 0x3f, 0, 0, 0, 0x3f, 0, 0, 0x80, 0x3e, 0, 0, 0, 0}},
        {VIRGL_FORMAT_B5G6R5_UNORM, {one, 0, one, one}, {0x1f, 0xf8}},
        {VIRGL_FORMAT_R10G10B10A2_UNORM, {one, 0, 0, one}, {0xff, 0x03, 0, 0xc0}},
    };
    static uint8_t data[W * H * 16];

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        const struct gl_format *f = &fx->dev->formats[cases[i].format];
        if (!f->renderable)
            continue;
        struct resource *res = texture2d(fx, cases[i].format);
        struct front_surface surface, *cbufs[1] = {&surface};
        init_surface(&surface, res, cases[i].format);
        bind_framebuffer(fx, cbufs, 1, NULL);
        hostile_state(fx);
        fx->backend->ops->clear(fx->ctx, VIRGL_CLEAR_COLOR0, cases[i].color, 0.0, 0);
        read_box(fx, res, 0, &full, data);
        expect_all(data, box_bytes(res, &full), cases[i].texel, res->format->block_bytes,
                   res->format->name);
        free_resource(fx, res);
    }
}

static void test_clear_selected(struct fixture *fx)
{
    struct resource *color[2], *depth = texture2d(fx, VIRGL_FORMAT_S8_UINT_Z24_UNORM);
    struct front_surface surfaces[3], *cbufs[2] = {&surfaces[0], &surfaces[1]};
    const uint32_t white[4] = {0x3f800000, 0x3f800000, 0x3f800000, 0x3f800000};
    static uint8_t data[W * H * 4];

    for (unsigned i = 0; i < 2; i++) {
        color[i] = texture2d(fx, VIRGL_FORMAT_R8G8B8A8_UNORM);
        init_surface(&surfaces[i], color[i], VIRGL_FORMAT_R8G8B8A8_UNORM);
    }
    init_surface(&surfaces[2], depth, VIRGL_FORMAT_S8_UINT_Z24_UNORM);
    bind_framebuffer(fx, cbufs, 2, &surfaces[2]);

    hostile_state(fx);
    fx->backend->ops->clear(fx->ctx, VIRGL_CLEAR_COLOR1, white, 1.0, 7);
    read_box(fx, color[0], 0, &full, data);
    expect_all(data, sizeof(data), (const uint8_t[]){0}, 1, "colour 0, not selected");
    read_box(fx, color[1], 0, &full, data);
    expect_all(data, sizeof(data), (const uint8_t[]){0xff}, 1, "colour 1");
    read_box(fx, depth, 0, &full, data);
    expect_all(data, sizeof(data), (const uint8_t[]){0}, 1, "depth, not selected");

    hostile_state(fx);
    fx->backend->ops->clear(fx->ctx, VIRGL_CLEAR_STENCIL, white, 1.0, 0xa5);
    read_box(fx, depth, 0, &full, data);
    expect_all(data, sizeof(data), (const uint8_t[]){0xa5, 0, 0, 0}, 4, "stencil alone");
    hostile_state(fx);
    fx->backend->ops->clear(fx->ctx, VIRGL_CLEAR_DEPTH, white, 1.0, 0);
    read_box(fx, depth, 0, &full, data);
    expect_all(data, sizeof(data), (const uint8_t[]){0xa5, 0xff, 0xff, 0xff}, 4, "depth alone");
    fx->backend->ops->clear(fx->ctx, VIRGL_CLEAR_DEPTH | VIRGL_CLEAR_STENCIL, white, 0.0, 3);
    read_box(fx, depth, 0, &full, data);
    expect_all(data, sizeof(data), (const uint8_t[]){3, 0, 0, 0}, 4, "both");

    bind_framebuffer(fx, NULL, 0, NULL);
    free_resource(fx, color[0]);
    free_resource(fx, color[1]);
    free_resource(fx, depth);
}

static void test_clear_surface(struct fixture *fx)
{
    struct resource *res = texture2d(fx, VIRGL_FORMAT_B8G8R8A8_UNORM);
    struct front_surface surface;
    const struct virgl_cmd_clear_surface cmd = {
        .buffers = VIRGL_CLEAR_COLOR0,
        .color_0 = 0x3f800000,
        .color_3 = 0x3f800000,
        .x = 3,
        .y = 5,
        .width = 7,
        .height = 4,
    };
    static uint32_t data[W * H];

    init_surface(&surface, res, VIRGL_FORMAT_B8G8R8A8_UNORM);
    hostile_state(fx);
    fx->backend->ops->clear_surface(fx->ctx, &cmd, &surface);
    read_box(fx, res, 0, &full, data);
    for (int i = 0; i < W * H; i++)
        g_assert_cmphex(data[i], ==, inside(i % W, i / W, 3, 5, 7, 4) ? 0xffff0000 : 0);
    free_resource(fx, res);

    res = texture2d(fx, VIRGL_FORMAT_S8_UINT_Z24_UNORM);
    init_surface(&surface, res, VIRGL_FORMAT_S8_UINT_Z24_UNORM);
    double depth = 1.0;
    uint32_t words[2];
    memcpy(words, &depth, 8);
    struct virgl_cmd_clear_surface zs = cmd;
    zs.buffers = VIRGL_CLEAR_DEPTH | VIRGL_CLEAR_STENCIL;
    zs.color_0 = words[0];
    zs.color_1 = words[1];
    zs.color_3 = 9;
    hostile_state(fx);
    fx->backend->ops->clear_surface(fx->ctx, &zs, &surface);
    read_box(fx, res, 0, &full, data);
    for (int i = 0; i < W * H; i++)
        g_assert_cmphex(data[i], ==, inside(i % W, i / W, 3, 5, 7, 4) ? 0xffffff09 : 0);
    free_resource(fx, res);
}

static void test_clear_texture(struct fixture *fx)
{
    static const struct {
        uint32_t target, width, height, depth, layers;
        struct box box;
    } shapes[] = {
        {VIRGL_TEXTURE_TARGET_2D, 16, 16, 1, 1, {2, 3, 0, 5, 6, 1}},
        {VIRGL_TEXTURE_TARGET_3D, 16, 8, 6, 1, {2, 3, 1, 5, 4, 3}},
        {VIRGL_TEXTURE_TARGET_CUBE, 16, 16, 1, 6, {2, 3, 2, 5, 6, 2}},
        {VIRGL_TEXTURE_TARGET_1D_ARRAY, 16, 1, 1, 5, {2, 0, 1, 5, 1, 3}},
        {VIRGL_TEXTURE_TARGET_2D_ARRAY, 16, 8, 1, 5, {2, 1, 1, 5, 3, 3}},
    };
    static const uint32_t formats[] = {VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_B8G8R8A8_UNORM,
                                       VIRGL_FORMAT_R32_UINT};
    const uint32_t value[4] = {0x40302010, 0, 0, 0};
    static uint32_t data[16 * 16 * 8];

    for (unsigned s = 0; s < G_N_ELEMENTS(shapes); s++) {
        for (unsigned f = 0; f < G_N_ELEMENTS(formats); f++) {
            struct resource *res = make_texture(fx, shapes[s].target, formats[f], shapes[s].width,
                                                shapes[s].height, shapes[s].depth,
                                                shapes[s].layers, 0, 0);
            g_assert_nonnull(res);
            const struct box *b = &shapes[s].box;
            struct box whole = {0, 0, 0, shapes[s].width, shapes[s].height,
                                resource_level_layers(res, 0)};
            fx->backend->ops->clear_texture(fx->ctx, res, 0, b, value);
            read_box(fx, res, 0, &whole, data);
            const uint32_t *p = data;
            for (int z = 0; z < whole.depth; z++) {
                for (int i = 0; i < whole.width * whole.height; i++) {
                    bool in = z >= b->z && z < b->z + b->depth &&
                              inside(i % whole.width, i / whole.width, b->x, b->y, b->width,
                                     b->height);
                    g_assert_cmphex(*p++, ==, in ? value[0] : 0);
                }
            }
            free_resource(fx, res);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_all("clear/color", test_clear_color);
    add_all("clear/selected", test_clear_selected);
    add_all("clear/surface", test_clear_surface);
    add_all("clear/texture", test_clear_texture);
    return g_test_run();
}
