/* SPDX-License-Identifier: MIT */
#include "mantua_escape.h"

#include <stdbool.h>

/* Pixel formats of the protocol end far below. */
#define MAX_FORMAT 1023u
#define MAX_TARGET 8u
#define MAX_CAPSET 63u
/* Handles of Windows are multiples of 4 and fit into 32 bits. */
#define HANDLE_STEP 4u

/* `tail` is the number of bytes behind the struct. */
typedef enum mantua_escape_status check_fn(const struct mantua_escape_header *header,
                                           uint32_t tail);

static enum mantua_escape_status value_ok(bool ok)
{
    return ok ? MANTUA_ESCAPE_OK : MANTUA_ESCAPE_BAD_VALUE;
}

/* Messages whose only input is the header. */
static enum mantua_escape_status check_nothing(const struct mantua_escape_header *header,
                                               uint32_t tail)
{
    (void)header;
    (void)tail;
    return MANTUA_ESCAPE_OK;
}

static enum mantua_escape_status check_get_capset(const struct mantua_escape_header *header,
                                                  uint32_t tail)
{
    const struct mantua_escape_get_capset *m = (const void *)header;

    if (m->data_bytes == 0 || m->data_bytes != tail)
        return MANTUA_ESCAPE_BAD_SIZE;
    return value_ok(m->capset_id > 0 && m->capset_id <= MAX_CAPSET && m->reserved == 0);
}

static enum mantua_escape_status check_context_create(const struct mantua_escape_header *header,
                                                      uint32_t tail)
{
    const struct mantua_escape_context_create *m = (const void *)header;

    (void)tail;
    if (m->name_bytes > MANTUA_ESCAPE_NAME_BYTES)
        return MANTUA_ESCAPE_BAD_SIZE;
    return value_ok(m->capset_id <= MAX_CAPSET && m->context == 0 && m->reserved == 0);
}

/* One handle and a reserved dword: most messages that end something. */
static enum mantua_escape_status check_handle(const struct mantua_escape_header *header,
                                              uint32_t tail)
{
    const struct mantua_escape_resource_destroy *m = (const void *)header;

    (void)tail;
    return value_ok(m->resource != 0 && m->reserved == 0);
}
_Static_assert(offsetof(struct mantua_escape_context_destroy, context) ==
                   offsetof(struct mantua_escape_resource_destroy, resource) &&
               offsetof(struct mantua_escape_backing_unmap, resource) ==
                   offsetof(struct mantua_escape_resource_destroy, resource),
               "messages of one handle are alike");

static enum mantua_escape_status check_resource_create(const struct mantua_escape_header *header,
                                                       uint32_t tail)
{
    const struct mantua_escape_resource_create *m = (const void *)header;
    bool buffer = m->target == 0;

    (void)tail;
    if (m->backing_bytes > MANTUA_ESCAPE_MAX_BACKING_BYTES)
        return MANTUA_ESCAPE_BAD_SIZE;
    if (m->target > MAX_TARGET || m->format == 0 || m->format > MAX_FORMAT ||
        m->last_level > MANTUA_ESCAPE_MAX_LEVEL || m->nr_samples > MANTUA_ESCAPE_MAX_SAMPLES ||
        m->resource != 0 || m->host_id != 0)
        return MANTUA_ESCAPE_BAD_VALUE;
    if (m->width == 0 || m->height == 0 || m->depth == 0 || m->array_size == 0)
        return MANTUA_ESCAPE_BAD_VALUE;
    if (buffer)
        return value_ok(m->width <= MANTUA_ESCAPE_MAX_BACKING_BYTES && m->height == 1 &&
                        m->depth == 1 && m->array_size == 1 && m->last_level == 0);
    return value_ok(m->width <= MANTUA_ESCAPE_MAX_TEXELS &&
                    m->height <= MANTUA_ESCAPE_MAX_TEXELS &&
                    m->depth <= MANTUA_ESCAPE_MAX_TEXELS &&
                    m->array_size <= MANTUA_ESCAPE_MAX_TEXELS);
}

static enum mantua_escape_status check_context_resource(const struct mantua_escape_header *header,
                                                        uint32_t tail)
{
    const struct mantua_escape_context_resource *m = (const void *)header;

    (void)tail;
    return value_ok(m->context != 0 && m->resource != 0);
}

static enum mantua_escape_status check_backing_map(const struct mantua_escape_header *header,
                                                   uint32_t tail)
{
    const struct mantua_escape_backing_map *m = (const void *)header;

    (void)tail;
    return value_ok(m->resource != 0 && m->reserved == 0 && m->address == 0 && m->bytes == 0);
}

/* A part [start, start + count) that is not empty and does not wrap. */
static bool span_ok(uint32_t start, uint32_t count)
{
    return count > 0 && start <= UINT32_MAX - count;
}

