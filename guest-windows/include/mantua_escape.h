/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_ESCAPE_H
#define MANTUA_ESCAPE_H

#include <stddef.h>
#include <stdint.h>

/* What a program says to the kernel driver through D3DKMTEscape (type 0, driver private).
 *
 * Rules of the interface
 *  - One call carries one message: a struct below, at the start of the buffer, with
 *    header.size_bytes equal to the size of the buffer. Answers go into the same buffer.
 *  - All data is inline. No field is a pointer that the driver follows. The only address is one
 *    that the driver hands out (backing_map.address), and it never takes it back in.
 *  - Handles are numbers of the calling process alone. The driver looks each one up together with
 *    its kind; a handle of another process does not exist. All that a process made goes away when
 *    it ends.
 *  - Nothing waits inside a call. Work on the host is ordered; a fence number tells when it is
 *    done, and an event can be asked to be set then.
 *  - Fields named `reserved` are zero. Structs have the same layout in 32 and 64 bit programs.
 *  - The operating system copies the buffer into kernel memory before the driver sees it, so a
 *    checked message cannot change afterwards.
 *
 * mantua_escape_check() is the driver's gate: what passes it has sane sizes and numbers. It knows
 * nothing of handles, of the process or of the host's limits; those are checked when used. */

/* "MNTA" */
#define MANTUA_ESCAPE_MAGIC 0x41544e4du
/* Raised with every change that an older side would misread. A driver takes its own version alone,
 * but answers MANTUA_ESCAPE_QUERY of any version, which tells the caller what the driver speaks. */
#define MANTUA_ESCAPE_VERSION 1u

/* Most bytes of one message. */
#define MANTUA_ESCAPE_MAX_BYTES 262144u
/* Most bytes of a resource's backing: guest memory that one call can pin. */
#define MANTUA_ESCAPE_MAX_BACKING_BYTES (512ull * 1024 * 1024)
/* Most texels of width, height, depth or layers of a resource that is no buffer. */
#define MANTUA_ESCAPE_MAX_TEXELS 65536u
#define MANTUA_ESCAPE_MAX_LEVEL 16u
#define MANTUA_ESCAPE_MAX_SAMPLES 32u
/* Bytes of a context's name, for the host's log. */
#define MANTUA_ESCAPE_NAME_BYTES 64u

enum mantua_escape_op {
    MANTUA_ESCAPE_QUERY = 1,
    MANTUA_ESCAPE_GET_CAPSET = 2,
    MANTUA_ESCAPE_CONTEXT_CREATE = 3,
    MANTUA_ESCAPE_CONTEXT_DESTROY = 4,
    MANTUA_ESCAPE_RESOURCE_CREATE = 5,
    MANTUA_ESCAPE_RESOURCE_DESTROY = 6,
    MANTUA_ESCAPE_CONTEXT_ATTACH = 7,
    MANTUA_ESCAPE_CONTEXT_DETACH = 8,
    MANTUA_ESCAPE_BACKING_MAP = 9,
    MANTUA_ESCAPE_BACKING_UNMAP = 10,
    MANTUA_ESCAPE_TRANSFER_TO_HOST = 11,
    MANTUA_ESCAPE_TRANSFER_FROM_HOST = 12,
    MANTUA_ESCAPE_SUBMIT = 13,
    MANTUA_ESCAPE_FENCE_QUERY = 14,
    MANTUA_ESCAPE_FENCE_EVENT = 15,
};

/* header.status of an answer. The first group comes from mantua_escape_check(). */
enum mantua_escape_status {
    MANTUA_ESCAPE_OK = 0,
    MANTUA_ESCAPE_BAD_MESSAGE = 1, /* too short for a header, misaligned, or no magic */
    MANTUA_ESCAPE_BAD_VERSION = 2,
    MANTUA_ESCAPE_BAD_OP = 3,
    MANTUA_ESCAPE_BAD_SIZE = 4,  /* sizes do not fit the operation, or each other */
    MANTUA_ESCAPE_BAD_VALUE = 5, /* a field has a value that is never right */

