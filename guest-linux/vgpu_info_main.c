/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caps_fields.h"
#include "device_spec.h"
#include "kms.h"
#include "virgl_formats.h"
#include "winsys_drm.h"

#define PROGRAM "vgpu-info"
#define CAPSET_MAX_BYTES 65536

/* Capability sets that exist, by number. */
static const char *const capset_names[] = {
    [1] = "virgl", [2] = "virgl2", [3] = "gfxstream-vulkan", [4] = "venus", [5] = "cross-domain",
    [6] = "drm", [7] = "gfxstream-magma", [8] = "gfxstream-gles", [9] = "gfxstream-composer",
};
#define CAPSET_COUNT (sizeof(capset_names) / sizeof(capset_names[0]))

static const char *const prim_names[] = {
    "points", "lines", "line_loop", "line_strip", "triangles", "triangle_strip", "triangle_fan",
    "quads", "quad_strip", "polygon", "lines_adjacency", "line_strip_adjacency",
    "triangles_adjacency", "triangle_strip_adjacency", "patches",
};
#define PRIM_COUNT (sizeof(prim_names) / sizeof(prim_names[0]))

/* The same calls write text for people or JSON. */
struct writer {
    bool json;
    bool first; /* no comma needed */
    unsigned depth;
};

static void separate(struct writer *writer)
{
    if (writer->json)
        fputs(writer->first ? "\n" : ",\n", stdout);
    writer->first = false;
    printf("%*s", (int)(2 * writer->depth), "");
}

static void put_text(const char *text)
{
    putchar('"');
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            printf("\\%c", *c);
        else if (*c < 0x20 || *c >= 0x7f)
            printf("\\u%04x", *c);
        else
            putchar(*c);
    }
    putchar('"');
}

/* Name of a member of an object; NULL for elements of arrays. */
static void put_name(struct writer *writer, const char *name)
{
    separate(writer);
    if (!name)
        return;
    if (writer->json) {
        put_text(name);
        fputs(": ", stdout);
    } else {
        printf("%s: ", name);
    }
}

static void open_group(struct writer *writer, const char *name, char bracket)
{
    if (writer->json) {
        put_name(writer, name);
        putchar(bracket);
    } else {
        separate(writer);
        printf("%s:\n", name);
    }
    writer->first = true;
    writer->depth++;
}

static void close_group(struct writer *writer, char bracket)
{
    writer->depth--;
    if (writer->json)
        printf("\n%*s%c", (int)(2 * writer->depth), "", bracket);
    writer->first = false;
}

static void end_value(const struct writer *writer)
{
    if (!writer->json)
        putchar('\n');
}

static void write_string(struct writer *writer, const char *name, const char *text)
{
    put_name(writer, name);
    if (writer->json)
        put_text(text);
    else
        fputs(text, stdout);
    end_value(writer);
}

static void write_bool(struct writer *writer, const char *name, bool value)
{
    put_name(writer, name);
    if (writer->json)
        fputs(value ? "true" : "false", stdout);
    else
        fputs(value ? "yes" : "no", stdout);
    end_value(writer);
}

static void write_u64(struct writer *writer, const char *name, uint64_t value)
{
    put_name(writer, name);
    printf("%llu", (unsigned long long)value);
    end_value(writer);
}

/* A list of words in one line. */
struct word_list {
    struct writer *writer;
    bool any;
};

static void word(struct word_list *list, const char *text)
{
    fputs(list->any ? list->writer->json ? ", " : " " : "", stdout);
    if (list->writer->json)
        put_text(text);
    else
        fputs(text, stdout);
    list->any = true;
}

static uint32_t dword_at(const uint8_t *data, uint32_t offset_bytes)
{
    uint32_t value;

    memcpy(&value, data + offset_bytes, sizeof(value));
    return value;
}

static void write_bits(struct word_list *list, const struct caps_field *field, uint32_t value)
{
    for (unsigned i = 0; i < caps_bit_count; i++) {
        if (strcmp(caps_bits[i].field, field->name) == 0 && value >> caps_bits[i].bit & 1)
            word(list, caps_bits[i].name);
    }
}

static void write_formats(struct word_list *list, const uint8_t *mask, uint32_t size_bytes)
{
    for (uint32_t format = 0; format < 8 * size_bytes; format++) {
        char number[16];

        if (!(mask[format / 8] >> format % 8 & 1))
            continue;
        /* Without attachments: the number of no format. */
        if (format == 0)
            strcpy(number, "NONE");
        else
            snprintf(number, sizeof(number), "%u", format);
        word(list, virgl_format_info(format) ? virgl_format_name(format) : number);
    }
}

static void write_list(struct writer *writer, const struct caps_field *field, const uint8_t *data)
{
    struct word_list list = {.writer = writer};
    uint32_t value = dword_at(data, field->offset_bytes);

    if (writer->json)
        putchar('[');
    if (field->kind == CAPS_FIELD_BITS) {
        write_bits(&list, field, value);
    } else if (field->kind == CAPS_FIELD_FORMATS) {
        write_formats(&list, data + field->offset_bytes, field->size_bytes);
    } else {
        for (unsigned i = 0; i < PRIM_COUNT; i++) {
            if (value >> i & 1)
                word(&list, prim_names[i]);
        }
    }
    if (writer->json)
        putchar(']');
}

