/* SPDX-License-Identifier: MIT */
/* The program cache on disk: what it keeps, what it refuses, and that it stays in its bounds. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/log.h"
#include "gl/program.h"

struct fixture {
    char *dir;
    struct log log;
    struct gl_program_disk *disk;
};

static void ignore_line(void *user, enum log_level level, const char *line)
{
    (void)user;
    (void)level;
    (void)line;
}

static void set_up(struct fixture *f, gconstpointer limit)
{
    f->dir = g_dir_make_tmp("mantua-disk-XXXXXX", NULL);
    g_assert_nonnull(f->dir);
    g_setenv("MANTUA_CACHE_DIR", f->dir, TRUE);
    if (limit)
        g_setenv("MANTUA_CACHE_BYTES", limit, TRUE);
    else
        g_unsetenv("MANTUA_CACHE_BYTES");
    log_init(&f->log);
    f->log.write = ignore_line;
    f->disk = gl_program_disk_open("host one", &f->log);
}

static void tear_down(struct fixture *f, gconstpointer limit)
{
    GDir *dir = g_dir_open(f->dir, 0, NULL);
    const char *name;

    (void)limit;
    gl_program_disk_close(f->disk);
    while ((name = g_dir_read_name(dir))) {
        char *path = g_build_filename(f->dir, name, NULL);

        g_unlink(path);
        g_free(path);
    }
    g_dir_close(dir);
    g_assert_cmpint(g_rmdir(f->dir), ==, 0);
    g_free(f->dir);
}

static void make_key(uint8_t key[GL_DIGEST_BYTES], uint8_t number)
{
    memset(key, 0, GL_DIGEST_BYTES);
    key[0] = number;
}

static void store(struct fixture *f, uint8_t number, size_t bytes)
{
    uint8_t key[GL_DIGEST_BYTES];
    uint8_t *data = g_malloc(bytes);

    memset(data, number, bytes);
    make_key(key, number);
    gl_program_disk_store(f->disk, key, 1000u + number, data, bytes);
    g_free(data);
}

static bool load(struct gl_program_disk *disk, uint8_t number, size_t bytes)
{
    uint8_t key[GL_DIGEST_BYTES];
    GLenum format = 0;
    void *data = NULL;
    size_t found = 0;

    make_key(key, number);
    if (!gl_program_disk_load(disk, key, &format, &data, &found))
        return false;
    g_assert_cmpuint(format, ==, 1000u + number);
    g_assert_cmpuint(found, ==, bytes);
    for (size_t i = 0; i < found; i++)
        g_assert_cmpuint(((uint8_t *)data)[i], ==, number);
    g_free(data);
    return true;
}

static unsigned count_files(const char *path, uint64_t *bytes, char **last)
{
    GDir *dir = g_dir_open(path, 0, NULL);
    const char *name;
    unsigned count = 0;

    *bytes = 0;
    while ((name = g_dir_read_name(dir))) {
        char *file = g_build_filename(path, name, NULL);
        struct stat st;

        g_assert_cmpint(g_stat(file, &st), ==, 0);
        *bytes += (uint64_t)st.st_size;
        count++;
        if (last) {
            g_free(*last);
            *last = file;
        } else {
            g_free(file);
        }
    }
    g_dir_close(dir);
    return count;
}

static void test_keeps(struct fixture *f, gconstpointer limit)
{
    struct gl_program_disk *again;

    (void)limit;
    g_assert_nonnull(f->disk);
    g_assert_false(load(f->disk, 1, 100));
    store(f, 1, 100);
    store(f, 2, 5000);
    g_assert_true(load(f->disk, 1, 100));
    again = gl_program_disk_open("host one", &f->log);
    g_assert_true(load(again, 2, 5000));
    gl_program_disk_close(again);
}

static void test_other_host(struct fixture *f, gconstpointer limit)
{
    struct gl_program_disk *other;

    (void)limit;
    store(f, 1, 100);
    other = gl_program_disk_open("host two", &f->log);
    g_assert_false(load(other, 1, 100));
    gl_program_disk_close(other);
}

static void test_discard(struct fixture *f, gconstpointer limit)
{
    uint8_t key[GL_DIGEST_BYTES];

    (void)limit;
    store(f, 7, 64);
    make_key(key, 7);
    gl_program_disk_discard(f->disk, key);
    g_assert_false(load(f->disk, 7, 64));
}

/* Every single damaged byte is noticed, and the damaged file goes away. */
static void test_damage(struct fixture *f, gconstpointer limit)
{
    char *path = NULL;
    uint64_t bytes;
    gsize length;
    char *good;

    (void)limit;
    store(f, 3, 40);
    g_assert_cmpuint(count_files(f->dir, &bytes, &path), ==, 1);
    g_assert_true(g_file_get_contents(path, &good, &length, NULL));
    for (gsize i = 0; i < length; i++) {
        char *bad = g_memdup2(good, length);

        bad[i] ^= 0x10;
        g_assert_true(g_file_set_contents(path, bad, (gssize)length, NULL));
        g_free(bad);
        g_assert_false(load(f->disk, 3, 40));
        g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    }
    for (gsize cut = 0; cut < length; cut += 7) {
        g_assert_true(g_file_set_contents(path, good, (gssize)cut, NULL));
        g_assert_false(load(f->disk, 3, 40));
        g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
    }
    g_assert_true(g_file_set_contents(path, good, (gssize)length, NULL));
    g_assert_true(load(f->disk, 3, 40));
    g_free(good);
    g_free(path);
}

static void test_bounded(struct fixture *f, gconstpointer limit)
{
    uint64_t bytes;

    for (unsigned i = 0; i < 60; i++)
        store(f, (uint8_t)i, 1000);
    count_files(f->dir, &bytes, NULL);
    g_assert_cmpuint(bytes, <=, g_ascii_strtoull(limit, NULL, 10));
    g_assert_cmpuint(bytes, >, 4000);
    g_assert_true(load(f->disk, 59, 1000));
    /* What alone would fill most of the cache is not kept. */
    store(f, 200, 9000);
    g_assert_false(load(f->disk, 200, 9000));
}

/* Two processes that write the same files at once leave whole ones. */
static void test_two_writers(struct fixture *f, gconstpointer limit)
{
    int status;
    pid_t pid = fork();

    (void)limit;
    g_assert_cmpint(pid, >=, 0);
    for (unsigned round = 0; round < 20; round++) {
        for (unsigned i = 0; i < 10; i++)
            store(f, (uint8_t)i, 3000);
    }
    if (!pid)
        _exit(0);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(status, ==, 0);
    for (unsigned i = 0; i < 10; i++)
        g_assert_true(load(f->disk, (uint8_t)i, 3000));
}

static void test_switched_off(struct fixture *f, gconstpointer limit)
{
    (void)limit;
    g_assert_null(f->disk);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add("/gl/program-disk/keeps", struct fixture, NULL, set_up, test_keeps, tear_down);
    g_test_add("/gl/program-disk/other-host", struct fixture, NULL, set_up, test_other_host,
               tear_down);
    g_test_add("/gl/program-disk/discard", struct fixture, NULL, set_up, test_discard, tear_down);
    g_test_add("/gl/program-disk/damage", struct fixture, NULL, set_up, test_damage, tear_down);
    g_test_add("/gl/program-disk/bounded", struct fixture, "16000", set_up, test_bounded,
               tear_down);
    g_test_add("/gl/program-disk/two-writers", struct fixture, NULL, set_up, test_two_writers,
               tear_down);
    g_test_add("/gl/program-disk/switched-off", struct fixture, "0", set_up, test_switched_off,
               tear_down);
    return g_test_run();
}
