#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs one GL program through a vtest server and shows what it drew: GL strings, frames per second,
a PNG, and the picture in coarse characters for a log.

usage: show.py --shims DIR --server SPEC --png FILE [SCENE]
"""
import argparse
import os
import re
import shutil
import sys

from picture import Picture
from session import Session, SetupError, need


def coarse(picture, columns=78):
    """The picture as lines of characters: colours on a terminal that has them, else brightness."""
    step_x = picture.width_px / columns
    rows = int(picture.height_px / step_x / 2)
    color = sys.stdout.isatty() and os.environ.get('TERM', 'dumb') != 'dumb'

    def at(x, y):
        px = min(int(x * step_x), picture.width_px - 1)
        py = min(int(y * step_x), picture.height_px - 1)
        i = (py * picture.width_px + px) * 3
        return picture.rgb[i:i + 3]

    for row in range(rows):
        line = []
        for column in range(columns):
            top, bottom = at(column, 2 * row), at(column, 2 * row + 1)
            if color:
                line.append('\033[38;2;%d;%d;%dm\033[48;2;%d;%d;%dm\u2580' % (*top, *bottom))
            else:
                light = (sum(top) + sum(bottom)) / 6
                line.append(' .:-=+*#%@'[min(9, int(light / 25.6))])
        yield ''.join(line).rstrip() + ('\033[0m' if color else '')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--shims', required=True)
    parser.add_argument('--server', required=True)
    parser.add_argument('--png', required=True)
    parser.add_argument('--seconds', type=int, default=5)
    parser.add_argument('scene', nargs='?', default='refract', help='a glmark2 benchmark')
    args = parser.parse_args()
    try:
        need('glmark2', 'glmark2-es2')
        with Session(args.server, args.shims) as session:
            bench = f'{args.scene}:duration={args.seconds}'
            status, output = session.run(['glmark2', '-b', bench], timeout_s=120)
            renderer = re.search(r'GL_RENDERER:\s*(.*)', output)
            fps = re.search(r'FPS: (\d+)', output)
            if status != 0 or not renderer or not fps:
                print(output, session.server_log(), sep='\n')
                sys.exit('The program did not run to its end.')
            frame = os.path.join(session.folder, 'frame.ppm')
            status, output = session.run(
                ['glmark2', '-b', f'{args.scene}:duration=60'], preload=['frame_grab.so'],
                timeout_s=120, env={'FRAME_GRAB_AT': '30', 'FRAME_GRAB_FILE': frame})
            if not os.path.exists(frame):
                print(output, session.server_log(), sep='\n')
                sys.exit('No picture was drawn.')
            version = re.search(r'GL_VERSION:\s*(.*)', output)
            picture = Picture.read_ppm(frame)
            if picture.distinct_colors() < 16:
                sys.exit('The picture is blank.')
            picture.write_png(args.png)
            shutil.copy(session.log_path, args.png + '.log')
    except SetupError as reason:
        sys.exit(str(reason))
    print('\n'.join(coarse(picture)))
    print(f'GL_RENDERER  {renderer[1].strip()}')
    if version:
        print(f'GL_VERSION   {version[1].strip()}')
    print(f'frame rate   {fps[1]} frames per second ({args.scene})')
    print(f'picture      {args.png}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
