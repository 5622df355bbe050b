/* SPDX-License-Identifier: MIT */
#include "fake_renderer.h"

#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#define PAGE_BYTES 4096

struct fake_resource {
    uint32_t width;
    uint32_t height;
    uint8_t *pixels; /* 4 bytes each, or the bytes of a blob */
    size_t size_bytes;
    bool blob;
    bool mapped;
    struct iovec *iov;
    int iov_count;
};

struct fake_fence {
    uint32_t ctx_id;
    uint32_t ring_idx;
    uint64_t id;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static GHashTable *resources;
static GHashTable *contexts; /* id to a set of attached resources */
static GArray *fences;
static bool automatic_fences = true;
static int next_error;
static unsigned int submits;
static struct virgl_renderer_callbacks *callbacks;
static void *callback_cookie;

static void resource_free(void *data)
{
    struct fake_resource *resource = data;
    free(resource->pixels);
    g_free(resource);
}

static void context_free(void *data)
{
    g_hash_table_destroy(data);
}

void fake_renderer_reset(void)
{
    pthread_mutex_lock(&lock);
    g_clear_pointer(&resources, g_hash_table_destroy);
    g_clear_pointer(&contexts, g_hash_table_destroy);
    if (fences)
        g_array_free(fences, TRUE);
    resources = g_hash_table_new_full(NULL, NULL, NULL, resource_free);
    contexts = g_hash_table_new_full(NULL, NULL, NULL, context_free);
    fences = g_array_new(FALSE, FALSE, sizeof(struct fake_fence));
    automatic_fences = true;
    next_error = 0;
    submits = 0;
    pthread_mutex_unlock(&lock);
}

static int take_error(void)
{
    int error = next_error;
    next_error = 0;
    return error;
}

static struct fake_resource *find(uint32_t id)
{
    return g_hash_table_lookup(resources, GUINT_TO_POINTER(id));
}

static int fake_init(void *cookie, int flags, struct virgl_renderer_callbacks *cb)
{
    callbacks = cb;
    callback_cookie = cookie;
    return 0;
}

static void fake_cleanup(void *cookie)
{
}

static void fake_poll(void)
{
}

static void fake_get_cap_set(uint32_t set, uint32_t *max_version, uint32_t *max_size)
{
    *max_version = set <= 2 ? set : 0;
    *max_size = set <= 2 ? 100 * set : 0;
}

static void fake_fill_caps(uint32_t set, uint32_t version, void *caps)
{
    memset(caps, 0x50 + (int)set, 100 * set);
}

static int context_add(uint32_t id)
{
    pthread_mutex_lock(&lock);
    int error = take_error();
    if (!error)
        g_hash_table_insert(contexts, GUINT_TO_POINTER(id), g_hash_table_new(NULL, NULL));
    pthread_mutex_unlock(&lock);
    return error;
}

static int fake_context_create(uint32_t id, uint32_t nlen, const char *name)
{
    return context_add(id);
}

static int fake_context_create_with_flags(uint32_t id, uint32_t flags, uint32_t nlen,
                                          const char *name)
{
    return context_add(id);
}

static void fake_context_destroy(uint32_t id)
{
    pthread_mutex_lock(&lock);
    g_assert_true(g_hash_table_remove(contexts, GUINT_TO_POINTER(id)));
    pthread_mutex_unlock(&lock);
}

static void fake_ctx_attach_resource(int ctx_id, int res_id)
{
    pthread_mutex_lock(&lock);
    GHashTable *attached = g_hash_table_lookup(contexts, GINT_TO_POINTER(ctx_id));
    g_assert_nonnull(attached);
    g_assert_nonnull(find((uint32_t)res_id));
    g_hash_table_add(attached, GINT_TO_POINTER(res_id));
    pthread_mutex_unlock(&lock);
}

static void fake_ctx_detach_resource(int ctx_id, int res_id)
{
    pthread_mutex_lock(&lock);
    GHashTable *attached = g_hash_table_lookup(contexts, GINT_TO_POINTER(ctx_id));
    g_assert_nonnull(attached);
    g_hash_table_remove(attached, GINT_TO_POINTER(res_id));
    pthread_mutex_unlock(&lock);
}

static int fake_submit_cmd(void *buffer, int ctx_id, int ndw)
{
    pthread_mutex_lock(&lock);
    submits++;
    int error = take_error();
    pthread_mutex_unlock(&lock);
    return error;
}

static void report(const struct fake_fence *fence)
{
    if (fence->ctx_id)
        callbacks->write_context_fence(callback_cookie, fence->ctx_id, fence->ring_idx, fence->id);
    else
        callbacks->write_fence(callback_cookie, (uint32_t)fence->id);
}

static int make_fence(uint32_t ctx_id, uint32_t ring_idx, uint64_t id)
{
    struct fake_fence fence = {ctx_id, ring_idx, id};
    pthread_mutex_lock(&lock);
    bool at_once = automatic_fences;
    if (!at_once)
        g_array_append_val(fences, fence);
    pthread_mutex_unlock(&lock);
    if (at_once)
        report(&fence);
    return 0;
}

static int fake_create_fence(int id, uint32_t ctx_id)
{
    return make_fence(0, 0, (uint32_t)id);
}

static int fake_context_create_fence(uint32_t ctx_id, uint32_t flags, uint32_t ring_idx,
                                     uint64_t id)
{
    return make_fence(ctx_id, ring_idx, id);
}

static void fake_context_poll(uint32_t ctx_id)
{
}

static int fake_resource_create(struct virgl_renderer_resource_create_args *args,
                                struct iovec *iov, uint32_t num_iovs)
{
    pthread_mutex_lock(&lock);
    int error = take_error();
    if (!error) {
        g_assert_null(find(args->handle));
        struct fake_resource *resource = g_new0(struct fake_resource, 1);
        resource->width = args->width;
        resource->height = args->height;
        resource->size_bytes = 4ull * args->width * args->height;
        resource->pixels = calloc(1, resource->size_bytes);
        g_hash_table_insert(resources, GUINT_TO_POINTER(args->handle), resource);
    }
    pthread_mutex_unlock(&lock);
    return error;
}

static void fake_resource_unref(uint32_t id)
{
    pthread_mutex_lock(&lock);
    struct fake_resource *resource = find(id);
    g_assert_nonnull(resource);
    g_assert_false(resource->mapped);
    g_assert_null(resource->iov);
    g_hash_table_remove(resources, GUINT_TO_POINTER(id));
    pthread_mutex_unlock(&lock);
}

static int fake_resource_attach_iov(int id, struct iovec *iov, int count)
{
    pthread_mutex_lock(&lock);
    struct fake_resource *resource = find((uint32_t)id);
    g_assert_nonnull(resource);
    g_assert_null(resource->iov);
    int error = take_error();
    if (!error) {
        resource->iov = iov;
        resource->iov_count = count;
    }
    pthread_mutex_unlock(&lock);
    return error;
}

static void fake_resource_detach_iov(int id, struct iovec **iov, int *count)
{
    pthread_mutex_lock(&lock);
    struct fake_resource *resource = find((uint32_t)id);
    g_assert_nonnull(resource);
    if (iov)
        *iov = resource->iov;
    if (count)
        *count = resource->iov_count;
    resource->iov = NULL;
    resource->iov_count = 0;
    pthread_mutex_unlock(&lock);
}

static uint8_t *iov_at(const struct iovec *iov, int count, uint64_t offset)
{
    for (int i = 0; i < count; i++) {
        if (offset < iov[i].iov_len)
            return (uint8_t *)iov[i].iov_base + offset;
        offset -= iov[i].iov_len;
    }
    return NULL;
}

/* Byte by byte, for clarity. */
static int move(uint32_t id, uint32_t stride, const struct virgl_box *virgl_box, uint64_t offset,
                const struct iovec *iov, int count, bool to_host)
{
    uint32_t box[6];
    memcpy(box, virgl_box, sizeof(box));
    struct fake_resource *resource = find(id);
    g_assert_nonnull(resource);
    if (!iov) {
        iov = resource->iov;
        count = resource->iov_count;
    }
    if (!iov || box[0] + box[3] > resource->width || box[1] + box[4] > resource->height)
        return EINVAL;
    stride = stride ? stride : 4 * resource->width;
    for (uint32_t y = 0; y < box[4]; y++) {
        for (uint32_t x = 0; x < 4 * box[3]; x++) {
            uint8_t *outside = iov_at(iov, count, offset + (uint64_t)y * stride + x);
            uint8_t *inside = resource->pixels +
                              4ull * ((box[1] + y) * (uint64_t)resource->width + box[0]) + x;
            if (!outside)
                return EINVAL;
            if (to_host)
                *inside = *outside;
            else
                *outside = *inside;
        }
    }
    return 0;
}

static int fake_transfer_read_iov(uint32_t id, uint32_t ctx_id, uint32_t level, uint32_t stride,
                                  uint32_t layer_stride, struct virgl_box *box, uint64_t offset,
                                  struct iovec *iov, int count)
{
    pthread_mutex_lock(&lock);
    int error = take_error();
    if (!error)
        error = move(id, stride, box, offset, iov, count, false);
    pthread_mutex_unlock(&lock);
    return error;
}

static int fake_transfer_write_iov(uint32_t id, uint32_t ctx_id, int level, uint32_t stride,
                                   uint32_t layer_stride, struct virgl_box *box, uint64_t offset,
                                   struct iovec *iov, unsigned int count)
{
    pthread_mutex_lock(&lock);
    int error = take_error();
    if (!error)
        error = move(id, stride, box, offset, iov, (int)count, true);
    pthread_mutex_unlock(&lock);
    return error;
}

static int fake_create_blob(const struct virgl_renderer_resource_create_blob_args *args)
{
    pthread_mutex_lock(&lock);
    int error = take_error();
    if (!error) {
        struct fake_resource *resource = g_new0(struct fake_resource, 1);
        resource->blob = true;
        resource->size_bytes = args->size;
        resource->iov = (struct iovec *)args->iovecs;
        resource->iov_count = (int)args->num_iovs;
        if (args->blob_mem != VIRGL_RENDERER_BLOB_MEM_GUEST)
            g_assert_cmpint(posix_memalign((void **)&resource->pixels, PAGE_BYTES, args->size), ==,
                            0);
        g_hash_table_insert(resources, GUINT_TO_POINTER(args->res_handle), resource);
    }
    pthread_mutex_unlock(&lock);
    return error;
}

static int fake_map(uint32_t id, void **map, uint64_t *size)
{
    pthread_mutex_lock(&lock);
    struct fake_resource *resource = find(id);
    g_assert_nonnull(resource);
    g_assert_false(resource->mapped);
    int error = take_error();
    if (!error) {
        resource->mapped = true;
        *map = resource->pixels;
        *size = resource->size_bytes;
    }
    pthread_mutex_unlock(&lock);
    return error;
}

static int fake_unmap(uint32_t id)
{
    pthread_mutex_lock(&lock);
    struct fake_resource *resource = find(id);
    g_assert_nonnull(resource);
    g_assert_true(resource->mapped);
    resource->mapped = false;
    pthread_mutex_unlock(&lock);
    return 0;
}

static int fake_get_map_info(uint32_t id, uint32_t *map_info)
{
    *map_info = VIRGL_RENDERER_MAP_CACHE_CACHED;
    return 0;
}

const struct vgpu_renderer_ops fake_renderer = {
    .init = fake_init,
    .cleanup = fake_cleanup,
    .poll = fake_poll,
    .get_cap_set = fake_get_cap_set,
    .fill_caps = fake_fill_caps,
    .context_create = fake_context_create,
    .context_create_with_flags = fake_context_create_with_flags,
    .context_destroy = fake_context_destroy,
    .ctx_attach_resource = fake_ctx_attach_resource,
    .ctx_detach_resource = fake_ctx_detach_resource,
    .submit_cmd = fake_submit_cmd,
    .create_fence = fake_create_fence,
    .context_create_fence = fake_context_create_fence,
    .context_poll = fake_context_poll,
    .resource_create = fake_resource_create,
    .resource_unref = fake_resource_unref,
    .resource_attach_iov = fake_resource_attach_iov,
    .resource_detach_iov = fake_resource_detach_iov,
    .transfer_read_iov = fake_transfer_read_iov,
    .transfer_write_iov = fake_transfer_write_iov,
    .resource_create_blob = fake_create_blob,
    .resource_map = fake_map,
    .resource_unmap = fake_unmap,
    .resource_get_map_info = fake_get_map_info,
};

void fake_renderer_fences(bool automatic)
{
    pthread_mutex_lock(&lock);
    automatic_fences = automatic;
    pthread_mutex_unlock(&lock);
}

static void pass(bool all, uint32_t ctx_id, uint32_t ring_idx)
{
    pthread_mutex_lock(&lock);
    GArray *passed = g_array_new(FALSE, FALSE, sizeof(struct fake_fence));
    for (guint i = 0; i < fences->len;) {
        struct fake_fence fence = g_array_index(fences, struct fake_fence, i);
        if (all || (fence.ctx_id == ctx_id && fence.ring_idx == ring_idx)) {
            g_array_append_val(passed, fence);
            g_array_remove_index(fences, i);
        } else {
            i++;
        }
    }
    pthread_mutex_unlock(&lock);
    for (guint i = 0; i < passed->len; i++)
        report(&g_array_index(passed, struct fake_fence, i));
    g_array_free(passed, TRUE);
}

void fake_renderer_pass_fences(void)
{
    pass(true, 0, 0);
}

void fake_renderer_pass_fences_of(uint32_t ctx_id, uint32_t ring_idx)
{
    pass(false, ctx_id, ring_idx);
}

void fake_renderer_fail_next(int error)
{
    pthread_mutex_lock(&lock);
    next_error = error;
    pthread_mutex_unlock(&lock);
}

static unsigned int count_resources(bool (*wanted)(const struct fake_resource *resource))
{
    unsigned int count = 0;
    pthread_mutex_lock(&lock);
    GHashTableIter iter;
    void *value;
    g_hash_table_iter_init(&iter, resources);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        count += wanted(value);
    pthread_mutex_unlock(&lock);
    return count;
}

static bool is_any(const struct fake_resource *resource)
{
    return true;
}

static bool is_mapped(const struct fake_resource *resource)
{
    return resource->mapped;
}

static bool has_iov(const struct fake_resource *resource)
{
    return resource->iov != NULL;
}

unsigned int fake_renderer_resources(void)
{
    return count_resources(is_any);
}

unsigned int fake_renderer_mapped(void)
{
    return count_resources(is_mapped);
}

unsigned int fake_renderer_with_iov(void)
{
    return count_resources(has_iov);
}

unsigned int fake_renderer_contexts(void)
{
    pthread_mutex_lock(&lock);
    unsigned int count = g_hash_table_size(contexts);
    pthread_mutex_unlock(&lock);
    return count;
}

unsigned int fake_renderer_submits(void)
{
    pthread_mutex_lock(&lock);
    unsigned int count = submits;
    pthread_mutex_unlock(&lock);
    return count;
}

bool fake_renderer_attached(uint32_t ctx_id, uint32_t resource_id)
{
    pthread_mutex_lock(&lock);
    GHashTable *attached = g_hash_table_lookup(contexts, GUINT_TO_POINTER(ctx_id));
    bool is = attached && g_hash_table_contains(attached, GUINT_TO_POINTER(resource_id));
    pthread_mutex_unlock(&lock);
    return is;
}
