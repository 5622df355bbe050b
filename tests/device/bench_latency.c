/* SPDX-License-Identifier: MIT */
/*
 * Fence latency, and how long QEMU's main loop is kept from other work while the device draws, ours
 * and stock QEMU's device side by side. The main loop's delay is what a register access through
 * qtest takes: the main loop serves both.
 *
 * usage: bench-latency [FENCES [ROUNDS]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"
#include "virgl_protocol.h"

#define TARGET_PX 2048u
#define CLEARS_PER_ROUND 16

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *what, double *times_us, unsigned int count)
{
    qsort(times_us, count, sizeof(*times_us), compare);
    printf("  %-34s median %8.3f ms   90%% %8.3f ms   max %8.3f ms\n", what,
           times_us[count / 2] / 1e3, times_us[count * 9 / 10] / 1e3, times_us[count - 1] / 1e3);
}

static void measure_fences(struct guest *guest, unsigned int count)
{
    double *times_us = g_new(double, count);
    for (unsigned int i = 0; i < count; i++) {
        gint64 start_us = g_get_monotonic_time();
        guest_submit(guest, 1, NULL, 0);
        times_us[i] = (double)(g_get_monotonic_time() - start_us);
    }
    print_times("fence of an empty submit", times_us, count);
    for (unsigned int i = 0; i < count; i++) {
        const float color[4] = {(float)i / (float)count, 0, 0, 1};
        gint64 start_us = g_get_monotonic_time();
        guest_clear(guest, 1, 2, color);
        times_us[i] = (double)(g_get_monotonic_time() - start_us);
    }
    print_times("fence of a clear of 256x256", times_us, count);
    g_free(times_us);
}

/* Start heavy drawing with a readback at its end, and time register accesses until it is done. */
static void measure_main_loop(struct guest *guest, unsigned int rounds)
{
    GArray *times_us = g_array_new(FALSE, FALSE, sizeof(double));
    double round_ms = 0;
    for (unsigned int round = 0; round < rounds; round++) {
        gint64 round_start_us = g_get_monotonic_time();
        struct guest_request request = {0};
        struct vgpu_wire_transfer_host_3d transfer = {
            .hdr = {.type = VGPU_CMD_TRANSFER_FROM_HOST_3D, .flags = VGPU_HDR_FLAG_FENCE,
                    .fence_id = 1000000 + round, .ctx_id = 1},
            .resource_id = 1, .box = {.w = TARGET_PX, .h = TARGET_PX, .d = 1},
        };
        const float color[4] = {0.25f, (float)round / (float)rounds, 0.5f, 1};
        for (unsigned int i = 0; i < CLEARS_PER_ROUND; i++)
            guest_clear(guest, 1, 1, color);
        guest_send(guest, 0, &request, &transfer, sizeof(transfer),
                   sizeof(struct vgpu_wire_ctrl_hdr));
        do {
            gint64 start_us = g_get_monotonic_time();
            guest_read_config(guest, 0);
            double took_us = (double)(g_get_monotonic_time() - start_us);
            g_array_append_val(times_us, took_us);
        } while (!guest_wait_ms(guest, 0, &request, 0));
        round_ms += (double)(g_get_monotonic_time() - round_start_us) / 1e3;
    }
    print_times("register access while drawing", (double *)(void *)times_us->data, times_us->len);
    printf("  %-34s mean   %8.3f ms\n", "clears and readback of 2048x2048", round_ms / rounds);
    g_array_free(times_us, TRUE);
}

static void measure(const char *name, unsigned int fences, unsigned int rounds)
{
    struct guest_options options = {.ram_mib = 128};
    printf("%s\n", name);
    struct guest *guest = guest_start(&options);
    guest_spin(guest, true);
    guest_create_context(guest, 1);
    guest_create_3d(guest, 1, VIRGL_BIND_RENDER_TARGET, TARGET_PX, TARGET_PX);
    guest_attach(guest, 1, TARGET_PX * TARGET_PX * 4, 1u << 20);
    guest_attach_to_context(guest, 1, 1);
    guest_create_3d(guest, 2, VIRGL_BIND_RENDER_TARGET, 256, 256);
    guest_attach_to_context(guest, 1, 2);
    measure_fences(guest, fences);
    measure_main_loop(guest, rounds);
    guest_stop(guest);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    unsigned int fences = argc > 1 ? (unsigned int)atoi(argv[1]) : 200;
    unsigned int rounds = argc > 2 ? (unsigned int)atoi(argv[2]) : 10;
    if (!g_getenv("QEMU_MODULE_DIR") || !fences || !rounds) {
        fprintf(stderr, "usage: QEMU_MODULE_DIR=... bench-latency [FENCES [ROUNDS]]\n");
        return 2;
    }
    g_unsetenv("STOCK_DEVICE");
    measure("Mantua", fences, rounds);
    g_setenv("STOCK_DEVICE", "1", TRUE);
    measure("stock QEMU", fences, rounds);
    return 0;
}