    MANTUA_ESCAPE_BAD_HANDLE = 16,  /* no such object of that kind in this process */
    MANTUA_ESCAPE_NO_MEMORY = 17,   /* of the guest, or this process has used up its share */
    MANTUA_ESCAPE_NOT_THERE = 18,   /* the device lacks it: no 3D, no such capability set */
    MANTUA_ESCAPE_HOST_REFUSED = 19, /* the device answered with an error */
    MANTUA_ESCAPE_DEVICE_LOST = 20, /* the device stopped; nothing works until it restarts */
    MANTUA_ESCAPE_BUSY = 21,        /* the queue is full; try again after a fence */
};

/* In front of every message. */
struct mantua_escape_header {
    uint32_t magic;      /* in: MANTUA_ESCAPE_MAGIC */
    uint32_t version;    /* in: MANTUA_ESCAPE_VERSION of the caller's header */
    uint32_t op;         /* in: enum mantua_escape_op */
    uint32_t size_bytes; /* in: of the whole message, with what follows the struct */
    uint32_t status;     /* in: 0; out: enum mantua_escape_status */
    uint32_t reserved;
};

/* QUERY: what driver and device offer. */
struct mantua_escape_query {
    struct mantua_escape_header header;
    uint32_t driver_version;       /* out: MANTUA_ESCAPE_VERSION of the driver */
    uint32_t has_3d;               /* out: 1 with 3D contexts, 0 for a display alone */
    uint32_t num_capsets;          /* out: capability sets of the device */
    uint32_t max_message_bytes;    /* out: the driver's limit, at most MANTUA_ESCAPE_MAX_BYTES */
    uint64_t max_backing_bytes;    /* out: per resource */
    uint64_t process_backing_bytes; /* out: for all resources of a process together */
};

/* GET_CAPSET: a capability set of the host; room for `data_bytes` follows the struct. */
struct mantua_escape_get_capset {
    struct mantua_escape_header header;
    uint32_t capset_id;      /* in: virtio-gpu capability set, not 0 */
    uint32_t capset_version; /* in: as the host reports it, or lower */
    uint32_t data_bytes;     /* in: room; out: bytes written. A larger set is cut off. */
    uint32_t reserved;
};

/* CONTEXT_CREATE: a rendering context on the host. */
struct mantua_escape_context_create {
    struct mantua_escape_header header;
    uint32_t capset_id;  /* in: kind of context; 0 for virgl on devices without CONTEXT_INIT */
    uint32_t name_bytes; /* in: used bytes of `name` */
    uint32_t context;    /* in: 0; out: handle, never 0 */
    uint32_t reserved;
    char name[MANTUA_ESCAPE_NAME_BYTES]; /* in: for the host's log; need not end in NUL */
};

/* CONTEXT_DESTROY. Resources that were attached live on. */
struct mantua_escape_context_destroy {
    struct mantua_escape_header header;
    uint32_t context; /* in */
    uint32_t reserved;
};

/* RESOURCE_CREATE: a host resource, and guest memory behind it. Numbers are those of the virgl
 * protocol; the host judges what goes together. */
struct mantua_escape_resource_create {
    struct mantua_escape_header header;
    uint32_t target;        /* in: 0 (buffer) to 8 (cube array) */
    uint32_t format;        /* in: not 0 */
    uint32_t bind;          /* in */
    uint32_t flags;         /* in */
    uint32_t width;         /* in: texels, or bytes of a buffer; not 0 */
    uint32_t height;        /* in: not 0 */
    uint32_t depth;         /* in: not 0 */
    uint32_t array_size;    /* in: not 0 */
    uint32_t last_level;    /* in: 0 to MANTUA_ESCAPE_MAX_LEVEL */
    uint32_t nr_samples;    /* in: 0 to MANTUA_ESCAPE_MAX_SAMPLES */
    uint64_t backing_bytes; /* in: rounded up to pages; 0 for none */
    uint32_t resource;      /* in: 0; out: handle, never 0 */
    uint32_t host_id;       /* in: 0; out: the id by which command streams name it */
};

/* RESOURCE_DESTROY. A mapping of its backing goes with it. */
struct mantua_escape_resource_destroy {
    struct mantua_escape_header header;
    uint32_t resource; /* in */
    uint32_t reserved;
};

