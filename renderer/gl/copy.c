/* SPDX-License-Identifier: MIT */
#include "resource.h"

#include <stdlib.h>
#include <string.h>

#include "blit.h"
#include "core/log.h"
#include "draw.h"

/* A RESOURCE_COPY_REGION with its two ends. */
struct copy {
    struct resource *dst, *src;
    uint32_t dst_level, src_level;
    uint32_t dst_x, dst_y, dst_z;
    struct box box;
};

static void copy_buffer(struct gl_context *ctx, const struct copy *c)
{
    uint32_t src_at = c->box.x, dst_at = c->dst_x, bytes = c->box.width;
    GLuint src = gl_resource(c->src)->name, dst = gl_resource(c->dst)->name;
    GLuint temporary = 0;

    if (src == dst && src_at < dst_at + bytes && dst_at < src_at + bytes) {
        /* GL refuses overlapping copies. */
        glGenBuffers(1, &temporary);
        gl_state_bind_buffer(&ctx->state, GL_COPY_READ_BUFFER, src);
        gl_state_bind_buffer(&ctx->state, GL_COPY_WRITE_BUFFER, temporary);
        glBufferData(GL_COPY_WRITE_BUFFER, bytes, NULL, GL_STREAM_COPY);
        glCopyBufferSubData(GL_COPY_READ_BUFFER, GL_COPY_WRITE_BUFFER, src_at, 0, bytes);
        src = temporary;
        src_at = 0;
    }
    gl_state_bind_buffer(&ctx->state, GL_COPY_READ_BUFFER, src);
    gl_state_bind_buffer(&ctx->state, GL_COPY_WRITE_BUFFER, dst);
    glCopyBufferSubData(GL_COPY_READ_BUFFER, GL_COPY_WRITE_BUFFER, src_at, dst_at, bytes);
    if (temporary) {
        gl_state_forget_buffer(&ctx->state, temporary);
        glDeleteBuffers(1, &temporary);
    }
}

/* Memory that stands for a buffer without GL storage. */
static bool memory_of(const struct resource *res, struct iovec *own, const struct iovec **iov,
                      uint32_t *count)
{
    if (res->storage == RESOURCE_STORAGE_HOST_MEMORY && res->host_memory) {
        *own = (struct iovec){res->host_memory, res->desc.width};
        *iov = own;
        *count = 1;
        return true;
    }
    *iov = res->iov;
    *count = res->iov_count;
    return res->storage == RESOURCE_STORAGE_GUEST && res->iov;
}

static void copy_with_memory(struct gl_context *ctx, const struct copy *c)
{
    struct backend *backend = &ctx->dev->base;
    bool to_memory = !c->dst->back;
    struct resource *in_memory = to_memory ? c->dst : c->src;
    struct resource *other = to_memory ? c->src : c->dst;
    struct iovec own;
    struct transfer t = {.box = {0, 0, 0, c->box.width, 1, 1}};

    if (!memory_of(in_memory, &own, &t.iov, &t.iov_count))
        return;
    t.offset_bytes = to_memory ? c->dst_x : (uint32_t)c->box.x;
    t.box.x = to_memory ? c->box.x : (int32_t)c->dst_x;
    if (!other->back) {
        struct iovec other_own;
        const struct iovec *from;
        uint32_t from_count;
        void *bytes = malloc(c->box.width);
        if (bytes && memory_of(c->src, &other_own, &from, &from_count)) {
            iov_read(from, from_count, c->box.x, bytes, c->box.width);
            iov_write(t.iov, t.iov_count, c->dst_x, bytes, c->box.width);
        }
        free(bytes);
        return;
    }
    if (!other->back->is_buffer)
        return;
    if (to_memory)
        gl_transfer_read(backend, other, &t);
    else
        gl_transfer_write(backend, other, &t);
}

/* Do both formats put the same bytes into the same places of GL's storage? */
static bool same_storage_order(const struct gl_format *a, const struct gl_format *b)
{
    if (a == b)
        return true;
    if (a->repack != b->repack || a->depth || a->stencil || b->depth || b->stencil)
        return false;
    if (a->info->is_compressed || b->info->is_compressed)
        return true;
    if (a->repack == GL_REPACK_NONE)
        return a->type == b->type || a->info->layout != VIRGL_FORMAT_LAYOUT_PLAIN ||
               b->info->layout != VIRGL_FORMAT_LAYOUT_PLAIN ||
               a->info->channel_count == b->info->channel_count ||
               a->internalformat != b->internalformat;
    return a->repack_fields == b->repack_fields &&
           !memcmp(a->field, b->field, a->repack_fields * sizeof(a->field[0]));
}

static bool copy_image_can(const struct gl_context *ctx, const struct copy *c)
{
    const struct gl_format *d = gl_resource(c->dst)->format, *s = gl_resource(c->src)->format;

    if (!ctx->dev->feat.copy_image || !same_storage_order(d, s))
        return false;
    if (gl_formats_view_compatible(d, s))
        return true;
    /* A compressed block and an uncompressed texel of the same size. */
    return d->compressed != s->compressed && d->info->block_bytes == s->info->block_bytes &&
           d->info->block_bytes >= 8;
}

