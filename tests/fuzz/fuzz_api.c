/* SPDX-License-Identifier: MIT */
/*
 * Sequences of calls of the public interface with hostile numbers, on the back end without a GPU.
 * The input is a program: one byte names a call, the following ones its arguments. Pointers are
 * good, as an embedder's are; everything that a guest can choose is not.
 */
#include <errno.h>
#include <glib.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "virglrenderer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_BACKINGS = 16, MAX_PIECES = 4, MAX_CALLS = 4096, MAX_STREAM_DWORDS = 256 };

struct input {
    const uint8_t *data;
    size_t left;
};

/* Guest memory, each piece an allocation of its own so that a sanitizer sees its ends. */
struct backing {
    struct iovec iov[MAX_PIECES];
    uint32_t count;
    uint32_t used_by; /* resource, 0: free */
};

static struct backing backings[MAX_BACKINGS];
static int cookie;

static uint8_t take_byte(struct input *in)
{
    if (in->left == 0) {
        return 0;
    }
    in->left--;
    return *in->data++;
}

static uint32_t take_word(struct input *in)
{
    uint32_t word = 0;

    for (int i = 0; i < 4; i++) {
        word |= (uint32_t)take_byte(in) << (8 * i);
    }
    return word;
}

/* Mostly small, sometimes at an edge, sometimes anything. */
static uint32_t take_number(struct input *in)
{
    static const uint32_t edges[] = {
        0xff, 0x100, 0xfff, 0x1000, 0x1001, 0x4000, 0x4001, 0xffff, 0x10000, 0x7fffffff,
        0x80000000, 0xfffffffe, 0xffffffff, 0x40000000, 0x20000000, 0x10001,
    };
    uint8_t kind = take_byte(in);

    if (kind < 0xc0) {
        return kind % 65;
    }
    return kind < 0xf0 ? edges[kind % G_N_ELEMENTS(edges)] : take_word(in);
}

static uint32_t take_handle(struct input *in)
{
    uint8_t kind = take_byte(in);

    return kind < 0xf8 ? kind % 9 : take_word(in);
}

static struct backing *new_backing(struct input *in)
{
    for (int i = 0; i < MAX_BACKINGS; i++) {
        struct backing *backing = &backings[i];

        if (backing->used_by == 0) {
            backing->count = 1 + take_byte(in) % MAX_PIECES;
            for (uint32_t k = 0; k < backing->count; k++) {
                size_t bytes = take_byte(in) * (size_t)(take_byte(in) % 32);

                backing->iov[k].iov_base = calloc(1, bytes ? bytes : 1);
                backing->iov[k].iov_len = bytes;
            }
            return backing;
        }
    }
    return NULL;
}

static void free_backing(struct backing *backing)
{
    for (uint32_t k = 0; k < backing->count; k++) {
        free(backing->iov[k].iov_base);
    }
    memset(backing, 0, sizeof *backing);
}

/* What an embedder does before it drops a handle. */
static void detach(uint32_t handle)
{
    struct iovec *iov = NULL;
    int count;

    virgl_renderer_resource_detach_iov((int)handle, &iov, &count);
    for (int i = 0; i < MAX_BACKINGS && iov != NULL; i++) {
        if (backings[i].iov == iov) {
            if (backings[i].used_by != handle || count != (int)backings[i].count) {
                abort(); /* somebody else's memory came back */
            }
            free_backing(&backings[i]);
        }
    }
}

static void drop_all_backings(void)
{
    for (int i = 0; i < MAX_BACKINGS; i++) {
        if (backings[i].used_by != 0) {
            free_backing(&backings[i]);
        }
    }
}

static void create_resource(struct input *in)
{
    struct virgl_renderer_resource_create_args args = {.handle = take_handle(in)};
    uint8_t shape = take_byte(in);

    args.target = take_byte(in) % 10;
    args.format = take_byte(in) < 0x80 ? 1 : take_number(in);
    args.bind = shape & 1 ? 1u << (take_byte(in) % 32) : take_number(in);
    args.width = take_number(in);
    args.height = shape & 2 ? 1 : take_number(in);
    args.depth = shape & 4 ? 1 : take_number(in);
    args.array_size = shape & 8 ? 1 : take_number(in);
    args.last_level = shape & 16 ? 0 : take_number(in);
    args.nr_samples = shape & 32 ? 0 : take_number(in);
    args.flags = shape & 64 ? 0 : take_number(in);
    if (shape & 128) {
        virgl_renderer_resource_create(&args, NULL, 0);
        return;
    }
    struct backing *backing = new_backing(in);
    if (backing != NULL) {
        if (virgl_renderer_resource_create(&args, backing->iov, backing->count) == 0) {
            backing->used_by = args.handle;
        } else {
            free_backing(backing);
        }
    }
}

