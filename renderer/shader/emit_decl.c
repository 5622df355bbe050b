/* SPDX-License-Identifier: MIT */
/* Declarations of resources (blocks, samplers, images, ...) and of registers. */
#include <stdio.h>
#include <string.h>

#include "emit.h"
#include "image_format.h"

static bool binding_layout(struct emitter *e)
{
    if (!emit_has(e, SHADER_HOST_INDEX_BINDING_LAYOUT))
        return false;
    e->features |= SHADER_HOST(BINDING_LAYOUT);
    return true;
}

static void declare_block(struct emitter *e, const char *name, unsigned slot, unsigned binding,
                          const char *body, const char *instance, unsigned count)
{
    bool located = binding_layout(e);
    char indexed[32];

    emit(e, "layout(std140");
    if (located)
        emit(e, ", binding = %u", binding);
    emit(e, ") uniform %s { %s }", name, body);
    if (instance && emit_block_instances(e))
        emit(e, " %s", instance);
    if (count > 1)
        emit(e, "[%u]", count);
    emit(e, ";\n");
    for (unsigned i = 0; i < count; i++) {
        snprintf(indexed, sizeof(indexed), count > 1 ? "%.20s[%u]" : "%.31s", name, i);
        emit_resource(e, SHADER_RES_UNIFORM_BLOCK, indexed, slot + i, binding + i, 1, !located);
    }
}

static void declare_aux(struct emitter *e)
{
    static const struct {
        enum emit_aux_level level;
        const char *type, *name;
    } fields[] = {
        {EMIT_AUX_SCALARS, "float", "y_flip"}, {EMIT_AUX_SCALARS, "float", "point_size"},
        {EMIT_AUX_SCALARS, "float", "alpha_ref"}, {EMIT_AUX_SCALARS, "float", "fb_height_px"},
        {EMIT_AUX_DRAW, "int", "base_vertex"}, {EMIT_AUX_DRAW, "int", "base_instance"},
        {EMIT_AUX_DRAW, "int", "draw_id"}, {EMIT_AUX_DRAW, "int", "patch_vertices"},
        {EMIT_AUX_TESS_OUTER, "vec4", "tess_outer"}, {EMIT_AUX_TESS_INNER, "vec4", "tess_inner"},
        {EMIT_AUX_CLIP_PLANES, "vec4", "clip_planes[8]"},
        {EMIT_AUX_STIPPLE, "uvec4", "stipple[8]"},
        {EMIT_AUX_LEVELS, "uvec4", "texture_levels[48]"},
    };
    const char *prefix = emit_stage_prefix[e->info->stage];
    char body[640] = "", field[48], name[32];

    if (e->aux == EMIT_AUX_NONE)
        return;
    if (emit_aux_uniforms(e)) {
        emit(e, "struct aux_values { float y_flip; float point_size; float alpha_ref; "
                "float fb_height_px; };\nuniform aux_values aux;\n");
        return;
    }
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]) && fields[i].level <= e->aux; i++) {
        if (emit_block_instances(e))
            snprintf(field, sizeof(field), "%s%s %s;", i ? " " : "", fields[i].type,
                     fields[i].name);
        else
            snprintf(field, sizeof(field), "%s%s %s_aux_%s;", i ? " " : "", fields[i].type,
                     prefix, fields[i].name);
        strcat(body, field);
    }
    snprintf(name, sizeof(name), "%s_aux", emit_stage_prefix[e->info->stage]);
    declare_block(e, name, 0, e->host->aux_binding, body, "aux", 1);
}

