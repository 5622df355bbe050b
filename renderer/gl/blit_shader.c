/* SPDX-License-Identifier: MIT */
#include "blit.h"

#include <stdlib.h>
#include <string.h>

#include "blit_text.h"
#include "core/log.h"
#include "draw.h"

/* Blits as draws, with a program per kind of source, destination and sampling. */

struct program {
    struct blit_program_key key;
    GLuint name;
    GLint transform, size, layer, level, in_map, out_map, bit, sample_count;
    struct program *next;
};

struct gl_blit_programs {
    struct program *first;
    GLuint samplers[2]; /* nearest, linear */
};

static GLuint compile(struct gl_device *dev, GLenum stage, const struct blit_text *t)
{
    const char *source = t->data;
    GLuint shader = glCreateShader(stage);
    GLint ok = 0;

    glShaderSource(shader, 1, &source, NULL);
    glCompileShader(shader);
    glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
    if (!ok) {
        char info[512] = "";
        glGetShaderInfoLog(shader, sizeof(info), NULL, info);
        log_message(dev->base.log, LOG_LEVEL_ERROR, "gl: blit shader refused: %s\n%s", info,
                    source);
        glDeleteShader(shader);
        return 0;
    }
    return shader;
}

static GLuint link(struct gl_device *dev, const struct blit_program_key *key)
{
    struct blit_text *t = calloc(1, sizeof(*t));
    GLint ok = 0;

    if (!t)
        return 0;
    gl_blit_vertex_text(t, &dev->feat);
    GLuint vertex = compile(dev, GL_VERTEX_SHADER, t);
    memset(t, 0, sizeof(*t));
    gl_blit_fragment_text(t, &dev->feat, key);
    GLuint fragment = vertex ? compile(dev, GL_FRAGMENT_SHADER, t) : 0;
    free(t);
    if (!vertex || !fragment) {
        glDeleteShader(vertex);
        glDeleteShader(fragment);
        return 0;
    }
    GLuint program = glCreateProgram();
    glAttachShader(program, vertex);
    glAttachShader(program, fragment);
    glLinkProgram(program);
    glDeleteShader(vertex);
    glDeleteShader(fragment);
    glGetProgramiv(program, GL_LINK_STATUS, &ok);
    if (!ok) {
        log_message(dev->base.log, LOG_LEVEL_ERROR, "gl: blit program does not link");
        glDeleteProgram(program);
        return 0;
    }
    return program;
}

static struct gl_blit_programs *programs(struct gl_device *dev)
{
    struct gl_blit_programs *p = dev->blit_programs;

