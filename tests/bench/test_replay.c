/* SPDX-License-Identifier: MIT */
/* A real program's stream is recorded at the library's interface and played again. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

static char *folder, *recording;

static int run(char **argv, char **envp, char **output)
{
    g_autoptr(GError) error = NULL;
    int status = 0;

    g_spawn_sync(NULL, argv, envp, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, output, NULL, &status,
                 &error);
    g_assert_no_error(error);
    return status;
}

/* Play on two libraries, which are the same one; drawing, as Mesa 25 crashes when a context that
 * does not draw is destroyed. Returns the exit status and what is printed. */
static int play(const char *file, char **output)
{
    char *argv[] = {(char *) g_getenv("REPLAY"), (char *) "--plain", (char *) "--draw",
                    (char *) "--repeat", (char *) "1",
                    (char *) "--library", (char *) g_getenv("LIBRARY"),
                    (char *) "--library", (char *) g_getenv("LIBRARY"), (char *) file, NULL};

    return run(argv, NULL, output);
}

static void record(void)
{
    char *argv[] = {(char *) g_getenv("VTEST_SERVER"), (char *) "--use-egl-surfaceless",
                    (char *) g_getenv("STREAM"), NULL};
    g_auto(GStrv) envp = g_get_environ();

    envp = g_environ_setenv(envp, "LD_PRELOAD", g_getenv("RECORD"), TRUE);
    envp = g_environ_setenv(envp, "MANTUA_RECORD", recording, TRUE);
    envp = g_environ_setenv(envp, "LIBGL_ALWAYS_SOFTWARE", "1", TRUE);
    g_assert_cmpint(run(argv, envp, NULL), ==, 0);
    g_assert_true(g_file_test(recording, G_FILE_TEST_EXISTS));
}

static void test_play(void)
{
    g_autofree char *output = NULL;
    g_auto(GStrv) fields = NULL;

    g_assert_cmpint(play(recording, &output), ==, 0);
    fields = g_strsplit(output, "\t", 0);
    g_assert_cmpuint(g_strv_length(fields), ==, 2);
    for (int i = 0; i < 2; i++) {
        g_assert_cmpfloat(g_ascii_strtod(fields[i], NULL), >, 0);
    }
}

/* Recordings that were cut off or damaged are refused, not played. */
static void test_damaged(void)
{
    g_autofree char *damaged = g_build_filename(folder, "damaged", NULL);
    g_autofree char *data = NULL;
    gsize length;

    g_assert_true(g_file_get_contents(recording, &data, &length, NULL));
    for (int i = 0; i < 3; i++) {
        g_autofree char *output = NULL;
        gsize left = i == 0 ? length - 8 : length;

        if (i == 1) {
            data[0] ^= 1;
        } else if (i == 2) {
            data[0] ^= 1;
            memset(data + 8 + 4, 0xff, 4); /* size of the first record */
        }
        g_assert_true(g_file_set_contents(damaged, data, (gssize) left, NULL));
        g_assert_cmpint(play(damaged, &output), !=, 0);
        g_assert_nonnull(strstr(output, "nan"));
    }
    g_unlink(damaged);
}

static void test_limit(void)
{
    g_autofree char *small = g_build_filename(folder, "small", NULL);
    g_autofree char *data = NULL;
    char *whole = recording;
    gsize length;

    recording = small;
    g_setenv("MANTUA_RECORD_MIB", "0", TRUE);
    record();
    g_unsetenv("MANTUA_RECORD_MIB");
    recording = whole;
    g_assert_true(g_file_get_contents(small, &data, &length, NULL));
    g_assert_cmpuint(length, ==, 8);
    g_unlink(small);
}

int main(int argc, char **argv)
{
    int result;

    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("replay-XXXXXX", NULL);
    recording = g_build_filename(folder, "recording", NULL);
    record();
    g_test_add_func("/bench/replay/play", test_play);
    g_test_add_func("/bench/replay/damaged", test_damaged);
    g_test_add_func("/bench/replay/limit", test_limit);
    result = g_test_run();
    g_unlink(recording);
    g_rmdir(folder);
    g_free(recording);
    g_free(folder);
    return result;
}
