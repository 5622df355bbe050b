/* SPDX-License-Identifier: MIT */
#include "scene_data.h"

#include <math.h>
#include <string.h>

#define TARGET_PX 256.0f
#define PI_F 3.14159265f

static float clip_of_pixel(float px)
{
    return px / TARGET_PX * 2 - 1;
}

void scene_quad_vertices(struct scene_vertex vertices[4], float x_px, float y_px, float width_px,
                         float height_px, float attribute_z, float attribute_w)
{
    for (unsigned i = 0; i < 4; i++) {
        float right = (float)(i & 1), down = (float)(i >> 1);

        vertices[i] = (struct scene_vertex){
            {clip_of_pixel(x_px + right * width_px), clip_of_pixel(y_px + down * height_px), 0, 1},
            {right, down, attribute_z, attribute_w},
        };
    }
}

void scene_checker(uint8_t *rgba, unsigned width_px, unsigned height_px, unsigned seed)
{
    static const uint8_t colors[8][3] = {
        {230, 60, 50}, {60, 180, 75}, {0, 130, 200}, {245, 200, 40},
        {145, 30, 180}, {70, 230, 240}, {250, 120, 200}, {128, 128, 0},
    };
    const uint8_t *color = colors[seed % 8];

    for (unsigned y = 0; y < height_px; y++) {
        for (unsigned x = 0; x < width_px; x++, rgba += 4) {
            if ((x / 8 + y / 8) % 2 == 0) {
                memcpy(rgba, color, 3);
            } else {
                rgba[0] = (uint8_t)(255 * x / width_px);
                rgba[1] = (uint8_t)(255 * y / height_px);
                rgba[2] = (uint8_t)(40 * (seed % 6));
            }
            rgba[3] = 255;
        }
    }
}

const struct scene_vertex scene_triangle_vertices[3] = {
    {{-0.8f, -0.7f, 0, 1}, {1, 0, 0, 1}},
    {{0.8f, -0.7f, 0, 1}, {0, 1, 0, 1}},
    {{0, 0.8f, 0, 1}, {0, 0, 1, 1}},
};

const uint16_t scene_cube_indices[SCENE_CUBE_INDICES] = {
    0, 1, 2, 2, 1, 3, 4, 5, 6, 6, 5, 7, 8, 9, 10, 10, 9, 11,
    12, 13, 14, 14, 13, 15, 16, 17, 18, 18, 17, 19, 20, 21, 22, 22, 21, 23,
};

void scene_cube_vertices(struct scene_vertex vertices[SCENE_CUBE_VERTICES])
{
    /* Outward normal, then the two directions that span the face: right x up = normal. */
    static const float faces[6][3][3] = {
        {{1, 0, 0}, {0, 0, -1}, {0, 1, 0}}, {{-1, 0, 0}, {0, 0, 1}, {0, 1, 0}},
        {{0, 1, 0}, {1, 0, 0}, {0, 0, -1}}, {{0, -1, 0}, {1, 0, 0}, {0, 0, 1}},
        {{0, 0, 1}, {1, 0, 0}, {0, 1, 0}}, {{0, 0, -1}, {-1, 0, 0}, {0, 1, 0}},
    };

    for (unsigned face = 0; face < 6; face++) {
        for (unsigned corner = 0; corner < 4; corner++) {
            struct scene_vertex *vertex = &vertices[4 * face + corner];
            float u = (float)(corner & 1), v = (float)(corner >> 1);

            for (unsigned axis = 0; axis < 3; axis++)
                vertex->position[axis] = faces[face][0][axis] +
                    (2 * u - 1) * faces[face][1][axis] + (2 * v - 1) * faces[face][2][axis];
            vertex->position[3] = 1;
            vertex->attribute[0] = u;
            vertex->attribute[1] = v;
            vertex->attribute[2] = 0;
            vertex->attribute[3] = 1;
        }
    }
}

static struct scene_matrix multiply(const struct scene_matrix *a, const struct scene_matrix *b)
{
    struct scene_matrix product = {0};

    for (unsigned column = 0; column < 4; column++) {
        for (unsigned row = 0; row < 4; row++) {
            for (unsigned i = 0; i < 4; i++)
                product.column[column][row] += a->column[i][row] * b->column[column][i];
        }
    }
    return product;
}

