/* SPDX-License-Identifier: MIT */
#include "reference.h"

#include <epoxy/egl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "picture.h"

GLuint reference_target;

const char reference_vert_plain[] =
    "#version 450\n"
    "layout(location = 0) in vec4 position;\n"
    "layout(location = 1) in vec4 in_value;\n"
    "out vec4 value;\n"
    "void main() { gl_Position = position; value = in_value; }\n";

const char reference_frag_color[] =
    "#version 450\n"
    "in vec4 value;\n"
    "layout(location = 0) out vec4 color;\n"
    "void main() { color = value; }\n";

const char reference_frag_texture_2d[] =
    "#version 450\n"
    "in vec4 value;\n"
    "layout(location = 0) out vec4 color;\n"
    "layout(binding = 0) uniform sampler2D image;\n"
    "void main() { color = texture(image, value.xy); }\n";

static void fail(const char *what, const char *details)
{
    fprintf(stderr, "scene-reference: %s: %s\n", what, details);
    exit(EXIT_FAILURE);
}

static void attach(GLuint program, GLenum type, const char *text)
{
    char log[2048];
    GLint ok;

    if (!text)
        return;
    GLuint shader = glCreateShader(type);

    glShaderSource(shader, 1, &text, NULL);
    glCompileShader(shader);
    glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
    if (!ok) {
        glGetShaderInfoLog(shader, sizeof(log), NULL, log);
        fail("shader", log);
    }
    glAttachShader(program, shader);
    glDeleteShader(shader);
}

GLuint reference_program(const struct reference_stages *stages)
{
    GLuint program = glCreateProgram();
    char log[2048];
    GLint ok;

    attach(program, GL_VERTEX_SHADER, stages->vert);
    attach(program, GL_TESS_CONTROL_SHADER, stages->tess_ctrl);
    attach(program, GL_TESS_EVALUATION_SHADER, stages->tess_eval);
    attach(program, GL_GEOMETRY_SHADER, stages->geom);
    attach(program, GL_FRAGMENT_SHADER, stages->frag);
    attach(program, GL_COMPUTE_SHADER, stages->comp);
    if (stages->captured)
        glTransformFeedbackVaryings(program, (GLsizei)stages->captured_count, stages->captured,
                                    GL_SEPARATE_ATTRIBS);
    glLinkProgram(program);
    glGetProgramiv(program, GL_LINK_STATUS, &ok);
    if (!ok) {
        glGetProgramInfoLog(program, sizeof(log), NULL, log);
        fail("program", log);
    }
    glUseProgram(program);
    return program;
}

GLuint reference_vertices(const struct scene_vertex *vertices, unsigned count)
{
    GLuint buffer;

    glGenBuffers(1, &buffer);
    glBindBuffer(GL_ARRAY_BUFFER, buffer);
    glBufferData(GL_ARRAY_BUFFER, (GLsizeiptr)(count * sizeof(*vertices)), vertices,
                 GL_STATIC_DRAW);
    glVertexAttribPointer(0, 4, GL_FLOAT, GL_FALSE, sizeof(*vertices),
                          (const void *)offsetof(struct scene_vertex, position));
    glVertexAttribPointer(1, 4, GL_FLOAT, GL_FALSE, sizeof(*vertices),
                          (const void *)offsetof(struct scene_vertex, attribute));
    glEnableVertexAttribArray(0);
    glEnableVertexAttribArray(1);
    return buffer;
}

void reference_draw_colored(GLenum mode, const struct scene_vertex *vertices, unsigned count)
{
    reference_vertices(vertices, count);
    reference_program(&(struct reference_stages){
        .vert = reference_vert_plain, .frag = reference_frag_color});
    glDrawArrays(mode, 0, (GLsizei)count);
}

void reference_rect(float x_px, float y_px, float width_px, float height_px,
                    const float color[4])
{
    struct scene_vertex vertices[4];

    scene_quad_vertices(vertices, x_px, y_px, width_px, height_px, 0, 0);
    for (unsigned i = 0; i < 4; i++)
        memcpy(vertices[i].attribute, color, sizeof(vertices[i].attribute));
    reference_draw_colored(GL_TRIANGLE_STRIP, vertices, 4);
}

