/* SPDX-License-Identifier: MIT */
#include "edid.h"

#include <stdbool.h>
#include <string.h>

#define BLOCK_BYTES 128
#define DESCRIPTOR_BYTES 18
#define DESCRIPTORS_OFFSET 54
#define EXTENSION_COUNT_OFFSET 126
#define DEFAULT_WIDTH_PX 1024
#define DEFAULT_HEIGHT_PX 768
#define DEFAULT_REFRESH_MHZ 60000
#define DEFAULT_DPI 100

/* Limits of the fields of a detailed timing descriptor. */
#define DTD_MAX_PX 4095
#define DTD_MAX_CLOCK_10KHZ 65535
#define DISPLAYID_MAX_PX 65536
#define DISPLAYID_MAX_CLOCK_10KHZ 0xffffffu

struct timing {
    uint32_t width_px;
    uint32_t height_px;
    uint32_t h_blank_px;
    uint32_t h_front_px;
    uint32_t h_sync_px;
    uint32_t v_blank_px;
    uint32_t v_front_px;
    uint32_t v_sync_px;
    uint64_t clock_10khz;
    uint32_t width_mm;
    uint32_t height_mm;
};

static uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Reduced blanking, as the VESA CVT formula has it: 160 pixels, and 460 microseconds or more. */
static struct timing make_timing(const struct vgpu_output *output)
{
    bool off = !output->width || !output->height;
    struct timing t = {
        .width_px = off ? DEFAULT_WIDTH_PX : min_u32(output->width, DISPLAYID_MAX_PX),
        .height_px = off ? DEFAULT_HEIGHT_PX : min_u32(output->height, DISPLAYID_MAX_PX),
        .h_blank_px = 160,
        .h_front_px = 48,
        .h_sync_px = 32,
        .v_front_px = 3,
        .v_sync_px = 6,
    };
    uint64_t refresh_mhz = output->refresh_mhz ? output->refresh_mhz : DEFAULT_REFRESH_MHZ;
    uint64_t frame_ns = 1000000000000ull / refresh_mhz;
    uint64_t picture_ns = frame_ns > 920000 ? frame_ns - 460000 : frame_ns / 2;
    uint64_t line_ns = picture_ns / t.height_px;
    t.v_blank_px = (uint32_t)(460000 / (line_ns ? line_ns : 1)) + 1;
    if (t.v_blank_px < t.v_front_px + t.v_sync_px + 6)
        t.v_blank_px = t.v_front_px + t.v_sync_px + 6;
    t.v_blank_px = min_u32(t.v_blank_px, DTD_MAX_PX);
    uint64_t pixels = (uint64_t)(t.width_px + t.h_blank_px) * (t.height_px + t.v_blank_px);
    t.clock_10khz = pixels * refresh_mhz / 1000 / 10000;
    if (t.clock_10khz == 0)
        t.clock_10khz = 1;
    if (t.clock_10khz > DISPLAYID_MAX_CLOCK_10KHZ)
        t.clock_10khz = DISPLAYID_MAX_CLOCK_10KHZ;
    t.width_mm = output->width_mm ? output->width_mm : t.width_px * 254 / (10 * DEFAULT_DPI);
    t.height_mm = output->height_mm ? output->height_mm : t.height_px * 254 / (10 * DEFAULT_DPI);
    return t;
}

static bool fits_base_block(const struct timing *t)
{
    return t->width_px <= DTD_MAX_PX && t->height_px <= DTD_MAX_PX &&
           t->clock_10khz <= DTD_MAX_CLOCK_10KHZ;
}

static void put_le16(uint8_t *to, uint32_t value)
{
    to[0] = value & 0xff;
    to[1] = (value >> 8) & 0xff;
}

