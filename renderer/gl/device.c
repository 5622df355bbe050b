/* SPDX-License-Identifier: MIT */
#include "context.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blit.h"
#include "core/debug.h"
#include "core/log.h"
#include "draw.h"
#include "resource.h"
#include "winsys/winsys.h"

static bool make_current(struct gl_device *dev, struct gl_context *ctx)
{
    if (!winsys_make_current(dev->winsys, ctx->ws)) {
        dev->current = NULL;
        return false;
    }
    dev->current = ctx;
    return true;
}

struct gl_context *gl_device_context(struct gl_device *dev)
{
    if (dev->current)
        return dev->current;
    return dev->root && make_current(dev, dev->root) ? dev->root : NULL;
}

void *gl_staging(struct gl_device *dev, size_t bytes)
{
    if (bytes > dev->staging_bytes) {
        free(dev->staging);
        dev->staging = malloc(bytes);
        dev->staging_bytes = dev->staging ? bytes : 0;
    }
    return dev->staging;
}

struct gl_context *gl_context_new(struct gl_device *dev, struct draw_state *state)
{
    struct gl_context *ctx = calloc(1, sizeof(*ctx));

    if (!ctx)
        return NULL;
    ctx->base.backend = &dev->base;
    ctx->base.state = state;
    ctx->dev = dev;
    ctx->ws = winsys_context_create(dev->winsys);
    if (!ctx->ws || !make_current(dev, ctx)) {
        winsys_context_destroy(ctx->ws);
        free(ctx);
        return NULL;
    }
    /* The first context tells what all of them can do. */
    if (!dev->root)
        gl_features_init(&dev->feat, dev->base.log);
    gl_state_init(&ctx->state, &dev->feat, dev->base.debug & DEBUG_NO_STATE_CACHE);
    if (dev->root)
        gl_debug_output_init(dev);
    ctx->next = dev->contexts;
    dev->contexts = ctx;
    if (!gl_framebuffers_init(ctx) || (state && !gl_draw_init(ctx))) {
        gl_context_free(ctx);
        return NULL;
    }
    return ctx;
}

void gl_context_free(struct gl_context *ctx)
{
    struct gl_device *dev = ctx->dev;

    if (make_current(dev, ctx)) {
        if (ctx->draw)
            gl_draw_finish(ctx);
        gl_framebuffers_finish(ctx);
        if (ctx->blit_vao)
            glDeleteVertexArrays(1, &ctx->blit_vao);
    }
    for (struct gl_context **p = &dev->contexts; *p; p = &(*p)->next) {
        if (*p == ctx) {
            *p = ctx->next;
            break;
        }
    }
    winsys_make_current(dev->winsys, NULL);
    dev->current = NULL;
    winsys_context_destroy(ctx->ws);
    free(ctx);
}

static int context_create(struct backend *backend, struct draw_state *state, uint32_t ctx_id,
                          uint32_t sub_ctx_id, struct backend_context **out)
{
    struct gl_context *ctx = gl_context_new(gl_device(backend), state);

    if (!ctx)
        return ENOMEM;
    ctx->base.ctx_id = ctx_id;
    ctx->base.sub_ctx_id = sub_ctx_id;
    *out = &ctx->base;
    return 0;
}

static void context_destroy(struct backend_context *base)
{
    gl_context_free(gl_context(base));
}

static int context_make_current(struct backend *backend, struct backend_context *base)
{
    struct gl_device *dev = gl_device(backend);

    return make_current(dev, base ? gl_context(base) : dev->root) ? 0 : EIO;
}

static int enter(struct backend *backend)
{
    struct gl_device *dev = gl_device(backend);

    if (dev->current && winsys_is_current(dev->current->ws))
        return 0;
    return make_current(dev, dev->current ? dev->current : dev->root) ? 0 : EIO;
}

static void context_flush(struct backend_context *base)
{
    gl_context(base)->dev->stats.flushes++;
    glFlush();
}

static bool context_lost(struct backend_context *base)
{
    struct gl_context *ctx = gl_context(base);

    return ctx->dev->feat.robustness && glGetGraphicsResetStatus() != GL_NO_ERROR;
}

static bool memory_info(struct backend *backend, uint32_t info[6])
{
    struct gl_device *dev = gl_device(backend);
    GLint values[4] = {0};

    if (!gl_device_context(dev))
        return false;
    memset(info, 0, 6 * sizeof(info[0]));
    if (dev->feat.nvx_memory_info) {
        glGetIntegerv(GL_GPU_MEMORY_INFO_DEDICATED_VIDMEM_NVX, &values[0]);
        glGetIntegerv(GL_GPU_MEMORY_INFO_CURRENT_AVAILABLE_VIDMEM_NVX, &values[1]);
        info[0] = values[0];
        info[1] = values[1];
        glGetIntegerv(GL_GPU_MEMORY_INFO_TOTAL_AVAILABLE_MEMORY_NVX, &values[2]);
        info[2] = values[2] > values[0] ? values[2] - values[0] : 0;
        info[3] = info[2];
        glGetIntegerv(GL_GPU_MEMORY_INFO_EVICTED_MEMORY_NVX, &values[0]);
        glGetIntegerv(GL_GPU_MEMORY_INFO_EVICTION_COUNT_NVX, &values[1]);
        info[4] = values[0];
        info[5] = values[1];
        return true;
    }
    if (dev->feat.ati_memory_info) {
        glGetIntegerv(GL_VBO_FREE_MEMORY_ATI, values);
        info[0] = info[1] = values[0];
        info[2] = info[3] = values[2];
        return true;
    }
    return false;
}

