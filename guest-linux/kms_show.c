/* SPDX-License-Identifier: MIT */
#include "kms_show.h"

#include <drm_fourcc.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kms.h"
#include "scene_data.h"
#include "vgpu_resource.h"
#include "vgpu_state.h"
#include "winsys_drm.h"

#define FLIP_TIMEOUT_MS 2000
#define STEP_MS 20
#define BUFFERS 2

/* What one output shows: two buffers of its size, drawn in turn. */
struct screen {
    struct kms_output *output;
    struct vgpu_resource buffers[BUFFERS];
    uint32_t framebuffers[BUFFERS];
    bool shown;
};

struct show {
    const char *program;
    const struct kms_show_options *options;
    struct vgpu_context *context;
    const struct vgpu_scene *scene;
    struct kms kms;
    struct vgpu_resource picture; /* what scenes draw into */
    struct vgpu_resource cursor;
    struct screen screens[KMS_MAX_OUTPUTS];
    unsigned screen_count;
};

static int complain(const struct show *show, const char *what, int error)
{
    fprintf(stderr, "%s: %s: %s\n", show->program, what, strerror(-error));
    return error;
}

/* Copies the picture into the middle of a screen's buffer, or as much as fits. */
static void compose(struct show *show, struct vgpu_resource *buffer)
{
    uint32_t width_px = buffer->desc.width, height_px = buffer->desc.height;
    struct vgpu_box box = {0, 0, 0, VGPU_SCENE_WIDTH_PX, VGPU_SCENE_HEIGHT_PX, 1};

    if (box.width > width_px)
        box.width = width_px;
    if (box.height > height_px)
        box.height = height_px;
    const uint32_t to[3] = {(width_px - box.width) / 2, (height_px - box.height) / 2, 0};

    vgpu_copy(show->context, buffer, 0, to, &show->picture, 0, &box);
}

static int add_screen(struct show *show, struct kms_output *output)
{
    struct screen *screen = &show->screens[show->screen_count];
    struct vgpu_context *context = show->context;
    uint32_t width_px = output->mode.hdisplay, height_px = output->mode.vdisplay;
    int result = 0;

    memset(screen, 0, sizeof(*screen));
    screen->output = output;
    for (unsigned i = 0; i < BUFFERS && result == 0; i++) {
        vgpu_texture_init(context, &screen->buffers[i], VIRGL_FORMAT_B8G8R8X8_UNORM,
                          VIRGL_BIND_RENDER_TARGET | VIRGL_BIND_SCANOUT, width_px, height_px);
        if (context->error)
            return context->error;
        memset(screen->buffers[i].memory, 0x20, screen->buffers[i].layout.total_bytes);
        vgpu_upload(context, &screen->buffers[i], 0, NULL);
        result = kms_framebuffer(&show->kms, winsys_drm_handle(&screen->buffers[i]), width_px,
                                 height_px, 4 * width_px, DRM_FORMAT_XRGB8888,
                                 &screen->framebuffers[i]);
    }
    show->screen_count++;
    return result;
}

/* Screens for outputs that have none yet. */
static int add_screens(struct show *show)
{
    int result = 0;

    for (unsigned i = 0; i < show->kms.output_count && result == 0; i++) {
        struct kms_output *output = &show->kms.outputs[i];
        bool known = false;

        for (unsigned s = 0; s < show->screen_count; s++)
            known = known || show->screens[s].output == output;
        if (output->connected && output->crtc_id && !known)
            result = add_screen(show, output);
    }
    return result;
}

static int show_cursor(struct show *show, struct screen *screen)
{
    struct vgpu_context *context = show->context;

    if (!show->options->cursor)
        return 0;
    if (show->cursor.id == 0) {
        vgpu_texture_init(context, &show->cursor, VIRGL_FORMAT_B8G8R8A8_UNORM,
                          VIRGL_BIND_CURSOR | VIRGL_BIND_SAMPLER_VIEW, SCENE_CURSOR_PX,
                          SCENE_CURSOR_PX);
        if (context->error)
            return context->error;
        scene_cursor_image(show->cursor.memory);
        vgpu_upload(context, &show->cursor, 0, NULL);
    }
    return kms_set_cursor(&show->kms, screen->output, winsys_drm_handle(&show->cursor), 0, 0);
}

