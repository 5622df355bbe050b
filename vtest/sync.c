/* SPDX-License-Identifier: MIT */
#include "sync.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct sync {
    uint64_t value;
};

struct sync_wait {
    struct sync_wait *next; /* in sync_set.waits */
    int fd;
    uint64_t deadline_ns; /* UINT64_MAX: never */
    bool any;
    uint32_t count;
    struct sync_point points[];
};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

static void wait_destroy(struct sync_set *set, struct sync_wait *wait)
{
    set->wait_count--;
    close(wait->fd);
    free(wait);
}

static void drop_sync(void *value, void *data)
{
    free(value);
}

void sync_set_finish(struct sync_set *set)
{
    while (set->waits) {
        struct sync_wait *wait = set->waits;

        set->waits = wait->next;
        wait_destroy(set, wait);
    }
    id_table_clear(&set->syncs, drop_sync, NULL);
    *set = (struct sync_set) {0};
}

int sync_create(struct sync_set *set, uint64_t value, uint32_t *id)
{
    struct sync *sync;
    int error;

    if (set->syncs.count >= SYNC_MAX_COUNT) {
        return -ENOSPC;
    }
    do {
        set->next_id++;
    } while (set->next_id == 0 || id_table_find(&set->syncs, set->next_id));

    sync = malloc(sizeof(*sync));
    if (!sync) {
        return -ENOMEM;
    }
    sync->value = value;
    error = id_table_insert(&set->syncs, set->next_id, sync);
    if (error) {
        free(sync);
        return error;
    }
    *id = set->next_id;
    return 0;
}

void sync_unref(struct sync_set *set, uint32_t id)
{
    free(id_table_remove(&set->syncs, id));
}

bool sync_read(const struct sync_set *set, uint32_t id, uint64_t *value)
{
    const struct sync *sync = id_table_find(&set->syncs, id);

    if (!sync) {
        return false;
    }
    *value = sync->value;
    return true;
}

static bool point_reached(const struct sync_set *set, const struct sync_point *point)
{
    uint64_t value;

    return sync_read(set, point->sync_id, &value) && value >= point->value;
}

/*
 * Reached points are taken out of a wait for all, so that a value that was reached counts even when
 * a lower one is written later.
 */
static bool wait_reached(const struct sync_set *set, struct sync_wait *wait)
{
    uint32_t left = 0;

    for (uint32_t i = 0; i < wait->count; i++) {
        if (!point_reached(set, &wait->points[i])) {
            wait->points[left++] = wait->points[i];
        } else if (wait->any) {
            return true;
        }
    }
    wait->count = left;
    return left == 0;
}

static void signal_fd(int fd)
{
    uint64_t one = 1;

    while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR) {
    }
}

/* Signal what is reached and forget what is too old. */
static void check_waits(struct sync_set *set)
{
    struct sync_wait **link = &set->waits;
    uint64_t now = set->waits ? now_ns() : 0;

    while (*link) {
        struct sync_wait *wait = *link;
        bool reached = wait_reached(set, wait);

        if (reached) {
            signal_fd(wait->fd);
        }
        if (reached || wait->deadline_ns <= now) {
            *link = wait->next;
            wait_destroy(set, wait);
        } else {
            link = &wait->next;
        }
    }
}

bool sync_write(struct sync_set *set, uint32_t id, uint64_t value)
{
    struct sync *sync = id_table_find(&set->syncs, id);

    if (!sync) {
        return false;
    }
    sync->value = value;
    check_waits(set);
    return true;
}

static uint64_t deadline(uint32_t timeout_ms)
{
    return timeout_ms > INT32_MAX ? UINT64_MAX : now_ns() + (uint64_t) timeout_ms * 1000000u;
}

int sync_wait(struct sync_set *set, const struct sync_point *points, uint32_t count, bool any,
              uint32_t timeout_ms, int *fd)
{
    struct sync_wait *wait;
    uint64_t value;

    for (uint32_t i = 0; i < count; i++) {
        if (!sync_read(set, points[i].sync_id, &value)) {
            return -EINVAL;
        }
    }
    check_waits(set);
    if (set->wait_count >= SYNC_MAX_WAITS) {
        return -ENOSPC;
    }

    wait = malloc(sizeof(*wait) + (size_t) count * sizeof(*points));
    if (!wait) {
        return -ENOMEM;
    }
    wait->any = any;
    wait->count = count;
    memcpy(wait->points, points, (size_t) count * sizeof(*points));
    wait->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    *fd = wait->fd < 0 ? -1 : fcntl(wait->fd, F_DUPFD_CLOEXEC, 0);
    if (*fd < 0) {
        int error = -errno;

        if (wait->fd >= 0) {
            close(wait->fd);
        }
        free(wait);
        return error;
    }
    wait->deadline_ns = deadline(timeout_ms);
    wait->next = set->waits;
    set->waits = wait;
    set->wait_count++;
    check_waits(set);
    return 0;
}
