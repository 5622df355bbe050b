/* SPDX-License-Identifier: MIT */
#include "transfer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/log.h"

/* GL's texel as unsigned integers. */
struct raw_form {
    uint8_t bytes, components, bits;
    GLenum internalformat;
};

/* Fills dst with tight rows of GL's texels: width x height texels at (x, y) of layer z. */
struct reader {
    struct gl_context *ctx;
    struct resource *res;
    uint32_t level;
    bool (*read)(struct reader *r, GLint x, GLint y, GLint z, GLsizei width, GLsizei height,
                 void *dst, GLsizei dst_bytes);
    /* read_raw_copy: how texels look as unsigned integers */
    const struct raw_form *raw;
    struct rgba_read rgba; /* read_rgba: what is asked of GL */
};

static bool bind_read_framebuffer(struct reader *r, GLint layer)
{
    GLuint fbo = gl_framebuffer_single(r->ctx, r->res, r->res->desc.format, r->level, layer);
    if (!fbo)
        return false;
    gl_state_bind_framebuffer(&r->ctx->state, GL_READ_FRAMEBUFFER, fbo);
    return true;
}

static bool read_framebuffer(struct reader *r, GLint x, GLint y, GLint z, GLsizei width,
                             GLsizei height, void *dst, GLsizei dst_bytes)
{
    const struct gl_format *f = gl_resource(r->res)->format;

    if (gl_resource(r->res)->target != GL_TEXTURE_1D_ARRAY) {
        if (!bind_read_framebuffer(r, z))
            return false;
        glReadPixels(x, y, width, height, f->format, f->type, dst);
        return true;
    }
    for (GLsizei layer = 0; layer < height; layer++) {
        if (!bind_read_framebuffer(r, y + layer))
            return false;
        glReadPixels(x, 0, width, 1, f->format, f->type,
                     (uint8_t *)dst + (size_t)layer * width * f->gl_texel_bytes);
    }
    return true;
}

static bool read_rgba(struct reader *r, GLint x, GLint y, GLint z, GLsizei width, GLsizei height,
                      void *dst, GLsizei dst_bytes)
{
    size_t texels = (size_t)width * height;
    uint8_t *rgba = calloc(texels, r->rgba.texel_bytes);

    if (!rgba)
        return false;
    bool ok = bind_read_framebuffer(r, z);
    if (ok) {
        glReadPixels(x, y, width, height, r->rgba.format, r->rgba.type, rgba);
        gl_rgba_convert(gl_resource(r->res)->format, &r->rgba, dst, rgba, texels);
    }
    free(rgba);
    return ok;
}

static bool read_sub_image(struct reader *r, GLint x, GLint y, GLint z, GLsizei width,
                           GLsizei height, void *dst, GLsizei dst_bytes)
{
    const struct back_resource *back = gl_resource(r->res);
    const struct gl_format *f = back->format;

    if (f->compressed)
        glGetCompressedTextureSubImage(back->name, r->level, x, y, z, width, height, 1, dst_bytes,
                                       dst);
    else
        glGetTextureSubImage(back->name, r->level, x, y, z, width, height, 1, f->format, f->type,
                             dst_bytes, dst);
    return true;
}

/* GLES has no way to ask for a texture's bytes, but can copy them to a texture of unsigned integers
 * of the same size, which every GLES can read. */
