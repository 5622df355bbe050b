/* SPDX-License-Identifier: MIT */
#ifndef PICTURE_H
#define PICTURE_H

#include <stddef.h>
#include <stdint.h>

/* Writes RGBA rows, top row first. The suffix chooses the format: .png, or .pam for the plainest
 * one there is. Returns 0 or a negative errno value (-EINVAL: another suffix). */
int picture_write(const char *path, const uint8_t *rgba, uint32_t width_px, uint32_t height_px);

/* Reads a .pam file that picture_write made. The caller frees *rgba. */
int picture_read_pam(const char *path, uint8_t **rgba, uint32_t *width_px, uint32_t *height_px);

#endif /* PICTURE_H */
