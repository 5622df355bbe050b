/* SPDX-License-Identifier: MIT */
/* DCL lines. */
#include <string.h>

#include "parse.h"

struct declaration {
    unsigned file;
    bool has_empty;     /* leading [] */
    bool has_dim;       /* two numeric brackets */
    uint32_t dim;
    uint32_t first, last;
    uint8_t mask;
    uint32_t array_id;
    bool has_semantic, has_interpolate;
    int semantic;
    uint32_t semantic_index;
    uint8_t interpolate, location;
    uint8_t streams[4];
    bool invariant, local, writable, raw, atomic, shared;
    bool has_target;
    uint8_t target;
    uint8_t return_types[4];
    unsigned num_return_types;
    unsigned format;
};

static uint8_t parse_mask(struct parser *p)
{
    static const char letters[] = "XYZW";
    const char *at = letters;
    uint8_t mask = 0;

    if (p->lex.kind != LEX_WORD || !p->lex.word[0]) {
        lex_fail(&p->lex, "expected a mask after '.'");
        return 0;
    }
    for (const char *c = p->lex.word; *c; c++) {
        const char *found = strchr(at, *c);

        if (!found) {
            lex_fail(&p->lex, "bad mask '%s'", p->lex.word);
            return 0;
        }
        mask |= (uint8_t)(1 << (found - letters));
        at = found + 1;
    }
    lex_advance(&p->lex);
    return mask;
}

static void parse_range(struct parser *p, struct declaration *d)
{
    d->first = d->last = lex_uint(&p->lex, 65535, "register");
    if (lex_accept(&p->lex, 'R'))
        d->last = lex_uint(&p->lex, 65535, "register");
    if (!p->lex.failed && d->last < d->first)
        lex_fail(&p->lex, "range %u..%u is reversed", d->first, d->last);
    lex_expect(&p->lex, ']');
}

static void parse_brackets(struct parser *p, struct declaration *d)
{
    if (!lex_accept(&p->lex, '[')) /* e.g. a file without registers */
        return;
    if (lex_accept(&p->lex, ']')) {
        d->has_empty = true;
        if (!lex_expect(&p->lex, '['))
            return;
        parse_range(p, d);
        return;
    }
    parse_range(p, d);
    if (!lex_accept(&p->lex, '['))
        return;
    if (d->last != d->first && d->file == SHADER_FILE_CONST) {
        lex_fail(&p->lex, "range in the buffer number");
        return;
    }
    d->has_dim = true;
    d->dim = d->first;
    parse_range(p, d);
}

static bool parse_semantic(struct parser *p, struct declaration *d)
{
    int semantic = PARSE_NAME(shader_semantic, p->lex.word);

    if (d->has_semantic || semantic < 0)
        return false;
    if (d->file != SHADER_FILE_IN && d->file != SHADER_FILE_OUT && d->file != SHADER_FILE_SV)
        return false;
    d->has_semantic = true;
    d->semantic = semantic;
    lex_advance(&p->lex);
    if (lex_accept(&p->lex, '[')) {
        d->semantic_index = lex_uint(&p->lex, 255, "semantic index");
        lex_expect(&p->lex, ']');
    }
    return true;
}

static void parse_streams(struct parser *p, struct declaration *d)
{
    lex_expect(&p->lex, '(');
    for (unsigned i = 0; i < 4; i++) {
        if (i)
            lex_expect(&p->lex, ',');
        d->streams[i] = (uint8_t)lex_uint(&p->lex, 3, "vertex stream");
    }
    lex_expect(&p->lex, ')');
}

/* Words with a meaning in resource declarations; false when unknown. */
static bool parse_resource_word(struct parser *p, struct declaration *d)
{
    const char *word = p->lex.word;
    int value;

    if (!strncmp(word, "PIPE_FORMAT_", 12)) {
        d->format = parse_pipe_format(p);
        return true;
    }
    if (!strcmp(word, "WR"))
        d->writable = true;
    else if (!strcmp(word, "RAW"))
        d->raw = true;
    else if (!strcmp(word, "ATOMIC"))
        d->atomic = true;
    else if (!strcmp(word, "SHARED"))
        d->shared = true;
    else if (d->file == SHADER_FILE_MEMORY &&
             (!strcmp(word, "GLOBAL") || !strcmp(word, "PRIVATE") || !strcmp(word, "INPUT")))
        d->shared = false;
    else if ((value = PARSE_NAME(shader_texture, word)) >= 0 && !d->has_target) {
        d->has_target = true;
        d->target = (uint8_t)value;
    } else if ((value = PARSE_NAME(shader_return_type, word)) >= 0 && d->num_return_types < 4) {
        d->return_types[d->num_return_types++] = (uint8_t)value;
    } else {
        return false;
    }
    lex_advance(&p->lex);
    return true;
}

