/* SPDX-License-Identifier: MIT */
/*
 * Every generated sample and every recorded shader, translated for each GLSL dialect, must be
 * accepted by the host's compiler. argv: "gl" or "gles", then folders of .tgsi files, or of
 * .shader_test files, whose shaders are taken.
 */
#include <string.h>

#include "gl_host.h"
#include "tgsi_gen.h"

static GPtrArray *samples;
static gboolean gles;

/* Reasons for which a translation may be refused: the dialect lacks something. */
static gboolean legitimate(const char *message)
{
    return strstr(message, "the host lacks") || strstr(message, "on GLES") ||
           strstr(message, "on an image of format");
}

static void check_sample(const struct tgsi_sample *s, const struct gl_dialect *dialect,
                         const struct shader_host *host, unsigned *compiled)
{
    struct shader_error err;
    struct shader_glsl glsl;
    struct shader_key key;
    struct shader_ir *ir;
    char *log = NULL;
    GLuint shader;

    ir = shader_parse(s->text, strlen(s->text), s->stage, NULL,
                      s->stage == SHADER_COMPUTE ? 1024 : 0, &err);
    if (!ir)
        return; /* test_shader_parse looks at refusals */
    shader_key_init(&key);
    if (shader_emit(ir, &key, host, &glsl, &err) < 0) {
        if (!legitimate(err.message)) {
            g_test_message("%s: %s: %s", dialect->name, s->name, err.message);
            g_test_fail();
        }
        shader_ir_destroy(ir);
        return;
    }
    shader = gl_host_compile(s->stage, glsl.text, &log);
    if (!shader) {
        g_test_message("%s: %s\n%s%s\n%s", dialect->name, s->name, s->text, glsl.text, log);
        g_test_fail();
    } else {
        (*compiled)++;
        glDeleteShader(shader);
    }
    free(log);
    shader_glsl_finish(&glsl);
    shader_ir_destroy(ir);
}

static void test_dialect(gconstpointer data)
{
    const struct gl_dialect *dialect = data;
    struct shader_host host;
    unsigned compiled = 0;

    gl_host_fill(dialect, &host);
    for (guint i = 0; i < samples->len; i++)
        check_sample(samples->pdata[i], dialect, &host, &compiled);
    g_test_message("%s: %u of %u samples compiled", dialect->name, compiled, samples->len);
    g_assert_cmpuint(compiled, >, 100);
}

/* Each opcode that is not refused by design is accepted by the parser in some stage. */
static void test_every_opcode(void)
{
    gboolean seen[SHADER_OP_COUNT] = {FALSE};

    for (guint i = 0; i < samples->len; i++) {
        const struct tgsi_sample *s = samples->pdata[i];
        struct shader_ir *ir = shader_parse(s->text, strlen(s->text), s->stage, NULL, 1024 *
                                            (s->stage == SHADER_COMPUTE), NULL);
        g_auto(GStrv) words = NULL;

        if (!ir)
            continue;
        words = g_strsplit_set(s->text, " \n", -1);
        for (unsigned w = 0; words[w]; w++) {
            for (unsigned op = 0; op < SHADER_OP_COUNT; op++)
                seen[op] |= !strcmp(words[w], shader_opcode_names[op]);
        }
        shader_ir_destroy(ir);
    }
    for (unsigned op = 0; op < SHADER_OP_COUNT; op++) {
        if (op == SHADER_OP_IMG2HND || op == SHADER_OP_SAMP2HND || op == SHADER_OP_SAMPLE_POS ||
            op == SHADER_OP_SAMPLE_I_MS || op == SHADER_OP_SAMPLE_INFO)
            continue;
        if (!seen[op]) {
            g_test_message("no sample of %s is accepted", shader_opcode_names[op]);
            g_test_fail();
        }
    }
}

