/* SPDX-License-Identifier: MIT */
/* Blits against what the processor computes. */
#include <stdlib.h>
#include <string.h>

#include "scene.h"

static uint32_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return bits;
}

/* A blit of whole 2D textures of the same size; tests change what they need. */
static struct virgl_cmd_blit whole_blit(const struct resource *dst, const struct resource *src,
                                        uint32_t mask)
{
    struct virgl_cmd_blit b = {
        .mask = mask,
        .dst_format = dst->desc.format,
        .src_format = src->desc.format,
        .dst_width = W,
        .dst_height = H,
        .dst_depth = 1,
        .src_width = W,
        .src_height = H,
        .src_depth = 1,
    };
    return b;
}

enum {
    RGBA = VIRGL_BLIT_MASK_R | VIRGL_BLIT_MASK_G | VIRGL_BLIT_MASK_B | VIRGL_BLIT_MASK_A,
};

struct blit_case {
    const char *name;
    uint32_t dst_format, src_format;
    void (*change)(struct virgl_cmd_blit *b);
    /* Expected texel at (x, y); background 0x11223344 is what dst held. */
    uint32_t (*expect)(const uint32_t *src, int x, int y);
};

static uint32_t same(const uint32_t *src, int x, int y)
{
    return src[y * W + x];
}

static uint32_t red_blue(const uint32_t *src, int x, int y)
{
    return swapped(src[y * W + x]);
}

static void flip_both(struct virgl_cmd_blit *b)
{
    b->src_x = W;
    b->src_width = -W;
    b->src_y = H;
    b->src_height = -H;
}

static uint32_t flipped(const uint32_t *src, int x, int y)
{
    return src[(H - 1 - y) * W + W - 1 - x];
}

static void enlarge(struct virgl_cmd_blit *b)
{
    b->src_x = 4;
    b->src_y = 6;
    b->src_width = W / 2;
    b->src_height = H / 4;
}

static uint32_t enlarged(const uint32_t *src, int x, int y)
{
    return src[(6 + y / 4) * W + 4 + x / 2];
}

static void scissored(struct virgl_cmd_blit *b)
{
    b->scissor_enable = true;
    b->scissor_minx = 5;
    b->scissor_miny = 2;
    b->scissor_maxx = 11;
    b->scissor_maxy = 9;
}

static uint32_t in_scissor(const uint32_t *src, int x, int y)
{
    return inside(x, y, 5, 2, 6, 7) ? src[y * W + x] : 0x11223344;
}

static void only_green(struct virgl_cmd_blit *b)
{
    b->mask = VIRGL_BLIT_MASK_G;
}

static uint32_t green_only(const uint32_t *src, int x, int y)
{
    return (0x11223344 & ~0xff00u) | (src[y * W + x] & 0xff00);
}

static void enlarge_flip_green(struct virgl_cmd_blit *b)
{
    enlarge(b);
    b->mask = VIRGL_BLIT_MASK_G;
    b->src_y += b->src_height;
    b->src_height = -b->src_height;
    scissored(b);
}

static uint32_t enlarged_flipped_green(const uint32_t *src, int x, int y)
{
    uint32_t v = src[(6 + (H - 1 - y) / 4) * W + 4 + x / 2];
    return inside(x, y, 5, 2, 6, 7) ? (0x11223344 & ~0xff00u) | (v & 0xff00) : 0x11223344;
}

static uint32_t opaque(const uint32_t *src, int x, int y)
{
    return src[y * W + x] | 0xff000000;
}

static void blend(struct virgl_cmd_blit *b)
{
    b->alpha_blend = true;
}

static uint32_t blended(const uint32_t *src, int x, int y)
{
    uint32_t s = src[y * W + x], d = 0x11223344, out = 0;
    float a = (s >> 24) / 255.0f;
    for (unsigned c = 0; c < 32; c += 8) {
        float v = (s >> c & 0xff) * a + (d >> c & 0xff) * (1.0f - a);
        out |= (uint32_t)(v + 0.5f) << c;
    }
    return out;
}

static uint32_t raw_view(const uint32_t *src, int x, int y)
{
    return src[y * W + x];
}

static void view_source_as_rgba(struct virgl_cmd_blit *b)
{
    b->src_format = VIRGL_FORMAT_R8G8B8A8_SRGB;
    b->dst_format = VIRGL_FORMAT_R8G8B8A8_SRGB;
}

