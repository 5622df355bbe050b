/* SPDX-License-Identifier: MIT */
/* Gathers struct shader_info from a validated IR. */
#include <string.h>

#include "image_format.h"
#include "ir.h"
#include "target.h"

static void use_input(struct shader_ir *ir, const struct ir_reg *reg, unsigned mask)
{
    struct shader_info *info = &ir->info;
    const struct shader_io *base = ir_operand_io(info->inputs, info->num_inputs, reg);

    for (uint32_t i = 0; i < info->num_inputs; i++) {
        const struct shader_io *io = &info->inputs[i];

        for (unsigned r = io->first; r <= io->last; r++) {
            bool used = ir_indirect(&reg->index) ? ir_same_io_array(base, io, reg)
                                                 : (int)r == reg->index.offset;
            unsigned index = io->semantic_index + (r - io->first);

            if (!used)
                continue;
            if (io->semantic == SHADER_SEM_NONE) {
                info->attributes_used |= 1u << r;
                continue;
            }
            shader_slots_set(&info->slots_read, ir_io_slot(io, r));
            if (io->semantic == SHADER_SEM_CLIPDIST && index < 2)
                info->clipdist_read_mask |= (uint8_t)(mask << (4 * index));
            info->reads_fragcoord |= io->semantic == SHADER_SEM_POSITION;
            info->reads_face |= io->semantic == SHADER_SEM_FACE;
            info->reads_pcoord |= io->semantic == SHADER_SEM_PCOORD;
            info->reads_clipdist |= io->semantic == SHADER_SEM_CLIPDIST;
        }
    }
}

static unsigned src_components(const struct ir_src *src)
{
    unsigned mask = 0;

    for (unsigned i = 0; i < 4; i++)
        mask |= 1u << src->swizzle[i];
    return mask;
}

static void use_src(struct shader_ir *ir, const struct ir_src *src)
{
    struct shader_info *info = &ir->info;
    const struct ir_reg *reg = &src->reg;

    switch (reg->file) {
    case SHADER_FILE_IN:
        use_input(ir, reg, src_components(src));
        break;
    case SHADER_FILE_SV:
        info->system_values |= 1ull << ir->sv_semantic[reg->index.offset];
        break;
    case SHADER_FILE_CONST:
        if (!reg->has_dim) {
            info->const0_indirect |= ir_indirect(&reg->index);
        } else if (ir_indirect(&reg->dim)) {
            info->ubos_indirect = true;
        } else {
            info->ubos[reg->dim.offset].indirect |= ir_indirect(&reg->index);
        }
        break;
    default:
        break;
    }
}

static int use_sampler(struct shader_ir *ir, const struct ir_insn *insn, struct shader_error *err)
{
    const struct ir_reg *reg = &insn->src[ir_sampler_operand(insn)].reg;
    unsigned slot = (unsigned)reg->index.offset;
    struct ir_range range = ir->sampler_range[slot];
    bool indirect = ir_indirect(&reg->index);
    bool query = insn->op == SHADER_OP_TXQ || insn->op == SHADER_OP_TXQS ||
                 insn->op == SHADER_OP_LODQ;

    for (unsigned s = indirect ? range.first : slot; s <= (indirect ? range.last : slot); s++) {
        struct shader_sampler_info *sampler = &ir->info.samplers[s];
        bool known = ir->info.samplers_used >> s & 1;

        ir->info.samplers_used |= 1u << s;
        sampler->gathered |= insn->op == SHADER_OP_TG4;
        sampler->array_first = range.first;
        sampler->array_count = (uint8_t)(range.last - range.first + 1);
        if (known && sampler->target != SHADER_TEX_UNKNOWN) {
            if (!query && sampler->target != insn->target) {
                sh_error(err, insn->line, "SAMP[%u] used as %s and as %s", s,
                         shader_texture_names[sampler->target],
                         shader_texture_names[insn->target]);
                return -1;
            }
        } else {
            sampler->target = query ? SHADER_TEX_UNKNOWN : insn->target;
        }
        sampler->return_type = ir->views_declared >> s & 1 ? ir->views[s].type : SHADER_RET_FLOAT;
    }
    return 0;
}

