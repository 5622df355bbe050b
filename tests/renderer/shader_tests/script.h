/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "shader_test.h"
#include "vgpu_winsys.h"

enum script_result { SCRIPT_PASS, SCRIPT_SKIP, SCRIPT_FAIL };

/* Runs the test in the winsys' context. Anything but PASS sets *message, which the caller frees:
 * the requirement that the host does not meet, or what went wrong in which line. */
enum script_result script_run(const struct shader_test *test, struct vgpu_winsys *winsys,
                              char **message);

#endif /* SCRIPT_H */
