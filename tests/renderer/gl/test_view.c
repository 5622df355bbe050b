/* SPDX-License-Identifier: MIT */
/* What a shader sees through sampler views: swizzles of view and format composed, other formats,
 * levels and layers, the stencil plane, ranges of buffers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "gl/resource.h"

static GLuint compile(GLenum stage, const char *text)
{
    GLuint shader = glCreateShader(stage);
    GLint ok;

    glShaderSource(shader, 1, &text, NULL);
    glCompileShader(shader);
    glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
    if (!ok) {
        char info[400];
        glGetShaderInfoLog(shader, sizeof(info), NULL, info);
        g_error("%s\n%s", info, text);
    }
    return shader;
}

/* The texel at the coordinate expression, by texelFetch at level 0 of the view. */
static void fetch(struct fixture *fx, const struct gl_sampler_view *sv, const char *sampler,
                  const char *coordinate, float out[4])
{
    struct gl_context *ctx = gl_context(fx->ctx);
    struct gl_state *st = &ctx->state;
    bool gles = fx->dev->feat.gles, buffer = sv->target == GL_TEXTURE_BUFFER;
    const char *version = gles ? "#version 320 es\nprecision highp float;\nprecision highp int;\n"
                               : "#version 330\n";
    char *vertex = g_strdup_printf(
        "%svoid main() { gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, "
        "gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0); }\n",
        version);
    char *fragment = g_strdup_printf(
        "%suniform %s%s tex;\nout vec4 color;\nvoid main() { color = vec4(texelFetch(tex, %s%s)); }\n",
        version, gles ? "highp " : "", sampler, coordinate, buffer ? "" : ", 0");
    GLuint program = glCreateProgram(), texture, fbo, vao;
    static const float viewport[4] = {0, 0, 1, 1};

    glAttachShader(program, compile(GL_VERTEX_SHADER, vertex));
    glAttachShader(program, compile(GL_FRAGMENT_SHADER, fragment));
    glLinkProgram(program);
    glGenTextures(1, &texture);
    gl_state_bind_texture_scratch(st, GL_TEXTURE_2D, texture);
    glTexStorage2D(GL_TEXTURE_2D, 1, GL_RGBA32F, 1, 1);
    glGenFramebuffers(1, &fbo);
    gl_state_bind_framebuffer(st, GL_FRAMEBUFFER, fbo);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
    glGenVertexArrays(1, &vao);
    gl_state_bind_vertex_array(st, vao);
    gl_state_use_program(st, program);
    gl_state_viewport(st, 0, viewport);
    gl_state_scissor_disable_all(st);
    gl_state_color_mask_all(st, 0xf);
    gl_state_bind_texture(st, 0, sv->target, sv->name);
    glUniform1i(glGetUniformLocation(program, "tex"), 0);
    glDrawArrays(GL_TRIANGLES, 0, 3);
    glReadPixels(0, 0, 1, 1, GL_RGBA, GL_FLOAT, out);
    gl_state_forget_framebuffer(st, fbo);
    glDeleteFramebuffers(1, &fbo);
    gl_state_forget_texture(st, texture);
    glDeleteTextures(1, &texture);
    gl_state_use_program(st, 0);
    glDeleteProgram(program);
    gl_state_bind_vertex_array(st, 0);
    glDeleteVertexArrays(1, &vao);
    g_free(vertex);
    g_free(fragment);
    fixture_check(fx, sampler);
}

static void init_view(struct front_sampler_view *view, struct resource *res, uint32_t format)
{
    memset(view, 0, sizeof(*view));
    view->res = res;
    view->desc.format = format;
    view->desc.target = res->desc.target;
    view->desc.last_level = res->desc.last_level;
    view->desc.last_layer = res->desc.array_size ? res->desc.array_size - 1 : 0;
    view->desc.swizzle_g = VIRGL_SWIZZLE_Y;
    view->desc.swizzle_b = VIRGL_SWIZZLE_Z;
    view->desc.swizzle_a = VIRGL_SWIZZLE_W;
}

