/* SPDX-License-Identifier: MIT */
#ifndef GUEST_H
#define GUEST_H

/*
 * A guest without an operating system: QEMU runs a processor that halts, and this library does what
 * a driver would do. Guest memory is a file that both sides map; QEMU's qtest socket serves for
 * registers and notifications alone, so a command costs one round trip.
 *
 * Which QEMU and which module is tested is taken from the environment: QEMU (default
 * qemu-system-x86_64), QEMU_MODULE_DIR, QEMU_PRELOAD for its LD_PRELOAD, and STOCK_DEVICE=1 to
 * drive QEMU's own device instead, for comparison. All functions end the test program when QEMU
 * does not answer.
 */

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtio_gpu_wire.h"

#define GUEST_PAGE_BYTES 4096u
#define GUEST_FEATURE_VERSION_1 (1ull << 32)
#define GUEST_ALL_FEATURES UINT64_MAX

struct guest;

struct guest_options {
    const char *device;      /* default "virtio-gpu-gl" */
    const char *properties;  /* ",max_outputs=2", or NULL */
    const char *extra_args;  /* separated by blanks, or NULL */
    const char *display;     /* default $QEMU_DISPLAY, else "none" */
    uint64_t features;       /* to accept of those offered; 0 for all */
    uint32_t ram_mib;        /* default 64 */
};

/* A chain that has been made available to the device. */
struct guest_request {
    bool done;
    uint32_t used_bytes; /* as the device says */
    uint64_t response_address;
    uint16_t head;
};

/* Whether QEMU and, unless STOCK_DEVICE is set, our module are there; tests skip otherwise. */
bool guest_available(void);
bool guest_is_stock(void);

struct guest *guest_start(const struct guest_options *options);
/* Drive a second device of the same machine, in another slot; it takes half of the memory. */
struct guest *guest_start_beside(struct guest *first, uint32_t slot);
/* Ends QEMU and checks that it ended well. */
void guest_stop(struct guest *guest); /* guests that were started beside go first */

/* Find the device, reset it, negotiate, make the queues. guest_start has done it once. */
void guest_init_device(struct guest *guest);
/* Only the reset. Requests under way are forgotten. */
void guest_reset_device(struct guest *guest);
uint64_t guest_offered_features(const struct guest *guest);
uint64_t guest_features(const struct guest *guest);
/* The device's status register. */
uint8_t guest_status(struct guest *guest);

/* Guest memory, by guest physical address. Nothing is ever freed but by guest_free_all. */
uint64_t guest_alloc(struct guest *guest, size_t bytes, size_t alignment);
void guest_free_all(struct guest *guest);
void *guest_pointer(struct guest *guest, uint64_t address);
uint64_t guest_ram_bytes(const struct guest *guest);

/* Device configuration. */
uint32_t guest_read_config(struct guest *guest, uint32_t offset);
void guest_write_config(struct guest *guest, uint32_t offset, uint32_t value);
/* The host visible region: its size, 0 when there is none, and accesses to it. */
uint64_t guest_hostmem_bytes(const struct guest *guest);
uint32_t guest_hostmem_read(struct guest *guest, uint64_t offset);
void guest_hostmem_write(struct guest *guest, uint64_t offset, uint32_t value);

/* Descriptors for guest_send_chain, in guest memory. */
struct guest_buffer {
    uint64_t address;
    uint32_t length;
    bool writable;
};

/* queue 0: control, 1: cursor. Make available and notify. The request must outlive its wait. */
void guest_send_chain(struct guest *guest, unsigned int queue, struct guest_request *request,
                      const struct guest_buffer *buffers, unsigned int count);
void guest_send(struct guest *guest, unsigned int queue, struct guest_request *request,
                const void *data, size_t bytes, size_t response_bytes);
void guest_wait(struct guest *guest, unsigned int queue, struct guest_request *request);
/* False when it is not answered in time. */
bool guest_wait_ms(struct guest *guest, unsigned int queue, struct guest_request *request,
                   unsigned int timeout_ms);
/* Notice what was answered, without waiting; sets done of the requests. */
void guest_collect(struct guest *guest, unsigned int queue);
/* Any thread: whether there are answers that nobody has noticed. */
bool guest_has_answers(const struct guest *guest, unsigned int queue);
/* Spin instead of sleeping in guest_wait: for measuring. */
void guest_spin(struct guest *guest, bool spin);

/* Send on the control queue and wait. Returns the type of the response, 0 for none. */
uint32_t guest_call(struct guest *guest, const void *data, size_t bytes, void *response,
                    size_t response_bytes);
#define GUEST_CALL(guest, request) guest_call(guest, &(request), sizeof(request), NULL, 0)

/* Memory of QEMU's own, without the guest's. */
uint64_t guest_resident_bytes(struct guest *guest);

/* One QMP command; the reply, which must not be an error unless may_fail. Free with g_free. */
char *guest_qmp(struct guest *guest, bool may_fail, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* A screen dump's pixels, 0xRRGGBB each; NULL when QEMU refuses. Free with g_free. */
uint32_t *guest_screendump(struct guest *guest, unsigned int head, unsigned int *width,
                           unsigned int *height);

/* Steps that many tests need; they assert success. */
void guest_create_2d(struct guest *guest, uint32_t id, uint32_t format, uint32_t width,
                     uint32_t height);
void guest_create_3d(struct guest *guest, uint32_t id, uint32_t bind, uint32_t width,
                     uint32_t height);
/* Attach memory newly allocated, in pieces of piece_bytes (0: one). Returns its address. */
uint64_t guest_attach(struct guest *guest, uint32_t id, uint32_t bytes, uint32_t piece_bytes);
void guest_set_scanout(struct guest *guest, uint32_t scanout, uint32_t id, uint32_t width,
                       uint32_t height);
void guest_flush(struct guest *guest, uint32_t id, uint32_t width, uint32_t height);
void guest_create_context(struct guest *guest, uint32_t id);
void guest_attach_to_context(struct guest *guest, uint32_t ctx_id, uint32_t id);
/* Submit dwords with a fence and wait. Returns the type of the response. */
uint32_t guest_submit(struct guest *guest, uint32_t ctx_id, const uint32_t *dwords,
                      unsigned int count);
/* Fill a resource with a colour by drawing: a clear of a surface of it. */
void guest_clear(struct guest *guest, uint32_t ctx_id, uint32_t id, const float color[4]);

#endif
