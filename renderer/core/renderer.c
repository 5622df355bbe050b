/* SPDX-License-Identifier: MIT */
#include "renderer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blob.h"
#include "decode/decode.h"
#include "fence.h"
#include "front/backend.h"
#include "front/context.h"
#include "log.h"
#include "virgl_caps.h"
#include "virgl_commands.h"
#include "virgl_formats.h"
#include "virgl_protocol.h"

struct renderer_private {
    struct renderer base;
    struct front_host host;
};

static struct front_host *renderer_host(struct renderer *renderer)
{
    return &((struct renderer_private *)renderer)->host;
}

/* ------------------------------------------------------------------ what the front asks for */

static struct resource *host_resource_create(void *user, const struct resource_desc *desc)
{
    struct renderer *renderer = user;
    struct resource *res = NULL;
    const char *why;

    if (resource_create(renderer, desc, &res, &why) != 0) {
        log_guest_error(renderer->log, "resource for a blob: %s", why);
        return NULL;
    }
    return res;
}

static int host_resource_set_type(void *user, struct resource *res,
                                  const struct resource_desc *desc,
                                  const struct virgl_cmd_pipe_resource_set_type *cmd)
{
    struct blob_plane planes[4];
    uint32_t count = cmd->plane_count < 4 ? cmd->plane_count : 4;

    for (uint32_t i = 0; i < count; i++) {
        planes[i].stride_bytes = cmd->plane[i].stride;
        planes[i].offset_bytes = cmd->plane[i].offset;
    }
    return blob_set_type(res, desc, cmd->modifier, planes, count);
}

static bool host_charge(void *user, uint64_t bytes)
{
    return renderer_charge(user, bytes);
}

static void host_uncharge(void *user, uint64_t bytes)
{
    renderer_uncharge(user, bytes);
}

/* ------------------------------------------------------------------ life */

static bool flush_queries(void *user)
{
    struct renderer *renderer = user;
    struct front_context *ctx;
    uint32_t cursor = 0, missing = 0;

    while ((ctx = id_table_next(&renderer->contexts, &cursor)) != NULL) {
        missing += front_context_poll_queries(ctx);
    }
    return missing == 0;
}

struct renderer *renderer_create(const struct renderer_options *options)
{
    struct renderer_private *priv = calloc(1, sizeof *priv);
    struct backend *backend = options->backend;

    if (priv == NULL) {
        backend->ops->destroy(backend);
        return NULL;
    }
    struct renderer *renderer = &priv->base;
    renderer->backend = backend;
    renderer->log = options->log;
    renderer->debug = options->debug;
    renderer->memory_limit_bytes = options->memory_limit_bytes;
    id_table_init(&renderer->resources);
    id_table_init(&renderer->contexts);
    front_host_init(&priv->host, backend, options->log, options->debug);
    priv->host.user = renderer;
    priv->host.resource_create = host_resource_create;
    priv->host.resource_set_type = host_resource_set_type;
    priv->host.charge = host_charge;
    priv->host.uncharge = host_uncharge;

    struct fence_queue_options fences = {
        .backend = backend,
        .log = options->log,
        .callbacks = options->callbacks,
        .thread = options->fence_thread,
        .async = options->fence_thread && options->fence_async,
        .flush_queries = flush_queries,
        .flush_user = renderer,
    };
    renderer->fences = fence_queue_create(&fences);
    if (renderer->fences == NULL) {
        renderer_destroy(renderer);
        return NULL;
    }
    return renderer;
}

static void destroy_objects(struct renderer *renderer)
{
    struct front_context *ctx;
    uint32_t id;

    while ((ctx = id_table_first(&renderer->contexts, &id)) != NULL) {
        id_table_remove(&renderer->contexts, id);
        front_context_destroy(ctx);
    }
    struct resource *res;
    while ((res = id_table_first(&renderer->resources, &id)) != NULL) {
        renderer_resource_unref(renderer, id);
    }
}

void renderer_reset(struct renderer *renderer)
{
    fence_queue_clear(renderer->fences);
    destroy_objects(renderer);
    id_table_finish(&renderer->contexts);
    id_table_finish(&renderer->resources);
}

