#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each Windows header alone through the cross compilers, with its layout asserts; and a wrong
table must not compile. With --print-ddk COMPILER: only the folder of its kernel headers."""

import argparse
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
GENERATED = ('wddm_shared.h', 'wddm_kernel.h', 'wddm_user.h')
# A layout that the compiler cannot follow: the asserts have to say so.
WRONG = ('D3DKMT_ESCAPE,PrivateDriverDataSize,UINT,,,24,4',
         'D3DKMT_ESCAPE,PrivateDriverDataSize,UINT,,,25,4')


def generate(arguments, table, folder, names):
    for name in names:
        subprocess.run([sys.executable, os.path.join(arguments.guest, 'gen_wddm.py'),
                        '--protocol', arguments.protocol, '--data', table, '--out', folder, name],
                       check=True)


def ddk(compiler):
    """The folder of the kernel headers, which no compiler searches by itself."""
    run = subprocess.run([compiler, '-E', '-Wp,-v', '-x', 'c', os.devnull], capture_output=True,
                         text=True, check=True)
    for line in run.stderr.splitlines():
        folder = os.path.join(line.strip(), 'ddk')
        if line.startswith(' ') and os.path.exists(os.path.join(folder, 'ntddk.h')):
            return folder
    return None


def compile_alone(compiler, header, includes):
    """The compiler's complaints, '' when there are none."""
    folders = []
    for folder in includes:
        folders += ['-I', folder]
    if os.path.basename(header) == 'wddm_kernel.h':
        folders += ['-isystem', ddk(compiler) or 'no-ddk-headers', '-D_AMD64_']
    run = subprocess.run([compiler, '-std=c11', '-pedantic', '-Wall', '-Wextra', '-Werror',
                          '-D_WIN32_WINNT=0x0602', *folders, '-fsyntax-only', '-x', 'c', '-'],
                         input=f'#include "{header}"\nint mantua_not_empty;\n',
                         capture_output=True, text=True, check=False)
    return run.stderr.strip() if run.returncode else ''


def main():
    if len(sys.argv) == 3 and sys.argv[1] == '--print-ddk':
        print(ddk(sys.argv[2]) or 'no-ddk-headers')
        return 0
    parser = argparse.ArgumentParser()
    parser.add_argument('--protocol', required=True)
    parser.add_argument('--guest', required=True)
    parser.add_argument('--cc', required=True)
    parser.add_argument('--cc32', required=True)
    arguments = parser.parse_args()
    include = os.path.join(arguments.guest, 'include')
    own = sorted(os.listdir(include)) if os.path.isdir(include) else []
    table = os.path.join(arguments.guest, 'data', 'wddm.csv')
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        generate(arguments, table, folder, GENERATED)
        cases = []
        for name in (*GENERATED, *own):
            home = folder if name in GENERATED else include
            cases.append((f'{name} for x86_64', arguments.cc, os.path.join(home, name), folder))
            if name != 'wddm_kernel.h':
                cases.append((f'{name} for i686', arguments.cc32, os.path.join(home, name), folder))
        print(f'1..{len(cases) + 1}')
        for index, (name, compiler, header, generated) in enumerate(cases, 1):
            if compiler == 'none':
                print(f'ok {index} - {name} # SKIP no mingw-w64 compiler for it')
                continue
            complaint = compile_alone(compiler, header, [include, generated])
            failed += bool(complaint)
            print(f'{"not ok" if complaint else "ok"} {index} - {name}')
            for line in complaint.splitlines()[:20]:
                print('# ' + line)
        name = 'a wrong offset does not compile'
        if arguments.cc == 'none':
            print(f'ok {len(cases) + 1} - {name} # SKIP no mingw-w64 compiler for it')
            return 1 if failed else 0
        with open(table, encoding='utf-8') as file:
            text = file.read()
        assert WRONG[0] in text
        wrong = os.path.join(folder, 'wrong.csv')
        with open(wrong, 'w', encoding='utf-8') as file:
            file.write(text.replace(*WRONG))
        generate(arguments, wrong, folder, ('wddm_user.h',))
        complaint = compile_alone(arguments.cc, os.path.join(folder, 'wddm_user.h'), [folder])
        good = 'layout of D3DKMT_ESCAPE' in complaint
        failed += not good
        print(f'{"ok" if good else "not ok"} {len(cases) + 1} - {name}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
