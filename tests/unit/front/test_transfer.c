/* SPDX-License-Identifier: MIT */
/* TRANSFER3D, COPY_TRANSFER3D, RESOURCE_INLINE_WRITE. */
#include "fixture.h"

static void fill(struct resource *res, uint8_t first)
{
    for (size_t i = 0; i < res->backing_bytes; i++) {
        const uint8_t byte = (uint8_t)(first + i);

        iov_write(res->iov, res->iov_count, i, &byte, 1);
    }
}

static uint8_t byte_at(const struct resource *res, size_t offset_bytes)
{
    uint8_t byte = 0;

    g_assert_cmpuint(iov_read(res->iov, res->iov_count, offset_bytes, &byte, 1), ==, 1);
    return byte;
}

static void test_round_trip(struct fixture *f, gconstpointer data)
{
    struct resource *res = make_texture(f, 7, 8, 4);

    give_pages(f, 7, 8 * 4 * 4, 13);
    fill(res, 1);
    EMIT(f, transfer3d, .resource = 7, .width = 8, .height = 4, .depth = 1,
         .direction = VIRGL_TRANSFER_DIRECTION_TO_HOST);
    SUBMIT_OK(f);
    fill(res, 100);
    /* One texel back to where it does not belong, with a stride of its own. */
    EMIT(f, transfer3d, .resource = 7, .x = 2, .y = 1, .width = 1, .height = 2, .depth = 1,
         .stride = 8, .offset = 4, .direction = VIRGL_TRANSFER_DIRECTION_FROM_HOST);
    SUBMIT_OK(f);
    g_assert_cmpuint(byte_at(res, 4), ==, 1 + 32 + 8);
    g_assert_cmpuint(byte_at(res, 8), ==, 108);
    g_assert_cmpuint(byte_at(res, 12), ==, 1 + 64 + 8);
    g_assert_cmpuint(f->rec.transfers_written, ==, 1);
    g_assert_cmpuint(f->rec.transfers_read, ==, 1);
    /* An empty box is no mistake and nothing to do. */
    EMIT(f, transfer3d, .resource = 7, .direction = VIRGL_TRANSFER_DIRECTION_TO_HOST);
    SUBMIT_OK(f);
    g_assert_cmpuint(f->rec.transfers_written, ==, 1);
}

static void test_bad_transfers(struct fixture *f, gconstpointer data)
{
    make_texture(f, 7, 8, 4);
    give_pages(f, 7, 128, 128);
    make_texture(f, 8, 8, 4);
#define BAD(error, name, ...)                                                                      \
    EMIT(f, transfer3d, .width = 8, .height = 4, .depth = 1, .direction = 1, __VA_ARGS__);         \
    EXPECT_ERROR(f, error, name)
    BAD(ILLEGAL_RESOURCE, "resource", .resource = 9);
    BAD(ILLEGAL_RESOURCE, "resource", .resource = 8);
    BAD(TRANSFER_IOV_BOUNDS, "box", .resource = 7, .x = 1);
    BAD(TRANSFER_IOV_BOUNDS, "box", .resource = 7, .y = -1);
    BAD(TRANSFER_IOV_BOUNDS, "box", .resource = 7, .z = INT32_MAX);
    BAD(TRANSFER_IOV_BOUNDS, "box", .resource = 7, .level = 1);
    BAD(TRANSFER_IOV_BOUNDS, "box", .resource = 7, .level = UINT32_MAX);
    BAD(TRANSFER_IOV_BOUNDS, "box", .resource = 7, .stride = 31);
    BAD(TRANSFER_IOV_BOUNDS, "box", .resource = 7, .stride = 33);
    BAD(TRANSFER_IOV_BOUNDS, "box", .resource = 7, .stride = UINT32_MAX);
    BAD(TRANSFER_IOV_BOUNDS, "box", .resource = 7, .layer_stride = 127);
    BAD(TRANSFER_IOV_BOUNDS, "box", .resource = 7, .offset = 1);
    BAD(TRANSFER_IOV_BOUNDS, "box", .resource = 7, .offset = UINT32_MAX);
#undef BAD
    EMIT_RAW(f, VIRGL_COMMAND_TRANSFER3D, 0, 7, 0, 0, 0, 0, 0, 0, 0, 8, 4, 1, 0, 3);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "direction");
    EMIT_RAW(f, VIRGL_COMMAND_TRANSFER3D, 0, 7, 0, 0, 0, 0, 0, 0, 0, 8, 4, 1, 0);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "length");
}

/* A host that cannot is not the guest's mistake. */
static void test_back_end_fails(struct fixture *f, gconstpointer data)
{
    make_texture(f, 7, 8, 4);
    give_pages(f, 7, 128, 128);
    f->rec.transfer_error = EIO;
    EMIT(f, transfer3d, .resource = 7, .width = 8, .height = 4, .depth = 1, .direction = 1);
    SUBMIT_OK(f);
    g_assert_nonnull(strstr(f->lines->str, "transfer failed"));
}

