/* SPDX-License-Identifier: MIT */
/* Instruction lines. */
#include <string.h>

#include "image_format.h"
#include "parse.h"

static int component(char letter)
{
    static const char letters[] = "XYZW";
    const char *found = letter ? strchr(letters, letter) : NULL;

    return found ? (int)(found - letters) : -1;
}

static int parse_file(struct parser *p)
{
    int file = p->lex.kind == LEX_WORD ? PARSE_NAME(shader_file, p->lex.word) : -1;
    char found[32];

    if (file < 0)
        lex_fail(&p->lex, "expected a register, found %s", lex_token_text(&p->lex, found));
    else
        lex_advance(&p->lex);
    return file;
}

/* After '[': a number, or FILE[n].c with an optional offset. */
static struct ir_index parse_index(struct parser *p)
{
    struct ir_index index = {0};
    int file, comp;

    if (p->lex.kind == LEX_NUMBER) {
        index.offset = (int32_t)lex_uint(&p->lex, 65535, "register");
        lex_expect(&p->lex, ']');
        return index;
    }
    file = parse_file(p);
    if (p->lex.failed)
        return index;
    if (file != SHADER_FILE_ADDR && file != SHADER_FILE_TEMP) {
        lex_fail(&p->lex, "index register must be ADDR or TEMP");
        return index;
    }
    index.file = (uint8_t)file;
    lex_expect(&p->lex, '[');
    index.reg = (int16_t)lex_uint(&p->lex, 32767, "index register");
    lex_expect(&p->lex, ']');
    if (lex_accept(&p->lex, '.')) {
        comp = p->lex.word_bytes == 1 ? component(p->lex.word[0]) : -1;
        if (comp < 0) {
            lex_fail(&p->lex, "index needs one component");
            return index;
        }
        index.comp = (uint8_t)comp;
        lex_advance(&p->lex);
    }
    if (lex_accept(&p->lex, '+'))
        index.offset = (int32_t)lex_uint(&p->lex, 65535, "offset");
    else if (lex_accept(&p->lex, '-'))
        index.offset = -(int32_t)lex_uint(&p->lex, 65535, "offset");
    lex_expect(&p->lex, ']');
    return index;
}

static struct ir_reg parse_register(struct parser *p)
{
    struct ir_reg reg = {0};
    int file = parse_file(p);

    if (p->lex.failed)
        return reg;
    reg.file = (uint8_t)file;
    if (lex_accept(&p->lex, '[')) {
        reg.index = parse_index(p);
        if (lex_accept(&p->lex, '[')) {
            reg.has_dim = true;
            reg.dim = reg.index;
            reg.index = parse_index(p);
        }
    } else if (file != SHADER_FILE_NULL) {
        lex_fail(&p->lex, "%s without index", shader_file_names[file]);
    }
    if (lex_accept(&p->lex, '(')) {
        reg.array_id = (uint16_t)lex_uint(&p->lex, 65535, "array id");
        lex_expect(&p->lex, ')');
    }
    /* Buffer 0 holds the plain constants: one form of them is enough. */
    if (reg.file == SHADER_FILE_CONST && reg.has_dim && !ir_indirect(&reg.dim) &&
        reg.dim.offset == 0)
        reg.has_dim = false;
    /* Guests that put a temporary in the place of a per-vertex output leave the vertex there. */
    if (reg.file == SHADER_FILE_TEMP && reg.has_dim)
        reg.has_dim = false;
    return reg;
}

static struct ir_dst parse_dst(struct parser *p)
{
    struct ir_dst dst = {.reg = parse_register(p), .mask = 0xf};
    int at = -1;

    if (!lex_accept(&p->lex, '.'))
        return dst;
    dst.mask = 0;
    for (const char *c = p->lex.word; *c; c++) {
        int comp = component(*c);

        if (comp <= at) {
            lex_fail(&p->lex, "bad write mask '%s'", p->lex.word);
            return dst;
        }
        at = comp;
        dst.mask |= (uint8_t)(1 << comp);
    }
    if (!dst.mask)
        lex_fail(&p->lex, "empty write mask");
    else
        lex_advance(&p->lex);
    return dst;
}

static void parse_swizzle(struct parser *p, uint8_t swizzle[4], unsigned count)
{
    if (p->lex.word_bytes != count) {
        lex_fail(&p->lex, "swizzle needs %u components", count);
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        int comp = component(p->lex.word[i]);

        if (comp < 0) {
            lex_fail(&p->lex, "bad swizzle '%s'", p->lex.word);
            return;
        }
        swizzle[i] = (uint8_t)comp;
    }
    lex_advance(&p->lex);
}

static struct ir_src parse_src(struct parser *p)
{
    struct ir_src src = {.swizzle = {0, 1, 2, 3}};

    src.negate = lex_accept(&p->lex, '-');
    src.absolute = lex_accept(&p->lex, '|');
    src.reg = parse_register(p);
    if (lex_accept(&p->lex, '.')) {
        if (p->lex.word_bytes == 1) { /* some emitters write a lone component */
            parse_swizzle(p, src.swizzle, 1);
            src.swizzle[1] = src.swizzle[2] = src.swizzle[3] = src.swizzle[0];
        } else {
            parse_swizzle(p, src.swizzle, 4);
        }
    }
    if (src.absolute)
        lex_expect(&p->lex, '|');
    return src;
}

