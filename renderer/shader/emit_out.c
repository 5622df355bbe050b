/* SPDX-License-Identifier: MIT */
/* Stage outputs: declarations, names, and what happens when they are final. */
#include <stdio.h>
#include <string.h>

#include "emit.h"

static unsigned io_index(const struct shader_io *io, unsigned reg)
{
    return io->semantic_index + (reg - io->first);
}

static bool is_color(const struct emitter *e, const struct shader_io *io)
{
    return e->info->stage == SHADER_FRAGMENT && io->semantic == SHADER_SEM_COLOR;
}

static unsigned cbuf_type(const struct emitter *e, unsigned index)
{
    bool second = e->key->dual_source && index == 1;

    if (second)
        index = 0;
    if (index >= e->key->num_cbufs || index >= SHADER_MAX_CBUFS)
        return SHADER_CBUF_NONE;
    return e->key->cbufs[index].type;
}

enum emit_out_kind emit_out_kind(struct emitter *e, const struct shader_io *io, unsigned reg)
{
    if (is_color(e, io))
        return EMIT_OUT_DIRECT;
    if (e->info->stage == SHADER_FRAGMENT)
        return EMIT_OUT_LOCAL;
    if (e->info->stage == SHADER_TESS_CTRL) {
        switch (io->semantic) {
        case SHADER_SEM_POSITION:
            return EMIT_OUT_DIRECT;
        case SHADER_SEM_PSIZE:
        case SHADER_SEM_CLIPDIST:
        case SHADER_SEM_TESSOUTER:
        case SHADER_SEM_TESSINNER:
            return EMIT_OUT_COMPONENT;
        default:
            break;
        }
    }
    return ir_io_slot(io, reg) == SHADER_SLOT_NONE ? EMIT_OUT_LOCAL : EMIT_OUT_DIRECT;
}

emit_type emit_out_type(struct emitter *e, const struct shader_io *io, unsigned reg)
{
    if (is_color(e, io)) {
        unsigned type = cbuf_type(e, io_index(io, reg));

        return type == SHADER_CBUF_INT ? 'i' : type == SHADER_CBUF_UINT ? 'u' : 'f';
    }
    switch (io->semantic) {
    case SHADER_SEM_LAYER:
    case SHADER_SEM_VIEWPORT_INDEX:
    case SHADER_SEM_PRIM_ID:
    case SHADER_SEM_SAMPLEMASK:
    case SHADER_SEM_STENCIL:
        return 'i';
    default:
        return 'f';
    }
}

void emit_out_name(struct emitter *e, const struct shader_io *io, unsigned reg,
                   const char *vertex, char name[96])
{
    unsigned slot = ir_io_slot(io, reg);
    char base[32];

    if (is_color(e, io)) {
        snprintf(name, 96, "fs_color%u", io_index(io, reg));
    } else if (e->info->stage == SHADER_TESS_CTRL && io->semantic == SHADER_SEM_POSITION) {
        snprintf(name, 96, "gl_out[%.60s].gl_Position", vertex ? vertex : "gl_InvocationID");
    } else if (slot == SHADER_SLOT_NONE) {
        snprintf(name, 96, "o%u", reg);
    } else {
        emit_slot_name(e, e->info->stage, slot, base);
        if (e->info->stage == SHADER_TESS_CTRL && io->per_vertex)
            snprintf(name, 96, "%s[%.60s]", base, vertex ? vertex : "gl_InvocationID");
        else
            snprintf(name, 96, "%s", base);
    }
}

bool emit_out_component(struct emitter *e, const struct shader_io *io, unsigned reg,
                        unsigned comp, const char *vertex, char name[96])
{
    unsigned distance = 4 * io_index(io, reg) + comp;

    if (!vertex)
        vertex = "gl_InvocationID";
    switch (io->semantic) {
    case SHADER_SEM_TESSOUTER:
        snprintf(name, 96, "gl_TessLevelOuter[%u]", comp);
        return true;
    case SHADER_SEM_TESSINNER:
        snprintf(name, 96, "gl_TessLevelInner[%u]", comp);
        return comp < 2;
    case SHADER_SEM_PSIZE:
        snprintf(name, 96, "gl_out[%.60s].gl_PointSize", vertex);
        return comp == 0 && (!e->host->gles ||
                             emit_has(e, SHADER_HOST_INDEX_TESSELLATION_POINT_SIZE));
    case SHADER_SEM_CLIPDIST:
        if (distance < e->info->num_clip) {
            snprintf(name, 96, "gl_out[%.60s].gl_ClipDistance[%u]", vertex, distance);
            return true;
        }
        if (distance < (unsigned)e->info->num_clip + e->info->num_cull) {
            snprintf(name, 96, "gl_out[%.60s].gl_CullDistance[%u]", vertex,
                     distance - e->info->num_clip);
            return true;
        }
        return false;
    default:
        return false;
    }
}

