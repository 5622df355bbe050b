/* SPDX-License-Identifier: MIT */
#include "fake_host.h"

#include <string.h>

static void host_wake(void *opaque)
{
    struct fake_host *host = opaque;
    pthread_mutex_lock(&host->lock);
    host->woken = true;
    pthread_cond_signal(&host->cond);
    pthread_mutex_unlock(&host->lock);
}

/* Ranges end at every megabyte, as host memory may. */
static void *host_map_guest(void *opaque, uint64_t address, uint64_t *length)
{
    struct fake_host *host = opaque;
    if (address >= GUEST_BYTES)
        return NULL;
    uint64_t contiguous = (1u << 20) - address % (1u << 20);
    *length = MIN(*length, contiguous);
    host->guest_mappings++;
    return host->guest + address;
}

static void host_unmap_guest(void *opaque, void *pointer, uint64_t length)
{
    struct fake_host *host = opaque;
    g_assert_cmpuint(host->guest_mappings, >, 0);
    host->guest_mappings--;
}

static void host_complete(void *opaque, void *token, const void *response, size_t size_bytes)
{
    struct fake_host *host = opaque;
    struct fake_chain *chain = token;
    g_assert_false(chain->done);
    g_assert_cmpuint(size_bytes, <=, chain->writable_bytes);
    chain->done = true;
    chain->response_bytes = size_bytes;
    if (size_bytes)
        memcpy(chain->response, response, size_bytes);
    host->completed++;
}

static void host_discard(void *opaque, void *token)
{
    struct fake_host *host = opaque;
    struct fake_chain *chain = token;
    g_assert_false(chain->done);
    chain->done = true;
    chain->discarded = true;
    host->discarded++;
}

static void host_scanout_set(void *opaque, uint32_t id, struct vgpu_frame *frame,
                             const struct vgpu_rect *area)
{
    struct fake_host *host = opaque;
    vgpu_frame_ref(frame);
    vgpu_frame_unref(host->frame[id]);
    host->frame[id] = frame;
    host->frame_area[id] = *area;
}

static void host_scanout_off(void *opaque, uint32_t id)
{
    struct fake_host *host = opaque;
    vgpu_frame_unref(host->frame[id]);
    host->frame[id] = NULL;
}

static void host_scanout_update(void *opaque, uint32_t id, const struct vgpu_rect *rect)
{
    struct fake_host *host = opaque;
    g_assert_nonnull(host->frame[id]);
    host->updated[id] = *rect;
    host->updates[id]++;
}

static void host_refresh_done(void *opaque, uint32_t id)
{
    struct fake_host *host = opaque;
    host->refreshes[id]++;
}

static void host_cursor_set(void *opaque, uint32_t id, const struct vgpu_cursor *cursor)
{
    struct fake_host *host = opaque;
    host->cursor_visible = cursor != NULL;
    if (cursor)
        host->cursor = *cursor;
}

static void host_cursor_move(void *opaque, uint32_t id, int32_t x, int32_t y)
{
    struct fake_host *host = opaque;
    host->cursor_x = x;
    host->cursor_y = y;
}

static void *host_hostmem_map(void *opaque, uint64_t offset, void *pointer, uint64_t size_bytes,
                              void *release_token)
{
    struct fake_host *host = opaque;
    if (host->refuse_hostmem)
        return NULL;
    host->hostmem_mappings++;
    host->hostmem_offset = offset;
    memset(pointer, 0x77, size_bytes);
    return release_token;
}

static void host_hostmem_unmap(void *opaque, void *mapping)
{
    struct fake_host *host = opaque;
    g_assert_cmpuint(host->hostmem_mappings, >, 0);
    host->hostmem_mappings--;
    if (host->release_at_once)
        vgpu_hostmem_released(mapping);
    else
        g_ptr_array_add(host->unreleased, mapping);
}

static void host_config_changed(void *opaque)
{
    struct fake_host *host = opaque;
    host->config_changes++;
}

