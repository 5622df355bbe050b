/* SPDX-License-Identifier: MIT */
#ifndef VGPU_DEVICE_H
#define VGPU_DEVICE_H

/*
 * Inside of the device. Three kinds of state:
 *  - the render thread's own: resources, contexts, scanouts, memory accounting; no lock;
 *  - shared, under device->lock: the event queue to the main thread, fences, outputs, counters;
 *  - the main thread's own: configuration events, the features accepted.
 * device->lock is never held while the renderer or the embedder is called.
 */

#include <glib.h>
#include <pthread.h>
#include <string.h>

#include "backing.h"
#include "vgpu_limits.h"
#include "renderer_ops.h"
#include "vgpu.h"
#include "virtio_gpu_wire.h"
#include "worker.h"

/* A handler's answer when the response will be sent by other means. */
#define VGPU_ANSWER_LATER 0u

struct vgpu_job;

enum vgpu_resource_kind {
    VGPU_RESOURCE_2D,
    VGPU_RESOURCE_3D,
    VGPU_RESOURCE_BLOB,
};

enum vgpu_mapping_state {
    VGPU_UNMAPPED,
    VGPU_MAPPING,   /* the main thread has been asked to map */
    VGPU_MAPPED,
    VGPU_UNMAPPING, /* the embedder may still use the memory */
};

struct vgpu_resource {
    uint32_t id;
    enum vgpu_resource_kind kind;
    uint32_t target;
    uint32_t format;
    uint32_t bind;
    uint32_t width;
    uint32_t height;
    uint32_t depth;
    uint32_t array_size;
    uint32_t last_level;
    uint32_t nr_samples;
    uint32_t flags;
    uint64_t charged_bytes;
    bool in_renderer;
    struct vgpu_frame *frame; /* the pixels of a 2D resource that is not in the renderer */
    struct vgpu_backing *backing;
    uint32_t scanout_mask;

    uint32_t blob_mem;
    uint32_t blob_flags;
    uint64_t blob_size_bytes;
    enum vgpu_mapping_state mapping_state;
    uint64_t mapping_offset;
    uint64_t mapping_size_bytes;
    void *mapping; /* the embedder's handle; main thread only */
    struct vgpu_job *unmap_job; /* answered when the memory is released */
    struct vgpu_job *unref_job; /* likewise; the resource is freed then */
    bool outlived_reset;        /* freed when the memory is released */

    bool has_uuid;
    uint8_t uuid[16];

    struct vgpu_device *device;
    struct vgpu_task release_task; /* for vgpu_hostmem_released */
};

struct vgpu_context {
    uint32_t id;
    uint32_t capset_id;
};

/* What a scanout shows. resource NULL: nothing. */
struct vgpu_scanout {
    struct vgpu_resource *resource;
    struct vgpu_rect area;    /* of the resource */
    uint32_t format;          /* of a blob */
    uint32_t stride_bytes;    /* of a blob */
    uint32_t offset_bytes;    /* of a blob */
    struct vgpu_frame *frame; /* own, filled by readback; NULL when the resource's is shown */
    struct vgpu_rect damage;  /* of the frame, not yet read back; empty when width is 0 */
};

struct vgpu_capset {
    uint32_t id;
    uint32_t max_version;
    uint32_t size_bytes;
};

/* A descriptor chain on its way through the device. */
struct vgpu_job {
    struct vgpu_task task;
    struct vgpu_device *device;
    void *token;
    enum vgpu_queue queue;
    uint8_t *request; /* a copy, at least a header long */
    size_t request_bytes;
    size_t total_bytes; /* of the readable part, which is larger when it was too long to copy */
    size_t writable_bytes;
    struct vgpu_wire_ctrl_hdr header; /* of the request */
    const struct vgpu_command *command; /* NULL when unknown */
    struct vgpu_backing *backing; /* for commands that bring memory; taken by the handler */
    bool bad_backing;
    bool draws; /* the handler gave the renderer work that a fence must wait for */

    union {
        struct vgpu_wire_ctrl_hdr response_header;
        uint8_t response[64];
    };
    uint8_t *large_response; /* instead of response */
    size_t response_bytes;
};

struct vgpu_command {
    uint32_t type;
    uint32_t request_bytes;
    uint64_t feature; /* needed; 0 for none */
    uint32_t (*run)(struct vgpu_device *device, struct vgpu_job *job);
    const char *name;
    enum vgpu_queue queue;
};

enum vgpu_event_kind {
    VGPU_EVENT_COMPLETE,
    VGPU_EVENT_RELEASE_BACKING,
    VGPU_EVENT_SCANOUT_SET,
    VGPU_EVENT_SCANOUT_OFF,
    VGPU_EVENT_SCANOUT_UPDATE,
    VGPU_EVENT_SCANOUT_STALE,
    VGPU_EVENT_REFRESH_DONE,
    VGPU_EVENT_CURSOR_SET,
    VGPU_EVENT_CURSOR_MOVE,
    VGPU_EVENT_HOSTMEM_MAP,
    VGPU_EVENT_HOSTMEM_UNMAP,
};

