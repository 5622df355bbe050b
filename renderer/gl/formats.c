/* SPDX-License-Identifier: MIT */
#include "transfer.h"

#include <string.h>

#include "core/log.h"

enum { PROBE_SIZE_PX = 32 };

/* Bit offsets of red, green, blue, alpha in a texel of this GL type; false when the type does not
 * put several channels into one word of at most 32 bits. */
static bool gl_type_layout(GLenum format, GLenum type, uint8_t shift[4], uint8_t *bytes,
                           uint8_t *alpha_bits)
{
    static const struct {
        GLenum type;
        uint8_t bytes, alpha_bits, shift[4];
    } packed[] = {
        {GL_UNSIGNED_SHORT_5_5_5_1, 2, 1, {11, 6, 1, 0}},
        {GL_UNSIGNED_SHORT_4_4_4_4, 2, 4, {12, 8, 4, 0}},
        {GL_UNSIGNED_SHORT_5_6_5, 2, 0, {11, 5, 0, 0}},
        {GL_UNSIGNED_INT_2_10_10_10_REV, 4, 2, {0, 10, 20, 30}},
    };
    for (size_t i = 0; i < sizeof(packed) / sizeof(packed[0]); i++) {
        if (packed[i].type == type) {
            memcpy(shift, packed[i].shift, 4);
            *bytes = packed[i].bytes;
            *alpha_bits = packed[i].alpha_bits;
            return true;
        }
    }
    if (type != GL_UNSIGNED_BYTE && type != GL_BYTE)
        return false;
    for (unsigned c = 0; c < 4; c++)
        shift[c] = 8 * c;
    switch (format) {
    case GL_RGBA:
    case GL_RGBA_INTEGER:
        *bytes = 4;
        *alpha_bits = 8;
        return true;
    case GL_RGB:
    case GL_RGB_INTEGER:
        *bytes = 3;
        *alpha_bits = 0;
        return true;
    default:
        return false;
    }
}

/* GLES has few transfer types, so formats that desktop GL takes as they are need their fields
 * moved. Sets up the moves; nothing when the layouts agree. */
static void init_component_repack(struct gl_format *f)
{
    const struct virgl_format_info *info = f->info;
    uint8_t shift[4], bytes, alpha_bits;

    if (f->compressed || info->layout != VIRGL_FORMAT_LAYOUT_PLAIN || info->block_bytes > 4 ||
        !gl_type_layout(f->format, f->type, shift, &bytes, &alpha_bits))
        return;

    uint8_t start[4], start_bits = 0;
    for (unsigned i = 0; i < info->channel_count; i++) {
        start[i] = start_bits;
        start_bits += info->channels[i].bits;
    }
    bool same = bytes == info->block_bytes;
    f->repack_fields = 0;
    f->repack_ones = 0;
    for (unsigned c = 0; c < 4; c++) {
        unsigned channel = info->swizzle[c];
        if (channel >= info->channel_count) {
            /* The storage's alpha that the format does not have reads as one everywhere. */
            if (c == 3)
                f->repack_ones = ((1u << alpha_bits) - 1) << shift[3];
            continue;
        }
        struct gl_repack_field *field = &f->field[f->repack_fields++];
        field->memory_shift = start[channel];
        field->gl_shift = shift[c];
        field->bits = info->channels[channel].bits;
        same &= field->memory_shift == field->gl_shift;
    }
    f->gl_texel_bytes = bytes;
    if (!same)
        f->repack = GL_REPACK_BITS;
    else
        f->repack_ones = 0;
}

static void set_field(struct gl_format *f, unsigned memory_shift, unsigned gl_shift, unsigned bits)
{
    f->repack = GL_REPACK_BITS;
    f->field[f->repack_fields++] = (struct gl_repack_field){memory_shift, gl_shift, bits};
}

static void init_depth_stencil_repack(struct gl_format *f)
{
    switch (f->info->number) {
    case VIRGL_FORMAT_Z24_UNORM_S8_UINT:
        f->type = GL_UNSIGNED_INT_24_8;
        set_field(f, 0, 8, 24);
        set_field(f, 24, 0, 8);
        break;
    case VIRGL_FORMAT_Z24X8_UNORM:
        f->repack = GL_REPACK_DEPTH24_LOW;
        break;
    case VIRGL_FORMAT_X8Z24_UNORM:
        f->repack = GL_REPACK_DEPTH24_HIGH;
        break;
    case VIRGL_FORMAT_X24S8_UINT:
        f->gl_texel_bytes = 1;
        set_field(f, 24, 0, 8);
        break;
    default:
        break;
    }
}

