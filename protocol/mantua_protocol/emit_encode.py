# SPDX-License-Identifier: MIT
"""virgl_encode.h/.c: from structs to the stream, the guest's side."""

import re

from . import c_text
from .emit_commands import c_name, count_member, members

SOURCES = 'virgl-commands.json'
ABOUT = '''Encoders of the virgl stream: each appends one command, header included, to a struct
virgl_encoder (see virgl_encoder.h for its rules). They return false and mark the encoder when the
command does not fit or the struct contradicts itself (counts above the maximum, a count field
that differs from its array's count, a payload above 65535 dwords). Values wider than their bits
are cut. length_dwords may be 0: the shortest form that holds every non-zero field is chosen; a
larger value asks for a longer form where the command has one.'''
IDENTIFIER = re.compile(r'[A-Za-z_]\w*')


def has_encoder(command):
    """CREATE_OBJECT alone carries no object: the object encoders write it."""
    return command.name != 'CREATE_OBJECT'


def takes_type(command):
    return command.object_type_field != '' and has_encoder(command)


def prototype(command):
    arguments = ['struct virgl_encoder *encoder', f'const struct {command.c_struct} *in']
    if takes_type(command):
        arguments.append('uint32_t object_type')
    return c_text.prototype(f'bool virgl_encode_{command.c_function}', arguments)


def _members(text):
    return IDENTIFIER.sub(lambda m: m.group() if m.group()[0].isupper() else f'in->{m.group()}',
                          text)


def _pack(field, source):
    value = f'{source}->{c_name(field)}'
    if field.type == 'f32':
        return f'virgl_dword_of_float({value})'
    if field.type == 'i32':
        return f'(uint32_t){value}'
    if field.type == 'bool':
        value = f'(uint32_t){value}'
        return f'{value} << {field.low}' if field.low else value
    if field.is_whole:
        return value
    value = f'({value} & {(1 << field.width) - 1:#x})'
    return f'{value} << {field.low}' if field.low else value[1:-1]


def condition_runs(arrays):
    """(array, continues the condition before it, is continued by the next)."""
    for i, array in enumerate(arrays):
        before = arrays[i - 1].condition if i else ''
        after = arrays[i + 1].condition if i + 1 < len(arrays) else ''
        yield (array, bool(array.condition) and before == array.condition,
               bool(array.condition) and after == array.condition)


