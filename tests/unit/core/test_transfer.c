/* SPDX-License-Identifier: MIT */
/* Every way in which a transfer's numbers can lie. */
#include <errno.h>
#include <glib.h>
#include <string.h>

#include "core/renderer.h"
#include "fake_backend.h"
#include "virgl_protocol.h"

static struct fake_backend fake;
static struct renderer *renderer;

static struct resource *make(const struct resource_desc *desc)
{
    static uint32_t next_id = 1;
    struct resource *res;

    g_assert_cmpint(renderer_resource_create(renderer, next_id++, desc, &res), ==, 0);
    return res;
}

static struct transfer whole(const struct resource_desc *desc, const struct iovec *iov)
{
    return (struct transfer){
        .box = {0, 0, 0, (int32_t)desc->width, (int32_t)desc->height, (int32_t)desc->depth},
        .iov = iov,
        .iov_count = 1,
    };
}

static bool checked(const struct resource *res, const struct transfer *transfer)
{
    struct transfer copy = *transfer;
    const char *why = NULL;
    int err = transfer_check(res, &copy, &why);

    g_assert_true(err == 0 || (err == EINVAL && why != NULL));
    return err == 0;
}

/* Boxes and levels: all small values and all hostile ones on each axis, against plain arithmetic in
 * a wider type. */
static void test_boxes(void)
{
    static const int32_t values[] = {
        0, 1, 2, 3, 4, 5, 7, 8, 9, -1, -2, INT32_MAX, INT32_MAX - 1, INT32_MIN, INT32_MIN + 1,
        1 << 30,
    };
    struct resource_desc desc = desc_2d(VIRGL_FORMAT_B8G8R8A8_UNORM, 8, 4);
    static uint8_t memory[1 << 16];
    struct iovec iov = {memory, sizeof memory};

    desc.target = VIRGL_TEXTURE_TARGET_2D_ARRAY;
    desc.array_size = 3;
    desc.last_level = 3;
    struct resource *res = make(&desc);
    for (uint32_t level = 0; level < 5; level++) {
        int64_t limits[3] = {level < 4 ? MAX(8 >> level, 1) : 0, level < 4 ? MAX(4 >> level, 1) : 0,
                             level < 4 ? 3 : 0};

        for (int axis = 0; axis < 3; axis++) {
            for (size_t i = 0; i < G_N_ELEMENTS(values); i++) {
                for (size_t k = 0; k < G_N_ELEMENTS(values); k++) {
                    struct transfer t = {
                        .level = level, .box = {0, 0, 0, 1, 1, 1}, .iov = &iov, .iov_count = 1,
                    };
                    int32_t *box = &t.box.x;
                    int64_t start = values[i], size = values[k];

                    box[axis] = values[i];
                    box[axis + 3] = values[k];
                    bool good = level < 4 && start >= 0 && size >= 0 && start + size <= limits[axis];
                    g_assert_true(checked(res, &t) == good);
                    g_assert_true(resource_box_inside(res, level, &t.box) == (good && size > 0));
                }
            }
        }
    }
    struct transfer t = {
        .level = UINT32_MAX, .box = {0, 0, 0, 1, 1, 1}, .iov = &iov, .iov_count = 1,
    };
    g_assert_false(checked(res, &t));
}

