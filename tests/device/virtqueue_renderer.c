/* SPDX-License-Identifier: MIT */
/*
 * The virglrenderer interface, as far as the vtest server uses it, with a virtio-gpu device in QEMU
 * behind it instead of a renderer. Linked with the server's own code it makes the bridge: GL
 * programs and conformance tests of the host run through queues, device model and renderer, without
 * a guest system.
 *
 * Clients' memory is not guest memory, so the backing of a resource exists twice; the two are made
 * equal around every command that reads or writes it.
 */
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <virglrenderer.h>

#include "guest.h"
#include "guest_heap.h"
#include "virgl_formats.h"
#include "virgl_protocol.h"

#define RAM_MIB 768
#define HEAP_RESERVE_BYTES (8u << 20) /* for the queues and synchronous calls */
#define RESPONSE_BYTES sizeof(struct vgpu_wire_ctrl_hdr)
#define WATCH_INTERVAL_US 50

struct resource {
    uint32_t id;
    uint32_t format;
    uint32_t width;
    uint32_t height;
    struct iovec *iov; /* the client's memory */
    int iov_count;
    uint64_t guest_address; /* the same in guest memory, 0 for none */
    size_t bytes;
};

/* A request that nobody waits for, or a fence. */
struct pending {
    struct guest_request request;
    uint64_t address;
    size_t bytes;
    bool is_fence;
    uint32_t ctx_id;
    uint32_t ring_idx;
    uint64_t fence_id;
};

static struct {
    struct guest *guest;
    struct guest_heap *heap;
    GHashTable *resources;
    GQueue pending; /* oldest first */
    struct virgl_renderer_callbacks *callbacks;
    void *cookie;

    /* Tells the server's poll when the device answered. */
    int event_fd;
    GThread *watcher;
    GMutex lock;
    GCond cond;
    unsigned int watched; /* fences that have not passed; under lock */
    bool quit;
} bridge = {.event_fd = -1};

static void *watch(void *unused)
{
    g_mutex_lock(&bridge.lock);
    while (!bridge.quit) {
        if (!bridge.watched) {
            g_cond_wait(&bridge.cond, &bridge.lock);
            continue;
        }
        g_mutex_unlock(&bridge.lock);
        if (guest_has_answers(bridge.guest, 0)) {
            uint64_t one = 1;
            (void)!write(bridge.event_fd, &one, sizeof(one));
        }
        g_usleep(WATCH_INTERVAL_US);
        g_mutex_lock(&bridge.lock);
    }
    g_mutex_unlock(&bridge.lock);
    return NULL;
}

static void watch_fences(int change)
{
    g_mutex_lock(&bridge.lock);
    bridge.watched += (unsigned int)change;
    g_cond_signal(&bridge.cond);
    g_mutex_unlock(&bridge.lock);
}

/* Give back the memory of answered requests; report fences. */
static void reap(void)
{
    struct pending *pending;
    guest_collect(bridge.guest, 0);
    while ((pending = g_queue_peek_head(&bridge.pending)) != NULL && pending->request.done) {
        g_queue_pop_head(&bridge.pending);
        guest_heap_release(bridge.heap, pending->address, pending->bytes);
        if (pending->is_fence) {
            watch_fences(-1);
            if (pending->ctx_id)
                bridge.callbacks->write_context_fence(bridge.cookie, pending->ctx_id,
                                                      pending->ring_idx, pending->fence_id);
            else
                bridge.callbacks->write_fence(bridge.cookie, (uint32_t)pending->fence_id);
        }
        g_free(pending);
    }
}

/* Memory for a request, waiting for others to be answered when it is short. */
static uint64_t request_memory(size_t bytes)
{
    for (;;) {
        uint64_t address = guest_heap_alloc(bridge.heap, bytes);
        if (address)
            return address;
        if (g_queue_is_empty(&bridge.pending))
            return 0;
        struct pending *oldest = g_queue_peek_head(&bridge.pending);
        guest_wait(bridge.guest, 0, &oldest->request);
        reap();
    }
}

/* Send header and data as one request that is answered some time. */
static struct pending *send_later(const void *header, size_t header_bytes, const void *data,
                                  size_t data_bytes)
{
    size_t bytes = header_bytes + data_bytes + RESPONSE_BYTES;
    uint64_t address = request_memory(bytes);
    if (!address)
        return NULL;
    struct pending *pending = g_new0(struct pending, 1);
    pending->address = address;
    pending->bytes = bytes;
    memcpy(guest_pointer(bridge.guest, address), header, header_bytes);
    memcpy((char *)guest_pointer(bridge.guest, address) + header_bytes, data, data_bytes);
    struct guest_buffer buffers[2] = {
        {address, (uint32_t)(header_bytes + data_bytes), false},
        {address + header_bytes + data_bytes, RESPONSE_BYTES, true},
    };
    guest_send_chain(bridge.guest, 0, &pending->request, buffers, 2);
    g_queue_push_tail(&bridge.pending, pending);
    return pending;
}

