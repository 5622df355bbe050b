/* SPDX-License-Identifier: MIT */
#include "internal.h"

void front_host_init(struct front_host *host, struct backend *backend, struct log *log,
                     uint32_t debug)
{
    *host = (struct front_host){
        .backend = backend,
        .log = log,
        .debug = debug,
        .limits = FRONT_LIMITS_DEFAULT,
        .next_serial = 1,
    };
}

int front_context_create(struct front_host *host, uint32_t ctx_id, const char *name,
                         struct front_context **out)
{
    struct front_context *ctx = calloc(1, sizeof(*ctx));

    *out = NULL;
    if (!ctx)
        return ENOMEM;
    ctx->host = host;
    ctx->backend = host->backend;
    ctx->ops = host->backend->ops;
    ctx->id = ctx_id;
    if (name) {
        for (size_t i = 0; i < sizeof(ctx->name) - 1 && name[i]; i++)
            ctx->name[i] = name[i] >= ' ' && name[i] <= '~' ? name[i] : '?';
    }
    ctx->sub = front_sub_context_new(ctx, 0);
    if (!ctx->sub) {
        free(ctx);
        return ENOMEM;
    }
    *out = ctx;
    return 0;
}

static void unref_resource(void *value, void *user)
{
    resource_unref(value);
}

void front_context_destroy(struct front_context *ctx)
{
    if (!ctx)
        return;
    while (ctx->subs)
        front_sub_context_free(ctx, ctx->subs);
    handle_table_each(&ctx->resources, unref_resource, NULL);
    handle_table_finish(&ctx->resources);
    while (ctx->blobs) {
        struct front_blob *blob = ctx->blobs;

        ctx->blobs = blob->next;
        resource_unref(blob->res);
        free(blob);
    }
    free(ctx->pending);
    free(ctx);
}

uint32_t front_context_id(const struct front_context *ctx)
{
    return ctx->id;
}

int front_context_attach_resource(struct front_context *ctx, struct resource *res)
{
    struct resource *old = front_resource(ctx, res->id);

    if (old == res)
        return 0;
    if (!old && ctx->resources.count >= ctx->host->limits.attached_resources)
        return ENOMEM;
    if (handle_table_set(&ctx->resources, res->id, res) != 0)
        return ENOMEM;
    resource_ref(res);
    resource_unref(old);
    return 0;
}

void front_context_detach_resource(struct front_context *ctx, uint32_t res_id)
{
    resource_unref(handle_table_remove(&ctx->resources, res_id));
}

struct resource *front_context_resource(const struct front_context *ctx, uint32_t res_id)
{
    return front_resource(ctx, res_id);
}

uint32_t front_context_error(const struct front_context *ctx)
{
    return ctx->error;
}

struct backend_context *front_context_backend(const struct front_context *ctx)
{
    return ctx->sub->back;
}

uint32_t front_debug(const struct front_context *ctx)
{
    return ctx->host->debug;
}

struct log *front_log(const struct front_context *ctx)
{
    return ctx->host->log;
}

/* ---- submissions ---- */

bool front_submission_begin(struct front_context *ctx)
{
    int error;

    if (front_unlikely(ctx->error))
        return false;
    if (!ctx->sub->back)
        return true;
    error = ctx->ops->context_make_current(ctx->backend, ctx->sub->back);
    if (front_unlikely(error)) {
        ctx->header = 0;
        front_fail_backend(ctx, error);
        front_submission_fail(ctx, 0);
        return false;
    }
    return true;
}

void front_submission_end(struct front_context *ctx)
{
    if (ctx->sub->back)
        ctx->ops->context_flush(ctx->sub->back);
    if (ctx->id == 0)
        ctx->error = VIRGL_CTX_ERROR_NONE;
}

/* Commands that work without a back-end context of their own. */
static bool needs_sub_context(uint32_t header)
{
    switch (virgl_header_command(header)) {
    case VIRGL_COMMAND_NOP:
    case VIRGL_COMMAND_SET_SUB_CTX:
    case VIRGL_COMMAND_CREATE_SUB_CTX:
    case VIRGL_COMMAND_DESTROY_SUB_CTX:
    case VIRGL_COMMAND_TRANSFER3D:
    case VIRGL_COMMAND_COPY_TRANSFER3D:
    case VIRGL_COMMAND_END_TRANSFERS:
    case VIRGL_COMMAND_RESOURCE_INLINE_WRITE:
    case VIRGL_COMMAND_PIPE_RESOURCE_CREATE:
    case VIRGL_COMMAND_PIPE_RESOURCE_SET_TYPE:
    case VIRGL_COMMAND_GET_PIPE_RESOURCE_LAYOUT:
    case VIRGL_COMMAND_GET_MEMORY_INFO:
    case VIRGL_COMMAND_SET_DEBUG_FLAGS:
        return false;
    default:
        return true;
    }
}

