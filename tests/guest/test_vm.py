#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boots the small Debian guest and draws every scene there with the kernel's own driver: into
files, and on the screen. Pictures are compared with the references on the host."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

import tap

HERE = os.path.dirname(os.path.abspath(__file__))
BIN = os.environ['VGPU_BIN']
OUTPUT_BYTES = 64 << 20
SCENES = ('clear triangle cube msaa mrt geometry tessellation compute streamout queries cursor '
          'blits texture3d array cubemap states').split()
SCRIPT = r'''
mkdir -p /tmp/bin /tmp/out
tar xf /dev/vdb -C /tmp/bin
cd /tmp/bin
./vgpu-info --json >/tmp/out/info.json 2>/tmp/out/info.err
for scene in SCENES; do
    ./vgpu-scene --output=/tmp/out/$scene.pam $scene 2>/tmp/out/$scene.err
done
./vgpu-scene --record=/tmp/out/mrt.vgpu --output=/tmp/out/recorded.pam mrt
./vgpu-replay --output=/tmp/out/replayed.pam /tmp/out/mrt.vgpu 2>/tmp/out/replay.err
./vgpu-stress --steps=60 >/tmp/out/stress.txt 2>&1
./vgpu-scene --repeat=4 --cursor --seconds=0.5 triangle >/tmp/out/kms.txt 2>&1
echo $? >>/tmp/out/kms.txt
dmesg | grep -E 'virtio_gpu.*ERROR|\*ERROR\*' >/tmp/out/dmesg.txt
tar cf /dev/vdc -C /tmp/out .
'''.replace('SCENES', ' '.join(SCENES))

OUT = None
REASON = None


def missing():
    image = subprocess.run([os.path.join(HERE, 'make-guest-image'), '--print'],
                           capture_output=True, text=True, check=True).stdout.strip()
    if not os.path.exists(os.path.join(image, 'root.ext4')):
        return 'there is no guest image; run tests/guest/make-guest-image'
    if not os.environ.get('QEMU_MODULE_DIR') and not os.environ.get('STOCK_DEVICE'):
        return 'the QEMU module was not built'
    if not shutil.which(os.environ.get('QEMU', 'qemu-system-x86_64')):
        return 'QEMU is missing'
    return None


def boot(directory):
    """Runs the script in the guest; its files are in the directory afterwards."""
    tools, output = (os.path.join(directory, name) for name in ('tools.tar', 'output.tar'))
    subprocess.run(['tar', 'cf', tools, '-C', BIN, 'vgpu-info', 'vgpu-scene', 'vgpu-stress',
                    'vgpu-replay'], check=True)
    with open(tools, 'ab') as file:
        file.truncate((os.path.getsize(tools) + 511) // 512 * 512)
    with open(output, 'wb') as file:
        file.truncate(OUTPUT_BYTES)
    environment = dict(os.environ)
    display = []
    if environment.get('STOCK_DEVICE'):
        environment.pop('QEMU_MODULE_DIR', None)
        display = ['--display', 'egl-headless,rendernode=/dev/null']
    subprocess.run(
        [os.path.join(HERE, 'run-guest'), '--timeout', '400', '--script', SCRIPT, *display, '--',
         '-drive', 'if=none,id=tools,format=raw,readonly=on,file=' + tools,
         '-device', 'virtio-blk-pci,drive=tools',
         '-drive', 'if=none,id=output,format=raw,file=' + output,
         '-device', 'virtio-blk-pci,drive=output'],
        env=environment, stdin=subprocess.DEVNULL, check=True)
    subprocess.run(['tar', 'xf', output, '-C', directory], check=True)


def path(name):
    if REASON:
        raise tap.Skip(REASON)
    return os.path.join(OUT, name)


def read(name):
    with open(path(name), errors='replace') as file:
        return file.read()


def pixels(name):
    with open(name, 'rb') as file:
        return file.read().split(b'ENDHDR\n', 1)[1]


def scene_test(scene):
    def check():
        drawn = path(scene + '.pam')
        assert os.path.exists(drawn), read(scene + '.err')
        reference = path(scene + '-reference.pam')
        subprocess.run([os.environ['SCENE_REFERENCE'], scene, reference], check=True)
        a, b = pixels(drawn), pixels(reference)
        assert len(a) == len(b) == 256 * 256 * 4
        different = sum(1 for i in range(0, len(a), 4) if a[i:i + 4] != b[i:i + 4] and
                        any(abs(a[i + c] - b[i + c]) > 2 for c in range(4)))
        assert different <= 65, '%d pixels differ' % different
    check.__name__ = 'test_scene_' + scene
    return check


def test_info():
    info = json.loads(read('info.json'))
    assert info['connection'] == 'drm'
    capsets = {capset['id']: capset for capset in info['capsets']}
    assert capsets[1]['glsl_level'] >= 140 and capsets[2]['max_version'] == 2
    assert capsets[2]['renderer']
    assert any(output['connected'] for output in info['outputs'])


def test_replay():
    assert pixels(path('recorded.pam')) == pixels(path('replayed.pam')), read('replay.err')


def test_stress():
    assert '60 steps' in read('stress.txt'), read('stress.txt')


def test_screen():
    assert read('kms.txt').split() == ['0'], read('kms.txt')


def test_kernel_is_content():
    assert read('dmesg.txt') == '', read('dmesg.txt')


def main():
    global OUT, REASON
    REASON = missing()
    OUT = tempfile.mkdtemp(prefix='vgpu-vm-')
    try:
        if not REASON:
            boot(OUT)
        return tap.run([test_info, *[scene_test(scene) for scene in SCENES], test_replay,
                        test_stress, test_screen, test_kernel_is_content])
    finally:
        shutil.rmtree(OUT)


if __name__ == '__main__':
    sys.exit(main())
