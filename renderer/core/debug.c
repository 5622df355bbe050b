/* SPDX-License-Identifier: MIT */
#include "debug.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    uint32_t flag;
    const char *help;
} words[] = {
    {"cmd", DEBUG_CMD, "print every command of every stream with its fields"},
    {"shader-in", DEBUG_SHADER_IN, "print shaders as the guest sends them (TGSI)"},
    {"shader-out", DEBUG_SHADER_OUT, "print shaders as the host compiles them (GLSL)"},
    {"gl", DEBUG_GL, "use a GL debug context, print its messages, group GL calls by command"},
    {"stats", DEBUG_STATS, "print counts at exit: draws, compiles, links, cache hits"},
    {"transfer", DEBUG_TRANSFER, "print every transfer between guest memory and host storage"},
    {"resource", DEBUG_RESOURCE, "print creation and destruction of resources"},
    {"sync", DEBUG_SYNC, "wait for the GPU and check GL errors after each command"},
    {"no-disk-cache", DEBUG_NO_DISK_CACHE, "neither read nor write programs kept on disk"},
    {"no-persistent-map", DEBUG_NO_PERSISTENT_MAP, "upload without persistently mapped memory"},
    {"no-state-cache", DEBUG_NO_STATE_CACHE, "send GL state even when it is unchanged"},
    {"no-vao-cache", DEBUG_NO_VAO_CACHE, "build a vertex array for every change"},
    {"no-fbo-cache", DEBUG_NO_FBO_CACHE, "build a framebuffer for every change"},
    {"no-parallel-compile", DEBUG_NO_PARALLEL_COMPILE, "wait for each shader compilation"},
    {"no-texture-view", DEBUG_NO_TEXTURE_VIEW, "act as if the host had no texture views"},
};

enum { WORD_COUNT = sizeof words / sizeof words[0] };

static void print_help(void)
{
    fprintf(stderr, "MANTUA_DEBUG is a comma list of:\n");
    for (unsigned i = 0; i < WORD_COUNT; i++) {
        fprintf(stderr, "  %-20s %s\n", words[i].name, words[i].help);
    }
}

static uint32_t find(const char *word, size_t length)
{
    for (unsigned i = 0; i < WORD_COUNT; i++) {
        if (strlen(words[i].name) == length && memcmp(words[i].name, word, length) == 0) {
            return words[i].flag;
        }
    }
    return 0;
}

uint32_t debug_flags_from_environment(void)
{
    const char *text = getenv("MANTUA_DEBUG");
    uint32_t flags = 0;
    bool help = false;

    while (text != NULL && *text != '\0') {
        size_t length = strcspn(text, ", ");

        if (length > 0) {
            uint32_t flag = find(text, length);

            flags |= flag;
            if (flag == 0) {
                if (length != 4 || memcmp(text, "help", 4) != 0) {
                    fprintf(stderr, "mantua: MANTUA_DEBUG does not know \"%.*s\"\n", (int)length,
                            text);
                }
                help = true;
            }
        }
        text += length;
        text += strspn(text, ", ");
    }
    if (help) {
        print_help();
    }
    return flags;
}
