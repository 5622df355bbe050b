/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include <math.h>
#include <string.h>

#include "virgl_formats.h"

static float float_of(uint32_t bits)
{
    float number;

    memcpy(&number, &bits, sizeof(number));
    return number;
}

static bool matches(const struct script *script, struct value want, uint32_t got)
{
    if (want.kind == VALUE_ANY || want.bits == got)
        return true;
    if (want.kind == VALUE_BITS)
        return false;
    float a = float_of(want.bits), b = float_of(got);

    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b);
    if (isinf(a) || isinf(b))
        return a == b;
    return fabsf(a - b) <= script->tolerance * fmaxf(1.0f, fabsf(a));
}

/* A texel as four dwords: the bits of 32-bit channels, floats for normalised ones. */
static bool unpack(struct script *script, const struct vgpu_resource *texture, const void *texel,
                   uint32_t out[4])
{
    const struct virgl_format_info *format = virgl_format_info(texture->desc.format);
    const uint8_t *bytes = texel;

    memset(out, 0, 4 * sizeof(*out));
    if (format->channels[0].bits == 32 && format->block_bytes <= 16) {
        memcpy(out, texel, format->block_bytes);
        return true;
    }
    if (format->channels[0].bits != 8 || format->block_bytes > 4)
        return script_fail(script, "probes of %s are not possible", format->name);
    for (unsigned i = 0; i < format->channel_count; i++)
        out[i] = format->pure_integer ? bytes[i] : virgl_dword_of_float((float)bytes[i] / 255.0f);
    return true;
}

static bool compare(struct script *script, const char *where, const struct value *want,
                    const uint32_t *got, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (!matches(script, want[i], got[i]))
            return script_fail(script, "%s: component %u is %g (0x%08x), expected %g (0x%08x)",
                               where, i, (double)float_of(got[i]), got[i],
                               (double)float_of(want[i].bits), want[i].bits);
    }
    script->checks++;
    return true;
}

static bool probe_box(struct script *script, struct vgpu_resource *texture, uint32_t layer,
                      const uint32_t box[4], const struct value *want, unsigned count)
{
    const struct vgpu_box whole = {0, 0, layer, texture->desc.width, texture->desc.height, 1};

    vgpu_read(&script->context, texture, 0, &whole);
    if (script->context.error)
        return script_fail(script, "the renderer refuses the stream");
    for (uint32_t y = box[1]; y < box[1] + box[3]; y++) {
        for (uint32_t x = box[0]; x < box[0] + box[2]; x++) {
            const void *texel = vgpu_texel(texture, 0, x, y, layer);
            char where[64];
            uint32_t got[4];

            g_snprintf(where, sizeof(where), "texel %u %u of layer %u", x, y, layer);
            if (!texel)
                return script_fail(script, "%s does not exist", where);
            if (!unpack(script, texture, texel, got) ||
                !compare(script, where, want, got, count))
                return false;
        }
    }
    return true;
}

static bool probe_of(struct script *script, struct vgpu_resource *texture, char *const *words,
                     uint32_t layer)
{
    g_autofree struct value *want = g_new(struct value, SHADER_TEST_MAX_VALUES);
    bool all = strcmp(words[0], "all") == 0;
    uint32_t box[4] = {0, 0, texture->desc.width, texture->desc.height};

    if (!all && (!words[1] || !script_number(script, words[0], texture->desc.width, &box[0]) ||
                 !script_number(script, words[1], texture->desc.height, &box[1])))
        return script_fail(script, "probe needs a place");
    if (!all)
        box[2] = box[3] = 1;
    int count = script_values(script, words, all ? 1 : 2, want);

    if (count < 1 || count > 4)
        return script_fail(script, "probes compare one to four components");
    return probe_box(script, texture, layer, box, want, (unsigned)count);
}

/* probe all|X Y VALUES */
static bool probe(struct script *script, char *const *words)
{
    return script->target_count > 0 ? probe_of(script, script->targets[0], words + 1, 0)
                                    : script_fail(script, "there is no target");
}

/* probe_target N LAYER all|X Y VALUES */
static bool probe_target(struct script *script, char *const *words)
{
    uint32_t target, layer;

    return script_number(script, words[1], script->target_count, &target) &&
        script_number(script, words[2], 64, &layer) &&
        probe_of(script, script->targets[target], words + 3, layer);
}

/* probe_image SLOT all|X Y VALUES */
static bool probe_image(struct script *script, char *const *words)
{
    uint32_t slot;

    if (!script_number(script, words[1], SCRIPT_MAX_SLOTS, &slot))
        return false;
    return script->images[slot] ? probe_of(script, script->images[slot], words + 2, 0)
                                : script_fail(script, "there is no image");
}

/* probe_buffer SLOT DWORD VALUES */
static bool probe_buffer(struct script *script, char *const *words)
{
    g_autofree struct value *want = g_new(struct value, SHADER_TEST_MAX_VALUES);
    int count = script_values(script, words, 3, want);
    uint32_t slot, first;

    if (count < 1 || !script_number(script, words[1], SCRIPT_MAX_SLOTS, &slot) ||
        !script_number(script, words[2], 1 << 20, &first))
        return script_fail(script, "nothing to compare");
    struct vgpu_resource *buffer = script->buffers[slot];

    if (!buffer || (first + (uint32_t)count) * 4 > buffer->desc.width)
        return script_fail(script, "outside of the buffer");
    vgpu_read(&script->context, buffer, 0, NULL);
    return compare(script, "buffer", want, (const uint32_t *)buffer->memory + first,
                   (unsigned)count);
}

/* tolerance NUMBER */
static bool set_tolerance(struct script *script, char *const *words)
{
    script->tolerance = (float)g_ascii_strtod(words[1], NULL);
    return true;
}

/* refused: something before it was an error, which is what the test wants. Must be last. */
static bool refused(struct script *script, char *const *words)
{
    vgpu_context_finish(&script->context);
    if (!script->context.error)
        return script_fail(script, "%s: the renderer accepts it", words[0]);
    script->context.error = 0;
    script->checks++;
    return true;
}

const struct script_command script_check_commands[] = {
    {"probe", 3, probe},
    {"probe_target", 5, probe_target},
    {"probe_image", 4, probe_image},
    {"probe_buffer", 4, probe_buffer},
    {"tolerance", 2, set_tolerance},
    {"refused", 1, refused},
    {NULL, 0, NULL},
};