void renderer_destroy(struct renderer *renderer)
{
    if (renderer == NULL) {
        return;
    }
    fence_queue_destroy(renderer->fences);
    destroy_objects(renderer);
    id_table_finish(&renderer->contexts);
    id_table_finish(&renderer->resources);
    renderer->backend->ops->destroy(renderer->backend);
    free(renderer);
}

bool renderer_charge(struct renderer *renderer, uint64_t bytes)
{
    uint64_t total;

    if (__builtin_add_overflow(renderer->memory_used_bytes, bytes, &total) ||
        (renderer->memory_limit_bytes != 0 && total > renderer->memory_limit_bytes)) {
        return false;
    }
    renderer->memory_used_bytes = total;
    return true;
}

void renderer_uncharge(struct renderer *renderer, uint64_t bytes)
{
    renderer->memory_used_bytes -= bytes;
}

/* ------------------------------------------------------------------ contexts */

int renderer_context_create(struct renderer *renderer, uint32_t ctx_id, uint32_t capset_id,
                            const char *name, uint32_t name_bytes)
{
    char text[RENDERER_CONTEXT_NAME_BYTES];
    struct front_context *ctx;

    if (ctx_id == 0 || renderer_context(renderer, ctx_id) != NULL) {
        log_guest_error(renderer->log, "context %u: handle zero or in use", ctx_id);
        return EINVAL;
    }
    if (capset_id != 0 && capset_id != RENDERER_CAPSET_VIRGL &&
        capset_id != RENDERER_CAPSET_VIRGL2) {
        log_guest_error(renderer->log, "context %u: capset %u is not offered", ctx_id, capset_id);
        return EINVAL;
    }
    if (renderer->contexts.count >= RENDERER_MAX_CONTEXTS) {
        log_guest_error(renderer->log, "context %u: there are %u contexts already", ctx_id,
                        RENDERER_MAX_CONTEXTS);
        return ENOMEM;
    }
    if (name_bytes >= sizeof text) {
        name_bytes = sizeof text - 1;
    }
    if (name_bytes != 0) {
        memcpy(text, name, name_bytes);
    }
    text[name_bytes] = '\0';

    int err = front_context_create(renderer_host(renderer), ctx_id, text, &ctx);
    if (err != 0) {
        return err;
    }
    if (!id_table_insert(&renderer->contexts, ctx_id, ctx)) {
        front_context_destroy(ctx);
        return ENOMEM;
    }
    return 0;
}

void renderer_context_destroy(struct renderer *renderer, uint32_t ctx_id)
{
    front_context_destroy(id_table_remove(&renderer->contexts, ctx_id));
}

void renderer_context_attach(struct renderer *renderer, uint32_t ctx_id, uint32_t res_id)
{
    struct front_context *ctx = renderer_context(renderer, ctx_id);
    struct resource *res = renderer_resource(renderer, res_id);

    if (ctx != NULL && res != NULL && front_context_attach_resource(ctx, res) != 0) {
        log_guest_error(renderer->log, "context %u: cannot attach resource %u", ctx_id, res_id);
    }
}

void renderer_context_detach(struct renderer *renderer, uint32_t ctx_id, uint32_t res_id)
{
    struct front_context *ctx = renderer_context(renderer, ctx_id);

    if (ctx != NULL) {
        front_context_detach_resource(ctx, res_id);
    }
}

int renderer_submit(struct renderer *renderer, uint32_t ctx_id, const uint32_t *dwords,
                    uint32_t dword_count)
{
    struct front_context *ctx = renderer_context(renderer, ctx_id);

    if (ctx == NULL) {
        log_guest_error(renderer->log, "context %u: submission to an unknown context", ctx_id);
        return EINVAL;
    }
    return decode_submit(ctx, dwords, dword_count);
}

/* ------------------------------------------------------------------ resources */

bool renderer_resource_id_free(const struct renderer *renderer, uint32_t res_id)
{
    return res_id != 0 && renderer_resource(renderer, res_id) == NULL;
}

struct resource *renderer_resource_for(const struct renderer *renderer, uint32_t res_id,
                                       uint32_t ctx_id)
{
    if (ctx_id == 0) {
        return renderer_resource(renderer, res_id);
    }
    struct front_context *ctx = renderer_context(renderer, ctx_id);
    return ctx != NULL ? front_context_resource(ctx, res_id) : NULL;
}

