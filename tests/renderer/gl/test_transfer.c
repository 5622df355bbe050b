/* SPDX-License-Identifier: MIT */
/* What a guest writes to a texture or buffer, it reads back: every format, target and way in which
 * the guest's memory may lie. */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

struct shape {
    const char *name;
    uint32_t target, width, height, depth, layers, last_level;
};

static const struct shape shapes[] = {
    {"1d", VIRGL_TEXTURE_TARGET_1D, 37, 1, 1, 1, 2},
    {"2d", VIRGL_TEXTURE_TARGET_2D, 37, 29, 1, 1, 3},
    {"3d", VIRGL_TEXTURE_TARGET_3D, 13, 11, 7, 1, 1},
    {"cube", VIRGL_TEXTURE_TARGET_CUBE, 16, 16, 1, 6, 2},
    {"rect", VIRGL_TEXTURE_TARGET_RECT, 33, 21, 1, 1, 0},
    {"1d array", VIRGL_TEXTURE_TARGET_1D_ARRAY, 19, 1, 1, 5, 1},
    {"2d array", VIRGL_TEXTURE_TARGET_2D_ARRAY, 17, 9, 1, 4, 1},
    {"cube array", VIRGL_TEXTURE_TARGET_CUBE_ARRAY, 8, 8, 1, 12, 1},
};

static bool shape_allowed(const struct fixture *fx, const struct virgl_format_info *info,
                          const struct shape *s)
{
    bool compressed = info->is_compressed;
    bool zs = info->has_depth || info->has_stencil;

    if (s->target == VIRGL_TEXTURE_TARGET_CUBE_ARRAY && !fx->dev->feat.cube_map_array)
        return false;
    if (s->target == VIRGL_TEXTURE_TARGET_3D && (compressed || zs))
        return false;
    if (compressed && s->target != VIRGL_TEXTURE_TARGET_2D &&
        s->target != VIRGL_TEXTURE_TARGET_CUBE && s->target != VIRGL_TEXTURE_TARGET_2D_ARRAY)
        return false;
    return true;
}

/* Values that survive storage as they are. Channels without meaning are not compared. */
static void fill(GRand *rand, const struct virgl_format_info *info, uint8_t *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        data[i] = (uint8_t)g_rand_int(rand);
    if (info->is_compressed || info->layout != VIRGL_FORMAT_LAYOUT_PLAIN || !info->channel_count)
        return;
    for (size_t i = 0; i + info->block_bytes <= bytes; i += info->block_bytes) {
        unsigned bit = 0;
        for (unsigned c = 0; c < info->channel_count; c++) {
            const struct virgl_format_channel *ch = &info->channels[c];
            uint8_t *p = data + i + bit / 8;
            bit += ch->bits;
            if (ch->type == VIRGL_CHANNEL_TYPE_FLOAT && ch->bits == 32) {
                float v = (float)g_rand_double_range(rand, 0.0, 1.0);
                memcpy(p, &v, 4);
            } else if (ch->type == VIRGL_CHANNEL_TYPE_FLOAT && ch->bits == 16) {
                uint16_t v = g_rand_int_range(rand, 0x3000, 0x3c00);
                memcpy(p, &v, 2);
            } else if (ch->type == VIRGL_CHANNEL_TYPE_SNORM && ch->bits == 8 && p[0] == 0x80) {
                p[0] = 0x81; /* two codes for -1 */
            } else if (ch->type == VIRGL_CHANNEL_TYPE_SNORM && ch->bits == 16) {
                int16_t v;
                memcpy(&v, p, 2);
                if (v == -32768)
                    v = -32767;
                memcpy(p, &v, 2);
            } else if (ch->type == VIRGL_CHANNEL_TYPE_UNORM && ch->bits == 32 && info->has_depth) {
                /* Hosts keep 24 bits at least: the middle of what those can tell. */
                p[0] = 0x80;
            }
        }
    }
}

