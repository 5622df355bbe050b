/* SPDX-License-Identifier: MIT */
/* Resources, shared memory and transfers. */
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client_harness.h"
#include "fake_renderer.h"

static void send_create2(struct harness *h, uint32_t id, uint32_t width, uint32_t data_size)
{
    uint32_t payload[VTEST_RESOURCE_CREATE2_DWORDS];

    vtest_fill_create(payload, id, width, 0, data_size);
    vtest_send(&h->peer, VTEST_CMD_RESOURCE_CREATE2, payload, VTEST_RESOURCE_CREATE2_DWORDS);
}

/* Message of a TRANSFER_PUT or TRANSFER_GET on the bytes [x, x + width) of a buffer. */
static void send_transfer(struct harness *h, uint32_t command, uint32_t id, uint32_t x,
                          uint32_t width, const void *data, uint32_t bytes)
{
    uint32_t payload[VTEST_TRANSFER_GET_DWORDS] = {id, 0, 0, 0, x, 0, 0, width, 1, 1, bytes};
    uint32_t length = VTEST_TRANSFER_GET_DWORDS;

    if (command == VTEST_CMD_TRANSFER_PUT) {
        length += (bytes + 3) / 4;
    }
    vtest_send_with_length(&h->peer, length, command, payload, sizeof(payload));
    if (data) {
        vtest_send_bytes(&h->peer, data, bytes);
    }
}

static void send_transfer2(struct harness *h, uint32_t command, uint32_t id, uint32_t x,
                           uint32_t width, uint32_t offset)
{
    uint32_t payload[VTEST_TRANSFER_GET2_DWORDS] = {id, 0, x, 0, 0, width, 1, 1, width, offset};

    vtest_send(&h->peer, command, payload, VTEST_TRANSFER_GET2_DWORDS);
}

static void test_put_odd_sizes(void)
{
    struct harness h;

    harness_init_version(&h, 0);
    harness_create_buffer(&h, 3, 64);
    for (uint32_t bytes = 1; bytes <= 9; bytes++) {
        uint8_t sent[16], got[16];

        memset(sent, (int) bytes, sizeof(sent));
        /* The next message follows at whatever byte the data ends. */
        send_transfer(&h, VTEST_CMD_TRANSFER_PUT, 3, bytes, bytes, sent, bytes);
        vtest_send(&h.peer, VTEST_CMD_SUBMIT_CMD, (uint32_t[]) {0x1234, bytes}, 2);
        send_transfer(&h, VTEST_CMD_TRANSFER_GET, 3, bytes, bytes, NULL, bytes);
        vtest_receive(&h.peer, got, bytes);
        g_assert_cmpmem(got, bytes, sent, bytes);
        g_assert_cmpuint(fake_renderer.submissions, ==, bytes);
        g_assert_cmphex(fake_renderer.last_first_dword, ==, 0x1234);
    }
    g_assert_false(fake_renderer.misaligned_stream);
    vtest_expect_silence(&h.peer);
    harness_finish(&h);
}

/* The same messages, handed over in every possible piece of a single byte up to five. */
static void test_put_in_pieces(void)
{
    uint32_t put[2 + 11] = {11 + 2, VTEST_CMD_TRANSFER_PUT, 3, 0, 0, 0, 0, 0, 0, 5, 1, 1, 5};
    uint32_t submit[] = {1, VTEST_CMD_SUBMIT_CMD, 0xabcd};
    uint8_t all[sizeof(put) + 5 + sizeof(submit)];

    memcpy(all, put, sizeof(put));
    memcpy(all + sizeof(put), "piece", 5);
    memcpy(all + sizeof(put) + 5, submit, sizeof(submit));
    for (size_t piece = 1; piece <= 5; piece++) {
        struct harness h;
        char got[5];

        harness_init_version(&h, 2);
        harness_create_buffer(&h, 3, 64);
        for (size_t at = 0; at < sizeof(all); at += piece) {
            vtest_send_bytes(&h.peer, all + at, MIN(piece, sizeof(all) - at));
            harness_pump(&h);
        }
        send_transfer(&h, VTEST_CMD_TRANSFER_GET, 3, 0, 5, NULL, 5);
        vtest_receive(&h.peer, got, 5);
        g_assert_cmpmem(got, 5, "piece", 5);
        g_assert_cmphex(fake_renderer.last_first_dword, ==, 0xabcd);
        harness_finish(&h);
    }
}

