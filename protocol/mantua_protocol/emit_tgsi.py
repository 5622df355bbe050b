# SPDX-License-Identifier: MIT
"""tgsi_tables.h/.c: opcodes and names of the shader text."""

from . import c_text, tgsi

SOURCES = 'tgsi-opcodes.csv and tgsi-names.csv'
ABOUT = '''The words of TGSI text: opcodes with their operands and types, and one enumeration per
group of names, each with a search by name. Tables are constant; any thread may use them. Numbers
are our own: only the words appear on the wire.'''
OPCODE_STRUCT = '''\
#define TGSI_OPCODE_MAX_SOURCES 5

struct tgsi_opcode_info {
    const char *name;
    uint8_t num_dst;
    uint8_t num_src;         /* samplers and resources counted, texture targets and labels not */
    uint8_t result_kind;     /* enum tgsi_result_kind */
    uint8_t dst_type;        /* enum tgsi_type */
    uint8_t src_type[TGSI_OPCODE_MAX_SOURCES]; /* enum tgsi_type */
    uint8_t flags;           /* enum tgsi_opcode_flag */
};

/* Indexed by enum tgsi_opcode; NULL when out of range. */
const struct tgsi_opcode_info *tgsi_opcode_info(uint32_t opcode);

/* enum tgsi_opcode of the name of `length` bytes (without _SAT and _PRECISE), -1 if unknown. */
int tgsi_opcode_from_name(const char *name, size_t length);
'''


def _enum(name, prefix, items, count=True):
    lines = [f'enum {name} {{']
    for item in items:
        lines.append(f'    {prefix}_{item},')
    if count:
        lines.append(f'    {prefix}_COUNT')
    return lines + ['};', '']


def _type_name(text):
    return c_text.macro_name(text) if text else 'NONE'


def header(protocol):
    body = c_text.comment(ABOUT) + ['']
    body += _enum('tgsi_opcode', 'TGSI_OPCODE', [o.name for o in protocol.tgsi_opcodes])
    body += ['/* How results relate to the components of the sources. */']
    body += _enum('tgsi_result_kind', 'TGSI_RESULT_KIND',
                  [c_text.macro_name(kind) for kind in tgsi.RESULT_KINDS], False)
    body += ['/* UINT_MASK: all bits set for true, 0 for false. */']
    body += _enum('tgsi_type', 'TGSI_TYPE', [_type_name(kind) for kind in tgsi.TYPES], False)
    body += '''\
enum tgsi_opcode_flag {
    TGSI_OPCODE_FLAG_TEXTURE = 1 << 0,   /* ends in a texture target, may have texel offsets */
    TGSI_OPCODE_FLAG_MEMORY = 1 << 1,    /* buffers, images, shared memory: may have qualifiers */
    TGSI_OPCODE_FLAG_LABEL = 1 << 2,     /* may end in a label ":3" */
    TGSI_OPCODE_FLAG_EMITTED = 1 << 3,   /* guests send it, given the capabilities that allow it */
    TGSI_OPCODE_FLAG_HOST_KNOWN = 1 << 4, /* virglrenderer's parser knows the word */
};
'''.split('\n')
    body += OPCODE_STRUCT.split('\n')
    for group, names in protocol.tgsi_names.items():
        prefix = f'TGSI_{group.upper()}'
        body += [f'enum tgsi_{group} {{']
        for name in names:
            note = c_text.comment(name.row['meaning'])
            line = f'    {prefix}_{name.c_suffix},'
            if note and len(note) == 1 and len(line) + 1 + len(note[0]) <= c_text.WIDTH:
                line += ' ' + note[0]
            elif note:
                body += c_text.comment(name.row['meaning'], '    ')
            body.append(line)
        body += [f'    {prefix}_COUNT', '};', '']
    body += c_text.comment('Each: the enumerant of the name of `length` bytes, -1 if unknown; and '
                           'the name, "?" when out of range.')
    for group in protocol.tgsi_names:
        body += [f'int tgsi_{group}_from_name(const char *name, size_t length);',
                 f'const char *tgsi_{group}_name(uint32_t {group});']
    return c_text.render(c_text.header('TGSI_TABLES_H', SOURCES, body,
                                       ['<stddef.h>', '<stdint.h>']))


SEARCH = '''\
struct name_entry {
    const char *name;
    uint16_t value;
};

/* The table is sorted by name. */
static int find(const struct name_entry *table, size_t count, const char *name, size_t length)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strncmp(name, table[middle].name, length);

        if (order == 0 && table[middle].name[length] != '\\0')
            order = -1;
        if (order == 0)
            return table[middle].value;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
'''


def _sorted_table(name, pairs):
    lines = [f'static const struct name_entry {name}[] = {{']
    for text, constant in sorted(pairs):
        lines.append(f'    {{"{text}", {constant}}},')
    return lines + ['};', '']


def _opcode_row(opcode):
    flags = [f'TGSI_OPCODE_FLAG_{opcode.flag.upper()}'] if opcode.flag else []
    if opcode.is_emitted:
        flags.append('TGSI_OPCODE_FLAG_EMITTED')
    if opcode.is_host_known:
        flags.append('TGSI_OPCODE_FLAG_HOST_KNOWN')
    sources = ', '.join(f'TGSI_TYPE_{_type_name(kind)}' for kind in opcode.src_types) or '0'
    return [f'    [TGSI_OPCODE_{opcode.name}] = {{',
            f'        .name = "{opcode.name}", .num_dst = {opcode.num_dst}, '
            f'.num_src = {opcode.num_src},',
            f'        .result_kind = TGSI_RESULT_KIND_{c_text.macro_name(opcode.result_kind)},',
            f'        .dst_type = TGSI_TYPE_{_type_name(opcode.dst_type)},',
            f'        .src_type = {{{sources}}},',
            f'        .flags = {" | ".join(flags) or "0"},',
            '    },']


def source(protocol):
    lines = c_text.banner(SOURCES) + ['#include "tgsi_tables.h"', '', '#include <string.h>', '']
    lines += SEARCH.split('\n')
    lines.append('static const struct tgsi_opcode_info opcodes[TGSI_OPCODE_COUNT] = {')
    for opcode in protocol.tgsi_opcodes:
        lines += _opcode_row(opcode)
    lines += ['};', '']
    lines += _sorted_table('opcode_names', [(o.name, f'TGSI_OPCODE_{o.name}')
                                            for o in protocol.tgsi_opcodes])
    lines += '''\
const struct tgsi_opcode_info *tgsi_opcode_info(uint32_t opcode)
{
    return opcode < TGSI_OPCODE_COUNT ? &opcodes[opcode] : NULL;
}

int tgsi_opcode_from_name(const char *name, size_t length)
{
    return find(opcode_names, COUNT_OF(opcode_names), name, length);
}
'''.split('\n')
    for group, names in protocol.tgsi_names.items():
        prefix = f'TGSI_{group.upper()}'
        lines += _sorted_table(f'{group}_names',
                               [(n.name, f'{prefix}_{n.c_suffix}') for n in names])
        lines += [f'int tgsi_{group}_from_name(const char *name, size_t length)', '{',
                  f'    return find({group}_names, COUNT_OF({group}_names), name, length);', '}',
                  '', f'const char *tgsi_{group}_name(uint32_t {group})', '{',
                  '    static const char *const names[] = {']
        lines += [f'        "{n.name}",' for n in names]
        lines += ['    };', '',
                  f'    return {group} < {prefix}_COUNT ? names[{group}] : "?";', '}', '']
    return c_text.render(lines[:-1])
