/* SPDX-License-Identifier: MIT */
#include "script_internal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "virgl_formats.h"

static const char default_vertex[] =
    "VERT\nDCL IN[0]\nDCL OUT[0], POSITION\nMOV OUT[0], IN[0]\nEND\n";

bool script_fail(struct script *script, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (!script->message)
        script->message = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return false;
}

int script_values(struct script *script, char *const *words, unsigned first,
                  struct value values[SHADER_TEST_MAX_VALUES])
{
    char *message = NULL;
    int count = shader_test_values(words + first, values, &message);

    if (count < 0) {
        script_fail(script, "%s", message);
        g_free(message);
    }
    return count;
}

bool script_number(struct script *script, const char *word, uint32_t limit, uint32_t *number)
{
    char *end;

    *number = (uint32_t)strtoul(word, &end, 10);
    if (*end || end == word || *number >= limit)
        return script_fail(script, "not a number below %u: %s", limit, word);
    return true;
}

bool script_format(struct script *script, const char *name, uint32_t *format)
{
    for (uint32_t number = 1; number < VIRGL_FORMAT_COUNT; number++) {
        const struct virgl_format_info *info = virgl_format_info(number);

        if (info && strcmp(info->name, name) == 0) {
            *format = number;
            return true;
        }
    }
    return script_fail(script, "no such format: %s", name);
}

struct vgpu_resource *script_resource(struct script *script, const struct vgpu_resource_desc *desc)
{
    if (script->resource_count == SCRIPT_MAX_RESOURCES) {
        script_fail(script, "too many resources");
        return NULL;
    }
    struct vgpu_resource *resource = &script->resources[script->resource_count++];

    vgpu_resource_init(&script->context, resource, desc);
    if (resource->id == 0) {
        script_fail(script, "the host refuses the resource");
        return NULL;
    }
    return resource;
}

struct vgpu_resource *script_buffer(struct script *script, uint32_t bind,
                                    const struct value *values, int count)
{
    const struct vgpu_resource_desc desc = {
        .target = VIRGL_TEXTURE_TARGET_BUFFER,
        .format = VIRGL_FORMAT_R8_UNORM,
        .bind = bind,
        .width = (uint32_t)count * 4,
        .height = 1,
        .depth = 1,
        .array_size = 1,
    };
    struct vgpu_resource *buffer = script_resource(script, &desc);

    if (buffer && buffer->memory) {
        for (int i = 0; i < count; i++)
            memcpy((char *)buffer->memory + 4 * i, &values[i].bits, 4);
        vgpu_upload(&script->context, buffer, 0, NULL);
    }
    return buffer;
}

static void create_shaders(struct script *script)
{
    const char *const *texts = (const char *const *)script->test->shaders;

    for (uint32_t stage = 0; stage < VIRGL_SHADER_STAGE_COUNT; stage++) {
        const char *text = texts[stage];

        if (stage == VIRGL_SHADER_STAGE_VERTEX && !text && texts[VIRGL_SHADER_STAGE_FRAGMENT])
            text = default_vertex;
        if (!text)
            continue;
        uint32_t handle = stage == VIRGL_SHADER_STAGE_COMPUTE
            ? vgpu_create_compute_shader(&script->context, text, script->test->shared_bytes)
            : vgpu_create_shader(&script->context, stage, text, NULL);

        vgpu_bind_shader(&script->context, stage, handle);
    }
}

