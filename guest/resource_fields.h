/* SPDX-License-Identifier: MIT */
#ifndef RESOURCE_FIELDS_H
#define RESOURCE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A dword of a command that names a resource. */
struct resource_field {
    uint8_t command;
    uint8_t object_type; /* of CREATE_OBJECT, else 0 */
    uint8_t dword;       /* counted from the header, which is dword 0 */
    uint8_t stride;      /* 0: there is one; else there is one every `stride` dwords */
};

extern const struct resource_field resource_fields[];
extern const unsigned resource_field_count;

/* Replaces every resource id of a stream by new_id(data, id). False when the stream ends inside a
 * command; ids 0 stay. */
bool resource_fields_rename(uint32_t *dwords, size_t count_dwords,
                            uint32_t (*new_id)(void *data, uint32_t id), void *data);

#endif /* RESOURCE_FIELDS_H */
