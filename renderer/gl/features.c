/* SPDX-License-Identifier: MIT */
#include "device.h"

#include <stdlib.h>
#include <string.h>

#include "core/log.h"

/* What one start-up question is asked of: the version, and the extension list. */
struct host {
    bool gles;
    int version;
};

static bool ext(const char *name)
{
    return epoxy_has_gl_extension(name);
}

/* Desktop version at least gl, or GLES version at least es; 0 means never by version. */
static bool since(const struct host *h, int gl, int es)
{
    int needed = h->gles ? es : gl;
    return needed && h->version >= needed;
}

/* One of two extension spellings on GLES hosts. */
static bool es_ext(const struct host *h, const char *name)
{
    char full[80];
    if (!h->gles)
        return false;
    for (unsigned i = 0; i < 2; i++) {
        strcpy(full, i ? "GL_OES_" : "GL_EXT_");
        strncat(full, name, sizeof(full) - 8);
        if (ext(full))
            return true;
    }
    return false;
}

static int get_int(GLenum name)
{
    GLint value = 0;
    glGetIntegerv(name, &value);
    return value;
}

static void init_storage(struct gl_features *f, const struct host *h)
{
    f->buffer_storage = since(h, 44, 0) || ext("GL_ARB_buffer_storage") ||
                        ext("GL_EXT_buffer_storage");
    f->persistent_map = f->buffer_storage;
    f->pinned_memory = ext("GL_AMD_pinned_memory");
    f->texture_storage = since(h, 42, 30) || ext("GL_ARB_texture_storage");
    f->texture_storage_multisample = since(h, 43, 31) || ext("GL_ARB_texture_storage_multisample");
    f->texture_storage_ms_array =
        since(h, 43, 32) || ext("GL_ARB_texture_storage_multisample") ||
        (h->gles && ext("GL_OES_texture_storage_multisample_2d_array"));
    f->texture_view = since(h, 43, 0) || ext("GL_ARB_texture_view") || es_ext(h, "texture_view");
    f->texture_buffer = since(h, 31, 32) || ext("GL_ARB_texture_buffer_object") ||
                        es_ext(h, "texture_buffer");
    f->texture_buffer_range = since(h, 43, 32) || ext("GL_ARB_texture_buffer_range") ||
                              es_ext(h, "texture_buffer");
    f->texture_swizzle = since(h, 33, 30) || ext("GL_ARB_texture_swizzle") ||
                         ext("GL_EXT_texture_swizzle");
    f->texture_rectangle = !h->gles && (since(h, 31, 0) || ext("GL_ARB_texture_rectangle"));
    f->cube_map_array = since(h, 40, 32) || ext("GL_ARB_texture_cube_map_array") ||
                        es_ext(h, "texture_cube_map_array");
    f->stencil_texturing = since(h, 43, 31) || ext("GL_ARB_stencil_texturing");
    f->texture_multisample = since(h, 32, 31) || ext("GL_ARB_texture_multisample");
    f->copy_image = since(h, 43, 32) || ext("GL_ARB_copy_image") || es_ext(h, "copy_image");
    f->clear_texture = since(h, 44, 0) || ext("GL_ARB_clear_texture") ||
                       ext("GL_EXT_clear_texture");
    f->get_texture_sub_image = since(h, 45, 0) || ext("GL_ARB_get_texture_sub_image");
    f->invalidate = since(h, 43, 30) || ext("GL_ARB_invalidate_subdata");
    f->bgra8888 = !h->gles || ext("GL_EXT_texture_format_BGRA8888");
    f->sync = since(h, 32, 30) || ext("GL_ARB_sync");
}

