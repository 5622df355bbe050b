# SPDX-License-Identifier: MIT
"""Enumerations and flag sets of the virgl protocol."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import List

from . import located_csv

COLUMNS = ('group', 'name', 'value', 'hex', 'kind', 'since', 'gl', 'gles', 'meaning')
KINDS = ('enum', 'bit', 'mask', 'limit')


@dataclass
class Enumerant:
    name: str                  # upper case, as used in C
    value: int
    kind: str
    row: located_csv.Row


@dataclass
class Group:
    name: str
    enumerants: List[Enumerant] = field(default_factory=list)

    @property
    def is_plain(self):
        return all(e.kind == 'enum' for e in self.enumerants)

    @property
    def values(self):
        return sorted({e.value for e in self.enumerants})

    @property
    def maximum(self):
        return self.values[-1]

    @property
    def is_dense(self):
        return self.values == list(range(self.maximum + 1))

    @property
    def prefix(self):
        return f'VIRGL_{self.name.upper()}'

    def c_name(self, enumerant):
        return f'{self.prefix}_{enumerant.name}'


def load(path):
    groups = OrderedDict()
    for row in located_csv.load(path, COLUMNS):
        value = row.number('value')
        if value != row.number('hex'):
            row.fail(f'value {value} and hex {row["hex"]} differ')
        if not 0 <= value <= 0xffffffff:
            row.fail(f'value {value} is not a dword')
        if row['kind'] not in KINDS:
            row.fail(f'unknown kind "{row["kind"]}"')
        group = groups.setdefault(row['group'], Group(row['group']))
        name = row['name'].upper()
        if group.name == 'ctx_error' and name.startswith('CTX_'):
            name = name[4:]
        if any(e.name == name for e in group.enumerants):
            row.fail(f'{group.name} has {name} twice')
        group.enumerants.append(Enumerant(name, value, row['kind'], row))
    return groups
