/* SPDX-License-Identifier: MIT */
#ifndef VTEST_LOG_H
#define VTEST_LOG_H

/*
 * The server's messages, each ended by a newline, to standard error or the file in VIRGL_LOG_FILE,
 * from the level in VIRGL_LOG_LEVEL upwards (debug, info, warning, error, silent; warning by
 * default, debug when MANTUA_DEBUG is set).
 */

enum log_level {
    LOG_DEBUG,
    LOG_INFO,
    LOG_WARNING,
    LOG_ERROR,
    LOG_SILENT,
};

/* Reads the environment, again if need be. Messages before it go to standard error. */
void log_init(void);

void log_message(enum log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
