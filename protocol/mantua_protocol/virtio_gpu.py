# SPDX-License-Identifier: MIT
"""The virtio-gpu device: commands, responses, structs, rules."""

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import List

from . import located_csv

COLUMNS = ('kind', 'group', 'name', 'value', 'offset', 'size', 'type', 'since', 'meaning', 'notes')
KINDS = ('device', 'feature', 'queue', 'shm', 'command', 'response', 'enum', 'limit', 'struct',
         'struct_field', 'rule', 'driver', 'error_case', 'ioctl', 'ioctl_enum', 'ioctl_struct',
         'ioctl_struct_field')
FIELD_TYPE = re.compile(r'(le32|le64|u8|u32|char|struct:virtio_gpu_\w+)(?:\[(\w*)\])?$')
SCALARS = {'le32': ('uint32_t', 4), 'u32': ('uint32_t', 4), 'le64': ('uint64_t', 8),
           'u8': ('uint8_t', 1), 'char': ('char', 1)}
PREFIX = 'virtio_gpu_'


@dataclass
class StructField:
    name: str
    offset: int
    size: int
    base: str                 # C type, or the name of a struct of this table
    is_struct: bool
    array: str                # '' for a scalar, else the C array suffix
    row: located_csv.Row


@dataclass
class Struct:
    name: str                 # without virtio_gpu_
    size: int
    row: located_csv.Row
    fields: List[StructField] = field(default_factory=list)


@dataclass
class VirtioGpu:
    rows: dict                # kind -> rows
    structs: dict

    def of_kind(self, kind):
        return self.rows.get(kind, [])

    def enum_groups(self, kind='enum'):
        groups = OrderedDict()
        for row in self.of_kind(kind):
            groups.setdefault(row['group'], []).append(row)
        return groups


def _field(row, limits):
    match = FIELD_TYPE.match(row['type'])
    if not match:
        row.fail(f'unknown type "{row["type"]}"')
    base, count = match.group(1), match.group(2)
    is_struct = base.startswith('struct:')
    name = base[len('struct:' + PREFIX):] if is_struct else SCALARS[base][0]
    array = ''
    if count is not None:
        if count and not count.isdigit():
            count = limits[count[len('VIRTIO_GPU_'):]]
        array = f'[{count}]'
    return StructField(row['name'], row.number('offset'), row.number('size'), name, is_struct,
                       array, row)


def _check(struct):
    end = 0
    for item in struct.fields:
        if item.offset != end:
            item.row.fail(f'{struct.name}.{item.name} at {item.offset}, expected {end}')
        end += item.size
    if end != struct.size:
        struct.row.fail(f'{struct.name}: fields end at {end}, size is {struct.size}')


def load(path):
    result = VirtioGpu(OrderedDict(), OrderedDict())
    rows = located_csv.load(path, COLUMNS)
    limits = {row['name']: row['value'] for row in rows if row['kind'] == 'limit'}
    for row in rows:
        kind = row['kind']
        if kind not in KINDS:
            row.fail(f'unknown kind "{kind}"')
        result.rows.setdefault(kind, []).append(row)
        if kind == 'struct':
            name = row['group'][len(PREFIX):]
            result.structs[name] = Struct(name, row.number('size'), row)
        elif kind == 'struct_field':
            struct = result.structs.get(row['group'][len(PREFIX):])
            if struct is None:
                row.fail(f'field of the unknown struct {row["group"]}')
            struct.fields.append(_field(row, limits))
    for struct in result.structs.values():
        _check(struct)
    for row in result.of_kind('command'):
        struct = result.structs.get(row['type'][len(PREFIX):])
        if struct is None or struct.size != row.number('size'):
            row.fail(f'{row["name"]}: no request struct {row["type"]} of {row["size"]} bytes')
    return result
