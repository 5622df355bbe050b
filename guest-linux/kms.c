/* SPDX-License-Identifier: MIT */
#include "kms.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <xf86drm.h>

static int result_of(int value)
{
    return value == 0 ? 0 : -errno;
}

/* A CRTC that can drive the connector and that no other output took. */
static void choose_crtc(struct kms *kms, const drmModeRes *resources,
                        const drmModeConnector *connector, struct kms_output *output)
{
    for (int i = 0; i < connector->count_encoders && output->crtc_id == 0; i++) {
        drmModeEncoderPtr encoder = drmModeGetEncoder(kms->fd, connector->encoders[i]);

        for (int c = 0; encoder && c < resources->count_crtcs && output->crtc_id == 0; c++) {
            bool taken = false;

            for (unsigned o = 0; o < kms->output_count; o++)
                taken = taken || kms->outputs[o].crtc_id == resources->crtcs[c];
            if (!taken && encoder->possible_crtcs & 1u << c) {
                output->crtc_id = resources->crtcs[c];
                output->crtc_index = (uint32_t)c;
            }
        }
        drmModeFreeEncoder(encoder);
    }
}

static void read_connector(const drmModeConnector *connector, struct kms_output *output)
{
    output->connector_id = connector->connector_id;
    snprintf(output->name, sizeof(output->name), "Virtual-%u", connector->connector_type_id);
    output->connected = connector->connection == DRM_MODE_CONNECTED && connector->count_modes > 0;
    memset(&output->mode, 0, sizeof(output->mode));
    for (int i = 0; i < connector->count_modes; i++) {
        bool preferred = connector->modes[i].type & DRM_MODE_TYPE_PREFERRED;

        if (i == 0 || (preferred && !(output->mode.type & DRM_MODE_TYPE_PREFERRED)))
            output->mode = connector->modes[i];
    }
}

static struct kms_output *find_output(struct kms *kms, uint32_t connector_id)
{
    for (unsigned i = 0; i < kms->output_count; i++) {
        if (kms->outputs[i].connector_id == connector_id)
            return &kms->outputs[i];
    }
    return NULL;
}

int kms_probe(struct kms *kms)
{
    drmModeResPtr resources = drmModeGetResources(kms->fd);

    if (!resources)
        return -EOPNOTSUPP;
    for (int i = 0; i < resources->count_connectors; i++) {
        drmModeConnectorPtr connector = drmModeGetConnector(kms->fd, resources->connectors[i]);

        if (!connector)
            continue;
        struct kms_output *output = find_output(kms, connector->connector_id);

        if (!output && kms->output_count < KMS_MAX_OUTPUTS) {
            output = &kms->outputs[kms->output_count];
            memset(output, 0, sizeof(*output));
            choose_crtc(kms, resources, connector, output);
            kms->output_count++;
        }
        if (output)
            read_connector(connector, output);
        drmModeFreeConnector(connector);
    }
    drmModeFreeResources(resources);
    return 0;
}

int kms_open(struct kms *kms, int fd)
{
    memset(kms, 0, sizeof(*kms));
    kms->fd = fd;
    int result = kms_probe(kms);

    if (result < 0)
        return result;
    /* The first opener is master already; asking again is harmless. */
    if (drmSetMaster(fd) != 0 && !drmIsMaster(fd))
        return -EACCES;
    kms->master = true;
    return 0;
}

void kms_close(struct kms *kms)
{
    for (unsigned i = 0; i < kms->output_count; i++) {
        struct kms_output *output = &kms->outputs[i];
        drmModeCrtcPtr saved = output->saved;

        if (!saved)
            continue;
        drmModeSetCursor(kms->fd, output->crtc_id, 0, 0, 0);
        drmModeSetCrtc(kms->fd, saved->crtc_id, saved->buffer_id, saved->x, saved->y,
                       saved->buffer_id ? &output->connector_id : NULL, saved->buffer_id ? 1 : 0,
                       saved->mode_valid ? &saved->mode : NULL);
        drmModeFreeCrtc(saved);
        output->saved = NULL;
    }
    if (kms->master)
        drmDropMaster(kms->fd);
    kms->master = false;
}

int kms_framebuffer(struct kms *kms, uint32_t handle, uint32_t width_px, uint32_t height_px,
                    uint32_t stride_bytes, uint32_t drm_format, uint32_t *framebuffer_id)
{
    const uint32_t handles[4] = {handle}, strides[4] = {stride_bytes}, offsets[4] = {0};

    return result_of(drmModeAddFB2(kms->fd, width_px, height_px, drm_format, handles, strides,
                                   offsets, framebuffer_id, 0));
}

