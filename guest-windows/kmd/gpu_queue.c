/* SPDX-License-Identifier: MIT */
#include "gpu_queue.h"

#include <string.h>

#define TAG OS_TAG('M', 'n', 'G', 'q')
#define MAX_RING 256u
/* Ended commands that are kept: their memory cannot be freed where they end, and would be
 * allocated again at once. */
#define MAX_SPARE 64u
#define FIRST_ERROR VGPU_RESP_ERR_UNSPEC
#define LAST_ERROR 0x12ffu

struct gpu_command {
    struct gpu_command *next;
    struct os_dma memory; /* request, then response */
    uint32_t request_bytes, response_bytes, expected;
    uint64_t fence;
    gpu_done_fn *done;
    void *opaque;
    enum gpu_result result;
    bool ended;
};

enum virtio_pci_result gpu_queue_start(struct gpu_queue *queue, struct virtio_pci *pci,
                                       unsigned int index, uint16_t vector)
{
    memset(queue, 0, sizeof(*queue));
    queue->pci = pci;
    queue->index = index;
    queue->last = &queue->first;
    os_lock_init(&queue->lock);
    enum virtio_pci_result result =
        virtio_pci_start_queue(pci, index, MAX_RING, vector, &queue->ring);
    if (result == VIRTIO_PCI_OK && queue->ring.size < 2) {
        virtio_pci_reset(pci); /* lets go of the ring; a command would never fit */
        virtqueue_finish(&queue->ring);
        return VIRTIO_PCI_NO_QUEUE;
    }
    return result;
}

static void free_command(struct gpu_command *command)
{
    os_dma_free(&command->memory);
    os_free(command, TAG);
}

/* Gives memory of surplus spares back; all of it with keep 0. A lost device may still write into
 * some of it, so that waits for the reset. IRQL PASSIVE. */
static void trim_spares(struct gpu_queue *queue, unsigned int keep)
{
    for (;;) {
        uint8_t irql = os_lock_acquire(&queue->lock);
        bool surplus = queue->num_spare > keep && (!queue->lost || keep == 0);
        struct gpu_command *command = surplus ? queue->spare : NULL;
        if (command) {
            queue->spare = command->next;
            queue->num_spare--;
        }
        os_lock_release(&queue->lock, irql);
        if (!command)
            return;
        free_command(command);
    }
}

static struct gpu_command *take_spare(struct gpu_queue *queue, size_t bytes)
{
    struct gpu_command *found = NULL;
    uint8_t irql = os_lock_acquire(&queue->lock);

    for (struct gpu_command **at = &queue->spare; *at; at = &(*at)->next) {
        if ((*at)->memory.bytes >= bytes) {
            found = *at;
            *at = found->next;
            queue->num_spare--;
            break;
        }
    }
    os_lock_release(&queue->lock, irql);
    return found;
}

struct gpu_command *gpu_command_new(struct gpu_queue *queue, uint32_t type, uint32_t request_bytes,
                                    uint32_t response_bytes)
{
    size_t bytes = (size_t)request_bytes + response_bytes;

    if (request_bytes < sizeof(struct vgpu_wire_ctrl_hdr) ||
        response_bytes < sizeof(struct vgpu_wire_ctrl_hdr))
        return NULL;
    trim_spares(queue, MAX_SPARE);
    struct gpu_command *command = take_spare(queue, bytes);
    if (!command) {
        command = os_alloc(sizeof(*command), TAG);
        if (!command)
            return NULL;
        if (!os_dma_alloc(&command->memory, bytes)) {
            os_free(command, TAG);
            return NULL;
        }
    }
    struct os_dma memory = command->memory;
    memset(command, 0, sizeof(*command));
    command->memory = memory;
    command->request_bytes = request_bytes;
    command->response_bytes = response_bytes;
    memset(memory.memory, 0, bytes);
    ((struct vgpu_wire_ctrl_hdr *)memory.memory)->type = type;
    return command;
}

void *gpu_command_request(struct gpu_command *command)
{
    return command->memory.memory;
}

void gpu_command_drop(struct gpu_queue *queue, struct gpu_command *command)
{
    uint8_t irql = os_lock_acquire(&queue->lock);
    command->next = queue->spare;
    queue->spare = command;
    queue->num_spare++;
    os_lock_release(&queue->lock, irql);
}

/* Puts waiting commands into the ring, in order; tells whether any went. Lock held. */
static bool fill_ring(struct gpu_queue *queue)
{
    bool any = false;

    while (queue->unsent && !queue->lost) {
        struct gpu_command *c = queue->unsent;
        struct virtqueue_segment segments[2] = {
            {c->memory.device_address, c->request_bytes},
            {c->memory.device_address + c->request_bytes, c->response_bytes},
        };
        if (!virtqueue_add(&queue->ring, segments, 1, 1, c))
            break;
        queue->unsent = c->next;
        any = true;
    }
    return any && virtqueue_wants_kick(&queue->ring);
}

static void end_command(struct gpu_command *command, enum gpu_result result)
{
    command->ended = true;
    command->result = result;
}

/* Judges one answer. Lock held. */
static void judge(struct gpu_queue *queue, struct gpu_command *command, uint32_t written_bytes)
{
    const uint8_t *response = (const uint8_t *)command->memory.memory + command->request_bytes;
    struct vgpu_wire_ctrl_hdr header;

    memcpy(&header, response, sizeof(header));
    os_barrier(); /* read once: the device could change it between two looks */
    if (written_bytes >= sizeof(header) && header.type >= FIRST_ERROR &&
        header.type <= LAST_ERROR) {
        end_command(command, GPU_REFUSED);
    } else if (header.type == command->expected && written_bytes == command->response_bytes) {
        end_command(command, GPU_OK);
    } else {
        end_command(command, GPU_LOST);
        queue->lost = true;
    }
}

