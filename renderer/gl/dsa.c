/* SPDX-License-Identifier: MIT */
/* Depth and stencil. The alpha test that the object carries is the shader's (shader_key.c). */
#include <errno.h>
#include <stdlib.h>

#include "draw_context.h"

static GLenum stencil_op(uint32_t op)
{
    static const GLenum table[VIRGL_STENCIL_OP_COUNT] = {
        [VIRGL_STENCIL_OP_KEEP] = GL_KEEP,
        [VIRGL_STENCIL_OP_ZERO] = GL_ZERO,
        [VIRGL_STENCIL_OP_REPLACE] = GL_REPLACE,
        [VIRGL_STENCIL_OP_INCR] = GL_INCR,
        [VIRGL_STENCIL_OP_DECR] = GL_DECR,
        [VIRGL_STENCIL_OP_INCR_WRAP] = GL_INCR_WRAP,
        [VIRGL_STENCIL_OP_DECR_WRAP] = GL_DECR_WRAP,
        [VIRGL_STENCIL_OP_INVERT] = GL_INVERT,
    };

    return op < VIRGL_STENCIL_OP_COUNT ? table[op] : GL_KEEP;
}

int gl_dsa_create(struct gl_context *ctx, struct front_dsa *front)
{
    const struct virgl_obj_dsa *desc = &front->desc;
    struct gl_dsa *d = calloc(1, sizeof(*d));

    if (!d)
        return ENOMEM;
    d->depth_test = desc->depth_enabled;
    d->depth_write = desc->depth_writemask;
    d->depth_func = GL_NEVER + (desc->depth_func & 7);
    d->stencil_test = desc->stencil0_enabled;
    d->two_sided = desc->stencil1_enabled;
    d->faces[0] = (struct gl_stencil_face){
        .func = GL_NEVER + (desc->stencil0_func & 7),
        .fail_op = stencil_op(desc->stencil0_fail_op),
        .zfail_op = stencil_op(desc->stencil0_zfail_op),
        .zpass_op = stencil_op(desc->stencil0_zpass_op),
        .value_mask = desc->stencil0_valuemask,
        .write_mask = desc->stencil0_writemask,
    };
    d->faces[1] = d->faces[0];
    if (d->two_sided)
        d->faces[1] = (struct gl_stencil_face){
            .func = GL_NEVER + (desc->stencil1_func & 7),
            .fail_op = stencil_op(desc->stencil1_fail_op),
            .zfail_op = stencil_op(desc->stencil1_zfail_op),
            .zpass_op = stencil_op(desc->stencil1_zpass_op),
            .value_mask = desc->stencil1_valuemask,
            .write_mask = desc->stencil1_writemask,
        };
    front->base.back = d;
    return 0;
}

void gl_emit_dsa(struct gl_context *ctx)
{
    const struct draw_state *state = ctx->base.state;
    const struct gl_dsa *d = state->dsa ? state->dsa->base.back : NULL;
    struct gl_state *gst = &ctx->state;

    if (!d) {
        gl_state_depth(gst, false, false, GL_ALWAYS);
        gl_state_set_cap(gst, GL_CAP_STENCIL_TEST, false);
        return;
    }
    /* Without the test GL writes no depth either. */
    gl_state_depth(gst, d->depth_test, d->depth_write, d->depth_func);
    gl_state_set_cap(gst, GL_CAP_STENCIL_TEST, d->stencil_test);
    if (!d->stencil_test)
        return;
    for (unsigned i = 0; i < 2; i++) {
        struct gl_stencil_face face = d->faces[i];

        face.ref = (GLint)state->stencil_ref[d->two_sided ? i : 0];
        gl_state_stencil(gst, i, &face);
    }
}