    if (p)
        return p;
    p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    dev->blit_programs = p;
    if (dev->feat.sampler_objects) {
        glGenSamplers(2, p->samplers);
        for (unsigned i = 0; i < 2; i++) {
            GLenum filter = i ? GL_LINEAR : GL_NEAREST;
            glSamplerParameteri(p->samplers[i], GL_TEXTURE_MIN_FILTER,
                                i ? GL_LINEAR_MIPMAP_NEAREST : GL_NEAREST_MIPMAP_NEAREST);
            glSamplerParameteri(p->samplers[i], GL_TEXTURE_MAG_FILTER, filter);
            glSamplerParameteri(p->samplers[i], GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
            glSamplerParameteri(p->samplers[i], GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
            glSamplerParameteri(p->samplers[i], GL_TEXTURE_WRAP_R, GL_CLAMP_TO_EDGE);
        }
    }
    return p;
}

void gl_blit_programs_free(struct gl_device *dev)
{
    struct gl_blit_programs *p = dev->blit_programs;

    if (!p)
        return;
    while (p->first) {
        struct program *program = p->first;
        p->first = program->next;
        glDeleteProgram(program->name);
        free(program);
    }
    if (dev->feat.sampler_objects)
        glDeleteSamplers(2, p->samplers);
    free(p);
    dev->blit_programs = NULL;
}

static struct program *get_program(struct gl_context *ctx, const struct blit_program_key *key)
{
    struct gl_blit_programs *all = programs(ctx->dev);

    if (!all)
        return NULL;
    for (struct program *p = all->first; p; p = p->next) {
        if (!memcmp(&p->key, key, sizeof(*key)))
            return p->name ? p : NULL;
    }
    struct program *p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    p->key = *key;
    p->name = link(ctx->dev, key);
    p->next = all->first;
    all->first = p;
    if (!p->name)
        return NULL;
    p->transform = glGetUniformLocation(p->name, "transform");
    p->size = glGetUniformLocation(p->name, "size");
    p->layer = glGetUniformLocation(p->name, "layer");
    p->level = glGetUniformLocation(p->name, "level");
    p->in_map = glGetUniformLocation(p->name, "in_map");
    p->out_map = glGetUniformLocation(p->name, "out_map");
    p->bit = glGetUniformLocation(p->name, "bit");
    p->sample_count = glGetUniformLocation(p->name, "sample_count");
    gl_state_use_program(&ctx->state, p->name);
    glUniform1i(glGetUniformLocation(p->name, "tex"), ctx->state.scratch_unit);
    return p;
}

static bool sampler_kind(GLenum target, uint8_t *kind)
{
    static const struct {
        GLenum target;
        uint8_t kind;
    } kinds[] = {
        {GL_TEXTURE_1D, SAMPLER_1D},
        {GL_TEXTURE_2D, SAMPLER_2D},
        {GL_TEXTURE_3D, SAMPLER_3D},
        {GL_TEXTURE_RECTANGLE, SAMPLER_RECT},
        {GL_TEXTURE_1D_ARRAY, SAMPLER_1D_ARRAY},
        {GL_TEXTURE_2D_ARRAY, SAMPLER_2D_ARRAY},
        {GL_TEXTURE_CUBE_MAP, SAMPLER_CUBE},
        {GL_TEXTURE_2D_MULTISAMPLE, SAMPLER_2D_MS},
        {GL_TEXTURE_2D_MULTISAMPLE_ARRAY, SAMPLER_2D_MS_ARRAY},
    };
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].target == target) {
            *kind = kinds[i].kind;
            return true;
        }
    }
    return false;
}

struct source {
    GLenum target;
    GLuint name;
    bool stencil_mode; /* the texture's own parameter is changed for the blit */
};

/* The source texture as the blit views it. */
static bool find_source(struct gl_context *ctx, const struct blit *b, bool stencil,
                        struct source *source)
{
    struct back_resource *back = gl_resource(b->src);
    GLenum target = back->target;
    GLuint name = back->name;
    bool cube = target == GL_TEXTURE_CUBE_MAP || target == GL_TEXTURE_CUBE_MAP_ARRAY;
    bool recast = b->src_format->internalformat != back->format->internalformat;
    bool pick_stencil = stencil && back->format->depth;

    if (cube || recast || pick_stencil) {
        struct gl_view_key key;
        gl_view_key_init(&key, b->src);
        key.format = b->src_format->info->number;
        key.stencil = pick_stencil;
        if (cube)
            key.target = VIRGL_TEXTURE_TARGET_2D_ARRAY;
        struct gl_view *view = gl_resource_view(ctx, back, &key);
        if (view) {
            target = view->target;
            name = view->name;
        } else if (pick_stencil) {
            source->stencil_mode = true;
            if (!ctx->dev->feat.stencil_texturing)
                return false;
        }
    }
    source->target = target;
    source->name = name;
    return true;
}

