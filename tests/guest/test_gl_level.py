#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What GL a guest's programs find: over the vtest socket, and in a machine with host-visible
memory. Needs Mesa's virpipe; the machine needs the image of make-guest-image."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

import tap
from vtest_server import Server

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ['GL_LEVEL']
# What GL 4.0 to 4.5 consist of, as far as it is a matter of the renderer.
CORE = '''
ARB_draw_buffers_blend ARB_draw_indirect ARB_gpu_shader5 ARB_gpu_shader_fp64 ARB_sample_shading
ARB_tessellation_shader ARB_texture_cube_map_array ARB_texture_gather ARB_texture_query_lod
ARB_transform_feedback2 ARB_transform_feedback3 ARB_separate_shader_objects ARB_vertex_attrib_64bit
ARB_viewport_array ARB_base_instance ARB_shader_atomic_counters ARB_shader_image_load_store
ARB_compute_shader ARB_copy_image ARB_framebuffer_no_attachments ARB_multi_draw_indirect
ARB_robust_buffer_access_behavior ARB_shader_image_size ARB_shader_storage_buffer_object
ARB_stencil_texturing ARB_texture_buffer_range ARB_texture_query_levels ARB_texture_view
ARB_clear_texture ARB_enhanced_layouts ARB_multi_bind ARB_query_buffer_object ARB_texture_stencil8
ARB_texture_mirror_clamp_to_edge ARB_vertex_type_10f_11f_11f_rev ARB_clip_control ARB_cull_distance
ARB_conditional_render_inverted ARB_derivative_control ARB_direct_state_access
ARB_get_texture_sub_image ARB_shader_texture_image_samples ARB_texture_barrier KHR_robustness
ARB_indirect_parameters ARB_polygon_offset_clamp ARB_shader_atomic_counter_ops
ARB_texture_filter_anisotropic ARB_transform_feedback_overflow_query
'''.split()


class Level:
    def __init__(self, text):
        self.text = text
        version = re.search(r'^version (\d+)\.(\d+)', text, re.MULTILINE)
        assert version, text
        self.version = int(version[1]) * 10 + int(version[2])
        self.virgl = '\nrenderer virgl' in text
        self.extensions = {'GL_' + e for e in re.findall(r'^extension GL_(\S+)', text,
                                                          re.MULTILINE)}
        mapped = re.search(r'^mapped (.*)', text, re.MULTILINE)
        self.mapped = mapped[1] if mapped else None


def run(**more):
    environment = {**os.environ, 'LIBGL_ALWAYS_SOFTWARE': '1', **more}
    return Level(subprocess.run([PROGRAM], env=environment, stdin=subprocess.DEVNULL, text=True,
                                capture_output=True, timeout=280, check=False).stdout)


def over_vtest(**more):
    with Server() as server:
        level = run(GALLIUM_DRIVER='virpipe', VTEST_SOCKET_NAME=server.socket,
                    LD_PRELOAD=os.environ['VTEST_SOCKET_SHIM'], **more)
    if not level.virgl:
        raise tap.Skip('this Mesa has no virpipe driver')
    return level


def lacking(level, host):
    return sorted(e for e in ('GL_' + name for name in CORE)
                  if e in host.extensions and e not in level.extensions)


def test_vtest():
    host, level = run(GALLIUM_DRIVER='llvmpipe'), over_vtest()
    assert lacking(level, host) == [], lacking(level, host)
    assert level.version >= min(host.version, 43), level.text.splitlines()[0]


def test_vtest_lacks_buffer_storage_alone():
    """With the one extension that Mesa's vtest connection never offers, the host's level is
    reached."""
    host = run(GALLIUM_DRIVER='llvmpipe')
    level = over_vtest(MESA_EXTENSION_OVERRIDE='+GL_ARB_buffer_storage')
    assert level.version >= min(host.version, 45), level.text.splitlines()[0]


def test_host_visible_memory():
    image = subprocess.run([os.path.join(HERE, 'make-guest-image'), '--print'],
                           capture_output=True, text=True, check=True).stdout.strip()
    if not os.path.exists(os.path.join(image, 'root.ext4')):
        raise tap.Skip('there is no guest image; run tests/guest/make-guest-image')
    if not os.environ.get('QEMU_MODULE_DIR'):
        raise tap.Skip('the QEMU module is not built')
    folder = tempfile.mkdtemp(prefix='gl-level-')
    try:
        tools = os.path.join(folder, 'tools.tar')
        subprocess.run(['tar', 'cf', tools, '-C', os.path.dirname(PROGRAM),
                        os.path.basename(PROGRAM)], check=True)
        os.truncate(tools, (os.path.getsize(tools) + 4095) // 4096 * 4096)
        script = 'cd /tmp && tar xf /dev/vdb && ./' + os.path.basename(PROGRAM)
        text = subprocess.run(
            [os.path.join(HERE, 'run-guest'), '--timeout', '400', '--script', script,
             '--device', 'virtio-gpu-gl,blob=true,hostmem=268435456', '--', '-drive',
             'if=none,id=tools,format=raw,readonly=on,file=' + tools,
             '-device', 'virtio-blk-pci,drive=tools'],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
    finally:
        shutil.rmtree(folder)
    host, level = run(GALLIUM_DRIVER='llvmpipe'), Level(text)
    assert level.virgl, text
    assert lacking(level, host) == [], lacking(level, host)
    assert level.version >= min(host.version, 45), text.splitlines()[0]
    assert level.mapped == '4321 11 44 error 0', level.mapped


if __name__ == '__main__':
    sys.exit(tap.run([test_vtest, test_vtest_lacks_buffer_storage_alone,
                      test_host_visible_memory]))
