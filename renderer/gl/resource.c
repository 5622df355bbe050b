/* SPDX-License-Identifier: MIT */
#include "resource.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/blob.h"
#include "core/log.h"
#include "draw.h"

/* Cleared in pieces where GL cannot clear by itself. */
enum { ZERO_PIECE_BYTES = 1 << 20 };

GLenum gl_texture_target(const struct gl_device *dev, uint32_t target, uint32_t nr_samples)
{
    bool gles = dev->feat.gles;

    switch (target) {
    case VIRGL_TEXTURE_TARGET_BUFFER:
        return GL_TEXTURE_BUFFER;
    case VIRGL_TEXTURE_TARGET_1D:
        return gles ? GL_TEXTURE_2D : GL_TEXTURE_1D;
    case VIRGL_TEXTURE_TARGET_2D:
        return nr_samples > 1 ? GL_TEXTURE_2D_MULTISAMPLE : GL_TEXTURE_2D;
    case VIRGL_TEXTURE_TARGET_3D:
        return GL_TEXTURE_3D;
    case VIRGL_TEXTURE_TARGET_CUBE:
        return GL_TEXTURE_CUBE_MAP;
    case VIRGL_TEXTURE_TARGET_RECT:
        return dev->feat.texture_rectangle ? GL_TEXTURE_RECTANGLE : GL_TEXTURE_2D;
    case VIRGL_TEXTURE_TARGET_1D_ARRAY:
        return gles ? GL_TEXTURE_2D_ARRAY : GL_TEXTURE_1D_ARRAY;
    case VIRGL_TEXTURE_TARGET_2D_ARRAY:
        return nr_samples > 1 ? GL_TEXTURE_2D_MULTISAMPLE_ARRAY : GL_TEXTURE_2D_ARRAY;
    case VIRGL_TEXTURE_TARGET_CUBE_ARRAY:
        return GL_TEXTURE_CUBE_MAP_ARRAY;
    default:
        return 0;
    }
}

struct gl_extent gl_resource_extent(const struct resource *res, GLenum gl_target, uint32_t level)
{
    const struct resource_desc *d = &res->desc;
    struct gl_extent e = {minify_px(d->width, level), minify_px(d->height, level), 1};

    switch (gl_target) {
    case GL_TEXTURE_1D:
        e.height = 1;
        break;
    case GL_TEXTURE_1D_ARRAY:
        e.height = d->array_size ? d->array_size : 1;
        break;
    case GL_TEXTURE_3D:
        e.depth = minify_px(d->depth, level);
        break;
    case GL_TEXTURE_CUBE_MAP:
        e.depth = 6;
        break;
    case GL_TEXTURE_2D_ARRAY:
    case GL_TEXTURE_2D_MULTISAMPLE_ARRAY:
    case GL_TEXTURE_CUBE_MAP_ARRAY:
        e.depth = d->array_size ? d->array_size : 1;
        break;
    default:
        break;
    }
    return e;
}

static bool has_gl_error(struct gl_device *dev, const char *what)
{
    GLenum error = glGetError();
    if (error == GL_NO_ERROR)
        return false;
    for (unsigned i = 0; i < 16 && glGetError() != GL_NO_ERROR; i++)
        ;
    log_guest_error(dev->base.log, "gl: %s: error 0x%x", what, error);
    return true;
}

static void discard_errors(void)
{
    for (unsigned i = 0; i < 16 && glGetError() != GL_NO_ERROR; i++)
        ;
}

/* New storage must not show the guest what the host had in that memory before. */
static void zero_buffer(struct gl_device *dev, uint64_t bytes)
{
    if (dev->feat.version >= (dev->feat.gles ? 100 : 43)) {
        glClearBufferData(GL_COPY_WRITE_BUFFER, GL_R8, GL_RED, GL_UNSIGNED_BYTE, NULL);
        return;
    }
    void *zeros = calloc(1, ZERO_PIECE_BYTES);
    for (uint64_t at = 0; zeros && at < bytes; at += ZERO_PIECE_BYTES) {
        uint64_t piece = bytes - at < ZERO_PIECE_BYTES ? bytes - at : ZERO_PIECE_BYTES;
        glBufferSubData(GL_COPY_WRITE_BUFFER, at, piece, zeros);
    }
    free(zeros);
}

static GLsizeiptr persistent_bytes(const struct resource *res)
{
    return ((GLsizeiptr)res->desc.width + 4095) & ~(GLsizeiptr)4095;
}

