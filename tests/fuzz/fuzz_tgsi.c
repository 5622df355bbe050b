/* SPDX-License-Identifier: MIT */
/*
 * TGSI text through the parser, and what it accepts through the emitter for several hosts and
 * keys. The stage follows the header word; the key is made of the text's bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "shader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool some_extensions(void *opaque, const char *name)
{
    const uint32_t *seed = opaque;
    uint32_t h = *seed;

    for (; *name; name++)
        h = (h ^ (uint8_t)*name) * 16777619u;
    return h & 0x100;
}

static bool all_extensions(void *opaque, const char *name)
{
    return true;
}

static unsigned stage_of(const uint8_t *data, size_t size, uint32_t seed)
{
    static const char *const headers[] = {"VERT", "FRAG", "GEOM", "TESS_CTRL", "TESS_EVAL",
                                          "COMP"};

    for (unsigned i = 0; i < SHADER_STAGES; i++) {
        size_t n = strlen(headers[i]);

        if (size >= n && !memcmp(data, headers[i], n))
            return i;
    }
    return seed % SHADER_STAGES;
}

static void scramble_key(struct shader_key *key, uint32_t seed)
{
    key->flatshade = seed & 1;
    key->two_sided = seed >> 1 & 1;
    key->poly_stipple = seed >> 2 & 1;
    key->alpha_func = seed >> 3 & 7;
    key->ucp_enable = (uint8_t)(seed >> 6);
    key->sprite_coord_enable = seed * 2654435761u;
    key->missing.bits[0] = (uint64_t)seed * 0x9e3779b97f4a7c15ull;
    key->num_cbufs = seed >> 8 & 7;
    key->dual_source = seed >> 11 & 1;
    key->separable = seed >> 12 & 1;
    key->point_size = seed >> 13 & 1;
    key->prev_num_clip = seed >> 14 & 7;
    key->attribute_int = seed * 3;
    key->attribute_uint = seed * 5;
    key->attribute_bgra = seed * 7;
    key->logic_op = seed >> 5 & 15;
    key->swizzled_samplers = seed * 11;
    key->clamped_samplers[0] = key->clamped_samplers[1] = seed * 13;
    for (unsigned i = 0; i < SHADER_MAX_SAMPLERS; i++)
        key->sampler_swizzle[i] = (uint16_t)((seed * (i + 1)) & 0xfff);
    for (unsigned i = 0; i < SHADER_MAX_CBUFS; i++) {
        uint32_t bits = seed >> i;

        key->cbufs[i].type = bits & 3;
        key->cbufs[i].alpha_in_red = bits >> 2 & 1;
        key->cbufs[i].swap_rb = bits >> 3 & 1;
        key->cbufs[i].srgb_encode = bits >> 4 & 1;
        key->cbufs[i].clamp = bits >> 5 & 1;
        key->cbufs[i].logic_bits = bits >> 6 & 1 ? 8 : 0;
    }
}

static void translate(const struct shader_ir *ir, uint32_t seed)
{
    static const struct {
        bool gles;
        unsigned version;
    } hosts[] = {{false, 46}, {false, 31}, {true, 32}, {false, 43}};

    for (unsigned i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        struct shader_error err;
        struct shader_host host;
        struct shader_glsl glsl;
        struct shader_key key;

        shader_host_init(&host, hosts[i].gles, hosts[i].version,
                         i == 3 ? some_extensions : all_extensions, &seed);
        shader_key_init(&key);
        if (i)
            scramble_key(&key, seed + i);
        if (shader_emit(ir, &key, &host, &glsl, &err) == 0) {
            if (strlen(glsl.text) != glsl.length)
                abort();
            shader_glsl_finish(&glsl);
        } else if (!err.message[0]) {
            abort(); /* a refusal names its cause */
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct shader_stream_output so = {.num_outputs = 2, .stride_dwords = {8}};
    struct shader_error err;
    struct shader_ir *ir;
    uint32_t seed = 2166136261u;
    unsigned stage;
    char *dump;

    for (size_t i = 0; i < size; i++)
        seed = (seed ^ data[i]) * 16777619u;
    so.outputs[0] = (struct shader_so_output){.num_components = 4};
    so.outputs[1] = (struct shader_so_output){.register_index = 1, .start_component = seed & 3,
                                              .num_components = 1, .dst_offset_dwords = 5};
    stage = stage_of(data, size, seed);
    ir = shader_parse((const char *)data, size, stage, seed & 0x1000 ? &so : NULL,
                      stage == SHADER_COMPUTE ? seed & 0xfff : 0, &err);
    if (!ir) {
        if (!err.message[0])
            abort();
        return 0;
    }
    dump = shader_ir_dump(ir);
    if (!dump)
        abort();
    free(dump);
    translate(ir, seed);
    shader_ir_destroy(ir);
    return 0;
}