static bool parse_attribute(struct parser *p, struct declaration *d)
{
    const char *word = p->lex.word;
    int value;

    if (!strcmp(word, "ARRAY")) {
        lex_advance(&p->lex);
        lex_expect(&p->lex, '(');
        d->array_id = lex_uint(&p->lex, 65535, "array id");
        lex_expect(&p->lex, ')');
        return true;
    }
    if (!strcmp(word, "STREAM")) {
        lex_advance(&p->lex);
        parse_streams(p, d);
        return true;
    }
    if (parse_semantic(p, d))
        return true;
    if (!strcmp(word, "LOCAL")) {
        d->local = true;
    } else if (!strcmp(word, "INVARIANT")) {
        d->invariant = true;
    } else if (d->has_semantic && (value = PARSE_NAME(shader_interpolate, word)) >= 0) {
        d->has_interpolate = true;
        d->interpolate = (uint8_t)value;
    } else if (d->has_semantic && (value = PARSE_NAME(shader_interpolate_location, word)) >= 0) {
        d->location = (uint8_t)value;
    } else {
        return parse_resource_word(p, d);
    }
    lex_advance(&p->lex);
    return true;
}

static void check_semantic_index(struct parser *p, const struct declaration *d)
{
    uint32_t last = d->semantic_index + (d->last - d->first);
    uint32_t limit;

    switch (d->semantic) {
    case SHADER_SEM_GENERIC:
        limit = 64;
        break;
    case SHADER_SEM_TEXCOORD:
    case SHADER_SEM_COLOR:
    case SHADER_SEM_BCOLOR:
        limit = 8;
        break;
    case SHADER_SEM_CLIPDIST:
    case SHADER_SEM_CULLDIST:
        limit = 2;
        break;
    case SHADER_SEM_PATCH:
        limit = 32;
        break;
    default:
        limit = 1;
        break;
    }
    if (last >= limit)
        lex_fail(&p->lex, "semantic %s[%u] exceeds %u",
                 shader_semantic_names[d->semantic], last, limit - 1);
}

/* Guests repeat a line for the second half of a 64-bit varying: the same again is no mistake. */
static bool repeats_io(struct shader_io *ios, uint32_t count, const struct declaration *d)
{
    for (uint32_t i = 0; i < count; i++) {
        struct shader_io *io = &ios[i];

        if (io->first == d->first && io->last == d->last && d->has_semantic &&
            io->semantic == d->semantic && io->semantic_index == d->semantic_index &&
            io->array_id == d->array_id) {
            io->usage_mask |= d->mask;
            return true;
        }
    }
    return false;
}

static void declare_io(struct parser *p, const struct declaration *d)
{
    bool input = d->file == SHADER_FILE_IN;
    struct shader_info *info = &p->ir->info;
    struct shader_io *io = input ? info->inputs : info->outputs;
    uint32_t *count = input ? &info->num_inputs : &info->num_outputs;
    uint32_t max = input ? SHADER_MAX_INPUTS : SHADER_MAX_OUTPUTS;
    uint64_t *declared = input ? p->declared_in : p->declared_out;
    const char *file = input ? "IN" : "OUT";

    if (d->last >= max) {
        lex_fail(&p->lex, "%s[%u] exceeds %u", file, d->last, max - 1);
        return;
    }
    if (repeats_io(io, *count, d))
        return;
    for (uint32_t r = d->first; r <= d->last; r++) {
        if (declared[r / 64] >> (r % 64) & 1) {
            lex_fail(&p->lex, "%s[%u] declared twice", file, r);
            return;
        }
        declared[r / 64] |= 1ull << (r % 64);
    }
    if (info->stage == SHADER_COMPUTE) {
        lex_fail(&p->lex, "%s declared in a compute shader", file);
        return;
    }
    if (d->has_semantic) {
        check_semantic_index(p, d);
    } else if (info->stage != SHADER_VERTEX || !input) {
        lex_fail(&p->lex, "%s[%u] without semantic", file, d->first);
        return;
    } else if (d->last >= 32) {
        lex_fail(&p->lex, "vertex attribute %u exceeds 31", d->last);
        return;
    }
    if (p->lex.failed)
        return;
    io[(*count)++] = (struct shader_io){
        .first = (uint8_t)d->first,
        .last = (uint8_t)d->last,
        .semantic = d->has_semantic ? (uint8_t)d->semantic : SHADER_SEM_NONE,
        .semantic_index = (uint8_t)d->semantic_index,
        .usage_mask = d->mask,
        .interpolate = d->has_interpolate ? d->interpolate : SHADER_INTERP_PERSPECTIVE,
        .location = d->location,
        .streams = {d->streams[0], d->streams[1], d->streams[2], d->streams[3]},
        .array_id = (uint16_t)d->array_id,
        .per_vertex = d->has_empty || d->has_dim,
        .invariant = d->invariant,
    };
}

