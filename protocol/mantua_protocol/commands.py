# SPDX-License-Identifier: MIT
"""Loads and checks the description of the command stream."""

import re
from dataclasses import dataclass, field
from typing import List, Optional

from . import length, located_json
from .errors import DescriptionError

TOP_KEYS = {'SPDX-License-Identifier', 'about', 'header', 'limits', 'commands', 'objects',
            'result_structs', 'object_rules', 'resource_create_rules', 'transfer_rules',
            'context_rules'}
COMMAND_KEYS = {'name', 'opcode', 'length', 'since', 'announced_by', 'object_type_field',
                'slot_limit', 'fields', 'arrays', 'semantics', 'errors'}
OBJECT_KEYS = (COMMAND_KEYS - {'opcode', 'object_type_field'}) | {'object_type', 'bindable'}
FIELD_KEYS = {'dw', 'name', 'type', 'bits', 'alternative', 'meaning', 'check', 'check_if', 'min',
              'max', 'max_expr', 'values', 'also', 'error'}
ARRAY_KEYS = {'name', 'stride_dw', 'count', 'max_count', 'storage', 'condition', 'note', 'fields'}
PLAIN_TYPES = {'u32', 'i32', 'f32', 'f64_lo', 'f64_hi', 'u64_lo', 'u64_hi', 'bool', 'handle',
               'res', 'format', 'bytes'}
IDENTIFIER = re.compile(r'[a-z][a-z0-9_]*$')
COMMAND_NAME = re.compile(r'[A-Z][A-Z0-9_]*$')


@dataclass
class Field:
    name: str
    type: str
    dw: int
    low: int
    high: int
    line: int
    meaning: str = ''
    alternative: bool = False       # another reading of bits that a sibling also names
    check: bool = True
    check_if: str = ''
    min: Optional[int] = None
    max: Optional[int] = None
    max_expr: str = ''
    values: Optional[List[int]] = None
    also: str = ''
    error: str = 'ILLEGAL_CMD_BUFFER'

    @property
    def width(self):
        return self.high - self.low + 1

    @property
    def is_whole(self):
        return self.width == 32

    @property
    def group(self):
        """Name of the enum or flag group, or ''."""
        return self.type.split(':', 1)[1] if ':' in self.type else ''


@dataclass
class Array:
    name: str
    stride: int
    count: str                      # n, rest, a number or a field's name
    max_count: Optional[int]
    inline: bool
    condition: str
    note: str
    fields: List[Field]
    line: int

    @property
    def is_bytes(self):
        return self.fields[0].type == 'bytes'

    @property
    def is_scalar(self):
        return self.stride == 1 and len(self.fields) == 1 and self.fields[0].is_whole

    @property
    def is_float(self):
        return self.is_scalar and self.fields[0].type == 'f32'


@dataclass
class Command:
    name: str
    number: int
    is_object: bool
    rule: length.LengthRule
    fields: List[Field]
    arrays: List[Array]
    line: int
    since: str = ''
    announced_by: str = ''
    object_type_field: str = ''
    slot_limit: Optional[int] = None
    bindable: bool = False
    semantics: List[str] = field(default_factory=list)
    errors: List[str] = field(default_factory=list)

    @property
    def stem(self):
        return self.name.lower()

    @property
    def c_struct(self):
        return f'virgl_{"obj" if self.is_object else "cmd"}_{self.stem}'

    @property
    def c_function(self):
        return ('obj_' if self.is_object else 'cmd_') + self.stem

    def entry_struct(self, array):
        return f'virgl_{self.stem}_{array.name}'

    @property
    def fixed_dwords(self):
        """Dwords that the fields name (the arrays start behind them)."""
        return max((f.dw for f in self.fields), default=0)


@dataclass
class Description:
    path: str
    root: dict
    limits: dict
    commands: List[Command]
    objects: List[Command]