static void test_large_put_and_get(void)
{
    const uint32_t bytes = 5000003;
    g_autofree uint8_t *sent = g_malloc(bytes);
    g_autofree uint8_t *got = g_malloc(bytes);
    struct harness h;

    for (uint32_t i = 0; i < bytes; i++) {
        sent[i] = (uint8_t) (i * 2654435761u >> 24);
    }
    harness_init_version(&h, 0);
    harness_create_buffer(&h, 9, bytes);
    send_transfer(&h, VTEST_CMD_TRANSFER_PUT, 9, 0, bytes, sent, bytes);
    /* Two at once: the second waits until the first has been read. */
    send_transfer(&h, VTEST_CMD_TRANSFER_GET, 9, 0, bytes, NULL, bytes);
    send_transfer(&h, VTEST_CMD_TRANSFER_GET, 9, 0, bytes, NULL, bytes);
    for (int i = 0; i < 2; i++) {
        vtest_receive(&h.peer, got, bytes);
        g_assert_cmpmem(got, bytes, sent, bytes);
    }
    harness_finish(&h);
}

static void test_bad_transfers(void)
{
    static const struct {
        uint32_t command, id, x, width, bytes;
    } cases[] = {
        {VTEST_CMD_TRANSFER_GET, 4, 0, 8, 8},          /* no such resource */
        {VTEST_CMD_TRANSFER_GET, 0, 0, 8, 8},
        {VTEST_CMD_TRANSFER_GET, 3, 0, 8, 4},          /* data too small for the box */
        {VTEST_CMD_TRANSFER_GET, 3, 60, 8, 8},         /* box outside */
        {VTEST_CMD_TRANSFER_GET, 3, 0xffffffff, 8, 8},
        {VTEST_CMD_TRANSFER_GET, 3, 0, 8, 0xffffffff}, /* above the limits */
        {VTEST_CMD_TRANSFER_GET, 3, 0, 8, (64u << 20) + 1},
        {VTEST_CMD_TRANSFER_PUT, 4, 0, 8, 8},
        {VTEST_CMD_TRANSFER_PUT, 3, 60, 8, 8},
        {VTEST_CMD_TRANSFER_PUT, 3, 0, 8, 4},
        {VTEST_CMD_TRANSFER_PUT, 3, 0, 8, 0xffffffff},
    };
    static const uint8_t data[8];

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        bool put = cases[i].command == VTEST_CMD_TRANSFER_PUT && cases[i].bytes <= sizeof(data);
        struct harness h;

        g_test_message("case %u", i);
        harness_init_version(&h, 2);
        harness_create_buffer(&h, 3, 64);
        send_transfer(&h, cases[i].command, cases[i].id, cases[i].x, cases[i].width,
                      put ? data : NULL, cases[i].bytes);
        vtest_expect_hangup(&h.peer);
        harness_finish(&h);
    }
}

