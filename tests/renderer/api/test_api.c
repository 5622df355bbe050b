/* SPDX-License-Identifier: MIT */
/* The public interface on the back end without a GPU: life, errors, fences, blobs. */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "api_helper.h"

static void test_before_init(void)
{
    uint32_t version, size;

    call_everything_badly();
    g_assert_cmpint(virgl_renderer_get_poll_fd(), ==, -1);
    g_assert_cmpint(virgl_renderer_create_fence(1, 0), ==, EINVAL);
    g_assert_cmpint(virgl_renderer_export_signalled_fence(), <, 0);
    g_assert_cmpint(make_buffer(1, BIND_CUSTOM, 4), ==, EINVAL);
    g_assert_cmpint(virgl_renderer_context_create(1, 1, "a"), ==, EINVAL);
    /* QEMU counts the sets before it starts the renderer. */
    virgl_renderer_get_cap_set(2, &version, &size);
    g_assert_cmpuint(version, ==, 2);
    g_assert_cmpuint(size, >, 0);
    virgl_renderer_fill_caps(2, 2, &version);
    g_assert_cmpuint(version, ==, 2);
    virgl_renderer_poll();
    virgl_renderer_reset();
    virgl_renderer_force_ctx_0();
    virgl_renderer_cleanup(NULL);
    virgl_renderer_cleanup(&cookie);
}

static void test_init(void)
{
    struct virgl_renderer_callbacks *callbacks = listening_callbacks(1);
    struct virgl_renderer_callbacks other = *callbacks;

    g_assert_cmpint(virgl_renderer_init(&cookie, 0, NULL), ==, -1);
    g_assert_cmpint(virgl_renderer_init(NULL, 0, callbacks), ==, -1);
    callbacks->version = 0;
    g_assert_cmpint(virgl_renderer_init(&cookie, 0, callbacks), ==, -1);
    callbacks->version = VIRGL_RENDERER_CALLBACKS_VERSION + 1;
    g_assert_cmpint(virgl_renderer_init(&cookie, 0, callbacks), ==, -1);
    callbacks->version = 1;
    g_assert_cmpint(virgl_renderer_init(&cookie, VIRGL_RENDERER_VENUS, callbacks), !=, 0);
    g_assert_cmpint(virgl_renderer_init(&cookie, VIRGL_RENDERER_DRM, callbacks), !=, 0);
    for (int version = 1; version <= VIRGL_RENDERER_CALLBACKS_VERSION; version++) {
        for (int round = 0; round < 3; round++) {
            g_assert_cmpint(start_renderer(version, 0), ==, 0);
            g_assert_cmpint(make_buffer(1, BIND_CUSTOM, 64), ==, 0);
            g_assert_cmpint(virgl_renderer_context_create(1, 4, "left"), ==, 0);
            stop_renderer();
        }
    }
    /* Twice: the same is no matter, another one is told. */
    callbacks->version = 1;
    g_assert_cmpint(virgl_renderer_init(&cookie, 0, callbacks), ==, 0);
    g_assert_cmpint(make_buffer(1, BIND_CUSTOM, 64), ==, 0);
    g_assert_cmpint(virgl_renderer_init(&cookie, 0, callbacks), ==, 0);
    g_assert_cmpint(virgl_renderer_init(&cookie, 0, &other), !=, 0);
    g_assert_cmpint(make_buffer(1, BIND_CUSTOM, 64), ==, EINVAL);
    stop_renderer();
}

static void test_bad_arguments(void)
{
    g_assert_cmpint(start_renderer(4, 0), ==, 0);
    call_everything_badly();
    stop_renderer();
    call_everything_badly();
}

static void test_no_virgl(void)
{
    uint32_t version, size;

    g_assert_cmpint(start_renderer(4, VIRGL_RENDERER_NO_VIRGL), ==, 0);
    virgl_renderer_get_cap_set(2, &version, &size);
    g_assert_cmpuint(size, ==, 0);
    g_assert_cmpint(virgl_renderer_context_create(1, 1, "a"), ==, EINVAL);
    g_assert_cmpint(make_buffer(1, BIND_CUSTOM, 4), ==, EINVAL);
    stop_renderer();
}