static void write_numbers(struct writer *writer, const struct caps_field *field,
                          const uint8_t *data)
{
    unsigned count = field->size_bytes / 4;

    if (writer->json && count > 1)
        putchar('[');
    for (unsigned i = 0; i < count; i++) {
        uint32_t value = dword_at(data, field->offset_bytes + 4 * i);
        float number;

        memcpy(&number, &value, sizeof(number));
        if (i > 0)
            fputs(writer->json ? ", " : " ", stdout);
        if (field->kind == CAPS_FIELD_F32)
            printf("%.9g", (double)number);
        else if (field->kind == CAPS_FIELD_I32)
            printf("%d", (int)value);
        else
            printf("%u", value);
    }
    if (writer->json && count > 1)
        putchar(']');
}

static void write_field(struct writer *writer, const struct caps_field *field,
                        const uint8_t *data)
{
    char text[65] = "";

    put_name(writer, field->name);
    switch (field->kind) {
    case CAPS_FIELD_TEXT:
        memcpy(text, data + field->offset_bytes,
               field->size_bytes < sizeof(text) - 1 ? field->size_bytes : sizeof(text) - 1);
        if (writer->json)
            put_text(text);
        else
            fputs(text, stdout);
        break;
    case CAPS_FIELD_BITS:
    case CAPS_FIELD_PRIMS:
    case CAPS_FIELD_FORMATS:
        write_list(writer, field, data);
        break;
    default:
        write_numbers(writer, field, data);
        break;
    }
    end_value(writer);
}

static void write_capset(struct writer *writer, struct vgpu_winsys *winsys, uint32_t id)
{
    static uint8_t data[CAPSET_MAX_BYTES];

    memset(data, 0, sizeof(data));
    int bytes = winsys->ops->get_capset(winsys, id, id <= 2 ? id : 0, data, sizeof(data));

    if (bytes < 0)
        return;
    open_group(writer, writer->json ? NULL : capset_names[id], '{');
    write_u64(writer, "id", id);
    if (writer->json)
        write_string(writer, "name", capset_names[id]);
    /* The kernel does not tell how much the host sent. */
    if (winsys_drm_fd(winsys) < 0)
        write_u64(writer, "size_bytes", (uint64_t)bytes);
    for (unsigned i = 0; i < caps_field_count && id <= 2; i++) {
        const struct caps_field *field = &caps_fields[i];

        if (field->capset <= id && field->offset_bytes + field->size_bytes <= (uint32_t)bytes)
            write_field(writer, field, data);
    }
    close_group(writer, '}');
}

static void write_outputs(struct writer *writer, int fd)
{
    struct kms kms = {.fd = fd};

    if (kms_probe(&kms) < 0)
        return;
    open_group(writer, "outputs", '[');
    for (unsigned i = 0; i < kms.output_count; i++) {
        const struct kms_output *output = &kms.outputs[i];

        open_group(writer, writer->json ? NULL : output->name, '{');
        if (writer->json)
            write_string(writer, "name", output->name);
        write_bool(writer, "connected", output->connected);
        if (output->connected) {
            write_u64(writer, "width_px", output->mode.hdisplay);
            write_u64(writer, "height_px", output->mode.vdisplay);
            write_u64(writer, "refresh_hz", output->mode.vrefresh);
        }
        close_group(writer, '}');
    }
    close_group(writer, ']');
}

static void write_drm(struct writer *writer, const struct vgpu_winsys *winsys)
{
    const struct winsys_drm_params *params = winsys_drm_params(winsys);

    write_string(writer, "node", winsys_drm_path(winsys));
    write_bool(writer, "blob_resources", params->has_blobs);
    write_bool(writer, "host_visible_memory", params->has_host_visible);
    write_bool(writer, "cross_device", params->has_cross_device);
    write_bool(writer, "context_init", params->has_context_init);
    write_bool(writer, "syncobj", params->has_syncobj);
    write_bool(writer, "syncobj_timeline", params->has_syncobj_timeline);
    write_u64(writer, "capset_mask", params->capset_mask);
    write_outputs(writer, winsys_drm_fd(winsys));
}

static void write_all(struct vgpu_winsys *winsys, bool json)
{
    struct writer writer = {.json = json, .first = true, .depth = json ? 1 : 0};

    if (json)
        putchar('{');
    write_string(&writer, "connection", winsys->ops->name);
    if (winsys_drm_fd(winsys) >= 0)
        write_drm(&writer, winsys);
    open_group(&writer, "capsets", '[');
    for (uint32_t id = 1; id < CAPSET_COUNT; id++)
        write_capset(&writer, winsys, id);
    close_group(&writer, ']');
    if (json)
        fputs("\n}\n", stdout);
}

static void usage(FILE *file)
{
    fputs("usage: " PROGRAM " [OPTION]...\n"
          "Tells what the virtio-gpu and its capability sets offer.\n\n"
          DEVICE_SPEC_HELP
          "  -j, --json         as JSON\n"
          "  -h, --help         print this text\n", file);
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        {"device", required_argument, NULL, 'd'}, {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0},
    };
    const char *device = NULL;
    bool json = false;
    int c;

    while ((c = getopt_long(argc, argv, "d:jh", longs, NULL)) != -1) {
        switch (c) {
        case 'd':
            device = optarg;
            break;
        case 'j':
            json = true;
            break;
        case 'h':
            usage(stdout);
            return EXIT_SUCCESS;
        default:
            usage(stderr);
            return EXIT_FAILURE;
        }
    }
    if (optind != argc) {
        usage(stderr);
        return EXIT_FAILURE;
    }
    struct vgpu_winsys *winsys = device_spec_open(PROGRAM, device);

    if (!winsys)
        return EXIT_FAILURE;
    write_all(winsys, json);
    winsys->ops->destroy(winsys);
    return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
