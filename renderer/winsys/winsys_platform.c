/* SPDX-License-Identifier: MIT */
/* Finding an EGL display: the one with a GPU behind it, whatever platform it is on. */
#include "winsys_internal.h"

#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_GBM
#include <gbm.h>
#endif

#include "core/log.h"

enum { MAX_DEVICES = 16 };

static bool initialise(EGLDisplay display)
{
    EGLint major, minor;

    return display != EGL_NO_DISPLAY && eglInitialize(display, &major, &minor) &&
           (major > 1 || minor >= 4);
}

static bool is_software_device(EGLDeviceEXT device)
{
    const char *extensions = eglQueryDeviceStringEXT(device, EGL_EXTENSIONS);

    return winsys_has_extension(extensions, "EGL_MESA_device_software");
}

static int query_devices(EGLDeviceEXT devices[MAX_DEVICES])
{
    const char *client = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
    EGLint count = 0;

    if (!winsys_has_extension(client, "EGL_EXT_device_base") &&
        !winsys_has_extension(client, "EGL_EXT_device_enumeration")) {
        return 0;
    }
    return eglQueryDevicesEXT(MAX_DEVICES, devices, &count) ? count : 0;
}

static EGLDisplay open_device(bool hardware_only)
{
    const char *client = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
    EGLDeviceEXT devices[MAX_DEVICES];

    if (!winsys_has_extension(client, "EGL_EXT_platform_device")) {
        return EGL_NO_DISPLAY;
    }
    int count = query_devices(devices);
    for (int i = 0; i < count; i++) {
        if (hardware_only && is_software_device(devices[i])) {
            continue;
        }
        EGLDisplay display = eglGetPlatformDisplayEXT(EGL_PLATFORM_DEVICE_EXT, devices[i], NULL);
        if (initialise(display)) {
            return display;
        }
    }
    return EGL_NO_DISPLAY;
}

static EGLDisplay open_surfaceless(void)
{
    const char *client = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);

    if (!winsys_has_extension(client, "EGL_MESA_platform_surfaceless")) {
        return EGL_NO_DISPLAY;
    }
    EGLDisplay display =
        eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
    return initialise(display) ? display : EGL_NO_DISPLAY;
}

static bool draws_in_software(EGLDisplay display)
{
    EGLAttrib device;

    return epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_EXT_device_query") &&
           eglQueryDisplayAttribEXT(display, EGL_DEVICE_EXT, &device) &&
           is_software_device((EGLDeviceEXT)device);
}

#ifdef HAVE_GBM
static int open_render_node(void)
{
    glob_t nodes;
    int fd = -1;

    if (glob("/dev/dri/renderD*", 0, NULL, &nodes) != 0) {
        return -1;
    }
    for (size_t i = 0; i < nodes.gl_pathc && fd < 0; i++) {
        fd = open(nodes.gl_pathv[i], O_RDWR | O_CLOEXEC);
    }
    globfree(&nodes);
    return fd;
}

static EGLDisplay open_gbm(int *drm_fd, struct gbm_device **gbm)
{
    bool own = *drm_fd < 0;
    int fd = own ? open_render_node() : *drm_fd;

    if (fd < 0) {
        return EGL_NO_DISPLAY;
    }
    *gbm = gbm_create_device(fd);
    EGLDisplay display = EGL_NO_DISPLAY;
    if (*gbm != NULL) {
        display = eglGetPlatformDisplayEXT(EGL_PLATFORM_GBM_KHR, *gbm, NULL);
        if (initialise(display)) {
            *drm_fd = fd;
            return display;
        }
        gbm_device_destroy(*gbm);
        *gbm = NULL;
    }
    if (own) {
        close(fd);
    }
    return EGL_NO_DISPLAY;
}
#else
static EGLDisplay open_gbm(int *drm_fd, struct gbm_device **gbm)
{
    return EGL_NO_DISPLAY;
}
#endif

static enum winsys_platform platform_from_environment(enum winsys_platform platform,
                                                      struct log *log)
{
    static const char *const names[] = {"auto", "surfaceless", "device", "gbm"};
    const char *text = getenv("MANTUA_EGL_PLATFORM");

    if (text == NULL) {
        return platform;
    }
    for (int i = 0; i < 4; i++) {
        if (strcmp(text, names[i]) == 0) {
            return (enum winsys_platform)i;
        }
    }
    log_message(log, LOG_LEVEL_WARNING,
                "MANTUA_EGL_PLATFORM=%s is none of auto, gbm, surfaceless, device", text);
    return platform;
}

/* Surfaceless Mesa draws in software where only another vendor's driver has a GPU. */
static EGLDisplay open_surfaceless_or_gpu(void)
{
    EGLDisplay display = open_surfaceless();

    if (display == EGL_NO_DISPLAY ||
        (draws_in_software(display) && getenv("LIBGL_ALWAYS_SOFTWARE") == NULL)) {
        EGLDisplay gpu = open_device(true);

        return gpu != EGL_NO_DISPLAY ? gpu : display;
    }
    return display;
}

EGLDisplay winsys_open_display(enum winsys_platform platform, int *drm_fd,
                               struct gbm_device **gbm, struct log *log)
{
    EGLDisplay display = EGL_NO_DISPLAY;

    *gbm = NULL;
    platform = platform_from_environment(platform, log);
    switch (platform) {
    case WINSYS_PLATFORM_SURFACELESS:
        display = open_surfaceless_or_gpu();
        break;
    case WINSYS_PLATFORM_DEVICE:
        display = open_device(true);
        display = display != EGL_NO_DISPLAY ? display : open_device(false);
        break;
    case WINSYS_PLATFORM_GBM:
        display = open_gbm(drm_fd, gbm);
        break;
    case WINSYS_PLATFORM_AUTO:
        display = open_gbm(drm_fd, gbm);
        display = display != EGL_NO_DISPLAY ? display : open_surfaceless_or_gpu();
        display = display != EGL_NO_DISPLAY ? display : open_device(false);
        break;
    }
    if (display == EGL_NO_DISPLAY) {
        log_message(log, LOG_LEVEL_ERROR,
                    "no EGL display%s. Install the GL driver (Mesa: libegl-mesa0 and "
                    "libgl1-mesa-dri); for a GPU, allow this user to open /dev/dri/renderD*",
                    platform == WINSYS_PLATFORM_GBM ? " on the DRM device" : "");
    }
    return display;
}