static void declare_constants(struct emitter *e)
{
    const struct shader_info *info = e->info;
    const char *prefix = emit_stage_prefix[info->stage];
    char name[32], body[64], instance[16];
    unsigned last = 31;

    if (emit_const0_uniform(e)) {
        emit(e, "uniform %s %s_const0[%u];\n", emit_vector(e->const_type[0], 4), prefix,
             info->const0_vec4s);
    } else if (info->const0_vec4s) {
        snprintf(name, sizeof(name), "%s_const0", prefix);
        snprintf(body, sizeof(body), "%s %s%sv[%u];", emit_vector(e->const_type[0], 4),
                 emit_block_instances(e) ? "" : prefix, emit_block_instances(e) ? "" : "_const0_",
                 info->const0_vec4s);
        declare_block(e, name, 0, e->host->const0_binding[info->stage], body, "c0", 1);
    }
    if (!info->ubos_used)
        return;
    if (info->ubos_indirect) {
        uint32_t size = 1;

        while (!(info->ubos_used >> last & 1))
            last--;
        for (unsigned i = 1; i <= last; i++)
            size = info->ubos[i].size_vec4s > size ? info->ubos[i].size_vec4s : size;
        snprintf(name, sizeof(name), "%s_ubo", prefix);
        snprintf(body, sizeof(body), "vec4 v[%u];", size);
        /* An array of one keeps the indexing valid. */
        declare_block(e, name, 1, e->host->ubo_base[info->stage], body, "ubo",
                      last > 1 ? last : 2);
        return;
    }
    for (unsigned i = 1; i < SHADER_MAX_UBOS; i++) {
        if (!(info->ubos_used >> i & 1))
            continue;
        snprintf(name, sizeof(name), "%s_ubo%u", prefix, i);
        snprintf(instance, sizeof(instance), "ubo%u", i);
        if (emit_block_instances(e))
            snprintf(body, sizeof(body), "%s v[%u];", emit_vector(e->const_type[i], 4),
                     info->ubos[i].size_vec4s);
        else
            snprintf(body, sizeof(body), "%s %s_ubo%u_v[%u];", emit_vector(e->const_type[i], 4),
                     prefix, i, info->ubos[i].size_vec4s);
        declare_block(e, name, i, e->host->ubo_base[info->stage] + i - 1, body, instance, 1);
    }
}

/* Target as GLSL names it on this host: GLES has neither 1D nor rectangle textures. */
static const char *host_sampler(struct emitter *e, unsigned target)
{
    if (e->host->gles) {
        switch (target) {
        case SHADER_TEX_1D:
        case SHADER_TEX_RECT:
            return "2D";
        case SHADER_TEX_SHADOW1D:
        case SHADER_TEX_SHADOWRECT:
            return "2DShadow";
        case SHADER_TEX_1D_ARRAY:
            return "2DArray";
        case SHADER_TEX_SHADOW1D_ARRAY:
            return "2DArrayShadow";
        default:
            break;
        }
    }
    switch (target) {
    case SHADER_TEX_BUFFER:
        emit_need(e, SHADER_HOST_INDEX_TEXTURE_BUFFER, "buffer textures");
        break;
    case SHADER_TEX_2D_MSAA:
        emit_need(e, SHADER_HOST_INDEX_TEXTURE_MULTISAMPLE, "multisample textures");
        break;
    case SHADER_TEX_2D_ARRAY_MSAA:
        emit_need(e, SHADER_HOST_INDEX_TEXTURE_MULTISAMPLE_ARRAY, "multisample array textures");
        break;
    case SHADER_TEX_CUBEARRAY:
    case SHADER_TEX_SHADOWCUBEARRAY:
        emit_need(e, SHADER_HOST_INDEX_CUBE_ARRAY, "cube map arrays");
        break;
    default:
        break;
    }
    return tex_target(target)->sampler;
}

void emit_sampler_name(struct emitter *e, unsigned slot, char name[32])
{
    const struct shader_sampler_info *s = &e->info->samplers[slot];

    if (s->array_count > 1)
        snprintf(name, 32, "%s_samp%u[%u]", emit_stage_prefix[e->info->stage], s->array_first,
                 slot - s->array_first);
    else
        snprintf(name, 32, "%s_samp%u", emit_stage_prefix[e->info->stage], slot);
}

static void declare_samplers(struct emitter *e)
{
    for (unsigned i = 0; i < SHADER_MAX_SAMPLERS; i++) {
        const struct shader_sampler_info *s = &e->info->samplers[i];
        unsigned binding = e->host->sampler_base[e->info->stage] + i;
        bool located = binding_layout(e);
        const char *prefix = "";
        char name[32];

        if (!(e->info->samplers_used >> i & 1) || (s->array_count > 1 && s->array_first != i))
            continue;
        if (!s->shadow)
            prefix = s->return_type == SHADER_RET_SINT   ? "i"
                     : s->return_type == SHADER_RET_UINT ? "u" : "";
        snprintf(name, sizeof(name), "%s_samp%u", emit_stage_prefix[e->info->stage], i);
        if (located)
            emit(e, "layout(binding = %u) ", binding);
        emit(e, "uniform %s%ssampler%s %s", e->host->gles ? "highp " : "", prefix,
             host_sampler(e, s->target), name);
        if (s->array_count > 1)
            emit(e, "[%u]", s->array_count);
        emit(e, ";\n");
        emit_resource(e, SHADER_RES_SAMPLER, name, i, binding,
                      s->array_count > 1 ? s->array_count : 1, !located);
    }
}

