/* SPDX-License-Identifier: MIT */
#include "guest_heap.h"

#include <glib.h>

#include "guest.h"

struct range {
    uint64_t start;
    uint64_t bytes;
};

struct guest_heap {
    GArray *free; /* of struct range, by address, never adjacent */
};

static uint64_t whole_pages(size_t bytes)
{
    return (MAX(bytes, 1) + GUEST_PAGE_BYTES - 1) & ~(uint64_t)(GUEST_PAGE_BYTES - 1);
}

struct guest_heap *guest_heap_new(uint64_t start, uint64_t bytes)
{
    struct guest_heap *heap = g_new0(struct guest_heap, 1);
    struct range all = {start, bytes};
    heap->free = g_array_new(FALSE, FALSE, sizeof(struct range));
    g_array_append_val(heap->free, all);
    return heap;
}

void guest_heap_free(struct guest_heap *heap)
{
    g_array_free(heap->free, TRUE);
    g_free(heap);
}

uint64_t guest_heap_alloc(struct guest_heap *heap, size_t bytes)
{
    uint64_t wanted = whole_pages(bytes);
    for (guint i = 0; i < heap->free->len; i++) {
        struct range *range = &g_array_index(heap->free, struct range, i);
        if (range->bytes < wanted)
            continue;
        uint64_t address = range->start;
        range->start += wanted;
        range->bytes -= wanted;
        if (!range->bytes)
            g_array_remove_index(heap->free, i);
        return address;
    }
    return 0;
}

void guest_heap_release(struct guest_heap *heap, uint64_t address, size_t bytes)
{
    struct range given = {address, whole_pages(bytes)};
    guint at = 0;
    while (at < heap->free->len && g_array_index(heap->free, struct range, at).start < address)
        at++;
    g_array_insert_val(heap->free, at, given);
    for (guint i = at ? at - 1 : 0; i + 1 < heap->free->len && i <= at;) {
        struct range *a = &g_array_index(heap->free, struct range, i);
        struct range *b = a + 1;
        g_assert_cmpuint(a->start + a->bytes, <=, b->start);
        if (a->start + a->bytes == b->start) {
            a->bytes += b->bytes;
            g_array_remove_index(heap->free, i + 1);
        } else {
            i++;
        }
    }
}