struct vgpu_event {
    struct vgpu_event *next;
    enum vgpu_event_kind kind;
    uint32_t scanout;
    struct vgpu_job *job;
    struct vgpu_backing *backing;
    struct vgpu_frame *frame;
    struct vgpu_rect rect;
    struct vgpu_cursor *cursor;
    int32_t cursor_x;
    int32_t cursor_y;
    struct vgpu_resource *resource;
    void *pointer;
};

struct vgpu_log {
    gint64 window_start_us;
    unsigned int in_window;
    unsigned int suppressed;
};

struct vgpu_fence;

struct vgpu_device {
    struct vgpu_device_config config;
    const struct vgpu_host_ops *ops;
    void *host;
    struct vgpu_worker *worker;
    const struct vgpu_renderer_ops *renderer;
    uint64_t features;          /* offered */
    uint64_t accepted_features; /* atomic pointer-sized reads; written while no job runs */
    struct vgpu_capset capsets[VGPU_MAX_CAPSETS];
    uint32_t capset_count;

    /* The main thread's. */
    uint32_t config_events;

    /* The render thread's. */
    GHashTable *resources; /* uint32_t id to struct vgpu_resource */
    GHashTable *contexts;  /* uint32_t id to struct vgpu_context */
    unsigned int outlived_reset_count; /* resources whose memory the embedder still uses */
    struct vgpu_scanout scanouts[VGPU_MAX_SCANOUTS];
    uint64_t hostmem_bytes;
    bool renderer_busy; /* work was given to the renderer since its last fence passed */

    pthread_mutex_t lock;
    bool freed; /* the embedder is done with the device */
    struct vgpu_event *events;
    struct vgpu_event **events_tail;
    struct vgpu_fence *fences; /* in order of submission */
    struct vgpu_fence **fences_tail;
    uint32_t fence_sequence;
    struct vgpu_output outputs[VGPU_MAX_SCANOUTS];
    uint32_t stale_mask;     /* scanouts with damage */
    uint32_t refreshing_mask; /* scanouts being read back */
    size_t queued_bytes;
    struct vgpu_stats stats;
    struct vgpu_log log;
};

/* job.c */
void vgpu_job_free(struct vgpu_job *job);
/* Room for a response of size_bytes, zeroed; NULL when there is no memory for it. */
void *vgpu_job_response(struct vgpu_job *job, size_t size_bytes);
/* Answer with this response type, when earlier fences allow it. Render thread. */
void vgpu_job_answer(struct vgpu_job *job, uint32_t type);
/* The struct of the request; command->request_bytes are there. */
#define vgpu_request(job, type) ((const struct type *)(const void *)(job)->request)

/* command.c */
const struct vgpu_command *vgpu_command_find(uint32_t type);
void vgpu_job_run(struct vgpu_task *task);

/* event.c */
struct vgpu_event *vgpu_event_new(enum vgpu_event_kind kind);
/* Any thread; takes the event. */
void vgpu_event_post(struct vgpu_device *device, struct vgpu_event *event);
/* With device->lock held. Returns whether the main thread has to be woken. */
bool vgpu_event_post_locked(struct vgpu_device *device, struct vgpu_event *event);
void vgpu_events_deliver(struct vgpu_device *device);
/* Throw away what has not been delivered; releases backings and chains. */
void vgpu_events_discard(struct vgpu_device *device);

/* fence.c */
/* Answer job (response filled in) in fence order; wait_renderer: not before its work is done. */
void vgpu_fence_answer(struct vgpu_device *device, struct vgpu_job *job, bool wait_renderer);
void vgpu_fence_passed(void *opaque, uint32_t ctx_id, uint32_t ring_idx, uint32_t sequence);
/* The context is gone: nothing of it is waited for any more. */
void vgpu_fence_context_gone(struct vgpu_device *device, uint32_t ctx_id);
/* Hand the jobs of all fences to the embedder's discard. Main thread. */
void vgpu_fences_discard(struct vgpu_device *device);

/* guest_log.c */
void vgpu_guest_error(struct vgpu_device *device, const struct vgpu_job *job, const char *format,
                      ...) G_GNUC_PRINTF(3, 4);

/* resource.c */
struct vgpu_resource *vgpu_resource_find(struct vgpu_device *device, uint32_t id);
/* NULL with *error set to a response code. charge_bytes is taken from the memory limit. */
struct vgpu_resource *vgpu_resource_new(struct vgpu_device *device, struct vgpu_job *job,
                                        uint32_t id, enum vgpu_resource_kind kind,
                                        uint64_t charge_bytes, uint32_t *error);