/* Strides and offsets against arithmetic in 128 bits. */
static void test_strides(void)
{
    static const uint32_t strides[] = {0, 1, 31, 32, 33, 64, 1 << 16, 0x7fffffff, 0x80000000,
                                       0xfffffffc, 0xffffffff};
    static const uint64_t layer_strides[] = {0, 1, 127, 128, 129, 256, 1 << 20, 0xffffffff,
                                             UINT64_C(1) << 40, UINT64_MAX / 2, UINT64_MAX};
    static const uint64_t offsets[] = {0, 1, 383, 384, 385, 1 << 16, 0xffffffff, UINT64_C(1) << 32,
                                       UINT64_MAX - 384, UINT64_MAX};
    struct resource_desc desc = desc_2d(VIRGL_FORMAT_B8G8R8A8_UNORM, 8, 4);
    static uint8_t memory[1 << 12];
    struct iovec iov = {memory, sizeof memory};

    desc.target = VIRGL_TEXTURE_TARGET_3D;
    desc.depth = 3;
    struct resource *res = make(&desc);
    for (size_t i = 0; i < G_N_ELEMENTS(strides); i++) {
        for (size_t k = 0; k < G_N_ELEMENTS(layer_strides); k++) {
            for (size_t m = 0; m < G_N_ELEMENTS(offsets); m++) {
                struct transfer t = whole(&desc, &iov);
                unsigned __int128 stride = strides[i] ? strides[i] : 32;
                unsigned __int128 layer = layer_strides[k] ? layer_strides[k] : stride * 4;
                unsigned __int128 end = 2 * layer + 3 * stride + 32 + offsets[m];
                bool good = stride >= 32 && layer >= stride * 4 && end <= sizeof memory;

                t.stride_bytes = strides[i];
                t.layer_stride_bytes = layer_strides[k];
                t.offset_bytes = offsets[m];
                g_assert_true(checked(res, &t) == good);
                if (good) {
                    const char *why;

                    g_assert_cmpint(transfer_check(res, &t, &why), ==, 0);
                    g_assert_true(t.stride_bytes == stride && t.layer_stride_bytes == layer);
                }
            }
        }
    }
}

/* The last byte decides. */
static void test_memory_end(void)
{
    struct resource_desc desc = desc_2d(VIRGL_FORMAT_B8G8R8A8_UNORM, 8, 4);
    uint8_t memory[256];
    struct resource *res = make(&desc);

    for (size_t bytes = 0; bytes <= sizeof memory; bytes++) {
        struct iovec iov = {memory, bytes};
        struct transfer t = whole(&desc, &iov);

        g_assert_true(checked(res, &t) == (bytes >= 128));
        t.box.height = 1; /* one row of the box, pitch of the level */
        t.offset_bytes = 7;
        g_assert_true(checked(res, &t) == (bytes >= 7 + 32));
        t.box.width = 2;
        t.box.height = 3;
        g_assert_true(checked(res, &t) == (bytes >= 7 + 2 * 32 + 8));
    }
    struct transfer t = whole(&desc, NULL);
    t.iov_count = 0;
    g_assert_false(checked(res, &t));
    t.box.width = 0; /* nothing moves: no memory needed */
    g_assert_true(checked(res, &t));
}

static void test_compressed(void)
{
    struct resource_desc desc = desc_2d(VIRGL_FORMAT_DXT1_RGB, 10, 10);
    uint8_t memory[72];
    struct iovec iov = {memory, sizeof memory};
    struct resource *res;

    desc.last_level = 3;
    res = make(&desc);
    struct transfer t = whole(&desc, &iov);
    g_assert_true(checked(res, &t)); /* 3x3 blocks of 8 bytes */
    iov.iov_len = 71;
    g_assert_false(checked(res, &t));
    iov.iov_len = 72;
    t.box.x = 2;
    t.box.width = 8;
    g_assert_false(checked(res, &t)); /* starts within a block */
    t.box.x = 4;
    t.box.width = 6;
    g_assert_true(checked(res, &t)); /* ends at the edge */
    t.box.width = 5;
    g_assert_false(checked(res, &t));
    t.box.width = 4;
    g_assert_true(checked(res, &t));
    t = (struct transfer){
        .level = 3, .box = {0, 0, 0, 1, 1, 1}, .iov = &iov, .iov_count = 1,
    };
    g_assert_true(checked(res, &t)); /* a level smaller than a block */
}

