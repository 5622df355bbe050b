/* SPDX-License-Identifier: MIT */
/* Context objects: creation by type, the handle table, counting. */
#include "internal.h"

void *front_object_new(struct front_context *ctx, uint32_t type, uint32_t handle, size_t size_bytes,
                       uint64_t extra_bytes)
{
    const uint64_t charge_bytes = size_bytes + extra_bytes + FRONT_BACK_OBJECT_BYTES;
    struct front_object *object;

    if (ctx->object_count >= ctx->host->limits.objects) {
        front_fail(ctx, VIRGL_CTX_ERROR_UNKNOWN, "handle", ctx->object_count + 1ull,
                   ctx->host->limits.objects, "too many objects");
        return NULL;
    }
    if (!front_charge(ctx, charge_bytes)) {
        front_fail_memory(ctx, "handle", charge_bytes);
        return NULL;
    }
    object = calloc(1, size_bytes);
    if (!object) {
        front_uncharge(ctx, charge_bytes);
        front_fail_memory(ctx, "handle", charge_bytes);
        return NULL;
    }
    ctx->object_count++;
    object->handle = handle;
    object->type = type;
    object->refcount = 1;
    object->serial = ctx->host->next_serial++;
    object->charged_bytes = charge_bytes;
    return object;
}

static void object_free(struct front_context *ctx, struct front_object *object)
{
    switch (object->type) {
    case VIRGL_OBJECT_TYPE_SHADER:
        shader_ir_destroy(((struct front_shader *)object)->ir);
        break;
    case VIRGL_OBJECT_TYPE_SAMPLER_VIEW:
        resource_unref(((struct front_sampler_view *)object)->res);
        break;
    case VIRGL_OBJECT_TYPE_SURFACE:
        resource_unref(((struct front_surface *)object)->res);
        break;
    case VIRGL_OBJECT_TYPE_QUERY:
        resource_unref(((struct front_query *)object)->res);
        break;
    case VIRGL_OBJECT_TYPE_STREAMOUT_TARGET:
        resource_unref(((struct front_streamout_target *)object)->res);
        break;
    default:
        break;
    }
    front_uncharge(ctx, object->charged_bytes);
    ctx->object_count--;
    free(object);
}

void front_object_unref(struct front_context *ctx, struct front_object *object)
{
    if (--object->refcount > 0)
        return;
    if (object->type == VIRGL_OBJECT_TYPE_QUERY && ((struct front_query *)object)->active)
        ctx->ops->query_end(ctx->sub->back, (struct front_query *)object);
    if (object->published)
        ctx->ops->object_destroy(ctx->sub->back, object);
    object_free(ctx, object);
}

int front_object_enter(struct front_context *ctx, struct front_object *object)
{
    struct front_object *old = handle_table_get(&ctx->sub->objects, object->handle);

    if (handle_table_set(&ctx->sub->objects, object->handle, object) != 0) {
        front_object_unref(ctx, object);
        return front_fail_memory(ctx, "handle", sizeof(struct handle_slot));
    }
    if (old)
        front_object_unref(ctx, old);
    return 0;
}

int front_object_publish(struct front_context *ctx, struct front_object *object)
{
    int error = ctx->ops->object_create(ctx->sub->back, object);

    if (error) {
        object_free(ctx, object);
        return front_fail_backend(ctx, error);
    }
    object->published = true;
    return front_object_enter(ctx, object);
}

int front_create_object(struct front_context *ctx, const struct virgl_cmd_create_object *cmd)
{
    const uint32_t type = virgl_header_object_type(ctx->header);

    switch (type) {
#define CREATE(NAME, stem)                                                                         \
    case VIRGL_OBJECT_TYPE_##NAME: {                                                               \
        struct virgl_obj_##stem desc;                                                              \
                                                                                                   \
        if (!virgl_unpack_obj_##stem(ctx->payload, cmd->length_dwords, &desc, &ctx->fault))        \
            return EINVAL;                                                                         \
        return front_create_##stem(ctx, &desc);                                                    \
    }
        VIRGL_OBJECTS(CREATE)
#undef CREATE
    default:
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "object_type", type,
                          VIRGL_OBJECT_TYPE_COUNT - 1, "not a type that can be created");
    }
}

int front_bind_object(struct front_context *ctx, const struct virgl_cmd_bind_object *cmd)
{
    const uint32_t type = virgl_header_object_type(ctx->header);
    struct draw_state *state = &ctx->sub->state;
    struct front_object **slot, *object = NULL;
    uint32_t dirty;

    switch (type) {
    case VIRGL_OBJECT_TYPE_BLEND:
        slot = FRONT_SLOT(&state->blend);
        dirty = DIRTY_BLEND;
        break;
    case VIRGL_OBJECT_TYPE_RASTERIZER:
        slot = FRONT_SLOT(&state->rasterizer);
        dirty = DIRTY_RASTERIZER;
        break;
    case VIRGL_OBJECT_TYPE_DSA:
        slot = FRONT_SLOT(&state->dsa);
        dirty = DIRTY_DSA;
        break;
    case VIRGL_OBJECT_TYPE_VERTEX_ELEMENTS:
        slot = FRONT_SLOT(&state->vertex_elements);
        dirty = DIRTY_VERTEX_ELEMENTS;
        break;
    default:
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "object_type", type,
                          VIRGL_OBJECT_TYPE_COUNT - 1, "not a type that can be bound");
    }
    if (cmd->handle) {
        object = front_lookup(ctx, cmd->handle, type);
        if (front_unlikely(!object))
            return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_HANDLE, "handle", cmd->handle, 0,
                              "no object of this type");
    }
    if (front_assign(ctx, slot, object))
        state->dirty |= dirty;
    return 0;
}

int front_destroy_object(struct front_context *ctx, const struct virgl_cmd_destroy_object *cmd)
{
    struct front_object *object = handle_table_remove(&ctx->sub->objects, cmd->handle);

    if (object)
        front_object_unref(ctx, object);
    return 0;
}