static bool read_raw_copy(struct reader *r, GLint x, GLint y, GLint z, GLsizei width,
                          GLsizei height, void *dst, GLsizei dst_bytes)
{
    struct gl_context *ctx = r->ctx;
    const struct back_resource *back = gl_resource(r->res);
    const struct virgl_format_info *info = back->format->info;
    GLsizei columns = (width + info->block_w_px - 1) / info->block_w_px;
    GLsizei rows = (height + info->block_h_px - 1) / info->block_h_px;
    size_t texels = (size_t)columns * rows;
    uint32_t *values = calloc(texels, 16);
    GLuint texture, fbo;

    if (!values)
        return false;
    glGenTextures(1, &texture);
    gl_state_bind_texture_scratch(&ctx->state, GL_TEXTURE_2D, texture);
    glTexStorage2D(GL_TEXTURE_2D, 1, r->raw->internalformat, columns, rows);
    glCopyImageSubData(back->name, back->target, r->level, x, y, z, texture, GL_TEXTURE_2D, 0, 0,
                       0, 0, width, height, 1);
    glGenFramebuffers(1, &fbo);
    gl_state_bind_framebuffer(&ctx->state, GL_READ_FRAMEBUFFER, fbo);
    glFramebufferTexture2D(GL_READ_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
    gl_state_pack(&ctx->state, 1, 0, 0);
    glReadPixels(0, 0, columns, rows, GL_RGBA_INTEGER, GL_UNSIGNED_INT, values);
    gl_state_forget_framebuffer(&ctx->state, fbo);
    glDeleteFramebuffers(1, &fbo);
    gl_state_forget_texture(&ctx->state, texture);
    glDeleteTextures(1, &texture);

    unsigned component_bytes = r->raw->bits / 8;
    uint8_t *out = dst;
    for (size_t i = 0; i < texels; i++) {
        for (unsigned c = 0; c < r->raw->components; c++, out += component_bytes)
            memcpy(out, &values[4 * i + c], component_bytes);
    }
    free(values);
    return true;
}

static const struct raw_form *raw_form(const struct gl_features *feat, const struct gl_format *f)
{
    static const struct raw_form forms[] = {
        {1, 1, 8, GL_R8UI},    {2, 1, 16, GL_R16UI},     {4, 1, 32, GL_R32UI},
        {8, 2, 32, GL_RG32UI}, {16, 4, 32, GL_RGBA32UI},
    };

    if (!feat->copy_image || f->info->view_class == VIRGL_VIEW_CLASS_NONE)
        return NULL;
    for (unsigned i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (forms[i].bytes == f->gl_texel_bytes)
            return &forms[i];
    }
    return NULL;
}

/* Does glReadPixels of a GLES host give the format as it is? Leaves the framebuffer bound. */
static bool gles_reads_natively(struct reader *r, GLint layer)
{
    const struct gl_features *feat = &r->ctx->dev->feat;
    const struct gl_format *f = gl_resource(r->res)->format;
    GLint format = 0, type = 0;

    if (f->depth && f->stencil)
        return epoxy_has_gl_extension("GL_NV_read_depth_stencil");
    if (f->depth)
        return epoxy_has_gl_extension("GL_NV_read_depth");
    if (f->stencil)
        return epoxy_has_gl_extension("GL_NV_read_stencil");
    /* Mesa clamps negative values, which desktop GL can switch off. */
    if (!f->integer && (f->type == GL_BYTE || f->type == GL_SHORT))
        return false;
    if ((f->format == GL_RGBA && f->type == GL_UNSIGNED_BYTE) ||
        (f->format == GL_RGBA && f->type == GL_FLOAT && feat->color_buffer_float) ||
        (f->format == GL_RGBA_INTEGER && (f->type == GL_UNSIGNED_INT || f->type == GL_INT)))
        return true;
    if (!bind_read_framebuffer(r, layer))
        return false;
    glGetIntegerv(GL_IMPLEMENTATION_COLOR_READ_FORMAT, &format);
    glGetIntegerv(GL_IMPLEMENTATION_COLOR_READ_TYPE, &type);
    bool half = f->type == GL_HALF_FLOAT && type == 0x8d61; /* GL_HALF_FLOAT_OES */
    return (GLenum)format == f->format && ((GLenum)type == f->type || half);
}

static bool choose_reader(struct reader *r, GLint layer)
{
    const struct gl_features *feat = &r->ctx->dev->feat;
    const struct gl_format *f = gl_resource(r->res)->format;

    if (f->renderable && (!feat->gles || gles_reads_natively(r, layer))) {
        r->read = read_framebuffer;
        return true;
    }
    if (!feat->gles && feat->get_texture_sub_image) {
        r->read = read_sub_image;
        return true;
    }
    if (!feat->gles)
        return false;
    r->raw = raw_form(feat, f);
    r->read = read_raw_copy;
    if (r->raw)
        return true;
    r->read = read_rgba;
    return f->renderable && gl_rgba_read_form(f, &r->rgba);
}

bool gl_format_readable(const struct gl_device *dev, const struct gl_format *f)
{
    if (!dev->feat.gles || raw_form(&dev->feat, f))
        return true;
    if (!f->renderable)
        return false;
    if (f->depth || f->stencil)
        return epoxy_has_gl_extension(!f->stencil ? "GL_NV_read_depth"
                                      : f->depth  ? "GL_NV_read_depth_stencil"
                                                  : "GL_NV_read_stencil");
    struct rgba_read form;
    return gl_rgba_read_form(f, &form);
}

static void scatter_rows(const struct gl_format *f, const struct transfer_layout *l,
                         const struct transfer *t, uint32_t layer, uint32_t first_row,
                         uint32_t rows, const uint8_t *gl_rows, size_t gl_stride, uint8_t *scratch)
{
    struct iov_cursor cursor = {t->iov, t->iov_count, 0};

    for (uint32_t row = 0; row < rows; row++) {
        size_t at = iov_cursor_seek(&cursor, t, layout_row_offset(l, layer, first_row + row));
        const uint8_t *src = gl_rows + row * gl_stride;
        if (!f->repack) {
            iov_write(cursor.iov, cursor.iov_count, at, src, l->row_bytes);
            continue;
        }
        void *dst = iov_contiguous(cursor.iov, cursor.iov_count, at, l->row_bytes);
        gl_repack_to_memory(f, dst ? dst : scratch, src, l->blocks_x);
        if (!dst)
            iov_write(cursor.iov, cursor.iov_count, at, scratch, l->row_bytes);
    }
}

static int read_staged(struct reader *r, const struct transfer_layout *l, const struct transfer *t)
{
    const struct gl_format *f = gl_resource(r->res)->format;
    uint32_t piece_rows = layout_piece_rows(l);
    size_t staging_bytes = piece_rows * l->gl_row_bytes;
    uint8_t *staging = gl_staging(r->ctx->dev, staging_bytes + (f->repack ? l->row_bytes : 0));

    if (!staging)
        return ENOMEM;
    gl_state_pack(&r->ctx->state, 1, 0, 0);
    for (GLsizei layer = 0; layer < l->depth; layer++) {
        for (uint32_t first = 0; first < l->blocks_y; first += piece_rows) {
            uint32_t rows = l->blocks_y - first < piece_rows ? l->blocks_y - first : piece_rows;
            GLint y = first * f->info->block_h_px;
            GLsizei height = rows * f->info->block_h_px;
            if (height > l->height - y)
                height = l->height - y;
            /* What GL does not write after an error must not be old host memory. */
            memset(staging, 0, rows * l->gl_row_bytes);
            if (!r->read(r, l->x, l->y + y, l->z + layer, l->width, height, staging,
                         rows * l->gl_row_bytes))
                return EIO;
            scatter_rows(f, l, t, layer, first, rows, staging, l->gl_row_bytes,
                         staging + staging_bytes);
        }
    }
    return 0;
}

/* The frame that a display or a vtest client fetches: rows go straight into the guest's memory. */
static bool read_straight(struct reader *r, struct transfer_layout *l, const struct transfer *t)
{
    const struct back_resource *back = gl_resource(r->res);
    const struct gl_format *f = back->format;
    bool swap = f->repack != GL_REPACK_NONE && gl_format_swaps_red_blue(f);
    uint8_t *memory;

    if (r->read != read_framebuffer || back->target == GL_TEXTURE_1D_ARRAY ||
        (f->repack != GL_REPACK_NONE && !swap))
        return false;
    if ((l->blocks_y > 1 && l->stride_bytes % f->gl_texel_bytes) ||
        l->stride_bytes / f->gl_texel_bytes > INT32_MAX / 2)
        return false;
    memory = iov_contiguous(t->iov, t->iov_count, l->offset_bytes, l->total_bytes);
    if (!memory)
        return false;
    gl_state_pack(&r->ctx->state, 1, l->blocks_y > 1 ? l->stride_bytes / f->gl_texel_bytes : 0, 0);
    for (GLsizei layer = 0; layer < l->depth; layer++) {
        uint8_t *first = memory + layer * l->layer_stride_bytes;
        if (!read_framebuffer(r, l->x, l->y, l->z + layer, l->width, l->height, first, 0))
            return false;
        for (uint32_t row = 0; swap && row < l->blocks_y; row++) {
            uint8_t *texels = first + row * l->stride_bytes;
            gl_swap_red_blue(texels, texels, l->width);
        }
    }
    return true;
}

/* Desktop hosts before 4.5 give whole levels only. */
static int read_whole_level(struct reader *r, const struct transfer_layout *l,
                            const struct transfer *t)
{
    const struct back_resource *back = gl_resource(r->res);
    const struct gl_format *f = back->format;
    const struct virgl_format_info *info = f->info;
    struct gl_extent e = gl_resource_extent(r->res, back->target, r->level);
    bool cube = back->target == GL_TEXTURE_CUBE_MAP;
    size_t stride = (size_t)(e.width + info->block_w_px - 1) / info->block_w_px *
                    f->gl_texel_bytes;
    size_t image_rows = (e.height + info->block_h_px - 1) / info->block_h_px;
    size_t image_bytes = stride * image_rows;
    uint8_t *staging = calloc(cube ? 1 : e.depth, image_bytes);
    uint8_t *scratch = malloc(l->row_bytes);

    if (!staging || !scratch) {
        free(staging);
        free(scratch);
        return ENOMEM;
    }
    gl_state_pack(&r->ctx->state, 1, 0, 0);
    gl_state_bind_texture_scratch(&r->ctx->state, back->target, back->name);
    for (GLsizei layer = 0; layer < l->depth; layer++) {
        GLenum target = cube ? GL_TEXTURE_CUBE_MAP_POSITIVE_X + l->z + layer : back->target;
        if (layer == 0 || cube) {
            if (f->compressed)
                glGetCompressedTexImage(target, r->level, staging);
            else
                glGetTexImage(target, r->level, f->format, f->type, staging);
        }
        const uint8_t *image = staging + (cube ? 0 : (size_t)(l->z + layer) * image_bytes);
        const uint8_t *first = image + l->y / info->block_h_px * stride +
                               (size_t)(l->x / info->block_w_px) * f->gl_texel_bytes;
        scatter_rows(f, l, t, layer, 0, l->blocks_y, first, stride, scratch);
    }
    free(staging);
    free(scratch);
    return 0;
}

int gl_texture_read(struct gl_device *dev, struct resource *res, const struct transfer *t)
{
    struct gl_context *ctx = gl_device_context(dev);
    struct transfer_layout l;

    if (!ctx)
        return EIO;
    if (res->desc.nr_samples > 1)
        return EINVAL;
    gl_transfer_layout(&l, res, t);
    gl_state_bind_buffer(&ctx->state, GL_PIXEL_PACK_BUFFER, 0);
    struct reader r = {.ctx = ctx, .res = res, .level = t->level};
    GLint first_layer = gl_resource(res)->target == GL_TEXTURE_1D_ARRAY ? l.y : l.z;
    if (choose_reader(&r, first_layer)) {
        if (read_straight(&r, &l, t))
            return 0;
        return read_staged(&r, &l, t);
    }
    if (!dev->feat.gles)
        return read_whole_level(&r, &l, t);
    log_guest_error(dev->base.log, "transfer from resource %u: this host cannot read format %s",
                    res->id, res->format->name);
    return ENOTSUP;
}

static int buffer_read(struct gl_context *ctx, struct resource *res, const struct transfer *t)
{
    struct back_resource *back = gl_resource(res);
    size_t bytes = t->box.width;
    void *direct = iov_contiguous(t->iov, t->iov_count, t->offset_bytes, bytes);

    gl_state_bind_buffer(&ctx->state, GL_COPY_READ_BUFFER, back->name);
    if (back->mapping && ctx->dev->feat.gles) {
        /* GLES can neither map twice nor read otherwise. */
        glFinish();
        iov_write(t->iov, t->iov_count, t->offset_bytes, (uint8_t *)back->mapping + t->box.x,
                  bytes);
        return 0;
    }
    if (direct && !ctx->dev->feat.gles) {
        glGetBufferSubData(GL_COPY_READ_BUFFER, t->box.x, bytes, direct);
        return 0;
    }
    if (!back->mapping) {
        const void *map = glMapBufferRange(GL_COPY_READ_BUFFER, t->box.x, bytes, GL_MAP_READ_BIT);
        if (!map)
            return EIO;
        iov_write(t->iov, t->iov_count, t->offset_bytes, map, bytes);
        glUnmapBuffer(GL_COPY_READ_BUFFER);
        return 0;
    }
    size_t piece = bytes < TRANSFER_PIECE_BYTES ? bytes : TRANSFER_PIECE_BYTES;
    uint8_t *staging = gl_staging(ctx->dev, piece);
    if (!staging)
        return ENOMEM;
    for (size_t at = 0; at < bytes; at += piece) {
        size_t n = bytes - at < piece ? bytes - at : piece;
        glGetBufferSubData(GL_COPY_READ_BUFFER, t->box.x + at, n, staging);
        iov_write(t->iov, t->iov_count, t->offset_bytes + at, staging, n);
    }
    return 0;
}

int gl_transfer_read(struct backend *backend, struct resource *res, const struct transfer *t)
{
    struct gl_device *dev = gl_device(backend);
    struct gl_context *ctx = gl_device_context(dev);

    if (!ctx)
        return EIO;
    if (!gl_resource(res))
        return EINVAL;
    if (gl_resource(res)->is_buffer)
        return buffer_read(ctx, res, t);
    return gl_texture_read(dev, res, t);
}
