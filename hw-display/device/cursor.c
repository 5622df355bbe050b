/* SPDX-License-Identifier: MIT */
#include "device.h"
#include "virgl_protocol.h"

/* To 0xAARRGGBB. */
static bool convert(uint32_t format, uint32_t *pixels)
{
    for (size_t i = 0; i < VGPU_CURSOR_PX * VGPU_CURSOR_PX; i++) {
        uint32_t p = pixels[i];
        switch (format) {
        case VGPU_FORMAT_B8G8R8A8_UNORM:
            break;
        case VGPU_FORMAT_B8G8R8X8_UNORM:
            p |= 0xff000000u;
            break;
        case VGPU_FORMAT_A8R8G8B8_UNORM:
            p = __builtin_bswap32(p);
            break;
        case VGPU_FORMAT_X8R8G8B8_UNORM:
            p = __builtin_bswap32(p) | 0xff000000u;
            break;
        case VGPU_FORMAT_R8G8B8A8_UNORM:
            p = (p & 0xff00ff00u) | (p & 0xff) << 16 | (p >> 16 & 0xff);
            break;
        case VGPU_FORMAT_R8G8B8X8_UNORM:
            p = 0xff000000u | (p & 0xff00) | (p & 0xff) << 16 | (p >> 16 & 0xff);
            break;
        case VGPU_FORMAT_A8B8G8R8_UNORM:
            p = (p & 0xff) << 24 | p >> 8;
            p = (p & 0xff00ff00u) | (p & 0xff) << 16 | (p >> 16 & 0xff);
            break;
        case VGPU_FORMAT_X8B8G8R8_UNORM:
            p = p >> 8;
            p = 0xff000000u | (p & 0xff00) | (p & 0xff) << 16 | (p >> 16 & 0xff);
            break;
        default:
            return false;
        }
        pixels[i] = p;
    }
    return true;
}

static bool read_image(struct vgpu_device *device, const struct vgpu_resource *resource,
                       uint32_t *pixels)
{
    const size_t size_bytes = sizeof(uint32_t) * VGPU_CURSOR_PX * VGPU_CURSOR_PX;
    if (resource->frame) {
        memcpy(pixels, resource->frame->pixels, size_bytes);
        return true;
    }
    struct vgpu_wire_box box = {.w = VGPU_CURSOR_PX, .h = VGPU_CURSOR_PX, .d = 1};
    struct iovec iov = {.iov_base = pixels, .iov_len = size_bytes};
    return resource->in_renderer &&
           device->renderer->transfer_read_iov(resource->id, 0, 0, 4 * VGPU_CURSOR_PX, 0,
                                               (struct virgl_box *)&box, 0, &iov, 1) == 0;
}

static uint32_t check_scanout(struct vgpu_device *device, struct vgpu_job *job, uint32_t id)
{
    if (id < device->config.num_scanouts)
        return 0;
    vgpu_guest_error(device, job, "scanout %u", id);
    return VGPU_RESP_ERR_INVALID_SCANOUT_ID;
}

static uint32_t load_cursor(struct vgpu_device *device, struct vgpu_job *job,
                            const struct vgpu_wire_update_cursor *r, struct vgpu_cursor **cursor)
{
    struct vgpu_resource *resource = vgpu_resource_find(device, r->resource_id);
    if (!resource) {
        vgpu_guest_error(device, job, "unknown resource %u", r->resource_id);
        return VGPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    struct vgpu_cursor *loaded = g_new0(struct vgpu_cursor, 1);
    loaded->hot_x = MIN(r->hot_x, VGPU_CURSOR_PX - 1);
    loaded->hot_y = MIN(r->hot_y, VGPU_CURSOR_PX - 1);
    if (resource->kind == VGPU_RESOURCE_BLOB || resource->width != VGPU_CURSOR_PX ||
        resource->height != VGPU_CURSOR_PX || resource->target != VIRGL_TEXTURE_TARGET_2D ||
        !read_image(device, resource, loaded->pixels) ||
        !convert(resource->format, loaded->pixels)) {
        vgpu_guest_error(device, job, "resource %u (%ux%u, format %u) is no cursor image",
                         resource->id, resource->width, resource->height, resource->format);
        g_free(loaded);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    *cursor = loaded;
    return 0;
}

static void post(struct vgpu_device *device, enum vgpu_event_kind kind,
                 const struct vgpu_wire_update_cursor *r, struct vgpu_cursor *cursor)
{
    struct vgpu_event *event = vgpu_event_new(kind);
    event->scanout = r->pos.scanout_id;
    event->cursor = cursor;
    event->cursor_x = (int32_t)r->pos.x;
    event->cursor_y = (int32_t)r->pos.y;
    vgpu_event_post(device, event);
}

uint32_t vgpu_update_cursor(struct vgpu_device *device, struct vgpu_job *job)
{
    const struct vgpu_wire_update_cursor *r = vgpu_request(job, vgpu_wire_update_cursor);
    struct vgpu_cursor *cursor = NULL;
    uint32_t error = check_scanout(device, job, r->pos.scanout_id);
    if (!error && r->resource_id)
        error = load_cursor(device, job, r, &cursor);
    if (error)
        return error;
    post(device, VGPU_EVENT_CURSOR_SET, r, cursor);
    return VGPU_RESP_OK_NODATA;
}

uint32_t vgpu_move_cursor(struct vgpu_device *device, struct vgpu_job *job)
{
    const struct vgpu_wire_update_cursor *r = vgpu_request(job, vgpu_wire_update_cursor);
    uint32_t error = check_scanout(device, job, r->pos.scanout_id);
    if (error)
        return error;
    post(device, VGPU_EVENT_CURSOR_MOVE, r, NULL);
    return VGPU_RESP_OK_NODATA;
}
