/* SPDX-License-Identifier: MIT */
/* Submission, fences and timeline syncs. */
#include <glib.h>
#include <poll.h>
#include <unistd.h>

#include "client_harness.h"
#include "fake_renderer.h"

static void submit(struct harness *h, uint32_t dword)
{
    vtest_send(&h->peer, VTEST_CMD_SUBMIT_CMD, &dword, 1);
}

static void ask_busy(struct harness *h, uint32_t flags)
{
    vtest_send(&h->peer, VTEST_CMD_RESOURCE_BUSY_WAIT, (uint32_t[]) {0, flags}, 2);
}

static uint32_t receive_busy(struct harness *h)
{
    vtest_expect_header(&h->peer, 1, VTEST_CMD_RESOURCE_BUSY_WAIT);
    return vtest_receive_dword(&h->peer);
}

static void test_busy_wait(void)
{
    struct harness h;

    harness_init_version(&h, 2);
    fake_renderer.hold_fences = true;
    ask_busy(&h, VTEST_BUSY_WAIT_FLAG_WAIT);
    g_assert_cmpuint(receive_busy(&h), ==, 0);

    submit(&h, 1);
    ask_busy(&h, 0);
    g_assert_cmpuint(receive_busy(&h), ==, 1);

    /* While it waits, later messages wait too, and nothing is answered. */
    ask_busy(&h, VTEST_BUSY_WAIT_FLAG_WAIT);
    vtest_send(&h.peer, VTEST_CMD_PING_PROTOCOL_VERSION, NULL, 0);
    vtest_expect_silence(&h.peer);
    fake_renderer_pass_fences();
    g_assert_cmpuint(receive_busy(&h), ==, 0);
    vtest_expect_header(&h.peer, 0, VTEST_CMD_PING_PROTOCOL_VERSION);
    ask_busy(&h, 0);
    g_assert_cmpuint(receive_busy(&h), ==, 0);
    harness_finish(&h);
}

/* The wait covers all submissions before it, the newest too. */
static void test_wait_covers_newest(void)
{
    struct harness h;

    harness_init_version(&h, 2);
    fake_renderer.hold_fences = true;
    submit(&h, 1);
    ask_busy(&h, 0);
    g_assert_cmpuint(receive_busy(&h), ==, 1);
    submit(&h, 2);
    vtest_expect_silence(&h.peer);
    g_assert_cmpuint(fake_renderer.submissions, ==, 2);
    fake_renderer_pass_fences();
    submit(&h, 3);
    ask_busy(&h, 0);
    g_assert_cmpuint(receive_busy(&h), ==, 1);
    fake_renderer_pass_fences();
    ask_busy(&h, VTEST_BUSY_WAIT_FLAG_WAIT);
    g_assert_cmpuint(receive_busy(&h), ==, 0);
    harness_finish(&h);
}

static void test_one_fence_for_many(void)
{
    uint32_t messages[100][3];
    struct harness h;

    for (uint32_t i = 0; i < 100; i++) {
        messages[i][0] = 1;
        messages[i][1] = VTEST_CMD_SUBMIT_CMD;
        messages[i][2] = i;
    }
    harness_init_version(&h, 2);
    vtest_send_bytes(&h.peer, messages, sizeof(messages));
    vtest_wait_idle(&h.peer);
    g_assert_cmpuint(fake_renderer.submissions, ==, 100);
    g_assert_cmpuint(fake_renderer.fences, ==, 1);
    harness_finish(&h);
}

static void test_gone_while_waiting(void)
{
    struct harness h;

    harness_init_version(&h, 2);
    fake_renderer.hold_fences = true;
    submit(&h, 1);
    ask_busy(&h, VTEST_BUSY_WAIT_FLAG_WAIT);
    vtest_expect_silence(&h.peer);
    g_assert_true(h.client->waiting);
    g_assert_cmpint(client_events(h.client), ==, 0);
    harness_finish(&h);
}

static void test_refused_stream(void)
{
    struct harness h;

    harness_init_version(&h, 2);
    fake_renderer.submit_result = 22;
    submit(&h, 1);
    vtest_expect_hangup(&h.peer);
    harness_finish(&h);
}