static void init_sampling(struct gl_features *f, const struct host *h)
{
    f->texture_border_clamp = since(h, 30, 32) || es_ext(h, "texture_border_clamp");
    f->texture_mirror_clamp = ext("GL_ATI_texture_mirror_once") ||
                              ext("GL_EXT_texture_mirror_clamp");
    f->texture_mirror_clamp_to_edge =
        since(h, 44, 0) || f->texture_mirror_clamp ||
        ext("GL_ARB_texture_mirror_clamp_to_edge") || ext("GL_EXT_texture_mirror_clamp_to_edge");
    f->anisotropy = since(h, 46, 0) || ext("GL_EXT_texture_filter_anisotropic") ||
                    ext("GL_ARB_texture_filter_anisotropic");
    f->seamless_cube_map = since(h, 32, 30) || ext("GL_ARB_seamless_cube_map");
    f->seamless_cube_map_per_texture = ext("GL_AMD_seamless_cubemap_per_texture") ||
                                       ext("GL_ARB_seamless_cubemap_per_texture");
    f->texture_lod_bias = !h->gles;
    f->srgb_decode = ext("GL_EXT_texture_sRGB_decode");
    f->srgb_write_control = since(h, 30, 0) || ext("GL_EXT_sRGB_write_control");
    f->sampler_objects = since(h, 33, 30) || ext("GL_ARB_sampler_objects");
    f->texture_float_linear = !h->gles || ext("GL_OES_texture_float_linear");
    f->texture_gather = since(h, 40, 31) || ext("GL_ARB_texture_gather");
    f->texture_query_lod = since(h, 40, 0) || ext("GL_ARB_texture_query_lod") ||
                           ext("GL_EXT_texture_query_lod");
    f->texture_query_levels = since(h, 43, 0) || ext("GL_ARB_texture_query_levels");
    f->texture_shadow_lod = ext("GL_EXT_texture_shadow_lod");
}

static void init_drawing(struct gl_features *f, const struct host *h)
{
    f->vertex_attrib_binding = since(h, 43, 31) || ext("GL_ARB_vertex_attrib_binding");
    f->vertex_attrib_lfloat = since(h, 41, 0) || ext("GL_ARB_vertex_attrib_64bit");
    f->instanced_arrays = since(h, 33, 30) || ext("GL_ARB_instanced_arrays");
    f->base_vertex = since(h, 32, 32) || ext("GL_ARB_draw_elements_base_vertex") ||
                     es_ext(h, "draw_elements_base_vertex");
    f->base_instance = since(h, 42, 0) || ext("GL_ARB_base_instance") ||
                       ext("GL_EXT_base_instance");
    f->draw_indirect = since(h, 40, 31) || ext("GL_ARB_draw_indirect");
    f->multi_draw_indirect = since(h, 43, 0) || ext("GL_ARB_multi_draw_indirect") ||
                             ext("GL_EXT_multi_draw_indirect");
    f->indirect_parameters = since(h, 46, 0) || ext("GL_ARB_indirect_parameters");
    f->primitive_restart = since(h, 31, 0) || ext("GL_NV_primitive_restart");
    f->primitive_restart_fixed_index = since(h, 43, 30) || ext("GL_ARB_ES3_compatibility");
    f->provoking_vertex = since(h, 32, 0) || ext("GL_ARB_provoking_vertex") ||
                          ext("GL_EXT_provoking_vertex");
    f->viewport_array = since(h, 41, 0) || ext("GL_ARB_viewport_array") ||
                        ext("GL_OES_viewport_array") || ext("GL_NV_viewport_array");
    f->clip_control = since(h, 45, 0) || ext("GL_ARB_clip_control") || ext("GL_EXT_clip_control");
    f->depth_clamp = since(h, 32, 0) || ext("GL_ARB_depth_clamp") || ext("GL_NV_depth_clamp") ||
                     ext("GL_EXT_depth_clamp");
    f->polygon_offset_clamp = since(h, 46, 0) || ext("GL_ARB_polygon_offset_clamp") ||
                              ext("GL_EXT_polygon_offset_clamp");
    f->depth_bounds = ext("GL_EXT_depth_bounds_test");
    f->blend_func_separate_i = since(h, 40, 32) || ext("GL_ARB_draw_buffers_blend") ||
                               es_ext(h, "draw_buffers_indexed");
    f->dual_source_blend = since(h, 33, 0) || ext("GL_ARB_blend_func_extended") ||
                           ext("GL_EXT_blend_func_extended");
    f->blend_advanced = since(h, 0, 32) || ext("GL_KHR_blend_equation_advanced");
    f->blend_advanced_coherent = ext("GL_KHR_blend_equation_advanced_coherent");
    f->logic_op = !h->gles;
    f->polygon_mode = !h->gles || ext("GL_NV_polygon_mode");
    f->line_smooth = !h->gles;
    f->point_sprite_origin = !h->gles;
    f->program_point_size = !h->gles;
    f->sample_mask = f->texture_multisample;
    f->sample_shading = since(h, 40, 32) || ext("GL_ARB_sample_shading") ||
                        ext("GL_OES_sample_shading");
    f->alpha_to_one = !h->gles || ext("GL_EXT_multisample_compatibility");
    f->framebuffer_no_attachments = since(h, 43, 31) || ext("GL_ARB_framebuffer_no_attachments");
    f->framebuffer_texture_layer = true;
    f->framebuffer_texture = since(h, 32, 32) || ext("GL_ARB_geometry_shader4") ||
                             es_ext(h, "geometry_shader");
    f->framebuffer_fetch = ext("GL_EXT_shader_framebuffer_fetch");
    f->framebuffer_fetch_non_coherent = ext("GL_EXT_shader_framebuffer_fetch_non_coherent");
    f->multisampled_render_to_texture =
        h->gles && (ext("GL_EXT_multisampled_render_to_texture") ||
                    ext("GL_EXT_multisampled_render_to_texture2"));
    f->color_buffer_float = !h->gles || since(h, 0, 32) || ext("GL_EXT_color_buffer_float");
    f->color_buffer_half_float = f->color_buffer_float || ext("GL_EXT_color_buffer_half_float");
    f->vertex_type_10f_11f_11f = since(h, 44, 0) || ext("GL_ARB_vertex_type_10f_11f_11f_rev");
    f->vertex_type_2_10_10_10 = since(h, 33, 30) || ext("GL_ARB_vertex_type_2_10_10_10_rev");
}

