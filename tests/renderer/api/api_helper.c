/* SPDX-License-Identifier: MIT */
#include "api_helper.h"

#include <errno.h>
#include <glib.h>
#include <pthread.h>
#include <string.h>

int cookie;

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    uint32_t fence;
    uint64_t context_fence;
    unsigned count;
    bool other_thread;
    pthread_t main_thread;
} heard = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void hear(const uint32_t *fence, const uint64_t *context_fence)
{
    pthread_mutex_lock(&heard.mutex);
    if (fence != NULL) {
        heard.fence = *fence;
    } else {
        heard.context_fence = *context_fence;
    }
    heard.count++;
    heard.other_thread = !pthread_equal(heard.main_thread, pthread_self());
    pthread_cond_broadcast(&heard.changed);
    pthread_mutex_unlock(&heard.mutex);
}

static void on_fence(void *user, uint32_t fence)
{
    g_assert_true(user == &cookie);
    hear(&fence, NULL);
}

static void on_context_fence(void *user, uint32_t ctx_id, uint32_t ring_idx, uint64_t fence_id)
{
    g_assert_true(user == &cookie);
    hear(NULL, &fence_id);
}

#define LOCKED(type, value)                                                                        \
    pthread_mutex_lock(&heard.mutex);                                                              \
    type result_ = value;                                                                          \
    pthread_mutex_unlock(&heard.mutex);                                                            \
    return result_

uint32_t heard_fence(void)
{
    LOCKED(uint32_t, heard.fence);
}

unsigned heard_fences(void)
{
    LOCKED(unsigned, heard.count);
}

uint64_t heard_context_fence(void)
{
    LOCKED(uint64_t, heard.context_fence);
}

bool heard_on_other_thread(void)
{
    LOCKED(bool, heard.other_thread);
}

void forget_fences(void)
{
    pthread_mutex_lock(&heard.mutex);
    heard.fence = 0;
    heard.context_fence = 0;
    heard.count = 0;
    heard.other_thread = false;
    heard.main_thread = pthread_self();
    pthread_mutex_unlock(&heard.mutex);
}

void wait_fence(uint32_t fence)
{
    pthread_mutex_lock(&heard.mutex);
    while (heard.fence < fence) {
        pthread_cond_wait(&heard.changed, &heard.mutex);
    }
    pthread_mutex_unlock(&heard.mutex);
}

void wait_context_fence(uint64_t fence)
{
    pthread_mutex_lock(&heard.mutex);
    while (heard.context_fence < fence) {
        pthread_cond_wait(&heard.changed, &heard.mutex);
    }
    pthread_mutex_unlock(&heard.mutex);
}

struct virgl_renderer_callbacks *listening_callbacks(int version)
{
    static struct virgl_renderer_callbacks callbacks;

    callbacks = (struct virgl_renderer_callbacks){
        .version = version,
        .write_fence = on_fence,
        .write_context_fence = on_context_fence,
    };
    return &callbacks;
}

int start_renderer(int version, int flags)
{
    forget_fences();
    return virgl_renderer_init(&cookie, flags, listening_callbacks(version));
}

void stop_renderer(void)
{
    virgl_renderer_cleanup(&cookie);
}

int make_buffer(uint32_t handle, uint32_t bind, uint32_t bytes)
{
    struct virgl_renderer_resource_create_args args = {
        .handle = handle,
        .target = TARGET_BUFFER,
        .format = FORMAT_R8,
        .bind = bind,
        .width = bytes,
        .height = 1,
        .depth = 1,
        .array_size = 1,
    };

    return virgl_renderer_resource_create(&args, NULL, 0);
}

int make_texture(uint32_t handle, uint32_t target, uint32_t format, uint32_t width,
                 uint32_t height, uint32_t depth, uint32_t layers, uint32_t last_level)
{
    struct virgl_renderer_resource_create_args args = {
        .handle = handle,
        .target = target,
        .format = format,
        .bind = BIND_SAMPLER_VIEW,
        .width = width,
        .height = height,
        .depth = depth,
        .array_size = layers,
        .last_level = last_level,
    };

    return virgl_renderer_resource_create(&args, NULL, 0);
}

int write_box(uint32_t handle, uint32_t ctx, uint32_t level, struct box6 box, void *data,
              size_t bytes)
{
    struct iovec iov = {data, bytes};

    return virgl_renderer_transfer_write_iov(handle, ctx, (int)level, 0, 0,
                                             (struct virgl_box *)&box, 0, &iov, 1);
}

