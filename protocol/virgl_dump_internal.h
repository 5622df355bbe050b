/* SPDX-License-Identifier: MIT */
#ifndef VIRGL_DUMP_INTERNAL_H
#define VIRGL_DUMP_INTERNAL_H

/* Between the dump (virgl_dump.c) and its generated part (virgl_dump_commands.c). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virgl_dump.h"
#include "virgl_unpack.h"

#define VIRGL_DUMP_LINE_BYTES 256

/* One command's text on its way out: items are joined by blanks and broken into lines. */
struct virgl_dump {
    virgl_dump_line_func *line;
    void *user;
    char text[VIRGL_DUMP_LINE_BYTES];
    size_t used_bytes;
};

struct virgl_dump_name {
    uint32_t value;
    const char *name; /* NULL ends the table */
};

void virgl_dump_uint(struct virgl_dump *out, const char *name, uint64_t value);
void virgl_dump_int(struct virgl_dump *out, const char *name, int32_t value);
void virgl_dump_bool(struct virgl_dump *out, const char *name, bool value);
void virgl_dump_float(struct virgl_dump *out, const char *name, double value);
void virgl_dump_id(struct virgl_dump *out, const char *name, uint32_t value);
void virgl_dump_format(struct virgl_dump *out, const char *name, uint32_t value);
void virgl_dump_enum(struct virgl_dump *out, const char *name, uint32_t value,
                     const struct virgl_dump_name *names);
void virgl_dump_flags(struct virgl_dump *out, const char *name, uint32_t value,
                      const struct virgl_dump_name *names);

/* Starts a new line for entry `index` of an array. */
void virgl_dump_entry(struct virgl_dump *out, const char *name, uint32_t index);

void virgl_dump_ids(struct virgl_dump *out, const char *name, const uint32_t *ids, uint32_t count);
void virgl_dump_words(struct virgl_dump *out, const char *name, const uint32_t *words,
                      uint32_t count);
void virgl_dump_floats(struct virgl_dump *out, const char *name, const float *values,
                       uint32_t count);
/* Text up to its NUL, one line each; other bytes than printable ones as dots. */
void virgl_dump_text(struct virgl_dump *out, const char *name, const uint32_t *words,
                     uint32_t count);

/* Generated. Print the fields and return true, or return false: an invalid payload fills `err`, an
 * unknown number leaves it alone. */
bool virgl_dump_command(struct virgl_dump *out, uint32_t command, const uint32_t *payload,
                        uint32_t length_dwords, struct virgl_unpack_error *err);
bool virgl_dump_object(struct virgl_dump *out, uint32_t object_type, const uint32_t *payload,
                       uint32_t length_dwords, struct virgl_unpack_error *err);

#endif /* VIRGL_DUMP_INTERNAL_H */