class _Encoder:
    def __init__(self, command):
        self.command = command
        self.lines = []

    def emit(self, *lines, indent=1):
        self.lines += ['    ' * indent + line if line else '' for line in lines]

    def invalid(self, condition):
        self.emit(*c_text.if_lines(condition, 4), '    return virgl_encoder_invalid(encoder);')

    def optional(self):
        """(length, fields) for every longer form, shortest first."""
        rule, forms = self.command.rule, {}
        for field in members(self.command.fields):
            if field.dw > rule.minimum:
                least = min((k for k in rule.exact if k >= field.dw), default=field.dw)
                forms.setdefault(least, []).append(field)
        return sorted(forms.items())

    def length(self):
        rule = self.command.rule
        start = rule.minimum if rule.kind != 'entries' else rule.fixed
        self.emit(f'uint32_t length_dwords = {start};', 'uint32_t *words;')
        self.lines.append('')
        for least, fields in self.optional():
            test = ' || '.join(f'in->{c_name(f)}' for f in fields)
            self.emit(*c_text.if_lines(f'in->length_dwords >= {least} || {test}', 4),
                      f'    length_dwords = {least};')
        if rule.kind in ('any', 'at_least') and not self.command.arrays:
            self.emit('if (in->length_dwords > length_dwords)',
                      '    length_dwords = in->length_dwords;')
        if rule.kind in ('entries', 'named'):
            array = self.command.arrays[0]
            count = f'in->{count_member(array)}'
            low = rule.min_entries
            limit = rule.max_entries or array.max_count
            if limit is None:
                limit = 'VIRGL_MAX_PAYLOAD_DW_FIELD'
                limit += f' - {rule.fixed}' if rule.fixed else ''
                limit = f'({limit}) / {array.stride}' if array.stride > 1 else limit
            test = f'{count} > {limit}'
            self.invalid(f'{count} < {low} || {test}' if low else test)
            if rule.kind == 'named':
                self.invalid(f'in->{rule.name} != {count}')
            step = f'{array.stride} * {count}' if array.stride > 1 else count
            self.emit(f'length_dwords += {step};')
        for array, continued, continues in condition_runs(self.command.arrays):
            self.array_length(array, continued, continues)

    def array_length(self, array, continued, continues):
        count = f'in->{count_member(array)}'
        if array.count == 'n' or (self.command.rule.kind == 'named'):
            pass
        elif array.count.isdigit():
            if not array.condition and not array.inline:
                self.invalid(f'{count} != {array.count}')
        elif array.count == 'rest':
            self.invalid(f'{count} > VIRGL_MAX_PAYLOAD_DW_FIELD - length_dwords')
            self.emit(f'length_dwords += {count};')
        if array.condition:
            if not continued:
                self.emit(*c_text.if_lines(_members(array.condition), 4, ' {'))
            want = array.count if array.count.isdigit() else f'in->{array.count}'
            test = f'{count} != {want}'
            if array.max_count and not array.count.isdigit():
                test = f'{count} > {array.max_count} || {test}'
            self.emit(f'if ({test})', '    return virgl_encoder_invalid(encoder);', indent=2)
            step = f'{array.stride} * {count}' if array.stride > 1 else count
            self.emit(f'length_dwords += {step};', indent=2)
            if not continues:
                self.emit('}')
        if not array.inline and not (array.condition or array.count.isdigit()):
            self.invalid(f'{count} > 0 && !in->{array.name}')
        elif not array.inline and not array.condition:
            self.invalid(f'!in->{array.name}')

    def words(self, fields, source, base, indent):
        """Assignments of every dword the fields name; gaps are zero already."""
        by_dword = {}
        for field in fields:
            by_dword.setdefault(field.dw, []).append(field)
        for dword, group in sorted(by_dword.items()):
            self.emit(*self.word(group, source, dword - base, 4 * indent), indent=indent)

    @staticmethod
    def word(group, source, index, indent_chars):
        first = group[0]
        name = f'{source}->{c_name(first)}'
        if first.type in ('f64_hi', 'u64_hi'):
            return []
        if first.type == 'f64_lo':
            return [f'memcpy(words + {index}, &{name}, 8);']
        if first.type == 'u64_lo':
            return [f'words[{index}] = (uint32_t){name};',
                    f'words[{index + 1}] = (uint32_t)({name} >> 32);']
        parts = [_pack(f, source) for f in group]
        if len(parts) > 1:
            parts = [f'({p})' if ' ' in p else p for p in parts]
        lines, line = [], f'words[{index}] = {parts[0]}'
        for part in parts[1:]:
            if indent_chars + len(line) + 3 + len(part) + 2 > c_text.WIDTH:
                lines.append(line + ' |')
                line = '           ' + part
            else:
                line += f' | {part}'
        return lines + [line + ';']

    def body(self):
        command = self.command
        number = 'VIRGL_COMMAND_CREATE_OBJECT' if command.is_object \
            else f'VIRGL_COMMAND_{command.name}'
        kind = f'VIRGL_OBJECT_TYPE_{command.name}' if command.is_object else \
            ('object_type' if takes_type(command) else '0')
        call = 'words = virgl_encoder_command('
        arguments = ['encoder', number, kind, 'length_dwords']
        line = call + ', '.join(arguments) + ');'
        if len(line) + 4 > c_text.WIDTH:
            self.emit(call + ', '.join(arguments[:2]) + ',',
                      ' ' * len(call) + ', '.join(arguments[2:]) + ');')
        else:
            self.emit(line)
        self.emit('if (!words)', '    return false;')
        forms = self.optional()
        late = {f.name for _, fields in forms for f in fields}
        self.words([f for f in command.fields if f.name not in late], 'in', 1, 1)
        for least, fields in forms:
            self.emit(f'if (length_dwords >= {least}) {{')
            self.words(fields, 'in', 1, 2)
            self.emit('}')
        if command.arrays:
            if command.fixed_dwords:
                self.emit(f'words += {command.fixed_dwords};')
            for array, continued, continues in condition_runs(command.arrays):
                self.array(array, array is command.arrays[-1], continued, continues)
        self.emit('return true;')

    def array(self, array, last, continued, continues):
        count = f'in->{count_member(array)}'
        if array.count.isdigit():
            count = array.count
        indent = 1
        if array.condition:
            if not continued:
                self.emit(*c_text.if_lines(_members(array.condition), 4, ' {'))
            indent = 2
        if array.inline:
            entry = f'const struct {self.command.entry_struct(array)} *entry'
            self.emit(f'for (uint32_t i = 0; i < {count}; i++) {{',
                      f'    {entry} = &in->{array.name}[i];', '', indent=indent)
            self.words(array.fields, 'entry', 0, indent + 1)
            self.emit(f'    words += {array.stride};', '}', indent=indent)
        else:
            size = f'{4 * array.stride} * (size_t){count}'
            test = f'if ({count} > 0)'
            if not array.count.isdigit():
                self.emit(test, indent=indent)
                self.emit(f'memcpy(words, in->{array.name}, {size});', indent=indent + 1)
            else:
                self.emit(f'memcpy(words, in->{array.name}, {4 * array.stride * int(count)});',
                          indent=indent)
            if not last:
                step = count if array.stride == 1 else f'{array.stride} * {count}'
                self.emit(f'words += {step};', indent=indent)
        if array.condition and not continues:
            self.emit('}')

    def function(self):
        self.length()
        self.body()
        return prototype(self.command) + ['{'] + self.lines + ['}', '']


def header(protocol):
    body = c_text.comment(ABOUT) + ['']
    for command in protocol.commands + protocol.objects:
        if has_encoder(command):
            lines = prototype(command)
            body += lines[:-1] + [lines[-1] + ';']
    return c_text.render(c_text.header('VIRGL_ENCODE_H', SOURCES, body, [
        '<stdbool.h>', '<stdint.h>', '"virgl_commands.h"', '"virgl_encoder.h"']))


def source(protocol):
    lines = c_text.banner(SOURCES) + ['#include "virgl_encode.h"', '', '#include <string.h>', '']
    for command in protocol.commands + protocol.objects:
        if has_encoder(command):
            lines += _Encoder(command).function()
    return c_text.render(lines[:-1])
