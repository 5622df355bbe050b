/* SPDX-License-Identifier: MIT */
/* Image formats: PIPE_FORMAT names and their GLSL layout qualifiers. */
#ifndef MANTUA_SHADER_IMAGE_FORMAT_H
#define MANTUA_SHADER_IMAGE_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image_format {
    const char *pipe_name; /* without PIPE_FORMAT_ */
    const char *qualifier; /* "" when GLSL has none */
    char type;             /* 'f', 'i', 'u' */
    bool es;               /* in ES 3.1 without extensions */
};

/* Entry 0 is "no format". */
const struct image_format *image_format(unsigned index);
unsigned image_format_find(const char *pipe_name); /* 0: unknown */

#endif
