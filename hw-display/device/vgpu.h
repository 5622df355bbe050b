/* SPDX-License-Identifier: MIT */
#ifndef VGPU_H
#define VGPU_H

/*
 * The virtio-gpu device, free of any virtual machine monitor and of GL.
 *
 * The embedder owns the virtqueues and guest memory. It hands in every descriptor chain with
 * vgpu_submit() and gets each one back exactly once, through host_ops.complete or host_ops.discard.
 * Drawing is done by a renderer behind the virglrenderer interface (struct vgpu_renderer_ops).
 *
 * Threads.  All functions below belong to one thread, the embedder's main thread (for QEMU: whoever
 *     holds the big lock), unless their comment says otherwise. Commands run on the device's render
 *     thread in the order of submission. What they want from the embedder is queued; host_ops.wake
 *     asks for a call of vgpu_dispatch(), which then calls the other host_ops on the main thread.
 * Blocking.  No function waits for rendering, but vgpu_device_new() (starts the renderer),
 *     vgpu_reset() and vgpu_device_free() (wait for the command that is being executed).
 * Guests.  Everything in a descriptor chain is hostile. It is copied once, then checked. A guest
 *     cannot make the device abort, block another device, or hold more than max_hostmem_bytes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define VGPU_MAX_SCANOUTS 16
#define VGPU_CONFIG_BYTES 16
#define VGPU_CURSOR_PX 64

/* Feature bits of the device, numbered as in the virtio specification. */
#define VGPU_F_VIRGL (1ull << 0)
#define VGPU_F_EDID (1ull << 1)
#define VGPU_F_RESOURCE_UUID (1ull << 2)
#define VGPU_F_RESOURCE_BLOB (1ull << 3)
#define VGPU_F_CONTEXT_INIT (1ull << 4)

struct vgpu_device;
struct vgpu_renderer_ops;

enum vgpu_queue {
    VGPU_QUEUE_CONTROL,
    VGPU_QUEUE_CURSOR,
};

struct vgpu_rect {
    uint32_t x;
    uint32_t y;
    uint32_t width;
    uint32_t height;
};

/*
 * Pixels of a scanout, shared between device and embedder. format is a virtio-gpu format number of
 * four bytes per pixel. The pixels may change at any time; size and place never do.
 */
struct vgpu_frame {
    int refs; /* atomic */
    uint32_t format;
    uint32_t width;
    uint32_t height;
    uint32_t stride_bytes;
    uint8_t *pixels;
};

/* Any thread. vgpu_frame_unref(NULL) does nothing. */
struct vgpu_frame *vgpu_frame_ref(struct vgpu_frame *frame);
void vgpu_frame_unref(struct vgpu_frame *frame);

/* One output as the user wants it. width or height 0 turns it off. */
struct vgpu_output {
    uint32_t x;
    uint32_t y;
    uint32_t width;
    uint32_t height;
    uint32_t width_mm;  /* 0: from a usual pixel density */
    uint32_t height_mm;
    uint32_t refresh_mhz; /* thousandths of Hertz; 0: 60 Hz */
};

struct vgpu_cursor {
    uint32_t hot_x;
    uint32_t hot_y;
    uint32_t pixels[VGPU_CURSOR_PX * VGPU_CURSOR_PX]; /* 0xAARRGGBB, premultiplied by the guest */
};

/*
 * What the device asks of its embedder. All functions are required, but those marked optional, and
 * are called on the main thread, but those marked "any thread". None may call back into the device.
 */
struct vgpu_host_ops {
    /* Any thread. Call vgpu_dispatch() soon, on the main thread. */
    void (*wake)(void *host);

    /*
     * Map guest memory for reading and writing until unmap_guest. Returns the host address and
     * lowers *length_bytes to what is contiguous there; NULL when the address is not plain memory.
     */
    void *(*map_guest)(void *host, uint64_t address, uint64_t *length_bytes);
    void (*unmap_guest)(void *host, void *pointer, uint64_t length_bytes);

    /* Write the response into the chain's writable part and return the chain to the guest. */
    void (*complete)(void *host, void *token, const void *response, size_t size_bytes);
    /* The chain was in the device when it was reset: release it, don't return it to the guest. */
    void (*discard)(void *host, void *token);

    /*
     * Show area of frame. The embedder takes its own reference. Called again with the same frame
     * and area, it has no effect.
     */
    void (*scanout_set)(void *host, uint32_t scanout, struct vgpu_frame *frame,
                        const struct vgpu_rect *area);
    void (*scanout_off)(void *host, uint32_t scanout);
    /* These pixels of the scanout changed, in coordinates of the scanout. */
    void (*scanout_update)(void *host, uint32_t scanout, const struct vgpu_rect *rect);
    /* The scanout has new content that vgpu_scanout_refresh() would fetch. Optional. */
    void (*scanout_stale)(void *host, uint32_t scanout);
    /* Ends a refresh for which vgpu_scanout_refresh() returned true. */
    void (*refresh_done)(void *host, uint32_t scanout);