int read_box(uint32_t handle, uint32_t ctx, uint32_t level, struct box6 box, void *data,
             size_t bytes)
{
    struct iovec iov = {data, bytes};

    return virgl_renderer_transfer_read_iov(handle, ctx, level, 0, 0, (struct virgl_box *)&box, 0,
                                            &iov, 1);
}

/* ------------------------------------------------------------------ everything, badly */

static void bad_resources(void)
{
    static const int unknown[] = {0, 1234567, -1};
    struct virgl_renderer_resource_info info;
    struct virgl_renderer_resource_info_ext ext;
    struct iovec iov, *iovs;
    struct box6 box = {0, 0, 0, 1, 1, 1};
    uint32_t value;
    uint64_t size;
    void *map;
    int count, fd;

    g_assert_cmpint(virgl_renderer_resource_create(NULL, NULL, 0), ==, EINVAL);
    g_assert_cmpint(virgl_renderer_resource_import_eglimage(NULL, NULL), ==, EINVAL);
    g_assert_cmpint(virgl_renderer_resource_create_blob(NULL), ==, -EINVAL);
    g_assert_cmpint(virgl_renderer_resource_import_blob(NULL), ==, -EINVAL);
    for (size_t i = 0; i < G_N_ELEMENTS(unknown); i++) {
        int id = unknown[i];

        virgl_renderer_resource_unref((uint32_t)id);
        g_assert_cmpint(virgl_renderer_resource_attach_iov(id, &iov, 1), ==, EINVAL);
        iovs = &iov;
        count = 7;
        virgl_renderer_resource_detach_iov(id, &iovs, &count);
        g_assert_null(iovs);
        g_assert_cmpint(count, ==, 0);
        virgl_renderer_resource_detach_iov(id, NULL, NULL);
        virgl_renderer_resource_set_priv((uint32_t)id, &iov);
        g_assert_null(virgl_renderer_resource_get_priv((uint32_t)id));
        g_assert_cmpint(virgl_renderer_resource_get_info(id, &info), ==, EINVAL);
        g_assert_cmpint(virgl_renderer_resource_get_info(id, NULL), ==, EINVAL);
        g_assert_cmpint(virgl_renderer_resource_get_info_ext(id, &ext), ==, EINVAL);
        g_assert_cmpint(virgl_renderer_resource_get_info_ext(id, NULL), ==, EINVAL);
        g_assert_cmpint(virgl_renderer_transfer_read_iov((uint32_t)id, 0, 0, 0, 0,
                                                         (struct virgl_box *)&box, 0, &iov, 1),
                        ==, EINVAL);
        g_assert_cmpint(virgl_renderer_transfer_write_iov((uint32_t)id, 0, 0, 0, 0,
                                                          (struct virgl_box *)&box, 0, &iov, 1),
                        ==, EINVAL);
        g_assert_cmpint(virgl_renderer_transfer_read_iov((uint32_t)id, 0, 0, 0, 0, NULL, 0, NULL, 0),
                        ==, EINVAL);
        virgl_renderer_get_rect(id, &iov, 1, 0, 0, 0, 1, 1);
        virgl_renderer_get_rect(id, NULL, 0, 0, 0, 0, 1, 1);
        g_assert_null(virgl_renderer_get_cursor_data((uint32_t)id, NULL, NULL));
        g_assert_cmpint(virgl_renderer_resource_map((uint32_t)id, &map, &size), ==, -EINVAL);
        g_assert_cmpint(virgl_renderer_resource_map((uint32_t)id, NULL, NULL), ==, -EINVAL);
        g_assert_cmpint(virgl_renderer_resource_unmap((uint32_t)id), ==, -EINVAL);
        g_assert_cmpint(virgl_renderer_resource_map_fixed((uint32_t)id, NULL), ==, -EINVAL);
        g_assert_cmpint(virgl_renderer_resource_get_map_info((uint32_t)id, &value), ==, -EINVAL);
        g_assert_cmpint(virgl_renderer_resource_export_blob((uint32_t)id, &value, &fd), ==,
                        -EINVAL);
        g_assert_cmpint(virgl_renderer_get_fd_for_texture((uint32_t)id, &fd), <, 0);
        g_assert_cmpint(virgl_renderer_get_fd_for_texture2((uint32_t)id, &fd, NULL, NULL), <, 0);
        g_assert_cmpint(virgl_renderer_get_fd_for_texture((uint32_t)id, NULL), <, 0);
        virgl_renderer_ctx_attach_resource(id, id);
        virgl_renderer_ctx_detach_resource(id, id);
    }
}

