/* SPDX-License-Identifier: MIT */
#include "scenes.h"

const struct reference_scene *const reference_scenes[] = {
    &reference_scene_array, &reference_scene_blits, &reference_scene_clear,
    &reference_scene_compute, &reference_scene_cube, &reference_scene_cubemap,
    &reference_scene_cursor, &reference_scene_geometry, &reference_scene_mrt,
    &reference_scene_msaa, &reference_scene_queries, &reference_scene_states, &reference_scene_streamout,
    &reference_scene_tessellation, &reference_scene_texture3d, &reference_scene_triangle,
};
const unsigned reference_scene_count = sizeof(reference_scenes) / sizeof(reference_scenes[0]);
