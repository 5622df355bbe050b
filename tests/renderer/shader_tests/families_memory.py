# SPDX-License-Identifier: MIT
"""Storage buffers, shared memory, images, atomics and uniform buffers."""
from opcodes import MASK, sint

HEAD = ('COMP\nPROPERTY CS_FIXED_BLOCK_WIDTH {0}\nPROPERTY CS_FIXED_BLOCK_HEIGHT 1\n'
        'PROPERTY CS_FIXED_BLOCK_DEPTH 1\n')
NEED = '[require]\ncap COMPUTE_SHADER\nfield max_shader_buffer_frag_compute 2\n'
NEED_IMAGE = NEED + 'field max_shader_image_frag_compute 1\n'

# name: the new value of the memory from the old one and the operand.
ATOMICS = {
    'ATOMUADD': lambda old, x: old + x & MASK,
    'ATOMXCHG': lambda old, x: x,
    'ATOMAND': lambda old, x: old & x,
    'ATOMOR': lambda old, x: old | x,
    'ATOMXOR': lambda old, x: old ^ x,
    'ATOMUMIN': min,
    'ATOMUMAX': max,
    'ATOMIMIN': lambda old, x: min(old, x, key=sint),
    'ATOMIMAX': lambda old, x: max(old, x, key=sint),
}
OPERANDS = [(0xfffffff0, 0x20), (5, 0xfffffffe), (0x0f0f, 0x3333)]


def words(values):
    return ' '.join(f'0x{v:08x}' for v in values)


def buffer_atomics():
    code = ('DCL BUFFER[0]\nDCL BUFFER[1]\nDCL CONST[0]\nDCL TEMP[0]\n'
            'IMM[0] UINT32 {0, 4, 8, 12}\n'
            '{op} TEMP[0].x, BUFFER[0], IMM[0].yyyy, CONST[0].xxxx{more}\n'
            'STORE BUFFER[1].x, IMM[0].xxxx, TEMP[0].xxxx\nEND\n')
    for op, formula in ATOMICS.items():
        text = NEED + '[compute]\n' + HEAD.format(1)
        text += code.replace('{op}', op).replace('{more}', '') + '[test]\n'
        for old, operand in OPERANDS:
            text += (f'buffer compute 0 u:77 {words([old])} u:78\nbuffer compute 1 u:9\n'
                     f'constants compute {words([operand])} u:0 u:0 u:0\ngrid 1 1 1 1 1 1\n'
                     f'probe_buffer 0 0 u:77 {words([formula(old, operand)])} u:78\n'
                     f'probe_buffer 1 0 {words([old])}\n')
        yield f'buffer-{op.lower()}', text
    text = NEED + '[compute]\n' + HEAD.format(1)
    text += code.replace('{op}', 'ATOMCAS').replace('{more}', ', CONST[0].yyyy') + '[test]\n'
    for old, compare, new in ((5, 5, 9), (5, 6, 9)):
        text += (f'buffer compute 0 u:77 {words([old])} u:78\nbuffer compute 1 u:9\n'
                 f'constants compute {words([compare, new])} u:0 u:0\ngrid 1 1 1 1 1 1\n'
                 f'probe_buffer 0 0 u:77 {words([new if old == compare else old])} u:78\n'
                 f'probe_buffer 1 0 {words([old])}\n')
    yield 'buffer-atomcas', text


