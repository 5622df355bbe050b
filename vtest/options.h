/* SPDX-License-Identifier: MIT */
#ifndef VTEST_OPTIONS_H
#define VTEST_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum server_mode {
    MODE_FORK,          /* a process per client */
    MODE_ONE_BY_ONE,    /* clients in this process, one after the other */
    MODE_FIRST_ONLY,    /* this process serves one client and ends */
    MODE_MULTI_CLIENTS, /* clients in this process, together */
};

enum window_system {
    WINSYS_AUTO, /* a render node through EGL where there is one, else surfaceless */
    WINSYS_EGL_SURFACELESS,
    WINSYS_GLX,
};

struct options {
    enum server_mode mode;
    enum window_system window_system;
    bool use_gles;
    bool compat_profile;
    bool venus;
    bool drm;
    bool no_virgl;
    bool no_fence_thread;
    const char *socket_path;
    const char *rendernode;       /* NULL: let the renderer choose */
    const char *save_path;        /* NULL: do not save what clients send */
    const char *replay_path;      /* NULL: listen */
    size_t client_memory_bytes;   /* shared memory and messages that one client may hold */
};

enum options_result {
    OPTIONS_RUN,
    OPTIONS_DONE,  /* --help or --version was printed */
    OPTIONS_WRONG, /* explained on standard error */
};

/*
 * Fill in *options from the command line and the environment; an option on the command line wins.
 * The strings point into argv and the environment.
 */
enum options_result options_parse(struct options *options, int argc, char **argv);

#endif
