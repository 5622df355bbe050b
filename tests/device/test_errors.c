/* SPDX-License-Identifier: MIT */
/* Every kind of bad command gets the response code that the table of the protocol names. */
#include <errno.h>
#include <string.h>

#include "fake_host.h"

/* What the error cases find: 2D 1 (with backing) and 2 (without), 3D 3, blobs 4 (guest) and 5. */
static struct fake_host *populated_host(void)
{
    struct fake_host *host = fake_host_new(NULL);
    fake_create_2d(host, 1, 64, 64);
    g_assert_cmphex(fake_attach(host, 1, 0x1000, 64 * 64 * 4), ==, VGPU_RESP_OK_NODATA);
    fake_create_2d(host, 2, 64, 64);
    fake_create_3d(host, 3, 64, 64);
    fake_create_context(host, 1);
    struct {
        struct vgpu_wire_resource_create_blob request;
        struct vgpu_wire_mem_entry entry;
    } guest_blob = {
        {.hdr.type = VGPU_CMD_RESOURCE_CREATE_BLOB, .resource_id = 4,
         .blob_mem = VGPU_BLOB_MEM_GUEST, .nr_entries = 1, .size = 16384},
        {.addr = 0x100000, .length = 16384},
    };
    g_assert_cmphex(CALL(host, guest_blob), ==, VGPU_RESP_OK_NODATA);
    struct vgpu_wire_resource_create_blob host_blob = {
        .hdr.type = VGPU_CMD_RESOURCE_CREATE_BLOB, .hdr.ctx_id = 1, .resource_id = 5,
        .blob_mem = VGPU_BLOB_MEM_HOST3D, .blob_flags = VGPU_BLOB_FLAG_USE_MAPPABLE, .size = 8192,
    };
    g_assert_cmphex(CALL(host, host_blob), ==, VGPU_RESP_OK_NODATA);
    return host;
}

