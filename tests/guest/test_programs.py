#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The programs of guest-linux from outside: answers, errors, and what they write."""
import csv
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import zlib

import tap
from vtest_server import Server

BIN = os.environ['VGPU_BIN']
PROGRAMS = ['vgpu-info', 'vgpu-scene', 'vgpu-stress', 'vgpu-replay']


def call(program, *arguments, timeout=280):
    return subprocess.run([os.path.join(BIN, program), *arguments], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=timeout, check=False)


def test_help():
    for program in PROGRAMS:
        answer = call(program, '--help')
        assert answer.returncode == 0 and answer.stdout.startswith('usage: ' + program), program
        assert answer.stderr == ''


def test_wrong_options():
    for program in PROGRAMS:
        answer = call(program, '--no-such-option')
        assert answer.returncode == 1 and 'usage: ' + program in answer.stderr, program
        assert answer.stdout == ''
    assert 'number' in call('vgpu-stress', '--steps=many').stderr
    assert 'number' in call('vgpu-scene', '--repeat=0', 'clear').stderr


def test_no_device():
    answer = call('vgpu-info', '--device=vtest:/nonexistent/socket')
    assert answer.returncode == 1
    assert 'no vtest server listens there' in answer.stderr, answer.stderr
    answer = call('vgpu-info', '--device=drm:/dev/null')
    assert answer.returncode == 1 and 'no virtio-gpu' in answer.stderr, answer.stderr
    answer = call('vgpu-info', '--device=drm:/nonexistent')
    assert answer.returncode == 1 and 'no such node' in answer.stderr, answer.stderr
    answer = call('vgpu-info', '--device=other')
    assert answer.returncode == 1 and 'neither drm' in answer.stderr, answer.stderr


def manuals():
    folder = os.environ['VGPU_MAN']
    for program in PROGRAMS:
        with open(os.path.join(folder, program + '.1'), encoding='utf-8') as file:
            yield program, file.read().replace('\\-', '-')


def test_manuals_name_every_option():
    for program, text in manuals():
        for line in call(program, '--help').stdout.splitlines():
            for word in line.split():
                if line.startswith('  ') and word.startswith('--'):
                    option = word.split('=')[0].rstrip(',)')
                    assert option in text, '%s: %s is not in the manual' % (program, option)


