/* SPDX-License-Identifier: MIT */
/* From IR to text: runs the passes, emits the body, puts the pieces together. */
#include "emit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const emit_stage_prefix[SHADER_STAGES] = {
    [SHADER_VERTEX] = "vs", [SHADER_FRAGMENT] = "fs", [SHADER_GEOMETRY] = "gs",
    [SHADER_TESS_CTRL] = "tc", [SHADER_TESS_EVAL] = "te", [SHADER_COMPUTE] = "cs",
};

void emit(struct emitter *e, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    sh_text_vprintf(e->out, format, args);
    va_end(args);
}

void emit_begin(struct emitter *e)
{
    for (unsigned i = 0; i < e->indent && i < 16; i++)
        sh_text_append(e->out, "    ", 4);
}

void emit_line(struct emitter *e, const char *format, ...)
{
    va_list args;

    emit_begin(e);
    va_start(args, format);
    sh_text_vprintf(e->out, format, args);
    va_end(args);
    sh_text_append(e->out, "\n", 1);
}

void emit_fail(struct emitter *e, const char *format, ...)
{
    char message[200];
    va_list args;

    if (!e->failed) {
        va_start(args, format);
        vsnprintf(message, sizeof(message), format, args);
        va_end(args);
        sh_error(e->err, e->line, "%s", message);
    }
    e->failed = true;
}

bool emit_block_instances(const struct emitter *e)
{
    return e->host->gles || e->host->glsl_version >= 150;
}

void emit_template(struct emitter *e, const char *text)
{
    for (; *text; text++) {
        if (*text != '@')
            sh_text_append(e->out, text, 1);
        else if (emit_block_instances(e))
            sh_text_puts(e->out, "aux.");
        else
            emit(e, "%s_aux_", emit_stage_prefix[e->info->stage]);
    }
}

bool emit_has(const struct emitter *e, unsigned feature)
{
    return shader_host_has(e->host, feature);
}

bool emit_need(struct emitter *e, unsigned feature, const char *what)
{
    if (!emit_has(e, feature)) {
        emit_fail(e, "%s: the host lacks %s", what, shader_host_feature_name(feature));
        return false;
    }
    e->features |= 1ull << feature;
    return true;
}

void emit_resource(struct emitter *e, unsigned kind, const char *name, unsigned slot,
                   unsigned binding, unsigned count, bool needs_binding)
{
    struct shader_resource *r;

    if (!sh_arena_grow(e->arena, (void **)&e->resources, e->num_resources,
                       &e->resource_capacity, sizeof(*r))) {
        emit_fail(e, "out of memory");
        return;
    }
    r = &e->resources[e->num_resources++];
    *r = (struct shader_resource){
        .kind = (uint8_t)kind, .slot = (uint8_t)slot, .binding = (uint8_t)binding,
        .count = (uint16_t)count, .needs_binding = needs_binding,
    };
    strncpy(r->name, name, sizeof(r->name) - 1);
}

const char *emit_vector(emit_type type, unsigned n)
{
    static const char *const names[3][4] = {
        {"float", "vec2", "vec3", "vec4"},
        {"int", "ivec2", "ivec3", "ivec4"},
        {"uint", "uvec2", "uvec3", "uvec4"},
    };

    return names[type == 'i' ? 1 : type == 'u' ? 2 : 0][n >= 1 && n <= 4 ? n - 1 : 3];
}

void emit_insn(struct emitter *e, const struct ir_insn *insn)
{
    e->line = insn->line;
    if (insn->op >= SHADER_OP_COUNT) {
        emit_fragment(e, insn);
        return;
    }
    if (!emit_flow(e, insn) && !emit_texture(e, insn) && !emit_memory(e, insn) &&
        !emit_fragment(e, insn) && !emit_wide(e, insn) && !emit_alu(e, insn))
        emit_fail(e, "%s cannot be translated", ir_op_name(insn->op));
}

void emit_block(struct emitter *e, const struct ir_block *block)
{
    for (uint32_t i = 0; i < block->count && !e->failed; i++)
        emit_insn(e, &block->insns[i]);
}

