/* SPDX-License-Identifier: MIT */
#include "scene_check.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#include "picture.h"
#include "vgpu_resource.h"

#define CHANNEL_TOLERANCE 2
#define PICTURE_BYTES (4 * VGPU_SCENE_WIDTH_PX * VGPU_SCENE_HEIGHT_PX)

static struct vgpu_winsys *(*open_winsys)(void);

unsigned scene_check_difference(const uint8_t *a, const uint8_t *b)
{
    unsigned different = 0;

    for (unsigned i = 0; i < PICTURE_BYTES; i += 4) {
        bool same = true;

        for (unsigned c = 0; c < 4; c++)
            same = same && abs(a[i + c] - b[i + c]) <= CHANNEL_TOLERANCE;
        different += !same;
    }
    return different;
}

uint8_t *scene_check_reference(const char *name)
{
    const char *program = g_getenv("SCENE_REFERENCE");
    char *directory = g_dir_make_tmp("scene-XXXXXX", NULL);
    char *path = g_build_filename(directory, "reference.pam", NULL);
    const char *const argv[] = {program, name, path, NULL};
    GError *error = NULL;
    uint8_t *rgba, *copy;
    uint32_t width_px, height_px;
    int status;

    g_assert_nonnull(program);
    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status,
                 &error);
    g_assert_no_error(error);
    g_spawn_check_wait_status(status, &error);
    g_assert_no_error(error);
    g_assert_cmpint(picture_read_pam(path, &rgba, &width_px, &height_px), ==, 0);
    g_assert_cmpuint(width_px, ==, VGPU_SCENE_WIDTH_PX);
    g_assert_cmpuint(height_px, ==, VGPU_SCENE_HEIGHT_PX);
    copy = g_memdup2(rgba, PICTURE_BYTES);
    free(rgba);
    g_remove(path);
    g_rmdir(directory);
    g_free(path);
    g_free(directory);
    return copy;
}

bool scene_check_draw(struct vgpu_winsys *winsys, const struct vgpu_scene *scene, uint8_t **rgba)
{
    uint32_t *dwords = g_new(uint32_t, VGPU_CONTEXT_DWORDS);
    struct vgpu_context context;
    struct vgpu_resource target;
    bool supported;

    g_assert_cmpint(vgpu_context_init(&context, winsys, dwords, VGPU_CONTEXT_DWORDS), ==, 0);
    supported = vgpu_scene_supported(scene, &context.caps);
    if (supported) {
        vgpu_texture_init(&context, &target, VIRGL_FORMAT_R8G8B8A8_UNORM,
                          VIRGL_BIND_RENDER_TARGET | VIRGL_BIND_SAMPLER_VIEW, VGPU_SCENE_WIDTH_PX,
                          VGPU_SCENE_HEIGHT_PX);
        g_assert_cmpint(vgpu_scene_draw(scene, &context, &target), ==, 0);
        vgpu_read(&context, &target, 0, NULL);
        g_assert_cmpint(context.error, ==, 0);
        *rgba = g_memdup2(target.memory, PICTURE_BYTES);
        vgpu_resource_finish(&context, &target);
        g_assert_cmpint(vgpu_context_finish(&context), ==, 0);
    }
    g_free(dwords);
    return supported;
}

/* SCENE_PICTURES names a directory that keeps what was drawn: for looking at it. */
static void keep(const struct vgpu_scene *scene, const uint8_t *drawn, const uint8_t *reference)
{
    const char *directory = g_getenv("SCENE_PICTURES");
    const uint8_t *const pictures[2] = {drawn, reference};
    static const char *const suffixes[2] = {"", "-reference"};

    for (unsigned i = 0; i < 2 && directory; i++) {
        char *path = g_strdup_printf("%s/%s%s.png", directory, scene->name, suffixes[i]);

        if (picture_write(path, pictures[i], VGPU_SCENE_WIDTH_PX, VGPU_SCENE_HEIGHT_PX) < 0)
            g_test_message("cannot write %s", path);
        g_free(path);
    }
}

static void test_scene(const void *data)
{
    const struct vgpu_scene *scene = data;
    struct vgpu_winsys *winsys = open_winsys();
    uint8_t *drawn = NULL;

    if (!winsys)
        return;
    if (scene_check_draw(winsys, scene, &drawn)) {
        uint8_t *reference = scene_check_reference(scene->name);
        unsigned different = scene_check_difference(drawn, reference);

        keep(scene, drawn, reference);
        g_test_message("%u pixels differ", different);
        g_assert_cmpuint(different, <=, SCENE_CHECK_TOLERATED_PIXELS);
        g_free(reference);
        g_free(drawn);
    } else {
        g_test_skip(scene->needs);
    }
    winsys->ops->destroy(winsys);
}

/* Pictures of different scenes must not pass for the same. */
static void test_comparison(void)
{
    unsigned count = MIN(vgpu_scene_count, 4);
    uint8_t *pictures[4];

    for (unsigned i = 0; i < count; i++) {
        pictures[i] = scene_check_reference(vgpu_scenes[i]->name);
        for (unsigned j = 0; j < i; j++)
            g_assert_cmpuint(scene_check_difference(pictures[i], pictures[j]), >,
                             SCENE_CHECK_TOLERATED_PIXELS);
        g_assert_cmpuint(scene_check_difference(pictures[i], pictures[i]), ==, 0);
    }
    for (unsigned i = 0; i < count; i++)
        g_free(pictures[i]);
}

void scene_check_add(const char *prefix, struct vgpu_winsys *(*open)(void))
{
    open_winsys = open;
    for (unsigned i = 0; i < vgpu_scene_count; i++) {
        char *path = g_strdup_printf("%s/%s", prefix, vgpu_scenes[i]->name);

        g_test_add_data_func(path, vgpu_scenes[i], test_scene);
        g_free(path);
    }
    char *path = g_strdup_printf("%s/comparison", prefix);

    g_test_add_func(path, test_comparison);
    g_free(path);
}
