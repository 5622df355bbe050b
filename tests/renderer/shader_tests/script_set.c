/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include <stdlib.h>
#include <string.h>

#include "virgl_formats.h"

static const char *const target_names[VIRGL_TEXTURE_TARGET_COUNT] = {
    "BUFFER", "1D", "2D", "3D", "CUBE", "RECT", "1D_ARRAY", "2D_ARRAY", "CUBE_ARRAY",
};

static const char *const primitive_names[] = {
    "POINTS", "LINES", "LINE_LOOP", "LINE_STRIP", "TRIANGLES", "TRIANGLE_STRIP", "TRIANGLE_FAN",
    "QUADS", "QUAD_STRIP", "POLYGON", "LINES_ADJACENCY", "LINE_STRIP_ADJACENCY",
    "TRIANGLES_ADJACENCY", "TRIANGLE_STRIP_ADJACENCY", "PATCHES",
};

static bool find_name(struct script *script, const char *const *names, unsigned count,
                      const char *word, uint32_t *number)
{
    for (*number = 0; *number < count; ++*number) {
        if (strcmp(names[*number], word) == 0)
            return true;
    }
    return script_fail(script, "no such name: %s", word);
}

static bool find_stage(struct script *script, const char *word, uint32_t *stage)
{
    *stage = shader_test_stage(word);
    return *stage < VIRGL_SHADER_STAGE_COUNT || script_fail(script, "no such stage: %s", word);
}

static bool stage_and_slot(struct script *script, char *const *words, uint32_t *stage,
                           uint32_t *slot)
{
    return find_stage(script, words[1], stage) &&
        script_number(script, words[2], SCRIPT_MAX_SLOTS, slot);
}

static void bind_framebuffer(struct script *script)
{
    vgpu_set_framebuffer(&script->context, script->surfaces, script->target_count,
                         script->depth_surface);
}

/* target FORMAT WIDTH HEIGHT [LAYERS]: one more colour target, cleared to zeros */
static bool set_target(struct script *script, char *const *words)
{
    struct vgpu_resource_desc desc = {
        .target = VIRGL_TEXTURE_TARGET_2D, .depth = 1, .array_size = 1,
        .bind = VIRGL_BIND_RENDER_TARGET | VIRGL_BIND_SAMPLER_VIEW,
    };
    static const float zeros[4];

    if (script->target_count == SCRIPT_MAX_TARGETS ||
        !script_format(script, words[1], &desc.format) ||
        !script_number(script, words[2], 1025, &desc.width) ||
        !script_number(script, words[3], 1025, &desc.height) ||
        (words[4] && !script_number(script, words[4], 65, &desc.array_size)))
        return script_fail(script, "bad target");
    if (desc.array_size > 1)
        desc.target = VIRGL_TEXTURE_TARGET_2D_ARRAY;
    struct vgpu_resource *target = script_resource(script, &desc);

    if (!target)
        return false;
    script->targets[script->target_count] = target;
    script->surfaces[script->target_count++] =
        vgpu_create_surface(&script->context, target, 0, 0, desc.array_size - 1);
    bind_framebuffer(script);
    vgpu_set_viewport(&script->context, 0, 0, (float)desc.width, (float)desc.height);
    vgpu_clear(&script->context, VIRGL_CLEAR_COLOR0 << (script->target_count - 1), zeros, 0, 0);
    return true;
}

/* depth FORMAT WIDTH HEIGHT: the depth buffer, cleared to 1 and 0; tests LESS and writes */
static bool set_depth(struct script *script, char *const *words)
{
    struct vgpu_resource_desc desc = {
        .target = VIRGL_TEXTURE_TARGET_2D, .depth = 1, .array_size = 1,
        .bind = VIRGL_BIND_DEPTH_STENCIL,
    };
    static const float zeros[4];

    if (!script_format(script, words[1], &desc.format) ||
        !script_number(script, words[2], 1025, &desc.width) ||
        !script_number(script, words[3], 1025, &desc.height))
        return false;
    struct vgpu_resource *depth = script_resource(script, &desc);

    if (!depth)
        return false;
    script->depth_surface = vgpu_create_surface(&script->context, depth, 0, 0, 0);
    bind_framebuffer(script);
    vgpu_clear(&script->context, VIRGL_CLEAR_DEPTH | VIRGL_CLEAR_STENCIL, zeros, 1.0, 0);
    script->dsa.depth_enabled = true;
    script->dsa.depth_writemask = true;
    script->dsa.depth_func = VIRGL_COMPARE_FUNC_LESS;
    vgpu_bind(&script->context, VIRGL_OBJECT_TYPE_DSA,
              vgpu_create_dsa(&script->context, &script->dsa));
    return true;
}

