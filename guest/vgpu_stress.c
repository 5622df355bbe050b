/* SPDX-License-Identifier: MIT */
#include "vgpu_stress.h"

#include "scene_kit.h"
#include "vgpu_object.h"
#include "vgpu_state.h"

#define SUB_CONTEXT 9
#define BUFFER_BYTES 8192
#define VERTEX_BYTES ((uint32_t)sizeof(struct scene_vertex))
#define MAX_SIDE_PX 96

static const char frag_constant[] =
    "FRAG\n"
    "DCL IN[0], GENERIC[0], PERSPECTIVE\n"
    "DCL OUT[0], COLOR\n"
    "DCL CONST[0..3]\n"
    "DCL TEMP[0]\n"
    "  0: MAD TEMP[0], IN[0], CONST[0], CONST[1]\n"
    "  1: MAX TEMP[0], TEMP[0], CONST[2]\n"
    "  2: MOV_SAT OUT[0], TEMP[0]\n"
    "  3: END\n";

static const char frag_discard[] =
    "FRAG\n"
    "DCL IN[0], GENERIC[0], PERSPECTIVE\n"
    "DCL OUT[0], COLOR\n"
    "DCL TEMP[0]\n"
    "IMM[0] FLT32 {0x3f000000, 0x3f800000, 0x40e00000, 0x00000000}\n"
    "  0: MUL TEMP[0], IN[0], IMM[0].zzzz\n"
    "  1: FRC TEMP[0], TEMP[0]\n"
    "  2: ADD TEMP[0], TEMP[0], -IMM[0].xxxx\n"
    "  3: KILL_IF TEMP[0].xxxx\n"
    "  4: MOV OUT[0], IN[0]\n"
    "  5: END\n";

static uint32_t next(struct vgpu_stress *stress)
{
    stress->random ^= stress->random << 13;
    stress->random ^= stress->random >> 7;
    stress->random ^= stress->random << 17;
    return (uint32_t)(stress->random >> 32);
}

static uint32_t below(struct vgpu_stress *stress, uint32_t limit)
{
    return (uint32_t)((uint64_t)next(stress) * limit >> 32);
}

static bool chance(struct vgpu_stress *stress, uint32_t one_in)
{
    return below(stress, one_in) == 0;
}

/* -1 .. 1 */
static float unit(struct vgpu_stress *stress)
{
    return (float)(int32_t)next(stress) / 2147483648.0f;
}

static bool allowed(const struct virgl_caps_v2 *caps, uint32_t format, bool depth)
{
    return vgpu_can_sample(caps, format) && (depth || vgpu_can_render(caps, format));
}

static void random_desc(struct vgpu_stress *stress, struct vgpu_stress_texture *texture,
                        struct vgpu_resource_desc *desc)
{
    static const uint32_t colors[] = {
        VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_B8G8R8A8_UNORM, VIRGL_FORMAT_B8G8R8X8_UNORM,
        VIRGL_FORMAT_R8_UNORM, VIRGL_FORMAT_R8G8_UNORM, VIRGL_FORMAT_R16G16B16A16_FLOAT,
        VIRGL_FORMAT_R32G32B32A32_FLOAT, VIRGL_FORMAT_B5G6R5_UNORM, VIRGL_FORMAT_R8G8B8A8_SRGB,
        VIRGL_FORMAT_R10G10B10A2_UNORM, VIRGL_FORMAT_R11G11B10_FLOAT,
    };
    static const uint32_t depths[] = {
        VIRGL_FORMAT_Z24_UNORM_S8_UINT, VIRGL_FORMAT_S8_UINT_Z24_UNORM, VIRGL_FORMAT_Z32_FLOAT,
        VIRGL_FORMAT_Z16_UNORM,
    };
    static const uint32_t targets[] = {
        VIRGL_TEXTURE_TARGET_2D, VIRGL_TEXTURE_TARGET_2D, VIRGL_TEXTURE_TARGET_2D,
        VIRGL_TEXTURE_TARGET_2D_ARRAY, VIRGL_TEXTURE_TARGET_3D, VIRGL_TEXTURE_TARGET_CUBE,
    };
    const struct virgl_caps_v2 *caps = &stress->context->caps;
    uint32_t format;

