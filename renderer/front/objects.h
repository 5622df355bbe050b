/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_FRONT_OBJECTS_H
#define MANTUA_FRONT_OBJECTS_H

/*
 * Context objects: what CREATE_OBJECT makes. Each keeps its creation words in decoded form, so
 * that the whole state can be written out and replayed, and a pointer that its back end owns.
 *
 * Objects are counted: one reference for the handle table, one per binding. A destroyed handle
 * whose object is still bound lives until it is unbound.
 */

#include "virgl_commands.h"

struct resource;
struct shader_ir;

struct front_object {
    uint32_t handle;
    uint32_t type; /* enum virgl_object_type; MSAA_SURFACE is stored as SURFACE */
    uint32_t refcount;
    /* Unique for the life of the renderer, never 0: caches may key on it without fear of a new
     * object at an old address. */
    uint64_t serial;
    void *back;
    uint64_t charged_bytes; /* what the object counts against its context's memory limit */
    bool published;         /* the back end has been told of it */
};

struct front_blend {
    struct front_object base;
    /* Always eight valid entries: without independent blending all are alike, and entries with
     * blending off hold nothing but their colour mask. */
    struct virgl_obj_blend desc;
};

struct front_rasterizer {
    struct front_object base;
    struct virgl_obj_rasterizer desc;
};

struct front_dsa {
    struct front_object base;
    struct virgl_obj_dsa desc;
};

struct front_vertex_elements {
    struct front_object base;
    struct virgl_obj_vertex_elements desc;
};

struct front_sampler_state {
    struct front_object base;
    struct virgl_obj_sampler_state desc; /* desc.border_color points to border_color */
    uint32_t border_color[4];
};

struct front_sampler_view {
    struct front_object base;
    struct virgl_obj_sampler_view desc;
    struct resource *res; /* counted */
};

struct front_surface {
    struct front_object base;
    struct virgl_obj_surface desc; /* from MSAA_SURFACE too */
    uint32_t sample_count;         /* implicit multisampling; 0 = the resource's own */
    struct resource *res;          /* counted */
};

struct front_shader {
    struct front_object base;
    uint32_t stage; /* enum virgl_shader_stage */
    struct shader_ir *ir;
    uint32_t so_stride_dwords[4];
    bool has_stream_output;
};

struct front_query {
    struct front_object base;
    struct virgl_obj_query desc;
    struct resource *res; /* counted; where the result goes */
    bool active;
    bool ended;          /* at least once: there is, or will be, a result */
    bool result_pending; /* GET_QUERY_RESULT came before the result */
};

struct front_streamout_target {
    struct front_object base;
    struct virgl_obj_streamout_target desc;
    struct resource *res; /* counted */
};

#endif
