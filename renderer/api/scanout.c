/* SPDX-License-Identifier: MIT */
/* Pixels and descriptions for displays: info, cursor, rectangles, exports, queries by struct */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "core/scanout.h"

static void fill_info(struct virgl_renderer_resource_info *info, const struct resource *res,
                      const struct scanout_info *scanout)
{
    info->handle = res->id;
    info->virgl_format = res->desc.format;
    info->width = res->desc.width;
    info->height = res->desc.height;
    info->depth = res->desc.depth;
    info->flags = res->desc.flags;
    info->tex_id = scanout->tex_id;
    info->stride = scanout->stride_bytes;
    info->drm_fourcc = scanout->drm_fourcc;
}

int virgl_renderer_resource_get_info(int res_handle, struct virgl_renderer_resource_info *info)
{
    struct resource *res = api_resource((uint32_t)res_handle);
    struct scanout_info scanout;

    if (res == NULL || info == NULL || scanout_describe(res, &scanout) != 0) {
        return EINVAL;
    }
    fill_info(info, res, &scanout);
    return 0;
}

int virgl_renderer_resource_get_info_ext(int res_handle,
                                         struct virgl_renderer_resource_info_ext *info)
{
    struct resource *res = api_resource((uint32_t)res_handle);
    struct scanout_dmabuf dmabuf;
    struct scanout_info scanout;

    if (res == NULL || info == NULL || scanout_describe(res, &scanout) != 0) {
        return EINVAL;
    }
    memset(info, 0, sizeof *info);
    info->version = VIRGL_RENDERER_RESOURCE_INFO_EXT_VERSION;
    fill_info(&info->base, res, &scanout);
    info->base.fd = -1;
    if (scanout_export(res, &dmabuf) == 0) {
        info->base.fd = dmabuf.fd;
        info->has_dmabuf_export = true;
        info->planes = 1;
        info->modifiers = dmabuf.modifier;
    }
    return 0;
}

int virgl_renderer_get_fd_for_texture2(uint32_t tex_id, int *fd, int *stride, int *offset)
{
    struct scanout_dmabuf dmabuf;

    if (fd == NULL || tex_id == 0 || api_enter() == NULL) {
        return -EINVAL;
    }
    struct resource *res = scanout_find_texture(api.renderer, tex_id);
    if (res == NULL || scanout_export(res, &dmabuf) != 0) {
        return -EINVAL;
    }
    *fd = dmabuf.fd;
    if (stride != NULL) {
        *stride = (int)dmabuf.stride_bytes;
    }
    if (offset != NULL) {
        *offset = (int)dmabuf.offset_bytes;
    }
    return 0;
}

int virgl_renderer_get_fd_for_texture(uint32_t tex_id, int *fd)
{
    return virgl_renderer_get_fd_for_texture2(tex_id, fd, NULL, NULL);
}

void virgl_renderer_get_rect(int resource_id, struct iovec *iov, unsigned int num_iovs,
                             uint32_t offset, int x, int y, int width, int height)
{
    struct resource *res = api_resource((uint32_t)resource_id);
    struct transfer transfer = {
        .box = {.x = x, .y = y, .width = width, .height = height, .depth = 1},
        .offset_bytes = offset,
        .iov = iov,
        .iov_count = num_iovs,
    };
    const char *why;

    if (res != NULL && iov != NULL && num_iovs != 0 &&
        resource_transfer_read(res, &transfer, &why) != 0) {
        log_guest_error(&api.log, "rectangle %d,%d %dx%d of resource %d: %s", x, y, width, height,
                        resource_id, why);
    }
}

void *virgl_renderer_get_cursor_data(uint32_t resource_id, uint32_t *width, uint32_t *height)
{
    struct resource *res = api_resource(resource_id);
    void *pixels = res != NULL ? scanout_cursor(res) : NULL;

    if (pixels != NULL) {
        if (width != NULL) {
            *width = res->desc.width;
        }
        if (height != NULL) {
            *height = res->desc.height;
        }
    }
    return pixels;
}

/* ------------------------------------------------------------------ virgl_renderer_execute */

static int export_query(struct virgl_renderer_export_query *query)
{
    struct resource *res = api_resource(query->in_resource_id);
    struct scanout_dmabuf dmabuf;

    if (res == NULL) {
        return -EINVAL;
    }
    query->out_num_fds = 0;
    query->out_fourcc = 0;
    query->out_modifier = 0;
    for (int i = 0; i < 4; i++) {
        query->out_fds[i] = -1;
        query->out_strides[i] = 0;
        query->out_offsets[i] = 0;
    }
    if (scanout_export(res, &dmabuf) != 0) {
        return 0;
    }
    query->out_num_fds = 1;
    query->out_fourcc = (uint32_t)dmabuf.drm_fourcc;
    query->out_strides[0] = dmabuf.stride_bytes;
    query->out_offsets[0] = dmabuf.offset_bytes;
    query->out_modifier = dmabuf.modifier;
    if (query->in_export_fds != 0) {
        query->out_fds[0] = dmabuf.fd;
    } else {
        close(dmabuf.fd);
    }
    return 0;
}

static int supported_structures(struct virgl_renderer_supported_structures *query)
{
    query->out_supported_structures_mask =
        query->in_stype_version == 0 ? VIRGL_RENDERER_STRUCTURE_TYPE_EXPORT_QUERY |
                                           VIRGL_RENDERER_STRUCTURE_TYPE_SUPPORTED_STRUCTURES
                                     : 0;
    return 0;
}

int virgl_renderer_execute(void *execute_args, uint32_t execute_size)
{
    struct virgl_renderer_hdr *hdr = execute_args;

    if (api.renderer == NULL || hdr == NULL || execute_size < sizeof *hdr ||
        hdr->size != execute_size || hdr->stype_version != 0) {
        return -EINVAL;
    }
    switch (hdr->stype) {
    case VIRGL_RENDERER_STRUCTURE_TYPE_EXPORT_QUERY:
        return execute_size == sizeof(struct virgl_renderer_export_query)
                   ? export_query(execute_args)
                   : -EINVAL;
    case VIRGL_RENDERER_STRUCTURE_TYPE_SUPPORTED_STRUCTURES:
        return execute_size == sizeof(struct virgl_renderer_supported_structures)
                   ? supported_structures(execute_args)
                   : -EINVAL;
    default:
        return -EINVAL;
    }
}
