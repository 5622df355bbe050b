/* SPDX-License-Identifier: MIT */
#include "resource_fields.h"
#include "virgl_protocol.h"

bool resource_fields_rename(uint32_t *dwords, size_t count_dwords,
                            uint32_t (*new_id)(void *data, uint32_t id), void *data)
{
    for (size_t at = 0; at < count_dwords;) {
        uint32_t header = dwords[at], length = virgl_header_length_dwords(header);
        uint32_t command = virgl_header_command(header);
        uint32_t type = command == VIRGL_COMMAND_CREATE_OBJECT
            ? virgl_header_object_type(header) : 0;

        if (length > count_dwords - at - 1)
            return false;
        for (unsigned i = 0; i < resource_field_count; i++) {
            const struct resource_field *field = &resource_fields[i];

            if (field->command != command || field->object_type != type)
                continue;
            for (uint32_t dword = field->dword; dword <= length; dword += field->stride) {
                if (dwords[at + dword])
                    dwords[at + dword] = new_id(data, dwords[at + dword]);
                if (field->stride == 0)
                    break;
            }
        }
        at += length + 1;
    }
    return true;
}
