/* SPDX-License-Identifier: MIT */
#ifndef VTEST_OUTBOX_H
#define VTEST_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#define OUTBOX_MAX_FDS 16

/*
 * Replies on their way to a client: bytes and, between them, descriptors. A client that does not
 * read is waited for by its own connection only: nothing here blocks.
 */
struct outbox {
    uint8_t *data;
    size_t capacity;
    size_t begin;
    size_t end;
    struct {
        size_t at; /* position in data of the byte that carries it */
        int fd;
    } fds[OUTBOX_MAX_FDS];
    unsigned fd_count;
};

/* An all-zero struct is an empty outbox. Closes descriptors that were not sent. */
void outbox_finish(struct outbox *outbox);

static inline size_t outbox_bytes(const struct outbox *outbox)
{
    return outbox->end - outbox->begin;
}

/* Room for `bytes` more bytes, zeroed and part of the reply at once. NULL without memory. */
void *outbox_add(struct outbox *outbox, size_t bytes);

/* Take back the last `bytes` bytes added. */
void outbox_retract(struct outbox *outbox, size_t bytes);

/*
 * Queue a descriptor, with the byte that it travels on. Owns it from now on, in failure too. Returns
 * 0, -ENOMEM, or -EMSGSIZE when as many as possible wait already.
 */
int outbox_add_fd(struct outbox *outbox, int fd);

/* Send what fits without waiting: 0 all is sent, -EAGAIN some is left, or another negative errno. */
int outbox_flush(struct outbox *outbox, int socket_fd);

#endif
