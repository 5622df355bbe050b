/* SPDX-License-Identifier: MIT */
#include "resource.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "blob.h"
#include "debug.h"
#include "front/backend.h"
#include "log.h"
#include "renderer.h"
#include "virgl_formats.h"
#include "virgl_protocol.h"

static bool bit_set(const uint32_t words[16], uint32_t format)
{
    return format < 512 && (words[format / 32] >> (format % 32) & 1);
}

static uint32_t log2_floor(uint32_t value)
{
    return value ? 31 - (uint32_t)__builtin_clz(value) : 0;
}

/* Bind values that make a buffer; they come alone. */
static bool is_buffer_bind(uint32_t bind)
{
    switch (bind) {
    case 0:
    case VIRGL_BIND_CUSTOM:
    case VIRGL_BIND_STAGING:
    case VIRGL_BIND_INDEX_BUFFER:
    case VIRGL_BIND_STREAM_OUTPUT:
    case VIRGL_BIND_VERTEX_BUFFER:
    case VIRGL_BIND_CONSTANT_BUFFER:
    case VIRGL_BIND_QUERY_BUFFER:
    case VIRGL_BIND_COMMAND_ARGS:
    case VIRGL_BIND_SHADER_BUFFER:
        return true;
    default:
        return false;
    }
}

static const char *check_bind(const struct resource_desc *desc, const struct backend_limits *limits)
{
    const uint32_t any_of = VIRGL_BIND_SAMPLER_VIEW | VIRGL_BIND_DEPTH_STENCIL |
                            VIRGL_BIND_RENDER_TARGET | VIRGL_BIND_CURSOR | VIRGL_BIND_SHARED |
                            VIRGL_BIND_LINEAR;

    if (is_buffer_bind(desc->bind)) {
        if (desc->target != VIRGL_TEXTURE_TARGET_BUFFER) {
            return "bind: only buffers can have it";
        }
        if (desc->bind == VIRGL_BIND_QUERY_BUFFER && !limits->has_query_buffer) {
            return "bind: the host has no query buffers";
        }
        if (desc->bind == VIRGL_BIND_COMMAND_ARGS && !limits->has_indirect_draw) {
            return "bind: the host has no indirect draws";
        }
        return NULL;
    }
    return desc->bind & any_of ? NULL : "bind: no known use";
}

static const char *check_samples(const struct resource_desc *desc,
                                 const struct backend_limits *limits)
{
    if (desc->nr_samples <= 1) {
        return NULL;
    }
    if (desc->target != VIRGL_TEXTURE_TARGET_2D && desc->target != VIRGL_TEXTURE_TARGET_2D_ARRAY) {
        return "nr_samples: target cannot be multisampled";
    }
    if (desc->last_level != 0) {
        return "nr_samples: with mip levels";
    }
    if (desc->nr_samples > limits->max_samples) {
        return "nr_samples: more than the host has";
    }
    return bit_set(limits->format_multisample, desc->format)
               ? NULL
               : "nr_samples: format cannot be multisampled";
}

static const char *check_levels(const struct resource_desc *desc)
{
    uint32_t longest = desc->width > desc->height ? desc->width : desc->height;

    if (desc->last_level == 0) {
        return NULL;
    }
    if (desc->target == VIRGL_TEXTURE_TARGET_BUFFER || desc->target == VIRGL_TEXTURE_TARGET_RECT) {
        return "last_level: target has one level";
    }
    if (desc->target == VIRGL_TEXTURE_TARGET_3D && desc->depth > longest) {
        longest = desc->depth;
    }
    return desc->last_level <= log2_floor(longest) ? NULL : "last_level: beyond the 1x1 level";
}

static const char *check_layers(const struct resource_desc *desc,
                                const struct backend_limits *limits)
{
    switch (desc->target) {
    case VIRGL_TEXTURE_TARGET_CUBE:
        return desc->array_size == 6 ? NULL : "array_size: cubes have 6";
    case VIRGL_TEXTURE_TARGET_CUBE_ARRAY:
        if (!limits->has_cube_arrays) {
            return "target: the host has no cube arrays";
        }
        if (desc->array_size == 0 || desc->array_size % 6 != 0) {
            return "array_size: cube arrays have a multiple of 6";
        }
        break;
    case VIRGL_TEXTURE_TARGET_1D_ARRAY:
    case VIRGL_TEXTURE_TARGET_2D_ARRAY:
        break;
    default:
        return desc->array_size <= 1 ? NULL : "array_size: target has no layers";
    }
    return desc->array_size <= limits->max_array_layers ? NULL
                                                        : "array_size: more than the host has";
}

