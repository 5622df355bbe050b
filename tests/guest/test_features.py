#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""docs/features.md names every feature, and a test that exists for each."""
import csv
import json
import os
import re
import sys

import tap

ROOT = os.environ['SOURCE_ROOT']
MINIMUM_ROWS = 110


def read(*parts):
    with open(os.path.join(ROOT, *parts), encoding='utf-8') as file:
        return file.read()


def rows_of(text):
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip('|').split('|')]
        if line.startswith('| ') and len(cells) == 2 and not cells[1].startswith('shown by'):
            yield cells[0], re.findall(r'`([^`]+)`', cells[1])


def problem_of(test):
    """What is wrong with the name of a test, None when it exists."""
    if test.startswith('scene:'):
        name = test[len('scene:'):]
        if not os.path.exists(os.path.join(ROOT, 'guest', 'scenes', name + '.c')):
            return 'there is no scene %s' % name
        if '"%s"' % name not in read('guest', 'scenes', name + '.c'):
            return 'the scene %s has another name' % name
        return None
    file, _, name = test.partition(':')
    if not name or not os.path.exists(os.path.join(ROOT, file)):
        return 'there is no file %s' % file
    found = 'def %s(' % name if file.endswith('.py') else '"%s"' % name
    return None if found in read(file) else '%s has no test %s' % (file, name)


def test_every_row_has_a_test_that_exists():
    rows = list(rows_of(read('docs', 'features.md')))
    assert len(rows) >= MINIMUM_ROWS, len(rows)
    for feature, tests in rows:
        assert tests, '%s has no test' % feature
        for test in tests:
            assert problem_of(test) is None, '%s: %s' % (feature, problem_of(test))


def test_every_command_has_a_row():
    features = {feature for feature, _ in rows_of(read('docs', 'features.md'))}
    commands = json.loads(read('protocol', 'data', 'virgl-commands.json'))
    for item in commands['commands'] + commands['objects']:
        assert item['name'] in features or item['name'] == 'NULL', item['name']
    lines = read('protocol', 'data', 'virtio-gpu.csv').splitlines()
    for row in csv.DictReader(line for line in lines if not line.startswith('#')):
        if row['kind'] == 'command':
            assert row['name'] in features, row['name']
        elif row['kind'] == 'feature':
            assert 'feature ' + row['name'] in features, row['name']


def test_wrong_names_are_noticed():
    for test in ('scene:none', 'tests/none.c:/none', 'tests/guest/test_vm.py:test_none',
                 'tests/device/test_qtest.c:/qtest/none', 'nothing'):
        assert problem_of(test), test
    assert list(rows_of('| feature | shown by |\n|---|---|\n| A | |\n')) == [('A', [])]


if __name__ == '__main__':
    sys.exit(tap.run([test_every_row_has_a_test_that_exists, test_every_command_has_a_row,
                      test_wrong_names_are_noticed]))