static void test_layers(void)
{
    static const struct {
        uint32_t target, height, depth, array_size, level, layers;
    } cases[] = {
        {VIRGL_TEXTURE_TARGET_2D, 16, 1, 1, 1, 1},
        {VIRGL_TEXTURE_TARGET_3D, 16, 8, 1, 1, 4},
        {VIRGL_TEXTURE_TARGET_3D, 16, 8, 1, 4, 1},
        {VIRGL_TEXTURE_TARGET_CUBE, 16, 1, 6, 2, 6},
        {VIRGL_TEXTURE_TARGET_CUBE_ARRAY, 16, 1, 12, 2, 12},
        {VIRGL_TEXTURE_TARGET_1D_ARRAY, 1, 1, 5, 3, 5},
        {VIRGL_TEXTURE_TARGET_2D_ARRAY, 16, 1, 7, 4, 7},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct resource_desc desc = desc_2d(VIRGL_FORMAT_B8G8R8A8_UNORM, 16, cases[i].height);

        desc.target = cases[i].target;
        desc.depth = cases[i].depth;
        desc.array_size = cases[i].array_size;
        desc.last_level = 4;
        g_assert_cmpuint(resource_level_layers(make(&desc), cases[i].level), ==, cases[i].layers);
    }
}

/* Bytes arrive where they belong, for every storage. */
static void test_moves(void)
{
    static const uint32_t binds[] = {VIRGL_BIND_CUSTOM, VIRGL_BIND_VERTEX_BUFFER,
                                     VIRGL_BIND_STAGING};

    for (size_t i = 0; i < G_N_ELEMENTS(binds); i++) {
        struct resource_desc desc = desc_buffer(binds[i], 100);
        struct resource *res = make(&desc);
        uint8_t backing[100] = {0}, out[100] = {0}, data[10];
        struct iovec back = {backing, sizeof backing};
        struct iovec in_iov[2] = {{data, 4}, {data + 4, 6}}, out_iov = {out, sizeof out};
        const char *why;

        for (int k = 0; k < 10; k++) {
            data[k] = (uint8_t)(k + 1);
        }
        g_assert_cmpint(resource_attach_iov(res, &back, 1), ==, 0);
        struct transfer t = {.box = {90, 0, 0, 10, 1, 1}, .iov = in_iov, .iov_count = 2};
        g_assert_cmpint(resource_transfer_write(res, &t, &why), ==, 0);
        t = (struct transfer){.box = {88, 0, 0, 12, 1, 1}, .iov = &out_iov, .iov_count = 1};
        g_assert_cmpint(resource_transfer_read(res, &t, &why), ==, 0);
        g_assert_cmpuint(out[0], ==, 0);
        g_assert_cmpmem(out + 2, 10, data, 10);

        /* Without memory of its own the transfer takes the guest pages. */
        t = (struct transfer){.box = {90, 0, 0, 10, 1, 1}, .offset_bytes = 90};
        g_assert_cmpint(resource_transfer_read(res, &t, &why), ==, 0);
        g_assert_cmpmem(backing + 90, 10, data, 10);
        t = (struct transfer){.box = {90, 0, 0, 10, 1, 1}, .offset_bytes = 91};
        g_assert_cmpint(resource_transfer_read(res, &t, &why), ==, EINVAL);
        uint32_t count;
        resource_detach_iov(res, &count);
        t = (struct transfer){.box = {90, 0, 0, 10, 1, 1}};
        g_assert_cmpint(resource_transfer_write(res, &t, &why), ==, EINVAL);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    fake_backend_init(&fake);
    renderer = fake_renderer(&fake, 0);
    g_test_add_func("/transfer/boxes", test_boxes);
    g_test_add_func("/transfer/strides", test_strides);
    g_test_add_func("/transfer/memory_end", test_memory_end);
    g_test_add_func("/transfer/compressed", test_compressed);
    g_test_add_func("/transfer/layers", test_layers);
    g_test_add_func("/transfer/moves", test_moves);
    int result = g_test_run();
    renderer_destroy(renderer);
    fake_backend_finish(&fake);
    return result;
}
