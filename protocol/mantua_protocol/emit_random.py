# SPDX-License-Identifier: MIT
"""virgl_random.h/.c: random valid commands, for tests and as seeds for fuzzing."""

import re

from . import c_text
from .emit_commands import c_name, count_member, members
from .emit_encode import has_encoder, takes_type

SOURCES = 'virgl-commands.json'
UNBOUNDED = 40                # entries where only the packet bounds an array
IDENTIFIER = re.compile(r'[A-Za-z_]\w*')

HEADER = '''\
/* Random commands that every check accepts. A case is a command or an object type; `fill` makes a
 * struct whose arrays lie in the generator's pool, valid until the next fill. */

#define VIRGL_RANDOM_POOL_DWORDS 2048

struct virgl_random {
    uint64_t state;
    size_t used_dwords;
    uint32_t pool[VIRGL_RANDOM_POOL_DWORDS];
};

struct virgl_random_case {
    const char *name;
    uint32_t command;
    uint32_t object_type;     /* of objects, else 0 */
    const char *length_rule;  /* as in virgl-commands.json */
    size_t struct_bytes;
    void (*fill)(struct virgl_random *random, void *out);
    bool (*encode)(struct virgl_encoder *encoder, const void *in);
    bool (*unpack)(const uint32_t *payload, uint32_t length_dwords, void *out,
                   struct virgl_unpack_error *err);
    bool (*same)(const void *a, const void *b); /* every member, arrays by contents */
};

extern const struct virgl_random_case virgl_random_cases[];
extern const size_t virgl_random_case_count;

void virgl_random_init(struct virgl_random *random, uint64_t seed);

uint32_t virgl_random_next(struct virgl_random *random);

/* 0 .. limit - 1; limit at least 1. */
uint32_t virgl_random_below(struct virgl_random *random, uint32_t limit);'''

HELPERS = '''\
void virgl_random_init(struct virgl_random *random, uint64_t seed)
{
    random->state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    random->used_dwords = 0;
}

uint32_t virgl_random_next(struct virgl_random *random)
{
    random->state = random->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random->state >> 32);
}

uint32_t virgl_random_below(struct virgl_random *random, uint32_t limit)
{
    return virgl_random_next(random) % limit;
}

/* Room for a pointed array; the pool is larger than any command needs. */
static uint32_t *take(struct virgl_random *random, size_t dwords)
{
    uint32_t *result = random->pool + random->used_dwords;

    random->used_dwords += dwords;
    return result;
}

static uint32_t pick(struct virgl_random *random, const uint32_t *values, size_t count)
{
    return values[virgl_random_below(random, (uint32_t)count)];
}

#define PICK(...) \\
    pick(random, (const uint32_t[]){__VA_ARGS__}, \\
         sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static float random_float(struct virgl_random *random)
{
    return (float)(int32_t)virgl_random_next(random) / 65536.0f;
}
'''


def _members(text):
    return IDENTIFIER.sub(lambda m: m.group() if m.group()[0].isupper() else f'out->{m.group()}',
                          text)


