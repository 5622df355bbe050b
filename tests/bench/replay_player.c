/* SPDX-License-Identifier: MIT */
#include "replay_player.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

#include "replay_format.h"
#include "replay_library.h"
#include "virgl_protocol.h"

struct virgl_box {
    uint32_t x, y, z, width, height, depth;
};

struct player {
    struct replay_library library;
    struct virgl_renderer_callbacks callbacks;
    GHashTable *backings; /* resource to struct iovec */
    uint32_t kind; /* of the record being played */
    uint64_t draws_done;
    uint64_t measure_from; /* draws */
    struct replay_result *result;
};

static uint64_t cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

static uint64_t count_draws(const uint32_t *stream, uint32_t dwords)
{
    uint64_t draws = 0;

    for (uint64_t at = 0; at < dwords; at += 1 + (stream[at] >> 16)) {
        draws += (stream[at] & 0xff) == VIRGL_COMMAND_DRAW_VBO;
    }
    return draws;
}

/* Step through the records; NULL at the end. *damaged tells why it ended. */
static const struct replay_record *next_record(const uint8_t *recording, size_t size_bytes,
                                               size_t *at, const uint8_t **payload, bool *damaged)
{
    const struct replay_record *record = (const struct replay_record *) (recording + *at);
    size_t left = size_bytes - *at;

    if (left == 0) {
        return NULL;
    }
    if (left < sizeof(*record) || replay_padded(record->size_bytes) > left - sizeof(*record)) {
        *damaged = true;
        return NULL;
    }
    *payload = (const uint8_t *) (record + 1);
    *at += sizeof(*record) + replay_padded(record->size_bytes);
    return record;
}

/* The draws of the whole recording; false when it is damaged. */
static bool survey(const uint8_t *recording, size_t size_bytes, uint64_t *draws)
{
    size_t at = sizeof(struct replay_header);
    const struct replay_record *record;
    const uint8_t *payload;
    bool damaged = size_bytes < at || memcmp(recording, REPLAY_MAGIC, 8) != 0;

    *draws = 0;
    while (!damaged && (record = next_record(recording, size_bytes, &at, &payload, &damaged))) {
        if (record->kind == REPLAY_SUBMIT) {
            damaged |= record->size_bytes != (uint64_t) record->args[1] * 4;
            *draws += damaged ? 0 : count_draws((const uint32_t *) payload, record->args[1]);
        }
    }
    return !damaged;
}

static void write_fence(void *cookie, uint32_t fence)
{
}

static void check(struct player *player, int error)
{
    if (error && player->result->failed_calls++ == 0) {
        player->result->first_failed = player->kind;
    }
}

static void attach(struct player *player, uint32_t resource, uint32_t bytes)
{
    struct iovec *iov = g_new(struct iovec, 1);

    iov->iov_base = g_malloc0(bytes);
    iov->iov_len = bytes;
    g_hash_table_replace(player->backings, GUINT_TO_POINTER(resource), iov);
    check(player, player->library.resource_attach_iov((int) resource, iov, 1));
}

static void free_backing(void *value)
{
    struct iovec *iov = value;

    g_free(iov->iov_base);
    g_free(iov);
}

static void change_memory(struct player *player, const struct replay_record *record,
                          const uint8_t *payload)
{
    struct iovec *iov =
        g_hash_table_lookup(player->backings, GUINT_TO_POINTER(record->args[0]));

    if (iov && (uint64_t) record->args[1] + record->size_bytes <= iov->iov_len) {
        memcpy((uint8_t *) iov->iov_base + record->args[1], payload, record->size_bytes);
    }
}

static void transfer(struct player *player, const struct replay_record *record,
                     const uint8_t *payload)
{
    const uint32_t *args = record->args;
    uint32_t bytes = args[TRANSFER_MEMORY_BYTES];
    struct iovec iov = {.iov_base = bytes ? g_malloc0(bytes) : NULL, .iov_len = bytes};
    struct iovec *memory = bytes ? &iov : NULL;
    struct virgl_box box;
    int error;

    memcpy(&box, args + TRANSFER_BOX, sizeof(box));
    if (record->kind == REPLAY_TRANSFER_WRITE) {
        if (bytes > 0) {
            memcpy(iov.iov_base, payload, MIN(bytes, record->size_bytes));
        }
        error = player->library.transfer_write_iov(
            args[TRANSFER_RESOURCE], args[TRANSFER_CTX], (int) args[TRANSFER_LEVEL],
            args[TRANSFER_STRIDE], args[TRANSFER_LAYER_STRIDE], &box, args[TRANSFER_OFFSET], memory,
            bytes ? 1 : 0);
    } else {
        error = player->library.transfer_read_iov(
            args[TRANSFER_RESOURCE], args[TRANSFER_CTX], args[TRANSFER_LEVEL],
            args[TRANSFER_STRIDE], args[TRANSFER_LAYER_STRIDE], &box, args[TRANSFER_OFFSET], memory,
            bytes ? 1 : 0);
    }
    check(player, error);
    g_free(iov.iov_base);
}

