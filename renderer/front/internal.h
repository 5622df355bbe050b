/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_FRONT_INTERNAL_H
#define MANTUA_FRONT_INTERNAL_H

/*
 * What the files of this folder share: contexts, sub-contexts, and the checked look-ups.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/debug.h"
#include "core/log.h"
#include "core/resource.h"
#include "front/commands.h"
#include "front/context.h"
#include "front/handle_table.h"
#include "front/state.h"
#include "shader/shader.h"
#include "virgl_formats.h"

#define front_unlikely(x) __builtin_expect(!!(x), 0)
#define FRONT_COLD __attribute__((cold, noinline))

/* A shader whose text has not arrived completely. handle 0: none. */
struct front_long_shader {
    uint32_t handle;
    uint32_t total_dwords, received_dwords, capacity_dwords;
    uint32_t *text;
    uint32_t shared_bytes;
    struct shader_stream_output so;
    uint32_t so_stride_dwords[SHADER_MAX_SO_BUFFERS];
};

struct front_sub_context {
    uint32_t id;
    struct front_sub_context *next;
    struct backend_context *back; /* NULL until a command needs it */
    struct handle_table objects;
    uint32_t view_slots[STAGE_COUNT]; /* one above the highest bound sampler view */
    struct front_long_shader long_shaders[STAGE_COUNT];
    struct draw_state state;
};

struct front_blob {
    uint64_t id;
    struct resource *res;
    struct front_blob *next;
};

struct front_pending_query {
    struct front_sub_context *sub;
    struct front_query *query; /* counted */
};

struct front_context {
    struct front_host *host;
    struct backend *backend;
    const struct backend_ops *ops;
    struct front_sub_context *sub; /* current; never NULL */

    /* The command that runs. */
    uint32_t header;
    const uint32_t *payload;
    struct virgl_unpack_error fault;
    char fault_text[240]; /* when fault.what needs more than a constant */

    uint32_t id;
    uint32_t error; /* enum virgl_ctx_error */
    struct handle_table resources;

    struct front_sub_context *subs;
    uint32_t sub_count;
    uint32_t object_count;
    uint64_t memory_bytes;
    struct front_blob *blobs;
    uint32_t blob_count;
    struct front_pending_query *pending;
    uint32_t pending_count, pending_capacity;
    char name[64];
};

/* context.c */

/* Records a fault of the current command and returns EINVAL. what: the rule that was broken. */
FRONT_COLD int front_fail(struct front_context *ctx, enum virgl_ctx_error error, const char *field,
                          uint64_t value, uint64_t limit, const char *what);
FRONT_COLD int front_fail_resource(struct front_context *ctx, const char *field, uint32_t res_id,
                                   const char *what);
FRONT_COLD int front_fail_memory(struct front_context *ctx, const char *field, uint64_t bytes);
FRONT_COLD int front_fail_unsupported(struct front_context *ctx, const char *field);
/* For calls into the back end that fail: ENOMEM, ENOTSUP, ... */
FRONT_COLD int front_fail_backend(struct front_context *ctx, int error);
/* A mistake that costs the guest only this command: logged, the context goes on. Returns 0. */
FRONT_COLD int front_skip(struct front_context *ctx, const char *field, uint64_t value,
                          uint64_t limit, const char *what);

/* Counts memory against the context's limit before it is allocated. */
bool front_charge(struct front_context *ctx, uint64_t bytes);
void front_uncharge(struct front_context *ctx, uint64_t bytes);

/* sub_context.c */
struct front_sub_context *front_sub_context_new(struct front_context *ctx, uint32_t id);
/* Makes the back-end context when there is none yet, and current. 0 or an errno value. */
int front_sub_context_activate(struct front_context *ctx, struct front_sub_context *sub);
void front_sub_context_free(struct front_context *ctx, struct front_sub_context *sub);

/* object.c */

/* A zeroed object of the given size with one reference, counted against the limits together with
 * extra_bytes. NULL with the fault recorded. */
void *front_object_new(struct front_context *ctx, uint32_t type, uint32_t handle, size_t size_bytes,
                       uint64_t extra_bytes);
/* Tells the back end and enters the handle, replacing what was there. On failure the object is
 * gone and the fault recorded. Takes the reference in any case. */
