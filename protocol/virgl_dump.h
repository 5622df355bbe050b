/* SPDX-License-Identifier: MIT */
#ifndef VIRGL_DUMP_H
#define VIRGL_DUMP_H

/*
 * A readable form of a virgl stream, for traces, tests and bug reports. Works on any words: what is
 * not a valid command is shown as such with its words, and a payload that would run past the end
 * ends the dump. Reads nothing outside the given dwords, keeps no state, allocates nothing; may be
 * called from any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Receives one line at a time, without newline; valid during the call alone. */
typedef void virgl_dump_line_func(void *user, const char *line);

/* Dumps `dwords` dwords. Returns whether every command was valid. */
bool virgl_dump_stream(const uint32_t *stream, size_t dwords, virgl_dump_line_func *line,
                       void *user);

#endif /* VIRGL_DUMP_H */
