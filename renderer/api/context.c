/* SPDX-License-Identifier: MIT */
/* Contexts, submissions and fences */
#include "api.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/fence.h"
#include "front/backend.h"
#include "front/context.h"
#include "winsys/winsys.h"

enum { SIGNALLED_FENCE_WAIT_MS = 1000 };

int virgl_renderer_context_create_with_flags(uint32_t ctx_id, uint32_t ctx_flags, uint32_t nlen,
                                             const char *name)
{
    if (api.no_virgl || (name == NULL && nlen != 0) ||
        (ctx_flags & ~(uint32_t)VIRGL_RENDERER_CONTEXT_FLAG_CAPSET_ID_MASK) ||
        api_enter() == NULL) {
        return EINVAL;
    }
    return renderer_context_create(api.renderer, ctx_id, ctx_flags, name, nlen);
}

int virgl_renderer_context_create(uint32_t handle, uint32_t nlen, const char *name)
{
    return virgl_renderer_context_create_with_flags(handle, 0, nlen, name);
}

void virgl_renderer_context_destroy(uint32_t handle)
{
    if (api_enter() != NULL) {
        renderer_context_destroy(api.renderer, handle);
    }
}

void virgl_renderer_ctx_attach_resource(int ctx_id, int res_handle)
{
    if (api_enter() != NULL) {
        renderer_context_attach(api.renderer, (uint32_t)ctx_id, (uint32_t)res_handle);
    }
}

void virgl_renderer_ctx_detach_resource(int ctx_id, int res_handle)
{
    if (api_enter() != NULL) {
        renderer_context_detach(api.renderer, (uint32_t)ctx_id, (uint32_t)res_handle);
    }
}

int virgl_renderer_submit_cmd(void *buffer, int ctx_id, int ndw)
{
    if (ndw < 0 || (buffer == NULL && ndw > 0) || api_enter() == NULL) {
        return EINVAL;
    }
    if ((uintptr_t)buffer % sizeof(uint32_t) != 0) {
        return EFAULT;
    }
    return renderer_submit(api.renderer, (uint32_t)ctx_id, buffer, (uint32_t)ndw);
}

/* The sub-context that draws for a context now, current; NULL when it has none yet. */
static struct backend_context *current_backend_context(struct front_context *ctx)
{
    struct backend *backend = api.renderer->backend;
    struct backend_context *back = front_context_backend(ctx);

    if (back != NULL && backend->ops->context_make_current(backend, back) != 0) {
        return NULL;
    }
    return back;
}

int virgl_renderer_submit_cmd2(void *buffer, int ctx_id, int ndw, uint64_t *in_fence_ids,
                               uint32_t num_in_fences)
{
    struct front_context *ctx =
        api_enter() != NULL ? renderer_context(api.renderer, (uint32_t)ctx_id) : NULL;

    if (ctx == NULL || (in_fence_ids == NULL && num_in_fences != 0)) {
        return EINVAL;
    }
    for (uint32_t i = 0; i < num_in_fences; i++) {
        int err = fence_queue_server_wait(api.renderer->fences, current_backend_context(ctx),
                                          in_fence_ids[i]);
        if (err != 0) {
            return err;
        }
    }
    return virgl_renderer_submit_cmd(buffer, ctx_id, ndw);
}

/* ------------------------------------------------------------------ fences */

int virgl_renderer_create_fence(int client_fence_id, uint32_t ctx_id)
{
    struct fence_id id = {.global = true, .id = (uint32_t)client_fence_id};

    if (api_enter() == NULL) {
        return EINVAL;
    }
    return fence_queue_add(api.renderer->fences, &id, true, NULL);
}

int virgl_renderer_context_create_fence(uint32_t ctx_id, uint32_t flags, uint32_t ring_idx,
                                        uint64_t fence_id)
{
    struct fence_id id = {.ctx_id = ctx_id, .ring_idx = ring_idx, .id = fence_id};
    struct front_context *ctx =
        api_enter() != NULL ? renderer_context(api.renderer, ctx_id) : NULL;

    if (ctx == NULL || (flags & ~(uint32_t)VIRGL_RENDERER_FENCE_FLAG_MERGEABLE) ||
        ring_idx >= RENDERER_MAX_RINGS) {
        return -EINVAL;
    }
    return -fence_queue_add(api.renderer->fences, &id,
                            flags & VIRGL_RENDERER_FENCE_FLAG_MERGEABLE,
                            current_backend_context(ctx));
}

void virgl_renderer_context_poll(uint32_t ctx_id)
{
    if (api.renderer != NULL && fence_queue_busy(api.renderer->fences) && api_enter() != NULL) {
        fence_queue_poll_context(api.renderer->fences, ctx_id);
    }
}

int virgl_renderer_context_get_poll_fd(uint32_t ctx_id)
{
    /* Contexts have no descriptor of their own: the common one tells of all fences. */
    return -1;
}

int virgl_renderer_export_fence(uint64_t client_fence_id, int *fd)
{
    /* The upper half is not defined by programs that know 32 bits. */
    if (fd == NULL || api_enter() == NULL ||
        fence_queue_export(api.renderer->fences, true, (uint32_t)client_fence_id, fd) != 0) {
        return -EINVAL;
    }
    return 0;
}

int virgl_renderer_export_signalled_fence(void)
{
    int fd;

    if (api.renderer == NULL || api.winsys == NULL) {
        return -ENOTSUP;
    }
    virgl_renderer_force_ctx_0();
    int err = winsys_sync_file_create(api.winsys, &fd);
    if (err != 0) {
        return -err;
    }
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    if (poll(&wait, 1, SIGNALLED_FENCE_WAIT_MS) != 1) {
        close(fd);
        return -EBUSY;
    }
    return fd;
}

int virgl_renderer_attach_fence(int ctx_id, int fence_fd)
{
    struct front_context *ctx =
        api_enter() != NULL ? renderer_context(api.renderer, (uint32_t)ctx_id) : NULL;

    if (ctx == NULL || fence_fd < 0) {
        return -EINVAL;
    }
    const struct backend_ops *ops = api.renderer->backend->ops;
    struct backend_context *back = current_backend_context(ctx);
    if (back == NULL || ops->sync_file_server_wait == NULL) {
        return -ENOTSUP;
    }
    return -ops->sync_file_server_wait(back, fence_fd);
}

int virgl_renderer_get_fence_fd(uint64_t fence_id)
{
    int fd;

    if (api_enter() == NULL) {
        return -EINVAL;
    }
    int err = fence_queue_export(api.renderer->fences, false, fence_id, &fd);
    return err == 0 ? fd : -err;
}

int virgl_renderer_get_dev_fd(int ctx_id)
{
    if (api.renderer == NULL || renderer_context(api.renderer, (uint32_t)ctx_id) == NULL) {
        return -EINVAL;
    }
    int fd = api.winsys != NULL ? winsys_drm_fd(api.winsys) : -1;
    return fd >= 0 ? fd : -ENODEV;
}
