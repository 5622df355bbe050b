/* SPDX-License-Identifier: MIT */
#include "device.h"

#include <pixman.h>

#include "virgl_protocol.h"

#define PIXEL_BYTES 4u

/* How pixman reads a resource's pixels; 0: it cannot be shown. */
static pixman_format_code_t pixman_format(uint32_t format)
{
    switch (format) {
    case VIRGL_FORMAT_B8G8R8A8_UNORM:
    case VIRGL_FORMAT_B8G8R8X8_UNORM:
    case VIRGL_FORMAT_B8G8R8A8_SRGB:
    case VIRGL_FORMAT_B8G8R8X8_SRGB:
        return PIXMAN_x8r8g8b8;
    case VIRGL_FORMAT_A8R8G8B8_UNORM:
    case VIRGL_FORMAT_X8R8G8B8_UNORM:
        return PIXMAN_b8g8r8x8;
    case VIRGL_FORMAT_R8G8B8A8_UNORM:
    case VIRGL_FORMAT_R8G8B8X8_UNORM:
    case VIRGL_FORMAT_R8G8B8A8_SRGB:
        return PIXMAN_x8b8g8r8;
    case VIRGL_FORMAT_X8B8G8R8_UNORM:
    case VIRGL_FORMAT_A8B8G8R8_UNORM:
        return PIXMAN_r8g8b8x8;
    case VIRGL_FORMAT_B5G6R5_UNORM:
        return PIXMAN_r5g6b5;
    case VIRGL_FORMAT_B10G10R10A2_UNORM:
        return PIXMAN_x2r10g10b10;
    case VIRGL_FORMAT_R10G10B10A2_UNORM:
        return PIXMAN_x2b10g10r10;
    default:
        return 0;
    }
}

static void drop_frame(struct vgpu_scanout *scanout)
{
    vgpu_frame_unref(scanout->frame);
    scanout->frame = NULL;
    scanout->damage = (struct vgpu_rect){0};
}

static void clear_scanout(struct vgpu_device *device, uint32_t id)
{
    struct vgpu_scanout *scanout = &device->scanouts[id];
    if (scanout->resource)
        scanout->resource->scanout_mask &= ~(1u << id);
    scanout->resource = NULL;
    pthread_mutex_lock(&device->lock);
    device->stale_mask &= ~(1u << id);
    pthread_mutex_unlock(&device->lock);
}

static void turn_off(struct vgpu_device *device, uint32_t id)
{
    clear_scanout(device, id);
    drop_frame(&device->scanouts[id]);
    struct vgpu_event *event = vgpu_event_new(VGPU_EVENT_SCANOUT_OFF);
    event->scanout = id;
    vgpu_event_post(device, event);
}

void vgpu_scanouts_clear(struct vgpu_device *device)
{
    for (uint32_t i = 0; i < device->config.num_scanouts; i++) {
        clear_scanout(device, i);
        drop_frame(&device->scanouts[i]);
    }
}

void vgpu_scanout_forget_resource(struct vgpu_device *device, struct vgpu_resource *resource)
{
    for (uint32_t i = 0; i < device->config.num_scanouts; i++) {
        if (device->scanouts[i].resource == resource)
            turn_off(device, i);
    }
}

static void add_damage(struct vgpu_device *device, uint32_t id, const struct vgpu_rect *rect)
{
    struct vgpu_rect *damage = &device->scanouts[id].damage;
    if (!damage->width) {
        *damage = *rect;
    } else {
        uint32_t right = MAX(damage->x + damage->width, rect->x + rect->width);
        uint32_t bottom = MAX(damage->y + damage->height, rect->y + rect->height);
        damage->x = MIN(damage->x, rect->x);
        damage->y = MIN(damage->y, rect->y);
        damage->width = right - damage->x;
        damage->height = bottom - damage->y;
    }
    pthread_mutex_lock(&device->lock);
    bool was_stale = device->stale_mask & (1u << id);
    device->stale_mask |= 1u << id;
    pthread_mutex_unlock(&device->lock);
    if (was_stale)
        return;
    struct vgpu_event *event = vgpu_event_new(VGPU_EVENT_SCANOUT_STALE);
    event->scanout = id;
    vgpu_event_post(device, event);
}

