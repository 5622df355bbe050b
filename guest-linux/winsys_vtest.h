/* SPDX-License-Identifier: MIT */
#ifndef WINSYS_VTEST_H
#define WINSYS_VTEST_H

#include "vgpu_winsys.h"

#define VTEST_DEFAULT_SOCKET "/tmp/.virgl_test"

/* Connects to a vtest server. `max_version` bounds the protocol version to agree on: 2, or 3 for
 * blobs. Transfers, submissions and waits go over the socket; guest memory is shared with the
 * server. Returns 0 or a negative errno value. */
int winsys_vtest_open(const char *socket_path, unsigned max_version, struct vgpu_winsys **winsys);

#endif /* WINSYS_VTEST_H */
