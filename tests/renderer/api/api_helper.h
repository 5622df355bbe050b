/* SPDX-License-Identifier: MIT */
#ifndef API_HELPER_H
#define API_HELPER_H

/*
 * What the tests of the public interface share. They see virglrenderer.h alone, as an embedder does.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "virglrenderer.h"

/* Numbers of the wire that embedders know. */
enum {
    TARGET_BUFFER = 0,
    TARGET_2D = 2,
    TARGET_3D = 3,
    TARGET_CUBE = 4,
    TARGET_2D_ARRAY = 7,
    BIND_SAMPLER_VIEW = 1 << 3,
    BIND_VERTEX_BUFFER = 1 << 4,
    BIND_CUSTOM = 1 << 17,
    BIND_STAGING = 1 << 19,
    FORMAT_B8G8R8A8 = 1,
    FORMAT_R8 = 64,
    FLAG_Y_0_TOP = 1,
    FLAG_MAP_PERSISTENT = 2,
    FLAG_MAP_COHERENT = 4,
};

struct box6 {
    uint32_t x, y, z, w, h, d;
};

/* What the callbacks have heard; mutex-protected inside. */
uint32_t heard_fence(void);
unsigned heard_fences(void);
uint64_t heard_context_fence(void);
bool heard_on_other_thread(void);
void forget_fences(void);
/* Block until a fence at least that new was heard; for threads that call back. */
void wait_fence(uint32_t fence);
void wait_context_fence(uint64_t fence);

/* Initialises with callbacks of this version that only listen; 0 or the error. */
int start_renderer(int version, int flags);
void stop_renderer(void);
extern int cookie;
struct virgl_renderer_callbacks *listening_callbacks(int version);

/* Resources of the tests. */
int make_buffer(uint32_t handle, uint32_t bind, uint32_t bytes);
int make_texture(uint32_t handle, uint32_t target, uint32_t format, uint32_t width,
                 uint32_t height, uint32_t depth, uint32_t layers, uint32_t last_level);
int write_box(uint32_t handle, uint32_t ctx, uint32_t level, struct box6 box, void *data,
              size_t bytes);
int read_box(uint32_t handle, uint32_t ctx, uint32_t level, struct box6 box, void *data,
             size_t bytes);

/* Calls every function with nothing, with unknown handles and with nonsense, expecting failure. */
void call_everything_badly(void);

#endif
