/* SPDX-License-Identifier: MIT */
#include "scenes.h"

/* texture3d, array, cubemap, queries. */

static void draw_texture3d(void)
{
    static const char frag[] =
        "#version 450\n"
        "in vec4 value;\n"
        "layout(location = 0) out vec4 color;\n"
        "layout(binding = 0) uniform sampler3D volume;\n"
        "void main() { color = texture(volume, value.xyz); }\n";
    static uint8_t texels[SCENE_VOLUME_PX * SCENE_VOLUME_PX * SCENE_VOLUME_PX * 4];
    struct scene_vertex slanted[4];
    GLuint texture;

    scene_volume(texels);
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_3D, texture);
    glTexImage3D(GL_TEXTURE_3D, 0, GL_RGBA8, SCENE_VOLUME_PX, SCENE_VOLUME_PX, SCENE_VOLUME_PX, 0,
                 GL_RGBA, GL_UNSIGNED_BYTE, texels);
    reference_sampling(GL_TEXTURE_3D, GL_LINEAR, GL_LINEAR, GL_CLAMP_TO_EDGE);
    reference_clear(0, 0, 0, 1);
    reference_program(&(struct reference_stages){.vert = reference_vert_plain, .frag = frag});
    for (unsigned i = 0; i < 3; i++)
        reference_quad(4 + 84.0f * (float)i, 4, 80, 80, 0.2f + 0.25f * (float)i, 1);
    scene_quad_vertices(slanted, 8, 96, 240, 152, 0, 1);
    slanted[1].attribute[2] = slanted[2].attribute[2] = 0.5f;
    slanted[3].attribute[2] = 1;
    reference_vertices(slanted, 4);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
}

/* Which chequers each layer shows in the end; -1: the colour it was cleared to. */
static void draw_array(void)
{
    static const int seeds[SCENE_LAYERS] = {0, 1, -1, 3, 4, 0};
    uint8_t texels[SCENE_LAYER_PX * SCENE_LAYER_PX * 4];

    reference_clear(1, 1, 1, 1);
    reference_program(&(struct reference_stages){
        .vert = reference_vert_plain, .frag = reference_frag_texture_2d});
    for (unsigned i = 0; i < SCENE_LAYERS; i++) {
        if (seeds[i] >= 0) {
            scene_checker(texels, SCENE_LAYER_PX, SCENE_LAYER_PX, (unsigned)seeds[i]);
        } else {
            for (unsigned texel = 0; texel < SCENE_LAYER_PX * SCENE_LAYER_PX; texel++) {
                texels[4 * texel] = 51;
                texels[4 * texel + 1] = 230;
                texels[4 * texel + 2] = 77;
                texels[4 * texel + 3] = 255;
            }
        }
        reference_texture(GL_RGBA8, SCENE_LAYER_PX, SCENE_LAYER_PX, texels);
        reference_quad(4 + 84.0f * (float)(i % 3), 40 + 92.0f * (float)(i / 3), 80, 80, 0, 1);
    }
}

static void draw_cubemap(void)
{
    static const char frag[] =
        "#version 450\n"
        "in vec4 value;\n"
        "layout(location = 0) out vec4 color;\n"
        "layout(binding = 0) uniform samplerCube cube;\n"
        "void main() { color = texture(cube, value.xyz); }\n";
    uint8_t texels[SCENE_LAYER_PX * SCENE_LAYER_PX * 4];
    GLuint texture;

    glEnable(GL_TEXTURE_CUBE_MAP_SEAMLESS);
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_CUBE_MAP, texture);
    for (unsigned face = 0; face < 6; face++) {
        scene_checker(texels, SCENE_LAYER_PX, SCENE_LAYER_PX, face);
        glTexImage2D(GL_TEXTURE_CUBE_MAP_POSITIVE_X + face, 0, GL_RGBA8, SCENE_LAYER_PX,
                     SCENE_LAYER_PX, 0, GL_RGBA, GL_UNSIGNED_BYTE, texels);
    }
    reference_sampling(GL_TEXTURE_CUBE_MAP, GL_LINEAR, GL_LINEAR, GL_CLAMP_TO_EDGE);
    reference_clear(0, 0, 0, 1);
    reference_program(&(struct reference_stages){.vert = reference_vert_plain, .frag = frag});
    for (unsigned face = 0; face < 6; face++) {
        struct scene_vertex vertices[4];

        scene_cubemap_cell(vertices, face);
        reference_vertices(vertices, 4);
        glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    }
}

/* What the queries have to count is known: the bars are drawn with these lengths. */
static void draw_queries(void)
{
    static const float bar[4] = {0.3f, 0.8f, 0.5f, 1}, blue[4] = {0.2f, 0.3f, 1, 1};
    static const float lengths_px[5] = {40 * 45 / 10, 8 * SCENE_GRID * SCENE_GRID, 7 * 20, 20, 100};

    reference_clear(0.12f, 0.12f, 0.12f, 1);
    for (unsigned i = 0; i < 5; i++)
        reference_rect(10, 10 + 34.0f * (float)i, lengths_px[i], 24, bar);
    reference_rect(136, 190, 100, 50, blue);
}

const struct reference_scene reference_scene_texture3d = {"texture3d", draw_texture3d};
const struct reference_scene reference_scene_array = {"array", draw_array};
const struct reference_scene reference_scene_cubemap = {"cubemap", draw_cubemap};
const struct reference_scene reference_scene_queries = {"queries", draw_queries};