int renderer_resource_insert(struct renderer *renderer, uint32_t res_id, struct resource *res)
{
    if (!renderer_resource_id_free(renderer, res_id)) {
        return EINVAL;
    }
    if (renderer->resources.count >= RENDERER_MAX_RESOURCES ||
        !id_table_insert(&renderer->resources, res_id, res)) {
        return ENOMEM;
    }
    res->id = res_id;
    return 0;
}

static int enter(struct renderer *renderer, uint32_t res_id, struct resource *res,
                 struct resource **out)
{
    int err = renderer_resource_insert(renderer, res_id, res);

    if (err != 0) {
        resource_unref(res);
        return err;
    }
    *out = res;
    return 0;
}

int renderer_resource_create(struct renderer *renderer, uint32_t res_id,
                             const struct resource_desc *desc, struct resource **out)
{
    struct resource *res = NULL;
    const char *why = "handle: zero or in use";
    int err = EINVAL;

    if (renderer_resource_id_free(renderer, res_id)) {
        err = resource_create(renderer, desc, &res, &why);
    }
    if (err != 0) {
        log_guest_error(renderer->log,
                        "resource %u: %s (target %u format %u bind %#x %ux%ux%u layers %u "
                        "last level %u samples %u flags %#x)",
                        res_id, why, desc->target, desc->format, desc->bind, desc->width,
                        desc->height, desc->depth, desc->array_size, desc->last_level,
                        desc->nr_samples, desc->flags);
        return err;
    }
    return enter(renderer, res_id, res, out);
}

int renderer_resource_import_eglimage(struct renderer *renderer, uint32_t res_id,
                                      const struct resource_desc *desc, void *image)
{
    struct backend *backend = renderer->backend;
    const char *why;

    if (!renderer_resource_id_free(renderer, res_id) || image == NULL ||
        backend->ops->resource_import_eglimage == NULL ||
        desc->target == VIRGL_TEXTURE_TARGET_BUFFER ||
        resource_desc_check(desc, &backend->limits, &why) != 0) {
        return EINVAL;
    }
    struct resource *res = resource_create_untyped(renderer);
    if (res == NULL) {
        return ENOMEM;
    }
    res->desc = *desc;
    res->desc.array_size = desc->array_size ? desc->array_size : 1;
    res->format = virgl_format_info(desc->format);
    res->storage = RESOURCE_STORAGE_TEXTURE;
    int err = backend->ops->resource_import_eglimage(backend, res, image);
    if (err != 0) {
        resource_unref(res);
        return err;
    }
    return enter(renderer, res_id, res, &res);
}

void renderer_resource_unref(struct renderer *renderer, uint32_t res_id)
{
    struct resource *res = id_table_remove(&renderer->resources, res_id);
    struct front_context *ctx;
    uint32_t cursor = 0;

    if (res == NULL) {
        return;
    }
    /* Most resources were detached before; only the others are worth a look at every context. */
    while (res->refcount > 1 && (ctx = id_table_next(&renderer->contexts, &cursor)) != NULL) {
        front_context_detach_resource(ctx, res_id);
    }
    /* What is still bound draws from storage; the guest pages are the embedder's again. */
    uint32_t iov_count;
    resource_detach_iov(res, &iov_count);
    res->id = 0;
    res->priv = NULL;
    resource_unref(res);
}

/* ------------------------------------------------------------------ capability sets */

void renderer_capset_info(uint32_t capset_id, uint32_t *max_version, uint32_t *size_bytes)
{
    switch (capset_id) {
    case RENDERER_CAPSET_VIRGL:
        *max_version = 1;
        *size_bytes = sizeof(struct virgl_caps_v1);
        break;
    case RENDERER_CAPSET_VIRGL2:
        *max_version = 2;
        *size_bytes = sizeof(struct virgl_caps_v2);
        break;
    default:
        *max_version = 0;
        *size_bytes = 0;
        break;
    }
}

void renderer_fill_caps(const struct renderer *renderer, uint32_t capset_id, void *caps)
{
    struct backend *backend = renderer->backend;
    union virgl_caps all;
    uint32_t version, size;

    renderer_capset_info(capset_id, &version, &size);
    if (size != 0) {
        memset(&all, 0, sizeof all);
        backend->ops->fill_caps(backend, capset_id, &all);
        memcpy(caps, &all, size);
    }
}
