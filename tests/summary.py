# SPDX-License-Identifier: MIT
"""Adds up the logs that 'meson test' leaves: says what failed, why what was skipped, and ends with
one line 'N passed, N failed, N skipped'. usage: summary.py BUILD_DIR..."""
import glob
import json
import os
import re
import sys

CASE = re.compile(r'(not )?ok\b\s*(\d*)\s*(?:- )?([^#]*)(?:#\s*(\w+)\s*(.*))?')
PLAN_SKIPPED = re.compile(r'1\.\.0\s*#\s*SKIP\w*\s*(.*)', re.IGNORECASE)


class Count:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.failures = []
        self.skips = []

    def fail(self, build, name, what):
        self.failed += 1
        self.failures.append(f'failed ({build}): {name}: {what}')

    def skip(self, build, name, reason):
        self.skipped += 1
        self.skips.append(f'skipped ({build}): {name}: {reason or "no reason given"}')

    def add(self, build, test):
        """One test program: its cases where it speaks TAP, itself where it does not."""
        name = test['name'].split(' / ')[-1]
        bad = test['result'] not in ('OK', 'SKIP', 'EXPECTEDFAIL')
        failed_before = self.failed
        cases = 0
        for line in test.get('stdout', '').splitlines():
            case = CASE.match(line)
            plan = PLAN_SKIPPED.match(line)
            if plan:
                cases += 1
                self.skip(build, name, plan[1])
            elif case:
                cases += 1
                directive = (case[4] or '').upper()
                if directive.startswith('SKIP'):
                    self.skip(build, f'{name} {case[3].strip()}', case[5])
                elif case[1] and directive != 'TODO':
                    self.fail(build, name, case[3].strip() or f'case {case[2]}')
                else:
                    self.passed += 1
        if bad and self.failed == failed_before:
            # Died, hung, or failed without a word about a case.
            self.fail(build, name, f'{test["result"].lower()}, exit status {test["returncode"]}')
        elif not cases and test['result'] == 'SKIP':
            self.skip(build, name, '')
        elif not cases and not bad:
            self.passed += 1


def main():
    count = Count()
    for build in sys.argv[1:]:
        label = os.path.basename(build)
        # Meson adds the name of a wrapper to that of the log.
        found = sorted(glob.glob(os.path.join(build, 'meson-logs', 'testlog*.json')))
        path = found[0] if found else os.path.join(build, 'meson-logs', 'testlog.json')
        try:
            with open(path, encoding='utf-8', errors='replace') as log:
                tests = [json.loads(line) for line in log if line.strip()]
        except FileNotFoundError:
            tests = []
        if not tests:
            count.fail(label, 'all', 'no test results')
        for test in tests:
            count.add(label, test)
    for line in count.skips + count.failures:
        print(line)
    print(f'{count.passed} passed, {count.failed} failed, {count.skipped} skipped')
    return 1 if count.failed or not count.passed else 0


if __name__ == '__main__':
    sys.exit(main())
