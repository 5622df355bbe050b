/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_FRONT_HANDLE_TABLE_H
#define MANTUA_FRONT_HANDLE_TABLE_H

/*
 * From the numbers that a guest chose (object handles, resource ids) to pointers. Small numbers
 * index an array, others live in a hash table. The hash has a secret, so that a guest cannot choose
 * numbers that collide. Values are never NULL.
 */

#include <stddef.h>
#include <stdint.h>

enum {
    HANDLE_TABLE_DIRECT_LIMIT = 16384,
};

struct handle_slot {
    uint32_t handle;
    void *value; /* NULL: free */
};

struct handle_table {
    void **direct;
    uint32_t direct_size;
    uint32_t slot_bits; /* 2^slot_bits slots; 0 while there are none */
    uint32_t slots_used;
    uint32_t count; /* values in both parts */
    uint64_t secret;
    struct handle_slot *slots;
};

/* A zeroed table is empty and valid. Frees the table, not the values. */
void handle_table_finish(struct handle_table *table);

void *handle_table_find_slot(const struct handle_table *table, uint32_t handle);

static inline void *handle_table_get(const struct handle_table *table, uint32_t handle)
{
    if (handle < table->direct_size)
        return table->direct[handle];
    return table->slot_bits ? handle_table_find_slot(table, handle) : NULL;
}

/* Adds or replaces; the caller disposes of the old value. 0 or ENOMEM (table unchanged). */
int handle_table_set(struct handle_table *table, uint32_t handle, void *value);

/* Returns the value that was there, or NULL. */
void *handle_table_remove(struct handle_table *table, uint32_t handle);

/* Calls visit for every value. visit must not change the table. */
void handle_table_each(const struct handle_table *table, void (*visit)(void *value, void *user),
                       void *user);

#endif
