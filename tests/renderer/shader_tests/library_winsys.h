/* SPDX-License-Identifier: MIT */
#ifndef LIBRARY_WINSYS_H
#define LIBRARY_WINSYS_H

#include "vgpu_winsys.h"

/* Guest code that calls the renderer library as an embedder does, in the same process. One renderer
 * context lives from open to ops->destroy; virgl_renderer_init must have succeeded before. NULL
 * when the context cannot be made. */
struct vgpu_winsys *library_winsys_open(uint32_t context_id);

#endif /* LIBRARY_WINSYS_H */