void reference_quad(float x_px, float y_px, float width_px, float height_px, float z, float w)
{
    struct scene_vertex vertices[4];

    scene_quad_vertices(vertices, x_px, y_px, width_px, height_px, z, w);
    reference_vertices(vertices, 4);
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
}

void reference_clear(float r, float g, float b, float a)
{
    glClearColor(r, g, b, a);
    glClear(GL_COLOR_BUFFER_BIT);
}

void reference_sampling(GLenum target, GLint min_filter, GLint mag_filter, GLint wrap)
{
    glTexParameteri(target, GL_TEXTURE_MIN_FILTER, min_filter);
    glTexParameteri(target, GL_TEXTURE_MAG_FILTER, mag_filter);
    glTexParameteri(target, GL_TEXTURE_WRAP_S, wrap);
    glTexParameteri(target, GL_TEXTURE_WRAP_T, wrap);
    glTexParameteri(target, GL_TEXTURE_WRAP_R, wrap);
}

GLuint reference_texture(GLenum format, int width_px, int height_px, const void *rgba)
{
    GLuint texture;

    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexStorage2D(GL_TEXTURE_2D, 1, format, width_px, height_px);
    if (rgba)
        glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, width_px, height_px, GL_RGBA, GL_UNSIGNED_BYTE,
                        rgba);
    reference_sampling(GL_TEXTURE_2D, GL_NEAREST, GL_NEAREST, GL_CLAMP_TO_EDGE);
    return texture;
}

GLuint reference_framebuffer(GLuint color_texture)
{
    GLuint framebuffer;

    glGenFramebuffers(1, &framebuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    glFramebufferTexture(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, color_texture, 0);
    return framebuffer;
}

static void open_gl(void)
{
    static const EGLint attributes[] = {
        EGL_CONTEXT_MAJOR_VERSION, 4, EGL_CONTEXT_MINOR_VERSION, 5,
        EGL_CONTEXT_OPENGL_PROFILE_MASK, EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT, EGL_NONE,
    };
    EGLDisplay display = eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA,
                                                  EGL_DEFAULT_DISPLAY, NULL);

    if (display == EGL_NO_DISPLAY || !eglInitialize(display, NULL, NULL) ||
        !eglBindAPI(EGL_OPENGL_API))
        fail("EGL", "no display without a surface");
    EGLContext context = eglCreateContext(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attributes);

    if (context == EGL_NO_CONTEXT ||
        !eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context))
        fail("EGL", "no context of GL 4.5");
}

static const struct reference_scene *find_scene(const char *name)
{
    for (unsigned i = 0; i < reference_scene_count; i++) {
        if (strcmp(reference_scenes[i]->name, name) == 0)
            return reference_scenes[i];
    }
    fail(name, "there is no such scene");
    return NULL;
}

int main(int argc, char **argv)
{
    static uint8_t rgba[REFERENCE_PX * REFERENCE_PX * 4];
    GLuint vertex_array;

    if (argc != 3)
        fail("usage", "scene-reference SCENE FILE.pam");
    const struct reference_scene *scene = find_scene(argv[1]);

    open_gl();
    glGenVertexArrays(1, &vertex_array);
    glBindVertexArray(vertex_array);
    reference_target =
        reference_framebuffer(reference_texture(GL_RGBA8, REFERENCE_PX, REFERENCE_PX, NULL));
    glViewport(0, 0, REFERENCE_PX, REFERENCE_PX);
    scene->draw();
    glBindFramebuffer(GL_READ_FRAMEBUFFER, reference_target);
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glReadPixels(0, 0, REFERENCE_PX, REFERENCE_PX, GL_RGBA, GL_UNSIGNED_BYTE, rgba);
    if (glGetError() != GL_NO_ERROR)
        fail(argv[1], "GL error");
    if (picture_write(argv[2], rgba, REFERENCE_PX, REFERENCE_PX) < 0)
        fail(argv[2], "cannot write");
    return EXIT_SUCCESS;
}