static void declare_color(struct emitter *e, const struct shader_io *io, unsigned reg)
{
    unsigned index = io_index(io, reg);
    bool second = e->key->dual_source && index == 1;
    const char *type = emit_vector(emit_out_type(e, io, reg), 4);
    bool located = emit_has(e, SHADER_HOST_INDEX_EXPLICIT_ATTRIB_LOCATION);
    char name[32];

    snprintf(name, sizeof(name), "fs_color%u", index);
    if (cbuf_type(e, index) == SHADER_CBUF_NONE) {
        emit(e, "%s %s = vec4(0.0);\n", type, name);
        return;
    }
    e->out_from_body |= 1u << index;
    if (second || (e->key->dual_source && index == 0)) {
        emit_need(e, SHADER_HOST_INDEX_DUAL_SOURCE, "dual-source blending");
        if (located)
            emit(e, "layout(location = 0, index = %d) ", second);
    } else if (located) {
        emit(e, "layout(location = %u) ", index);
    }
    if (located)
        e->features |= SHADER_HOST(EXPLICIT_ATTRIB_LOCATION);
    emit(e, "%s %s %s;\n", e->info->uses_fbfetch || e->fetched_outputs ? "inout" : "out", type,
         name);
    emit_resource(e, SHADER_RES_FRAG_DATA, name, index, second ? 0 : index, 1, !located);
    if (e->num_resources)
        e->resources[e->num_resources - 1].index = second;
}

/* Producer side of interpolation, for hosts that want equal qualifiers on both sides. The same
 * fallbacks as on the consumer's side. */
static const char *producer_interpolation(struct emitter *e, unsigned slot)
{
    if (shader_slots_test(&e->key->next_flat, slot))
        return "flat ";
    if (!shader_slots_test(&e->key->next_noperspective, slot) ||
        !emit_has(e, SHADER_HOST_INDEX_NOPERSPECTIVE))
        return "";
    e->features |= SHADER_HOST(NOPERSPECTIVE);
    return "noperspective ";
}

static const char *producer_sampling(struct emitter *e, unsigned slot)
{
    bool sample = shader_slots_test(&e->key->next_sample, slot);

    if (sample && emit_has(e, SHADER_HOST_INDEX_MULTISAMPLE_INTERPOLATION)) {
        e->features |= SHADER_HOST(MULTISAMPLE_INTERPOLATION);
        return "sample ";
    }
    return sample || shader_slots_test(&e->key->next_centroid, slot) ? "centroid " : "";
}

static void declare_varying(struct emitter *e, const struct shader_io *io, unsigned reg)
{
    unsigned slot = ir_io_slot(io, reg);
    bool array = e->info->stage == SHADER_TESS_CTRL && io->per_vertex;
    bool layout = false;
    char name[32];

    emit_slot_name(e, e->info->stage, slot, name);
    if (e->key->separable) {
        int location = emit_slot_location(slot);

        if (location < 0)
            emit_fail(e, "output %s has no fixed location", name);
        emit_need(e, SHADER_HOST_INDEX_VARYING_LOCATION, "separable programs");
        emit(e, "layout(location = %d", location);
        layout = true;
    }
    for (unsigned c = 0; c < 4; c++) {
        if ((io->usage_mask >> c & 1) && io->streams[c] &&
            e->info->stage == SHADER_GEOMETRY) {
            emit_need(e, SHADER_HOST_INDEX_GEOMETRY_STREAMS, "vertex streams");
            emit(e, "%sstream = %u", layout ? ", " : "layout(", io->streams[c]);
            layout = true;
            break;
        }
    }
    if (layout)
        emit(e, ") ");
    if (io->invariant)
        emit(e, "invariant ");
    if (e->out_precise[reg] && emit_has(e, SHADER_HOST_INDEX_PRECISE)) {
        e->features |= SHADER_HOST(PRECISE);
        emit(e, "precise ");
    }
    emit(e, "%s%s%sout vec4 %s%s;\n", producer_interpolation(e, slot), producer_sampling(e, slot),
         slot >= SHADER_SLOT_PATCH0 ? "patch " : "", name, array ? "[]" : "");
}