#define EXPECT(host, code, ...) \
    do { \
        __VA_ARGS__; \
        g_assert_cmphex(CALL(host, r), ==, VGPU_RESP_##code); \
    } while (0)

#define CREATE_2D(...) \
    struct vgpu_wire_resource_create_2d r = { \
        .hdr.type = VGPU_CMD_RESOURCE_CREATE_2D, .resource_id = 50, \
        .format = VGPU_FORMAT_B8G8R8X8_UNORM, .width = 16, .height = 16, __VA_ARGS__ }
#define SCANOUT(...) \
    struct vgpu_wire_set_scanout r = { \
        .hdr.type = VGPU_CMD_SET_SCANOUT, .resource_id = 1, .r = {0, 0, 64, 64}, __VA_ARGS__ }
#define FLUSH(...) \
    struct vgpu_wire_resource_flush r = { \
        .hdr.type = VGPU_CMD_RESOURCE_FLUSH, .resource_id = 1, .r = {0, 0, 64, 64}, __VA_ARGS__ }
#define TRANSFER(...) \
    struct vgpu_wire_transfer_to_host_2d r = { \
        .hdr.type = VGPU_CMD_TRANSFER_TO_HOST_2D, .resource_id = 1, .r = {0, 0, 64, 64}, \
        __VA_ARGS__ }
#define SIMPLE(command, name, ...) \
    struct vgpu_wire_##name r = { .hdr.type = VGPU_CMD_##command, __VA_ARGS__ }

static void test_resource_2d(void)
{
    struct fake_host *host = populated_host();
    EXPECT(host, ERR_INVALID_RESOURCE_ID, CREATE_2D(.resource_id = 0));
    EXPECT(host, ERR_INVALID_RESOURCE_ID, CREATE_2D(.resource_id = 3));
    EXPECT(host, ERR_INVALID_PARAMETER, CREATE_2D(.format = 5));
    EXPECT(host, ERR_OUT_OF_MEMORY, CREATE_2D(.width = 0));
    EXPECT(host, ERR_OUT_OF_MEMORY, CREATE_2D(.width = 0xffffffff, .height = 0xffffffff));
    EXPECT(host, ERR_OUT_OF_MEMORY, CREATE_2D(.width = 0x40000000, .height = 4));
    EXPECT(host, ERR_OUT_OF_MEMORY, CREATE_2D(.width = 8192, .height = 8192));
    EXPECT(host, OK_NODATA, CREATE_2D(.width = 16));
    EXPECT(host, ERR_INVALID_RESOURCE_ID, SIMPLE(RESOURCE_UNREF, resource_unref,
                                                 .resource_id = 77));
    fake_host_free(host);
}

static void test_scanout(void)
{
    struct fake_host *host = populated_host();
    EXPECT(host, ERR_INVALID_SCANOUT_ID, SCANOUT(.scanout_id = 4));
    EXPECT(host, ERR_INVALID_SCANOUT_ID, SCANOUT(.scanout_id = 0xffffffff));
    EXPECT(host, ERR_INVALID_RESOURCE_ID, SCANOUT(.resource_id = 77));
    EXPECT(host, ERR_INVALID_RESOURCE_ID, SCANOUT(.resource_id = 4));
    EXPECT(host, ERR_UNSPEC, SCANOUT(.resource_id = 2));
    EXPECT(host, ERR_INVALID_PARAMETER, SCANOUT(.r = {0, 0, 65, 64}));
    EXPECT(host, ERR_INVALID_PARAMETER, SCANOUT(.r = {1, 0, 64, 64}));
    EXPECT(host, ERR_INVALID_PARAMETER, SCANOUT(.r = {0xffffffff, 0, 64, 64}));
    EXPECT(host, ERR_INVALID_PARAMETER, SCANOUT(.r = {0, 0, 15, 64}));
    EXPECT(host, ERR_INVALID_PARAMETER, SCANOUT(.r = {0, 0, 0, 0}));
    EXPECT(host, OK_NODATA, SCANOUT(.resource_id = 0));
    EXPECT(host, ERR_INVALID_RESOURCE_ID, FLUSH(.resource_id = 77));
    EXPECT(host, ERR_INVALID_PARAMETER, FLUSH(.r = {0, 1, 64, 64}));
    EXPECT(host, ERR_INVALID_PARAMETER, FLUSH(.r = {0, 0xffffffc0, 64, 64}));
    fake_host_free(host);
}

static void test_transfer_2d(void)
{
    struct fake_host *host = populated_host();
    EXPECT(host, ERR_INVALID_RESOURCE_ID, TRANSFER(.resource_id = 77));
    EXPECT(host, ERR_UNSPEC, TRANSFER(.resource_id = 2));
    EXPECT(host, ERR_INVALID_PARAMETER, TRANSFER(.r = {60, 0, 5, 1}));
    EXPECT(host, ERR_INVALID_PARAMETER, TRANSFER(.r = {0, 0xffffffff, 1, 2}));
    EXPECT(host, ERR_INVALID_PARAMETER, TRANSFER(.offset = 1));
    EXPECT(host, ERR_INVALID_PARAMETER, TRANSFER(.offset = UINT64_MAX - 3));
    EXPECT(host, OK_NODATA, TRANSFER(.resource_id = 4));
    EXPECT(host, OK_NODATA, TRANSFER(.offset = 4 * 64 * 63, .r = {0, 63, 64, 1}));
    fake_host_free(host);
}

static void test_backing(void)
{
    struct fake_host *host = populated_host();
    g_assert_cmphex(fake_attach(host, 77, 0, 4096), ==, VGPU_RESP_ERR_INVALID_RESOURCE_ID);
    g_assert_cmphex(fake_attach(host, 1, 0, 4096), ==, VGPU_RESP_ERR_UNSPEC);
    g_assert_cmphex(fake_attach(host, 2, GUEST_BYTES, 4096), ==, VGPU_RESP_ERR_UNSPEC);
    g_assert_cmphex(fake_attach(host, 2, GUEST_BYTES - 4096, 8192), ==, VGPU_RESP_ERR_UNSPEC);
    g_assert_cmphex(fake_attach(host, 2, UINT64_MAX - 100, 8192), ==, VGPU_RESP_ERR_UNSPEC);
    EXPECT(host, ERR_UNSPEC, SIMPLE(RESOURCE_ATTACH_BACKING, resource_attach_backing,
                                    .resource_id = 2, .nr_entries = 1));
    EXPECT(host, ERR_UNSPEC, SIMPLE(RESOURCE_ATTACH_BACKING, resource_attach_backing,
                                    .resource_id = 2, .nr_entries = 0xffffffff));
    g_assert_cmphex(fake_attach(host, 2, 0x2000, 0), ==, VGPU_RESP_OK_NODATA);
    EXPECT(host, OK_NODATA, SIMPLE(RESOURCE_DETACH_BACKING, resource_detach_backing,
                                   .resource_id = 2));
    EXPECT(host, ERR_UNSPEC, SIMPLE(RESOURCE_DETACH_BACKING, resource_detach_backing,
                                    .resource_id = 2));
    EXPECT(host, ERR_INVALID_RESOURCE_ID, SIMPLE(RESOURCE_DETACH_BACKING, resource_detach_backing,
                                                 .resource_id = 77));
    fake_renderer_fail_next(ENOMEM);
    g_assert_cmphex(fake_attach(host, 3, 0x2000, 4096), ==, VGPU_RESP_ERR_OUT_OF_MEMORY);
    fake_host_free(host);
}

static void test_contexts(void)
{
    struct fake_host *host = populated_host();
    EXPECT(host, ERR_INVALID_CONTEXT_ID, SIMPLE(CTX_CREATE, ctx_create, .hdr.ctx_id = 0));
    EXPECT(host, ERR_INVALID_CONTEXT_ID, SIMPLE(CTX_CREATE, ctx_create, .hdr.ctx_id = 1));
    EXPECT(host, ERR_INVALID_PARAMETER, SIMPLE(CTX_CREATE, ctx_create, .hdr.ctx_id = 2,
                                               .nlen = 65));
    EXPECT(host, ERR_INVALID_PARAMETER, SIMPLE(CTX_CREATE, ctx_create, .hdr.ctx_id = 2,
                                               .context_init = VGPU_CAPSET_VENUS));
    EXPECT(host, ERR_INVALID_PARAMETER, SIMPLE(CTX_CREATE, ctx_create, .hdr.ctx_id = 2,
                                               .context_init = 0x102));
    EXPECT(host, OK_NODATA, SIMPLE(CTX_CREATE, ctx_create, .hdr.ctx_id = 2, .nlen = 64,
                                   .context_init = VGPU_CAPSET_VIRGL2));
    fake_renderer_fail_next(-EINVAL);
    EXPECT(host, ERR_INVALID_PARAMETER, SIMPLE(CTX_CREATE, ctx_create, .hdr.ctx_id = 3));
    EXPECT(host, ERR_INVALID_CONTEXT_ID, SIMPLE(CTX_DESTROY, ctx_destroy, .hdr.ctx_id = 3));
    EXPECT(host, ERR_INVALID_CONTEXT_ID, SIMPLE(CTX_ATTACH_RESOURCE, ctx_resource,
                                                .hdr.ctx_id = 3, .resource_id = 3));
    EXPECT(host, ERR_INVALID_RESOURCE_ID, SIMPLE(CTX_ATTACH_RESOURCE, ctx_resource,
                                                 .hdr.ctx_id = 1, .resource_id = 77));
    EXPECT(host, ERR_INVALID_CONTEXT_ID, SIMPLE(CTX_DETACH_RESOURCE, ctx_resource,
                                                .hdr.ctx_id = 3, .resource_id = 3));
    EXPECT(host, ERR_INVALID_RESOURCE_ID, SIMPLE(CTX_DETACH_RESOURCE, ctx_resource,
                                                 .hdr.ctx_id = 1, .resource_id = 77));
    EXPECT(host, ERR_INVALID_CONTEXT_ID, SIMPLE(SUBMIT_3D, cmd_submit, .hdr.ctx_id = 3));
    EXPECT(host, ERR_INVALID_PARAMETER, SIMPLE(SUBMIT_3D, cmd_submit, .hdr.ctx_id = 1, .size = 4));
    EXPECT(host, ERR_INVALID_PARAMETER, SIMPLE(SUBMIT_3D, cmd_submit, .hdr.ctx_id = 1,
                                               .size = 0xfffffff0));
    fake_renderer_fail_next(EINVAL);
    EXPECT(host, OK_NODATA, SIMPLE(SUBMIT_3D, cmd_submit, .hdr.ctx_id = 1));
    EXPECT(host, ERR_INVALID_PARAMETER, SIMPLE(GET_CAPSET_INFO, get_capset_info,
                                               .capset_index = 2));
    EXPECT(host, ERR_INVALID_PARAMETER, SIMPLE(GET_CAPSET, get_capset, .capset_id = 9));
    EXPECT(host, ERR_INVALID_PARAMETER, SIMPLE(GET_CAPSET, get_capset, .capset_id = 1,
                                               .capset_version = 2));
    EXPECT(host, ERR_INVALID_PARAMETER, SIMPLE(GET_EDID, cmd_get_edid, .scanout = 4));
    fake_host_free(host);
}

static void test_resource_3d(void)
{
    struct fake_host *host = populated_host();
#define CREATE_3D(...) SIMPLE(RESOURCE_CREATE_3D, resource_create_3d, .resource_id = 50, \
    .target = 2, .format = 1, .bind = 2, .width = 64, .height = 64, .depth = 1, .array_size = 1, \
    __VA_ARGS__)
    EXPECT(host, ERR_INVALID_RESOURCE_ID, CREATE_3D(.resource_id = 0));
    EXPECT(host, ERR_INVALID_RESOURCE_ID, CREATE_3D(.resource_id = 1));
    EXPECT(host, ERR_INVALID_PARAMETER, CREATE_3D(.target = 9));
    EXPECT(host, ERR_INVALID_PARAMETER, CREATE_3D(.format = 100000));
    EXPECT(host, ERR_INVALID_PARAMETER, CREATE_3D(.width = 0));
    EXPECT(host, ERR_INVALID_PARAMETER, CREATE_3D(.last_level = 40));
    EXPECT(host, ERR_INVALID_PARAMETER, CREATE_3D(.nr_samples = 100));
    EXPECT(host, ERR_OUT_OF_MEMORY, CREATE_3D(.width = 65536, .height = 65536, .depth = 65536,
                                              .array_size = 65536));
    EXPECT(host, ERR_OUT_OF_MEMORY, CREATE_3D(.width = 4096, .height = 4096, .nr_samples = 4));
    EXPECT(host, ERR_OUT_OF_MEMORY, CREATE_3D(.target = 0, .width = 0xffffffff));
    fake_renderer_fail_next(EINVAL);
    EXPECT(host, ERR_INVALID_PARAMETER, CREATE_3D(.width = 64));
    EXPECT(host, OK_NODATA, CREATE_3D(.width = 64));
#define TRANSFER_3D(direction, ...) SIMPLE(TRANSFER_##direction##_HOST_3D, transfer_host_3d, \
    .hdr.ctx_id = 1, .resource_id = 3, .box = {.w = 64, .h = 64, .d = 1}, __VA_ARGS__)
    EXPECT(host, ERR_INVALID_PARAMETER, TRANSFER_3D(TO, .level = 0));
    g_assert_cmphex(fake_attach(host, 3, 0x8000, 64 * 64 * 4), ==, VGPU_RESP_OK_NODATA);
    EXPECT(host, OK_NODATA, TRANSFER_3D(TO, .level = 0));
    EXPECT(host, ERR_INVALID_CONTEXT_ID, TRANSFER_3D(TO, .hdr.ctx_id = 9));
    EXPECT(host, ERR_INVALID_RESOURCE_ID, TRANSFER_3D(TO, .resource_id = 77));
    EXPECT(host, ERR_INVALID_PARAMETER, TRANSFER_3D(FROM, .offset = 4));
    EXPECT(host, ERR_INVALID_CONTEXT_ID, TRANSFER_3D(FROM, .hdr.ctx_id = 9));
    EXPECT(host, ERR_INVALID_RESOURCE_ID, TRANSFER_3D(FROM, .resource_id = 77));
    fake_host_free(host);
}

