/* SPDX-License-Identifier: MIT */
#include "winsys_vtest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "vtest_protocol.h"

#define CLIENT_NAME "vgpu"
#define REPLY_MAX_BYTES 65536
/* Blobs and resources with server-chosen ids. */
#define VERSION_BLOBS 3
/* Commands with shared memory. */
#define VERSION_SHARED_MEMORY 2

struct winsys_vtest {
    struct vgpu_winsys base;
    int fd;
    uint32_t version;
    uint32_t last_resource_id; /* below version 3 the client chooses */
};

static struct winsys_vtest *vtest_of(struct vgpu_winsys *winsys)
{
    return (struct winsys_vtest *)winsys;
}

static int send_bytes(struct winsys_vtest *vtest, const void *data, size_t bytes)
{
    const char *from = data;

    while (bytes > 0) {
        ssize_t sent = send(vtest->fd, from, bytes, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return -errno;
        from += sent;
        bytes -= (size_t)sent;
    }
    return 0;
}

static int receive_bytes(struct winsys_vtest *vtest, void *data, size_t bytes)
{
    char *to = data;

    while (bytes > 0) {
        ssize_t got = recv(vtest->fd, to, bytes, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            return -ECONNRESET;
        to += got;
        bytes -= (size_t)got;
    }
    return 0;
}

/* A descriptor comes as one byte with control data. */
static int receive_fd(struct winsys_vtest *vtest)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    char byte;
    struct iovec iov = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1,
        .msg_control = control.space, .msg_controllen = sizeof(control.space),
    };
    ssize_t got;
    int fd;

    do
        got = recvmsg(vtest->fd, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    if (got == 0)
        return -ECONNRESET;
    const struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
        header->cmsg_len != CMSG_LEN(sizeof(int)))
        return -EPROTO;
    memcpy(&fd, CMSG_DATA(header), sizeof(fd));
    return fd;
}

/* A whole message: header and payload of `length_dwords`. */
static int send_command(struct winsys_vtest *vtest, uint32_t command, const uint32_t *payload,
                        size_t length_dwords)
{
    uint32_t header[VTEST_HEADER_SIZE_DW];

    if (length_dwords > UINT32_MAX)
        return -E2BIG;
    header[VTEST_HEADER_LENGTH] = (uint32_t)length_dwords;
    header[VTEST_HEADER_COMMAND] = command;
    int result = send_bytes(vtest, header, sizeof(header));

    return result < 0 ? result : send_bytes(vtest, payload, 4 * length_dwords);
}

static int receive_header(struct winsys_vtest *vtest, uint32_t command, uint32_t *length)
{
    uint32_t header[VTEST_HEADER_SIZE_DW];
    int result = receive_bytes(vtest, header, sizeof(header));

    if (result < 0)
        return result;
    if (header[VTEST_HEADER_COMMAND] != command)
        return -EPROTO;
    *length = header[VTEST_HEADER_LENGTH];
    return 0;
}

static void vtest_destroy(struct vgpu_winsys *winsys)
{
    close(vtest_of(winsys)->fd);
    free(winsys);
}

/* Reads `bytes` of reply and keeps what fits. */
static int receive_some(struct winsys_vtest *vtest, void *data, size_t capacity_bytes, size_t bytes)
{
    size_t kept = bytes < capacity_bytes ? bytes : capacity_bytes;
    char rest[256];
    int result = receive_bytes(vtest, data, kept);

    for (size_t left = bytes - kept; result == 0 && left > 0;) {
        size_t part = left < sizeof(rest) ? left : sizeof(rest);

        result = receive_bytes(vtest, rest, part);
        left -= part;
    }
    return result < 0 ? result : (int)kept;
}

