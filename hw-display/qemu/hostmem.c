/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host visible region: a PCI BAR in which blobs of the host appear. */
#include "mantua-gpu.h"

#define TYPE_MANTUA_BLOB "mantua-gpu-blob-mapping"
OBJECT_DECLARE_SIMPLE_TYPE(MantuaBlob, MANTUA_BLOB)

/*
 * One blob in the region. The memory region's users hold references to its owner, this object, so
 * its end is the moment from which no vCPU can reach the memory.
 */
struct MantuaBlob {
    Object parent_obj;
    MemoryRegion region;
    void *release_token;
};

static void mantua_blob_finalize(Object *object)
{
    MantuaBlob *blob = MANTUA_BLOB(object);
    if (blob->release_token) {
        vgpu_hostmem_released(blob->release_token);
    }
}

void *gpu_hostmem_map(struct gpu *gpu, uint64_t offset, void *pointer, uint64_t size_bytes,
                      void *release_token)
{
    if (!gpu->hostmem) {
        return NULL;
    }
    MantuaBlob *blob = MANTUA_BLOB(object_new(TYPE_MANTUA_BLOB));
    blob->release_token = release_token;
    memory_region_init_ram_ptr(&blob->region, OBJECT(blob), "blob", size_bytes, pointer);
    memory_region_add_subregion(gpu->hostmem, offset, &blob->region);
    return blob;
}

void gpu_hostmem_unmap(struct gpu *gpu, void *mapping)
{
    MantuaBlob *blob = mapping;
    memory_region_del_subregion(gpu->hostmem, &blob->region);
    object_unref(OBJECT(blob));
}

void gpu_hostmem_register_types(void)
{
    static const TypeInfo info = {
        .name = TYPE_MANTUA_BLOB,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(MantuaBlob),
        .instance_finalize = mantua_blob_finalize,
    };
    type_register_static(&info);
}

#if COMPAT_GLUE_MAKES_HOSTMEM

bool gpu_hostmem_init(struct gpu *gpu, Error **errp)
{
    VirtIOGPUBase *base = &gpu->qdev->parent_obj;
    if (!base->conf.hostmem) {
        return true;
    }
    if (!virtio_gpu_blob_enabled(base->conf)) {
        error_setg(errp, "virtio-gpu-gl: hostmem= needs blob=on");
        return false;
    }
    gpu->hostmem = &base->hostmem;
    return true;
}

#else

static bool add_shm_capability(PCIDevice *pci, uint8_t bar, uint64_t size_bytes, Error **errp)
{
    struct virtio_pci_cap64 cap = {
        .cap = {
            .cap_len = sizeof(cap),
            .cfg_type = VIRTIO_PCI_CAP_SHARED_MEMORY_CFG,
            .bar = bar,
            .id = VIRTIO_GPU_SHM_ID_HOST_VISIBLE,
            .length = cpu_to_le32((uint32_t)size_bytes),
        },
        .length_hi = cpu_to_le32((uint32_t)(size_bytes >> 32)),
    };
    int offset = pci_add_capability(pci, PCI_CAP_ID_VNDR, 0, sizeof(cap), errp);
    if (offset < 0) {
        return false;
    }
    /* The list's own two bytes are in place already. */
    memcpy(pci->config + offset + PCI_CAP_FLAGS, (uint8_t *)&cap + PCI_CAP_FLAGS,
           sizeof(cap) - PCI_CAP_FLAGS);
    return true;
}

bool gpu_hostmem_init(struct gpu *gpu, Error **errp)
{
    uint64_t size_bytes = gpu->qdev->hostmem_bytes;
    DeviceState *bus_owner = qdev_get_parent_bus(DEVICE(gpu->qdev))->parent;
    if (!size_bytes) {
        return true;
    }
    if (!virtio_gpu_blob_enabled(gpu->qdev->parent_obj.conf)) {
        error_setg(errp, "virtio-gpu-gl: hostmem= needs blob=on");
        return false;
    }
    if (!is_power_of_2(size_bytes) || size_bytes < MiB) {
        error_setg(errp, "virtio-gpu-gl: hostmem= must be a power of two of 1M or more");
        return false;
    }
    if (!object_dynamic_cast(OBJECT(bus_owner), TYPE_VIRTIO_PCI)) {
        error_setg(errp, "virtio-gpu-gl: hostmem= needs the PCI transport");
        return false;
    }
    VirtIOPCIProxy *proxy = VIRTIO_PCI(bus_owner);
    uint8_t bar = 2;
    if (proxy->modern_mem_bar_idx == 2) {
        /* VGA: BAR 2 holds the registers; the interrupt table makes room for us. */
        proxy->msix_bar_idx = 1;
        bar = 4;
    }
    memory_region_init(&gpu->own_hostmem, OBJECT(gpu->qdev), "virtio-gpu-hostmem", size_bytes);
    pci_register_bar(&proxy->pci_dev, bar,
                     PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_PREFETCH |
                     PCI_BASE_ADDRESS_MEM_TYPE_64, &gpu->own_hostmem);
    gpu->hostmem = &gpu->own_hostmem;
    return add_shm_capability(&proxy->pci_dev, bar, size_bytes, errp);
}

#endif
