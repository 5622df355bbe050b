/* SPDX-License-Identifier: MIT */
/* The back end as a whole: what it announces, its contexts, caches, fences and exports. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "gl/resource.h"

static bool bit(const uint32_t mask[16], uint32_t format)
{
    return mask[format / 32] >> format % 32 & 1;
}

/* Each announced format can be created, and does what its bits say. */
static void test_announced_formats(struct fixture *fx)
{
    union virgl_caps caps;
    unsigned sampled = 0, rendered = 0, multisampled = 0;
    static uint8_t data[64 * 64 * 16];

    memset(&caps, 0, sizeof(caps));
    fx->backend->ops->fill_caps(fx->backend, 2, &caps);
    for (uint32_t i = 1; i < VIRGL_FORMAT_COUNT; i++) {
        bool samples = bit(caps.v1.sampler, i), renders = bit(caps.v1.render, i);
        bool multisamples = bit(caps.v2.supported_multisample_formats, i);
        g_assert_true(samples || (!renders && !multisamples));
        if (!samples)
            continue;
        g_assert_true(bit(fx->backend->limits.format_supported, i));
        struct resource *res = make_texture(fx, VIRGL_TEXTURE_TARGET_2D, i, 64, 64, 1, 1, 2, 0);
        g_assert_nonnull(res);
        sampled++;
        if (renders) {
            g_assert_cmpuint(gl_framebuffer_single(gl_context(fx->ctx), res, i, 1, 0), !=, 0);
            rendered++;
        }
        if (bit(caps.v2.supported_readback_formats, i))
            read_box(fx, res, 0, &(struct box){0, 0, 0, 64, 64, 1}, data);
        free_resource(fx, res);
        if (multisamples && caps.v1.max_samples >= 4) {
            res = make_texture(fx, VIRGL_TEXTURE_TARGET_2D, i, 64, 64, 1, 1, 0, 4);
            g_assert_nonnull(res);
            if (renders)
                g_assert_cmpuint(gl_framebuffer_single(gl_context(fx->ctx), res, i, 0, 0), !=, 0);
            free_resource(fx, res);
            multisampled++;
        }
        fixture_check(fx, virgl_format_name(i));
    }
    g_assert_cmpuint(sampled, >, 100);
    g_assert_cmpuint(rendered, >, 40);
    g_assert_cmpuint(multisampled, >, 20);
    /* What every guest needs for a window. */
    g_assert_true(bit(caps.v1.render, VIRGL_FORMAT_B8G8R8A8_UNORM));
    g_assert_true(bit(caps.v1.render, VIRGL_FORMAT_B8G8R8X8_UNORM));
    g_assert_true(bit(caps.v1.sampler, VIRGL_FORMAT_S8_UINT_Z24_UNORM));
    g_assert_true(bit(caps.v2.scanout, VIRGL_FORMAT_B8G8R8X8_UNORM));
}

static void test_caps_fields(struct fixture *fx)
{
    union virgl_caps one, two;
    GLint value;

    memset(&one, 0, sizeof(one));
    memset(&two, 0, sizeof(two));
    fx->backend->ops->fill_caps(fx->backend, 1, &one);
    fx->backend->ops->fill_caps(fx->backend, 2, &two);
    g_assert_cmpuint(one.max_version, ==, 1);
    g_assert_cmpuint(two.max_version, ==, 2);
    /* Capset 2 starts with the whole of capset 1; nothing of it leaks into capset 1. */
    g_assert_cmpmem((uint8_t *)&one.v1 + 4, sizeof(one.v1) - 4, (uint8_t *)&two.v1 + 4,
                    sizeof(two.v1) - 4);
    for (size_t i = sizeof(one.v1); i < sizeof(one); i++)
        g_assert_cmpuint(((uint8_t *)&one)[i], ==, 0);

    glGetIntegerv(GL_MAX_TEXTURE_SIZE, &value);
    g_assert_cmpuint(two.v2.max_texture_2d_size, ==, value);
    glGetIntegerv(GL_MAX_VERTEX_ATTRIBS, &value);
    g_assert_cmpuint(two.v2.max_vertex_attribs, ==, value);
    g_assert_cmpuint(two.v1.max_render_targets, >=, 4);
    g_assert_cmpuint(two.v1.glsl_level, >=, fx->dev->feat.gles ? 130 : 140);
    g_assert_nonnull(memchr(two.v2.renderer, 0, sizeof(two.v2.renderer)));
    g_assert_cmpuint(strlen(two.v2.renderer), >, 0);
    g_assert_null(strstr(two.v2.renderer, "llvmpipe"));
    bool gles = two.v2.capability_bits & VIRGL_CAP_HOST_IS_GLES;
    g_assert_cmpint(gles, ==, fx->dev->feat.gles);
    g_assert_cmpuint(two.v2.host_feature_check_version, >=, 15);
    if (two.v1.max_samples >= 4)
        g_assert_cmphex(two.v2.sample_locations[1], !=, 0);
    /* Without it Mesa's shaders count rows from the other end than they say. */
    g_assert_true(two.v1.bset & VIRGL_BSET_FRAGMENT_COORD_CONVENTIONS);
    /* What needs each other. */
    if (two.v2.capability_bits & VIRGL_CAP_COMPUTE_SHADER)
        g_assert_cmpuint(two.v2.max_compute_work_group_invocations, >=, 128);
    if (two.v1.bset & VIRGL_BSET_HAS_TESSELLATION_SHADERS)
        g_assert_cmpuint(two.v1.prim_mask >> VIRGL_PRIM_PATCHES & 1, ==, 1);
    if (two.v2.max_shader_image_frag_compute)
        g_assert_true(two.v2.capability_bits & VIRGL_CAP_MEMORY_BARRIER);
}

