/* SPDX-License-Identifier: MIT */
/* Images, storage buffers, atomic counters and shared memory. */
#include <stdio.h>
#include <string.h>

#include "emit.h"
#include "image_format.h"

struct access {
    const struct ir_insn *insn;
    const struct ir_reg *reg;     /* the resource */
    const struct ir_src *address;
    emit_type type;               /* of the data as GLSL declares it */
    char name[160];
};

static const char *index_text(struct emitter *e, const struct ir_reg *reg,
                              const struct ir_range *range, char text[112])
{
    struct sh_text *out = e->out, scratch = {0};

    text[0] = 0;
    if (range->last == range->first)
        return text;
    if (!ir_indirect(&reg->index)) {
        snprintf(text, 112, "[%d]", reg->index.offset - range->first);
        return text;
    }
    e->out = &scratch;
    emit_index(e, &reg->index, range->first, range->last);
    e->out = out;
    if (scratch.failed || scratch.length > 100)
        emit_fail(e, "resource index is too complex");
    snprintf(text, 112, "[%.100s]", scratch.data ? scratch.data : "0");
    sh_text_finish(&scratch);
    emit_need(e, SHADER_HOST_INDEX_GPU_SHADER5, "indirect resources");
    return text;
}

static void counter_name(struct emitter *e, struct access *a)
{
    int buffer = a->reg->has_dim ? a->reg->dim.offset : 0, at = a->reg->index.offset;
    struct sh_text *out = e->out, scratch = {0};

    for (uint32_t i = 0; i < e->info->num_atomic_ranges; i++) {
        const struct shader_atomic_range *r = &e->info->atomic_ranges[i];

        if (r->buffer != buffer || at < r->first || at > r->last)
            continue;
        e->out = &scratch;
        emit(e, "ac%d_%u[", buffer, r->first);
        emit_index(e, &a->reg->index, r->first, r->last);
        emit(e, "]");
        e->out = out;
    }
    if (scratch.failed || scratch.length >= sizeof(a->name))
        emit_fail(e, "counter index is too complex");
    snprintf(a->name, sizeof(a->name), "%s", scratch.data ? scratch.data : "");
    sh_text_finish(&scratch);
}

static void resolve(struct emitter *e, struct access *a)
{
    unsigned slot = (unsigned)a->reg->index.offset;
    const char *prefix = emit_stage_prefix[e->info->stage];
    char index[112];

    switch (a->reg->file) {
    case SHADER_FILE_IMAGE:
        index_text(e, a->reg, &e->ir->image_range[slot], index);
        snprintf(a->name, sizeof(a->name), "%s_img%u%s", prefix, e->ir->image_range[slot].first,
                 index);
        a->type = image_format(e->ir->image_format[e->ir->image_range[slot].first])->type;
        break;
    case SHADER_FILE_BUFFER:
        index_text(e, a->reg, &e->ir->buffer_range[slot], index);
        slot = e->ir->buffer_range[slot].first;
        snprintf(a->name, sizeof(a->name), "ssbo%u%s", slot, index);
        a->type = e->ssbo_signed >> slot & 1 ? 'i' : 'u';
        break;
    case SHADER_FILE_HWATOMIC:
        counter_name(e, a);
        a->type = 'u';
        break;
    default:
        snprintf(a->name, sizeof(a->name), "shared_data");
        a->type = 'u';
        break;
    }
}

static unsigned shared_words(const struct emitter *e)
{
    return e->info->shared_bytes >= 4 ? (e->info->shared_bytes + 3) / 4 : 1;
}

/* Word k behind the address, which the variable `at` holds. */
static void emit_word(struct emitter *e, const struct access *a, unsigned k)
{
    if (a->reg->file == SHADER_FILE_MEMORY)
        emit(e, "shared_data[min(at + %uu, %uu)]", k, shared_words(e) - 1);
    else if (k)
        emit(e, "%s.data[at + %uu]", a->name, k);
    else
        emit(e, "%s.data[at]", a->name);
}

static void emit_address(struct emitter *e, const struct access *a)
{
    emit_begin(e);
    emit(e, "{ uint at = ");
    emit_src_scalar(e, a->address, 'u', 0);
    emit(e, " >> 2u;\n");
    e->indent++;
}

static void close_block(struct emitter *e)
{
    e->indent--;
    emit_line(e, "}");
}