/* Subroutines become functions; main is what lies outside of them, up to END. */
static void emit_subroutines(struct emitter *e)
{
    const struct ir_block *body = &e->ir->body;
    bool inside = false;

    for (uint32_t i = 0; i < body->count && e->ir->subroutines; i++) {
        if (body->insns[i].op == SHADER_OP_BGNSUB)
            emit(e, "void sub%u();\n", i);
    }
    for (uint32_t i = 0; i < body->count && e->ir->subroutines && !e->failed; i++) {
        const struct ir_insn *insn = &body->insns[i];

        if (insn->op == SHADER_OP_BGNSUB) {
            inside = true;
            emit(e, "void sub%u() {\n", i);
            e->indent = 1;
        } else if (insn->op == SHADER_OP_ENDSUB) {
            inside = false;
            emit(e, "}\n");
        } else if (inside) {
            emit_insn(e, insn);
        }
    }
}

static void emit_main_body(struct emitter *e)
{
    const struct ir_block *body = &e->ir->body;
    bool inside = false;

    for (uint32_t i = 0; i < body->count && !e->failed; i++) {
        const struct ir_insn *insn = &body->insns[i];

        if (insn->op == SHADER_OP_END)
            break;
        inside |= insn->op == SHADER_OP_BGNSUB;
        if (!inside)
            emit_insn(e, insn);
        inside &= insn->op != SHADER_OP_ENDSUB;
    }
}

/* Read access to per-vertex inputs, or control outputs, by register number. */
static void emit_vertex_arrays(struct emitter *e)
{
    bool vertices = e->info->stage == SHADER_GEOMETRY || e->info->stage == SHADER_TESS_CTRL ||
                    e->info->stage == SHADER_TESS_EVAL;

    for (uint32_t i = 0; i < e->num_in_arrays && vertices; i++) {
        const struct emit_array *array = &e->in_arrays[i];
        struct ir_reg key = {.array_id = array->id};

        emit(e, "vec4 in_array%u(int v, int i) {\n    switch (i) {\n", i);
        for (unsigned reg = array->first; reg <= array->last; reg++) {
            const struct shader_io *io = ir_find_io(e->info->inputs, e->info->num_inputs, reg);

            if (!io || !ir_same_io_array(array->base, io, &key))
                continue;
            emit(e, "    case %u: return ", reg - array->first);
            emit_cast_open(e, 'f', emit_in_type(e, io, reg), 4);
            emit_in_value(e, io, reg, "v");
            emit_cast_close(e, 'f', emit_in_type(e, io, reg));
            emit(e, ";\n");
        }
        emit(e, "    default: return vec4(0.0);\n    }\n}\n");
    }
    for (uint32_t i = 0; i < e->num_out_arrays && e->info->stage == SHADER_TESS_CTRL; i++) {
        const struct emit_array *array = &e->out_arrays[i];
        struct ir_reg key = {.array_id = array->id};
        char name[96];

        emit(e, "vec4 out_array%u(int v, int i) {\n    switch (i) {\n", i);
        for (unsigned reg = array->first; reg <= array->last; reg++) {
            const struct shader_io *io = ir_find_io(e->info->outputs, e->info->num_outputs, reg);

            if (!io || emit_out_kind(e, io, reg) != EMIT_OUT_DIRECT ||
                !ir_same_io_array(array->base, io, &key))
                continue;
            emit_out_name(e, io, reg, io->per_vertex ? "v" : NULL, name);
            emit(e, "    case %u: return %s;\n", reg - array->first, name);
        }
        emit(e, "    default: return vec4(0.0);\n    }\n}\n");
        emit(e, "void set_out_array%u(int i, bvec4 mask, vec4 value) {\n    switch (i) {\n", i);
        for (unsigned reg = array->first; reg <= array->last; reg++) {
            const struct shader_io *io = ir_find_io(e->info->outputs, e->info->num_outputs, reg);

            if (!io || emit_out_kind(e, io, reg) != EMIT_OUT_DIRECT ||
                !ir_same_io_array(array->base, io, &key))
                continue;
            emit_out_name(e, io, reg, io->per_vertex ? "gl_InvocationID" : NULL, name);
            emit(e, "    case %u:\n", reg - array->first);
            for (unsigned c = 0; c < 4; c++)
                emit(e, "        if (mask.%c) %s.%c = value.%c;\n", "xyzw"[c], name, "xyzw"[c],
                     "xyzw"[c]);
            emit(e, "        break;\n");
        }
        emit(e, "    default: break;\n    }\n}\n");
    }
}

