/* SPDX-License-Identifier: MIT */
#include "record_memory.h"

#include <glib.h>
#include <string.h>

#define PAGE_BYTES 4096u

struct backing {
    const struct iovec *iov;
    int count;
    size_t size_bytes;
    uint8_t *seen;  /* as told last */
    uint8_t *now;
};

static GHashTable *backings;

static void free_backing(void *value)
{
    struct backing *backing = value;

    g_free(backing->seen);
    g_free(backing->now);
    g_free(backing);
}

void record_memory_attach(uint32_t resource, const struct iovec *iov, int count)
{
    struct backing *backing = g_new0(struct backing, 1);

    if (!backings) {
        backings = g_hash_table_new_full(NULL, NULL, NULL, free_backing);
    }
    backing->iov = iov;
    backing->count = count;
    for (int i = 0; i < count; i++) {
        backing->size_bytes += iov[i].iov_len;
    }
    backing->seen = g_malloc0(backing->size_bytes);
    backing->now = g_malloc(backing->size_bytes);
    g_hash_table_insert(backings, GUINT_TO_POINTER(resource), backing);
}

void record_memory_detach(uint32_t resource)
{
    if (backings) {
        g_hash_table_remove(backings, GUINT_TO_POINTER(resource));
    }
}

static struct backing *find(uint32_t resource)
{
    return backings ? g_hash_table_lookup(backings, GUINT_TO_POINTER(resource)) : NULL;
}

size_t record_memory_size(uint32_t resource)
{
    struct backing *backing = find(resource);

    return backing ? backing->size_bytes : 0;
}

void record_memory_gather(const struct iovec *iov, int count, uint8_t *to)
{
    for (int i = 0; i < count; i++) {
        memcpy(to, iov[i].iov_base, iov[i].iov_len);
        to += iov[i].iov_len;
    }
}

void record_memory_changes(uint32_t resource, void (*changed)(uint32_t resource, size_t offset,
                                                              const void *bytes, size_t count))
{
    struct backing *backing = find(resource);

    if (!backing) {
        return;
    }
    record_memory_gather(backing->iov, backing->count, backing->now);
    for (size_t at = 0; at < backing->size_bytes; at += PAGE_BYTES) {
        size_t bytes = MIN(PAGE_BYTES, backing->size_bytes - at);

        if (memcmp(backing->seen + at, backing->now + at, bytes) != 0) {
            memcpy(backing->seen + at, backing->now + at, bytes);
            changed(resource, at, backing->now + at, bytes);
        }
    }
}

void record_memory_clear(void)
{
    if (backings) {
        g_hash_table_remove_all(backings);
    }
}
