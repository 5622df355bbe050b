/* SPDX-License-Identifier: MIT */
/* Development aid: translates a TGSI text and compiles the result on this machine's GL. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gl_host.h"

static const char usage[] =
    "usage: tgsi2glsl [-d DIALECT] [-n] [FILE]\n"
    "  -d  GL dialect: 31, 33, 43, 45, es30, es31, es32 (default 45)\n"
    "  -n  do not compile the result\n"
    "  -D  print the parsed shader instead of GLSL\n";

static int stage_of(const char *text)
{
    static const char *const headers[] = {"VERT", "FRAG", "GEOM", "TESS_CTRL", "TESS_EVAL",
                                          "COMP"};

    for (int i = 0; i < SHADER_STAGES; i++) {
        if (!strncmp(text, headers[i], strlen(headers[i])))
            return i;
    }
    return 0;
}

static const struct gl_dialect *find_dialect(const char *name)
{
    bool gles = !strncmp(name, "es", 2);
    unsigned version = (unsigned)atoi(gles ? name + 2 : name);

    for (unsigned i = 0; i < num_gl_dialects; i++) {
        if (gl_dialects[i].gles == gles && gl_dialects[i].gl_version == version)
            return &gl_dialects[i];
    }
    return NULL;
}

int main(int argc, char **argv)
{
    const struct gl_dialect *dialect = find_dialect("45");
    bool compile = true, dump = false;
    struct shader_error err;
    struct shader_host host;
    struct shader_glsl glsl;
    struct shader_key key;
    struct shader_ir *ir;
    char *text = malloc(4 << 20), reason[100], *log = NULL;
    const char *path = NULL;
    FILE *file = stdin;
    size_t bytes;
    int stage, rc = 0;

    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-d") && i + 1 < argc)
            dialect = find_dialect(argv[++i]);
        else if (!strcmp(argv[i], "-n"))
            compile = false;
        else if (!strcmp(argv[i], "-D"))
            dump = true;
        else
            path = argv[i];
    }
    if (!dialect || (path && path[0] == '-')) {
        fputs(usage, stderr);
        return 2;
    }
    if (path && !(file = fopen(path, "r"))) {
        perror(path);
        return 1;
    }
    bytes = fread(text, 1, (4 << 20) - 1, file);
    text[bytes] = 0;
    stage = stage_of(text);
    ir = shader_parse(text, bytes, (unsigned)stage, NULL, stage == SHADER_COMPUTE ? 1024 : 0,
                      &err);
    if (!ir) {
        fprintf(stderr, "line %u: %s\n", err.line, err.message);
        return 1;
    }
    if (dump) {
        char *again = shader_ir_dump(ir);

        fputs(again ? again : "", stdout);
        free(again);
        shader_ir_destroy(ir);
        free(text);
        return 0;
    }
    if (!gl_host_make(dialect->gles, reason)) {
        fprintf(stderr, "%s\n", reason);
        return 1;
    }
    gl_host_fill(dialect, &host);
    shader_key_init(&key);
    if (shader_emit(ir, &key, &host, &glsl, &err) < 0) {
        fprintf(stderr, "line %u: %s\n", err.line, err.message);
        rc = 1;
    } else {
        fputs(glsl.text, stdout);
        if (compile && !gl_host_compile((unsigned)stage, glsl.text, &log)) {
            fprintf(stderr, "%s\n", log ? log : "");
            rc = 1;
        }
        shader_glsl_finish(&glsl);
    }
    free(log);
    shader_ir_destroy(ir);
    gl_host_destroy();
    free(text);
    return rc;
}
