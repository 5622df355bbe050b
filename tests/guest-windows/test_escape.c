/* SPDX-License-Identifier: MIT */
/* The gate in front of the kernel driver: every message once right, then wrong in every field. */
#include "mantua_escape.h"

#include <glib.h>
#include <string.h>

#define NUM_OPS (MANTUA_ESCAPE_FENCE_EVENT + 1)
#define TAIL_BYTES 64u

struct message {
    union {
        struct mantua_escape_header header;
        struct mantua_escape_query query;
        struct mantua_escape_get_capset get_capset;
        struct mantua_escape_context_create context_create;
        struct mantua_escape_resource_create resource_create;
        struct mantua_escape_transfer transfer;
        struct mantua_escape_submit submit;
        struct mantua_escape_fence_event fence_event;
        uint32_t dwords[64];
        uint64_t align;
    };
};

static const uint32_t fixed_bytes[NUM_OPS] = {0, 56, 40, 104, 32, 80, 32, 32, 32,
                                              48, 32, 88, 88, 40, 32, 40};

/* The bytes of a right message of that kind. */
static uint32_t make(struct message *m, uint32_t op)
{
    memset(m, 0, sizeof(*m));
    m->header.magic = MANTUA_ESCAPE_MAGIC;
    m->header.version = MANTUA_ESCAPE_VERSION;
    m->header.op = op;
    m->header.size_bytes = fixed_bytes[op];
    switch (op) {
    case MANTUA_ESCAPE_GET_CAPSET:
        m->get_capset.capset_id = 2;
        m->get_capset.capset_version = 1;
        m->get_capset.data_bytes = TAIL_BYTES;
        m->header.size_bytes += TAIL_BYTES;
        break;
    case MANTUA_ESCAPE_CONTEXT_CREATE:
        m->context_create.name_bytes = MANTUA_ESCAPE_NAME_BYTES;
        memset(m->context_create.name, 'n', MANTUA_ESCAPE_NAME_BYTES);
        break;
    case MANTUA_ESCAPE_RESOURCE_CREATE:
        m->resource_create.target = 2;
        m->resource_create.format = 1;
        m->resource_create.width = MANTUA_ESCAPE_MAX_TEXELS;
        m->resource_create.height = MANTUA_ESCAPE_MAX_TEXELS;
        m->resource_create.depth = 1;
        m->resource_create.array_size = 1;
        m->resource_create.backing_bytes = MANTUA_ESCAPE_MAX_BACKING_BYTES;
        break;
    case MANTUA_ESCAPE_CONTEXT_DESTROY:
    case MANTUA_ESCAPE_RESOURCE_DESTROY:
    case MANTUA_ESCAPE_BACKING_MAP:
    case MANTUA_ESCAPE_BACKING_UNMAP:
        m->dwords[6] = 7;
        break;
    case MANTUA_ESCAPE_CONTEXT_ATTACH:
    case MANTUA_ESCAPE_CONTEXT_DETACH:
        m->dwords[6] = 7;
        m->dwords[7] = 8;
        break;
    case MANTUA_ESCAPE_TRANSFER_TO_HOST:
    case MANTUA_ESCAPE_TRANSFER_FROM_HOST:
        m->transfer.context = 1;
        m->transfer.resource = 2;
        m->transfer.x = UINT32_MAX - 5;
        m->transfer.width = 5;
        m->transfer.height = 1;
        m->transfer.depth = 1;
        m->transfer.offset_bytes = MANTUA_ESCAPE_MAX_BACKING_BYTES - 1;
        break;
    case MANTUA_ESCAPE_SUBMIT:
        m->submit.context = 1;
        m->submit.stream_bytes = TAIL_BYTES;
        m->header.size_bytes += TAIL_BYTES;
        break;
    case MANTUA_ESCAPE_FENCE_EVENT:
        m->fence_event.fence = 9;
        m->fence_event.event = 0x1f4;
        break;
    default:
        break;
    }
    return m->header.size_bytes;
}

/* The message in memory of exactly its size, so that reading behind it shows under ASan. */
static enum mantua_escape_status check(const void *message, size_t bytes)
{
    g_autofree uint8_t *copy = g_malloc(bytes);
    if (bytes > 0)
        memcpy(copy, message, bytes);
    return mantua_escape_check(copy, bytes);
}

static void test_right(void)
{
    for (uint32_t op = 1; op < NUM_OPS; op++) {
        struct message m;
        uint32_t bytes = make(&m, op);
        g_test_message("operation %u", op);
        g_assert_cmpuint(check(&m, bytes), ==, MANTUA_ESCAPE_OK);
    }
}

