/* SPDX-License-Identifier: MIT */
/* Which file makes which object. */
#include <stdlib.h>

#include "draw_context.h"

int gl_object_create(struct backend_context *bctx, struct front_object *object)
{
    struct gl_context *ctx = gl_context(bctx);

    switch (object->type) {
    case VIRGL_OBJECT_TYPE_BLEND:
        return gl_blend_create(ctx, (struct front_blend *)object);
    case VIRGL_OBJECT_TYPE_RASTERIZER:
        return gl_rasterizer_create(ctx, (struct front_rasterizer *)object);
    case VIRGL_OBJECT_TYPE_DSA:
        return gl_dsa_create(ctx, (struct front_dsa *)object);
    case VIRGL_OBJECT_TYPE_SHADER:
        return gl_shader_create(ctx, (struct front_shader *)object);
    case VIRGL_OBJECT_TYPE_VERTEX_ELEMENTS:
        return gl_vertex_elements_create(ctx, (struct front_vertex_elements *)object);
    case VIRGL_OBJECT_TYPE_SAMPLER_STATE:
        return gl_sampler_create(ctx, (struct front_sampler_state *)object);
    case VIRGL_OBJECT_TYPE_QUERY:
        return gl_query_create(ctx, (struct front_query *)object);
    case VIRGL_OBJECT_TYPE_STREAMOUT_TARGET:
        return gl_streamout_target_create(ctx, (struct front_streamout_target *)object);
    default:
        /* Views are made at first use; surfaces are part of framebuffer keys. */
        return 0;
    }
}

void gl_object_destroy(struct backend_context *bctx, struct front_object *object)
{
    struct gl_context *ctx = gl_context(bctx);

    switch (object->type) {
    case VIRGL_OBJECT_TYPE_BLEND:
    case VIRGL_OBJECT_TYPE_RASTERIZER:
    case VIRGL_OBJECT_TYPE_DSA:
        free(object->back);
        object->back = NULL;
        break;
    case VIRGL_OBJECT_TYPE_SHADER:
        gl_shader_destroy(ctx, (struct front_shader *)object);
        break;
    case VIRGL_OBJECT_TYPE_VERTEX_ELEMENTS:
        gl_vertex_elements_destroy(ctx, (struct front_vertex_elements *)object);
        break;
    case VIRGL_OBJECT_TYPE_SAMPLER_VIEW:
        gl_sampler_view_destroy(ctx, (struct front_sampler_view *)object);
        break;
    case VIRGL_OBJECT_TYPE_SAMPLER_STATE:
        gl_sampler_destroy(ctx, (struct front_sampler_state *)object);
        break;
    case VIRGL_OBJECT_TYPE_QUERY:
        gl_query_destroy(ctx, (struct front_query *)object);
        break;
    case VIRGL_OBJECT_TYPE_STREAMOUT_TARGET:
        gl_streamout_target_destroy(ctx, (struct front_streamout_target *)object);
        break;
    default:
        break;
    }
}
