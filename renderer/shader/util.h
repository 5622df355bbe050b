/* SPDX-License-Identifier: MIT */
/* Memory and text building of the translator. Failures are sticky: check once at the end. */
#ifndef MANTUA_SHADER_UTIL_H
#define MANTUA_SHADER_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shader.h"

/* Bump allocator; everything in it is freed at once. */
struct sh_arena {
    struct sh_arena_chunk *chunks;
    char *next;
    size_t left;
    bool failed; /* an allocation returned NULL */
};

void *sh_arena_alloc(struct sh_arena *arena, size_t bytes); /* zeroed; NULL without memory */
void *sh_arena_copy(struct sh_arena *arena, const void *data, size_t bytes);
char *sh_arena_printf(struct sh_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void sh_arena_finish(struct sh_arena *arena);

/*
 * Room for one more element in a growing array inside an arena: doubles the capacity, so the
 * garbage left behind is bounded by the final size.
 */
bool sh_arena_grow(struct sh_arena *arena, void **array, uint32_t count, uint32_t *capacity,
                   size_t element_bytes);

struct sh_text {
    char *data;
    size_t length, capacity;
    bool failed;
};

void sh_text_finish(struct sh_text *text);
void sh_text_puts(struct sh_text *text, const char *s);
void sh_text_append(struct sh_text *text, const char *s, size_t bytes);
void sh_text_printf(struct sh_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void sh_text_vprintf(struct sh_text *text, const char *format, va_list args);

void sh_error(struct shader_error *err, uint32_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
