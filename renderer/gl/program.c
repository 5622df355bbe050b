/* SPDX-License-Identifier: MIT */
/* Shader objects, their variants, and the choice of a pipeline for a draw. */
#include "program.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/debug.h"
#include "core/log.h"
#include "draw_context.h"

enum {
    /* Beyond these a context starts over: a guest that makes so many pays with recompiling. */
    MAX_VARIANTS_PER_SHADER = 64,
    MAX_PIPELINES = 4096,
};

static const uint8_t graphics_stages[5] = {
    SHADER_VERTEX, SHADER_FRAGMENT, SHADER_GEOMETRY, SHADER_TESS_CTRL, SHADER_TESS_EVAL,
};

static guint pipeline_hash(gconstpointer key)
{
    const uint32_t *ids = key;
    uint32_t h = 2166136261u;

    for (unsigned i = 0; i < 5; i++)
        h = (h ^ ids[i]) * 16777619u + (h >> 15);
    return h;
}

static gboolean pipeline_equal(gconstpointer a, gconstpointer b)
{
    return !memcmp(a, b, sizeof(((struct gl_pipeline *)0)->ids));
}

static void pipeline_free(struct gl_context *ctx, struct gl_pipeline *p)
{
    if (p->program) {
        gl_state_forget_program(&ctx->state, p->name);
        gl_program_unref(ctx->dev, p->program);
    }
    if (p->passthrough_tcs)
        gl_variant_free(ctx->dev, p->passthrough_tcs);
    free(p);
}

/* Lookups remember pipelines by pointer. */
static void forget_lookups(struct gl_draw *d)
{
    memset(d->lookup, 0, sizeof(d->lookup));
    d->pipeline = NULL;
    d->compute = NULL;
    d->ready = false;
}

/* Frees the pipelines that use shader, or all with NULL. */
static void drop_pipelines(struct gl_context *ctx, const struct gl_shader *shader)
{
    struct gl_draw *d = ctx->draw;
    GHashTableIter iter;
    gpointer value;
    bool dropped = false;

    if (!d->pipelines)
        return;
    g_hash_table_iter_init(&iter, d->pipelines);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        struct gl_pipeline *p = value;
        bool uses = !shader;

        for (unsigned i = 0; i < 5; i++)
            uses = uses || (p->shaders[i] && p->shaders[i] == shader);
        if (!uses)
            continue;
        g_hash_table_iter_remove(&iter);
        if (!dropped) {
            gl_streamout_pause(ctx);
            forget_lookups(d);
            dropped = true;
        }
        pipeline_free(ctx, p);
    }
    if (dropped)
        ctx->base.state->dirty |= DIRTY_SHADERS;
}

void gl_pipelines_finish(struct gl_context *ctx)
{
    drop_pipelines(ctx, NULL);
    if (ctx->draw->pipelines)
        g_hash_table_destroy(ctx->draw->pipelines);
    ctx->draw->pipelines = NULL;
}

int gl_shader_create(struct gl_context *ctx, struct front_shader *shader)
{
    struct gl_shader *s = calloc(1, sizeof(*s));

    if (!s)
        return ENOMEM;
    s->ir = shader->ir;
    s->info = shader_info(shader->ir);
    shader->base.back = s;
    return 0;
}

static void free_variants(struct gl_context *ctx, struct gl_shader *s)
{
    drop_pipelines(ctx, s);
    while (s->variants) {
        struct gl_variant *v = s->variants;

        s->variants = v->next;
        gl_variant_free(ctx->dev, v);
    }
}

void gl_shader_destroy(struct gl_context *ctx, struct front_shader *shader)
{
    struct gl_shader *s = shader->base.back;

    if (!s)
        return;
    free_variants(ctx, s);
    free(s);
    shader->base.back = NULL;
}

static void report_refusal(struct gl_context *ctx, unsigned stage, const struct shader_ir *ir,
                           const struct shader_error *err)
{
    log_guest_error(ctx->dev->base.log,
                    "gl: context %u: shader of stage %u cannot be translated: line %u: %s",
                    ctx->base.ctx_id, stage, err->line, err->message);
    if (ir && (ctx->dev->base.debug & (DEBUG_SHADER_IN | DEBUG_SHADER_OUT))) {
        char *text = shader_ir_dump(ir);

        if (text)
            log_message(ctx->dev->base.log, LOG_LEVEL_DEBUG, "%s", text);
        free(text);
    }
}

