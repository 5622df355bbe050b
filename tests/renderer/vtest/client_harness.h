/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_HARNESS_H
#define CLIENT_HARNESS_H

/* A connection of the server inside the test's process, over the fake renderer. */

#include "client.h"
#include "vtest_peer.h"

struct harness {
    struct options options;
    struct server_context shared;
    struct client *client; /* NULL once the server has dropped it */
    struct vtest_peer peer;
};

/* Makes a connection that nobody has spoken on. */
void harness_init(struct harness *harness, enum server_mode mode);

/* The same with the handshake done. */
void harness_init_version(struct harness *harness, uint32_t version);

/* Closes everything and checks that the renderer has nothing left. */
void harness_finish(struct harness *harness);

/* Let the server do what it can do now. */
void harness_pump(struct harness *harness);

/* Create a resource of so many bytes with command RESOURCE_CREATE. */
void harness_create_buffer(struct harness *harness, uint32_t id, uint32_t bytes);

#endif
