/* SPDX-License-Identifier: MIT */
#include "virtio_pci.h"

#include <string.h>

/* PCI configuration space */
#define PCI_VENDOR 0x00u
#define PCI_STATUS 0x06u
#define PCI_CAPABILITIES 0x34u
#define PCI_HEADER_BYTES 0x40u
#define PCI_SPACE_BYTES 0x100u
#define PCI_STATUS_CAPABILITIES 0x10u
#define PCI_CAP_VENDOR 0x09u
#define PCI_NUM_BARS 6u
#define VIRTIO_VENDOR 0x1af4u
#define VIRTIO_GPU_DEVICE 0x1050u

/* kinds of virtio capabilities */
#define CAP_COMMON 1u
#define CAP_NOTIFY 2u
#define CAP_ISR 3u
#define CAP_DEVICE 4u
#define CAP_BYTES 16u
#define CAP_NOTIFY_BYTES 20u
/* Capabilities that fit into the space, so that a loop of them ends. */
#define MAX_CAPS ((PCI_SPACE_BYTES - PCI_HEADER_BYTES) / 4)

/* registers of the common block */
#define COMMON_DEVICE_FEATURE_SELECT 0u
#define COMMON_DEVICE_FEATURE 4u
#define COMMON_DRIVER_FEATURE_SELECT 8u
#define COMMON_DRIVER_FEATURE 12u
#define COMMON_CONFIG_VECTOR 16u
#define COMMON_STATUS 20u
#define COMMON_GENERATION 21u
#define COMMON_QUEUE_SELECT 22u
#define COMMON_QUEUE_SIZE 24u
#define COMMON_QUEUE_VECTOR 26u
#define COMMON_QUEUE_ENABLE 28u
#define COMMON_QUEUE_NOTIFY_OFF 30u
#define COMMON_QUEUE_DESC 32u
#define COMMON_QUEUE_AVAIL 40u
#define COMMON_QUEUE_USED 48u
#define COMMON_BYTES 56u

#define STATUS_ACKNOWLEDGE 1u
#define STATUS_DRIVER 2u
#define STATUS_DRIVER_OK 4u
#define STATUS_FEATURES_OK 8u
#define STATUS_NEEDS_RESET 64u
#define STATUS_FAILED 128u
/* What reads from a device that is no longer there. */
#define STATUS_GONE 255u

#define FEATURE_VERSION_1 (1ull << 32)

#define RESET_STEP_US 50u
#define RESET_STEPS 2000u
#define CONFIG_TRIES 16u

/* Block of a capability, if it lies inside its BAR; the first one of a kind counts. */
static bool take_block(struct virtio_pci *pci, const uint8_t *cap, struct virtio_pci_block *block,
                       uint32_t min_bytes, uint32_t align)
{
    uint32_t offset, bytes;
    uint8_t bar = cap[4];

    memcpy(&offset, cap + 8, 4);
    memcpy(&bytes, cap + 12, 4);
    if (block->bytes != 0)
        return true;
    if (bar >= PCI_NUM_BARS || bytes < min_bytes || offset % align != 0 ||
        (uint64_t)offset + bytes > os_bar_bytes(pci->device, bar))
        return false;
    block->bar = bar;
    block->offset = offset;
    block->bytes = bytes;
    return true;
}

static bool take_capability(struct virtio_pci *pci, const uint8_t *space, uint32_t at)
{
    const uint8_t *cap = space + at;

    if (at + CAP_BYTES > PCI_SPACE_BYTES || cap[2] < CAP_BYTES)
        return false;
    switch (cap[3]) {
    case CAP_COMMON:
        return take_block(pci, cap, &pci->common, COMMON_BYTES, 4);
    case CAP_NOTIFY:
        if (pci->notify.bytes != 0)
            return true;
        if (at + CAP_NOTIFY_BYTES > PCI_SPACE_BYTES || cap[2] < CAP_NOTIFY_BYTES)
            return false;
        memcpy(&pci->notify_multiplier, cap + 16, 4);
        if (pci->notify_multiplier % 2 != 0)
            return false;
        return take_block(pci, cap, &pci->notify, 2, 2);
    case CAP_ISR:
        return take_block(pci, cap, &pci->isr, 1, 1);
    case CAP_DEVICE:
        return take_block(pci, cap, &pci->config, 4, 4);
    default:
        return true;
    }
}

