/* SPDX-License-Identifier: MIT */
/* Stage inputs and system values: declarations, names, and what is computed at the start. */
#include <stdio.h>
#include <string.h>

#include "emit.h"

#define MISSING_VALUE "vec4(0.0, 0.0, 0.0, 1.0)"

void emit_slot_name(struct emitter *e, unsigned stage, unsigned slot, char name[32])
{
    const char *prefix = emit_stage_prefix[stage];

    if (slot >= SHADER_SLOT_PATCH0)
        snprintf(name, 32, "%s_p%u", prefix, slot - SHADER_SLOT_PATCH0);
    else if (slot == SHADER_SLOT_CLIPVERTEX)
        snprintf(name, 32, "%s_clipvertex", prefix);
    else if (slot == SHADER_SLOT_NORMAL)
        snprintf(name, 32, "%s_normal", prefix);
    else if (slot == SHADER_SLOT_FOG)
        snprintf(name, 32, "%s_fog", prefix);
    else if (slot >= SHADER_SLOT_BCOLOR0)
        snprintf(name, 32, "%s_bc%u", prefix, slot - SHADER_SLOT_BCOLOR0);
    else if (slot >= SHADER_SLOT_COLOR0)
        snprintf(name, 32, "%s_c%u", prefix, slot - SHADER_SLOT_COLOR0);
    else if (slot >= SHADER_SLOT_TEXCOORD0)
        snprintf(name, 32, "%s_t%u", prefix, slot - SHADER_SLOT_TEXCOORD0);
    else
        snprintf(name, 32, "%s_g%u", prefix, slot);
}

int emit_slot_location(unsigned slot)
{
    if (slot >= SHADER_SLOT_PATCH0)
        return (int)(slot - SHADER_SLOT_PATCH0);
    if (slot == SHADER_SLOT_FOG)
        return 31;
    if (slot >= SHADER_SLOT_BCOLOR0 && slot < SHADER_SLOT_BCOLOR0 + 2)
        return (int)(29 + slot - SHADER_SLOT_BCOLOR0);
    if (slot >= SHADER_SLOT_COLOR0 && slot < SHADER_SLOT_COLOR0 + 2)
        return (int)(27 + slot - SHADER_SLOT_COLOR0);
    if (slot >= SHADER_SLOT_TEXCOORD0 && slot < SHADER_SLOT_TEXCOORD0 + 8)
        return (int)(19 + slot - SHADER_SLOT_TEXCOORD0);
    return slot < 19 ? (int)slot : -1;
}

bool shader_separable(const struct shader_info *info, const struct shader_host *host)
{
    if (!shader_host_has(host, SHADER_HOST_INDEX_VARYING_LOCATION))
        return false;
    for (unsigned slot = 0; slot < SHADER_SLOTS; slot++) {
        if ((shader_slots_test(&info->slots_read, slot) ||
             shader_slots_test(&info->slots_written, slot)) && emit_slot_location(slot) < 0)
            return false;
    }
    return true;
}

static bool per_vertex_stage(const struct emitter *e)
{
    return e->info->stage == SHADER_GEOMETRY || e->info->stage == SHADER_TESS_CTRL ||
           e->info->stage == SHADER_TESS_EVAL;
}

enum emit_in_kind emit_in_kind(struct emitter *e, const struct shader_io *io, unsigned reg)
{
    unsigned slot = ir_io_slot(io, reg);

    if (e->info->stage == SHADER_VERTEX)
        return e->key->attribute_bgra >> reg & 1 ? EMIT_IN_LOCAL : EMIT_IN_DIRECT;
    if (per_vertex_stage(e)) {
        if (io->per_vertex)
            return EMIT_IN_VERTEX;
        return slot == SHADER_SLOT_NONE ? EMIT_IN_LOCAL : EMIT_IN_DIRECT;
    }
    if (slot == SHADER_SLOT_NONE || e->ir->input_source[slot] != IR_INPUT_VARYING)
        return EMIT_IN_LOCAL;
    return EMIT_IN_DIRECT;
}

emit_type emit_in_type(struct emitter *e, const struct shader_io *io, unsigned reg)
{
    if (e->info->stage == SHADER_VERTEX && reg < 32) {
        if (e->key->attribute_int >> reg & 1)
            return 'i';
        return e->key->attribute_uint >> reg & 1 ? 'u' : 'f';
    }
    switch (io->semantic) {
    case SHADER_SEM_PRIM_ID:
    case SHADER_SEM_LAYER:
    case SHADER_SEM_VIEWPORT_INDEX:
        return 'u';
    default:
        return 'f';
    }
}

