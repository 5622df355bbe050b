/* SPDX-License-Identifier: MIT */
#ifndef FUZZ_STREAM_COMMON_H
#define FUZZ_STREAM_COMMON_H

/*
 * Command streams with state, for any back end. An input is a list of steps; each starts with an
 * operation byte. Bit 3 gathers the step's commands for a later submission instead of submitting
 * them, bit 4 chooses the context, and the low three bits are:
 *
 *   0, 1  a command: number, object type, dword count, dwords
 *   2, 3  a random valid command: case, seed (2 bytes), a byte that says whether its payload
 *         shrinks to small numbers (bits 3 and 4) and how many patches follow (position, value);
 *         values pick from numbers that matter
 *   4     raw dwords: count (2 bytes), dwords
 *   5     submit what has been gathered, to context 1 or 2
 *   6     something that the host side does: resources, pages, contexts, transfers
 *   7     a shader: handle, which text, whether to bind it
 *
 * A few resources and objects of every kind exist from the start, with numbers from 1 on. A context
 * that fails is made anew.
 */

#include <stddef.h>
#include <stdint.h>

struct backend;
struct log;

/* Made once per process; its contexts and resources are reset after every input. */
struct backend *fuzz_backend_create(struct log *log);
/* After an input, when everything is gone: aborts if the back end still holds something. */
void fuzz_backend_check(struct backend *backend);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