/* Samplers that are only queried take the target of the view, else of the query. */
static void settle_samplers(struct shader_ir *ir)
{
    struct shader_info *info = &ir->info;

    for (uint32_t i = 0; i < ir->body.count; i++) {
        const struct ir_insn *insn = &ir->body.insns[i];
        int operand = ir_sampler_operand(insn);
        unsigned slot;

        if (operand < 0)
            continue;
        slot = (unsigned)insn->src[operand].reg.index.offset;
        for (unsigned s = ir->sampler_range[slot].first; s <= ir->sampler_range[slot].last; s++) {
            if ((info->samplers_used >> s & 1) && info->samplers[s].target == SHADER_TEX_UNKNOWN)
                info->samplers[s].target = insn->target;
        }
    }
    for (unsigned s = 0; s < SHADER_MAX_SAMPLERS; s++) {
        if (info->samplers_used >> s & 1)
            info->samplers[s].shadow = tex_target(info->samplers[s].target)->shadow;
        else
            info->samplers[s].target = SHADER_TEX_UNKNOWN;
    }
    /* Elements of a sampler array need one type. */
    for (unsigned s = 0; s < SHADER_MAX_SAMPLERS; s++) {
        unsigned first = info->samplers[s].array_first;

        if (info->samplers[s].array_count > 1) {
            info->samplers[s].target = info->samplers[first].target;
            info->samplers[s].return_type = info->samplers[first].return_type;
            info->samplers[s].shadow = info->samplers[first].shadow;
        }
    }
}

static void use_memory(struct shader_ir *ir, const struct ir_insn *insn)
{
    struct shader_info *info = &ir->info;
    bool store = insn->op == SHADER_OP_STORE;
    bool query = insn->op == SHADER_OP_RESQ;
    bool load = insn->op == SHADER_OP_LOAD;
    bool atomic = !store && !query && !load;
    const struct ir_reg *reg = store ? &insn->dst[0].reg : &insn->src[0].reg;
    unsigned first = (unsigned)reg->index.offset, last = first;

    info->writes_memory |= store || atomic;
    if (reg->file == SHADER_FILE_IMAGE) {
        if (ir_indirect(&reg->index)) {
            last = ir->image_range[first].last;
            first = ir->image_range[first].first;
        }
        for (unsigned i = first; i <= last; i++) {
            info->images[i].written |= store || atomic;
            info->images[i].read |= load || atomic;
            info->images[i].atomic |= atomic;
            if (!ir->image_format[i])
                ir->image_format[i] = insn->format;
        }
    } else if (reg->file == SHADER_FILE_BUFFER && (store || atomic)) {
        if (ir_indirect(&reg->index)) {
            last = ir->buffer_range[first].last;
            first = ir->buffer_range[first].first;
        }
        for (unsigned i = first; i <= last; i++)
            info->ssbos_written |= 1u << i;
    }
}

static bool uses_memory(const struct ir_insn *insn)
{
    switch (insn->op) {
    case SHADER_OP_STORE:
    case SHADER_OP_LOAD:
    case SHADER_OP_RESQ:
        return true;
    default:
        return insn->num_src >= 3 && !strncmp(ir_op_name(insn->op), "ATOM", 4);
    }
}

static void use_opcode(struct shader_ir *ir, const struct ir_insn *insn)
{
    struct shader_info *info = &ir->info;
    const struct shader_opcode_info *op = ir_op_info(insn->op);

    info->uses_doubles |= op->dst_type == SHADER_TYPE_DOUBLE || op->src_type == SHADER_TYPE_DOUBLE;
    info->uses_int64 |= op->dst_type == SHADER_TYPE_INT64 || op->dst_type == SHADER_TYPE_UINT64 ||
                        op->src_type == SHADER_TYPE_INT64 || op->src_type == SHADER_TYPE_UINT64;
    switch (insn->op) {
    case SHADER_OP_KILL:
    case SHADER_OP_KILL_IF:
    case SHADER_OP_DEMOTE:
        info->uses_kill = true;
        break;
    case SHADER_OP_DDX:
    case SHADER_OP_DDY:
    case SHADER_OP_DDX_FINE:
    case SHADER_OP_DDY_FINE:
        info->uses_derivatives = true;
        break;
    case SHADER_OP_FBFETCH:
        info->uses_fbfetch = true;
        break;
    case SHADER_OP_BARRIER:
        info->uses_barrier = true;
        break;
    case SHADER_OP_MEMBAR:
        info->uses_membar = true;
        break;
    case SHADER_OP_BGNSUB:
        ir->subroutines++;
        break;
    case SHADER_OP_EMIT:
        info->gs_streams |=
            (uint8_t)(1u << (ir->imms[insn->src[0].reg.index.offset].bits[insn->src[0].swizzle[0]]
                             & 3));
        break;
    default:
        break;
    }
    if (uses_memory(insn))
        use_memory(ir, insn);
}

