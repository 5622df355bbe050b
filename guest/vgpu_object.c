/* SPDX-License-Identifier: MIT */
#include "vgpu_object.h"

#include <errno.h>

#define STREAM_OUTPUT_MAX 64

static uint32_t new_handle(struct vgpu_context *context)
{
    return context->next_handle++;
}

struct virgl_obj_blend vgpu_blend_default(void)
{
    struct virgl_obj_blend blend = {.rt_count = 8};

    for (unsigned i = 0; i < 8; i++)
        blend.rt[i].colormask = VIRGL_COLOR_MASK_R | VIRGL_COLOR_MASK_G | VIRGL_COLOR_MASK_B |
            VIRGL_COLOR_MASK_A;
    return blend;
}

struct virgl_obj_dsa vgpu_dsa_default(void)
{
    return (struct virgl_obj_dsa){0};
}

struct virgl_obj_rasterizer vgpu_rasterizer_default(void)
{
    return (struct virgl_obj_rasterizer){
        .depth_clip = true,
        .half_pixel_center = true,
        .bottom_edge_rule = true,
        .point_size = 1.0f,
        .line_width = 1.0f,
    };
}

struct virgl_obj_sampler_state vgpu_sampler_default(void)
{
    static const uint32_t transparent[4];

    return (struct virgl_obj_sampler_state){
        .wrap_s = VIRGL_TEX_WRAP_CLAMP_TO_EDGE,
        .wrap_t = VIRGL_TEX_WRAP_CLAMP_TO_EDGE,
        .wrap_r = VIRGL_TEX_WRAP_CLAMP_TO_EDGE,
        .min_mip_filter = VIRGL_TEX_MIPFILTER_NONE,
        .max_lod = 1000.0f,
        .border_color = transparent,
        .border_color_count = 4,
    };
}

uint32_t vgpu_create_blend(struct vgpu_context *context, const struct virgl_obj_blend *blend)
{
    struct virgl_obj_blend object = *blend;

    object.handle = new_handle(context);
    VGPU_ENCODE(context, virgl_encode_obj_blend(&context->encoder, &object));
    return object.handle;
}

uint32_t vgpu_create_dsa(struct vgpu_context *context, const struct virgl_obj_dsa *dsa)
{
    struct virgl_obj_dsa object = *dsa;

    object.handle = new_handle(context);
    VGPU_ENCODE(context, virgl_encode_obj_dsa(&context->encoder, &object));
    return object.handle;
}

uint32_t vgpu_create_rasterizer(struct vgpu_context *context,
                                const struct virgl_obj_rasterizer *rasterizer)
{
    struct virgl_obj_rasterizer object = *rasterizer;

    object.handle = new_handle(context);
    VGPU_ENCODE(context, virgl_encode_obj_rasterizer(&context->encoder, &object));
    return object.handle;
}

uint32_t vgpu_create_sampler(struct vgpu_context *context,
                             const struct virgl_obj_sampler_state *sampler)
{
    struct virgl_obj_sampler_state object = *sampler;

    object.handle = new_handle(context);
    VGPU_ENCODE(context, virgl_encode_obj_sampler_state(&context->encoder, &object));
    return object.handle;
}

uint32_t vgpu_create_vertex_elements(struct vgpu_context *context,
                                     const struct virgl_vertex_elements_element *elements,
                                     unsigned count)
{
    struct virgl_obj_vertex_elements object = {.handle = new_handle(context)};

    if (count > sizeof(object.element) / sizeof(object.element[0])) {
        vgpu_context_fail(context, -EINVAL);
        return object.handle;
    }
    memcpy(object.element, elements, count * sizeof(*elements));
    object.element_count = count;
    VGPU_ENCODE(context, virgl_encode_obj_vertex_elements(&context->encoder, &object));
    return object.handle;
}

struct virgl_obj_sampler_view vgpu_view_default(const struct vgpu_resource *resource)
{
    const struct vgpu_resource_desc *desc = &resource->desc;
    struct virgl_obj_sampler_view view = {
        .resource = resource->id,
        .format = desc->format,
        .target = desc->target,
        .swizzle_r = VIRGL_SWIZZLE_X,
        .swizzle_g = VIRGL_SWIZZLE_Y,
        .swizzle_b = VIRGL_SWIZZLE_Z,
        .swizzle_a = VIRGL_SWIZZLE_W,
    };

    if (desc->target == VIRGL_TEXTURE_TARGET_BUFFER) {
        view.last_element = desc->width - 1;
    } else {
        view.last_level = desc->last_level;
        view.last_layer = desc->target == VIRGL_TEXTURE_TARGET_3D || desc->array_size == 0
            ? 0 : desc->array_size - 1;
    }
    return view;
}

uint32_t vgpu_create_view(struct vgpu_context *context, const struct virgl_obj_sampler_view *view)
{
    struct virgl_obj_sampler_view object = *view;

    object.handle = new_handle(context);
    /* Hosts without views of other targets expect 0 there. */
    if (!(context->caps.capability_bits & VIRGL_CAP_TEXTURE_VIEW))
        object.target = 0;
    VGPU_ENCODE(context, virgl_encode_obj_sampler_view(&context->encoder, &object));
    return object.handle;
}

