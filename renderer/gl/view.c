/* SPDX-License-Identifier: MIT */
#include "resource.h"

#include <stdlib.h>
#include <string.h>

#include "core/debug.h"
#include "core/log.h"

/* Views that nobody holds are kept for the next request, but not more than these per resource. */
enum { MAX_IDLE_VIEWS = 8 };

static const uint8_t identity[4] = {VIRGL_SWIZZLE_X, VIRGL_SWIZZLE_Y, VIRGL_SWIZZLE_Z,
                                    VIRGL_SWIZZLE_W};

void gl_view_key_init(struct gl_view_key *key, const struct resource *res)
{
    memset(key, 0, sizeof(*key));
    key->format = res->desc.format;
    key->target = res->desc.target;
    key->last_level = res->desc.last_level;
    if (res->desc.target != VIRGL_TEXTURE_TARGET_3D && res->desc.array_size)
        key->last_layer = res->desc.array_size - 1;
    memcpy(key->swizzle, identity, 4);
}

bool gl_formats_view_compatible(const struct gl_format *a, const struct gl_format *b)
{
    if (a->internalformat == b->internalformat)
        return true;
    return a->internalformat && b->internalformat &&
           a->info->view_class != VIRGL_VIEW_CLASS_NONE &&
           a->info->view_class == b->info->view_class;
}

static GLenum gl_swizzle(uint8_t swizzle)
{
    static const GLenum names[] = {GL_RED, GL_GREEN, GL_BLUE, GL_ALPHA, GL_ZERO, GL_ONE};
    return swizzle < 6 ? names[swizzle] : GL_ZERO;
}

static void set_swizzle(GLenum target, const uint8_t swizzle[4])
{
    glTexParameteri(target, GL_TEXTURE_SWIZZLE_R, gl_swizzle(swizzle[0]));
    glTexParameteri(target, GL_TEXTURE_SWIZZLE_G, gl_swizzle(swizzle[1]));
    glTexParameteri(target, GL_TEXTURE_SWIZZLE_B, gl_swizzle(swizzle[2]));
    glTexParameteri(target, GL_TEXTURE_SWIZZLE_A, gl_swizzle(swizzle[3]));
}

static bool multisample_target(GLenum target)
{
    return target == GL_TEXTURE_2D_MULTISAMPLE || target == GL_TEXTURE_2D_MULTISAMPLE_ARRAY;
}

static void delete_view(struct gl_device *dev, struct back_resource *back, struct gl_view *view)
{
    for (struct gl_context *ctx = dev->contexts; ctx; ctx = ctx->next) {
        gl_framebuffers_forget(ctx, back);
        gl_state_forget_texture(&ctx->state, view->name);
    }
    glDeleteTextures(1, &view->name);
    free(view);
    back->view_count--;
}

void gl_resource_free_views(struct gl_device *dev, struct back_resource *back)
{
    while (back->views) {
        struct gl_view *view = back->views;
        back->views = view->next;
        delete_view(dev, back, view);
    }
}

/* Drops the view that was made first among those that nobody holds. */
static void drop_idle_view(struct gl_device *dev, struct back_resource *back)
{
    struct gl_view **oldest = NULL;
    uint32_t idle = 0;

    for (struct gl_view **p = &back->views; *p; p = &(*p)->next) {
        if ((*p)->refcount == 0) {
            oldest = p;
            idle++;
        }
    }
    if (idle <= MAX_IDLE_VIEWS)
        return;
    struct gl_view *view = *oldest;
    *oldest = view->next;
    delete_view(dev, back, view);
}

static bool create_buffer_view(struct gl_context *ctx, struct back_resource *back,
                               struct gl_view *view)
{
    const struct gl_features *feat = &ctx->dev->feat;
    GLenum internalformat = gl_format(ctx->dev, view->key.format)->internalformat;

    if (!feat->texture_buffer || !internalformat)
        return false;
    view->target = GL_TEXTURE_BUFFER;
    glGenTextures(1, &view->name);
    gl_state_bind_texture_scratch(&ctx->state, GL_TEXTURE_BUFFER, view->name);
    bool whole = view->key.first_element_bytes == 0 &&
                 view->key.size_bytes >= back->res->desc.width;
    if (whole || !feat->texture_buffer_range)
        glTexBuffer(GL_TEXTURE_BUFFER, internalformat, back->name);
    else
        glTexBufferRange(GL_TEXTURE_BUFFER, internalformat, back->name,
                         view->key.first_element_bytes, view->key.size_bytes);
    return true;
}

