/* SPDX-License-Identifier: MIT */
#include "../scene_kit.h"

/* One draw into three targets of different formats, with a write mask and a blend equation of their
 * own; then all three side by side, the last one again through a view with swizzled channels. */

static const char frag_three[] =
    "FRAG\n"
    "DCL IN[0], GENERIC[0], PERSPECTIVE\n"
    "DCL OUT[0], COLOR\n"
    "DCL OUT[1], COLOR[1]\n"
    "DCL OUT[2], COLOR[2]\n"
    "DCL TEMP[0]\n"
    "IMM[0] FLT32 {0x3f800000, 0x00000000, 0x00000000, 0x00000000}\n"
    "  0: MOV OUT[0], IN[0]\n"
    "  1: ADD TEMP[0].xyz, IMM[0].xxxx, -IN[0]\n"
    "  2: MOV TEMP[0].w, IMM[0].xxxx\n"
    "  3: MOV OUT[1], TEMP[0]\n"
    "  4: MOV OUT[2], IN[0].zxyw\n"
    "  5: END\n";

static const uint32_t formats[3] = {
    VIRGL_FORMAT_R8G8B8A8_UNORM, VIRGL_FORMAT_R16G16B16A16_FLOAT, VIRGL_FORMAT_B8G8R8A8_UNORM,
};

static bool supported(const struct virgl_caps_v2 *caps)
{
    for (unsigned i = 0; i < 3; i++) {
        if (!vgpu_can_render(caps, formats[i]))
            return false;
    }
    return caps->v1.max_render_targets >= 3 && (caps->v1.bset & VIRGL_BSET_INDEP_BLEND_ENABLE) &&
        (caps->v1.bset & VIRGL_BSET_INDEP_BLEND_FUNC);
}

static void bind_blend(struct scene *scene)
{
    struct virgl_obj_blend blend = vgpu_blend_default();

    blend.independent_blend_enable = true;
    blend.rt[1].colormask = VIRGL_COLOR_MASK_R | VIRGL_COLOR_MASK_B | VIRGL_COLOR_MASK_A;
    blend.rt[2].blend_enable = true;
    blend.rt[2].rgb_func = blend.rt[2].alpha_func = VIRGL_BLEND_FUNC_ADD;
    blend.rt[2].rgb_src_factor = blend.rt[2].alpha_src_factor = VIRGL_BLEND_FACTOR_ONE;
    blend.rt[2].rgb_dst_factor = blend.rt[2].alpha_dst_factor = VIRGL_BLEND_FACTOR_ONE;
    vgpu_bind(scene->context, VIRGL_OBJECT_TYPE_BLEND,
              vgpu_create_blend(scene->context, &blend));
}

static void compose(struct scene *scene, struct vgpu_resource *const textures[3])
{
    const struct virgl_obj_blend blend = vgpu_blend_default();
    const struct virgl_obj_sampler_state sampler = vgpu_sampler_default();
    struct vgpu_context *context = scene->context;

    scene_bind_target(scene, 0);
    vgpu_set_viewport(context, 0, 0, VGPU_SCENE_WIDTH_PX, VGPU_SCENE_HEIGHT_PX);
    vgpu_bind(context, VIRGL_OBJECT_TYPE_BLEND, vgpu_create_blend(context, &blend));
    scene_shader(scene, VIRGL_SHADER_STAGE_FRAGMENT, scene_frag_texture_2d);
    for (unsigned i = 0; i < 4; i++) {
        scene_bind_texture(scene, 0, textures[i < 3 ? i : 2], &sampler);
        if (i == 3) {
            struct virgl_obj_sampler_view view = vgpu_view_default(textures[2]);

            view.swizzle_r = VIRGL_SWIZZLE_Z;
            view.swizzle_g = VIRGL_SWIZZLE_0;
            view.swizzle_b = VIRGL_SWIZZLE_X;
            view.swizzle_a = VIRGL_SWIZZLE_1;
            uint32_t swizzled = vgpu_create_view(context, &view);

            vgpu_set_views(context, VIRGL_SHADER_STAGE_FRAGMENT, 0, &swizzled, 1);
        }
        scene_quad(scene, (float)(SCENE_MRT_PX * (i % 2)), (float)(SCENE_MRT_PX * (i / 2)),
                   SCENE_MRT_PX, SCENE_MRT_PX, 0, 1);
    }
}

static void draw(struct scene *scene)
{
    static const float background[4] = {0.25f, 0.5f, 0.125f, 1};
    struct vgpu_context *context = scene->context;
    struct vgpu_resource *textures[3];
    uint32_t surfaces[3];

    for (unsigned i = 0; i < 3; i++) {
        textures[i] = scene_texture(scene, formats[i],
                                    VIRGL_BIND_RENDER_TARGET | VIRGL_BIND_SAMPLER_VIEW,
                                    SCENE_MRT_PX, SCENE_MRT_PX, NULL);
        surfaces[i] = vgpu_create_surface(context, textures[i], 0, 0, 0);
    }
    vgpu_set_framebuffer(context, surfaces, 3, 0);
    vgpu_set_viewport(context, 0, 0, SCENE_MRT_PX, SCENE_MRT_PX);
    vgpu_clear(context, VIRGL_CLEAR_COLOR0 | VIRGL_CLEAR_COLOR1 | VIRGL_CLEAR_COLOR2, background,
               0, 0);
    bind_blend(scene);
    scene_vertex_layout(scene);
    scene_vertices(scene, scene_mrt_vertices, 4);
    scene_shader(scene, VIRGL_SHADER_STAGE_VERTEX, scene_vert_plain);
    scene_shader(scene, VIRGL_SHADER_STAGE_FRAGMENT, frag_three);
    vgpu_draw_arrays(context, VIRGL_PRIM_TRIANGLE_STRIP, 0, 4);
    compose(scene, textures);
}

const struct vgpu_scene scene_mrt = {
    .name = "mrt",
    .summary = "three render targets of different formats, masks and blending",
    .supported = supported,
    .needs = "three render targets with independent blending",
    .draw = draw,
};