static const char *prim_name(unsigned primitive)
{
    switch (primitive) {
    case SHADER_PRIM_POINTS:
        return "points";
    case SHADER_PRIM_LINES:
        return "lines";
    case SHADER_PRIM_LINES_ADJACENCY:
        return "lines_adjacency";
    case SHADER_PRIM_TRIANGLES_ADJACENCY:
        return "triangles_adjacency";
    case SHADER_PRIM_LINE_STRIP:
        return "line_strip";
    case SHADER_PRIM_TRIANGLE_STRIP:
        return "triangle_strip";
    default:
        return "triangles";
    }
}

void emit_point_size_extension(struct emitter *e)
{
    static const unsigned features[] = {SHADER_HOST_INDEX_GEOMETRY_POINT_SIZE,
                                        SHADER_HOST_INDEX_TESSELLATION_POINT_SIZE};

    for (unsigned i = 0; i < 2 && e->host->gles; i++) {
        if (emit_has(e, features[i]))
            e->features |= 1ull << features[i];
    }
}

static void emit_stage_layout(struct emitter *e)
{
    static const char *const spacings[] = {"fractional_odd_spacing", "fractional_even_spacing",
                                           "equal_spacing"};
    const struct shader_info *info = e->info;

    switch (info->stage) {
    case SHADER_GEOMETRY:
        emit_need(e, SHADER_HOST_INDEX_GEOMETRY, "geometry shaders");
        emit_point_size_extension(e);
        emit(e, "layout(%s", prim_name(info->gs_input_primitive));
        if (info->gs_invocations > 1) {
            emit_need(e, SHADER_HOST_INDEX_GPU_SHADER5, "geometry invocations");
            emit(e, ", invocations = %u", info->gs_invocations);
        }
        emit(e, ") in;\nlayout(%s, max_vertices = %u) out;\n",
             prim_name(info->gs_output_primitive), info->gs_max_vertices);
        break;
    case SHADER_TESS_CTRL:
        emit_need(e, SHADER_HOST_INDEX_TESSELLATION, "tessellation");
        emit_point_size_extension(e);
        emit(e, "layout(vertices = %u) out;\n", info->tcs_vertices_out);
        break;
    case SHADER_TESS_EVAL:
        emit_need(e, SHADER_HOST_INDEX_TESSELLATION, "tessellation");
        emit_point_size_extension(e);
        emit(e, "layout(%s, %s, %s%s) in;\n",
             info->tes_primitive == SHADER_PRIM_LINES   ? "isolines"
             : info->tes_primitive == SHADER_PRIM_QUADS ? "quads" : "triangles",
             spacings[info->tes_spacing], info->tes_cw ? "cw" : "ccw",
             info->tes_point_mode ? ", point_mode" : "");
        break;
    case SHADER_COMPUTE:
        emit_need(e, SHADER_HOST_INDEX_COMPUTE, "compute shaders");
        emit(e, "layout(local_size_x = %u, local_size_y = %u, local_size_z = %u) in;\n",
             info->block_size[0], info->block_size[1], info->block_size[2]);
        break;
    default:
        break;
    }
}

static void run_passes(struct emitter *e)
{
    switch (e->info->stage) {
    case SHADER_FRAGMENT:
        pass_inputs(e);
        pass_poly_stipple(e);
        pass_color_export(e);
        break;
    case SHADER_VERTEX:
    case SHADER_TESS_EVAL:
    case SHADER_GEOMETRY:
        if (!e->key->last_vertex_stage)
            break;
        pass_clamp_vertex_color(e);
        pass_user_clip(e);
        pass_point_size(e);
        pass_y_flip(e);
        break;
    default:
        break;
    }
}

