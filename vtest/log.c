/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* The log belongs to the process, like standard error itself. */
static int log_fd = STDERR_FILENO;
static enum log_level log_threshold = LOG_WARNING;

void log_init(void)
{
    static const char *const names[] = {"debug", "info", "warning", "error", "silent"};
    const char *level = getenv("VIRGL_LOG_LEVEL");
    const char *path = getenv("VIRGL_LOG_FILE");
    const char *debug = getenv("MANTUA_DEBUG");

    /* The renderer's debugging aids are of no use when nobody sees them. */
    if (debug && debug[0]) {
        log_threshold = LOG_DEBUG;
    }
    if (level) {
        for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            if (strcasecmp(level, names[i]) == 0) {
                log_threshold = (enum log_level) i;
            }
        }
    }
    if (path && path[0]) {
        int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);

        if (fd < 0) {
            log_message(LOG_ERROR, "VIRGL_LOG_FILE %s: %s; logging to standard error", path,
                        strerror(errno));
        } else {
            log_fd = fd;
        }
    }
}

void log_message(enum log_level level, const char *format, ...)
{
    static const char *const marks[] = {"debug: ", "", "warning: ", "error: "};
    char line[1024];
    va_list args;
    int used;

    if (level < log_threshold || level >= LOG_SILENT) {
        return;
    }
    used = snprintf(line, sizeof(line), "mantua-vtest-server: %s", marks[level]);
    va_start(args, format);
    used += vsnprintf(line + used, sizeof(line) - used, format, args);
    va_end(args);
    if (used > (int) sizeof(line) - 1) {
        used = (int) sizeof(line) - 1;
    }
    line[used++] = '\n';

    /* One write per line keeps the lines of several processes apart. */
    while (write(log_fd, line, used) < 0 && errno == EINTR) {
    }
}
