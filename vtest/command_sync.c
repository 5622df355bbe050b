/* SPDX-License-Identifier: MIT */
/* Timeline syncs of version 3. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"

static int refuse_id(struct client *client, uint32_t id)
{
    return client_refuse(client, "sync_id", "%u is no sync", id);
}

int run_sync_create(struct client *client, const struct message *message)
{
    uint32_t reply[] = {1, VTEST_CMD_SYNC_CREATE, 0};
    int error = sync_create(&client->syncs, u64_from(message->payload), &reply[2]);

    if (error) {
        return client_refuse(client, "sync", "%u exist: %s", client->syncs.syncs.count,
                             strerror(-error));
    }
    return client_reply(client, reply, 3);
}

int run_sync_unref(struct client *client, const struct message *message)
{
    sync_unref(&client->syncs, message->payload[VTEST_SYNC_UNREF_SYNC_ID]);
    return 0;
}

int run_sync_read(struct client *client, const struct message *message)
{
    uint32_t id = message->payload[VTEST_SYNC_READ_SYNC_ID];
    uint32_t reply[] = {2, VTEST_CMD_SYNC_READ, 0, 0};
    uint64_t value;

    host_poll(client->shared->host);
    if (!sync_read(&client->syncs, id, &value)) {
        return refuse_id(client, id);
    }
    reply[2] = (uint32_t) value;
    reply[3] = (uint32_t) (value >> 32);
    return client_reply(client, reply, 4);
}

int run_sync_write(struct client *client, const struct message *message)
{
    uint32_t id = message->payload[VTEST_SYNC_WRITE_SYNC_ID];
    uint64_t value = u64_from(message->payload + VTEST_SYNC_WRITE_VALUE_LO);

    return sync_write(&client->syncs, id, value) ? 0 : refuse_id(client, id);
}

int run_sync_wait(struct client *client, const struct message *message)
{
    static const uint32_t reply[] = {0, VTEST_CMD_SYNC_WAIT};
    const uint32_t *payload = message->payload;
    struct sync_point points[SERVER_MAX_WAIT_POINTS];
    uint32_t flags = payload[VTEST_SYNC_WAIT_FLAGS];
    uint32_t count = (message->dwords - 2) / 3;
    int fd = -1;
    int error;

    if ((message->dwords - 2) % 3 != 0) {
        return client_refuse(client, "length", "%u dwords, has to be 2 + 3 * n", message->dwords);
    }
    if (flags & ~(uint32_t) VTEST_SYNC_WAIT_FLAG_ANY) {
        return client_refuse(client, "flags", "0x%x has unknown bits", flags);
    }
    for (uint32_t i = 0; i < count; i++) {
        points[i] = (struct sync_point) {payload[2 + 3 * i], u64_from(payload + 3 + 3 * i)};
    }
    error = sync_wait(&client->syncs, points, count, flags & VTEST_SYNC_WAIT_FLAG_ANY,
                      payload[VTEST_SYNC_WAIT_TIMEOUT], &fd);
    if (error) {
        return client_refuse(client, "wait", "for %u syncs: %s", count,
                             error == -EINVAL ? "one of them does not exist" : strerror(-error));
    }
    if (client_reply(client, reply, 2)) {
        close(fd);
        return -EPROTO;
    }
    return client_reply_fd(client, fd);
}
