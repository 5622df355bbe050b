/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_GL_DEVICE_H
#define MANTUA_GL_DEVICE_H

/*
 * The GL back end as a whole: one share group of GL contexts, what the host can do, and what all
 * contexts share (resources, programs, upload memory).
 */

#include <epoxy/gl.h>

#include "front/backend.h"
#include "shader/shader.h"
#include "virgl_formats.h"

struct gl_blit_programs; /* blit_shader.c's part */
struct gl_program_cache;
struct gl_context;
struct winsys;
struct winsys_context;

/* What the host's GL offers, asked once. Named after what is used, not after extensions: each is
 * true when the core version or any extension brings it. */
struct gl_features {
    bool gles;
    bool compat;   /* compatibility profile */
    int version;   /* 10 * major + minor */
    int glsl;      /* 450, 310, ... */

    bool buffer_storage, persistent_map, pinned_memory;
    bool texture_storage, texture_storage_multisample, texture_storage_ms_array, texture_view;
    bool texture_buffer, texture_buffer_range, texture_swizzle, texture_rectangle;
    bool cube_map_array, stencil_texturing, texture_border_clamp, texture_mirror_clamp_to_edge;
    bool texture_mirror_clamp, anisotropy, seamless_cube_map, seamless_cube_map_per_texture;
    bool texture_lod_bias, srgb_decode, srgb_write_control, copy_image, clear_texture;
    bool get_texture_sub_image, invalidate;
    bool sampler_objects, vertex_attrib_binding, vertex_attrib_lfloat, instanced_arrays;
    bool base_vertex, base_instance, draw_indirect, multi_draw_indirect, indirect_parameters;
    bool primitive_restart, primitive_restart_fixed_index, provoking_vertex;
    bool viewport_array, clip_control, depth_clamp, polygon_offset_clamp, depth_bounds;
    bool blend_func_separate_i, dual_source_blend, blend_advanced, blend_advanced_coherent, logic_op;
    bool polygon_mode, line_smooth, point_sprite_origin, program_point_size;
    bool sample_mask, sample_shading, texture_multisample, alpha_to_one;
    bool framebuffer_no_attachments, framebuffer_texture_layer, framebuffer_texture,
         framebuffer_fetch, framebuffer_fetch_non_coherent, multisampled_render_to_texture;
    bool geometry_shader, tessellation, compute, ssbo, images, atomic_counters, gpu_shader5, fp64,
         int64;
    bool ubo, separate_shader_objects, program_binary, explicit_binding, parallel_compile;
    bool transform_feedback, transform_feedback2, transform_feedback3,
         transform_feedback_overflow_query;
    bool occlusion_query, occlusion_query_boolean, timer_query, pipeline_statistics, query_buffer;
    bool conditional_render, conditional_render_inverted;
    bool texture_barrier, memory_barrier, debug, robustness, sync, nvx_memory_info, ati_memory_info;
    bool color_buffer_float, color_buffer_half_float, texture_float_linear, bgra8888;
    bool clip_cull_distance, cull_distance, shader_stencil_export, derivative_control;
    bool vs_layer_viewport, texture_gather, texture_query_lod, texture_query_levels,
         texture_shadow_lod, shader_draw_parameters, shader_clock, group_vote, conservative_depth;
    bool vertex_type_10f_11f_11f, vertex_type_2_10_10_10;

    int max_samplers_per_stage, max_combined_samplers, max_ubo_bindings, max_ubos_per_stage,
        max_ssbo_bindings, max_ssbos_per_stage[STAGE_COUNT], max_image_units,
        max_images_per_stage[STAGE_COUNT], max_atomic_buffer_bindings,
        max_draw_buffers, max_dual_source_draw_buffers, max_clip_distances, max_vertex_attribs,
        max_vertex_attrib_stride, max_viewports, max_samples, max_texture_buffer_texels,
        ubo_alignment_bytes, ssbo_alignment_bytes, texture_buffer_alignment_bytes,
        max_ubo_bytes, max_anisotropy, max_patch_vertices;
    char renderer[128], vendor[64], version_text[128];
};

/* How texels change between guest memory and what GL takes and gives. */
enum gl_repack {
    GL_REPACK_NONE,
    GL_REPACK_BITS,        /* whole texels up to 32 bits: bit fields move */
    GL_REPACK_DEPTH24_LOW, /* 24-bit depth in the low bits; GL: 32-bit normalised */
    GL_REPACK_DEPTH24_HIGH, /* the same in the high bits */
};

