# SPDX-License-Identifier: MIT
"""virgl_dump_commands.c: one printing function per command and object type."""

from . import c_text
from .emit_commands import c_name, count_member, members

SOURCES = 'virgl-commands.json and virgl-enums.csv'


def _used_groups(protocol):
    used = []
    for command in protocol.commands + protocol.objects:
        fields = list(command.fields)
        for array in command.arrays:
            fields += array.fields
        for field in fields:
            if field.group and field.group not in used:
                used.append(field.group)
    return [protocol.groups[name] for name in protocol.groups if name in used]


def _names(group):
    lines = [f'static const struct virgl_dump_name {group.name}_names[] = {{']
    for enumerant in group.enumerants:
        if enumerant.kind != 'mask' or group.name == 'cull_face':
            lines.append(f'    {{{c_text.flag(enumerant.value)}, "{enumerant.name}"}},')
    return lines + ['    {0, NULL},', '};', '']


def _print(field, source):
    name, value = c_name(field), f'{source}{c_name(field)}'
    if field.type.startswith('enum:'):
        return f'virgl_dump_enum(out, "{name}", {value}, {field.group}_names);'
    if field.type.startswith('flags:'):
        return f'virgl_dump_flags(out, "{name}", {value}, {field.group}_names);'
    call = {'bool': 'bool', 'f32': 'float', 'f64_lo': 'float', 'i32': 'int', 'format': 'format',
            'handle': 'id', 'res': 'id'}.get(field.type, 'uint')
    return f'virgl_dump_{call}(out, "{name}", {value});'


def _array(command, array):
    counter = f'in->{count_member(array)}'
    name = array.name
    if array.is_bytes:
        kind = 'text' if name in ('text', 'flags_string') else 'words'
        return [f'    virgl_dump_{kind}(out, "{name}", in->{name}, {counter});']
    if array.is_float:
        return [f'    virgl_dump_floats(out, "{name}", in->{name}, {counter});']
    if array.is_scalar:
        kind = 'ids' if array.fields[0].type in ('handle', 'res') else 'words'
        return [f'    virgl_dump_{kind}(out, "{name}", in->{name}, {counter});']
    lines = [f'    for (uint32_t i = 0; i < {counter}; i++) {{',
             f'        const struct {command.entry_struct(array)} *entry = &in->{name}[i];', '',
             f'        virgl_dump_entry(out, "{name}", i);']
    for field in members(array.fields):
        lines.append('        ' + _print(field, 'entry->'))
    return lines + ['    }']


def _function(command):
    struct = command.c_struct
    lines = [f'static bool dump_{command.c_function}(struct virgl_dump *out, '
             'const uint32_t *payload,']
    pad = ' ' * (lines[0].index('(') + 1)
    lines.append(f'{pad}uint32_t length_dwords, struct virgl_unpack_error *err)')
    body = []
    for field in members(command.fields):
        body.append('    ' + _print(field, 'in->'))
    for array in command.arrays:
        body += _array(command, array)
    lines += ['{', f'    struct {struct} storage, *in = &storage;', '',
              f'    if (!virgl_unpack_{command.c_function}(payload, length_dwords, in, err))',
              '        return false;'] + body + ['    return true;', '}', '']
    return lines


def source(protocol):
    lines = c_text.banner(SOURCES)
    lines += ['#include "virgl_dump_internal.h"', '', '#include "virgl_unpack.h"', '']
    for group in _used_groups(protocol):
        lines += _names(group)
    for command in protocol.commands + protocol.objects:
        lines += _function(command)
    lines += ['bool virgl_dump_command(struct virgl_dump *out, uint32_t command, '
              'const uint32_t *payload,',
              '                        uint32_t length_dwords, struct virgl_unpack_error *err)',
              '{', '    switch (command) {']
    for command in protocol.commands:
        lines += [f'    case VIRGL_COMMAND_{command.name}:',
                  f'        return dump_{command.c_function}(out, payload, length_dwords, err);']
    lines += ['    default:', '        return false;', '    }', '}', '',
              'bool virgl_dump_object(struct virgl_dump *out, uint32_t object_type, '
              'const uint32_t *payload,',
              '                       uint32_t length_dwords, struct virgl_unpack_error *err)',
              '{', '    switch (object_type) {']
    for command in protocol.objects:
        lines += [f'    case VIRGL_OBJECT_TYPE_{command.name}:',
                  f'        return dump_{command.c_function}(out, payload, length_dwords, err);']
    lines += ['    default:', '        return false;', '    }', '}']
    return c_text.render(lines)
