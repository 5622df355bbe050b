/* SPDX-License-Identifier: MIT */
/* How a connection begins: who the client is, the protocol version, capabilities, kind of context. */
#include <stdlib.h>
#include <string.h>

#include <virglrenderer.h>

#include "commands.h"

int run_create_renderer(struct client *client, const struct message *message)
{
    struct server_context *shared = client->shared;
    const char *name = (const char *) message->payload;
    uint32_t bytes = message->dwords; /* this length counts bytes */

    if (client->introduced) {
        return client_refuse(client, "command", "came before");
    }
    while (bytes > 0 && name[bytes - 1] == '\0') {
        bytes--;
    }
    client->name = malloc(bytes ? bytes : 1);
    if (!client->name) {
        return client_refuse(client, "name", "no memory for %u bytes", bytes);
    }
    memcpy(client->name, name, bytes);
    client->name_bytes = bytes;
    client->introduced = true;

    if (!shared->host) {
        shared->host = host_create(shared->options);
    }
    return shared->host ? 0 : client_refuse(client, "renderer", "cannot be started");
}

int run_ping_protocol_version(struct client *client, const struct message *message)
{
    static const uint32_t reply[] = {0, VTEST_CMD_PING_PROTOCOL_VERSION};

    return client_reply(client, reply, 2);
}

int run_protocol_version(struct client *client, const struct message *message)
{
    uint32_t version = message->payload[VTEST_PROTOCOL_VERSION_VERSION];
    uint32_t reply[] = {VTEST_PROTOCOL_VERSION_DWORDS, VTEST_CMD_PROTOCOL_VERSION, 0};

    if (client->capset_id) {
        return client_refuse(client, "version", "has to be agreed on before the context is made");
    }
    if (version > SERVER_MAX_VERSION) {
        version = SERVER_MAX_VERSION;
    }
    if (version == 1) {
        version = 0; /* a draft of version 2 that was withdrawn */
    }
    if (client->shared->options->mode == MODE_MULTI_CLIENTS && version < 3) {
        return client_refuse(client, "version", "%u: --multi-clients needs at least 3",
                             message->payload[VTEST_PROTOCOL_VERSION_VERSION]);
    }
    client->version = version;
    reply[2] = version;
    return client_reply(client, reply, 3);
}

/* Capability sets 1 and 2 go out behind a header that counts their bytes and one more. */
static int reply_caps(struct client *client, uint32_t capset_id, uint32_t reply_id)
{
    uint32_t header[VTEST_HEADER_SIZE_DW], version = 0, bytes = 0;
    uint8_t *reply;

    virgl_renderer_get_cap_set(capset_id, &version, &bytes);
    if (bytes == 0) {
        return client_refuse(client, "capset", "the renderer does not offer set %u", capset_id);
    }
    reply = client_reply_space(client, VTEST_HEADER_BYTES + (size_t) bytes);
    if (!reply) {
        return -1;
    }
    header[VTEST_HEADER_LENGTH] = bytes + 1;
    header[VTEST_HEADER_COMMAND] = reply_id;
    memcpy(reply, header, sizeof(header)); /* behind replies of any length */
    virgl_renderer_fill_caps(capset_id, version, reply + sizeof(header));
    return 0;
}

int run_get_caps(struct client *client, const struct message *message)
{
    return reply_caps(client, VTEST_CAPSET_VIRGL, VTEST_CMD_GET_CAPS);
}

int run_get_caps2(struct client *client, const struct message *message)
{
    return reply_caps(client, VTEST_CAPSET_VIRGL2, VTEST_REPLY_GET_CAPS2);
}

int run_get_param(struct client *client, const struct message *message)
{
    uint32_t reply[] = {2, VTEST_CMD_GET_PARAM, 0, 0};

    switch (message->payload[VTEST_GET_PARAM_PARAM]) {
    case VTEST_PARAM_MAX_TIMELINE_COUNT:
        reply[2] = 1;
        reply[3] = host_timeline_count(client->shared->host);
        break;
    default:
        break;
    }
    return client_reply(client, reply, 4);
}

int run_get_capset(struct client *client, const struct message *message)
{
    static const uint32_t unknown[] = {1, VTEST_CMD_GET_CAPSET, 0};
    uint32_t id = message->payload[VTEST_GET_CAPSET_ID];
    uint32_t version = message->payload[VTEST_GET_CAPSET_VERSION];
    uint32_t header[VTEST_HEADER_SIZE_DW + 1], max_version = 0, bytes = 0;
    uint8_t *reply;

    virgl_renderer_get_cap_set(id, &max_version, &bytes);
    if (bytes == 0 || version > max_version) {
        return client_reply(client, unknown, 3);
    }
    /* The length counts dwords: a set of another size is filled up with zeros. */
    reply = client_reply_space(client, VTEST_HEADER_BYTES + 4 + ((size_t) bytes + 3) / 4 * 4);
    if (!reply) {
        return -1;
    }
    header[VTEST_HEADER_LENGTH] = 1 + (bytes + 3) / 4;
    header[VTEST_HEADER_COMMAND] = VTEST_CMD_GET_CAPSET;
    header[VTEST_HEADER_SIZE_DW + VTEST_GET_CAPSET_REPLY_VALID] = 1;
    memcpy(reply, header, sizeof(header));
    virgl_renderer_fill_caps(id, version, reply + sizeof(header));
    return 0;
}

int run_context_init(struct client *client, const struct message *message)
{
    uint32_t capset_id = message->payload[VTEST_CONTEXT_INIT_CAPSET_ID];

    if (capset_id == 0 || capset_id > VIRGL_RENDERER_CONTEXT_FLAG_CAPSET_ID_MASK) {
        return client_refuse(client, "capset_id", "%u is no kind of context", capset_id);
    }
    return client_need_context(client, capset_id);
}
