/* SPDX-License-Identifier: MIT */
#include "../scene_kit.h"

/* The first grid writes an image and adds up numbers in a storage buffer, the second reads the sums
 * through shared memory and draws them as a bar chart over the image. */

#define GROUP_PX 8
#define GROUPS (VGPU_SCENE_WIDTH_PX / GROUP_PX)

static const char comp_fill[] =
    "COMP\n"
    "PROPERTY CS_FIXED_BLOCK_WIDTH 8\n"
    "PROPERTY CS_FIXED_BLOCK_HEIGHT 8\n"
    "PROPERTY CS_FIXED_BLOCK_DEPTH 1\n"
    "DCL SV[0], THREAD_ID\n"
    "DCL SV[1], BLOCK_ID\n"
    "DCL IMAGE[0], 2D, PIPE_FORMAT_R8G8B8A8_UNORM, WR\n"
    "DCL BUFFER[0]\n"
    "DCL TEMP[0..3]\n"
    "IMM[0] UINT32 {8, 4, 0, 0}\n"
    "IMM[1] FLT32 {0x3b808081, 0x3f800000, 0x3f000000, 0x00000000}\n" /* 1/255 1 0.5 */
    "  0: MOV TEMP[3].xyz, SV[1].xyzz\n"
    "  1: UMAD TEMP[0].xy, TEMP[3].xyyy, IMM[0].xxxx, SV[0].xyyy\n"
    "  2: XOR TEMP[1].x, TEMP[0].xxxx, TEMP[0].yyyy\n"
    "  3: AND TEMP[1].y, TEMP[0].xxxx, TEMP[0].yyyy\n"
    "  4: U2F TEMP[1].xy, TEMP[1].xyyy\n"
    "  5: MUL TEMP[1].xy, TEMP[1].xyyy, IMM[1].xxxx\n"
    "  6: MOV TEMP[1].zw, IMM[1].xxzy\n"
    "  7: STORE IMAGE[0], TEMP[0].xyyy, TEMP[1], 2D, PIPE_FORMAT_R8G8B8A8_UNORM\n"
    "  8: UMUL TEMP[2].x, TEMP[3].xxxx, IMM[0].yyyy\n"
    "  9: ATOMUADD TEMP[2].y, BUFFER[0], TEMP[2].xxxx, TEMP[3].xxxx\n"
    " 10: END\n";

static const char comp_chart[] =
    "COMP\n"
    "PROPERTY CS_FIXED_BLOCK_WIDTH 8\n"
    "PROPERTY CS_FIXED_BLOCK_HEIGHT 8\n"
    "PROPERTY CS_FIXED_BLOCK_DEPTH 1\n"
    "DCL SV[0], THREAD_ID\n"
    "DCL SV[1], BLOCK_ID\n"
    "DCL IMAGE[0], 2D, PIPE_FORMAT_R8G8B8A8_UNORM, WR\n"
    "DCL BUFFER[0]\n"
    "DCL MEMORY[1], SHARED\n"
    "DCL TEMP[0..3]\n"
    "IMM[0] UINT32 {8, 4, 0, 9}\n"
    "IMM[1] FLT32 {0x3f800000, 0x3f800000, 0x3f4ccccd, 0x3f800000}\n"
    "  0: MOV TEMP[3].xyz, SV[1].xyzz\n"
    "  1: UMAD TEMP[0].xy, TEMP[3].xyyy, IMM[0].xxxx, SV[0].xyyy\n"
    "  2: OR TEMP[1].x, SV[0].xxxx, SV[0].yyyy\n"
    "  3: USEQ TEMP[1].x, TEMP[1].xxxx, IMM[0].zzzz\n"
    "  4: UIF TEMP[1].xxxx :0\n"
    "  5:   UMUL TEMP[2].x, TEMP[3].xxxx, IMM[0].yyyy\n"
    "  6:   LOAD TEMP[2].x, BUFFER[0], TEMP[2].xxxx\n"
    "  7:   STORE MEMORY[1].x, IMM[0].zzzz, TEMP[2].xxxx\n"
    "  8: ENDIF\n"
    "  9: MEMBAR IMM[0].xxxx\n"
    " 10: BARRIER\n"
    " 11: LOAD TEMP[2].x, MEMORY[1], IMM[0].zzzz\n"
    " 12: USHR TEMP[2].x, TEMP[2].xxxx, IMM[0].wwww\n"
    " 13: USLT TEMP[1].x, TEMP[0].yyyy, TEMP[2].xxxx\n"
    " 14: UIF TEMP[1].xxxx :0\n"
    " 15:   STORE IMAGE[0], TEMP[0].xyyy, IMM[1], 2D, PIPE_FORMAT_R8G8B8A8_UNORM\n"
    " 16: ENDIF\n"
    " 17: END\n";

static bool supported(const struct virgl_caps_v2 *caps)
{
    return (caps->capability_bits & VIRGL_CAP_COMPUTE_SHADER) &&
        caps->max_shader_image_frag_compute > 0 && caps->max_shader_buffer_frag_compute > 0;
}

static void draw(struct scene *scene)
{
    static const uint32_t block[3] = {GROUP_PX, GROUP_PX, 1}, grid[3] = {GROUPS, GROUPS, 1};
    static const uint32_t zeros[GROUPS];
    const struct virgl_obj_sampler_state sampler = vgpu_sampler_default();
    struct vgpu_context *context = scene->context;
    struct vgpu_resource *image = scene_texture(scene, VIRGL_FORMAT_R8G8B8A8_UNORM,
                                                VIRGL_BIND_SAMPLER_VIEW | VIRGL_BIND_RENDER_TARGET,
                                                VGPU_SCENE_WIDTH_PX, VGPU_SCENE_HEIGHT_PX, NULL);
    struct vgpu_resource *sums = scene_buffer(scene, VIRGL_BIND_SHADER_BUFFER, zeros,
                                              sizeof(zeros));
    uint32_t fill = vgpu_create_compute_shader(context, comp_fill, 0);
    uint32_t chart = vgpu_create_compute_shader(context, comp_chart, 4);

    vgpu_set_image(context, VIRGL_SHADER_STAGE_COMPUTE, 0, image, 0, VIRGL_IMAGE_ACCESS_WRITE);
    vgpu_set_shader_buffer(context, VIRGL_SHADER_STAGE_COMPUTE, 0, sums);
    vgpu_bind_shader(context, VIRGL_SHADER_STAGE_COMPUTE, fill);
    vgpu_launch_grid(context, block, grid);
    vgpu_memory_barrier(context, VIRGL_BARRIER_SHADER_BUFFER | VIRGL_BARRIER_IMAGE);
    vgpu_bind_shader(context, VIRGL_SHADER_STAGE_COMPUTE, chart);
    vgpu_launch_grid(context, block, grid);
    vgpu_memory_barrier(context, VIRGL_BARRIER_TEXTURE);

    scene_shader(scene, VIRGL_SHADER_STAGE_VERTEX, scene_vert_plain);
    scene_shader(scene, VIRGL_SHADER_STAGE_FRAGMENT, scene_frag_texture_2d);
    scene_bind_texture(scene, 0, image, &sampler);
    scene_quad(scene, 0, 0, VGPU_SCENE_WIDTH_PX, VGPU_SCENE_HEIGHT_PX, 0, 1);
}

const struct vgpu_scene scene_compute = {
    .name = "compute",
    .summary = "compute shaders with an image, a storage buffer and shared memory",
    .supported = supported,
    .needs = "compute shaders with images and storage buffers",
    .draw = draw,
};
