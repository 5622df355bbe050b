/* SPDX-License-Identifier: MIT */
#include "resource.h"

#include <stdlib.h>
#include <string.h>

#include "core/debug.h"
#include "core/log.h"

/*
 * Framebuffer objects by contents. They are not shared between GL contexts, so each sub-context has
 * its own cache, and names whose attachments died while another context was current wait in a list
 * until they can be deleted.
 */

enum {
    MAX_FRAMEBUFFERS = 128, /* per context; the least recently used goes first */
    HASH_BUCKETS = 64,
};

struct framebuffer {
    struct gl_framebuffer_key key;
    uint32_t hash;
    GLuint name;
    bool complete;
    bool dead; /* an attachment is gone: never found again, deleted when possible */
    uint64_t last_use;
    struct framebuffer *next; /* in its bucket */
};

struct gl_framebuffers {
    struct framebuffer *buckets[HASH_BUCKETS];
    unsigned count, dead_count;
    uint64_t clock;
    bool incomplete_logged;
};

bool gl_framebuffers_init(struct gl_context *ctx)
{
    ctx->framebuffers = calloc(1, sizeof(*ctx->framebuffers));
    return ctx->framebuffers != NULL;
}

static void delete_framebuffer(struct gl_context *ctx, struct framebuffer **p)
{
    struct framebuffer *fb = *p;

    *p = fb->next;
    gl_state_forget_framebuffer(&ctx->state, fb->name);
    glDeleteFramebuffers(1, &fb->name);
    ctx->framebuffers->count--;
    ctx->framebuffers->dead_count -= fb->dead;
    free(fb);
}

void gl_framebuffers_finish(struct gl_context *ctx)
{
    if (!ctx->framebuffers)
        return;
    for (unsigned i = 0; i < HASH_BUCKETS; i++) {
        while (ctx->framebuffers->buckets[i])
            delete_framebuffer(ctx, &ctx->framebuffers->buckets[i]);
    }
    free(ctx->framebuffers);
    ctx->framebuffers = NULL;
}

static bool attaches(const struct gl_framebuffer_key *key, const struct back_resource *back)
{
    for (unsigned i = 0; i < key->nr_cbufs; i++) {
        if (key->cbufs[i].res && key->cbufs[i].res == back->res)
            return true;
    }
    return key->zsurf.res && key->zsurf.res == back->res;
}

void gl_framebuffers_forget(struct gl_context *ctx, struct back_resource *back)
{
    struct gl_framebuffers *fbs = ctx->framebuffers;

    if (!fbs || back->is_buffer)
        return;
    for (unsigned i = 0; i < HASH_BUCKETS; i++) {
        for (struct framebuffer *fb = fbs->buckets[i]; fb; fb = fb->next) {
            if (!fb->dead && attaches(&fb->key, back)) {
                fb->dead = true;
                fbs->dead_count++;
                /* Binding it again must not be skipped as unchanged. */
                gl_state_forget_framebuffer(&ctx->state, fb->name);
            }
        }
    }
}

static void delete_dead(struct gl_context *ctx)
{
    struct gl_framebuffers *fbs = ctx->framebuffers;

    for (unsigned i = 0; i < HASH_BUCKETS && fbs->dead_count; i++) {
        for (struct framebuffer **p = &fbs->buckets[i]; *p;) {
            if ((*p)->dead)
                delete_framebuffer(ctx, p);
            else
                p = &(*p)->next;
        }
    }
}

static void delete_oldest(struct gl_context *ctx)
{
    struct framebuffer **oldest = NULL;

    for (unsigned i = 0; i < HASH_BUCKETS; i++) {
        for (struct framebuffer **p = &ctx->framebuffers->buckets[i]; *p; p = &(*p)->next) {
            if (!oldest || (*p)->last_use < (*oldest)->last_use)
                oldest = p;
        }
    }
    if (oldest)
        delete_framebuffer(ctx, oldest);
}

static uint32_t hash_words(uint32_t hash, const void *data, size_t bytes)
{
    const uint32_t *words = data;
    for (size_t i = 0; i < bytes / 4; i++)
        hash = (hash ^ words[i]) * 0x9e3779b1u;
    return hash ^ hash >> 15;
}

