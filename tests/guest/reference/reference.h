/* SPDX-License-Identifier: MIT */
#ifndef REFERENCE_H
#define REFERENCE_H

/* The scenes of guest/ once more, drawn with the host's GL alone: what the device's pictures are
 * compared with. Nothing of the renderer or of guest/ is used but the scenes' input data. */

#include <epoxy/gl.h>

#include "scene_data.h"

#define REFERENCE_PX 256

/* The FBO that becomes the picture. Reference scenes start with it bound, a viewport of the whole
 * and everything else in GL's initial state. */
extern GLuint reference_target;

struct reference_scene {
    const char *name;
    void (*draw)(void);
};

extern const struct reference_scene *const reference_scenes[];
extern const unsigned reference_scene_count;

/* GLSL that most references use: position in attribute 0, `vec4 value` from attribute 1. */
extern const char reference_vert_plain[];
extern const char reference_frag_color[];
extern const char reference_frag_texture_2d[];

/* Links and uses a program; stages may be NULL but the first. Ends the process on an error. */
struct reference_stages {
    const char *vert, *tess_ctrl, *tess_eval, *geom, *frag, *comp;
    const char *const *captured; /* varyings for transform feedback, separate buffers */
    unsigned captured_count;
};
GLuint reference_program(const struct reference_stages *stages);

/* Uploads vertices and enables both attributes. */
GLuint reference_vertices(const struct scene_vertex *vertices, unsigned count);

/* Plain shaders, a draw. */
void reference_draw_colored(GLenum mode, const struct scene_vertex *vertices, unsigned count);
void reference_rect(float x_px, float y_px, float width_px, float height_px,
                    const float color[4]);
/* Draws with the current program; the attribute goes from (0,0,z,w) to (1,1,z,w). */
void reference_quad(float x_px, float y_px, float width_px, float height_px, float z, float w);

void reference_clear(float r, float g, float b, float a);

/* A texture with one level, clamped to the edge and unfiltered, bound to unit 0. */
GLuint reference_texture(GLenum format, int width_px, int height_px, const void *rgba);
/* Filter and wrap of what is bound to `target`. */
void reference_sampling(GLenum target, GLint min_filter, GLint mag_filter, GLint wrap);

/* A framebuffer object with one colour texture. */
GLuint reference_framebuffer(GLuint color_texture);

#endif /* REFERENCE_H */
