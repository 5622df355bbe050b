/* SPDX-License-Identifier: MIT */
/* Tokens of TGSI text. The text is not NUL terminated; reads never pass `end`. */
#ifndef MANTUA_SHADER_LEXER_H
#define MANTUA_SHADER_LEXER_H

#include "util.h"

enum lex_kind {
    LEX_END,
    LEX_WORD,   /* upper case in `word` */
    LEX_NUMBER, /* starts with a digit, or with a sign where a number is asked for */
    LEX_PUNCT,  /* one character in `punct`; ".." is 'R' */
    LEX_BAD,
};

#define LEX_WORD_BYTES 64

struct lexer {
    const char *next, *end;
    uint32_t line;
    struct shader_error *err;
    bool failed;
    /* Current token. */
    enum lex_kind kind;
    uint32_t token_line;
    const char *token;
    char punct;
    char word[LEX_WORD_BYTES];
    size_t word_bytes;
};

void lex_init(struct lexer *lex, const char *text, size_t bytes, struct shader_error *err);
void lex_advance(struct lexer *lex);
void lex_fail(struct lexer *lex, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool lex_is(const struct lexer *lex, char punct);
bool lex_is_word(const struct lexer *lex, const char *word);
bool lex_accept(struct lexer *lex, char punct);
bool lex_expect(struct lexer *lex, char punct);
uint32_t lex_uint(struct lexer *lex, uint32_t max, const char *what);
/* Value of an immediate: 32-bit bits by type ('f', 'u', 'i'), or 64-bit ('d', 'U', 'I'). */
uint64_t lex_value(struct lexer *lex, char type);
/* Describes the current token for messages; static length, no NULs. */
const char *lex_token_text(const struct lexer *lex, char buffer[32]);

#endif