static int create_buffer(struct gl_context *ctx, struct resource *res, struct back_resource *back)
{
    struct gl_device *dev = ctx->dev;
    uint32_t map_flags = res->desc.flags &
                         (VIRGL_RESOURCE_FLAG_MAP_PERSISTENT | VIRGL_RESOURCE_FLAG_MAP_COHERENT);
    GLsizeiptr bytes = res->desc.width ? res->desc.width : 1;

    back->is_buffer = true;
    back->target = GL_ARRAY_BUFFER;
    discard_errors();
    glGenBuffers(1, &back->name);
    if (res->host_memory) {
        glBindBuffer(GL_EXTERNAL_VIRTUAL_MEMORY_BUFFER_AMD, back->name);
        glBufferData(GL_EXTERNAL_VIRTUAL_MEMORY_BUFFER_AMD, res->host_memory_bytes,
                     res->host_memory, GL_DYNAMIC_DRAW);
        glBindBuffer(GL_EXTERNAL_VIRTUAL_MEMORY_BUFFER_AMD, 0);
        return has_gl_error(dev, "buffer in given memory") ? ENOMEM : 0;
    }
    gl_state_bind_buffer(&ctx->state, GL_COPY_WRITE_BUFFER, back->name);
    if (map_flags && dev->feat.persistent_map) {
        /* The guest maps whole pages. */
        bytes = persistent_bytes(res);
        GLbitfield flags = GL_DYNAMIC_STORAGE_BIT | GL_MAP_READ_BIT | GL_MAP_WRITE_BIT |
                           GL_MAP_PERSISTENT_BIT;
        if (map_flags & VIRGL_RESOURCE_FLAG_MAP_COHERENT)
            flags |= GL_MAP_COHERENT_BIT;
        glBufferStorage(GL_COPY_WRITE_BUFFER, bytes, NULL, flags);
        back->immutable = true;
    } else {
        glBufferData(GL_COPY_WRITE_BUFFER, bytes, NULL, GL_DYNAMIC_DRAW);
    }
    if (has_gl_error(dev, "buffer storage"))
        return ENOMEM;
    zero_buffer(dev, bytes);
    return 0;
}

static void texture_storage(const struct resource *res, const struct back_resource *back,
                            GLenum internalformat)
{
    struct gl_extent e = gl_resource_extent(res, back->target, 0);
    GLsizei levels = res->desc.last_level + 1;

    switch (back->target) {
    case GL_TEXTURE_1D:
        glTexStorage1D(back->target, levels, internalformat, e.width);
        break;
    case GL_TEXTURE_3D:
    case GL_TEXTURE_2D_ARRAY:
    case GL_TEXTURE_CUBE_MAP_ARRAY:
        glTexStorage3D(back->target, levels, internalformat, e.width, e.height, e.depth);
        break;
    case GL_TEXTURE_2D_MULTISAMPLE:
        glTexStorage2DMultisample(back->target, res->desc.nr_samples, internalformat, e.width,
                                  e.height, GL_TRUE);
        break;
    case GL_TEXTURE_2D_MULTISAMPLE_ARRAY:
        glTexStorage3DMultisample(back->target, res->desc.nr_samples, internalformat, e.width,
                                  e.height, e.depth, GL_TRUE);
        break;
    default: /* 2D, rectangle, cube, 1D array */
        glTexStorage2D(back->target, levels, internalformat, e.width, e.height);
        break;
    }
}

static void mutable_level(const struct resource *res, const struct back_resource *back,
                          uint32_t level)
{
    const struct gl_format *f = back->format;
    struct gl_extent e = gl_resource_extent(res, back->target, level);

    switch (back->target) {
    case GL_TEXTURE_1D:
        glTexImage1D(back->target, level, f->internalformat, e.width, 0, f->format, f->type, NULL);
        break;
    case GL_TEXTURE_CUBE_MAP:
        for (unsigned face = 0; face < 6; face++)
            glTexImage2D(GL_TEXTURE_CUBE_MAP_POSITIVE_X + face, level, f->internalformat, e.width,
                         e.height, 0, f->format, f->type, NULL);
        break;
    case GL_TEXTURE_3D:
    case GL_TEXTURE_2D_ARRAY:
    case GL_TEXTURE_CUBE_MAP_ARRAY:
        glTexImage3D(back->target, level, f->internalformat, e.width, e.height, e.depth, 0,
                     f->format, f->type, NULL);
        break;
    default:
        glTexImage2D(back->target, level, f->internalformat, e.width, e.height, 0, f->format,
                     f->type, NULL);
        break;
    }
}

