/* SPDX-License-Identifier: MIT */
/* What the translator must know of the host, and which binding points each stage gets. */
#include <string.h>

#include "draw_context.h"

static bool has_extension(void *opaque, const char *name)
{
    (void)opaque;
    return epoxy_has_gl_extension(name);
}

static int at_most(int a, int b)
{
    return a < b ? a : b;
}

/* Gives every stage a range of its own. Where the host has too few binding points, compute shares
 * those of the vertex stage, for it is never in a program with the others; where that is not
 * enough, the stages that programs rarely have share with it too. */
static void share_out(uint8_t base[STAGE_COUNT], const int wanted[STAGE_COUNT], int first,
                      int total)
{
    static const uint8_t order[STAGE_COUNT] = {
        SHADER_VERTEX,    SHADER_FRAGMENT,  SHADER_GEOMETRY,
        SHADER_TESS_CTRL, SHADER_TESS_EVAL, SHADER_COMPUTE,
    };
    int next = first;

    for (unsigned i = 0; i < STAGE_COUNT; i++) {
        unsigned s = order[i];

        if (next + wanted[s] <= total && next + wanted[s] <= 255) {
            base[s] = (uint8_t)next;
            next += wanted[s];
        } else {
            base[s] = (uint8_t)first;
        }
    }
}

static bool has_stage(const struct gl_features *f, unsigned stage)
{
    switch (stage) {
    case SHADER_GEOMETRY:
        return f->geometry_shader;
    case SHADER_TESS_CTRL:
    case SHADER_TESS_EVAL:
        return f->tessellation;
    case SHADER_COMPUTE:
        return f->compute;
    default:
        return true;
    }
}

void gl_shader_host_init(struct gl_device *dev)
{
    const struct gl_features *f = &dev->feat;
    struct shader_host *host = &dev->shader_host;
    int samplers[STAGE_COUNT] = {0}, ubos[STAGE_COUNT] = {0}, ssbos[STAGE_COUNT] = {0};
    int images[STAGE_COUNT] = {0};
    int stages = 0, next_ubo = 0;

    shader_host_init(host, f->gles, (unsigned)f->version, has_extension, NULL);
    for (unsigned s = 0; s < STAGE_COUNT; s++)
        stages += has_stage(f, s);

    /* Uniform buffers: the values that all stages share, each stage's plain constants, and the
     * guest's own. */
    host->aux_binding = (uint8_t)next_ubo++;
    for (unsigned s = 0; s < STAGE_COUNT; s++)
        host->const0_binding[s] = (uint8_t)(has_stage(f, s) ? next_ubo++ : 0);
    for (unsigned s = 0; s < STAGE_COUNT; s++) {
        if (!has_stage(f, s))
            continue;
        samplers[s] = at_most(f->max_samplers_per_stage, SHADER_MAX_SAMPLERS);
        samplers[s] = at_most(samplers[s], f->max_combined_samplers / stages);
        ubos[s] = at_most(f->max_ubos_per_stage - 1, SHADER_MAX_UBOS - 1);
        ubos[s] = at_most(ubos[s], (f->max_ubo_bindings - next_ubo) / (stages - f->compute));
        ssbos[s] = at_most(f->max_ssbos_per_stage[s], SHADER_MAX_SSBOS);
        images[s] = at_most(f->max_images_per_stage[s], SHADER_MAX_IMAGES);
    }
    share_out(host->sampler_base, samplers, 0, f->max_combined_samplers);
    share_out(host->ubo_base, ubos, next_ubo, f->max_ubo_bindings);
    share_out(host->ssbo_base, ssbos, 0, f->max_ssbo_bindings);
    share_out(host->image_base, images, 0, f->max_image_units);
    host->atomic_base = 0;
    host->const0_uniform_vec4s = GL_CONST0_UNIFORM_VEC4S;
    host->aux_uniforms = true;
    host->flips_itself = f->clip_control;
}
