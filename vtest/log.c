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
            if (log_fd != STDERR_FILENO) {
                close(log_fd);
            }
            log_fd = fd;
        }
    }
}

/* One write per message keeps those of several processes apart, as far as the system can. */
static void write_all(const char *text, size_t bytes)
{
    while (bytes > 0) {
        ssize_t put = write(log_fd, text, bytes);

        if (put < 0 && errno != EINTR) {
            return;
        }
        if (put > 0) {
            text += put;
            bytes -= (size_t) put;
        }
    }
}

void log_message(enum log_level level, const char *format, ...)
{
    static const char *const marks[] = {"debug: ", "", "warning: ", "error: "};
    char line[1024];
    char *text = line;
    va_list args;
    int head, body;

    if (level < log_threshold || level >= LOG_SILENT) {
        return;
    }
    head = snprintf(line, sizeof(line), "mantua-vtest-server: %s", marks[level]);
    va_start(args, format);
    body = vsnprintf(line + head, sizeof(line) - (size_t) head, format, args);
    va_end(args);
    if (body < 0) {
        return;
    }
    if ((size_t) (head + body) + 1 >= sizeof(line)) {
        /* The renderer prints whole shaders when it is asked to. */
        char *longer = malloc((size_t) (head + body) + 2);

        if (longer) {
            text = longer;
            memcpy(text, line, (size_t) head);
            va_start(args, format);
            vsnprintf(text + head, (size_t) body + 1, format, args);
            va_end(args);
        } else {
            body = (int) sizeof(line) - 2 - head;
        }
    }
    text[head + body] = '\n';
    write_all(text, (size_t) (head + body) + 1);
    if (text != line) {
        free(text);
    }
}
