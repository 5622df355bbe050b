/* SPDX-License-Identifier: MIT */
/* Shader objects: text in one or several packets, parsed when the last byte has arrived. */
#include "internal.h"

/* What a shader object is made of, wherever its text lies. */
struct shader_source {
    uint32_t handle, stage;
    const uint32_t *text;
    uint32_t text_dwords;
    uint32_t shared_bytes;
    const struct shader_stream_output *so;
    const uint32_t *so_stride_dwords;
};

static const char *const stage_names[STAGE_COUNT] = {
    "vertex", "fragment", "geometry", "tessellation control", "tessellation evaluation", "compute",
};

static bool host_has_stage(const struct backend_limits *limits, uint32_t stage)
{
    switch (stage) {
    case VIRGL_SHADER_STAGE_GEOMETRY:
        return limits->has_geometry;
    case VIRGL_SHADER_STAGE_TESS_CTRL:
    case VIRGL_SHADER_STAGE_TESS_EVAL:
        return limits->has_tessellation;
    case VIRGL_SHADER_STAGE_COMPUTE:
        return limits->has_compute;
    default:
        return true;
    }
}

static void print_text(struct front_context *ctx, const struct shader_source *source)
{
    const char *text = (const char *)source->text;
    const char *end = text + strnlen(text, 4ull * source->text_dwords);

    log_message(ctx->host->log, LOG_LEVEL_INFO, "context %u: %s shader %u:", ctx->id,
                stage_names[source->stage], source->handle);
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline ? newline : end;

        log_message(ctx->host->log, LOG_LEVEL_INFO, "%.*s", (int)(stop - text), text);
        text = stop + 1;
    }
}

static int parse(struct front_context *ctx, const struct shader_source *source)
{
    const uint64_t text_bytes = 4ull * source->text_dwords;
    const uint32_t last = source->text[source->text_dwords - 1];
    struct shader_error error = { 0 };
    struct front_shader *shader;

    if ((last & 0xff) && (last & 0xff00) && (last & 0xff0000) && (last & 0xff000000))
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "text", last, 0,
                          "text does not end with a NUL");
    if (front_unlikely(ctx->host->debug & DEBUG_SHADER_IN) && ctx->host->log)
        print_text(ctx, source);
    shader = front_object_new(ctx, VIRGL_OBJECT_TYPE_SHADER, source->handle, sizeof(*shader),
                              text_bytes * FRONT_SHADER_BYTES_PER_TEXT_BYTE);
    if (!shader)
        return EINVAL;
    shader->stage = source->stage;
    shader->has_stream_output = source->so && source->so->num_outputs > 0;
    if (shader->has_stream_output)
        memcpy(shader->so_stride_dwords, source->so_stride_dwords,
               sizeof(shader->so_stride_dwords));
    shader->ir = shader_parse((const char *)source->text, text_bytes, source->stage,
                              shader->has_stream_output ? source->so : NULL, source->shared_bytes,
                              &error);
    if (!shader->ir) {
        front_object_unref(ctx, &shader->base);
        snprintf(ctx->fault_text, sizeof(ctx->fault_text), "%s shader, line %u: %s",
                 stage_names[source->stage], error.line, error.message);
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_SHADER, "text", source->handle, 0,
                          ctx->fault_text);
    }
    return front_object_publish(ctx, &shader->base);
}

void front_long_shader_drop(struct front_context *ctx, struct front_long_shader *shader)
{
    front_uncharge(ctx, 4ull * shader->capacity_dwords);
    free(shader->text);
    memset(shader, 0, sizeof(*shader));
}

/* Memory grows with what has arrived, not with what the first packet promised. */
static int append(struct front_context *ctx, struct front_long_shader *shader,
                  const struct virgl_obj_shader *desc)
{
    const uint32_t needed_dwords = shader->received_dwords + desc->text_dwords;

    if (needed_dwords > shader->capacity_dwords) {
        uint32_t capacity_dwords = 2 * needed_dwords;
        uint32_t *text;

        if (capacity_dwords > shader->total_dwords)
            capacity_dwords = shader->total_dwords;
        const uint64_t more_bytes = 4ull * (capacity_dwords - shader->capacity_dwords);

        if (!front_charge(ctx, more_bytes))
            return front_fail_memory(ctx, "text", more_bytes);
        text = realloc(shader->text, 4ull * capacity_dwords);
        if (!text) {
            front_uncharge(ctx, more_bytes);
            return front_fail_memory(ctx, "text", more_bytes);
        }
        shader->text = text;
        shader->capacity_dwords = capacity_dwords;
    }
    if (desc->text_dwords)
        memcpy(shader->text + shader->received_dwords, desc->text, 4ull * desc->text_dwords);
    shader->received_dwords = needed_dwords;
    return 0;
}

static int read_stream_output(struct front_context *ctx, const struct virgl_obj_shader *desc,
                              struct shader_stream_output *so)
{
    so->num_outputs = desc->so_output_count;
    for (uint32_t i = 0; i < desc->so_stride_count; i++) {
        if (desc->so_stride[i] > UINT16_MAX)
            return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "so_stride",
                              desc->so_stride[i], UINT16_MAX, "too large");
        so->stride_dwords[i] = (uint16_t)desc->so_stride[i];
    }
    for (uint32_t i = 0; i < desc->so_output_count; i++) {
        const struct virgl_shader_so_output *in = &desc->so_output[i];

        so->outputs[i] = (struct shader_so_output){
            .register_index = (uint8_t)in->register_index,
            .start_component = (uint8_t)in->start_component,
            .num_components = (uint8_t)in->num_components,
            .buffer = (uint8_t)in->output_buffer,
            .stream = (uint8_t)in->stream,
            .dst_offset_dwords = (uint16_t)in->dst_offset,
        };
    }
    return 0;
}

