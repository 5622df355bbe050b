#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares a fixed frame of real programs, drawn through a vtest server, with the same frame drawn
by the host driver directly. Prints TAP. A scene passes when 99.9 % of its pixels are within 2/255.

usage: frames.py --shims DIR --server "COMMAND --socket-path={SOCK}" [--out DIR] [SCENE...]
"""
import argparse
import os
import sys

from picture import Picture, differing_px
from session import Session, SetupError, need

SIZE_PX = (800, 600)
FRAME = 40
ALLOWED = 0.001

SCENES = {}
for bench in ('build:use-vbo=false', 'build:use-vbo=true', 'texture:texture-filter=nearest',
              'texture:texture-filter=linear', 'texture:texture-filter=mipmap',
              'shading:shading=gouraud', 'shading:shading=blinn-phong-inf',
              'shading:shading=phong', 'shading:shading=cel', 'bump:bump-render=high-poly',
              'bump:bump-render=normals', 'bump:bump-render=height', 'effect2d:kernel=0,1,0;1,-4,1;0,1,0;',
              'effect2d:kernel=1,1,1,1,1;1,1,1,1,1;1,1,1,1,1;', 'pulsar:light=false:quads=5:texture=false',
              'desktop:blur-radius=5:effect=blur:passes=1:separable=true:windows=4',
              'desktop:effect=shadow:windows=4', 'buffer:columns=200:interleave=false:update-dispersion=0.9:update-fraction=0.5:update-method=map',
              'buffer:columns=200:interleave=false:update-dispersion=0.9:update-fraction=0.5:update-method=subdata',
              'buffer:columns=200:interleave=true:update-dispersion=0.9:update-fraction=0.5:update-method=map',
              'ideas:speed=10000', 'jellyfish', 'terrain', 'shadow', 'refract',
              'conditionals:fragment-steps=0:vertex-steps=0', 'conditionals:fragment-steps=5:vertex-steps=0',
              'conditionals:fragment-steps=0:vertex-steps=5', 'function:fragment-complexity=low:fragment-steps=5',
              'function:fragment-complexity=medium:fragment-steps=5', 'loop:fragment-loop=false:fragment-steps=5:vertex-steps=5',
              'loop:fragment-steps=5:fragment-uniform=false:vertex-steps=5', 'loop:fragment-steps=5:fragment-uniform=true:vertex-steps=5'):
    for program in ('glmark2', 'glmark2-es2'):
        SCENES[f'{program} {bench}'] = [program, '-s', '%dx%d' % SIZE_PX, '-b', bench + ':duration=60']


def reference_of(argv):
    """Software GL computes GLES's mediump in 16 bits, which no guest can see through the protocol:
    the reference of a GLES scene is the same scene of the desktop program, in full precision."""
    return ['glmark2' if argv[0] == 'glmark2-es2' else argv[0]] + argv[1:]


def grab(session, argv, path, timeout_s):
    status, output = session.run(argv, preload=['frame_grab.so'], timeout_s=timeout_s,
                                 env={'FRAME_GRAB_AT': str(FRAME), 'FRAME_GRAB_FILE': path})
    if status != 0 or not os.path.exists(path):
        return None, f'status {status}\n{output}'
    return Picture.read_ppm(path).crop(*SIZE_PX), output


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--shims', required=True)
    parser.add_argument('--server', required=True)
    parser.add_argument('--out', help='folder for the pictures (PNG) of both sides')
    parser.add_argument('--timeout', type=int, default=120, metavar='SECONDS')
    parser.add_argument('--list', action='store_true')
    parser.add_argument('scenes', nargs='*', help='words that a scene must contain')
    args = parser.parse_args()
    names = [n for n in SCENES if not args.scenes or any(w in n for w in args.scenes)]
    if args.list:
        print('\n'.join(names))
        return 0
    try:
        need('glmark2', 'glmark2-es2')
        with Session('direct', args.shims) as direct, Session(args.server, args.shims) as ours:
            return compare_all(names, direct, ours, args)
    except SetupError as reason:
        print(f'1..0 # SKIP {reason}')
        return 0


def compare_all(names, direct, ours, args):
    if args.out:
        os.makedirs(args.out, exist_ok=True)
    print(f'1..{len(names) + 1}', flush=True)
    bad = 0
    for number, name in enumerate(names, 1):
        files = [os.path.join(ours.folder, f'{number}-{side}.ppm') for side in ('direct', 'ours')]
        want, want_log = grab(direct, reference_of(SCENES[name]), files[0], args.timeout)
        got, got_log = grab(ours, SCENES[name], files[1], args.timeout)
        if not want:
            print(f'# {want_log}'.replace('\n', '\n# '))
            print(f'not ok {number} {name} - no reference picture')
            bad += 1
            continue
        if not got:
            print(f'# {got_log}'.replace('\n', '\n# '))
            print(f'not ok {number} {name} - no picture')
            bad += 1
            continue
        differing = differing_px(want, got)
        share = differing / (SIZE_PX[0] * SIZE_PX[1])
        blank = want.distinct_colors() < 3
        ok = share <= ALLOWED and not blank
        bad += not ok
        remark = f'{differing} pixels differ ({share:.3%})' + (', blank reference' if blank else '')
        print(f'{"" if ok else "not "}ok {number} {name} # {remark}', flush=True)
        if args.out:
            stem = ''.join(c if c.isalnum() else '-' for c in name)
            want.write_png(os.path.join(args.out, f'{stem}-direct.png'))
            got.write_png(os.path.join(args.out, f'{stem}-ours.png'))
    log = ours.server_log()
    complaints = [line for line in log.splitlines() if 'error' in line.lower()]
    for line in complaints[:20]:
        print(f'# server: {line}')
    print(f'{"not " if complaints else ""}ok {len(names) + 1} no error line in the server log')
    return 1 if bad or complaints else 0


if __name__ == '__main__':
    sys.exit(main())
