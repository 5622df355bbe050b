/* SPDX-License-Identifier: MIT */
/* Formats, capability bits, words of the shader text, socket and device messages. */

#include <glib.h>
#include <string.h>

#include "tgsi_tables.h"
#include "virgl_caps.h"
#include "virgl_formats.h"
#include "virgl_protocol.h"
#include "virtio_gpu_wire.h"
#include "vtest_protocol.h"

static void test_format_facts(void)
{
    const struct virgl_format_info *info = virgl_format_info(VIRGL_FORMAT_B8G8R8A8_UNORM);

    g_assert_cmpuint(info->block_bytes, ==, 4);
    g_assert_cmpuint(info->channel_count, ==, 4);
    g_assert_cmpuint(info->channels[0].type, ==, VIRGL_CHANNEL_TYPE_UNORM);
    g_assert_cmpuint(info->swizzle[0], ==, VIRGL_SWIZZLE_Z);
    g_assert_true(info->has_alpha);
    g_assert_cmphex(info->gl.internalformat, ==, 0x8058); /* RGBA8 */
    g_assert_cmphex(info->gl.format, ==, 0x80e1);         /* BGRA */
    g_assert_cmphex(info->gles.format, ==, 0x1908);       /* RGBA */
    g_assert_cmphex(info->vertex_size, ==, 0x80e1);
    g_assert_true(info->vertex_normalized);

    info = virgl_format_info(VIRGL_FORMAT_S8_UINT_Z24_UNORM);
    g_assert_true(info->has_depth && info->has_stencil);
    g_assert_cmphex(info->gl.type, ==, 0x84fa); /* UNSIGNED_INT_24_8 */
    info = virgl_format_info(VIRGL_FORMAT_X24S8_UINT);
    g_assert_true(!info->has_depth && info->has_stencil);
    info = virgl_format_info(VIRGL_FORMAT_Z32_FLOAT);
    g_assert_true(info->has_depth && !info->has_stencil);

    info = virgl_format_info(VIRGL_FORMAT_DXT5_SRGBA);
    g_assert_true(info->is_compressed && info->is_srgb);
    g_assert_cmpuint(info->block_w_px, ==, 4);
    g_assert_cmpuint(info->block_bytes, ==, 16);
    g_assert_cmpstr(info->gl.extension, ==, "GL_EXT_texture_compression_s3tc");
    g_assert_cmpstr(info->gl.extension2, ==, "GL_EXT_texture_sRGB");
    g_assert_cmpuint(info->gl.min_version, ==, 0);

    info = virgl_format_info(VIRGL_FORMAT_L8_UNORM);
    g_assert_true(info->gl.has_swizzle);
    g_assert_cmpuint(info->gl.swizzle[2], ==, VIRGL_SWIZZLE_X);
    g_assert_cmpuint(info->gl.swizzle[3], ==, VIRGL_SWIZZLE_1);
    info = virgl_format_info(VIRGL_FORMAT_R32G32B32A32_UINT);
    g_assert_true(info->pure_integer && info->vertex_integer);
    info = virgl_format_info(VIRGL_FORMAT_R8_G8B8_420_UNORM);
    g_assert_true(info->is_planar);
}

static void test_format_names(void)
{
    unsigned known = 0;

    for (uint32_t number = 0; number < 1000; number++) {
        const struct virgl_format_info *info = virgl_format_info(number);

        if (!info)
            continue;
        known++;
        g_assert_cmpuint(info->number, ==, number);
        g_assert_cmpint(virgl_format_from_name(info->name), ==, number);
        g_assert_cmpstr(virgl_format_name(number), ==, info->name);
    }
    g_assert_cmpuint(known, ==, 471);
    g_assert_null(virgl_format_info(VIRGL_FORMAT_NONE));
    g_assert_null(virgl_format_info(VIRGL_FORMAT_COUNT));
    g_assert_null(virgl_format_info(UINT32_MAX));
    g_assert_cmpstr(virgl_format_name(UINT32_MAX), ==, "?");
    g_assert_cmpint(virgl_format_from_name("R8_UNORMX"), ==, -1);
    g_assert_cmpint(virgl_format_from_name(""), ==, -1);
    g_assert_cmpint(virgl_format_from_name_n("R8_UNORM,", 8), ==, VIRGL_FORMAT_R8_UNORM);
    g_assert_cmpint(virgl_format_from_name_n("R8_UNORM", 7), ==, -1);
    g_assert_cmpint(virgl_format_from_name("NV12"), >, 0);
}

/* Plain formats: channels fill the block. */
static void test_format_sizes(void)
{
    for (uint32_t number = 1; number < VIRGL_FORMAT_COUNT; number++) {
        const struct virgl_format_info *info = virgl_format_info(number);
        unsigned bits = 0;

        if (!info || info->layout != VIRGL_FORMAT_LAYOUT_PLAIN)
            continue;
        for (unsigned i = 0; i < info->channel_count; i++)
            bits += info->channels[i].bits;
        g_assert_cmpuint(bits, ==, 8u * info->block_bytes);
    }
}

