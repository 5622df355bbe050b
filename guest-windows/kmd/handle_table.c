/* SPDX-License-Identifier: MIT */
#include "handle_table.h"

#include "os.h"

#include <string.h>

#define TAG OS_TAG('M', 'n', 'H', 'd')
#define FIRST_SLOTS 64u

/* A handle is the generation over the slot's index + 1; the lower half is therefore never 0. */
#define INDEX_BITS 16u
#define INDEX_MASK 0xffffu

struct handle_slot {
    void *object; /* NULL when free */
    uint32_t next_free;
    uint16_t generation;
    uint16_t kind;
};

void handle_table_init(struct handle_table *table)
{
    memset(table, 0, sizeof(*table));
}

void handle_table_finish(struct handle_table *table, handle_destroy_fn *destroy, void *opaque)
{
    struct handle_slot *slots = table->slots;
    uint32_t num_slots = table->num_slots;

    handle_table_init(table);
    for (uint32_t kind = HANDLE_NUM_KINDS - 1; kind > HANDLE_NONE; kind--) {
        for (uint32_t i = 0; i < num_slots; i++) {
            if (slots[i].object && slots[i].kind == kind)
                destroy(opaque, (enum handle_kind)kind, slots[i].object);
        }
    }
    os_free(slots, TAG);
}

static bool grow(struct handle_table *table)
{
    uint32_t old = table->num_slots;
    uint32_t count = old ? old * 2 : FIRST_SLOTS;

    if (old >= HANDLE_TABLE_MAX)
        return false;
    if (count > HANDLE_TABLE_MAX)
        count = HANDLE_TABLE_MAX;

    struct handle_slot *slots = os_alloc(count * sizeof(*slots), TAG);
    if (!slots)
        return false;
    if (old > 0)
        memcpy(slots, table->slots, old * sizeof(*slots));
    os_free(table->slots, TAG);
    for (uint32_t i = old; i < count; i++)
        slots[i].next_free = i + 1 < count ? i + 2 : 0;
    table->slots = slots;
    table->num_slots = count;
    table->first_free = old + 1;
    return true;
}

uint32_t handle_table_add(struct handle_table *table, enum handle_kind kind, void *object)
{
    if (!table->first_free && !grow(table))
        return 0;

    uint32_t index = table->first_free - 1;
    struct handle_slot *slot = &table->slots[index];
    table->first_free = slot->next_free;
    table->num_used++;
    slot->object = object;
    slot->kind = (uint16_t)kind;
    slot->generation++;
    return (uint32_t)slot->generation << INDEX_BITS | (index + 1);
}

static struct handle_slot *find(const struct handle_table *table, uint32_t handle,
                                enum handle_kind kind)
{
    uint32_t number = handle & INDEX_MASK;

    if (number == 0 || number > table->num_slots)
        return NULL;
    struct handle_slot *slot = &table->slots[number - 1];
    if (!slot->object || slot->kind != kind || slot->generation != handle >> INDEX_BITS)
        return NULL;
    return slot;
}

void *handle_table_get(const struct handle_table *table, uint32_t handle, enum handle_kind kind)
{
    struct handle_slot *slot = find(table, handle, kind);
    return slot ? slot->object : NULL;
}

void *handle_table_remove(struct handle_table *table, uint32_t handle, enum handle_kind kind)
{
    struct handle_slot *slot = find(table, handle, kind);

    if (!slot)
        return NULL;
    void *object = slot->object;
    slot->object = NULL;
    slot->next_free = table->first_free;
    table->first_free = (uint32_t)(slot - table->slots) + 1;
    table->num_used--;
    return object;
}
