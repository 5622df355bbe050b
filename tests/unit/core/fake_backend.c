/* SPDX-License-Identifier: MIT */
#include "fake_backend.h"

#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/resource.h"
#include "virgl_protocol.h"

struct back_resource {
    uint8_t *bytes;
};

struct backend_fence {
    uint64_t number;
};

static struct fake_backend *fake_of(struct backend *backend)
{
    return (struct fake_backend *)backend;
}

static void fake_destroy(struct backend *backend)
{
    fake_of(backend)->destroyed++;
}

static int fake_make_current(struct backend *backend, struct backend_context *ctx)
{
    return 0;
}

static int fake_resource_create(struct backend *backend, struct resource *res)
{
    struct fake_backend *fake = fake_of(backend);

    if (fake->create_error != 0) {
        return fake->create_error;
    }
    res->back = g_new0(struct back_resource, 1);
    res->back->bytes = g_malloc0(res->charged_bytes + 1);
    fake->live_resources++;
    return 0;
}

static void fake_resource_destroy(struct backend *backend, struct resource *res)
{
    fake_of(backend)->live_resources--;
    g_free(res->back->bytes);
    g_free(res->back);
    res->back = NULL;
}

/* Level 0 alone, one byte after the other: enough to see what arrives. */
static int fake_transfer(struct resource *res, const struct transfer *t, bool write)
{
    struct level_layout layout;
    uint32_t block_bytes = res->desc.target == VIRGL_TEXTURE_TARGET_BUFFER ? 1 : 4;

    resource_level_layout(res, t->level, &layout);
    for (int32_t z = 0; z < t->box.depth; z++) {
        for (int32_t y = 0; y < t->box.height; y++) {
            uint8_t *texels = res->back->bytes + (uint64_t)(t->box.z + z) * layout.layer_stride_bytes +
                              (uint64_t)(t->box.y + y) * layout.stride_bytes +
                              (uint64_t)t->box.x * block_bytes;
            size_t offset = t->offset_bytes + (uint64_t)z * t->layer_stride_bytes +
                            (uint64_t)y * t->stride_bytes;
            size_t bytes = (size_t)t->box.width * block_bytes;
            size_t moved = write ? iov_read(t->iov, t->iov_count, offset, texels, bytes)
                                 : iov_write(t->iov, t->iov_count, offset, texels, bytes);

            g_assert_cmpuint(moved, ==, bytes);
        }
    }
    return 0;
}

static int fake_transfer_write(struct backend *backend, struct resource *res,
                               const struct transfer *t)
{
    return fake_transfer(res, t, true);
}

static int fake_transfer_read(struct backend *backend, struct resource *res,
                              const struct transfer *t)
{
    return fake_transfer(res, t, false);
}

static int fake_get_info(struct backend *backend, struct resource *res, uint32_t *tex_id,
                         int *drm_fourcc, uint32_t *stride_bytes)
{
    *tex_id = 1000 + res->id;
    *drm_fourcc = 0x34325258;
    *stride_bytes = 0;
    return 0;
}

static int fake_fence_create(struct backend *backend, struct backend_context *ctx,
                             struct backend_fence **out)
{
    struct fake_backend *fake = fake_of(backend);

    if (fake->fence_error != 0) {
        return fake->fence_error;
    }
    pthread_mutex_lock(&fake->mutex);
    *out = g_new0(struct backend_fence, 1);
    (*out)->number = ++fake->made;
    fake->live_fences++;
    pthread_mutex_unlock(&fake->mutex);
    return 0;
}

static bool fake_fence_wait(struct backend *backend, struct backend_fence *fence,
                            uint64_t timeout_ns)
{
    struct fake_backend *fake = fake_of(backend);
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)(timeout_ns % 1000000000u);
    until.tv_sec += (time_t)(timeout_ns / 1000000000u) + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&fake->mutex);
    fake->waits++;
    while (timeout_ns != 0 && fake->passed < fence->number) {
        if (pthread_cond_timedwait(&fake->changed, &fake->mutex, &until) != 0) {
            break;
        }
    }
    bool passed = fake->passed >= fence->number || fake->passed_early == fence->number;
    pthread_mutex_unlock(&fake->mutex);
    return passed;
}