static uint32_t hash_attachment(uint32_t hash, const struct gl_attachment *a)
{
    uint32_t words[] = {(uint32_t)(uintptr_t)a->res, a->format,     a->level,
                        a->first_layer,              a->last_layer, a->sample_count};
    return hash_words(hash, words, sizeof(words));
}

static bool same_attachment(const struct gl_attachment *a, const struct gl_attachment *b)
{
    return a->res == b->res && a->format == b->format && a->level == b->level &&
           a->first_layer == b->first_layer && a->last_layer == b->last_layer &&
           a->sample_count == b->sample_count;
}

static bool same_key(const struct gl_framebuffer_key *a, const struct gl_framebuffer_key *b)
{
    if (a->nr_cbufs != b->nr_cbufs || !same_attachment(&a->zsurf, &b->zsurf) ||
        a->width_px != b->width_px || a->height_px != b->height_px || a->layers != b->layers ||
        a->samples != b->samples)
        return false;
    for (unsigned i = 0; i < a->nr_cbufs; i++) {
        if (!same_attachment(&a->cbufs[i], &b->cbufs[i]))
            return false;
    }
    return true;
}

static GLenum attachment_point(const struct gl_format *f, unsigned index)
{
    if (f->depth)
        return f->stencil ? GL_DEPTH_STENCIL_ATTACHMENT : GL_DEPTH_ATTACHMENT;
    return f->stencil ? GL_STENCIL_ATTACHMENT : GL_COLOR_ATTACHMENT0 + index;
}

static bool is_layered_target(GLenum target)
{
    switch (target) {
    case GL_TEXTURE_3D:
    case GL_TEXTURE_1D_ARRAY:
    case GL_TEXTURE_2D_ARRAY:
    case GL_TEXTURE_CUBE_MAP_ARRAY:
    case GL_TEXTURE_2D_MULTISAMPLE_ARRAY:
        return true;
    default:
        return false;
    }
}

/* Another format than the resource's own, or some layers of many: needs a texture view. The
 * texture's own name when there is none to be had. */
static GLuint attachment_name(struct gl_context *ctx, const struct gl_attachment *a, bool layered,
                              bool all_layers, uint32_t *level, uint32_t *first_layer)
{
    struct back_resource *back = gl_resource(a->res);
    const struct gl_format *f = gl_format(ctx->dev, a->format);
    bool partial = layered && !all_layers && back->target != GL_TEXTURE_3D;
    struct gl_view_key key;

    bool recast = f->internalformat != back->format->internalformat && !back->format->depth &&
                  !back->format->stencil && f->internalformat;
    if (!recast && !partial)
        return back->name;
    gl_view_key_init(&key, a->res);
    key.format = recast ? a->format : a->res->desc.format;
    if (partial) {
        key.first_layer = a->first_layer;
        key.last_layer = a->last_layer;
        if (key.target == VIRGL_TEXTURE_TARGET_CUBE ||
            key.target == VIRGL_TEXTURE_TARGET_CUBE_ARRAY)
            key.target = VIRGL_TEXTURE_TARGET_2D_ARRAY;
        *first_layer = 0;
    }
    struct gl_view *view = gl_resource_view(ctx, back, &key);
    return view ? view->name : back->name;
}

