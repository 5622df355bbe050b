/* SPDX-License-Identifier: MIT */
#include "blob.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "front/backend.h"
#include "front/context.h"
#include "log.h"
#include "renderer.h"
#include "virgl_formats.h"
#include "virgl_protocol.h"

static uint64_t page_align(uint64_t bytes)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

    return (bytes + page - 1) & ~(page - 1);
}

int blob_memory_create(struct resource *res, uint64_t bytes)
{
    uint64_t size = page_align(bytes);
    int fd = memfd_create("mantua-blob", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0) {
        return errno;
    }
    /* Whoever gets the descriptor must not be able to pull the pages from under us. */
    if (ftruncate(fd, (off_t)size) < 0 ||
        fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        int err = errno;

        close(fd);
        return err;
    }
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        int err = errno;

        close(fd);
        return err;
    }
    res->host_memory = memory;
    res->host_memory_bytes = size;
    res->blob_fd = fd;
    res->blob_fd_type = RESOURCE_FD_SHM;
    return 0;
}

void blob_memory_destroy(struct resource *res)
{
    if (res->host_memory != NULL) {
        munmap(res->host_memory, res->host_memory_bytes);
        res->host_memory = NULL;
        close(res->blob_fd);
        res->blob_fd = -1;
        res->blob_fd_type = RESOURCE_FD_NONE;
    }
}

/* The buffer that the context's stream made under blob_id. */
static int take_host_object(struct renderer *renderer, const struct blob_args *args,
                            struct resource **out)
{
    struct front_context *ctx = renderer_context(renderer, args->ctx_id);
    struct resource *res = ctx != NULL ? front_context_take_blob(ctx, args->blob_id) : NULL;

    if (res == NULL) {
        log_guest_error(renderer->log, "context %u: blob resource %u: no object with blob id %llu",
                        args->ctx_id, args->res_id, (unsigned long long)args->blob_id);
        return EINVAL;
    }
    if (res->desc.target == VIRGL_TEXTURE_TARGET_BUFFER &&
        args->size_bytes > page_align(res->desc.width)) {
        log_guest_error(renderer->log, "context %u: blob resource %u: size: %llu of a buffer of %u",
                        args->ctx_id, args->res_id, (unsigned long long)args->size_bytes,
                        res->desc.width);
        resource_unref(res);
        return EINVAL;
    }
    *out = res;
    return 0;
}

static const char *check_args(const struct blob_args *args)
{
    const uint32_t known_flags =
        BLOB_FLAG_MAPPABLE | BLOB_FLAG_SHAREABLE | BLOB_FLAG_CROSS_DEVICE;
    bool guest = args->mem == BLOB_MEM_GUEST || args->mem == BLOB_MEM_HOST3D_GUEST;

    if (!guest && args->mem != BLOB_MEM_HOST3D) {
        return "blob_mem: unknown or not offered";
    }
    if (args->flags & ~known_flags) {
        return "blob_flags: unknown";
    }
    if (args->size_bytes == 0) {
        return "size: zero";
    }
    if (guest != (args->iov_count != 0)) {
        return "num_iovs: guest blobs have guest pages, others have none";
    }
    if (guest && iov_size(args->iov, args->iov_count) < args->size_bytes) {
        return "size: larger than the guest pages";
    }
    if (args->mem == BLOB_MEM_GUEST && args->blob_id != 0) {
        return "blob_id: guest blobs have none";
    }
    return NULL;
}

int blob_create(struct renderer *renderer, const struct blob_args *args)
{
    struct resource *res = NULL;
    const char *why = check_args(args);
    int err;

    if (why == NULL && !renderer_resource_id_free(renderer, args->res_id)) {
        why = "handle: zero or in use";
    }
    if (why != NULL) {
        log_guest_error(renderer->log, "blob resource %u: %s", args->res_id, why);
        return EINVAL;
    }
    if (args->mem == BLOB_MEM_GUEST) {
        res = resource_create_untyped(renderer);
        if (res == NULL) {
            return ENOMEM;
        }
    } else {
        err = take_host_object(renderer, args, &res);
        if (err != 0) {
            return err;
        }
    }
    res->blob_mem = args->mem;
    res->blob_flags = args->flags;
    res->blob_id = args->blob_id;
    res->blob_bytes = args->size_bytes;
    if (args->iov_count != 0) {
        resource_attach_iov(res, args->iov, args->iov_count);
    }
    if ((args->flags & BLOB_FLAG_MAPPABLE) && args->mem != BLOB_MEM_GUEST) {
        res->map_info = BLOB_MAP_CACHE_CACHED;
    }
    err = renderer_resource_insert(renderer, args->res_id, res);
    if (err != 0) {
        resource_unref(res);
    }
    return err;
}

