/* SPDX-License-Identifier: MIT */
#ifndef VIRGLRENDERER_H
#define VIRGLRENDERER_H

/*
 * libvirglrenderer: draws the command streams of virtio-gpu and vtest clients with the host's GL.
 *
 * The user of this library is called the embedder: QEMU's device, crosvm, the vtest server. What it
 * passes on comes from a client that is not trusted: every handle, size, offset and command word is
 * checked here. The arguments that only the embedder can choose (pointers, structs, buffer lengths)
 * are trusted.
 *
 * Life.  One renderer per process: virgl_renderer_init() makes it, virgl_renderer_cleanup() ends it.
 *     Before init and after cleanup all functions are harmless and fail.
 * Threads.  All functions belong to the thread that called virgl_renderer_init(), unless their
 *     comment says otherwise. The library leaves its own GL context current on that thread; the
 *     embedder makes its own context current again before it uses GL.
 * Blocking.  A function may wait for the GL driver to accept work; none waits for the GPU to finish
 *     work, unless its comment says so.
 * Errors.  int functions return 0 for success. On failure they return an errno number, which some
 *     give positive and others negative for the sake of existing programs: test for non-zero. A
 *     failed call has changed nothing, except that a command stream has been executed up to the
 *     command that failed.
 * Handles.  Context 0 is the embedder's own and exists from the start. Context and resource handles
 *     are chosen by the embedder; 0 is no valid handle for a new one. Resources belong to the
 *     renderer as a whole, a context may use those that were attached to it.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "virgl-version.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VIRGL_EXPORT __attribute__((visibility("default")))

struct iovec;

/*
 * A box in texels of one mip level: six uint32_t x, y, z, width, height, depth, in this order. For
 * buffers x and width count bytes. z counts layers of arrays and faces of cubes. Embedders pass the
 * box of the virtio-gpu command, which has this layout.
 */
struct virgl_box;

/* ------------------------------------------------------------------ life */

/* A GL context of the embedder; NULL is no context. */
typedef void *virgl_renderer_gl_context;

struct virgl_renderer_gl_ctx_param {
    int version;    /* 1, or 2 when compat_ctx is filled in */
    bool shared;    /* share objects with the context that is current */
    int major_ver;  /* the GL or GLES version wanted */
    int minor_ver;
    int compat_ctx; /* non-zero: a compatibility profile is wanted (since 1.1) */
};

/* The newest layout of struct virgl_renderer_callbacks. */
#define VIRGL_RENDERER_CALLBACKS_VERSION 4

/*
 * What the renderer asks of the embedder. `version` says how many of the members the embedder's
 * struct has: those of a later version are neither read nor called. Members may be NULL where the
 * comment does not forbid it. The struct must live until virgl_renderer_cleanup(). Callbacks come
 * from inside calls of the library, on the caller's thread, and must not call the library, except
 * where their comment says otherwise. `cookie` is the one given to virgl_renderer_init().
 */
struct virgl_renderer_callbacks {
    int version; /* 1 to VIRGL_RENDERER_CALLBACKS_VERSION */

    /*
     * All work that came before virgl_renderer_create_fence(fence) is complete. When several fences
     * have passed, only the newest may be reported. Called from virgl_renderer_poll(), or, with
     * VIRGL_RENDERER_ASYNC_FENCE_CB, from a thread of the library.
     */
    void (*write_fence)(void *cookie, uint32_t fence);

    /*
     * The embedder's own GL contexts. Needed when none of the window-system flags
     * (VIRGL_RENDERER_USE_EGL, VIRGL_RENDERER_USE_GLX) is set, or with get_egl_display.
     * create_gl_context returns NULL on failure; the renderer then tries lower versions.
     * make_current with a NULL context releases the current one; a negative result is a failure.
     * scanout_idx is 0.
     */
    virgl_renderer_gl_context (*create_gl_context)(void *cookie, int scanout_idx,
                                                   struct virgl_renderer_gl_ctx_param *param);
    void (*destroy_gl_context)(void *cookie, virgl_renderer_gl_context ctx);
    int (*make_current)(void *cookie, int scanout_idx, virgl_renderer_gl_context ctx);

    /*
     * Version 2. With VIRGL_RENDERER_USE_EGL: the DRM device to draw with, as an open descriptor
     * that the renderer owns and closes from then on, or a negative number to let it choose.
     */
    int (*get_drm_fd)(void *cookie);

