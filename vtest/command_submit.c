/* SPDX-License-Identifier: MIT */
/* Command streams and waiting for them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <virglrenderer.h>

#include "commands.h"

static int submit(struct client *client, const uint32_t *stream, uint32_t dwords)
{
    int error;

    if (dwords == 0) {
        return 0;
    }
    /* The interface lacks the const, the renderer does not write. */
    error = virgl_renderer_submit_cmd((void *) stream, (int) client->ctx_id, (int) dwords);
    client->fence_number = host_work_submitted(client->shared->host);
    client->has_fence = true;
    if (error) {
        return client_refuse(client, "commands", "the renderer refuses the stream of %u dwords: %s",
                             dwords, strerror(abs(error)));
    }
    return 0;
}

int run_submit_cmd(struct client *client, const struct message *message)
{
    return submit(client, message->payload, message->dwords);
}

int run_resource_busy_wait(struct client *client, const struct message *message)
{
    struct host *host = client->shared->host;
    uint32_t reply[] = {1, VTEST_CMD_RESOURCE_BUSY_WAIT, 0};
    bool busy = false;

    if (client->has_fence) {
        host_fence_work(host);
        host_poll(host);
        busy = !host_fence_passed(host, client->fence_number);
        client->has_fence = busy;
    }
    if (busy && (message->payload[VTEST_RESOURCE_BUSY_WAIT_FLAGS] & VTEST_BUSY_WAIT_FLAG_WAIT)) {
        client->waiting = true; /* answered when the fence has passed */
        return 0;
    }
    reply[2] = busy;
    return client_reply(client, reply, 3);
}

/* One batch of a SUBMIT_CMD2, all of it inside the payload. */
struct batch {
    uint32_t flags;
    uint32_t cmd_offset;  /* dwords from the payload's begin */
    uint32_t cmd_dwords;
    uint32_t sync_offset;
    uint32_t sync_count;
    uint32_t ring_idx;
};

/* Dwords of a batch record: what this protocol says, and what Mesa from 23 on sends. */
#define RECORD_DWORDS 8u
#define SHORT_RECORD_DWORDS 6u
#define SYNC_DWORDS 3u

/* Where the first stream or sync list begins, with records of that length; the end without any. */
static uint64_t first_data(const struct message *message, uint32_t count, uint32_t record)
{
    uint64_t first = message->dwords;

    if ((uint64_t) 1 + (uint64_t) record * count > message->dwords) {
        return 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t *dwords = message->payload + 1 + (size_t) record * i;

        if (dwords[2] > 0 && dwords[1] < first) {
            first = dwords[1];
        }
        if (dwords[4] > 0 && dwords[3] < first) {
            first = dwords[3];
        }
    }
    return first;
}

/* Clients put the first stream right behind the records: that tells how long these are. */
static uint32_t record_dwords(const struct message *message, uint32_t count)
{
    static const uint32_t known[] = {RECORD_DWORDS, SHORT_RECORD_DWORDS};

    for (unsigned i = 0; i < 2; i++) {
        if (first_data(message, count, known[i]) == (uint64_t) 1 + (uint64_t) known[i] * count) {
            return known[i];
        }
    }
    return RECORD_DWORDS;
}

static bool inside(const struct message *message, uint32_t offset, uint64_t dwords)
{
    return (uint64_t) offset + dwords <= message->dwords;
}

