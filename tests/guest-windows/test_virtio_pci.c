/* SPDX-License-Identifier: MIT */
#include "fake_virtio.h"
#include "virtio_pci.h"

#include <glib.h>

static void open_good(struct fake_virtio *fake, struct virtio_pci *pci)
{
    os_double_begin();
    fake_virtio_init(fake);
    g_assert_cmpint(virtio_pci_open(pci, &fake->device), ==, VIRTIO_PCI_OK);
}

static void close_all(struct virtio_pci *pci)
{
    virtio_pci_close(pci);
    virtio_pci_close(pci);
    os_double_end();
}

static uint64_t address(const struct fake_queue *queue, unsigned int part)
{
    return queue->address[2 * part] | (uint64_t)queue->address[2 * part + 1] << 32;
}

static void test_start(void)
{
    struct fake_virtio fake;
    struct virtio_pci pci;
    struct virtqueue control, cursor;

    open_good(&fake, &pci);
    g_assert_cmpuint(fake.resets, ==, 1);
    g_assert_cmpint(virtio_pci_negotiate(&pci, 0x5), ==, VIRTIO_PCI_OK);
    g_assert_cmphex(pci.features, ==, 1ull << 32 | 0x5);
    g_assert_cmphex(fake.agreed, ==, 1ull << 32 | 0x5);
    g_assert_cmpint(virtio_pci_set_config_vector(&pci, 0), ==, VIRTIO_PCI_OK);
    g_assert_cmpint(virtio_pci_start_queue(&pci, 0, 64, 1, &control), ==, VIRTIO_PCI_OK);
    g_assert_cmpint(virtio_pci_start_queue(&pci, 1, 64, VIRTIO_NO_VECTOR, &cursor), ==,
                    VIRTIO_PCI_OK);
    virtio_pci_driver_ok(&pci);
    g_assert_cmphex(fake.status, ==, 0xf);
    g_assert_cmpuint(fake.queues[0].size, ==, 64);
    g_assert_cmpuint(control.size, ==, 64);
    g_assert_cmpuint(cursor.size, ==, 16);
    g_assert_cmpuint(fake.queues[0].vector, ==, 1);
    g_assert_cmpuint(fake.queues[1].vector, ==, 0xffff);
    g_assert_cmpuint(fake.config_vector, ==, 0);
    for (unsigned int i = 0; i < 2; i++) {
        const struct virtqueue *queue = i ? &cursor : &control;
        g_assert_cmpuint(fake.queues[i].enable, ==, 1);
        g_assert_cmphex(address(&fake.queues[i], 0), ==, queue->desc_address);
        g_assert_cmphex(address(&fake.queues[i], 1), ==, queue->avail_address);
        g_assert_cmphex(address(&fake.queues[i], 2), ==, queue->used_address);
    }
    virtio_pci_kick(&pci, 1);
    virtio_pci_kick(&pci, 1);
    virtio_pci_kick(&pci, 0);
    virtio_pci_kick(&pci, 2);
    g_assert_cmpuint(fake.queues[0].kicks, ==, 1);
    g_assert_cmpuint(fake.queues[1].kicks, ==, 2);
    fake.isr = 3;
    g_assert_cmpuint(virtio_pci_take_isr(&pci), ==, 3);
    g_assert_cmpuint(virtio_pci_take_isr(&pci), ==, 0);

    g_assert_true(virtio_pci_reset(&pci));
    virtio_pci_kick(&pci, 0); /* no queue, no doorbell */
    g_assert_cmpuint(fake.queues[0].kicks, ==, 0);
    virtqueue_finish(&control);
    virtqueue_finish(&cursor);
    close_all(&pci);
}

/* One field of a capability, or of the header (cap 0), changed. */
static const struct {
    uint32_t cap, offset, value, bytes;
} wrong_caps[] = {
    {0, 0, 0x1af5, 2},               /* vendor */
    {0, 2, 0x1000, 2},               /* device */
    {0, 6, 0, 2},                    /* no capabilities */
    {0, 0x34, 0, 1},                 /* none in the list */
    {0, 0x34, 0x3c, 1},              /* inside the header */
    {FAKE_CAP_COMMON, 1, 0x40, 1},   /* loops */
    {FAKE_CAP_CONFIG, 1, 0x40, 1},
    {FAKE_CAP_CONFIG, 1, 0x04, 1},
    {FAKE_CAP_COMMON, 2, 15, 1},     /* too short */
    {FAKE_CAP_NOTIFY, 2, 16, 1},
    {FAKE_CAP_COMMON, 3, 5, 1},      /* missing blocks */
    {FAKE_CAP_NOTIFY, 3, 5, 1},
    {FAKE_CAP_ISR, 3, 5, 1},
    {FAKE_CAP_COMMON, 4, 6, 1},      /* BARs */
    {FAKE_CAP_COMMON, 4, 0xff, 1},
    {FAKE_CAP_ISR, 4, 3, 1},
    {FAKE_CAP_COMMON, 8, 2, 4},      /* offsets */
    {FAKE_CAP_COMMON, 8, FAKE_BAR_BYTES - 52, 4},
    {FAKE_CAP_NOTIFY, 8, 0xfffffffe, 4},
    {FAKE_CAP_CONFIG, 8, 0xfffffffc, 4},
    {FAKE_CAP_COMMON, 12, 55, 4},    /* sizes */
    {FAKE_CAP_NOTIFY, 12, 1, 4},
    {FAKE_CAP_NOTIFY, 12, 0xffffffff, 4},
    {FAKE_CAP_ISR, 12, 0, 4},
    {FAKE_CAP_CONFIG, 12, FAKE_BAR_BYTES, 4},
    {FAKE_CAP_NOTIFY, 16, 3, 4},     /* odd multiplier */
};