/* Clip and cull distances 4 * index + 0..3 of the previous stage; `from` is "" or "gl_in[v].". */
static void emit_clip_distances(struct emitter *e, const char *from, unsigned index)
{
    unsigned clips = e->key->prev_num_clip, culls = e->key->prev_num_cull;

    emit(e, "vec4(");
    for (unsigned c = 0; c < 4; c++) {
        unsigned d = 4 * index + c;

        emit(e, c ? ", " : "");
        if (d < clips)
            emit(e, "%sgl_ClipDistance[%u]", from, d);
        else if (d < clips + culls)
            emit(e, "%sgl_CullDistance[%u]", from, d - clips);
        else
            emit(e, "0.0");
    }
    emit(e, ")");
    if (clips)
        emit_need(e, SHADER_HOST_INDEX_CLIP_DISTANCE, "clip distances");
    if (culls)
        emit_need(e, SHADER_HOST_INDEX_CULL_DISTANCE, "cull distances");
}

static void emit_frag_coord(struct emitter *e)
{
    bool upper = e->info->origin_lower_left != (bool)e->key->target_y0_top;
    const char *half = e->info->center_integer ? " - 0.5" : "";

    if (!e->host->gles) {
        emit(e, "gl_FragCoord"); /* its layout says the rest */
        return;
    }
    if (upper) {
        emit_aux(e, EMIT_AUX_SCALARS);
        emit(e, "vec4(gl_FragCoord.x%s, ", half);
        emit_template(e, "@fb_height_px");
        emit(e, " - gl_FragCoord.y%s, gl_FragCoord.zw)", half);
    } else if (*half) {
        emit(e, "vec4(gl_FragCoord.xy - 0.5, gl_FragCoord.zw)");
    } else {
        emit(e, "gl_FragCoord");
    }
}

static void emit_point_coord(struct emitter *e)
{
    if (e->ir->invert_point_coord)
        emit(e, "vec4(gl_PointCoord.x, 1.0 - gl_PointCoord.y, 0.0, 1.0)");
    else
        emit(e, "vec4(gl_PointCoord, 0.0, 1.0)");
}

static void emit_slot_or_missing(struct emitter *e, unsigned slot)
{
    char name[32];

    if (shader_slots_test(&e->key->missing, slot)) {
        emit(e, MISSING_VALUE);
        return;
    }
    emit_slot_name(e, e->key->prev_stage, slot, name);
    emit(e, "%s", name);
}

static void emit_fragment_input(struct emitter *e, const struct shader_io *io, unsigned reg)
{
    unsigned slot = ir_io_slot(io, reg);

    if (slot != SHADER_SLOT_NONE) {
        switch (e->ir->input_source[slot]) {
        case IR_INPUT_MISSING:
            emit(e, MISSING_VALUE);
            break;
        case IR_INPUT_POINT_COORD:
            emit_point_coord(e);
            break;
        case IR_INPUT_TWO_SIDED:
            emit(e, "(gl_FrontFacing ? ");
            emit_slot_or_missing(e, slot);
            emit(e, " : ");
            emit_slot_or_missing(e, slot - SHADER_SLOT_COLOR0 + SHADER_SLOT_BCOLOR0);
            emit(e, ")");
            break;
        default:
            emit_slot_or_missing(e, slot);
            break;
        }
        return;
    }
    switch (io->semantic) {
    case SHADER_SEM_POSITION:
        emit_frag_coord(e);
        break;
    case SHADER_SEM_FACE:
        emit(e, "vec4(gl_FrontFacing ? 1.0 : -1.0)");
        break;
    case SHADER_SEM_PCOORD:
        emit_point_coord(e);
        break;
    case SHADER_SEM_PRIM_ID:
        emit_need(e, SHADER_HOST_INDEX_GEOMETRY, "primitive id");
        emit(e, "uvec4(uint(gl_PrimitiveID))");
        break;
    case SHADER_SEM_LAYER:
        emit_need(e, SHADER_HOST_INDEX_FRAGMENT_LAYER, "layer input");
        emit(e, "uvec4(uint(gl_Layer))");
        break;
    case SHADER_SEM_VIEWPORT_INDEX:
        if (e->host->gles)
            emit_need(e, SHADER_HOST_INDEX_VIEWPORT_ARRAY, "viewport index input");
        else
            emit_need(e, SHADER_HOST_INDEX_FRAGMENT_LAYER, "viewport index input");
        emit(e, "uvec4(uint(gl_ViewportIndex))");
        break;
    case SHADER_SEM_CLIPDIST:
        emit_clip_distances(e, "", io->semantic_index + (reg - io->first));
        break;
    default:
        emit(e, MISSING_VALUE);
        break;
    }
}

