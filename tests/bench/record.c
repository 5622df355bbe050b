/* SPDX-License-Identifier: MIT */
/*
 * A library for LD_PRELOAD that stands between a program and its libvirglrenderer.so.1, writes what
 * the program calls to the file in MANTUA_RECORD, and passes it on. It stops writing, at the end of a
 * record, when MANTUA_RECORD_MIB (64) are full. Further processes of the program write to files with
 * a number added. Blob resources are passed on, not recorded.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "record_memory.h"
#include "replay_format.h"
#include "virgl_protocol.h"
#include "virglrenderer.h"

#define CAPSET_VIRGL2 2u

struct virgl_box {
    uint32_t x, y, z, width, height, depth;
};

/* The interface is one per process, and so is what stands in front of it. */
static int output = -1;
static bool nested; /* the library calls itself */
static uint64_t bytes_left;

#define REAL(name)                                                                                 \
    ({                                                                                             \
        static __typeof__(&name) real;                                                             \
        if (!real) {                                                                               \
            real = (__typeof__(&name)) dlsym(RTLD_NEXT, #name);                                    \
        }                                                                                          \
        real;                                                                                      \
    })

static int create_output(void)
{
    const char *path = getenv("MANTUA_RECORD");
    char name[4096];

    for (int i = 0; path && i < 1000; i++) {
        int fd;

        snprintf(name, sizeof(name), i ? "%s.%d" : "%s", path, i);
        fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        if (fd >= 0) {
            return fd;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    fprintf(stderr, "record: cannot write the file of MANTUA_RECORD\n");
    return -1;
}

static void close_output(void)
{
    if (output >= 0) {
        close(output);
        output = -1;
        record_memory_clear();
    }
}

static void open_output(void)
{
    struct replay_header header;
    const char *limit = getenv("MANTUA_RECORD_MIB");

    close_output();
    bytes_left = (limit ? strtoull(limit, NULL, 10) : 64) << 20;
    output = create_output();
    memcpy(header.magic, REPLAY_MAGIC, sizeof(header.magic));
    if (output >= 0 && write(output, &header, sizeof(header)) != sizeof(header)) {
        close_output();
    }
}

/* A record is written at once, so that a program that is killed leaves whole ones. */
static void write_record(const struct replay_record *record, const void *payload)
{
    static const char zeros[8];
    uint64_t padded = replay_padded(record->size_bytes);
    struct iovec parts[] = {
        {(void *) record, sizeof(*record)},
        {(void *) payload, record->size_bytes},
        {(void *) zeros, padded - record->size_bytes},
    };

    if (output < 0) {
        return;
    }
    if (sizeof(*record) + padded > bytes_left ||
        writev(output, parts, 3) != (ssize_t) (sizeof(*record) + padded)) {
        close_output();
        return;
    }
    bytes_left -= sizeof(*record) + padded;
}

static void record_call(enum replay_kind kind, uint32_t a, uint32_t b)
{
    struct replay_record record = {.kind = kind, .args = {a, b}};

    write_record(&record, NULL);
}

static void write_changed(uint32_t resource, size_t offset, const void *bytes, size_t count)
{
    struct replay_record record = {
        .kind = REPLAY_MEMORY,
        .size_bytes = (uint32_t) count,
        .args = {resource, (uint32_t) offset},
    };

    write_record(&record, bytes);
}

VIRGL_EXPORT int virgl_renderer_init(void *cookie, int flags, struct virgl_renderer_callbacks *cb)
{
    int result = REAL(virgl_renderer_init)(cookie, flags, cb);

    if (result == 0) {
        open_output();
        record_call(REPLAY_INIT, (uint32_t) flags, 0);
    }
    return result;
}

VIRGL_EXPORT void virgl_renderer_cleanup(void *cookie)
{
    close_output();
    REAL(virgl_renderer_cleanup)(cookie);
}

static void record_context(uint32_t ctx_id, uint32_t flags, uint32_t nlen, const char *name)
{
    struct replay_record record = {
        .kind = REPLAY_CONTEXT_CREATE, .size_bytes = nlen, .args = {ctx_id, flags}};

    write_record(&record, name);
}

VIRGL_EXPORT int virgl_renderer_context_create(uint32_t handle, uint32_t nlen, const char *name)
{
    int result;

    record_context(handle, CAPSET_VIRGL2, nlen, name);
    /* Some libraries come back through the other function. */
    nested = true;
    result = REAL(virgl_renderer_context_create)(handle, nlen, name);
    nested = false;
    return result;
}

VIRGL_EXPORT int virgl_renderer_context_create_with_flags(uint32_t ctx_id, uint32_t ctx_flags,
                                                          uint32_t nlen, const char *name)
{
    if (!nested) {
        record_context(ctx_id, ctx_flags, nlen, name);
    }
    return REAL(virgl_renderer_context_create_with_flags)(ctx_id, ctx_flags, nlen, name);
}

VIRGL_EXPORT void virgl_renderer_context_destroy(uint32_t handle)
{
    record_call(REPLAY_CONTEXT_DESTROY, handle, 0);
    REAL(virgl_renderer_context_destroy)(handle);
}

VIRGL_EXPORT int virgl_renderer_resource_create(struct virgl_renderer_resource_create_args *args,
                                                struct iovec *iov, uint32_t num_iovs)
{
    struct replay_record record = {.kind = REPLAY_RESOURCE_CREATE};
    int result = REAL(virgl_renderer_resource_create)(args, iov, num_iovs);

    if (result == 0) {
        memcpy(record.args, args, sizeof(*args));
        write_record(&record, NULL);
    }
    if (result == 0 && num_iovs > 0) {
        record_memory_attach(args->handle, iov, (int) num_iovs);
        record_call(REPLAY_ATTACH, args->handle, (uint32_t) record_memory_size(args->handle));
    }
    return result;
}

VIRGL_EXPORT void virgl_renderer_resource_unref(uint32_t res_handle)
{
    record_memory_detach(res_handle);
    record_call(REPLAY_RESOURCE_UNREF, res_handle, 0);
    REAL(virgl_renderer_resource_unref)(res_handle);
}

VIRGL_EXPORT int virgl_renderer_resource_attach_iov(int res_handle, struct iovec *iov, int num_iovs)
{
    int result = REAL(virgl_renderer_resource_attach_iov)(res_handle, iov, num_iovs);

    if (result == 0 && output >= 0) {
        record_memory_attach((uint32_t) res_handle, iov, num_iovs);
        record_call(REPLAY_ATTACH, (uint32_t) res_handle,
                    (uint32_t) record_memory_size((uint32_t) res_handle));
    }
    return result;
}

VIRGL_EXPORT void virgl_renderer_resource_detach_iov(int res_handle, struct iovec **iov,
                                                     int *num_iovs)
{
    record_memory_detach((uint32_t) res_handle);
    record_call(REPLAY_DETACH, (uint32_t) res_handle, 0);
    REAL(virgl_renderer_resource_detach_iov)(res_handle, iov, num_iovs);
}

VIRGL_EXPORT void virgl_renderer_ctx_attach_resource(int ctx_id, int res_handle)
{
    record_call(REPLAY_CTX_ATTACH, (uint32_t) ctx_id, (uint32_t) res_handle);
    REAL(virgl_renderer_ctx_attach_resource)(ctx_id, res_handle);
}

VIRGL_EXPORT void virgl_renderer_ctx_detach_resource(int ctx_id, int res_handle)
{
    record_call(REPLAY_CTX_DETACH, (uint32_t) ctx_id, (uint32_t) res_handle);
    REAL(virgl_renderer_ctx_detach_resource)(ctx_id, res_handle);
}

/* Streams that move data name the resources whose backing they read: note what changed there. */
static void record_backings_of_stream(const uint32_t *stream, int dwords)
{
    for (int at = 0; output >= 0 && at < dwords;) {
        uint32_t command = stream[at] & 0xff;
        int length = (int) (stream[at] >> 16);

        if (command == VIRGL_COMMAND_TRANSFER3D || command == VIRGL_COMMAND_COPY_TRANSFER3D) {
            for (int i = 1; i <= length && at + i < dwords; i++) {
                record_memory_changes(stream[at + i], write_changed);
            }
        }
        at += 1 + length;
    }
}

VIRGL_EXPORT int virgl_renderer_submit_cmd(void *buffer, int ctx_id, int ndw)
{
    struct replay_record record = {
        .kind = REPLAY_SUBMIT,
        .size_bytes = (uint32_t) ndw * 4,
        .args = {(uint32_t) ctx_id, (uint32_t) ndw},
    };

    record_backings_of_stream(buffer, ndw);
    write_record(&record, buffer);
    return REAL(virgl_renderer_submit_cmd)(buffer, ctx_id, ndw);
}

static struct replay_record transfer_record(enum replay_kind kind, uint32_t handle, uint32_t ctx_id,
                                            uint32_t level, uint32_t stride, uint32_t layer_stride,
                                            const struct virgl_box *box, uint64_t offset)
{
    struct replay_record record = {
        .kind = kind, .args = {handle, ctx_id, level, stride, layer_stride}};

    memcpy(&record.args[TRANSFER_BOX], box, sizeof(*box));
    record.args[TRANSFER_OFFSET] = (uint32_t) offset;
    return record;
}

static size_t iov_bytes(const struct iovec *iov, unsigned count)
{
    size_t bytes = 0;

    for (unsigned i = 0; iov && i < count; i++) {
        bytes += iov[i].iov_len;
    }
    return bytes;
}

VIRGL_EXPORT int virgl_renderer_transfer_read_iov(uint32_t handle, uint32_t ctx_id, uint32_t level,
                                                  uint32_t stride, uint32_t layer_stride,
                                                  struct virgl_box *box, uint64_t offset,
                                                  struct iovec *iov, int iovec_cnt)
{
    struct replay_record record = transfer_record(REPLAY_TRANSFER_READ, handle, ctx_id, level,
                                                  stride, layer_stride, box, offset);

    record.args[TRANSFER_MEMORY_BYTES] = (uint32_t) iov_bytes(iov, (unsigned) iovec_cnt);
    write_record(&record, NULL);
    return REAL(virgl_renderer_transfer_read_iov)(handle, ctx_id, level, stride, layer_stride, box,
                                                  offset, iov, iovec_cnt);
}

VIRGL_EXPORT int virgl_renderer_transfer_write_iov(uint32_t handle, uint32_t ctx_id, int level,
                                                   uint32_t stride, uint32_t layer_stride,
                                                   struct virgl_box *box, uint64_t offset,
                                                   struct iovec *iovec, unsigned int iovec_cnt)
{
    struct replay_record record = transfer_record(REPLAY_TRANSFER_WRITE, handle, ctx_id,
                                                  (uint32_t) level, stride, layer_stride, box,
                                                  offset);
    size_t bytes = iov_bytes(iovec, iovec_cnt);
    uint8_t *copy = bytes ? malloc(bytes) : NULL;

    if (copy) {
        record.args[TRANSFER_MEMORY_BYTES] = record.size_bytes = (uint32_t) bytes;
        record_memory_gather(iovec, (int) iovec_cnt, copy);
    } else if (output >= 0) {
        record_memory_changes(handle, write_changed);
    }
    write_record(&record, copy);
    free(copy);
    return REAL(virgl_renderer_transfer_write_iov)(handle, ctx_id, level, stride, layer_stride, box,
                                                   offset, iovec, iovec_cnt);
}

VIRGL_EXPORT int virgl_renderer_create_fence(int client_fence_id, uint32_t ctx_id)
{
    record_call(REPLAY_FENCE, (uint32_t) client_fence_id, 0);
    return REAL(virgl_renderer_create_fence)(client_fence_id, ctx_id);
}