static const struct blit_case blit_cases[] = {
    {"copy", VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_R8G8B8A8_UNORM, NULL, same},
    {"bgra", VIRGL_FORMAT_B8G8R8A8_UNORM, VIRGL_FORMAT_B8G8R8A8_UNORM, NULL, same},
    {"rgba to bgra", VIRGL_FORMAT_B8G8R8A8_UNORM, VIRGL_FORMAT_R8G8B8A8_UNORM, NULL, red_blue},
    {"flip", VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_R8G8B8A8_UNORM, flip_both, flipped},
    {"enlarge", VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_R8G8B8A8_UNORM, enlarge, enlarged},
    {"scissor", VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_R8G8B8A8_UNORM, scissored, in_scissor},
    {"green", VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_R8G8B8A8_UNORM, only_green, green_only},
    {"shader: all at once", VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_R8G8B8A8_UNORM,
     enlarge_flip_green, enlarged_flipped_green},
    {"x to a", VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_R8G8B8X8_UNORM, NULL, opaque},
    {"blend", VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_R8G8B8A8_UNORM, blend, blended},
    {"unsigned", VIRGL_FORMAT_R8G8B8A8_UINT, VIRGL_FORMAT_R8G8B8A8_UINT, flip_both, flipped},
    {"unsigned, green", VIRGL_FORMAT_R8G8B8A8_UINT, VIRGL_FORMAT_R8G8B8A8_UINT, only_green,
     green_only},
    {"srgb to srgb by views", VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_R8G8B8A8_UNORM,
     view_source_as_rgba, raw_view},
};

static bool close_to(uint32_t a, uint32_t b)
{
    for (unsigned c = 0; c < 32; c += 8) {
        int d = (int)(a >> c & 0xff) - (int)(b >> c & 0xff);
        if (d < -1 || d > 1)
            return false;
    }
    return true;
}

static void test_blit_color(struct fixture *fx)
{
    static uint32_t src_data[W * H], dst_data[W * H];

    for (unsigned i = 0; i < G_N_ELEMENTS(blit_cases); i++) {
        const struct blit_case *c = &blit_cases[i];
        struct resource *src = texture2d(fx, c->src_format), *dst = texture2d(fx, c->dst_format);
        fill_pattern(src_data, W * H);
        for (unsigned k = 0; k < W * H; k++)
            dst_data[k] = 0x11223344;
        write_box(fx, src, 0, &full, src_data);
        write_box(fx, dst, 0, &full, dst_data);
        struct virgl_cmd_blit b = whole_blit(dst, src, RGBA);
        if (c->change)
            c->change(&b);
        hostile_state(fx);
        fx->backend->ops->blit(fx->ctx, &b, dst, src);
        fixture_check(fx, c->name);
        read_box(fx, dst, 0, &full, dst_data);
        for (int k = 0; k < W * H; k++) {
            uint32_t want = c->expect(src_data, k % W, k / W);
            if (!close_to(dst_data[k], want))
                g_error("%s: texel %d,%d is %08x, not %08x", c->name, k % W, k / W, dst_data[k],
                        want);
        }
        free_resource(fx, src);
        free_resource(fx, dst);
    }
}

