/* SPDX-License-Identifier: MIT */
/* Top level of the TGSI parser: header, properties, immediates. */
#include "parse.h"

#include <stdlib.h>
#include <string.h>

#include "image_format.h"

const struct shader_limits shader_default_limits = {
    .max_text_bytes = 4u << 20,
    .max_temps = 4096,
    .max_immediates = 16384,
    .max_instructions = 65536,
    .max_constants = 16384,
    .max_nesting = 256,
    .max_shared_bytes = 65536,
};

int parse_find_name(const struct shader_name *table, unsigned count, const char *name)
{
    unsigned low = 0, high = count;

    while (low < high) {
        unsigned middle = (low + high) / 2;
        int order = strcmp(name, table[middle].name);

        if (order == 0)
            return table[middle].value;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

int parse_stage(const char *word)
{
    static const char *const words[SHADER_STAGES] = {
        [SHADER_VERTEX] = "VERT", [SHADER_FRAGMENT] = "FRAG", [SHADER_GEOMETRY] = "GEOM",
        [SHADER_TESS_CTRL] = "TESS_CTRL", [SHADER_TESS_EVAL] = "TESS_EVAL",
        [SHADER_COMPUTE] = "COMP",
    };

    for (int i = 0; i < SHADER_STAGES; i++) {
        if (!strcmp(words[i], word))
            return i;
    }
    return -1;
}

unsigned parse_pipe_format(struct parser *p)
{
    unsigned format = image_format_find(p->lex.word + strlen("PIPE_FORMAT_"));

    lex_advance(&p->lex);
    return format;
}

static uint32_t primitive_value(struct parser *p)
{
    int prim = PARSE_NAME(shader_primitive, p->lex.word);
    char found[32];

    if (p->lex.kind != LEX_WORD || prim < 0) {
        lex_fail(&p->lex, "unknown primitive %s", lex_token_text(&p->lex, found));
        return 0;
    }
    lex_advance(&p->lex);
    return (uint32_t)prim;
}

/* True for the second of two names, an error when it is neither. */
static bool either_value(struct parser *p, const char *zero, const char *one)
{
    bool value = lex_is_word(&p->lex, one);

    if (!value && !lex_is_word(&p->lex, zero))
        lex_fail(&p->lex, "expected %s or %s", zero, one);
    else
        lex_advance(&p->lex);
    return value;
}

static uint32_t bounded_value(struct parser *p, uint32_t min, uint32_t max, const char *what)
{
    uint32_t line = p->lex.token_line;
    uint32_t value = lex_uint(&p->lex, max, what);

    if (!p->lex.failed && value < min) {
        p->lex.token_line = line;
        lex_fail(&p->lex, "%s %u is below %u", what, value, min);
    }
    return value;
}

static void skip_value(struct parser *p)
{
    if (p->lex.kind != LEX_WORD && p->lex.kind != LEX_NUMBER)
        lex_fail(&p->lex, "property without a value");
    else
        lex_advance(&p->lex);
}

static void geometry_property(struct parser *p, int property, const char *name)
{
    struct shader_info *info = &p->ir->info;

    switch (property) {
    case SHADER_PROP_GS_INPUT_PRIMITIVE:
        info->gs_input_primitive = (uint8_t)primitive_value(p);
        break;
    case SHADER_PROP_GS_OUTPUT_PRIMITIVE:
        info->gs_output_primitive = (uint8_t)primitive_value(p);
        break;
    case SHADER_PROP_GS_MAX_OUTPUT_VERTICES:
        info->gs_max_vertices = bounded_value(p, 0, 1024, name);
        break;
    case SHADER_PROP_GS_INVOCATIONS:
        info->gs_invocations = bounded_value(p, 1, 127, name);
        break;
    case SHADER_PROP_TCS_VERTICES_OUT:
        info->tcs_vertices_out = bounded_value(p, 1, 32, name);
        break;
    case SHADER_PROP_TES_PRIM_MODE:
        info->tes_primitive = (uint8_t)bounded_value(p, 1, 7, name);
        break;
    case SHADER_PROP_TES_SPACING:
        info->tes_spacing = (uint8_t)bounded_value(p, 0, 2, name);
        break;
    case SHADER_PROP_TES_VERTEX_ORDER_CW:
        info->tes_cw = bounded_value(p, 0, 1, name);
        break;
    case SHADER_PROP_TES_POINT_MODE:
        info->tes_point_mode = bounded_value(p, 0, 1, name);
        break;
    default:
        skip_value(p);
        break;
    }
}

void parse_property(struct parser *p)
{
    struct shader_info *info = &p->ir->info;
    int property;
    char name[LEX_WORD_BYTES];

    if (p->lex.kind != LEX_WORD) {
        lex_fail(&p->lex, "PROPERTY without a name");
        return;
    }
    memcpy(name, p->lex.word, sizeof(name));
    property = PARSE_NAME(shader_property, name);
    lex_advance(&p->lex);
    switch (property) {
    case SHADER_PROP_FS_COORD_ORIGIN:
        info->origin_lower_left = either_value(p, "UPPER_LEFT", "LOWER_LEFT");
        break;
    case SHADER_PROP_FS_COORD_PIXEL_CENTER:
        info->center_integer = either_value(p, "HALF_INTEGER", "INTEGER");
        break;
    case SHADER_PROP_FS_COLOR0_WRITES_ALL_CBUFS:
        info->color0_writes_all = bounded_value(p, 0, 1, name);
        break;
    case SHADER_PROP_FS_DEPTH_LAYOUT:
        info->depth_layout = (uint8_t)bounded_value(p, 0, 4, name);
        break;
    case SHADER_PROP_FS_EARLY_DEPTH_STENCIL:
        info->early_tests = bounded_value(p, 0, 1, name);
        break;
    case SHADER_PROP_FS_POST_DEPTH_COVERAGE:
        info->post_depth_coverage = bounded_value(p, 0, 1, name);
        break;
    case SHADER_PROP_FS_BLEND_EQUATION_ADVANCED:
        info->blend_advanced = bounded_value(p, 0, UINT32_MAX, name) & 0xfffe;
        break;
    case SHADER_PROP_VS_PROHIBIT_UCPS:
        info->prohibit_ucps = bounded_value(p, 0, 1, name);
        break;
    case SHADER_PROP_NUM_CLIPDIST_ENABLED:
        info->num_clip = (uint8_t)bounded_value(p, 0, 8, name);
        break;
    case SHADER_PROP_NUM_CULLDIST_ENABLED:
        info->num_cull = (uint8_t)bounded_value(p, 0, 8, name);
        break;
    case SHADER_PROP_CS_FIXED_BLOCK_WIDTH:
        info->block_size[0] = bounded_value(p, 1, 65536, name);
        break;
    case SHADER_PROP_CS_FIXED_BLOCK_HEIGHT:
        info->block_size[1] = bounded_value(p, 1, 65536, name);
        break;
    case SHADER_PROP_CS_FIXED_BLOCK_DEPTH:
        info->block_size[2] = bounded_value(p, 1, 65536, name);
        break;
    case SHADER_PROP_SEPARABLE_PROGRAM:
        info->separable = bounded_value(p, 0, 1, name);
        break;
    default:
        geometry_property(p, property, name);
        break;
    }
}

void parse_immediate(struct parser *p)
{
    static const struct {
        const char *name;
        char type;
    } types[] = {
        {"FLT32", 'f'}, {"UINT32", 'u'}, {"INT32", 'i'},
        {"FLT64", 'd'}, {"UINT64", 'U'}, {"INT64", 'I'},
    };
    struct shader_ir *ir = p->ir;
    struct ir_imm imm = {0};
    unsigned count = 0, words;
    char type = 0;

    if (lex_accept(&p->lex, '[')) {
        uint32_t line = p->lex.token_line;
        uint32_t n = lex_uint(&p->lex, shader_default_limits.max_immediates, "immediate index");

        if (!p->lex.failed && n != ir->num_imms) {
            p->lex.token_line = line;
            lex_fail(&p->lex, "IMM[%u] out of order, %u is next", n, ir->num_imms);
        }
        lex_expect(&p->lex, ']');
    }
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (lex_is_word(&p->lex, types[i].name))
            type = types[i].type;
    }
    if (!type) {
        char found[32];

        lex_fail(&p->lex, "unknown immediate type %s", lex_token_text(&p->lex, found));
        return;
    }
    words = type == 'd' || type == 'U' || type == 'I' ? 2 : 1;
    lex_advance(&p->lex);
    lex_expect(&p->lex, '{');
    do {
        uint64_t value = lex_value(&p->lex, type);

        if (p->lex.failed)
            return;
        if (count + words > 4) {
            lex_fail(&p->lex, "too many values in an immediate");
            return;
        }
        imm.bits[count++] = (uint32_t)value;
        if (words == 2)
            imm.bits[count++] = (uint32_t)(value >> 32);
    } while (lex_accept(&p->lex, ','));
    lex_expect(&p->lex, '}');
    if (ir->num_imms >= shader_default_limits.max_immediates) {
        lex_fail(&p->lex, "more than %u immediates", shader_default_limits.max_immediates);
        return;
    }
    if (!sh_arena_grow(&ir->arena, (void **)&ir->imms, ir->num_imms, &ir->imm_capacity,
                       sizeof(*ir->imms))) {
        lex_fail(&p->lex, "out of memory");
        return;
    }
    ir->imms[ir->num_imms++] = imm;
}

static void parse_item(struct parser *p)
{
    char found[32];

    if (lex_is_word(&p->lex, "PROPERTY")) {
        lex_advance(&p->lex);
        parse_property(p);
    } else if (lex_is_word(&p->lex, "DCL")) {
        lex_advance(&p->lex);
        parse_declaration(p);
    } else if (lex_is_word(&p->lex, "IMM")) {
        lex_advance(&p->lex);
        parse_immediate(p);
    } else if (p->lex.kind == LEX_WORD || p->lex.kind == LEX_NUMBER) {
        parse_instruction(p);
    } else {
        lex_fail(&p->lex, "expected a declaration or an instruction, found %s",
                 lex_token_text(&p->lex, found));
    }
}

int ir_parse(struct shader_ir *ir, const char *text, size_t text_bytes, unsigned stage,
             struct shader_error *err)
{
    struct parser p = {.ir = ir, .err = err};
    char found[32];
    int header;

    ir->info.stage = (uint8_t)stage;
    ir->info.gs_input_primitive = SHADER_PRIM_COUNT;
    ir->info.gs_output_primitive = SHADER_PRIM_COUNT;
    memset(ir->sv_semantic, SHADER_SEM_NONE, sizeof(ir->sv_semantic));
    lex_init(&p.lex, text, text_bytes, err);
    header = p.lex.kind == LEX_WORD ? parse_stage(p.lex.word) : -1;
    if (header < 0)
        lex_fail(&p.lex, "expected a header word such as VERT, found %s",
                 lex_token_text(&p.lex, found));
    else if ((unsigned)header != stage)
        lex_fail(&p.lex, "header %s disagrees with stage %u of the object", p.lex.word, stage);
    else
        lex_advance(&p.lex);
    while (!p.lex.failed && p.lex.kind != LEX_END)
        parse_item(&p);
    if (!p.lex.failed && ir->body.count == 0)
        lex_fail(&p.lex, "no instructions");
    return p.lex.failed ? -1 : 0;
}
