/* SPDX-License-Identifier: MIT */
/*
 * Every generated sample and every recorded shader, translated for each GLSL dialect, must be
 * accepted by the host's compiler. argv: "gl" or "gles", then the corpus folder.
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

static void add_corpus(const char *folder)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;

    g_assert_nonnull(dir);
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        struct tgsi_sample *s = g_new0(struct tgsi_sample, 1);

        g_assert_true(g_file_get_contents(path, &s->text, NULL, NULL));
        s->name = g_strdup(name);
        s->stage = g_str_has_prefix(s->text, "VERT")        ? SHADER_VERTEX
                   : g_str_has_prefix(s->text, "FRAG")      ? SHADER_FRAGMENT
                   : g_str_has_prefix(s->text, "GEOM")      ? SHADER_GEOMETRY
                   : g_str_has_prefix(s->text, "TESS_CTRL") ? SHADER_TESS_CTRL
                   : g_str_has_prefix(s->text, "TESS_EVAL") ? SHADER_TESS_EVAL : SHADER_COMPUTE;
        g_ptr_array_add(samples, s);
    }
    g_dir_close(dir);
}

int main(int argc, char **argv)
{
    char reason[100];
    int rc;

    g_test_init(&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
    gles = argc > 1 && !strcmp(argv[1], "gles");
    if (!gl_host_make(gles, reason)) {
        g_print("1..0 # SKIP %s\n", reason);
        return 0;
    }
    samples = tgsi_generate();
    if (argc > 2)
        add_corpus(argv[2]);
    g_test_add_func("/shader/compile/every-opcode", test_every_opcode);
    for (unsigned i = 0; i < num_gl_dialects; i++) {
        g_autofree char *path = g_strdup_printf("/shader/compile/%s", gl_dialects[i].name);

        if (gl_dialects[i].gles == gles)
            g_test_add_data_func(path, &gl_dialects[i], test_dialect);
    }
    rc = g_test_run();
    g_ptr_array_unref(samples);
    gl_host_destroy();
    return rc;
}
