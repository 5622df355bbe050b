/* SPDX-License-Identifier: MIT */
/* Linked programs and compiled shaders of a device, by the digest of their text. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/debug.h"
#include "core/log.h"
#include "draw_context.h"

/* Programs that nothing refers to are kept for guests that delete and make anew. */
enum { MAX_IDLE_PROGRAMS = 128 };

struct gl_compiled {
    uint8_t digest[GL_DIGEST_BYTES];
    GLuint name;
    uint32_t refs;
    bool failed;
};

struct gl_program_cache {
    GHashTable *programs; /* digest -> gl_program */
    GHashTable *compiled; /* digest -> gl_compiled */
    struct gl_program *idle_newest, *idle_oldest;
    uint32_t idle_count;
    struct gl_program_disk *disk;
    bool driver_binaries;
    uint32_t last_variant_id;
};

static guint digest_hash(gconstpointer key)
{
    guint h;

    memcpy(&h, key, sizeof(h));
    return h;
}

static gboolean digest_equal(gconstpointer a, gconstpointer b)
{
    return !memcmp(a, b, GL_DIGEST_BYTES);
}

static void digest_take(GChecksum *sum, uint8_t out[GL_DIGEST_BYTES])
{
    gsize bytes = GL_DIGEST_BYTES;

    g_checksum_get_digest(sum, out, &bytes);
    g_checksum_free(sum);
}

uint32_t gl_variant_next_id(struct gl_device *dev)
{
    uint32_t *last = &dev->programs->last_variant_id;

    *last = (*last + 1) & 0x7fffffffu;
    if (!*last)
        *last = 1;
    return *last;
}

/* Covers all that compiling and linking this stage depends on. */
void gl_variant_digest(struct gl_variant *v)
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    const struct shader_glsl *g = &v->glsl;

    g_checksum_update(sum, &v->stage, 1);
    g_checksum_update(sum, (const guchar *)g->text, (gssize)g->length);
    for (uint32_t i = 0; i < g->num_resources; i++) {
        const struct shader_resource *r = &g->resources[i];
        uint8_t fields[4] = {r->kind, r->binding, r->index, r->needs_binding};

        if (!r->needs_binding)
            continue;
        g_checksum_update(sum, (const guchar *)r->name, (gssize)strlen(r->name) + 1);
        g_checksum_update(sum, fields, sizeof(fields));
    }
    for (uint32_t i = 0; i < g->num_varyings; i++)
        g_checksum_update(sum, (const guchar *)g->varyings[i], (gssize)strlen(g->varyings[i]) + 1);
    if (g->num_varyings) {
        uint8_t separate = g->varyings_separate;

        g_checksum_update(sum, &separate, 1);
    }
    digest_take(sum, v->digest);
}

static struct gl_program_disk *open_disk(struct gl_device *dev)
{
    const struct gl_features *feat = &dev->feat;
    struct gl_program_disk *disk;
    char *host;

    if (dev->base.debug & DEBUG_NO_DISK_CACHE)
        return NULL;
    host = g_strdup_printf("%s\n%s\n%s\n%d\n%d%d", feat->vendor, feat->renderer,
                           feat->version_text, feat->version, feat->gles, feat->compat);
    disk = gl_program_disk_open(host, dev->base.log);
    g_free(host);
    return disk;
}

struct gl_program_cache *gl_program_cache_create(struct gl_device *dev)
{
    struct gl_program_cache *cache = calloc(1, sizeof(*cache));
    GLint formats = 0;

    if (!cache)
        return NULL;
    cache->programs = g_hash_table_new(digest_hash, digest_equal);
    cache->compiled = g_hash_table_new(digest_hash, digest_equal);
    if (dev->feat.program_binary)
        glGetIntegerv(GL_NUM_PROGRAM_BINARY_FORMATS, &formats);
    cache->driver_binaries = formats > 0;
    if (cache->driver_binaries)
        cache->disk = open_disk(dev);
    return cache;
}

