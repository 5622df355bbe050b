/* SPDX-License-Identifier: MIT */
/* Where the GLSL features of struct shader_host come from. */
#ifndef MANTUA_SHADER_HOST_H
#define MANTUA_SHADER_HOST_H

#include "shader.h"

struct shader_feature {
    uint16_t core;             /* first desktop GLSL version that has it, 0: none */
    const char *extensions[2]; /* alternatives */
    uint16_t es_core;
    const char *es_extensions[2];
    uint16_t extension_min;    /* GLSL version below which the extension is of no use */
    uint16_t es_extension_min;
};

const struct shader_feature *shader_feature(unsigned index);

static inline bool shader_host_has(const struct shader_host *host, unsigned index)
{
    return host->features >> index & 1;
}

#endif