static void init_shading(struct gl_features *f, const struct host *h)
{
    f->ubo = since(h, 31, 30) || ext("GL_ARB_uniform_buffer_object");
    f->geometry_shader = since(h, 32, 32) || es_ext(h, "geometry_shader");
    f->tessellation = since(h, 40, 32) || ext("GL_ARB_tessellation_shader") ||
                      es_ext(h, "tessellation_shader");
    f->compute = since(h, 43, 31) || ext("GL_ARB_compute_shader");
    f->ssbo = since(h, 43, 31) || ext("GL_ARB_shader_storage_buffer_object");
    f->images = since(h, 42, 31) || ext("GL_ARB_shader_image_load_store");
    f->atomic_counters = since(h, 42, 31) || ext("GL_ARB_shader_atomic_counters");
    f->gpu_shader5 = since(h, 40, 32) || ext("GL_ARB_gpu_shader5") || es_ext(h, "gpu_shader5");
    f->fp64 = since(h, 40, 0) || (ext("GL_ARB_gpu_shader_fp64") && ext("GL_ARB_gpu_shader5"));
    f->int64 = !h->gles && ext("GL_ARB_gpu_shader_int64");
    f->separate_shader_objects = since(h, 41, 31) || ext("GL_ARB_separate_shader_objects");
    f->program_binary = (since(h, 41, 30) || ext("GL_ARB_get_program_binary")) &&
                        get_int(GL_NUM_PROGRAM_BINARY_FORMATS) > 0;
    f->explicit_binding = since(h, 42, 31) || ext("GL_ARB_shading_language_420pack");
    f->parallel_compile = ext("GL_KHR_parallel_shader_compile") ||
                          ext("GL_ARB_parallel_shader_compile");
    f->clip_cull_distance = since(h, 30, 0) || ext("GL_EXT_clip_cull_distance");
    f->cull_distance = since(h, 45, 0) || ext("GL_ARB_cull_distance") ||
                       ext("GL_EXT_clip_cull_distance");
    f->shader_stencil_export = ext("GL_ARB_shader_stencil_export");
    f->derivative_control = since(h, 45, 0) || ext("GL_ARB_derivative_control");
    f->vs_layer_viewport = (ext("GL_AMD_vertex_shader_layer") &&
                            ext("GL_AMD_vertex_shader_viewport_index")) ||
                           ext("GL_ARB_shader_viewport_layer_array");
    f->shader_draw_parameters = since(h, 46, 0) || ext("GL_ARB_shader_draw_parameters");
    f->shader_clock = ext("GL_ARB_shader_clock");
    f->group_vote = since(h, 46, 0) || ext("GL_ARB_shader_group_vote");
    f->conservative_depth = since(h, 42, 0) || ext("GL_ARB_conservative_depth") ||
                            ext("GL_EXT_conservative_depth");
    f->texture_barrier = since(h, 45, 0) || ext("GL_ARB_texture_barrier");
    f->memory_barrier = f->images;
}

