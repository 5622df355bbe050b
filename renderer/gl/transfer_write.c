/* SPDX-License-Identifier: MIT */
#include "transfer.h"

#include <errno.h>
#include <string.h>

#include "core/log.h"

void gl_transfer_layout(struct transfer_layout *l, const struct resource *res,
                        const struct transfer *t)
{
    const struct back_resource *back = gl_resource(res);
    const struct virgl_format_info *info = res->format;

    l->x = t->box.x;
    l->y = t->box.y;
    l->z = t->box.z;
    l->width = t->box.width;
    l->height = t->box.height;
    l->depth = t->box.depth;
    l->stride_bytes = t->stride_bytes;
    l->layer_stride_bytes = t->layer_stride_bytes;
    l->offset_bytes = t->offset_bytes;
    if (back->target == GL_TEXTURE_1D_ARRAY) {
        /* The protocol counts layers in z, GL in y. */
        l->y = t->box.z;
        l->z = 0;
        l->height = t->box.depth;
        l->depth = 1;
        l->stride_bytes = t->layer_stride_bytes;
    }
    l->blocks_x = (l->width + info->block_w_px - 1) / info->block_w_px;
    l->blocks_y = (l->height + info->block_h_px - 1) / info->block_h_px;
    l->row_bytes = (size_t)l->blocks_x * info->block_bytes;
    l->gl_row_bytes = (size_t)l->blocks_x * back->format->gl_texel_bytes;
    l->total_bytes = (l->depth - 1) * l->layer_stride_bytes +
                     (l->blocks_y - 1) * l->stride_bytes + l->row_bytes;
}

void *gl_transfer_direct(const struct transfer_layout *l, const struct resource *res,
                         const struct transfer *t, bool compressed_rows_tight)
{
    const struct gl_format *f = gl_resource(res)->format;

    if (f->repack != GL_REPACK_NONE)
        return NULL;
    bool one_row = l->blocks_y == 1;
    if (compressed_rows_tight) {
        if (!one_row && l->stride_bytes != l->row_bytes)
            return NULL;
        if (l->depth > 1 && l->layer_stride_bytes != l->row_bytes * l->blocks_y)
            return NULL;
    } else {
        if ((!one_row || l->depth > 1) && l->stride_bytes % f->info->block_bytes)
            return NULL;
        if (l->depth > 1 && (!l->stride_bytes || l->layer_stride_bytes % l->stride_bytes))
            return NULL;
        if (l->stride_bytes / f->info->block_bytes > INT32_MAX / 2)
            return NULL;
    }
    return iov_contiguous(t->iov, t->iov_count, l->offset_bytes, l->total_bytes);
}

/* data: as unpack state says (compressed: tight). image_bytes: between layers, for cubes, whose
 * faces GL takes one by one. */
static void upload(const struct back_resource *back, const struct transfer_layout *l,
                   uint32_t level, GLint y, GLint z, GLsizei height, GLsizei depth,
                   const uint8_t *data, size_t image_bytes)
{
    const struct gl_format *f = back->format;
    GLsizei bytes = (GLsizei)(l->gl_row_bytes *
                              ((height + f->info->block_h_px - 1) / f->info->block_h_px));

    switch (back->target) {
    case GL_TEXTURE_1D:
        glTexSubImage1D(back->target, level, l->x, l->width, f->format, f->type, data);
        break;
    case GL_TEXTURE_CUBE_MAP:
        for (GLsizei i = 0; i < depth; i++) {
            GLenum face = GL_TEXTURE_CUBE_MAP_POSITIVE_X + z + i;
            if (f->compressed)
                glCompressedTexSubImage2D(face, level, l->x, y, l->width, height,
                                          f->internalformat, bytes, data + i * image_bytes);
            else
                glTexSubImage2D(face, level, l->x, y, l->width, height, f->format, f->type,
                                data + i * image_bytes);
        }
        break;
    case GL_TEXTURE_3D:
    case GL_TEXTURE_2D_ARRAY:
    case GL_TEXTURE_CUBE_MAP_ARRAY:
        if (f->compressed)
            glCompressedTexSubImage3D(back->target, level, l->x, y, z, l->width, height, depth,
                                      f->internalformat, bytes * depth, data);
        else
            glTexSubImage3D(back->target, level, l->x, y, z, l->width, height, depth, f->format,
                            f->type, data);
        break;
    default: /* 2D, rectangle, 1D array */
        if (f->compressed)
            glCompressedTexSubImage2D(back->target, level, l->x, y, l->width, height,
                                      f->internalformat, bytes, data);
        else
            glTexSubImage2D(back->target, level, l->x, y, l->width, height, f->format, f->type,
                            data);
        break;
    }
}

/* Copies rows together, repacking them where the host's layout differs, and uploads piece by
 * piece. */