static int begin(struct front_context *ctx, const struct virgl_obj_shader *desc)
{
    struct front_long_shader *pending = &ctx->sub->long_shaders[desc->stage];
    const uint32_t total_dwords = (desc->offlen_value + 3) / 4;
    const bool compute = desc->stage == VIRGL_SHADER_STAGE_COMPUTE;
    struct shader_stream_output so = { 0 };
    int error;

    if (!host_has_stage(&ctx->backend->limits, desc->stage))
        return front_fail_unsupported(ctx, "stage");
    if (total_dwords == 0 || desc->offlen_value > ctx->host->limits.shader_text_bytes)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "offlen", desc->offlen_value,
                          ctx->host->limits.shader_text_bytes, "text length out of range");
    if (desc->text_dwords > total_dwords)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "offlen", desc->offlen_value,
                          4ull * desc->text_dwords, "packet holds more than the text");
    error = read_stream_output(ctx, desc, &so);
    if (error)
        return error;
    front_long_shader_drop(ctx, pending);
    if (desc->text_dwords == total_dwords)
        return parse(ctx, &(struct shader_source){
                              .handle = desc->handle,
                              .stage = desc->stage,
                              .text = desc->text,
                              .text_dwords = desc->text_dwords,
                              .shared_bytes = compute ? desc->so_num_outputs : 0,
                              .so = &so,
                              .so_stride_dwords = desc->so_stride,
                          });

    pending->total_dwords = total_dwords;
    error = append(ctx, pending, desc);
    if (error) {
        front_long_shader_drop(ctx, pending);
        return error;
    }
    pending->handle = desc->handle;
    pending->shared_bytes = compute ? desc->so_num_outputs : 0;
    pending->so = so;
    for (uint32_t i = 0; i < desc->so_stride_count; i++)
        pending->so_stride_dwords[i] = desc->so_stride[i];
    return 0;
}

static int resume(struct front_context *ctx, const struct virgl_obj_shader *desc)
{
    struct front_long_shader *pending = &ctx->sub->long_shaders[desc->stage];
    int error;

    if (!pending->handle || pending->handle != desc->handle)
        return front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "handle", desc->handle,
                          pending->handle, "continues a shader that is not open");
    if (desc->offlen_value != 4ull * pending->received_dwords ||
        desc->text_dwords > pending->total_dwords - pending->received_dwords) {
        error = front_fail(ctx, VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER, "offlen", desc->offlen_value,
                           4ull * pending->received_dwords,
                           "continues at the wrong place or beyond the end");
        front_long_shader_drop(ctx, pending);
        return error;
    }
    error = append(ctx, pending, desc);
    if (!error && pending->received_dwords < pending->total_dwords)
        return 0;
    if (!error)
        error = parse(ctx, &(struct shader_source){
                               .handle = pending->handle,
                               .stage = desc->stage,
                               .text = pending->text,
                               .text_dwords = pending->total_dwords,
                               .shared_bytes = pending->shared_bytes,
                               .so = &pending->so,
                               .so_stride_dwords = pending->so_stride_dwords,
                           });
    front_long_shader_drop(ctx, pending);
    return error;
}

int front_create_shader(struct front_context *ctx, const struct virgl_obj_shader *desc)
{
    return desc->offlen_continuation ? resume(ctx, desc) : begin(ctx, desc);
}

int front_bind_shader(struct front_context *ctx, const struct virgl_cmd_bind_shader *cmd)
{
    struct draw_state *state = &ctx->sub->state;
    struct front_shader *shader = NULL;

    if (cmd->stage >= STAGE_COUNT)
        return 0;
    if (cmd->shader) {
        shader = front_lookup(ctx, cmd->shader, VIRGL_OBJECT_TYPE_SHADER);
        if (!shader || shader->stage != cmd->stage)
            return 0;
    }
    if (front_assign(ctx, FRONT_SLOT(&state->shader[cmd->stage]), (struct front_object *)shader))
        state->dirty |= DIRTY_SHADERS;
    return 0;
}

int front_link_shader(struct front_context *ctx, const struct virgl_cmd_link_shader *cmd)
{
    const uint32_t handles[STAGE_COUNT] = { cmd->vertex,    cmd->fragment,  cmd->geometry,
                                            cmd->tess_ctrl, cmd->tess_eval, cmd->compute };
    struct front_shader *shaders[STAGE_COUNT];

    /* A hint: what does not fit is left out. */
    for (uint32_t i = 0; i < STAGE_COUNT; i++) {
        shaders[i] = front_lookup(ctx, handles[i], VIRGL_OBJECT_TYPE_SHADER);
        if (shaders[i] && shaders[i]->stage != i)
            shaders[i] = NULL;
    }
    ctx->ops->link_shader(ctx->sub->back, shaders);
    return 0;
}