static void attach(struct input *in)
{
    uint32_t handle = take_handle(in);
    struct backing *backing = new_backing(in);

    if (backing == NULL) {
        return;
    }
    if (virgl_renderer_resource_attach_iov((int)handle, backing->iov, (int)backing->count) == 0) {
        backing->used_by = handle;
    } else {
        free_backing(backing);
    }
}

static void transfer(struct input *in, bool write)
{
    uint32_t box[6], handle = take_handle(in), ctx = take_handle(in), level = take_number(in);
    uint32_t stride = take_number(in), layer_stride = take_number(in);
    uint64_t offset = take_number(in);
    uint8_t shape = take_byte(in);
    struct backing *own = NULL;

    for (int i = 0; i < 6; i++) {
        box[i] = take_number(in);
    }
    if (shape & 1) {
        stride = layer_stride = 0;
    }
    if (shape & 2) {
        level = 0;
    }
    if (shape & 4) {
        ctx = 0;
    }
    if (shape & 8) {
        offset |= (uint64_t)take_word(in) << 32;
    }
    if (shape & 16) {
        own = new_backing(in);
    }
    struct iovec *iov = own != NULL ? own->iov : NULL;
    uint32_t count = own != NULL ? own->count : 0;
    if (write) {
        virgl_renderer_transfer_write_iov(handle, ctx, (int)level, stride, layer_stride,
                                          (struct virgl_box *)box, offset, iov, count);
    } else {
        virgl_renderer_transfer_read_iov(handle, ctx, level, stride, layer_stride,
                                         (struct virgl_box *)box, offset, iov, (int)count);
    }
    if (own != NULL) {
        free_backing(own);
    }
}

static void submit(struct input *in)
{
    uint32_t ctx = take_handle(in), dwords = take_byte(in) % (MAX_STREAM_DWORDS + 1);
    uint32_t *stream = malloc(dwords ? dwords * sizeof *stream : 1);
    uint64_t fences[2] = {take_number(in), take_number(in)};

    for (uint32_t i = 0; i < dwords; i++) {
        stream[i] = take_byte(in) & 1 ? take_word(in) : take_number(in);
    }
    if (take_byte(in) & 1) {
        virgl_renderer_submit_cmd(stream, (int)ctx, (int)dwords);
    } else {
        virgl_renderer_submit_cmd2(stream, (int)ctx, (int)dwords, fences, 2);
    }
    free(stream);
}

/* PIPE_RESOURCE_CREATE as a guest sends it, so that blobs are reached. */
static void create_host_object(struct input *in)
{
    uint32_t ctx = take_handle(in);
    uint32_t stream[12] = {48 | 11 << 16, 0, 64, 1 << 4, take_number(in), 1, 1, 1, 0, 0,
                           take_byte(in) % 8, take_byte(in) % 4};

    virgl_renderer_submit_cmd(stream, (int)ctx, 12);
}

static void create_blob(struct input *in)
{
    struct virgl_renderer_resource_create_blob_args args = {
        .res_handle = take_handle(in),
        .ctx_id = take_handle(in),
        .blob_mem = take_byte(in) % 6,
        .blob_flags = take_byte(in) % 16,
        .blob_id = take_byte(in) % 4,
        .size = take_number(in),
    };
    struct backing *backing = take_byte(in) & 1 ? new_backing(in) : NULL;

    if (backing != NULL) {
        args.iovecs = backing->iov;
        args.num_iovs = backing->count;
    }
    if (virgl_renderer_resource_create_blob(&args) == 0 && backing != NULL) {
        backing->used_by = args.res_handle;
    } else if (backing != NULL) {
        free_backing(backing);
    }
}

static void import_blob(struct input *in)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    struct virgl_renderer_resource_import_blob_args args = {
        .res_handle = take_handle(in),
        .blob_mem = take_byte(in) % 6,
        .fd_type = take_byte(in) % 5,
        .fd = take_byte(in) < 0x10 ? -1 : fd,
        .size = take_number(in),
    };

    if (fd < 0 || ftruncate(fd, take_byte(in) * 64) < 0 ||
        virgl_renderer_resource_import_blob(&args) != 0) {
        close(fd);
    }
}

