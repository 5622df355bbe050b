/* SPDX-License-Identifier: MIT */
/*
 * Vertex elements become vertex array objects; what each of those has bound is remembered, so that
 * a draw binds only the buffers that changed. With ARB_vertex_attrib_binding formats and buffers
 * are separate; without it the pointers of a changed buffer's attributes are set again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "draw_context.h"
#include "virgl_formats.h"

enum {
    /* The least that GL guarantees for offsets inside a vertex. */
    MAX_RELATIVE_BYTES = 2047,
};

static bool gl_bgra_possible(const struct gl_features *feat, const struct virgl_format_info *f)
{
    return !feat->gles && f->vertex_normalized &&
           (f->vertex_type == GL_UNSIGNED_BYTE || f->vertex_type == GL_INT_2_10_10_10_REV ||
            f->vertex_type == GL_UNSIGNED_INT_2_10_10_10_REV);
}

static bool is_signed_type(GLenum type)
{
    return type == GL_BYTE || type == GL_SHORT || type == GL_INT;
}

static void describe_attribute(struct gl_context *ctx, struct gl_vertex_elements *ve, unsigned i,
                               const struct virgl_format_info *f)
{
    struct gl_vertex_attribute *a = &ve->attributes[i];

    a->type = f->vertex_type;
    a->size = f->vertex_size;
    a->normalized = f->vertex_normalized;
    a->integer = f->vertex_integer;
    if (a->integer) {
        if (is_signed_type(a->type))
            ve->attribute_int |= 1u << i;
        else
            ve->attribute_uint |= 1u << i;
    }
    if (f->swizzle[0] == VIRGL_SWIZZLE_Z) {
        if (f->vertex_size != 3 && gl_bgra_possible(&ctx->dev->feat, f)) {
            a->size = GL_BGRA;
        } else {
            a->size = f->vertex_size == 3 ? 3 : 4;
            ve->attribute_bgra |= 1u << i;
        }
    }
}

/* The binding point that reads this buffer, at this divisor, from base_bytes on. */
static unsigned binding_for(struct gl_vertex_elements *ve, unsigned buffer, uint32_t divisor,
                            uint32_t base_bytes)
{
    struct gl_vertex_binding *b;

    for (unsigned i = 0; i < ve->binding_count; i++) {
        b = &ve->bindings[i];
        if (b->buffer_index == buffer && b->divisor == divisor && b->base_bytes == base_bytes)
            return i;
    }
    b = &ve->bindings[ve->binding_count];
    b->buffer_index = (uint8_t)buffer;
    b->divisor = divisor;
    b->base_bytes = base_bytes;
    return ve->binding_count++;
}

int gl_vertex_elements_create(struct gl_context *ctx, struct front_vertex_elements *front)
{
    const struct virgl_obj_vertex_elements *desc = &front->desc;
    uint32_t count = desc->element_count;
    struct gl_vertex_elements *ve = calloc(1, sizeof(*ve));

    if (!ve)
        return ENOMEM;
    if (count > (uint32_t)ctx->dev->feat.max_vertex_attribs)
        count = (uint32_t)ctx->dev->feat.max_vertex_attribs;
    ve->ctx = ctx;
    ve->attribute_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const struct virgl_vertex_elements_element *e = &desc->element[i];
        const struct virgl_format_info *f = virgl_format_info(e->src_format);
        uint32_t base = e->src_offset > MAX_RELATIVE_BYTES ? e->src_offset : 0;

        if (!f || !f->vertex_size) {
            free(ve);
            return EINVAL;
        }
        describe_attribute(ctx, ve, i, f);
        ve->attributes[i].relative_bytes = e->src_offset - base;
        ve->attributes[i].binding =
            (uint8_t)binding_for(ve, e->vertex_buffer_index, e->instance_divisor, base);
        ve->buffers_used |= 1u << e->vertex_buffer_index;
    }
    ve->next = ctx->draw->vertex_arrays;
    if (ve->next)
        ve->next->prev = ve;
    ctx->draw->vertex_arrays = ve;
    front->base.back = ve;
    return 0;
}

