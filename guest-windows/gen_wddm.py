#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the C declarations of the display-driver interfaces from data/wddm.csv.

Usage: gen_wddm.py --protocol DIR --data FILE --out DIR wddm_shared.h|wddm_kernel.h|wddm_user.h

Every struct carries asserts for its size and the offset of each member, so a compiler that lays it
out otherwise than the table says does not get past the header.
"""

import argparse
import os
import re
import sys
import textwrap

sys.dont_write_bytecode = True
COLUMNS = ('header', 'kind', 'name', 'member', 'type', 'array', 'bits', 'offset', 'size', 'value',
           'meaning', 'proof')
HEADERS = ('shared', 'kernel', 'user')
INCLUDES = {
    'shared': '#include <stddef.h>\n#include <windef.h>\n',
    'kernel': '#include <stddef.h>\n#include <ntddk.h>\n#include <windef.h>\n'
              '#include "wddm_shared.h"\n',
    'user': '#include <stddef.h>\n#include <windows.h>\n#include "wddm_shared.h"\n',
}
ABOUT = {
    'shared': 'Types that the kernel side and the user side both use.',
    'kernel': 'What a display-only kernel driver implements and calls. OS-owned structs may be\n'
              ' * shorter or longer than ours: write only as many bytes as the OS names, copy the\n'
              " * smaller of both sizes. Build with mingw-w64's ddk as a system folder.",
    'user': 'How a program reaches the kernel driver: the D3DKMT calls of gdi32.',
}
# Types of the system headers.
SYSTEM = set('''BOOL BOOLEAN BYTE CHAR DWORD GUID HANDLE HDC INT LARGE_INTEGER LONG LPCGUID LUID
MEMORY_CACHING_TYPE PBOOLEAN PCM_RESOURCE_LIST PCWSTR PDEVICE_OBJECT PDRIVER_OBJECT PHYSICAL_ADDRESS
PINTERFACE PKSYNCHRONIZE_ROUTINE POINT POWER_ACTION DEVICE_POWER_STATE PQUERY_INTERFACE PULONG
PUNICODE_STRING PVIDEO_REQUEST_PACKET PVOID RECT SIZE_T PSIZE_T UCHAR UINT UINT64 ULONG ULONG64
ULONGLONG UNICODE_STRING USHORT VOID WCHAR WORD float NTSTATUS PACPI_EVAL_INPUT_BUFFER_COMPLEX
PACPI_EVAL_OUTPUT_BUFFER PPCI_DEVICE_PRESENCE_PARAMETERS'''.split())
# Their headers do not go with ntddk.h; pointers to them only pass through, as PVOID.
AS_POINTER = {'PACPI_EVAL_INPUT_BUFFER_COMPLEX', 'PACPI_EVAL_OUTPUT_BUFFER', 'PQUERY_INTERFACE',
              'PVIDEO_REQUEST_PACKET'}
NAME = re.compile(r'[A-Za-z_][A-Za-z0-9_]*\Z')


def core(type_text):
    text = type_text.replace('const ', '').replace('*', '').strip()
    return text[len('callback '):] if text.startswith('callback ') else text


def declare(row, name):
    """C declaration of `name` with the row's type."""
    text = row['type']
    if text.startswith('callback '):
        return f'{core(text)} *{name}'
    if core(text) in AS_POINTER:
        text = 'PVOID'
    glue = '' if text.endswith('*') else ' '
    array = f'[{row["array"]}]' if row['array'] else ''
    return f'{text}{glue}{name}{array}'


class Node:
    """A member with its place; bit fields of one unit are one node."""

    def __init__(self, row, name):
        self.row = row
        self.name = name
        self.children = []
        self.bits = []
        self.offset = row.number('offset')
        self.size = row.number('size') if row['size'] else 4

    @property
    def end(self):
        return self.offset + self.size


def tree(rows):
    """Members by their dotted names."""
    top = []
    by_path = {'': top}
    for row in rows:
        parent, _, name = row['member'].rpartition('.')
        if not NAME.match(name):
            row.fail(f'"{row["member"]}" is not a member name')
        if parent not in by_path:
            row.fail(f'no member "{parent}" before its part "{name}"')
        siblings = by_path[parent]
        if any(name == n.name or name in (b['member'].rpartition('.')[2] for b in n.bits)
               for n in siblings):
            row.fail(f'member "{row["member"]}" appears twice')
        if row['kind'] == 'bits':
            add_bits(siblings, row)
            continue
        node = Node(row, name)
        siblings.append(node)
        if row['type'] in ('struct', 'union'):
            by_path[row['member']] = node.children
    return top


def add_bits(siblings, row):
    unit = next((n for n in siblings if n.bits and n.offset == row.number('offset')), None)
    if unit is None:
        unit = Node(row, '')
        siblings.append(unit)
    used = sum(b.number('bits') for b in unit.bits)
    if row.number('value') != used:
        row.fail(f'bits start at {row["value"]}, the ones before end at {used}')
    if used + row.number('bits') > 32 or row.number('bits') < 1:
        row.fail('bits do not fit into their unit of 32')
    unit.bits.append(row)


def groups(nodes):
    """Nodes that overlap lie in one union; the others follow each other."""
    result = []
    for node in sorted(nodes, key=lambda n: n.offset):
        if result and node.offset < max(n.end for n in result[-1]):
            result[-1].append(node)
        else:
            result.append([node])
    return result


def emit_node(node, indent):
    pad = '    ' * indent
    if node.bits:
        # Enums too: gcc complains of fields that are narrower than their enum.
        return [f'{pad}UINT {b["member"].rpartition(".")[2]} : {b["bits"]};' for b in node.bits]
    if node.children:
        body = emit_members(node.children, indent + 1, node.row['type'] == 'union')
        return [f'{pad}{node.row["type"]} {{', *body, f'{pad}}} {node.name};']
    return [f'{pad}{declare(node.row, node.name)};']


