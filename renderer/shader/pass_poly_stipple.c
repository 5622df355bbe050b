/* SPDX-License-Identifier: MIT */
/* Polygon stipple: core profiles and GLES have none. */
#include "emit.h"

void pass_poly_stipple(struct emitter *e)
{
    if (e->key->poly_stipple)
        ir_append(e->ir, &e->ir->epilogue, IR_OP_POLY_STIPPLE);
}