void vgpu_scanout_damage_all(struct vgpu_device *device, uint32_t id)
{
    const struct vgpu_scanout *scanout = &device->scanouts[id];
    if (!scanout->resource || !scanout->frame)
        return;
    struct vgpu_rect whole = {0, 0, scanout->area.width, scanout->area.height};
    add_damage(device, id, &whole);
}

static void post_set(struct vgpu_device *device, uint32_t id, struct vgpu_frame *frame,
                     const struct vgpu_rect *area)
{
    struct vgpu_event *event = vgpu_event_new(VGPU_EVENT_SCANOUT_SET);
    event->scanout = id;
    event->frame = vgpu_frame_ref(frame);
    event->rect = *area;
    vgpu_event_post(device, event);
}

/* Show scanout->area of scanout->resource through a frame of the scanout's own. */
static bool show_by_readback(struct vgpu_device *device, uint32_t id)
{
    struct vgpu_scanout *scanout = &device->scanouts[id];
    struct vgpu_rect whole = {0, 0, scanout->area.width, scanout->area.height};
    if (!scanout->frame || scanout->frame->width != whole.width ||
        scanout->frame->height != whole.height) {
        drop_frame(scanout);
        scanout->frame = vgpu_frame_new(VGPU_FORMAT_B8G8R8X8_UNORM, whole.width, whole.height);
        if (!scanout->frame)
            return false;
    }
    post_set(device, id, scanout->frame, &whole);
    add_damage(device, id, &whole);
    return true;
}

static uint32_t show(struct vgpu_device *device, struct vgpu_job *job, uint32_t id,
                     const struct vgpu_scanout *wanted)
{
    struct vgpu_scanout *scanout = &device->scanouts[id];
    struct vgpu_frame *old_frame = scanout->frame;
    clear_scanout(device, id);
    *scanout = *wanted;
    scanout->frame = old_frame;
    scanout->damage = (struct vgpu_rect){0};
    scanout->resource->scanout_mask |= 1u << id;
    if (scanout->resource->frame) {
        drop_frame(scanout);
        post_set(device, id, scanout->resource->frame, &scanout->area);
        return VGPU_RESP_OK_NODATA;
    }
    if (!show_by_readback(device, id)) {
        turn_off(device, id);
        vgpu_guest_error(device, job, "no memory for a frame of %ux%u", wanted->area.width,
                         wanted->area.height);
        return VGPU_RESP_ERR_OUT_OF_MEMORY;
    }
    return VGPU_RESP_OK_NODATA;
}

void vgpu_scanout_resource_promoted(struct vgpu_device *device, struct vgpu_resource *resource)
{
    for (uint32_t i = 0; i < device->config.num_scanouts; i++) {
        if (device->scanouts[i].resource == resource && !show_by_readback(device, i))
            turn_off(device, i);
    }
}

static uint32_t check_area(struct vgpu_device *device, struct vgpu_job *job,
                           const struct vgpu_rect *area, uint32_t width, uint32_t height)
{
    if (area->width >= VGPU_MIN_SCANOUT_PX && area->height >= VGPU_MIN_SCANOUT_PX &&
        area->width <= VGPU_MAX_DIMENSION && area->height <= VGPU_MAX_DIMENSION &&
        vgpu_rect_inside(area, width, height))
        return 0;
    vgpu_guest_error(device, job, "rectangle %ux%u+%u+%u of a surface of %ux%u", area->width,
                     area->height, area->x, area->y, width, height);
    return VGPU_RESP_ERR_INVALID_PARAMETER;
}

