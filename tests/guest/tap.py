# SPDX-License-Identifier: MIT
"""Runs the functions of a test program and reports them as TAP."""
import sys
import traceback


class Skip(Exception):
    pass


def run(tests):
    print('1..%d' % len(tests))
    failed = 0
    for number, test in enumerate(tests, 1):
        name = test.__name__[len('test_'):].replace('_', '-')
        try:
            test()
            print('ok %d %s' % (number, name))
        except Skip as reason:
            print('ok %d %s # SKIP %s' % (number, name, reason))
        except Exception:
            failed += 1
            for line in traceback.format_exc().splitlines():
                print('# ' + line)
            print('not ok %d %s' % (number, name))
        sys.stdout.flush()
    return 1 if failed else 0