def emit_members(nodes, indent, in_union=False):
    pad = '    ' * indent
    lines = []
    for group in groups(nodes):
        if len(group) == 1:
            lines += emit_node(group[0], indent)
            continue
        inner = indent if in_union else indent + 1
        body = []
        for node in group:
            if len(node.bits) > 1:
                body += ['    ' * inner + 'struct {', *emit_node(node, inner + 1),
                         '    ' * inner + '};']
            else:
                body += emit_node(node, inner)
        lines += body if in_union else [f'{pad}union {{', *body, f'{pad}}};']
    return lines


def emit_struct(rows):
    name = rows[0]['name']
    whole = rows[0].number('size')
    members = rows[1:]
    if not members:
        rows[0].fail(f'struct {name} has no members')
    for row in members:
        if row['kind'] not in ('member', 'bits'):
            row.fail(f'kind "{row["kind"]}" inside struct {name}')
        if row.number('offset') + (row.number('size') if row['size'] else 4) > whole:
            row.fail(f'ends behind the {whole} bytes of {name}')
    lines = [f'/* {rows[0]["meaning"]} */', f'typedef struct _{name} {{',
             *emit_members(tree(members), 1), f'}} {name};', '#ifdef _WIN64',
             f'_Static_assert(sizeof({name}) == {whole},\n               "layout of {name}");']
    for row in members:
        if row['kind'] == 'member':
            lines.append(f'_Static_assert(offsetof({name}, {row["member"]}) == {row["offset"]},\n'
                         f'               "layout of {name}");')
            if row['type'] not in ('struct', 'union'):
                lines.append(f'_Static_assert(sizeof((({name} *)0)->{row["member"]}) == '
                             f'{row["size"]},\n               "size in {name}");')
    return lines + ['#endif', '']


def emit_enum(rows):
    name = rows[0]['name']
    lines = [f'typedef enum _{name} {{']
    for row in rows:
        value = row.number('value')
        if not -2**31 <= value < 2**32:
            row.fail(f'{row["value"]} does not fit into 32 bits')
        # Enumerators are ints: the upper half of the numbers is written as negative ones.
        text = str(value) if value < 2**31 else f'-{2**32 - value - 1} - 1'
        lines.append(f'    {row["member"]} = {text},')
    return lines + [f'}} {name};', f'_Static_assert(sizeof({name}) == 4, "size of {name}");', '']


def emit_routine(rows):
    head = rows[0]
    if head['member']:
        head.fail(f'{head["name"]} starts without its return type')
    parameters = ', '.join(declare(r, r['member']) for r in rows[1:]) or 'VOID'
    typedef = 'typedef ' if head['kind'] == 'callback' else ''
    text = f'{typedef}{declare(head, "NTAPI")} {head["name"]}({parameters});'
    return [f'/* {head["meaning"]} */',
            *textwrap.wrap(text, 98, subsequent_indent='    ', break_long_words=False), '']


def emit_typedef(rows):
    return [f'typedef {declare(rows[0], rows[0]["name"])};']


def emit_constants(rows):
    return [f'#define {r["member"]} 0x{r.number("value"):X}u' for r in rows] + ['']


EMIT = {'struct': emit_struct, 'enum': emit_enum, 'callback': emit_routine,
        'function': emit_routine, 'typedef': emit_typedef, 'constant': emit_constants}


def blocks(rows):
    """Rows of one name each, checked for kind, order and known types."""
    result = []
    for row in rows:
        if row['header'] not in HEADERS:
            row.fail(f'unknown header "{row["header"]}"')
        if row['proof'] not in ('several', 'single'):
            row.fail(f'unknown proof "{row["proof"]}"')
        if result and result[-1][0]['name'] == row['name']:
            result[-1].append(row)
            continue
        if row['kind'] not in EMIT:
            row.fail(f'unknown kind "{row["kind"]}"')
        result.append([row])
    known = {}
    for block in result:
        head = block[0]
        if head['name'] in known:
            head.fail(f'{head["name"]} is described twice')
        for row in block:
            used = core(row['type'])
            if not used or used in SYSTEM or used in ('struct', 'union'):
                continue
            if used not in known:
                row.fail(f'type "{used}" is not known at this point')
            if known[used] not in ('shared', head['header']):
                row.fail(f'type "{used}" belongs to another header')
        known[head['name']] = head['header']
    return result


def generate(rows, header):
    guard = f'WDDM_{header.upper()}_H'
    lines = ['/* SPDX-License-Identifier: MIT */',
             '/* Generated by guest-windows/gen_wddm.py from wddm.csv; do not edit. */',
             f'#ifndef {guard}', f'#define {guard}', '', f'/* {ABOUT[header]} */', '',
             INCLUDES[header]]
    for block in blocks(rows):
        if block[0]['header'] == header:
            lines += EMIT[block[0]['kind']](block)
    return '\n'.join(lines + ['', '#endif', ''])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--protocol', required=True)
    parser.add_argument('--data', required=True)
    parser.add_argument('--out', required=True)
    parser.add_argument('header', choices=[f'wddm_{h}.h' for h in HEADERS])
    arguments = parser.parse_args()
    sys.path.insert(0, arguments.protocol)
    from mantua_protocol import errors, located_csv
    try:
        rows = located_csv.load(arguments.data, COLUMNS)
        text = generate(rows, arguments.header[len('wddm_'):-len('.h')])
    except errors.DescriptionError as error:
        sys.exit(f'gen_wddm.py: {error}')
    with open(os.path.join(arguments.out, arguments.header), 'w', encoding='utf-8') as file:
        file.write(text)


if __name__ == '__main__':
    main()