int front_object_publish(struct front_context *ctx, struct front_object *object);
/* The same after the back end has been told. */
int front_object_enter(struct front_context *ctx, struct front_object *object);
void front_object_unref(struct front_context *ctx, struct front_object *object);

/* *slot = object with counts kept; returns whether it changed. Both may be NULL. */
static inline bool front_assign(struct front_context *ctx, struct front_object **slot,
                                struct front_object *object)
{
    struct front_object *old = *slot;

    if (old == object)
        return false;
    if (object)
        object->refcount++;
    *slot = object;
    if (old)
        front_object_unref(ctx, old);
    return true;
}

/* Every object starts with its base, so a slot of any object type can be treated as one of these.
 * (The project is built without strict aliasing.) */
#define FRONT_SLOT(pointer) ((struct front_object **)(pointer))

/* NULL when the handle is unknown or names another type. */
static inline void *front_lookup(const struct front_context *ctx, uint32_t handle, uint32_t type)
{
    struct front_object *object = handle_table_get(&ctx->sub->objects, handle);

    return object && object->type == type ? object : NULL;
}

static inline struct resource *front_resource(const struct front_context *ctx, uint32_t res_id)
{
    return handle_table_get(&ctx->resources, res_id);
}

/* A resource that is a back-end buffer, or NULL. */
static inline struct resource *front_buffer(const struct front_context *ctx, uint32_t res_id)
{
    struct resource *res = front_resource(ctx, res_id);

    return res && res->storage == RESOURCE_STORAGE_BUFFER ? res : NULL;
}

static inline bool front_range_inside(uint64_t offset_bytes, uint64_t size_bytes,
                                      uint64_t buffer_bytes)
{
    return offset_bytes <= buffer_bytes && size_bytes <= buffer_bytes - offset_bytes;
}

/* Format bit sets of struct backend_limits. */
static inline bool front_format_in(const uint32_t set[16], uint32_t format)
{
    return format < VIRGL_FORMAT_COUNT && (set[format / 32] >> (format % 32) & 1) != 0;
}

/* object creation, one file per type */
int front_create_blend(struct front_context *ctx, const struct virgl_obj_blend *desc);
int front_create_rasterizer(struct front_context *ctx, const struct virgl_obj_rasterizer *desc);
int front_create_dsa(struct front_context *ctx, const struct virgl_obj_dsa *desc);
int front_create_shader(struct front_context *ctx, const struct virgl_obj_shader *desc);
int front_create_vertex_elements(struct front_context *ctx,
                                 const struct virgl_obj_vertex_elements *desc);
int front_create_sampler_view(struct front_context *ctx,
                              const struct virgl_obj_sampler_view *desc);
int front_create_sampler_state(struct front_context *ctx,
                               const struct virgl_obj_sampler_state *desc);
int front_create_surface(struct front_context *ctx, const struct virgl_obj_surface *desc);
int front_create_query(struct front_context *ctx, const struct virgl_obj_query *desc);
int front_create_streamout_target(struct front_context *ctx,
                                  const struct virgl_obj_streamout_target *desc);
int front_create_msaa_surface(struct front_context *ctx,
                              const struct virgl_obj_msaa_surface *desc);

/* shader.c: forgets an unfinished shader. */
void front_long_shader_drop(struct front_context *ctx, struct front_long_shader *shader);

/* query.c: forgets results that were asked for, of one query or of a whole sub-context. */
void front_query_forget(struct front_context *ctx, const struct front_query *query);
void front_queries_forget_sub_context(struct front_context *ctx,
                                      const struct front_sub_context *sub);

/* transfer.c: between a scatter list and a resource of any storage; the transfer has passed
 * transfer_check(). 0 or an errno value. */
int front_transfer_write(struct backend *backend, struct resource *res,
                         const struct transfer *transfer);
int front_transfer_read(struct backend *backend, struct resource *res,
                        const struct transfer *transfer);

/* Writes to the memory that the guest reads: its pages when attached, and the host
 * memory behind. False when the resource has neither or is too small. */
bool front_write_guest_memory(struct resource *res, uint64_t offset_bytes, const void *data,
                              size_t bytes);
bool front_has_guest_memory(const struct resource *res, uint64_t bytes);

#endif
