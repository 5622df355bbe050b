/* SPDX-License-Identifier: MIT */
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "log.h"

/* Bytes of a name that reach the log. */
#define LOGGED_NAME_BYTES 48

/* Replies that may wait before messages are left alone until the client reads. */
#define OUTBOX_PAUSE_BYTES 65536u

struct client *client_create(struct server_context *shared, int fd, bool is_socket, unsigned number,
                             int save_fd)
{
    struct client *client = calloc(1, sizeof(*client));
    size_t largest = (size_t) SERVER_MAX_TRANSFER_BYTES + 4096;

    if (!client) {
        close(fd);
        return NULL;
    }
    client->shared = shared;
    client->number = number;
    client->fd = fd;
    client->is_socket = is_socket;
    if (largest > shared->options->client_memory_bytes) {
        largest = shared->options->client_memory_bytes;
    }
    inbox_init(&client->inbox, largest, save_fd);
    return client;
}

void client_destroy(struct client *client)
{
    sync_set_finish(&client->syncs);
    if (client->capset_id) {
        host_context_destroy(client->shared->host, client->ctx_id);
    }
    resource_set_finish(&client->resources);
    inbox_finish(&client->inbox);
    outbox_finish(&client->outbox);
    close(client->fd);
    free(client->name);
    free(client);
}

/* The name for the log: the program, without its arguments and anything that upsets a terminal. */
static void printable_name(const struct client *client, char text[LOGGED_NAME_BYTES + 1])
{
    unsigned used = 0;

    for (uint32_t i = 0; i < client->name_bytes && used < LOGGED_NAME_BYTES; i++) {
        unsigned char c = (unsigned char) client->name[i];

        if (c <= ' ') {
            break;
        }
        text[used++] = c < 0x7f ? (char) c : '?';
    }
    text[used] = '\0';
}

static void say_refused(struct client *client, const char *field, const char *what)
{
    char name[LOGGED_NAME_BYTES + 1];
    char command[24];
    const char *command_name = vtest_command_name(client->command);

    if (command_name[0] == '?') {
        snprintf(command, sizeof(command), "command %u", client->command);
        command_name = command;
    }
    printable_name(client, name);
    log_message(LOG_ERROR, "client %u%s%s%s: %s: %s: %s; connection closed", client->number,
                name[0] ? " (" : "", name, name[0] ? ")" : "", command_name, field, what);
}

int client_refuse(struct client *client, const char *field, const char *format, ...)
{
    char what[256];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof(what), format, args);
    va_end(args);
    if (!client->failed) {
        say_refused(client, field, what);
    }
    client->failed = true;
    client->ended = true;
    return -EPROTO;
}

int client_reply(struct client *client, const uint32_t *dwords, unsigned count)
{
    void *space = client_reply_space(client, (size_t) count * 4);

    if (!space) {
        return -EPROTO;
    }
    memcpy(space, dwords, (size_t) count * 4);
    return 0;
}

void *client_reply_space(struct client *client, size_t bytes)
{
    void *space = outbox_add(&client->outbox, bytes);

    if (!space) {
        client_refuse(client, "reply", "no memory for %zu bytes", bytes);
    }
    return space;
}

int client_reply_fd(struct client *client, int fd)
{
    int error = outbox_add_fd(&client->outbox, fd);

    return error ? client_refuse(client, "reply", "descriptor: %s", strerror(-error)) : 0;
}

int client_need_context(struct client *client, uint32_t capset_id)
{
    int error;

    if (client->capset_id) {
        if (capset_id && capset_id != client->capset_id) {
            return client_refuse(client, "capset_id", "%u, but the context is of kind %u",
                                 capset_id, client->capset_id);
        }
        return 0;
    }
    if (client->version < 3 && client->shared->options->mode == MODE_MULTI_CLIENTS) {
        return client_refuse(client, "version",
                             "%u is agreed on, --multi-clients needs at least 3", client->version);
    }
    if (!capset_id) {
        capset_id = VTEST_CAPSET_VIRGL2;
    }
    error = host_context_create(client->shared->host, capset_id, client->name, client->name_bytes,
                                &client->ctx_id);
    if (error) {
        return client_refuse(client, "capset_id", "the renderer makes no context of kind %u: %s",
                             capset_id, strerror(-error));
    }
    client->capset_id = capset_id;
    return 0;
}

int client_check_memory(struct client *client, const char *field, uint64_t bytes)
{
    size_t limit = client->shared->options->client_memory_bytes;
    size_t used = client->resources.shm_bytes;

    if (used > limit || bytes > limit - used) {
        return client_refuse(client, field, "%llu bytes more than the %zu of %zu in use",
                             (unsigned long long) bytes, used, limit);
    }
    return 0;
}

/* The bytes of the counted payload, by the command's rule. */
static int payload_bytes(struct client *client, const struct command *command,
                         const struct vtest_header *header, size_t *bytes)
{
    if (command->rule == LENGTH_FIXED) {
        *bytes = (size_t) command->dwords * 4;
        return 0;
    }
    if (command->rule == LENGTH_BYTES) {
        *bytes = header->length;
        if (header->length > command->max_dwords * 4) {
            return client_refuse(client, "length", "%u bytes, above the limit of %u",
                                 header->length, command->max_dwords * 4);
        }
        return 0;
    }
    *bytes = (size_t) header->length * 4;
    if (header->length < command->dwords || header->length > command->max_dwords) {
        return client_refuse(client, "length", "%u dwords, has to be between %u and %u",
                             header->length, command->dwords, command->max_dwords);
    }
    return 0;
}

