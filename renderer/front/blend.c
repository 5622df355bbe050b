/* SPDX-License-Identifier: MIT */
#include "internal.h"

int front_create_blend(struct front_context *ctx, const struct virgl_obj_blend *desc)
{
    struct front_blend *blend = front_object_new(ctx, VIRGL_OBJECT_TYPE_BLEND, desc->handle,
                                                 sizeof(*blend), 0);

    if (!blend)
        return EINVAL;
    blend->desc = *desc;
    /* The unpacker checks functions and factors only where blending is on; elsewhere guests send
     * anything. Back ends get one defined form: eight valid entries. */
    for (uint32_t i = 0; i < VIRGL_MAX_COLOR_BUFFERS; i++) {
        struct virgl_blend_rt *rt = &blend->desc.rt[i];

        if (i > 0 && !desc->independent_blend_enable)
            *rt = blend->desc.rt[0];
        else if (!rt->blend_enable)
            *rt = (struct virgl_blend_rt){ .colormask = rt->colormask };
    }
    return front_object_publish(ctx, &blend->base);
}