/* Integer image coordinates, and the sample for multisample targets. */
static void emit_texel(struct emitter *e, const struct access *a)
{
    unsigned target = e->info->images[a->reg->index.offset].target;
    const struct tex_target *t = tex_target(target);
    unsigned coords = t->cube ? 3 : t->coords;

    if (e->host->gles && t->dims == 1 && target != SHADER_TEX_BUFFER) {
        emit(e, t->array ? "ivec3(" : "ivec2(");
        emit_src_scalar(e, a->address, 'i', 0);
        emit(e, ", 0");
        if (t->array) {
            emit(e, ", ");
            emit_src_scalar(e, a->address, 'i', 1);
        }
        emit(e, ")");
    } else {
        emit_src_mask(e, a->address, 'i', (1u << coords) - 1);
    }
    if (t->multisample) {
        emit(e, ", ");
        emit_src_scalar(e, a->address, 'i', 3);
    }
}

static void emit_load(struct emitter *e, struct access *a)
{
    const struct ir_insn *insn = a->insn;
    const uint8_t *swizzle = insn->src[0].swizzle;
    unsigned mask = insn->dst[0].mask, n = emit_count(mask);
    struct emit_store store;
    bool first = true;

    switch (a->reg->file) {
    case SHADER_FILE_HWATOMIC:
        emit_store_open(e, insn, 0, 'u', true, &store);
        emit(e, "atomicCounter(%s)", a->name);
        emit_store_close(e, &store);
        return;
    case SHADER_FILE_IMAGE:
        emit_store_open(e, insn, 0, a->type, false, &store);
        emit(e, "imageLoad(%s, ", a->name);
        emit_texel(e, a);
        emit(e, ").");
        for (unsigned c = 0; c < 4; c++) {
            if (mask >> c & 1)
                emit(e, "%c", "xyzw"[swizzle[c]]);
        }
        emit_store_close(e, &store);
        return;
    default:
        break;
    }
    emit_address(e, a);
    emit_store_open(e, insn, 0, a->type, false, &store);
    if (n > 1)
        emit(e, "%s(", emit_vector(a->type, n));
    for (unsigned c = 0; c < 4; c++) {
        if (!(mask >> c & 1))
            continue;
        emit(e, first ? "" : ", ");
        first = false;
        emit_word(e, a, swizzle[c]);
    }
    if (n > 1)
        emit(e, ")");
    emit_store_close(e, &store);
    close_block(e);
}

static void emit_store_insn(struct emitter *e, struct access *a)
{
    const struct ir_insn *insn = a->insn;

    if (a->reg->file == SHADER_FILE_IMAGE) {
        emit_begin(e);
        emit(e, "imageStore(%s, ", a->name);
        emit_texel(e, a);
        emit(e, ", ");
        emit_src_mask(e, &insn->src[1], a->type, 15);
        emit(e, ");\n");
        return;
    }
    emit_address(e, a);
    for (unsigned c = 0; c < 4; c++) {
        if (!(insn->dst[0].mask >> c & 1))
            continue;
        emit_begin(e);
        /* Words beyond shared memory must not land on its last one. */
        if (a->reg->file == SHADER_FILE_MEMORY)
            emit(e, "if (at < %uu) ", shared_words(e) > c ? shared_words(e) - c : 0);
        emit_word(e, a, c);
        emit(e, " = ");
        emit_src_scalar(e, &insn->src[1], a->type, c);
        emit(e, ";\n");
    }
    close_block(e);
}

static const char *atomic_function(unsigned op)
{
    switch (op) {
    case SHADER_OP_ATOMUADD:
        return "Add";
    case SHADER_OP_ATOMXCHG:
        return "Exchange";
    case SHADER_OP_ATOMCAS:
        return "CompSwap";
    case SHADER_OP_ATOMAND:
        return "And";
    case SHADER_OP_ATOMOR:
        return "Or";
    case SHADER_OP_ATOMXOR:
        return "Xor";
    case SHADER_OP_ATOMUMIN:
    case SHADER_OP_ATOMIMIN:
        return "Min";
    default:
        return "Max";
    }
}

static void emit_operands(struct emitter *e, const struct access *a)
{
    emit(e, ", ");
    emit_src_scalar(e, &a->insn->src[2], a->type, 0);
    if (a->insn->op == SHADER_OP_ATOMCAS) {
        emit(e, ", ");
        emit_src_scalar(e, &a->insn->src[3], a->type, 0);
    }
    emit(e, ")");
}