class _Fill:
    def __init__(self, protocol, command):
        self.protocol = protocol
        self.command = command
        self.lines = []

    def emit(self, *lines, indent=1):
        self.lines += ['    ' * indent + line for line in lines]

    def value(self, field):
        if field.type == 'f32':
            return 'random_float(random)'
        if field.type == 'f64_lo':
            return 'random_float(random) / 3.0'
        if field.type == 'u64_lo':
            return '(uint64_t)virgl_random_next(random) << 32 | virgl_random_next(random)'
        if field.type == 'bool':
            return 'virgl_random_below(random, 2)'
        if field.type == 'i32':
            return '(int32_t)virgl_random_next(random)'
        if field.values:
            return 'PICK(' + ', '.join(map(str, field.values)) + ')'
        if field.type.startswith('enum:'):
            return 'PICK(' + ', '.join(map(str, self.protocol.group_values(field.group))) + ')'
        low = field.min or 0
        high = field.max
        if field.type == 'format':
            high = self.protocol.format_count - 1
        if high is None:
            mask = '' if field.is_whole else f' & {(1 << field.width) - 1:#x}'
            return f'virgl_random_next(random){mask}' + (' | 1' if low else '')
        start = f'{low} + ' if low else ''
        return f'{start}virgl_random_below(random, {high - low + 1})'

    def alternative(self, field):
        """The same bits as the siblings that share the dword."""
        parts = []
        for other in self.command.fields:
            if other.dw == field.dw and not other.alternative:
                shift = f' << {other.low}' if other.low else ''
                parts.append(f'out->{other.name}{shift}')
        return ' | '.join(parts)

    def entries(self, array):
        """How many entries; C expression."""
        rule = self.command.rule
        if array.count.isdigit():
            return array.count
        high = array.max_count or UNBOUNDED
        low = rule.min_entries if array.count == 'n' else 0
        if rule.kind == 'entries' and rule.max_entries is not None:
            high = rule.max_entries
        start = f'{low} + ' if low else ''
        return f'{start}virgl_random_below(random, {high - low + 1})'

    def lengths(self):
        rule = self.command.rule
        if rule.kind == 'exact':
            if len(rule.exact) == 1:
                self.emit(f'out->length_dwords = {rule.exact[0]};')
            else:
                self.emit('out->length_dwords = PICK(' + ', '.join(map(str, rule.exact)) + ');')
        elif rule.kind in ('any', 'at_least') and not self.command.arrays:
            self.emit(f'out->length_dwords = {rule.minimum} + virgl_random_below(random, 5);')
        else:
            self.emit(f'out->length_dwords = {self.command.fixed_dwords};')

    def threshold(self, field):
        rule = self.command.rule
        if field.dw <= rule.minimum or rule.kind in ('entries', 'named'):
            return 0
        return min((k for k in rule.exact if k >= field.dw), default=field.dw)

    def fields(self):
        named = {a.count for a in self.command.arrays}
        for field in members(self.command.fields):
            if field.alternative or field.max_expr or field.name in named:
                continue
            least = self.threshold(field)
            if least:
                self.emit(f'if (out->length_dwords >= {least})')
            self.emit(f'out->{c_name(field)} = {self.value(field)};', indent=2 if least else 1)
        for field in self.command.fields:
            if field.name in named:
                limit = field.max + 1
                self.emit(f'out->{field.name} = virgl_random_below(random, {limit});')
        for field in self.command.fields:
            if field.alternative:
                self.emit(f'out->{field.name} = {self.alternative(field)};')

    def array(self, array):
        counter = f'out->{count_member(array)}'
        indent = 1
        if array.condition:
            self.emit(*c_text.if_lines(_members(array.condition), 4, ' {'))
            indent = 2
        named = [f.name for f in self.command.fields]
        count = f'out->{array.count}' if array.count in named else self.entries(array)
        self.emit(f'{counter} = {count};', indent=indent)
        if array.inline:
            entry = f'struct {self.command.entry_struct(array)} *entry'
            self.emit(f'for (uint32_t i = 0; i < {counter}; i++) {{',
                      f'    {entry} = &out->{array.name}[i];', '', indent=indent)
            for field in members(array.fields):
                self.emit(f'entry->{c_name(field)} = {self.value(field)};', indent=indent + 1)
            self.emit('}', indent=indent)
        else:
            self.emit(f'uint32_t *{array.name} = take(random, {array.stride} * {counter});',
                      indent=indent)
            self.emit(f'for (uint32_t i = 0; i < {counter}; i++) {{', indent=indent)
            for field in array.fields:
                value = self.value(field)
                if field.type == 'f32':
                    value = f'virgl_dword_of_float({value})'
                at = f'{array.stride} * i + {field.dw}' if array.stride > 1 else 'i'
                self.emit(f'{array.name}[{at}] = {value};', indent=indent + 1)
            self.emit('}', indent=indent)
            kind = 'const float *' if array.is_float else 'const uint32_t *'
            if not array.is_scalar:
                kind = f'const struct {self.command.entry_struct(array)} *'
            self.emit(f'out->{array.name} = ({kind}){array.name};', indent=indent)
        if self.command.rule.kind != 'exact':
            step = counter if array.stride == 1 else f'{array.stride} * {counter}'
            self.emit(f'out->length_dwords += {step};', indent=indent)
        if array.condition:
            self.emit('}')

    def function(self):
        struct = self.command.c_struct
        self.lines = [f'static void fill_{self.command.c_function}(struct virgl_random *random, '
                      'void *storage)', '{']
        self.emit(f'struct {struct} *out = storage;', '')
        self.lines.pop()
        self.lines.append('')
        self.emit('random->used_dwords = 0;', 'memset(out, 0, sizeof(*out));')
        self.lengths()
        self.fields()
        for array in self.command.arrays:
            self.array(array)
        for field in self.command.fields:
            if field.max_expr:
                limit = field.max_expr.replace('length', 'out->length_dwords')
                self.emit(f'out->{field.name} = virgl_random_below(random, {limit} + 1);')
            elif field.name == 'start_slot':
                array = self.command.arrays[0]
                limit = self.command.slot_limit + 1
                self.emit(f'out->start_slot = virgl_random_below(random, {limit} - '
                          f'out->{count_member(array)});')
        return self.lines + ['}', '']


