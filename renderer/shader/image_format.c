/* SPDX-License-Identifier: MIT */
#include "image_format.h"

#include <string.h>

static const struct image_format formats[] = {
    {"NONE", "", 'f', true},
    {"R32G32B32A32_FLOAT", "rgba32f", 'f', true},
    {"R16G16B16A16_FLOAT", "rgba16f", 'f', true},
    {"R32G32_FLOAT", "rg32f", 'f', false},
    {"R16G16_FLOAT", "rg16f", 'f', false},
    {"R11G11B10_FLOAT", "r11f_g11f_b10f", 'f', false},
    {"R32_FLOAT", "r32f", 'f', true},
    {"R16_FLOAT", "r16f", 'f', false},
    {"R16G16B16A16_UNORM", "rgba16", 'f', false},
    {"R10G10B10A2_UNORM", "rgb10_a2", 'f', false},
    {"R8G8B8A8_UNORM", "rgba8", 'f', true},
    {"B8G8R8A8_UNORM", "rgba8", 'f', true},
    {"R16G16_UNORM", "rg16", 'f', false},
    {"R8G8_UNORM", "rg8", 'f', false},
    {"R16_UNORM", "r16", 'f', false},
    {"R8_UNORM", "r8", 'f', false},
    {"R16G16B16A16_SNORM", "rgba16_snorm", 'f', false},
    {"R8G8B8A8_SNORM", "rgba8_snorm", 'f', true},
    {"R16G16_SNORM", "rg16_snorm", 'f', false},
    {"R8G8_SNORM", "rg8_snorm", 'f', false},
    {"R16_SNORM", "r16_snorm", 'f', false},
    {"R8_SNORM", "r8_snorm", 'f', false},
    {"R32G32B32A32_SINT", "rgba32i", 'i', true},
    {"R16G16B16A16_SINT", "rgba16i", 'i', true},
    {"R8G8B8A8_SINT", "rgba8i", 'i', true},
    {"R32G32_SINT", "rg32i", 'i', false},
    {"R16G16_SINT", "rg16i", 'i', false},
    {"R8G8_SINT", "rg8i", 'i', false},
    {"R32_SINT", "r32i", 'i', true},
    {"R16_SINT", "r16i", 'i', false},
    {"R8_SINT", "r8i", 'i', false},
    {"R32G32B32A32_UINT", "rgba32ui", 'u', true},
    {"R16G16B16A16_UINT", "rgba16ui", 'u', true},
    {"R10G10B10A2_UINT", "rgb10_a2ui", 'u', false},
    {"R8G8B8A8_UINT", "rgba8ui", 'u', true},
    {"R32G32_UINT", "rg32ui", 'u', false},
    {"R16G16_UINT", "rg16ui", 'u', false},
    {"R8G8_UINT", "rg8ui", 'u', false},
    {"R32_UINT", "r32ui", 'u', true},
    {"R16_UINT", "r16ui", 'u', false},
    {"R8_UINT", "r8ui", 'u', false},
};

const struct image_format *image_format(unsigned index)
{
    return &formats[index < sizeof(formats) / sizeof(formats[0]) ? index : 0];
}

unsigned image_format_find(const char *pipe_name)
{
    for (unsigned i = 1; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (!strcmp(formats[i].pipe_name, pipe_name))
            return i;
    }
    return 0;
}
