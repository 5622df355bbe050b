/* SPDX-License-Identifier: MIT */
/* What the device does when all is well, and how it ends things that are under way. */
#include <string.h>

#include "edid.h"
#include "fake_host.h"

#define SIMPLE(command, name, ...) \
    (struct vgpu_wire_##name){ .hdr.type = VGPU_CMD_##command, __VA_ARGS__ }
#define OK(host, ...) \
    do { \
        __typeof__(__VA_ARGS__) r = __VA_ARGS__; \
        g_assert_cmphex(CALL(host, r), ==, VGPU_RESP_OK_NODATA); \
    } while (0)

static uint32_t frame_pixel(const struct fake_host *host, uint32_t scanout, uint32_t x, uint32_t y)
{
    const struct vgpu_frame *frame = host->frame[scanout];
    const struct vgpu_rect *area = &host->frame_area[scanout];
    uint32_t pixel;
    memcpy(&pixel, frame->pixels + (size_t)(area->y + y) * frame->stride_bytes + 4 * (area->x + x),
           sizeof(pixel));
    return pixel;
}

static uint32_t guest_pixel(uint32_t x, uint32_t y)
{
    return 0xff000000u | x << 12 | y;
}

/* Guest memory at address holds an image of guest_pixel. */
static void paint_guest(struct fake_host *host, uint64_t address, uint32_t width, uint32_t height)
{
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            uint32_t pixel = guest_pixel(x, y);
            memcpy(host->guest + address + 4ull * (y * width + x), &pixel, sizeof(pixel));
        }
    }
}

static void refresh(struct fake_host *host, uint32_t scanout)
{
    unsigned int before = host->refreshes[scanout];
    g_assert_true(vgpu_scanout_refresh(host->device, scanout));
    while (host->refreshes[scanout] == before)
        fake_host_settle(host);
}

static void test_scanout_2d(void)
{
    struct fake_host *host = fake_host_new(NULL);
    /* Crosses the megabyte where the host's memory is not contiguous. */
    uint64_t address = (1u << 20) - 8192;
    paint_guest(host, address, 100, 80);
    fake_create_2d(host, 1, 100, 80);
    g_assert_cmphex(fake_attach(host, 1, address, 100 * 80 * 4), ==, VGPU_RESP_OK_NODATA);
    OK(host, SIMPLE(SET_SCANOUT, set_scanout, .resource_id = 1, .scanout_id = 0,
                    .r = {10, 20, 64, 32}));
    OK(host, SIMPLE(SET_SCANOUT, set_scanout, .resource_id = 1, .scanout_id = 3,
                    .r = {0, 0, 100, 80}));
    OK(host, SIMPLE(TRANSFER_TO_HOST_2D, transfer_to_host_2d, .resource_id = 1,
                    .r = {0, 0, 100, 80}));
    OK(host, SIMPLE(RESOURCE_FLUSH, resource_flush, .resource_id = 1, .r = {0, 0, 20, 80}));
    g_assert_cmphex(frame_pixel(host, 0, 5, 6), ==, guest_pixel(15, 26));
    g_assert_cmphex(frame_pixel(host, 3, 99, 79), ==, guest_pixel(99, 79));
    g_assert_cmpuint(host->updates[0], ==, 1);
    g_assert_cmpuint(host->updated[0].x, ==, 0);
    g_assert_cmpuint(host->updated[0].width, ==, 10);
    g_assert_cmpuint(host->updated[0].height, ==, 32);
    g_assert_cmpuint(host->updated[3].width, ==, 20);
    /* A part: its own offset, the rest unchanged. */
    memset(host->guest + address, 0xee, 100 * 80 * 4);
    OK(host, SIMPLE(TRANSFER_TO_HOST_2D, transfer_to_host_2d, .resource_id = 1,
                    .r = {7, 9, 3, 2}, .offset = 4 * (9 * 100 + 7)));
    g_assert_cmphex(frame_pixel(host, 3, 7, 9), ==, 0xeeeeeeee);
    g_assert_cmphex(frame_pixel(host, 3, 9, 10), ==, 0xeeeeeeee);
    g_assert_cmphex(frame_pixel(host, 3, 6, 9), ==, guest_pixel(6, 9));
    g_assert_cmphex(frame_pixel(host, 3, 10, 10), ==, guest_pixel(10, 10));
    g_assert_cmphex(frame_pixel(host, 3, 7, 11), ==, guest_pixel(7, 11));
    OK(host, SIMPLE(SET_SCANOUT, set_scanout, .resource_id = 0, .scanout_id = 0));
    g_assert_null(host->frame[0]);
    g_assert_cmphex(fake_unref(host, 1), ==, VGPU_RESP_OK_NODATA);
    g_assert_null(host->frame[3]);
    fake_host_free(host);
}