static void test_large_stream(void)
{
    const uint32_t dwords = 3u << 18;
    g_autofree uint32_t *stream = g_new0(uint32_t, dwords);
    struct harness h;

    harness_init_version(&h, 2);
    vtest_send(&h.peer, VTEST_CMD_SUBMIT_CMD, stream, dwords);
    vtest_send(&h.peer, VTEST_CMD_SUBMIT_CMD, NULL, 0);
    vtest_wait_idle(&h.peer);
    g_assert_cmpuint(fake_renderer.submitted_dwords, ==, dwords);
    harness_finish(&h);

    harness_init_version(&h, 2);
    vtest_send_with_length(&h.peer, 0xffffffff, VTEST_CMD_SUBMIT_CMD, NULL, 0);
    vtest_expect_hangup(&h.peer);
    harness_finish(&h);
}

static uint32_t create_sync(struct harness *h, uint32_t value)
{
    vtest_send(&h->peer, VTEST_CMD_SYNC_CREATE, (uint32_t[]) {value, 0}, 2);
    vtest_expect_header(&h->peer, 1, VTEST_CMD_SYNC_CREATE);
    return vtest_receive_dword(&h->peer);
}

static uint64_t read_sync(struct harness *h, uint32_t id)
{
    uint32_t low, high;

    vtest_send(&h->peer, VTEST_CMD_SYNC_READ, &id, 1);
    vtest_expect_header(&h->peer, 2, VTEST_CMD_SYNC_READ);
    low = vtest_receive_dword(&h->peer);
    high = vtest_receive_dword(&h->peer);
    return (uint64_t) high << 32 | low;
}

static void write_sync(struct harness *h, uint32_t id, uint32_t low, uint32_t high)
{
    vtest_send(&h->peer, VTEST_CMD_SYNC_WRITE, (uint32_t[]) {id, low, high}, 3);
}

static int receive_wait(struct harness *h)
{
    vtest_expect_header(&h->peer, 0, VTEST_CMD_SYNC_WAIT);
    return vtest_receive_fd(&h->peer);
}

static bool is_readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 0) == 1;
}

static void test_sync_values(void)
{
    struct harness h;
    uint32_t a, b;

    harness_init_version(&h, 3);
    a = create_sync(&h, 5);
    b = create_sync(&h, 6);
    g_assert_cmpuint(a, !=, b);
    write_sync(&h, a, 7, 9);
    g_assert_cmpuint(read_sync(&h, a), ==, 9ull << 32 | 7);
    g_assert_cmpuint(read_sync(&h, b), ==, 6);
    write_sync(&h, a, 1, 0);
    g_assert_cmpuint(read_sync(&h, a), ==, 1);
    vtest_send(&h.peer, VTEST_CMD_SYNC_UNREF, &a, 1);
    vtest_send(&h.peer, VTEST_CMD_SYNC_UNREF, &a, 1);
    g_assert_cmpuint(read_sync(&h, b), ==, 6);
    vtest_send(&h.peer, VTEST_CMD_SYNC_READ, &a, 1);
    vtest_expect_hangup(&h.peer);
    harness_finish(&h);
}

static void test_sync_waits(void)
{
    struct harness h;
    uint32_t a, b;
    int all, any, reached, polled;

    harness_init_version(&h, 3);
    a = create_sync(&h, 0);
    b = create_sync(&h, 0);
    vtest_send(&h.peer, VTEST_CMD_SYNC_WAIT, (uint32_t[]) {0, -1u, a, 2, 0, b, 3, 0}, 8);
    all = receive_wait(&h);
    vtest_send(&h.peer, VTEST_CMD_SYNC_WAIT, (uint32_t[]) {1, -1u, a, 2, 0, b, 3, 0}, 8);
    any = receive_wait(&h);
    vtest_send(&h.peer, VTEST_CMD_SYNC_WAIT, (uint32_t[]) {0, 1000, a, 0, 0}, 5);
    reached = receive_wait(&h);
    vtest_send(&h.peer, VTEST_CMD_SYNC_WAIT, (uint32_t[]) {0, 0, a, 1, 0}, 5);
    polled = receive_wait(&h);
    g_assert_false(is_readable(all));
    g_assert_false(is_readable(any));
    g_assert_true(is_readable(reached));
    g_assert_false(is_readable(polled));

    write_sync(&h, a, 2, 0);
    g_assert_cmpuint(read_sync(&h, a), ==, 2);
    g_assert_false(is_readable(all));
    g_assert_true(is_readable(any));
    /* The wait that only polled was forgotten: the value has been reached since. */
    g_assert_false(is_readable(polled));
    /* What was reached once stays reached. */
    write_sync(&h, a, 0, 0);
    write_sync(&h, b, 4, 0);
    g_assert_cmpuint(read_sync(&h, b), ==, 4);
    g_assert_true(is_readable(all));
    close(all);
    close(any);
    close(reached);
    close(polled);
    harness_finish(&h);
}