void gl_vertex_elements_destroy(struct gl_context *ctx, struct front_vertex_elements *front)
{
    struct gl_vertex_elements *ve = front->base.back;

    if (!ve)
        return;
    if (ve->vao) {
        gl_state_forget_vertex_array(&ctx->state, ve->vao);
        glDeleteVertexArrays(1, &ve->vao);
    }
    if (ve->prev)
        ve->prev->next = ve->next;
    else
        ctx->draw->vertex_arrays = ve->next;
    if (ve->next)
        ve->next->prev = ve->prev;
    if (ctx->draw->vertex_array == ve) {
        ctx->draw->vertex_array = NULL;
        ctx->draw->ready = false;
        ctx->base.state->dirty |= DIRTY_VERTEX_ELEMENTS;
    }
    free(ve);
    front->base.back = NULL;
}

static void set_formats(struct gl_vertex_elements *ve)
{
    for (uint32_t i = 0; i < ve->attribute_count; i++) {
        const struct gl_vertex_attribute *a = &ve->attributes[i];

        if (a->integer)
            glVertexAttribIFormat(i, a->size, a->type, a->relative_bytes);
        else
            glVertexAttribFormat(i, a->size, a->type, a->normalized, a->relative_bytes);
        glVertexAttribBinding(i, a->binding);
        glEnableVertexAttribArray(i);
    }
    for (uint32_t i = 0; i < ve->binding_count; i++)
        glVertexBindingDivisor(i, ve->bindings[i].divisor);
}

static void make_vertex_array(struct gl_context *ctx, struct gl_vertex_elements *ve)
{
    glGenVertexArrays(1, &ve->vao);
    gl_state_bind_vertex_array(&ctx->state, ve->vao);
    if (ctx->dev->feat.vertex_attrib_binding) {
        set_formats(ve);
        return;
    }
    for (uint32_t i = 0; i < ve->attribute_count; i++) {
        uint32_t divisor = ve->bindings[ve->attributes[i].binding].divisor;

        glEnableVertexAttribArray(i);
        if (divisor && ctx->dev->feat.instanced_arrays)
            glVertexAttribDivisor(i, divisor);
    }
}

static void set_pointers(struct gl_context *ctx, struct gl_vertex_elements *ve, unsigned binding,
                         GLuint buffer, GLintptr offset, GLsizei stride, bool zeros)
{
    static const float zero[4];

    gl_state_bind_buffer(&ctx->state, GL_ARRAY_BUFFER, buffer);
    for (uint32_t i = 0; i < ve->attribute_count; i++) {
        const struct gl_vertex_attribute *a = &ve->attributes[i];
        const void *pointer = (const void *)(uintptr_t)(offset + a->relative_bytes);

        if (a->binding != binding)
            continue;
        /* A stride of 0 means tightly packed here: one value for all vertices is a constant. */
        if (zeros) {
            glDisableVertexAttribArray(i);
            glVertexAttrib4fv(i, zero);
            continue;
        }
        glEnableVertexAttribArray(i);
        if (a->integer)
            glVertexAttribIPointer(i, a->size, a->type, stride, pointer);
        else
            glVertexAttribPointer(i, a->size, a->type, a->normalized, stride, pointer);
    }
}

/* Binds what differs. A buffer that is missing or too small to hold even one byte reads as zeros,
 * whatever the driver would do. */
static bool update_buffers(struct gl_context *ctx, struct gl_vertex_elements *ve)
{
    const struct draw_state *state = ctx->base.state;
    bool attrib_binding = ctx->dev->feat.vertex_attrib_binding;
    bool always = ctx->state.always_send;
    GLsizei max_stride = ctx->dev->feat.max_vertex_attrib_stride;

    for (uint32_t i = 0; i < ve->binding_count; i++) {
        struct gl_vertex_binding *b = &ve->bindings[i];
        const struct state_vertex_buffer *vb = &state->vertex_buffers[b->buffer_index];
        uint64_t offset = (uint64_t)vb->offset_bytes + b->base_bytes;
        GLsizei stride = (GLsizei)vb->stride_bytes;
        bool zeros = false;
        GLuint name;

        if (vb->res && vb->res->back && gl_resource(vb->res)->is_buffer &&
            offset < vb->res->desc.width && stride >= 0 &&
            (max_stride <= 0 || stride <= max_stride)) {
            name = gl_resource(vb->res)->name;
        } else {
            name = gl_zero_buffer(ctx);
            offset = 0;
            stride = 0;
            zeros = true;
        }
        if (b->buffer == name && b->offset == (GLintptr)offset && b->stride == stride && !always)
            continue;
        if (attrib_binding)
            glBindVertexBuffer(i, name, (GLintptr)offset, stride);
        else
            set_pointers(ctx, ve, i, name, (GLintptr)offset, stride, zeros || !stride);
        b->buffer = name;
        b->offset = (GLintptr)offset;
        b->stride = stride;
        ve->names_seen |= 1ull << (name % 64);
    }
    return true;
}

