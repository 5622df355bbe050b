/* SPDX-License-Identifier: MIT */
/* Texture opcodes. */
#include <stdio.h>
#include <string.h>

#include "emit.h"

struct lookup {
    const struct ir_insn *insn;
    const struct tex_target *t;
    unsigned target;
    unsigned slot;
    char sampler[96];
    bool fake_1d;   /* GLES: a 2D texture of height 1 */
    bool fake_rect; /* GLES: a 2D texture with unnormalised coordinates */
    bool projected; /* division by w written out */
    uint8_t clamp;  /* coordinates that are kept within the texture */
};

/* Name of the sampler, indexed when the operand is. */
static void name_sampler(struct emitter *e, struct lookup *l)
{
    const struct ir_reg *reg = &l->insn->src[ir_sampler_operand(l->insn)].reg;
    const struct shader_sampler_info *s = &e->info->samplers[l->slot];
    struct sh_text *out = e->out, scratch = {0};

    if (!ir_indirect(&reg->index)) {
        char name[32];

        emit_sampler_name(e, l->slot, name);
        snprintf(l->sampler, sizeof(l->sampler), "%s", name);
        return;
    }
    e->out = &scratch;
    emit(e, "%s_samp%u", emit_stage_prefix[e->info->stage], s->array_first);
    if (s->array_count > 1) {
        emit(e, "[");
        emit_index(e, &reg->index, s->array_first, s->array_first + s->array_count - 1);
        emit(e, "]");
        emit_need(e, SHADER_HOST_INDEX_GPU_SHADER5, "indirect samplers");
    }
    e->out = out;
    snprintf(l->sampler, sizeof(l->sampler), "%s", scratch.data ? scratch.data : "");
    if (scratch.failed || scratch.length >= sizeof(l->sampler))
        emit_fail(e, "sampler index is too complex");
    sh_text_finish(&scratch);
}

static void scalar(struct emitter *e, const struct lookup *l, unsigned operand, unsigned comp)
{
    emit_src_scalar(e, &l->insn->src[operand], 'f', comp);
}

/* Component of the coordinate, divided by w where that is written out. */
static void coordinate(struct emitter *e, const struct lookup *l, unsigned comp)
{
    bool clamp = l->clamp >> comp & 1;
    bool rect = l->target == SHADER_TEX_RECT || l->target == SHADER_TEX_SHADOWRECT;

    emit(e, clamp ? "clamp(" : "");
    scalar(e, l, 0, comp);
    if (l->projected) {
        emit(e, " / ");
        scalar(e, l, 0, 3);
    }
    if (clamp && rect)
        emit(e, ", 0.0, float(textureSize(%s%s).%c))", l->sampler, l->fake_rect ? ", 0" : "",
             "xy"[comp]);
    else if (clamp)
        emit(e, ", 0.0, 1.0)");
}

/* Where the shadow reference is: false when it is a separate argument or there is none. */
static bool reference_place(const struct lookup *l, unsigned *operand, unsigned *comp)
{
    if (!l->t->shadow)
        return false;
    switch (l->insn->op) {
    case SHADER_OP_TEX2:
        *operand = 1;
        *comp = 0;
        return true;
    case SHADER_OP_TXB2:
    case SHADER_OP_TXL2:
        if (l->t->reference == 4) {
            *operand = 1;
            *comp = 1;
            return true;
        }
        break;
    case SHADER_OP_TG4:
        if (l->t->reference == 4) {
            *operand = 1;
            *comp = 0;
            return true;
        }
        break;
    default:
        break;
    }
    *operand = 0;
    *comp = l->t->reference > 3 ? 3 : (unsigned)l->t->reference;
    return true;
}

/* Coordinates without the reference. */
static unsigned emit_plain_coordinate(struct emitter *e, const struct lookup *l)
{
    if (l->fake_1d) {
        coordinate(e, l, 0);
        emit(e, ", 0.5");
        if (l->t->array) {
            emit(e, ", ");
            coordinate(e, l, 1);
            return 3;
        }
        return 2;
    }
    if (l->fake_rect) {
        emit(e, "vec2(");
        coordinate(e, l, 0);
        emit(e, ", ");
        coordinate(e, l, 1);
        emit(e, ") / vec2(textureSize(%s, 0))", l->sampler);
        return 2;
    }
    if (l->projected || l->clamp) {
        for (unsigned c = 0; c < l->t->coords; c++) {
            emit(e, c ? ", " : "");
            coordinate(e, l, c);
        }
        return l->t->coords;
    }
    emit_src_mask(e, &l->insn->src[0], 'f', (1u << l->t->coords) - 1);
    return l->t->coords;
}

