/* SPDX-License-Identifier: MIT */
/* The device in an unmodified QEMU: what a driver sees. */
#include <string.h>

#include "guest.h"
#include "virgl_protocol.h"

#define RED 0xff0000u
#define GREEN 0x00ff00u
#define STATUS_NEEDS_RESET 64

static const float red[4] = {1, 0, 0, 1};
static const float green[4] = {0, 1, 0, 1};

static bool skip_if_stock(void)
{
    if (!guest_is_stock())
        return false;
    g_test_skip("the stock device cannot do this");
    return true;
}

static void expect_color(struct guest *guest, unsigned int head, unsigned int width,
                         unsigned int height, uint32_t color)
{
    unsigned int w, h;
    uint32_t *pixels = guest_screendump(guest, head, &w, &h);
    g_assert_nonnull(pixels);
    g_assert_cmpuint(w, ==, width);
    g_assert_cmpuint(h, ==, height);
    for (unsigned int i = 0; i < w * h; i++)
        g_assert_cmphex(pixels[i], ==, color);
    g_free(pixels);
}

static void test_probe(void)
{
    struct guest_options options = {.properties = ",max_outputs=3,xres=800,yres=600"};
    struct guest *guest = guest_start(&options);
    g_assert_cmphex(guest_offered_features(guest) & 3, ==, 3);
    g_assert_cmpuint(guest_read_config(guest, 8), ==, 3);
    g_assert_cmpuint(guest_read_config(guest, 12), >=, 1);
    struct vgpu_wire_ctrl_hdr get_info = {.type = VGPU_CMD_GET_DISPLAY_INFO};
    struct vgpu_wire_resp_display_info info;
    g_assert_cmphex(guest_call(guest, &get_info, sizeof(get_info), &info, sizeof(info)), ==,
                    VGPU_RESP_OK_DISPLAY_INFO);
    g_assert_cmpuint(info.pmodes[0].enabled, ==, 1);
    g_assert_cmpuint(info.pmodes[0].r.width, ==, 800);
    g_assert_cmpuint(info.pmodes[0].r.height, ==, 600);
    g_assert_cmpuint(info.pmodes[1].enabled, ==, 0);
    struct vgpu_wire_cmd_get_edid get_edid = {.hdr.type = VGPU_CMD_GET_EDID};
    struct vgpu_wire_resp_edid edid;
    g_assert_cmphex(guest_call(guest, &get_edid, sizeof(get_edid), &edid, sizeof(edid)), ==,
                    VGPU_RESP_OK_EDID);
    g_assert_cmpuint(edid.size % 128, ==, 0);
    g_assert_cmpuint(edid.edid[54 + 2] | (edid.edid[54 + 4] & 0xf0) << 4, ==, 800);
    /* Every announced capability set can be had, in a chain whose response part is in pieces. */
    for (uint32_t i = 0; i < guest_read_config(guest, 12); i++) {
        struct vgpu_wire_get_capset_info get = {
            .hdr.type = VGPU_CMD_GET_CAPSET_INFO, .capset_index = i,
        };
        struct vgpu_wire_resp_capset_info capset;
        g_assert_cmphex(guest_call(guest, &get, sizeof(get), &capset, sizeof(capset)), ==,
                        VGPU_RESP_OK_CAPSET_INFO);
        g_assert_cmpuint(capset.capset_id, ==, i + 1);
        struct vgpu_wire_get_capset get_set = {
            .hdr.type = VGPU_CMD_GET_CAPSET, .capset_id = capset.capset_id,
            .capset_version = capset.capset_max_version,
        };
        uint8_t *data = g_malloc0(24 + capset.capset_max_size);
        g_assert_cmphex(guest_call(guest, &get_set, sizeof(get_set), data,
                                   24 + capset.capset_max_size), ==, VGPU_RESP_OK_CAPSET);
        g_assert_cmpuint(data[24], ==, capset.capset_id == 1 ? 1 : 2);
        g_free(data);
    }
    guest_stop(guest);
}