static void texture_images(const struct resource *res, const struct back_resource *back)
{
    if (res->desc.nr_samples > 1) {
        struct gl_extent e = gl_resource_extent(res, back->target, 0);
        if (back->target == GL_TEXTURE_2D_MULTISAMPLE)
            glTexImage2DMultisample(back->target, res->desc.nr_samples,
                                    back->format->internalformat, e.width, e.height, GL_TRUE);
        else
            glTexImage3DMultisample(back->target, res->desc.nr_samples,
                                    back->format->internalformat, e.width, e.height, e.depth,
                                    GL_TRUE);
        return;
    }
    for (uint32_t level = 0; level <= res->desc.last_level; level++)
        mutable_level(res, back, level);
}

/* Through framebuffers: for hosts without glClearTexImage, and multisampled textures. */
static bool zero_by_framebuffer(struct gl_context *ctx, struct resource *res, uint32_t level)
{
    static const GLint zero_int[4];
    static const GLuint zero_uint[4];
    static const GLfloat zero_float[4];
    const struct gl_format *f = gl_resource(res)->format;
    uint32_t layers = resource_level_layers(res, level);

    for (uint32_t layer = 0; layer < layers; layer++) {
        GLuint fbo = gl_framebuffer_single(ctx, res, res->desc.format, level, layer);
        if (!fbo)
            return false;
        gl_state_bind_framebuffer(&ctx->state, GL_DRAW_FRAMEBUFFER, fbo);
        if (f->depth && f->stencil)
            glClearBufferfi(GL_DEPTH_STENCIL, 0, 0.0f, 0);
        else if (f->depth)
            glClearBufferfv(GL_DEPTH, 0, zero_float);
        else if (f->stencil)
            glClearBufferiv(GL_STENCIL, 0, zero_int);
        else if (f->integer && f->info->channels[0].type == VIRGL_CHANNEL_TYPE_UINT)
            glClearBufferuiv(GL_COLOR, 0, zero_uint);
        else if (f->integer)
            glClearBufferiv(GL_COLOR, 0, zero_int);
        else
            glClearBufferfv(GL_COLOR, 0, zero_float);
    }
    return true;
}

static int zero_by_upload(struct gl_device *dev, struct resource *res, uint32_t level)
{
    const struct virgl_format_info *info = res->format;
    uint32_t width = minify_px(res->desc.width, level);
    uint32_t height = minify_px(res->desc.height, level);
    uint64_t stride = (uint64_t)(width + info->block_w_px - 1) / info->block_w_px *
                      info->block_bytes;
    uint64_t rows = (height + info->block_h_px - 1) / info->block_h_px;
    void *zeros = calloc(rows, stride);
    int error = 0;

    if (!zeros)
        return ENOMEM;
    struct iovec iov = {zeros, rows * stride};
    uint32_t layers = resource_level_layers(res, level);
    for (uint32_t layer = 0; layer < layers && !error; layer++) {
        struct transfer t = {
            .level = level,
            .stride_bytes = stride,
            .layer_stride_bytes = rows * stride,
            .box = {0, 0, layer, width, height, 1},
            .iov = &iov,
            .iov_count = 1,
        };
        error = gl_texture_write(dev, res, &t);
    }
    free(zeros);
    return error;
}

static void zero_texture(struct gl_context *ctx, struct resource *res)
{
    struct back_resource *back = gl_resource(res);
    const struct gl_format *f = back->format;

    if (ctx->dev->feat.clear_texture && !f->compressed) {
        for (uint32_t level = 0; level <= res->desc.last_level; level++)
            glClearTexImage(back->name, level, f->format, f->type, NULL);
        return;
    }
    gl_draw_suspend(ctx);
    if (f->renderable) {
        gl_state_scissor_disable_all(&ctx->state);
        gl_state_color_mask_all(&ctx->state, 0xf);
        gl_state_depth_mask(&ctx->state, true);
        gl_state_stencil_write_mask(&ctx->state, ~0u);
        gl_state_set_cap(&ctx->state, GL_CAP_RASTERIZER_DISCARD, false);
    }
    for (uint32_t level = 0; level <= res->desc.last_level; level++) {
        if (f->renderable && zero_by_framebuffer(ctx, res, level))
            continue;
        if (res->desc.nr_samples <= 1)
            zero_by_upload(ctx->dev, res, level);
    }
    gl_draw_resume(ctx);
}