static void use_blob(struct input *in)
{
    uint32_t handle = take_handle(in), type, info;
    uint64_t size = 0;
    void *map = NULL;
    int fd;

    switch (take_byte(in) % 5) {
    case 0:
        if (virgl_renderer_resource_map(handle, &map, &size) == 0 && size > 0 &&
            take_byte(in) < 0x80) {
            /* Only what the mapping is said to hold, and no more than is quick. */
            memset(map, 0x5a, size < 4096 ? size : 4096);
        }
        break;
    case 1:
        virgl_renderer_resource_unmap(handle);
        break;
    case 2:
        virgl_renderer_resource_get_map_info(handle, &info);
        break;
    case 3:
        if (virgl_renderer_resource_export_blob(handle, &type, &fd) == 0) {
            close(fd);
        }
        break;
    default: {
        struct iovec *iov;
        int count;

        virgl_renderer_resource_detach_iov((int)take_word(in) | 0x1000, &iov, &count);
        break;
    }
    }
}

static void ask(struct input *in)
{
    uint32_t handle = take_handle(in), width, height;
    struct virgl_renderer_resource_info info;
    struct virgl_renderer_resource_info_ext ext;
    struct virgl_renderer_export_query query = {
        .hdr = {VIRGL_RENDERER_STRUCTURE_TYPE_EXPORT_QUERY, 0, sizeof query},
        .in_resource_id = handle,
    };

    virgl_renderer_resource_get_info((int)handle, &info);
    virgl_renderer_resource_get_info_ext((int)handle, &ext);
    virgl_renderer_execute(&query, sizeof query);
    free(virgl_renderer_get_cursor_data(handle, &width, &height));
    struct backing *backing = new_backing(in);
    if (backing != NULL) {
        uint32_t offset = take_number(in), x = take_number(in), y = take_number(in);

        virgl_renderer_get_rect((int)handle, backing->iov, backing->count, offset, (int)x, (int)y,
                                (int)take_number(in), (int)take_number(in));
        free_backing(backing);
    }
}

static void one_call(struct input *in)
{
    uint32_t handle;

    switch (take_byte(in) % 20) {
    case 0:
    case 1:
        create_resource(in);
        break;
    case 2:
        handle = take_handle(in);
        detach(handle);
        virgl_renderer_resource_unref(handle);
        break;
    case 3:
        attach(in);
        break;
    case 4:
        detach(take_handle(in));
        break;
    case 5:
    case 6:
        transfer(in, true);
        break;
    case 7:
    case 8:
        transfer(in, false);
        break;
    case 9:
        virgl_renderer_context_create_with_flags(take_handle(in), take_byte(in) % 5, 3, "abc");
        break;
    case 10:
        virgl_renderer_context_destroy(take_handle(in));
        break;
    case 11:
        virgl_renderer_ctx_attach_resource((int)take_handle(in), (int)take_handle(in));
        break;
    case 12:
        virgl_renderer_ctx_detach_resource((int)take_handle(in), (int)take_handle(in));
        break;
    case 13:
        submit(in);
        break;
    case 14:
        create_host_object(in);
        break;
    case 15:
        create_blob(in);
        break;
    case 16:
        import_blob(in);
        break;
    case 17:
        use_blob(in);
        break;
    case 18:
        ask(in);
        break;
    default:
        handle = take_handle(in);
        virgl_renderer_create_fence((int)take_byte(in), handle);
        virgl_renderer_context_create_fence(handle, take_byte(in) % 3, take_number(in),
                                            take_number(in));
        if (take_byte(in) & 1) {
            virgl_renderer_poll();
        } else {
            virgl_renderer_context_poll(handle);
        }
        break;
    }
}

__attribute__((constructor)) static void set_environment(void)
{
    setenv("MANTUA_BACKEND", "null", 1);
    setenv("MANTUA_MEMORY_LIMIT_MIB", "64", 1);
    setenv("MANTUA_LOG_LEVEL", "silent", 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct virgl_renderer_callbacks callbacks = {.version = 3};
    struct input in = {data, size};

    if (virgl_renderer_init(&cookie, 0, &callbacks) != 0) {
        abort();
    }
    for (int i = 0; i < MAX_CALLS && in.left > 0; i++) {
        one_call(&in);
        if (i % 1024 == 1023) {
            virgl_renderer_reset();
            drop_all_backings();
        }
    }
    virgl_renderer_cleanup(&cookie);
    drop_all_backings();
    return 0;
}
