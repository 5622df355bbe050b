/* SPDX-License-Identifier: MIT */
#include "null_internal.h"

#include <string.h>

#include "virgl_formats.h"
#include "virgl_protocol.h"

enum {
    MAX_TEXTURE_PX = 16384,
    MAX_TEXTURE_3D_PX = 2048,
    MAX_LAYERS = 2048,
    MAX_SAMPLES = 8,
    CONSTANT_BUFFER_BYTES = 65536,
    BUFFER_ALIGNMENT_BYTES = 16,
};

static void set_bit(uint32_t set[16], uint32_t format)
{
    set[format / 32] |= 1u << (format % 32);
}

void null_limits_init(struct backend_limits *limits)
{
    *limits = (struct backend_limits){
        .max_texture_2d_px = MAX_TEXTURE_PX,
        .max_texture_3d_px = MAX_TEXTURE_3D_PX,
        .max_texture_cube_px = MAX_TEXTURE_PX,
        .max_array_layers = MAX_LAYERS,
        .max_samples = MAX_SAMPLES,
        .max_buffer_bytes = 1u << 31,
        .max_viewports = VIRGL_MAX_VIEWPORTS,
        .max_render_targets = VIRGL_MAX_COLOR_BUFFERS,
        .max_vertex_attribs = VIRGL_MAX_VERTEX_ATTRIBS,
        .max_constant_buffer_bytes = CONSTANT_BUFFER_BYTES,
        .ubo_offset_alignment_bytes = BUFFER_ALIGNMENT_BYTES,
        .ssbo_offset_alignment_bytes = BUFFER_ALIGNMENT_BYTES,
        .has_cube_arrays = true,
        .has_indirect_draw = true,
        .has_multi_draw_indirect = true,
        .has_indirect_count = true,
        .has_query_buffer = true,
        .has_compute = true,
        .has_tessellation = true,
        .has_geometry = true,
        .has_texture_views = true,
        .has_layered_rendering = true,
        .has_user_memory = true,
    };
    for (uint32_t i = 1; i < VIRGL_FORMAT_COUNT; i++) {
        const struct virgl_format_info *format = virgl_format_info(i);

        if (!format)
            continue;
        if (format->vertex_size)
            set_bit(limits->format_vertex, i);
        if (format->is_planar || !format->block_bytes)
            continue;
        set_bit(limits->format_supported, i);
        if (format->is_compressed || format->layout != VIRGL_FORMAT_LAYOUT_PLAIN)
            continue;
        set_bit(limits->format_renderable, i);
        set_bit(limits->format_multisample, i);
        if (!format->has_depth && !format->has_stencil)
            set_bit(limits->format_image, i);
    }
}

static void fill_v1(const struct backend_limits *limits, struct virgl_caps_v1 *caps)
{
    memcpy(caps->sampler, limits->format_supported, sizeof(caps->sampler));
    memcpy(caps->render, limits->format_renderable, sizeof(caps->render));
    memcpy(caps->vertexbuffer, limits->format_vertex, sizeof(caps->vertexbuffer));
    caps->bset = ~0u;
    caps->glsl_level = 430;
    caps->max_texture_array_layers = limits->max_array_layers;
    caps->max_streamout_buffers = VIRGL_MAX_STREAM_OUTPUT_BUFFERS;
    caps->max_dual_source_render_targets = 1;
    caps->max_render_targets = limits->max_render_targets;
    caps->max_samples = limits->max_samples;
    caps->prim_mask = (1u << VIRGL_PRIM_COUNT) - 1;
    caps->max_tbo_size = 1u << 27;
    caps->max_uniform_blocks = 15;
    caps->max_viewports = limits->max_viewports;
    caps->max_texture_gather_components = 4;
}