/* Send and wait. Returns 0 or an errno for the response. */
static int call(const void *request, size_t bytes)
{
    uint32_t answer = guest_call(bridge.guest, request, bytes, NULL, 0);
    reap();
    if (answer == VGPU_RESP_ERR_OUT_OF_MEMORY)
        return ENOMEM;
    return answer < VGPU_RESP_ERR_UNSPEC ? 0 : EINVAL;
}
#define CALL(request) call(&(request), sizeof(request))

static struct resource *find(uint32_t id)
{
    return g_hash_table_lookup(bridge.resources, GUINT_TO_POINTER(id));
}

/* Copy bytes at offset between client and guest memory. */
static void copy_backing(const struct resource *resource, uint64_t offset, uint64_t bytes,
                         bool to_guest)
{
    if (!resource->guest_address || offset >= resource->bytes)
        return;
    bytes = MIN(bytes, resource->bytes - offset);
    uint8_t *guest = guest_pointer(bridge.guest, resource->guest_address);
    uint64_t at = 0;
    for (int i = 0; i < resource->iov_count; i++) {
        uint64_t length = resource->iov[i].iov_len;
        uint64_t from = MAX(at, offset);
        uint64_t to = MIN(at + length, offset + bytes);
        if (from < to) {
            uint8_t *client = (uint8_t *)resource->iov[i].iov_base + (from - at);
            memcpy(to_guest ? guest + from : client, to_guest ? client : guest + from, to - from);
        }
        at += length;
    }
}

/* Bytes that a transfer touches from its offset on; generous rather than exact. */
static uint64_t transfer_bytes(const struct resource *resource, uint32_t level, uint64_t stride,
                               uint64_t layer_stride, const struct vgpu_wire_box *box)
{
    const struct virgl_format_info *format = virgl_format_info(resource->format);
    if (!format || !format->block_bytes)
        return resource->bytes;
    uint64_t columns = (MAX(resource->width >> level, 1u) + format->block_w_px - 1) /
                       format->block_w_px;
    uint64_t rows = (MAX(resource->height >> level, 1u) + format->block_h_px - 1) /
                    format->block_h_px;
    stride = stride ? stride : columns * format->block_bytes;
    layer_stride = layer_stride ? layer_stride : stride * rows;
    uint64_t box_rows = ((uint64_t)box->h + format->block_h_px - 1) / format->block_h_px;
    uint64_t box_columns = ((uint64_t)box->w + format->block_w_px - 1) / format->block_w_px;
    return (MAX(box->d, 1u) - 1) * layer_stride + MAX(box_rows, 1) * stride +
           box_columns * format->block_bytes;
}

int virgl_renderer_init(void *cookie, int flags, struct virgl_renderer_callbacks *callbacks)
{
    struct guest_options options = {
        .ram_mib = RAM_MIB, .extra_args = g_getenv("BRIDGE_QEMU_ARGS"),
    };
    bridge.guest = guest_start(&options);
    bridge.cookie = cookie;
    bridge.callbacks = callbacks;
    bridge.resources = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    g_queue_init(&bridge.pending);
    uint64_t start = guest_alloc(bridge.guest, 0, GUEST_PAGE_BYTES) + HEAP_RESERVE_BYTES;
    bridge.heap = guest_heap_new(start, guest_ram_bytes(bridge.guest) - start);
    bridge.event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    bridge.watcher = g_thread_new("watch", watch, NULL);
    return 0;
}

void virgl_renderer_cleanup(void *cookie)
{
    g_mutex_lock(&bridge.lock);
    bridge.quit = true;
    g_cond_signal(&bridge.cond);
    g_mutex_unlock(&bridge.lock);
    g_thread_join(bridge.watcher);
    guest_stop(bridge.guest);
    g_queue_clear_full(&bridge.pending, g_free);
    g_hash_table_destroy(bridge.resources);
    guest_heap_free(bridge.heap);
    close(bridge.event_fd);
}

void virgl_renderer_poll(void)
{
    uint64_t count;
    (void)!read(bridge.event_fd, &count, sizeof(count));
    reap();
}

int virgl_renderer_get_poll_fd(void)
{
    return bridge.event_fd;
}

