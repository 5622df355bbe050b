/* SPDX-License-Identifier: MIT */
#include "winsys_qtest.h"

#include <errno.h>
#include <string.h>

#define CONTEXT_ID 1

struct winsys_qtest {
    struct vgpu_winsys base;
    struct guest *guest;
    uint32_t last_resource_id;
};

static struct winsys_qtest *qtest_of(struct vgpu_winsys *winsys)
{
    return (struct winsys_qtest *)winsys;
}

/* Sends a command that has no answer but its success. */
static int call(struct winsys_qtest *qtest, const void *request, size_t bytes)
{
    return guest_call(qtest->guest, request, bytes, NULL, 0) == VGPU_RESP_OK_NODATA ? 0 : -EIO;
}

static void qtest_destroy(struct vgpu_winsys *winsys)
{
    struct winsys_qtest *qtest = qtest_of(winsys);
    const struct vgpu_wire_ctx_destroy request = {
        .hdr = {.type = VGPU_CMD_CTX_DESTROY, .ctx_id = CONTEXT_ID},
    };

    g_assert_cmpint(call(qtest, &request, sizeof(request)), ==, 0);
    guest_free_all(qtest->guest);
    g_free(qtest);
}

static int qtest_get_capset(struct vgpu_winsys *winsys, uint32_t id, uint32_t version, void *data,
                            size_t capacity_bytes)
{
    struct guest *guest = qtest_of(winsys)->guest;
    uint32_t count = guest_read_config(guest, 12);

    for (uint32_t i = 0; i < count; i++) {
        const struct vgpu_wire_get_capset_info get_info = {
            .hdr.type = VGPU_CMD_GET_CAPSET_INFO, .capset_index = i,
        };
        const struct vgpu_wire_get_capset get = {
            .hdr.type = VGPU_CMD_GET_CAPSET, .capset_id = id, .capset_version = version,
        };
        struct vgpu_wire_resp_capset_info info;

        if (guest_call(guest, &get_info, sizeof(get_info), &info, sizeof(info)) !=
            VGPU_RESP_OK_CAPSET_INFO)
            return -EIO;
        if (info.capset_id != id)
            continue;
        size_t bytes = sizeof(struct vgpu_wire_resp_capset) + info.capset_max_size;
        struct vgpu_wire_resp_capset *answer = g_malloc0(bytes);
        bool ok = guest_call(guest, &get, sizeof(get), answer, bytes) == VGPU_RESP_OK_CAPSET;
        size_t kept = MIN(capacity_bytes, info.capset_max_size);

        memcpy(data, answer->capset_data, kept);
        g_free(answer);
        return ok ? (int)kept : -EIO;
    }
    return -ENOENT;
}

static int qtest_resource_create(struct vgpu_winsys *winsys, struct vgpu_resource *resource)
{
    struct winsys_qtest *qtest = qtest_of(winsys);
    const struct vgpu_resource_desc *desc = &resource->desc;

    resource->id = ++qtest->last_resource_id;
    const struct vgpu_wire_resource_create_3d request = {
        .hdr.type = VGPU_CMD_RESOURCE_CREATE_3D,
        .resource_id = resource->id,
        .target = desc->target,
        .format = desc->format,
        .bind = desc->bind,
        .width = desc->width,
        .height = desc->height,
        .depth = desc->depth,
        .array_size = desc->array_size,
        .last_level = desc->last_level,
        .nr_samples = desc->samples,
        .flags = desc->flags,
    };

    if (call(qtest, &request, sizeof(request)) < 0)
        return -EIO;
    if (resource->layout.total_bytes > 0) {
        /* In pieces, as a guest's pages are. */
        uint64_t address = guest_attach(qtest->guest, resource->id,
                                        (uint32_t)resource->layout.total_bytes,
                                        4 * GUEST_PAGE_BYTES);

        resource->memory = guest_pointer(qtest->guest, address);
    }
    guest_attach_to_context(qtest->guest, CONTEXT_ID, resource->id);
    return 0;
}

static void qtest_resource_destroy(struct vgpu_winsys *winsys, struct vgpu_resource *resource)
{
    const struct vgpu_wire_resource_unref request = {
        .hdr.type = VGPU_CMD_RESOURCE_UNREF, .resource_id = resource->id,
    };

    g_assert_cmpint(call(qtest_of(winsys), &request, sizeof(request)), ==, 0);
}

static int transfer_3d(struct vgpu_winsys *winsys, uint32_t type,
                       const struct vgpu_resource *resource, const struct vgpu_transfer *transfer)
{
    const struct vgpu_box *box = &transfer->box;
    const struct vgpu_wire_transfer_host_3d request = {
        .hdr = {.type = type, .ctx_id = CONTEXT_ID},
        .box = {box->x, box->y, box->z, box->width, box->height, box->depth},
        .offset = transfer->offset_bytes,
        .resource_id = resource->id,
        .level = transfer->level,
        .stride = transfer->stride_bytes,
        .layer_stride = transfer->layer_stride_bytes,
    };

    return call(qtest_of(winsys), &request, sizeof(request));
}

static int qtest_transfer_to_host(struct vgpu_winsys *winsys, struct vgpu_resource *resource,
                                  const struct vgpu_transfer *transfer)
{
    return transfer_3d(winsys, VGPU_CMD_TRANSFER_TO_HOST_3D, resource, transfer);
}

static int qtest_transfer_from_host(struct vgpu_winsys *winsys, struct vgpu_resource *resource,
                                    const struct vgpu_transfer *transfer)
{
    return transfer_3d(winsys, VGPU_CMD_TRANSFER_FROM_HOST_3D, resource, transfer);
}

static int qtest_submit(struct vgpu_winsys *winsys, const uint32_t *dwords, size_t count_dwords,
                        vgpu_os_handle in_fence, vgpu_os_handle *out_fence)
{
    if (in_fence != VGPU_NO_HANDLE || out_fence)
        return -ENOTSUP;
    return guest_submit(qtest_of(winsys)->guest, CONTEXT_ID, dwords,
                        (unsigned int)count_dwords) == VGPU_RESP_OK_NODATA ? 0 : -EIO;
}

/* Submissions carry a fence and wait for it already. */
static int qtest_wait(struct vgpu_winsys *winsys, struct vgpu_resource *resource)
{
    return 0;
}

static const struct vgpu_winsys_ops qtest_ops = {
    .name = "qtest",
    .destroy = qtest_destroy,
    .get_capset = qtest_get_capset,
    .resource_create = qtest_resource_create,
    .resource_destroy = qtest_resource_destroy,
    .transfer_to_host = qtest_transfer_to_host,
    .transfer_from_host = qtest_transfer_from_host,
    .submit = qtest_submit,
    .wait = qtest_wait,
};

struct vgpu_winsys *winsys_qtest_open(struct guest *guest)
{
    struct winsys_qtest *qtest = g_new0(struct winsys_qtest, 1);

    qtest->base.ops = &qtest_ops;
    qtest->guest = guest;
    guest_create_context(guest, CONTEXT_ID);
    return &qtest->base;
}