/* clear R G B A */
static bool clear(struct script *script, char *const *words)
{
    g_autofree struct value *values = g_new(struct value, SHADER_TEST_MAX_VALUES);
    float color[4];

    if (script_values(script, words, 1, values) != 4)
        return script_fail(script, "a colour has four components");
    for (unsigned i = 0; i < 4; i++)
        memcpy(&color[i], &values[i].bits, sizeof(color[i]));
    for (unsigned i = 0; i < script->target_count; i++)
        vgpu_clear(&script->context, VIRGL_CLEAR_COLOR0 << i, color, 0, 0);
    return true;
}

/* constants STAGE VALUES: CONST[0..] */
static bool set_constants(struct script *script, char *const *words)
{
    g_autofree struct value *values = g_new(struct value, SHADER_TEST_MAX_VALUES);
    g_autofree uint32_t *dwords = g_new(uint32_t, SHADER_TEST_MAX_VALUES);
    int count = script_values(script, words, 2, values);
    uint32_t stage;

    if (count < 0 || !find_stage(script, words[1], &stage))
        return false;
    for (int i = 0; i < count; i++)
        dwords[i] = values[i].bits;
    vgpu_set_constants(&script->context, stage, dwords, (uint32_t)count);
    return true;
}

/* uniform_buffer STAGE INDEX VALUES: CONST[INDEX][0..] */
static bool set_uniform_buffer(struct script *script, char *const *words)
{
    g_autofree struct value *values = g_new(struct value, SHADER_TEST_MAX_VALUES);
    int count = script_values(script, words, 3, values);
    uint32_t stage, slot;

    if (count <= 0 || !stage_and_slot(script, words, &stage, &slot))
        return false;
    struct vgpu_resource *buffer = script_buffer(script, VIRGL_BIND_CONSTANT_BUFFER, values,
                                                 count);
    if (!buffer)
        return false;
    vgpu_set_uniform_buffer(&script->context, stage, slot, buffer, 0, buffer->desc.width);
    return true;
}

/* buffer STAGE SLOT VALUES: a storage buffer; the slots of all stages are one list for probes */
static bool set_buffer(struct script *script, char *const *words)
{
    g_autofree struct value *values = g_new(struct value, SHADER_TEST_MAX_VALUES);
    int count = script_values(script, words, 3, values);
    uint32_t stage, slot;

    if (count <= 0 || !stage_and_slot(script, words, &stage, &slot))
        return false;
    struct vgpu_resource *buffer = script_buffer(script, VIRGL_BIND_SHADER_BUFFER, values, count);

    if (!buffer)
        return false;
    script->buffers[slot] = buffer;
    vgpu_set_shader_buffer(&script->context, stage, slot, buffer);
    return true;
}

/* image STAGE SLOT FORMAT WIDTH HEIGHT */
static bool set_image(struct script *script, char *const *words)
{
    struct vgpu_resource_desc desc = {
        .target = VIRGL_TEXTURE_TARGET_2D, .depth = 1, .array_size = 1,
        .bind = VIRGL_BIND_SAMPLER_VIEW | VIRGL_BIND_RENDER_TARGET,
    };
    uint32_t stage, slot;

    if (!stage_and_slot(script, words, &stage, &slot) ||
        !script_format(script, words[3], &desc.format) ||
        !script_number(script, words[4], 1025, &desc.width) ||
        !script_number(script, words[5], 1025, &desc.height))
        return false;
    script->images[slot] = script_resource(script, &desc);
    if (!script->images[slot])
        return false;
    vgpu_set_image(&script->context, stage, slot, script->images[slot], 0,
                   VIRGL_IMAGE_ACCESS_READ | VIRGL_IMAGE_ACCESS_WRITE);
    return true;
}

