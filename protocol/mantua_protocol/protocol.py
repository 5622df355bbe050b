# SPDX-License-Identifier: MIT
"""Everything the generator knows, loaded on demand from one folder of data."""

import os
from functools import cached_property

from . import caps, commands, enums, formats, tgsi, virtio_gpu, vtest


class Protocol:
    def __init__(self, data_dir):
        self.data_dir = data_dir

    def path(self, name):
        return os.path.join(self.data_dir, name)

    @cached_property
    def groups(self):
        return enums.load(self.path('virgl-enums.csv'))

    @cached_property
    def gl_values(self):
        return formats.load_gl_values(self.path('gl-values.csv'))

    @cached_property
    def formats(self):
        return formats.load(self.path('virgl-formats.csv'), self.gl_values)

    @property
    def format_count(self):
        return self.formats[-1].number + 1

    @cached_property
    def description(self):
        return commands.load(self.path('virgl-commands.json'), self.groups, self.format_count)

    @property
    def commands(self):
        return self.description.commands

    @property
    def objects(self):
        return self.description.objects

    @cached_property
    def caps(self):
        return caps.load(self.path('virgl-caps.csv'))

    @cached_property
    def tgsi_opcodes(self):
        return tgsi.load_opcodes(self.path('tgsi-opcodes.csv'))

    @cached_property
    def tgsi_names(self):
        return tgsi.load_names(self.path('tgsi-names.csv'))

    @cached_property
    def vtest(self):
        return vtest.load(self.path('vtest-protocol.csv'))

    @cached_property
    def virtio_gpu(self):
        return virtio_gpu.load(self.path('virtio-gpu.csv'))

    def group_values(self, name):
        return self.groups[name].values
