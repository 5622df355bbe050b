/* SPDX-License-Identifier: MIT */
#include "fake_renderer.h"

#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "virgl_protocol.h"
#include "virglrenderer.h"

#define CAPSET1_BYTES 308u
#define MAX_TOTAL_BYTES (1u << 26) /* of all resources together */

struct virgl_box {
    uint32_t x, y, z, width, height, depth;
};

struct fake_resource {
    uint8_t *data;
    uint64_t bytes;
    uint32_t texel_bytes;
    struct iovec *iov;
    int iov_count;
};

struct fake_fence {
    uint32_t ctx_id; /* 0: of virgl_renderer_create_fence() */
    uint32_t ring_idx;
    uint64_t id;
};

struct fake_renderer fake_renderer;
static GHashTable *resources;
static GHashTable *contexts;
static GArray *fences;
static struct virgl_renderer_callbacks *callbacks;
static void *callback_cookie;
static unsigned passed_fences;
static uint64_t total_bytes;

static void free_resource(void *value)
{
    struct fake_resource *resource = value;

    total_bytes -= resource->bytes;
    g_free(resource->data);
    g_free(resource);
    fake_renderer.resources--;
}

void fake_renderer_reset(void)
{
    if (!resources) {
        resources = g_hash_table_new_full(NULL, NULL, NULL, free_resource);
        contexts = g_hash_table_new(NULL, NULL);
        fences = g_array_new(FALSE, FALSE, sizeof(struct fake_fence));
    }
    g_assert_cmpuint(g_hash_table_size(resources), ==, 0);
    g_assert_cmpuint(g_hash_table_size(contexts), ==, 0);
    g_array_set_size(fences, 0);
    passed_fences = 0;
    fake_renderer = (struct fake_renderer) {.capset2_bytes = 1024};
}

void fake_renderer_pass_fences(void)
{
    passed_fences = fences->len;
}

int virgl_renderer_init(void *cookie, int flags, struct virgl_renderer_callbacks *cb)
{
    callback_cookie = cookie;
    callbacks = cb;
    return fake_renderer.init_result;
}

void virgl_renderer_cleanup(void *cookie)
{
    callbacks = NULL;
}

void virgl_set_log_callback(virgl_log_callback_type cb, void *user_data,
                            virgl_free_data_callback_type free_user_data)
{
}

int virgl_renderer_get_poll_fd(void)
{
    return -1;
}

void virgl_renderer_poll(void)
{
    if (!fake_renderer.hold_fences) {
        fake_renderer_pass_fences();
    }
    while (passed_fences > 0) {
        struct fake_fence fence = g_array_index(fences, struct fake_fence, 0);

        g_array_remove_index(fences, 0);
        passed_fences--;
        if (fence.ctx_id) {
            callbacks->write_context_fence(callback_cookie, fence.ctx_id, fence.ring_idx, fence.id);
        } else {
            callbacks->write_fence(callback_cookie, (uint32_t) fence.id);
        }
    }
}

void virgl_renderer_context_poll(uint32_t ctx_id)
{
    virgl_renderer_poll();
}

int virgl_renderer_context_get_poll_fd(uint32_t ctx_id)
{
    return -1;
}

static int add_fence(uint32_t ctx_id, uint32_t ring_idx, uint64_t id)
{
    struct fake_fence fence = {ctx_id, ring_idx, id};

    g_array_append_val(fences, fence);
    fake_renderer.fences++;
    return 0;
}

int virgl_renderer_create_fence(int client_fence_id, uint32_t ctx_id)
{
    return add_fence(0, 0, (uint32_t) client_fence_id);
}

int virgl_renderer_context_create_fence(uint32_t ctx_id, uint32_t flags, uint32_t ring_idx,
                                        uint64_t fence_id)
{
    return ring_idx == 63 ? -EINVAL : add_fence(ctx_id, ring_idx, fence_id);
}

int virgl_renderer_context_create_with_flags(uint32_t ctx_id, uint32_t ctx_flags, uint32_t nlen,
                                             const char *name)
{
    if (ctx_flags != 1 && ctx_flags != 2) {
        return EINVAL;
    }
    g_assert_true(g_hash_table_add(contexts, GUINT_TO_POINTER(ctx_id)));
    fake_renderer.contexts++;
    fake_renderer.context_capset = ctx_flags;
    return 0;
}

void virgl_renderer_context_destroy(uint32_t handle)
{
    g_assert_true(g_hash_table_remove(contexts, GUINT_TO_POINTER(handle)));
    fake_renderer.contexts--;
}

void virgl_renderer_get_cap_set(uint32_t set, uint32_t *max_ver, uint32_t *max_size)
{
    *max_ver = set == 1 ? 1 : set == 2 ? 2 : 0;
    *max_size = set == 1 ? CAPSET1_BYTES : set == 2 ? fake_renderer.capset2_bytes : 0;
}

void virgl_renderer_fill_caps(uint32_t set, uint32_t version, void *caps)
{
    memset(caps, (int) set, set == 1 ? CAPSET1_BYTES : fake_renderer.capset2_bytes);
}

static struct fake_resource *find(uint32_t id)
{
    return g_hash_table_lookup(resources, GUINT_TO_POINTER(id));
}

