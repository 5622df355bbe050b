/* SPDX-License-Identifier: MIT */
#ifndef REPLAY_LIBRARY_H
#define REPLAY_LIBRARY_H

/* The functions of a libvirglrenderer.so.1 that replaying needs, loaded by path. */

#include <stdbool.h>

#include "virglrenderer.h"

#define REPLAY_FUNCTIONS(X)                                                                        \
    X(init)                                                                                        \
    X(cleanup)                                                                                     \
    X(poll)                                                                                        \
    X(context_create_with_flags)                                                                   \
    X(context_destroy)                                                                             \
    X(resource_create)                                                                             \
    X(resource_unref)                                                                              \
    X(resource_attach_iov)                                                                         \
    X(resource_detach_iov)                                                                         \
    X(ctx_attach_resource)                                                                         \
    X(ctx_detach_resource)                                                                         \
    X(transfer_read_iov)                                                                           \
    X(transfer_write_iov)                                                                          \
    X(submit_cmd)                                                                                  \
    X(create_fence)

struct replay_library {
#define MEMBER(name) __typeof__(&virgl_renderer_##name) name;
    REPLAY_FUNCTIONS(MEMBER)
#undef MEMBER
};

/* False with a message on standard error. The library is never unloaded. */
bool replay_library_load(struct replay_library *library, const char *path);

#endif