    texture->depth = chance(stress, 4);
    format = texture->depth ? depths[below(stress, sizeof(depths) / sizeof(depths[0]))]
                            : colors[below(stress, sizeof(colors) / sizeof(colors[0]))];
    if (!allowed(caps, format, texture->depth)) {
        texture->depth = false;
        format = VIRGL_FORMAT_R8G8B8A8_UNORM;
    }
    *desc = (struct vgpu_resource_desc){
        .target = texture->depth ? VIRGL_TEXTURE_TARGET_2D
                                 : targets[below(stress, sizeof(targets) / sizeof(targets[0]))],
        .format = format,
        .bind = VIRGL_BIND_SAMPLER_VIEW |
            (texture->depth ? VIRGL_BIND_DEPTH_STENCIL : VIRGL_BIND_RENDER_TARGET),
        .width = 1 + below(stress, MAX_SIDE_PX),
        .height = 1 + below(stress, MAX_SIDE_PX),
        .depth = 1,
        .array_size = 1,
    };
    if (desc->target == VIRGL_TEXTURE_TARGET_2D_ARRAY)
        desc->array_size = 1 + below(stress, 4);
    if (desc->target == VIRGL_TEXTURE_TARGET_3D)
        desc->depth = 1 + below(stress, 8);
    if (desc->target == VIRGL_TEXTURE_TARGET_CUBE) {
        desc->height = desc->width;
        desc->array_size = 6;
    }
    if (desc->target == VIRGL_TEXTURE_TARGET_2D && !texture->depth) {
        uint32_t longest = desc->width > desc->height ? desc->width : desc->height;

        while (longest >> (desc->last_level + 1) && chance(stress, 2))
            desc->last_level++;
    }
}

static void unbind_textures(struct vgpu_stress *stress)
{
    const uint32_t none = 0;

    vgpu_set_framebuffer(stress->context, NULL, 0, 0);
    vgpu_set_views(stress->context, VIRGL_SHADER_STAGE_FRAGMENT, 0, &none, 1);
    stress->target_px[0] = stress->target_px[1] = 0;
}

static void drop_texture(struct vgpu_stress *stress, struct vgpu_stress_texture *texture)
{
    if (texture->resource.id == 0)
        return;
    vgpu_destroy(stress->context, VIRGL_OBJECT_TYPE_SURFACE, texture->surface);
    vgpu_destroy(stress->context, VIRGL_OBJECT_TYPE_SAMPLER_VIEW, texture->view);
    vgpu_resource_finish(stress->context, &texture->resource);
}

static void upload_random(struct vgpu_stress *stress, struct vgpu_stress_texture *texture)
{
    struct vgpu_resource *resource = &texture->resource;
    uint32_t level = below(stress, resource->desc.last_level + 1);
    struct vgpu_box box = vgpu_level_box(&resource->desc, level);
    uint8_t value = (uint8_t)next(stress);

    if (!resource->memory)
        return;
    /* Small exponents: no infinities in the float formats, depths between 0 and 1. */
    for (size_t i = 0; i < resource->layout.total_bytes; i++)
        ((uint8_t *)resource->memory)[i] = (uint8_t)(value + i * 7) & 0x3b;
    box.z = below(stress, box.depth);
    box.depth = 1;
    box.y = below(stress, box.height);
    box.height = 1 + below(stress, box.height - box.y);
    if (chance(stress, 2) && (stress->context->caps.capability_bits & VIRGL_CAP_TRANSFER))
        vgpu_stream_upload(stress->context, resource, level, &box);
    else
        vgpu_upload(stress->context, resource, level, &box);
}

static void replace_texture(struct vgpu_stress *stress)
{
    struct vgpu_stress_texture *texture =
        &stress->textures[below(stress, VGPU_STRESS_TEXTURES)];
    struct vgpu_context *context = stress->context;
    struct vgpu_resource_desc desc;

    unbind_textures(stress);
    drop_texture(stress, texture);
    random_desc(stress, texture, &desc);
    vgpu_resource_init(context, &texture->resource, &desc);
    texture->level = below(stress, desc.last_level + 1);
    uint32_t layer = below(stress, vgpu_level_layers(&desc, texture->level));
    const struct virgl_obj_sampler_view view = vgpu_view_default(&texture->resource);

    texture->surface = vgpu_create_surface(context, &texture->resource, texture->level, layer,
                                           layer);
    texture->view = vgpu_create_view(context, &view);
    upload_random(stress, texture);
}

static struct vgpu_stress_texture *any_texture(struct vgpu_stress *stress, bool depth)
{
    uint32_t start = below(stress, VGPU_STRESS_TEXTURES);

