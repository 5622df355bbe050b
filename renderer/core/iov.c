/* SPDX-License-Identifier: MIT */
#include "resource.h"

#include <string.h>

size_t iov_size(const struct iovec *iov, uint32_t iov_count)
{
    size_t total = 0;

    for (uint32_t i = 0; i < iov_count; i++) {
        /* Lengths are the embedder's, who cannot have more memory than there are addresses. */
        if (__builtin_add_overflow(total, iov[i].iov_len, &total)) {
            return SIZE_MAX;
        }
    }
    return total;
}

/* Moves bytes between one flat piece of memory and the vector. */
static size_t move(const struct iovec *iov, uint32_t iov_count, size_t offset, uint8_t *flat,
                   size_t bytes, bool to_vector)
{
    size_t done = 0;

    for (uint32_t i = 0; i < iov_count && done < bytes; i++) {
        size_t piece = iov[i].iov_len;

        if (offset >= piece) {
            offset -= piece;
            continue;
        }
        piece -= offset;
        if (piece > bytes - done) {
            piece = bytes - done;
        }
        uint8_t *memory = (uint8_t *)iov[i].iov_base + offset;
        if (to_vector) {
            memcpy(memory, flat + done, piece);
        } else {
            memcpy(flat + done, memory, piece);
        }
        done += piece;
        offset = 0;
    }
    return done;
}

size_t iov_read(const struct iovec *iov, uint32_t iov_count, size_t offset_bytes, void *dst,
                size_t bytes)
{
    return move(iov, iov_count, offset_bytes, dst, bytes, false);
}

size_t iov_write(const struct iovec *iov, uint32_t iov_count, size_t offset_bytes, const void *src,
                 size_t bytes)
{
    return move(iov, iov_count, offset_bytes, (uint8_t *)(uintptr_t)src, bytes, true);
}

void *iov_contiguous(const struct iovec *iov, uint32_t iov_count, size_t offset_bytes,
                     size_t bytes)
{
    for (uint32_t i = 0; i < iov_count; i++) {
        if (offset_bytes < iov[i].iov_len) {
            bool fits = bytes <= iov[i].iov_len - offset_bytes;

            return fits ? (uint8_t *)iov[i].iov_base + offset_bytes : NULL;
        }
        offset_bytes -= iov[i].iov_len;
    }
    return NULL;
}
