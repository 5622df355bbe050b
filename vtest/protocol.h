/* SPDX-License-Identifier: MIT */
#ifndef VTEST_SERVER_PROTOCOL_H
#define VTEST_SERVER_PROTOCOL_H

/*
 * The vtest protocol: the generated numbers, and what the server adds to them. All integers are
 * 32-bit little endian; 64-bit values are two of them, low half first.
 */

#include <stdint.h>

#include "vtest_protocol.h"

#define VTEST_DEFAULT_SOCKET_PATH "/tmp/.virgl_test"

#define VTEST_HEADER_BYTES (VTEST_HEADER_SIZE_DW * 4u)

/* The newest version this server speaks. */
#define SERVER_MAX_VERSION 3u

struct vtest_header {
    uint32_t length;
    uint32_t command;
};

/* The reply to GET_CAPS2 does not carry the request's number. */
#define VTEST_REPLY_GET_CAPS2 2u

/* Limits for single messages. The protocol has none; Mesa stays far below. */
#define SERVER_MAX_SUBMIT_DWORDS (16u << 20)
#define SERVER_MAX_TRANSFER_BYTES (1u << 30)
#define SERVER_MAX_WAIT_POINTS 1024u
#define SERVER_MAX_BATCHES 4096u

/* Kinds of contexts: capability set numbers of virtio-gpu. */
#define VTEST_CAPSET_VIRGL 1u
#define VTEST_CAPSET_VIRGL2 2u

#endif
