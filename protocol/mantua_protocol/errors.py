# SPDX-License-Identifier: MIT
"""The one exception for a description that contradicts itself: it always names file and line."""


class DescriptionError(Exception):
    def __init__(self, path, line, message):
        super().__init__(f'{path}:{line}: {message}')
        self.path = path
        self.line = line
        self.message = message