static void test_wrong_caps(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(wrong_caps); i++) {
        struct fake_virtio fake;
        struct virtio_pci pci;

        os_double_begin();
        fake_virtio_init(&fake);
        fake_virtio_set_cap(&fake, wrong_caps[i].cap, wrong_caps[i].offset, wrong_caps[i].value,
                            wrong_caps[i].bytes);
        g_test_message("capability %#x, field %u = %#x", wrong_caps[i].cap, wrong_caps[i].offset,
                       wrong_caps[i].value);
        g_assert_cmpint(virtio_pci_open(&pci, &fake.device), ==, VIRTIO_PCI_NO_DEVICE);
        g_assert_cmpuint(fake.resets, ==, 0);
        close_all(&pci);
    }
}

/* Capability space of random bytes: refused or opened, never read outside. */
static void test_random_caps(void)
{
    for (unsigned int round = 0; round < 3000; round++) {
        struct fake_virtio fake;
        struct virtio_pci pci;

        os_double_begin();
        fake_virtio_init(&fake);
        for (int n = g_test_rand_int_range(1, 12); n > 0; n--)
            fake.device.space[g_test_rand_int_range(0x34, 0xff)] = (uint8_t)g_test_rand_int();
        /* Registers may lie anywhere now; the device only has to look alive. */
        os_double_fail(2);
        g_assert_cmpint(virtio_pci_open(&pci, &fake.device), !=, VIRTIO_PCI_OK);
        close_all(&pci);
    }
}

static void test_memory(void)
{
    unsigned int nth = 1;

    for (;; nth++) {
        struct fake_virtio fake;
        struct virtio_pci pci;
        struct virtqueue queue;

        os_double_begin();
        fake_virtio_init(&fake);
        os_double_fail(nth);
        enum virtio_pci_result result = virtio_pci_open(&pci, &fake.device);
        if (result == VIRTIO_PCI_OK)
            result = virtio_pci_negotiate(&pci, 0xf);
        if (result == VIRTIO_PCI_OK) {
            result = virtio_pci_start_queue(&pci, 0, 256, 1, &queue);
            if (result == VIRTIO_PCI_OK)
                virtqueue_finish(&queue);
            else
                g_assert_cmpuint(fake.queues[0].enable, ==, 0);
        }
        g_assert_cmpint(result != VIRTIO_PCI_OK, ==, os_double_has_failed());
        close_all(&pci);
        if (result == VIRTIO_PCI_OK)
            break;
        g_assert_cmpint(result, ==, nth == 1 ? VIRTIO_PCI_NO_DEVICE : VIRTIO_PCI_NO_MEMORY);
    }
    g_assert_cmpuint(nth, ==, 8); /* the space, four blocks, two parts of the queue */
}

static void test_features(void)
{
    struct fake_virtio fake;
    struct virtio_pci pci;

    open_good(&fake, &pci);
    fake.offered = 0xf;
    g_assert_cmpint(virtio_pci_negotiate(&pci, 0xf), ==, VIRTIO_PCI_NO_FEATURES);
    g_assert_cmphex(fake.status & 0x88, ==, 0x80);
    close_all(&pci);

    open_good(&fake, &pci);
    fake.refuse_features = true;
    g_assert_cmpint(virtio_pci_negotiate(&pci, 0xf), ==, VIRTIO_PCI_NO_FEATURES);
    g_assert_cmphex(fake.status & 0x88, ==, 0x80);
    close_all(&pci);
}

static void test_reset(void)
{
    struct fake_virtio fake;
    struct virtio_pci pci;

    os_double_begin();
    fake_virtio_init(&fake);
    fake.reset_reads = 100;
    g_assert_cmpint(virtio_pci_open(&pci, &fake.device), ==, VIRTIO_PCI_OK);
    fake.reset_reads = 1u << 30;
    g_assert_false(virtio_pci_reset(&pci));
    close_all(&pci);

    os_double_begin();
    g_assert_cmpint(virtio_pci_open(&pci, &fake.device), ==, VIRTIO_PCI_STUCK);
    close_all(&pci);
}

