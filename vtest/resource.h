/* SPDX-License-Identifier: MIT */
#ifndef VTEST_RESOURCE_H
#define VTEST_RESOURCE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "id_table.h"
#include "shm.h"

/* The most resources of one client. */
#define RESOURCE_MAX_COUNT (1u << 20)

/* A resource of one client, which the renderer knows by the same id. */
struct resource {
    uint32_t id;
    struct shm shm;      /* backing shared with the client, or none */
    struct iovec backing; /* the array that the renderer holds while it is attached */
};

/* A client's resources and the shared memory they hold. */
struct resource_set {
    struct id_table table;
    size_t shm_bytes;
};

/* An all-zero struct is an empty set. Gives every resource back to the renderer. */
void resource_set_finish(struct resource_set *set);

struct resource *resource_find(const struct resource_set *set, uint32_t id);

/*
 * Add a resource that the renderer has made, and take over its shared memory; `shm` may be NULL. On
 * success *out is the resource. On failure nothing is taken over. Returns 0 or a negative errno.
 */
int resource_add(struct resource_set *set, uint32_t id, struct shm *shm, struct resource **out);

/* Give a resource back to the renderer and free it. Unknown ids are ignored. */
void resource_remove(struct resource_set *set, uint32_t id);

#endif
