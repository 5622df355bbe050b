/* SPDX-License-Identifier: MIT */
/* IR back to TGSI text, in a normal form: what a parse of the dump gives dumps the same. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "image_format.h"
#include "ir.h"

static void dump_index(struct sh_text *t, const struct ir_index *index)
{
    if (!ir_indirect(index)) {
        sh_text_printf(t, "[%d]", index->offset);
        return;
    }
    sh_text_printf(t, "[%s[%d].%c", shader_file_names[index->file], index->reg,
                   "xyzw"[index->comp]);
    if (index->offset)
        sh_text_printf(t, "%+d", index->offset);
    sh_text_puts(t, "]");
}

static void dump_reg(struct sh_text *t, const struct ir_reg *reg)
{
    sh_text_puts(t, shader_file_names[reg->file]);
    if (reg->file == SHADER_FILE_NULL)
        return;
    if (reg->has_dim)
        dump_index(t, &reg->dim);
    dump_index(t, &reg->index);
    if (reg->array_id)
        sh_text_printf(t, "(%u)", reg->array_id);
}

static void dump_mask(struct sh_text *t, unsigned mask)
{
    if (mask == 15)
        return;
    sh_text_puts(t, ".");
    for (unsigned c = 0; c < 4; c++) {
        if (mask >> c & 1)
            sh_text_append(t, &"xyzw"[c], 1);
    }
}

static void dump_src(struct sh_text *t, const struct ir_src *src, unsigned comps)
{
    bool plain = comps == 4;

    for (unsigned c = 0; c < 4; c++)
        plain &= src->swizzle[c] == c;
    sh_text_printf(t, "%s%s", src->negate ? "-" : "", src->absolute ? "|" : "");
    dump_reg(t, &src->reg);
    if (!plain) {
        sh_text_puts(t, ".");
        for (unsigned c = 0; c < comps; c++)
            sh_text_append(t, &"xyzw"[src->swizzle[c]], 1);
    }
    sh_text_puts(t, src->absolute ? "|" : "");
}

static void dump_insn(struct sh_text *t, const struct ir_insn *insn, uint32_t number,
                      unsigned depth)
{
    bool first = true;

    sh_text_printf(t, "%3u: %*s%s%s%s", number, (int)depth * 2, "", ir_op_name(insn->op),
                   insn->saturate ? "_SAT" : "", insn->precise ? "_PRECISE" : "");
    for (unsigned i = 0; i < insn->num_dst; i++) {
        sh_text_puts(t, first ? " " : ", ");
        first = false;
        dump_reg(t, &insn->dst[i].reg);
        dump_mask(t, insn->dst[i].mask);
    }
    for (unsigned i = 0; i < insn->num_src; i++) {
        sh_text_puts(t, first ? " " : ", ");
        first = false;
        dump_src(t, &insn->src[i], 4);
    }
    if (insn->has_target)
        sh_text_printf(t, ", %s", shader_texture_names[insn->target]);
    for (unsigned i = 0; i < insn->num_offsets; i++) {
        sh_text_puts(t, ", ");
        dump_src(t, &insn->offsets[i], 3);
    }
    sh_text_printf(t, "%s%s%s", insn->qualifiers & IR_COHERENT ? ", COHERENT" : "",
                   insn->qualifiers & IR_RESTRICT ? ", RESTRICT" : "",
                   insn->qualifiers & IR_VOLATILE ? ", VOLATILE" : "");
    if (insn->format)
        sh_text_printf(t, ", PIPE_FORMAT_%s", image_format(insn->format)->pipe_name);
    if (insn->op == SHADER_OP_CAL)
        sh_text_printf(t, " :%u", insn->label);
    sh_text_puts(t, "\n");
}

static void dump_range(struct sh_text *t, unsigned first, unsigned last)
{
    if (first == last)
        sh_text_printf(t, "[%u]", first);
    else
        sh_text_printf(t, "[%u..%u]", first, last);
}

static void dump_io(struct sh_text *t, const char *file, const struct shader_io *io, bool qualify)
{
    sh_text_printf(t, "DCL %s%s", file, io->per_vertex ? "[]" : "");
    dump_range(t, io->first, io->last);
    dump_mask(t, io->usage_mask);
    if (io->array_id)
        sh_text_printf(t, ", ARRAY(%u)", io->array_id);
    if (io->semantic != SHADER_SEM_NONE) {
        sh_text_printf(t, ", %s", shader_semantic_names[io->semantic]);
        if (io->semantic_index || io->semantic == SHADER_SEM_GENERIC ||
            io->semantic == SHADER_SEM_TEXCOORD)
            sh_text_printf(t, "[%u]", io->semantic_index);
    }
    if (io->streams[0] | io->streams[1] | io->streams[2] | io->streams[3])
        sh_text_printf(t, ", STREAM(%u, %u, %u, %u)", io->streams[0], io->streams[1],
                       io->streams[2], io->streams[3]);
    if (qualify) {
        sh_text_printf(t, ", %s", shader_interpolate_names[io->interpolate]);
        if (io->location)
            sh_text_printf(t, ", %s", shader_interpolate_location_names[io->location]);
    }
    sh_text_printf(t, "%s\n", io->invariant ? ", INVARIANT" : "");
}

static void dump_properties(struct sh_text *t, const struct shader_info *info)
{
    const struct {
        unsigned stage; /* SHADER_STAGES: any */
        const char *name;
        uint32_t value, normal;
    } properties[] = {
        {SHADER_FRAGMENT, "FS_COLOR0_WRITES_ALL_CBUFS", info->color0_writes_all, 0},
        {SHADER_FRAGMENT, "FS_DEPTH_LAYOUT", info->depth_layout, 0},
        {SHADER_FRAGMENT, "FS_EARLY_DEPTH_STENCIL", info->early_tests, 0},
        {SHADER_FRAGMENT, "FS_POST_DEPTH_COVERAGE", info->post_depth_coverage, 0},
        {SHADER_FRAGMENT, "FS_BLEND_EQUATION_ADVANCED", info->blend_advanced, 0},
        {SHADER_STAGES, "VS_PROHIBIT_UCPS", info->prohibit_ucps, 0},
        {SHADER_STAGES, "NUM_CLIPDIST_ENABLED", info->num_clip, 0},
        {SHADER_STAGES, "NUM_CULLDIST_ENABLED", info->num_cull, 0},
        {SHADER_GEOMETRY, "GS_MAX_OUTPUT_VERTICES", info->gs_max_vertices, UINT32_MAX},
        {SHADER_GEOMETRY, "GS_INVOCATIONS", info->gs_invocations, UINT32_MAX},
        {SHADER_TESS_CTRL, "TCS_VERTICES_OUT", info->tcs_vertices_out, UINT32_MAX},
        {SHADER_TESS_EVAL, "TES_PRIM_MODE", info->tes_primitive, UINT32_MAX},
        {SHADER_TESS_EVAL, "TES_SPACING", info->tes_spacing, UINT32_MAX},
        {SHADER_TESS_EVAL, "TES_VERTEX_ORDER_CW", info->tes_cw, UINT32_MAX},
        {SHADER_TESS_EVAL, "TES_POINT_MODE", info->tes_point_mode, UINT32_MAX},
        {SHADER_COMPUTE, "CS_FIXED_BLOCK_WIDTH", info->block_size[0], UINT32_MAX},
        {SHADER_COMPUTE, "CS_FIXED_BLOCK_HEIGHT", info->block_size[1], UINT32_MAX},
        {SHADER_COMPUTE, "CS_FIXED_BLOCK_DEPTH", info->block_size[2], UINT32_MAX},
        {SHADER_STAGES, "SEPARABLE_PROGRAM", info->separable, 0},
    };

    if (info->stage == SHADER_GEOMETRY)
        sh_text_printf(t, "PROPERTY GS_INPUT_PRIMITIVE %s\nPROPERTY GS_OUTPUT_PRIMITIVE %s\n",
                       shader_primitive_names[info->gs_input_primitive],
                       shader_primitive_names[info->gs_output_primitive]);
    if (info->origin_lower_left)
        sh_text_puts(t, "PROPERTY FS_COORD_ORIGIN LOWER_LEFT\n");
    if (info->center_integer)
        sh_text_puts(t, "PROPERTY FS_COORD_PIXEL_CENTER INTEGER\n");
    for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
        if ((properties[i].stage == SHADER_STAGES || properties[i].stage == info->stage) &&
            properties[i].value != properties[i].normal)
            sh_text_printf(t, "PROPERTY %s %u\n", properties[i].name, properties[i].value);
    }
}

