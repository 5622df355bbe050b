/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mantua-gpu.h"

#define STATS_INTERVAL_MS 1000

/* Set at class initialisation; the same for all devices. */
static void (*parent_unrealize)(DeviceState *dev);

static bool pull_chains(struct gpu *gpu, VirtQueue *queue, enum vgpu_queue kind)
{
    if (!virtio_queue_ready(queue)) {
        return false;
    }
    while (vgpu_ready(gpu->device)) {
        struct gpu_chain *chain = virtqueue_pop(queue, sizeof(*chain));
        if (!chain) {
            return true;
        }
        chain->queue = queue;
        vgpu_submit(gpu->device, kind, chain, chain->elem.out_sg, chain->elem.out_num,
                    iov_size(chain->elem.in_sg, chain->elem.in_num));
    }
    return true;
}

static void notify_queues(struct gpu *gpu)
{
    VirtIODevice *vdev = VIRTIO_DEVICE(gpu->qdev);
    if (gpu->notify_control) {
        gpu->notify_control = false;
        virtio_notify(vdev, gpu->control_queue);
    }
    if (gpu->notify_cursor) {
        gpu->notify_cursor = false;
        virtio_notify(vdev, gpu->cursor_queue);
    }
}

static void queues_bh(void *opaque)
{
    struct gpu *gpu = opaque;
    if (!gpu->device) {
        return;
    }
    pull_chains(gpu, gpu->cursor_queue, VGPU_QUEUE_CURSOR);
    pull_chains(gpu, gpu->control_queue, VGPU_QUEUE_CONTROL);
    /* Chains too short to go through the device are complete already. */
    notify_queues(gpu);
}

static void dispatch_bh(void *opaque)
{
    struct gpu *gpu = opaque;
    if (!gpu->device) {
        return;
    }
    vgpu_dispatch(gpu->device);
    notify_queues(gpu);
    /* There may be room again for chains that were left in the queue. */
    queues_bh(gpu);
}

static void handle_output(VirtIODevice *vdev, VirtQueue *queue)
{
    struct gpu *gpu = MANTUA_GPU(vdev)->gpu;
    if (gpu) {
        qemu_bh_schedule(gpu->queue_bh);
    }
}

static void print_stats(void *opaque)
{
    struct gpu *gpu = opaque;
    struct vgpu_stats now;
    struct vgpu_stats *last = &gpu->last_stats;
    vgpu_get_stats(gpu->device, &now);
    fprintf(stderr, "stats: %" PRIu64 " commands, %" PRIu64 " 3D submits of %" PRIu64
            " bytes, %" PRIu64 " fences, %" PRIu64 " bytes read back; now %u resources, "
            "%u contexts, %" PRIu64 " bytes of host memory\n",
            now.commands - last->commands, now.submits_3d - last->submits_3d,
            now.submit_bytes - last->submit_bytes, now.fences - last->fences,
            now.readback_bytes - last->readback_bytes, now.resources, now.contexts,
            now.hostmem_bytes);
    *last = now;
    timer_mod(gpu->stats_timer, qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) + STATS_INTERVAL_MS);
}

/* The last moment at which the render threads can be ended in good order. */
static void at_exit(Notifier *notifier, void *data)
{
    struct gpu *gpu = container_of(notifier, struct gpu, exit_notifier);
    struct vgpu_device *device = gpu->device;
    gpu->device = NULL;
    vgpu_device_free(device);
    vgpu_shutdown();
}

static uint64_t wanted_features(const MantuaGPU *qdev)
{
    const struct virtio_gpu_base_conf *conf = &qdev->parent_obj.conf;
    uint64_t features = VGPU_F_VIRGL | VGPU_F_CONTEXT_INIT;
    if (virtio_gpu_edid_enabled((*conf))) {
        features |= VGPU_F_EDID;
    }
    if (virtio_gpu_blob_enabled((*conf))) {
        features |= VGPU_F_RESOURCE_BLOB;
    }
    if (qdev->resource_uuid) {
        features |= VGPU_F_RESOURCE_UUID;
    }
    return features;
}

static bool start_device(struct gpu *gpu, Error **errp)
{
    MantuaGPU *qdev = gpu->qdev;
    const struct virtio_gpu_base_conf *conf = &qdev->parent_obj.conf;
    struct vgpu_device_config config = {
        .num_scanouts = conf->max_outputs,
        .max_hostmem_bytes = qdev->max_hostmem_bytes,
        .hostmem_bytes = gpu->hostmem ? memory_region_size(gpu->hostmem) : 0,
        .features = wanted_features(qdev),
        .venus = qdev->venus,
        .render_node = qdev->render_node,
    };
    char *message = NULL;
    gpu->device = vgpu_device_new(&config, &gpu_host_ops, gpu, &message);
    if (!gpu->device) {
        error_setg(errp, "virtio-gpu-gl: %s", message);
        g_free(message);
        return false;
    }
    struct vgpu_output output = {.width = conf->xres, .height = conf->yres};
    vgpu_set_output(gpu->device, 0, &output, false);
    return true;
}