    for (uint32_t i = 0; i < VGPU_STRESS_TEXTURES; i++) {
        struct vgpu_stress_texture *texture =
            &stress->textures[(start + i) % VGPU_STRESS_TEXTURES];

        if (texture->resource.id && texture->depth == depth)
            return texture;
    }
    return NULL;
}

static void bind_target(struct vgpu_stress *stress)
{
    struct vgpu_stress_texture *texture = any_texture(stress, false);

    if (!texture)
        return;
    stress->target_px[0] = vgpu_minify(texture->resource.desc.width, texture->level);
    stress->target_px[1] = vgpu_minify(texture->resource.desc.height, texture->level);
    /* Not the depth of another size: which pixels exist then would be a matter of taste. */
    vgpu_set_framebuffer(stress->context, &texture->surface, 1, 0);
    vgpu_set_viewport(stress->context, 0, 0, (float)stress->target_px[0],
                      (float)stress->target_px[1]);
}

static void random_blend(struct vgpu_stress *stress)
{
    static const uint32_t factors[] = {
        VIRGL_BLEND_FACTOR_ONE, VIRGL_BLEND_FACTOR_ZERO, VIRGL_BLEND_FACTOR_SRC_ALPHA,
        VIRGL_BLEND_FACTOR_INV_SRC_ALPHA, VIRGL_BLEND_FACTOR_DST_COLOR,
        VIRGL_BLEND_FACTOR_CONST_COLOR, VIRGL_BLEND_FACTOR_INV_DST_ALPHA,
    };
    const uint32_t count = sizeof(factors) / sizeof(factors[0]);
    struct virgl_obj_blend blend = vgpu_blend_default();
    uint32_t old = stress->blend;

    blend.rt[0].blend_enable = chance(stress, 2);
    blend.rt[0].rgb_func = below(stress, 5);
    blend.rt[0].alpha_func = below(stress, 5);
    blend.rt[0].rgb_src_factor = factors[below(stress, count)];
    blend.rt[0].rgb_dst_factor = factors[below(stress, count)];
    blend.rt[0].alpha_src_factor = factors[below(stress, count)];
    blend.rt[0].alpha_dst_factor = factors[below(stress, count)];
    blend.rt[0].colormask = below(stress, 16);
    blend.dither = chance(stress, 3);
    if (chance(stress, 8)) {
        blend.logicop_enable = true;
        blend.logicop_func = below(stress, 16);
    }
    stress->blend = vgpu_create_blend(stress->context, &blend);
    vgpu_bind(stress->context, VIRGL_OBJECT_TYPE_BLEND, stress->blend);
    vgpu_destroy(stress->context, VIRGL_OBJECT_TYPE_BLEND, old);
}

static void random_dsa(struct vgpu_stress *stress)
{
    const struct virgl_obj_dsa dsa = {
        .depth_enabled = chance(stress, 2),
        .depth_writemask = chance(stress, 2),
        .depth_func = below(stress, 8),
        .stencil0_enabled = chance(stress, 2),
        .stencil0_func = below(stress, 8),
        .stencil0_fail_op = below(stress, 8),
        .stencil0_zpass_op = below(stress, 8),
        .stencil0_zfail_op = below(stress, 8),
        .stencil0_valuemask = below(stress, 256),
        .stencil0_writemask = below(stress, 256),
        .alpha_enabled = chance(stress, 4),
        .alpha_func = below(stress, 8),
        .alpha_ref = 0.5f,
    };
    uint32_t old = stress->dsa;

    stress->dsa = vgpu_create_dsa(stress->context, &dsa);
    vgpu_bind(stress->context, VIRGL_OBJECT_TYPE_DSA, stress->dsa);
    vgpu_destroy(stress->context, VIRGL_OBJECT_TYPE_DSA, old);
    vgpu_set_stencil_ref(stress->context, below(stress, 256), below(stress, 256));
}