static void test_bad_waits(void)
{
    static const struct {
        uint32_t payload[5], dwords;
    } cases[] = {
        {{0, 0, 99, 0, 0}, 5}, {{0, 0, 1, 0, 0}, 4}, {{0, 0, 1, 0, 0}, 3},
        {{0, 0, 1, 0, 0}, 1},  {{0, 0, 1, 0, 0}, 0}, {{2, 0, 1, 0, 0}, 5},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct harness h;

        harness_init_version(&h, 3);
        g_assert_cmpuint(create_sync(&h, 0), ==, 1);
        vtest_send(&h.peer, VTEST_CMD_SYNC_WAIT, cases[i].payload, cases[i].dwords);
        vtest_expect_hangup(&h.peer);
        harness_finish(&h);
    }
}

static void test_many_waits(void)
{
    struct harness h;
    int fd = -1;

    harness_init_version(&h, 3);
    create_sync(&h, 0);
    for (unsigned i = 0; i < SYNC_MAX_WAITS; i++) {
        vtest_send(&h.peer, VTEST_CMD_SYNC_WAIT, (uint32_t[]) {0, -1u, 1, 5, 0}, 5);
        fd = receive_wait(&h);
        if (i + 1 < SYNC_MAX_WAITS) {
            close(fd);
        }
    }
    write_sync(&h, 1, 5, 0);
    read_sync(&h, 1);
    g_assert_true(is_readable(fd));
    close(fd);
    for (unsigned i = 0; i < SYNC_MAX_WAITS; i++) {
        vtest_send(&h.peer, VTEST_CMD_SYNC_WAIT, (uint32_t[]) {0, -1u, 1, 6, 0}, 5);
        close(receive_wait(&h));
    }
    vtest_send(&h.peer, VTEST_CMD_SYNC_WAIT, (uint32_t[]) {0, -1u, 1, 6, 0}, 5);
    vtest_expect_hangup(&h.peer);
    harness_finish(&h);
}

/* Two batches, with records of the protocol's length and of newer Mesa's. */
static void test_batches(void)
{
    for (uint32_t record = 6; record <= 8; record += 2) {
        uint32_t payload[64] = {2};
        uint32_t *first = payload + 1, *second = payload + 1 + record;
        uint32_t data = 1 + 2 * record;
        struct harness h;
        uint32_t a, b;

        harness_init_version(&h, 3);
        a = create_sync(&h, 0);
        b = create_sync(&h, 0);
        first[1] = data;         /* one dword of stream */
        first[2] = 1;
        first[3] = data + 2;     /* one sync */
        first[4] = 1;
        second[0] = VTEST_SUBMIT_CMD2_FLAG_RING_IDX;
        second[1] = data + 1;
        second[2] = 1;
        second[3] = data + 5;
        second[4] = 1;
        second[5] = 3;
        payload[data] = 0x111;
        payload[data + 1] = 0x222;
        payload[data + 2] = a;
        payload[data + 3] = 10;
        payload[data + 5] = b;
        payload[data + 6] = 20;

        fake_renderer.hold_fences = true;
        vtest_send(&h.peer, VTEST_CMD_SUBMIT_CMD2, payload, data + 8);
        g_assert_cmpuint(read_sync(&h, a), ==, 10);
        g_assert_cmpuint(read_sync(&h, b), ==, 0);
        g_assert_cmpuint(fake_renderer.submissions, ==, 2);
        g_assert_cmphex(fake_renderer.last_first_dword, ==, 0x222);
        fake_renderer_pass_fences();
        g_assert_cmpuint(read_sync(&h, b), ==, 20);
        harness_finish(&h);
    }
}

