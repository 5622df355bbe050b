/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol.h"
#include "vtest-config.h"

#define DEFAULT_CLIENT_MEMORY_MIB 4096u

enum option_id {
    OPT_NO_FORK = 256,
    OPT_NO_LOOP_OR_FORK,
    OPT_MULTI_CLIENTS,
    OPT_USE_GLX,
    OPT_USE_EGL_SURFACELESS,
    OPT_USE_GLES,
    OPT_COMPAT,
    OPT_RENDERNODE,
    OPT_SOCKET_PATH,
    OPT_VENUS,
    OPT_DRM,
    OPT_NO_VIRGL,
    OPT_RENDER_SERVER,
    OPT_CLIENT_MEMORY,
    OPT_VERSION,
};

static const struct option long_options[] = {
    {"no-fork", no_argument, NULL, OPT_NO_FORK},
    {"no-loop-or-fork", no_argument, NULL, OPT_NO_LOOP_OR_FORK},
    {"multi-clients", no_argument, NULL, OPT_MULTI_CLIENTS},
    {"use-glx", no_argument, NULL, OPT_USE_GLX},
    {"use-egl-surfaceless", no_argument, NULL, OPT_USE_EGL_SURFACELESS},
    {"use-gles", no_argument, NULL, OPT_USE_GLES},
    {"compat", no_argument, NULL, OPT_COMPAT},
    {"rendernode", required_argument, NULL, OPT_RENDERNODE},
    {"socket-path", required_argument, NULL, OPT_SOCKET_PATH},
    {"venus", no_argument, NULL, OPT_VENUS},
    {"drm", no_argument, NULL, OPT_DRM},
    {"no-virgl", no_argument, NULL, OPT_NO_VIRGL},
    {"render-server", no_argument, NULL, OPT_RENDER_SERVER},
    {"client-memory", required_argument, NULL, OPT_CLIENT_MEMORY},
    {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char help_text[] =
    "Usage: mantua-vtest-server [OPTION]... [FILE]\n"
    "Draw the virgl command streams of other processes, over a unix socket.\n"
    "\n"
    "With FILE, replay the stream that VTEST_SAVE wrote there, and exit.\n"
    "\n"
    "Clients:\n"
    "      --socket-path PATH     listen there (default " VTEST_DEFAULT_SOCKET_PATH ")\n"
    "      --no-fork              serve clients in this process, one after the other\n"
    "      --no-loop-or-fork      serve one client in this process, then exit\n"
    "      --multi-clients        serve clients together in this process (protocol 3 on)\n"
    "                             (default: a process for each client)\n"
    "      --client-memory MIB    shared memory and message bytes one client may hold\n"
    "                             (default 4096)\n"
    "Host graphics:\n"
    "      --use-egl-surfaceless  EGL without a device node                [VTEST_USE_EGL_SURFACELESS]\n"
    "      --use-glx              GLX on the X display                     [VTEST_USE_GLX]\n"
    "      --use-gles             an OpenGL ES context                     [VTEST_USE_GLES]\n"
    "      --compat               a compatibility profile context          [VTEST_USE_COMPATIBILITY_PROFILE]\n"
    "      --rendernode PATH      the DRM render node to draw with         [VTEST_RENDERNODE]\n"
    "      --venus                offer Vulkan contexts\n"
    "      --drm                  offer native driver contexts\n"
    "      --no-virgl             do not offer OpenGL contexts\n"
    "      --render-server        accepted for compatibility, without effect\n"
    "Other:\n"
    "  -h, --help                 print this help\n"
    "      --version              print version and protocol versions\n"
    "\n"
    "Environment: the variables in brackets, when set, stand for their option.\n"
    "VTEST_SAVE=FILE writes what clients send to FILE. VIRGL_DISABLE_MT runs without the\n"
    "thread that waits for the GPU. VIRGL_LOG_LEVEL (debug, info, warning, error, silent)\n"
    "and VIRGL_LOG_FILE direct the log.\n"
    "\n"
    "A Mesa client uses the server with: LIBGL_ALWAYS_SOFTWARE=1 GALLIUM_DRIVER=virpipe\n";

static bool env_set(const char *name)
{
    return getenv(name) != NULL;
}

static void options_from_environment(struct options *options)
{
    if (env_set("VTEST_USE_GLX")) {
        options->window_system = WINSYS_GLX;
    }
    if (env_set("VTEST_USE_EGL_SURFACELESS")) {
        options->window_system = WINSYS_EGL_SURFACELESS;
    }
    options->use_gles = env_set("VTEST_USE_GLES");
    options->compat_profile = env_set("VTEST_USE_COMPATIBILITY_PROFILE");
    options->rendernode = getenv("VTEST_RENDERNODE");
    options->save_path = getenv("VTEST_SAVE");
    options->no_fence_thread = env_set("VIRGL_DISABLE_MT");
}

static bool parse_memory(const char *text, size_t *bytes)
{
    char *end;
    unsigned long long mib;

    errno = 0;
    mib = strtoull(text, &end, 10);
    if (errno || end == text || *end || text[0] == '-' || mib == 0 || mib > (SIZE_MAX >> 21)) {
        fprintf(stderr, "mantua-vtest-server: --client-memory: '%s' is no number of MiB\n", text);
        return false;
    }
    *bytes = (size_t) mib << 20;
    return true;
}

static enum options_result apply(struct options *options, int id)
{
    switch (id) {
    case OPT_NO_FORK:
        options->mode = MODE_ONE_BY_ONE;
        break;
    case OPT_NO_LOOP_OR_FORK:
        options->mode = MODE_FIRST_ONLY;
        break;
    case OPT_MULTI_CLIENTS:
        options->mode = MODE_MULTI_CLIENTS;
        break;
    case OPT_USE_GLX:
        options->window_system = WINSYS_GLX;
        break;
    case OPT_USE_EGL_SURFACELESS:
        options->window_system = WINSYS_EGL_SURFACELESS;
        break;
    case OPT_USE_GLES:
        options->use_gles = true;
        break;
    case OPT_COMPAT:
        options->compat_profile = true;
        break;
    case OPT_RENDERNODE:
        options->rendernode = optarg;
        break;
    case OPT_SOCKET_PATH:
        options->socket_path = optarg;
        break;
    case OPT_VENUS:
        options->venus = true;
        break;
    case OPT_DRM:
        options->drm = true;
        break;
    case OPT_NO_VIRGL:
        options->no_virgl = true;
        break;
    case OPT_RENDER_SERVER:
        break;
    case OPT_CLIENT_MEMORY:
        return parse_memory(optarg, &options->client_memory_bytes) ? OPTIONS_RUN : OPTIONS_WRONG;
    case OPT_VERSION:
        printf("mantua-vtest-server %s (vtest protocol 0 to %u)\n", VTEST_SERVER_VERSION,
               SERVER_MAX_VERSION);
        return OPTIONS_DONE;
    case 'h':
        fputs(help_text, stdout);
        return OPTIONS_DONE;
    default:
        fputs("Try 'mantua-vtest-server --help'.\n", stderr);
        return OPTIONS_WRONG;
    }
    return OPTIONS_RUN;
}

enum options_result options_parse(struct options *options, int argc, char **argv)
{
    int id;

    *options = (struct options) {
        .socket_path = VTEST_DEFAULT_SOCKET_PATH,
        .client_memory_bytes = (size_t) DEFAULT_CLIENT_MEMORY_MIB << 20,
    };
    options_from_environment(options);

    while ((id = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        enum options_result result = apply(options, id);

        if (result != OPTIONS_RUN) {
            return result;
        }
    }
    if (optind < argc) {
        options->replay_path = argv[optind++];
    }
    if (optind < argc) {
        fprintf(stderr, "mantua-vtest-server: one FILE at most, not '%s' too\n", argv[optind]);
        return OPTIONS_WRONG;
    }
    return OPTIONS_RUN;
}
