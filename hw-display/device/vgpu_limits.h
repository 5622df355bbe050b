/* SPDX-License-Identifier: MIT */
#ifndef VGPU_LIMITS_H
#define VGPU_LIMITS_H

/* Bounds on what a guest can ask for, beside max_hostmem_bytes. */

#define VGPU_MAX_BACKING_ENTRIES 16384u
/* A guest page range may fall apart into several host ranges; no honest one does often. */
#define VGPU_MAX_BACKING_RANGES (4u * VGPU_MAX_BACKING_ENTRIES)
/* Largest readable part of a chain that is copied. */
#define VGPU_MAX_REQUEST_BYTES (32u << 20)
/* Copies that may wait for the render thread before chains are left in the virtqueue. */
#define VGPU_MAX_QUEUED_BYTES (64u << 20)
/* Counted against the memory limit for the device's own book-keeping. */
#define VGPU_RESOURCE_COST_BYTES 1024u
#define VGPU_CONTEXT_COST_BYTES (64u << 10)
#define VGPU_MAX_CAPSETS 3
#define VGPU_MAX_CAPSET_BYTES (64u << 10)
#define VGPU_MAX_RINGS 64
#define VGPU_MIN_SCANOUT_PX 16u
/* Larger than any display or GL texture; keeps products of two of them in 64 bits with room. */
#define VGPU_MAX_DIMENSION 65536u
/* Rate limit of guest error messages. */
#define VGPU_LOG_BURST 10
#define VGPU_LOG_WINDOW_US 1000000

#endif