static void submit(struct player *player, const struct replay_record *record,
                   const uint8_t *payload)
{
    uint64_t draws = count_draws((const uint32_t *) payload, record->args[1]);
    uint64_t begin = cpu_ns();
    uint64_t took;

    check(player, player->library.submit_cmd((void *) payload, (int) record->args[0],
                                             (int) record->args[1]));
    took = cpu_ns() - begin;
    player->result->all_draws += draws;
    player->result->all_submit_ns += took;
    if (player->draws_done >= player->measure_from) {
        player->result->draws += draws;
        player->result->submit_ns += took;
    }
    player->draws_done += draws;
}

/* False when the library cannot start. */
static bool play(struct player *player, const struct replay_record *record, const uint8_t *payload)
{
    const struct replay_library *library = &player->library;
    const uint32_t *args = record->args;
    struct virgl_renderer_resource_create_args create;

    switch (record->kind) {
    case REPLAY_INIT:
        /* Fences are looked at where the recording made them: no thread is needed. */
        return library->init(player, (int) args[0] & ~VIRGL_RENDERER_THREAD_SYNC,
                             &player->callbacks) == 0;
    case REPLAY_CONTEXT_CREATE:
        check(player, library->context_create_with_flags(args[0], args[1], record->size_bytes,
                                                         (const char *) payload));
        break;
    case REPLAY_CONTEXT_DESTROY:
        library->context_destroy(args[0]);
        break;
    case REPLAY_RESOURCE_CREATE:
        memcpy(&create, args, sizeof(create));
        check(player, library->resource_create(&create, NULL, 0));
        break;
    case REPLAY_RESOURCE_UNREF:
        library->resource_unref(args[0]);
        g_hash_table_remove(player->backings, GUINT_TO_POINTER(args[0]));
        break;
    case REPLAY_ATTACH:
        attach(player, args[0], args[1]);
        break;
    case REPLAY_DETACH:
        library->resource_detach_iov((int) args[0], NULL, NULL);
        g_hash_table_remove(player->backings, GUINT_TO_POINTER(args[0]));
        break;
    case REPLAY_CTX_ATTACH:
        library->ctx_attach_resource((int) args[0], (int) args[1]);
        break;
    case REPLAY_CTX_DETACH:
        library->ctx_detach_resource((int) args[0], (int) args[1]);
        break;
    case REPLAY_MEMORY:
        change_memory(player, record, payload);
        break;
    case REPLAY_TRANSFER_WRITE:
    case REPLAY_TRANSFER_READ:
        transfer(player, record, payload);
        break;
    case REPLAY_SUBMIT:
        submit(player, record, payload);
        break;
    case REPLAY_FENCE:
        check(player, library->create_fence((int) args[0], 0));
        library->poll();
        break;
    default:
        check(player, -1);
        break;
    }
    return true;
}

bool replay_play(const uint8_t *recording, size_t size_bytes, const char *path,
                 struct replay_result *result)
{
    struct player player = {
        .callbacks = {.version = 1, .write_fence = write_fence},
        .result = result,
    };
    size_t at = sizeof(struct replay_header);
    const struct replay_record *record;
    const uint8_t *payload;
    bool damaged = false;
    uint64_t draws;

    *result = (struct replay_result) {0};
    if (!survey(recording, size_bytes, &draws)) {
        fprintf(stderr, "mantua-replay: the recording is damaged\n");
        return false;
    }
    if (!replay_library_load(&player.library, path)) {
        return false;
    }
    player.measure_from = draws / 2;
    player.backings = g_hash_table_new_full(NULL, NULL, NULL, free_backing);
    while ((record = next_record(recording, size_bytes, &at, &payload, &damaged))) {
        player.kind = record->kind;
        if (!play(&player, record, payload)) {
            fprintf(stderr, "mantua-replay: %s cannot start\n", path);
            return false;
        }
    }
    /* The memory stays attached until the process ends: the library may still look at it. */
    return true;
}