static void test_capsets(void)
{
    uint32_t version, size;
    uint8_t caps[8192];

    g_assert_cmpint(start_renderer(1, 0), ==, 0);
    for (uint32_t set = 1; set <= 2; set++) {
        virgl_renderer_get_cap_set(set, &version, &size);
        g_assert_cmpuint(version, ==, set);
        g_assert_cmpuint(size, >=, set == 1 ? 308 : 700);
        g_assert_cmpuint(size, <, sizeof caps - 4);
        memset(caps, 0x5a, sizeof caps);
        virgl_renderer_fill_caps(set, version, caps);
        uint32_t max_version;
        memcpy(&max_version, caps, 4);
        g_assert_cmpuint(max_version, ==, set);
        g_assert_cmpuint(caps[size], ==, 0x5a);
    }
    stop_renderer();
}

static void test_contexts(void)
{
    uint32_t nops[3] = {0};
    uint32_t unaligned[4] = {0};

    g_assert_cmpint(start_renderer(1, 0), ==, 0);
    g_assert_cmpint(virgl_renderer_context_create(1, 4, "name"), ==, 0);
    g_assert_cmpint(virgl_renderer_context_create(1, 4, "name"), ==, EINVAL);
    g_assert_cmpint(virgl_renderer_context_create_with_flags(2, 1, 0, NULL), ==, 0);
    g_assert_cmpint(virgl_renderer_context_create_with_flags(3, 2, 0, NULL), ==, 0);
    g_assert_cmpint(virgl_renderer_submit_cmd(nops, 1, 3), ==, 0);
    g_assert_cmpint(virgl_renderer_submit_cmd(nops, 1, 0), ==, 0);
    g_assert_cmpint(virgl_renderer_submit_cmd(NULL, 1, 0), ==, 0);
    g_assert_cmpint(virgl_renderer_submit_cmd((char *)unaligned + 2, 1, 3), ==, EFAULT);

    /* A bad stream costs its own context. */
    uint32_t bad[2] = {0xff};
    g_assert_cmpint(virgl_renderer_submit_cmd(bad, 2, 2), ==, EINVAL);
    g_assert_cmpint(virgl_renderer_submit_cmd(nops, 2, 3), ==, EINVAL);
    g_assert_cmpint(virgl_renderer_submit_cmd(nops, 1, 3), ==, 0);
    virgl_renderer_context_destroy(2);
    g_assert_cmpint(virgl_renderer_context_create(2, 1, "x"), ==, 0);
    g_assert_cmpint(virgl_renderer_submit_cmd(nops, 2, 3), ==, 0);
    virgl_renderer_reset();
    g_assert_cmpint(virgl_renderer_submit_cmd(nops, 1, 3), ==, EINVAL);
    g_assert_cmpint(virgl_renderer_context_create(1, 4, "name"), ==, 0);
    stop_renderer();
}

static void test_resources(void)
{
    struct iovec iov = {&cookie, sizeof cookie}, *back;
    struct virgl_renderer_resource_info info;
    int count;

    g_assert_cmpint(start_renderer(1, 0), ==, 0);
    g_assert_cmpint(make_buffer(0, BIND_CUSTOM, 64), ==, EINVAL);
    g_assert_cmpint(make_buffer(1, BIND_CUSTOM, 64), ==, 0);
    g_assert_cmpint(make_buffer(1, BIND_CUSTOM, 64), ==, EINVAL);
    g_assert_cmpint(make_texture(2, TARGET_2D, FORMAT_B8G8R8A8, 30, 20, 1, 1, 2), ==, 0);
    g_assert_cmpint(make_texture(3, TARGET_2D, FORMAT_B8G8R8A8, 0, 20, 1, 1, 2), ==, EINVAL);

    memset(&info, 0x5a, sizeof info);
    g_assert_cmpint(virgl_renderer_resource_get_info(2, &info), ==, 0);
    g_assert_cmpuint(info.handle, ==, 2);
    g_assert_cmpuint(info.virgl_format, ==, FORMAT_B8G8R8A8);
    g_assert_cmpuint(info.width, ==, 30);
    g_assert_cmpuint(info.height, ==, 20);
    g_assert_cmpuint(info.depth, ==, 1);
    g_assert_cmpuint(info.stride, ==, 120);
    g_assert_cmpint(info.fd, ==, 0x5a5a5a5a); /* old programs have no room for it */

    g_assert_null(virgl_renderer_resource_get_priv(1));
    virgl_renderer_resource_set_priv(1, &iov);
    g_assert_true(virgl_renderer_resource_get_priv(1) == &iov);
    g_assert_null(virgl_renderer_resource_get_priv(2));

    g_assert_cmpint(virgl_renderer_resource_attach_iov(1, &iov, -1), ==, EINVAL);
    g_assert_cmpint(virgl_renderer_resource_attach_iov(1, &iov, 1), ==, 0);
    g_assert_cmpint(virgl_renderer_resource_attach_iov(1, &iov, 1), ==, EINVAL);
    virgl_renderer_resource_detach_iov(1, &back, &count);
    g_assert_true(back == &iov && count == 1);
    virgl_renderer_resource_unref(1);
    g_assert_null(virgl_renderer_resource_get_priv(1));
    g_assert_cmpint(make_buffer(1, BIND_VERTEX_BUFFER, 64), ==, 0);
    stop_renderer();
}

