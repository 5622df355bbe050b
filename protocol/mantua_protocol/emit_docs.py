# SPDX-License-Identifier: MIT
"""The protocol reference: one Markdown page per part."""

from .markdown import anchor, bullets, code, page, sentence, table

PAGES = [
    ('commands.md', 'Commands', 'header, limits, every command with its payload'),
    ('objects.md', 'Objects', 'what CREATE_OBJECT carries, per object type'),
    ('resources.md', 'Resources and transfers', 'rules of creation, transfer and contexts'),
    ('enums.md', 'Enumerations and flags', 'every number with a name'),
    ('formats.md', 'Formats', 'memory layout, GL storage, vertex fetch'),
    ('capabilities.md', 'Capability sets', 'layout and bits'),
    ('tgsi-opcodes.md', 'Shader text: opcodes', 'operands, types, meaning'),
    ('tgsi-names.md', 'Shader text: names', 'files, semantics, properties, …'),
    ('vtest.md', 'The vtest socket', 'commands, replies, variables, options'),
    ('virtio-gpu.md', 'The virtio-gpu device', 'commands, structs, rules, error cases'),
]


def _type(field):
    if field.group:
        kind = 'enum' if field.type.startswith('enum') else 'flags'
        return f'{kind} [{field.group}](enums.md#{anchor(field.group)})'
    names = {'format': '[format](formats.md)', 'handle': 'object handle', 'res': 'resource id',
             'f64_lo': 'f64, low half', 'f64_hi': 'f64, high half',
             'u64_lo': 'u64, low half', 'u64_hi': 'u64, high half'}
    return names.get(field.type, field.type)


def _checks(field):
    notes = []
    if field.min:
        notes.append('not 0' if field.min == 1 else f'at least {field.min}')
    if field.max is not None:
        notes.append(f'at most {field.max}')
    if field.max_expr:
        notes.append(f'at most {field.max_expr}')
    if field.values:
        notes.append('one of ' + ', '.join(map(str, field.values)))
    if field.check_if:
        notes.append(f'checked if `{field.check_if}`')
    if not field.check:
        notes.append('not checked')
    if field.error != 'ILLEGAL_CMD_BUFFER':
        notes.append(f'else {field.error}')
    return '; '.join(notes)


def _fields(fields):
    rows = []
    for field in fields:
        bits = f'{field.high}:{field.low}' if field.low != field.high else str(field.low)
        bits = '' if field.is_whole else bits
        meaning = '; '.join(part for part in (field.meaning, _checks(field)) if part)
        rows.append((field.dw, bits, code(field.name), _type(field), meaning))
    return table(('dword', 'bits', 'field', 'type', 'meaning'), rows)


def _array(array):
    counts = {'n': 'n entries', 'rest': 'the rest of the payload'}
    count = counts.get(array.count)
    if count is None:
        count = f'{array.count} entries' if array.count.isdigit() else f'`{array.count}` entries'
    text = f'Then the array `{array.name}`: {count}'
    if array.stride > 1:
        text += f' of {array.stride} dwords'
    if array.max_count and not array.count.isdigit():
        text += f', at most {array.max_count}'
    if array.condition:
        text += f', if `{array.condition}`'
    text += '.'
    if array.note:
        text += ' ' + sentence(array.note)
    return [text, ''] + _fields(array.fields)


def _command(command):
    kind = 'Object type' if command.is_object else 'Command'
    facts = f'{kind} {command.number}. Payload dwords: `{command.rule.text}`.'
    if command.is_object:
        facts += ' Can be bound with BIND_OBJECT.' if command.bindable else ''
    if command.announced_by:
        facts += f' Announced by `{command.announced_by}`.'
    if command.since != '22.3':
        facts += f' Since {command.since}.'
    lines = [f'## {command.name}', '', facts, '']
    if command.object_type_field:
        lines += [sentence('Header: ' + command.object_type_field), '']
    if command.fields:
        lines += _fields(command.fields)
    for array in command.arrays:
        lines += _array(array)
    if command.slot_limit is not None:
        lines += [f'`start_slot` and the number of entries may reach {command.slot_limit} '
                  'together.', '']
    if command.semantics:
        lines += bullets(command.semantics)
    if command.errors:
        lines += ['Errors:', ''] + bullets(command.errors)
    return lines


def _index(commands):
    return table(('number', 'name', 'payload dwords', 'announced by'), [
        (c.number, f'[{c.name}](#{anchor(c.name)})', code(c.rule.text), c.announced_by)
        for c in commands])


