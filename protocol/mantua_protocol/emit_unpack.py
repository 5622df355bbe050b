# SPDX-License-Identifier: MIT
"""virgl_unpack.h/.c: from payload dwords to structs, with every length and range check."""

import re

from . import c_text
from .emit_commands import c_name, count_member, members

SOURCES = 'virgl-commands.json'
ABOUT = '''Unpackers of the virgl stream. Each takes the payload (without the header dword) and
its length, checks the length rule, array counts, slot ranges, enumerations and format numbers,
and fills `out`. They never read outside payload[0 .. length_dwords-1], allocate nothing and keep
no state, so any thread may call them. On failure they return false, fill `err` (which may be
NULL) and leave `out` undefined. Handles and resource ids are not looked up here: that is the
caller's part.'''
IDENTIFIER = re.compile(r'[A-Za-z_]\w*')


def _label(command):
    return f'CREATE_OBJECT({command.name})' if command.is_object else command.name


def _load(field, base, index):
    word = f'{base}[{index}]'
    if field.type == 'f32':
        return f'float_of({word})'
    if field.type == 'f64_lo':
        return f'double_of({base} + {index})'
    if field.type == 'u64_lo':
        return f'{word} | (uint64_t){base}[{index + 1}] << 32'
    if not field.is_whole:
        shifted = f'{word} >> {field.low}' if field.low else word
        word = shifted if field.high == 31 else f'{shifted} & {(1 << field.width) - 1:#x}'
        if field.type == 'bool':
            return f'({word}) != 0'
        return word
    if field.type == 'bool':
        return f'{word} != 0'
    return f'(int32_t){word}' if field.type == 'i32' else word


def _expression(text, entry_fields):
    """A condition of the description as C: names become members."""
    def member(match):
        name = match.group()
        if name[0].isupper():
            return name
        if name == 'entry':
            return 'i'
        if name == 'length':
            return '(uint64_t)length_dwords'
        return f'entry->{name}' if name in entry_fields else f'out->{name}'
    return IDENTIFIER.sub(member, text)


class _Checks:
    """Range checks of one field list as C statements."""

    def __init__(self, protocol, command, entry_fields=()):
        self.protocol = protocol
        self.label = _label(command)
        self.entry_fields = entry_fields

    def _refuse(self, field, condition, limit, what):
        value = self._value(field)
        return [*c_text.if_lines(condition, 12),
                f'    return refuse(err, "{self.label}", "{field.name}", {value},',
                f'                  {limit}, "{what}", VIRGL_CTX_ERROR_{field.error});']

    def guarded(self, fields):
        """Checks of all fields; neighbours with one condition share one if."""
        lines, guard = [], ''
        for field in fields:
            checks = self.field(field)
            if not checks:
                continue
            if field.check_if != guard:
                if guard:
                    lines.append('}')
                guard = field.check_if
                if guard:
                    lines += c_text.if_lines(_expression(guard, self.entry_fields), 8, ' {')
            lines += ['    ' + line for line in checks] if guard else checks
        return lines + ['}'] if guard else lines

    def _value(self, field):
        return f'entry->{field.name}' if self.entry_fields else f'out->{field.name}'

    def field(self, field):
        if not field.check:
            return []
        value = self._value(field)
        lines = []
        if field.min:
            condition = f'{value} == 0' if field.min == 1 else f'{value} < {field.min}'
            lines += self._refuse(field, condition, field.min, 'too small')
        if field.max is not None:
            lines += self._refuse(field, f'{value} > {field.max}', field.max, 'too large')
        if field.max_expr:
            limit = _expression(field.max_expr, self.entry_fields)
            lines += self._refuse(field, f'{value} > {limit}', limit, 'too large')
        if field.type == 'format':
            last = self.protocol.format_count - 1
            lines += self._refuse(field, f'{value} > {last}', last, 'unknown format')
        allowed = list(field.values or [])
        if field.type.startswith('enum:'):
            allowed = self.protocol.group_values(field.group)
            if field.also:
                allowed = sorted(set(allowed) | set(self.protocol.group_values(field.also)))
        if allowed:
            lines += self._enumeration(field, value, allowed)
        return lines

    def _enumeration(self, field, value, allowed):
        dense = allowed == list(range(len(allowed)))
        last = allowed[-1]
        if dense:
            if (1 << field.width) - 1 <= last:
                return []
            return self._refuse(field, f'{value} > {last}', last, 'unknown value')
        mask = sum(1 << number for number in allowed)
        assert last < 64
        return self._refuse(field, f'!is_one_of({value}, UINT64_C({mask:#x}))', last,
                            'unknown value')