static void attach(struct gl_context *ctx, const struct gl_attachment *a, unsigned index)
{
    const struct gl_features *feat = &ctx->dev->feat;
    struct back_resource *back = gl_resource(a->res);
    uint32_t level = a->level, first_layer = a->first_layer;
    uint32_t layers = resource_level_layers(a->res, level);
    bool layered = a->last_layer > a->first_layer;
    bool all_layers = first_layer == 0 && a->last_layer + 1 >= layers;
    GLenum point = attachment_point(back->format, index);
    GLuint name = attachment_name(ctx, a, layered, all_layers, &level, &first_layer);
    GLenum fb = GL_DRAW_FRAMEBUFFER;

    if (layered && feat->framebuffer_texture) {
        glFramebufferTexture(fb, point, name, level);
    } else if (is_layered_target(back->target)) {
        glFramebufferTextureLayer(fb, point, name, level, first_layer);
    } else if (back->target == GL_TEXTURE_CUBE_MAP) {
        GLenum face = GL_TEXTURE_CUBE_MAP_POSITIVE_X + (first_layer < 6 ? first_layer : 0);
        glFramebufferTexture2D(fb, point, face, name, level);
    } else if (back->target == GL_TEXTURE_1D) {
        glFramebufferTexture1D(fb, point, back->target, name, level);
    } else if (a->sample_count > 1 && feat->multisampled_render_to_texture) {
        glFramebufferTexture2DMultisampleEXT(fb, point, back->target, name, level,
                                             a->sample_count);
    } else {
        glFramebufferTexture2D(fb, point, back->target, name, level);
    }
}

static void set_draw_buffers(const struct gl_framebuffer_key *key)
{
    GLenum buffers[VIRGL_MAX_COLOR_BUFFERS];
    GLenum read_buffer = GL_NONE;

    for (unsigned i = 0; i < key->nr_cbufs; i++) {
        buffers[i] = key->cbufs[i].res ? GL_COLOR_ATTACHMENT0 + i : GL_NONE;
        if (key->cbufs[i].res && read_buffer == GL_NONE)
            read_buffer = buffers[i];
    }
    if (key->nr_cbufs == 0)
        buffers[0] = GL_NONE;
    glDrawBuffers(key->nr_cbufs ? key->nr_cbufs : 1, buffers);
    glReadBuffer(read_buffer);
}

static void set_defaults(const struct gl_framebuffer_key *key)
{
    glFramebufferParameteri(GL_DRAW_FRAMEBUFFER, GL_FRAMEBUFFER_DEFAULT_WIDTH, key->width_px);
    glFramebufferParameteri(GL_DRAW_FRAMEBUFFER, GL_FRAMEBUFFER_DEFAULT_HEIGHT, key->height_px);
    glFramebufferParameteri(GL_DRAW_FRAMEBUFFER, GL_FRAMEBUFFER_DEFAULT_SAMPLES, key->samples);
    glFramebufferParameteri(GL_DRAW_FRAMEBUFFER, GL_FRAMEBUFFER_DEFAULT_LAYERS,
                            key->layers > 1 ? key->layers : 0);
}

static void build(struct gl_context *ctx, struct framebuffer *fb)
{
    const struct gl_framebuffer_key *key = &fb->key;
    bool empty = !key->zsurf.res;

    glGenFramebuffers(1, &fb->name);
    /* Attaching and the choice of draw and read buffers are this object's own state; both binding
     * points are needed for the latter. */
    gl_state_bind_framebuffer(&ctx->state, GL_FRAMEBUFFER, fb->name);
    for (unsigned i = 0; i < key->nr_cbufs; i++) {
        if (!key->cbufs[i].res)
            continue;
        attach(ctx, &key->cbufs[i], i);
        empty = false;
    }
    if (key->zsurf.res)
        attach(ctx, &key->zsurf, 0);
    set_draw_buffers(key);
    if (empty && ctx->dev->feat.framebuffer_no_attachments)
        set_defaults(key);
    GLenum status = glCheckFramebufferStatus(GL_DRAW_FRAMEBUFFER);
    fb->complete = status == GL_FRAMEBUFFER_COMPLETE;
    if (!fb->complete && !ctx->framebuffers->incomplete_logged) {
        ctx->framebuffers->incomplete_logged = true;
        log_guest_error(ctx->dev->base.log,
                        "ctx %u: framebuffer of %u colour buffers (first %s), depth %s: "
                        "incomplete, status 0x%x",
                        ctx->base.ctx_id, key->nr_cbufs,
                        virgl_format_name(key->nr_cbufs ? key->cbufs[0].format : 0),
                        virgl_format_name(key->zsurf.format), status);
    }
}