/* The P argument: coordinates, with the reference inside when it belongs there. */
static void emit_coordinate(struct emitter *e, const struct lookup *l, bool with_reference)
{
    unsigned operand, comp;
    bool reference = with_reference && reference_place(l, &operand, &comp) && l->t->coords < 4;
    unsigned n = l->fake_1d ? l->t->coords + 1u : l->t->coords;
    bool pad = reference && l->target == SHADER_TEX_SHADOW1D && !l->fake_1d;

    if (n == 1 && !reference) {
        coordinate(e, l, 0);
        return;
    }
    /* The usual order of components needs no constructor. */
    if (reference && operand == 0 && !l->fake_1d && !l->fake_rect && !l->projected && !pad &&
        !l->clamp && comp == l->t->coords) {
        emit_src_mask(e, &l->insn->src[0], 'f', (2u << l->t->coords) - 1);
        return;
    }
    if (!reference && !l->fake_1d && !l->projected && (!l->clamp || l->fake_rect)) {
        if (l->fake_rect)
            emit(e, "(");
        emit_plain_coordinate(e, l);
        if (l->fake_rect)
            emit(e, ")");
        return;
    }
    emit(e, "%s(", emit_vector('f', n + reference + pad));
    emit_plain_coordinate(e, l);
    if (pad)
        emit(e, ", 0.0");
    if (reference) {
        emit(e, ", ");
        scalar(e, l, operand, comp);
        if (l->projected) {
            emit(e, " / ");
            scalar(e, l, 0, 3);
        }
    }
    emit(e, ")");
}

/* Separate reference argument of cube array lookups. */
static void emit_late_reference(struct emitter *e, const struct lookup *l)
{
    unsigned operand, comp;

    if (l->t->coords == 4 && reference_place(l, &operand, &comp)) {
        emit(e, ", ");
        scalar(e, l, operand, comp);
    }
}

static void emit_one_offset(struct emitter *e, const struct lookup *l, unsigned i)
{
    const struct ir_src *offset = &l->insn->offsets[i];
    unsigned dims = l->t->dims;

    if (l->fake_1d) {
        emit(e, "ivec2(");
        emit_src_scalar(e, offset, 'i', 0);
        emit(e, ", 0)");
        return;
    }
    emit_src_mask(e, offset, 'i', (1u << dims) - 1);
}

static void emit_offset(struct emitter *e, const struct lookup *l)
{
    if (!l->insn->num_offsets)
        return;
    emit(e, ", ");
    emit_one_offset(e, l, 0);
}

static emit_type result_type(struct emitter *e, const struct lookup *l)
{
    if (l->t->shadow)
        return 'f';
    switch (e->info->samplers[l->slot].return_type) {
    case SHADER_RET_SINT:
        return 'i';
    case SHADER_RET_UINT:
        return 'u';
    default:
        return 'f';
    }
}

/*
 * Bias or level for the targets whose shadow lookups core GLSL gives none. A gradient of that
 * length selects the level; where not even that exists the level is left out.
 */
static bool lacks_lod(const struct emitter *e, const struct lookup *l)
{
    bool special = l->target == SHADER_TEX_SHADOW2D_ARRAY || l->target == SHADER_TEX_SHADOWCUBE ||
                   l->target == SHADER_TEX_SHADOWCUBEARRAY ||
                   (l->fake_1d && l->target == SHADER_TEX_SHADOW1D_ARRAY);

    return special && !emit_has(e, SHADER_HOST_INDEX_SHADOW_LOD);
}

