/* SPDX-License-Identifier: MIT */
#ifndef REPLAY_FORMAT_H
#define REPLAY_FORMAT_H

/*
 * A recording of the calls that a program made to a virglrenderer library: a header and records, one
 * per call, each a struct replay_record followed by size_bytes bytes of payload, filled up to a
 * multiple of 8. Numbers are little endian.
 */

#include <stdint.h>

#define REPLAY_MAGIC "MNTREPL1"

struct replay_header {
    char magic[8];
};

enum replay_kind {
    REPLAY_INIT = 1,       /* args: flags */
    REPLAY_CONTEXT_CREATE, /* args: ctx, flags with capset id; payload: name */
    REPLAY_CONTEXT_DESTROY, /* args: ctx */
    REPLAY_RESOURCE_CREATE, /* args: the eleven of virgl_renderer_resource_create_args */
    REPLAY_RESOURCE_UNREF, /* args: resource */
    REPLAY_ATTACH,         /* args: resource, size of the backing */
    REPLAY_DETACH,         /* args: resource */
    REPLAY_CTX_ATTACH,     /* args: ctx, resource */
    REPLAY_CTX_DETACH,     /* args: ctx, resource */
    REPLAY_MEMORY,         /* args: resource, offset in its backing; payload: the new bytes */
    REPLAY_TRANSFER_WRITE, /* args: struct replay_transfer; payload: its memory, if not the backing */
    REPLAY_TRANSFER_READ,  /* args: struct replay_transfer; no payload */
    REPLAY_SUBMIT,         /* args: ctx, dwords; payload: the stream */
    REPLAY_FENCE,          /* args: number */
};

struct replay_record {
    uint32_t kind;
    uint32_t size_bytes; /* of the payload */
    uint32_t args[14];
};

/* How args[] of a transfer is laid out. */
enum replay_transfer {
    TRANSFER_RESOURCE,
    TRANSFER_CTX,
    TRANSFER_LEVEL,
    TRANSFER_STRIDE,
    TRANSFER_LAYER_STRIDE,
    TRANSFER_BOX, /* six */
    TRANSFER_OFFSET = TRANSFER_BOX + 6,
    TRANSFER_MEMORY_BYTES, /* of the memory given with the call; 0: the backing was used */
};

static inline uint64_t replay_padded(uint32_t size_bytes)
{
    return ((uint64_t) size_bytes + 7) & ~(uint64_t) 7;
}

#endif
