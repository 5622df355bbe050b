/* SPDX-License-Identifier: MIT */
/* Which descriptions are accepted, what memory they cost, who keeps a resource alive. */
#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/blob.h"
#include "core/scanout.h"
#include "fake_backend.h"
#include "virgl_protocol.h"

static struct fake_backend fake;

static bool accepted(const struct resource_desc *desc)
{
    const char *why = "untouched";
    int err = resource_desc_check(desc, &fake.base.limits, &why);

    g_assert_true(err == 0 || err == EINVAL);
    g_assert_true((err == 0) == (why == NULL));
    return err == 0;
}

/* One change to a good description and whether it stays good. */
struct desc_case {
    const char *name;
    struct resource_desc desc;
    bool good;
};

#define TEXTURE(...)                                                                               \
    {                                                                                              \
        .target = VIRGL_TEXTURE_TARGET_2D, .format = VIRGL_FORMAT_B8G8R8A8_UNORM,                  \
        .bind = VIRGL_BIND_SAMPLER_VIEW, .width = 64, .height = 64, .depth = 1, .array_size = 1,   \
        __VA_ARGS__                                                                                \
    }
#define BUFFER(...)                                                                                \
    {                                                                                              \
        .target = VIRGL_TEXTURE_TARGET_BUFFER, .format = VIRGL_FORMAT_R8_UNORM,                    \
        .bind = VIRGL_BIND_VERTEX_BUFFER, .width = 64, .height = 1, .depth = 1, .array_size = 1,   \
        __VA_ARGS__                                                                                \
    }