static void emit_vertex_input(struct emitter *e, const struct shader_io *io, unsigned reg,
                              const char *vertex)
{
    unsigned slot = ir_io_slot(io, reg);
    char from[160], name[32];

    snprintf(from, sizeof(from), "gl_in[%s].", vertex ? vertex : "0");
    switch (io->semantic) {
    case SHADER_SEM_POSITION:
        emit(e, "%sgl_Position", from);
        return;
    case SHADER_SEM_PSIZE:
        if (e->host->gles)
            emit_need(e, e->info->stage == SHADER_GEOMETRY
                             ? SHADER_HOST_INDEX_GEOMETRY_POINT_SIZE
                             : SHADER_HOST_INDEX_TESSELLATION_POINT_SIZE, "point size input");
        emit(e, "vec4(%sgl_PointSize)", from);
        return;
    case SHADER_SEM_CLIPDIST:
        emit_clip_distances(e, from, io->semantic_index + (reg - io->first));
        return;
    case SHADER_SEM_PRIM_ID:
        emit(e, "uvec4(uint(%s))",
             e->info->stage == SHADER_GEOMETRY ? "gl_PrimitiveIDIn" : "gl_PrimitiveID");
        return;
    case SHADER_SEM_TESSOUTER:
        emit(e, "vec4(gl_TessLevelOuter[0], gl_TessLevelOuter[1], gl_TessLevelOuter[2], "
                "gl_TessLevelOuter[3])");
        return;
    case SHADER_SEM_TESSINNER:
        emit(e, "vec4(gl_TessLevelInner[0], gl_TessLevelInner[1], 0.0, 0.0)");
        return;
    default:
        break;
    }
    if (slot == SHADER_SLOT_NONE || shader_slots_test(&e->key->missing, slot)) {
        emit(e, MISSING_VALUE);
        return;
    }
    emit_slot_name(e, e->key->prev_stage, slot, name);
    if (io->per_vertex)
        emit(e, "%s[%s]", name, vertex ? vertex : "0");
    else
        emit(e, "%s", name);
}

void emit_in_value(struct emitter *e, const struct shader_io *io, unsigned reg,
                   const char *vertex)
{
    if (e->info->stage == SHADER_VERTEX)
        emit(e, "in%u%s", reg, e->key->attribute_bgra >> reg & 1 ? ".zyxw" : "");
    else if (e->info->stage == SHADER_FRAGMENT)
        emit_fragment_input(e, io, reg);
    else
        emit_vertex_input(e, io, reg, vertex);
}

static void declare_attribute(struct emitter *e, unsigned reg)
{
    bool located = emit_has(e, SHADER_HOST_INDEX_EXPLICIT_ATTRIB_LOCATION);
    char name[32];

    snprintf(name, sizeof(name), "in%u", reg);
    if (located) {
        e->features |= SHADER_HOST(EXPLICIT_ATTRIB_LOCATION);
        emit(e, "layout(location = %u) ", reg);
    }
    emit(e, "in %s %s;\n",
         emit_vector(e->key->attribute_int >> reg & 1    ? 'i'
                     : e->key->attribute_uint >> reg & 1 ? 'u' : 'f', 4), name);
    emit_resource(e, SHADER_RES_ATTRIBUTE, name, reg, reg, 1, !located);
}

static const char *interpolation(struct emitter *e, const struct shader_io *io)
{
    switch (io->interpolate) {
    case SHADER_INTERP_CONSTANT:
        return "flat ";
    case SHADER_INTERP_LINEAR:
        if (!emit_has(e, SHADER_HOST_INDEX_NOPERSPECTIVE))
            return "";
        e->features |= SHADER_HOST(NOPERSPECTIVE);
        return "noperspective ";
    default:
        return "";
    }
}

static const char *sampling(struct emitter *e, const struct shader_io *io)
{
    if (io->interpolate == SHADER_INTERP_CONSTANT)
        return "";
    if (io->location == SHADER_LOC_CENTROID)
        return "centroid ";
    if (io->location == SHADER_LOC_SAMPLE || e->key->per_sample) {
        if (!emit_has(e, SHADER_HOST_INDEX_MULTISAMPLE_INTERPOLATION))
            return "centroid ";
        e->features |= SHADER_HOST(MULTISAMPLE_INTERPOLATION);
        return "sample ";
    }
    return "";
}

