/* SPDX-License-Identifier: MIT */
/* Blits and raw copies. */
#include "fixture.h"

static struct virgl_cmd_blit plain_blit(void)
{
    return (struct virgl_cmd_blit){
        .mask = 0xf,
        .dst_resource = 7,
        .dst_format = VIRGL_FORMAT_R8G8B8A8_UNORM,
        .dst_width = 16,
        .dst_height = 8,
        .dst_depth = 1,
        .src_resource = 8,
        .src_format = VIRGL_FORMAT_R8G8B8A8_UNORM,
        .src_width = 16,
        .src_height = 8,
        .src_depth = 1,
    };
}

static void blit_ok(struct fixture *f, const struct virgl_cmd_blit *blit, uint32_t blits)
{
    const uint32_t before = f->rec.blits;

    g_assert_true(virgl_encode_cmd_blit(&f->enc, blit));
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.blits - before, ==, blits);
}

static void test_blit(struct fixture *f, gconstpointer data)
{
    struct virgl_cmd_blit blit = plain_blit();

    make_texture(f, 7, 16, 8);
    make_texture(f, 8, 16, 8);
    blit_ok(f, &blit, 1);
    /* Mirrored. */
    blit.src_y = 8;
    blit.src_height = -8;
    blit.dst_x = 16;
    blit.dst_width = -16;
    blit_ok(f, &blit, 1);
    /* Nothing to do. */
    blit = plain_blit();
    blit.src_width = 0;
    blit_ok(f, &blit, 0);
    blit = plain_blit();
    blit.mask = 0;
    blit_ok(f, &blit, 0);
    /* A scissor clips what reaches over the edge. */
    blit = plain_blit();
    blit.dst_x = -4;
    blit.src_x = 3;
    blit.scissor_enable = true;
    blit.scissor_maxx = blit.scissor_maxy = 8;
    blit_ok(f, &blit, 1);
    blit.scissor_maxx = 0;
    blit_ok(f, &blit, 0);
}

