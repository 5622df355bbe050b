/* SPDX-License-Identifier: MIT */
#ifndef CAPS_FIELDS_H
#define CAPS_FIELDS_H

#include <stdint.h>

/* The capability sets as a table: what vgpu-info prints. Set 2 starts with the whole of set 1. */

enum caps_field_kind {
    CAPS_FIELD_U32,
    CAPS_FIELD_I32,
    CAPS_FIELD_F32,
    CAPS_FIELD_TEXT,
    CAPS_FIELD_BITS,    /* one dword; its bits are in caps_bits */
    CAPS_FIELD_PRIMS,   /* one dword; bit n: primitive type n */
    CAPS_FIELD_FORMATS, /* bit n: format n */
    CAPS_FIELD_STRUCTS, /* printed as dwords */
};

struct caps_field {
    const char *name;
    enum caps_field_kind kind;
    uint32_t offset_bytes;
    uint32_t size_bytes;
    uint32_t capset; /* the first set that has it */
};

struct caps_bit {
    const char *field;
    const char *name;
    uint32_t bit;
};

extern const struct caps_field caps_fields[];
extern const unsigned caps_field_count;
extern const struct caps_bit caps_bits[];
extern const unsigned caps_bit_count;

#endif /* CAPS_FIELDS_H */
