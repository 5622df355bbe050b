#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Generates C and documents from the protocol descriptions.

    gen.py --data DIR --out DIR FILE...

writes the named files (see OUTPUTS) to the output folder. Standard library only, Python 3.9.
"""

import argparse
import os
import sys

sys.dont_write_bytecode = True  # the source tree stays clean

from mantua_protocol import (emit_caps, emit_commands, emit_dict, emit_docs, emit_dump,
                             emit_encode, emit_formats, emit_protocol, emit_random, emit_tgsi,
                             emit_unpack, emit_virtio_gpu, emit_vtest)
from mantua_protocol.errors import DescriptionError
from mantua_protocol.protocol import Protocol

OUTPUTS = {
    'virgl_protocol.h': emit_protocol.header,
    'virgl_commands.h': emit_commands.header,
    'virgl_random.h': emit_random.header,
    'virgl_random.c': emit_random.source,
    'virgl_unpack.h': emit_unpack.header,
    'virgl_unpack.c': emit_unpack.source,
    'virgl_dump_commands.c': emit_dump.source,
    'virgl_encode.h': emit_encode.header,
    'virgl_encode.c': emit_encode.source,
    'virgl_formats.h': emit_formats.header,
    'virgl_formats.c': emit_formats.source,
    'virgl.dict': emit_dict.virgl,
    'tgsi.dict': emit_dict.tgsi,
    'virgl_caps.h': emit_caps.header,
    'tgsi_tables.h': emit_tgsi.header,
    'tgsi_tables.c': emit_tgsi.source,
    'vtest_protocol.h': emit_vtest.header,
    'virtio_gpu_wire.h': emit_virtio_gpu.header,
    **emit_docs.BUILDERS,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--data', default=os.path.join(os.path.dirname(__file__), 'data'))
    parser.add_argument('--out', default='.')
    parser.add_argument('files', nargs='+', choices=sorted(OUTPUTS), metavar='FILE')
    options = parser.parse_args()
    protocol = Protocol(options.data)
    try:
        for name in options.files:
            text = OUTPUTS[name](protocol)
            with open(os.path.join(options.out, name), 'w', encoding='utf-8') as file:
                file.write(text)
    except (DescriptionError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