static void declare_per_vertex(struct emitter *e)
{
    const struct shader_info *info = e->info;

    if (!e->key->separable || info->stage == SHADER_FRAGMENT || info->stage == SHADER_COMPUTE)
        return;
    emit(e, "out gl_PerVertex { vec4 gl_Position; ");
    if (!e->host->gles || info->writes_psize || e->key->point_size)
        emit(e, "float gl_PointSize; ");
    if (info->num_clip)
        emit(e, "float gl_ClipDistance[%u]; ", info->num_clip);
    if (info->num_cull)
        emit(e, "float gl_CullDistance[%u]; ", info->num_cull);
    emit(e, "}%s;\n", info->stage == SHADER_TESS_CTRL ? " gl_out[]" : "");
}

static void declare_fragment(struct emitter *e)
{
    static const char *const depth[] = {NULL, "depth_any", "depth_greater", "depth_less",
                                        "depth_unchanged"};
    static const char *const blend[16] = {
        NULL, "multiply", "screen", "overlay", "darken", "lighten", "colordodge", "colorburn",
        "hardlight", "softlight", "difference", "exclusion", "hsl_hue", "hsl_saturation",
        "hsl_color", "hsl_luminosity",
    };

    if (e->info->early_tests) {
        emit_need(e, SHADER_HOST_INDEX_IMAGES, "early fragment tests");
        emit(e, "layout(early_fragment_tests) in;\n");
    }
    if (e->info->post_depth_coverage &&
        emit_has(e, SHADER_HOST_INDEX_POST_DEPTH_COVERAGE)) {
        e->features |= SHADER_HOST(POST_DEPTH_COVERAGE);
        emit(e, "layout(post_depth_coverage) in;\n");
    }
    if (e->info->writes_depth && e->info->depth_layout &&
        emit_has(e, SHADER_HOST_INDEX_CONSERVATIVE_DEPTH)) {
        e->features |= SHADER_HOST(CONSERVATIVE_DEPTH);
        emit(e, "layout(%s) out float gl_FragDepth;\n", depth[e->info->depth_layout]);
    }
    for (unsigned i = 1; i < 16; i++) {
        if (!(e->info->blend_advanced >> i & 1) ||
            !emit_has(e, SHADER_HOST_INDEX_BLEND_ADVANCED))
            continue;
        e->features |= SHADER_HOST(BLEND_ADVANCED);
        emit(e, "layout(blend_support_%s) out;\n", blend[i]);
    }
}

void emit_declare_outputs(struct emitter *e)
{
    struct shader_slots done = {{0}};
    uint32_t colors = 0;

    declare_per_vertex(e);
    if (e->info->stage == SHADER_FRAGMENT)
        declare_fragment(e);
    for (uint32_t i = 0; i < e->info->num_outputs; i++) {
        const struct shader_io *io = &e->info->outputs[i];

        for (unsigned reg = io->first; reg <= io->last; reg++) {
            unsigned slot = ir_io_slot(io, reg);

            if (is_color(e, io)) {
                if (!(colors >> io_index(io, reg) & 1))
                    declare_color(e, io, reg);
                colors |= 1u << io_index(io, reg);
            } else if (emit_out_kind(e, io, reg) == EMIT_OUT_LOCAL) {
                if (e->out_precise[reg] && emit_has(e, SHADER_HOST_INDEX_PRECISE)) {
                    e->features |= SHADER_HOST(PRECISE);
                    emit(e, "precise ");
                }
                emit(e, "%s o%u = %s(%s);\n", emit_vector(emit_out_type(e, io, reg), 4), reg,
                     emit_vector(emit_out_type(e, io, reg), 4),
                     emit_out_type(e, io, reg) == 'f' ? "0.0" : "0");
                if (io->invariant && io->semantic == SHADER_SEM_POSITION)
                    emit(e, "invariant gl_Position;\n");
            } else if (slot != SHADER_SLOT_NONE && !shader_slots_test(&done, slot)) {
                shader_slots_set(&done, slot);
                declare_varying(e, io, reg);
            }
        }
    }
    for (uint32_t i = 0; i < e->num_out_arrays && e->info->stage != SHADER_TESS_CTRL; i++)
        emit(e, "vec4 oa%u[%u];\n", i,
             e->out_arrays[i].last - e->out_arrays[i].first + 1u);
}

static void copy_arrays(struct emitter *e)
{
    for (uint32_t i = 0; i < e->info->num_outputs; i++) {
        const struct shader_io *io = &e->info->outputs[i];

        for (unsigned reg = io->first; reg <= io->last; reg++) {
            const struct emit_array *array =
                e->out_array[reg] ? &e->out_arrays[e->out_array[reg] - 1] : NULL;
            char name[96];
            emit_type type;

            if (!array)
                continue;
            type = emit_out_type(e, io, reg);
            emit_out_name(e, io, reg, NULL, name);
            emit_begin(e);
            emit(e, "%s = ", name);
            emit_cast_open(e, type, 'f', 4);
            emit(e, "oa%d[%u]", (int)(array - e->out_arrays), reg - array->first);
            emit_cast_close(e, type, 'f');
            emit(e, ";\n");
        }
    }
}

