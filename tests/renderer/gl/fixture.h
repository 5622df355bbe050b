/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_TESTS_GL_FIXTURE_H
#define MANTUA_TESTS_GL_FIXTURE_H

/* The GL back end on a surfaceless EGL display, without the layers above it: tests make resources
 * and call the table's functions as core and front would. */

#include <glib.h>

#include "core/log.h"
#include "front/backend.h"
#include "gl/device.h"

struct fixture {
    struct log log;
    unsigned error_lines; /* of the log, since the last look */
    struct backend *backend;
    struct gl_device *dev;
    struct draw_state *state;
    struct backend_context *ctx;
};

enum fixture_host {
    HOST_GL,
    HOST_GLES,
    HOST_OLD_GL, /* as if the host had none of what came after GL 3.2 */
    HOST_COUNT,
};

/* Skips the test (and returns false) where the host has no such GL. */
bool fixture_init(struct fixture *fx, enum fixture_host host);
void fixture_finish(struct fixture *fx);

/* Fails the test when GL or the back end complained. */
void fixture_check(struct fixture *fx, const char *what);

/* NULL when the host refuses. */
struct resource *make_texture(struct fixture *fx, uint32_t target, uint32_t format, uint32_t width,
                              uint32_t height, uint32_t depth, uint32_t layers,
                              uint32_t last_level, uint32_t samples);
struct resource *make_buffer(struct fixture *fx, uint32_t bytes, uint32_t bind, uint32_t flags);
void free_resource(struct fixture *fx, struct resource *res);

/* Tight rows. */
void write_box(struct fixture *fx, struct resource *res, uint32_t level, const struct box *box,
               const void *data);
void read_box(struct fixture *fx, struct resource *res, uint32_t level, const struct box *box,
              void *data);
size_t box_bytes(const struct resource *res, const struct box *box);

/* Adds the test for desktop GL and for GLES: path is "/gl/..." or "/gles/...". */
void add_both(const char *name, void (*test)(struct fixture *fx));
/* And as "/old-gl/..." for a host with little more than GL 3.2. */
void add_all(const char *name, void (*test)(struct fixture *fx));

#endif
