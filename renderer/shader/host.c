/* SPDX-License-Identifier: MIT */
#include "host.h"

#include <string.h>

/*
 * Version in which a feature is part of GLSL (0: never) and the extensions that bring it to older
 * ones. The emitter enables all names of a feature that it uses on an older version.
 */
static const struct shader_feature features[SHADER_HOST_NUM_FEATURES] = {
#define F(name) [SHADER_HOST_INDEX_##name]
    F(BIT_ENCODING) = {330, {"GL_ARB_shader_bit_encoding"}, 300, {NULL}},
    F(EXPLICIT_ATTRIB_LOCATION) = {330, {"GL_ARB_explicit_attrib_location"}, 300, {NULL}},
    F(GPU_SHADER5) = {400, {"GL_ARB_gpu_shader5"}, 320,
                      {"GL_EXT_gpu_shader5", "GL_OES_gpu_shader5"}, 150, 310},
    F(FP64) = {400, {"GL_ARB_gpu_shader_fp64"}, 0, {NULL}, 150},
    F(INT64) = {0, {"GL_ARB_gpu_shader_int64"}, 0, {NULL}, 400},
    F(TEXTURE_BUFFER) = {140, {NULL}, 320,
                         {"GL_EXT_texture_buffer", "GL_OES_texture_buffer"}, 0, 310},
    F(TEXTURE_MULTISAMPLE) = {150, {"GL_ARB_texture_multisample"}, 310, {NULL}},
    F(TEXTURE_MULTISAMPLE_ARRAY) = {150, {"GL_ARB_texture_multisample"}, 320,
                                    {"GL_OES_texture_storage_multisample_2d_array"}, 0, 310},
    F(CUBE_ARRAY) = {400, {"GL_ARB_texture_cube_map_array"}, 320,
                     {"GL_EXT_texture_cube_map_array", "GL_OES_texture_cube_map_array"}, 0, 310},
    F(TEXTURE_GATHER) = {400, {"GL_ARB_texture_gather"}, 310, {NULL}},
    F(QUERY_LOD) = {400, {"GL_ARB_texture_query_lod"}, 0, {"GL_EXT_texture_query_lod"}},
    F(QUERY_LEVELS) = {430, {"GL_ARB_texture_query_levels"}, 0, {NULL}},
    F(TEXTURE_SAMPLES) = {450, {"GL_ARB_shader_texture_image_samples"}, 0, {NULL}},
    F(SHADOW_LOD) = {0, {"GL_EXT_texture_shadow_lod"}, 0, {"GL_EXT_texture_shadow_lod"}},
    F(SAMPLE_VARIABLES) = {400, {"GL_ARB_sample_shading"}, 320, {"GL_OES_sample_variables"}},
    F(INTERPOLATE_AT) = {400, {"GL_ARB_gpu_shader5"}, 320,
                         {"GL_OES_shader_multisample_interpolation"}, 150, 310},
    F(GEOMETRY) = {150, {NULL}, 320, {"GL_EXT_geometry_shader", "GL_OES_geometry_shader"}, 0, 310},
    F(GEOMETRY_POINT_SIZE) = {150, {NULL}, 0, {"GL_EXT_geometry_point_size",
                                               "GL_OES_geometry_point_size"}, 0, 310},
    F(GEOMETRY_STREAMS) = {400, {"GL_ARB_gpu_shader5"}, 0, {NULL}, 150},
    F(TESSELLATION) = {400, {"GL_ARB_tessellation_shader"}, 320,
                       {"GL_EXT_tessellation_shader", "GL_OES_tessellation_shader"}, 150, 310},
    F(TESSELLATION_POINT_SIZE) = {400, {"GL_ARB_tessellation_shader"}, 0,
                                  {"GL_EXT_tessellation_point_size",
                                   "GL_OES_tessellation_point_size"}, 150, 310},
    F(COMPUTE) = {430, {"GL_ARB_compute_shader"}, 310, {NULL}, 150},
    F(SSBO) = {430, {"GL_ARB_shader_storage_buffer_object"}, 310, {NULL}, 150},
    F(IMAGES) = {420, {"GL_ARB_shader_image_load_store"}, 310, {NULL}},
    F(IMAGE_ATOMIC) = {420, {"GL_ARB_shader_image_load_store"}, 320,
                       {"GL_OES_shader_image_atomic"}, 0, 310},
    F(IMAGE_FORMATS) = {420, {"GL_ARB_shader_image_load_store"}, 0,
                        {"GL_NV_image_formats"}, 0, 310},
    F(IMAGE_SIZE) = {430, {"GL_ARB_shader_image_size"}, 310, {NULL}},
    F(ATOMIC_COUNTERS) = {420, {"GL_ARB_shader_atomic_counters"}, 310, {NULL}},
    F(ATOMIC_COUNTER_OPS) = {460, {"GL_ARB_shader_atomic_counter_ops"}, 0, {NULL}},
    F(BINDING_LAYOUT) = {420, {"GL_ARB_shading_language_420pack"}, 310, {NULL}},
    F(VARYING_LOCATION) = {410, {"GL_ARB_separate_shader_objects"}, 310, {NULL}, 150},
    F(VIEWPORT_ARRAY) = {410, {"GL_ARB_viewport_array"}, 0, {"GL_OES_viewport_array"}, 150, 310},
    F(VERTEX_LAYER) = {0, {"GL_ARB_shader_viewport_layer_array", "GL_AMD_vertex_shader_layer"},
                       0, {"GL_NV_viewport_array2"}, 150, 310},
    F(FRAGMENT_LAYER) = {430, {"GL_ARB_fragment_layer_viewport"}, 320,
                         {"GL_EXT_geometry_shader", "GL_OES_geometry_shader"}, 150, 310},
    F(CLIP_DISTANCE) = {140, {NULL}, 0, {"GL_EXT_clip_cull_distance"}},
    F(CULL_DISTANCE) = {450, {"GL_ARB_cull_distance"}, 0, {"GL_EXT_clip_cull_distance"}, 150},
    F(DERIVATIVE_CONTROL) = {450, {"GL_ARB_derivative_control"}, 0, {NULL}},
    F(DRAW_PARAMETERS) = {460, {"GL_ARB_shader_draw_parameters"}, 0, {NULL}},
    F(GROUP_VOTE) = {460, {"GL_ARB_shader_group_vote"}, 0, {NULL}},
    F(BALLOT) = {0, {"GL_ARB_shader_ballot"}, 0, {NULL}, 150},
    F(CLOCK) = {0, {"GL_ARB_shader_clock"}, 0, {NULL}, 150},
    F(FB_FETCH) = {0, {"GL_EXT_shader_framebuffer_fetch"}, 0,
                   {"GL_EXT_shader_framebuffer_fetch"}},
    F(BLEND_ADVANCED) = {0, {"GL_KHR_blend_equation_advanced"}, 320,
                         {"GL_KHR_blend_equation_advanced"}},
    F(STENCIL_EXPORT) = {0, {"GL_ARB_shader_stencil_export"}, 0, {NULL}},
    F(CONSERVATIVE_DEPTH) = {420, {"GL_ARB_conservative_depth"}, 0,
                             {"GL_EXT_conservative_depth"}},
    F(DUAL_SOURCE) = {330, {"GL_ARB_blend_func_extended"}, 0, {"GL_EXT_blend_func_extended"}},
    F(NOPERSPECTIVE) = {140, {NULL}, 0, {"GL_NV_shader_noperspective_interpolation"}},
    F(INTEGER_MIX) = {450, {"GL_EXT_shader_integer_mix"}, 310, {"GL_EXT_shader_integer_mix"}},
    F(DEMOTE) = {0, {"GL_EXT_demote_to_helper_invocation"}, 0,
                 {"GL_EXT_demote_to_helper_invocation"}},
    F(ATOMIC_FLOAT) = {0, {"GL_NV_shader_atomic_float"}, 0, {NULL}},
    F(HELPER_INVOCATION) = {450, {"GL_ARB_ES3_1_compatibility"}, 310, {NULL}},
    F(POST_DEPTH_COVERAGE) = {0, {"GL_ARB_post_depth_coverage"}, 0,
                              {"GL_EXT_post_depth_coverage"}},
    F(MULTISAMPLE_INTERPOLATION) = {400, {"GL_ARB_gpu_shader5"}, 320,
                                    {"GL_OES_shader_multisample_interpolation"}, 150, 310},
    F(PRECISE) = {400, {"GL_ARB_gpu_shader5"}, 320,
                  {"GL_EXT_gpu_shader5", "GL_OES_gpu_shader5"}, 150, 310},
    F(IO_BLOCKS) = {150, {NULL}, 320,
                    {"GL_EXT_shader_io_blocks", "GL_OES_shader_io_blocks"}, 0, 310},
    F(IMPLICIT_FLAT_MATCH) = {440, {NULL}, 0, {NULL}},
    F(PACKING) = {420, {"GL_ARB_shading_language_packing"}, 310, {NULL}},
    F(TRANSFORM_FEEDBACK3) = {400, {"GL_ARB_transform_feedback3"}, 0, {NULL}},
#undef F
};

