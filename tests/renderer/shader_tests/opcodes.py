# SPDX-License-Identifier: MIT
"""What TGSI's arithmetic opcodes compute, on 32-bit registers given as unsigned integers."""
import math
import struct

MASK = 0xffffffff


def bits(number):
    """The register that holds a float, rounded to 32 bits."""
    if math.isinf(number):
        return 0x7f800000 if number > 0 else 0xff800000
    return struct.unpack('<I', struct.pack('<f', number))[0]


def flt(register):
    return struct.unpack('<f', struct.pack('<I', register))[0]


def sint(register):
    return register - (1 << 32) if register >> 31 else register


def dbl(low, high):
    return struct.unpack('<d', struct.pack('<II', low, high))[0]


def dbl_bits(number):
    return struct.unpack('<II', struct.pack('<d', number))


def sign(number):
    return (number > 0) - (number < 0)


def half_even(number):
    return float(round(number))


def trunc_div(a, b):
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def field(value, offset, width, signed):
    out = value >> offset & ((1 << width) - 1)
    if signed and width and out >> (width - 1):
        out |= MASK << width
    return out & MASK


def insert(base, value, offset, width):
    mask = ((1 << width) - 1) << offset
    return (base & ~mask | value << offset & mask) & MASK


def highest(value):
    return value.bit_length() - 1


# Per component, floats to a float: name, formula, tolerance (relative above 1).
FLOAT = [
    ('MOV', lambda a: a, 0),
    ('ADD', lambda a, b: a + b, 1e-6),
    ('SUB', lambda a, b: a - b, 1e-6),
    ('MUL', lambda a, b: a * b, 1e-6),
    ('DIV', lambda a, b: a / b, 1e-5),
    ('MAD', lambda a, b, c: a * b + c, 1e-5),
    ('FMA', lambda a, b, c: a * b + c, 1e-5),
    ('LRP', lambda a, b, c: a * b + (1 - a) * c, 1e-5),
    ('MIN', min, 0),
    ('MAX', max, 0),
    ('ABS', abs, 0),
    ('FLR', math.floor, 0),
    ('CEIL', math.ceil, 0),
    ('TRUNC', math.trunc, 0),
    ('FRC', lambda a: a - math.floor(a), 1e-5),
    ('ROUND', half_even, 0),
    ('SSG', sign, 0),
    ('SLT', lambda a, b: a < b, 0),
    ('SGE', lambda a, b: a >= b, 0),
    ('SEQ', lambda a, b: a == b, 0),
    ('SNE', lambda a, b: a != b, 0),
    ('SGT', lambda a, b: a > b, 0),
    ('SLE', lambda a, b: a <= b, 0),
    ('CMP', lambda a, b, c: b if a < 0 else c, 0),
]

# Of the first component, the same in all four.
SCALAR = [
    ('RCP', lambda a: 1 / a, 1e-5),
    ('RSQ', lambda a: 1 / math.sqrt(abs(a)), 1e-5),
    ('SQRT', lambda a: math.sqrt(abs(a)), 1e-5),
    ('EX2', lambda a: 2.0 ** a, 1e-4),
    ('LG2', lambda a: math.log2(abs(a)), 1e-4),
    ('SIN', math.sin, 1e-3),
    ('COS', math.cos, 1e-3),
    ('POW', lambda a, b: abs(a) ** b, 1e-3),
]

# Of whole vectors.
VECTOR = [
    ('DP2', lambda a, b: [a[0] * b[0] + a[1] * b[1]] * 4, 1e-5),
    ('DP3', lambda a, b: [sum(a[i] * b[i] for i in range(3))] * 4, 1e-5),
    ('DP4', lambda a, b: [sum(a[i] * b[i] for i in range(4))] * 4, 1e-5),
    ('DPH', lambda a, b: [sum(a[i] * b[i] for i in range(3)) + b[3]] * 4, 1e-5),
    ('DST', lambda a, b: [1, a[1] * b[1], a[2], b[3]], 1e-5),
    ('XPD', lambda a, b: [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2],
                          a[0] * b[1] - a[1] * b[0], 1], 1e-5),
    ('LIT', lambda a: [1, max(a[0], 0),
                       max(a[1], 0) ** max(-128, min(128, a[3])) if a[0] > 0 else 0, 1], 1e-3),
    ('EXP', lambda a: [2.0 ** math.floor(a[0]), a[0] - math.floor(a[0]), 2.0 ** a[0], 1], 1e-4),
    ('LOG', lambda a: [math.floor(math.log2(abs(a[0]))),
                       abs(a[0]) / 2.0 ** math.floor(math.log2(abs(a[0]))),
                       math.log2(abs(a[0])), 1], 1e-4),
    ('SCS', lambda a: [math.cos(a[0]), math.sin(a[0]), 0, 1], 1e-3),
]

