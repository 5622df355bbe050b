/* SPDX-License-Identifier: MIT */
/* Blits between textures, and raw copies between resources of any kind of storage. */
#include "internal.h"

enum {
    /* Coordinates of a scissored blit may lie outside the level, but not so far that arithmetic on
     * them could overflow. */
    MAX_BLIT_COORDINATE_PX = 1 << 24,
};

struct side {
    const char *resource_field, *level_field, *format_field, *z_field, *x_field, *y_field;
    uint32_t resource, level, format;
    int32_t x, y, z, width, height, depth;
};

/* Where [start, start + length) lies against [0, size): a negative length runs backwards. */
enum span { SPAN_INSIDE, SPAN_CROSSING, SPAN_OUTSIDE };

static enum span classify(int32_t start, int32_t length, uint32_t size_px)
{
    const int64_t first = length < 0 ? (int64_t)start + length : start;
    const int64_t end = length < 0 ? start : (int64_t)start + length;

    if (first >= end || end <= 0 || first >= size_px || first < -MAX_BLIT_COORDINATE_PX ||
        end > MAX_BLIT_COORDINATE_PX)
        return SPAN_OUTSIDE;
    return first >= 0 && end <= size_px ? SPAN_INSIDE : SPAN_CROSSING;
}

static int fail_area(struct front_context *ctx, const char *field, int32_t value, uint32_t size_px)
{
    return front_fail(ctx, VIRGL_CTX_ERROR_BLIT_AREA_OUT_OF_RANGE, field, (uint32_t)value, size_px,
                      "area outside the level");
}

static int check_side(struct front_context *ctx, const struct side *side, bool scissored,
                      struct resource **out)
{
    struct resource *res = front_resource(ctx, side->resource);
    uint32_t width_px, height_px, layers;
    enum span x, y;

    *out = res;
    if (!res || res->storage != RESOURCE_STORAGE_TEXTURE)
        return front_fail_resource(ctx, side->resource_field, side->resource, "not a texture");
    if (!front_format_in(ctx->backend->limits.format_supported, side->format))
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_FORMAT, side->format_field, side->format,
                          VIRGL_FORMAT_COUNT - 1, "the host has no such format");
    if (side->level > res->desc.last_level)
        return front_fail(ctx, VIRGL_CTX_ERROR_BLIT_AREA_OUT_OF_RANGE, side->level_field,
                          side->level, res->desc.last_level, "level outside the texture");
    width_px = minify_px(res->desc.width, side->level);
    height_px = minify_px(res->desc.height, side->level);
    layers = resource_level_layers(res, side->level);
    if (side->z < 0 || side->depth < 1 || (uint32_t)side->z >= layers ||
        (uint32_t)side->depth > layers - (uint32_t)side->z)
        return front_fail(ctx,
                          res->desc.target == VIRGL_TEXTURE_TARGET_CUBE
                              ? VIRGL_CTX_ERROR_CUBE_MAP_FACE_OUT_OF_RANGE
                              : VIRGL_CTX_ERROR_BLIT_AREA_OUT_OF_RANGE,
                          side->z_field, (uint32_t)side->z, layers, "layers outside the level");
    /* Guests leave clipping of the area to the scissor. */
    x = classify(side->x, side->width, width_px);
    if (x == SPAN_OUTSIDE || (x == SPAN_CROSSING && !scissored))
        return fail_area(ctx, side->x_field, side->x, width_px);
    y = classify(side->y, side->height, height_px);
    if (y == SPAN_OUTSIDE || (y == SPAN_CROSSING && !scissored))
        return fail_area(ctx, side->y_field, side->y, height_px);
    return 0;
}

