/* SPDX-License-Identifier: MIT */
/* Every request as dwords, written down from the device's specification. */
#include "fake_virtio.h"
#include "gpu_requests.h"

#include <glib.h>
#include <string.h>

static struct fake_virtio fake;
static struct virtio_pci pci;
static struct gpu_queue queue;

static void start(void)
{
    os_double_begin();
    fake_virtio_init(&fake);
    g_assert_cmpint(virtio_pci_open(&pci, &fake.device), ==, VIRTIO_PCI_OK);
    g_assert_cmpint(virtio_pci_negotiate(&pci, 1), ==, VIRTIO_PCI_OK);
    g_assert_cmpint(gpu_queue_start(&queue, &pci, 0, 1), ==, VIRTIO_PCI_OK);
}

static void stop(void)
{
    virtio_pci_reset(&pci);
    gpu_queue_stop(&queue);
    virtio_pci_close(&pci);
    os_double_end();
}

/* `command` has exactly these dwords, a response of `response_bytes`, and that type of answer. */
static void expect(struct gpu_command *command, uint32_t answer, uint32_t response_bytes,
                   const uint32_t *dwords, unsigned int num_dwords)
{
    g_assert_nonnull(command);
    const uint32_t *request = gpu_command_request(command);
    for (unsigned int i = 0; i < num_dwords; i++) {
        g_test_message("dword %u", i);
        g_assert_cmphex(request[i], ==, dwords[i]);
    }
    g_assert_cmphex(gpu_answer_type(request[0]), ==, answer);

    const uint16_t *index = os_double_dma(queue.ring.avail_address + 2, 2);
    const uint16_t *head = os_double_dma(queue.ring.avail_address + 4 + 2 * (*index % 256), 2);
    gpu_queue_send(&queue, command, false, answer, NULL, NULL);
    const uint32_t *out = os_double_dma(queue.ring.desc_address + 16u * *head, 16);
    g_assert_cmpuint(out[2], ==, num_dwords * 4);
    const uint32_t *in = os_double_dma(queue.ring.desc_address + 16u * (out[3] >> 16), 16);
    g_assert_cmpuint(in[2], ==, response_bytes);
}

#define EXPECT(command, answer, response_bytes, ...)                                             \
    do {                                                                                         \
        static const uint32_t dwords[] = {__VA_ARGS__};                                          \
        expect(command, answer, response_bytes, dwords, G_N_ELEMENTS(dwords));                   \
    } while (0)

static const struct vgpu_wire_rect rect = {11, 12, 13, 14};

static void test_display(void)
{
    const struct vgpu_wire_cursor_pos at = {.scanout_id = 2, .x = 0xffffffff, .y = 5};

    start();
    EXPECT(gpu_get_display_info(&queue), 0x1101, 408, 0x100, 0, 0, 0, 0, 0);
    EXPECT(gpu_get_edid(&queue, 3), 0x1104, 1056, 0x10a, 0, 0, 0, 0, 0, 3, 0);
    EXPECT(gpu_create_2d(&queue, 7, VGPU_FORMAT_B8G8R8X8_UNORM, 640, 480), 0x1100, 24,
           0x101, 0, 0, 0, 0, 0, 7, 2, 640, 480);
    EXPECT(gpu_unref(&queue, 7), 0x1100, 24, 0x102, 0, 0, 0, 0, 0, 7, 0);
    EXPECT(gpu_set_scanout(&queue, 1, 7, &rect), 0x1100, 24,
           0x103, 0, 0, 0, 0, 0, 11, 12, 13, 14, 1, 7);
    EXPECT(gpu_flush(&queue, 7, &rect), 0x1100, 24, 0x104, 0, 0, 0, 0, 0, 11, 12, 13, 14, 7, 0);
    EXPECT(gpu_transfer_2d(&queue, 7, &rect, 0x500000006ull), 0x1100, 24,
           0x105, 0, 0, 0, 0, 0, 11, 12, 13, 14, 6, 5, 7, 0);
    EXPECT(gpu_detach_backing(&queue, 7), 0x1100, 24, 0x107, 0, 0, 0, 0, 0, 7, 0);
    EXPECT(gpu_update_cursor(&queue, &at, 9, 3, 4), 0x1100, 24,
           0x300, 0, 0, 0, 0, 0, 2, 0xffffffff, 5, 0, 9, 3, 4, 0);
    EXPECT(gpu_move_cursor(&queue, &at), 0x1100, 24,
           0x301, 0, 0, 0, 0, 0, 2, 0xffffffff, 5, 0, 0, 0, 0, 0);
    stop();
}