static struct gl_variant *variant_get(struct gl_context *ctx, struct gl_shader *s,
                                      const struct shader_key *key)
{
    struct shader_error err = {0};
    struct gl_variant *v;
    unsigned count = 0;

    for (v = s->variants; v; v = v->next, count++) {
        if (!memcmp(&v->key, key, sizeof(*key)))
            return v;
    }
    if (count >= MAX_VARIANTS_PER_SHADER)
        free_variants(ctx, s);
    v = calloc(1, sizeof(*v));
    if (!v)
        return NULL;
    v->key = *key;
    v->stage = s->info->stage;
    v->id = gl_variant_next_id(ctx->dev);
    if (shader_emit(s->ir, key, &ctx->dev->shader_host, &v->glsl, &err)) {
        report_refusal(ctx, v->stage, s->ir, &err);
        v->failed = true;
    } else {
        gl_variant_digest(v);
    }
    v->next = s->variants;
    s->variants = v;
    return v;
}

static struct gl_variant *passthrough_create(struct gl_context *ctx, const struct gl_shader *vs,
                                             const struct gl_shader *tes)
{
    struct gl_variant *v = calloc(1, sizeof(*v));
    struct shader_error err = {0};

    if (!v)
        return NULL;
    v->stage = SHADER_TESS_CTRL;
    v->id = gl_variant_next_id(ctx->dev);
    if (shader_emit_passthrough_tcs(vs->info, tes->info, ctx->draw->patch_vertices, false,
                                    &ctx->dev->shader_host, &v->glsl, &err)) {
        report_refusal(ctx, SHADER_TESS_CTRL, NULL, &err);
        v->failed = true;
    } else {
        gl_variant_digest(v);
    }
    return v;
}

static void use_fill(struct gl_stage_use *use, const struct shader_info *info)
{
    use->info = info;
    use->const0_bytes = info->const0_vec4s * 16;
    use->samplers = info->samplers_used;
    for (unsigned i = 0; i < SHADER_MAX_SAMPLERS; i++) {
        if ((info->samplers_used >> i & 1) && info->samplers[i].shadow)
            use->shadow_samplers |= 1u << i;
    }
    use->ubos = info->ubos_used & ~1u;
    use->ssbos = info->ssbos_used;
    use->ssbos_written = info->ssbos_written;
    use->images = info->images_used;
}

static void variant_use(struct gl_pipeline *p, const struct gl_variant *v, unsigned stage)
{
    if (v->glsl.const0_uniform[0])
        p->use[stage].const0_bytes = 0;
    if (v->glsl.uses_aux && v->glsl.aux_bytes > p->aux_bytes)
        p->aux_bytes = v->glsl.aux_bytes;
}

static GLenum capture_mode(const struct shader_info *gs, const struct shader_info *tes)
{
    if (gs) {
        switch (gs->gs_output_primitive) {
        case VIRGL_PRIM_POINTS:
            return GL_POINTS;
        case VIRGL_PRIM_LINE_STRIP:
            return GL_LINES;
        default:
            return GL_TRIANGLES;
        }
    }
    if (tes) {
        if (tes->tes_point_mode)
            return GL_POINTS;
        return tes->tes_primitive == VIRGL_PRIM_LINES ? GL_LINES : GL_TRIANGLES;
    }
    return GL_MODE_OF_DRAW;
}