static const char *check_size(const struct resource_desc *desc, const struct backend_limits *limits)
{
    uint32_t limit = limits->max_texture_2d_px;

    if (desc->width == 0) {
        return "width: zero";
    }
    switch (desc->target) {
    case VIRGL_TEXTURE_TARGET_BUFFER:
        if (desc->height != 1 || desc->depth != 1) {
            return "height, depth: buffers have 1";
        }
        return desc->width <= limits->max_buffer_bytes ? NULL : "width: larger than host buffers";
    case VIRGL_TEXTURE_TARGET_1D:
    case VIRGL_TEXTURE_TARGET_1D_ARRAY:
        if (desc->height != 1 || desc->depth != 1) {
            return "height, depth: 1D textures have 1";
        }
        break;
    case VIRGL_TEXTURE_TARGET_3D:
        limit = limits->max_texture_3d_px;
        if (desc->depth == 0 || desc->depth > limit) {
            return "depth: outside the host's limit";
        }
        break;
    case VIRGL_TEXTURE_TARGET_CUBE:
    case VIRGL_TEXTURE_TARGET_CUBE_ARRAY:
        limit = limits->max_texture_cube_px;
        if (desc->width != desc->height) {
            return "width, height: cube faces are squares";
        }
        /* fall through */
    default:
        if (desc->depth != 1) {
            return "depth: target has 1";
        }
        break;
    }
    if (desc->height == 0) {
        return "height: zero";
    }
    return desc->width <= limit && desc->height <= limit ? NULL
                                                         : "width, height: outside the host's limit";
}

static const char *check_desc(const struct resource_desc *desc, const struct backend_limits *limits)
{
    const uint32_t known_flags = VIRGL_RESOURCE_FLAG_Y_0_TOP | VIRGL_RESOURCE_FLAG_MAP_PERSISTENT |
                                 VIRGL_RESOURCE_FLAG_MAP_COHERENT;
    const char *why;

    if (desc->target >= VIRGL_TEXTURE_TARGET_COUNT) {
        return "target: unknown";
    }
    if (desc->format >= VIRGL_FORMAT_COUNT) {
        return "format: unknown";
    }
    if (desc->target != VIRGL_TEXTURE_TARGET_BUFFER &&
        (virgl_format_info(desc->format) == NULL ||
         !bit_set(limits->format_supported, desc->format))) {
        return "format: the host cannot store it";
    }
    if (desc->flags & ~known_flags) {
        return "flags: unknown";
    }
    if ((desc->flags & VIRGL_RESOURCE_FLAG_Y_0_TOP) && desc->target != VIRGL_TEXTURE_TARGET_2D &&
        desc->target != VIRGL_TEXTURE_TARGET_RECT) {
        return "flags: Y_0_TOP needs a 2D texture";
    }
    if ((why = check_samples(desc, limits)) != NULL || (why = check_levels(desc)) != NULL ||
        (why = check_layers(desc, limits)) != NULL || (why = check_bind(desc, limits)) != NULL) {
        return why;
    }
    return check_size(desc, limits);
}

int resource_desc_check(const struct resource_desc *desc, const struct backend_limits *limits,
                        const char **why)
{
    *why = check_desc(desc, limits);
    return *why == NULL ? 0 : EINVAL;
}

bool resource_desc_size(const struct resource_desc *desc, uint64_t *bytes)
{
    const struct virgl_format_info *format = virgl_format_info(desc->format);
    uint64_t total = 0;

    if (desc->target == VIRGL_TEXTURE_TARGET_BUFFER) {
        *bytes = desc->width;
        return true;
    }
    if (format == NULL) {
        return false;
    }
    for (uint32_t level = 0; level <= desc->last_level; level++) {
        uint64_t columns = (minify_px(desc->width, level) + (uint64_t)format->block_w_px - 1) /
                           format->block_w_px;
        uint64_t rows = (minify_px(desc->height, level) + (uint64_t)format->block_h_px - 1) /
                        format->block_h_px;
        uint64_t layers = desc->target == VIRGL_TEXTURE_TARGET_3D ? minify_px(desc->depth, level)
                                                                  : desc->array_size;
        uint64_t level_bytes = columns * (format->block_bytes ? format->block_bytes : 4);

        if (__builtin_mul_overflow(level_bytes, rows, &level_bytes) ||
            __builtin_mul_overflow(level_bytes, layers ? layers : 1, &level_bytes) ||
            __builtin_mul_overflow(level_bytes, desc->nr_samples ? desc->nr_samples : 1,
                                   &level_bytes) ||
            __builtin_add_overflow(total, level_bytes, &total)) {
            return false;
        }
    }
    *bytes = total;
    return true;
}

struct resource *resource_create_untyped(struct renderer *renderer)
{
    struct resource *res = calloc(1, sizeof *res);

    if (res != NULL) {
        res->refcount = 1;
        res->renderer = renderer;
        res->blob_fd = -1;
    }
    return res;
}

static enum resource_storage storage_for(const struct resource_desc *desc)
{
    if (desc->target != VIRGL_TEXTURE_TARGET_BUFFER) {
        return RESOURCE_STORAGE_TEXTURE;
    }
    switch (desc->bind) {
    case VIRGL_BIND_STAGING:
        return RESOURCE_STORAGE_GUEST;
    case VIRGL_BIND_CUSTOM:
        return RESOURCE_STORAGE_HOST_MEMORY;
    default:
        return RESOURCE_STORAGE_BUFFER;
    }
}

