/* SPDX-License-Identifier: MIT */
/*
 * Values that change per draw go through a ring of upload memory: mapped once where the host has
 * buffer storage, else written with glBufferSubData. The ring has segments; a fence tells when the
 * host is done with one. A ring that is still in use when it comes round grows instead of waiting.
 */
#include <string.h>

#include "core/debug.h"
#include "draw_context.h"

enum {
    UPLOAD_FIRST_BYTES = 1 << 20,
    UPLOAD_MAX_BYTES = 16 << 20,
    ZERO_BUFFER_BYTES = 64 << 10,
};

static void ring_release(struct gl_context *ctx)
{
    struct gl_upload *up = &ctx->draw->upload;

    for (unsigned i = 0; i < GL_UPLOAD_SEGMENTS; i++) {
        if (up->fences[i])
            glDeleteSync(up->fences[i]);
        up->fences[i] = NULL;
    }
    if (up->buffer) {
        gl_state_forget_buffer(&ctx->state, up->buffer);
        glDeleteBuffers(1, &up->buffer);
    }
    memset(up, 0, sizeof(*up));
}

static void ring_create(struct gl_context *ctx, uint32_t bytes)
{
    const GLbitfield flags = GL_MAP_WRITE_BIT | GL_MAP_PERSISTENT_BIT | GL_MAP_COHERENT_BIT;
    struct gl_upload *up = &ctx->draw->upload;

    glGenBuffers(1, &up->buffer);
    gl_state_bind_buffer(&ctx->state, GL_COPY_WRITE_BUFFER, up->buffer);
    if (ctx->dev->feat.persistent_map && ctx->dev->feat.sync &&
        !(ctx->dev->base.debug & DEBUG_NO_PERSISTENT_MAP)) {
        glBufferStorage(GL_COPY_WRITE_BUFFER, bytes, NULL, flags);
        up->map = glMapBufferRange(GL_COPY_WRITE_BUFFER, 0, bytes, flags);
        if (!up->map) {
            /* Storage is immutable: a plain buffer needs a new name. */
            gl_state_forget_buffer(&ctx->state, up->buffer);
            glDeleteBuffers(1, &up->buffer);
            glGenBuffers(1, &up->buffer);
            gl_state_bind_buffer(&ctx->state, GL_COPY_WRITE_BUFFER, up->buffer);
        }
    }
    if (!up->map)
        glBufferData(GL_COPY_WRITE_BUFFER, bytes, NULL, GL_STREAM_DRAW);
    up->capacity_bytes = bytes;
    up->segment_bytes = bytes / GL_UPLOAD_SEGMENTS;
    up->offset_bytes = 0;
    up->segment = 0;
}

static bool fence_passed(GLsync fence)
{
    GLenum r = glClientWaitSync(fence, 0, 0);

    return r == GL_ALREADY_SIGNALED || r == GL_CONDITION_SATISFIED;
}

/* Leaves the current segment for the next one that is free. */
static void next_segment(struct gl_context *ctx)
{
    struct gl_upload *up = &ctx->draw->upload;
    unsigned next = (up->segment + 1) % GL_UPLOAD_SEGMENTS;

    if (!up->map) {
        /* The driver keeps what draws still read and gives us fresh memory. */
        if (next == 0) {
            gl_state_bind_buffer(&ctx->state, GL_COPY_WRITE_BUFFER, up->buffer);
            glBufferData(GL_COPY_WRITE_BUFFER, up->capacity_bytes, NULL, GL_STREAM_DRAW);
        }
    } else {
        up->fences[up->segment] = glFenceSync(GL_SYNC_GPU_COMMANDS_COMPLETE, 0);
        if (up->fences[next] && !fence_passed(up->fences[next])) {
            if (up->capacity_bytes < UPLOAD_MAX_BYTES) {
                uint32_t bytes = up->capacity_bytes * 2;

                ring_release(ctx);
                ring_create(ctx, bytes);
                return;
            }
            glClientWaitSync(up->fences[next], GL_SYNC_FLUSH_COMMANDS_BIT, GL_TIMEOUT_IGNORED);
        }
        if (up->fences[next])
            glDeleteSync(up->fences[next]);
        up->fences[next] = NULL;
    }
    up->segment = next;
    up->offset_bytes = next * up->segment_bytes;
}

bool gl_upload_data(struct gl_context *ctx, const void *data, uint32_t bytes, uint32_t total_bytes,
                    GLuint *buffer, GLintptr *offset)
{
    struct gl_upload *up = &ctx->draw->upload;
    uint32_t align = (uint32_t)ctx->dev->feat.ubo_alignment_bytes;
    uint32_t step;

    if (align < 16)
        align = 16;
    if (bytes > total_bytes)
        bytes = total_bytes;
    if (!up->buffer)
        ring_create(ctx, UPLOAD_FIRST_BYTES);
    if (total_bytes > up->segment_bytes)
        return false;
    step = (total_bytes + align - 1) / align * align;
    if (up->offset_bytes + step > (up->segment + 1) * up->segment_bytes)
        next_segment(ctx);
    *buffer = up->buffer;
    *offset = up->offset_bytes;
    if (up->map) {
        if (bytes) /* data may be NULL then */
            memcpy(up->map + up->offset_bytes, data, bytes);
        if (total_bytes > bytes)
            memset(up->map + up->offset_bytes + bytes, 0, total_bytes - bytes);
    } else {
        gl_state_bind_buffer(&ctx->state, GL_COPY_WRITE_BUFFER, up->buffer);
        glBufferSubData(GL_COPY_WRITE_BUFFER, up->offset_bytes, bytes, data);
        if (total_bytes > bytes) {
            static const uint8_t zeros[1024];

            for (uint32_t at = bytes; at < total_bytes; at += sizeof(zeros)) {
                uint32_t n = total_bytes - at;

                glBufferSubData(GL_COPY_WRITE_BUFFER, up->offset_bytes + at,
                                n < sizeof(zeros) ? n : sizeof(zeros), zeros);
            }
        }
    }
    up->offset_bytes += step;
    return true;
}