static void test_scanout_3d(void)
{
    struct fake_host *host = fake_host_new(NULL);
    fake_create_3d(host, 1, 64, 64);
    paint_guest(host, 0x1000, 64, 64);
    g_assert_cmphex(fake_attach(host, 1, 0x1000, 64 * 64 * 4), ==, VGPU_RESP_OK_NODATA);
    OK(host, SIMPLE(SET_SCANOUT, set_scanout, .resource_id = 1, .r = {16, 8, 32, 48}));
    refresh(host, 0);
    g_assert_false(vgpu_scanout_refresh(host->device, 0));
    OK(host, SIMPLE(TRANSFER_TO_HOST_3D, transfer_host_3d, .resource_id = 1,
                    .box = {.w = 64, .h = 64, .d = 1}));
    OK(host, SIMPLE(RESOURCE_FLUSH, resource_flush, .resource_id = 1, .r = {20, 10, 4, 2}));
    OK(host, SIMPLE(RESOURCE_FLUSH, resource_flush, .resource_id = 1, .r = {30, 20, 4, 2}));
    refresh(host, 0);
    g_assert_cmpuint(host->updated[0].x, ==, 4);
    g_assert_cmpuint(host->updated[0].y, ==, 2);
    g_assert_cmpuint(host->updated[0].width, ==, 14);
    g_assert_cmpuint(host->updated[0].height, ==, 12);
    g_assert_cmphex(frame_pixel(host, 0, 4, 2), ==, guest_pixel(20, 10));
    g_assert_cmphex(frame_pixel(host, 0, 17, 13), ==, guest_pixel(33, 21));
    g_assert_cmphex(frame_pixel(host, 0, 18, 13), ==, 0);
    /* Flushes outside of what is shown change nothing. */
    OK(host, SIMPLE(RESOURCE_FLUSH, resource_flush, .resource_id = 1, .r = {0, 0, 16, 64}));
    g_assert_false(vgpu_scanout_refresh(host->device, 0));
    vgpu_scanout_invalidate(host->device, 0);
    fake_host_settle(host);
    refresh(host, 0);
    g_assert_cmphex(frame_pixel(host, 0, 31, 47), ==, guest_pixel(47, 55));
    fake_host_free(host);
}

static void test_scanout_formats(void)
{
    struct fake_host *host = fake_host_new(NULL);
    struct vgpu_wire_resource_create_3d create = {
        .hdr.type = VGPU_CMD_RESOURCE_CREATE_3D, .resource_id = 1, .target = 2,
        .format = VGPU_FORMAT_R8G8B8A8_UNORM, .bind = 2, .width = 64, .height = 64, .depth = 1,
        .array_size = 1,
    };
    g_assert_cmphex(CALL(host, create), ==, VGPU_RESP_OK_NODATA);
    memset(host->guest, 0, 64 * 64 * 4);
    host->guest[0] = 0x11; /* red */
    host->guest[1] = 0x22;
    host->guest[2] = 0x33;
    g_assert_cmphex(fake_attach(host, 1, 0, 64 * 64 * 4), ==, VGPU_RESP_OK_NODATA);
    OK(host, SIMPLE(TRANSFER_TO_HOST_3D, transfer_host_3d, .resource_id = 1,
                    .box = {.w = 64, .h = 64, .d = 1}));
    OK(host, SIMPLE(SET_SCANOUT, set_scanout, .resource_id = 1, .r = {0, 0, 64, 64}));
    refresh(host, 0);
    g_assert_cmphex(frame_pixel(host, 0, 0, 0) & 0xffffff, ==, 0x112233);
    fake_host_free(host);
}