static void test_transfers(void)
{
    uint8_t data[64], out[64];
    struct iovec iov = {data, sizeof data};

    for (int i = 0; i < 64; i++) {
        data[i] = (uint8_t)i;
    }
    g_assert_cmpint(start_renderer(1, 0), ==, 0);
    g_assert_cmpint(make_texture(1, TARGET_2D, FORMAT_B8G8R8A8, 4, 4, 1, 1, 0), ==, 0);
    g_assert_cmpint(write_box(1, 0, 0, (struct box6){0, 0, 0, 4, 4, 1}, data, 64), ==, 0);
    g_assert_cmpint(write_box(1, 0, 0, (struct box6){0, 0, 0, 4, 4, 1}, data, 63), ==, EINVAL);
    g_assert_cmpint(write_box(1, 0, 1, (struct box6){0, 0, 0, 1, 1, 1}, data, 64), ==, EINVAL);
    g_assert_cmpint(write_box(1, 0, 0, (struct box6){1, 0, 0, 4, 4, 1}, data, 64), ==, EINVAL);
    g_assert_cmpint(write_box(1, 0, 0, (struct box6){UINT32_MAX, 0, 0, 2, 1, 1}, data, 64), ==,
                    EINVAL);
    memset(out, 0, sizeof out);
    g_assert_cmpint(read_box(1, 0, 0, (struct box6){1, 1, 0, 2, 2, 1}, out, 64), ==, 0);
    g_assert_cmpmem(out, 8, data + 20, 8);
    g_assert_cmpmem(out + 16, 8, data + 36, 8); /* the level's pitch */

    /* A rectangle for a display. */
    memset(out, 0, sizeof out);
    struct iovec out_iov = {out, sizeof out};
    virgl_renderer_get_rect(1, &out_iov, 1, 4, 2, 0, 1, 2);
    g_assert_cmpmem(out + 4, 4, data + 8, 4);
    g_assert_cmpmem(out + 20, 4, data + 24, 4);

    /* No memory, an empty list, a negative one. */
    struct box6 box = {0, 0, 0, 1, 1, 1};
    struct virgl_box *vbox = (struct virgl_box *)&box;
    g_assert_cmpint(virgl_renderer_transfer_write_iov(1, 0, 0, 0, 0, vbox, 0, NULL, 0), ==, EINVAL);
    g_assert_cmpint(virgl_renderer_transfer_write_iov(1, 0, 0, 0, 0, vbox, 0, &iov, 0), ==, EINVAL);
    g_assert_cmpint(virgl_renderer_transfer_write_iov(1, 0, 0, 0, 0, vbox, 0, NULL, 1), ==, EINVAL);
    g_assert_cmpint(virgl_renderer_transfer_read_iov(1, 0, 0, 0, 0, vbox, 0, &iov, -1), ==, EINVAL);
    g_assert_cmpint(virgl_renderer_transfer_write_iov(1, 0, -1, 0, 0, vbox, 0, &iov, 1), ==, EINVAL);

    /* On behalf of a context: it must have the resource. */
    g_assert_cmpint(virgl_renderer_context_create(5, 1, "c"), ==, 0);
    g_assert_cmpint(write_box(1, 5, 0, box, data, 64), ==, EINVAL);
    virgl_renderer_ctx_attach_resource(5, 1);
    g_assert_cmpint(write_box(1, 5, 0, box, data, 64), ==, 0);
    virgl_renderer_ctx_detach_resource(5, 1);
    g_assert_cmpint(write_box(1, 5, 0, box, data, 64), ==, EINVAL);
    g_assert_cmpint(write_box(1, 6, 0, box, data, 64), ==, EINVAL);
    stop_renderer();
}

