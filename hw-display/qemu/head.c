/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Outputs: frames become ordinary display surfaces, so every display of QEMU can show them. What
 * the renderer draws is fetched when a display asks for an update, not when the guest flushes:
 * nobody looking costs nothing.
 */
#include "mantua-gpu.h"

/* A VGA device's displays poll more often than this when somebody looks. */
#define IDLE_UPDATE_MS 200
#define VGA_REFRESH_TIMEOUT_MS 1000

static pixman_format_code_t surface_format_of(uint32_t format)
{
    switch (format) {
    case VIRTIO_GPU_FORMAT_B8G8R8A8_UNORM:
        return PIXMAN_a8r8g8b8;
    case VIRTIO_GPU_FORMAT_A8R8G8B8_UNORM:
        return PIXMAN_b8g8r8a8;
    case VIRTIO_GPU_FORMAT_X8R8G8B8_UNORM:
        return PIXMAN_b8g8r8x8;
    case VIRTIO_GPU_FORMAT_R8G8B8A8_UNORM:
        return PIXMAN_a8b8g8r8;
    case VIRTIO_GPU_FORMAT_R8G8B8X8_UNORM:
        return PIXMAN_x8b8g8r8;
    case VIRTIO_GPU_FORMAT_A8B8G8R8_UNORM:
        return PIXMAN_r8g8b8a8;
    case VIRTIO_GPU_FORMAT_X8B8G8R8_UNORM:
        return PIXMAN_r8g8b8x8;
    default:
        return PIXMAN_x8r8g8b8;
    }
}

static void image_destroyed(pixman_image_t *image, void *frame)
{
    vgpu_frame_unref(frame);
}

static DisplaySurface *make_surface(struct vgpu_frame *frame, const struct vgpu_rect *area)
{
    uint8_t *pixels = frame->pixels + (size_t)area->y * frame->stride_bytes + 4 * (size_t)area->x;
    pixman_image_t *image = pixman_image_create_bits_no_clear(
        surface_format_of(frame->format), area->width, area->height, (uint32_t *)pixels,
        frame->stride_bytes);
    if (!image) {
        return NULL;
    }
    pixman_image_set_destroy_function(image, image_destroyed, vgpu_frame_ref(frame));
    DisplaySurface *surface = qemu_create_displaysurface_pixman(image);
    pixman_image_unref(image);
    return surface;
}

void gpu_head_show(struct gpu_head *head, struct vgpu_frame *frame, const struct vgpu_rect *area)
{
    if (head->frame == frame && memcmp(&head->area, area, sizeof(*area)) == 0) {
        return;
    }
    DisplaySurface *surface = make_surface(frame, area);
    if (!surface) {
        return;
    }
    vgpu_frame_ref(frame);
    vgpu_frame_unref(head->frame);
    head->frame = frame;
    head->area = *area;
    dpy_gfx_replace_surface(gpu_head_console(head), surface);
}

void gpu_head_off(struct gpu_head *head)
{
    if (!head->frame) {
        return;
    }
    vgpu_frame_unref(head->frame);
    head->frame = NULL;
    dpy_gfx_replace_surface(gpu_head_console(head), NULL);
}

void gpu_head_updated(struct gpu_head *head, const struct vgpu_rect *rect)
{
    if (head->frame) {
        dpy_gfx_update(gpu_head_console(head), rect->x, rect->y, rect->width, rect->height);
    }
}

void gpu_head_refreshed(struct gpu_head *head)
{
    head->refreshing = false;
    graphic_hw_update_done(gpu_head_console(head));
}

void gpu_head_set_cursor(struct gpu_head *head, const struct vgpu_cursor *cursor)
{
    QemuConsole *con = gpu_head_console(head);
    head->cursor_visible = cursor != NULL;
    if (!con) {
        return;
    }
    if (!cursor) {
        dpy_mouse_set(con, head->cursor_x, head->cursor_y, 0);
        return;
    }
    QEMUCursor *image = cursor_alloc(VGPU_CURSOR_PX, VGPU_CURSOR_PX);
    if (!image) {
        return;
    }
    image->hot_x = cursor->hot_x;
    image->hot_y = cursor->hot_y;
    memcpy(image->data, cursor->pixels, sizeof(cursor->pixels));
    dpy_cursor_define(con, image);
    cursor_unref(image);
}

void gpu_head_move_cursor(struct gpu_head *head, int32_t x, int32_t y)
{
    head->cursor_x = x;
    head->cursor_y = y;
    dpy_mouse_set(gpu_head_console(head), x, y, head->cursor_visible);
}

static bool start_refresh(struct gpu_head *head)
{
    struct vgpu_device *device = head->gpu->device;
    head->last_update_ms = qemu_clock_get_ms(QEMU_CLOCK_REALTIME);
    head->refreshing = device && vgpu_scanout_refresh(device, head->index);
    return head->refreshing;
}

static int get_flags(void *opaque)
{
    return GRAPHIC_FLAGS_NONE;
}

