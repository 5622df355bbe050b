/* SPDX-License-Identifier: MIT */
#include "listener.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "log.h"

#define BACKLOG 128

static bool somebody_answers(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error;

    if (fd < 0) {
        return true;
    }
    error = connect(fd, (const struct sockaddr *) address, sizeof(*address)) < 0 ? errno : 0;
    close(fd);
    /* EAGAIN: the server's queue is full, but it is there. */
    return error != ECONNREFUSED && error != ENOENT;
}

/* Remove what blocks the path when it is a socket that nobody serves. */
static int remove_stale(const struct sockaddr_un *address)
{
    struct stat info;

    if (lstat(address->sun_path, &info) < 0) {
        return errno == ENOENT ? 0 : -errno;
    }
    if (!S_ISSOCK(info.st_mode)) {
        log_message(LOG_ERROR, "%s exists and is not a socket; choose another --socket-path",
                    address->sun_path);
        return -EEXIST;
    }
    if (somebody_answers(address)) {
        log_message(LOG_ERROR, "another server is listening on %s; choose another --socket-path",
                    address->sun_path);
        return -EADDRINUSE;
    }
    log_message(LOG_INFO, "replacing the socket that an earlier server left at %s",
                address->sun_path);
    if (unlink(address->sun_path) < 0 && errno != ENOENT) {
        log_message(LOG_ERROR, "cannot remove the old socket %s: %s", address->sun_path,
                    strerror(errno));
        return -errno;
    }
    return 0;
}

static int bind_for_user(int fd, const struct sockaddr_un *address)
{
    /* The mode has to be right from the start, or another user could connect in between. */
    mode_t old = umask(0177);
    int error = bind(fd, (const struct sockaddr *) address, sizeof(*address)) < 0 ? errno : 0;

    umask(old);
    return -error;
}

int listener_init(struct listener *listener, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat info;
    int error;

    listener->fd = -1;
    if (path[0] == '\0' || strlen(path) >= sizeof(address.sun_path)) {
        log_message(LOG_ERROR, "--socket-path: needs 1 to %zu bytes, has %zu",
                    sizeof(address.sun_path) - 1, strlen(path));
        return -ENAMETOOLONG;
    }
    strcpy(address.sun_path, path);
    strcpy(listener->path, path);

    listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener->fd < 0) {
        log_message(LOG_ERROR, "cannot make a socket: %s", strerror(errno));
        return -errno;
    }
    error = bind_for_user(listener->fd, &address);
    if (error == -EADDRINUSE) {
        error = remove_stale(&address);
        if (error) {
            listener_close(listener);
            return error;
        }
        error = bind_for_user(listener->fd, &address);
    }
    if (!error && lstat(path, &info) == 0) {
        listener->dev = info.st_dev;
        listener->ino = info.st_ino;
        error = listen(listener->fd, BACKLOG) < 0 ? -errno : 0;
    }
    if (error) {
        log_message(LOG_ERROR, "cannot listen on %s: %s", path, strerror(-error));
        listener_close(listener);
    }
    return error;
}

void listener_close(struct listener *listener)
{
    if (listener->fd >= 0) {
        close(listener->fd);
        listener->fd = -1;
    }
}

void listener_finish(struct listener *listener)
{
    struct stat info;

    if (listener->fd < 0) {
        return;
    }
    if (lstat(listener->path, &info) == 0 && info.st_dev == listener->dev &&
        info.st_ino == listener->ino) {
        unlink(listener->path);
    }
    listener_close(listener);
}

int listener_accept(struct listener *listener)
{
    int fd;

    do {
        fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    } while (fd < 0 && errno == EINTR);
    return fd < 0 ? -errno : fd;
}