/* Nothing of the guest's state shows in the draw; all of it returns at the guest's next draw. */
static void neutral_state(struct gl_context *ctx)
{
    struct gl_state *st = &ctx->state;
    static const enum gl_cap off[] = {
        GL_CAP_DEPTH_TEST,           GL_CAP_STENCIL_TEST,
        GL_CAP_RASTERIZER_DISCARD,   GL_CAP_POLYGON_OFFSET_FILL,
        GL_CAP_POLYGON_SMOOTH,       GL_CAP_SAMPLE_ALPHA_TO_COVERAGE,
        GL_CAP_DITHER,
    };
    struct gl_blend_target blend = {
        .rgb_func = GL_FUNC_ADD,
        .alpha_func = GL_FUNC_ADD,
        .rgb_src = GL_ONE,
        .rgb_dst = GL_ZERO,
        .alpha_src = GL_ONE,
        .alpha_dst = GL_ZERO,
    };

    for (unsigned i = 0; i < sizeof(off) / sizeof(off[0]); i++)
        gl_state_set_cap(st, off[i], false);
    for (unsigned i = 0; i < GL_STATE_MAX_CLIP_DISTANCES; i++)
        gl_state_set_cap(st, GL_CAP_CLIP_DISTANCE0 + i, false);
    if (ctx->dev->feat.alpha_to_one)
        gl_state_set_cap(st, GL_CAP_SAMPLE_ALPHA_TO_ONE, false);
    gl_state_cull_face(st, false, GL_BACK);
    gl_state_polygon_mode(st, GL_FILL, GL_FILL);
    gl_state_blend(st, &blend, false);
    if (ctx->dev->feat.logic_op)
        gl_state_logic_op(st, false, GL_COPY);
    gl_state_sample_mask(st, false, ~0u);
    gl_state_min_sample_shading(st, false, 0.0f);
    gl_state_clip_control(st, GL_LOWER_LEFT, GL_NEGATIVE_ONE_TO_ONE);
    gl_state_depth_range(st, 0, 0.0, 1.0);
    gl_state_color_mask_all(st, 0);
    gl_state_depth_mask(st, false);
    if (!ctx->blit_vao)
        glGenVertexArrays(1, &ctx->blit_vao);
    gl_state_bind_vertex_array(st, ctx->blit_vao);
}

/* Where storage channel k of the destination comes from. */
static void output_map(const struct gl_format *f, GLint map[4])
{
    for (int k = 0; k < 4; k++) {
        map[k] = k;
        if (!f->has_swizzle)
            continue;
        for (int c = 3; c >= 0; c--) {
            if (f->swizzle[c] == k)
                map[k] = c;
        }
    }
}

static void set_color_output(struct gl_context *ctx, const struct blit *b)
{
    const struct gl_format *f = b->dst_format;
    GLint map[4];
    uint8_t mask = 0;

    output_map(f, map);
    for (unsigned k = 0; k < 4; k++) {
        if (b->mask & (VIRGL_BLIT_MASK_R << map[k]))
            mask |= 1 << k;
    }
    gl_state_color_mask_all(&ctx->state, mask);
    if (b->alpha_blend) {
        struct gl_blend_target blend = {
            .enabled = true,
            .rgb_func = GL_FUNC_ADD,
            .alpha_func = GL_FUNC_ADD,
            .rgb_src = GL_SRC_ALPHA,
            .rgb_dst = GL_ONE_MINUS_SRC_ALPHA,
            .alpha_src = GL_SRC_ALPHA,
            .alpha_dst = GL_ONE_MINUS_SRC_ALPHA,
        };
        gl_state_blend(&ctx->state, &blend, false);
    }
    if (ctx->dev->feat.srgb_write_control)
        gl_state_set_cap(&ctx->state, GL_CAP_FRAMEBUFFER_SRGB, f->srgb);
}

static void stencil_replace(struct gl_context *ctx, GLint ref, GLuint write_mask)
{
    struct gl_stencil_face face = {
        .func = GL_ALWAYS,
        .fail_op = GL_KEEP,
        .zfail_op = GL_REPLACE,
        .zpass_op = GL_REPLACE,
        .ref = ref,
        .value_mask = ~0u,
        .write_mask = write_mask,
    };
    gl_state_set_cap(&ctx->state, GL_CAP_STENCIL_TEST, true);
    gl_state_stencil(&ctx->state, 0, &face);
    gl_state_stencil(&ctx->state, 1, &face);
}

struct rectangle {
    int32_t x, y, width, height;
};

static struct rectangle positive(const struct box *box)
{
    struct rectangle r = {box->x, box->y, box->width, box->height};
    if (r.width < 0) {
        r.x += r.width;
        r.width = -r.width;
    }
    if (r.height < 0) {
        r.y += r.height;
        r.height = -r.height;
    }
    return r;
}

