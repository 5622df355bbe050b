/* SPDX-License-Identifier: MIT */
#include "shader_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const stage_names[VIRGL_SHADER_STAGE_COUNT] = {
    "vertex", "fragment", "geometry", "tess_ctrl", "tess_eval", "compute",
};

unsigned shader_test_stage(const char *name)
{
    unsigned stage = 0;

    while (stage < VIRGL_SHADER_STAGE_COUNT && strcmp(stage_names[stage], name) != 0)
        stage++;
    return stage;
}

static void free_line(void *data)
{
    struct shader_test_line *line = data;

    g_strfreev(line->words);
    g_free(line);
}

static void add_line(GPtrArray *lines, const char *text, unsigned number)
{
    struct shader_test_line *line = g_new0(struct shader_test_line, 1);
    char **all = g_strsplit_set(text, " \t\r,", -1);
    unsigned kept = 0;

    for (unsigned i = 0; all[i]; i++) {
        if (*all[i])
            all[kept++] = all[i];
        else
            g_free(all[i]);
    }
    all[kept] = NULL;
    line->number = number;
    line->words = all;
    g_ptr_array_add(lines, line);
}

/* The words of a section's header, "[compute 64]" for instance. False when there is no such one. */
static bool open_section(struct shader_test *test, const char *header, GPtrArray **lines,
                         unsigned *stage)
{
    char name[32];
    unsigned shared_bytes = 0;

    *lines = NULL;
    *stage = VIRGL_SHADER_STAGE_COUNT;
    if (sscanf(header, "[%31[a-z_] %u]", name, &shared_bytes) < 1)
        return false;
    g_strchomp(name);
    *stage = shader_test_stage(name);
    if (*stage == VIRGL_SHADER_STAGE_COMPUTE)
        test->shared_bytes = shared_bytes;
    if (strcmp(name, "require") == 0)
        *lines = test->requirements;
    else if (strcmp(name, "vertices") == 0)
        *lines = test->vertices;
    else if (strcmp(name, "test") == 0)
        *lines = test->commands;
    return *lines || *stage < VIRGL_SHADER_STAGE_COUNT;
}

static bool read_lines(struct shader_test *test, GStrv text, char **message)
{
    GString *shaders[VIRGL_SHADER_STAGE_COUNT] = {NULL};
    unsigned stage = VIRGL_SHADER_STAGE_COUNT;
    GPtrArray *lines = NULL;
    bool good = true;

    for (unsigned i = 0; text[i] && good; i++) {
        const char *line = g_strstrip(text[i]);

        if (*line == '\0' || *line == '#')
            continue;
        if (*line == '[') {
            good = open_section(test, line, &lines, &stage);
            if (good && !lines && !shaders[stage])
                shaders[stage] = g_string_new(NULL);
        } else if (lines) {
            add_line(lines, line, i + 1);
        } else if (stage < VIRGL_SHADER_STAGE_COUNT) {
            g_string_append_printf(shaders[stage], "%s\n", line);
        } else {
            good = false;
        }
        if (!good)
            *message = g_strdup_printf("line %u belongs to no section: %s", i + 1, line);
    }
    for (unsigned i = 0; i < VIRGL_SHADER_STAGE_COUNT; i++)
        test->shaders[i] = shaders[i] ? g_string_free(shaders[i], FALSE) : NULL;
    return good;
}

struct shader_test *shader_test_load(const char *path, char **message)
{
    struct shader_test *test = g_new0(struct shader_test, 1);
    g_autofree char *contents = NULL;
    g_autoptr(GError) error = NULL;
    bool good = false;

    test->name = g_path_get_basename(path);
    test->requirements = g_ptr_array_new_with_free_func(free_line);
    test->vertices = g_ptr_array_new_with_free_func(free_line);
    test->commands = g_ptr_array_new_with_free_func(free_line);
    if (!g_file_get_contents(path, &contents, NULL, &error)) {
        *message = g_strdup(error->message);
    } else {
        g_auto(GStrv) text = g_strsplit(contents, "\n", -1);

        good = read_lines(test, text, message);
        if (good && test->commands->len == 0) {
            *message = g_strdup("there is no [test] section");
            good = false;
        }
    }
    if (!good) {
        shader_test_free(test);
        return NULL;
    }
    return test;
}

void shader_test_free(struct shader_test *test)
{
    for (unsigned i = 0; i < VIRGL_SHADER_STAGE_COUNT; i++)
        g_free(test->shaders[i]);
    g_ptr_array_unref(test->requirements);
    g_ptr_array_unref(test->vertices);
    g_ptr_array_unref(test->commands);
    g_free(test->name);
    g_free(test);
}

/* One word: `1.5` float, `i:-1` and `u:7` integers, `0x...` bits, `d:0.1` double, `any`. */
static int parse_value(const char *word, struct value value[2])
{
    char *end;

    if (strcmp(word, "any") == 0) {
        value[0] = (struct value){VALUE_ANY, 0};
        return 1;
    }
    if (g_str_has_prefix(word, "i:") || g_str_has_prefix(word, "u:")) {
        value[0] = (struct value){VALUE_BITS, (uint32_t)strtoll(word + 2, &end, 10)};
        return *end || end == word + 2 ? -1 : 1;
    }
    if (g_str_has_prefix(word, "0x")) {
        value[0] = (struct value){VALUE_BITS, (uint32_t)strtoul(word, &end, 16)};
        return *end ? -1 : 1;
    }
    if (g_str_has_prefix(word, "d:")) {
        double number = g_ascii_strtod(word + 2, &end);
        uint64_t bits;

        memcpy(&bits, &number, sizeof(bits));
        value[0] = (struct value){VALUE_BITS, (uint32_t)bits};
        value[1] = (struct value){VALUE_BITS, (uint32_t)(bits >> 32)};
        return *end || end == word + 2 ? -1 : 2;
    }
    float number = (float)g_ascii_strtod(word, &end);

    value[0].kind = VALUE_FLOAT;
    memcpy(&value[0].bits, &number, sizeof(number));
    return *end || end == word ? -1 : 1;
}

int shader_test_values(char *const *words, struct value values[SHADER_TEST_MAX_VALUES],
                       char **message)
{
    int count = 0;

    for (unsigned i = 0; words[i]; i++) {
        int added = count + 2 <= SHADER_TEST_MAX_VALUES ? parse_value(words[i], values + count)
                                                        : -1;

        if (added < 0) {
            *message = g_strdup_printf("bad value, or too many: %s", words[i]);
            return -1;
        }
        count += added;
    }
    return count;
}
