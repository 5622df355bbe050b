/* SPDX-License-Identifier: MIT */
#include "target.h"

static const struct tex_target targets[SHADER_TEX_COUNT] = {
    [SHADER_TEX_BUFFER] = {"Buffer", "Buffer", 1, 1, -1, false, false, false, false},
    [SHADER_TEX_1D] = {"1D", "1D", 1, 1, -1, false, false, false, false},
    [SHADER_TEX_2D] = {"2D", "2D", 2, 2, -1, false, false, false, false},
    [SHADER_TEX_3D] = {"3D", "3D", 3, 3, -1, false, false, false, false},
    [SHADER_TEX_CUBE] = {"Cube", "Cube", 3, 3, -1, false, false, false, true},
    [SHADER_TEX_RECT] = {"2DRect", "2DRect", 2, 2, -1, false, false, false, false},
    [SHADER_TEX_1D_ARRAY] = {"1DArray", "1DArray", 1, 2, -1, true, false, false, false},
    [SHADER_TEX_2D_ARRAY] = {"2DArray", "2DArray", 2, 3, -1, true, false, false, false},
    [SHADER_TEX_CUBEARRAY] = {"CubeArray", "CubeArray", 3, 4, -1, true, false, false, true},
    [SHADER_TEX_SHADOW1D] = {"1DShadow", "1D", 1, 1, 2, false, true, false, false},
    [SHADER_TEX_SHADOW2D] = {"2DShadow", "2D", 2, 2, 2, false, true, false, false},
    [SHADER_TEX_SHADOWRECT] = {"2DRectShadow", "2DRect", 2, 2, 2, false, true, false, false},
    [SHADER_TEX_SHADOW1D_ARRAY] = {"1DArrayShadow", "1DArray", 1, 2, 2, true, true, false, false},
    [SHADER_TEX_SHADOWCUBE] = {"CubeShadow", "Cube", 3, 3, 3, false, true, false, true},
    [SHADER_TEX_SHADOW2D_ARRAY] = {"2DArrayShadow", "2DArray", 2, 3, 3, true, true, false, false},
    [SHADER_TEX_SHADOWCUBEARRAY] = {"CubeArrayShadow", "CubeArray", 3, 4, 4, true, true, false,
                                    true},
    [SHADER_TEX_2D_MSAA] = {"2DMS", "2DMS", 2, 2, -1, false, false, true, false},
    [SHADER_TEX_2D_ARRAY_MSAA] = {"2DMSArray", "2DMSArray", 2, 3, -1, true, false, true, false},
    [SHADER_TEX_UNKNOWN] = {NULL, NULL, 0, 0, -1, false, false, false, false},
};

const struct tex_target *tex_target(unsigned target)
{
    return &targets[target < SHADER_TEX_COUNT ? target : SHADER_TEX_UNKNOWN];
}