/* What emission needs to know, so that no draw looks at the shaders again. */
static void pipeline_describe(struct gl_pipeline *p, struct gl_variant *const variants[5])
{
    const struct gl_shader *last = p->shaders[SHADER_GEOMETRY];
    const struct gl_variant *last_variant = variants[SHADER_GEOMETRY];
    const struct shader_info *gs, *tes;

    if (!last) {
        last = p->shaders[SHADER_TESS_EVAL];
        last_variant = variants[SHADER_TESS_EVAL];
    }
    if (!last) {
        last = p->shaders[SHADER_VERTEX];
        last_variant = variants[SHADER_VERTEX];
    }
    for (unsigned i = 0; i < 5; i++) {
        unsigned stage = graphics_stages[i];

        if (p->shaders[stage]) {
            use_fill(&p->use[stage], p->shaders[stage]->info);
            p->stages |= 1u << stage;
            p->writes_memory = p->writes_memory || p->shaders[stage]->info->writes_memory;
            p->uses_atomics =
                p->uses_atomics || p->shaders[stage]->info->num_atomic_ranges > 0;
        }
        if (variants[stage])
            variant_use(p, variants[stage], stage);
    }
    gs = p->shaders[SHADER_GEOMETRY] ? p->shaders[SHADER_GEOMETRY]->info : NULL;
    tes = p->shaders[SHADER_TESS_EVAL] ? p->shaders[SHADER_TESS_EVAL]->info : NULL;
    p->has_geometry = gs != NULL;
    p->has_tessellation = tes != NULL;
    p->capture_mode = capture_mode(gs, tes);
    p->draw_parameters = p->aux_bytes > offsetof(struct shader_aux, base_vertex);
    if (p->shaders[SHADER_FRAGMENT])
        p->blend_advanced = p->shaders[SHADER_FRAGMENT]->info->blend_advanced;
    p->writes_psize = last->info->writes_psize;
    p->has_stream_output = last_variant->glsl.num_varyings > 0;
    if (last_variant->key.ucp_enable)
        p->clip_distances = last_variant->key.ucp_enable;
    else if (last->info->num_clip || last->info->num_cull)
        p->clip_distances = (uint8_t)((1u << last->info->num_clip) - 1);
    else
        p->clip_distances = last->info->clipdist_mask;
}

static struct gl_pipeline *pipeline_create(struct gl_context *ctx,
                                           struct gl_shader *const shaders[5],
                                           struct gl_variant *const variants[5])
{
    struct gl_pipeline *p = calloc(1, sizeof(*p));
    struct gl_variant *all[STAGE_COUNT] = {0};
    bool failed = false;

    if (!p)
        return NULL;
    for (unsigned i = 0; i < 5; i++) {
        p->shaders[i] = shaders[i];
        p->ids[i] = variants[i] ? variants[i]->id : 0;
        all[i] = variants[i];
        failed = failed || (variants[i] && variants[i]->failed);
    }
    if (shaders[SHADER_TESS_EVAL] && !shaders[SHADER_TESS_CTRL]) {
        p->ids[SHADER_TESS_CTRL] = 0x80000000u | ctx->draw->patch_vertices;
        p->passthrough_tcs = passthrough_create(ctx, shaders[SHADER_VERTEX],
                                                shaders[SHADER_TESS_EVAL]);
        all[SHADER_TESS_CTRL] = p->passthrough_tcs;
        failed = failed || !p->passthrough_tcs || p->passthrough_tcs->failed;
    }
    pipeline_describe(p, all);
    if (!failed)
        p->program = gl_program_get(ctx, all);
    p->name = p->program ? p->program->name : 0;
    return p;
}

static void collect_shaders(const struct draw_state *state, struct gl_shader *shaders[5])
{
    for (unsigned i = 0; i < 5; i++)
        shaders[i] = state->shader[i] ? state->shader[i]->base.back : NULL;
    /* A control shader alone does nothing. */
    if (!shaders[SHADER_TESS_EVAL])
        shaders[SHADER_TESS_CTRL] = NULL;
}

static struct gl_pipeline *pipeline_find(struct gl_context *ctx)
{
    struct gl_draw *d = ctx->draw;
    struct gl_shader *shaders[5];
    struct gl_variant *variants[5] = {0};
    struct shader_key keys[5];
    struct gl_pipeline *p;
    uint32_t ids[5] = {0};

