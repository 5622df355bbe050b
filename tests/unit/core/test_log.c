/* SPDX-License-Identifier: MIT */
#include <glib.h>
#include <string.h>

#include "core/debug.h"
#include "core/log.h"

static GPtrArray *lines;

static void keep(void *user, enum log_level level, const char *line)
{
    g_ptr_array_add(lines, g_strdup_printf("%d %s", level, line));
}

static void start(struct log *log)
{
    log_init(log);
    log->write = keep;
    g_ptr_array_set_size(lines, 0);
}

#define assert_line(n, want) g_assert_cmpstr(g_ptr_array_index(lines, n), ==, want)

static void test_threshold(void)
{
    struct log log;

    start(&log);
    log.threshold = LOG_LEVEL_WARNING;
    log_message(&log, LOG_LEVEL_INFO, "no");
    log_message(&log, LOG_LEVEL_WARNING, "yes %d", 5);
    g_assert_cmpuint(lines->len, ==, 1);
    assert_line(0, "2 yes 5");
    log.threshold = LOG_LEVEL_ERROR + 1;
    log_guest_error(&log, "no");
    g_assert_cmpuint(lines->len, ==, 1);
}

static void test_text(void)
{
    struct log log;
    char *large = g_strnfill(5000, 'x');

    start(&log);
    log_message(&log, LOG_LEVEL_ERROR, "a\nb\n");
    g_assert_cmpuint(lines->len, ==, 2);
    assert_line(0, "3 a");
    assert_line(1, "3 b");
    log_message(&log, LOG_LEVEL_ERROR, "bell\a escape\033[0m tab\t");
    assert_line(2, "3 bell? escape?[0m tab\t");
    log_message(&log, LOG_LEVEL_ERROR, "%s", large);
    g_assert_cmpuint(strlen(g_ptr_array_index(lines, 3)), ==, 5002);
    g_free(large);
}

static void test_flood(void)
{
    struct log log;

    start(&log);
    for (int i = 0; i < 100000; i++) {
        log_guest_error(&log, "error %d", i);
    }
    g_assert_cmpuint(lines->len, >=, 10);
    g_assert_cmpuint(lines->len, <, 1000);
    log_message(&log, LOG_LEVEL_ERROR, "not the guest's");
    assert_line(lines->len - 1, "3 not the guest's");

    /* When the window has passed the lost ones are counted. */
    guint before = lines->len;
    g_assert_cmpuint(log.dropped, >, 0);
    log.window_start_ns = 1;
    log_guest_error(&log, "later");
    g_assert_cmpuint(lines->len, ==, before + 2);
    g_assert_nonnull(strstr(g_ptr_array_index(lines, before), "were not logged"));
    assert_line(before + 1, "3 later");
}

static void test_debug_flags(void)
{
    g_setenv("MANTUA_DEBUG", "cmd,no-disk-cache", TRUE);
    g_assert_cmpuint(debug_flags_from_environment(), ==, DEBUG_CMD | DEBUG_NO_DISK_CACHE);
    g_setenv("MANTUA_DEBUG", ",, shader-in shader-out,", TRUE);
    g_assert_cmpuint(debug_flags_from_environment(), ==, DEBUG_SHADER_IN | DEBUG_SHADER_OUT);
    g_unsetenv("MANTUA_DEBUG");
    g_assert_cmpuint(debug_flags_from_environment(), ==, 0);
}

static void test_debug_help(void)
{
    if (g_test_subprocess()) {
        g_setenv("MANTUA_DEBUG", "stats,nonsense", TRUE);
        g_assert_cmpuint(debug_flags_from_environment(), ==, DEBUG_STATS);
        return;
    }
    g_test_trap_subprocess(NULL, 0, 0);
    g_test_trap_assert_passed();
    g_test_trap_assert_stderr("*does not know \"nonsense\"*no-state-cache*");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_unsetenv("MANTUA_LOG_LEVEL");
    lines = g_ptr_array_new_with_free_func(g_free);
    g_test_add_func("/log/threshold", test_threshold);
    g_test_add_func("/log/text", test_text);
    g_test_add_func("/log/flood", test_flood);
    g_test_add_func("/debug/flags", test_debug_flags);
    g_test_add_func("/debug/help", test_debug_help);
    int result = g_test_run();
    g_ptr_array_unref(lines);
    return result;
}
