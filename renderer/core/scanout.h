/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_CORE_SCANOUT_H
#define MANTUA_CORE_SCANOUT_H

/*
 * Resources as displays see them: GL names, DRM formats, dma-bufs, cursor images.
 * Functions return 0 or a positive errno value.
 */

#include <stdint.h>

struct renderer;
struct resource;

struct scanout_info {
    uint32_t tex_id; /* 0: no GL texture */
    int drm_fourcc;  /* 0: none */
    uint32_t stride_bytes;
};

struct scanout_dmabuf {
    int fd; /* the caller's */
    int drm_fourcc;
    uint32_t stride_bytes, offset_bytes;
    uint64_t modifier;
};

/* EINVAL for a resource without a type. */
int scanout_describe(struct resource *res, struct scanout_info *info);

/* ENOTSUP where the host cannot. */
int scanout_export(struct resource *res, struct scanout_dmabuf *dmabuf);

/* The resource whose GL texture has this name, or NULL. Looks at all resources. */
struct resource *scanout_find_texture(struct renderer *renderer, uint32_t tex_id);

/* The pixels of a 2D texture of at most 256x256 texels and 4 bytes each as B8G8R8A8, top row first,
 * in memory of malloc(). NULL for any other resource. */
void *scanout_cursor(struct resource *res);

#endif
