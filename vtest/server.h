/* SPDX-License-Identifier: MIT */
#ifndef VTEST_SERVER_H
#define VTEST_SERVER_H

#include "options.h"

/*
 * Serve clients as the options say, until SIGTERM, SIGINT or SIGHUP comes or there is nothing left
 * to do. Returns the exit status of the process. On return the socket file is removed and all
 * processes it has started have ended.
 */
int server_run(const struct options *options);

#endif
