/* SPDX-License-Identifier: MIT */
/* Contexts of our own and contexts from an embedder, on Mesa's software driver. */
#include <epoxy/egl.h>
#include <epoxy/gl.h>
#include <errno.h>
#include <glib.h>
#include <pthread.h>

#include "core/log.h"
#include "winsys/winsys.h"

static struct log quiet;
static unsigned log_lines;

static void count_line(void *user, enum log_level level, const char *line)
{
    log_lines++;
    g_test_message("%s", line);
}

static struct winsys *open_surfaceless(bool gles)
{
    struct winsys_egl_options options = {
        .platform = WINSYS_PLATFORM_SURFACELESS, .drm_fd = -1, .gles = gles,
    };

    return winsys_create_egl(&options, &quiet);
}

/* A texture made in one context is seen in the other. */
static void check_sharing(struct winsys *ws, struct winsys_context *a, struct winsys_context *b)
{
    GLuint texture;

    g_assert_true(winsys_make_current(ws, a));
    g_assert_true(winsys_is_current(a));
    g_assert_false(winsys_is_current(b));
    glGenTextures(1, &texture);
    glBindTexture(GL_TEXTURE_2D, texture);
    g_assert_true(winsys_make_current(ws, b));
    g_assert_true(winsys_is_current(b));
    g_assert_true(glIsTexture(texture));
    glDeleteTextures(1, &texture);
}

static void test_egl(gconstpointer data)
{
    bool gles = GPOINTER_TO_INT(data);
    struct winsys *ws = open_surfaceless(gles);

    g_assert_nonnull(ws);
    struct winsys_context *first = winsys_context_create(ws);
    g_assert_nonnull(first);
    struct winsys_context *second = winsys_context_create(ws);
    g_assert_nonnull(second);
    check_sharing(ws, first, second);

    const struct winsys_version *version = winsys_get_version(ws);
    g_assert_true(version->gles == gles);
    g_assert_true(epoxy_is_desktop_gl() == !gles);
    g_assert_cmpint(epoxy_gl_version(), >=, version->major * 10 + version->minor);
    g_assert_cmpint(version->major, >=, 3);
    if (!gles) {
        GLint profile;

        glGetIntegerv(GL_CONTEXT_PROFILE_MASK, &profile);
        g_assert_cmpint(profile, ==, GL_CONTEXT_CORE_PROFILE_BIT);
    }
    g_assert_nonnull(winsys_egl_display(ws));
    g_assert_cmpint(winsys_drm_fd(ws), ==, -1);

    winsys_make_current(ws, NULL);
    g_assert_true(eglGetCurrentContext() == EGL_NO_CONTEXT);
    winsys_context_destroy(second);
    winsys_context_destroy(first);
    winsys_destroy(ws);
}

static void test_compat(void)
{
    struct winsys_egl_options options = {
        .platform = WINSYS_PLATFORM_SURFACELESS, .drm_fd = -1, .compat = true,
    };
    struct winsys *ws = winsys_create_egl(&options, &quiet);
    struct winsys_context *ctx = winsys_context_create(ws);
    GLint profile;

    g_assert_nonnull(ctx);
    g_assert_true(winsys_make_current(ws, ctx));
    glGetIntegerv(GL_CONTEXT_PROFILE_MASK, &profile);
    g_assert_cmpint(profile, ==, GL_CONTEXT_COMPATIBILITY_PROFILE_BIT);
    winsys_make_current(ws, NULL);
    winsys_context_destroy(ctx);
    winsys_destroy(ws);
}

/* Somebody else changes the current context between two calls. */
static void test_stolen(void)
{
    struct winsys *ws = open_surfaceless(false);
    struct winsys_context *first = winsys_context_create(ws);
    struct winsys_context *second = winsys_context_create(ws);

    g_assert_true(winsys_make_current(ws, first));
    eglMakeCurrent(winsys_egl_display(ws), EGL_NO_SURFACE, EGL_NO_SURFACE,
                   winsys_egl_context(second));
    g_assert_false(winsys_is_current(first));
    g_assert_true(winsys_make_current(ws, first));
    g_assert_true(eglGetCurrentContext() == winsys_egl_context(first));
    winsys_make_current(ws, NULL);
    winsys_context_destroy(second);
    winsys_context_destroy(first);
    winsys_destroy(ws);
}