static void fake_fence_destroy(struct backend *backend, struct backend_fence *fence)
{
    struct fake_backend *fake = fake_of(backend);

    pthread_mutex_lock(&fake->mutex);
    fake->live_fences--;
    pthread_mutex_unlock(&fake->mutex);
    g_free(fence);
}

static bool fake_thread_prepare(struct backend *backend)
{
    return !fake_of(backend)->no_thread;
}

static bool fake_thread_begin(struct backend *backend)
{
    return true;
}

static void fake_thread_end(struct backend *backend)
{
}

static void count_line(void *user, enum log_level level, const char *line)
{
    struct fake_backend *fake = user;

    __atomic_add_fetch(&fake->log_lines, 1, __ATOMIC_RELAXED);
    g_test_message("%s", line);
}

void fake_backend_init(struct fake_backend *fake)
{
    memset(fake, 0, sizeof *fake);
    pthread_mutex_init(&fake->mutex, NULL);
    pthread_cond_init(&fake->changed, NULL);
    log_init(&fake->log);
    fake->log.write = count_line;
    fake->log.user = fake;
    fake->log.threshold = LOG_LEVEL_WARNING;
    fake->ops = (struct backend_ops){
        .name = "fake",
        .destroy = fake_destroy,
        .context_make_current = fake_make_current,
        .resource_create = fake_resource_create,
        .resource_destroy = fake_resource_destroy,
        .transfer_write = fake_transfer_write,
        .transfer_read = fake_transfer_read,
        .resource_get_info = fake_get_info,
        .fence_create = fake_fence_create,
        .fence_wait = fake_fence_wait,
        .fence_destroy = fake_fence_destroy,
        .fence_thread_prepare = fake_thread_prepare,
        .fence_thread_begin = fake_thread_begin,
        .fence_thread_end = fake_thread_end,
    };
    fake->base.ops = &fake->ops;
    fake->base.log = &fake->log;
    struct backend_limits *limits = &fake->base.limits;
    *limits = (struct backend_limits){
        .max_texture_2d_px = 16384,
        .max_texture_3d_px = 2048,
        .max_texture_cube_px = 8192,
        .max_array_layers = 2048,
        .max_samples = 8,
        .max_buffer_bytes = UINT64_C(1) << 31,
        .has_cube_arrays = true,
        .has_indirect_draw = true,
        .has_query_buffer = true,
    };
    memset(limits->format_supported, 0xff, sizeof limits->format_supported);
    memset(limits->format_multisample, 0xff, sizeof limits->format_multisample);
}

void fake_backend_finish(struct fake_backend *fake)
{
    g_assert_cmpuint(fake->live_resources, ==, 0);
    g_assert_cmpuint(fake->live_fences, ==, 0);
    pthread_mutex_destroy(&fake->mutex);
    pthread_cond_destroy(&fake->changed);
}

void fake_backend_pass(struct fake_backend *fake, uint64_t number)
{
    pthread_mutex_lock(&fake->mutex);
    fake->passed = number;
    pthread_cond_broadcast(&fake->changed);
    pthread_mutex_unlock(&fake->mutex);
}

struct renderer *fake_renderer(struct fake_backend *fake, uint64_t memory_limit_bytes)
{
    struct renderer_options options = {
        .backend = &fake->base,
        .log = &fake->log,
        .memory_limit_bytes = memory_limit_bytes,
    };
    struct renderer *renderer = renderer_create(&options);

    g_assert_nonnull(renderer);
    return renderer;
}

struct resource_desc desc_2d(uint32_t format, uint32_t width, uint32_t height)
{
    return (struct resource_desc){
        .target = VIRGL_TEXTURE_TARGET_2D,
        .format = format,
        .bind = VIRGL_BIND_SAMPLER_VIEW,
        .width = width,
        .height = height,
        .depth = 1,
        .array_size = 1,
    };
}

struct resource_desc desc_buffer(uint32_t bind, uint32_t bytes)
{
    return (struct resource_desc){
        .target = VIRGL_TEXTURE_TARGET_BUFFER,
        .format = VIRGL_FORMAT_R8_UNORM,
        .bind = bind,
        .width = bytes,
        .height = 1,
        .depth = 1,
        .array_size = 1,
    };
}