static void test_scanout_blob(void)
{
    struct fake_host *host = fake_host_new(NULL);
    fake_create_context(host, 1);
    struct {
        struct vgpu_wire_resource_create_blob request;
        struct vgpu_wire_mem_entry entries[2];
    } blob = {
        {.hdr.type = VGPU_CMD_RESOURCE_CREATE_BLOB, .resource_id = 4,
         .blob_mem = VGPU_BLOB_MEM_GUEST, .nr_entries = 2, .size = 64 * 64 * 4},
        {{.addr = 0x100000, .length = 8192}, {.addr = 0x200000, .length = 8192}},
    };
    OK(host, blob);
    paint_guest(host, 0x100000, 64, 32);
    for (uint32_t i = 0; i < 8192; i++)
        host->guest[0x200000 + i] = 0x5a;
    OK(host, SIMPLE(SET_SCANOUT_BLOB, set_scanout_blob, .resource_id = 4, .r = {8, 16, 32, 32},
                    .width = 64, .height = 64, .format = VGPU_FORMAT_B8G8R8X8_UNORM,
                    .strides = {256}));
    refresh(host, 0);
    g_assert_cmphex(frame_pixel(host, 0, 1, 2), ==, guest_pixel(9, 18));
    g_assert_cmphex(frame_pixel(host, 0, 0, 16), ==, 0x5a5a5a5a);
    fake_host_free(host);
}

/* A 2D resource that a context uses lives on in the renderer, and so does its scanout. */
static void test_promotion(void)
{
    struct fake_host *host = fake_host_new(NULL);
    fake_create_context(host, 1);
    fake_create_2d(host, 1, 64, 64);
    paint_guest(host, 0x3000, 64, 64);
    g_assert_cmphex(fake_attach(host, 1, 0x3000, 64 * 64 * 4), ==, VGPU_RESP_OK_NODATA);
    OK(host, SIMPLE(TRANSFER_TO_HOST_2D, transfer_to_host_2d, .resource_id = 1,
                    .r = {0, 0, 64, 64}));
    OK(host, SIMPLE(SET_SCANOUT, set_scanout, .resource_id = 1, .r = {0, 0, 64, 64}));
    g_assert_cmpuint(fake_renderer_resources(), ==, 0);
    OK(host, SIMPLE(CTX_ATTACH_RESOURCE, ctx_resource, .hdr.ctx_id = 1, .resource_id = 1));
    g_assert_cmpuint(fake_renderer_resources(), ==, 1);
    g_assert_cmpuint(fake_renderer_with_iov(), ==, 1);
    g_assert_true(fake_renderer_attached(1, 1));
    refresh(host, 0);
    g_assert_cmphex(frame_pixel(host, 0, 12, 34), ==, guest_pixel(12, 34));
    memset(host->guest + 0x3000, 0xab, 64 * 64 * 4);
    OK(host, SIMPLE(TRANSFER_TO_HOST_2D, transfer_to_host_2d, .resource_id = 1,
                    .r = {12, 34, 1, 1}, .offset = 4 * (34 * 64 + 12)));
    OK(host, SIMPLE(RESOURCE_FLUSH, resource_flush, .resource_id = 1, .r = {0, 0, 64, 64}));
    refresh(host, 0);
    g_assert_cmphex(frame_pixel(host, 0, 12, 34), ==, 0xabababab);
    g_assert_cmphex(frame_pixel(host, 0, 13, 34), ==, guest_pixel(13, 34));
    OK(host, SIMPLE(CTX_DETACH_RESOURCE, ctx_resource, .hdr.ctx_id = 1, .resource_id = 1));
    g_assert_false(fake_renderer_attached(1, 1));
    fake_host_free(host);
}