static void test_blobs(void)
{
    struct fake_host *host = populated_host();
#define CREATE_BLOB(...) SIMPLE(RESOURCE_CREATE_BLOB, resource_create_blob, .hdr.ctx_id = 1, \
    .resource_id = 50, .blob_mem = 2, .blob_flags = 1, .size = 4096, __VA_ARGS__)
    EXPECT(host, ERR_INVALID_RESOURCE_ID, CREATE_BLOB(.resource_id = 0));
    EXPECT(host, ERR_INVALID_RESOURCE_ID, CREATE_BLOB(.resource_id = 1));
    EXPECT(host, ERR_INVALID_PARAMETER, CREATE_BLOB(.blob_mem = 0));
    EXPECT(host, ERR_INVALID_PARAMETER, CREATE_BLOB(.blob_mem = 4));
    EXPECT(host, ERR_INVALID_PARAMETER, CREATE_BLOB(.blob_flags = 8));
    EXPECT(host, ERR_INVALID_PARAMETER, CREATE_BLOB(.size = 0));
    EXPECT(host, ERR_INVALID_CONTEXT_ID, CREATE_BLOB(.hdr.ctx_id = 9));
    EXPECT(host, ERR_UNSPEC, CREATE_BLOB(.blob_mem = 1));
    EXPECT(host, ERR_UNSPEC, CREATE_BLOB(.blob_mem = 1, .nr_entries = 3));
    EXPECT(host, ERR_UNSPEC, CREATE_BLOB(.blob_mem = 3));
    EXPECT(host, ERR_OUT_OF_MEMORY, CREATE_BLOB(.size = UINT64_MAX));
    EXPECT(host, ERR_OUT_OF_MEMORY, CREATE_BLOB(.size = 1ull << 32));