GLuint gl_framebuffer_get(struct gl_context *ctx, const struct gl_framebuffer_key *key)
{
    struct gl_framebuffers *fbs = ctx->framebuffers;
    uint32_t sizes[] = {key->nr_cbufs, key->width_px, key->height_px, key->layers, key->samples};
    uint32_t hash = hash_words(0, sizes, sizeof(sizes));

    for (unsigned i = 0; i < key->nr_cbufs; i++)
        hash = hash_attachment(hash, &key->cbufs[i]);
    hash = hash_attachment(hash, &key->zsurf);

    if (fbs->dead_count)
        delete_dead(ctx);
    struct framebuffer **bucket = &fbs->buckets[hash % HASH_BUCKETS];
    for (struct framebuffer **p = bucket; *p; p = &(*p)->next) {
        struct framebuffer *fb = *p;
        if (fb->hash != hash || !same_key(&fb->key, key))
            continue;
        if (ctx->base.backend->debug & DEBUG_NO_FBO_CACHE) {
            delete_framebuffer(ctx, p);
            break;
        }
        fb->last_use = ++fbs->clock;
        return fb->complete ? fb->name : 0;
    }

    if (fbs->count >= MAX_FRAMEBUFFERS)
        delete_oldest(ctx);
    struct framebuffer *fb = calloc(1, sizeof(*fb));
    if (!fb)
        return 0;
    fb->key = *key;
    fb->hash = hash;
    fb->last_use = ++fbs->clock;
    build(ctx, fb);
    fb->next = *bucket;
    *bucket = fb;
    fbs->count++;
    return fb->complete ? fb->name : 0;
}

GLuint gl_framebuffer_single(struct gl_context *ctx, struct resource *res, uint32_t format,
                             uint32_t level, int32_t layer)
{
    const struct gl_format *f = gl_resource(res)->format;
    struct gl_framebuffer_key key;

    memset(&key, 0, sizeof(key));
    uint32_t last = layer < 0 ? resource_level_layers(res, level) - 1 : (uint32_t)layer;
    struct gl_attachment a = {
        .res = res,
        .format = format,
        .level = level,
        .first_layer = layer < 0 ? 0 : (uint32_t)layer,
        .last_layer = last,
    };
    if (f->depth || f->stencil) {
        key.zsurf = a;
    } else {
        key.cbufs[0] = a;
        key.nr_cbufs = 1;
    }
    return gl_framebuffer_get(ctx, &key);
}

static void surface_attachment(struct gl_attachment *a, const struct front_surface *surface)
{
    if (!surface || !surface->res || !gl_resource(surface->res) ||
        gl_resource(surface->res)->is_buffer)
        return;
    a->res = surface->res;
    a->format = surface->desc.format;
    a->level = surface->desc.level;
    a->first_layer = surface->desc.first_layer;
    a->last_layer = surface->desc.last_layer;
    a->sample_count = surface->sample_count;
}

bool gl_framebuffer_bind_state(struct gl_context *ctx)
{
    const struct draw_state *state = ctx->base.state;
    struct gl_framebuffer_key key;
    bool srgb = false, empty;

    memset(&key, 0, sizeof(key));
    key.nr_cbufs = state->framebuffer.nr_cbufs;
    surface_attachment(&key.zsurf, state->framebuffer.zsurf);
    empty = !key.zsurf.res;
    for (unsigned i = 0; i < key.nr_cbufs; i++) {
        surface_attachment(&key.cbufs[i], state->framebuffer.cbufs[i]);
        if (key.cbufs[i].res) {
            srgb |= gl_format(ctx->dev, key.cbufs[i].format)->srgb;
            empty = false;
        }
    }
    if (empty) {
        key.nr_cbufs = 0;
        key.width_px = state->framebuffer.width_px;
        key.height_px = state->framebuffer.height_px;
        key.layers = state->framebuffer.layers;
        key.samples = state->framebuffer.samples;
    }
    GLuint name = gl_framebuffer_get(ctx, &key);
    if (!name)
        return false;
    gl_state_bind_framebuffer(&ctx->state, GL_FRAMEBUFFER, name);
    if (ctx->dev->feat.srgb_write_control)
        gl_state_set_cap(&ctx->state, GL_CAP_FRAMEBUFFER_SRGB, srgb);
    return true;
}