static void test_fences_polled(void)
{
    g_assert_cmpint(start_renderer(3, 0), ==, 0);
    g_assert_cmpint(virgl_renderer_get_poll_fd(), ==, -1);
    g_assert_cmpint(virgl_renderer_context_create(1, 1, "c"), ==, 0);
    g_assert_cmpint(virgl_renderer_create_fence(41, 0), ==, 0);
    g_assert_cmpint(virgl_renderer_create_fence(-1, 7), ==, 0);
    g_assert_cmpuint(heard_fences(), ==, 0);
    virgl_renderer_poll();
    g_assert_cmpuint(heard_fence(), ==, UINT32_MAX);
    g_assert_cmpint(virgl_renderer_context_create_fence(1, 0, 0, UINT64_C(1) << 33), ==, 0);
    g_assert_cmpint(virgl_renderer_context_create_fence(1, 2, 0, 1), ==, -EINVAL);
    g_assert_cmpint(virgl_renderer_context_create_fence(1, 0, 64, 1), ==, -EINVAL);
    g_assert_cmpint(virgl_renderer_context_create_fence(2, 0, 0, 1), ==, -EINVAL);
    virgl_renderer_context_poll(2);
    g_assert_cmpuint(heard_context_fence(), ==, 0);
    virgl_renderer_context_poll(1);
    g_assert_cmpuint(heard_context_fence(), ==, UINT64_C(1) << 33);

    /* Promised is promised, although the context is gone; after a reset nothing comes. */
    g_assert_cmpint(virgl_renderer_context_create_fence(1, 0, 0, 77), ==, 0);
    virgl_renderer_context_destroy(1);
    virgl_renderer_poll();
    g_assert_cmpuint(heard_context_fence(), ==, 77);
    unsigned before = heard_fences();
    g_assert_cmpint(virgl_renderer_create_fence(50, 0), ==, 0);
    virgl_renderer_reset();
    virgl_renderer_poll();
    g_assert_cmpuint(heard_fences(), ==, before);
    stop_renderer();
}

/* Callbacks of version 1 have no member for context fences: it must not be read. */
static void test_fences_version_1(void)
{
    g_assert_cmpint(start_renderer(1, 0), ==, 0);
    g_assert_cmpint(virgl_renderer_context_create(1, 1, "c"), ==, 0);
    g_assert_cmpint(virgl_renderer_context_create_fence(1, 0, 0, 5), ==, 0);
    virgl_renderer_poll();
    g_assert_cmpuint(heard_fences(), ==, 0);
    stop_renderer();
}

static void test_fences_thread(void)
{
    g_assert_cmpint(start_renderer(3, VIRGL_RENDERER_THREAD_SYNC), ==, 0);
    struct pollfd fd = {.fd = virgl_renderer_get_poll_fd(), .events = POLLIN};
    if (fd.fd < 0) {
        g_test_skip("this back end has no fence thread");
        stop_renderer();
        return;
    }
    for (int i = 1; i < 100; i++) {
        g_assert_cmpint(virgl_renderer_create_fence(i, 0), ==, 0);
        g_assert_cmpint(poll(&fd, 1, -1), ==, 1);
        virgl_renderer_poll();
        g_assert_cmpuint(heard_fence(), ==, i);
        g_assert_false(heard_on_other_thread());
    }
    stop_renderer();
}

static void test_fences_async(void)
{
    g_assert_cmpint(
        start_renderer(3, VIRGL_RENDERER_THREAD_SYNC | VIRGL_RENDERER_ASYNC_FENCE_CB), ==, 0);
    g_assert_cmpint(virgl_renderer_get_poll_fd(), ==, -1);
    g_assert_cmpint(virgl_renderer_context_create(1, 1, "c"), ==, 0);
    g_assert_cmpint(virgl_renderer_create_fence(1, 0), ==, 0);
    wait_fence(1);
    for (uint64_t i = 1; i < 100; i++) {
        g_assert_cmpint(virgl_renderer_context_create_fence(1, 0, 0, i), ==, 0);
    }
    wait_context_fence(99);
    g_assert_true(heard_on_other_thread());
    g_assert_cmpuint(heard_fences(), ==, 100); /* none is merged that must not be */
    stop_renderer();
}