static void test_caps(void)
{
    g_assert_cmpuint(sizeof(union virgl_caps), ==, 1408);
    g_assert_cmphex(VIRGL_CAP_TEXTURE_VIEW, ==, 1u << 1);
    g_assert_cmphex(VIRGL_CAP_ARB_BUFFER_STORAGE, ==, 1u << 31);
    g_assert_cmphex(VIRGL_CAP_V2_STRING_MARKER, ==, 1u << 4);
    g_assert_cmphex(VIRGL_BSET_HAS_TESSELLATION_SHADERS, ==, 1u << 24);
    g_assert_cmpuint(offsetof(struct virgl_caps_v2, renderer), ==, 696);
}

static void test_tgsi_opcodes(void)
{
    for (uint32_t opcode = 0; opcode < TGSI_OPCODE_COUNT; opcode++) {
        const struct tgsi_opcode_info *info = tgsi_opcode_info(opcode);

        g_assert_cmpint(tgsi_opcode_from_name(info->name, strlen(info->name)), ==, opcode);
        g_assert_cmpuint(info->num_src, <=, TGSI_OPCODE_MAX_SOURCES);
    }
    g_assert_null(tgsi_opcode_info(TGSI_OPCODE_COUNT));
    g_assert_cmpint(tgsi_opcode_from_name("MO", 2), ==, -1);
    g_assert_cmpint(tgsi_opcode_from_name("MOVE", 4), ==, -1);
    g_assert_cmpint(tgsi_opcode_from_name("MOV_SAT", 3), ==, TGSI_OPCODE_MOV);
    g_assert_cmpint(tgsi_opcode_from_name("", 0), ==, -1);

    const struct tgsi_opcode_info *cas = tgsi_opcode_info(TGSI_OPCODE_ATOMCAS);
    g_assert_cmpuint(cas->num_src, ==, 4);
    g_assert_cmpuint(cas->src_type[0], ==, TGSI_TYPE_RESOURCE);
    g_assert_cmpuint(cas->src_type[1], ==, TGSI_TYPE_UINT_ADDRESS);
    g_assert_cmpuint(cas->src_type[3], ==, TGSI_TYPE_RAW_BITS);
    g_assert_true(cas->flags & TGSI_OPCODE_FLAG_MEMORY);
    g_assert_true(tgsi_opcode_info(TGSI_OPCODE_TEX)->flags & TGSI_OPCODE_FLAG_TEXTURE);
    g_assert_cmpuint(tgsi_opcode_info(TGSI_OPCODE_DP4)->result_kind, ==,
                     TGSI_RESULT_KIND_SCALAR_REPLICATED);
    g_assert_cmpuint(tgsi_opcode_info(TGSI_OPCODE_USLT)->dst_type, ==, TGSI_TYPE_UINT_MASK);
}

static void test_tgsi_names(void)
{
    g_assert_cmpint(tgsi_semantic_from_name("CLIPDIST", 8), ==, TGSI_SEMANTIC_CLIPDIST);
    g_assert_cmpint(tgsi_texture_from_name("2D_ARRAY", 8), ==, TGSI_TEXTURE_2D_ARRAY);
    g_assert_cmpint(tgsi_texture_from_name("2D_ARRAY", 2), ==, TGSI_TEXTURE_2D);
    g_assert_cmpint(tgsi_texture_from_name("2D_A", 4), ==, -1);
    g_assert_cmpint(tgsi_keyword_from_name("_SAT", 4), ==, TGSI_KEYWORD_SAT);
    g_assert_cmpstr(tgsi_file_name(TGSI_FILE_TEMP), ==, "TEMP");
    g_assert_cmpstr(tgsi_file_name(1000), ==, "?");
    for (uint32_t i = 0; i < TGSI_PROPERTY_COUNT; i++)
        g_assert_cmpint(tgsi_property_from_name(tgsi_property_name(i),
                                                strlen(tgsi_property_name(i))), ==, i);
}

static void test_wires(void)
{
    g_assert_cmpuint(vgpu_wire_request_bytes(VGPU_CMD_SUBMIT_3D), ==,
                     sizeof(struct vgpu_wire_cmd_submit));
    g_assert_cmpuint(vgpu_wire_request_bytes(VGPU_CMD_RESOURCE_CREATE_BLOB), ==, 56);
    g_assert_cmpuint(vgpu_wire_request_bytes(0x102 + 0x100 * 9), ==, 0);
    g_assert_cmpstr(vgpu_wire_type_name(VGPU_RESP_ERR_INVALID_SCANOUT_ID), ==,
                    "ERR_INVALID_SCANOUT_ID");
    g_assert_cmpuint(sizeof(struct vgpu_wire_resp_display_info), ==, 408);
    g_assert_cmpstr(vtest_command_name(VTEST_CMD_RESOURCE_CREATE2), ==, "RESOURCE_CREATE2");
    g_assert_cmpstr(vtest_command_name(VTEST_CMD_COUNT), ==, "?");
    g_assert_cmpuint(VTEST_RESOURCE_CREATE2_DWORDS, ==, 11);
    g_assert_cmpuint(VTEST_RESOURCE_CREATE2_DATA_SIZE, ==, 10);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/protocol/formats/facts", test_format_facts);
    g_test_add_func("/protocol/formats/names", test_format_names);
    g_test_add_func("/protocol/formats/sizes", test_format_sizes);
    g_test_add_func("/protocol/caps", test_caps);
    g_test_add_func("/protocol/tgsi/opcodes", test_tgsi_opcodes);
    g_test_add_func("/protocol/tgsi/names", test_tgsi_names);
    g_test_add_func("/protocol/wires", test_wires);
    return g_test_run();
}
