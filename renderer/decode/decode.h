/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_DECODE_H
#define MANTUA_DECODE_H

/*
 * The command loop. Takes the dwords of one submission apart, checks every command's form (length,
 * enums, counts) with the generated unpackers and hands it to the front as a typed struct.
 */

#include <stdint.h>

struct front_context;

/* Runs one submission of a context: makes its current sub-context current, runs the commands in
 * order, flushes. Stops at the first command that fails; that marks the context, and later
 * submissions are refused (context 0 is never refused). words must not change meanwhile; copy them
 * first when the guest can write to them.
 *
 * Returns 0, or EINVAL when a command failed or the context was in the error state before. The
 * mistake has been logged with context, command, field, value and limit. */
int decode_submit(struct front_context *ctx, const uint32_t *words, uint32_t length_dwords);

#endif
