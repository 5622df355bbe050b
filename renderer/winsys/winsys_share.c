/* SPDX-License-Identifier: MIT */
/* Textures and fences as file descriptors. */
#include "winsys_internal.h"

#include <epoxy/gl.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"

static bool display_has(const struct winsys *ws, const char *extension)
{
    return ws->display != EGL_NO_DISPLAY && epoxy_has_egl_extension(ws->display, extension);
}

static int query_and_export(struct winsys *ws, EGLImageKHR image, bool with_fds,
                            struct winsys_dmabuf *out)
{
    EGLuint64KHR modifiers[WINSYS_MAX_PLANES] = {0};
    EGLint strides[WINSYS_MAX_PLANES] = {0}, offsets[WINSYS_MAX_PLANES] = {0};
    int planes = 0;

    if (!eglExportDMABUFImageQueryMESA(ws->display, image, &out->fourcc, &planes, NULL) ||
        planes < 1 || planes > WINSYS_MAX_PLANES ||
        !eglExportDMABUFImageQueryMESA(ws->display, image, &out->fourcc, &planes, modifiers)) {
        return ENOTSUP;
    }
    out->plane_count = planes;
    out->modifier = modifiers[0];
    if (!eglExportDMABUFImageMESA(ws->display, image, with_fds ? out->fds : NULL, strides,
                                  offsets)) {
        return ENOTSUP;
    }
    for (int i = 0; i < planes; i++) {
        out->strides_bytes[i] = (uint32_t)strides[i];
        out->offsets_bytes[i] = (uint32_t)offsets[i];
    }
    if (with_fds && out->fds[0] < 0) {
        return ENOTSUP;
    }
    return 0;
}

int winsys_export_texture(struct winsys *ws, struct winsys_context *ctx, unsigned texture,
                          bool with_fds, struct winsys_dmabuf *out)
{
    memset(out, 0, sizeof *out);
    for (int i = 0; i < WINSYS_MAX_PLANES; i++) {
        out->fds[i] = -1;
    }
    if (!display_has(ws, "EGL_MESA_image_dma_buf_export") ||
        !display_has(ws, "EGL_KHR_gl_texture_2D_image") || ctx->egl == EGL_NO_CONTEXT) {
        return ENOTSUP;
    }
    EGLImageKHR image = eglCreateImageKHR(ws->display, ctx->egl, EGL_GL_TEXTURE_2D_KHR,
                                          (EGLClientBuffer)(uintptr_t)texture, NULL);
    if (image == EGL_NO_IMAGE_KHR) {
        return ENOTSUP;
    }
    int err = query_and_export(ws, image, with_fds, out);
    eglDestroyImageKHR(ws->display, image);
    return err;
}