static void test_rules(void)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
    static const struct desc_case cases[] = {
        {"2d", TEXTURE(), true},
        {"unknown target", TEXTURE(.target = 9), false},
        {"huge target", TEXTURE(.target = 0xffffffff), false},
        {"format past the end", TEXTURE(.format = VIRGL_FORMAT_COUNT), false},
        {"huge format", TEXTURE(.format = 0xffffffff), false},
        {"no format", TEXTURE(.format = 0), false},
        {"unknown flag", TEXTURE(.flags = 8), false},
        {"y0top", TEXTURE(.flags = VIRGL_RESOURCE_FLAG_Y_0_TOP), true},
        {"y0top 3d", TEXTURE(.target = VIRGL_TEXTURE_TARGET_3D, .flags = 1), false},
        {"zero width", TEXTURE(.width = 0), false},
        {"zero height", TEXTURE(.height = 0), false},
        {"zero depth", TEXTURE(.depth = 0), false},
        {"depth 2", TEXTURE(.depth = 2), false},
        {"limit", TEXTURE(.width = 16384, .height = 16384), true},
        {"past the limit", TEXTURE(.width = 16385), false},
        {"past the limit in y", TEXTURE(.height = 16385), false},
        {"huge", TEXTURE(.width = 0xffffffff, .height = 0xffffffff), false},
        {"layers on 2d", TEXTURE(.array_size = 2), false},
        {"layers 0", TEXTURE(.array_size = 0), true},
        {"last level", TEXTURE(.last_level = 6), true},
        {"past the last level", TEXTURE(.last_level = 7), false},
        {"huge level", TEXTURE(.last_level = 0xffffffff), false},
        {"multisample", TEXTURE(.nr_samples = 4), true},
        {"multisample levels", TEXTURE(.nr_samples = 4, .last_level = 1), false},
        {"too many samples", TEXTURE(.nr_samples = 16), false},
        {"multisample cube",
         TEXTURE(.target = VIRGL_TEXTURE_TARGET_CUBE, .array_size = 6, .nr_samples = 4), false},
        {"texture with a buffer's bind", TEXTURE(.bind = VIRGL_BIND_VERTEX_BUFFER), false},
        {"texture without bind", TEXTURE(.bind = 0), false},
        {"bind of no use", TEXTURE(.bind = VIRGL_BIND_SCANOUT), false},
        {"two binds", TEXTURE(.bind = VIRGL_BIND_SCANOUT | VIRGL_BIND_RENDER_TARGET), true},
        {"1d", TEXTURE(.target = VIRGL_TEXTURE_TARGET_1D, .height = 1), true},
        {"1d of height 2", TEXTURE(.target = VIRGL_TEXTURE_TARGET_1D, .height = 2), false},
        {"1d array",
         TEXTURE(.target = VIRGL_TEXTURE_TARGET_1D_ARRAY, .height = 1, .array_size = 9), true},
        {"2d array", TEXTURE(.target = VIRGL_TEXTURE_TARGET_2D_ARRAY, .array_size = 2048), true},
        {"2d array too long", TEXTURE(.target = VIRGL_TEXTURE_TARGET_2D_ARRAY, .array_size = 2049),
         false},
        {"rect", TEXTURE(.target = VIRGL_TEXTURE_TARGET_RECT), true},
        {"rect with levels", TEXTURE(.target = VIRGL_TEXTURE_TARGET_RECT, .last_level = 1), false},
        {"3d", TEXTURE(.target = VIRGL_TEXTURE_TARGET_3D, .depth = 2048), true},
        {"3d too deep", TEXTURE(.target = VIRGL_TEXTURE_TARGET_3D, .depth = 2049), false},
        {"3d too wide", TEXTURE(.target = VIRGL_TEXTURE_TARGET_3D, .width = 2049), false},
        {"3d deep levels",
         TEXTURE(.target = VIRGL_TEXTURE_TARGET_3D, .depth = 1024, .last_level = 10), true},
        {"cube", TEXTURE(.target = VIRGL_TEXTURE_TARGET_CUBE, .array_size = 6), true},
        {"cube with 5 faces", TEXTURE(.target = VIRGL_TEXTURE_TARGET_CUBE, .array_size = 5), false},
        {"cube not square",
         TEXTURE(.target = VIRGL_TEXTURE_TARGET_CUBE, .array_size = 6, .width = 32), false},
        {"cube array", TEXTURE(.target = VIRGL_TEXTURE_TARGET_CUBE_ARRAY, .array_size = 12), true},
        {"cube array of 8", TEXTURE(.target = VIRGL_TEXTURE_TARGET_CUBE_ARRAY, .array_size = 8),
         false},
        {"empty cube array", TEXTURE(.target = VIRGL_TEXTURE_TARGET_CUBE_ARRAY, .array_size = 0),
         false},
        {"buffer", BUFFER(), true},
        {"buffer for nothing", BUFFER(.bind = 0), true},
        {"buffer of a texture's bind", BUFFER(.bind = VIRGL_BIND_SAMPLER_VIEW), true},
        {"buffer of unknown bind", BUFFER(.bind = VIRGL_BIND_DISPLAY_TARGET), false},
        {"empty buffer", BUFFER(.width = 0), false},
        {"buffer of height 2", BUFFER(.height = 2), false},
        {"buffer of depth 0", BUFFER(.depth = 0), false},
        {"buffer with levels", BUFFER(.last_level = 1), false},
        {"buffer with samples", BUFFER(.nr_samples = 2), false},
        {"buffer too long", BUFFER(.width = 0x80000001), false},
        {"persistent buffer", BUFFER(.flags = 6), true},
    };
#pragma GCC diagnostic pop

    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        if (accepted(&cases[i].desc) != cases[i].good) {
            g_test_message("%s should be %s", cases[i].name,
                           cases[i].good ? "accepted" : "refused");
            g_test_fail();
        }
    }
}

/* What the host lacks. */
static void test_host_limits(void)
{
    struct backend_limits full = fake.base.limits;
    struct resource_desc desc = desc_2d(VIRGL_FORMAT_B8G8R8A8_UNORM, 8, 8);

    fake.base.limits.format_supported[0] = 0;
    g_assert_false(accepted(&desc));
    fake.base.limits = full;

    desc.nr_samples = 4;
    fake.base.limits.format_multisample[0] = 0;
    g_assert_false(accepted(&desc));
    fake.base.limits = full;

    desc = desc_2d(VIRGL_FORMAT_B8G8R8A8_UNORM, 8, 8);
    desc.target = VIRGL_TEXTURE_TARGET_CUBE_ARRAY;
    desc.array_size = 6;
    g_assert_true(accepted(&desc));
    fake.base.limits.has_cube_arrays = false;
    g_assert_false(accepted(&desc));
    fake.base.limits = full;

    desc = desc_buffer(VIRGL_BIND_QUERY_BUFFER, 8);
    g_assert_true(accepted(&desc));
    fake.base.limits.has_query_buffer = false;
    g_assert_false(accepted(&desc));
    desc.bind = VIRGL_BIND_COMMAND_ARGS;
    g_assert_true(accepted(&desc));
    fake.base.limits.has_indirect_draw = false;
    g_assert_false(accepted(&desc));
    fake.base.limits = full;
}