/* Takes the ended commands out, in order of their fences, and moves the completed fence. Lock
 * held. */
static struct gpu_command *take_ended(struct gpu_queue *queue)
{
    struct gpu_command *ended = NULL, **end = &ended, **at = &queue->first;

    while (*at) {
        struct gpu_command *c = *at;
        if (!c->ended) {
            at = &c->next;
            continue;
        }
        *at = c->next;
        c->next = NULL;
        *end = c;
        end = &c->next;
    }
    queue->last = at;
    queue->completed_fence = queue->first ? queue->first->fence - 1 : queue->last_fence;
    return ended;
}

/* Waiters whose fence is done. Lock held. */
static struct gpu_waiter *take_waiters(struct gpu_queue *queue)
{
    struct gpu_waiter *ready = NULL, **end = &ready, **at = &queue->waiters;

    while (*at) {
        struct gpu_waiter *w = *at;
        if (w->fence > queue->completed_fence) {
            at = &w->next;
            continue;
        }
        *at = w->next;
        w->next = NULL;
        *end = w;
        end = &w->next;
    }
    return ready;
}

static void call_back(struct gpu_queue *queue, struct gpu_command *ended,
                      struct gpu_waiter *waiters)
{
    while (ended) {
        struct gpu_command *c = ended;
        ended = c->next;
        if (c->done)
            c->done(c->opaque, c->result,
                    c->result == GPU_OK ? (uint8_t *)c->memory.memory + c->request_bytes : NULL);
        gpu_command_drop(queue, c);
    }
    while (waiters) {
        struct gpu_waiter *w = waiters;
        waiters = w->next; /* the waiter may free itself */
        w->done(w);
    }
}

void gpu_queue_process(struct gpu_queue *queue)
{
    struct gpu_command *command;
    uint32_t written_bytes;
    uint8_t irql = os_lock_acquire(&queue->lock);

    while (!queue->lost && (command = virtqueue_take(&queue->ring, &written_bytes)) != NULL)
        judge(queue, command, written_bytes);
    if (queue->ring.broken)
        queue->lost = true;
    if (queue->lost) {
        for (struct gpu_command *c = queue->first; c; c = c->next) {
            if (!c->ended)
                end_command(c, GPU_LOST);
        }
        queue->unsent = NULL;
    }
    bool kick = fill_ring(queue);
    struct gpu_command *ended = take_ended(queue);
    struct gpu_waiter *waiters = take_waiters(queue);
    os_lock_release(&queue->lock, irql);

    if (kick)
        virtio_pci_kick(queue->pci, queue->index);
    call_back(queue, ended, waiters);
}

uint64_t gpu_queue_send(struct gpu_queue *queue, struct gpu_command *command, bool on_host,
                        uint32_t expected, gpu_done_fn *done, void *opaque)
{
    struct vgpu_wire_ctrl_hdr *header = command->memory.memory;

    command->expected = expected;
    command->done = done;
    command->opaque = opaque;
    command->next = NULL;

    uint8_t irql = os_lock_acquire(&queue->lock);
    uint64_t fence = ++queue->last_fence;
    command->fence = fence;
    if (on_host) {
        header->flags |= VGPU_HDR_FLAG_FENCE;
        header->fence_id = fence;
    }
    *queue->last = command;
    queue->last = &command->next;
    if (!queue->unsent)
        queue->unsent = command;
    bool lost = queue->lost;
    bool kick = fill_ring(queue);
    os_lock_release(&queue->lock, irql);

    if (kick)
        virtio_pci_kick(queue->pci, queue->index);
    if (lost)
        gpu_queue_process(queue);
    return fence;
}

void gpu_queue_stop(struct gpu_queue *queue)
{
    if (!queue->ring.entries)
        return;
    queue->lost = true;
    gpu_queue_process(queue);
    trim_spares(queue, 0);
    virtqueue_finish(&queue->ring);
}

uint64_t gpu_queue_completed(struct gpu_queue *queue)
{
    uint8_t irql = os_lock_acquire(&queue->lock);
    uint64_t completed = queue->completed_fence;
    os_lock_release(&queue->lock, irql);
    return completed;
}

bool gpu_queue_wait(struct gpu_queue *queue, struct gpu_waiter *waiter, uint64_t fence)
{
    uint8_t irql = os_lock_acquire(&queue->lock);
    bool known = fence > 0 && fence <= queue->last_fence;
    bool done = known && fence <= queue->completed_fence;

    waiter->fence = fence;
    waiter->next = NULL;
    if (known && !done) {
        waiter->next = queue->waiters;
        queue->waiters = waiter;
    }
    os_lock_release(&queue->lock, irql);
    if (done)
        waiter->done(waiter);
    return known;
}

bool gpu_queue_unwait(struct gpu_queue *queue, struct gpu_waiter *waiter)
{
    bool found = false;
    uint8_t irql = os_lock_acquire(&queue->lock);

    for (struct gpu_waiter **at = &queue->waiters; *at && !found; at = &(*at)->next) {
        if (*at == waiter) {
            *at = waiter->next;
            found = true;
            break;
        }
    }
    os_lock_release(&queue->lock, irql);
    return found;
}