static void init_queries(struct gl_features *f, const struct host *h)
{
    f->transform_feedback = since(h, 30, 30) || ext("GL_EXT_transform_feedback");
    f->transform_feedback2 = since(h, 40, 30) || ext("GL_ARB_transform_feedback2");
    f->transform_feedback3 = since(h, 40, 0) || ext("GL_ARB_transform_feedback3");
    f->transform_feedback_overflow_query =
        since(h, 46, 0) || ext("GL_ARB_transform_feedback_overflow_query");
    f->occlusion_query = !h->gles;
    f->occlusion_query_boolean = since(h, 33, 30) || ext("GL_ARB_occlusion_query2") ||
                                 ext("GL_EXT_occlusion_query_boolean");
    f->timer_query = since(h, 33, 0) || ext("GL_ARB_timer_query") ||
                     ext("GL_EXT_disjoint_timer_query");
    f->pipeline_statistics = since(h, 46, 0) || ext("GL_ARB_pipeline_statistics_query");
    f->query_buffer = since(h, 44, 0) || ext("GL_ARB_query_buffer_object");
    f->conditional_render = since(h, 30, 0) || ext("GL_NV_conditional_render");
    f->conditional_render_inverted = since(h, 45, 0) || ext("GL_ARB_conditional_render_inverted");
    f->debug = since(h, 43, 32) || ext("GL_KHR_debug");
    f->robustness = since(h, 45, 32) || ext("GL_KHR_robustness") || ext("GL_ARB_robustness") ||
                    ext("GL_EXT_robustness");
    f->nvx_memory_info = ext("GL_NVX_gpu_memory_info");
    f->ati_memory_info = ext("GL_ATI_meminfo");
}

static void init_stage_limits(struct gl_features *f)
{
    /* Stage order of the protocol: vertex, fragment, geometry, control, evaluation, compute. */
    static const GLenum ssbo_names[STAGE_COUNT] = {
        GL_MAX_VERTEX_SHADER_STORAGE_BLOCKS,       GL_MAX_FRAGMENT_SHADER_STORAGE_BLOCKS,
        GL_MAX_GEOMETRY_SHADER_STORAGE_BLOCKS,     GL_MAX_TESS_CONTROL_SHADER_STORAGE_BLOCKS,
        GL_MAX_TESS_EVALUATION_SHADER_STORAGE_BLOCKS, GL_MAX_COMPUTE_SHADER_STORAGE_BLOCKS,
    };
    static const GLenum image_names[STAGE_COUNT] = {
        GL_MAX_VERTEX_IMAGE_UNIFORMS,       GL_MAX_FRAGMENT_IMAGE_UNIFORMS,
        GL_MAX_GEOMETRY_IMAGE_UNIFORMS,     GL_MAX_TESS_CONTROL_IMAGE_UNIFORMS,
        GL_MAX_TESS_EVALUATION_IMAGE_UNIFORMS, GL_MAX_COMPUTE_IMAGE_UNIFORMS,
    };
    bool present[STAGE_COUNT] = {true, true, f->geometry_shader, f->tessellation, f->tessellation,
                                 f->compute};
    for (unsigned s = 0; s < STAGE_COUNT; s++) {
        if (f->ssbo && present[s])
            f->max_ssbos_per_stage[s] = get_int(ssbo_names[s]);
        if (f->images && present[s])
            f->max_images_per_stage[s] = get_int(image_names[s]);
    }
}

