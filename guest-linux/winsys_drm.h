/* SPDX-License-Identifier: MIT */
#ifndef WINSYS_DRM_H
#define WINSYS_DRM_H

#include "vgpu_winsys.h"

/* What the kernel's driver says about itself (VIRTGPU_GETPARAM). */
struct winsys_drm_params {
    bool has_3d;
    bool has_blobs;
    bool has_host_visible;
    bool has_cross_device;
    bool has_context_init;
    uint64_t capset_mask; /* bit n: capability set n; 0 when the kernel does not tell */
    bool has_syncobj;
    bool has_syncobj_timeline;
};

/* Opens a DRM node of a virtio-gpu: `path`, or the first one when path is NULL. Primary nodes
 * (card0) can also set modes; without a path the first primary node is taken, or a render node
 * where the primary one may not be opened. Returns 0 or a negative errno value; -ENODEV: there is
 * none with 3D. */
int winsys_drm_open(const char *path, struct vgpu_winsys **winsys);

/* The descriptor of the node; -1 when winsys is another kind. */
int winsys_drm_fd(const struct vgpu_winsys *winsys);

/* The node's path, for messages. */
const char *winsys_drm_path(const struct vgpu_winsys *winsys);

const struct winsys_drm_params *winsys_drm_params(const struct vgpu_winsys *winsys);

/* The kernel's handle of a resource, for mode setting. */
uint32_t winsys_drm_handle(const struct vgpu_resource *resource);

#endif /* WINSYS_DRM_H */