static void random_rasterizer(struct vgpu_stress *stress)
{
    struct virgl_obj_rasterizer rasterizer = vgpu_rasterizer_default();
    uint32_t old = stress->rasterizer;

    rasterizer.cull_face = below(stress, 4);
    rasterizer.front_ccw = chance(stress, 2);
    rasterizer.scissor = chance(stress, 3);
    rasterizer.flatshade = chance(stress, 4);
    rasterizer.flatshade_first = chance(stress, 2);
    rasterizer.poly_stipple_enable = chance(stress, 6);
    rasterizer.point_size = 1.0f + (float)below(stress, 8);
    rasterizer.line_width = 1.0f + (float)below(stress, 3);
    rasterizer.offset_tri = chance(stress, 4);
    rasterizer.offset_units = unit(stress);
    rasterizer.clip_plane_enable = chance(stress, 6) ? below(stress, 4) : 0;
    stress->rasterizer = vgpu_create_rasterizer(stress->context, &rasterizer);
    vgpu_bind(stress->context, VIRGL_OBJECT_TYPE_RASTERIZER, stress->rasterizer);
    vgpu_destroy(stress->context, VIRGL_OBJECT_TYPE_RASTERIZER, old);
    vgpu_set_scissor(stress->context, below(stress, 32), below(stress, 32), below(stress, 64),
                     below(stress, 64));
}

static void random_constants(struct vgpu_stress *stress)
{
    float values[16];

    for (unsigned i = 0; i < 16; i++)
        values[i] = unit(stress);
    vgpu_set_constants(stress->context, VIRGL_SHADER_STAGE_FRAGMENT, values, 16);
    vgpu_set_blend_color(stress->context, values);
}

static void random_vertices(struct vgpu_stress *stress)
{
    struct vgpu_resource *buffer = &stress->buffers[below(stress, VGPU_STRESS_BUFFERS)];
    struct scene_vertex vertices[16];
    uint32_t count = 1 + below(stress, 16);
    const struct vgpu_box box = {
        .x = VERTEX_BYTES * below(stress, BUFFER_BYTES / VERTEX_BYTES - count),
        .width = VERTEX_BYTES * count, .height = 1, .depth = 1,
    };

    for (uint32_t i = 0; i < count; i++) {
        for (unsigned c = 0; c < 4; c++) {
            vertices[i].position[c] = 1.5f * unit(stress);
            vertices[i].attribute[c] = 0.5f + 0.5f * unit(stress);
        }
        vertices[i].position[3] = 1;
    }
    vgpu_write(stress->context, buffer, 0, &box, vertices, 0, 0);
}

static void bind_fragment(struct vgpu_stress *stress)
{
    struct vgpu_context *context = stress->context;
    struct vgpu_stress_texture *texture = any_texture(stress, false);
    uint32_t kind = below(stress, 4);

    if (kind == 3 && texture && texture->resource.desc.target == VIRGL_TEXTURE_TARGET_2D) {
        /* Reading what is drawn to is undefined: draw elsewhere. */
        bind_target(stress);
        vgpu_set_views(context, VIRGL_SHADER_STAGE_FRAGMENT, 0, &texture->view, 1);
        vgpu_bind_samplers(context, VIRGL_SHADER_STAGE_FRAGMENT, 0,
                           &stress->samplers[below(stress, 3)], 1);
    } else if (kind == 3) {
        kind = 0;
    }
    vgpu_bind_shader(context, VIRGL_SHADER_STAGE_FRAGMENT, stress->fragment_shaders[kind]);
}

static void random_draw(struct vgpu_stress *stress)
{
    static const uint32_t modes[] = {
        VIRGL_PRIM_TRIANGLES, VIRGL_PRIM_TRIANGLE_STRIP, VIRGL_PRIM_TRIANGLE_FAN,
        VIRGL_PRIM_LINES, VIRGL_PRIM_LINE_STRIP, VIRGL_PRIM_POINTS,
    };
    struct vgpu_resource *buffer = &stress->buffers[below(stress, VGPU_STRESS_BUFFERS)];
    const struct virgl_set_vertex_buffers_buffer binding = {
        .stride = VERTEX_BYTES, .resource = buffer->id,
    };
    const uint32_t vertices = BUFFER_BYTES / VERTEX_BYTES;
    struct virgl_cmd_draw_vbo draw = {
        .mode = modes[below(stress, sizeof(modes) / sizeof(modes[0]))],
        .instance_count = chance(stress, 4) ? 1 + below(stress, 3) : 1,
    };

    if (stress->target_px[0] == 0)
        bind_target(stress);
    if (stress->target_px[0] == 0)
        return;
    vgpu_set_vertex_buffers(stress->context, &binding, 1);
    draw.start = below(stress, vertices);
    draw.count = 1 + below(stress, vertices - draw.start);
    if (chance(stress, 3)) {
        uint16_t indices[32];
        struct vgpu_resource *index_buffer = &stress->buffers[0];

        for (unsigned i = 0; i < 32; i++)
            indices[i] = (uint16_t)below(stress, vertices);
        const struct vgpu_box box = {.width = sizeof(indices), .height = 1, .depth = 1};

        vgpu_write(stress->context, index_buffer, 0, &box, indices, 0, 0);
        vgpu_set_index_buffer(stress->context, index_buffer, 2, 0);
        draw.indexed = true;
        draw.start = 0;
        draw.count = 1 + below(stress, 32);
        draw.max_index = vertices - 1;
    }
    vgpu_draw(stress->context, &draw);
}