    /*
     * Version 3. The fence `fence_id` of virgl_renderer_context_create_fence() has passed. Every
     * fence is reported, in the order of creation within one ring of one context, except those with
     * VIRGL_RENDERER_FENCE_FLAG_MERGEABLE, which a later one may stand for. Called from
     * virgl_renderer_context_poll() and virgl_renderer_poll(), or, with
     * VIRGL_RENDERER_ASYNC_FENCE_CB, from a thread of the library.
     */
    void (*write_context_fence)(void *cookie, uint32_t ctx_id, uint32_t ring_idx,
                                uint64_t fence_id);

    /*
     * Version 3. With VIRGL_RENDERER_RENDER_SERVER: a connected SOCK_SEQPACKET socket to a render
     * server. This library draws in its own process and does not call it.
     */
    int (*get_server_fd)(void *cookie, uint32_t version);

    /*
     * Version 4. The EGLDisplay to use for image import and export, for embedders that make the GL
     * contexts themselves. The display stays the embedder's.
     */
    void *(*get_egl_display)(void *cookie);
};

/* Flags of virgl_renderer_init(). */
#define VIRGL_RENDERER_USE_EGL 1                   /* the library makes contexts through EGL */
#define VIRGL_RENDERER_THREAD_SYNC 2               /* a thread waits for fences: see get_poll_fd */
#define VIRGL_RENDERER_USE_GLX (1 << 2)            /* the library makes contexts through GLX */
#define VIRGL_RENDERER_USE_SURFACELESS (1 << 3)    /* EGL without a device node */
#define VIRGL_RENDERER_USE_GLES (1 << 4)           /* an OpenGL ES host context */
#define VIRGL_RENDERER_USE_EXTERNAL_BLOB (1 << 5)  /* every blob must have a descriptor */
#define VIRGL_RENDERER_VENUS (1 << 6)              /* offer Vulkan contexts */
#define VIRGL_RENDERER_NO_VIRGL (1 << 7)           /* do not offer GL contexts */
#define VIRGL_RENDERER_ASYNC_FENCE_CB (1 << 8)     /* with THREAD_SYNC: fence callbacks come at once,
                                                      from the thread; see the callbacks */
#define VIRGL_RENDERER_RENDER_SERVER (1 << 9)      /* accepted, without effect */
#define VIRGL_RENDERER_DRM (1 << 10)               /* offer native driver contexts */
#define VIRGL_RENDERER_USE_VIDEO (1 << 11)         /* offer video decoding and encoding */
#define VIRGL_RENDERER_D3D11_SHARE_TEXTURE (1 << 12) /* accepted, without effect on Linux */
#define VIRGL_RENDERER_COMPAT_PROFILE (1 << 13)    /* a compatibility profile host context */
#define VIRGL_RENDERER_USE_GUEST_VRAM (1 << 14)    /* blobs live in memory the guest supplies */

/*
 * Make the renderer. `cookie` is handed to every callback; `cb` must not be NULL. May take some
 * hundred milliseconds, for the GL driver starts here. A second call with the same arguments succeeds
 * and changes nothing; one with others gets -EBUSY. Returns 0; -1 without cookie or callbacks, or for
 * an unknown version of them; -ENOTSUP when a flag asks for what the library cannot do; -ENODEV when
 * no usable GL context can be made (the log says why); -ENOMEM.
 */
VIRGL_EXPORT int virgl_renderer_init(void *cookie, int flags, struct virgl_renderer_callbacks *cb);

/*
 * End the renderer: destroys all contexts and resources, joins its threads, releases GL. No callback
 * comes after the return. `cookie` is not used.
 */
VIRGL_EXPORT void virgl_renderer_cleanup(void *cookie);

/*
 * Destroy all contexts and resources and forget all fences, as after a reset of the virtual machine;
 * the renderer stays ready for use. Backing memory is detached and is the embedder's again.
 */
VIRGL_EXPORT void virgl_renderer_reset(void);

/* Make the renderer's GL context of context 0 current on this thread. */
VIRGL_EXPORT void virgl_renderer_force_ctx_0(void);

/* Report the fences that have passed through the fence callbacks. Does not wait. */
VIRGL_EXPORT void virgl_renderer_poll(void);

