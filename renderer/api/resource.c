/* SPDX-License-Identifier: MIT */
/* Resources: life, backing memory, transfers, blobs */
#include "core/resource.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "core/blob.h"

static struct resource_desc desc_from_args(const struct virgl_renderer_resource_create_args *args)
{
    return (struct resource_desc){
        .target = args->target,
        .format = args->format,
        .bind = args->bind,
        .width = args->width,
        .height = args->height,
        .depth = args->depth,
        .array_size = args->array_size,
        .last_level = args->last_level,
        .nr_samples = args->nr_samples,
        .flags = args->flags,
    };
}

int virgl_renderer_resource_create(struct virgl_renderer_resource_create_args *args,
                                   struct iovec *iov, uint32_t num_iovs)
{
    struct resource *res;

    if (api.no_virgl || args == NULL || (iov == NULL && num_iovs != 0) || api_enter() == NULL) {
        return EINVAL;
    }
    struct resource_desc desc = desc_from_args(args);
    int err = renderer_resource_create(api.renderer, args->handle, &desc, &res);
    if (err == 0 && num_iovs != 0) {
        resource_attach_iov(res, iov, num_iovs);
    }
    return err;
}

int virgl_renderer_resource_import_eglimage(struct virgl_renderer_resource_create_args *args,
                                            void *image)
{
    if (api.no_virgl || args == NULL || api_enter() == NULL) {
        return EINVAL;
    }
    struct resource_desc desc = desc_from_args(args);
    return renderer_resource_import_eglimage(api.renderer, args->handle, &desc, image);
}

void virgl_renderer_resource_unref(uint32_t res_handle)
{
    if (api_enter() != NULL) {
        renderer_resource_unref(api.renderer, res_handle);
    }
}

int virgl_renderer_resource_attach_iov(int res_handle, struct iovec *iov, int num_iovs)
{
    struct resource *res = api_find_resource((uint32_t)res_handle);

    if (res == NULL || num_iovs < 0) {
        return EINVAL;
    }
    return resource_attach_iov(res, iov, (uint32_t)num_iovs);
}

void virgl_renderer_resource_detach_iov(int res_handle, struct iovec **iov, int *num_iovs)
{
    struct resource *res = api_find_resource((uint32_t)res_handle);
    uint32_t count = 0;
    struct iovec *old = res != NULL ? resource_detach_iov(res, &count) : NULL;

    if (iov != NULL) {
        *iov = old;
    }
    if (num_iovs != NULL) {
        *num_iovs = (int)count;
    }
}

void virgl_renderer_resource_set_priv(uint32_t res_handle, void *priv)
{
    struct resource *res = api_find_resource(res_handle);

    if (res != NULL) {
        res->priv = priv;
    }
}

void *virgl_renderer_resource_get_priv(uint32_t res_handle)
{
    struct resource *res = api_find_resource(res_handle);

    return res != NULL ? res->priv : NULL;
}

/* ------------------------------------------------------------------ transfers */

_Static_assert(sizeof(struct box) == 6 * sizeof(uint32_t), "a box arrives as six words");

static int transfer(uint32_t handle, uint32_t ctx_id, struct transfer *transfer,
                    const struct virgl_box *box, bool write)
{
    const char *why;

    if (box == NULL || (transfer->iov == NULL) != (transfer->iov_count == 0) ||
        api_enter() == NULL) {
        return EINVAL;
    }
    struct resource *res = renderer_resource_for(api.renderer, handle, ctx_id);
    if (res == NULL) {
        log_guest_error(&api.log, "context %u: transfer: no resource %u", ctx_id, handle);
        return EINVAL;
    }
    memcpy(&transfer->box, box, sizeof transfer->box);
    int err = write ? resource_transfer_write(res, transfer, &why)
                    : resource_transfer_read(res, transfer, &why);
    if (err != 0) {
        const struct box *b = &transfer->box;

        log_guest_error(&api.log,
                        "context %u: transfer %s resource %u level %u box %d,%d,%d %dx%dx%d "
                        "offset %llu: %s",
                        ctx_id, write ? "to" : "from", handle, transfer->level, b->x, b->y, b->z,
                        b->width, b->height, b->depth, (unsigned long long)transfer->offset_bytes,
                        why);
    }
    return err;
}