/* CONTEXT_ATTACH, CONTEXT_DETACH: let a context use a resource, or end that. */
struct mantua_escape_context_resource {
    struct mantua_escape_header header;
    uint32_t context;  /* in */
    uint32_t resource; /* in */
};

/* BACKING_MAP: the backing in the caller's address space, until unmapped or destroyed. Mapping
 * twice gives the same address. */
struct mantua_escape_backing_map {
    struct mantua_escape_header header;
    uint32_t resource; /* in */
    uint32_t reserved;
    uint64_t address; /* in: 0; out: where it lies */
    uint64_t bytes;   /* in: 0; out: how much */
};

/* BACKING_UNMAP. */
struct mantua_escape_backing_unmap {
    struct mantua_escape_header header;
    uint32_t resource; /* in */
    uint32_t reserved;
};

/* TRANSFER_TO_HOST, TRANSFER_FROM_HOST: between backing and host resource. Returns at once. */
struct mantua_escape_transfer {
    struct mantua_escape_header header;
    uint32_t context;            /* in */
    uint32_t resource;           /* in: attached to the context, with a backing */
    uint32_t level;              /* in: mip level */
    uint32_t stride_bytes;       /* in: of a row in the backing, 0 for tight */
    uint32_t layer_stride_bytes; /* in: of a layer in the backing, 0 for tight */
    uint32_t x;                  /* in: box in the level; its sizes are not 0 */
    uint32_t y;
    uint32_t z;
    uint32_t width;
    uint32_t height;
    uint32_t depth;
    uint32_t reserved;
    uint64_t offset_bytes; /* in: of the box in the backing, inside it */
    uint64_t fence;        /* in: 0; out: done when this fence is */
};

/* SUBMIT: a command stream; `stream_bytes` bytes of dwords follow the struct. Returns at once. */
struct mantua_escape_submit {
    struct mantua_escape_header header;
    uint32_t context;      /* in */
    uint32_t stream_bytes; /* in: multiple of 4, not 0 */
    uint64_t fence;        /* in: 0; out: done when this fence is */
};

/* FENCE_QUERY: fences rise, and complete in order. */
struct mantua_escape_fence_query {
    struct mantua_escape_header header;
    uint64_t completed; /* in: 0; out: the last fence that is done; so are all below */
};

/* FENCE_EVENT: set an event once a fence is done; at once when it already is. */
struct mantua_escape_fence_event {
    struct mantua_escape_header header;
    uint64_t fence; /* in: a fence that a call of this process returned */
    uint64_t event; /* in: handle of an event, with the right to set it */
};

_Static_assert(sizeof(struct mantua_escape_header) == 24, "escape layout");
_Static_assert(sizeof(struct mantua_escape_query) == 56, "escape layout");
_Static_assert(sizeof(struct mantua_escape_get_capset) == 40, "escape layout");
_Static_assert(sizeof(struct mantua_escape_context_create) == 104, "escape layout");
_Static_assert(sizeof(struct mantua_escape_context_destroy) == 32, "escape layout");
_Static_assert(sizeof(struct mantua_escape_resource_create) == 80, "escape layout");
_Static_assert(sizeof(struct mantua_escape_resource_destroy) == 32, "escape layout");
_Static_assert(sizeof(struct mantua_escape_context_resource) == 32, "escape layout");
_Static_assert(sizeof(struct mantua_escape_backing_map) == 48, "escape layout");
_Static_assert(sizeof(struct mantua_escape_backing_unmap) == 32, "escape layout");
_Static_assert(sizeof(struct mantua_escape_transfer) == 88, "escape layout");
_Static_assert(sizeof(struct mantua_escape_submit) == 40, "escape layout");
_Static_assert(sizeof(struct mantua_escape_fence_query) == 32, "escape layout");
_Static_assert(sizeof(struct mantua_escape_fence_event) == 40, "escape layout");

/* Checks one message of `bytes` bytes: sizes, and every field whose right values are known without
 * the device. Reads nothing behind `bytes` and changes nothing. `message` may be NULL only with
 * bytes 0; it has to lie on an address that is a multiple of 8. Callable from any thread at any
 * IRQL that can read the message. Returns MANTUA_ESCAPE_OK or one of the first group of errors. */
enum mantua_escape_status mantua_escape_check(const void *message, size_t bytes);

#endif