static void declare_varying(struct emitter *e, const struct shader_io *io, unsigned slot)
{
    bool fragment = e->info->stage == SHADER_FRAGMENT;
    char name[32];

    emit_slot_name(e, e->key->prev_stage, slot, name);
    if (e->key->separable) {
        int location = emit_slot_location(slot);

        if (location < 0)
            emit_fail(e, "input %s has no fixed location", name);
        emit_need(e, SHADER_HOST_INDEX_VARYING_LOCATION, "separable programs");
        emit(e, "layout(location = %d) ", location);
    }
    emit(e, "%s%s%sin vec4 %s%s;\n", fragment ? interpolation(e, io) : "",
         fragment ? sampling(e, io) : "", slot >= SHADER_SLOT_PATCH0 ? "patch " : "", name,
         io->per_vertex ? "[]" : "");
}

static void declare_per_vertex(struct emitter *e)
{
    if (!e->key->separable || !per_vertex_stage(e))
        return;
    emit(e, "in gl_PerVertex { vec4 gl_Position; ");
    if (!e->host->gles)
        emit(e, "float gl_PointSize; ");
    if (e->key->prev_num_clip)
        emit(e, "float gl_ClipDistance[%u]; ", e->key->prev_num_clip);
    if (e->key->prev_num_cull)
        emit(e, "float gl_CullDistance[%u]; ", e->key->prev_num_cull);
    emit(e, "} gl_in[];\n");
}

static void declare_frag_coord(struct emitter *e)
{
    bool upper = e->info->origin_lower_left != (bool)e->key->target_y0_top;

    if (e->host->gles || !e->info->reads_fragcoord || (!upper && !e->info->center_integer))
        return;
    emit(e, "layout(%s%s%s) in vec4 gl_FragCoord;\n", upper ? "origin_upper_left" : "",
         upper && e->info->center_integer ? ", " : "",
         e->info->center_integer ? "pixel_center_integer" : "");
}

void emit_declare_inputs(struct emitter *e)
{
    struct shader_slots done = {{0}};

    declare_per_vertex(e);
    if (e->info->stage == SHADER_FRAGMENT)
        declare_frag_coord(e);
    for (uint32_t i = 0; i < e->info->num_inputs; i++) {
        const struct shader_io *io = &e->info->inputs[i];

        for (unsigned reg = io->first; reg <= io->last; reg++) {
            unsigned slot = ir_io_slot(io, reg);
            unsigned source;

            if (!e->in_used[reg])
                continue;
            if (e->info->stage == SHADER_VERTEX) {
                declare_attribute(e, reg);
                continue;
            }
            source = slot == SHADER_SLOT_NONE ? (unsigned)IR_INPUT_MISSING
                                              : e->ir->input_source[slot];
            if (source == IR_INPUT_MISSING || source == IR_INPUT_POINT_COORD ||
                shader_slots_test(&done, slot))
                continue;
            shader_slots_set(&done, slot);
            if (!shader_slots_test(&e->key->missing, slot))
                declare_varying(e, io, slot);
            if (source == IR_INPUT_TWO_SIDED) {
                unsigned back = slot - SHADER_SLOT_COLOR0 + SHADER_SLOT_BCOLOR0;

                if (!shader_slots_test(&done, back) &&
                    !shader_slots_test(&e->key->missing, back))
                    declare_varying(e, io, back);
                shader_slots_set(&done, back);
            }
        }
    }
}

