/* SPDX-License-Identifier: MIT */
#include "virtqueue.h"

#include <string.h>

#define TAG OS_TAG('M', 'n', 'V', 'q')
#define NO_ENTRY 0xffffu

#define DESC_NEXT 1u
#define DESC_WRITE 2u
#define USED_NO_NOTIFY 1u

struct ring_desc {
    uint64_t address;
    uint32_t bytes;
    uint16_t flags;
    uint16_t next;
};

struct ring_avail {
    uint16_t flags;
    uint16_t index;
    uint16_t ring[];
};

struct ring_used {
    uint16_t flags;
    uint16_t index;
    struct {
        uint32_t id;
        uint32_t bytes;
    } ring[];
};
_Static_assert(sizeof(struct ring_desc) == 16, "wire layout");

/* Our own view of a descriptor; the fields after `next` count for the first one of a request. */
struct virtqueue_entry {
    uint16_t next;
    uint16_t count;
    uint32_t room_bytes;
    void *token;
};

static volatile struct ring_desc *desc(const struct virtqueue *queue)
{
    return queue->ring.memory;
}

static volatile struct ring_avail *avail(const struct virtqueue *queue)
{
    return (void *)((uint8_t *)queue->ring.memory + (queue->avail_address - queue->desc_address));
}

static volatile struct ring_used *used(const struct virtqueue *queue)
{
    return (void *)((uint8_t *)queue->ring.memory + (queue->used_address - queue->desc_address));
}

bool virtqueue_init(struct virtqueue *queue, uint16_t size)
{
    memset(queue, 0, sizeof(*queue));
    if (size == 0 || size > VIRTQUEUE_MAX_SIZE || (size & (size - 1)) != 0)
        return false;

    size_t desc_bytes = size * sizeof(struct ring_desc);
    size_t avail_bytes = 6 + 2 * (size_t)size;
    size_t used_offset = (desc_bytes + avail_bytes + 3) & ~(size_t)3;
    queue->entries = os_alloc(size * sizeof(*queue->entries), TAG);
    if (!queue->entries)
        return false;
    if (!os_dma_alloc(&queue->ring, used_offset + 6 + 8 * (size_t)size)) {
        virtqueue_finish(queue);
        return false;
    }
    queue->desc_address = queue->ring.device_address;
    queue->avail_address = queue->desc_address + desc_bytes;
    queue->used_address = queue->desc_address + used_offset;
    queue->size = size;
    queue->num_free = size;
    for (uint16_t i = 0; i < size; i++)
        queue->entries[i].next = i + 1 < size ? (uint16_t)(i + 1) : NO_ENTRY;
    return true;
}

void virtqueue_finish(struct virtqueue *queue)
{
    os_dma_free(&queue->ring);
    os_free(queue->entries, TAG);
    memset(queue, 0, sizeof(*queue));
}

bool virtqueue_add(struct virtqueue *queue, const struct virtqueue_segment *segments,
                   unsigned int num_out, unsigned int num_in, void *token)
{
    if (queue->broken || num_out > queue->num_free || num_in > queue->num_free - num_out ||
        num_out + num_in == 0)
        return false;

    unsigned int count = num_out + num_in;
    uint64_t room_bytes = 0;
    for (unsigned int i = 0; i < count; i++) {
        if (segments[i].bytes == 0)
            return false;
        if (i >= num_out)
            room_bytes += segments[i].bytes;
    }
    if (room_bytes > UINT32_MAX)
        return false;

    uint16_t head = queue->free_head;
    uint16_t at = head;
    for (unsigned int i = 0; i < count; i++) {
        uint16_t next = queue->entries[at].next;
        volatile struct ring_desc *d = &desc(queue)[at];
        bool last = i + 1 == count;
        d->address = segments[i].device_address;
        d->bytes = segments[i].bytes;
        d->flags = (uint16_t)((i >= num_out ? DESC_WRITE : 0) | (last ? 0 : DESC_NEXT));
        d->next = last ? 0 : next;
        if (last)
            queue->free_head = next;
        else
            at = next;
    }
    queue->num_free = (uint16_t)(queue->num_free - count);
    queue->entries[head].count = (uint16_t)count;
    queue->entries[head].room_bytes = (uint32_t)room_bytes;
    queue->entries[head].token = token;

    avail(queue)->ring[queue->avail_index & (queue->size - 1)] = head;
    os_barrier(); /* the device sees the request before it sees that there is one */
    queue->avail_index++;
    avail(queue)->index = queue->avail_index;
    return true;
}

bool virtqueue_wants_kick(struct virtqueue *queue)
{
    os_barrier(); /* the new index is out before the device's wish is read */
    return !queue->broken && !(used(queue)->flags & USED_NO_NOTIFY);
}

/* Gives the descriptors of a request back. */
static void *release(struct virtqueue *queue, uint16_t head)
{
    struct virtqueue_entry *entry = &queue->entries[head];
    void *token = entry->token;
    uint16_t last = head;

    for (uint16_t i = 1; i < entry->count; i++)
        last = queue->entries[last].next;
    queue->entries[last].next = queue->free_head;
    queue->free_head = head;
    queue->num_free = (uint16_t)(queue->num_free + entry->count);
    entry->token = NULL;
    return token;
}

void *virtqueue_take(struct virtqueue *queue, uint32_t *written_bytes)
{
    *written_bytes = 0;
    if (queue->broken || used(queue)->index == queue->used_index)
        return NULL;

    os_barrier(); /* the answer is read after the index that announces it */
    uint16_t slot = queue->used_index & (queue->size - 1);
    uint32_t id = used(queue)->ring[slot].id;
    uint32_t bytes = used(queue)->ring[slot].bytes;
    if (id >= queue->size || !queue->entries[id].token || bytes > queue->entries[id].room_bytes) {
        queue->broken = true;
        return NULL;
    }
    queue->used_index++;
    *written_bytes = bytes;
    return release(queue, (uint16_t)id);
}

void *virtqueue_take_unanswered(struct virtqueue *queue)
{
    for (uint16_t i = 0; i < queue->size; i++) {
        if (queue->entries[i].token)
            return release(queue, i);
    }
    return NULL;
}