/* 11- and 10-bit floats and shared exponents: values without infinities and in canonical form. */
static void fill_other(GRand *rand, const struct virgl_format_info *info, uint8_t *data,
                       size_t bytes)
{
    for (size_t i = 0; i + 4 <= bytes && info->block_bytes == 4; i += 4) {
        uint32_t v;
        if (info->number == VIRGL_FORMAT_R11G11B10_FLOAT) {
            v = g_rand_int_range(rand, 0, 0x3c0) | g_rand_int_range(rand, 0, 0x3c0) << 11 |
                (uint32_t)g_rand_int_range(rand, 0, 0x1e0) << 22;
        } else {
            v = (uint32_t)g_rand_int_range(rand, 0x100, 0x200) |
                (uint32_t)g_rand_int_range(rand, 0, 0x200) << 9 |
                (uint32_t)g_rand_int_range(rand, 0, 0x200) << 18 |
                (uint32_t)g_rand_int_range(rand, 8, 24) << 27;
        }
        memcpy(data + i, &v, 4);
    }
}

/* Ones where a bit belongs to a channel with meaning. */
static void meaning_mask(const struct virgl_format_info *info, uint8_t mask[16])
{
    memset(mask, 0xff, 16);
    if (info->is_compressed || info->layout != VIRGL_FORMAT_LAYOUT_PLAIN)
        return;
    memset(mask, 0, 16);
    unsigned bit = 0;
    for (unsigned c = 0; c < info->channel_count; c++) {
        bool used = info->channels[c].type != VIRGL_CHANNEL_TYPE_VOID;
        for (unsigned i = 0; i < info->channels[c].bits; i++, bit++)
            mask[bit / 8] |= used << bit % 8;
    }
}

static bool same(const struct virgl_format_info *info, const uint8_t *a, const uint8_t *b)
{
    uint8_t mask[16];

    meaning_mask(info, mask);
    if (info->has_depth && info->channels[0].bits == 32 &&
        info->channels[0].type == VIRGL_CHANNEL_TYPE_UNORM)
        mask[0] = 0; /* kept as 24 bits by some hosts */
    for (unsigned i = 0; i < info->block_bytes; i++) {
        if ((a[i] ^ b[i]) & mask[i])
            return false;
    }
    return true;
}

enum { MAX_PIECES = 4096 };

/* The memory of a transfer, cut into pieces of odd sizes that lie in reverse order. */
struct scattered {
    uint8_t *memory;
    struct iovec iov[MAX_PIECES];
    unsigned count;
};

static void scatter(struct scattered *s, size_t bytes, size_t piece)
{
    s->memory = g_malloc0(bytes + 1);
    s->count = 0;
    if (!piece)
        piece = bytes;
    while (bytes / piece + 1 > MAX_PIECES)
        piece *= 2;
    uint8_t *end = s->memory + bytes;
    for (size_t left = bytes; left;) {
        size_t n = left < piece ? left : piece;
        end -= n;
        s->iov[s->count++] = (struct iovec){end, n};
        left -= n;
    }
}

struct rows {
    uint32_t columns, rows, stride;
    uint64_t layer_stride, offset, bytes;
};

static struct rows layout(const struct virgl_format_info *info, const struct box *box,
                          uint32_t extra_stride, uint32_t extra_layer, uint64_t offset)
{
    struct rows r;
    r.columns = (box->width + info->block_w_px - 1) / info->block_w_px;
    r.rows = (box->height + info->block_h_px - 1) / info->block_h_px;
    r.stride = r.columns * info->block_bytes + extra_stride;
    r.layer_stride = (uint64_t)r.stride * r.rows + extra_layer;
    r.offset = offset;
    r.bytes = offset + r.layer_stride * box->depth;
    return r;
}

static void move(struct fixture *fx, struct resource *res, uint32_t level, const struct box *box,
                 const struct rows *r, struct scattered *s, bool write)
{
    struct transfer t = {
        .level = level,
        .stride_bytes = r->stride,
        .layer_stride_bytes = r->layer_stride,
        .box = *box,
        .offset_bytes = r->offset,
        .iov = s->iov,
        .iov_count = s->count,
    };
    int error = write ? fx->backend->ops->transfer_write(fx->backend, res, &t)
                      : fx->backend->ops->transfer_read(fx->backend, res, &t);
    g_assert_cmpint(error, ==, 0);
}