    collect_shaders(ctx->base.state, shaders);
    if (!shaders[SHADER_VERTEX] || (!shaders[SHADER_FRAGMENT] && ctx->dev->feat.gles))
        return NULL;
    gl_build_keys(ctx, shaders, keys);
    if (g_hash_table_size(d->pipelines) >= MAX_PIPELINES)
        drop_pipelines(ctx, NULL);
    for (unsigned i = 0; i < 5; i++) {
        if (!shaders[i])
            continue;
        variants[i] = variant_get(ctx, shaders[i], &keys[i]);
        if (!variants[i])
            return NULL;
        ids[i] = variants[i]->id;
    }
    if (shaders[SHADER_TESS_EVAL] && !shaders[SHADER_TESS_CTRL])
        ids[SHADER_TESS_CTRL] = 0x80000000u | d->patch_vertices;
    p = g_hash_table_lookup(d->pipelines, ids);
    if (p)
        return p;
    p = pipeline_create(ctx, shaders, variants);
    if (p)
        g_hash_table_insert(d->pipelines, p->ids, p);
    return p;
}

static bool lookup_matches(const struct gl_lookup_entry *e, const struct draw_state *state,
                           uint32_t key_id)
{
    if (e->key_id != key_id)
        return false;
    for (unsigned i = 0; i < 5; i++) {
        if (e->serials[i] != (state->shader[i] ? state->shader[i]->base.serial : 0))
            return false;
    }
    return true;
}

struct gl_pipeline *gl_pipeline_select(struct gl_context *ctx)
{
    const struct draw_state *state = ctx->base.state;
    struct gl_draw *d = ctx->draw;
    struct gl_lookup_entry *e;
    uint64_t h = d->key_id * 0x9e3779b97f4a7c15ull;

    if (!d->pipelines) {
        d->pipelines = g_hash_table_new(pipeline_hash, pipeline_equal);
        if (!d->pipelines)
            return NULL;
    }
    for (unsigned i = 0; i < 5; i++) {
        if (state->shader[i])
            h = (h ^ state->shader[i]->base.serial) * 0x9e3779b97f4a7c15ull;
    }
    e = &d->lookup[(h >> 40) % GL_LOOKUP_ENTRIES];
    if (!lookup_matches(e, state, d->key_id)) {
        struct gl_pipeline *p = pipeline_find(ctx);

        /* Not before the search, which may have emptied the table. */
        for (unsigned i = 0; i < 5; i++)
            e->serials[i] = state->shader[i] ? state->shader[i]->base.serial : 0;
        e->key_id = d->key_id;
        e->pipeline = p;
    }
    return e->pipeline && e->pipeline->name ? e->pipeline : NULL;
}

struct gl_pipeline *gl_pipeline_select_compute(struct gl_context *ctx)
{
    const struct front_shader *front = ctx->base.state->shader[SHADER_COMPUTE];
    struct gl_draw *d = ctx->draw;
    struct gl_variant *variants[STAGE_COUNT] = {0};
    struct gl_shader *s;
    struct gl_variant *v;
    struct gl_pipeline *p;
    struct shader_key key;
    uint32_t ids[5] = {0};

    if (!front || !front->base.back)
        return NULL;
    s = front->base.back;
    if (d->compute && d->compute->shaders[0] == s &&
        !(ctx->base.state->dirty & (DIRTY_SHADERS | DIRTY_STAGE(SHADER_COMPUTE))))
        return d->compute->name ? d->compute : NULL;
    if (!d->pipelines) {
        d->pipelines = g_hash_table_new(pipeline_hash, pipeline_equal);
        if (!d->pipelines)
            return NULL;
    }
    gl_build_compute_key(ctx, s, &key);
    v = variant_get(ctx, s, &key);
    if (!v)
        return NULL;
    /* Ids are unique over stages, so one table serves both. */
    ids[0] = v->id;
    p = g_hash_table_lookup(d->pipelines, ids);
    if (!p) {
        p = calloc(1, sizeof(*p));
        if (!p)
            return NULL;
        p->ids[0] = v->id;
        p->shaders[0] = s;
        p->stages = 1u << SHADER_COMPUTE;
        use_fill(&p->use[SHADER_COMPUTE], s->info);
        variant_use(p, v, SHADER_COMPUTE);
        p->writes_memory = s->info->writes_memory;
        p->uses_atomics = s->info->num_atomic_ranges > 0;
        variants[SHADER_COMPUTE] = v;
        if (!v->failed)
            p->program = gl_program_get(ctx, variants);
        p->name = p->program ? p->program->name : 0;
        g_hash_table_insert(d->pipelines, p->ids, p);
    }
    d->compute = p;
    return p->name ? p : NULL;
}
