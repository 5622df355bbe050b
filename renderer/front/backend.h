/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_FRONT_BACKEND_H
#define MANTUA_FRONT_BACKEND_H

/*
 * The table of functions between the validating front (and core) and a back end. All checks happen
 * above the table: handles are resolved, ranges, formats, boxes and lengths are checked, so a back
 * end may trust its arguments. A back end still reports what only it can know (out of memory, a
 * shader that the driver refuses) by its return values.
 *
 * All functions run on the renderer's thread, except those marked "any thread". A backend_context
 * is one sub-context. Functions that take one find it current (context_make_current()); functions
 * that take only the backend use whatever context is current, or the back end's own.
 *
 * Return values: 0 or a positive errno value unless said otherwise.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/resource.h"
#include "state.h"
#include "virgl_caps.h"

struct blob_plane;
struct log;
struct backend_ops;

/* What the front needs to know of the host to refuse bad arguments. Filled by the back end. */
struct backend_limits {
    uint32_t max_texture_2d_px, max_texture_3d_px, max_texture_cube_px, max_array_layers;
    uint32_t max_samples;
    uint64_t max_buffer_bytes;
    uint32_t max_viewports, max_render_targets, max_vertex_attribs;
    uint32_t max_constant_buffer_bytes;
    uint32_t ubo_offset_alignment_bytes, ssbo_offset_alignment_bytes;
    bool has_cube_arrays, has_indirect_draw, has_multi_draw_indirect, has_indirect_count;
    bool has_query_buffer, has_compute, has_tessellation, has_geometry;
    bool has_texture_views, has_layered_rendering;
    /* Buffers can live in memory of ours (struct resource, host_memory): blobs then have a
     * descriptor that others can map. */
    bool has_user_memory;
    /* bit n % 32 of word n / 32: format n can be created / sampled / rendered / multisampled */
    uint32_t format_supported[16], format_renderable[16], format_multisample[16];
    uint32_t format_vertex[16], format_image[16];
};

struct backend {
    const struct backend_ops *ops;
    struct log *log;
    uint32_t debug; /* enum debug_flag */
    struct backend_limits limits;
};

struct backend_context {
    struct backend *backend;
    struct draw_state *state; /* belongs to the front */
    uint32_t ctx_id, sub_ctx_id;
};

struct backend_fence; /* owned by the core, made and freed by the back end */

struct draw_indirect {
    struct resource *buffer;
    uint32_t offset_bytes, stride_bytes, draw_count;
    struct resource *count_buffer; /* NULL: draw_count is exact */
    uint32_t count_offset_bytes;
};

struct backend_ops {
    const char *name;

    void (*destroy)(struct backend *backend);

    /* Fills the capset (1 or 2). caps is zeroed before. */
    void (*fill_caps)(struct backend *backend, uint32_t capset_id, union virgl_caps *caps);

    /* contexts; ENOMEM or EIO when the host refuses */
    int (*context_create)(struct backend *backend, struct draw_state *state, uint32_t ctx_id,
                          uint32_t sub_ctx_id, struct backend_context **out);
    void (*context_destroy)(struct backend_context *ctx);
    /* Cheap when ctx is current already. NULL: the back end's own context. */
    int (*context_make_current)(struct backend *backend, struct backend_context *ctx);
    /* Comes before everything else when the library is entered: the embedder may have made another
     * context current on this thread. Makes one of the back end's current; cheap when it is. May be
     * NULL. */
    int (*enter)(struct backend *backend);
    /* The end of a submission: hand the commands to the host driver. */
    void (*context_flush)(struct backend_context *ctx);

    /* resources: storage BUFFER and TEXTURE only. Sets res->back. New storage reads as zero. */
    int (*resource_create)(struct backend *backend, struct resource *res);
    void (*resource_destroy)(struct backend *backend, struct resource *res);
    /* Moves texels or bytes; the transfer has passed transfer_check(). */
    int (*transfer_write)(struct backend *backend, struct resource *res,
                          const struct transfer *transfer);
    int (*transfer_read)(struct backend *backend, struct resource *res,
                         const struct transfer *transfer);
    /* Contents of a buffer or texture as the library's scanout functions want them.
     * out: tex name, fourcc, stride; see virgl_renderer_resource_get_info(). */
    int (*resource_get_info)(struct backend *backend, struct resource *res, uint32_t *tex_id,
                             int *drm_fourcc, uint32_t *stride_bytes);
    /* dma-buf export; *fd is the caller's. ENOTSUP where the host cannot. */
    int (*resource_export_dmabuf)(struct backend *backend, struct resource *res, int *fd,
                                  int *drm_fourcc, uint32_t *stride_bytes, uint32_t *offset_bytes,
                                  uint64_t *modifier);
    /* Persistent mapping of a buffer made with MAP_PERSISTENT/COHERENT. */
    int (*resource_map)(struct backend *backend, struct resource *res, void **map,
                        uint64_t *size_bytes, uint32_t *map_info);
    int (*resource_unmap)(struct backend *backend, struct resource *res);
    int (*resource_import_eglimage)(struct backend *backend, struct resource *res, void *image);
    /* Storage from a dma-buf (res->blob_fd) of res->desc. May be NULL: the host cannot. */
    int (*resource_import_dmabuf)(struct backend *backend, struct resource *res,
                                  uint64_t modifier, const struct blob_plane *planes,
                                  uint32_t plane_count);

