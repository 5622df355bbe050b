/* SPDX-License-Identifier: MIT */
#include "fake_virtio.h"

#include <glib.h>
#include <string.h>

static struct fake_queue *queue(struct fake_virtio *fake)
{
    static struct fake_queue none;

    memset(&none, 0, sizeof(none));
    return fake->queue_select < FAKE_QUEUES ? &fake->queues[fake->queue_select] : &none;
}

static uint32_t read_status(struct fake_virtio *fake)
{
    if (fake->reset_reads_left > 0) {
        fake->reset_reads_left--;
        return 0x80;
    }
    return fake->status;
}

static uint32_t read_common(struct fake_virtio *fake, uint32_t offset, uint32_t size)
{
    switch (offset) {
    case 4:
        g_assert_cmpuint(size, ==, 4);
        return fake->feature_select[0] < 2
                   ? (uint32_t)(fake->offered >> (32 * fake->feature_select[0]))
                   : 0;
    case 16: g_assert_cmpuint(size, ==, 2); return fake->config_vector;
    case 20: g_assert_cmpuint(size, ==, 1); return read_status(fake);
    case 21: g_assert_cmpuint(size, ==, 1); return fake->generation;
    case 24: g_assert_cmpuint(size, ==, 2); return queue(fake)->size;
    case 26: g_assert_cmpuint(size, ==, 2); return queue(fake)->vector;
    case 28: g_assert_cmpuint(size, ==, 2); return queue(fake)->enable;
    case 30: g_assert_cmpuint(size, ==, 2); return fake->queue_select ? fake->notify_offset : 0;
    default: g_error("read of common register %u", offset);
    }
}

static uint32_t read_register(struct os_device *device, unsigned int bar, uint32_t offset,
                              uint32_t size)
{
    struct fake_virtio *fake = (struct fake_virtio *)device;

    g_assert_cmpuint(bar, ==, FAKE_BAR);
    if (offset < FAKE_ISR)
        return read_common(fake, offset - FAKE_COMMON, size);
    if (offset == FAKE_ISR) {
        uint8_t isr = fake->isr;
        g_assert_cmpuint(size, ==, 1);
        fake->isr = 0;
        return isr;
    }
    g_assert_cmpuint(offset, >=, FAKE_CONFIG);
    g_assert_cmpuint(offset, <, FAKE_CONFIG + sizeof(fake->config));
    g_assert_cmpuint(size, ==, 4);
    if (fake->config_changes > 0) {
        fake->config_changes--;
        fake->generation++;
        for (unsigned int i = 0; i < G_N_ELEMENTS(fake->config); i++)
            fake->config[i]++;
    }
    return fake->config[(offset - FAKE_CONFIG) / 4];
}

static void write_status(struct fake_virtio *fake, uint8_t value)
{
    if (value == 0) {
        memset(fake->queues, 0, sizeof(fake->queues));
        fake->queues[0].size = 256;
        fake->queues[1].size = 16;
        fake->agreed = 0;
        fake->config_vector = 0xffff;
        fake->resets++;
        fake->reset_reads_left = fake->reset_reads;
    }
    if (fake->refuse_features)
        value &= (uint8_t)~8u;
    fake->status = value;
}

static uint16_t vector(const struct fake_virtio *fake, uint32_t value)
{
    return value < fake->max_vector || value == 0xffff ? (uint16_t)value : 0xffff;
}

