/* SPDX-License-Identifier: MIT */
#ifndef VTEST_SHM_H
#define VTEST_SHM_H

#include <stddef.h>

/* Anonymous shared memory, mapped here and shared with a client through its descriptor. */
struct shm {
    void *address; /* NULL: none */
    size_t size_bytes;
};

/*
 * Make zeroed shared memory of size_bytes (not 0). *fd is the descriptor for the client, owned by
 * the caller; its size is sealed, so that a client cannot pull the pages away from under us. Returns
 * 0 or a negative errno.
 */
int shm_init(struct shm *shm, size_t size_bytes, int *fd);

/* Unmaps; harmless on an all-zero struct. */
void shm_finish(struct shm *shm);

#endif