static enum mantua_escape_status check_transfer(const struct mantua_escape_header *header,
                                                uint32_t tail)
{
    const struct mantua_escape_transfer *m = (const void *)header;

    (void)tail;
    if (m->offset_bytes >= MANTUA_ESCAPE_MAX_BACKING_BYTES ||
        m->stride_bytes > MANTUA_ESCAPE_MAX_BACKING_BYTES ||
        m->layer_stride_bytes > MANTUA_ESCAPE_MAX_BACKING_BYTES)
        return MANTUA_ESCAPE_BAD_SIZE;
    return value_ok(m->context != 0 && m->resource != 0 && m->level <= MANTUA_ESCAPE_MAX_LEVEL &&
                    span_ok(m->x, m->width) && span_ok(m->y, m->height) &&
                    span_ok(m->z, m->depth) && m->reserved == 0 && m->fence == 0);
}

static enum mantua_escape_status check_submit(const struct mantua_escape_header *header,
                                              uint32_t tail)
{
    const struct mantua_escape_submit *m = (const void *)header;

    if (m->stream_bytes == 0 || m->stream_bytes % 4 != 0 || m->stream_bytes != tail)
        return MANTUA_ESCAPE_BAD_SIZE;
    return value_ok(m->context != 0 && m->fence == 0);
}

static enum mantua_escape_status check_fence_query(const struct mantua_escape_header *header,
                                                   uint32_t tail)
{
    const struct mantua_escape_fence_query *m = (const void *)header;

    (void)tail;
    return value_ok(m->completed == 0);
}

static enum mantua_escape_status check_fence_event(const struct mantua_escape_header *header,
                                                   uint32_t tail)
{
    const struct mantua_escape_fence_event *m = (const void *)header;

    (void)tail;
    return value_ok(m->fence != 0 && m->event != 0 && m->event % HANDLE_STEP == 0 &&
                    m->event <= UINT32_MAX);
}

static const struct {
    uint32_t bytes; /* of the struct */
    bool has_tail;  /* data follow it */
    check_fn *check;
} operations[] = {
    [MANTUA_ESCAPE_QUERY] = {sizeof(struct mantua_escape_query), false, check_nothing},
    [MANTUA_ESCAPE_GET_CAPSET] = {sizeof(struct mantua_escape_get_capset), true,
                                  check_get_capset},
    [MANTUA_ESCAPE_CONTEXT_CREATE] = {sizeof(struct mantua_escape_context_create), false,
                                      check_context_create},
    [MANTUA_ESCAPE_CONTEXT_DESTROY] = {sizeof(struct mantua_escape_context_destroy), false,
                                       check_handle},
    [MANTUA_ESCAPE_RESOURCE_CREATE] = {sizeof(struct mantua_escape_resource_create), false,
                                       check_resource_create},
    [MANTUA_ESCAPE_RESOURCE_DESTROY] = {sizeof(struct mantua_escape_resource_destroy), false,
                                        check_handle},
    [MANTUA_ESCAPE_CONTEXT_ATTACH] = {sizeof(struct mantua_escape_context_resource), false,
                                      check_context_resource},
    [MANTUA_ESCAPE_CONTEXT_DETACH] = {sizeof(struct mantua_escape_context_resource), false,
                                      check_context_resource},
    [MANTUA_ESCAPE_BACKING_MAP] = {sizeof(struct mantua_escape_backing_map), false,
                                   check_backing_map},
    [MANTUA_ESCAPE_BACKING_UNMAP] = {sizeof(struct mantua_escape_backing_unmap), false,
                                     check_handle},
    [MANTUA_ESCAPE_TRANSFER_TO_HOST] = {sizeof(struct mantua_escape_transfer), false,
                                        check_transfer},
    [MANTUA_ESCAPE_TRANSFER_FROM_HOST] = {sizeof(struct mantua_escape_transfer), false,
                                          check_transfer},
    [MANTUA_ESCAPE_SUBMIT] = {sizeof(struct mantua_escape_submit), true, check_submit},
    [MANTUA_ESCAPE_FENCE_QUERY] = {sizeof(struct mantua_escape_fence_query), false,
                                   check_fence_query},
    [MANTUA_ESCAPE_FENCE_EVENT] = {sizeof(struct mantua_escape_fence_event), false,
                                   check_fence_event},
};

enum mantua_escape_status mantua_escape_check(const void *message, size_t bytes)
{
    const struct mantua_escape_header *header = message;

    if (bytes < sizeof(*header) || (uintptr_t)message % 8 != 0 ||
        header->magic != MANTUA_ESCAPE_MAGIC)
        return MANTUA_ESCAPE_BAD_MESSAGE;
    if (header->version != MANTUA_ESCAPE_VERSION && header->op != MANTUA_ESCAPE_QUERY)
        return MANTUA_ESCAPE_BAD_VERSION;
    if (header->op == 0 || header->op >= sizeof(operations) / sizeof(operations[0]))
        return MANTUA_ESCAPE_BAD_OP;
    if (bytes > MANTUA_ESCAPE_MAX_BYTES || header->size_bytes != bytes)
        return MANTUA_ESCAPE_BAD_SIZE;

    uint32_t fixed = operations[header->op].bytes;
    if (bytes < fixed || (bytes > fixed && !operations[header->op].has_tail))
        return MANTUA_ESCAPE_BAD_SIZE;
    if (header->status != 0 || header->reserved != 0)
        return MANTUA_ESCAPE_BAD_VALUE;
    return operations[header->op].check(header, (uint32_t)bytes - fixed);
}
