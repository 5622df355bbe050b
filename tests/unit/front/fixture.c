/* SPDX-License-Identifier: MIT */
#include "fixture.h"

static struct fixture *current;

/* ---- the recording back end ---- */

static int rec_context_create(struct backend *backend, struct draw_state *state, uint32_t ctx_id,
                              uint32_t sub_ctx_id, struct backend_context **out)
{
    if (current->rec.context_error)
        return current->rec.context_error;
    return current->null_ops->context_create(backend, state, ctx_id, sub_ctx_id, out);
}

static int rec_make_current(struct backend *backend, struct backend_context *ctx)
{
    current->rec.make_currents++;
    current->rec.ctx = ctx;
    return current->null_ops->context_make_current(backend, ctx);
}

static void rec_flush(struct backend_context *ctx)
{
    current->rec.flushes++;
    current->rec.ctx = ctx;
}

static int rec_transfer_write(struct backend *backend, struct resource *res,
                              const struct transfer *transfer)
{
    current->rec.transfers_written++;
    if (current->rec.transfer_error)
        return current->rec.transfer_error;
    return current->null_ops->transfer_write(backend, res, transfer);
}

static int rec_transfer_read(struct backend *backend, struct resource *res,
                             const struct transfer *transfer)
{
    current->rec.transfers_read++;
    if (current->rec.transfer_error)
        return current->rec.transfer_error;
    return current->null_ops->transfer_read(backend, res, transfer);
}

static int rec_object_create(struct backend_context *ctx, struct front_object *object)
{
    g_assert_cmpuint(object->serial, !=, 0);
    if (current->rec.object_error)
        return current->rec.object_error;
    current->rec.objects_created++;
    return current->null_ops->object_create(ctx, object);
}

static void rec_object_destroy(struct backend_context *ctx, struct front_object *object)
{
    current->rec.objects_destroyed++;
    current->null_ops->object_destroy(ctx, object);
}

static int rec_draw(struct backend_context *ctx, const struct virgl_cmd_draw_vbo *draw,
                    const struct draw_indirect *indirect, struct front_streamout_target *count_from)
{
    current->rec.draws++;
    current->rec.ctx = ctx;
    current->rec.dirty = ctx->state->dirty;
    current->rec.draw = *draw;
    current->rec.was_indirect = indirect != NULL;
    if (indirect)
        current->rec.indirect = *indirect;
    current->rec.count_from = count_from;
    if (current->rec.draw_error)
        return current->rec.draw_error;
    return current->null_ops->draw(ctx, draw, indirect, count_from);
}

static int rec_launch_grid(struct backend_context *ctx, const struct virgl_cmd_launch_grid *grid,
                           struct resource *indirect)
{
    current->rec.grids++;
    current->rec.was_indirect = indirect != NULL;
    return current->rec.grid_error;
}

static void rec_clear(struct backend_context *ctx, uint32_t buffers, const uint32_t color[4],
                      double depth, uint32_t stencil)
{
    current->rec.clears++;
    current->rec.clear_buffers = buffers;
}

static void rec_clear_surface(struct backend_context *ctx,
                              const struct virgl_cmd_clear_surface *cmd,
                              struct front_surface *surface)
{
    current->rec.surface_clears++;
    current->rec.clear_surface = *cmd;
}

static void rec_clear_texture(struct backend_context *ctx, struct resource *res, uint32_t level,
                              const struct box *box, const uint32_t data[4])
{
    current->rec.texture_clears++;
    current->rec.box = *box;
    current->null_ops->clear_texture(ctx, res, level, box, data);
}

static void rec_blit(struct backend_context *ctx, const struct virgl_cmd_blit *blit,
                     struct resource *dst, struct resource *src)
{
    current->rec.blits++;
}

static void rec_copy(struct backend_context *ctx, struct resource *dst, uint32_t dst_level,
                     uint32_t dst_x, uint32_t dst_y, uint32_t dst_z, struct resource *src,
                     uint32_t src_level, const struct box *src_box)
{
    current->rec.copies++;
    current->null_ops->resource_copy_region(ctx, dst, dst_level, dst_x, dst_y, dst_z, src,
                                            src_level, src_box);
}

static void rec_link(struct backend_context *ctx, struct front_shader *shaders[STAGE_COUNT])
{
    current->rec.links++;
    memcpy(current->rec.linked, shaders, sizeof(current->rec.linked));
}