static void emit_lod_as_gradient(struct emitter *e, const struct lookup *l)
{
    unsigned operand = l->insn->op == SHADER_OP_TXL2 ? 1 : 0;
    unsigned comp = l->insn->op == SHADER_OP_TXL2 ? 0 : 3;
    bool zero = l->insn->lod_zero;

    if (l->target == SHADER_TEX_SHADOWCUBEARRAY) { /* no gradient form either */
        emit(e, "texture(%s, ", l->sampler);
        emit_coordinate(e, l, true);
        emit_late_reference(e, l);
        emit(e, ")");
        return;
    }
    emit(e, "textureGrad%s(%s, ", l->insn->num_offsets ? "Offset" : "", l->sampler);
    emit_coordinate(e, l, true);
    if (l->t->cube) {
        /* Half the face per unit of the direction: a step along an axis of the face. */
        for (unsigned i = 0; i < 2; i++) {
            if (i) {
                emit(e, ", vec3(0.0)");
                continue;
            }
            e->cube_step = true;
            emit(e, ", cube_step(");
            emit_src_mask(e, &l->insn->src[0], 'f', 7);
            emit(e, ") * (2.0 * exp2(");
            if (zero)
                emit(e, "0.0");
            else
                scalar(e, l, operand, comp);
            emit(e, ") / float(textureSize(%s, 0).x))", l->sampler);
        }
    } else {
        for (unsigned i = 0; i < 2; i++) {
            emit(e, ", vec2(%s) * (exp2(", i ? "0.0, 1.0" : "1.0, 0.0");
            if (zero)
                emit(e, "0.0");
            else
                scalar(e, l, operand, comp);
            emit(e, ") / float(textureSize(%s, 0).%c))", l->sampler, "xy"[i]);
        }
    }
    emit_offset(e, l);
    emit(e, ")");
}

/* textureOffset() of shadow arrays came late, and never to GLES; the form with gradients exists. */
static bool lacks_array_shadow_offset(const struct emitter *e, const struct lookup *l)
{
    bool array = l->target == SHADER_TEX_SHADOW2D_ARRAY ||
                 (l->fake_1d && l->target == SHADER_TEX_SHADOW1D_ARRAY);

    return array && (e->host->gles || e->host->glsl_version < 430);
}

static void emit_implicit_gradient(struct emitter *e, const struct lookup *l)
{
    bool fragment = e->info->stage == SHADER_FRAGMENT;

    emit(e, "textureGradOffset(%s, ", l->sampler);
    emit_coordinate(e, l, true);
    for (unsigned i = 0; i < 2; i++) {
        if (!fragment) {
            emit(e, ", vec2(0.0)");
            continue;
        }
        emit(e, i ? ", dFdy(" : ", dFdx(");
        if (l->fake_1d) {
            emit(e, "vec2(");
            scalar(e, l, 0, 0);
            emit(e, ", 0.5)");
        } else {
            emit_src_mask(e, &l->insn->src[0], 'f', 3);
        }
        emit(e, ")");
    }
    emit_offset(e, l);
    emit(e, ")");
}

static void emit_sample(struct emitter *e, const struct lookup *l)
{
    const char *offset = l->insn->num_offsets ? "Offset" : "";
    unsigned op = l->insn->op;
    bool bias = op == SHADER_OP_TXB || op == SHADER_OP_TXB2;
    bool level = op == SHADER_OP_TXL || op == SHADER_OP_TXL2 || l->insn->lod_zero;
    unsigned operand = op == SHADER_OP_TXB2 || op == SHADER_OP_TXL2 ? 1 : 0;
    unsigned comp = operand ? 0 : 3;
    bool rect = l->target == SHADER_TEX_RECT || l->target == SHADER_TEX_SHADOWRECT;

    if (bias && e->info->stage != SHADER_FRAGMENT) { /* a bias on level 0 */
        bias = false;
        level = true;
    }
    if (rect && !l->fake_rect)
        bias = level = false;
    if (level && lacks_lod(e, l)) {
        emit_lod_as_gradient(e, l);
        return;
    }
    if (bias && lacks_lod(e, l) && (l->target != SHADER_TEX_SHADOWCUBE))
        bias = false;
    if (!level && l->insn->num_offsets && lacks_array_shadow_offset(e, l)) {
        emit_implicit_gradient(e, l);
        return;
    }
    if ((level || bias) && emit_has(e, SHADER_HOST_INDEX_SHADOW_LOD) && l->t->shadow)
        e->features |= SHADER_HOST(SHADOW_LOD);
    emit(e, "texture%s%s(%s, ", level ? "Lod" : "", offset, l->sampler);
    emit_coordinate(e, l, true);
    emit_late_reference(e, l);
    if (level) {
        emit(e, ", ");
        if (l->insn->lod_zero)
            emit(e, "0.0");
        else
            scalar(e, l, operand, comp);
    }
    emit_offset(e, l);
    if (bias) {
        emit(e, ", ");
        scalar(e, l, operand, comp);
    }
    emit(e, ")");
}