struct gl_repack_field {
    uint8_t memory_shift, gl_shift, bits;
};

/* How a format lives on this host; filled once by gl_formats_init(). */
struct gl_format {
    GLenum internalformat; /* 0: the format is not available */
    GLenum format, type;   /* of texels in transfers */
    uint8_t swizzle[4];    /* VIRGL_SWIZZLE_*: composed with a view's swizzle when sampled */
    bool has_swizzle;
    bool swap_rb;          /* texels in memory are BGRA, storage is RGBA (GLES) */
    bool alpha_in_red;     /* alpha-only format kept in the red channel */
    bool no_alpha;         /* the format has no alpha, its storage has */
    bool renderable, filterable, multisample, image, compressed, depth, stencil, integer, srgb;
    bool scanout;

    const struct virgl_format_info *info;
    uint8_t gl_texel_bytes;    /* of one texel (block) on GL's side of a transfer */
    uint8_t repack;            /* enum gl_repack */
    uint8_t repack_fields;
    uint32_t repack_ones;      /* bits of GL's texel that are set on the way in: unused alpha */
    struct gl_repack_field field[4];
    bool stencil_plane;        /* sampled as the stencil of a combined format */
};

struct gl_device {
    struct backend base;
    struct gl_features feat;
    struct shader_host shader_host;
    struct gl_format formats[VIRGL_FORMAT_COUNT];

    struct winsys *winsys;
    struct gl_context *contexts; /* all live ones, linked by next */
    struct gl_context *root;    /* for work outside any sub-context; has no draw_state */
    struct gl_context *current; /* NULL: unknown, ask the winsys */
    struct winsys_context *fence_thread_context;

    /* Staging memory of transfers, reused; gl_staging() grows it. */
    void *staging;
    size_t staging_bytes;
    struct gl_blit_programs *blit_programs;

    struct gl_program_cache *programs;
    uint64_t constants_serial; /* the last number given to contents of plain constants */

    /* Counts for DEBUG_STATS. */
    struct {
        uint64_t draws, compiles, links, disk_hits, disk_misses, program_switches, flushes;
    } stats;
};

static inline struct gl_device *gl_device(struct backend *backend)
{
    return (struct gl_device *)backend;
}

static inline const struct gl_format *gl_format(const struct gl_device *dev, uint32_t format)
{
    return &dev->formats[format];
}

/* Makes the back end on ws, which it then owns (and destroys, also on failure). NULL with the
 * reason logged. */
struct backend *gl_backend_create(struct winsys *ws, struct log *log, uint32_t debug);

void gl_features_init(struct gl_features *feat, const struct log *log);
void gl_formats_init(struct gl_device *dev);
void gl_limits_init(struct gl_device *dev);
void gl_shader_host_init(struct gl_device *dev);
void gl_fill_caps(struct backend *backend, uint32_t capset_id, union virgl_caps *caps);

/* GL's texel bytes to and from the resource's, count texels; used when format->repack is set. */
void gl_repack_to_gl(const struct gl_format *format, void *dst, const void *src, size_t count);
void gl_repack_to_memory(const struct gl_format *format, void *dst, const void *src, size_t count);

/* Can transfers read textures of this format? */
bool gl_format_readable(const struct gl_device *dev, const struct gl_format *format);

/* Memory for one transfer at a time; NULL when the host is out of memory. */
void *gl_staging(struct gl_device *dev, size_t bytes);

/* debug_output.c: messages of the current context to the log; a named group around one command.
 * Nothing happens unless DEBUG_GL is set. */
void gl_debug_output_init(struct gl_device *dev);
void gl_debug_group_begin(const struct gl_device *dev, const char *name);
void gl_debug_group_end(const struct gl_device *dev);

/* fence.c */
int gl_fence_create(struct backend *backend, struct backend_context *ctx,
                    struct backend_fence **out);
bool gl_fence_wait(struct backend *backend, struct backend_fence *fence, uint64_t timeout_ns);
void gl_fence_destroy(struct backend *backend, struct backend_fence *fence);
int gl_fence_export(struct backend *backend, struct backend_fence *fence, int *fd);
int gl_fence_server_wait(struct backend_context *ctx, struct backend_fence *fence);
int gl_sync_file_server_wait(struct backend_context *ctx, int fd);
bool gl_fence_thread_prepare(struct backend *backend);
bool gl_fence_thread_begin(struct backend *backend);
void gl_fence_thread_end(struct backend *backend);

/* The context that resource work runs in: the current one, or the root made current. */
struct gl_context *gl_device_context(struct gl_device *dev);

#endif
