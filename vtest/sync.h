/* SPDX-License-Identifier: MIT */
#ifndef VTEST_SYNC_H
#define VTEST_SYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "id_table.h"

/* The most syncs and unfinished waits of one client. A wait holds a descriptor. */
#define SYNC_MAX_COUNT 65536u
#define SYNC_MAX_WAITS 256u

/* One client's timeline syncs: 64-bit counters, and waits for values of them. */
struct sync_set {
    struct id_table syncs;
    uint32_t next_id;
    struct sync_wait *waits; /* newest first */
    unsigned wait_count;
};

/* Let a sync reach a value. */
struct sync_point {
    uint32_t sync_id;
    uint64_t value;
};

/* An all-zero struct is an empty set. Ends the waits without signalling them. */
void sync_set_finish(struct sync_set *set);

/* Make a sync; its id in *id. Returns 0, -ENOMEM, or -ENOSPC when there are too many. */
int sync_create(struct sync_set *set, uint64_t value, uint32_t *id);

/* Unknown ids are ignored. Waits for the sync can then not be reached by it any more. */
void sync_unref(struct sync_set *set, uint32_t id);

/* False for an unknown id. */
bool sync_read(const struct sync_set *set, uint32_t id, uint64_t *value);

/*
 * Set a value, lower ones too, and signal the waits that it completes. False for an unknown id.
 */
bool sync_write(struct sync_set *set, uint32_t id, uint64_t value);

/*
 * Wait for all points, or any of them. *fd becomes an eventfd, owned by the caller, that is readable
 * once they are reached, be it at once. timeout_ms tells when the wait may be forgotten: 0 at once,
 * above INT32_MAX never; the descriptor is not signalled by it. Returns 0; -EINVAL for an unknown
 * sync; -ENOSPC for too many waits; another negative errno.
 */
int sync_wait(struct sync_set *set, const struct sync_point *points, uint32_t count, bool any,
              uint32_t timeout_ms, int *fd);

#endif
