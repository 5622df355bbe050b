/* SPDX-License-Identifier: MIT */
/* The library exports the interface, all of it and nothing else. */
#include <dlfcn.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>

static const char *const functions[] = {
    "virgl_renderer_attach_fence",
    "virgl_renderer_cleanup",
    "virgl_renderer_context_create",
    "virgl_renderer_context_create_fence",
    "virgl_renderer_context_create_with_flags",
    "virgl_renderer_context_destroy",
    "virgl_renderer_context_get_poll_fd",
    "virgl_renderer_context_poll",
    "virgl_renderer_create_fence",
    "virgl_renderer_ctx_attach_resource",
    "virgl_renderer_ctx_detach_resource",
    "virgl_renderer_execute",
    "virgl_renderer_export_fence",
    "virgl_renderer_export_signalled_fence",
    "virgl_renderer_fill_caps",
    "virgl_renderer_force_ctx_0",
    "virgl_renderer_get_cap_set",
    "virgl_renderer_get_cursor_data",
    "virgl_renderer_get_dev_fd",
    "virgl_renderer_get_fd_for_texture",
    "virgl_renderer_get_fd_for_texture2",
    "virgl_renderer_get_fence_fd",
    "virgl_renderer_get_poll_fd",
    "virgl_renderer_get_rect",
    "virgl_renderer_init",
    "virgl_renderer_poll",
    "virgl_renderer_reset",
    "virgl_renderer_resource_attach_iov",
    "virgl_renderer_resource_create",
    "virgl_renderer_resource_create_blob",
    "virgl_renderer_resource_detach_iov",
    "virgl_renderer_resource_export_blob",
    "virgl_renderer_resource_get_info",
    "virgl_renderer_resource_get_info_ext",
    "virgl_renderer_resource_get_map_info",
    "virgl_renderer_resource_get_priv",
    "virgl_renderer_resource_import_blob",
    "virgl_renderer_resource_import_eglimage",
    "virgl_renderer_resource_map",
    "virgl_renderer_resource_map_fixed",
    "virgl_renderer_resource_set_priv",
    "virgl_renderer_resource_unmap",
    "virgl_renderer_resource_unref",
    "virgl_renderer_submit_cmd",
    "virgl_renderer_submit_cmd2",
    "virgl_renderer_transfer_read_iov",
    "virgl_renderer_transfer_write_iov",
    "virgl_set_debug_callback",
    "virgl_set_log_callback",
};

static const char *library;

static void test_present(void)
{
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);

    g_assert_cmpuint(G_N_ELEMENTS(functions), ==, 49);
    if (handle == NULL) {
        g_error("%s", dlerror());
    }
    for (size_t i = 0; i < G_N_ELEMENTS(functions); i++) {
        if (dlsym(handle, functions[i]) == NULL) {
            g_test_message("%s is missing", functions[i]);
            g_test_fail();
        }
    }
    dlclose(handle);
}

static bool known(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(functions); i++) {
        if (strcmp(functions[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static void test_nothing_else(void)
{
    char *argv[] = {"nm", "-D", "--defined-only", "--format=posix", (char *)library, NULL};
    char *out = NULL;
    int status;

    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, &status,
                      NULL) ||
        status != 0) {
        g_test_skip("nm is not installed");
        return;
    }
    char **lines = g_strsplit(out, "\n", 0);
    unsigned count = 0;
    for (char **line = lines; *line != NULL; line++) {
        char *name = g_strndup(*line, strcspn(*line, " "));

        /* Sanitizers and coverage bring symbols of their own. */
        if (*name != '\0' && !g_str_has_prefix(name, "__")) {
            count++;
            if (!known(name)) {
                g_test_message("%s is exported", name);
                g_test_fail();
            }
        }
        g_free(name);
    }
    g_assert_cmpuint(count, >=, G_N_ELEMENTS(functions));
    g_strfreev(lines);
    g_free(out);
}

static void test_soname(void)
{
    char *argv[] = {"readelf", "-d", (char *)library, NULL};
    char *out = NULL;
    int status;

    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, &status,
                      NULL) ||
        status != 0) {
        g_test_skip("readelf is not installed");
        return;
    }
    g_assert_nonnull(strstr(out, "[libvirglrenderer.so.1]"));
    g_free(out);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_cmpint(argc, ==, 2);
    library = argv[1];
    g_test_add_func("/symbols/present", test_present);
    g_test_add_func("/symbols/nothing_else", test_nothing_else);
    g_test_add_func("/symbols/soname", test_soname);
    return g_test_run();
}
