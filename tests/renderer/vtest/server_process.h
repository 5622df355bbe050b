/* SPDX-License-Identifier: MIT */
#ifndef SERVER_PROCESS_H
#define SERVER_PROCESS_H

/* A vtest server as its users start it: a process, with a socket and a log of its own. */

#include <stdbool.h>
#include <sys/types.h>

struct server_process {
    pid_t pid;
    char *directory; /* private, removed at the end */
    char *socket_path;
    char *log_path;
};

/*
 * Start the program that the environment's VTEST_SERVER names with surfaceless EGL and these
 * options (NULL ends them), and wait until its socket is there.
 */
void server_process_start(struct server_process *server, const char *const *options);

/* Only make the names: the test starts the program itself. */
void server_process_prepare(struct server_process *server);

/* Start it without waiting. */
void server_process_spawn(struct server_process *server, const char *const *options);

/* Wait for its end and return the exit status, which must not be a signal. */
int server_process_wait(struct server_process *server);

/* End it with SIGTERM, check that nothing is left behind, and remove the directory. */
void server_process_stop(struct server_process *server);

/* Remove the directory of a server that has ended. */
void server_process_remove(struct server_process *server);

/* The log so far; free with g_free(). */
char *server_process_log(const struct server_process *server);

/* Waits until the log contains that text. */
void server_process_expect_log(const struct server_process *server, const char *text);

/* The process that serves the only client there is; waits until there is one. */
pid_t server_process_only_child(const struct server_process *server);

#endif