int front_blit(struct front_context *ctx, const struct virgl_cmd_blit *cmd)
{
    const struct side dst_side = {
        "dst_resource",  "dst_level",     "dst_format",     "dst_z",        "dst_x",
        "dst_y",         cmd->dst_resource, cmd->dst_level, cmd->dst_format, cmd->dst_x,
        cmd->dst_y,      cmd->dst_z,      cmd->dst_width,   cmd->dst_height, cmd->dst_depth,
    };
    const struct side src_side = {
        "src_resource",  "src_level",     "src_format",     "src_z",        "src_x",
        "src_y",         cmd->src_resource, cmd->src_level, cmd->src_format, cmd->src_x,
        cmd->src_y,      cmd->src_z,      cmd->src_width,   cmd->src_height, cmd->src_depth,
    };
    struct resource *dst, *src;
    int error;

    /* Nothing to do is no mistake. */
    if (!cmd->dst_width || !cmd->dst_height || !cmd->src_width || !cmd->src_height || !cmd->mask)
        return 0;
    error = check_side(ctx, &dst_side, cmd->scissor_enable, &dst);
    if (!error)
        error = check_side(ctx, &src_side, cmd->scissor_enable, &src);
    if (error)
        return error;
    if (cmd->scissor_enable && (cmd->scissor_minx >= cmd->scissor_maxx ||
                                cmd->scissor_miny >= cmd->scissor_maxy))
        return 0;
    ctx->ops->blit(ctx->sub->back, cmd, dst, src);
    return 0;
}

/* ---- raw copies ---- */

/* Memory of a resource that no back end keeps; false for all others. */
static bool plain_memory(const struct resource *res, struct iovec *single,
                         const struct iovec **iov, uint32_t *iov_count)
{
    switch (res->storage) {
    case RESOURCE_STORAGE_HOST_MEMORY:
        *single = (struct iovec){ res->host_memory, res->desc.width };
        *iov = single;
        *iov_count = 1;
        return true;
    case RESOURCE_STORAGE_GUEST:
        *iov = res->iov;
        *iov_count = res->iov_count;
        return true;
    default:
        return false;
    }
}

/* Buffers of which at least one is plain memory: a transfer does it. */
static int copy_plain(struct front_context *ctx, struct resource *dst, uint32_t dst_x,
                      struct resource *src, const struct box *src_box)
{
    struct transfer transfer = {
        .box = { .width = src_box->width, .height = 1, .depth = 1 },
    };
    struct iovec single;
    const char *why = "";
    int error;

    if (plain_memory(src, &single, &transfer.iov, &transfer.iov_count)) {
        transfer.box.x = (int32_t)dst_x;
        transfer.offset_bytes = (uint32_t)src_box->x;
        if (transfer_check(dst, &transfer, &why) != 0)
            return front_fail(ctx, VIRGL_CTX_ERROR_RESOURCE_OUT_OF_RANGE, "src_resource", src->id,
                              0, why);
        error = front_transfer_write(ctx->backend, dst, &transfer);
    } else {
        plain_memory(dst, &single, &transfer.iov, &transfer.iov_count);
        transfer.box.x = src_box->x;
        transfer.offset_bytes = dst_x;
        if (transfer_check(src, &transfer, &why) != 0)
            return front_fail(ctx, VIRGL_CTX_ERROR_RESOURCE_OUT_OF_RANGE, "dst_resource", dst->id,
                              0, why);
        error = front_transfer_read(ctx->backend, src, &transfer);
    }
    return error ? front_fail_backend(ctx, error) : 0;
}

/* Blocks that one resource takes for a box of the other, when one of them is compressed. */
static int32_t scale_blocks(int32_t size_px, uint32_t from_px, uint32_t to_px)
{
    return (int32_t)(((uint32_t)size_px + from_px - 1) / from_px * to_px);
}