/* System values as expressions; NULL for those of other stages. */
static const char *vertex_value(struct emitter *e, unsigned semantic)
{
    bool parameters = emit_has(e, SHADER_HOST_INDEX_DRAW_PARAMETERS);
    bool core = !e->host->gles && e->host->glsl_version >= 460;

    switch (semantic) {
    case SHADER_SEM_VERTEXID:
        return "uvec4(uint(gl_VertexID))";
    case SHADER_SEM_INSTANCEID:
        return "uvec4(uint(gl_InstanceID))";
    case SHADER_SEM_VERTEXID_NOBASE:
        emit_aux(e, EMIT_AUX_DRAW);
        return "uvec4(uint(gl_VertexID - @base_vertex))";
    case SHADER_SEM_BASEVERTEX:
        if (parameters) {
            e->features |= SHADER_HOST(DRAW_PARAMETERS);
            return core ? "uvec4(uint(gl_BaseVertex))" : "uvec4(uint(gl_BaseVertexARB))";
        }
        emit_aux(e, EMIT_AUX_DRAW);
        return "uvec4(uint(@base_vertex))";
    case SHADER_SEM_BASEINSTANCE:
        if (parameters) {
            e->features |= SHADER_HOST(DRAW_PARAMETERS);
            return core ? "uvec4(uint(gl_BaseInstance))" : "uvec4(uint(gl_BaseInstanceARB))";
        }
        emit_aux(e, EMIT_AUX_DRAW);
        return "uvec4(uint(@base_instance))";
    case SHADER_SEM_DRAWID:
        emit_aux(e, EMIT_AUX_DRAW);
        if (parameters) {
            e->features |= SHADER_HOST(DRAW_PARAMETERS);
            return core ? "uvec4(uint(gl_DrawID + @draw_id))"
                        : "uvec4(uint(gl_DrawIDARB + @draw_id))";
        }
        return "uvec4(uint(@draw_id))";
    default:
        return NULL;
    }
}

static const char *fragment_value(struct emitter *e, unsigned semantic)
{
    switch (semantic) {
    case SHADER_SEM_FACE:
        return "uvec4(gl_FrontFacing ? 0xffffffffu : 0u)";
    case SHADER_SEM_SAMPLEID:
        emit_need(e, SHADER_HOST_INDEX_SAMPLE_VARIABLES, "sample id");
        return "uvec4(uint(gl_SampleID))";
    case SHADER_SEM_SAMPLEPOS:
        emit_need(e, SHADER_HOST_INDEX_SAMPLE_VARIABLES, "sample position");
        return "vec4(gl_SamplePosition, 0.0, 0.0)";
    case SHADER_SEM_SAMPLEMASK:
        emit_need(e, e->host->gles ? SHADER_HOST_INDEX_SAMPLE_VARIABLES
                                   : SHADER_HOST_INDEX_GPU_SHADER5, "sample mask");
        return "uvec4(uint(gl_SampleMaskIn[0]), 0u, 0u, 0u)";
    case SHADER_SEM_HELPER_INVOCATION:
        if (!emit_has(e, SHADER_HOST_INDEX_HELPER_INVOCATION))
            return "uvec4(0u)";
        e->features |= SHADER_HOST(HELPER_INVOCATION);
        return "uvec4(gl_HelperInvocation ? 0xffffffffu : 0u)";
    case SHADER_SEM_LAYER:
        emit_need(e, SHADER_HOST_INDEX_FRAGMENT_LAYER, "layer");
        return "uvec4(uint(gl_Layer))";
    case SHADER_SEM_VIEWPORT_INDEX:
        emit_need(e, SHADER_HOST_INDEX_FRAGMENT_LAYER, "viewport index");
        return "uvec4(uint(gl_ViewportIndex))";
    default:
        return NULL;
    }
}

static const char *sv_expression(struct emitter *e, unsigned semantic)
{
    if (e->info->stage == SHADER_VERTEX)
        return vertex_value(e, semantic);
    if (e->info->stage == SHADER_FRAGMENT && semantic != SHADER_SEM_PRIM_ID)
        return fragment_value(e, semantic);
    switch (semantic) {
    case SHADER_SEM_PRIM_ID:
        emit_need(e, SHADER_HOST_INDEX_GEOMETRY, "primitive id");
        return e->info->stage == SHADER_GEOMETRY ? "uvec4(uint(gl_PrimitiveIDIn))"
                                                 : "uvec4(uint(gl_PrimitiveID))";
    case SHADER_SEM_INVOCATIONID:
        if (e->info->stage == SHADER_GEOMETRY)
            emit_need(e, SHADER_HOST_INDEX_GPU_SHADER5, "geometry invocations");
        return "uvec4(uint(gl_InvocationID))";
    case SHADER_SEM_VERTICESIN:
        return "uvec4(uint(gl_PatchVerticesIn))";
    case SHADER_SEM_TESSCOORD:
        return "vec4(gl_TessCoord, 0.0)";
    case SHADER_SEM_TESSOUTER:
        return e->info->stage == SHADER_TESS_EVAL
                   ? "vec4(gl_TessLevelOuter[0], gl_TessLevelOuter[1], gl_TessLevelOuter[2], "
                     "gl_TessLevelOuter[3])"
                   : (emit_aux(e, EMIT_AUX_TESS_OUTER), "@tess_outer");
    case SHADER_SEM_TESSINNER:
        return e->info->stage == SHADER_TESS_EVAL
                   ? "vec4(gl_TessLevelInner[0], gl_TessLevelInner[1], 0.0, 0.0)"
                   : (emit_aux(e, EMIT_AUX_TESS_INNER), "@tess_inner");
    case SHADER_SEM_THREAD_ID:
        return "uvec4(gl_LocalInvocationID, 0u)";
    case SHADER_SEM_BLOCK_ID:
        return "uvec4(gl_WorkGroupID, 0u)";
    case SHADER_SEM_GRID_SIZE:
        return "uvec4(gl_NumWorkGroups, 0u)";
    case SHADER_SEM_BLOCK_SIZE:
        return "uvec4(gl_WorkGroupSize, 0u)";
    default:
        return NULL;
    }
}

