/* SPDX-License-Identifier: MIT */
#include "fixture.h"

#include <stdlib.h>
#include <string.h>

#include "core/debug.h"
#include "winsys/winsys.h"

struct test_case {
    enum fixture_host host;
    void (*test)(struct fixture *fx);
};

static void write_line(void *user, enum log_level level, const char *line)
{
    struct fixture *fx = user;

    if (level >= LOG_LEVEL_ERROR)
        fx->error_lines++;
    g_test_message("%s", line);
}

/* Newer entry points are there all the same, but nobody may count on them. */
static void forget_new_features(struct gl_features *f)
{
    f->clear_texture = false;
    f->copy_image = false;
    f->texture_view = false;
    f->get_texture_sub_image = false;
    f->texture_storage = false;
    f->texture_storage_multisample = false;
    f->shader_stencil_export = false;
    f->stencil_texturing = true; /* the only way to copy stencil, so left */
    f->buffer_storage = false;
    f->persistent_map = false;
}

bool fixture_init(struct fixture *fx, enum fixture_host host)
{
    memset(fx, 0, sizeof(*fx));
    log_init(&fx->log);
    fx->log.write = write_line;
    fx->log.user = fx;
    struct winsys_egl_options options = {
        .platform = WINSYS_PLATFORM_SURFACELESS,
        .drm_fd = -1,
        .gles = host == HOST_GLES,
    };
    struct winsys *ws = winsys_create_egl(&options, &fx->log);
    if (!ws) {
        g_test_skip("no such GL on this host");
        return false;
    }
    fx->backend = gl_backend_create(ws, &fx->log, debug_flags_from_environment() | DEBUG_GL);
    g_assert_nonnull(fx->backend);
    fx->dev = gl_device(fx->backend);
    if (host == HOST_OLD_GL)
        forget_new_features(&fx->dev->feat);
    fx->state = calloc(1, sizeof(*fx->state));
    fx->state->dirty = DIRTY_ALL;
    fx->state->sample_mask = ~0u;
    int error = fx->backend->ops->context_create(fx->backend, fx->state, 1, 1, &fx->ctx);
    g_assert_cmpint(error, ==, 0);
    g_assert_cmpint(fx->backend->ops->context_make_current(fx->backend, fx->ctx), ==, 0);
    fixture_check(fx, "start");
    return true;
}

void fixture_finish(struct fixture *fx)
{
    fixture_check(fx, "end");
    fx->backend->ops->context_destroy(fx->ctx);
    fx->backend->ops->destroy(fx->backend);
    free(fx->state);
}

void fixture_check(struct fixture *fx, const char *what)
{
    GLenum error = glGetError();

    if (error != GL_NO_ERROR || fx->error_lines)
        g_error("%s: GL error 0x%x, %u error lines", what, error, fx->error_lines);
}

static struct resource *make_resource(struct fixture *fx, const struct resource_desc *desc)
{
    static uint32_t next_id;
    struct resource *res = calloc(1, sizeof(*res));

    res->id = ++next_id;
    res->refcount = 1;
    res->desc = *desc;
    res->format = virgl_format_info(desc->format);
    res->blob_fd = -1;
    res->storage = desc->target == VIRGL_TEXTURE_TARGET_BUFFER ? RESOURCE_STORAGE_BUFFER
                                                               : RESOURCE_STORAGE_TEXTURE;
    if (fx->backend->ops->resource_create(fx->backend, res) != 0) {
        free(res);
        return NULL;
    }
    return res;
}

struct resource *make_texture(struct fixture *fx, uint32_t target, uint32_t format, uint32_t width,
                              uint32_t height, uint32_t depth, uint32_t layers,
                              uint32_t last_level, uint32_t samples)
{
    struct resource_desc desc = {
        .target = target,
        .format = format,
        .bind = VIRGL_BIND_SAMPLER_VIEW,
        .width = width,
        .height = height,
        .depth = depth,
        .array_size = layers,
        .last_level = last_level,
        .nr_samples = samples,
    };
    return make_resource(fx, &desc);
}

struct resource *make_buffer(struct fixture *fx, uint32_t bytes, uint32_t bind, uint32_t flags)
{
    struct resource_desc desc = {
        .target = VIRGL_TEXTURE_TARGET_BUFFER,
        .format = VIRGL_FORMAT_R8_UNORM,
        .bind = bind,
        .width = bytes,
        .height = 1,
        .depth = 1,
        .array_size = 1,
        .flags = flags,
    };
    return make_resource(fx, &desc);
}

void free_resource(struct fixture *fx, struct resource *res)
{
    if (!res)
        return;
    fx->backend->ops->resource_destroy(fx->backend, res);
    free(res);
}

static struct transfer tight(const struct resource *res, uint32_t level, const struct box *box)
{
    uint32_t columns = (box->width + res->format->block_w_px - 1) / res->format->block_w_px;
    uint32_t rows = (box->height + res->format->block_h_px - 1) / res->format->block_h_px;
    struct transfer t = {
        .level = level,
        .stride_bytes = columns * res->format->block_bytes,
        .layer_stride_bytes = (uint64_t)columns * res->format->block_bytes * rows,
        .box = *box,
        .iov_count = 1,
    };
    return t;
}

size_t box_bytes(const struct resource *res, const struct box *box)
{
    return tight(res, 0, box).layer_stride_bytes * box->depth;
}

void write_box(struct fixture *fx, struct resource *res, uint32_t level, const struct box *box,
               const void *data)
{
    struct transfer t = tight(res, level, box);
    struct iovec iov = {(void *)data, box_bytes(res, box)};
    t.iov = &iov;
    g_assert_cmpint(fx->backend->ops->transfer_write(fx->backend, res, &t), ==, 0);
}

void read_box(struct fixture *fx, struct resource *res, uint32_t level, const struct box *box,
              void *data)
{
    struct transfer t = tight(res, level, box);
    struct iovec iov = {data, box_bytes(res, box)};
    t.iov = &iov;
    g_assert_cmpint(fx->backend->ops->transfer_read(fx->backend, res, &t), ==, 0);
}

static void run_case(gconstpointer data)
{
    const struct test_case *c = data;
    struct fixture fx;

    if (!fixture_init(&fx, c->host))
        return;
    c->test(&fx);
    fixture_finish(&fx);
}

static void add(const char *name, enum fixture_host host, void (*test)(struct fixture *fx))
{
    static const char *const names[HOST_COUNT] = {"gl", "gles", "old-gl"};
    struct test_case *c = g_new(struct test_case, 1);
    char *path = g_strdup_printf("/%s/%s", names[host], name);

    c->host = host;
    c->test = test;
    g_test_add_data_func_full(path, c, run_case, g_free);
    g_free(path);
}

void add_both(const char *name, void (*test)(struct fixture *fx))
{
    add(name, HOST_GL, test);
    add(name, HOST_GLES, test);
}

void add_all(const char *name, void (*test)(struct fixture *fx))
{
    add_both(name, test);
    add(name, HOST_OLD_GL, test);
}
