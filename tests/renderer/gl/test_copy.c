/* SPDX-License-Identifier: MIT */
/* Copies against what the processor computes. */
#include <stdlib.h>
#include <string.h>

#include "scene.h"

static void test_copy_buffer(struct fixture *fx)
{
    struct resource *a = make_buffer(fx, 256, VIRGL_BIND_VERTEX_BUFFER, 0);
    struct resource *b = make_buffer(fx, 256, VIRGL_BIND_VERTEX_BUFFER, 0);
    uint8_t data[256], out[256];
    const struct box whole = {0, 0, 0, 256, 1, 1};

    for (unsigned i = 0; i < 256; i++)
        data[i] = i;
    write_box(fx, a, 0, &whole, data);
    fx->backend->ops->resource_copy_region(fx->ctx, b, 0, 10, 0, 0, a, 0,
                                           &(struct box){100, 0, 0, 50, 1, 1});
    read_box(fx, b, 0, &whole, out);
    for (unsigned i = 0; i < 256; i++)
        g_assert_cmpuint(out[i], ==, i >= 10 && i < 60 ? i + 90 : 0);
    /* Onto itself, overlapping: as if by way of a third buffer. */
    fx->backend->ops->resource_copy_region(fx->ctx, a, 0, 20, 0, 0, a, 0,
                                           &(struct box){0, 0, 0, 200, 1, 1});
    read_box(fx, a, 0, &whole, out);
    memmove(data + 20, data, 200);
    g_assert_cmpmem(out, 256, data, 256);

    /* To and from a buffer that has no GL storage. */
    struct resource host = *b;
    host.back = NULL;
    host.storage = RESOURCE_STORAGE_HOST_MEMORY;
    host.host_memory = out;
    memset(out, 0, sizeof(out));
    fx->backend->ops->resource_copy_region(fx->ctx, &host, 0, 5, 0, 0, a, 0,
                                           &(struct box){20, 0, 0, 30, 1, 1});
    g_assert_cmpmem(out + 5, 30, data + 20, 30);
    g_assert_cmpuint(out[4], ==, 0);
    g_assert_cmpuint(out[35], ==, 0);
    fx->backend->ops->resource_copy_region(fx->ctx, b, 0, 0, 0, 0, &host, 0,
                                           &(struct box){5, 0, 0, 30, 1, 1});
    uint8_t back[30];
    read_box(fx, b, 0, &(struct box){0, 0, 0, 30, 1, 1}, back);
    g_assert_cmpmem(back, 30, data + 20, 30);
    free_resource(fx, a);
    free_resource(fx, b);
}

struct copy_case {
    uint32_t dst_format, src_format;
};

static void test_copy_formats(struct fixture *fx)
{
    /* The bytes of the guest's texels arrive as they are, whatever they mean. */
    static const struct copy_case cases[] = {
        {VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_R8G8B8A8_UNORM},
        {VIRGL_FORMAT_B8G8R8A8_UNORM, VIRGL_FORMAT_B8G8R8A8_UNORM},
        {VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_B8G8R8A8_UNORM},
        {VIRGL_FORMAT_R32_UINT, VIRGL_FORMAT_B8G8R8A8_UNORM},
        {VIRGL_FORMAT_R32_UINT, VIRGL_FORMAT_R8G8B8A8_UNORM},
        {VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_R16G16_UINT},
        {VIRGL_FORMAT_S8_UINT_Z24_UNORM, VIRGL_FORMAT_S8_UINT_Z24_UNORM},
        {VIRGL_FORMAT_R8G8B8A8_SRGB, VIRGL_FORMAT_R8G8B8A8_UNORM},
    };
    static uint32_t data[W * H], out[W * H];

    fill_pattern(data, W * H);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct resource *src = texture2d(fx, cases[i].src_format);
        struct resource *dst = texture2d(fx, cases[i].dst_format);
        write_box(fx, src, 0, &full, data);
        fx->backend->ops->resource_copy_region(fx->ctx, dst, 0, 5, 6, 0, src, 0,
                                               &(struct box){1, 2, 0, 9, 8, 1});
        fixture_check(fx, "copy");
        read_box(fx, dst, 0, &full, out);
        for (int k = 0; k < W * H; k++) {
            int x = k % W, y = k / W;
            uint32_t want = inside(x, y, 5, 6, 9, 8) ? data[(y - 4) * W + x - 4] : 0;
            if (out[k] != want)
                g_error("%s from %s: texel %d,%d is %08x, not %08x", dst->format->name,
                        src->format->name, x, y, out[k], want);
        }
        free_resource(fx, src);
        free_resource(fx, dst);
    }
}