class _Unpacker:
    def __init__(self, protocol, command):
        self.protocol = protocol
        self.command = command
        self.lines = []

    def emit(self, *lines, indent=1):
        self.lines += ['    ' * indent + line if line else '' for line in lines]

    def refuse(self, condition, field, value, limit, what):
        self.emit(*c_text.if_lines(condition, 4),
                  f'    return refuse(err, "{_label(self.command)}", "{field}", {value}, {limit},',
                  f'                  "{what}",',
                  '                  VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER);')

    def length_rule(self):
        rule = self.command.rule
        if rule.kind == 'exact':
            self.refuse(' && '.join(f'length_dwords != {k}' for k in rule.exact), 'length',
                        'length_dwords', rule.exact[-1], 'wrong payload length')
        elif rule.minimum or self.command.fixed_dwords:
            least = max(rule.minimum, self.command.fixed_dwords
                        if rule.kind in ('entries', 'named') else 0)
            if least:
                self.refuse(f'length_dwords < {least}', 'length', 'length_dwords', least,
                            'payload too short')
        if rule.kind != 'entries':
            return
        rest = f'length_dwords - {rule.fixed}' if rule.fixed else 'length_dwords'
        if rule.per_entry > 1:
            whole = f'({rest})' if rule.fixed else rest
            self.refuse(f'{whole} % {rule.per_entry} != 0', 'length', 'length_dwords',
                        rule.per_entry, 'payload is not a whole number of entries')
            self.emit(f'uint32_t n = {whole} / {rule.per_entry};')
        else:
            self.emit(f'uint32_t n = {rest};')
        if rule.max_entries is not None:
            name = next(a.name for a in self.command.arrays if a.count == 'n')
            self.refuse(f'n > {rule.max_entries}', name, 'n', rule.max_entries,
                        'too many entries')

    def threshold(self, field):
        """Length from which an optional field is present, 0 when it always is."""
        rule = self.command.rule
        if field.dw <= rule.minimum:
            return 0
        if rule.kind == 'exact':
            return min(k for k in rule.exact if k >= field.dw)
        return field.dw

    def fields(self):
        self.emit('out->length_dwords = length_dwords;')
        groups = {}
        for field in members(self.command.fields):
            groups.setdefault(self.threshold(field), []).append(field)
        checks = _Checks(self.protocol, self.command)
        for field in groups.pop(0, []):
            self.emit(f'out->{c_name(field)} = {_load(field, "payload", field.dw - 1)};')
            if not field.check_if:
                self.emit(*checks.field(field))
        for least, fields in groups.items():
            self.emit(f'if (length_dwords >= {least}) {{')
            for field in fields:
                self.emit(f'out->{c_name(field)} = {_load(field, "payload", field.dw - 1)};',
                          indent=2)
            self.emit(*checks.guarded(fields), indent=2)
            self.emit('} else {')
            for field in fields:
                self.emit(f'out->{c_name(field)} = 0;', indent=2)
            self.emit('}')
        self.emit(*checks.guarded([f for f in members(self.command.fields)
                                   if f.check_if and self.threshold(f) == 0]))
        rule = self.command.rule
        if rule.kind == 'named':
            self.refuse(f'length_dwords - {rule.fixed} != out->{rule.name}', 'length',
                        'length_dwords', f'{rule.fixed} + out->{rule.name}',
                        'wrong payload length')
        if self.command.slot_limit is not None:
            limit = self.command.slot_limit
            self.refuse(f'out->start_slot > {limit} || n > {limit} - out->start_slot',
                        'start_slot', '(uint64_t)out->start_slot + n', limit,
                        'slots out of range')

    def arrays(self):
        position, moving = self.command.fixed_dwords, False
        if any(a.condition for a in self.command.arrays):
            self.emit(f'uint32_t position = {position};')
            moving = True
        for array in self.command.arrays:
            start = 'position' if moving else str(position)
            if array.condition:
                self.emit(*c_text.if_lines(_expression(array.condition, ()), 4, ' {'))
                self.array(array, start, moving, 2)
                self.emit('} else {')
                if not array.inline:
                    self.emit(f'out->{array.name} = NULL;', indent=2)
                self.emit(f'out->{count_member(array)} = 0;', '}', indent=2)
                self.lines[-1] = '    }'
            else:
                self.array(array, start, moving, 1)
            if array.count.isdigit():
                position += int(array.count) * array.stride

    def count(self, array, start):
        if array.count == 'n':
            return 'n'
        if array.count == 'rest':
            return f'length_dwords - {start}' if start != '0' else 'length_dwords'
        return array.count if array.count.isdigit() else f'out->{array.count}'

    def array(self, array, start, moving, indent):
        count = self.count(array, start)
        counter = f'out->{count_member(array)}'
        label = _label(self.command)
        self.emit(f'{counter} = {count};', indent=indent)
        if moving and array.count != 'rest':
            need = f'(uint64_t){counter} * {array.stride}' if array.stride > 1 else counter
            self.emit(f'if ({need} > length_dwords - {start})',
                      f'    return refuse(err, "{label}", "{array.name}", {counter},',
                      f'                  length_dwords - {start}, "payload too short",',
                      '                  VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER);', indent=indent)
        named = next((f for f in self.command.fields if f.name == array.count), None)
        bounded = named is not None and named.max is not None and named.max <= array.max_count
        if array.max_count and array.count != 'n' and not array.count.isdigit() and not bounded:
            self.emit(f'if ({counter} > {array.max_count})',
                      f'    return refuse(err, "{label}", "{array.name}", {counter},',
                      f'                  {array.max_count}, "too many entries",',
                      '                  VIRGL_CTX_ERROR_ILLEGAL_CMD_BUFFER);', indent=indent)
        source = f'payload + {start}' if start != '0' else 'payload'
        if array.inline:
            self.inline_entries(array, source, counter, indent)
        else:
            self.pointed_entries(array, source, counter, indent)
        if moving:
            step = counter if array.stride == 1 else f'{counter} * {array.stride}'
            if array is not self.command.arrays[-1]:
                self.emit(f'position += {step};', indent=indent)

    def entry_checks(self, array):
        names = {f.name for f in array.fields}
        checks = _Checks(self.protocol, self.command, names)
        return checks.guarded(members(array.fields))

    def inline_entries(self, array, source, counter, indent):
        struct = self.command.entry_struct(array)
        self.emit(f'for (uint32_t i = 0; i < {counter}; i++) {{',
                  f'    const uint32_t *words = {source} + {array.stride} * i;' if array.stride > 1
                  else f'    const uint32_t *words = {source} + i;',
                  f'    struct {struct} *entry = &out->{array.name}[i];', '', indent=indent)
        for field in members(array.fields):
            self.emit(f'entry->{c_name(field)} = {_load(field, "words", field.dw)};',
                      indent=indent + 1)
        self.emit(*self.entry_checks(array), indent=indent + 1)
        self.emit('}', indent=indent)

    def pointed_entries(self, array, source, counter, indent):
        struct = f'const struct {self.command.entry_struct(array)} *'
        if array.is_float:
            source = f'(const float *)({source})'
        elif not array.is_scalar:
            source = f'({struct})({source})'
        self.emit(f'out->{array.name} = {source};', indent=indent)
        if array.is_scalar:
            return
        checks = self.entry_checks(array)
        if checks:
            self.emit(f'for (uint32_t i = 0; i < {counter}; i++) {{',
                      f'    {struct}entry = &out->{array.name}[i];', '', indent=indent)
            self.emit(*checks, indent=indent + 1)
            self.emit('}', indent=indent)

    def function(self):
        self.length_rule()
        self.fields()
        self.arrays()
        self.emit('return true;')
        return prototype(self.command) + ['{'] + self.lines + ['}', '']


