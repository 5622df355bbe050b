/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device_spec.h"
#include "picture.h"
#include "recording.h"
#include "resource_fields.h"
#include "vgpu_layout.h"

#define PROGRAM "vgpu-replay"

/* A resource of the recording and the one that stands for it now. */
struct replayed {
    uint32_t recorded_id;
    struct vgpu_resource resource;
    struct replayed *next;
};

struct replay {
    struct vgpu_winsys *winsys;
    struct replayed *resources;
    const char *output;
    const char *error; /* what is wrong with the file */
    uint8_t *picture;  /* the last one that was read back whole */
    uint32_t picture_px[2];
    uint64_t streams, dwords;
};

static struct replayed *find(const struct replay *replay, uint32_t recorded_id)
{
    struct replayed *r = replay->resources;

    while (r && r->recorded_id != recorded_id)
        r = r->next;
    return r;
}

/* Ids that the recording never created stay what they are: an error for the device to find. */
static uint32_t new_id(void *data, uint32_t id)
{
    const struct replayed *r = find(data, id);

    return r ? r->resource.id : id;
}

static int create(struct replay *replay, const uint32_t *payload, size_t bytes)
{
    struct replayed *r;

    if (bytes != 4 + sizeof(struct vgpu_resource_desc) || find(replay, payload[0])) {
        replay->error = "a resource is created wrongly";
        return -EINVAL;
    }
    r = calloc(1, sizeof(*r));
    if (!r)
        return -ENOMEM;
    r->recorded_id = payload[0];
    memcpy(&r->resource.desc, payload + 1, sizeof(r->resource.desc));
    if (!vgpu_layout_init(&r->resource.layout, &r->resource.desc)) {
        free(r);
        replay->error = "a resource makes no sense";
        return -EINVAL;
    }
    int result = replay->winsys->ops->resource_create(replay->winsys, &r->resource);

    if (result < 0) {
        free(r);
        return result;
    }
    r->next = replay->resources;
    replay->resources = r;
    return 0;
}

static void destroy(struct replay *replay, struct replayed *gone)
{
    for (struct replayed **r = &replay->resources; *r; r = &(*r)->next) {
        if (*r == gone) {
            *r = gone->next;
            break;
        }
    }
    replay->winsys->ops->resource_destroy(replay->winsys, &gone->resource);
    free(gone);
}

static int transfer(struct replay *replay, uint32_t kind, struct replayed *r,
                    const uint32_t *payload)
{
    const struct vgpu_box box = {
        payload[2], payload[3], payload[4], payload[5], payload[6], payload[7],
    };
    const struct vgpu_winsys_ops *ops = replay->winsys->ops;
    const struct vgpu_resource_desc *desc = &r->resource.desc;
    struct vgpu_transfer move;

    if (!vgpu_transfer_init(&move, &r->resource, payload[1], &box)) {
        replay->error = "a transfer lies outside of its resource";
        return -EINVAL;
    }
    if (kind == RECORDING_UPLOAD)
        return ops->transfer_to_host(replay->winsys, &r->resource, &move);
    int result = ops->transfer_from_host(replay->winsys, &r->resource, &move);

    if (result == 0)
        result = ops->wait(replay->winsys, &r->resource);
    if (result == 0 && replay->output && payload[1] == 0 && box.width == desc->width &&
        box.height == desc->height && desc->format == VIRGL_FORMAT_R8G8B8A8_UNORM) {
        size_t bytes = r->resource.layout.layer_stride_bytes[0];
        uint8_t *picture = realloc(replay->picture, bytes);

        if (!picture)
            return -ENOMEM;
        memcpy(picture, r->resource.memory, bytes);
        replay->picture = picture;
        replay->picture_px[0] = desc->width;
        replay->picture_px[1] = desc->height;
    }
    return result;
}

static int submit(struct replay *replay, uint32_t *payload, size_t bytes)
{
    if (bytes % 4 || !resource_fields_rename(payload, bytes / 4, new_id, replay)) {
        replay->error = "a stream ends inside a command";
        return -EINVAL;
    }
    replay->streams++;
    replay->dwords += bytes / 4;
    return replay->winsys->ops->submit(replay->winsys, payload, bytes / 4, VGPU_NO_HANDLE, NULL);
}

