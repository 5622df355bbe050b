/* SPDX-License-Identifier: MIT */
#ifndef VTEST_PEER_H
#define VTEST_PEER_H

/*
 * The client's side of the vtest protocol, for tests. All functions fail the test on unexpected
 * errors, and when an answer does not come within half a minute.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vtest_protocol.h"

struct vtest_peer {
    int fd;
    /* Lets a server in the same process get on; NULL: the server is another process. */
    void (*pump)(void *data);
    void *data;
};

/* Connect to a server's socket. */
void vtest_peer_connect(struct vtest_peer *peer, const char *path);
void vtest_peer_close(struct vtest_peer *peer);

/* Send bytes as they are. False when the server has hung up. */
bool vtest_send_bytes(struct vtest_peer *peer, const void *bytes, size_t count);

/* Send a message of `dwords` payload dwords. */
void vtest_send(struct vtest_peer *peer, uint32_t command, const uint32_t *payload, uint32_t dwords);

/* The same with a length field of the caller's choice. */
void vtest_send_with_length(struct vtest_peer *peer, uint32_t length, uint32_t command,
                            const void *payload, size_t bytes);

/* Receive exactly that many bytes. */
void vtest_receive(struct vtest_peer *peer, void *bytes, size_t count);

/* Receive a header, which must be {length, command}. */
void vtest_expect_header(struct vtest_peer *peer, uint32_t length, uint32_t command);

/* Receive one dword. */
uint32_t vtest_receive_dword(struct vtest_peer *peer);

/* Receive a descriptor on its byte of value 0. */
int vtest_receive_fd(struct vtest_peer *peer);

/* Fails unless the server hangs up without another byte. */
void vtest_expect_hangup(struct vtest_peer *peer);

/* Fails if a byte is there (or the server has hung up). Only for a server in the same process. */
void vtest_expect_silence(struct vtest_peer *peer);

/* CREATE_RENDERER; and the whole beginning up to an agreed version, which is returned. */
void vtest_introduce(struct vtest_peer *peer, const char *name);
uint32_t vtest_handshake(struct vtest_peer *peer, uint32_t version);

/* A 2D RGBA8 texture, or a buffer of `width` bytes with height 0. data_size only for CREATE2. */
void vtest_fill_create(uint32_t payload[VTEST_RESOURCE_CREATE2_DWORDS], uint32_t id, uint32_t width,
                       uint32_t height, uint32_t data_size);

/* RESOURCE_BUSY_WAIT with the wait flag, checked to answer 0. */
void vtest_wait_idle(struct vtest_peer *peer);

#endif
