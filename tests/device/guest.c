/* SPDX-License-Identifier: MIT */
#include "guest.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest_qemu.h"

#define GPU_SLOT 4u
#define BAR_SPACE 0xe0000000u
#define HOSTMEM_SPACE 0x800000000ull
#define QUEUE_ENTRIES 256u
#define RAM_RESERVED (1u << 20) /* below: the first megabyte, where the ROM's shadow lies */
#define RESPONSE_BYTES 65536u
#define CALL_TIMEOUT_MS 60000

/* virtio over PCI */
enum {
    CAP_COMMON = 1,
    CAP_NOTIFY = 2,
    CAP_ISR = 3,
    CAP_DEVICE = 4,
    CAP_SHARED_MEMORY = 8,

    COMMON_DEVICE_FEATURE_SELECT = 0,
    COMMON_DEVICE_FEATURE = 4,
    COMMON_DRIVER_FEATURE_SELECT = 8,
    COMMON_DRIVER_FEATURE = 12,
    COMMON_STATUS = 20,
    COMMON_QUEUE_SELECT = 22,
    COMMON_QUEUE_SIZE = 24,
    COMMON_QUEUE_ENABLE = 28,
    COMMON_QUEUE_NOTIFY_OFFSET = 30,
    COMMON_QUEUE_DESC = 32,
    COMMON_QUEUE_DRIVER = 40,
    COMMON_QUEUE_DEVICE = 48,

    STATUS_ACKNOWLEDGE = 1,
    STATUS_DRIVER = 2,
    STATUS_DRIVER_OK = 4,
    STATUS_FEATURES_OK = 8,

    DESC_NEXT = 1,
    DESC_WRITE = 2,
};

struct vring_desc {
    uint64_t address;
    uint32_t length;
    uint16_t flags;
    uint16_t next;
};

struct vring_used_elem {
    uint32_t id;
    uint32_t length;
};

struct queue {
    uint64_t notify_address;
    uint16_t size;
    struct vring_desc *desc;
    uint16_t *avail; /* flags, index, ring */
    uint16_t *used;  /* flags, index, then struct vring_used_elem */
    uint16_t avail_index;
    uint16_t used_index; /* atomic */
    uint16_t free_head;
    uint16_t free_count;
    struct guest_request **requests; /* by head */
};

struct guest {
    struct guest_qemu *qemu;
    uint8_t *ram;
    uint64_t ram_bytes;
    uint64_t alloc_next;
    uint64_t alloc_start;
    uint64_t ram_reserved;
    uint64_t common;
    uint64_t device_config;
    uint64_t notify;
    uint32_t notify_multiplier;
    uint64_t hostmem_address;
    uint64_t hostmem_bytes;
    uint32_t slot;
    bool owns_qemu;
    uint64_t wanted_features;
    uint64_t offered_features;
    uint64_t features;
    struct queue queues[2];
    bool spin;
};

bool guest_is_stock(void)
{
    return g_getenv("STOCK_DEVICE") != NULL;
}

bool guest_available(void)
{
    const char *program = g_getenv("QEMU");
    char *found = g_find_program_in_path(program ? program : "qemu-system-x86_64");
    bool available = found != NULL;
    g_free(found);
    return available && (guest_is_stock() || g_getenv("QEMU_MODULE_DIR") != NULL);
}

static uint64_t qtest(struct guest *guest, const char *format, ...) G_GNUC_PRINTF(2, 3);
static uint64_t qtest(struct guest *guest, const char *format, ...)
{
    char command[128];
    va_list args;
    va_start(args, format);
    g_vsnprintf(command, sizeof(command), format, args);
    va_end(args);
    return guest_qemu_qtest(guest->qemu, command);
}

static uint32_t read32(struct guest *guest, uint64_t address)
{
    return (uint32_t)qtest(guest, "readl 0x%" G_GINT64_MODIFIER "x", address);
}

static void write32(struct guest *guest, uint64_t address, uint32_t value)
{
    qtest(guest, "writel 0x%" G_GINT64_MODIFIER "x 0x%x", address, value);
}

static void write16(struct guest *guest, uint64_t address, uint32_t value)
{
    qtest(guest, "writew 0x%" G_GINT64_MODIFIER "x 0x%x", address, value);
}

static uint32_t read16(struct guest *guest, uint64_t address)
{
    return (uint32_t)qtest(guest, "readw 0x%" G_GINT64_MODIFIER "x", address);
}