static void emit_projected(struct emitter *e, struct lookup *l)
{
    static const uint8_t one[] = {0, 3}, two[] = {0, 1, 3};
    const struct ir_src *a = &l->insn->src[0];
    const char *offset = l->insn->num_offsets ? "Offset" : "";

    if (l->t->cube || l->fake_1d || l->fake_rect || l->clamp) {
        l->projected = !l->t->cube;
        emit_sample(e, l);
        return;
    }
    emit(e, "textureProj%s(%s, ", offset, l->sampler);
    if (l->t->shadow || l->t->coords == 3)
        emit_src_mask(e, a, 'f', 15);
    else
        emit_src(e, a, 'f', l->t->coords == 1 ? one : two, l->t->coords + 1u);
    emit_offset(e, l);
    emit(e, ")");
}

static void emit_gradient(struct emitter *e, const struct lookup *l)
{
    if (l->target == SHADER_TEX_SHADOWCUBEARRAY) {
        emit_sample(e, l);
        return;
    }
    emit(e, "textureGrad%s(%s, ", l->insn->num_offsets ? "Offset" : "", l->sampler);
    emit_coordinate(e, l, true);
    for (unsigned i = 1; i <= 2; i++) {
        emit(e, ", ");
        if (l->fake_1d) {
            emit(e, "vec2(");
            scalar(e, l, i, 0);
            emit(e, ", 0.0)");
        } else {
            emit_src_mask(e, &l->insn->src[i], 'f', (1u << l->t->dims) - 1);
            if (l->fake_rect)
                emit(e, " / vec2(textureSize(%s, 0))", l->sampler);
        }
    }
    emit_offset(e, l);
    emit(e, ")");
}

static void emit_fetch(struct emitter *e, const struct lookup *l)
{
    const struct ir_src *a = &l->insn->src[0];
    bool level = l->target != SHADER_TEX_BUFFER &&
                 (l->target != SHADER_TEX_RECT || l->fake_rect);

    emit(e, "texelFetch%s(%s, ", l->insn->num_offsets ? "Offset" : "", l->sampler);
    if (l->fake_1d) {
        emit(e, l->t->array ? "ivec3(" : "ivec2(");
        emit_src_scalar(e, a, 'i', 0);
        emit(e, ", 0");
        if (l->t->array) {
            emit(e, ", ");
            emit_src_scalar(e, a, 'i', 1);
        }
        emit(e, ")");
    } else {
        emit_src_mask(e, a, 'i', (1u << l->t->coords) - 1);
    }
    if (level) {
        emit(e, ", ");
        if (l->insn->lod_zero || l->fake_rect)
            emit(e, "0");
        else
            emit_src_scalar(e, a, 'i', 3);
    }
    emit_offset(e, l);
    emit(e, ")");
}

static unsigned gather_component(struct emitter *e, const struct lookup *l)
{
    const struct ir_src *b = &l->insn->src[1];

    return e->ir->imms[b->reg.index.offset].bits[b->swizzle[0]] & 3;
}

static void emit_gather_call(struct emitter *e, const struct lookup *l, int offset)
{
    unsigned operand, comp;

    emit(e, "textureGather%s(%s, ", offset >= 0 ? "Offset" : "", l->sampler);
    emit_coordinate(e, l, false);
    if (reference_place(l, &operand, &comp)) {
        emit(e, ", ");
        scalar(e, l, operand, comp);
    }
    if (offset >= 0) {
        emit(e, ", ");
        emit_one_offset(e, l, (unsigned)offset);
    }
    if (!l->t->shadow && gather_component(e, l)) {
        e->features |= SHADER_HOST(GPU_SHADER5);
        emit(e, ", %u", gather_component(e, l));
    }
    emit(e, ")");
}

