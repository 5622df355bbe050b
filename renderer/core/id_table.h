/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_CORE_ID_TABLE_H
#define MANTUA_CORE_ID_TABLE_H

/*
 * Objects by a number that the guest chose. Lookup costs one or two memory accesses; numbers that
 * were picked to collide do not help, for every table hashes in its own way.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id_slot {
    uint32_t id; /* 0: free */
    void *value;
};

struct id_table {
    struct id_slot *slots;
    uint32_t capacity; /* 0 or a power of two */
    uint32_t shift;    /* 32 - log2(capacity) */
    uint32_t count;
    uint32_t multiplier;
};

void id_table_init(struct id_table *table);

/* Frees the table, not the values. */
void id_table_finish(struct id_table *table);

/* id is not 0, not in the table, and value is not NULL. False: out of memory. */
bool id_table_insert(struct id_table *table, uint32_t id, void *value);

/* The value that was taken out, or NULL. */
void *id_table_remove(struct id_table *table, uint32_t id);

static inline void *id_table_find(const struct id_table *table, uint32_t id)
{
    if (table->count == 0 || id == 0) {
        return NULL;
    }
    uint32_t mask = table->capacity - 1;
    for (uint32_t i = (id * table->multiplier) >> table->shift;; i++) {
        const struct id_slot *slot = &table->slots[i & mask];

        if (slot->id == id) {
            return slot->value;
        }
        if (slot->id == 0) {
            return NULL;
        }
    }
}

/* Visits all values in no order: start with *cursor 0; NULL at the end. The table must not change
 * meanwhile, except that all of it may be emptied by taking id_table_first() again and again. */
void *id_table_next(const struct id_table *table, uint32_t *cursor);

/* Any value, with its number in *id; NULL when the table is empty. */
void *id_table_first(const struct id_table *table, uint32_t *id);

#endif