static void parse_offset(struct parser *p, struct ir_insn *insn)
{
    struct ir_src *offset;

    if (insn->num_offsets == IR_MAX_OFFSETS) {
        lex_fail(&p->lex, "more than %u texel offsets", IR_MAX_OFFSETS);
        return;
    }
    if (!insn->offsets)
        insn->offsets = sh_arena_alloc(&p->ir->arena, IR_MAX_OFFSETS * sizeof(*insn->offsets));
    if (!insn->offsets) {
        lex_fail(&p->lex, "out of memory");
        return;
    }
    offset = &insn->offsets[insn->num_offsets++];
    *offset = (struct ir_src){.swizzle = {0, 1, 2, 2}};
    offset->reg = parse_register(p);
    if (lex_accept(&p->lex, '.')) {
        parse_swizzle(p, offset->swizzle, 3);
        offset->swizzle[3] = offset->swizzle[2];
    }
}

/* What may follow the operands: target, offsets, memory qualifiers, format. */
static void parse_trailer(struct parser *p, struct ir_insn *insn)
{
    const char *word = p->lex.word;
    char found[32];
    int target;

    if (p->lex.kind != LEX_WORD && p->lex.kind != LEX_NUMBER) {
        lex_fail(&p->lex, "unexpected %s", lex_token_text(&p->lex, found));
    } else if (!strncmp(word, "PIPE_FORMAT_", 12)) {
        insn->format = (uint8_t)parse_pipe_format(p);
    } else if (!strcmp(word, "COHERENT")) {
        insn->qualifiers |= IR_COHERENT;
        lex_advance(&p->lex);
    } else if (!strcmp(word, "RESTRICT")) {
        insn->qualifiers |= IR_RESTRICT;
        lex_advance(&p->lex);
    } else if (!strcmp(word, "VOLATILE")) {
        insn->qualifiers |= IR_VOLATILE;
        lex_advance(&p->lex);
    } else if (!strcmp(word, "STREAM_CACHE_POLICY")) {
        lex_advance(&p->lex);
    } else if (!insn->has_target && (target = PARSE_NAME(shader_texture, word)) >= 0) {
        insn->has_target = true;
        insn->target = (uint8_t)target;
        lex_advance(&p->lex);
    } else if (insn->has_target && shader_opcodes[insn->op].texture &&
               PARSE_NAME(shader_file, word) >= 0) {
        parse_offset(p, insn);
    } else {
        lex_fail(&p->lex, "unexpected %s after the operands", lex_token_text(&p->lex, found));
    }
}

static bool strip_suffix(char *word, const char *suffix)
{
    size_t n = strlen(word), m = strlen(suffix);

    if (n <= m || strcmp(word + n - m, suffix))
        return false;
    word[n - m] = 0;
    return true;
}

static int parse_opcode(struct parser *p, struct ir_insn *insn)
{
    char word[LEX_WORD_BYTES];
    int op = PARSE_NAME(shader_opcode, p->lex.word);

    if (op < 0) {
        memcpy(word, p->lex.word, sizeof(word));
        insn->precise = strip_suffix(word, "_PRECISE");
        insn->saturate = strip_suffix(word, "_SAT");
        op = PARSE_NAME(shader_opcode, word);
    }
    if (op < 0) {
        char found[32];

        lex_fail(&p->lex, "unknown opcode %s", lex_token_text(&p->lex, found));
        return -1;
    }
    insn->op = (uint16_t)op;
    lex_advance(&p->lex);
    return 0;
}

void parse_instruction(struct parser *p)
{
    struct ir_insn insn = {.target = SHADER_TEX_UNKNOWN};
    struct shader_ir *ir = p->ir;
    const struct shader_opcode_info *info;
    unsigned n = 0;

    if (p->lex.kind == LEX_NUMBER && p->lex.next < p->lex.end) {
        lex_uint(&p->lex, UINT32_MAX, "instruction number");
        lex_expect(&p->lex, ':');
    }
    insn.line = p->lex.token_line;
    if (p->lex.failed || p->lex.kind != LEX_WORD || parse_opcode(p, &insn) < 0) {
        lex_fail(&p->lex, "expected an opcode");
        return;
    }
    info = &shader_opcodes[insn.op];
    insn.num_dst = info->num_dst;
    insn.num_src = info->num_src;
    for (unsigned i = 0; i < info->num_dst && !p->lex.failed; i++, n++) {
        if (n)
            lex_expect(&p->lex, ',');
        insn.dst[i] = parse_dst(p);
    }
    for (unsigned i = 0; i < info->num_src && !p->lex.failed; i++, n++) {
        if (n)
            lex_expect(&p->lex, ',');
        insn.src[i] = parse_src(p);
    }
    while (!p->lex.failed && lex_accept(&p->lex, ','))
        parse_trailer(p, &insn);
    if (lex_accept(&p->lex, ':'))
        insn.label = lex_uint(&p->lex, UINT32_MAX, "label");
    if (p->lex.failed)
        return;
    if (ir->body.count >= shader_default_limits.max_instructions) {
        lex_fail(&p->lex, "more than %u instructions", shader_default_limits.max_instructions);
        return;
    }
    if (!sh_arena_grow(&ir->arena, (void **)&ir->body.insns, ir->body.count,
                       &ir->body.capacity, sizeof(insn))) {
        lex_fail(&p->lex, "out of memory");
        return;
    }
    ir->body.insns[ir->body.count++] = insn;
}
