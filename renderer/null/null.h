/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_NULL_H
#define MANTUA_NULL_H

/*
 * A back end without a GPU. Resources live in ordinary memory, so transfers, copies and texture
 * clears are exact; draws, clears and blits are counted and draw nothing; queries answer 0 at once.
 * It claims every feature that the front can check for. For fuzzing, and for measuring everything
 * above the function table alone.
 */

#include <stdint.h>

struct backend;
struct log;

struct null_counts {
    uint64_t contexts, objects, resources; /* alive */
    uint64_t draws, grids, clears, blits, copies, flushes;
};

/* NULL when out of memory. backend->limits may be lowered before first use. */
struct backend *null_backend_create(struct log *log, uint32_t debug);
const struct null_counts *null_backend_counts(const struct backend *backend);

#endif