uint32_t vgpu_set_scanout(struct vgpu_device *device, struct vgpu_job *job)
{
    const struct vgpu_wire_set_scanout *r = vgpu_request(job, vgpu_wire_set_scanout);
    if (r->scanout_id >= device->config.num_scanouts) {
        vgpu_guest_error(device, job, "scanout %u", r->scanout_id);
        return VGPU_RESP_ERR_INVALID_SCANOUT_ID;
    }
    if (r->resource_id == 0) {
        turn_off(device, r->scanout_id);
        return VGPU_RESP_OK_NODATA;
    }
    struct vgpu_resource *resource = vgpu_resource_find(device, r->resource_id);
    if (!resource || resource->kind == VGPU_RESOURCE_BLOB) {
        vgpu_guest_error(device, job, "resource %u is unknown or a blob", r->resource_id);
        return VGPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    if (resource->kind == VGPU_RESOURCE_2D && !resource->backing) {
        vgpu_guest_error(device, job, "resource %u has no backing", r->resource_id);
        return VGPU_RESP_ERR_UNSPEC;
    }
    struct vgpu_scanout wanted = {
        .resource = resource,
        .area = {r->r.x, r->r.y, r->r.width, r->r.height},
    };
    uint32_t error = check_area(device, job, &wanted.area, resource->width, resource->height);
    if (error)
        return error;
    bool flat = resource->target == VIRGL_TEXTURE_TARGET_2D ||
                resource->target == VIRGL_TEXTURE_TARGET_RECT;
    if (!flat || resource->nr_samples > 1 || !pixman_format(resource->format)) {
        vgpu_guest_error(device, job, "resource %u (target %u, format %u) cannot be shown",
                         resource->id, resource->target, resource->format);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    return show(device, job, r->scanout_id, &wanted);
}

uint32_t vgpu_set_scanout_blob(struct vgpu_device *device, struct vgpu_job *job)
{
    const struct vgpu_wire_set_scanout_blob *r = vgpu_request(job, vgpu_wire_set_scanout_blob);
    if (r->scanout_id >= device->config.num_scanouts) {
        vgpu_guest_error(device, job, "scanout %u", r->scanout_id);
        return VGPU_RESP_ERR_INVALID_SCANOUT_ID;
    }
    if (r->resource_id == 0) {
        turn_off(device, r->scanout_id);
        return VGPU_RESP_OK_NODATA;
    }
    struct vgpu_resource *resource = vgpu_resource_find(device, r->resource_id);
    if (!resource || resource->kind != VGPU_RESOURCE_BLOB) {
        vgpu_guest_error(device, job, "resource %u is unknown or no blob", r->resource_id);
        return VGPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    struct vgpu_scanout wanted = {
        .resource = resource,
        .area = {r->r.x, r->r.y, r->r.width, r->r.height},
        .format = r->format,
        .stride_bytes = r->strides[0],
        .offset_bytes = r->offsets[0],
    };
    uint32_t error = check_area(device, job, &wanted.area, r->width, r->height);
    if (error)
        return error;
    pixman_format_code_t format = pixman_format(r->format);
    uint64_t pixel_bytes = PIXMAN_FORMAT_BPP(format) / 8;
    uint64_t last_row = (uint64_t)wanted.area.y + wanted.area.height - 1;
    uint64_t end = wanted.offset_bytes + last_row * wanted.stride_bytes +
                   ((uint64_t)wanted.area.x + wanted.area.width) * pixel_bytes;
    if (!format || wanted.stride_bytes % 4 || wanted.stride_bytes / pixel_bytes < r->width ||
        end > resource->blob_size_bytes) {
        vgpu_guest_error(device, job, "blob %u of %" G_GUINT64_FORMAT " bytes: format %u, stride "
                         "%u, offset %u", resource->id, resource->blob_size_bytes, r->format,
                         wanted.stride_bytes, wanted.offset_bytes);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    return show(device, job, r->scanout_id, &wanted);
}

/* The part of rect that is in area, relative to area. False when there is none. */
static bool clip(const struct vgpu_rect *rect, const struct vgpu_rect *area, struct vgpu_rect *out)
{
    uint64_t left = MAX(rect->x, area->x);
    uint64_t top = MAX(rect->y, area->y);
    uint64_t right = MIN((uint64_t)rect->x + rect->width, (uint64_t)area->x + area->width);
    uint64_t bottom = MIN((uint64_t)rect->y + rect->height, (uint64_t)area->y + area->height);
    if (left >= right || top >= bottom)
        return false;
    *out = (struct vgpu_rect){left - area->x, top - area->y, right - left, bottom - top};
    return true;
}

uint32_t vgpu_resource_flush(struct vgpu_device *device, struct vgpu_job *job)
{
    const struct vgpu_wire_resource_flush *r = vgpu_request(job, vgpu_wire_resource_flush);
    struct vgpu_resource *resource = vgpu_resource_find(device, r->resource_id);
    if (!resource) {
        vgpu_guest_error(device, job, "unknown resource %u", r->resource_id);
        return VGPU_RESP_ERR_INVALID_RESOURCE_ID;
    }
    struct vgpu_rect rect = {r->r.x, r->r.y, r->r.width, r->r.height};
    /* What a blob's size in pixels is only its scanouts know. */
    if (resource->kind != VGPU_RESOURCE_BLOB &&
        !vgpu_rect_inside(&rect, resource->width, resource->height)) {
        vgpu_guest_error(device, job, "rectangle %ux%u+%u+%u outside of resource %u (%ux%u)",
                         rect.width, rect.height, rect.x, rect.y, resource->id, resource->width,
                         resource->height);
        return VGPU_RESP_ERR_INVALID_PARAMETER;
    }
    for (uint32_t mask = resource->scanout_mask; mask; mask &= mask - 1) {
        uint32_t id = (uint32_t)__builtin_ctz(mask);
        struct vgpu_rect part;
        if (!clip(&rect, &device->scanouts[id].area, &part))
            continue;
        if (device->scanouts[id].frame) {
            add_damage(device, id, &part);
            continue;
        }
        struct vgpu_event *event = vgpu_event_new(VGPU_EVENT_SCANOUT_UPDATE);
        event->scanout = id;
        event->rect = part;
        vgpu_event_post(device, event);
    }
    return VGPU_RESP_OK_NODATA;
}

/* Pixels of rect (of the resource) as they are in the renderer, tightly packed or with a stride. */
static bool read_from_renderer(struct vgpu_device *device, const struct vgpu_resource *resource,
                               const struct vgpu_rect *rect, void *pixels, uint32_t stride_bytes,
                               uint32_t pixel_bytes)
{
    struct vgpu_wire_box box = {
        .x = rect->x, .y = rect->y, .w = rect->width, .h = rect->height, .d = 1,
    };
    struct iovec iov = {
        .iov_base = pixels,
        .iov_len = (size_t)stride_bytes * (rect->height - 1) + (size_t)rect->width * pixel_bytes,
    };
    return device->renderer->transfer_read_iov(resource->id, 0, 0, stride_bytes, 0,
                                               (struct virgl_box *)&box, 0, &iov, 1) == 0;
}

/* The same for a blob that is guest memory. */
static bool read_from_guest(const struct vgpu_scanout *scanout, const struct vgpu_rect *rect,
                            uint8_t *pixels, uint32_t stride_bytes, uint32_t pixel_bytes)
{
    const struct vgpu_backing *backing = scanout->resource->backing;
    struct vgpu_iov_reader reader;
    vgpu_iov_reader_init(&reader, backing->iov, backing->iov_count);
    for (uint32_t row = 0; row < rect->height; row++) {
        uint64_t offset = scanout->offset_bytes +
                          (uint64_t)(rect->y + row) * scanout->stride_bytes +
                          (uint64_t)rect->x * pixel_bytes;
        if (!vgpu_iov_read(&reader, offset, pixels + (size_t)row * stride_bytes,
                           (size_t)rect->width * pixel_bytes))
            return false;
    }
    return true;
}

static bool read_from_host_blob(struct vgpu_device *device, const struct vgpu_scanout *scanout,
                                const struct vgpu_rect *rect, uint8_t *pixels,
                                uint32_t stride_bytes, uint32_t pixel_bytes)
{
    struct vgpu_resource *resource = scanout->resource;
    void *pointer = NULL;
    uint64_t size_bytes = 0;
    /* A mapping that the guest sees is the renderer's only one: it must not be ended here. */
    if (resource->mapping_state != VGPU_UNMAPPED ||
        device->renderer->resource_map(resource->id, &pointer, &size_bytes) != 0)
        return read_from_renderer(device, resource, rect, pixels, stride_bytes, pixel_bytes);
    struct iovec iov = {.iov_base = pointer, .iov_len = size_bytes};
    struct vgpu_backing backing = {.iov = &iov, .iov_count = 1};
    struct vgpu_resource view = {.backing = &backing};
    struct vgpu_scanout view_scanout = *scanout;
    view_scanout.resource = &view;
    bool ok = pointer && read_from_guest(&view_scanout, rect, pixels, stride_bytes, pixel_bytes);
    device->renderer->resource_unmap(resource->id);
    return ok;
}

static bool read_pixels(struct vgpu_device *device, const struct vgpu_scanout *scanout,
                        const struct vgpu_rect *rect, uint8_t *pixels, uint32_t stride_bytes,
                        uint32_t pixel_bytes)
{
    const struct vgpu_resource *resource = scanout->resource;
    if (resource->kind != VGPU_RESOURCE_BLOB)
        return read_from_renderer(device, resource, rect, pixels, stride_bytes, pixel_bytes);
    if (resource->backing)
        return read_from_guest(scanout, rect, pixels, stride_bytes, pixel_bytes);
    return read_from_host_blob(device, scanout, rect, pixels, stride_bytes, pixel_bytes);
}

/* Fetch damage into the frame, converting where the formats differ. */
static bool update_frame(struct vgpu_device *device, struct vgpu_scanout *scanout,
                         const struct vgpu_rect *damage)
{
    struct vgpu_frame *frame = scanout->frame;
    bool blob = scanout->resource->kind == VGPU_RESOURCE_BLOB;
    pixman_format_code_t format = pixman_format(blob ? scanout->format
                                                     : scanout->resource->format);
    uint32_t pixel_bytes = PIXMAN_FORMAT_BPP(format) / 8;
    struct vgpu_rect source = {
        scanout->area.x + damage->x, scanout->area.y + damage->y, damage->width, damage->height,
    };
    uint8_t *to = frame->pixels + (size_t)damage->y * frame->stride_bytes +
                  (size_t)damage->x * PIXEL_BYTES;
    if (format == PIXMAN_x8r8g8b8)
        return read_pixels(device, scanout, &source, to, frame->stride_bytes, pixel_bytes);

    uint32_t stride_bytes = (damage->width * pixel_bytes + 3) & ~3u;
    uint8_t *pixels = g_try_malloc((size_t)stride_bytes * damage->height);
    bool ok = pixels && read_pixels(device, scanout, &source, pixels, stride_bytes, pixel_bytes);
    if (ok) {
        pixman_image_t *in = pixman_image_create_bits_no_clear(
            format, (int)damage->width, (int)damage->height, (uint32_t *)(void *)pixels,
            (int)stride_bytes);
        pixman_image_t *out = pixman_image_create_bits_no_clear(
            PIXMAN_x8r8g8b8, (int)damage->width, (int)damage->height, (uint32_t *)(void *)to,
            (int)frame->stride_bytes);
        pixman_image_composite(PIXMAN_OP_SRC, in, NULL, out, 0, 0, 0, 0, 0, 0,
                               (uint16_t)damage->width, (uint16_t)damage->height);
        pixman_image_unref(in);
        pixman_image_unref(out);
    }
    g_free(pixels);
    return ok;
}

void vgpu_scanout_read_back(struct vgpu_device *device, uint32_t id)
{
    struct vgpu_scanout *scanout = &device->scanouts[id];
    struct vgpu_rect damage = scanout->damage;
    struct vgpu_event *update = NULL;
    if (scanout->resource && scanout->frame && damage.width) {
        scanout->damage = (struct vgpu_rect){0};
        if (update_frame(device, scanout, &damage)) {
            update = vgpu_event_new(VGPU_EVENT_SCANOUT_UPDATE);
            update->scanout = id;
            update->rect = damage;
            __atomic_fetch_add(&device->stats.readback_bytes,
                               (uint64_t)damage.width * damage.height * PIXEL_BYTES,
                               __ATOMIC_RELAXED);
        } else {
            vgpu_guest_error(device, NULL, "scanout %u: resource %u cannot be read", id,
                             scanout->resource->id);
        }
    }
    struct vgpu_event *done = vgpu_event_new(VGPU_EVENT_REFRESH_DONE);
    done->scanout = id;
    pthread_mutex_lock(&device->lock);
    device->stale_mask &= ~(1u << id);
    device->refreshing_mask &= ~(1u << id);
    bool wake = update && vgpu_event_post_locked(device, update);
    wake |= vgpu_event_post_locked(device, done);
    pthread_mutex_unlock(&device->lock);
    if (wake)
        device->ops->wake(device->host);
}
