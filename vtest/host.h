/* SPDX-License-Identifier: MIT */
#ifndef VTEST_HOST_H
#define VTEST_HOST_H

/*
 * The renderer of this process as the clients' connections see it: contexts, resource ids that all
 * of them share, and fences by sequence number. Everything runs on the thread that created it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"

struct host;

/*
 * Start the renderer. There can be one per process. Takes as long as the GL driver needs. NULL when
 * it cannot be started, after explaining on the log. Keeps a pointer to the options.
 */
struct host *host_create(const struct options *options);

/* Ends the renderer; accepts NULL. All contexts must be gone. */
void host_destroy(struct host *host);

/*
 * Make a context of the kind `capset_id`; its id in *ctx_id. `name` needs no NUL. Returns 0 or a
 * negative errno.
 */
int host_context_create(struct host *host, uint32_t capset_id, const char *name, uint32_t name_bytes,
                        uint32_t *ctx_id);

/* Destroys the context and forgets its ring fences without calling them. */
void host_context_destroy(struct host *host, uint32_t ctx_id);

/* A resource id that nobody has used yet. */
uint32_t host_new_resource_id(struct host *host);

/* The number of timelines that clients may use as ring_idx. */
uint32_t host_timeline_count(const struct host *host);

/*
 * Fences. Submitted work is fenced when somebody wants to know about it or the server is about to
 * sleep, not per submission: a stream of submissions costs one fence.
 */

/* Note that work was submitted. Returns the number of the fence that will stand for it. */
uint32_t host_work_submitted(struct host *host);

/* Create the fence for what was submitted, if there is something without one. */
void host_fence_work(struct host *host);

/* Has the fence of that number passed? Does not wait. */
bool host_fence_passed(struct host *host, uint32_t number);

/*
 * Call passed(data) from host_poll() when the work submitted to a ring of a context so far is
 * complete; drop(data) follows, which is called alone when the context goes first. Returns 0 or a
 * negative errno, then calls neither.
 */
int host_ring_fence(struct host *host, uint32_t ctx_id, uint32_t ring_idx,
                    void (*passed)(void *data), void (*drop)(void *data), void *data);

/* Does a ring fence of the context wait for work? */
bool host_has_ring_fences(const struct host *host, uint32_t ctx_id);

/* Find out which fences have passed. */
void host_poll(struct host *host);

/* Becomes readable when host_poll() has something to find; -1: call it from time to time. */
int host_poll_fd(const struct host *host);

/* The same for the ring fences of a context that has a descriptor of its own; -1: it has not. */
int host_context_poll_fd(const struct host *host, uint32_t ctx_id);

#endif