static void test_short(void)
{
    for (uint32_t op = 1; op < NUM_OPS; op++) {
        struct message m;
        uint32_t bytes = make(&m, op);
        for (uint32_t cut = 0; cut < bytes; cut++) {
            enum mantua_escape_status expected =
                cut < sizeof(m.header) ? MANTUA_ESCAPE_BAD_MESSAGE : MANTUA_ESCAPE_BAD_SIZE;
            g_test_message("operation %u cut to %u of %u bytes", op, cut, bytes);
            g_assert_cmpuint(check(&m, cut), ==, expected);
            /* also when the message agrees that it is short */
            m.header.size_bytes = cut;
            g_assert_cmpuint(check(&m, cut), ==, expected);
            m.header.size_bytes = bytes;
        }
    }
}

static void test_long(void)
{
    for (uint32_t op = 1; op < NUM_OPS; op++) {
        struct message m;
        uint32_t bytes = make(&m, op);
        for (uint32_t more = 1; more < 9; more++) {
            g_assert_cmpuint(check(&m, bytes + more), ==, MANTUA_ESCAPE_BAD_SIZE);
            m.header.size_bytes = bytes + more;
            g_assert_cmpuint(check(&m, bytes + more), ==, MANTUA_ESCAPE_BAD_SIZE);
            m.header.size_bytes = bytes;
        }
        static const uint32_t sizes[] = {0, 1, 23, 0x7fffffff, 0x80000000, 0xffffffff};
        for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
            m.header.size_bytes = sizes[i];
            g_assert_cmpuint(check(&m, bytes), ==, MANTUA_ESCAPE_BAD_SIZE);
        }
    }
    g_assert_cmpuint(mantua_escape_check(NULL, 0), ==, MANTUA_ESCAPE_BAD_MESSAGE);
}

static void test_largest(void)
{
    uint32_t fixed = fixed_bytes[MANTUA_ESCAPE_SUBMIT];
    g_autofree struct message *m = g_malloc0(MANTUA_ESCAPE_MAX_BYTES + 4);

    make(m, MANTUA_ESCAPE_SUBMIT);
    m->header.size_bytes = MANTUA_ESCAPE_MAX_BYTES;
    m->submit.stream_bytes = MANTUA_ESCAPE_MAX_BYTES - fixed;
    g_assert_cmpuint(mantua_escape_check(m, MANTUA_ESCAPE_MAX_BYTES), ==, MANTUA_ESCAPE_OK);
    m->header.size_bytes += 4;
    m->submit.stream_bytes += 4;
    g_assert_cmpuint(mantua_escape_check(m, MANTUA_ESCAPE_MAX_BYTES + 4), ==,
                     MANTUA_ESCAPE_BAD_SIZE);
}

static void test_header(void)
{
    static const uint32_t versions[] = {0, 2, 0x80000000, 0xffffffff};
    static const uint32_t ops[] = {0, NUM_OPS, 0x7fffffff, 0x80000000, 0xffffffff};

    for (uint32_t op = 1; op < NUM_OPS; op++) {
        struct message m;
        uint32_t bytes = make(&m, op);
        for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
            m.header.version = versions[i];
            g_assert_cmpuint(check(&m, bytes), ==,
                             op == MANTUA_ESCAPE_QUERY ? MANTUA_ESCAPE_OK
                                                       : MANTUA_ESCAPE_BAD_VERSION);
        }
        m.header.version = MANTUA_ESCAPE_VERSION;
        for (size_t i = 0; i < G_N_ELEMENTS(ops); i++) {
            m.header.op = ops[i];
            g_assert_cmpuint(check(&m, bytes), ==, MANTUA_ESCAPE_BAD_OP);
        }
        m.header.op = op;
        m.header.magic ^= 1;
        g_assert_cmpuint(check(&m, bytes), ==, MANTUA_ESCAPE_BAD_MESSAGE);
        m.header.magic ^= 1;
        m.header.status = 1;
        g_assert_cmpuint(check(&m, bytes), ==, MANTUA_ESCAPE_BAD_VALUE);
        m.header.status = 0;
        m.header.reserved = 1;
        g_assert_cmpuint(check(&m, bytes), ==, MANTUA_ESCAPE_BAD_VALUE);
    }
}

static void test_alignment(void)
{
    struct message m;
    uint32_t bytes = make(&m, MANTUA_ESCAPE_FENCE_EVENT);
    g_autofree uint8_t *room = g_malloc0(bytes + 8);

    for (unsigned int shift = 1; shift < 8; shift++) {
        memcpy(room + shift, &m, bytes);
        g_assert_cmpuint(mantua_escape_check(room + shift, bytes), ==, MANTUA_ESCAPE_BAD_MESSAGE);
    }
}