static void random_clear(struct vgpu_stress *stress)
{
    const float color[4] = {unit(stress), unit(stress), unit(stress), 1};

    if (stress->target_px[0] == 0)
        bind_target(stress);
    if (stress->target_px[0])
        vgpu_clear(stress->context, VIRGL_CLEAR_COLOR0, color, 0.5, below(stress, 256));
}

static void random_copy(struct vgpu_stress *stress)
{
    struct vgpu_stress_texture *from = any_texture(stress, false);
    struct vgpu_stress_texture *to = any_texture(stress, false);

    if (!from || !to || from == to || from->resource.desc.format != to->resource.desc.format)
        return;
    const struct vgpu_box source = vgpu_level_box(&from->resource.desc, 0);
    const struct vgpu_box goal = vgpu_level_box(&to->resource.desc, 0);
    const struct vgpu_box box = {
        .width = source.width < goal.width ? source.width : goal.width,
        .height = source.height < goal.height ? source.height : goal.height,
        .depth = 1,
    };
    const uint32_t at[3] = {0, 0, below(stress, goal.depth)};

    vgpu_copy(stress->context, &to->resource, 0, at, &from->resource, 0, &box);
}

static void random_blit(struct vgpu_stress *stress)
{
    struct vgpu_stress_texture *from = any_texture(stress, false);
    struct vgpu_stress_texture *to = any_texture(stress, false);

    if (!from || !to || from == to)
        return;
    const struct vgpu_box source = vgpu_level_box(&from->resource.desc, 0);
    const struct vgpu_box goal = vgpu_level_box(&to->resource.desc, 0);
    const struct virgl_cmd_blit blit = {
        .mask = 1 + below(stress, 15),
        .filter = below(stress, 2),
        .dst_resource = to->resource.id,
        .dst_format = to->resource.desc.format,
        .dst_z = (int32_t)below(stress, goal.depth),
        .dst_width = (int32_t)(1 + below(stress, goal.width)),
        .dst_height = (int32_t)(1 + below(stress, goal.height)),
        .dst_depth = 1,
        .src_resource = from->resource.id,
        .src_format = from->resource.desc.format,
        .src_z = (int32_t)below(stress, source.depth),
        .src_width = (int32_t)(1 + below(stress, source.width)),
        .src_height = (int32_t)(1 + below(stress, source.height)),
        .src_depth = 1,
    };

    vgpu_blit(stress->context, &blit);
}

static void random_query(struct vgpu_stress *stress)
{
    struct vgpu_context *context = stress->context;
    uint32_t i = below(stress, VGPU_STRESS_QUERIES);

    if (stress->active_query) {
        i = stress->active_query - 1;
        vgpu_end_query(context, stress->queries[i]);
        stress->active_query = 0;
        if (chance(stress, 2))
            vgpu_query_result(context, stress->queries[i], &stress->query_results[i]);
    } else {
        vgpu_begin_query(context, stress->queries[i]);
        stress->active_query = i + 1;
    }
}

static void random_read(struct vgpu_stress *stress)
{
    struct vgpu_stress_texture *texture = any_texture(stress, false);

    if (texture)
        vgpu_read(stress->context, &texture->resource,
                  below(stress, texture->resource.desc.last_level + 1), NULL);
}

void vgpu_stress_step(struct vgpu_stress *stress)
{
    /* Draws and state changes are common, reading back and new textures are not. */
    static void (*const steps[])(struct vgpu_stress *) = {
        random_draw, random_draw, random_draw, random_draw, random_draw, random_draw,
        random_vertices, random_vertices, random_blend, random_dsa, random_rasterizer,
        random_constants, random_constants, bind_fragment, bind_fragment, bind_target,
        random_clear, random_copy, random_blit, random_query, replace_texture, random_read,
    };

    steps[below(stress, sizeof(steps) / sizeof(steps[0]))](stress);
    stress->steps++;
}

