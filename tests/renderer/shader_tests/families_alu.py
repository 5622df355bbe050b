# SPDX-License-Identifier: MIT
"""Arithmetic in the vertex, fragment and compute stage, with constants as operands."""
import inspect
import itertools
import struct

from opcodes import (BITFIELD, BITS_TO_FLOAT, DIVISION, DOUBLE, DOUBLE_COMPARE, DOUBLE_CONVERT,
                     DOUBLE_TO_32, FLOAT, FLOAT_TO_BITS, INTEGER, MASK, SCALAR, VECTOR, bits, dbl,
                     dbl_bits, flt)

FLOATS = [[0.5, -1.25, 3.0, -0.0], [2.5, -2.5, 7.75, 100.5], [-0.75, 4.0, 0.125, -3.5],
          [1.0, -1.25, 3.5, 8.0]]
# For functions with poles at zero: nothing near it.
NONZERO = [[0.5, -1.25, 3.0, -0.25], [2.5, -2.5, 7.75, 10.5], [1.75, 4.0, 0.125, -3.5]]
LIT = [[0.5, 2.0, 3.0, -0.25], [-2.5, 2.5, 7.75, 10.5], [1.75, 4.0, 0.125, 3.5]]
WORDS = [[0, 1, 0x80000000, 0xffffffff], [7, 0x12345678, 0xfffffff9, 31],
         [3, 0xfffffffe, 0x00ff00ff, 2], [0xffffffff, 5, 0x80000000, 0x7fffffff]]
DOUBLES = [(1.5, -2.25), (1e100, 0.1), (-7.5, 2.5), (3.0, 3.0)]

STAGES = ('vertex', 'fragment', 'compute')


def arity(formula):
    return 2 if formula in (min, max) else len(inspect.signature(formula).parameters)


def shader(stage, consts, code, temps=4):
    """`code` computes TEMP[0] from CONST[0..]; the stage hands it to the probe."""
    declare = f'DCL CONST[0..{consts - 1}]\nDCL TEMP[0..{temps - 1}]\n'
    zero = 'IMM[0] UINT32 {0, 0, 0, 0}\n'
    if stage == 'fragment':
        return (f'[fragment]\nFRAG\nDCL OUT[0], COLOR\n{declare}{zero}{code}\n'
                'MOV OUT[0], TEMP[0]\nEND\n')
    if stage == 'vertex':
        return (f'[vertex]\nVERT\nDCL IN[0]\nDCL OUT[0], POSITION\nDCL OUT[1], GENERIC[0]\n'
                f'{declare}{zero}{code}\nMOV OUT[0], IN[0]\nMOV OUT[1], TEMP[0]\nEND\n'
                '[fragment]\nFRAG\nDCL IN[0], GENERIC[0], CONSTANT\nDCL OUT[0], COLOR\n'
                'MOV OUT[0], IN[0]\nEND\n')
    return ('[compute]\nCOMP\nPROPERTY CS_FIXED_BLOCK_WIDTH 1\nPROPERTY CS_FIXED_BLOCK_HEIGHT 1\n'
            'PROPERTY CS_FIXED_BLOCK_DEPTH 1\nDCL BUFFER[0]\n'
            f'{declare}{zero}{code}\n'
            'STORE BUFFER[0].xyzw, IMM[0].xxxx, TEMP[0]\nEND\n')


def test(stage, consts, code, cases, tolerance=0, require=()):
    """cases: (words of the constants, words that are expected)."""
    require = list(require)
    if stage == 'compute':
        require += ['cap COMPUTE_SHADER', 'field max_shader_buffer_frag_compute 1']
    text = '[require]\n' + '\n'.join(require) + '\n' if require else ''
    text += shader(stage, consts, code) + '[test]\n'
    text += ('buffer compute 0 u:0 u:0 u:0 u:0\n' if stage == 'compute'
             else 'target R32G32B32A32_UINT 2 2\n')
    text += f'tolerance {tolerance}\n'
    for inputs, expected in cases:
        # What was there before must not look like the answer.
        text += f'constants {stage} {" ".join(inputs)}\n'
        if stage == 'compute':
            text += f'buffer compute 0 {" ".join(["0xcccccccc"] * 4)}\n'
            text += f'grid 1 1 1 1 1 1\nprobe_buffer 0 0 {" ".join(expected)}\n'
        else:
            text += f'clear u:3 u:3 u:3 u:3\nrect\nprobe all {" ".join(expected)}\n'
    return text