static void write_common(struct fake_virtio *fake, uint32_t offset, uint32_t size, uint32_t value)
{
    switch (offset) {
    case 0: fake->feature_select[0] = value; break;
    case 8: fake->feature_select[1] = value; break;
    case 12:
        g_assert_cmpuint(size, ==, 4);
        g_assert_cmpuint(fake->status & 8, ==, 0);
        fake->agreed |= (uint64_t)value << (32 * fake->feature_select[1]);
        break;
    case 16: fake->config_vector = vector(fake, value); break;
    case 20: write_status(fake, (uint8_t)value); break;
    case 22: fake->queue_select = (uint16_t)value; break;
    case 24: queue(fake)->size = (uint16_t)value; break;
    case 26: queue(fake)->vector = vector(fake, value); break;
    case 28:
        g_assert_cmpuint(fake->status & 8, ==, 8);
        queue(fake)->enable = (uint16_t)value;
        break;
    case 32 ... 52:
        g_assert_cmpuint(size, ==, 4);
        queue(fake)->address[(offset - 32) / 4] = value;
        break;
    default: g_error("write to common register %u", offset);
    }
}

static void write_register(struct os_device *device, unsigned int bar, uint32_t offset,
                           uint32_t size, uint32_t value)
{
    struct fake_virtio *fake = (struct fake_virtio *)device;

    g_assert_cmpuint(bar, ==, FAKE_BAR);
    if (offset < FAKE_ISR) {
        write_common(fake, offset - FAKE_COMMON, size, value);
    } else if (offset >= FAKE_NOTIFY) {
        g_assert_cmpuint(size, ==, 2);
        g_assert_cmpuint(value, <, FAKE_QUEUES);
        g_assert_cmpuint(offset - FAKE_NOTIFY, ==,
                         value ? fake->notify_offset * FAKE_MULTIPLIER : 0);
        fake->queues[value].kicks++;
    } else {
        g_assert_cmpuint(offset, >=, FAKE_CONFIG);
        g_assert_cmpuint(size, ==, 4);
        fake->config[(offset - FAKE_CONFIG) / 4] = value;
    }
}

void fake_virtio_set_cap(struct fake_virtio *fake, uint32_t cap, uint32_t offset, uint32_t value,
                         uint32_t bytes)
{
    memcpy(fake->device.space + cap + offset, &value, bytes);
}

static void add_cap(struct fake_virtio *fake, uint32_t at, uint32_t next, uint8_t kind,
                    uint32_t offset, uint32_t bytes)
{
    uint8_t head[5] = {9, (uint8_t)next, 20, kind, FAKE_BAR};

    memcpy(fake->device.space + at, head, sizeof(head));
    fake_virtio_set_cap(fake, at, 8, offset, 4);
    fake_virtio_set_cap(fake, at, 12, bytes, 4);
}

void fake_virtio_init(struct fake_virtio *fake)
{
    static const uint8_t ids[8] = {0xf4, 0x1a, 0x50, 0x10, 0, 0, 0x10, 0};

    memset(fake, 0, sizeof(*fake));
    memcpy(fake->device.space, ids, sizeof(ids));
    fake->device.space[0x34] = FAKE_CAP_COMMON;
    fake->device.bar_bytes[FAKE_BAR] = FAKE_BAR_BYTES;
    fake->device.read = read_register;
    fake->device.write = write_register;
    add_cap(fake, FAKE_CAP_COMMON, FAKE_CAP_NOTIFY, 1, FAKE_COMMON, 56);
    add_cap(fake, FAKE_CAP_NOTIFY, FAKE_CAP_ISR, 2, FAKE_NOTIFY, 0x1000);
    fake_virtio_set_cap(fake, FAKE_CAP_NOTIFY, 16, FAKE_MULTIPLIER, 4);
    add_cap(fake, FAKE_CAP_ISR, FAKE_CAP_CONFIG, 3, FAKE_ISR, 1);
    add_cap(fake, FAKE_CAP_CONFIG, FAKE_CAP_OTHER, 4, FAKE_CONFIG, 16);
    fake->device.space[FAKE_CAP_OTHER] = 0x11; /* MSI-X: not for this driver to parse */
    fake->offered = 1ull << 32 | 0xf;
    fake->max_vector = 3;
    fake->notify_offset = 1;
    for (uint32_t i = 0; i < 4; i++)
        fake->config[i] = 100;
    write_status(fake, 0);
    fake->resets = 0;
}
