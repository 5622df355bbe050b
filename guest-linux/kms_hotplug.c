/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kms.h"

/* The kernel's own announcements, before udev has seen them. */
#define KERNEL_GROUP 1

int kms_hotplug_open(void)
{
    const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP};
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

    if (fd < 0)
        return -errno;
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        int error = -errno;

        close(fd);
        return error;
    }
    return fd;
}

/* A message is a list of strings: "change@/devices/...", "SUBSYSTEM=drm", "HOTPLUG=1", ... */
bool kms_hotplug_read(int hotplug_fd)
{
    char message[4096];
    bool drm = false, hotplug = false;
    ssize_t bytes = recv(hotplug_fd, message, sizeof(message) - 1, 0);

    if (bytes <= 0)
        return false;
    message[bytes] = '\0';
    for (const char *line = message; line < message + bytes; line += strlen(line) + 1) {
        drm = drm || strcmp(line, "SUBSYSTEM=drm") == 0;
        hotplug = hotplug || strcmp(line, "HOTPLUG=1") == 0;
    }
    return drm && hotplug;
}
