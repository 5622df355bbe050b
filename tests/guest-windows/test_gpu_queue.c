/* SPDX-License-Identifier: MIT */
/* Commands and fences, with the device played from the other side of the ring. */
#include "fake_virtio.h"
#include "gpu_queue.h"

#include <glib.h>
#include <string.h>

#define HEADER_BYTES ((uint32_t)sizeof(struct vgpu_wire_ctrl_hdr))

struct machine {
    struct fake_virtio fake;
    struct virtio_pci pci;
    struct gpu_queue queue;
    uint16_t seen; /* requests the device has looked at */
};

static void start(struct machine *m)
{
    os_double_begin();
    memset(m, 0, sizeof(*m));
    fake_virtio_init(&m->fake);
    g_assert_cmpint(virtio_pci_open(&m->pci, &m->fake.device), ==, VIRTIO_PCI_OK);
    g_assert_cmpint(virtio_pci_negotiate(&m->pci, 1), ==, VIRTIO_PCI_OK);
    /* queue 1 has 16 entries: 8 commands */
    g_assert_cmpint(gpu_queue_start(&m->queue, &m->pci, 1, 1), ==, VIRTIO_PCI_OK);
    virtio_pci_driver_ok(&m->pci);
}

static void stop(struct machine *m)
{
    virtio_pci_reset(&m->pci);
    gpu_queue_stop(&m->queue);
    gpu_queue_stop(&m->queue);
    virtio_pci_close(&m->pci);
    os_double_end();
}

static unsigned int num_requests(const struct machine *m)
{
    const uint16_t *index = os_double_dma(m->queue.ring.avail_address + 2, 2);
    return (uint16_t)(*index - m->seen);
}

/* Descriptor of the n-th request that was not looked at. */
static uint16_t request_head(const struct machine *m, unsigned int n)
{
    g_assert_cmpuint(n, <, num_requests(m));
    return *(uint16_t *)os_double_dma(
        m->queue.ring.avail_address + 4 + 2 * ((uint16_t)(m->seen + n) % 16), 2);
}

struct desc {
    uint64_t address;
    uint32_t bytes;
    uint16_t flags, next;
};

static struct desc *desc(const struct machine *m, uint16_t index)
{
    return os_double_dma(m->queue.ring.desc_address + 16u * index, 16);
}

static struct vgpu_wire_ctrl_hdr *request(const struct machine *m, uint16_t head)
{
    g_assert_cmpuint(desc(m, head)->flags, ==, 1);
    return os_double_dma(desc(m, head)->address, desc(m, head)->bytes);
}

static void answer(struct machine *m, uint16_t head, uint32_t type, uint32_t bytes)
{
    const struct desc *in = desc(m, desc(m, head)->next);
    g_assert_cmpuint(in->flags, ==, 2);
    ((struct vgpu_wire_ctrl_hdr *)os_double_dma(in->address, in->bytes))->type = type;

    uint16_t *index = os_double_dma(m->queue.ring.used_address + 2, 2);
    uint32_t *entry = os_double_dma(m->queue.ring.used_address + 4 + 8 * (*index % 16), 8);
    entry[0] = head;
    entry[1] = bytes;
    ++*index;
}

struct ending {
    unsigned int calls;
    enum gpu_result result;
    uint32_t type;
};

static void on_done(void *opaque, enum gpu_result result, const void *response)
{
    struct ending *ending = opaque;

    ending->calls++;
    ending->result = result;
    g_assert_cmpint(response != NULL, ==, result == GPU_OK);
    if (response)
        ending->type = ((const struct vgpu_wire_ctrl_hdr *)response)->type;
}

struct flag {
    struct gpu_waiter waiter;
    unsigned int calls;
};

static void on_fence(struct gpu_waiter *waiter)
{
    ((struct flag *)waiter)->calls++;
    memset(waiter, 0xaa, sizeof(*waiter)); /* it is the caller's again */
}

static uint64_t send(struct machine *m, bool on_host, struct ending *ending)
{
    struct gpu_command *command =
        gpu_command_new(&m->queue, VGPU_CMD_RESOURCE_UNREF, 32, HEADER_BYTES);
    g_assert_nonnull(command);
    ((struct vgpu_wire_resource_unref *)gpu_command_request(command))->resource_id = 7;
    return gpu_queue_send(&m->queue, command, on_host, VGPU_RESP_OK_NODATA, on_done, ending);
}

