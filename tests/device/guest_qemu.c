/* SPDX-License-Identifier: MIT */
#include "guest_qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define ANSWER_TIMEOUT_MS 60000
#define ROM_BYTES 65536
#define RESET_VECTOR 0xfff0

struct line_socket {
    int fd;
    char buffer[65536];
    size_t fill;
};

struct guest_qemu {
    GPid pid;
    char *folder;
    struct line_socket qtest;
    struct line_socket qmp;
    void *ram;
    uint64_t ram_bytes;
};

static void send_all(int fd, const char *data, size_t bytes)
{
    while (bytes) {
        ssize_t n = send(fd, data, bytes, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            g_error("QEMU is gone: %s", g_strerror(errno));
        data += n;
        bytes -= (size_t)n;
    }
}

/* The next line without its newline, valid until the next call. */
static char *read_line(struct line_socket *socket, char *line, size_t line_bytes)
{
    for (;;) {
        char *end = memchr(socket->buffer, '\n', socket->fill);
        if (end) {
            size_t length = (size_t)(end - socket->buffer);
            size_t copied = MIN(length, line_bytes - 1);
            memcpy(line, socket->buffer, copied);
            line[copied] = '\0';
            socket->fill -= length + 1;
            memmove(socket->buffer, end + 1, socket->fill);
            return line;
        }
        g_assert_cmpuint(socket->fill, <, sizeof(socket->buffer));
        struct pollfd p = {.fd = socket->fd, .events = POLLIN};
        if (poll(&p, 1, ANSWER_TIMEOUT_MS) <= 0)
            g_error("QEMU does not answer");
        ssize_t n = read(socket->fd, socket->buffer + socket->fill,
                         sizeof(socket->buffer) - socket->fill);
        if (n <= 0)
            g_error("QEMU is gone");
        socket->fill += (size_t)n;
    }
}

static void write_rom(const char *path)
{
    static const char halt[] = {'\xfa', '\xf4', '\xeb', '\xfd'}; /* cli; hlt; jmp back */
    char *rom = g_malloc0(ROM_BYTES);
    memcpy(rom + RESET_VECTOR, halt, sizeof(halt));
    g_assert_true(g_file_set_contents(path, rom, ROM_BYTES, NULL));
    g_free(rom);
}

static int listen_on(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_assert_cmpuint(strlen(path), <, sizeof(address.sun_path));
    g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
    g_assert_cmpint(listen(fd, 1), ==, 0);
    return fd;
}

static int accept_from(int listener)
{
    struct pollfd p = {.fd = listener, .events = POLLIN};
    if (poll(&p, 1, ANSWER_TIMEOUT_MS) <= 0)
        g_error("QEMU does not start");
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    g_assert_cmpint(fd, >=, 0);
    close(listener);
    return fd;
}

static void add_args(GPtrArray *argv, const char *args)
{
    char **words = args ? g_strsplit(args, " ", -1) : NULL;
    for (char **w = words; w && *w; w++) {
        if (**w)
            g_ptr_array_add(argv, g_strdup(*w));
    }
    g_strfreev(words);
}

static GPtrArray *command_line(const struct guest_options *options, const char *folder,
                               uint64_t ram_bytes)
{
    const char *program = g_getenv("QEMU");
    const char *display = options->display ? options->display : g_getenv("QEMU_DISPLAY");
    if (!display)
        display = "none";
    /* The stock device refuses to start without a GL display. */
    if (guest_is_stock() && strcmp(display, "none") == 0)
        display = "egl-headless,rendernode=/dev/null";
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
    add_args(argv, program ? program : "qemu-system-x86_64");
    add_args(argv, "-nodefaults -no-user-config -accel tcg -machine pc,memory-backend=ram");
    add_args(argv, "-display");
    g_ptr_array_add(argv, g_strdup(display));
    g_ptr_array_add(argv, g_strdup("-m"));
    g_ptr_array_add(argv, g_strdup_printf("%" G_GUINT64_FORMAT "M", ram_bytes >> 20));
    g_ptr_array_add(argv, g_strdup("-object"));
    g_ptr_array_add(argv, g_strdup_printf("memory-backend-file,id=ram,share=on,size=%"
                                          G_GUINT64_FORMAT ",mem-path=%s/ram", ram_bytes, folder));
    g_ptr_array_add(argv, g_strdup("-bios"));
    g_ptr_array_add(argv, g_strdup_printf("%s/rom", folder));
    g_ptr_array_add(argv, g_strdup("-qtest"));
    g_ptr_array_add(argv, g_strdup_printf("unix:%s/qtest", folder));
    add_args(argv, "-qtest-log /dev/null");
    g_ptr_array_add(argv, g_strdup("-qmp"));
    g_ptr_array_add(argv, g_strdup_printf("unix:%s/qmp", folder));
    g_ptr_array_add(argv, g_strdup("-device"));
    g_ptr_array_add(argv, g_strdup_printf("%s,id=gpu,addr=04.0%s",
                                          options->device ? options->device : "virtio-gpu-gl",
                                          options->properties ? options->properties : ""));
    add_args(argv, options->extra_args);
    g_ptr_array_add(argv, NULL);
    return argv;
}

static void before_exec(void *data)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static void spawn(struct guest_qemu *qemu, const struct guest_options *options)
{
    GPtrArray *argv = command_line(options, qemu->folder, qemu->ram_bytes);
    char **env = g_get_environ();
    if (guest_is_stock())
        env = g_environ_unsetenv(env, "QEMU_MODULE_DIR");
    env = g_environ_setenv(env, "LIBGL_ALWAYS_SOFTWARE", "1", FALSE);
    /* A sanitizer's runtime must be there before the module that was built with it. */
    const char *preload = g_getenv("QEMU_PRELOAD");
    if (preload && !guest_is_stock())
        env = g_environ_setenv(env, "LD_PRELOAD", preload, TRUE);
    GError *error = NULL;
    if (!g_spawn_async(NULL, (char **)argv->pdata, env,
                       G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH, before_exec, NULL,
                       &qemu->pid, &error))
        g_error("%s", error->message);
    g_strfreev(env);
    g_ptr_array_free(argv, TRUE);
}

struct guest_qemu *guest_qemu_start(const struct guest_options *options)
{
    struct guest_qemu *qemu = g_new0(struct guest_qemu, 1);
    qemu->ram_bytes = (uint64_t)(options->ram_mib ? options->ram_mib : 64) << 20;
    qemu->folder = g_dir_make_tmp("mantua-XXXXXX", NULL);
    g_assert_nonnull(qemu->folder);
    char *rom = g_build_filename(qemu->folder, "rom", NULL);
    char *ram = g_build_filename(qemu->folder, "ram", NULL);
    char *qtest = g_build_filename(qemu->folder, "qtest", NULL);
    char *qmp = g_build_filename(qemu->folder, "qmp", NULL);
    write_rom(rom);
    int ram_fd = open(ram, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    g_assert_cmpint(ram_fd, >=, 0);
    g_assert_cmpint(ftruncate(ram_fd, (off_t)qemu->ram_bytes), ==, 0);
    qemu->ram = mmap(NULL, qemu->ram_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ram_fd, 0);
    g_assert_true(qemu->ram != MAP_FAILED);
    close(ram_fd);
    int qtest_listener = listen_on(qtest);
    int qmp_listener = listen_on(qmp);
    spawn(qemu, options);
    qemu->qmp.fd = accept_from(qmp_listener);
    qemu->qtest.fd = accept_from(qtest_listener);
    char greeting[4096];
    read_line(&qemu->qmp, greeting, sizeof(greeting));
    g_free(guest_qemu_qmp(qemu, "{\"execute\":\"qmp_capabilities\"}"));
    /* Devices are made after the sockets: an answer means that all is up. */
    guest_qemu_qtest(qemu, "readb 0x0");
    g_free(rom);
    g_free(ram);
    g_free(qtest);
    g_free(qmp);
    return qemu;
}

static void remove_folder(const char *folder)
{
    GDir *dir = g_dir_open(folder, 0, NULL);
    const char *name;
    while (dir && (name = g_dir_read_name(dir)) != NULL) {
        char *path = g_build_filename(folder, name, NULL);
        g_unlink(path);
        g_free(path);
    }
    if (dir)
        g_dir_close(dir);
    g_rmdir(folder);
}

void guest_qemu_stop(struct guest_qemu *qemu)
{
    static const char quit[] = "{\"execute\":\"quit\"}\n";
    send_all(qemu->qmp.fd, quit, strlen(quit));
    int status;
    g_assert_cmpint(waitpid(qemu->pid, &status, 0), ==, qemu->pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        g_error("QEMU ended with status 0x%x", (unsigned int)status);
    close(qemu->qmp.fd);
    close(qemu->qtest.fd);
    munmap(qemu->ram, qemu->ram_bytes);
    remove_folder(qemu->folder);
    g_free(qemu->folder);
    g_free(qemu);
}

void *guest_qemu_ram(struct guest_qemu *qemu, uint64_t *bytes)
{
    *bytes = qemu->ram_bytes;
    return qemu->ram;
}

const char *guest_qemu_folder(const struct guest_qemu *qemu)
{
    return qemu->folder;
}

uint64_t guest_qemu_qtest(struct guest_qemu *qemu, const char *command)
{
    char line[4096];
    char *message = g_strdup_printf("%s\n", command);
    send_all(qemu->qtest.fd, message, strlen(message));
    g_free(message);
    do {
        read_line(&qemu->qtest, line, sizeof(line));
    } while (g_str_has_prefix(line, "IRQ "));
    if (!g_str_has_prefix(line, "OK"))
        g_error("qtest: %s: %s", command, line);
    return g_ascii_strtoull(line + 2, NULL, 0);
}

char *guest_qemu_qmp(struct guest_qemu *qemu, const char *command)
{
    char *line = g_malloc(65536);
    char *message = g_strdup_printf("%s\n", command);
    send_all(qemu->qmp.fd, message, strlen(message));
    g_free(message);
    do {
        read_line(&qemu->qmp, line, 65536);
    } while (strstr(line, "\"event\"") && !g_str_has_prefix(line, "{\"return\""));
    return line;
}

uint64_t guest_qemu_resident_bytes(const struct guest_qemu *qemu)
{
    char path[64];
    char *text;
    g_snprintf(path, sizeof(path), "/proc/%d/status", (int)qemu->pid);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    /* Anonymous memory alone: the guest's memory is a file. */
    const char *line = strstr(text, "RssAnon:");
    uint64_t kib = line ? g_ascii_strtoull(line + strlen("RssAnon:"), NULL, 10) : 0;
    g_free(text);
    return kib << 10;
}