static void check_roundtrip(struct fixture *fx, GRand *rand, struct resource *res,
                            const struct shape *shape, uint32_t level, const struct box *box,
                            unsigned variant)
{
    const struct virgl_format_info *info = res->format;
    /* tight; strides of whole texels; odd strides; each in one piece and in many */
    uint32_t extra = variant % 3 == 0 ? 0 : variant % 3 == 1 ? 3 * info->block_bytes : 5;
    struct rows out = layout(info, box, extra, variant % 3 == 2 ? 7 : extra, variant * 3);
    struct rows in = layout(info, box, variant % 2 ? 0 : extra, 0, variant);
    static struct scattered to, from;
    uint8_t *data = g_malloc(out.bytes), *back = g_malloc0(in.bytes);

    fill(rand, info, data, out.bytes);
    /* Rows are filled one by one, so that texels start where they should. */
    for (int32_t z = 0; z < box->depth; z++) {
        for (uint32_t y = 0; y < out.rows; y++) {
            uint8_t *row = data + out.offset + z * out.layer_stride + y * out.stride;
            size_t bytes = (size_t)out.columns * info->block_bytes;
            fill(rand, info, row, bytes);
            if (info->layout == VIRGL_FORMAT_LAYOUT_OTHER)
                fill_other(rand, info, row, bytes);
        }
    }
    scatter(&to, out.bytes, variant >= 3 ? 13 + variant : 0);
    iov_write(to.iov, to.count, 0, data, out.bytes);
    move(fx, res, level, box, &out, &to, true);

    scatter(&from, in.bytes, variant >= 3 ? 11 : 0);
    move(fx, res, level, box, &in, &from, false);
    iov_read(from.iov, from.count, 0, back, in.bytes);

    for (int32_t z = 0; z < box->depth; z++) {
        for (uint32_t y = 0; y < out.rows; y++) {
            for (uint32_t x = 0; x < out.columns; x++) {
                const uint8_t *a = data + out.offset + z * out.layer_stride + y * out.stride +
                                   (size_t)x * info->block_bytes;
                const uint8_t *b = back + in.offset + z * in.layer_stride + y * in.stride +
                                   (size_t)x * info->block_bytes;
                if (!same(info, a, b))
                    g_error("%s %s level %u variant %u: texel %u,%u,%d: wrote %02x%02x%02x%02x, "
                            "read %02x%02x%02x%02x",
                            info->name, shape->name, level, variant, x, y, z, a[0],
                            info->block_bytes > 1 ? a[1] : 0, info->block_bytes > 2 ? a[2] : 0,
                            info->block_bytes > 3 ? a[3] : 0, b[0],
                            info->block_bytes > 1 ? b[1] : 0, info->block_bytes > 2 ? b[2] : 0,
                            info->block_bytes > 3 ? b[3] : 0);
            }
        }
    }
    g_free(to.memory);
    g_free(from.memory);
    g_free(data);
    g_free(back);
}

/* Whole level, then an odd piece of it. */
static void check_levels(struct fixture *fx, GRand *rand, struct resource *res,
                         const struct shape *shape)
{
    const struct virgl_format_info *info = res->format;

    for (uint32_t level = 0; level <= shape->last_level; level++) {
        int32_t width = minify_px(shape->width, level), height = minify_px(shape->height, level);
        int32_t depth = resource_level_layers(res, level);
        struct box whole = {0, 0, 0, width, height, depth};
        struct box part = {width / 3, height / 3, depth / 3, width - width / 3, height - height / 3,
                           depth - depth / 3};
        part.x -= part.x % info->block_w_px;
        part.y -= part.y % info->block_h_px;
        part.width = width - part.x;
        part.height = height - part.y;
        for (unsigned variant = 0; variant < 6; variant++)
            check_roundtrip(fx, rand, res, shape, level, variant & 1 ? &part : &whole, variant);
    }
}