static void test_blit_conversions(struct fixture *fx)
{
    static float floats[W * H * 4];
    static uint32_t words[W * H];
    static uint8_t bytes[W * H];
    struct resource *src = texture2d(fx, VIRGL_FORMAT_R32G32B32A32_FLOAT);

    for (unsigned i = 0; i < W * H * 4; i++)
        floats[i] = (float)(i % 256) / 255.0f;
    write_box(fx, src, 0, &full, floats);

    struct resource *dst = texture2d(fx, VIRGL_FORMAT_B8G8R8A8_UNORM);
    struct virgl_cmd_blit b = whole_blit(dst, src, RGBA);
    fx->backend->ops->blit(fx->ctx, &b, dst, src);
    read_box(fx, dst, 0, &full, words);
    for (unsigned i = 0; i < W * H; i++) {
        unsigned r = i * 4 % 256;
        uint32_t want = r << 16 | (r + 1) << 8 | (r + 2) | (r + 3) << 24;
        g_assert_true(close_to(words[i], want));
    }
    free_resource(fx, dst);

    /* To alpha alone: the source's alpha arrives, though storage is red. */
    dst = texture2d(fx, VIRGL_FORMAT_A8_UNORM);
    b = whole_blit(dst, src, RGBA);
    fx->backend->ops->blit(fx->ctx, &b, dst, src);
    read_box(fx, dst, 0, &full, bytes);
    for (unsigned i = 0; i < W * H; i++)
        g_assert_cmpint(abs((int)bytes[i] - (int)((i * 4 + 3) % 256)), <=, 1);

    /* And from there: black with alpha. */
    struct resource *rgba = texture2d(fx, VIRGL_FORMAT_R8G8B8A8_UNORM);
    b = whole_blit(rgba, dst, RGBA);
    fx->backend->ops->blit(fx->ctx, &b, rgba, dst);
    read_box(fx, rgba, 0, &full, words);
    for (unsigned i = 0; i < W * H; i++)
        g_assert_cmphex(words[i], ==, (uint32_t)bytes[i] << 24);
    free_resource(fx, rgba);
    free_resource(fx, dst);
    free_resource(fx, src);

    /* sRGB is decoded on the way to a linear target. */
    src = texture2d(fx, VIRGL_FORMAT_R8G8B8A8_SRGB);
    dst = texture2d(fx, VIRGL_FORMAT_R8G8B8A8_UNORM);
    for (unsigned i = 0; i < W * H; i++)
        words[i] = 0x80bc8000;
    write_box(fx, src, 0, &full, words);
    b = whole_blit(dst, src, RGBA);
    fx->backend->ops->blit(fx->ctx, &b, dst, src);
    read_box(fx, dst, 0, &full, words);
    for (unsigned i = 0; i < W * H; i++)
        g_assert_true(close_to(words[i], 0x80803700));
    free_resource(fx, src);
    free_resource(fx, dst);
}

static void test_blit_depth_stencil(struct fixture *fx)
{
    static uint32_t src_data[W * H], dst_data[W * H], zeros[W * H];
    static const struct {
        uint32_t mask, kept;
        bool flip;
    } cases[] = {
        {VIRGL_BLIT_MASK_Z | VIRGL_BLIT_MASK_S, 0xffffffff, false},
        {VIRGL_BLIT_MASK_Z, 0xffffff00, false},
        {VIRGL_BLIT_MASK_S, 0x000000ff, false},
        {VIRGL_BLIT_MASK_Z | VIRGL_BLIT_MASK_S, 0xffffffff, true},
    };

    fill_pattern(src_data, W * H);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct resource *src = texture2d(fx, VIRGL_FORMAT_S8_UINT_Z24_UNORM);
        struct resource *dst = texture2d(fx, VIRGL_FORMAT_S8_UINT_Z24_UNORM);
        write_box(fx, src, 0, &full, src_data);
        write_box(fx, dst, 0, &full, zeros);
        struct virgl_cmd_blit b = whole_blit(dst, src, cases[i].mask);
        if (cases[i].flip)
            flip_both(&b);
        hostile_state(fx);
        fx->backend->ops->blit(fx->ctx, &b, dst, src);
        read_box(fx, dst, 0, &full, dst_data);
        for (int k = 0; k < W * H; k++) {
            uint32_t v = cases[i].flip ? flipped(src_data, k % W, k / W) : src_data[k];
            /* Depth passes through floating point on some hosts. */
            uint32_t want = v & cases[i].kept;
            g_assert_cmphex(dst_data[k] & 0xff, ==, want & 0xff);
            g_assert_cmpint(abs((int)(dst_data[k] >> 8) - (int)(want >> 8)), <=, 1);
        }
        free_resource(fx, src);
        free_resource(fx, dst);
    }

    /* Another depth format, and stencil with it: by the shader. */
    struct resource *src = texture2d(fx, VIRGL_FORMAT_Z32_FLOAT_S8X24_UINT);
    struct resource *dst = texture2d(fx, VIRGL_FORMAT_S8_UINT_Z24_UNORM);
    static uint32_t wide[W * H][2];
    for (unsigned k = 0; k < W * H; k++) {
        wide[k][0] = float_bits((float)k / (W * H));
        wide[k][1] = k * 37 % 256;
    }
    write_box(fx, src, 0, &full, wide);
    struct virgl_cmd_blit b = whole_blit(dst, src, VIRGL_BLIT_MASK_Z | VIRGL_BLIT_MASK_S);
    hostile_state(fx);
    fx->backend->ops->blit(fx->ctx, &b, dst, src);
    read_box(fx, dst, 0, &full, dst_data);
    for (unsigned k = 0; k < W * H; k++) {
        int want = (int)((double)k / (W * H) * 0xffffff + 0.5);
        g_assert_cmpint(abs((int)(dst_data[k] >> 8) - want), <=, 2);
        g_assert_cmphex(dst_data[k] & 0xff, ==, k * 37 % 256);
    }
    free_resource(fx, src);
    free_resource(fx, dst);
}

