/* SPDX-License-Identifier: MIT */
#ifndef FAKE_RENDERER_H
#define FAKE_RENDERER_H

/*
 * A renderer that draws nothing: it keeps the ids and the pixels of what it is told, so that tests
 * see what reached it. Fences pass when the test says so, or at once.
 */

#include "renderer_ops.h"

extern const struct vgpu_renderer_ops fake_renderer;

/* Forget everything; to be called while no device exists. */
void fake_renderer_reset(void);

/* All fences made so far pass, those of a later create_fence at once when automatic is true. */
void fake_renderer_fences(bool automatic);
void fake_renderer_pass_fences(void);
/* Fences of one (context, ring) only. */
void fake_renderer_pass_fences_of(uint32_t ctx_id, uint32_t ring_idx);

/* The next call that can fail does so with this error. */
void fake_renderer_fail_next(int error);

/* What it holds now. */
unsigned int fake_renderer_resources(void);
unsigned int fake_renderer_contexts(void);
unsigned int fake_renderer_mapped(void);
unsigned int fake_renderer_with_iov(void);
unsigned int fake_renderer_submits(void);
bool fake_renderer_attached(uint32_t ctx_id, uint32_t resource_id);

#endif