def shared_atomics():
    """Invocation 0 starts the memory, all eight work on it, invocation 0 tells."""
    code = ('DCL SV[0], THREAD_ID\nDCL BUFFER[0]\nDCL MEMORY[1], SHARED\nDCL CONST[0]\n'
            'DCL TEMP[0..2]\nIMM[0] UINT32 {0, 16, 1, 8}\n'
            'USEQ TEMP[0].x, SV[0].xxxx, IMM[0].xxxx\n'
            'UIF TEMP[0].xxxx :0\nSTORE MEMORY[1].x, IMM[0].yyyy, CONST[0].xxxx\nENDIF\nBARRIER\n'
            'UADD TEMP[1].x, SV[0].xxxx, CONST[0].yyyy\n'
            '%s TEMP[2].x, MEMORY[1], IMM[0].yyyy, TEMP[1].xxxx\nBARRIER\n'
            'UIF TEMP[0].xxxx :0\nLOAD TEMP[1].x, MEMORY[1], IMM[0].yyyy\n'
            'STORE BUFFER[0].x, IMM[0].xxxx, TEMP[1].xxxx\nENDIF\nEND\n')
    for op, formula in ATOMICS.items():
        if op == 'ATOMXCHG':
            continue  # depends on the order
        text = NEED + '[compute 32]\n' + HEAD.format(8) + code % op + '[test]\n'
        for old, operand in OPERANDS:
            value = old
            for thread in range(8):
                value = formula(value, operand + thread & MASK)
            text += (f'buffer compute 0 u:9\nconstants compute {words([old, operand])} u:0 u:0\n'
                     f'grid 8 1 1 1 1 1\nprobe_buffer 0 0 {words([value])}\n')
        yield f'shared-{op.lower()}', text


def image_atomics():
    code = ('DCL IMAGE[0], 2D, PIPE_FORMAT_R32_UINT, WR\nDCL BUFFER[1]\nDCL CONST[0]\n'
            'DCL TEMP[0..1]\nIMM[0] UINT32 {1, 2, 0, 0}\n'
            'STORE IMAGE[0], IMM[0].xyzz, CONST[0].xxxx, 2D, PIPE_FORMAT_R32_UINT\n'
            'MEMBAR IMM[0].xxxx\n'
            '%s TEMP[0].x, IMAGE[0], IMM[0].xyzz, CONST[0].yyyy, 2D, PIPE_FORMAT_R32_UINT\n'
            'STORE BUFFER[1].x, IMM[0].zzzz, TEMP[0].xxxx\nEND\n')
    for op, formula in ATOMICS.items():
        text = NEED_IMAGE + '[compute]\n' + HEAD.format(1)
        text += code % op + '[test]\nimage compute 0 R32_UINT 4 4\n'
        for old, operand in OPERANDS:
            text += (f'buffer compute 1 u:9\nconstants compute {words([old, operand])} u:0 u:0\n'
                     f'grid 1 1 1 1 1 1\nprobe_image 0 1 2 {words([formula(old, operand)])}\n'
                     f'probe_image 0 2 1 u:0\nprobe_buffer 1 0 {words([old])}\n')
        # Signed comparison of an unsigned image is undefined in GL.
        if not op.startswith('ATOMI'):
            yield f'image-{op.lower()}', text


IMAGES = [
    ('R32G32B32A32_FLOAT', ['0.5', '-2.0', '3.25', '1.0']),
    ('R32G32B32A32_UINT', ['u:1', 'u:4000000000', 'u:3', 'u:4']),
    ('R32G32B32A32_SINT', ['i:-1', 'i:2', 'i:-3', 'i:4']),
    ('R32_FLOAT', ['0.625']),
    ('R32_SINT', ['i:-5']),
    ('R32_UINT', ['u:5']),
    ('R8G8B8A8_UNORM', ['1.0', '0.0', '0.2', '0.6']),
]