static void declare_temps(struct parser *p, const struct declaration *d)
{
    struct shader_ir *ir = p->ir;
    uint32_t max = shader_default_limits.max_temps;

    if (d->last >= max) {
        lex_fail(&p->lex, "TEMP[%u] exceeds %u", d->last, max - 1);
        return;
    }
    if (!ir->temps_declared)
        ir->temps_declared = sh_arena_alloc(&ir->arena, (max + 63) / 64 * sizeof(uint64_t));
    if (!ir->temps_declared) {
        lex_fail(&p->lex, "out of memory");
        return;
    }
    for (uint32_t r = d->first; r <= d->last; r++) {
        if (ir->temps_declared[r / 64] >> (r % 64) & 1) {
            lex_fail(&p->lex, "TEMP[%u] declared twice", r);
            return;
        }
        ir->temps_declared[r / 64] |= 1ull << (r % 64);
    }
    if (d->last >= ir->num_temps)
        ir->num_temps = d->last + 1;
    if (!d->array_id)
        return;
    for (uint32_t i = 0; i < ir->num_temp_arrays; i++) {
        if (ir->temp_arrays[i].id == d->array_id) {
            lex_fail(&p->lex, "ARRAY(%u) declared twice", d->array_id);
            return;
        }
    }
    if (ir->num_temp_arrays == IR_MAX_ARRAYS) {
        lex_fail(&p->lex, "more than %u arrays", IR_MAX_ARRAYS);
        return;
    }
    ir->temp_arrays[ir->num_temp_arrays++] =
        (struct ir_array){(uint16_t)d->array_id, (uint16_t)d->first, (uint16_t)d->last};
}

static void declare_constants(struct parser *p, const struct declaration *d)
{
    struct shader_info *info = &p->ir->info;
    uint32_t size = d->last + 1;

    if (size > shader_default_limits.max_constants) {
        lex_fail(&p->lex, "CONST[%u] exceeds %u", d->last,
                 shader_default_limits.max_constants - 1);
    } else if (!d->has_dim || d->dim == 0) {
        if (size > info->const0_vec4s)
            info->const0_vec4s = size;
    } else if (d->dim >= SHADER_MAX_UBOS) {
        lex_fail(&p->lex, "constant buffer %u exceeds %u", d->dim, SHADER_MAX_UBOS - 1);
    } else {
        info->ubos_used |= 1u << d->dim;
        if (size > info->ubos[d->dim].size_vec4s)
            info->ubos[d->dim].size_vec4s = size;
    }
}

static void declare_system_value(struct parser *p, const struct declaration *d)
{
    if (d->last >= IR_MAX_SV)
        lex_fail(&p->lex, "SV[%u] exceeds %u", d->last, IR_MAX_SV - 1);
    else if (!d->has_semantic || d->first != d->last)
        lex_fail(&p->lex, "SV[%u] needs one semantic", d->first);
    else if (p->ir->sv_semantic[d->first] != SHADER_SEM_NONE)
        lex_fail(&p->lex, "SV[%u] declared twice", d->first);
    else
        p->ir->sv_semantic[d->first] = (uint8_t)d->semantic;
}

static void declare_ranges(struct parser *p, const struct declaration *d, uint32_t max,
                           uint32_t *declared)
{
    const char *file = shader_file_names[d->file];

    if (d->last >= max) {
        lex_fail(&p->lex, "%s[%u] exceeds %u", file, d->last, max - 1);
        return;
    }
    for (uint32_t r = d->first; r <= d->last; r++) {
        if (*declared >> r & 1) {
            lex_fail(&p->lex, "%s[%u] declared twice", file, r);
            return;
        }
        *declared |= 1u << r;
    }
}

static void declare_view(struct parser *p, const struct declaration *d)
{
    struct shader_ir *ir = p->ir;

    declare_ranges(p, d, SHADER_MAX_SAMPLERS, &ir->views_declared);
    if (!p->lex.failed && (!d->has_target || !d->num_return_types)) {
        lex_fail(&p->lex, "SVIEW[%u] needs a target and a type", d->first);
        return;
    }
    for (uint32_t r = d->first; !p->lex.failed && r <= d->last; r++) {
        ir->views[r].target = d->target;
        ir->views[r].type = d->return_types[0];
    }
}