bool front_command_begin(struct front_context *ctx, uint32_t header, const uint32_t *payload)
{
    ctx->header = header;
    ctx->payload = payload;
    if (front_unlikely(!ctx->sub->back) && needs_sub_context(header)) {
        int error = front_sub_context_activate(ctx, ctx->sub);

        if (error) {
            front_fail_backend(ctx, error);
            return false;
        }
    }
    return true;
}

struct virgl_unpack_error *front_fault(struct front_context *ctx)
{
    return &ctx->fault;
}

static FRONT_COLD void log_fault(struct front_context *ctx, const char *consequence)
{
    const struct virgl_unpack_error *fault = &ctx->fault;

    if (!ctx->host->log)
        return;
    log_guest_error(ctx->host->log,
                    "context %u%s%s%s: %s: %s: %s (value %llu, limit %llu; header 0x%08x): %s",
                    ctx->id, ctx->name[0] ? " (" : "", ctx->name, ctx->name[0] ? ")" : "",
                    fault->command, fault->field, fault->what, (unsigned long long)fault->value,
                    (unsigned long long)fault->limit, ctx->header, consequence);
}

void front_submission_fail(struct front_context *ctx, uint32_t header)
{
    ctx->header = header;
    ctx->error = ctx->fault.error;
    log_fault(ctx, virgl_ctx_error_name(ctx->error));
}

/* ---- faults ---- */

int front_fail(struct front_context *ctx, enum virgl_ctx_error error, const char *field,
               uint64_t value, uint64_t limit, const char *what)
{
    ctx->fault = (struct virgl_unpack_error){
        .command = virgl_command_name(virgl_header_command(ctx->header)),
        .field = field,
        .value = value,
        .limit = limit,
        .what = what,
        .error = error,
    };
    return EINVAL;
}

int front_fail_resource(struct front_context *ctx, const char *field, uint32_t res_id,
                        const char *what)
{
    if (!front_resource(ctx, res_id))
        what = "resource is not attached to the context";
    return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_RESOURCE, field, res_id, 0, what);
}

int front_fail_memory(struct front_context *ctx, const char *field, uint64_t bytes)
{
    return front_fail(ctx, VIRGL_CTX_ERROR_UNKNOWN, field, bytes,
                      ctx->host->limits.memory_bytes - ctx->memory_bytes, "out of memory");
}

int front_fail_unsupported(struct front_context *ctx, const char *field)
{
    return front_fail(ctx, VIRGL_CTX_ERROR_UNSUPPORTED_FUNCTION, field, 0, 0,
                      "the host has no such feature");
}

int front_fail_backend(struct front_context *ctx, int error)
{
    if (error == ENOTSUP)
        return front_fail_unsupported(ctx, "host");
    return front_fail(ctx, VIRGL_CTX_ERROR_UNKNOWN, "host", (uint64_t)error, 0,
                      error == ENOMEM ? "the host is out of memory" : "the host refuses");
}

int front_skip(struct front_context *ctx, const char *field, uint64_t value, uint64_t limit,
               const char *what)
{
    front_fail(ctx, VIRGL_CTX_ERROR_NONE, field, value, limit, what);
    log_fault(ctx, "skipped");
    return 0;
}

bool front_charge(struct front_context *ctx, uint64_t bytes)
{
    const struct front_host *host = ctx->host;

    if (ctx->memory_bytes > host->limits.memory_bytes ||
        bytes > host->limits.memory_bytes - ctx->memory_bytes)
        return false;
    if (host->charge && !host->charge(host->user, bytes))
        return false;
    ctx->memory_bytes += bytes;
    return true;
}

void front_uncharge(struct front_context *ctx, uint64_t bytes)
{
    ctx->memory_bytes -= bytes;
    if (ctx->host->uncharge)
        ctx->host->uncharge(ctx->host->user, bytes);
}
