/* SPDX-License-Identifier: MIT */
/* The server as a process, with the real renderer: modes, signals, and clients side by side. */
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "server_process.h"
#include "vtest_peer.h"

static const char *const fork_mode[] = {NULL};
static const char *const one_by_one[] = {"--no-fork", NULL};
static const char *const first_only[] = {"--no-loop-or-fork", NULL};
static const char *const multi_clients[] = {"--multi-clients", NULL};

/* Move pixels in and out, by the socket and by shared memory: the session works. */
static void use_session(struct vtest_peer *peer, uint32_t version)
{
    uint32_t create[VTEST_RESOURCE_CREATE2_DWORDS];
    uint32_t put[] = {41, 0, 0, 0, 0, 0, 0, 4, 4, 1, 64};
    uint32_t get2[] = {42, 0, 0, 0, 0, 4, 4, 1, 64, 0};
    uint8_t sent[64], got[64];
    uint8_t *memory;
    int fd;

    for (unsigned i = 0; i < sizeof(sent); i++) {
        sent[i] = (uint8_t) (i * 3 + 1);
    }
    vtest_fill_create(create, version >= 3 ? 0 : 41, 4, 4, 0);
    vtest_send(peer, VTEST_CMD_RESOURCE_CREATE, create, VTEST_RESOURCE_CREATE_DWORDS);
    if (version >= 3) {
        vtest_expect_header(peer, 1, VTEST_CMD_RESOURCE_CREATE);
        put[0] = vtest_receive_dword(peer);
    }
    vtest_send_with_length(peer, 11 + 16, VTEST_CMD_TRANSFER_PUT, put, sizeof(put));
    vtest_send_bytes(peer, sent, sizeof(sent));
    vtest_send(peer, VTEST_CMD_TRANSFER_GET, put, VTEST_TRANSFER_GET_DWORDS);
    vtest_receive(peer, got, sizeof(got));
    g_assert_cmpmem(got, sizeof(got), sent, sizeof(sent));
    if (version < 2) {
        return;
    }

    vtest_fill_create(create, version >= 3 ? 0 : 42, 4, 4, 64);
    vtest_send(peer, VTEST_CMD_RESOURCE_CREATE2, create, VTEST_RESOURCE_CREATE2_DWORDS);
    if (version >= 3) {
        vtest_expect_header(peer, 1, VTEST_CMD_RESOURCE_CREATE2);
        get2[0] = vtest_receive_dword(peer);
    }
    fd = vtest_receive_fd(peer);
    memory = mmap(NULL, 64, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    g_assert_true(memory != MAP_FAILED);
    close(fd);
    memcpy(memory, sent, 64);
    vtest_send(peer, VTEST_CMD_TRANSFER_PUT2, get2, VTEST_TRANSFER_PUT2_DWORDS);
    vtest_wait_idle(peer);
    memset(memory, 0, 64);
    vtest_send(peer, VTEST_CMD_TRANSFER_GET2, get2, VTEST_TRANSFER_GET2_DWORDS);
    vtest_wait_idle(peer);
    g_assert_cmpmem(memory, 64, sent, 64);
    munmap(memory, 64);
}

static void connect_and_agree(struct server_process *server, struct vtest_peer *peer,
                              uint32_t version)
{
    vtest_peer_connect(peer, server->socket_path);
    g_assert_cmpuint(vtest_handshake(peer, version), ==, version);
}

static void test_mode(const char *const *options, uint32_t version)
{
    struct server_process server;

    server_process_start(&server, options);
    for (int i = 0; i < 2; i++) {
        struct vtest_peer peer;

        connect_and_agree(&server, &peer, version);
        use_session(&peer, version);
        vtest_peer_close(&peer);
    }
    server_process_stop(&server);
}

static void test_fork(void)
{
    test_mode(fork_mode, 2);
}

static void test_one_by_one(void)
{
    test_mode(one_by_one, 2);
    test_mode(one_by_one, 3);
    test_mode(one_by_one, 0);
}

static void test_multi_clients(void)
{
    test_mode(multi_clients, 3);
}

static void test_first_only(void)
{
    struct server_process server;
    struct vtest_peer peer;

    server_process_start(&server, first_only);
    connect_and_agree(&server, &peer, 2);
    use_session(&peer, 2);
    vtest_peer_close(&peer);
    g_assert_cmpint(server_process_wait(&server), ==, 0);
    g_assert_false(g_file_test(server.socket_path, G_FILE_TEST_EXISTS));
    server_process_remove(&server);
}

/* The real renderer's capability sets, as Mesa asks for them. */
static void test_caps(void)
{
    static const uint32_t request[] = {0, VTEST_CMD_GET_CAPS2, 0, VTEST_CMD_GET_CAPS};
    struct server_process server;
    struct vtest_peer peer;
    uint32_t caps1[77];
    uint32_t length;

    server_process_start(&server, fork_mode);
    connect_and_agree(&server, &peer, 2);
    vtest_send_bytes(&peer, request, sizeof(request));
    length = vtest_receive_dword(&peer);
    g_assert_cmpuint(length, >, 1000);
    g_assert_cmpuint(vtest_receive_dword(&peer), ==, 2);
    for (uint32_t got = 0; got < length - 1; got += 4) {
        vtest_receive_dword(&peer);
    }
    vtest_expect_header(&peer, 309, VTEST_CMD_GET_CAPS);
    vtest_receive(&peer, caps1, sizeof(caps1));
    g_assert_cmpuint(caps1[0], ==, 1);
    vtest_peer_close(&peer);
    server_process_stop(&server);
}

/* What one client does wrong or does not do is nothing to the other. */
static void test_side_by_side(const char *const *options, uint32_t version)
{
    static const uint32_t garbage[] = {0xffffffff, 0xffffffff, 0xffffffff};
    struct server_process server;
    struct vtest_peer good, slow, bad;

    server_process_start(&server, options);
    connect_and_agree(&server, &good, version);
    use_session(&good, version);

    /* Half a message, and then silence. */
    connect_and_agree(&server, &slow, version);
    vtest_send_with_length(&slow, 100, VTEST_CMD_SUBMIT_CMD, garbage, sizeof(garbage));

    for (int i = 0; i < 3; i++) {
        connect_and_agree(&server, &bad, version);
        vtest_send_bytes(&bad, garbage, sizeof(garbage));
        vtest_expect_hangup(&bad);
        vtest_peer_close(&bad);
    }
    connect_and_agree(&server, &bad, version);
    vtest_send(&bad, VTEST_CMD_SUBMIT_CMD, garbage, 3);
    vtest_peer_close(&bad);

    vtest_wait_idle(&good);
    vtest_peer_close(&slow);
    vtest_wait_idle(&good);
    vtest_peer_close(&good);

    server_process_expect_log(&server, "command 4294967295");
    /* The renderer's messages go to the same log. */
    server_process_expect_log(&server, "ILLEGAL_CMD_BUFFER");
    server_process_stop(&server);
}

static void test_side_by_side_fork(void)
{
    test_side_by_side(fork_mode, 2);
}

static void test_side_by_side_multi(void)
{
    test_side_by_side(multi_clients, 3);
}

/* A mistake is told once, with client, program, command and field. */
static void test_log(void)
{
    struct server_process server;
    struct vtest_peer peer;
    g_autofree char *log = NULL;
    const char *found;

    server_process_start(&server, one_by_one);
    vtest_peer_connect(&peer, server.socket_path);
    vtest_introduce(&peer, "program \033[2J --with options");
    vtest_send(&peer, VTEST_CMD_TRANSFER_GET, (uint32_t[11]) {77}, 11);
    vtest_expect_hangup(&peer);
    vtest_peer_close(&peer);
    log = server_process_log(&server);
    found = strstr(log, "client 1 (program): TRANSFER_GET: res_handle: 77");
    g_assert_nonnull(found);
    g_assert_null(strstr(found + 1, "client 1"));
    g_assert_null(strchr(log, '\033'));
    server_process_stop(&server);
}

static void test_crash(void)
{
    struct server_process server;
    struct vtest_peer first, second;
    pid_t child;

    server_process_start(&server, fork_mode);
    connect_and_agree(&server, &first, 2);
    child = server_process_only_child(&server);
    if (child == 0) {
        g_test_skip("this system does not list a process's children");
    } else {
        connect_and_agree(&server, &second, 2);
        use_session(&first, 2);
        /* A signal that no sanitizer turns into an exit. */
        g_assert_cmpint(kill(child, SIGKILL), ==, 0);
        vtest_expect_hangup(&first);
        use_session(&second, 2);
        g_assert_cmpint(server_process_only_child(&server), !=, child);
        server_process_expect_log(&server, "signal 9");
        vtest_peer_close(&second);
    }
    vtest_peer_close(&first);
    server_process_stop(&server);
}

/* Ends with clients connected, busy or silent; their processes end too. */
static void test_terminate(void)
{
    static const char *const *const modes[] = {fork_mode, one_by_one, multi_clients};
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};

    for (unsigned i = 0; i < G_N_ELEMENTS(modes); i++) {
        struct server_process server;
        struct vtest_peer used, silent;
        pid_t child = 0;

        server_process_start(&server, modes[i]);
        connect_and_agree(&server, &used, 3);
        use_session(&used, 3);
        if (modes[i] == fork_mode) {
            child = server_process_only_child(&server);
        }
        vtest_peer_connect(&silent, server.socket_path);
        g_assert_cmpint(kill(server.pid, signals[i]), ==, 0);
        g_assert_cmpint(server_process_wait(&server), ==, 0);
        g_assert_false(g_file_test(server.socket_path, G_FILE_TEST_EXISTS));
        vtest_expect_hangup(&used);
        vtest_expect_hangup(&silent);
        g_assert_true(child == 0 || kill(child, 0) != 0);
        vtest_peer_close(&used);
        vtest_peer_close(&silent);
        server_process_remove(&server);
    }
}

