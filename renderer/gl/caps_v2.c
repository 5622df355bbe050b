/* SPDX-License-Identifier: MIT */
#include "caps.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/debug.h"
#include "core/log.h"
#include "resource.h"
#include "winsys/winsys.h"

/* Guests know no more of these per stage. */
enum { MAX_STAGE_RESOURCES = 32 };

static uint32_t get_uint(GLenum name)
{
    GLint value = 0;
    glGetIntegerv(name, &value);
    return value > 0 ? (uint32_t)value : 0;
}

static int32_t get_int(GLenum name)
{
    GLint value = 0;
    glGetIntegerv(name, &value);
    return value;
}

static uint32_t at_most(uint32_t value, uint32_t limit)
{
    return value < limit ? value : limit;
}

/* A texture and framebuffer of its own, made and thrown away: nothing that the tracker knows. */
static bool multisample_works(struct gl_device *dev, GLenum internalformat, uint32_t samples,
                              float positions[16][2])
{
    struct gl_context *ctx = gl_device_context(dev);
    GLuint texture, fbo;
    bool ok;

    for (unsigned i = 0; i < 16 && glGetError() != GL_NO_ERROR; i++)
        ;
    glGenTextures(1, &texture);
    gl_state_bind_texture_scratch(&ctx->state, GL_TEXTURE_2D_MULTISAMPLE, texture);
    if (dev->feat.texture_storage_multisample)
        glTexStorage2DMultisample(GL_TEXTURE_2D_MULTISAMPLE, samples, internalformat, 64, 64,
                                  GL_TRUE);
    else
        glTexImage2DMultisample(GL_TEXTURE_2D_MULTISAMPLE, samples, internalformat, 64, 64,
                                GL_TRUE);
    ok = glGetError() == GL_NO_ERROR;
    glGenFramebuffers(1, &fbo);
    gl_state_bind_framebuffer(&ctx->state, GL_FRAMEBUFFER, fbo);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D_MULTISAMPLE,
                           texture, 0);
    ok = ok && glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
    /* Hosts round up; the answer counts only for the asked number. */
    for (uint32_t i = 0; ok && positions && i < samples; i++)
        glGetMultisamplefv(GL_SAMPLE_POSITION, i, positions[i]);
    gl_state_forget_framebuffer(&ctx->state, fbo);
    glDeleteFramebuffers(1, &fbo);
    gl_state_forget_texture(&ctx->state, texture);
    glDeleteTextures(1, &texture);
    return ok;
}

uint32_t gl_max_samples(struct gl_device *dev)
{
    uint32_t limit = at_most(dev->feat.max_samples > 0 ? dev->feat.max_samples : 1, 16);

    if (!dev->feat.texture_multisample)
        return limit >= 2 ? limit : 1;
    for (uint32_t samples = 16; samples >= 2; samples /= 2) {
        if (samples <= limit && multisample_works(dev, GL_RGBA32F, samples, NULL))
            return samples;
    }
    return 1;
}

static void fill_sample_locations(struct gl_device *dev, struct virgl_caps_v2 *caps)
{
    static const struct {
        uint32_t samples, first_dword;
    } sets[] = {{2, 0}, {4, 1}, {8, 2}, {16, 4}};

    if (!dev->feat.texture_multisample)
        return;
    for (unsigned s = 0; s < 4; s++) {
        float positions[16][2];
        if (sets[s].samples > caps->v1.max_samples ||
            !multisample_works(dev, GL_RGBA8, sets[s].samples, positions))
            continue;
        for (uint32_t i = 0; i < sets[s].samples; i++) {
            uint32_t x = (uint32_t)floorf(positions[i][0] * 16.0f) & 0xf;
            uint32_t y = (uint32_t)floorf(positions[i][1] * 16.0f) & 0xf;
            caps->sample_locations[sets[s].first_dword + i / 4] |= (x << 4 | y) << 8 * (i % 4);
        }
    }
}

