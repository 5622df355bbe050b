/* SPDX-License-Identifier: MIT */
#include "id_table.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

#define FIRST_CAPACITY 64u

/* Ids are mostly consecutive: an odd factor spreads those that a client chose to collide. */
static uint32_t home(const struct id_table *table, uint32_t id)
{
    return (uint32_t) ((id * 0x9e3779b97f4a7c15ull) >> 32) & (table->capacity - 1);
}

void id_table_finish(struct id_table *table)
{
    free(table->entries);
    *table = (struct id_table) {0};
}

static struct id_entry *place_of(const struct id_table *table, uint32_t id)
{
    uint32_t i = home(table, id);

    while (table->entries[i].id != id && table->entries[i].id != 0) {
        i = (i + 1) & (table->capacity - 1);
    }
    return &table->entries[i];
}

void *id_table_find(const struct id_table *table, uint32_t id)
{
    return table->count == 0 || id == 0 ? NULL : place_of(table, id)->value;
}

static int grow(struct id_table *table)
{
    struct id_table bigger = {
        .capacity = table->capacity ? table->capacity * 2 : FIRST_CAPACITY,
        .count = table->count,
    };

    if (bigger.capacity == 0) {
        return -ENOMEM;
    }
    bigger.entries = calloc(bigger.capacity, sizeof(*bigger.entries));
    if (!bigger.entries) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < table->capacity; i++) {
        if (table->entries[i].id != 0) {
            *place_of(&bigger, table->entries[i].id) = table->entries[i];
        }
    }
    free(table->entries);
    *table = bigger;
    return 0;
}

int id_table_insert(struct id_table *table, uint32_t id, void *value)
{
    /* Half full at most, so that a search always meets a free place soon. */
    if (table->count >= table->capacity / 2) {
        int error = grow(table);

        if (error) {
            return error;
        }
    }
    *place_of(table, id) = (struct id_entry) {id, value};
    table->count++;
    return 0;
}

void *id_table_remove(struct id_table *table, uint32_t id)
{
    uint32_t mask = table->capacity - 1;
    struct id_entry *gone;
    uint32_t hole;
    void *value;

    if (table->count == 0 || id == 0) {
        return NULL;
    }
    gone = place_of(table, id);
    value = gone->value;
    if (!value) {
        return NULL;
    }

    /* Close the gap: move back whatever would not be found behind it. */
    hole = (uint32_t) (gone - table->entries);
    for (uint32_t i = (hole + 1) & mask; table->entries[i].id != 0; i = (i + 1) & mask) {
        uint32_t distance = (i - home(table, table->entries[i].id)) & mask;

        if (distance >= ((i - hole) & mask)) {
            table->entries[hole] = table->entries[i];
            hole = i;
        }
    }
    table->entries[hole] = (struct id_entry) {0, NULL};
    table->count--;
    return value;
}

void id_table_clear(struct id_table *table, void (*drop)(void *value, void *data), void *data)
{
    for (uint32_t i = 0; i < table->capacity; i++) {
        if (table->entries[i].id != 0) {
            drop(table->entries[i].value, data);
        }
    }
    id_table_finish(table);
}