def hexes(values):
    return [f'0x{v & MASK:08x}' for v in values]


def floats(values):
    """A negative zero may come back as either zero."""
    return [repr(struct.unpack('<f', struct.pack('<f', v))[0]) for v in values]


def sources(count):
    return ', '.join(f'CONST[{i}]' for i in range(count))


def rows(table, count):
    """`count` vec4 at a time; each row comes first once."""
    for start in range(len(table)):
        yield [table[(start + i) % len(table)] for i in range(count)]


def float_cases(formula, count, table):
    for vectors in rows(table, count):
        got = [float(formula(*component)) for component in zip(*vectors)]
        yield [f for v in vectors for f in floats(v)], floats(got)


def per_component(stage):
    for name, formula, tolerance in FLOAT:
        count = arity(formula)
        table = NONZERO if name in ('DIV', 'SSG') else FLOATS
        yield (f'{name.lower()}', count, f'{name} TEMP[0], {sources(count)}',
               list(float_cases(formula, count, table)), tolerance, [])
    for name, formula, tolerance in SCALAR:
        count = arity(formula)
        operands = ', '.join(f'|CONST[{i}].xxxx|' if i == 0 and name in ('RSQ', 'SQRT', 'LG2',
                                                                         'POW')
                             else f'CONST[{i}].xxxx' for i in range(count))
        cases = [([f for v in vectors for f in floats(v)],
                  floats([formula(*(v[0] for v in vectors))] * 4))
                 for vectors in rows(NONZERO, count)]
        yield name.lower(), count, f'{name} TEMP[0], {operands}', cases, tolerance, []
    for name, formula, tolerance in VECTOR:
        count = arity(formula)
        cases = [([f for v in vectors for f in floats(v)], floats(formula(*vectors)))
                 for vectors in rows(LIT if name == 'LIT' else NONZERO, count)]
        yield (name.lower(), count, f'{name} TEMP[0], {sources(count)}', cases, tolerance, [])


def integer(stage):
    for name, formula in INTEGER:
        count = arity(formula)
        cases = [([h for v in vectors for h in hexes(v)],
                  hexes(formula(*component) for component in zip(*vectors)))
                 for vectors in rows(WORDS, count)]
        level = ['field glsl_level 400'] if name in ('BREV', 'POPC', 'LSB', 'UMSB', 'IMSB',
                                                     'UMUL_HI', 'IMUL_HI') else []
        yield name.lower(), count, f'{name} TEMP[0], {sources(count)}', cases, 0, level
    divisors = [[3, 0xfffffffe, 7, 1], [0xfffffff9, 2, 0x10000, 5]]
    for name, formula in DIVISION:
        cases = [(hexes(a) + hexes(b), hexes(formula(*component) for component in zip(a, b)))
                 for a, b in itertools.product(WORDS[1:3], divisors)]
        yield name.lower(), 2, f'{name} TEMP[0], {sources(2)}', cases, 0, []
    for name, formula in BITFIELD:
        count = arity(formula)
        offsets, widths = [0, 4, 16, 31], [8, 12, 16, 1]
        cases = []
        for start in range(3):
            vectors = [WORDS[start], WORDS[start + 1]][:count - 2] + [offsets, widths]
            cases.append(([h for v in vectors for h in hexes(v)],
                          hexes(formula(*component) for component in zip(*vectors))))
        yield (name.lower(), count, f'{name} TEMP[0], {sources(count)}', cases, 0,
               ['field glsl_level 400'])


def conversion(stage):
    for name, formula in FLOAT_TO_BITS:
        count = arity(formula)
        cases = [([f for v in vectors for f in floats(v)],
                  hexes(formula(*component) for component in zip(*vectors)))
                 for vectors in rows(FLOATS, count)]
        yield name.lower(), count, f'{name} TEMP[0], {sources(count)}', cases, 0, []
    unsigned = [[0.5, 1.25, 3.0, 65536.75], [2.5, 0.0, 16777216.0, 4e9]]
    cases = [(floats(v), hexes(int(x) for x in v)) for v in unsigned]
    yield 'f2u', 1, 'F2U TEMP[0], CONST[0]', cases, 0, []
    for name, formula in BITS_TO_FLOAT:
        cases = [(hexes(v), floats(formula(x) for x in v)) for v in WORDS]
        yield name.lower(), 1, f'{name} TEMP[0], CONST[0]', cases, 1e-6, []