def _result_struct(node):
    lines = [f'### struct {node["name"]}', '', f'{node["size"]} bytes.'
             + (' ' + sentence(node['note']) if 'note' in node else ''), '']
    rows = [(f['off'], code(f['name']), f['type'], f.get('meaning', '')) for f in node['fields']]
    array = node.get('array')
    if array:
        for field in array['fields']:
            rows.append((f'{array["off"]} + {array["stride"]}·i + {field["off"]}',
                         code(f'{array["name"]}[i].{field["name"]}'), field['type'],
                         f'i < {array["count"]}'))
    return lines + table(('offset', 'field', 'type', 'meaning'), rows)


def commands_page(protocol):
    root = protocol.description.root
    lines = ['A command stream is a sequence of dwords (32 bits, little endian). Each command is a '
             'header dword and its payload; dword 1 is the first payload dword, and lengths count '
             'payload dwords.', '', '## Header', '']
    lines += table(('bits', 'field', 'meaning'), [
        (f'{f["bits"][1]}:{f["bits"][0]}', code(f['name']), f.get('meaning', ''))
        for f in root['header']['fields']])
    lines += bullets(root['header']['rules'])
    lines += ['## Limits', ''] + table(('limit', 'value'), [
        (code(name), value) for name, value in protocol.description.limits.items()])
    lines += ['## Length rules', '',
              '`=k` exactly k, `>=k` at least k, `=a+b*n` a dwords and n entries of b dwords, '
              '`|` separates alternatives. Fields beyond a shorter payload read as 0.', '']
    lines += ['## Announcements', '',
              'How a guest learns that the host accepts a command: `v1cap:X` is a bit of `bset`, '
              '`cap:X` of `capability_bits`, `v2cap:X` of `capability_bits_v2`, `v2field:X` a test '
              'of a field of [capability set 2](capabilities.md), `feature_check>=n` a value of '
              '`host_feature_check_version`. Commands without announcement are always accepted.',
              '']
    lines += ['## List of commands', ''] + _index(protocol.commands)
    for command in protocol.commands:
        lines += _command(command)
    lines += ['## Results in guest memory', '']
    for node in root.get('result_structs', []):
        lines += _result_struct(node)
    return page('Commands', lines)


def objects_page(protocol):
    lines = ['CREATE_OBJECT names one of these types in its header and carries the fields below. '
             'Handles are chosen by the guest.', '']
    lines += bullets(protocol.description.root.get('object_rules', []))
    lines += _index(protocol.objects)
    for command in protocol.objects:
        lines += _command(command)
    return page('Objects', lines)


def resources_page(protocol):
    root = protocol.description.root
    lines = []
    for title, key in (('Creating a resource', 'resource_create_rules'),
                       ('Transfers', 'transfer_rules'), ('Contexts', 'context_rules')):
        lines += [f'## {title}', ''] + bullets(root.get(key, []))
    return page('Resources and transfers', lines)


def enums_page(protocol):
    lines = ['Groups in order of their first use in the protocol. Flag groups are sets of bits; '
             'the GL columns name the counterpart where there is one.', '']
    for group in protocol.groups.values():
        if group.name in ('command', 'object_type'):
            continue
        lines += [f'## {group.name}', '']
        plain = group.is_plain
        gl = any(e.row['gl'] or e.row['gles'] for e in group.enumerants)
        header = ['value', 'name'] + (['GL', 'GLES'] if gl else []) + ['meaning']
        rows = []
        for enumerant in group.enumerants:
            decimal = plain or enumerant.kind == 'limit'
            value = enumerant.value if decimal else f'{enumerant.value:#x}'
            row = [value, code(enumerant.name)]
            if gl:
                row += [enumerant.row['gl'], enumerant.row['gles']]
            rows.append(row + [enumerant.row['meaning']])
        lines += table(header, rows)
    return page('Enumerations and flags', lines)


def _storage(item, prefix):
    mapping = item.mappings[prefix]
    if mapping is None:
        return ''
    text = mapping.internal_name
    if mapping.format_name:
        text += f' / {mapping.format_name} / {mapping.type_name}'
    if mapping.swizzle:
        text += f', sampled as {mapping.swizzle}'
    if mapping.stencil_plane:
        text += ', stencil plane'
    return text