static int create_texture(struct gl_context *ctx, struct resource *res, struct back_resource *back)
{
    struct gl_device *dev = ctx->dev;
    const struct gl_features *feat = &dev->feat;
    const struct gl_format *f = gl_format(dev, res->desc.format);
    bool multisample = res->desc.nr_samples > 1;

    back->format = f;
    back->target = gl_texture_target(dev, res->desc.target, res->desc.nr_samples);
    /* GL has neither compressed rectangles nor compressed 1D textures; guests that only ask what is
     * possible create them all the same. */
    if (f->compressed && (back->target == GL_TEXTURE_RECTANGLE || back->target == GL_TEXTURE_1D))
        back->target = GL_TEXTURE_2D;
    if (!f->internalformat || !back->target)
        return EINVAL;

    discard_errors();
    glGenTextures(1, &back->name);
    gl_state_bind_texture_scratch(&ctx->state, back->target, back->name);
    if (multisample ? feat->texture_storage_multisample : feat->texture_storage) {
        texture_storage(res, back, f->internalformat);
        back->immutable = true;
    } else {
        texture_images(res, back);
    }
    if (has_gl_error(dev, "texture storage"))
        return ENOMEM;
    if (!multisample) {
        /* Complete without a sampler object, for texel fetches. */
        glTexParameteri(back->target, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
        glTexParameteri(back->target, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
        if (back->target != GL_TEXTURE_RECTANGLE)
            glTexParameteri(back->target, GL_TEXTURE_MAX_LEVEL, res->desc.last_level);
    }
    res->back = back;
    zero_texture(ctx, res);
    return has_gl_error(dev, "texture initialisation") ? ENOMEM : 0;
}

int gl_resource_create(struct backend *backend, struct resource *res)
{
    struct gl_device *dev = gl_device(backend);
    struct gl_context *ctx = gl_device_context(dev);
    struct back_resource *back = calloc(1, sizeof(*back));

    if (!back || !ctx) {
        free(back);
        return ENOMEM;
    }
    back->res = res;
    int error = res->storage == RESOURCE_STORAGE_BUFFER ? create_buffer(ctx, res, back)
                                                        : create_texture(ctx, res, back);
    res->back = back;
    if (error)
        gl_resource_destroy(backend, res);
    return error;
}

void gl_resource_destroy(struct backend *backend, struct resource *res)
{
    struct gl_device *dev = gl_device(backend);
    struct back_resource *back = res->back;

    if (!back)
        return;
    gl_device_context(dev);
    for (struct gl_context *ctx = dev->contexts; ctx; ctx = ctx->next) {
        gl_framebuffers_forget(ctx, back);
        if (ctx->draw)
            gl_draw_forget_resource(ctx, back);
        if (!back->name)
            continue;
        if (back->is_buffer)
            gl_state_forget_buffer(&ctx->state, back->name);
        else
            gl_state_forget_texture(&ctx->state, back->name);
    }
    gl_resource_free_views(dev, back);
    if (back->is_buffer) {
        glDeleteBuffers(1, &back->name);
        /* The memory goes right after this: nothing may draw from it any more. */
        if (res->host_memory)
            glFinish();
    } else {
        glDeleteTextures(1, &back->name);
    }
    free(back);
    res->back = NULL;
}

int gl_resource_map(struct backend *backend, struct resource *res, void **map,
                    uint64_t *size_bytes, uint32_t *map_info)
{
    struct gl_device *dev = gl_device(backend);
    struct back_resource *back = gl_resource(res);
    struct gl_context *ctx = gl_device_context(dev);

    if (!ctx || !back || !back->is_buffer || !back->immutable)
        return EINVAL;
    if (!back->mapping) {
        GLbitfield flags = GL_MAP_READ_BIT | GL_MAP_WRITE_BIT | GL_MAP_PERSISTENT_BIT;
        if (res->desc.flags & VIRGL_RESOURCE_FLAG_MAP_COHERENT)
            flags |= GL_MAP_COHERENT_BIT;
        gl_state_bind_buffer(&ctx->state, GL_COPY_WRITE_BUFFER, back->name);
        back->mapping = glMapBufferRange(GL_COPY_WRITE_BUFFER, 0, persistent_bytes(res), flags);
        if (!back->mapping) {
            has_gl_error(dev, "persistent mapping");
            return ENOMEM;
        }
    }
    *map = back->mapping;
    *size_bytes = persistent_bytes(res);
    *map_info = BLOB_MAP_CACHE_CACHED;
    return 0;
}

int gl_resource_unmap(struct backend *backend, struct resource *res)
{
    struct gl_device *dev = gl_device(backend);
    struct back_resource *back = gl_resource(res);
    struct gl_context *ctx = gl_device_context(dev);

    if (!ctx || !back || !back->mapping)
        return EINVAL;
    gl_state_bind_buffer(&ctx->state, GL_COPY_WRITE_BUFFER, back->name);
    glUnmapBuffer(GL_COPY_WRITE_BUFFER);
    back->mapping = NULL;
    return 0;
}
