/* SPDX-License-Identifier: MIT */
#include "server_process.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_S 60

void server_process_prepare(struct server_process *server)
{
    g_autoptr(GError) error = NULL;

    server->pid = 0;
    server->directory = g_dir_make_tmp("vtest-XXXXXX", &error);
    g_assert_no_error(error);
    server->socket_path = g_build_filename(server->directory, "socket", NULL);
    server->log_path = g_build_filename(server->directory, "log", NULL);
}

void server_process_spawn(struct server_process *server, const char *const *options)
{
    const char *program = g_getenv("VTEST_SERVER");
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    pid_t parent = getpid();

    g_assert_nonnull(program);
    g_ptr_array_add(argv, (char *) program);
    g_ptr_array_add(argv, (char *) "--use-egl-surfaceless");
    g_ptr_array_add(argv, (char *) "--socket-path");
    g_ptr_array_add(argv, server->socket_path);
    for (; options && *options; options++) {
        g_ptr_array_add(argv, (char *) *options);
    }
    g_ptr_array_add(argv, NULL);

    server->pid = fork();
    if (server->pid == 0) {
        /* A test that aborts must not leave it behind. */
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent) {
            _exit(1);
        }
        g_setenv("LIBGL_ALWAYS_SOFTWARE", "1", TRUE);
        g_setenv("VIRGL_LOG_FILE", server->log_path, TRUE);
        execv(program, (char **) argv->pdata);
        _exit(127);
    }
    g_assert_cmpint(server->pid, >, 0);
}

void server_process_start(struct server_process *server, const char *const *options)
{
    server_process_prepare(server);
    server_process_spawn(server, options);
    for (int i = 0; !g_file_test(server->socket_path, G_FILE_TEST_EXISTS); i++) {
        g_assert_cmpint(i, <, PATIENCE_S * 100);
        g_assert_cmpint(waitpid(server->pid, NULL, WNOHANG), ==, 0);
        g_usleep(10000);
    }
}

int server_process_wait(struct server_process *server)
{
    int status = 0;
    pid_t pid = 0;

    for (int i = 0; pid == 0; i++) {
        pid = waitpid(server->pid, &status, WNOHANG);
        g_assert_cmpint(pid, >=, 0);
        g_assert_cmpint(i, <, PATIENCE_S * 100);
        g_usleep(pid ? 0 : 10000);
    }
    server->pid = 0;
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

void server_process_remove(struct server_process *server)
{
    g_unlink(server->log_path);
    g_assert_cmpint(g_rmdir(server->directory), ==, 0);
    g_free(server->directory);
    g_free(server->socket_path);
    g_free(server->log_path);
}

void server_process_stop(struct server_process *server)
{
    g_assert_cmpint(kill(server->pid, SIGTERM), ==, 0);
    g_assert_cmpint(server_process_wait(server), ==, 0);
    g_assert_false(g_file_test(server->socket_path, G_FILE_TEST_EXISTS));
    server_process_remove(server);
}

char *server_process_log(const struct server_process *server)
{
    char *text = NULL;

    return g_file_get_contents(server->log_path, &text, NULL, NULL) ? text : g_strdup("");
}

void server_process_expect_log(const struct server_process *server, const char *text)
{
    for (int i = 0; i < PATIENCE_S * 100; i++) {
        g_autofree char *log = server_process_log(server);

        if (strstr(log, text)) {
            return;
        }
        g_usleep(10000);
    }
    g_error("the server does not log: %s", text);
}

pid_t server_process_only_child(const struct server_process *server)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", server->pid, server->pid);

    for (int i = 0; i < PATIENCE_S * 100; i++) {
        g_autofree char *text = NULL;
        g_auto(GStrv) pids = NULL;

        if (!g_file_get_contents(path, &text, NULL, NULL)) {
            return 0;
        }
        pids = g_strsplit(g_strstrip(text), " ", 0);
        if (g_strv_length(pids) == 1) {
            return atoi(pids[0]);
        }
        g_usleep(10000);
    }
    g_error("the server has no or several children");
}
