/* SPDX-License-Identifier: MIT */
/* The public interface on the host's GL: texels that come back as they went, displays, fences, and
 * contexts that an embedder makes. */
#include <epoxy/egl.h>
#include <epoxy/gl.h>
#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "api_helper.h"
#include "virgl_formats.h"
#include "virgl_protocol.h"

enum { OWN = VIRGL_RENDERER_USE_EGL | VIRGL_RENDERER_USE_SURFACELESS };

static bool start_or_skip(int flags)
{
    int err = start_renderer(3, flags);

    if (err != 0) {
        g_test_message("error %d", err);
        g_test_fail();
    }
    return err == 0;
}

/* Bits of a texel that a format keeps: those of no channel may come back as anything. Depth and
 * floats are compared on values that every precision holds. */
static void fill(uint8_t *data, size_t bytes, const struct virgl_format_info *format)
{
    for (size_t i = 0; i < bytes; i++) {
        data[i] = (uint8_t)(i * 37 + 11);
    }
    if (format->is_compressed) {
        return; /* any bits are texels */
    }
    /* No NaN, no value outside 0 to 1, which a float format of fewer bits would change. */
    bool is_float = false;
    for (int c = 0; c < format->channel_count; c++) {
        is_float |= format->channels[c].type == VIRGL_CHANNEL_TYPE_FLOAT;
    }
    if (is_float) {
        memset(data, 0, bytes);
    }
}

static uint64_t used_bits(const struct virgl_format_info *format)
{
    uint64_t mask = 0;
    unsigned at = 0;

    for (int c = 0; c < format->channel_count; c++) {
        unsigned bits = format->channels[c].bits;

        if (format->channels[c].type != VIRGL_CHANNEL_TYPE_VOID && at + bits <= 64) {
            mask |= (bits == 64 ? UINT64_MAX : ((UINT64_C(1) << bits) - 1)) << at;
        }
        at += bits;
    }
    return mask;
}

/* Two's complement has one number more than signed normalised values: hosts may clamp it. */
static bool has_snorm(const struct virgl_format_info *format)
{
    for (int c = 0; c < format->channel_count; c++) {
        if (format->channels[c].type == VIRGL_CHANNEL_TYPE_SNORM) {
            return true;
        }
    }
    return false;
}

static bool same_texels(const uint8_t *want, const uint8_t *got, size_t bytes,
                        const struct virgl_format_info *format)
{
    if (format->is_compressed || format->block_bytes > 8) {
        return memcmp(want, got, bytes) == 0;
    }
    uint64_t mask = used_bits(format);
    for (size_t at = 0; at + format->block_bytes <= bytes; at += format->block_bytes) {
        uint64_t a = 0, b = 0;

        memcpy(&a, want + at, format->block_bytes);
        memcpy(&b, got + at, format->block_bytes);
        if ((a ^ b) & mask) {
            g_test_message("%s: texel at byte %zu is %#llx, was %#llx (mask %#llx)", format->name,
                           at, (unsigned long long)b, (unsigned long long)a,
                           (unsigned long long)mask);
            return false;
        }
    }
    return true;
}

/* GLES has no depth of 32 normalised bits: 24 are kept. */
static bool loses_depth(const struct virgl_format_info *format, bool gles)
{
    return gles && format->number == VIRGL_FORMAT_Z32_UNORM;
}

/* GLES reads through framebuffers alone: textures of three channels cannot be one. */
static bool may_be_unreadable(const struct virgl_format_info *format, bool gles)
{
    return gles && (format->channel_count == 3 || format->is_srgb || format->is_compressed);
}

static void roundtrip(const struct virgl_format_info *format, bool gles, unsigned *tried)
{
    enum { WIDTH = 16, HEIGHT = 8 };
    static uint8_t in[WIDTH * HEIGHT * 32], out[WIDTH * HEIGHT * 32];
    uint32_t columns = (WIDTH + format->block_w_px - 1) / format->block_w_px;
    uint32_t rows = (HEIGHT + format->block_h_px - 1) / format->block_h_px;
    size_t bytes = (size_t)columns * rows * format->block_bytes;
    struct box6 box = {0, 0, 0, WIDTH, HEIGHT, 1};

    if (bytes == 0 || bytes > sizeof in ||
        make_texture(1, TARGET_2D, format->number, WIDTH, HEIGHT, 1, 1, 0) != 0) {
        return;
    }
    ++*tried;
    fill(in, bytes, format);
    memset(out, 0xcc, sizeof out);
    if (write_box(1, 0, 0, box, in, bytes) != 0) {
        g_test_message("%s: cannot be written", format->name);
        g_test_fail();
    } else if (read_box(1, 0, 0, box, out, bytes) != 0) {
        if (!may_be_unreadable(format, gles)) {
            g_test_message("%s: cannot be read", format->name);
            g_test_fail();
        }
    } else if (!has_snorm(format) && !loses_depth(format, gles) &&
               !same_texels(in, out, bytes, format)) {
        g_test_fail();
    }
    virgl_renderer_resource_unref(1);
}