/*
 * A descriptor that becomes readable when virgl_renderer_poll() has something to report, or -1 when
 * the embedder must poll by time instead (no VIRGL_RENDERER_THREAD_SYNC, no thread could be made,
 * or VIRGL_RENDERER_ASYNC_FENCE_CB). The descriptor stays the library's; only poll() it:
 * virgl_renderer_poll() makes it unreadable again.
 */
VIRGL_EXPORT int virgl_renderer_get_poll_fd(void);

/* ------------------------------------------------------------------ log */

/* Severities; SILENT is only a threshold, no message carries it. */
enum virgl_log_level_flags {
    VIRGL_LOG_LEVEL_DEBUG,
    VIRGL_LOG_LEVEL_INFO,
    VIRGL_LOG_LEVEL_WARNING,
    VIRGL_LOG_LEVEL_ERROR,
    VIRGL_LOG_LEVEL_SILENT,
};

typedef void (*virgl_log_callback_type)(enum virgl_log_level_flags level, const char *message,
                                        void *user_data);
typedef void (*virgl_free_data_callback_type)(void *user_data);
typedef void (*virgl_debug_callback_type)(const char *fmt, va_list ap);

/*
 * Send the library's messages to `cb` instead of standard error; NULL restores the default.
 * `message` is one line and is valid during the call. `free_user_data`, which may be NULL, is called
 * with user_data when another callback takes over and at the end of the program. May be called
 * before virgl_renderer_init(). Messages can come from threads of the library.
 */
VIRGL_EXPORT void virgl_set_log_callback(virgl_log_callback_type cb, void *user_data,
                                         virgl_free_data_callback_type free_user_data);

/*
 * The older form, with printf arguments. Returns the callback in use before, or NULL. The callback
 * set last, in either form, gets the messages.
 */
VIRGL_EXPORT virgl_debug_callback_type virgl_set_debug_callback(virgl_debug_callback_type cb);

/* ------------------------------------------------------------------ capabilities */

/*
 * The newest version and the size in bytes of capability set `set` (1 and 2 virgl, 4 Venus, 6 DRM);
 * both 0 when the renderer does not offer it. Before virgl_renderer_init() it tells what a renderer
 * for GL contexts will offer.
 */
VIRGL_EXPORT void virgl_renderer_get_cap_set(uint32_t set, uint32_t *max_ver, uint32_t *max_size);

/*
 * Write capability set `set` in the given version to `caps`, which has room for the size that
 * virgl_renderer_get_cap_set() told. Does nothing for a set that is not offered.
 */
VIRGL_EXPORT void virgl_renderer_fill_caps(uint32_t set, uint32_t version, void *caps);

/* ------------------------------------------------------------------ contexts */

/* The bits of ctx_flags that hold the capset id: the kind of context. */
#define VIRGL_RENDERER_CONTEXT_FLAG_CAPSET_ID_MASK 0xff

/*
 * Make the virgl context `handle`, with the debug name of `nlen` bytes (no NUL needed; may be NULL
 * when nlen is 0). Returns 0, EINVAL for handle 0 or a handle in use, ENOMEM.
 */
VIRGL_EXPORT int virgl_renderer_context_create(uint32_t handle, uint32_t nlen, const char *name);

/*
 * The same for any kind: the low byte of ctx_flags is the capset id, 0 means virgl. Other bits must
 * be 0. EINVAL when the renderer does not offer the kind.
 */
VIRGL_EXPORT int virgl_renderer_context_create_with_flags(uint32_t ctx_id, uint32_t ctx_flags,
                                                          uint32_t nlen, const char *name);

/* Destroy a context and its objects. Resources live on. Unknown handles and 0 are ignored. */
VIRGL_EXPORT void virgl_renderer_context_destroy(uint32_t handle);

/* Let a context use a resource, or stop it. Unknown handles are ignored. */
VIRGL_EXPORT void virgl_renderer_ctx_attach_resource(int ctx_id, int res_handle);
VIRGL_EXPORT void virgl_renderer_ctx_detach_resource(int ctx_id, int res_handle);

/*
 * Execute a command stream of `ndw` dwords in a context. The buffer must be aligned to 4 bytes (8
 * saves a copy in some kinds of context), is only read, must not change during the call, and may be
 * reused after it. Returns 0; EINVAL for an unknown context or a stream that breaks the protocol;
 * EFAULT for a buffer that is not aligned; ENOMEM. A context whose state a bad stream has left unclear
 * refuses all further streams; other contexts do not notice.
 */
