/* SPDX-License-Identifier: MIT */
/* Who hears of which fence, when, in which order, on which thread. */
#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <string.h>

#include "core/fence.h"
#include "fake_backend.h"

enum { MAX_REPORTS = 64 };

struct report {
    bool global;
    uint32_t ctx_id, ring_idx;
    uint64_t id;
};

static struct fake_backend fake;

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct report list[MAX_REPORTS];
    unsigned count;
    pthread_t last_thread;
    unsigned queries_missing; /* flushes until nothing is missing */
    unsigned flushes;
} heard = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void hear(const struct report *report)
{
    pthread_mutex_lock(&heard.mutex);
    g_assert_cmpuint(heard.count, <, MAX_REPORTS);
    heard.list[heard.count++] = *report;
    heard.last_thread = pthread_self();
    pthread_cond_broadcast(&heard.changed);
    pthread_mutex_unlock(&heard.mutex);
}

static void hear_fence(void *user, uint32_t fence_id)
{
    hear(&(struct report){.global = true, .id = fence_id});
}

static void hear_context_fence(void *user, uint32_t ctx_id, uint32_t ring_idx, uint64_t fence_id)
{
    hear(&(struct report){.ctx_id = ctx_id, .ring_idx = ring_idx, .id = fence_id});
}

static bool flush_queries(void *user)
{
    heard.flushes++;
    if (heard.queries_missing > 0) {
        heard.queries_missing--;
    }
    return heard.queries_missing == 0;
}

/* The ids heard so far as text, and forgets them: "g3 1.0:7" */
static char *take_reports(void)
{
    GString *text = g_string_new(NULL);

    pthread_mutex_lock(&heard.mutex);
    for (unsigned i = 0; i < heard.count; i++) {
        const struct report *r = &heard.list[i];

        g_string_append(text, i ? " " : "");
        if (r->global) {
            g_string_append_printf(text, "g%llu", (unsigned long long)r->id);
        } else {
            g_string_append_printf(text, "%u.%u:%llu", r->ctx_id, r->ring_idx,
                                   (unsigned long long)r->id);
        }
    }
    heard.count = 0;
    pthread_mutex_unlock(&heard.mutex);
    return g_string_free(text, FALSE);
}

#define assert_reports(want)                                                                       \
    do {                                                                                           \
        char *got_ = take_reports();                                                               \
        g_assert_cmpstr(got_, ==, want);                                                           \
        g_free(got_);                                                                              \
    } while (0)

static void wait_reports(unsigned count)
{
    pthread_mutex_lock(&heard.mutex);
    while (heard.count < count) {
        pthread_cond_wait(&heard.changed, &heard.mutex);
    }
    pthread_mutex_unlock(&heard.mutex);
}

static struct fence_queue *start(bool thread, bool async)
{
    struct fence_queue_options options = {
        .backend = &fake.base,
        .log = &fake.log,
        .callbacks = {.fence = hear_fence, .context_fence = hear_context_fence},
        .thread = thread,
        .async = async,
        .flush_queries = flush_queries,
    };

    fake_backend_init(&fake);
    heard.count = heard.flushes = heard.queries_missing = 0;
    struct fence_queue *queue = fence_queue_create(&options);
    g_assert_nonnull(queue);
    return queue;
}

static void stop(struct fence_queue *queue)
{
    fence_queue_destroy(queue);
    assert_reports("");
    fake_backend_finish(&fake);
}

static void add_global(struct fence_queue *queue, uint64_t id)
{
    struct fence_id fence = {.global = true, .id = id};

    g_assert_cmpint(fence_queue_add(queue, &fence, true, NULL), ==, 0);
}

static void add(struct fence_queue *queue, uint32_t ctx_id, uint32_t ring, uint64_t id,
                bool mergeable)
{
    struct fence_id fence = {.ctx_id = ctx_id, .ring_idx = ring, .id = id};

    g_assert_cmpint(fence_queue_add(queue, &fence, mergeable, NULL), ==, 0);
}

static void test_polled(void)
{
    struct fence_queue *queue = start(false, false);

    g_assert_cmpint(fence_queue_poll_fd(queue), ==, -1);
    add_global(queue, 1);
    add_global(queue, 2);
    add_global(queue, 3);
    fence_queue_poll(queue);
    assert_reports("");
    fake_backend_pass(&fake, 1);
    fence_queue_poll(queue);
    assert_reports("g1");
    fence_queue_poll(queue);
    assert_reports("");
    fake_backend_pass(&fake, 3);
    fence_queue_poll(queue);
    assert_reports("g3"); /* the newest speaks for 2 */
    stop(queue);
}

