/* SPDX-License-Identifier: MIT */
#ifndef FAKE_BACKEND_H
#define FAKE_BACKEND_H

/*
 * A back end under the test's command: it keeps texels in plain memory, fences pass when the test
 * says so, and it can be told to fail.
 */

#include <pthread.h>
#include <stdbool.h>

#include "core/log.h"
#include "core/renderer.h"
#include "front/backend.h"

struct fake_backend {
    struct backend base;
    struct backend_ops ops;
    struct log log;
    unsigned log_lines;
    unsigned live_resources, live_fences, destroyed;
    int create_error; /* returned by resource_create */
    int fence_error;  /* returned by fence_create */
    bool no_thread;

    pthread_mutex_t mutex;
    pthread_cond_t changed;
    uint64_t made, passed; /* fences are numbered from 1 */
    uint64_t passed_early; /* one that passed before its time, or 0 */
    unsigned waits;
};

/* The limits are those of a generous host; every format of the protocol is supported. */
void fake_backend_init(struct fake_backend *fake);
void fake_backend_finish(struct fake_backend *fake);

/* Fences up to this number have passed. */
void fake_backend_pass(struct fake_backend *fake, uint64_t number);

/* A renderer on it without thread. */
struct renderer *fake_renderer(struct fake_backend *fake, uint64_t memory_limit_bytes);

/* A 2D texture of the given size, ready for change. */
struct resource_desc desc_2d(uint32_t format, uint32_t width, uint32_t height);
struct resource_desc desc_buffer(uint32_t bind, uint32_t bytes);

#endif