def images():
    for name, values in IMAGES:
        padded = (values + ['u:0'] * 3)[:4]
        text = NEED_IMAGE + '[compute]\n' + HEAD.format(1)
        text += (f'DCL SV[0], BLOCK_ID\nDCL IMAGE[0], 2D, PIPE_FORMAT_{name}, WR\nDCL CONST[0]\n'
                 f'STORE IMAGE[0], SV[0].xyyy, CONST[0], 2D, PIPE_FORMAT_{name}\nEND\n[test]\n'
                 f'image compute 0 {name} 4 4\nconstants compute {" ".join(padded)}\n'
                 f'tolerance 0.002\ngrid 1 1 1 3 4 1\n')
        for x, y in ((0, 0), (2, 3), (1, 2)):
            text += f'probe_image 0 {x} {y} {" ".join(values)}\n'
        text += f'probe_image 0 3 3 {" ".join(["u:0"] * len(values))}\n'
        yield f'image-store-{name.lower()}', text
        if len(values) == 1:
            text = NEED_IMAGE + '[compute]\n' + HEAD.format(1)
            text += (f'DCL BUFFER[1]\nDCL IMAGE[0], 2D, PIPE_FORMAT_{name}, WR\nDCL CONST[0]\n'
                     'DCL TEMP[0]\nIMM[0] UINT32 {0, 3, 0, 0}\n'
                     f'STORE IMAGE[0], IMM[0].xyyy, CONST[0], 2D, PIPE_FORMAT_{name}\n'
                     'MEMBAR IMM[0].yyyy\n'
                     f'LOAD TEMP[0], IMAGE[0], IMM[0].xyyy, 2D, PIPE_FORMAT_{name}\n'
                     'STORE BUFFER[1].xy, IMM[0].xxxx, TEMP[0]\nEND\n[test]\n'
                     f'image compute 0 {name} 4 4\nbuffer compute 1 u:9 u:9\n'
                     f'constants compute {" ".join(padded)}\ngrid 1 1 1 1 1 1\n'
                     f'probe_buffer 1 0 {values[0]} u:0\n')
            yield f'image-load-{name.lower()}', text
    text = NEED_IMAGE + '[compute]\n' + HEAD.format(1)
    text += ('DCL BUFFER[1]\nDCL IMAGE[0], 2D, PIPE_FORMAT_R32_UINT, WR\nDCL TEMP[0]\n'
             'IMM[0] UINT32 {0, 0, 0, 0}\nRESQ TEMP[0], IMAGE[0], 2D, PIPE_FORMAT_R32_UINT\n'
             'STORE BUFFER[1].xy, IMM[0].xxxx, TEMP[0]\nEND\n[test]\n')
    for width, height in ((4, 4), (17, 5)):
        text += (f'image compute 0 R32_UINT {width} {height}\nbuffer compute 1 u:9 u:9\n'
                 f'grid 1 1 1 1 1 1\nprobe_buffer 1 0 u:{width} u:{height}\n')
    yield 'image-resq', text


def buffers():
    for mask, stored in (('x', 'p---'), ('xy', 'pq--'), ('xyz', 'pqr-'), ('xyzw', 'pqrs'),
                         ('y', '-q--'), ('zw', '--rs')):
        expected = ' '.join({'p': '1.0', 'q': '2.0', 'r': '3.0', 's': '4.0', '-': 'u:9'}[c]
                            for c in stored)
        text = NEED + '[compute]\n' + HEAD.format(1)
        text += (f'DCL BUFFER[0]\nDCL CONST[0]\nIMM[0] UINT32 {{8, 0, 0, 0}}\n'
                 f'STORE BUFFER[0].{mask}, IMM[0].xxxx, CONST[0]\nEND\n[test]\n'
                 'buffer compute 0 u:9 u:9 u:9 u:9 u:9 u:9 u:9\nconstants compute 1 2 3 4\n'
                 f'grid 1 1 1 1 1 1\nprobe_buffer 0 0 u:9 u:9 {expected} u:9\n')
        yield f'buffer-store-{mask}', text
        text = NEED + '[compute]\n' + HEAD.format(1)
        text += ('DCL BUFFER[0]\nDCL BUFFER[1]\nDCL TEMP[0]\nIMM[0] UINT32 {4, 0, 7, 8}\n'
                 f'MOV TEMP[0], IMM[0].zzzz\nLOAD TEMP[0].{mask}, BUFFER[0], IMM[0].xxxx\n'
                 'STORE BUFFER[1].xyzw, IMM[0].yyyy, TEMP[0]\nEND\n[test]\n'
                 'buffer compute 0 u:10 u:11 u:12 u:13 u:14\nbuffer compute 1 u:9 u:9 u:9 u:9\n'
                 'grid 1 1 1 1 1 1\nprobe_buffer 1 0 '
                 + ' '.join(f'u:{11 + i}' if c in mask else 'u:7' for i, c in enumerate('xyzw'))
                 + '\n')
        yield f'buffer-load-{mask}', text
    text = NEED + '[compute]\n' + HEAD.format(1)
    text += ('DCL BUFFER[0]\nDCL BUFFER[1]\nDCL TEMP[0]\nIMM[0] UINT32 {0, 0, 0, 0}\n'
             'RESQ TEMP[0].x, BUFFER[0]\nSTORE BUFFER[1].x, IMM[0].xxxx, TEMP[0].xxxx\nEND\n'
             '[test]\nbuffer compute 1 u:9\nbuffer compute 0 u:1 u:2 u:3\ngrid 1 1 1 1 1 1\n'
             'probe_buffer 1 0 u:12\nbuffer compute 0 u:1 u:2 u:3 u:4 u:5\ngrid 1 1 1 1 1 1\n'
             'probe_buffer 1 0 u:20\n')
    yield 'buffer-resq', text


