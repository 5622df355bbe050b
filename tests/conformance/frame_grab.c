/* SPDX-License-Identifier: MIT */
/*
 * LD_PRELOAD that makes a program's Nth frame repeatable: time advances by one sixtieth of a
 * second per presented frame and stands still otherwise, random numbers start from a fixed seed,
 * and the pixels of frame $FRAME_GRAB_AT, as software GL hands them to the X server, go to
 * $FRAME_GRAB_FILE (PPM). Then the program ends.
 *
 * Presentation is seen where Mesa's software drivers do it: xcb_put_image and xcb_shm_put_image
 * (EGL), XPutImage and XShmPutImage (GLX).
 */
#include <X11/Xlib.h>
#include <X11/extensions/XShm.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <xcb/shm.h>
#include <xcb/xcb.h>

#define EXPORT __attribute__((visibility("default")))
#define FRAME_NS 16666667ull
#define START_S 1700000000ull

static uint64_t frame_count;
static uint32_t drawable_of_frames;

static void *next_symbol(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static void save(const uint8_t *bgrx, unsigned width, unsigned height, unsigned stride)
{
    const char *path = getenv("FRAME_GRAB_FILE");
    FILE *f = fopen(path ? path : "frame.ppm", "wb");

    if (!f)
        return;
    fprintf(f, "P6\n%u %u\n255\n", width, height);
    for (unsigned y = 0; y < height; y++)
        for (unsigned x = 0; x < width; x++) {
            const uint8_t *p = bgrx + (size_t)y * stride + 4 * (size_t)x;
            fputc(p[2], f);
            fputc(p[1], f);
            fputc(p[0], f);
        }
    fclose(f);
}

/* Partial presents (scanlines of one frame) do not occur with current Mesa: one call, one frame. */
static void presented(uint32_t drawable, const void *data, unsigned width, unsigned height,
                      unsigned stride)
{
    const char *at = getenv("FRAME_GRAB_AT");

    if (width < 64 || height < 64)
        return;
    if (drawable_of_frames != drawable) {
        drawable_of_frames = drawable;
        frame_count = 0;
    }
    frame_count++;
    if (at && data && frame_count == strtoull(at, NULL, 10)) {
        save(data, width, height, stride);
        _exit(0);
    }
}

EXPORT xcb_void_cookie_t xcb_put_image(xcb_connection_t *c, uint8_t format, xcb_drawable_t drawable,
                                       xcb_gcontext_t gc, uint16_t width, uint16_t height,
                                       int16_t dst_x, int16_t dst_y, uint8_t left_pad,
                                       uint8_t depth, uint32_t data_len, const uint8_t *data)
{
    static xcb_void_cookie_t (*next)(xcb_connection_t *, uint8_t, xcb_drawable_t, xcb_gcontext_t,
                                     uint16_t, uint16_t, int16_t, int16_t, uint8_t, uint8_t,
                                     uint32_t, const uint8_t *);
    if (!next)
        next = next_symbol("xcb_put_image");
    presented(drawable, data, width, height, height ? data_len / height : 0);
    return next(c, format, drawable, gc, width, height, dst_x, dst_y, left_pad, depth, data_len,
                data);
}

EXPORT int XPutImage(Display *display, Drawable drawable, GC gc, XImage *image, int src_x,
                     int src_y, int dst_x, int dst_y, unsigned width, unsigned height)
{
    static int (*next)(Display *, Drawable, GC, XImage *, int, int, int, int, unsigned, unsigned);
    if (!next)
        next = next_symbol("XPutImage");
    presented(drawable, image->data, width, height, image->bytes_per_line);
    return next(display, drawable, gc, image, src_x, src_y, dst_x, dst_y, width, height);
}

EXPORT Bool XShmPutImage(Display *display, Drawable drawable, GC gc, XImage *image, int src_x,
                         int src_y, int dst_x, int dst_y, unsigned width, unsigned height,
                         Bool event)
{
    static int (*next)(Display *, Drawable, GC, XImage *, int, int, int, int, unsigned, unsigned,
                       Bool);
    if (!next)
        next = next_symbol("XShmPutImage");
    presented(drawable, image->data, width, height, image->bytes_per_line);
    return next(display, drawable, gc, image, src_x, src_y, dst_x, dst_y, width, height, event);
}

static uint64_t frozen_ns(void)
{
    return START_S * 1000000000ull + frame_count * FRAME_NS;
}

EXPORT int clock_gettime(clockid_t clock, struct timespec *ts)
{
    static int (*next)(clockid_t, struct timespec *);
    if (!next)
        next = next_symbol("clock_gettime");
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_MONOTONIC_RAW)
        return next(clock, ts);
    ts->tv_sec = frozen_ns() / 1000000000ull;
    ts->tv_nsec = frozen_ns() % 1000000000ull;
    return 0;
}

EXPORT int gettimeofday(struct timeval *tv, void *tz)
{
    tv->tv_sec = frozen_ns() / 1000000000ull;
    tv->tv_usec = frozen_ns() % 1000000000ull / 1000;
    return 0;
}

EXPORT time_t time(time_t *out)
{
    time_t now = frozen_ns() / 1000000000ull;
    if (out)
        *out = now;
    return now;
}

EXPORT void srand(unsigned seed)
{
    static void (*next)(unsigned);
    if (!next)
        next = next_symbol("srand");
    next(1);
}