static void test_size(void)
{
    struct resource_desc desc = desc_2d(VIRGL_FORMAT_B8G8R8A8_UNORM, 4, 4);
    uint64_t bytes;

    g_assert_true(resource_desc_size(&desc, &bytes));
    g_assert_cmpuint(bytes, ==, 64);
    desc.last_level = 2;
    g_assert_true(resource_desc_size(&desc, &bytes));
    g_assert_cmpuint(bytes, ==, 64 + 16 + 4);
    desc.target = VIRGL_TEXTURE_TARGET_2D_ARRAY;
    desc.array_size = 3;
    g_assert_true(resource_desc_size(&desc, &bytes));
    g_assert_cmpuint(bytes, ==, 3 * (64 + 16 + 4));
    desc = desc_2d(VIRGL_FORMAT_DXT1_RGB, 5, 5); /* 4x4 blocks of 8 bytes */
    g_assert_true(resource_desc_size(&desc, &bytes));
    g_assert_cmpuint(bytes, ==, 4 * 8);
    desc = desc_2d(VIRGL_FORMAT_R32G32B32A32_FLOAT, 0xffffffff, 0xffffffff);
    g_assert_false(resource_desc_size(&desc, &bytes));
}

static void test_memory_limit(void)
{
    struct renderer *renderer = fake_renderer(&fake, 1000);
    struct resource_desc desc = desc_buffer(VIRGL_BIND_VERTEX_BUFFER, 400);
    struct resource_desc custom = desc_buffer(VIRGL_BIND_CUSTOM, 300);
    struct resource_desc staging = desc_buffer(VIRGL_BIND_STAGING, 1 << 20);
    struct resource *res;

    g_assert_cmpint(renderer_resource_create(renderer, 1, &desc, &res), ==, 0);
    g_assert_cmpint(renderer_resource_create(renderer, 2, &desc, &res), ==, 0);
    g_assert_cmpint(renderer_resource_create(renderer, 3, &custom, &res), ==, ENOMEM);
    g_assert_null(renderer_resource(renderer, 3));
    g_assert_cmpuint(renderer->memory_used_bytes, ==, 800);
    g_assert_cmpint(renderer_resource_create(renderer, 4, &staging, &res), ==, 0);
    renderer_resource_unref(renderer, 1);
    g_assert_cmpuint(renderer->memory_used_bytes, ==, 400);
    g_assert_cmpint(renderer_resource_create(renderer, 3, &custom, &res), ==, 0);

    /* A refusal of the back end gives the charge back. */
    fake.create_error = ENOMEM;
    desc.width = 100;
    g_assert_cmpint(renderer_resource_create(renderer, 5, &desc, &res), ==, ENOMEM);
    fake.create_error = 0;
    g_assert_cmpuint(renderer->memory_used_bytes, ==, 700);

    g_assert_false(renderer_charge(renderer, UINT64_MAX));
    g_assert_true(renderer_charge(renderer, 300));
    g_assert_false(renderer_charge(renderer, 1));
    renderer_uncharge(renderer, 300);
    renderer_destroy(renderer);
    g_assert_cmpuint(fake.live_resources, ==, 0);
}

