/* SPDX-License-Identifier: MIT */
#ifndef VGPU_BACKING_H
#define VGPU_BACKING_H

/* Guest memory behind a resource: mapped ranges, and the same with neighbours merged. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct vgpu_device;

struct vgpu_backing {
    struct iovec *ranges; /* as mapped, for unmapping */
    unsigned int range_count;
    struct iovec *iov; /* for the renderer */
    unsigned int iov_count;
    uint64_t size_bytes;
    uint64_t charge_bytes; /* what the lists themselves cost */
};

/*
 * Map nr_entries of struct vgpu_wire_mem_entry at entries (a copy, entries_bytes long). NULL when
 * the list is too short or too long, or an address is not memory. Main thread.
 */
struct vgpu_backing *vgpu_backing_map(struct vgpu_device *device, const uint8_t *entries,
                                      size_t entries_bytes, uint32_t nr_entries);
/* Unmap and free. NULL does nothing. Main thread. */
void vgpu_backing_unmap(struct vgpu_device *device, struct vgpu_backing *backing);

/* Walks an iovec forwards, so that row after row costs no search from the start. */
struct vgpu_iov_reader {
    const struct iovec *iov;
    unsigned int count;
    unsigned int index;
    uint64_t index_offset; /* of iov[index] in the whole */
};

void vgpu_iov_reader_init(struct vgpu_iov_reader *reader, const struct iovec *iov,
                          unsigned int count);
/* Copy size_bytes at offset; offsets must not go down. False when the range is not inside. */
bool vgpu_iov_read(struct vgpu_iov_reader *reader, uint64_t offset, void *out, size_t size_bytes);

#endif
