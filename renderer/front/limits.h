/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_FRONT_LIMITS_H
#define MANTUA_FRONT_LIMITS_H

/*
 * How much host memory and how many host objects one virgl context may hold. A command that would
 * go beyond a limit puts its context into the error state; nothing is allocated first.
 *
 * Memory counts what the front keeps (objects, shader text, constants) plus an estimate for what
 * the back end keeps for an object or a context. The core counts it again, together with
 * resources, for the whole renderer.
 */

#include <stdint.h>

struct front_limits {
    uint32_t sub_contexts;
    uint32_t objects; /* over all sub-contexts */
    uint32_t attached_resources;
    uint32_t unclaimed_blobs; /* PIPE_RESOURCE_CREATE without its blob resource yet */
    uint32_t pending_queries; /* results asked for before they are there */
    uint64_t memory_bytes;
    uint32_t shader_text_bytes; /* one shader */
};

#define FRONT_LIMITS_DEFAULT                                                                       \
    {                                                                                              \
        .sub_contexts = 256, .objects = 1u << 20, .attached_resources = 1u << 20,                  \
        .unclaimed_blobs = 4096, .pending_queries = 65536, .memory_bytes = 1ull << 30,             \
        .shader_text_bytes = 16u << 20,                                                            \
    }

/* The estimate of a back end's own memory per object, and per sub-context that has drawn. */
enum {
    FRONT_BACK_OBJECT_BYTES = 256,
    FRONT_BACK_CONTEXT_BYTES = 2 << 20,
    /* A parsed shader takes several times its text; GLSL and the driver's program come on top. */
    FRONT_SHADER_BYTES_PER_TEXT_BYTE = 16,
};

#endif
