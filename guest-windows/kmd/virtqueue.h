/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_VIRTQUEUE_H
#define MANTUA_VIRTQUEUE_H

#include "os.h"

/* A split virtqueue of virtio 1.x, without event indices and indirect descriptors. No locks inside:
 * one caller at a time.
 *
 * What the driver needs to know of its requests it keeps in memory of its own, so nothing that the
 * device writes can lead it astray: a wrong answer breaks the queue and nothing else. */

#define VIRTQUEUE_MAX_SIZE 1024u

/* A piece of memory for the device. */
struct virtqueue_segment {
    uint64_t device_address;
    uint32_t bytes;
};

struct virtqueue_entry;

struct virtqueue {
    struct os_dma ring;
    uint64_t desc_address;  /* device addresses of the three parts */
    uint64_t avail_address;
    uint64_t used_address;
    struct virtqueue_entry *entries; /* one per descriptor */
    uint16_t size;
    uint16_t num_free;
    uint16_t free_head;
    uint16_t avail_index; /* next to be written */
    uint16_t used_index;  /* next to be read */
    bool broken;          /* the device answered nonsense: nothing is added or taken any more */
};

/* `size` is a power of two up to VIRTQUEUE_MAX_SIZE. False, with nothing held, when it is not, or
 * memory is short. IRQL PASSIVE. */
bool virtqueue_init(struct virtqueue *queue, uint16_t size);
/* The device must no longer use the queue. Fine after a failed init. IRQL PASSIVE. */
void virtqueue_finish(struct virtqueue *queue);

/* Adds a request: `num_out` segments that the device reads, then `num_in` that it writes. `token`
 * (not NULL) comes back from virtqueue_take(). False when there is no room, no segment, an empty
 * one, or the queue is broken. IRQL <= DISPATCH. */
bool virtqueue_add(struct virtqueue *queue, const struct virtqueue_segment *segments,
                   unsigned int num_out, unsigned int num_in, void *token);
/* Whether the device wants to be notified of what was added. IRQL <= DISPATCH. */
bool virtqueue_wants_kick(struct virtqueue *queue);
/* The token of a request that the device has answered, and the bytes that it wrote, never more than
 * it had room for; NULL when there is none. IRQL <= DISPATCH. */
void *virtqueue_take(struct virtqueue *queue, uint32_t *written_bytes);
/* Tokens of requests that were never answered, one per call, then NULL; for when the device has
 * been reset. IRQL <= DISPATCH. */
void *virtqueue_take_unanswered(struct virtqueue *queue);

#endif
