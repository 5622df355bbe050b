/* SPDX-License-Identifier: MIT */
#include "inbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for Mesa's largest command buffer (about 270 KiB) behind a few small messages. */
#define USUAL_BYTES ((size_t) 512 << 10)
/* A buffer above this is given back once it is empty. */
#define KEEP_BYTES ((size_t) 8 << 20)

void inbox_init(struct inbox *inbox, size_t limit_bytes, int save_fd)
{
    *inbox = (struct inbox) {.limit_bytes = limit_bytes, .save_fd = save_fd};
}

void inbox_finish(struct inbox *inbox)
{
    for (unsigned i = 0; i < inbox->fd_count; i++) {
        close(inbox->fds[i]);
    }
    free(inbox->data);
    *inbox = (struct inbox) {.save_fd = -1};
}

static void forget_if_large(struct inbox *inbox)
{
    if (inbox->capacity > KEEP_BYTES) {
        free(inbox->data);
        inbox->data = NULL;
        inbox->capacity = 0;
    }
}

void inbox_consume(struct inbox *inbox, size_t bytes)
{
    inbox->begin += bytes;
    if (inbox->begin == inbox->end) {
        inbox->begin = inbox->end = 0;
        forget_if_large(inbox);
    }
}

static void move_to_front(struct inbox *inbox)
{
    if (inbox->begin > 0) {
        memmove(inbox->data, inbox->data + inbox->begin, inbox_bytes(inbox));
        inbox->end -= inbox->begin;
        inbox->begin = 0;
    }
}

void inbox_align(struct inbox *inbox)
{
    if (inbox->begin % 4 != 0) {
        move_to_front(inbox);
    }
}

static int grow(struct inbox *inbox, size_t capacity)
{
    uint8_t *data = realloc(inbox->data, capacity);

    if (!data) {
        return -ENOMEM;
    }
    inbox->data = data;
    inbox->capacity = capacity;
    return 0;
}

int inbox_expect(struct inbox *inbox, size_t bytes)
{
    if (bytes > inbox->limit_bytes) {
        return -EMSGSIZE;
    }
    if (inbox->begin + bytes > inbox->capacity) {
        move_to_front(inbox);
    }
    return 0;
}

/* Double when full: the client has then really sent half of what is allocated. */
static int make_room(struct inbox *inbox)
{
    size_t capacity = inbox->capacity;

    if (inbox->end < capacity) {
        return 0;
    }
    if (inbox->begin > capacity / 2) {
        move_to_front(inbox);
        return 0;
    }
    if (capacity == 0) {
        return grow(inbox, USUAL_BYTES);
    }
    if (capacity > inbox->limit_bytes) {
        return -EMSGSIZE;
    }
    return grow(inbox, capacity * 2);
}

static int keep_fds(struct inbox *inbox, struct msghdr *message)
{
    int error = message->msg_flags & MSG_CTRUNC ? -EMSGSIZE : 0;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        size_t count;

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
            if (inbox->fd_count < INBOX_MAX_FDS) {
                inbox->fds[inbox->fd_count++] = fd;
            } else {
                close(fd);
                error = -EMSGSIZE;
            }
        }
    }
    return error;
}

static ptrdiff_t receive_with_fds(struct inbox *inbox, int fd, void *to, size_t bytes)
{
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int) * INBOX_MAX_FDS)];
    } control;
    struct iovec iov = {.iov_base = to, .iov_len = bytes};
    struct msghdr message = {
        .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = control.space,
        .msg_controllen = sizeof(control.space),
    };
    ptrdiff_t got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    if (got < 0) {
        return -errno;
    }
    if (message.msg_controllen > 0 || (message.msg_flags & MSG_CTRUNC)) {
        int error = keep_fds(inbox, &message);

        if (error) {
            return error;
        }
    }
    return got;
}

static void save(const struct inbox *inbox, const uint8_t *data, size_t bytes)
{
    while (bytes > 0) {
        ssize_t put = write(inbox->save_fd, data, bytes);

        if (put < 0 && errno != EINTR) {
            return;
        }
        if (put > 0) {
            data += put;
            bytes -= (size_t) put;
        }
    }
}

ptrdiff_t inbox_fill(struct inbox *inbox, int fd, bool is_socket, bool with_fds, bool *drained)
{
    int error = make_room(inbox);
    uint8_t *to;
    size_t room;
    ptrdiff_t got;

    if (error) {
        return error;
    }
    to = inbox->data + inbox->end;
    room = inbox->capacity - inbox->end;
    do {
        if (is_socket && with_fds) {
            got = receive_with_fds(inbox, fd, to, room);
        } else {
            got = is_socket ? recv(fd, to, room, MSG_DONTWAIT) : read(fd, to, room);
            got = got < 0 ? -errno : got;
        }
    } while (got == -EINTR);

    *drained = got >= 0 && (size_t) got < room;
    if (got > 0) {
        if (inbox->save_fd >= 0) {
            save(inbox, to, (size_t) got);
        }
        inbox->end += (size_t) got;
    }
    return got;
}

int inbox_take_fd(struct inbox *inbox)
{
    int fd;

    if (inbox->fd_count == 0) {
        return -1;
    }
    fd = inbox->fds[0];
    inbox->fd_count--;
    memmove(inbox->fds, inbox->fds + 1, inbox->fd_count * sizeof(inbox->fds[0]));
    return fd;
}
