/* SPDX-License-Identifier: MIT */
/* virgl-dump FILE: prints a virgl command stream (raw dwords; - reads standard input). */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "virgl_dump.h"

static void print_line(void *user, const char *line)
{
    fprintf(user, "%s\n", line);
}

/* The whole file, or NULL. */
static uint32_t *read_all(FILE *file, size_t *size_bytes)
{
    size_t capacity = 1 << 16, used = 0;
    char *data = malloc(capacity);

    while (data) {
        size_t got = fread(data + used, 1, capacity - used, file);

        used += got;
        if (got == 0)
            break;
        if (used == capacity) {
            char *larger = capacity <= SIZE_MAX / 2 ? realloc(data, capacity * 2) : NULL;

            if (!larger) {
                free(data);
                return NULL;
            }
            data = larger;
            capacity *= 2;
        }
    }
    if (data && ferror(file)) {
        free(data);
        return NULL;
    }
    *size_bytes = used;
    return (uint32_t *)data;
}

int main(int argc, char **argv)
{
    if (argc != 2 || strcmp(argv[1], "--help") == 0) {
        fprintf(argc == 2 ? stdout : stderr,
                "usage: virgl-dump FILE\n"
                "Prints a virgl command stream, raw little-endian dwords; - is standard input.\n"
                "Exit status: 0 every command is valid, 1 some are not, 2 unreadable file.\n");
        return argc == 2 ? 0 : 2;
    }
    FILE *file = strcmp(argv[1], "-") == 0 ? stdin : fopen(argv[1], "rb");
    size_t size_bytes = 0;
    uint32_t *stream = file ? read_all(file, &size_bytes) : NULL;

    if (!stream) {
        fprintf(stderr, "virgl-dump: cannot read ");
        perror(argv[1]);
        return 2;
    }
    bool valid = virgl_dump_stream(stream, size_bytes / 4, print_line, stdout);

    if (size_bytes % 4 != 0)
        fprintf(stderr, "virgl-dump: %zu bytes after the last dword ignored\n", size_bytes % 4);
    free(stream);
    if (file != stdin)
        fclose(file);
    return valid ? 0 : 1;
}