void virgl_renderer_context_poll(uint32_t ctx_id)
{
    reap();
}

int virgl_renderer_context_get_poll_fd(uint32_t ctx_id)
{
    return -1;
}

void virgl_set_log_callback(virgl_log_callback_type cb, void *user_data,
                            virgl_free_data_callback_type free_user_data)
{
}

void virgl_renderer_get_cap_set(uint32_t set, uint32_t *max_version, uint32_t *max_size)
{
    *max_version = 0;
    *max_size = 0;
    const uint32_t offset = offsetof(struct vgpu_wire_config, num_capsets);
    uint32_t count = guest_read_config(bridge.guest, offset);
    for (uint32_t i = 0; i < count; i++) {
        struct vgpu_wire_get_capset_info request = {
            .hdr.type = VGPU_CMD_GET_CAPSET_INFO, .capset_index = i,
        };
        struct vgpu_wire_resp_capset_info info;
        if (guest_call(bridge.guest, &request, sizeof(request), &info, sizeof(info)) !=
            VGPU_RESP_OK_CAPSET_INFO || info.capset_id != set)
            continue;
        *max_version = info.capset_max_version;
        *max_size = info.capset_max_size;
    }
}

void virgl_renderer_fill_caps(uint32_t set, uint32_t version, void *caps)
{
    uint32_t max_version, size_bytes;
    virgl_renderer_get_cap_set(set, &max_version, &size_bytes);
    struct vgpu_wire_get_capset request = {
        .hdr.type = VGPU_CMD_GET_CAPSET, .capset_id = set, .capset_version = version,
    };
    size_t bytes = sizeof(struct vgpu_wire_resp_capset) + size_bytes;
    struct vgpu_wire_resp_capset *response = g_malloc0(bytes);
    if (guest_call(bridge.guest, &request, sizeof(request), response, bytes) ==
        VGPU_RESP_OK_CAPSET)
        memcpy(caps, response->capset_data, size_bytes);
    g_free(response);
}

int virgl_renderer_context_create_with_flags(uint32_t ctx_id, uint32_t ctx_flags, uint32_t nlen,
                                             const char *name)
{
    struct vgpu_wire_ctx_create request = {
        .hdr.type = VGPU_CMD_CTX_CREATE, .hdr.ctx_id = ctx_id,
        .nlen = MIN(nlen, sizeof(request.debug_name)),
    };
    if (guest_features(bridge.guest) & 1ull << VGPU_FEATURE_CONTEXT_INIT)
        request.context_init = ctx_flags & VIRGL_RENDERER_CONTEXT_FLAG_CAPSET_ID_MASK;
    memcpy(request.debug_name, name, request.nlen);
    return CALL(request);
}

void virgl_renderer_context_destroy(uint32_t ctx_id)
{
    struct vgpu_wire_ctx_destroy request = {
        .hdr.type = VGPU_CMD_CTX_DESTROY, .hdr.ctx_id = ctx_id,
    };
    CALL(request);
}

static void attach(uint32_t type, int ctx_id, int res_id)
{
    struct vgpu_wire_ctx_resource request = {
        .hdr.type = type, .hdr.ctx_id = (uint32_t)ctx_id, .resource_id = (uint32_t)res_id,
    };
    CALL(request);
}

void virgl_renderer_ctx_attach_resource(int ctx_id, int res_id)
{
    attach(VGPU_CMD_CTX_ATTACH_RESOURCE, ctx_id, res_id);
}

void virgl_renderer_ctx_detach_resource(int ctx_id, int res_id)
{
    attach(VGPU_CMD_CTX_DETACH_RESOURCE, ctx_id, res_id);
}

int virgl_renderer_resource_create(struct virgl_renderer_resource_create_args *args,
                                   struct iovec *iov, uint32_t num_iovs)
{
    struct vgpu_wire_resource_create_3d request = {
        .hdr.type = VGPU_CMD_RESOURCE_CREATE_3D,
        .resource_id = args->handle,
        .target = args->target,
        .format = args->format,
        .bind = args->bind,
        .width = args->width,
        .height = args->height,
        .depth = args->depth,
        .array_size = args->array_size,
        .last_level = args->last_level,
        .nr_samples = args->nr_samples,
        .flags = args->flags,
    };
    int error = CALL(request);
    if (error)
        return error;
    struct resource *resource = g_new0(struct resource, 1);
    resource->id = args->handle;
    resource->format = args->format;
    resource->width = args->width;
    resource->height = args->height;
    g_hash_table_insert(bridge.resources, GUINT_TO_POINTER(args->handle), resource);
    return 0;
}

