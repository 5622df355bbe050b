# SPDX-License-Identifier: MIT
"""Every environment variable and debug word of the sources stands in docs/environment.md, and
nothing else does."""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
text = (root / 'docs/environment.md').read_text()
used = set()
for folder in ('renderer', 'vtest'):
    for source in (root / folder).rglob('*.c'):
        used |= set(re.findall(r'(?:getenv|env_set)\("((?:MANTUA|VTEST|VIRGL)_[A-Z_]+)"',
                               source.read_text()))
documented = set(re.findall(r'`((?:MANTUA|VTEST|VIRGL)_[A-Z_]+)`', text))
words = set(re.findall(r'\{"([a-z-]+)", DEBUG_', (root / 'renderer/core/debug.c').read_text()))
listed = set(re.findall(r'^\| `([a-z-]+)` \|', text, re.M))

print('1..2')
failed = False
for number, name, have, want in ((1, 'variables', documented, used), (2, 'debug words', listed, words)):
    good = have == want
    failed |= not good
    for item in sorted(want - have):
        print(f'# {item} is not documented')
    for item in sorted(have - want):
        print(f'# {item} is documented and not read')
    print(f'{"ok" if good else "not ok"} {number} {name}')
sys.exit(failed)