bool gl_emit_vertex_arrays(struct gl_context *ctx, bool elements_changed)
{
    const struct draw_state *state = ctx->base.state;
    struct gl_draw *d = ctx->draw;

    if (d->scrub)
        gl_vertex_scrub(ctx);
    if (elements_changed || !d->vertex_array) {
        struct gl_vertex_elements *ve =
            state->vertex_elements ? state->vertex_elements->base.back : NULL;

        d->vertex_array = ve ? ve : &d->no_elements;
        if (!d->vertex_array->vao)
            make_vertex_array(ctx, d->vertex_array);
    }
    gl_state_bind_vertex_array(&ctx->state, d->vertex_array->vao);
    return update_buffers(ctx, d->vertex_array);
}

void gl_emit_element_buffer(struct gl_context *ctx, GLuint buffer)
{
    struct gl_vertex_elements *ve = ctx->draw->vertex_array;

    if (ve->element_buffer == buffer && !ctx->state.always_send)
        return;
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, buffer);
    ve->element_buffer = buffer;
    ve->names_seen |= 1ull << (buffer % 64);
}

static bool holds(const struct gl_vertex_elements *ve, GLuint name)
{
    if (!(ve->names_seen >> (name % 64) & 1))
        return false;
    if (ve->element_buffer == name)
        return true;
    for (uint32_t i = 0; i < ve->binding_count; i++) {
        if (ve->bindings[i].buffer == name)
            return true;
    }
    return false;
}

static void forget_in(struct gl_draw *d, struct gl_vertex_elements *ve, GLuint name)
{
    if (!holds(ve, name))
        return;
    if (ve->element_buffer == name)
        ve->element_buffer = 0xffffffffu;
    for (uint32_t i = 0; i < ve->binding_count; i++) {
        if (ve->bindings[i].buffer == name)
            ve->bindings[i].buffer = 0xffffffffu;
    }
    ve->scrub = true;
    d->scrub = true;
    d->ready = false;
}

void gl_vertex_forget_buffer(struct gl_context *ctx, GLuint name)
{
    struct gl_draw *d = ctx->draw;

    forget_in(d, &d->no_elements, name);
    for (struct gl_vertex_elements *ve = d->vertex_arrays; ve; ve = ve->next)
        forget_in(d, ve, name);
}

/* A vertex array keeps a deleted buffer's storage alive until something else is bound there. */
void gl_vertex_scrub(struct gl_context *ctx)
{
    struct gl_draw *d = ctx->draw;
    struct gl_vertex_elements *ve = &d->no_elements;
    GLuint zero = gl_zero_buffer(ctx);

    d->scrub = false;
    for (struct gl_vertex_elements *next = d->vertex_arrays; ve; ve = next) {
        next = ve == &d->no_elements ? d->vertex_arrays : ve->next;
        if (!ve->scrub || !ve->vao)
            continue;
        ve->scrub = false;
        ve->names_seen = 1ull << (zero % 64);
        gl_state_bind_vertex_array(&ctx->state, ve->vao);
        if (ve->element_buffer == 0xffffffffu) {
            glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, 0);
            ve->element_buffer = 0;
        } else {
            ve->names_seen |= 1ull << (ve->element_buffer % 64);
        }
        for (uint32_t i = 0; i < ve->binding_count; i++) {
            struct gl_vertex_binding *b = &ve->bindings[i];

            if (b->buffer != 0xffffffffu) {
                ve->names_seen |= 1ull << (b->buffer % 64);
                continue;
            }
            if (ctx->dev->feat.vertex_attrib_binding)
                glBindVertexBuffer(i, zero, 0, 0);
            else
                set_pointers(ctx, ve, i, zero, 0, 0, true);
            b->buffer = zero;
            b->offset = 0;
            b->stride = 0;
        }
    }
}