static bool mixed_color_formats(struct gl_device *dev)
{
    struct gl_context *ctx = gl_device_context(dev);
    static const GLenum internalformats[2] = {GL_RGBA8, GL_R8};
    GLuint textures[2], fbo;

    glGenTextures(2, textures);
    glGenFramebuffers(1, &fbo);
    gl_state_bind_framebuffer(&ctx->state, GL_FRAMEBUFFER, fbo);
    for (unsigned i = 0; i < 2; i++) {
        gl_state_bind_texture_scratch(&ctx->state, GL_TEXTURE_2D, textures[i]);
        glTexImage2D(GL_TEXTURE_2D, 0, internalformats[i], 32, 32, 0, i ? GL_RED : GL_RGBA,
                     GL_UNSIGNED_BYTE, NULL);
        glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0 + i, GL_TEXTURE_2D,
                               textures[i], 0);
    }
    bool ok = glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
    gl_state_forget_framebuffer(&ctx->state, fbo);
    glDeleteFramebuffers(1, &fbo);
    for (unsigned i = 0; i < 2; i++)
        gl_state_forget_texture(&ctx->state, textures[i]);
    glDeleteTextures(2, textures);
    return ok;
}

static uint32_t capability_bits(struct gl_device *dev)
{
    const struct gl_features *f = &dev->feat;
    bool robust = (!f->gles && f->version >= 43) ||
                  epoxy_has_gl_extension("GL_ARB_robust_buffer_access_behavior") ||
                  epoxy_has_gl_extension("GL_KHR_robust_buffer_access_behavior");
    const struct {
        bool has;
        uint32_t bit;
    } bits[] = {
        {true, VIRGL_CAP_TGSI_INVARIANT},
        {f->texture_view && !(dev->base.debug & DEBUG_NO_TEXTURE_VIEW), VIRGL_CAP_TEXTURE_VIEW},
        {true, VIRGL_CAP_SET_MIN_SAMPLES},
        {f->copy_image, VIRGL_CAP_COPY_IMAGE},
        {true, VIRGL_CAP_TGSI_PRECISE},
        {!f->gles && (f->version >= 45 ||
                      epoxy_has_gl_extension("GL_ARB_shader_texture_image_samples")),
         VIRGL_CAP_TXQS},
        {f->memory_barrier, VIRGL_CAP_MEMORY_BARRIER},
        {f->compute, VIRGL_CAP_COMPUTE_SHADER},
        {f->framebuffer_no_attachments, VIRGL_CAP_FB_NO_ATTACH},
        {robust, VIRGL_CAP_ROBUST_BUFFER_ACCESS},
        {f->framebuffer_fetch, VIRGL_CAP_TGSI_FBFETCH},
        {f->shader_clock, VIRGL_CAP_SHADER_CLOCK},
        {f->texture_barrier, VIRGL_CAP_TEXTURE_BARRIER},
        {true, VIRGL_CAP_TGSI_COMPONENTS},
        {true, VIRGL_CAP_GUEST_MAY_INIT_LOG},
        {f->srgb_write_control, VIRGL_CAP_SRGB_WRITE_CONTROL},
        {f->query_buffer, VIRGL_CAP_QBO},
        {true, VIRGL_CAP_TRANSFER},
        {mixed_color_formats(dev), VIRGL_CAP_FBO_MIXED_COLOR_FORMATS},
        {f->gles, VIRGL_CAP_HOST_IS_GLES},
        {f->draw_indirect, VIRGL_CAP_BIND_COMMAND_ARGS},
        {f->multi_draw_indirect, VIRGL_CAP_MULTI_DRAW_INDIRECT},
        {f->indirect_parameters, VIRGL_CAP_INDIRECT_PARAMS},
        {f->transform_feedback3, VIRGL_CAP_TRANSFORM_FEEDBACK3},
        {epoxy_has_gl_extension("GL_KHR_texture_compression_astc_sliced_3d"), VIRGL_CAP_3D_ASTC},
        {true, VIRGL_CAP_INDIRECT_INPUT_ADDR},
        {true, VIRGL_CAP_COPY_TRANSFER},
        {f->clip_control, VIRGL_CAP_CLIP_HALFZ},
        {true, VIRGL_CAP_APP_TWEAK_SUPPORT},
        {f->clear_texture, VIRGL_CAP_CLEAR_TEXTURE},
        {f->buffer_storage && !(dev->base.debug & DEBUG_NO_PERSISTENT_MAP),
         VIRGL_CAP_ARB_BUFFER_STORAGE},
    };
    uint32_t result = 0;
    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
        result |= bits[i].has ? bits[i].bit : 0;
    return result;
}

