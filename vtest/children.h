/* SPDX-License-Identifier: MIT */
#ifndef VTEST_CHILDREN_H
#define VTEST_CHILDREN_H

#include <sys/types.h>

#define CHILDREN_MAX 1024

/* The processes that serve one client each. */
struct children {
    struct {
        pid_t pid;
        unsigned client_number;
    } list[CHILDREN_MAX];
    unsigned count;
};

/* The list must not be full. */
void children_add(struct children *children, pid_t pid, unsigned client_number);

/* Forget those that have ended; a crash goes to the log. */
void children_reap(struct children *children);

/* Ask all of them to end, wait for that, and kill those that take too long. */
void children_stop(struct children *children);

#endif