def double(stage):
    need = ['cap has_fp64']
    for name, formula in DOUBLE:
        count = arity(formula)
        cases = []
        for vectors in rows([d for d in DOUBLES if name not in ('DTRUNC', 'DCEIL', 'DFLR', 'DROUND',
                                                                'DFRAC') or abs(d[0]) < 1e9],
                            count):
            inputs = [h for v in vectors for d in v for h in hexes(dbl_bits(d))]
            got = [formula(*(v[0] for v in vectors))]
            cases.append((inputs, hexes(dbl_bits(got[0])) + ['u:0', 'u:0']))
        code = (f'MOV TEMP[0], CONST[{count}]\n'
                f'{name} TEMP[0].xy, ' + ', '.join(f'CONST[{i}].xyxy' for i in range(count)))
        cases = [(inputs + ['u:0'] * 4, expected) for inputs, expected in cases]
        if name in ('DMAD', 'DDIV'):  # the last bit is free
            cases = [(i, ['any'] + e[1:]) for i, e in cases]
        yield name.lower(), count + 1, code, cases, 0, need
    for name, formula in DOUBLE_COMPARE:
        cases = [([h for d in (a, b) for h in hexes(dbl_bits(d)) * 2],
                  hexes([-formula(a, b)] * 4)) for a, b in DOUBLES]
        yield (name.lower(), 2, f'{name} TEMP[1].x, CONST[0].xyxy, CONST[1].xyxy\n'
               'MOV TEMP[0], TEMP[1].xxxx', cases, 0, need)
    for name, formula in DOUBLE_CONVERT:
        table = NONZERO if name == 'F2D' else WORDS
        words = [[bits(x) for x in v] if name == 'F2D' else v for v in table]
        cases = [(hexes(v), hexes(formula(v[0])) * 2) for v in words]
        yield (name.lower(), 1, f'{name} TEMP[1].xy, CONST[0].xxxx\nMOV TEMP[0], TEMP[1].xyxy',
               cases, 0, need)
    for name, formula in DOUBLE_TO_32:
        cases = [(hexes(dbl_bits(abs(d) if name == 'D2U' else d)) * 2, hexes([formula(d)] * 4))
                 for d in (2.75, -7.5, 123456.25)]
        yield (name.lower(), 1, f'{name} TEMP[1].x, CONST[0].xyxy\nMOV TEMP[0], TEMP[1].xxxx',
               cases, 0, need)
    root = [(hexes(dbl_bits(d)) * 2, hexes(dbl_bits(d ** 0.5)) * 2) for d in (4.0, 0.0625, 1e20)]
    yield ('dsqrt', 1, 'DSQRT TEMP[1].xy, CONST[0].xyxy\nMOV TEMP[0], TEMP[1].xyxy', root, 0, need)
    reciprocal = [(hexes(dbl_bits(d)) * 2, hexes(dbl_bits(1 / d)) * 2) for d in (4.0, -0.5, 1024.0)]
    yield ('drcp', 1, 'DRCP TEMP[1].xy, CONST[0].xyxy\nMOV TEMP[0], TEMP[1].xyxy', reciprocal, 0,
           need)


A = [0.5, -1.25, 3.0, -4.0]
B = [2.0, 0.25, -1.0, 8.0]


def saturate(x):
    return min(1.0, max(0.0, x))