static void program_free(struct gl_device *dev, struct gl_program *p)
{
    g_hash_table_remove(dev->programs->programs, p->digest);
    if (p->name)
        glDeleteProgram(p->name);
    free(p);
}

static void idle_remove(struct gl_program_cache *cache, struct gl_program *p)
{
    if (p->prev)
        p->prev->next = p->next;
    else
        cache->idle_newest = p->next;
    if (p->next)
        p->next->prev = p->prev;
    else
        cache->idle_oldest = p->prev;
    p->prev = p->next = NULL;
    cache->idle_count--;
}

void gl_program_unref(struct gl_device *dev, struct gl_program *p)
{
    struct gl_program_cache *cache = dev->programs;

    if (--p->refs)
        return;
    p->next = cache->idle_newest;
    p->prev = NULL;
    if (p->next)
        p->next->prev = p;
    else
        cache->idle_oldest = p;
    cache->idle_newest = p;
    if (++cache->idle_count > MAX_IDLE_PROGRAMS) {
        struct gl_program *oldest = cache->idle_oldest;

        idle_remove(cache, oldest);
        program_free(dev, oldest);
    }
}

void gl_program_cache_destroy(struct gl_device *dev)
{
    struct gl_program_cache *cache = dev->programs;

    if (!cache)
        return;
    while (cache->idle_newest) {
        struct gl_program *p = cache->idle_newest;

        idle_remove(cache, p);
        program_free(dev, p);
    }
    g_hash_table_destroy(cache->programs);
    g_hash_table_destroy(cache->compiled);
    gl_program_disk_close(cache->disk);
    free(cache);
    dev->programs = NULL;
}

static void compiled_unref(struct gl_device *dev, struct gl_compiled *c)
{
    if (--c->refs)
        return;
    g_hash_table_remove(dev->programs->compiled, c->digest);
    if (c->name)
        glDeleteShader(c->name);
    free(c);
}

void gl_variant_free(struct gl_device *dev, struct gl_variant *v)
{
    if (v->compiled)
        compiled_unref(dev, v->compiled);
    shader_glsl_finish(&v->glsl);
    free(v);
}

static const GLenum stage_types[STAGE_COUNT] = {
    [SHADER_VERTEX] = GL_VERTEX_SHADER,
    [SHADER_FRAGMENT] = GL_FRAGMENT_SHADER,
    [SHADER_GEOMETRY] = GL_GEOMETRY_SHADER,
    [SHADER_TESS_CTRL] = GL_TESS_CONTROL_SHADER,
    [SHADER_TESS_EVAL] = GL_TESS_EVALUATION_SHADER,
    [SHADER_COMPUTE] = GL_COMPUTE_SHADER,
};

static const char *const stage_names[STAGE_COUNT] = {
    [SHADER_VERTEX] = "vertex",
    [SHADER_FRAGMENT] = "fragment",
    [SHADER_GEOMETRY] = "geometry",
    [SHADER_TESS_CTRL] = "tessellation control",
    [SHADER_TESS_EVAL] = "tessellation evaluation",
    [SHADER_COMPUTE] = "compute",
};

/* A driver that refuses our text is our fault or the driver's: said once, with its own words. */
static void report_compile(struct gl_device *dev, const struct gl_variant *v, GLuint name)
{
    char info[1024] = "";

    glGetShaderInfoLog(name, sizeof(info), NULL, info);
    log_guest_error(dev->base.log, "gl: the host refuses a %s shader: %s", stage_names[v->stage],
                    info);
    log_message(dev->base.log, LOG_LEVEL_DEBUG, "%s", v->glsl.text);
}

static struct gl_compiled *compiled_get(struct gl_device *dev, struct gl_variant *v)
{
    struct gl_program_cache *cache = dev->programs;
    const GLchar *text = v->glsl.text;
    GLint length = (GLint)v->glsl.length, ok = 0;
    struct gl_compiled *c;

