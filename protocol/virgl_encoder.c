/* SPDX-License-Identifier: MIT */
#include "virgl_encoder.h"

#include "virgl_encode.h"
#include "virgl_protocol.h"

/* Dwords of RESOURCE_INLINE_WRITE before its data. */
#define INLINE_WRITE_FIXED_DWORDS 11
/* Dwords of a shader packet before stream output and text. */
#define SHADER_FIXED_DWORDS 5

void virgl_encoder_init(struct virgl_encoder *encoder, uint32_t *dwords, size_t capacity_dwords)
{
    encoder->dwords = dwords;
    encoder->capacity_dwords = capacity_dwords;
    virgl_encoder_reset(encoder);
}

void virgl_encoder_reset(struct virgl_encoder *encoder)
{
    encoder->used_dwords = 0;
    encoder->overflow = false;
    encoder->invalid = false;
}

bool virgl_encoder_invalid(struct virgl_encoder *encoder)
{
    encoder->invalid = true;
    return false;
}

uint32_t *virgl_encoder_command(struct virgl_encoder *encoder, uint32_t command,
                                uint32_t object_type, uint32_t length_dwords)
{
    if (!virgl_encoder_ok(encoder))
        return NULL;
    if (length_dwords > VIRGL_MAX_PAYLOAD_DW_FIELD) {
        encoder->invalid = true;
        return NULL;
    }
    if (virgl_encoder_free_dwords(encoder) < (size_t)length_dwords + 1) {
        encoder->overflow = true;
        return NULL;
    }
    uint32_t *payload = encoder->dwords + encoder->used_dwords + 1;

    payload[-1] = virgl_header(command, object_type, length_dwords);
    memset(payload, 0, 4 * (size_t)length_dwords);
    encoder->used_dwords += (size_t)length_dwords + 1;
    return payload;
}

/* Payload dwords that the next packet may have, 0 when not even a header fits. */
static size_t packet_room(const struct virgl_encoder *encoder)
{
    size_t room = virgl_encoder_free_dwords(encoder);

    if (room == 0)
        return 0;
    room--;
    return room < VIRGL_GUEST_MAX_PACKET_DW ? room : VIRGL_GUEST_MAX_PACKET_DW;
}

/* One packet of shader text; `packet` names everything but the text. */
static bool shader_packet(struct virgl_encoder *encoder, struct virgl_obj_shader *packet,
                          const char *text, uint32_t text_bytes)
{
    packet->text = NULL;
    packet->text_dwords = 0;
    size_t header_at = encoder->used_dwords;
    if (!virgl_encode_obj_shader(encoder, packet))
        return false;
    /* Behind the last whole dword of the text the buffer must read as zeros. */
    uint32_t text_dwords = (text_bytes + 3) / 4;
    uint32_t *end = encoder->dwords + encoder->used_dwords;
    uint32_t length = virgl_header_length_dwords(encoder->dwords[header_at]) + text_dwords;

    end[text_dwords - 1] = 0;
    memcpy(end, text, text_bytes);
    encoder->used_dwords += text_dwords;
    encoder->dwords[header_at] = virgl_header(VIRGL_COMMAND_CREATE_OBJECT,
                                              VIRGL_OBJECT_TYPE_SHADER, length);
    return true;
}

enum virgl_upload virgl_encode_shader_text(struct virgl_encoder *encoder,
                                           const struct virgl_obj_shader *shader, const char *text,
                                           uint32_t text_bytes, uint32_t *sent_bytes)
{
    if (!virgl_encoder_ok(encoder))
        return VIRGL_UPLOAD_INVALID;
    if (text_bytes == 0 || text_bytes > INT32_MAX || text[text_bytes - 1] != '\0' ||
        *sent_bytes > text_bytes) {
        encoder->invalid = true;
        return VIRGL_UPLOAD_INVALID;
    }
    while (*sent_bytes < text_bytes) {
        struct virgl_obj_shader packet = *shader;
        size_t fixed = SHADER_FIXED_DWORDS;
        bool graphics = shader->stage != VIRGL_SHADER_STAGE_COMPUTE;

        packet.offlen_continuation = *sent_bytes > 0;
        packet.offlen_value = packet.offlen_continuation ? *sent_bytes : text_bytes;
        if (packet.offlen_continuation && graphics)
            packet.so_num_outputs = 0;
        if (graphics && packet.so_num_outputs > 0)
            fixed += 4 + 2 * (size_t)packet.so_num_outputs;

        size_t room = packet_room(encoder);
        if (room <= fixed)
            return VIRGL_UPLOAD_FULL;
        uint32_t left = text_bytes - *sent_bytes;
        uint32_t most = (uint32_t)(room - fixed) * 4;
        uint32_t piece = left < most ? left : most;

        if (!shader_packet(encoder, &packet, text + *sent_bytes, piece))
            return VIRGL_UPLOAD_INVALID;
        *sent_bytes += piece;
    }
    return VIRGL_UPLOAD_DONE;
}