static void test_socket_file(void)
{
    struct server_process server, other;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat info;
    int fd;

    /* A socket of a server that is gone is replaced. */
    server_process_prepare(&server);
    strcpy(address.sun_path, server.socket_path);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    g_assert_cmpint(bind(fd, (struct sockaddr *) &address, sizeof(address)), ==, 0);
    close(fd);
    server_process_spawn(&server, first_only);
    for (int i = 0; i < 3000; i++) {
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(fd, (struct sockaddr *) &address, sizeof(address)) == 0) {
            break;
        }
        close(fd);
        fd = -1;
        g_usleep(10000);
    }
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(stat(server.socket_path, &info), ==, 0);
    g_assert_cmphex(info.st_mode & 0777, ==, 0600);

    /* One that is served is not. */
    other = server;
    server_process_spawn(&other, first_only);
    g_assert_cmpint(server_process_wait(&other), ==, 1);
    g_assert_true(g_file_test(server.socket_path, G_FILE_TEST_EXISTS));
    close(fd);
    g_assert_cmpint(server_process_wait(&server), ==, 0);

    /* Nor is a file of another kind. */
    g_assert_true(g_file_set_contents(server.socket_path, "precious", -1, NULL));
    server_process_spawn(&server, first_only);
    g_assert_cmpint(server_process_wait(&server), ==, 1);
    g_assert_true(g_file_test(server.socket_path, G_FILE_TEST_IS_REGULAR));
    g_unlink(server.socket_path);
    server_process_remove(&server);
}

