#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The generator against golden output, and descriptions it must refuse, naming file and line.

Usage: test_generator.py PROTOCOL_DIR [--update]
"""

import os
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
MINI = os.path.join(HERE, 'golden', 'mini')
GOLDEN = ('virgl_protocol.h', 'virgl_commands.h', 'virgl_unpack.c', 'virgl_encode.c',
          'virgl_formats.c')

# file, text to replace, replacement, words of the message, text of the line at fault (default: the
# first changed line)
COMMANDS = 'virgl-commands.json'
BAD = [
    (COMMANDS, '"max_things": 4}', '"max_things": 4, "max_things": 5}', 'appears twice', None),
    (COMMANDS, '"opcode": 1,', '"opcode": 0,', 'number 0 is taken', '      "name": "DRAW"'),
    (COMMANDS, '"opcode": 1,', '"opcode": 1, "colour": 2,', 'unknown key "colour"', None),
    (COMMANDS, '"=2 | =4"', '"=4 | =2"', 'bad length rule', None),
    (COMMANDS, '"=2 | =4"', '"2..4"', 'bad length rule', None),
    (COMMANDS, '"=2 | =4"', '"=2 | =3"', 'dword 4 lies outside', '"depth_hi"'),
    (COMMANDS, '"type": "i32"', '"type": "i31"', 'unknown type "i31"', None),
    (COMMANDS, '"enum:prim"', '"enum:primitive"', 'no enum group "primitive"', None),
    (COMMANDS, '"name": "mode"', '"name": "start"', 'appears twice', None),
    (COMMANDS, '"name": "mode"', '"name": "Mode"', 'not a field name', None),
    (COMMANDS, '"type": "f64_hi"', '"type": "u32"', 'no f64_hi in the next dword', '"depth_lo"'),
    (COMMANDS, '"bits": [24, 24]', '"bits": [23, 24]', 'overlaps', None),
    (COMMANDS, '"bits": [24, 24]', '"bits": [24, 32]', 'do not fit', None),
    (COMMANDS, '"ILLEGAL_FORMAT"', '"ILLEGAL_THING"', 'no context error', None),
    (COMMANDS, '"=1+n, n<=8"', '"=n, n<=8"', 'shorter than the fields', None),
    (COMMANDS, '"=1+n, n<=8"', '"=1+2*n, n<=8"', 'needs one array of 2 dword entries', None),
    (COMMANDS, '"=1+n, n<=8"', '"=9"', 'count "n" without n', '"name": "slot",'),
    (COMMANDS, '"count": "count"', '"count": "amount"', 'is no field', None),
    (COMMANDS, '"=1+count"', '"=1+amount"', 'unknown field "amount"', None),
    (COMMANDS, '"length": "=4",\n      "fields": [\n        {"dw": 1, "name": "handle"',
     '"length": "=3",\n      "fields": [\n        {"dw": 1, "name": "handle"',
     'shorter than the arrays', None),
    (COMMANDS, '"=1+count"', '">=1"', 'nothing bounds count "count"', '"name": "value",'),
    (COMMANDS, '"storage": "inline",', '', 'need inline storage', '"name": "rt"'),
    (COMMANDS, '"name": "DRAW"', '"name": "draw"', 'not a command name', None),
    (COMMANDS, '"commands": [', '"commands": {', 'expected', '{"name": "NOP"'),
    (COMMANDS, '"semantics": ["skipped"]},', '"semantics": ["skipped"]', 'expected',
     '"name": "DRAW"'),
    (COMMANDS, '"max_things": 4', '"max_things": "4"', 'is not a number', None),
    ('virgl-enums.csv', '17,0x11', '17,0x12', 'differ', None),
    ('virgl-enums.csv', 'command,DRAW,1,0x1', 'command,DRAW,2,0x2', 'is not number 2', None),
    ('virgl-enums.csv', 'prim,LINES', 'prim,POINTS', 'prim has POINTS twice', None),
    ('virgl-enums.csv', 'bit,1,,,red', 'bot,1,,,red', 'unknown kind "bot"', None),
    ('virgl-enums.csv', 'group,name', 'set,name', 'header line', None),
    ('virgl-enums.csv', ',1,,,red', ',1,,red', '8 columns instead of 9', None),
    ('virgl-formats.csv', 'un8 un8 un8 un8', 'un8 un8 un8', 'channels have 24 bits', None),
    ('virgl-formats.csv', 'un8 un8 un8 un8', 'un8 un8 un8 q8', 'unknown channel', None),
    ('virgl-formats.csv', ',RGBA8,BGRA,', ',RGBA9,BGRA,', 'no GL value for "RGBA9"', None),
    ('virgl-formats.csv', '\n1,B8', '\n0,B8', 'appears twice', None),
    ('gl-values.csv', '0x8058', 'eight', 'is not a number', None),
]


class Tap:
    def __init__(self):
        self.count = 0
        self.failed = False

    def result(self, passed, name, *details):
        self.count += 1
        print(f'{"ok" if passed else "not ok"} {self.count} - {name}')
        if not passed:
            self.failed = True
            for detail in details:
                print('\n'.join('# ' + line for line in str(detail).splitlines()[:40]))


def generate(gen, data, out, names):
    return subprocess.run([sys.executable, gen, '--data', data, '--out', out, *names],
                          capture_output=True, text=True, check=False)


def check_golden(tap, gen, update):
    with tempfile.TemporaryDirectory() as out:
        run = generate(gen, MINI, out, GOLDEN)
        tap.result(run.returncode == 0, 'the small description is accepted', run.stderr)
        if run.returncode != 0:
            return
        for name in GOLDEN:
            with open(os.path.join(out, name), encoding='utf-8') as file:
                text = file.read()
            path = os.path.join(HERE, 'golden', name)
            if update:
                with open(path, 'w', encoding='utf-8') as file:
                    file.write(text)
            with open(path, encoding='utf-8') as file:
                expected = file.read()
            different = [f'line {i + 1}: {a!r} instead of {b!r}' for i, (a, b)
                         in enumerate(zip(text.splitlines(), expected.splitlines())) if a != b]
            tap.result(text == expected, f'golden {name}', '\n'.join(different))


def line_of(text, marker, original):
    if marker is None:
        pairs = zip(text.splitlines(), original.splitlines())
        return next(i for i, (a, b) in enumerate(pairs) if a != b) + 1
    return text[:text.index(marker)].count('\n') + 1


def faulty_line(text, original, old, new, marker):
    """Objects are blamed at their opening brace; markers name what is inside them or beside it."""
    if marker is None:
        return line_of(text, None, original)
    line = line_of(text, marker, original)
    # Multi-line objects: the brace stands on the line before the marker's.
    before = text.splitlines()[line - 2].strip()
    return line - 1 if before == '{' else line


def check_bad(tap, gen):
    for number, (name, old, new, words, marker) in enumerate(BAD):
        with tempfile.TemporaryDirectory() as data:
            for file_name in os.listdir(MINI):
                with open(os.path.join(MINI, file_name), encoding='utf-8') as file:
                    text = original = file.read()
                if file_name == name:
                    assert old in text, old
                    text = text.replace(old, new, 1)
                    line = faulty_line(text, original, old, new, marker)
                with open(os.path.join(data, file_name), 'w', encoding='utf-8') as file:
                    file.write(text)
            run = generate(gen, data, data, ['virgl_unpack.c', 'virgl_formats.c'])
            place = f'{os.path.join(data, name)}:{line}: '
            passed = (run.returncode == 1 and run.stderr.startswith(place) and words in run.stderr
                      and 'Traceback' not in run.stderr)
            tap.result(passed, f'refused {number}: {words}', f'expected {place}{words}',
                       f'status {run.returncode}', run.stderr)


def heading_anchors(text):
    """Anchors as Markdown viewers make them."""
    headings = re.findall(r'^#+ (.*)$', text, re.MULTILINE)
    return {''.join(c for c in heading.lower().replace(' ', '-') if c.isalnum() or c in '-_')
            for heading in headings}


def check_reference(tap, protocol_dir):
    """Of the real tables: links resolve, nothing is left out, dictionaries are well-formed."""
    sys.path.insert(0, protocol_dir)
    from mantua_protocol import emit_dict, emit_docs
    from mantua_protocol.protocol import Protocol
    protocol = Protocol(os.path.join(protocol_dir, 'data'))
    pages = {name: build(protocol) for name, build in emit_docs.BUILDERS.items()}
    broken = []
    for name, text in pages.items():
        for target in re.findall(r'\]\(([^)]*)\)', text):
            page, _, anchor = target.partition('#')
            page = page or name
            if page not in pages or (anchor and anchor not in heading_anchors(pages[page])):
                broken.append(f'{name}: {target}')
    tap.result(not broken, 'links of the reference resolve', '\n'.join(broken))
    missing = [c.name for c in protocol.commands if f'## {c.name}\n' not in pages['commands.md']]
    missing += [o.name for o in protocol.objects if f'## {o.name}\n' not in pages['objects.md']]
    missing += [f.name for f in protocol.formats if f'`{f.name}`' not in pages['formats.md']]
    missing += [o.name for o in protocol.tgsi_opcodes
                if f'| `{o.name}` |' not in pages['tgsi-opcodes.md']]
    tap.result(not missing, 'the reference is complete', missing)
    ragged = []
    for name, text in pages.items():
        columns = 0
        for line in text.splitlines():
            cells = len(re.findall(r'(?<!\\)\|', line)) if line.startswith('|') else 0
            if columns and cells and cells != columns:
                ragged.append(f'{name}: {line[:80]}')
            columns = cells
    tap.result(not ragged, 'tables are even', '\n'.join(ragged))
    entry = re.compile(r'(\w+=)?"(\\x[0-9a-f]{2}|[^"\\])+"$')
    bad = [line for text in (emit_dict.virgl(protocol), emit_dict.tgsi(protocol))
           for line in text.splitlines() if not line.startswith('#') and not entry.match(line)]
    tap.result(not bad, 'dictionaries are well-formed', bad)


def main():
    gen = os.path.join(sys.argv[1], 'gen.py')
    tap = Tap()
    check_golden(tap, gen, '--update' in sys.argv[2:])
    check_bad(tap, gen)
    check_reference(tap, sys.argv[1])
    print(f'1..{tap.count}')
    return 1 if tap.failed else 0


if __name__ == '__main__':
    sys.exit(main())
