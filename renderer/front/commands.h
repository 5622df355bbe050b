/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_FRONT_COMMANDS_H
#define MANTUA_FRONT_COMMANDS_H

/*
 * What the command loop calls: one function per command, front_<name>(), and the frame around a
 * submission. The structs have passed their unpackers, so lengths, enums and counts are right;
 * handles, resource ids and ranges are checked here.
 */

#include <stdbool.h>

#include "virgl_commands.h"
#include "virgl_unpack.h"

struct front_context;

/* 0, or EINVAL with the fault kept in the context (front_fault()). */
#define FRONT_DECLARE(NAME, stem)                                                                  \
    int front_##stem(struct front_context *ctx, const struct virgl_cmd_##stem *cmd);
VIRGL_COMMANDS(FRONT_DECLARE)
#undef FRONT_DECLARE

/* False when the context is in the error state (and not context 0): nothing may run. */
bool front_submission_begin(struct front_context *ctx);
void front_submission_end(struct front_context *ctx);

/* Announces the command that runs next; header and payload must be complete. False when the
 * sub-context that the command needs cannot be had. */
bool front_command_begin(struct front_context *ctx, uint32_t header, const uint32_t *payload);

/* Where an unpacker puts what is wrong. */
struct virgl_unpack_error *front_fault(struct front_context *ctx);

/* The current command failed with front_fault(): logs it and marks the context. */
void front_submission_fail(struct front_context *ctx, uint32_t header);

/* enum debug_flag of the context's host. */
uint32_t front_debug(const struct front_context *ctx);
struct log *front_log(const struct front_context *ctx);

#endif
