/* SPDX-License-Identifier: MIT */
#include "outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_BYTES 4096u
#define KEEP_BYTES ((size_t) 8 << 20)

void outbox_finish(struct outbox *outbox)
{
    for (unsigned i = 0; i < outbox->fd_count; i++) {
        close(outbox->fds[i].fd);
    }
    free(outbox->data);
    *outbox = (struct outbox) {0};
}

static int make_room(struct outbox *outbox, size_t bytes)
{
    size_t capacity = outbox->capacity ? outbox->capacity : FIRST_BYTES;
    size_t needed;
    uint8_t *data;

    if (__builtin_add_overflow(outbox->end, bytes, &needed)) {
        return -ENOMEM;
    }
    if (needed <= outbox->capacity) {
        return 0;
    }
    capacity = needed > capacity * 2 ? needed : capacity * 2;
    data = realloc(outbox->data, capacity);
    if (!data) {
        return -ENOMEM;
    }
    outbox->data = data;
    outbox->capacity = capacity;
    return 0;
}

void *outbox_add(struct outbox *outbox, size_t bytes)
{
    uint8_t *place;

    if (make_room(outbox, bytes)) {
        return NULL;
    }
    place = outbox->data + outbox->end;
    memset(place, 0, bytes);
    outbox->end += bytes;
    return place;
}

void outbox_retract(struct outbox *outbox, size_t bytes)
{
    outbox->end -= bytes;
}

int outbox_add_fd(struct outbox *outbox, int fd)
{
    if (outbox->fd_count == OUTBOX_MAX_FDS) {
        close(fd);
        return -EMSGSIZE;
    }
    if (!outbox_add(outbox, 1)) {
        close(fd);
        return -ENOMEM;
    }
    outbox->fds[outbox->fd_count].at = outbox->end - 1;
    outbox->fds[outbox->fd_count].fd = fd;
    outbox->fd_count++;
    return 0;
}

/*
 * The byte of a descriptor goes in a message of its own: a client that reads the bytes before it
 * with a plain read would otherwise lose the descriptor.
 */
static ssize_t send_fd(struct outbox *outbox, int socket_fd)
{
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec iov = {.iov_base = outbox->data + outbox->begin, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = control.space,
        .msg_controllen = sizeof(control.space),
    };
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    ssize_t put;

    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &outbox->fds[0].fd, sizeof(int));

    put = sendmsg(socket_fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (put > 0) {
        close(outbox->fds[0].fd);
        outbox->fd_count--;
        memmove(outbox->fds, outbox->fds + 1, outbox->fd_count * sizeof(outbox->fds[0]));
    }
    return put;
}

static ssize_t send_some(struct outbox *outbox, int socket_fd)
{
    size_t end = outbox->end;

    if (outbox->fd_count > 0) {
        if (outbox->fds[0].at == outbox->begin) {
            return send_fd(outbox, socket_fd);
        }
        end = outbox->fds[0].at;
    }
    return send(socket_fd, outbox->data + outbox->begin, end - outbox->begin,
                MSG_NOSIGNAL | MSG_DONTWAIT);
}

int outbox_flush(struct outbox *outbox, int socket_fd)
{
    while (outbox->begin < outbox->end) {
        ssize_t put = send_some(outbox, socket_fd);

        if (put < 0) {
            if (errno == EINTR) {
                continue;
            }
            return errno == EWOULDBLOCK ? -EAGAIN : -errno;
        }
        outbox->begin += (size_t) put;
    }
    outbox->begin = outbox->end = 0;
    if (outbox->capacity > KEEP_BYTES) {
        free(outbox->data);
        outbox->data = NULL;
        outbox->capacity = 0;
    }
    return 0;
}