/* Pipelines whose stages match in semantics but not in qualifiers, order or completeness. */
static const char *const vertex_texts[] = {
    "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\nDCL OUT[1..4], GENERIC[2]\nDCL OUT[5], COLOR\n"
    "DCL OUT[6], TEXCOORD[1]\nDCL OUT[7], PSIZE\nDCL TEMP[0..3]\nMOV OUT[0], IN[0]\n"
    "MOV OUT[1], IN[0]\nMOV OUT[2], IN[0]\nMOV OUT[3], IN[0]\nMOV OUT[4], IN[0]\n"
    "MOV OUT[5], IN[0]\nMOV OUT[6], IN[0]\nMOV OUT[7].x, IN[0]\nEND\n",
    "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\nDCL OUT[1], GENERIC[3]\nMOV OUT[0], IN[0]\n"
    "MOV OUT[1], IN[0]\nEND\n",
};
static const char *const middle_texts[] = {
    NULL,
    "GEOM\nPROPERTY GS_INPUT_PRIMITIVE TRIANGLES\nPROPERTY GS_OUTPUT_PRIMITIVE TRIANGLE_STRIP\n"
    "PROPERTY GS_MAX_OUTPUT_VERTICES 3\nDCL IN[][0], POSITION\nDCL IN[][1], GENERIC[3]\n"
    "DCL IN[][2], GENERIC[5]\nDCL OUT[0], POSITION\nDCL OUT[1], GENERIC[3]\n"
    "DCL OUT[2], GENERIC[5]\nIMM[0] UINT32 {0, 0, 0, 0}\nMOV OUT[0], IN[0][0]\n"
    "MOV OUT[1], IN[1][1]\nMOV OUT[2], IN[2][2]\nEMIT IMM[0].xxxx\nEND\n",
    "TESS_EVAL\nPROPERTY TES_PRIM_MODE 4\nDCL IN[][0], POSITION\nDCL IN[][1], GENERIC[3]\n"
    "DCL OUT[0], POSITION\nDCL OUT[1], GENERIC[3]\nDCL SV[0], TESSCOORD\n"
    "MUL OUT[0], IN[0][0], SV[0].xxxx\nMUL OUT[1], IN[1][1], SV[0].yyyy\nEND\n",
};
static const char *const fragment_texts[] = {
    "FRAG\nDCL IN[0], GENERIC[3], CONSTANT\nDCL IN[1], GENERIC[5], LINEAR\n"
    "DCL IN[2], COLOR, COLOR\n"
    "DCL IN[3], TEXCOORD[1], PERSPECTIVE, CENTROID\nDCL IN[4], GENERIC[30], PERSPECTIVE\n"
    "DCL OUT[0], COLOR\nDCL TEMP[0]\nADD TEMP[0], IN[0], IN[1]\nADD TEMP[0], TEMP[0], IN[2]\n"
    "ADD TEMP[0], TEMP[0], IN[3]\nADD OUT[0], TEMP[0], IN[4]\nEND\n",
    "FRAG\nDCL IN[0..3], ARRAY(1), GENERIC[2], PERSPECTIVE\nDCL OUT[0], COLOR\nDCL CONST[0]\n"
    "DCL ADDR[0]\nUARL ADDR[0].x, CONST[0].xxxx\nMOV OUT[0], IN[ADDR[0].x](1)\nEND\n",
};

static bool attach(GLuint program, const struct shader_ir *ir, const struct shader_key *key,
                   const struct shader_host *host)
{
    struct shader_error err;
    struct shader_glsl glsl;
    char *log = NULL;
    GLuint shader;

    if (shader_emit(ir, key, host, &glsl, &err) < 0) {
        if (!legitimate(err.message)) {
            g_test_message("%s", err.message);
            g_test_fail();
        }
        return false;
    }
    shader = gl_host_compile(shader_info(ir)->stage, glsl.text, &log);
    if (!shader)
        g_error("%s\n%s", glsl.text, log);
    glAttachShader(program, shader);
    glDeleteShader(shader);
    shader_glsl_finish(&glsl);
    return true;
}

static struct shader_ir *parse_text(const char *text)
{
    unsigned stage = g_str_has_prefix(text, "VERT")   ? SHADER_VERTEX
                     : g_str_has_prefix(text, "FRAG") ? SHADER_FRAGMENT
                     : g_str_has_prefix(text, "GEOM") ? SHADER_GEOMETRY : SHADER_TESS_EVAL;
    struct shader_error err;
    struct shader_ir *ir = shader_parse(text, strlen(text), stage, NULL, 0, &err);

    if (!ir)
        g_error("line %u: %s\n%s", err.line, err.message, text);
    return ir;
}