MODIFIERS = [
    ('negate', 'ADD TEMP[0], -CONST[0], CONST[1]', [b - a for a, b in zip(A, B)]),
    ('absolute', 'ADD TEMP[0], |CONST[0]|, CONST[1]', [abs(a) + b for a, b in zip(A, B)]),
    ('negate-absolute', 'ADD TEMP[0], -|CONST[0]|, CONST[1]', [b - abs(a) for a, b in zip(A, B)]),
    ('swizzle-wzyx', 'MOV TEMP[0], CONST[0].wzyx', A[::-1]),
    ('swizzle-xxyy', 'MUL TEMP[0], CONST[0].xxyy, CONST[1].wzwz',
     [A[0] * B[3], A[0] * B[2], A[1] * B[3], A[1] * B[2]]),
    ('saturate-mov', 'MOV_SAT TEMP[0], CONST[0]', [saturate(a) for a in A]),
    ('saturate-mul', 'MUL_SAT TEMP[0], CONST[0], CONST[1]',
     [saturate(a * b) for a, b in zip(A, B)]),
    ('saturate-mad', 'MAD_SAT TEMP[0], CONST[0], CONST[1], CONST[1]',
     [saturate(a * b + b) for a, b in zip(A, B)]),
    ('precise', 'MAD_PRECISE TEMP[0], CONST[0], CONST[1], CONST[1]',
     [a * b + b for a, b in zip(A, B)]),
    ('mask-xz', 'MOV TEMP[0], CONST[1]\nMOV TEMP[0].xz, CONST[0]', [A[0], B[1], A[2], B[3]]),
    ('mask-yw', 'MOV TEMP[0], CONST[1]\nADD TEMP[0].yw, CONST[0], CONST[0]',
     [B[0], 2 * A[1], B[2], 2 * A[3]]),
    ('mask-swizzle', 'MOV TEMP[0], CONST[1]\nMOV TEMP[0].zw, CONST[0].xyxy',
     [B[0], B[1], A[0], A[1]]),
    ('same-register', 'MOV TEMP[0], CONST[0]\nMOV TEMP[0], TEMP[0].yxwz', [A[1], A[0], A[3], A[2]]),
    ('immediates', 'IMM[1] FLT32 {0x3f800000, 0x40000000, 0xc0400000, 0x40800000}\n'
     'ADD TEMP[0], CONST[0], IMM[1]', [1.5, 0.75, 0.0, 0.0]),
]