static void create_shaders(struct vgpu_stress *stress)
{
    struct vgpu_context *context = stress->context;
    const char *const texts[4] = {
        scene_frag_color, frag_constant, frag_discard, scene_frag_texture_2d,
    };

    stress->vertex_shader = vgpu_create_shader(context, VIRGL_SHADER_STAGE_VERTEX,
                                               scene_vert_plain, NULL);
    for (unsigned i = 0; i < 4; i++)
        stress->fragment_shaders[i] = vgpu_create_shader(context, VIRGL_SHADER_STAGE_FRAGMENT,
                                                         texts[i], NULL);
    vgpu_bind_shader(context, VIRGL_SHADER_STAGE_VERTEX, stress->vertex_shader);
    vgpu_bind_shader(context, VIRGL_SHADER_STAGE_FRAGMENT, stress->fragment_shaders[0]);
    for (unsigned i = 0; i < 3; i++) {
        struct virgl_obj_sampler_state sampler = vgpu_sampler_default();

        sampler.wrap_s = i == 0 ? VIRGL_TEX_WRAP_REPEAT : VIRGL_TEX_WRAP_CLAMP_TO_EDGE;
        sampler.min_img_filter = sampler.mag_img_filter = i > 0;
        sampler.min_mip_filter = i;
        stress->samplers[i] = vgpu_create_sampler(context, &sampler);
    }
}

void vgpu_stress_init(struct vgpu_stress *stress, struct vgpu_context *context, uint64_t seed)
{
    static const uint32_t query_types[VGPU_STRESS_QUERIES] = {
        VIRGL_QUERY_TYPE_OCCLUSION_COUNTER, VIRGL_QUERY_TYPE_OCCLUSION_PREDICATE,
        VIRGL_QUERY_TYPE_PRIMITIVES_GENERATED,
    };
    static const struct virgl_vertex_elements_element elements[2] = {
        {.src_offset = offsetof(struct scene_vertex, position),
         .src_format = VIRGL_FORMAT_R32G32B32A32_FLOAT},
        {.src_offset = offsetof(struct scene_vertex, attribute),
         .src_format = VIRGL_FORMAT_R32G32B32A32_FLOAT},
    };

    memset(stress, 0, sizeof(*stress));
    stress->context = context;
    /* Zero would stay zero for ever; small seeds start with similar numbers. */
    stress->random = seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
    for (unsigned i = 0; i < 8; i++)
        next(stress);
    vgpu_create_sub_context(context, SUB_CONTEXT);
    for (unsigned i = 0; i < VGPU_STRESS_BUFFERS; i++)
        vgpu_buffer_init(context, &stress->buffers[i], VIRGL_BIND_VERTEX_BUFFER, BUFFER_BYTES);
    for (unsigned i = 0; i < 4 * VGPU_STRESS_BUFFERS; i++)
        random_vertices(stress);
    for (unsigned i = 0; i < VGPU_STRESS_QUERIES; i++) {
        vgpu_buffer_init(context, &stress->query_results[i], VIRGL_BIND_CUSTOM, 16);
        stress->queries[i] = vgpu_create_query(context, query_types[i], 0,
                                               &stress->query_results[i]);
    }
    vgpu_bind(context, VIRGL_OBJECT_TYPE_VERTEX_ELEMENTS,
              vgpu_create_vertex_elements(context, elements, 2));
    create_shaders(stress);
    vgpu_set_sample_mask(context, UINT32_MAX);
    random_blend(stress);
    random_dsa(stress);
    random_rasterizer(stress);
    random_constants(stress);
}

void vgpu_stress_finish(struct vgpu_stress *stress)
{
    struct vgpu_context *context = stress->context;

    if (stress->active_query)
        vgpu_end_query(context, stress->queries[stress->active_query - 1]);
    unbind_textures(stress);
    for (unsigned i = 0; i < VGPU_STRESS_TEXTURES; i++)
        drop_texture(stress, &stress->textures[i]);
    vgpu_set_sub_context(context, 0);
    vgpu_destroy_sub_context(context, SUB_CONTEXT);
    for (unsigned i = 0; i < VGPU_STRESS_BUFFERS; i++)
        vgpu_resource_finish(context, &stress->buffers[i]);
    for (unsigned i = 0; i < VGPU_STRESS_QUERIES; i++)
        vgpu_resource_finish(context, &stress->query_results[i]);
}
