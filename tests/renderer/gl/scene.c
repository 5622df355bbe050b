/* SPDX-License-Identifier: MIT */
#include "scene.h"

#include <string.h>

#include "gl/context.h"

struct resource *texture2d(struct fixture *fx, uint32_t format)
{
    struct resource *res = make_texture(fx, VIRGL_TEXTURE_TARGET_2D, format, W, H, 1, 1, 0, 0);
    g_assert_nonnull(res);
    return res;
}

void init_surface(struct front_surface *surface, struct resource *res, uint32_t format)
{
    memset(surface, 0, sizeof(*surface));
    surface->res = res;
    surface->desc.format = format;
}

void hostile_state(struct fixture *fx)
{
    struct gl_state *st = &gl_context(fx->ctx)->state;
    const int32_t scissor[4] = {1, 1, 2, 2};

    gl_state_scissor(st, 0, true, scissor);
    gl_state_color_mask_all(st, 0x5);
    gl_state_depth_mask(st, false);
    gl_state_stencil_write_mask(st, 0x3);
    gl_state_set_cap(st, GL_CAP_RASTERIZER_DISCARD, true);
    gl_state_set_cap(st, GL_CAP_DEPTH_TEST, true);
    gl_state_set_cap(st, GL_CAP_CULL_FACE, true);
}

void bind_framebuffer(struct fixture *fx, struct front_surface **cbufs, unsigned count,
                      struct front_surface *zsurf)
{
    memset(&fx->state->framebuffer, 0, sizeof(fx->state->framebuffer));
    for (unsigned i = 0; i < count; i++)
        fx->state->framebuffer.cbufs[i] = cbufs[i];
    fx->state->framebuffer.nr_cbufs = count;
    fx->state->framebuffer.zsurf = zsurf;
    fx->state->dirty |= DIRTY_FRAMEBUFFER;
}

bool inside(int x, int y, int x0, int y0, int w, int h)
{
    return x >= x0 && x < x0 + w && y >= y0 && y < y0 + h;
}

void fill_pattern(uint32_t *data, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        data[i] = i * 2654435761u;
}

uint32_t swapped(uint32_t v)
{
    return (v & 0xff00ff00) | (v >> 16 & 0xff) | (v & 0xff) << 16;
}