static int check_copy(struct front_context *ctx, const struct virgl_cmd_resource_copy_region *cmd,
                      const struct resource *dst, const struct resource *src)
{
    const struct virgl_format_info *df = dst->format, *sf = src->format;
    const struct box src_box = { cmd->src_x, cmd->src_y, cmd->src_z,
                                 cmd->width, cmd->height, cmd->depth };
    struct box dst_box;

    if (cmd->src_level > src->desc.last_level)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "src_level", cmd->src_level,
                          src->desc.last_level, "level outside the resource");
    if (cmd->dst_level > dst->desc.last_level)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "dst_level", cmd->dst_level,
                          dst->desc.last_level, "level outside the resource");
    if ((src->desc.target == VIRGL_TEXTURE_TARGET_BUFFER) !=
        (dst->desc.target == VIRGL_TEXTURE_TARGET_BUFFER))
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_RESOURCE, "dst_resource", cmd->dst_resource,
                          0, "copies between buffers and textures do not exist");
    if (src->desc.target != VIRGL_TEXTURE_TARGET_BUFFER &&
        (!df || !sf || df->block_bytes != sf->block_bytes))
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_FORMAT, "dst_resource", dst->desc.format,
                          src->desc.format, "formats have different block sizes");
    if (!resource_box_inside(src, cmd->src_level, &src_box))
        return front_fail(ctx, VIRGL_CTX_ERROR_RESOURCE_OUT_OF_RANGE, "src_x",
                          (uint32_t)cmd->src_x, minify_px(src->desc.width, cmd->src_level),
                          "box outside the source");
    dst_box = (struct box){ (int32_t)cmd->dst_x, (int32_t)cmd->dst_y, (int32_t)cmd->dst_z,
                            cmd->width,          cmd->height,         cmd->depth };
    if (src->desc.target != VIRGL_TEXTURE_TARGET_BUFFER &&
        (df->block_w_px != sf->block_w_px || df->block_h_px != sf->block_h_px)) {
        dst_box.width = scale_blocks(cmd->width, sf->block_w_px, df->block_w_px);
        dst_box.height = scale_blocks(cmd->height, sf->block_h_px, df->block_h_px);
        /* The last block of a compressed level may reach over its edge. */
        if (dst_box.x >= 0 && dst_box.y >= 0) {
            const int64_t right = minify_px(dst->desc.width, cmd->dst_level) - (int64_t)dst_box.x;
            const int64_t top = minify_px(dst->desc.height, cmd->dst_level) - (int64_t)dst_box.y;

            if (dst_box.width > right && dst_box.width - right < df->block_w_px)
                dst_box.width = (int32_t)right;
            if (dst_box.height > top && dst_box.height - top < df->block_h_px)
                dst_box.height = (int32_t)top;
        }
    }
    if (!resource_box_inside(dst, cmd->dst_level, &dst_box))
        return front_fail(ctx, VIRGL_CTX_ERROR_RESOURCE_OUT_OF_RANGE, "dst_x", cmd->dst_x,
                          minify_px(dst->desc.width, cmd->dst_level),
                          "box outside the destination");
    return 0;
}

int front_resource_copy_region(struct front_context *ctx,
                               const struct virgl_cmd_resource_copy_region *cmd)
{
    const struct box src_box = { cmd->src_x, cmd->src_y, cmd->src_z,
                                 cmd->width, cmd->height, cmd->depth };
    struct resource *dst = front_resource(ctx, cmd->dst_resource);
    struct resource *src = front_resource(ctx, cmd->src_resource);
    bool plain;
    int error;

    if (!dst || dst->storage == RESOURCE_STORAGE_UNTYPED)
        return front_fail_resource(ctx, "dst_resource", cmd->dst_resource, "has no storage");
    if (!src || src->storage == RESOURCE_STORAGE_UNTYPED)
        return front_fail_resource(ctx, "src_resource", cmd->src_resource, "has no storage");
    if (!cmd->width || !cmd->height || !cmd->depth)
        return 0;
    error = check_copy(ctx, cmd, dst, src);
    if (error)
        return error;
    plain = dst->storage == RESOURCE_STORAGE_HOST_MEMORY ||
            dst->storage == RESOURCE_STORAGE_GUEST ||
            src->storage == RESOURCE_STORAGE_HOST_MEMORY || src->storage == RESOURCE_STORAGE_GUEST;
    if (plain)
        return copy_plain(ctx, dst, cmd->dst_x, src, &src_box);
    ctx->ops->resource_copy_region(ctx->sub->back, dst, cmd->dst_level, cmd->dst_x, cmd->dst_y,
                                   cmd->dst_z, src, cmd->src_level, &src_box);
    return 0;
}