def prototype(command):
    return c_text.prototype(f'bool virgl_unpack_{command.c_function}', [
        'const uint32_t *payload', 'uint32_t length_dwords', f'struct {command.c_struct} *out',
        'struct virgl_unpack_error *err'])


def header(protocol):
    body = c_text.comment(ABOUT) + ['']
    body += '''\
struct virgl_unpack_error {
    const char *command;        /* "DRAW_VBO" or "CREATE_OBJECT(BLEND)" */
    const char *field;          /* field at fault, "length" for the payload length */
    uint64_t value;             /* what the stream says */
    uint64_t limit;             /* what would have been the limit or the expected value */
    const char *what;           /* "too large", "unknown value", ... */
    enum virgl_ctx_error error; /* what to report to the context, never NONE */
};

/* Names for messages. Unknown numbers give "?"; never NULL. */
const char *virgl_command_name(uint32_t command);
const char *virgl_object_type_name(uint32_t object_type);
const char *virgl_ctx_error_name(uint32_t error);
'''.split('\n')
    for command in protocol.commands + protocol.objects:
        lines = prototype(command)
        body += lines[:-1] + [lines[-1] + ';']
    return c_text.render(c_text.header('VIRGL_UNPACK_H', SOURCES, body, [
        '<stdbool.h>', '<stdint.h>', '"virgl_commands.h"', '"virgl_protocol.h"']))