static void emit_qualifiers(struct emitter *e, unsigned bits)
{
    emit(e, "%s%s%s", bits & IR_COHERENT ? "coherent " : "",
         bits & IR_VOLATILE ? "volatile " : "", bits & IR_RESTRICT ? "restrict " : "");
}

static void declare_image(struct emitter *e, unsigned i)
{
    const struct shader_image_info *image = &e->info->images[i];
    const struct image_format *format = image_format(e->ir->image_format[i]);
    struct ir_range range = e->ir->image_range[i];
    unsigned binding = e->host->image_base[e->info->stage] + i;
    bool located = binding_layout(e);
    const char *target = tex_target(image->target)->image;
    bool both = image->read && image->written;
    bool es_rw = format->type == 'f' ? !strcmp(format->qualifier, "r32f")
                                     : !strcmp(format->qualifier, "r32i") ||
                                           !strcmp(format->qualifier, "r32ui");
    char name[32];

    if (e->host->gles && (image->target == SHADER_TEX_1D || image->target == SHADER_TEX_RECT))
        target = "2D";
    else if (e->host->gles && image->target == SHADER_TEX_1D_ARRAY)
        target = "2DArray";
    if (!target) {
        emit_fail(e, "image %u has no target", i);
        return;
    }
    if (e->host->gles && tex_target(image->target)->multisample) {
        emit_fail(e, "there are no multisample images on GLES");
        return;
    }
    if (e->host->gles && image->target == SHADER_TEX_BUFFER)
        emit_need(e, SHADER_HOST_INDEX_TEXTURE_BUFFER, "buffer images");
    if (e->host->gles && image->target == SHADER_TEX_CUBEARRAY)
        emit_need(e, SHADER_HOST_INDEX_CUBE_ARRAY, "cube map array images");
    if (e->host->gles && both && !es_rw) {
        emit_fail(e, "image %u of format %s cannot be both read and written on GLES", i,
                  format->pipe_name);
        return;
    }
    if (e->host->gles && !*format->qualifier) {
        emit_fail(e, "images need a format on GLES");
        return;
    }
    if (e->host->gles && !format->es && *format->qualifier)
        emit_need(e, SHADER_HOST_INDEX_IMAGE_FORMATS, "image format");
    snprintf(name, sizeof(name), "%s_img%u", emit_stage_prefix[e->info->stage], i);
    if (located || *format->qualifier) {
        emit(e, "layout(");
        if (located)
            emit(e, "binding = %u%s", binding, *format->qualifier ? ", " : "");
        emit(e, "%s) ", format->qualifier);
    }
    emit_qualifiers(e, e->image_qualifiers[i]);
    if (!image->read && image->written)
        emit(e, "writeonly ");
    else if (!image->written)
        emit(e, "readonly ");
    emit(e, "uniform %s%simage%s %s", e->host->gles ? "highp " : "",
         format->type == 'i' ? "i" : format->type == 'u' ? "u" : "", target, name);
    if (range.last > range.first)
        emit(e, "[%u]", range.last - range.first + 1u);
    emit(e, ";\n");
    emit_resource(e, SHADER_RES_IMAGE, name, i, binding, range.last - range.first + 1u, !located);
}

static void declare_images(struct emitter *e)
{
    if (!e->info->images_used)
        return;
    emit_need(e, SHADER_HOST_INDEX_IMAGES, "images");
    for (unsigned i = 0; i < SHADER_MAX_IMAGES; i++) {
        if ((e->info->images_used >> i & 1) && e->ir->image_range[i].first == i)
            declare_image(e, i);
    }
}

static void declare_buffers(struct emitter *e)
{
    const char *prefix = emit_stage_prefix[e->info->stage];

    if (!e->info->ssbos_used)
        return;
    emit_need(e, SHADER_HOST_INDEX_SSBO, "storage buffers");
    for (unsigned i = 0; i < SHADER_MAX_SSBOS; i++) {
        struct ir_range range = e->ir->buffer_range[i];
        unsigned count = range.last - range.first + 1u;
        unsigned binding = e->host->ssbo_base[e->info->stage] + i;
        char name[32];

        if (!(e->info->ssbos_used >> i & 1) || range.first != i)
            continue;
        snprintf(name, sizeof(name), "%s_ssbo%u", prefix, i);
        emit(e, "layout(std430, binding = %u) ", binding);
        emit_qualifiers(e, e->ssbo_qualifiers[i]);
        if (!(e->info->ssbos_written >> i & 1))
            emit(e, "readonly ");
        emit(e, "buffer %s { %s data[]; } ssbo%u", name,
             e->ssbo_signed >> i & 1 ? "int" : "uint", i);
        if (count > 1)
            emit(e, "[%u]", count);
        emit(e, ";\n");
        emit_resource(e, SHADER_RES_STORAGE_BLOCK, name, i, binding, count, false);
    }
}