static bool read_capabilities(struct virtio_pci *pci)
{
    uint8_t space[PCI_SPACE_BYTES];
    uint16_t vendor, device, status;

    if (!os_pci_read(pci->device, 0, space, sizeof(space)))
        return false;
    memcpy(&vendor, space + PCI_VENDOR, 2);
    memcpy(&device, space + PCI_VENDOR + 2, 2);
    memcpy(&status, space + PCI_STATUS, 2);
    if (vendor != VIRTIO_VENDOR || device != VIRTIO_GPU_DEVICE ||
        !(status & PCI_STATUS_CAPABILITIES))
        return false;

    uint32_t at = space[PCI_CAPABILITIES] & ~3u;
    for (unsigned int n = 0; at != 0 && n < MAX_CAPS; n++) {
        if (at < PCI_HEADER_BYTES)
            return false;
        if (space[at] == PCI_CAP_VENDOR && !take_capability(pci, space, at))
            return false;
        at = space[at + 1] & ~3u;
    }
    return at == 0 && pci->common.bytes && pci->notify.bytes && pci->isr.bytes;
}

static bool map_block(struct virtio_pci *pci, struct virtio_pci_block *block)
{
    if (block->bytes == 0)
        return true;
    block->mapping = os_bar_map(pci->device, block->bar, block->offset, block->bytes);
    return block->mapping != NULL;
}

static void unmap_all(struct virtio_pci *pci)
{
    os_bar_unmap(pci->device, pci->common.mapping);
    os_bar_unmap(pci->device, pci->notify.mapping);
    os_bar_unmap(pci->device, pci->isr.mapping);
    os_bar_unmap(pci->device, pci->config.mapping);
    memset(pci, 0, sizeof(*pci));
}

enum virtio_pci_result virtio_pci_open(struct virtio_pci *pci, struct os_device *device)
{
    memset(pci, 0, sizeof(*pci));
    pci->device = device;
    if (!read_capabilities(pci)) {
        memset(pci, 0, sizeof(*pci));
        return VIRTIO_PCI_NO_DEVICE;
    }
    if (!map_block(pci, &pci->common) || !map_block(pci, &pci->notify) ||
        !map_block(pci, &pci->isr) || !map_block(pci, &pci->config)) {
        unmap_all(pci);
        return VIRTIO_PCI_NO_MEMORY;
    }
    if (!virtio_pci_reset(pci)) {
        unmap_all(pci);
        return VIRTIO_PCI_STUCK;
    }
    return VIRTIO_PCI_OK;
}

void virtio_pci_close(struct virtio_pci *pci)
{
    if (!pci->device)
        return;
    virtio_pci_reset(pci);
    unmap_all(pci);
}

static uint8_t status(struct virtio_pci *pci)
{
    return os_read8(pci->common.mapping + COMMON_STATUS);
}

static void add_status(struct virtio_pci *pci, uint8_t bits)
{
    os_write8(pci->common.mapping + COMMON_STATUS, (uint8_t)(status(pci) | bits));
}

bool virtio_pci_reset(struct virtio_pci *pci)
{
    memset((void *)pci->doorbells, 0, sizeof(pci->doorbells));
    os_write8(pci->common.mapping + COMMON_STATUS, 0);
    for (unsigned int i = 0; i < RESET_STEPS; i++) {
        if (status(pci) == 0)
            return true;
        os_stall_us(RESET_STEP_US);
    }
    return false;
}

enum virtio_pci_result virtio_pci_negotiate(struct virtio_pci *pci, uint64_t wanted)
{
    volatile uint8_t *common = pci->common.mapping;
    uint64_t offered = 0;

    add_status(pci, STATUS_ACKNOWLEDGE);
    add_status(pci, STATUS_DRIVER);
    for (uint32_t half = 0; half < 2; half++) {
        os_write32(common + COMMON_DEVICE_FEATURE_SELECT, half);
        offered |= (uint64_t)os_read32(common + COMMON_DEVICE_FEATURE) << (half * 32);
    }
    if (!(offered & FEATURE_VERSION_1)) {
        virtio_pci_fail(pci);
        return VIRTIO_PCI_NO_FEATURES;
    }
    pci->features = offered & (wanted | FEATURE_VERSION_1);
    for (uint32_t half = 0; half < 2; half++) {
        os_write32(common + COMMON_DRIVER_FEATURE_SELECT, half);
        os_write32(common + COMMON_DRIVER_FEATURE, (uint32_t)(pci->features >> (half * 32)));
    }
    add_status(pci, STATUS_FEATURES_OK);
    if (!(status(pci) & STATUS_FEATURES_OK)) {
        virtio_pci_fail(pci);
        return VIRTIO_PCI_NO_FEATURES;
    }
    return VIRTIO_PCI_OK;
}