int kms_show(struct kms *kms, struct kms_output *output, uint32_t framebuffer_id)
{
    if (!output->connected)
        return -ENODEV;
    if (output->crtc_id == 0)
        return -EBUSY;
    if (!output->saved)
        output->saved = drmModeGetCrtc(kms->fd, output->crtc_id);
    return result_of(drmModeSetCrtc(kms->fd, output->crtc_id, framebuffer_id, 0, 0,
                                    &output->connector_id, 1, &output->mode));
}

static void flip_happened(int fd, unsigned int frame, unsigned int seconds,
                          unsigned int microseconds, void *data)
{
    *(bool *)data = true;
}

int kms_flip(struct kms *kms, struct kms_output *output, uint32_t framebuffer_id, int timeout_ms)
{
    drmEventContext events = {.version = 2, .page_flip_handler = flip_happened};
    struct pollfd poll_fd = {.fd = kms->fd, .events = POLLIN};
    bool happened = false;
    int result = result_of(drmModePageFlip(kms->fd, output->crtc_id, framebuffer_id,
                                           DRM_MODE_PAGE_FLIP_EVENT, &happened));

    while (result == 0 && !happened) {
        int ready = poll(&poll_fd, 1, timeout_ms);

        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return ready == 0 ? -ETIMEDOUT : -errno;
        if (drmHandleEvent(kms->fd, &events) != 0)
            return -EIO;
    }
    return result;
}

int kms_set_cursor(struct kms *kms, const struct kms_output *output, uint32_t handle, int hot_x_px,
                   int hot_y_px)
{
    const uint32_t size_px = handle ? 64 : 0;
    int result = drmModeSetCursor2(kms->fd, output->crtc_id, handle, size_px, size_px, hot_x_px,
                                   hot_y_px);

    if (result != 0)
        result = drmModeSetCursor(kms->fd, output->crtc_id, handle, size_px, size_px);
    return result_of(result);
}

int kms_move_cursor(struct kms *kms, const struct kms_output *output, int x_px, int y_px)
{
    return result_of(drmModeMoveCursor(kms->fd, output->crtc_id, x_px, y_px));
}

int kms_dumb_create(struct kms *kms, uint32_t width_px, uint32_t height_px, struct kms_dumb *dumb)
{
    struct drm_mode_create_dumb create = {.width = width_px, .height = height_px, .bpp = 32};
    struct drm_mode_map_dumb map = {0};

    memset(dumb, 0, sizeof(*dumb));
    if (drmIoctl(kms->fd, DRM_IOCTL_MODE_CREATE_DUMB, &create) != 0)
        return -errno;
    dumb->handle = create.handle;
    dumb->width_px = width_px;
    dumb->height_px = height_px;
    dumb->stride_bytes = create.pitch;
    dumb->size_bytes = create.size;
    map.handle = create.handle;
    int result = result_of(drmIoctl(kms->fd, DRM_IOCTL_MODE_MAP_DUMB, &map));

    if (result == 0) {
        void *pixels = mmap(NULL, create.size, PROT_READ | PROT_WRITE, MAP_SHARED, kms->fd,
                            (off_t)map.offset);

        if (pixels == MAP_FAILED)
            result = -errno;
        else
            dumb->pixels = pixels;
    }
    if (result < 0)
        kms_dumb_destroy(kms, dumb);
    return result;
}

void kms_dumb_destroy(struct kms *kms, struct kms_dumb *dumb)
{
    struct drm_mode_destroy_dumb destroy = {.handle = dumb->handle};

    if (dumb->pixels)
        munmap(dumb->pixels, dumb->size_bytes);
    if (dumb->handle)
        drmIoctl(kms->fd, DRM_IOCTL_MODE_DESTROY_DUMB, &destroy);
    memset(dumb, 0, sizeof(*dumb));
}

int kms_dirty(struct kms *kms, uint32_t framebuffer_id, uint16_t x_px, uint16_t y_px,
              uint16_t width_px, uint16_t height_px)
{
    drmModeClip clip = {
        .x1 = x_px, .y1 = y_px,
        .x2 = (uint16_t)(x_px + width_px), .y2 = (uint16_t)(y_px + height_px),
    };

    return drmModeDirtyFB(kms->fd, framebuffer_id, &clip, 1);
}