static void emit_fetched(struct emitter *e, bool declare)
{
    for (unsigned i = 0; i < SHADER_MAX_CBUFS && (e->info->uses_fbfetch || e->fetched_outputs);
         i++) {
        unsigned type = e->key->cbufs[i].type;

        if (!(e->out_from_body >> i & 1))
            continue;
        if (declare)
            emit(e, "%s fs_fetched%u;\n",
                 emit_vector(type == SHADER_CBUF_INT ? 'i' : type == SHADER_CBUF_UINT ? 'u' : 'f',
                             4), i);
        else
            emit_line(e, "fs_fetched%u = fs_color%u;", i, i);
    }
}

static void emit_main(struct emitter *e)
{
    bool geometry = e->info->stage == SHADER_GEOMETRY;

    e->out = &e->functions;
    emit_vertex_arrays(e);
    if (geometry) { /* outputs become final at every EMIT */
        emit(e, "void finish_vertex() {\n");
        e->indent = 1;
        emit_output_epilogue(e);
        emit(e, "}\n");
    }
    emit_subroutines(e);
    if (e->returns) {
        emit(e, "void body() {\n");
        e->indent = 1;
        emit_main_body(e);
        emit(e, "}\n");
    }
    e->out = &e->body;
    emit(e, "void main() {\n");
    e->indent = 1;
    emit_input_prologue(e);
    emit_fetched(e, false);
    if (e->returns)
        emit_line(e, "body();");
    else
        emit_main_body(e);
    if (!geometry)
        emit_output_epilogue(e);
    emit(e, "}\n");
}

static void emit_extensions(struct emitter *e, struct sh_text *text)
{
    bool gles = e->host->gles;

    for (unsigned i = 0; i < SHADER_HOST_NUM_FEATURES; i++) {
        const struct shader_feature *f = shader_feature(i);
        unsigned core = gles ? f->es_core : f->core;
        const char *const *names = gles ? f->es_extensions : f->extensions;

        if (!(e->features >> i & 1) || (core && e->host->glsl_version >= core))
            continue;
        for (unsigned k = 0; k < 2 && names[k]; k++)
            sh_text_printf(text, "#extension %s : enable\n", names[k]);
    }
    if (!gles && e->host->glsl_version < 150 && e->info->stage == SHADER_FRAGMENT)
        sh_text_puts(text, "#extension GL_ARB_fragment_coord_conventions : enable\n");
    if (gles && e->host->glsl_version < 320 && e->info->stage != SHADER_COMPUTE &&
        emit_has(e, SHADER_HOST_INDEX_IO_BLOCKS))
        sh_text_puts(text, "#extension GL_EXT_shader_io_blocks : enable\n");
    if (gles)
        sh_text_puts(text, "precision highp float;\nprecision highp int;\n");
    if (gles && (e->info->images_used || e->info->num_atomic_ranges))
        sh_text_puts(text, "precision highp atomic_uint;\n");
}

static void assemble(struct emitter *e, struct sh_text *text)
{
    sh_text_printf(text, "#version %u%s\n", e->host->glsl_version,
                   e->host->gles ? " es" : e->host->glsl_version >= 150 ? " core" : "");
    emit_extensions(e, text);
    if (e->decls.data)
        sh_text_append(text, e->decls.data, e->decls.length);
    if (e->functions.data)
        sh_text_append(text, e->functions.data, e->functions.length);
    if (e->body.data)
        sh_text_append(text, e->body.data, e->body.length);
    text->failed |= e->decls.failed || e->functions.failed || e->body.failed;
}

