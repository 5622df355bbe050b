# SPDX-License-Identifier: MIT
"""Length rules: how many payload dwords a command may have.

    any            every length
    >=k            at least k
    =k             exactly k; alternatives are joined by |
    =a+b*n, n<=m   a fixed dwords and n entries of b dwords, with optional n>=l and n<=m
    =a+name        a fixed dwords and as many as the field `name` says
"""

import re
from dataclasses import dataclass
from typing import Optional, Tuple

_EXACT = re.compile(r'=(\d+)$')
_AT_LEAST = re.compile(r'>=(\d+)$')
_ENTRIES = re.compile(r'=(?:(\d+)\+)?(?:(\d+)\*)?n((?:, n[<>]=\d+)*)$')
_BOUND = re.compile(r', n([<>])=(\d+)')
_NAMED = re.compile(r'=(\d+)\+([a-z_]\w*)$')


@dataclass(frozen=True)
class LengthRule:
    text: str
    kind: str                       # any, at_least, exact, entries, named
    exact: Tuple[int, ...] = ()
    fixed: int = 0                  # dwords before the entries, or the minimum
    per_entry: int = 0
    min_entries: int = 0
    max_entries: Optional[int] = None
    name: str = ''

    @property
    def minimum(self):
        if self.kind == 'exact':
            return min(self.exact)
        return self.fixed + self.per_entry * self.min_entries

    @property
    def maximum(self):
        """Largest length, None when only the header's length field bounds it."""
        if self.kind == 'exact':
            return max(self.exact)
        if self.kind == 'entries' and self.max_entries is not None:
            return self.fixed + self.per_entry * self.max_entries
        return None


def parse(text):
    """The rule, or None when the text is not one."""
    if text == 'any':
        return LengthRule(text, 'any')
    alternatives = [part.strip() for part in text.split('|')]
    if all(_EXACT.match(part) for part in alternatives):
        exact = tuple(int(part[1:]) for part in alternatives)
        if list(exact) != sorted(set(exact)):
            return None
        return LengthRule(text, 'exact', exact=exact)
    match = _AT_LEAST.match(text)
    if match:
        return LengthRule(text, 'at_least', fixed=int(match.group(1)))
    match = _ENTRIES.match(text)
    if match:
        low, high = 0, None
        for sign, number in _BOUND.findall(match.group(3)):
            if sign == '<':
                high = int(number)
            else:
                low = int(number)
        return LengthRule(text, 'entries', fixed=int(match.group(1) or 0),
                          per_entry=int(match.group(2) or 1), min_entries=low, max_entries=high)
    match = _NAMED.match(text)
    if match:
        return LengthRule(text, 'named', fixed=int(match.group(1)), per_entry=1,
                          name=match.group(2))
    return None