/* texture STAGE SLOT TARGET FORMAT WIDTH HEIGHT DEPTH_OR_LAYERS LEVELS [SAMPLER SETTINGS] */
static bool set_texture(struct script *script, char *const *words)
{
    struct vgpu_resource_desc desc = {.bind = VIRGL_BIND_SAMPLER_VIEW, .depth = 1, .array_size = 1};
    struct virgl_obj_sampler_state sampler = vgpu_sampler_default();
    uint32_t stage, slot, layers, levels;

    if (!stage_and_slot(script, words, &stage, &slot) ||
        !find_name(script, target_names, G_N_ELEMENTS(target_names), words[3], &desc.target) ||
        !script_format(script, words[4], &desc.format) ||
        !script_number(script, words[5], 4097, &desc.width) ||
        !script_number(script, words[6], 1025, &desc.height) ||
        !script_number(script, words[7], 65, &layers) ||
        !script_number(script, words[8], 12, &levels) || levels == 0)
        return script_fail(script, "bad texture");
    *(desc.target == VIRGL_TEXTURE_TARGET_3D ? &desc.depth : &desc.array_size) = layers;
    desc.last_level = levels - 1;
    for (char *const *word = words + 9; *word; word++) {
        if (strcmp(*word, "linear") == 0)
            sampler.min_img_filter = sampler.mag_img_filter = VIRGL_TEX_FILTER_LINEAR;
        else if (strcmp(*word, "mipmap") == 0)
            sampler.min_mip_filter = VIRGL_TEX_MIPFILTER_NEAREST;
        else if (strcmp(*word, "repeat") == 0)
            sampler.wrap_s = sampler.wrap_t = sampler.wrap_r = VIRGL_TEX_WRAP_REPEAT;
        else if (strcmp(*word, "compare_less") == 0) {
            sampler.compare_mode = VIRGL_TEX_COMPARE_R_TO_TEXTURE;
            sampler.compare_func = VIRGL_COMPARE_FUNC_LESS;
        } else
            return script_fail(script, "no such setting: %s", *word);
    }
    struct vgpu_resource *texture = script_resource(script, &desc);

    if (!texture)
        return false;
    script->textures[slot] = texture;
    const struct virgl_obj_sampler_view whole = vgpu_view_default(texture);
    uint32_t view = vgpu_create_view(&script->context, &whole);
    uint32_t state = vgpu_create_sampler(&script->context, &sampler);

    vgpu_set_views(&script->context, stage, slot, &view, 1);
    if (desc.target != VIRGL_TEXTURE_TARGET_BUFFER)
        vgpu_bind_samplers(&script->context, stage, slot, &state, 1);
    return true;
}

/* texels SLOT LEVEL LAYER VALUES: dwords of the layer, repeated until it is full */
static bool set_texels(struct script *script, char *const *words)
{
    g_autofree struct value *values = g_new(struct value, SHADER_TEST_MAX_VALUES);
    int count = script_values(script, words, 4, values);
    uint32_t slot, level, layer;

    if (count <= 0 || !script_number(script, words[1], SCRIPT_MAX_SLOTS, &slot) ||
        !script->textures[slot] ||
        !script_number(script, words[2], script->textures[slot]->desc.last_level + 1, &level) ||
        !script_number(script, words[3], 64, &layer))
        return script_fail(script, "bad texels");
    struct vgpu_resource *texture = script->textures[slot];
    char *texels = vgpu_texel(texture, level, 0, 0, layer);
    struct vgpu_box box = vgpu_level_box(&texture->desc, level);

    if (!texels)
        return script_fail(script, "no such layer");
    size_t layer_bytes = texture->layout.layer_stride_bytes[level];

    if (texture->desc.target == VIRGL_TEXTURE_TARGET_BUFFER)
        layer_bytes = texture->desc.width;
    for (size_t i = 0; i < layer_bytes / 4; i++)
        memcpy(texels + 4 * i, &values[i % (size_t)count].bits, 4);
    box.z = layer;
    box.depth = 1;
    vgpu_upload(&script->context, texture, level, &box);
    return true;
}

/* rasterizer SETTING... */
static bool set_rasterizer(struct script *script, char *const *words)
{
    struct virgl_obj_rasterizer *r = &script->rasterizer;
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {
        {"flatshade", &r->flatshade},
        {"flatshade_first", &r->flatshade_first},
        {"light_twoside", &r->light_twoside},
        {"front_ccw", &r->front_ccw},
        {"point_quad_rasterization", &r->point_quad_rasterization},
        {"point_size_per_vertex", &r->point_size_per_vertex},
        {"clip_halfz", &r->clip_halfz},
        {"rasterizer_discard", &r->rasterizer_discard},
    };

    for (char *const *word = words + 1; *word; word++) {
        bool known = false;

        for (unsigned i = 0; i < G_N_ELEMENTS(flags); i++) {
            if (strcmp(flags[i].name, *word) == 0)
                *flags[i].flag = known = true;
        }
        if (g_str_has_prefix(*word, "clip_planes="))
            known = (r->clip_plane_enable = (uint32_t)strtoul(*word + 12, NULL, 0)) > 0;
        if (g_str_has_prefix(*word, "sprite_coord="))
            known = (r->sprite_coord_enable = (uint32_t)strtoul(*word + 13, NULL, 0)) > 0;
        if (g_str_has_prefix(*word, "cull="))
            known = (r->cull_face = (uint32_t)strtoul(*word + 5, NULL, 0)) > 0;
        if (g_str_has_prefix(*word, "point_size="))
            known = (r->point_size = (float)g_ascii_strtod(*word + 11, NULL)) > 0;
        if (!known)
            return script_fail(script, "no such setting: %s", *word);
    }
    vgpu_bind(&script->context, VIRGL_OBJECT_TYPE_RASTERIZER,
              vgpu_create_rasterizer(&script->context, r));
    return true;
}

