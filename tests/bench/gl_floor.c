/* SPDX-License-Identifier: MIT */
/*
 * mantua-gl-floor: what the draws of piglit's drawoverhead cost when the GL calls are made directly,
 * with nobody in between. No renderer can be faster than this on the same driver. Cases bear
 * drawoverhead's numbers.
 */
#include <epoxy/egl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "gl_floor_scene.h"

#define BATCH_DRAWS 4096

/* Constants of drawoverhead's programs, as they come in a stream. */
#define FEW_BYTES 32
#define MANY_BYTES 3856

typedef void step(struct scene *scene, unsigned i);

struct floor_case {
    int number;
    const char *name;
    int vertex_buffers, uniform_buffers, textures;
    enum scene_texture kind;
    step *change; /* before each draw */
};

static void change_nothing(struct scene *scene, unsigned i)
{
}

/* The program writes into buffers that it has replaced: another one each time. */
static void replace_buffer(struct scene *scene, unsigned i)
{
    static const float constants[16];
    GLuint buffer = scene->uniform_buffers[i & 1][0];

    glNamedBufferSubData(buffer, (i & 63) * sizeof(constants), sizeof(constants), constants);
    glBindBufferRange(GL_UNIFORM_BUFFER, 1, buffer, 0, SCENE_UNIFORM_BYTES);
}

static void change_vertex_buffer(struct scene *scene, unsigned i)
{
    glBindVertexBuffer(0, scene->vertex_buffers[i & 1][0], 0, 16);
}

static void change_vertex_buffers(struct scene *scene, unsigned i)
{
    static const GLintptr offsets[SCENE_MAX];
    static const GLsizei strides[SCENE_MAX] = {16, 16, 16, 16, 16, 16, 16, 16,
                                               16, 16, 16, 16, 16, 16, 16, 16};

    glBindVertexBuffers(0, scene->vertex_buffer_count, scene->vertex_buffers[i & 1], offsets,
                        strides);
}

/* Uniforms belong to a program, so constants come with it. */
static void change_program(struct scene *scene, unsigned i)
{
    glUseProgram(scene->programs[i & 1]);
    scene_put_constants(scene, i & 1 ? MANY_BYTES : FEW_BYTES);
}

static void change_texture(struct scene *scene, unsigned i)
{
    glBindTextureUnit(0, scene->textures[i & 1][0]);
}

static void change_textures(struct scene *scene, unsigned i)
{
    glBindTextures(0, scene->texture_count, scene->textures[i & 1]);
}

static void change_image(struct scene *scene, unsigned i)
{
    glBindImageTexture(0, scene->textures[i & 1][0], 0, GL_FALSE, 0, GL_READ_ONLY, GL_RGBA8);
}

static void change_images(struct scene *scene, unsigned i)
{
    glBindImageTextures(0, scene->texture_count, scene->textures[i & 1]);
}

static void change_uniform_buffer(struct scene *scene, unsigned i)
{
    glBindBufferRange(GL_UNIFORM_BUFFER, 1, scene->uniform_buffers[i & 1][0], 0,
                      SCENE_UNIFORM_BYTES);
}

static void change_uniform_buffers(struct scene *scene, unsigned i)
{
    glBindBuffersBase(GL_UNIFORM_BUFFER, 1, scene->uniform_buffer_count,
                      scene->uniform_buffers[i & 1]);
}

/* Few plain uniforms are cheaper than another buffer range. */
static void change_few_uniforms(struct scene *scene, unsigned i)
{
    float constants[FEW_BYTES / 4] = {(float) i};

    glUniform4fv(SCENE_UNIFORM_LOCATION, FEW_BYTES / 16, constants);
}

static void change_many_uniforms(struct scene *scene, unsigned i)
{
    scene_put_constants(scene, MANY_BYTES);
}

static void change_scissor(struct scene *scene, unsigned i)
{
    glScissorIndexed(0, 0, 0, 100, (GLsizei) (100 + (i & 1)));
}

static void change_viewport(struct scene *scene, unsigned i)
{
    glViewportIndexedf(0, 0, 0, 100, (float) (100 + (i & 1)));
}

static void change_enable(GLenum what, unsigned i)
{
    if (i & 1) {
        glEnable(what);
    } else {
        glDisable(what);
    }
}

#define ENABLE_STEP(name, what)                                                                    \
    static void name(struct scene *scene, unsigned i)                                              \
    {                                                                                              \
        change_enable(what, i);                                                                    \
    }