static void test_submit_with_fences(void)
{
    uint32_t nops[2] = {0};
    uint64_t fences[2] = {1, 12345};

    g_assert_cmpint(start_renderer(3, 0), ==, 0);
    g_assert_cmpint(virgl_renderer_context_create(1, 1, "c"), ==, 0);
    g_assert_cmpint(virgl_renderer_context_create_fence(1, 0, 0, 1), ==, 0);
    g_assert_cmpint(virgl_renderer_submit_cmd2(nops, 1, 2, fences, 2), ==, 0);
    g_assert_cmpint(virgl_renderer_submit_cmd2(nops, 1, 2, NULL, 0), ==, 0);
    g_assert_cmpint(virgl_renderer_submit_cmd2(nops, 1, 2, NULL, 1), ==, EINVAL);
    stop_renderer();
}

/* A buffer made by the stream becomes a blob that the embedder maps. */
static void test_host_blob(void)
{
    enum { PIPE_RESOURCE_CREATE = 48, BLOB_ID = 9, BYTES = 5000 };
    uint32_t stream[12] = {
        PIPE_RESOURCE_CREATE | 11 << 16, TARGET_BUFFER, FORMAT_R8, BIND_VERTEX_BUFFER, BYTES,
        1, 1, 1, 0, 0, FLAG_MAP_PERSISTENT | FLAG_MAP_COHERENT, BLOB_ID,
    };
    struct virgl_renderer_resource_create_blob_args args = {
        .res_handle = 3,
        .ctx_id = 1,
        .blob_mem = VIRGL_RENDERER_BLOB_MEM_HOST3D,
        .blob_flags = VIRGL_RENDERER_BLOB_FLAG_USE_MAPPABLE,
        .blob_id = BLOB_ID,
        .size = 8192,
    };
    uint8_t *map = NULL, data[16];
    uint64_t size = 0;
    uint32_t info, type;
    int fd;

    g_assert_cmpint(start_renderer(3, 0), ==, 0);
    g_assert_cmpint(virgl_renderer_context_create(1, 1, "c"), ==, 0);
    g_assert_cmpint(virgl_renderer_resource_create_blob(&args), ==, -EINVAL);
    g_assert_cmpint(virgl_renderer_submit_cmd(stream, 1, 12), ==, 0);
    args.ctx_id = 2;
    g_assert_cmpint(virgl_renderer_resource_create_blob(&args), ==, -EINVAL);
    args.ctx_id = 1;
    g_assert_cmpint(virgl_renderer_resource_create_blob(&args), ==, 0);
    args.res_handle = 4;
    g_assert_cmpint(virgl_renderer_resource_create_blob(&args), ==, -EINVAL); /* taken */

    g_assert_cmpint(virgl_renderer_resource_get_map_info(3, &info), ==, 0);
    g_assert_cmpuint(info & VIRGL_RENDERER_MAP_CACHE_MASK, !=, 0);
    g_assert_cmpint(virgl_renderer_resource_unmap(3), ==, -EINVAL);
    g_assert_cmpint(virgl_renderer_resource_map(3, (void **)&map, &size), ==, 0);
    g_assert_cmpuint(size, >=, BYTES);
    g_assert_cmpint(virgl_renderer_resource_map(3, (void **)&map, &size), ==, -EINVAL);
    memset(map + 100, 0xab, 16);
    g_assert_cmpint(read_box(3, 0, 0, (struct box6){100, 0, 0, 16, 1, 1}, data, 16), ==, 0);
    g_assert_cmpmem(data, 16, map + 100, 16);
    g_assert_cmpint(virgl_renderer_resource_unmap(3), ==, 0);
    g_assert_cmpint(virgl_renderer_resource_map(3, (void **)&map, &size), ==, 0);
    if (virgl_renderer_resource_export_blob(3, &type, &fd) == 0) {
        g_assert_cmpuint(type, ==, VIRGL_RENDERER_BLOB_FD_TYPE_SHM);
        uint8_t *shared = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
        g_assert_true(shared != MAP_FAILED);
        g_assert_cmpuint(shared[100], ==, 0xab);
        g_assert_cmpint(ftruncate(fd, 0), ==, -1); /* sealed */
        munmap(shared, size);
        close(fd);
    }
    virgl_renderer_resource_unref(3); /* mapped */
    stop_renderer();
}

