/* SPDX-License-Identifier: MIT */
#ifndef KMS_H
#define KMS_H

/* The display side of a virtio-gpu: outputs, modes, cursors, page flips and hot-plug events, by the
 * kernel's mode-setting interface. One kms per DRM node; one thread at a time. Functions that
 * can fail return 0 or a negative errno value. */

#include <stdbool.h>
#include <stdint.h>
#include <xf86drmMode.h>

#define KMS_MAX_OUTPUTS 16

struct kms_output {
    uint32_t connector_id;
    uint32_t crtc_id;      /* 0 when there is none left for it */
    uint32_t crtc_index;
    bool connected;
    drmModeModeInfo mode;  /* the preferred one */
    char name[32];         /* "Virtual-1" */
    drmModeCrtcPtr saved;  /* what was shown before kms_show, put back by kms_close */
};

struct kms {
    int fd;
    bool master;            /* may set modes */
    unsigned output_count;
    struct kms_output outputs[KMS_MAX_OUTPUTS];
};

/* `fd` stays the caller's. -EACCES when another program (a desktop) owns the display, -EOPNOTSUPP
 * when the node has no display. */
int kms_open(struct kms *kms, int fd);
/* Puts the outputs back as they were. */
void kms_close(struct kms *kms);

/* Reads connectors and modes again, after a hot-plug event. */
int kms_probe(struct kms *kms);

/* A framebuffer of a buffer object; remove with drmModeRmFB. */
int kms_framebuffer(struct kms *kms, uint32_t handle, uint32_t width_px, uint32_t height_px,
                    uint32_t stride_bytes, uint32_t drm_format, uint32_t *framebuffer_id);

/* Shows a framebuffer of the mode's size on an output. */
int kms_show(struct kms *kms, struct kms_output *output, uint32_t framebuffer_id);

/* Shows the framebuffer from the next refresh on; blocks until it is there, at most timeout_ms. */
int kms_flip(struct kms *kms, struct kms_output *output, uint32_t framebuffer_id, int timeout_ms);

/* A cursor of 64 x 64 pixels ARGB; handle 0 hides it. */
int kms_set_cursor(struct kms *kms, const struct kms_output *output, uint32_t handle, int hot_x_px,
                   int hot_y_px);
int kms_move_cursor(struct kms *kms, const struct kms_output *output, int x_px, int y_px);

/* Plain memory that can be shown without any 3D. */
struct kms_dumb {
    uint32_t handle;
    uint32_t width_px, height_px;
    uint32_t stride_bytes;
    uint64_t size_bytes;
    uint32_t *pixels; /* mapped */
};

int kms_dumb_create(struct kms *kms, uint32_t width_px, uint32_t height_px, struct kms_dumb *dumb);
void kms_dumb_destroy(struct kms *kms, struct kms_dumb *dumb);

/* Tells the device which part of a framebuffer changed. */
int kms_dirty(struct kms *kms, uint32_t framebuffer_id, uint16_t x_px, uint16_t y_px,
              uint16_t width_px, uint16_t height_px);

/* Waits for the kernel to report a change of the outputs: a descriptor to poll, and what to do when
 * it is readable: true when it was such a change. */
int kms_hotplug_open(void);
bool kms_hotplug_read(int hotplug_fd);

#endif /* KMS_H */