/* As guests make mip levels of depth textures. */
static void test_blit_depth_linear(struct fixture *fx)
{
    struct resource *src = make_texture(fx, VIRGL_TEXTURE_TARGET_2D, VIRGL_FORMAT_Z32_FLOAT, 2, 2, 1,
                                        1, 1, 0);
    const float texels[4] = {0.0f, 0.25f, 0.5f, 0.75f};
    float out = -1;
    struct virgl_cmd_blit b = {
        .mask = VIRGL_BLIT_MASK_Z,
        .filter = VIRGL_TEX_FILTER_LINEAR,
        .dst_format = VIRGL_FORMAT_Z32_FLOAT,
        .src_format = VIRGL_FORMAT_Z32_FLOAT,
        .dst_level = 1,
        .dst_width = 1,
        .dst_height = 1,
        .dst_depth = 1,
        .src_width = 2,
        .src_height = 2,
        .src_depth = 1,
    };

    write_box(fx, src, 0, &(struct box){0, 0, 0, 2, 2, 1}, texels);
    hostile_state(fx);
    fx->backend->ops->blit(fx->ctx, &b, src, src);
    read_box(fx, src, 1, &(struct box){0, 0, 0, 1, 1, 1}, &out);
    if (fx->dev->feat.gles)
        g_assert_true(out >= 0.0f && out <= 0.75f); /* GLES may not filter depth */
    else
        g_assert_cmpfloat_with_epsilon(out, 0.375f, 0.001f);
    free_resource(fx, src);
}

static void test_blit_layers(struct fixture *fx)
{
    enum { SIZE = 8 };
    static const struct {
        uint32_t target, depth, layers;
    } shapes[] = {
        {VIRGL_TEXTURE_TARGET_3D, 6, 1},
        {VIRGL_TEXTURE_TARGET_2D_ARRAY, 1, 6},
        {VIRGL_TEXTURE_TARGET_CUBE, 1, 6},
    };
    static uint32_t data[6][SIZE * SIZE], out[6][SIZE * SIZE];
    const struct box whole = {0, 0, 0, SIZE, SIZE, 6};

    for (unsigned s = 0; s < G_N_ELEMENTS(shapes); s++) {
        for (unsigned shader = 0; shader < 2; shader++) {
            struct resource *src = make_texture(fx, shapes[s].target, VIRGL_FORMAT_R8G8B8A8_UNORM,
                                                SIZE, SIZE, shapes[s].depth, shapes[s].layers, 0, 0);
            struct resource *dst = make_texture(fx, shapes[s].target, VIRGL_FORMAT_R8G8B8A8_UNORM,
                                                SIZE, SIZE, shapes[s].depth, shapes[s].layers, 0, 0);
            for (unsigned z = 0; z < 6; z++) {
                for (unsigned i = 0; i < SIZE * SIZE; i++)
                    data[z][i] = 0x01010101u * (z * 16 + i % 16);
            }
            write_box(fx, src, 0, &whole, data);
            struct virgl_cmd_blit b = {
                .mask = shader ? RGBA & ~VIRGL_BLIT_MASK_A : RGBA,
                .dst_format = VIRGL_FORMAT_R8G8B8A8_UNORM,
                .src_format = VIRGL_FORMAT_R8G8B8A8_UNORM,
                .dst_width = SIZE,
                .dst_height = SIZE,
                .dst_z = 1,
                .dst_depth = 4,
                .src_width = SIZE,
                .src_height = SIZE,
                .src_z = 2,
                .src_depth = 4,
            };
            fx->backend->ops->blit(fx->ctx, &b, dst, src);
            read_box(fx, dst, 0, &whole, out);
            for (unsigned z = 0; z < 6; z++) {
                for (unsigned i = 0; i < SIZE * SIZE; i++) {
                    uint32_t want = z >= 1 && z < 5 ? data[z + 1][i] : 0;
                    if (shader)
                        want &= 0xffffff;
                    g_assert_cmphex(out[z][i], ==, want);
                }
            }
            /* Two layers for each: the nearest one. */
            if (shapes[s].target == VIRGL_TEXTURE_TARGET_3D) {
                b.src_z = 0;
                b.src_depth = 3;
                b.dst_z = 0;
                b.dst_depth = 6;
                fx->backend->ops->blit(fx->ctx, &b, dst, src);
                read_box(fx, dst, 0, &whole, out);
                for (unsigned z = 0; z < 6; z++)
                    g_assert_cmphex(out[z][5] & 0xffffff, ==, data[z / 2][5] & 0xffffff);
            }
            free_resource(fx, src);
            free_resource(fx, dst);
        }
    }
}