/* Does the descriptor hold as many bytes as it is said to? */
static bool fd_holds(int fd, uint64_t bytes)
{
    struct stat st;

    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        return (uint64_t)st.st_size >= bytes;
    }
    off_t end = lseek(fd, 0, SEEK_END); /* dma-bufs tell their size this way */
    return end >= 0 && (uint64_t)end >= bytes;
}

int blob_import(struct renderer *renderer, uint32_t res_id, uint32_t mem, uint32_t fd_type, int fd,
                uint64_t size_bytes)
{
    if (!renderer_resource_id_free(renderer, res_id) || mem != BLOB_MEM_HOST3D || fd < 0 ||
        size_bytes == 0 || (fd_type != RESOURCE_FD_DMABUF && fd_type != RESOURCE_FD_SHM) ||
        !fd_holds(fd, size_bytes)) {
        return EINVAL;
    }
    struct resource *res = resource_create_untyped(renderer);
    if (res == NULL) {
        return ENOMEM;
    }
    int err = renderer_resource_insert(renderer, res_id, res);
    if (err != 0) {
        resource_unref(res);
        return err;
    }
    res->blob_mem = mem;
    res->blob_bytes = size_bytes;
    res->blob_fd = fd;
    res->blob_fd_type = fd_type;
    res->map_info = fd_type == RESOURCE_FD_SHM ? BLOB_MAP_CACHE_CACHED : BLOB_MAP_CACHE_WC;
    return 0;
}

/* The memory a mapping shows when it comes from a descriptor of the resource. */
static uint64_t fd_map_bytes(const struct resource *res)
{
    return res->host_memory != NULL ? res->host_memory_bytes : page_align(res->blob_bytes);
}

int blob_map(struct resource *res, void **map, uint64_t *size_bytes)
{
    struct backend *backend = res->renderer->backend;
    uint64_t bytes = 0;
    uint32_t map_info = 0;
    void *address = NULL;

    if (res->blob_mem == 0 || res->blob_mem == BLOB_MEM_GUEST || res->map_info == 0 ||
        res->blob_mapping != NULL) {
        return EINVAL;
    }
    if (res->host_memory != NULL) {
        address = res->host_memory;
        bytes = res->host_memory_bytes;
    } else if (res->blob_fd >= 0) {
        bytes = fd_map_bytes(res);
        address = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, res->blob_fd, 0);
        if (address == MAP_FAILED) {
            return EINVAL;
        }
    } else {
        if (res->storage != RESOURCE_STORAGE_BUFFER || res->back == NULL ||
            backend->ops->resource_map == NULL ||
            backend->ops->resource_map(backend, res, &address, &bytes, &map_info) != 0) {
            return EINVAL;
        }
        res->map_info = map_info != 0 ? map_info : res->map_info;
    }
    res->blob_mapping = address;
    *map = address;
    *size_bytes = bytes;
    return 0;
}

int blob_unmap(struct resource *res)
{
    struct backend *backend = res->renderer->backend;

    if (res->blob_mapping == NULL) {
        return EINVAL;
    }
    if (res->host_memory != NULL) {
        /* stays mapped for the back end */
    } else if (res->blob_fd >= 0) {
        munmap(res->blob_mapping, fd_map_bytes(res));
    } else if (backend->ops->resource_unmap != NULL) {
        backend->ops->resource_unmap(backend, res);
    }
    res->blob_mapping = NULL;
    return 0;
}

int blob_map_fixed(struct resource *res, void *address)
{
    if (res->blob_mem == 0 || res->blob_mem == BLOB_MEM_GUEST || res->map_info == 0) {
        return EINVAL;
    }
    if (res->blob_fd < 0) {
        return EOPNOTSUPP;
    }
    void *map = mmap(address, fd_map_bytes(res), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                     res->blob_fd, 0);
    return map == MAP_FAILED ? errno : 0;
}