static int rec_query_begin(struct backend_context *ctx, struct front_query *query)
{
    current->rec.queries_begun++;
    return 0;
}

static int rec_query_end(struct backend_context *ctx, struct front_query *query)
{
    current->rec.queries_ended++;
    return 0;
}

static bool rec_query_result(struct backend_context *ctx, struct front_query *query, bool wait,
                             uint64_t *result)
{
    *result = current->rec.query_result;
    return current->rec.query_ready || wait;
}

static int rec_query_to_buffer(struct backend_context *ctx, struct front_query *query,
                               struct resource *buffer, bool wait, uint32_t result_type,
                               uint32_t offset_bytes, int32_t index)
{
    current->rec.query_buffers++;
    return 0;
}

static void rec_memory_barrier(struct backend_context *ctx, uint32_t flags)
{
    current->rec.barriers++;
    current->rec.barrier_flags = flags;
}

static void rec_texture_barrier(struct backend_context *ctx, uint32_t flags)
{
    current->rec.texture_barriers++;
    current->rec.barrier_flags = flags;
}

static void rec_string_marker(struct backend_context *ctx, const char *text, uint32_t text_bytes)
{
    current->rec.markers++;
    text_bytes = MIN(text_bytes, sizeof(current->rec.marker) - 1);
    memcpy(current->rec.marker, text, text_bytes);
    current->rec.marker[text_bytes] = '\0';
}

static void rec_set_tweak(struct backend_context *ctx, uint32_t id, uint32_t value)
{
    current->rec.tweaks++;
    current->rec.tweak_id = id;
    current->rec.tweak_value = value;
}

static bool rec_memory_info(struct backend *backend, uint32_t info[6])
{
    memcpy(info, current->rec.memory_kib, sizeof(current->rec.memory_kib));
    return current->rec.has_memory_info;
}

static void record_ops(struct fixture *f)
{
    f->null_ops = f->backend->ops;
    f->ops = *f->null_ops;
    f->ops.context_create = rec_context_create;
    f->ops.context_make_current = rec_make_current;
    f->ops.context_flush = rec_flush;
    f->ops.transfer_write = rec_transfer_write;
    f->ops.transfer_read = rec_transfer_read;
    f->ops.object_create = rec_object_create;
    f->ops.object_destroy = rec_object_destroy;
    f->ops.draw = rec_draw;
    f->ops.launch_grid = rec_launch_grid;
    f->ops.clear = rec_clear;
    f->ops.clear_surface = rec_clear_surface;
    f->ops.clear_texture = rec_clear_texture;
    f->ops.blit = rec_blit;
    f->ops.resource_copy_region = rec_copy;
    f->ops.link_shader = rec_link;
    f->ops.query_begin = rec_query_begin;
    f->ops.query_end = rec_query_end;
    f->ops.query_result = rec_query_result;
    f->ops.query_result_to_buffer = rec_query_to_buffer;
    f->ops.memory_barrier = rec_memory_barrier;
    f->ops.texture_barrier = rec_texture_barrier;
    f->ops.string_marker = rec_string_marker;
    f->ops.set_tweak = rec_set_tweak;
    f->ops.memory_info = rec_memory_info;
    f->backend->ops = &f->ops;
}

/* ---- set-up ---- */

static void collect_line(void *user, enum log_level level, const char *line)
{
    struct fixture *f = user;

    g_string_append(f->lines, line);
    g_string_append_c(f->lines, '\n');
    f->line_count++;
}

static void ignore_fence(void *user, uint32_t fence_id)
{
}

static void ignore_context_fence(void *user, uint32_t ctx_id, uint32_t ring_idx, uint64_t fence_id)
{
}

void fixture_setup(struct fixture *f, gconstpointer data)
{
    memset(f, 0, sizeof(*f));
    current = f;
    f->lines = g_string_new(NULL);
    log_init(&f->log);
    f->log.write = collect_line;
    f->log.user = f;
    f->log.threshold = LOG_LEVEL_DEBUG;
    f->allocations = g_ptr_array_new_with_free_func(g_free);
    f->dwords = g_new(uint32_t, STREAM_DWORDS);
    virgl_encoder_init(&f->enc, f->dwords, STREAM_DWORDS);

    f->backend = null_backend_create(&f->log, 0);
    g_assert_nonnull(f->backend);
    record_ops(f);
    f->renderer = renderer_create(&(struct renderer_options){
        .backend = f->backend,
        .log = &f->log,
        .callbacks = { .fence = ignore_fence, .context_fence = ignore_context_fence },
    });
    g_assert_nonnull(f->renderer);
    renew_context(f);
}

