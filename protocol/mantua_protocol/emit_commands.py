# SPDX-License-Identifier: MIT
"""virgl_commands.h: one struct per command and per object type."""

from . import c_text

SOURCES = 'virgl-commands.json'
ABOUT = '''Commands and object descriptions of the virgl stream, unpacked. `struct
virgl_cmd_<name>` holds the payload of a command, `struct virgl_obj_<name>` that of CREATE_OBJECT
for one object type. Members named like arrays with `const` pointers point into the stream itself
and live as long as it does; everything else is a copy. Fields that a shorter payload leaves out
are zero. `length_dwords` is the number of payload dwords. Enumerations and flags are kept as
uint32_t.'''
C_TYPES = {'i32': 'int32_t', 'f32': 'float', 'bool': 'bool', 'f64_lo': 'double',
           'u64_lo': 'uint64_t'}
RESULT_TYPES = {'u32': ('uint32_t', 4), 'u64': ('uint64_t', 8)}


def c_type(field):
    return C_TYPES.get(field.type, 'uint32_t')


def c_name(field):
    """Pairs lo/hi become one member without the suffix."""
    return field.name[:-3] if field.type in ('f64_lo', 'u64_lo') else field.name


def members(fields):
    """The fields that have a member of their own."""
    return [f for f in fields if f.type not in ('f64_hi', 'u64_hi')]


def _member_lines(fields):
    lines = []
    for field in members(fields):
        note = field.meaning
        if field.group:
            kind = 'enum' if field.type.startswith('enum') else 'bits of enum'
            note = f'{kind} virgl_{field.group}' + (f': {note}' if note else '')
        elif field.type == 'format':
            note = 'enum virgl_format' + (f': {note}' if note else '')
        lines += c_text.comment(note, '    ')
        lines.append(f'    {c_type(field)} {c_name(field)};')
    return lines


def count_member(array):
    return f'{array.name}_dwords' if array.is_bytes else f'{array.name}_count'


def _array_lines(command, array):
    note = array.note
    if array.is_scalar and array.fields[0].meaning:
        note = array.fields[0].meaning + (f'; {note}' if note else '')
    if array.max_count:
        note = (note + '; ' if note else '') + f'at most {array.max_count}'
    lines = c_text.comment(note, '    ')
    if array.inline:
        lines.append(f'    struct {command.entry_struct(array)} {array.name}[{array.max_count}];')
    elif array.is_float:
        lines.append(f'    const float *{array.name};')
    elif array.is_scalar:
        lines.append(f'    const uint32_t *{array.name};')
    else:
        lines.append(f'    const struct {command.entry_struct(array)} *{array.name};')
    return lines + [f'    uint32_t {count_member(array)};']


def _entry_struct(command, array):
    name = command.entry_struct(array)
    lines = [f'struct {name} {{'] + _member_lines(array.fields) + ['};']
    if not array.inline:
        lines.append(f'_Static_assert(sizeof(struct {name}) == {4 * array.stride},'
                     ' "entry is read in place");')
        for field in array.fields:
            lines.append(f'_Static_assert(offsetof(struct {name}, {field.name}) == '
                         f'{4 * field.dw}, "entry is read in place");')
    return lines + ['']


def _command(command):
    lines = []
    for array in command.arrays:
        if array.inline or not array.is_scalar:
            lines += _entry_struct(command, array)
    what = f'CREATE_OBJECT of a {command.name}' if command.is_object else command.name
    rule = command.rule.text.replace('n<=', 'n <= ').replace('n>=', 'n >= ')
    text = f'{what}: payload dwords {rule}. ' if rule != 'any' else f'{what}: any payload length. '
    if command.announced_by:
        text += f'Announced by {command.announced_by}. '
    text += ' '.join(s[0].upper() + s[1:] + '.' for s in command.semantics)
    lines += c_text.comment(text)
    lines.append(f'struct {command.c_struct} {{')
    lines.append('    uint32_t length_dwords;')
    lines += _member_lines(command.fields)
    for array in command.arrays:
        lines += _array_lines(command, array)
    return lines + ['};', '']


def _result_struct(node):
    lines = c_text.comment(node.get('note', ''))
    name = f'virgl_{node["name"]}'
    array = node.get('array')
    if array:
        entry = f'{name}_{array["name"][:-1]}'
        lines.append(f'struct {entry} {{')
        for field in array['fields']:
            lines.append(f'    {RESULT_TYPES[field["type"]][0]} {field["name"]};')
        lines += ['};', f'_Static_assert(sizeof(struct {entry}) == {array["stride"]}, '
                  '"guest memory layout");', '']
    lines.append(f'struct {name} {{')
    checks = [f'_Static_assert(sizeof(struct {name}) == {node["size"]}, "guest memory layout");']
    for field in node['fields']:
        lines += c_text.comment(field.get('meaning', ''), '    ')
        lines.append(f'    {RESULT_TYPES[field["type"]][0]} {field["name"]};')
        checks.append(f'_Static_assert(offsetof(struct {name}, {field["name"]}) == '
                      f'{field["off"]}, "guest memory layout");')
    if array:
        lines.append(f'    struct {entry} {array["name"]}[{array["count"]}];')
        checks.append(f'_Static_assert(offsetof(struct {name}, {array["name"]}) == '
                      f'{array["off"]}, "guest memory layout");')
    return lines + ['};'] + checks + ['']


def _x_macro(name, about, items):
    lines = c_text.comment(about) + [f'#define {name}(X) \\']
    lines += [f'    X({item.name}, {item.stem}) \\' for item in items]
    return lines + ['    /* end of list */', '']


def header(protocol):
    body = c_text.comment(ABOUT) + ['']
    body += _x_macro('VIRGL_COMMANDS', 'X(NAME, name) for every command, in order of number.',
                     protocol.commands)
    body += _x_macro('VIRGL_OBJECTS', 'X(NAME, name) for every object type that can be created.',
                     protocol.objects)
    for command in protocol.commands + protocol.objects:
        body += _command(command)
    for node in protocol.description.root.get('result_structs', []):
        body += _result_struct(node)
    return c_text.render(c_text.header('VIRGL_COMMANDS_H', SOURCES, body[:-1],
                                       ['<stdbool.h>', '<stddef.h>', '<stdint.h>',
                                        '"virgl_protocol.h"']))
