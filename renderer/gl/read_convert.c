/* SPDX-License-Identifier: MIT */
/* GLES reads framebuffers as RGBA in one of four types, whatever their format is; from there the
 * format's own texels are made again. */
#include "transfer.h"

#include <math.h>
#include <string.h>

static unsigned component_count(GLenum format)
{
    switch (format) {
    case GL_RED:
    case GL_RED_INTEGER:
        return 1;
    case GL_RG:
    case GL_RG_INTEGER:
        return 2;
    case GL_RGB:
    case GL_RGB_INTEGER:
        return 3;
    default:
        return 4;
    }
}

bool gl_rgba_read_form(const struct gl_format *f, struct rgba_read *form)
{
    if (f->compressed || f->depth || f->stencil)
        return false;
    form->texel_bytes = 16;
    if (f->integer) {
        form->format = GL_RGBA_INTEGER;
        form->type = f->info->channels[0].type == VIRGL_CHANNEL_TYPE_UINT ? GL_UNSIGNED_INT
                                                                          : GL_INT;
        return true;
    }
    form->format = GL_RGBA;
    switch (f->type) {
    case GL_UNSIGNED_BYTE:
    case GL_UNSIGNED_SHORT_5_6_5:
    case GL_UNSIGNED_SHORT_4_4_4_4:
    case GL_UNSIGNED_SHORT_5_5_5_1:
        form->type = GL_UNSIGNED_BYTE;
        form->texel_bytes = 4;
        return true;
    case GL_UNSIGNED_INT_2_10_10_10_REV:
        form->type = GL_UNSIGNED_INT_2_10_10_10_REV;
        form->texel_bytes = 4;
        return true;
    case GL_FLOAT:
    case GL_HALF_FLOAT:
    case GL_UNSIGNED_INT_10F_11F_11F_REV:
        form->type = GL_FLOAT;
        return true;
    default:
        return false;
    }
}

/* Expansion to eight bits repeats the leading bits, so dropping the others undoes it. */
static void from_bytes(const struct gl_format *f, uint8_t *out, const uint8_t *in, size_t count)
{
    unsigned components = component_count(f->format);

    for (size_t i = 0; i < count; i++, in += 4) {
        uint16_t v = 0;
        switch (f->type) {
        case GL_UNSIGNED_SHORT_5_6_5:
            v = (uint16_t)(in[0] >> 3 << 11 | in[1] >> 2 << 5 | in[2] >> 3);
            break;
        case GL_UNSIGNED_SHORT_4_4_4_4:
            v = (uint16_t)(in[0] >> 4 << 12 | in[1] >> 4 << 8 | in[2] >> 4 << 4 | in[3] >> 4);
            break;
        case GL_UNSIGNED_SHORT_5_5_5_1:
            v = (uint16_t)(in[0] >> 3 << 11 | in[1] >> 3 << 6 | in[2] >> 3 << 1 | in[3] >> 7);
            break;
        default:
            memcpy(out, in, components);
            out += components;
            continue;
        }
        memcpy(out, &v, 2);
        out += 2;
    }
}

static void from_integers(const struct gl_format *f, uint8_t *out, const uint32_t *in, size_t count)
{
    unsigned components = component_count(f->format);

    if (f->type == GL_UNSIGNED_INT_2_10_10_10_REV) {
        for (size_t i = 0; i < count; i++, in += 4, out += 4) {
            uint32_t v = (in[0] & 0x3ff) | (in[1] & 0x3ff) << 10 | (in[2] & 0x3ff) << 20 |
                         (in[3] & 3) << 30;
            memcpy(out, &v, 4);
        }
        return;
    }
    unsigned bytes = f->gl_texel_bytes / components;
    for (size_t i = 0; i < count; i++, in += 4) {
        for (unsigned c = 0; c < components; c++, out += bytes)
            memcpy(out, &in[c], bytes);
    }
}

/* The value with a 5-bit exponent and mantissa_bits; it comes from such a number, so nothing is
 * rounded. Signed only when sign is set. */
static uint32_t small_float(float value, unsigned mantissa_bits, bool sign)
{
    uint32_t bits;
    memcpy(&bits, &value, 4);
    uint32_t sign_bit = sign ? (bits >> 31) << (5 + mantissa_bits) : 0;
    int exponent = (int)(bits >> 23 & 0xff) - 127 + 15;
    uint32_t mantissa = bits & 0x7fffff;

    if ((bits >> 23 & 0xff) == 0xff)
        return sign_bit | 31u << mantissa_bits | (mantissa ? 1u : 0);
    if (exponent >= 31)
        return sign_bit | 31u << mantissa_bits;
    if (exponent > 0)
        return sign_bit | (uint32_t)exponent << mantissa_bits | mantissa >> (23 - mantissa_bits);
    /* denormal: steps of 2^(-14 - mantissa_bits) */
    float steps = ldexpf(fabsf(value), 14 + (int)mantissa_bits);
    return sign_bit | (uint32_t)steps;
}

static void from_floats(const struct gl_format *f, uint8_t *out, const float *in, size_t count)
{
    unsigned components = component_count(f->format);

    for (size_t i = 0; i < count; i++, in += 4) {
        if (f->type == GL_UNSIGNED_INT_10F_11F_11F_REV) {
            uint32_t v = small_float(in[0], 6, false) | small_float(in[1], 6, false) << 11 |
                         small_float(in[2], 5, false) << 22;
            memcpy(out, &v, 4);
            out += 4;
        } else if (f->type == GL_HALF_FLOAT) {
            for (unsigned c = 0; c < components; c++, out += 2) {
                uint16_t v = (uint16_t)small_float(in[c], 10, true);
                memcpy(out, &v, 2);
            }
        } else {
            memcpy(out, in, 4 * components);
            out += 4 * components;
        }
    }
}

void gl_rgba_convert(const struct gl_format *f, const struct rgba_read *form, void *dst,
                     const void *src, size_t count)
{
    if (f->integer)
        from_integers(f, dst, src, count);
    else if (form->type == GL_FLOAT)
        from_floats(f, dst, src, count);
    else if (form->type == GL_UNSIGNED_BYTE)
        from_bytes(f, dst, src, count);
    else
        memcpy(dst, src, count * 4);
}
