/* SPDX-License-Identifier: MIT */
#ifndef REFERENCE_SCENES_H
#define REFERENCE_SCENES_H

#include "reference.h"

extern const struct reference_scene reference_scene_array, reference_scene_blits,
    reference_scene_clear, reference_scene_compute, reference_scene_cube, reference_scene_cubemap,
    reference_scene_cursor, reference_scene_geometry, reference_scene_mrt, reference_scene_msaa,
    reference_scene_queries, reference_scene_states, reference_scene_streamout, reference_scene_tessellation,
    reference_scene_texture3d, reference_scene_triangle;

#endif /* REFERENCE_SCENES_H */
