/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_HANDLE_TABLE_H
#define MANTUA_HANDLE_TABLE_H

#include <stdint.h>

/* The objects of one process, by number. A handle is looked up together with its kind, and carries
 * a generation: a handle that was removed stays wrong when its slot is used again, until the
 * generation has gone round. No locks inside: the process's lock guards its table. */

enum handle_kind {
    HANDLE_NONE = 0,
    HANDLE_CONTEXT = 1,
    HANDLE_RESOURCE = 2,
    HANDLE_NUM_KINDS,
};

/* Most objects of a process. */
#define HANDLE_TABLE_MAX 65535u

struct handle_slot;

struct handle_table {
    struct handle_slot *slots; /* NULL before the first object */
    uint32_t num_slots;
    uint32_t first_free; /* slot index + 1, 0 for none */
    uint32_t num_used;
};

/* What ends an object; the table no longer knows it when this is called. */
typedef void handle_destroy_fn(void *opaque, enum handle_kind kind, void *object);

void handle_table_init(struct handle_table *table);
/* Destroys every object, resources before contexts, and frees the table. It is empty then, and can
 * be used again. IRQL <= DISPATCH, or what `destroy` needs. */
void handle_table_finish(struct handle_table *table, handle_destroy_fn *destroy, void *opaque);

/* The new handle, or 0 when memory or numbers ran out; `object` is then still the caller's and not
 * in the table. `object` is not NULL. */
uint32_t handle_table_add(struct handle_table *table, enum handle_kind kind, void *object);
/* The object, or NULL when no handle of that value and kind lives. */
void *handle_table_get(const struct handle_table *table, uint32_t handle, enum handle_kind kind);
/* As get, and forgets the handle; the object becomes the caller's. */
void *handle_table_remove(struct handle_table *table, uint32_t handle, enum handle_kind kind);

#endif