def formats_page(protocol):
    lines = ['Channels are listed from the least significant bit: un and sn are normalised, up and '
             'sp pure integers, u and s scaled integers (unsigned, signed), f floats, h fixed '
             'point, x unused, with their bits. The swizzle names the channel that gives r, g, b '
             'and a (of depth formats: depth and stencil).', '']
    rows = []
    for item in protocol.formats:
        row = item.row
        block = f'{row["block_w"]}×{row["block_h"]}×{row["block_d"]}'
        rows.append((item.number, code(item.name) + (f' ({item.alias})' if item.alias else ''),
                     row['layout'], row['colorspace'], block, row['block_bytes'],
                     row['channels_lsb_first'], row['swizzle_rgba'], row['view_class']))
    lines += ['## Layout', ''] + table(
        ('number', 'format', 'layout', 'colours', 'block', 'bytes', 'channels', 'swizzle',
         'view class'), rows)
    lines += ['## GL storage', '', 'Internal format, format and type of the client data.', '']
    rows = []
    for item in protocol.formats:
        if any(item.mappings.values()):
            rows.append((item.number, code(item.name), _storage(item, 'gl'),
                         item.row['gl_requires'], _storage(item, 'compat'),
                         _storage(item, 'gles'), item.row['gles_requires']))
    lines += table(('number', 'format', 'GL', 'needs', 'GL compatibility', 'GLES', 'needs'), rows)
    lines += ['## Vertex fetch', '']
    rows = [(i.number, code(i.name), i.row['vertex_size'], i.row['vertex_type'],
             'yes' if i.row['vertex_normalized'] == '1' else '',
             'yes' if i.row['vertex_integer'] == '1' else '')
            for i in protocol.formats if i.row['vertex_size']]
    lines += table(('number', 'format', 'size', 'type', 'normalised', 'integer'), rows)
    lines += ['## Notes', ''] + [f'* {i.name}: {sentence(i.row["notes"])}'
                                 for i in protocol.formats if i.row['notes']]
    return page('Formats', lines)


def capabilities_page(protocol):
    caps = protocol.caps
    lines = [f'Capability set 1 has {caps.v1_size} bytes, set 2 has {caps.v2_size} and starts with '
             'set 1. A guest copies as many bytes as both sides know and keeps its defaults for '
             'the rest.', '', '## Fields', '']
    lines += table(('offset', 'bytes', 'field', 'type', 'meaning', 'how the host computes it',
                    'default when absent'), [
        (f.offset, f.size, code(f.name), f.type, f.row['meaning'], f.row['host_computation'],
         f.row['guest_default_when_absent']) for f in caps.fields])
    lines += ['## Fields of video_caps', ''] + table(
        ('dword', 'bits', 'field', 'meaning'),
        [(dword, f'{high}:{low}', code(name), row['meaning'])
         for name, dword, low, high, row in caps.video_fields])
    for title, bits in (('bset', caps.bset), ('capability_bits', caps.cap),
                        ('capability_bits_v2', caps.cap_v2)):
        lines += [f'## Bits of {title}', ''] + table(
            ('bit', 'name', 'meaning', 'GL', 'GLES', 'use by the guest'),
            [(b.bit, code(b.name), b.row['meaning'], b.row['requires_gl'],
              b.row['requires_gles'], b.row['guest_use']) for b in bits])
    lines += ['## host_feature_check_version', '',
              'A host of version n promises everything up to n.', ''] + table(
        ('version', 'meaning'), [(b.bit, b.row['meaning']) for b in caps.feature_checks])
    return page('Capability sets', lines)


def opcodes_page(protocol):
    lines = ['Sources are named a, b, c, … in order. The result kind tells how components relate: '
             '*per component* computes each from the same component of the sources, *scalar '
             'replicated* writes one value to all, *component specific* differs by component.', '']
    lines += table(('opcode', 'dst', 'src', 'result', 'types', 'meaning', 'GLSL', 'sent by guests',
                    'notes'), [
        (code(o.name), o.num_dst, o.num_src, o.result_kind,
         ((o.dst_type or '-') + ' ← ' + (', '.join(o.src_types) or '-'))
         if o.num_dst or o.num_src else '',
         o.row['semantics'], code(o.row['glsl']) if o.row['glsl'] else '',
         o.row['emitted_by_mesa_22_3'], o.row['notes']) for o in protocol.tgsi_opcodes])
    return page('Shader text: opcodes', lines)


def names_page(protocol):
    lines = []
    for group, names in protocol.tgsi_names.items():
        lines += [f'## {group}', ''] + table(('word', 'meaning'), [
            (code(n.name), n.row['meaning']) for n in names])
    return page('Shader text: names', lines)


def vtest_page(protocol):
    vtest = protocol.vtest
    lines = ['A message is two header dwords, payload length and command, and the payload. Lengths '
             'count dwords unless the command says otherwise.', '', '## Constants', '']
    for group, rows in vtest.constants.items():
        lines += [f'### {group}', ''] + table(('name', 'value', 'meaning'), [
            (code(r['name']), r['value_or_id'], r['meaning']) for r in rows])
    lines += ['## Commands', ''] + table(('id', 'command', 'since version', 'payload', 'context'), [
        (c.number, f'[{c.name}](#{anchor(c.name)})', c.row['since_version'],
         code(c.row['length_rule']), c.row['needs_context']) for c in vtest.commands.values()])
    for command in vtest.commands.values():
        row = command.row
        reply = sentence(row['reply'] or 'none')
        lines += [f'### {command.name}', '', sentence(row['meaning'])
                  + f' Payload: `{row["length_rule"]}`. Reply: {reply}', '']
        if row['notes']:
            lines += [sentence(row['notes']), '']
        for title, fields in (('Payload', command.fields), ('Reply', command.reply_fields)):
            if fields:
                lines += [f'{title}:', ''] + table(('dword', 'field', 'type', 'count', 'meaning'), [
                    (f['dword'], code(f['name']), f['type'], f['count'], f['meaning'])
                    for f in fields])
    titles = {'server_env': 'Variables of virglrenderer\'s server',
              'client_env': 'Variables of Mesa\'s client',
              'server_option': 'Options of virglrenderer\'s server'}
    for kind, rows in vtest.others.items():
        lines += [f'## {titles[kind]}', ''] + table(('name', 'meaning'), [
            (code(r['name']), r['meaning']) for r in rows])
    return page('The vtest socket', lines)


