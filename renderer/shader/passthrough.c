/* SPDX-License-Identifier: MIT */
/* Control shader for pipelines whose guest bound an evaluation shader alone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"

static void copy_varyings(struct emitter *e, const struct shader_slots *slots, bool declare,
                          bool separable)
{
    char from[32], to[32], layout[40] = "";

    for (unsigned slot = 0; slot < SHADER_SLOT_PATCH0; slot++) {
        if (!shader_slots_test(slots, slot))
            continue;
        emit_slot_name(e, SHADER_VERTEX, slot, from);
        emit_slot_name(e, SHADER_TESS_CTRL, slot, to);
        if (!declare) {
            emit_line(e, "%s[gl_InvocationID] = %s[gl_InvocationID];", to, from);
            continue;
        }
        if (separable && emit_slot_location(slot) < 0)
            emit_fail(e, "varying %s has no fixed location", to);
        if (separable)
            snprintf(layout, sizeof(layout), "layout(location = %d) ", emit_slot_location(slot));
        emit(e, "%sin vec4 %s[];\n%sout vec4 %s[];\n", layout, from, layout, to);
    }
}

static void declare_per_vertex(struct emitter *e, const struct shader_info *vs, bool point_size)
{
    for (unsigned side = 0; side < 2; side++) {
        emit(e, "%s gl_PerVertex { vec4 gl_Position; ", side ? "out" : "in");
        if (point_size || !e->host->gles)
            emit(e, "float gl_PointSize; ");
        if (vs->num_clip)
            emit(e, "float gl_ClipDistance[%u]; ", vs->num_clip);
        emit(e, "} %s[];\n", side ? "gl_out" : "gl_in");
    }
}

static void write_body(struct emitter *e, const struct shader_info *vs,
                       const struct shader_slots *slots, bool point_size)
{
    emit(e, "void main() {\n");
    e->indent = 1;
    emit_line(e, "gl_out[gl_InvocationID].gl_Position = gl_in[gl_InvocationID].gl_Position;");
    if (point_size)
        emit_line(e, "gl_out[gl_InvocationID].gl_PointSize = "
                     "gl_in[gl_InvocationID].gl_PointSize;");
    for (unsigned i = 0; i < vs->num_clip; i++)
        emit_line(e, "gl_out[gl_InvocationID].gl_ClipDistance[%u] = "
                     "gl_in[gl_InvocationID].gl_ClipDistance[%u];", i, i);
    copy_varyings(e, slots, false, false);
    for (unsigned i = 0; i < 4; i++)
        emit_line(e, "gl_TessLevelOuter[%u] = aux.tess_outer.%c;", i, "xyzw"[i]);
    for (unsigned i = 0; i < 2; i++)
        emit_line(e, "gl_TessLevelInner[%u] = aux.tess_inner.%c;", i, "xy"[i]);
    emit(e, "}\n");
}

static void build(struct emitter *e, const struct shader_info *vs, const struct shader_info *tes,
                  unsigned vertices, bool separable)
{
    struct shader_slots slots = {{
        vs->slots_written.bits[0] & tes->slots_read.bits[0],
        vs->slots_written.bits[1] & tes->slots_read.bits[1],
    }};
    bool point_size = vs->writes_psize;

    emit_need(e, SHADER_HOST_INDEX_TESSELLATION, "tessellation");
    emit_point_size_extension(e);
    if (e->host->gles)
        point_size = point_size && emit_has(e, SHADER_HOST_INDEX_TESSELLATION_POINT_SIZE);
    e->out = &e->decls;
    emit(e, "layout(vertices = %u) out;\n", vertices);
    if (separable)
        declare_per_vertex(e, vs, point_size);
    copy_varyings(e, &slots, true, separable);
    emit_aux(e, EMIT_AUX_TESS_INNER);
    emit_declare_resources(e);
    e->out = &e->body;
    write_body(e, vs, &slots, point_size);
}

int shader_emit_passthrough_tcs(const struct shader_info *vs, const struct shader_info *tes,
                                unsigned vertices_per_patch, bool separable,
                                const struct shader_host *host, struct shader_glsl *out,
                                struct shader_error *err)
{
    struct emitter *e = emitter_create(NULL, NULL, host, err);

    memset(out, 0, sizeof(*out));
    if (!e)
        return -ENOMEM;
    e->info->stage = SHADER_TESS_CTRL;
    if (vertices_per_patch < 1 || vertices_per_patch > 32)
        emit_fail(e, "%u vertices per patch", vertices_per_patch);
    else
        build(e, vs, tes, vertices_per_patch, separable);
    return emitter_finish(e, out);
}
