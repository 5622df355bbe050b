/* SPDX-License-Identifier: MIT */
#ifndef VTEST_LISTENER_H
#define VTEST_LISTENER_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/un.h>

/* The socket in the file system that clients connect to. */
struct listener {
    int fd; /* -1 when closed */
    char path[sizeof(((struct sockaddr_un *) 0)->sun_path)];
    dev_t dev; /* which file we made, so that only that one is removed */
    ino_t ino;
};

/*
 * Listen at `path`, for this user alone. A socket left behind by a server that is gone is replaced;
 * one that a server still answers on, or a file of another kind, is not touched. Returns 0 or a
 * negative errno, after explaining on the log.
 */
int listener_init(struct listener *listener, const char *path);

/* Stop listening and remove the socket file, unless it is another server's by now. */
void listener_finish(struct listener *listener);

/* Close our end only: for a child process. */
void listener_close(struct listener *listener);

/* The next client's socket (non-blocking, close-on-exec), or a negative errno. */
int listener_accept(struct listener *listener);

#endif