#define MAP(...) SIMPLE(RESOURCE_MAP_BLOB, resource_map_blob, .resource_id = 5, __VA_ARGS__)
    EXPECT(host, ERR_INVALID_RESOURCE_ID, MAP(.resource_id = 77));
    EXPECT(host, ERR_INVALID_RESOURCE_ID, MAP(.resource_id = 3));
    EXPECT(host, ERR_INVALID_PARAMETER, MAP(.resource_id = 4));
    EXPECT(host, ERR_INVALID_PARAMETER, MAP(.offset = 100));
    EXPECT(host, ERR_INVALID_PARAMETER, MAP(.offset = (1 << 20) - 4096));
    EXPECT(host, ERR_INVALID_PARAMETER, MAP(.offset = UINT64_MAX - 4095));
    EXPECT(host, ERR_INVALID_PARAMETER, SIMPLE(RESOURCE_UNMAP_BLOB, resource_unmap_blob,
                                               .resource_id = 5));
    host->refuse_hostmem = true;
    EXPECT(host, ERR_OUT_OF_MEMORY, MAP(.offset = 0));
    host->refuse_hostmem = false;
    fake_host_settle(host);
    EXPECT(host, OK_MAP_INFO, MAP(.offset = 4096));
    EXPECT(host, ERR_INVALID_PARAMETER, MAP(.offset = 65536));
    EXPECT(host, OK_NODATA, CREATE_BLOB(.resource_id = 51));
    EXPECT(host, ERR_INVALID_PARAMETER, MAP(.resource_id = 51, .offset = 8192));
    EXPECT(host, OK_MAP_INFO, MAP(.resource_id = 51, .offset = 0));
    EXPECT(host, ERR_INVALID_RESOURCE_ID, SIMPLE(RESOURCE_UNMAP_BLOB, resource_unmap_blob,
                                                 .resource_id = 77));
    EXPECT(host, OK_NODATA, SIMPLE(RESOURCE_UNMAP_BLOB, resource_unmap_blob, .resource_id = 5));
    EXPECT(host, OK_MAP_INFO, MAP(.offset = 8192));

