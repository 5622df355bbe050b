/* SPDX-License-Identifier: MIT */
#include "gl_floor_scene.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

/* The ring is binding 0 of the uniform buffers, the scene's own follow. */
#define CONSTANTS_BINDING 0
#define FIRST_UNIFORM_BINDING 1

static GLuint compile(GLenum stage, const char *text)
{
    GLuint shader = glCreateShader(stage);
    GLint ok = 0;
    char log[1024];

    glShaderSource(shader, 1, &text, NULL);
    glCompileShader(shader);
    glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
    if (!ok) {
        glGetShaderInfoLog(shader, sizeof(log), NULL, log);
        fprintf(stderr, "mantua-gl-floor: %s\n%s", log, text);
    }
    return shader;
}

static char *vertex_text(const struct scene *scene)
{
    GString *text = g_string_new("#version 450 core\n");

    for (int i = 0; i < scene->vertex_buffer_count; i++) {
        g_string_append_printf(text, "layout(location = %d) in vec4 v%d;\n", i, i);
    }
    g_string_append(text, "void main()\n{\n    gl_Position = vec4(0)");
    for (int i = 0; i < scene->vertex_buffer_count; i++) {
        g_string_append_printf(text, " + v%d", i);
    }
    g_string_append(text, ";\n}\n");
    return g_string_free(text, FALSE);
}

static void append_texture(const struct scene *scene, GString *head, GString *body, int i)
{
    switch (scene->texture_kind) {
    case SCENE_TEXTURE:
        g_string_append_printf(head, "layout(binding = %d) uniform sampler2D s%d;\n", i, i);
        g_string_append_printf(body, " + texture(s%d, c.xy)", i);
        break;
    case SCENE_TEXTURE_BUFFER:
        g_string_append_printf(head, "layout(binding = %d) uniform samplerBuffer s%d;\n", i, i);
        g_string_append_printf(body, " + texelFetch(s%d, int(c.x))", i);
        break;
    case SCENE_IMAGE:
        g_string_append_printf(
            head, "layout(binding = %d, rgba8) readonly uniform image2D s%d;\n", i, i);
        g_string_append_printf(body, " + imageLoad(s%d, ivec2(c.xy))", i);
        break;
    case SCENE_IMAGE_BUFFER:
        g_string_append_printf(
            head, "layout(binding = %d, rgba8) readonly uniform imageBuffer s%d;\n", i, i);
        g_string_append_printf(body, " + imageLoad(s%d, int(c.x))", i);
        break;
    case SCENE_NO_TEXTURE:
        break;
    }
}

static char *fragment_text(const struct scene *scene, int variant)
{
    GString *head = g_string_new("#version 450 core\n"
                                 "layout(binding = 0, std140) uniform constants { vec4 c; };\n"
                                 "layout(location = 0) uniform vec4 few[2];\n"
                                 "layout(location = 0) out vec4 color;\n");
    g_autoptr(GString) body = g_string_new(variant ? "c + few[1]" : "c * 0.5 + few[0]");

    for (int i = 0; i < scene->texture_count; i++) {
        append_texture(scene, head, body, i);
    }
    for (int i = 0; i < scene->uniform_buffer_count; i++) {
        g_string_append_printf(head,
                               "layout(binding = %d, std140) uniform b%d { vec4 u%d[10]; };\n",
                               FIRST_UNIFORM_BINDING + i, i, i);
        g_string_append_printf(body, " + u%d[int(c.x)]", i);
    }
    g_string_append_printf(head, "void main()\n{\n    color = %s;\n}\n", body->str);
    return g_string_free(head, FALSE);
}

static GLuint link_program(const struct scene *scene, int variant)
{
    g_autofree char *vertex = vertex_text(scene);
    g_autofree char *fragment = fragment_text(scene, variant);
    GLuint program = glCreateProgram();
    GLuint shaders[] = {compile(GL_VERTEX_SHADER, vertex), compile(GL_FRAGMENT_SHADER, fragment)};
    GLint ok = 0;

    for (int i = 0; i < 2; i++) {
        glAttachShader(program, shaders[i]);
        glDeleteShader(shaders[i]);
    }
    glLinkProgram(program);
    glGetProgramiv(program, GL_LINK_STATUS, &ok);
    if (!ok) {
        glDeleteProgram(program);
        return 0;
    }
    return program;
}

