/* SPDX-License-Identifier: MIT */
#ifndef VTEST_INBOX_H
#define VTEST_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INBOX_MAX_FDS 16

/*
 * What has arrived from a client and is not used up yet. One read takes as much as there is, so that
 * several small messages cost one system call; a large payload is read straight to where it will be
 * executed. Memory grows with what arrives, never with what a client only announces.
 */
struct inbox {
    uint8_t *data; /* aligned for any type */
    size_t capacity;
    size_t begin; /* first byte not used up */
    size_t end;   /* behind the last byte received */
    size_t limit_bytes; /* the most that may wait here */
    int fds[INBOX_MAX_FDS]; /* descriptors received and not taken, oldest first */
    unsigned fd_count;
    int save_fd; /* a copy of everything goes there; -1: nowhere */
};

/* Makes an empty inbox; data is allocated with the first fill. */
void inbox_init(struct inbox *inbox, size_t limit_bytes, int save_fd);

/* Frees memory and untaken descriptors; save_fd stays the caller's. */
void inbox_finish(struct inbox *inbox);

static inline size_t inbox_bytes(const struct inbox *inbox)
{
    return inbox->end - inbox->begin;
}

/* The bytes that wait; any inbox function makes the pointer invalid. */
static inline const uint8_t *inbox_peek(const struct inbox *inbox)
{
    return inbox->data + inbox->begin;
}

/* The first `bytes` bytes are used up. */
void inbox_consume(struct inbox *inbox, size_t bytes);

/*
 * Make sure that the bytes that wait begin at a 4-byte boundary, as command streams need. Only data
 * of odd length makes them move.
 */
void inbox_align(struct inbox *inbox);

/*
 * Announce that a message of `bytes` bytes is under way, so that the next fills make room for it.
 * Returns 0, or -EMSGSIZE when it is above the limit.
 */
int inbox_expect(struct inbox *inbox, size_t bytes);

/*
 * Read once from a socket, or any descriptor with is_socket false, without waiting. with_fds: keep
 * descriptors that come along; without it the kernel drops them. Returns the number of bytes read
 * with *drained true when no more were waiting, 0 at the end of the stream, or a negative errno:
 * -EAGAIN nothing there, -ENOMEM, -EMSGSIZE too many descriptors or a full inbox.
 */
ptrdiff_t inbox_fill(struct inbox *inbox, int fd, bool is_socket, bool with_fds, bool *drained);

/* The oldest descriptor received, now the caller's, or -1. */
int inbox_take_fd(struct inbox *inbox);

#endif
