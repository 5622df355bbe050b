/* SPDX-License-Identifier: MIT */
#include "scenes.h"

/* msaa, mrt, blits. */

static void draw_msaa(void)
{
    struct scene_vertex vertices[3 * SCENE_FAN_TRIANGLES];
    GLuint framebuffer, color;

    glGenFramebuffers(1, &framebuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    glGenRenderbuffers(1, &color);
    glBindRenderbuffer(GL_RENDERBUFFER, color);
    glRenderbufferStorageMultisample(GL_RENDERBUFFER, 4, GL_RGBA8, REFERENCE_PX, REFERENCE_PX);
    glFramebufferRenderbuffer(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_RENDERBUFFER, color);
    reference_clear(0, 0.1f, 0.2f, 1);
    scene_fan_vertices(vertices);
    reference_draw_colored(GL_TRIANGLES, vertices, 3 * SCENE_FAN_TRIANGLES);
    glBindFramebuffer(GL_DRAW_FRAMEBUFFER, reference_target);
    glBlitFramebuffer(0, 0, REFERENCE_PX, REFERENCE_PX, 0, 0, REFERENCE_PX, REFERENCE_PX,
                      GL_COLOR_BUFFER_BIT, GL_NEAREST);
}

static void mrt_draw_three(GLuint textures[3])
{
    static const char frag[] =
        "#version 450\n"
        "in vec4 value;\n"
        "layout(location = 0) out vec4 color0;\n"
        "layout(location = 1) out vec4 color1;\n"
        "layout(location = 2) out vec4 color2;\n"
        "void main() {\n"
        "    color0 = value;\n"
        "    color1 = vec4(1.0 - value.xyz, 1.0);\n"
        "    color2 = value.zxyw;\n"
        "}\n";
    static const GLenum formats[3] = {GL_RGBA8, GL_RGBA16F, GL_RGBA8};
    static const GLenum buffers[3] = {
        GL_COLOR_ATTACHMENT0, GL_COLOR_ATTACHMENT1, GL_COLOR_ATTACHMENT2,
    };
    GLuint framebuffer;

    glGenFramebuffers(1, &framebuffer);
    glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
    for (unsigned i = 0; i < 3; i++) {
        textures[i] = reference_texture(formats[i], SCENE_MRT_PX, SCENE_MRT_PX, NULL);
        glFramebufferTexture(GL_FRAMEBUFFER, buffers[i], textures[i], 0);
    }
    glDrawBuffers(3, buffers);
    glViewport(0, 0, SCENE_MRT_PX, SCENE_MRT_PX);
    reference_clear(0.25f, 0.5f, 0.125f, 1);
    glColorMaski(1, GL_TRUE, GL_FALSE, GL_TRUE, GL_TRUE);
    glEnablei(GL_BLEND, 2);
    glBlendFunci(2, GL_ONE, GL_ONE);
    reference_vertices(scene_mrt_vertices, 4);
    reference_program(&(struct reference_stages){.vert = reference_vert_plain, .frag = frag});
    glDrawArrays(GL_TRIANGLE_STRIP, 0, 4);
    glColorMaski(1, GL_TRUE, GL_TRUE, GL_TRUE, GL_TRUE);
    glDisablei(GL_BLEND, 2);
}

static void draw_mrt(void)
{
    GLuint textures[3];

    mrt_draw_three(textures);
    glBindFramebuffer(GL_FRAMEBUFFER, reference_target);
    glViewport(0, 0, REFERENCE_PX, REFERENCE_PX);
    reference_program(&(struct reference_stages){
        .vert = reference_vert_plain, .frag = reference_frag_texture_2d});
    for (unsigned i = 0; i < 4; i++) {
        glBindTexture(GL_TEXTURE_2D, textures[i < 3 ? i : 2]);
        if (i == 3) {
            static const GLint swizzle[4] = {GL_BLUE, GL_ZERO, GL_RED, GL_ONE};

            glTexParameteriv(GL_TEXTURE_2D, GL_TEXTURE_SWIZZLE_RGBA, swizzle);
        }
        reference_quad((float)(SCENE_MRT_PX * (i % 2)), (float)(SCENE_MRT_PX * (i / 2)),
                       SCENE_MRT_PX, SCENE_MRT_PX, 0, 1);
    }
}

static void draw_blits(void)
{
    uint8_t texels[SCENE_BLIT_PX * SCENE_BLIT_PX * 4];
    const int size = SCENE_BLIT_PX;
    const GLbitfield color = GL_COLOR_BUFFER_BIT;

    scene_checker(texels, SCENE_BLIT_PX, SCENE_BLIT_PX, 3);
    GLuint rgba = reference_texture(GL_RGBA8, size, size, texels);
    GLuint source = reference_framebuffer(rgba);
    GLuint bgra = reference_texture(GL_RGBA8, size, size, NULL);

    glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, size, size, GL_BGRA, GL_UNSIGNED_BYTE, texels);
    GLuint bgra_source = reference_framebuffer(bgra);

    glBindFramebuffer(GL_DRAW_FRAMEBUFFER, reference_target);
    reference_clear(0.5f, 0.5f, 0.5f, 1);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, source);
    glBlitFramebuffer(0, 0, size, size, 4, 4, 4 + size, 4 + size, color, GL_NEAREST);
    glBlitFramebuffer(0, 0, size, size, 76, 4, 188, 100, color, GL_NEAREST);
    glBlitFramebuffer(0, 0, size, size, 4, 108, 124, 180, color, GL_LINEAR);
    glBlitFramebuffer(size, size, 0, 0, 132, 108, 188, 180, color, GL_NEAREST);
    glEnable(GL_SCISSOR_TEST);
    glScissor(20, 196, 80, 44);
    glBlitFramebuffer(0, 0, size, size, 4, 188, 124, 252, color, GL_NEAREST);
    glDisable(GL_SCISSOR_TEST);
    glBlitFramebuffer(16, 24, 40, 48, 132, 188, 180, 236, color, GL_NEAREST);
    glBindFramebuffer(GL_READ_FRAMEBUFFER, bgra_source);
    glBlitFramebuffer(0, 0, size, size, 188, 188, 252, 252, color, GL_NEAREST);
    /* GL's blits have no mask: a quad instead. */
    glBindTexture(GL_TEXTURE_2D, rgba);
    reference_program(&(struct reference_stages){
        .vert = reference_vert_plain, .frag = reference_frag_texture_2d});
    glColorMask(GL_TRUE, GL_TRUE, GL_FALSE, GL_FALSE);
    reference_quad(190, 4, 64, 64, 0, 1);
    glColorMask(GL_TRUE, GL_TRUE, GL_TRUE, GL_TRUE);
}

const struct reference_scene reference_scene_msaa = {"msaa", draw_msaa};
const struct reference_scene reference_scene_mrt = {"mrt", draw_mrt};
const struct reference_scene reference_scene_blits = {"blits", draw_blits};