ENABLE_STEP(change_primitive_restart, GL_PRIMITIVE_RESTART)
ENABLE_STEP(change_blend, GL_BLEND)
ENABLE_STEP(change_depth, GL_DEPTH_TEST)
ENABLE_STEP(change_depth_clamp, GL_DEPTH_CLAMP)
ENABLE_STEP(change_stencil, GL_STENCIL_TEST)
ENABLE_STEP(change_scissor_enable, GL_SCISSOR_TEST)
ENABLE_STEP(change_multisample, GL_MULTISAMPLE)
ENABLE_STEP(change_sample_mask, GL_SAMPLE_MASK)
ENABLE_STEP(change_alpha_to_coverage, GL_SAMPLE_ALPHA_TO_COVERAGE)
ENABLE_STEP(change_sample_shading, GL_SAMPLE_SHADING)
ENABLE_STEP(change_cull_face, GL_CULL_FACE)
ENABLE_STEP(change_clip_distance, GL_CLIP_DISTANCE0)

static const struct floor_case cases[] = {
    {1, "DrawArrays", 1, 0, 0, SCENE_NO_TEXTURE, change_nothing},
    {2, "DrawElements", 1, 0, 0, SCENE_NO_TEXTURE, change_nothing},
    {3, "16 VBO 8 UBO 16 Tex", 16, 8, 16, SCENE_TEXTURE, change_nothing},
    {4, "buffer replacement", 1, 1, 1, SCENE_TEXTURE, replace_buffer},
    {5, "1 vertex attrib", 1, 8, 8, SCENE_TEXTURE, change_vertex_buffer},
    {6, "16 vertex attribs", 16, 8, 8, SCENE_TEXTURE, change_vertex_buffers},
    {7, "shader program", 1, 0, 0, SCENE_NO_TEXTURE, change_program},
    {8, "shader program, 8 UBO 8 Tex", 8, 8, 8, SCENE_TEXTURE, change_program},
    {9, "1/1 texture", 8, 8, 1, SCENE_TEXTURE, change_texture},
    {10, "1/8 texture", 8, 8, 8, SCENE_TEXTURE, change_texture},
    {11, "8/8 textures", 8, 8, 8, SCENE_TEXTURE, change_textures},
    {12, "1/1 TBO", 8, 8, 1, SCENE_TEXTURE_BUFFER, change_texture},
    {13, "1/8 TBO", 8, 8, 8, SCENE_TEXTURE_BUFFER, change_texture},
    {14, "8/8 TBOs", 8, 8, 8, SCENE_TEXTURE_BUFFER, change_textures},
    {15, "1/1 image", 8, 8, 1, SCENE_IMAGE, change_image},
    {16, "1/8 image", 8, 8, 8, SCENE_IMAGE, change_image},
    {17, "8/8 images", 8, 8, 8, SCENE_IMAGE, change_images},
    {18, "1/1 image buffer", 8, 8, 1, SCENE_IMAGE_BUFFER, change_image},
    {19, "1/8 image buffer", 8, 8, 8, SCENE_IMAGE_BUFFER, change_image},
    {20, "8/8 image buffers", 8, 8, 8, SCENE_IMAGE_BUFFER, change_images},
    {21, "1/1 UBO", 8, 1, 8, SCENE_TEXTURE, change_uniform_buffer},
    {22, "1/8 UBO", 8, 8, 8, SCENE_TEXTURE, change_uniform_buffer},
    {23, "8/8 UBOs", 8, 8, 8, SCENE_TEXTURE, change_uniform_buffers},
    {24, "few uniforms", 8, 8, 8, SCENE_TEXTURE, change_few_uniforms},
    {25, "many uniforms", 8, 8, 8, SCENE_TEXTURE, change_many_uniforms},
    {26, "scissor", 8, 8, 8, SCENE_TEXTURE, change_scissor},
    {27, "viewport", 8, 8, 8, SCENE_TEXTURE, change_viewport},
    {28, "primitive restart enable", 8, 8, 8, SCENE_TEXTURE, change_primitive_restart},
    {29, "blend enable", 8, 8, 8, SCENE_TEXTURE, change_blend},
    {30, "depth enable", 8, 8, 8, SCENE_TEXTURE, change_depth},
    {31, "depth clamp enable", 8, 8, 8, SCENE_TEXTURE, change_depth_clamp},
    {32, "stencil enable", 8, 8, 8, SCENE_TEXTURE, change_stencil},
    {33, "scissor enable", 8, 8, 8, SCENE_TEXTURE, change_scissor_enable},
    {34, "MSAA enable", 8, 8, 8, SCENE_TEXTURE, change_multisample},
    {35, "sample mask enable", 8, 8, 8, SCENE_TEXTURE, change_sample_mask},
    {36, "alpha-to-coverage enable", 8, 8, 8, SCENE_TEXTURE, change_alpha_to_coverage},
    {37, "sample shading enable", 8, 8, 8, SCENE_TEXTURE, change_sample_shading},
    {38, "cull face enable", 8, 8, 8, SCENE_TEXTURE, change_cull_face},
    {39, "clip distance enable", 8, 8, 8, SCENE_TEXTURE, change_clip_distance},
};