static void test_handles(void)
{
    struct renderer *renderer = fake_renderer(&fake, 0);
    struct resource_desc desc = desc_2d(VIRGL_FORMAT_B8G8R8A8_UNORM, 8, 8);
    struct resource *res, *again;
    struct resource *slot = NULL;

    g_assert_cmpint(renderer_resource_create(renderer, 0, &desc, &res), ==, EINVAL);
    g_assert_cmpint(renderer_resource_create(renderer, 5, &desc, &res), ==, 0);
    g_assert_cmpuint(res->id, ==, 5);
    g_assert_cmpint(renderer_resource_create(renderer, 5, &desc, &again), ==, EINVAL);
    g_assert_true(renderer_resource(renderer, 5) == res);

    /* Bound while the guest drops its number. */
    resource_assign(&slot, res);
    resource_assign(&slot, slot);
    g_assert_cmpuint(res->refcount, ==, 2);
    renderer_resource_unref(renderer, 5);
    g_assert_null(renderer_resource(renderer, 5));
    g_assert_cmpuint(slot->id, ==, 0);
    g_assert_cmpuint(fake.live_resources, ==, 1);
    g_assert_cmpint(renderer_resource_create(renderer, 5, &desc, &again), ==, 0);
    resource_assign(&slot, NULL);
    g_assert_cmpuint(fake.live_resources, ==, 1);
    resource_unref(NULL);
    renderer_resource_unref(renderer, 77);
    renderer_reset(renderer);
    g_assert_cmpuint(fake.live_resources, ==, 0);
    g_assert_cmpint(renderer_resource_create(renderer, 5, &desc, &again), ==, 0);
    renderer_destroy(renderer);
}

static void test_backing(void)
{
    struct renderer *renderer = fake_renderer(&fake, 0);
    struct resource_desc desc = desc_buffer(VIRGL_BIND_CUSTOM, 16);
    uint8_t memory[16];
    struct iovec iov[2] = {{memory, 10}, {memory + 10, 6}};
    struct resource *res;
    uint32_t count = 9;

    g_assert_cmpint(renderer_resource_create(renderer, 1, &desc, &res), ==, 0);
    g_assert_null(resource_detach_iov(res, &count));
    g_assert_cmpuint(count, ==, 0);
    g_assert_cmpint(resource_attach_iov(res, NULL, 3), ==, EINVAL);
    g_assert_cmpint(resource_attach_iov(res, iov, 2), ==, 0);
    g_assert_cmpuint(res->backing_bytes, ==, 16);
    g_assert_cmpint(resource_attach_iov(res, iov, 2), ==, EINVAL);
    g_assert_true(resource_detach_iov(res, &count) == iov);
    g_assert_cmpuint(count, ==, 2);
    renderer_destroy(renderer);
}

static void test_guest_blob(void)
{
    struct renderer *renderer = fake_renderer(&fake, 0);
    uint8_t memory[4096];
    struct iovec iov = {memory, sizeof memory};
    struct blob_args good = {
        .res_id = 1, .mem = BLOB_MEM_GUEST, .size_bytes = 4096, .iov = &iov, .iov_count = 1,
    };
    struct blob_args bad = good;
    void *map;
    uint64_t size;
    uint32_t info, type;
    int fd;

    bad.mem = 0;
    g_assert_cmpint(blob_create(renderer, &bad), ==, EINVAL);
    bad.mem = BLOB_MEM_GUEST_VRAM;
    g_assert_cmpint(blob_create(renderer, &bad), ==, EINVAL);
    bad = good;
    bad.flags = 8;
    g_assert_cmpint(blob_create(renderer, &bad), ==, EINVAL);
    bad = good;
    bad.size_bytes = 0;
    g_assert_cmpint(blob_create(renderer, &bad), ==, EINVAL);
    bad.size_bytes = 4097;
    g_assert_cmpint(blob_create(renderer, &bad), ==, EINVAL);
    bad.size_bytes = UINT64_MAX;
    g_assert_cmpint(blob_create(renderer, &bad), ==, EINVAL);
    bad = good;
    bad.iov_count = 0;
    g_assert_cmpint(blob_create(renderer, &bad), ==, EINVAL);
    bad = good;
    bad.res_id = 0;
    g_assert_cmpint(blob_create(renderer, &bad), ==, EINVAL);
    bad = good;
    bad.mem = BLOB_MEM_HOST3D; /* with guest pages */
    g_assert_cmpint(blob_create(renderer, &bad), ==, EINVAL);
    bad.iov = NULL;
    bad.iov_count = 0; /* of no context */
    g_assert_cmpint(blob_create(renderer, &bad), ==, EINVAL);

    g_assert_cmpint(blob_create(renderer, &good), ==, 0);
    g_assert_cmpint(blob_create(renderer, &good), ==, EINVAL);
    struct resource *res = renderer_resource(renderer, 1);
    g_assert_cmpuint(res->backing_bytes, ==, 4096);
    g_assert_cmpint(blob_map(res, &map, &size), ==, EINVAL);
    g_assert_cmpint(blob_unmap(res), ==, EINVAL);
    g_assert_cmpint(blob_map_info(res, &info), ==, EINVAL);
    g_assert_cmpint(blob_map_fixed(res, memory), ==, EINVAL);
    g_assert_cmpint(blob_export(res, &type, &fd), ==, EINVAL);
    struct scanout_info scanout;
    g_assert_cmpint(scanout_describe(res, &scanout), ==, EINVAL);
    g_assert_null(scanout_cursor(res));
    renderer_destroy(renderer);
}

