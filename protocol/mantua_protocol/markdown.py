# SPDX-License-Identifier: MIT
"""Small helpers to write Markdown."""


def cell(text):
    return ' '.join(str(text).split()).replace('|', '\\|') or ' '


def table(header, rows):
    lines = ['| ' + ' | '.join(header) + ' |', '|' + '---|' * len(header)]
    lines += ['| ' + ' | '.join(cell(value) for value in row) + ' |' for row in rows]
    return lines + ['']


def code(text):
    return f'`{text}`' if text != '' else ''


def sentence(text):
    text = ' '.join(str(text).split())
    if not text:
        return ''
    first = text.split(' ', 1)[0]
    # Words that are names keep their case.
    if first.islower() and '_' not in first:
        text = text[0].upper() + text[1:]
    return text if text[-1] in '.!?:' else text + '.'


def bullets(items):
    return [f'* {sentence(item)}' for item in items] + ['']


def anchor(text):
    return ''.join(c for c in text.lower().replace(' ', '-') if c.isalnum() or c in '-_')


def page(title, lines):
    return '\n'.join([f'# {title}', ''] + lines).rstrip() + '\n'
