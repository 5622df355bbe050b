/* SPDX-License-Identifier: MIT */
#include "virgl_dump.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "virgl_dump_internal.h"
#include "virgl_formats.h"
#include "virgl_protocol.h"

#define WIDTH 100
#define INDENT "        "
/* Words of raw data that are shown before "...". */
#define MAX_SHOWN_WORDS 64

static void flush(struct virgl_dump *out)
{
    if (out->used_bytes > 0)
        out->line(out->user, out->text);
    out->used_bytes = 0;
    out->text[0] = '\0';
}

static void append(struct virgl_dump *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds an item; cut where it would not fit a line of its own. */
static void append(struct virgl_dump *out, const char *format, ...)
{
    char item[VIRGL_DUMP_LINE_BYTES - sizeof(INDENT)];
    va_list args;

    va_start(args, format);
    int length = vsnprintf(item, sizeof(item), format, args);
    va_end(args);
    if (length < 0)
        return;
    size_t bytes = strlen(item);

    if (out->used_bytes > 0 && out->used_bytes + 1 + bytes > WIDTH)
        flush(out);
    if (out->used_bytes == 0) {
        memcpy(out->text, INDENT, sizeof(INDENT));
        out->used_bytes = sizeof(INDENT) - 1;
    } else {
        out->text[out->used_bytes++] = ' ';
    }
    memcpy(out->text + out->used_bytes, item, bytes + 1);
    out->used_bytes += bytes;
}

void virgl_dump_uint(struct virgl_dump *out, const char *name, uint64_t value)
{
    append(out, value > 0xffffff ? "%s=0x%" PRIx64 : "%s=%" PRIu64, name, value);
}

void virgl_dump_int(struct virgl_dump *out, const char *name, int32_t value)
{
    append(out, "%s=%" PRId32, name, value);
}

void virgl_dump_bool(struct virgl_dump *out, const char *name, bool value)
{
    append(out, "%s=%s", name, value ? "true" : "false");
}

void virgl_dump_float(struct virgl_dump *out, const char *name, double value)
{
    append(out, "%s=%g", name, value);
}

void virgl_dump_id(struct virgl_dump *out, const char *name, uint32_t value)
{
    append(out, "%s=#%" PRIu32, name, value);
}

void virgl_dump_format(struct virgl_dump *out, const char *name, uint32_t value)
{
    const struct virgl_format_info *info = virgl_format_info(value);

    if (info)
        append(out, "%s=%s", name, info->name);
    else
        append(out, "%s=%" PRIu32, name, value);
}

void virgl_dump_enum(struct virgl_dump *out, const char *name, uint32_t value,
                     const struct virgl_dump_name *names)
{
    for (; names->name; names++) {
        if (names->value == value) {
            append(out, "%s=%s", name, names->name);
            return;
        }
    }
    append(out, "%s=%" PRIu32, name, value);
}

void virgl_dump_flags(struct virgl_dump *out, const char *name, uint32_t value,
                      const struct virgl_dump_name *names)
{
    char text[200];
    size_t used = 0;

    text[0] = '\0';
    for (; names->name; names++) {
        size_t bytes = strlen(names->name);

        if (names->value == 0 || (value & names->value) != names->value ||
            used + bytes + sizeof("|0x00000000") >= sizeof(text))
            continue;
        if (used > 0)
            text[used++] = '|';
        memcpy(text + used, names->name, bytes + 1);
        used += bytes;
        value &= ~names->value;
    }
    if (used == 0 && value == 0)
        memcpy(text, "0", 2);
    else if (value != 0)
        snprintf(text + used, sizeof(text) - used, "%s0x%" PRIx32, used > 0 ? "|" : "", value);
    append(out, "%s=%s", name, text);
}

void virgl_dump_entry(struct virgl_dump *out, const char *name, uint32_t index)
{
    flush(out);
    append(out, "%s[%" PRIu32 "]", name, index);
}

void virgl_dump_ids(struct virgl_dump *out, const char *name, const uint32_t *ids, uint32_t count)
{
    append(out, "%s[%" PRIu32 "]:", name, count);
    for (uint32_t i = 0; i < count; i++)
        append(out, "#%" PRIu32, ids[i]);
}

void virgl_dump_words(struct virgl_dump *out, const char *name, const uint32_t *words,
                      uint32_t count)
{
    uint32_t shown = count < MAX_SHOWN_WORDS ? count : MAX_SHOWN_WORDS;

    append(out, "%s[%" PRIu32 "]:", name, count);
    for (uint32_t i = 0; i < shown; i++)
        append(out, "%08" PRIx32, words[i]);
    if (shown < count)
        append(out, "...");
}

void virgl_dump_floats(struct virgl_dump *out, const char *name, const float *values,
                       uint32_t count)
{
    append(out, "%s[%" PRIu32 "]:", name, count);
    for (uint32_t i = 0; i < count; i++) {
        float value;

        memcpy(&value, values + i, sizeof(value)); /* the stream need not be aligned for floats */
        append(out, "%g", (double)value);
    }
}

void virgl_dump_text(struct virgl_dump *out, const char *name, const uint32_t *words,
                     uint32_t count)
{
    const unsigned char *bytes = (const unsigned char *)words;
    size_t total = 4 * (size_t)count;
    char line[WIDTH];
    size_t used = 0;

    append(out, "%s[%" PRIu32 "]:", name, count);
    flush(out);
    for (size_t i = 0; i < total && bytes[i] != '\0'; i++) {
        if (bytes[i] == '\t')
            line[used++] = ' ';
        else if (bytes[i] != '\n')
            line[used++] = bytes[i] >= ' ' && bytes[i] < 0x7f ? (char)bytes[i] : '.';
        if (bytes[i] == '\n' || used == sizeof(line) - 1) {
            line[used] = '\0';
            append(out, "| %s", line);
            flush(out);
            used = 0;
        }
    }
    if (used > 0) {
        line[used] = '\0';
        append(out, "| %s", line);
        flush(out);
    }
}

/* "   12: CREATE_OBJECT(BLEND)"; positions count dwords from the start of the stream. */
static void start_line(struct virgl_dump *out, size_t position, uint32_t header)
{
    uint32_t command = virgl_header_command(header);
    uint32_t type = virgl_header_object_type(header);
    int length;

    flush(out);
    if (command >= VIRGL_COMMAND_COUNT)
        length = snprintf(out->text, sizeof(out->text), "%6zu: unknown command %" PRIu32, position,
                          command);
    else if (command == VIRGL_COMMAND_CREATE_OBJECT || command == VIRGL_COMMAND_BIND_OBJECT ||
             command == VIRGL_COMMAND_DESTROY_OBJECT)
        length = snprintf(out->text, sizeof(out->text), "%6zu: %s(%s)", position,
                          virgl_command_name(command), virgl_object_type_name(type));
    else
        length = snprintf(out->text, sizeof(out->text), "%6zu: %s", position,
                          virgl_command_name(command));
    out->used_bytes = (size_t)length;
}

static bool dump_one(struct virgl_dump *out, size_t position, uint32_t header,
                     const uint32_t *payload)
{
    uint32_t command = virgl_header_command(header);
    uint32_t length_dwords = virgl_header_length_dwords(header);
    struct virgl_unpack_error err = {0};
    bool valid;

    start_line(out, position, header);
    if (command == VIRGL_COMMAND_CREATE_OBJECT)
        valid = virgl_dump_object(out, virgl_header_object_type(header), payload, length_dwords,
                                  &err);
    else
        valid = virgl_dump_command(out, command, payload, length_dwords, &err);
    if (!valid) {
        if (err.what)
            append(out, "INVALID %s: %s=%" PRIu64 " (limit %" PRIu64 ", error %s)", err.what,
                   err.field, err.value, err.limit, virgl_ctx_error_name(err.error));
        else
            append(out, "INVALID");
        virgl_dump_words(out, "payload", payload, length_dwords);
    }
    flush(out);
    return valid;
}

bool virgl_dump_stream(const uint32_t *stream, size_t dwords, virgl_dump_line_func *line,
                       void *user)
{
    struct virgl_dump out = {.line = line, .user = user};
    bool valid = true;

    for (size_t position = 0; position < dwords;) {
        uint32_t header = stream[position];
        size_t left = dwords - position - 1;
        uint32_t length_dwords = virgl_header_length_dwords(header);

        if (length_dwords > left) {
            start_line(&out, position, header);
            append(&out, "INVALID: payload of %" PRIu32 " dwords, %zu left", length_dwords, left);
            flush(&out);
            return false;
        }
        if (!dump_one(&out, position, header, stream + position + 1))
            valid = false;
        position += (size_t)length_dwords + 1;
    }
    return valid;
}