static int make_storage(struct resource *res)
{
    struct backend *backend = res->renderer->backend;
    bool mappable = res->desc.flags &
                    (VIRGL_RESOURCE_FLAG_MAP_PERSISTENT | VIRGL_RESOURCE_FLAG_MAP_COHERENT);

    switch (res->storage) {
    case RESOURCE_STORAGE_HOST_MEMORY:
        res->host_memory = calloc(1, res->desc.width);
        res->host_memory_bytes = res->desc.width;
        return res->host_memory != NULL ? 0 : ENOMEM;
    case RESOURCE_STORAGE_BUFFER:
        /* Without such memory the buffer can still be mapped by the back end. */
        if (mappable && backend->limits.has_user_memory &&
            blob_memory_create(res, res->desc.width) == 0) {
            if (backend->ops->resource_create(backend, res) == 0) {
                return 0;
            }
            blob_memory_destroy(res);
        }
        return backend->ops->resource_create(backend, res);
    case RESOURCE_STORAGE_TEXTURE:
        return backend->ops->resource_create(backend, res);
    default:
        return 0;
    }
}

int resource_create(struct renderer *renderer, const struct resource_desc *desc,
                    struct resource **out, const char **why)
{
    int err = resource_desc_check(desc, &renderer->backend->limits, why);
    if (err != 0) {
        return err;
    }
    struct resource *res = resource_create_untyped(renderer);
    if (res == NULL) {
        *why = "out of memory";
        return ENOMEM;
    }
    res->desc = *desc;
    if (res->desc.array_size == 0) {
        res->desc.array_size = 1;
    }
    res->format = virgl_format_info(desc->format);
    if (res->format == NULL) { /* a buffer without a format is bytes */
        res->desc.format = VIRGL_FORMAT_R8_UNORM;
        res->format = virgl_format_info(VIRGL_FORMAT_R8_UNORM);
    }

    enum resource_storage storage = storage_for(&res->desc);
    uint64_t bytes = 0;
    if (storage != RESOURCE_STORAGE_GUEST &&
        (!resource_desc_size(&res->desc, &bytes) || !renderer_charge(renderer, bytes))) {
        *why = "the limit for host memory is reached";
        resource_unref(res);
        return ENOMEM;
    }
    res->charged_bytes = bytes;
    res->storage = storage;
    err = make_storage(res);
    if (err != 0) {
        *why = "the host refuses";
        resource_unref(res);
        return err;
    }
    if (renderer->debug & DEBUG_RESOURCE) {
        log_message(renderer->log, LOG_LEVEL_INFO,
                    "new resource: target %u format %s bind %#x %ux%ux%u layers %u levels %u "
                    "samples %u flags %#x, %llu bytes",
                    desc->target, virgl_format_name(desc->format), desc->bind, desc->width,
                    desc->height, desc->depth, desc->array_size, desc->last_level + 1,
                    desc->nr_samples, desc->flags, (unsigned long long)bytes);
    }
    *out = res;
    return 0;
}

static void destroy(struct resource *res)
{
    struct renderer *renderer = res->renderer;

    if (renderer->debug & DEBUG_RESOURCE) {
        log_message(renderer->log, LOG_LEVEL_INFO, "end of resource %u", res->id);
    }
    blob_unmap(res);
    if (res->back != NULL) {
        renderer->backend->ops->resource_destroy(renderer->backend, res);
    }
    if (res->storage == RESOURCE_STORAGE_HOST_MEMORY) {
        free(res->host_memory);
    } else {
        blob_memory_destroy(res);
    }
    if (res->blob_fd >= 0) {
        close(res->blob_fd);
    }
    renderer_uncharge(renderer, res->charged_bytes);
    free(res);
}

struct resource *resource_ref(struct resource *res)
{
    res->refcount++;
    return res;
}

void resource_unref(struct resource *res)
{
    if (res != NULL && --res->refcount == 0) {
        destroy(res);
    }
}

void resource_assign(struct resource **slot, struct resource *res)
{
    struct resource *old = *slot;

    if (old == res) {
        return;
    }
    *slot = res != NULL ? resource_ref(res) : NULL;
    resource_unref(old);
}

int resource_attach_iov(struct resource *res, struct iovec *iov, uint32_t iov_count)
{
    if (res->iov != NULL || (iov == NULL && iov_count != 0)) {
        return EINVAL;
    }
    res->iov = iov;
    res->iov_count = iov_count;
    res->backing_bytes = iov_size(iov, iov_count);
    return 0;
}

struct iovec *resource_detach_iov(struct resource *res, uint32_t *iov_count)
{
    struct iovec *iov = res->iov;

    *iov_count = res->iov_count;
    res->iov = NULL;
    res->iov_count = 0;
    res->backing_bytes = 0;
    return iov;
}
