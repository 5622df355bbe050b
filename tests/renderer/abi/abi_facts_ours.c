/* SPDX-License-Identifier: MIT */
#include "virglrenderer.h"

#include "abi_facts.h"
#include "abi_prototypes.inc"

#define FACTS abi_facts_ours
#define FACTS_COUNT abi_facts_ours_count
#include "abi_facts.inc"
