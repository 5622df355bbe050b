/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_GL_TRANSFER_H
#define MANTUA_GL_TRANSFER_H

/* A transfer's box in GL's terms, and how its rows lie in the guest's memory. */

#include "resource.h"

struct transfer_layout {
    GLint x, y, z;
    GLsizei width, height, depth;     /* texels */
    uint32_t blocks_x, blocks_y;      /* blocks per row, rows of blocks per layer */
    size_t row_bytes;                 /* of one row of blocks in memory */
    size_t gl_row_bytes;              /* the same as GL takes and gives it, tight */
    uint64_t stride_bytes, layer_stride_bytes;
    uint64_t offset_bytes;
    uint64_t total_bytes;             /* from offset to the end of the last row */
};

enum { TRANSFER_PIECE_BYTES = 1 << 20 }; /* staging is bounded by this, or one row */

void gl_transfer_layout(struct transfer_layout *l, const struct resource *res,
                        const struct transfer *t);

/* The memory of the whole box when GL can address it itself with row length and image height, else
 * NULL. */
void *gl_transfer_direct(const struct transfer_layout *l, const struct resource *res,
                         const struct transfer *t, bool compressed_rows_tight);

/* Row length and image height for memory that gl_transfer_direct() gave. */
static inline GLint layout_row_length(const struct transfer_layout *l, const struct gl_format *f)
{
    return f->compressed ? 0 : (GLint)(l->stride_bytes / f->info->block_bytes);
}

static inline GLint layout_image_height(const struct transfer_layout *l)
{
    return l->depth > 1 ? (GLint)(l->layer_stride_bytes / l->stride_bytes) : 0;
}

static inline uint64_t layout_row_offset(const struct transfer_layout *l, uint32_t layer,
                                         uint32_t row)
{
    return l->offset_bytes + layer * l->layer_stride_bytes + row * l->stride_bytes;
}

static inline uint32_t layout_piece_rows(const struct transfer_layout *l)
{
    size_t rows = TRANSFER_PIECE_BYTES / (l->gl_row_bytes ? l->gl_row_bytes : 1);
    return rows < 1 ? 1 : rows > l->blocks_y ? l->blocks_y : (uint32_t)rows;
}

/* Rows come in order, and a guest's memory may lie in thousands of pages: the search for a row goes
 * on where the last one was found. Start from {iov, count, 0}. */
struct iov_cursor {
    const struct iovec *iov;
    uint32_t iov_count;
    uint64_t skipped_bytes; /* before iov */
};

/* Moves to the piece that holds offset_bytes, forward or from the start of the transfer's vector;
 * returns the offset within what is left. */
static inline size_t iov_cursor_seek(struct iov_cursor *c, const struct transfer *t,
                                     uint64_t offset_bytes)
{
    if (offset_bytes < c->skipped_bytes)
        *c = (struct iov_cursor){t->iov, t->iov_count, 0};
    while (c->iov_count && offset_bytes - c->skipped_bytes >= c->iov->iov_len) {
        c->skipped_bytes += c->iov->iov_len;
        c->iov++;
        c->iov_count--;
    }
    return offset_bytes - c->skipped_bytes;
}

/* Is repacking this format just that red and blue bytes change places? */
bool gl_format_swaps_red_blue(const struct gl_format *f);

/* Red and blue of 32-bit texels change places; dst may be src. */
void gl_swap_red_blue(void *dst, const void *src, size_t texels);

/* read_convert.c: how GLES can read a framebuffer of a format when not as it is. */
struct rgba_read {
    GLenum format, type;
    unsigned texel_bytes;
};

bool gl_rgba_read_form(const struct gl_format *f, struct rgba_read *form);
void gl_rgba_convert(const struct gl_format *f, const struct rgba_read *form, void *dst,
                     const void *src, size_t count);

#endif
