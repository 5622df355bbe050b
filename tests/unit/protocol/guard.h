/* SPDX-License-Identifier: MIT */
#ifndef GUARD_H
#define GUARD_H

/* Memory whose end touches an unreadable page: the first byte read too far ends the test. */

#include <stddef.h>
#include <stdint.h>

struct guard {
    uint8_t *base;
    size_t usable_bytes;
};

void guard_init(struct guard *guard, size_t usable_bytes);
void guard_finish(struct guard *guard);

/* Copies `dwords` dwords flush against the end. `words` may be NULL when dwords is 0. */
const uint32_t *guard_place(struct guard *guard, const uint32_t *words, size_t dwords);

#endif /* GUARD_H */
