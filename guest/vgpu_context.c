/* SPDX-License-Identifier: MIT */
#include "vgpu_context.h"

#include <errno.h>

#define CAPSET_VIRGL 1
#define CAPSET_VIRGL2 2
/* From this feature level on the mask of multisample formats is valid. */
#define FEATURE_MULTISAMPLE_MASK 9

/* What a guest assumes of fields that the host did not send. */
static void default_caps(struct virgl_caps_v2 *caps)
{
    memset(caps, 0, sizeof(*caps));
    caps->min_aliased_point_size = 1.0f;
    caps->max_aliased_point_size = 255.0f;
    caps->min_smooth_point_size = 1.0f;
    caps->max_smooth_point_size = 190.0f;
    caps->min_aliased_line_width = 1.0f;
    caps->max_aliased_line_width = 10.0f;
    caps->max_smooth_line_width = 10.0f;
    caps->max_texture_lod_bias = 15.0f;
    caps->max_geom_output_vertices = 256;
    caps->max_geom_total_output_components = 1024;
    caps->max_vertex_outputs = 32;
    caps->max_vertex_attribs = 16;
    caps->max_shader_patch_varyings = 30;
    caps->min_texel_offset = -8;
    caps->max_texel_offset = 7;
    caps->min_texture_gather_offset = -8;
    caps->max_texture_gather_offset = 7;
    caps->uniform_buffer_offset_alignment = 256;
    caps->shader_buffer_offset_alignment = 32;
    caps->max_texture_2d_size = 16384;
    caps->max_texture_3d_size = 256;
    caps->max_texture_cube_size = 4096;
    caps->max_texture_samplers = 16;
    for (unsigned stage = 0; stage < 6; stage++)
        caps->max_const_buffer_size[stage] = 65536;
    caps->max_uniform_block_size = 65536;
    caps->max_tcs_outputs = 32;
    caps->max_tes_outputs = 32;
}

static int read_caps(struct vgpu_context *context)
{
    struct vgpu_winsys *winsys = context->winsys;
    int bytes;

    default_caps(&context->caps);
    context->capset_id = CAPSET_VIRGL2;
    bytes = winsys->ops->get_capset(winsys, CAPSET_VIRGL2, 2, &context->caps,
                                    sizeof(context->caps));
    if (bytes == -ENOENT) {
        context->capset_id = CAPSET_VIRGL;
        bytes = winsys->ops->get_capset(winsys, CAPSET_VIRGL, 1, &context->caps.v1,
                                        sizeof(context->caps.v1));
    }
    if (bytes < 0)
        return bytes;
    return (size_t)bytes < sizeof(context->caps.v1) ? -EPROTO : 0;
}

int vgpu_context_init(struct vgpu_context *context, struct vgpu_winsys *winsys, uint32_t *dwords,
                      size_t capacity_dwords)
{
    memset(context, 0, sizeof(*context));
    context->winsys = winsys;
    context->next_handle = 1;
    virgl_encoder_init(&context->encoder, dwords, capacity_dwords);
    context->error = read_caps(context);
    return context->error;
}

void vgpu_context_fail(struct vgpu_context *context, int error)
{
    if (context->error == 0)
        context->error = error;
}

int vgpu_context_flush_fenced(struct vgpu_context *context, vgpu_os_handle in_fence,
                              vgpu_os_handle *out_fence)
{
    struct virgl_encoder *encoder = &context->encoder;

    if (context->error)
        return context->error;
    if (encoder->used_dwords == 0 && in_fence == VGPU_NO_HANDLE && !out_fence)
        return 0;
    int result = context->winsys->ops->submit(context->winsys, encoder->dwords,
                                              encoder->used_dwords, in_fence, out_fence);

    context->submitted_dwords += encoder->used_dwords;
    virgl_encoder_reset(encoder);
    if (result < 0)
        vgpu_context_fail(context, result);
    return context->error;
}

int vgpu_context_flush(struct vgpu_context *context)
{
    return vgpu_context_flush_fenced(context, VGPU_NO_HANDLE, NULL);
}

int vgpu_context_finish(struct vgpu_context *context)
{
    if (vgpu_context_flush(context) == 0)
        vgpu_context_fail(context, context->winsys->ops->wait(context->winsys, NULL));
    return context->error;
}

bool vgpu_context_retry(struct vgpu_context *context)
{
    struct virgl_encoder *encoder = &context->encoder;

    if (virgl_encoder_ok(encoder) || context->error)
        return false;
    if (encoder->invalid) {
        vgpu_context_fail(context, -EINVAL);
        return false;
    }
    if (encoder->used_dwords == 0) {
        vgpu_context_fail(context, -E2BIG);
        return false;
    }
    encoder->overflow = false;
    return vgpu_context_flush(context) == 0;
}

static bool in_mask(const uint32_t mask[16], uint32_t format)
{
    return format < 512 && (mask[format / 32] >> (format % 32) & 1);
}

bool vgpu_can_sample(const struct virgl_caps_v2 *caps, uint32_t format)
{
    return in_mask(caps->v1.sampler, format);
}

bool vgpu_can_render(const struct virgl_caps_v2 *caps, uint32_t format)
{
    return in_mask(caps->v1.render, format);
}

bool vgpu_can_multisample(const struct virgl_caps_v2 *caps, uint32_t format, uint32_t samples)
{
    if (!(caps->v1.bset & VIRGL_BSET_TEXTURE_MULTISAMPLE) || samples > caps->v1.max_samples)
        return false;
    if (caps->host_feature_check_version < FEATURE_MULTISAMPLE_MASK)
        return vgpu_can_render(caps, format);
    return in_mask(caps->supported_multisample_formats, format);
}