static bool attach_passthrough(GLuint program, const struct shader_info *vs,
                               const struct shader_info *tes, const struct shader_host *host)
{
    struct shader_error err;
    struct shader_glsl glsl;
    char *log = NULL;
    GLuint shader;

    if (shader_emit_passthrough_tcs(vs, tes, 3, false, host, &glsl, &err) < 0)
        return false;
    shader = gl_host_compile(SHADER_TESS_CTRL, glsl.text, &log);
    if (!shader)
        g_error("%s\n%s", glsl.text, log);
    glAttachShader(program, shader);
    glDeleteShader(shader);
    shader_glsl_finish(&glsl);
    return true;
}

static void link_pipeline(struct shader_ir *v, struct shader_ir *m, struct shader_ir *f,
                          const struct shader_host *host, unsigned variant, unsigned *linked)
{
    const struct shader_info *vi = shader_info(v), *mi = m ? shader_info(m) : NULL;
    const struct shader_info *fi = shader_info(f);
    struct shader_key keys[3];
    GLuint program = glCreateProgram();
    char log[1000] = "";
    GLint ok = 0;

    for (unsigned i = 0; i < 3; i++)
        shader_key_init(&keys[i]);
    keys[2].flatshade = variant & 1;
    keys[2].two_sided = variant >> 1 & 1;
    shader_key_link(&keys[0], vi, NULL, mi ? mi : fi, mi ? NULL : &keys[2], host);
    if (mi)
        shader_key_link(&keys[1], mi, vi, fi, &keys[2], host);
    shader_key_link(&keys[2], fi, mi ? mi : vi, NULL, NULL, host);
    if (attach(program, v, &keys[0], host) && attach(program, f, &keys[2], host) &&
        (!m || attach(program, m, &keys[1], host)) &&
        (!m || mi->stage != SHADER_TESS_EVAL || attach_passthrough(program, vi, mi, host))) {
        glLinkProgram(program);
        glGetProgramiv(program, GL_LINK_STATUS, &ok);
        glGetProgramInfoLog(program, sizeof(log), NULL, log);
        if (!ok) {
            g_test_message("GLSL %u: %s", host->glsl_version, log);
            g_test_fail();
        }
        (*linked)++;
    }
    glDeleteProgram(program);
}

/* All the varyings that the host has, integers in them. */
static void link_full(const struct shader_host *host, unsigned *linked)
{
    g_autoptr(GString) vertex = g_string_new("VERT\nDCL IN[0]\nDCL OUT[0], POSITION\n"
                                                 "DCL CONST[0..31]\nDCL TEMP[0..31]\n");
    g_autoptr(GString) fragment = g_string_new("FRAG\n");
    struct shader_ir *v, *f;
    GLint vectors = 0;

    glGetIntegerv(GL_MAX_VARYING_VECTORS, &vectors);
    vectors = MIN(vectors, 32);
    for (int i = 0; i < vectors; i++) {
        g_string_append_printf(vertex, "DCL OUT[%d], GENERIC[%d]\n", i + 1, i);
        g_string_append_printf(fragment, "DCL IN[%d], GENERIC[%d], CONSTANT\n", i, i);
    }
    g_string_append(vertex, "MOV OUT[0], IN[0]\n");
    g_string_append(fragment, "DCL OUT[0], COLOR\nDCL TEMP[0..2]\n"
                    "MOV TEMP[0], IN[0]\nMOV TEMP[2], IN[0]\n");
    for (int i = 0; i < vectors; i++) {
        g_string_append_printf(vertex, "UADD TEMP[%d], CONST[0].xxxx, CONST[%d]\n"
                               "MOV OUT[%d].x, CONST[%d].xxxx\nMOV OUT[%d].yzw, TEMP[%d].xxyz\n",
                               i, i, i + 1, i, i + 1, i);
        /* A sum whose terms are used once: Mesa 25's linker walks shared ones again for each use. */
        g_string_append_printf(fragment, "USNE TEMP[1].x, IN[%d].xxxx, TEMP[2].xxxx\n"
                               "USNE TEMP[1].yzw, IN[%d], TEMP[2]\n"
                               "UADD TEMP[0], TEMP[0], TEMP[1]\n", i, i);
    }
    g_string_append(vertex, "END\n");
    g_string_append(fragment, "MOV OUT[0], TEMP[0]\nEND\n");
    v = parse_text(vertex->str);
    f = parse_text(fragment->str);
    link_pipeline(v, NULL, f, host, 0, linked);
    shader_ir_destroy(v);
    shader_ir_destroy(f);
}

