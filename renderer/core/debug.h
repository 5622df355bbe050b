/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_CORE_DEBUG_H
#define MANTUA_CORE_DEBUG_H

/*
 * MANTUA_DEBUG: one comma list for everything that helps to find a fault. Each flag's help text
 * stands in debug.c; MANTUA_DEBUG=help prints them. docs/environment.md lists them too.
 */

#include <stdint.h>

enum debug_flag {
    DEBUG_CMD = 1 << 0,        /* dump each command of a stream */
    DEBUG_SHADER_IN = 1 << 1,  /* TGSI as it arrives */
    DEBUG_SHADER_OUT = 1 << 2, /* GLSL as it is compiled */
    DEBUG_GL = 1 << 3,         /* GL debug output, with a debug group per command */
    DEBUG_STATS = 1 << 4,      /* counts at exit: compiles, links, cache hits, draws */
    DEBUG_TRANSFER = 1 << 5,
    DEBUG_RESOURCE = 1 << 6,
    DEBUG_SYNC = 1 << 7,       /* finish after each command, check GL errors */
    /* off-switches, one per optimisation */
    DEBUG_NO_DISK_CACHE = 1 << 16,
    DEBUG_NO_PERSISTENT_MAP = 1 << 17,
    DEBUG_NO_STATE_CACHE = 1 << 18, /* send GL state even when it is unchanged */
    DEBUG_NO_VAO_CACHE = 1 << 19,
    DEBUG_NO_FBO_CACHE = 1 << 20,
    DEBUG_NO_PARALLEL_COMPILE = 1 << 21,
    DEBUG_NO_TEXTURE_VIEW = 1 << 22,
};

/* Reads MANTUA_DEBUG. Unknown words are reported on stderr once, with the known ones. */
uint32_t debug_flags_from_environment(void);

#endif
