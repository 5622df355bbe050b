/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_OS_H
#define MANTUA_OS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All that the portable part of the kernel driver asks of its operating system. os_nt.c is the
 * Windows kernel; the tests bring a double that checks the rules below and lets calls fail.
 *
 * IRQL is written as in Windows: PASSIVE (ordinary), DISPATCH (with a lock held, or in the DPC). */

/* Pool tag from four letters, as debuggers show it. */
#define OS_TAG(a, b, c, d)                                                                      \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

/* Zeroed non-paged memory, not executable, aligned to 16 bytes; NULL when there is none.
 * IRQL <= DISPATCH. */
void *os_alloc(size_t bytes, uint32_t tag);
/* `tag` as at os_alloc(); NULL is fine. IRQL <= DISPATCH. */
void os_free(void *memory, uint32_t tag);

/* Physically contiguous memory that driver and device share. */
struct os_dma {
    void *memory;            /* NULL for none */
    uint64_t device_address; /* of its first byte */
    size_t bytes;
};

/* Zeroed and page aligned; false, with `dma` empty, when there is none. IRQL PASSIVE. */
bool os_dma_alloc(struct os_dma *dma, size_t bytes);
/* Leaves `dma` empty; empty ones are fine. IRQL PASSIVE. */
void os_dma_free(struct os_dma *dma);

/* Spin lock; holding it means IRQL DISPATCH. Not recursive. Inside is the system's own lock. */
struct os_lock {
    uintptr_t words[2];
};

void os_lock_init(struct os_lock *lock);
/* Returns what os_lock_release() wants back. IRQL <= DISPATCH. */
uint8_t os_lock_acquire(struct os_lock *lock);
void os_lock_release(struct os_lock *lock, uint8_t old_irql);

/* Orders all memory accesses before it with all after it, for the device too. Any IRQL. */
void os_barrier(void);
/* Busy waiting, at most 50 microseconds at a time. Any IRQL. */
void os_stall_us(uint32_t microseconds);

/* The PCI device; the system's part of the driver fills and owns it. */
struct os_device;

/* Configuration space; false when fewer bytes came. IRQL PASSIVE. */
bool os_pci_read(struct os_device *device, uint32_t offset, void *to, uint32_t bytes);
/* Bytes of a memory BAR, 0 when there is none. IRQL PASSIVE. */
uint64_t os_bar_bytes(struct os_device *device, unsigned int bar);
/* Maps a part of a memory BAR, uncached; NULL on failure. IRQL PASSIVE. */
volatile void *os_bar_map(struct os_device *device, unsigned int bar, uint32_t offset,
                          uint32_t bytes);
/* NULL is fine. IRQL PASSIVE. */
void os_bar_unmap(struct os_device *device, volatile void *mapping);

/* Device registers, naturally aligned. Any IRQL. */
uint8_t os_read8(const volatile void *address);
uint16_t os_read16(const volatile void *address);
uint32_t os_read32(const volatile void *address);
void os_write8(volatile void *address, uint8_t value);
void os_write16(volatile void *address, uint16_t value);
void os_write32(volatile void *address, uint32_t value);

#endif