static void add_resource(uint32_t id, uint64_t bytes, uint32_t texel_bytes)
{
    struct fake_resource *resource = g_new0(struct fake_resource, 1);

    resource->data = g_malloc0(bytes);
    resource->bytes = bytes;
    resource->texel_bytes = texel_bytes;
    total_bytes += bytes;
    g_hash_table_insert(resources, GUINT_TO_POINTER(id), resource);
    fake_renderer.resources++;
}

int virgl_renderer_resource_create(struct virgl_renderer_resource_create_args *args,
                                   struct iovec *iov, uint32_t num_iovs)
{
    uint32_t texel_bytes = args->target == VIRGL_TEXTURE_TARGET_BUFFER ? 1 : 4;
    uint64_t bytes = (uint64_t) args->width * (args->height & 0xffff) * texel_bytes;

    if (fake_renderer.create_result) {
        return fake_renderer.create_result;
    }
    if (bytes == 0 || bytes > MAX_TOTAL_BYTES - total_bytes) {
        return EINVAL;
    }
    g_assert_null(find(args->handle));
    add_resource(args->handle, bytes, texel_bytes);
    return 0;
}

int virgl_renderer_resource_create_blob(const struct virgl_renderer_resource_create_blob_args *args)
{
    if (args->blob_mem == VIRGL_RENDERER_BLOB_MEM_HOST3D && args->blob_id == 0) {
        return -EINVAL;
    }
    g_assert_null(find(args->res_handle));
    add_resource(args->res_handle, 1, 1);
    return 0;
}

int virgl_renderer_resource_export_blob(uint32_t res_id, uint32_t *fd_type, int *fd)
{
    *fd_type = VIRGL_RENDERER_BLOB_FD_TYPE_SHM;
    *fd = memfd_create("fake-blob", MFD_CLOEXEC);
    return *fd < 0 ? -errno : 0;
}

void virgl_renderer_resource_unref(uint32_t res_handle)
{
    g_hash_table_remove(resources, GUINT_TO_POINTER(res_handle));
}

int virgl_renderer_resource_attach_iov(int res_handle, struct iovec *iov, int num_iovs)
{
    struct fake_resource *resource = find((uint32_t) res_handle);

    g_assert_nonnull(resource);
    resource->iov = iov;
    resource->iov_count = num_iovs;
    return 0;
}

void virgl_renderer_resource_detach_iov(int res_handle, struct iovec **iov, int *num_iovs)
{
    struct fake_resource *resource = find((uint32_t) res_handle);

    if (resource) {
        resource->iov = NULL;
        resource->iov_count = 0;
    }
}

void virgl_renderer_ctx_attach_resource(int ctx_id, int res_handle)
{
    g_assert_true(g_hash_table_contains(contexts, GINT_TO_POINTER(ctx_id)));
    g_assert_nonnull(find((uint32_t) res_handle));
}

void virgl_renderer_ctx_detach_resource(int ctx_id, int res_handle)
{
    g_assert_nonnull(find((uint32_t) res_handle));
}

int virgl_renderer_submit_cmd(void *buffer, int ctx_id, int ndw)
{
    g_assert_true(g_hash_table_contains(contexts, GINT_TO_POINTER(ctx_id)));
    fake_renderer.submissions++;
    fake_renderer.submitted_dwords += (uint64_t) ndw;
    fake_renderer.misaligned_stream |= (uintptr_t) buffer % 4 != 0;
    memcpy(&fake_renderer.last_first_dword, buffer, 4);
    return fake_renderer.submit_result;
}

/* Where a transfer happens in the resource and in memory; false when it leaves one of them. */
static bool locate(uint32_t handle, const struct virgl_box *box, uint64_t offset, struct iovec *iov,
                   int iov_count, uint8_t **texels, uint8_t **memory, size_t *bytes)
{
    struct fake_resource *resource = find(handle);
    uint64_t begin, length;

    g_assert_nonnull(resource);
    if (!iov) {
        iov = resource->iov;
        iov_count = resource->iov_count;
    }
    begin = (uint64_t) box->x * resource->texel_bytes;
    length = (uint64_t) box->width * resource->texel_bytes;
    if (iov_count != 1 || begin + length > resource->bytes || length == 0 ||
        offset > iov->iov_len || length > iov->iov_len - offset) {
        return false;
    }
    *texels = resource->data + begin;
    *memory = (uint8_t *) iov->iov_base + offset;
    *bytes = length;
    return true;
}

int virgl_renderer_transfer_read_iov(uint32_t handle, uint32_t ctx_id, uint32_t level,
                                     uint32_t stride, uint32_t layer_stride, struct virgl_box *box,
                                     uint64_t offset, struct iovec *iov, int iovec_cnt)
{
    uint8_t *texels, *memory;
    size_t bytes;

    if (!locate(handle, box, offset, iov, iovec_cnt, &texels, &memory, &bytes)) {
        return EINVAL;
    }
    memcpy(memory, texels, bytes);
    return 0;
}

int virgl_renderer_transfer_write_iov(uint32_t handle, uint32_t ctx_id, int level, uint32_t stride,
                                      uint32_t layer_stride, struct virgl_box *box, uint64_t offset,
                                      struct iovec *iovec, unsigned int iovec_cnt)
{
    uint8_t *texels, *memory;
    size_t bytes;

    if (!locate(handle, box, offset, iovec, (int) iovec_cnt, &texels, &memory, &bytes)) {
        return EINVAL;
    }
    memcpy(texels, memory, bytes);
    return 0;
}
