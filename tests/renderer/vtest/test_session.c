/* SPDX-License-Identifier: MIT */
/* How connections begin: order, versions, capability sets, kinds of contexts. */
#include <glib.h>
#include <string.h>

#include "client_harness.h"
#include "fake_renderer.h"

static void test_first_command(void)
{
    for (uint32_t command = 0; command < VTEST_CMD_COUNT + 2; command++) {
        static const uint32_t zeros[16];
        struct harness h;

        if (command == VTEST_CMD_CREATE_RENDERER) {
            continue;
        }
        harness_init(&h, MODE_FORK);
        vtest_send(&h.peer, command, zeros, 16);
        vtest_expect_hangup(&h.peer);
        g_assert_null(h.shared.host);
        harness_finish(&h);
    }
}

static void test_introduced_twice(void)
{
    struct harness h;

    harness_init(&h, MODE_FORK);
    vtest_introduce(&h.peer, "one");
    vtest_introduce(&h.peer, "two");
    vtest_expect_hangup(&h.peer);
    harness_finish(&h);
}

static void test_name_length(void)
{
    struct harness h;
    g_autofree char *name = g_malloc0(VTEST_LIMIT_MAX_NAME_BYTES);

    harness_init(&h, MODE_FORK);
    vtest_send_with_length(&h.peer, VTEST_LIMIT_MAX_NAME_BYTES, VTEST_CMD_CREATE_RENDERER, name,
                           VTEST_LIMIT_MAX_NAME_BYTES);
    vtest_send(&h.peer, VTEST_CMD_PING_PROTOCOL_VERSION, NULL, 0);
    vtest_expect_header(&h.peer, 0, VTEST_CMD_PING_PROTOCOL_VERSION);
    harness_finish(&h);

    harness_init(&h, MODE_FORK);
    vtest_send_with_length(&h.peer, 0, VTEST_CMD_CREATE_RENDERER, NULL, 0);
    vtest_send(&h.peer, VTEST_CMD_PING_PROTOCOL_VERSION, NULL, 0);
    vtest_expect_header(&h.peer, 0, VTEST_CMD_PING_PROTOCOL_VERSION);
    harness_finish(&h);

    /* Refused by the header alone. */
    harness_init(&h, MODE_FORK);
    vtest_send_with_length(&h.peer, VTEST_LIMIT_MAX_NAME_BYTES + 1, VTEST_CMD_CREATE_RENDERER, NULL,
                           0);
    vtest_expect_hangup(&h.peer);
    harness_finish(&h);
}

static void test_renderer_cannot_start(void)
{
    struct harness h;

    harness_init(&h, MODE_FORK);
    fake_renderer.init_result = -1;
    vtest_introduce(&h.peer, "test");
    vtest_expect_hangup(&h.peer);
    harness_finish(&h);
}

static void test_versions(void)
{
    static const struct {
        enum server_mode mode;
        uint32_t wanted, agreed;
    } cases[] = {
        {MODE_FORK, 0, 0}, {MODE_FORK, 1, 0}, {MODE_FORK, 2, 2}, {MODE_FORK, 3, 3},
        {MODE_FORK, 1000, 3}, {MODE_FORK, 0xffffffff, 3}, {MODE_ONE_BY_ONE, 2, 2},
        {MODE_MULTI_CLIENTS, 3, 3},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct harness h;

        harness_init(&h, cases[i].mode);
        g_assert_cmpuint(vtest_handshake(&h.peer, cases[i].wanted), ==, cases[i].agreed);
        harness_finish(&h);
    }
}