static void test_cursor(void)
{
    struct fake_host *host = fake_host_new(NULL);
    struct vgpu_wire_resource_create_2d create = {
        .hdr.type = VGPU_CMD_RESOURCE_CREATE_2D, .resource_id = 1,
        .format = VGPU_FORMAT_R8G8B8A8_UNORM, .width = 64, .height = 64,
    };
    g_assert_cmphex(CALL(host, create), ==, VGPU_RESP_OK_NODATA);
    memcpy(host->guest, "\x11\x22\x33\x44", 4);
    g_assert_cmphex(fake_attach(host, 1, 0, 64 * 64 * 4), ==, VGPU_RESP_OK_NODATA);
    OK(host, SIMPLE(TRANSFER_TO_HOST_2D, transfer_to_host_2d, .resource_id = 1,
                    .r = {0, 0, 64, 64}));
    struct vgpu_wire_update_cursor update = {
        .hdr.type = VGPU_CMD_UPDATE_CURSOR, .pos = {.scanout_id = 1, .x = 5, .y = (uint32_t)-3},
        .resource_id = 1, .hot_x = 2, .hot_y = 9,
    };
    struct fake_chain chain = {.writable_bytes = 0};
    fake_host_send(host, VGPU_QUEUE_CURSOR, &chain, &update, sizeof(update));
    fake_host_run_until(host, &chain.done);
    g_assert_cmpuint(chain.response_bytes, ==, 0);
    g_assert_true(host->cursor_visible);
    g_assert_cmphex(host->cursor.pixels[0], ==, 0x44112233);
    g_assert_cmpuint(host->cursor.hot_y, ==, 9);
    g_assert_cmpint(host->cursor_x, ==, 5);
    g_assert_cmpint(host->cursor_y, ==, -3);

    struct vgpu_wire_update_cursor bad = update;
    bad.resource_id = 77;
    bad.pos.x = 100;
    chain = (struct fake_chain){.writable_bytes = 24};
    fake_host_send(host, VGPU_QUEUE_CURSOR, &chain, &bad, sizeof(bad));
    fake_host_run_until(host, &chain.done);
    g_assert_cmphex(((struct vgpu_wire_ctrl_hdr *)(void *)chain.response)->type, ==,
                    VGPU_RESP_ERR_INVALID_RESOURCE_ID);
    g_assert_cmpint(host->cursor_x, ==, 5);

    struct vgpu_wire_update_cursor move = {
        .hdr.type = VGPU_CMD_MOVE_CURSOR, .pos = {.scanout_id = 1, .x = 40, .y = 41},
    };
    chain = (struct fake_chain){0};
    fake_host_send(host, VGPU_QUEUE_CURSOR, &chain, &move, sizeof(move));
    fake_host_run_until(host, &chain.done);
    g_assert_cmpint(host->cursor_y, ==, 41);
    g_assert_true(host->cursor_visible);
    update.resource_id = 0;
    chain = (struct fake_chain){0};
    fake_host_send(host, VGPU_QUEUE_CURSOR, &chain, &update, sizeof(update));
    fake_host_run_until(host, &chain.done);
    g_assert_false(host->cursor_visible);
    fake_host_free(host);
}

static bool answered(struct fake_host *host, const struct fake_chain *chain)
{
    fake_host_settle(host);
    return chain->done;
}

static void test_fence_order(void)
{
    struct fake_host *host = fake_host_new(NULL);
    fake_create_context(host, 1);
    fake_create_context(host, 2);
    fake_renderer_fences(false);
    struct fake_chain global[3], ring_1, ring_2;
    fake_send_fence(host, &global[0], 1, -1, 100);
    fake_send_fence(host, &global[1], 2, -1, 101);
    fake_send_fence(host, &ring_1, 1, 1, 7);
    fake_send_fence(host, &ring_2, 2, 5, 0x1234567812345678ull);
    /* A fenced command without drawing keeps its place in the timeline. */
    struct vgpu_wire_ctrl_hdr info = {
        .type = VGPU_CMD_GET_DISPLAY_INFO, .flags = VGPU_HDR_FLAG_FENCE, .fence_id = 102,
    };
    global[2] = (struct fake_chain){.writable_bytes = sizeof(global[2].response)};
    fake_host_send(host, VGPU_QUEUE_CONTROL, &global[2], &info, sizeof(info));
    g_assert_false(answered(host, &global[0]));
    g_assert_false(global[2].done);

    fake_renderer_pass_fences_of(2, 5);
    g_assert_true(answered(host, &ring_2));
    struct vgpu_wire_ctrl_hdr *header = (void *)ring_2.response;
    g_assert_cmphex(header->fence_id, ==, 0x1234567812345678ull);
    g_assert_cmpuint(header->ring_idx, ==, 5);
    g_assert_cmpuint(header->ctx_id, ==, 2);
    /* Context 2 is done before context 1, which was first on the same timeline. */
    fake_renderer_pass_fences_of(2, 0);
    g_assert_false(answered(host, &global[1]));
    fake_renderer_pass_fences_of(1, 0);
    g_assert_true(answered(host, &global[0]));
    g_assert_true(global[1].done);
    g_assert_false(ring_1.done);
    /* A destroyed context holds nobody up. */
    OK(host, SIMPLE(CTX_DESTROY, ctx_destroy, .hdr.ctx_id = 1));
    g_assert_true(answered(host, &ring_1));
    fake_renderer_pass_fences();
    g_assert_true(answered(host, &global[2]));
    fake_host_free(host);
}

