/* SPDX-License-Identifier: MIT */
#include "guard.h"

#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void guard_init(struct guard *guard, size_t usable_bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t usable = (usable_bytes + page - 1) / page * page;

    guard->base = mmap(NULL, usable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                       -1, 0);
    g_assert_true(guard->base != MAP_FAILED);
    g_assert_cmpint(mprotect(guard->base + usable, page, PROT_NONE), ==, 0);
    guard->usable_bytes = usable;
}

void guard_finish(struct guard *guard)
{
    munmap(guard->base, guard->usable_bytes + (size_t)sysconf(_SC_PAGESIZE));
}

const uint32_t *guard_place(struct guard *guard, const uint32_t *words, size_t dwords)
{
    uint8_t *start = guard->base + guard->usable_bytes - 4 * dwords;

    g_assert_cmpuint(4 * dwords, <=, guard->usable_bytes);
    if (dwords > 0)
        memcpy(start, words, 4 * dwords);
    return (const uint32_t *)start;
}