static void test_2d(void)
{
    struct guest_options options = {.properties = ",max_outputs=2"};
    struct guest *guest = guest_start(&options);
    const uint32_t width = 200, height = 150;
    guest_create_2d(guest, 1, VGPU_FORMAT_B8G8R8X8_UNORM, width, height);
    uint32_t *image = guest_pointer(guest, guest_attach(guest, 1, width * height * 4, 4096));
    for (uint32_t i = 0; i < width * height; i++)
        image[i] = i * 2654435761u & 0xffffff;
    guest_set_scanout(guest, 0, 1, width, height);
    struct vgpu_wire_transfer_to_host_2d transfer = {
        .hdr.type = VGPU_CMD_TRANSFER_TO_HOST_2D, .resource_id = 1, .r = {0, 0, width, height},
    };
    g_assert_cmphex(GUEST_CALL(guest, transfer), ==, VGPU_RESP_OK_NODATA);
    guest_flush(guest, 1, width, height);
    if (!guest_is_stock()) {
        unsigned int w, h;
        uint32_t *dump = guest_screendump(guest, 0, &w, &h);
        g_assert_nonnull(dump);
        g_assert_cmpmem(dump, 4 * w * h, image, 4 * width * height);
        g_free(dump);
    }
    /* A second output shows something else. */
    guest_create_2d(guest, 2, VGPU_FORMAT_R8G8B8X8_UNORM, 64, 64);
    image = guest_pointer(guest, guest_attach(guest, 2, 64 * 64 * 4, 0));
    for (uint32_t i = 0; i < 64 * 64; i++)
        image[i] = RED >> 16;
    guest_set_scanout(guest, 1, 2, 64, 64);
    transfer.resource_id = 2;
    transfer.r = (struct vgpu_wire_rect){0, 0, 64, 64};
    g_assert_cmphex(GUEST_CALL(guest, transfer), ==, VGPU_RESP_OK_NODATA);
    guest_flush(guest, 2, 64, 64);
    if (!guest_is_stock())
        expect_color(guest, 1, 64, 64, RED);
    guest_stop(guest);
}

static uint32_t read_back_first_pixel(struct guest *guest, uint32_t ctx_id, uint32_t id,
                                      uint64_t address, uint32_t width, uint32_t height)
{
    uint32_t *pixels = guest_pointer(guest, address);
    memset(pixels, 0x55, 4ul * width * height);
    struct vgpu_wire_transfer_host_3d transfer = {
        .hdr = {.type = VGPU_CMD_TRANSFER_FROM_HOST_3D, .flags = VGPU_HDR_FLAG_FENCE,
                .fence_id = 9999, .ctx_id = ctx_id},
        .resource_id = id, .box = {.w = width, .h = height, .d = 1},
    };
    g_assert_cmphex(GUEST_CALL(guest, transfer), ==, VGPU_RESP_OK_NODATA);
    for (uint32_t i = 1; i < width * height; i++)
        g_assert_cmphex(pixels[i], ==, pixels[0]);
    return pixels[0];
}

static void test_3d(void)
{
    struct guest *guest = guest_start(NULL);
    const uint32_t width = 96, height = 64;
    guest_create_context(guest, 1);
    guest_create_3d(guest, 1, VIRGL_BIND_RENDER_TARGET | VIRGL_BIND_SAMPLER_VIEW, width, height);
    uint64_t address = guest_attach(guest, 1, width * height * 4, 4096);
    guest_attach_to_context(guest, 1, 1);
    guest_clear(guest, 1, 1, red);
    g_assert_cmphex(read_back_first_pixel(guest, 1, 1, address, width, height), ==, 0xffff0000);
    guest_clear(guest, 1, 1, green);
    g_assert_cmphex(read_back_first_pixel(guest, 1, 1, address, width, height), ==, 0xff00ff00);
    guest_stop(guest);
}

/* A screen dump of what 3D commands drew, again after it was drawn over, and after a flip. */
static void scanout_3d(const char *device)
{
    if (skip_if_stock())
        return;
    struct guest_options options = {.device = device};
    struct guest *guest = guest_start(&options);
    const uint32_t width = 320, height = 240;
    guest_create_context(guest, 1);
    for (uint32_t id = 1; id <= 2; id++) {
        guest_create_3d(guest, id, VIRGL_BIND_RENDER_TARGET | VIRGL_BIND_SCANOUT, width, height);
        guest_attach_to_context(guest, 1, id);
    }
    guest_clear(guest, 1, 1, red);
    guest_set_scanout(guest, 0, 1, width, height);
    guest_flush(guest, 1, width, height);
    expect_color(guest, 0, width, height, RED);
    guest_clear(guest, 1, 1, green);
    guest_flush(guest, 1, width, height);
    expect_color(guest, 0, width, height, GREEN);
    guest_clear(guest, 1, 2, red);
    guest_set_scanout(guest, 0, 2, width, height);
    guest_flush(guest, 2, width, height);
    expect_color(guest, 0, width, height, RED);
    guest_stop(guest);
}

