/* SPDX-License-Identifier: MIT */
#ifndef SHADER_TEST_H
#define SHADER_TEST_H

/* A test as text: what README.md beside this file describes. */

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "virgl_protocol.h"

#define SHADER_TEST_MAX_VALUES 1024

enum value_kind {
    VALUE_FLOAT, /* compared as a float, within the tolerance */
    VALUE_BITS,  /* compared exactly */
    VALUE_ANY,   /* only in expectations: not compared */
};

struct value {
    enum value_kind kind;
    uint32_t bits;
};

struct shader_test_line {
    unsigned number; /* in the file, from 1 */
    GStrv words;
};

struct shader_test {
    char *name;
    char *shaders[VIRGL_SHADER_STAGE_COUNT]; /* NULL: not in the file */
    uint32_t shared_bytes;                   /* of the compute shader */
    GPtrArray *requirements, *vertices, *commands; /* of struct shader_test_line */
};

/* NULL with a message (the caller frees) when the file cannot be read or is malformed. */
struct shader_test *shader_test_load(const char *path, char **message);
void shader_test_free(struct shader_test *test);

/* Words of a line as values; a double makes two. -1 with a message for malformed ones. */
int shader_test_values(char *const *words, struct value values[SHADER_TEST_MAX_VALUES],
                       char **message);

/* VIRGL_SHADER_STAGE_COUNT when there is no such stage. */
unsigned shader_test_stage(const char *name);

#endif /* SHADER_TEST_H */
