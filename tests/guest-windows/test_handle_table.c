/* SPDX-License-Identifier: MIT */
#include "handle_table.h"
#include "os_double.h"

#include <glib.h>

struct ended {
    GPtrArray *objects;
    enum handle_kind last_kind;
};

static void destroy(void *opaque, enum handle_kind kind, void *object)
{
    struct ended *ended = opaque;

    g_assert_false(g_ptr_array_find(ended->objects, object, NULL));
    g_assert_true(ended->last_kind == HANDLE_NONE || kind <= ended->last_kind);
    ended->last_kind = kind;
    g_ptr_array_add(ended->objects, object);
}

static void finish(struct handle_table *table, unsigned int expected)
{
    struct ended ended = {g_ptr_array_new(), HANDLE_NONE};

    handle_table_finish(table, destroy, &ended);
    g_assert_cmpuint(ended.objects->len, ==, expected);
    g_assert_cmpuint(table->num_used, ==, 0);
    g_ptr_array_unref(ended.objects);
    os_double_end();
}

static void test_lookup(void)
{
    struct handle_table table;
    int a, b;

    os_double_begin();
    handle_table_init(&table);
    uint32_t context = handle_table_add(&table, HANDLE_CONTEXT, &a);
    uint32_t resource = handle_table_add(&table, HANDLE_RESOURCE, &b);
    g_assert_cmpuint(context, !=, 0);
    g_assert_cmpuint(resource, !=, 0);
    g_assert_cmpuint(context, !=, resource);
    g_assert_true(handle_table_get(&table, context, HANDLE_CONTEXT) == &a);
    g_assert_true(handle_table_get(&table, resource, HANDLE_RESOURCE) == &b);
    g_assert_null(handle_table_get(&table, context, HANDLE_RESOURCE));
    g_assert_null(handle_table_get(&table, resource, HANDLE_CONTEXT));
    static const uint32_t wrong[] = {0, 1, 0x10000, 0x10003, 0x10040, 0x10041, 0x1ffff, 0x7fffffff,
                                     0xffffffff};
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        for (uint32_t kind = 0; kind < HANDLE_NUM_KINDS; kind++)
            g_assert_null(handle_table_get(&table, wrong[i], (enum handle_kind)kind));
    }
    g_assert_null(handle_table_remove(&table, resource, HANDLE_CONTEXT));
    g_assert_true(handle_table_remove(&table, resource, HANDLE_RESOURCE) == &b);
    g_assert_null(handle_table_remove(&table, resource, HANDLE_RESOURCE));
    finish(&table, 1);
}

/* A slot that is used again does not answer to its old handle. */
static void test_reuse(void)
{
    struct handle_table table;
    int object;

    os_double_begin();
    handle_table_init(&table);
    uint32_t old = handle_table_add(&table, HANDLE_RESOURCE, &object);
    handle_table_remove(&table, old, HANDLE_RESOURCE);
    for (unsigned int i = 0; i < 1000; i++) {
        uint32_t handle = handle_table_add(&table, HANDLE_RESOURCE, &object);
        g_assert_cmpuint(handle, !=, 0);
        g_assert_cmpuint(handle, !=, old);
        g_assert_null(handle_table_get(&table, old, HANDLE_RESOURCE));
        g_assert_nonnull(handle_table_remove(&table, handle, HANDLE_RESOURCE));
        old = handle;
    }
    g_assert_cmpuint(table.num_slots, ==, 64);
    finish(&table, 0);
}

static void test_full(void)
{
    struct handle_table table;
    g_autofree int *objects = g_new(int, HANDLE_TABLE_MAX + 1);
    g_autofree uint32_t *handles = g_new(uint32_t, HANDLE_TABLE_MAX);

    os_double_begin();
    handle_table_init(&table);
    for (uint32_t i = 0; i < HANDLE_TABLE_MAX; i++) {
        handles[i] = handle_table_add(&table, i % 3 ? HANDLE_RESOURCE : HANDLE_CONTEXT,
                                      &objects[i]);
        g_assert_cmpuint(handles[i], !=, 0);
    }
    g_assert_cmpuint(handle_table_add(&table, HANDLE_RESOURCE, &objects[HANDLE_TABLE_MAX]), ==, 0);
    for (uint32_t i = 0; i < HANDLE_TABLE_MAX; i++)
        g_assert_true(handle_table_get(&table, handles[i],
                                       i % 3 ? HANDLE_RESOURCE : HANDLE_CONTEXT) == &objects[i]);
    for (uint32_t i = 0; i < HANDLE_TABLE_MAX; i++)
        g_assert_nonnull(handle_table_remove(&table, handles[i],
                                             i % 3 ? HANDLE_RESOURCE : HANDLE_CONTEXT));
    finish(&table, 0);
}

/* Everything that is left goes at the end, once, resources first. */
static void test_exit(void)
{
    struct handle_table table;
    int objects[200];

    os_double_begin();
    handle_table_init(&table);
    for (unsigned int i = 0; i < G_N_ELEMENTS(objects); i++)
        handle_table_add(&table, i % 2 ? HANDLE_RESOURCE : HANDLE_CONTEXT, &objects[i]);
    finish(&table, G_N_ELEMENTS(objects));
    /* the table starts again */
    g_assert_cmpuint(handle_table_add(&table, HANDLE_CONTEXT, &objects[0]), !=, 0);
    finish(&table, 1);
}

static void test_memory(void)
{
    int objects[300];
    unsigned int refused = 0;

    for (unsigned int nth = 1;; nth++) {
        struct handle_table table;
        unsigned int added = 0;
        os_double_begin();
        handle_table_init(&table);
        os_double_fail(nth);
        for (unsigned int i = 0; i < G_N_ELEMENTS(objects); i++)
            added += handle_table_add(&table, HANDLE_RESOURCE, &objects[added]) != 0;
        bool failed = os_double_has_failed();
        os_double_fail(0);
        g_assert_cmpuint(table.num_used, ==, added);
        g_assert_cmpuint(added, ==, G_N_ELEMENTS(objects) - failed);
        finish(&table, added);
        if (!failed)
            break;
        refused++;
    }
    g_assert_cmpuint(refused, ==, 4); /* 64, 128, 256, 512 slots */
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/windows/handles/lookup", test_lookup);
    g_test_add_func("/windows/handles/reuse", test_reuse);
    g_test_add_func("/windows/handles/full", test_full);
    g_test_add_func("/windows/handles/exit", test_exit);
    g_test_add_func("/windows/handles/memory", test_memory);
    return g_test_run();
}