void fixture_teardown(struct fixture *f, gconstpointer data)
{
    const struct null_counts *counts = null_backend_counts(f->backend);

    renderer_reset(f->renderer);
    /* Whatever a test did, nothing may be left over. */
    g_assert_cmpuint(counts->contexts, ==, 0);
    g_assert_cmpuint(counts->objects, ==, 0);
    g_assert_cmpuint(counts->resources, ==, 0);
    g_assert_cmpuint(f->renderer->memory_used_bytes, ==, 0);
    renderer_destroy(f->renderer);
    g_ptr_array_unref(f->allocations);
    g_free(f->dwords);
    g_string_free(f->lines, TRUE);
    current = NULL;
}

void renew_context(struct fixture *f)
{
    struct resource *res;
    uint32_t cursor = 0;

    if (f->ctx)
        renderer_context_destroy(f->renderer, CTX);
    g_assert_cmpint(renderer_context_create(f->renderer, CTX, 2, "test", 4), ==, 0);
    f->ctx = renderer_context(f->renderer, CTX);
    while ((res = id_table_next(&f->renderer->resources, &cursor)) != NULL)
        g_assert_cmpint(front_context_attach_resource(f->ctx, res), ==, 0);
}

/* ---- streams ---- */

void emit_raw(struct fixture *f, uint32_t command, uint32_t object_type, const uint32_t *payload,
              uint32_t dwords)
{
    uint32_t *to = virgl_encoder_command(&f->enc, command, object_type, dwords);

    g_assert_nonnull(to);
    if (dwords)
        memcpy(to, payload, 4 * dwords);
}

int submit(struct fixture *f)
{
    /* An allocation of exactly the right size lets a sanitizer see every read behind the end. */
    uint32_t *exact = g_memdup2(f->dwords, 4 * f->enc.used_dwords);
    int error;

    g_assert_true(virgl_encoder_ok(&f->enc));
    error = renderer_submit(f->renderer, CTX, exact, (uint32_t)f->enc.used_dwords);
    g_free(exact);
    virgl_encoder_reset(&f->enc);
    return error;
}

void expect_error(struct fixture *f, uint32_t error, const char *field)
{
    g_autofree char *in_line = g_strdup_printf(": %s: ", field);
    const uint32_t lines_before = f->line_count;

    /* The log forgets its rate limit, so that every mistake of a test is seen. */
    f->log.window_count = 0;
    g_string_truncate(f->lines, 0);
    g_assert_cmpint(submit(f), ==, EINVAL);
    g_assert_cmpstr(virgl_ctx_error_name(front_context_error(f->ctx)), ==,
                    virgl_ctx_error_name(error));
    g_assert_cmpuint(f->line_count, ==, lines_before + 1);
    if (!strstr(f->lines->str, in_line))
        g_error("no \"%s\" in: %s", in_line, f->lines->str);
    g_assert_nonnull(strstr(f->lines->str, "context 1 (test): "));

    /* The context stays refused. */
    EMIT(f, nop, 0);
    g_assert_cmpint(submit(f), ==, EINVAL);
    renew_context(f);
}

/* ---- resources ---- */

struct resource *make_resource(struct fixture *f, uint32_t id, const struct resource_desc *desc)
{
    struct resource *res = NULL;

    g_assert_cmpint(renderer_resource_create(f->renderer, id, desc, &res), ==, 0);
    renderer_context_attach(f->renderer, CTX, id);
    return res;
}

struct resource *make_buffer(struct fixture *f, uint32_t id, uint32_t bind, uint32_t bytes)
{
    return make_resource(f, id, &(struct resource_desc){
                                    .target = VIRGL_TEXTURE_TARGET_BUFFER,
                                    .format = VIRGL_FORMAT_R8_UNORM,
                                    .bind = bind,
                                    .width = bytes,
                                    .height = 1,
                                    .depth = 1,
                                    .array_size = 1,
                                });
}

