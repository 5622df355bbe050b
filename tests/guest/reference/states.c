/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "scenes.h"

/* states: what newer GL has no state for is done in the shaders. */

static const char frag_stipple[] =
    "#version 450\n"
    "in vec4 value;\n"
    "layout(location = 0) out vec4 color;\n"
    "layout(location = 0) uniform uint rows[32];\n"
    "void main() {\n"
    "    ivec2 at = ivec2(gl_FragCoord.xy) & 31;\n"
    "    if ((rows[at.y] >> (31 - at.x) & 1u) == 0u) discard;\n"
    "    color = value;\n"
    "}\n";

static const char vert_clip[] =
    "#version 450\n"
    "layout(location = 0) in vec4 position;\n"
    "layout(location = 1) in vec4 in_value;\n"
    "layout(location = 0) uniform vec4 plane;\n"
    "out vec4 value;\n"
    "out float gl_ClipDistance[1];\n"
    "void main() {\n"
    "    gl_Position = position; value = in_value;\n"
    "    gl_ClipDistance[0] = dot(position, plane);\n"
    "}\n";

static const char frag_white[] =
    "#version 450\n"
    "layout(location = 0) out vec4 color;\n"
    "void main() { color = vec4(1.0); }\n";

static const char frag_alpha_test[] =
    "#version 450\n"
    "in vec4 value;\n"
    "layout(location = 0) out vec4 color;\n"
    "layout(location = 0) uniform float reference;\n"
    "void main() { if (!(value.a > reference)) discard; color = value; }\n";

static const char frag_scaled[] =
    "#version 450\n"
    "in vec4 value;\n"
    "layout(location = 0) out vec4 color;\n"
    "void main() { color = value * vec4(0.5, 1.0, 0.25, 1.0); }\n";

static const char vert_instances[] =
    "#version 450\n"
    "layout(location = 0) in vec4 position;\n"
    "layout(location = 1) in vec4 in_value;\n"
    "out vec4 value;\n"
    "void main() {\n"
    "    float i = float(gl_InstanceID), scale = 1.0 - 0.25 * i;\n"
    "    gl_Position = position;\n"
    "    gl_Position.xy = position.xy * scale;\n"
    "    gl_Position.x += 0.25 * i;\n"
    "    value = in_value * scale;\n"
    "}\n";

static void begin_cell(int cell)
{
    glViewport(SCENE_CELL_PX * (cell % 4), SCENE_CELL_PX * (cell / 4), SCENE_CELL_PX,
               SCENE_CELL_PX);
}

static void plain(const char *vert, const char *frag)
{
    reference_program(&(struct reference_stages){
        .vert = vert ? vert : reference_vert_plain, .frag = frag ? frag : reference_frag_color});
}

static void draw_cell(void)
{
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
}

static void rasterizer_cells(void)
{
    static const float plane[4] = {SCENE_CLIP_PLANE};
    GLuint rows[32];

    plain(NULL, NULL);
    begin_cell(0);
    glEnable(GL_SCISSOR_TEST);
    glScissor(16, 20, 32, 24);
    draw_cell();
    glDisable(GL_SCISSOR_TEST);

    begin_cell(1);
    plain(NULL, frag_stipple);
    for (unsigned i = 0; i < 32; i++)
        rows[i] = scene_stipple_row(i);
    glUniform1uiv(0, 32, rows);
    draw_cell();

    begin_cell(2);
    plain(vert_clip, NULL);
    glUniform4fv(0, 1, plane);
    glEnable(GL_CLIP_DISTANCE0);
    draw_cell();
    glDisable(GL_CLIP_DISTANCE0);

    begin_cell(3);
    plain(NULL, NULL);
    glPolygonMode(GL_FRONT_AND_BACK, GL_LINE);
    draw_cell();
    glPolygonMode(GL_FRONT_AND_BACK, GL_FILL);
}