/* Rows of vec4 attributes, all of the same number; without rows a strip over the whole target. */
static bool create_vertices(struct script *script)
{
    static const float strip[16] = {-1, -1, 0, 1, 1, -1, 0, 1, -1, 1, 0, 1, 1, 1, 0, 1};
    struct virgl_vertex_elements_element elements[8] = {{0}};
    g_autofree struct value *values = g_new(struct value, SHADER_TEST_MAX_VALUES);
    g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(struct value));
    const GPtrArray *rows = script->test->vertices;
    unsigned row_values = 4;

    for (unsigned i = 0; i < rows->len; i++) {
        const struct shader_test_line *row = g_ptr_array_index(rows, i);
        int count = script_values(script, row->words, 0, values);

        if (count <= 0 || count % 4 || count > 32 || (i > 0 && (unsigned)count != row_values))
            return script_fail(script, "line %u: not a row of vec4 attributes", row->number);
        row_values = (unsigned)count;
        g_array_append_vals(all, values, (guint)count);
    }
    for (unsigned i = 0; i < 16 && rows->len == 0; i++) {
        struct value value = {VALUE_FLOAT, virgl_dword_of_float(strip[i])};

        g_array_append_val(all, value);
    }
    struct vgpu_resource *buffer = script_buffer(script, VIRGL_BIND_VERTEX_BUFFER,
                                                 (const struct value *)(void *)all->data,
                                                 (int)all->len);
    if (!buffer)
        return false;
    const struct virgl_set_vertex_buffers_buffer binding = {
        .stride = row_values * 4, .resource = buffer->id,
    };

    for (unsigned i = 0; i < row_values / 4; i++)
        elements[i] = (struct virgl_vertex_elements_element){
            .src_offset = 16 * i, .src_format = VIRGL_FORMAT_R32G32B32A32_FLOAT,
        };
    vgpu_set_vertex_buffers(&script->context, &binding, 1);
    vgpu_bind(&script->context, VIRGL_OBJECT_TYPE_VERTEX_ELEMENTS,
              vgpu_create_vertex_elements(&script->context, elements, row_values / 4));
    return true;
}

static void create_state(struct script *script)
{
    struct vgpu_context *context = &script->context;

    script->rasterizer = vgpu_rasterizer_default();
    script->blend = vgpu_blend_default();
    script->dsa = vgpu_dsa_default();
    vgpu_bind(context, VIRGL_OBJECT_TYPE_BLEND, vgpu_create_blend(context, &script->blend));
    vgpu_bind(context, VIRGL_OBJECT_TYPE_DSA, vgpu_create_dsa(context, &script->dsa));
    vgpu_bind(context, VIRGL_OBJECT_TYPE_RASTERIZER,
              vgpu_create_rasterizer(context, &script->rasterizer));
    vgpu_set_sample_mask(context, UINT32_MAX);
}

static const struct script_command *find_command(const char *name)
{
    static const struct script_command *const tables[] = {
        script_set_commands, script_check_commands,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(tables); i++) {
        for (const struct script_command *command = tables[i]; command->name; command++) {
            if (strcmp(command->name, name) == 0)
                return command;
        }
    }
    return NULL;
}

static bool run_commands(struct script *script)
{
    const GPtrArray *lines = script->test->commands;

    for (unsigned i = 0; i < lines->len; i++) {
        const struct shader_test_line *line = g_ptr_array_index(lines, i);
        const struct script_command *command = find_command(line->words[0]);

        if (!command || g_strv_length(line->words) < command->min_words)
            return script_fail(script, "line %u: bad command %s", line->number, line->words[0]);
        bool good = command->run(script, line->words);

        if (good && script->context.error)
            good = script_fail(script, "the renderer refuses the stream (%s)",
                               g_strerror(-script->context.error));
        if (!good) {
            char *message = g_strdup_printf("line %u: %s", line->number, script->message);

            g_free(script->message);
            script->message = message;
            return false;
        }
    }
    if (script->checks == 0)
        return script_fail(script, "the test compares nothing");
    return true;
}

enum script_result script_run(const struct shader_test *test, struct vgpu_winsys *winsys,
                              char **message)
{
    struct script *script = g_new0(struct script, 1);
    enum script_result result = SCRIPT_FAIL;

    script->test = test;
    script->tolerance = 1e-6f;
    if (vgpu_context_init(&script->context, winsys, script->dwords, VGPU_CONTEXT_DWORDS) < 0) {
        *message = g_strdup("no capabilities");
        g_free(script);
        return SCRIPT_FAIL;
    }
    *message = script_unmet(script);
    if (*message) {
        result = SCRIPT_SKIP;
    } else {
        vgpu_create_sub_context(&script->context, 1);
        create_state(script);
        create_shaders(script);
        if (create_vertices(script) && run_commands(script))
            result = SCRIPT_PASS;
        *message = script->message;
        script->context.error = 0; /* what failed is reported; the rest is tidying up */
        for (unsigned i = script->resource_count; i-- > 0;)
            vgpu_resource_finish(&script->context, &script->resources[i]);
    }
    g_free(script);
    return result;
}
