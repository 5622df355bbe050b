/* SPDX-License-Identifier: MIT */
#include "caps.h"

#include <stdio.h>
#include <string.h>

#include "core/debug.h"
#include "core/log.h"
#include "winsys/winsys.h"

static uint32_t get_uint(GLenum name)
{
    GLint value = 0;
    glGetIntegerv(name, &value);
    return value > 0 ? (uint32_t)value : 0;
}

static void set_bit(uint32_t mask[16], uint32_t format)
{
    if (format < 512)
        mask[format / 32] |= 1u << format % 32;
}

/* A format whose sampler swizzle cannot be undone at the output is for sampling only. */
static bool usable_as_target(const struct gl_format *f)
{
    if (!f->renderable || f->depth || f->stencil)
        return false;
    if (!f->has_swizzle || f->no_alpha || f->alpha_in_red)
        return true;
    return f->swizzle[0] == VIRGL_SWIZZLE_X && f->swizzle[3] == VIRGL_SWIZZLE_1;
}

/* Guests are shown the formats that they know from other hosts, so that they pick the same ones
 * here; the rest of what the host can do is there for those who ask by number. Luminance with alpha
 * is left out: guests have renderable formats for it. */
static bool announced(const struct gl_device *dev, const struct gl_format *f)
{
    if (!f->internalformat)
        return false;
    if (dev->feat.gles && f->info->stock_gles)
        return true;
    return f->info->stock_gl && !(f->has_swizzle && f->swizzle[3] == VIRGL_SWIZZLE_Y);
}

void gl_limits_init(struct gl_device *dev)
{
    const struct gl_features *feat = &dev->feat;
    struct backend_limits *l = &dev->base.limits;

    l->max_texture_2d_px = get_uint(GL_MAX_TEXTURE_SIZE);
    l->max_texture_3d_px = get_uint(GL_MAX_3D_TEXTURE_SIZE);
    l->max_texture_cube_px = get_uint(GL_MAX_CUBE_MAP_TEXTURE_SIZE);
    l->max_array_layers = get_uint(GL_MAX_ARRAY_TEXTURE_LAYERS);
    l->max_samples = gl_max_samples(dev);
    l->max_buffer_bytes = INT32_MAX;
    l->max_viewports = feat->max_viewports < 16 ? feat->max_viewports : 16;
    l->max_render_targets = feat->max_draw_buffers < 8 ? feat->max_draw_buffers : 8;
    l->max_vertex_attribs = feat->max_vertex_attribs;
    l->max_constant_buffer_bytes = feat->max_ubo_bytes;
    l->ubo_offset_alignment_bytes = feat->ubo_alignment_bytes;
    l->ssbo_offset_alignment_bytes = feat->ssbo_alignment_bytes;
    l->has_cube_arrays = feat->cube_map_array;
    l->has_indirect_draw = feat->draw_indirect;
    l->has_multi_draw_indirect = feat->multi_draw_indirect;
    l->has_indirect_count = feat->indirect_parameters;
    l->has_query_buffer = feat->query_buffer;
    l->has_user_memory = feat->pinned_memory && !(dev->base.debug & DEBUG_NO_PERSISTENT_MAP);
    l->has_compute = feat->compute;
    l->has_tessellation = feat->tessellation;
    l->has_geometry = feat->geometry_shader;
    l->has_texture_views = feat->texture_view;
    l->has_layered_rendering = feat->framebuffer_texture;
    for (uint32_t i = 1; i < VIRGL_FORMAT_COUNT; i++) {
        const struct gl_format *f = &dev->formats[i];
        if (f->info && f->info->vertex_size &&
            (f->info->number != VIRGL_FORMAT_R11G11B10_FLOAT || feat->vertex_type_10f_11f_11f))
            set_bit(l->format_vertex, i);
        if (!f->internalformat)
            continue;
        set_bit(l->format_supported, i);
        if (f->renderable)
            set_bit(l->format_renderable, i);
        if (f->multisample)
            set_bit(l->format_multisample, i);
        if (f->image)
            set_bit(l->format_image, i);
    }
}

static void fill_formats_v1(const struct gl_device *dev, struct virgl_caps_v1 *caps)
{
    for (uint32_t i = 1; i < VIRGL_FORMAT_COUNT; i++) {
        const struct gl_format *f = &dev->formats[i];
        if (!announced(dev, f))
            continue;
        set_bit(caps->sampler, i);
        if (usable_as_target(f))
            set_bit(caps->render, i);
    }
    if (dev->feat.vertex_type_10f_11f_11f)
        set_bit(caps->vertexbuffer, VIRGL_FORMAT_R11G11B10_FLOAT);
}