struct thread_job {
    struct winsys *ws;
    struct winsys_context *ctx;
    bool current, version_known;
};

static void *use_on_thread(void *data)
{
    struct thread_job *job = data;

    job->current = winsys_make_current(job->ws, job->ctx) && winsys_is_current(job->ctx);
    job->version_known = job->current && glGetString(GL_VERSION) != NULL;
    winsys_make_current(job->ws, NULL);
    return NULL;
}

static void test_thread(void)
{
    struct winsys *ws = open_surfaceless(false);
    struct winsys_context *first = winsys_context_create(ws);
    struct thread_job job = {.ws = ws, .ctx = winsys_context_create(ws)};
    pthread_t thread;

    g_assert_true(winsys_make_current(ws, first));
    pthread_create(&thread, NULL, use_on_thread, &job);
    pthread_join(thread, NULL);
    g_assert_true(job.current && job.version_known);
    g_assert_true(winsys_is_current(first));
    winsys_make_current(ws, NULL);
    winsys_context_destroy(job.ctx);
    winsys_context_destroy(first);
    winsys_destroy(ws);
}

static void test_many_times(void)
{
    for (int i = 0; i < 20; i++) {
        struct winsys *ws = open_surfaceless(i & 1);
        struct winsys *other = open_surfaceless(false);
        struct winsys_context *ctx = winsys_context_create(ws);
        struct winsys_context *foreign = winsys_context_create(other);

        g_assert_nonnull(ctx);
        g_assert_true(winsys_make_current(ws, ctx));
        winsys_make_current(ws, NULL);
        winsys_context_destroy(ctx);
        winsys_destroy(ws);
        /* The end of one renderer must not be the end of the other's display. */
        g_assert_true(winsys_make_current(other, foreign));
        winsys_make_current(other, NULL);
        winsys_context_destroy(foreign);
        winsys_destroy(other);
    }
}

/* ------------------------------------------------------------------ an embedder */

struct embedder {
    EGLDisplay display;
    bool gles;
    int newest; /* refuses versions above, 10 * major + minor */
    unsigned created, destroyed, made_current;
    int result;  /* of make_current: 0, or EGL's 1, as QEMU hands it on */
    bool broken; /* make_current does nothing */
};

static void *embedder_create(void *user, bool shared, const struct winsys_version *version)
{
    struct embedder *e = user;
    EGLint attribs[] = {EGL_CONTEXT_MAJOR_VERSION, version->major, EGL_CONTEXT_MINOR_VERSION,
                        version->minor, EGL_NONE};

    if (version->major * 10 + version->minor > e->newest) {
        return NULL;
    }
    eglBindAPI(e->gles ? EGL_OPENGL_ES_API : EGL_OPENGL_API);
    EGLContext context = eglCreateContext(e->display, EGL_NO_CONFIG_KHR,
                                          shared ? eglGetCurrentContext() : EGL_NO_CONTEXT, attribs);
    e->created += context != EGL_NO_CONTEXT;
    return context;
}

static void embedder_destroy(void *user, void *context)
{
    struct embedder *e = user;

    e->destroyed++;
    eglDestroyContext(e->display, context);
}

static int embedder_make_current(void *user, void *context)
{
    struct embedder *e = user;

    e->made_current++;
    if (e->broken) {
        return e->result;
    }
    eglMakeCurrent(e->display, EGL_NO_SURFACE, EGL_NO_SURFACE, context);
    return e->result;
}

static struct winsys *open_embedder(struct embedder *e, bool gles, int newest)
{
    struct winsys_callbacks callbacks = {
        .user = e,
        .create_context = embedder_create,
        .destroy_context = embedder_destroy,
        .make_current = embedder_make_current,
    };

    *e = (struct embedder){.gles = gles, .newest = newest};
    e->display = eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, NULL);
    g_assert_true(eglInitialize(e->display, NULL, NULL));
    return winsys_create_callbacks(&callbacks, &quiet);
}

