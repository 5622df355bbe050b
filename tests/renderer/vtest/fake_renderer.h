/* SPDX-License-Identifier: MIT */
#ifndef FAKE_RENDERER_H
#define FAKE_RENDERER_H

/*
 * A renderer without graphics, for tests and fuzzing of its users: resources are flat bytes, command
 * streams are only counted, and fences pass when the test says so. It defines the functions of
 * virglrenderer.h that the vtest server calls.
 */

#include <stdbool.h>
#include <stdint.h>

struct fake_renderer {
    bool hold_fences;         /* fences wait for fake_renderer_pass_fences() */
    int submit_result;        /* of the next submissions */
    int create_result;        /* of the next resource creations */
    int init_result;
    unsigned capset2_bytes;   /* 0: the set is not offered */

    /* What has happened. */
    unsigned contexts;        /* alive */
    unsigned resources;       /* alive */
    unsigned fences;          /* created */
    unsigned submissions;
    uint64_t submitted_dwords;
    uint32_t last_first_dword; /* first dword of the newest stream */
    bool misaligned_stream;
    uint32_t context_capset;   /* of the newest context */
};

extern struct fake_renderer fake_renderer;

/* Back to the beginning. Nothing may be alive. */
void fake_renderer_reset(void);

/* All fences created so far may be reported at the next poll. */
void fake_renderer_pass_fences(void);

#endif