/* clip_plane X Y Z W: plane 0; the others are zero */
static bool set_clip_plane(struct script *script, char *const *words)
{
    g_autofree struct value *values = g_new(struct value, SHADER_TEST_MAX_VALUES);
    struct virgl_set_clip_state_plane planes[8] = {{0}};
    const struct virgl_cmd_set_clip_state command = {.plane = planes, .plane_count = 8};

    if (script_values(script, words, 1, values) != 4)
        return script_fail(script, "a plane has four numbers");
    memcpy(&planes[0].ucp_x, &values[0].bits, 4);
    memcpy(&planes[0].ucp_y, &values[1].bits, 4);
    memcpy(&planes[0].ucp_z, &values[2].bits, 4);
    memcpy(&planes[0].ucp_w, &values[3].bits, 4);
    VGPU_ENCODE(&script->context,
                virgl_encode_cmd_set_clip_state(&script->context.encoder, &command));
    return true;
}

/* tess_levels OUTER*4 INNER*2: for pipelines without a control shader */
static bool set_tess_levels(struct script *script, char *const *words)
{
    g_autofree struct value *values = g_new(struct value, SHADER_TEST_MAX_VALUES);
    float levels[6];
    const struct virgl_cmd_set_tess_state command = {.level = levels, .level_count = 6};

    if (script_values(script, words, 1, values) != 6)
        return script_fail(script, "there are six levels");
    for (unsigned i = 0; i < 6; i++)
        memcpy(&levels[i], &values[i].bits, 4);
    VGPU_ENCODE(&script->context,
                virgl_encode_cmd_set_tess_state(&script->context.encoder, &command));
    return true;
}

/* viewport X Y WIDTH HEIGHT */
static bool set_viewport(struct script *script, char *const *words)
{
    float v[4];

    for (unsigned i = 0; i < 4; i++)
        v[i] = (float)g_ascii_strtod(words[1 + i], NULL);
    vgpu_set_viewport(&script->context, v[0], v[1], v[2], v[3]);
    return true;
}

/* draw PRIMITIVE START COUNT [instances=N] [start_instance=N] [patch=N] [drawid=N] */
static bool draw(struct script *script, char *const *words)
{
    struct virgl_cmd_draw_vbo command = {.max_index = UINT32_MAX, .instance_count = 1};

    if (!find_name(script, primitive_names, G_N_ELEMENTS(primitive_names), words[1],
                   &command.mode) ||
        !script_number(script, words[2], 1 << 20, &command.start) ||
        !script_number(script, words[3], 1 << 20, &command.count))
        return false;
    for (char *const *word = words + 4; *word; word++) {
        const char *equals = strchr(*word, '=');
        uint32_t number = equals ? (uint32_t)strtoul(equals + 1, NULL, 10) : 0;

        if (g_str_has_prefix(*word, "instances="))
            command.instance_count = number;
        else if (g_str_has_prefix(*word, "start_instance="))
            command.start_instance = number;
        else if (g_str_has_prefix(*word, "patch="))
            command.vertices_per_patch = number;
        else if (g_str_has_prefix(*word, "drawid="))
            command.drawid = number;
        else
            return script_fail(script, "no such setting: %s", *word);
    }
    vgpu_draw(&script->context, &command);
    return true;
}

/* rect: the strip of the default vertices */
static bool rect(struct script *script, char *const *words)
{
    vgpu_draw_arrays(&script->context, VIRGL_PRIM_TRIANGLE_STRIP, 0, 4);
    return true;
}

/* grid BLOCK*3 GRID*3 */
static bool grid(struct script *script, char *const *words)
{
    uint32_t sizes[6];

    for (unsigned i = 0; i < 6; i++) {
        if (!words[1 + i] || !script_number(script, words[1 + i], 65536, &sizes[i]))
            return script_fail(script, "grid takes six numbers");
    }
    vgpu_launch_grid(&script->context, sizes, sizes + 3);
    vgpu_memory_barrier(&script->context, VIRGL_BARRIER_SHADER_BUFFER | VIRGL_BARRIER_IMAGE |
                                              VIRGL_BARRIER_TEXTURE);
    return true;
}

const struct script_command script_set_commands[] = {
    {"target", 4, set_target},
    {"depth", 4, set_depth},
    {"clear", 5, clear},
    {"constants", 3, set_constants},
    {"uniform_buffer", 4, set_uniform_buffer},
    {"buffer", 4, set_buffer},
    {"image", 6, set_image},
    {"texture", 9, set_texture},
    {"texels", 5, set_texels},
    {"rasterizer", 2, set_rasterizer},
    {"clip_plane", 5, set_clip_plane},
    {"tess_levels", 7, set_tess_levels},
    {"viewport", 5, set_viewport},
    {"draw", 4, draw},
    {"rect", 1, rect},
    {"grid", 7, grid},
    {NULL, 0, NULL},
};