static void host_guest_error(void *opaque, const char *message)
{
    struct fake_host *host = opaque;
    pthread_mutex_lock(&host->lock);
    g_string_append_printf(host->log, "%s\n", message);
    host->log_lines++;
    pthread_mutex_unlock(&host->lock);
}

static const struct vgpu_host_ops host_ops = {
    .wake = host_wake,
    .map_guest = host_map_guest,
    .unmap_guest = host_unmap_guest,
    .complete = host_complete,
    .discard = host_discard,
    .scanout_set = host_scanout_set,
    .scanout_off = host_scanout_off,
    .scanout_update = host_scanout_update,
    .refresh_done = host_refresh_done,
    .cursor_set = host_cursor_set,
    .cursor_move = host_cursor_move,
    .hostmem_map = host_hostmem_map,
    .hostmem_unmap = host_hostmem_unmap,
    .config_changed = host_config_changed,
    .guest_error = host_guest_error,
};

struct vgpu_device_config fake_host_config(void)
{
    return (struct vgpu_device_config){
        .num_scanouts = 4,
        .max_hostmem_bytes = 64u << 20,
        .hostmem_bytes = 1u << 20,
        .features = VGPU_F_VIRGL | VGPU_F_EDID | VGPU_F_RESOURCE_UUID | VGPU_F_RESOURCE_BLOB |
                    VGPU_F_CONTEXT_INIT,
        .renderer = &fake_renderer,
    };
}

struct fake_host *fake_host_new(const struct vgpu_device_config *config)
{
    struct vgpu_device_config own = config ? *config : fake_host_config();
    fake_renderer_reset();
    struct fake_host *host = g_new0(struct fake_host, 1);
    pthread_mutex_init(&host->lock, NULL);
    pthread_cond_init(&host->cond, NULL);
    host->guest = g_malloc0(GUEST_BYTES);
    host->log = g_string_new(NULL);
    host->unreleased = g_ptr_array_new();
    host->release_at_once = true;
    char *error = NULL;
    host->device = vgpu_device_new(&own, &host_ops, host, &error);
    g_assert_cmpstr(error, ==, NULL);
    g_assert_nonnull(host->device);
    vgpu_set_features(host->device, own.features);
    struct vgpu_output output = {.width = 640, .height = 480};
    vgpu_set_output(host->device, 0, &output, false);
    return host;
}

void fake_host_free(struct fake_host *host)
{
    vgpu_device_free(host->device);
    for (guint i = 0; i < host->unreleased->len; i++)
        vgpu_hostmem_released(host->unreleased->pdata[i]);
    vgpu_shutdown();
    g_assert_cmpuint(host->guest_mappings, ==, 0);
    g_assert_cmpuint(host->hostmem_mappings, ==, 0);
    g_assert_cmpuint(fake_renderer_resources(), ==, 0);
    g_assert_cmpuint(fake_renderer_contexts(), ==, 0);
    for (unsigned int i = 0; i < VGPU_MAX_SCANOUTS; i++)
        g_assert_null(host->frame[i]);
    g_ptr_array_free(host->unreleased, TRUE);
    g_string_free(host->log, TRUE);
    g_free(host->guest);
    pthread_mutex_destroy(&host->lock);
    pthread_cond_destroy(&host->cond);
    g_free(host);
}

void fake_host_send(struct fake_host *host, enum vgpu_queue queue, struct fake_chain *chain,
                    const void *request, size_t size_bytes)
{
    /* In two parts, for the device must not care. */
    void *copy = g_malloc(MAX(size_bytes, 1));
    memcpy(copy, request, size_bytes);
    struct iovec iov[2] = {
        {copy, MIN(size_bytes, 10)},
        {(char *)copy + MIN(size_bytes, 10), size_bytes - MIN(size_bytes, 10)},
    };
    vgpu_submit(host->device, queue, chain, iov, 2, chain->writable_bytes);
    memset(copy, 0xff, size_bytes);
    g_free(copy);
}

void fake_host_run_until(struct fake_host *host, const bool *flag)
{
    while (!*flag) {
        pthread_mutex_lock(&host->lock);
        while (!host->woken)
            pthread_cond_wait(&host->cond, &host->lock);
        host->woken = false;
        pthread_mutex_unlock(&host->lock);
        vgpu_dispatch(host->device);
    }
}