static void test_pipelines(gconstpointer data)
{
    const struct gl_dialect *dialect = data;
    struct shader_host host;
    unsigned linked = 0;

    gl_host_fill(dialect, &host);
    for (unsigned i = 0; i < G_N_ELEMENTS(vertex_texts); i++) {
        for (unsigned k = 0; k < G_N_ELEMENTS(middle_texts); k++) {
            for (unsigned n = 0; n < G_N_ELEMENTS(fragment_texts); n++) {
                struct shader_ir *v = parse_text(vertex_texts[i]);
                struct shader_ir *m = middle_texts[k] ? parse_text(middle_texts[k]) : NULL;
                struct shader_ir *f = parse_text(fragment_texts[n]);

                for (unsigned variant = 0; variant < 4; variant++)
                    link_pipeline(v, m, f, &host, variant, &linked);
                shader_ir_destroy(v);
                shader_ir_destroy(m);
                shader_ir_destroy(f);
            }
        }
    }
    g_assert_cmpuint(linked, >=, 16);
    link_full(&host, &linked);
}

static unsigned stage_of(const char *text)
{
    return g_str_has_prefix(text, "VERT")        ? SHADER_VERTEX
           : g_str_has_prefix(text, "FRAG")      ? SHADER_FRAGMENT
           : g_str_has_prefix(text, "GEOM")      ? SHADER_GEOMETRY
           : g_str_has_prefix(text, "TESS_CTRL") ? SHADER_TESS_CTRL
           : g_str_has_prefix(text, "TESS_EVAL") ? SHADER_TESS_EVAL : SHADER_COMPUTE;
}

static void add_sample(char *name, char *text)
{
    struct tgsi_sample *s = g_new0(struct tgsi_sample, 1);

    s->name = name;
    s->text = text;
    s->stage = stage_of(text);
    g_ptr_array_add(samples, s);
}

/* Sections begin with a line "[name]"; those that begin with a processor's name are shaders. */
static void add_sections(const char *name, const char *text)
{
    static const char *const processors[] = {
        "VERT\n", "FRAG\n", "GEOM\n", "TESS_CTRL\n", "TESS_EVAL\n", "COMP\n",
    };

    for (const char *at = strstr(text, "\n["); at; at = strstr(at + 1, "\n[")) {
        const char *body = strchr(at + 1, '\n');
        const char *end = strstr(at + 1, "\n[");

        for (unsigned i = 0; body && end && i < G_N_ELEMENTS(processors); i++) {
            if (g_str_has_prefix(body + 1, processors[i]))
                add_sample(g_strdup(name), g_strndup(body + 1, (gsize)(end - body)));
        }
    }
}

static void add_corpus(const char *folder)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    g_assert_nonnull(dir);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        char *text = NULL;

        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        if (g_str_has_suffix(name, ".shader_test")) {
            add_sections(name, text);
            g_free(text);
        } else {
            add_sample(g_strdup(name), text);
        }
    }
    g_dir_close(dir);
}

int main(int argc, char **argv)
{
    char reason[100];
    int rc;

    g_test_init(&argc, &argv, NULL);
    gles = argc > 1 && !strcmp(argv[1], "gles");
    if (!gl_host_make(gles, reason)) {
        g_print("1..0 # SKIP %s\n", reason);
        return 0;
    }
    samples = tgsi_generate();
    for (int i = 2; i < argc; i++)
        add_corpus(argv[i]);
    g_test_add_func("/shader/compile/every-opcode", test_every_opcode);
    for (unsigned i = 0; i < num_gl_dialects; i++) {
        g_autofree char *path = g_strdup_printf("/shader/compile/%s", gl_dialects[i].name);

        if (gl_dialects[i].gles == gles)
            g_test_add_data_func(path, &gl_dialects[i], test_dialect);
        if (gl_dialects[i].gles == gles) {
            g_autofree char *link = g_strdup_printf("/shader/link/%s", gl_dialects[i].name);

            g_test_add_data_func(link, &gl_dialects[i], test_pipelines);
        }
    }
    rc = g_test_run();
    g_ptr_array_unref(samples);
    gl_host_destroy();
    return rc;
}
