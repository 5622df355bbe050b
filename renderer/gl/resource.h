/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_GL_RESOURCE_H
#define MANTUA_GL_RESOURCE_H

/*
 * GL storage of resources, and the views of it that shaders and framebuffers use.
 */

#include "context.h"

struct back_resource {
    struct resource *res; /* not counted: the resource owns this */
    bool is_buffer;
    GLuint name;   /* buffer or texture */
    GLenum target; /* GL_TEXTURE_*; on GLES 1D becomes 2D, RECT becomes 2D */
    const struct gl_format *format;
    bool immutable; /* texture storage: views can be made */
    bool external;  /* imported: no uploads by storage calls, not all operations */
    void *mapping;  /* persistent mapping, or NULL */
    /* Views of this texture with another format, target or range, found by key. */
    struct gl_view *views;
    uint32_t view_count;
};

/* A GL texture name that shows a resource in some format, target and range. Views belong to the
 * resource and die with it; identical requests share one. */
struct gl_view_key {
    uint32_t format, target;
    uint32_t first_layer, last_layer, first_level, last_level;   /* textures */
    uint32_t first_element_bytes, size_bytes;                    /* buffers */
    uint32_t stencil; /* sample the stencil plane */
    uint8_t swizzle[4]; /* VIRGL_SWIZZLE_*; textures only */
};

struct gl_view {
    struct gl_view_key key;
    GLuint name;
    GLenum target;
    uint32_t refcount; /* sampler views that hold it; at 0 it may be dropped for another */
    struct gl_view *next;
};

/* What a sampler view (front object) becomes; base.back of front_sampler_view. */
struct gl_sampler_view {
    GLuint name;
    GLenum target;
    struct gl_view *view;   /* counted; NULL when name is the resource's own texture */
    uint8_t swizzle[4];     /* composed, VIRGL_SWIZZLE_* */
    bool depth;             /* may be sampled with comparison */
    bool shader_swizzle;    /* GL cannot: buffer textures; the shader key must carry swizzle */
    bool needs_params;      /* shared texture: level range and swizzle set when bound */
    GLint base_level, max_level;
    GLenum depth_stencil_mode; /* 0: leave */
    bool srgb_decode_off;
};

static inline struct back_resource *gl_resource(const struct resource *res)
{
    return res->back;
}

/* The GL target that a protocol target becomes on this host. */
GLenum gl_texture_target(const struct gl_device *dev, uint32_t target, uint32_t nr_samples);

/* A level as GL counts it: 1D arrays have their layers in height, all other layers (and faces) and
 * slices in depth. */
struct gl_extent {
    GLsizei width, height, depth;
};
struct gl_extent gl_resource_extent(const struct resource *res, GLenum gl_target, uint32_t level);

int gl_resource_create(struct backend *backend, struct resource *res);
void gl_resource_destroy(struct backend *backend, struct resource *res);
int gl_transfer_write(struct backend *backend, struct resource *res, const struct transfer *t);
int gl_transfer_read(struct backend *backend, struct resource *res, const struct transfer *t);

/* Returns a view for the key, made now when there is none; NULL when the host has no texture
 * views or refuses. */
struct gl_view *gl_resource_view(struct gl_context *ctx, struct back_resource *back,
                                 const struct gl_view_key *key);
/* A key for the whole texture as it is: format, target and all layers and levels, no swizzle. */
void gl_view_key_init(struct gl_view_key *key, const struct resource *res);
void gl_resource_free_views(struct gl_device *dev, struct back_resource *back);
/* May a texture of one format be viewed as the other? */
bool gl_formats_view_compatible(const struct gl_format *a, const struct gl_format *b);

/* front_sampler_view: made at object creation or first use; NULL with nothing bound on failure. */
struct gl_sampler_view *gl_sampler_view_get(struct gl_context *ctx,
                                            struct front_sampler_view *view);
void gl_sampler_view_destroy(struct gl_context *ctx, struct front_sampler_view *view);
/* Sets the texture parameters of views with needs_params; the texture is bound to unit. */
void gl_sampler_view_apply(struct gl_context *ctx, struct front_sampler_view *view,
                           unsigned unit);

/* Framebuffer objects, cached per context by what is attached. */
struct gl_attachment {
    struct resource *res;
    uint32_t format, level, first_layer, last_layer, sample_count;
};
struct gl_framebuffer_key {
    struct gl_attachment cbufs[VIRGL_MAX_COLOR_BUFFERS];
    struct gl_attachment zsurf;
    uint32_t nr_cbufs;
    uint32_t width_px, height_px, layers, samples; /* without attachments */
};
/* Returns the name (draw buffers set), or 0 when incomplete (logged once). */
GLuint gl_framebuffer_get(struct gl_context *ctx, const struct gl_framebuffer_key *key);
/* Binds the framebuffer of ctx's draw state as GL_DRAW_FRAMEBUFFER/READ; false: incomplete. */
bool gl_framebuffer_bind_state(struct gl_context *ctx);
void gl_framebuffers_forget(struct gl_context *ctx, struct back_resource *back);
bool gl_framebuffers_init(struct gl_context *ctx);
void gl_framebuffers_finish(struct gl_context *ctx);

/* A framebuffer of ctx with one level and layer of a resource attached as its format asks, and
 * nothing else. layer < 0: all layers. 0 when incomplete. */
GLuint gl_framebuffer_single(struct gl_context *ctx, struct resource *res, uint32_t format,
                             uint32_t level, int32_t layer);

/* Both move a whole box with rows in the layout of struct transfer; see transfer_write.c. */
int gl_texture_write(struct gl_device *dev, struct resource *res, const struct transfer *t);
int gl_texture_read(struct gl_device *dev, struct resource *res, const struct transfer *t);

int gl_resource_get_info(struct backend *backend, struct resource *res, uint32_t *tex_id,
                         int *drm_fourcc, uint32_t *stride_bytes);
int gl_resource_export_dmabuf(struct backend *backend, struct resource *res, int *fd,
                              int *drm_fourcc, uint32_t *stride_bytes, uint32_t *offset_bytes,
                              uint64_t *modifier);
int gl_resource_map(struct backend *backend, struct resource *res, void **map,
                    uint64_t *size_bytes, uint32_t *map_info);
int gl_resource_unmap(struct backend *backend, struct resource *res);
int gl_resource_import_eglimage(struct backend *backend, struct resource *res, void *image);
int gl_resource_import_dmabuf(struct backend *backend, struct resource *res, uint64_t modifier,
                              const struct blob_plane *planes, uint32_t plane_count);

void gl_clear(struct backend_context *ctx, uint32_t buffers, const uint32_t color[4],
              double depth, uint32_t stencil);
void gl_clear_surface(struct backend_context *ctx, const struct virgl_cmd_clear_surface *cmd,
                      struct front_surface *surface);
void gl_clear_texture(struct backend_context *ctx, struct resource *res, uint32_t level,
                      const struct box *box, const uint32_t data[4]);
void gl_blit(struct backend_context *ctx, const struct virgl_cmd_blit *blit,
             struct resource *dst, struct resource *src);
void gl_resource_copy_region(struct backend_context *ctx, struct resource *dst,
                             uint32_t dst_level, uint32_t dst_x, uint32_t dst_y, uint32_t dst_z,
                             struct resource *src, uint32_t src_level, const struct box *src_box);

#endif