/* May this client send this command now? */
static const struct command *admit(struct client *client, uint32_t id)
{
    const struct command *command = command_find(id);

    client->command = id;
    if (!client->introduced && id != VTEST_CMD_CREATE_RENDERER) {
        client_refuse(client, "command", "comes before CREATE_RENDERER");
        return NULL;
    }
    if (!command) {
        client_refuse(client, "command", "not known");
        return NULL;
    }
    if (command->since_version > client->version) {
        client_refuse(client, "command", "needs protocol version %u, agreed on is %u",
                      command->since_version, client->version);
        return NULL;
    }
    return command;
}

static int expect(struct client *client, size_t bytes)
{
    if (inbox_expect(&client->inbox, bytes)) {
        return client_refuse(client, "length", "a message of %zu bytes is above the limit of %zu",
                             bytes, client->inbox.limit_bytes);
    }
    return 0;
}

/*
 * Execute the first message that waits, if it is complete. Returns true when it was: there may be
 * more.
 */
static bool run_one(struct client *client)
{
    struct inbox *inbox = &client->inbox;
    struct message message = {0};
    struct vtest_header header;
    const struct command *command;
    size_t counted, bytes;

    if (inbox_bytes(inbox) < VTEST_HEADER_BYTES) {
        return false;
    }
    memcpy(&header, inbox_peek(inbox), sizeof(header));
    command = admit(client, header.command);
    if (!command || payload_bytes(client, command, &header, &counted)) {
        return false;
    }
    bytes = VTEST_HEADER_BYTES + counted;
    if (inbox_bytes(inbox) < bytes) {
        expect(client, bytes);
        return false;
    }
    inbox_align(inbox);
    message.payload = (const uint32_t *) (inbox_peek(inbox) + VTEST_HEADER_BYTES);
    message.dwords = header.length;
    if (command->rule == LENGTH_FIXED) {
        message.dwords = command->dwords;
    }
    if (command->tail) {
        if (command->tail(client, message.payload, message.dwords, &message.tail_bytes)) {
            return false;
        }
        bytes += message.tail_bytes;
        if (inbox_bytes(inbox) < bytes) {
            expect(client, bytes);
            return false;
        }
        message.tail = inbox_peek(inbox) + VTEST_HEADER_BYTES + counted;
    }
    if (command->needs_context && client_need_context(client, 0)) {
        return false;
    }
    if (command->run(client, &message)) {
        client->ended = true;
        return false;
    }
    inbox_consume(inbox, bytes);
    return true;
}

/* Answer the RESOURCE_BUSY_WAIT that was waiting, once the work is done. */
static void end_wait(struct client *client)
{
    static const uint32_t idle[] = {1, VTEST_CMD_RESOURCE_BUSY_WAIT, 0};

    if (client->waiting && host_fence_passed(client->shared->host, client->fence_number)) {
        client->waiting = false;
        client_reply(client, idle, 3);
    }
}

static bool may_run(const struct client *client)
{
    return !client->ended && !client->waiting && client->outbox.fd_count < OUTBOX_MAX_FDS &&
           outbox_bytes(&client->outbox) < OUTBOX_PAUSE_BYTES;
}

/* Returns true when all replies are on their way. */
static bool flush(struct client *client)
{
    int error;

    if (!client->is_socket) {
        outbox_finish(&client->outbox);
        return true;
    }
    error = outbox_flush(&client->outbox, client->fd);
    if (error && error != -EAGAIN) {
        if (error != -EPIPE && error != -ECONNRESET) {
            log_message(LOG_ERROR, "client %u: cannot send: %s", client->number, strerror(-error));
        }
        client->ended = true;
    }
    return error == 0;
}

/* Read what is there. Returns true when it makes sense to read again at once. */
static bool fill(struct client *client)
{
    bool drained = true;
    ptrdiff_t got = inbox_fill(&client->inbox, client->fd, client->is_socket, false, &drained);

    if (got == -EAGAIN) {
        return false;
    }
    if (got == 0 || got == -ECONNRESET) {
        if (inbox_bytes(&client->inbox) > 0 && !client->failed) {
            log_message(LOG_WARNING, "client %u: left %zu bytes of an unfinished message",
                        client->number, inbox_bytes(&client->inbox));
        }
        client->ended = true;
        return false;
    }
    if (got < 0) {
        client_refuse(client, "socket", "cannot read: %s", strerror((int) -got));
        return false;
    }
    return !drained;
}

void client_run(struct client *client, bool readable)
{
    /* A turn is over after this many reads, so that a busy client leaves time for the others. */
    unsigned reads_left = 8;

    end_wait(client);
    for (;;) {
        bool more = true;

        while (may_run(client) && (more = run_one(client))) {
        }
        if (!flush(client) || !may_run(client)) {
            return;
        }
        if (more) {
            continue; /* the replies had to get away first */
        }
        if (!readable || reads_left-- == 0) {
            return;
        }
        readable = fill(client);
        if (client->ended) {
            return;
        }
    }
}

short client_events(const struct client *client)
{
    if (outbox_bytes(&client->outbox) > 0) {
        return POLLOUT;
    }
    return client->waiting ? 0 : POLLIN;
}
