/* SPDX-License-Identifier: MIT */
/*
 * Linked programs on disk: one file per program, named by the digest of host and sources, written
 * under another name and renamed, so that processes can share the directory without locks. A file
 * that does not check out is removed. The directory is kept below its limit by removing the files
 * that were used longest ago.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/log.h"
#include "program.h"

#include <glib.h>

enum {
    DEFAULT_LIMIT_BYTES = 64 << 20,
    NAME_CHARS = 2 * GL_DIGEST_BYTES,
};

struct file_header {
    char magic[8];
    uint32_t format;
    uint32_t payload_bytes;
    uint8_t name[GL_DIGEST_BYTES];
    uint8_t payload_digest[GL_DIGEST_BYTES]; /* of format and payload */
};

static const char file_magic[8] = {'M', 'N', 'T', 'P', 'R', 'G', '0', '1'};

struct gl_program_disk {
    int dir_fd;
    struct log *log;
    char *host;
    uint64_t limit_bytes;
    uint64_t used_bytes; /* as of the last scan, and what was written since */
    bool scanned;
    uint32_t temporary_count;
};

static char *directory_path(void)
{
    const char *dir = getenv("MANTUA_CACHE_DIR");
    const char *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");

    if (dir && *dir)
        return g_strdup(dir);
    if (cache && *cache == '/')
        return g_build_filename(cache, "mantua", NULL);
    if (home && *home == '/')
        return g_build_filename(home, ".cache", "mantua", NULL);
    return NULL;
}

static uint64_t limit_from_environment(void)
{
    const char *text = getenv("MANTUA_CACHE_BYTES");
    char *end;
    uint64_t value;

    if (!text || !*text)
        return DEFAULT_LIMIT_BYTES;
    value = g_ascii_strtoull(text, &end, 10);
    return *end ? DEFAULT_LIMIT_BYTES : value;
}

struct gl_program_disk *gl_program_disk_open(const char *host, struct log *log)
{
    char *path = directory_path();
    struct gl_program_disk *disk;
    int fd = -1;

    if (path && limit_from_environment() > 0) {
        if (g_mkdir_with_parents(path, 0700) == 0)
            fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            log_message(log, LOG_LEVEL_INFO, "gl: no program cache in %s: %s", path,
                        strerror(errno));
    }
    g_free(path);
    if (fd < 0)
        return NULL;
    disk = g_new0(struct gl_program_disk, 1);
    disk->dir_fd = fd;
    disk->log = log;
    disk->host = g_strdup(host);
    disk->limit_bytes = limit_from_environment();
    return disk;
}

void gl_program_disk_close(struct gl_program_disk *disk)
{
    if (!disk)
        return;
    close(disk->dir_fd);
    g_free(disk->host);
    g_free(disk);
}

static void sha256(const void *a, size_t a_bytes, const void *b, size_t b_bytes,
                   uint8_t out[GL_DIGEST_BYTES])
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    gsize bytes = GL_DIGEST_BYTES;

    g_checksum_update(sum, a, (gssize)a_bytes);
    g_checksum_update(sum, b, (gssize)b_bytes);
    g_checksum_get_digest(sum, out, &bytes);
    g_checksum_free(sum);
}

static void file_name(const struct gl_program_disk *disk, const uint8_t key[GL_DIGEST_BYTES],
                      uint8_t digest[GL_DIGEST_BYTES], char name[NAME_CHARS + 1])
{
    sha256(key, GL_DIGEST_BYTES, disk->host, strlen(disk->host), digest);
    for (unsigned i = 0; i < GL_DIGEST_BYTES; i++)
        snprintf(name + 2 * i, 3, "%02x", digest[i]);
}

static bool read_all(int fd, void *data, size_t bytes)
{
    uint8_t *p = data;

    while (bytes) {
        ssize_t n = read(fd, p, bytes);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        bytes -= (size_t)n;
    }
    return true;
}

static bool write_all(int fd, const void *data, size_t bytes)
{
    const uint8_t *p = data;

    while (bytes) {
        ssize_t n = write(fd, p, bytes);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        bytes -= (size_t)n;
    }
    return true;
}

/* Reads and checks one file; NULL when it is not what it should be. */
static void *load_checked(const struct gl_program_disk *disk, int fd,
                          const uint8_t digest[GL_DIGEST_BYTES], struct file_header *header)
{
    uint8_t found[GL_DIGEST_BYTES];
    struct stat st;
    void *data;

    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !read_all(fd, header, sizeof(*header)))
        return NULL;
    if (memcmp(header->magic, file_magic, sizeof(file_magic)) ||
        memcmp(header->name, digest, GL_DIGEST_BYTES) || !header->payload_bytes ||
        (uint64_t)st.st_size != sizeof(*header) + (uint64_t)header->payload_bytes ||
        header->payload_bytes > disk->limit_bytes || header->payload_bytes > INT32_MAX)
        return NULL;
    data = g_try_malloc(header->payload_bytes);
    if (!data)
        return NULL;
    if (read_all(fd, data, header->payload_bytes)) {
        sha256(&header->format, sizeof(header->format), data, header->payload_bytes, found);
        if (!memcmp(found, header->payload_digest, GL_DIGEST_BYTES))
            return data;
    }
    g_free(data);
    return NULL;
}