static void test_command(void)
{
    struct machine m;
    struct ending ending = {0};

    start(&m);
    uint64_t fence = send(&m, true, &ending);
    g_assert_cmpuint(fence, ==, 1);
    g_assert_cmpuint(m.fake.queues[1].kicks, ==, 1);
    uint16_t head = request_head(&m, 0);
    g_assert_cmpuint(desc(&m, head)->bytes, ==, 32);
    g_assert_cmphex(request(&m, head)->type, ==, VGPU_CMD_RESOURCE_UNREF);
    g_assert_cmphex(request(&m, head)->flags, ==, VGPU_HDR_FLAG_FENCE);
    g_assert_cmpuint(request(&m, head)->fence_id, ==, fence);
    gpu_queue_process(&m.queue);
    g_assert_cmpuint(ending.calls, ==, 0);
    g_assert_cmpuint(gpu_queue_completed(&m.queue), ==, 0);
    answer(&m, head, VGPU_RESP_OK_NODATA, HEADER_BYTES);
    gpu_queue_process(&m.queue);
    gpu_queue_process(&m.queue);
    g_assert_cmpuint(ending.calls, ==, 1);
    g_assert_cmpint(ending.result, ==, GPU_OK);
    g_assert_cmphex(ending.type, ==, VGPU_RESP_OK_NODATA);
    g_assert_cmpuint(gpu_queue_completed(&m.queue), ==, fence);
    m.seen++;
    /* reused memory starts clean, and no fence is asked for */
    send(&m, false, &ending);
    g_assert_cmphex(request(&m, request_head(&m, 0))->flags, ==, 0);
    g_assert_cmpuint(request(&m, request_head(&m, 0))->fence_id, ==, 0);
    stop(&m);
    g_assert_cmpuint(ending.calls, ==, 2);
    g_assert_cmpint(ending.result, ==, GPU_LOST);
}

/* Answers in any order: a fence is done when all before it are. */
static void test_fences(void)
{
    struct machine m;
    struct ending ending = {0};
    struct flag flags[5] = {0};

    start(&m);
    for (unsigned int i = 0; i < 4; i++)
        send(&m, true, &ending);
    for (unsigned int i = 0; i < 4; i++) {
        flags[i].waiter.done = on_fence;
        g_assert_true(gpu_queue_wait(&m.queue, &flags[i].waiter, i + 1));
    }
    flags[4].waiter.done = on_fence;
    g_assert_false(gpu_queue_wait(&m.queue, &flags[4].waiter, 0));
    g_assert_false(gpu_queue_wait(&m.queue, &flags[4].waiter, 5));
    answer(&m, request_head(&m, 2), VGPU_RESP_OK_NODATA, HEADER_BYTES);
    answer(&m, request_head(&m, 1), VGPU_RESP_OK_NODATA, HEADER_BYTES);
    gpu_queue_process(&m.queue);
    g_assert_cmpuint(ending.calls, ==, 2);
    g_assert_cmpuint(gpu_queue_completed(&m.queue), ==, 0);
    g_assert_cmpuint(flags[0].calls + flags[1].calls + flags[2].calls, ==, 0);
    answer(&m, request_head(&m, 0), VGPU_RESP_OK_NODATA, HEADER_BYTES);
    gpu_queue_process(&m.queue);
    g_assert_cmpuint(gpu_queue_completed(&m.queue), ==, 3);
    for (unsigned int i = 0; i < 3; i++)
        g_assert_cmpuint(flags[i].calls, ==, 1);
    /* one that is done already calls at once */
    flags[4].waiter.done = on_fence;
    g_assert_true(gpu_queue_wait(&m.queue, &flags[4].waiter, 3));
    g_assert_cmpuint(flags[4].calls, ==, 1);
    g_assert_true(gpu_queue_unwait(&m.queue, &flags[3].waiter));
    g_assert_false(gpu_queue_unwait(&m.queue, &flags[3].waiter));
    stop(&m);
    g_assert_cmpuint(flags[3].calls, ==, 0);
    g_assert_cmpuint(ending.calls, ==, 4);
}

/* More than the ring holds: all are sent in order, none is lost, memory is given back. */
static void test_many(void)
{
    struct machine m;
    struct ending ending = {0};
    uint64_t expected = 1;

    start(&m);
    for (unsigned int i = 0; i < 200; i++)
        g_assert_cmpuint(send(&m, true, &ending), ==, i + 1);
    while (ending.calls < 200) {
        unsigned int count = num_requests(&m);
        g_assert_cmpuint(count, ==, MIN(8, 200 - ending.calls));
        for (unsigned int i = 0; i < count; i++) {
            g_assert_cmpuint(request(&m, request_head(&m, i))->fence_id, ==, expected++);
            answer(&m, request_head(&m, i), VGPU_RESP_OK_NODATA, HEADER_BYTES);
        }
        m.seen = (uint16_t)(m.seen + count);
        gpu_queue_process(&m.queue);
    }
    g_assert_cmpuint(gpu_queue_completed(&m.queue), ==, 200);
    g_assert_cmpuint(m.queue.num_spare, ==, 200);
    gpu_command_drop(&m.queue, gpu_command_new(&m.queue, 1, 32, HEADER_BYTES));
    g_assert_cmpuint(m.queue.num_spare, ==, 64);
    stop(&m);
}

