/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_FRONT_STATE_H
#define MANTUA_FRONT_STATE_H

/*
 * The state of one sub-context, as plain data: the front compares, stores and marks dirty; a back
 * end reads it at draw time, emits what is dirty and clears the bits that it has emitted.
 * Every pointer is valid (objects of the right type, resources alive) or NULL.
 */

#include "objects.h"

enum {
    STAGE_COUNT = 6,
    STATE_MAX_VIEWS = 128, /* slots that the protocol allows; a back end may use fewer */
};

enum state_dirty {
    DIRTY_BLEND = 1 << 0,
    DIRTY_RASTERIZER = 1 << 1,
    DIRTY_DSA = 1 << 2,
    DIRTY_VERTEX_ELEMENTS = 1 << 3,
    DIRTY_VERTEX_BUFFERS = 1 << 4,
    DIRTY_INDEX_BUFFER = 1 << 5,
    DIRTY_SHADERS = 1 << 6, /* any of shader[] */
    DIRTY_FRAMEBUFFER = 1 << 7,
    DIRTY_VIEWPORTS = 1 << 8,
    DIRTY_SCISSORS = 1 << 9,
    DIRTY_BLEND_COLOR = 1 << 10,
    DIRTY_STENCIL_REF = 1 << 11,
    DIRTY_SAMPLE_MASK = 1 << 12,
    DIRTY_MIN_SAMPLES = 1 << 13,
    DIRTY_CLIP_STATE = 1 << 14,
    DIRTY_POLYGON_STIPPLE = 1 << 15,
    DIRTY_TESS_STATE = 1 << 16,
    DIRTY_STREAMOUT = 1 << 17,
    DIRTY_ATOMIC_BUFFERS = 1 << 18,
    DIRTY_RENDER_CONDITION = 1 << 19,
    /* Per stage s: the stage's own masks tell which slots changed. */
    DIRTY_STAGE_0 = 1 << 24, /* shifted left by the stage number */
};

#define DIRTY_STAGE(stage) ((uint32_t)DIRTY_STAGE_0 << (stage))
#define DIRTY_ALL 0xffffffffu

struct state_buffer_range {
    struct resource *res;
    uint32_t offset_bytes, size_bytes;
};

struct state_image {
    struct resource *res;
    uint32_t format, access;
    uint32_t first_layer, last_layer, level;    /* textures */
    uint32_t first_element_bytes, size_bytes;   /* buffers */
};

struct state_stage {
    /* Which slots changed since the back end last looked (slots below 32 only, except views). */
    uint64_t views_dirty[2];
    uint32_t samplers_dirty, ubos_dirty, ssbos_dirty, images_dirty;
    bool constants_dirty;

    struct front_sampler_view *views[STATE_MAX_VIEWS];
    struct front_sampler_state *samplers[VIRGL_MAX_SAMPLERS];
    struct state_buffer_range ubos[VIRGL_MAX_CONSTANT_BUFFERS]; /* slot 0: only when the guest
                                                                   binds a buffer there */
    struct state_buffer_range ssbos[VIRGL_MAX_SHADER_BUFFERS];
    struct state_image images[VIRGL_MAX_SHADER_IMAGES];
    uint32_t ssbos_bound, images_bound;

    /* Plain constants (SET_CONSTANT_BUFFER, whatever its index says): a copy, grown as needed and
     * never shrunk. */
    uint32_t *constants;
    uint32_t constants_dwords;
    uint32_t constants_capacity_dwords;
};

struct state_vertex_buffer {
    struct resource *res;
    uint32_t stride_bytes, offset_bytes;
};

struct state_viewport {
    float scale[3], translate[3];
};

struct state_scissor {
    uint32_t minx, miny, maxx, maxy;
};

struct draw_state {
    uint32_t dirty; /* enum state_dirty */

    struct front_blend *blend;
    struct front_rasterizer *rasterizer;
    struct front_dsa *dsa;
    struct front_vertex_elements *vertex_elements;
    struct front_shader *shader[STAGE_COUNT];
    struct state_stage stage[STAGE_COUNT];

    struct state_vertex_buffer vertex_buffers[VIRGL_MAX_VERTEX_BUFFERS];
    uint32_t vertex_buffer_count;
    struct {
        struct resource *res;
        uint32_t size_bytes; /* of one index: 1, 2 or 4 */
        uint32_t offset_bytes;
    } index;

    struct {
        struct front_surface *cbufs[VIRGL_MAX_COLOR_BUFFERS];
        uint32_t nr_cbufs;
        struct front_surface *zsurf;
        /* Used when nothing is attached. */
        uint32_t width_px, height_px, layers, samples;
    } framebuffer;

    struct state_viewport viewports[VIRGL_MAX_VIEWPORTS];
    struct state_scissor scissors[VIRGL_MAX_VIEWPORTS];
    uint32_t viewports_dirty, scissors_dirty; /* bit per index */
    float blend_color[4];
    uint32_t stencil_ref[2];
    uint32_t sample_mask;
    uint32_t min_samples;
    float clip_planes[VIRGL_MAX_CLIP_PLANES][4];
    uint32_t polygon_stipple[32];
    float tess_levels[6]; /* four outer, two inner */

    struct front_streamout_target *streamout[VIRGL_MAX_STREAM_OUTPUT_BUFFERS];
    uint32_t streamout_count;
    uint32_t streamout_append; /* bit per target: keep what was captured before */

    struct state_buffer_range atomic_buffers[VIRGL_MAX_HW_ATOMIC_BUFFERS];
    uint32_t atomic_buffers_dirty;

    struct {
        struct front_query *query;
        bool condition;
        uint32_t mode; /* enum virgl_render_cond */
    } render_condition;
};

#endif