static void write64(struct guest *guest, uint64_t address, uint64_t value)
{
    write32(guest, address, (uint32_t)value);
    write32(guest, address + 4, (uint32_t)(value >> 32));
}

static uint32_t pci_read(struct guest *guest, uint32_t offset)
{
    qtest(guest, "outl 0xcf8 0x%x", 0x80000000u | guest->slot << 11 | (offset & 0xfc));
    return (uint32_t)qtest(guest, "inl 0xcfc");
}

static void pci_write(struct guest *guest, uint32_t offset, uint32_t value)
{
    qtest(guest, "outl 0xcf8 0x%x", 0x80000000u | guest->slot << 11 | (offset & 0xfc));
    qtest(guest, "outl 0xcfc 0x%x", value);
}

static uint32_t pci_read8(struct guest *guest, uint32_t offset)
{
    return pci_read(guest, offset) >> (8 * (offset & 3)) & 0xff;
}

/* Give every BAR a place; bar_address[i] is 0 for those that do not exist. */
static void place_bars(struct guest *guest, uint64_t bar_address[6])
{
    uint64_t next = BAR_SPACE + (guest->slot << 24);
    uint64_t next_high = HOSTMEM_SPACE + ((uint64_t)guest->slot << 32);
    for (unsigned int i = 0; i < 6; i++) {
        uint32_t offset = 0x10 + 4 * i;
        bar_address[i] = 0;
        pci_write(guest, offset, 0xffffffff);
        uint32_t mask = pci_read(guest, offset);
        if (mask == 0 || (mask & 1)) /* none, or of ports */
            continue;
        bool wide = (mask & 6) == 4;
        uint64_t size = ~(uint64_t)(mask & ~15u) + 1;
        if (wide) {
            pci_write(guest, offset + 4, 0xffffffff);
            uint64_t high = pci_read(guest, offset + 4);
            size = ~(high << 32 | (mask & ~15u)) + 1;
        } else {
            size &= 0xffffffff;
        }
        uint64_t *place = wide && size >= (16u << 20) ? &next_high : &next;
        *place = (*place + size - 1) & ~(size - 1);
        bar_address[i] = *place;
        *place += size;
        pci_write(guest, offset, (uint32_t)bar_address[i]);
        if (wide)
            pci_write(guest, offset + 4, (uint32_t)(bar_address[i] >> 32));
        i += wide;
    }
    pci_write(guest, 4, pci_read(guest, 4) | 0x6); /* memory, bus master */
}

static void find_capabilities(struct guest *guest, const uint64_t bar_address[6])
{
    guest->hostmem_bytes = 0;
    for (uint32_t at = pci_read8(guest, 0x34); at; at = pci_read8(guest, at + 1)) {
        if (pci_read8(guest, at) != 0x09)
            continue;
        uint32_t type = pci_read8(guest, at + 3);
        uint64_t address = bar_address[MIN(pci_read8(guest, at + 4), 5)] +
                           pci_read(guest, at + 8);
        if (type == CAP_COMMON) {
            guest->common = address;
        } else if (type == CAP_DEVICE) {
            guest->device_config = address;
        } else if (type == CAP_NOTIFY) {
            guest->notify = address;
            guest->notify_multiplier = pci_read(guest, at + 16);
        } else if (type == CAP_SHARED_MEMORY) {
            g_assert_cmpuint(pci_read8(guest, at + 5), ==, VGPU_SHM_HOST_VISIBLE);
            guest->hostmem_address = address;
            guest->hostmem_bytes = pci_read(guest, at + 12) |
                                   (uint64_t)pci_read(guest, at + 20) << 32;
        }
    }
    g_assert_cmpuint(guest->common, !=, 0);
    g_assert_cmpuint(guest->notify, !=, 0);
}

static void set_status(struct guest *guest, uint32_t status)
{
    qtest(guest, "writeb 0x%" G_GINT64_MODIFIER "x 0x%x", guest->common + COMMON_STATUS, status);
}

uint8_t guest_status(struct guest *guest)
{
    return (uint8_t)qtest(guest, "readb 0x%" G_GINT64_MODIFIER "x",
                          guest->common + COMMON_STATUS);
}