    /* cursor NULL: hide it. */
    void (*cursor_set)(void *host, uint32_t scanout, const struct vgpu_cursor *cursor);
    void (*cursor_move)(void *host, uint32_t scanout, int32_t x, int32_t y);

    /*
     * Show size_bytes of host memory to the guest at offset of the host visible region. Returns a
     * handle for hostmem_unmap or NULL. After hostmem_unmap the guest no longer sees the memory;
     * when nobody in the embedder uses it any more, vgpu_hostmem_released(release_token) follows.
     * Optional: needed when hostmem_bytes is not 0.
     */
    void *(*hostmem_map)(void *host, uint64_t offset, void *pointer, uint64_t size_bytes,
                         void *release_token);
    void (*hostmem_unmap)(void *host, void *mapping);

    /* The configuration space changed: interrupt the guest. */
    void (*config_changed)(void *host);

    /* Any thread. A mistake of the guest, one line, rate-limited already. */
    void (*guest_error)(void *host, const char *message);
    /* A command came in; request is its copy. Optional. */
    void (*trace_command)(void *host, const void *request, size_t size_bytes);
    /* A fenced command was answered. Optional. */
    void (*trace_fence)(void *host, uint64_t fence_id);
};

struct vgpu_device_config {
    uint32_t num_scanouts;      /* 1 .. VGPU_MAX_SCANOUTS */
    uint64_t max_hostmem_bytes; /* bound for everything that the guest makes the device hold */
    uint64_t hostmem_bytes;     /* size of the host visible region, 0 for none */
    uint64_t features;          /* VGPU_F_* that may be offered */
    bool venus;                 /* ask the renderer for Vulkan, too */
    const char *render_node;    /* DRM device file for the renderer, NULL: the renderer's choice */
    /* NULL: the linked renderer library. Tests pass their own. */
    const struct vgpu_renderer_ops *renderer;
};

/*
 * Make a device and start its renderer. Returns NULL and a message (to be freed with g_free) when
 * the renderer cannot be started.
 */
struct vgpu_device *vgpu_device_new(const struct vgpu_device_config *config,
                                    const struct vgpu_host_ops *ops, void *host, char **error);

/*
 * Reset the device, then end it. host_ops are not called afterwards. Host memory that the embedder
 * still holds stays valid until its vgpu_hostmem_released().
 */
void vgpu_device_free(struct vgpu_device *device);

/*
 * Stop the render threads of all devices that were freed and end their renderers; call it before
 * the process exits.
 */
void vgpu_shutdown(void);

/* Features that the device offers, and those that the driver accepted. */
uint64_t vgpu_get_features(const struct vgpu_device *device);
void vgpu_set_features(struct vgpu_device *device, uint64_t features);

/* The configuration space, little endian. */
void vgpu_read_config(struct vgpu_device *device, uint8_t config[VGPU_CONFIG_BYTES]);
void vgpu_write_config(struct vgpu_device *device, const uint8_t config[VGPU_CONFIG_BYTES]);

/* Set one output. Tells the driver when notify is true. */
void vgpu_set_output(struct vgpu_device *device, uint32_t scanout,
                     const struct vgpu_output *output, bool notify);

/*
 * False while so much is queued that the embedder should leave further chains in the virtqueue;
 * look again after vgpu_dispatch().
 */
bool vgpu_ready(struct vgpu_device *device);

/*
 * Hand in a descriptor chain: its readable part, copied before the function returns, and the size
 * of its writable part. token is the embedder's name for it.
 */
void vgpu_submit(struct vgpu_device *device, enum vgpu_queue queue, void *token,
                 const struct iovec *readable, unsigned int readable_count,
                 size_t writable_bytes);

/* Deliver what the render thread has queued for the embedder. */
void vgpu_dispatch(struct vgpu_device *device);

/*
 * Bring the frame of a scanout up to date, if something was flushed to it since. Returns true when
 * that is under way: host_ops.scanout_update (if pixels changed) and refresh_done follow.
 */
bool vgpu_scanout_refresh(struct vgpu_device *device, uint32_t scanout);
/* Consider all pixels of the scanout changed. */
void vgpu_scanout_invalidate(struct vgpu_device *device, uint32_t scanout);

/* Any thread, once per successful hostmem_map. */
void vgpu_hostmem_released(void *release_token);

/*
 * Virtio reset: drops resources, contexts, scanouts, and every chain (host_ops.discard). Mappings
 * of guest memory are gone when the function returns.
 */
void vgpu_reset(struct vgpu_device *device);

/* Numbers for the user, since the device was made. Any thread. */
struct vgpu_stats {
    uint64_t commands;
    uint64_t submits_3d;
    uint64_t submit_bytes;
    uint64_t fences;
    uint64_t readback_bytes;
    uint64_t hostmem_bytes; /* held now */
    uint32_t resources;     /* now */
    uint32_t contexts;      /* now */
    uint32_t inflight;      /* chains in the device now */
};
void vgpu_get_stats(struct vgpu_device *device, struct vgpu_stats *stats);

#endif