VIRGL_EXPORT int virgl_renderer_submit_cmd(void *buffer, int ctx_id, int ndw);

/*
 * The same, after the work behind the given fences (ids of virgl_renderer_context_create_fence() of
 * any context) is complete. The wait happens on the GPU where the host can do so, else in this call.
 * An id that is not pending any more needs no waiting.
 */
VIRGL_EXPORT int virgl_renderer_submit_cmd2(void *buffer, int ctx_id, int ndw,
                                            uint64_t *in_fence_ids, uint32_t num_in_fences);

/* ------------------------------------------------------------------ fences */

/*
 * Have write_fence(client_fence_id) called when all work submitted so far, in all contexts, is
 * complete. ctx_id is not used: these fences pass in the order of creation. Returns 0 or a positive
 * errno.
 */
VIRGL_EXPORT int virgl_renderer_create_fence(int client_fence_id, uint32_t ctx_id);

/* A later fence of the same ring may be reported instead of this one. */
#define VIRGL_RENDERER_FENCE_FLAG_MERGEABLE (1 << 0)

/*
 * Have write_context_fence(ctx_id, ring_idx, fence_id) called when the work submitted to that ring of
 * that context so far is complete. Needs callbacks of version 3. ring_idx is below 64. Virgl
 * contexts work in one order whatever the ring. A context's fences outlive it. Returns 0 or a
 * negative errno (-EINVAL, -ENOMEM).
 */
VIRGL_EXPORT int virgl_renderer_context_create_fence(uint32_t ctx_id, uint32_t flags,
                                                     uint32_t ring_idx, uint64_t fence_id);

/* virgl_renderer_poll() for the fences of one context. */
VIRGL_EXPORT void virgl_renderer_context_poll(uint32_t ctx_id);

/* As virgl_renderer_get_poll_fd(), for the fences of one context; -1: it has no descriptor of its own,
 * use the common one. */
VIRGL_EXPORT int virgl_renderer_context_get_poll_fd(uint32_t ctx_id);

/*
 * A sync file for a fence of context 0 that has not been reported yet, in *fd; the caller closes it.
 * -EINVAL when the fence is unknown or the host has no sync files. Programs built before version 1.0
 * pass 32 bits here.
 */
VIRGL_EXPORT int virgl_renderer_export_fence(uint64_t client_fence_id, int *fd);

/* A sync file that has passed already, owned by the caller, or a negative number. */
VIRGL_EXPORT int virgl_renderer_export_signalled_fence(void);

/*
 * Let the context's next submission wait for the sync file `fence_fd`, which stays the caller's.
 * Returns 0 or a negative errno: -EINVAL for an unknown context, -ENOTSUP when the host cannot.
 */
VIRGL_EXPORT int virgl_renderer_attach_fence(int ctx_id, int fence_fd);

/* A sync file for the fence `fence_id`, owned by the caller, or a negative errno. */
VIRGL_EXPORT int virgl_renderer_get_fence_fd(uint64_t fence_id);

/* The DRM device a context draws with; stays the library's. Negative errno when there is none. */
VIRGL_EXPORT int virgl_renderer_get_dev_fd(int ctx_id);

/* ------------------------------------------------------------------ resources */

/* Bind bits: what a resource will be used as. */
#define VIRGL_RES_BIND_DEPTH_STENCIL (1 << 0)
#define VIRGL_RES_BIND_RENDER_TARGET (1 << 1)
#define VIRGL_RES_BIND_SAMPLER_VIEW (1 << 3)
#define VIRGL_RES_BIND_VERTEX_BUFFER (1 << 4)
#define VIRGL_RES_BIND_INDEX_BUFFER (1 << 5)
#define VIRGL_RES_BIND_CONSTANT_BUFFER (1 << 6)
#define VIRGL_RES_BIND_STREAM_OUTPUT (1 << 11)
#define VIRGL_RES_BIND_CURSOR (1 << 16)
#define VIRGL_RES_BIND_CUSTOM (1 << 17)
#define VIRGL_RES_BIND_SCANOUT (1 << 18)
#define VIRGL_RES_BIND_SHARED (1 << 20)

