/* SPDX-License-Identifier: MIT */
/* Messages that lie, end early or make no sense: the connection ends, nothing else happens. */
#include <glib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client_harness.h"
#include "commands.h"
#include "fake_renderer.h"

/* One good message of each command after a handshake, with a resource 1 and a sync 1 in place. */
static uint32_t fill_message(uint32_t command, uint32_t version, uint32_t *message)
{
    static const uint32_t put[] = {1, 0, 0, 0, 0, 0, 0, 4, 1, 1, 4};
    static const uint32_t put2[] = {1, 0, 0, 0, 0, 4, 1, 1, 4, 0};
    static const uint32_t batch[] = {1, 0, 9, 1, 10, 1, 0, 0, 0, 0x99, 1, 5, 0};
    uint32_t *payload = message + 2;
    uint32_t dwords = 0;

    memset(message, 0, 32 * 4);
    message[1] = command;
    switch (command) {
    case VTEST_CMD_RESOURCE_CREATE:
    case VTEST_CMD_RESOURCE_CREATE2:
        vtest_fill_create(payload, version >= 3 ? 0 : 2, 16, 0, 32);
        dwords = command == VTEST_CMD_RESOURCE_CREATE ? 10 : 11;
        break;
    case VTEST_CMD_TRANSFER_GET:
    case VTEST_CMD_TRANSFER_PUT:
        memcpy(payload, put, sizeof(put));
        dwords = command == VTEST_CMD_TRANSFER_GET ? 11 : 12;
        break;
    case VTEST_CMD_TRANSFER_GET2:
    case VTEST_CMD_TRANSFER_PUT2:
        memcpy(payload, put2, sizeof(put2));
        dwords = 10;
        break;
    case VTEST_CMD_SUBMIT_CMD:
        dwords = 3;
        break;
    case VTEST_CMD_SUBMIT_CMD2:
        memcpy(payload, batch, sizeof(batch));
        dwords = 13;
        break;
    case VTEST_CMD_SYNC_WAIT:
        payload[2] = 1;
        dwords = 5;
        break;
    case VTEST_CMD_RESOURCE_CREATE_BLOB:
        payload[0] = VTEST_BLOB_TYPE_GUEST;
        payload[2] = 64;
        dwords = 6;
        break;
    case VTEST_CMD_RESOURCE_UNREF:
    case VTEST_CMD_GET_PARAM:
    case VTEST_CMD_SYNC_UNREF:
    case VTEST_CMD_SYNC_READ:
        payload[0] = 1;
        dwords = 1;
        break;
    case VTEST_CMD_CONTEXT_INIT:
        payload[0] = 2;
        dwords = 1;
        break;
    case VTEST_CMD_SYNC_WRITE:
        payload[0] = 1;
        dwords = 3;
        break;
    case VTEST_CMD_RESOURCE_BUSY_WAIT:
    case VTEST_CMD_GET_CAPSET:
    case VTEST_CMD_SYNC_CREATE:
        dwords = 2;
        break;
    default:
        break;
    }
    message[0] = dwords;
    return dwords + 2;
}

static bool is_for(uint32_t command, uint32_t version)
{
    const struct command *info = command_find(command);

    return info && info->since_version <= version && command != VTEST_CMD_CREATE_RENDERER &&
           command != VTEST_CMD_PROTOCOL_VERSION;
}

/* A connection on which every command has something to act on. */
static void prepare(struct harness *h, uint32_t version)
{
    uint32_t payload[VTEST_RESOURCE_CREATE2_DWORDS];

    harness_init_version(h, version);
    vtest_fill_create(payload, version >= 3 ? 0 : 1, 16, 0, 32);
    vtest_send(&h->peer, VTEST_CMD_RESOURCE_CREATE2, payload, VTEST_RESOURCE_CREATE2_DWORDS);
    if (version >= 3) {
        vtest_expect_header(&h->peer, 1, VTEST_CMD_RESOURCE_CREATE2);
        g_assert_cmpuint(vtest_receive_dword(&h->peer), ==, 1);
    }
    close(vtest_receive_fd(&h->peer));
    if (version >= 3) {
        vtest_send(&h->peer, VTEST_CMD_SYNC_CREATE, (uint32_t[]) {0, 0}, 2);
        vtest_expect_header(&h->peer, 1, VTEST_CMD_SYNC_CREATE);
        g_assert_cmpuint(vtest_receive_dword(&h->peer), ==, 1);
    }
}

