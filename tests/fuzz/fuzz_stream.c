/* SPDX-License-Identifier: MIT */
/* Command streams on the back end without a GPU. */
#include <stdlib.h>

#include "front/backend.h"
#include "fuzz_stream_common.h"
#include "null/null.h"

struct backend *fuzz_backend_create(struct log *log)
{
    return null_backend_create(log, 0);
}

void fuzz_backend_check(struct backend *backend)
{
    const struct null_counts *counts = null_backend_counts(backend);

    if (counts->contexts || counts->objects || counts->resources)
        abort();
}