static void test_scanout_3d(void)
{
    scanout_3d("virtio-gpu-gl");
}

static void test_scanout_vga(void)
{
    scanout_3d("virtio-vga-gl");
}

/* Requests in pieces of one byte, responses in pieces of three. */
static void test_pieces(void)
{
    struct guest *guest = guest_start(NULL);
    struct vgpu_wire_ctrl_hdr header = {
        .type = VGPU_CMD_GET_DISPLAY_INFO, .flags = VGPU_HDR_FLAG_FENCE, .fence_id = 1ull << 40,
    };
    uint64_t request_address = guest_alloc(guest, sizeof(header), 1);
    uint64_t response_address = guest_alloc(guest, 408, 1);
    memcpy(guest_pointer(guest, request_address), &header, sizeof(header));
    struct guest_buffer buffers[24 + 136];
    unsigned int count = 0;
    for (unsigned int i = 0; i < sizeof(header); i++)
        buffers[count++] = (struct guest_buffer){request_address + i, 1, false};
    for (unsigned int i = 0; i < 136; i++)
        buffers[count++] = (struct guest_buffer){response_address + 3 * i, 3, true};
    struct guest_request request = {0};
    guest_send_chain(guest, 0, &request, buffers, count);
    guest_wait(guest, 0, &request);
    struct vgpu_wire_resp_display_info *info = guest_pointer(guest, response_address);
    g_assert_cmpuint(request.used_bytes, ==, sizeof(*info));
    g_assert_cmphex(info->hdr.type, ==, VGPU_RESP_OK_DISPLAY_INFO);
    g_assert_cmphex(info->hdr.fence_id, ==, 1ull << 40);
    g_assert_cmpuint(info->pmodes[0].enabled, ==, 1);
    guest_stop(guest);
}

/* Chains with parts missing are answered by what there is room for. */
static void test_odd_chains(void)
{
    if (skip_if_stock())
        return;
    struct guest *guest = guest_start(NULL);
    struct guest_request request = {0};
    struct vgpu_wire_ctrl_hdr header = {.type = VGPU_CMD_GET_DISPLAY_INFO};
    guest_send(guest, 0, &request, &header, sizeof(header), 0); /* nowhere to answer */
    guest_wait(guest, 0, &request);
    g_assert_cmpuint(request.used_bytes, ==, 0);
    guest_send(guest, 0, &request, &header, 7, 24); /* less than a header */
    guest_wait(guest, 0, &request);
    g_assert_cmpuint(request.used_bytes, ==, 0);
    guest_send(guest, 0, &request, NULL, 0, 24); /* nothing to read */
    guest_wait(guest, 0, &request);
    g_assert_cmpuint(request.used_bytes, ==, 0);
    guest_send(guest, 0, &request, &header, sizeof(header), 11); /* half an answer */
    guest_wait(guest, 0, &request);
    g_assert_cmpuint(request.used_bytes, ==, 11);
    guest_stop(guest);
}

/* Backing lists that point outside of memory, at registers, or wrap around. */
static void test_hostile_addresses(void)
{
    struct guest *guest = guest_start(NULL);
    guest_create_2d(guest, 1, VGPU_FORMAT_B8G8R8X8_UNORM, 64, 64);
    const struct vgpu_wire_mem_entry bad[] = {
        {.addr = 1ull << 40, .length = 4096},
        {.addr = guest_ram_bytes(guest), .length = 4096},
        {.addr = UINT64_MAX - 4095, .length = 8192},
        {.addr = 0xe4000000, .length = 4096}, /* the device's own registers */
        {.addr = 0xfee00000, .length = 4096}, /* the interrupt controller */
    };
    for (unsigned int i = 0; i < G_N_ELEMENTS(bad); i++) {
        struct {
            struct vgpu_wire_resource_attach_backing request;
            struct vgpu_wire_mem_entry entry;
        } message = {
            {.hdr.type = VGPU_CMD_RESOURCE_ATTACH_BACKING, .resource_id = 1, .nr_entries = 1},
            bad[i],
        };
        uint32_t answer = GUEST_CALL(guest, message);
        if (!guest_is_stock())
            g_assert_cmphex(answer, ==, VGPU_RESP_ERR_UNSPEC);
    }
    /* Honest memory still works. */
    guest_attach(guest, 1, 64 * 64 * 4, 0);
    guest_stop(guest);
}