static void test_cursor(void)
{
    static const struct {
        uint32_t format, flags;
        uint8_t want[8]; /* the two left texels, top row first */
    } cases[] = {
        {VIRGL_FORMAT_B8G8R8A8_UNORM, VIRGL_RESOURCE_FLAG_Y_0_TOP, {1, 2, 3, 4, 9, 10, 11, 12}},
        {VIRGL_FORMAT_B8G8R8A8_UNORM, 0, {9, 10, 11, 12, 1, 2, 3, 4}},
        {VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_RESOURCE_FLAG_Y_0_TOP, {3, 2, 1, 4, 11, 10, 9, 12}},
    };
    uint8_t memory[16];
    struct iovec iov = {memory, sizeof memory};

    for (int i = 0; i < 16; i++) {
        memory[i] = (uint8_t)(i + 1);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct renderer *renderer = fake_renderer(&fake, 0);
        struct resource_desc desc = desc_2d(cases[i].format, 2, 2);
        struct transfer transfer = {
            .box = {.width = 2, .height = 2, .depth = 1}, .iov = &iov, .iov_count = 1,
        };
        struct resource *res;
        const char *why;

        desc.flags = cases[i].flags;
        g_assert_cmpint(renderer_resource_create(renderer, 1, &desc, &res), ==, 0);
        g_assert_cmpint(resource_transfer_write(res, &transfer, &why), ==, 0);
        uint8_t *pixels = scanout_cursor(res);
        g_assert_nonnull(pixels);
        g_assert_cmpmem(pixels, 4, cases[i].want, 4);
        g_assert_cmpmem(pixels + 8, 4, cases[i].want + 4, 4);
        free(pixels);

        struct scanout_info info;
        g_assert_cmpint(scanout_describe(res, &info), ==, 0);
        g_assert_cmpuint(info.stride_bytes, ==, 8);
        g_assert_true(scanout_find_texture(renderer, info.tex_id) == res);
        g_assert_null(scanout_find_texture(renderer, info.tex_id + 1));

        desc.width = 257;
        g_assert_cmpint(renderer_resource_create(renderer, 2, &desc, &res), ==, 0);
        g_assert_null(scanout_cursor(res));
        renderer_destroy(renderer);
    }
}

static unsigned imports;

static int count_import(struct backend *backend, struct resource *res, uint64_t modifier,
                        const struct blob_plane *planes, uint32_t plane_count)
{
    imports++;
    return 0;
}

/* Planes come from the guest: none of them may reach outside of the imported memory. */
static void test_import_planes(void)
{
    enum { BYTES = 3 * 4096, MAX_PLANES = 2 };
    static const struct {
        uint32_t plane_count;
        struct blob_plane planes[MAX_PLANES]; /* stride, offset */
        int err;
    } cases[] = {
        {0, {{128, 0}}, EINVAL},
        {1, {{128, 0}}, 0},
        {1, {{127, 0}}, EINVAL},
        {1, {{0, 0}}, EINVAL},
        {1, {{128, BYTES - 31 * 128 - 128}}, 0},
        {1, {{128, BYTES - 31 * 128 - 127}}, EINVAL},
        {1, {{0xffffffff, 0}}, EINVAL},
        {1, {{128, 0xffffffff}}, EINVAL},
        {2, {{128, 0}, {1, BYTES - 1}}, 0},
        {2, {{128, 0}, {1, BYTES}}, EINVAL},
    };
    const struct resource_desc desc = desc_2d(VIRGL_FORMAT_B8G8R8A8_UNORM, 32, 32);
    unsigned good = 0;

    imports = 0;
    fake.ops.resource_import_dmabuf = count_import;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct renderer *renderer = fake_renderer(&fake, 0);
        int fd = memfd_create("planes", MFD_CLOEXEC);

        g_assert_cmpint(ftruncate(fd, BYTES), ==, 0);
        g_assert_cmpint(blob_import(renderer, 1, BLOB_MEM_HOST3D, RESOURCE_FD_DMABUF, fd,
                                    BYTES + 1), ==, EINVAL);
        g_assert_cmpint(blob_import(renderer, 1, BLOB_MEM_HOST3D, RESOURCE_FD_DMABUF, fd, BYTES),
                        ==, 0);
        struct resource *res = renderer_resource(renderer, 1);
        int err = blob_set_type(res, &desc, 0, cases[i].planes, cases[i].plane_count);
        if (err != cases[i].err) {
            g_error("case %zu: %d instead of %d", i, err, cases[i].err);
        }
        good += err == 0;
        g_assert_cmpint(res->storage, ==,
                        err ? RESOURCE_STORAGE_UNTYPED : RESOURCE_STORAGE_TEXTURE);
        renderer_destroy(renderer);
    }
    g_assert_cmpuint(imports, ==, good);
    fake.ops.resource_import_dmabuf = NULL;
}

