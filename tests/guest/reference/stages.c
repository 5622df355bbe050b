/* SPDX-License-Identifier: MIT */
#include "scenes.h"

/* geometry, tessellation, compute, streamout. */

static void draw_geometry(void)
{
    static const char geom[] =
        "#version 450\n"
        "layout(points) in;\n"
        "layout(triangle_strip, max_vertices = 4) out;\n"
        "in vec4 value[];\n"
        "out vec4 color;\n"
        "void corner(float x, float y, float shade) {\n"
        "    gl_Position = gl_in[0].gl_Position + vec4(value[0].w * vec2(x, y), 0.0, 0.0);\n"
        "    color = vec4(value[0].xyz * shade, 1.0);\n"
        "    EmitVertex();\n"
        "}\n"
        "void main() {\n"
        "    corner(-1.0, -1.0, 0.5); corner(1.0, -1.0, 0.5);\n"
        "    corner(-1.0, 1.0, 1.0); corner(1.0, 1.0, 1.0);\n"
        "}\n";
    static const char frag[] =
        "#version 450\n"
        "in vec4 color;\n"
        "layout(location = 0) out vec4 result;\n"
        "void main() { result = color; }\n";
    struct scene_vertex vertices[SCENE_GRID * SCENE_GRID];

    reference_clear(0.05f, 0.05f, 0.05f, 1);
    scene_grid_points(vertices);
    reference_vertices(vertices, SCENE_GRID * SCENE_GRID);
    reference_program(&(struct reference_stages){
        .vert = reference_vert_plain, .geom = geom, .frag = frag});
    glDrawArrays(GL_POINTS, 0, SCENE_GRID * SCENE_GRID);
}

static void draw_tessellation(void)
{
    static const char vert[] =
        "#version 450\n"
        "layout(location = 0) in vec4 position;\n"
        "void main() { gl_Position = position; }\n";
    static const char eval[] =
        "#version 450\n"
        "layout(quads, equal_spacing, ccw) in;\n"
        "out vec4 value;\n"
        "void main() {\n"
        "    float u = gl_TessCoord.x, v = gl_TessCoord.y;\n"
        "    vec4 p = mix(mix(gl_in[0].gl_Position, gl_in[1].gl_Position, u),\n"
        "                 mix(gl_in[3].gl_Position, gl_in[2].gl_Position, u), v);\n"
        "    p.y += 0.8 * u * (1.0 - u);\n"
        "    p.x += 0.5 * v * (1.0 - v);\n"
        "    gl_Position = p;\n"
        "    value = vec4(u, v, 0.5, 1.0);\n"
        "}\n";
    static const float outer[2][4] = {
        SCENE_PATCH_OUTER,
        {SCENE_PATCH_DEFAULT_LEVEL, SCENE_PATCH_DEFAULT_LEVEL, SCENE_PATCH_DEFAULT_LEVEL,
         SCENE_PATCH_DEFAULT_LEVEL},
    };
    static const float inner[2][2] = {
        SCENE_PATCH_INNER, {SCENE_PATCH_DEFAULT_LEVEL, SCENE_PATCH_DEFAULT_LEVEL},
    };

    reference_clear(0.1f, 0, 0.1f, 1);
    reference_program(&(struct reference_stages){
        .vert = vert, .tess_eval = eval, .frag = reference_frag_color});
    glPatchParameteri(GL_PATCH_VERTICES, 4);
    for (unsigned patch = 0; patch < 2; patch++) {
        struct scene_vertex vertices[4];

        scene_patch_vertices(vertices, patch);
        reference_vertices(vertices, 4);
        glPatchParameterfv(GL_PATCH_DEFAULT_OUTER_LEVEL, outer[patch]);
        glPatchParameterfv(GL_PATCH_DEFAULT_INNER_LEVEL, inner[patch]);
        glDrawArrays(GL_PATCHES, 0, 4);
    }
}

/* What the compute shaders draw is plain arithmetic. */
static void draw_compute(void)
{
    static uint8_t rgba[REFERENCE_PX * REFERENCE_PX * 4];

    for (unsigned y = 0; y < REFERENCE_PX; y++) {
        for (unsigned x = 0; x < REFERENCE_PX; x++) {
            uint8_t *texel = rgba + 4 * (y * REFERENCE_PX + x);
            /* Each of 64 threads of 32 groups in a column adds the number of its column. */
            unsigned sum = 32 * 64 * (x / 8);

            texel[0] = (uint8_t)(x ^ y);
            texel[1] = (uint8_t)(x & y);
            texel[2] = 128;
            if (y < sum >> 9) {
                texel[0] = texel[1] = 255;
                texel[2] = 204;
            }
            texel[3] = 255;
        }
    }
    reference_texture(GL_RGBA8, REFERENCE_PX, REFERENCE_PX, rgba);
    reference_program(&(struct reference_stages){
        .vert = reference_vert_plain, .frag = reference_frag_texture_2d});
    reference_quad(0, 0, REFERENCE_PX, REFERENCE_PX, 0, 1);
}

static void draw_streamout(void)
{
    struct scene_vertex vertices[2 * SCENE_STREAM_VERTICES];

    for (unsigned i = 0; i < 2 * SCENE_STREAM_VERTICES; i++) {
        vertices[i] = scene_stream_vertices[i % SCENE_STREAM_VERTICES];
        for (unsigned c = 0; c < 4; c++)
            vertices[i].position[c] *= scene_stream_scale[i / SCENE_STREAM_VERTICES][c];
        vertices[i].attribute[3] = 1;
    }
    reference_clear(0.9f, 0.9f, 0.85f, 1);
    reference_draw_colored(GL_TRIANGLES, vertices, 2 * SCENE_STREAM_VERTICES);
}

const struct reference_scene reference_scene_geometry = {"geometry", draw_geometry};
const struct reference_scene reference_scene_tessellation = {"tessellation", draw_tessellation};
const struct reference_scene reference_scene_compute = {"compute", draw_compute};
const struct reference_scene reference_scene_streamout = {"streamout", draw_streamout};
