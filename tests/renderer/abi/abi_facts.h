/* SPDX-License-Identifier: MIT */
/*
 * The facts about a virglrenderer.h that programs were compiled against, as a table: one object file
 * fills it in from our header, one from the header that the system has.
 */
#ifndef ABI_FACTS_H
#define ABI_FACTS_H

#include <stddef.h>

struct abi_fact {
    const char *name;
    size_t value;
};

extern const struct abi_fact abi_facts_ours[];
extern const size_t abi_facts_ours_count;
extern const struct abi_fact abi_facts_system[];
extern const size_t abi_facts_system_count;

#endif
