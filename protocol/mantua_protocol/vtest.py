# SPDX-License-Identifier: MIT
"""The vtest socket protocol."""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import List

from . import located_csv

COLUMNS = ('kind', 'group_or_command', 'name', 'value_or_id', 'since_version', 'length_rule',
           'needs_context', 'dword', 'type', 'count', 'meaning', 'reply', 'notes')
KINDS = ('constant', 'command', 'field', 'reply_field', 'server_env', 'client_env',
         'server_option')


@dataclass
class VtestCommand:
    name: str
    number: int
    row: located_csv.Row
    fields: List[located_csv.Row] = field(default_factory=list)
    reply_fields: List[located_csv.Row] = field(default_factory=list)


@dataclass
class Vtest:
    constants: dict
    commands: dict
    others: dict              # kind -> rows: variables and options


def load(path):
    vtest = Vtest(OrderedDict(), OrderedDict(), OrderedDict())
    for row in located_csv.load(path, COLUMNS):
        kind, owner, name = row['kind'], row['group_or_command'], row['name']
        if kind not in KINDS:
            row.fail(f'unknown kind "{kind}"')
        if kind == 'constant':
            row.number('value_or_id')
            vtest.constants.setdefault(owner, []).append(row)
        elif kind == 'command':
            number = row.number('value_or_id')
            if any(c.number == number for c in vtest.commands.values()):
                row.fail(f'{name}: number {number} is taken')
            vtest.commands[name] = VtestCommand(name, number, row)
        elif kind in ('field', 'reply_field'):
            if owner not in vtest.commands:
                row.fail(f'field of the unknown command {owner}')
            command = vtest.commands[owner]
            (command.fields if kind == 'field' else command.reply_fields).append(row)
        else:
            vtest.others.setdefault(kind, []).append(row)
    return vtest
