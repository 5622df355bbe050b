# SPDX-License-Identifier: MIT
"""vtest_protocol.h: numbers and dword positions of the vtest socket protocol."""

from . import c_text

SOURCES = 'vtest-protocol.csv'
ABOUT = '''The vtest socket protocol. A message is a header of VTEST_HEADER_SIZE_DW dwords,
payload length and command, and the payload; the unit of the length is dwords unless the command
says otherwise. VTEST_<COMMAND>_<FIELD> is the dword of a field in the payload (fields of arrays
have none), VTEST_<COMMAND>_DWORDS the payload length of commands whose length is fixed, and
VTEST_<COMMAND>_REPLY_<FIELD> the dword in the payload of the reply.'''


def _define(name, value, note):
    line = f'#define {name} {value}'
    text = c_text.comment(note)
    if len(text) == 1 and len(line) + 1 + len(text[0]) <= c_text.WIDTH:
        return [f'{line} {text[0]}']
    return text + [line]


def _positions(prefix, rows):
    lines = []
    for row in rows:
        if row['dword'].isdigit():
            lines.append(f'#define {prefix}_{row["name"].upper()} {row["dword"]}')
    return lines


def header(protocol):
    vtest = protocol.vtest
    body = c_text.comment(ABOUT) + ['']
    for group, rows in vtest.constants.items():
        for row in rows:
            body += _define(f'VTEST_{group.upper()}_{row["name"]}',
                            c_text.number(row.number('value_or_id')), row['meaning'])
        body.append('')
    body.append('enum vtest_command {')
    for command in vtest.commands.values():
        body += c_text.comment(f'since version {command.row["since_version"]}: '
                               f'{command.row["meaning"]}', '    ')
        body.append(f'    VTEST_CMD_{command.name} = {command.number},')
    last = max(c.number for c in vtest.commands.values())
    body += ['};', f'#define VTEST_CMD_COUNT {last + 1}', '']
    for command in vtest.commands.values():
        prefix = f'VTEST_{command.name}'
        rule = command.row['length_rule']
        lines = []
        if rule.startswith('=') and rule[1:].isdigit():
            lines.append(f'#define {prefix}_DWORDS {rule[1:]}')
        lines += _positions(prefix, command.fields)
        lines += _positions(f'{prefix}_REPLY', command.reply_fields)
        body += lines + ([''] if lines else [])
    body += ['/* Name of a command for messages, "?" for unknown numbers. */',
             'static inline const char *vtest_command_name(uint32_t command)', '{',
             '    switch (command) {']
    for command in vtest.commands.values():
        body.append(f'    case VTEST_CMD_{command.name}: return "{command.name}";')
    body += ['    default: return "?";', '    }', '}']
    return c_text.render(c_text.header('VTEST_PROTOCOL_GENERATED_H', SOURCES, body,
                                       ['<stdint.h>']))
