/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_VIRTIO_PCI_H
#define MANTUA_VIRTIO_PCI_H

#include "os.h"
#include "virtqueue.h"

/* The virtio 1.x PCI transport: finds the register blocks, negotiates features, sets queues up. */

#define VIRTIO_PCI_MAX_QUEUES 2u
#define VIRTIO_NO_VECTOR 0xffffu

enum virtio_pci_result {
    VIRTIO_PCI_OK = 0,
    VIRTIO_PCI_NO_DEVICE,    /* not a virtio 1.x device, or its capabilities are not sound */
    VIRTIO_PCI_NO_MEMORY,    /* of the guest, or a BAR could not be mapped */
    VIRTIO_PCI_NO_FEATURES,  /* the device wants another driver */
    VIRTIO_PCI_NO_QUEUE,     /* the queue is missing, taken, or its size is none of ours */
    VIRTIO_PCI_NO_INTERRUPT, /* the device refuses the vector */
    VIRTIO_PCI_STUCK,        /* the device does not come out of its reset */
};

/* A block of registers inside a BAR, as the capability tells. */
struct virtio_pci_block {
    uint32_t offset;
    uint32_t bytes; /* 0: there is no such block */
    uint8_t bar;
    volatile uint8_t *mapping; /* NULL until virtio_pci_open() */
};

struct virtio_pci {
    struct os_device *device;
    struct virtio_pci_block common;
    struct virtio_pci_block notify;
    struct virtio_pci_block isr;
    struct virtio_pci_block config;
    uint32_t notify_multiplier;
    uint64_t features; /* agreed ones */
    /* Where to write a queue's number, set by virtio_pci_start_queue(). */
    volatile void *doorbells[VIRTIO_PCI_MAX_QUEUES];
};

/* Reads the capabilities, maps the blocks and resets the device. On failure nothing is held; else
 * virtio_pci_close() gives it back. IRQL PASSIVE. */
enum virtio_pci_result virtio_pci_open(struct virtio_pci *pci, struct os_device *device);
/* Resets the device and unmaps its registers. Fine after a failed open. IRQL PASSIVE. */
void virtio_pci_close(struct virtio_pci *pci);

/* The device forgets all; false when it does not answer within a tenth of a second. Any IRQL. */
bool virtio_pci_reset(struct virtio_pci *pci);
/* From reset to "features agreed": takes of `wanted` (bit masks) what the device offers, and
 * VERSION_1 always. IRQL PASSIVE. */
enum virtio_pci_result virtio_pci_negotiate(struct virtio_pci *pci, uint64_t wanted);
/* Makes queue `index` with the device's size, or `max_size` if that is smaller, tells the device
 * where it is and enables it. `vector` is an MSI-X vector or VIRTIO_NO_VECTOR. After
 * success the queue is the caller's to finish, once the device is reset. IRQL PASSIVE. */
enum virtio_pci_result virtio_pci_start_queue(struct virtio_pci *pci, unsigned int index,
                                              uint16_t max_size, uint16_t vector,
                                              struct virtqueue *queue);
/* The vector of configuration changes. IRQL PASSIVE. */
enum virtio_pci_result virtio_pci_set_config_vector(struct virtio_pci *pci, uint16_t vector);
/* After the queues: the device may work. Any IRQL. */
void virtio_pci_driver_ok(struct virtio_pci *pci);
/* Tells the device that it cannot be served. Any IRQL. */
void virtio_pci_fail(struct virtio_pci *pci);
/* The device needs a reset, or is gone. Any IRQL. */
bool virtio_pci_is_broken(struct virtio_pci *pci);

/* Tells the device to look at a started queue. IRQL <= DISPATCH. */
void virtio_pci_kick(struct virtio_pci *pci, unsigned int index);
/* Reads and clears the interrupt cause, for interrupts without MSI-X: bit 0 queues, bit 1
 * configuration. Device IRQL. */
uint8_t virtio_pci_take_isr(struct virtio_pci *pci);

/* Dwords of the device's configuration, all from the same moment; false when the block is shorter,
 * `offset` is not a multiple of 4, or the device keeps changing it. IRQL <= DISPATCH. */
bool virtio_pci_read_config(struct virtio_pci *pci, uint32_t offset, uint32_t *to,
                            unsigned int num_dwords);
/* False when the block is shorter. IRQL <= DISPATCH. */
bool virtio_pci_write_config(struct virtio_pci *pci, uint32_t offset, uint32_t value);

#endif