static void write_detailed_timing(uint8_t *d, const struct timing *t)
{
    uint32_t width_mm = min_u32(t->width_mm, 4095);
    uint32_t height_mm = min_u32(t->height_mm, 4095);
    put_le16(d, (uint32_t)t->clock_10khz);
    d[2] = t->width_px & 0xff;
    d[3] = t->h_blank_px & 0xff;
    d[4] = (uint8_t)((t->width_px >> 8) << 4 | t->h_blank_px >> 8);
    d[5] = t->height_px & 0xff;
    d[6] = t->v_blank_px & 0xff;
    d[7] = (uint8_t)((t->height_px >> 8) << 4 | t->v_blank_px >> 8);
    d[8] = t->h_front_px & 0xff;
    d[9] = t->h_sync_px & 0xff;
    d[10] = (uint8_t)((t->v_front_px & 15) << 4 | (t->v_sync_px & 15));
    d[11] = (uint8_t)((t->h_front_px >> 8) << 6 | (t->h_sync_px >> 8) << 4 |
                      (t->v_front_px >> 4) << 2 | t->v_sync_px >> 4);
    d[12] = width_mm & 0xff;
    d[13] = height_mm & 0xff;
    d[14] = (uint8_t)((width_mm >> 8) << 4 | height_mm >> 8);
    d[17] = 0x1a; /* digital, separate syncs, horizontal positive */
}

static void write_text(uint8_t *d, uint8_t tag, const char *text)
{
    size_t length = strlen(text);
    memset(d, 0, DESCRIPTOR_BYTES);
    d[3] = tag;
    memset(d + 5, ' ', 13);
    memcpy(d + 5, text, length < 13 ? length : 13);
    if (length < 13)
        d[5 + length] = '\n';
}

static void write_range_limits(uint8_t *d)
{
    memset(d, 0, DESCRIPTOR_BYTES);
    d[3] = 0xfd;
    d[5] = 1;    /* vertical, Hz */
    d[6] = 240;
    d[7] = 15;   /* horizontal, kHz */
    d[8] = 255;
    d[9] = 255;  /* pixel clock, 10 MHz */
    d[10] = 1;   /* no formula: range limits only */
    d[11] = '\n';
    memset(d + 12, ' ', 6);
}

static void write_standard_timings(uint8_t *at, const struct timing *t)
{
    /* aspect: 0 16:10, 1 4:3, 2 5:4, 3 16:9 */
    static const struct {
        uint16_t width_px;
        uint16_t height_px;
        uint8_t aspect;
    } modes[] = {
        {1920, 1200, 0}, {1920, 1080, 3}, {1680, 1050, 0}, {1600, 1200, 1},
        {1440, 900, 0}, {1280, 1024, 2}, {1280, 800, 0}, {1280, 720, 3},
    };
    memset(at, 0x01, 16); /* unused */
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (modes[i].width_px > t->width_px || modes[i].height_px > t->height_px)
            continue;
        *at++ = (uint8_t)(modes[i].width_px / 8 - 31);
        *at++ = (uint8_t)(modes[i].aspect << 6); /* 60 Hz */
    }
}

static void write_checksum(uint8_t *block, size_t size_bytes)
{
    uint8_t sum = 0;
    for (size_t i = 0; i + 1 < size_bytes; i++)
        sum += block[i];
    block[size_bytes - 1] = (uint8_t)-sum;
}

static void write_established_timings(uint8_t *at, const struct timing *t)
{
    at[0] = 0x20; /* 640x480 */
    if (t->width_px >= 800 && t->height_px >= 600)
        at[0] |= 0x01;
    if (t->width_px >= 1024 && t->height_px >= 768)
        at[1] |= 0x08;
}

