/* SPDX-License-Identifier: MIT */
#ifndef RECORD_MEMORY_H
#define RECORD_MEMORY_H

/*
 * What the backing memory of resources held when it was last looked at. Clients write to it when
 * they like; the recorder looks when the renderer is about to read it.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* A resource gets backing, taken to hold zeros. The array must live until the detach. */
void record_memory_attach(uint32_t resource, const struct iovec *iov, int count);

/* Unknown resources are ignored. */
void record_memory_detach(uint32_t resource);

/* Bytes of backing; 0 without any. */
size_t record_memory_size(uint32_t resource);

/* Tell every page that has changed since the last time. Unknown resources are ignored. */
void record_memory_changes(uint32_t resource, void (*changed)(uint32_t resource, size_t offset,
                                                              const void *bytes, size_t count));

/* Copy all bytes of an iov to one place. */
void record_memory_gather(const struct iovec *iov, int count, uint8_t *to);

void record_memory_clear(void);

#endif