/* A socket file that another server has put in our place stays. */
static void test_foreign_socket_file(void)
{
    struct server_process server;

    server_process_start(&server, fork_mode);
    g_assert_cmpint(g_unlink(server.socket_path), ==, 0);
    g_assert_true(g_file_set_contents(server.socket_path, "new", -1, NULL));
    g_assert_cmpint(kill(server.pid, SIGTERM), ==, 0);
    g_assert_cmpint(server_process_wait(&server), ==, 0);
    g_assert_true(g_file_test(server.socket_path, G_FILE_TEST_EXISTS));
    g_unlink(server.socket_path);
    server_process_remove(&server);
}

static void test_wrong_options(void)
{
    static const char *const cases[][3] = {
        {"--bogus", NULL},
        {"--client-memory", "many", NULL},
        {"--client-memory=0", NULL},
        {"/nonexistent/file", NULL},
        {"one", "two", NULL},
        {"--socket-path=/nonexistent/directory/socket", NULL},
        {"--socket-path=", NULL},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct server_process server;

        g_test_message("%s", cases[i][0]);
        server_process_prepare(&server);
        server_process_spawn(&server, cases[i]);
        g_assert_cmpint(server_process_wait(&server), ==, 1);
        server_process_remove(&server);
    }
}

/* What VTEST_SAVE wrote can be replayed. */
static void test_save_and_replay(void)
{
    struct server_process server;
    struct vtest_peer peer;
    char *saved, *log;

    server_process_prepare(&server);
    saved = g_build_filename(server.directory, "saved", NULL);
    g_setenv("VTEST_SAVE", saved, TRUE);
    server_process_spawn(&server, first_only);
    g_unsetenv("VTEST_SAVE");
    for (int i = 0; !g_file_test(server.socket_path, G_FILE_TEST_EXISTS) && i < 3000; i++) {
        g_usleep(10000);
    }
    connect_and_agree(&server, &peer, 2);
    use_session(&peer, 2);
    vtest_peer_close(&peer);
    g_assert_cmpint(server_process_wait(&server), ==, 0);

    server_process_spawn(&server, (const char *const[]) {saved, NULL});
    g_assert_cmpint(server_process_wait(&server), ==, 0);
    log = server_process_log(&server);
    g_assert_null(strstr(log, "error"));
    g_free(log);

    /* A damaged one is refused, and said so. */
    g_assert_true(g_file_set_contents(saved, "\377\377\377\377\377\377\377\377", 8, NULL));
    server_process_spawn(&server, (const char *const[]) {saved, NULL});
    server_process_wait(&server);
    log = server_process_log(&server);
    g_assert_nonnull(strstr(log, "comes before CREATE_RENDERER"));
    g_free(log);
    g_unlink(saved);
    g_free(saved);
    server_process_remove(&server);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vtest/server/fork", test_fork);
    g_test_add_func("/vtest/server/one-by-one", test_one_by_one);
    g_test_add_func("/vtest/server/multi-clients", test_multi_clients);
    g_test_add_func("/vtest/server/first-only", test_first_only);
    g_test_add_func("/vtest/server/caps", test_caps);
    g_test_add_func("/vtest/server/side-by-side-fork", test_side_by_side_fork);
    g_test_add_func("/vtest/server/side-by-side-multi", test_side_by_side_multi);
    g_test_add_func("/vtest/server/log", test_log);
    g_test_add_func("/vtest/server/crash", test_crash);
    g_test_add_func("/vtest/server/terminate", test_terminate);
    g_test_add_func("/vtest/server/socket-file", test_socket_file);
    g_test_add_func("/vtest/server/foreign-socket-file", test_foreign_socket_file);
    g_test_add_func("/vtest/server/wrong-options", test_wrong_options);
    g_test_add_func("/vtest/server/save-and-replay", test_save_and_replay);
    return g_test_run();
}
