/* SPDX-License-Identifier: MIT */
/*
 * LD_PRELOAD for vtest clients whose socket path is fixed (Mesa before 23): connections to the
 * default path go to $VTEST_SOCKET_NAME instead.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define DEFAULT_PATH "/tmp/.virgl_test"

__attribute__((visibility("default"))) int connect(int fd, const struct sockaddr *address,
                                                   socklen_t length)
{
    static int (*next)(int, const struct sockaddr *, socklen_t);
    const char *path = getenv("VTEST_SOCKET_NAME");
    struct sockaddr_un mine = {.sun_family = AF_UNIX};

    if (!next)
        next = (int (*)(int, const struct sockaddr *, socklen_t))dlsym(RTLD_NEXT, "connect");
    if (path && address && address->sa_family == AF_UNIX &&
        length > sizeof(sa_family_t) + strlen(DEFAULT_PATH) &&
        strcmp(((const struct sockaddr_un *)address)->sun_path, DEFAULT_PATH) == 0 &&
        strlen(path) < sizeof(mine.sun_path)) {
        strcpy(mine.sun_path, path);
        return next(fd, (const struct sockaddr *)&mine, sizeof(mine));
    }
    return next(fd, address, length);
}