static void test_formats(struct fixture *fx)
{
    GRand *rand = g_rand_new_with_seed(1);
    unsigned tried = 0;

    for (uint32_t format = 1; format < VIRGL_FORMAT_COUNT; format++) {
        const struct gl_format *f = &fx->dev->formats[format];
        if (!f->internalformat)
            continue;
        if (!gl_format_readable(fx->dev, f))
            continue;
        /* Lossy by nature: the host may keep fewer bits than the format has. */
        bool shallow = f->internalformat == GL_R3_G3_B2;
        for (unsigned i = 0; i < G_N_ELEMENTS(shapes) && !shallow; i++) {
            if (!shape_allowed(fx, f->info, &shapes[i]))
                continue;
            struct resource *res = make_texture(fx, shapes[i].target, format, shapes[i].width,
                                                shapes[i].height, shapes[i].depth,
                                                shapes[i].layers, shapes[i].last_level, 0);
            if (!res) {
                g_test_message("%s %s: not created", f->info->name, shapes[i].name);
                fx->error_lines = 0;
                continue;
            }
            g_test_message("%s %s", f->info->name, shapes[i].name);
            check_levels(fx, rand, res, &shapes[i]);
            fixture_check(fx, f->info->name);
            free_resource(fx, res);
            tried++;
        }
    }
    g_assert_cmpuint(tried, >, 300);
    g_rand_free(rand);
}

/* Bytes that nobody wrote read as zero, whatever was freed before. */
static void test_new_storage_is_zero(struct fixture *fx)
{
    static const uint32_t formats[] = {
        VIRGL_FORMAT_B8G8R8A8_UNORM, VIRGL_FORMAT_R32G32B32A32_FLOAT, VIRGL_FORMAT_R8_UINT,
        VIRGL_FORMAT_S8_UINT_Z24_UNORM, VIRGL_FORMAT_Z32_FLOAT, VIRGL_FORMAT_R16G16_SINT,
    };
    enum { SIZE = 256 };
    uint8_t *data = g_malloc(SIZE * SIZE * 16);

    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < G_N_ELEMENTS(formats); i++) {
            struct box box = {0, 0, 0, SIZE, SIZE, 1};
            struct resource *res = make_texture(fx, VIRGL_TEXTURE_TARGET_2D, formats[i], SIZE, SIZE,
                                                1, 1, 0, 0);
            size_t bytes = box_bytes(res, &box);
            memset(data, 0xee, bytes);
            read_box(fx, res, 0, &box, data);
            for (size_t at = 0; at < bytes; at++) {
                /* Filler bits of X formats aside, of which there are none here. */
                g_assert_cmpuint(data[at], ==, 0);
            }
            memset(data, 0x3d, bytes);
            write_box(fx, res, 0, &box, data);
            free_resource(fx, res);
        }
        struct resource *buffer = make_buffer(fx, 100000, VIRGL_BIND_VERTEX_BUFFER, 0);
        struct box box = {0, 0, 0, 100000, 1, 1};
        memset(data, 0xee, 100000);
        read_box(fx, buffer, 0, &box, data);
        for (size_t at = 0; at < 100000; at++)
            g_assert_cmpuint(data[at], ==, 0);
        memset(data, 0x3d, 100000);
        write_box(fx, buffer, 0, &box, data);
        free_resource(fx, buffer);
    }
    g_free(data);
}

static void test_buffers(struct fixture *fx)
{
    enum { BYTES = 3 << 20 };
    GRand *rand = g_rand_new_with_seed(2);
    struct resource *res = make_buffer(fx, BYTES, VIRGL_BIND_VERTEX_BUFFER, 0);
    uint8_t *model = g_malloc0(BYTES);
    static struct scattered s;

    for (unsigned round = 0; round < 40; round++) {
        uint32_t at = g_rand_int_range(rand, 0, BYTES - 1);
        uint32_t bytes = g_rand_int_range(rand, 1, round & 1 ? 2000 : BYTES - at + 1);
        if (bytes > BYTES - at)
            bytes = BYTES - at;
        uint64_t offset = g_rand_int_range(rand, 0, 100);
        scatter(&s, offset + bytes, round % 3 ? 4096 + round : 0);
        struct transfer t = {
            .box = {at, 0, 0, bytes, 1, 1},
            .offset_bytes = offset,
            .iov = s.iov,
            .iov_count = s.count,
        };
        if (round % 4 != 3) {
            for (uint32_t i = 0; i < bytes; i++)
                model[at + i] = (uint8_t)(i * 7 + round);
            iov_write(s.iov, s.count, offset, model + at, bytes);
            g_assert_cmpint(fx->backend->ops->transfer_write(fx->backend, res, &t), ==, 0);
        } else {
            uint8_t *back = g_malloc(bytes);
            g_assert_cmpint(fx->backend->ops->transfer_read(fx->backend, res, &t), ==, 0);
            iov_read(s.iov, s.count, offset, back, bytes);
            g_assert_cmpmem(back, bytes, model + at, bytes);
            g_free(back);
        }
        g_free(s.memory);
    }
    free_resource(fx, res);
    g_free(model);
    g_rand_free(rand);
}