static void write_base_block(uint8_t *edid, const struct timing *t, uint32_t serial)
{
    static const uint8_t magic[] = {0, 255, 255, 255, 255, 255, 255, 0};
    /* sRGB primaries and D65 */
    static const uint8_t colors[] = {0xee, 0x91, 0xa3, 0x54, 0x4c, 0x99, 0x26, 0x0f, 0x50, 0x54};
    const uint32_t vendor = ('M' - '@') << 10 | ('N' - '@') << 5 | ('T' - '@');
    memcpy(edid, magic, sizeof(magic));
    edid[8] = vendor >> 8;
    edid[9] = vendor & 0xff;
    put_le16(edid + 10, 1); /* product */
    edid[12] = serial & 0xff;
    edid[16] = 0;           /* week unknown */
    edid[17] = 2026 - 1990;
    edid[18] = 1;
    edid[19] = 4;
    edid[20] = 0xa5;        /* digital, 8 bits per colour, DisplayPort */
    edid[21] = (uint8_t)min_u32((t->width_mm + 5) / 10, 255);
    edid[22] = (uint8_t)min_u32((t->height_mm + 5) / 10, 255);
    edid[23] = 220 - 100;   /* gamma 2.2 */
    edid[24] = 0x06;        /* sRGB; the first detailed timing is the native one */
    memcpy(edid + 25, colors, sizeof(colors));
    write_established_timings(edid + 35, t);
    write_standard_timings(edid + 38, t);
    uint8_t *d = edid + DESCRIPTORS_OFFSET;
    if (fits_base_block(t)) {
        write_detailed_timing(d, t);
        d += DESCRIPTOR_BYTES;
    }
    write_range_limits(d);
    d += DESCRIPTOR_BYTES;
    write_text(d, 0xfc, "Mantua");
    d += DESCRIPTOR_BYTES;
    for (; d < edid + EXTENSION_COUNT_OFFSET; d += DESCRIPTOR_BYTES) {
        memset(d, 0, DESCRIPTOR_BYTES);
        d[3] = 0x10; /* dummy */
    }
}

/* A DisplayID 1.3 section with one type I timing. */
static void write_displayid_block(uint8_t *block, const struct timing *t)
{
    enum { SECTION_OFFSET = 1, SECTION_PAYLOAD_BYTES = 3 + 20 };
    uint8_t *section = block + SECTION_OFFSET;
    uint32_t clock = (uint32_t)t->clock_10khz - 1;
    block[0] = 0x70;
    section[0] = 0x13;
    section[1] = SECTION_PAYLOAD_BYTES;
    section[2] = 0;    /* extension of an EDID */
    uint8_t *data = section + 4;
    data[0] = 0x03;    /* type I detailed timings */
    data[2] = 20;
    uint8_t *d = data + 3;
    d[0] = clock & 0xff;
    d[1] = (clock >> 8) & 0xff;
    d[2] = (clock >> 16) & 0xff;
    d[3] = 0x88;       /* preferred; aspect ratio undefined */
    put_le16(d + 4, t->width_px - 1);
    put_le16(d + 6, t->h_blank_px - 1);
    put_le16(d + 8, (t->h_front_px - 1) | 0x8000); /* positive sync */
    put_le16(d + 10, t->h_sync_px - 1);
    put_le16(d + 12, t->height_px - 1);
    put_le16(d + 14, t->v_blank_px - 1);
    put_le16(d + 16, t->v_front_px - 1);
    put_le16(d + 18, t->v_sync_px - 1);
    write_checksum(section, 4 + SECTION_PAYLOAD_BYTES + 1);
    write_checksum(block, BLOCK_BYTES);
}

size_t vgpu_edid_write(uint8_t *edid, const struct vgpu_output *output, uint32_t serial)
{
    struct timing t = make_timing(output);
    bool extended = !fits_base_block(&t);
    memset(edid, 0, VGPU_EDID_MAX_BYTES);
    write_base_block(edid, &t, serial);
    edid[EXTENSION_COUNT_OFFSET] = extended;
    write_checksum(edid, BLOCK_BYTES);
    if (!extended)
        return BLOCK_BYTES;
    write_displayid_block(edid + BLOCK_BYTES, &t);
    return 2 * BLOCK_BYTES;
}