static void emit_image_atomic(struct emitter *e, struct access *a)
{
    struct emit_store store;
    const struct image_format *format = image_format(e->ir->image_format[a->reg->index.offset]);
    bool floats = !strcmp(format->qualifier, "r32f");

    emit_need(e, SHADER_HOST_INDEX_IMAGE_ATOMIC, "image atomics");
    if (!(floats && a->insn->op == SHADER_OP_ATOMXCHG) && strcmp(format->qualifier, "r32i") &&
        strcmp(format->qualifier, "r32ui")) {
        emit_fail(e, "%s on an image of format %s", ir_op_name(a->insn->op), format->pipe_name);
        return;
    }
    if (floats && !e->host->gles && e->host->glsl_version < 450)
        emit_need(e, SHADER_HOST_INDEX_ATOMIC_FLOAT, "float image atomics");
    emit_store_open(e, a->insn, 0, a->type, true, &store);
    emit(e, "imageAtomic%s(%s, ", atomic_function(a->insn->op), a->name);
    emit_texel(e, a);
    emit_operands(e, a);
    emit_store_close(e, &store);
}

/*
 * Counters know increment and decrement everywhere; the rest is newer. Results are old values,
 * while atomicCounterDecrement() gives the new one.
 */
static void emit_counter_atomic(struct emitter *e, struct access *a)
{
    const struct ir_src *value = &a->insn->src[2];
    bool core = !e->host->gles && e->host->glsl_version >= 460;
    bool literal = value->reg.file == SHADER_FILE_IMM && !ir_indirect(&value->reg.index) &&
                   !value->negate && a->insn->op == SHADER_OP_ATOMUADD;
    uint32_t bits = literal ? e->ir->imms[value->reg.index.offset].bits[value->swizzle[0]] : 0;
    struct emit_store store;

    emit_store_open(e, a->insn, 0, 'u', true, &store);
    if (literal && bits == 1) {
        emit(e, "atomicCounterIncrement(%s)", a->name);
    } else if (literal && bits == 0xffffffffu) {
        emit(e, "atomicCounterDecrement(%s) + 1u", a->name);
    } else if (emit_need(e, SHADER_HOST_INDEX_ATOMIC_COUNTER_OPS, "atomic counter operations")) {
        emit(e, "atomicCounter%s%s(%s", atomic_function(a->insn->op), core ? "" : "ARB",
             a->name);
        emit_operands(e, a);
    }
    emit_store_close(e, &store);
}

/* Atomics that the memory's declared type cannot do: loop until the exchange went through. */
static void emit_exchange_loop(struct emitter *e, struct access *a)
{
    const struct ir_src *value = &a->insn->src[2];
    struct emit_store store;

    emit_begin(e);
    emit(e, "uint seen, wanted = ");
    emit_word(e, a, 0);
    emit(e, ";\n");
    emit_begin(e);
    emit(e, "do { seen = wanted; wanted = ");
    switch (a->insn->op) {
    case SHADER_OP_ATOMIMIN:
    case SHADER_OP_ATOMIMAX:
        emit(e, "uint(%s(int(seen), ", a->insn->op == SHADER_OP_ATOMIMIN ? "min" : "max");
        emit_src_scalar(e, value, 'i', 0);
        emit(e, "))");
        break;
    case SHADER_OP_ATOMINC_WRAP:
        emit(e, "(seen >= ");
        emit_src_scalar(e, value, 'u', 0);
        emit(e, " ? 0u : seen + 1u)");
        break;
    case SHADER_OP_ATOMDEC_WRAP:
        emit(e, "(seen == 0u || seen > ");
        emit_src_scalar(e, value, 'u', 0);
        emit(e, " ? ");
        emit_src_scalar(e, value, 'u', 0);
        emit(e, " : seen - 1u)");
        break;
    default: /* ATOMFADD */
        emit(e, "floatBitsToUint(uintBitsToFloat(seen) + ");
        emit_src_scalar(e, value, 'f', 0);
        emit(e, ")");
        break;
    }
    emit(e, ";\n");
    emit_begin(e);
    emit(e, "wanted = atomicCompSwap(");
    emit_word(e, a, 0);
    emit(e, ", seen, wanted); } while (wanted != seen);\n");
    emit_store_open(e, a->insn, 0, 'u', true, &store);
    emit(e, "seen");
    emit_store_close(e, &store);
}

