/* SPDX-License-Identifier: MIT */
#include "device.h"

/* Whether a message may be written now; *suppressed tells how many were not since the last one. */
static bool log_allows(struct vgpu_log *log, unsigned int *suppressed)
{
    gint64 now = g_get_monotonic_time();
    *suppressed = 0;
    if (now - log->window_start_us >= VGPU_LOG_WINDOW_US) {
        log->window_start_us = now;
        log->in_window = 0;
        *suppressed = log->suppressed;
        log->suppressed = 0;
    }
    if (log->in_window == VGPU_LOG_BURST) {
        log->suppressed++;
        return false;
    }
    log->in_window++;
    return true;
}

void vgpu_guest_error(struct vgpu_device *device, const struct vgpu_job *job, const char *format,
                      ...)
{
    unsigned int suppressed;
    pthread_mutex_lock(&device->lock);
    bool allowed = !device->freed && log_allows(&device->log, &suppressed);
    pthread_mutex_unlock(&device->lock);
    if (!allowed)
        return;
    GString *line = g_string_new(NULL);
    if (suppressed)
        g_string_append_printf(line, "(%u messages suppressed) ", suppressed);
    if (job)
        g_string_append_printf(line, "context %u: %s: ", job->header.ctx_id,
                               job->command ? job->command->name : "unknown command");
    va_list args;
    va_start(args, format);
    g_string_append_vprintf(line, format, args);
    va_end(args);
    device->ops->guest_error(device->host, line->str);
    g_string_free(line, TRUE);
}