HELPERS = '''\
#define COLD __attribute__((cold, noinline))

static COLD bool refuse(struct virgl_unpack_error *err, const char *command, const char *field,
                        uint64_t value, uint64_t limit, const char *what,
                        enum virgl_ctx_error error)
{
    if (err) {
        err->command = command;
        err->field = field;
        err->value = value;
        err->limit = limit;
        err->what = what;
        err->error = error;
    }
    return false;
}

static inline float float_of(uint32_t word)
{
    float value;

    memcpy(&value, &word, sizeof(value));
    return value;
}

static inline double double_of(const uint32_t *words)
{
    double value;

    memcpy(&value, words, sizeof(value));
    return value;
}

static inline bool is_one_of(uint32_t value, uint64_t allowed)
{
    return value < 64 && (allowed >> value & 1) != 0;
}
'''


def _name_function(name, items):
    lines = [f'const char *{name}(uint32_t number)', '{', '    switch (number) {']
    for c_constant, text in items:
        lines.append(f'    case {c_constant}: return "{text}";')
    return lines + ['    default: return "?";', '    }', '}', '']


def source(protocol):
    lines = c_text.banner(SOURCES) + ['#include "virgl_unpack.h"', '', '#include <string.h>', '']
    lines += HELPERS.split('\n')
    lines += _name_function('virgl_command_name', [
        (f'VIRGL_COMMAND_{c.name}', c.name) for c in protocol.commands])
    lines += _name_function('virgl_object_type_name', [('VIRGL_OBJECT_TYPE_NULL', 'NULL')]
                            + [(f'VIRGL_OBJECT_TYPE_{o.name}', o.name) for o in protocol.objects])
    errors = protocol.groups['ctx_error']
    lines += _name_function('virgl_ctx_error_name',
                            [(errors.c_name(e), e.name) for e in errors.enumerants])
    for command in protocol.commands + protocol.objects:
        lines += _Unpacker(protocol, command).function()
    return c_text.render(lines[:-1])