    if (v->compiled)
        return v->compiled;
    c = g_hash_table_lookup(cache->compiled, v->digest);
    if (c) {
        c->refs++;
        v->compiled = c;
        return c;
    }
    c = calloc(1, sizeof(*c));
    if (!c)
        return NULL;
    memcpy(c->digest, v->digest, sizeof(c->digest));
    c->refs = 1;
    c->name = glCreateShader(stage_types[v->stage]);
    if (dev->base.debug & DEBUG_SHADER_OUT)
        log_message(dev->base.log, LOG_LEVEL_DEBUG, "gl: %s shader:\n%s", stage_names[v->stage],
                    text);
    glShaderSource(c->name, 1, &text, &length);
    glCompileShader(c->name);
    dev->stats.compiles++;
    glGetShaderiv(c->name, GL_COMPILE_STATUS, &ok);
    if (!ok) {
        report_compile(dev, v, c->name);
        c->failed = true;
    }
    g_hash_table_insert(cache->compiled, c->digest, c);
    v->compiled = c;
    return c;
}

/* Before linking: locations that the text could not carry, and what is captured. */
static void set_link_inputs(struct gl_device *dev, GLuint name, const struct gl_variant *v,
                            bool captures)
{
    const struct shader_glsl *g = &v->glsl;

    for (uint32_t i = 0; i < g->num_resources; i++) {
        const struct shader_resource *r = &g->resources[i];

        if (!r->needs_binding)
            continue;
        if (r->kind == SHADER_RES_ATTRIBUTE)
            glBindAttribLocation(name, r->binding, r->name);
        else if (r->kind == SHADER_RES_FRAG_DATA && !dev->feat.gles)
            glBindFragDataLocationIndexed(name, r->binding, r->index, r->name);
        else if (r->kind == SHADER_RES_FRAG_DATA && dev->feat.dual_source_blend)
            glBindFragDataLocationIndexedEXT(name, r->binding, r->index, r->name);
    }
    if (captures && g->num_varyings)
        glTransformFeedbackVaryings(name, (GLsizei)g->num_varyings, g->varyings,
                                    g->varyings_separate ? GL_SEPARATE_ATTRIBS
                                                         : GL_INTERLEAVED_ATTRIBS);
}

static void set_block_binding(GLuint name, const struct shader_resource *r, unsigned element)
{
    char text[64];
    GLuint index;

    if (r->count > 1)
        snprintf(text, sizeof(text), "%s[%u]", r->name, element);
    else
        snprintf(text, sizeof(text), "%s", r->name);
    if (r->kind == SHADER_RES_UNIFORM_BLOCK) {
        index = glGetUniformBlockIndex(name, text);
        if (index != GL_INVALID_INDEX)
            glUniformBlockBinding(name, index, r->binding + element);
        return;
    }
    index = glGetProgramResourceIndex(name, GL_SHADER_STORAGE_BLOCK, text);
    if (index != GL_INVALID_INDEX)
        glShaderStorageBlockBinding(name, index, r->binding + element);
}

/* Elements of a uniform array that the linker has kept. */
static GLint uniform_array_size(GLuint program, const char *name)
{
    GLuint index = GL_INVALID_INDEX;
    GLint size = 0;
    char text[32];
    const char *names[] = {text};

    snprintf(text, sizeof(text), "%s[0]", name);
    glGetUniformIndices(program, 1, names, &index);
    if (index != GL_INVALID_INDEX)
        glGetActiveUniformsiv(program, 1, &index, GL_UNIFORM_SIZE, &size);
    return size;
}

static void set_uniform_units(GLuint name, const struct shader_resource *r)
{
    GLint location = glGetUniformLocation(name, r->name);
    GLint units[SHADER_MAX_SAMPLERS];
    GLsizei count = r->count > SHADER_MAX_SAMPLERS ? SHADER_MAX_SAMPLERS : r->count;

    for (GLsizei i = 0; i < count; i++)
        units[i] = r->binding + i;
    if (location >= 0)
        glUniform1iv(location, count, units);
}