/* An impossible descriptor breaks the ring, not QEMU; a reset repairs it. */
static void test_broken_ring(void)
{
    struct guest *guest = guest_start(NULL);
    struct guest_buffer nothing = {4096, 0, false};
    struct guest_request request = {0};
    guest_send_chain(guest, 0, &request, &nothing, 1);
    for (unsigned int i = 0; i < 5000 && !(guest_status(guest) & STATUS_NEEDS_RESET); i++)
        g_usleep(200);
    g_assert_cmphex(guest_status(guest) & STATUS_NEEDS_RESET, ==, STATUS_NEEDS_RESET);
    guest_init_device(guest);
    struct vgpu_wire_ctrl_hdr header = {.type = VGPU_CMD_GET_DISPLAY_INFO};
    g_assert_cmphex(GUEST_CALL(guest, header), ==, VGPU_RESP_OK_DISPLAY_INFO);
    guest_stop(guest);
}

static void start_work(struct guest *guest, struct guest_request *requests, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        struct vgpu_wire_cmd_submit submit = {
            .hdr = {.type = VGPU_CMD_SUBMIT_3D, .flags = VGPU_HDR_FLAG_FENCE, .fence_id = i + 1,
                    .ctx_id = 1},
        };
        guest_send(guest, 0, &requests[i], &submit, sizeof(submit), 24);
    }
}

static void test_reset_in_flight(void)
{
    struct guest *guest = guest_start(NULL);
    struct guest_request requests[64];
    for (unsigned int round = 0; round < 20; round++) {
        guest_create_context(guest, 1);
        guest_create_3d(guest, 1, VIRGL_BIND_RENDER_TARGET, 256, 256);
        guest_attach(guest, 1, 256 * 256 * 4, 4096);
        guest_attach_to_context(guest, 1, 1);
        guest_set_scanout(guest, 0, 1, 256, 256);
        memset(requests, 0, sizeof(requests));
        start_work(guest, requests, G_N_ELEMENTS(requests));
        if (round % 4 == 3)
            g_free(guest_qmp(guest, false, "{\"execute\":\"system_reset\"}"));
        guest_init_device(guest);
    }
    guest_create_context(guest, 1);
    guest_create_3d(guest, 1, VIRGL_BIND_RENDER_TARGET, 64, 64);
    uint64_t address = guest_attach(guest, 1, 64 * 64 * 4, 0);
    guest_attach_to_context(guest, 1, 1);
    guest_clear(guest, 1, 1, red);
    g_assert_cmphex(read_back_first_pixel(guest, 1, 1, address, 64, 64), ==, 0xffff0000);
    guest_stop(guest);
}

/* QEMU ends while requests are under way. */
static void test_quit_in_flight(void)
{
    struct guest *guest = guest_start(NULL);
    struct guest_request requests[64] = {0};
    guest_create_context(guest, 1);
    start_work(guest, requests, G_N_ELEMENTS(requests));
    guest_stop(guest);
}

/* The device goes while requests are under way; QEMU lives on, and ends well. */
static void test_remove_in_flight(void)
{
    struct guest_options options = {.properties = ",max_outputs=2"};
    struct guest *guest = guest_start(&options);
    struct guest_request requests[64] = {0};
    guest_create_context(guest, 1);
    guest_create_3d(guest, 1, VIRGL_BIND_RENDER_TARGET, 256, 256);
    guest_attach(guest, 1, 256 * 256 * 4, 4096);
    guest_set_scanout(guest, 1, 1, 256, 256);
    start_work(guest, requests, G_N_ELEMENTS(requests));
    g_free(guest_qmp(guest, false, "{\"execute\":\"qom-set\",\"arguments\":{\"path\":"
                     "\"/machine/peripheral/gpu\",\"property\":\"realized\",\"value\":false}}"));
    char *status = guest_qmp(guest, false, "{\"execute\":\"query-status\"}");
    g_assert_nonnull(strstr(status, "running"));
    g_free(status);
    guest_stop(guest);
}

static void cycle_contexts(struct guest *guest, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t id = 1 + i % 7;
        guest_create_context(guest, id);
        struct vgpu_wire_ctx_destroy destroy = {
            .hdr.type = VGPU_CMD_CTX_DESTROY, .hdr.ctx_id = id,
        };
        g_assert_cmphex(GUEST_CALL(guest, destroy), ==, VGPU_RESP_OK_NODATA);
    }
}

