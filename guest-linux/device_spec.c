/* SPDX-License-Identifier: MIT */
#include "device_spec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "winsys_drm.h"
#include "winsys_record.h"
#include "winsys_vtest.h"

#define VTEST_VERSION 3

static const char *drm_advice(int error)
{
    switch (error) {
    case -ENODEV:
        return "this machine has no virtio-gpu with 3D: does QEMU run with a virtio-vga-gl or "
               "virtio-gpu-gl device, and is the kernel's virtio_gpu driver loaded?";
    case -EACCES:
    case -EPERM:
        return "no permission: be in the groups video and render, or root";
    case -ENOENT:
        return "there is no such node";
    default:
        return strerror(-error);
    }
}

static const char *vtest_advice(int error)
{
    switch (error) {
    case -ENOENT:
    case -ECONNREFUSED:
        return "no vtest server listens there: start mantua-vtest-server";
    case -EPROTONOSUPPORT:
        return "the server is too old: version 2 of the protocol is needed";
    case -ECONNRESET:
        return "the server closed the connection";
    default:
        return strerror(-error);
    }
}

struct vgpu_winsys *device_spec_open(const char *program, const char *spec)
{
    struct vgpu_winsys *winsys = NULL;
    const char *name = spec ? spec : "drm";
    const char *colon = strchr(name, ':');
    const char *argument = colon && colon[1] ? colon + 1 : NULL;
    size_t kind_length = colon ? (size_t)(colon - name) : strlen(name);
    const char *advice;
    int result;

    if (strncmp(name, "drm", kind_length) == 0 && kind_length == 3) {
        result = winsys_drm_open(argument, &winsys);
        advice = drm_advice(result);
    } else if (strncmp(name, "vtest", kind_length) == 0 && kind_length == 5) {
        if (!argument)
            argument = VTEST_DEFAULT_SOCKET;
        result = winsys_vtest_open(argument, VTEST_VERSION, &winsys);
        advice = vtest_advice(result);
    } else {
        fprintf(stderr, "%s: --device: %s is neither drm[:PATH] nor vtest[:SOCKET]\n", program,
                name);
        return NULL;
    }
    if (result < 0) {
        fprintf(stderr, "%s: %s%s%s: %s\n", program, name, colon || !argument ? "" : ":",
                colon || !argument ? "" : argument, advice);
        return NULL;
    }
    return winsys;
}

struct vgpu_winsys *device_spec_open_recorded(const char *program, const char *spec,
                                              const char *record)
{
    struct vgpu_winsys *inner = device_spec_open(program, spec), *winsys = NULL;

    if (!inner || !record)
        return inner;
    int result = winsys_record_open(record, inner, &winsys);

    if (result < 0)
        fprintf(stderr, "%s: %s: %s\n", program, record, strerror(-result));
    return winsys;
}

bool device_spec_close(const char *program, struct vgpu_winsys *winsys, const char *record)
{
    bool ok = !record || winsys_record_ok(winsys);

    if (!ok)
        fprintf(stderr, "%s: %s: the recording is not complete\n", program, record);
    winsys->ops->destroy(winsys);
    return ok;
}