static bool requirement_met(const struct gl_features *feat, const struct virgl_format_gl *m)
{
    if (!m->min_version && !m->extension)
        return true;
    if (m->min_version && feat->version >= m->min_version)
        return true;
    return m->extension && epoxy_has_gl_extension(m->extension) &&
           (!m->extension2 || epoxy_has_gl_extension(m->extension2));
}

/* What the table says about the format on this kind of host; internalformat 0 when nothing. */
static void init_mapping(const struct gl_features *feat, struct gl_format *f,
                         const struct virgl_format_info *info)
{
    /* The compatibility profile's own alpha and luminance formats are not used: red with a swizzle
     * behaves the same in every profile. */
    const struct virgl_format_gl *m = feat->gles ? &info->gles : &info->gl;

    f->info = info;
    if (!m->internalformat || !requirement_met(feat, m))
        return;
    /* Subsampled texels are no texels of a plain GL format. */
    if (!info->is_compressed && (info->block_w_px > 1 || info->block_h_px > 1))
        return;
    f->internalformat = m->internalformat;
    f->format = m->format;
    f->type = m->type;
    /* Drivers convert BGRA bytes to their RGBA storage far more slowly than we exchange two bytes
     * (llvmpipe: 2.2 against 0.3 ns per texel), so storage order is what transfers ask for. */
    if (f->format == GL_BGRA && f->type == GL_UNSIGNED_BYTE)
        f->format = GL_RGBA;
    f->has_swizzle = m->has_swizzle;
    for (unsigned c = 0; c < 4; c++)
        f->swizzle[c] = m->has_swizzle ? m->swizzle[c] : VIRGL_SWIZZLE_X + c;
    f->stencil_plane = m->stencil_plane;
    f->compressed = info->is_compressed;
    f->depth = info->has_depth || m->format == GL_DEPTH_STENCIL;
    f->stencil = info->has_stencil;
    f->integer = info->pure_integer && !info->has_depth && !info->has_stencil;
    f->srgb = info->is_srgb;
    f->gl_texel_bytes = info->block_bytes;
    f->alpha_in_red = m->has_swizzle && m->swizzle[0] == VIRGL_SWIZZLE_0 &&
                      m->swizzle[3] == VIRGL_SWIZZLE_X;
    f->no_alpha = m->has_swizzle && m->swizzle[0] == VIRGL_SWIZZLE_X &&
                  m->swizzle[1] == VIRGL_SWIZZLE_Y && m->swizzle[3] == VIRGL_SWIZZLE_1;
    if (f->depth || f->stencil)
        init_depth_stencil_repack(f);
    else if (feat->gles || (m->format == GL_BGRA && f->format == GL_RGBA))
        init_component_repack(f);
    f->swap_rb = f->repack == GL_REPACK_BITS && !f->depth && !f->stencil;
}

static void drain_errors(void)
{
    for (unsigned i = 0; i < 64 && glGetError() != GL_NO_ERROR; i++)
        ;
}

static GLenum attachment_point(const struct gl_format *f)
{
    if (f->depth)
        return f->stencil ? GL_DEPTH_STENCIL_ATTACHMENT : GL_DEPTH_ATTACHMENT;
    return f->stencil ? GL_STENCIL_ATTACHMENT : GL_COLOR_ATTACHMENT0;
}

static bool probe_attachment(const struct gl_format *f, GLenum target, GLuint texture)
{
    GLenum point = attachment_point(f);
    glFramebufferTexture2D(GL_FRAMEBUFFER, point, target, texture, 0);
    bool complete = glCheckFramebufferStatus(GL_FRAMEBUFFER) == GL_FRAMEBUFFER_COMPLETE;
    glFramebufferTexture2D(GL_FRAMEBUFFER, point, target, 0, 0);
    return complete && glGetError() == GL_NO_ERROR;
}

/* Creates a small texture the way resources are created, and tries one upload. */
static bool probe_texture(const struct gl_features *feat, struct gl_format *f)
{
    static const uint8_t zeros[64];
    bool ok;

    if (f->compressed) {
        if (!feat->texture_storage)
            return false;
        glTexStorage2D(GL_TEXTURE_2D, 1, f->internalformat, PROBE_SIZE_PX, PROBE_SIZE_PX);
        return glGetError() == GL_NO_ERROR;
    }
    if (feat->texture_storage)
        glTexStorage2D(GL_TEXTURE_2D, 1, f->internalformat, PROBE_SIZE_PX, PROBE_SIZE_PX);
    else
        glTexImage2D(GL_TEXTURE_2D, 0, f->internalformat, PROBE_SIZE_PX, PROBE_SIZE_PX, 0,
                     f->format, f->type, NULL);
    ok = glGetError() == GL_NO_ERROR;
    if (ok) {
        glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, 1, 1, f->format, f->type, zeros);
        ok = glGetError() == GL_NO_ERROR;
    }
    return ok;
}