static int read_batch(struct client *client, const struct message *message, uint32_t index,
                      uint32_t record, struct batch *batch)
{
    const uint32_t *dwords = message->payload + 1 + (size_t) record * index;
    uint32_t known = VTEST_SUBMIT_CMD2_FLAG_RING_IDX;

    *batch = (struct batch) {dwords[0], dwords[1], dwords[2], dwords[3], dwords[4], dwords[5]};
    if (batch->flags & ~known) {
        return client_refuse(client, "flags", "batch %u: 0x%x has bits unknown to version %u",
                             index, batch->flags, client->version);
    }
    if (!inside(message, batch->cmd_offset, batch->cmd_dwords)) {
        return client_refuse(client, "cmd_offset", "batch %u: %u + %u dwords of %u", index,
                             batch->cmd_offset, batch->cmd_dwords, message->dwords);
    }
    if (!inside(message, batch->sync_offset, (uint64_t) batch->sync_count * SYNC_DWORDS)) {
        return client_refuse(client, "sync_offset", "batch %u: %u + 3 * %u dwords of %u", index,
                             batch->sync_offset, batch->sync_count, message->dwords);
    }
    if ((batch->flags & VTEST_SUBMIT_CMD2_FLAG_RING_IDX) &&
        batch->ring_idx >= VTEST_LIMIT_MAX_TIMELINES) {
        return client_refuse(client, "ring_idx", "batch %u: %u, has to be below %u", index,
                             batch->ring_idx, VTEST_LIMIT_MAX_TIMELINES);
    }
    for (uint32_t i = 0; i < batch->sync_count; i++) {
        uint32_t id = message->payload[batch->sync_offset + (size_t) i * SYNC_DWORDS];
        uint64_t value;

        if (!sync_read(&client->syncs, id, &value)) {
            return client_refuse(client, "sync_id", "batch %u: %u is no sync", index, id);
        }
    }
    return 0;
}

/* Syncs that get their values when a timeline has come this far. */
struct pending_syncs {
    struct client *client;
    uint32_t count;
    struct sync_point points[];
};

static void pending_syncs_reached(void *data)
{
    struct pending_syncs *pending = data;

    for (uint32_t i = 0; i < pending->count; i++) {
        /* One that was given up in between is of no interest any more. */
        sync_write(&pending->client->syncs, pending->points[i].sync_id, pending->points[i].value);
    }
}

static int signal_syncs(struct client *client, const struct message *message,
                        const struct batch *batch)
{
    const uint32_t *list = message->payload + batch->sync_offset;
    struct pending_syncs *pending;
    int error;

    if (batch->sync_count == 0) {
        return 0;
    }
    pending = malloc(sizeof(*pending) + (size_t) batch->sync_count * sizeof(pending->points[0]));
    if (!pending) {
        return client_refuse(client, "sync_count", "no memory for %u", batch->sync_count);
    }
    pending->client = client;
    pending->count = batch->sync_count;
    for (uint32_t i = 0; i < batch->sync_count; i++, list += SYNC_DWORDS) {
        pending->points[i] = (struct sync_point) {list[0], u64_from(list + 1)};
    }
    if (!(batch->flags & VTEST_SUBMIT_CMD2_FLAG_RING_IDX)) {
        pending_syncs_reached(pending);
        free(pending);
        return 0;
    }
    error = host_ring_fence(client->shared->host, client->ctx_id, batch->ring_idx,
                            pending_syncs_reached, free, pending);
    if (error) {
        free(pending);
        return client_refuse(client, "ring_idx", "%u: the renderer makes no fence there: %s",
                             batch->ring_idx, strerror(-error));
    }
    return 0;
}

int run_submit_cmd2(struct client *client, const struct message *message)
{
    uint32_t count = message->payload[VTEST_SUBMIT_CMD2_BATCH_COUNT];
    uint32_t record;
    struct batch batch;

    if (count > SERVER_MAX_BATCHES) {
        return client_refuse(client, "batch_count", "%u, above the limit of %u", count,
                             SERVER_MAX_BATCHES);
    }
    record = record_dwords(message, count);
    if (!inside(message, 1, (uint64_t) record * count)) {
        return client_refuse(client, "batch_count", "%u do not fit in %u dwords", count,
                             message->dwords);
    }
    /* All is checked before anything is executed. */
    for (uint32_t i = 0; i < count; i++) {
        if (read_batch(client, message, i, record, &batch)) {
            return -EPROTO;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (read_batch(client, message, i, record, &batch) ||
            submit(client, message->payload + batch.cmd_offset, batch.cmd_dwords) ||
            signal_syncs(client, message, &batch)) {
            return -EPROTO;
        }
    }
    return 0;
}