static bool copy_by_blit(struct gl_context *ctx, const struct copy *c)
{
    struct back_resource *d = gl_resource(c->dst), *s = gl_resource(c->src);
    struct blit b = {
        .dst = c->dst,
        .src = c->src,
        .dst_format = d->format,
        .src_format = s->format,
        .dst_level = c->dst_level,
        .src_level = c->src_level,
        .dst_box = {c->dst_x, c->dst_y, c->dst_z, c->box.width, c->box.height, c->box.depth},
        .src_box = c->box,
    };

    if (d->format != s->format || !d->format->renderable)
        return false;
    /* Depth and sRGB would be converted there and back, which is not always exact. */
    if (c->src->desc.nr_samples <= 1 && (d->format->depth || d->format->srgb))
        return false;
    if (d->format->depth)
        b.mask |= VIRGL_BLIT_MASK_Z;
    if (d->format->stencil)
        b.mask |= VIRGL_BLIT_MASK_S;
    if (!b.mask)
        b.mask = VIRGL_BLIT_MASK_R | VIRGL_BLIT_MASK_G | VIRGL_BLIT_MASK_B | VIRGL_BLIT_MASK_A;
    return gl_blit_by_shader(ctx, &b);
}

/* The bytes through memory, layer by layer: always possible for single-sampled textures. */
static bool copy_by_transfer(struct gl_context *ctx, const struct copy *c)
{
    const struct virgl_format_info *sf = c->src->format, *df = c->dst->format;
    uint32_t columns = (c->box.width + sf->block_w_px - 1) / sf->block_w_px;
    uint32_t rows = (c->box.height + sf->block_h_px - 1) / sf->block_h_px;
    size_t stride = (size_t)columns * sf->block_bytes;
    int error = 0;

    if (sf->block_bytes != df->block_bytes || c->src->desc.nr_samples > 1 ||
        c->dst->desc.nr_samples > 1)
        return false;
    /* What GL does not read after an error must not be old host memory. */
    void *bytes = calloc(rows, stride);
    if (!bytes)
        return false;
    struct iovec iov = {bytes, stride * rows};
    struct transfer t = {
        .stride_bytes = stride,
        .layer_stride_bytes = stride * rows,
        .iov = &iov,
        .iov_count = 1,
    };
    uint32_t dst_width = columns * df->block_w_px, dst_height = rows * df->block_h_px;
    uint32_t level_width = minify_px(c->dst->desc.width, c->dst_level);
    uint32_t level_height = minify_px(c->dst->desc.height, c->dst_level);
    if (dst_width > level_width - c->dst_x)
        dst_width = level_width - c->dst_x;
    if (dst_height > level_height - c->dst_y)
        dst_height = level_height - c->dst_y;
    for (int32_t i = 0; i < c->box.depth && !error; i++) {
        t.level = c->src_level;
        t.box = (struct box){c->box.x, c->box.y, c->box.z + i, c->box.width, c->box.height, 1};
        error = gl_texture_read(ctx->dev, c->src, &t);
        t.level = c->dst_level;
        t.box = (struct box){c->dst_x, c->dst_y, c->dst_z + i, dst_width, dst_height, 1};
        if (!error)
            error = gl_texture_write(ctx->dev, c->dst, &t);
    }
    free(bytes);
    return error == 0;
}

static void copy_texture(struct gl_context *ctx, const struct copy *c)
{
    struct back_resource *d = gl_resource(c->dst), *s = gl_resource(c->src);
    uint32_t dst_samples = c->dst->desc.nr_samples > 1 ? c->dst->desc.nr_samples : 1;
    uint32_t src_samples = c->src->desc.nr_samples > 1 ? c->src->desc.nr_samples : 1;

    if (dst_samples == src_samples && copy_image_can(ctx, c)) {
        glCopyImageSubData(s->name, s->target, c->src_level, c->box.x, c->box.y, c->box.z,
                           d->name, d->target, c->dst_level, c->dst_x, c->dst_y, c->dst_z,
                           c->box.width, c->box.height, c->box.depth);
        return;
    }
    gl_draw_suspend(ctx);
    bool different_images = c->src != c->dst || c->src_level != c->dst_level;
    bool done = different_images && copy_by_blit(ctx, c);
    if (!done && !copy_by_transfer(ctx, c))
        log_guest_error(ctx->dev->base.log,
                        "ctx %u: RESOURCE_COPY_REGION from %s to %s: not possible here",
                        ctx->base.ctx_id, c->src->format->name, c->dst->format->name);
    gl_draw_resume(ctx);
}

void gl_resource_copy_region(struct backend_context *base, struct resource *dst,
                             uint32_t dst_level, uint32_t dst_x, uint32_t dst_y, uint32_t dst_z,
                             struct resource *src, uint32_t src_level, const struct box *src_box)
{
    struct gl_context *ctx = gl_context(base);
    struct copy c = {
        .dst = dst,
        .src = src,
        .dst_level = dst_level,
        .src_level = src_level,
        .dst_x = dst_x,
        .dst_y = dst_y,
        .dst_z = dst_z,
        .box = *src_box,
    };

    gl_debug_group_begin(ctx->dev, "copy region");
    if (!gl_resource(dst) || !gl_resource(src))
        copy_with_memory(ctx, &c);
    else if (gl_resource(dst)->is_buffer && gl_resource(src)->is_buffer)
        copy_buffer(ctx, &c);
    else if (!gl_resource(dst)->is_buffer && !gl_resource(src)->is_buffer)
        copy_texture(ctx, &c);
    else
        log_guest_error(ctx->dev->base.log,
                        "ctx %u: RESOURCE_COPY_REGION between a buffer and a texture",
                        base->ctx_id);
    gl_debug_group_end(ctx->dev);
}
