/* SPDX-License-Identifier: MIT */
#ifndef OS_DOUBLE_H
#define OS_DOUBLE_H

#include "os.h"

/* A Windows kernel for tests. It fails the test on a wrong pool tag, a call at the wrong IRQL, a
 * register access outside a mapping, and on whatever is left over at the end. */

struct os_device {
    uint8_t space[256];
    uint64_t bar_bytes[6];
    /* Registers; `offset` counts from the start of the BAR, `size` is 1, 2 or 4. */
    uint32_t (*read)(struct os_device *device, unsigned int bar, uint32_t offset, uint32_t size);
    void (*write)(struct os_device *device, unsigned int bar, uint32_t offset, uint32_t size,
                  uint32_t value);
};

/* Forgets counters and failures; asserts that nothing was left over before. */
void os_double_begin(void);
/* The n-th call from now on that can fail (1 is the next) fails, as do none after it; 0 for never.
 * Such calls are os_alloc, os_dma_alloc, os_pci_read and os_bar_map. */
void os_double_fail(unsigned int nth);
/* Whether the call chosen by os_double_fail() has come. */
bool os_double_has_failed(void);
/* Asserts that no memory, mapping or lock is held and the IRQL is PASSIVE. */
void os_double_end(void);

/* Memory at a device address; asserts that it lies in one os_dma_alloc(). */
void *os_double_dma(uint64_t device_address, size_t bytes);

#endif
