/* SPDX-License-Identifier: MIT */
/*
 * Stream output: variables to capture and the list for glTransformFeedbackVaryings. A register
 * captured whole is named itself; parts and built-ins go through helper outputs so<n>.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"

#define MAX_STRIDE_DWORDS 2048

static bool captures(const struct emitter *e)
{
    return e->ir->so.num_outputs && e->key->last_vertex_stage &&
           e->info->stage != SHADER_FRAGMENT && e->info->stage != SHADER_COMPUTE;
}

/* True when entry i can name the varying of its register. */
static bool names_varying(struct emitter *e, uint32_t i, const struct shader_io **io_out)
{
    const struct shader_so_output *o = &e->ir->so.outputs[i];
    const struct shader_io *io = ir_find_io(e->info->outputs, e->info->num_outputs,
                                            o->register_index);

    *io_out = io;
    if (!io || ir_io_slot(io, o->register_index) == SHADER_SLOT_NONE ||
        o->start_component != 0 || o->num_components != 4 || o->stream)
        return false;
    for (uint32_t k = 0; k < i; k++) { /* a name may be captured once */
        const struct shader_so_output *other = &e->ir->so.outputs[k];

        if (other->register_index == o->register_index && other->num_components == 4)
            return false;
    }
    /* Components packed from several registers share a varying: copy to be safe. */
    return io->usage_mask == 15;
}

static int compare_entries(const void *a, const void *b)
{
    const struct shader_so_output *x = *(const struct shader_so_output *const *)a;
    const struct shader_so_output *y = *(const struct shader_so_output *const *)b;

    if (x->buffer != y->buffer)
        return (int)x->buffer - (int)y->buffer;
    return (int)x->dst_offset_dwords - (int)y->dst_offset_dwords;
}

struct plan {
    const char **names;
    uint32_t count, capacity;
};

static void add_name(struct emitter *e, struct plan *p, const char *name)
{
    if (!sh_arena_grow(e->arena, (void **)&p->names, p->count, &p->capacity,
                       sizeof(*p->names))) {
        emit_fail(e, "out of memory");
        return;
    }
    p->names[p->count++] = name;
}

static void add_gap(struct emitter *e, struct plan *p, unsigned dwords)
{
    static const char *const skips[] = {NULL, "gl_SkipComponents1", "gl_SkipComponents2",
                                        "gl_SkipComponents3", "gl_SkipComponents4"};

    if (dwords && !emit_has(e, SHADER_HOST_INDEX_TRANSFORM_FEEDBACK3)) {
        emit_fail(e, "stream output with gaps");
        return;
    }
    while (dwords) {
        unsigned n = dwords > 4 ? 4 : dwords;

        add_name(e, p, skips[n]);
        dwords -= n;
    }
}

static const char *entry_name(struct emitter *e, const struct shader_so_output *o)
{
    uint32_t i = (uint32_t)(o - e->ir->so.outputs);
    const struct shader_io *io;
    char name[96];

    if (names_varying(e, i, &io)) {
        emit_out_name(e, io, o->register_index, NULL, name);
        return sh_arena_printf(e->arena, "%s", name);
    }
    return sh_arena_printf(e->arena, "so%u", i);
}

/* Without gl_NextBuffer each buffer can take one variable. */
static bool plan_separate(struct emitter *e, struct plan *p,
                          const struct shader_so_output **sorted, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (sorted[i]->buffer != i || sorted[i]->dst_offset_dwords != 0)
            return false;
    }
    for (uint32_t i = 0; i < count; i++)
        add_name(e, p, entry_name(e, sorted[i]));
    return true;
}

void emit_xfb_plan(struct emitter *e, struct shader_glsl *out)
{
    const struct shader_stream_output *so = &e->ir->so;
    const struct shader_so_output *sorted[SHADER_MAX_SO_OUTPUTS];
    unsigned buffer = 0, at = 0;
    struct plan p = {0};

    if (!captures(e))
        return;
    for (uint32_t i = 0; i < so->num_outputs; i++)
        sorted[i] = &so->outputs[i];
    qsort(sorted, so->num_outputs, sizeof(sorted[0]), compare_entries);
    if (sorted[so->num_outputs - 1]->buffer > 0 &&
        !emit_has(e, SHADER_HOST_INDEX_TRANSFORM_FEEDBACK3)) {
        if (!plan_separate(e, &p, sorted, so->num_outputs))
            emit_fail(e, "stream output to several buffers with several values each");
        out->varyings_separate = true;
        out->varyings = p.names;
        out->num_varyings = p.count;
        return;
    }
    for (uint32_t i = 0; i < so->num_outputs && !e->failed; i++) {
        const struct shader_so_output *o = sorted[i];

        while (buffer < o->buffer) {
            if (at && so->stride_dwords[buffer] > at &&
                so->stride_dwords[buffer] <= MAX_STRIDE_DWORDS)
                add_gap(e, &p, so->stride_dwords[buffer] - at);
            add_name(e, &p, "gl_NextBuffer");
            buffer++;
            at = 0;
        }
        if (o->dst_offset_dwords < at ||
            o->dst_offset_dwords + o->num_components > MAX_STRIDE_DWORDS) {
            emit_fail(e, "stream output %u overlaps or lies too far away", i);
            return;
        }
        add_gap(e, &p, o->dst_offset_dwords - at);
        add_name(e, &p, entry_name(e, o));
        at = o->dst_offset_dwords + o->num_components;
    }
    if (so->stride_dwords[buffer] > at && so->stride_dwords[buffer] <= MAX_STRIDE_DWORDS)
        add_gap(e, &p, so->stride_dwords[buffer] - at);
    out->varyings = p.names;
    out->num_varyings = p.count;
    if (e->arena->failed)
        emit_fail(e, "out of memory");
}

void emit_xfb_declare(struct emitter *e)
{
    const struct shader_io *io;

    if (!captures(e))
        return;
    for (uint32_t i = 0; i < e->ir->so.num_outputs; i++) {
        const struct shader_so_output *o = &e->ir->so.outputs[i];

        if (names_varying(e, i, &io))
            continue;
        if (o->stream) {
            emit_need(e, SHADER_HOST_INDEX_GEOMETRY_STREAMS, "vertex streams");
            emit(e, "layout(stream = %u) ", o->stream);
        }
        emit(e, "out %s so%u;\n", emit_vector('f', o->num_components), i);
    }
}

void emit_xfb_copies(struct emitter *e)
{
    const struct shader_io *io;

    if (!captures(e))
        return;
    for (uint32_t i = 0; i < e->ir->so.num_outputs; i++) {
        const struct shader_so_output *o = &e->ir->so.outputs[i];
        struct ir_src src = ir_src(SHADER_FILE_OUT, o->register_index, "xyzw");

        if (names_varying(e, i, &io))
            continue;
        emit_begin(e);
        emit(e, "so%u = ", i);
        emit_src_mask(e, &src, 'f', ((1u << o->num_components) - 1) << o->start_component);
        emit(e, ";\n");
    }
}