static void write_distances(struct emitter *e, const struct shader_io *io, unsigned reg)
{
    for (unsigned c = 0; c < 4; c++) {
        unsigned d = 4 * io_index(io, reg) + c;
        unsigned clips = e->info->num_clip;

        if (d < clips)
            emit_line(e, "gl_ClipDistance[%u] = o%u.%c;", d, reg, "xyzw"[c]);
        else if (d < clips + e->info->num_cull)
            emit_line(e, "gl_CullDistance[%u] = o%u.%c;", d - clips, reg, "xyzw"[c]);
    }
    if (e->info->num_clip)
        emit_need(e, SHADER_HOST_INDEX_CLIP_DISTANCE, "clip distances");
    if (e->info->num_cull)
        emit_need(e, SHADER_HOST_INDEX_CULL_DISTANCE, "cull distances");
}

static void write_vertex_builtin(struct emitter *e, const struct shader_io *io, unsigned reg)
{
    bool geometry = e->info->stage == SHADER_GEOMETRY;

    switch (io->semantic) {
    case SHADER_SEM_POSITION:
        if (e->ir->flip_y) {
            emit_aux(e, EMIT_AUX_SCALARS);
            emit_begin(e);
            emit(e, "gl_Position = vec4(o%u.x, o%u.y * ", reg, reg);
            emit_template(e, "@y_flip");
            emit(e, ", o%u.zw);\n", reg);
        } else {
            emit_line(e, "gl_Position = o%u;", reg);
        }
        break;
    case SHADER_SEM_PSIZE:
        if (e->host->gles && e->info->stage != SHADER_VERTEX) {
            unsigned feature = geometry ? SHADER_HOST_INDEX_GEOMETRY_POINT_SIZE
                                        : SHADER_HOST_INDEX_TESSELLATION_POINT_SIZE;

            if (!emit_has(e, feature))
                break; /* then the size is 1 */
            e->features |= 1ull << feature;
        }
        emit_line(e, "gl_PointSize = o%u.x;", reg);
        break;
    case SHADER_SEM_CLIPDIST:
        write_distances(e, io, reg);
        break;
    case SHADER_SEM_LAYER:
        if (!geometry)
            emit_need(e, SHADER_HOST_INDEX_VERTEX_LAYER, "layer output");
        emit_line(e, "gl_Layer = o%u.x;", reg);
        break;
    case SHADER_SEM_VIEWPORT_INDEX:
        emit_need(e, geometry ? SHADER_HOST_INDEX_VIEWPORT_ARRAY
                              : SHADER_HOST_INDEX_VERTEX_LAYER, "viewport index output");
        emit_line(e, "gl_ViewportIndex = o%u.x;", reg);
        break;
    case SHADER_SEM_PRIM_ID:
        if (geometry)
            emit_line(e, "gl_PrimitiveID = o%u.x;", reg);
        break;
    default:
        break;
    }
}

static void write_fragment_builtin(struct emitter *e, const struct shader_io *io, unsigned reg)
{
    switch (io->semantic) {
    case SHADER_SEM_POSITION:
        emit_line(e, "gl_FragDepth = o%u.z;", reg);
        break;
    case SHADER_SEM_STENCIL:
        emit_need(e, SHADER_HOST_INDEX_STENCIL_EXPORT, "stencil output");
        emit_line(e, "gl_FragStencilRefARB = o%u.y;", reg);
        break;
    case SHADER_SEM_SAMPLEMASK:
        emit_need(e, SHADER_HOST_INDEX_SAMPLE_VARIABLES, "sample mask output");
        emit_line(e, "gl_SampleMask[0] = o%u.x;", reg);
        break;
    default:
        break;
    }
}

void emit_output_epilogue(struct emitter *e)
{
    if (e->info->stage == SHADER_COMPUTE)
        return;
    emit_xfb_copies(e);
    emit_block(e, &e->ir->epilogue);
    if (e->info->stage != SHADER_TESS_CTRL)
        copy_arrays(e);
    for (uint32_t i = 0; i < e->info->num_outputs && e->info->stage != SHADER_TESS_CTRL; i++) {
        const struct shader_io *io = &e->info->outputs[i];

        for (unsigned reg = io->first; reg <= io->last; reg++) {
            if (emit_out_kind(e, io, reg) != EMIT_OUT_LOCAL)
                continue;
            if (e->info->stage == SHADER_FRAGMENT)
                write_fragment_builtin(e, io, reg);
            else
                write_vertex_builtin(e, io, reg);
        }
    }
}
