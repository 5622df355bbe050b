/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include <stdlib.h>
#include <string.h>

#include "caps_fields.h"

static uint32_t caps_dword(const struct script *script, uint32_t offset_bytes)
{
    uint32_t dword;

    memcpy(&dword, (const char *)&script->context.caps + offset_bytes, sizeof(dword));
    return dword;
}

static const struct caps_field *find_field(const char *name)
{
    for (unsigned i = 0; i < caps_field_count; i++) {
        if (strcmp(caps_fields[i].name, name) == 0)
            return &caps_fields[i];
    }
    return NULL;
}

/* A bit of one of the capability words, by its name alone. -1: no such bit. */
static int has_bit(const struct script *script, const char *name)
{
    for (unsigned i = 0; i < caps_bit_count; i++) {
        const struct caps_field *field = find_field(caps_bits[i].field);

        if (field && strcmp(caps_bits[i].name, name) == 0)
            return caps_dword(script, field->offset_bytes) >> caps_bits[i].bit & 1;
    }
    return -1;
}

/* `api gl`, `api gles`, `cap NAME`, `field NAME LEAST`. A word that means nothing is never met, and
 * says so in a way that the runner tells apart: the message starts with "bad". */
static char *unmet(const struct script *script, char *const *words)
{
    if (g_strv_length((char **)words) >= 2 && strcmp(words[0], "api") == 0) {
        bool gles = has_bit(script, "HOST_IS_GLES") == 1;

        return gles == (strcmp(words[1], "gles") == 0) ? NULL
                                                       : g_strdup_printf("for %s", words[1]);
    }
    if (g_strv_length((char **)words) == 2 && strcmp(words[0], "cap") == 0) {
        int has = has_bit(script, words[1]);

        return has > 0    ? NULL
               : has == 0 ? g_strdup_printf("the host lacks %s", words[1])
                          : g_strdup_printf("bad capability %s", words[1]);
    }
    if (g_strv_length((char **)words) == 3 && strcmp(words[0], "field") == 0) {
        const struct caps_field *field = find_field(words[1]);

        if (!field)
            return g_strdup_printf("bad field %s", words[1]);
        return caps_dword(script, field->offset_bytes) >= (uint32_t)strtoul(words[2], NULL, 0)
            ? NULL : g_strdup_printf("%s is below %s", words[1], words[2]);
    }
    return g_strdup_printf("bad requirement %s", words[0]);
}

char *script_unmet(struct script *script)
{
    const GPtrArray *lines = script->test->requirements;
    char *message = NULL;

    for (unsigned i = 0; i < lines->len && !message; i++) {
        const struct shader_test_line *line = g_ptr_array_index(lines, i);

        message = unmet(script, line->words);
    }
    return message;
}