struct virgl_renderer_resource_create_args {
    uint32_t handle;     /* not 0, not in use */
    uint32_t target;     /* buffer, 1D, 2D, 3D, cube, rectangle, arrays: pipe texture target */
    uint32_t format;     /* virgl format number */
    uint32_t bind;       /* VIRGL_RES_BIND_* */
    uint32_t width;      /* texels; bytes for buffers */
    uint32_t height;
    uint32_t depth;
    uint32_t array_size; /* layers; 6 for cubes */
    uint32_t last_level; /* number of the smallest mip level */
    uint32_t nr_samples; /* 0 and 1: not multisampled */
    uint32_t flags;      /* bit 0: the first row of the image is the bottom one */
};

/*
 * Make a resource. `iov` is its backing memory as with virgl_renderer_resource_attach_iov(), or
 * NULL and 0. Returns 0, EINVAL (bad handle, format, size or combination), ENOMEM.
 */
VIRGL_EXPORT int
virgl_renderer_resource_create(struct virgl_renderer_resource_create_args *args, struct iovec *iov,
                               uint32_t num_iovs);

/*
 * The same for the contents of an EGLImage of the embedder, which may be destroyed after the call.
 * Takes no backing memory.
 */
VIRGL_EXPORT int
virgl_renderer_resource_import_eglimage(struct virgl_renderer_resource_create_args *args,
                                        void *image);

/*
 * Give up the handle. The storage goes when no context uses it any more. The backing iovec array is
 * forgotten, not freed: detach it first to get it back. Unknown handles are ignored.
 */
VIRGL_EXPORT void virgl_renderer_resource_unref(uint32_t res_handle);

/*
 * Back a resource with memory. The iov array and the memory stay the caller's and must live until
 * they are detached or the resource is gone. EINVAL when the resource is unknown or has backing.
 */
VIRGL_EXPORT int virgl_renderer_resource_attach_iov(int res_handle, struct iovec *iov,
                                                    int num_iovs);

/*
 * Take the backing away and hand the array that was attached back, NULL and 0 when there was none.
 * `iov` and `num_iovs` may be NULL.
 */
VIRGL_EXPORT void virgl_renderer_resource_detach_iov(int res_handle, struct iovec **iov,
                                                     int *num_iovs);

/* One pointer of the embedder per resource; get returns NULL for an unknown resource. */
VIRGL_EXPORT void virgl_renderer_resource_set_priv(uint32_t res_handle, void *priv);
VIRGL_EXPORT void *virgl_renderer_resource_get_priv(uint32_t res_handle);

/*
 * Copy a box of a mip level between the resource and memory: read from the resource, write to it.
 * The memory is `iov`, or the backing of the resource when iov is NULL; `offset` in bytes is where
 * the box's first texel lies in it. stride and layer_stride are bytes per row and per layer in the
 * memory, 0 for the tight ones. ctx_id names the context on whose behalf it happens, 0 for the
 * embedder's own. A read waits until the resource's earlier work is complete. EINVAL when a handle is
 * unknown, the box leaves the level or the copy leaves the memory.
 */
VIRGL_EXPORT int virgl_renderer_transfer_read_iov(uint32_t handle, uint32_t ctx_id, uint32_t level,
                                                  uint32_t stride, uint32_t layer_stride,
                                                  struct virgl_box *box, uint64_t offset,
                                                  struct iovec *iov, int iovec_cnt);
VIRGL_EXPORT int virgl_renderer_transfer_write_iov(uint32_t handle, uint32_t ctx_id, int level,
                                                   uint32_t stride, uint32_t layer_stride,
                                                   struct virgl_box *box, uint64_t offset,
                                                   struct iovec *iovec, unsigned int iovec_cnt);

/*
 * Read a rectangle of level 0 into memory: its first texel goes to byte `offset`, its rows are the
 * tight stride of the whole level apart. So memory that holds the level stays right outside of the
 * rectangle.
 */
VIRGL_EXPORT void virgl_renderer_get_rect(int resource_id, struct iovec *iov, unsigned int num_iovs,
                                          uint32_t offset, int x, int y, int width, int height);

/*
 * The pixels of a small 2D resource as 4 bytes each, top row first, with its size in *width and
 * *height. The caller frees them with free(). NULL when the resource is unknown or no cursor image.
 */
VIRGL_EXPORT void *virgl_renderer_get_cursor_data(uint32_t resource_id, uint32_t *width,
                                                  uint32_t *height);

