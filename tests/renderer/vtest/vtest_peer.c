/* SPDX-License-Identifier: MIT */
#include "vtest_peer.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "virgl_protocol.h"

#define PATIENCE_MS 30000
#define PUMP_TURNS 64

void vtest_peer_connect(struct vtest_peer *peer, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    g_assert_cmpuint(strlen(path), <, sizeof(address.sun_path));
    strcpy(address.sun_path, path);
    *peer = (struct vtest_peer) {.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    g_assert_cmpint(peer->fd, >=, 0);
    /* The server may have made the file and not listen yet. */
    for (int i = 0; connect(peer->fd, (struct sockaddr *) &address, sizeof(address)) < 0; i++) {
        g_assert_cmpint(errno, ==, ECONNREFUSED);
        g_assert_cmpint(i, <, PATIENCE_MS);
        g_usleep(1000);
    }
}

void vtest_peer_close(struct vtest_peer *peer)
{
    close(peer->fd);
    peer->fd = -1;
}

/* Wait until poll() reports `events`; false when the server in this process has nothing to give. */
static bool wait_for(struct vtest_peer *peer, short events)
{
    struct pollfd p = {.fd = peer->fd, .events = events};

    if (!peer->pump) {
        g_assert_cmpint(poll(&p, 1, PATIENCE_MS), ==, 1);
        return true;
    }
    for (int turn = 0; turn < PUMP_TURNS; turn++) {
        if (poll(&p, 1, 0) == 1) {
            return true;
        }
        peer->pump(peer->data);
    }
    return false;
}

bool vtest_send_bytes(struct vtest_peer *peer, const void *bytes, size_t count)
{
    const uint8_t *from = bytes;

    while (count > 0) {
        ssize_t put = send(peer->fd, from, count, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (put < 0 && (errno == EPIPE || errno == ECONNRESET)) {
            return false;
        }
        if (put < 0) {
            g_assert_cmpint(errno, ==, EAGAIN);
            g_assert_true(wait_for(peer, POLLOUT));
            continue;
        }
        from += put;
        count -= (size_t) put;
    }
    return true;
}

void vtest_send_with_length(struct vtest_peer *peer, uint32_t length, uint32_t command,
                            const void *payload, size_t bytes)
{
    g_autofree uint8_t *message = g_malloc(8 + bytes);

    memcpy(message, &length, 4);
    memcpy(message + 4, &command, 4);
    if (bytes > 0) {
        memcpy(message + 8, payload, bytes);
    }
    vtest_send_bytes(peer, message, 8 + bytes);
}

void vtest_send(struct vtest_peer *peer, uint32_t command, const uint32_t *payload, uint32_t dwords)
{
    vtest_send_with_length(peer, dwords, command, payload, (size_t) dwords * 4);
}

/* Receive some bytes: 0 at the end of the stream. */
static size_t receive_some(struct vtest_peer *peer, void *bytes, size_t count)
{
    for (;;) {
        ssize_t got = recv(peer->fd, bytes, count, MSG_DONTWAIT);

        if (got >= 0 || errno == ECONNRESET) {
            return got > 0 ? (size_t) got : 0;
        }
        g_assert_cmpint(errno, ==, EAGAIN);
        if (!wait_for(peer, POLLIN)) {
            g_error("the server gives no answer");
        }
    }
}

void vtest_receive(struct vtest_peer *peer, void *bytes, size_t count)
{
    uint8_t *to = bytes;

    while (count > 0) {
        size_t got = receive_some(peer, to, count);

        if (got == 0) {
            g_error("the server hangs up, %zu bytes are missing", count);
        }
        to += got;
        count -= got;
    }
}

uint32_t vtest_receive_dword(struct vtest_peer *peer)
{
    uint32_t dword;

    vtest_receive(peer, &dword, sizeof(dword));
    return dword;
}

void vtest_expect_header(struct vtest_peer *peer, uint32_t length, uint32_t command)
{
    uint32_t got_length = vtest_receive_dword(peer);
    uint32_t got_command = vtest_receive_dword(peer);

    g_assert_cmpuint(got_command, ==, command);
    g_assert_cmpuint(got_length, ==, length);
}

int vtest_receive_fd(struct vtest_peer *peer)
{
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int) * 4)];
    } control;
    uint8_t byte = 1;
    struct iovec iov = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = control.space,
        .msg_controllen = sizeof(control.space),
    };
    struct cmsghdr *c;
    int fd;

    if (!wait_for(peer, POLLIN)) {
        g_error("the server sends no descriptor");
    }
    g_assert_cmpint(recvmsg(peer->fd, &message, MSG_CMSG_CLOEXEC), ==, 1);
    g_assert_cmpuint(byte, ==, 0);
    c = CMSG_FIRSTHDR(&message);
    g_assert_nonnull(c);
    g_assert_cmpint(c->cmsg_type, ==, SCM_RIGHTS);
    g_assert_cmpuint(c->cmsg_len, ==, CMSG_LEN(sizeof(int)));
    memcpy(&fd, CMSG_DATA(c), sizeof(fd));
    g_assert_cmpint(fd, >=, 0);
    return fd;
}