struct scene_matrix scene_cube_matrix(unsigned cube)
{
    static const float places[SCENE_CUBE_COUNT][3] = {
        {-0.9f, -0.4f, -5.5f}, {1.9f, 0.9f, -9}, {3.5f, -4.5f, -22},
    };
    const float near = 1, far = 40, focal = 1.7f, turn = 0.6f + 0.7f * (float)cube, tilt = 0.5f;
    const float *place = places[cube];
    const struct scene_matrix projection = {{
        {focal, 0, 0, 0},
        {0, focal, 0, 0},
        {0, 0, (far + near) / (near - far), -1},
        {0, 0, 2 * far * near / (near - far), 0},
    }};
    const struct scene_matrix about_y = {{
        {cosf(turn), 0, -sinf(turn), 0}, {0, 1, 0, 0}, {sinf(turn), 0, cosf(turn), 0}, {0, 0, 0, 1},
    }};
    const struct scene_matrix about_x = {{
        {1, 0, 0, 0},
        {0, cosf(tilt), sinf(tilt), 0},
        {0, -sinf(tilt), cosf(tilt), 0},
        {place[0], place[1], place[2], 1},
    }};
    struct scene_matrix model = multiply(&about_x, &about_y);

    return multiply(&projection, &model);
}

void scene_fan_vertices(struct scene_vertex vertices[3 * SCENE_FAN_TRIANGLES])
{
    for (unsigned i = 0; i < SCENE_FAN_TRIANGLES; i++) {
        float angle = 2 * PI_F * (float)i / SCENE_FAN_TRIANGLES + 0.07f;
        float half = 0.09f, shade = (float)i / SCENE_FAN_TRIANGLES;
        const float color[4] = {1, shade, 1 - shade, 1};
        struct scene_vertex *triangle = vertices + 3 * i;

        triangle[0] = (struct scene_vertex){{0.08f * cosf(angle), 0.08f * sinf(angle), 0, 1}, {0}};
        triangle[1] = (struct scene_vertex){
            {0.9f * cosf(angle - half), 0.9f * sinf(angle - half), 0, 1}, {0}};
        triangle[2] = (struct scene_vertex){
            {0.9f * cosf(angle + half), 0.9f * sinf(angle + half), 0, 1}, {0}};
        for (unsigned corner = 0; corner < 3; corner++)
            memcpy(triangle[corner].attribute, color, sizeof(color));
    }
}

const struct scene_vertex scene_mrt_vertices[4] = {
    {{-0.75f, -0.75f, 0, 1}, {1, 0.25f, 0, 1}},
    {{0.75f, -0.75f, 0, 1}, {0, 1, 0.25f, 1}},
    {{-0.75f, 0.75f, 0, 1}, {0.25f, 0, 1, 1}},
    {{0.75f, 0.75f, 0, 1}, {1, 1, 0.5f, 1}},
};

void scene_grid_points(struct scene_vertex vertices[SCENE_GRID * SCENE_GRID])
{
    for (unsigned i = 0; i < SCENE_GRID * SCENE_GRID; i++) {
        float x = (float)(i % SCENE_GRID), y = (float)(i / SCENE_GRID);

        vertices[i] = (struct scene_vertex){
            {-0.8f + 0.4f * x, -0.8f + 0.4f * y, 0, 1},
            {x / (SCENE_GRID - 1), y / (SCENE_GRID - 1), 1 - x / SCENE_GRID, 0.05f + 0.025f * y},
        };
    }
}

void scene_patch_vertices(struct scene_vertex vertices[4], unsigned patch)
{
    static const float corners[4][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};

    for (unsigned i = 0; i < 4; i++) {
        vertices[i] = (struct scene_vertex){
            {-0.9f + (float)patch + 0.8f * corners[i][0], -0.9f + 1.2f * corners[i][1], 0, 1},
            {0, 0, 0, 1},
        };
    }
}

const struct scene_vertex scene_stream_vertices[SCENE_STREAM_VERTICES] = {
    {{-0.9f, -0.9f, 0, 1}, {1, 0, 0, 1}}, {{0.1f, -0.9f, 0, 1}, {1, 1, 0, 1}},
    {{-0.9f, 0.1f, 0, 1}, {0, 1, 0, 1}}, {{-0.5f, -0.1f, 0, 1}, {0, 1, 1, 1}},
    {{0.3f, -0.6f, 0, 1}, {0, 0, 1, 1}}, {{0.6f, 0.2f, 0, 1}, {1, 0, 1, 1}},
};

const float scene_stream_scale[2][4] = {{1, 1, 1, 1}, {-0.8f, -1, 1, 1}};