static void test_persistent_mapping(struct fixture *fx)
{
    enum { BYTES = 65536 };

    if (!fx->dev->feat.persistent_map) {
        g_test_skip("no buffer storage");
        return;
    }
    struct resource *res =
        make_buffer(fx, BYTES, VIRGL_BIND_VERTEX_BUFFER,
                    VIRGL_RESOURCE_FLAG_MAP_PERSISTENT | VIRGL_RESOURCE_FLAG_MAP_COHERENT);
    void *map = NULL;
    uint64_t size = 0;
    uint32_t info = 0;
    g_assert_cmpint(fx->backend->ops->resource_map(fx->backend, res, &map, &size, &info), ==, 0);
    g_assert_nonnull(map);
    g_assert_cmpuint(size, ==, BYTES);
    g_assert_cmpuint(info, !=, 0);
    memset(map, 0x5a, BYTES);

    /* Both ways while mapped, in one piece and in many. */
    uint8_t data[1000];
    struct box box = {100, 0, 0, sizeof(data), 1, 1};
    read_box(fx, res, 0, &box, data);
    for (unsigned i = 0; i < sizeof(data); i++)
        g_assert_cmpuint(data[i], ==, 0x5a);
    memset(data, 0xa5, sizeof(data));
    struct iovec halves[2] = {{data, 300}, {data + 300, 700}};
    struct transfer t = {.box = box, .iov = halves, .iov_count = 2};
    g_assert_cmpint(fx->backend->ops->transfer_write(fx->backend, res, &t), ==, 0);
    glFinish();
    g_assert_cmpuint(((uint8_t *)map)[100], ==, 0xa5);
    g_assert_cmpuint(((uint8_t *)map)[1099], ==, 0xa5);
    g_assert_cmpuint(((uint8_t *)map)[1100], ==, 0x5a);
    g_assert_cmpint(fx->backend->ops->resource_unmap(fx->backend, res), ==, 0);
    g_assert_cmpint(fx->backend->ops->resource_unmap(fx->backend, res), !=, 0);
    free_resource(fx, res);

    res = make_buffer(fx, 64, VIRGL_BIND_VERTEX_BUFFER, 0);
    g_assert_cmpint(fx->backend->ops->resource_map(fx->backend, res, &map, &size, &info), !=, 0);
    free_resource(fx, res);
}

static void test_multisampled_is_refused(struct fixture *fx)
{
    if (!fx->dev->feat.texture_multisample) {
        g_test_skip("no multisample textures");
        return;
    }
    struct resource *res = make_texture(fx, VIRGL_TEXTURE_TARGET_2D, VIRGL_FORMAT_R8G8B8A8_UNORM,
                                        16, 16, 1, 1, 0, 4);
    uint8_t data[16 * 16 * 4];
    struct iovec iov = {data, sizeof(data)};
    struct transfer t = {
        .stride_bytes = 64,
        .layer_stride_bytes = sizeof(data),
        .box = {0, 0, 0, 16, 16, 1},
        .iov = &iov,
        .iov_count = 1,
    };
    g_assert_nonnull(res);
    g_assert_cmpint(fx->backend->ops->transfer_write(fx->backend, res, &t), !=, 0);
    g_assert_cmpint(fx->backend->ops->transfer_read(fx->backend, res, &t), !=, 0);
    free_resource(fx, res);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_all("transfer/formats", test_formats);
    add_all("transfer/new-storage-is-zero", test_new_storage_is_zero);
    add_all("transfer/buffers", test_buffers);
    add_all("transfer/persistent-mapping", test_persistent_mapping);
    add_all("transfer/multisampled-is-refused", test_multisampled_is_refused);
    return g_test_run();
}