static void test_imported_blob(void)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    struct virgl_renderer_resource_import_blob_args args = {
        .res_handle = 3,
        .blob_mem = VIRGL_RENDERER_BLOB_MEM_HOST3D,
        .fd_type = VIRGL_RENDERER_BLOB_FD_TYPE_SHM,
        .fd = fd,
        .size = 8192,
    };
    uint8_t *map;
    uint64_t size;
    uint32_t type;
    int copy;

    g_assert_cmpint(start_renderer(3, 0), ==, 0);
    g_assert_cmpint(ftruncate(fd, 8191), ==, 0);
    g_assert_cmpint(virgl_renderer_resource_import_blob(&args), ==, -EINVAL); /* too small */
    g_assert_cmpint(ftruncate(fd, 8192), ==, 0);
    args.fd_type = 7;
    g_assert_cmpint(virgl_renderer_resource_import_blob(&args), ==, -EINVAL);
    args.fd_type = VIRGL_RENDERER_BLOB_FD_TYPE_SHM;
    args.fd = -1;
    g_assert_cmpint(virgl_renderer_resource_import_blob(&args), ==, -EINVAL);
    args.fd = fd;
    g_assert_cmpint(virgl_renderer_resource_import_blob(&args), ==, 0);
    g_assert_cmpint(virgl_renderer_resource_map(3, (void **)&map, &size), ==, 0);
    g_assert_cmpuint(size, ==, 8192);
    map[8191] = 7;
    uint8_t *fixed = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    g_assert_cmpint(virgl_renderer_resource_map_fixed(3, fixed), ==, 0);
    g_assert_cmpuint(fixed[8191], ==, 7);
    munmap(fixed, 8192);
    g_assert_cmpint(virgl_renderer_resource_export_blob(3, &type, &copy), ==, 0);
    g_assert_cmpuint(type, ==, VIRGL_RENDERER_BLOB_FD_TYPE_SHM);
    close(copy);
    /* Memory without a type is no texture and no buffer. */
    uint8_t byte[64];
    g_assert_cmpint(read_box(3, 0, 0, (struct box6){0, 0, 0, 1, 1, 1}, byte, 64), ==, EINVAL);
    stop_renderer(); /* closes fd and mapping */
    g_assert_cmpint(fcntl(fd, F_GETFD), ==, -1);
}

static void test_guest_blob(void)
{
    static uint8_t memory[8192];
    struct iovec iov[2] = {{memory, 4096}, {memory + 4096, 4096}};
    struct virgl_renderer_resource_create_blob_args args = {
        .res_handle = 3,
        .blob_mem = VIRGL_RENDERER_BLOB_MEM_GUEST,
        .size = 8192,
        .iovecs = iov,
        .num_iovs = 2,
    };
    struct iovec *back;
    int count;

    g_assert_cmpint(start_renderer(3, 0), ==, 0);
    g_assert_cmpint(virgl_renderer_resource_create_blob(&args), ==, 0);
    g_assert_cmpint(virgl_renderer_resource_create_blob(&args), ==, -EINVAL);
    virgl_renderer_resource_detach_iov(3, &back, &count);
    g_assert_true(back == iov && count == 2);
    stop_renderer();
}