static void gpu_free(struct gpu *gpu)
{
    if (gpu->stats_timer) {
        timer_free(gpu->stats_timer);
    }
    if (gpu->queue_bh) {
        qemu_bh_delete(gpu->queue_bh);
    }
    if (gpu->refresh_bh) {
        qemu_bh_delete(gpu->refresh_bh);
    }
    if (gpu->dispatch_bh) {
        qemu_bh_delete(gpu->dispatch_bh);
    }
    g_free(gpu);
}

static void mantua_gpu_realize(DeviceState *dev, Error **errp)
{
    MantuaGPU *qdev = MANTUA_GPU(dev);
    VirtIOGPUBase *base = VIRTIO_GPU_BASE(dev);
    VirtIODevice *vdev = VIRTIO_DEVICE(dev);
    /* Gives the queues the length for 3D, and keeps migration away. */
    base->conf.flags |= 1 << VIRTIO_GPU_FLAG_VIRGL_ENABLED;
    struct gpu *gpu = g_new0(struct gpu, 1);
    gpu->qdev = qdev;
    qdev->gpu = gpu;
    if (!virtio_gpu_base_device_realize(dev, handle_output, handle_output, errp)) {
        qdev->gpu = NULL;
        gpu_free(gpu);
        return;
    }
    gpu->control_queue = virtio_get_queue(vdev, 0);
    gpu->cursor_queue = virtio_get_queue(vdev, 1);
    gpu->queue_bh = virtio_bh_new_guarded(dev, queues_bh, gpu);
    gpu->dispatch_bh = virtio_bh_new_guarded(dev, dispatch_bh, gpu);
    gpu->refresh_bh = virtio_bh_new_guarded(dev, gpu_heads_refresh_bh, gpu);
    if (!gpu_hostmem_init(gpu, errp) || !start_device(gpu, errp)) {
        qdev->gpu = NULL;
        gpu_free(gpu);
        parent_unrealize(dev);
        return;
    }
    gpu_heads_init(gpu);
    if (virtio_gpu_stats_enabled(base->conf)) {
        gpu->stats_timer = timer_new_ms(QEMU_CLOCK_VIRTUAL, print_stats, gpu);
        timer_mod(gpu->stats_timer, qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) + STATS_INTERVAL_MS);
    }
    gpu->exit_notifier.notify = at_exit;
    qemu_add_exit_notifier(&gpu->exit_notifier);
}

static void mantua_gpu_unrealize(DeviceState *dev)
{
    MantuaGPU *qdev = MANTUA_GPU(dev);
    struct gpu *gpu = qdev->gpu;
    if (gpu) {
        struct vgpu_device *device = gpu->device;
        qemu_remove_exit_notifier(&gpu->exit_notifier);
        gpu->device = NULL;
        vgpu_device_free(device);
        gpu_heads_close(gpu);
        qdev->gpu = NULL;
        gpu_free(gpu);
    }
    parent_unrealize(dev);
}

static void mantua_gpu_reset(VirtIODevice *vdev)
{
    struct gpu *gpu = MANTUA_GPU(vdev)->gpu;
    if (gpu && gpu->device) {
        vgpu_reset(gpu->device);
        gpu->notify_control = false;
        gpu->notify_cursor = false;
    }
    virtio_gpu_base_reset(VIRTIO_GPU_BASE(vdev));
}

static uint64_t mantua_gpu_get_features(VirtIODevice *vdev, uint64_t features, Error **errp)
{
    struct gpu *gpu = MANTUA_GPU(vdev)->gpu;
    return gpu && gpu->device ? features | vgpu_get_features(gpu->device) : features;
}

static void mantua_gpu_set_features(VirtIODevice *vdev, uint64_t features)
{
    struct gpu *gpu = MANTUA_GPU(vdev)->gpu;
    if (gpu && gpu->device) {
        vgpu_set_features(gpu->device, features);
    }
}

static void mantua_gpu_get_config(VirtIODevice *vdev, uint8_t *config)
{
    struct gpu *gpu = MANTUA_GPU(vdev)->gpu;
    uint8_t values[VGPU_CONFIG_BYTES] = {0};
    if (gpu && gpu->device) {
        vgpu_read_config(gpu->device, values);
    }
    memcpy(config, values, sizeof(values));
}

static void mantua_gpu_set_config(VirtIODevice *vdev, const uint8_t *config)
{
    struct gpu *gpu = MANTUA_GPU(vdev)->gpu;
    if (gpu && gpu->device) {
        vgpu_write_config(gpu->device, config);
    }
}