static int vtest_get_capset(struct vgpu_winsys *winsys, uint32_t id, uint32_t version, void *data,
                            size_t capacity_bytes)
{
    struct winsys_vtest *vtest = vtest_of(winsys);
    uint32_t command = id == 2 ? VTEST_CMD_GET_CAPS2 : VTEST_CMD_GET_CAPS, length = 0;
    int result;

    if (id != 1 && id != 2) {
        const uint32_t request[2] = {id, version};
        uint32_t valid;

        if (vtest->version < VERSION_BLOBS)
            return -ENOENT;
        result = send_command(vtest, VTEST_CMD_GET_CAPSET, request, 2);
        if (result == 0)
            result = receive_header(vtest, VTEST_CMD_GET_CAPSET, &length);
        if (result == 0)
            result = receive_bytes(vtest, &valid, sizeof(valid));
        if (result < 0)
            return result;
        if (!valid || length < 1)
            return -ENOENT;
        if (length > REPLY_MAX_BYTES / 4)
            return -EPROTO;
        return receive_some(vtest, data, capacity_bytes, 4 * ((size_t)length - 1));
    }
    result = send_command(vtest, command, NULL, 0);
    if (result == 0)
        result = receive_header(vtest, id, &length);
    if (result < 0)
        return result;
    if (length < 1 || length > REPLY_MAX_BYTES)
        return -EPROTO;
    return receive_some(vtest, data, capacity_bytes, length - 1);
}

static int map_fd(int fd, struct vgpu_resource *resource, size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    int result = memory == MAP_FAILED ? -errno : 0;

    close(fd);
    if (result == 0)
        resource->memory = memory;
    return result;
}

static int vtest_resource_create(struct vgpu_winsys *winsys, struct vgpu_resource *resource)
{
    struct winsys_vtest *vtest = vtest_of(winsys);
    const struct vgpu_resource_desc *desc = &resource->desc;
    bool server_chooses = vtest->version >= VERSION_BLOBS;
    uint32_t request[VTEST_RESOURCE_CREATE2_DWORDS], length;

    resource->id = server_chooses ? 0 : ++vtest->last_resource_id;
    request[VTEST_RESOURCE_CREATE2_RES_HANDLE] = resource->id;
    request[VTEST_RESOURCE_CREATE2_TARGET] = desc->target;
    request[VTEST_RESOURCE_CREATE2_FORMAT] = desc->format;
    request[VTEST_RESOURCE_CREATE2_BIND] = desc->bind;
    request[VTEST_RESOURCE_CREATE2_WIDTH] = desc->width;
    request[VTEST_RESOURCE_CREATE2_HEIGHT] = desc->height;
    request[VTEST_RESOURCE_CREATE2_DEPTH] = desc->depth;
    request[VTEST_RESOURCE_CREATE2_ARRAY_SIZE] = desc->array_size;
    request[VTEST_RESOURCE_CREATE2_LAST_LEVEL] = desc->last_level;
    request[VTEST_RESOURCE_CREATE2_NR_SAMPLES] = desc->samples;
    request[VTEST_RESOURCE_CREATE2_DATA_SIZE] = (uint32_t)resource->layout.total_bytes;
    int result = send_command(vtest, VTEST_CMD_RESOURCE_CREATE2, request,
                              VTEST_RESOURCE_CREATE2_DWORDS);

    if (result == 0 && server_chooses) {
        result = receive_header(vtest, VTEST_CMD_RESOURCE_CREATE2, &length);
        if (result == 0)
            result = receive_bytes(vtest, &resource->id, sizeof(resource->id));
    }
    if (result == 0 && resource->layout.total_bytes > 0) {
        int fd = receive_fd(vtest);

        result = fd < 0 ? fd : map_fd(fd, resource, resource->layout.total_bytes);
    }
    return result;
}

static void vtest_resource_destroy(struct vgpu_winsys *winsys, struct vgpu_resource *resource)
{
    if (resource->memory)
        munmap(resource->memory, resource->layout.total_bytes);
    resource->memory = NULL;
    /* Nobody to tell when the connection is gone. */
    (void)send_command(vtest_of(winsys), VTEST_CMD_RESOURCE_UNREF, &resource->id, 1);
}

