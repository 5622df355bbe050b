/* SPDX-License-Identifier: MIT */
#ifndef WINSYS_QTEST_H
#define WINSYS_QTEST_H

#include "guest.h"
#include "vgpu_winsys.h"

/* Drives the virtqueues of a machine without an operating system. The machine is the caller's and
 * must outlive the winsys; destroy() gives its memory back. One winsys per machine at a time. */
struct vgpu_winsys *winsys_qtest_open(struct guest *guest);

#endif /* WINSYS_QTEST_H */