static void init_limits(struct gl_features *f)
{
    f->max_samplers_per_stage = get_int(GL_MAX_TEXTURE_IMAGE_UNITS);
    f->max_combined_samplers = get_int(GL_MAX_COMBINED_TEXTURE_IMAGE_UNITS);
    if (f->ubo) {
        f->max_ubo_bindings = get_int(GL_MAX_UNIFORM_BUFFER_BINDINGS);
        f->max_ubos_per_stage = get_int(GL_MAX_VERTEX_UNIFORM_BLOCKS);
        f->ubo_alignment_bytes = get_int(GL_UNIFORM_BUFFER_OFFSET_ALIGNMENT);
        f->max_ubo_bytes = get_int(GL_MAX_UNIFORM_BLOCK_SIZE);
    }
    if (f->ssbo) {
        f->max_ssbo_bindings = get_int(GL_MAX_SHADER_STORAGE_BUFFER_BINDINGS);
        f->ssbo_alignment_bytes = get_int(GL_SHADER_STORAGE_BUFFER_OFFSET_ALIGNMENT);
    }
    if (f->images)
        f->max_image_units = get_int(GL_MAX_IMAGE_UNITS);
    if (f->atomic_counters)
        f->max_atomic_buffer_bindings = get_int(GL_MAX_ATOMIC_COUNTER_BUFFER_BINDINGS);
    f->max_draw_buffers = get_int(GL_MAX_DRAW_BUFFERS);
    if (f->dual_source_blend)
        f->max_dual_source_draw_buffers = get_int(GL_MAX_DUAL_SOURCE_DRAW_BUFFERS);
    if (f->clip_cull_distance)
        f->max_clip_distances = get_int(GL_MAX_CLIP_DISTANCES);
    f->max_vertex_attribs = get_int(GL_MAX_VERTEX_ATTRIBS);
    f->max_vertex_attrib_stride = (f->gles ? f->version >= 31 : f->version >= 44)
                                      ? get_int(GL_MAX_VERTEX_ATTRIB_STRIDE)
                                      : 2048;
    f->max_viewports = f->viewport_array ? get_int(GL_MAX_VIEWPORTS) : 1;
    f->max_samples = get_int(GL_MAX_SAMPLES);
    if (f->texture_buffer)
        f->max_texture_buffer_texels = get_int(GL_MAX_TEXTURE_BUFFER_SIZE);
    if (f->texture_buffer_range)
        f->texture_buffer_alignment_bytes = get_int(GL_TEXTURE_BUFFER_OFFSET_ALIGNMENT);
    if (f->anisotropy) {
        GLfloat value = 1.0f;
        glGetFloatv(GL_MAX_TEXTURE_MAX_ANISOTROPY, &value);
        f->max_anisotropy = (int)value;
    }
    if (f->tessellation)
        f->max_patch_vertices = get_int(GL_MAX_PATCH_VERTICES);
    init_stage_limits(f);
}

static void copy_string(char *dst, size_t bytes, GLenum name)
{
    const char *text = (const char *)glGetString(name);
    strncpy(dst, text ? text : "", bytes - 1);
    dst[bytes - 1] = '\0';
}

/* "4.50", "OpenGL ES GLSL ES 3.20": the first number, times hundred. */
static int shading_language_version(void)
{
    const char *text = (const char *)glGetString(GL_SHADING_LANGUAGE_VERSION);
    while (text && *text && (*text < '0' || *text > '9'))
        text++;
    if (!text || !*text)
        return 0;
    char *end;
    long major = strtol(text, &end, 10);
    long minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
    return (int)(major * 100 + (minor < 10 ? minor * 10 : minor));
}

void gl_features_init(struct gl_features *feat, const struct log *log)
{
    memset(feat, 0, sizeof(*feat));
    feat->gles = !epoxy_is_desktop_gl();
    feat->version = epoxy_gl_version();
    feat->glsl = shading_language_version();
    if (!feat->gles && feat->version >= 32)
        feat->compat = get_int(GL_CONTEXT_PROFILE_MASK) & GL_CONTEXT_COMPATIBILITY_PROFILE_BIT;
    else if (!feat->gles)
        feat->compat = feat->version < 31 || ext("GL_ARB_compatibility");

    struct host host = {feat->gles, feat->version};
    init_storage(feat, &host);
    init_sampling(feat, &host);
    init_drawing(feat, &host);
    init_shading(feat, &host);
    init_queries(feat, &host);
    init_limits(feat);
    copy_string(feat->renderer, sizeof(feat->renderer), GL_RENDERER);
    copy_string(feat->vendor, sizeof(feat->vendor), GL_VENDOR);
    copy_string(feat->version_text, sizeof(feat->version_text), GL_VERSION);
}