static void collect_output(struct shader_info *info, const struct shader_io *io)
{
    bool fragment = info->stage == SHADER_FRAGMENT;

    for (unsigned r = io->first; r <= io->last; r++) {
        unsigned index = io->semantic_index + (r - io->first);

        if (!fragment)
            shader_slots_set(&info->slots_written, ir_io_slot(io, r));
        else if (io->semantic == SHADER_SEM_COLOR)
            info->writes_colors |= (uint8_t)(1u << index);
        if (io->semantic == SHADER_SEM_CLIPDIST && index < 2)
            info->clipdist_mask |= (uint8_t)(io->usage_mask << (4 * index));
    }
    switch (io->semantic) {
    case SHADER_SEM_POSITION:
        info->writes_depth |= fragment;
        info->writes_position |= !fragment;
        break;
    case SHADER_SEM_STENCIL:
        info->writes_stencil |= fragment;
        break;
    case SHADER_SEM_SAMPLEMASK:
        info->writes_samplemask |= fragment;
        break;
    case SHADER_SEM_PSIZE:
        info->writes_psize = true;
        break;
    case SHADER_SEM_CLIPVERTEX:
        info->writes_clipvertex = true;
        break;
    case SHADER_SEM_EDGEFLAG:
        info->writes_edgeflag = true;
        break;
    case SHADER_SEM_LAYER:
        info->writes_layer = true;
        break;
    case SHADER_SEM_VIEWPORT_INDEX:
        info->writes_viewport = true;
        break;
    default:
        break;
    }
}

static void collect_interpolation(struct shader_info *info)
{
    for (uint32_t i = 0; i < info->num_inputs; i++) {
        const struct shader_io *io = &info->inputs[i];

        for (unsigned r = io->first; r <= io->last; r++) {
            unsigned slot = ir_io_slot(io, r);

            if (io->interpolate == SHADER_INTERP_CONSTANT)
                shader_slots_set(&info->slots_flat, slot);
            else if (io->interpolate == SHADER_INTERP_LINEAR)
                shader_slots_set(&info->slots_noperspective, slot);
            if (io->location == SHADER_LOC_CENTROID)
                shader_slots_set(&info->slots_centroid, slot);
            else if (io->location == SHADER_LOC_SAMPLE)
                shader_slots_set(&info->slots_sample, slot);
            info->per_sample |= io->location == SHADER_LOC_SAMPLE;
        }
    }
}

static int check_images(struct shader_ir *ir)
{
    for (unsigned i = 0; i < SHADER_MAX_IMAGES; i++) {
        const char *qualifier = image_format(ir->image_format[i])->qualifier;

        strncpy(ir->info.images[i].glsl_format, qualifier,
                sizeof(ir->info.images[i].glsl_format) - 1);
    }
    return 0;
}

int ir_collect_info(struct shader_ir *ir, struct shader_error *err)
{
    struct shader_info *info = &ir->info;

    for (uint32_t i = 0; i < ir->body.count; i++) {
        const struct ir_insn *insn = &ir->body.insns[i];

        for (unsigned s = 0; s < insn->num_src; s++)
            use_src(ir, &insn->src[s]);
        for (unsigned s = 0; s < insn->num_offsets; s++)
            use_src(ir, &insn->offsets[s]);
        if (ir_sampler_operand(insn) >= 0 && use_sampler(ir, insn, err) < 0)
            return -1;
        use_opcode(ir, insn);
    }
    settle_samplers(ir);
    for (uint32_t i = 0; i < info->num_outputs; i++)
        collect_output(info, &info->outputs[i]);
    if (info->stage == SHADER_FRAGMENT)
        collect_interpolation(info);
    if (info->num_clip + info->num_cull == 0 && info->clipdist_mask) {
        unsigned count = 0;

        while (info->clipdist_mask >> count)
            count++;
        info->num_clip = (uint8_t)count;
    }
    if (!info->clipdist_mask)
        info->num_clip = info->num_cull = 0;
    if (info->stage == SHADER_GEOMETRY && !info->gs_invocations)
        info->gs_invocations = 1;
    for (unsigned i = 0; i < 3; i++) {
        if (!info->block_size[i])
            info->block_size[i] = 1;
    }
    info->per_sample |= (info->system_values >> SHADER_SEM_SAMPLEID & 1) ||
                        (info->system_values >> SHADER_SEM_SAMPLEPOS & 1);
    info->has_stream_output = ir->so.num_outputs > 0;
    return check_images(ir);
}