static void test_rings(void)
{
    struct fence_queue *queue = start(false, false);

    add(queue, 1, 0, 10, false); /* 1 */
    add(queue, 1, 1, 11, false); /* 2 */
    add(queue, 2, 0, 12, true);  /* 3 */
    add(queue, 1, 0, 13, false); /* 4 */
    add(queue, 2, 0, UINT64_C(1) << 40, true); /* 5 */
    add_global(queue, 9);        /* 6 */
    add(queue, 2, 0, 15, true);  /* 7 */
    fake_backend_pass(&fake, 6);
    fence_queue_poll_context(queue, 1);
    assert_reports("1.0:10 1.1:11 1.0:13"); /* unmergeable ones all come */
    fence_queue_poll(queue);
    assert_reports("2.0:1099511627776 g9"); /* 12 is merged */
    fake_backend_pass(&fake, 7);
    fence_queue_poll_context(queue, 1);
    assert_reports("");
    fence_queue_poll(queue);
    assert_reports("2.0:15");
    stop(queue);
}

/* Within a ring nobody overtakes; another ring may. */
static void test_order(void)
{
    struct fence_queue *queue = start(false, false);

    add(queue, 1, 0, 10, false); /* 1 */
    add(queue, 1, 0, 11, false); /* 2 */
    fake.passed_early = 2;
    fence_queue_poll(queue);
    assert_reports("");
    add(queue, 1, 1, 12, false); /* 3 */
    fake.passed_early = 3;
    fence_queue_poll(queue);
    assert_reports("1.1:12");
    fake_backend_pass(&fake, 2);
    fence_queue_poll(queue);
    assert_reports("1.0:10 1.0:11");
    stop(queue);
}

/* A queue that ends with fences under way. */
static void test_unfinished(void)
{
    struct fence_queue *queue = start(false, false);

    add_global(queue, 1);
    stop(queue);
    queue = start(true, false);
    add_global(queue, 1);
    add_global(queue, 2);
    stop(queue);
    queue = start(true, true);
    add_global(queue, 1);
    add_global(queue, 2);
    stop(queue);
}

static void test_clear(void)
{
    for (int mode = 0; mode < 3; mode++) {
        struct fence_queue *queue = start(mode > 0, mode > 1);

        add_global(queue, 1);
        add(queue, 1, 0, 2, false);
        fence_queue_clear(queue);
        fake_backend_pass(&fake, 2);
        fence_queue_poll(queue);
        assert_reports("");
        add_global(queue, 3);
        fake_backend_pass(&fake, 3);
        if (mode == 1) {
            struct pollfd fd = {.fd = fence_queue_poll_fd(queue), .events = POLLIN};
            g_assert_cmpint(poll(&fd, 1, -1), ==, 1);
        }
        if (mode < 2) {
            fence_queue_poll(queue);
        }
        wait_reports(1);
        assert_reports("g3");
        stop(queue);
    }
}

static bool readable(int fd)
{
    struct pollfd pfd = {.fd = fd, .events = POLLIN};

    return poll(&pfd, 1, 0) == 1;
}

static void test_thread(void)
{
    struct fence_queue *queue = start(true, false);
    int fd = fence_queue_poll_fd(queue);
    struct pollfd pfd = {.fd = fd, .events = POLLIN};

    g_assert_cmpint(fd, >=, 0);
    g_assert_false(readable(fd));
    add_global(queue, 1);
    add(queue, 4, 0, 7, false);
    g_assert_false(readable(fd));
    fake_backend_pass(&fake, 1);
    g_assert_cmpint(poll(&pfd, 1, -1), ==, 1);
    assert_reports(""); /* nothing without poll */
    fence_queue_poll(queue);
    assert_reports("g1");
    g_assert_true(pthread_equal(heard.last_thread, pthread_self()));
    g_assert_cmpuint(heard.flushes, >, 0);
    g_assert_false(readable(fd));

    fake_backend_pass(&fake, 2);
    g_assert_cmpint(poll(&pfd, 1, -1), ==, 1);
    fence_queue_poll_context(queue, 3); /* not its fence: the descriptor stays readable */
    assert_reports("");
    g_assert_true(readable(fd));
    fence_queue_poll_context(queue, 4);
    assert_reports("4.0:7");
    g_assert_false(readable(fd));

    /* What has passed already needs no thread. */
    fake_backend_pass(&fake, 100);
    add_global(queue, 5);
    fence_queue_poll(queue);
    wait_reports(1);
    assert_reports("g5");
    stop(queue);
}

