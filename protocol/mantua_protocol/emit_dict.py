# SPDX-License-Identifier: MIT
"""Dictionaries for fuzzing: words of the stream and of the shader text."""

HEADER = '# SPDX-License-Identifier: MIT'


def _bytes(value):
    return ''.join(f'\\x{byte:02x}' for byte in value.to_bytes(4, 'little'))


def _lengths(rule):
    """Some payload lengths that the rule allows."""
    if rule.kind == 'exact':
        return list(rule.exact)
    if rule.kind == 'entries':
        low = max(rule.min_entries, 1)
        return [rule.fixed + rule.per_entry * n for n in (low, low + 1)]
    if rule.kind == 'named':
        return [rule.fixed, rule.fixed + 1]
    return [max(rule.minimum, 1)]


def virgl(protocol):
    lines = [HEADER, '# Headers with lengths that fit, then numbers that mean something.']
    for command in protocol.commands:
        if command.name == 'CREATE_OBJECT':
            continue
        for length in _lengths(command.rule):
            lines.append(f'{command.name.lower()}_{length}='
                         f'"{_bytes(command.number | length << 16)}"')
    for item in protocol.objects:
        for length in _lengths(item.rule):
            lines.append(f'create_{item.name.lower()}_{length}='
                         f'"{_bytes(1 | item.number << 8 | length << 16)}"')
        if item.bindable:
            lines.append(f'bind_{item.name.lower()}="{_bytes(2 | item.number << 8 | 1 << 16)}"')
    values = set()
    for group in protocol.groups.values():
        values.update(group.values)
    values.update(item.number for item in protocol.formats if item.row['gl_internalformat'])
    values.update((0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 0x3f800000, 0x10000))
    lines += [f'"{_bytes(value)}"' for value in sorted(values)]
    return '\n'.join(lines) + '\n'


def tgsi(protocol):
    words = {opcode.name for opcode in protocol.tgsi_opcodes}
    for names in protocol.tgsi_names.values():
        words.update(name.name for name in names)
    lines = [HEADER, '# Words and forms of the shader text.']
    lines += [f'"{word}"' for word in sorted(words)]
    forms = ['DCL IN[0]', 'DCL IN[0], GENERIC[0], PERSPECTIVE', 'DCL OUT[0], POSITION',
             'DCL OUT[0], COLOR', 'DCL TEMP[0..3]', 'DCL TEMP[0..3], ARRAY(1), LOCAL',
             'DCL CONST[0][0..3]', 'DCL SAMP[0]', 'DCL SVIEW[0], 2D, FLOAT', 'DCL ADDR[0]',
             'IMM[0] FLT32 {0.0, 1.0, 0.5, 2.0}', 'IMM[0] UINT32 {0, 1, 2, 3}', 'ADDR[0].x+1',
             'TEMP[ADDR[0].x](1)', '.xyzw', '.xxxx', '-|', '|', '[', ']', '(', ')', '..', ',',
             ' :0', '  0: ', '{', '}', '_SAT', 'PIPE_FORMAT_R32_UINT', '0x7fffffff', '4294967295']
    lines += [f'"{form}"' for form in forms if form not in words]
    return '\n'.join(lines) + '\n'
