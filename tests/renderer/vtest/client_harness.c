/* SPDX-License-Identifier: MIT */
#include "client_harness.h"

#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_renderer.h"

/* One turn of the server's loop for one client: it gets on only when the server would wake up. */
void harness_pump(struct harness *harness)
{
    struct client *client = harness->client;
    struct pollfd p;

    if (!client) {
        return;
    }
    if (harness->shared.host) {
        host_fence_work(harness->shared.host);
        host_poll(harness->shared.host);
    }
    p = (struct pollfd) {.fd = client->fd, .events = client_events(client)};
    if (poll(&p, 1, 0) != 1 && !client->waiting) {
        return;
    }
    client_run(client, p.events == POLLIN && p.revents != 0);
    if (client->ended) {
        client_destroy(client);
        harness->client = NULL;
    }
}

static void pump(void *data)
{
    harness_pump(data);
}

void harness_init(struct harness *harness, enum server_mode mode)
{
    int fds[2];

    fake_renderer_reset();
    *harness = (struct harness) {
        .options = {.mode = mode, .client_memory_bytes = 64u << 20},
    };
    harness->shared.options = &harness->options;
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
    g_assert_cmpint(fcntl(fds[0], F_SETFL, O_NONBLOCK), ==, 0);
    harness->client = client_create(&harness->shared, fds[0], true, 1, -1);
    g_assert_nonnull(harness->client);
    harness->peer = (struct vtest_peer) {.fd = fds[1], .pump = pump, .data = harness};
}

void harness_init_version(struct harness *harness, uint32_t version)
{
    harness_init(harness, MODE_FORK);
    g_assert_cmpuint(vtest_handshake(&harness->peer, version), ==, version);
}

void harness_finish(struct harness *harness)
{
    if (harness->peer.fd >= 0) {
        vtest_peer_close(&harness->peer);
    }
    if (harness->client) {
        client_destroy(harness->client);
    }
    g_assert_cmpuint(fake_renderer.contexts, ==, 0);
    g_assert_cmpuint(fake_renderer.resources, ==, 0);
    host_destroy(harness->shared.host);
}

void harness_create_buffer(struct harness *harness, uint32_t id, uint32_t bytes)
{
    uint32_t payload[VTEST_RESOURCE_CREATE2_DWORDS];

    vtest_fill_create(payload, id, bytes, 0, 0);
    vtest_send(&harness->peer, VTEST_CMD_RESOURCE_CREATE, payload, VTEST_RESOURCE_CREATE_DWORDS);
}
