# SPDX-License-Identifier: MIT
"""Adds up the JUnit files that 'meson test' leaves: says what failed, why what was skipped, and ends
with one line 'N passed, N failed, N skipped'. usage: summary.py BUILD_DIR..."""
import os
import re
import sys
import xml.etree.ElementTree as ElementTree


def skip_reasons(build):
    """{(test, number): reason}: the TAP remark behind '# SKIP', which JUnit does not carry."""
    reasons = []
    path = os.path.join(build, 'meson-logs', 'testlog.txt')
    if os.path.exists(path):
        with open(path, errors='replace') as log:
            for line in log:
                found = re.search(r'(?:^|\s)(?:ok \d+|1\.\.0)(.*)# SKIP\s*(.*)', line)
                if found:
                    reasons.append(f'{found[1].strip(" -")}: {found[2]}'.strip(': '))
    return reasons


def main():
    passed = failed = skipped = 0
    for build in sys.argv[1:]:
        path = os.path.join(build, 'meson-logs', 'testlog.junit.xml')
        if not os.path.exists(path):
            print(f'{build}: no test results')
            failed += 1
            continue
        label = os.path.basename(build)
        for suite in ElementTree.parse(path).getroot().iter('testsuite'):
            cases = list(suite.iter('testcase'))
            for case in cases:
                if case.find('failure') is not None or case.find('error') is not None:
                    failed += 1
                    print(f'failed ({label}): {suite.get("name")} {case.get("name")}')
                elif case.find('skipped') is not None:
                    skipped += 1
                else:
                    passed += 1
        for reason in skip_reasons(build):
            print(f'skipped ({label}): {reason}')
    print(f'{passed} passed, {failed} failed, {skipped} skipped')
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
