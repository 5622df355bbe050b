/* SPDX-License-Identifier: MIT */
/*
 * Runs .shader_test files through the renderer library. argv: "gl" or "gles", then files, and
 * folders whose .shader_test files are taken.
 */
#include <glib.h>
#include <string.h>

#include "library_winsys.h"
#include "script.h"
#include "virglrenderer.h"

static void ignore_fence(void *cookie, uint32_t fence)
{
}

static struct virgl_renderer_callbacks callbacks = {.version = 1, .write_fence = ignore_fence};
static unsigned passed;

static void run_file(gconstpointer path)
{
    static uint32_t context_id;
    char *message = NULL;
    struct shader_test *test = shader_test_load(path, &message);

    if (!test) {
        g_test_message("%s: %s", (const char *)path, message);
        g_test_fail();
        g_free(message);
        return;
    }
    struct vgpu_winsys *winsys = library_winsys_open(++context_id);

    g_assert_nonnull(winsys);
    switch (script_run(test, winsys, &message)) {
    case SCRIPT_PASS:
        passed++;
        break;
    case SCRIPT_SKIP:
        if (g_str_has_prefix(message, "bad"))
            g_test_fail(); /* a requirement that no host could meet */
        g_test_message("%s: %s", test->name, message);
        g_test_skip(message);
        break;
    case SCRIPT_FAIL:
        g_test_message("%s: %s", test->name, message);
        g_test_fail();
        break;
    }
    winsys->ops->destroy(winsys);
    shader_test_free(test);
    g_free(message);
}

/* Most tests must have run: a host that skips nearly all of them proves nothing. */
static void test_enough_ran(gconstpointer total)
{
    g_test_message("%u of %u passed", passed, GPOINTER_TO_UINT(total));
    if (passed * 2 <= GPOINTER_TO_UINT(total))
        g_test_fail();
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void collect(GPtrArray *paths, const char *path)
{
    GDir *folder = g_dir_open(path, 0, NULL);
    const char *name;

    if (!folder) {
        g_ptr_array_add(paths, g_strdup(path));
        return;
    }
    while ((name = g_dir_read_name(folder))) {
        if (g_str_has_suffix(name, ".shader_test"))
            g_ptr_array_add(paths, g_build_filename(path, name, NULL));
    }
    g_dir_close(folder);
}

int main(int argc, char **argv)
{
    int flags = VIRGL_RENDERER_USE_EGL | VIRGL_RENDERER_USE_SURFACELESS;
    static int cookie;

    g_test_init(&argc, &argv, NULL);
    if (argc < 3) {
        g_printerr("usage: %s gl|gles FILE_OR_FOLDER...\n", argv[0]);
        return 2;
    }
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);

    for (int i = 2; i < argc; i++)
        collect(paths, argv[i]);
    g_ptr_array_sort(paths, by_name);
    if (strcmp(argv[1], "gles") == 0)
        flags |= VIRGL_RENDERER_USE_GLES;
    if (virgl_renderer_init(&cookie, flags, &callbacks) != 0) {
        g_print("Bail out! the renderer does not start\n");
        return 1;
    }
    for (unsigned i = 0; i < paths->len; i++) {
        g_autofree char *base = g_path_get_basename(paths->pdata[i]);
        g_autofree char *name = g_strdup_printf("/shader-tests/%s/%s", argv[1], base);

        g_test_add_data_func(name, paths->pdata[i], run_file);
    }
    if (paths->len > 1) {
        g_autofree char *name = g_strdup_printf("/shader-tests/%s/enough-ran", argv[1]);

        g_test_add_data_func(name, GUINT_TO_POINTER(paths->len), test_enough_ran);
    }
    int result = g_test_run();

    virgl_renderer_cleanup(&cookie);
    return result;
}
