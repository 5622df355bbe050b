#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Turns a saved vtest connection into inputs of fuzz-stream.

    make_stream_seeds.py SAVED-CONNECTION OUT-PREFIX [BYTES-PER-INPUT]

Keeps the command submissions, cut into inputs of about the given size (default 6000), and maps
resource numbers to nothing: the fuzz target has its own. What a connection sends is described in
docs/, the steps of an input in fuzz_stream_common.h.
"""
import struct
import sys

SUBMIT_CMD = 6
CREATE_RENDERER = 8
HEADER = struct.Struct('<II')


def messages(data):
    position = 0
    while position + 8 <= len(data):
        length, command = HEADER.unpack_from(data, position)
        position += 8
        size = length if command == CREATE_RENDERER else 4 * length
        yield command, data[position:position + size]
        position += size


def commands(payload):
    dwords = struct.unpack(f'<{len(payload) // 4}I', payload[:len(payload) // 4 * 4])
    position = 0
    while position < len(dwords):
        end = position + 1 + (dwords[position] >> 16)
        yield dwords[position:end]
        position = end


def raw_step(dwords):
    return bytes([12]) + struct.pack('<H', len(dwords)) + struct.pack(f'<{len(dwords)}I', *dwords)


def main():
    with open(sys.argv[1], 'rb') as file:
        data = file.read()
    limit = int(sys.argv[3]) if len(sys.argv) > 3 else 6000
    inputs, current = [], b''
    for command, payload in messages(data):
        if command != SUBMIT_CMD:
            continue
        for dwords in commands(payload):
            if len(dwords) < 4096 and (dwords[0] & 0xff) != 44:
                current += raw_step(dwords)
            if len(current) > limit:
                inputs.append(current)
                current = b''
        current += bytes([5, 0])
    inputs.append(current)
    for i, seed in enumerate(inputs):
        with open(f'{sys.argv[2]}{i}', 'wb') as file:
            file.write(seed)


if __name__ == '__main__':
    main()
