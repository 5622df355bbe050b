/* SPDX-License-Identifier: MIT */
#ifndef SCRIPT_INTERNAL_H
#define SCRIPT_INTERNAL_H

#include "script.h"
#include "vgpu_object.h"
#include "vgpu_resource.h"
#include "vgpu_state.h"

#define SCRIPT_MAX_RESOURCES 32
#define SCRIPT_MAX_SLOTS 8
#define SCRIPT_MAX_TARGETS 8

struct script {
    const struct shader_test *test;
    struct vgpu_context context;
    uint32_t dwords[VGPU_CONTEXT_DWORDS];
    struct vgpu_resource resources[SCRIPT_MAX_RESOURCES];
    unsigned resource_count;
    /* What the commands bound, to be read or filled again. NULL: nothing there. */
    struct vgpu_resource *targets[SCRIPT_MAX_TARGETS];
    uint32_t surfaces[SCRIPT_MAX_TARGETS];
    unsigned target_count;
    uint32_t depth_surface;
    struct vgpu_resource *textures[SCRIPT_MAX_SLOTS];
    struct vgpu_resource *buffers[SCRIPT_MAX_SLOTS];
    struct vgpu_resource *images[SCRIPT_MAX_SLOTS];
    struct virgl_obj_rasterizer rasterizer;
    struct virgl_obj_blend blend;
    struct virgl_obj_dsa dsa;
    float tolerance; /* of floats: relative above 1, absolute below */
    unsigned checks;
    char *message; /* of the first failure */
};

/* Records the first failure; always false. */
bool script_fail(struct script *script, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* The words from `first` on as values: their number, or -1 after script_fail(). */
int script_values(struct script *script, char *const *words, unsigned first,
                  struct value values[SHADER_TEST_MAX_VALUES]);
bool script_number(struct script *script, const char *word, uint32_t limit, uint32_t *number);
bool script_format(struct script *script, const char *name, uint32_t *format);
struct vgpu_resource *script_resource(struct script *script,
                                      const struct vgpu_resource_desc *desc);
struct vgpu_resource *script_buffer(struct script *script, uint32_t bind,
                                    const struct value *values, int count);

/* script_set.c: commands that bind things. script_check.c: those that compare.
 * `words` includes the command's name. */
struct script_command {
    const char *name;
    unsigned min_words;
    bool (*run)(struct script *script, char *const *words);
};
extern const struct script_command script_set_commands[];
extern const struct script_command script_check_commands[];

/* NULL when the host meets the requirements, else a message. */
char *script_unmet(struct script *script);

#endif /* SCRIPT_INTERNAL_H */