def _same_scalars(fields, a, b):
    for field in members(fields):
        name = c_name(field)
        if field.type in ('f32', 'f64_lo'):
            yield f'memcmp(&{a}{name}, &{b}{name}, sizeof({a}{name})) == 0'
        else:
            yield f'{a}{name} == {b}{name}'


def _same(command):
    struct = command.c_struct
    lines = [f'static bool same_{command.c_function}(const void *first, const void *second)', '{',
             f'    const struct {struct} *a = first, *b = second;', '',
             '    if (a->length_dwords != b->length_dwords)', '        return false;']
    for test in _same_scalars(command.fields, 'a->', 'b->'):
        lines += [f'    if (!({test}))', '        return false;']
    for array in command.arrays:
        counter = count_member(array)
        lines += [f'    if (a->{counter} != b->{counter})', '        return false;']
        if array.inline:
            lines.append(f'    for (uint32_t i = 0; i < a->{counter}; i++) {{')
            for test in _same_scalars(array.fields, f'a->{array.name}[i].',
                                      f'b->{array.name}[i].'):
                lines += [f'        if (!({test}))', '            return false;']
            lines.append('    }')
        else:
            size = f'{4 * array.stride} * (size_t)a->{counter}'
            lines += [f'    if (a->{counter} > 0 && memcmp(a->{array.name}, b->{array.name}, '
                      f'{size}) != 0)', '        return false;']
    return lines + ['    return true;', '}', '']


def _wrappers(command):
    name, struct = command.c_function, command.c_struct
    extra = ', VIRGL_OBJECT_TYPE_BLEND' if takes_type(command) else ''
    return [f'static bool encode_{name}(struct virgl_encoder *encoder, const void *in)', '{',
            f'    return virgl_encode_{name}(encoder, in{extra});', '}', '',
            f'static bool unpack_{name}(const uint32_t *payload, uint32_t length_dwords, '
            'void *out,', f'{" " * (len(name) + 20)}struct virgl_unpack_error *err)', '{',
            f'    return virgl_unpack_{name}(payload, length_dwords, (struct {struct} *)out, err);',
            '}', '']


def header(protocol):
    return c_text.render(c_text.header('VIRGL_RANDOM_H', SOURCES, HEADER.split('\n'), [
        '<stdbool.h>', '<stddef.h>', '<stdint.h>', '"virgl_encode.h"', '"virgl_unpack.h"']))


def source(protocol):
    lines = c_text.banner(SOURCES) + ['#include "virgl_random.h"', '', '#include <string.h>', '']
    lines += HELPERS.split('\n')
    cases = [c for c in protocol.commands + protocol.objects if has_encoder(c)]
    for command in cases:
        lines += _Fill(protocol, command).function() + _same(command) + _wrappers(command)
    lines.append('const struct virgl_random_case virgl_random_cases[] = {')
    for command in cases:
        number = 'CREATE_OBJECT' if command.is_object else command.name
        kind = f'VIRGL_OBJECT_TYPE_{command.name}' if command.is_object else '0'
        name = ('object/' if command.is_object else 'command/') + command.stem
        lines += ['    {', f'        .name = "{name}",',
                  f'        .command = VIRGL_COMMAND_{number}, .object_type = {kind},',
                  f'        .length_rule = "{command.rule.text}",',
                  f'        .struct_bytes = sizeof(struct {command.c_struct}),']
        lines += [f'        .{part} = {part}_{command.c_function},'
                  for part in ('fill', 'encode', 'unpack', 'same')]
        lines.append('    },')
    lines += ['};', '', 'const size_t virgl_random_case_count =',
              '    sizeof(virgl_random_cases) / sizeof(virgl_random_cases[0]);']
    return c_text.render(lines)
