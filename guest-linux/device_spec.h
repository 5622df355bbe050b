/* SPDX-License-Identifier: MIT */
#ifndef DEVICE_SPEC_H
#define DEVICE_SPEC_H

#include "vgpu_winsys.h"

/* For the help text of every program that takes --device. */
#define DEVICE_SPEC_HELP                                                                           \
    "  -d, --device=SPEC  how to reach the device (default: the first virtio-gpu):\n"              \
    "                       drm               the first virtio-gpu of this machine\n"              \
    "                       drm:PATH          this node, such as /dev/dri/card0\n"                 \
    "                       vtest[:SOCKET]    a vtest server\n"

/* Opens what SPEC names; NULL: "drm". On failure prints, on stderr, what went wrong and what to do
 * about it, and returns NULL. */
struct vgpu_winsys *device_spec_open(const char *program, const char *spec);

/* The same, and everything that is sent is also written to the file `record` when that is not
 * NULL. */
struct vgpu_winsys *device_spec_open_recorded(const char *program, const char *spec,
                                              const char *record);

/* Ends the connection; false after a message when the recording could not be written. */
bool device_spec_close(const char *program, struct vgpu_winsys *winsys, const char *record);

#endif /* DEVICE_SPEC_H */