static void test_formats(gconstpointer data)
{
    unsigned tried = 0;

    if (!start_or_skip(OWN | GPOINTER_TO_INT(data))) {
        return;
    }
    for (uint32_t number = 1; number < VIRGL_FORMAT_COUNT; number++) {
        const struct virgl_format_info *format = virgl_format_info(number);

        if (format != NULL && !format->is_planar && !format->is_yuv) {
            roundtrip(format, GPOINTER_TO_INT(data) != 0, &tried);
        }
    }
    g_test_message("%u formats", tried);
    g_assert_cmpuint(tried, >=, 60);
    stop_renderer();
}

/* A box in the middle of a level of each kind of texture, and what is around it stays. */
static void test_boxes(void)
{
    static const struct {
        uint32_t target, depth, layers, level, z;
    } cases[] = {
        {TARGET_2D, 1, 1, 0, 0},
        {TARGET_2D, 1, 1, 2, 0},
        {TARGET_3D, 16, 1, 1, 5},
        {TARGET_CUBE, 1, 6, 0, 4},
        {TARGET_CUBE, 1, 6, 1, 0},
        {TARGET_2D_ARRAY, 1, 5, 1, 3},
    };
    static uint32_t whole[32 * 32], piece[16], out[32 * 32];

    if (!start_or_skip(OWN)) {
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        uint32_t size = 32 >> cases[i].level;
        struct box6 all = {0, 0, cases[i].z, size, size, 1};
        struct box6 middle = {3, 2, cases[i].z, 4, 4, 1};

        g_assert_cmpint(make_texture(1, cases[i].target, FORMAT_B8G8R8A8, 32, 32, cases[i].depth,
                                     cases[i].layers, 3),
                        ==, 0);
        for (int k = 0; k < 32 * 32; k++) {
            whole[k] = 0x01020304u * (uint32_t)(k + 1);
        }
        /* New storage reads as zero. */
        memset(out, 0xff, sizeof out);
        g_assert_cmpint(read_box(1, 0, cases[i].level, all, out, sizeof out), ==, 0);
        for (uint32_t k = 0; k < size * size; k++) {
            g_assert_cmphex(out[k], ==, 0);
        }
        g_assert_cmpint(write_box(1, 0, cases[i].level, all, whole, sizeof whole), ==, 0);
        memset(piece, 0xee, sizeof piece);
        struct iovec iov = {piece, sizeof piece};
        g_assert_cmpint(virgl_renderer_transfer_write_iov(1, 0, (int)cases[i].level, 16, 0,
                                                          (struct virgl_box *)&middle, 0, &iov, 1),
                        ==, 0);
        memset(out, 0, sizeof out);
        g_assert_cmpint(read_box(1, 0, cases[i].level, all, out, sizeof out), ==, 0);
        for (uint32_t y = 0; y < size; y++) {
            for (uint32_t x = 0; x < size; x++) {
                bool inside = x >= 3 && x < 7 && y >= 2 && y < 6;

                g_assert_cmphex(out[y * size + x], ==, inside ? 0xeeeeeeee : whole[y * size + x]);
            }
        }
        virgl_renderer_resource_unref(1);
    }
    stop_renderer();
}

