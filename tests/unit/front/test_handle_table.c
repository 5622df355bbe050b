/* SPDX-License-Identifier: MIT */
/* The handle table against GLib's hash table, through many random changes. */
#include <glib.h>

#include "front/handle_table.h"

static uint32_t random_handle(GRand *rand)
{
    switch (g_rand_int_range(rand, 0, 4)) {
    case 0:
        return (uint32_t)g_rand_int_range(rand, 0, 200);
    case 1:
        return HANDLE_TABLE_DIRECT_LIMIT - 2 + (uint32_t)g_rand_int_range(rand, 0, 4);
    case 2:
        return 50000 + (uint32_t)g_rand_int_range(rand, 0, 3000);
    default:
        return g_rand_int(rand) & 0xf000ff0f; /* few enough to meet again */
    }
}

static void count(void *value, void *user)
{
    g_assert_nonnull(value);
    ++*(guint *)user;
}

static void test_model(void)
{
    g_autoptr(GHashTable) model = g_hash_table_new(NULL, NULL);
    GRand *rand = g_rand_new_with_seed(4);
    struct handle_table table = { 0 };
    guint visited = 0;

    for (uint32_t n = 0; n < 200000; n++) {
        const uint32_t handle = random_handle(rand);
        gpointer key = GUINT_TO_POINTER(handle);
        gpointer known = g_hash_table_lookup(model, key);

        g_assert_true(handle_table_get(&table, handle) == known);
        /* Grows, then shrinks. */
        if (g_rand_int_range(rand, 0, 3) < (n < 120000 ? 2 : 1)) {
            gpointer value = GUINT_TO_POINTER(n + 1);

            g_assert_cmpint(handle_table_set(&table, handle, value), ==, 0);
            g_hash_table_insert(model, key, value);
        } else {
            g_assert_true(handle_table_remove(&table, handle) == known);
            g_hash_table_remove(model, key);
        }
        g_assert_cmpuint(table.count, ==, g_hash_table_size(model));
    }
    handle_table_each(&table, count, &visited);
    g_assert_cmpuint(visited, ==, g_hash_table_size(model));
    handle_table_finish(&table);
    g_assert_null(handle_table_get(&table, 1));
    g_rand_free(rand);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/handle-table/model", test_model);
    return g_test_run();
}