static bool probe_multisample(const struct gl_features *feat, const struct gl_format *f)
{
    if (!feat->texture_multisample || f->compressed || feat->max_samples < 2)
        return false;
    GLuint texture;
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D_MULTISAMPLE, texture);
    if (feat->texture_storage_multisample)
        glTexStorage2DMultisample(GL_TEXTURE_2D_MULTISAMPLE, 2, f->internalformat, PROBE_SIZE_PX,
                                  PROBE_SIZE_PX, GL_TRUE);
    else
        glTexImage2DMultisample(GL_TEXTURE_2D_MULTISAMPLE, 2, f->internalformat, PROBE_SIZE_PX,
                                PROBE_SIZE_PX, GL_TRUE);
    bool ok = glGetError() == GL_NO_ERROR;
    if (f->renderable)
        ok = ok && probe_attachment(f, GL_TEXTURE_2D_MULTISAMPLE, texture);
    drain_errors();
    glBindTexture(GL_TEXTURE_2D_MULTISAMPLE, 0);
    glDeleteTextures(1, &texture);
    return ok;
}

/* Several formats share one GL storage and upload form: the second asks nothing. */
static const struct gl_format *find_probed(const struct gl_device *dev, uint32_t number)
{
    const struct gl_format *f = &dev->formats[number];
    for (uint32_t i = 1; i < number; i++) {
        const struct gl_format *other = &dev->formats[i];
        if (other->internalformat == f->internalformat && other->format == f->format &&
            other->type == f->type)
            return other;
    }
    return NULL;
}

static bool image_format(const struct gl_features *feat, GLenum internalformat)
{
    if (!feat->images)
        return false;
    switch (internalformat) {
    case GL_RGBA32F:
    case GL_RGBA16F:
    case GL_R32F:
    case GL_RGBA32UI:
    case GL_RGBA16UI:
    case GL_RGBA8UI:
    case GL_R32UI:
    case GL_RGBA32I:
    case GL_RGBA16I:
    case GL_RGBA8I:
    case GL_R32I:
    case GL_RGBA8:
    case GL_RGBA8_SNORM:
        return true;
    case GL_RG32F:
    case GL_RG16F:
    case GL_R11F_G11F_B10F:
    case GL_R16F:
    case GL_RGB10_A2UI:
    case GL_RG32UI:
    case GL_RG16UI:
    case GL_RG8UI:
    case GL_R16UI:
    case GL_R8UI:
    case GL_RG32I:
    case GL_RG16I:
    case GL_RG8I:
    case GL_R16I:
    case GL_R8I:
    case GL_RGBA16:
    case GL_RGB10_A2:
    case GL_RG16:
    case GL_RG8:
    case GL_R16:
    case GL_R8:
    case GL_RGBA16_SNORM:
    case GL_RG16_SNORM:
    case GL_RG8_SNORM:
    case GL_R16_SNORM:
    case GL_R8_SNORM:
        return !feat->gles || epoxy_has_gl_extension("GL_NV_image_formats");
    default:
        return false;
    }
}

static void probe(struct gl_device *dev, uint32_t number)
{
    const struct gl_features *feat = &dev->feat;
    struct gl_format *f = &dev->formats[number];
    const struct gl_format *known = find_probed(dev, number);

    if (known) {
        f->renderable = known->renderable;
        f->multisample = known->multisample;
    } else {
        GLuint texture;
        glGenTextures(1, &texture);
        glBindTexture(GL_TEXTURE_2D, texture);
        if (!probe_texture(feat, f)) {
            f->internalformat = 0;
        } else if (!f->compressed) {
            f->renderable = probe_attachment(f, GL_TEXTURE_2D, texture);
            f->multisample = probe_multisample(feat, f);
        }
        drain_errors();
        glBindTexture(GL_TEXTURE_2D, 0);
        glDeleteTextures(1, &texture);
    }
    if (!f->internalformat)
        return;
    bool float32 = f->type == GL_FLOAT && !f->depth;
    f->filterable = !f->integer && !(f->stencil && !f->depth) &&
                    (!float32 || feat->texture_float_linear);
    f->image = image_format(feat, f->internalformat);
    f->scanout = f->renderable && !f->depth && !f->stencil;
}

