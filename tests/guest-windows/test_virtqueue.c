/* SPDX-License-Identifier: MIT */
/* The driver's side of a queue against a device that is played here, well and badly. */
#include "os_double.h"
#include "virtqueue.h"

#include <glib.h>
#include <string.h>

#define SIZE 8u

struct desc {
    uint64_t address;
    uint32_t bytes;
    uint16_t flags, next;
};

static uint16_t *word(uint64_t address)
{
    return os_double_dma(address, 2);
}

static struct desc *desc(const struct virtqueue *queue, uint16_t index)
{
    return os_double_dma(queue->desc_address + index * 16u, 16);
}

static uint16_t avail_index(const struct virtqueue *queue)
{
    return *word(queue->avail_address + 2);
}

static uint16_t avail_entry(const struct virtqueue *queue, uint16_t index)
{
    return *word(queue->avail_address + 4 + 2 * (index % queue->size));
}

static void answer(const struct virtqueue *queue, uint32_t id, uint32_t bytes)
{
    uint16_t *index = word(queue->used_address + 2);
    uint32_t *entry = os_double_dma(queue->used_address + 4 + 8 * (*index % queue->size), 8);
    entry[0] = id;
    entry[1] = bytes;
    ++*index;
}

static const struct virtqueue_segment segments[] = {
    {0x1000, 100}, {0x2000, 200}, {0x3000, 300}, {0x4000, 400}};

static void start(struct virtqueue *queue)
{
    os_double_begin();
    g_assert_true(virtqueue_init(queue, SIZE));
    g_assert_cmpuint(queue->avail_address, ==, queue->desc_address + 16 * SIZE);
    g_assert_cmpuint(queue->used_address % 4, ==, 0);
    g_assert_cmpuint(queue->used_address, >=, queue->avail_address + 6 + 2 * SIZE);
    os_double_dma(queue->used_address, 6 + 8 * SIZE);
}

static void stop(struct virtqueue *queue)
{
    virtqueue_finish(queue);
    os_double_end();
}

static void test_chain(void)
{
    struct virtqueue queue;
    uint32_t written;
    int token;

    start(&queue);
    g_assert_null(virtqueue_take(&queue, &written));
    g_assert_true(virtqueue_add(&queue, segments, 2, 2, &token));
    g_assert_cmpuint(avail_index(&queue), ==, 1);
    uint16_t head = avail_entry(&queue, 0), at = head;
    for (unsigned int i = 0; i < 4; i++) {
        const struct desc *d = desc(&queue, at);
        g_assert_cmphex(d->address, ==, segments[i].device_address);
        g_assert_cmpuint(d->bytes, ==, segments[i].bytes);
        g_assert_cmpuint(d->flags, ==, (i < 3 ? 1 : 0) | (i >= 2 ? 2 : 0));
        at = d->next;
    }
    answer(&queue, head, 700);
    g_assert_true(virtqueue_take(&queue, &written) == &token);
    g_assert_cmpuint(written, ==, 700);
    g_assert_cmpuint(queue.num_free, ==, SIZE);
    g_assert_null(virtqueue_take(&queue, &written));
    stop(&queue);
}

/* Many requests, answered in another order, over the wrap of all indices. */
static void test_wrap(void)
{
    struct virtqueue queue;
    uint32_t written;
    int tokens[SIZE];
    uint16_t seen = 0;

    start(&queue);
    for (unsigned int round = 0; round < 20000; round++) {
        unsigned int count = 1 + round % 4;
        for (unsigned int i = 0; i < count; i++)
            g_assert_true(virtqueue_add(&queue, segments, 1, 1, &tokens[i]));
        for (unsigned int i = count; i-- > 0;)
            answer(&queue, avail_entry(&queue, (uint16_t)(seen + i)), i);
        for (unsigned int i = count; i-- > 0;) {
            g_assert_true(virtqueue_take(&queue, &written) == &tokens[i]);
            g_assert_cmpuint(written, ==, i);
        }
        g_assert_null(virtqueue_take(&queue, &written));
        seen = (uint16_t)(seen + count);
        g_assert_cmpuint(queue.num_free, ==, SIZE);
    }
    g_assert_false(queue.broken);
    stop(&queue);
}

static void test_room(void)
{
    struct virtqueue queue;
    struct virtqueue_segment bad[2] = {{0x1000, 16}, {0x2000, 0}};
    struct virtqueue_segment many[SIZE + 1];
    int token;

    start(&queue);
    for (unsigned int i = 0; i < SIZE + 1; i++)
        many[i] = segments[0];
    g_assert_false(virtqueue_add(&queue, many, 0, 0, &token));
    g_assert_false(virtqueue_add(&queue, bad, 1, 1, &token));
    g_assert_false(virtqueue_add(&queue, many, SIZE + 1, 0, &token));
    g_assert_false(virtqueue_add(&queue, many, SIZE, 1, &token));
    g_assert_false(virtqueue_add(&queue, many, 1, UINT_MAX, &token));
    g_assert_false(virtqueue_add(&queue, many, UINT_MAX, 1, &token));
    bad[0].bytes = bad[1].bytes = UINT32_MAX;
    g_assert_false(virtqueue_add(&queue, bad, 0, 2, &token));
    g_assert_cmpuint(avail_index(&queue), ==, 0);
    g_assert_true(virtqueue_add(&queue, many, SIZE - 1, 1, &token));
    g_assert_cmpuint(queue.num_free, ==, 0);
    g_assert_false(virtqueue_add(&queue, many, 1, 0, &token));
    g_assert_true(virtqueue_take_unanswered(&queue) == &token);
    g_assert_null(virtqueue_take_unanswered(&queue));
    g_assert_cmpuint(queue.num_free, ==, SIZE);
    stop(&queue);
}