static void destroy(struct backend *backend)
{
    struct gl_device *dev = gl_device(backend);

    if (dev->root && make_current(dev, dev->root)) {
        if (dev->base.debug & DEBUG_STATS)
            gl_device_log_stats(dev);
        gl_blit_programs_free(dev);
        if (dev->programs)
            gl_program_cache_destroy(dev);
    }
    if (dev->fence_thread_context)
        winsys_context_destroy(dev->fence_thread_context);
    if (dev->root)
        gl_context_free(dev->root);
    winsys_destroy(dev->winsys);
    free(dev->staging);
    free(dev);
}

static const struct backend_ops ops = {
    .name = "gl",
    .destroy = destroy,
    .fill_caps = gl_fill_caps,
    .context_create = context_create,
    .context_destroy = context_destroy,
    .context_make_current = context_make_current,
    .enter = enter,
    .context_flush = context_flush,
    .resource_create = gl_resource_create,
    .resource_destroy = gl_resource_destroy,
    .transfer_write = gl_transfer_write,
    .transfer_read = gl_transfer_read,
    .resource_get_info = gl_resource_get_info,
    .resource_export_dmabuf = gl_resource_export_dmabuf,
    .resource_map = gl_resource_map,
    .resource_unmap = gl_resource_unmap,
    .resource_import_eglimage = gl_resource_import_eglimage,
    .resource_import_dmabuf = gl_resource_import_dmabuf,
    .object_create = gl_object_create,
    .object_destroy = gl_object_destroy,
    .draw = gl_draw_vbo,
    .launch_grid = gl_launch_grid,
    .clear = gl_clear,
    .clear_surface = gl_clear_surface,
    .clear_texture = gl_clear_texture,
    .blit = gl_blit,
    .resource_copy_region = gl_resource_copy_region,
    .link_shader = gl_link_shader,
    .query_begin = gl_query_begin,
    .query_end = gl_query_end,
    .query_result = gl_query_result,
    .query_result_to_buffer = gl_query_result_to_buffer,
    .memory_barrier = gl_memory_barrier,
    .texture_barrier = gl_texture_barrier,
    .string_marker = gl_string_marker,
    .set_tweak = gl_set_tweak,
    .memory_info = memory_info,
    .context_lost = context_lost,
    .fence_create = gl_fence_create,
    .fence_wait = gl_fence_wait,
    .fence_destroy = gl_fence_destroy,
    .fence_export = gl_fence_export,
    .fence_server_wait = gl_fence_server_wait,
    .sync_file_server_wait = gl_sync_file_server_wait,
    .fence_thread_prepare = gl_fence_thread_prepare,
    .fence_thread_begin = gl_fence_thread_begin,
    .fence_thread_end = gl_fence_thread_end,
};

struct backend *gl_backend_create(struct winsys *ws, struct log *log, uint32_t debug)
{
    struct gl_device *dev = calloc(1, sizeof(*dev));

    if (!dev) {
        winsys_destroy(ws);
        return NULL;
    }
    dev->base.ops = &ops;
    dev->base.log = log;
    dev->base.debug = debug;
    dev->winsys = ws;
    dev->root = gl_context_new(dev, NULL);
    if (!dev->root) {
        log_message(log, LOG_LEVEL_ERROR, "gl: no GL context");
        destroy(&dev->base);
        return NULL;
    }
    if (dev->feat.version < (dev->feat.gles ? 30 : 31)) {
        log_message(log, LOG_LEVEL_ERROR, "gl: the host has %s; GL 3.1 or GLES 3.0 is needed",
                    dev->feat.version_text);
        destroy(&dev->base);
        return NULL;
    }
    gl_formats_init(dev);
    /* Probing bound things behind the tracker's back. */
    gl_state_init(&dev->root->state, &dev->feat, debug & DEBUG_NO_STATE_CACHE);
    gl_limits_init(dev);
    gl_shader_host_init(dev);
    /* Only now: probing asks for what the host may not have. */
    gl_debug_output_init(dev);
    dev->programs = gl_program_cache_create(dev);
    if (!dev->programs) {
        log_message(log, LOG_LEVEL_ERROR, "gl: out of memory");
        destroy(&dev->base);
        return NULL;
    }
    log_message(log, LOG_LEVEL_INFO, "gl: %s, %s", dev->feat.renderer, dev->feat.version_text);
    return &dev->base;
}