/* Whether some work leaves memory behind each time; the first times fill caches. */
static void check_growth(struct guest *guest, void (*work)(struct guest *guest), unsigned int times)
{
#ifdef __SANITIZE_ADDRESS__
    const uint64_t slack_bytes = 320u << 20; /* freed memory is kept apart for a while: 256 MiB */
#else
    const uint64_t slack_bytes = 24u << 20;
#endif
    work(guest);
    work(guest);
    uint64_t before = guest_resident_bytes(guest);
    for (unsigned int i = 0; i < times; i++)
        work(guest);
    uint64_t after = guest_resident_bytes(guest);
    if (after > before)
        g_test_message("%u times: %" G_GUINT64_FORMAT " KiB more", times, (after - before) >> 10);
    g_assert_cmpuint(after, <, before + slack_bytes);
}

static void cycle_100_contexts(struct guest *guest)
{
    cycle_contexts(guest, 100);
}

static void test_many_contexts(void)
{
    struct guest *guest = guest_start(NULL);
    check_growth(guest, cycle_100_contexts, g_test_slow() ? 100 : 10);
    guest_stop(guest);
}

/* What a guest does between two resets: draw, show, leave everything as it is. */
static void use_and_reset(struct guest *guest)
{
    guest_create_context(guest, 1);
    guest_create_3d(guest, 1, VIRGL_BIND_RENDER_TARGET | VIRGL_BIND_SCANOUT, 512, 512);
    guest_attach(guest, 1, 512 * 512 * 4, 4096);
    guest_attach_to_context(guest, 1, 1);
    guest_clear(guest, 1, 1, red);
    guest_set_scanout(guest, 0, 1, 512, 512);
    guest_flush(guest, 1, 512, 512);
    guest_create_2d(guest, 2, VGPU_FORMAT_B8G8R8X8_UNORM, 512, 512);
    guest_attach(guest, 2, 512 * 512 * 4, 4096);
    g_free(guest_qmp(guest, false, "{\"execute\":\"system_reset\"}"));
    guest_init_device(guest);
}

static void test_reboots(void)
{
    struct guest *guest = guest_start(NULL);
    check_growth(guest, use_and_reset, g_test_slow() ? 100 : 20);
    guest_stop(guest);
}

static void test_memory_limit(void)
{
    if (skip_if_stock())
        return;
    struct guest_options options = {.properties = ",max_hostmem=16M"};
    struct guest *guest = guest_start(&options);
    uint32_t id = 1;
    for (; id < 100; id++) {
        struct vgpu_wire_resource_create_3d request = {
            .hdr.type = VGPU_CMD_RESOURCE_CREATE_3D, .resource_id = id, .target = 2,
            .format = VGPU_FORMAT_B8G8R8A8_UNORM, .bind = VIRGL_BIND_RENDER_TARGET, .width = 512,
            .height = 512, .depth = 1, .array_size = 1,
        };
        uint32_t answer = GUEST_CALL(guest, request);
        if (answer == VGPU_RESP_ERR_OUT_OF_MEMORY)
            break;
        g_assert_cmphex(answer, ==, VGPU_RESP_OK_NODATA);
    }
    g_assert_cmpuint(id, ==, 16);
    struct vgpu_wire_resource_unref unref = {
        .hdr.type = VGPU_CMD_RESOURCE_UNREF, .resource_id = 3,
    };
    g_assert_cmphex(GUEST_CALL(guest, unref), ==, VGPU_RESP_OK_NODATA);
    guest_create_3d(guest, 3, VIRGL_BIND_RENDER_TARGET, 512, 512);
    guest_stop(guest);
}

/* Two devices, each with its own renderer: the same ids mean different things. */
static void test_two_devices(void)
{
    if (skip_if_stock())
        return;
    if (g_getenv("QEMU_PRELOAD")) {
        g_test_skip("the sanitizer's runtime cannot load a library twice");
        return;
    }
    struct guest_options options = {.extra_args = "-device virtio-gpu-gl,id=gpu2,addr=05.0"};
    struct guest *first = guest_start(&options);
    struct guest *second = guest_start_beside(first, 5);
    struct guest *guests[] = {first, second};
    uint64_t address[2];
    for (unsigned int i = 0; i < 2; i++) {
        guest_create_context(guests[i], 1);
        guest_create_3d(guests[i], 1, VIRGL_BIND_RENDER_TARGET, 64, 64);
        address[i] = guest_attach(guests[i], 1, 64 * 64 * 4, 0);
        guest_attach_to_context(guests[i], 1, 1);
        guest_clear(guests[i], 1, 1, i ? green : red);
    }
    for (unsigned int i = 0; i < 2; i++)
        g_assert_cmphex(read_back_first_pixel(guests[i], 1, 1, address[i], 64, 64), ==,
                        i ? 0xff00ff00 : 0xffff0000);
    guest_stop(second);
    guest_stop(first);
}