    /* objects: base.back is the back end's to set. May defer all work to the first use. */
    int (*object_create)(struct backend_context *ctx, struct front_object *object);
    void (*object_destroy)(struct backend_context *ctx, struct front_object *object);

    /* rendering: reads ctx->state. An indexed draw begins at the index buffer's offset: its start
     * is not added to it. */
    int (*draw)(struct backend_context *ctx, const struct virgl_cmd_draw_vbo *draw,
                const struct draw_indirect *indirect /* NULL: direct */,
                struct front_streamout_target *count_from /* NULL: draw->count */);
    int (*launch_grid)(struct backend_context *ctx, const struct virgl_cmd_launch_grid *grid,
                       struct resource *indirect);
    void (*clear)(struct backend_context *ctx, uint32_t buffers, const uint32_t color[4],
                  double depth, uint32_t stencil);
    void (*clear_surface)(struct backend_context *ctx, const struct virgl_cmd_clear_surface *cmd,
                          struct front_surface *surface);
    void (*clear_texture)(struct backend_context *ctx, struct resource *res, uint32_t level,
                          const struct box *box, const uint32_t data[4]);
    void (*blit)(struct backend_context *ctx, const struct virgl_cmd_blit *blit,
                 struct resource *dst, struct resource *src);
    void (*resource_copy_region)(struct backend_context *ctx, struct resource *dst,
                                 uint32_t dst_level, uint32_t dst_x, uint32_t dst_y,
                                 uint32_t dst_z, struct resource *src, uint32_t src_level,
                                 const struct box *src_box);
    void (*link_shader)(struct backend_context *ctx, struct front_shader *shaders[STAGE_COUNT]);

    /* queries */
    int (*query_begin)(struct backend_context *ctx, struct front_query *query);
    int (*query_end)(struct backend_context *ctx, struct front_query *query);
    /* True when the result is there; blocks for it when wait is set. */
    bool (*query_result)(struct backend_context *ctx, struct front_query *query, bool wait,
                         uint64_t *result);
    int (*query_result_to_buffer)(struct backend_context *ctx, struct front_query *query,
                                  struct resource *buffer, bool wait, uint32_t result_type,
                                  uint32_t offset_bytes, int32_t index);

    void (*memory_barrier)(struct backend_context *ctx, uint32_t flags);
    void (*texture_barrier)(struct backend_context *ctx, uint32_t flags);
    void (*string_marker)(struct backend_context *ctx, const char *text, uint32_t text_bytes);
    void (*set_tweak)(struct backend_context *ctx, uint32_t id, uint32_t value);
    /* KiB; total, available, and the same for staging, evicted, evictions */
    bool (*memory_info)(struct backend *backend, uint32_t info[6]);
    /* Has the host GL context been lost or reset? */
    bool (*context_lost)(struct backend_context *ctx);

    /* fences: passes when all work submitted so far by ctx (NULL: by everyone) is done */
    int (*fence_create)(struct backend *backend, struct backend_context *ctx,
                        struct backend_fence **out);
    /* any thread that has called fence_thread_begin, or the renderer's: true when passed;
     * waits at most timeout_ns */
    bool (*fence_wait)(struct backend *backend, struct backend_fence *fence, uint64_t timeout_ns);
    void (*fence_destroy)(struct backend *backend, struct backend_fence *fence);
    /* A sync file for the fence, the caller's, in *fd. May be NULL: the host has none. */
    int (*fence_export)(struct backend *backend, struct backend_fence *fence, int *fd);
    /* Later work of ctx waits on the GPU for the fence, or for a sync file that stays the
     * caller's. May be NULL: the core then waits on the CPU. */
    int (*fence_server_wait)(struct backend_context *ctx, struct backend_fence *fence);
    int (*sync_file_server_wait)(struct backend_context *ctx, int fd);
    /* Makes a context current on a thread that only waits for fences. false: cannot (then the
     * core polls on the renderer's thread). fence_thread_prepare runs before on the renderer's. */
    bool (*fence_thread_prepare)(struct backend *backend);
    bool (*fence_thread_begin)(struct backend *backend);
    void (*fence_thread_end)(struct backend *backend);
};

#endif
