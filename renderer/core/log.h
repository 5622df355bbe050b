/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_CORE_LOG_H
#define MANTUA_CORE_LOG_H

/*
 * The renderer's log. Guest mistakes are rate-limited per log, so that a hostile guest cannot
 * flood the host; everything else is passed on. May be called from any thread.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

enum log_level {
    LOG_LEVEL_DEBUG,
    LOG_LEVEL_INFO,
    LOG_LEVEL_WARNING,
    LOG_LEVEL_ERROR,
};

struct log {
    /* Receives one line without its newline. */
    void (*write)(void *user, enum log_level level, const char *line);
    void *user;
    enum log_level threshold;
    /* Guest errors: at most burst lines per window, then one line telling how many were dropped. */
    uint64_t window_start_ns;
    uint32_t window_count;
    uint32_t dropped;
};

void log_init(struct log *log);
void log_message(struct log *log, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void log_guest_error(struct log *log, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