static void test_contexts(void)
{
    struct renderer *renderer = fake_renderer(&fake, 0);
    struct resource_desc desc = desc_2d(VIRGL_FORMAT_B8G8R8A8_UNORM, 8, 8);
    struct resource *res;
    char long_name[300];

    memset(long_name, 'x', sizeof long_name);
    g_assert_cmpint(renderer_context_create(renderer, 0, 0, "a", 1), ==, EINVAL);
    g_assert_cmpint(renderer_context_create(renderer, 1, 4, "a", 1), ==, EINVAL);
    g_assert_cmpint(renderer_context_create(renderer, 1, 2, long_name, sizeof long_name), ==, 0);
    g_assert_cmpint(renderer_context_create(renderer, 1, 2, NULL, 0), ==, EINVAL);
    g_assert_cmpint(renderer_context_create(renderer, 2, 0, NULL, 0), ==, 0);
    g_assert_cmpint(renderer_resource_create(renderer, 9, &desc, &res), ==, 0);

    g_assert_null(renderer_resource_for(renderer, 9, 1));
    renderer_context_attach(renderer, 1, 9);
    renderer_context_attach(renderer, 1, 10);
    renderer_context_attach(renderer, 7, 9);
    g_assert_true(renderer_resource_for(renderer, 9, 1) == res);
    g_assert_null(renderer_resource_for(renderer, 9, 2));
    g_assert_null(renderer_resource_for(renderer, 9, 7));
    g_assert_true(renderer_resource_for(renderer, 9, 0) == res);
    renderer_context_detach(renderer, 1, 9);
    g_assert_null(renderer_resource_for(renderer, 9, 1));

    renderer_context_attach(renderer, 1, 9);
    renderer_context_attach(renderer, 2, 9);
    renderer_resource_unref(renderer, 9);
    g_assert_null(renderer_resource_for(renderer, 9, 1));
    g_assert_cmpuint(fake.live_resources, ==, 0);
    g_assert_cmpint(renderer_submit(renderer, 3, NULL, 0), ==, EINVAL);
    renderer_context_destroy(renderer, 1);
    renderer_context_destroy(renderer, 1);
    renderer_context_destroy(renderer, 0);
    g_assert_cmpint(renderer_context_create(renderer, 1, 2, "again", 5), ==, 0);
    renderer_destroy(renderer);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    fake_backend_init(&fake);
    g_test_add_func("/resource/rules", test_rules);
    g_test_add_func("/resource/host_limits", test_host_limits);
    g_test_add_func("/resource/size", test_size);
    g_test_add_func("/resource/memory_limit", test_memory_limit);
    g_test_add_func("/resource/handles", test_handles);
    g_test_add_func("/resource/backing", test_backing);
    g_test_add_func("/blob/guest", test_guest_blob);
    g_test_add_func("/blob/import-planes", test_import_planes);
    g_test_add_func("/scanout/cursor", test_cursor);
    g_test_add_func("/renderer/contexts", test_contexts);
    int result = g_test_run();
    fake_backend_finish(&fake);
    return result;
}