static int write_staged(struct gl_context *ctx, const struct back_resource *back,
                        const struct transfer_layout *l, const struct transfer *t)
{
    const struct gl_format *f = back->format;
    uint32_t piece_rows = layout_piece_rows(l);
    size_t scratch_bytes = f->repack ? l->row_bytes : 0;
    uint8_t *staging = gl_staging(ctx->dev, piece_rows * l->gl_row_bytes + scratch_bytes);

    if (!staging)
        return ENOMEM;
    uint8_t *scratch = staging + piece_rows * l->gl_row_bytes;
    struct iov_cursor cursor = {t->iov, t->iov_count, 0};
    gl_state_unpack(&ctx->state, 1, 0, 0);
    for (GLsizei layer = 0; layer < l->depth; layer++) {
        for (uint32_t first = 0; first < l->blocks_y; first += piece_rows) {
            uint32_t rows = l->blocks_y - first < piece_rows ? l->blocks_y - first : piece_rows;
            for (uint32_t row = 0; row < rows; row++) {
                size_t at = iov_cursor_seek(&cursor, t,
                                            layout_row_offset(l, layer, first + row));
                uint8_t *dst = staging + row * l->gl_row_bytes;
                if (f->repack) {
                    const void *src = iov_contiguous(cursor.iov, cursor.iov_count, at,
                                                     l->row_bytes);
                    if (!src) {
                        iov_read(cursor.iov, cursor.iov_count, at, scratch, l->row_bytes);
                        src = scratch;
                    }
                    gl_repack_to_gl(f, dst, src, l->blocks_x);
                } else {
                    iov_read(cursor.iov, cursor.iov_count, at, dst, l->row_bytes);
                }
            }
            GLint y = first * f->info->block_h_px;
            GLsizei height = rows * f->info->block_h_px;
            if (height > l->height - y)
                height = l->height - y;
            upload(back, l, t->level, l->y + y, l->z + layer, height, 1, staging, 0);
        }
    }
    return 0;
}

int gl_texture_write(struct gl_device *dev, struct resource *res, const struct transfer *t)
{
    struct gl_context *ctx = gl_device_context(dev);
    const struct back_resource *back = gl_resource(res);
    struct transfer_layout l;

    if (!ctx)
        return EIO;
    if (res->desc.nr_samples > 1)
        return EINVAL;
    gl_transfer_layout(&l, res, t);
    gl_state_bind_buffer(&ctx->state, GL_PIXEL_UNPACK_BUFFER, 0);
    gl_state_bind_texture_scratch(&ctx->state, back->target, back->name);
    const uint8_t *direct = gl_transfer_direct(&l, res, t, back->format->compressed);
    if (!direct)
        return write_staged(ctx, back, &l, t);
    if (back->format->compressed)
        gl_state_unpack(&ctx->state, 1, 0, 0);
    else
        gl_state_unpack(&ctx->state, 1, layout_row_length(&l, back->format),
                        layout_image_height(&l));
    upload(back, &l, t->level, l.y, l.z, l.height, l.depth, direct, l.layer_stride_bytes);
    return 0;
}

static int buffer_write(struct gl_context *ctx, struct resource *res, const struct transfer *t)
{
    struct back_resource *back = gl_resource(res);
    size_t bytes = t->box.width;
    const void *direct = iov_contiguous(t->iov, t->iov_count, t->offset_bytes, bytes);

    gl_state_bind_buffer(&ctx->state, GL_COPY_WRITE_BUFFER, back->name);
    if (direct) {
        glBufferSubData(GL_COPY_WRITE_BUFFER, t->box.x, bytes, direct);
        return 0;
    }
    if (!back->mapping) {
        void *map = glMapBufferRange(GL_COPY_WRITE_BUFFER, t->box.x, bytes,
                                     GL_MAP_WRITE_BIT | GL_MAP_INVALIDATE_RANGE_BIT);
        if (map) {
            iov_read(t->iov, t->iov_count, t->offset_bytes, map, bytes);
            glUnmapBuffer(GL_COPY_WRITE_BUFFER);
            return 0;
        }
    }
    /* Persistently mapped already, or the host will not map. */
    size_t piece = bytes < TRANSFER_PIECE_BYTES ? bytes : TRANSFER_PIECE_BYTES;
    uint8_t *staging = gl_staging(ctx->dev, piece);
    if (!staging)
        return ENOMEM;
    for (size_t at = 0; at < bytes; at += piece) {
        size_t n = bytes - at < piece ? bytes - at : piece;
        iov_read(t->iov, t->iov_count, t->offset_bytes + at, staging, n);
        glBufferSubData(GL_COPY_WRITE_BUFFER, t->box.x + at, n, staging);
    }
    return 0;
}

int gl_transfer_write(struct backend *backend, struct resource *res, const struct transfer *t)
{
    struct gl_device *dev = gl_device(backend);
    struct gl_context *ctx = gl_device_context(dev);

    if (!ctx)
        return EIO;
    if (!gl_resource(res))
        return EINVAL;
    if (gl_resource(res)->is_buffer)
        return buffer_write(ctx, res, t);
    return gl_texture_write(dev, res, t);
}
