/* SPDX-License-Identifier: MIT */
#ifndef VGPU_EDID_H
#define VGPU_EDID_H

#include <stddef.h>
#include <stdint.h>

#include "vgpu.h"

#define VGPU_EDID_MAX_BYTES 256

/*
 * Describe output in VESA's EDID 1.4: its size as the preferred mode, usual smaller modes besides,
 * and a DisplayID extension when the size or pixel clock is beyond the base block's fields. An
 * output that is off is described as 1024x768. serial tells the outputs of one device apart.
 * edid must have room for VGPU_EDID_MAX_BYTES; returns the bytes written, 128 or 256.
 */
size_t vgpu_edid_write(uint8_t *edid, const struct vgpu_output *output, uint32_t serial);

#endif
