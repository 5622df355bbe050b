/* SPDX-License-Identifier: MIT */
/* Small TGSI shaders made from the tables: one per opcode, target, semantic, ... and stage. */
#ifndef MANTUA_TEST_TGSI_GEN_H
#define MANTUA_TEST_TGSI_GEN_H

#include <glib.h>

#include "shader.h"

struct tgsi_sample {
    char *name;
    char *text;
    unsigned stage;
};

/* Every sample that makes sense, whether or not a host can compile it. Free with the next. */
GPtrArray *tgsi_generate(void);

#endif
