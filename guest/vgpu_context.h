/* SPDX-License-Identifier: MIT */
#ifndef VGPU_CONTEXT_H
#define VGPU_CONTEXT_H

/*
 * A stream of commands on its way to the device. Functions of this library that take a context
 * append to the caller's buffer and submit it when it is full; vgpu_context_flush() submits the
 * rest.
 *
 * Failure is sticky: the first error stays in `error`, later calls do nothing, and one check at the
 * end (vgpu_context_finish) is enough.
 */

#include "vgpu_winsys.h"
#include "virgl_caps.h"
#include "virgl_encode.h"

struct vgpu_context {
    struct vgpu_winsys *winsys;
    struct virgl_encoder encoder;
    struct virgl_caps_v2 caps; /* set 2, or set 1 with a guest's defaults for the rest */
    uint32_t capset_id;        /* where caps came from: 2 or 1 */
    uint32_t next_handle;      /* of the next object */
    uint64_t submitted_dwords;
    int error;                 /* 0 or a negative errno value */
};

/* 64 Ki dwords hold what the kernel takes at once; 1 Ki is the least that works well. */
#define VGPU_CONTEXT_DWORDS 65536

/* Reads the capabilities. `dwords` is the caller's and must outlive the context. Returns 0 or a
 * negative errno value. There is no finish function: the winsys and the buffer are the caller's. */
int vgpu_context_init(struct vgpu_context *context, struct vgpu_winsys *winsys, uint32_t *dwords,
                      size_t capacity_dwords);

/* Submits what is buffered. Returns context->error. */
int vgpu_context_flush(struct vgpu_context *context);

/* The same with fences: see submit() in vgpu_winsys.h. */
int vgpu_context_flush_fenced(struct vgpu_context *context, vgpu_os_handle in_fence,
                              vgpu_os_handle *out_fence);

/* Submits and blocks until the device is done. Returns context->error. */
int vgpu_context_finish(struct vgpu_context *context);

/* Records the first error. */
void vgpu_context_fail(struct vgpu_context *context, int error);

/* For VGPU_ENCODE: true when the command did not fit, the buffer has been submitted and the
 * command is to be tried again. */
bool vgpu_context_retry(struct vgpu_context *context);

/* Appends one command: `call` is a virgl_encode_... call on &context->encoder. */
#define VGPU_ENCODE(context, call)                                                                 \
    do {                                                                                           \
        (void)(call);                                                                              \
    } while (vgpu_context_retry(context))

/* Whether the device can sample, render to, or render with several samples to a format. */
bool vgpu_can_sample(const struct virgl_caps_v2 *caps, uint32_t format);
bool vgpu_can_render(const struct virgl_caps_v2 *caps, uint32_t format);
bool vgpu_can_multisample(const struct virgl_caps_v2 *caps, uint32_t format, uint32_t samples);

#endif /* VGPU_CONTEXT_H */