static int send_transfer(struct winsys_vtest *vtest, uint32_t command,
                         const struct vgpu_resource *resource, const struct vgpu_transfer *transfer)
{
    uint32_t request[VTEST_TRANSFER_GET2_DWORDS];

    if (transfer->offset_bytes > UINT32_MAX)
        return -EINVAL;
    request[VTEST_TRANSFER_GET2_RES_HANDLE] = resource->id;
    request[VTEST_TRANSFER_GET2_LEVEL] = transfer->level;
    request[VTEST_TRANSFER_GET2_X] = transfer->box.x;
    request[VTEST_TRANSFER_GET2_Y] = transfer->box.y;
    request[VTEST_TRANSFER_GET2_Z] = transfer->box.z;
    request[VTEST_TRANSFER_GET2_WIDTH] = transfer->box.width;
    request[VTEST_TRANSFER_GET2_HEIGHT] = transfer->box.height;
    request[VTEST_TRANSFER_GET2_DEPTH] = transfer->box.depth;
    request[VTEST_TRANSFER_GET2_DATA_SIZE] =
        (uint32_t)(resource->layout.total_bytes - transfer->offset_bytes);
    request[VTEST_TRANSFER_GET2_OFFSET] = (uint32_t)transfer->offset_bytes;
    return send_command(vtest, command, request, VTEST_TRANSFER_GET2_DWORDS);
}

static int vtest_transfer_from_host(struct vgpu_winsys *winsys, struct vgpu_resource *resource,
                                    const struct vgpu_transfer *transfer)
{
    return send_transfer(vtest_of(winsys), VTEST_CMD_TRANSFER_GET2, resource, transfer);
}

static int busy_wait(struct winsys_vtest *vtest, uint32_t handle)
{
    const uint32_t request[2] = {handle, VTEST_BUSY_WAIT_FLAG_WAIT};
    uint32_t length, busy;
    int result = send_command(vtest, VTEST_CMD_RESOURCE_BUSY_WAIT, request, 2);

    if (result == 0)
        result = receive_header(vtest, VTEST_CMD_RESOURCE_BUSY_WAIT, &length);
    return result < 0 ? result : receive_bytes(vtest, &busy, sizeof(busy));
}

static int vtest_wait(struct vgpu_winsys *winsys, struct vgpu_resource *resource)
{
    return busy_wait(vtest_of(winsys), resource ? resource->id : 0);
}

static int vtest_transfer_to_host(struct vgpu_winsys *winsys, struct vgpu_resource *resource,
                                  const struct vgpu_transfer *transfer)
{
    struct winsys_vtest *vtest = vtest_of(winsys);
    int result = send_transfer(vtest, VTEST_CMD_TRANSFER_PUT2, resource, transfer);

    /* The server reads the shared memory when it comes to the request; the caller may write to it
     * as soon as this returns. */
    return result < 0 ? result : busy_wait(vtest, resource->id);
}

static int vtest_submit(struct vgpu_winsys *winsys, const uint32_t *dwords, size_t count_dwords,
                        vgpu_os_handle in_fence, vgpu_os_handle *out_fence)
{
    if (in_fence != VGPU_NO_HANDLE || out_fence)
        return -ENOTSUP;
    return send_command(vtest_of(winsys), VTEST_CMD_SUBMIT_CMD, dwords, count_dwords);
}

static int vtest_blob_create(struct vgpu_winsys *winsys, const struct vgpu_blob_desc *desc,
                             struct vgpu_resource *resource)
{
    struct winsys_vtest *vtest = vtest_of(winsys);
    uint32_t request[VTEST_RESOURCE_CREATE_BLOB_DWORDS], length;

    if (vtest->version < VERSION_BLOBS)
        return -ENOTSUP;
    request[VTEST_RESOURCE_CREATE_BLOB_TYPE] = desc->memory;
    request[VTEST_RESOURCE_CREATE_BLOB_FLAGS] = desc->flags;
    request[VTEST_RESOURCE_CREATE_BLOB_SIZE_LO] = (uint32_t)desc->size_bytes;
    request[VTEST_RESOURCE_CREATE_BLOB_SIZE_HI] = (uint32_t)(desc->size_bytes >> 32);
    request[VTEST_RESOURCE_CREATE_BLOB_BLOB_ID_LO] = (uint32_t)desc->blob_id;
    request[VTEST_RESOURCE_CREATE_BLOB_BLOB_ID_HI] = (uint32_t)(desc->blob_id >> 32);
    int result = send_command(vtest, VTEST_CMD_RESOURCE_CREATE_BLOB, request,
                              VTEST_RESOURCE_CREATE_BLOB_DWORDS);