static void test_guest_blob_scanout(void)
{
    if (skip_if_stock())
        return;
    struct guest_options options = {.properties = ",blob=on"};
    struct guest *guest = guest_start(&options);
    const uint32_t width = 128, height = 64, bytes = width * height * 4;
    uint64_t address = guest_alloc(guest, bytes, GUEST_PAGE_BYTES);
    uint32_t *image = guest_pointer(guest, address);
    struct {
        struct vgpu_wire_resource_create_blob request;
        struct vgpu_wire_mem_entry entries[2];
    } create = {
        {.hdr.type = VGPU_CMD_RESOURCE_CREATE_BLOB, .resource_id = 1,
         .blob_mem = VGPU_BLOB_MEM_GUEST, .nr_entries = 2, .size = bytes},
        {{.addr = address, .length = bytes / 2},
         {.addr = address + bytes / 2, .length = bytes / 2}},
    };
    g_assert_cmphex(GUEST_CALL(guest, create), ==, VGPU_RESP_OK_NODATA);
    for (uint32_t i = 0; i < width * height; i++)
        image[i] = GREEN;
    struct vgpu_wire_set_scanout_blob scanout = {
        .hdr.type = VGPU_CMD_SET_SCANOUT_BLOB, .resource_id = 1, .r = {0, 0, width, height},
        .width = width, .height = height, .format = VGPU_FORMAT_B8G8R8X8_UNORM,
        .strides = {4 * width},
    };
    g_assert_cmphex(GUEST_CALL(guest, scanout), ==, VGPU_RESP_OK_NODATA);
    expect_color(guest, 0, width, height, GREEN);
    for (uint32_t i = 0; i < width * height; i++)
        image[i] = RED;
    guest_flush(guest, 1, width, height);
    expect_color(guest, 0, width, height, RED);
    guest_stop(guest);
}

static void test_hostmem_region(const void *device)
{
    if (skip_if_stock())
        return;
    struct guest_options options = {.device = device, .properties = ",blob=on,hostmem=64M"};
    struct guest *guest = guest_start(&options);
    g_assert_cmpuint(guest_hostmem_bytes(guest), ==, 64u << 20);
    g_assert_cmphex(guest_offered_features(guest) & (1 << VGPU_FEATURE_RESOURCE_BLOB), !=, 0);
    /* Nothing is mapped: reads give nothing and hurt nobody. */
    guest_hostmem_write(guest, 4096, 0x12345678);
    guest_hostmem_read(guest, 4096);
    guest_stop(guest);
}

