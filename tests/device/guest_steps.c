/* SPDX-License-Identifier: MIT */
/* Sequences of commands that many tests need. */
#include <string.h>

#include "guest.h"
#include "virgl_protocol.h"

void guest_create_2d(struct guest *guest, uint32_t id, uint32_t format, uint32_t width,
                     uint32_t height)
{
    struct vgpu_wire_resource_create_2d request = {
        .hdr.type = VGPU_CMD_RESOURCE_CREATE_2D, .resource_id = id, .format = format,
        .width = width, .height = height,
    };
    g_assert_cmphex(GUEST_CALL(guest, request), ==, VGPU_RESP_OK_NODATA);
}

void guest_create_3d(struct guest *guest, uint32_t id, uint32_t bind, uint32_t width,
                     uint32_t height)
{
    struct vgpu_wire_resource_create_3d request = {
        .hdr.type = VGPU_CMD_RESOURCE_CREATE_3D, .resource_id = id,
        .target = VIRGL_TEXTURE_TARGET_2D, .format = VGPU_FORMAT_B8G8R8A8_UNORM, .bind = bind,
        .width = width, .height = height, .depth = 1, .array_size = 1,
    };
    g_assert_cmphex(GUEST_CALL(guest, request), ==, VGPU_RESP_OK_NODATA);
}

uint64_t guest_attach(struct guest *guest, uint32_t id, uint32_t bytes, uint32_t piece_bytes)
{
    uint64_t address = guest_alloc(guest, bytes, GUEST_PAGE_BYTES);
    if (!piece_bytes)
        piece_bytes = bytes;
    uint32_t count = (bytes + piece_bytes - 1) / piece_bytes;
    size_t size = sizeof(struct vgpu_wire_resource_attach_backing) +
                  count * sizeof(struct vgpu_wire_mem_entry);
    struct vgpu_wire_resource_attach_backing *request = g_malloc0(size);
    struct vgpu_wire_mem_entry *entries = (void *)(request + 1);
    request->hdr.type = VGPU_CMD_RESOURCE_ATTACH_BACKING;
    request->resource_id = id;
    request->nr_entries = count;
    for (uint32_t i = 0; i < count; i++) {
        entries[i].addr = address + (uint64_t)i * piece_bytes;
        entries[i].length = MIN(piece_bytes, bytes - i * piece_bytes);
    }
    g_assert_cmphex(guest_call(guest, request, size, NULL, 0), ==, VGPU_RESP_OK_NODATA);
    g_free(request);
    return address;
}

void guest_set_scanout(struct guest *guest, uint32_t scanout, uint32_t id, uint32_t width,
                       uint32_t height)
{
    struct vgpu_wire_set_scanout request = {
        .hdr.type = VGPU_CMD_SET_SCANOUT, .scanout_id = scanout, .resource_id = id,
        .r = {0, 0, width, height},
    };
    g_assert_cmphex(GUEST_CALL(guest, request), ==, VGPU_RESP_OK_NODATA);
}

void guest_flush(struct guest *guest, uint32_t id, uint32_t width, uint32_t height)
{
    struct vgpu_wire_resource_flush request = {
        .hdr.type = VGPU_CMD_RESOURCE_FLUSH, .resource_id = id, .r = {0, 0, width, height},
    };
    g_assert_cmphex(GUEST_CALL(guest, request), ==, VGPU_RESP_OK_NODATA);
}

void guest_create_context(struct guest *guest, uint32_t id)
{
    struct vgpu_wire_ctx_create request = {
        .hdr.type = VGPU_CMD_CTX_CREATE, .hdr.ctx_id = id, .nlen = 4, .debug_name = "test",
    };
    g_assert_cmphex(GUEST_CALL(guest, request), ==, VGPU_RESP_OK_NODATA);
}

void guest_attach_to_context(struct guest *guest, uint32_t ctx_id, uint32_t id)
{
    struct vgpu_wire_ctx_resource request = {
        .hdr.type = VGPU_CMD_CTX_ATTACH_RESOURCE, .hdr.ctx_id = ctx_id, .resource_id = id,
    };
    g_assert_cmphex(GUEST_CALL(guest, request), ==, VGPU_RESP_OK_NODATA);
}

uint32_t guest_submit(struct guest *guest, uint32_t ctx_id, const uint32_t *dwords,
                      unsigned int count)
{
    static uint64_t fence_id;
    size_t size = sizeof(struct vgpu_wire_cmd_submit) + 4u * count;
    struct vgpu_wire_cmd_submit *request = g_malloc0(size);
    request->hdr.type = VGPU_CMD_SUBMIT_3D;
    request->hdr.flags = VGPU_HDR_FLAG_FENCE;
    request->hdr.fence_id = ++fence_id;
    request->hdr.ctx_id = ctx_id;
    request->size = 4 * count;
    memcpy(request + 1, dwords, 4u * count);
    struct vgpu_wire_ctrl_hdr response;
    uint32_t answer = guest_call(guest, request, size, &response, sizeof(response));
    g_assert_cmphex(response.fence_id, ==, fence_id);
    g_free(request);
    return answer;
}

#define HEADER(command, object, length) \
    ((uint32_t)(length) << 16 | (uint32_t)(object) << 8 | (uint32_t)(command))

static uint32_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

void guest_clear(struct guest *guest, uint32_t ctx_id, uint32_t id, const float color[4])
{
    const uint32_t surface = 1000 + id;
    const uint32_t dwords[] = {
        HEADER(VIRGL_COMMAND_CREATE_OBJECT, VIRGL_OBJECT_TYPE_SURFACE, 5), surface, id,
        VGPU_FORMAT_B8G8R8A8_UNORM, 0, 0,
        HEADER(VIRGL_COMMAND_SET_FRAMEBUFFER_STATE, 0, 3), 1, 0, surface,
        HEADER(VIRGL_COMMAND_CLEAR, 0, 8), 4, float_bits(color[0]), float_bits(color[1]),
        float_bits(color[2]), float_bits(color[3]), 0, 0, 0,
        HEADER(VIRGL_COMMAND_SET_FRAMEBUFFER_STATE, 0, 2), 0, 0,
        HEADER(VIRGL_COMMAND_DESTROY_OBJECT, VIRGL_OBJECT_TYPE_SURFACE, 1), surface,
    };
    g_assert_cmphex(guest_submit(guest, ctx_id, dwords, G_N_ELEMENTS(dwords)), ==,
                    VGPU_RESP_OK_NODATA);
}
