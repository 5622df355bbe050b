/* SPDX-License-Identifier: MIT */
#ifndef MANTUA_OS_NT_H
#define MANTUA_OS_NT_H

#include "os.h"
#include "wddm_kernel.h"

#define OS_NT_NUM_BARS 6u

/* The device as Windows hands it to the driver. */
struct os_device {
    HANDLE handle; /* first argument of the callbacks */
    DXGKCB_READ_DEVICE_SPACE *read_space;
    DXGKCB_MAP_MEMORY *map;
    DXGKCB_UNMAP_MEMORY *unmap;
    struct {
        PHYSICAL_ADDRESS start; /* page aligned */
        ULONG bytes;            /* 0: no memory BAR, or none that we take */
    } bars[OS_NT_NUM_BARS];
};

/* Fills `device` from what StartDevice got and from DxgkCbGetDeviceInformation's translated
 * resources. Keeps no pointer to either. False when configuration space cannot be read. IRQL
 * PASSIVE. */
bool os_nt_device_init(struct os_device *device, const DXGKRNL_INTERFACE *dxgk,
                       const CM_RESOURCE_LIST *resources);

#endif