/* A buffer of the renderer in the guest's view: what the guest writes there, GL sees. */
static void test_map_host_blob(void)
{
    if (skip_if_stock())
        return;
    enum { BYTES = 8192, OFFSET = 65536, MARK = 0x600dcafe };
    struct guest_options options = {.properties = ",blob=on,hostmem=16M"};
    struct guest *guest = guest_start(&options);
    guest_create_context(guest, 1);
    const uint32_t create_storage[] = {
        11u << 16 | VIRGL_COMMAND_PIPE_RESOURCE_CREATE, VIRGL_TEXTURE_TARGET_BUFFER,
        VIRGL_FORMAT_R8_UNORM, VIRGL_BIND_VERTEX_BUFFER, BYTES, 1, 1, 1, 0, 0,
        VIRGL_RESOURCE_FLAG_MAP_PERSISTENT | VIRGL_RESOURCE_FLAG_MAP_COHERENT, 77,
    };
    guest_submit(guest, 1, create_storage, G_N_ELEMENTS(create_storage));
    struct vgpu_wire_resource_create_blob create = {
        .hdr.type = VGPU_CMD_RESOURCE_CREATE_BLOB, .hdr.ctx_id = 1, .resource_id = 1,
        .blob_mem = VGPU_BLOB_MEM_HOST3D, .blob_flags = VGPU_BLOB_FLAG_USE_MAPPABLE,
        .blob_id = 77, .size = BYTES,
    };
    g_assert_cmphex(GUEST_CALL(guest, create), ==, VGPU_RESP_OK_NODATA);
    guest_attach_to_context(guest, 1, 1);
    struct vgpu_wire_resource_map_blob map = {
        .hdr.type = VGPU_CMD_RESOURCE_MAP_BLOB, .resource_id = 1, .offset = OFFSET,
    };
    struct vgpu_wire_resource_unmap_blob unmap = {
        .hdr.type = VGPU_CMD_RESOURCE_UNMAP_BLOB, .resource_id = 1,
    };
    for (uint32_t round = 0; round < 3; round++) {
        g_assert_cmphex(GUEST_CALL(guest, map), ==, VGPU_RESP_OK_MAP_INFO);
        guest_hostmem_write(guest, OFFSET + 4096, MARK + round);
        g_assert_cmphex(guest_hostmem_read(guest, OFFSET + 4096), ==, MARK + round);
        g_assert_cmphex(GUEST_CALL(guest, unmap), ==, VGPU_RESP_OK_NODATA);
        g_assert_cmphex(guest_hostmem_read(guest, OFFSET + 4096), !=, MARK + round);
    }
    /* GL copies it into a buffer with memory of the guest. */
    struct vgpu_wire_resource_create_3d create_buffer = {
        .hdr.type = VGPU_CMD_RESOURCE_CREATE_3D, .resource_id = 2,
        .target = VIRGL_TEXTURE_TARGET_BUFFER, .format = VIRGL_FORMAT_R8_UNORM,
        .bind = VIRGL_BIND_VERTEX_BUFFER, .width = BYTES, .height = 1, .depth = 1, .array_size = 1,
    };
    g_assert_cmphex(GUEST_CALL(guest, create_buffer), ==, VGPU_RESP_OK_NODATA);
    uint64_t address = guest_attach(guest, 2, BYTES, 0);
    guest_attach_to_context(guest, 1, 2);
    const uint32_t copy[] = {
        13u << 16 | VIRGL_COMMAND_RESOURCE_COPY_REGION, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, BYTES, 1, 1,
    };
    guest_submit(guest, 1, copy, G_N_ELEMENTS(copy));
    struct vgpu_wire_transfer_host_3d read_back = {
        .hdr.type = VGPU_CMD_TRANSFER_FROM_HOST_3D, .hdr.ctx_id = 1, .resource_id = 2,
        .box = {.w = BYTES, .h = 1, .d = 1},
    };
    g_assert_cmphex(GUEST_CALL(guest, read_back), ==, VGPU_RESP_OK_NODATA);
    const uint32_t *words = guest_pointer(guest, address);
    g_assert_cmphex(words[4096 / 4], ==, MARK + 2);
    /* Gone while it is in the guest's view, by the guest's will and by a reset. */
    g_assert_cmphex(GUEST_CALL(guest, map), ==, VGPU_RESP_OK_MAP_INFO);
    struct vgpu_wire_resource_unref unref = {
        .hdr.type = VGPU_CMD_RESOURCE_UNREF, .resource_id = 1,
    };
    g_assert_cmphex(GUEST_CALL(guest, unref), ==, VGPU_RESP_OK_NODATA);
    guest_submit(guest, 1, create_storage, G_N_ELEMENTS(create_storage));
    g_assert_cmphex(GUEST_CALL(guest, create), ==, VGPU_RESP_OK_NODATA);
    g_assert_cmphex(GUEST_CALL(guest, map), ==, VGPU_RESP_OK_MAP_INFO);
    guest_init_device(guest);
    guest_create_context(guest, 1);
    guest_create_3d(guest, 1, VIRGL_BIND_RENDER_TARGET, 64, 64);
    guest_stop(guest);
}