static void declare_image(struct parser *p, const struct declaration *d)
{
    struct shader_ir *ir = p->ir;

    declare_ranges(p, d, SHADER_MAX_IMAGES, &ir->info.images_used);
    if (!p->lex.failed && !d->has_target) {
        lex_fail(&p->lex, "IMAGE[%u] without target", d->first);
        return;
    }
    for (uint32_t r = d->first; !p->lex.failed && r <= d->last; r++) {
        ir->info.images[r].target = d->target;
        ir->info.images[r].written = d->writable;
        ir->image_format[r] = (uint8_t)d->format;
    }
}

static void declare_atomics(struct parser *p, const struct declaration *d)
{
    struct shader_info *info = &p->ir->info;
    uint32_t buffer = d->has_dim ? d->dim : 0;

    if (buffer >= SHADER_MAX_ATOMIC_BUFFERS) {
        lex_fail(&p->lex, "atomic buffer %u exceeds %u", buffer, SHADER_MAX_ATOMIC_BUFFERS - 1);
    } else if (d->last > 4095) {
        lex_fail(&p->lex, "atomic counter %u exceeds 4095", d->last);
    } else if (info->num_atomic_ranges == SHADER_MAX_ATOMIC_RANGES) {
        lex_fail(&p->lex, "more than %u counter ranges", SHADER_MAX_ATOMIC_RANGES);
    } else {
        for (uint32_t i = 0; i < info->num_atomic_ranges; i++) {
            const struct shader_atomic_range *r = &info->atomic_ranges[i];

            if (r->buffer == buffer && r->first <= d->last && d->first <= r->last) {
                lex_fail(&p->lex, "counters of atomic buffer %u declared twice", buffer);
                return;
            }
        }
        info->atomic_ranges[info->num_atomic_ranges++] =
            (struct shader_atomic_range){(uint8_t)buffer, (uint16_t)d->first, (uint16_t)d->last};
        p->ir->hwatomics_declared |= 1u << buffer;
    }
}

static void declare(struct parser *p, const struct declaration *d)
{
    struct shader_ir *ir = p->ir;

    switch (d->file) {
    case SHADER_FILE_IN:
    case SHADER_FILE_OUT:
        declare_io(p, d);
        break;
    case SHADER_FILE_TEMP:
        declare_temps(p, d);
        break;
    case SHADER_FILE_CONST:
        declare_constants(p, d);
        break;
    case SHADER_FILE_ADDR:
        if (d->last >= IR_MAX_ADDRS)
            lex_fail(&p->lex, "ADDR[%u] exceeds %u", d->last, IR_MAX_ADDRS - 1);
        else if (d->last >= ir->num_addrs)
            ir->num_addrs = d->last + 1;
        break;
    case SHADER_FILE_SAMP:
        declare_ranges(p, d, SHADER_MAX_SAMPLERS, &ir->samplers_declared);
        break;
    case SHADER_FILE_SVIEW:
        declare_view(p, d);
        break;
    case SHADER_FILE_SV:
        declare_system_value(p, d);
        break;
    case SHADER_FILE_IMAGE:
        declare_image(p, d);
        break;
    case SHADER_FILE_BUFFER:
        declare_ranges(p, d, SHADER_MAX_SSBOS, &ir->info.ssbos_used);
        for (uint32_t r = d->first; !p->lex.failed && d->atomic && r <= d->last; r++)
            ir->info.ssbos_atomic |= 1u << r;
        break;
    case SHADER_FILE_MEMORY:
        ir->memory_declared = true;
        break;
    case SHADER_FILE_HWATOMIC:
        declare_atomics(p, d);
        break;
    default:
        lex_fail(&p->lex, "%s cannot be declared", shader_file_names[d->file]);
        break;
    }
}

void parse_declaration(struct parser *p)
{
    struct declaration d = {.mask = 0xf};
    int file = PARSE_NAME(shader_file, p->lex.word);
    char found[32];
    uint32_t line = p->lex.token_line;

    if (p->lex.kind != LEX_WORD || file < 0) {
        lex_fail(&p->lex, "unknown register file %s", lex_token_text(&p->lex, found));
        return;
    }
    d.file = (unsigned)file;
    lex_advance(&p->lex);
    parse_brackets(p, &d);
    if (lex_accept(&p->lex, '.'))
        d.mask = parse_mask(p);
    while (!p->lex.failed && lex_accept(&p->lex, ',')) {
        if ((p->lex.kind != LEX_WORD && p->lex.kind != LEX_NUMBER) || !parse_attribute(p, &d))
            lex_fail(&p->lex, "unknown declaration attribute %s",
                     lex_token_text(&p->lex, found));
    }
    if (p->lex.failed)
        return;
    p->lex.token_line = line; /* complaints are about this line, not the next token */
    declare(p, &d);
    if (!p->lex.failed && p->lex.kind != LEX_END) {
        /* Restore the line of the token that follows. */
        p->lex.token_line = p->lex.line;
    }
}