static void test_kick(void)
{
    struct virtqueue queue;

    start(&queue);
    g_assert_true(virtqueue_wants_kick(&queue));
    *word(queue.used_address) = 1;
    g_assert_false(virtqueue_wants_kick(&queue));
    stop(&queue);
}

static void expect_broken(struct virtqueue *queue)
{
    uint32_t written;
    int token;

    g_assert_null(virtqueue_take(queue, &written));
    g_assert_true(queue->broken);
    g_assert_cmpuint(written, ==, 0);
    g_assert_null(virtqueue_take(queue, &written));
    g_assert_false(virtqueue_add(queue, segments, 1, 1, &token));
    g_assert_false(virtqueue_wants_kick(queue));
}

static void test_wrong_answers(void)
{
    static const uint32_t ids[] = {SIZE, 0x10000, 0x7fffffff, 0xffffffff};
    struct virtqueue queue;
    uint32_t written;
    int token;

    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        start(&queue);
        g_assert_true(virtqueue_add(&queue, segments, 1, 1, &token));
        answer(&queue, ids[i], 0);
        expect_broken(&queue);
        g_assert_true(virtqueue_take_unanswered(&queue) == &token);
        stop(&queue);
    }
    /* a descriptor that is no request, and one in the middle of a request */
    for (uint32_t id = 1; id < SIZE; id++) {
        start(&queue);
        g_assert_true(virtqueue_add(&queue, segments, 1, 1, &token));
        g_assert_cmpuint(avail_entry(&queue, 0), ==, 0);
        answer(&queue, id, 0);
        expect_broken(&queue);
        stop(&queue);
    }
    /* more than there was room for */
    start(&queue);
    g_assert_true(virtqueue_add(&queue, segments, 1, 1, &token));
    answer(&queue, 0, segments[1].bytes + 1);
    expect_broken(&queue);
    stop(&queue);
    /* twice */
    start(&queue);
    g_assert_true(virtqueue_add(&queue, segments, 1, 1, &token));
    answer(&queue, 0, segments[1].bytes);
    answer(&queue, 0, segments[1].bytes);
    g_assert_true(virtqueue_take(&queue, &written) == &token);
    expect_broken(&queue);
    stop(&queue);
}

/* The device scribbles over the whole ring: the driver takes what is valid and keeps its count. */
static void test_scribble(void)
{
    struct virtqueue queue;
    uint32_t written;
    int tokens[SIZE];

    for (unsigned int round = 0; round < 2000; round++) {
        unsigned int taken = 0, added = 0;
        start(&queue);
        while (added < 3 && virtqueue_add(&queue, segments, 1, 1, &tokens[added]))
            added++;
        uint8_t *ring = os_double_dma(queue.desc_address, queue.ring.bytes);
        for (size_t i = 0; i < queue.ring.bytes; i++)
            ring[i] = (uint8_t)(g_test_rand_int() & g_test_rand_int() & 3);
        while (taken < 100 && virtqueue_take(&queue, &written)) {
            g_assert_cmpuint(written, <=, segments[1].bytes);
            taken++;
        }
        g_assert_cmpuint(taken, <=, added);
        while (virtqueue_take_unanswered(&queue))
            taken++;
        g_assert_cmpuint(taken, ==, added);
        g_assert_cmpuint(queue.num_free, ==, SIZE);
        stop(&queue);
    }
}

static void test_init(void)
{
    static const uint16_t sizes[] = {0, 3, 6, 1000, 2048, 0x8000, 0xffff};
    struct virtqueue queue;

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        os_double_begin();
        g_assert_false(virtqueue_init(&queue, sizes[i]));
        os_double_end();
    }
    unsigned int nth = 1;
    for (;; nth++) {
        os_double_begin();
        os_double_fail(nth);
        bool good = virtqueue_init(&queue, VIRTQUEUE_MAX_SIZE);
        g_assert_cmpint(good, ==, !os_double_has_failed());
        if (good)
            break;
        os_double_end();
        virtqueue_finish(&queue);
    }
    g_assert_cmpuint(nth, ==, 3);
    stop(&queue);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/windows/virtqueue/chain", test_chain);
    g_test_add_func("/windows/virtqueue/wrap", test_wrap);
    g_test_add_func("/windows/virtqueue/room", test_room);
    g_test_add_func("/windows/virtqueue/kick", test_kick);
    g_test_add_func("/windows/virtqueue/wrong-answers", test_wrong_answers);
    g_test_add_func("/windows/virtqueue/scribble", test_scribble);
    g_test_add_func("/windows/virtqueue/init", test_init);
    return g_test_run();
}