static void release_backing(struct resource *resource)
{
    if (resource->guest_address)
        guest_heap_release(bridge.heap, resource->guest_address, resource->bytes);
    resource->guest_address = 0;
    resource->bytes = 0;
    resource->iov = NULL;
    resource->iov_count = 0;
}

void virgl_renderer_resource_unref(uint32_t id)
{
    struct resource *resource = find(id);
    struct vgpu_wire_resource_unref request = {
        .hdr.type = VGPU_CMD_RESOURCE_UNREF, .resource_id = id,
    };
    if (!resource)
        return;
    CALL(request);
    release_backing(resource);
    g_hash_table_remove(bridge.resources, GUINT_TO_POINTER(id));
}

static int attach_guest_memory(struct resource *resource, size_t bytes)
{
    uint64_t address = request_memory(bytes);
    if (!address)
        return ENOMEM;
    struct {
        struct vgpu_wire_resource_attach_backing request;
        struct vgpu_wire_mem_entry entry;
    } message = {
        {.hdr.type = VGPU_CMD_RESOURCE_ATTACH_BACKING, .resource_id = resource->id,
         .nr_entries = 1},
        {.addr = address, .length = (uint32_t)bytes},
    };
    int error = CALL(message);
    if (error) {
        guest_heap_release(bridge.heap, address, bytes);
        return error;
    }
    resource->guest_address = address;
    resource->bytes = bytes;
    return 0;
}

int virgl_renderer_resource_attach_iov(int id, struct iovec *iov, int count)
{
    struct resource *resource = find((uint32_t)id);
    size_t bytes = 0;
    for (int i = 0; i < count; i++)
        bytes += iov[i].iov_len;
    if (!resource || resource->guest_address || bytes > UINT32_MAX)
        return EINVAL;
    int error = attach_guest_memory(resource, bytes);
    if (error)
        return error;
    resource->iov = iov;
    resource->iov_count = count;
    copy_backing(resource, 0, bytes, true);
    return 0;
}

static void detach_guest_memory(struct resource *resource)
{
    struct vgpu_wire_resource_detach_backing request = {
        .hdr.type = VGPU_CMD_RESOURCE_DETACH_BACKING, .resource_id = resource->id,
    };
    CALL(request);
    release_backing(resource);
}

void virgl_renderer_resource_detach_iov(int id, struct iovec **iov, int *count)
{
    struct resource *resource = find((uint32_t)id);
    if (iov)
        *iov = resource ? resource->iov : NULL;
    if (count)
        *count = resource ? resource->iov_count : 0;
    if (resource && resource->guest_address)
        detach_guest_memory(resource);
}

int virgl_renderer_resource_create_blob(const struct virgl_renderer_resource_create_blob_args *args)
{
    return ENOTSUP; /* clients want a descriptor for it, which a device has no way to give */
}

int virgl_renderer_resource_export_blob(uint32_t id, uint32_t *fd_type, int *fd)
{
    return ENOTSUP;
}

static int transfer(uint32_t type, uint32_t id, uint32_t ctx_id, uint32_t level, uint32_t stride,
                    uint32_t layer_stride, const struct virgl_box *virgl_box, uint64_t offset,
                    struct iovec *iov, int count)
{
    struct resource *resource = find(id);
    struct vgpu_wire_transfer_host_3d request = {
        .hdr.type = type, .hdr.ctx_id = ctx_id, .offset = offset, .resource_id = id,
        .level = level, .stride = stride, .layer_stride = layer_stride,
    };
    memcpy(&request.box, virgl_box, sizeof(request.box));
    if (!resource)
        return EINVAL;
    bool lent = iov && !resource->guest_address;
    if (iov && resource->guest_address)
        return EINVAL;
    if (lent) {
        int error = virgl_renderer_resource_attach_iov((int)id, iov, count);
        if (error)
            return error;
    }
    uint64_t bytes = transfer_bytes(resource, level, stride, layer_stride, &request.box);
    copy_backing(resource, offset, bytes, true);
    int error = CALL(request);
    if (!error && type == VGPU_CMD_TRANSFER_FROM_HOST_3D)
        copy_backing(resource, offset, bytes, false);
    if (lent)
        detach_guest_memory(resource);
    return error;
}

int virgl_renderer_transfer_read_iov(uint32_t id, uint32_t ctx_id, uint32_t level, uint32_t stride,
                                     uint32_t layer_stride, struct virgl_box *box, uint64_t offset,
                                     struct iovec *iov, int count)
{
    return transfer(VGPU_CMD_TRANSFER_FROM_HOST_3D, id, ctx_id, level, stride, layer_stride, box,
                    offset, iov, count);
}