/* A sync may be given up, and a client may go, while a timeline is still to signal. */
static void test_batch_outlived(void)
{
    uint32_t payload[] = {1, VTEST_SUBMIT_CMD2_FLAG_RING_IDX, 9, 1, 10, 1, 0, 0, 0, 0x99, 1, 5, 0};
    struct harness h;

    harness_init_version(&h, 3);
    fake_renderer.hold_fences = true;
    create_sync(&h, 0);
    vtest_send(&h.peer, VTEST_CMD_SUBMIT_CMD2, payload, G_N_ELEMENTS(payload));
    vtest_send(&h.peer, VTEST_CMD_SUBMIT_CMD2, payload, G_N_ELEMENTS(payload));
    vtest_send(&h.peer, VTEST_CMD_SYNC_UNREF, (uint32_t[]) {1}, 1);
    vtest_send(&h.peer, VTEST_CMD_SUBMIT_CMD2, payload, G_N_ELEMENTS(payload));
    vtest_expect_hangup(&h.peer);
    harness_finish(&h);

    harness_init_version(&h, 3);
    fake_renderer.hold_fences = true;
    create_sync(&h, 0);
    payload[10] = create_sync(&h, 0);
    vtest_send(&h.peer, VTEST_CMD_SUBMIT_CMD2, payload, G_N_ELEMENTS(payload));
    vtest_send(&h.peer, VTEST_CMD_SYNC_UNREF, (uint32_t[]) {payload[10]}, 1);
    g_assert_cmpuint(read_sync(&h, 1), ==, 0);
    fake_renderer_pass_fences();
    g_assert_cmpuint(read_sync(&h, 1), ==, 0);
    vtest_send(&h.peer, VTEST_CMD_SUBMIT_CMD2, (uint32_t[]) {0}, 1);
    g_assert_cmpuint(read_sync(&h, 1), ==, 0);
    harness_finish(&h);
}

static void test_bad_batches(void)
{
    /* A good message is {1, flags 0, cmd 9 + 1, sync 10 + 1 * 3, ...}: one thing wrong in each. */
    static const struct {
        unsigned dword;
        uint32_t value;
    } cases[] = {
        {0, 2}, {0, 0xffffffff}, {0, 0x20000001}, {1, 2}, {1, 0x80000000}, {2, 13}, {2, 0xffffffff},
        {3, 5}, {3, 0xffffffff}, {3, 0xfffffff7}, {4, 11}, {4, 0xffffffff}, {5, 2},
        {5, 0x55555556}, {5, 0xffffffff}, {10, 2}, {10, 0},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint32_t payload[13] = {1, 0, 9, 1, 10, 1, 0, 0, 0, 0x99, 1, 5, 0};
        struct harness h;

        g_test_message("dword %u = 0x%x", cases[i].dword, cases[i].value);
        harness_init_version(&h, 3);
        g_assert_cmpuint(create_sync(&h, 0), ==, 1);
        payload[cases[i].dword] = cases[i].value;
        vtest_send(&h.peer, VTEST_CMD_SUBMIT_CMD2, payload, 13);
        vtest_expect_hangup(&h.peer);
        g_assert_cmpuint(fake_renderer.submissions, ==, 0);
        harness_finish(&h);
    }
    for (uint32_t ring = 63; ring <= 64; ring++) {
        uint32_t payload[13] = {1, 1, 9, 1, 10, 1, ring, 0, 0, 0x99, 1, 5, 0};
        struct harness h;

        harness_init_version(&h, 3);
        create_sync(&h, 0);
        vtest_send(&h.peer, VTEST_CMD_SUBMIT_CMD2, payload, 13);
        vtest_expect_hangup(&h.peer);
        harness_finish(&h);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vtest/submit/busy-wait", test_busy_wait);
    g_test_add_func("/vtest/submit/wait-covers-newest", test_wait_covers_newest);
    g_test_add_func("/vtest/submit/one-fence-for-many", test_one_fence_for_many);
    g_test_add_func("/vtest/submit/gone-while-waiting", test_gone_while_waiting);
    g_test_add_func("/vtest/submit/refused-stream", test_refused_stream);
    g_test_add_func("/vtest/submit/large-stream", test_large_stream);
    g_test_add_func("/vtest/submit/sync-values", test_sync_values);
    g_test_add_func("/vtest/submit/sync-waits", test_sync_waits);
    g_test_add_func("/vtest/submit/bad-waits", test_bad_waits);
    g_test_add_func("/vtest/submit/many-waits", test_many_waits);
    g_test_add_func("/vtest/submit/batches", test_batches);
    g_test_add_func("/vtest/submit/batch-outlived", test_batch_outlived);
    g_test_add_func("/vtest/submit/bad-batches", test_bad_batches);
    return g_test_run();
}