int blob_map_info(const struct resource *res, uint32_t *map_info)
{
    if (res->map_info == 0) {
        return EINVAL;
    }
    *map_info = res->map_info;
    return 0;
}

int blob_export(struct resource *res, uint32_t *fd_type, int *fd)
{
    struct backend *backend = res->renderer->backend;
    uint32_t stride, offset;
    uint64_t modifier;
    int fourcc;

    if (res->blob_fd >= 0) {
        *fd = fcntl(res->blob_fd, F_DUPFD_CLOEXEC, 0);
        *fd_type = res->blob_fd_type;
        return *fd >= 0 ? 0 : errno;
    }
    if (res->back == NULL || backend->ops->resource_export_dmabuf == NULL) {
        return EINVAL;
    }
    *fd_type = RESOURCE_FD_DMABUF;
    return backend->ops->resource_export_dmabuf(backend, res, fd, &fourcc, &stride, &offset,
                                                &modifier);
}

/* Host drivers differ in how closely they look at the planes of an import. How the rows of other
 * layouts than the linear one lie is only known to them, but no row is shorter than its share. */
static bool planes_inside(const struct resource *res, const struct blob_plane *planes,
                          uint32_t plane_count)
{
    const struct virgl_format_info *format = virgl_format_info(res->desc.format);
    uint64_t row_bytes, end;

    if (plane_count == 0 || format == NULL || format->is_compressed) {
        return false;
    }
    row_bytes = (uint64_t)res->desc.width * format->block_bytes;
    end = planes[0].offset_bytes + (uint64_t)(res->desc.height - 1) * planes[0].stride_bytes;
    if (planes[0].stride_bytes < row_bytes || end + row_bytes > res->blob_bytes) {
        return false;
    }
    for (uint32_t i = 1; i < plane_count; i++) {
        if (planes[i].offset_bytes >= res->blob_bytes) {
            return false;
        }
    }
    return true;
}

static int set_type_storage(struct resource *res, uint64_t modifier,
                            const struct blob_plane *planes, uint32_t plane_count)
{
    struct backend *backend = res->renderer->backend;

    if (res->blob_fd_type == RESOURCE_FD_DMABUF && backend->ops->resource_import_dmabuf != NULL) {
        if (!planes_inside(res, planes, plane_count)) {
            return EINVAL;
        }
        res->storage = res->desc.target == VIRGL_TEXTURE_TARGET_BUFFER ? RESOURCE_STORAGE_BUFFER
                                                                       : RESOURCE_STORAGE_TEXTURE;
        return backend->ops->resource_import_dmabuf(backend, res, modifier, planes, plane_count);
    }
    if (res->blob_fd_type == RESOURCE_FD_SHM && backend->limits.has_user_memory &&
        res->desc.target == VIRGL_TEXTURE_TARGET_BUFFER && res->desc.width <= res->blob_bytes) {
        uint64_t bytes = page_align(res->blob_bytes);
        void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, res->blob_fd, 0);

        if (memory == MAP_FAILED) {
            return errno;
        }
        res->host_memory = memory;
        res->host_memory_bytes = bytes;
        res->storage = RESOURCE_STORAGE_BUFFER;
        int err = backend->ops->resource_create(backend, res);
        if (err != 0) {
            munmap(memory, bytes);
            res->host_memory = NULL;
        }
        return err;
    }
    return EINVAL;
}

int blob_set_type(struct resource *res, const struct resource_desc *desc, uint64_t modifier,
                  const struct blob_plane *planes, uint32_t plane_count)
{
    /* A mapping of the memory could not be told apart from the storage's later. */
    if (res->storage != RESOURCE_STORAGE_UNTYPED || res->format != NULL ||
        res->blob_mapping != NULL) {
        return EINVAL;
    }
    res->desc = *desc;
    res->desc.array_size = desc->array_size ? desc->array_size : 1;
    int err = set_type_storage(res, modifier, planes, plane_count);
    if (err != 0) {
        res->storage = RESOURCE_STORAGE_UNTYPED;
        memset(&res->desc, 0, sizeof res->desc);
        return err;
    }
    res->format = virgl_format_info(desc->format);
    return 0;
}
