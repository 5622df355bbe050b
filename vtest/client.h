/* SPDX-License-Identifier: MIT */
#ifndef VTEST_CLIENT_H
#define VTEST_CLIENT_H

/*
 * A client's connection: cuts the byte stream into messages, has them executed in order and sends
 * the replies. Never blocks on the socket, so that clients of one process do not wait for each other.
 */

#include <stdbool.h>
#include <stdint.h>

#include "host.h"
#include "inbox.h"
#include "options.h"
#include "outbox.h"
#include "resource.h"
#include "sync.h"

/* What the connections of one process share. */
struct server_context {
    const struct options *options;
    struct host *host; /* NULL until the first client has said what it is */
};

struct client {
    struct client *next; /* in the server's list */
    struct server_context *shared;
    unsigned number; /* for the log */
    int fd;
    bool is_socket; /* otherwise a file that is replayed: replies are thrown away */
    bool ended;     /* no more input comes, or a message was wrong */
    bool failed;    /* a message was wrong; said on the log */
    uint32_t command; /* of the message being looked at, for the log */

    struct inbox inbox;
    struct outbox outbox;

    char *name; /* as the client gave it, name_bytes long, no NUL */
    uint32_t name_bytes;
    bool introduced; /* CREATE_RENDERER came */
    uint32_t version;
    uint32_t capset_id; /* kind of the context, 0 while there is none */
    uint32_t ctx_id;

    struct resource_set resources;
    struct sync_set syncs;

    uint32_t fence_number; /* stands for all this client has submitted */
    bool has_fence;        /* fence_number is valid */
    bool waiting;          /* a RESOURCE_BUSY_WAIT is unanswered */
};

/* Takes over fd. NULL without memory, with fd closed. */
struct client *client_create(struct server_context *shared, int fd, bool is_socket, unsigned number,
                             int save_fd);

/* Ends the session: destroys what the client had. */
void client_destroy(struct client *client);

/* The poll() events that this client waits for; 0 when only a fence can get it further. */
short client_events(const struct client *client);

/* Get on as far as possible. `readable`: the socket has something to read or has ended. */
void client_run(struct client *client, bool readable);

/*
 * For command handlers. A handler returns 0, or -EPROTO after calling client_refuse(), which ends the
 * connection: the log gets the client, the command, and `field` with what is wrong about it.
 */
int client_refuse(struct client *client, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Queue `count` dwords of reply. */
int client_reply(struct client *client, const uint32_t *dwords, unsigned count);

/* Queue room for `bytes` bytes of reply, zeroed; NULL after client_refuse(). */
void *client_reply_space(struct client *client, size_t bytes);

/* Queue a descriptor, which it takes over. */
int client_reply_fd(struct client *client, int fd);

/* Open the renderer context if there is none yet. capset_id 0: any, virgl by default. */
int client_need_context(struct client *client, uint32_t capset_id);

/* May the client hold that many bytes more? Otherwise refuses `field`. */
int client_check_memory(struct client *client, const char *field, uint64_t bytes);

#endif