/* One dword of a right message changed. */
static const struct {
    uint32_t op, dword, value;
    enum mantua_escape_status expected;
} changes[] = {
    {MANTUA_ESCAPE_GET_CAPSET, 6, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_GET_CAPSET, 6, 64, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_GET_CAPSET, 8, 0, MANTUA_ESCAPE_BAD_SIZE},
    {MANTUA_ESCAPE_GET_CAPSET, 8, TAIL_BYTES + 1, MANTUA_ESCAPE_BAD_SIZE},
    {MANTUA_ESCAPE_GET_CAPSET, 8, 0xffffffff, MANTUA_ESCAPE_BAD_SIZE},
    {MANTUA_ESCAPE_GET_CAPSET, 9, 1, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_CONTEXT_CREATE, 6, 64, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_CONTEXT_CREATE, 7, 65, MANTUA_ESCAPE_BAD_SIZE},
    {MANTUA_ESCAPE_CONTEXT_CREATE, 7, 0xffffffff, MANTUA_ESCAPE_BAD_SIZE},
    {MANTUA_ESCAPE_CONTEXT_CREATE, 8, 1, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_CONTEXT_CREATE, 9, 1, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_CONTEXT_DESTROY, 6, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_CONTEXT_DESTROY, 7, 1, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_RESOURCE_CREATE, 6, 9, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_RESOURCE_CREATE, 6, 0, MANTUA_ESCAPE_BAD_VALUE}, /* a buffer with rows */
    {MANTUA_ESCAPE_RESOURCE_CREATE, 7, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_RESOURCE_CREATE, 7, 1024, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_RESOURCE_CREATE, 10, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_RESOURCE_CREATE, 10, 65537, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_RESOURCE_CREATE, 11, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_RESOURCE_CREATE, 11, 0xffffffff, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_RESOURCE_CREATE, 12, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_RESOURCE_CREATE, 12, 65537, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_RESOURCE_CREATE, 13, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_RESOURCE_CREATE, 13, 65537, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_RESOURCE_CREATE, 14, 17, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_RESOURCE_CREATE, 15, 33, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_RESOURCE_CREATE, 16, 0x20000001, MANTUA_ESCAPE_BAD_SIZE},
    {MANTUA_ESCAPE_RESOURCE_CREATE, 17, 1, MANTUA_ESCAPE_BAD_SIZE},
    {MANTUA_ESCAPE_RESOURCE_CREATE, 18, 1, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_RESOURCE_CREATE, 19, 1, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_RESOURCE_DESTROY, 6, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_RESOURCE_DESTROY, 7, 1, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_CONTEXT_ATTACH, 6, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_CONTEXT_ATTACH, 7, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_CONTEXT_DETACH, 6, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_CONTEXT_DETACH, 7, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_BACKING_MAP, 6, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_BACKING_MAP, 7, 1, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_BACKING_MAP, 8, 0x10000, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_BACKING_MAP, 11, 1, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_BACKING_UNMAP, 6, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_BACKING_UNMAP, 7, 1, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_TRANSFER_TO_HOST, 6, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_TRANSFER_TO_HOST, 7, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_TRANSFER_TO_HOST, 8, 17, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_TRANSFER_TO_HOST, 9, 0x20000001, MANTUA_ESCAPE_BAD_SIZE},
    {MANTUA_ESCAPE_TRANSFER_TO_HOST, 10, 0xffffffff, MANTUA_ESCAPE_BAD_SIZE},
    {MANTUA_ESCAPE_TRANSFER_FROM_HOST, 11, UINT32_MAX - 4, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_TRANSFER_FROM_HOST, 12, 0xffffffff, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_TRANSFER_FROM_HOST, 13, 0xffffffff, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_TRANSFER_FROM_HOST, 14, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_TRANSFER_FROM_HOST, 14, 6, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_TRANSFER_FROM_HOST, 15, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_TRANSFER_FROM_HOST, 16, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_TRANSFER_FROM_HOST, 17, 1, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_TRANSFER_FROM_HOST, 18, 0x20000000, MANTUA_ESCAPE_BAD_SIZE},
    {MANTUA_ESCAPE_TRANSFER_FROM_HOST, 19, 1, MANTUA_ESCAPE_BAD_SIZE},
    {MANTUA_ESCAPE_TRANSFER_FROM_HOST, 20, 1, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_SUBMIT, 6, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_SUBMIT, 7, 0, MANTUA_ESCAPE_BAD_SIZE},
    {MANTUA_ESCAPE_SUBMIT, 7, TAIL_BYTES - 4, MANTUA_ESCAPE_BAD_SIZE},
    {MANTUA_ESCAPE_SUBMIT, 7, TAIL_BYTES + 4, MANTUA_ESCAPE_BAD_SIZE},
    {MANTUA_ESCAPE_SUBMIT, 7, 0xfffffffc, MANTUA_ESCAPE_BAD_SIZE},
    {MANTUA_ESCAPE_SUBMIT, 8, 1, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_FENCE_QUERY, 6, 1, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_FENCE_EVENT, 6, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_FENCE_EVENT, 8, 0, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_FENCE_EVENT, 8, 0x1f5, MANTUA_ESCAPE_BAD_VALUE},
    {MANTUA_ESCAPE_FENCE_EVENT, 9, 1, MANTUA_ESCAPE_BAD_VALUE},
};

