/* SPDX-License-Identifier: MIT */
#include "shm.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int shm_init(struct shm *shm, size_t size_bytes, int *fd)
{
    int memory = memfd_create("vtest-resource", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    void *address;
    int error;

    if (memory < 0) {
        return -errno;
    }
    if (ftruncate(memory, (off_t) size_bytes) < 0 ||
        fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        error = -errno;
        close(memory);
        return error;
    }
    address = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    if (address == MAP_FAILED) {
        error = -errno;
        close(memory);
        return error;
    }
    shm->address = address;
    shm->size_bytes = size_bytes;
    *fd = memory;
    return 0;
}

void shm_finish(struct shm *shm)
{
    if (shm->address) {
        munmap(shm->address, shm->size_bytes);
    }
    *shm = (struct shm) {0};
}
