/* SPDX-License-Identifier: MIT */
#include "os_double.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#define PASSIVE 0
#define DISPATCH 2
/* Device addresses differ from ours, so that mixing them up shows. */
#define DMA_SHIFT 0x400000000000ull
#define PAGE_BYTES 4096u

struct allocation {
    struct allocation *next;
    void *memory;
    size_t bytes;
    uint32_t tag; /* of pool memory */
    struct os_device *device; /* of mappings, with BAR and offset */
    unsigned int bar;
    uint32_t offset;
};

static struct allocation *pool, *shared, *mappings;
static unsigned int calls_left;
static bool has_failed;
static uint8_t irql = PASSIVE;
static unsigned int locks_held;

static void add(struct allocation **list, struct allocation what)
{
    struct allocation *entry = g_new(struct allocation, 1);

    *entry = what;
    entry->next = *list;
    *list = entry;
}

static struct allocation take(struct allocation **list, const volatile void *memory)
{
    for (struct allocation **at = list; *at; at = &(*at)->next) {
        if ((*at)->memory == memory) {
            struct allocation *entry = *at;
            struct allocation result = *entry;
            *at = entry->next;
            g_free(entry);
            return result;
        }
    }
    g_error("freed what was not held: %p", (const void *)memory);
}

static bool fails(void)
{
    if (calls_left == 0 || --calls_left > 0)
        return false;
    has_failed = true;
    return true;
}

void os_double_begin(void)
{
    os_double_end();
    os_double_fail(0);
}

void os_double_fail(unsigned int nth)
{
    calls_left = nth;
    has_failed = false;
}

bool os_double_has_failed(void)
{
    return has_failed;
}

void os_double_end(void)
{
    g_assert_null(pool);
    g_assert_null(shared);
    g_assert_null(mappings);
    g_assert_cmpuint(locks_held, ==, 0);
    g_assert_cmpuint(irql, ==, PASSIVE);
}

void *os_double_dma(uint64_t device_address, size_t bytes)
{
    for (const struct allocation *a = shared; a; a = a->next) {
        uint64_t start = (uintptr_t)a->memory + DMA_SHIFT;
        if (device_address >= start && device_address - start <= a->bytes &&
            bytes <= a->bytes - (device_address - start))
            return (uint8_t *)a->memory + (device_address - start);
    }
    g_error("the device was given %#" G_GINT64_MODIFIER "x, which is not shared", device_address);
}

void *os_alloc(size_t bytes, uint32_t tag)
{
    g_assert_cmpuint(irql, <=, DISPATCH);
    g_assert_cmpuint(bytes, >, 0);
    if (fails())
        return NULL;
    void *memory = g_malloc0(bytes);
    add(&pool, (struct allocation){.memory = memory, .bytes = bytes, .tag = tag});
    return memory;
}

void os_free(void *memory, uint32_t tag)
{
    g_assert_cmpuint(irql, <=, DISPATCH);
    if (!memory)
        return;
    struct allocation was = take(&pool, memory);
    g_assert_cmphex(was.tag, ==, tag);
    g_free(memory);
}

bool os_dma_alloc(struct os_dma *dma, size_t bytes)
{
    g_assert_cmpuint(irql, ==, PASSIVE);
    g_assert_cmpuint(bytes, >, 0);
    memset(dma, 0, sizeof(*dma));
    if (fails())
        return false;
    g_assert_cmpint(posix_memalign(&dma->memory, PAGE_BYTES, bytes), ==, 0);
    memset(dma->memory, 0, bytes);
    dma->device_address = (uintptr_t)dma->memory + DMA_SHIFT;
    dma->bytes = bytes;
    add(&shared, (struct allocation){.memory = dma->memory, .bytes = bytes});
    return true;
}

void os_dma_free(struct os_dma *dma)
{
    g_assert_cmpuint(irql, ==, PASSIVE);
    if (dma->memory) {
        take(&shared, dma->memory);
        free(dma->memory);
    }
    memset(dma, 0, sizeof(*dma));
}

void os_lock_init(struct os_lock *lock)
{
    memset(lock, 0, sizeof(*lock));
}