static void test_bad_blits(struct fixture *f, gconstpointer data)
{
    struct virgl_cmd_blit blit;

    make_texture(f, 7, 16, 8);
    make_texture(f, 8, 16, 8);
    make_buffer(f, 9, VIRGL_BIND_VERTEX_BUFFER, 64);
    make_resource(f, 10, &(struct resource_desc){
                             .target = VIRGL_TEXTURE_TARGET_CUBE,
                             .format = VIRGL_FORMAT_R8G8B8A8_UNORM,
                             .bind = VIRGL_BIND_SAMPLER_VIEW,
                             .width = 16,
                             .height = 16,
                             .depth = 1,
                             .array_size = 6,
                         });
#define BAD(error, name, member, value)                                                            \
    blit = plain_blit();                                                                           \
    blit.member = (value);                                                                         \
    g_assert_true(virgl_encode_cmd_blit(&f->enc, &blit));                                          \
    EXPECT_ERROR(f, error, name)
    BAD(ILLEGAL_RESOURCE, "dst_resource", dst_resource, 70);
    BAD(ILLEGAL_RESOURCE, "src_resource", src_resource, 9);
    BAD(ILLEGAL_FORMAT, "dst_format", dst_format, 481);
    BAD(ILLEGAL_FORMAT, "src_format", src_format, 0);
    BAD(BLIT_AREA_OUT_OF_RANGE, "dst_level", dst_level, 1);
    BAD(BLIT_AREA_OUT_OF_RANGE, "src_level", src_level, UINT32_MAX);
    BAD(BLIT_AREA_OUT_OF_RANGE, "dst_z", dst_z, 1);
    BAD(BLIT_AREA_OUT_OF_RANGE, "src_z", src_z, -1);
    BAD(BLIT_AREA_OUT_OF_RANGE, "src_z", src_depth, 2);
    BAD(BLIT_AREA_OUT_OF_RANGE, "dst_z", dst_depth, INT32_MIN);
    BAD(BLIT_AREA_OUT_OF_RANGE, "dst_x", dst_x, 1);
    BAD(BLIT_AREA_OUT_OF_RANGE, "dst_x", dst_width, INT32_MAX);
    BAD(BLIT_AREA_OUT_OF_RANGE, "dst_y", dst_y, -1);
    BAD(BLIT_AREA_OUT_OF_RANGE, "src_x", src_x, INT32_MAX);
    BAD(BLIT_AREA_OUT_OF_RANGE, "src_y", src_height, INT32_MIN);
    BAD(ILLEGAL_CMD_BUFFER, "filter", filter, 2);
    blit = plain_blit();
    blit.src_resource = 10;
    blit.src_z = 6;
    g_assert_true(virgl_encode_cmd_blit(&f->enc, &blit));
    EXPECT_ERROR(f, CUBE_MAP_FACE_OUT_OF_RANGE, "src_z");
    /* Even a scissor does not help what lies outside altogether, or too far away. */
    blit = plain_blit();
    blit.scissor_enable = true;
    blit.scissor_maxx = blit.scissor_maxy = 8;
    blit.dst_x = 16;
    g_assert_true(virgl_encode_cmd_blit(&f->enc, &blit));
    EXPECT_ERROR(f, BLIT_AREA_OUT_OF_RANGE, "dst_x");
    blit.dst_x = INT32_MIN;
    blit.dst_width = INT32_MAX;
    g_assert_true(virgl_encode_cmd_blit(&f->enc, &blit));
    EXPECT_ERROR(f, BLIT_AREA_OUT_OF_RANGE, "dst_x");
    blit.dst_x = -(1 << 25);
    blit.dst_width = (1 << 25) + 10;
    g_assert_true(virgl_encode_cmd_blit(&f->enc, &blit));
    EXPECT_ERROR(f, BLIT_AREA_OUT_OF_RANGE, "dst_x");
    blit.dst_x = 0;
    blit.dst_width = (1 << 24) + 1;
    g_assert_true(virgl_encode_cmd_blit(&f->enc, &blit));
    EXPECT_ERROR(f, BLIT_AREA_OUT_OF_RANGE, "dst_x");
#undef BAD
}

static void test_copy_textures(struct fixture *f, gconstpointer data)
{
    make_texture(f, 7, 16, 8);
    make_texture(f, 8, 16, 8);
    EMIT(f, resource_copy_region, .dst_resource = 7, .dst_x = 8, .src_resource = 8, .width = 8,
         .height = 8, .depth = 1);
    EMIT(f, resource_copy_region, .dst_resource = 7, .src_resource = 8); /* empty */
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.copies, ==, 1);

#define BAD(error, name, ...)                                                                      \
    EMIT(f, resource_copy_region, .dst_resource = 7, .src_resource = 8, .width = 8, .height = 8,   \
         .depth = 1, __VA_ARGS__);                                                                 \
    EXPECT_ERROR(f, error, name)
    BAD(RESOURCE_OUT_OF_RANGE, "dst_x", .dst_x = 9);
    BAD(RESOURCE_OUT_OF_RANGE, "dst_x", .dst_x = UINT32_MAX);
    BAD(RESOURCE_OUT_OF_RANGE, "dst_x", .dst_z = 1);
    BAD(RESOURCE_OUT_OF_RANGE, "src_x", .src_x = -1);
    BAD(RESOURCE_OUT_OF_RANGE, "src_x", .src_y = 1);
    BAD(ILLEGAL_CMD_BUFFER, "dst_level", .dst_level = 1);
    BAD(ILLEGAL_CMD_BUFFER, "src_level", .src_level = 1);
#undef BAD
    EMIT(f, resource_copy_region, .dst_resource = 7, .src_resource = 80, .width = 8, .height = 8,
         .depth = 1);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "src_resource");
    make_buffer(f, 9, VIRGL_BIND_VERTEX_BUFFER, 4096);
    EMIT(f, resource_copy_region, .dst_resource = 7, .src_resource = 9, .width = 8, .height = 1,
         .depth = 1);
    EXPECT_ERROR(f, ILLEGAL_RESOURCE, "dst_resource");
}