static bool sv_in_stage(unsigned stage, unsigned semantic)
{
    switch (semantic) {
    case SHADER_SEM_VERTEXID:
    case SHADER_SEM_INSTANCEID:
    case SHADER_SEM_VERTEXID_NOBASE:
    case SHADER_SEM_BASEVERTEX:
    case SHADER_SEM_BASEINSTANCE:
    case SHADER_SEM_DRAWID:
        return stage == SHADER_VERTEX;
    case SHADER_SEM_FACE:
    case SHADER_SEM_SAMPLEID:
    case SHADER_SEM_SAMPLEPOS:
    case SHADER_SEM_SAMPLEMASK:
    case SHADER_SEM_HELPER_INVOCATION:
    case SHADER_SEM_LAYER:
    case SHADER_SEM_VIEWPORT_INDEX:
        return stage == SHADER_FRAGMENT;
    case SHADER_SEM_PRIM_ID:
        return stage != SHADER_VERTEX && stage != SHADER_COMPUTE;
    case SHADER_SEM_INVOCATIONID:
        return stage == SHADER_GEOMETRY || stage == SHADER_TESS_CTRL;
    case SHADER_SEM_VERTICESIN:
        return stage == SHADER_TESS_CTRL || stage == SHADER_TESS_EVAL;
    case SHADER_SEM_TESSCOORD:
        return stage == SHADER_TESS_EVAL;
    case SHADER_SEM_TESSOUTER:
    case SHADER_SEM_TESSINNER:
        return stage == SHADER_TESS_EVAL || stage == SHADER_TESS_CTRL;
    default:
        return stage == SHADER_COMPUTE;
    }
}

static void emit_system_values(struct emitter *e)
{
    for (unsigned i = 0; i < IR_MAX_SV; i++) {
        unsigned semantic = e->ir->sv_semantic[i];
        const char *expression;

        if (!(e->sv_used >> i & 1))
            continue;
        expression = sv_in_stage(e->info->stage, semantic) ? sv_expression(e, semantic) : NULL;
        if (!expression) {
            emit_fail(e, "system value %s is not available in this stage",
                      shader_semantic_names[semantic]);
            return;
        }
        emit_begin(e);
        emit(e, "sv%u = ", i);
        emit_template(e, expression);
        emit(e, ";\n");
    }
}

/* Indirectly read vertex and fragment inputs are copied to an array. */
static void emit_input_array(struct emitter *e, const struct emit_array *array)
{
    for (unsigned reg = array->first; reg <= array->last; reg++) {
        const struct shader_io *io = ir_find_io(e->info->inputs, e->info->num_inputs, reg);
        emit_type type;

        if (!io)
            continue;
        type = emit_in_type(e, io, reg);
        emit_begin(e);
        emit(e, "in_array%d[%u] = ", (int)(array - e->in_arrays), reg - array->first);
        emit_cast_open(e, 'f', type, 4);
        emit_in_value(e, io, reg, NULL);
        emit_cast_close(e, 'f', type);
        emit(e, ";\n");
    }
}

void emit_input_prologue(struct emitter *e)
{
    for (uint32_t i = 0; i < e->info->num_inputs; i++) {
        const struct shader_io *io = &e->info->inputs[i];

        for (unsigned reg = io->first; reg <= io->last; reg++) {
            if (!e->in_used[reg] || emit_in_kind(e, io, reg) != EMIT_IN_LOCAL)
                continue;
            emit_begin(e);
            emit(e, "i%u = ", reg);
            emit_in_value(e, io, reg, NULL);
            emit(e, ";\n");
        }
    }
    for (uint32_t i = 0; i < e->num_in_arrays && !per_vertex_stage(e); i++)
        emit_input_array(e, &e->in_arrays[i]);
    emit_system_values(e);
}