static uint32_t capability_bits_v2(struct gl_device *dev)
{
    const struct gl_features *f = &dev->feat;
    bool memory_info = f->nvx_memory_info || f->ati_memory_info;
    const struct {
        bool has;
        uint32_t bit;
    } bits[] = {
        {f->blend_advanced, VIRGL_CAP_V2_BLEND_EQUATION},
        {winsys_egl_display(dev->winsys) != NULL, VIRGL_CAP_V2_UNTYPED_RESOURCE},
        {memory_info, VIRGL_CAP_V2_VIDEO_MEMORY},
        {memory_info, VIRGL_CAP_V2_MEMINFO},
        {f->debug, VIRGL_CAP_V2_STRING_MARKER},
        {f->multisampled_render_to_texture, VIRGL_CAP_V2_IMPLICIT_MSAA},
        {true, VIRGL_CAP_V2_COPY_TRANSFER_BOTH_DIRECTIONS},
        {f->separate_shader_objects, VIRGL_CAP_V2_SSO},
        {f->texture_shadow_lod, VIRGL_CAP_V2_TEXTURE_SHADOW_LOD},
        {epoxy_has_gl_extension("GL_AMD_vertex_shader_layer"), VIRGL_CAP_V2_VS_VERTEX_LAYER},
        {epoxy_has_gl_extension("GL_AMD_vertex_shader_viewport_index"),
         VIRGL_CAP_V2_VS_VIEWPORT_INDEX},
        {f->pipeline_statistics, VIRGL_CAP_V2_PIPELINE_STATISTICS_QUERY},
        {f->shader_draw_parameters, VIRGL_CAP_V2_DRAW_PARAMETERS},
        {f->group_vote, VIRGL_CAP_V2_GROUP_VOTE},
        {f->texture_mirror_clamp_to_edge, VIRGL_CAP_V2_MIRROR_CLAMP_TO_EDGE},
        {f->texture_mirror_clamp, VIRGL_CAP_V2_MIRROR_CLAMP},
    };
    uint32_t result = 0;
    for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
        result |= bits[i].has ? bits[i].bit : 0;
    return result;
}

static void fill_ranges(const struct gl_features *f, struct virgl_caps_v2 *caps)
{
    GLfloat range[2];

    glGetFloatv(GL_ALIASED_POINT_SIZE_RANGE, range);
    caps->min_aliased_point_size = range[0];
    caps->max_aliased_point_size = range[1];
    glGetFloatv(GL_ALIASED_LINE_WIDTH_RANGE, range);
    caps->min_aliased_line_width = range[0];
    caps->max_aliased_line_width = range[1];
    if (!f->gles) {
        glGetFloatv(GL_SMOOTH_POINT_SIZE_RANGE, range);
        caps->min_smooth_point_size = range[0];
        caps->max_smooth_point_size = range[1];
        glGetFloatv(GL_SMOOTH_LINE_WIDTH_RANGE, range);
        caps->min_smooth_line_width = range[0];
        caps->max_smooth_line_width = range[1];
    }
    glGetFloatv(GL_MAX_TEXTURE_LOD_BIAS, &caps->max_texture_lod_bias);
    if (f->anisotropy) {
        glGetFloatv(GL_MAX_TEXTURE_MAX_ANISOTROPY, &caps->max_anisotropy);
        caps->max_anisotropy = caps->max_anisotropy < 16.0f ? caps->max_anisotropy : 16.0f;
    }
    caps->min_texel_offset = get_int(GL_MIN_PROGRAM_TEXEL_OFFSET);
    caps->max_texel_offset = get_int(GL_MAX_PROGRAM_TEXEL_OFFSET);
    if (f->texture_gather) {
        caps->min_texture_gather_offset = get_int(GL_MIN_PROGRAM_TEXTURE_GATHER_OFFSET);
        caps->max_texture_gather_offset = get_int(GL_MAX_PROGRAM_TEXTURE_GATHER_OFFSET);
    }
}