GRID = (3, 2, 2)
SYSTEM_VALUES = [  # name, what thread (1, 0, 0) of block (2, 1, 1) sees; blocks are 2 x 1 x 1
    ('THREAD_ID', ['u:1', 'u:0', 'u:0']),
    ('BLOCK_ID', ['u:2', 'u:1', 'u:1']),
    ('BLOCK_SIZE', ['u:2', 'u:1', 'u:1']),
    ('GRID_SIZE', [f'u:{n}' for n in GRID]),
]


def system_values():
    for name, expected in SYSTEM_VALUES:
        other = 'DCL SV[1], BLOCK_ID\nDCL SV[2], THREAD_ID\n'
        text = NEED + '[compute]\n' + HEAD.format(2)
        text += (f'DCL SV[0], {name}\n{other}DCL BUFFER[0]\nDCL TEMP[0..1]\n'
                 'IMM[0] UINT32 {2, 1, 0, 0}\n'
                 'USEQ TEMP[0].xyz, SV[1].xyzz, IMM[0].xyyy\n'
                 'USEQ TEMP[0].w, SV[2].xxxx, IMM[0].yyyy\n'
                 'AND TEMP[0].x, TEMP[0].xxxx, TEMP[0].yyyy\n'
                 'AND TEMP[0].x, TEMP[0].xxxx, TEMP[0].zzzz\n'
                 'AND TEMP[0].x, TEMP[0].xxxx, TEMP[0].wwww\n'
                 'UIF TEMP[0].xxxx :0\nMOV TEMP[1].xyz, SV[0].xyzz\n'
                 'STORE BUFFER[0].xyz, IMM[0].zzzz, TEMP[1]\nENDIF\nEND\n[test]\n'
                 'buffer compute 0 u:99 u:99 u:99 u:99\ngrid 2 1 1 '
                 + ' '.join(map(str, GRID)) + f'\nprobe_buffer 0 0 {" ".join(expected)} u:99\n')
        yield f'sv-{name.lower()}-compute', text


def uniform_buffers():
    for slot in (1, 2, 5):
        text = (f'[fragment]\nFRAG\nDCL OUT[0], COLOR\nDCL CONST[{slot}][0..3]\nDCL ADDR[0]\n'
                f'DCL CONST[0]\nDCL TEMP[0]\nARL ADDR[0].x, CONST[0].xxxx\n'
                f'MOV TEMP[0], CONST[{slot}][ADDR[0].x+1]\n'
                f'ADD OUT[0], TEMP[0], CONST[{slot}][0]\nEND\n[test]\n'
                'target R32G32B32A32_UINT 2 2\n'
                f'uniform_buffer fragment {slot} 100 200 300 400 1 2 3 4 5 6 7 8 9 10 11 12\n')
        for index in range(3):
            row = [100 + 4 * index + 1, 200 + 4 * index + 2, 300 + 4 * index + 3,
                   400 + 4 * index + 4]
            text += (f'constants fragment {index} 0 0 0\nclear u:0 u:0 u:0 u:0\nrect\n'
                     f'probe all {" ".join(map(str, row))}\n')
        yield f'uniform-buffer-{slot}', text


def tests():
    for family in (buffer_atomics, shared_atomics, image_atomics, images, buffers, system_values,
                   uniform_buffers):
        yield from family()