static void test_callbacks(gconstpointer data)
{
    bool gles = GPOINTER_TO_INT(data);
    struct embedder e;
    struct winsys *ws = open_embedder(&e, gles, 33);
    e.result = gles;
    struct winsys_context *first = winsys_context_create(ws);
    struct winsys_context *second = winsys_context_create(ws);

    g_assert_nonnull(first);
    g_assert_nonnull(second);
    check_sharing(ws, first, second);
    /* It is the embedder's display that decides about GLES. */
    g_assert_true(winsys_get_version(ws)->gles == gles);
    g_assert_cmpint(winsys_get_version(ws)->major, >=, 3);
    g_assert_true(winsys_egl_display(ws) == e.display);

    unsigned calls = e.made_current;
    for (int i = 0; i < 100; i++) {
        g_assert_true(winsys_make_current(ws, second));
    }
    g_assert_cmpuint(e.made_current, ==, calls);
    g_assert_true(winsys_make_current(ws, first));
    g_assert_cmpuint(e.made_current, ==, calls + 1);

    winsys_make_current(ws, NULL);
    winsys_context_destroy(second);
    winsys_context_destroy(first);
    winsys_destroy(ws);
    g_assert_cmpuint(e.created, ==, e.destroyed);
}

/* A make_current that fails, and one that says 0 and does nothing. */
static void test_callbacks_broken(void)
{
    for (int result = -1; result <= 0; result++) {
        struct embedder e;
        struct winsys *ws = open_embedder(&e, false, 46);

        eglMakeCurrent(e.display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
        e.broken = true;
        e.result = result;
        g_assert_null(winsys_context_create(ws));
        winsys_destroy(ws);
        g_assert_cmpuint(e.created, ==, e.destroyed);
    }
}

static void test_callbacks_too_old(void)
{
    struct embedder e;
    struct winsys *ws = open_embedder(&e, false, 29);
    unsigned before = log_lines;

    g_assert_null(winsys_context_create(ws));
    g_assert_cmpuint(log_lines, >, before);
    winsys_destroy(ws);
    g_assert_cmpuint(e.created, ==, 0);

    struct winsys_callbacks none = {.user = NULL};
    g_assert_null(winsys_create_callbacks(&none, &quiet));
}

/* What the software driver cannot do must be refused, not crash. */
static void test_sharing_refused(void)
{
    struct winsys *ws = open_surfaceless(false);
    struct winsys_context *ctx = winsys_context_create(ws);
    struct winsys_dmabuf dmabuf;
    int fd = -1;

    g_assert_true(winsys_make_current(ws, ctx));
    int err = winsys_export_texture(ws, ctx, 12345, true, &dmabuf);
    g_assert_cmpint(err, !=, 0);
    g_assert_cmpint(dmabuf.fds[0], ==, -1);
    err = winsys_sync_file_create(ws, &fd);
    g_assert_true(err == ENOTSUP || fd >= 0);
    g_assert_cmpint(winsys_sync_file_wait(ws, -1), !=, 0);
    winsys_make_current(ws, NULL);
    winsys_context_destroy(ctx);
    winsys_destroy(ws);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    log_init(&quiet);
    quiet.write = count_line;
    struct winsys *probe = open_surfaceless(false);
    if (probe == NULL) {
        g_print("1..0 # SKIP no surfaceless EGL display on this host\n");
        return 0;
    }
    winsys_destroy(probe);
    g_test_add_data_func("/winsys/egl/gl", GINT_TO_POINTER(0), test_egl);
    g_test_add_data_func("/winsys/egl/gles", GINT_TO_POINTER(1), test_egl);
    g_test_add_func("/winsys/egl/compat", test_compat);
    g_test_add_func("/winsys/egl/stolen", test_stolen);
    g_test_add_func("/winsys/egl/thread", test_thread);
    g_test_add_func("/winsys/egl/many_times", test_many_times);
    g_test_add_data_func("/winsys/callbacks/gl", GINT_TO_POINTER(0), test_callbacks);
    g_test_add_data_func("/winsys/callbacks/gles", GINT_TO_POINTER(1), test_callbacks);
    g_test_add_func("/winsys/callbacks/broken", test_callbacks_broken);
    g_test_add_func("/winsys/callbacks/too_old", test_callbacks_too_old);
    g_test_add_func("/winsys/share/refused", test_sharing_refused);
    return g_test_run();
}