static void bad_contexts(void)
{
    static const int unknown[] = {1234567, -1};
    uint32_t nops[4] = {0};
    uint64_t fence = 5;
    int fd;

    g_assert_cmpint(virgl_renderer_context_create(0, 1, "a"), ==, EINVAL);
    g_assert_cmpint(virgl_renderer_context_create(1, 5, NULL), ==, EINVAL);
    g_assert_cmpint(virgl_renderer_context_create_with_flags(1, 4, 1, "a"), ==, EINVAL);
    g_assert_cmpint(virgl_renderer_context_create_with_flags(1, 0x102, 1, "a"), ==, EINVAL);
    virgl_renderer_context_destroy(0);
    for (size_t i = 0; i < G_N_ELEMENTS(unknown); i++) {
        int id = unknown[i];

        virgl_renderer_context_destroy((uint32_t)id);
        g_assert_cmpint(virgl_renderer_submit_cmd(nops, id, 4), ==, EINVAL);
        g_assert_cmpint(virgl_renderer_submit_cmd(NULL, id, 4), ==, EINVAL);
        g_assert_cmpint(virgl_renderer_submit_cmd(nops, id, -4), ==, EINVAL);
        g_assert_cmpint(virgl_renderer_submit_cmd2(nops, id, 4, &fence, 1), ==, EINVAL);
        g_assert_cmpint(virgl_renderer_context_create_fence((uint32_t)id, 0, 0, 1), ==, -EINVAL);
        virgl_renderer_context_poll((uint32_t)id);
        g_assert_cmpint(virgl_renderer_context_get_poll_fd((uint32_t)id), ==, -1);
        g_assert_cmpint(virgl_renderer_attach_fence(id, 0), ==, -EINVAL);
        g_assert_cmpint(virgl_renderer_get_dev_fd(id), <, 0);
        g_assert_cmpint(virgl_renderer_get_fence_fd((uint64_t)id), <, 0);
        g_assert_cmpint(virgl_renderer_export_fence((uint64_t)id, &fd), ==, -EINVAL);
        g_assert_cmpint(virgl_renderer_export_fence((uint64_t)id, NULL), ==, -EINVAL);
    }
}

static void bad_queries(void)
{
    struct virgl_renderer_supported_structures query = {.hdr = {0, 0, sizeof query}};
    struct virgl_renderer_export_query export = {
        .hdr = {VIRGL_RENDERER_STRUCTURE_TYPE_EXPORT_QUERY, 0, sizeof export},
        .in_resource_id = 1234567,
    };
    uint32_t version = 9, size = 9;
    char caps[4096];

    g_assert_cmpint(virgl_renderer_execute(NULL, 0), ==, -EINVAL);
    g_assert_cmpint(virgl_renderer_execute(NULL, sizeof query), ==, -EINVAL);
    g_assert_cmpint(virgl_renderer_execute(&query, sizeof query), ==, -EINVAL);
    query.hdr.stype = 77;
    g_assert_cmpint(virgl_renderer_execute(&query, sizeof query), ==, -EINVAL);
    query.hdr.stype = VIRGL_RENDERER_STRUCTURE_TYPE_SUPPORTED_STRUCTURES;
    g_assert_cmpint(virgl_renderer_execute(&query, sizeof query.hdr), ==, -EINVAL);
    query.hdr.size = sizeof query.hdr;
    g_assert_cmpint(virgl_renderer_execute(&query, sizeof query.hdr), ==, -EINVAL);
    query.hdr = (struct virgl_renderer_hdr){2, 1, sizeof query};
    g_assert_cmpint(virgl_renderer_execute(&query, sizeof query), ==, -EINVAL);
    g_assert_cmpint(virgl_renderer_execute(&export, sizeof export), ==, -EINVAL);

    for (uint32_t set = 0; set < 300; set++) {
        if (set == 1 || set == 2) {
            continue;
        }
        virgl_renderer_get_cap_set(set, &version, &size);
        g_assert_cmpuint(version, ==, 0);
        g_assert_cmpuint(size, ==, 0);
        memset(caps, 0x5a, sizeof caps);
        virgl_renderer_fill_caps(set, 1, caps);
        g_assert_cmpint(caps[0], ==, 0x5a);
    }
    virgl_renderer_get_cap_set(1, NULL, NULL);
    virgl_renderer_fill_caps(1, 1, NULL);
}

void call_everything_badly(void)
{
    bad_resources();
    bad_contexts();
    bad_queries();
}