static int play(struct replay *replay, uint32_t kind, uint32_t *payload, size_t bytes)
{
    struct replayed *r = bytes >= 4 ? find(replay, payload[0]) : NULL;

    if (kind == RECORDING_CREATE)
        return create(replay, payload, bytes);
    if (kind == RECORDING_SUBMIT)
        return submit(replay, payload, bytes);
    if (!r) {
        replay->error = "it uses a resource that it did not create";
        return -EINVAL;
    }
    switch (kind) {
    case RECORDING_DESTROY:
        destroy(replay, r);
        return 0;
    case RECORDING_MEMORY:
        if (bytes - 4 != r->resource.layout.total_bytes || !r->resource.memory)
            break;
        /* The device may still be reading what an earlier stream uploads. */
        replay->winsys->ops->wait(replay->winsys, &r->resource);
        memcpy(r->resource.memory, payload + 1, bytes - 4);
        return 0;
    case RECORDING_UPLOAD:
    case RECORDING_READ:
        if (bytes == 4 * RECORDING_TRANSFER_DWORDS)
            return transfer(replay, kind, r, payload);
        break;
    default:
        break;
    }
    replay->error = "a record makes no sense";
    return -EINVAL;
}

static int play_file(struct replay *replay, FILE *file)
{
    char magic[sizeof(RECORDING_MAGIC) - 1];
    uint32_t header[2];
    int result = 0;

    if (fread(magic, sizeof(magic), 1, file) != 1 ||
        memcmp(magic, RECORDING_MAGIC, sizeof(magic)) != 0) {
        replay->error = "this is not a recording of vgpu-scene or vgpu-stress";
        return -EINVAL;
    }
    while (result == 0) {
        size_t got = fread(header, 1, sizeof(header), file);

        if (got == 0 && feof(file))
            return 0;
        size_t padded = got == sizeof(header) ? ((size_t)header[1] + 3) / 4 * 4 : 0;
        uint32_t *payload = padded <= RECORDING_MAX_PAYLOAD_BYTES ? malloc(padded + 4) : NULL;

        if (!payload || got != sizeof(header) || fread(payload, 1, padded, file) != padded) {
            replay->error = "the file is cut off";
            result = -EINVAL;
        } else {
            result = play(replay, header[0], payload, header[1]);
        }
        free(payload);
    }
    return result;
}

static int run(struct replay *replay, const char *path)
{
    FILE *file = fopen(path, "rb");
    int result = file ? play_file(replay, file) : -errno;

    if (result == 0)
        result = replay->winsys->ops->wait(replay->winsys, NULL);
    if (file)
        fclose(file);
    if (result < 0) {
        fprintf(stderr, PROGRAM ": %s: %s\n", path,
                replay->error ? replay->error : strerror(-result));
        return EXIT_FAILURE;
    }
    if (!replay->output) {
        printf("%llu streams, %llu dwords\n", (unsigned long long)replay->streams,
               (unsigned long long)replay->dwords);
        return EXIT_SUCCESS;
    }
    if (!replay->picture) {
        fprintf(stderr, PROGRAM ": %s: no picture is read back in it\n", path);
        return EXIT_FAILURE;
    }
    result = picture_write(replay->output, replay->picture, replay->picture_px[0],
                           replay->picture_px[1]);
    if (result < 0)
        fprintf(stderr, PROGRAM ": %s: %s\n", replay->output,
                result == -EINVAL ? "the name must end in .png or .pam" : strerror(-result));
    return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static void usage(FILE *file)
{
    fputs("usage: " PROGRAM " [OPTION]... FILE\n"
          "Sends what vgpu-scene or vgpu-stress recorded to the virtio-gpu again.\n\n"
          DEVICE_SPEC_HELP
          "  -o, --output=FILE  write the last picture that is read back (.png or .pam)\n"
          "  -h, --help         print this text\n", file);
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {
        {"device", required_argument, NULL, 'd'}, {"output", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'}, {NULL, 0, NULL, 0},
    };
    struct replay replay = {0};
    const char *device = NULL;
    int c;

    while ((c = getopt_long(argc, argv, "d:o:h", longs, NULL)) != -1) {
        switch (c) {
        case 'd':
            device = optarg;
            break;
        case 'o':
            replay.output = optarg;
            break;
        case 'h':
            usage(stdout);
            return EXIT_SUCCESS;
        default:
            usage(stderr);
            return EXIT_FAILURE;
        }
    }
    if (optind != argc - 1) {
        usage(stderr);
        return EXIT_FAILURE;
    }
    replay.winsys = device_spec_open(PROGRAM, device);
    if (!replay.winsys)
        return EXIT_FAILURE;
    int status = run(&replay, argv[optind]);

    while (replay.resources)
        destroy(&replay, replay.resources);
    free(replay.picture);
    replay.winsys->ops->destroy(replay.winsys);
    return status;
}
