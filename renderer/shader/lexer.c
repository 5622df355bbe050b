/* SPDX-License-Identifier: MIT */
#include "lexer.h"

#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

void lex_init(struct lexer *lex, const char *text, size_t bytes, struct shader_error *err)
{
    const char *nul = bytes ? memchr(text, 0, bytes) : NULL;

    memset(lex, 0, sizeof(*lex));
    lex->next = text;
    lex->end = nul ? nul : text + bytes;
    lex->line = 1;
    lex->err = err;
    lex_advance(lex);
}

void lex_fail(struct lexer *lex, const char *format, ...)
{
    struct shader_error message = {0};
    va_list args;

    if (lex->failed)
        return;
    va_start(args, format);
    vsnprintf(message.message, sizeof(message.message), format, args);
    va_end(args);
    sh_error(lex->err, lex->token_line, "%s", message.message);
    lex->failed = true;
    lex->kind = LEX_END;
    lex->next = lex->end;
}

void lex_advance(struct lexer *lex)
{
    const char *p = lex->next;

    while (p < lex->end && is_space(*p)) {
        if (*p == '\n')
            lex->line++;
        p++;
    }
    lex->token = p;
    lex->token_line = lex->line;
    lex->word_bytes = 0;
    lex->word[0] = 0;
    if (p == lex->end) {
        lex->kind = LEX_END;
    } else if (is_word(*p)) {
        const char *start = p;

        lex->kind = is_digit(*p) ? LEX_NUMBER : LEX_WORD;
        while (p < lex->end && is_word(*p))
            p++;
        lex->word_bytes = (size_t)(p - start);
        if (lex->word_bytes >= LEX_WORD_BYTES) {
            lex->kind = LEX_BAD;
        } else {
            for (size_t i = 0; i < lex->word_bytes; i++)
                lex->word[i] = start[i] >= 'a' && start[i] <= 'z' ? start[i] - 32 : start[i];
            lex->word[lex->word_bytes] = 0;
        }
    } else {
        lex->kind = LEX_PUNCT;
        lex->punct = *p++;
        if (lex->punct == '.' && p < lex->end && *p == '.') {
            lex->punct = 'R';
            p++;
        } else if (!strchr("[](){}.,:-+|", lex->punct)) {
            lex->kind = LEX_BAD;
        }
    }
    lex->next = p;
}

const char *lex_token_text(const struct lexer *lex, char buffer[32])
{
    size_t n = (size_t)(lex->next - lex->token);

    if (lex->kind == LEX_END)
        return "end of text";
    if (n > 24)
        n = 24;
    buffer[0] = '\'';
    for (size_t i = 0; i < n; i++)
        buffer[1 + i] = lex->token[i] >= 32 && lex->token[i] < 127 ? lex->token[i] : '?';
    buffer[1 + n] = '\'';
    buffer[2 + n] = 0;
    return buffer;
}

bool lex_is(const struct lexer *lex, char punct)
{
    return lex->kind == LEX_PUNCT && lex->punct == punct;
}

bool lex_is_word(const struct lexer *lex, const char *word)
{
    return (lex->kind == LEX_WORD || lex->kind == LEX_NUMBER) && !strcmp(lex->word, word);
}

bool lex_accept(struct lexer *lex, char punct)
{
    if (!lex_is(lex, punct))
        return false;
    lex_advance(lex);
    return true;
}

bool lex_expect(struct lexer *lex, char punct)
{
    char found[32];

    if (lex_accept(lex, punct))
        return true;
    if (punct == 'R')
        lex_fail(lex, "expected '..', found %s", lex_token_text(lex, found));
    else
        lex_fail(lex, "expected '%c', found %s", punct, lex_token_text(lex, found));
    return false;
}

uint32_t lex_uint(struct lexer *lex, uint32_t max, const char *what)
{
    uint64_t value = 0;
    char found[32];

    if (lex->kind != LEX_NUMBER) {
        lex_fail(lex, "expected a number for %s, found %s", what, lex_token_text(lex, found));
        return 0;
    }
    for (const char *p = lex->word; *p; p++) {
        if (!is_digit(*p)) {
            lex_fail(lex, "bad number %s for %s", lex_token_text(lex, found), what);
            return 0;
        }
        value = value * 10 + (uint64_t)(*p - '0');
        if (value > max) {
            lex_fail(lex, "%s %s exceeds %u", what, lex->word, max);
            return 0;
        }
    }
    lex_advance(lex);
    return (uint32_t)value;
}

/* A decimal float may hold '.', exponent sign and so on: take its characters as one piece. */
static bool number_text(struct lexer *lex, char *buffer, size_t bytes)
{
    const char *p = lex->token;
    size_t n = 0;

    while (p < lex->end && n + 1 < bytes) {
        bool exponent = n > 0 && (buffer[n - 1] == 'e' || buffer[n - 1] == 'E');

        if (!is_word(*p) && *p != '.' && !((*p == '-' || *p == '+') && (n == 0 || exponent)))
            break;
        buffer[n++] = *p++;
    }
    buffer[n] = 0;
    lex->next = p;
    return n > 0 && n + 1 < bytes;
}

static double parse_double(const char *text, char **end)
{
    /* strtod() follows the locale of the embedder; the text does not. */
    locale_t c_locale = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
    double value = c_locale ? strtod_l(text, end, c_locale) : strtod(text, end);

    if (c_locale)
        freelocale(c_locale);
    return value;
}

uint64_t lex_value(struct lexer *lex, char type)
{
    char text[64], *stop = text;
    uint64_t bits = 0;

    if (lex->kind == LEX_END || !number_text(lex, text, sizeof(text))) {
        lex_fail(lex, "expected a number in an immediate");
        return 0;
    }
    errno = 0;
    if (type == 'f' && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        bits = strtoull(text + 2, &stop, 16);
        if (strlen(text + 2) > 8 || strlen(text + 2) == 0)
            stop = text;
    } else if (type == 'f') {
        float value = (float)parse_double(text, &stop);
        uint32_t low;

        errno = 0; /* overflow to infinity and underflow are fine */
        memcpy(&low, &value, sizeof(low));
        bits = low;
    } else if (type == 'd') {
        double value = parse_double(text, &stop);

        errno = 0;
        memcpy(&bits, &value, sizeof(bits));
    } else if (type == 'i' || type == 'I') {
        int64_t value = strtoll(text, &stop, 10);

        if (type == 'i' && (value < INT32_MIN || value > UINT32_MAX))
            stop = text;
        bits = type == 'i' ? (uint32_t)value : (uint64_t)value;
    } else {
        bits = strtoull(text, &stop, 10);
        if (text[0] == '-' || (type == 'u' && bits > UINT32_MAX))
            stop = text;
    }
    if (stop == text || *stop || errno) {
        lex_fail(lex, "bad number '%.40s' in an immediate", text);
        return 0;
    }
    lex_advance(lex);
    return bits;
}