void fake_host_settle(struct fake_host *host)
{
    struct vgpu_wire_ctrl_hdr request = {.type = VGPU_CMD_GET_DISPLAY_INFO};
    fake_host_call(host, &request, sizeof(request), NULL);
}

uint32_t fake_host_call(struct fake_host *host, const void *request, size_t size_bytes,
                        struct fake_chain *chain)
{
    struct fake_chain own;
    if (!chain)
        chain = &own;
    memset(chain, 0, sizeof(*chain));
    chain->writable_bytes = sizeof(chain->response);
    fake_host_send(host, VGPU_QUEUE_CONTROL, chain, request, size_bytes);
    fake_host_run_until(host, &chain->done);
    const struct vgpu_wire_ctrl_hdr *header = (const void *)chain->response;
    return chain->response_bytes >= sizeof(*header) ? header->type : 0;
}

void fake_create_2d(struct fake_host *host, uint32_t id, uint32_t width, uint32_t height)
{
    struct vgpu_wire_resource_create_2d request = {
        .hdr.type = VGPU_CMD_RESOURCE_CREATE_2D, .resource_id = id,
        .format = VGPU_FORMAT_B8G8R8X8_UNORM, .width = width, .height = height,
    };
    g_assert_cmphex(CALL(host, request), ==, VGPU_RESP_OK_NODATA);
}

uint32_t fake_attach(struct fake_host *host, uint32_t id, uint64_t address, uint32_t length)
{
    struct {
        struct vgpu_wire_resource_attach_backing request;
        struct vgpu_wire_mem_entry entry;
    } message = {
        {.hdr.type = VGPU_CMD_RESOURCE_ATTACH_BACKING, .resource_id = id, .nr_entries = 1},
        {.addr = address, .length = length},
    };
    return CALL(host, message);
}

void fake_create_3d(struct fake_host *host, uint32_t id, uint32_t width, uint32_t height)
{
    struct vgpu_wire_resource_create_3d request = {
        .hdr.type = VGPU_CMD_RESOURCE_CREATE_3D, .resource_id = id, .target = 2,
        .format = VGPU_FORMAT_B8G8R8A8_UNORM, .bind = 2, .width = width, .height = height,
        .depth = 1, .array_size = 1,
    };
    g_assert_cmphex(CALL(host, request), ==, VGPU_RESP_OK_NODATA);
}

void fake_create_context(struct fake_host *host, uint32_t id)
{
    struct vgpu_wire_ctx_create request = {
        .hdr.type = VGPU_CMD_CTX_CREATE, .hdr.ctx_id = id, .nlen = 4, .debug_name = "test",
    };
    g_assert_cmphex(CALL(host, request), ==, VGPU_RESP_OK_NODATA);
}

uint32_t fake_unref(struct fake_host *host, uint32_t id)
{
    struct vgpu_wire_resource_unref request = {
        .hdr.type = VGPU_CMD_RESOURCE_UNREF, .resource_id = id,
    };
    return CALL(host, request);
}

void fake_send_fence(struct fake_host *host, struct fake_chain *chain, uint32_t ctx_id,
                     int ring_idx, uint64_t fence_id)
{
    struct {
        struct vgpu_wire_cmd_submit submit;
        uint32_t nop;
    } request = {
        .submit = {
            .hdr = {.type = VGPU_CMD_SUBMIT_3D, .flags = VGPU_HDR_FLAG_FENCE,
                    .fence_id = fence_id, .ctx_id = ctx_id},
            .size = sizeof(uint32_t),
        },
    };
    if (ring_idx >= 0) {
        request.submit.hdr.flags |= VGPU_HDR_FLAG_INFO_RING_IDX;
        request.submit.hdr.ring_idx = (uint8_t)ring_idx;
    }
    memset(chain, 0, sizeof(*chain));
    chain->writable_bytes = sizeof(chain->response);
    fake_host_send(host, VGPU_QUEUE_CONTROL, chain, &request, sizeof(request));
}
