/* SPDX-License-Identifier: MIT */
/*
 * The vertex shader covers the viewport, which is the destination rectangle; the fragment shader
 * computes its source position from its own, so that nearest filtering is exact.
 */
#include "blit_text.h"

#include <stdarg.h>
#include <stdio.h>

static void __attribute__((format(printf, 2, 3))) add(struct blit_text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(t->data + t->length, sizeof(t->data) - t->length, format, args);
    va_end(args);
    if (n > 0)
        t->length += (size_t)n < sizeof(t->data) - t->length ? (size_t)n
                                                             : sizeof(t->data) - t->length - 1;
}

static void add_header(struct blit_text *t, const struct gl_features *feat,
                       const struct blit_program_key *key)
{
    if (feat->gles) {
        add(t, "#version %d es\n", feat->version >= 32 ? 320 : feat->version >= 31 ? 310 : 300);
        if (feat->version < 32 && key && key->sampler == SAMPLER_2D_MS_ARRAY)
            add(t, "#extension GL_OES_texture_storage_multisample_2d_array : require\n");
        if (feat->version < 32 && key && key->samples == SAMPLE_EACH)
            add(t, "#extension GL_OES_sample_variables : require\n");
        add(t, "precision highp float;\nprecision highp int;\n");
        return;
    }
    int version = feat->glsl >= 430 ? 430 : feat->glsl >= 150 ? 150 : 140;
    add(t, "#version %d\n", version);
    if (version < 430 && key && key->samples == SAMPLE_EACH)
        add(t, "#extension GL_ARB_sample_shading : require\n");
    if (version < 150 && key && key->sampler >= SAMPLER_2D_MS)
        add(t, "#extension GL_ARB_texture_multisample : require\n");
    if (key && key->output == OUTPUT_STENCIL)
        add(t, "#extension GL_ARB_shader_stencil_export : require\n");
}

void gl_blit_vertex_text(struct blit_text *t, const struct gl_features *feat)
{
    add_header(t, feat, NULL);
    add(t, "void main() {\n"
           "    vec2 p = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);\n"
           "    gl_Position = vec4(p, 0.0, 1.0);\n"
           "}\n");
}

static const char *const value_prefix[] = {"", "i", "u"};
static const char *const scalar_name[] = {"float", "int", "uint"};
static const char *const sampler_name[] = {"1D",      "2D",   "3D",   "2DRect",   "1DArray",
                                           "2DArray", "Cube", "2DMS", "2DMSArray"};

/* The expression that fetches one texel at ivec2 p. */
static void add_fetch(struct blit_text *t, const struct blit_program_key *key)
{
    switch (key->sampler) {
    case SAMPLER_1D:
        add(t, "texelFetch(tex, p.x, level)");
        break;
    case SAMPLER_2D:
        add(t, "texelFetch(tex, p, level)");
        break;
    case SAMPLER_RECT:
        add(t, "texelFetch(tex, p)");
        break;
    case SAMPLER_1D_ARRAY:
        add(t, "texelFetch(tex, ivec2(p.x, int(layer)), level)");
        break;
    case SAMPLER_2D_MS:
        add(t, "texelFetch(tex, p, s)");
        break;
    case SAMPLER_2D_MS_ARRAY:
        add(t, "texelFetch(tex, ivec3(p, int(layer)), s)");
        break;
    default:
        add(t, "texelFetch(tex, ivec3(p, int(layer)), level)");
        break;
    }
}

static void add_linear(struct blit_text *t, const struct blit_program_key *key)
{
    switch (key->sampler) {
    case SAMPLER_1D:
        add(t, "textureLod(tex, at.x / size.x, float(level))");
        break;
    case SAMPLER_RECT:
        add(t, "texture(tex, at)");
        break;
    case SAMPLER_1D_ARRAY:
        add(t, "textureLod(tex, vec2(at.x / size.x, floor(layer)), float(level))");
        break;
    case SAMPLER_2D_ARRAY:
        add(t, "textureLod(tex, vec3(at / size.xy, floor(layer)), float(level))");
        break;
    case SAMPLER_3D:
        add(t, "textureLod(tex, vec3(at, layer) / size, float(level))");
        break;
    default:
        add(t, "textureLod(tex, at / size.xy, float(level))");
        break;
    }
}