static void dump_resources(struct sh_text *t, const struct shader_ir *ir)
{
    const struct shader_info *info = &ir->info;

    for (unsigned i = 0; i < 32; i++) {
        if (ir->samplers_declared >> i & 1)
            sh_text_printf(t, "DCL SAMP[%u]\n", i);
    }
    for (unsigned i = 0; i < 32; i++) {
        if (ir->views_declared >> i & 1)
            sh_text_printf(t, "DCL SVIEW[%u], %s, %s\n", i,
                           shader_texture_names[ir->views[i].target],
                           shader_return_type_names[ir->views[i].type]);
    }
    for (unsigned i = 0; i < 32; i++) {
        if (!(info->images_used >> i & 1))
            continue;
        sh_text_printf(t, "DCL IMAGE[%u], %s", i, shader_texture_names[info->images[i].target]);
        if (ir->image_format[i])
            sh_text_printf(t, ", PIPE_FORMAT_%s", image_format(ir->image_format[i])->pipe_name);
        sh_text_puts(t, info->images[i].written ? ", WR\n" : "\n");
    }
    for (unsigned i = 0; i < 32; i++) {
        if (info->ssbos_used >> i & 1)
            sh_text_printf(t, "DCL BUFFER[%u]%s\n", i,
                           info->ssbos_atomic >> i & 1 ? ", ATOMIC" : "");
    }
    for (uint32_t i = 0; i < info->num_atomic_ranges; i++) {
        sh_text_printf(t, "DCL HWATOMIC[%u]", info->atomic_ranges[i].buffer);
        dump_range(t, info->atomic_ranges[i].first, info->atomic_ranges[i].last);
        sh_text_puts(t, "\n");
    }
    if (ir->memory_declared)
        sh_text_puts(t, "DCL MEMORY[1], SHARED\n");
}