static void negotiate(struct guest *guest)
{
    guest->offered_features = 0;
    for (uint32_t i = 0; i < 2; i++) {
        write32(guest, guest->common + COMMON_DEVICE_FEATURE_SELECT, i);
        guest->offered_features |=
            (uint64_t)read32(guest, guest->common + COMMON_DEVICE_FEATURE) << (32 * i);
    }
    /* Of the transport's features only the one that must be. */
    guest->features = guest->offered_features & guest->wanted_features & 0xffffff;
    guest->features |= GUEST_FEATURE_VERSION_1;
    for (uint32_t i = 0; i < 2; i++) {
        write32(guest, guest->common + COMMON_DRIVER_FEATURE_SELECT, i);
        write32(guest, guest->common + COMMON_DRIVER_FEATURE,
                (uint32_t)(guest->features >> (32 * i)));
    }
    set_status(guest, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK);
    g_assert_cmphex(guest_status(guest) & STATUS_FEATURES_OK, ==, STATUS_FEATURES_OK);
}

static void make_queue(struct guest *guest, unsigned int index)
{
    struct queue *queue = &guest->queues[index];
    write16(guest, guest->common + COMMON_QUEUE_SELECT, index);
    queue->size = (uint16_t)MIN(read16(guest, guest->common + COMMON_QUEUE_SIZE), QUEUE_ENTRIES);
    write16(guest, guest->common + COMMON_QUEUE_SIZE, queue->size);
    uint64_t desc = guest_alloc(guest, sizeof(struct vring_desc) * queue->size, GUEST_PAGE_BYTES);
    uint64_t avail = guest_alloc(guest, 8 + 2u * queue->size, GUEST_PAGE_BYTES);
    uint64_t used = guest_alloc(guest, 8 + 8u * queue->size, GUEST_PAGE_BYTES);
    queue->desc = guest_pointer(guest, desc);
    queue->avail = guest_pointer(guest, avail);
    queue->used = guest_pointer(guest, used);
    memset(queue->avail, 0, 8 + 2u * queue->size);
    memset(queue->used, 0, 8 + 8u * queue->size);
    for (uint16_t i = 0; i < queue->size; i++)
        queue->desc[i].next = (uint16_t)(i + 1);
    queue->avail[0] = 1; /* no interrupts: the ring is watched */
    queue->avail_index = 0;
    queue->used_index = 0;
    queue->free_head = 0;
    queue->free_count = queue->size;
    g_free(queue->requests);
    queue->requests = g_new0(struct guest_request *, queue->size);
    write64(guest, guest->common + COMMON_QUEUE_DESC, desc);
    write64(guest, guest->common + COMMON_QUEUE_DRIVER, avail);
    write64(guest, guest->common + COMMON_QUEUE_DEVICE, used);
    queue->notify_address = guest->notify + (uint64_t)guest->notify_multiplier *
                            read16(guest, guest->common + COMMON_QUEUE_NOTIFY_OFFSET);
    write16(guest, guest->common + COMMON_QUEUE_ENABLE, 1);
}

void guest_reset_device(struct guest *guest)
{
    set_status(guest, 0);
    g_assert_cmpuint(guest_status(guest), ==, 0);
}