static void test_buffers(void)
{
    uint8_t in[256], out[256];

    if (!start_or_skip(OWN)) {
        return;
    }
    for (int i = 0; i < 256; i++) {
        in[i] = (uint8_t)(i ^ 0x5a);
    }
    g_assert_cmpint(make_buffer(1, BIND_VERTEX_BUFFER, 1000), ==, 0);
    g_assert_cmpint(write_box(1, 0, 0, (struct box6){700, 0, 0, 256, 1, 1}, in, 256), ==, 0);
    g_assert_cmpint(read_box(1, 0, 0, (struct box6){701, 0, 0, 255, 1, 1}, out, 256), ==, 0);
    g_assert_cmpmem(out, 255, in + 1, 255);
    g_assert_cmpint(read_box(1, 0, 0, (struct box6){0, 0, 0, 256, 1, 1}, out, 256), ==, 0);
    for (int i = 0; i < 256; i++) {
        g_assert_cmpuint(out[i], ==, 0);
    }
    g_assert_cmpint(write_box(1, 0, 0, (struct box6){745, 0, 0, 256, 1, 1}, in, 256), ==, EINVAL);
    stop_renderer();
}

static void test_scattered(void)
{
    uint32_t pages[4][16], out[64];
    struct iovec iov[4];

    if (!start_or_skip(OWN)) {
        return;
    }
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < 16; k++) {
            pages[3 - i][k] = (uint32_t)(i * 16 + k);
        }
        iov[i] = (struct iovec){pages[3 - i], sizeof pages[0]};
    }
    g_assert_cmpint(make_texture(1, TARGET_2D, FORMAT_B8G8R8A8, 8, 8, 1, 1, 0), ==, 0);
    g_assert_cmpint(virgl_renderer_resource_attach_iov(1, iov, 4), ==, 0);
    struct box6 box = {0, 0, 0, 8, 8, 1};
    g_assert_cmpint(virgl_renderer_transfer_write_iov(1, 0, 0, 0, 0, (struct virgl_box *)&box, 0,
                                                      NULL, 0),
                    ==, 0);
    g_assert_cmpint(read_box(1, 0, 0, box, out, sizeof out), ==, 0);
    for (uint32_t i = 0; i < 64; i++) {
        g_assert_cmpuint(out[i], ==, i);
    }
    memset(pages, 0, sizeof pages);
    g_assert_cmpint(virgl_renderer_transfer_read_iov(1, 0, 0, 0, 0, (struct virgl_box *)&box, 0,
                                                     NULL, 0),
                    ==, 0);
    g_assert_cmpuint(pages[0][15], ==, 63);
    g_assert_cmpuint(pages[3][1], ==, 1);
    stop_renderer();
}

static void test_display(void)
{
    struct virgl_renderer_resource_create_args args = {
        .handle = 1, .target = TARGET_2D, .format = FORMAT_B8G8R8A8,
        .bind = BIND_SAMPLER_VIEW, .width = 48, .height = 16, .depth = 1, .array_size = 1,
        .flags = FLAG_Y_0_TOP,
    };
    struct virgl_renderer_resource_info info;
    struct virgl_renderer_resource_info_ext ext;
    uint32_t texels[48 * 16], width = 0, height = 0;
    int fd = -1;

    if (!start_or_skip(OWN)) {
        return;
    }
    g_assert_cmpint(virgl_renderer_resource_create(&args, NULL, 0), ==, 0);
    for (uint32_t i = 0; i < 48 * 16; i++) {
        texels[i] = 0xff000000u | i;
    }
    g_assert_cmpint(write_box(1, 0, 0, (struct box6){0, 0, 0, 48, 16, 1}, texels, sizeof texels),
                    ==, 0);
    g_assert_cmpint(virgl_renderer_resource_get_info(1, &info), ==, 0);
    g_assert_cmpuint(info.tex_id, !=, 0);
    g_assert_cmpuint(info.stride, ==, 48 * 4);
    g_assert_cmpuint(info.flags, ==, FLAG_Y_0_TOP);
    g_assert_cmphex((uint32_t)info.drm_fourcc, ==, 0x34325241); /* AR24 */

    uint32_t *cursor = virgl_renderer_get_cursor_data(1, &width, &height);
    g_assert_nonnull(cursor);
    g_assert_cmpuint(width, ==, 48);
    g_assert_cmpuint(height, ==, 16);
    g_assert_cmpmem(cursor, sizeof texels, texels, sizeof texels);
    free(cursor);

    g_assert_cmpint(virgl_renderer_resource_get_info_ext(1, &ext), ==, 0);
    g_assert_cmpuint(ext.base.tex_id, ==, info.tex_id);
    g_assert_true(ext.has_dmabuf_export == (ext.base.fd >= 0));
    g_assert_true((virgl_renderer_get_fd_for_texture(info.tex_id, &fd) == 0) ==
                  ext.has_dmabuf_export);
    g_assert_cmpint(virgl_renderer_get_fd_for_texture(info.tex_id + 1000, &fd), <, 0);
    stop_renderer();
}

