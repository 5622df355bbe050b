/* SPDX-License-Identifier: MIT */
#include "context.h"

#include <errno.h>
#include <stdlib.h>

#include "winsys/winsys.h"

struct backend_fence {
    GLsync sync; /* NULL: passed when it was made */
};

int gl_fence_create(struct backend *backend, struct backend_context *base,
                    struct backend_fence **out)
{
    struct gl_device *dev = gl_device(backend);
    struct backend_fence *fence = calloc(1, sizeof(*fence));

    if (!fence)
        return ENOMEM;
    /* GL executes the commands of one context in order, and every switch of contexts flushes: the
     * current context's fence covers all that was submitted before. */
    if (!gl_device_context(dev)) {
        free(fence);
        return EIO;
    }
    if (dev->feat.sync) {
        fence->sync = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
        /* Other threads wait for it. */
        glFlush();
    } else {
        glFinish();
    }
    *out = fence;
    return 0;
}

bool gl_fence_wait(struct backend *backend, struct backend_fence *fence, uint64_t timeout_ns)
{
    if (!fence->sync)
        return true;
    GLenum result = glClientWaitSync(fence->sync, 0, timeout_ns);
    /* An error means a lost context: nothing will ever pass, and nobody may wait for it. */
    return result != GL_TIMEOUT_EXPIRED;
}

void gl_fence_destroy(struct backend *backend, struct backend_fence *fence)
{
    if (!fence)
        return;
    if (fence->sync)
        glDeleteSync(fence->sync);
    free(fence);
}

/* The file also waits for what was submitted after the fence: later than asked, never earlier. */
int gl_fence_export(struct backend *backend, struct backend_fence *fence, int *fd)
{
    struct gl_device *dev = gl_device(backend);

    return gl_device_context(dev) ? winsys_sync_file_create(dev->winsys, fd) : EIO;
}

int gl_fence_server_wait(struct backend_context *base, struct backend_fence *fence)
{
    if (fence->sync)
        glWaitSync(fence->sync, 0, GL_TIMEOUT_IGNORED);
    return 0;
}

int gl_sync_file_server_wait(struct backend_context *base, int fd)
{
    return winsys_sync_file_wait(gl_context(base)->dev->winsys, fd);
}

bool gl_fence_thread_prepare(struct backend *backend)
{
    struct gl_device *dev = gl_device(backend);

    if (!dev->feat.sync)
        return false;
    if (!dev->fence_thread_context)
        dev->fence_thread_context = winsys_context_create(dev->winsys);
    return dev->fence_thread_context != NULL;
}

bool gl_fence_thread_begin(struct backend *backend)
{
    struct gl_device *dev = gl_device(backend);

    return dev->fence_thread_context &&
           winsys_make_current(dev->winsys, dev->fence_thread_context);
}

void gl_fence_thread_end(struct backend *backend)
{
    winsys_make_current(gl_device(backend)->winsys, NULL);
}
