/* SPDX-License-Identifier: MIT */
#include "decode.h"

#include <errno.h>
#include <stddef.h>

#include "core/debug.h"
#include "core/log.h"
#include "front/commands.h"
#include "front/context.h"
#include "virgl_dump.h"
#include "virgl_unpack.h"

#define unlikely(x) __builtin_expect(!!(x), 0)

/* One function per command keeps every struct off the others' stack. */
#define RUN(NAME, stem)                                                                            \
    static inline int run_##stem(struct front_context *ctx, const uint32_t *payload,               \
                                 uint32_t length_dwords)                                           \
    {                                                                                              \
        struct virgl_cmd_##stem cmd;                                                               \
                                                                                                   \
        if (unlikely(!virgl_unpack_cmd_##stem(payload, length_dwords, &cmd, front_fault(ctx))))    \
            return EINVAL;                                                                         \
        return front_##stem(ctx, &cmd);                                                            \
    }
VIRGL_COMMANDS(RUN)
#undef RUN

static __attribute__((cold, noinline)) int fail(struct front_context *ctx, const char *field,
                                                uint64_t value, uint64_t limit, const char *what)
{
    *front_fault(ctx) = (struct virgl_unpack_error){
        .command = "submission",
        .field = field,
        .value = value,
        .limit = limit,
        .what = what,
        .error = VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER,
    };
    return EINVAL;
}

static int run(struct front_context *ctx, uint32_t header, const uint32_t *payload)
{
    const uint32_t length_dwords = virgl_header_length_dwords(header);

    if (unlikely(!front_command_begin(ctx, header, payload)))
        return EINVAL;
    switch (virgl_header_command(header)) {
#define CASE(NAME, stem)                                                                           \
    case VIRGL_COMMAND_##NAME:                                                                     \
        return run_##stem(ctx, payload, length_dwords);
        VIRGL_COMMANDS(CASE)
#undef CASE
    default:
        return fail(ctx, "command", virgl_header_command(header), VIRGL_COMMAND_COUNT - 1,
                    "unknown command");
    }
}

static void print_line(void *user, const char *line)
{
    log_message(user, LOG_LEVEL_INFO, "%s", line);
}

int decode_submit(struct front_context *ctx, const uint32_t *words, uint32_t length_dwords)
{
    const bool dump = (front_debug(ctx) & DEBUG_CMD) && front_log(ctx);
    uint32_t left_dwords = length_dwords;
    int error = 0;

    if (unlikely(!front_submission_begin(ctx)))
        return EINVAL;
    while (left_dwords > 0) {
        const uint32_t header = *words++;
        const uint32_t payload_dwords = virgl_header_length_dwords(header);

        left_dwords--;
        if (unlikely(payload_dwords > left_dwords))
            error = fail(ctx, "length", payload_dwords, left_dwords,
                         "payload runs past the end of the submission");
        else
            error = run(ctx, header, words);
        if (unlikely(dump))
            virgl_dump_stream(words - 1,
                              1 + (payload_dwords < left_dwords ? payload_dwords : left_dwords),
                              print_line, front_log(ctx));
        if (unlikely(error)) {
            front_submission_fail(ctx, header);
            break;
        }
        words += payload_dwords;
        left_dwords -= payload_dwords;
    }
    front_submission_end(ctx);
    return error ? EINVAL : 0;
}