int winsys_import_dmabuf(struct winsys *ws, const struct winsys_dmabuf *dmabuf, void **image)
{
    static const EGLint names[WINSYS_MAX_PLANES][5] = {
        {EGL_DMA_BUF_PLANE0_FD_EXT, EGL_DMA_BUF_PLANE0_OFFSET_EXT, EGL_DMA_BUF_PLANE0_PITCH_EXT,
         EGL_DMA_BUF_PLANE0_MODIFIER_LO_EXT, EGL_DMA_BUF_PLANE0_MODIFIER_HI_EXT},
        {EGL_DMA_BUF_PLANE1_FD_EXT, EGL_DMA_BUF_PLANE1_OFFSET_EXT, EGL_DMA_BUF_PLANE1_PITCH_EXT,
         EGL_DMA_BUF_PLANE1_MODIFIER_LO_EXT, EGL_DMA_BUF_PLANE1_MODIFIER_HI_EXT},
        {EGL_DMA_BUF_PLANE2_FD_EXT, EGL_DMA_BUF_PLANE2_OFFSET_EXT, EGL_DMA_BUF_PLANE2_PITCH_EXT,
         EGL_DMA_BUF_PLANE2_MODIFIER_LO_EXT, EGL_DMA_BUF_PLANE2_MODIFIER_HI_EXT},
        {EGL_DMA_BUF_PLANE3_FD_EXT, EGL_DMA_BUF_PLANE3_OFFSET_EXT, EGL_DMA_BUF_PLANE3_PITCH_EXT,
         EGL_DMA_BUF_PLANE3_MODIFIER_LO_EXT, EGL_DMA_BUF_PLANE3_MODIFIER_HI_EXT},
    };
    EGLint attribs[6 + WINSYS_MAX_PLANES * 10 + 1];
    bool with_modifier = dmabuf->modifier != WINSYS_MODIFIER_NONE &&
                         display_has(ws, "EGL_EXT_image_dma_buf_import_modifiers");
    int n = 0;

    if (!display_has(ws, "EGL_EXT_image_dma_buf_import") || dmabuf->plane_count < 1 ||
        dmabuf->plane_count > WINSYS_MAX_PLANES) {
        return ENOTSUP;
    }
    attribs[n++] = EGL_WIDTH;
    attribs[n++] = (EGLint)dmabuf->width_px;
    attribs[n++] = EGL_HEIGHT;
    attribs[n++] = (EGLint)dmabuf->height_px;
    attribs[n++] = EGL_LINUX_DRM_FOURCC_EXT;
    attribs[n++] = dmabuf->fourcc;
    for (int i = 0; i < dmabuf->plane_count; i++) {
        EGLint values[5] = {dmabuf->fds[i], (EGLint)dmabuf->offsets_bytes[i],
                            (EGLint)dmabuf->strides_bytes[i],
                            (EGLint)(uint32_t)dmabuf->modifier,
                            (EGLint)(uint32_t)(dmabuf->modifier >> 32)};

        for (int k = 0; k < (with_modifier ? 5 : 3); k++) {
            attribs[n++] = names[i][k];
            attribs[n++] = values[k];
        }
    }
    attribs[n] = EGL_NONE;
    *image = eglCreateImageKHR(ws->display, EGL_NO_CONTEXT, EGL_LINUX_DMA_BUF_EXT, NULL, attribs);
    return *image != EGL_NO_IMAGE_KHR ? 0 : EINVAL;
}

void winsys_destroy_image(struct winsys *ws, void *image)
{
    if (image != NULL) {
        eglDestroyImageKHR(ws->display, image);
    }
}

int winsys_sync_file_create(struct winsys *ws, int *fd)
{
    if (!display_has(ws, "EGL_ANDROID_native_fence_sync")) {
        return ENOTSUP;
    }
    EGLSyncKHR sync = eglCreateSyncKHR(ws->display, EGL_SYNC_NATIVE_FENCE_ANDROID, NULL);
    if (sync == EGL_NO_SYNC_KHR) {
        return ENOTSUP;
    }
    /* The descriptor exists once the driver has taken the work. */
    glFlush();
    *fd = eglDupNativeFenceFDANDROID(ws->display, sync);
    eglDestroySyncKHR(ws->display, sync);
    return *fd >= 0 ? 0 : ENOTSUP;
}

int winsys_sync_file_wait(struct winsys *ws, int fd)
{
    if (!display_has(ws, "EGL_ANDROID_native_fence_sync") ||
        !display_has(ws, "EGL_KHR_wait_sync")) {
        return ENOTSUP;
    }
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    EGLint attribs[] = {EGL_SYNC_NATIVE_FENCE_FD_ANDROID, own, EGL_NONE};
    EGLSyncKHR sync = own >= 0 ? eglCreateSyncKHR(ws->display, EGL_SYNC_NATIVE_FENCE_ANDROID,
                                                  attribs)
                               : EGL_NO_SYNC_KHR;

    if (sync == EGL_NO_SYNC_KHR) {
        if (own >= 0) {
            close(own);
        }
        return EINVAL;
    }
    EGLint ok = eglWaitSyncKHR(ws->display, sync, 0);
    eglDestroySyncKHR(ws->display, sync);
    return ok == EGL_TRUE ? 0 : EIO;
}