struct virgl_renderer_resource_info {
    uint32_t handle;
    uint32_t virgl_format; /* virgl format number */
    uint32_t width;        /* texels */
    uint32_t height;
    uint32_t depth;
    uint32_t flags;        /* as given at creation */
    uint32_t tex_id;       /* name of the GL texture in the renderer's context, 0 without one */
    uint32_t stride;       /* bytes per row of level 0 */
    int drm_fourcc;        /* DRM format, 0 when there is none */
    int fd;                /* since 1.1, and only in virgl_renderer_resource_get_info_ext() */
};

/*
 * Describe a resource. `fd` is left alone, since programs built before 1.1 have no room for it.
 * EINVAL when the resource is unknown.
 */
VIRGL_EXPORT int virgl_renderer_resource_get_info(int res_handle,
                                                  struct virgl_renderer_resource_info *info);

#define VIRGL_RENDERER_RESOURCE_INFO_EXT_VERSION 0

struct virgl_renderer_resource_info_ext {
    int version;            /* filled in: VIRGL_RENDERER_RESOURCE_INFO_EXT_VERSION */
    struct virgl_renderer_resource_info base; /* base.fd: dma-buf owned by the caller, or -1 */
    bool has_dmabuf_export; /* virgl_renderer_get_fd_for_texture2() works */
    int planes;             /* of the exported image */
    uint64_t modifiers;     /* DRM format modifier of the exported image */
    void *d3d_tex2d;        /* NULL on Linux */
};

/* The same with what an export would give. EINVAL when the resource is unknown. */
VIRGL_EXPORT int virgl_renderer_resource_get_info_ext(int res_handle,
                                                      struct virgl_renderer_resource_info_ext *info);

/*
 * Export the GL texture `tex_id` (from struct virgl_renderer_resource_info) as a dma-buf, owned by
 * the caller. stride and offset of the first plane are in bytes. Returns 0 or a negative errno:
 * -EINVAL when there is no such texture or the host cannot export.
 */
VIRGL_EXPORT int virgl_renderer_get_fd_for_texture(uint32_t tex_id, int *fd);
VIRGL_EXPORT int virgl_renderer_get_fd_for_texture2(uint32_t tex_id, int *fd, int *stride,
                                                    int *offset);

/* ------------------------------------------------------------------ blob resources */

/* Where a blob's memory comes from. */
#define VIRGL_RENDERER_BLOB_MEM_GUEST 0x0001        /* the iovecs only */
#define VIRGL_RENDERER_BLOB_MEM_HOST3D 0x0002       /* memory of a context: object blob_id */
#define VIRGL_RENDERER_BLOB_MEM_HOST3D_GUEST 0x0003 /* both */
#define VIRGL_RENDERER_BLOB_MEM_GUEST_VRAM 0x0004   /* the guest's dedicated heap */

/* What a blob is for. */
#define VIRGL_RENDERER_BLOB_FLAG_USE_MAPPABLE 0x0001
#define VIRGL_RENDERER_BLOB_FLAG_USE_SHAREABLE 0x0002
#define VIRGL_RENDERER_BLOB_FLAG_USE_CROSS_DEVICE 0x0004

struct virgl_renderer_resource_create_blob_args {
    uint32_t res_handle; /* not 0, not in use */
    uint32_t ctx_id;     /* owner of blob_id */
    uint32_t blob_mem;   /* VIRGL_RENDERER_BLOB_MEM_* */
    uint32_t blob_flags; /* VIRGL_RENDERER_BLOB_FLAG_USE_* */
    uint64_t blob_id;    /* named by the context's stream */
    uint64_t size;       /* bytes, not 0 */
    const struct iovec *iovecs; /* copied by nobody: must live as attached backing does */
    uint32_t num_iovs;
};

/* Make a blob resource. Returns 0 or a negative errno (-EINVAL, -ENOMEM). */
VIRGL_EXPORT int
virgl_renderer_resource_create_blob(const struct virgl_renderer_resource_create_blob_args *args);

/*
 * Map a blob's host memory into this process: address in *map, length in bytes in *out_size. One
 * mapping at a time: map again after unmap. Returns 0 or a negative errno: -EINVAL when the resource
 * is unknown, mapped already or not mappable.
 */
VIRGL_EXPORT int virgl_renderer_resource_map(uint32_t res_handle, void **map, uint64_t *out_size);
VIRGL_EXPORT int virgl_renderer_resource_unmap(uint32_t res_handle);

/*
 * Map a blob's host memory at `addr` (page aligned), in place of what is mapped there. The mapping is
 * the caller's, who ends it with munmap() or by mapping something else over it. -EOPNOTSUPP when the
 * memory has no descriptor to map: virgl_renderer_resource_map() may still work.
 */