/* Remove a resource that is nowhere in use and release everything it holds. */
void vgpu_resource_free(struct vgpu_resource *resource);
uint32_t vgpu_resource_unref(struct vgpu_device *device, struct vgpu_job *job);
uint32_t vgpu_resource_attach_backing(struct vgpu_device *device, struct vgpu_job *job);
uint32_t vgpu_resource_detach_backing(struct vgpu_device *device, struct vgpu_job *job);
uint32_t vgpu_resource_assign_uuid(struct vgpu_device *device, struct vgpu_job *job);
void vgpu_resource_drop_backing(struct vgpu_resource *resource);
bool vgpu_charge(struct vgpu_device *device, uint64_t bytes);
void vgpu_uncharge(struct vgpu_device *device, uint64_t bytes);
/* The response code for a renderer's errno of either sign. */
uint32_t vgpu_renderer_error(int error);

/* device.c */
/* The render thread, after the last resource that outlived a reset is gone: may free the device. */
void vgpu_device_drained(struct vgpu_device *device);

/* resource2d.c */
uint32_t vgpu_resource_create_2d(struct vgpu_device *device, struct vgpu_job *job);
uint32_t vgpu_transfer_to_host_2d(struct vgpu_device *device, struct vgpu_job *job);
/* Move a 2D resource into the renderer, for a context is going to use it. */
uint32_t vgpu_resource_promote_2d(struct vgpu_resource *resource);

/* resource3d.c */
uint32_t vgpu_resource_create_3d(struct vgpu_device *device, struct vgpu_job *job);
uint32_t vgpu_transfer_to_host_3d(struct vgpu_device *device, struct vgpu_job *job);
uint32_t vgpu_transfer_from_host_3d(struct vgpu_device *device, struct vgpu_job *job);

/* blob.c */
uint32_t vgpu_resource_create_blob(struct vgpu_device *device, struct vgpu_job *job);
uint32_t vgpu_resource_map_blob(struct vgpu_device *device, struct vgpu_job *job);
uint32_t vgpu_resource_unmap_blob(struct vgpu_device *device, struct vgpu_job *job);
/* Ask the main thread to take the resource out of the host visible region. */
void vgpu_blob_start_unmap(struct vgpu_resource *resource);
/* Main thread: carry out a VGPU_EVENT_HOSTMEM_MAP. */
void vgpu_blob_map_now(struct vgpu_resource *resource, struct vgpu_job *job, void *pointer);

/* context.c */
struct vgpu_context *vgpu_context_find(struct vgpu_device *device, uint32_t id);
uint32_t vgpu_ctx_create(struct vgpu_device *device, struct vgpu_job *job);
uint32_t vgpu_ctx_destroy(struct vgpu_device *device, struct vgpu_job *job);
uint32_t vgpu_ctx_attach_resource(struct vgpu_device *device, struct vgpu_job *job);
uint32_t vgpu_ctx_detach_resource(struct vgpu_device *device, struct vgpu_job *job);
uint32_t vgpu_submit_3d(struct vgpu_device *device, struct vgpu_job *job);
void vgpu_contexts_destroy_all(struct vgpu_device *device);

/* capset.c */
void vgpu_capsets_probe(struct vgpu_device *device);
bool vgpu_capset_known(const struct vgpu_device *device, uint32_t id);
uint32_t vgpu_get_capset_info(struct vgpu_device *device, struct vgpu_job *job);
uint32_t vgpu_get_capset(struct vgpu_device *device, struct vgpu_job *job);

/* display.c */
uint32_t vgpu_get_display_info(struct vgpu_device *device, struct vgpu_job *job);
uint32_t vgpu_get_edid(struct vgpu_device *device, struct vgpu_job *job);

/* scanout.c */
uint32_t vgpu_set_scanout(struct vgpu_device *device, struct vgpu_job *job);
uint32_t vgpu_set_scanout_blob(struct vgpu_device *device, struct vgpu_job *job);
uint32_t vgpu_resource_flush(struct vgpu_device *device, struct vgpu_job *job);
/* Turn off the scanouts that show the resource. */
void vgpu_scanout_forget_resource(struct vgpu_device *device, struct vgpu_resource *resource);
/* The resource's pixels moved into the renderer: show them by readback from now on. */
void vgpu_scanout_resource_promoted(struct vgpu_device *device, struct vgpu_resource *resource);
/* Consider all pixels of a scanout's own frame changed. */
void vgpu_scanout_damage_all(struct vgpu_device *device, uint32_t scanout);
/* Drop all scanouts without telling anyone. */
void vgpu_scanouts_clear(struct vgpu_device *device);
/* Read the damaged part of a scanout's own frame back from the renderer or the guest. */
void vgpu_scanout_read_back(struct vgpu_device *device, uint32_t scanout);

/* cursor.c */
uint32_t vgpu_update_cursor(struct vgpu_device *device, struct vgpu_job *job);
uint32_t vgpu_move_cursor(struct vgpu_device *device, struct vgpu_job *job);

/* frame.c */
struct vgpu_frame *vgpu_frame_new(uint32_t format, uint32_t width, uint32_t height);

static inline bool vgpu_rect_inside(const struct vgpu_rect *r, uint32_t width, uint32_t height)
{
    return r->x <= width && r->width <= width - r->x && r->y <= height &&
           r->height <= height - r->y;
}

#endif