static void test_caps(gconstpointer data)
{
    uint32_t version, size;
    uint8_t *caps;

    if (!start_or_skip(OWN | GPOINTER_TO_INT(data))) {
        return;
    }
    virgl_renderer_get_cap_set(2, &version, &size);
    caps = g_malloc0(size);
    virgl_renderer_fill_caps(2, version, caps);
    uint32_t nonzero = 0;
    for (uint32_t i = 0; i < size; i++) {
        nonzero += caps[i] != 0;
    }
    g_assert_cmpuint(nonzero, >, 100);
    g_free(caps);
    stop_renderer();
}

static void test_fence_thread(void)
{
    if (!start_or_skip(OWN | VIRGL_RENDERER_THREAD_SYNC)) {
        return;
    }
    struct pollfd fd = {.fd = virgl_renderer_get_poll_fd(), .events = POLLIN};
    g_assert_cmpint(fd.fd, >=, 0);
    for (int i = 1; i <= 50; i++) {
        g_assert_cmpint(virgl_renderer_create_fence(i, 0), ==, 0);
        while (heard_fence() != (uint32_t)i) {
            g_assert_cmpint(poll(&fd, 1, -1), ==, 1);
            virgl_renderer_poll();
        }
    }
    stop_renderer();
}

static void test_fence_async(void)
{
    if (!start_or_skip(OWN | VIRGL_RENDERER_THREAD_SYNC | VIRGL_RENDERER_ASYNC_FENCE_CB)) {
        return;
    }
    g_assert_cmpint(virgl_renderer_context_create(1, 1, "c"), ==, 0);
    for (uint64_t i = 1; i <= 50; i++) {
        g_assert_cmpint(virgl_renderer_context_create_fence(1, 0, 0, i), ==, 0);
    }
    wait_context_fence(50);
    g_assert_cmpuint(heard_fences(), ==, 50);
    stop_renderer();

    /* Submissions that wait for fences, on the GPU; sync files where the host has them. */
    uint32_t nops[2] = {0};
    uint64_t ids[2] = {1, 2};
    int fd = -1;
    g_assert_cmpint(start_renderer(3, OWN), ==, 0);
    g_assert_cmpint(virgl_renderer_context_create(1, 1, "c"), ==, 0);
    g_assert_cmpint(virgl_renderer_context_create_fence(1, 0, 0, 1), ==, 0);
    g_assert_cmpint(virgl_renderer_context_create_fence(1, 0, 0, 2), ==, 0);
    g_assert_cmpint(virgl_renderer_submit_cmd2(nops, 1, 2, ids, 2), ==, 0);
    g_assert_cmpint(virgl_renderer_create_fence(3, 0), ==, 0);
    if (virgl_renderer_export_fence(3, &fd) == 0) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};

        g_assert_cmpint(poll(&wait, 1, -1), ==, 1);
        close(fd);
    }
    fd = virgl_renderer_get_fence_fd(2);
    g_assert_true(fd >= 0 || fd == -ENOTSUP);
    stop_renderer();
}

static void test_fence_polled(void)
{
    if (!start_or_skip(OWN)) {
        return;
    }
    g_assert_cmpint(virgl_renderer_create_fence(7, 0), ==, 0);
    while (heard_fence() != 7) {
        virgl_renderer_poll();
        g_thread_yield();
    }
    stop_renderer();
}

