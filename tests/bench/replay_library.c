/* SPDX-License-Identifier: MIT */
#include "replay_library.h"

#include <dlfcn.h>
#include <stdio.h>

bool replay_library_load(struct replay_library *library, const char *path)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

    if (!handle) {
        fprintf(stderr, "mantua-replay: %s\n", dlerror());
        return false;
    }
#define LOAD(name)                                                                                 \
    library->name =                                                                                \
        (__typeof__(library->name)) dlsym(handle, "virgl_renderer_" #name);                        \
    if (!library->name) {                                                                          \
        fprintf(stderr, "mantua-replay: %s has no virgl_renderer_%s\n", path, #name);              \
        return false;                                                                              \
    }
    REPLAY_FUNCTIONS(LOAD)
#undef LOAD
    return true;
}
