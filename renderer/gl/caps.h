/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_GL_CAPS_H
#define MANTUA_GL_CAPS_H

/* The two halves of the capability sets. The device's context is current in all of these. */

#include "device.h"

/* Everything of capset 2 but v1's members, which are filled already, and max_version. */
void gl_fill_caps_v2(struct gl_device *dev, struct virgl_caps_v2 *caps);

/* The most samples that an RGBA32F texture can have, of 1, 2, 4, 8, 16. */
uint32_t gl_max_samples(struct gl_device *dev);

#endif
