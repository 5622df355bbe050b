# SPDX-License-Identifier: MIT
"""CSV tables whose rows remember file and line. Lines that start with # are comments."""

import csv

from .errors import DescriptionError


class Row(dict):
    path = ''
    line = 0

    def fail(self, message):
        raise DescriptionError(self.path, self.line, message)

    def number(self, column):
        text = self[column]
        try:
            return int(text, 0)
        except ValueError:
            self.fail(f'column {column}: "{text}" is not a number')


def load(path, columns):
    """Rows of the table; its header line must name exactly `columns`."""
    rows = []
    with open(path, encoding='utf-8', newline='') as file:
        offset = 0
        lines = []
        for line in file:
            if not lines and line.startswith('#'):
                offset += 1
                continue
            lines.append(line)
    reader = csv.reader(lines)
    header = next(reader, None)
    if header != list(columns):
        raise DescriptionError(path, offset + 1, 'header line is not ' + ','.join(columns))
    start = reader.line_num
    for values in reader:
        line = offset + start + 1
        start = reader.line_num
        if len(values) != len(columns):
            raise DescriptionError(path, line, f'{len(values)} columns instead of {len(columns)}')
        row = Row(zip(columns, values))
        row.path = path
        row.line = line
        rows.append(row)
    return rows
