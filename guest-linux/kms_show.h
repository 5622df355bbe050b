/* SPDX-License-Identifier: MIT */
#ifndef KMS_SHOW_H
#define KMS_SHOW_H

#include "vgpu_scene.h"

struct kms_show_options {
    unsigned repeat;    /* frames; from the second on each is shown by a page flip */
    double seconds;     /* how long the last one stays */
    bool follow;        /* show on outputs that are plugged in meanwhile, too */
    bool cursor;        /* with a hardware cursor that moves over the picture */
};

/* Draws the scene and shows it in the middle of every connected output. Returns an exit status; on
 * failure a message that starts with `program` is on stderr. */
int kms_show_scene(const char *program, struct vgpu_context *context,
                   const struct vgpu_scene *scene, const struct kms_show_options *options);

#endif /* KMS_SHOW_H */
