# SPDX-License-Identifier: MIT
"""The words of the shader text: opcodes and every other name."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import List

from . import located_csv

OPCODE_COLUMNS = ('opcode', 'num_dst', 'num_src', 'result_kind', 'dst_type', 'src_type', 'flags',
                  'semantics', 'glsl', 'notes', 'emitted_by_mesa_22_3', 'virglrenderer',
                  'in_guest_parser', 'in_host_parser')
NAME_COLUMNS = ('group', 'name', 'mesa_22_3', 'host_parser', 'meaning')
RESULT_KINDS = ['no result', 'per component', 'scalar replicated', 'component specific', 'special']
TYPES = ['', 'any', 'float', 'int', 'uint', 'uint mask', 'double', 'int64', 'uint64', 'raw bits',
         'resource', 'uint address']
FLAGS = ['texture', 'memory', 'label']
MAX_SOURCES = 5


@dataclass
class Opcode:
    name: str
    num_dst: int
    num_src: int
    result_kind: str
    dst_type: str
    src_types: List[str]
    flag: str
    row: located_csv.Row

    @property
    def is_emitted(self):
        return not self.row['emitted_by_mesa_22_3'].startswith('no')

    @property
    def is_host_known(self):
        return self.row['in_host_parser'] == 'yes'


@dataclass
class Name:
    name: str                 # the word in the text
    c_suffix: str
    row: located_csv.Row


def _source_types(row, count):
    """One type per source: a list in the table repeats its last word. Where memory is read, the
    resource and the address come first, whether the table spells them out or not."""
    words = [word.strip() for word in row['src_type'].split(',')] if row['src_type'] else ['']
    if row['flags'] == 'memory' and row['opcode'] != 'STORE':
        words = ['resource', 'uint address'] + [word for word in words
                                                if word not in ('resource', 'uint address')]
    return [words[min(i, len(words) - 1)] for i in range(count)]


def load_opcodes(path):
    result, seen = [], set()
    for row in located_csv.load(path, OPCODE_COLUMNS):
        name = row['opcode']
        if name in seen:
            row.fail(f'opcode {name} appears twice')
        seen.add(name)
        count = row.number('num_src')
        if count > MAX_SOURCES:
            row.fail(f'{name}: more than {MAX_SOURCES} sources')
        opcode = Opcode(name, row.number('num_dst'), count, row['result_kind'], row['dst_type'],
                        _source_types(row, count), row['flags'], row)
        for kind in [opcode.dst_type] + opcode.src_types:
            if kind not in TYPES:
                row.fail(f'{name}: unknown type "{kind}"')
        if opcode.result_kind not in RESULT_KINDS:
            row.fail(f'{name}: unknown result kind "{opcode.result_kind}"')
        if opcode.flag and opcode.flag not in FLAGS:
            row.fail(f'{name}: unknown flag "{opcode.flag}"')
        result.append(opcode)
    return result


def load_names(path):
    groups = OrderedDict()
    for row in located_csv.load(path, NAME_COLUMNS):
        group = groups.setdefault(row['group'], [])
        suffix = row['name'].lstrip('_')
        if any(item.c_suffix == suffix for item in group):
            row.fail(f'{row["group"]} has {row["name"]} twice')
        group.append(Name(row['name'], suffix, row))
    return groups