static void test_inline_write(struct fixture *f, gconstpointer data)
{
    const uint32_t words[3] = { 0x11111111, 0x22222222, 0x33333333 };
    struct resource *res = make_texture(f, 7, 8, 4);

    give_pages(f, 7, 128, 50);
    EMIT(f, resource_inline_write, .resource = 7, .x = 5, .y = 3, .width = 3, .height = 1,
         .depth = 1, .data = words, .data_dwords = 3);
    EMIT(f, transfer3d, .resource = 7, .width = 8, .height = 4, .depth = 1, .direction = 2);
    SUBMIT_OK(f);
    g_assert_cmpuint(byte_at(res, 127), ==, 0x33);
    g_assert_cmpuint(byte_at(res, 115), ==, 0);
    g_assert_cmpuint(byte_at(res, 116), ==, 0x11);

#define BAD(error, name, ...)                                                                      \
    EMIT(f, resource_inline_write, .width = 3, .height = 1, .depth = 1, .data = words,             \
         .data_dwords = 3, __VA_ARGS__);                                                           \
    EXPECT_ERROR(f, error, name)
    BAD(ILLEGAL_RESOURCE, "resource", .resource = 70);
    BAD(ILLEGAL_CMD_BUFFER, "box", .resource = 7, .x = 6);
    BAD(ILLEGAL_CMD_BUFFER, "box", .resource = 7, .x = INT32_MIN);
    BAD(ILLEGAL_CMD_BUFFER, "box", .resource = 7, .level = 3);
    BAD(ILLEGAL_CMD_BUFFER, "box", .resource = 7, .stride = 1);
#undef BAD
    EMIT(f, resource_inline_write, .resource = 7, .width = 4, .height = 1, .depth = 1,
         .data = words, .data_dwords = 3);
    EXPECT_ERROR(f, ILLEGAL_CMD_BUFFER, "box");
}

static void test_copy_transfer(struct fixture *f, gconstpointer data)
{
    struct resource *texture = make_texture(f, 7, 8, 4);
    struct resource *staging = make_buffer(f, 8, VIRGL_BIND_STAGING, 256);

    give_pages(f, 7, 128, 128);
    give_pages(f, 8, 256, 100);
    fill(staging, 0);
    EMIT(f, copy_transfer3d, .resource = 7, .stride = 32, .layer_stride = 128, .width = 8,
         .height = 4, .depth = 1, .src_resource = 8, .src_offset = 10, .synchronized = true);
    EMIT(f, transfer3d, .resource = 7, .width = 8, .height = 4, .depth = 1, .direction = 2);
    SUBMIT_OK(f);
    g_assert_cmpuint(byte_at(texture, 0), ==, 10);
    g_assert_cmpuint(byte_at(texture, 127), ==, 137);
    /* Back, to another place. */
    EMIT(f, copy_transfer3d, .resource = 7, .stride = 4, .layer_stride = 4, .x = 7, .y = 3,
         .width = 1, .height = 1, .depth = 1, .src_resource = 8, .src_offset = 200,
         .read_from_host = true);
    SUBMIT_OK(f);
    g_assert_cmpuint(byte_at(staging, 203), ==, 137);
    g_assert_cmpuint(byte_at(staging, 204), ==, 204);
    /* Staging to staging. */
    make_buffer(f, 9, VIRGL_BIND_STAGING, 64);
    give_pages(f, 9, 64, 5);
    EMIT(f, copy_transfer3d, .resource = 9, .x = 60, .width = 4, .height = 1, .depth = 1,
         .src_resource = 8, .src_offset = 200);
    SUBMIT_OK(f);
    g_assert_cmpuint(byte_at(renderer_resource(f->renderer, 9), 63), ==, 137);
}

static void test_bad_copy_transfers(struct fixture *f, gconstpointer data)
{
    make_texture(f, 7, 8, 4);
    make_buffer(f, 8, VIRGL_BIND_STAGING, 256);
    give_pages(f, 8, 256, 100);
    make_buffer(f, 9, VIRGL_BIND_STAGING, 256);
#define BAD(error, name, ...)                                                                      \
    EMIT(f, copy_transfer3d, .stride = 32, .layer_stride = 128, .width = 8, .height = 4,           \
         .depth = 1, __VA_ARGS__);                                                                 \
    EXPECT_ERROR(f, error, name)
    BAD(ILLEGAL_RESOURCE, "resource", .resource = 70, .src_resource = 8);
    BAD(ILLEGAL_RESOURCE, "src_resource", .resource = 7, .src_resource = 9);
    BAD(ILLEGAL_RESOURCE, "src_resource", .resource = 7, .src_resource = 70);
    BAD(ILLEGAL_CMD_BUFFER, "box", .resource = 7, .src_resource = 8, .x = 1);
    BAD(ILLEGAL_CMD_BUFFER, "box", .resource = 7, .src_resource = 8, .level = 4);
    BAD(RESOURCE_OUT_OF_RANGE, "box", .resource = 7, .src_resource = 8, .y = 1,
        .read_from_host = true);
    BAD(TRANSFER_IOV_BOUNDS, "box", .resource = 7, .src_resource = 8, .src_offset = 129);
    BAD(TRANSFER_IOV_BOUNDS, "box", .resource = 7, .src_resource = 8, .src_offset = UINT32_MAX);
#undef BAD
    /* A destination of guest pages without pages: nothing can be moved, nobody is hurt. */
    EMIT(f, copy_transfer3d, .resource = 9, .width = 4, .height = 1, .depth = 1,
         .src_resource = 8);
    SUBMIT_OK(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    FRONT_TEST("/transfer/round-trip", test_round_trip);
    FRONT_TEST("/transfer/bad", test_bad_transfers);
    FRONT_TEST("/transfer/back-end-fails", test_back_end_fails);
    FRONT_TEST("/transfer/inline-write", test_inline_write);
    FRONT_TEST("/transfer/copy", test_copy_transfer);
    FRONT_TEST("/transfer/bad-copy", test_bad_copy_transfers);
    return g_test_run();
}
