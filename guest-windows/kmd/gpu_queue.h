/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_GPU_QUEUE_H
#define MANTUA_GPU_QUEUE_H

#include "virtio_pci.h"
#include "virtio_gpu_wire.h"

/* Commands of the virtio-gpu device on one of its queues: sent in order, answered in any order,
 * with fence numbers that complete in order. What finds no room in the ring waits in memory: so
 * sending never fails and never blocks.
 *
 * Calls may come from several threads; the DPC calls gpu_queue_process(). A queue that hears
 * nonsense from the device is lost: all its commands end at once, and so do later ones. */

enum gpu_result {
    GPU_OK = 0,
    GPU_REFUSED, /* the device answered with an error code */
    GPU_LOST,    /* the queue is lost or was stopped */
};

struct gpu_command;

/* A command has ended. `response` is NULL unless GPU_OK; it has at least the bytes asked for and is
 * valid during the call. The device shares that memory: copy before checking. Called without locks,
 * IRQL <= DISPATCH, each command once. */
typedef void gpu_done_fn(void *opaque, enum gpu_result result, const void *response);

/* Asks for a call once a fence is done. The caller's memory, untouched by him until the call. */
struct gpu_waiter {
    struct gpu_waiter *next;
    uint64_t fence;
    void (*done)(struct gpu_waiter *waiter); /* without locks, IRQL <= DISPATCH */
};

struct gpu_queue {
    struct virtio_pci *pci;
    unsigned int index;
    struct virtqueue ring;
    struct os_lock lock;
    struct gpu_command *first, **last; /* sent and unfinished, by fence */
    struct gpu_command *unsent;        /* the first of them that is not in the ring yet */
    struct gpu_command *spare;         /* ended ones, for reuse */
    unsigned int num_spare;
    struct gpu_waiter *waiters;
    uint64_t last_fence;
    uint64_t completed_fence;
    bool lost;
};

/* Starts queue `index` of the device. On failure nothing is held, and the device may be in reset.
 * IRQL PASSIVE. */
enum virtio_pci_result gpu_queue_start(struct gpu_queue *queue, struct virtio_pci *pci,
                                       unsigned int index, uint16_t vector);
/* The device has been reset, and neither DPC nor senders run. Ends all commands with GPU_LOST,
 * calls all waiters. Fine after a failed start. IRQL PASSIVE. */
void gpu_queue_stop(struct gpu_queue *queue);

/* A command with a zeroed request of `request_bytes`, header.type set, and room for the response;
 * neither is less than the header. NULL when memory is short. IRQL PASSIVE. */
struct gpu_command *gpu_command_new(struct gpu_queue *queue, uint32_t type, uint32_t request_bytes,
                                    uint32_t response_bytes);
/* The request to fill in; starts with struct vgpu_wire_ctrl_hdr. */
void *gpu_command_request(struct gpu_command *command);
/* For commands that were never sent. IRQL <= DISPATCH. */
void gpu_command_drop(struct gpu_queue *queue, struct gpu_command *command);

/* Sends the command, which now belongs to the queue, and returns its fence number. With `on_host`
 * the device answers only when its work is done, not when it is taken on. The answer must be of
 * type `expected`. `done` may be NULL, and may run before this returns. IRQL <= DISPATCH. */
uint64_t gpu_queue_send(struct gpu_queue *queue, struct gpu_command *command, bool on_host,
                        uint32_t expected, gpu_done_fn *done, void *opaque);
/* Takes answers, ends commands, calls waiters, sends what waited. IRQL <= DISPATCH. */
void gpu_queue_process(struct gpu_queue *queue);

/* All fences up to this one are done. IRQL <= DISPATCH. */
uint64_t gpu_queue_completed(struct gpu_queue *queue);
/* Calls waiter->done() once `fence` is done, perhaps before this returns. False, without a call,
 * for a fence that was never given out. IRQL <= DISPATCH. */
bool gpu_queue_wait(struct gpu_queue *queue, struct gpu_waiter *waiter, uint64_t fence);
/* Forgets a waiter; false when it has been called, or is about to be. IRQL <= DISPATCH. */
bool gpu_queue_unwait(struct gpu_queue *queue, struct gpu_waiter *waiter);

#endif