void gl_formats_init(struct gl_device *dev)
{
    GLuint fbo;

    drain_errors();
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glGenFramebuffers(1, &fbo);
    glBindFramebuffer(GL_FRAMEBUFFER, fbo);
    for (uint32_t i = 1; i < VIRGL_FORMAT_COUNT; i++) {
        const struct virgl_format_info *info = virgl_format_info(i);
        if (!info)
            continue;
        init_mapping(&dev->feat, &dev->formats[i], info);
        if (dev->formats[i].internalformat)
            probe(dev, i);
    }
    glBindFramebuffer(GL_FRAMEBUFFER, 0);
    glDeleteFramebuffers(1, &fbo);
}

static uint32_t load_texel(const uint8_t *p, unsigned bytes)
{
    uint32_t value = 0;
    memcpy(&value, p, bytes);
    return value;
}

static uint32_t field_mask(unsigned bits)
{
    return bits >= 32 ? ~0u : (1u << bits) - 1;
}

/* The case that matters for speed: red and blue of 32-bit texels change places. */
bool gl_format_swaps_red_blue(const struct gl_format *f)
{
    if (f->gl_texel_bytes != 4 || f->info->block_bytes != 4 || f->repack_fields < 3)
        return false;
    for (unsigned i = 0; i < f->repack_fields; i++) {
        unsigned expected = i == 0 ? 16 : i == 1 ? 8 : i == 2 ? 0 : 24;
        if (f->field[i].bits != 8 || f->field[i].memory_shift != expected ||
            f->field[i].gl_shift != 8 * i)
            return false;
    }
    return true;
}

static void swap_red_blue(uint8_t *dst, const uint8_t *src, size_t count, uint32_t ones)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t v = load_texel(src + 4 * i, 4);
        v = (v & 0xff00ff00u) | (v >> 16 & 0xff) | (v & 0xff) << 16 | ones;
        memcpy(dst + 4 * i, &v, 4);
    }
}

void gl_swap_red_blue(void *dst, const void *src, size_t texels)
{
    swap_red_blue(dst, src, texels, 0);
}

/* Drivers scale between 24 and 32 bits by shifts or in floating point; the middle of the range that
 * means a 24-bit value survives both. */
static uint32_t depth24_to_gl(uint32_t depth)
{
    return depth << 8 | 0x80;
}

static uint32_t depth24_from_gl(uint32_t v)
{
    return (v - (v >> 24) + 0x80) >> 8;
}

void gl_repack_to_gl(const struct gl_format *f, void *dst, const void *src, size_t count)
{
    uint8_t *out = dst;
    const uint8_t *in = src;
    unsigned memory_bytes = f->info->block_bytes, gl_bytes = f->gl_texel_bytes;

    if (f->repack == GL_REPACK_NONE) {
        memcpy(dst, src, count * memory_bytes);
        return;
    }
    if (f->repack == GL_REPACK_BITS && gl_format_swaps_red_blue(f)) {
        swap_red_blue(out, in, count, f->repack_ones);
        return;
    }
    for (size_t i = 0; i < count; i++, in += memory_bytes, out += gl_bytes) {
        uint32_t v = load_texel(in, memory_bytes), result = f->repack_ones;
        if (f->repack == GL_REPACK_DEPTH24_LOW) {
            result = depth24_to_gl(v);
        } else if (f->repack == GL_REPACK_DEPTH24_HIGH) {
            result = depth24_to_gl(v >> 8);
        } else {
            for (unsigned k = 0; k < f->repack_fields; k++)
                result |= (v >> f->field[k].memory_shift & field_mask(f->field[k].bits))
                          << f->field[k].gl_shift;
        }
        memcpy(out, &result, gl_bytes);
    }
}

void gl_repack_to_memory(const struct gl_format *f, void *dst, const void *src, size_t count)
{
    uint8_t *out = dst;
    const uint8_t *in = src;
    unsigned memory_bytes = f->info->block_bytes, gl_bytes = f->gl_texel_bytes;

    if (f->repack == GL_REPACK_NONE) {
        memcpy(dst, src, count * memory_bytes);
        return;
    }
    if (f->repack == GL_REPACK_BITS && gl_format_swaps_red_blue(f)) {
        swap_red_blue(out, in, count, 0);
        return;
    }
    for (size_t i = 0; i < count; i++, in += gl_bytes, out += memory_bytes) {
        uint32_t v = load_texel(in, gl_bytes), result = 0;
        if (f->repack == GL_REPACK_DEPTH24_LOW) {
            result = depth24_from_gl(v);
        } else if (f->repack == GL_REPACK_DEPTH24_HIGH) {
            result = depth24_from_gl(v) << 8;
        } else {
            for (unsigned k = 0; k < f->repack_fields; k++)
                result |= (v >> f->field[k].gl_shift & field_mask(f->field[k].bits))
                          << f->field[k].memory_shift;
        }
        memcpy(out, &result, memory_bytes);
    }
}