/* Between a compressed texture and one whose texels are as large as its blocks. */
static void test_copy_compressed(struct fixture *f, gconstpointer data)
{
    struct resource_desc desc = {
        .target = VIRGL_TEXTURE_TARGET_2D,
        .format = VIRGL_FORMAT_DXT5_RGBA,
        .bind = VIRGL_BIND_SAMPLER_VIEW,
        .width = 10,
        .height = 10,
        .depth = 1,
        .array_size = 1,
    };

    make_resource(f, 7, &desc);
    desc.format = VIRGL_FORMAT_R32G32B32A32_UINT;
    desc.width = desc.height = 3;
    make_resource(f, 8, &desc);
    make_texture(f, 9, 3, 3);
    EMIT(f, resource_copy_region, .dst_resource = 7, .src_resource = 8, .width = 3, .height = 3,
         .depth = 1);
    EMIT(f, resource_copy_region, .dst_resource = 8, .src_resource = 7, .width = 10, .height = 10,
         .depth = 1);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.copies, ==, 2);
    EMIT(f, resource_copy_region, .dst_resource = 7, .dst_x = 4, .src_resource = 8, .width = 3,
         .height = 3, .depth = 1);
    EXPECT_ERROR(f, RESOURCE_OUT_OF_RANGE, "dst_x");
    EMIT(f, resource_copy_region, .dst_resource = 7, .src_resource = 9, .width = 1, .height = 1,
         .depth = 1);
    EXPECT_ERROR(f, ILLEGAL_FORMAT, "dst_resource");
}

/* Every pair of kinds of buffer storage moves the same bytes. */
static void test_copy_buffers(struct fixture *f, gconstpointer data)
{
    static const uint32_t binds[3] = { VIRGL_BIND_VERTEX_BUFFER, VIRGL_BIND_CUSTOM,
                                       VIRGL_BIND_STAGING };
    const uint32_t words[2] = { 0x03020100, 0x07060504 };
    uint8_t read[8];

    for (uint32_t i = 0; i < 3; i++) {
        make_buffer(f, 10 + i, binds[i], 64);
        make_buffer(f, 20 + i, binds[i], 64);
        give_pages(f, 10 + i, 64, 10);
        give_pages(f, 20 + i, 64, 7);
    }
    for (uint32_t from = 0; from < 3; from++) {
        for (uint32_t to = 0; to < 3; to++) {
            struct resource *dst = renderer_resource(f->renderer, 20 + to);

            EMIT(f, resource_inline_write, .resource = 10 + from, .x = 3, .width = 8, .height = 1,
                 .depth = 1, .data = words, .data_dwords = 2);
            EMIT(f, resource_copy_region, .dst_resource = 20 + to, .dst_x = 40 + from,
                 .src_resource = 10 + from, .src_x = 3, .width = 8, .height = 1, .depth = 1);
            EMIT(f, transfer3d, .resource = 20 + to, .x = 40 + (int)from, .width = 8, .height = 1,
                 .depth = 1, .offset = 40 + from, .direction = VIRGL_TRANSFER_DIRECTION_FROM_HOST);
            SUBMIT_OK(f);
            g_assert_cmpuint(iov_read(dst->iov, dst->iov_count, 40 + from, read, 8), ==, 8);
            g_assert_cmpmem(read, 8, words, 8);
        }
    }
    EMIT(f, resource_copy_region, .dst_resource = 21, .dst_x = 57, .src_resource = 10, .width = 8,
         .height = 1, .depth = 1);
    EXPECT_ERROR(f, RESOURCE_OUT_OF_RANGE, "dst_x");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    FRONT_TEST("/blit/good", test_blit);
    FRONT_TEST("/blit/bad", test_bad_blits);
    FRONT_TEST("/copy/textures", test_copy_textures);
    FRONT_TEST("/copy/compressed", test_copy_compressed);
    FRONT_TEST("/copy/buffers", test_copy_buffers);
    return g_test_run();
}
