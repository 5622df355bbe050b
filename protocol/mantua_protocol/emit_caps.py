# SPDX-License-Identifier: MIT
"""virgl_caps.h: the capability sets as structs and bit names."""

from . import c_text

SOURCES = 'virgl-caps.csv'
ABOUT = '''Capability sets 1 and 2 as the guest reads them. A guest copies as many bytes as both
sides know and keeps its defaults for the rest, so set 2 may grow at its end only.'''
C_TYPES = {'u32': 'uint32_t', 'u32 bits': 'uint32_t', 'f32': 'float', 'i32': 'int32_t',
           'char': 'char', 'bitmask': 'uint32_t', 'struct': 'struct virgl_video_caps'}


def _members(fields):
    lines = []
    for field in fields:
        note = field.row['meaning']
        if field.type == 'bitmask':
            note += '; format n is bit n % 32 of element n / 32'
        lines += c_text.comment(note, '    ')
        array = f'[{field.count}]' if field.count > 1 else ''
        lines.append(f'    {C_TYPES[field.type]} {field.name}{array};')
    return lines


def _bits(prefix, about, bits):
    lines = c_text.comment(about)
    for bit in bits:
        line = f'#define {prefix}_{bit.name.upper()} {1 << bit.bit:#x}u'
        note = c_text.comment(bit.row['meaning'])
        if len(note) == 1 and len(line) + 1 + len(note[0]) <= c_text.WIDTH:
            lines.append(f'{line} {note[0]}')
        else:
            lines += note + [line]
    return lines + ['']


def _video(caps):
    lines = ['/* One codec profile. */', 'struct virgl_video_caps {']
    for name, _, low, high, _ in caps.video_fields:
        lines.append(f'    uint32_t {name} : {high - low + 1};')
    used = [f for f in caps.video_fields if f[1] == 3]
    rest = 31 - max(f[3] for f in used)
    lines.append(f'    uint32_t reserved : {rest};')
    return lines + ['};', '_Static_assert(sizeof(struct virgl_video_caps) == 16, "guest layout");',
                    '']


def header(protocol):
    caps = protocol.caps
    body = c_text.comment(ABOUT) + ['']
    body += _video(caps)
    body += ['struct virgl_caps_v1 {'] + _members(caps.part(True)) + ['};', '']
    body += ['struct virgl_caps_v2 {', '    struct virgl_caps_v1 v1;']
    body += _members(caps.part(False)) + ['};', '']
    body += ['union virgl_caps {', '    uint32_t max_version;', '    struct virgl_caps_v1 v1;',
             '    struct virgl_caps_v2 v2;', '};', '',
             f'_Static_assert(sizeof(struct virgl_caps_v1) == {caps.v1_size}, "guest layout");',
             f'_Static_assert(sizeof(struct virgl_caps_v2) == {caps.v2_size}, "guest layout");']
    for v1, struct in ((True, 'virgl_caps_v1'), (False, 'virgl_caps_v2')):
        for field in caps.part(v1):
            body.append(f'_Static_assert(offsetof(struct {struct}, {field.name}) == {field.offset},'
                        ' "guest layout");')
    body.append('')
    body += _bits('VIRGL_BSET', 'Bits of bset.', caps.bset)
    body += _bits('VIRGL_CAP', 'Bits of capability_bits.', caps.cap)
    body += _bits('VIRGL_CAP_V2', 'Bits of capability_bits_v2.', caps.cap_v2)
    body += c_text.comment('What each value of host_feature_check_version adds.')
    for check in caps.feature_checks:
        body += c_text.comment(f'{check.bit}: {check.row["meaning"]}')
    body.append(f'#define VIRGL_FEATURE_CHECK_VERSION {caps.feature_checks[-1].bit}')
    return c_text.render(c_text.header('VIRGL_CAPS_H', SOURCES, body,
                                       ['<stddef.h>', '<stdint.h>']))