static void emit_gather(struct emitter *e, const struct lookup *l)
{
    emit_need(e, SHADER_HOST_INDEX_TEXTURE_GATHER, "texture gather");
    if (!e->host->gles && (l->t->shadow || l->target == SHADER_TEX_RECT))
        emit_need(e, SHADER_HOST_INDEX_GPU_SHADER5, "gather from this target");
    for (unsigned i = 0; i < l->insn->num_offsets; i++) {
        if (l->insn->offsets[i].reg.file != SHADER_FILE_IMM && !e->host->gles)
            e->features |= SHADER_HOST(GPU_SHADER5);
        else if (l->insn->offsets[i].reg.file != SHADER_FILE_IMM)
            emit_need(e, SHADER_HOST_INDEX_GPU_SHADER5, "variable gather offsets");
    }
    if (l->insn->num_offsets < 4) {
        emit_gather_call(e, l, l->insn->num_offsets ? 0 : -1);
        return;
    }
    /* The texel at the offset itself is the last of each gather. */
    emit(e, "%s(", emit_vector(result_type(e, l), 4));
    for (int i = 0; i < 4; i++) {
        emit(e, i ? ", " : "");
        emit_gather_call(e, l, i);
        emit(e, ".w");
    }
    emit(e, ")");
}

static void emit_size(struct emitter *e, const struct lookup *l)
{
    bool level = l->target != SHADER_TEX_BUFFER && !l->t->multisample &&
                 ((l->target != SHADER_TEX_RECT && l->target != SHADER_TEX_SHADOWRECT) ||
                  l->fake_rect);
    unsigned comps = l->t->cube ? 2u + l->t->array : l->t->dims + (unsigned)l->t->array;
    bool levels = level && (l->insn->dst[0].mask & 8);
    unsigned padding = 3 - comps;

    emit(e, "ivec4(textureSize(%s", l->sampler);
    if (level && l->insn->src[0].reg.file != SHADER_FILE_NULL) {
        emit(e, ", ");
        if (l->fake_rect)
            emit(e, "0");
        else
            emit_src_scalar(e, &l->insn->src[0], 'i', 0);
    }
    emit(e, ")");
    if (l->fake_1d)
        emit(e, l->t->array ? ".xz" : ".x");
    while (padding--)
        emit(e, ", 0");
    if (!levels) {
        emit(e, ", 0)");
    } else if (emit_has(e, SHADER_HOST_INDEX_QUERY_LEVELS)) {
        e->features |= SHADER_HOST(QUERY_LEVELS);
        emit(e, ", textureQueryLevels(%s))", l->sampler);
    } else {
        emit_aux(e, EMIT_AUX_LEVELS);
        emit_template(e, ", int(@texture_levels");
        emit(e, "[%u].%c))", e->info->stage * 8u + l->slot / 4, "xyzw"[l->slot % 4]);
    }
}

static void emit_query_lod(struct emitter *e, const struct lookup *l)
{
    bool core = !e->host->gles && e->host->glsl_version >= 400;

    emit_need(e, SHADER_HOST_INDEX_QUERY_LOD, "LOD query");
    emit(e, "vec4(%s(%s, ", core ? "textureQueryLod" : "textureQueryLOD", l->sampler);
    if (l->fake_1d) {
        emit(e, "vec2(");
        scalar(e, l, 0, 0);
        emit(e, ", 0.5)");
    } else {
        emit_src_mask(e, &l->insn->src[0], 'f', (1u << l->t->dims) - 1);
    }
    emit(e, "), 0.0, 0.0)");
}

static void emit_lookup(struct emitter *e, struct lookup *l)
{
    switch (l->insn->op) {
    case SHADER_OP_TXP:
        emit_projected(e, l);
        break;
    case SHADER_OP_TXD:
        emit_gradient(e, l);
        break;
    case SHADER_OP_TXF:
        emit_fetch(e, l);
        break;
    case SHADER_OP_TG4:
        emit_gather(e, l);
        break;
    default:
        emit_sample(e, l);
        break;
    }
}

/* View swizzle that the host cannot do: 0..3 component, 4 zero, 5 one. */
static void emit_swizzled(struct emitter *e, const char *value, emit_type type, unsigned mask,
                          const uint8_t swizzle[4])
{
    unsigned n = emit_count(mask);
    bool first = true;

    if (n > 1)
        emit(e, "%s(", emit_vector(type, n));
    for (unsigned c = 0; c < 4; c++) {
        if (!(mask >> c & 1))
            continue;
        emit(e, first ? "" : ", ");
        first = false;
        if (swizzle[c] < 4)
            emit(e, "%s.%c", value, "xyzw"[swizzle[c]]);
        else if (type == 'f')
            emit(e, swizzle[c] == 5 ? "1.0" : "0.0");
        else
            emit(e, "%d%s", swizzle[c] == 5, type == 'u' ? "u" : "");
    }
    if (n > 1)
        emit(e, ")");
}