static void test_fields(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(changes); i++) {
        struct message m;
        uint32_t bytes = make(&m, changes[i].op);
        g_test_message("operation %u, dword %u = %#x", changes[i].op, changes[i].dword,
                       changes[i].value);
        m.dwords[changes[i].dword] = changes[i].value;
        g_assert_cmpuint(check(&m, bytes), ==, changes[i].expected);
    }
}

static void test_odd_stream(void)
{
    struct message m;
    uint32_t bytes = make(&m, MANTUA_ESCAPE_SUBMIT);

    for (uint32_t cut = 1; cut < 4; cut++) {
        m.header.size_bytes = bytes - cut;
        m.submit.stream_bytes = TAIL_BYTES - cut;
        g_assert_cmpuint(check(&m, bytes - cut), ==, MANTUA_ESCAPE_BAD_SIZE);
    }
}

static void test_buffer(void)
{
    struct message m;
    uint32_t bytes = make(&m, MANTUA_ESCAPE_RESOURCE_CREATE);

    m.resource_create.target = 0;
    m.resource_create.width = MANTUA_ESCAPE_MAX_BACKING_BYTES;
    m.resource_create.height = 1;
    g_assert_cmpuint(check(&m, bytes), ==, MANTUA_ESCAPE_OK);
    m.resource_create.width++;
    g_assert_cmpuint(check(&m, bytes), ==, MANTUA_ESCAPE_BAD_VALUE);
}

/* Whatever passes keeps the promises that the driver builds on. */
static void test_random(void)
{
    static const uint32_t odd[] = {0, 1, 4, 64, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff};

    for (unsigned int round = 0; round < 20000; round++) {
        struct message m;
        uint32_t op = g_test_rand_int_range(1, NUM_OPS);
        uint32_t bytes = make(&m, op);
        for (int n = g_test_rand_int_range(1, 4); n > 0; n--) {
            uint32_t at = g_test_rand_int_range(0, bytes / 4);
            m.dwords[at] = g_test_rand_int_range(0, 2) ? odd[g_test_rand_int_range(0, 8)]
                                                       : (uint32_t)g_test_rand_int();
        }
        if (check(&m, bytes) != MANTUA_ESCAPE_OK)
            continue;
        g_assert_cmpuint(m.header.size_bytes, ==, bytes);
        g_assert_cmpuint(m.header.op, <, NUM_OPS);
        if (m.header.op >= NUM_OPS)
            break; /* g_assert_cmpuint() may have been told to go on */
        g_assert_cmpuint(fixed_bytes[m.header.op], <=, bytes);
        if (m.header.op == MANTUA_ESCAPE_SUBMIT)
            g_assert_cmpuint(40 + m.submit.stream_bytes, ==, bytes);
        else if (m.header.op == MANTUA_ESCAPE_GET_CAPSET)
            g_assert_cmpuint(40 + m.get_capset.data_bytes, ==, bytes);
        else
            g_assert_cmpuint(fixed_bytes[m.header.op], ==, bytes);
        if (m.header.op == MANTUA_ESCAPE_RESOURCE_CREATE)
            g_assert_cmpuint(m.resource_create.backing_bytes, <=, MANTUA_ESCAPE_MAX_BACKING_BYTES);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/windows/escape/right", test_right);
    g_test_add_func("/windows/escape/short", test_short);
    g_test_add_func("/windows/escape/long", test_long);
    g_test_add_func("/windows/escape/largest", test_largest);
    g_test_add_func("/windows/escape/header", test_header);
    g_test_add_func("/windows/escape/alignment", test_alignment);
    g_test_add_func("/windows/escape/fields", test_fields);
    g_test_add_func("/windows/escape/odd-stream", test_odd_stream);
    g_test_add_func("/windows/escape/buffer", test_buffer);
    g_test_add_func("/windows/escape/random", test_random);
    return g_test_run();
}
