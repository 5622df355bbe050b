/* SPDX-License-Identifier: MIT */
#include "scanout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "front/backend.h"
#include "renderer.h"
#include "virgl_formats.h"
#include "virgl_protocol.h"

enum { MAX_CURSOR_PX = 256 };

int scanout_describe(struct resource *res, struct scanout_info *info)
{
    struct backend *backend = res->renderer->backend;
    struct level_layout layout;

    if (res->format == NULL) {
        return EINVAL;
    }
    memset(info, 0, sizeof *info);
    resource_level_layout(res, 0, &layout);
    info->stride_bytes = (uint32_t)layout.stride_bytes;
    if (res->storage == RESOURCE_STORAGE_TEXTURE) {
        uint32_t back_stride = 0;

        /* The caller's rows are tight, whatever the texture's look like. */
        backend->ops->resource_get_info(backend, res, &info->tex_id, &info->drm_fourcc,
                                        &back_stride);
    }
    return 0;
}

int scanout_export(struct resource *res, struct scanout_dmabuf *dmabuf)
{
    struct backend *backend = res->renderer->backend;

    if (res->storage != RESOURCE_STORAGE_TEXTURE || backend->ops->resource_export_dmabuf == NULL) {
        return ENOTSUP;
    }
    memset(dmabuf, 0, sizeof *dmabuf);
    return backend->ops->resource_export_dmabuf(backend, res, &dmabuf->fd, &dmabuf->drm_fourcc,
                                                &dmabuf->stride_bytes, &dmabuf->offset_bytes,
                                                &dmabuf->modifier);
}

struct resource *scanout_find_texture(struct renderer *renderer, uint32_t tex_id)
{
    struct resource *res;
    uint32_t cursor = 0;

    while ((res = id_table_next(&renderer->resources, &cursor)) != NULL) {
        struct scanout_info info;

        if (res->storage == RESOURCE_STORAGE_TEXTURE && scanout_describe(res, &info) == 0 &&
            info.tex_id == tex_id) {
            return res;
        }
    }
    return NULL;
}

static bool is_rgba_order(uint32_t format)
{
    return format == VIRGL_FORMAT_R8G8B8A8_UNORM || format == VIRGL_FORMAT_R8G8B8X8_UNORM ||
           format == VIRGL_FORMAT_R8G8B8A8_SRGB || format == VIRGL_FORMAT_R8G8B8X8_SRGB;
}

static bool is_bgra_order(uint32_t format)
{
    return format == VIRGL_FORMAT_B8G8R8A8_UNORM || format == VIRGL_FORMAT_B8G8R8X8_UNORM ||
           format == VIRGL_FORMAT_B8G8R8A8_SRGB || format == VIRGL_FORMAT_B8G8R8X8_SRGB;
}

static void swap_red_blue(uint8_t *pixels, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t red = pixels[4 * i];

        pixels[4 * i] = pixels[4 * i + 2];
        pixels[4 * i + 2] = red;
    }
}

static void turn_over(uint8_t *pixels, uint32_t row_bytes, uint32_t rows)
{
    uint8_t row[MAX_CURSOR_PX * 4];

    for (uint32_t top = 0, bottom = rows - 1; top < bottom; top++, bottom--) {
        memcpy(row, pixels + (size_t)top * row_bytes, row_bytes);
        memcpy(pixels + (size_t)top * row_bytes, pixels + (size_t)bottom * row_bytes, row_bytes);
        memcpy(pixels + (size_t)bottom * row_bytes, row, row_bytes);
    }
}

void *scanout_cursor(struct resource *res)
{
    uint32_t width = res->desc.width, height = res->desc.height;
    bool rgba = is_rgba_order(res->desc.format);
    const char *why;

    if (res->storage != RESOURCE_STORAGE_TEXTURE ||
        res->desc.target != VIRGL_TEXTURE_TARGET_2D || res->desc.nr_samples > 1 ||
        width > MAX_CURSOR_PX || height > MAX_CURSOR_PX ||
        (!rgba && !is_bgra_order(res->desc.format))) {
        return NULL;
    }
    size_t bytes = (size_t)width * height * 4;
    uint8_t *pixels = calloc(1, bytes);
    if (pixels == NULL) {
        return NULL;
    }
    struct iovec iov = {pixels, bytes};
    struct transfer transfer = {
        .box = {.width = (int32_t)width, .height = (int32_t)height, .depth = 1},
        .iov = &iov,
        .iov_count = 1,
    };
    if (resource_transfer_read(res, &transfer, &why) != 0) {
        free(pixels);
        return NULL;
    }
    if (rgba) {
        swap_red_blue(pixels, (size_t)width * height);
    }
    /* Without Y_0_TOP the first row is GL's lowest. */
    if (!(res->desc.flags & VIRGL_RESOURCE_FLAG_Y_0_TOP)) {
        turn_over(pixels, width * 4, height);
    }
    return pixels;
}
