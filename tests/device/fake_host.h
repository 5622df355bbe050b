/* SPDX-License-Identifier: MIT */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

/* An embedder of the device without a machine: guest memory is an array, chains are structs. */

#include <glib.h>
#include <pthread.h>

#include "fake_renderer.h"
#include "vgpu.h"
#include "virtio_gpu_wire.h"

#define GUEST_BYTES (16u << 20)

struct fake_host {
    struct vgpu_device *device;
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool woken;
    uint8_t *guest;
    unsigned int guest_mappings;
    unsigned int completed;
    unsigned int discarded;
    GString *log;
    unsigned int log_lines;

    struct vgpu_frame *frame[VGPU_MAX_SCANOUTS];
    struct vgpu_rect frame_area[VGPU_MAX_SCANOUTS];
    struct vgpu_rect updated[VGPU_MAX_SCANOUTS];
    unsigned int updates[VGPU_MAX_SCANOUTS];
    unsigned int refreshes[VGPU_MAX_SCANOUTS];
    struct vgpu_cursor cursor;
    bool cursor_visible;
    int32_t cursor_x;
    int32_t cursor_y;

    bool refuse_hostmem;
    unsigned int hostmem_mappings;
    uint64_t hostmem_offset;
    GPtrArray *unreleased; /* release tokens of memory taken from the guest's view */
    bool release_at_once;
    unsigned int config_changes;
};

/* A chain. response is filled in when done is set. */
struct fake_chain {
    bool done;
    bool discarded;
    size_t response_bytes;
    size_t writable_bytes;
    uint8_t response[4096];
};

/* A device with all features offered and accepted, 4 outputs, unless config says otherwise. */
struct fake_host *fake_host_new(const struct vgpu_device_config *config);
void fake_host_free(struct fake_host *host);
struct vgpu_device_config fake_host_config(void);

/* Put a request on its way; chain->writable_bytes says how long the response may be. */
void fake_host_send(struct fake_host *host, enum vgpu_queue queue, struct fake_chain *chain,
                    const void *request, size_t size_bytes);
/* Run the main thread until *flag is set. */
void fake_host_run_until(struct fake_host *host, const bool *flag);
/* Run until everything sent before, and not waiting for a fence, is answered. */
void fake_host_settle(struct fake_host *host);

/* Send, wait, return the type of the response. */
uint32_t fake_host_call(struct fake_host *host, const void *request, size_t size_bytes,
                        struct fake_chain *chain);
#define CALL(host, request) fake_host_call(host, &(request), sizeof(request), NULL)

/* Commands that tests use as means. Assert success. */
void fake_create_2d(struct fake_host *host, uint32_t id, uint32_t width, uint32_t height);
uint32_t fake_attach(struct fake_host *host, uint32_t id, uint64_t address, uint32_t length);
void fake_create_3d(struct fake_host *host, uint32_t id, uint32_t width, uint32_t height);
void fake_create_context(struct fake_host *host, uint32_t id);
uint32_t fake_unref(struct fake_host *host, uint32_t id);
/* Send a fenced SUBMIT_3D of one idle command. ring_idx below 0: the global timeline. */
void fake_send_fence(struct fake_host *host, struct fake_chain *chain, uint32_t ctx_id,
                     int ring_idx, uint64_t fence_id);

#endif
