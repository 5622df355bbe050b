/* SPDX-License-Identifier: MIT */
#ifndef FAKE_VIRTIO_H
#define FAKE_VIRTIO_H

#include "os_double.h"

#define FAKE_QUEUES 2u

/* Where the blocks lie in BAR 4, and its size. */
#define FAKE_BAR 4u
#define FAKE_COMMON 0x0u
#define FAKE_ISR 0x1000u
#define FAKE_CONFIG 0x2000u
#define FAKE_NOTIFY 0x3000u
#define FAKE_BAR_BYTES 0x4000u
#define FAKE_MULTIPLIER 4u

/* Capabilities in configuration space, 20 bytes apart; the last one is no virtio capability. */
#define FAKE_CAP_COMMON 0x40u
#define FAKE_CAP_NOTIFY 0x54u
#define FAKE_CAP_ISR 0x68u
#define FAKE_CAP_CONFIG 0x7cu
#define FAKE_CAP_OTHER 0x90u

struct fake_queue {
    uint16_t size, vector, enable;
    uint32_t address[6]; /* descriptors, available, used: low and high halves */
    unsigned int kicks;
};

/* A virtio-gpu device on PCI that does what it is told; knobs make it misbehave. */
struct fake_virtio {
    struct os_device device; /* first: the double hands this out */
    uint64_t offered, agreed;
    uint32_t feature_select[2]; /* device's, driver's */
    uint16_t config_vector, queue_select;
    uint8_t status, generation, isr;
    uint32_t config[4];
    struct fake_queue queues[FAKE_QUEUES];
    unsigned int resets;

    /* knobs */
    unsigned int reset_reads;   /* status reads until a reset is done */
    bool refuse_features;       /* FEATURES_OK does not stay */
    uint16_t max_vector;        /* vectors from here on are refused; 0 refuses all */
    uint16_t notify_offset;     /* of queue 1 */
    unsigned int config_changes; /* reads of the configuration that change it */
    unsigned int reset_reads_left;
};

/* A good device: VERSION_1 and the lower four features, queues of 256 and 16 entries. */
void fake_virtio_init(struct fake_virtio *fake);
/* The capability's field at `offset` of it. */
void fake_virtio_set_cap(struct fake_virtio *fake, uint32_t cap, uint32_t offset, uint32_t value,
                         uint32_t bytes);

#endif
