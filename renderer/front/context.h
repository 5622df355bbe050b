/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_FRONT_CONTEXT_H
#define MANTUA_FRONT_CONTEXT_H

/*
 * A virgl context as the core sees it: attached resources, sub-contexts, error state. Commands
 * arrive through decode_submit() (decode/decode.h), which checks their form and calls the
 * front_<command>() functions (front/commands.h).
 *
 * Everything runs on the renderer's thread. Nothing here blocks except as the back end's draw and
 * query functions do.
 */

#include <stdbool.h>
#include <stdint.h>

#include "front/backend.h"
#include "front/limits.h"

struct front_context;
struct log;
struct resource;
struct virgl_cmd_pipe_resource_set_type;

/* What all contexts of one renderer share. The core fills it with front_host_init() and its
 * callbacks, and keeps it alive longer than every context. */
struct front_host {
    struct backend *backend;
    struct log *log;
    uint32_t debug; /* enum debug_flag */
    struct front_limits limits;
    uint64_t next_serial; /* of objects; starts at 1 */

    void *user;
    /* Creates a resource without an id (PIPE_RESOURCE_CREATE). desc has passed
     * resource_desc_check(). Returns one reference, or NULL when it cannot (memory, back end). */
    struct resource *(*resource_create)(void *user, const struct resource_desc *desc);
    /* Gives an untyped resource its type: desc is filled and has passed resource_desc_check(),
     * cmd adds modifier and planes. 0 or an errno value. */
    int (*resource_set_type)(void *user, struct resource *res, const struct resource_desc *desc,
                             const struct virgl_cmd_pipe_resource_set_type *cmd);
    /* Counts what contexts use against the limit of the whole renderer, which false says is
     * reached. NULL: contexts have only their own limit. */
    bool (*charge)(void *user, uint64_t bytes);
    void (*uncharge)(void *user, uint64_t bytes);
};

/* Default limits, no callbacks. log may be NULL. */
void front_host_init(struct front_host *host, struct backend *backend, struct log *log,
                     uint32_t debug);

/* name appears in log lines; copied, cut to 63 bytes, may be NULL. Sub-context 0 exists at once,
 * but its back-end context is only made by the first command that needs it (guests seldom use it).
 * 0 or ENOMEM. */
int front_context_create(struct front_host *host, uint32_t ctx_id, const char *name,
                         struct front_context **out);
/* Drops objects, bindings, attached resources and unclaimed blobs. NULL is ignored. */
void front_context_destroy(struct front_context *ctx);

uint32_t front_context_id(const struct front_context *ctx);

/* Makes res known under its id; takes a reference. Attaching twice is no error. 0 or ENOMEM. */
int front_context_attach_resource(struct front_context *ctx, struct resource *res);
/* Drops it; what is bound stays bound. Unknown ids are ignored. */
void front_context_detach_resource(struct front_context *ctx, uint32_t res_id);
/* Borrowed; NULL when not attached. */
struct resource *front_context_resource(const struct front_context *ctx, uint32_t res_id);

/* The resource that PIPE_RESOURCE_CREATE made under blob_id, with its reference; NULL if none.
 * Each can be taken once. */
struct resource *front_context_take_blob(struct front_context *ctx, uint64_t blob_id);

/* enum virgl_ctx_error; 0 while the context is healthy. */
uint32_t front_context_error(const struct front_context *ctx);

/* The back-end context of the current sub-context, NULL when it has none yet. For fences. */
struct backend_context *front_context_backend(const struct front_context *ctx);

/* Writes query results that have arrived since they were asked for. Returns how many are still
 * missing. To be called before a fence of this context is reported as passed, so that a guest that
 * waits for the fence finds its result. Makes the context's sub-contexts current as needed. */
uint32_t front_context_poll_queries(struct front_context *ctx);

#endif
