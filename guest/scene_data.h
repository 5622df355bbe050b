/* SPDX-License-Identifier: MIT */
#ifndef SCENE_DATA_H
#define SCENE_DATA_H

/* What the scenes are made of: vertices, texels, matrices. Plain data, no drawing; the reference
 * pictures use the same. */

#include <stdint.h>

struct scene_vertex {
    float position[4];  /* clip space */
    float attribute[4]; /* a colour or a texture coordinate */
};

struct scene_matrix {
    float column[4][4];
};

/* A triangle strip over a rectangle of pixels of a 256 x 256 target; the attribute's x and y go
 * from 0 to 1. */
void scene_quad_vertices(struct scene_vertex vertices[4], float x_px, float y_px, float width_px,
                         float height_px, float attribute_z, float attribute_w);

/* RGBA chequers of 8 x 8 texels between a colour that depends on `seed` and a gradient. */
void scene_checker(uint8_t *rgba, unsigned width_px, unsigned height_px, unsigned seed);

extern const struct scene_vertex scene_triangle_vertices[3];

#define SCENE_CUBE_VERTICES 24
#define SCENE_CUBE_INDICES 36
#define SCENE_CUBE_COUNT 3
#define SCENE_CUBE_TEXTURE_PX 64
#define SCENE_CUBE_LEVELS 7
extern const uint16_t scene_cube_indices[SCENE_CUBE_INDICES];
void scene_cube_vertices(struct scene_vertex vertices[SCENE_CUBE_VERTICES]);
/* Projection, view and model of cube 0 .. SCENE_CUBE_COUNT - 1. */
struct scene_matrix scene_cube_matrix(unsigned cube);

#define SCENE_FAN_TRIANGLES 14
void scene_fan_vertices(struct scene_vertex vertices[3 * SCENE_FAN_TRIANGLES]);

#define SCENE_MRT_PX 128
extern const struct scene_vertex scene_mrt_vertices[4];

#define SCENE_GRID 5
/* Points: attribute is red, green, blue and half a size. */
void scene_grid_points(struct scene_vertex vertices[SCENE_GRID * SCENE_GRID]);

/* Corners of a patch in order, 0: left, 1: right. */
void scene_patch_vertices(struct scene_vertex vertices[4], unsigned patch);
#define SCENE_PATCH_OUTER {3, 4, 5, 6}
#define SCENE_PATCH_INNER {4, 3}
#define SCENE_PATCH_DEFAULT_LEVEL 2

#define SCENE_STREAM_VERTICES 6
extern const struct scene_vertex scene_stream_vertices[SCENE_STREAM_VERTICES];
/* Scale of the position in capture 0 and 1. */
extern const float scene_stream_scale[2][4];

#define SCENE_CURSOR_PX 64
/* Premultiplied RGBA arrow. */
void scene_cursor_image(uint8_t rgba[SCENE_CURSOR_PX * SCENE_CURSOR_PX * 4]);
#define SCENE_CURSOR_COUNT 3
extern const float scene_cursor_positions[SCENE_CURSOR_COUNT][2];
extern const struct scene_vertex scene_gradient_vertices[4];

#define SCENE_BLIT_PX 64

#define SCENE_VOLUME_PX 16
void scene_volume(uint8_t rgba[SCENE_VOLUME_PX * SCENE_VOLUME_PX * SCENE_VOLUME_PX * 4]);

#define SCENE_LAYER_PX 32
#define SCENE_LAYERS 6

/* The cells of the scene "states": a square, and a triangle that pokes through its plane. */
#define SCENE_CELL_PX 64
#define SCENE_CELL_VERTICES 7
extern const struct scene_vertex scene_cell_vertices[SCENE_CELL_VERTICES];
#define SCENE_CLIP_PLANE 1, 0.5f, 0, 0.25f
#define SCENE_ALPHA_REFERENCE 0.6f
/* Bit 31 is the leftmost pixel. */
uint32_t scene_stipple_row(unsigned row);

/* Directions over the whole picture: each of the six cells looks at one face and over its edges. */
void scene_cubemap_cell(struct scene_vertex vertices[4], unsigned face);

#endif /* SCENE_DATA_H */
