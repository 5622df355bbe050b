/* SPDX-License-Identifier: MIT */
#ifndef VTEST_ID_TABLE_H
#define VTEST_ID_TABLE_H

#include <stdint.h>

/* Finds a client's things by their non-zero 32-bit id. The table does not own what it points to. */
struct id_table {
    struct id_entry *entries; /* open addressing, linear probing; id 0 is a free place */
    uint32_t capacity;        /* 0 or a power of two */
    uint32_t count;
};

struct id_entry {
    uint32_t id;
    void *value;
};

/* An all-zero struct is an empty table. Frees the table only. */
void id_table_finish(struct id_table *table);

/* NULL when there is no such id. */
void *id_table_find(const struct id_table *table, uint32_t id);

/* The id must be non-zero and new, the value not NULL. Returns 0 or -ENOMEM. */
int id_table_insert(struct id_table *table, uint32_t id, void *value);

/* Returns what was stored, NULL when there is no such id. */
void *id_table_remove(struct id_table *table, uint32_t id);

/* Empties the table; `drop` gets each value once. */
void id_table_clear(struct id_table *table, void (*drop)(void *value, void *data), void *data);

#endif