static void test_refused(void)
{
    struct machine m;
    struct ending ending = {0};

    start(&m);
    send(&m, true, &ending);
    answer(&m, request_head(&m, 0), VGPU_RESP_ERR_INVALID_RESOURCE_ID, HEADER_BYTES);
    gpu_queue_process(&m.queue);
    g_assert_cmpuint(ending.calls, ==, 1);
    g_assert_cmpint(ending.result, ==, GPU_REFUSED);
    g_assert_false(m.queue.lost);
    g_assert_cmpuint(gpu_queue_completed(&m.queue), ==, 1);
    stop(&m);
}

static const struct {
    uint32_t type, bytes;
} nonsense[] = {
    {VGPU_RESP_OK_NODATA, HEADER_BYTES - 1},
    {VGPU_RESP_OK_NODATA, 0},
    {VGPU_RESP_OK_NODATA, HEADER_BYTES + 1},
    {VGPU_RESP_OK_DISPLAY_INFO, HEADER_BYTES},
    {VGPU_CMD_RESOURCE_UNREF, HEADER_BYTES},
    {0, HEADER_BYTES},
    {VGPU_RESP_ERR_UNSPEC, 8},
};

/* Nonsense loses the queue: all commands end once, also those sent later, and their memory stays
 * until the reset. */
static void test_lost(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(nonsense); i++) {
        struct machine m;
        struct ending ending = {0};
        struct flag flag = {{.done = on_fence}, 0};

        start(&m);
        for (unsigned int n = 0; n < 100; n++)
            send(&m, true, &ending);
        g_assert_true(gpu_queue_wait(&m.queue, &flag.waiter, 100));
        answer(&m, request_head(&m, 0), nonsense[i].type, nonsense[i].bytes);
        gpu_queue_process(&m.queue);
        g_assert_true(m.queue.lost);
        g_assert_cmpuint(ending.calls, ==, 100);
        g_assert_cmpint(ending.result, ==, GPU_LOST);
        g_assert_cmpuint(flag.calls, ==, 1);
        unsigned int spare = m.queue.num_spare;
        send(&m, true, &ending);
        g_assert_cmpuint(ending.calls, ==, 101);
        g_assert_cmpuint(m.queue.num_spare, ==, spare);
        g_assert_cmpuint(gpu_queue_completed(&m.queue), ==, 101);
        stop(&m);
    }
}

static void test_start(void)
{
    struct machine m;

    os_double_begin();
    memset(&m, 0, sizeof(m));
    fake_virtio_init(&m.fake);
    g_assert_cmpint(virtio_pci_open(&m.pci, &m.fake.device), ==, VIRTIO_PCI_OK);
    g_assert_cmpint(virtio_pci_negotiate(&m.pci, 1), ==, VIRTIO_PCI_OK);
    m.fake.queues[1].size = 1;
    g_assert_cmpint(gpu_queue_start(&m.queue, &m.pci, 1, 1), ==, VIRTIO_PCI_NO_QUEUE);
    stop(&m);

    start(&m);
    g_assert_null(gpu_command_new(&m.queue, 1, HEADER_BYTES - 1, HEADER_BYTES));
    g_assert_null(gpu_command_new(&m.queue, 1, HEADER_BYTES, HEADER_BYTES - 1));
    stop(&m);
}

static void test_memory(void)
{
    unsigned int nth = 1;

    for (;; nth++) {
        struct machine m;
        struct gpu_command *commands[3];
        unsigned int made = 0;

        start(&m);
        os_double_fail(nth);
        for (unsigned int i = 0; i < 3; i++) {
            commands[made] = gpu_command_new(&m.queue, 1, 4000, 1000);
            made += commands[made] != NULL;
        }
        bool failed = os_double_has_failed();
        g_assert_cmpuint(made, ==, 3 - failed);
        while (made > 0)
            gpu_command_drop(&m.queue, commands[--made]);
        stop(&m);
        if (!failed)
            break;
    }
    g_assert_cmpuint(nth, ==, 7);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/windows/gpu-queue/command", test_command);
    g_test_add_func("/windows/gpu-queue/fences", test_fences);
    g_test_add_func("/windows/gpu-queue/many", test_many);
    g_test_add_func("/windows/gpu-queue/refused", test_refused);
    g_test_add_func("/windows/gpu-queue/lost", test_lost);
    g_test_add_func("/windows/gpu-queue/start", test_start);
    g_test_add_func("/windows/gpu-queue/memory", test_memory);
    return g_test_run();
}
