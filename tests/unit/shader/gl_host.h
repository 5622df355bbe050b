/* SPDX-License-Identifier: MIT */
/* A surfaceless GL context of the test machine, and struct shader_host for any older dialect. */
#ifndef MANTUA_TEST_GL_HOST_H
#define MANTUA_TEST_GL_HOST_H

#include <epoxy/gl.h>
#include <stdbool.h>

#include "shader.h"

struct gl_dialect {
    const char *name;
    bool gles;
    unsigned gl_version; /* 31, 33, 45; 30, 31, 32 */
};

extern const struct gl_dialect gl_dialects[];
extern const unsigned num_gl_dialects;

/* Makes a context current; false, with a reason, where the machine has none. */
bool gl_host_make(bool gles, char reason[100]);
void gl_host_destroy(void);
/* Fills the host for a dialect that the current context can compile. */
void gl_host_fill(const struct gl_dialect *dialect, struct shader_host *host);
/* GL stage of enum shader_stage. */
GLenum gl_host_stage(unsigned stage);
/* Shader object, or 0 with the compiler's log (malloc'd) in *log. */
GLuint gl_host_compile(unsigned stage, const char *text, char **log);

#endif
