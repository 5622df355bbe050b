/* SPDX-License-Identifier: MIT */
/* Every scene through the vtest server and our renderer. */
#include "scene_check.h"
#include "server.h"
#include "winsys_vtest.h"

static struct vgpu_winsys *open_version_2(void)
{
    struct vgpu_winsys *winsys = NULL;

    g_assert_cmpint(winsys_vtest_open(server_socket(), 2, &winsys), ==, 0);
    return winsys;
}

/* The server chooses the resources' numbers from version 3 on. */
static void test_version_3(void)
{
    const struct vgpu_scene *scene = vgpu_scene_find("cube");
    uint8_t *drawn, *reference = scene_check_reference(scene->name);
    struct vgpu_winsys *winsys = NULL;

    g_assert_cmpint(winsys_vtest_open(server_socket(), 3, &winsys), ==, 0);
    g_assert_true(scene_check_draw(winsys, scene, &drawn));
    g_assert_cmpuint(scene_check_difference(drawn, reference), <=, SCENE_CHECK_TOLERATED_PIXELS);
    g_free(drawn);
    g_free(reference);
    winsys->ops->destroy(winsys);
}

/* One connection draws everything, again and again, and the last picture is as good as the first:
 * nothing that a scene does stays behind. */
static void test_one_after_another(void)
{
    struct vgpu_winsys *winsys = open_version_2();
    uint8_t *first = NULL, *last = NULL;

    g_assert_true(scene_check_draw(winsys, vgpu_scene_find("triangle"), &first));
    for (unsigned i = 0; i < 2 * vgpu_scene_count; i++) {
        if (scene_check_draw(winsys, vgpu_scenes[i % vgpu_scene_count], &last))
            g_free(last);
    }
    g_assert_true(scene_check_draw(winsys, vgpu_scene_find("triangle"), &last));
    g_assert_cmpuint(scene_check_difference(first, last), ==, 0);
    g_free(first);
    g_free(last);
    winsys->ops->destroy(winsys);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    scene_check_add("/scenes/vtest", open_version_2);
    g_test_add_func("/scenes/vtest/version-3", test_version_3);
    g_test_add_func("/scenes/vtest/one-after-another", test_one_after_another);
    server_start();
    int status = g_test_run();

    server_stop();
    return status;
}
