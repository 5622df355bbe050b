# SPDX-License-Identifier: MIT
"""Texture lookups: every target with every opcode that it allows, on 4 x 4 textures whose texels
tell where they lie: (x, y, layer, level)."""
import struct

SIZE = 4

# target: (resource target, height, layers, coordinate components, has levels)
TARGETS = {
    '1D': ('1D', 1, 1, 1),
    '2D': ('2D', SIZE, 1, 2),
    'RECT': ('RECT', SIZE, 1, 2),
    '3D': ('3D', SIZE, SIZE, 3),
    'CUBE': ('CUBE', SIZE, 6, 3),
    '1D_ARRAY': ('1D_ARRAY', 1, 3, 2),
    '2D_ARRAY': ('2D_ARRAY', SIZE, 3, 3),
    'CUBEARRAY': ('CUBE_ARRAY', SIZE, 12, 4),
}


def levels_of(target):
    return 1 if target == 'RECT' else 3


def depth_of(target, level):
    layers = TARGETS[target][2]
    return max(1, layers >> level) if target == '3D' else layers


def texel(x, y, layer, level):
    return [float(x), float(y), float(layer), float(level)]


def texture(target, stage='fragment', settings='mipmap'):
    resource, height, layers, _ = TARGETS[target]
    out = [f'texture {stage} 0 {resource} R32G32B32A32_FLOAT {SIZE} {height} {layers} '
           f'{levels_of(target)} {settings if target != "RECT" else ""}'.strip()]
    for level in range(levels_of(target)):
        width, rows = max(1, SIZE >> level), max(1, height >> level)
        for layer in range(depth_of(target, level)):
            values = [v for y in range(rows) for x in range(width)
                      for v in texel(x, y, layer, level)]
            out.append(f'texels 0 {level} {layer} ' + ' '.join(f'{v:g}' for v in values))
    return '\n'.join(out) + '\n'