bool gl_program_disk_load(struct gl_program_disk *disk, const uint8_t key[GL_DIGEST_BYTES],
                          GLenum *format, void **data, size_t *bytes)
{
    uint8_t digest[GL_DIGEST_BYTES];
    char name[NAME_CHARS + 1];
    struct file_header header;
    int fd;

    file_name(disk, key, digest, name);
    fd = openat(disk->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    *data = load_checked(disk, fd, digest, &header);
    if (*data)
        futimens(fd, NULL); /* used just now: what eviction goes by */
    close(fd);
    if (!*data) {
        log_message(disk->log, LOG_LEVEL_INFO, "gl: removing a damaged file of the program cache");
        unlinkat(disk->dir_fd, name, 0);
        return false;
    }
    *format = header.format;
    *bytes = header.payload_bytes;
    return true;
}

void gl_program_disk_discard(struct gl_program_disk *disk, const uint8_t key[GL_DIGEST_BYTES])
{
    uint8_t digest[GL_DIGEST_BYTES];
    char name[NAME_CHARS + 1];

    file_name(disk, key, digest, name);
    unlinkat(disk->dir_fd, name, 0);
}

struct cache_file {
    char name[NAME_CHARS + 1];
    int64_t used_ns;
    uint64_t bytes;
};

static int older_first(gconstpointer a, gconstpointer b)
{
    const struct cache_file *fa = a, *fb = b;

    return fa->used_ns < fb->used_ns ? -1 : fa->used_ns > fb->used_ns;
}

static bool is_cache_name(const char *name)
{
    return strlen(name) == NAME_CHARS && strspn(name, "0123456789abcdef") == NAME_CHARS;
}

static int64_t stat_time_ns(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

/* Temporary files of writers that died. */
static void remove_abandoned(struct gl_program_disk *disk, const char *name)
{
    struct stat st;

    if (!strncmp(name, "tmp-", 4) && !fstatat(disk->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) &&
        stat_time_ns(&st) / 1000 < g_get_real_time() - (gint64)3600 * G_USEC_PER_SEC)
        unlinkat(disk->dir_fd, name, 0);
}

static GArray *scan(struct gl_program_disk *disk)
{
    char path[64];
    GArray *files = g_array_new(FALSE, FALSE, sizeof(struct cache_file));
    const char *name;
    GDir *dir;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", disk->dir_fd);
    dir = g_dir_open(path, 0, NULL);
    disk->used_bytes = 0;
    while (dir && (name = g_dir_read_name(dir))) {
        struct cache_file f;
        struct stat st;

        if (!is_cache_name(name)) {
            remove_abandoned(disk, name);
            continue;
        }
        if (fstatat(disk->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
            continue;
        memcpy(f.name, name, sizeof(f.name));
        f.used_ns = stat_time_ns(&st);
        f.bytes = (uint64_t)st.st_size;
        disk->used_bytes += f.bytes;
        g_array_append_val(files, f);
    }
    if (dir)
        g_dir_close(dir);
    return files;
}

/* Makes room for bytes more. Other processes write too, so the directory is asked, not counted,
 * whenever the count says that it is nearly full. */
static bool make_room(struct gl_program_disk *disk, uint64_t bytes)
{
    GArray *files;

    if (bytes > disk->limit_bytes / 2)
        return false;
    if (disk->scanned && disk->used_bytes + bytes <= disk->limit_bytes)
        return true;
    files = scan(disk);
    disk->scanned = true;
    if (disk->used_bytes + bytes > disk->limit_bytes) {
        /* Down to three quarters, so that not every write has to do this again. */
        uint64_t target = disk->limit_bytes / 4 * 3;

        g_array_sort(files, older_first);
        for (guint i = 0; i < files->len && disk->used_bytes + bytes > target; i++) {
            const struct cache_file *f = &g_array_index(files, struct cache_file, i);

            if (!unlinkat(disk->dir_fd, f->name, 0))
                disk->used_bytes -= f->bytes;
        }
    }
    g_array_free(files, TRUE);
    return disk->used_bytes + bytes <= disk->limit_bytes;
}

void gl_program_disk_store(struct gl_program_disk *disk, const uint8_t key[GL_DIGEST_BYTES],
                           GLenum format, const void *data, size_t bytes)
{
    struct file_header header = {.format = format, .payload_bytes = (uint32_t)bytes};
    char name[NAME_CHARS + 1], temporary[64];
    bool ok;
    int fd;

    if (!bytes || bytes > INT32_MAX || !make_room(disk, sizeof(header) + bytes))
        return;
    memcpy(header.magic, file_magic, sizeof(file_magic));
    file_name(disk, key, header.name, name);
    sha256(&header.format, sizeof(header.format), data, bytes, header.payload_digest);

    snprintf(temporary, sizeof(temporary), "tmp-%ld-%p-%u", (long)getpid(), (void *)disk,
             disk->temporary_count++);
    fd = openat(disk->dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                0600);
    if (fd < 0)
        return;
    ok = write_all(fd, &header, sizeof(header)) && write_all(fd, data, bytes);
    ok = !close(fd) && ok;
    if (!ok || renameat(disk->dir_fd, temporary, disk->dir_fd, name))
        unlinkat(disk->dir_fd, temporary, 0);
    else
        disk->used_bytes += sizeof(header) + bytes;
}
