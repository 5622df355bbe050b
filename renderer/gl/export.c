/* SPDX-License-Identifier: MIT */
#include "resource.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/blob.h"
#include "winsys/winsys.h"

#define FOURCC(a, b, c, d) \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

/* Formats that displays know; 0 for others. */
static uint32_t drm_format(uint32_t format)
{
    switch (format) {
    case VIRGL_FORMAT_B8G8R8A8_UNORM:
    case VIRGL_FORMAT_B8G8R8A8_SRGB:
        return FOURCC('A', 'R', '2', '4');
    case VIRGL_FORMAT_B8G8R8X8_UNORM:
    case VIRGL_FORMAT_B8G8R8X8_SRGB:
        return FOURCC('X', 'R', '2', '4');
    case VIRGL_FORMAT_R8G8B8A8_UNORM:
    case VIRGL_FORMAT_R8G8B8A8_SRGB:
        return FOURCC('A', 'B', '2', '4');
    case VIRGL_FORMAT_R8G8B8X8_UNORM:
    case VIRGL_FORMAT_R8G8B8X8_SRGB:
        return FOURCC('X', 'B', '2', '4');
    case VIRGL_FORMAT_B5G6R5_UNORM:
        return FOURCC('R', 'G', '1', '6');
    case VIRGL_FORMAT_R8_UNORM:
        return FOURCC('R', '8', ' ', ' ');
    case VIRGL_FORMAT_R8G8_UNORM:
        return FOURCC('G', 'R', '8', '8');
    case VIRGL_FORMAT_R10G10B10A2_UNORM:
        return FOURCC('A', 'B', '3', '0');
    case VIRGL_FORMAT_R10G10B10X2_UNORM:
        return FOURCC('X', 'B', '3', '0');
    case VIRGL_FORMAT_B10G10R10A2_UNORM:
        return FOURCC('A', 'R', '3', '0');
    case VIRGL_FORMAT_B10G10R10X2_UNORM:
        return FOURCC('X', 'R', '3', '0');
    case VIRGL_FORMAT_R16G16B16A16_FLOAT:
        return FOURCC('A', 'B', '4', 'H');
    default:
        return 0;
    }
}

int gl_resource_get_info(struct backend *backend, struct resource *res, uint32_t *tex_id,
                         int *drm_fourcc, uint32_t *stride_bytes)
{
    const struct back_resource *back = gl_resource(res);

    if (!back)
        return EINVAL;
    const struct virgl_format_info *info = res->format;
    uint32_t columns = info ? (res->desc.width + info->block_w_px - 1) / info->block_w_px : 0;
    *tex_id = back->is_buffer ? 0 : back->name;
    *drm_fourcc = (int)drm_format(res->desc.format);
    *stride_bytes = info ? columns * info->block_bytes : 0;
    return 0;
}

int gl_resource_export_dmabuf(struct backend *backend, struct resource *res, int *fd,
                              int *drm_fourcc, uint32_t *stride_bytes, uint32_t *offset_bytes,
                              uint64_t *modifier)
{
    struct gl_device *dev = gl_device(backend);
    struct back_resource *back = gl_resource(res);
    struct gl_context *ctx = gl_device_context(dev);
    struct winsys_dmabuf dmabuf;

    if (!ctx || !back || back->is_buffer || back->target != GL_TEXTURE_2D)
        return EINVAL;
    glFlush();
    int error = winsys_export_texture(dev->winsys, ctx->ws, back->name, true, &dmabuf);
    if (error)
        return error;
    if (dmabuf.plane_count != 1) {
        for (int i = 0; i < WINSYS_MAX_PLANES; i++)
            if (dmabuf.fds[i] >= 0)
                close(dmabuf.fds[i]);
        return ENOTSUP;
    }
    *fd = dmabuf.fds[0];
    *drm_fourcc = dmabuf.fourcc;
    *stride_bytes = dmabuf.strides_bytes[0];
    *offset_bytes = dmabuf.offsets_bytes[0];
    *modifier = dmabuf.modifier;
    return 0;
}

int gl_resource_import_dmabuf(struct backend *backend, struct resource *res, uint64_t modifier,
                              const struct blob_plane *planes, uint32_t plane_count)
{
    struct gl_device *dev = gl_device(backend);
    struct winsys_dmabuf dmabuf = {
        .width_px = res->desc.width,
        .height_px = res->desc.height,
        .fourcc = (int)drm_format(res->desc.format),
        .modifier = modifier,
        .plane_count = (int)plane_count,
    };
    void *image;

    if (dmabuf.fourcc == 0 || plane_count > WINSYS_MAX_PLANES ||
        res->desc.target != VIRGL_TEXTURE_TARGET_2D || !gl_device_context(dev))
        return EINVAL;
    for (uint32_t i = 0; i < plane_count; i++) {
        dmabuf.fds[i] = res->blob_fd;
        dmabuf.strides_bytes[i] = planes[i].stride_bytes;
        dmabuf.offsets_bytes[i] = planes[i].offset_bytes;
    }
    int error = winsys_import_dmabuf(dev->winsys, &dmabuf, &image);
    if (error)
        return error;
    error = gl_resource_import_eglimage(backend, res, image);
    winsys_destroy_image(dev->winsys, image);
    return error;
}

int gl_resource_import_eglimage(struct backend *backend, struct resource *res, void *image)
{
    struct gl_device *dev = gl_device(backend);
    struct gl_context *ctx = gl_device_context(dev);

    if (!ctx || !epoxy_has_gl_extension("GL_OES_EGL_image"))
        return ENOTSUP;
    const struct gl_format *f = gl_format(dev, res->desc.format);
    if (!f->internalformat || res->back)
        return EINVAL;
    struct back_resource *back = calloc(1, sizeof(*back));
    if (!back)
        return ENOMEM;
    back->res = res;
    back->external = true;
    back->format = f;
    back->target = GL_TEXTURE_2D;
    glGenTextures(1, &back->name);
    gl_state_bind_texture_scratch(&ctx->state, back->target, back->name);
    for (unsigned i = 0; i < 16 && glGetError() != GL_NO_ERROR; i++)
        ;
    glEGLImageTargetTexture2DOES(GL_TEXTURE_2D, image);
    res->back = back;
    if (glGetError() != GL_NO_ERROR) {
        gl_resource_destroy(backend, res);
        return EINVAL;
    }
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    return 0;
}
