/* SPDX-License-Identifier: MIT */
#include "server.h"

#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define START_TRIES 600
#define START_STEP_US 50000

static GPid server_pid;
static char *directory, *socket_path;

/* In the server: an aborting test must not leave it behind. */
static void end_with_parent(void *data)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

void server_start(void)
{
    const char *program = g_getenv("VTEST_SERVER");
    GError *error = NULL;

    g_assert_nonnull(program);
    directory = g_dir_make_tmp("vgpu-XXXXXX", &error);
    g_assert_no_error(error);
    socket_path = g_build_filename(directory, "socket", NULL);
    char *option = g_strdup_printf("--socket-path=%s", socket_path);
    const char *const argv[] = {program, "--use-egl-surfaceless", option, NULL};

    g_spawn_async(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
                  end_with_parent, NULL, &server_pid,
                  &error);
    g_assert_no_error(error);
    for (int i = 0; i < START_TRIES && !g_file_test(socket_path, G_FILE_TEST_EXISTS); i++)
        g_usleep(START_STEP_US);
    g_assert_true(g_file_test(socket_path, G_FILE_TEST_EXISTS));
    g_free(option);
}

void server_stop(void)
{
    kill(server_pid, SIGTERM);
    while (waitpid(server_pid, NULL, 0) < 0 && errno == EINTR)
        ;
    g_spawn_close_pid(server_pid);
    g_remove(socket_path);
    g_rmdir(directory);
    g_free(socket_path);
    g_free(directory);
}

const char *server_socket(void)
{
    return socket_path;
}