static void test_reset(void)
{
    struct fake_host *host = fake_host_new(NULL);
    host->release_at_once = false;
    fake_create_context(host, 1);
    fake_create_2d(host, 1, 64, 64);
    g_assert_cmphex(fake_attach(host, 1, 0, 64 * 64 * 4), ==, VGPU_RESP_OK_NODATA);
    OK(host, SIMPLE(SET_SCANOUT, set_scanout, .resource_id = 1, .r = {0, 0, 64, 64}));
    OK(host, SIMPLE(RESOURCE_CREATE_BLOB, resource_create_blob, .hdr.ctx_id = 1, .resource_id = 5,
                    .blob_mem = 2, .blob_flags = 1, .size = 8192));
    struct vgpu_wire_resource_map_blob map = {
        .hdr.type = VGPU_CMD_RESOURCE_MAP_BLOB, .resource_id = 5,
    };
    g_assert_cmphex(CALL(host, map), ==, VGPU_RESP_OK_MAP_INFO);
    fake_renderer_fences(false);
    struct fake_chain fenced[4];
    for (unsigned int i = 0; i < 4; i++)
        fake_send_fence(host, &fenced[i], 1, i & 1 ? -1 : (int)i, i);
    vgpu_reset(host->device);
    for (unsigned int i = 0; i < 4; i++)
        g_assert_true(fenced[i].discarded);
    g_assert_cmpuint(host->guest_mappings, ==, 0);
    g_assert_cmpuint(host->hostmem_mappings, ==, 0);
    g_assert_null(host->frame[0]);
    g_assert_cmpuint(fake_renderer_contexts(), ==, 0);
    /* The blob's memory stays while somebody may look at it, and its id is not given out again. */
    g_assert_cmpuint(fake_renderer_resources(), ==, 1);
    g_assert_cmpuint(fake_renderer_mapped(), ==, 1);
    vgpu_set_features(host->device, vgpu_get_features(host->device));
    fake_renderer_pass_fences();
    fake_renderer_fences(true);
    struct vgpu_wire_resource_create_3d create = {
        .hdr.type = VGPU_CMD_RESOURCE_CREATE_3D, .resource_id = 5, .target = 2, .format = 1,
        .bind = 2, .width = 16, .height = 16, .depth = 1, .array_size = 1,
    };
    struct fake_chain chain = {.writable_bytes = 24};
    fake_host_send(host, VGPU_QUEUE_CONTROL, &chain, &create, sizeof(create));
    g_assert_cmpuint(host->unreleased->len, ==, 1);
    vgpu_hostmem_released(host->unreleased->pdata[0]);
    g_ptr_array_set_size(host->unreleased, 0);
    fake_host_run_until(host, &chain.done);
    g_assert_cmphex(((struct vgpu_wire_ctrl_hdr *)(void *)chain.response)->type, ==,
                    VGPU_RESP_OK_NODATA);
    g_assert_cmpuint(fake_renderer_mapped(), ==, 0);
    g_assert_cmpuint(fake_renderer_resources(), ==, 1);
    struct vgpu_stats stats;
    vgpu_get_stats(host->device, &stats);
    g_assert_cmpuint(stats.resources, ==, 1);
    g_assert_cmpuint(stats.contexts, ==, 0);
    g_assert_cmpuint(stats.inflight, ==, 0);
    fake_host_free(host);
}