static void set_area(struct gl_context *ctx, const struct blit *b)
{
    struct rectangle d = positive(&b->dst_box);
    const float viewport[4] = {d.x, d.y, d.width, d.height};
    int32_t x0 = d.x, y0 = d.y, x1 = d.x + d.width, y1 = d.y + d.height;

    if (b->scissor_enable) {
        int32_t sx1 = b->scissor[0] + b->scissor[2], sy1 = b->scissor[1] + b->scissor[3];
        x0 = x0 > b->scissor[0] ? x0 : b->scissor[0];
        y0 = y0 > b->scissor[1] ? y0 : b->scissor[1];
        x1 = x1 < sx1 ? x1 : sx1;
        y1 = y1 < sy1 ? y1 : sy1;
    }
    const int32_t scissor[4] = {x0, y0, x1 > x0 ? x1 - x0 : 0, y1 > y0 ? y1 - y0 : 0};
    gl_state_viewport(&ctx->state, 0, viewport);
    gl_state_scissor(&ctx->state, 0, true, scissor);
}

/* The program's view of the source: the same for every layer. */
static void set_source_uniforms(const struct program *p, const struct blit *b)
{
    struct gl_extent e = gl_resource_extent(b->src, gl_resource(b->src)->target, b->src_level);
    float sx = (float)b->src_box.width / (float)b->dst_box.width;
    float sy = (float)b->src_box.height / (float)b->dst_box.height;
    const struct gl_format *f = b->src_format;
    GLint in_map[4], out_map[4];

    for (unsigned c = 0; c < 4; c++)
        in_map[c] = f->swizzle[c];
    output_map(b->dst_format, out_map);
    glUniform4f(p->transform, sx, sy, b->src_box.x - b->dst_box.x * sx,
                b->src_box.y - b->dst_box.y * sy);
    glUniform3f(p->size, e.width,
                gl_resource(b->src)->target == GL_TEXTURE_1D_ARRAY ? 1 : e.height, e.depth);
    glUniform1i(p->level, b->src_level);
    glUniform4iv(p->in_map, 1, in_map);
    glUniform4iv(p->out_map, 1, out_map);
    glUniform1i(p->sample_count, b->src->desc.nr_samples > 1 ? b->src->desc.nr_samples : 1);
}

static void clear_stencil_area(struct gl_context *ctx)
{
    const GLint zero = 0;
    gl_state_stencil_write_mask(&ctx->state, ~0u);
    glClearBufferiv(GL_STENCIL, 0, &zero);
}

static void draw_one(struct gl_context *ctx, const struct program *p)
{
    if (p->key.output != OUTPUT_STENCIL_BIT) {
        glDrawArrays(GL_TRIANGLES, 0, 3);
        return;
    }
    clear_stencil_area(ctx); /* within the scissor */
    for (unsigned bit = 0; bit < 8; bit++) {
        stencil_replace(ctx, 0xff, 1u << bit);
        glUniform1i(p->bit, 1 << bit);
        glDrawArrays(GL_TRIANGLES, 0, 3);
    }
}

static uint8_t value_kind(const struct gl_format *f)
{
    if (!f->integer)
        return VALUE_FLOAT;
    return f->info->channels[0].type == VIRGL_CHANNEL_TYPE_UINT ? VALUE_UINT : VALUE_INT;
}

static void choose_samples(struct blit_program_key *key, const struct blit *b)
{
    if (key->sampler < SAMPLER_2D_MS)
        return;
    key->linear = false;
    if (b->dst->desc.nr_samples > 1)
        key->samples = SAMPLE_EACH;
    else if (key->output == OUTPUT_COLOR && key->source == VALUE_FLOAT)
        key->samples = SAMPLE_RESOLVE;
}