static void fill_shader_limits(const struct gl_features *f, struct virgl_caps_v2 *caps)
{
    bool components = f->gles ? f->version >= 30 : f->version >= 32;

    if (f->geometry_shader) {
        caps->max_geom_output_vertices = get_uint(GL_MAX_GEOMETRY_OUTPUT_VERTICES);
        caps->max_geom_total_output_components =
            get_uint(GL_MAX_GEOMETRY_TOTAL_OUTPUT_COMPONENTS);
    }
    caps->max_vertex_outputs = components ? get_uint(GL_MAX_VERTEX_OUTPUT_COMPONENTS) / 4 : 16;
    caps->max_vertex_attribs = get_uint(GL_MAX_VERTEX_ATTRIBS);
    caps->max_vertex_attrib_stride = f->max_vertex_attrib_stride;
    if (f->tessellation) {
        caps->max_shader_patch_varyings = get_uint(GL_MAX_TESS_PATCH_COMPONENTS) / 4;
        caps->max_tcs_outputs = get_uint(GL_MAX_TESS_CONTROL_TOTAL_OUTPUT_COMPONENTS) / 4;
        caps->max_tes_outputs = get_uint(GL_MAX_TESS_EVALUATION_OUTPUT_COMPONENTS) / 4;
    }
    if (f->compute) {
        caps->max_compute_work_group_invocations =
            get_uint(GL_MAX_COMPUTE_WORK_GROUP_INVOCATIONS);
        caps->max_compute_shared_memory_size = get_uint(GL_MAX_COMPUTE_SHARED_MEMORY_SIZE);
        for (GLuint i = 0; i < 3; i++) {
            GLint value = 0;
            glGetIntegeri_v(GL_MAX_COMPUTE_WORK_GROUP_COUNT, i, &value);
            caps->max_compute_grid_size[i] = value;
            glGetIntegeri_v(GL_MAX_COMPUTE_WORK_GROUP_SIZE, i, &value);
            caps->max_compute_block_size[i] = value;
        }
    }
}

/* The plain constants live in a block. Guests add constants of their own behind as many as a
 * program may declare, and these must fit as well. */
static uint32_t constants_bytes(const struct gl_features *f, uint32_t components)
{
    const uint32_t guest_own_bytes = 64 * 16;
    uint32_t bytes = 4 * components;

    if (bytes > (uint32_t)f->max_ubo_bytes - guest_own_bytes)
        bytes = (uint32_t)f->max_ubo_bytes - guest_own_bytes;
    return bytes;
}

/* Index of stage arrays: vertex, fragment, geometry, control, evaluation, compute. */
static void fill_stage_buffers(const struct gl_features *f, struct virgl_caps_v2 *caps)
{
    static const GLenum uniforms[STAGE_COUNT] = {
        GL_MAX_VERTEX_UNIFORM_COMPONENTS,       GL_MAX_FRAGMENT_UNIFORM_COMPONENTS,
        GL_MAX_GEOMETRY_UNIFORM_COMPONENTS,     GL_MAX_TESS_CONTROL_UNIFORM_COMPONENTS,
        GL_MAX_TESS_EVALUATION_UNIFORM_COMPONENTS, GL_MAX_COMPUTE_UNIFORM_COMPONENTS,
    };
    static const GLenum counters[STAGE_COUNT] = {
        GL_MAX_VERTEX_ATOMIC_COUNTERS,       GL_MAX_FRAGMENT_ATOMIC_COUNTERS,
        GL_MAX_GEOMETRY_ATOMIC_COUNTERS,     GL_MAX_TESS_CONTROL_ATOMIC_COUNTERS,
        GL_MAX_TESS_EVALUATION_ATOMIC_COUNTERS, GL_MAX_COMPUTE_ATOMIC_COUNTERS,
    };
    static const GLenum counter_buffers[STAGE_COUNT] = {
        GL_MAX_VERTEX_ATOMIC_COUNTER_BUFFERS,       GL_MAX_FRAGMENT_ATOMIC_COUNTER_BUFFERS,
        GL_MAX_GEOMETRY_ATOMIC_COUNTER_BUFFERS,     GL_MAX_TESS_CONTROL_ATOMIC_COUNTER_BUFFERS,
        GL_MAX_TESS_EVALUATION_ATOMIC_COUNTER_BUFFERS, GL_MAX_COMPUTE_ATOMIC_COUNTER_BUFFERS,
    };
    const bool present[STAGE_COUNT] = {true,            true,            f->geometry_shader,
                                       f->tessellation, f->tessellation, f->compute};

    for (unsigned s = 0; s < STAGE_COUNT; s++) {
        if (!present[s])
            continue;
        caps->max_const_buffer_size[s] = constants_bytes(f, get_uint(uniforms[s]));
        caps->max_shader_storage_blocks[s] = at_most(f->max_ssbos_per_stage[s],
                                                     MAX_STAGE_RESOURCES);
        if (!f->atomic_counters)
            continue;
        /* None on GLES: guests then use storage buffers instead. */
        caps->max_atomic_counters[s] = f->gles ? 0 : get_uint(counters[s]);
        caps->max_atomic_counter_buffers[s] = get_uint(counter_buffers[s]);
    }
    if (f->atomic_counters) {
        caps->max_combined_atomic_counters =
            f->gles ? 0 : get_uint(GL_MAX_COMBINED_ATOMIC_COUNTERS);
        caps->max_combined_atomic_counter_buffers =
            get_uint(GL_MAX_COMBINED_ATOMIC_COUNTER_BUFFERS);
    }
    caps->max_shader_buffer_frag_compute =
        at_most(f->max_ssbos_per_stage[VIRGL_SHADER_STAGE_FRAGMENT], MAX_STAGE_RESOURCES);
    caps->max_shader_buffer_other_stages =
        at_most(f->max_ssbos_per_stage[VIRGL_SHADER_STAGE_VERTEX], MAX_STAGE_RESOURCES);
    if (f->ssbo)
        caps->max_combined_shader_buffers =
            at_most(get_uint(GL_MAX_COMBINED_SHADER_STORAGE_BLOCKS), MAX_STAGE_RESOURCES);
    caps->max_shader_image_frag_compute =
        at_most(f->max_images_per_stage[VIRGL_SHADER_STAGE_FRAGMENT], MAX_STAGE_RESOURCES);
    caps->max_shader_image_other_stages =
        at_most(f->max_images_per_stage[VIRGL_SHADER_STAGE_VERTEX], MAX_STAGE_RESOURCES);
    if (f->images && !f->gles)
        caps->max_image_samples = get_uint(GL_MAX_IMAGE_SAMPLES);
}

