# SPDX-License-Identifier: MIT
"""The format table: memory layout of every format and how GL stores it."""

import re
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

from . import located_csv

COLUMNS = ('number', 'name', 'aliases', 'since', 'layout', 'colorspace', 'block_w', 'block_h',
           'block_d', 'block_bytes', 'channels_lsb_first', 'swizzle_rgba', 'has_alpha',
           'pure_integer', 'gl_internalformat', 'gl_format', 'gl_type', 'gl_sampler_swizzle',
           'gl_requires', 'gl_source', 'compat_internalformat', 'compat_format', 'compat_type',
           'compat_sampler_swizzle', 'gles_internalformat', 'gles_format', 'gles_type',
           'gles_sampler_swizzle', 'gles_requires', 'gles_source', 'view_class', 'vertex_size',
           'vertex_type', 'vertex_normalized', 'vertex_integer', 'virglrenderer_offers', 'notes')
CHANNEL = re.compile(r'(un|sn|up|sp|u|s|f|h|x)(\d+)$')
CHANNEL_TYPES = {'un': 'UNORM', 'sn': 'SNORM', 'up': 'UINT', 'sp': 'SINT', 'u': 'USCALED',
                 's': 'SSCALED', 'f': 'FLOAT', 'h': 'FIXED', 'x': 'VOID'}
SWIZZLE = {'x': 'X', 'y': 'Y', 'z': 'Z', 'w': 'W', '0': '0', '1': '1', '_': 'NONE',
           'r': 'X', 'g': 'Y', 'b': 'Z', 'a': 'W'}
VERSION = re.compile(r'(GL|ES)(\d)\.(\d)$')


@dataclass
class Requirement:
    """Met by a version of at least `version` (0: no version alone), or by all `extensions`."""
    version: int = 0
    extensions: Tuple[str, ...] = ()


@dataclass
class Mapping:
    internalformat: int
    format: int
    type: int
    internal_name: str
    format_name: str
    type_name: str
    swizzle: Optional[str]
    stencil_plane: bool
    requires: Requirement


@dataclass
class Format:
    number: int
    name: str
    alias: str
    row: located_csv.Row
    channels: List[Tuple[str, int]]
    swizzle: List[str]
    mappings: Dict[str, Optional[Mapping]]

    @property
    def is_depth(self):
        return self.row['colorspace'] == 'zs' and self.row['swizzle_rgba'][0] != '_'

    @property
    def is_stencil(self):
        return self.row['colorspace'] == 'zs' and self.row['swizzle_rgba'][1] != '_'


def parse_requirement(text, row):
    result = Requirement()
    for alternative in re.split(r' / | or ', text) if text else []:
        match = VERSION.match(alternative)
        if match:
            result.version = int(match.group(2)) * 10 + int(match.group(3))
        elif result.extensions:
            row.fail(f'requirement "{text}" has two extension alternatives')
        else:
            result.extensions = tuple('GL_' + name for name in alternative.split(' + '))
    if len(result.extensions) > 2:
        row.fail(f'requirement "{text}" needs more than two extensions')
    return result


def _channels(row):
    result = []
    for text in row['channels_lsb_first'].split():
        match = CHANNEL.match(text)
        if not match:
            row.fail(f'unknown channel "{text}"')
        result.append((CHANNEL_TYPES[match.group(1)], int(match.group(2))))
    if len(result) > 4:
        row.fail('more than four channels')
    block_bytes = int(row['block_bytes'] or 0)
    bits = sum(width for _, width in result)
    if row['layout'] == 'plain' and bits != 8 * block_bytes:
        row.fail(f'channels have {bits} bits, the block has {8 * block_bytes}')
    return result


def _mapping(row, prefix, values):
    names = [row[f'{prefix}_{part}'] for part in ('internalformat', 'format', 'type')]
    if not names[0]:
        return None
    numbers = []
    for name in names:
        if name and name not in values:
            row.fail(f'no GL value for "{name}"')
        numbers.append(values[name] if name else 0)
    swizzle = row[f'{prefix}_sampler_swizzle']
    stencil_plane = swizzle == 'stencil_plane'
    if stencil_plane:
        swizzle = ''
    if swizzle and not re.match(r'[rgba01]{4}$', swizzle):
        row.fail(f'bad sampler swizzle "{swizzle}"')
    requires = parse_requirement(row.get(f'{prefix}_requires', ''), row)
    return Mapping(*numbers, *names, swizzle or None, stencil_plane, requires)


def load_gl_values(path):
    return {row['name']: row.number('value') for row in located_csv.load(path, ('name', 'value'))}


def load(path, gl_values):
    result, numbers, names = [], set(), set()
    for row in located_csv.load(path, COLUMNS):
        number = row.number('number')
        if number in numbers:
            row.fail(f'format number {number} appears twice')
        if row['name'] in names:
            row.fail(f'format name {row["name"]} appears twice')
        numbers.add(number)
        names.add(row['name'])
        swizzle = row['swizzle_rgba'] or '____'
        if not re.match(r'[xyzw01_]{4}$', swizzle):
            row.fail(f'bad swizzle "{swizzle}"')
        if row['vertex_type'] and row['vertex_type'] not in gl_values:
            row.fail(f'no GL value for "{row["vertex_type"]}"')
        result.append(Format(number, row['name'], row['aliases'], row, _channels(row),
                             [SWIZZLE[c] for c in swizzle],
                             {p: _mapping(row, p, gl_values) for p in ('gl', 'compat', 'gles')}))
    return sorted(result, key=lambda item: item.number)
