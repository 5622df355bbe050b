/* SPDX-License-Identifier: MIT */
#include "gl_host.h"

#include <epoxy/egl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct gl_dialect gl_dialects[] = {
    {"GL 3.1", false, 31}, {"GL 3.3", false, 33}, {"GL 4.3", false, 43}, {"GL 4.5", false, 45},
    {"ES 3.0", true, 30},  {"ES 3.1", true, 31},  {"ES 3.2", true, 32},
};
const unsigned num_gl_dialects = sizeof(gl_dialects) / sizeof(gl_dialects[0]);

static EGLDisplay display = EGL_NO_DISPLAY;
static EGLContext context = EGL_NO_CONTEXT;

bool gl_host_make(bool gles, char reason[100])
{
    const EGLint desktop[] = {EGL_CONTEXT_MAJOR_VERSION, 4, EGL_CONTEXT_MINOR_VERSION, 3,
                              EGL_CONTEXT_OPENGL_PROFILE_MASK,
                              EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT, EGL_NONE};
    const EGLint es[] = {EGL_CONTEXT_MAJOR_VERSION, 3, EGL_CONTEXT_MINOR_VERSION, 2, EGL_NONE};

    setenv("LIBGL_ALWAYS_SOFTWARE", "1", 0);
    setenv("MESA_SHADER_CACHE_DISABLE", "true", 0);
    display = eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
    if (display == EGL_NO_DISPLAY || !eglInitialize(display, NULL, NULL)) {
        snprintf(reason, 100, "no surfaceless EGL display");
        return false;
    }
    eglBindAPI(gles ? EGL_OPENGL_ES_API : EGL_OPENGL_API);
    context = eglCreateContext(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, gles ? es : desktop);
    if (context == EGL_NO_CONTEXT ||
        !eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context)) {
        snprintf(reason, 100, "no %s context", gles ? "GLES 3.2" : "GL 4.3 core");
        return false;
    }
    return true;
}

void gl_host_destroy(void)
{
    if (display == EGL_NO_DISPLAY)
        return;
    eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    if (context != EGL_NO_CONTEXT)
        eglDestroyContext(display, context);
    /* Without eglTerminate() the driver stays loaded: reports of leaks can then name it. */
    display = EGL_NO_DISPLAY;
    context = EGL_NO_CONTEXT;
}

static bool has_extension(void *opaque, const char *name)
{
    return epoxy_has_gl_extension(name);
}

void gl_host_fill(const struct gl_dialect *dialect, struct shader_host *host)
{
    shader_host_init(host, dialect->gles, dialect->gl_version, has_extension, NULL);
    for (unsigned i = 0; i < SHADER_STAGES; i++) {
        host->const0_binding[i] = (uint8_t)(1 + i);
        host->ubo_base[i] = (uint8_t)(8 + 12 * i);
    }
}

GLenum gl_host_stage(unsigned stage)
{
    static const GLenum stages[SHADER_STAGES] = {
        GL_VERTEX_SHADER, GL_FRAGMENT_SHADER, GL_GEOMETRY_SHADER, GL_TESS_CONTROL_SHADER,
        GL_TESS_EVALUATION_SHADER, GL_COMPUTE_SHADER,
    };

    return stages[stage];
}

GLuint gl_host_compile(unsigned stage, const char *text, char **log)
{
    GLuint shader = glCreateShader(gl_host_stage(stage));
    GLint ok = 0, length = 0;

    glShaderSource(shader, 1, &text, NULL);
    glCompileShader(shader);
    glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
    if (ok)
        return shader;
    glGetShaderiv(shader, GL_INFO_LOG_LENGTH, &length);
    *log = calloc(1, (size_t)length + 1);
    if (*log)
        glGetShaderInfoLog(shader, length, NULL, *log);
    glDeleteShader(shader);
    return 0;
}
