# SPDX-License-Identifier: MIT
"""virgl_protocol.h: every number of the protocol under a name."""

from . import c_text

SOURCES = 'virgl-enums.csv, virgl-formats.csv and virgl-commands.json'
ABOUT = '''Numbers of the virgl protocol: enumerations, flag bits, limits and the command header.
A group X of the protocol's tables is `enum virgl_<x>` with members VIRGL_<X>_<NAME>;
VIRGL_<X>_COUNT is one more than the largest number of a plain enumeration (some have holes).'''


def value_of(text):
    return int(str(text).rstrip('u'), 0)


def _enum(name, members, count):
    lines = [f'enum {name} {{']
    large = []
    for member, value, note in members:
        if value_of(value) > 0x7fffffff:  # no value of an enumeration in standard C
            large += c_text.comment(note) + [f'#define {member} {value}']
            continue
        line = f'    {member} = {value},'
        if note:
            inline = f'{line} /* {note} */'
            if len(inline) <= c_text.WIDTH:
                lines.append(inline)
                continue
            lines += c_text.comment(note, '    ')
        lines.append(line)
    lines += ['};'] + large
    if count:
        lines.append(f'#define {count[0]} {count[1]}')
    return lines + ['']


def _group(group):
    plain = group.is_plain
    members = [(group.c_name(e), c_text.number(e.value) if plain else c_text.flag(e.value),
                e.row['meaning']) for e in group.enumerants]
    count = (f'{group.prefix}_COUNT', group.maximum + 1) if plain else None
    return _enum(f'virgl_{group.name}', members, count)


def header(protocol):
    body = c_text.comment(ABOUT) + ['']
    commands = [(f'VIRGL_COMMAND_{c.name}', c.number, '') for c in protocol.commands]
    commands.append(('VIRGL_COMMAND_COUNT', protocol.commands[-1].number + 1, ''))
    body += _enum('virgl_command', commands, None)
    objects = [('VIRGL_OBJECT_TYPE_NULL', 0, 'never valid')]
    objects += [(f'VIRGL_OBJECT_TYPE_{o.name}', o.number, '') for o in protocol.objects]
    objects.append(('VIRGL_OBJECT_TYPE_COUNT', protocol.objects[-1].number + 1, ''))
    body += _enum('virgl_object_type', objects, None)
    for group in protocol.groups.values():
        if group.name in ('command', 'object_type', 'limit'):
            continue
        body += _group(group)
    formats = [(f'VIRGL_FORMAT_{f.name}', f.number, '') for f in protocol.formats]
    body += _enum('virgl_format', formats, ('VIRGL_FORMAT_COUNT', protocol.format_count))
    for enumerant in protocol.groups['limit'].enumerants:
        body += c_text.comment(enumerant.row['meaning'])
        body.append(f'#define VIRGL_LIMIT_{enumerant.name} {enumerant.value}')
    body.append('')
    for name, value in protocol.description.limits.items():
        body.append(f'#define VIRGL_{name.upper()} {value}')
    body += ['']
    body += c_text.comment('A header names command, object type (CREATE_OBJECT, BIND_OBJECT and '
                           'DESTROY_OBJECT only) and the number of payload dwords that follow.')
    body += '''\
static inline uint32_t virgl_header(uint32_t command, uint32_t object_type, uint32_t length_dwords)
{
    return command | object_type << 8 | length_dwords << 16;
}

static inline uint32_t virgl_header_command(uint32_t header)
{
    return header & 0xff;
}

static inline uint32_t virgl_header_object_type(uint32_t header)
{
    return header >> 8 & 0xff;
}

static inline uint32_t virgl_header_length_dwords(uint32_t header)
{
    return header >> 16;
}'''.split('\n')
    return c_text.render(c_text.header('VIRGL_PROTOCOL_H', SOURCES, body, ['<stdint.h>']))