class _Loader:
    def __init__(self, path, groups, format_limit):
        self.path = path
        self.groups = groups
        self.format_limit = format_limit

    def fail(self, line, message):
        raise DescriptionError(self.path, line, message)

    def keys(self, node, known, needed, what):
        for key in node:
            if key not in known:
                self.fail(node.key_line[key], f'{what}: unknown key "{key}"')
        for key in needed:
            if key not in node:
                self.fail(node.line, f'{what}: key "{key}" is missing')

    def field(self, node, owner):
        self.keys(node, FIELD_KEYS, ('dw', 'name', 'type'), f'field of {owner}')
        name, kind = node['name'], node['type']
        where = f'{owner}.{name}'
        if not IDENTIFIER.match(name):
            self.fail(node.line, f'{where}: not a field name')
        low, high = node.get('bits', (0, 31))
        if not 0 <= low <= high <= 31:
            self.fail(node.line, f'{where}: bits {low}..{high} do not fit a dword')
        prefix, _, group = kind.partition(':')
        if prefix in ('enum', 'flags') and group:
            if group not in self.groups:
                self.fail(node.line, f'{where}: no enum group "{group}"')
        elif kind not in PLAIN_TYPES:
            self.fail(node.line, f'{where}: unknown type "{kind}"')
        if kind in ('f32', 'f64_lo', 'f64_hi', 'u64_lo', 'u64_hi', 'bytes') and high - low != 31:
            self.fail(node.line, f'{where}: {kind} needs a whole dword')
        result = Field(name, kind, node['dw'], low, high, node.line, node.get('meaning') or '',
                       node.get('alternative', False), node.get('check') != 'none',
                       node.get('check_if', ''), node.get('min'), node.get('max'),
                       node.get('max_expr', ''), node.get('values'), node.get('also', ''),
                       node.get('error', 'ILLEGAL_CMD_BUFFER'))
        if result.also and result.also not in self.groups:
            self.fail(node.line, f'{where}: no enum group "{result.also}"')
        if not any(e.name == result.error for e in self.groups['ctx_error'].enumerants):
            self.fail(node.line, f'{where}: no context error "{result.error}"')
        return result

    def fields(self, nodes, owner, first, last):
        """Checks names, order and overlap; dwords must lie in first..last (last may be None)."""
        result, used, names = [], {}, set()
        for node in nodes:
            item = self.field(node, owner)
            where = f'{owner}.{item.name}'
            if item.name in names:
                self.fail(item.line, f'{where}: name appears twice')
            names.add(item.name)
            if item.dw < first or (last is not None and item.dw > last):
                self.fail(item.line, f'{where}: dword {item.dw} lies outside {first}..{last}')
            mask = ((1 << item.width) - 1) << item.low
            if used.get(item.dw, 0) & mask and not item.alternative:
                self.fail(item.line, f'{where}: overlaps another field of dword {item.dw}')
            used[item.dw] = used.get(item.dw, 0) | mask
            result.append(item)
        for low, high in zip(result, result[1:] + [None]):
            if low.type in ('f64_lo', 'u64_lo'):
                expected = low.type[:-2] + 'hi'
                if high is None or high.type != expected or high.dw != low.dw + 1:
                    self.fail(low.line, f'{owner}.{low.name}: no {expected} in the next dword')
        return result

    def array(self, node, owner, names):
        self.keys(node, ARRAY_KEYS, ('name', 'stride_dw', 'count', 'fields'), f'array of {owner}')
        where = f'{owner}.{node["name"]}'
        if node['name'] in names:
            self.fail(node.line, f'{where}: name appears twice')
        stride = node['stride_dw']
        fields = self.fields(node['fields'], where, 0, stride - 1)
        if not fields:
            self.fail(node.line, f'{where}: entry without fields')
        inline = node.get('storage') == 'inline'
        result = Array(node['name'], stride, node['count'], node.get('max_count'), inline,
                       node.get('condition', ''), node.get('note', ''), fields, node.line)
        if inline and not result.max_count:
            self.fail(node.line, f'{where}: inline storage needs max_count')
        whole = all(f.is_whole for f in fields) and len(fields) == stride
        if not inline and not whole:
            self.fail(node.line, f'{where}: packed entries need inline storage')
        count = result.count
        if count not in ('n', 'rest') and not count.isdigit() and count not in names:
            self.fail(node.key_line['count'], f'{where}: count "{count}" is no field')
        return result

    def command(self, node, is_object):
        known = OBJECT_KEYS if is_object else COMMAND_KEYS
        number_key = 'object_type' if is_object else 'opcode'
        self.keys(node, known, ('name', number_key, 'length', 'fields'), 'command')
        name = node['name']
        if not COMMAND_NAME.match(name):
            self.fail(node.key_line['name'], f'"{name}" is not a command name')
        rule = length.parse(node['length'])
        if rule is None:
            self.fail(node.key_line['length'], f'{name}: bad length rule "{node["length"]}"')
        last = rule.maximum if rule.kind == 'exact' else None
        fields = self.fields(node['fields'], name, 1, last)
        names = {f.name for f in fields}
        arrays = []
        for child in node.get('arrays', []):
            arrays.append(self.array(child, name, names))
            names.add(arrays[-1].name)
        command = Command(name, node[number_key], is_object, rule, fields, arrays, node.line,
                          node.get('since', ''), node.get('announced_by', ''),
                          node.get('object_type_field', ''), node.get('slot_limit'),
                          node.get('bindable', False), node.get('semantics', []),
                          node.get('errors', []))
        self.consistency(command, node)
        return command

    def consistency(self, command, node):
        name, rule = command.name, command.rule
        line = node.key_line['length']
        if rule.kind == 'named' and rule.name not in {f.name for f in command.fields}:
            self.fail(line, f'{name}: length names the unknown field "{rule.name}"')
        if rule.kind in ('entries', 'named') and rule.fixed < command.fixed_dwords:
            self.fail(line, f'{name}: length is shorter than the fields')
        counted = [a for a in command.arrays if a.count == 'n']
        if rule.kind == 'entries':
            if len(counted) != 1 or counted[0].stride != rule.per_entry:
                self.fail(line, f'{name}: length needs one array of {rule.per_entry} dword entries')
        elif counted:
            self.fail(counted[0].line, f'{name}: count "n" without n in the length')
        for array in command.arrays:
            if array.count == 'rest' and array is not command.arrays[-1]:
                self.fail(array.line, f'{name}.{array.name}: only the last array takes the rest')
        self.array_room(command, line)
        if command.slot_limit is not None:
            if not counted or 'start_slot' not in {f.name for f in command.fields}:
                self.fail(node.key_line['slot_limit'],
                          f'{name}: slot_limit needs start_slot and an array counted by n')

    def array_room(self, command, line):
        """Arrays that no other rule counts must lie inside the shortest payload."""
        name, end = command.name, command.fixed_dwords
        for array in command.arrays:
            if array.condition:
                return
            if array.count.isdigit():
                end += int(array.count) * array.stride
            elif array.count not in ('n', 'rest') and command.rule.kind != 'named':
                self.fail(array.line, f'{name}.{array.name}: nothing bounds count "{array.count}"')
        if command.rule.kind in ('exact', 'at_least') and end > command.rule.minimum and \
                any(a.count.isdigit() for a in command.arrays):
            self.fail(line, f'{name}: length is shorter than the arrays')

    def numbered(self, nodes, is_object):
        result, numbers, names = [], set(), set()
        for node in nodes:
            item = self.command(node, is_object)
            if item.number in numbers:
                self.fail(item.line, f'{item.name}: number {item.number} is taken')
            if item.name in names:
                self.fail(item.line, f'{item.name}: name appears twice')
            numbers.add(item.number)
            names.add(item.name)
            result.append(item)
        return sorted(result, key=lambda item: item.number)


def _check_numbers(groups, group_name, commands):
    """The enumeration table repeats the numbers for its readers; they must agree."""
    numbers = {command.name: command.number for command in commands}
    for enumerant in groups[group_name].enumerants if group_name in groups else ():
        if enumerant.name != 'NULL' and numbers.get(enumerant.name) != enumerant.value:
            enumerant.row.fail(f'{group_name} {enumerant.name} is not number {enumerant.value} in '
                               'the description of commands')


def load(path, groups, format_limit):
    loader = _Loader(path, groups, format_limit)
    root = located_json.load(path)
    if not isinstance(root, located_json.LocatedDict):
        loader.fail(1, 'the description is not an object')
    loader.keys(root, TOP_KEYS, ('commands', 'objects', 'limits'), 'description')
    for key, value in root['limits'].items():
        if not isinstance(value, int):
            loader.fail(root['limits'].key_line[key], f'limit {key} is not a number')
    commands = loader.numbered(root['commands'], False)
    objects = loader.numbered(root['objects'], True)
    _check_numbers(groups, 'command', commands)
    _check_numbers(groups, 'object_type', objects)
    return Description(path, root, root['limits'], commands, objects)