def flow():
    """(name, code, expected of CONST[0].x = 1, of CONST[0].x = 0)."""
    one = 'IMM[1] FLT32 {0x3f800000, 0x40000000, 0x40400000, 0x40800000}\n' \
          'IMM[2] UINT32 {0, 1, 5, 10}\n'
    yield ('if', one + 'MOV TEMP[0], IMM[1].xxxx\nIF CONST[0].xxxx :0\nMOV TEMP[0], IMM[1].yyyy\n'
           'ENDIF', ['2.0'] * 4, ['1.0'] * 4)
    yield ('if-else', one + 'IF CONST[0].xxxx :0\nMOV TEMP[0], IMM[1].yyyy\nELSE :0\n'
           'MOV TEMP[0], IMM[1].zzzz\nENDIF', ['2.0'] * 4, ['3.0'] * 4)
    yield ('uif', one + 'MOV TEMP[0], IMM[1].xxxx\nUIF CONST[0].xxxx :0\nMOV TEMP[0], IMM[1].wwww\n'
           'ENDIF', ['4.0'] * 4, ['1.0'] * 4)
    yield ('if-nested', one + 'MOV TEMP[0], IMM[1].xxxx\nIF CONST[0].xxxx :0\nIF IMM[1].xxxx :0\n'
           'IF CONST[0].xxxx :0\nMOV TEMP[0].yz, IMM[1].wwww\nENDIF\nENDIF\nELSE :0\n'
           'UIF IMM[2].xxxx :0\nMOV TEMP[0], IMM[1].yyyy\nENDIF\nENDIF',
           ['1.0', '4.0', '4.0', '1.0'], ['1.0'] * 4)
    loop = ('MOV TEMP[0], IMM[2].xxxx\nMOV TEMP[1], IMM[2].xxxx\nBGNLOOP :0\n'
            'USGE TEMP[2].x, TEMP[1].xxxx, IMM[2].wwww\nUIF TEMP[2].xxxx :0\nBRK\nENDIF\n'
            'UADD TEMP[1].x, TEMP[1].xxxx, IMM[2].yyyy\n{}'
            'UADD TEMP[0], TEMP[0], TEMP[1].xxxx\nENDLOOP :0')
    yield ('loop', one + loop.format(''), ['u:55'] * 4, ['u:55'] * 4)
    yield ('loop-break', one + loop.format('UIF CONST[0].xxxx :0\nUSEQ TEMP[2].x, TEMP[1].xxxx, '
                                           'IMM[2].zzzz\nUIF TEMP[2].xxxx :0\nBRK\nENDIF\nENDIF\n'),
           ['u:10'] * 4, ['u:55'] * 4)
    yield ('loop-continue', one + loop.format('AND TEMP[2].x, TEMP[1].xxxx, IMM[2].yyyy\n'
                                              'UIF TEMP[2].xxxx :0\nCONT\nENDIF\n'),
           ['u:30'] * 4, ['u:30'] * 4)
    yield ('loop-nested', one + 'MOV TEMP[0], IMM[2].xxxx\nMOV TEMP[1], IMM[2].xxxx\nBGNLOOP :0\n'
           'USGE TEMP[2].x, TEMP[1].xxxx, IMM[2].zzzz\nUIF TEMP[2].xxxx :0\nBRK\nENDIF\n'
           'UADD TEMP[1].x, TEMP[1].xxxx, IMM[2].yyyy\nMOV TEMP[3], IMM[2].xxxx\nBGNLOOP :0\n'
           'USGE TEMP[2].x, TEMP[3].xxxx, TEMP[1].xxxx\nUIF TEMP[2].xxxx :0\nBRK\nENDIF\n'
           'UADD TEMP[3].x, TEMP[3].xxxx, IMM[2].yyyy\nUADD TEMP[0], TEMP[0], IMM[2].yyyy\n'
           'ENDLOOP :0\nENDLOOP :0', ['u:15'] * 4, ['u:15'] * 4)
    yield ('switch', one + 'MOV TEMP[0], IMM[1].xxxx\nF2U TEMP[1].x, CONST[0].xxxx\n'
           'SWITCH TEMP[1].xxxx\nCASE IMM[2].yyyy\nMOV TEMP[0], IMM[1].yyyy\nBRK\n'
           'CASE IMM[2].zzzz\nMOV TEMP[0], IMM[1].zzzz\nBRK\nDEFAULT\n'
           'MOV TEMP[0], IMM[1].wwww\nBRK\nENDSWITCH', ['2.0'] * 4, ['4.0'] * 4)
    yield ('address', 'IMM[1] UINT32 {0, 1, 5, 10}\nDCL ADDR[0]\nUIF CONST[0].xxxx :0\n'
           'UARL ADDR[0].x, IMM[1].yyyy\nELSE :0\nUARL ADDR[0].x, IMM[1].xxxx\nENDIF\n'
           'MOV TEMP[0], CONST[ADDR[0].x+1]', ['20.0', '21.0', '22.0', '23.0'],
           ['10.0', '11.0', '12.0', '13.0'])
    yield ('address-arl', 'DCL ADDR[0]\nARL ADDR[0].x, CONST[0].xxxx\n'
           'MOV TEMP[0], CONST[ADDR[0].x+1]', ['20.0', '21.0', '22.0', '23.0'],
           ['10.0', '11.0', '12.0', '13.0'])
    yield ('temp-array', 'DCL TEMP[4..7], ARRAY(1), LOCAL\nDCL ADDR[0]\nARL ADDR[0].x, '
           'CONST[0].xxxx\nMOV TEMP[4](1), CONST[2]\nMOV TEMP[5](1), CONST[2]\n'
           'MOV TEMP[6](1), CONST[2]\nMOV TEMP[ADDR[0].x+5](1), CONST[1]\nMOV TEMP[0], TEMP[6](1)',
           ['10.0', '11.0', '12.0', '13.0'], ['20.0', '21.0', '22.0', '23.0'])


def tests():
    for stage in STAGES:
        for family in (per_component, integer, conversion, double):
            for name, consts, code, cases, tolerance, require in family(stage):
                yield f'alu-{name}-{stage}', test(stage, consts, code, cases, tolerance, require)
        for name, code, expected in MODIFIERS:
            case = (floats(A) + floats(B), floats(expected))
            yield f'operand-{name}-{stage}', test(stage, 2, code, [case], 1e-6)
        for name, code, when_one, when_zero in flow():
            rest = floats([10, 11, 12, 13, 20, 21, 22, 23])
            cases = [(floats([1, 0, 0, 0]) + rest, when_one),
                     (floats([0, 0, 0, 0]) + rest, when_zero)]
            # Declarations go before the instructions.
            lines = code.split('\n')
            head = [x for x in lines if x.startswith(('DCL', 'IMM'))]
            body = [x for x in lines if not x.startswith(('DCL', 'IMM'))]
            yield f'flow-{name}-{stage}', test(stage, 3, '\n'.join(head + body), cases)