static double cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double) now.tv_sec * 1e9 + (double) now.tv_nsec;
}

static void draw_batch(const struct floor_case *floor, struct scene *scene)
{
    for (unsigned i = 0; i < BATCH_DRAWS; i++) {
        floor->change(scene, i);
        if (floor->number == 1) {
            glDrawArrays(GL_TRIANGLES, 0, 3);
        } else {
            glDrawElements(GL_TRIANGLES, 3, GL_UNSIGNED_SHORT, NULL);
        }
    }
    glFlush();
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return x < y ? -1 : x > y;
}

/* Median ns per draw, after two batches that nobody looks at. */
static double measure(const struct floor_case *floor)
{
    struct scene scene = {
        .vertex_buffer_count = floor->vertex_buffers,
        .uniform_buffer_count = floor->uniform_buffers,
        .texture_count = floor->textures,
        .texture_kind = floor->kind,
    };
    double runs[15];

    if (!scene_init(&scene)) {
        return -1;
    }
    draw_batch(floor, &scene);
    draw_batch(floor, &scene);
    for (int i = 0; i < 15; i++) {
        double begin = cpu_ns();

        draw_batch(floor, &scene);
        runs[i] = (cpu_ns() - begin) / BATCH_DRAWS;
    }
    scene_finish(&scene);
    qsort(runs, 15, sizeof(runs[0]), compare);
    return runs[7];
}

/* A frame buffer of our own: surfaceless contexts have none. */
static void make_framebuffer(void)
{
    GLuint renderbuffers[2], framebuffer;

    glCreateRenderbuffers(2, renderbuffers);
    glNamedRenderbufferStorage(renderbuffers[0], GL_RGBA8, 300, 300);
    glNamedRenderbufferStorage(renderbuffers[1], GL_DEPTH24_STENCIL8, 300, 300);
    glCreateFramebuffers(1, &framebuffer);
    glNamedFramebufferRenderbuffer(framebuffer, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER,
                                   renderbuffers[0]);
    glNamedFramebufferRenderbuffer(framebuffer, GL_DEPTH_STENCIL_ATTACHMENT, GL_RENDERBUFFER,
                                   renderbuffers[1]);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    glViewport(0, 0, 300, 300);
}

static bool make_context(void)
{
    static const EGLint attributes[] = {EGL_CONTEXT_MAJOR_VERSION, 4, EGL_CONTEXT_MINOR_VERSION, 5,
                                        EGL_NONE};
    EGLDisplay display =
        eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
    EGLContext context;

    if (!eglInitialize(display, NULL, NULL) || !eglBindAPI(EGL_OPENGL_API)) {
        return false;
    }
    context = eglCreateContext(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attributes);
    return context && eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context);
}

int main(int argc, char **argv)
{
    int only = argc > 1 ? atoi(argv[1]) : 0;

    if (argc > 2 || (argc == 2 && only == 0)) {
        fputs("Usage: mantua-gl-floor [CASE]\n"
              "Print drawoverhead's case number, ns per draw and name of each case, or of one,\n"
              "with the GL calls made directly. Run it with GALLIUM_NOOP=1.\n",
              stderr);
        return EXIT_FAILURE;
    }
    if (!make_context()) {
        fputs("mantua-gl-floor: no surfaceless GL 4.5 context\n", stderr);
        return EXIT_FAILURE;
    }
    make_framebuffer();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (only == 0 || cases[i].number == only) {
            printf("%d\t%.1f\t%s\n", cases[i].number, measure(&cases[i]), cases[i].name);
        }
    }
    return EXIT_SUCCESS;
}
