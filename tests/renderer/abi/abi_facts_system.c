/* SPDX-License-Identifier: MIT */
/* Older headers hide part of the interface behind this. */
#define VIRGL_RENDERER_UNSTABLE_APIS
#include <virglrenderer.h>

#include "abi_facts.h"
#include "abi_prototypes.inc"

#define FACTS abi_facts_system
#define FACTS_COUNT abi_facts_system_count
#include "abi_facts.inc"