uint8_t os_lock_acquire(struct os_lock *lock)
{
    uint8_t old = irql;

    g_assert_cmpuint(irql, <=, DISPATCH);
    g_assert_cmpuint(lock->words[0], ==, 0);
    lock->words[0] = 1;
    locks_held++;
    irql = DISPATCH;
    return old;
}

void os_lock_release(struct os_lock *lock, uint8_t old_irql)
{
    g_assert_cmpuint(irql, ==, DISPATCH);
    g_assert_cmpuint(lock->words[0], ==, 1);
    lock->words[0] = 0;
    locks_held--;
    irql = old_irql;
}

void os_barrier(void)
{
    __sync_synchronize();
}

void os_stall_us(uint32_t microseconds)
{
    g_assert_cmpuint(microseconds, <=, 50);
}

bool os_pci_read(struct os_device *device, uint32_t offset, void *to, uint32_t bytes)
{
    g_assert_cmpuint(irql, ==, PASSIVE);
    g_assert_cmpuint(offset + bytes, <=, sizeof(device->space));
    if (fails())
        return false;
    memcpy(to, device->space + offset, bytes);
    return true;
}

uint64_t os_bar_bytes(struct os_device *device, unsigned int bar)
{
    g_assert_cmpuint(irql, ==, PASSIVE);
    g_assert_cmpuint(bar, <, G_N_ELEMENTS(device->bar_bytes));
    return device->bar_bytes[bar];
}

volatile void *os_bar_map(struct os_device *device, unsigned int bar, uint32_t offset,
                          uint32_t bytes)
{
    g_assert_cmpuint(irql, ==, PASSIVE);
    g_assert_cmpuint(bar, <, G_N_ELEMENTS(device->bar_bytes));
    g_assert_cmpuint((uint64_t)offset + bytes, <=, device->bar_bytes[bar]);
    g_assert_cmpuint(bytes, >, 0);
    if (fails())
        return NULL;
    void *memory = g_malloc0(bytes);
    add(&mappings, (struct allocation){.memory = memory, .bytes = bytes, .device = device,
                                       .bar = bar, .offset = offset});
    return memory;
}

void os_bar_unmap(struct os_device *device, volatile void *mapping)
{
    g_assert_cmpuint(irql, ==, PASSIVE);
    if (!mapping)
        return;
    struct allocation was = take(&mappings, mapping);
    g_assert_true(was.device == device);
    g_free(was.memory);
}

static const struct allocation *find_register(const volatile void *address, uint32_t size,
                                              uint32_t *offset)
{
    for (const struct allocation *a = mappings; a; a = a->next) {
        uintptr_t start = (uintptr_t)a->memory;
        uintptr_t at = (uintptr_t)address;
        if (at < start || at - start >= a->bytes)
            continue;
        g_assert_cmpuint(size, <=, a->bytes - (at - start));
        *offset = a->offset + (uint32_t)(at - start);
        g_assert_cmpuint(*offset % size, ==, 0);
        return a;
    }
    g_error("no register at %p", (const void *)address);
}

static uint32_t read_register(const volatile void *address, uint32_t size)
{
    uint32_t offset;
    const struct allocation *a = find_register(address, size, &offset);
    return a->device->read(a->device, a->bar, offset, size);
}

static void write_register(volatile void *address, uint32_t size, uint32_t value)
{
    uint32_t offset;
    const struct allocation *a = find_register(address, size, &offset);
    a->device->write(a->device, a->bar, offset, size, value);
}

uint8_t os_read8(const volatile void *address)
{
    return (uint8_t)read_register(address, 1);
}

uint16_t os_read16(const volatile void *address)
{
    return (uint16_t)read_register(address, 2);
}

uint32_t os_read32(const volatile void *address)
{
    return read_register(address, 4);
}

void os_write8(volatile void *address, uint8_t value)
{
    write_register(address, 1, value);
}

void os_write16(volatile void *address, uint16_t value)
{
    write_register(address, 2, value);
}

void os_write32(volatile void *address, uint32_t value)
{
    write_register(address, 4, value);
}