void vtest_expect_hangup(struct vtest_peer *peer)
{
    uint8_t byte;

    g_assert_cmpuint(receive_some(peer, &byte, 1), ==, 0);
}

void vtest_expect_silence(struct vtest_peer *peer)
{
    g_assert_nonnull(peer->pump);
    g_assert_false(wait_for(peer, POLLIN));
}

void vtest_introduce(struct vtest_peer *peer, const char *name)
{
    uint32_t bytes = (uint32_t) strlen(name) + 1;

    vtest_send_with_length(peer, bytes, VTEST_CMD_CREATE_RENDERER, name, bytes);
}

uint32_t vtest_handshake(struct vtest_peer *peer, uint32_t version)
{
    static const uint32_t probe[] = {0, VTEST_CMD_PING_PROTOCOL_VERSION,
                                     2, VTEST_CMD_RESOURCE_BUSY_WAIT, 0, 0};

    vtest_introduce(peer, "test");
    vtest_send_bytes(peer, probe, sizeof(probe));
    vtest_expect_header(peer, 0, VTEST_CMD_PING_PROTOCOL_VERSION);
    vtest_expect_header(peer, 1, VTEST_CMD_RESOURCE_BUSY_WAIT);
    g_assert_cmpuint(vtest_receive_dword(peer), ==, 0);
    vtest_send(peer, VTEST_CMD_PROTOCOL_VERSION, &version, 1);
    vtest_expect_header(peer, 1, VTEST_CMD_PROTOCOL_VERSION);
    return vtest_receive_dword(peer);
}

void vtest_fill_create(uint32_t payload[VTEST_RESOURCE_CREATE2_DWORDS], uint32_t id, uint32_t width,
                       uint32_t height, uint32_t data_size)
{
    bool buffer = height == 0;

    payload[VTEST_RESOURCE_CREATE2_RES_HANDLE] = id;
    payload[VTEST_RESOURCE_CREATE2_TARGET] = buffer ? VIRGL_TEXTURE_TARGET_BUFFER : VIRGL_TEXTURE_TARGET_2D;
    payload[VTEST_RESOURCE_CREATE2_FORMAT] =
        buffer ? VIRGL_FORMAT_R8_UNORM : VIRGL_FORMAT_R8G8B8A8_UNORM;
    payload[VTEST_RESOURCE_CREATE2_BIND] = buffer ? VIRGL_BIND_VERTEX_BUFFER
                                                  : VIRGL_BIND_SAMPLER_VIEW;
    payload[VTEST_RESOURCE_CREATE2_WIDTH] = width;
    payload[VTEST_RESOURCE_CREATE2_HEIGHT] = buffer ? 1 : height;
    payload[VTEST_RESOURCE_CREATE2_DEPTH] = 1;
    payload[VTEST_RESOURCE_CREATE2_ARRAY_SIZE] = 1;
    payload[VTEST_RESOURCE_CREATE2_LAST_LEVEL] = 0;
    payload[VTEST_RESOURCE_CREATE2_NR_SAMPLES] = 0;
    payload[VTEST_RESOURCE_CREATE2_DATA_SIZE] = data_size;
}

void vtest_wait_idle(struct vtest_peer *peer)
{
    static const uint32_t wait[] = {0, VTEST_BUSY_WAIT_FLAG_WAIT};

    vtest_send(peer, VTEST_CMD_RESOURCE_BUSY_WAIT, wait, 2);
    vtest_expect_header(peer, 1, VTEST_CMD_RESOURCE_BUSY_WAIT);
    g_assert_cmpuint(vtest_receive_dword(peer), ==, 0);
}
