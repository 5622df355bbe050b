/* SPDX-License-Identifier: MIT */
#ifndef VGPU_RENDERER_OPS_H
#define VGPU_RENDERER_OPS_H

/*
 * The renderer as the device sees it: the functions of the virglrenderer interface it uses, under
 * their names without the prefix. All belong to the thread that called init.
 */

#include <virglrenderer.h>

struct vgpu_renderer_ops {
    int (*init)(void *cookie, int flags, struct virgl_renderer_callbacks *callbacks);
    void (*cleanup)(void *cookie);
    void (*poll)(void);
    void (*get_cap_set)(uint32_t set, uint32_t *max_version, uint32_t *max_size);
    void (*fill_caps)(uint32_t set, uint32_t version, void *caps);
    int (*context_create)(uint32_t handle, uint32_t nlen, const char *name);
    int (*context_create_with_flags)(uint32_t ctx_id, uint32_t ctx_flags, uint32_t nlen,
                                     const char *name);
    void (*context_destroy)(uint32_t handle);
    void (*ctx_attach_resource)(int ctx_id, int res_handle);
    void (*ctx_detach_resource)(int ctx_id, int res_handle);
    int (*submit_cmd)(void *buffer, int ctx_id, int ndw);
    int (*create_fence)(int client_fence_id, uint32_t ctx_id);
    int (*context_create_fence)(uint32_t ctx_id, uint32_t flags, uint32_t ring_idx,
                                uint64_t fence_id);
    void (*context_poll)(uint32_t ctx_id);
    int (*resource_create)(struct virgl_renderer_resource_create_args *args, struct iovec *iov,
                           uint32_t num_iovs);
    void (*resource_unref)(uint32_t res_handle);
    int (*resource_attach_iov)(int res_handle, struct iovec *iov, int num_iovs);
    void (*resource_detach_iov)(int res_handle, struct iovec **iov, int *num_iovs);
    int (*transfer_read_iov)(uint32_t handle, uint32_t ctx_id, uint32_t level, uint32_t stride,
                             uint32_t layer_stride, struct virgl_box *box, uint64_t offset,
                             struct iovec *iov, int iovec_cnt);
    int (*transfer_write_iov)(uint32_t handle, uint32_t ctx_id, int level, uint32_t stride,
                              uint32_t layer_stride, struct virgl_box *box, uint64_t offset,
                              struct iovec *iovec, unsigned int iovec_cnt);
    int (*resource_create_blob)(const struct virgl_renderer_resource_create_blob_args *args);
    int (*resource_map)(uint32_t res_handle, void **map, uint64_t *out_size);
    int (*resource_unmap)(uint32_t res_handle);
    int (*resource_get_map_info)(uint32_t res_handle, uint32_t *map_info);
};

/* The library that this program is linked with. */
const struct vgpu_renderer_ops *vgpu_renderer_linked(void);

/*
 * A further, independent instance of that library. The virglrenderer interface is global to a
 * process, and handles in command streams cannot be renamed, so each device past the first one
 * works on a copy of the library with globals of its own. Never unloaded. NULL and a message (to
 * be freed with g_free) on failure.
 */
const struct vgpu_renderer_ops *vgpu_renderer_load_copy(char **error);

#endif