static COMPAT_PROPERTIES mantua_gpu_properties[] = {
    VIRTIO_GPU_BASE_PROPERTIES(MantuaGPU, parent_obj.conf),
    DEFINE_PROP_SIZE("max_hostmem", MantuaGPU, max_hostmem_bytes, 4 * GiB),
    DEFINE_PROP_BIT("blob", MantuaGPU, parent_obj.conf.flags, VIRTIO_GPU_FLAG_BLOB_ENABLED,
                    false),
    DEFINE_PROP_BIT("stats", MantuaGPU, parent_obj.conf.flags, VIRTIO_GPU_FLAG_STATS_ENABLED,
                    false),
#if COMPAT_GLUE_MAKES_HOSTMEM
    DEFINE_PROP_SIZE("hostmem", MantuaGPU, parent_obj.conf.hostmem, 0),
#else
    DEFINE_PROP_SIZE("hostmem", MantuaGPU, hostmem_bytes, 0),
#endif
    DEFINE_PROP_BOOL("venus", MantuaGPU, venus, false),
    DEFINE_PROP_BOOL("resource_uuid", MantuaGPU, resource_uuid, false),
    DEFINE_PROP_STRING("render_node", MantuaGPU, render_node),
    COMPAT_PROPERTIES_END
};

static const VMStateDescription mantua_gpu_vmstate = {
    .name = "virtio-gpu-gl",
    .unmigratable = 1,
};

static void mantua_gpu_class_init(ObjectClass *klass, CLASS_DATA data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    VirtioDeviceClass *vdc = VIRTIO_DEVICE_CLASS(klass);
    parent_unrealize = vdc->unrealize;
    vdc->realize = mantua_gpu_realize;
    vdc->unrealize = mantua_gpu_unrealize;
    vdc->reset = mantua_gpu_reset;
    vdc->get_features = mantua_gpu_get_features;
    vdc->set_features = mantua_gpu_set_features;
    vdc->get_config = mantua_gpu_get_config;
    vdc->set_config = mantua_gpu_set_config;
    dc->vmsd = &mantua_gpu_vmstate;
    device_class_set_props(dc, mantua_gpu_properties);
}

static void mismatch_realize(DeviceState *dev, Error **errp)
{
    error_setg(errp, "Mantua's virtio-gpu-gl module was built for another QEMU than %s. Build it "
               "again: hw-display/qemu/fetch-headers, then ninja; or run without it by unsetting "
               "QEMU_MODULE_DIR.", QEMU_VERSION);
}

static void mismatch_class_init(ObjectClass *klass, CLASS_DATA data)
{
    VIRTIO_DEVICE_CLASS(klass)->realize = mismatch_realize;
}

/* What stock QEMU's modules say of the structs that we share with them. */
static bool layouts_agree(void)
{
    const struct {
        const char *type_name;
        size_t expected_bytes;
    } types[] = {
        {TYPE_OBJECT, sizeof(Object)},
        {TYPE_DEVICE, sizeof(DeviceState)},
        {TYPE_VIRTIO_DEVICE, sizeof(VirtIODevice)},
        {TYPE_PCI_DEVICE, sizeof(PCIDevice)},
        {TYPE_VIRTIO_PCI, sizeof(VirtIOPCIProxy)},
        {TYPE_MEMORY_REGION, sizeof(MemoryRegion)},
        {TYPE_VIRTIO_GPU_BASE, sizeof(VirtIOGPUBase)},
    };
    bool agree = true;
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        size_t actual = compat_instance_size(types[i].type_name);
        if (actual && actual != types[i].expected_bytes) {
            error_report("mantua: this QEMU's %s has %zu bytes, the module was built for %zu",
                         types[i].type_name, actual, types[i].expected_bytes);
            agree = false;
        }
    }
    return agree;
}

/* What the stock PCI and VGA devices have room for. */
QEMU_BUILD_BUG_ON(sizeof(MantuaGPU) > sizeof(struct VirtIOGPUGL));

static void mantua_gpu_register_types(void)
{
    static TypeInfo info = {
        .name = TYPE_MANTUA_GPU,
        .parent = TYPE_VIRTIO_GPU_BASE,
        .instance_size = sizeof(MantuaGPU),
        .class_init = mantua_gpu_class_init,
    };
    if (!layouts_agree()) {
        info.instance_size = sizeof(struct VirtIOGPUGL);
        info.class_init = mismatch_class_init;
    }
    type_register_static(&info);
    gpu_hostmem_register_types();
}

type_init(mantua_gpu_register_types)

/* For stamp.c. */
__attribute__((visibility("default"))) void mantua_gpu_present(void);

void mantua_gpu_present(void)
{
}