static uint32_t blocks(uint32_t size_px, uint32_t block_px)
{
    return size_px / block_px + (size_px % block_px != 0);
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* A packet for `rows` block rows of `columns` blocks at the current position. */
static bool inline_packet(struct virgl_encoder *encoder, const struct virgl_inline_upload *upload,
                          uint32_t columns, uint32_t rows)
{
    uint32_t x = upload->column * upload->block_w_px;
    uint32_t y = upload->row * upload->block_h_px;
    uint32_t row_bytes = columns * upload->block_bytes;
    size_t data_bytes = (size_t)row_bytes * rows;
    uint32_t data_dwords = (uint32_t)((data_bytes + 3) / 4);
    uint32_t *words = virgl_encoder_command(encoder, VIRGL_COMMAND_RESOURCE_INLINE_WRITE, 0,
                                            INLINE_WRITE_FIXED_DWORDS + data_dwords);
    const uint8_t *source = (const uint8_t *)upload->data +
        upload->layer * upload->layer_stride_bytes + upload->row * upload->stride_bytes +
        (size_t)upload->column * upload->block_bytes;

    if (!words)
        return false;
    words[0] = upload->resource;
    words[1] = upload->level;
    words[2] = upload->usage;
    words[3] = row_bytes;
    words[4] = (uint32_t)data_bytes;
    words[5] = upload->x + x;
    words[6] = upload->y + y;
    words[7] = upload->z + upload->layer;
    words[8] = smaller(columns * upload->block_w_px, upload->width - x);
    words[9] = smaller(rows * upload->block_h_px, upload->height - y);
    words[10] = 1;
    for (uint32_t i = 0; i < rows; i++)
        memcpy((uint8_t *)(words + INLINE_WRITE_FIXED_DWORDS) + (size_t)i * row_bytes,
               source + i * upload->stride_bytes, row_bytes);
    return true;
}

static bool inline_upload_valid(const struct virgl_inline_upload *upload)
{
    if (!upload->data || upload->block_w_px == 0 || upload->block_h_px == 0 ||
        upload->block_bytes == 0 || upload->block_bytes > 64)
        return false;
    return upload->width > 0 && upload->width <= INT32_MAX / 64 && upload->height > 0 &&
        upload->height <= INT32_MAX / 64 && upload->depth > 0;
}

enum virgl_upload virgl_encode_inline_upload(struct virgl_encoder *encoder,
                                             struct virgl_inline_upload *upload)
{
    if (!virgl_encoder_ok(encoder))
        return VIRGL_UPLOAD_INVALID;
    if (!inline_upload_valid(upload)) {
        encoder->invalid = true;
        return VIRGL_UPLOAD_INVALID;
    }
    uint32_t row_count = blocks(upload->height, upload->block_h_px);
    uint32_t column_count = blocks(upload->width, upload->block_w_px);

    while (upload->layer < upload->depth) {
        size_t room = packet_room(encoder);
        size_t room_bytes = room > INLINE_WRITE_FIXED_DWORDS
            ? 4 * (room - INLINE_WRITE_FIXED_DWORDS) : 0;
        uint32_t columns = column_count - upload->column;
        uint32_t rows = 1;
        size_t row_bytes = (size_t)columns * upload->block_bytes;

        if (row_bytes <= room_bytes) {
            if (upload->column == 0)
                rows = smaller(row_count - upload->row, (uint32_t)(room_bytes / row_bytes));
        } else {
            columns = (uint32_t)(room_bytes / upload->block_bytes);
            if (columns == 0)
                return VIRGL_UPLOAD_FULL;
        }
        if (!inline_packet(encoder, upload, columns, rows))
            return VIRGL_UPLOAD_INVALID;
        upload->column += columns;
        if (upload->column == column_count) {
            upload->column = 0;
            upload->row += rows;
        }
        if (upload->row == row_count) {
            upload->row = 0;
            upload->layer++;
        }
    }
    return VIRGL_UPLOAD_DONE;
}