struct resource *make_texture(struct fixture *f, uint32_t id, uint32_t width_px,
                              uint32_t height_px)
{
    return make_resource(f, id, &(struct resource_desc){
                                    .target = VIRGL_TEXTURE_TARGET_2D,
                                    .format = VIRGL_FORMAT_R8G8B8A8_UNORM,
                                    .bind = VIRGL_BIND_SAMPLER_VIEW | VIRGL_BIND_RENDER_TARGET,
                                    .width = width_px,
                                    .height = height_px,
                                    .depth = 1,
                                    .array_size = 1,
                                });
}

uint8_t *give_pages(struct fixture *f, uint32_t res_id, uint32_t bytes, uint32_t piece_bytes)
{
    const uint32_t pieces = (bytes + piece_bytes - 1) / piece_bytes;
    struct iovec *iov = g_new0(struct iovec, pieces);

    g_ptr_array_add(f->allocations, iov);
    for (uint32_t i = 0; i < pieces; i++) {
        iov[i].iov_len = MIN(piece_bytes, bytes - i * piece_bytes);
        iov[i].iov_base = g_malloc0(iov[i].iov_len);
        g_ptr_array_add(f->allocations, iov[i].iov_base);
    }
    g_assert_cmpint(resource_attach_iov(renderer_resource(f->renderer, res_id), iov, pieces), ==,
                    0);
    return iov[0].iov_base;
}

struct draw_state *current_state(struct fixture *f)
{
    g_assert_nonnull(front_context_backend(f->ctx));
    return front_context_backend(f->ctx)->state;
}

/* ---- shaders ---- */

const char vertex_text[] = "VERT\n"
                           "DCL IN[0]\n"
                           "DCL OUT[0], POSITION\n"
                           "  0: MOV OUT[0], IN[0]\n"
                           "  1: END\n";
const char fragment_text[] = "FRAG\n"
                             "DCL OUT[0], COLOR\n"
                             "IMM[0] FLT32 {0.0, 1.0, 0.0, 1.0}\n"
                             "  0: MOV OUT[0], IMM[0]\n"
                             "  1: END\n";
const char compute_text[] = "COMP\n"
                            "PROPERTY CS_FIXED_BLOCK_WIDTH 1\n"
                            "PROPERTY CS_FIXED_BLOCK_HEIGHT 1\n"
                            "PROPERTY CS_FIXED_BLOCK_DEPTH 1\n"
                            "  0: END\n";
const char geometry_text[] = "GEOM\n"
                             "PROPERTY GS_INPUT_PRIMITIVE TRIANGLES\n"
                             "PROPERTY GS_OUTPUT_PRIMITIVE TRIANGLE_STRIP\n"
                             "PROPERTY GS_MAX_OUTPUT_VERTICES 3\n"
                             "DCL IN[][0], POSITION\n"
                             "DCL OUT[0], POSITION\n"
                             "IMM[0] UINT32 {0, 0, 0, 0}\n"
                             "  0: MOV OUT[0], IN[0][0]\n"
                             "  1: EMIT IMM[0].xxxx\n"
                             "  2: END\n";
const char tes_text[] = "TESS_EVAL\n"
                        "PROPERTY TES_PRIM_MODE 4\n"
                        "DCL IN[][0], POSITION\n"
                        "DCL OUT[0], POSITION\n"
                        "  0: MOV OUT[0], IN[0][0]\n"
                        "  1: END\n";

void emit_shader(struct fixture *f, uint32_t handle, uint32_t stage, const char *text)
{
    const uint32_t bytes = (uint32_t)strlen(text) + 1;
    g_autofree uint32_t *words = g_new0(uint32_t, (bytes + 3) / 4);

    memcpy(words, text, bytes);
    EMIT_OBJECT(f, shader, .handle = handle, .stage = stage, .offlen_value = bytes,
                .num_tokens = 100, .text = words, .text_dwords = (bytes + 3) / 4);
}

void bind_shaders(struct fixture *f)
{
    emit_shader(f, 101, VIRGL_SHADER_STAGE_VERTEX, vertex_text);
    emit_shader(f, 102, VIRGL_SHADER_STAGE_FRAGMENT, fragment_text);
    EMIT(f, bind_shader, .shader = 101, .stage = VIRGL_SHADER_STAGE_VERTEX);
    EMIT(f, bind_shader, .shader = 102, .stage = VIRGL_SHADER_STAGE_FRAGMENT);
}