static void test_broken(void)
{
    struct fake_virtio fake;
    struct virtio_pci pci;

    open_good(&fake, &pci);
    g_assert_false(virtio_pci_is_broken(&pci));
    fake.status = 0x4f;
    g_assert_true(virtio_pci_is_broken(&pci));
    fake.status = 0xff;
    g_assert_true(virtio_pci_is_broken(&pci));
    close_all(&pci);
}

static void expect_no_queue(uint16_t size, uint16_t enable, uint16_t notify_offset,
                            uint16_t vector, enum virtio_pci_result expected)
{
    struct fake_virtio fake;
    struct virtio_pci pci;
    struct virtqueue queue;

    open_good(&fake, &pci);
    g_assert_cmpint(virtio_pci_negotiate(&pci, 0), ==, VIRTIO_PCI_OK);
    fake.queues[1].size = size;
    fake.queues[1].enable = enable;
    fake.notify_offset = notify_offset;
    g_assert_cmpint(virtio_pci_start_queue(&pci, 1, 1024, vector, &queue), ==, expected);
    if (expected == VIRTIO_PCI_OK)
        virtqueue_finish(&queue);
    else
        g_assert_null(queue.entries);
    close_all(&pci);
}

static void test_queues(void)
{
    expect_no_queue(16, 0, 1, 2, VIRTIO_PCI_OK);
    expect_no_queue(1, 0, 1, 2, VIRTIO_PCI_OK);
    expect_no_queue(0, 0, 1, 2, VIRTIO_PCI_NO_QUEUE);
    expect_no_queue(24, 0, 1, 2, VIRTIO_PCI_NO_QUEUE);
    expect_no_queue(16, 1, 1, 2, VIRTIO_PCI_NO_QUEUE);
    expect_no_queue(16, 0, 0x3ff, 2, VIRTIO_PCI_OK);
    expect_no_queue(16, 0, 0x400, 2, VIRTIO_PCI_NO_QUEUE);
    expect_no_queue(16, 0, 0xffff, 2, VIRTIO_PCI_NO_QUEUE);
    expect_no_queue(16, 0, 1, 3, VIRTIO_PCI_NO_INTERRUPT);

    struct fake_virtio fake;
    struct virtio_pci pci;
    struct virtqueue queue;
    open_good(&fake, &pci);
    g_assert_cmpint(virtio_pci_start_queue(&pci, VIRTIO_PCI_MAX_QUEUES, 64, 1, &queue), ==,
                    VIRTIO_PCI_NO_QUEUE);
    g_assert_cmpint(virtio_pci_set_config_vector(&pci, 3), ==, VIRTIO_PCI_NO_INTERRUPT);
    close_all(&pci);
}

static void test_config(void)
{
    struct fake_virtio fake;
    struct virtio_pci pci;
    uint32_t values[4];

    open_good(&fake, &pci);
    fake.config_changes = 6; /* each changes all dwords: a torn read would show */
    g_assert_true(virtio_pci_read_config(&pci, 0, values, 4));
    for (unsigned int i = 0; i < 4; i++)
        g_assert_cmpuint(values[i], ==, 106);
    g_assert_true(virtio_pci_write_config(&pci, 4, 77));
    g_assert_true(virtio_pci_read_config(&pci, 4, values, 1));
    g_assert_cmpuint(values[0], ==, 77);
    g_assert_false(virtio_pci_read_config(&pci, 4, values, 4));
    g_assert_false(virtio_pci_read_config(&pci, 2, values, 1));
    g_assert_false(virtio_pci_read_config(&pci, 0xfffffffc, values, 1));
    g_assert_false(virtio_pci_write_config(&pci, 16, 1));
    fake.config_changes = 1u << 30;
    g_assert_false(virtio_pci_read_config(&pci, 0, values, 1));
    close_all(&pci);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/windows/virtio-pci/start", test_start);
    g_test_add_func("/windows/virtio-pci/wrong-caps", test_wrong_caps);
    g_test_add_func("/windows/virtio-pci/random-caps", test_random_caps);
    g_test_add_func("/windows/virtio-pci/memory", test_memory);
    g_test_add_func("/windows/virtio-pci/features", test_features);
    g_test_add_func("/windows/virtio-pci/reset", test_reset);
    g_test_add_func("/windows/virtio-pci/broken", test_broken);
    g_test_add_func("/windows/virtio-pci/queues", test_queues);
    g_test_add_func("/windows/virtio-pci/config", test_config);
    return g_test_run();
}
