/* SPDX-License-Identifier: MIT */
#include "id_table.h"

#include <stdlib.h>
#include <sys/random.h>

enum { MIN_CAPACITY = 16 };

void id_table_init(struct id_table *table)
{
    uint32_t seed = 0;

    /* Without entropy the table still works; only the protection from chosen collisions is gone. */
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed) {
        seed = 0;
    }
    *table = (struct id_table){.multiplier = (0x9e3779b1u ^ seed) | 1};
}

void id_table_finish(struct id_table *table)
{
    free(table->slots);
    table->slots = NULL;
    table->capacity = 0;
    table->count = 0;
}

static uint32_t home(const struct id_table *table, uint32_t id)
{
    return (id * table->multiplier) >> table->shift;
}

static void place(struct id_table *table, uint32_t id, void *value)
{
    uint32_t mask = table->capacity - 1;
    uint32_t i = home(table, id);

    while (table->slots[i].id != 0) {
        i = (i + 1) & mask;
    }
    table->slots[i] = (struct id_slot){id, value};
}

static bool grow(struct id_table *table)
{
    struct id_table old = *table;
    uint32_t capacity = old.capacity ? old.capacity * 2 : MIN_CAPACITY;
    struct id_slot *slots = capacity ? calloc(capacity, sizeof *slots) : NULL;

    if (slots == NULL) {
        return false;
    }
    table->slots = slots;
    table->capacity = capacity;
    table->shift = 32 - __builtin_ctz(capacity);
    for (uint32_t i = 0; i < old.capacity; i++) {
        if (old.slots[i].id != 0) {
            place(table, old.slots[i].id, old.slots[i].value);
        }
    }
    free(old.slots);
    return true;
}

bool id_table_insert(struct id_table *table, uint32_t id, void *value)
{
    /* At most half full, so that runs of taken slots stay short. */
    if (table->count >= table->capacity / 2 && !grow(table)) {
        return false;
    }
    place(table, id, value);
    table->count++;
    return true;
}

void *id_table_remove(struct id_table *table, uint32_t id)
{
    if (table->count == 0 || id == 0) {
        return NULL;
    }
    uint32_t mask = table->capacity - 1;
    uint32_t hole = home(table, id);

    while (table->slots[hole].id != id) {
        if (table->slots[hole].id == 0) {
            return NULL;
        }
        hole = (hole + 1) & mask;
    }
    void *value = table->slots[hole].value;

    /* Close the gap: what comes later in the run moves up unless that puts it before its home. */
    for (uint32_t i = (hole + 1) & mask; table->slots[i].id != 0; i = (i + 1) & mask) {
        uint32_t distance_home = (i - home(table, table->slots[i].id)) & mask;

        if (distance_home >= ((i - hole) & mask)) {
            table->slots[hole] = table->slots[i];
            hole = i;
        }
    }
    table->slots[hole] = (struct id_slot){0, NULL};
    table->count--;
    return value;
}

void *id_table_next(const struct id_table *table, uint32_t *cursor)
{
    while (*cursor < table->capacity) {
        const struct id_slot *slot = &table->slots[(*cursor)++];

        if (slot->id != 0) {
            return slot->value;
        }
    }
    return NULL;
}

void *id_table_first(const struct id_table *table, uint32_t *id)
{
    for (uint32_t i = 0; table->count && i < table->capacity; i++) {
        if (table->slots[i].id != 0) {
            *id = table->slots[i].id;
            return table->slots[i].value;
        }
    }
    return NULL;
}