VIRGL_EXPORT int virgl_renderer_resource_map_fixed(uint32_t res_handle, void *addr);

/* How the guest has to cache a mapping. */
#define VIRGL_RENDERER_MAP_CACHE_MASK 0x0f
#define VIRGL_RENDERER_MAP_CACHE_NONE 0x00
#define VIRGL_RENDERER_MAP_CACHE_CACHED 0x01
#define VIRGL_RENDERER_MAP_CACHE_UNCACHED 0x02
#define VIRGL_RENDERER_MAP_CACHE_WC 0x03 /* write combining */

/* VIRGL_RENDERER_MAP_CACHE_* of a blob in *map_info. Negative errno when it is not mappable. */
VIRGL_EXPORT int virgl_renderer_resource_get_map_info(uint32_t res_handle, uint32_t *map_info);

/* Kinds of descriptors for blobs. */
#define VIRGL_RENDERER_BLOB_FD_TYPE_DMABUF 0x0001
#define VIRGL_RENDERER_BLOB_FD_TYPE_OPAQUE 0x0002 /* of the host's Vulkan driver */
#define VIRGL_RENDERER_BLOB_FD_TYPE_SHM 0x0003

/* A descriptor for a blob's memory, owned by the caller, and its kind. Negative errno on failure. */
VIRGL_EXPORT int virgl_renderer_resource_export_blob(uint32_t res_id, uint32_t *fd_type, int *fd);

struct virgl_renderer_resource_import_blob_args {
    uint32_t res_handle; /* not 0, not in use */
    uint32_t blob_mem;   /* VIRGL_RENDERER_BLOB_MEM_HOST3D or _GUEST_VRAM */
    uint32_t fd_type;    /* VIRGL_RENDERER_BLOB_FD_TYPE_* */
    int fd;
    uint64_t size;       /* bytes, not 0, at most what the descriptor holds */
};

/*
 * Make a blob resource of memory that is described by a descriptor. On success the library owns the
 * descriptor. Returns 0 or a negative errno (-EINVAL, -ENOMEM).
 */
VIRGL_EXPORT int
virgl_renderer_resource_import_blob(const struct virgl_renderer_resource_import_blob_args *args);

/* ------------------------------------------------------------------ queries by struct */

enum virgl_renderer_structure_type_v0 {
    VIRGL_RENDERER_STRUCTURE_TYPE_NONE = 0,
    VIRGL_RENDERER_STRUCTURE_TYPE_EXPORT_QUERY = (1 << 0),
    VIRGL_RENDERER_STRUCTURE_TYPE_SUPPORTED_STRUCTURES = (1 << 1),
};

/* Begins every query. */
struct virgl_renderer_hdr {
    uint32_t stype;         /* one of virgl_renderer_structure_type_v0 */
    uint32_t stype_version; /* 0 */
    uint32_t size;          /* bytes of the whole struct */
};

/*
 * Can a resource be exported as dma-bufs, and as what? out_num_fds or out_fourcc of 0: it cannot.
 * With in_export_fds non-zero out_fds holds out_num_fds descriptors, owned by the caller; otherwise
 * they are -1.
 */
struct virgl_renderer_export_query {
    struct virgl_renderer_hdr hdr;
    uint32_t in_resource_id;

    uint32_t out_num_fds;
    uint32_t in_export_fds;
    uint32_t out_fourcc; /* DRM format */
    uint32_t pad;        /* 0 */

    int32_t out_fds[4];
    uint32_t out_strides[4]; /* bytes */
    uint32_t out_offsets[4]; /* bytes */
    uint64_t out_modifier;   /* DRM format modifier */
};

/* Which structures does virgl_renderer_execute() know in version in_stype_version? */
struct virgl_renderer_supported_structures {
    struct virgl_renderer_hdr hdr;
    uint32_t in_stype_version;
    uint32_t out_supported_structures_mask; /* of virgl_renderer_structure_type_v0 */
};

/*
 * Answer a query in place. execute_size is the size in bytes of the memory at execute_args and must
 * equal hdr.size. Returns 0, or -EINVAL for an unknown structure, version, size or resource.
 */
VIRGL_EXPORT int virgl_renderer_execute(void *execute_args, uint32_t execute_size);

#ifdef __cplusplus
}
#endif

#endif