static uint32_t bset(const struct gl_features *f)
{
    const struct {
        bool has;
        uint32_t bit;
    } bits[] = {
        {!f->gles || f->blend_func_separate_i, VIRGL_BSET_INDEP_BLEND_ENABLE},
        {f->blend_func_separate_i, VIRGL_BSET_INDEP_BLEND_FUNC},
        {f->cube_map_array, VIRGL_BSET_CUBE_MAP_ARRAY},
        {f->shader_stencil_export, VIRGL_BSET_SHADER_STENCIL_EXPORT},
        {f->conditional_render, VIRGL_BSET_CONDITIONAL_RENDER},
        {f->base_instance, VIRGL_BSET_START_INSTANCE},
        {f->primitive_restart || f->primitive_restart_fixed_index, VIRGL_BSET_PRIMITIVE_RESTART},
        {true, VIRGL_BSET_INSTANCEID},
        {f->seamless_cube_map, VIRGL_BSET_SEAMLESS_CUBE_MAP},
        {true, VIRGL_BSET_OCCLUSION_QUERY},
        {f->timer_query, VIRGL_BSET_TIMER_QUERY},
        {f->transform_feedback2, VIRGL_BSET_STREAMOUT_PAUSE_RESUME},
        {f->texture_multisample, VIRGL_BSET_TEXTURE_MULTISAMPLE},
        /* Where GLSL has no layout for it the translator computes; guests without this bit send
         * conventions that they do not mean. */
        {f->gles || f->version >= 32, VIRGL_BSET_FRAGMENT_COORD_CONVENTIONS},
        {f->depth_clamp, VIRGL_BSET_DEPTH_CLIP_DISABLE},
        {f->seamless_cube_map_per_texture, VIRGL_BSET_SEAMLESS_CUBE_MAP_PER_TEXTURE},
        {f->texture_mirror_clamp_to_edge, VIRGL_BSET_MIRROR_CLAMP},
        {f->texture_query_lod, VIRGL_BSET_TEXTURE_QUERY_LOD},
        {f->fp64, VIRGL_BSET_HAS_FP64},
        {f->tessellation, VIRGL_BSET_HAS_TESSELLATION_SHADERS},
        {f->draw_indirect, VIRGL_BSET_HAS_INDIRECT_DRAW},
        {f->sample_shading, VIRGL_BSET_HAS_SAMPLE_SHADING},
        {f->cull_distance, VIRGL_BSET_HAS_CULL},
        {f->conditional_render_inverted, VIRGL_BSET_CONDITIONAL_RENDER_INVERTED},
        {f->derivative_control, VIRGL_BSET_DERIVATIVE_CONTROL},
        {f->polygon_offset_clamp, VIRGL_BSET_POLYGON_OFFSET_CLAMP},
        {f->transform_feedback_overflow_query, VIRGL_BSET_TRANSFORM_FEEDBACK_OVERFLOW_QUERY},
    };
    uint32_t result = 0;
    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
        result |= bits[i].has ? bits[i].bit : 0;
    return result;
}

/* The level that a guest may offer, in desktop numbers on every host. */
static uint32_t glsl_level(const struct gl_features *f)
{
    uint32_t level;

    if (f->gles)
        level = f->version >= 31 ? 310 : f->version >= 30 ? 130 : 120;
    else if (f->version <= 30)
        level = 130;
    else if (f->version == 31)
        level = 140;
    else if (f->version == 32)
        level = 150;
    else
        level = 10 * f->version;
    if (level < 400 && f->tessellation && f->geometry_shader && f->gpu_shader5) {
        level = 400;
        if (f->separate_shader_objects)
            level = f->compute ? 430 : 410;
    }
    return level;
}

static uint32_t prim_mask(const struct gl_features *f, uint32_t level)
{
    uint32_t mask = 0x7f; /* points to triangle fans */

    /* Quads and polygons are left to the guest, as on hosts without them: it turns them into
     * triangles at no cost to us. */
    if (level >= 150)
        mask |= 1u << VIRGL_PRIM_LINES_ADJACENCY | 1u << VIRGL_PRIM_LINE_STRIP_ADJACENCY |
                1u << VIRGL_PRIM_TRIANGLES_ADJACENCY | 1u << VIRGL_PRIM_TRIANGLE_STRIP_ADJACENCY;
    if (f->tessellation)
        mask |= 1u << VIRGL_PRIM_PATCHES;
    return mask;
}

static uint32_t streamout_buffers(const struct gl_features *f)
{
    if (!f->gles && f->transform_feedback3)
        return get_uint(GL_MAX_TRANSFORM_FEEDBACK_BUFFERS);
    if (f->gles)
        return get_uint(GL_MAX_TRANSFORM_FEEDBACK_SEPARATE_ATTRIBS) >= 4 ? 4 : 0;
    return f->transform_feedback ? 4 : 0;
}

static void fill_v1(struct gl_device *dev, struct virgl_caps_v1 *caps)
{
    const struct gl_features *f = &dev->feat;

    caps->max_version = 1;
    fill_formats_v1(dev, caps);
    caps->bset = bset(f);
    caps->glsl_level = glsl_level(f);
    caps->max_texture_array_layers = dev->base.limits.max_array_layers;
    caps->max_streamout_buffers = streamout_buffers(f);
    caps->max_dual_source_render_targets = f->max_dual_source_draw_buffers;
    caps->max_render_targets = dev->base.limits.max_render_targets;
    caps->max_samples = dev->base.limits.max_samples;
    caps->prim_mask = prim_mask(f, caps->glsl_level);
    caps->max_tbo_size = f->max_texture_buffer_texels;
    /* The plain constants are a block for us as for the guest. Our own values are ordinary uniforms
     * wherever a shader reads no more than a few of them. */
    caps->max_uniform_blocks = f->max_ubos_per_stage;
    caps->max_viewports = f->max_viewports;
    if (f->texture_gather)
        caps->max_texture_gather_components =
            f->gles ? 4 : get_uint(GL_MAX_PROGRAM_TEXTURE_GATHER_COMPONENTS_ARB);
}

void gl_fill_caps(struct backend *backend, uint32_t capset_id, union virgl_caps *caps)
{
    struct gl_device *dev = gl_device(backend);

    if (!gl_device_context(dev))
        return;
    fill_v1(dev, &caps->v1);
    if (capset_id == 2)
        gl_fill_caps_v2(dev, &caps->v2);
}