/* Memory that the guest maps while the host draws from it. */
static void test_persistent_buffer(gconstpointer data)
{
    enum { PIPE_RESOURCE_CREATE = 48, BLOB_ID = 9, BYTES = 5000 };
    uint32_t stream[12] = {
        PIPE_RESOURCE_CREATE | 11 << 16, TARGET_BUFFER, FORMAT_R8, BIND_VERTEX_BUFFER, BYTES,
        1, 1, 1, 0, 0, FLAG_MAP_PERSISTENT | FLAG_MAP_COHERENT, BLOB_ID,
    };
    struct virgl_renderer_resource_create_blob_args args = {
        .res_handle = 3,
        .ctx_id = 1,
        .blob_mem = VIRGL_RENDERER_BLOB_MEM_HOST3D,
        .blob_flags = VIRGL_RENDERER_BLOB_FLAG_USE_MAPPABLE,
        .blob_id = BLOB_ID,
        .size = 8192,
    };
    uint8_t out[16], *map;
    uint64_t size;

    if (!start_or_skip(OWN | GPOINTER_TO_INT(data))) {
        return;
    }
    g_assert_cmpint(virgl_renderer_context_create(1, 1, "c"), ==, 0);
    g_assert_cmpint(virgl_renderer_submit_cmd(stream, 1, 12), ==, 0);
    g_assert_cmpint(virgl_renderer_resource_create_blob(&args), ==, 0);
    if (virgl_renderer_resource_map(3, (void **)&map, &size) != 0) {
        g_test_skip("this host cannot map buffers persistently");
        stop_renderer();
        return;
    }
    g_assert_cmpuint(size, ==, 8192);
    g_assert_cmpuint(map[100] | map[8191], ==, 0);
    for (int round = 0; round < 3; round++) {
        memset(map + 100, 0xa0 + round, 16);
        g_assert_cmpint(read_box(3, 0, 0, (struct box6){100, 0, 0, 16, 1, 1}, out, 16), ==, 0);
        for (int i = 0; i < 16; i++) {
            g_assert_cmpuint(out[i], ==, 0xa0 + round);
        }
        memset(out, 0x50 + round, sizeof out);
        g_assert_cmpint(write_box(3, 0, 0, (struct box6){200, 0, 0, 16, 1, 1}, out, 16), ==, 0);
        g_assert_cmpint(virgl_renderer_create_fence(round + 1, 0), ==, 0);
        while (heard_fence() != (uint32_t)round + 1) {
            virgl_renderer_poll();
        }
        g_assert_cmpuint(map[200], ==, 0x50 + round);
        g_assert_cmpuint(map[215], ==, 0x50 + round);
    }
    uint32_t type;
    int fd;
    if (virgl_renderer_resource_export_blob(3, &type, &fd) == 0) {
        g_test_message("backed by shared memory");
        g_assert_cmpuint(type, ==, VIRGL_RENDERER_BLOB_FD_TYPE_SHM);
        uint8_t *other = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
        g_assert_true(other != MAP_FAILED);
        g_assert_cmpuint(other[215], ==, 0x52);
        munmap(other, size);
        close(fd);
    }
    stop_renderer();
}

/* Over and over in one process, as an embedder's device is plugged and unplugged. */
static void test_many_lives(void)
{
    uint32_t texel = 0x12345678, out;

    for (int i = 0; i < 8; i++) {
        int flags = OWN | (i & 1 ? VIRGL_RENDERER_THREAD_SYNC : 0) |
                    (i & 2 ? VIRGL_RENDERER_USE_GLES : 0);

        if (!start_or_skip(flags)) {
            return;
        }
        g_assert_cmpint(make_texture(1, TARGET_2D, FORMAT_B8G8R8A8, 1, 1, 1, 1, 0), ==, 0);
        g_assert_cmpint(write_box(1, 0, 0, (struct box6){0, 0, 0, 1, 1, 1}, &texel, 4), ==, 0);
        g_assert_cmpint(read_box(1, 0, 0, (struct box6){0, 0, 0, 1, 1, 1}, &out, 4), ==, 0);
        g_assert_cmphex(out, ==, texel);
        g_assert_cmpint(virgl_renderer_context_create(1, 1, "c"), ==, 0);
        g_assert_cmpint(virgl_renderer_create_fence(1, 0), ==, 0);
        if (i & 4) {
            virgl_renderer_reset();
            g_assert_cmpint(make_buffer(1, BIND_VERTEX_BUFFER, 16), ==, 0);
        }
        stop_renderer();
        g_assert_true(eglGetCurrentContext() == EGL_NO_CONTEXT);
    }
}

/* ------------------------------------------------------------------ an embedder's contexts */

static struct {
    EGLDisplay display;
    EGLContext own;
    GLuint texture;
    unsigned created, destroyed;
} embedder;

static virgl_renderer_gl_context embedder_create(void *user, int scanout_idx,
                                                 struct virgl_renderer_gl_ctx_param *param)
{
    EGLint attribs[] = {EGL_CONTEXT_MAJOR_VERSION, param->major_ver, EGL_CONTEXT_MINOR_VERSION,
                        param->minor_ver, EGL_NONE};