static void declare_atomics(struct emitter *e)
{
    for (uint32_t i = 0; i < e->info->num_atomic_ranges; i++) {
        const struct shader_atomic_range *r = &e->info->atomic_ranges[i];

        emit_need(e, SHADER_HOST_INDEX_ATOMIC_COUNTERS, "atomic counters");
        emit(e, "layout(binding = %u, offset = %u) uniform atomic_uint ac%u_%u[%u];\n",
             e->host->atomic_base + r->buffer, 4u * r->first, r->buffer, r->first,
             r->last - r->first + 1u);
    }
}

void emit_declare_resources(struct emitter *e)
{
    declare_aux(e);
    declare_constants(e);
    declare_samplers(e);
    declare_images(e);
    declare_buffers(e);
    declare_atomics(e);
    if (e->ir->memory_declared && e->info->stage == SHADER_COMPUTE)
        emit(e, "shared uint shared_data[%u];\n",
             e->info->shared_bytes >= 4 ? (e->info->shared_bytes + 3) / 4 : 1);
}

static void declare_input_locals(struct emitter *e)
{
    bool vertices = e->info->stage == SHADER_GEOMETRY || e->info->stage == SHADER_TESS_CTRL ||
                    e->info->stage == SHADER_TESS_EVAL;

    for (uint32_t i = 0; i < e->info->num_inputs; i++) {
        const struct shader_io *io = &e->info->inputs[i];

        for (unsigned reg = io->first; reg <= io->last; reg++) {
            if (e->in_used[reg] && emit_in_kind(e, io, reg) == EMIT_IN_LOCAL)
                emit(e, "%s i%u;\n", emit_vector(emit_in_type(e, io, reg), 4), reg);
        }
    }
    for (uint32_t i = 0; i < e->num_in_arrays && !vertices; i++)
        emit(e, "vec4 in_array%u[%u];\n", i,
             e->in_arrays[i].last - e->in_arrays[i].first + 1u);
    for (unsigned i = 0; i < IR_MAX_SV; i++) {
        struct ir_reg reg = {.file = SHADER_FILE_SV, .index = {.offset = (int)i}};

        if (e->sv_used >> i & 1)
            emit(e, "%s sv%u;\n", emit_vector(emit_reg_type(e, &reg), 4), i);
    }
}

static void declare_immediates(struct emitter *e)
{
    if (!e->imm_indirect)
        return;
    emit(e, "const uvec4 imm[%u] = uvec4[%u](", e->ir->num_imms, e->ir->num_imms);
    for (uint32_t i = 0; i < e->ir->num_imms; i++) {
        const uint32_t *b = e->ir->imms[i].bits;

        emit(e, "%suvec4(%uu, %uu, %uu, %uu)", i ? ", " : "", b[0], b[1], b[2], b[3]);
    }
    emit(e, ");\n");
}

void emit_declare_registers(struct emitter *e)
{
    bool precise = emit_has(e, SHADER_HOST_INDEX_PRECISE);

    declare_input_locals(e);
    declare_immediates(e);
    for (uint32_t i = 0; i < e->num_temp_arrays; i++)
        emit(e, "%s ta%u[%u];\n", emit_vector(e->temp_arrays[i].type, 4), e->temp_arrays[i].id,
             e->temp_arrays[i].last - e->temp_arrays[i].first + 1u);
    for (uint32_t r = 0; r < e->num_temps; r++) {
        if (!e->temp_type[r] || e->temp_array[r])
            continue;
        if (e->temp_precise[r] && precise) {
            e->features |= SHADER_HOST(PRECISE);
            emit(e, "precise ");
        }
        if (e->temp_type[r] == 'f')
            emit(e, "vec4 t%u = vec4(0.0);\n", r);
        else
            emit(e, "uvec4 t%u = uvec4(0u);\n", r);
    }
    for (unsigned a = 0; a < IR_MAX_ADDRS; a++) {
        if (e->addr_used >> a & 1)
            emit(e, "ivec4 a%u = ivec4(0);\n", a);
    }
}
