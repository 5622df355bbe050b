/* SPDX-License-Identifier: MIT */
/* Shared by the parser's files. */
#ifndef MANTUA_SHADER_PARSE_H
#define MANTUA_SHADER_PARSE_H

#include "ir.h"
#include "lexer.h"

struct parser {
    struct lexer lex;
    struct shader_ir *ir;
    struct shader_error *err;
    uint64_t declared_in[2], declared_out[2]; /* register bit sets */
};

/* Value of a name in a generated table, -1 when unknown. */
int parse_find_name(const struct shader_name *table, unsigned count, const char *name);
#define PARSE_NAME(enumeration, name) \
    parse_find_name(enumeration##_by_name, \
                    sizeof(enumeration##_by_name) / sizeof(enumeration##_by_name[0]), name)

void parse_property(struct parser *p);
void parse_declaration(struct parser *p);
void parse_immediate(struct parser *p);
void parse_instruction(struct parser *p);
/* Consumes a PIPE_FORMAT_x word; index of image_format. */
unsigned parse_pipe_format(struct parser *p);
int parse_stage(const char *word); /* header word -> enum shader_stage, -1 */

#endif