static void fill_v2(const struct backend_limits *limits, struct virgl_caps_v2 *caps)
{
    static const char name[] = "null";

    caps->min_aliased_point_size = caps->min_smooth_point_size = 1.0f;
    caps->max_aliased_point_size = caps->max_smooth_point_size = 255.0f;
    caps->min_aliased_line_width = caps->min_smooth_line_width = 1.0f;
    caps->max_aliased_line_width = caps->max_smooth_line_width = 255.0f;
    caps->max_texture_lod_bias = 16.0f;
    caps->max_geom_output_vertices = 256;
    caps->max_geom_total_output_components = 1024;
    caps->max_vertex_outputs = 32;
    caps->max_vertex_attribs = limits->max_vertex_attribs;
    caps->max_shader_patch_varyings = 32;
    caps->min_texel_offset = caps->min_texture_gather_offset = -32;
    caps->max_texel_offset = caps->max_texture_gather_offset = 31;
    caps->texture_buffer_offset_alignment = BUFFER_ALIGNMENT_BYTES;
    caps->uniform_buffer_offset_alignment = limits->ubo_offset_alignment_bytes;
    caps->shader_buffer_offset_alignment = limits->ssbo_offset_alignment_bytes;
    caps->capability_bits = ~(VIRGL_CAP_HOST_IS_GLES | VIRGL_CAP_GUEST_MAY_INIT_LOG |
                              VIRGL_CAP_TGSI_FBFETCH | VIRGL_CAP_BGRA_SRGB_IS_EMULATED);
    caps->max_vertex_attrib_stride = 2048;
    caps->max_shader_buffer_frag_compute = caps->max_shader_buffer_other_stages = 16;
    caps->max_shader_image_frag_compute = caps->max_shader_image_other_stages = 16;
    caps->max_compute_work_group_invocations = 1024;
    caps->max_compute_shared_memory_size = 32768;
    for (int i = 0; i < 3; i++) {
        caps->max_compute_grid_size[i] = 65535;
        caps->max_compute_block_size[i] = 1024;
    }
    caps->max_texture_2d_size = limits->max_texture_2d_px;
    caps->max_texture_3d_size = limits->max_texture_3d_px;
    caps->max_texture_cube_size = limits->max_texture_cube_px;
    caps->max_combined_shader_buffers = 32;
    for (int i = 0; i < STAGE_COUNT; i++) {
        caps->max_atomic_counters[i] = 4096;
        caps->max_atomic_counter_buffers[i] = 8;
        caps->max_const_buffer_size[i] = limits->max_constant_buffer_bytes;
        caps->max_shader_storage_blocks[i] = 16;
    }
    caps->max_combined_atomic_counters = 4096;
    caps->max_combined_atomic_counter_buffers = 8;
    caps->host_feature_check_version = VIRGL_FEATURE_CHECK_VERSION;
    memcpy(caps->supported_readback_formats, limits->format_supported,
           sizeof(caps->supported_readback_formats));
    memcpy(caps->supported_multisample_formats, limits->format_multisample,
           sizeof(caps->supported_multisample_formats));
    memcpy(caps->scanout, limits->format_renderable, sizeof(caps->scanout));
    caps->capability_bits_v2 = VIRGL_CAP_V2_STRING_MARKER | VIRGL_CAP_V2_IMPLICIT_MSAA |
                               VIRGL_CAP_V2_COPY_TRANSFER_BOTH_DIRECTIONS |
                               VIRGL_CAP_V2_PIPELINE_STATISTICS_QUERY |
                               VIRGL_CAP_V2_DRAW_PARAMETERS | VIRGL_CAP_V2_MIRROR_CLAMP_TO_EDGE;
    memcpy(caps->renderer, name, sizeof(name));
    caps->max_anisotropy = 16.0f;
    caps->max_texture_samplers = 32;
    caps->max_uniform_block_size = limits->max_constant_buffer_bytes;
    caps->max_tcs_outputs = caps->max_tes_outputs = 32;
}

void null_fill_caps(struct backend *backend, uint32_t capset_id, union virgl_caps *caps)
{
    fill_v1(&backend->limits, &caps->v1);
    if (capset_id > 1)
        fill_v2(&backend->limits, &caps->v2);
    caps->max_version = capset_id;
}