/* Ending the device while the embedder still uses mapped memory. */
static void test_free_mapped(void)
{
    struct fake_host *host = fake_host_new(NULL);
    host->release_at_once = false;
    fake_create_context(host, 1);
    OK(host, SIMPLE(RESOURCE_CREATE_BLOB, resource_create_blob, .hdr.ctx_id = 1, .resource_id = 5,
                    .blob_mem = 2, .blob_flags = 1, .size = 8192));
    struct vgpu_wire_resource_map_blob map = {
        .hdr.type = VGPU_CMD_RESOURCE_MAP_BLOB, .resource_id = 5, .offset = 4096,
    };
    g_assert_cmphex(CALL(host, map), ==, VGPU_RESP_OK_MAP_INFO);
    g_assert_cmpuint(host->hostmem_offset, ==, 4096);
    vgpu_device_free(host->device);
    host->device = NULL;
    g_assert_cmpuint(fake_renderer_mapped(), ==, 1);
    vgpu_hostmem_released(host->unreleased->pdata[0]);
    g_ptr_array_set_size(host->unreleased, 0);
    while (fake_renderer_resources())
        g_usleep(100);
    fake_host_free(host);
}

/* UNMAP and UNREF of a mapped blob are answered when the memory is free, not before. */
static void test_unmap(void)
{
    struct fake_host *host = fake_host_new(NULL);
    host->release_at_once = false;
    fake_create_context(host, 1);
    OK(host, SIMPLE(RESOURCE_CREATE_BLOB, resource_create_blob, .hdr.ctx_id = 1, .resource_id = 5,
                    .blob_mem = 2, .blob_flags = 1, .size = 8192));
    struct vgpu_wire_resource_map_blob map = {
        .hdr.type = VGPU_CMD_RESOURCE_MAP_BLOB, .resource_id = 5,
    };
    struct fake_chain reply;
    g_assert_cmphex(fake_host_call(host, &map, sizeof(map), &reply), ==, VGPU_RESP_OK_MAP_INFO);
    g_assert_cmpuint(((struct vgpu_wire_resp_map_info *)(void *)reply.response)->map_info, ==,
                     VGPU_MAP_CACHE_CACHED);
    struct vgpu_wire_resource_unmap_blob unmap = {
        .hdr.type = VGPU_CMD_RESOURCE_UNMAP_BLOB, .resource_id = 5,
    };
    struct vgpu_wire_resource_unref unref = {
        .hdr.type = VGPU_CMD_RESOURCE_UNREF, .resource_id = 5,
    };
    struct fake_chain unmapped = {.writable_bytes = 24};
    struct fake_chain gone = {.writable_bytes = 24};
    fake_host_send(host, VGPU_QUEUE_CONTROL, &unmapped, &unmap, sizeof(unmap));
    fake_host_send(host, VGPU_QUEUE_CONTROL, &gone, &unref, sizeof(unref));
    g_assert_false(answered(host, &unmapped));
    g_assert_false(gone.done);
    g_assert_cmpuint(host->hostmem_mappings, ==, 0);
    /* The id is taken until then. */
    g_assert_cmphex(fake_unref(host, 5), ==, VGPU_RESP_ERR_INVALID_RESOURCE_ID);
    vgpu_hostmem_released(host->unreleased->pdata[0]);
    g_ptr_array_set_size(host->unreleased, 0);
    fake_host_run_until(host, &gone.done);
    g_assert_true(unmapped.done);
    g_assert_cmpuint(fake_renderer_resources(), ==, 0);
    fake_create_3d(host, 5, 16, 16);
    fake_host_free(host);
}

