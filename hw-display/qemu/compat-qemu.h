/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef COMPAT_QEMU_H
#define COMPAT_QEMU_H

/*
 * Everything that differs between the QEMU versions the module is built for, 7.2 to 10.0, and the
 * QEMU headers the module needs. To be included first.
 */

#include "qemu/osdep.h"

#define QEMU_AT_LEAST(major, minor) \
    (QEMU_VERSION_MAJOR > (major) || \
     (QEMU_VERSION_MAJOR == (major) && QEMU_VERSION_MINOR >= (minor)))

#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/iov.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "hw/pci/pci.h"
#include "hw/qdev-properties.h"
#include "hw/virtio/virtio-bus.h"
#include "hw/virtio/virtio-gpu.h"
#include "hw/virtio/virtio-pci.h"
#include "standard-headers/linux/virtio_pci.h"
#include "ui/console.h"

#if QEMU_AT_LEAST(10, 0)
#include "system/dma.h"
#include "system/system.h"
#include "hw/pci/pci_device.h"
#else
#include "sysemu/dma.h"
#include "sysemu/sysemu.h"
#endif

#if !QEMU_AT_LEAST(8, 0)
#define cursor_unref cursor_put
#endif

/* The argument of class_init that nobody uses. */
#if QEMU_AT_LEAST(10, 1)
#define CLASS_DATA const void *
#else
#define CLASS_DATA void *
#endif

/* Property tables lost their end marker, and became const. */
#if QEMU_AT_LEAST(10, 0)
#define COMPAT_PROPERTIES_END
#define COMPAT_PROPERTIES const Property
#else
#define COMPAT_PROPERTIES_END DEFINE_PROP_END_OF_LIST(),
#define COMPAT_PROPERTIES Property
#endif

/* Since 10.0 the stock PCI glue makes the host visible region when conf.hostmem is set. */
#define COMPAT_GLUE_MAKES_HOSTMEM QEMU_AT_LEAST(9, 2)

/* Whether some display shows the console; all of those that poll it know cursors. */
static inline bool compat_console_watched(QemuConsole *con)
{
#if QEMU_AT_LEAST(8, 1)
    return qemu_console_is_visible(con);
#else
    return dpy_cursor_define_supported(con);
#endif
}

static inline bool compat_is_plain_memory(MemoryRegion *mr)
{
    return memory_region_is_ram(mr) && !mr->readonly && !mr->rom_device &&
           !memory_region_is_ram_device(mr);
}

/* Instance size of a registered type, 0 when it is unknown. */
static inline size_t compat_instance_size(const char *type_name)
{
#if QEMU_AT_LEAST(9, 0)
    /* The function is no longer exported; a type begins with its name and two sizes. */
    struct type_head {
        const char *name;
        size_t class_size;
        size_t instance_size;
    };
    ObjectClass *klass = object_class_by_name(type_name);
    const struct type_head *head = klass ? (const struct type_head *)klass->type : NULL;
    return head && strcmp(head->name, type_name) == 0 ? head->instance_size : 0;
#else
    return object_class_by_name(type_name) ? object_type_get_instance_size(type_name) : 0;
#endif
}

#endif
