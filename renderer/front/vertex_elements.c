/* SPDX-License-Identifier: MIT */
#include "internal.h"

int front_create_vertex_elements(struct front_context *ctx,
                                 const struct virgl_obj_vertex_elements *desc)
{
    const struct backend_limits *limits = &ctx->backend->limits;
    struct front_vertex_elements *ve;

    if (desc->element_count > limits->max_vertex_attribs)
        return front_fail(ctx, VIRGL_CTX_ERROR_TOO_MANY_VERTEX_ATTRIBUTES, "element",
                          desc->element_count, limits->max_vertex_attribs,
                          "more attributes than the host has");
    for (uint32_t i = 0; i < desc->element_count; i++) {
        if (!front_format_in(limits->format_vertex, desc->element[i].src_format))
            return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_VERTEX_FORMAT, "src_format",
                              desc->element[i].src_format, VIRGL_FORMAT_COUNT - 1,
                              "not a vertex format");
    }
    ve = front_object_new(ctx, VIRGL_OBJECT_TYPE_VERTEX_ELEMENTS, desc->handle, sizeof(*ve), 0);
    if (!ve)
        return EINVAL;
    ve->desc.length_dwords = desc->length_dwords;
    ve->desc.handle = desc->handle;
    ve->desc.element_count = desc->element_count;
    memcpy(ve->desc.element, desc->element, desc->element_count * sizeof(desc->element[0]));
    return front_object_publish(ctx, &ve->base);
}