static void test_limits(void)
{
    struct vgpu_device_config config = fake_host_config();
    config.max_hostmem_bytes = 1u << 20;
    struct fake_host *host = fake_host_new(&config);
    struct vgpu_stats stats;
    uint32_t contexts = 0;
    for (;;) {
        struct vgpu_wire_ctx_create create = {
            .hdr.type = VGPU_CMD_CTX_CREATE, .hdr.ctx_id = contexts + 1,
        };
        uint32_t answer = CALL(host, create);
        if (answer != VGPU_RESP_OK_NODATA) {
            g_assert_cmphex(answer, ==, VGPU_RESP_ERR_OUT_OF_MEMORY);
            break;
        }
        contexts++;
        g_assert_cmpuint(contexts, <, 100);
    }
    for (uint32_t i = 0; i < contexts; i++)
        OK(host, SIMPLE(CTX_DESTROY, ctx_destroy, .hdr.ctx_id = i + 1));
    vgpu_get_stats(host->device, &stats);
    g_assert_cmpuint(stats.hostmem_bytes, ==, 0);
    for (uint32_t i = 0; i < 3000; i++) {
        struct vgpu_wire_resource_create_2d create = {
            .hdr.type = VGPU_CMD_RESOURCE_CREATE_2D, .resource_id = i + 1, .format = 1,
            .width = 1, .height = 1,
        };
        uint32_t answer = CALL(host, create);
        g_assert_cmphex(answer, ==, i < 1000 ? VGPU_RESP_OK_NODATA : answer);
        if (i == 2999)
            g_assert_cmphex(answer, ==, VGPU_RESP_ERR_OUT_OF_MEMORY);
    }
    vgpu_get_stats(host->device, &stats);
    g_assert_cmpuint(stats.hostmem_bytes, <=, config.max_hostmem_bytes);
    vgpu_reset(host->device);
    vgpu_get_stats(host->device, &stats);
    g_assert_cmpuint(stats.hostmem_bytes, ==, 0);
    fake_host_free(host);
}

static void test_config_space(void)
{
    struct fake_host *host = fake_host_new(NULL);
    struct vgpu_wire_config config;
    vgpu_read_config(host->device, (uint8_t *)&config);
    g_assert_cmpuint(config.num_scanouts, ==, 4);
    g_assert_cmpuint(config.num_capsets, ==, 2);
    g_assert_cmpuint(config.events_read, ==, 0);
    struct vgpu_output output = {.width = 800, .height = 600, .x = 640};
    vgpu_set_output(host->device, 2, &output, true);
    g_assert_cmpuint(host->config_changes, ==, 1);
    vgpu_read_config(host->device, (uint8_t *)&config);
    g_assert_cmpuint(config.events_read, ==, VGPU_EVENT_DISPLAY);
    struct fake_chain reply;
    struct vgpu_wire_ctrl_hdr request = {.type = VGPU_CMD_GET_DISPLAY_INFO};
    fake_host_call(host, &request, sizeof(request), &reply);
    struct vgpu_wire_resp_display_info *info = (void *)reply.response;
    g_assert_cmphex(info->hdr.type, ==, VGPU_RESP_OK_DISPLAY_INFO);
    g_assert_cmpuint(info->pmodes[0].enabled, ==, 1);
    g_assert_cmpuint(info->pmodes[1].enabled, ==, 0);
    g_assert_cmpuint(info->pmodes[2].r.x, ==, 640);
    g_assert_cmpuint(info->pmodes[2].r.height, ==, 600);
    config.events_clear = VGPU_EVENT_DISPLAY;
    vgpu_write_config(host->device, (uint8_t *)&config);
    vgpu_read_config(host->device, (uint8_t *)&config);
    g_assert_cmpuint(config.events_read, ==, 0);
    fake_host_free(host);
}

static void test_capsets(void)
{
    struct fake_host *host = fake_host_new(NULL);
    struct fake_chain reply;
    struct vgpu_wire_get_capset_info get_info = {
        .hdr.type = VGPU_CMD_GET_CAPSET_INFO, .capset_index = 1,
    };
    fake_host_call(host, &get_info, sizeof(get_info), &reply);
    struct vgpu_wire_resp_capset_info *info = (void *)reply.response;
    g_assert_cmphex(info->hdr.type, ==, VGPU_RESP_OK_CAPSET_INFO);
    g_assert_cmpuint(info->capset_id, ==, 2);
    g_assert_cmpuint(info->capset_max_version, ==, 2);
    g_assert_cmpuint(info->capset_max_size, ==, 200);
    struct vgpu_wire_get_capset get = {
        .hdr.type = VGPU_CMD_GET_CAPSET, .capset_id = 2, .capset_version = 1,
    };
    g_assert_cmphex(fake_host_call(host, &get, sizeof(get), &reply), ==, VGPU_RESP_OK_CAPSET);
    g_assert_cmpuint(reply.response_bytes, ==, 224);
    g_assert_cmphex(reply.response[24], ==, 0x52);
    g_assert_cmphex(reply.response[223], ==, 0x52);
    fake_host_free(host);
}

