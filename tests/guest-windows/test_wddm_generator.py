#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The generator of the display-driver headers: what it writes, and what it must refuse by line."""

import argparse
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

HEADER = 'header,kind,name,member,type,array,bits,offset,size,value,meaning,proof'
GOOD = [
    'kernel,enum,COLOUR,RED,,,,,,1,red,several',
    'kernel,enum,COLOUR,NONE,,,,,,0xFFFFFFFF,none,several',
    'kernel,callback,PAINT,,NTSTATUS,,,,,,paints,several',
    'kernel,callback,PAINT,Colour,COLOUR,,,,,,in: colour,several',
    'kernel,struct,BOX,,,,,0,32,,a box,several',
    'kernel,member,BOX,Size,UINT,,,0,4,,bytes,several',
    'kernel,bits,BOX,Flags.Low,UINT,,3,4,,0,low,several',
    'kernel,bits,BOX,Flags.High,UINT,,29,4,,3,high,several',
    'kernel,member,BOX,Paint,callback PAINT,,,8,8,,routine,several',
    'kernel,member,BOX,Raw,UCHAR,4,,16,4,,bytes,several',
    'kernel,member,BOX,Number,UINT,,,16,4,,same as number,several',
    'kernel,member,BOX,Handle,HANDLE,,,24,8,,handle,single',
]
# Flags is a struct of its own, in front of its bits.
GOOD.insert(6, 'kernel,member,BOX,Flags,struct,,,4,4,,flags,several')

EXPECTED = [
    'typedef enum _COLOUR {\n    RED = 1,\n    NONE = -0 - 1,\n} COLOUR;',
    'typedef NTSTATUS NTAPI PAINT(COLOUR Colour);',
    '    struct {\n        UINT Low : 3;\n        UINT High : 29;\n    } Flags;\n'
    '    PAINT *Paint;\n    union {\n        UCHAR Raw[4];\n        UINT Number;\n    };\n'
    '    HANDLE Handle;\n} BOX;',
    '_Static_assert(sizeof(BOX) == 32,',
    '_Static_assert(offsetof(BOX, Handle) == 24,',
]

# name, row number, replaced text, replacement, words of the message, row at fault (default: same)
BAD = [
    ('unknown header', 0, 'kernel,enum', 'lernel,enum', 'unknown header "lernel"', None),
    ('unknown kind', 0, 'kernel,enum', 'kernel,enmu', 'unknown kind "enmu"', None),
    ('unknown proof', 0, 'several', 'sure', 'unknown proof "sure"', None),
    ('number too large', 1, '0xFFFFFFFF', '0x100000000', 'does not fit into 32 bits', None),
    ('no number', 1, '0xFFFFFFFF', 'many', 'is not a number', None),
    ('no return type', 2, 'PAINT,,NTSTATUS', 'PAINT,Result,NTSTATUS', 'without its return', None),
    ('unknown type', 3, 'COLOUR,,,,,,in', 'COLOR,,,,,,in', 'type "COLOR" is not known', None),
    ('used before described', 3, 'Colour,COLOUR', 'Colour,BOX', 'type "BOX" is not known', None),
    ('other header', 2, 'kernel,callback', 'user,callback', 'belongs to another header', 3),
    ('bits with a gap', 8, ',29,4,,3,', ',28,4,,4,', 'bits start at 4, the ones before end at 3',
     None),
    ('bits too wide', 8, ',29,4', ',30,4', 'do not fit into their unit', None),
    ('no bits', 8, ',29,4', ',0,4', 'do not fit into their unit', None),
    ('member twice', 11, 'Number', 'Raw', 'appears twice', None),
    ('part without whole', 6, 'BOX,Flags,', 'BOX,Flogs,', 'no member "Flags" before', 7),
    ('behind the end', 12, ',24,8', ',25,8', 'ends behind the 32 bytes', None),
    ('bad name', 5, 'BOX,Size', 'BOX,Si-ze', 'is not a member name', None),
    ('strange row in a struct', 5, 'kernel,member', 'kernel,enum', 'inside struct BOX', None),
    ('columns', 5, ',bytes,several', ',bytes', '11 columns instead of 12', None),
]


def generate(arguments, rows, folder):
    path = os.path.join(folder, 'table.csv')
    with open(path, 'w', encoding='utf-8') as file:
        file.write('\n'.join([HEADER, *rows]) + '\n')
    run = subprocess.run([sys.executable, os.path.join(arguments.guest, 'gen_wddm.py'),
                          '--protocol', arguments.protocol, '--data', path, '--out', folder,
                          'wddm_kernel.h'], capture_output=True, text=True, check=False)
    if run.returncode:
        return None, run.stderr.strip()
    with open(os.path.join(folder, 'wddm_kernel.h'), encoding='utf-8') as file:
        return file.read(), ''


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--protocol', required=True)
    parser.add_argument('--guest', required=True)
    arguments = parser.parse_args()
    print(f'1..{1 + len(BAD) + 1}')
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        text, error = generate(arguments, GOOD, folder)
        missing = [e for e in EXPECTED if e not in (text or '')]
        failed += bool(missing)
        print(f'{"not ok" if missing else "ok"} 1 - writes what the table says')
        for line in [error, *(m for m in missing)]:
            for part in line.splitlines():
                print('# ' + part)
        for index, (name, row, old, new, words, at) in enumerate(BAD, 2):
            rows = list(GOOD)
            assert old in rows[row], name
            rows[row] = rows[row].replace(old, new, 1)
            _, error = generate(arguments, rows, folder)
            place = f':{(row if at is None else at) + 2}: '
            good = words in error and place in error
            failed += not good
            print(f'{"ok" if good else "not ok"} {index} - refuses: {name}')
            if not good:
                print(f'# expected "{words}" at {place}, got "{error}"')
        _, error = generate(arguments, GOOD + [GOOD[0]], folder)
        good = 'COLOUR is described twice' in error
        failed += not good
        print(f'{"ok" if good else "not ok"} {len(BAD) + 2} - refuses: described twice')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
