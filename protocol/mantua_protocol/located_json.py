# SPDX-License-Identifier: MIT
"""JSON that remembers lines, so that a wrong description can be refused where it is wrong.

Objects become LocatedDict and arrays LocatedList; both carry `line`, and LocatedDict also
`key_line[key]`. Duplicate keys are refused, which the standard parser would swallow.
"""

import json
import re
from json.decoder import scanstring

from .errors import DescriptionError

_SPACE = re.compile(r'[ \t\r\n]*')
_SCALAR = re.compile(r'-?\d+(\.\d+)?([eE][-+]?\d+)?|true|false|null')


class LocatedDict(dict):
    line = 0

    def __init__(self, line):
        super().__init__()
        self.line = line
        self.key_line = {}


class LocatedList(list):
    line = 0

    def __init__(self, line):
        super().__init__()
        self.line = line


class _Parser:
    def __init__(self, text, path):
        self.text = text
        self.path = path
        self.pos = 0

    def line(self):
        return self.text.count('\n', 0, self.pos) + 1

    def fail(self, message):
        raise DescriptionError(self.path, self.line(), message)

    def skip_space(self):
        self.pos = _SPACE.match(self.text, self.pos).end()

    def peek(self):
        self.skip_space()
        return self.text[self.pos:self.pos + 1]

    def expect(self, char):
        if self.peek() != char:
            found = self.text[self.pos:self.pos + 1] or 'end of file'
            self.fail(f'expected "{char}", found "{found}"')
        self.pos += 1

    def string(self):
        if self.peek() != '"':
            self.fail('expected a string')
        try:
            value, self.pos = scanstring(self.text, self.pos + 1, True)
        except json.JSONDecodeError as error:
            self.fail(error.msg)
        return value

    def value(self):
        char = self.peek()
        if char == '{':
            return self.object()
        if char == '[':
            return self.array()
        if char == '"':
            return self.string()
        match = _SCALAR.match(self.text, self.pos)
        if not match:
            self.fail('expected a value')
        self.pos = match.end()
        return json.loads(match.group())

    def object(self):
        result = LocatedDict(self.line())
        self.expect('{')
        if self.peek() == '}':
            self.pos += 1
            return result
        while True:
            self.skip_space()
            line = self.line()
            key = self.string()
            if key in result:
                raise DescriptionError(self.path, line, f'key "{key}" appears twice')
            self.expect(':')
            result.key_line[key] = line
            result[key] = self.value()
            if self.peek() == ',':
                self.pos += 1
                continue
            self.expect('}')
            return result

    def array(self):
        result = LocatedList(self.line())
        self.expect('[')
        if self.peek() == ']':
            self.pos += 1
            return result
        while True:
            result.append(self.value())
            if self.peek() == ',':
                self.pos += 1
                continue
            self.expect(']')
            return result


def load(path):
    with open(path, encoding='utf-8') as file:
        parser = _Parser(file.read(), path)
    value = parser.value()
    if parser.peek():
        parser.fail('text after the end of the description')
    return value
