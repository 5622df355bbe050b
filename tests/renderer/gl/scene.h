/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_TESTS_GL_SCENE_H
#define MANTUA_TESTS_GL_SCENE_H

/* Small 2D textures and the state around them, for the tests of clears, blits and copies. */

#include "fixture.h"

enum { W = 24, H = 20 };

static const struct box full = {0, 0, 0, W, H, 1};

struct resource *texture2d(struct fixture *fx, uint32_t format);
void init_surface(struct front_surface *surface, struct resource *res, uint32_t format);

/* State that a guest's draw may have left behind and that clears and blits must not feel. */
void hostile_state(struct fixture *fx);
void bind_framebuffer(struct fixture *fx, struct front_surface **cbufs, unsigned count,
                      struct front_surface *zsurf);
bool inside(int x, int y, int x0, int y0, int w, int h);
void fill_pattern(uint32_t *data, unsigned count);
uint32_t swapped(uint32_t v); /* red and blue */

#endif