static bool needs_loop(const struct emitter *e, const struct access *a)
{
    switch (a->insn->op) {
    case SHADER_OP_ATOMFADD:
    case SHADER_OP_ATOMINC_WRAP:
    case SHADER_OP_ATOMDEC_WRAP:
        return true;
    case SHADER_OP_ATOMIMIN:
    case SHADER_OP_ATOMIMAX:
        return a->type != 'i';
    default:
        return false;
    }
}

static void emit_memory_atomic(struct emitter *e, struct access *a)
{
    struct emit_store store;

    emit_address(e, a);
    if (needs_loop(e, a)) {
        if (a->type != 'u')
            emit_fail(e, "mixed atomics on one buffer");
        emit_exchange_loop(e, a);
    } else {
        emit_store_open(e, a->insn, 0, a->type, true, &store);
        emit(e, "atomic%s(", atomic_function(a->insn->op));
        emit_word(e, a, 0);
        emit_operands(e, a);
        emit_store_close(e, &store);
    }
    close_block(e);
}

static void emit_resource_query(struct emitter *e, struct access *a)
{
    const struct ir_insn *insn = a->insn;
    struct emit_store store;

    emit_store_open(e, insn, 0, 'i', false, &store);
    if (a->reg->file == SHADER_FILE_BUFFER) {
        emit(e, "ivec4(%s.data.length() * 4)", a->name);
    } else {
        unsigned target = e->info->images[a->reg->index.offset].target;
        const struct tex_target *t = tex_target(target);
        unsigned comps = t->cube ? 2u + t->array : t->dims + (unsigned)t->array;
        unsigned padding = 3 - comps;
        bool samples = t->multisample && (insn->dst[0].mask & 8);

        emit_need(e, SHADER_HOST_INDEX_IMAGE_SIZE, "image size");
        emit(e, "ivec4(imageSize(%s)", a->name);
        if (e->host->gles && t->dims == 1 && target != SHADER_TEX_BUFFER)
            emit(e, t->array ? ".xz" : ".x");
        while (padding--)
            emit(e, ", 0");
        if (samples && emit_need(e, SHADER_HOST_INDEX_TEXTURE_SAMPLES, "image samples"))
            emit(e, ", imageSamples(%s))", a->name);
        else
            emit(e, ", 0)");
    }
    emit_mask(e, insn->dst[0].mask);
    emit_store_close(e, &store);
}

static void emit_access(struct emitter *e, struct access *a)
{
    switch (a->insn->op) {
    case SHADER_OP_STORE:
        emit_store_insn(e, a);
        break;
    case SHADER_OP_LOAD:
        emit_load(e, a);
        break;
    case SHADER_OP_RESQ:
        emit_resource_query(e, a);
        break;
    default:
        if (a->reg->file == SHADER_FILE_IMAGE)
            emit_image_atomic(e, a);
        else if (a->reg->file == SHADER_FILE_HWATOMIC)
            emit_counter_atomic(e, a);
        else
            emit_memory_atomic(e, a);
        break;
    }
}

/* GLES takes only constants for the number of a storage buffer: one case per buffer. */
static void emit_by_case(struct emitter *e, struct access *a)
{
    struct ir_range range = e->ir->buffer_range[a->reg->index.offset];
    struct ir_reg reg = *a->reg;

    emit_begin(e);
    emit(e, "switch (");
    emit_index(e, &a->reg->index, range.first, range.last);
    emit(e, ") {\n");
    reg.index = (struct ir_index){0};
    a->reg = &reg;
    for (unsigned i = range.first; i <= range.last && !e->failed; i++) {
        emit_line(e, i == range.last ? "default:" : "case %u:", i - range.first);
        e->indent++;
        reg.index.offset = (int)i;
        resolve(e, a);
        emit_access(e, a);
        emit_line(e, "break;");
        e->indent--;
    }
    emit_line(e, "}");
}

bool emit_memory(struct emitter *e, const struct ir_insn *insn)
{
    bool store = insn->op == SHADER_OP_STORE;
    bool atomic = !strncmp(ir_op_name(insn->op), "ATOM", 4);
    struct access a = {.insn = insn};

    if (!store && !atomic && insn->op != SHADER_OP_LOAD && insn->op != SHADER_OP_RESQ)
        return false;
    a.reg = store ? &insn->dst[0].reg : &insn->src[0].reg;
    a.address = store ? &insn->src[0] : &insn->src[1];
    if (e->host->gles && a.reg->file == SHADER_FILE_BUFFER && ir_indirect(&a.reg->index)) {
        emit_by_case(e, &a);
        return true;
    }
    resolve(e, &a);
    emit_access(e, &a);
    return true;
}
