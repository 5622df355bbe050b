/* SPDX-License-Identifier: MIT */
#ifndef WINSYS_RECORD_H
#define WINSYS_RECORD_H

#include "vgpu_winsys.h"

/* A connection that passes everything on to `inner` and writes it to a file: resources, changes of
 * their guest memory, transfers and streams. It owns `inner` from now on, also when it fails.
 * Returns 0 or a negative errno value. */
int winsys_record_open(const char *path, struct vgpu_winsys *inner, struct vgpu_winsys **winsys);

/* Whether everything has been written. */
bool winsys_record_ok(const struct vgpu_winsys *winsys);

#endif /* WINSYS_RECORD_H */
