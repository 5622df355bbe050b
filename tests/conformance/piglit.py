#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs piglit over a list of tests through a vtest server and compares with an expectation.

usage: piglit.py --shims DIR --server SPEC [--list FILE] [--out DIR] [--expect FILE]
                 [--expect-pass] [--known-failures FILE] [--jobs N] [--tap]

SPEC is 'direct', 'stock', or a server command line with {SOCK} for the socket path. --expect names
a file of "result name" lines (as results.txt is written): a test that passes there must pass here,
unless it stands in --known-failures with its reason. --expect-pass: all of --list must pass.
The run can be repeated: a killed server is started again, and the test that was running then is
named.
"""
import argparse
import collections
import json
import os
import subprocess
import sys
import threading

from session import Session, SetupError, end, need

PASSING = ('pass', 'warn')


def read_results(path):
    """Lines "result name" to {name: result}."""
    with open(path) as f:
        pairs = (line.split(None, 1) for line in f if line.strip() and line[0] != '#')
        return {name.strip(): result for result, name in pairs}


def read_known_failures(path):
    """Lines 'name  # reason'; a line without a reason is an error."""
    known = {}
    with open(path) as f:
        for number, line in enumerate(f, 1):
            line = line.strip()
            if not line or line.startswith('#'):
                continue
            name, mark, reason = line.partition('  # ')
            if not mark or not reason.strip():
                sys.exit(f'{path}:{number}: a known failure needs its reason ("name  # reason")')
            known[name.strip()] = reason.strip()
    return known


def watch(session, stop, events):
    """Restarts a server that went away; a test runner must survive that."""
    while not stop.wait(0.5):
        if session.server and session.server.poll() is not None:
            events['server_exits'] += 1
            print(f'# server ended with {session.server.returncode}, started again', flush=True)
            if os.path.exists(session.socket):
                os.unlink(session.socket)
            session.start_server()


def run_piglit(session, args, out):
    command = ['/usr/bin/python3', '/usr/bin/piglit', 'run', '-o', '-p', args.platform,
               '-j', str(args.jobs), '--timeout', str(args.timeout), '-l', 'quiet',
               '--ignore-missing']
    if args.list:
        command += ['--test-list', os.path.abspath(args.list)]
    command += [args.profile, os.path.join(out, 'piglit')]
    env = session.client_env(PIGLIT_COMPRESSION='none', PIGLIT_NO_FAST_SKIP='1',
                             PIGLIT_PLATFORM=args.platform, MESA_SHADER_CACHE_DISABLE='true')
    for pair in args.client_env:
        key, _, value = pair.partition('=')
        env[key] = value
    with open(os.path.join(out, 'piglit.log'), 'wb') as log:
        process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=log, start_new_session=True)
        try:
            process.wait()
        finally:
            end(process)
    with open(os.path.join(out, 'piglit', 'results.json')) as f:
        return json.load(f)['tests']


def report(results, lost, args):
    failures = []
    if args.expect or args.expect_pass:
        expected = dict.fromkeys(results, 'pass') if args.expect_pass else read_results(args.expect)
        known = read_known_failures(args.known_failures) if args.known_failures else {}
        names = sorted(n for n in results if expected.get(n) in PASSING)
        if args.tap:
            print(f'1..{len(names)}')
        for number, name in enumerate(names, 1):
            good = results[name] in PASSING
            mark = ''
            if name in known:
                mark = f' # TODO {known[name]}'
                if good:
                    failures.append(f'{name}: passes now; take it from the list of known failures')
            elif not good:
                failures.append(f'{name}: {results[name]}')
            if args.tap:
                print(f'{"" if good else "not "}ok {number} {name}{mark}')
    for name in lost:
        failures.append(f'{name}: lost the connection to its server')
    for failure in failures:
        print('# ' + failure)
    return failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--shims', required=True)
    parser.add_argument('--server', required=True)
    parser.add_argument('--list')
    parser.add_argument('--profile', default='gpu')
    parser.add_argument('--platform', default='mixed_glx_egl')
    parser.add_argument('--expect')
    parser.add_argument('--expect-pass', action='store_true')
    parser.add_argument('--known-failures')
    parser.add_argument('--out')
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--timeout', type=int, default=60)
    parser.add_argument('--tap', action='store_true')
    parser.add_argument('--client-env', action='append', default=[], metavar='NAME=VALUE')
    args = parser.parse_args()
    try:
        need('piglit')
        with Session(args.server, os.path.abspath(args.shims)) as session:
            out = os.path.abspath(args.out or os.path.join(session.folder, 'out'))
            os.makedirs(out, exist_ok=True)
            stop, events = threading.Event(), collections.Counter()
            watcher = threading.Thread(target=watch, args=(session, stop, events), daemon=True)
            if not session.direct:
                watcher.start()
            try:
                tests = run_piglit(session, args, out)
            finally:
                stop.set()
                if watcher.is_alive():
                    watcher.join()
            server_log = session.server_log()
    except SetupError as reason:
        print(f'1..0 # SKIP {reason}')
        return 0
    results = {name: test['result'] for name, test in tests.items()}
    lost = [name for name, test in tests.items()
            if 'lost connection' in (test.get('err') or '') + (test.get('out') or '')]
    if args.out:
        with open(os.path.join(out, 'results.txt'), 'w') as f:
            for name in sorted(results):
                f.write(f'{results[name]:<12} {name}\n')
        with open(os.path.join(out, 'server.log'), 'w') as f:
            f.write(server_log)
    failures = report(results, lost, args)
    counts = collections.Counter(results.values())
    print('# ' + ', '.join(f'{n} {kind}' for kind, n in counts.most_common()) +
          f'; server exits: {events["server_exits"]}')
    return 1 if failures or events['server_exits'] else 0


if __name__ == '__main__':
    sys.exit(main())
