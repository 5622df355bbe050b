/* SPDX-License-Identifier: MIT */
#ifndef VIRGL_ENCODER_H
#define VIRGL_ENCODER_H

/*
 * The guest's side of the virgl stream: a bounded buffer of dwords to which the generated encoders
 * of virgl_encode.h append whole commands. Plain C11, no allocation, no library but string.h.
 *
 *     uint32_t dwords[1024];
 *     struct virgl_encoder encoder;
 *
 *     virgl_encoder_init(&encoder, dwords, 1024);
 *     virgl_encode_cmd_clear(&encoder, &clear);
 *     virgl_encode_cmd_draw_vbo(&encoder, &draw);
 *     if (virgl_encoder_ok(&encoder))
 *         submit(dwords, encoder.used_dwords);
 *
 * Failure is sticky: after a command that did not fit or was not valid, nothing more is written,
 * and one check at the end is enough. An encoder belongs to one thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "virgl_commands.h"

struct virgl_encoder {
    uint32_t *dwords;        /* the caller's buffer */
    size_t capacity_dwords;
    size_t used_dwords;
    bool overflow;           /* a command did not fit */
    bool invalid;            /* a struct contradicted itself */
};

void virgl_encoder_init(struct virgl_encoder *encoder, uint32_t *dwords, size_t capacity_dwords);

/* Forgets the contents and the failures. */
void virgl_encoder_reset(struct virgl_encoder *encoder);

static inline bool virgl_encoder_ok(const struct virgl_encoder *encoder)
{
    return !encoder->overflow && !encoder->invalid;
}

static inline size_t virgl_encoder_free_dwords(const struct virgl_encoder *encoder)
{
    return encoder->capacity_dwords - encoder->used_dwords;
}

/* For the generated encoders: appends the header and `length_dwords` zeros and returns where the
 * payload starts, or NULL on failure (payload too long: invalid; no room: overflow). */
uint32_t *virgl_encoder_command(struct virgl_encoder *encoder, uint32_t command,
                                uint32_t object_type, uint32_t length_dwords);

/* For the generated encoders: marks the encoder, returns false. */
bool virgl_encoder_invalid(struct virgl_encoder *encoder);

static inline uint32_t virgl_dword_of_float(float value)
{
    uint32_t dword;

    memcpy(&dword, &value, sizeof(dword));
    return dword;
}

/*
 * A shader whose text may be longer than one packet or than the free part of the buffer. `shader`
 * gives handle, stage, num_tokens and stream output; its offlen and text members are ignored.
 * `text` has `text_bytes` bytes, the terminating NUL included. Start with *sent_bytes = 0 and call
 * until the result is VIRGL_UPLOAD_DONE; on VIRGL_UPLOAD_FULL submit the buffer, reset the encoder
 * and call again. No other CREATE_OBJECT of a shader of that stage may come in between. A buffer of
 * 256 dwords is always large enough to make progress.
 */
enum virgl_upload {
    VIRGL_UPLOAD_DONE,
    VIRGL_UPLOAD_FULL,
    VIRGL_UPLOAD_INVALID, /* bad arguments; the encoder is marked too */
};

enum virgl_upload virgl_encode_shader_text(struct virgl_encoder *encoder,
                                           const struct virgl_obj_shader *shader, const char *text,
                                           uint32_t text_bytes, uint32_t *sent_bytes);

/* Pixels or buffer bytes to write with RESOURCE_INLINE_WRITE, in as many packets as it takes. */
struct virgl_inline_upload {
    uint32_t resource;
    uint32_t level;
    uint32_t usage;              /* bits of enum virgl_transfer_usage */
    uint32_t x, y, z;            /* texels; bytes for buffers */
    uint32_t width, height, depth;
    uint32_t block_w_px, block_h_px, block_bytes; /* 1, 1, 1 for buffers */
    const void *data;
    size_t stride_bytes;         /* between block rows of `data` */
    size_t layer_stride_bytes;   /* between layers of `data` */
    /* Progress, zero at the start. */
    uint32_t layer;              /* layers that are complete */
    uint32_t row;                /* block rows that are complete in this layer */
    uint32_t column;             /* blocks that are complete in this row */
};

/* Appends packets until everything is written (DONE) or the buffer is full (FULL: submit, reset,
 * call again). Packets hold whole rows where a row fits, else a part of one row. */
enum virgl_upload virgl_encode_inline_upload(struct virgl_encoder *encoder,
                                             struct virgl_inline_upload *upload);

#endif /* VIRGL_ENCODER_H */