void guest_init_device(struct guest *guest)
{
    uint64_t bars[6];
    place_bars(guest, bars);
    find_capabilities(guest, bars);
    guest_reset_device(guest);
    guest->alloc_next = MAX(guest->ram_reserved, RAM_RESERVED);
    set_status(guest, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
    negotiate(guest);
    make_queue(guest, 0);
    make_queue(guest, 1);
    guest->alloc_start = guest->alloc_next;
    set_status(guest, STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK | STATUS_DRIVER_OK);
}

struct guest *guest_start(const struct guest_options *options)
{
    static const struct guest_options defaults;
    struct guest *guest = g_new0(struct guest, 1);
    options = options ? options : &defaults;
    guest->qemu = guest_qemu_start(options);
    guest->ram = guest_qemu_ram(guest->qemu, &guest->ram_bytes);
    guest->wanted_features = options->features ? options->features : GUEST_ALL_FEATURES;
    guest->slot = GPU_SLOT;
    guest->owns_qemu = true;
    guest_init_device(guest);
    return guest;
}

struct guest *guest_start_beside(struct guest *first, uint32_t slot)
{
    struct guest *guest = g_new0(struct guest, 1);
    guest->qemu = first->qemu;
    guest->ram = first->ram;
    guest->ram_bytes = first->ram_bytes;
    first->ram_bytes /= 2;
    guest->ram_reserved = first->ram_bytes;
    guest->wanted_features = first->wanted_features;
    guest->slot = slot;
    guest_init_device(guest);
    return guest;
}

void guest_stop(struct guest *guest)
{
    if (guest->owns_qemu)
        guest_qemu_stop(guest->qemu);
    g_free(guest->queues[0].requests);
    g_free(guest->queues[1].requests);
    g_free(guest);
}

uint64_t guest_offered_features(const struct guest *guest)
{
    return guest->offered_features;
}

uint64_t guest_features(const struct guest *guest)
{
    return guest->features;
}

uint64_t guest_alloc(struct guest *guest, size_t bytes, size_t alignment)
{
    uint64_t address = (guest->alloc_next + alignment - 1) & ~(uint64_t)(alignment - 1);
    g_assert_cmpuint(address + bytes, <=, guest->ram_bytes);
    guest->alloc_next = address + bytes;
    return address;
}

void guest_free_all(struct guest *guest)
{
    guest->alloc_next = guest->alloc_start;
}

void *guest_pointer(struct guest *guest, uint64_t address)
{
    return guest->ram + address;
}

uint64_t guest_ram_bytes(const struct guest *guest)
{
    return guest->ram_bytes;
}

uint32_t guest_read_config(struct guest *guest, uint32_t offset)
{
    return read32(guest, guest->device_config + offset);
}

void guest_write_config(struct guest *guest, uint32_t offset, uint32_t value)
{
    write32(guest, guest->device_config + offset, value);
}

uint64_t guest_hostmem_bytes(const struct guest *guest)
{
    return guest->hostmem_bytes;
}

uint32_t guest_hostmem_read(struct guest *guest, uint64_t offset)
{
    return read32(guest, guest->hostmem_address + offset);
}

void guest_hostmem_write(struct guest *guest, uint64_t offset, uint32_t value)
{
    write32(guest, guest->hostmem_address + offset, value);
}

static uint16_t used_index(const struct queue *queue)
{
    return __atomic_load_n(&queue->used[1], __ATOMIC_ACQUIRE);
}

static void collect_used(struct queue *queue)
{
    const struct vring_used_elem *ring = (const void *)(queue->used + 2);
    while (queue->used_index != used_index(queue)) {
        struct vring_used_elem used = ring[queue->used_index % queue->size];
        g_assert_cmpuint(used.id, <, queue->size);
        struct guest_request *request = queue->requests[used.id];
        g_assert_nonnull(request);
        queue->requests[used.id] = NULL;
        request->used_bytes = used.length;
        request->done = true;
        uint16_t last = (uint16_t)used.id;
        uint16_t count = 1;
        while (queue->desc[last].flags & DESC_NEXT) {
            last = queue->desc[last].next;
            count++;
        }
        queue->desc[last].next = queue->free_head;
        queue->free_head = (uint16_t)used.id;
        queue->free_count = (uint16_t)(queue->free_count + count);
        __atomic_store_n(&queue->used_index, (uint16_t)(queue->used_index + 1), __ATOMIC_RELEASE);
    }
}

void guest_collect(struct guest *guest, unsigned int index)
{
    collect_used(&guest->queues[index]);
}

bool guest_has_answers(const struct guest *guest, unsigned int index)
{
    const struct queue *queue = &guest->queues[index];
    return used_index(queue) != __atomic_load_n(&queue->used_index, __ATOMIC_ACQUIRE);
}

void guest_spin(struct guest *guest, bool spin)
{
    guest->spin = spin;
}

/* Let some time pass; longer as the wait gets longer. */
static void wait_a_little(const struct guest *guest, gint64 started_us)
{
    gint64 waited_us = g_get_monotonic_time() - started_us;
    if (!guest->spin)
        g_usleep(waited_us < 2000 ? 20 : 500);
}

void guest_send_chain(struct guest *guest, unsigned int index, struct guest_request *request,
                      const struct guest_buffer *buffers, unsigned int count)
{
    struct queue *queue = &guest->queues[index];
    gint64 started_us = g_get_monotonic_time();
    collect_used(queue);
    while (queue->free_count < count) {
        wait_a_little(guest, started_us);
        collect_used(queue);
        if (g_get_monotonic_time() - started_us > CALL_TIMEOUT_MS * 1000)
            g_error("the device takes no more requests");
    }
    uint16_t head = queue->free_head;
    uint16_t at = head;
    for (unsigned int i = 0; i < count; i++) {
        struct vring_desc *desc = &queue->desc[at];
        desc->address = buffers[i].address;
        desc->length = buffers[i].length;
        desc->flags = (uint16_t)((buffers[i].writable ? DESC_WRITE : 0) |
                                 (i + 1 < count ? DESC_NEXT : 0));
        at = desc->next;
    }
    queue->free_head = at;
    queue->free_count = (uint16_t)(queue->free_count - count);
    request->done = false;
    request->head = head;
    queue->requests[head] = request;
    queue->avail[2 + queue->avail_index % queue->size] = head;
    queue->avail_index++;
    __atomic_store_n(&queue->avail[1], queue->avail_index, __ATOMIC_RELEASE);
    write16(guest, queue->notify_address, index);
}

void guest_send(struct guest *guest, unsigned int index, struct guest_request *request,
                const void *data, size_t bytes, size_t response_bytes)
{
    struct guest_buffer buffers[2];
    unsigned int count = 0;
    if (bytes) {
        uint64_t address = guest_alloc(guest, bytes, 16);
        memcpy(guest_pointer(guest, address), data, bytes);
        buffers[count++] = (struct guest_buffer){address, (uint32_t)bytes, false};
    }
    if (response_bytes) {
        request->response_address = guest_alloc(guest, response_bytes, 16);
        memset(guest_pointer(guest, request->response_address), 0, response_bytes);
        buffers[count++] = (struct guest_buffer){request->response_address,
                                                 (uint32_t)response_bytes, true};
    }
    guest_send_chain(guest, index, request, buffers, count);
}

bool guest_wait_ms(struct guest *guest, unsigned int index, struct guest_request *request,
                   unsigned int timeout_ms)
{
    gint64 started_us = g_get_monotonic_time();
    for (;;) {
        collect_used(&guest->queues[index]);
        if (request->done)
            return true;
        if (g_get_monotonic_time() - started_us > (gint64)timeout_ms * 1000)
            return false;
        wait_a_little(guest, started_us);
    }
}

void guest_wait(struct guest *guest, unsigned int index, struct guest_request *request)
{
    if (!guest_wait_ms(guest, index, request, CALL_TIMEOUT_MS))
        g_error("the device does not answer");
}

uint32_t guest_call(struct guest *guest, const void *data, size_t bytes, void *response,
                    size_t response_bytes)
{
    struct guest_request request = {0};
    uint64_t mark = guest->alloc_next;
    size_t room = MAX(response_bytes, sizeof(struct vgpu_wire_ctrl_hdr));
    guest_send(guest, 0, &request, data, bytes, room);
    guest_wait(guest, 0, &request);
    const void *answer = guest_pointer(guest, request.response_address);
    struct vgpu_wire_ctrl_hdr header = {0};
    memcpy(&header, answer, MIN(request.used_bytes, sizeof(header)));
    if (response)
        memcpy(response, answer, response_bytes);
    guest->alloc_next = mark;
    return header.type;
}

uint64_t guest_resident_bytes(struct guest *guest)
{
    return guest_qemu_resident_bytes(guest->qemu);
}

char *guest_qmp(struct guest *guest, bool may_fail, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *command = g_strdup_vprintf(format, args);
    va_end(args);
    char *reply = guest_qemu_qmp(guest->qemu, command);
    if (!may_fail && strstr(reply, "\"error\""))
        g_error("%s: %s", command, reply);
    g_free(command);
    return reply;
}

static uint32_t *parse_ppm(const char *path, unsigned int *width, unsigned int *height)
{
    char *data;
    gsize length;
    g_assert_true(g_file_get_contents(path, &data, &length, NULL));
    int start = 0;
    g_assert_cmpint(sscanf(data, "P6 %u %u 255%n", width, height, &start), ==, 2);
    const uint8_t *at = (const uint8_t *)data + start + 1;
    size_t count = (size_t)*width * *height;
    g_assert_cmpuint(length, >=, (size_t)start + 1 + 3 * count);
    uint32_t *pixels = g_new(uint32_t, count);
    for (size_t i = 0; i < count; i++, at += 3)
        pixels[i] = (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2];
    g_free(data);
    return pixels;
}

uint32_t *guest_screendump(struct guest *guest, unsigned int head, unsigned int *width,
                           unsigned int *height)
{
    char *path = g_build_filename(guest_qemu_folder(guest->qemu), "dump.ppm", NULL);
    char *reply = guest_qmp(guest, true, "{\"execute\":\"screendump\",\"arguments\":{"
                            "\"filename\":\"%s\",\"device\":\"gpu\",\"head\":%u}}", path, head);
    uint32_t *pixels = NULL;
    if (!strstr(reply, "\"error\""))
        pixels = parse_ppm(path, width, height);
    unlink(path);
    g_free(reply);
    g_free(path);
    return pixels;
}
