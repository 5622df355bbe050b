# SPDX-License-Identifier: MIT
"""The capability sets: fields with offsets, and bits."""

import re
from dataclasses import dataclass
from typing import List

from . import located_csv

COLUMNS = ('kind', 'name', 'capset', 'offset', 'size', 'type', 'count', 'bit', 'meaning',
           'host_computation', 'requires_gl', 'requires_gles', 'guest_use',
           'guest_default_when_absent', 'since')
ELEMENT_BYTES = {'u32': 4, 'u32 bits': 4, 'f32': 4, 'i32': 4, 'char': 1, 'bitmask': 4, 'struct': 16}


@dataclass
class CapField:
    name: str
    offset: int
    size: int
    type: str
    count: int                # elements, 1 for a scalar
    row: located_csv.Row


@dataclass
class CapBit:
    name: str
    bit: int
    row: located_csv.Row


@dataclass
class Caps:
    v1_size: int
    v2_size: int
    fields: List[CapField]
    video_fields: list        # (name, dword, low, high, row)
    bset: List[CapBit]
    cap: List[CapBit]
    cap_v2: List[CapBit]
    feature_checks: List[CapBit]

    def part(self, v1):
        return [f for f in self.fields if (f.offset < self.v1_size) == v1]


def load(path):
    caps = Caps(0, 0, [], [], [], [], [], [])
    bits = {'bset': caps.bset, 'cap': caps.cap, 'cap_v2': caps.cap_v2}
    for row in located_csv.load(path, COLUMNS):
        kind = row['kind']
        if kind == 'capset':
            if row['name'] == 'VIRGL':
                caps.v1_size = row.number('size')
            else:
                caps.v2_size = row.number('size')
        elif kind == 'field':
            size = row.number('size')
            if row['type'] not in ELEMENT_BYTES:
                row.fail(f'unknown type "{row["type"]}"')
            caps.fields.append(CapField(row['name'], row.number('offset'), size, row['type'],
                                        size // ELEMENT_BYTES[row['type']], row))
        elif kind == 'video_field':
            low, high = re.match(r'(\d+)\.\.(\d+)$', row['bit']).groups()
            caps.video_fields.append((row['name'], row.number('offset') // 4, int(low), int(high),
                                      row))
        elif kind in bits:
            bits[kind].append(CapBit(row['name'], row.number('bit'), row))
        elif kind == 'feature_check':
            caps.feature_checks.append(CapBit(row['name'], row.number('name'), row))
        else:
            row.fail(f'unknown kind "{kind}"')
    end = 0
    for field in caps.fields:
        if field.offset != end:
            field.row.fail(f'{field.name}: offset {field.offset}, but the field before it ends '
                           f'at {end}')
        end = field.offset + field.size
    if end != caps.v2_size:
        caps.fields[-1].row.fail(f'fields end at {end}, the set has {caps.v2_size} bytes')
    return caps