/* A client from before the version commands sends neither of them. */
static void test_version_0_client(void)
{
    struct harness h;
    uint32_t reply[2 + 77];

    harness_init(&h, MODE_FORK);
    vtest_introduce(&h.peer, "old");
    vtest_send(&h.peer, VTEST_CMD_GET_CAPS, NULL, 0);
    vtest_receive(&h.peer, reply, sizeof(reply));
    g_assert_cmpuint(reply[0], ==, 309);
    harness_create_buffer(&h, 7, 64);
    vtest_wait_idle(&h.peer);
    g_assert_cmpuint(fake_renderer.resources, ==, 1);
    /* Commands of later versions are not for it. */
    vtest_send(&h.peer, VTEST_CMD_TRANSFER_PUT2, (uint32_t[10]) {7}, 10);
    vtest_expect_hangup(&h.peer);
    harness_finish(&h);
}

static void test_multi_clients_needs_3(void)
{
    static const uint32_t version = 2;
    struct harness h;

    harness_init(&h, MODE_MULTI_CLIENTS);
    vtest_introduce(&h.peer, "old");
    vtest_send(&h.peer, VTEST_CMD_PROTOCOL_VERSION, &version, 1);
    vtest_expect_hangup(&h.peer);
    harness_finish(&h);

    /* One that never says its version is a client of version 0. */
    harness_init(&h, MODE_MULTI_CLIENTS);
    vtest_introduce(&h.peer, "older");
    harness_create_buffer(&h, 1, 16);
    vtest_expect_hangup(&h.peer);
    harness_finish(&h);
}

static void test_version_after_context(void)
{
    static const uint32_t version = 3;
    struct harness h;

    harness_init_version(&h, 2);
    harness_create_buffer(&h, 1, 16);
    vtest_send(&h.peer, VTEST_CMD_PROTOCOL_VERSION, &version, 1);
    vtest_expect_hangup(&h.peer);
    harness_finish(&h);
}

static void test_caps_in_one_write(void)
{
    static const uint32_t request[] = {0, VTEST_CMD_GET_CAPS2, 0, VTEST_CMD_GET_CAPS};
    static const unsigned sizes[] = {4, 1024, 1380, 200000};

    for (unsigned i = 0; i < G_N_ELEMENTS(sizes); i++) {
        struct harness h;
        g_autofree uint8_t *caps = g_malloc(sizes[i]);
        uint8_t caps1[308];

        harness_init_version(&h, 2);
        fake_renderer.capset2_bytes = sizes[i];
        vtest_send_bytes(&h.peer, request, sizeof(request));
        vtest_expect_header(&h.peer, sizes[i] + 1, 2);
        vtest_receive(&h.peer, caps, sizes[i]);
        g_assert_cmpuint(caps[0], ==, 2);
        g_assert_cmpuint(caps[sizes[i] - 1], ==, 2);
        vtest_expect_header(&h.peer, 309, VTEST_CMD_GET_CAPS);
        vtest_receive(&h.peer, caps1, sizeof(caps1));
        g_assert_cmpuint(caps1[307], ==, 1);
        vtest_expect_silence(&h.peer);
        g_assert_cmpuint(fake_renderer.contexts, ==, 0);
        harness_finish(&h);
    }
}

static void test_no_capset2(void)
{
    struct harness h;

    harness_init_version(&h, 2);
    fake_renderer.capset2_bytes = 0;
    vtest_send(&h.peer, VTEST_CMD_GET_CAPS2, NULL, 0);
    vtest_expect_hangup(&h.peer);
    harness_finish(&h);
}

static void test_capset(void)
{
    struct harness h;
    uint32_t data[256];

    harness_init_version(&h, 3);
    vtest_send(&h.peer, VTEST_CMD_GET_CAPSET, (uint32_t[]) {2, 1}, 2);
    vtest_expect_header(&h.peer, 1 + 256, VTEST_CMD_GET_CAPSET);
    g_assert_cmpuint(vtest_receive_dword(&h.peer), ==, 1);
    vtest_receive(&h.peer, data, sizeof(data));
    g_assert_cmpuint(data[255], ==, 0x02020202);

    vtest_send(&h.peer, VTEST_CMD_GET_CAPSET, (uint32_t[]) {2, 3}, 2);
    vtest_expect_header(&h.peer, 1, VTEST_CMD_GET_CAPSET);
    g_assert_cmpuint(vtest_receive_dword(&h.peer), ==, 0);
    vtest_send(&h.peer, VTEST_CMD_GET_CAPSET, (uint32_t[]) {0xffffffff, 0}, 2);
    vtest_expect_header(&h.peer, 1, VTEST_CMD_GET_CAPSET);
    g_assert_cmpuint(vtest_receive_dword(&h.peer), ==, 0);
    harness_finish(&h);
}

