/* SPDX-License-Identifier: MIT */
#ifndef FRONT_FIXTURE_H
#define FRONT_FIXTURE_H

/*
 * A renderer on the null back end whose calls are recorded, with one context (number 1), and an
 * encoder for the next submission.
 */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "core/debug.h"
#include "core/log.h"
#include "core/renderer.h"
#include "core/resource.h"
#include "front/backend.h"
#include "front/context.h"
#include "front/state.h"
#include "null/null.h"
#include "virgl_encode.h"
#include "virgl_formats.h"
#include "virgl_unpack.h"

enum {
    CTX = 1,
    STREAM_DWORDS = 1 << 18,
};

/* What the back end was told. */
struct record {
    uint32_t draws, grids, clears, surface_clears, texture_clears, blits, copies, links, barriers;
    uint32_t texture_barriers, markers, tweaks, flushes, make_currents;
    uint32_t objects_created, objects_destroyed, queries_begun, queries_ended, query_buffers;
    uint32_t transfers_written, transfers_read;

    struct backend_context *ctx; /* of the last call that had one */
    uint32_t dirty;              /* state->dirty when the last draw arrived */
    struct virgl_cmd_draw_vbo draw;
    struct draw_indirect indirect;
    bool was_indirect;
    struct front_streamout_target *count_from;
    uint32_t clear_buffers;
    struct virgl_cmd_clear_surface clear_surface;
    struct box box;
    struct front_shader *linked[STAGE_COUNT];
    char marker[64];
    uint32_t tweak_id, tweak_value, barrier_flags;

    /* What it answers. */
    int object_error, draw_error, grid_error, transfer_error, context_error;
    bool query_ready;
    uint64_t query_result;
    uint32_t memory_kib[6];
    bool has_memory_info;
};

struct fixture {
    struct log log;
    GString *lines;
    uint32_t line_count;
    struct backend *backend;
    struct backend_ops ops;
    const struct backend_ops *null_ops;
    struct renderer *renderer;
    struct front_context *ctx;
    struct virgl_encoder enc;
    uint32_t *dwords;
    struct record rec;
    GPtrArray *allocations;
};

void fixture_setup(struct fixture *f, gconstpointer data);
void fixture_teardown(struct fixture *f, gconstpointer data);

/* A test on a fresh fixture. */
#define FRONT_TEST(path, function)                                                                 \
    g_test_add(path, struct fixture, NULL, fixture_setup, function, fixture_teardown)

/* Appends a command or an object to the next submission. */
#define EMIT(f, stem, ...)                                                                         \
    g_assert_true(                                                                                 \
        virgl_encode_cmd_##stem(&(f)->enc, &(const struct virgl_cmd_##stem){ __VA_ARGS__ }))
#define EMIT_OBJECT(f, stem, ...)                                                                  \
    g_assert_true(                                                                                 \
        virgl_encode_obj_##stem(&(f)->enc, &(const struct virgl_obj_##stem){ __VA_ARGS__ }))
#define EMIT_BIND(f, TYPE, number)                                                                 \
    g_assert_true(virgl_encode_cmd_bind_object(                                                    \
        &(f)->enc, &(const struct virgl_cmd_bind_object){ .handle = (number) },                    \
        VIRGL_OBJECT_TYPE_##TYPE))
#define EMIT_DESTROY(f, number)                                                                    \
    g_assert_true(virgl_encode_cmd_destroy_object(                                                 \
        &(f)->enc, &(const struct virgl_cmd_destroy_object){ .handle = (number) }, 0))
/* Arbitrary dwords after a header. */
#define EMIT_RAW(f, command, object_type, ...)                                                     \
    do {                                                                                           \
        const uint32_t payload_[] = { __VA_ARGS__ };                                               \
        emit_raw(f, command, object_type, payload_, G_N_ELEMENTS(payload_));                       \
    } while (0)
void emit_raw(struct fixture *f, uint32_t command, uint32_t object_type, const uint32_t *payload,
              uint32_t dwords);

/* Submits what was emitted, and starts a new submission. */
int submit(struct fixture *f);
#define SUBMIT_OK(f) g_assert_cmpint(submit(f), ==, 0)

/* The submission must fail with this context error and name the field in one log line; the context
 * is then made anew with every resource attached. */
void expect_error(struct fixture *f, uint32_t error, const char *field);
#define EXPECT_ERROR(f, NAME, field) expect_error(f, VIRGL_CTX_ERROR_##NAME, field)

void renew_context(struct fixture *f);

/* Resources, attached to the context. */
struct resource *make_resource(struct fixture *f, uint32_t id, const struct resource_desc *desc);
struct resource *make_buffer(struct fixture *f, uint32_t id, uint32_t bind, uint32_t bytes);
struct resource *make_texture(struct fixture *f, uint32_t id, uint32_t width_px,
                              uint32_t height_px);
/* Guest pages in pieces of piece_bytes; returns one flat view when there is one piece. */
uint8_t *give_pages(struct fixture *f, uint32_t res_id, uint32_t bytes, uint32_t piece_bytes);

/* The state of the context's current sub-context. */
struct draw_state *current_state(struct fixture *f);

extern const char vertex_text[], fragment_text[], compute_text[], geometry_text[], tes_text[];
void emit_shader(struct fixture *f, uint32_t handle, uint32_t stage, const char *text);
/* Vertex and fragment shader 101 and 102, made and bound. */
void bind_shaders(struct fixture *f);

#endif