/* The cursor queue: images of either kind, and mistakes, cost no answer. */
static void test_cursor(void)
{
    struct guest *guest = guest_start(NULL);
    guest_create_2d(guest, 1, VGPU_FORMAT_B8G8R8A8_UNORM, 64, 64);
    guest_attach(guest, 1, 64 * 64 * 4, 0);
    guest_create_3d(guest, 2, VIRGL_BIND_RENDER_TARGET | VIRGL_BIND_CURSOR, 64, 64);
    guest_create_2d(guest, 3, VGPU_FORMAT_B8G8R8A8_UNORM, 32, 32);
    const struct {
        uint32_t type, scanout, resource;
    } steps[] = {
        {VGPU_CMD_UPDATE_CURSOR, 0, 1}, {VGPU_CMD_MOVE_CURSOR, 0, 0},
        {VGPU_CMD_UPDATE_CURSOR, 0, 2}, {VGPU_CMD_UPDATE_CURSOR, 0, 3},
        {VGPU_CMD_UPDATE_CURSOR, 0, 99}, {VGPU_CMD_UPDATE_CURSOR, 99, 1},
        {VGPU_CMD_MOVE_CURSOR, 99, 1}, {VGPU_CMD_UPDATE_CURSOR, 0, 0},
    };
    for (unsigned int i = 0; i < G_N_ELEMENTS(steps); i++) {
        struct vgpu_wire_update_cursor update = {
            .hdr.type = steps[i].type, .resource_id = steps[i].resource,
            .pos = {.scanout_id = steps[i].scanout, .x = 10 * i, .y = (uint32_t)-5},
            .hot_x = 1000, .hot_y = 3,
        };
        struct guest_request request = {0};
        guest_send(guest, 1, &request, &update, sizeof(update), 0);
        guest_wait(guest, 1, &request);
        g_assert_cmpuint(request.used_bytes, ==, 0);
    }
    guest_stop(guest);
}

/* QEMU's own means of listing devices work with the module present. */
static void test_listing(void)
{
    struct guest *guest = guest_start(NULL);
    char *types = guest_qmp(guest, false, "{\"execute\":\"qom-list-types\",\"arguments\":{"
                            "\"implements\":\"device\",\"abstract\":false}}");
    char **parts = g_strsplit(types, "\"name\": \"", -1);
    unsigned int count = 0;
    for (char **p = parts + 1; *p; p++) {
        char *end = strchr(*p, '"');
        g_assert_nonnull(end);
        *end = '\0';
        g_free(guest_qmp(guest, true, "{\"execute\":\"device-list-properties\",\"arguments\":{"
                         "\"typename\":\"%s\"}}", *p));
        count++;
    }
    g_assert_cmpuint(count, >, 100);
    char *properties = guest_qmp(guest, false, "{\"execute\":\"device-list-properties\","
                                 "\"arguments\":{\"typename\":\"virtio-gpu-gl-pci\"}}");
    g_assert_nonnull(strstr(properties, "\"max_hostmem\""));
    g_free(properties);
    g_strfreev(parts);
    g_free(types);
    guest_stop(guest);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (!guest_available()) {
        g_print("1..0 # SKIP needs QEMU and the module\n");
        return 0;
    }
    g_test_add_func("/qtest/probe", test_probe);
    g_test_add_func("/qtest/2d", test_2d);
    g_test_add_func("/qtest/3d", test_3d);
    g_test_add_func("/qtest/scanout-3d", test_scanout_3d);
    g_test_add_func("/qtest/scanout-vga", test_scanout_vga);
    g_test_add_func("/qtest/guest-blob-scanout", test_guest_blob_scanout);
    g_test_add_func("/qtest/pieces", test_pieces);
    g_test_add_func("/qtest/odd-chains", test_odd_chains);
    g_test_add_func("/qtest/hostile-addresses", test_hostile_addresses);
    g_test_add_func("/qtest/broken-ring", test_broken_ring);
    g_test_add_func("/qtest/reset-in-flight", test_reset_in_flight);
    g_test_add_func("/qtest/quit-in-flight", test_quit_in_flight);
    g_test_add_func("/qtest/remove-in-flight", test_remove_in_flight);
    g_test_add_func("/qtest/many-contexts", test_many_contexts);
    g_test_add_func("/qtest/reboots", test_reboots);
    g_test_add_func("/qtest/memory-limit", test_memory_limit);
    g_test_add_func("/qtest/two-devices", test_two_devices);
    g_test_add_data_func("/qtest/hostmem/gpu", "virtio-gpu-gl", test_hostmem_region);
    g_test_add_data_func("/qtest/hostmem/vga", "virtio-vga-gl", test_hostmem_region);
    g_test_add_func("/qtest/map-host-blob", test_map_host_blob);
    g_test_add_func("/qtest/cursor", test_cursor);
    g_test_add_func("/qtest/listing", test_listing);
    return g_test_run();
}