#define SCANOUT_BLOB(...) SIMPLE(SET_SCANOUT_BLOB, set_scanout_blob, .resource_id = 4, \
    .r = {0, 0, 64, 32}, .width = 64, .height = 32, .format = 2, .strides = {256}, __VA_ARGS__)
    EXPECT(host, OK_NODATA, SCANOUT_BLOB(.scanout_id = 0));
    EXPECT(host, ERR_INVALID_SCANOUT_ID, SCANOUT_BLOB(.scanout_id = 4));
    EXPECT(host, ERR_INVALID_RESOURCE_ID, SCANOUT_BLOB(.resource_id = 77));
    EXPECT(host, ERR_INVALID_RESOURCE_ID, SCANOUT_BLOB(.resource_id = 1));
    EXPECT(host, ERR_INVALID_PARAMETER, SCANOUT_BLOB(.format = 0));
    EXPECT(host, ERR_INVALID_PARAMETER, SCANOUT_BLOB(.strides = {255}));
    EXPECT(host, ERR_INVALID_PARAMETER, SCANOUT_BLOB(.strides = {0xfffffffc}));
    EXPECT(host, ERR_INVALID_PARAMETER, SCANOUT_BLOB(.offsets = {16384}));
    EXPECT(host, ERR_INVALID_PARAMETER, SCANOUT_BLOB(.r = {0, 0, 64, 33}));
    EXPECT(host, ERR_INVALID_RESOURCE_ID, SIMPLE(RESOURCE_ASSIGN_UUID, resource_assign_uuid,
                                                 .resource_id = 77));
    EXPECT(host, ERR_INVALID_PARAMETER, SIMPLE(RESOURCE_ASSIGN_UUID, resource_assign_uuid,
                                               .resource_id = 4));
    fake_host_free(host);
}

