/* SPDX-License-Identifier: MIT */
/* Our virglrenderer.h against the layout that every program in the field was compiled with. */
#include <glib.h>
#include <stdint.h>
#include <string.h>

#include "virglrenderer.h"

#include "abi_facts.h"

static const struct abi_fact *find(const struct abi_fact *facts, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(facts[i].name, name) == 0) {
            return &facts[i];
        }
    }
    return NULL;
}

/* The numbers for 64-bit hosts, so that the test means something without the system's header. */
static void test_known_layout(void)
{
    static const struct abi_fact known[] = {
        {"sizeof virgl_renderer_callbacks", 72},
        {"virgl_renderer_callbacks.get_drm_fd", 40},
        {"virgl_renderer_callbacks.write_context_fence", 48},
        {"virgl_renderer_callbacks.get_egl_display", 64},
        {"sizeof virgl_renderer_gl_ctx_param", 20},
        {"sizeof virgl_renderer_resource_create_args", 44},
        {"sizeof virgl_renderer_resource_info", 40},
        {"virgl_renderer_resource_info.fd", 36},
        {"sizeof virgl_renderer_resource_info_ext", 72},
        {"sizeof virgl_renderer_resource_create_blob_args", 48},
        {"sizeof virgl_renderer_resource_import_blob_args", 24},
        {"sizeof virgl_renderer_export_query", 88},
        {"sizeof virgl_renderer_supported_structures", 20},
        {"VIRGL_RENDERER_USE_GUEST_VRAM", 1 << 14},
        {"VIRGL_LOG_LEVEL_ERROR", 3},
    };

    if (sizeof(void *) != 8) {
        g_test_skip("the numbers are those of a 64-bit host");
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
        const struct abi_fact *fact = find(abi_facts_ours, abi_facts_ours_count, known[i].name);

        g_assert_nonnull(fact);
        if (fact->value != known[i].value) {
            g_test_message("%s is %zu, programs expect %zu", fact->name, fact->value,
                           known[i].value);
            g_test_fail();
        }
    }
}

static void test_system_header(void)
{
#ifdef HAVE_SYSTEM_HEADER
    for (size_t i = 0; i < abi_facts_system_count; i++) {
        const struct abi_fact *theirs = &abi_facts_system[i];
        const struct abi_fact *ours = find(abi_facts_ours, abi_facts_ours_count, theirs->name);

        g_assert_nonnull(ours);
        if (ours->value != theirs->value) {
            g_test_message("%s is %zu, the system's header says %zu", ours->name, ours->value,
                           theirs->value);
            g_test_fail();
        }
    }
#else
    g_test_skip("no libvirglrenderer-dev here to compare with");
#endif
}

static void test_version(void)
{
    g_assert_true(VIRGL_CHECK_VERSION(1, 0, 0));
    g_assert_true(VIRGL_CHECK_VERSION(0, 99, 99));
    g_assert_false(VIRGL_CHECK_VERSION(1, 99, 0));
    g_assert_false(VIRGL_CHECK_VERSION(2, 0, 0));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/abi/known-layout", test_known_layout);
    g_test_add_func("/abi/system-header", test_system_header);
    g_test_add_func("/abi/version", test_version);
    return g_test_run();
}