static const char *const feature_names[SHADER_HOST_NUM_FEATURES] = {
#define X(name) #name,
    SHADER_HOST_FEATURES(X)
#undef X
};

const char *shader_host_feature_name(unsigned index)
{
    return index < SHADER_HOST_NUM_FEATURES ? feature_names[index] : NULL;
}

const struct shader_feature *shader_feature(unsigned index)
{
    return &features[index];
}

void shader_host_init(struct shader_host *host, bool gles, unsigned gl_version,
                      bool (*has_extension)(void *opaque, const char *name), void *opaque)
{
    memset(host, 0, sizeof(*host));
    host->gles = gles;
    if (gles)
        host->glsl_version = gl_version >= 32 ? 320 : gl_version == 31 ? 310 : 300;
    else if (gl_version >= 33)
        host->glsl_version = gl_version >= 46 ? 460 : gl_version * 10;
    else
        host->glsl_version = gl_version == 32 ? 150 : 140;

    for (unsigned i = 0; i < SHADER_HOST_NUM_FEATURES; i++) {
        const struct shader_feature *f = &features[i];
        unsigned core = gles ? f->es_core : f->core;
        const char *const *extensions = gles ? f->es_extensions : f->extensions;
        bool have = core && host->glsl_version >= core;
        bool usable = host->glsl_version >= (gles ? f->es_extension_min : f->extension_min);

        for (unsigned k = 0; k < 2 && !have && usable && extensions[k]; k++)
            have = has_extension && has_extension(opaque, extensions[k]);
        if (have)
            host->features |= 1ull << i;
    }
}