static void test_cells(void)
{
    begin_cell(4);
    glEnable(GL_STENCIL_TEST);
    glStencilFunc(GL_ALWAYS, 5, 0xff);
    glStencilOp(GL_KEEP, GL_KEEP, GL_REPLACE);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    glStencilFunc(GL_NOTEQUAL, 5, 0xff);
    glStencilOp(GL_KEEP, GL_KEEP, GL_KEEP);
    plain(NULL, frag_white);
    draw_cell();
    glDisable(GL_STENCIL_TEST);
    plain(NULL, NULL);

    begin_cell(5);
    glEnable(GL_DEPTH_TEST);
    draw_cell();
    glDrawArrays(GL_TRIANGLES, 4, 3);
    glDisable(GL_DEPTH_TEST);

    begin_cell(6);
    plain(NULL, frag_alpha_test);
    glUniform1f(0, SCENE_ALPHA_REFERENCE);
    draw_cell();
    plain(NULL, NULL);

    glClearDepth(0.25);
    glClearStencil(3);
    glClear(GL_DEPTH_BUFFER_BIT | GL_STENCIL_BUFFER_BIT);
    begin_cell(7);
    glEnable(GL_STENCIL_TEST);
    glStencilFunc(GL_EQUAL, 3, 0xff);
    glEnable(GL_DEPTH_TEST);
    glDepthFunc(GL_GREATER);
    draw_cell();
    glDisable(GL_DEPTH_TEST);
    glDisable(GL_STENCIL_TEST);
}

static void blend_cells(void)
{
    begin_cell(8);
    glEnable(GL_BLEND);
    glBlendColor(0.25f, 0.75f, 0.5f, 1);
    glBlendFuncSeparate(GL_CONSTANT_COLOR, GL_ONE_MINUS_CONSTANT_COLOR, GL_ZERO, GL_ONE);
    draw_cell();
    glDisable(GL_BLEND);

    begin_cell(9);
    glEnable(GL_COLOR_LOGIC_OP);
    glLogicOp(GL_INVERT);
    glColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_FALSE);
    draw_cell();
    glDisable(GL_COLOR_LOGIC_OP);

    begin_cell(10);
    glColorMask(GL_FALSE, GL_TRUE, GL_FALSE, GL_FALSE);
    draw_cell();
    glColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_TRUE);

    begin_cell(11);
    glEnable(GL_BLEND);
    glBlendEquationSeparate(GL_MIN, GL_MAX);
    draw_cell();
    glDisable(GL_BLEND);
}

static void source_cells(void)
{
    /* The first triangle of the strip starts at vertex 0, the second at vertex 1. */
    struct scene_vertex flat[6];

    memcpy(flat, scene_cell_vertices, 3 * sizeof(flat[0]));
    memcpy(flat + 3, scene_cell_vertices + 1, 3 * sizeof(flat[0]));
    for (unsigned i = 0; i < 6; i++)
        memcpy(flat[i].attribute, scene_cell_vertices[i / 3].attribute, sizeof(flat[i].attribute));
    begin_cell(12);
    reference_vertices(flat, 6);
    glDrawArrays(GL_TRIANGLES, 0, 6);

    reference_vertices(scene_cell_vertices, SCENE_CELL_VERTICES);
    begin_cell(13);
    plain(NULL, frag_scaled);
    draw_cell();

    begin_cell(14);
    plain(vert_instances, NULL);
    glDrawArraysInstanced(GL_TRIANGLE_STRIP, 0, 4, 3);

    begin_cell(15);
    plain(NULL, NULL);
    draw_cell();
}

static void draw_states(void)
{
    GLuint depth;

    glGenRenderbuffers(1, &depth);
    glBindRenderbuffer(GL_RENDERBUFFER, depth);
    glRenderbufferStorage(GL_RENDERBUFFER, GL_DEPTH24_STENCIL8, REFERENCE_PX, REFERENCE_PX);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_DEPTH_STENCIL_ATTACHMENT, GL_RENDERBUFFER, depth);
    glClearColor(0.35f, 0.4f, 0.45f, 1);
    glClear(GL_COLOR_BUFFER_BIT | GL_DEPTH_BUFFER_BIT | GL_STENCIL_BUFFER_BIT);
    reference_vertices(scene_cell_vertices, SCENE_CELL_VERTICES);
    rasterizer_cells();
    test_cells();
    blend_cells();
    source_cells();
}

const struct reference_scene reference_scene_states = {"states", draw_states};