int virgl_renderer_transfer_write_iov(uint32_t id, uint32_t ctx_id, int level, uint32_t stride,
                                      uint32_t layer_stride, struct virgl_box *box, uint64_t offset,
                                      struct iovec *iov, unsigned int count)
{
    return transfer(VGPU_CMD_TRANSFER_TO_HOST_3D, id, ctx_id, (uint32_t)level, stride,
                    layer_stride, box, offset, iov, (int)count);
}

enum {
    COMMAND_MASK = 0xff,
    LENGTH_SHIFT = 16,
    TRANSFER_RESOURCE = 1,
    TRANSFER_DIRECTION = 13,
    TRANSFER_FROM_HOST = 2,
    COPY_TRANSFER_SOURCE = 12,
    COPY_TRANSFER_FLAGS = 14,
    COPY_TRANSFER_READS = 2,
};

/*
 * Transfers inside of a stream use the backing, too. Make client and guest memory equal for those
 * that the stream names: before it runs (to_guest) or after. Returns whether there were any.
 */
static bool copy_stream_transfers(const uint32_t *dwords, int count, bool to_guest)
{
    bool any = false;
    for (int at = 0; at < count;) {
        uint32_t command = dwords[at] & COMMAND_MASK;
        int length = (int)(dwords[at] >> LENGTH_SHIFT);
        uint32_t id = 0;
        bool writes_backing = false;
        if (at + length >= count)
            break;
        if (command == VIRGL_COMMAND_TRANSFER3D && length >= TRANSFER_DIRECTION) {
            id = dwords[at + TRANSFER_RESOURCE];
            writes_backing = dwords[at + TRANSFER_DIRECTION] == TRANSFER_FROM_HOST;
        } else if (command == VIRGL_COMMAND_COPY_TRANSFER3D && length >= COPY_TRANSFER_FLAGS) {
            id = dwords[at + COPY_TRANSFER_SOURCE];
            writes_backing = dwords[at + COPY_TRANSFER_FLAGS] & COPY_TRANSFER_READS;
        }
        struct resource *resource = find(id);
        if (resource) {
            any = true;
            if (to_guest || writes_backing)
                copy_backing(resource, 0, resource->bytes, to_guest);
        }
        at += 1 + length;
    }
    return any;
}

int virgl_renderer_submit_cmd(void *buffer, int ctx_id, int ndw)
{
    struct vgpu_wire_cmd_submit request = {
        .hdr.type = VGPU_CMD_SUBMIT_3D, .hdr.ctx_id = (uint32_t)ctx_id, .size = 4 * (uint32_t)ndw,
    };
    bool transfers = copy_stream_transfers(buffer, ndw, true);
    struct pending *pending = send_later(&request, sizeof(request), buffer, 4u * (size_t)ndw);
    if (!pending)
        return ENOMEM;
    if (transfers) {
        guest_wait(bridge.guest, 0, &pending->request);
        copy_stream_transfers(buffer, ndw, false);
    }
    reap();
    return 0;
}

static int send_fence(uint32_t ctx_id, uint32_t ring_idx, uint64_t fence_id,
                      const void *request, size_t bytes)
{
    watch_fences(1);
    struct pending *pending = send_later(request, bytes, NULL, 0);
    if (!pending) {
        watch_fences(-1);
        return ENOMEM;
    }
    pending->is_fence = true;
    pending->ctx_id = ctx_id;
    pending->ring_idx = ring_idx;
    pending->fence_id = fence_id;
    return 0;
}

int virgl_renderer_create_fence(int fence_id, uint32_t ctx_id)
{
    struct vgpu_wire_ctrl_hdr request = {
        .type = VGPU_CMD_GET_DISPLAY_INFO, .flags = VGPU_HDR_FLAG_FENCE,
        .fence_id = (uint32_t)fence_id,
    };
    return send_fence(0, 0, (uint32_t)fence_id, &request, sizeof(request));
}

int virgl_renderer_context_create_fence(uint32_t ctx_id, uint32_t flags, uint32_t ring_idx,
                                        uint64_t fence_id)
{
    struct vgpu_wire_cmd_submit request = {
        .hdr = {.type = VGPU_CMD_SUBMIT_3D, .fence_id = fence_id, .ctx_id = ctx_id,
                .flags = VGPU_HDR_FLAG_FENCE | VGPU_HDR_FLAG_INFO_RING_IDX,
                .ring_idx = (uint8_t)ring_idx},
    };
    return -send_fence(ctx_id, ring_idx, fence_id, &request, sizeof(request));
}