static void test_3d(void)
{
    const struct mantua_escape_resource_create create = {
        .target = 2, .format = 67, .bind = 10, .flags = 1, .width = 64, .height = 32,
        .depth = 3, .array_size = 4, .last_level = 5, .nr_samples = 8};
    struct mantua_escape_transfer transfer = {
        .header = {.op = MANTUA_ESCAPE_TRANSFER_TO_HOST}, .context = 100, .resource = 101,
        .level = 1, .stride_bytes = 256, .layer_stride_bytes = 4096, .x = 1, .y = 2, .z = 3,
        .width = 4, .height = 5, .depth = 6, .offset_bytes = 0x700000008ull};
    static const uint32_t stream[] = {0xaa, 0xbb, 0xcc};

    start();
    EXPECT(gpu_get_capset_info(&queue, 1), 0x1102, 40, 0x108, 0, 0, 0, 0, 0, 1, 0);
    EXPECT(gpu_get_capset(&queue, 2, 1, 1000), 0x1103, 1024, 0x109, 0, 0, 0, 0, 0, 2, 1);
    EXPECT(gpu_context_destroy(&queue, 9), 0x1100, 24, 0x201, 0, 0, 0, 9, 0);
    EXPECT(gpu_context_resource(&queue, 9, 7, true), 0x1100, 24, 0x202, 0, 0, 0, 9, 0, 7, 0);
    EXPECT(gpu_context_resource(&queue, 9, 7, false), 0x1100, 24, 0x203, 0, 0, 0, 9, 0, 7, 0);
    EXPECT(gpu_create_3d(&queue, 7, &create), 0x1100, 24,
           0x204, 0, 0, 0, 0, 0, 7, 2, 67, 10, 64, 32, 3, 4, 5, 8, 1, 0);
    EXPECT(gpu_transfer_3d(&queue, 9, 7, &transfer), 0x1100, 24,
           0x205, 0, 0, 0, 9, 0, 1, 2, 3, 4, 5, 6, 8, 7, 7, 1, 256, 4096);
    transfer.header.op = MANTUA_ESCAPE_TRANSFER_FROM_HOST;
    EXPECT(gpu_transfer_3d(&queue, 9, 7, &transfer), 0x1100, 24,
           0x206, 0, 0, 0, 9, 0, 1, 2, 3, 4, 5, 6, 8, 7, 7, 1, 256, 4096);
    EXPECT(gpu_submit(&queue, 9, stream, sizeof(stream)), 0x1100, 24,
           0x207, 0, 0, 0, 9, 0, 12, 0, 0xaa, 0xbb, 0xcc);
    EXPECT(gpu_context_create(&queue, 9, 4, "abcde", 5), 0x1100, 24,
           0x200, 0, 0, 0, 9, 0, 5, 4, 0x64636261, 0x65, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    stop();
}

static void test_backing(void)
{
    static const struct vgpu_wire_mem_entry entries[] = {{0x100002000ull, 0x1000, 0},
                                                         {0x5000, 0x3000, 0}};

    start();
    EXPECT(gpu_attach_backing(&queue, 7, entries, 2), 0x1100, 24,
           0x106, 0, 0, 0, 0, 0, 7, 2, 0x2000, 1, 0x1000, 0, 0x5000, 0, 0x3000, 0);
    stop();
}

static void test_limits(void)
{
    uint32_t max = GPU_MAX_BACKING_ENTRIES;
    g_autofree struct vgpu_wire_mem_entry *entries = g_new0(struct vgpu_wire_mem_entry, max + 1);
    g_autofree uint8_t *stream = g_malloc0(MANTUA_ESCAPE_MAX_BYTES + 4);
    char name[100];

    start();
    g_assert_null(gpu_attach_backing(&queue, 7, entries, 0));
    g_assert_null(gpu_attach_backing(&queue, 7, entries, max + 1));
    g_assert_null(gpu_attach_backing(&queue, 7, entries, UINT32_MAX));
    g_assert_null(gpu_submit(&queue, 7, stream, 0));
    g_assert_null(gpu_submit(&queue, 7, stream, MANTUA_ESCAPE_MAX_BYTES + 4));
    g_assert_null(gpu_submit(&queue, 7, stream, UINT32_MAX));
    g_assert_null(gpu_get_capset(&queue, 2, 1, GPU_MAX_CAPSET_BYTES + 1));
    g_assert_null(gpu_get_capset(&queue, 2, 1, UINT32_MAX));
    gpu_command_drop(&queue, gpu_attach_backing(&queue, 7, entries, max));
    gpu_command_drop(&queue, gpu_submit(&queue, 7, stream, MANTUA_ESCAPE_MAX_BYTES));
    memset(name, 'n', sizeof(name));
    struct gpu_command *command = gpu_context_create(&queue, 1, 0, name, sizeof(name));
    const struct vgpu_wire_ctx_create *request = gpu_command_request(command);
    g_assert_cmpuint(request->nlen, ==, 64);
    g_assert_cmpint(memcmp(request->debug_name, name, 64), ==, 0);
    gpu_command_drop(&queue, command);
    stop();
}

static void test_memory(void)
{
    static const struct vgpu_wire_mem_entry entry = {0x2000, 0x1000, 0};

    for (unsigned int nth = 1; nth <= 2; nth++) {
        start();
        os_double_fail(nth);
        g_assert_null(gpu_attach_backing(&queue, 7, &entry, 1));
        os_double_fail(nth);
        g_assert_null(gpu_submit(&queue, 7, &entry, sizeof(entry)));
        os_double_fail(nth);
        g_assert_null(gpu_get_display_info(&queue));
        stop();
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/windows/gpu-requests/display", test_display);
    g_test_add_func("/windows/gpu-requests/3d", test_3d);
    g_test_add_func("/windows/gpu-requests/backing", test_backing);
    g_test_add_func("/windows/gpu-requests/limits", test_limits);
    g_test_add_func("/windows/gpu-requests/memory", test_memory);
    return g_test_run();
}
