/* SPDX-License-Identifier: MIT */
#ifndef GUEST_HEAP_H
#define GUEST_HEAP_H

/* Pages of guest memory that can be given back, for guests that run for long. */

#include <stddef.h>
#include <stdint.h>

struct guest_heap;

/* Manages bytes from start on, both multiples of the page size. */
struct guest_heap *guest_heap_new(uint64_t start, uint64_t bytes);
void guest_heap_free(struct guest_heap *heap);

/* Address of whole pages that hold bytes; 0 when there is no room. */
uint64_t guest_heap_alloc(struct guest_heap *heap, size_t bytes);
/* With the same number of bytes as in alloc. */
void guest_heap_release(struct guest_heap *heap, uint64_t address, size_t bytes);

#endif
