/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "scenes.h"

/* clear, triangle, cube, cursor. */

static void draw_clear(void)
{
    static const int corners[4][2] = {{16, 16}, {192, 16}, {16, 192}, {192, 192}};
    uint8_t grey[32 * 32 * 4];

    reference_clear(0.2f, 0.4f, 0.6f, 1);
    glEnable(GL_SCISSOR_TEST);
    for (unsigned i = 0; i < 4; i++) {
        glScissor(corners[i][0], corners[i][1], 48, 48);
        reference_clear(0.9f, 0.5f, 0.1f, 1);
    }
    glDisable(GL_SCISSOR_TEST);
    for (unsigned i = 0; i < 32 * 32; i++) {
        memset(grey + 4 * i, (int)(8 * (i % 32)), 3);
        grey[4 * i + 3] = 255;
    }
    GLint texture;

    glGetFramebufferAttachmentParameteriv(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0,
                                          GL_FRAMEBUFFER_ATTACHMENT_OBJECT_NAME, &texture);
    glTextureSubImage2D((GLuint)texture, 0, 112, 112, 32, 32, GL_RGBA, GL_UNSIGNED_BYTE, grey);
}

static void draw_triangle(void)
{
    reference_clear(0.1f, 0.1f, 0.15f, 1);
    reference_draw_colored(GL_TRIANGLES, scene_triangle_vertices, 3);
}

static void cube_texture(void)
{
    uint8_t texels[SCENE_CUBE_TEXTURE_PX * SCENE_CUBE_TEXTURE_PX * 4];
    GLuint texture;

    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexStorage2D(GL_TEXTURE_2D, SCENE_CUBE_LEVELS, GL_RGBA8, SCENE_CUBE_TEXTURE_PX,
                   SCENE_CUBE_TEXTURE_PX);
    for (int level = 0; level < SCENE_CUBE_LEVELS; level++) {
        int size_px = SCENE_CUBE_TEXTURE_PX >> level;

        scene_checker(texels, (unsigned)size_px, (unsigned)size_px, (unsigned)level);
        glTexSubImage2D(GL_TEXTURE_2D, level, 0, 0, size_px, size_px, GL_RGBA, GL_UNSIGNED_BYTE,
                        texels);
    }
    reference_sampling(GL_TEXTURE_2D, GL_LINEAR_MIPMAP_LINEAR, GL_LINEAR, GL_REPEAT);
}

static void draw_cube(void)
{
    static const char vert[] =
        "#version 450\n"
        "layout(location = 0) in vec4 position;\n"
        "layout(location = 1) in vec4 in_value;\n"
        "layout(location = 0) uniform mat4 matrix;\n"
        "out vec4 value;\n"
        "void main() { gl_Position = matrix * position; value = in_value; }\n";
    struct scene_vertex vertices[SCENE_CUBE_VERTICES];
    GLuint depth, indices;

    glGenRenderbuffers(1, &depth);
    glBindRenderbuffer(GL_RENDERBUFFER, depth);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_DEPTH24_STENCIL8, REFERENCE_PX, REFERENCE_PX);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_STENCIL_ATTACHMENT, GL_RENDERBUFFER, depth);
    glClearColor(0.15f, 0.15f, 0.2f, 1);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT | GL_STENCIL_BUFFER_BIT);
    glEnable(GL_DEPTH_TEST);
    glEnable(GL_CULL_FACE);
    scene_cube_vertices(vertices);
    reference_vertices(vertices, SCENE_CUBE_VERTICES);
    glGenBuffers(1, &indices);
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, indices);
    glBufferData(GL_ELEMENT_ARRAY_BUFFER, sizeof(scene_cube_indices), scene_cube_indices,
                 GL_STATIC_DRAW);
    reference_program(&(struct reference_stages){.vert = vert, .frag = reference_frag_texture_2d});
    cube_texture();
    for (unsigned cube = 0; cube < SCENE_CUBE_COUNT; cube++) {
        const struct scene_matrix matrix = scene_cube_matrix(cube);

        glUniformMatrix4fv(0, 1, GL_FALSE, matrix.column[0]);
        glDrawElements(GL_TRIANGLES, SCENE_CUBE_INDICES, GL_UNSIGNED_SHORT, NULL);
    }
}

static void draw_cursor(void)
{
    uint8_t image[SCENE_CURSOR_PX * SCENE_CURSOR_PX * 4];

    reference_draw_colored(GL_TRIANGLE_STRIP, scene_gradient_vertices, 4);
    scene_cursor_image(image);
    reference_texture(GL_RGBA8, SCENE_CURSOR_PX, SCENE_CURSOR_PX, image);
    reference_program(&(struct reference_stages){
        .vert = reference_vert_plain, .frag = reference_frag_texture_2d});
    glEnable(GL_BLEND);
    glBlendFunc(GL_ONE, GL_ONE_MINUS_SRC_ALPHA);
    for (unsigned i = 0; i < SCENE_CURSOR_COUNT; i++)
        reference_quad(scene_cursor_positions[i][0], scene_cursor_positions[i][1],
                       SCENE_CURSOR_PX, SCENE_CURSOR_PX, 0, 1);
}

const struct reference_scene reference_scene_clear = {"clear", draw_clear};
const struct reference_scene reference_scene_triangle = {"triangle", draw_triangle};
const struct reference_scene reference_scene_cube = {"cube", draw_cube};
const struct reference_scene reference_scene_cursor = {"cursor", draw_cursor};
