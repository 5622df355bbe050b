/* SPDX-License-Identifier: MIT */
#include "winsys_record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recording.h"

/* A resource and what its guest memory held when it was last written to the file. */
struct recorded {
    struct vgpu_resource *resource;
    void *shadow;
    struct recorded *next;
};

struct winsys_record {
    struct vgpu_winsys base;
    struct vgpu_winsys *inner;
    struct recorded *resources;
    FILE *file;
    bool failed;
};

static struct winsys_record *record_of(struct vgpu_winsys *winsys)
{
    return (struct winsys_record *)winsys;
}

static void put(struct winsys_record *record, const void *data, size_t bytes)
{
    if (bytes > 0 && fwrite(data, 1, bytes, record->file) != bytes)
        record->failed = true;
}

/* A record of some dwords and, behind them, some bytes. */
static void put_record(struct winsys_record *record, uint32_t kind, const uint32_t *dwords,
                       size_t count_dwords, const void *data, size_t bytes)
{
    const uint32_t header[2] = {kind, (uint32_t)(4 * count_dwords + bytes)};
    static const char padding[4];

    put(record, header, sizeof(header));
    put(record, dwords, 4 * count_dwords);
    put(record, data, bytes);
    put(record, padding, -bytes % 4);
}

static void put_changes(struct winsys_record *record)
{
    for (struct recorded *r = record->resources; r; r = r->next) {
        size_t bytes = r->resource->layout.total_bytes;

        if (!r->shadow || memcmp(r->shadow, r->resource->memory, bytes) == 0)
            continue;
        memcpy(r->shadow, r->resource->memory, bytes);
        put_record(record, RECORDING_MEMORY, &r->resource->id, 1, r->shadow, bytes);
    }
}

static void put_transfer(struct winsys_record *record, uint32_t kind,
                         const struct vgpu_resource *resource,
                         const struct vgpu_transfer *transfer)
{
    const struct vgpu_box *box = &transfer->box;
    const uint32_t dwords[RECORDING_TRANSFER_DWORDS] = {
        resource->id, transfer->level, box->x, box->y, box->z, box->width, box->height, box->depth,
    };

    put_record(record, kind, dwords, RECORDING_TRANSFER_DWORDS, NULL, 0);
}

static void record_destroy(struct vgpu_winsys *winsys)
{
    struct winsys_record *record = record_of(winsys);

    while (record->resources) {
        struct recorded *r = record->resources;

        record->resources = r->next;
        free(r->shadow);
        free(r);
    }
    record->inner->ops->destroy(record->inner);
    if (record->file)
        fclose(record->file);
    free(record);
}

static int record_get_capset(struct vgpu_winsys *winsys, uint32_t id, uint32_t version, void *data,
                             size_t capacity_bytes)
{
    struct vgpu_winsys *inner = record_of(winsys)->inner;

    return inner->ops->get_capset(inner, id, version, data, capacity_bytes);
}

static int record_resource_create(struct vgpu_winsys *winsys, struct vgpu_resource *resource)
{
    struct winsys_record *record = record_of(winsys);
    struct recorded *r = calloc(1, sizeof(*r));
    int result = r ? record->inner->ops->resource_create(record->inner, resource) : -ENOMEM;

    if (result < 0) {
        free(r);
        return result;
    }
    r->resource = resource;
    r->shadow = resource->memory ? calloc(1, resource->layout.total_bytes) : NULL;
    r->next = record->resources;
    record->resources = r;
    if (resource->memory && !r->shadow)
        record->failed = true;
    put_record(record, RECORDING_CREATE, &resource->id, 1, &resource->desc,
               sizeof(resource->desc));
    return 0;
}

static void record_resource_destroy(struct vgpu_winsys *winsys, struct vgpu_resource *resource)
{
    struct winsys_record *record = record_of(winsys);

    put_record(record, RECORDING_DESTROY, &resource->id, 1, NULL, 0);
    for (struct recorded **r = &record->resources; *r; r = &(*r)->next) {
        if ((*r)->resource == resource) {
            struct recorded *gone = *r;

            *r = gone->next;
            free(gone->shadow);
            free(gone);
            break;
        }
    }
    record->inner->ops->resource_destroy(record->inner, resource);
}

static int record_transfer_to_host(struct vgpu_winsys *winsys, struct vgpu_resource *resource,
                                   const struct vgpu_transfer *transfer)
{
    struct winsys_record *record = record_of(winsys);

    put_changes(record);
    put_transfer(record, RECORDING_UPLOAD, resource, transfer);
    return record->inner->ops->transfer_to_host(record->inner, resource, transfer);
}

static int record_transfer_from_host(struct vgpu_winsys *winsys, struct vgpu_resource *resource,
                                     const struct vgpu_transfer *transfer)
{
    struct winsys_record *record = record_of(winsys);

    put_transfer(record, RECORDING_READ, resource, transfer);
    return record->inner->ops->transfer_from_host(record->inner, resource, transfer);
}

static int record_submit(struct vgpu_winsys *winsys, const uint32_t *dwords, size_t count_dwords,
                         vgpu_os_handle in_fence, vgpu_os_handle *out_fence)
{
    struct winsys_record *record = record_of(winsys);

    put_changes(record);
    put_record(record, RECORDING_SUBMIT, dwords, count_dwords, NULL, 0);
    return record->inner->ops->submit(record->inner, dwords, count_dwords, in_fence, out_fence);
}

static int record_wait(struct vgpu_winsys *winsys, struct vgpu_resource *resource)
{
    struct vgpu_winsys *inner = record_of(winsys)->inner;

    return inner->ops->wait(inner, resource);
}

static const struct vgpu_winsys_ops record_ops = {
    .name = "record",
    .destroy = record_destroy,
    .get_capset = record_get_capset,
    .resource_create = record_resource_create,
    .resource_destroy = record_resource_destroy,
    .transfer_to_host = record_transfer_to_host,
    .transfer_from_host = record_transfer_from_host,
    .submit = record_submit,
    .wait = record_wait,
};

int winsys_record_open(const char *path, struct vgpu_winsys *inner, struct vgpu_winsys **winsys)
{
    struct winsys_record *record = calloc(1, sizeof(*record));

    if (!record) {
        inner->ops->destroy(inner);
        return -ENOMEM;
    }
    record->base.ops = &record_ops;
    record->inner = inner;
    record->file = fopen(path, "wb");
    if (!record->file) {
        int error = -errno;

        record_destroy(&record->base);
        return error;
    }
    put(record, RECORDING_MAGIC, sizeof(RECORDING_MAGIC) - 1);
    *winsys = &record->base;
    return 0;
}

bool winsys_record_ok(const struct vgpu_winsys *winsys)
{
    const struct winsys_record *record = (const struct winsys_record *)winsys;

    return !record->failed && fflush(record->file) == 0;
}
