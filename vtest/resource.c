/* SPDX-License-Identifier: MIT */
#include "resource.h"

#include <errno.h>
#include <stdlib.h>

#include <virglrenderer.h>

static void resource_destroy(void *value, void *data)
{
    struct resource *resource = value;

    virgl_renderer_resource_detach_iov((int) resource->id, NULL, NULL);
    virgl_renderer_resource_unref(resource->id);
    shm_finish(&resource->shm);
    free(resource);
}

void resource_set_finish(struct resource_set *set)
{
    id_table_clear(&set->table, resource_destroy, NULL);
    set->shm_bytes = 0;
}

struct resource *resource_find(const struct resource_set *set, uint32_t id)
{
    return id_table_find(&set->table, id);
}

int resource_add(struct resource_set *set, uint32_t id, struct shm *shm, struct resource **out)
{
    struct resource *resource;
    int error;

    if (set->table.count >= RESOURCE_MAX_COUNT) {
        return -ENOSPC;
    }
    resource = calloc(1, sizeof(*resource));
    if (!resource) {
        return -ENOMEM;
    }
    resource->id = id;
    error = id_table_insert(&set->table, id, resource);
    if (error) {
        free(resource);
        return error;
    }
    if (shm) {
        resource->shm = *shm;
        resource->backing.iov_base = shm->address;
        resource->backing.iov_len = shm->size_bytes;
        set->shm_bytes += shm->size_bytes;
        *shm = (struct shm) {0};
    }
    *out = resource;
    return 0;
}

void resource_remove(struct resource_set *set, uint32_t id)
{
    struct resource *resource = id_table_remove(&set->table, id);

    if (resource) {
        set->shm_bytes -= resource->shm.size_bytes;
        resource_destroy(resource, NULL);
    }
}