void scene_cursor_image(uint8_t rgba[SCENE_CURSOR_PX * SCENE_CURSOR_PX * 4])
{
    for (int y = 0; y < SCENE_CURSOR_PX; y++) {
        for (int x = 0; x < SCENE_CURSOR_PX; x++) {
            uint8_t *texel = rgba + 4 * (y * SCENE_CURSOR_PX + x);
            /* An arrow head with its tip at the hot spot in the first texel. */
            int inside = x <= y && x + y < SCENE_CURSOR_PX;
            int edge = x < 3 || y - x < 3 || x + y > SCENE_CURSOR_PX - 5;
            int shadow = x > 6 && x - 6 <= y - 2 && x + y < SCENE_CURSOR_PX + 6;

            memset(texel, 0, 4);
            if (inside)
                memset(texel, edge ? 0 : 255, 3);
            if (inside)
                texel[3] = 255;
            else if (shadow)
                texel[3] = 96;
        }
    }
}

const float scene_cursor_positions[SCENE_CURSOR_COUNT][2] = {{20, 24}, {150, 60}, {220, 200}};

const struct scene_vertex scene_gradient_vertices[4] = {
    {{-1, -1, 0, 1}, {0.1f, 0.2f, 0.4f, 1}},
    {{1, -1, 0, 1}, {0.2f, 0.5f, 0.4f, 1}},
    {{-1, 1, 0, 1}, {0.6f, 0.3f, 0.2f, 1}},
    {{1, 1, 0, 1}, {0.9f, 0.8f, 0.5f, 1}},
};

void scene_volume(uint8_t rgba[SCENE_VOLUME_PX * SCENE_VOLUME_PX * SCENE_VOLUME_PX * 4])
{
    for (int z = 0; z < SCENE_VOLUME_PX; z++) {
        for (int y = 0; y < SCENE_VOLUME_PX; y++) {
            for (int x = 0; x < SCENE_VOLUME_PX; x++, rgba += 4) {
                int dx = 2 * x - 15, dy = 2 * y - 15, dz = 2 * z - 15;
                int shell = (dx * dx + dy * dy + dz * dz) / 48 % 2;

                rgba[0] = (uint8_t)(shell ? 240 : 16 * x);
                rgba[1] = (uint8_t)(shell ? 16 * z : 16 * y);
                rgba[2] = (uint8_t)(shell ? 40 : 16 * z);
                rgba[3] = 255;
            }
        }
    }
}

const struct scene_vertex scene_cell_vertices[SCENE_CELL_VERTICES] = {
    {{-0.8f, -0.8f, 0, 1}, {1, 0.2f, 0.1f, 1}}, {{0.8f, -0.8f, 0, 1}, {0.9f, 0.9f, 0.2f, 1}},
    {{-0.8f, 0.8f, 0, 1}, {0.1f, 0.7f, 1, 1}}, {{0.8f, 0.8f, 0, 1}, {0.2f, 0.1f, 0.6f, 0.25f}},
    {{-0.9f, 0, -0.5f, 1}, {1, 1, 1, 1}}, {{0.9f, -0.4f, 0.5f, 1}, {1, 1, 1, 1}},
    {{0.9f, 0.4f, 0.5f, 1}, {0, 0, 0, 1}},
};

uint32_t scene_stipple_row(unsigned row)
{
    return row % 8 < 4 ? 0xff00ff00u >> row % 4 : 0x0f0f3333u;
}

void scene_cubemap_cell(struct scene_vertex vertices[4], unsigned face)
{
    static const float axes[6][3][3] = {
        {{1, 0, 0}, {0, 0, -1}, {0, -1, 0}}, {{-1, 0, 0}, {0, 0, 1}, {0, -1, 0}},
        {{0, 1, 0}, {1, 0, 0}, {0, 0, 1}}, {{0, -1, 0}, {1, 0, 0}, {0, 0, -1}},
        {{0, 0, 1}, {1, 0, 0}, {0, -1, 0}}, {{0, 0, -1}, {-1, 0, 0}, {0, -1, 0}},
    };
    const float reach = 1.6f; /* beyond 1: the neighbouring faces come into sight */

    scene_quad_vertices(vertices, 4 + 84.0f * (float)(face % 3), 40 + 92.0f * (float)(face / 3),
                        80, 80, 0, 0);
    for (unsigned i = 0; i < 4; i++) {
        float u = (2 * vertices[i].attribute[0] - 1) * reach;
        float v = (2 * vertices[i].attribute[1] - 1) * reach;

        for (unsigned axis = 0; axis < 3; axis++)
            vertices[i].attribute[axis] = axes[face][0][axis] + u * axes[face][1][axis] +
                v * axes[face][2][axis];
    }
}