static void test_uuid(void)
{
    struct fake_host *host = fake_host_new(NULL);
    struct fake_chain replies[3];
    fake_create_2d(host, 1, 16, 16);
    fake_create_2d(host, 2, 16, 16);
    for (unsigned int i = 0; i < 3; i++) {
        struct vgpu_wire_resource_assign_uuid request = {
            .hdr.type = VGPU_CMD_RESOURCE_ASSIGN_UUID, .resource_id = i == 2 ? 2 : 1,
        };
        g_assert_cmphex(fake_host_call(host, &request, sizeof(request), &replies[i]), ==,
                        VGPU_RESP_OK_RESOURCE_UUID);
    }
    g_assert_cmpmem(replies[0].response + 24, 16, replies[1].response + 24, 16);
    g_assert_cmpint(memcmp(replies[0].response + 24, replies[2].response + 24, 16), !=, 0);
    fake_host_free(host);
}

static void check_edid(const struct vgpu_output *output, uint32_t width, uint32_t height,
                       size_t expected_bytes)
{
    uint8_t edid[VGPU_EDID_MAX_BYTES];
    size_t size_bytes = vgpu_edid_write(edid, output, 1);
    g_assert_cmpuint(size_bytes, ==, expected_bytes);
    for (size_t block = 0; block < size_bytes; block += 128) {
        uint8_t sum = 0;
        for (size_t i = 0; i < 128; i++)
            sum += edid[block + i];
        g_assert_cmpuint(sum, ==, 0);
    }
    g_assert_cmpuint(edid[126], ==, size_bytes / 128 - 1);
    if (size_bytes == 128) {
        const uint8_t *timing = edid + 54;
        g_assert_cmpuint(timing[2] | (timing[4] & 0xf0) << 4, ==, width);
        g_assert_cmpuint(timing[5] | (timing[7] & 0xf0) << 4, ==, height);
        uint32_t h_total = width + (timing[3] | (timing[4] & 0x0f) << 8);
        uint32_t v_total = height + (timing[6] | (timing[7] & 0x0f) << 8);
        double refresh = 1e4 * (timing[0] | timing[1] << 8) / h_total / v_total;
        double wanted = output->refresh_mhz ? output->refresh_mhz / 1000.0 : 60;
        g_assert_cmpfloat_with_epsilon(refresh, wanted, 0.1);
    } else {
        const uint8_t *timing = edid + 128 + 1 + 4 + 3;
        g_assert_cmpuint(timing[4] + 256 * timing[5] + 1, ==, width);
        g_assert_cmpuint(timing[12] + 256 * timing[13] + 1, ==, height);
    }
}

static void test_edid(void)
{
    check_edid(&(struct vgpu_output){.width = 1280, .height = 800}, 1280, 800, 128);
    check_edid(&(struct vgpu_output){.width = 1280, .height = 800, .refresh_mhz = 75000}, 1280,
               800, 128);
    check_edid(&(struct vgpu_output){.width = 3840, .height = 2160}, 3840, 2160, 128);
    check_edid(&(struct vgpu_output){.width = 5120, .height = 2880}, 5120, 2880, 256);
    check_edid(&(struct vgpu_output){.width = 0, .height = 0}, 1024, 768, 128);
    check_edid(&(struct vgpu_output){.width = 1, .height = 1, .refresh_mhz = 4000000000u}, 1, 1,
               256);
    check_edid(&(struct vgpu_output){.width = 100000, .height = 100000}, 65536, 65536, 256);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/device/scanout/2d", test_scanout_2d);
    g_test_add_func("/device/scanout/3d", test_scanout_3d);
    g_test_add_func("/device/scanout/formats", test_scanout_formats);
    g_test_add_func("/device/scanout/blob", test_scanout_blob);
    g_test_add_func("/device/promotion", test_promotion);
    g_test_add_func("/device/cursor", test_cursor);
    g_test_add_func("/device/fence-order", test_fence_order);
    g_test_add_func("/device/reset", test_reset);
    g_test_add_func("/device/free-mapped", test_free_mapped);
    g_test_add_func("/device/unmap", test_unmap);
    g_test_add_func("/device/limits", test_limits);
    g_test_add_func("/device/config-space", test_config_space);
    g_test_add_func("/device/capsets", test_capsets);
    g_test_add_func("/device/uuid", test_uuid);
    g_test_add_func("/device/edid", test_edid);
    return g_test_run();
}
