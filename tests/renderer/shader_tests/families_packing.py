# SPDX-License-Identifier: MIT
"""Packing and unpacking, which old guests send."""
import struct

from families_alu import STAGES, floats, hexes, test

VALUES = [[0.5, -1.0, 0.25, 1.0], [1.0, 0.0, -0.5, 0.75]]


def half(value):
    return struct.unpack('<H', struct.pack('<e', value))[0]


PACK = [
    ('PK2H', lambda v: half(v[0]) | half(v[1]) << 16),
]
UNPACK = [
    ('UP2H', 0xb8003c00, [1.0, -0.5, 1.0, -0.5]),
    ('UP4UB', 0xff00ff00, [0.0, 1.0, 0.0, 1.0]),
    ('UP4B', 0x7f007f81, [-1.0, 1.0, 0.0, 1.0]),
    ('UP2US', 0xffff0000, [0.0, 1.0, 0.0, 1.0]),
]


def tests():
    for stage in STAGES:
        for name, formula in PACK:
            cases = [(floats(v), hexes([formula(v)] * 4)) for v in VALUES]
            yield f'pack-{name.lower()}-{stage}', test(stage, 1, f'{name} TEMP[0], CONST[0]', cases)
        # Ends of the ranges alone: the middle may round either way.
        ends = [1.0, 0.0, 1.0, 0.0]
        for name, word in (('PK4UB', 0x00ff00ff), ('PK4B', 0x007f007f), ('PK2US', 0x0000ffff)):
            yield (f'pack-{name.lower()}-{stage}',
                   test(stage, 1, f'{name} TEMP[0], CONST[0]', [(floats(ends), hexes([word] * 4))]))
        for name, word, expected in UNPACK:
            yield (f'pack-{name.lower()}-{stage}',
                   test(stage, 1, f'{name} TEMP[0], CONST[0].xxxx',
                        [(hexes([word] * 4), floats(expected))], 1e-5, ['field glsl_level 400']))