    g_assert_true(user == &cookie);
    g_assert_cmpint(param->version, >=, 1);
    eglBindAPI(EGL_OPENGL_API);
    /* As QEMU does it: everything shares with the embedder's own context. */
    EGLContext context = eglCreateContext(embedder.display, EGL_NO_CONFIG_KHR, embedder.own,
                                          attribs);
    embedder.created += context != EGL_NO_CONTEXT;
    return context;
}

static void embedder_destroy(void *user, virgl_renderer_gl_context context)
{
    embedder.destroyed++;
    eglDestroyContext(embedder.display, context);
}

static int embedder_make_current(void *user, int scanout_idx, virgl_renderer_gl_context context)
{
    return eglMakeCurrent(embedder.display, EGL_NO_SURFACE, EGL_NO_SURFACE, context) ? 0 : -1;
}

/* The embedder draws for itself, with state that would spoil a transfer and that nobody may touch. */
static void embedder_takes_over(void)
{
    GLint binding = 0, row_length = 0;

    g_assert_true(eglMakeCurrent(embedder.display, EGL_NO_SURFACE, EGL_NO_SURFACE, embedder.own));
    if (embedder.texture == 0) {
        glGenTextures(1, &embedder.texture);
        glBindTexture(GL_TEXTURE_2D, embedder.texture);
        glPixelStorei(GL_UNPACK_ROW_LENGTH, 7);
        glPixelStorei(GL_PACK_ROW_LENGTH, 7);
    }
    glGetIntegerv(GL_TEXTURE_BINDING_2D, &binding);
    g_assert_cmpint(binding, ==, embedder.texture);
    glGetIntegerv(GL_UNPACK_ROW_LENGTH, &row_length);
    g_assert_cmpint(row_length, ==, 7);
}

static void *embedder_display(void *user)
{
    return embedder.display;
}

/* A picture of the embedder's becomes a resource. */
static void import_image(void)
{
    struct virgl_renderer_resource_create_args args = {
        .handle = 20, .target = TARGET_2D, .format = FORMAT_B8G8R8A8, .bind = BIND_SAMPLER_VIEW,
        .width = 2, .height = 2, .depth = 1, .array_size = 1,
    };
    static const uint8_t rgba[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    static const uint8_t bgra[16] = {3, 2, 1, 4, 7, 6, 5, 8, 11, 10, 9, 12, 15, 14, 13, 16};
    uint8_t out[16] = {0};
    GLuint texture;

    embedder_takes_over();
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    glTexStorage2D(GL_TEXTURE_2D, 1, GL_RGBA8, 2, 2);
    glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, 2, 2, GL_RGBA, GL_UNSIGNED_BYTE, rgba);
    glFinish();
    glBindTexture(GL_TEXTURE_2D, embedder.texture);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 7);
    EGLImage image = eglCreateImageKHR(embedder.display, embedder.own, EGL_GL_TEXTURE_2D_KHR,
                                       (EGLClientBuffer)(uintptr_t)texture, NULL);
    g_assert_true(image != EGL_NO_IMAGE);
    g_assert_cmpint(virgl_renderer_resource_import_eglimage(&args, NULL), ==, EINVAL);
    int err = virgl_renderer_resource_import_eglimage(&args, image);
    eglDestroyImageKHR(embedder.display, image);
    if (err == 0) {
        g_assert_cmpint(virgl_renderer_resource_import_eglimage(&args, image), ==, EINVAL);
        g_assert_cmpint(read_box(20, 0, 0, (struct box6){0, 0, 0, 2, 2, 1}, out, 16), ==, 0);
        g_assert_cmpmem(out, 16, bgra, 16);
        virgl_renderer_resource_unref(20);
    } else {
        g_test_message("this host's GL takes no EGL images");
    }
    embedder_takes_over();
    glDeleteTextures(1, &texture);
}