static void expect_fetch(struct fixture *fx, struct front_sampler_view *view, const char *sampler,
                         const char *coordinate, const float want[4], const char *what)
{
    struct gl_sampler_view *sv = gl_sampler_view_get(gl_context(fx->ctx), view);
    float got[4];

    g_assert_nonnull(sv);
    fetch(fx, sv, sampler, coordinate, got);
    if (sv->shader_swizzle) {
        float raw[4];
        memcpy(raw, got, sizeof(raw));
        for (unsigned i = 0; i < 4; i++)
            got[i] = sv->swizzle[i] < 4 ? raw[sv->swizzle[i]] : sv->swizzle[i] - 4;
    }
    for (unsigned i = 0; i < 4; i++) {
        if (got[i] - want[i] > 0.003f || want[i] - got[i] > 0.003f)
            g_error("%s: component %u is %f, not %f", what, i, got[i], want[i]);
    }
    gl_sampler_view_destroy(gl_context(fx->ctx), view);
    g_assert_null(view->base.back);
}

struct format_case {
    uint32_t storage, view;
    uint8_t texel[4];
    float want[4];
};

#define F(x) ((x) / 255.0f)

static void test_formats(struct fixture *fx)
{
    static const struct format_case cases[] = {
        {VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_R8G8B8A8_UNORM, {1, 2, 3, 4},
         {F(1), F(2), F(3), F(4)}},
        {VIRGL_FORMAT_B8G8R8A8_UNORM, VIRGL_FORMAT_B8G8R8A8_UNORM, {1, 2, 3, 4},
         {F(3), F(2), F(1), F(4)}},
        {VIRGL_FORMAT_B8G8R8X8_UNORM, VIRGL_FORMAT_B8G8R8X8_UNORM, {1, 2, 3, 4},
         {F(3), F(2), F(1), 1}},
        {VIRGL_FORMAT_B8G8R8A8_UNORM, VIRGL_FORMAT_B8G8R8X8_UNORM, {1, 2, 3, 4},
         {F(3), F(2), F(1), 1}},
        {VIRGL_FORMAT_B8G8R8A8_UNORM, VIRGL_FORMAT_R8G8B8A8_UNORM, {1, 2, 3, 4},
         {F(1), F(2), F(3), F(4)}},
        {VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_B8G8R8X8_UNORM, {1, 2, 3, 4},
         {F(3), F(2), F(1), 1}},
        {VIRGL_FORMAT_A8_UNORM, VIRGL_FORMAT_A8_UNORM, {77}, {0, 0, 0, F(77)}},
        {VIRGL_FORMAT_L8_UNORM, VIRGL_FORMAT_L8_UNORM, {77}, {F(77), F(77), F(77), 1}},
        {VIRGL_FORMAT_I8_UNORM, VIRGL_FORMAT_I8_UNORM, {77}, {F(77), F(77), F(77), F(77)}},
        {VIRGL_FORMAT_L8A8_UNORM, VIRGL_FORMAT_L8A8_UNORM, {77, 99},
         {F(77), F(77), F(77), F(99)}},
        {VIRGL_FORMAT_R8_UNORM, VIRGL_FORMAT_A8_UNORM, {77}, {0, 0, 0, F(77)}},
        {VIRGL_FORMAT_R8G8B8A8_SRGB, VIRGL_FORMAT_R8G8B8A8_UNORM, {188, 0, 0, 4},
         {F(188), 0, 0, F(4)}},
        {VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_R8G8B8A8_SRGB, {188, 0, 0, 4},
         {0.5029f, 0, 0, F(4)}},
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        struct resource *res = make_texture(fx, VIRGL_TEXTURE_TARGET_2D, cases[i].storage, 1, 1, 1,
                                            1, 0, 0);
        struct front_sampler_view view;
        g_assert_nonnull(res);
        write_box(fx, res, 0, &(struct box){0, 0, 0, 1, 1, 1}, cases[i].texel);
        init_view(&view, res, cases[i].view);
        expect_fetch(fx, &view, "sampler2D", "ivec2(0)", cases[i].want,
                     virgl_format_name(cases[i].view));

        /* The view's own swizzle acts on what the format gives. */
        init_view(&view, res, cases[i].view);
        view.desc.swizzle_r = VIRGL_SWIZZLE_W;
        view.desc.swizzle_g = VIRGL_SWIZZLE_1;
        view.desc.swizzle_b = VIRGL_SWIZZLE_X;
        view.desc.swizzle_a = VIRGL_SWIZZLE_0;
        const float want[4] = {cases[i].want[3], 1, cases[i].want[0], 0};
        expect_fetch(fx, &view, "sampler2D", "ivec2(0)", want, "swizzled");
        free_resource(fx, res);
    }
}

