#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Saves what a running QEMU's outputs show, through QMP.

usage: screendump.py QMP-SOCKET FILE.png [--device ID --head N] [--until-drawn SECONDS]

--until-drawn waits until the picture has more than a few colours, that long at most; the exit status
is 1 when it has not.
"""
import argparse
import json
import socket
import sys
import time


class Qmp:
    def __init__(self, path, timeout=60):
        end = time.monotonic() + timeout
        self.socket = socket.socket(socket.AF_UNIX)
        while True:
            try:
                self.socket.connect(path)
                break
            except OSError:
                if time.monotonic() > end:
                    sys.exit(f'screendump.py: nobody answers at {path}')
                time.sleep(0.1)
        self.file = self.socket.makefile('rw')
        json.loads(self.file.readline())
        self('qmp_capabilities')

    def __call__(self, command, **arguments):
        self.file.write(json.dumps({'execute': command, 'arguments': arguments}) + '\n')
        self.file.flush()
        while True:
            line = self.file.readline()
            if not line:
                sys.exit('screendump.py: QEMU is gone')
            reply = json.loads(line)
            if 'error' in reply:
                raise RuntimeError(reply['error']['desc'])
            if 'return' in reply:
                return reply['return']


def colours(path):
    """The number of different pixels of a P6 file, counted up to 1000."""
    with open(path, 'rb') as f:
        data = f.read()
    header = data.split(b'\n', 3)
    pixels = header[3]
    seen = set()
    for i in range(0, len(pixels) - 2, 3):
        seen.add(pixels[i:i + 3])
        if len(seen) > 1000:
            break
    return len(seen)


def main():
    parser = argparse.ArgumentParser(add_help=True)
    parser.add_argument('qmp')
    parser.add_argument('png')
    parser.add_argument('--device')
    parser.add_argument('--head', type=int, default=0)
    parser.add_argument('--until-drawn', type=float, default=0)
    args = parser.parse_args()
    which = {'device': args.device, 'head': args.head} if args.device else {}
    qmp = Qmp(args.qmp)
    end = time.monotonic() + args.until_drawn
    drawn = not args.until_drawn
    while not drawn and time.monotonic() < end:
        qmp('screendump', filename=args.png + '.ppm', **which)
        drawn = colours(args.png + '.ppm') > 1000
        time.sleep(0.5)
    qmp('screendump', filename=args.png, format='png', **which)
    return 0 if drawn else 1


if __name__ == '__main__':
    sys.exit(main())