def places(target, level):
    """(coordinate for float lookups, integer coordinate, texel) of some texels of a level."""
    width, rows = max(1, SIZE >> level), max(1, TARGETS[target][1] >> level)
    scale = 1 if target == 'RECT' else 1 / width
    for x, y, layer in ((0, 0, 0), (width - 1, rows - 1, 1), (width // 2, 0, 2)):
        layer %= depth_of(target, level)
        y = min(y, rows - 1)
        u, v = (x + 0.5) * scale, (y + 0.5) * (1 if target == 'RECT' else 1 / rows)
        if target == '1D':
            yield [u, 0, 0, 0], [x, 0, 0], texel(x, 0, 0, level)
        elif target in ('2D', 'RECT'):
            yield [u, v, 0, 0], [x, y, 0], texel(x, y, 0, level)
        elif target == '3D':
            yield ([u, v, (layer + 0.5) / depth_of(target, level), 0], [x, y, layer],
                   texel(x, y, layer, level))
        elif target == '1D_ARRAY':
            yield [u, layer, 0, 0], [x, layer, 0], texel(x, 0, layer, level)
        elif target == '2D_ARRAY':
            yield [u, v, layer, 0], [x, y, layer], texel(x, y, layer, level)
    if target in ('CUBE', 'CUBEARRAY'):
        # The face +X: s runs along -z, t along -y. The face -Z: s along -x, t along -y.
        for cube in range(2 if target == 'CUBEARRAY' else 1):
            for x, y in ((0, 0), (width - 1, 0), (0, rows - 1)):
                s, t = 2 * (x + 0.5) / width - 1, 2 * (y + 0.5) / rows - 1
                yield [1, -t, -s, cube], None, texel(x, y, 6 * cube, level)
                yield [-s, -t, -1, cube], None, texel(x, y, 6 * cube + 5, level)


def fragment(target, code, declare='DCL TEMP[0..3]\n'):
    return ('[fragment]\nFRAG\nDCL OUT[0], COLOR\nDCL SAMP[0]\n'
            f'DCL SVIEW[0], {target}, FLOAT\nDCL CONST[0..3]\n{declare}{code}\n'
            'MOV OUT[0], TEMP[0]\nEND\n')


def number(value):
    return repr(struct.unpack('<f', struct.pack('<f', value))[0])


def draw(constants, expected):
    words = ' '.join(number(c) if isinstance(c, float) else f'i:{c}' for c in constants)
    return (f'constants fragment {words}\nclear u:3 u:3 u:3 u:3\nrect\n'
            f'probe all {" ".join(expected)}\n')


def float_draws(target, levels, fill):
    text = ''
    for level in levels:
        for coordinate, _, value in places(target, level):
            text += draw([float(c) for c in fill(coordinate, level)], [number(v) for v in value])
    return text


NEED = {'CUBEARRAY': '[require]\ncap cube_map_array\n'}


def make(target, code, settings='mipmap'):
    return (NEED.get(target, '') + fragment(target, code) + '[test]\n'
            'target R32G32B32A32_UINT 2 2\n' + texture(target, settings=settings)
            + 'tolerance 1e-4\n')


def lookups():
    for target in TARGETS:
        base = target.lower().replace('_', '-')
        levels = range(levels_of(target))
        plain = lambda c, level: c  # noqa: E731
        yield (f'tex-{base}', make(target, f'TEX TEMP[0], CONST[0], SAMP[0], {target}')
               + float_draws(target, [0], plain))
        if target == 'CUBEARRAY':
            yield (f'txl2-{base}',
                   make(target, f'TXL2 TEMP[0], CONST[0], CONST[1].xxxx, SAMP[0], {target}')
                   + float_draws(target, levels, lambda c, level: c + [level, 0, 0, 0]))
            yield (f'txb2-{base}',
                   make(target, f'TXB2 TEMP[0], CONST[0], CONST[1].xxxx, SAMP[0], {target}')
                   + float_draws(target, [0], lambda c, level: c + [0, 0, 0, 0]))
        elif target != 'RECT':
            yield (f'txl-{base}', make(target, f'TXL TEMP[0], CONST[0], SAMP[0], {target}')
                   + float_draws(target, levels, lambda c, level: c[:3] + [level]))
            yield (f'txb-{base}', make(target, f'TXB TEMP[0], CONST[0], SAMP[0], {target}')
                   + float_draws(target, [0], lambda c, level: c[:3] + [0]))
        if target in ('1D', '2D', 'RECT', '3D'):
            yield (f'txp-{base}', make(target, f'TXP TEMP[0], CONST[0], SAMP[0], {target}')
                   + float_draws(target, [0], lambda c, level: [2 * x for x in c[:3]] + [2]))
        if target not in ('CUBE', 'CUBEARRAY'):
            text = make(target, f'TXF TEMP[0], CONST[0], SAMP[0], {target}')
            for level in levels:
                for _, place, value in places(target, level):
                    text += draw(place + [level], [number(v) for v in value])
            yield f'txf-{base}', text
        # The level that gradients of that many texels per pixel choose.
        if target not in ('CUBE', 'CUBEARRAY', 'RECT'):
            yield (f'txd-{base}',
                   make(target, f'TXD TEMP[0], CONST[0], CONST[1], CONST[2], SAMP[0], {target}')
                   + float_draws(target, levels, lambda c, level:
                                 c + [2.0 ** level / SIZE, 0, 0, 0] + [0, 0, 0, 0]))


def sizes():
    for target, (_, height, layers, _) in TARGETS.items():
        base = target.lower().replace('_', '-')
        text = make(target, f'TXQ TEMP[0], CONST[0].xxxx, SAMP[0], {target}')
        for level in range(levels_of(target)):
            width, rows = max(1, SIZE >> level), max(1, height >> level)
            size = {'1D': [width], '2D': [width, rows], 'RECT': [width, rows],
                    '3D': [width, rows, depth_of('3D', level)], 'CUBE': [width, rows],
                    '1D_ARRAY': [width, layers], '2D_ARRAY': [width, rows, layers],
                    'CUBEARRAY': [width, rows, layers // 6]}[target]
            expected = [f'u:{n}' for n in size]
            if target != 'RECT':
                expected += ['any'] * (3 - len(size)) + [f'u:{levels_of(target)}']
            text += draw([level, 0, 0, 0], expected)
        yield f'txq-{base}', text


def offsets():
    for name, x, y in (('right', 1, 0), ('down', 0, 1), ('right-up', 1, -1), ('left-up', -2, -2)):
        declare = f'DCL TEMP[0..3]\nIMM[0] INT32 {{{x}, {y}, 0, 0}}\n'
        for opcode, at in (('TEX', [0.625, 0.625, 0.0, 0.0]), ('TXL', [0.625, 0.625, 0.0, 0.0]),
                           ('TXF', [2, 2, 0, 0])):
            text = (fragment('2D', f'{opcode} TEMP[0], CONST[0], SAMP[0], 2D, IMM[0].xyz', declare)
                    + '[test]\ntarget R32G32B32A32_UINT 2 2\n' + texture('2D'))
            text += draw(at, [number(v) for v in texel(2 + x, 2 + y, 0, 0)])
            yield f'offset-{opcode.lower()}-{name}', text


def gathers():
    """Texels (i0, j1), (i1, j1), (i1, j0), (i0, j0) around a corner."""
    around = [(1, 2), (2, 2), (2, 1), (1, 1)]
    for component in range(4):
        code = f'TG4 TEMP[0], CONST[0], IMM[0].{"xyzw"[component] * 4}, SAMP[0], 2D'
        text = ('[require]\nfield max_texture_gather_components 4\n'
                + fragment('2D', code, 'DCL TEMP[0..3]\nIMM[0] UINT32 {0, 1, 2, 3}\n')
                + '[test]\ntarget R32G32B32A32_UINT 2 2\n' + texture('2D'))
        text += draw([0.5, 0.5, 0.0, 0.0],
                     [number(texel(x, y, 0, 0)[component]) for x, y in around])
        yield f'gather-{"xyzw"[component]}', text


SHADOW = {  # target of the texture, coordinate for a reference
    'SHADOW1D': ('1D', lambda r: [0.5, 0, r, 0]),
    'SHADOW2D': ('2D', lambda r: [0.5, 0.5, r, 0]),
    'SHADOWRECT': ('RECT', lambda r: [1.5, 1.5, r, 0]),
    'SHADOWCUBE': ('CUBE', lambda r: [1, 0.1, 0.1, r]),
    'SHADOW1D_ARRAY': ('1D_ARRAY', lambda r: [0.5, 1, r, 0]),
    'SHADOW2D_ARRAY': ('2D_ARRAY', lambda r: [0.5, 0.5, 1, r]),
}


def shadows():
    for target, (plain, place) in SHADOW.items():
        resource, height, layers, _ = TARGETS[plain]
        text = fragment(target, f'TEX TEMP[0], CONST[0], SAMP[0], {target}')
        text += ('[test]\ntarget R32G32B32A32_UINT 2 2\n'
                 f'texture fragment 0 {resource} Z32_FLOAT {SIZE} {height} {layers} 1 '
                 'compare_less\n')
        for layer in range(layers):
            text += f'texels 0 0 {layer} 0.5\n'
        for reference, result in ((0.25, 1), (0.75, 0)):
            coordinate = [float(c) for c in place(reference)]
            text += draw(coordinate, [number(result)])
        yield f'shadow-{target.lower().replace("_", "-")}', text


def filters():
    text = make('2D', 'TEX TEMP[0], CONST[0], SAMP[0], 2D', 'linear')
    for u, v in ((0.5, 0.5), (0.375, 0.125), (0.25, 0.625), (0.0, 1.0)):
        x, y = (min(max(c * SIZE - 0.5, 0), SIZE - 1) for c in (u, v))
        text += draw([float(u), float(v), 0.0, 0.0], [number(x), number(y), '0.0', '0.0'])
    # llvmpipe filters with eight bits of weight.
    yield 'filter-linear', text.replace('tolerance 1e-4', 'tolerance 0.02')
    text = make('2D', 'TEX TEMP[0], CONST[0], SAMP[0], 2D', 'repeat')
    for u, x in ((1.125, 0), (-0.125, 3), (2.625, 2), (-3.375, 2)):
        text += draw([float(u), 0.125, 0.0, 0.0], [number(x), '0.0', '0.0', '0.0'])
    yield 'wrap-repeat', text
    text = make('2D', 'TEX TEMP[0], CONST[0], SAMP[0], 2D', '')
    for u, x in ((1.125, 3), (-0.125, 0), (0.625, 2), (-3.375, 0)):
        text += draw([float(u), 0.125, 0.0, 0.0], [number(x), '0.0', '0.0', '0.0'])
    yield 'wrap-clamp-to-edge', text


def tests():
    for family in (lookups, sizes, offsets, gathers, shadows, filters):
        yield from family()