static void dump_temps(struct sh_text *t, const struct shader_ir *ir)
{
    uint32_t r = 0;

    while (r < ir->num_temps) {
        const struct ir_array *array = ir_find_temp_array(ir, r);
        uint32_t last = r;

        if (!(ir->temps_declared[r / 64] >> (r % 64) & 1)) {
            r++;
            continue;
        }
        if (array) {
            last = array->last;
        } else {
            while (last + 1 < ir->num_temps && !ir_find_temp_array(ir, last + 1) &&
                   (ir->temps_declared[(last + 1) / 64] >> ((last + 1) % 64) & 1))
                last++;
        }
        sh_text_puts(t, "DCL TEMP");
        dump_range(t, r, last);
        if (array)
            sh_text_printf(t, ", ARRAY(%u)", array->id);
        sh_text_puts(t, "\n");
        r = last + 1;
    }
}

static void dump_declarations(struct sh_text *t, const struct shader_ir *ir)
{
    const struct shader_info *info = &ir->info;

    for (uint32_t i = 0; i < info->num_inputs; i++)
        dump_io(t, "IN", &info->inputs[i], info->stage == SHADER_FRAGMENT);
    for (uint32_t i = 0; i < info->num_outputs; i++)
        dump_io(t, "OUT", &info->outputs[i], false);
    for (unsigned i = 0; i < IR_MAX_SV; i++) {
        if (ir->sv_semantic[i] != SHADER_SEM_NONE)
            sh_text_printf(t, "DCL SV[%u], %s\n", i, shader_semantic_names[ir->sv_semantic[i]]);
    }
    dump_resources(t, ir);
    if (info->const0_vec4s)
        sh_text_printf(t, "DCL CONST[0..%u]\n", info->const0_vec4s - 1);
    for (unsigned i = 1; i < SHADER_MAX_UBOS; i++) {
        if (info->ubos_used >> i & 1)
            sh_text_printf(t, "DCL CONST[%u][0..%u]\n", i, info->ubos[i].size_vec4s - 1);
    }
    dump_temps(t, ir);
    if (ir->num_addrs)
        sh_text_printf(t, "DCL ADDR[0..%u]\n", ir->num_addrs - 1);
    for (uint32_t i = 0; i < ir->num_imms; i++) {
        const uint32_t *b = ir->imms[i].bits;

        sh_text_printf(t, "IMM[%u] UINT32 {%u, %u, %u, %u}\n", i, b[0], b[1], b[2], b[3]);
    }
}

char *shader_ir_dump(const struct shader_ir *ir)
{
    static const char *const headers[] = {"VERT", "FRAG", "GEOM", "TESS_CTRL", "TESS_EVAL",
                                          "COMP"};
    struct sh_text t = {0};
    unsigned depth = 0;

    sh_text_printf(&t, "%s\n", headers[ir->info.stage]);
    dump_properties(&t, &ir->info);
    dump_declarations(&t, ir);
    for (uint32_t i = 0; i < ir->body.count; i++) {
        const struct ir_insn *insn = &ir->body.insns[i];

        switch (insn->op) {
        case SHADER_OP_ELSE:
        case SHADER_OP_ENDIF:
        case SHADER_OP_ENDLOOP:
        case SHADER_OP_ENDSWITCH:
        case SHADER_OP_ENDSUB:
            depth -= depth > 0;
            break;
        default:
            break;
        }
        dump_insn(&t, insn, i, depth);
        switch (insn->op) {
        case SHADER_OP_IF:
        case SHADER_OP_UIF:
        case SHADER_OP_ELSE:
        case SHADER_OP_BGNLOOP:
        case SHADER_OP_SWITCH:
        case SHADER_OP_BGNSUB:
            depth++;
            break;
        default:
            break;
        }
    }
    if (t.failed) {
        sh_text_finish(&t);
        return NULL;
    }
    return t.data;
}
