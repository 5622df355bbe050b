/* SPDX-License-Identifier: MIT */
/* Resources: made, shared with the client, given up. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <virglrenderer.h>

#include "commands.h"

/* The id of a new resource: the client's choice before version 3, ours from then on. */
static int choose_id(struct client *client, uint32_t handle, uint32_t *id)
{
    if (client->version >= 3) {
        if (handle != 0) {
            return client_refuse(client, "res_handle", "%u: has to be 0 from version 3 on", handle);
        }
        *id = host_new_resource_id(client->shared->host);
        return 0;
    }
    if (handle == 0) {
        return client_refuse(client, "res_handle", "0 is no resource id");
    }
    if (resource_find(&client->resources, handle)) {
        return client_refuse(client, "res_handle", "%u is in use", handle);
    }
    *id = handle;
    return 0;
}

/* Have the renderer make the resource, and remember it. */
static struct resource *create(struct client *client, const uint32_t *payload, struct shm *shm)
{
    struct virgl_renderer_resource_create_args args = {
        .target = payload[VTEST_RESOURCE_CREATE_TARGET],
        .format = payload[VTEST_RESOURCE_CREATE_FORMAT],
        .bind = payload[VTEST_RESOURCE_CREATE_BIND],
        .width = payload[VTEST_RESOURCE_CREATE_WIDTH],
        .height = payload[VTEST_RESOURCE_CREATE_HEIGHT],
        .depth = payload[VTEST_RESOURCE_CREATE_DEPTH],
        .array_size = payload[VTEST_RESOURCE_CREATE_ARRAY_SIZE],
        .last_level = payload[VTEST_RESOURCE_CREATE_LAST_LEVEL],
        .nr_samples = payload[VTEST_RESOURCE_CREATE_NR_SAMPLES],
    };
    struct resource *resource = NULL;
    int error;

    if (choose_id(client, payload[VTEST_RESOURCE_CREATE_RES_HANDLE], &args.handle)) {
        return NULL;
    }
    error = virgl_renderer_resource_create(&args, NULL, 0);
    if (error) {
        client_refuse(client, "resource",
                      "%u: target %u format %u bind 0x%x %ux%ux%u layers %u last level %u "
                      "samples %u: the renderer says %s",
                      args.handle, args.target, args.format, args.bind, args.width, args.height,
                      args.depth, args.array_size, args.last_level, args.nr_samples,
                      strerror(abs(error)));
        return NULL;
    }
    error = resource_add(&client->resources, args.handle, shm, &resource);
    if (error) {
        virgl_renderer_resource_unref(args.handle);
        client_refuse(client, "resource", "%u: %s", args.handle, strerror(-error));
        return NULL;
    }
    if (resource->shm.address) {
        error = virgl_renderer_resource_attach_iov((int) resource->id, &resource->backing, 1);
        if (error) {
            client_refuse(client, "data_size", "%zu bytes of backing: the renderer says %s",
                          resource->backing.iov_len, strerror(abs(error)));
            return NULL;
        }
    }
    virgl_renderer_ctx_attach_resource((int) client->ctx_id, (int) resource->id);
    return resource;
}

/* From version 3 on the client is told the id. */
static int reply_id(struct client *client, const struct resource *resource)
{
    uint32_t reply[] = {1, client->command, resource->id};

    return client->version >= 3 ? client_reply(client, reply, 3) : 0;
}

int run_resource_create(struct client *client, const struct message *message)
{
    struct resource *resource = create(client, message->payload, NULL);

    return resource ? reply_id(client, resource) : -EPROTO;
}

static int make_shm(struct client *client, const char *field, uint64_t bytes, struct shm *shm,
                    int *fd)
{
    int error;

    if (bytes > PTRDIFF_MAX) {
        return client_refuse(client, field, "%llu bytes", (unsigned long long) bytes);
    }
    if (client_check_memory(client, field, bytes)) {
        return -EPROTO;
    }
    error = shm_init(shm, (size_t) bytes, fd);
    if (error) {
        return client_refuse(client, field, "%llu bytes of shared memory: %s",
                             (unsigned long long) bytes, strerror(-error));
    }
    return 0;
}

int run_resource_create2(struct client *client, const struct message *message)
{
    uint32_t bytes = message->payload[VTEST_RESOURCE_CREATE2_DATA_SIZE];
    struct shm shm = {0};
    struct resource *resource;
    int fd = -1;

    if (bytes > 0 && make_shm(client, "data_size", bytes, &shm, &fd)) {
        return -EPROTO;
    }
    resource = create(client, message->payload, &shm);
    if (!resource || reply_id(client, resource)) {
        if (fd >= 0) {
            close(fd);
        }
        shm_finish(&shm);
        return -EPROTO;
    }
    return fd >= 0 ? client_reply_fd(client, fd) : 0;
}