/* After linking or loading: bindings that live in the program. */
static void set_bindings(struct gl_context *ctx, GLuint name,
                         struct gl_variant *const variants[STAGE_COUNT])
{
    for (unsigned s = 0; s < STAGE_COUNT; s++) {
        const struct shader_glsl *g = variants[s] ? &variants[s]->glsl : NULL;

        for (uint32_t i = 0; g && i < g->num_resources; i++) {
            const struct shader_resource *r = &g->resources[i];

            if (!r->needs_binding)
                continue;
            switch (r->kind) {
            case SHADER_RES_SAMPLER:
            case SHADER_RES_IMAGE:
                gl_state_use_program(&ctx->state, name);
                set_uniform_units(name, r);
                break;
            case SHADER_RES_UNIFORM_BLOCK:
            case SHADER_RES_STORAGE_BLOCK:
                for (unsigned e = 0; e < (r->count ? r->count : 1u); e++)
                    set_block_binding(name, r, e);
                break;
            default:
                break;
            }
        }
    }
}

/* Where the values of ordinary uniforms go. */
static void find_uniforms(struct gl_program *p, struct gl_variant *const variants[STAGE_COUNT])
{
    static const char *const aux_names[4] = {"aux.y_flip", "aux.point_size", "aux.alpha_ref",
                                             "aux.fb_height_px"};
    bool aux = false;

    for (unsigned s = 0; s < STAGE_COUNT; s++) {
        const struct shader_glsl *g = variants[s] ? &variants[s]->glsl : NULL;
        struct gl_const0_uniform *c = &p->const0[s];
        GLint size;

        c->location = -1;
        if (!g)
            continue;
        aux = aux || g->aux_uniforms;
        if (!g->const0_uniform[0])
            continue;
        c->location = glGetUniformLocation(p->name, g->const0_uniform);
        c->is_float = g->const0_type == 'f';
        if (c->location < 0)
            continue;
        size = uniform_array_size(p->name, g->const0_uniform);
        c->vec4s = size > 0 ? (uint32_t)size : 1;
        p->const0_stages |= 1u << s;
    }
    for (unsigned i = 0; i < 4; i++) {
        p->aux_locations[i] = aux ? glGetUniformLocation(p->name, aux_names[i]) : -1;
        p->has_aux_uniforms = p->has_aux_uniforms || p->aux_locations[i] >= 0;
    }
    p->has_uniforms = p->const0_stages || p->has_aux_uniforms;
}

static bool load_from_disk(struct gl_context *ctx, struct gl_program *p)
{
    struct gl_device *dev = ctx->dev;
    struct gl_program_disk *disk = dev->programs->disk;
    GLenum format;
    GLint ok = 0;
    size_t bytes;
    void *data;

    if (!disk)
        return false;
    if (!gl_program_disk_load(disk, p->digest, &format, &data, &bytes)) {
        dev->stats.disk_misses++;
        return false;
    }
    p->name = glCreateProgram();
    glProgramBinary(p->name, format, data, (GLsizei)bytes);
    g_free(data);
    glGetProgramiv(p->name, GL_LINK_STATUS, &ok);
    if (ok) {
        dev->stats.disk_hits++;
        return true;
    }
    /* Another driver build with the same name, or bits that rotted behind the checksum. */
    glDeleteProgram(p->name);
    p->name = 0;
    gl_program_disk_discard(disk, p->digest);
    dev->stats.disk_misses++;
    return false;
}

static void store_to_disk(struct gl_device *dev, const struct gl_program *p)
{
    GLint bytes = 0;
    GLsizei written = 0;
    GLenum format = 0;
    void *data;

    if (!dev->programs->disk)
        return;
    glGetProgramiv(p->name, GL_PROGRAM_BINARY_LENGTH, &bytes);
    if (bytes <= 0)
        return;
    data = g_try_malloc((gsize)bytes);
    if (!data)
        return;
    glGetProgramBinary(p->name, bytes, &written, &format, data);
    if (written > 0)
        gl_program_disk_store(dev->programs->disk, p->digest, format, data, (size_t)written);
    g_free(data);
}