def _structs(lines, structs, fields):
    for row in structs:
        lines += [f'### {row["group"]}', '', f'{row["size"]} bytes. {sentence(row["meaning"])}', '']
        if row['notes']:
            lines += [sentence(row['notes']), '']
        lines += table(('offset', 'bytes', 'field', 'type', 'meaning'), [
            (f['offset'], f['size'], code(f['name']), f['type'], f['meaning'])
            for f in fields if f['group'] == row['group']])


def virtio_gpu_page(protocol):
    gpu = protocol.virtio_gpu
    lines = ['Requests and responses travel on two virtqueues; all numbers are little endian.', '']
    lines += ['## Device', ''] + table(('name', 'value', 'meaning'), [
        (code(r['name']), r['value'], r['meaning'])
        for kind in ('device', 'queue', 'shm', 'limit') for r in gpu.of_kind(kind)])
    lines += ['## Feature bits', ''] + table(('bit', 'name', 'since', 'meaning'), [
        (r['value'], code(r['name']), r['since'], r['meaning']) for r in gpu.of_kind('feature')])
    lines += ['## Commands', ''] + table(('type', 'command', 'request', 'meaning', 'notes'), [
        (r['value'], code(r['name']), code(r['type']), r['meaning'], r['notes'])
        for r in gpu.of_kind('command')])
    lines += ['## Responses', ''] + table(('type', 'response', 'meaning'), [
        (r['value'], code(r['name']), r['meaning']) for r in gpu.of_kind('response')])
    lines += ['## Enumerations', '']
    for group, rows in gpu.enum_groups().items():
        lines += [f'### {group}', ''] + table(('value', 'name', 'meaning'), [
            (r['value'], code(r['name']), r['meaning']) for r in rows])
    lines += ['## Structs', '']
    _structs(lines, gpu.of_kind('struct'), gpu.of_kind('struct_field'))
    lines += ['## Rules', ''] + [f'* {r["group"]}: {sentence(r["meaning"])}'
                                 for r in gpu.of_kind('rule')] + ['']
    lines += ['## What the Linux driver expects', ''] + [
        f'* {r["group"]}: {sentence(r["meaning"])}' for r in gpu.of_kind('driver')] + ['']
    lines += ['## Error cases', ''] + table(
        ('command', 'condition', 'response', 'other devices', 'specification'),
        [(r['group'], r['name'], r['value'], r['meaning'], r['notes'])
         for r in gpu.of_kind('error_case')])
    lines += ['## The guest\'s ioctls', ''] + table(('number', 'ioctl', 'struct', 'meaning'), [
        (r['value'], code(r['name']), code(r['type']), r['meaning']) for r in gpu.of_kind('ioctl')])
    for group, rows in gpu.enum_groups('ioctl_enum').items():
        lines += [f'### {group}', ''] + table(('value', 'name', 'meaning'), [
            (r['value'], code(r['name']), r['meaning']) for r in rows])
    _structs(lines, gpu.of_kind('ioctl_struct'), gpu.of_kind('ioctl_struct_field'))
    return page('The virtio-gpu device', lines)


def index_page(protocol):
    lines = ['Reference of the wire protocols between a guest and Mantua, generated from the '
             'tables that the code is generated from.', '']
    lines += table(('page', 'content'), [(f'[{title}]({name})', text)
                                         for name, title, text in PAGES])
    lines += [f'{len(protocol.commands)} commands, {len(protocol.objects)} object types, '
              f'{len(protocol.formats) - 1} formats, {len(protocol.tgsi_opcodes)} opcodes.']
    return page('Protocol reference', lines)


BUILDERS = {'index.md': index_page, 'commands.md': commands_page, 'objects.md': objects_page,
            'resources.md': resources_page, 'enums.md': enums_page, 'formats.md': formats_page,
            'capabilities.md': capabilities_page, 'tgsi-opcodes.md': opcodes_page,
            'tgsi-names.md': names_page, 'vtest.md': vtest_page, 'virtio-gpu.md': virtio_gpu_page}