static void translate(struct emitter *e, struct shader_glsl *out)
{
    run_passes(e);
    if (e->ir->arena.failed)
        emit_fail(e, "out of memory");
#ifndef NDEBUG
    if (!e->failed && ir_validate_epilogue(e->ir, e->err) < 0)
        e->failed = true;
#endif
    if (!e->failed)
        emit_analyse(e);
    if (e->failed)
        return;
    e->out = &e->decls;
    e->indent = 0;
    emit_stage_layout(e);
    emit_declare_inputs(e);
    emit_declare_outputs(e);
    emit_xfb_declare(e);
    emit_fetched(e, true);
    if (!e->failed)
        emit_main(e);
    if (e->failed)
        return;
    e->out = &e->decls;
    e->indent = 0;
    emit_declare_resources(e);
    emit_declare_registers(e);
    if (e->cube_step)
        emit(e, "vec3 cube_step(vec3 p) {\n    vec3 a = abs(p);\n    float m = max(a.y, a.z);\n"
                "    return a.x >= m ? vec3(0.0, a.x, 0.0) : vec3(m, 0.0, 0.0);\n}\n");
    emit_xfb_plan(e, out);
}

static uint32_t aux_bytes(enum emit_aux_level level)
{
    static const uint32_t bytes[] = {
        [EMIT_AUX_NONE] = 0, [EMIT_AUX_SCALARS] = 16, [EMIT_AUX_DRAW] = 32,
        [EMIT_AUX_TESS_OUTER] = 48, [EMIT_AUX_TESS_INNER] = 64, [EMIT_AUX_CLIP_PLANES] = 192,
        [EMIT_AUX_STIPPLE] = 320, [EMIT_AUX_LEVELS] = sizeof(struct shader_aux),
    };

    return bytes[level];
}

struct emitter *emitter_create(const struct shader_ir *ir, const struct shader_key *key,
                               const struct shader_host *host, struct shader_error *err)
{
    struct emitter *e = calloc(1, sizeof(*e));

    if (err)
        memset(err, 0, sizeof(*err));
    if (e) {
        e->arena = calloc(1, sizeof(*e->arena));
        e->ir = ir ? ir_clone(ir) : calloc(1, sizeof(*e->ir));
    }
    if (!e || !e->arena || !e->ir) {
        sh_error(err, 0, "out of memory");
        if (e) {
            free(e->arena);
            shader_ir_destroy(e->ir);
        }
        free(e);
        return NULL;
    }
    e->info = &e->ir->info;
    e->key = key;
    e->host = host;
    e->err = err;
    return e;
}

int emitter_finish(struct emitter *e, struct shader_glsl *out)
{
    struct sh_text text = {0};
    int rc = 0;

    if (!e->failed)
        assemble(e, &text);
    if (!e->failed && (text.failed || e->arena->failed || e->ir->arena.failed)) {
        sh_error(e->err, 0, "out of memory");
        rc = -ENOMEM;
    } else if (e->failed) {
        rc = -ENOTSUP;
    }
    if (rc) {
        sh_text_finish(&text);
        sh_arena_finish(e->arena);
        free(e->arena);
        memset(out, 0, sizeof(*out));
    } else {
        out->text = text.data;
        out->length = text.length;
        out->resources = e->resources;
        out->num_resources = e->num_resources;
        out->aux_uniforms = emit_aux_uniforms(e);
        out->uses_aux = e->aux != EMIT_AUX_NONE && !out->aux_uniforms;
        out->aux_bytes = out->uses_aux ? aux_bytes(e->aux) : 0;
        if (emit_const0_uniform(e)) {
            snprintf(out->const0_uniform, sizeof(out->const0_uniform), "%s_const0",
                     emit_stage_prefix[e->info->stage]);
            out->const0_type = (char)e->const_type[0];
        }
        out->arena = e->arena;
    }
    sh_text_finish(&e->decls);
    sh_text_finish(&e->functions);
    sh_text_finish(&e->body);
    shader_ir_destroy(e->ir);
    free(e);
    return rc;
}

int shader_emit(const struct shader_ir *ir, const struct shader_key *key,
                const struct shader_host *host, struct shader_glsl *out,
                struct shader_error *err)
{
    struct emitter *e = emitter_create(ir, key, host, err);

    memset(out, 0, sizeof(*out));
    if (!e)
        return -ENOMEM;
    translate(e, out);
    return emitter_finish(e, out);
}

void shader_glsl_finish(struct shader_glsl *glsl)
{
    free(glsl->text);
    if (glsl->arena) {
        sh_arena_finish(glsl->arena);
        free(glsl->arena);
    }
    memset(glsl, 0, sizeof(*glsl));
}