static void link_program(struct gl_context *ctx, struct gl_program *p,
                         struct gl_variant *const variants[STAGE_COUNT])
{
    struct gl_device *dev = ctx->dev;
    GLuint shaders[STAGE_COUNT] = {0};
    unsigned last = variants[SHADER_GEOMETRY]    ? SHADER_GEOMETRY
                    : variants[SHADER_TESS_EVAL] ? SHADER_TESS_EVAL
                                                 : SHADER_VERTEX;
    GLint ok = 0;

    for (unsigned s = 0; s < STAGE_COUNT; s++) {
        struct gl_compiled *c = variants[s] ? compiled_get(dev, variants[s]) : NULL;

        if (!variants[s])
            continue;
        if (!c || c->failed)
            return;
        shaders[s] = c->name;
    }
    p->name = glCreateProgram();
    for (unsigned s = 0; s < STAGE_COUNT; s++) {
        if (!shaders[s])
            continue;
        glAttachShader(p->name, shaders[s]);
        set_link_inputs(dev, p->name, variants[s], s == last);
    }
    if (dev->programs->disk)
        glProgramParameteri(p->name, GL_PROGRAM_BINARY_RETRIEVABLE_HINT, GL_TRUE);
    glLinkProgram(p->name);
    dev->stats.links++;
    glGetProgramiv(p->name, GL_LINK_STATUS, &ok);
    if (!ok) {
        char info[1024] = "";

        glGetProgramInfoLog(p->name, sizeof(info), NULL, info);
        log_guest_error(dev->base.log, "gl: the host refuses to link a program: %s", info);
        for (unsigned s = 0; s < STAGE_COUNT; s++) {
            if (variants[s])
                log_message(dev->base.log, LOG_LEVEL_DEBUG, "%s shader:\n%s", stage_names[s],
                            variants[s]->glsl.text);
        }
        glDeleteProgram(p->name);
        p->name = 0;
        return;
    }
    for (unsigned s = 0; s < STAGE_COUNT; s++) {
        if (shaders[s])
            glDetachShader(p->name, shaders[s]);
    }
    store_to_disk(dev, p);
}

struct gl_program *gl_program_get(struct gl_context *ctx,
                                  struct gl_variant *const variants[STAGE_COUNT])
{
    struct gl_device *dev = ctx->dev;
    struct gl_program_cache *cache = dev->programs;
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    uint8_t digest[GL_DIGEST_BYTES];
    struct gl_program *p;

    for (unsigned s = 0; s < STAGE_COUNT; s++) {
        if (variants[s])
            g_checksum_update(sum, variants[s]->digest, GL_DIGEST_BYTES);
    }
    digest_take(sum, digest);
    p = g_hash_table_lookup(cache->programs, digest);
    if (p) {
        if (!p->refs++)
            idle_remove(cache, p);
        return p;
    }
    p = calloc(1, sizeof(*p));
    if (!p)
        return NULL;
    memcpy(p->digest, digest, sizeof(digest));
    p->refs = 1;
    g_hash_table_insert(cache->programs, p->digest, p);
    if (!load_from_disk(ctx, p))
        link_program(ctx, p, variants);
    if (p->name) {
        set_bindings(ctx, p->name, variants);
        find_uniforms(p, variants);
    }
    return p;
}

void gl_device_log_stats(struct gl_device *dev)
{
    const struct gl_program_cache *cache = dev->programs;
    const char *where = "kept on disk";

    if (!cache || !cache->driver_binaries)
        where = "left to the driver's own cache (it gives out no program binaries)";
    else if (!cache->disk)
        where = "not kept on disk";
    log_message(dev->base.log, LOG_LEVEL_INFO,
                "gl: %" PRIu64 " draws, %" PRIu64 " program switches, %" PRIu64
                " shaders compiled, %" PRIu64 " programs linked, %" PRIu64
                " loaded from disk, %" PRIu64 " not found there; binaries are %s",
                dev->stats.draws, dev->stats.program_switches, dev->stats.compiles,
                dev->stats.links, dev->stats.disk_hits, dev->stats.disk_misses, where);
}
