/* SPDX-License-Identifier: MIT */
#ifndef RECORDING_H
#define RECORDING_H

/* The file that winsys_record writes and vgpu-replay reads. It starts with RECORDING_MAGIC; then
 * come records: kind, number of payload bytes, payload, padded to dwords. Numbers are little-endian
 * dwords. Resource ids are those of the recorded session. */

#define RECORDING_MAGIC "VGPUREC1"
#define RECORDING_MAX_PAYLOAD_BYTES (256u << 20)

enum recording_kind {
    RECORDING_CREATE = 1, /* id, then struct vgpu_resource_desc */
    RECORDING_DESTROY,    /* id */
    RECORDING_MEMORY,     /* id, then the whole of its guest memory, changed since last time */
    RECORDING_UPLOAD,     /* id, level, x, y, z, width, height, depth */
    RECORDING_READ,       /* the same */
    RECORDING_SUBMIT,     /* the command stream */
};

#define RECORDING_TRANSFER_DWORDS 8

#endif /* RECORDING_H */
