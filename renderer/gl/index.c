/* SPDX-License-Identifier: MIT */
/* Index lists for what a host cannot draw by itself: quads on core and GLES hosts, and restart
 * values other than all ones on GLES hosts. */
#include <stdlib.h>
#include <string.h>

#include "draw_context.h"

enum {
    /* No real program draws more quads at once. */
    MAX_CONVERTED_BYTES = 256 << 20,
};

static bool native_quads(const struct gl_features *feat)
{
    return feat->compat && !feat->gles;
}

static bool restart_is_native(const struct gl_context *ctx, const struct virgl_cmd_draw_vbo *draw)
{
    unsigned bytes = ctx->base.state->index.size_bytes;
    uint32_t all_ones = bytes >= 4 ? 0xffffffffu : (1u << (8 * bytes)) - 1;

    return !draw->indexed || !draw->primitive_restart || ctx->dev->feat.primitive_restart ||
           (ctx->dev->feat.primitive_restart_fixed_index && draw->restart_index == all_ones);
}

bool gl_needs_index_conversion(const struct gl_context *ctx, const struct virgl_cmd_draw_vbo *draw)
{
    if (draw->mode == VIRGL_PRIM_QUADS && !native_quads(&ctx->dev->feat))
        return true;
    return !restart_is_native(ctx, draw);
}

/* Both triangles of a quad end (or begin) with its provoking vertex. */
static uint32_t *put_quad(uint32_t *out, const uint32_t q[4], bool first_provokes)
{
    static const uint8_t last_order[6] = {0, 1, 3, 1, 2, 3};
    static const uint8_t first_order[6] = {0, 1, 2, 0, 2, 3};
    const uint8_t *order = first_provokes ? first_order : last_order;

    for (unsigned i = 0; i < 6; i++)
        *out++ = q[order[i]];
    return out;
}

static bool first_provokes(const struct gl_context *ctx)
{
    const struct draw_state *state = ctx->base.state;

    return state->rasterizer && state->rasterizer->desc.flatshade_first;
}

static void upload(struct gl_context *ctx, const uint32_t *indices, size_t bytes)
{
    struct gl_draw *d = ctx->draw;

    if (!d->converted_indices)
        glGenBuffers(1, &d->converted_indices);
    gl_emit_element_buffer(ctx, d->converted_indices);
    glBufferData(GL_ELEMENT_ARRAY_BUFFER, (GLsizeiptr)bytes, indices, GL_STREAM_DRAW);
}

static bool quads_of_arrays(struct gl_context *ctx, const struct virgl_cmd_draw_vbo *draw,
                            struct gl_index_draw *out)
{
    uint32_t quads = draw->count / 4;
    size_t bytes = (size_t)quads * 6 * sizeof(uint32_t);
    uint32_t *indices, *at;

    if (!quads || bytes > MAX_CONVERTED_BYTES)
        return false;
    indices = at = malloc(bytes);
    if (!indices)
        return false;
    for (uint32_t i = 0; i < quads; i++) {
        uint32_t first = draw->start + 4 * i;
        uint32_t q[4] = {first, first + 1, first + 2, first + 3};

        at = put_quad(at, q, first_provokes(ctx));
    }
    upload(ctx, indices, bytes);
    free(indices);
    out->count = quads * 6;
    return true;
}

static uint32_t index_at(const void *data, unsigned bytes, uint32_t i)
{
    switch (bytes) {
    case 1:
        return ((const uint8_t *)data)[i];
    case 2:
        return ((const uint16_t *)data)[i];
    default:
        return ((const uint32_t *)data)[i];
    }
}

/* The guest's indices, from the buffer: slow, but only for what needs it. */
static void *read_indices(struct gl_context *ctx, uint64_t offset, size_t bytes)
{
    GLuint buffer = gl_resource(ctx->base.state->index.res)->name;
    void *data = malloc(bytes);
    const void *map;

    if (!data)
        return NULL;
    gl_state_bind_buffer(&ctx->state, GL_COPY_READ_BUFFER, buffer);
    map = glMapBufferRange(GL_COPY_READ_BUFFER, (GLintptr)offset, (GLsizeiptr)bytes,
                           GL_MAP_READ_BIT);
    if (!map) {
        free(data);
        return NULL;
    }
    memcpy(data, map, bytes);
    glUnmapBuffer(GL_COPY_READ_BUFFER);
    return data;
}

static uint32_t convert_list(const struct gl_context *ctx, const struct virgl_cmd_draw_vbo *draw,
                             const void *data, unsigned index_bytes, uint32_t count, uint32_t *out)
{
    bool quads = draw->mode == VIRGL_PRIM_QUADS;
    bool first = first_provokes(ctx);
    uint32_t *at = out;
    uint32_t q[4];
    unsigned filled = 0;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = index_at(data, index_bytes, i);

        if (draw->primitive_restart && index == draw->restart_index) {
            filled = 0;
            if (!quads)
                *at++ = 0xffffffffu;
            continue;
        }
        if (!quads) {
            *at++ = index;
            continue;
        }
        q[filled++] = index;
        if (filled == 4) {
            at = put_quad(at, q, first);
            filled = 0;
        }
    }
    return (uint32_t)(at - out);
}

bool gl_convert_indices(struct gl_context *ctx, const struct virgl_cmd_draw_vbo *draw,
                        struct gl_index_draw *out)
{
    const struct draw_state *state = ctx->base.state;
    unsigned index_bytes = state->index.size_bytes;
    uint64_t offset = state->index.offset_bytes;
    uint32_t count = out->count;
    size_t in_bytes = (size_t)count * index_bytes;
    size_t out_bytes = (size_t)count * sizeof(uint32_t);
    uint32_t *indices;
    void *data;

    out->type = GL_UNSIGNED_INT;
    out->index_bytes = 4;
    out->offset = 0;
    out->mode = draw->mode == VIRGL_PRIM_QUADS ? GL_TRIANGLES : out->mode;
    out->restart_index = 0xffffffffu;
    if (!draw->indexed) {
        out->indexed = true;
        out->base_vertex = 0;
        out->restart = false;
        return quads_of_arrays(ctx, draw, out);
    }
    if (draw->mode == VIRGL_PRIM_QUADS)
        out_bytes = (size_t)count / 4 * 6 * sizeof(uint32_t);
    if (!count || !out_bytes || out_bytes > MAX_CONVERTED_BYTES)
        return false;
    data = read_indices(ctx, offset, in_bytes);
    indices = data ? malloc(out_bytes) : NULL;
    if (!indices) {
        free(data);
        return false;
    }
    out->count = convert_list(ctx, draw, data, index_bytes, count, indices);
    out->restart = draw->primitive_restart && draw->mode != VIRGL_PRIM_QUADS;
    if (out->count)
        upload(ctx, indices, (size_t)out->count * sizeof(uint32_t));
    free(indices);
    free(data);
    return out->count > 0;
}

void gl_index_finish(struct gl_context *ctx)
{
    struct gl_draw *d = ctx->draw;

    if (d->converted_indices)
        glDeleteBuffers(1, &d->converted_indices);
    d->converted_indices = 0;
}