static void clear_white(struct fixture *fx, struct resource *res, uint32_t format)
{
    struct front_surface surface;
    const uint32_t white[4] = {0x3f800000, 0x3f800000, 0x3f800000, 0x3f800000};

    memset(&surface, 0, sizeof(surface));
    surface.res = res;
    surface.desc.format = format;
    fx->state->framebuffer.cbufs[0] = &surface;
    fx->state->framebuffer.nr_cbufs = 1;
    fx->backend->ops->clear(fx->ctx, VIRGL_CLEAR_COLOR0, white, 0, 0);
    fx->state->framebuffer.nr_cbufs = 0;
}

/* Framebuffers are found by contents, and the contents may die and return at the same address, in
 * this context and in others. */
static void test_framebuffers_forget(struct fixture *fx)
{
    struct draw_state *state = calloc(1, sizeof(*state));
    struct backend_context *other = NULL;
    uint32_t texel;

    g_assert_cmpint(fx->backend->ops->context_create(fx->backend, state, 1, 2, &other), ==, 0);
    for (unsigned i = 0; i < 300; i++) {
        fx->backend->ops->context_make_current(fx->backend, i & 1 ? other : fx->ctx);
        struct resource *res = make_texture(fx, VIRGL_TEXTURE_TARGET_2D, VIRGL_FORMAT_R8G8B8A8_UNORM,
                                            4 + i % 7, 4, 1, 1, 0, 0);
        for (unsigned k = 0; k < 2; k++) {
            struct backend_context *ctx = k ? other : fx->ctx;
            struct front_surface surface;
            const uint32_t color[4] = {0x3f800000, 0, 0, k ? 0 : 0x3f800000};
            memset(&surface, 0, sizeof(surface));
            surface.res = res;
            surface.desc.format = VIRGL_FORMAT_R8G8B8A8_UNORM;
            ctx->state->framebuffer.cbufs[0] = &surface;
            ctx->state->framebuffer.nr_cbufs = 1;
            fx->backend->ops->context_make_current(fx->backend, ctx);
            fx->backend->ops->clear(ctx, VIRGL_CLEAR_COLOR0, color, 0, 0);
            ctx->state->framebuffer.nr_cbufs = 0;
            read_box(fx, res, 0, &(struct box){3, 3, 0, 1, 1, 1}, &texel);
            g_assert_cmphex(texel, ==, k ? 0x000000ff : 0xff0000ff);
        }
        free_resource(fx, res);
        fixture_check(fx, "forget");
    }
    fx->backend->ops->context_destroy(other);
    fx->backend->ops->context_make_current(fx->backend, fx->ctx);
    free(state);
}

/* More framebuffers than are kept. */
static void test_framebuffers_bounded(struct fixture *fx)
{
    struct resource *res = make_texture(fx, VIRGL_TEXTURE_TARGET_2D_ARRAY, VIRGL_FORMAT_R8_UNORM, 2,
                                        2, 1, 200, 0, 0);
    for (unsigned round = 0; round < 2; round++) {
        for (int32_t layer = 0; layer < 200; layer++)
            g_assert_cmpuint(gl_framebuffer_single(gl_context(fx->ctx), res, VIRGL_FORMAT_R8_UNORM, 0,
                                                   layer), !=, 0);
    }
    fixture_check(fx, "bounded");
    free_resource(fx, res);
}

