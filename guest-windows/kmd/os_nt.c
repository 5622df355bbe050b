/* SPDX-License-Identifier: MIT */
#include "os_nt.h"

#include <string.h>

#define NT_PAGE_BYTES 4096u
#define PCI_BARS 0x10u
#define BAR_IS_IO 1u
#define BAR_TYPE_MASK 6u
#define BAR_TYPE_64 4u
#define BAR_ADDRESS_MASK 0xfffffff0u

/* Since Windows 8; import libraries of mingw-w64 do not have it. The older call returns memory that
 * is executable, which newer systems refuse. */
typedef PVOID NTAPI allocate_contiguous_fn(SIZE_T bytes, PHYSICAL_ADDRESS lowest,
                                           PHYSICAL_ADDRESS highest, PHYSICAL_ADDRESS boundary,
                                           ULONG protect, ULONG node);
#define ANY_NODE 0x80000000u

void *os_alloc(size_t bytes, uint32_t tag)
{
    void *memory = ExAllocatePoolWithTag(NonPagedPoolNx, bytes, tag);
    if (memory)
        memset(memory, 0, bytes);
    return memory;
}

void os_free(void *memory, uint32_t tag)
{
    if (memory)
        ExFreePoolWithTag(memory, tag);
}

bool os_dma_alloc(struct os_dma *dma, size_t bytes)
{
    static const WCHAR name[] = L"MmAllocateContiguousNodeMemory";
    UNICODE_STRING string = {sizeof(name) - sizeof(name[0]), sizeof(name), (PWSTR)name};
    PHYSICAL_ADDRESS lowest = {.QuadPart = 0}, highest = {.QuadPart = -1};

    memset(dma, 0, sizeof(*dma));
    allocate_contiguous_fn *allocate =
        (allocate_contiguous_fn *)(uintptr_t)MmGetSystemRoutineAddress(&string);
    if (!allocate)
        return false;
    dma->memory = allocate(bytes, lowest, highest, lowest, PAGE_READWRITE, ANY_NODE);
    if (!dma->memory)
        return false;
    memset(dma->memory, 0, bytes);
    dma->bytes = bytes;
    dma->device_address = (uint64_t)MmGetPhysicalAddress(dma->memory).QuadPart;
    return true;
}

void os_dma_free(struct os_dma *dma)
{
    if (dma->memory)
        MmFreeContiguousMemory(dma->memory);
    memset(dma, 0, sizeof(*dma));
}

_Static_assert(sizeof(KSPIN_LOCK) <= sizeof(struct os_lock), "the lock fits into its place");

void os_lock_init(struct os_lock *lock)
{
    KeInitializeSpinLock((KSPIN_LOCK *)lock->words);
}

uint8_t os_lock_acquire(struct os_lock *lock)
{
    return KeAcquireSpinLockRaiseToDpc((KSPIN_LOCK *)lock->words);
}

void os_lock_release(struct os_lock *lock, uint8_t old_irql)
{
    KeReleaseSpinLock((KSPIN_LOCK *)lock->words, old_irql);
}

void os_barrier(void)
{
    __sync_synchronize();
}

void os_stall_us(uint32_t microseconds)
{
    KeStallExecutionProcessor(microseconds);
}

bool os_pci_read(struct os_device *device, uint32_t offset, void *to, uint32_t bytes)
{
    ULONG got = 0;

    return NT_SUCCESS(device->read_space(device->handle, DXGK_WHICHSPACE_CONFIG, to, offset, bytes,
                                         &got)) &&
           got == bytes;
}

/* Length of the translated memory resource that starts at `address`, 0 when there is none. On PCs
 * the address in a BAR is the one that the CPU uses. */
static ULONG resource_bytes(const CM_RESOURCE_LIST *resources, uint64_t address)
{
    if (resources->Count == 0)
        return 0;

    const CM_PARTIAL_RESOURCE_LIST *list = &resources->List[0].PartialResourceList;
    for (ULONG i = 0; i < list->Count; i++) {
        const CM_PARTIAL_RESOURCE_DESCRIPTOR *d = &list->PartialDescriptors[i];
        if (d->Type == CmResourceTypeMemory && (uint64_t)d->u.Memory.Start.QuadPart == address)
            return d->u.Memory.Length;
    }
    return 0;
}

bool os_nt_device_init(struct os_device *device, const DXGKRNL_INTERFACE *dxgk,
                       const CM_RESOURCE_LIST *resources)
{
    uint32_t bars[OS_NT_NUM_BARS];

    memset(device, 0, sizeof(*device));
    device->handle = dxgk->DeviceHandle;
    device->read_space = dxgk->DxgkCbReadDeviceSpace;
    device->map = dxgk->DxgkCbMapMemory;
    device->unmap = dxgk->DxgkCbUnmapMemory;
    if (!os_pci_read(device, PCI_BARS, bars, sizeof(bars)))
        return false;
    for (unsigned int i = 0; i < OS_NT_NUM_BARS; i++) {
        unsigned int bar = i;
        uint64_t address = bars[i] & BAR_ADDRESS_MASK;
        if (bars[i] & BAR_IS_IO)
            continue;
        if ((bars[i] & BAR_TYPE_MASK) == BAR_TYPE_64 && i + 1 < OS_NT_NUM_BARS)
            address |= (uint64_t)bars[++i] << 32;
        if (address == 0 || address % NT_PAGE_BYTES != 0)
            continue;
        device->bars[bar].start.QuadPart = (LONGLONG)address;
        device->bars[bar].bytes = resource_bytes(resources, address);
    }
    return true;
}

uint64_t os_bar_bytes(struct os_device *device, unsigned int bar)
{
    return bar < OS_NT_NUM_BARS ? device->bars[bar].bytes : 0;
}

/* Whole pages are mapped, so that unmapping finds the start from any address in the first one. */
volatile void *os_bar_map(struct os_device *device, unsigned int bar, uint32_t offset,
                          uint32_t bytes)
{
    uint32_t in_page = offset % NT_PAGE_BYTES;
    PVOID mapping = NULL;

    if ((uint64_t)offset + bytes > os_bar_bytes(device, bar))
        return NULL;
    PHYSICAL_ADDRESS start = device->bars[bar].start;
    start.QuadPart += offset - in_page;
    if (!NT_SUCCESS(device->map(device->handle, start, in_page + bytes, FALSE, FALSE, MmNonCached,
                                &mapping)))
        return NULL;
    return (uint8_t *)mapping + in_page;
}

void os_bar_unmap(struct os_device *device, volatile void *mapping)
{
    uintptr_t start = (uintptr_t)mapping & ~(uintptr_t)(NT_PAGE_BYTES - 1);

    if (mapping)
        device->unmap(device->handle, (PVOID)start);
}

uint8_t os_read8(const volatile void *address)
{
    return *(const volatile uint8_t *)address;
}

uint16_t os_read16(const volatile void *address)
{
    return *(const volatile uint16_t *)address;
}

uint32_t os_read32(const volatile void *address)
{
    return *(const volatile uint32_t *)address;
}

void os_write8(volatile void *address, uint8_t value)
{
    *(volatile uint8_t *)address = value;
}

void os_write16(volatile void *address, uint16_t value)
{
    *(volatile uint16_t *)address = value;
}

void os_write32(volatile void *address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
}
