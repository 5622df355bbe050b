/* SPDX-License-Identifier: MIT */
/* Commands that touch no drawing state. */
#include "internal.h"

int front_nop(struct front_context *ctx, const struct virgl_cmd_nop *cmd)
{
    return 0;
}

int front_end_transfers(struct front_context *ctx, const struct virgl_cmd_end_transfers *cmd)
{
    return 0;
}

int front_get_memory_info(struct front_context *ctx, const struct virgl_cmd_get_memory_info *cmd)
{
    struct resource *buffer = front_resource(ctx, cmd->buffer);
    uint32_t kib[6] = { 0 };
    struct virgl_memory_info info;

    if (!buffer || !front_has_guest_memory(buffer, sizeof(info)))
        return front_fail_resource(ctx, "buffer", cmd->buffer,
                                   "not memory that the guest can read, or too small");
    if (!ctx->ops->memory_info(ctx->backend, kib))
        memset(kib, 0, sizeof(kib));
    info = (struct virgl_memory_info){
        .total_device_memory = kib[0],
        .avail_device_memory = kib[1],
        .total_staging_memory = kib[2],
        .avail_staging_memory = kib[3],
        .device_memory_evicted = kib[4],
        .nr_device_memory_evictions = kib[5],
    };
    front_write_guest_memory(buffer, 0, &info, sizeof(info));
    return 0;
}

int front_string_marker(struct front_context *ctx, const struct virgl_cmd_string_marker *cmd)
{
    const char *text = (const char *)cmd->text;

    ctx->ops->string_marker(ctx->sub->back, text, (uint32_t)strnlen(text, cmd->text_size));
    return 0;
}

int front_set_tweaks(struct front_context *ctx, const struct virgl_cmd_set_tweaks *cmd)
{
    if (cmd->id < VIRGL_TWEAK_COUNT)
        ctx->ops->set_tweak(ctx->sub->back, cmd->id, cmd->value);
    return 0;
}

/* Guests may ask for host logging; only the host's own MANTUA_DEBUG decides. */
int front_set_debug_flags(struct front_context *ctx, const struct virgl_cmd_set_debug_flags *cmd)
{
    return 0;
}

/* Known from a guest header alone, without a capability that would announce it. */
int front_query_gbm_format_modifier(struct front_context *ctx,
                                    const struct virgl_cmd_query_gbm_format_modifier *cmd)
{
    return 0;
}

/* Video: no capability is announced (num_video_caps is 0), so a guest that uses it is wrong. */
#define NO_VIDEO(stem)                                                                             \
    int front_##stem(struct front_context *ctx, const struct virgl_cmd_##stem *cmd)                \
    {                                                                                              \
        return front_fail_unsupported(ctx, "video");                                               \
    }
NO_VIDEO(create_video_codec)
NO_VIDEO(destroy_video_codec)
NO_VIDEO(create_video_buffer)
NO_VIDEO(destroy_video_buffer)
NO_VIDEO(begin_frame)
NO_VIDEO(decode_bitstream)
NO_VIDEO(encode_bitstream)
NO_VIDEO(end_frame)
#undef NO_VIDEO

/* Reserved, without a payload: does nothing. */
int front_decode_macroblock(struct front_context *ctx, const struct virgl_cmd_decode_macroblock *cmd)
{
    return 0;
}
