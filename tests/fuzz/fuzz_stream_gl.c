/* SPDX-License-Identifier: MIT */
/* Command streams on the GL back end, over whatever GL the surfaceless platform offers. */
#include <stdio.h>
#include <stdlib.h>

#include "front/backend.h"
#include "fuzz_stream_common.h"
#include "gl/device.h"
#include "winsys/winsys.h"

struct backend *fuzz_backend_create(struct log *log)
{
    struct winsys *ws = winsys_create_egl(
        &(struct winsys_egl_options){
            .platform = WINSYS_PLATFORM_SURFACELESS,
            .drm_fd = -1,
            .gles = getenv("FUZZ_GLES") != NULL,
        },
        log);
    struct backend *backend = ws ? gl_backend_create(ws, log, 0) : NULL;

    if (!backend) {
        /* No GL here: nothing to test. */
        fprintf(stderr, "no GL context\n");
        exit(77);
    }
    return backend;
}

void fuzz_backend_check(struct backend *backend)
{
}
