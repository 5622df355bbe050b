/* SPDX-License-Identifier: MIT */
#include "handle_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    MIN_DIRECT_SIZE = 64,
    MIN_SLOT_BITS = 6,
};

static uint32_t home_slot(const struct handle_table *table, uint32_t handle)
{
    return (uint32_t)((handle * table->secret) >> (64 - table->slot_bits));
}

void handle_table_finish(struct handle_table *table)
{
    free(table->direct);
    free(table->slots);
    memset(table, 0, sizeof(*table));
}

static struct handle_slot *find(const struct handle_table *table, uint32_t handle)
{
    uint32_t mask = (1u << table->slot_bits) - 1;

    for (uint32_t i = home_slot(table, handle); table->slots[i].value; i = (i + 1) & mask) {
        if (table->slots[i].handle == handle)
            return &table->slots[i];
    }
    return NULL;
}

void *handle_table_find_slot(const struct handle_table *table, uint32_t handle)
{
    struct handle_slot *slot = find(table, handle);

    return slot ? slot->value : NULL;
}

static int grow_direct(struct handle_table *table, uint32_t handle)
{
    uint32_t size = table->direct_size ? table->direct_size : MIN_DIRECT_SIZE;
    void **direct;

    while (size <= handle)
        size *= 2;
    direct = realloc(table->direct, size * sizeof(*direct));
    if (!direct)
        return ENOMEM;
    memset(direct + table->direct_size, 0, (size - table->direct_size) * sizeof(*direct));
    table->direct = direct;
    table->direct_size = size;
    return 0;
}

static void insert(struct handle_table *table, uint32_t handle, void *value)
{
    uint32_t mask = (1u << table->slot_bits) - 1;
    uint32_t i = home_slot(table, handle);

    while (table->slots[i].value)
        i = (i + 1) & mask;
    table->slots[i].handle = handle;
    table->slots[i].value = value;
    table->slots_used++;
}

static int grow_slots(struct handle_table *table)
{
    struct handle_table bigger = *table;

    if (!table->slot_bits && getrandom(&bigger.secret, sizeof(bigger.secret), GRND_NONBLOCK) !=
                                 sizeof(bigger.secret))
        bigger.secret = (uintptr_t)table * 0x9e3779b97f4a7c15ull;
    bigger.secret |= 1;
    bigger.slot_bits = table->slot_bits ? table->slot_bits + 1 : MIN_SLOT_BITS;
    bigger.slots_used = 0;
    if (bigger.slot_bits > 31)
        return ENOMEM;
    bigger.slots = calloc((size_t)1 << bigger.slot_bits, sizeof(*bigger.slots));
    if (!bigger.slots)
        return ENOMEM;
    for (uint32_t i = 0; table->slot_bits && i < 1u << table->slot_bits; i++) {
        if (table->slots[i].value)
            insert(&bigger, table->slots[i].handle, table->slots[i].value);
    }
    free(table->slots);
    *table = bigger;
    return 0;
}

int handle_table_set(struct handle_table *table, uint32_t handle, void *value)
{
    struct handle_slot *slot;

    if (handle < HANDLE_TABLE_DIRECT_LIMIT) {
        if (handle >= table->direct_size && grow_direct(table, handle) != 0)
            return ENOMEM;
        table->count += !table->direct[handle];
        table->direct[handle] = value;
        return 0;
    }
    slot = table->slot_bits ? find(table, handle) : NULL;
    if (slot) {
        slot->value = value;
        return 0;
    }
    /* At most half full: probes stay short, and there is always a free slot to stop at. */
    if (!table->slot_bits || table->slots_used >= 1u << (table->slot_bits - 1)) {
        if (grow_slots(table) != 0)
            return ENOMEM;
    }
    insert(table, handle, value);
    table->count++;
    return 0;
}

/* Closes the gap at slot i, so that every probe sequence stays unbroken. */
static void close_gap(struct handle_table *table, uint32_t i)
{
    uint32_t mask = (1u << table->slot_bits) - 1;

    for (uint32_t j = (i + 1) & mask; table->slots[j].value; j = (j + 1) & mask) {
        uint32_t home = home_slot(table, table->slots[j].handle);

        /* May the entry at j move to i? Only when i lies between its home and j. */
        if (((j - home) & mask) >= ((j - i) & mask)) {
            table->slots[i] = table->slots[j];
            i = j;
        }
    }
    table->slots[i].value = NULL;
    table->slots_used--;
}

void *handle_table_remove(struct handle_table *table, uint32_t handle)
{
    struct handle_slot *slot;
    void *value;

    if (handle < HANDLE_TABLE_DIRECT_LIMIT) {
        if (handle >= table->direct_size || !table->direct[handle])
            return NULL;
        value = table->direct[handle];
        table->direct[handle] = NULL;
        table->count--;
        return value;
    }
    slot = table->slot_bits ? find(table, handle) : NULL;
    if (!slot)
        return NULL;
    value = slot->value;
    close_gap(table, (uint32_t)(slot - table->slots));
    table->count--;
    return value;
}

void handle_table_each(const struct handle_table *table, void (*visit)(void *value, void *user),
                       void *user)
{
    for (uint32_t i = 0; i < table->direct_size; i++) {
        if (table->direct[i])
            visit(table->direct[i], user);
    }
    for (uint32_t i = 0; table->slot_bits && i < 1u << table->slot_bits; i++) {
        if (table->slots[i].value)
            visit(table->slots[i].value, user);
    }
}