static int show_frame(struct show *show, unsigned frame)
{
    struct vgpu_context *context = show->context;

    vgpu_scene_draw(show->scene, context, &show->picture);
    for (unsigned i = 0; i < show->screen_count; i++) {
        struct screen *screen = &show->screens[i];
        unsigned buffer = frame % BUFFERS;
        int result;

        compose(show, &screen->buffers[buffer]);
        if (vgpu_context_finish(context))
            return complain(show, show->scene->name, context->error);
        if (screen->shown) {
            result = kms_flip(&show->kms, screen->output, screen->framebuffers[buffer],
                              FLIP_TIMEOUT_MS);
        } else {
            result = kms_show(&show->kms, screen->output, screen->framebuffers[buffer]);
            if (result == 0)
                result = show_cursor(show, screen);
        }
        if (result < 0)
            return complain(show, screen->output->name, result);
        screen->shown = true;
    }
    return 0;
}

static double now_s(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void move_cursors(struct show *show, double elapsed_s)
{
    for (unsigned i = 0; i < show->screen_count && show->options->cursor; i++) {
        const struct kms_output *output = show->screens[i].output;
        int x_px = (int)(elapsed_s * 100) % output->mode.hdisplay;
        int y_px = (int)(elapsed_s * 60) % output->mode.vdisplay;

        kms_move_cursor(&show->kms, output, x_px, y_px);
    }
}

/* Keeps the last frame on the screens, moves cursors and follows hot-plug events. */
static int linger(struct show *show, unsigned frame)
{
    int hotplug_fd = show->options->follow ? kms_hotplug_open() : -1;
    double start_s = now_s(), elapsed_s = 0;
    int result = 0;

    while (result == 0 && (elapsed_s = now_s() - start_s) < show->options->seconds) {
        struct pollfd poll_fd = {.fd = hotplug_fd, .events = POLLIN};

        if (poll(&poll_fd, 1, STEP_MS) > 0 && kms_hotplug_read(hotplug_fd)) {
            result = kms_probe(&show->kms);
            if (result == 0)
                result = add_screens(show);
            if (result == 0)
                result = show_frame(show, ++frame);
        }
        move_cursors(show, elapsed_s);
    }
    if (hotplug_fd >= 0)
        close(hotplug_fd);
    return result;
}

static void finish(struct show *show)
{
    kms_close(&show->kms);
    for (unsigned i = 0; i < show->screen_count; i++) {
        for (unsigned b = 0; b < BUFFERS; b++) {
            if (show->screens[i].framebuffers[b])
                drmModeRmFB(show->kms.fd, show->screens[i].framebuffers[b]);
            vgpu_resource_finish(show->context, &show->screens[i].buffers[b]);
        }
    }
    vgpu_resource_finish(show->context, &show->cursor);
    vgpu_resource_finish(show->context, &show->picture);
}

static int run(struct show *show)
{
    int result = add_screens(show);

    if (result < 0)
        return complain(show, "cannot make framebuffers", result);
    if (show->screen_count == 0) {
        fprintf(stderr, "%s: no output is connected; use --output to write a file\n",
                show->program);
        return -ENODEV;
    }
    unsigned frames = show->options->repeat;

    for (unsigned frame = 0; frame < frames && result == 0; frame++)
        result = show_frame(show, frame);
    return result == 0 ? linger(show, frames) : result;
}

int kms_show_scene(const char *program, struct vgpu_context *context,
                   const struct vgpu_scene *scene, const struct kms_show_options *options)
{
    struct show *show = calloc(1, sizeof(*show));
    int fd = winsys_drm_fd(context->winsys), result;

    if (!show)
        return EXIT_FAILURE;
    show->program = program;
    show->options = options;
    show->context = context;
    show->scene = scene;
    result = fd < 0 ? -EOPNOTSUPP : kms_open(&show->kms, fd);
    if (result < 0) {
        fprintf(stderr, "%s: %s\n", program,
                result == -EACCES
                    ? "another program owns the display; stop it, or use --output"
                    : "this device has no display of its own; use --output to write a file");
        free(show);
        return EXIT_FAILURE;
    }
    vgpu_texture_init(context, &show->picture, VIRGL_FORMAT_B8G8R8X8_UNORM,
                      VIRGL_BIND_RENDER_TARGET | VIRGL_BIND_SAMPLER_VIEW, VGPU_SCENE_WIDTH_PX,
                      VGPU_SCENE_HEIGHT_PX);
    result = context->error ? complain(show, "cannot make a picture", context->error) : run(show);
    finish(show);
    free(show);
    return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
