/* SPDX-License-Identifier: MIT */
#include "backing.h"

#include "device.h"

static bool add_range(struct vgpu_backing *backing, void *pointer, uint64_t length)
{
    if (backing->range_count == VGPU_MAX_BACKING_RANGES)
        return false;
    if ((backing->range_count & (backing->range_count - 1)) == 0) {
        unsigned int room = backing->range_count ? 2 * backing->range_count : 1;
        struct iovec *ranges = g_try_renew(struct iovec, backing->ranges, room);
        if (!ranges)
            return false;
        backing->ranges = ranges;
    }
    backing->ranges[backing->range_count].iov_base = pointer;
    backing->ranges[backing->range_count].iov_len = length;
    backing->range_count++;
    backing->size_bytes += length;
    return true;
}

static bool map_entry(struct vgpu_device *device, struct vgpu_backing *backing,
                      const struct vgpu_wire_mem_entry *entry)
{
    uint64_t address = entry->addr;
    uint64_t left = entry->length;
    if (address + left < address)
        return false;
    while (left) {
        uint64_t length = left;
        void *pointer = device->ops->map_guest(device->host, address, &length);
        if (!pointer)
            return false;
        if (!length || length > left || !add_range(backing, pointer, length)) {
            device->ops->unmap_guest(device->host, pointer, length);
            return false;
        }
        address += length;
        left -= length;
    }
    return true;
}

static bool merge_ranges(struct vgpu_backing *backing)
{
    backing->iov = g_try_new(struct iovec, MAX(backing->range_count, 1));
    if (!backing->iov)
        return false;
    for (unsigned int i = 0; i < backing->range_count; i++) {
        const struct iovec *range = &backing->ranges[i];
        struct iovec *last = backing->iov_count ? &backing->iov[backing->iov_count - 1] : NULL;
        if (last && (char *)last->iov_base + last->iov_len == (char *)range->iov_base)
            last->iov_len += range->iov_len;
        else
            backing->iov[backing->iov_count++] = *range;
    }
    return true;
}

struct vgpu_backing *vgpu_backing_map(struct vgpu_device *device, const uint8_t *entries,
                                      size_t entries_bytes, uint32_t nr_entries)
{
    if (nr_entries > VGPU_MAX_BACKING_ENTRIES ||
        entries_bytes / sizeof(struct vgpu_wire_mem_entry) < nr_entries)
        return NULL;
    struct vgpu_backing *backing = g_new0(struct vgpu_backing, 1);
    bool ok = true;
    for (uint32_t i = 0; ok && i < nr_entries; i++) {
        struct vgpu_wire_mem_entry entry;
        memcpy(&entry, entries + i * sizeof(entry), sizeof(entry));
        ok = map_entry(device, backing, &entry);
    }
    if (!ok || !merge_ranges(backing)) {
        vgpu_backing_unmap(device, backing);
        return NULL;
    }
    backing->charge_bytes = sizeof(*backing) + 2ull * backing->range_count * sizeof(struct iovec);
    return backing;
}

void vgpu_backing_unmap(struct vgpu_device *device, struct vgpu_backing *backing)
{
    if (!backing)
        return;
    for (unsigned int i = 0; i < backing->range_count; i++)
        device->ops->unmap_guest(device->host, backing->ranges[i].iov_base,
                                 backing->ranges[i].iov_len);
    g_free(backing->ranges);
    g_free(backing->iov);
    g_free(backing);
}

void vgpu_iov_reader_init(struct vgpu_iov_reader *reader, const struct iovec *iov,
                          unsigned int count)
{
    *reader = (struct vgpu_iov_reader){.iov = iov, .count = count};
}

bool vgpu_iov_read(struct vgpu_iov_reader *reader, uint64_t offset, void *out, size_t size_bytes)
{
    uint8_t *to = out;
    while (size_bytes) {
        while (reader->index < reader->count &&
               offset - reader->index_offset >= reader->iov[reader->index].iov_len)
            reader->index_offset += reader->iov[reader->index++].iov_len;
        if (reader->index == reader->count || offset < reader->index_offset)
            return false;
        const struct iovec *iov = &reader->iov[reader->index];
        size_t skip = offset - reader->index_offset;
        size_t n = MIN(size_bytes, iov->iov_len - skip);
        memcpy(to, (const char *)iov->iov_base + skip, n);
        to += n;
        offset += n;
        size_bytes -= n;
    }
    return true;
}
