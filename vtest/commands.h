/* SPDX-License-Identifier: MIT */
#ifndef VTEST_COMMANDS_H
#define VTEST_COMMANDS_H

#include <stddef.h>
#include <stdint.h>

#include "client.h"
#include "protocol.h"

/* One complete message. Only `dwords` of the payload are counted by the header's length rule. */
struct message {
    const uint32_t *payload; /* aligned to 4 bytes */
    uint32_t dwords;
    const uint8_t *tail; /* what follows the payload uncounted: pixels */
    size_t tail_bytes;
};

/* How long the counted payload is. */
enum length_rule {
    LENGTH_FIXED,    /* `dwords`, whatever the header says */
    LENGTH_COUNTED,  /* header.length dwords, at least `dwords`, at most `max_dwords` */
    LENGTH_BYTES,    /* header.length bytes, at most `max_dwords` times 4 */
};

struct command {
    uint32_t since_version;
    enum length_rule rule;
    uint32_t dwords;
    uint32_t max_dwords;
    bool needs_context;
    int (*run)(struct client *client, const struct message *message);
    /* The bytes behind the counted payload; NULL: none. Returns 0 or -EPROTO after refusing. */
    int (*tail)(struct client *client, const uint32_t *payload, uint32_t dwords,
                size_t *tail_bytes);
};

/* NULL for ids that this server does not serve. */
const struct command *command_find(uint32_t id);

static inline uint64_t u64_from(const uint32_t *dwords)
{
    return (uint64_t) dwords[1] << 32 | dwords[0];
}

/* Session: command_session.c */
int run_create_renderer(struct client *client, const struct message *message);
int run_ping_protocol_version(struct client *client, const struct message *message);
int run_protocol_version(struct client *client, const struct message *message);
int run_get_caps(struct client *client, const struct message *message);
int run_get_caps2(struct client *client, const struct message *message);
int run_get_param(struct client *client, const struct message *message);
int run_get_capset(struct client *client, const struct message *message);
int run_context_init(struct client *client, const struct message *message);

/* Resources: command_resource.c */
int run_resource_create(struct client *client, const struct message *message);
int run_resource_create2(struct client *client, const struct message *message);
int run_resource_create_blob(struct client *client, const struct message *message);
int run_resource_unref(struct client *client, const struct message *message);

/* Transfers: command_transfer.c */
int run_transfer_get(struct client *client, const struct message *message);
int run_transfer_put(struct client *client, const struct message *message);
int run_transfer_get2(struct client *client, const struct message *message);
int run_transfer_put2(struct client *client, const struct message *message);
int tail_transfer_put(struct client *client, const uint32_t *payload, uint32_t dwords,
                      size_t *tail_bytes);

/* Submission: command_submit.c */
int run_submit_cmd(struct client *client, const struct message *message);
int run_submit_cmd2(struct client *client, const struct message *message);
int run_resource_busy_wait(struct client *client, const struct message *message);

/* Timeline syncs: command_sync.c */
int run_sync_create(struct client *client, const struct message *message);
int run_sync_unref(struct client *client, const struct message *message);
int run_sync_read(struct client *client, const struct message *message);
int run_sync_write(struct client *client, const struct message *message);
int run_sync_wait(struct client *client, const struct message *message);

#endif
