/* SPDX-License-Identifier: MIT */
#ifndef REPLAY_PLAYER_H
#define REPLAY_PLAYER_H

/* Plays a recording on a library, in this process. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct replay_result {
    uint64_t draws;         /* in the part that was measured */
    uint64_t submit_ns;     /* processor time of its submissions */
    uint64_t all_draws;     /* in the whole recording */
    uint64_t all_submit_ns;
    uint32_t failed_calls;
    uint32_t first_failed; /* enum replay_kind */
};

/*
 * Play the recording of `size_bytes` bytes, aligned to 8, on the library at `path`. Measured are the
 * submissions of the second half of the draws, when everything has been used once. False, with a
 * message on standard error, when the recording is damaged or the library cannot start.
 */
bool replay_play(const uint8_t *recording, size_t size_bytes, const char *path,
                 struct replay_result *result);

#endif