static void test_shapes(void)
{
    struct fake_host *host = populated_host();
    struct vgpu_wire_ctrl_hdr header = {.type = 0x0666};
    g_assert_cmphex(CALL(host, header), ==, VGPU_RESP_ERR_UNSPEC);
    header.type = VGPU_CMD_MOVE_CURSOR; /* on the wrong queue */
    g_assert_cmphex(CALL(host, header), ==, VGPU_RESP_ERR_UNSPEC);
    /* One byte short of every struct. */
    for (uint32_t type = 0x100; type < 0x220; type++) {
        uint32_t size_bytes = vgpu_wire_request_bytes(type);
        if (size_bytes <= sizeof(header))
            continue;
        uint8_t *request = g_malloc0(size_bytes);
        header.type = type;
        header.flags = 0;
        memcpy(request, &header, sizeof(header));
        uint32_t answer = fake_host_call(host, request, size_bytes - 1, NULL);
        g_assert_cmphex(answer, ==, VGPU_RESP_ERR_INVALID_PARAMETER);
        g_free(request);
    }
    /* Shorter than a header: no response at all. */
    g_assert_cmphex(fake_host_call(host, &header, 23, NULL), ==, 0);
    g_assert_cmphex(fake_host_call(host, &header, 0, NULL), ==, 0);
    /* A response that does not fit is truncated. */
    struct fake_chain chain = {.writable_bytes = 30};
    header.type = VGPU_CMD_GET_DISPLAY_INFO;
    fake_host_send(host, VGPU_QUEUE_CONTROL, &chain, &header, sizeof(header));
    fake_host_run_until(host, &chain.done);
    g_assert_cmpuint(chain.response_bytes, ==, 30);
    /* Too long to be copied. */
    size_t huge_bytes = 40u << 20;
    uint8_t *huge = g_malloc0(huge_bytes);
    struct vgpu_wire_cmd_submit submit = {
        .hdr.type = VGPU_CMD_SUBMIT_3D, .hdr.ctx_id = 1, .size = 39u << 20,
    };
    memcpy(huge, &submit, sizeof(submit));
    g_assert_cmphex(fake_host_call(host, huge, huge_bytes, NULL), ==,
                    VGPU_RESP_ERR_INVALID_PARAMETER);
    g_free(huge);
    fake_host_free(host);
}