static void drain(struct vtest_peer *peer)
{
    uint8_t bytes[4096];

    while (recv(peer->fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0) {
    }
}

static void test_good_messages(void)
{
    for (uint32_t command = 1; command < VTEST_CMD_COUNT; command++) {
        uint32_t message[32];

        if (is_for(command, 3)) {
            struct harness h;

            prepare(&h, 3);
            vtest_send_bytes(&h.peer, message, fill_message(command, 3, message) * 4);
            harness_pump(&h);
            g_assert_nonnull(h.client);
            g_assert_cmpuint(inbox_bytes(&h.client->inbox), ==, 0);
            drain(&h.peer);
            harness_finish(&h);
        }
    }
}

/* Every message cut off after every byte, by a client that goes. */
static void test_truncated(void)
{
    for (uint32_t command = 1; command < VTEST_CMD_COUNT; command++) {
        uint32_t message[32];
        uint32_t bytes = fill_message(command, 3, message) * 4;

        for (uint32_t cut = 1; is_for(command, 3) && cut < bytes; cut++) {
            struct harness h;
            unsigned submissions;

            prepare(&h, 3);
            submissions = fake_renderer.submissions;
            vtest_send_bytes(&h.peer, message, cut);
            harness_pump(&h);
            g_assert_nonnull(h.client);
            g_assert_cmpuint(inbox_bytes(&h.client->inbox), ==, cut);
            g_assert_cmpuint(fake_renderer.submissions, ==, submissions);
            vtest_peer_close(&h.peer);
            harness_pump(&h);
            g_assert_null(h.client);
            harness_finish(&h);
        }
    }
}

/* Every dword of every message replaced by numbers that overflow something somewhere. */
static void test_lies(void)
{
    static const uint32_t lies[] = {0, 1, 0x1f, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff};

    for (uint32_t command = 1; command < VTEST_CMD_COUNT; command++) {
        for (uint32_t i = 0; is_for(command, 3) && i < 16 * G_N_ELEMENTS(lies); i++) {
            uint32_t message[32];
            uint32_t dwords = fill_message(command, 3, message);
            uint32_t at = i / G_N_ELEMENTS(lies);
            struct harness h;

            if (at >= dwords) {
                break;
            }
            message[at] = lies[i % G_N_ELEMENTS(lies)];
            prepare(&h, 3);
            /* Nothing is read behind the message: what follows there would be the next one. */
            vtest_send_bytes(&h.peer, message, dwords * 4);
            harness_pump(&h);
            harness_pump(&h);
            drain(&h.peer);
            harness_finish(&h);
        }
    }
}

static void test_unknown_commands(void)
{
    static const uint32_t ids[] = {0, 25, 38, 39, 64, 0x7fffffff, 0x80000000, 0xffffffff};

    for (unsigned i = 0; i < G_N_ELEMENTS(ids); i++) {
        for (uint32_t version = 0; version <= 3; version += version == 0 ? 2 : 1) {
            struct harness h;

            harness_init_version(&h, version);
            vtest_send_with_length(&h.peer, 0xffffffff, ids[i], NULL, 0);
            vtest_expect_hangup(&h.peer);
            harness_finish(&h);
        }
    }
}

/* A length that only announces makes nothing be allocated. */
static void test_announced_only(void)
{
    struct harness h;

    harness_init_version(&h, 2);
    vtest_send_with_length(&h.peer, 8u << 20, VTEST_CMD_SUBMIT_CMD, "abcd", 4);
    harness_pump(&h);
    harness_pump(&h);
    g_assert_nonnull(h.client);
    g_assert_cmpuint(h.client->inbox.capacity, <=, 1u << 20);
    harness_finish(&h);
}

/* Descriptors that nobody asked for are neither kept nor confuse the stream. */
static void test_unasked_descriptors(void)
{
    static const uint32_t ping[] = {0, VTEST_CMD_PING_PROTOCOL_VERSION};
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec iov = {.iov_base = (void *) ping, .iov_len = sizeof(ping)};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.space,
                             .msg_controllen = sizeof(control.space)};
    struct cmsghdr *c = CMSG_FIRSTHDR(&message);
    int pipe_fds[2];
    struct harness h;
    uint8_t byte;

    harness_init_version(&h, 3);
    g_assert_cmpint(pipe(pipe_fds), ==, 0);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &pipe_fds[1], sizeof(int));
    g_assert_cmpint(sendmsg(h.peer.fd, &message, 0), ==, sizeof(ping));
    vtest_expect_header(&h.peer, 0, VTEST_CMD_PING_PROTOCOL_VERSION);
    close(pipe_fds[1]);
    /* With all writing ends closed there is an end to read. */
    g_assert_cmpint(read(pipe_fds[0], &byte, 1), ==, 0);
    close(pipe_fds[0]);
    harness_finish(&h);
}

/* A client that asks and asks and never reads is left alone at some point. */
static void test_client_that_never_reads(void)
{
    static uint32_t requests[8192][2];
    struct harness h;

    for (unsigned i = 0; i < G_N_ELEMENTS(requests); i++) {
        requests[i][1] = VTEST_CMD_GET_CAPS2;
    }
    harness_init_version(&h, 2);
    fake_renderer.capset2_bytes = 4096;
    while (send(h.peer.fd, requests, sizeof(requests), MSG_DONTWAIT) > 0) {
        harness_pump(&h);
    }
    g_assert_nonnull(h.client);
    g_assert_cmpuint(outbox_bytes(&h.client->outbox), <, 1u << 20);
    g_assert_cmpuint(h.client->inbox.capacity, <=, 1u << 20);
    harness_finish(&h);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vtest/garbage/good-messages", test_good_messages);
    g_test_add_func("/vtest/garbage/truncated", test_truncated);
    g_test_add_func("/vtest/garbage/lies", test_lies);
    g_test_add_func("/vtest/garbage/unknown-commands", test_unknown_commands);
    g_test_add_func("/vtest/garbage/announced-only", test_announced_only);
    g_test_add_func("/vtest/garbage/unasked-descriptors", test_unasked_descriptors);
    g_test_add_func("/vtest/garbage/client-that-never-reads", test_client_that_never_reads);
    return g_test_run();
}