# Per component, registers to a register.
INTEGER = [
    ('UADD', lambda a, b: a + b),
    ('UMUL', lambda a, b: a * b),
    ('UMAD', lambda a, b, c: a * b + c),
    ('UDIV', lambda a, b: a // b if b else MASK),
    ('UMOD', lambda a, b: a % b if b else MASK),
    ('UMIN', min),
    ('UMAX', max),
    ('IMIN', lambda a, b: min(sint(a), sint(b))),
    ('IMAX', lambda a, b: max(sint(a), sint(b))),
    ('INEG', lambda a: -a),
    ('IABS', lambda a: abs(sint(a))),
    ('ISSG', lambda a: sign(sint(a))),
    ('AND', lambda a, b: a & b),
    ('OR', lambda a, b: a | b),
    ('XOR', lambda a, b: a ^ b),
    ('NOT', lambda a: ~a),
    ('SHL', lambda a, b: a << (b & 31)),
    ('USHR', lambda a, b: a >> (b & 31)),
    ('ISHR', lambda a, b: sint(a) >> (b & 31)),
    ('USEQ', lambda a, b: -(a == b)),
    ('USNE', lambda a, b: -(a != b)),
    ('USLT', lambda a, b: -(a < b)),
    ('USGE', lambda a, b: -(a >= b)),
    ('ISLT', lambda a, b: -(sint(a) < sint(b))),
    ('ISGE', lambda a, b: -(sint(a) >= sint(b))),
    ('UCMP', lambda a, b, c: b if a else c),
    ('BREV', lambda a: int(f'{a:032b}'[::-1], 2)),
    ('POPC', lambda a: bin(a).count('1')),
    ('LSB', lambda a: (a & -a).bit_length() - 1),
    ('UMSB', highest),
    ('IMSB', lambda a: highest(~a & MASK if a >> 31 else a)),
    ('UMUL_HI', lambda a, b: a * b >> 32),
    ('IMUL_HI', lambda a, b: sint(a) * sint(b) >> 32),
]

# Where the divisor is not 0.
DIVISION = [
    ('IDIV', lambda a, b: trunc_div(sint(a), sint(b))),
    ('MOD', lambda a, b: sint(a) - sint(b) * trunc_div(sint(a), sint(b))),
]

# Offset and width are below 32 together.
BITFIELD = [
    ('UBFE', lambda a, b, c: field(a, b, c, False)),
    ('IBFE', lambda a, b, c: field(a, b, c, True)),
    ('BFI', lambda a, b, c, d: insert(a, b, c, d)),
]

# Floats to a register: comparisons and conversions.
FLOAT_TO_BITS = [
    ('FSEQ', lambda a, b: -(a == b)),
    ('FSNE', lambda a, b: -(a != b)),
    ('FSLT', lambda a, b: -(a < b)),
    ('FSGE', lambda a, b: -(a >= b)),
    ('F2I', lambda a: math.trunc(a)),
]

# Registers to floats.
BITS_TO_FLOAT = [
    ('I2F', lambda a: float(sint(a))),
    ('U2F', lambda a: float(a)),
]

# Doubles in pairs.
DOUBLE = [
    ('DADD', lambda a, b: a + b),
    ('DMUL', lambda a, b: a * b),
    ('DMIN', min),
    ('DMAX', max),
    ('DABS', abs),
    ('DNEG', lambda a: -a),
    ('DMAD', lambda a, b, c: a * b + c),
    ('DTRUNC', lambda a: float(math.trunc(a))),
    ('DCEIL', lambda a: float(math.ceil(a))),
    ('DFLR', lambda a: float(math.floor(a))),
    ('DROUND', half_even),
    ('DSSG', lambda a: float(sign(a))),
    ('DFRAC', lambda a: a - math.floor(a)),
    ('DDIV', lambda a, b: a / b),
]
DOUBLE_COMPARE = [
    ('DSLT', lambda a, b: a < b),
    ('DSGE', lambda a, b: a >= b),
    ('DSEQ', lambda a, b: a == b),
    ('DSNE', lambda a, b: a != b),
]
DOUBLE_CONVERT = [
    ('F2D', lambda r: dbl_bits(flt(r))),
    ('I2D', lambda r: dbl_bits(float(sint(r)))),
    ('U2D', lambda r: dbl_bits(float(r))),
]
DOUBLE_TO_32 = [
    ('D2F', lambda d: bits(d)),
    ('D2I', lambda d: math.trunc(d) & MASK),
    ('D2U', lambda d: math.trunc(abs(d)) & MASK),
]