static void set_output(struct gpu *gpu, uint32_t index, QemuUIInfo *info)
{
    if (index >= gpu->qdev->parent_obj.conf.max_outputs || !gpu->device) {
        return;
    }
    struct vgpu_output output = {
        .x = MAX(info->xoff, 0),
        .y = MAX(info->yoff, 0),
        .width = info->width,
        .height = info->height,
        .width_mm = info->width_mm,
        .height_mm = info->height_mm,
        .refresh_mhz = info->refresh_rate,
    };
    vgpu_set_output(gpu->device, index, &output, true);
}

/* Consoles of our own: opaque is the head. */
static void head_invalidate(void *opaque)
{
    struct gpu_head *head = opaque;
    if (head->gpu->device) {
        vgpu_scanout_invalidate(head->gpu->device, head->index);
    }
}

/*
 * A display asks for an update and then reads the surface at once. The render thread must not write
 * into it meanwhile, so it starts when the display is done.
 */
static void refresh_later(struct gpu_head *head)
{
    head->refresh_wanted = true;
    qemu_bh_schedule(head->gpu->refresh_bh);
}

void gpu_heads_refresh_bh(void *opaque)
{
    struct gpu *gpu = opaque;
    for (uint32_t i = 0; i < gpu->qdev->parent_obj.conf.max_outputs; i++) {
        struct gpu_head *head = &gpu->heads[i];
        if (!head->refresh_wanted) {
            continue;
        }
        head->refresh_wanted = false;
        if (!start_refresh(head)) {
            graphic_hw_update_done(gpu_head_console(head));
        }
    }
}

static void head_gfx_update(void *opaque)
{
    refresh_later(opaque);
}

static void head_ui_info(void *opaque, uint32_t index, QemuUIInfo *info)
{
    struct gpu_head *head = opaque;
    set_output(head->gpu, index, info);
}

static void head_gl_block(void *opaque, bool block)
{
}

static const GraphicHwOps head_ops = {
    .get_flags = get_flags,
    .invalidate = head_invalidate,
    .gfx_update = head_gfx_update,
    .gfx_update_async = true,
    .ui_info = head_ui_info,
    .gl_block = head_gl_block,
};

/* The first head of a VGA device is called by the stock VGA glue: opaque is the QOM object. */
static struct gpu_head *first_head(void *opaque)
{
    MantuaGPU *qdev = MANTUA_GPU(opaque);
    return qdev->gpu ? &qdev->gpu->heads[0] : NULL;
}

static void vga_invalidate(void *opaque)
{
    struct gpu_head *head = first_head(opaque);
    if (head) {
        head_invalidate(head);
    }
}

/*
 * The glue takes an update for done when this returns. A display that polls gets the picture with
 * its next poll; a screen dump with nobody else looking must have it now.
 */
static void vga_gfx_update(void *opaque)
{
    struct gpu_head *head = first_head(opaque);
    if (!head) {
        return;
    }
    int64_t now_ms = qemu_clock_get_ms(QEMU_CLOCK_REALTIME);
    bool somebody_polls = compat_console_watched(gpu_head_console(head)) &&
                          now_ms - head->last_update_ms < IDLE_UPDATE_MS;
    if (somebody_polls) {
        refresh_later(head);
        return;
    }
    if (!start_refresh(head)) {
        return;
    }
    while (head->refreshing &&
           qemu_clock_get_ms(QEMU_CLOCK_REALTIME) - now_ms < VGA_REFRESH_TIMEOUT_MS) {
        g_usleep(200);
        vgpu_dispatch(head->gpu->device);
    }
    /* What else was delivered meanwhile is announced from the usual place. */
    qemu_bh_schedule(head->gpu->dispatch_bh);
}

static void vga_ui_info(void *opaque, uint32_t index, QemuUIInfo *info)
{
    MantuaGPU *qdev = MANTUA_GPU(opaque);
    if (qdev->gpu) {
        set_output(qdev->gpu, index, info);
    }
}

static const GraphicHwOps vga_ops = {
    .get_flags = get_flags,
    .invalidate = vga_invalidate,
    .gfx_update = vga_gfx_update,
    .ui_info = vga_ui_info,
    .gl_block = head_gl_block,
};

void gpu_heads_init(struct gpu *gpu)
{
    VirtIOGPUBase *base = &gpu->qdev->parent_obj;
    base->hw_ops = &vga_ops;
    for (uint32_t i = 0; i < base->conf.max_outputs; i++) {
        struct gpu_head *head = &gpu->heads[i];
        head->gpu = gpu;
        head->index = i;
        graphic_console_set_hwops(base->scanout[i].con, &head_ops, head);
    }
}

void gpu_heads_close(struct gpu *gpu)
{
    VirtIOGPUBase *base = &gpu->qdev->parent_obj;
    for (uint32_t i = 0; i < base->conf.max_outputs; i++) {
        gpu_head_off(&gpu->heads[i]);
        graphic_console_close(base->scanout[i].con);
    }
}
