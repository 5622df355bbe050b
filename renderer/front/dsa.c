/* SPDX-License-Identifier: MIT */
/* Depth, stencil and alpha test. */
#include "internal.h"

int front_create_dsa(struct front_context *ctx, const struct virgl_obj_dsa *desc)
{
    struct front_dsa *dsa = front_object_new(ctx, VIRGL_OBJECT_TYPE_DSA, desc->handle,
                                             sizeof(*dsa), 0);

    if (!dsa)
        return EINVAL;
    dsa->desc = *desc;
    return front_object_publish(ctx, &dsa->base);
}