static void test_embedder(gconstpointer data)
{
    int version = GPOINTER_TO_INT(data);
    struct virgl_renderer_callbacks *callbacks = listening_callbacks(version);
    uint32_t texels[16], out[16];
    struct virgl_renderer_resource_info info;

    memset(&embedder, 0, sizeof embedder);
    embedder.display =
        eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
    g_assert_true(eglInitialize(embedder.display, NULL, NULL));
    eglBindAPI(EGL_OPENGL_API);
    embedder.own = eglCreateContext(embedder.display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, NULL);
    g_assert_true(embedder.own != EGL_NO_CONTEXT);

    callbacks->create_gl_context = embedder_create;
    callbacks->destroy_gl_context = embedder_destroy;
    callbacks->make_current = embedder_make_current;
    callbacks->get_egl_display = embedder_display;
    forget_fences();
    embedder_takes_over();
    g_assert_cmpint(virgl_renderer_init(&cookie, 0, callbacks), ==, 0);
    g_assert_cmpuint(embedder.created, >=, 1);

    for (uint32_t i = 0; i < 16; i++) {
        texels[i] = i * 0x10101;
    }
    /* Between any two calls the embedder draws for itself. */
    embedder_takes_over();
    g_assert_cmpint(make_texture(1, TARGET_2D, FORMAT_B8G8R8A8, 4, 4, 1, 1, 0), ==, 0);
    embedder_takes_over();
    g_assert_cmpint(write_box(1, 0, 0, (struct box6){0, 0, 0, 4, 4, 1}, texels, 64), ==, 0);
    embedder_takes_over();
    g_assert_cmpint(read_box(1, 0, 0, (struct box6){0, 0, 0, 4, 4, 1}, out, 64), ==, 0);
    g_assert_cmpmem(out, 64, texels, 64);
    import_image();
    embedder_takes_over();
    g_assert_cmpint(virgl_renderer_context_create(1, 1, "c"), ==, 0);
    g_assert_cmpint(virgl_renderer_create_fence(9, 0), ==, 0);
    while (heard_fence() != 9) {
        embedder_takes_over();
        virgl_renderer_poll();
    }
    /* The embedder shows the texture in its own context. */
    g_assert_cmpint(virgl_renderer_resource_get_info(1, &info), ==, 0);
    embedder_takes_over();
    g_assert_true(glIsTexture(info.tex_id));
    virgl_renderer_context_destroy(1);
    embedder_takes_over();
    virgl_renderer_resource_unref(1);
    embedder_takes_over();
    g_assert_false(glIsTexture(info.tex_id));
    virgl_renderer_force_ctx_0();
    g_assert_true(eglGetCurrentContext() != embedder.own);
    embedder_takes_over();
    stop_renderer();
    g_assert_cmpuint(embedder.created, ==, embedder.destroyed);
    eglMakeCurrent(embedder.display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    eglDestroyContext(embedder.display, embedder.own);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_unsetenv("MANTUA_BACKEND");
    g_setenv("MANTUA_LOG_LEVEL", "silent", FALSE); /* refused formats are no errors here */
    if (start_renderer(3, OWN) != 0) {
        g_print("1..0 # SKIP no surfaceless EGL display on this host\n");
        return 0;
    }
    stop_renderer();
    g_test_add_data_func("/gl/formats/gl", GINT_TO_POINTER(0), test_formats);
    g_test_add_data_func("/gl/formats/gles", GINT_TO_POINTER(VIRGL_RENDERER_USE_GLES),
                         test_formats);
    g_test_add_func("/gl/boxes", test_boxes);
    g_test_add_func("/gl/buffers", test_buffers);
    g_test_add_func("/gl/scattered", test_scattered);
    g_test_add_func("/gl/display", test_display);
    g_test_add_data_func("/gl/caps/gl", GINT_TO_POINTER(0), test_caps);
    g_test_add_data_func("/gl/caps/gles", GINT_TO_POINTER(VIRGL_RENDERER_USE_GLES), test_caps);
    g_test_add_func("/gl/fence/polled", test_fence_polled);
    g_test_add_func("/gl/fence/thread", test_fence_thread);
    g_test_add_func("/gl/fence/async", test_fence_async);
    g_test_add_func("/gl/many_lives", test_many_lives);
    g_test_add_data_func("/gl/persistent/gl", GINT_TO_POINTER(0), test_persistent_buffer);
    g_test_add_data_func("/gl/persistent/gles", GINT_TO_POINTER(VIRGL_RENDERER_USE_GLES),
                         test_persistent_buffer);
    g_test_add_data_func("/gl/embedder/1", GINT_TO_POINTER(1), test_embedder);
    g_test_add_data_func("/gl/embedder/4", GINT_TO_POINTER(4), test_embedder);
    return g_test_run();
}
