/* SPDX-License-Identifier: MIT */
/*
 * Tells what GL a program finds here: `version`, `renderer` and `extension` lines for a core context
 * without a window, and, where there are persistent mappings, `mapped LINES` of what went through
 * one in both directions. Runs on the host and in guests.
 */
#include <EGL/egl.h>
#include <EGL/eglext.h>
#include <GL/glcorearb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define BUFFER_BYTES 4096

/* Looked up by name: nothing but libEGL is linked. */
#define GL_FUNCTIONS(F)                                                                            \
    F(PFNGLGETSTRINGPROC, glGetString)                                                             \
    F(PFNGLGETSTRINGIPROC, glGetStringi)                                                           \
    F(PFNGLGETINTEGERVPROC, glGetIntegerv)                                                         \
    F(PFNGLGETERRORPROC, glGetError)                                                               \
    F(PFNGLFINISHPROC, glFinish)                                                                   \
    F(PFNGLGENBUFFERSPROC, glGenBuffers)                                                           \
    F(PFNGLBINDBUFFERPROC, glBindBuffer)                                                           \
    F(PFNGLBUFFERSTORAGEPROC, glBufferStorage)                                                     \
    F(PFNGLMAPBUFFERRANGEPROC, glMapBufferRange)                                                   \
    F(PFNGLGETBUFFERSUBDATAPROC, glGetBufferSubData)                                               \
    F(PFNGLCOPYBUFFERSUBDATAPROC, glCopyBufferSubData)
#define DECLARE(type, name) static type name;
#define LOOK_UP(type, name) name = (type)eglGetProcAddress(#name);
GL_FUNCTIONS(DECLARE)

static bool make_context(void)
{
    static const EGLint attributes[] = {
        EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 3,
        EGL_CONTEXT_OPENGL_PROFILE_MASK, EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT, EGL_NONE,
    };
    PFNEGLGETPLATFORMDISPLAYEXTPROC get_display =
        (PFNEGLGETPLATFORMDISPLAYEXTPROC)eglGetProcAddress("eglGetPlatformDisplayEXT");
    EGLDisplay display = get_display ? get_display(EGL_PLATFORM_SURFACELESS_MESA, NULL, NULL)
                                     : EGL_NO_DISPLAY;

    if (!eglInitialize(display, NULL, NULL) || !eglBindAPI(EGL_OPENGL_API))
        return false;
    EGLContext context = eglCreateContext(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, attributes);

    GL_FUNCTIONS(LOOK_UP)
    return eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context);
}

/* What the processor writes is seen by the GPU, and the other way round, with the buffer mapped. */
static void try_mapping(void)
{
    const GLbitfield flags = GL_MAP_READ_BIT | GL_MAP_WRITE_BIT | GL_MAP_PERSISTENT_BIT |
        GL_MAP_COHERENT_BIT;
    const GLuint numbers[4] = {11, 22, 33, 44};
    GLuint buffers[2], seen = 0;

    glGenBuffers(2, buffers);
    glBindBuffer(GL_ARRAY_BUFFER, buffers[0]);
    glBufferStorage(GL_ARRAY_BUFFER, BUFFER_BYTES, NULL, flags);
    GLuint *mapped = glMapBufferRange(GL_ARRAY_BUFFER, 0, BUFFER_BYTES, flags);

    if (!mapped) {
        printf("mapped nothing\n");
        return;
    }
    glBindBuffer(GL_COPY_READ_BUFFER, buffers[1]);
    glBufferStorage(GL_COPY_READ_BUFFER, sizeof(numbers), numbers, 0);
    mapped[5] = 4321;
    glGetBufferSubData(GL_ARRAY_BUFFER, 5 * sizeof(GLuint), sizeof(seen), &seen);
    glCopyBufferSubData(GL_COPY_READ_BUFFER, GL_ARRAY_BUFFER, 0, 64, sizeof(numbers));
    glFinish();
    printf("mapped %u %u %u error %u\n", seen, mapped[16], mapped[19], glGetError());
}

int main(void)
{
    GLint count = 0;
    bool persistent = false;

    if (!make_context()) {
        printf("no context\n");
        return 1;
    }
    printf("version %s\nrenderer %s\n", (const char *)glGetString(GL_VERSION),
           (const char *)glGetString(GL_RENDERER));
    glGetIntegerv(GL_NUM_EXTENSIONS, &count);
    for (GLint i = 0; i < count; i++) {
        const char *name = (const char *)glGetStringi(GL_EXTENSIONS, (GLuint)i);

        printf("extension %s\n", name);
        persistent |= strcmp(name, "GL_ARB_buffer_storage") == 0;
    }
    if (persistent)
        try_mapping();
    return 0;
}
