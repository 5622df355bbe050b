/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_CORE_RENDERER_H
#define MANTUA_CORE_RENDERER_H

/*
 * One renderer: a back end, the resources and contexts that one embedder made, its fences, and the
 * account of host memory that its guest has used. There may be any number of renderers in a process.
 *
 * All functions belong to the renderer's thread, the one that called renderer_create(). Functions
 * that return int return 0 or a positive errno value. "why" receives a static text for the log.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "id_table.h"
#include "resource.h"

struct backend;
struct fence_queue;
struct front_context;
struct log;

enum {
    RENDERER_MAX_RESOURCES = 1 << 20,
    RENDERER_MAX_CONTEXTS = 1 << 14,
    RENDERER_MAX_RINGS = 64,
    RENDERER_CONTEXT_NAME_BYTES = 64,
    /* Kinds of contexts, as capset ids. */
    RENDERER_CAPSET_VIRGL = 1,
    RENDERER_CAPSET_VIRGL2 = 2,
};

/* How fences come back; see fence.h for the rules. */
struct renderer_callbacks {
    void *user;
    void (*fence)(void *user, uint32_t fence_id);
    void (*context_fence)(void *user, uint32_t ctx_id, uint32_t ring_idx, uint64_t fence_id);
};

struct renderer_options {
    struct backend *backend; /* becomes the renderer's, also when creation fails */
    struct log *log;         /* outlives the renderer */
    uint32_t debug;          /* enum debug_flag */
    struct renderer_callbacks callbacks;
    bool fence_thread;       /* a thread waits for fences, if the back end can */
    bool fence_async;        /* it also calls the callbacks */
    uint64_t memory_limit_bytes; /* 0: none */
};

struct renderer {
    struct backend *backend;
    struct log *log;
    uint32_t debug;
    struct id_table resources;
    struct id_table contexts;
    struct fence_queue *fences;
    uint64_t memory_used_bytes;  /* by all resources and by what contexts charge */
    uint64_t memory_limit_bytes; /* 0: none */
};

/* NULL when out of memory. */
struct renderer *renderer_create(const struct renderer_options *options);

/* Contexts, resources, fences, then the back end. No callback comes after the return. */
void renderer_destroy(struct renderer *renderer);

/* Contexts, resources and fences go; the renderer stays. */
void renderer_reset(struct renderer *renderer);

/* Host memory that the guest made us use. False: the limit is reached, nothing was charged. */
bool renderer_charge(struct renderer *renderer, uint64_t bytes);
void renderer_uncharge(struct renderer *renderer, uint64_t bytes);

/* ------------------------------------------------------------------ contexts */

/* EINVAL for id 0, an id in use or a kind that is not offered; ENOMEM; EIO from the host. */
int renderer_context_create(struct renderer *renderer, uint32_t ctx_id, uint32_t capset_id,
                            const char *name, uint32_t name_bytes);
void renderer_context_destroy(struct renderer *renderer, uint32_t ctx_id);

static inline struct front_context *renderer_context(const struct renderer *renderer,
                                                     uint32_t ctx_id)
{
    return id_table_find(&renderer->contexts, ctx_id);
}

void renderer_context_attach(struct renderer *renderer, uint32_t ctx_id, uint32_t res_id);
void renderer_context_detach(struct renderer *renderer, uint32_t ctx_id, uint32_t res_id);

/* EINVAL: no such context, or the stream broke the protocol. */
int renderer_submit(struct renderer *renderer, uint32_t ctx_id, const uint32_t *dwords,
                    uint32_t dword_count);

/* ------------------------------------------------------------------ resources */

static inline struct resource *renderer_resource(const struct renderer *renderer, uint32_t res_id)
{
    return id_table_find(&renderer->resources, res_id);
}

/* The resource on behalf of a context: NULL when that context does not exist or the resource is not
 * attached to it. Context 0 may use every resource. */
struct resource *renderer_resource_for(const struct renderer *renderer, uint32_t res_id,
                                       uint32_t ctx_id);

/* Makes a resource with a number. EINVAL (number 0 or in use, bad description), ENOMEM. The guest's
 * mistakes are logged. */
int renderer_resource_create(struct renderer *renderer, uint32_t res_id,
                             const struct resource_desc *desc, struct resource **out);

/* The same from an EGLImage of the embedder. */
int renderer_resource_import_eglimage(struct renderer *renderer, uint32_t res_id,
                                      const struct resource_desc *desc, void *image);

/* Enters a resource without a number under one, taking over the caller's reference on success. */
int renderer_resource_insert(struct renderer *renderer, uint32_t res_id, struct resource *res);

/* The guest drops the number: contexts detach it, the renderer's reference goes. */
void renderer_resource_unref(struct renderer *renderer, uint32_t res_id);

/* Is the number free to take? */
bool renderer_resource_id_free(const struct renderer *renderer, uint32_t res_id);

/* ------------------------------------------------------------------ capability sets */

/* 0 and 0 for sets that are not offered. */
void renderer_capset_info(uint32_t capset_id, uint32_t *max_version, uint32_t *size_bytes);
void renderer_fill_caps(const struct renderer *renderer, uint32_t capset_id, void *caps);

#endif
