/* SPDX-License-Identifier: MIT */
#include "internal.h"

#include <math.h>

static float finite_or(float value, float otherwise)
{
    return isfinite(value) ? value : otherwise;
}

int front_create_rasterizer(struct front_context *ctx, const struct virgl_obj_rasterizer *desc)
{
    struct front_rasterizer *rs = front_object_new(ctx, VIRGL_OBJECT_TYPE_RASTERIZER, desc->handle,
                                                   sizeof(*rs), 0);

    if (!rs)
        return EINVAL;
    rs->desc = *desc;
    rs->desc.point_size = finite_or(desc->point_size, 1.0f);
    rs->desc.line_width = finite_or(desc->line_width, 1.0f);
    rs->desc.offset_units = finite_or(desc->offset_units, 0.0f);
    rs->desc.offset_scale = finite_or(desc->offset_scale, 0.0f);
    rs->desc.offset_clamp = finite_or(desc->offset_clamp, 0.0f);
    return front_object_publish(ctx, &rs->base);
}
