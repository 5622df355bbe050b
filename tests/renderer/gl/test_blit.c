/* SPDX-License-Identifier: MIT */
/* Clears, blits and copies against what the processor computes. */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "gl/context.h"

enum { W = 24, H = 20 };

static const struct box full = {0, 0, 0, W, H, 1};

static struct resource *texture2d(struct fixture *fx, uint32_t format)
{
    struct resource *res = make_texture(fx, VIRGL_TEXTURE_TARGET_2D, format, W, H, 1, 1, 0, 0);
    g_assert_nonnull(res);
    return res;
}

static void init_surface(struct front_surface *surface, struct resource *res, uint32_t format)
{
    memset(surface, 0, sizeof(*surface));
    surface->res = res;
    surface->desc.format = format;
}

/* State that a guest's draw may have left behind and that clears and blits must not feel. */
static void hostile_state(struct fixture *fx)
{
    struct gl_state *st = &gl_context(fx->ctx)->state;
    const int32_t scissor[4] = {1, 1, 2, 2};

    gl_state_scissor(st, 0, true, scissor);
    gl_state_color_mask_all(st, 0x5);
    gl_state_depth_mask(st, false);
    gl_state_stencil_write_mask(st, 0x3);
    gl_state_set_cap(st, GL_CAP_RASTERIZER_DISCARD, true);
    gl_state_set_cap(st, GL_CAP_DEPTH_TEST, true);
    gl_state_set_cap(st, GL_CAP_CULL_FACE, true);
}

static void bind_framebuffer(struct fixture *fx, struct front_surface **cbufs, unsigned count,
                             struct front_surface *zsurf)
{
    memset(&fx->state->framebuffer, 0, sizeof(fx->state->framebuffer));
    for (unsigned i = 0; i < count; i++)
        fx->state->framebuffer.cbufs[i] = cbufs[i];
    fx->state->framebuffer.nr_cbufs = count;
    fx->state->framebuffer.zsurf = zsurf;
    fx->state->dirty |= DIRTY_FRAMEBUFFER;
}

static uint32_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, 4);
    return bits;
}

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

static bool inside(int x, int y, int x0, int y0, int w, int h)
{
    return x >= x0 && x < x0 + w && y >= y0 && y < y0 + h;
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

static void fill_pattern(uint32_t *data, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        data[i] = i * 2654435761u;
}

static uint32_t swapped(uint32_t v)
{
    return (v & 0xff00ff00) | (v >> 16 & 0xff) | (v & 0xff) << 16;
}

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
    add_all("clear/color", test_clear_color);
    add_all("clear/selected", test_clear_selected);
    add_all("clear/surface", test_clear_surface);
    add_all("clear/texture", test_clear_texture);
    add_all("blit/color", test_blit_color);
    add_all("blit/conversions", test_blit_conversions);
    add_all("blit/depth-stencil", test_blit_depth_stencil);
    add_all("blit/depth-linear", test_blit_depth_linear);
    add_all("blit/layers", test_blit_layers);
    add_all("blit/linear-3d", test_blit_linear_3d);
    add_all("blit/multisample", test_blit_multisample);
    add_all("copy/buffer", test_copy_buffer);
    add_all("copy/formats", test_copy_formats);
    add_all("copy/compressed", test_copy_compressed);
    add_all("copy/layers", test_copy_layers);
    return g_test_run();
}