def read_capset(path, command, identity):
    """Asks the server itself, without any of our code."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(path)
        file = connection.makefile('rwb')
        file.write(struct.pack('<II', 5, 8) + b'test\0' + struct.pack('<II', 0, command))
        file.flush()
        length, answer = struct.unpack('<II', file.read(8))
        assert answer == identity
        return file.read(length - 1)


def field_value(row, data, names):
    offset, size = int(row['offset']), int(row['size'])
    raw = data[offset:offset + size]
    words = struct.unpack('<%dI' % (size // 4), raw)
    if row['type'] == 'bitmask':
        bits = [n for n in range(8 * size) if raw[n // 8] >> n % 8 & 1]
        return [names['format'].get(n, str(n)) for n in bits]
    if row['type'] == 'char':
        return raw.split(b'\0')[0].decode()
    if row['type'] == 'u32 bits':
        if row['name'] == 'prim_mask':
            return [names['prim'][n].lower() for n in range(15) if words[0] >> n & 1]
        return [name for n, name in sorted(names[row['name']].items()) if words[0] >> n & 1]
    if row['type'] == 'f32':
        values = list(struct.unpack('<%df' % (size // 4), raw))
    elif row['type'] == 'i32':
        values = list(struct.unpack('<%di' % (size // 4), raw))
    else:
        values = list(words)
    return values if len(values) > 1 else values[0]


def table(name):
    with open(os.path.join(os.environ['PROTOCOL_DATA'], name), encoding='utf-8') as file:
        return list(csv.DictReader(line for line in file if not line.startswith('#')))


def test_info_agrees_with_capsets():
    caps, formats, enums = table('virgl-caps.csv'), table('virgl-formats.csv'), \
        table('virgl-enums.csv')
    number = 'number' if 'number' in formats[0] else 'value'
    names = {'format': {int(row[number]): row['name'].replace('VIRGL_FORMAT_', '')
                        for row in formats if row[number].isdigit()}}
    group, value = list(enums[0])[0], 'value'
    names['prim'] = {int(row[value], 0): row['name'] for row in enums if row[group] == 'prim'}
    words = {'bset': 'bset', 'cap': 'capability_bits', 'cap_v2': 'capability_bits_v2'}
    for row in caps:
        if row['kind'] in words:
            names.setdefault(words[row['kind']], {})[int(row['bit'])] = row['name']
    checked = 0
    with Server() as server:
        answer = call('vgpu-info', '--json', '--device=vtest:' + server.socket)
        assert answer.returncode == 0, answer.stderr
        said = {capset['id']: capset for capset in json.loads(answer.stdout)['capsets']}
        for identity, command in ((1, 1), (2, 9)):
            data = read_capset(server.socket, command, identity)
            assert said[identity]['size_bytes'] == len(data)
            for row in caps:
                if row['kind'] != 'field' or str(identity) not in row['capset']:
                    continue
                expected, got = field_value(row, data, names), said[identity][row['name']]
                if row['type'] == 'f32':
                    assert abs(expected - got) <= 1e-6 * abs(expected), row['name']
                else:
                    assert expected == got, '%s: %s, but vgpu-info says %s' % (
                        row['name'], expected, got)
                checked += 1
    assert checked > 80, checked


def test_png():
    with Server() as server, tempfile.TemporaryDirectory() as directory:
        device = '--device=vtest:' + server.socket
        path = os.path.join(directory, 'picture.png')
        answer = call('vgpu-scene', device, '--png=' + path, 'clear')
        assert answer.returncode == 0, answer.stderr
        with open(path, 'rb') as file:
            data = file.read()
        assert data[:8] == b'\x89PNG\r\n\x1a\n'
        at, packed = 8, b''
        while at < len(data):
            length, kind = struct.unpack('>I4s', data[at:at + 8])
            body = data[at + 8:at + 8 + length]
            check, = struct.unpack('>I', data[at + 8 + length:at + 12 + length])
            assert check == zlib.crc32(kind + body)
            if kind == b'IHDR':
                assert struct.unpack('>IIBBBBB', body) == (256, 256, 8, 6, 0, 0, 0)
            if kind == b'IDAT':
                packed += body
            at += 12 + length
        rows = zlib.decompress(packed)
        assert rows[1:5] == bytes((51, 102, 153, 255)), rows[:5]
        answer = call('vgpu-scene', device, '--output=' + path + '.tiff', 'clear')
        assert answer.returncode == 1 and '.png or .pam' in answer.stderr
        answer = call('vgpu-scene', device, '--output=' + path, 'no-such-scene')
        assert answer.returncode == 1 and '--list' in answer.stderr
        answer = call('vgpu-scene', device, 'clear')
        assert answer.returncode == 1 and '--output' in answer.stderr, answer.stderr


def test_list():
    with Server() as server:
        answer = call('vgpu-scene', '--list', '--device=vtest:' + server.socket)
    assert answer.returncode == 0 and len(answer.stdout.splitlines()) >= 15, answer.stdout


def test_stress():
    with Server() as server:
        device = '--device=vtest:' + server.socket
        first = call('vgpu-stress', device, '--seed=5', '--steps=150')
        again = call('vgpu-stress', device, '--seed=5', '--steps=150')
        other = call('vgpu-stress', device, '--seed=6', '--steps=150')
        assert 'ERROR: AddressSanitizer' not in server.log()
        assert server.process.poll() is None
    for answer in (first, again, other):
        assert answer.returncode == 0, answer.stderr
        assert '150 steps' in answer.stdout, answer.stdout
    assert first.stdout.split(',')[:2] == again.stdout.split(',')[:2]
    assert first.stdout.split(',')[1] != other.stdout.split(',')[1]


def test_replay():
    with Server() as server, tempfile.TemporaryDirectory() as directory:
        device = '--device=vtest:' + server.socket
        record = os.path.join(directory, 'cube.vgpu')
        drawn, replayed = (os.path.join(directory, name + '.pam') for name in ('a', 'b'))
        answer = call('vgpu-scene', device, '--record=' + record, '--output=' + drawn, 'cube')
        assert answer.returncode == 0, answer.stderr
        answer = call('vgpu-replay', device, '--output=' + replayed, record)
        assert answer.returncode == 0, answer.stderr
        with open(drawn, 'rb') as a, open(replayed, 'rb') as b:
            assert a.read() == b.read()
        with open(record, 'r+b') as file:
            size = os.path.getsize(record)
            file.truncate(size // 2)
        answer = call('vgpu-replay', device, record)
        assert answer.returncode == 1 and 'cut off' in answer.stderr, answer.stderr
        with open(record, 'wb') as file:
            file.write(b'nonsense' * 100)
        answer = call('vgpu-replay', device, record)
        assert answer.returncode == 1 and 'not a recording' in answer.stderr, answer.stderr


if __name__ == '__main__':
    sys.exit(tap.run([test_help, test_wrong_options, test_no_device,
                      test_manuals_name_every_option, test_info_agrees_with_capsets, test_png,
                      test_list, test_stress, test_replay]))
