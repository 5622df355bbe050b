/* SPDX-License-Identifier: MIT */
#include "../scene_kit.h"

/* Three cubes at different distances: indexed draws, constants, depth test, culling, and a texture
 * whose levels have colours of their own. */

static const char vert[] =
    "VERT\n"
    "DCL IN[0]\n"
    "DCL IN[1]\n"
    "DCL OUT[0], POSITION\n"
    "DCL OUT[1], GENERIC[0]\n"
    "DCL CONST[0..3]\n"
    "DCL TEMP[0]\n"
    "  0: MUL TEMP[0], IN[0].xxxx, CONST[0]\n"
    "  1: MAD TEMP[0], IN[0].yyyy, CONST[1], TEMP[0]\n"
    "  2: MAD TEMP[0], IN[0].zzzz, CONST[2], TEMP[0]\n"
    "  3: MAD OUT[0], IN[0].wwww, CONST[3], TEMP[0]\n"
    "  4: MOV OUT[1], IN[1]\n"
    "  5: END\n";

static void bind_texture(struct scene *scene)
{
    const struct vgpu_resource_desc desc = {
        .target = VIRGL_TEXTURE_TARGET_2D,
        .format = VIRGL_FORMAT_R8G8B8A8_UNORM,
        .bind = VIRGL_BIND_SAMPLER_VIEW,
        .width = SCENE_CUBE_TEXTURE_PX,
        .height = SCENE_CUBE_TEXTURE_PX,
        .depth = 1,
        .array_size = 1,
        .last_level = SCENE_CUBE_LEVELS - 1,
    };
    struct virgl_obj_sampler_state sampler = vgpu_sampler_default();
    struct vgpu_resource *texture = scene_resource(scene);
    uint8_t texels[SCENE_CUBE_TEXTURE_PX * SCENE_CUBE_TEXTURE_PX * 4];

    vgpu_resource_init(scene->context, texture, &desc);
    for (uint32_t level = 0; level < SCENE_CUBE_LEVELS; level++) {
        scene_checker(texels, vgpu_minify(desc.width, level), vgpu_minify(desc.height, level),
                      level);
        scene_fill_layer(texture, level, 0, texels);
        vgpu_upload(scene->context, texture, level, NULL);
    }
    sampler.wrap_s = sampler.wrap_t = VIRGL_TEX_WRAP_REPEAT;
    sampler.min_img_filter = sampler.mag_img_filter = VIRGL_TEX_FILTER_LINEAR;
    sampler.min_mip_filter = VIRGL_TEX_MIPFILTER_LINEAR;
    scene_bind_texture(scene, 0, texture, &sampler);
}

static void draw(struct scene *scene)
{
    static const float background[4] = {0.15f, 0.15f, 0.2f, 1};
    struct vgpu_context *context = scene->context;
    struct vgpu_resource *depth = scene_texture(scene, scene_depth_format(&context->caps),
                                                VIRGL_BIND_DEPTH_STENCIL, VGPU_SCENE_WIDTH_PX,
                                                VGPU_SCENE_HEIGHT_PX, NULL);
    struct vgpu_resource *indices = scene_buffer(scene, VIRGL_BIND_INDEX_BUFFER,
                                                 scene_cube_indices, sizeof(scene_cube_indices));
    struct virgl_obj_rasterizer rasterizer = vgpu_rasterizer_default();
    struct virgl_obj_dsa dsa = vgpu_dsa_default();
    struct scene_vertex vertices[SCENE_CUBE_VERTICES];
    const struct virgl_cmd_draw_vbo draw = {
        .count = SCENE_CUBE_INDICES,
        .mode = VIRGL_PRIM_TRIANGLES,
        .indexed = true,
        .max_index = SCENE_CUBE_VERTICES - 1,
    };

    scene_bind_target(scene, vgpu_create_surface(context, depth, 0, 0, 0));
    vgpu_clear(context, VIRGL_CLEAR_COLOR0 | VIRGL_CLEAR_DEPTH | VIRGL_CLEAR_STENCIL, background,
               1, 0);
    dsa.depth_enabled = dsa.depth_writemask = true;
    dsa.depth_func = VIRGL_COMPARE_FUNC_LESS;
    vgpu_bind(context, VIRGL_OBJECT_TYPE_DSA, vgpu_create_dsa(context, &dsa));
    rasterizer.cull_face = VIRGL_CULL_FACE_BACK;
    vgpu_bind(context, VIRGL_OBJECT_TYPE_RASTERIZER,
              vgpu_create_rasterizer(context, &rasterizer));

    scene_cube_vertices(vertices);
    scene_vertex_layout(scene);
    scene_vertices(scene, vertices, SCENE_CUBE_VERTICES);
    vgpu_set_index_buffer(context, indices, sizeof(scene_cube_indices[0]), 0);
    scene_shader(scene, VIRGL_SHADER_STAGE_VERTEX, vert);
    scene_shader(scene, VIRGL_SHADER_STAGE_FRAGMENT, scene_frag_texture_2d);
    bind_texture(scene);
    for (unsigned cube = 0; cube < SCENE_CUBE_COUNT; cube++) {
        const struct scene_matrix matrix = scene_cube_matrix(cube);

        vgpu_set_constants(context, VIRGL_SHADER_STAGE_VERTEX, &matrix, 16);
        vgpu_draw(context, &draw);
    }
    scene_bind_target(scene, 0);
}

const struct vgpu_scene scene_cube = {
    .name = "cube",
    .summary = "indexed cubes with a mipmapped texture, depth test, culling and constants",
    .draw = draw,
};