static void test_shared_memory(void)
{
    struct harness h;
    struct stat info;
    uint8_t *memory;
    int fd;

    harness_init_version(&h, 2);
    send_create2(&h, 5, 64, 100);
    fd = vtest_receive_fd(&h.peer);
    g_assert_cmpint(fstat(fd, &info), ==, 0);
    g_assert_cmpint(info.st_size, ==, 100);
    /* A client that could shrink it would make the server fault. */
    g_assert_cmpint(ftruncate(fd, 0), !=, 0);
    memory = mmap(NULL, 100, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    g_assert_true(memory != MAP_FAILED);
    close(fd);

    memcpy(memory + 10, "through the memory", 18);
    send_transfer2(&h, VTEST_CMD_TRANSFER_PUT2, 5, 20, 18, 10);
    send_transfer2(&h, VTEST_CMD_TRANSFER_GET2, 5, 20, 18, 70);
    vtest_wait_idle(&h.peer);
    g_assert_cmpmem(memory + 70, 18, "through the memory", 18);
    munmap(memory, 100);
    harness_finish(&h);
}

static void test_bad_shared_transfers(void)
{
    static const uint32_t offsets[] = {100, 101, 0x7fffffff, 0xffffffff, 83};

    for (unsigned i = 0; i < G_N_ELEMENTS(offsets) * 2; i++) {
        uint32_t command = i % 2 ? VTEST_CMD_TRANSFER_GET2 : VTEST_CMD_TRANSFER_PUT2;
        struct harness h;

        harness_init_version(&h, 2);
        send_create2(&h, 5, 64, 100);
        close(vtest_receive_fd(&h.peer));
        send_transfer2(&h, command, 5, 0, 18, offsets[i / 2]);
        vtest_expect_hangup(&h.peer);
        harness_finish(&h);
    }

    /* A resource without shared memory has no place for any offset. */
    for (unsigned i = 0; i < 2; i++) {
        struct harness h;

        harness_init_version(&h, 2);
        send_create2(&h, 5, 64, 0);
        send_transfer2(&h, i ? VTEST_CMD_TRANSFER_GET2 : VTEST_CMD_TRANSFER_PUT2, 5, 0, 4, 0);
        vtest_expect_hangup(&h.peer);
        harness_finish(&h);
    }
}

static void test_create2_descriptors(void)
{
    struct harness h;

    harness_init_version(&h, 2);
    send_create2(&h, 1, 64, 0);
    vtest_wait_idle(&h.peer);
    g_assert_cmpuint(fake_renderer.resources, ==, 1);

    /* As many in a row as a client may like. */
    for (uint32_t id = 2; id < 50; id++) {
        send_create2(&h, id, 64, id);
    }
    for (uint32_t id = 2; id < 50; id++) {
        struct stat info;
        int fd = vtest_receive_fd(&h.peer);

        g_assert_cmpint(fstat(fd, &info), ==, 0);
        g_assert_cmpint(info.st_size, ==, id);
        close(fd);
    }
    vtest_wait_idle(&h.peer);
    g_assert_cmpuint(fake_renderer.resources, ==, 49);
    harness_finish(&h);
}

static void test_handles_of_clients(void)
{
    static const uint32_t bad[] = {0, 7};

    for (unsigned i = 0; i < G_N_ELEMENTS(bad) * 2; i++) {
        struct harness h;

        harness_init_version(&h, 2);
        harness_create_buffer(&h, 7, 16);
        if (i % 2) {
            harness_create_buffer(&h, bad[i / 2], 16);
        } else {
            send_create2(&h, bad[i / 2], 16, 0);
        }
        vtest_expect_hangup(&h.peer);
        harness_finish(&h);
    }
}

static void test_handle_reuse(void)
{
    struct harness h;

    harness_init_version(&h, 2);
    for (int i = 0; i < 3; i++) {
        harness_create_buffer(&h, 0xffffffff, 16);
        vtest_send(&h.peer, VTEST_CMD_RESOURCE_UNREF, (uint32_t[]) {0xffffffff}, 1);
    }
    vtest_send(&h.peer, VTEST_CMD_RESOURCE_UNREF, (uint32_t[]) {12}, 1);
    vtest_send(&h.peer, VTEST_CMD_RESOURCE_UNREF, (uint32_t[]) {0}, 1);
    vtest_wait_idle(&h.peer);
    g_assert_cmpuint(fake_renderer.resources, ==, 0);
    harness_finish(&h);
}

static void test_handles_of_server(void)
{
    struct harness h;
    uint32_t first, second;

    harness_init_version(&h, 3);
    harness_create_buffer(&h, 0, 16);
    vtest_expect_header(&h.peer, 1, VTEST_CMD_RESOURCE_CREATE);
    first = vtest_receive_dword(&h.peer);
    send_create2(&h, 0, 16, 8);
    vtest_expect_header(&h.peer, 1, VTEST_CMD_RESOURCE_CREATE2);
    second = vtest_receive_dword(&h.peer);
    close(vtest_receive_fd(&h.peer));
    g_assert_cmpuint(first, !=, 0);
    g_assert_cmpuint(second, !=, 0);
    g_assert_cmpuint(first, !=, second);

    harness_create_buffer(&h, second + 1, 16);
    vtest_expect_hangup(&h.peer);
    harness_finish(&h);
}

static void test_refused_by_renderer(void)
{
    for (unsigned data_size = 0; data_size <= 64; data_size += 64) {
        struct harness h;

        harness_init_version(&h, 2);
        fake_renderer.create_result = 22;
        send_create2(&h, 1, 16, data_size);
        vtest_expect_hangup(&h.peer);
        harness_finish(&h);
    }
}

static void test_memory_limit(void)
{
    struct harness h;

    harness_init_version(&h, 2);
    send_create2(&h, 1, 16, 40u << 20);
    close(vtest_receive_fd(&h.peer));
    vtest_send(&h.peer, VTEST_CMD_RESOURCE_UNREF, (uint32_t[]) {1}, 1);
    send_create2(&h, 1, 16, 40u << 20);
    close(vtest_receive_fd(&h.peer));
    send_create2(&h, 2, 16, 30u << 20);
    vtest_expect_hangup(&h.peer);
    harness_finish(&h);
}

static void send_blob(struct harness *h, uint32_t type, uint32_t flags, uint64_t bytes, uint64_t id)
{
    uint32_t payload[] = {type, flags, (uint32_t) bytes, (uint32_t) (bytes >> 32), (uint32_t) id,
                          (uint32_t) (id >> 32)};

    vtest_send(&h->peer, VTEST_CMD_RESOURCE_CREATE_BLOB, payload, VTEST_RESOURCE_CREATE_BLOB_DWORDS);
}

static void test_blobs(void)
{
    struct harness h;
    struct stat info;
    int fd;

    harness_init_version(&h, 3);
    send_blob(&h, VTEST_BLOB_TYPE_GUEST, VTEST_BLOB_FLAG_MAPPABLE, 8192, 0);
    vtest_expect_header(&h.peer, 1, VTEST_CMD_RESOURCE_CREATE_BLOB);
    g_assert_cmpuint(vtest_receive_dword(&h.peer), !=, 0);
    fd = vtest_receive_fd(&h.peer);
    g_assert_cmpint(fstat(fd, &info), ==, 0);
    g_assert_cmpint(info.st_size, ==, 8192);
    close(fd);
    send_blob(&h, VTEST_BLOB_TYPE_HOST3D, 0, 4096, 17);
    vtest_expect_header(&h.peer, 1, VTEST_CMD_RESOURCE_CREATE_BLOB);
    vtest_receive_dword(&h.peer);
    close(vtest_receive_fd(&h.peer));
    harness_finish(&h);
}

static void test_bad_blobs(void)
{
    static const struct {
        uint32_t type, flags;
        uint64_t bytes, id;
    } cases[] = {
        {0, 0, 4096, 1},
        {4, 0, 4096, 1},
        {VTEST_BLOB_TYPE_GUEST, 8, 4096, 0},
        {VTEST_BLOB_TYPE_GUEST, 0, 0, 0},
        {VTEST_BLOB_TYPE_GUEST, 0, UINT64_MAX, 0},
        {VTEST_BLOB_TYPE_GUEST, 0, 1ull << 62, 0},
        {VTEST_BLOB_TYPE_HOST3D_GUEST, 0, 65ull << 20, 1},
        {VTEST_BLOB_TYPE_HOST3D, 0, 4096, 0}, /* the renderer knows no object 0 */
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct harness h;

        harness_init_version(&h, 3);
        send_blob(&h, cases[i].type, cases[i].flags, cases[i].bytes, cases[i].id);
        vtest_expect_hangup(&h.peer);
        harness_finish(&h);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vtest/resources/put-odd-sizes", test_put_odd_sizes);
    g_test_add_func("/vtest/resources/put-in-pieces", test_put_in_pieces);
    g_test_add_func("/vtest/resources/large-put-and-get", test_large_put_and_get);
    g_test_add_func("/vtest/resources/bad-transfers", test_bad_transfers);
    g_test_add_func("/vtest/resources/shared-memory", test_shared_memory);
    g_test_add_func("/vtest/resources/bad-shared-transfers", test_bad_shared_transfers);
    g_test_add_func("/vtest/resources/create2-descriptors", test_create2_descriptors);
    g_test_add_func("/vtest/resources/handles-of-clients", test_handles_of_clients);
    g_test_add_func("/vtest/resources/handle-reuse", test_handle_reuse);
    g_test_add_func("/vtest/resources/handles-of-server", test_handles_of_server);
    g_test_add_func("/vtest/resources/refused-by-renderer", test_refused_by_renderer);
    g_test_add_func("/vtest/resources/memory-limit", test_memory_limit);
    g_test_add_func("/vtest/resources/blobs", test_blobs);
    g_test_add_func("/vtest/resources/bad-blobs", test_bad_blobs);
    return g_test_run();
}