static void test_features(void)
{
    static const struct {
        uint32_t type;
        uint64_t feature;
    } cases[] = {
        {VGPU_CMD_GET_EDID, VGPU_F_EDID},
        {VGPU_CMD_GET_CAPSET_INFO, VGPU_F_VIRGL},
        {VGPU_CMD_GET_CAPSET, VGPU_F_VIRGL},
        {VGPU_CMD_CTX_CREATE, VGPU_F_VIRGL},
        {VGPU_CMD_CTX_DESTROY, VGPU_F_VIRGL},
        {VGPU_CMD_CTX_ATTACH_RESOURCE, VGPU_F_VIRGL},
        {VGPU_CMD_CTX_DETACH_RESOURCE, VGPU_F_VIRGL},
        {VGPU_CMD_RESOURCE_CREATE_3D, VGPU_F_VIRGL},
        {VGPU_CMD_TRANSFER_TO_HOST_3D, VGPU_F_VIRGL},
        {VGPU_CMD_TRANSFER_FROM_HOST_3D, VGPU_F_VIRGL},
        {VGPU_CMD_SUBMIT_3D, VGPU_F_VIRGL},
        {VGPU_CMD_RESOURCE_CREATE_BLOB, VGPU_F_RESOURCE_BLOB},
        {VGPU_CMD_SET_SCANOUT_BLOB, VGPU_F_RESOURCE_BLOB},
        {VGPU_CMD_RESOURCE_MAP_BLOB, VGPU_F_RESOURCE_BLOB},
        {VGPU_CMD_RESOURCE_UNMAP_BLOB, VGPU_F_RESOURCE_BLOB},
        {VGPU_CMD_RESOURCE_ASSIGN_UUID, VGPU_F_RESOURCE_UUID},
    };
    struct fake_host *host = fake_host_new(NULL);
    uint64_t all = vgpu_get_features(host->device);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint8_t request[128] = {0};
        memcpy(request, &cases[i].type, sizeof(cases[i].type));
        vgpu_set_features(host->device, all & ~cases[i].feature);
        g_assert_cmphex(fake_host_call(host, request, sizeof(request), NULL), ==,
                        VGPU_RESP_ERR_UNSPEC);
        vgpu_set_features(host->device, all);
        g_assert_cmphex(fake_host_call(host, request, sizeof(request), NULL), !=,
                        VGPU_RESP_ERR_UNSPEC);
    }
    fake_host_free(host);
}

static void test_error_header(void)
{
    struct fake_host *host = fake_host_new(NULL);
    struct fake_chain chain;
    struct vgpu_wire_get_capset request = {
        .hdr = {.type = VGPU_CMD_GET_CAPSET, .flags = VGPU_HDR_FLAG_FENCE,
                .fence_id = 0x123456789abcdefull, .ctx_id = 77},
        .capset_id = 9,
    };
    fake_host_call(host, &request, sizeof(request), &chain);
    struct vgpu_wire_ctrl_hdr *header = (void *)chain.response;
    g_assert_cmpuint(chain.response_bytes, ==, sizeof(*header));
    g_assert_cmphex(header->type, ==, VGPU_RESP_ERR_INVALID_PARAMETER);
    g_assert_cmphex(header->flags, ==, VGPU_HDR_FLAG_FENCE);
    g_assert_cmphex(header->fence_id, ==, request.hdr.fence_id);
    g_assert_cmphex(header->ctx_id, ==, 77);
    fake_host_free(host);
}

static void test_log(void)
{
    struct fake_host *host = fake_host_new(NULL);
    for (unsigned int i = 0; i < 1000; i++)
        g_assert_cmphex(fake_unref(host, 77), ==, VGPU_RESP_ERR_INVALID_RESOURCE_ID);
    pthread_mutex_lock(&host->lock);
    g_assert_nonnull(strstr(host->log->str, "context 0: RESOURCE_UNREF: unknown resource 77"));
    /* A burst, and another per second should the machine be slow. */
    g_assert_cmpuint(host->log_lines, <, 500);
    pthread_mutex_unlock(&host->lock);
    fake_host_free(host);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/device/errors/resource-2d", test_resource_2d);
    g_test_add_func("/device/errors/scanout", test_scanout);
    g_test_add_func("/device/errors/transfer-2d", test_transfer_2d);
    g_test_add_func("/device/errors/backing", test_backing);
    g_test_add_func("/device/errors/contexts", test_contexts);
    g_test_add_func("/device/errors/resource-3d", test_resource_3d);
    g_test_add_func("/device/errors/blobs", test_blobs);
    g_test_add_func("/device/errors/shapes", test_shapes);
    g_test_add_func("/device/errors/features", test_features);
    g_test_add_func("/device/errors/header", test_error_header);
    g_test_add_func("/device/errors/log", test_log);
    return g_test_run();
}