int virgl_renderer_transfer_read_iov(uint32_t handle, uint32_t ctx_id, uint32_t level,
                                     uint32_t stride, uint32_t layer_stride,
                                     struct virgl_box *box, uint64_t offset, struct iovec *iov,
                                     int iovec_cnt)
{
    struct transfer t = {
        .level = level,
        .stride_bytes = stride,
        .layer_stride_bytes = layer_stride,
        .offset_bytes = offset,
        .iov = iov,
        .iov_count = (uint32_t)iovec_cnt,
    };

    return iovec_cnt >= 0 ? transfer(handle, ctx_id, &t, box, false) : EINVAL;
}

int virgl_renderer_transfer_write_iov(uint32_t handle, uint32_t ctx_id, int level, uint32_t stride,
                                      uint32_t layer_stride, struct virgl_box *box,
                                      uint64_t offset, struct iovec *iovec, unsigned int iovec_cnt)
{
    struct transfer t = {
        .level = (uint32_t)level,
        .stride_bytes = stride,
        .layer_stride_bytes = layer_stride,
        .offset_bytes = offset,
        .iov = iovec,
        .iov_count = iovec_cnt,
    };

    return transfer(handle, ctx_id, &t, box, true);
}

/* ------------------------------------------------------------------ blobs */

int virgl_renderer_resource_create_blob(const struct virgl_renderer_resource_create_blob_args *args)
{
    if (args == NULL || (args->iovecs == NULL && args->num_iovs != 0) || api_enter() == NULL) {
        return -EINVAL;
    }
    struct blob_args blob = {
        .res_id = args->res_handle,
        .ctx_id = args->ctx_id,
        .mem = args->blob_mem,
        .flags = args->blob_flags,
        .blob_id = args->blob_id,
        .size_bytes = args->size,
        .iov = (struct iovec *)(uintptr_t)args->iovecs,
        .iov_count = args->num_iovs,
    };
    return -blob_create(api.renderer, &blob);
}

int virgl_renderer_resource_map(uint32_t res_handle, void **map, uint64_t *out_size)
{
    struct resource *res = api_resource(res_handle);
    uint64_t size;

    if (res == NULL || map == NULL) {
        return -EINVAL;
    }
    int err = blob_map(res, map, &size);
    if (err == 0 && out_size != NULL) {
        *out_size = size;
    }
    return -err;
}

int virgl_renderer_resource_unmap(uint32_t res_handle)
{
    struct resource *res = api_resource(res_handle);

    return res != NULL ? -blob_unmap(res) : -EINVAL;
}

int virgl_renderer_resource_map_fixed(uint32_t res_handle, void *addr)
{
    struct resource *res = api_resource(res_handle);

    return res != NULL && addr != NULL ? -blob_map_fixed(res, addr) : -EINVAL;
}

int virgl_renderer_resource_get_map_info(uint32_t res_handle, uint32_t *map_info)
{
    struct resource *res = api_resource(res_handle);

    return res != NULL && map_info != NULL ? -blob_map_info(res, map_info) : -EINVAL;
}

int virgl_renderer_resource_export_blob(uint32_t res_id, uint32_t *fd_type, int *fd)
{
    struct resource *res = api_resource(res_id);

    return res != NULL && fd_type != NULL && fd != NULL ? -blob_export(res, fd_type, fd) : -EINVAL;
}

int virgl_renderer_resource_import_blob(const struct virgl_renderer_resource_import_blob_args *args)
{
    if (args == NULL || api_enter() == NULL) {
        return -EINVAL;
    }
    return -blob_import(api.renderer, args->res_handle, args->blob_mem, args->fd_type, args->fd,
                        args->size);
}