/* The GL target of a view. The resource's own may differ from what its description says. */
static GLenum view_target(const struct gl_device *dev, const struct back_resource *back,
                          const struct gl_view_key *key)
{
    if (key->target == back->res->desc.target)
        return back->target;
    return gl_texture_target(dev, key->target, back->res->desc.nr_samples);
}

static bool create_texture_view(struct gl_context *ctx, struct back_resource *back,
                                struct gl_view *view)
{
    struct gl_device *dev = ctx->dev;
    const struct gl_view_key *key = &view->key;
    const struct gl_format *f = gl_format(dev, key->format);

    if (!dev->feat.texture_view || !back->immutable || back->external ||
        (dev->base.debug & DEBUG_NO_TEXTURE_VIEW))
        return false;
    bool combined = back->format->depth || back->format->stencil;
    if (!combined && !gl_formats_view_compatible(back->format, f))
        return false;
    view->target = view_target(dev, back, key);
    glGenTextures(1, &view->name);
    GLenum internalformat = combined ? back->format->internalformat : f->internalformat;
    GLuint levels = key->last_level - key->first_level + 1;
    GLuint layers = key->last_layer - key->first_layer + 1;
    glTextureView(view->name, view->target, back->name, internalformat, key->first_level, levels,
                  key->first_layer, layers);
    gl_state_bind_texture_scratch(&ctx->state, view->target, view->name);
    if (memcmp(key->swizzle, identity, 4))
        set_swizzle(view->target, key->swizzle);
    if (key->stencil)
        glTexParameteri(view->target, GL_DEPTH_STENCIL_TEXTURE_MODE, GL_STENCIL_INDEX);
    if (!multisample_target(view->target)) {
        glTexParameteri(view->target, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
        glTexParameteri(view->target, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    }
    return true;
}

struct gl_view *gl_resource_view(struct gl_context *ctx, struct back_resource *back,
                                 const struct gl_view_key *key)
{
    for (struct gl_view *view = back->views; view; view = view->next) {
        if (!memcmp(&view->key, key, sizeof(*key)))
            return view;
    }
    drop_idle_view(ctx->dev, back);
    struct gl_view *view = calloc(1, sizeof(*view));
    if (!view)
        return NULL;
    view->key = *key;
    bool ok = back->is_buffer ? create_buffer_view(ctx, back, view)
                              : create_texture_view(ctx, back, view);
    if (!ok) {
        free(view);
        return NULL;
    }
    view->next = back->views;
    back->views = view;
    back->view_count++;
    return view;
}

/* Formats that put the same channels in another order share GL storage, which knows channels by
 * meaning and not by place: a view by the other format has to exchange them. */
static void reorder_channels(const struct gl_format *storage, const struct gl_format *view,
                             uint8_t order[4])
{
    const struct virgl_format_info *a = storage->info, *b = view->info;

    memcpy(order, identity, 4);
    if (a == b || storage->alpha_in_red || view->alpha_in_red ||
        a->layout != VIRGL_FORMAT_LAYOUT_PLAIN || b->layout != VIRGL_FORMAT_LAYOUT_PLAIN ||
        a->channel_count != 4 || b->channel_count != 4 || a->has_depth || a->has_stencil)
        return;
    for (unsigned i = 0; i < 4; i++) {
        if (a->channels[i].bits != b->channels[i].bits)
            return;
    }
    for (unsigned c = 0; c < 4; c++) {
        for (unsigned s = 0; s < 4; s++) {
            if (b->swizzle[c] < 4 && a->swizzle[s] == b->swizzle[c])
                order[c] = s;
        }
    }
}

/* view swizzle of format swizzle of storage order */
static void compose_swizzle(const struct front_sampler_view *view, const struct gl_format *storage,
                            const struct gl_format *format, bool buffer, uint8_t out[4])
{
    const uint8_t asked[4] = {view->desc.swizzle_r, view->desc.swizzle_g, view->desc.swizzle_b,
                              view->desc.swizzle_a};
    uint8_t order[4];

    if (buffer)
        memcpy(order, identity, 4);
    else
        reorder_channels(storage, format, order);
    for (unsigned i = 0; i < 4; i++) {
        uint8_t s = asked[i];
        if (s <= VIRGL_SWIZZLE_W)
            s = buffer ? format->info->swizzle[s] : format->swizzle[s];
        out[i] = s <= VIRGL_SWIZZLE_W ? order[s] : s;
    }
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void buffer_key(struct gl_view_key *key, const struct gl_device *dev,
                       const struct front_sampler_view *view, const struct gl_format *f)
{
    uint64_t texel = f->info->block_bytes ? f->info->block_bytes : 1;
    uint64_t bytes = view->res->desc.width;
    uint64_t first = view->desc.first_element * texel;
    uint64_t count = (uint64_t)view->desc.last_element - view->desc.first_element + 1;

    if (view->desc.last_element < view->desc.first_element || first >= bytes)
        first = count = 0;
    if (count > (uint64_t)dev->feat.max_texture_buffer_texels)
        count = dev->feat.max_texture_buffer_texels;
    uint64_t size = count * texel;
    key->first_element_bytes = (uint32_t)first;
    key->size_bytes = (uint32_t)(size < bytes - first ? size : bytes - first);
}

static void texture_key(struct gl_view_key *key, const struct gl_device *dev,
                        const struct front_sampler_view *view)
{
    const struct resource *res = view->res;
    struct gl_view_key whole;

    gl_view_key_init(&whole, res);
    if (view->desc.target != VIRGL_TEXTURE_TARGET_BUFFER)
        key->target = view->desc.target;
    /* Rectangles sample by other coordinates and have no relatives. */
    if (res->desc.target == VIRGL_TEXTURE_TARGET_RECT)
        key->target = res->desc.target;
    key->last_level = min_u32(view->desc.last_level, whole.last_level);
    key->first_level = min_u32(view->desc.first_level, key->last_level);
    key->last_layer = min_u32(view->desc.last_layer, whole.last_layer);
    key->first_layer = min_u32(view->desc.first_layer, key->last_layer);
    switch (key->target) {
    case VIRGL_TEXTURE_TARGET_1D:
    case VIRGL_TEXTURE_TARGET_2D:
    case VIRGL_TEXTURE_TARGET_RECT:
        key->last_layer = key->first_layer;
        break;
    case VIRGL_TEXTURE_TARGET_3D:
        key->first_layer = key->last_layer = 0;
        break;
    case VIRGL_TEXTURE_TARGET_CUBE:
        key->first_layer = min_u32(key->first_layer, whole.last_layer >= 5 ? whole.last_layer - 5
                                                                           : 0);
        key->last_layer = key->first_layer + 5;
        break;
    default:
        break;
    }
}

static bool same_as_resource(const struct gl_view_key *key, const struct back_resource *back,
                             const struct gl_device *dev, const struct gl_format *f)
{
    struct gl_view_key whole;

    gl_view_key_init(&whole, back->res);
    bool combined = back->format->depth || back->format->stencil;
    return (combined || f->internalformat == back->format->internalformat) && !key->stencil &&
           !memcmp(key->swizzle, identity, 4) && key->first_level == 0 &&
           key->last_level == whole.last_level && key->first_layer == whole.first_layer &&
           key->last_layer == whole.last_layer &&
           view_target(dev, back, key) == back->target;
}

static bool samples_stencil(const struct back_resource *back, const struct gl_format *f)
{
    return back->format->depth && back->format->stencil && f->stencil &&
           (!f->depth || f->stencil_plane || f->info->number == VIRGL_FORMAT_S8X24_UINT ||
            f->info->number == VIRGL_FORMAT_X32_S8X24_UINT);
}

static bool make_texture(struct gl_context *ctx, struct front_sampler_view *view,
                         struct gl_sampler_view *sv)
{
    struct gl_device *dev = ctx->dev;
    struct back_resource *back = gl_resource(view->res);
    const struct gl_format *f = gl_format(dev, view->desc.format);
    struct gl_view_key key;

    gl_view_key_init(&key, view->res);
    key.format = view->desc.format;
    texture_key(&key, dev, view);
    compose_swizzle(view, back->format, f, false, sv->swizzle);
    key.stencil = samples_stencil(back, f) && dev->feat.stencil_texturing;
    memcpy(key.swizzle, sv->swizzle, 4);
    sv->depth = f->depth && !key.stencil;
    /* A comparison gives the first component, whatever it is: the shader must swizzle then. */
    if (sv->depth && sv->swizzle[0] > VIRGL_SWIZZLE_W) {
        memcpy(key.swizzle, identity, 4);
        sv->shader_swizzle = true;
    }

    sv->name = back->name;
    sv->target = back->target;
    if (same_as_resource(&key, back, dev, f) && !view->res->back->external &&
        (dev->feat.texture_view && back->immutable))
        return true;
    sv->view = gl_resource_view(ctx, back, &key);
    if (sv->view) {
        sv->view->refcount++;
        sv->name = sv->view->name;
        sv->target = sv->view->target;
        return true;
    }
    /* The texture is shared with other views: its parameters are set at each use. */
    sv->needs_params = !multisample_target(back->target);
    sv->base_level = key.first_level;
    sv->max_level = key.last_level;
    if (dev->feat.stencil_texturing && back->format->depth && back->format->stencil)
        sv->depth_stencil_mode = key.stencil ? GL_STENCIL_INDEX : GL_DEPTH_COMPONENT;
    sv->srgb_decode_off = dev->feat.srgb_decode && back->format->srgb && !f->srgb;
    sv->shader_swizzle = sv->shader_swizzle ||
                         (!dev->feat.texture_swizzle && memcmp(sv->swizzle, identity, 4));
    return true;
}

static bool make_buffer_texture(struct gl_context *ctx, struct front_sampler_view *view,
                                struct gl_sampler_view *sv)
{
    struct back_resource *back = gl_resource(view->res);
    const struct gl_format *f = gl_format(ctx->dev, view->desc.format);
    struct gl_view_key key;

    memset(&key, 0, sizeof(key));
    key.format = view->desc.format;
    buffer_key(&key, ctx->dev, view, f);
    compose_swizzle(view, f, f, true, sv->swizzle);
    sv->view = gl_resource_view(ctx, back, &key);
    if (!sv->view)
        return false;
    sv->view->refcount++;
    sv->name = sv->view->name;
    sv->target = GL_TEXTURE_BUFFER;
    sv->shader_swizzle = memcmp(sv->swizzle, identity, 4) != 0;
    return true;
}

struct gl_sampler_view *gl_sampler_view_get(struct gl_context *ctx,
                                            struct front_sampler_view *view)
{
    struct back_resource *back = view->res ? gl_resource(view->res) : NULL;

    if (view->base.back)
        return view->base.back;
    if (!back || !gl_format(ctx->dev, view->desc.format)->info)
        return NULL;
    struct gl_sampler_view *sv = calloc(1, sizeof(*sv));
    if (!sv)
        return NULL;
    bool ok = back->is_buffer ? make_buffer_texture(ctx, view, sv) : make_texture(ctx, view, sv);
    if (!ok) {
        free(sv);
        return NULL;
    }
    view->base.back = sv;
    return sv;
}

void gl_sampler_view_destroy(struct gl_context *ctx, struct front_sampler_view *view)
{
    struct gl_sampler_view *sv = view->base.back;

    if (!sv)
        return;
    if (ctx->draw)
        gl_draw_forget_view(ctx, &view->base);
    if (sv->view) {
        sv->view->refcount--;
        drop_idle_view(ctx->dev, gl_resource(view->res));
    }
    free(sv);
    view->base.back = NULL;
}

void gl_sampler_view_apply(struct gl_context *ctx, struct front_sampler_view *view, unsigned unit)
{
    const struct gl_sampler_view *sv = view->base.back;

    gl_state_bind_texture_scratch(&ctx->state, sv->target, sv->name);
    if (sv->target != GL_TEXTURE_RECTANGLE) {
        glTexParameteri(sv->target, GL_TEXTURE_BASE_LEVEL, sv->base_level);
        glTexParameteri(sv->target, GL_TEXTURE_MAX_LEVEL, sv->max_level);
    }
    if (ctx->dev->feat.texture_swizzle)
        set_swizzle(sv->target, sv->swizzle);
    if (sv->depth_stencil_mode)
        glTexParameteri(sv->target, GL_DEPTH_STENCIL_TEXTURE_MODE, sv->depth_stencil_mode);
    if (ctx->dev->feat.srgb_decode && gl_resource(view->res)->format->srgb)
        glTexParameteri(sv->target, GL_TEXTURE_SRGB_DECODE_EXT,
                        sv->srgb_decode_off ? GL_SKIP_DECODE_EXT : GL_DECODE_EXT);
}