    if (result == 0)
        result = receive_header(vtest, VTEST_CMD_RESOURCE_CREATE_BLOB, &length);
    if (result == 0)
        result = receive_bytes(vtest, &resource->id, sizeof(resource->id));
    if (result < 0)
        return result;
    int fd = receive_fd(vtest);

    if (fd < 0)
        return fd;
    resource->layout.total_bytes = (size_t)desc->size_bytes;
    if (desc->flags & VTEST_BLOB_FLAG_MAPPABLE)
        return map_fd(fd, resource, (size_t)desc->size_bytes);
    close(fd);
    return 0;
}

static const struct vgpu_winsys_ops vtest_ops = {
    .name = "vtest",
    .destroy = vtest_destroy,
    .get_capset = vtest_get_capset,
    .resource_create = vtest_resource_create,
    .resource_destroy = vtest_resource_destroy,
    .transfer_to_host = vtest_transfer_to_host,
    .transfer_from_host = vtest_transfer_from_host,
    .submit = vtest_submit,
    .wait = vtest_wait,
    .blob_create = vtest_blob_create,
};

/* Names the client and agrees on a version. */
static int handshake(struct winsys_vtest *vtest, unsigned max_version)
{
    const uint32_t name_header[2] = {sizeof(CLIENT_NAME), VTEST_CMD_CREATE_RENDERER};
    const uint32_t no_wait[2] = {0, 0}, wanted = max_version;
    uint32_t header[VTEST_HEADER_SIZE_DW], length, busy;
    int result = send_bytes(vtest, name_header, sizeof(name_header));

    if (result == 0)
        result = send_bytes(vtest, CLIENT_NAME, sizeof(CLIENT_NAME));
    if (result == 0)
        result = send_command(vtest, VTEST_CMD_PING_PROTOCOL_VERSION, NULL, 0);
    if (result == 0)
        result = send_command(vtest, VTEST_CMD_RESOURCE_BUSY_WAIT, no_wait, 2);
    if (result == 0)
        result = receive_bytes(vtest, header, sizeof(header));
    if (result < 0)
        return result;
    /* Servers without versions answer the second question alone. */
    if (header[VTEST_HEADER_COMMAND] != VTEST_CMD_PING_PROTOCOL_VERSION)
        return -EPROTONOSUPPORT;
    result = receive_header(vtest, VTEST_CMD_RESOURCE_BUSY_WAIT, &length);
    if (result == 0)
        result = receive_bytes(vtest, &busy, sizeof(busy));
    if (result == 0)
        result = send_command(vtest, VTEST_CMD_PROTOCOL_VERSION, &wanted, 1);
    if (result == 0)
        result = receive_header(vtest, VTEST_CMD_PROTOCOL_VERSION, &length);
    if (result == 0)
        result = receive_bytes(vtest, &vtest->version, sizeof(vtest->version));
    if (result < 0)
        return result;
    return vtest->version < VERSION_SHARED_MEMORY ? -EPROTONOSUPPORT : 0;
}

int winsys_vtest_open(const char *socket_path, unsigned max_version, struct vgpu_winsys **winsys)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct winsys_vtest *vtest;
    int result;

    if (strlen(socket_path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    strcpy(address.sun_path, socket_path);
    vtest = calloc(1, sizeof(*vtest));
    if (!vtest)
        return -ENOMEM;
    vtest->base.ops = &vtest_ops;
    vtest->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (vtest->fd < 0) {
        result = -errno;
        free(vtest);
        return result;
    }
    if (connect(vtest->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        result = -errno;
    else
        result = handshake(vtest, max_version);
    if (result < 0) {
        vtest_destroy(&vtest->base);
        return result;
    }
    *winsys = &vtest->base;
    return 0;
}