static void set_bit(uint32_t mask[16], uint32_t format)
{
    mask[format / 32] |= 1u << format % 32;
}

static void fill_format_masks(struct gl_device *dev, struct virgl_caps_v2 *caps)
{
    /* Framebuffers without attachments. */
    set_bit(caps->supported_multisample_formats, 0);
    for (uint32_t i = 1; i < VIRGL_FORMAT_COUNT; i++) {
        const struct gl_format *f = &dev->formats[i];
        if (!(caps->v1.sampler[i / 32] >> i % 32 & 1))
            continue;
        if (gl_format_readable(dev, f))
            set_bit(caps->supported_readback_formats, i);
        if (f->scanout)
            set_bit(caps->scanout, i);
        if (f->multisample)
            set_bit(caps->supported_multisample_formats, i);
    }
}

static void fill_renderer(const struct gl_features *f, char *out, size_t bytes)
{
    /* The guest shows this as "virgl (...)"; programs that look for software rasterisers by name
     * would take the guest's GL for one. */
    snprintf(out, bytes, "%.*s", (int)bytes - 1, f->renderer);
    char *name = strstr(out, "llvmpipe");
    if (name)
        memcpy(name, "LLVMPIPE", 8);
}

static uint32_t video_memory_mib(const struct gl_features *f)
{
    if (f->nvx_memory_info)
        return get_uint(GL_GPU_MEMORY_INFO_DEDICATED_VIDMEM_NVX) / 1024;
    if (f->ati_memory_info) {
        GLint values[4] = {0};
        glGetIntegerv(GL_VBO_FREE_MEMORY_ATI, values);
        return values[0] > 0 ? values[0] / 1024 : 0;
    }
    return 0;
}

void gl_fill_caps_v2(struct gl_device *dev, struct virgl_caps_v2 *caps)
{
    const struct gl_features *f = &dev->feat;

    caps->v1.max_version = 2;
    fill_ranges(f, caps);
    fill_shader_limits(f, caps);
    fill_stage_buffers(f, caps);
    fill_format_masks(dev, caps);
    fill_sample_locations(dev, caps);
    fill_renderer(f, caps->renderer, sizeof(caps->renderer));
    caps->texture_buffer_offset_alignment = f->texture_buffer_alignment_bytes;
    caps->uniform_buffer_offset_alignment = f->ubo_alignment_bytes;
    caps->shader_buffer_offset_alignment = f->ssbo_alignment_bytes;
    caps->max_uniform_block_size = f->max_ubo_bytes;
    caps->max_texture_2d_size = dev->base.limits.max_texture_2d_px;
    caps->max_texture_3d_size = dev->base.limits.max_texture_3d_px;
    caps->max_texture_cube_size = dev->base.limits.max_texture_cube_px;
    caps->max_texture_samplers = at_most(f->max_samplers_per_stage, VIRGL_MAX_SAMPLERS);
    caps->capability_bits = capability_bits(dev);
    caps->capability_bits_v2 = capability_bits_v2(dev);
    caps->max_video_memory = video_memory_mib(f);
    caps->host_feature_check_version = VIRGL_FEATURE_CHECK_VERSION;
}
