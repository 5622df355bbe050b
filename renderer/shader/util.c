/* SPDX-License-Identifier: MIT */
#include "util.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES 16384

struct sh_arena_chunk {
    struct sh_arena_chunk *older;
    max_align_t data[];
};

void *sh_arena_alloc(struct sh_arena *arena, size_t bytes)
{
    const size_t align = _Alignof(max_align_t);
    void *p;

    if (bytes > SIZE_MAX / 2) {
        arena->failed = true;
        return NULL;
    }
    bytes = (bytes + align - 1) & ~(align - 1);
    if (bytes > arena->left) {
        size_t chunk_bytes = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
        struct sh_arena_chunk *chunk = malloc(sizeof(*chunk) + chunk_bytes);

        if (!chunk) {
            arena->failed = true;
            return NULL;
        }
        chunk->older = arena->chunks;
        arena->chunks = chunk;
        if (bytes > CHUNK_BYTES / 2 && arena->left) /* keep filling the smaller one */
            return memset(chunk->data, 0, bytes);
        arena->next = (char *)chunk->data;
        arena->left = chunk_bytes;
    }
    p = arena->next;
    arena->next += bytes;
    arena->left -= bytes;
    return memset(p, 0, bytes);
}

void *sh_arena_copy(struct sh_arena *arena, const void *data, size_t bytes)
{
    void *p = sh_arena_alloc(arena, bytes);

    if (p && bytes)
        memcpy(p, data, bytes);
    return p;
}

char *sh_arena_printf(struct sh_arena *arena, const char *format, ...)
{
    va_list args;
    char *p;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    p = n < 0 ? NULL : sh_arena_alloc(arena, (size_t)n + 1);
    if (!p)
        return NULL;
    va_start(args, format);
    vsnprintf(p, (size_t)n + 1, format, args);
    va_end(args);
    return p;
}

void sh_arena_finish(struct sh_arena *arena)
{
    while (arena->chunks) {
        struct sh_arena_chunk *older = arena->chunks->older;

        free(arena->chunks);
        arena->chunks = older;
    }
    memset(arena, 0, sizeof(*arena));
}

bool sh_arena_grow(struct sh_arena *arena, void **array, uint32_t count, uint32_t *capacity,
                   size_t element_bytes)
{
    uint32_t wanted = *capacity ? *capacity * 2 : 16;
    void *grown;

    if (count < *capacity)
        return true;
    if (*capacity > UINT32_MAX / 4 || wanted > SIZE_MAX / 4 / element_bytes)
        return false;
    grown = sh_arena_alloc(arena, wanted * element_bytes);
    if (!grown)
        return false;
    if (count)
        memcpy(grown, *array, count * element_bytes);
    *array = grown;
    *capacity = wanted;
    return true;
}

void sh_text_finish(struct sh_text *text)
{
    free(text->data);
    memset(text, 0, sizeof(*text));
}

static bool reserve(struct sh_text *text, size_t more_bytes)
{
    size_t wanted = text->length + more_bytes + 1;
    char *grown;

    if (text->failed)
        return false;
    if (wanted <= text->capacity)
        return true;
    if (wanted < text->capacity * 2)
        wanted = text->capacity * 2;
    if (wanted < 256)
        wanted = 256;
    grown = realloc(text->data, wanted);
    if (!grown) {
        text->failed = true;
        return false;
    }
    text->data = grown;
    text->capacity = wanted;
    return true;
}

void sh_text_append(struct sh_text *text, const char *s, size_t bytes)
{
    if (!reserve(text, bytes))
        return;
    memcpy(text->data + text->length, s, bytes);
    text->length += bytes;
    text->data[text->length] = 0;
}

void sh_text_puts(struct sh_text *text, const char *s)
{
    sh_text_append(text, s, strlen(s));
}

void sh_text_vprintf(struct sh_text *text, const char *format, va_list args)
{
    va_list again;
    int n;

    if (!reserve(text, 128))
        return;
    va_copy(again, args);
    n = vsnprintf(text->data + text->length, text->capacity - text->length, format, args);
    if (n >= 0 && (size_t)n >= text->capacity - text->length && reserve(text, (size_t)n))
        n = vsnprintf(text->data + text->length, text->capacity - text->length, format, again);
    va_end(again);
    if (n < 0)
        text->failed = true;
    if (!text->failed)
        text->length += (size_t)n;
}

void sh_text_printf(struct sh_text *text, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    sh_text_vprintf(text, format, args);
    va_end(args);
}

void sh_error(struct shader_error *err, uint32_t line, const char *format, ...)
{
    va_list args;

    if (!err || err->message[0]) /* the first cause counts */
        return;
    err->line = line;
    va_start(args, format);
    vsnprintf(err->message, sizeof(err->message), format, args);
    va_end(args);
}