static void test_async(void)
{
    struct fence_queue *queue = start(true, true);

    g_assert_cmpint(fence_queue_poll_fd(queue), ==, -1);
    add(queue, 1, 0, 10, true);
    add(queue, 1, 0, 11, true);
    add_global(queue, 3);
    fake_backend_pass(&fake, 1);
    wait_reports(1);
    g_assert_false(pthread_equal(heard.last_thread, pthread_self()));
    assert_reports("1.0:10");
    fence_queue_poll(queue);
    assert_reports("");
    fake_backend_pass(&fake, 3);
    wait_reports(2);
    assert_reports("1.0:11 g3");
    stop(queue);
}

/* The thread cannot write query results: they come before it learns of the fence. */
static void test_async_queries(void)
{
    struct fence_queue *queue = start(true, true);

    heard.queries_missing = 2;
    fake_backend_pass(&fake, 1);
    add_global(queue, 1);
    g_assert_cmpuint(heard.flushes, ==, 2);
    wait_reports(1);
    assert_reports("g1");
    stop(queue);
}

/* A host that gives no fences, a back end that gives no thread. */
static void test_failures(void)
{
    struct fence_queue *queue = start(false, false);

    fake.fence_error = ENOMEM;
    add_global(queue, 1);
    fence_queue_poll(queue);
    assert_reports("g1");
    stop(queue);

    fake_backend_init(&fake);
    fake.no_thread = true;
    struct fence_queue_options options = {
        .backend = &fake.base,
        .log = &fake.log,
        .callbacks = {.fence = hear_fence},
        .thread = true,
        .async = true,
    };
    queue = fence_queue_create(&options);
    g_assert_cmpint(fence_queue_poll_fd(queue), ==, -1);
    add_global(queue, 1);
    fake_backend_pass(&fake, 1);
    fence_queue_poll(queue);
    assert_reports("g1");
    stop(queue);
}

static void test_too_many(void)
{
    struct fence_queue *queue = start(false, false);
    struct fence_id id = {.global = true};
    int err = 0;

    for (id.id = 1; err == 0 && id.id < 1 << 20; id.id++) {
        err = fence_queue_add(queue, &id, true, NULL);
    }
    g_assert_cmpint(err, ==, ENOMEM);
    fake_backend_pass(&fake, UINT64_MAX);
    fence_queue_clear(queue);
    add_global(queue, 7);
    fence_queue_poll(queue);
    assert_reports("g7");
    stop(queue);
}

static void test_export(void)
{
    struct fence_queue *queue = start(false, false);
    int fd;

    add_global(queue, 1);
    g_assert_cmpint(fence_queue_export(queue, true, 1, &fd), ==, ENOTSUP);
    g_assert_cmpint(fence_queue_export(queue, false, 1, &fd), ==, ENOENT);
    g_assert_cmpint(fence_queue_export(queue, true, 2, &fd), ==, ENOENT);
    g_assert_cmpint(fence_queue_server_wait(queue, NULL, 2), ==, 0);
    fake_backend_pass(&fake, 1);
    g_assert_cmpint(fence_queue_server_wait(queue, NULL, 1), ==, 0);
    fence_queue_poll(queue);
    assert_reports("g1");
    stop(queue);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fence/polled", test_polled);
    g_test_add_func("/fence/rings", test_rings);
    g_test_add_func("/fence/order", test_order);
    g_test_add_func("/fence/unfinished", test_unfinished);
    g_test_add_func("/fence/clear", test_clear);
    g_test_add_func("/fence/thread", test_thread);
    g_test_add_func("/fence/async", test_async);
    g_test_add_func("/fence/async_queries", test_async_queries);
    g_test_add_func("/fence/failures", test_failures);
    g_test_add_func("/fence/too_many", test_too_many);
    g_test_add_func("/fence/export", test_export);
    return g_test_run();
}
