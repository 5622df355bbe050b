/* SPDX-License-Identifier: MIT */
#include <glib.h>
#include <string.h>

#include "core/id_table.h"
#include "core/resource.h"

enum { PIECES = 5, TOTAL = 64 };

/* Pieces of 0, 1, 7, 24 and 32 bytes over one flat array. */
static void split(uint8_t *memory, struct iovec iov[PIECES])
{
    static const size_t lengths[PIECES] = {0, 1, 7, 24, 32};
    size_t at = 0;

    for (int i = 0; i < PIECES; i++) {
        iov[i].iov_base = memory + at;
        iov[i].iov_len = lengths[i];
        at += lengths[i];
    }
}

static void test_size(void)
{
    uint8_t memory[TOTAL];
    struct iovec iov[PIECES];
    struct iovec huge[2] = {{memory, SIZE_MAX}, {memory, 2}};

    split(memory, iov);
    g_assert_cmpuint(iov_size(iov, PIECES), ==, TOTAL);
    g_assert_cmpuint(iov_size(iov, 0), ==, 0);
    g_assert_cmpuint(iov_size(huge, 2), ==, SIZE_MAX);
}

/* Every offset and length, also those that leave the vector. */
static void test_copies(void)
{
    uint8_t memory[TOTAL], out[TOTAL + 8];
    struct iovec iov[PIECES];

    split(memory, iov);
    for (size_t i = 0; i < TOTAL; i++) {
        memory[i] = (uint8_t)(i + 1);
    }
    for (size_t offset = 0; offset < TOTAL + 4; offset++) {
        for (size_t bytes = 0; bytes < TOTAL + 4; bytes++) {
            size_t there = offset < TOTAL ? TOTAL - offset : 0;
            size_t want = bytes < there ? bytes : there;

            memset(out, 0, sizeof out);
            g_assert_cmpuint(iov_read(iov, PIECES, offset, out, bytes), ==, want);
            g_assert_true(want == 0 || memcmp(out, memory + offset, want) == 0);
            g_assert_cmpuint(out[want], ==, 0);
        }
    }
}

static void test_write(void)
{
    uint8_t memory[TOTAL + 1] = {0}, data[TOTAL];
    struct iovec iov[PIECES];

    split(memory, iov);
    memset(data, 0xee, sizeof data);
    g_assert_cmpuint(iov_write(iov, PIECES, 3, data, 10), ==, 10);
    for (int i = 0; i < TOTAL; i++) {
        g_assert_cmpuint(memory[i], ==, i >= 3 && i < 13 ? 0xee : 0);
    }
    g_assert_cmpuint(iov_write(iov, PIECES, TOTAL - 1, data, 10), ==, 1);
    g_assert_cmpuint(memory[TOTAL], ==, 0);
}

static void test_contiguous(void)
{
    uint8_t memory[TOTAL];
    struct iovec iov[PIECES];

    split(memory, iov);
    g_assert_true(iov_contiguous(iov, PIECES, 0, 1) == memory);
    g_assert_null(iov_contiguous(iov, PIECES, 0, 2));
    g_assert_true(iov_contiguous(iov, PIECES, 8, 24) == memory + 8);
    g_assert_null(iov_contiguous(iov, PIECES, 9, 24));
    g_assert_null(iov_contiguous(iov, PIECES, TOTAL, 1));
    g_assert_null(iov_contiguous(iov, PIECES, 8, SIZE_MAX));
}

/* The table against a reference that cannot be wrong: an array. */
static void test_id_table(void)
{
    enum { IDS = 512 };
    static uint32_t values[IDS];
    struct id_table table;
    bool in[IDS] = {false};
    GRand *rand = g_rand_new_with_seed(7);
    uint32_t count = 0;

    id_table_init(&table);
    g_assert_null(id_table_find(&table, 1));
    g_assert_null(id_table_remove(&table, 1));
    for (int step = 0; step < 50000; step++) {
        uint32_t i = g_rand_int(rand) % IDS;
        uint32_t id = (i + 1) * 0x01000001u;

        g_assert_true(id_table_find(&table, id) == (in[i] ? &values[i] : NULL));
        if (in[i]) {
            g_assert_true(id_table_remove(&table, id) == &values[i]);
            count--;
        } else {
            g_assert_true(id_table_insert(&table, id, &values[i]));
            count++;
        }
        in[i] = !in[i];
        g_assert_cmpuint(table.count, ==, count);
    }
    uint32_t cursor = 0, seen = 0, id;
    while (id_table_next(&table, &cursor) != NULL) {
        seen++;
    }
    g_assert_cmpuint(seen, ==, count);
    while (id_table_first(&table, &id) != NULL) {
        id_table_remove(&table, id);
    }
    g_assert_cmpuint(table.count, ==, 0);
    g_assert_null(id_table_find(&table, 0));
    id_table_finish(&table);
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/iov/size", test_size);
    g_test_add_func("/iov/read", test_copies);
    g_test_add_func("/iov/write", test_write);
    g_test_add_func("/iov/contiguous", test_contiguous);
    g_test_add_func("/id_table/random", test_id_table);
    return g_test_run();
}