static void test_copy_compressed(struct fixture *fx)
{
    uint8_t data[4 * 4 * 16], out[4 * 4 * 16];
    const struct box whole = {0, 0, 0, 16, 16, 1}, blocks = {0, 0, 0, 4, 4, 1};

    if (!fx->dev->formats[VIRGL_FORMAT_DXT5_RGBA].internalformat) {
        g_test_skip("no DXT5");
        return;
    }
    for (unsigned i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 31);
    struct resource *a = make_texture(fx, VIRGL_TEXTURE_TARGET_2D, VIRGL_FORMAT_DXT5_RGBA, 16, 16,
                                      1, 1, 0, 0);
    struct resource *b = make_texture(fx, VIRGL_TEXTURE_TARGET_2D, VIRGL_FORMAT_DXT5_RGBA, 16, 16,
                                      1, 1, 0, 0);
    struct resource *plain = make_texture(fx, VIRGL_TEXTURE_TARGET_2D,
                                          VIRGL_FORMAT_R32G32B32A32_UINT, 4, 4, 1, 1, 0, 0);
    write_box(fx, a, 0, &whole, data);
    fx->backend->ops->resource_copy_region(fx->ctx, b, 0, 4, 8, 0, a, 0,
                                           &(struct box){0, 4, 0, 8, 8, 1});
    read_box(fx, b, 0, &whole, out);
    g_assert_cmpmem(out + (2 * 4 + 1) * 16, 32, data + 1 * 4 * 16, 32);
    g_assert_cmpmem(out + (3 * 4 + 1) * 16, 32, data + 2 * 4 * 16, 32);
    fx->backend->ops->resource_copy_region(fx->ctx, plain, 0, 0, 0, 0, a, 0, &whole);
    read_box(fx, plain, 0, &blocks, out);
    g_assert_cmpmem(out, sizeof(out), data, sizeof(data));
    free_resource(fx, a);
    free_resource(fx, b);
    free_resource(fx, plain);
}

static void test_copy_layers(struct fixture *fx)
{
    enum { SIZE = 8 };
    static uint32_t data[6][SIZE * SIZE], out[6][SIZE * SIZE];
    const struct box whole = {0, 0, 0, SIZE, SIZE, 6};
    struct resource *cube = make_texture(fx, VIRGL_TEXTURE_TARGET_CUBE, VIRGL_FORMAT_B8G8R8A8_UNORM,
                                         SIZE, SIZE, 1, 6, 0, 0);
    struct resource *array = make_texture(fx, VIRGL_TEXTURE_TARGET_2D_ARRAY,
                                          VIRGL_FORMAT_B8G8R8A8_UNORM, SIZE, SIZE, 1, 6, 0, 0);
    struct resource *volume = make_texture(fx, VIRGL_TEXTURE_TARGET_3D, VIRGL_FORMAT_B8G8R8A8_UNORM,
                                           SIZE, SIZE, 6, 1, 0, 0);

    for (unsigned z = 0; z < 6; z++) {
        for (unsigned i = 0; i < SIZE * SIZE; i++)
            data[z][i] = z << 24 | i;
    }
    write_box(fx, cube, 0, &whole, data);
    fx->backend->ops->resource_copy_region(fx->ctx, array, 0, 0, 0, 1, cube, 0,
                                           &(struct box){0, 0, 2, SIZE, SIZE, 3});
    read_box(fx, array, 0, &whole, out);
    for (unsigned z = 0; z < 6; z++)
        g_assert_cmphex(out[z][9], ==, z >= 1 && z < 4 ? data[z + 1][9] : 0);
    fx->backend->ops->resource_copy_region(fx->ctx, volume, 0, 0, 0, 3, array, 0,
                                           &(struct box){0, 0, 1, SIZE, SIZE, 2});
    read_box(fx, volume, 0, &whole, out);
    for (unsigned z = 0; z < 6; z++)
        g_assert_cmphex(out[z][9], ==, z == 3 || z == 4 ? data[z - 1][9] : 0);
    free_resource(fx, cube);
    free_resource(fx, array);
    free_resource(fx, volume);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_all("copy/buffer", test_copy_buffer);
    add_all("copy/formats", test_copy_formats);
    add_all("copy/compressed", test_copy_compressed);
    add_all("copy/layers", test_copy_layers);
    return g_test_run();
}
