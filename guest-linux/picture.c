/* SPDX-License-Identifier: MIT */
#include "picture.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define MAX_SIDE_PX 16384

static bool put(FILE *file, const void *data, size_t bytes)
{
    return bytes == 0 || fwrite(data, 1, bytes, file) == bytes;
}

static void big_endian(uint8_t out[4], uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static bool put_chunk(FILE *file, const char *type, const uint8_t *data, uint32_t bytes)
{
    uint8_t length[4], check[4];
    uLong crc = crc32(0, (const Bytef *)type, 4);

    if (bytes > 0)
        crc = crc32(crc, data, bytes);
    big_endian(length, bytes);
    big_endian(check, (uint32_t)crc);
    return put(file, length, 4) && put(file, type, 4) && put(file, data, bytes) &&
        put(file, check, 4);
}

static int write_png(FILE *file, const uint8_t *rgba, uint32_t width_px, uint32_t height_px)
{
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    uint8_t header[13] = {[8] = 8, [9] = 6}; /* 8 bits per channel, RGBA */
    size_t row_bytes = 4 * (size_t)width_px, raw_bytes = (row_bytes + 1) * height_px;
    uLongf packed_bytes = compressBound(raw_bytes);
    uint8_t *raw = malloc(raw_bytes), *packed = malloc(packed_bytes);
    int result = -ENOMEM;

    if (raw && packed) {
        /* Each row is preceded by its filter: none. */
        for (uint32_t y = 0; y < height_px; y++) {
            raw[y * (row_bytes + 1)] = 0;
            memcpy(raw + y * (row_bytes + 1) + 1, rgba + y * row_bytes, row_bytes);
        }
        big_endian(header, width_px);
        big_endian(header + 4, height_px);
        if (compress2(packed, &packed_bytes, raw, raw_bytes, Z_BEST_SPEED) == Z_OK &&
            put(file, signature, sizeof(signature)) &&
            put_chunk(file, "IHDR", header, sizeof(header)) &&
            put_chunk(file, "IDAT", packed, (uint32_t)packed_bytes) &&
            put_chunk(file, "IEND", NULL, 0))
            result = 0;
        else
            result = -EIO;
    }
    free(raw);
    free(packed);
    return result;
}

static int write_pam(FILE *file, const uint8_t *rgba, uint32_t width_px, uint32_t height_px)
{
    if (fprintf(file, "P7\nWIDTH %u\nHEIGHT %u\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n",
                width_px, height_px) < 0)
        return -EIO;
    return put(file, rgba, 4 * (size_t)width_px * height_px) ? 0 : -EIO;
}

int picture_write(const char *path, const uint8_t *rgba, uint32_t width_px, uint32_t height_px)
{
    const char *suffix = strrchr(path, '.');
    bool png = suffix && strcmp(suffix, ".png") == 0;
    int result;

    if (width_px == 0 || height_px == 0 || width_px > MAX_SIDE_PX || height_px > MAX_SIDE_PX)
        return -EINVAL;
    if (!png && !(suffix && strcmp(suffix, ".pam") == 0))
        return -EINVAL;
    FILE *file = fopen(path, "wb");

    if (!file)
        return -errno;
    result = png ? write_png(file, rgba, width_px, height_px)
                 : write_pam(file, rgba, width_px, height_px);
    if (fclose(file) != 0 && result == 0)
        result = -EIO;
    return result;
}

int picture_read_pam(const char *path, uint8_t **rgba, uint32_t *width_px, uint32_t *height_px)
{
    FILE *file = fopen(path, "rb");
    int result = -EINVAL;

    if (!file)
        return -errno;
    if (fscanf(file, "P7 WIDTH %u HEIGHT %u DEPTH 4 MAXVAL 255 TUPLTYPE RGB_ALPHA ENDHDR",
               width_px, height_px) == 2 && fgetc(file) == '\n' && *width_px > 0 &&
        *height_px > 0 && *width_px <= MAX_SIDE_PX && *height_px <= MAX_SIDE_PX) {
        size_t bytes = 4 * (size_t)*width_px * *height_px;

        *rgba = malloc(bytes);
        result = *rgba ? 0 : -ENOMEM;
        if (result == 0 && fread(*rgba, 1, bytes, file) != bytes) {
            free(*rgba);
            result = -EIO;
        }
    }
    fclose(file);
    return result;
}
