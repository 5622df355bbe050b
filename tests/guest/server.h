/* SPDX-License-Identifier: MIT */
#ifndef SERVER_H
#define SERVER_H

/* The vtest server that VTEST_SERVER names, with a socket in a directory of its own. */
void server_start(void);
void server_stop(void);
const char *server_socket(void);

#endif /* SERVER_H */
