/* SPDX-License-Identifier: MIT */
/* virgl_set_log_callback, virgl_set_debug_callback */
#include "api.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* The log's receiver. Messages come from several threads. */
static struct {
    pthread_mutex_t mutex;
    virgl_log_callback_type log;
    virgl_debug_callback_type debug;
    void *user;
    virgl_free_data_callback_type free_user;
} receiver = {.mutex = PTHREAD_MUTEX_INITIALIZER};

__attribute__((format(printf, 2, 3))) static void call_debug(virgl_debug_callback_type callback,
                                                             const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    callback(format, ap);
    va_end(ap);
}

static void write_to_receiver(void *user, enum log_level level, const char *line)
{
    pthread_mutex_lock(&receiver.mutex);
    virgl_log_callback_type log = receiver.log;
    virgl_debug_callback_type debug = receiver.debug;
    void *log_user = receiver.user;
    pthread_mutex_unlock(&receiver.mutex);

    if (log != NULL) {
        log((enum virgl_log_level_flags)level, line, log_user);
    } else if (debug != NULL) {
        call_debug(debug, "%s\n", line);
    }
}

void api_log_init(void)
{
    log_init(&api.log);
    pthread_mutex_lock(&receiver.mutex);
    if (receiver.log != NULL || receiver.debug != NULL) {
        api.log.write = write_to_receiver;
        /* The receiver sorts by severity itself, unless the user has said what is wanted. */
        if (getenv("MANTUA_LOG_LEVEL") == NULL && api.log.threshold > LOG_LEVEL_INFO) {
            api.log.threshold = LOG_LEVEL_INFO;
        }
    }
    pthread_mutex_unlock(&receiver.mutex);
}

/* Installs a receiver and frees what the old one left. */
static void install(virgl_log_callback_type log, virgl_debug_callback_type debug, void *user,
                    virgl_free_data_callback_type free_user)
{
    pthread_mutex_lock(&receiver.mutex);
    virgl_free_data_callback_type old_free = receiver.free_user;
    void *old_user = receiver.user;
    receiver.log = log;
    receiver.debug = debug;
    receiver.user = user;
    receiver.free_user = free_user;
    pthread_mutex_unlock(&receiver.mutex);
    api_log_init();
    if (old_free != NULL) {
        old_free(old_user);
    }
}

void virgl_set_log_callback(virgl_log_callback_type cb, void *user_data,
                            virgl_free_data_callback_type free_user_data)
{
    install(cb, NULL, user_data, free_user_data);
}

virgl_debug_callback_type virgl_set_debug_callback(virgl_debug_callback_type cb)
{
    virgl_debug_callback_type old = receiver.debug;

    install(NULL, cb, NULL, NULL);
    return old;
}

__attribute__((destructor)) static void free_receiver(void)
{
    if (receiver.free_user != NULL) {
        receiver.free_user(receiver.user);
        receiver.free_user = NULL;
    }
}