static bool draw_layers(struct gl_context *ctx, const struct blit *b, const struct program *p,
                        const struct source *source)
{
    int32_t layers = b->dst_box.depth < 0 ? -b->dst_box.depth : b->dst_box.depth;

    for (int32_t i = 0; i < layers; i++) {
        int32_t dst_z = b->dst_box.depth < 0 ? b->dst_box.z - 1 - i : b->dst_box.z + i;
        GLuint fbo = gl_framebuffer_single(ctx, b->dst, b->dst_format->info->number, b->dst_level,
                                           dst_z);
        if (!fbo)
            return false;
        gl_state_bind_framebuffer(&ctx->state, GL_DRAW_FRAMEBUFFER, fbo);
        /* Here, since making a framebuffer may use the same unit. */
        gl_state_bind_texture_scratch(&ctx->state, source->target, source->name);
        set_area(ctx, b);
        glUniform1f(p->layer, blit_source_z(b, i));
        draw_one(ctx, p);
    }
    return true;
}

static bool blit_part(struct gl_context *ctx, const struct blit *b, uint8_t output)
{
    bool stencil = output == OUTPUT_STENCIL || output == OUTPUT_STENCIL_BIT;
    struct blit_program_key key;
    struct source source = {0};

    memset(&key, 0, sizeof(key));
    if (!find_source(ctx, b, stencil, &source) || !sampler_kind(source.target, &key.sampler))
        return false;
    key.output = output;
    key.source = stencil ? VALUE_UINT : output == OUTPUT_DEPTH ? VALUE_FLOAT
                                                               : value_kind(b->src_format);
    key.target = output == OUTPUT_COLOR ? value_kind(b->dst_format) : VALUE_FLOAT;
    key.linear = b->linear && !stencil && key.source == VALUE_FLOAT &&
                 !(output == OUTPUT_DEPTH && ctx->dev->feat.gles); /* GLES filters no depth */
    choose_samples(&key, b);
    struct program *p = get_program(ctx, &key);
    if (!p)
        return false;

    neutral_state(ctx);
    if (ctx->dev->feat.sampler_objects)
        gl_state_bind_sampler(&ctx->state, ctx->state.scratch_unit,
                              ctx->dev->blit_programs->samplers[key.linear]);
    if (output == OUTPUT_COLOR)
        set_color_output(ctx, b);
    else if (output == OUTPUT_DEPTH)
        gl_state_depth(&ctx->state, true, true, GL_ALWAYS);
    else if (output == OUTPUT_STENCIL)
        stencil_replace(ctx, 0, 0xff);
    gl_state_use_program(&ctx->state, p->name);
    set_source_uniforms(p, b);

    if (source.stencil_mode) {
        gl_state_bind_texture_scratch(&ctx->state, source.target, source.name);
        glTexParameteri(source.target, GL_DEPTH_STENCIL_TEXTURE_MODE, GL_STENCIL_INDEX);
    }
    bool ok = draw_layers(ctx, b, p, &source);
    if (source.stencil_mode) {
        gl_state_bind_texture_scratch(&ctx->state, source.target, source.name);
        glTexParameteri(source.target, GL_DEPTH_STENCIL_TEXTURE_MODE, GL_DEPTH_COMPONENT);
    }
    return ok;
}

bool gl_blit_by_shader(struct gl_context *ctx, const struct blit *b)
{
    bool ok = true;

    if (b->mask & (VIRGL_BLIT_MASK_R | VIRGL_BLIT_MASK_G | VIRGL_BLIT_MASK_B | VIRGL_BLIT_MASK_A))
        ok &= blit_part(ctx, b, OUTPUT_COLOR);
    if (b->mask & VIRGL_BLIT_MASK_Z)
        ok &= blit_part(ctx, b, OUTPUT_DEPTH);
    if (b->mask & VIRGL_BLIT_MASK_S)
        ok &= blit_part(ctx, b, ctx->dev->feat.shader_stencil_export ? OUTPUT_STENCIL
                                                                     : OUTPUT_STENCIL_BIT);
    /* A later guest draw may sample on this unit with a sampler of its own. */
    if (ctx->dev->feat.sampler_objects)
        gl_state_bind_sampler(&ctx->state, ctx->state.scratch_unit, 0);
    return ok;
}