void gl_upload_finish(struct gl_context *ctx)
{
    ring_release(ctx);
    if (ctx->draw->zero_buffer)
        glDeleteBuffers(1, &ctx->draw->zero_buffer);
    ctx->draw->zero_buffer = 0;
}

GLuint gl_zero_buffer(struct gl_context *ctx)
{
    struct gl_draw *d = ctx->draw;

    if (!d->zero_buffer) {
        static const uint8_t zeros[ZERO_BUFFER_BYTES];

        glGenBuffers(1, &d->zero_buffer);
        gl_state_bind_buffer(&ctx->state, GL_COPY_WRITE_BUFFER, d->zero_buffer);
        glBufferData(GL_COPY_WRITE_BUFFER, sizeof(zeros), zeros, GL_STATIC_DRAW);
    }
    return d->zero_buffer;
}

static void take_constants(struct gl_context *ctx, unsigned stage)
{
    struct state_stage *st = &ctx->base.state->stage[stage];

    if (st->constants_dirty) {
        st->constants_dirty = false;
        ctx->draw->const0_serial[stage] = ++ctx->dev->constants_serial;
    }
}

/* The guest's plain constants: as many as the shader declares, zeros where the guest gave less. */
void gl_emit_constants(struct gl_context *ctx, unsigned stage, const struct gl_stage_use *use)
{
    struct state_stage *st = &ctx->base.state->stage[stage];
    struct gl_draw *d = ctx->draw;
    unsigned binding = ctx->dev->shader_host.const0_binding[stage];
    GLintptr offset;
    GLuint buffer;

    take_constants(ctx, stage);
    if (!use->const0_bytes)
        return;
    if (st->ubos[0].res) {
        /* A real buffer in the place of constants is bound like the others, by bindings.c. */
        if (d->const0_bytes[stage]) {
            d->const0_bytes[stage] = 0;
            st->ubos_dirty |= 1;
        }
        return;
    }
    if (d->const0_block_serial[stage] == d->const0_serial[stage] &&
        d->const0_bytes[stage] >= use->const0_bytes)
        return;
    if (!gl_upload_data(ctx, st->constants, st->constants_dwords * 4, use->const0_bytes, &buffer,
                        &offset))
        return;
    gl_state_bind_buffer_range(&ctx->state, GL_UNIFORM_BUFFER, binding, buffer, offset,
                               use->const0_bytes);
    d->const0_block_serial[stage] = d->const0_serial[stage];
    d->const0_bytes[stage] = use->const0_bytes;
}

static void set_const0(struct gl_context *ctx, unsigned stage, struct gl_const0_uniform *c)
{
    const struct state_stage *st = &ctx->base.state->stage[stage];
    uint32_t padded[4 * GL_CONST0_UNIFORM_VEC4S];
    const uint32_t *values = st->constants;

    c->serial = ctx->draw->const0_serial[stage];
    if (c->vec4s > GL_CONST0_UNIFORM_VEC4S)
        return;
    if (st->constants_dwords < c->vec4s * 4) {
        memset(padded, 0, sizeof(padded));
        if (st->constants_dwords)
            memcpy(padded, st->constants, st->constants_dwords * sizeof(uint32_t));
        values = padded;
    }
    if (c->is_float)
        glUniform4fv(c->location, (GLsizei)c->vec4s, (const GLfloat *)values);
    else
        glUniform4uiv(c->location, (GLsizei)c->vec4s, values);
}

void gl_emit_uniforms(struct gl_context *ctx, struct gl_program *program)
{
    const float *aux = &ctx->draw->aux.y_flip;
    bool all = program->values_from != ctx;

    if (all) {
        if (program->values_from) {
            gl_streamout_pause(ctx);
            gl_state_use_program(&ctx->state, 0);
            gl_state_use_program(&ctx->state, program->name);
        }
        program->values_from = ctx;
    }
    for (uint32_t stages = program->const0_stages; stages; stages &= stages - 1) {
        unsigned s = (unsigned)__builtin_ctz(stages);
        struct gl_const0_uniform *c = &program->const0[s];

        take_constants(ctx, s);
        if (all || c->serial != ctx->draw->const0_serial[s])
            set_const0(ctx, s, c);
    }
    if (!program->has_aux_uniforms ||
        (!all && !memcmp(program->aux_values, aux, sizeof(program->aux_values))))
        return;
    for (unsigned i = 0; i < 4; i++) {
        if (program->aux_locations[i] >= 0 && (all || program->aux_values[i] != aux[i]))
            glUniform1f(program->aux_locations[i], aux[i]);
    }
    memcpy(program->aux_values, aux, sizeof(program->aux_values));
}

void gl_emit_aux(struct gl_context *ctx, const struct gl_pipeline *pipeline)
{
    struct gl_draw *d = ctx->draw;
    GLintptr offset;
    GLuint buffer;

    if (!pipeline->aux_bytes || (!d->aux_dirty && d->aux_bytes >= pipeline->aux_bytes))
        return;
    if (!gl_upload_data(ctx, &d->aux, pipeline->aux_bytes, pipeline->aux_bytes, &buffer, &offset))
        return;
    gl_state_bind_buffer_range(&ctx->state, GL_UNIFORM_BUFFER, ctx->dev->shader_host.aux_binding,
                               buffer, offset, pipeline->aux_bytes);
    d->aux_bytes = pipeline->aux_bytes;
    d->aux_dirty = false;
}