static void test_levels_and_layers(struct fixture *fx)
{
    struct resource *array = make_texture(fx, VIRGL_TEXTURE_TARGET_2D_ARRAY, VIRGL_FORMAT_R8_UNORM,
                                          4, 4, 1, 6, 2, 0);
    struct resource *cube = make_texture(fx, VIRGL_TEXTURE_TARGET_CUBE, VIRGL_FORMAT_R8_UNORM, 4, 4,
                                         1, 6, 2, 0);
    struct front_sampler_view view;
    uint8_t data[16];

    if (!fx->dev->feat.texture_view) {
        g_test_skip("no texture views");
        goto out;
    }
    for (uint32_t level = 0; level < 3; level++) {
        int32_t size = 4 >> level;
        for (int32_t layer = 0; layer < 6; layer++) {
            memset(data, 10 * layer + level, sizeof(data));
            write_box(fx, array, level, &(struct box){0, 0, layer, size, size, 1}, data);
            write_box(fx, cube, level, &(struct box){0, 0, layer, size, size, 1}, data);
        }
    }
    init_view(&view, array, VIRGL_FORMAT_R8_UNORM);
    view.desc.first_level = 1;
    view.desc.first_layer = 2;
    expect_fetch(fx, &view, "sampler2DArray", "ivec3(0, 0, 1)", (float[]){F(31), 0, 0, 1},
                 "level 1 of layer 3");
    init_view(&view, array, VIRGL_FORMAT_R8_UNORM);
    view.desc.target = VIRGL_TEXTURE_TARGET_2D;
    view.desc.first_layer = 4;
    view.desc.first_level = view.desc.last_level = 2;
    expect_fetch(fx, &view, "sampler2D", "ivec2(0)", (float[]){F(42), 0, 0, 1},
                 "layer 4 as a texture");
    init_view(&view, cube, VIRGL_FORMAT_R8_UNORM);
    view.desc.target = VIRGL_TEXTURE_TARGET_2D_ARRAY;
    expect_fetch(fx, &view, "sampler2DArray", "ivec3(0, 0, 5)", (float[]){F(50), 0, 0, 1},
                 "cube as an array");
    /* More than there is: cut to what there is. */
    init_view(&view, array, VIRGL_FORMAT_R8_UNORM);
    view.desc.last_layer = 60000;
    view.desc.last_level = 200;
    expect_fetch(fx, &view, "sampler2DArray", "ivec3(0, 0, 1)", (float[]){F(10), 0, 0, 1},
                 "too many layers");
out:
    free_resource(fx, array);
    free_resource(fx, cube);
}