struct blob_request {
    uint32_t type;
    uint32_t flags;
    uint64_t size_bytes;
    uint64_t blob_id;
};

static int check_blob(struct client *client, const struct blob_request *blob)
{
    uint32_t all = VTEST_BLOB_FLAG_MAPPABLE | VTEST_BLOB_FLAG_SHAREABLE |
                   VTEST_BLOB_FLAG_CROSS_DEVICE;

    if (blob->type < VTEST_BLOB_TYPE_GUEST || blob->type > VTEST_BLOB_TYPE_HOST3D_GUEST) {
        return client_refuse(client, "type", "%u is no blob type", blob->type);
    }
    if (blob->flags & ~all) {
        return client_refuse(client, "flags", "0x%x has unknown bits", blob->flags);
    }
    if (blob->size_bytes == 0 || blob->size_bytes > PTRDIFF_MAX) {
        return client_refuse(client, "size", "%llu bytes",
                             (unsigned long long) blob->size_bytes);
    }
    return 0;
}

/* Have the renderer make the blob of a resource that is already remembered. */
static int create_blob(struct client *client, const struct blob_request *blob,
                       struct resource *resource, int *fd)
{
    struct virgl_renderer_resource_create_blob_args args = {
        .res_handle = resource->id,
        .ctx_id = client->ctx_id,
        .blob_mem = blob->type,
        .blob_flags = blob->flags,
        .blob_id = blob->blob_id,
        .size = blob->size_bytes,
        .iovecs = resource->shm.address ? &resource->backing : NULL,
        .num_iovs = resource->shm.address ? 1 : 0,
    };
    uint32_t fd_type;
    int error = virgl_renderer_resource_create_blob(&args);

    if (error) {
        return client_refuse(client, "blob", "type %u, id %llu, %llu bytes: the renderer says %s",
                             blob->type, (unsigned long long) blob->blob_id,
                             (unsigned long long) blob->size_bytes, strerror(abs(error)));
    }
    virgl_renderer_ctx_attach_resource((int) client->ctx_id, (int) resource->id);
    if (blob->type != VTEST_BLOB_TYPE_HOST3D) {
        return 0;
    }
    error = virgl_renderer_resource_export_blob(resource->id, &fd_type, fd);
    if (error) {
        return client_refuse(client, "blob", "id %llu cannot be shared: %s",
                             (unsigned long long) blob->blob_id, strerror(abs(error)));
    }
    return 0;
}

int run_resource_create_blob(struct client *client, const struct message *message)
{
    const uint32_t *payload = message->payload;
    struct blob_request blob = {
        .type = payload[VTEST_RESOURCE_CREATE_BLOB_TYPE],
        .flags = payload[VTEST_RESOURCE_CREATE_BLOB_FLAGS],
        .size_bytes = u64_from(payload + VTEST_RESOURCE_CREATE_BLOB_SIZE_LO),
        .blob_id = u64_from(payload + VTEST_RESOURCE_CREATE_BLOB_BLOB_ID_LO),
    };
    struct shm shm = {0};
    struct resource *resource = NULL;
    int fd = -1;
    int error;

    if (check_blob(client, &blob)) {
        return -EPROTO;
    }
    if (blob.type != VTEST_BLOB_TYPE_HOST3D &&
        make_shm(client, "size", blob.size_bytes, &shm, &fd)) {
        return -EPROTO;
    }
    error = resource_add(&client->resources, host_new_resource_id(client->shared->host), &shm,
                         &resource);
    if (error) {
        client_refuse(client, "resource", "%s", strerror(-error));
    } else {
        error = create_blob(client, &blob, resource, &fd);
    }
    if (error || reply_id(client, resource)) {
        if (fd >= 0) {
            close(fd);
        }
        shm_finish(&shm);
        return -EPROTO;
    }
    return client_reply_fd(client, fd);
}

int run_resource_unref(struct client *client, const struct message *message)
{
    uint32_t id = message->payload[VTEST_RESOURCE_UNREF_RES_HANDLE];

    if (resource_find(&client->resources, id)) {
        virgl_renderer_ctx_detach_resource((int) client->ctx_id, (int) id);
        resource_remove(&client->resources, id);
    }
    return 0;
}