static void test_execute(void)
{
    struct virgl_renderer_supported_structures query = {
        .hdr = {VIRGL_RENDERER_STRUCTURE_TYPE_SUPPORTED_STRUCTURES, 0, sizeof query},
    };
    struct virgl_renderer_export_query export = {
        .hdr = {VIRGL_RENDERER_STRUCTURE_TYPE_EXPORT_QUERY, 0, sizeof export},
        .in_resource_id = 1,
    };

    g_assert_cmpint(start_renderer(3, 0), ==, 0);
    g_assert_cmpint(virgl_renderer_execute(&query, sizeof query), ==, 0);
    g_assert_cmpuint(query.out_supported_structures_mask, ==, 3);
    query.in_stype_version = 1;
    g_assert_cmpint(virgl_renderer_execute(&query, sizeof query), ==, 0);
    g_assert_cmpuint(query.out_supported_structures_mask, ==, 0);
    g_assert_cmpint(make_texture(1, TARGET_2D, FORMAT_B8G8R8A8, 4, 4, 1, 1, 0), ==, 0);
    g_assert_cmpint(virgl_renderer_execute(&export, sizeof export), ==, 0);
    g_assert_cmpuint(export.out_num_fds, ==, 0);
    g_assert_cmpint(export.out_fds[0], ==, -1);
    stop_renderer();
}

static unsigned log_lines, freed;

static void on_log(enum virgl_log_level_flags level, const char *message, void *user)
{
    g_assert_true(user == &log_lines);
    g_assert_null(strchr(message, '\n'));
    log_lines++;
}

static void on_free(void *user)
{
    freed++;
}

static void on_debug(const char *format, va_list ap)
{
    char *text = g_strdup_vprintf(format, ap);

    g_assert_nonnull(strstr(text, "\n"));
    g_free(text);
    log_lines++;
}

static void test_log(void)
{
    virgl_set_log_callback(on_log, &log_lines, on_free);
    log_lines = 0;
    g_assert_cmpint(start_renderer(3, 0), ==, 0);
    g_assert_cmpint(make_buffer(0, BIND_CUSTOM, 64), ==, EINVAL);
    g_assert_cmpuint(log_lines, >=, 1);
    g_assert_null(virgl_set_debug_callback(on_debug));
    g_assert_cmpuint(freed, ==, 1);
    unsigned before = log_lines;
    g_assert_cmpint(make_buffer(0, BIND_CUSTOM, 64), ==, EINVAL);
    g_assert_cmpuint(log_lines, ==, before + 1);
    /* A flood is cut off. */
    for (int i = 0; i < 10000; i++) {
        make_buffer(0, BIND_CUSTOM, 64);
    }
    g_assert_cmpuint(log_lines, <, 1000);
    g_assert_true(virgl_set_debug_callback(NULL) == on_debug);
    stop_renderer();
}

static void test_memory_limit(void)
{
    g_setenv("MANTUA_MEMORY_LIMIT_MIB", "4", TRUE);
    g_assert_cmpint(start_renderer(3, 0), ==, 0);
    g_assert_cmpint(make_buffer(1, BIND_VERTEX_BUFFER, 3 << 20), ==, 0);
    g_assert_cmpint(make_buffer(2, BIND_VERTEX_BUFFER, 2 << 20), ==, ENOMEM);
    virgl_renderer_resource_unref(1);
    g_assert_cmpint(make_buffer(2, BIND_VERTEX_BUFFER, 2 << 20), ==, 0);
    stop_renderer();
    g_unsetenv("MANTUA_MEMORY_LIMIT_MIB");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_setenv("MANTUA_BACKEND", "null", TRUE);
    g_setenv("MANTUA_LOG_LEVEL", "error", TRUE);
    g_test_add_func("/api/before_init", test_before_init);
    g_test_add_func("/api/init", test_init);
    g_test_add_func("/api/bad_arguments", test_bad_arguments);
    g_test_add_func("/api/no_virgl", test_no_virgl);
    g_test_add_func("/api/capsets", test_capsets);
    g_test_add_func("/api/contexts", test_contexts);
    g_test_add_func("/api/resources", test_resources);
    g_test_add_func("/api/transfers", test_transfers);
    g_test_add_func("/api/fences/polled", test_fences_polled);
    g_test_add_func("/api/fences/version_1", test_fences_version_1);
    g_test_add_func("/api/fences/thread", test_fences_thread);
    g_test_add_func("/api/fences/async", test_fences_async);
    g_test_add_func("/api/fences/submit", test_submit_with_fences);
    g_test_add_func("/api/blob/host", test_host_blob);
    g_test_add_func("/api/blob/imported", test_imported_blob);
    g_test_add_func("/api/blob/guest", test_guest_blob);
    g_test_add_func("/api/execute", test_execute);
    g_test_add_func("/api/log", test_log);
    g_test_add_func("/api/memory_limit", test_memory_limit);
    return g_test_run();
}
