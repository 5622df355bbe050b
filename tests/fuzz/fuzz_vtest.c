/* SPDX-License-Identifier: MIT */
/*
 * A client's byte stream into the vtest server's connection code, over the fake renderer, which
 * aborts when it is called with what the server should have refused. Inputs are what VTEST_SAVE
 * writes; the stream is handed over in pieces whose sizes follow from its length.
 */
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "fake_renderer.h"
#include "log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A refused message says so, and on most inputs one is. */
static void silence_log(void)
{
    static bool done;

    if (!done) {
        setenv("VIRGL_LOG_LEVEL", "silent", 1);
        log_init();
        done = true;
    }
}

static void drain(int fd)
{
    char bytes[65536];

    while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0) {
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct options options = {
        .mode = size % 5 == 4 ? MODE_MULTI_CLIENTS : MODE_FORK,
        .client_memory_bytes = 1u << 24,
    };
    struct server_context shared = {.options = &options};
    size_t piece = 1 + size * 2654435761u % 4096;
    struct client *client;
    int fds[2];

    silence_log();
    fake_renderer_reset();
    fake_renderer.hold_fences = size % 3 == 0;
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), ==, 0);
    client = client_create(&shared, fds[0], true, 1, -1);
    g_assert_nonnull(client);

    while (!client->ended && size > 0) {
        ssize_t put = send(fds[1], data, MIN(piece, size), MSG_NOSIGNAL);

        if (put > 0) {
            data += put;
            size -= (size_t) put;
        }
        if (client->waiting) {
            fake_renderer_pass_fences();
        }
        if (shared.host) {
            host_fence_work(shared.host);
            host_poll(shared.host);
        }
        client_run(client, true);
        drain(fds[1]);
    }
    client_destroy(client);
    close(fds[1]);
    g_assert_cmpuint(fake_renderer.contexts, ==, 0);
    g_assert_cmpuint(fake_renderer.resources, ==, 0);
    host_destroy(shared.host);
    return 0;
}
