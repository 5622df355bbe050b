/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    GUEST_ERROR_BURST = 32,
    /* A message longer than this is cut; shader dumps fit. */
    MAX_MESSAGE_BYTES = 1 << 20,
};
#define GUEST_ERROR_WINDOW_NS UINT64_C(10000000000)

static void write_stderr(void *user, enum log_level level, const char *line)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};

    fprintf(stderr, "mantua: %s: %s\n", names[level], line);
}

static enum log_level threshold_from_environment(void)
{
    static const char *const names[] = {"debug", "info", "warning", "error", "silent"};
    const char *text = getenv("MANTUA_LOG_LEVEL");

    for (unsigned i = 0; text != NULL && i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(text, names[i]) == 0) {
            return (enum log_level)i;
        }
    }
    /* Who asks for debugging aids wants to see them. */
    text = getenv("MANTUA_DEBUG");
    return text != NULL && *text != '\0' ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARNING;
}

void log_init(struct log *log)
{
    *log = (struct log){
        .write = write_stderr,
        .threshold = threshold_from_environment(),
    };
}

/* One call of the writer per line. Names and shader text come from the guest: control characters
 * must not reach a terminal. */
static void write_lines(struct log *log, enum log_level level, char *text)
{
    while (text != NULL) {
        char *end = strchr(text, '\n');

        if (end != NULL) {
            *end = '\0';
        }
        for (char *c = text; *c != '\0'; c++) {
            if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f) {
                *c = '?';
            }
        }
        log->write(log->user, level, text);
        text = end != NULL && end[1] != '\0' ? end + 1 : NULL;
    }
}

static void write_formatted(struct log *log, enum log_level level, const char *format, va_list ap)
{
    char small[512];
    va_list again;

    va_copy(again, ap);
    int length = vsnprintf(small, sizeof small, format, ap);
    if (length >= (int)sizeof small) {
        size_t bytes = length < MAX_MESSAGE_BYTES ? (size_t)length + 1 : MAX_MESSAGE_BYTES;
        char *large = malloc(bytes);

        if (large != NULL) {
            vsnprintf(large, bytes, format, again);
            write_lines(log, level, large);
            free(large);
            va_end(again);
            return;
        }
    }
    va_end(again);
    if (length >= 0) {
        write_lines(log, level, small);
    }
}

void log_message(struct log *log, enum log_level level, const char *format, ...)
{
    va_list ap;

    if (level < log->threshold) {
        return;
    }
    va_start(ap, format);
    write_formatted(log, level, format, ap);
    va_end(ap);
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Several threads may be here: a line too many or a lost count between them does no harm. */
static bool guest_error_allowed(struct log *log)
{
    uint64_t now = now_ns();
    uint64_t start = __atomic_load_n(&log->window_start_ns, __ATOMIC_RELAXED);

    if (start == 0 || now - start >= GUEST_ERROR_WINDOW_NS) {
        __atomic_store_n(&log->window_start_ns, now, __ATOMIC_RELAXED);
        __atomic_store_n(&log->window_count, 0, __ATOMIC_RELAXED);
        uint32_t dropped = __atomic_exchange_n(&log->dropped, 0, __ATOMIC_RELAXED);
        if (dropped != 0) {
            log_message(log, LOG_LEVEL_ERROR, "%u more guest errors were not logged", dropped);
        }
    }
    if (__atomic_add_fetch(&log->window_count, 1, __ATOMIC_RELAXED) > GUEST_ERROR_BURST) {
        __atomic_add_fetch(&log->dropped, 1, __ATOMIC_RELAXED);
        return false;
    }
    return true;
}

void log_guest_error(struct log *log, const char *format, ...)
{
    va_list ap;

    if (LOG_LEVEL_ERROR < log->threshold || !guest_error_allowed(log)) {
        return;
    }
    va_start(ap, format);
    write_formatted(log, LOG_LEVEL_ERROR, format, ap);
    va_end(ap);
}