static void test_blit_linear_3d(struct fixture *fx)
{
    uint8_t data[4] = {0, 200, 0, 0}, out[4];
    struct resource *src = make_texture(fx, VIRGL_TEXTURE_TARGET_3D, VIRGL_FORMAT_R8_UNORM, 1, 1, 2,
                                        1, 0, 0);
    struct resource *dst = make_texture(fx, VIRGL_TEXTURE_TARGET_3D, VIRGL_FORMAT_R8_UNORM, 1, 1, 4,
                                        1, 0, 0);
    write_box(fx, src, 0, &(struct box){0, 0, 0, 1, 1, 2}, data);
    struct virgl_cmd_blit b = {
        .mask = RGBA,
        .filter = VIRGL_TEX_FILTER_LINEAR,
        .dst_format = VIRGL_FORMAT_R8_UNORM,
        .src_format = VIRGL_FORMAT_R8_UNORM,
        .dst_width = 1,
        .dst_height = 1,
        .dst_depth = 4,
        .src_width = 1,
        .src_height = 1,
        .src_depth = 2,
    };
    fx->backend->ops->blit(fx->ctx, &b, dst, src);
    read_box(fx, dst, 0, &(struct box){0, 0, 0, 1, 1, 4}, out);
    const int want[4] = {0, 50, 150, 200};
    for (unsigned i = 0; i < 4; i++)
        g_assert_cmpint(abs(out[i] - want[i]), <=, 2);
    free_resource(fx, src);
    free_resource(fx, dst);
}

static void test_blit_multisample(struct fixture *fx)
{
    static const uint32_t formats[] = {VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_R8G8B8A8_UINT};
    const uint32_t colors[2][4] = {{0x3f800000, 0, 0x3f800000, 0x3f800000}, {255, 0, 255, 255}};
    static uint32_t data[W * H];

    if (!fx->dev->feat.texture_multisample || fx->backend->limits.max_samples < 4) {
        g_test_skip("no multisample textures");
        return;
    }
    for (unsigned i = 0; i < 2; i++) {
        if (!fx->dev->formats[formats[i]].multisample)
            continue;
        struct resource *ms[2], *dst = texture2d(fx, formats[i]);
        for (unsigned k = 0; k < 2; k++) {
            ms[k] = make_texture(fx, VIRGL_TEXTURE_TARGET_2D, formats[i], W, H, 1, 1, 0, 4);
            g_assert_nonnull(ms[k]);
        }
        struct front_surface surface, *cbufs[1] = {&surface};
        init_surface(&surface, ms[0], formats[i]);
        bind_framebuffer(fx, cbufs, 1, NULL);
        fx->backend->ops->clear(fx->ctx, VIRGL_CLEAR_COLOR0, colors[i], 0, 0);

        /* Sample by sample to another one, then resolved; then resolved and flipped. */
        fx->backend->ops->resource_copy_region(fx->ctx, ms[1], 0, 0, 0, 0, ms[0], 0, &full);
        for (unsigned flip = 0; flip < 2; flip++) {
            struct virgl_cmd_blit b = whole_blit(dst, ms[1], RGBA);
            if (flip)
                flip_both(&b);
            memset(data, 0, sizeof(data));
            write_box(fx, dst, 0, &full, data);
            fx->backend->ops->blit(fx->ctx, &b, dst, ms[1]);
            fixture_check(fx, "resolve");
            read_box(fx, dst, 0, &full, data);
            for (unsigned k = 0; k < W * H; k++)
                g_assert_cmphex(data[k], ==, 0xffff00ff);
        }
        bind_framebuffer(fx, NULL, 0, NULL);
        free_resource(fx, ms[0]);
        free_resource(fx, ms[1]);
        free_resource(fx, dst);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_all("blit/color", test_blit_color);
    add_all("blit/conversions", test_blit_conversions);
    add_all("blit/depth-stencil", test_blit_depth_stencil);
    add_all("blit/depth-linear", test_blit_depth_linear);
    add_all("blit/layers", test_blit_layers);
    add_all("blit/linear-3d", test_blit_linear_3d);
    add_all("blit/multisample", test_blit_multisample);
    return g_test_run();
}