static void make_texture(const struct scene *scene, GLuint *texture)
{
    static const uint8_t texels[16 * 4];
    GLuint buffer;

    if (scene->texture_kind == SCENE_TEXTURE || scene->texture_kind == SCENE_IMAGE) {
        glCreateTextures(GL_TEXTURE_2D, 1, texture);
        glTextureStorage2D(*texture, 1, GL_RGBA8, 4, 4);
        glTextureSubImage2D(*texture, 0, 0, 0, 4, 4, GL_RGBA, GL_UNSIGNED_BYTE, texels);
        glTextureParameteri(*texture, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    } else {
        glCreateBuffers(1, &buffer);
        glNamedBufferStorage(buffer, sizeof(texels), texels, 0);
        glCreateTextures(GL_TEXTURE_BUFFER, 1, texture);
        glTextureBuffer(*texture, GL_RGBA8, buffer);
        glDeleteBuffers(1, &buffer);
    }
}

static void make_set(struct scene *scene, int set)
{
    static const float zeros[SCENE_UNIFORM_BYTES / 4];

    for (int i = 0; i < scene->vertex_buffer_count; i++) {
        glCreateBuffers(1, &scene->vertex_buffers[set][i]);
        glNamedBufferStorage(scene->vertex_buffers[set][i], 1024, zeros, 0);
    }
    for (int i = 0; i < scene->uniform_buffer_count; i++) {
        glCreateBuffers(1, &scene->uniform_buffers[set][i]);
        glNamedBufferStorage(scene->uniform_buffers[set][i], SCENE_UNIFORM_BYTES, zeros, 0);
    }
    for (int i = 0; i < scene->texture_count; i++) {
        make_texture(scene, &scene->textures[set][i]);
    }
}

static void bind_first_set(struct scene *scene)
{
    glCreateVertexArrays(1, &scene->vertex_array);
    glBindVertexArray(scene->vertex_array);
    for (int i = 0; i < scene->vertex_buffer_count; i++) {
        glVertexAttribFormat((GLuint) i, 4, GL_FLOAT, GL_FALSE, 0);
        glVertexAttribBinding((GLuint) i, (GLuint) i);
        glEnableVertexAttribArray((GLuint) i);
        glBindVertexBuffer((GLuint) i, scene->vertex_buffers[0][i], 0, 16);
    }
    glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, scene->index_buffer);
    for (int i = 0; i < scene->uniform_buffer_count; i++) {
        glBindBufferBase(GL_UNIFORM_BUFFER, (GLuint) (FIRST_UNIFORM_BINDING + i),
                         scene->uniform_buffers[0][i]);
    }
    for (int i = 0; i < scene->texture_count; i++) {
        if (scene->texture_kind == SCENE_IMAGE || scene->texture_kind == SCENE_IMAGE_BUFFER) {
            glBindImageTexture((GLuint) i, scene->textures[0][i], 0, GL_FALSE, 0, GL_READ_ONLY,
                               GL_RGBA8);
        } else {
            glBindTextureUnit((GLuint) i, scene->textures[0][i]);
        }
    }
    glUseProgram(scene->programs[0]);
}

bool scene_init(struct scene *scene)
{
    const GLbitfield persistent =
        GL_MAP_WRITE_BIT | GL_MAP_PERSISTENT_BIT | GL_MAP_COHERENT_BIT;
    static const uint16_t indices[] = {0, 1, 2};

    for (int set = 0; set < 2; set++) {
        scene->programs[set] = link_program(scene, set);
        if (!scene->programs[set]) {
            return false;
        }
        make_set(scene, set);
    }
    glCreateBuffers(1, &scene->index_buffer);
    glNamedBufferStorage(scene->index_buffer, sizeof(indices), indices, 0);
    glCreateBuffers(1, &scene->ring);
    glNamedBufferStorage(scene->ring, SCENE_RING_BYTES, NULL, persistent);
    scene->ring_data = glMapNamedBufferRange(scene->ring, 0, SCENE_RING_BYTES, persistent);
    if (!scene->ring_data) {
        return false;
    }
    bind_first_set(scene);
    scene_put_constants(scene, 16);
    return true;
}

void scene_finish(struct scene *scene)
{
    glUseProgram(0);
    glDeleteVertexArrays(1, &scene->vertex_array);
    for (int set = 0; set < 2; set++) {
        glDeleteProgram(scene->programs[set]);
        glDeleteBuffers(scene->vertex_buffer_count, scene->vertex_buffers[set]);
        glDeleteBuffers(scene->uniform_buffer_count, scene->uniform_buffers[set]);
        glDeleteTextures(scene->texture_count, scene->textures[set]);
    }
    glDeleteBuffers(1, &scene->index_buffer);
    glDeleteBuffers(1, &scene->ring);
}

void scene_put_constants(struct scene *scene, uint32_t bytes)
{
    static const uint8_t constants[SCENE_UNIFORM_BYTES];

    if (scene->ring_at + SCENE_UNIFORM_BYTES > SCENE_RING_BYTES) {
        scene->ring_at = 0;
    }
    memcpy(scene->ring_data + scene->ring_at, constants, bytes);
    glBindBufferRange(GL_UNIFORM_BUFFER, CONSTANTS_BINDING, scene->ring, scene->ring_at,
                      SCENE_UNIFORM_BYTES);
    scene->ring_at += (bytes + 255) & ~255u;
}
