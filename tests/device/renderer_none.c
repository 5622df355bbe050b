/* SPDX-License-Identifier: MIT */
/* Programs that bring their own renderer are not linked with the library. */
#include <glib.h>

#include "renderer_ops.h"

const struct vgpu_renderer_ops *vgpu_renderer_linked(void)
{
    return NULL;
}

const struct vgpu_renderer_ops *vgpu_renderer_load_copy(char **error)
{
    *error = g_strdup("built without a renderer library");
    return NULL;
}
