/* SPDX-License-Identifier: MIT */
#include "renderer_ops.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define RENDERER_FUNCTIONS(X) \
    X(init) X(cleanup) X(poll) X(get_cap_set) X(fill_caps) X(context_create) \
    X(context_create_with_flags) X(context_destroy) X(ctx_attach_resource) \
    X(ctx_detach_resource) X(submit_cmd) X(create_fence) X(context_create_fence) \
    X(context_poll) X(resource_create) X(resource_unref) X(resource_attach_iov) \
    X(resource_detach_iov) X(transfer_read_iov) X(transfer_write_iov) X(resource_create_blob) \
    X(resource_map) X(resource_unmap) X(resource_get_map_info)

#define LINKED(name) .name = virgl_renderer_##name,
static const struct vgpu_renderer_ops linked = { RENDERER_FUNCTIONS(LINKED) };

static const struct {
    const char *symbol;
    size_t offset;
} functions[] = {
#define ENTRY(name) {"virgl_renderer_" #name, offsetof(struct vgpu_renderer_ops, name)},
    RENDERER_FUNCTIONS(ENTRY)
};

const struct vgpu_renderer_ops *vgpu_renderer_linked(void)
{
    return &linked;
}

/* The dynamic linker tells libraries apart by inode, so a copy in memory is another library. */
static int copy_library(const char *path)
{
    int in = open(path, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return -1;
    int out = memfd_create("libvirglrenderer", MFD_CLOEXEC);
    struct stat st;
    bool ok = out >= 0 && fstat(in, &st) == 0;
    for (off_t left = ok ? st.st_size : 0; left > 0;) {
        ssize_t n = sendfile(out, in, NULL, left);
        if (n <= 0) {
            ok = false;
            break;
        }
        left -= n;
    }
    close(in);
    if (!ok && out >= 0) {
        close(out);
        out = -1;
    }
    return out;
}

const struct vgpu_renderer_ops *vgpu_renderer_load_copy(char **error)
{
    Dl_info info;
    if (!dladdr((void *)(uintptr_t)virgl_renderer_init, &info) || !info.dli_fname) {
        *error = g_strdup("cannot find the renderer library");
        return NULL;
    }
    int fd = copy_library(info.dli_fname);
    if (fd < 0) {
        *error = g_strdup_printf("cannot copy %s: %s", info.dli_fname, g_strerror(errno));
        return NULL;
    }
    char path[64];
    g_snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    /* DEEPBIND: the copy's calls to itself must not end in the first instance. */
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    close(fd);
    if (!handle) {
        *error = g_strdup_printf("cannot load a second renderer: %s", dlerror());
        return NULL;
    }
    struct vgpu_renderer_ops *ops = g_new0(struct vgpu_renderer_ops, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(functions); i++) {
        void *symbol = dlsym(handle, functions[i].symbol);
        if (!symbol) {
            *error = g_strdup_printf("the renderer library lacks %s", functions[i].symbol);
            g_free(ops);
            dlclose(handle);
            return NULL;
        }
        memcpy((char *)ops + functions[i].offset, &symbol, sizeof(symbol));
    }
    return ops;
}