static void test_fences(struct fixture *fx)
{
    struct resource *res = make_texture(fx, VIRGL_TEXTURE_TARGET_2D, VIRGL_FORMAT_R8G8B8A8_UNORM,
                                        256, 256, 1, 1, 0, 0);
    struct backend_fence *fences[20];

    for (unsigned i = 0; i < 20; i++) {
        clear_white(fx, res, VIRGL_FORMAT_R8G8B8A8_UNORM);
        g_assert_cmpint(fx->backend->ops->fence_create(fx->backend, i & 1 ? fx->ctx : NULL,
                                                       &fences[i]), ==, 0);
    }
    /* In order: the last one's passing means that all have passed. */
    g_assert_true(fx->backend->ops->fence_wait(fx->backend, fences[19], 10ull * 1000000000));
    for (unsigned i = 0; i < 20; i++) {
        g_assert_true(fx->backend->ops->fence_wait(fx->backend, fences[i], 0));
        fx->backend->ops->fence_destroy(fx->backend, fences[i]);
    }
    fx->backend->ops->fence_destroy(fx->backend, NULL);
    free_resource(fx, res);
}

struct waiter {
    struct fixture *fx;
    struct backend_fence *fence;
    bool began, passed;
};

static gpointer wait_thread(gpointer data)
{
    struct waiter *w = data;
    const struct backend_ops *ops = w->fx->backend->ops;

    w->began = ops->fence_thread_begin(w->fx->backend);
    if (w->began) {
        w->passed = ops->fence_wait(w->fx->backend, w->fence, 10ull * 1000000000);
        ops->fence_thread_end(w->fx->backend);
    }
    return NULL;
}

static void test_fence_thread(struct fixture *fx)
{
    struct resource *res = make_texture(fx, VIRGL_TEXTURE_TARGET_2D, VIRGL_FORMAT_R8G8B8A8_UNORM,
                                        512, 512, 1, 1, 0, 0);
    struct waiter w = {.fx = fx};

    if (!fx->backend->ops->fence_thread_prepare(fx->backend)) {
        g_test_skip("no fence thread on this host");
        free_resource(fx, res);
        return;
    }
    fx->backend->ops->context_make_current(fx->backend, fx->ctx);
    clear_white(fx, res, VIRGL_FORMAT_R8G8B8A8_UNORM);
    g_assert_cmpint(fx->backend->ops->fence_create(fx->backend, fx->ctx, &w.fence), ==, 0);
    g_thread_join(g_thread_new("waiter", wait_thread, &w));
    g_assert_true(w.began);
    g_assert_true(w.passed);
    fx->backend->ops->fence_destroy(fx->backend, w.fence);
    free_resource(fx, res);
}

static void test_info_and_export(struct fixture *fx)
{
    struct resource *res = make_texture(fx, VIRGL_TEXTURE_TARGET_2D, VIRGL_FORMAT_B8G8R8X8_UNORM,
                                        100, 50, 1, 1, 0, 0);
    uint32_t tex = 0, stride = 0, offset = 0;
    int fourcc = 0, fd = -1;
    uint64_t modifier = 0;

    g_assert_cmpint(fx->backend->ops->resource_get_info(fx->backend, res, &tex, &fourcc, &stride),
                    ==, 0);
    g_assert_cmpuint(tex, !=, 0);
    g_assert_cmphex(fourcc, ==, 0x34325258); /* XR24 */
    g_assert_cmpuint(stride, ==, 400);
    int error = fx->backend->ops->resource_export_dmabuf(fx->backend, res, &fd, &fourcc, &stride,
                                                         &offset, &modifier);
    g_assert_true(error == ENOTSUP || (error == 0 && fd >= 0));
    if (fd >= 0)
        close(fd);
    free_resource(fx, res);
}

/* A framebuffer that the host refuses is told of once and draws nothing. */
static void test_incomplete_framebuffer(struct fixture *fx)
{
    struct resource *res = make_texture(fx, VIRGL_TEXTURE_TARGET_2D, VIRGL_FORMAT_R9G9B9E5_FLOAT, 8,
                                        8, 1, 1, 0, 0);
    if (!res || gl_resource(res)->format->renderable) {
        g_test_skip("this host renders to shared exponents");
        free_resource(fx, res);
        return;
    }
    clear_white(fx, res, VIRGL_FORMAT_R9G9B9E5_FLOAT);
    clear_white(fx, res, VIRGL_FORMAT_R9G9B9E5_FLOAT);
    g_assert_cmpuint(fx->error_lines, ==, 1);
    fx->error_lines = 0;
    free_resource(fx, res);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_both("device/announced-formats", test_announced_formats);
    add_both("device/caps-fields", test_caps_fields);
    add_both("device/framebuffers-forget", test_framebuffers_forget);
    add_both("device/framebuffers-bounded", test_framebuffers_bounded);
    add_both("device/fences", test_fences);
    add_both("device/fence-thread", test_fence_thread);
    add_both("device/info-and-export", test_info_and_export);
    add_both("device/incomplete-framebuffer", test_incomplete_framebuffer);
    return g_test_run();
}
