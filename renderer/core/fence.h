/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_CORE_FENCE_H
#define MANTUA_CORE_FENCE_H

/*
 * Fences: tell the embedder when submitted work is done.
 *
 * Global fences form one timeline, each ring of each context another. Fences of one timeline are
 * reported in the order in which they were made. Of global fences that passed together only the
 * newest is reported, and likewise a mergeable fence is left out when a later one of its timeline
 * has passed too. Fences outlive their context: what was promised is reported.
 *
 * Three ways to learn that a fence has passed:
 *  - no thread: fence_queue_poll() asks the back end;
 *  - a thread waits in the back end and makes a descriptor readable; fence_queue_poll() reports;
 *  - the thread calls the callbacks itself, at once (async).
 *
 * Results of queries must be in guest memory before a fence is reported, and only the renderer's
 * thread can put them there: before_report does it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "renderer.h"

struct backend;
struct backend_context;
struct backend_fence;
struct fence_queue;

struct fence_id {
    bool global;
    uint32_t ctx_id, ring_idx; /* 0 for global fences */
    uint64_t id;
};

struct fence_queue_options {
    struct backend *backend;
    struct log *log;
    struct renderer_callbacks callbacks;
    bool thread, async;
    /* Writes the query results that have arrived; true when none is missing. */
    bool (*flush_queries)(void *user);
    void *flush_user;
};

/* NULL when out of memory. Without a thread where the back end cannot have one. */
struct fence_queue *fence_queue_create(const struct fence_queue_options *options);
/* Joins the thread. No callback comes after the return. */
void fence_queue_destroy(struct fence_queue *queue);

/* ctx: whose work is waited for; NULL: everyone's. Returns 0 or ENOMEM. When the host cannot make a
 * fence, the work is finished first and the fence passes at once. */
int fence_queue_add(struct fence_queue *queue, const struct fence_id *id, bool mergeable,
                    struct backend_context *ctx);

/* Reports what has passed: everything, or one context's fences. Does not wait. */
void fence_queue_poll(struct fence_queue *queue);
void fence_queue_poll_context(struct fence_queue *queue, uint32_t ctx_id);

/* Could fence_queue_poll() have anything to do? */
bool fence_queue_busy(struct fence_queue *queue);

/* Readable when fence_queue_poll() has something to report; -1 without a thread or with async. */
int fence_queue_poll_fd(const struct fence_queue *queue);

/* Forgets all fences without a report. */
void fence_queue_clear(struct fence_queue *queue);

/* A sync file for a fence that is still pending. ENOENT when no fence has this id (global or of any
 * context), ENOTSUP when the host has no sync files. */
int fence_queue_export(struct fence_queue *queue, bool global, uint64_t id, int *fd);

/* Later work of ctx comes after the fence with this id, of any timeline; fences that have passed are
 * not known any more and need no waiting. */
int fence_queue_server_wait(struct fence_queue *queue, struct backend_context *ctx, uint64_t id);

#endif