uint32_t vgpu_create_surface(struct vgpu_context *context, const struct vgpu_resource *resource,
                             uint32_t level, uint32_t first_layer, uint32_t last_layer)
{
    const struct virgl_obj_surface object = {
        .handle = new_handle(context),
        .resource = resource->id,
        .format = resource->desc.format,
        .level = level,
        .first_layer = first_layer,
        .last_layer = last_layer,
    };

    VGPU_ENCODE(context, virgl_encode_obj_surface(&context->encoder, &object));
    return object.handle;
}

/* Sends the text in as many packets as it takes. */
static void send_shader(struct vgpu_context *context, const struct virgl_obj_shader *shader,
                        const char *text)
{
    uint32_t text_bytes = (uint32_t)strlen(text) + 1, sent_bytes = 0;
    enum virgl_upload state;

    if (context->error)
        return;
    do {
        state = virgl_encode_shader_text(&context->encoder, shader, text, text_bytes, &sent_bytes);
        if (state == VIRGL_UPLOAD_INVALID)
            vgpu_context_fail(context, -EINVAL);
        else if (state == VIRGL_UPLOAD_FULL)
            vgpu_context_flush(context);
    } while (state == VIRGL_UPLOAD_FULL && !context->error);
}

uint32_t vgpu_create_shader(struct vgpu_context *context, uint32_t stage, const char *text,
                            const struct vgpu_stream_output *stream_output)
{
    struct virgl_obj_shader shader = {
        .handle = new_handle(context),
        .stage = stage,
        /* Every token takes more than one character. */
        .num_tokens = (uint32_t)strlen(text),
    };

    if (stream_output && stream_output->count > 0) {
        if (stream_output->count > STREAM_OUTPUT_MAX) {
            vgpu_context_fail(context, -EINVAL);
            return shader.handle;
        }
        shader.so_num_outputs = shader.so_output_count = stream_output->count;
        shader.so_stride = stream_output->stride_dwords;
        shader.so_stride_count = 4;
        memcpy(shader.so_output, stream_output->outputs,
               stream_output->count * sizeof(shader.so_output[0]));
    }
    send_shader(context, &shader, text);
    return shader.handle;
}

uint32_t vgpu_create_compute_shader(struct vgpu_context *context, const char *text,
                                    uint32_t shared_bytes)
{
    const struct virgl_obj_shader shader = {
        .handle = new_handle(context),
        .stage = VIRGL_SHADER_STAGE_COMPUTE,
        .num_tokens = (uint32_t)strlen(text),
        .so_num_outputs = shared_bytes, /* compute shaders have their shared memory there */
    };

    send_shader(context, &shader, text);
    return shader.handle;
}

uint32_t vgpu_create_query(struct vgpu_context *context, uint32_t query_type, uint32_t index,
                           const struct vgpu_resource *result)
{
    const struct virgl_obj_query object = {
        .handle = new_handle(context),
        .query_type = query_type,
        .index = index,
        .resource = result->id,
    };

    VGPU_ENCODE(context, virgl_encode_obj_query(&context->encoder, &object));
    return object.handle;
}

uint32_t vgpu_create_streamout_target(struct vgpu_context *context,
                                      const struct vgpu_resource *buffer, uint32_t offset_bytes,
                                      uint32_t size_bytes)
{
    const struct virgl_obj_streamout_target object = {
        .handle = new_handle(context),
        .resource = buffer->id,
        .buffer_offset = offset_bytes,
        .buffer_size = size_bytes,
    };

    VGPU_ENCODE(context, virgl_encode_obj_streamout_target(&context->encoder, &object));
    return object.handle;
}

void vgpu_bind(struct vgpu_context *context, uint32_t object_type, uint32_t handle)
{
    const struct virgl_cmd_bind_object command = {.handle = handle};

    VGPU_ENCODE(context, virgl_encode_cmd_bind_object(&context->encoder, &command, object_type));
}

void vgpu_destroy(struct vgpu_context *context, uint32_t object_type, uint32_t handle)
{
    const struct virgl_cmd_destroy_object command = {.handle = handle};

    VGPU_ENCODE(context,
                virgl_encode_cmd_destroy_object(&context->encoder, &command, object_type));
}

void vgpu_create_sub_context(struct vgpu_context *context, uint32_t id)
{
    const struct virgl_cmd_create_sub_ctx command = {.sub_ctx_id = id};

    VGPU_ENCODE(context, virgl_encode_cmd_create_sub_ctx(&context->encoder, &command));
    vgpu_set_sub_context(context, id);
}

void vgpu_set_sub_context(struct vgpu_context *context, uint32_t id)
{
    const struct virgl_cmd_set_sub_ctx command = {.sub_ctx_id = id};

    VGPU_ENCODE(context, virgl_encode_cmd_set_sub_ctx(&context->encoder, &command));
}

void vgpu_destroy_sub_context(struct vgpu_context *context, uint32_t id)
{
    const struct virgl_cmd_destroy_sub_ctx command = {.sub_ctx_id = id};

    VGPU_ENCODE(context, virgl_encode_cmd_destroy_sub_ctx(&context->encoder, &command));
}
