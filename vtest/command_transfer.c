/* SPDX-License-Identifier: MIT */
/* Pixels between client and renderer: through the socket, or through shared memory. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include <virglrenderer.h>

#include "commands.h"

/* The box of the renderer's interface. */
struct virgl_box {
    uint32_t x, y, z;
    uint32_t width, height, depth;
};

static struct virgl_box box_at(const uint32_t *dwords)
{
    return (struct virgl_box) {dwords[0], dwords[1], dwords[2], dwords[3], dwords[4], dwords[5]};
}

static struct resource *find(struct client *client, uint32_t id)
{
    struct resource *resource = resource_find(&client->resources, id);

    if (!resource) {
        client_refuse(client, "res_handle", "%u is no resource of this client", id);
    }
    return resource;
}

static int refuse_transfer(struct client *client, uint32_t id, uint32_t level,
                           const struct virgl_box *box, int error)
{
    return client_refuse(client, "box",
                         "resource %u level %u at %u,%u,%u size %ux%ux%u: the renderer says %s", id,
                         level, box->x, box->y, box->z, box->width, box->height, box->depth,
                         strerror(abs(error)));
}

/* The pixels follow the counted payload, byte by byte. */
static int check_data_size(struct client *client, uint32_t bytes)
{
    if (bytes > SERVER_MAX_TRANSFER_BYTES) {
        return client_refuse(client, "data_size", "%u bytes, above the limit of %u", bytes,
                             SERVER_MAX_TRANSFER_BYTES);
    }
    return client_check_memory(client, "data_size", bytes);
}

int tail_transfer_put(struct client *client, const uint32_t *payload, uint32_t dwords,
                      size_t *tail_bytes)
{
    *tail_bytes = payload[VTEST_TRANSFER_PUT_DATA_SIZE];
    return check_data_size(client, payload[VTEST_TRANSFER_PUT_DATA_SIZE]);
}

int run_transfer_put(struct client *client, const struct message *message)
{
    const uint32_t *payload = message->payload;
    uint32_t level = payload[VTEST_TRANSFER_PUT_LEVEL];
    struct virgl_box box = box_at(payload + VTEST_TRANSFER_PUT_X);
    struct resource *resource = find(client, payload[VTEST_TRANSFER_PUT_RES_HANDLE]);
    struct iovec iov = {.iov_base = (void *) message->tail, .iov_len = message->tail_bytes};
    int error;

    if (!resource) {
        return -EPROTO;
    }
    error = virgl_renderer_transfer_write_iov(resource->id, client->ctx_id, (int) level,
                                              payload[VTEST_TRANSFER_PUT_STRIDE],
                                              payload[VTEST_TRANSFER_PUT_LAYER_STRIDE], &box, 0,
                                              &iov, 1);
    return error ? refuse_transfer(client, resource->id, level, &box, error) : 0;
}

int run_transfer_get(struct client *client, const struct message *message)
{
    const uint32_t *payload = message->payload;
    uint32_t level = payload[VTEST_TRANSFER_GET_LEVEL];
    uint32_t bytes = payload[VTEST_TRANSFER_GET_DATA_SIZE];
    struct virgl_box box = box_at(payload + VTEST_TRANSFER_GET_X);
    struct resource *resource = find(client, payload[VTEST_TRANSFER_GET_RES_HANDLE]);
    struct iovec iov = {.iov_len = bytes};
    int error;

    if (!resource || check_data_size(client, bytes)) {
        return -EPROTO;
    }
    iov.iov_base = client_reply_space(client, bytes);
    if (!iov.iov_base) {
        return -EPROTO;
    }
    error = virgl_renderer_transfer_read_iov(resource->id, client->ctx_id, level,
                                             payload[VTEST_TRANSFER_GET_STRIDE],
                                             payload[VTEST_TRANSFER_GET_LAYER_STRIDE], &box, 0,
                                             &iov, 1);
    if (error) {
        outbox_retract(&client->outbox, bytes);
        return refuse_transfer(client, resource->id, level, &box, error);
    }
    return 0;
}

/* The resource of a transfer through shared memory. */
static struct resource *find_shared(struct client *client, const uint32_t *payload)
{
    uint32_t offset = payload[VTEST_TRANSFER_GET2_OFFSET];
    struct resource *resource = find(client, payload[VTEST_TRANSFER_GET2_RES_HANDLE]);

    if (resource && offset >= resource->shm.size_bytes) {
        client_refuse(client, "offset", "%u, but resource %u has %zu bytes of shared memory",
                      offset, resource->id, resource->shm.size_bytes);
        return NULL;
    }
    return resource;
}

int run_transfer_get2(struct client *client, const struct message *message)
{
    const uint32_t *payload = message->payload;
    uint32_t level = payload[VTEST_TRANSFER_GET2_LEVEL];
    struct virgl_box box = box_at(payload + VTEST_TRANSFER_GET2_X);
    struct resource *resource = find_shared(client, payload);
    int error;

    if (!resource) {
        return -EPROTO;
    }
    error = virgl_renderer_transfer_read_iov(resource->id, client->ctx_id, level, 0, 0, &box,
                                             payload[VTEST_TRANSFER_GET2_OFFSET], NULL, 0);
    return error ? refuse_transfer(client, resource->id, level, &box, error) : 0;
}

int run_transfer_put2(struct client *client, const struct message *message)
{
    const uint32_t *payload = message->payload;
    uint32_t level = payload[VTEST_TRANSFER_PUT2_LEVEL];
    struct virgl_box box = box_at(payload + VTEST_TRANSFER_PUT2_X);
    struct resource *resource = find_shared(client, payload);
    int error;

    if (!resource) {
        return -EPROTO;
    }
    error = virgl_renderer_transfer_write_iov(resource->id, client->ctx_id, (int) level, 0, 0, &box,
                                              payload[VTEST_TRANSFER_PUT2_OFFSET], NULL, 0);
    return error ? refuse_transfer(client, resource->id, level, &box, error) : 0;
}
