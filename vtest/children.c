/* SPDX-License-Identifier: MIT */
#include "children.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

/* How long a child may take to end: it can be in the middle of a long draw. */
#define STOP_SECONDS 3

void children_add(struct children *children, pid_t pid, unsigned client_number)
{
    children->list[children->count].pid = pid;
    children->list[children->count].client_number = client_number;
    children->count++;
}

static void forget(struct children *children, pid_t pid, int status)
{
    for (unsigned i = 0; i < children->count; i++) {
        if (children->list[i].pid != pid) {
            continue;
        }
        if (WIFSIGNALED(status)) {
            log_message(LOG_ERROR, "client %u: its process %d died of signal %d (%s)",
                        children->list[i].client_number, (int) pid, WTERMSIG(status),
                        strsignal(WTERMSIG(status)));
        } else if (WEXITSTATUS(status) != 0) {
            log_message(LOG_ERROR, "client %u: its process %d gave up with status %d",
                        children->list[i].client_number, (int) pid, WEXITSTATUS(status));
        }
        children->list[i] = children->list[--children->count];
        return;
    }
}

void children_reap(struct children *children)
{
    for (;;) {
        int status;
        pid_t pid = waitpid(-1, &status, WNOHANG);

        if (pid > 0) {
            forget(children, pid, status);
        } else if (pid == 0 || errno != EINTR) {
            return;
        }
    }
}

static void signal_all(const struct children *children, int signal)
{
    for (unsigned i = 0; i < children->count; i++) {
        kill(children->list[i].pid, signal);
    }
}

void children_stop(struct children *children)
{
    struct timespec left = {.tv_sec = STOP_SECONDS};
    struct timespec begin, now;
    sigset_t child_ended;

    signal_all(children, SIGTERM);
    sigemptyset(&child_ended);
    sigaddset(&child_ended, SIGCHLD);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (;;) {
        children_reap(children);
        if (children->count == 0) {
            return;
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
        left.tv_sec = STOP_SECONDS - (now.tv_sec - begin.tv_sec);
        if (left.tv_sec <= 0) {
            break;
        }
        sigtimedwait(&child_ended, NULL, &left);
    }
    log_message(LOG_WARNING, "%u client processes do not end: killing them", children->count);
    signal_all(children, SIGKILL);
    while (children->count > 0) {
        int status;
        pid_t pid = waitpid(-1, &status, 0);

        if (pid > 0) {
            /* Ours by intention: nothing to report. */
            forget(children, pid, 0);
        } else if (errno != EINTR) {
            return;
        }
    }
}