static void expect_param(struct harness *h, uint32_t param, uint32_t valid)
{
    vtest_send(&h->peer, VTEST_CMD_GET_PARAM, &param, 1);
    vtest_expect_header(&h->peer, 2, VTEST_CMD_GET_PARAM);
    g_assert_cmpuint(vtest_receive_dword(&h->peer), ==, valid);
    /* The fake renderer has no fence thread, and there are no syncobjs. */
    g_assert_cmpuint(vtest_receive_dword(&h->peer), ==, 0);
}

static void test_params(void)
{
    struct harness h;

    harness_init_version(&h, 3);
    expect_param(&h, VTEST_PARAM_MAX_TIMELINE_COUNT, 1);
    expect_param(&h, VTEST_PARAM_HAS_TIMELINE_SYNCOBJ, 0);
    expect_param(&h, 0, 0);
    expect_param(&h, 0xffffffff, 0);
    harness_finish(&h);
}

static void send_context_init(struct harness *h, uint32_t capset_id)
{
    vtest_send(&h->peer, VTEST_CMD_CONTEXT_INIT, &capset_id, 1);
}

static void test_context_kinds(void)
{
    static const uint32_t bad[] = {0, 4, 0x102, 0xffffffff};
    struct harness h;

    /* Without being asked for, the context is a virgl2 one. */
    harness_init_version(&h, 3);
    vtest_send(&h.peer, VTEST_CMD_RESOURCE_UNREF, (uint32_t[]) {5}, 1);
    send_context_init(&h, 2);
    vtest_wait_idle(&h.peer);
    g_assert_cmpuint(fake_renderer.context_capset, ==, 2);
    send_context_init(&h, 1);
    vtest_expect_hangup(&h.peer);
    harness_finish(&h);

    harness_init_version(&h, 3);
    send_context_init(&h, 1);
    send_context_init(&h, 1);
    vtest_wait_idle(&h.peer);
    g_assert_cmpuint(fake_renderer.context_capset, ==, 1);
    g_assert_cmpuint(fake_renderer.contexts, ==, 1);
    harness_finish(&h);

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        harness_init_version(&h, 3);
        send_context_init(&h, bad[i]);
        vtest_expect_hangup(&h.peer);
        harness_finish(&h);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vtest/session/first-command", test_first_command);
    g_test_add_func("/vtest/session/introduced-twice", test_introduced_twice);
    g_test_add_func("/vtest/session/name-length", test_name_length);
    g_test_add_func("/vtest/session/renderer-cannot-start", test_renderer_cannot_start);
    g_test_add_func("/vtest/session/versions", test_versions);
    g_test_add_func("/vtest/session/version-0-client", test_version_0_client);
    g_test_add_func("/vtest/session/multi-clients-needs-3", test_multi_clients_needs_3);
    g_test_add_func("/vtest/session/version-after-context", test_version_after_context);
    g_test_add_func("/vtest/session/caps-in-one-write", test_caps_in_one_write);
    g_test_add_func("/vtest/session/no-capset2", test_no_capset2);
    g_test_add_func("/vtest/session/capset", test_capset);
    g_test_add_func("/vtest/session/params", test_params);
    g_test_add_func("/vtest/session/context-kinds", test_context_kinds);
    return g_test_run();
}
