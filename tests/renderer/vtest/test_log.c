/* SPDX-License-Identifier: MIT */
/* The server's log: where it goes, what is left out, messages of any length. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "log.h"

static char *path;

static char *take_log(void)
{
    char *text = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_true(g_file_set_contents(path, "", 0, NULL));
    /* The contents are replaced by a new file: the log has to be opened again. */
    log_init();
    return text;
}

static void test_length(void)
{
    /* All lengths around the one from which on a message needs memory of its own. */
    for (unsigned length = 900; length < 1100; length++) {
        g_autofree char *message = g_strnfill(length, 'x');
        g_autofree char *expected =
            g_strdup_printf("mantua-vtest-server: error: %s.\n", message);
        g_autofree char *text = NULL;

        log_message(LOG_ERROR, "%s.", message);
        text = take_log();
        g_assert_cmpstr(text, ==, expected);
    }
}

static void test_very_long(void)
{
    g_autofree char *message = g_strnfill(300000, 'y');
    g_autofree char *text = NULL;

    log_message(LOG_WARNING, "%s", message);
    text = take_log();
    g_assert_cmpuint(strlen(text), ==, strlen("mantua-vtest-server: warning: \n") + 300000);
}

static void test_levels(void)
{
    g_autofree char *text = NULL;

    log_message(LOG_DEBUG, "one");
    log_message(LOG_INFO, "two");
    log_message(LOG_WARNING, "three");
    log_message(LOG_SILENT, "four");
    text = take_log();
    g_assert_cmpstr(text, ==, "mantua-vtest-server: warning: three\n");

    g_free(text);
    g_setenv("VIRGL_LOG_LEVEL", "Info", TRUE);
    log_init();
    log_message(LOG_DEBUG, "one");
    log_message(LOG_INFO, "two");
    text = take_log();
    g_assert_cmpstr(text, ==, "mantua-vtest-server: two\n");
}

int main(int argc, char **argv)
{
    int result;
    int fd;

    g_unsetenv("MANTUA_DEBUG");
    g_unsetenv("VIRGL_LOG_LEVEL");
    g_test_init(&argc, &argv, NULL);
    fd = g_file_open_tmp("vtest-log-XXXXXX", &path, NULL);
    g_assert_true(g_close(fd, NULL));
    g_setenv("VIRGL_LOG_FILE", path, TRUE);
    log_init();
    g_test_add_func("/vtest/log/length", test_length);
    g_test_add_func("/vtest/log/very-long", test_very_long);
    g_test_add_func("/vtest/log/levels", test_levels);
    result = g_test_run();
    g_unlink(path);
    g_free(path);
    return result;
}