static void write_address(volatile uint8_t *to, uint64_t address)
{
    os_write32(to, (uint32_t)address);
    os_write32(to + 4, (uint32_t)(address >> 32));
}

enum virtio_pci_result virtio_pci_start_queue(struct virtio_pci *pci, unsigned int index,
                                              uint16_t max_size, uint16_t vector,
                                              struct virtqueue *queue)
{
    volatile uint8_t *common = pci->common.mapping;

    memset(queue, 0, sizeof(*queue));
    if (index >= VIRTIO_PCI_MAX_QUEUES)
        return VIRTIO_PCI_NO_QUEUE;
    os_write16(common + COMMON_QUEUE_SELECT, (uint16_t)index);
    uint16_t size = os_read16(common + COMMON_QUEUE_SIZE);
    if (size > max_size)
        size = max_size;
    uint64_t doorbell = (uint64_t)os_read16(common + COMMON_QUEUE_NOTIFY_OFF) *
                        pci->notify_multiplier;
    if (size == 0 || (size & (size - 1)) != 0 || size > VIRTQUEUE_MAX_SIZE ||
        os_read16(common + COMMON_QUEUE_ENABLE) != 0 || doorbell + 2 > pci->notify.bytes)
        return VIRTIO_PCI_NO_QUEUE;

    if (!virtqueue_init(queue, size))
        return VIRTIO_PCI_NO_MEMORY;
    os_write16(common + COMMON_QUEUE_SIZE, size);
    os_write16(common + COMMON_QUEUE_VECTOR, vector);
    if (os_read16(common + COMMON_QUEUE_VECTOR) != vector) {
        virtqueue_finish(queue);
        return VIRTIO_PCI_NO_INTERRUPT;
    }
    write_address(common + COMMON_QUEUE_DESC, queue->desc_address);
    write_address(common + COMMON_QUEUE_AVAIL, queue->avail_address);
    write_address(common + COMMON_QUEUE_USED, queue->used_address);
    os_write16(common + COMMON_QUEUE_ENABLE, 1);
    pci->doorbells[index] = pci->notify.mapping + doorbell;
    return VIRTIO_PCI_OK;
}

enum virtio_pci_result virtio_pci_set_config_vector(struct virtio_pci *pci, uint16_t vector)
{
    os_write16(pci->common.mapping + COMMON_CONFIG_VECTOR, vector);
    if (os_read16(pci->common.mapping + COMMON_CONFIG_VECTOR) != vector)
        return VIRTIO_PCI_NO_INTERRUPT;
    return VIRTIO_PCI_OK;
}

void virtio_pci_driver_ok(struct virtio_pci *pci)
{
    add_status(pci, STATUS_DRIVER_OK);
}

void virtio_pci_fail(struct virtio_pci *pci)
{
    add_status(pci, STATUS_FAILED);
}

bool virtio_pci_is_broken(struct virtio_pci *pci)
{
    uint8_t now = status(pci);
    return now == STATUS_GONE || (now & STATUS_NEEDS_RESET);
}

void virtio_pci_kick(struct virtio_pci *pci, unsigned int index)
{
    if (index < VIRTIO_PCI_MAX_QUEUES && pci->doorbells[index])
        os_write16(pci->doorbells[index], (uint16_t)index);
}

uint8_t virtio_pci_take_isr(struct virtio_pci *pci)
{
    return os_read8(pci->isr.mapping);
}

static bool config_has(const struct virtio_pci *pci, uint32_t offset, unsigned int num_dwords)
{
    return offset % 4 == 0 && offset <= pci->config.bytes &&
           num_dwords <= (pci->config.bytes - offset) / 4;
}

bool virtio_pci_read_config(struct virtio_pci *pci, uint32_t offset, uint32_t *to,
                            unsigned int num_dwords)
{
    if (!config_has(pci, offset, num_dwords))
        return false;
    for (unsigned int n = 0; n < CONFIG_TRIES; n++) {
        uint8_t before = os_read8(pci->common.mapping + COMMON_GENERATION);
        for (unsigned int i = 0; i < num_dwords; i++)
            to[i] = os_read32(pci->config.mapping + offset + 4 * i);
        if (os_read8(pci->common.mapping + COMMON_GENERATION) == before)
            return true;
    }
    return false;
}

bool virtio_pci_write_config(struct virtio_pci *pci, uint32_t offset, uint32_t value)
{
    if (!config_has(pci, offset, 1))
        return false;
    os_write32(pci->config.mapping + offset, value);
    return true;
}
