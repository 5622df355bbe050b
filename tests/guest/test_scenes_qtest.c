/* SPDX-License-Identifier: MIT */
/* Every scene through virtqueues and the device in an unmodified QEMU, without a guest. */
#include "scene_check.h"
#include "winsys_qtest.h"

static struct guest *machine;

static struct vgpu_winsys *open_device(void)
{
    static const struct guest_options options = {.ram_mib = 128};

    if (!guest_available()) {
        g_test_skip("QEMU or the module is missing");
        return NULL;
    }
    if (!machine)
        machine = guest_start(&options);
    return winsys_qtest_open(machine);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    scene_check_add("/scenes/qtest", open_device);
    int status = g_test_run();

    if (machine)
        guest_stop(machine);
    return status;
}