/* The direction that hits uv (-1..1) of a face. */
static void add_cube_direction(struct blit_text *t)
{
    add(t, "vec3 direction(int face, vec2 uv) {\n"
           "    if (face == 0) return vec3(1.0, -uv.y, -uv.x);\n"
           "    if (face == 1) return vec3(-1.0, -uv.y, uv.x);\n"
           "    if (face == 2) return vec3(uv.x, 1.0, uv.y);\n"
           "    if (face == 3) return vec3(uv.x, -1.0, -uv.y);\n"
           "    if (face == 4) return vec3(uv.x, -uv.y, 1.0);\n"
           "    return vec3(-uv.x, -uv.y, -1.0);\n"
           "}\n");
}

static void add_sampling(struct blit_text *t, const struct blit_program_key *key)
{
    const char *v = value_prefix[key->source];

    add(t, "    vec2 at = gl_FragCoord.xy * transform.xy + transform.zw;\n");
    add(t, "    ivec2 p = clamp(ivec2(floor(at)), ivec2(0), ivec2(size.xy) - 1);\n");
    add(t, "    %svec4 c;\n", v);
    if (key->samples == SAMPLE_RESOLVE) {
        add(t, "    c = vec4(0.0);\n    for (int s = 0; s < sample_count; s++)\n        c += ");
        add_fetch(t, key);
        add(t, ";\n    c /= float(sample_count);\n");
        return;
    }
    if (key->sampler >= SAMPLER_2D_MS)
        add(t, "    int s = %s;\n", key->samples == SAMPLE_EACH ? "gl_SampleID" : "0");
    add(t, "    c = ");
    if (key->sampler == SAMPLER_CUBE)
        add(t, "textureLod(tex, direction(int(layer), %s / size.xy * 2.0 - 1.0), float(level))",
            key->linear ? "at" : "(vec2(p) + 0.5)");
    else if (key->linear)
        add_linear(t, key);
    else
        add_fetch(t, key);
    add(t, ";\n");
}

void gl_blit_fragment_text(struct blit_text *t, const struct gl_features *feat,
                          const struct blit_program_key *key)
{
    const char *in = value_prefix[key->source], *out = value_prefix[key->target];

    add_header(t, feat, key);
    add(t, "uniform %s%ssampler%s tex;\n", feat->gles ? "highp " : "", in,
        sampler_name[key->sampler]);
    add(t, "uniform vec4 transform;\nuniform vec3 size;\nuniform float layer;\n"
           "uniform int level;\nuniform ivec4 in_map;\nuniform ivec4 out_map;\n"
           "uniform int bit;\nuniform int sample_count;\n");
    if (key->output == OUTPUT_COLOR)
        add(t, "out %svec4 color;\n", out);
    add(t,
        "%svec4 pick(%svec4 v, ivec4 m) {\n"
        "    %svec4 r;\n"
        "    for (int i = 0; i < 4; i++)\n"
        "        r[i] = m[i] < 4 ? v[m[i]] : %s(m[i] - 4);\n"
        "    return r;\n"
        "}\n",
        in, in, in, scalar_name[key->source]);
    if (key->sampler == SAMPLER_CUBE)
        add_cube_direction(t);
    add(t, "void main() {\n");
    add_sampling(t, key);
    switch (key->output) {
    case OUTPUT_COLOR:
        add(t, "    c = pick(pick(c, in_map), out_map);\n");
        /* Between signed and unsigned integers GL clamps, as a blit should. */
        if (key->source == VALUE_INT && key->target == VALUE_UINT)
            add(t, "    color = uvec4(max(c, ivec4(0)));\n");
        else if (key->source == VALUE_UINT && key->target == VALUE_INT)
            add(t, "    color = ivec4(min(c, uvec4(0x7fffffffu)));\n");
        else
            add(t, "    color = %svec4(c);\n", out);
        break;
    case OUTPUT_DEPTH:
        add(t, "    gl_FragDepth = float(c.x);\n");
        break;
    case OUTPUT_STENCIL:
        add(t, "    gl_FragStencilRefARB = int(c.x);\n");
        break;
    default:
        add(t, "    if ((int(c.x) & bit) == 0)\n        discard;\n");
        break;
    }
    add(t, "}\n");
}