static void test_depth_and_stencil(struct fixture *fx)
{
    struct resource *res = make_texture(fx, VIRGL_TEXTURE_TARGET_2D, VIRGL_FORMAT_S8_UINT_Z24_UNORM,
                                        1, 1, 1, 1, 0, 0);
    const uint32_t texel = 0x80000000 | 99;
    struct front_sampler_view view;

    write_box(fx, res, 0, &(struct box){0, 0, 0, 1, 1, 1}, &texel);
    init_view(&view, res, VIRGL_FORMAT_S8_UINT_Z24_UNORM);
    view.desc.swizzle_g = view.desc.swizzle_b = view.desc.swizzle_a = VIRGL_SWIZZLE_X;
    expect_fetch(fx, &view, "sampler2D", "ivec2(0)", (float[]){0.5f, 0.5f, 0.5f, 0.5f}, "depth");
    if (fx->dev->feat.stencil_texturing) {
        init_view(&view, res, VIRGL_FORMAT_X24S8_UINT);
        view.desc.swizzle_g = view.desc.swizzle_b = view.desc.swizzle_a = VIRGL_SWIZZLE_X;
        expect_fetch(fx, &view, "usampler2D", "ivec2(0)", (float[]){99, 99, 99, 99}, "stencil");
        init_view(&view, res, VIRGL_FORMAT_S8_UINT_Z24_UNORM);
        view.desc.swizzle_g = view.desc.swizzle_b = view.desc.swizzle_a = VIRGL_SWIZZLE_X;
        expect_fetch(fx, &view, "sampler2D", "ivec2(0)", (float[]){0.5f, 0.5f, 0.5f, 0.5f},
                     "depth after stencil");
    }
    free_resource(fx, res);
}

static void test_buffer_range(struct fixture *fx)
{
    struct resource *res = make_buffer(fx, 4096, VIRGL_BIND_SAMPLER_VIEW, 0);
    uint8_t data[4096];
    struct front_sampler_view view;

    if (!fx->dev->feat.texture_buffer_range) {
        g_test_skip("no buffer texture ranges");
        free_resource(fx, res);
        return;
    }
    for (unsigned i = 0; i < sizeof(data); i++)
        data[i] = i % 251;
    write_box(fx, res, 0, &(struct box){0, 0, 0, 4096, 1, 1}, data);
    init_view(&view, res, VIRGL_FORMAT_R8G8B8A8_UNORM);
    view.desc.last_element = 1023;
    expect_fetch(fx, &view, "samplerBuffer", "5", (float[]){F(20), F(21), F(22), F(23)}, "whole");
    init_view(&view, res, VIRGL_FORMAT_B8G8R8A8_UNORM);
    view.desc.last_element = 1023;
    expect_fetch(fx, &view, "samplerBuffer", "5", (float[]){F(22), F(21), F(20), F(23)}, "bgra");
    init_view(&view, res, VIRGL_FORMAT_R8G8B8A8_UNORM);
    view.desc.first_element = 64;
    view.desc.last_element = 100000;
    expect_fetch(fx, &view, "samplerBuffer", "1",
                 (float[]){F(260 % 251), F(261 % 251), F(262 % 251), F(263 % 251)}, "range");
    init_view(&view, res, VIRGL_FORMAT_L8_UNORM);
    view.desc.last_element = 4095;
    expect_fetch(fx, &view, "samplerBuffer", "7", (float[]){F(7), F(7), F(7), 1}, "luminance");
    free_resource(fx, res);
}

/* A guest that makes views without end does not make the host keep them. */
static void test_views_are_bounded(struct fixture *fx)
{
    struct resource *res = make_texture(fx, VIRGL_TEXTURE_TARGET_2D_ARRAY,
                                        VIRGL_FORMAT_R8G8B8A8_UNORM, 8, 8, 1, 64, 3, 0);

    for (uint32_t layer = 0; layer < 64; layer++) {
        for (uint32_t level = 0; level < 4; level++) {
            struct front_sampler_view view;
            init_view(&view, res, VIRGL_FORMAT_R8G8B8A8_UNORM);
            view.desc.first_layer = layer;
            view.desc.first_level = level;
            g_assert_nonnull(gl_sampler_view_get(gl_context(fx->ctx), &view));
            gl_sampler_view_destroy(gl_context(fx->ctx), &view);
            g_assert_cmpuint(gl_resource(res)->view_count, <=, 16);
        }
    }
    free_resource(fx, res);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_both("view/formats", test_formats);
    add_both("view/levels-and-layers", test_levels_and_layers);
    add_both("view/depth-and-stencil", test_depth_and_stencil);
    add_both("view/buffer-range", test_buffer_range);
    add_both("view/views-are-bounded", test_views_are_bounded);
    return g_test_run();
}