/* Swizzle to apply to the result; false when it is the identity. */
static bool result_swizzle(const struct emitter *e, const struct lookup *l, uint8_t swizzle[4])
{
    bool view = e->key->swizzled_samplers >> l->slot & 1;

    for (unsigned c = 0; c < 4; c++) {
        unsigned from = l->insn->swizzled ? l->insn->result_swizzle[c] : c;

        swizzle[c] = (uint8_t)from;
        if (view && l->insn->op != SHADER_OP_TG4)
            swizzle[c] = e->key->sampler_swizzle[l->slot] >> (3 * from) & 7;
    }
    return memcmp(swizzle, (uint8_t[]){0, 1, 2, 3}, 4) != 0;
}

static void emit_sampled(struct emitter *e, struct lookup *l)
{
    const struct ir_insn *insn = l->insn;
    bool replicated = l->t->shadow && insn->op != SHADER_OP_TG4;
    emit_type type = result_type(e, l);
    struct emit_store store;
    uint8_t swizzle[4];

    if (result_swizzle(e, l, swizzle)) {
        const char *vector = emit_vector(type, 4);

        emit_begin(e);
        emit(e, "{ %s texel = ", vector);
        if (replicated)
            emit(e, "vec4(");
        emit_lookup(e, l);
        emit(e, replicated ? ");\n" : ";\n");
        e->indent++;
        emit_store_open(e, insn, 0, type, false, &store);
        emit_swizzled(e, "texel", type, insn->dst[0].mask, swizzle);
        emit_store_close(e, &store);
        e->indent--;
        emit_line(e, "}");
        return;
    }
    emit_store_open(e, insn, 0, type, replicated, &store);
    emit_lookup(e, l);
    if (!replicated)
        emit_mask(e, insn->dst[0].mask);
    emit_store_close(e, &store);
}

static void emit_query(struct emitter *e, struct lookup *l)
{
    const struct ir_insn *insn = l->insn;
    struct emit_store store;

    emit_store_open(e, insn, 0, insn->op == SHADER_OP_LODQ ? 'f' : 'i', false, &store);
    if (insn->op == SHADER_OP_LODQ) {
        emit_query_lod(e, l);
    } else if (insn->op == SHADER_OP_TXQS) {
        emit_need(e, SHADER_HOST_INDEX_TEXTURE_SAMPLES, "sample count query");
        emit(e, "ivec4(textureSamples(%s))", l->sampler);
    } else {
        emit_size(e, l);
    }
    if (insn->swizzled) {
        emit(e, ".");
        for (unsigned c = 0; c < 4; c++) {
            if (insn->dst[0].mask >> c & 1)
                emit(e, "%c", "xyzw"[insn->result_swizzle[c]]);
        }
    } else {
        emit_mask(e, insn->dst[0].mask);
    }
    emit_store_close(e, &store);
}

bool emit_texture(struct emitter *e, const struct ir_insn *insn)
{
    int operand = ir_sampler_operand(insn);
    struct lookup l = {.insn = insn};
    bool query = insn->op == SHADER_OP_TXQ || insn->op == SHADER_OP_TXQS ||
                 insn->op == SHADER_OP_LODQ;

    if (operand < 0)
        return false;
    l.slot = (unsigned)insn->src[operand].reg.index.offset;
    /* Queries follow the declared sampler, whatever the instruction calls it. */
    l.target = e->info->samplers[l.slot].target;
    l.t = tex_target(l.target);
    l.fake_1d = e->host->gles && l.t->dims == 1 && l.target != SHADER_TEX_BUFFER;
    l.fake_rect = e->host->gles &&
                  (l.target == SHADER_TEX_RECT || l.target == SHADER_TEX_SHADOWRECT);
    for (unsigned c = 0; c < l.t->dims && !l.t->cube; c++)
        l.clamp |= (uint8_t)((e->key->clamped_samplers[c] >> l.slot & 1) << c);
    name_sampler(e, &l);
    if (query)
        emit_query(e, &l);
    else
        emit_sampled(e, &l);
    return true;
}
